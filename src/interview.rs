//! An interview: which question matters most next, and how many it takes.
//!
//! In: guidelines and what is recorded so far. Out: the next question, or none when no answer can change the advice.
//! Must not know: terminals.

use crate::eval::settle::Inference;
use crate::eval::truth::Truths;
use crate::eval::{Ask, Options, Outcome, Patient, Rank, Value, evaluate};
use crate::model::{Entry, FactId, FactType, Library, Record, Recorded, Truth};
use crate::source::Span;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// The question that matters most: the most urgent consequence first, then the one that most rules wait for.
///
/// Facts in `skipped` were asked and nobody knew.
pub fn next<'a>(library: &Library, outcome: &'a Outcome, skipped: &BTreeSet<FactId>) -> Option<&'a Ask> {
    let mut open = outcome.ask.iter().filter(|a| !skipped.contains(&a.fact));
    // The list is sorted by urgency.
    let first = open.next()?;
    let urgency = |ask: &Ask| Rank::of(library, ask.most_urgent);
    let same = std::iter::once(first).chain(open.take_while(|a| urgency(a) == urgency(first)));
    same.reduce(|best, other| {
        if other.could_change.len() > best.could_change.len() {
            other
        } else {
            best
        }
    })
}

/// How many questions interviews took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Questions asked, one number for each patient, ascending.
    pub asked: Vec<usize>,
    /// How many questions asking everything would take: the facts that any rule looks at.
    pub everything: usize,
}

/// Interviews random patients who know every answer and are in the scope of some guideline.
///
/// The patients are drawn from the declarations, so that no assumption is broken; the same seed gives the same patients.
pub fn simulate(library: &Library, patients: usize, seed: u64, place: Span) -> Tally {
    let inference = Inference::new(library);
    let mut dice = Dice(seed);
    let used = used_facts(library);
    let mut tally = Tally {
        asked: Vec::new(),
        everything: used.len(),
    };
    for _ in 0..patients {
        // Somebody outside every scope is done after a question or two and says nothing about interviews.
        let mut full = random_patient(library, &inference, &used, &mut dice, place);
        for _ in 0..100 {
            let truths = Truths::new(library, &full);
            if library.guidelines.iter().any(|g| truths.of(&g.scope) == Truth::Yes) {
                break;
            }
            full = random_patient(library, &inference, &used, &mut dice, place);
        }
        tally.asked.push(interview(library, &inference, &full, place));
    }
    tally.asked.sort_unstable();
    tally
}

/// The facts that some guard looks at.
fn used_facts(library: &Library) -> Vec<FactId> {
    let guards = library.effects.iter().flat_map(|e| library.facts(&e.guard));
    guards.collect::<BTreeSet<_>>().into_iter().collect()
}

fn interview(library: &Library, inference: &Inference, full: &Patient, place: Span) -> usize {
    let mut record = Record {
        as_of: full.as_of.map(|date| (date, place)),
        ..Record::default()
    };
    let mut skipped = BTreeSet::new();
    let mut asked = 0;
    // Every round asks a fact that was not asked before, so the interview ends.
    while let Ok(patient) = inference.settle(library, &record) {
        let outcome = evaluate(library, &patient, &Options::default());
        let Some(ask) = next(library, &outcome, &skipped) else { break };
        asked += 1;
        skipped.insert(ask.fact);
        if let Some(recorded) = full.value(ask.fact).and_then(recorded) {
            record.entries.retain(|e| e.fact != ask.fact);
            record.entries.push(Entry {
                fact: ask.fact,
                recorded,
                span: place,
            });
        }
    }
    asked
}

fn recorded(value: &Value) -> Option<Recorded> {
    match value {
        Value::YesNo(yes) => Some(Recorded::YesNo(*yes)),
        Value::OneOf(value) => Some(Recorded::OneOf(*value)),
        Value::Set(members) => Some(Recorded::Set(members.iter().map(|m| *m == Some(true)).collect())),
        Value::Date(date) => Some(Recorded::Date(*date)),
        Value::Number { value, written } => Some(Recorded::Number {
            value: *value,
            written: written.clone(),
            step: Decimal::ONE,
        }),
    }
}

/// A patient of whom everything that rules look at is known, as far as the assumptions allow.
fn random_patient(library: &Library, inference: &Inference, used: &[FactId], dice: &mut Dice, place: Span) -> Patient {
    let mut record = Record::default();
    let mut patient = Patient::default();
    let mut order = used.to_vec();
    for index in (1..order.len()).rev() {
        order.swap(index, dice.below(index + 1));
    }
    for fact in order {
        if patient
            .value(fact)
            .is_some_and(|v| !matches!(v, Value::Set(members) if members.contains(&None)))
        {
            continue;
        }
        // A value may break an assumption; a few throws find one that does not, or the fact stays unknown.
        for _ in 0..8 {
            let Some(recorded) = random_value(library, fact, dice) else {
                break;
            };
            let mut trial = record.clone();
            trial.entries.push(Entry {
                fact,
                recorded,
                span: place,
            });
            if let Ok(settled) = inference.settle(library, &trial) {
                (record, patient) = (trial, settled);
                break;
            }
        }
    }
    patient
}

fn random_value(library: &Library, fact: FactId, dice: &mut Dice) -> Option<Recorded> {
    match &library[fact].ty {
        FactType::YesNo => Some(Recorded::YesNo(dice.below(10) < 3)),
        FactType::OneOf { values, .. } => Some(Recorded::OneOf(dice.below(values.len()))),
        FactType::AnyOf { members } => Some(Recorded::Set(members.iter().map(|_| dice.below(10) < 3).collect())),
        FactType::Date => None,
        FactType::Count | FactType::Quantity { .. } | FactType::TimeSince { .. } => {
            // On a threshold, or beside it: nothing else can be told apart by the rules.
            let thresholds: Vec<Decimal> = library
                .tests
                .iter()
                .filter_map(|(term, test)| match test {
                    crate::model::Test::Compare { than, .. } if *term == crate::model::Term::Fact(fact) => Some(*than),
                    _ => None,
                })
                .collect();
            let value = match thresholds.get(dice.below(thresholds.len().max(1))) {
                Some(than) => (*than + Decimal::from(dice.below(3)) - Decimal::ONE).max(Decimal::ZERO),
                None => Decimal::ZERO,
            };
            Some(Recorded::Number {
                value,
                written: value.to_string(),
                step: Decimal::ONE,
            })
        }
    }
}

/// Numbers that look random and are the same for the same seed: splitmix64, after Steele, Lea and Flood (2014).
struct Dice(u64);

impl Dice {
    /// A number below `end`; zero where there is none.
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        usize::try_from(z % u64::try_from(end.max(1)).unwrap_or(1)).unwrap_or(0)
    }
}
