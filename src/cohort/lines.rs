//! CSV in blocks of whole rows: where each value begins and ends, without a text for any of them.
//!
//! In: bytes. Out: blocks of rows that lie as rows should; and the bytes from the first row on that does not.
//!
//! A row that has too few values or too many, a quote in the middle of a value, an empty line: what any of these means, the reader
//! of rows says alone. It takes over from there on.

use super::Bytes;
use super::words::places;
use crate::limits;
use csv::ByteRecord;
use std::cell::OnceCell;
use std::io::{self, Read};

/// How many bytes are taken together at the most, unless a row has more.
const BLOCK: usize = 1 << 18;
const LEAST_BLOCK: usize = 1 << 13;

/// A mark that stands before the text of some tables, and is no part of it.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// What stands behind the last row of a block, so that sixteen bytes can be taken from any place in it.
const ROOM: [u8; 16] = [0; 16];

/// Reads blocks.
pub struct Lines {
    source: Bytes,
    delimiter: u8,
    /// How many values a row has.
    width: usize,
    /// What has been read and not been given.
    left: Vec<u8>,
    place: Place,
    is_over: bool,
    /// Whether the last line was without an end, and has been given one.
    is_ended: bool,
}

/// Where rows stand in the table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    /// How many ends of lines come before them.
    pub lines: u64,
    /// Whether the row before them ended with a return and the end of a line.
    pub after_return: bool,
}

/// What comes next.
pub enum Next {
    /// Rows that lie as they should.
    Block(Block),
    /// Everything that is left, for the reader of rows, and where it stands.
    Rest(Bytes, Place),
    /// No more.
    Nothing,
}

impl Lines {
    /// Reads a table with this header after some of its bytes, the first ones; or gives them back, if its header is not written as rows
    /// should be.
    pub fn new(first: Vec<u8>, source: Bytes, delimiter: u8, header: &[String]) -> Result<Self, Bytes> {
        let begin = if first.starts_with(MARK) { MARK.len() } else { 0 };
        let mut scan = Scan::new(delimiter, header.len());
        scan.take(first.get(begin..).unwrap_or_default());
        let is_usual = header.len() > 1 && !matches!(delimiter, b'"' | b'\r' | b'\n' | 0) && scan.rows > 0;
        if !is_usual {
            return Err(Box::new(io::Cursor::new(first).chain(source)));
        }
        let block = scan.block(first.get(begin..).unwrap_or_default().to_vec(), Place::default());
        let names = (0..header.len()).map(|column| block.value(0, column));
        let is_same = names
            .zip(header)
            .all(|(value, name)| value.text().is_some_and(|text| text == name.as_bytes()));
        let end = block.begin(1);
        let place = block.place(1);
        match is_same {
            true => Ok(Lines {
                source,
                delimiter,
                width: header.len(),
                left: block.bytes.get(end..).unwrap_or_default().to_vec(),
                place,
                is_over: false,
                is_ended: false,
            }),
            false => Err(Box::new(io::Cursor::new(first).chain(source))),
        }
    }

    /// The next rows.
    ///
    /// # Errors
    ///
    /// Why there are none.
    pub fn next_block(&mut self, most_rows: Option<usize>) -> io::Result<Next> {
        // A row has a value and what is behind it at the least, for each column.
        let bytes = most_rows.map_or(BLOCK, |rows| 2 * self.width * rows);
        let mut wanted = bytes.clamp(LEAST_BLOCK, BLOCK);
        loop {
            self.fill(wanted)?;
            let mut scan = Scan::new(self.delimiter, self.width);
            scan.take(&self.left);
            // A row may be too long; the reader of rows knows.
            let is_much = self.left.len() > limits::ROW_BYTES.max(BLOCK);
            match scan.rows {
                0 if self.left.is_empty() => return Ok(Next::Nothing),
                0 if scan.is_usual && !self.is_over && !is_much => wanted = self.left.len() * 2,
                0 => return Ok(self.rest()),
                _ if is_much => return Ok(self.rest()),
                _ => {
                    let end = scan.end;
                    let mut block = scan.block(std::mem::take(&mut self.left), self.place);
                    self.left = block.bytes.split_off(end);
                    self.place = block.place_behind();
                    block.bytes.extend_from_slice(&ROOM);
                    return Ok(Next::Block(block));
                }
            }
        }
    }

    fn fill(&mut self, wanted: usize) -> io::Result<()> {
        if self.is_over || self.left.len() >= wanted {
            return Ok(());
        }
        let more = wanted - self.left.len();
        self.left.reserve(more + 1 + ROOM.len());
        let count = self.source.by_ref().take(more as u64).read_to_end(&mut self.left)?;
        if count < more {
            self.is_over = true;
            self.is_ended = self.left.last().is_some_and(|last| *last != b'\n');
            if self.is_ended {
                self.left.push(b'\n');
            }
        }
        Ok(())
    }

    fn rest(&mut self) -> Next {
        if self.is_ended {
            self.left.pop();
        }
        let source = std::mem::replace(&mut self.source, Box::new(io::empty()));
        let left = io::Cursor::new(std::mem::take(&mut self.left));
        self.is_over = true;
        Next::Rest(Box::new(left.chain(source)), self.place)
    }
}

/// Rows that lie as they should.
pub struct Block {
    bytes: Vec<u8>,
    /// Which bytes end a value, a bit for each.
    bounds: Vec<u64>,
    /// How many these are.
    count: usize,
    /// Where the values begin, each one byte behind the end of the one before; and one more, where another would begin. Then as many
    /// that mean nothing as a row has values. Found once somebody asks: whoever reads keeps others waiting.
    begins: OnceCell<Vec<u32>>,
    width: usize,
    rows: usize,
    place: Place,
    /// Whether some values are written over several lines.
    has_inner_lines: bool,
    /// How many ends of lines come before each row of the block, once that is asked where values have some.
    lines: OnceCell<Vec<u64>>,
}

/// A value as it is written, with its quotes.
#[derive(Clone, Copy)]
pub struct Written<'b> {
    bytes: &'b [u8],
    begin: usize,
    end: usize,
    /// Where the next value begins: behind the bound, which may have a return before it.
    next: usize,
}

impl<'b> Written<'b> {
    /// The bytes of it and of the bound behind it, if these are at most sixteen; else [`LONG_TEXT`]. No two that are written otherwise
    /// have the same: the last byte that is not zero is a bound, and a value has bounds within it only between quotes.
    #[inline]
    pub fn key(self) -> u128 {
        key(self.bytes, self.begin, self.next)
    }

    /// What it says.
    pub fn value(self) -> Value<'b> {
        match self.bytes.get(self.begin..self.end).unwrap_or_default() {
            [b'"', inner @ .., b'"'] => match inner.contains(&b'"') {
                true => Value::Quoted(inner),
                false => Value::Plain(inner),
            },
            plain => Value::Plain(plain),
        }
    }

    /// The bytes of it.
    pub fn bytes(self) -> &'b [u8] {
        self.bytes.get(self.begin..self.end).unwrap_or_default()
    }
}

/// As [`Written::key`], of what begins at one place, with the next value at another.
#[inline]
fn key(bytes: &[u8], begin: usize, next: usize) -> u128 {
    // Behind the last value there is room.
    let near = bytes.get(begin..begin + 16).and_then(<[u8]>::first_chunk);
    let own = OWN.get(next.wrapping_sub(begin).min(17)).copied().unwrap_or_default();
    u128::from_le_bytes(near.copied().unwrap_or_default()) & own
}

/// The bits of so many bytes, if these are at most sixteen; else none.
const OWN: [u128; 18] = {
    let mut own = [0; 18];
    let mut length = 1;
    while length < 17 {
        #[expect(
            clippy::indexing_slicing,
            reason = "the compiler evaluates this, and refuses an index out of bounds"
        )]
        {
            own[length] = !0 >> (128 - 8 * length);
        }
        length += 1;
    }
    own
};

/// The bits of so many bytes, if these are at most eight; else none.
const NEAR: [u64; 10] = [
    0,
    0xff,
    0xffff,
    0x00ff_ffff,
    0xffff_ffff,
    0x00ff_ffff_ffff,
    0xffff_ffff_ffff,
    0x00ff_ffff_ffff_ffff,
    !0,
    0,
];

/// The key of texts of more than fifteen bytes.
pub const LONG_TEXT: u128 = 0;

/// The short key of texts of more than seven bytes.
pub const NOT_SHORT: u64 = 0;

/// What a value says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'b> {
    /// Without quotes, or what lies between them.
    Plain(&'b [u8]),
    /// What lies between quotes, with quotes among it, each twice.
    Quoted(&'b [u8]),
}

impl<'b> Value<'b> {
    /// The value, where it stands as it is written.
    pub fn text(self) -> Option<&'b [u8]> {
        match self {
            Value::Plain(text) => Some(text),
            Value::Quoted(_) => None,
        }
    }
}

impl Block {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many values a row has.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Where all values begin.
    fn all_begins(&self) -> &[u32] {
        self.begins.get_or_init(|| {
            // Each byte of the last sixty-four may be a bound.
            let mut begins = vec![0; self.count + 1 + 64];
            let (mut count, mut behind) = (1, 1);
            for bounds in &self.bounds {
                let slots = begins.get_mut(count..).and_then(<[u32]>::first_chunk_mut::<64>);
                let mut left = *bounds;
                for slots in slots.map_or(&mut [][..], |slots| slots.as_chunks_mut::<TOGETHER>().0) {
                    for slot in slots {
                        *slot = behind + left.trailing_zeros();
                        left &= left.wrapping_sub(1);
                    }
                    if left == 0 {
                        break;
                    }
                }
                count += bounds.count_ones() as usize;
                behind += 64;
            }
            begins.truncate(self.width * self.rows + 1);
            // Whoever reads a column takes whole rows from it on.
            begins.resize(self.width * (self.rows + 1) + 1, 0);
            begins
        })
    }

    /// Where a row begins.
    fn begin(&self, row: usize) -> usize {
        let begin = self.all_begins().get(row * self.width);
        begin.map_or(self.bytes.len(), |begin| *begin as usize)
    }

    /// Where the values of a column begin, of the rows from one on, each with where the next value does.
    #[inline]
    fn begins(&self, column: usize, start: usize) -> impl Iterator<Item = (usize, usize)> {
        let begins = self.all_begins().get(start * self.width + column..).unwrap_or_default();
        // There are at least two values in a row, and behind the last one there are as many begins again.
        begins.chunks_exact(self.width).map(|begins| match *begins {
            [begin, next, ..] => (begin as usize, next as usize),
            _ => (0, 0),
        })
    }

    /// The values of a column as they are written, of some rows from one on.
    #[inline]
    pub fn column(&self, column: usize, start: usize, rows: usize) -> impl Iterator<Item = Written<'_>> {
        let is_last = column + 1 == self.width;
        self.begins(column, start).take(rows).map(move |(begin, next)| {
            let mut end = next.wrapping_sub(1);
            if is_last && self.bytes.get(end.wrapping_sub(1)) == Some(&b'\r') && end > begin {
                end -= 1;
            }
            Written {
                bytes: &self.bytes,
                begin,
                end,
                next,
            }
        })
    }

    /// The key of each value of a column, of the rows from one on.
    #[inline]
    pub fn keys(&self, column: usize, start: usize) -> impl Iterator<Item = u128> {
        let bytes = self.bytes.as_slice();
        self.begins(column, start).map(move |(begin, next)| key(bytes, begin, next))
    }

    /// For each value of a column, of the rows from one on, the bytes of it and of the bound behind it, if these are at most eight;
    /// else [`NOT_SHORT`]. No two that are written otherwise have the same, as with [`Written::key`].
    #[inline]
    pub fn short(&self, column: usize, start: usize) -> impl Iterator<Item = u64> {
        let bytes = self.bytes.as_slice();
        self.begins(column, start).map(move |(begin, next)| {
            // Behind the last value there is room.
            let near = bytes.get(begin..begin + 8).and_then(<[u8]>::first_chunk);
            let own = NEAR.get(next.wrapping_sub(begin).min(9));
            u64::from_le_bytes(near.copied().unwrap_or_default()) & own.copied().unwrap_or_default()
        })
    }

    /// A value.
    fn value(&self, row: usize, column: usize) -> Value<'_> {
        self.column(column, row, 1).next().map_or(Value::Plain(&[]), Written::value)
    }

    /// A row as texts, and its line from 1.
    pub fn row(&self, row: usize) -> (u64, ByteRecord) {
        let mut record = ByteRecord::new();
        for column in 0..self.width {
            match self.value(row, column) {
                Value::Plain(text) => record.push_field(text),
                Value::Quoted(text) => {
                    let mut after_quote = false;
                    let once = text.iter().filter(|byte| {
                        after_quote = **byte == b'"' && !after_quote;
                        **byte != b'"' || after_quote
                    });
                    record.push_field(&once.copied().collect::<Vec<u8>>());
                }
            }
        }
        let place = self.place(row);
        // As the reader of rows counts: a row ends with the return, and the end of its line belongs to the next one.
        (place.lines + 1 - u64::from(place.after_return), record)
    }

    /// Where what comes behind all rows stands in the table, if nothing else is in the block.
    fn place_behind(&self) -> Place {
        let lines = match self.has_inner_lines {
            false => self.rows,
            true => self.bytes.iter().filter(|byte| **byte == b'\n').count(),
        };
        Place {
            lines: self.place.lines + lines as u64,
            after_return: self.bytes.ends_with(b"\r\n"),
        }
    }

    /// Where a row stands in the table.
    fn place(&self, row: usize) -> Place {
        let before = |row: usize| match self.has_inner_lines {
            false => row as u64 + 1,
            true => {
                let lines = self.lines.get_or_init(|| {
                    let mut so_far = 0;
                    let rows = (0..self.rows).map(|row| {
                        let of_row = self.bytes.get(self.begin(row)..self.begin(row + 1)).unwrap_or_default();
                        so_far += of_row.iter().filter(|byte| **byte == b'\n').count() as u64;
                        so_far
                    });
                    rows.collect()
                });
                lines.get(row).copied().unwrap_or(0)
            }
        };
        match row.checked_sub(1) {
            None => self.place,
            Some(last) => Place {
                lines: self.place.lines + before(last),
                after_return: self
                    .bytes
                    .get(..self.begin(row))
                    .is_some_and(|bytes| bytes.ends_with(b"\r\n")),
            },
        }
    }
}

/// Whether a byte is among others.
fn has(bytes: &[u8], wanted: u8) -> bool {
    // One answer for many bytes is sooner found than one for each.
    let is_among = |some: &[u8]| some.iter().fold(0, |found, byte| found | u8::from(*byte == wanted)) != 0;
    bytes.chunks(4096).any(is_among)
}

/// How many bounds are written down before it is asked whether there are more: a guess that is wrong takes longer.
const TOGETHER: usize = 8;

/// Finds the bounds of values.
struct Scan {
    delimiter: u8,
    width: usize,
    rows: usize,
    /// As a [`Block`] has them.
    bounds: Vec<u64>,
    /// How many bounds there are.
    count: usize,
    /// Behind the last row that is complete.
    end: usize,
    /// Whether nothing was met that rows should not have.
    is_usual: bool,
    has_inner_lines: bool,
}

impl Scan {
    fn new(delimiter: u8, width: usize) -> Self {
        Scan {
            delimiter,
            width,
            rows: 0,
            bounds: Vec::new(),
            count: 0,
            end: 0,
            is_usual: true,
            has_inner_lines: false,
        }
    }

    /// Finds the rows that are complete and lie as they should.
    fn take(&mut self, bytes: &[u8]) {
        let (quotes, returns) = (has(bytes, b'"'), has(bytes, b'\r'));
        self.bounds.reserve_exact(bytes.len() / 64 + 1);
        // What the bytes before leave behind: all bits or one.
        let (mut within, mut after_bound, mut after_close, mut after_return) = (0_u64, 1_u64, 0_u64, 0_u64);
        let (mut rest, mut at) = (bytes, 0);
        while self.is_usual && !rest.is_empty() {
            let mut near = [0; 64];
            let (whole, present) = match rest.split_first_chunk::<64>() {
                Some((whole, after)) => {
                    rest = after;
                    (whole, !0)
                }
                None => {
                    near.iter_mut().zip(rest).for_each(|(slot, byte)| *slot = *byte);
                    let present = (1_u64 << rest.len()) - 1;
                    rest = &[];
                    (&near, present)
                }
            };
            let lines = places(whole, b'\n');
            let mut bounds = lines | places(whole, self.delimiter);
            if quotes || returns {
                let quotes = places(whole, b'"');
                let mut inside = quotes;
                for shift in [1, 2, 4, 8, 16, 32] {
                    inside ^= inside << shift;
                }
                inside ^= within;
                within = if inside >> 63 == 1 { !0 } else { 0 };
                bounds &= !inside;
                self.has_inner_lines |= lines & inside != 0;
                let (open, close) = (quotes & inside, quotes & !inside);
                let returns = match returns {
                    true => places(whole, b'\r') & !inside,
                    false => 0,
                };
                let behind_bound = bounds << 1 | after_bound;
                let behind_close = close << 1 | after_close;
                let behind_return = returns << 1 | after_return;
                let mut wrong = open & !(behind_bound | behind_close);
                wrong |= behind_close & !(bounds | quotes | returns);
                wrong |= behind_return & !(bounds & lines);
                wrong &= present;
                (after_bound, after_close, after_return) = (bounds >> 63, close >> 63, returns >> 63);
                if wrong != 0 {
                    // Rows that ended before are as they should be.
                    self.is_usual = false;
                    bounds &= (1 << wrong.trailing_zeros()) - 1;
                }
            }
            let mut ends = bounds & lines;
            while ends != 0 {
                let end = ends.trailing_zeros();
                let before = (bounds & ((1 << end) - 1)).count_ones() as usize;
                if self.count + before + 1 != self.width * (self.rows + 1) {
                    self.is_usual = false;
                    break;
                }
                self.rows += 1;
                self.end = at + end as usize + 1;
                ends &= ends - 1;
            }
            self.bounds.push(bounds);
            self.count += bounds.count_ones() as usize;
            at += 64;
        }
    }

    fn block(self, bytes: Vec<u8>, place: Place) -> Block {
        Block {
            bytes,
            bounds: self.bounds,
            count: self.count,
            begins: OnceCell::new(),
            width: self.width,
            rows: self.rows,
            place,
            has_inner_lines: self.has_inner_lines,
            lines: OnceCell::new(),
        }
    }
}
