//! From cases as written to cases that can be run.

use super::{Case, Expect, ExpectKind, errors};
use crate::ast::{self, GivenValue, Item, ModifierKind};
use crate::diagnostic::{Diagnostic, Findings};
use crate::load::{Loaded, Tree};
use crate::model::units::TimeUnit;
use crate::model::{
    ActionId, Clock, Deadline, Duration, Entry, FactId, FactType, GuidelineId, Library, Modality, Modifiers, Record, Recorded,
    Timing,
};
use crate::patient::{read_date, read_value, recorded_set};
use crate::source::{Sources, Span};
use crate::suggest;
use std::collections::{BTreeMap, BTreeSet};

/// All cases, in the order of files and of their text, and what is wrong with any of them.
///
/// A case with an error is left out; whoever runs cases looks at the findings first.
pub fn cases(loaded: &Loaded) -> (Vec<Case>, Vec<Diagnostic>) {
    let mut cases = Vec::new();
    let mut found = Findings::new();
    for (index, tree) in loaded.trees.iter().enumerate() {
        let guidelines = guidelines(&loaded.library, index);
        let mut titles: BTreeMap<&str, Span> = BTreeMap::new();
        for item in &tree.tree.items {
            let Item::Case(case) = item else { continue };
            if let Some(first) = titles.insert(&case.title.text, case.title.span) {
                found.push(errors::same_title(&case.title.text, case.title.span, first));
            }
            let mut lowering = Lowering {
                library: &loaded.library,
                sources: &loaded.sources,
                found: Findings::new(),
                guidelines: &guidelines,
                file: index,
            };
            let lowered = lowering.case(case, tree);
            if lowering.found.iter().all(|d| d.severity < crate::diagnostic::Severity::Error) {
                cases.push(lowered);
            }
            found.extend(lowering.found.into_vec());
        }
    }
    let mut found = found.into_vec();
    crate::diagnostic::sort(&mut found);
    (cases, found)
}

/// The guidelines that cases in a file run: its own, that of `NAME.gl` for `NAME.cases.gl`, or all that it uses.
fn guidelines(library: &Library, file: usize) -> Vec<GuidelineId> {
    let Some(own) = library.files.get(file) else {
        return Vec::new();
    };
    if let Some(guideline) = own.guideline {
        return vec![guideline];
    }
    let beside = own.stem.strip_suffix(".cases").and_then(|subject| {
        let other = library.files.iter().find(|f| f.stem == subject && f.folder == own.folder)?;
        other.guideline
    });
    match beside {
        Some(guideline) => vec![guideline],
        None => own
            .reaches
            .iter()
            .filter_map(|f| library.files.get(*f)?.guideline)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
    }
}

struct Lowering<'a> {
    library: &'a Library,
    sources: &'a Sources,
    found: Findings,
    guidelines: &'a [GuidelineId],
    /// The position of the case's file in [`Library::files`].
    file: usize,
}

impl Lowering<'_> {
    fn case(&mut self, case: &ast::Case, tree: &Tree) -> Case {
        if self.guidelines.is_empty() {
            self.found.push(errors::nothing_to_run(case.title.span));
        }
        let record = self.record(case);
        let expects: Vec<Expect> = case
            .expects
            .iter()
            .filter_map(|e| {
                Some(Expect {
                    kind: self.expect(e)?,
                    span: e.span,
                })
            })
            .collect();
        if case.expects.is_empty() && case.exactly.is_none() {
            self.found.push(errors::no_expectation(case.title.span));
        }
        if let Some(rejected) = expects.iter().find(|e| matches!(e.kind, ExpectKind::Rejected))
            && expects.len() > 1
        {
            let help = "a record that is rejected gives no advice; keep `expect rejected` alone";
            self.found.push(errors::expect_misfit(
                rejected.span,
                "a rejected record has no other outcome",
                help,
            ));
        }
        Case {
            title: case.title.text.clone(),
            path: tree.path.clone(),
            guidelines: self.guidelines.to_vec(),
            record,
            expects,
            exactly: case.exactly.is_some(),
            span: case.title.span,
        }
    }

    fn record(&mut self, case: &ast::Case) -> Record {
        let mut record = Record {
            otherwise_no: case.otherwise_no,
            ..Record::default()
        };
        if let Some(on) = &case.on {
            match read_date(&on.text) {
                Some(date) => record.as_of = Some((date, on.span)),
                None => self.found.push(errors::no_such_date(on.span, &on.text)),
            }
        }
        for given in &case.givens {
            let Some(fact) = self.fact(&given.fact) else { continue };
            let Some(recorded) = self.given(fact, given) else { continue };
            let clash = record.entries.iter().find(|e| {
                e.fact == fact
                    && match (&e.recorded, &recorded) {
                        (Recorded::Member(a, _), Recorded::Member(b, _)) => a == b,
                        _ => true,
                    }
            });
            if let Some(first) = clash {
                self.found
                    .push(errors::given_twice(&self.library[fact].name, given.span, first.span));
                continue;
            }
            record.entries.push(Entry {
                fact,
                recorded,
                span: given.span,
            });
        }
        record
    }

    fn given(&mut self, fact: FactId, given: &ast::Given) -> Option<Recorded> {
        let library = self.library;
        let declared = &library[fact];
        let name = &declared.name;
        let misfit = |cx: &mut Self, why: &str, how: String| {
            cx.found
                .push(errors::given_misfit(name, given.span, why, &how, declared.name_span));
            None
        };
        let is_yes_no = declared.ty == FactType::YesNo;
        match (&given.value, &declared.ty) {
            (GivenValue::Unknown, _) => Some(Recorded::Unknown),
            (GivenValue::Yes, _) if is_yes_no => Some(Recorded::YesNo(true)),
            (GivenValue::No, _) if is_yes_no => Some(Recorded::YesNo(false)),
            (GivenValue::Yes | GivenValue::No, FactType::AnyOf { members }) => {
                let first = members.first().map_or("…", String::as_str);
                misfit(
                    self,
                    "which members?",
                    format!("write `{name} is ({first})`, `{name} is ()` or `{name} includes {first}`"),
                )
            }
            (GivenValue::Yes | GivenValue::No, _) => misfit(self, "needs a value", format!("write `{name} is …`")),
            (GivenValue::Set { members, span }, FactType::AnyOf { .. }) => {
                let names: Vec<(&str, Span)> = members.iter().map(|m| (m.text.as_str(), m.span)).collect();
                let _ = span;
                self.keep(recorded_set(library, fact, &names))
            }
            (GivenValue::Set { .. }, _) => misfit(self, "is no set", format!("write `{name} is VALUE`")),
            (GivenValue::Includes { member, present }, FactType::AnyOf { members }) => {
                match members.iter().position(|m| *m == member.text) {
                    Some(at) => Some(Recorded::Member(at, Some(*present))),
                    None => {
                        let near = suggest::closest(&member.text, members.iter().map(String::as_str));
                        self.found.push(errors::unknown_name("member", member, near));
                        None
                    }
                }
            }
            (GivenValue::Includes { .. }, _) => misfit(self, "is no set", format!("write `{name} is VALUE`")),
            (GivenValue::Is(_), FactType::AnyOf { members }) => {
                let first = members.first().map_or("…", String::as_str);
                misfit(self, "a set needs brackets", format!("write `{name} is ({first})`"))
            }
            (GivenValue::Is(value), _) => {
                let text = match value {
                    ast::Value::Quantity(q) => match &q.unit {
                        Some(unit) => format!("{} {}", q.number.text, unit.text),
                        None => q.number.text.clone(),
                    },
                    other => self.sources.text(other.span()).to_owned(),
                };
                self.keep(read_value(library, fact, &text, value.span()))
            }
        }
    }

    fn keep<T>(&mut self, read: Result<T, Diagnostic>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(diagnostic) => {
                self.found.push(diagnostic);
                None
            }
        }
    }

    fn fact(&mut self, name: &ast::Name) -> Option<FactId> {
        let library = self.library;
        match library.fact_names.get(&name.text) {
            Some(fact) if self.sees(library[*fact].name_span) => Some(*fact),
            Some(fact) => {
                self.not_seen("fact", name, library[*fact].name_span);
                None
            }
            None => {
                let seen = library.facts.iter().filter(|f| self.sees(f.name_span));
                let near = suggest::closest(&name.text, seen.map(|f| f.name.as_str()));
                self.found.push(errors::unknown_name("fact", name, near));
                None
            }
        }
    }

    fn actions(&mut self, names: &[ast::Name]) -> Vec<ActionId> {
        let library = self.library;
        let mut actions = Vec::new();
        for name in names {
            match library.action_names.get(&name.text) {
                Some(action) if self.sees(library[*action].name_span) => actions.push(*action),
                Some(action) => self.not_seen("action", name, library[*action].name_span),
                None => {
                    let seen = || library.actions.iter().filter(|a| self.sees(a.name_span));
                    let synonym = seen().find(|a| a.synonyms.iter().any(|s| s.eq_ignore_ascii_case(&name.text)));
                    let near = synonym
                        .map(|a| a.name.as_str())
                        .or_else(|| suggest::closest(&name.text, seen().map(|a| a.name.as_str())));
                    self.found.push(errors::unknown_name("action", name, near));
                }
            }
        }
        actions
    }

    /// Whether the file of the case reaches a declaration by `use`.
    fn sees(&self, declared: Span) -> bool {
        let files = &self.library.files;
        files.get(self.file).is_some_and(|own| {
            own.reaches
                .iter()
                .filter_map(|f| files.get(*f))
                .any(|f| f.file == declared.file)
        })
    }

    fn not_seen(&mut self, kind: &str, name: &ast::Name, declared: Span) {
        let stem = self
            .library
            .files
            .iter()
            .find(|f| f.file == declared.file)
            .map_or("", |f| &f.stem);
        self.found.push(errors::name_not_reached(kind, name, stem, declared));
    }

    /// Statements that some rule of the guidelines under test encodes.
    fn statements(&mut self, names: &[ast::Name]) -> Vec<String> {
        let library = self.library;
        let known: BTreeSet<&str> = library
            .rules
            .iter()
            .filter(|rule| self.guidelines.contains(&rule.guideline))
            .flat_map(|rule| rule.statements.iter().map(|s| s.id.as_str()))
            .collect();
        for name in names.iter().filter(|n| !known.contains(n.text.as_str())) {
            self.found.push(errors::unknown_statement(
                name,
                suggest::closest(&name.text, known.iter().copied()),
            ));
        }
        names.iter().map(|n| n.text.clone()).collect()
    }

    fn expect(&mut self, expect: &ast::Expect) -> Option<ExpectKind> {
        Some(match &expect.kind {
            ast::ExpectKind::Rejected => ExpectKind::Rejected,
            ast::ExpectKind::Disagreement { actions } => ExpectKind::Disagreement {
                actions: self.actions(actions),
            },
            ast::ExpectKind::None { modality, actions, from } => ExpectKind::None {
                modality: modality.map(|(m, _)| m),
                actions: self.actions(actions),
                statements: self.statements(from),
            },
            ast::ExpectKind::Undecided {
                modality,
                actions,
                asking,
                from,
            } => ExpectKind::Undecided {
                modality: modality.map(|(m, _)| m),
                actions: self.actions(actions),
                asking: asking.iter().filter_map(|f| self.fact(f)).collect(),
                statements: self.statements(from),
            },
            ast::ExpectKind::Advice {
                standing,
                modality,
                urgency,
                actions,
                join,
                modifiers,
                from,
            } => {
                let (timing, modifiers) = self.modifiers(modifiers)?;
                let against = modality.is_some_and(|(m, _)| matches!(m, Modality::Avoid | Modality::Never));
                ExpectKind::Advice {
                    standing: standing.map(|(s, _)| s),
                    modality: modality.map(|(m, _)| m),
                    urgency: urgency.map(|(u, _)| u),
                    actions: self.actions(actions),
                    any: *join == ast::Join::OneOf && !against,
                    timing,
                    modifiers,
                    statements: self.statements(from),
                }
            }
        })
    }

    fn modifiers(&mut self, written: &[ast::Modifier]) -> Option<(Timing, Modifiers)> {
        let (mut timing, mut modifiers) = (Timing::default(), Modifiers::default());
        for modifier in written {
            match &modifier.kind {
                ModifierKind::Within { limit, after } => {
                    let deadline = match limit {
                        ast::Deadline::Vague(word, _) => Deadline::Vague(*word),
                        ast::Deadline::Quantity(quantity) => Deadline::Exact(self.duration(quantity, None)?),
                    };
                    timing.deadline = Some((deadline, self.clock(after.as_ref())?));
                }
                ModifierKind::NotBefore { start, after } => {
                    timing.not_before = Some((self.duration(start, None)?, self.clock(after.as_ref())?));
                }
                ModifierKind::Between { start, end, after } => {
                    let clock = self.clock(after.as_ref())?;
                    timing.not_before = Some((self.duration(start, end.unit.as_ref())?, clock));
                    timing.deadline = Some((Deadline::Exact(self.duration(end, None)?), clock));
                }
                ModifierKind::For { bound, duration } => modifiers.duration = Some((*bound, self.duration(duration, None)?)),
                ModifierKind::Every { interval } => modifiers.every = Some(self.duration(interval, None)?),
                ModifierKind::Line { line } => modifiers.line = line.text.parse().ok(),
                ModifierKind::With { text } => modifiers.with.push(text.text.clone()),
                ModifierKind::InsteadOf { actions } => modifiers.instead_of = self.actions(actions),
                ModifierKind::Before { actions } => modifiers.before = self.actions(actions),
                ModifierKind::PreferredTo { actions } => modifiers.preferred_to = self.actions(actions),
            }
        }
        Some((timing, modifiers))
    }

    fn clock(&mut self, after: Option<&ast::Name>) -> Option<Clock> {
        match after {
            None => Some(Clock::Evaluation),
            Some(name) => self.fact(name).map(Clock::Date),
        }
    }

    fn duration(&mut self, quantity: &ast::Quantity, borrowed: Option<&ast::Unit>) -> Option<Duration> {
        let unit = quantity.unit.as_ref().or(borrowed).and_then(|u| TimeUnit::from_word(&u.text));
        let read = unit
            .zip(quantity.number.text.parse().ok())
            .map(|(unit, amount): (TimeUnit, rust_decimal::Decimal)| Duration {
                amount: amount.normalize(),
                unit,
            });
        if read.is_none() {
            let message = "this is no span of time";
            self.found.push(errors::expect_misfit(
                quantity.span,
                message,
                "write a number and a unit of time, such as `2 weeks`",
            ));
        }
        read
    }
}
