//! Wide tables in columns: what stands in sixty-four rows at a time, without a record for anybody.
//!
//! In: unpacked columns, and what they mean. Out: facts as words and numbers, and the rows of which something is unusual or wrong.
//!
//! What a value means the reader of rows says, once for each value that a column repeats; so there is one meaning. A row with a value
//! that cannot be read goes the way of rows, with its reasons.

use super::columns::{Column, Meaning};
use super::parquet::{Chunk, Dictionary};
use super::record::{Cell, Reader, Stated};
use crate::eval::columns::{Columns, Facts, Place, ValuesPlace, WIDTH, lanes};
use crate::model::{FactId, Library, Recorded, days_since_epoch};
use std::borrow::Cow;
use std::rc::Rc;

/// How many values of a column are remembered; a power of two.
const REMEMBERED: usize = 4_096;

/// How many different units are told apart; who has another goes the way of rows.
const UNITS: usize = 256;

/// What a value comes to.
#[derive(Debug, Clone)]
enum Code {
    Nothing,
    /// Its row goes the way of rows.
    Unusual,
    Value(ValuesPlace, usize),
    Number(i64),
    AsOf(i64),
    Unit(usize),
    Other(FactId, Rc<Recorded>),
}

/// What has been found out of a column.
struct Known {
    place: Place,
    /// The column with the units of its numbers.
    unit: Option<usize>,
    /// Values by key and unit.
    codes: Vec<Option<(i64, usize, Code)>>,
    dictionary: Option<Dictionary>,
}

/// Codes the rows of one input; each thread has its own.
pub struct Coder<'a> {
    reader: Reader<'a>,
    columns: &'a [Column],
    known: Vec<Known>,
    /// Units that were met, from 1.
    units: Vec<String>,
    facts: Facts<'a>,
    as_of: Option<i64>,
    /// For each value of the enum that is being read, the patients who have it.
    words: Vec<u64>,
}

impl<'a> Coder<'a> {
    /// A coder of rows with these columns.
    pub fn new(library: &'a Library, evaluation: &'a Columns, reader: Reader<'a>, columns: &'a [Column]) -> Self {
        let known = columns.iter().map(|column| Known {
            place: match column.meaning {
                Meaning::Fact(fact) => evaluation.place(library, fact, None),
                Meaning::Member(fact, member) => evaluation.place(library, fact, Some(member)),
                _ => Place::Nowhere,
            },
            unit: match column.meaning {
                Meaning::Fact(fact) => columns.iter().position(|other| other.meaning == Meaning::Unit(fact)),
                _ => None,
            },
            codes: Vec::new(),
            dictionary: None,
        });
        Coder {
            as_of: reader.as_of().map(days_since_epoch),
            known: known.collect(),
            units: Vec::new(),
            facts: evaluation.facts(),
            words: Vec::new(),
            reader,
            columns,
        }
    }

    /// The reader of rows, for those that go their way.
    pub fn reader(&mut self) -> &mut Reader<'a> {
        &mut self.reader
    }

    /// Takes up to sixty-four rows from a place on; gives the facts, and the rows that go the way of rows.
    pub fn code(&mut self, evaluation: &Columns, chunk: &Chunk, start: usize, live: u64) -> (&mut Facts<'a>, u64) {
        self.facts.clear();
        if let Some(days) = self.as_of {
            (0..WIDTH).for_each(|lane| self.facts.put_as_of(lane, days));
        }
        let mut unusual = if chunk.may_be_too_long() { live } else { 0 };
        for (index, column) in self.columns.iter().enumerate() {
            match column.meaning {
                Meaning::Patient => unusual |= live & !(chunk.known(index, start) & chunk.visible(index, start)),
                Meaning::Fact(_) | Meaning::Member(..) | Meaning::AsOf => {
                    let known = chunk.known(index, start) & live;
                    if known != 0 {
                        unusual |= self.column(evaluation, chunk, index, start, known);
                    }
                }
                _ => {}
            }
        }
        (&mut self.facts, unusual)
    }

    /// Takes one column; gives the rows that go the way of rows.
    fn column(&mut self, evaluation: &Columns, chunk: &Chunk, index: usize, start: usize, known: u64) -> u64 {
        if let Some(truths) = chunk.truths(index, start) {
            let row = |word: u64| start + word.trailing_zeros() as usize;
            let mut unusual = 0;
            for (key, those) in [(0, known & !truths), (1, known & truths)] {
                if those == 0 {
                    continue;
                }
                match self.look_up(evaluation, chunk, index, row(those), (key, 0)) {
                    Code::Value(place, value) => {
                        let (place, value) = (*place, *value);
                        self.facts.put_word(place, value, those);
                    }
                    Code::Nothing => {}
                    _ => unusual |= those,
                }
            }
            return unusual;
        }
        let unit = self.known.get(index).and_then(|known| known.unit);
        let (units, mut unusual) = match unit {
            Some(unit) => self.units_of(evaluation, chunk, unit, start, known),
            None => ([0; WIDTH], 0),
        };
        let mut keys = [0; WIDTH];
        unusual |= known & !chunk.keys(index, start, &mut keys);
        self.same_dictionary(chunk, index);
        let place = self.known.get(index).map_or(Place::Nowhere, |known| known.place);
        let (mut kept, mut numbers) = ([0; WIDTH], 0);
        self.words.fill(0);
        for lane in lanes(known & !unusual) {
            let key = (keys.get(lane).copied().unwrap_or(0), units.get(lane).copied().unwrap_or(0));
            let bit = 1 << lane;
            match self.look_up(evaluation, chunk, index, start + lane, key) {
                Code::Nothing => {}
                Code::Unusual | Code::Unit(_) => unusual |= bit,
                Code::Value(_, value) => {
                    let value = *value;
                    if self.words.len() <= value {
                        self.words.resize(value + 1, 0);
                    }
                    self.words.get_mut(value).into_iter().for_each(|word| *word |= bit);
                }
                Code::Number(number) => {
                    let number = *number;
                    kept.get_mut(lane).into_iter().for_each(|slot| *slot = number);
                    numbers |= bit;
                }
                Code::AsOf(days) => {
                    let days = *days;
                    self.facts.put_as_of(lane, days);
                }
                Code::Other(fact, recorded) => {
                    let (fact, recorded) = (*fact, Rc::clone(recorded));
                    self.facts.put(lane, fact, &recorded);
                }
            }
        }
        match place {
            Place::Values(place) => {
                for (value, those) in self.words.iter().enumerate().filter(|(_, those)| **those != 0) {
                    self.facts.put_word(place, value, *those);
                }
            }
            Place::Numbers(place) => self.facts.put_numbers(place, &kept, numbers),
            Place::Several | Place::Nowhere => {}
        }
        unusual
    }

    /// The number of the unit of each row, 0 where none is said; and the rows whose unit has no number.
    fn units_of(&mut self, evaluation: &Columns, chunk: &Chunk, index: usize, start: usize, rows: u64) -> ([usize; WIDTH], u64) {
        let mut units = [0; WIDTH];
        let mut keys = [0; WIDTH];
        let known = chunk.known(index, start) & rows;
        if known == 0 {
            return (units, 0);
        }
        let mut unusual = known & !chunk.keys(index, start, &mut keys);
        self.same_dictionary(chunk, index);
        for lane in lanes(known & !unusual) {
            let key = (keys.get(lane).copied().unwrap_or(0), 0);
            match self.look_up(evaluation, chunk, index, start + lane, key) {
                Code::Unit(unit) => {
                    let unit = *unit;
                    units.get_mut(lane).into_iter().for_each(|slot| *slot = unit);
                }
                Code::Nothing => {}
                _ => unusual |= 1 << lane,
            }
        }
        (units, unusual)
    }

    /// Forgets what keys stand for where they stand for something else now.
    fn same_dictionary(&mut self, chunk: &Chunk, index: usize) {
        let Some(known) = self.known.get_mut(index) else { return };
        let dictionary = chunk.dictionary(index);
        if known.dictionary != dictionary {
            known.dictionary = dictionary;
            known.codes.clear();
        }
    }

    /// What a value comes to, by its key and unit; found out where it is not remembered.
    fn look_up(&mut self, evaluation: &Columns, chunk: &Chunk, index: usize, row: usize, (key, unit): (i64, usize)) -> &Code {
        const {
            assert!(REMEMBERED.is_power_of_two(), "a slot is some bits of a hash");
        }
        let hash = (key.cast_unsigned() ^ ((unit as u64) << 56)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let slot = usize::try_from(hash >> (64 - REMEMBERED.trailing_zeros())).unwrap_or(0);
        let codes = self.known.get(index).map(|known| &known.codes);
        let is_there = |found: &Option<(i64, usize, Code)>| matches!(found, Some((k, u, _)) if *k == key && *u == unit);
        if !codes.and_then(|codes| codes.get(slot)).is_some_and(is_there) {
            let code = self.find_out(evaluation, chunk, index, row, unit);
            if let Some(known) = self.known.get_mut(index) {
                if known.codes.is_empty() {
                    known.codes.resize(REMEMBERED, None);
                }
                if let Some(place) = known.codes.get_mut(slot) {
                    *place = Some((key, unit, code));
                }
            }
        }
        let found = self.known.get(index).and_then(|known| known.codes.get(slot));
        found.and_then(Option::as_ref).map_or(&Code::Unusual, |(.., code)| code)
    }

    fn find_out(&mut self, evaluation: &Columns, chunk: &Chunk, index: usize, row: usize, unit: usize) -> Code {
        let (Some(column), Some(place)) = (self.columns.get(index), self.known.get(index).map(|known| known.place)) else {
            return Code::Unusual;
        };
        let text = chunk.text(index, row);
        if text.is_empty() {
            return Code::Nothing;
        }
        if let Meaning::Unit(_) = column.meaning {
            let known = self.units.iter().position(|unit| *unit == text);
            return match known {
                Some(known) => Code::Unit(known + 1),
                None if self.units.len() < UNITS => {
                    self.units.push(text);
                    Code::Unit(self.units.len())
                }
                None => Code::Unusual,
            };
        }
        let unit = unit.checked_sub(1).and_then(|unit| self.units.get(unit)).map(String::as_str);
        match self.reader.entry(column, &Cell::Text(Cow::Owned(text)), unit) {
            Err(_) => Code::Unusual,
            Ok(None) => Code::Nothing,
            Ok(Some(Stated::AsOf(date))) => Code::AsOf(days_since_epoch(date)),
            Ok(Some(Stated::Entry(entry))) => {
                let code = match (place, &entry.recorded) {
                    (Place::Numbers(at), recorded) => evaluation.kept(at, recorded).map(Code::Number),
                    (Place::Values(at), Recorded::YesNo(yes) | Recorded::Member(_, Some(yes))) => {
                        Some(Code::Value(at, usize::from(*yes)))
                    }
                    (Place::Values(at), Recorded::OneOf(value)) => Some(Code::Value(at, *value)),
                    _ => None,
                };
                code.unwrap_or_else(|| Code::Other(entry.fact, Rc::new(entry.recorded)))
            }
        }
    }
}
