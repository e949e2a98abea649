//! One declaration as lines.

use super::lines::{Mark, Marks};
use super::tokens::Token;
use super::{INDENT, WIDTH};
use crate::ast::Item;

/// How deep a place lies at which a line may break; it breaks at the outermost places first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Level(usize);

impl Level {
    const PART: Level = Level(0);
    const SMALL_PART: Level = Level(1);

    /// After a comma inside so many brackets.
    fn list(brackets: usize) -> Level {
        Level(2 + 2 * brackets)
    }

    /// Before `and` or `or`, which bind tighter than the commas around them.
    fn joint(brackets: usize) -> Level {
        Level(3 + 2 * brackets)
    }

    /// Conditions that do not fit on one line are read one by one, those in a list are not.
    fn has_lines_of_its_own(self) -> bool {
        self > Level::SMALL_PART && self.0 % 2 == 1
    }

    fn deeper(self) -> Level {
        Level(self.0 + 1)
    }
}

/// A token with what may come before it.
#[derive(Clone, Copy)]
struct Piece<'a, 't> {
    token: &'a Token<'t>,
    space: bool,
    /// Whether the line may break before it.
    level: Option<Level>,
}

/// Prints a declaration without the comments before it, and without a line break at its end.
pub(super) fn declaration(item: &Item, tokens: &[Token<'_>]) -> String {
    let clauses = clauses(item, tokens);
    let all: Vec<Piece<'_, '_>> = clauses.iter().flatten().copied().collect();
    if may_be_one_line(item) && flat_width(&all).is_some_and(|width| width <= WIDTH) {
        return Block::print(&all, 0);
    }
    let lines: Vec<String> = (0..)
        .zip(&clauses)
        .map(|(place, clause)| Block::print(clause, if place == 0 { 0 } else { INDENT }))
        .collect();
    lines.join("\n")
}

/// Short declarations without a name or a label of their own read best as one sentence.
fn may_be_one_line(item: &Item) -> bool {
    match item {
        Item::Rule(rule) => rule.name.is_none() && rule.effects.len() == 1,
        Item::Define(define) => define.label.is_none() && define.cites.is_empty() && define.from.is_empty(),
        _ => false,
    }
}

/// The clauses, each with a line of its own, in the order in which they are printed.
fn clauses<'a, 't>(item: &Item, tokens: &'a [Token<'t>]) -> Vec<Vec<Piece<'a, 't>>> {
    let marks = Marks::new(item, tokens);
    let is_wide_section = matches!(item, Item::Section(_)) && !fits_one_line(tokens);
    let is_list_of_signs = matches!(item, Item::Fact(_) | Item::Scale(_));
    let mut clauses: Vec<(u8, Vec<Piece<'a, 't>>)> = Vec::new();
    let mut brackets = 0usize;
    let mut before = "";
    for token in tokens {
        let mark = marks.at(token);
        let is_number = marks.numbers.iter().any(|range| range.contains(&token.start));
        let level = match (mark, token.text) {
            (Some(Mark::Part), _) => Some(Level::PART),
            (Some(Mark::SmallPart), _) => Some(Level::SMALL_PART),
            (_, "and" | "or") if !is_number => Some(Level::joint(brackets)),
            (_, "<" | ">") if is_list_of_signs => Some(Level::list(brackets)),
            _ if before == "," => Some(Level::list(brackets)),
            _ => None,
        };
        let piece = Piece {
            token,
            space: is_space_between(before, token.text),
            level,
        };
        match token.text {
            "(" | "[" => brackets += 1,
            ")" | "]" => brackets = brackets.saturating_sub(1),
            _ => {}
        }
        before = token.text;
        match (mark, clauses.last_mut()) {
            (Some(Mark::Closing(place)), _) => clauses.push((place + 1, vec![piece])),
            (Some(Mark::Line), _) | (_, None) => clauses.push((0, vec![piece])),
            (Some(Mark::Part), _) if is_wide_section => clauses.push((0, vec![piece])),
            (_, Some((_, clause))) => clause.push(piece),
        }
    }
    clauses.sort_by_key(|(place, _)| *place);
    clauses.into_iter().map(|(_, clause)| clause).collect()
}

fn fits_one_line(tokens: &[Token<'_>]) -> bool {
    let mut before = "";
    let pieces: Vec<Piece<'_, '_>> = tokens
        .iter()
        .map(|token| Piece {
            token,
            space: is_space_between(std::mem::replace(&mut before, token.text), token.text),
            level: None,
        })
        .collect();
    flat_width(&pieces).is_some_and(|width| width <= WIDTH)
}

fn is_space_between(before: &str, after: &str) -> bool {
    !matches!(before, "(" | "[" | "..") && !matches!(after, "," | ")" | "]" | ":" | "..")
}

/// The width on one line, unless comments inside break it; a comment at its end takes no part.
fn flat_width(pieces: &[Piece<'_, '_>]) -> Option<usize> {
    let mut width = 0;
    let mut pieces = pieces.iter().enumerate().peekable();
    while let Some((place, piece)) = pieces.next() {
        let is_broken_before = place > 0 && !piece.token.before.is_empty();
        let is_broken_after = pieces.peek().is_some() && piece.token.after.is_some();
        if is_broken_before || is_broken_after {
            return None;
        }
        width += piece.token.text.chars().count() + usize::from(place > 0 && piece.space);
    }
    Some(width)
}

/// Lines that begin at one indentation and go on at a deeper one.
struct Block {
    text: String,
    /// Of the lines after the first.
    indent: usize,
    /// The characters on the line so far, indentation included.
    column: usize,
    /// Nothing but indentation on the line so far.
    at_start: bool,
    /// A comment ended the line.
    is_full: bool,
}

impl Block {
    fn print(pieces: &[Piece<'_, '_>], indent: usize) -> String {
        let mut block = Block {
            text: String::new(),
            indent,
            column: 0,
            at_start: true,
            is_full: false,
        };
        block.start_line();
        // The comments before a whole declaration are not part of it.
        let remarks = pieces.first().map(|p| &p.token.before).filter(|_| indent > 0);
        for remark in remarks.into_iter().flatten() {
            block.text.push_str(remark.text);
            block.break_line();
        }
        block.indent = indent + INDENT;
        let deepest = pieces.iter().filter_map(|p| p.level).max().unwrap_or(Level::PART);
        let mut is_first = true;
        block.fill(pieces, Level::PART, deepest, &mut is_first);
        block.text
    }

    /// Puts pieces on the line as long as they fit. What does not fit even on a line of its own is broken further inside.
    fn fill(&mut self, pieces: &[Piece<'_, '_>], level: Level, deepest: Level, is_first: &mut bool) {
        for (place, part) in pieces.chunk_by(|_, next| next.level != Some(level)).enumerate() {
            if place > 0 && level.has_lines_of_its_own() && !self.at_start {
                self.break_line();
            }
            let width = flat_width(part);
            let gap = usize::from(!self.at_start && part.first().is_some_and(|p| p.space));
            let fits = |column: usize| width.is_some_and(|width| column + width <= WIDTH);
            if !self.is_full && fits(self.column + gap) {
                self.put(part, is_first);
            } else if fits(self.indent) || level >= deepest {
                if !self.at_start {
                    self.break_line();
                }
                self.put(part, is_first);
            } else {
                self.fill(part, level.deeper(), deepest, is_first);
            }
        }
    }

    fn put(&mut self, pieces: &[Piece<'_, '_>], is_first: &mut bool) {
        for piece in pieces {
            let remarks = if *is_first { &[] } else { piece.token.before.as_slice() };
            *is_first = false;
            if (self.is_full || !remarks.is_empty()) && !self.at_start {
                self.break_line();
            }
            for remark in remarks {
                self.text.push_str(remark.text);
                self.break_line();
            }
            if piece.space && !self.at_start {
                self.text.push(' ');
                self.column += 1;
            }
            self.text.push_str(piece.token.text);
            self.column += piece.token.text.chars().count();
            self.at_start = false;
            if let Some(comment) = piece.token.after {
                self.text.push_str("  ");
                self.text.push_str(comment);
                self.is_full = true;
            }
        }
    }

    fn break_line(&mut self) {
        self.text.push('\n');
        self.start_line();
    }

    fn start_line(&mut self) {
        self.text.extend(std::iter::repeat_n(' ', self.indent));
        self.column = self.indent;
        self.at_start = true;
        self.is_full = false;
    }
}
