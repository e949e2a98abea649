//! What can be done about a finding.
//!
//! In: findings, and a place. Out: changes of the texts, each with what it does.
//! Must not know: how a change is offered or made.
//!
//! Nothing here decides in the author's stead: a settlement comes without its reason and an allowance too, so that a finding
//! stays until somebody has written one.

use super::Analysis;
use crate::ast::Item;
use crate::diagnostic::{About, Diagnostic, Edit, Severity};
use crate::eval::{Advice, Options, Outcome, Standing, evaluate};
use crate::load::Tree;
use crate::model::{ActionId, Direction, GuidelineId, Library, Modality, Record, Rule, RuleId};
use crate::patient::read_document;
use crate::source::{FileId, Span};
use crate::verify::witness::Witness;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::ops::Range;

/// Something to do about a finding.
#[derive(Debug, Clone)]
pub struct Proposal<'f> {
    /// What it does, in a few words.
    pub title: String,
    /// What it is about.
    pub finding: &'f Diagnostic,
    /// Whether it is the one thing that mends the finding.
    pub is_preferred: bool,
    /// How.
    pub change: Change,
}

/// Changes of texts, some of which may not exist yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Changes of texts that are there.
    pub edits: Vec<Edit>,
    /// A new file: its path and its text.
    pub creates: Option<(String, String)>,
}

/// Everything that can be done about findings that touch a range of a file.
pub fn proposals<'f>(analysis: &Analysis, findings: &'f [Diagnostic], file: FileId, range: Range<usize>) -> Vec<Proposal<'f>> {
    let touches = |span: Span| {
        let own = span.range();
        span.file == file && own.start <= range.end && range.start <= own.end
    };
    let mut all = Vec::new();
    for finding in findings.iter().filter(|f| f.labels.iter().any(|label| touches(label.span))) {
        let propose = |title: String, is_preferred: bool, change: Change| Proposal {
            title,
            finding,
            is_preferred,
            change,
        };
        for fix in &finding.fixes {
            let change = Change {
                edits: fix.edits.clone(),
                creates: None,
            };
            all.push(propose(sentence(&fix.title), finding.fixes.len() == 1, change));
        }
        if let Some(about) = &finding.about {
            let settlements = settlements(analysis, about);
            all.extend(settlements.into_iter().map(|(title, change)| propose(title, false, change)));
            if let Some(change) = witness_as_case(analysis, finding, about) {
                let title = format!("Write the patient of {} as a case", finding.code.number);
                all.push(propose(title, false, change));
            }
        }
        let is_here = finding.primary().is_some_and(|label| touches(label.span));
        if let Some(change) = allowance(analysis, finding).filter(|_| is_here) {
            let title = format!("Allow {} here, with a reason", finding.code.number);
            all.push(propose(title, false, change));
        }
    }
    all
}

/// With a capital letter, as titles have it.
fn sentence(title: &str) -> String {
    let mut letters = title.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

/// A comment above the declaration that allows the finding; its reason is left to the author.
fn allowance(analysis: &Analysis, finding: &Diagnostic) -> Option<Change> {
    // Errors are never allowed, and what was allowed is a note by now.
    if finding.code.severity == Severity::Error || finding.severity != Severity::Warning {
        return None;
    }
    let place = finding.primary()?.span;
    let item = analysis.item(place.file, place.start as usize)?.span();
    let text = analysis.text(place.file);
    let line = text.get(..item.start as usize)?.rfind('\n').map_or(0, |at| at + 1);
    let indent = text
        .get(line..item.start as usize)
        .filter(|blanks| blanks.trim().is_empty())?;
    let comment = format!("{indent}# gl-allow {}: \n", finding.code.number);
    Some(Change {
        edits: vec![insertion(place.file, line, comment)],
        creates: None,
    })
}

fn insertion(file: FileId, at: usize, replacement: String) -> Edit {
    Edit {
        span: Span::new(file, at..at),
        replacement,
    }
}

// ─── Settlements ─────────────────────────────────────────────────────────────────────────────────────────────────────

/// The ways to settle a disagreement of two rules.
fn settlements(analysis: &Analysis, about: &About) -> Vec<(String, Change)> {
    let is_open = about.status == Some("open") && matches!(about.kind, Some("contradiction" | "window"));
    let [(first, _), (second, _)] = about.rules.as_slice() else {
        return Vec::new();
    };
    let library = &analysis.loaded.library;
    let named = |name: &String| library.rules.iter().find(|rule| rule.full_name == *name && rule.named);
    let (true, Some(first), Some(second)) = (is_open, named(first), named(second)) else {
        return Vec::new();
    };
    if first.guideline == second.guideline {
        let pairs = [(first, second), (second, first)];
        let overriding = pairs.iter().filter_map(|(winner, loser)| {
            let title = format!("Let `{}` override `{}`", winner.name, loser.name);
            Some((title, overrides(analysis, winner, loser)?))
        });
        return overriding.collect();
    }
    let skeleton = |decision: &str| format!("reconcile {} with {}\n  {decision}\n", first.full_name, second.full_name);
    let decisions = [
        (
            format!("Prefer `{}`", first.full_name),
            skeleton(&format!("prefer {}", first.full_name)),
        ),
        (
            format!("Prefer `{}`", second.full_name),
            skeleton(&format!("prefer {}", second.full_name)),
        ),
        ("Leave the disagreement open".to_owned(), skeleton("leave open")),
    ];
    let guidelines = [first.guideline, second.guideline];
    let settled = decisions.into_iter().filter_map(|(title, text)| {
        let title = format!("Settle this: {}{}", title.get(..1)?.to_lowercase(), title.get(1..)?);
        Some((title, reconciliation(analysis, guidelines, text)?))
    });
    settled.collect()
}

fn overrides(analysis: &Analysis, winner: &Rule, loser: &Rule) -> Option<Change> {
    let item = analysis.item(winner.span.file, winner.span.start as usize)?;
    let Item::Rule(rule) = item else { return None };
    let edit = match rule.overrides.last() {
        Some(last) => insertion(last.span.file, last.span.end as usize, format!(", {}", loser.name)),
        None => insertion(
            rule.span.file,
            rule.span.end as usize,
            format!("\n  overrides {}", loser.name),
        ),
    };
    Some(Change {
        edits: vec![edit],
        creates: None,
    })
}

/// A settlement, in the file that holds others of the same guidelines, or in a new one.
fn reconciliation(analysis: &Analysis, guidelines: [GuidelineId; 2], text: String) -> Option<Change> {
    let library = &analysis.loaded.library;
    let folder = folder_of(library, &guidelines)?;
    let settles = |tree: &&Tree| {
        let is_beside = library.files.iter().any(|f| f.file == tree.file && f.folder == folder);
        is_beside && tree.tree.items.iter().any(|item| matches!(item, Item::Reconcile(_)))
    };
    let trees = &analysis.loaded.trees;
    let reaching = trees
        .iter()
        .filter(settles)
        .find(|tree| missing(library, tree.file, &guidelines).is_empty());
    match reaching.or_else(|| trees.iter().find(settles)) {
        Some(tree) => Some(appended(analysis, tree, &guidelines, &text)),
        None => created(analysis, folder, "reconciliation", &guidelines, &text),
    }
}

/// The folder in which all these guidelines lie; none where it is not one.
fn folder_of<'l>(library: &'l Library, guidelines: &[GuidelineId]) -> Option<&'l str> {
    let mut folders = guidelines.iter().filter_map(|guideline| {
        let file = library.files.iter().find(|file| file.guideline == Some(*guideline))?;
        Some(file.folder.as_str())
    });
    let first = folders.next()?;
    folders.all(|folder| folder == first).then_some(first)
}

/// The files of guidelines that a file does not reach.
fn missing<'l>(library: &'l Library, file: FileId, guidelines: &[GuidelineId]) -> Vec<&'l str> {
    let own = library.files.iter().find(|f| f.file == file);
    let all = library.files.iter().enumerate();
    let wanted = all.filter(|(_, f)| f.guideline.is_some_and(|g| guidelines.contains(&g)));
    wanted
        .filter(|(index, _)| !own.is_some_and(|own| own.reaches.contains(index)))
        .map(|(_, f)| f.stem.as_str())
        .collect()
}

/// A declaration at the end of a file, and whatever `use` it needs.
fn appended(analysis: &Analysis, tree: &Tree, guidelines: &[GuidelineId], declaration: &str) -> Change {
    let text = analysis.text(tree.file);
    let room = match text {
        "" => "",
        text if text.ends_with("\n\n") => "",
        text if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    let mut edits = vec![insertion(tree.file, text.len(), format!("{room}{declaration}"))];
    let missing = missing(&analysis.loaded.library, tree.file, guidelines);
    if !missing.is_empty() {
        let names = missing.join(", ");
        let last = tree.tree.items.iter().rev().find_map(|item| match item {
            Item::Use(uses) => uses.names.last(),
            _ => None,
        });
        edits.push(match last {
            Some(last) => insertion(tree.file, last.span.end as usize, format!(", {names}")),
            None => insertion(tree.file, 0, format!("use {names}\n\n")),
        });
    }
    Change { edits, creates: None }
}

/// A new file that uses the guidelines; none where there is a file of that name.
fn created(analysis: &Analysis, folder: &str, stem: &str, guidelines: &[GuidelineId], declaration: &str) -> Option<Change> {
    let name = format!("{stem}.gl");
    let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
    if analysis.file(&path).is_some() {
        return None;
    }
    let files = &analysis.loaded.library.files;
    let used = files.iter().filter(|f| f.guideline.is_some_and(|g| guidelines.contains(&g)));
    let used: Vec<&str> = used.map(|f| f.stem.as_str()).collect();
    // `NAME.cases.gl` uses `NAME.gl` without saying so.
    let text = match used.as_slice() {
        [only] if stem.strip_suffix(".cases") == Some(only) => declaration.to_owned(),
        _ => format!("use {}\n\n{declaration}", used.join(", ")),
    };
    Some(Change {
        edits: Vec::new(),
        creates: Some((path, text)),
    })
}

// ─── Cases ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/// The patient of a finding as a case that expects what the guidelines say of it now.
fn witness_as_case(analysis: &Analysis, finding: &Diagnostic, about: &About) -> Option<Change> {
    let library = &analysis.loaded.library;
    let witness = Witness::of_finding(about)?;
    let rules: Vec<RuleId> = about
        .rules
        .iter()
        .filter_map(|(name, _)| library.rules.iter().position(|rule| rule.full_name == *name))
        .map(RuleId::from_index)
        .collect();
    let guidelines: BTreeSet<GuidelineId> = rules.iter().map(|rule| library[*rule].guideline).collect();
    let guidelines: Vec<GuidelineId> = guidelines.into_iter().collect();
    let target = Target::of(analysis, &guidelines)?;
    let record = recorded(analysis, about)?;
    let patient = analysis.inference().settle(library, &record).ok()?;
    let options = Options {
        guidelines: Some(target.runs.clone()),
    };
    let outcome = evaluate(library, &patient, &options);
    let expected = expectations(library, &outcome, &rules, about);
    if expected.is_empty() {
        return None;
    }
    let title = title(analysis, target.tree, finding);
    let mut text = format!("case \"{title}\"\n");
    if !witness.facts.is_empty() {
        let _ = writeln!(text, "  given {}", wrapped(&witness.given()));
    }
    if let Some(date) = &about.as_of {
        let _ = writeln!(text, "  on {date}");
    }
    for line in expected {
        let _ = writeln!(text, "  expect {line}");
    }
    match target.tree {
        Some(tree) => Some(appended(analysis, tree, &target.needs, &text)),
        None => created(analysis, target.folder, &target.stem, &target.needs, &text),
    }
}

/// Where a case goes, and what it runs there.
struct Target<'a> {
    /// The file, if it is there already.
    tree: Option<&'a Tree>,
    folder: &'a str,
    stem: String,
    /// The guidelines that the file must reach.
    needs: Vec<GuidelineId>,
    runs: Vec<GuidelineId>,
}

impl<'a> Target<'a> {
    fn of(analysis: &'a Analysis, guidelines: &[GuidelineId]) -> Option<Target<'a>> {
        let library = &analysis.loaded.library;
        let folder = folder_of(library, guidelines)?;
        let trees = &analysis.loaded.trees;
        let file_of = |guideline: GuidelineId| library.files.iter().find(|f| f.guideline == Some(guideline));
        let tree_of = |file: FileId| trees.iter().find(|tree| tree.file == file);
        if let [only] = guidelines {
            let own = file_of(*only)?;
            let stem = format!("{}.cases", own.stem);
            let beside = library.files.iter().find(|f| f.folder == folder && f.stem == stem);
            let has_cases = |tree: &&Tree| tree.tree.items.iter().any(|item| matches!(item, Item::Case(_)));
            let tree = match beside {
                Some(file) => tree_of(file.file),
                None => tree_of(own.file).filter(has_cases),
            };
            return Some(Target {
                tree,
                folder,
                stem,
                needs: vec![*only],
                runs: vec![*only],
            });
        }
        // A file of cases with a name of its own runs everything that it uses.
        let is_alone = |stem: &str| {
            let subject = stem.strip_suffix(".cases");
            subject.is_some_and(|subject| !library.files.iter().any(|f| f.folder == folder && f.stem == subject))
        };
        let together = library.files.iter().filter(|f| f.folder == folder && is_alone(&f.stem));
        let mut together: Vec<_> = together.collect();
        together.sort_by_key(|f| missing(library, f.file, guidelines).len());
        let Some(file) = together.first() else {
            return Some(Target {
                tree: None,
                folder,
                stem: "together.cases".to_owned(),
                needs: guidelines.to_vec(),
                runs: guidelines.to_vec(),
            });
        };
        let reached = file.reaches.iter().filter_map(|f| library.files.get(*f)?.guideline);
        let runs: BTreeSet<GuidelineId> = reached.chain(guidelines.iter().copied()).collect();
        Some(Target {
            tree: tree_of(file.file),
            folder,
            stem: file.stem.clone(),
            needs: guidelines.to_vec(),
            runs: runs.into_iter().collect(),
        })
    }
}

/// The patient of a finding as a record.
fn recorded(analysis: &Analysis, about: &About) -> Option<Record> {
    let mut text = String::new();
    if let Some(date) = &about.as_of {
        let _ = writeln!(text, "as_of: {date}");
    }
    match about.witness.as_deref()? {
        [] => text.push_str("facts: {}\n"),
        facts => {
            text.push_str("facts:\n");
            for (name, value) in facts {
                let _ = writeln!(text, "  {name}: {value}");
            }
        }
    }
    let mut sources = analysis.loaded.sources.clone();
    let file = sources.add("witness.yaml", text);
    read_document(&sources, file, &analysis.loaded.library).ok()
}

/// What the rules of a finding say of the patient, as expectations of a case.
fn expectations(library: &Library, outcome: &Outcome, rules: &[RuleId], about: &About) -> Vec<String> {
    let action = about.action.as_ref().and_then(|name| library.action_names.get(name)).copied();
    let concerns = |on: ActionId| action.is_none_or(|action| library.comparable(action, on));
    let mut lines: Vec<String> = Vec::new();
    for rule in rules {
        let own = outcome
            .advice
            .iter()
            .filter(|a| library[a.effect].rule == *rule && concerns(a.action));
        lines.extend(own.map(|advice| expectation(library, advice)));
    }
    let mut disputed = outcome.disagreements.iter().filter(|d| {
        let of = |position: &&(crate::model::EffectId, ActionId)| rules.contains(&library[position.0].rule);
        d.positions.iter().filter(of).count() > 1 && concerns(d.action)
    });
    lines.extend(disputed.next().map(|d| format!("disagreement on {}", library[d.action].name)));
    if lines.is_empty() {
        let waiting = outcome
            .undecided
            .iter()
            .find(|u| rules.contains(&library[u.effect].rule) && concerns(u.action));
        if let Some(waiting) = waiting {
            let asked: Vec<&str> = waiting
                .needs
                .iter()
                .take(3)
                .map(|fact| library[*fact].name.as_str())
                .collect();
            let against = match library[waiting.effect].direction() {
                Direction::For => "",
                Direction::Against => "avoid ",
            };
            let action = &library[waiting.action].name;
            lines.push(format!("undecided {against}{action} asking {}", asked.join(", ")));
        } else if let Some(action) = action
            && !outcome.advice.iter().any(|a| library.is_kind_of(a.action, action))
        {
            lines.push(format!("no {}", library[action].name));
        }
    }
    lines.sort();
    lines.dedup();
    lines
}

fn expectation(library: &Library, advice: &Advice) -> String {
    let effect = &library[advice.effect];
    let mut words: Vec<String> = Vec::new();
    match &advice.standing {
        Standing::Active => {}
        Standing::Open { .. } => words.push("open".to_owned()),
        Standing::Overridden { .. } => words.push("overridden".to_owned()),
    }
    if effect.modality != Modality::Recommend {
        words.push(effect.modality.word().to_owned());
    }
    words.extend(effect.urgency.map(|urgency| urgency.word().to_owned()));
    words.push(library[advice.action].name.clone());
    if let Some((deadline, crate::model::Clock::Evaluation)) = &effect.timing.deadline
        && effect.timing.not_before.is_none()
    {
        words.push(format!("within {deadline}"));
    }
    if let Some(statement) = library[effect.rule].statements.first() {
        words.push(format!("from {}", statement.id));
    }
    words.join(" ")
}

/// The finding as the title of a case, like no other in the file.
fn title(analysis: &Analysis, tree: Option<&Tree>, finding: &Diagnostic) -> String {
    let title: String = finding.message.chars().filter(|c| !matches!(c, '`' | '"' | '\\')).collect();
    let taken: BTreeSet<&str> = tree
        .iter()
        .flat_map(|tree| analysis.items(tree.file))
        .filter_map(|item| match item {
            Item::Case(case) => Some(case.title.text.as_str()),
            _ => None,
        })
        .collect();
    let numbered = |n: usize| match n {
        1 => title.clone(),
        n => format!("{title} ({n})"),
    };
    (1..)
        .map(numbered)
        .find(|title| !taken.contains(title.as_str()))
        .unwrap_or(title.clone())
}

/// A list that goes on in further lines where one would be too long.
fn wrapped(list: &str) -> String {
    let mut lines = vec![String::new()];
    for part in list.split(", ") {
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() {
            line.push_str(part);
        } else if line.len() + part.len() < 100 {
            let _ = write!(line, ", {part}");
        } else {
            line.push(',');
            lines.push(part.to_owned());
        }
    }
    lines.join("\n    ")
}
