//! Made-up patients: values that the facts allow, together as the assumptions allow.
//!
//! In: a library and [`Wishes`]. Out: patients, each made from the seed and its own number alone.
//! Must not know: how patients are written, and what the rules would say of them.
//!
//! Each patient is made whole first, so that every assumption holds for it, and then some of it is left out. What follows from
//! a part of it is therefore true of the whole, and no record made here contradicts itself.

mod amounts;
mod problem;
mod search;

use crate::eval::Value;
use crate::model::clauses::Variable;
use crate::model::{FactId, FactType, Library, date_since_epoch, days_since_epoch};
use amounts::{Scale, minutes_a_day, written};
use fastrand::Rng;
use jiff::civil::Date;
use problem::{Problem, Unknown};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use search::Search;

/// A share of patients, in millionths, so that chance is the same on every machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u32);

impl Share {
    /// All patients, in millionths.
    pub const WHOLE: u32 = 1_000_000;

    /// Reads a decimal from 0 to 1, such as `0.3`; nothing for any other text, or more than six decimals.
    pub fn read(text: &str) -> Option<Share> {
        let is_decimal = text.bytes().all(|b| b.is_ascii_digit() || b == b'.') && text.starts_with(|c: char| c.is_ascii_digit());
        let number: Decimal = is_decimal.then(|| text.parse().ok()).flatten()?;
        let millionths = number.checked_mul(Self::WHOLE.into())?;
        let whole = millionths.is_integer() && millionths <= Self::WHOLE.into();
        whole.then(|| millionths.to_u32()).flatten().map(Share)
    }

    /// The share as so many of [`Share::WHOLE`].
    pub fn millionths(self) -> u32 {
        self.0
    }

    fn happens(self, random: &mut Rng) -> bool {
        random.u32(0..Self::WHOLE) < self.0
    }
}

/// How often something is true of a patient, known or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prevalence {
    /// What is true or not.
    pub of: Variable,
    /// The value that the share is for: 1 is yes, or present; else the position of the value.
    pub value: usize,
    /// Of how many patients it is true.
    pub share: Share,
}

/// What patients are wanted.
#[derive(Debug, Clone)]
pub struct Wishes {
    /// The same seed makes the same patients.
    pub seed: u64,
    /// How much of each patient is left out.
    pub unknown: Share,
    /// What is true how often; of everything else, every value is as likely as any other.
    pub prevalence: Vec<Prevalence>,
    /// The date of evaluation. Without it no date is recorded.
    pub as_of: Option<Date>,
}

/// A made-up patient.
#[derive(Debug, Clone)]
pub struct FakePatient {
    /// What is recorded, in the order of the declarations; of a set, each member by itself.
    pub known: Vec<(FactId, Value)>,
    /// The wishes, by position, that the assumptions did not allow for this patient.
    pub bent: Vec<usize>,
}

/// Makes patients for one library.
#[derive(Debug)]
pub struct Fake<'a> {
    library: &'a Library,
    wishes: &'a Wishes,
    problem: Problem,
}

/// No patient was found for whom the assumptions hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoPatient;

impl<'a> Fake<'a> {
    /// Prepares a library without errors.
    pub fn new(library: &'a Library, wishes: &'a Wishes) -> Self {
        Fake {
            library,
            wishes,
            problem: Problem::new(library, wishes),
        }
    }

    /// The dates that are left out, because there is no date of evaluation.
    pub fn left_out(&self) -> usize {
        let is_date = |ty: &FactType| matches!(ty, FactType::Date);
        match self.wishes.as_of {
            Some(_) => 0,
            None => self.library.facts.iter().filter(|fact| is_date(&fact.ty)).count(),
        }
    }

    /// The patient of this number; the same whatever other patients are made.
    ///
    /// # Errors
    ///
    /// [`NoPatient`] where a long search finds none that fits the assumptions.
    pub fn patient(&self, number: u64) -> Result<FakePatient, NoPatient> {
        // Numbers that follow each other must not give seeds that do.
        let mut seeds = Rng::with_seed(self.wishes.seed);
        let mut random = Rng::with_seed(seeds.u64(..) ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let whole = Search::patient(&self.problem, &mut random).ok_or(NoPatient)?;
        let mut known = Vec::new();
        for index in 0..self.library.facts.len() {
            let fact = FactId::from_index(index);
            known.extend(self.recorded(fact, &whole, &mut random).map(|value| (fact, value)));
        }
        Ok(FakePatient { known, bent: whole.bent })
    }

    /// What is written down of a fact.
    fn recorded(&self, fact: FactId, whole: &search::Whole, random: &mut Rng) -> Option<Value> {
        let is_known = !self.wishes.unknown.happens(random);
        match &self.library[fact].ty {
            FactType::AnyOf { members } => {
                let member = |member| {
                    let present = whole.value(&self.problem, Unknown::Variable(Variable::Member(fact, member)))?;
                    // A set is often known in part.
                    let is_known = is_known && !Share(self.wishes.unknown.0 / 4).happens(random);
                    is_known.then_some(present == 1)
                };
                let members: Vec<Option<bool>> = (0..members.len()).map(member).collect();
                members.iter().any(Option::is_some).then_some(Value::Set(members))
            }
            FactType::YesNo => {
                let value = whole.value(&self.problem, Unknown::Variable(Variable::Fact(fact)))?;
                is_known.then_some(Value::YesNo(value == 1))
            }
            FactType::OneOf { .. } => {
                let value = whole.value(&self.problem, Unknown::Variable(Variable::Fact(fact)))?;
                is_known.then_some(Value::OneOf(value))
            }
            FactType::TimeSince { date } => match self.wishes.as_of {
                // Mostly the date is recorded; where both are, they agree.
                Some(as_of) => {
                    let is_known = is_known && random.u32(0..4) == 0;
                    let days = whole.amount(&self.problem, *date)?;
                    let minutes = (Decimal::from(days_since_epoch(as_of)) - days) * minutes_a_day();
                    let (low, high) = self.library[fact].range.unwrap_or((Decimal::ZERO, Decimal::MAX));
                    (is_known && low <= minutes && minutes <= high).then(|| self.number(fact, minutes))
                }
                None => {
                    let minutes = whole.amount(&self.problem, fact)?;
                    is_known.then(|| self.number(fact, minutes))
                }
            },
            FactType::Date => {
                let days = whole.amount(&self.problem, fact)?.to_i64()?;
                let date = date_since_epoch(days)?;
                is_known.then_some(Value::Date(date))
            }
            FactType::Quantity { .. } | FactType::Count => {
                let amount = whole.amount(&self.problem, fact)?;
                is_known.then(|| self.number(fact, amount))
            }
        }
    }

    fn number(&self, fact: FactId, value: Decimal) -> Value {
        let written = written(&Scale::of(&self.library[fact].ty), value);
        Value::Number { value, written }
    }
}
