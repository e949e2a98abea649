//! Coverage: which rules and which tests the cases have seen true, false and unknown, of what is possible at all.
//!
//! In: cases that ran, and a verifier. Out: a [`Coverage`].
//! Must not know: how it is shown.

use super::Case;
use crate::eval::Patient;
use crate::eval::truth::Truths;
use crate::model::{AtomId, Condition, EffectId, GuidelineId, Leaf, Library, RuleId, SettlementDecision, Status, Truth};
use crate::verify::Verifier;
use crate::verify::values::Values;
use std::collections::{BTreeMap, BTreeSet};

/// What all cases together have seen.
#[derive(Debug, Clone)]
pub struct Coverage {
    /// The rules of guidelines that are not retired, in the order of the library.
    pub rules: Vec<Row<RuleId>>,
    /// Every test in a condition that decides something, in the order of the library; those of definitions once.
    pub tests: Vec<Row<AtomId>>,
}

/// What was seen of one rule or test.
#[derive(Debug, Clone)]
pub struct Row<T> {
    /// The rule, or the test.
    pub subject: T,
    /// In how many cases it had each value. Of a rule with several effects, that of the effect with the fewest counts.
    pub seen: Tally,
    /// The values that some patient can give it.
    pub possible: Vec<Truth>,
}

impl<T> Row<T> {
    /// The values that are possible and were never seen.
    pub fn missing(&self) -> impl Iterator<Item = Truth> {
        self.possible.iter().copied().filter(|truth| self.seen.of(*truth) == 0)
    }
}

/// In how many cases something was true, false and unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Tally {
    pub yes: usize,
    pub no: usize,
    pub unknown: usize,
}

impl Tally {
    /// The number of cases with this value.
    pub fn of(self, truth: Truth) -> usize {
        match truth {
            Truth::Yes => self.yes,
            Truth::No => self.no,
            Truth::Unknown => self.unknown,
        }
    }

    fn slot(&mut self, truth: Truth) -> &mut usize {
        match truth {
            Truth::Yes => &mut self.yes,
            Truth::No => &mut self.no,
            Truth::Unknown => &mut self.unknown,
        }
    }
}

/// The values in the order in which they are listed.
pub const VALUES: [Truth; 3] = [Truth::Yes, Truth::No, Truth::Unknown];

/// Counts what these cases see; those whose record is rejected see nothing.
pub fn coverage(verifier: &Verifier<'_>, cases: &[&Case]) -> Coverage {
    let (library, values) = (verifier.library, Values::new(verifier));
    let places = places(library);
    let mut tests: BTreeMap<AtomId, Tally> = places.keys().map(|atom| (*atom, Tally::default())).collect();
    let mut effects = vec![Tally::default(); library.effects.len()];
    for case in cases {
        let Some(patient) = values.patient(&case.record) else {
            continue;
        };
        see(library, case, &patient, &places, &mut tests, &mut effects);
    }
    let possible = |condition: &Condition| VALUES.into_iter().filter(|t| values.can_be(condition, *t)).collect();
    let tests = tests.into_iter().map(|(atom, seen)| Row {
        subject: atom,
        seen,
        possible: possible(&Condition::Atom(atom)),
    });
    let rules = verifier.rules().map(|rule| {
        let rows: Vec<Row<EffectId>> = library[rule]
            .effects
            .iter()
            .map(|effect| Row {
                subject: *effect,
                seen: effects.get(effect.index()).copied().unwrap_or_default(),
                possible: possible(&library[*effect].guard),
            })
            .collect();
        fewest(rule, &rows)
    });
    Coverage {
        rules: rules.collect(),
        tests: tests.collect(),
    }
}

/// A rule by its effects: of each value, what the effect that had it in the fewest cases has, of those that can have it.
fn fewest(rule: RuleId, effects: &[Row<EffectId>]) -> Row<RuleId> {
    let mut seen = Tally::default();
    let can_be = |truth: Truth| effects.iter().filter(move |row| row.possible.contains(&truth));
    for truth in VALUES {
        *seen.slot(truth) = can_be(truth).map(|row| row.seen.of(truth)).min().unwrap_or(0);
    }
    Row {
        subject: rule,
        seen,
        possible: VALUES.into_iter().filter(|t| can_be(*t).next().is_some()).collect(),
    }
}

fn see(
    library: &Library,
    case: &Case,
    patient: &Patient,
    places: &BTreeMap<AtomId, BTreeSet<GuidelineId>>,
    tests: &mut BTreeMap<AtomId, Tally>,
    effects: &mut [Tally],
) {
    let truths = Truths::new(library, patient);
    let runs = |guideline: &GuidelineId| case.guidelines.contains(guideline);
    for (atom, tally) in tests {
        if places.get(atom).is_some_and(|needed| needed.iter().all(runs)) {
            *tally.slot(truths.test(library[*atom].test)) += 1;
        }
    }
    for (effect, tally) in library.effects.iter().zip(effects) {
        if runs(&library[effect.rule].guideline) {
            *tally.slot(truths.of(&effect.guard)) += 1;
        }
    }
}

/// Every test in a condition that decides something, with the guidelines that must run for it to do so.
///
/// Assumptions and claims of completeness decide nothing: they say what patients there are, and what an author promises.
fn places(library: &Library) -> BTreeMap<AtomId, BTreeSet<GuidelineId>> {
    let mut places = BTreeMap::new();
    let mut put = |condition: &Condition, guidelines: BTreeSet<GuidelineId>| {
        let is_live = guidelines.iter().all(|g| library[*g].status != Status::Retired);
        // Those of definitions have their place there.
        let leaves = condition.leaves().into_iter().filter(|_| is_live);
        for atom in leaves.filter_map(Leaf::atom) {
            places.entry(atom).or_insert_with(|| guidelines.clone());
        }
    };
    for (index, guideline) in library.guidelines.iter().enumerate() {
        put(&guideline.scope, BTreeSet::from([GuidelineId::from_index(index)]));
    }
    for section in &library.sections {
        for condition in std::iter::once(&section.when).chain(&section.applies) {
            put(condition, BTreeSet::from([section.guideline]));
        }
    }
    for definition in &library.definitions {
        put(&definition.condition, definition.guideline.into_iter().collect());
    }
    for effect in &library.effects {
        put(&effect.guard, BTreeSet::from([library[effect.rule].guideline]));
    }
    for note in &library.notes {
        put(&note.guard, note.guideline.into_iter().collect());
    }
    for settlement in &library.settlements {
        if let SettlementDecision::Prefer { when, .. } = &settlement.decision {
            put(when, settlement.rules.iter().map(|r| library[*r].guideline).collect());
        }
    }
    places
}
