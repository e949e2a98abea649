//! What texts of a table come to, each found out once.
//!
//! In: texts as they are written, and what they were found to mean. Out: what they mean.

use super::lines::{LONG_TEXT, NOT_SHORT, Written};
use crate::eval::columns::ValuesPlace;
use crate::model::{FactId, Recorded};
use std::collections::HashMap;
use std::rc::Rc;

/// How many texts of at most fifteen bytes are remembered, at first and at most; powers of two.
const FEWEST_TEXTS: usize = 64;
const MOST_TEXTS: usize = 1 << 14;

/// How many texts of more are remembered, or somewhat more.
const LONGER_TEXTS: usize = 4_096;

/// What a value comes to.
#[derive(Debug, Clone)]
pub enum Code {
    Nothing,
    /// Its row goes the way of rows.
    Unusual,
    Value(ValuesPlace, usize),
    Number(i64),
    AsOf(i64),
    Unit(usize),
    Other(FactId, Rc<Recorded>),
}

/// What texts of a column come to, each with the number of its unit.
#[derive(Default)]
pub struct Texts {
    /// Short ones; a power of two of places.
    short: Vec<Slot>,
    longer: HashMap<Vec<u8>, Vec<Outcome>>,
    /// What takes a [`Code`] to say.
    pub long: Vec<Code>,
}

/// A short text as it is written, and what it comes to.
#[derive(Clone, Copy)]
struct Slot {
    key: u128,
    outcome: Outcome,
}

/// What a text comes to with a unit, so that nobody has to ask what it is: among which rows its own is to be put, and a number.
#[derive(Clone, Copy)]
pub struct Outcome {
    pub number: i64,
    pub unit: u16,
    pub among: u8,
}

/// Rows of whom a text says nothing.
pub const NOTHING: u8 = 0;
/// Rows that go the way of rows.
pub const UNUSUAL: u8 = 1;
/// Rows of whom it takes a [`Code`] to say it; the number says which.
pub const LONG: u8 = 2;
/// Rows with a number.
pub const NUMBER: u8 = 3;
/// Rows with the first value, and those of the other values behind.
pub const VALUES: u8 = 4;

/// What nobody has asked for yet.
pub const UNASKED: Outcome = Outcome {
    number: 0,
    unit: 0,
    among: u8::MAX,
};

impl Outcome {
    /// What a code comes to; nothing, where it takes the code to say it.
    pub fn of(code: &Code) -> Option<Self> {
        let (among, number) = match code {
            Code::Nothing => (NOTHING, 0),
            Code::Unusual => (UNUSUAL, 0),
            Code::Number(number) => (NUMBER, *number),
            Code::Unit(unit) => (NUMBER, i64::try_from(*unit).ok()?),
            Code::Value(_, value) => {
                let value = u8::try_from(*value).ok().filter(|value| *value < u8::MAX - VALUES)?;
                (VALUES + value, 0)
            }
            Code::AsOf(_) | Code::Other(..) => return None,
        };
        Some(Outcome { number, unit: 0, among })
    }
}

/// Texts as they are written have other keys.
const NO_TEXT: Slot = Slot {
    key: u128::MAX,
    outcome: Outcome {
        number: 0,
        unit: 0,
        among: NOTHING,
    },
};

impl Texts {
    #[inline]
    fn place(&self, key: u128, unit: u16) -> usize {
        let [low, high] = [key, key >> 64].map(|half| u64::try_from(half & u128::from(u64::MAX)).unwrap_or(0));
        let mixed = (low ^ high.rotate_left(31) ^ u64::from(unit) << 24).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        // The number of places is a power of two.
        usize::try_from(mixed >> 40).unwrap_or(0) & self.short.len().wrapping_sub(1)
    }

    /// What is remembered of a text.
    pub fn find(&self, written: Written<'_>, unit: u16) -> Option<Outcome> {
        let key = written.key();
        let slot = self.short.get(self.place(key, unit));
        let short = slot.filter(|slot| slot.key == key && slot.outcome.unit == unit);
        let long = || self.longer.get(written.bytes())?.iter().find(|outcome| outcome.unit == unit);
        short.map(|slot| slot.outcome).or_else(|| long().copied())
    }

    /// What is remembered of some texts by their keys; [`UNASKED`] of those of whom that is nothing.
    #[inline(never)]
    pub fn find_all(&self, keys: impl Iterator<Item = u128>, units: &[u16; 64], among: &mut [u8], kept: &mut [i64; 64]) {
        for ((key, among), (unit, kept)) in keys.zip(among).zip(units.iter().zip(kept)) {
            let slot = self.short.get(self.place(key, *unit)).unwrap_or(&NO_TEXT);
            let is_known = slot.key == key && slot.outcome.unit == *unit;
            *among = if is_known { slot.outcome.among } else { UNASKED.among };
            *kept = slot.outcome.number;
        }
    }

    /// Remembers what a text comes to.
    pub fn remember(&mut self, written: Written<'_>, unit: u16, code: Code) -> Outcome {
        let outcome = Outcome::of(&code).unwrap_or_else(|| {
            self.long.push(code);
            Outcome {
                number: i64::try_from(self.long.len() - 1).unwrap_or(i64::MAX),
                among: LONG,
                unit,
            }
        });
        let outcome = Outcome { unit, ..outcome };
        let key = written.key();
        if key == LONG_TEXT {
            self.longer.entry(written.bytes().to_vec()).or_default().push(outcome);
            return outcome;
        }
        let is_taken = self
            .short
            .get(self.place(key, unit))
            .is_none_or(|slot| slot.key != NO_TEXT.key);
        if is_taken && self.short.len() < MOST_TEXTS {
            let wider = vec![NO_TEXT; (self.short.len() * 4).clamp(FEWEST_TEXTS, MOST_TEXTS)];
            for slot in std::mem::replace(&mut self.short, wider) {
                self.put(slot);
            }
        }
        self.put(Slot { key, outcome });
        outcome
    }

    fn put(&mut self, slot: Slot) {
        if slot.key != NO_TEXT.key {
            let place = self.place(slot.key, slot.outcome.unit);
            self.short.get_mut(place).into_iter().for_each(|at| *at = slot);
        }
    }

    /// Forgets everything once it is much.
    pub fn tidy(&mut self) {
        if self.long.len() > MOST_TEXTS || self.longer.len() > LONGER_TEXTS {
            *self = Texts::default();
        }
    }
}

/// Short texts of a column that has few different ones, each with what it comes to as one byte.
pub struct Few {
    /// A power of two of places, each with a key and what its text comes to. No two keys have the same place, and that of
    /// [`NOT_SHORT`] is the first.
    places: Vec<(u64, u8)>,
    /// What keys are multiplied with to find their places.
    factor: u64,
    /// How many words of rows were read, and in how many of them something was to be asked.
    read: (u64, u64),
}

/// What stands for a text that has to be asked for by itself.
pub const ASKED: u8 = 0;

/// How many places there are at first and at most; powers of two.
const FEWEST_PLACES: usize = 1 << 6;
const MOST_PLACES: usize = 1 << 13;

/// How many factors are tried before there are more places.
const FACTORS: usize = 16;

impl Default for Few {
    fn default() -> Self {
        Few {
            places: Vec::new(),
            factor: 0x9e37_79b9_7f4a_7c15,
            read: (0, 0),
        }
    }
}

/// The place of a key.
#[inline]
fn place(places: &[(u64, u8)], factor: u64, key: u64) -> usize {
    // The number of places is a power of two.
    usize::try_from(key.wrapping_mul(factor) >> 40).unwrap_or(0) & places.len().wrapping_sub(1)
}

impl Few {
    /// Makes places, where there are none yet: of most columns nobody reads texts.
    pub fn open(&mut self) {
        if self.places.is_empty() {
            self.places.resize(FEWEST_PLACES, (NOT_SHORT, ASKED));
        }
    }

    /// What texts come to, by their keys; false where some are new.
    #[inline(never)]
    pub fn read(&self, keys: impl Iterator<Item = u64>, among: &mut [u8]) -> bool {
        let (places, factor) = (self.places.as_slice(), self.factor);
        let mut other = 0;
        for (key, among) in keys.zip(among) {
            let (own, outcome) = places.get(place(places, factor, key)).copied().unwrap_or((!key, ASKED));
            other |= own ^ key;
            *among = outcome;
        }
        other == 0
    }

    /// Whether a text is known.
    pub fn knows(&self, key: u64) -> bool {
        let at = self.places.get(place(&self.places, self.factor, key));
        at.is_some_and(|(own, _)| *own == key)
    }

    /// Remembers what a text comes to; nothing, where the texts are too many.
    pub fn remember(&mut self, key: u64, outcome: u8) -> Option<()> {
        let at = place(&self.places, self.factor, key);
        match self.places.get_mut(at) {
            Some(slot) if slot.0 == NOT_SHORT && at > 0 => *slot = (key, outcome),
            _ => {
                let all = self.places.iter().filter(|(key, _)| *key != NOT_SHORT).copied();
                let all: Vec<(u64, u8)> = all.chain([(key, outcome)]).collect();
                (self.places, self.factor) = apart(&all, self.factor, self.places.len())?;
            }
        }
        Some(())
    }

    /// Takes note that rows were read, and whether something was to be asked; whether that is so too often to be worth it.
    pub fn note(&mut self, is_asked: bool) -> bool {
        self.read.0 += 1;
        self.read.1 += u64::from(is_asked);
        self.read.1 > 8 + self.read.0 / 2
    }
}

/// Places for these keys, and a factor that puts no two of them in one; nothing, where none was found.
fn apart(all: &[(u64, u8)], factor: u64, count: usize) -> Option<(Vec<(u64, u8)>, u64)> {
    // With fewer places than that, hardly a factor in a hundred would do.
    let least = (all.len() * all.len() / 8).next_power_of_two();
    let (mut factor, mut count) = (factor, count.max(least));
    while count <= MOST_PLACES {
        for _ in 0..FACTORS {
            let mut places = vec![(NOT_SHORT, ASKED); count];
            let is_apart = all.iter().all(|(key, outcome)| {
                let at = place(&places, factor, *key);
                let free = places.get_mut(at).filter(|slot| slot.0 == NOT_SHORT && at > 0);
                free.map(|slot| *slot = (*key, *outcome)).is_some()
            });
            if is_apart {
                return Some((places, factor));
            }
            // Odd again, and otherwise of no regularity.
            factor = factor.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(2);
        }
        count *= 2;
    }
    None
}
