//! What changed between two versions, for a reader who has to sign it: what somebody loses comes first.
//!
//! In: a [`Diff`] with both versions. Out: text.
//! Must not know: how changes are found.

use super::changes::{Versions, term_span};
use super::diagnostics::{ColorChoice, WIDTH, counted, paint};
use super::paragraph::paragraph;
use crate::model::{ActionId, EffectId, FactId, RuleId, SettlementId, Truth};
use crate::source::Span;
use crate::verify::diff::{
    Compared, Danger, DeclarationChange, Diff, EffectChange, Kind, RuleChange, Shift, State, Told, Version, Wording,
    written_advice,
};
use crate::verify::witness::Witness;

/// How many facts are named that something waits for.
const NEEDS: usize = 5;

/// How many words of a condition are shown on either side of what differs.
const CONTEXT: usize = 6;

/// How to write changes.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Options {
    pub color: ColorChoice,
    pub width: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            color: ColorChoice::Never,
            width: WIDTH,
        }
    }
}

/// Changes as text; empty where there are none.
pub fn text(versions: Versions<'_>, diff: &Diff, options: Options) -> String {
    let mut page = Page {
        versions,
        options,
        out: String::new(),
    };
    for (danger, heading) in [
        (Danger::Emergency, "EMERGENCIES LOST, LATER OR WEAKER"),
        (Danger::Loss, "ADVICE LOST, LATER OR WEAKER"),
        (Danger::Change, "ADVICE THAT DIFFERS, AND NOBODY LOSES IT"),
        (Danger::Gain, "ADVICE FOR MORE PATIENTS, EARLIER OR STRONGER"),
    ] {
        let rules: Vec<&RuleChange> = diff.rules.iter().filter(|r| r.danger == danger).collect();
        if !rules.is_empty() {
            page.heading(heading, danger == Danger::Emergency);
            rules.into_iter().for_each(|rule| page.rule(rule));
        }
    }
    page.terms(diff);
    page.settlements(diff);
    page.declarations(diff);
    page.notes(diff);
    page.same_meaning(diff);
    page.out
}

/// What changed in one rule, each paragraph on one line; the first says which rule and where.
pub fn rule_text(versions: Versions<'_>, change: &RuleChange) -> String {
    let mut page = Page::on_one_line(versions);
    page.rule(change);
    page.out
}

/// What changed besides the meaning of rules, each paragraph on one line.
pub fn other_text(versions: Versions<'_>, diff: &Diff) -> String {
    let mut page = Page::on_one_line(versions);
    page.terms(diff);
    page.settlements(diff);
    page.declarations(diff);
    page.notes(diff);
    page.same_meaning(diff);
    page.out
}

struct Page<'a> {
    versions: Versions<'a>,
    options: Options,
    out: String,
}

impl<'a> Page<'a> {
    fn on_one_line(versions: Versions<'a>) -> Self {
        Page {
            versions,
            options: Options {
                width: usize::MAX,
                ..Options::default()
            },
            out: String::new(),
        }
    }

    fn paint(&self, code: &'static str, text: &str) -> String {
        match self.options.color {
            ColorChoice::Always => format!("{code}{text}{}", paint::RESET),
            ColorChoice::Never => text.to_owned(),
        }
    }

    fn heading(&mut self, text: &str, urgent: bool) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        let code = if urgent { paint::ERROR_HEADER } else { paint::BOLD };
        let line = self.paint(code, text);
        self.out.push_str(&line);
        self.out.push('\n');
    }

    fn line(&mut self, indent: usize, first: &str, text: &str) {
        paragraph(&mut self.out, indent, first, text, self.options.width);
    }

    fn place(&self, version: Version, span: Span) -> String {
        let place = self.versions.place(version, span);
        place.map_or_else(String::new, |p| format!("{}:{}", p.file, p.line))
    }

    fn rule(&mut self, change: &RuleChange) {
        let spot = |version: Version, rule: RuleId| self.place(version, self.versions.library(version)[rule].name_span);
        let name = |version: Version, rule| self.paint(paint::BOLD, self.versions.rule(version, rule));
        let line = match (change.old, change.new) {
            (Some(old), Some(new)) => format!(
                "{}  ({}, now {})",
                name(Version::New, new),
                spot(Version::Old, old),
                spot(Version::New, new)
            ),
            (Some(old), None) => format!("{} is gone  ({})", name(Version::Old, old), spot(Version::Old, old)),
            (None, Some(new)) => format!("{} is new  ({})", name(Version::New, new), spot(Version::New, new)),
            (None, None) => return,
        };
        self.out.push_str(&format!("\n{line}\n"));
        if let Some(conditions) = change.wording.iter().find(|w| w.what == "conditions") {
            let (was, is) = excerpts(&conditions.old, &conditions.new);
            self.line(2, "was: ", &was);
            self.line(2, "now: ", &is);
        }
        for term in &change.through {
            self.line(2, "", &format!("through `{term}`, which means something else now"));
        }
        for effect in &change.effects {
            self.effect(effect);
        }
        let others = change.wording.iter().filter(|w| w.what != "conditions");
        for wording in others {
            self.wording(wording);
        }
    }

    fn advice(&self, version: Version, effect: EffectId, names: &[String]) -> String {
        let library = self.versions.library(version);
        let actions = names.iter().filter_map(|name| library.action_names.get(name).copied());
        let actions: Vec<ActionId> = actions.collect();
        written_advice(library, effect, &actions)
    }

    fn effect(&mut self, change: &EffectChange) {
        let shown = |version: Version, effect: EffectId| {
            let library = self.versions.library(version);
            written_advice(library, effect, &library[effect].actions)
        };
        if let (false, Some(old), Some(new)) = (change.aspects.is_empty(), change.old, change.new) {
            let mut kinds: Vec<Kind> = change.aspects.iter().map(|a| a.kind).collect();
            kinds.sort();
            kinds.dedup();
            let kinds: Vec<&str> = kinds.into_iter().map(in_words).collect();
            let (was, is) = (shown(Version::Old, old), shown(Version::New, new));
            self.line(2, "", &format!("{}:", kinds.join(", ")));
            if was == is {
                for aspect in &change.aspects {
                    self.line(4, "", &format!("{}: {} → {}", aspect.what, aspect.old, aspect.new));
                }
            } else {
                self.line(4, "was ", &was);
                self.line(4, "now ", &is);
            }
            match &change.both {
                Some(told) => {
                    self.told("for example ", told);
                    self.elsewhere(told);
                }
                None => self.line(6, "", "for nobody: no patient gets both"),
            }
        }
        for shift in &change.shifts {
            self.shift(change, shift);
        }
    }

    fn shift(&mut self, change: &EffectChange, shift: &Shift) {
        let gained = matches!(
            shift.kind,
            Kind::Added | Kind::Widened | Kind::AsksLess | Kind::NoLongerGivesWay
        );
        let (version, effect) = match (gained, change.old, change.new) {
            (false, Some(old), _) => (Version::Old, old),
            (_, _, Some(new)) => (Version::New, new),
            (_, Some(old), None) => (Version::Old, old),
            (_, None, None) => return,
        };
        let advice = self.advice(version, effect, &shift.actions);
        self.line(2, &format!("{}: ", in_words(shift.kind)), &advice);
        let Some(told) = &shift.told else {
            let why = match shift.kind {
                Kind::Incomparable => "it speaks of a fact whose type changed: no patient can be compared",
                Kind::Undecided => "too much depends on it to be decided; look at both texts",
                _ => "for nobody: it fires for no patient",
            };
            self.line(6, "", why);
            return;
        };
        let first = match shift.kind {
            _ if !told.elsewhere.is_empty() => "for example ",
            Kind::AsksMore => "no longer certain for ",
            Kind::AsksLess => "now certain for ",
            _ if gained => "gained by ",
            _ => "lost by ",
        };
        self.told(first, told);
        let (here, there) = if gained {
            ((&told.new, Version::New), (&told.old, Version::Old))
        } else {
            ((&told.old, Version::Old), (&told.new, Version::New))
        };
        match here.0 {
            State::Overridden(by) => {
                let by = self.rules(here.1, by);
                self.line(6, "", &format!("where it gives way to {by} all the same"));
            }
            State::Open(by) => {
                let by = self.rules(here.1, by);
                self.line(6, "", &format!("where it may give way to {by} all the same"));
            }
            _ => {}
        }
        match there.0 {
            State::Overridden(by) => {
                let by = self.rules(there.1, by);
                let verb = if gained { "gave" } else { "gives" };
                self.line(6, "", &format!("it {verb} way to {by}"));
            }
            State::Open(by) => {
                let by = self.rules(there.1, by);
                self.line(6, "", &format!("it may give way to {by}"));
            }
            State::Undecided(needs) => {
                let needs = self.needs(there.1, needs);
                let verb = if gained { "before it waited for" } else { "now it waits for" };
                self.line(6, "", &format!("{verb} {needs}"));
            }
            _ => {}
        }
        self.elsewhere(told);
    }

    fn rules(&self, version: Version, rules: &[RuleId]) -> String {
        let names: Vec<String> = rules
            .iter()
            .map(|r| format!("`{}`", self.versions.rule(version, *r)))
            .collect();
        names.join(" and ")
    }

    fn needs(&self, version: Version, needs: &[FactId]) -> String {
        let library = self.versions.library(version);
        let names: Vec<&str> = needs.iter().take(NEEDS).map(|f| library[*f].name.as_str()).collect();
        let more = needs.len().saturating_sub(NEEDS);
        if more == 0 {
            names.join(", ")
        } else {
            format!("{} and {more} more", names.join(", "))
        }
    }

    fn elsewhere(&mut self, told: &Told) {
        if told.elsewhere.is_empty() {
            return;
        }
        let there = Versions::elsewhere(told);
        let rules = self.rules(there, &told.elsewhere);
        let verb = if there == Version::New { "is" } else { "was" };
        self.line(6, "", &format!("everybody concerned {verb} told as much by {rules}"));
    }

    fn patient(&mut self, first: &str, witness: &Witness) {
        self.line(6, first, &given(witness));
    }

    fn told(&mut self, first: &str, told: &Told) {
        let on = told
            .witness
            .as_of
            .as_ref()
            .map(|date| format!(", on {date}"))
            .unwrap_or_default();
        self.line(6, first, &format!("{}{on}", told.in_short.join(", ")));
    }

    fn wording(&mut self, wording: &Wording) {
        self.line(
            2,
            &format!("{}: ", wording.what),
            &format!("{} → {}", wording.old, wording.new),
        );
    }

    fn compared(&mut self, compared: &Compared) {
        for (only, first, other) in [
            (&compared.only_old, "true only before for ", "now it is not known"),
            (&compared.only_new, "true only now for ", "before it was not known"),
        ] {
            let Some(only) = only else { continue };
            self.patient(first, &only.witness);
            if only.other == Truth::Unknown {
                let more = if only.is_definite { "" } else { ": it asks for more" };
                self.line(8, "", &format!("{other}{more}"));
            }
        }
        if compared.incomparable {
            self.line(6, "", "it speaks of a fact whose type changed: no patient can be compared");
        }
        if compared.undecided {
            self.line(6, "", "too much depends on it to be decided; look at both texts");
        }
    }

    fn terms(&mut self, diff: &Diff) {
        let changed: Vec<_> = diff.terms.iter().filter(|t| !t.compared.is_same()).collect();
        if changed.is_empty() {
            return;
        }
        self.heading("TERMS WITH ANOTHER MEANING", false);
        for term in changed {
            let spot = |version: Version, id| self.place(version, term_span(self.versions.library(version), id));
            let was = term.old.map(|id| spot(Version::Old, id)).unwrap_or_default();
            let is = term.new.map(|id| spot(Version::New, id)).unwrap_or_default();
            let name = self.paint(paint::BOLD, &term.name);
            self.out.push_str(&format!("\n{name}  ({was}, now {is})\n"));
            if let Some(conditions) = term.wording.iter().find(|w| w.what == "conditions") {
                let (was, is) = excerpts(&conditions.old, &conditions.new);
                self.line(2, "was: ", &was);
                self.line(2, "now: ", &is);
            } else {
                self.line(2, "", "the text is the same; what it speaks of changed");
            }
            self.compared(&term.compared);
        }
    }

    fn settlements(&mut self, diff: &Diff) {
        let to_review: Vec<_> = diff.settlements.iter().filter(|s| !s.changed_rules.is_empty()).collect();
        if !to_review.is_empty() {
            self.heading("SETTLEMENTS TO LOOK AT AGAIN", false);
            self.out.push('\n');
            for settlement in to_review {
                let Some(new) = settlement.new else { continue };
                let library = self.versions.library(Version::New);
                let place = self.place(Version::New, library[new].span);
                let changed: Vec<String> = settlement.changed_rules.iter().map(|r| format!("`{r}`")).collect();
                let means = if changed.len() == 1 {
                    "means what it"
                } else {
                    "mean what they"
                };
                self.line(
                    0,
                    "",
                    &format!(
                        "{place}: {} no longer {means} meant when this was settled",
                        changed.join(" and ")
                    ),
                );
                self.line(2, "because ", &format!("\"{}\"", library[new].because));
            }
        }
        let others: Vec<_> = diff
            .settlements
            .iter()
            .filter(|s| !s.wording.is_empty() || s.old.is_none() || s.new.is_none())
            .collect();
        if others.is_empty() {
            return;
        }
        self.heading("SETTLEMENTS", false);
        self.out.push('\n');
        for settlement in others {
            let spot = |version: Version, id: SettlementId| self.place(version, self.versions.library(version)[id].span);
            let line = match (settlement.old, settlement.new) {
                (Some(old), None) => format!("{}: settlement gone", spot(Version::Old, old)),
                (None, Some(new)) => format!("{}: new settlement", spot(Version::New, new)),
                (_, Some(new)) => format!("{}: settlement changed", spot(Version::New, new)),
                (None, None) => continue,
            };
            let (version, id) = match (settlement.old, settlement.new) {
                (Some(old), None) => (Version::Old, old),
                (_, Some(new)) => (Version::New, new),
                (None, None) => continue,
            };
            let rules = self.rules(version, &self.versions.library(version)[id].rules);
            self.line(0, "", &format!("{line} of {rules}"));
            for wording in &settlement.wording {
                self.wording(wording);
            }
        }
    }

    fn declarations(&mut self, diff: &Diff) {
        let meaning: Vec<&DeclarationChange> = diff.declarations.iter().filter(|d| d.is_meaning).collect();
        if meaning.is_empty() && diff.assumptions.is_empty() {
            return;
        }
        self.heading("DECLARATIONS AND ASSUMPTIONS", false);
        self.out.push('\n');
        for change in meaning {
            self.declaration(change);
        }
        for change in &diff.assumptions {
            let (version, id, word) = match (change.old, change.new) {
                (Some(old), _) => (Version::Old, old, "gone"),
                (None, Some(new)) => (Version::New, new, "new"),
                (None, None) => continue,
            };
            let assumption = &self.versions.library(version)[id];
            let place = self.place(version, assumption.span);
            self.line(0, &format!("{place}: assumption {word}: "), &assumption.text.clone());
            match &change.rejected {
                Some(witness) => {
                    let first = if version == Version::Old {
                        "was rejected, and is not now: "
                    } else {
                        "is rejected now: "
                    };
                    self.patient(first, witness);
                }
                None => self.line(6, "", "nobody is found whom it rejects"),
            }
        }
    }

    fn declaration(&mut self, change: &DeclarationChange) {
        let text = |side: &Option<String>| side.clone().unwrap_or_else(|| "none".to_owned());
        let line = match (&change.old, &change.new) {
            (Some(_), None) => "no longer declared".to_owned(),
            (None, Some(_)) => "declared now".to_owned(),
            (old, new) => format!("{}: {} → {}", change.what, text(old), text(new)),
        };
        self.line(0, &format!("{} {}: ", change.kind, change.name), &line);
    }

    fn notes(&mut self, diff: &Diff) {
        let changed = |n: &&crate::verify::diff::NoteChange| n.old.is_none() || n.new.is_none() || !n.compared.is_same();
        let notes: Vec<_> = diff.notes.iter().filter(changed).collect();
        if notes.is_empty() && diff.claims.is_empty() {
            return;
        }
        self.heading("NOTES AND CLAIMS", false);
        self.out.push('\n');
        for note in notes {
            let (version, id, word) = match (note.old, note.new) {
                (Some(old), None) => (Version::Old, old, "gone"),
                (None, Some(new)) => (Version::New, new, "new"),
                (_, Some(new)) => (Version::New, new, "for other patients"),
                (None, None) => continue,
            };
            let note_text = self.versions.library(version)[id].text.clone();
            let place = self.place(version, self.versions.library(version)[id].span);
            self.line(0, &format!("{place}: note {word}: "), &format!("\"{note_text}\""));
            self.compared(&note.compared);
        }
        for claim in &diff.claims {
            let word = match (claim.old, claim.new) {
                (Some(_), None) => "gone",
                (None, Some(_)) => "new",
                _ => "of other patients or actions",
            };
            self.line(0, &format!("claim {word}: "), &format!("\"{}\"", claim.claim));
        }
    }

    fn same_meaning(&mut self, diff: &Diff) {
        let start = self.out.len();
        for change in diff.rules.iter().filter(|r| r.danger == Danger::Wording) {
            let Some(new) = change.new else { continue };
            let name = self.versions.rule(Version::New, new).to_owned();
            for wording in &change.wording {
                self.same(&name, wording);
            }
        }
        for term in diff.terms.iter().filter(|t| t.compared.is_same()) {
            match (term.old, term.new) {
                (Some(_), None) => self.line(0, "", &format!("term {} is gone", term.name)),
                (None, Some(_)) => self.line(0, "", &format!("term {} is new", term.name)),
                _ => {
                    for wording in &term.wording {
                        self.same(&term.name, wording);
                    }
                }
            }
        }
        for note in diff.notes.iter().filter(|n| n.compared.is_same()) {
            if let (Some(_), Some(new)) = (note.old, note.new) {
                let name = self.versions.library(Version::New)[new].full_name.clone();
                for wording in &note.wording {
                    self.same(&name, wording);
                }
            }
        }
        for change in diff.declarations.iter().filter(|d| !d.is_meaning) {
            self.declaration(change);
        }
        if self.out.len() > start {
            let written = self.out.split_off(start);
            self.heading("THE SAME MEANING, WRITTEN OTHERWISE", false);
            self.out.push('\n');
            self.out.push_str(&written);
        }
    }

    fn same(&mut self, name: &str, wording: &Wording) {
        let (old, new) = (&wording.old, &wording.new);
        match wording.what {
            "name" => self.line(0, "", &format!("{name}: renamed, was {old}")),
            "section" => self.line(0, &format!("{name}: moved: "), &format!("section {old} → {new}")),
            "conditions" => {
                self.line(0, &format!("{name}: rewritten, proven to mean the same: "), new);
            }
            what => self.line(0, &format!("{name}: {what}: "), &format!("{old} → {new}")),
        }
    }
}

/// Both texts, without the words at either end that are the same.
fn excerpts(old: &str, new: &str) -> (String, String) {
    let (a, b): (Vec<&str>, Vec<&str>) = (old.split(' ').collect(), new.split(' ').collect());
    let start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let rest = a.len().min(b.len()) - start;
    let end = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(x, y)| x == y)
        .count()
        .min(rest);
    let cut = |words: &[&str]| {
        let skipped = if start > CONTEXT + 2 { start - CONTEXT } else { 0 };
        let left_out = if end > CONTEXT + 2 { end - CONTEXT } else { 0 };
        let shown = words.iter().skip(skipped).take(words.len() - skipped - left_out);
        let shown: Vec<&str> = shown.copied().collect();
        let before = if skipped > 0 { "… " } else { "" };
        let after = if left_out > 0 { " …" } else { "" };
        format!("{before}{}{after}", shown.join(" "))
    };
    (cut(&a), cut(&b))
}

/// The patient, with the date of evaluation where one is needed.
pub fn given(witness: &Witness) -> String {
    let on = witness.as_of.as_ref().map(|date| format!(", on {date}")).unwrap_or_default();
    format!("{}{on}", witness.given())
}

/// What happened, for a reader.
pub fn in_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Removed => "no longer says",
        Kind::Narrowed => "no longer for everybody",
        Kind::AsksMore => "asks for more",
        Kind::GivesWay => "gives way now",
        Kind::Reversed => "reversed",
        Kind::Weaker => "weaker",
        Kind::Later => "later",
        Kind::Different => "different",
        Kind::Undecided => "not decided",
        Kind::Incomparable => "cannot be compared",
        Kind::Added => "says as well",
        Kind::Widened => "for more patients",
        Kind::AsksLess => "asks for less",
        Kind::NoLongerGivesWay => "no longer gives way",
        Kind::Stronger => "stronger",
        Kind::Earlier => "earlier",
    }
}

/// How many rules changed, dangerous ones first.
pub fn tally(diff: &Diff) -> String {
    let count = |danger: Danger| diff.rules.iter().filter(|r| r.danger == danger).count();
    let parts = [
        (Danger::Emergency, "by which an emergency is lost, later or weaker"),
        (Danger::Loss, "by which advice is lost, later or weaker"),
        (Danger::Change, "otherwise different"),
        (Danger::Gain, "for more patients, earlier or stronger"),
        (Danger::Wording, "only written otherwise"),
    ];
    let parts = parts.into_iter().map(|(danger, words)| (count(danger), words));
    let parts: Vec<String> = parts
        .filter(|(n, _)| *n > 0)
        .map(|(n, words)| format!("{} {words}", counted(n, "rule")))
        .collect();
    if parts.is_empty() {
        "no rule changed".to_owned()
    } else {
        parts.join(", ")
    }
}
