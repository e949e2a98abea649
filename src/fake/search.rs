//! The search for one patient: values in random order, each with what follows from it; back where nothing fits.

use super::Unknown;
use super::problem::{Amount, Problem, Values};
use crate::model::FactId;
use fastrand::Rng;
use rust_decimal::Decimal;

/// A patient of whom everything is decided.
#[derive(Debug)]
pub(super) struct Whole {
    /// For each unknown, the position of its value.
    values: Vec<usize>,
    /// The amounts.
    amounts: Vec<Option<Decimal>>,
    /// The wishes that could not be kept.
    pub(super) bent: Vec<usize>,
}

impl Whole {
    /// The position of a value.
    pub(super) fn value(&self, problem: &Problem, unknown: Unknown) -> Option<usize> {
        self.values.get(*problem.places.get(&unknown)?).copied()
    }

    /// An amount that has an unknown of its own.
    pub(super) fn amount(&self, problem: &Problem, fact: FactId) -> Option<Decimal> {
        *self.amounts.get(*problem.places.get(&Unknown::Amount(fact))?)?
    }
}

/// Puts items into random order; the same on every machine, whatever its words are.
pub(super) fn shuffle<T>(items: &mut [T], random: &mut Rng) {
    for last in (1..items.len()).rev() {
        let other = usize::try_from(random.u64(0..=last as u64)).unwrap_or(last);
        items.swap(last, other);
    }
}

/// How often a search begins again, and how many dead ends it meets before that.
const ATTEMPTS: usize = 20;
const DEAD_ENDS: usize = 500;

pub(super) struct Search<'a> {
    problem: &'a Problem,
    possible: Vec<Values>,
    amounts: Vec<Option<Decimal>>,
    /// What was struck out, to take it back.
    struck: Vec<(usize, usize)>,
}

/// No value is left for something.
struct DeadEnd;

/// A decision, to take it back.
struct Decided {
    place: usize,
    value: usize,
    struck_before: usize,
}

impl<'a> Search<'a> {
    /// A patient that fits; nothing where a long search finds none.
    pub(super) fn patient(problem: &'a Problem, random: &mut Rng) -> Option<Whole> {
        let wanted = wanted(problem, random);
        for _ in 0..ATTEMPTS {
            let mut search = Search {
                problem,
                possible: problem.sizes.iter().map(|size| vec![true; *size]).collect(),
                amounts: vec![None; problem.sizes.len()],
                struck: Vec::new(),
            };
            if let Some(values) = search.attempt(&wanted, random) {
                let differs = |(place, value, _): &&(usize, usize, Vec<usize>)| values.get(*place) != Some(value);
                let bent = wanted
                    .iter()
                    .filter(differs)
                    .flat_map(|(.., wishes)| wishes.clone())
                    .collect();
                let amounts = search.amounts;
                return Some(Whole { values, amounts, bent });
            }
        }
        None
    }

    fn attempt(&mut self, wanted: &[(usize, usize, Vec<usize>)], random: &mut Rng) -> Option<Vec<usize>> {
        let is_wanted = |place: &usize| wanted.iter().any(|(of, ..)| of == place);
        let mut rest: Vec<usize> = (0..self.problem.sizes.len()).filter(|place| !is_wanted(place)).collect();
        shuffle(&mut rest, random);
        let order: Vec<usize> = wanted.iter().map(|(place, ..)| *place).chain(rest).collect();
        self.propagate((0..self.problem.clauses.len()).collect()).ok()?;
        let mut decided: Vec<Decided> = Vec::new();
        let mut dead_ends = 0;
        while let Some(place) = order.get(decided.len()).copied() {
            let wish = wanted.get(decided.len()).map(|(_, value, _)| *value);
            let mut outcome = Err(DeadEnd);
            while let Some(value) = self.choose(place, wish, random) {
                let struck_before = self.struck.len();
                outcome = self.decide(place, value);
                if outcome.is_ok() {
                    decided.push(Decided {
                        place,
                        value,
                        struck_before,
                    });
                    break;
                }
                dead_ends += 1;
                self.take_back(struck_before);
                self.forget(place);
                if self.strike(place, value).is_err() {
                    break;
                }
            }
            // Nothing fits here, so the decision before was wrong.
            while outcome.is_err() {
                dead_ends += 1;
                let last = decided.pop().filter(|_| dead_ends <= DEAD_ENDS)?;
                self.take_back(last.struck_before);
                self.forget(last.place);
                self.forget(place);
                outcome = self.strike(last.place, last.value);
            }
        }
        let value = |possible: &Values| possible.iter().position(|p| *p);
        self.possible.iter().map(value).collect()
    }

    /// A value that is still possible: the wanted one if it can be, else any.
    fn choose(&mut self, place: usize, wish: Option<usize>, random: &mut Rng) -> Option<usize> {
        let possible = self.possible.get(place)?;
        if let Some(line) = self.problem.lines.get(&place) {
            let is_possible = |cell: usize| possible.get(cell).copied().unwrap_or(false);
            let numbers = line.candidates(&is_possible, random);
            let equals = self.equals(place);
            let mut all = numbers.into_iter().chain(equals);
            let number = all.find(|number| line.cell(*number).is_some_and(is_possible) && self.is_ordered(place, *number))?;
            if let Some(slot) = self.amounts.get_mut(place) {
                *slot = Some(number);
            }
            return line.cell(number);
        }
        if let Some(wish) = wish.filter(|wish| possible.get(*wish).copied().unwrap_or(false)) {
            return Some(wish);
        }
        let values: Vec<usize> = possible.iter().enumerate().filter(|(_, p)| **p).map(|(v, _)| v).collect();
        let any = random.u64(0..(values.len() as u64).max(1));
        values.get(usize::try_from(any).ok()?).copied()
    }

    /// Numbers equal to those that this one may not exceed, or not fall below.
    fn equals(&self, place: usize) -> Vec<Decimal> {
        let amount = |of: &Amount| self.amounts.get(of.place).copied().flatten();
        let pairs = self
            .problem
            .orders
            .iter()
            .filter(|(lesser, greater)| lesser.until == greater.until);
        let equals = pairs.filter_map(|(lesser, greater)| match (lesser.place == place, greater.place == place) {
            (true, false) => amount(greater),
            (false, true) => amount(lesser),
            _ => None,
        });
        equals.collect()
    }

    fn is_ordered(&self, place: usize, number: Decimal) -> bool {
        let amount = |of: &Amount| {
            let value = if of.place == place {
                Some(number)
            } else {
                self.amounts.get(of.place).copied().flatten()
            };
            value.map(|value| of.of(value))
        };
        let concerned = self
            .problem
            .orders
            .iter()
            .filter(|(l, g)| l.place == place || g.place == place);
        concerned
            .into_iter()
            .all(|(lesser, greater)| match (amount(lesser), amount(greater)) {
                (Some(lesser), Some(greater)) => lesser <= greater,
                _ => true,
            })
    }

    fn forget(&mut self, place: usize) {
        self.amounts.get_mut(place).into_iter().for_each(|slot| *slot = None);
    }

    fn decide(&mut self, place: usize, value: usize) -> Result<(), DeadEnd> {
        let only: Values = (0..self.problem.sizes.get(place).copied().unwrap_or(0))
            .map(|v| v == value)
            .collect();
        self.narrow(place, &only)?;
        self.propagate(self.problem.speaking_of.get(place).cloned().unwrap_or_default())
    }

    fn strike(&mut self, place: usize, value: usize) -> Result<(), DeadEnd> {
        let others: Values = (0..self.problem.sizes.get(place).copied().unwrap_or(0))
            .map(|v| v != value)
            .collect();
        self.narrow(place, &others)?;
        self.propagate(self.problem.speaking_of.get(place).cloned().unwrap_or_default())
    }

    fn narrow(&mut self, place: usize, allowed: &Values) -> Result<bool, DeadEnd> {
        let Some(possible) = self.possible.get_mut(place) else {
            return Ok(false);
        };
        let before = self.struck.len();
        for (value, (slot, allowed)) in possible.iter_mut().zip(allowed).enumerate() {
            if *slot && !allowed {
                *slot = false;
                self.struck.push((place, value));
            }
        }
        if possible.iter().any(|p| *p) {
            Ok(self.struck.len() > before)
        } else {
            Err(DeadEnd)
        }
    }

    /// What follows: where one part of a clause is left that can hold, it must.
    fn propagate(&mut self, mut waiting: Vec<usize>) -> Result<(), DeadEnd> {
        let problem = self.problem;
        while let Some(clause) = waiting.pop() {
            let Some(parts) = problem.clauses.get(clause) else { continue };
            let mut last = None;
            let mut is_open = false;
            for (place, allowed) in parts {
                let Some(possible) = self.possible.get(*place) else { continue };
                let can_hold = possible.iter().zip(allowed).any(|(possible, allowed)| *possible && *allowed);
                let must_hold = possible.iter().zip(allowed).all(|(possible, allowed)| !*possible || *allowed);
                if must_hold || (can_hold && last.replace((*place, allowed)).is_some()) {
                    is_open = true;
                    break;
                }
            }
            if is_open {
                continue;
            }
            let (place, allowed) = last.ok_or(DeadEnd)?;
            if self.narrow(place, allowed)? {
                waiting.extend(problem.speaking_of.get(place).into_iter().flatten().copied());
            }
        }
        Ok(())
    }

    fn take_back(&mut self, struck_before: usize) {
        while self.struck.len() > struck_before {
            let Some((place, value)) = self.struck.pop() else { return };
            let slot = self.possible.get_mut(place).and_then(|possible| possible.get_mut(value));
            slot.into_iter().for_each(|slot| *slot = true);
        }
    }
}

/// What is wanted of this patient: the unknown, its value, and the wishes about it.
fn wanted(problem: &Problem, random: &mut Rng) -> Vec<(usize, usize, Vec<usize>)> {
    let mut wanted = Vec::new();
    for (place, wishes) in &problem.wanted {
        let size = problem.sizes.get(*place).copied().unwrap_or(0);
        let mut rest = random.u32(0..super::Share::WHOLE);
        let mut drawn = None;
        for wish in wishes {
            if rest < wish.share.0 {
                drawn = Some(wish.value);
                break;
            }
            rest -= wish.share.0;
        }
        let named = |value: &usize| wishes.iter().any(|wish| wish.value == *value);
        let others: Vec<usize> = (0..size).filter(|value| !named(value)).collect();
        let any = random.u64(0..(others.len() as u64).max(1));
        let other = usize::try_from(any).ok().and_then(|any| others.get(any).copied());
        let ids = wishes.iter().map(|wish| wish.index).collect();
        wanted.extend(drawn.or(other).map(|value| (*place, value, ids)));
    }
    wanted
}
