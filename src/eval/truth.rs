//! The truth of conditions for one patient, and the facts it rests on.
//!
//! In: a library and a patient. Out: truths, supports and needs of conditions.
//! Must not know: rules.

use super::{Patient, Value};
use crate::model::{Algebra, AtomId, Condition, DefinitionId, FactId, Library, Term, Test, TestId, Truth, days_since_epoch};
use rust_decimal::Decimal;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

/// The truth of tests and of definitions, each found out once, when somebody asks.
#[derive(Debug)]
pub struct Truths<'a> {
    library: &'a Library,
    patient: &'a Patient,
    tests: Vec<Cell<Option<Truth>>>,
    definitions: Vec<Cell<Option<Truth>>>,
}

impl<'a> Truths<'a> {
    /// The truths for one patient.
    pub fn new(library: &'a Library, patient: &'a Patient) -> Self {
        Truths {
            library,
            patient,
            tests: vec![Cell::new(None); library.tests.len()],
            definitions: vec![Cell::new(None); library.definitions.len()],
        }
    }

    /// Whether the condition holds.
    pub fn of(&self, condition: &Condition) -> Truth {
        condition.fold(self)
    }

    /// The truth of a test.
    pub fn test(&self, test: TestId) -> Truth {
        once(self.tests.get(test.index()), || {
            let (Term::Fact(fact), test) = &self.library[test];
            test_truth(test, self.patient.value(*fact))
        })
    }

    /// The condition with the facts that it rests on: those that settle it, or those left where it is unknown.
    pub fn explain(&self, condition: &Condition) -> Explained {
        condition.fold(&Explain {
            truths: self,
            known: RefCell::default(),
        })
    }
}

/// What was found out before, or else is found out now and kept.
fn once(place: Option<&Cell<Option<Truth>>>, find_out: impl FnOnce() -> Truth) -> Truth {
    if let Some(known) = place.and_then(Cell::get) {
        return known;
    }
    let truth = find_out();
    if let Some(place) = place {
        place.set(Some(truth));
    }
    truth
}

/// Applies a test to what is known of its fact.
pub fn test_truth(test: &Test, value: Option<&Value>) -> Truth {
    let Some(value) = value else { return Truth::Unknown };
    match (test, value) {
        (Test::Yes, Value::YesNo(yes)) => Truth::known(*yes),
        (Test::In(values), Value::OneOf(value)) => Truth::known(values.contains(value)),
        (Test::Includes(member), Value::Set(members)) => {
            members.get(*member).copied().flatten().map_or(Truth::Unknown, Truth::known)
        }
        (Test::Nonempty, Value::Set(members)) => {
            if members.contains(&Some(true)) {
                Truth::Yes
            } else if members.iter().all(|m| *m == Some(false)) {
                Truth::No
            } else {
                Truth::Unknown
            }
        }
        (Test::Compare { comparison, than, .. }, value) => {
            number(value).map_or(Truth::Unknown, |value| Truth::known(comparison.holds(value, *than)))
        }
        _ => Truth::Unknown,
    }
}

/// A value as a number that can be compared: in the canonical unit, dates as days since 1970-01-01.
pub fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number { value, .. } => Some(*value),
        Value::Date(date) => Some(Decimal::from(days_since_epoch(*date))),
        _ => None,
    }
}

/// Counts truths; strong Kleene for `at least`, of which `all` and `any` are the ends.
fn at_least(count: u32, parts: &mut dyn Iterator<Item = Truth>) -> Truth {
    let (mut yes, mut unknown) = (0_u32, 0_u32);
    for part in parts {
        match part {
            Truth::Yes => yes += 1,
            Truth::Unknown => unknown += 1,
            Truth::No => {}
        }
        if yes >= count {
            return Truth::Yes;
        }
    }
    if yes >= count {
        Truth::Yes
    } else if yes.saturating_add(unknown) >= count {
        Truth::Unknown
    } else {
        Truth::No
    }
}

impl Algebra for Truths<'_> {
    type Output = Truth;

    fn all(&self, parts: &mut dyn Iterator<Item = Truth>) -> Truth {
        let mut all = Truth::Yes;
        for part in parts {
            all = all.min(part);
            if all == Truth::No {
                break;
            }
        }
        all
    }

    fn any(&self, parts: &mut dyn Iterator<Item = Truth>) -> Truth {
        let mut any = Truth::No;
        for part in parts {
            any = any.max(part);
            if any == Truth::Yes {
                break;
            }
        }
        any
    }

    fn at_least(&self, count: u32, parts: &mut dyn Iterator<Item = Truth>) -> Truth {
        at_least(count, parts)
    }

    fn not(&self, part: Truth) -> Truth {
        !part
    }

    fn atom(&self, atom: AtomId) -> Truth {
        self.test(self.library[atom].test)
    }

    fn defined(&self, definition: DefinitionId) -> Truth {
        once(self.definitions.get(definition.index()), || {
            self.of(&self.library[definition].condition)
        })
    }
}

/// A truth and the facts it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The truth.
    pub truth: Truth,
    /// The facts that settle it; where it is unknown, the facts left once what is known has been put in.
    pub facts: BTreeSet<FactId>,
}

struct Explain<'a> {
    truths: &'a Truths<'a>,
    /// Definitions that were met: one that stands in another twice is looked into once.
    known: RefCell<BTreeMap<DefinitionId, Explained>>,
}

impl Explain<'_> {
    /// Keeps the facts of those parts that decide, as the truth of the whole demands.
    fn gather(truth: Truth, parts: Vec<Explained>) -> Explained {
        let facts = parts.into_iter().filter(|p| p.truth == truth).flat_map(|p| p.facts).collect();
        Explained { truth, facts }
    }
}

impl Algebra for Explain<'_> {
    type Output = Explained;

    fn all(&self, parts: &mut dyn Iterator<Item = Explained>) -> Explained {
        let parts: Vec<Explained> = parts.collect();
        Explain::gather(parts.iter().map(|p| p.truth).min().unwrap_or(Truth::Yes), parts)
    }

    fn any(&self, parts: &mut dyn Iterator<Item = Explained>) -> Explained {
        let parts: Vec<Explained> = parts.collect();
        Explain::gather(parts.iter().map(|p| p.truth).max().unwrap_or(Truth::No), parts)
    }

    fn at_least(&self, count: u32, parts: &mut dyn Iterator<Item = Explained>) -> Explained {
        let parts: Vec<Explained> = parts.collect();
        Explain::gather(at_least(count, &mut parts.iter().map(|p| p.truth)), parts)
    }

    fn not(&self, part: Explained) -> Explained {
        Explained {
            truth: !part.truth,
            ..part
        }
    }

    fn atom(&self, atom: AtomId) -> Explained {
        let test = self.truths.library[atom].test;
        let (Term::Fact(fact), _) = &self.truths.library[test];
        Explained {
            truth: self.truths.test(test),
            facts: BTreeSet::from([*fact]),
        }
    }

    fn defined(&self, definition: DefinitionId) -> Explained {
        if let Some(known) = self.known.borrow().get(&definition) {
            return known.clone();
        }
        let explained = self.truths.library[definition].condition.fold(self);
        self.known.borrow_mut().insert(definition, explained.clone());
        explained
    }
}
