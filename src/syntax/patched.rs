//! A text with some places replaced, and the way back to the places of the original.
//!
//! In: a text and edits of it. Out: the edited text, and for each of its bytes where that byte stands in the original.
//! Must not know: why anything was replaced.

use std::ops::Range;

/// A replacement of a range of bytes.
#[derive(Debug, Clone)]
pub(super) struct Replacement {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

/// A text after its edits.
#[derive(Debug, Clone)]
pub(super) struct Patched {
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone)]
struct Piece {
    /// The first byte in the edited text.
    at: usize,
    /// The bytes of the original.
    from: Range<usize>,
    verbatim: bool,
}

impl Patched {
    /// Applies the edits; an edit that overlaps an earlier one is left out.
    pub(super) fn new(original: &str, edits: &[Replacement]) -> Self {
        let mut sorted: Vec<&Replacement> = edits.iter().collect();
        sorted.sort_by_key(|e| (e.range.start, e.range.end));
        let mut text = String::with_capacity(original.len());
        let mut pieces = Vec::new();
        let mut done = 0;
        for edit in sorted {
            let Some(between) = original.get(done..edit.range.start) else {
                continue;
            };
            if original.get(edit.range.clone()).is_none() {
                continue;
            }
            pieces.push(Piece {
                at: text.len(),
                from: done..edit.range.start,
                verbatim: true,
            });
            text.push_str(between);
            pieces.push(Piece {
                at: text.len(),
                from: edit.range.clone(),
                verbatim: false,
            });
            text.push_str(&edit.text);
            done = edit.range.end;
        }
        pieces.push(Piece {
            at: text.len(),
            from: done..original.len(),
            verbatim: true,
        });
        text.push_str(original.get(done..).unwrap_or(""));
        Patched { text, pieces }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Where a byte of the edited text stands in the original. Inside a replacement only its two ends are known.
    pub(super) fn origin(&self, byte: usize) -> usize {
        let after = self.pieces.partition_point(|p| p.at <= byte);
        let Some(piece) = after.checked_sub(1).and_then(|i| self.pieces.get(i)) else {
            return byte;
        };
        match (piece.verbatim, byte - piece.at) {
            (true, into) => piece.from.start + into,
            (false, 0) => piece.from.start,
            (false, _) => piece.from.end,
        }
    }
}
