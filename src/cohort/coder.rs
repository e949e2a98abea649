//! Wide tables in columns: what stands in some hundred rows at a time, without a record for anybody.
//!
//! In: unpacked columns or blocks of CSV, and what they mean. Out: facts as words and numbers, and the rows of which something is
//! unusual or wrong.
//!
//! What a value means the reader of rows says, once for each value that a column repeats; so there is one meaning. A row with a value
//! that cannot be read goes the way of rows, with its reasons.

use super::columns::{Column, Meaning};
use super::lines::Block;
use super::parquet::{Chunk, Dictionary};
use super::record::{Cell, Reader, Stated};
use super::texts::{ASKED, Code, Few, LONG, NOTHING, NUMBER, Texts, UNASKED, UNUSUAL, VALUES};
use super::words::{places, plane, spread};
use crate::eval::columns::{Columns, Facts, Mask, Place, WIDTH, WORDS, lanes};
use crate::model::{Library, Recorded, days_since_epoch};
use csv::ByteRecord;
use std::borrow::Cow;
use std::io;
use std::rc::Rc;

/// How many values of a column are remembered; a power of two.
const REMEMBERED: usize = 4_096;

/// How many different units are told apart; who has another goes the way of rows.
const UNITS: usize = 256;

/// What a key of a dictionary comes to, where there are few such things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Nothing,
    Unusual,
    Value(usize),
    /// Numbers that pass the same tests.
    Class(usize),
    /// Numbers that count themselves.
    Number,
}

impl Kind {
    /// The kind of what a value comes to; nothing, where it takes more to say it.
    fn of(code: &Code, place: Place, evaluation: &Columns) -> Option<Kind> {
        match (code, place) {
            (Code::Nothing, _) => Some(Kind::Nothing),
            (Code::Unusual, _) => Some(Kind::Unusual),
            (Code::Value(_, value), Place::Values(_)) => Some(Kind::Value(*value)),
            (Code::Number(number), Place::Numbers(place)) => {
                Some(evaluation.class(place, *number).map_or(Kind::Number, Kind::Class))
            }
            _ => None,
        }
    }
}

/// How many kinds of things a column may have before each of its rows is looked at.
const KINDS: usize = 64;

/// What nobody has asked for yet.
const NOT_ASKED: u8 = u8::MAX;

/// For each of so many kinds the rows that are of it, where each row among `rows` has its kind, one close behind the other.
fn among(which: &[u8; WIDTH], rows: Mask, kinds: usize) -> impl Iterator<Item = Mask> {
    let bits = usize::BITS - kinds.saturating_sub(1).leading_zeros();
    let (close, _) = which.as_chunks::<64>();
    let planes: Vec<Mask> = (0..bits)
        .map(|bit| {
            let close = Mask::of(|word| close.get(word).map_or(0, |bytes| plane(bytes, 1 << bit)));
            let mut at = 0;
            Mask::of(|word| {
                let own = rows.word(word);
                let (word, shift) = (at / 64, at % 64);
                let behind = close.word(word + 1).unbounded_shl(64 - at as u32 % 64);
                at += own.count_ones() as usize;
                spread(close.word(word) >> shift | behind, own)
            })
        })
        .collect();
    (0..kinds).map(move |kind| {
        let planes = planes.iter().enumerate();
        planes.fold(rows, |those, (bit, plane)| match kind >> bit & 1 {
            0 => those & !*plane,
            _ => those & *plane,
        })
    })
}

/// What has been found out of a column.
struct Known {
    place: Place,
    /// The column with the units of its numbers.
    unit: Option<usize>,
    /// Values by key and unit.
    codes: Vec<Option<(i64, usize, Code)>>,
    /// No and yes, of a column of truths.
    truths: [Option<Kind>; 2],
    /// Which of the kinds of things each key of the dictionary comes to, or [`NOT_ASKED`].
    by_key: Vec<u8>,
    kinds: Vec<Kind>,
    /// The number of each key, where numbers count.
    numbers: Vec<i64>,
    texts: Texts,
    /// Short texts, as long as they are few; each with its kind, counted from one.
    few: Option<Few>,
    dictionary: Option<Dictionary>,
}

impl Known {
    /// Which of the kinds of things that the column has one is; nothing, where these are too many.
    fn number_of(&mut self, kind: Kind) -> Option<u8> {
        let number = self.kinds.iter().position(|known| *known == kind);
        let number = number.unwrap_or(self.kinds.len());
        if number == self.kinds.len() {
            self.kinds.push(kind);
        }
        u8::try_from(number).ok().filter(|number| usize::from(*number) < KINDS)
    }
}

/// Rows of a wide table.
#[derive(Clone, Copy)]
pub enum Wide<'c> {
    /// Unpacked, column by column.
    Chunk(&'c Chunk),
    /// As texts.
    Block(&'c Block),
}

impl Wide<'_> {
    /// How many rows there are.
    pub fn rows(self) -> usize {
        match self {
            Wide::Chunk(chunk) => chunk.rows(),
            Wide::Block(block) => block.rows(),
        }
    }

    /// A row as it stands in CSV, with its line from 1.
    ///
    /// # Errors
    ///
    /// That it is too long.
    pub fn row(self, row: usize) -> io::Result<(u64, ByteRecord)> {
        match self {
            Wide::Chunk(chunk) => chunk.row(row),
            Wide::Block(block) => Ok(block.row(row)),
        }
    }
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
        let unit_of = |column: &Column| match column.meaning {
            Meaning::Fact(fact) => columns.iter().position(|other| other.meaning == Meaning::Unit(fact)),
            _ => None,
        };
        let known = columns.iter().map(|column| Known {
            place: match column.meaning {
                Meaning::Fact(fact) => evaluation.place(library, fact, None),
                Meaning::Member(fact, member) => evaluation.place(library, fact, Some(member)),
                _ => Place::Nowhere,
            },
            unit: unit_of(column),
            codes: Vec::new(),
            truths: [None; 2],
            by_key: Vec::new(),
            kinds: Vec::new(),
            numbers: Vec::new(),
            texts: Texts::default(),
            few: unit_of(column).is_none().then(Few::default),
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

    /// Who stands in a row with nothing unusual; nothing, where only the reader of rows can say it.
    pub fn patient(&self, wide: Wide<'_>, row: usize) -> Option<String> {
        let mut patients = self.columns.iter().enumerate();
        let (index, _) = patients.find(|(_, column)| column.meaning == Meaning::Patient)?;
        let text = match wide {
            Wide::Chunk(chunk) => chunk.text(index, row),
            Wide::Block(block) => std::str::from_utf8(block.column(index, row, 1).next()?.value().text()?)
                .ok()?
                .to_owned(),
        };
        let patient = text.trim();
        (!patient.is_empty()).then(|| patient.to_owned())
    }

    /// Takes up to [`WIDTH`] rows from a place on; gives the facts, and the rows that go the way of rows.
    pub fn code(&mut self, evaluation: &Columns, wide: Wide<'_>, start: usize, live: Mask) -> (&mut Facts<'a>, Mask) {
        self.facts.clear();
        if let Some(days) = self.as_of {
            self.facts.put_as_of_all(days);
        }
        let unusual = match wide {
            Wide::Chunk(chunk) => self.chunk(evaluation, chunk, start, live),
            Wide::Block(block) => self.block(evaluation, block, start, live),
        };
        (&mut self.facts, unusual)
    }

    fn chunk(&mut self, evaluation: &Columns, chunk: &Chunk, start: usize, live: Mask) -> Mask {
        let mut unusual = if chunk.may_be_too_long() { live } else { Mask::NOBODY };
        for (index, column) in self.columns.iter().enumerate() {
            let known = |word: usize| match live.word(word) {
                0 => 0,
                live => live & chunk.known(index, start + 64 * word),
            };
            match column.meaning {
                Meaning::Patient => {
                    let said = |word: usize| match known(word) {
                        0 => 0,
                        known => known & chunk.visible(index, start + 64 * word),
                    };
                    unusual |= live & !Mask::of(said);
                }
                Meaning::Fact(_) | Meaning::Member(..) | Meaning::AsOf => {
                    unusual |= self.column(evaluation, chunk, index, start, Mask::of(known));
                }
                _ => {}
            }
        }
        unusual
    }

    fn block(&mut self, evaluation: &Columns, block: &Block, start: usize, live: Mask) -> Mask {
        let mut unusual = Mask::NOBODY;
        let columns = self.columns;
        // Sixty-four rows at a time, so that these stay near the processor.
        for word in 0..WORDS {
            let (start, rows) = (start + 64 * word, live.word(word).count_ones() as usize);
            if rows == 0 {
                break;
            }
            let mut of_word = 0;
            for (index, column) in columns.iter().enumerate() {
                let without = |is_usual: &dyn Fn(&[u8]) -> bool| {
                    let values = block.column(index, start, rows).enumerate();
                    values.fold(0, |word, (lane, written)| match written.value().text() {
                        Some(text) if is_usual(text) => word,
                        _ => word | 1 << lane,
                    })
                };
                of_word |= match column.meaning {
                    Meaning::Patient => without(&|text| text.first().is_some_and(u8::is_ascii_graphic) && text.is_ascii()),
                    Meaning::Fact(_) | Meaning::Member(..) | Meaning::AsOf => {
                        self.texts(evaluation, block, index, (word, start), rows)
                    }
                    // Whether or not a number stands beside it, it has to be a text.
                    Meaning::Unit(_) => without(&<[u8]>::is_ascii),
                    _ => 0,
                };
            }
            unusual.put(word, of_word);
        }
        unusual
    }

    /// Takes one column of texts; gives the rows that go the way of rows.
    fn texts(&mut self, evaluation: &Columns, block: &Block, index: usize, (word, start): (usize, usize), rows: usize) -> u64 {
        let Some(Known { place, unit, .. }) = self.known.get(index) else {
            return !0;
        };
        let (place, unit) = (*place, *unit);
        if let Some(unusual) = self.few(evaluation, block, index, (word, start), rows) {
            return unusual;
        }
        let (mut units, mut kept, mut unusual) = ([0; 64], [0; 64], 0);
        if let Some(unit) = unit {
            let among = self.outcomes(evaluation, block, (unit, start, rows), &units, &mut kept);
            let found = units.iter_mut().zip(&kept);
            found.for_each(|(unit, number)| *unit = u16::try_from(*number).unwrap_or(0));
            unusual |= places(&among, UNUSUAL) | places(&among, LONG);
        }
        let among = self.outcomes(evaluation, block, (index, start, rows), &units, &mut kept);
        unusual |= places(&among, UNUSUAL);
        for lane in lanes(places(&among, LONG)) {
            let code = kept.get(lane).and_then(|number| usize::try_from(*number).ok());
            match code.and_then(|code| self.known.get(index)?.texts.long.get(code)) {
                Some(Code::AsOf(days)) => self.facts.put_as_of(64 * word + lane, *days),
                Some(Code::Other(fact, recorded)) => self.facts.put(64 * word + lane, *fact, recorded),
                Some(Code::Value(place, value)) => self.facts.put_word(*place, *value, word, 1 << lane),
                _ => unusual |= 1 << lane,
            }
        }
        self.put_among(word, place, &among, &kept);
        unusual
    }

    /// Takes one column of which few short texts are different; nothing, where something has to be asked for by itself.
    fn few(
        &mut self,
        evaluation: &Columns,
        block: &Block,
        index: usize,
        (word, start): (usize, usize),
        rows: usize,
    ) -> Option<u64> {
        let mut which = [ASKED; 64];
        let keys = || block.short(index, start);
        self.known.get_mut(index)?.few.as_mut()?.open();
        while !self.known.get(index)?.few.as_ref()?.read(keys(), which.get_mut(..rows)?) {
            if self.learn(evaluation, block, index, start, rows).is_none() {
                self.known.get_mut(index)?.few = None;
            }
        }
        let live = Mask::first(rows).word(0);
        let found = self.known.get_mut(index)?;
        let is_asked = places(&which, ASKED) & live != 0;
        if found.few.as_mut()?.note(is_asked) {
            found.few = None;
        }
        if is_asked {
            return None;
        }
        let mut unusual = 0;
        for (kind, number) in found.kinds.iter().zip(ASKED + 1..) {
            if *kind == Kind::Nothing {
                continue;
            }
            let those = places(&which, number) & live;
            match (kind, found.place) {
                _ if those == 0 => {}
                (Kind::Value(value), Place::Values(place)) => self.facts.put_word(place, *value, word, those),
                (Kind::Class(class), Place::Numbers(place)) => {
                    let mut of_class = Mask::NOBODY;
                    of_class.put(word, those);
                    self.facts.put_class(place, *class, of_class);
                }
                _ => unusual |= those,
            }
        }
        Some(unusual)
    }

    /// Finds out what short texts of a column come to; nothing, where it takes more than a kind to say it, or they are too many.
    fn learn(&mut self, evaluation: &Columns, block: &Block, index: usize, start: usize, rows: usize) -> Option<()> {
        for (key, written) in block.short(index, start).zip(block.column(index, start, rows)) {
            if self.known.get(index)?.few.as_ref()?.knows(key) {
                continue;
            }
            let code = match written.value().text() {
                Some(text) => self.read(evaluation, index, text, 0),
                None => Code::Unusual,
            };
            let found = self.known.get_mut(index)?;
            let kind = Kind::of(&code, found.place, evaluation).filter(|kind| *kind != Kind::Number)?;
            let number = found.number_of(kind)?;
            found.few.as_mut()?.remember(key, number + 1)?;
        }
        Some(())
    }

    /// Puts what values of a column come to at its place.
    fn put_among(&mut self, word: usize, place: Place, among: &[u8; 64], kept: &[i64; 64]) {
        match place {
            Place::Values(place) => {
                let most = among.iter().copied().max().unwrap_or(0);
                for value in VALUES..=most {
                    let those = places(among, value);
                    if those != 0 {
                        self.facts.put_word(place, usize::from(value - VALUES), word, those);
                    }
                }
            }
            Place::Numbers(place) => self.facts.put_numbers(place, word, kept, places(among, NUMBER)),
            Place::Several | Place::Nowhere => {}
        }
    }

    /// What the texts of a column come to: among which rows each is, and the numbers.
    fn outcomes(
        &mut self,
        evaluation: &Columns,
        block: &Block,
        (index, start, rows): (usize, usize, usize),
        units: &[u16; 64],
        kept: &mut [i64; 64],
    ) -> [u8; 64] {
        let mut among = [NOTHING; 64];
        let Some(known) = self.known.get_mut(index) else {
            return among;
        };
        known.texts.tidy();
        let asked_for = among.get_mut(..rows).unwrap_or_default();
        known.texts.find_all(block.keys(index, start), units, asked_for, kept);
        for lane in lanes(places(&among, UNASKED.among)) {
            let (Some(written), Some(unit)) = (block.column(index, start + lane, 1).next(), units.get(lane)) else {
                continue;
            };
            let remembered = self.known.get(index).and_then(|known| known.texts.find(written, *unit));
            let outcome = remembered.or_else(|| {
                let code = match written.value().text() {
                    Some(text) => self.read(evaluation, index, text, usize::from(*unit)),
                    None => Code::Unusual,
                };
                let texts = self.known.get_mut(index).map(|known| &mut known.texts);
                texts.map(|texts| texts.remember(written, *unit, code))
            });
            if let (Some(outcome), Some(among), Some(kept)) = (outcome, among.get_mut(lane), kept.get_mut(lane)) {
                (*among, *kept) = (outcome.among, outcome.number);
            }
        }
        among
    }

    /// Takes one column; gives the rows that go the way of rows.
    fn column(&mut self, evaluation: &Columns, chunk: &Chunk, index: usize, start: usize, known: Mask) -> Mask {
        let mut unusual = Mask::NOBODY;
        if chunk.truths(index, start).is_none() {
            let unit = self.known.get(index).and_then(|known| known.unit);
            if unit.is_none()
                && let Some(unusual) = self.close_keys(evaluation, chunk, index, start, known)
            {
                return unusual;
            }
            for word in 0..WORDS {
                let known = known.word(word);
                if known != 0 {
                    unusual.put(
                        word,
                        self.column_word(evaluation, chunk, index, (word, start + 64 * word), known),
                    );
                }
            }
            return unusual;
        }
        let truths = Mask::of(|word| chunk.truths(index, start + 64 * word).unwrap_or(0));
        for (key, those) in [(0, known & !truths), (1, known & truths)] {
            let Some(first) = those.lanes().next() else { continue };
            let Some(Known { place, truths, .. }) = self.known.get(index) else {
                return known;
            };
            let place = *place;
            let kind = truths.get(key).copied().flatten().unwrap_or_else(|| {
                // A truth comes to no date and to no set.
                let code = self.find_out(evaluation, chunk, index, start + first, 0);
                let kind = Kind::of(&code, place, evaluation).unwrap_or(Kind::Unusual);
                let slot = self.known.get_mut(index).and_then(|known| known.truths.get_mut(key));
                slot.into_iter().for_each(|slot| *slot = Some(kind));
                kind
            });
            match (kind, place) {
                (Kind::Nothing, _) => {}
                (Kind::Value(value), Place::Values(place)) => self.facts.put_values(place, value, those),
                _ => unusual |= those,
            }
        }
        unusual
    }

    /// Takes sixty-four rows of a column that does not hold truths; gives those that go the way of rows.
    fn column_word(
        &mut self,
        evaluation: &Columns,
        chunk: &Chunk,
        index: usize,
        (word, start): (usize, usize),
        known: u64,
    ) -> u64 {
        let unit = self.known.get(index).and_then(|known| known.unit);
        let (units, mut unusual) = match unit {
            Some(unit) => self.units_of(evaluation, chunk, unit, start, known),
            None => ([0; 64], 0),
        };
        let mut keys = [0; 64];
        unusual |= known & !chunk.keys(index, start, &mut keys);
        self.same_dictionary(chunk, index);
        let place = self.known.get(index).map_or(Place::Nowhere, |known| known.place);
        let (mut kept, mut numbers) = ([0; 64], 0);
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
                    self.facts.put_as_of(64 * word + lane, days);
                }
                Code::Other(fact, recorded) => {
                    let (fact, recorded) = (*fact, Rc::clone(recorded));
                    self.facts.put(64 * word + lane, fact, &recorded);
                }
            }
        }
        self.put(word, place, &kept, numbers);
        unusual
    }

    /// Takes one column by the keys of its dictionary; nothing, where it takes more to say what they come to.
    fn close_keys(&mut self, evaluation: &Columns, chunk: &Chunk, index: usize, start: usize, rows: Mask) -> Option<Mask> {
        let keys = chunk.close_keys(index, start)?;
        self.same_dictionary(chunk, index);
        let place = self.known.get(index)?.place;
        let mut which = [0; WIDTH];
        let count = usize::try_from(rows.count()).ok()?;
        // One for each row that has a value.
        let keys = keys.get(..count)?;
        let slots = || keys.iter().map(|key| *key as usize);
        let by_key = &self.known.get(index)?.by_key;
        let read = slots().zip(&mut which);
        let is_asked = read.fold(true, |is_asked, (key, slot)| {
            *slot = by_key.get(key).copied().unwrap_or(NOT_ASKED);
            is_asked & (*slot != NOT_ASKED)
        });
        if !is_asked {
            for (key, (slot, lane)) in slots().zip(which.iter_mut().zip(rows.lanes())) {
                if *slot == NOT_ASKED {
                    *slot = self.ask(evaluation, chunk, index, start + lane, key)?;
                }
            }
        }
        let found = self.known.get(index)?;
        let those = among(&which, rows, found.kinds.len());
        let mut unusual = Mask::NOBODY;
        for (kind, those) in found.kinds.iter().zip(those) {
            match (kind, place) {
                _ if those.is_nobody() => {}
                (Kind::Nothing, _) => {}
                (Kind::Value(value), Place::Values(place)) => self.facts.put_values(place, *value, those),
                (Kind::Class(class), Place::Numbers(place)) => self.facts.put_class(place, *class, those),
                (Kind::Number, Place::Numbers(place)) => {
                    let mut kept = [[0; 64]; WORDS];
                    for (key, lane) in slots().zip(rows.lanes()) {
                        let slot = kept.as_flattened_mut().get_mut(lane);
                        slot.into_iter()
                            .for_each(|slot| *slot = found.numbers.get(key).copied().unwrap_or(0));
                    }
                    for (word, (kept, those)) in kept.iter().zip(those.words()).enumerate() {
                        self.facts.put_numbers(place, word, kept, *those);
                    }
                }
                _ => unusual |= those,
            }
        }
        Some(unusual)
    }

    /// Which kind of thing a key comes to; nothing, where it takes a [`Code`] to say it.
    fn ask(&mut self, evaluation: &Columns, chunk: &Chunk, index: usize, row: usize, key: usize) -> Option<u8> {
        let code = self.find_out(evaluation, chunk, index, row, 0);
        let found = self.known.get_mut(index)?;
        let kind = Kind::of(&code, found.place, evaluation)?;
        if let (Code::Number(number), Kind::Number) = (&code, kind) {
            if found.numbers.len() <= key {
                found.numbers.resize(key + 1, 0);
            }
            *found.numbers.get_mut(key)? = *number;
        }
        let place = found.number_of(kind)?;
        if found.by_key.len() <= key {
            found.by_key.resize(key + 1, NOT_ASKED);
        }
        *found.by_key.get_mut(key)? = place;
        Some(place)
    }

    /// Puts what has been read of a column at its place.
    fn put(&mut self, word: usize, place: Place, kept: &[i64; 64], numbers: u64) {
        match place {
            Place::Values(place) => {
                for (value, those) in self.words.iter().enumerate().filter(|(_, those)| **those != 0) {
                    self.facts.put_word(place, value, word, *those);
                }
            }
            Place::Numbers(place) => self.facts.put_numbers(place, word, kept, numbers),
            Place::Several | Place::Nowhere => {}
        }
    }

    /// The number of the unit of each row, 0 where none is said; and the rows whose unit has no number.
    fn units_of(&mut self, evaluation: &Columns, chunk: &Chunk, index: usize, start: usize, rows: u64) -> ([usize; 64], u64) {
        let mut units = [0; 64];
        let mut keys = [0; 64];
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
        if !chunk.has_dictionary(index, known.dictionary.as_ref()) {
            known.dictionary = chunk.dictionary(index);
            known.codes.clear();
            known.by_key.clear();
            known.kinds.clear();
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
        self.read(evaluation, index, chunk.text(index, row).as_bytes(), unit)
    }

    /// What a text comes to, with the number of its unit.
    fn read(&mut self, evaluation: &Columns, index: usize, text: &[u8], unit: usize) -> Code {
        let (Some(column), Some(place)) = (self.columns.get(index), self.known.get(index).map(|known| known.place)) else {
            return Code::Unusual;
        };
        let Ok(text) = std::str::from_utf8(text) else {
            return Code::Unusual;
        };
        if text.is_empty() {
            return Code::Nothing;
        }
        if let Meaning::Unit(_) = column.meaning {
            let known = self.units.iter().position(|unit| *unit == text);
            return match known {
                Some(known) => Code::Unit(known + 1),
                None if self.units.len() < UNITS => {
                    self.units.push(text.to_owned());
                    Code::Unit(self.units.len())
                }
                None => Code::Unusual,
            };
        }
        let unit = unit.checked_sub(1).and_then(|unit| self.units.get(unit)).map(String::as_str);
        match self.reader.entry(column, &Cell::Text(Cow::Borrowed(text)), unit) {
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
