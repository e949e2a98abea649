//! Hulls: what a condition demands of each fact by itself.
//!
//! In: conditions. Out: whether two of them exclude each other on the face of one fact.
//! Must not know: more than single facts; a solver decides the rest. A yes is certain, a no is not.

use super::{Algebra, AssumptionKind, AtomId, Comparison, Condition, DefinitionId, FactId, Library, Term, Test, Truth};
use rust_decimal::Decimal;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Whether no patient can meet all of `left` and all of `right`, as single facts or definitions show.
pub fn exclude(library: &Library, left: &[&Condition], right: &[&Condition]) -> bool {
    let mut demands = Demands {
        library,
        possible: true,
        facts: BTreeMap::new(),
        definitions: BTreeMap::new(),
        settled: RefCell::default(),
    };
    let all = || left.iter().chain(right);
    all().for_each(|condition| demands.add(condition, true));
    for assumption in &library.assumptions {
        demands.order(&assumption.kind);
    }
    // What the single facts settle may in turn settle a part that is no single fact, such as an exception.
    let contradicted =
        |(definition, holds): (&DefinitionId, &bool)| library[*definition].condition.fold(&demands) == Truth::known(!holds);
    !demands.possible
        || all().any(|condition| condition.fold(&demands) == Truth::No)
        || demands.definitions.iter().any(contradicted)
}

/// The truth that the demands alone give a condition.
impl Algebra for Demands<'_> {
    type Output = Truth;

    fn all(&self, parts: &mut dyn Iterator<Item = Truth>) -> Truth {
        parts.min().unwrap_or(Truth::Yes)
    }

    fn any(&self, parts: &mut dyn Iterator<Item = Truth>) -> Truth {
        parts.max().unwrap_or(Truth::No)
    }

    fn at_least(&self, count: u32, parts: &mut dyn Iterator<Item = Truth>) -> Truth {
        let parts: Vec<Truth> = parts.collect();
        let (yes, no) = (
            parts.iter().filter(|p| **p == Truth::Yes).count(),
            parts.iter().filter(|p| **p == Truth::No).count(),
        );
        let count = count as usize;
        if yes >= count {
            Truth::Yes
        } else if parts.len() - no < count {
            Truth::No
        } else {
            Truth::Unknown
        }
    }

    fn not(&self, part: Truth) -> Truth {
        !part
    }

    fn atom(&self, atom: AtomId) -> Truth {
        let (Term::Fact(fact), test) = &self.library[self.library[atom].test];
        self.facts.get(fact).map_or(Truth::Unknown, |hull| hull.settles(test))
    }

    fn defined(&self, definition: DefinitionId) -> Truth {
        match self.definitions.get(&definition) {
            Some(holds) => Truth::known(*holds),
            None => {
                if let Some(known) = self.settled.borrow().get(&definition) {
                    return *known;
                }
                let truth = self.library[definition].condition.fold(self);
                self.settled.borrow_mut().insert(definition, truth);
                truth
            }
        }
    }
}

struct Demands<'a> {
    library: &'a Library,
    possible: bool,
    facts: BTreeMap<FactId, Hull>,
    definitions: BTreeMap<DefinitionId, bool>,
    /// What the demands give definitions that none of them names.
    settled: RefCell<BTreeMap<DefinitionId, Truth>>,
}

#[derive(Default)]
struct Hull {
    yes: Option<bool>,
    allowed: Option<BTreeSet<usize>>,
    members: BTreeMap<usize, bool>,
    /// The bound, and whether it is itself excluded.
    low: Option<(Decimal, bool)>,
    high: Option<(Decimal, bool)>,
}

impl Demands<'_> {
    /// A fact that cannot exceed another is bounded by it, and bounds it.
    fn order(&mut self, assumption: &AssumptionKind) {
        let AssumptionKind::Order { lesser, greater } = assumption else {
            return;
        };
        let low = self.facts.get(lesser).and_then(|hull| hull.low);
        let high = self.facts.get(greater).and_then(|hull| hull.high);
        for (fact, bound, comparisons) in [
            (*greater, low, [Comparison::AtLeast, Comparison::Over]),
            (*lesser, high, [Comparison::AtMost, Comparison::Under]),
        ] {
            let Some((than, strict)) = bound else { continue };
            let [included, excluded] = comparisons;
            let comparison = if strict { excluded } else { included };
            self.possible &= self.facts.entry(fact).or_default().bound(comparison, than, true);
        }
    }

    /// Adds what must hold for `condition` to be definite: true if `positive`, else false.
    fn add(&mut self, condition: &Condition, positive: bool) {
        match condition {
            Condition::All(parts) if positive => parts.iter().for_each(|p| self.add(p, true)),
            Condition::Any(parts) if !positive => parts.iter().for_each(|p| self.add(p, false)),
            Condition::All(parts) | Condition::Any(parts) => match parts.as_slice() {
                [] => self.possible = false,
                [only] => self.add(only, positive),
                _ => {}
            },
            Condition::AtLeast(..) => {}
            Condition::Not(part) => self.add(part, !positive),
            Condition::Atom(atom) => self.add_atom(*atom, positive),
            Condition::Defined(definition) => match self.definitions.insert(*definition, positive) {
                Some(before) => self.possible &= before == positive,
                None => {
                    let library = self.library;
                    self.add(&library[*definition].condition, positive);
                }
            },
        }
    }

    fn add_atom(&mut self, atom: AtomId, positive: bool) {
        let (Term::Fact(fact), test) = &self.library[self.library[atom].test];
        let hull = self.facts.entry(*fact).or_default();
        let possible = match test {
            Test::Yes => *hull.yes.get_or_insert(positive) == positive,
            Test::In(values) => hull.restrict(self.library, *fact, values, positive),
            Test::Includes(member) => *hull.members.entry(*member).or_insert(positive) == positive,
            Test::Nonempty => true,
            Test::Compare { comparison, than, .. } => hull.bound(*comparison, *than, positive),
        };
        self.possible &= possible;
    }
}

impl Hull {
    /// Whether every value that is left gives the test the same answer, and which.
    fn settles(&self, test: &Test) -> Truth {
        match test {
            Test::Yes => self.yes.map_or(Truth::Unknown, Truth::known),
            Test::In(values) => match &self.allowed {
                Some(allowed) if allowed.iter().all(|v| values.contains(v)) => Truth::Yes,
                Some(allowed) if !allowed.iter().any(|v| values.contains(v)) => Truth::No,
                _ => Truth::Unknown,
            },
            Test::Includes(member) => self.members.get(member).map_or(Truth::Unknown, |m| Truth::known(*m)),
            Test::Nonempty => Truth::Unknown,
            Test::Compare { comparison, than, .. } => self.settles_comparison(*comparison, *than),
        }
    }

    fn settles_comparison(&self, comparison: Comparison, than: Decimal) -> Truth {
        // Every value left is above (or on) the low end, and below (or on) the high end.
        let above = self.low.is_some_and(|(low, strict)| low > than || (low == than && strict));
        let from = self.low.is_some_and(|(low, _)| low >= than);
        let below = self
            .high
            .is_some_and(|(high, strict)| high < than || (high == than && strict));
        let to = self.high.is_some_and(|(high, _)| high <= than);
        let (yes, no) = match comparison {
            Comparison::AtLeast => (from, below),
            Comparison::Over => (above, to),
            Comparison::AtMost => (to, above),
            Comparison::Under => (below, from),
            Comparison::Equal => (from && to, above || below),
        };
        match (yes, no) {
            (true, _) => Truth::Yes,
            (_, true) => Truth::No,
            _ => Truth::Unknown,
        }
    }

    fn restrict(&mut self, library: &Library, fact: FactId, values: &[usize], positive: bool) -> bool {
        let all = match &library[fact].ty {
            super::FactType::OneOf { values, .. } => values.len(),
            _ => return true,
        };
        let allowed = self.allowed.get_or_insert_with(|| (0..all).collect());
        allowed.retain(|v| values.contains(v) == positive);
        !allowed.is_empty()
    }

    fn bound(&mut self, comparison: Comparison, than: Decimal, positive: bool) -> bool {
        let raise = |low: &mut Option<(Decimal, bool)>, strict: bool| *low = (*low).max(Some((than, strict)));
        let lower = |high: &mut Option<(Decimal, bool)>, strict: bool| match *high {
            Some((bound, was_strict)) if (bound, !was_strict) <= (than, !strict) => {}
            _ => *high = Some((than, strict)),
        };
        match (comparison, positive) {
            (Comparison::AtLeast, true) | (Comparison::Under, false) => raise(&mut self.low, false),
            (Comparison::Over, true) | (Comparison::AtMost, false) => raise(&mut self.low, true),
            (Comparison::AtMost, true) | (Comparison::Over, false) => lower(&mut self.high, false),
            (Comparison::Under, true) | (Comparison::AtLeast, false) => lower(&mut self.high, true),
            (Comparison::Equal, true) => {
                raise(&mut self.low, false);
                lower(&mut self.high, false);
            }
            (Comparison::Equal, false) => {}
        }
        match (self.low, self.high) {
            (Some((low, low_strict)), Some((high, high_strict))) => low < high || (low == high && !low_strict && !high_strict),
            _ => true,
        }
    }
}
