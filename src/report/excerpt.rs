//! The few lines of a file that a report shows, made safe to draw.
//!
//! In: a file and the labels in it. Out: an [`Excerpt`]: text without hidden characters or endless lines, and marks in it.
//! Must not know: which library draws it.
//!
//! Both libraries get this text instead of the file's, so neither can meet a span past the end, a column beyond what it can
//! count, or a character that rewrites the terminal. Lines and columns are those of the file.

use super::escape::{one_line, push_visible};
use crate::diagnostic::Label;
use crate::source::{LineColumn, SourceFile};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The longest line that is shown whole, in characters.
const WHOLE_LINE: usize = 400;
/// Of a longer line, so many characters before the label are shown.
const BEFORE_LABEL: usize = 40;
/// Of a longer line, so many characters are shown.
const WINDOW: usize = 120;
/// The most lines that one label may cover; a longer one marks its first line.
const LABEL_LINES: usize = 6;
/// A tab reaches to the next multiple of so many columns.
const TAB: usize = 4;

/// Some lines of a file, with marks.
#[derive(Debug)]
pub(super) struct Excerpt {
    /// The file's name, safe to print.
    pub name: String,
    /// The lines, one after the other; each ends with a blank and a line break.
    pub text: String,
    /// The lines in order.
    pub lines: Vec<Line>,
    /// The marks in order.
    pub marks: Vec<Mark>,
}

/// One line of an excerpt.
#[derive(Debug)]
pub(super) struct Line {
    /// Its number in the file, from 1.
    pub number: usize,
    /// Its bytes in the excerpt, with the line break.
    pub range: Range<usize>,
}

/// A label, placed in the excerpt.
#[derive(Debug)]
pub(super) struct Mark {
    /// Never empty, never past a line's last blank.
    pub range: Range<usize>,
    /// Where it starts in the file.
    pub place: LineColumn,
    /// Safe to print; may be empty.
    pub text: String,
    /// Whether it is the place to blame.
    pub primary: bool,
}

/// A label as lines and bytes within them.
struct Placed<'a> {
    label: &'a Label,
    place: LineColumn,
    start: usize,
    last_line: usize,
    end: usize,
}

/// A line of the file made safe, and where its bytes went.
struct Shown {
    text: String,
    /// For each character its byte in the file's line and in `text`, in order.
    moved: Vec<(usize, usize)>,
}

impl Excerpt {
    /// The lines of `file` under `labels`, which all lie in it.
    pub fn new<'a>(file: &SourceFile, labels: impl IntoIterator<Item = &'a Label>) -> Self {
        let placed: Vec<Placed<'_>> = labels.into_iter().map(|label| place(file, label)).collect();
        let mut excerpt = Excerpt {
            name: one_line(file.name()).into_owned(),
            text: String::new(),
            lines: Vec::new(),
            marks: Vec::new(),
        };
        let mut shown = BTreeMap::new();
        for number in wanted(&placed) {
            let line = show(file.line(number), focus(&placed, number));
            let start = excerpt.text.len();
            excerpt.text.push_str(&line.text);
            excerpt.text.push_str(" \n");
            excerpt.lines.push(Line {
                number,
                range: start..excerpt.text.len(),
            });
            shown.insert(number, (start, line));
        }
        let at = |line: usize, byte: usize| shown.get(&line).map_or(0, |(start, line)| start + line.at(byte));
        for p in &placed {
            let start = at(p.place.line, p.start);
            let end = at(p.last_line, p.end).max(next_character(&excerpt.text, start));
            excerpt.marks.push(Mark {
                range: start..end,
                place: p.place,
                text: one_line(&p.label.text).into_owned(),
                primary: p.label.primary,
            });
        }
        excerpt.marks.sort_by_key(|m| (m.range.start, m.range.end, !m.primary));
        excerpt
    }

    /// The lines that `range` touches, by position.
    pub fn lines_of(&self, range: &Range<usize>) -> Range<usize> {
        let first = self.lines.partition_point(|l| l.range.end <= range.start);
        let end = self.lines.partition_point(|l| l.range.start < range.end);
        first.min(self.lines.len().saturating_sub(1))..end.max(first + 1).min(self.lines.len())
    }

    /// Where the mark that starts at `byte` starts in the file.
    pub fn place(&self, byte: usize) -> LineColumn {
        let mark = self.marks.iter().find(|m| m.range.start == byte);
        mark.map_or(LineColumn { line: 1, column: 1 }, |m| m.place)
    }

    /// Whether two marks cover the same text.
    pub fn overlaps(&self) -> bool {
        let mut reached = 0;
        self.marks.iter().any(|m| {
            let overlaps = m.range.start < reached;
            reached = reached.max(m.range.end);
            overlaps
        })
    }
}

fn place<'a>(file: &SourceFile, label: &'a Label) -> Placed<'a> {
    let text = file.text();
    let start = boundary(text, label.span.start as usize);
    let end = boundary(text, label.span.end as usize).max(start);
    let place = file.line_column(start);
    let last_line = file.line_column(end.saturating_sub(1).max(start)).line;
    let last_line = if last_line - place.line < LABEL_LINES {
        last_line
    } else {
        place.line
    };
    let line_start = |line| file.line_range(line).start;
    let end = end.min(line_start(last_line) + file.line(last_line).len());
    Placed {
        label,
        place,
        start: start - line_start(place.line),
        last_line,
        end: end.saturating_sub(line_start(last_line)),
    }
}

/// The byte, or the nearest before it at which a character starts.
fn boundary(text: &str, byte: usize) -> usize {
    let byte = byte.min(text.len());
    (0..=byte).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The lines under the labels, and single lines between them.
fn wanted(placed: &[Placed<'_>]) -> BTreeSet<usize> {
    let mut lines: BTreeSet<usize> = placed.iter().flat_map(|p| p.place.line..=p.last_line).collect();
    let between: Vec<usize> = lines.iter().filter(|l| lines.contains(&(**l + 2))).map(|l| l + 1).collect();
    lines.extend(between);
    lines
}

/// The byte of a line around which it is cut if it is long.
fn focus(placed: &[Placed<'_>], line: usize) -> usize {
    let starts = placed
        .iter()
        .filter(|p| p.place.line == line)
        .map(|p| (!p.label.primary, p.start));
    let ends = placed
        .iter()
        .filter(|p| p.place.line != line && p.last_line == line)
        .map(|p| (true, p.end));
    starts.chain(ends).min().map_or(0, |(_, byte)| byte)
}

fn show(line: &str, focus: usize) -> Shown {
    let is_long = line.chars().nth(WHOLE_LINE).is_some();
    let (skip, take) = match is_long {
        true => (characters_before(line, focus).saturating_sub(BEFORE_LABEL), WINDOW),
        false => (0, WHOLE_LINE),
    };
    let mut text = String::new();
    let mut moved = Vec::new();
    if skip > 0 {
        moved.push((0, 0));
        text.push('…');
    }
    let mut column = text.chars().count();
    let mut rest = line.char_indices().skip(skip);
    for (byte, c) in rest.by_ref().take(take) {
        moved.push((byte, text.len()));
        let before = text.len();
        match c {
            '\t' => text.extend(std::iter::repeat_n(' ', TAB - column % TAB)),
            c => push_visible(&mut text, c),
        }
        column += text.get(before..).map_or(0, |added| added.chars().count());
    }
    if let Some((byte, _)) = rest.next() {
        moved.push((byte, text.len()));
        text.push('…');
    }
    Shown { text, moved }
}

impl Shown {
    /// Where a byte of the file's line is now.
    fn at(&self, byte: usize) -> usize {
        let after = self.moved.partition_point(|(from, _)| *from < byte);
        match self.moved.get(after) {
            Some((from, to)) if *from == byte => *to,
            // Left of a window or right of it: the dots stand for it.
            Some(_) if after <= 1 && self.moved.len() > 1 => 0,
            _ => self.text.len(),
        }
    }
}

fn characters_before(line: &str, byte: usize) -> usize {
    line.char_indices().take_while(|(at, _)| *at < byte).count()
}

fn next_character(text: &str, byte: usize) -> usize {
    let width = text
        .get(byte..)
        .and_then(|rest| rest.chars().next())
        .map_or(0, char::len_utf8);
    byte + width
}
