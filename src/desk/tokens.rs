//! Words, numbers, texts, signs and comments, with what each of them is.
//!
//! In: a text, perhaps half written. Out: its tokens; for a file, what each of them stands for.
//! Must not know: colours.

use super::Analysis;
use super::names::Symbol;
use crate::ast;
use crate::source::{FileId, Span};
use crate::syntax;
use crate::syntax::words::{is_word, quoted_length, word_length};
use std::collections::BTreeSet;
use std::ops::Range;

/// A piece of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) range: Range<usize>,
    pub(super) kind: TokenKind,
}

/// What a piece of text looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A word, a number, a date, or the number of a statement.
    Word,
    /// A text in quotes, or what stands after a quote that is never closed.
    Text {
        closed: bool,
    },
    /// A comment to the end of its line.
    Comment,
    Sign,
}

/// The pieces of a text, blanks left out.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..)
        && let Some(first) = rest.chars().next()
    {
        let (length, kind) = match first {
            '#' => (rest.find('\n').unwrap_or(rest.len()), TokenKind::Comment),
            '"' => match quoted_length(rest) {
                Some(end) => (end, TokenKind::Text { closed: true }),
                None => (rest.find('\n').unwrap_or(rest.len()), TokenKind::Text { closed: false }),
            },
            c if c.is_whitespace() => {
                at += c.len_utf8();
                continue;
            }
            c if is_word(c) => (word_length(rest), TokenKind::Word),
            c => (c.len_utf8(), TokenKind::Sign),
        };
        tokens.push(Token {
            range: at..at + length,
            kind,
        });
        at += length;
    }
    tokens
}

/// A piece of a file with what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Highlight {
    /// Where it stands; never over the end of a line.
    pub span: Span,
    /// What it is.
    pub role: Role,
    /// Whether something is declared by it.
    pub declares: bool,
}

/// What a piece of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Role {
    Keyword,
    Number,
    Text,
    Comment,
    Guideline,
    Source,
    Scale,
    Fact,
    Value,
    Definition,
    Action,
    Rule,
    Statement,
}

/// What each piece of a file is, where it is something.
pub fn highlights(analysis: &Analysis, file: FileId) -> Vec<Highlight> {
    let text = analysis.text(file);
    let names = analysis.names().in_file(file);
    let mut mentioned = BTreeSet::new();
    for item in analysis.items(file) {
        ast::mentions(item, &mut |mention| mentioned.extend([mention.name.span.start]));
    }
    let mut highlights = Vec::new();
    for token in tokens(text) {
        let span = Span::new(file, token.range.clone());
        let mut push = |span, role, declares| highlights.push(Highlight { span, role, declares });
        match token.kind {
            TokenKind::Comment => push(span, Role::Comment, false),
            TokenKind::Text { .. } => push(span, Role::Text, false),
            TokenKind::Sign => {}
            TokenKind::Word => {
                let first = names.partition_point(|o| o.span.start < span.start);
                let within = names.get(first..).unwrap_or_default().iter();
                // `numbness.retention` is one word with two names in it.
                let mut found = within.take_while(|o| o.span.end <= span.end).peekable();
                if found.peek().is_some() {
                    found.for_each(|o| push(o.span, role(&o.symbol), o.declares));
                    continue;
                }
                let word = text.get(token.range).unwrap_or("");
                let is_name = mentioned.contains(&span.start);
                if word.starts_with(|c: char| c.is_ascii_digit()) {
                    push(span, Role::Number, false);
                } else if !is_name && (syntax::keywords().contains(&word) || word == "yes/no") {
                    push(span, Role::Keyword, false);
                }
            }
        }
    }
    highlights
}

fn role(symbol: &Symbol) -> Role {
    match symbol {
        Symbol::Guideline(_) | Symbol::File(_) => Role::Guideline,
        Symbol::Source(_) => Role::Source,
        Symbol::Scale(_) => Role::Scale,
        Symbol::Fact(_) => Role::Fact,
        Symbol::Value(..) | Symbol::Point(..) => Role::Value,
        Symbol::Definition(_) => Role::Definition,
        Symbol::Action(_) => Role::Action,
        Symbol::Rule(_) | Symbol::Note(_) => Role::Rule,
        Symbol::Statement(_) => Role::Statement,
    }
}
