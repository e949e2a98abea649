//! Patients as finitely many regions, and conditions as formulas over them.
//!
//! In: a library. Out: for each fact or member of a set the regions that its tests can tell apart; conditions in negation
//! normal form over (variable, regions).
//! Must not know: rules.

use crate::model::clauses::{Literal, Variable};
use crate::model::implied;
use crate::model::regions::{Grid, date_of, sample};
pub use crate::model::regions::{Mask, REGIONS, Region};
use crate::model::{AtomId, Condition, DefinitionId, FactId, FactType, Library, Recorded, Term, Test, TestId};
use rust_decimal::Decimal;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The most parts of a formula.
pub const PARTS: usize = 20_000;

/// A condition in negation normal form. A part holds only where it is *known* to hold, so the same formula serves both for
/// patients of whom everything is known and, in strong Kleene logic, for those of whom little is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Formula {
    /// Each of the parts.
    All(Vec<Rc<Formula>>),
    /// One of the parts.
    Any(Vec<Rc<Formula>>),
    /// So many of the parts.
    AtLeast(usize, Vec<Rc<Formula>>),
    /// The variable is known and lies in one of these regions.
    In(usize, Mask),
}

impl Formula {
    /// What always holds.
    pub fn yes() -> Rc<Formula> {
        Rc::new(Formula::All(Vec::new()))
    }

    /// What never holds.
    pub fn no() -> Rc<Formula> {
        Rc::new(Formula::Any(Vec::new()))
    }

    /// Whether this is [`Formula::yes`].
    pub fn is_yes(&self) -> bool {
        matches!(self, Formula::All(parts) if parts.is_empty())
    }

    /// Whether this is [`Formula::no`].
    pub fn is_no(&self) -> bool {
        matches!(self, Formula::Any(parts) if parts.is_empty())
    }

    /// Each of the parts, flattened.
    pub fn all(parts: impl IntoIterator<Item = Rc<Formula>>) -> Rc<Formula> {
        let mut kept: Vec<Rc<Formula>> = Vec::new();
        for part in parts {
            match &*part {
                Formula::All(inner) => kept.extend(inner.iter().cloned()),
                Formula::Any(inner) if inner.is_empty() => return Formula::no(),
                _ => kept.push(part),
            }
        }
        match kept.as_slice() {
            [only] => only.clone(),
            _ => Rc::new(Formula::All(kept)),
        }
    }

    /// One of the parts, flattened.
    pub fn any(parts: impl IntoIterator<Item = Rc<Formula>>) -> Rc<Formula> {
        let mut kept: Vec<Rc<Formula>> = Vec::new();
        for part in parts {
            match &*part {
                Formula::Any(inner) => kept.extend(inner.iter().cloned()),
                Formula::All(inner) if inner.is_empty() => return Formula::yes(),
                _ => kept.push(part),
            }
        }
        match kept.as_slice() {
            [only] => only.clone(),
            _ => Rc::new(Formula::Any(kept)),
        }
    }

    /// Whether the formula, written out, has more parts than can be looked at; definitions that name each other twice double.
    pub fn is_too_large(&self) -> bool {
        let mut left = PARTS;
        let mut waiting = vec![self];
        while let Some(next) = waiting.pop() {
            if left == 0 {
                return true;
            }
            left -= 1;
            if let Formula::All(parts) | Formula::Any(parts) | Formula::AtLeast(_, parts) = next {
                waiting.extend(parts.iter().map(|part| &**part));
            }
        }
        false
    }

    /// The regions without which the formula cannot hold, one part after the other.
    pub fn demands(&self) -> impl Iterator<Item = (usize, Mask)> {
        let parts: &[Rc<Formula>] = match self {
            Formula::All(parts) => parts,
            _ => &[],
        };
        let parts = parts.iter().map(|part| &**part).chain([self]);
        parts.filter_map(|part| match part {
            Formula::In(variable, mask) => Some((*variable, *mask)),
            _ => None,
        })
    }

    /// The regions without which the formula cannot hold, by variable; none are left where two of its parts exclude each other.
    pub fn required(&self) -> BTreeMap<usize, Mask> {
        let mut required = BTreeMap::new();
        for (variable, mask) in self.demands() {
            *required.entry(variable).or_insert(Mask::MAX) &= mask;
        }
        required
    }

    /// The variables spoken of.
    pub fn variables(&self, into: &mut BTreeSet<usize>) {
        match self {
            Formula::All(parts) | Formula::Any(parts) | Formula::AtLeast(_, parts) => {
                parts.iter().for_each(|part| part.variables(into));
            }
            Formula::In(variable, _) => {
                into.insert(*variable);
            }
        }
    }
}

/// A fact, or one member of a set.
#[derive(Debug, Clone)]
pub struct Slot {
    /// The fact.
    pub fact: FactId,
    /// The member, for a set.
    pub member: Option<usize>,
    /// The regions that some patient can be in.
    pub all: Mask,
    /// For each region of a number a value in it.
    values: Vec<Option<(Decimal, String)>>,
    /// The regions of a number, in order.
    regions: Vec<Region>,
    /// The possible regions, the most telling first.
    preferred: Vec<usize>,
}

/// A clause of an assumption: one of the literals holds for every patient.
#[derive(Debug, Clone)]
pub struct Clause {
    /// Regions by variable, each variable once.
    pub literals: Vec<(usize, Mask)>,
}

/// All variables of a library, and what assumptions say of them.
#[derive(Debug)]
pub struct Space<'a> {
    library: &'a Library,
    /// The variables.
    pub slots: Vec<Slot>,
    by_fact: BTreeMap<FactId, usize>,
    /// Assumptions as clauses, without those that always hold.
    pub clauses: Vec<Clause>,
    /// For each variable the clauses that speak of it.
    pub clauses_of: Vec<Vec<usize>>,
    /// `FACT at most FACT`: the lesser, the greater; their regions lie on one grid.
    pub orders: Vec<(usize, usize)>,
    /// Whether an assumption speaks of a variable.
    constrained: Vec<bool>,
    /// Facts with more regions than are told apart: what tests them is not decided.
    pub undecidable: BTreeSet<FactId>,
    tests: Vec<Rc<Formula>>,
    negated_tests: Vec<Rc<Formula>>,
    definitions: RefCell<BTreeMap<(DefinitionId, bool), Rc<Formula>>>,
}

impl<'a> Space<'a> {
    /// Cuts every fact of the library into regions.
    pub fn new(library: &'a Library) -> Self {
        let mut space = Space {
            library,
            slots: Vec::new(),
            by_fact: BTreeMap::new(),
            clauses: Vec::new(),
            clauses_of: Vec::new(),
            orders: Vec::new(),
            constrained: Vec::new(),
            undecidable: BTreeSet::new(),
            tests: Vec::new(),
            negated_tests: Vec::new(),
            definitions: RefCell::default(),
        };
        let grid = Grid::new(library);
        for index in 0..library.facts.len() {
            space.cut(FactId::from_index(index), &grid);
        }
        for index in 0..library.tests.len() {
            let id = TestId::from_index(index);
            space.tests.push(space.test(id, true, &grid));
            space.negated_tests.push(space.test(id, false, &grid));
        }
        for (lesser, greater) in library.assumptions.iter().filter_map(|a| a.kind.order()) {
            if let (Some(low), Some(high)) = (space.by_fact.get(&lesser), space.by_fact.get(&greater)) {
                space.orders.push((*low, *high));
            }
        }
        // An assumption that is too large is an error of its own, and nothing is verified.
        let clauses = implied::clauses(library).unwrap_or_default();
        space.clauses = clauses.iter().filter_map(|c| space.clause(&c.literals)).collect();
        space.clauses_of = vec![Vec::new(); space.slots.len()];
        for (index, clause) in space.clauses.iter().enumerate() {
            for (variable, _) in &clause.literals {
                if let Some(of) = space.clauses_of.get_mut(*variable) {
                    of.push(index);
                }
            }
        }
        let ordered: BTreeSet<usize> = space
            .orders
            .iter()
            .flat_map(|(lesser, greater)| [*lesser, *greater])
            .collect();
        let of_variable = space.clauses_of.iter().enumerate();
        space.constrained = of_variable
            .map(|(variable, clauses)| !clauses.is_empty() || ordered.contains(&variable))
            .collect();
        space
    }

    fn cut(&mut self, fact: FactId, grid: &Grid) {
        let library = self.library;
        let full = |count: usize| if count >= REGIONS { Mask::MAX } else { (1 << count) - 1 };
        let slot = |member, count: usize| Slot {
            fact,
            member,
            all: full(count),
            values: Vec::new(),
            regions: Vec::new(),
            preferred: match &library[fact].ty {
                FactType::OneOf { .. } => (0..count.min(REGIONS)).collect(),
                _ => (0..count.min(REGIONS)).rev().collect(),
            },
        };
        self.by_fact.insert(fact, self.slots.len());
        match &library[fact].ty {
            FactType::YesNo => self.slots.push(slot(None, 2)),
            FactType::OneOf { values, .. } => {
                if values.len() > REGIONS {
                    self.undecidable.insert(fact);
                }
                self.slots.push(slot(None, values.len()));
            }
            FactType::AnyOf { members } => self.slots.extend((0..members.len()).map(|m| slot(Some(m), 2))),
            ty => {
                if grid.is_too_fine(fact) {
                    self.undecidable.insert(fact);
                }
                let range = library[fact].range;
                let values: Vec<Option<(Decimal, String)>> = grid
                    .regions(fact)
                    .into_iter()
                    .take(REGIONS)
                    .map(|region| sample(ty, range, region))
                    .collect();
                let possible = values.iter().enumerate().filter(|(_, v)| v.is_some());
                // A whole number of the unit is easier to read than what lies on the lowest region by chance.
                let mut preferred: Vec<usize> = possible.clone().map(|(region, _)| region).collect();
                preferred.sort_by_key(|r| values.get(*r).and_then(Option::as_ref).map_or(usize::MAX, |v| v.1.len()));
                self.slots.push(Slot {
                    fact,
                    member: None,
                    all: possible.fold(0, |mask, (region, _)| mask | 1 << region),
                    values,
                    regions: grid.regions(fact),
                    preferred,
                });
            }
        }
    }

    fn test(&self, id: TestId, positive: bool, grid: &Grid) -> Rc<Formula> {
        let (Term::Fact(fact), test) = &self.library[id];
        let Some(first) = self.by_fact.get(fact).copied() else {
            return Formula::no();
        };
        let all = |variable: usize| self.slots.get(variable).map_or(0, |s: &Slot| s.all);
        let literal = |variable: usize, mask: Mask| {
            let mask = all(variable) & if positive { mask } else { !mask };
            if mask == 0 {
                Formula::no()
            } else {
                Rc::new(Formula::In(variable, mask))
            }
        };
        match test {
            Test::Yes => literal(first, 0b10),
            Test::In(values) => literal(
                first,
                values.iter().filter(|v| **v < REGIONS).fold(0, |mask, v| mask | 1 << v),
            ),
            Test::Includes(member) => literal(first + member, 0b10),
            Test::Nonempty => {
                let FactType::AnyOf { members } = &self.library[*fact].ty else {
                    return Formula::no();
                };
                let parts = (0..members.len()).map(|m| literal(first + m, 0b10));
                if positive { Formula::any(parts) } else { Formula::all(parts) }
            }
            Test::Compare { comparison, than, .. } => literal(first, grid.regions_where(*fact, *comparison, *than)),
        }
    }

    /// The literals as regions; nothing if one of them always holds.
    fn clause(&self, literals: &[Literal]) -> Option<Clause> {
        let mut merged: BTreeMap<usize, Mask> = BTreeMap::new();
        for literal in literals {
            let (variable, mask) = match literal {
                Literal::Among(variable, allowed) => {
                    let first = self.by_fact.get(&variable.fact()).copied()?;
                    let slot = match variable {
                        Variable::Fact(_) => first,
                        Variable::Member(_, member) => first + member,
                    };
                    let allowed = allowed.iter().enumerate().filter(|(v, a)| **a && *v < REGIONS);
                    (slot, allowed.fold(0, |mask, (v, _)| mask | 1 << v))
                }
                Literal::Test(test, positive) => {
                    let list = if *positive { &self.tests } else { &self.negated_tests };
                    match list.get(test.index()).map(|f| &**f) {
                        Some(Formula::In(variable, mask)) => (*variable, *mask),
                        _ => continue,
                    }
                }
            };
            *merged.entry(variable).or_default() |= mask;
        }
        let always = |(variable, mask): (&usize, &Mask)| self.slots.get(*variable).is_some_and(|s| s.all & !mask == 0);
        if merged.iter().any(always) {
            return None;
        }
        Some(Clause {
            literals: merged.into_iter().filter(|(_, mask)| *mask != 0).collect(),
        })
    }

    /// The condition, or its opposite, in normal form. It needs both polarities and so is a walk of its own.
    pub fn formula(&self, condition: &Condition, positive: bool) -> Rc<Formula> {
        match condition {
            Condition::All(parts) | Condition::Any(parts) => {
                let parts = parts.iter().map(|p| self.formula(p, positive));
                if matches!(condition, Condition::All(_)) == positive {
                    Formula::all(parts)
                } else {
                    Formula::any(parts)
                }
            }
            Condition::AtLeast(count, parts) => {
                let count = *count as usize;
                let needed = if positive {
                    count
                } else {
                    (parts.len() + 1).saturating_sub(count)
                };
                at_least(needed, parts.iter().map(|p| self.formula(p, positive)).collect())
            }
            Condition::Not(part) => self.formula(part, !positive),
            Condition::Atom(atom) => self.atom(*atom, positive),
            Condition::Defined(definition) => {
                let key = (*definition, positive);
                if let Some(known) = self.definitions.borrow().get(&key) {
                    return known.clone();
                }
                let formula = self.formula(&self.library[*definition].condition, positive);
                self.definitions.borrow_mut().insert(key, formula.clone());
                formula
            }
        }
    }

    /// Makes a test hold, or not hold, in the regions given for each variable alone; elsewhere it is not known.
    pub fn confine(&mut self, test: TestId, own: &BTreeMap<usize, Mask>) {
        let confined = |formula: &Rc<Formula>| {
            let literal = |part: &Rc<Formula>| match &**part {
                Formula::In(variable, mask) => match own.get(variable).map_or(*mask, |own| mask & own) {
                    0 => None,
                    mask => Some(Rc::new(Formula::In(*variable, mask))),
                },
                _ => Some(part.clone()),
            };
            match &**formula {
                // That a set has no member says nothing of members that cannot be recorded.
                Formula::All(parts) => Formula::all(parts.iter().filter_map(literal)),
                Formula::Any(parts) => Formula::any(parts.iter().filter_map(literal)),
                _ => literal(formula).unwrap_or_else(Formula::no),
            }
        };
        for list in [&mut self.tests, &mut self.negated_tests] {
            if let Some(slot) = list.get_mut(test.index()) {
                *slot = confined(slot);
            }
        }
        self.definitions.borrow_mut().clear();
    }

    fn atom(&self, atom: AtomId, positive: bool) -> Rc<Formula> {
        let list = if positive { &self.tests } else { &self.negated_tests };
        list.get(self.library[atom].test.index()).cloned().unwrap_or_else(Formula::no)
    }

    /// The opposite of a formula, for patients of whom everything is known.
    pub fn opposite(&self, formula: &Formula) -> Rc<Formula> {
        match formula {
            Formula::All(parts) => Formula::any(parts.iter().map(|p| self.opposite(p))),
            Formula::Any(parts) => Formula::all(parts.iter().map(|p| self.opposite(p))),
            Formula::AtLeast(count, parts) => at_least(
                (parts.len() + 1).saturating_sub(*count),
                parts.iter().map(|p| self.opposite(p)).collect(),
            ),
            Formula::In(variable, mask) => match self.slots.get(*variable).map_or(0, |s| s.all) & !mask {
                0 => Formula::no(),
                rest => Rc::new(Formula::In(*variable, rest)),
            },
        }
    }

    /// Whether an assumption speaks of a variable.
    pub fn is_constrained(&self, variable: usize) -> bool {
        self.constrained.get(variable).is_some_and(|is| *is)
    }

    /// Whether a variable may be inferred: quantities and dates never are.
    pub fn is_inferable(&self, variable: usize) -> bool {
        self.slots.get(variable).is_some_and(|s| s.values.is_empty())
    }

    /// The variables of a fact: one, or one for each member of a set.
    pub fn variables_of(&self, fact: FactId) -> impl Iterator<Item = usize> {
        let first = self.by_fact.get(&fact).copied().unwrap_or(usize::MAX);
        (first..self.slots.len()).take_while(move |v| self.fact(*v) == Some(fact))
    }

    /// All regions of a variable.
    pub fn all(&self, variable: usize) -> Mask {
        self.slots.get(variable).map_or(0, |s| s.all)
    }

    /// The clauses that speak of a variable.
    pub fn clauses_about(&self, variable: usize) -> impl Iterator<Item = &Clause> {
        let indices = self.clauses_of.get(variable).into_iter().flatten();
        indices.filter_map(|index| self.clauses.get(*index))
    }

    /// The number at a region that is a single one.
    pub fn point(&self, variable: usize, region: u32) -> Option<Decimal> {
        let regions = &self.slots.get(variable)?.regions;
        match regions.get(usize::try_from(region).ok()?)? {
            Region::Point(point) => Some(*point),
            Region::Gap(..) => None,
        }
    }

    /// The fact of a variable.
    pub fn fact(&self, variable: usize) -> Option<FactId> {
        self.slots.get(variable).map(|s| s.fact)
    }

    /// The regions of the mask one by one, the most telling first: yes before no, the number that is easiest to read, and
    /// the lowest otherwise.
    pub fn by_preference(&self, variable: usize, mask: Mask) -> impl Iterator<Item = Mask> {
        let preferred = self.slots.get(variable).map_or(&[][..], |slot| &slot.preferred);
        preferred
            .iter()
            .map(|region| 1 << region)
            .filter(move |region| mask & region != 0)
    }

    /// What a record says of a variable in this region.
    pub fn recorded(&self, variable: usize, region: Mask) -> Option<Recorded> {
        let slot = self.slots.get(variable)?;
        if region & slot.all == 0 {
            return None;
        }
        let region = region.trailing_zeros() as usize;
        match (slot.member, &self.library[slot.fact].ty) {
            (Some(member), _) => Some(Recorded::Member(member, Some(region == 1))),
            (None, FactType::YesNo) => Some(Recorded::YesNo(region == 1)),
            (None, FactType::OneOf { .. }) => Some(Recorded::OneOf(region)),
            (None, ty) => {
                let (value, written) = slot.values.get(region)?.clone()?;
                match ty {
                    FactType::Date => Some(Recorded::Date(date_of(value)?)),
                    _ => Some(Recorded::Number {
                        value,
                        written,
                        step: Decimal::ONE,
                    }),
                }
            }
        }
    }

    /// The variable of a fact that is no set.
    pub fn variable(&self, fact: FactId) -> Option<usize> {
        self.by_fact.get(&fact).copied()
    }

    /// The regions of a number, in order.
    pub fn regions(&self, variable: usize) -> &[Region] {
        self.slots.get(variable).map_or(&[], |slot| &slot.regions)
    }

    /// The regions of a number that `is` holds for.
    pub fn regions_with(&self, variable: usize, is: impl Fn(Region) -> bool) -> Mask {
        let Some(slot) = self.slots.get(variable) else { return 0 };
        let chosen = slot
            .regions
            .iter()
            .take(REGIONS)
            .enumerate()
            .filter(|(_, region)| is(**region));
        slot.all & chosen.fold(0, |mask, (index, _)| mask | 1 << index)
    }
}

/// So many of the parts, simplified.
fn at_least(needed: usize, parts: Vec<Rc<Formula>>) -> Rc<Formula> {
    match needed {
        0 => Formula::yes(),
        1 => Formula::any(parts),
        _ if needed == parts.len() => Formula::all(parts),
        _ if needed > parts.len() => Formula::no(),
        _ => Rc::new(Formula::AtLeast(needed, parts)),
    }
}
