//! What a patient must fulfil, as a search knows it: unknowns with finitely many values, and clauses over them.

use super::amounts::{Line, Scale, minutes_a_day};
use super::{Share, Wishes};
use crate::model::clauses::{self, Literal, Variable};
use crate::model::{AssumptionId, AssumptionKind, FactId, FactType, Library, Term, Test, days_since_epoch};
use jiff::civil::date;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// What the search looks for a value of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unknown {
    /// A yes/no fact, an enum, a member of a set.
    Variable(Variable),
    /// A number or a date. A time that is computed from its date has no unknown of its own.
    Amount(FactId),
}

/// Values, one flag each.
pub(super) type Values = Vec<bool>;

/// Unknowns, and what must hold between them.
#[derive(Debug)]
pub(super) struct Problem {
    /// The position of each unknown.
    pub(super) places: BTreeMap<Unknown, usize>,
    /// For each unknown, how many values it has; for amounts, pieces of a line.
    pub(super) sizes: Vec<usize>,
    /// The lines of amounts.
    pub(super) lines: BTreeMap<usize, Line>,
    /// In each clause one unknown has one of its values.
    pub(super) clauses: Vec<Vec<(usize, Values)>>,
    /// For each unknown the clauses that speak of it.
    pub(super) speaking_of: Vec<Vec<usize>>,
    /// What does not exceed what.
    pub(super) orders: Vec<(Amount, Amount)>,
    /// What is wanted, by the unknown that it is about.
    pub(super) wanted: Vec<(usize, Vec<Wish>)>,
}

/// A value that an unknown is wanted to have, and how often.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    /// The position among the wishes.
    pub(super) index: usize,
    pub(super) value: usize,
    pub(super) share: Share,
}

/// An amount by the unknown that decides it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Amount {
    pub(super) place: usize,
    /// For a time that is computed from its date: the date of evaluation, in days.
    pub(super) until: Option<Decimal>,
}

impl Amount {
    /// The amount where the unknown has this value.
    pub(super) fn of(self, value: Decimal) -> Decimal {
        match self.until {
            Some(until) => (until - value) * minutes_a_day(),
            None => value,
        }
    }
}

impl Problem {
    pub(super) fn new(library: &Library, wishes: &Wishes) -> Self {
        let mut problem = Problem {
            places: BTreeMap::new(),
            sizes: Vec::new(),
            lines: BTreeMap::new(),
            clauses: Vec::new(),
            speaking_of: Vec::new(),
            orders: Vec::new(),
            wanted: Vec::new(),
        };
        problem.unknowns(library, wishes);
        problem.speaking_of = vec![Vec::new(); problem.sizes.len()];
        for (index, assumption) in library.assumptions.iter().enumerate() {
            let id = AssumptionId::from_index(index);
            for clause in clauses::clauses(library, id, assumption).unwrap_or_default() {
                problem.clause(library, wishes, &clause.literals);
            }
            if let AssumptionKind::Order { lesser, greater } = assumption.kind {
                let amounts = (
                    problem.amount(library, wishes, lesser),
                    problem.amount(library, wishes, greater),
                );
                if let (Some(lesser), Some(greater)) = amounts {
                    problem.orders.push((lesser, greater));
                }
            }
        }
        for (index, wish) in wishes.prevalence.iter().enumerate() {
            let Some(place) = problem.places.get(&Unknown::Variable(wish.of)).copied() else {
                continue;
            };
            let wish = Wish {
                index,
                value: wish.value,
                share: wish.share,
            };
            match problem.wanted.iter_mut().find(|(of, _)| *of == place) {
                Some((_, wishes)) => wishes.push(wish),
                None => problem.wanted.push((place, vec![wish])),
            }
        }
        problem
    }

    fn unknowns(&mut self, library: &Library, wishes: &Wishes) {
        for (index, fact) in library.facts.iter().enumerate() {
            let id = FactId::from_index(index);
            let unknowns: Vec<Unknown> = match &fact.ty {
                FactType::YesNo | FactType::OneOf { .. } => vec![Unknown::Variable(Variable::Fact(id))],
                FactType::AnyOf { members } => {
                    let member = |member| Unknown::Variable(Variable::Member(id, member));
                    (0..members.len()).map(member).collect()
                }
                FactType::Date if wishes.as_of.is_none() => Vec::new(),
                FactType::TimeSince { .. } if wishes.as_of.is_some() => Vec::new(),
                _ => vec![Unknown::Amount(id)],
            };
            for unknown in unknowns {
                let place = self.sizes.len();
                let size = match unknown {
                    Unknown::Variable(variable) => clauses::values(library, variable),
                    Unknown::Amount(fact) => {
                        let line = line(library, wishes, fact);
                        let cells = line.cells();
                        if cells > 0 {
                            self.lines.insert(place, line);
                        }
                        cells
                    }
                };
                // A range between two whole numbers holds no count: nothing can be recorded.
                if size > 0 {
                    self.places.insert(unknown, place);
                    self.sizes.push(size);
                }
            }
        }
    }

    fn amount(&self, library: &Library, wishes: &Wishes, fact: FactId) -> Option<Amount> {
        let (of, until) = match (&library[fact].ty, wishes.as_of) {
            (FactType::TimeSince { date }, Some(as_of)) => (*date, Some(Decimal::from(days_since_epoch(as_of)))),
            _ => (fact, None),
        };
        let place = *self.places.get(&Unknown::Amount(of))?;
        Some(Amount { place, until })
    }

    /// Adds a clause; one that speaks of what is never recorded is never broken.
    fn clause(&mut self, library: &Library, wishes: &Wishes, literals: &[Literal]) {
        let mut parts: BTreeMap<usize, Values> = BTreeMap::new();
        for literal in literals {
            let part = match literal {
                Literal::Among(variable, allowed) => {
                    let place = self.places.get(&Unknown::Variable(*variable)).copied();
                    place.map(|place| (place, allowed.clone()))
                }
                Literal::Test(test, positive) => {
                    let (Term::Fact(fact), test) = &library[*test];
                    self.amount(library, wishes, *fact).and_then(|amount| {
                        let line = self.lines.get(&amount.place)?;
                        let holds = |cell| {
                            let value = line.sample(cell).map(|value| amount.of(value));
                            value.is_some_and(|value| compares(test, value) == *positive)
                        };
                        Some((amount.place, (0..line.cells()).map(holds).collect()))
                    })
                }
            };
            let Some((place, allowed)) = part else { return };
            let union = parts.entry(place).or_insert_with(|| vec![false; allowed.len()]);
            union.iter_mut().zip(&allowed).for_each(|(slot, allowed)| *slot |= allowed);
        }
        for place in parts.keys() {
            self.speaking_of
                .get_mut(*place)
                .into_iter()
                .for_each(|of| of.push(self.clauses.len()));
        }
        self.clauses.push(parts.into_iter().collect());
    }
}

fn compares(test: &Test, value: Decimal) -> bool {
    match test {
        Test::Compare { comparison, than, .. } => comparison.holds(value, *than),
        _ => false,
    }
}

/// What conditions compare a fact with.
fn thresholds(library: &Library, fact: FactId) -> BTreeSet<Decimal> {
    let compared = library.tests.iter().filter_map(|(Term::Fact(tested), test)| match test {
        Test::Compare { than, .. } if *tested == fact => Some(*than),
        _ => None,
    });
    compared.collect()
}

/// The numbers that a fact can have.
fn line(library: &Library, wishes: &Wishes, fact: FactId) -> Line {
    let declared = &library[fact];
    let scale = Scale::of(&declared.ty);
    let mut thresholds = thresholds(library, fact);
    let (low, high) = match (&declared.ty, wishes.as_of) {
        (FactType::Date, Some(as_of)) => {
            let as_of = Decimal::from(days_since_epoch(as_of));
            let mut longest = Decimal::from(USUAL_DAYS);
            for (index, time) in library.facts.iter().enumerate() {
                if time.ty != (FactType::TimeSince { date: fact }) {
                    continue;
                }
                // A test on a time is a test on its date.
                let than = self::thresholds(library, FactId::from_index(index));
                let than: Vec<Decimal> = than.into_iter().map(|minutes| minutes / minutes_a_day()).collect();
                let ends = time.range.map(|(_, high)| high / minutes_a_day());
                longest = than.iter().map(|days| *days * Decimal::TWO).fold(longest, Decimal::max);
                longest = ends.map_or(longest, |end| longest.min(end));
                thresholds.extend(than.into_iter().map(|days| as_of - days));
            }
            let first = thresholds.first().map_or(as_of, |first| *first - Decimal::from(USUAL_DAYS));
            let low = (as_of - longest).min(first);
            (low.max(Decimal::from(days_since_epoch(date(1, 1, 1)))), as_of)
        }
        _ => declared.range.unwrap_or_else(|| {
            let usual = match &scale {
                Scale::Time(unit) => unit.minutes() * Decimal::from(100),
                _ => Decimal::from(10),
            };
            let last = thresholds.last().map_or(usual, |last| *last * Decimal::TWO);
            (Decimal::ZERO, if last.is_zero() { usual } else { last })
        }),
    };
    Line::new(&scale, low, high, &thresholds)
}

/// Over how many days dates are spread where nothing says how far back they matter.
const USUAL_DAYS: i64 = 400;
