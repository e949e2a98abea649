//! Lines and characters as editors count them.
//!
//! In: a text, and places in it by byte or by line and character. Out: the other of the two.
//! Must not know: what the texts mean.

use crate::source::SourceFile;
use std::borrow::Cow;
use std::ops::Range;

/// What a character of a [`Position`] counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// Units of UTF-16: two for a character beyond the basic plane.
    Utf16,
}

/// A line and a character in it, both from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Position {
    /// The line, from 0.
    pub line: u32,
    /// The characters before it on its line, counted by an [`Encoding`].
    pub character: u32,
}

/// Where the lines of a text begin. A line ends with `\n`, `\r\n` or `\r`.
#[derive(Debug, Clone)]
pub struct Lines<'t> {
    text: &'t str,
    starts: Cow<'t, [usize]>,
}

impl<'t> Lines<'t> {
    /// The lines of a text.
    pub fn new(text: &'t str) -> Self {
        let bytes = text.as_bytes();
        let ends = |(at, byte): (usize, &u8)| match byte {
            b'\n' => Some(at + 1),
            b'\r' if bytes.get(at + 1) != Some(&b'\n') => Some(at + 1),
            _ => None,
        };
        let starts: Vec<usize> = std::iter::once(0).chain(bytes.iter().enumerate().filter_map(ends)).collect();
        Lines {
            text,
            starts: Cow::Owned(starts),
        }
    }

    /// The lines of a text that was read, which mostly knows them.
    pub fn of(file: &'t SourceFile) -> Self {
        match file.text().as_bytes().contains(&b'\r') {
            true => Lines::new(file.text()),
            false => Lines {
                text: file.text(),
                starts: Cow::Borrowed(file.line_starts()),
            },
        }
    }

    /// The byte at a position; a position past the end of a line or of the text counts as that end.
    pub fn byte(&self, position: Position, encoding: Encoding) -> usize {
        let Some(start) = self.starts.get(position.line as usize).copied() else {
            return self.text.len();
        };
        let line = self.line(position.line as usize);
        let wanted = position.character as usize;
        let within = match encoding {
            Encoding::Utf8 => line.floor_char_boundary(wanted.min(line.len())),
            Encoding::Utf16 => {
                let mut units = 0;
                let past = line.char_indices().find(|(_, c)| {
                    units += c.len_utf16();
                    units > wanted
                });
                past.map_or(line.len(), |(at, _)| at)
            }
        };
        start + within
    }

    /// The position of a byte; a byte past the end counts as the end.
    pub fn position(&self, byte: usize, encoding: Encoding) -> Position {
        let byte = self.text.floor_char_boundary(byte.min(self.text.len()));
        let line = self.starts.partition_point(|start| *start <= byte).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let before = self.text.get(start..byte).unwrap_or("");
        let character = match encoding {
            Encoding::Utf8 => before.len(),
            Encoding::Utf16 => before.chars().map(char::len_utf16).sum(),
        };
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Position {
            line: clamp(line),
            character: clamp(character),
        }
    }

    /// The bytes between two positions; turned around where they are in the wrong order.
    pub fn range(&self, start: Position, end: Position, encoding: Encoding) -> Range<usize> {
        let (start, end) = (self.byte(start, encoding), self.byte(end, encoding));
        start.min(end)..start.max(end)
    }

    /// A line without its line break, from 0.
    fn line(&self, line: usize) -> &'t str {
        let start = self.starts.get(line).copied().unwrap_or(self.text.len());
        let end = self.starts.get(line + 1).copied().unwrap_or(self.text.len());
        self.text.get(start..end).unwrap_or("").trim_end_matches(['\n', '\r'])
    }
}
