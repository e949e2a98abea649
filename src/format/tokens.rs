//! The tokens of a file, each with the comments beside it.

use crate::ast::{self, ExternalCode, FactTypeKind, GivenValue, Item, Unit, Value};
use crate::source::Sources;
use crate::syntax::words::{is_word, quoted_length, word_length};
use std::collections::BTreeMap;
use std::iter::Peekable;
use std::slice::Iter;

/// A word, a number, a text in quotes or a sign.
#[derive(Debug, Clone)]
pub(super) struct Token<'t> {
    pub(super) text: &'t str,
    pub(super) start: usize,
    /// The line, from 1; no token has two.
    pub(super) line: usize,
    pub(super) column: usize,
    /// Comments with lines of their own that stand before it.
    pub(super) before: Vec<Remark<'t>>,
    /// The comment after it on its line.
    pub(super) after: Option<&'t str>,
}

/// A comment with a line of its own.
#[derive(Debug, Clone)]
pub(super) struct Remark<'t> {
    pub(super) text: &'t str,
    pub(super) line: usize,
    pub(super) column: usize,
}

/// The tokens of a file, and the comments after the last of them.
pub(super) fn tokens<'t>(sources: &'t Sources, tree: &'t ast::File) -> (Vec<Token<'t>>, Vec<Remark<'t>>) {
    let Some(file) = sources.get(tree.id) else {
        return (Vec::new(), Vec::new());
    };
    let text = file.text();
    let whole = whole_words(tree);
    let mut comments = tree.comments.iter().peekable();
    let mut tokens: Vec<Token<'t>> = Vec::new();
    let mut before = Vec::new();
    // The mark that some systems put at the beginning of a file says nothing; anywhere else it is an error, and kept as one.
    let mut at = text.len() - text.strip_prefix('\u{FEFF}').unwrap_or(text).len();
    loop {
        at += blanks(text.get(at..).unwrap_or(""));
        if let Some(comment) = comment_at(&mut comments, at) {
            let place = file.line_column(at);
            let kept = comment.text.trim_end_matches([' ', '\t']);
            match tokens.last_mut().filter(|t| t.line == place.line) {
                Some(token) => token.after = Some(kept),
                None => before.push(Remark {
                    text: kept,
                    line: place.line,
                    column: place.column,
                }),
            }
            at = comment.span.range().end;
            continue;
        }
        let rest = text.get(at..).unwrap_or("");
        if rest.is_empty() {
            return (tokens, before);
        }
        let end = whole.get(&at).copied().unwrap_or(at + length(rest));
        let place = file.line_column(at);
        tokens.push(Token {
            text: text.get(at..end).unwrap_or(rest),
            start: at,
            line: place.line,
            column: place.column,
            before: std::mem::take(&mut before),
            after: None,
        });
        at = end;
    }
}

fn comment_at<'t>(comments: &mut Peekable<Iter<'t, ast::Comment>>, at: usize) -> Option<&'t ast::Comment> {
    comments.next_if(|comment| comment.span.range().start == at)
}

fn blanks(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\t', '\r', '\n']).len()
}

/// The length of the first token, if it is not one of [`whole_words`].
fn length(text: &str) -> usize {
    let mut chars = text.char_indices();
    let Some((_, first)) = chars.next() else { return 0 };
    match first {
        '"' => quoted_length(text).unwrap_or(text.len()),
        '<' | '>' if text.get(1..2) == Some("=") => 2,
        '.' if text.starts_with("..") => 2,
        c if is_word(c) => word_length(text),
        c => c.len_utf8(),
    }
}

/// Codes and units may hold any sign; only the tree knows how far they go: ends by beginnings.
fn whole_words(tree: &ast::File) -> BTreeMap<usize, usize> {
    let mut spans = Vec::new();
    let mut unit = |unit: &Option<Unit>| spans.extend(unit.iter().map(|u| u.span));
    for item in &tree.items {
        match item {
            Item::Fact(fact) => {
                if let FactTypeKind::Quantity { unit: of_fact } = &fact.ty.kind {
                    unit(&Some(of_fact.clone()));
                }
            }
            Item::Case(case) => {
                for given in &case.givens {
                    if let GivenValue::Is(Value::Quantity(quantity)) = &given.value {
                        unit(&quantity.unit);
                    }
                }
            }
            _ => {}
        }
    }
    for item in &tree.items {
        let codes: &[ExternalCode] = match item {
            Item::Fact(fact) => &fact.codes,
            Item::Action(action) => &action.codes,
            _ => &[],
        };
        spans.extend(codes.iter().map(|code| code.code.span));
    }
    spans
        .iter()
        .map(|span| span.range())
        .filter(|range| !range.is_empty())
        .map(|range| (range.start, range.end))
        .collect()
}
