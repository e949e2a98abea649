//! Cases made of findings: the patient of each, and what the interpreter says of it today.
//!
//! In: findings with a witness, and the folder in which the cases will stand. Out: the text of a file of cases that pass.
//! Must not know: files.

use super::{Case, Expect, ExpectKind, run};
use crate::ast::ExpectStanding;
use crate::diagnostic::{About, Diagnostic};
use crate::eval::settle::Inference;
use crate::eval::{Advice, Options, Outcome, Patient, evaluate};
use crate::load::Loaded;
use crate::model::{
    ActionId, Clock, Direction, Effect, EffectId, Entry, FactType, GuidelineId, Library, Modality, Modifiers, Record, Recorded,
    RuleId, Timing,
};
use crate::patient::{read_date, read_value};
use crate::source::{FileId, Sources, Span};
use crate::verify::witness::Witness;
use crate::{format, syntax};
use std::collections::{BTreeMap, BTreeSet};

/// The first line of every such file; a file without it is not ours to replace.
pub const FIRST_LINE: &str = "# Written by `gl check --emit-case`: the patient of each finding, and what gl says of them today.";

/// A file of cases.
#[derive(Debug, Clone)]
pub struct Emitted {
    /// Its text.
    pub text: String,
    /// How many cases are in it.
    pub cases: usize,
    /// How many findings with a patient are not: they need names that a file in this folder does not reach.
    pub left_out: usize,
}

/// The cases of findings, for a file in `folder`, a folder as [`Library::files`] names it.
pub fn emit(loaded: &Loaded, folder: &str, findings: &[&Diagnostic]) -> Emitted {
    let emitter = Emitter::new(loaded, folder);
    let mut text =
        format!("{FIRST_LINE}\n# A case that fails later shows that a rule has changed, or that the finding is gone.\n\n");
    if !emitter.uses.is_empty() {
        text.push_str(&format!("use {}\n", emitter.uses.join(", ")));
    }
    let (mut cases, mut left_out) = (0, 0);
    let mut titles: BTreeMap<String, usize> = BTreeMap::new();
    for finding in findings {
        let Some(about) = finding.about.as_deref().filter(|about| about.witness.is_some()) else {
            continue;
        };
        match emitter.case(about) {
            Some(body) => {
                let title = title(finding, about);
                let seen = titles.entry(title.clone()).or_default();
                *seen += 1;
                let title = if *seen == 1 { title } else { format!("{title} ({seen})") };
                let message = finding.message.replace(char::is_control, " ");
                text.push_str(&format!("\n# {}: {message}\ncase \"{title}\"\n{body}", finding.code.number));
                cases += 1;
            }
            None => left_out += 1,
        }
    }
    Emitted {
        text: formatted(text),
        cases,
        left_out,
    }
}

/// In the one style; should that fail, as it is.
pub(super) fn formatted(text: String) -> String {
    let mut sources = Sources::new();
    let file = sources.add("findings.cases.gl", text.as_str());
    let (tree, found) = syntax::parse(&sources, file);
    match format::format(&sources, &tree) {
        Ok(formatted) if found.is_empty() => formatted,
        _ => text,
    }
}

/// The code, what it is about, and the rules: `GL714 strength of nsaid: a.relief, b.relief`.
fn title(finding: &Diagnostic, about: &About) -> String {
    let kind = about.kind.unwrap_or(finding.code.name);
    let action = about
        .action
        .as_ref()
        .map(|action| format!(" of {action}"))
        .unwrap_or_default();
    let rules: Vec<&str> = about.rules.iter().map(|(name, _)| name.as_str()).collect();
    let rules = if rules.is_empty() {
        String::new()
    } else {
        format!(": {}", rules.join(", "))
    };
    format!("{} {kind}{action}{rules}", finding.code.number)
}

/// What makes cases of patients.
pub(super) struct Emitter<'a> {
    loaded: &'a Loaded,
    library: &'a Library,
    inference: Inference,
    /// The files that the cases use.
    uses: Vec<&'a str>,
    /// What they reach by that.
    reached: BTreeSet<FileId>,
    /// Those that are run.
    pub(super) guidelines: Vec<GuidelineId>,
}

impl<'a> Emitter<'a> {
    /// For cases that run these guidelines, wherever they stand.
    pub(super) fn running(loaded: &'a Loaded, guidelines: Vec<GuidelineId>) -> Self {
        Emitter {
            loaded,
            library: &loaded.library,
            inference: Inference::new(&loaded.library),
            uses: Vec::new(),
            reached: BTreeSet::new(),
            guidelines,
        }
    }

    /// Of these expectations, by position, those that the library does not meet; nothing where it rejects the record.
    pub(super) fn unmet(&self, record: &Record, expects: &[ExpectKind]) -> Option<Vec<usize>> {
        self.told(record, |told| {
            let unmet = expects.iter().enumerate().filter(|(_, kind)| !told.is_met(kind));
            unmet.map(|(place, _)| place).collect()
        })
    }

    /// Everything that can be expected of a record; nothing where it is rejected.
    pub(super) fn expectations(&self, record: &Record) -> Option<Vec<ExpectKind>> {
        self.told(record, |told| told.everything())
    }

    pub(super) fn told<T>(&self, record: &Record, what: impl FnOnce(&Told<'_>) -> T) -> Option<T> {
        let patient = self.inference.settle(self.library, record).ok()?;
        let options = Options {
            guidelines: Some(self.guidelines.clone()),
        };
        let outcome = evaluate(self.library, &patient, &options);
        Some(what(&Told {
            emitter: self,
            patient: &patient,
            outcome: &outcome,
        }))
    }

    pub(super) fn new(loaded: &'a Loaded, folder: &str) -> Self {
        let library = &loaded.library;
        let is_name = |stem: &str| {
            stem.starts_with(|c: char| c.is_ascii_alphabetic()) && stem.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        let here: Vec<usize> = (0..library.files.len())
            .filter(|i| library.files.get(*i).is_some_and(|f| f.folder == folder && is_name(&f.stem)))
            .collect();
        let files = || here.iter().filter_map(|i| Some((*i, library.files.get(*i)?)));
        // Guidelines by name, and of the other files those that nothing brings along.
        let used = files()
            .filter(|(i, file)| file.guideline.is_some() || !files().any(|(other, by)| other != *i && by.reaches.contains(i)));
        let used: Vec<_> = used.map(|(_, file)| file).collect();
        let reached: BTreeSet<usize> = used.iter().flat_map(|file| file.reaches.iter().copied()).collect();
        let files = || reached.iter().filter_map(|i| library.files.get(*i));
        let guidelines: BTreeSet<GuidelineId> = files().filter_map(|file| file.guideline).collect();
        Emitter {
            loaded,
            library,
            inference: Inference::new(library),
            uses: used.iter().map(|file| file.stem.as_str()).collect(),
            reached: files().map(|file| file.file).collect(),
            guidelines: guidelines.into_iter().collect(),
        }
    }

    /// The lines of a case under its title; nothing where the file does not reach what they speak of.
    fn case(&self, about: &About) -> Option<String> {
        let record = self.record(about)?;
        let rules = self.rules(about);
        let action = about
            .action
            .as_ref()
            .and_then(|name| self.library.action_names.get(name).copied());
        let is_seen = |span: Span| self.reached.contains(&span.file);
        let is_reached = record.entries.iter().all(|e| is_seen(self.library[e.fact].name_span))
            && rules.iter().all(|rule| is_seen(self.library[*rule].span))
            && action.is_none_or(|action| is_seen(self.library[action].name_span));
        if !is_reached {
            return None;
        }
        let expects = self.told(&record, |told| {
            let mut expects = told.of_rules(&rules, action);
            if about.kind == Some("gap") {
                expects.extend(action.map(|action| nothing(Direction::For, action, Vec::new())));
            }
            expects.retain(|kind| told.is_met(kind));
            if expects.is_empty() {
                expects = told.of_advice(told.outcome.advice.iter().take(MOST), None);
                expects.retain(|kind| told.is_met(kind));
            }
            expects
        })?;
        let witness = Witness::of_finding(about)?;
        Some(self.lines(&witness, &expects))
    }

    /// The lines of a case under its title.
    pub(super) fn lines(&self, witness: &Witness, expects: &[ExpectKind]) -> String {
        let mut lines = String::new();
        let closed = witness.record.otherwise_no.map(|_| "otherwise no".to_owned());
        let stated = (!witness.facts.is_empty()).then(|| witness.given());
        let given: Vec<String> = stated.into_iter().chain(closed).collect();
        if !given.is_empty() {
            lines.push_str(&format!("  given {}\n", given.join(", ")));
        }
        if let Some(date) = &witness.as_of {
            lines.push_str(&format!("  on {date}\n"));
        }
        let mut said = BTreeSet::new();
        for text in expects.iter().filter_map(|kind| self.expectation(kind)) {
            if said.insert(text.clone()) {
                lines.push_str(&format!("  expect {text}\n"));
            }
        }
        if said.is_empty() {
            lines.push_str("  exactly\n");
        }
        lines
    }

    fn rules(&self, about: &About) -> Vec<RuleId> {
        let named = |(name, _): &(String, Vec<String>)| self.library.rules.iter().position(|r| r.full_name == *name);
        about.rules.iter().filter_map(named).map(RuleId::from_index).collect()
    }

    /// The witness, as the interpreter takes it.
    fn record(&self, about: &About) -> Option<Record> {
        let mut entries = Vec::new();
        for (name, value) in about.witness.as_ref()? {
            let fact = *self.library.fact_names.get(name)?;
            let mut add = |recorded| {
                entries.push(Entry {
                    fact,
                    recorded,
                    span: NOWHERE,
                })
            };
            match (
                &self.library[fact].ty,
                value.strip_prefix('{').and_then(|v| v.strip_suffix('}')),
            ) {
                (FactType::AnyOf { members }, Some(written)) => {
                    for (member, known) in written.split(", ").filter_map(|part| part.split_once(": ")) {
                        let member = members.iter().position(|m| m == member)?;
                        add(Recorded::Member(member, Some(known != "no")));
                    }
                }
                _ => add(read_value(self.library, fact, value, NOWHERE).ok()?),
            }
        }
        let as_of = match &about.as_of {
            Some(date) => Some((read_date(date)?, NOWHERE)),
            None => None,
        };
        Some(Record {
            entries,
            otherwise_no: None,
            as_of,
        })
    }

    /// An expectation as it is written after `expect`; nothing for those that findings do not need.
    pub(super) fn expectation(&self, kind: &ExpectKind) -> Option<String> {
        let names = |actions: &[ActionId]| {
            let names: Vec<&str> = actions.iter().map(|a| self.library[*a].name.as_str()).collect();
            names.join(", ")
        };
        let from = |statements: &[String]| match statements {
            [] => String::new(),
            statements => format!(" from {}", statements.join(", ")),
        };
        let word = |modality: Option<Modality>| modality.map_or(String::new(), |m| format!("{} ", m.word()));
        Some(match kind {
            ExpectKind::Advice {
                standing,
                modality,
                urgency,
                actions,
                timing,
                statements,
                ..
            } => {
                let standing = match standing {
                    Some(ExpectStanding::Active) => "active ",
                    Some(ExpectStanding::Open) => "open ",
                    Some(ExpectStanding::Overridden) => "overridden ",
                    Some(ExpectStanding::Overdue) => "overdue ",
                    None => "",
                };
                let urgency = urgency.map_or(String::new(), |u| format!("{} ", u.word()));
                let timing = self.timing(timing);
                format!(
                    "{standing}{}{urgency}{}{timing}{}",
                    word(*modality),
                    names(actions),
                    from(statements)
                )
            }
            ExpectKind::None {
                modality,
                actions,
                statements,
            } => format!("no {}{}{}", word(*modality), names(actions), from(statements)),
            ExpectKind::Undecided {
                modality,
                actions,
                statements,
                ..
            } => format!("undecided {}{}{}", word(*modality), names(actions), from(statements)),
            ExpectKind::Disagreement { actions } => format!("disagreement on {}", names(actions)),
            ExpectKind::Rejected => return None,
        })
    }

    fn timing(&self, timing: &Timing) -> String {
        let after = |clock: Clock| match clock {
            Clock::Evaluation => String::new(),
            Clock::Date(fact) => format!(" after {}", self.library[fact].name),
        };
        let start = timing
            .not_before
            .map(|(start, clock)| format!(" not before {start}{}", after(clock)));
        let end = timing
            .deadline
            .map(|(deadline, clock)| format!(" within {deadline}{}", after(clock)));
        [start, end].into_iter().flatten().collect()
    }
}

/// The most advice that stands for an outcome where a finding names no rule.
pub(super) const MOST: usize = 8;

/// What the interpreter says of a patient.
pub(super) struct Told<'a> {
    pub(super) emitter: &'a Emitter<'a>,
    pub(super) patient: &'a Patient,
    pub(super) outcome: &'a Outcome,
}

impl Told<'_> {
    pub(super) fn library(&self) -> &Library {
        self.emitter.library
    }

    /// What comes of the rules for the action: they advise, they wait, or they are silent; and whether there is a disagreement.
    fn of_rules(&self, rules: &[RuleId], action: Option<ActionId>) -> Vec<ExpectKind> {
        let library = self.emitter.library;
        let concerns = |on: ActionId| action.is_none_or(|action| library.comparable(on, action));
        let mut expects = Vec::new();
        for rule in rules {
            let of_rule = |advice: &&Advice| {
                library[advice.effect].rule == *rule
                    && (concerns(advice.action) || advice.alternatives.iter().any(|a| concerns(*a)))
            };
            let fired = self.of_advice(self.outcome.advice.iter().filter(of_rule), action);
            let waiting = self
                .outcome
                .undecided
                .iter()
                .filter(|u| library[u.effect].rule == *rule && concerns(u.action));
            let waiting: Vec<ExpectKind> = waiting.map(|u| self.waiting(&library[u.effect], u.action)).collect();
            if fired.is_empty() && waiting.is_empty() {
                for effect in &library[*rule].effects {
                    let effect = &library[*effect];
                    let silent = effect.actions.iter().copied().filter(|a| concerns(*a));
                    expects.extend(silent.map(|on| nothing(effect.direction(), on, self.statements(*rule))));
                }
            }
            expects.extend(fired.into_iter().chain(waiting));
        }
        expects.extend(action.map(|action| ExpectKind::Disagreement { actions: vec![action] }));
        expects
    }

    /// What comes of each effect of the guidelines for each of its actions: it advises, it waits, or it is silent.
    fn everything(&self) -> Vec<ExpectKind> {
        let library = self.emitter.library;
        let mut expects = Vec::new();
        let runs = |effect: &Effect| self.emitter.guidelines.contains(&library[effect.rule].guideline);
        let effects = || library.effects.iter().enumerate().filter(|(_, e)| runs(e));
        let spoken_of: BTreeSet<ActionId> = effects().flat_map(|(_, e)| e.actions.iter().copied()).collect();
        for (index, effect) in effects() {
            let id = EffectId::from_index(index);
            for on in &effect.actions {
                let is_this = |other: EffectId, action: ActionId| other == id && action == *on;
                let advice = || self.outcome.advice.iter().filter(|a| is_this(a.effect, a.action));
                if advice().next().is_some() {
                    expects.extend(self.of_advice(advice(), None));
                    // An avoidance may make way for a kind of its action and stand for the others.
                    let kinds = spoken_of.iter().filter(|kind| *kind != on && library.is_kind_of(**kind, *on));
                    let kinds = kinds.filter(|_| effect.direction() == Direction::Against);
                    expects.extend(kinds.flat_map(|kind| self.of_advice(advice(), Some(*kind))));
                    continue;
                }
                if self.outcome.undecided.iter().any(|u| is_this(u.effect, u.action)) {
                    expects.push(self.waiting(effect, *on));
                }
                expects.push(nothing(effect.direction(), *on, self.statements(effect.rule)));
            }
        }
        let disagreements = self.outcome.disagreements.iter().map(|d| d.action).collect::<BTreeSet<_>>();
        expects.extend(
            disagreements
                .into_iter()
                .map(|on| ExpectKind::Disagreement { actions: vec![on] }),
        );
        expects.retain(|kind| self.is_met(kind));
        expects
    }

    pub(super) fn waiting(&self, effect: &Effect, on: ActionId) -> ExpectKind {
        ExpectKind::Undecided {
            modality: Some(effect.modality),
            actions: vec![on],
            asking: Vec::new(),
            statements: self.statements(effect.rule),
        }
    }

    /// Advice as expectations, on `action` where it is advice on that too.
    pub(super) fn of_advice<'o>(&self, advice: impl Iterator<Item = &'o Advice>, action: Option<ActionId>) -> Vec<ExpectKind> {
        let library = self.emitter.library;
        let mut expects = Vec::new();
        for advice in advice {
            let effect = &library[advice.effect];
            let covers = |on: &ActionId| match effect.direction() {
                Direction::For => advice.alternatives.contains(on),
                Direction::Against => library.is_kind_of(*on, advice.action),
            };
            let on = action.filter(covers).unwrap_or(advice.action);
            let expect = |standing| ExpectKind::Advice {
                standing: Some(standing),
                modality: Some(effect.modality),
                urgency: effect.urgency,
                actions: vec![on],
                any: false,
                timing: effect.timing.clone(),
                modifiers: Modifiers::default(),
                statements: self.statements(effect.rule),
            };
            let standings = [ExpectStanding::Active, ExpectStanding::Open, ExpectStanding::Overridden];
            expects.extend(standings.map(expect).into_iter().find(|kind| self.is_met(kind)));
        }
        expects
    }

    fn statements(&self, rule: RuleId) -> Vec<String> {
        self.emitter.library[rule].statements.iter().map(|s| s.id.clone()).collect()
    }

    /// Whether the expectation holds today.
    pub(super) fn is_met(&self, kind: &ExpectKind) -> bool {
        let case = Case {
            title: String::new(),
            path: String::new(),
            guidelines: self.emitter.guidelines.clone(),
            record: Record::default(),
            expects: vec![Expect {
                kind: kind.clone(),
                span: NOWHERE,
            }],
            exactly: false,
            span: NOWHERE,
        };
        run::is_met(self.emitter.loaded, self.patient, self.outcome, &case)
    }
}

pub(super) fn nothing(direction: Direction, on: ActionId, statements: Vec<String>) -> ExpectKind {
    ExpectKind::None {
        modality: (direction == Direction::Against).then_some(Modality::Avoid),
        actions: vec![on],
        statements,
    }
}

/// What is made up stands nowhere.
const NOWHERE: Span = Span {
    file: FileId(0),
    start: 0,
    end: 0,
};
