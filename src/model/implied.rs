//! What assumptions imply together, whatever a number turns out to be.
//!
//! In: a library. Out: the clauses of its assumptions, and those that follow from them where a number is not known.
//! Must not know: patients.
//!
//! A number is never inferred, so unit propagation does not see that each of its values breaks one assumption or another: with `age under
//! 18 implies child` and `age at least 18 implies adult`, nobody is neither. Resolution on the regions of the number finds the clause `child
//! or adult`. Numbers are resolved on one after the other, each with all that was found before, and so for every set of numbers of which
//! nothing is known (Davis and Putnam, A computing procedure for quantification theory, 1960).

use super::clauses::{self, Allowed, Clause, Literal, Variable, allow};
use super::regions::{Grid, Mask, sample};
use super::{AssumptionId, FactId, Library, Term, Test, TestId};
use crate::limits;
use std::collections::{BTreeMap, BTreeSet};

/// More than [`limits::ASSUMPTION_CLAUSES`] clauses are needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TooLarge {
    /// By each of these assumptions alone.
    Each(Vec<AssumptionId>),
    /// By this one and others together, for what they say of a number.
    Together(AssumptionId, FactId),
}

/// All clauses that hold for every patient: those of the assumptions in their order, then those that these imply together.
///
/// # Errors
///
/// [`TooLarge`] where an assumption is too large to be decided.
pub fn clauses(library: &Library) -> Result<Vec<Clause>, TooLarge> {
    let (mut all, mut large) = (Vec::new(), Vec::new());
    for (index, assumption) in library.assumptions.iter().enumerate() {
        let id = AssumptionId::from_index(index);
        match clauses::clauses(library, id, assumption) {
            Ok(clauses) => all.extend(clauses),
            Err(clauses::TooManyClauses) => large.push(id),
        }
    }
    if !large.is_empty() {
        return Err(TooLarge::Each(large));
    }
    let is_of_numbers = |clause: &Clause| clause.literals.iter().any(|literal| matches!(literal, Literal::Test(..)));
    if !all.iter().any(is_of_numbers) && !library.assumptions.iter().any(|a| a.kind.order().is_some()) {
        return Ok(all);
    }
    let mut resolution = Resolution::new(library);
    let mut known: Vec<Wide> = all.iter().filter_map(|clause| resolution.wide(clause)).collect();
    known.extend(resolution.orders());
    for number in known
        .iter()
        .flat_map(|wide| wide.numbers.keys().copied())
        .collect::<BTreeSet<_>>()
    {
        let found = without(&known, number)?;
        known.extend(found);
    }
    all.extend(
        known
            .iter()
            .filter(|wide| wide.is_derived)
            .filter_map(|wide| resolution.clause(wide)),
    );
    Ok(all)
}

/// A clause with the regions of numbers in place of tests; each part leaves something out, and something in.
#[derive(Debug, Clone)]
struct Wide {
    assumptions: BTreeSet<AssumptionId>,
    among: Allowed,
    numbers: BTreeMap<FactId, Mask>,
    /// Whether this is no clause of an assumption.
    is_derived: bool,
}

impl Wide {
    /// Whether whatever breaks the other clause breaks this one.
    fn covers(&self, other: &Wide) -> bool {
        let values = |(variable, own): (&Variable, &Vec<bool>)| {
            let of_other = other.among.get(variable);
            of_other.is_some_and(|of_other| own.iter().zip(of_other).all(|(own, of_other)| *of_other || !own))
        };
        let regions = |(fact, own): (&FactId, &Mask)| other.numbers.get(fact).is_some_and(|of_other| own & !of_other == 0);
        self.among.iter().all(values) && self.numbers.iter().all(regions)
    }
}

/// What follows from the clauses that speak of the number for patients of whom it is not known.
fn without(known: &[Wide], number: FactId) -> Result<Vec<Wide>, TooLarge> {
    let about: Vec<&Wide> = known.iter().filter(|wide| wide.numbers.contains_key(&number)).collect();
    let mut open: Vec<Wide> = about.iter().map(|wide| (*wide).clone()).collect();
    let mut found: Vec<Wide> = Vec::new();
    let mut next = 0;
    while let Some(first) = open.get(next).cloned() {
        next += 1;
        for second in &about {
            let Some(both) = resolved(&first, second, number) else {
                continue;
            };
            let is_done = !both.numbers.contains_key(&number);
            let among = if is_done { &found } else { &open };
            if among.iter().chain(known).any(|wide| wide.covers(&both)) {
                continue;
            }
            let into = if is_done { &mut found } else { &mut open };
            into.push(both);
            if into.len() > limits::ASSUMPTION_CLAUSES {
                // Every clause comes from an assumption.
                let last = first.assumptions.last().max(second.assumptions.last());
                let last = last.copied().unwrap_or(AssumptionId::from_index(0));
                return Err(TooLarge::Together(last, number));
            }
        }
    }
    Ok(found)
}

/// One clause from two: the number is in the regions of both, or one of the other parts holds. Nothing where that says no more than one of
/// the two, or always holds.
fn resolved(first: &Wide, second: &Wide, number: FactId) -> Option<Wide> {
    let (own, other) = (first.numbers.get(&number)?, second.numbers.get(&number)?);
    let both = own & other;
    if both == *own || both == *other {
        return None;
    }
    let mut wide = first.clone();
    wide.is_derived = true;
    wide.assumptions.extend(&second.assumptions);
    for (variable, values) in &second.among {
        allow(&mut wide.among, *variable, values);
    }
    for (fact, mask) in &second.numbers {
        *wide.numbers.entry(*fact).or_default() |= mask;
    }
    match both {
        0 => drop(wide.numbers.remove(&number)),
        _ => drop(wide.numbers.insert(number, both)),
    }
    Some(wide)
}

/// Clauses over tests as clauses over regions, and back.
struct Resolution<'a> {
    library: &'a Library,
    grid: Grid,
    /// The regions of each number that some patient can be in, once somebody asked.
    possible: BTreeMap<FactId, Mask>,
}

impl<'a> Resolution<'a> {
    fn new(library: &'a Library) -> Self {
        Resolution {
            library,
            grid: Grid::new(library),
            possible: BTreeMap::new(),
        }
    }

    fn possible(&mut self, fact: FactId) -> Mask {
        if let Some(known) = self.possible.get(&fact) {
            return *known;
        }
        let declared = &self.library[fact];
        let regions = self.grid.regions(fact).into_iter().enumerate();
        let possible = regions.filter(|(_, region)| sample(&declared.ty, declared.range, *region).is_some());
        let possible = possible.fold(0, |mask, (index, _)| mask | 1 << index);
        self.possible.insert(fact, possible);
        possible
    }

    /// Where a test holds, or does not; nothing for a number with too many thresholds, of which nothing is decided.
    fn regions(&mut self, test: TestId, positive: bool) -> Option<(FactId, Mask)> {
        let (Term::Fact(fact), Test::Compare { comparison, than, .. }) = &self.library[test] else {
            return None;
        };
        if self.grid.is_too_fine(*fact) {
            return None;
        }
        let holds = self.grid.regions_where(*fact, *comparison, *than);
        Some((*fact, self.possible(*fact) & if positive { holds } else { !holds }))
    }

    /// The clause over regions; nothing where it always holds.
    fn wide(&mut self, clause: &Clause) -> Option<Wide> {
        let (tests, among) = clause.merged();
        let mut wide = Wide {
            assumptions: clause.assumptions.iter().copied().collect(),
            among,
            numbers: BTreeMap::new(),
            is_derived: false,
        };
        for (test, positive) in tests {
            let (fact, mask) = self.regions(test, positive)?;
            *wide.numbers.entry(fact).or_default() |= mask;
        }
        // No patient has a number outside its range.
        let parts = wide.numbers.len();
        wide.numbers.retain(|_, mask| *mask != 0);
        wide.is_derived = wide.numbers.len() < parts;
        (!self.always_holds(&wide)).then_some(wide)
    }

    fn always_holds(&mut self, wide: &Wide) -> bool {
        wide.among.values().any(|allowed| allowed.iter().all(|is| *is))
            || wide.numbers.iter().any(|(fact, mask)| self.possible(*fact) & !mask == 0)
    }

    /// `FACT at most FACT`: wherever a line is drawn, the lesser is below it or the greater above.
    fn orders(&mut self) -> Vec<Wide> {
        let mut found = Vec::new();
        for (index, assumption) in self.library.assumptions.iter().enumerate() {
            let Some((lesser, greater)) = assumption.kind.order() else {
                continue;
            };
            if self.grid.is_too_fine(lesser) || self.grid.is_too_fine(greater) {
                continue;
            }
            for line in 1..self.grid.regions(lesser).len() {
                let below = (1 << line) - 1;
                let wide = Wide {
                    assumptions: BTreeSet::from([AssumptionId::from_index(index)]),
                    among: BTreeMap::new(),
                    numbers: BTreeMap::from([
                        (lesser, self.possible(lesser) & below),
                        (greater, self.possible(greater) & !below),
                    ]),
                    is_derived: true,
                };
                if !self.always_holds(&wide) {
                    found.push(wide);
                }
            }
        }
        found
    }

    /// The clause over tests; nothing where it always holds, or no tests say these regions.
    fn clause(&mut self, wide: &Wide) -> Option<Clause> {
        if self.always_holds(wide) {
            return None;
        }
        let mut literals: Vec<Literal> = Vec::new();
        for (fact, mask) in &wide.numbers {
            literals.extend(self.tests(*fact, *mask)?);
        }
        let among = wide
            .among
            .iter()
            .map(|(variable, allowed)| Literal::Among(*variable, allowed.clone()));
        literals.extend(among);
        Some(Clause {
            assumptions: wide.assumptions.iter().copied().collect(),
            literals,
        })
    }

    /// Tests of which one holds in exactly these regions.
    fn tests(&mut self, fact: FactId, regions: Mask) -> Option<Vec<Literal>> {
        let mut inside: Vec<(Mask, TestId, bool)> = Vec::new();
        for index in 0..self.library.tests.len() {
            let test = TestId::from_index(index);
            if !matches!(&self.library[test], (Term::Fact(of), _) if *of == fact) {
                continue;
            }
            for positive in [true, false] {
                let holds = self.regions(test, positive).map(|(_, holds)| holds);
                inside.extend(
                    holds
                        .filter(|holds| holds & !regions == 0)
                        .map(|holds| (holds, test, positive)),
                );
            }
        }
        inside.sort_by_key(|(holds, ..)| std::cmp::Reverse(holds.count_ones()));
        let (mut left, mut chosen) = (regions, Vec::new());
        for (holds, test, positive) in inside {
            if holds & left != 0 {
                left &= !holds;
                chosen.push(Literal::Test(test, positive));
            }
        }
        (left == 0).then_some(chosen)
    }
}
