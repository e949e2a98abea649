//! Mutants as text, and as JSON in the shape of `gl.mutants/1`.
//!
//! In: a [`Mutation`] with the texts it speaks of. Out: strings and serialisable objects.
//! Must not know: how mutants are made, and how it was found out what comes of them.

use super::coverage::table;
use super::escape::one_line;
use super::json::{PlaceJson, place};
use crate::load::Loaded;
use crate::suite::mutate::{Mutant, Mutation, Verdict};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The columns of the table: a heading, and the verdict that is counted under it.
const COLUMNS: [(&str, &str); 5] = [
    ("killed", "killed"),
    ("survive", "survives"),
    ("equivalent", "equivalent"),
    ("undecided", "undecided"),
    ("no case can tell", "unsayable"),
];

/// The longest text of a change, in characters.
const WORDS: usize = 80;

/// The table, and what no case notices: mutants that one case would kill together, with that case.
pub fn text(loaded: &Loaded, mutation: &Mutation) -> String {
    let mut text = table(&rows(loaded, mutation));
    for (index, offer) in mutation.offers.iter().enumerate() {
        text.push('\n');
        push_mutants(&mut text, loaded, mutation, &Verdict::Survives(index));
        let place = match &offer.place {
            Some(place) => format!("in `{}`", one_line(place)),
            None => "in a file of cases that uses these guidelines".to_owned(),
        };
        let _ = writeln!(text, "  no case notices; this one would, {place}:\n");
        for line in offer.text.trim_end().lines() {
            let _ = writeln!(text, "    {}", one_line(line));
        }
    }
    for (verdict, what) in [
        (Verdict::Undecided, "no case notices, and it is not decided whether one could"),
        (
            Verdict::Unsayable,
            "somebody is advised something else, and no case can say so",
        ),
    ] {
        let mut list = String::new();
        push_mutants(&mut list, loaded, mutation, &verdict);
        if !list.is_empty() {
            let _ = writeln!(text, "\n{list}  {what}");
        }
    }
    text
}

fn rows(loaded: &Loaded, mutation: &Mutation) -> Vec<Vec<String>> {
    let mut counts: BTreeMap<&str, [usize; COLUMNS.len()]> = BTreeMap::new();
    for (mutant, verdict) in &mutation.mutants {
        let path = loaded.trees.get(mutant.file).map_or("", |tree| tree.path.as_str());
        let row = counts.entry(path).or_default();
        let column = row.iter_mut().zip(COLUMNS).find(|(_, (_, word))| *word == verdict.word());
        if let Some((count, _)) = column {
            *count += 1;
        }
    }
    let header = std::iter::once(String::new()).chain(COLUMNS.map(|(heading, _)| heading.to_owned()));
    let mut rows: Vec<Vec<String>> = vec![header.collect()];
    let cells = |name: &str, counts: &[usize]| {
        let counts = counts.iter().map(usize::to_string);
        std::iter::once(one_line(name).into_owned()).chain(counts).collect()
    };
    rows.extend(counts.iter().map(|(name, counts)| cells(name, counts)));
    if counts.len() > 1 {
        let mut all = [0; COLUMNS.len()];
        for row in counts.values() {
            all.iter_mut().zip(row).for_each(|(all, count)| *all += count);
        }
        rows.push(cells("all", &all));
    }
    // Columns for what seldom happens stand there only if it happened.
    let is_shown = |column: usize| column < 4 || rows.iter().skip(1).any(|row| row.get(column).is_some_and(|c| c != "0"));
    let shown: Vec<usize> = (0..=COLUMNS.len()).filter(|column| is_shown(*column)).collect();
    rows.iter()
        .map(|row| shown.iter().filter_map(|column| row.get(*column).cloned()).collect())
        .collect()
}

fn push_mutants(text: &mut String, loaded: &Loaded, mutation: &Mutation, verdict: &Verdict) {
    for (mutant, _) in mutation.mutants.iter().filter(|(_, v)| v == verdict) {
        let file = loaded.sources.get(mutant.span.file);
        let (path, line) = file.map_or(("", 0), |f| (f.name(), f.line_column(mutant.span.start as usize).line));
        let (path, subject, change) = (one_line(path), one_line(&mutant.subject), change(loaded, mutant));
        let _ = writeln!(text, "{path}:{line}: in `{subject}`, {change}");
    }
}

/// The words before and after.
fn change(loaded: &Loaded, mutant: &Mutant) -> String {
    let (was, now) = mutant.words(loaded);
    let short = |text: &str| {
        let mut characters = text.chars();
        let start: String = characters.by_ref().take(WORDS).collect();
        let more = if characters.next().is_some() { " …" } else { "" };
        format!("{}{more}", one_line(start.trim_end()))
    };
    match now.as_str() {
        "" => format!("`{}` dropped", short(&was)),
        now => format!("`{}` becomes `{}`", short(&was), short(now)),
    }
}

/// Mutants in the shape of `gl.mutants/1`.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct MutantsJson<'a> {
    pub schema: &'static str,
    pub engine: String,
    pub mutants: Vec<MutantJson<'a>>,
    pub offers: Vec<OfferJson<'a>>,
    pub summary: BTreeMap<&'static str, usize>,
}

/// One mutant: what stood there, what stands there instead, and what came of it.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct MutantJson<'a> {
    pub kind: &'static str,
    pub subject: &'a str,
    pub place: Option<PlaceJson>,
    pub before: &'a str,
    pub after: &'a str,
    pub status: &'static str,
    pub killed_by: Option<KillerJson<'a>>,
    /// The position of the case that would kill it, among the offers.
    pub offer: Option<usize>,
}

/// The first case that fails.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct KillerJson<'a> {
    pub file: &'a str,
    pub title: &'a str,
}

/// A case that would kill survivors.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct OfferJson<'a> {
    pub place: Option<&'a str>,
    pub witness: BTreeMap<&'a str, &'a str>,
    /// Whether everything else is absent.
    pub otherwise_no: bool,
    pub as_of: Option<&'a str>,
    pub case: &'a str,
}

/// Everything as one object.
pub fn json<'a>(loaded: &'a Loaded, mutation: &'a Mutation) -> MutantsJson<'a> {
    let mutants = mutation.mutants.iter().map(|(mutant, verdict)| MutantJson {
        kind: mutant.kind.word(),
        subject: &mutant.subject,
        place: place(&loaded.sources, mutant.span),
        before: loaded.sources.text(mutant.span),
        after: &mutant.replacement,
        status: verdict.word(),
        killed_by: match verdict {
            Verdict::Killed(file, title) => Some(KillerJson { file, title }),
            _ => None,
        },
        offer: match verdict {
            Verdict::Survives(offer) => Some(*offer),
            _ => None,
        },
    });
    let offers = mutation.offers.iter().map(|offer| OfferJson {
        place: offer.place.as_deref(),
        witness: offer.witness.facts.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect(),
        otherwise_no: offer.witness.record.otherwise_no.is_some(),
        as_of: offer.witness.as_of.as_deref(),
        case: &offer.text,
    });
    let words = COLUMNS.into_iter().map(|(_, word)| word).chain(["unreadable"]);
    MutantsJson {
        schema: "gl.mutants/1",
        engine: format!("gl {}", env!("CARGO_PKG_VERSION")),
        mutants: mutants.collect(),
        offers: offers.collect(),
        summary: words.map(|word| (word, mutation.count(|v| v.word() == word))).collect(),
    }
}
