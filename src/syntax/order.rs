//! Parts of a declaration in the wrong order.
//!
//! In: broken text and where reading it stopped. Out: the part that stands there, and where it can be read.
//! Must not know: pest; a function says how far a text can be read.

use super::recover::{Token, tokens};
use std::ops::Range;

/// How long a declaration may be for other orders of it to be tried.
const LONGEST: usize = 4 * 1024;
/// How many places are tried on either side, and how many lengths of the part.
const PLACES: usize = 16;
const LENGTHS: usize = 4;

/// The words that begin a part of a declaration.
const PARTS: &[&str] = &[
    "about",
    "against",
    "also",
    "applies",
    "ask",
    "avoid",
    "because",
    "between",
    "cite",
    "code",
    "consider",
    "default",
    "every",
    "evidence",
    "expect",
    "for",
    "from",
    "given",
    "immediate",
    "instead",
    "line",
    "lists",
    "never",
    "only",
    "overrides",
    "preferred",
    "publisher",
    "range",
    "recommend",
    "routine",
    "sealed",
    "statements",
    "status",
    "then",
    "unless",
    "urgent",
    "url",
    "version",
    "when",
    "with",
    "within",
    "year",
];

/// A part that can be read somewhere else in its declaration.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Move {
    /// The word that the part begins with.
    pub(super) word: String,
    /// The part.
    pub(super) part: Range<usize>,
    /// The word before or behind which it can be read.
    pub(super) beside: String,
    pub(super) side: Side,
    /// The word that the declaration begins with.
    pub(super) item: String,
    /// What is taken out.
    pub(super) removed: Range<usize>,
    /// Where it is put in, with the blanks that part it from its new neighbour.
    pub(super) place: usize,
    pub(super) text: String,
    /// Whether every word keeps its meaning, wherever else the part could have been read.
    pub(super) is_sure: bool,
}

/// On which side of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    Behind,
}

/// A token, and the side of it on which a part is put.
type Place<'t> = (Token<'t>, Side);

/// The nearest place where the part that begins at `stop` can be read, best with all that follows it; `reads` gives how far a text
/// can be read.
pub(super) fn moved(text: &str, stop: usize, reads: &dyn Fn(&str) -> usize) -> Option<Move> {
    let all: Vec<Token<'_>> = tokens(text).collect();
    let (before, after) = all.split_at_checked(all.iter().position(|token| token.start >= stop)?)?;
    let before = before.get(before.iter().rposition(|token| starts_line(text, token))?..)?;
    let after = after.split(|token| starts_line(text, token)).next()?;
    let (item, previous) = (before.first()?, before.last()?);
    let (part, end) = (after.first()?, after.last()?.end);
    if !begins_part(part, item) || end - item.start > LONGEST {
        return None;
    }
    // Up to the next word that begins a part, or one of those behind it, or else less.
    let ends = (1..after.len()).filter(|next| after.get(*next).is_some_and(|token| begins_part(token, item)));
    let ends: Vec<usize> = ends.chain([after.len()]).take(LENGTHS).collect();
    let shorter = (2..*ends.first()?).rev().take(LENGTHS);
    let advises = before.iter().chain(after).filter(|token| token.text == "then").count();
    let mut partly = None;
    for length in ends.iter().copied().chain(shorter) {
        let range = part.start..after.get(length - 1)?.end;
        let next = after.get(length).map_or(range.end, |token| token.start);
        // Only between parts: what is put into one might give its words another meaning.
        let parts = |two: &&[Token<'_>]| matches!(two, [a, b] if begins_part(b, item) || takes_more(a, b, item));
        let earlier = before
            .windows(2)
            .rev()
            .filter(parts)
            .filter_map(|two| Some((*two.last()?, Side::Before)));
        // A label stands behind the name, whatever sign comes next.
        let behind_name = before.get(1).filter(|_| part.is_text()).map(|name| (*name, Side::Behind));
        let rest = after.get(length..)?;
        let later = rest
            .windows(2)
            .filter(parts)
            .filter_map(|two| Some((*two.first()?, Side::Behind)));
        let last = rest.last().map(|token| (*token, Side::Behind));
        let (earlier, later) = (earlier.take(PLACES).chain(behind_name), later.chain(last).take(PLACES));
        for place in earlier.chain(later) {
            // The blanks that part it from its neighbour go with it.
            let is_earlier = place.0.start < part.start;
            let gap = if is_earlier {
                previous.end..part.start
            } else {
                range.end..next
            };
            let removed = gap.start.min(part.start)..gap.end.max(range.end);
            let Some((at, new)) = put(text, text.get(gap)?, text.get(range.clone())?, place) else {
                continue;
            };
            let (from, to) = (removed.start.min(at), removed.end.max(at));
            let (head, between, tail) = match is_earlier {
                true => (item.start..at, at..removed.start, removed.end..end),
                false => (item.start..removed.start, removed.end..at, at..end),
            };
            let (head, between, tail) = (text.get(head)?, text.get(between)?, text.get(tail)?);
            let kept = match is_earlier {
                true => [head, &new, between, tail],
                false => [head, between, &new, tail],
            };
            let reading = reads(&kept.concat());
            // As far as the place where reading stopped, and what was put in.
            let far = to - item.start - removed.len() + new.len();
            if reading < far || text.get(from..to)?.contains('#') {
                continue;
            }
            let moved = Move {
                word: part.text.to_owned(),
                part: range.clone(),
                beside: place.0.text.to_owned(),
                side: place.1,
                item: item.text.to_owned(),
                removed,
                place: at,
                text: new.clone(),
                is_sure: advises < 2 && !part.is_text() && ends.contains(&length),
            };
            if reading >= kept.iter().map(|piece| piece.len()).sum() {
                return Some(moved);
            }
            partly = partly.or(Some(moved));
        }
    }
    partly
}

fn starts_line(text: &str, token: &Token<'_>) -> bool {
    text.get(..token.start)
        .is_some_and(|before| before.is_empty() || before.ends_with('\n'))
}

/// Whether broken text is a rule without its condition, which then begins at `next`: something else was written between.
pub(super) fn is_torn(text: &str, broken: Range<usize>, next: usize) -> bool {
    let Some((own, rest)) = text.get(broken.clone()).zip(text.get(next..)) else {
        return false;
    };
    let begins = |word: &str| tokens(rest).next().is_some_and(|token| token.text == word);
    let lacks = |word: &str| tokens(own).all(|token| token.text != word);
    let last = tokens(own).filter(|token| starts_line(own, token)).last();
    let between = text.get(broken.start + own.trim_end().len()..next).unwrap_or("");
    // A condition at the beginning of a line, or after an empty one, begins a rule of its own.
    let is_apart = between.ends_with('\n') || between.matches('\n').count() > 1;
    last.is_some_and(|token| token.text == "rule")
        && (begins("when") || begins("always"))
        && lacks("when")
        && lacks("always")
        && !is_apart
}

/// Whether a token begins a part of a declaration; a text by itself may be the label of what `item` declares.
fn begins_part(token: &Token<'_>, item: &Token<'_>) -> bool {
    let is_label = token.is_text() && matches!(item.text, "action" | "fact" | "guideline" | "source" | "define" | "rule");
    is_label || PARTS.contains(&token.text)
}

/// Whether another word may stand between two that belong together: `urgent` behind `then`, a label before `is`.
fn takes_more(a: &Token<'_>, b: &Token<'_>, item: &Token<'_>) -> bool {
    matches!(a.text, "then" | "recommend" | "consider" | "avoid" | "never") || (item.text == "action" && b.text == "is")
}

/// Where a part is put, and what is written there.
fn put(text: &str, gap: &str, part: &str, (place, side): Place<'_>) -> Option<(usize, String)> {
    let blanks = if gap.is_empty() { " " } else { gap };
    match side {
        // Nothing is put between a word and the sign behind it.
        Side::Before => {
            let is_free = text.get(..place.start)?.ends_with(char::is_whitespace);
            is_free.then(|| (place.start, [part, blanks].concat()))
        }
        Side::Behind => Some((place.end, [blanks, part].concat())),
    }
}
