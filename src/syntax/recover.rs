//! What a broken declaration was meant to be.
//!
//! In: text that is no finished declaration. Out: one finding for each cause, and as much of the tree as can be saved.
//! Must not know: what names refer to.
//!
//! A mending is offered only if the grammar reads on past the place with it. It is then taken as given, so that the next
//! slip of the same declaration is found too, and so that the checker sees the declaration.

use super::build::Builder;
use super::errors;
use super::expected::{Expected, ITEM_WORDS, KEYWORDS, RESERVED, UNIT_WORDS};
use super::grammar::{Gl, Node};
use super::order;
use super::patched::{Patched, Replacement};
use crate::ast::Item;
use crate::diagnostic::Diagnostic;
use crate::suggest;
use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::Pairs;
use std::ops::Range;

/// How many slips of one declaration are mended before the rest of it is given up.
const MENDINGS: usize = 12;
/// How long a text may be for all of them to be tried.
const MENDABLE_BYTES: usize = 32 * 1024;

/// Reports what is wrong in a stretch of broken text, and saves what can be read.
pub(super) fn recover(builder: &mut Builder<'_>, file: &Patched, range: Range<usize>, unsure: &[usize], items: &mut Vec<Item>) {
    let text = file.text().get(range.clone()).unwrap_or("");
    for piece in pieces(text) {
        let base = range.start + piece.start;
        let text = text.get(piece).unwrap_or("");
        Recovery {
            builder,
            text,
            base,
            unsure,
            items,
        }
        .run();
    }
    builder.read_file();
}

/// Cuts broken text where a line starts with what was meant to start a declaration.
fn pieces(text: &str) -> Vec<Range<usize>> {
    let mut starts = vec![0];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let word = line.get(..word_length(line)).unwrap_or("");
        if at > 0 && meant_to_start(word) {
            starts.push(at);
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect()
}

fn meant_to_start(word: &str) -> bool {
    word == "if" || (!KEYWORDS.contains(&word) && word.len() >= 3 && suggest::closest(word, ITEM_WORDS.iter().copied()).is_some())
}

/// Where reading stopped, and what would have fitted.
struct Stop {
    at: usize,
    expected: Expected,
}

fn read(text: &str) -> Result<Pairs<'_, Node>, Stop> {
    Gl::parse(Node::declarations, text).map_err(|error| {
        let at = match error.location {
            InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
        };
        let nodes = match error.variant {
            ErrorVariant::ParsingError { positives, .. } => positives,
            ErrorVariant::CustomError { .. } => Vec::new(),
        };
        Stop {
            at,
            expected: Expected::new(nodes),
        }
    })
}

/// What may follow text that ends within a declaration or after one; nothing where reading stops before its end.
pub(super) fn awaited(before: &str) -> Option<Expected> {
    // No declaration has this character, so that reading stops at the end at the latest.
    let stop = read(&format!("{before}\u{1}")).err()?;
    (stop.at == before.len()).then_some(stop.expected)
}

struct Recovery<'r, 'a> {
    builder: &'r mut Builder<'a>,
    text: &'r str,
    base: usize,
    unsure: &'r [usize],
    items: &'r mut Vec<Item>,
}

impl Recovery<'_, '_> {
    fn run(self) {
        let most = if self.text.len() > MENDABLE_BYTES { 1 } else { MENDINGS };
        let mut edits: Vec<Replacement> = Vec::new();
        loop {
            let mended = Patched::new(self.text, &edits);
            self.builder.read_mended(mended.clone(), self.base);
            let stop = match read(mended.text()) {
                Ok(pairs) => {
                    let found: Vec<Item> = pairs.filter_map(|p| self.builder.item(p)).collect();
                    self.items.extend(found);
                    return;
                }
                Err(stop) => stop,
            };
            if self.follows_from_earlier(&stop) {
                return self.save(&mended, &stop);
            }
            let finding = Look::new(mended.text(), &stop, self.builder).finding();
            self.builder.diagnostics.push(finding.diagnostic);
            match finding.mending {
                Some(Mending(more)) if edits.len() < most => {
                    edits.extend(more.into_iter().map(|edit| Replacement {
                        range: mended.origin(edit.range.start)..mended.origin(edit.range.end),
                        text: edit.text,
                    }));
                }
                _ => return self.save(&mended, &stop),
            }
        }
    }

    /// Whether the raw text was already blamed for what is found here.
    fn follows_from_earlier(&self, stop: &Stop) -> bool {
        let start = self.builder.span(0..0).start as usize;
        let here = self.builder.span(stop.at..stop.at).start as usize;
        let first = self.unsure.partition_point(|u| *u < start);
        self.unsure.get(first).is_some_and(|u| *u <= here)
    }

    /// Keeps the declarations that were finished before the place where reading stopped.
    fn save(self, mended: &Patched, stop: &Stop) {
        let text = mended.text();
        let line_start = text
            .get(..stop.at)
            .is_none_or(|before| before.is_empty() || before.ends_with('\n'));
        let mut kept = 0;
        if let Ok(finished) = Gl::parse(Node::finished, text) {
            for pair in finished.flat_map(|p| p.into_inner()) {
                let end = pair.as_span().end();
                let rest = text.get(end..).map_or("", skip_trivia);
                let followed = ITEM_WORDS.contains(&rest.get(..word_length(rest)).unwrap_or(""));
                let here = text.len() - rest.len() >= stop.at;
                if !(followed || (line_start && here)) {
                    break;
                }
                if let Some(item) = self.builder.item(pair) {
                    self.items.push(item);
                    kept = text.len() - rest.len();
                }
            }
        }
        let span = self.builder.span(kept..text.len());
        self.items.push(Item::Broken(span));
    }
}

/// A finding, and the edits with which to read on; none where there is no reading on.
struct Finding {
    diagnostic: Diagnostic,
    mending: Option<Mending>,
}

/// The edits of one slip.
struct Mending(Vec<Replacement>);

/// A token of the broken text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'t> {
    pub(super) text: &'t str,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Token<'_> {
    fn is_word(&self) -> bool {
        self.text.starts_with(|c: char| c.is_alphabetic() || c == '_')
    }

    fn is_number(&self) -> bool {
        self.text.starts_with(|c: char| c.is_ascii_digit())
    }

    pub(super) fn is_text(&self) -> bool {
        self.text.starts_with('"')
    }

    fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// Looks at the place where reading stopped.
struct Look<'l> {
    text: &'l str,
    stop: &'l Stop,
    builder: &'l Builder<'l>,
    /// All tokens before the place, the nearest last.
    before: Vec<Token<'l>>,
    /// The tokens from the place on, as far as they matter.
    after: Vec<Token<'l>>,
}

impl<'l> Look<'l> {
    fn new(text: &'l str, stop: &'l Stop, builder: &'l Builder<'l>) -> Self {
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for token in tokens(text) {
            match token.end <= stop.at {
                true => before.push(token),
                false => after.push(token),
            }
            if after.len() == 4 {
                break;
            }
        }
        Look {
            text,
            stop,
            builder,
            before,
            after,
        }
    }

    fn here(&self) -> Option<Token<'l>> {
        self.after.first().copied()
    }

    fn here_text(&self) -> &'l str {
        self.here().map_or("", |t| t.text)
    }

    fn previous(&self) -> Option<Token<'l>> {
        self.before.last().copied()
    }

    fn previous_text(&self) -> &'l str {
        self.previous().map_or("", |t| t.text)
    }

    fn expected(&self) -> &Expected {
        &self.stop.expected
    }

    fn finding(&self) -> Finding {
        self.sign()
            .or_else(|| self.upper_case())
            .or_else(|| self.is_before_comparison())
            .or_else(|| self.divided_name())
            .or_else(|| self.text_without_quotes())
            .or_else(|| self.wrong_type())
            .or_else(|| self.unit_or_number())
            .or_else(|| self.confused_word())
            .or_else(|| self.misspelt())
            .or_else(|| self.misspelt_before())
            .or_else(|| self.misplaced())
            .or_else(|| self.missing_action())
            .or_else(|| self.reserved_name())
            .or_else(|| self.label_before_type())
            .or_else(|| self.joined_by_and())
            .or_else(|| self.missing_sign())
            .or_else(|| self.missing_word())
            .or_else(|| self.missing_condition())
            .unwrap_or_else(|| self.unexpected())
    }

    // ─── Mendings ────────────────────────────────────────────────────────────────────────────────────────────────────

    fn replace(&self, range: Range<usize>, text: &str) -> Replacement {
        Replacement {
            range,
            text: text.to_string(),
        }
    }

    /// A mending that replaces a range, if the grammar then reads past it and past the place where it stopped.
    fn tried(&self, edit: Replacement) -> Option<Mending> {
        let text = Patched::new(self.text, std::slice::from_ref(&edit)).text().to_string();
        let past = match edit.range.start < self.stop.at || edit.range.is_empty() {
            // Something before the place was changed, or inserted at it: the token there must now be read.
            true => (self.stop.at + edit.text.len() + 1).saturating_sub(edit.range.len()),
            false => edit.range.start + edit.text.trim_end().len(),
        };
        let is_read = match read(&text) {
            Ok(_) => true,
            Err(stop) => stop.at >= past || (self.here().is_none() && stop.at > self.stop.at),
        };
        is_read.then(|| Mending(vec![edit]))
    }

    /// An insertion after the last token that was read.
    fn insert(&self, text: &str) -> Option<Mending> {
        let end = self.previous().map_or(0, |t| t.end);
        self.tried(self.replace(end..end, text))
    }

    /// Whether with the edit the token after the next one is read too, so that a comma is more than a guess.
    fn reads_two(&self, Mending(edits): &Mending) -> bool {
        let text = Patched::new(self.text, edits).text().to_string();
        let Some(second) = self.after.get(1) else { return true };
        match read(&text) {
            Ok(_) => true,
            Err(stop) => stop.at > second.start + edits.iter().map(|edit| edit.text.len()).sum::<usize>(),
        }
    }

    fn span(&self, range: Range<usize>) -> crate::source::Span {
        self.builder.span(range)
    }

    fn gap(&self) -> crate::source::Span {
        let end = self.previous().map_or(self.stop.at, |t| t.end);
        self.span(end..end)
    }

    // ─── What it may be ──────────────────────────────────────────────────────────────────────────────────────────────

    /// Signs from programming languages and from prose.
    fn sign(&self) -> Option<Finding> {
        let here = self.here()?;
        let span = self.span(here.range());
        if here.text.starts_with("//") || here.text.starts_with("/*") || here.text == "--" {
            let mending = self.tried(self.replace(here.range(), "#"));
            return Some(Finding {
                diagnostic: errors::foreign_comment(span, here.text),
                mending,
            });
        }
        let at_end = self
            .text
            .get(here.end..)
            .is_some_and(|r| r.is_empty() || r.starts_with(char::is_whitespace));
        if matches!(here.text, ";" | "{" | "}") || (here.text == "." && at_end) {
            let mending = self.tried(self.replace(here.range(), ""));
            return Some(Finding {
                diagnostic: errors::needless_sign(span, here.text),
                mending,
            });
        }
        if here.text == "."
            && self
                .before
                .iter()
                .rev()
                .nth(1)
                .is_some_and(|t| matches!(t.text, "overrides" | ","))
        {
            return Some(Finding {
                diagnostic: errors::rule_elsewhere(span),
                mending: None,
            });
        }
        if matches!(here.text, ")" | "]") {
            let opening = if here.text == ")" { "(" } else { "[" };
            if self.opening(opening, here.text).is_none() {
                let mending = self.tried(self.replace(here.range(), ""));
                return Some(Finding {
                    diagnostic: errors::unopened_bracket(span),
                    mending,
                });
            }
        }
        // A comma at the end of a list, as some programs allow.
        if here.text == ")"
            && let Some(comma) = self.previous().filter(|p| p.text == ",")
            && let Some(mending) = self.tried(self.replace(comma.range(), ""))
        {
            return Some(Finding {
                diagnostic: errors::needless_sign(self.span(comma.range()), ","),
                mending: Some(mending),
            });
        }
        // A bullet or a number before a declaration.
        let is_bullet = matches!(here.text, "-" | "*" | "+") || (here.is_number() && here.text.ends_with('.'));
        if is_bullet
            && self.after.get(1).is_some_and(|t| ITEM_WORDS.contains(&t.text))
            && let Some(mending) = self.tried(self.replace(here.range(), ""))
        {
            return Some(Finding {
                diagnostic: errors::needless_sign(span, here.text),
                mending: Some(mending),
            });
        }
        let number_follows = self.after.get(1).is_some_and(Token::is_number);
        let word = match here.text {
            "=>" if number_follows => ">=",
            "=" | ":=" if self.expected().has(Node::colon) => ":",
            "->" | "=>" | "-->" | "==>" if self.expected().has_word("then") => "then",
            "=" | "==" | "===" => "is",
            "!=" | "<>" | "!==" | "=/=" => "is not",
            "&&" | "&" | "+" => "and",
            "||" | "|" => "or",
            "!" | "~" => "not",
            "=>" => ">=",
            "=<" => "<=",
            _ => return None,
        };
        let tight = self.text.get(here.end..).is_some_and(|r| !r.starts_with(char::is_whitespace));
        let loose = self
            .text
            .get(..here.start)
            .is_some_and(|r| !r.ends_with(|c: char| c.is_whitespace() || c == '('));
        let before = if loose && word != ":" { " " } else { "" };
        let written = format!("{before}{word}{}", if tight { " " } else { "" });
        let mending = self.tried(self.replace(here.range(), &written));
        Some(Finding {
            diagnostic: errors::programming_sign(span, here.text, word, &written),
            mending,
        })
    }

    /// A keyword in capitals, here or just before.
    fn upper_case(&self) -> Option<Finding> {
        let found = |token: Token<'_>, fits: bool| {
            let lower = token.text.to_lowercase();
            if lower == token.text || !token.is_word() || !fits {
                return None;
            }
            let mending = self.tried(self.replace(token.range(), &lower))?;
            let diagnostic = errors::upper_case_keyword(self.span(token.range()), token.text, &lower);
            Some(Finding {
                diagnostic,
                mending: Some(mending),
            })
        };
        let here = self.here()?;
        found(here, self.expected().has_word(&here.text.to_lowercase())).or_else(|| {
            let previous = self.previous()?;
            found(previous, KEYWORDS.contains(&previous.text.to_lowercase().as_str()))
        })
    }

    /// `x is over 5`, where gl says `x over 5`.
    fn is_before_comparison(&self) -> Option<Finding> {
        let (previous, here) = (self.previous()?, self.here()?);
        let comparison = matches!(here.text, "at" | "over" | "under" | "includes" | ">=" | "<=" | ">" | "<");
        if previous.text != "is" || !comparison {
            return None;
        }
        let mending = self.tried(self.replace(previous.start..here.start, ""));
        let span = self.span(previous.start..here.start);
        Some(Finding {
            diagnostic: errors::is_before_comparison(span, here.text),
            mending,
        })
    }

    /// `kidney-disease` and `kidney disease`, where names have `_`.
    fn divided_name(&self) -> Option<Finding> {
        let previous = self.previous().filter(|p| p.is_word() && !KEYWORDS.contains(&p.text))?;
        let here = self.here()?;
        let touches = |one: &Token<'_>, other: &Token<'_>| one.end == other.start;
        let mut parts = vec![previous.text];
        let mut end = previous.end;
        let mut rest = self.after.as_slice();
        if here.text == "-" {
            let mut last = previous;
            while let [dash, word, others @ ..] = rest
                && dash.text == "-"
                && touches(&last, dash)
                && touches(dash, word)
                && (word.is_word() || word.is_number())
            {
                parts.push(word.text);
                (end, last, rest) = (word.end, *word, others);
            }
        } else if here.is_word() && !KEYWORDS.contains(&here.text) {
            // Two words may also lack what joins them; a name that stands elsewhere in the file is no guess.
            parts.push(here.text);
            end = here.end;
            if !self.builder.has_word(&parts.join("_")) {
                return None;
            }
        }
        if parts.len() < 2 {
            return None;
        }
        let name = parts.join("_");
        let range = previous.start..end;
        let mending = self.tried(self.replace(range.clone(), &name))?;
        let diagnostic = errors::divided_name(self.span(range.clone()), self.text.get(range)?, &name);
        Some(Finding {
            diagnostic,
            mending: Some(mending),
        })
    }

    /// `version 2026-01-15`, `because it may be serious`
    fn text_without_quotes(&self) -> Option<Finding> {
        let here = self.here().filter(|t| t.is_word() || t.is_number())?;
        let rest = self.text.get(here.start..)?;
        let line = rest.lines().next()?;
        let length = match self.previous_text() {
            "version" | "url" | "statements" => line.find(char::is_whitespace).unwrap_or(line.len()),
            "because" | "with" | "ask" | "publisher" => line.trim_end().len(),
            _ => return None,
        };
        let written = rest.get(..length)?;
        if written.contains('"') {
            return None;
        }
        let range = here.start..here.start + length;
        let mending = self.tried(self.replace(range.clone(), &format!("\"{written}\"")))?;
        Some(Finding {
            diagnostic: errors::text_without_quotes(self.span(range), written),
            mending: Some(mending),
        })
    }

    fn wrong_type(&self) -> Option<Finding> {
        if !self.expected().has(Node::fact_type) {
            return None;
        }
        let here = self.here()?;
        let followed = |n: usize| self.after.get(n).copied();
        // `fact severity: mild < severe`
        if here.is_word()
            && followed(1).is_some_and(|t| matches!(t.text, "<" | ","))
            && let Some(mending) = self.tried(self.replace(here.start..here.start, "one of "))
        {
            return Some(Finding {
                diagnostic: errors::missing_one_of(self.span(here.start..here.start), here.text),
                mending: Some(mending),
            });
        }
        let lower = here.text.to_lowercase();
        let (end, right) = match lower.as_str() {
            "yes" | "y" | "no" | "true" => {
                let joined = followed(1).filter(|t| matches!(t.text.to_lowercase().as_str(), "/" | "or" | "," | "-"));
                let end = joined.and_then(|_| followed(2)).map_or(here.end, |t| t.end);
                (end, Some("yes/no"))
            }
            "bool" | "boolean" | "yesno" | "yes_no" | "binary" | "flag" | "bit" => (here.end, Some("yes/no")),
            "int" | "integer" | "number" | "natural" => (here.end, Some("count")),
            "datetime" | "day" | "timestamp" => (here.end, Some("date")),
            _ => (here.end, None),
        };
        let right = right.or_else(|| {
            let types = ["yes/no", "one", "any", "quantity", "time", "date", "count"];
            suggest::closest(here.text, types).filter(|_| here.is_word())
        });
        let mending = right.and_then(|r| self.tried(self.replace(here.start..end, r)));
        let right = right.filter(|_| mending.is_some());
        let diagnostic = errors::unknown_type(self.span(here.start..end), self.text.get(here.start..end)?, right);
        Some(Finding { diagnostic, mending })
    }

    /// Numbers without unit, units without number or quotes, dates in other notations.
    fn unit_or_number(&self) -> Option<Finding> {
        let expected = self.expected();
        let wants_unit = expected.has(Node::unit_word);
        let wants_number = [Node::number, Node::quantity, Node::duration, Node::measurement]
            .iter()
            .any(|n| expected.has(*n));
        let previous = self.previous();
        let after_number = previous.is_some_and(|p| p.is_number());
        if let Some(here) = self.here() {
            let span = self.span(here.range());
            if let Some(finding) = self.date_in_other_notation(here) {
                return Some(finding);
            }
            if wants_number && here.text.starts_with('-') {
                return Some(Finding {
                    diagnostic: errors::negative_number(span),
                    mending: None,
                });
            }
            if wants_number && let Some(digits) = suggest::number_word(here.text) {
                let mending = self.tried(self.replace(here.range(), digits));
                return Some(Finding {
                    diagnostic: errors::number_in_words(span, here.text, digits),
                    mending,
                });
            }
            // `under six weeks`: the word was taken for a value.
            if let Some(word) = previous
                && let Some(digits) = suggest::number_word(word.text)
                && (UNIT_WORDS.contains(&here.text) || unit_alias(here.text).is_some())
                && let Some(mending) = self.tried(self.replace(word.range(), digits))
            {
                return Some(Finding {
                    diagnostic: errors::number_in_words(self.span(word.range()), word.text, digits),
                    mending: Some(mending),
                });
            }
            let next = self.after.get(1).filter(|t| t.is_number());
            if after_number
                && wants_unit
                && here.text == "-"
                && let (Some(first), Some(last)) = (previous, next)
            {
                let range = first.start..last.end;
                let mending = self.tried(self.replace(range.clone(), last.text));
                let diagnostic = errors::number_range(self.span(range), first.text, last.text);
                return Some(Finding { diagnostic, mending });
            }
            if wants_number && (UNIT_WORDS.contains(&here.text) || unit_alias(here.text).is_some()) {
                return Some(Finding {
                    diagnostic: errors::missing_number(span, here.text),
                    mending: None,
                });
            }
            // `6wks`: a number that grew together with its unit.
            if here.is_number() {
                let digits = here
                    .text
                    .find(|c: char| !c.is_ascii_digit() && c != '.')
                    .unwrap_or(here.text.len());
                let (number, unit) = here.text.split_at_checked(digits)?;
                let is_code = !unit.is_empty() && unit.chars().all(|c| c.is_ascii_alphabetic());
                if let Some(word) = UNIT_WORDS.iter().find(|u| **u == unit).copied().or_else(|| unit_alias(unit)) {
                    let right = format!("{number} {word}");
                    let mending = self.tried(self.replace(here.range(), &right))?;
                    let diagnostic = errors::unknown_unit(span, here.text, &right);
                    return Some(Finding {
                        diagnostic,
                        mending: Some(mending),
                    });
                }
                if is_code && let Some(mending) = self.tried(self.replace(here.range(), &format!("{number} \"{unit}\""))) {
                    let range = here.start + digits..here.end;
                    return Some(Finding {
                        diagnostic: errors::unit_grown_together(span, self.span(range), number, unit),
                        mending: Some(mending),
                    });
                }
            }
            let in_type = previous.is_some_and(|p| p.text == "in");
            if wants_unit && (after_number || in_type) && (here.is_word() || here.text == "%") {
                if let Some(word) = unit_alias(here.text)
                    && let Some(mending) = self.tried(self.replace(here.range(), word))
                {
                    return Some(Finding {
                        diagnostic: errors::unknown_unit(span, here.text, word),
                        mending: Some(mending),
                    });
                }
                let close = suggest::closest(here.text, UNIT_WORDS.iter().copied()).filter(|_| here.text.len() > 2);
                if let Some(word) = close
                    && let Some(mending) = self.tried(self.replace(here.range(), word))
                {
                    return Some(Finding {
                        diagnostic: errors::unknown_unit(span, here.text, word),
                        mending: Some(mending),
                    });
                }
                let rest = self.text.get(here.start..)?;
                let length = rest
                    .find(|c: char| c.is_whitespace() || matches!(c, '"' | ',' | '(' | ')' | ':'))
                    .unwrap_or(rest.len());
                let unit = rest.get(..length)?;
                let known = KEYWORDS.contains(&unit) || expected.words().contains(&unit);
                let near = suggest::closest(unit, expected.words()).is_some_and(|_| unit.len() > 2);
                if !known
                    && !near
                    && let Some(mending) = self.tried(self.replace(here.start..here.start + length, &format!("\"{unit}\"")))
                {
                    let span = self.span(here.start..here.start + length);
                    return Some(Finding {
                        diagnostic: errors::unit_without_quotes(span, unit),
                        mending: Some(mending),
                    });
                }
            }
        }
        if after_number && wants_unit && expected.words().iter().all(|w| UNIT_WORDS.contains(w)) {
            let number = previous?;
            return Some(Finding {
                diagnostic: errors::missing_unit(self.span(number.range()), number.text),
                mending: None,
            });
        }
        None
    }

    fn date_in_other_notation(&self, here: Token<'_>) -> Option<Finding> {
        if !self.expected().has(Node::date) || !here.is_number() {
            return None;
        }
        let rest = self.text.get(here.start..)?;
        let length = rest
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, '/' | '.' | '-')))
            .unwrap_or(rest.len());
        let written = rest.get(..length)?;
        let parts: Vec<&str> = written.split(['/', '.', '-']).collect();
        let [first, second, third] = parts.as_slice() else {
            return None;
        };
        let range = here.start..here.start + length;
        let right = (first.len() == 4).then(|| format!("{first}-{second:0>2}-{third:0>2}"));
        let mending = right.as_ref().and_then(|r| self.tried(self.replace(range.clone(), r)));
        Some(Finding {
            diagnostic: errors::wrong_date(self.span(range), written, right.as_deref()),
            mending,
        })
    }

    /// Words that are right elsewhere: `if` for `when`, `only when` in a note.
    fn confused_word(&self) -> Option<Finding> {
        let here = self.here()?;
        let right = match here.text {
            "if" | "If" | "IF" | "whenever" if self.expected().has_word("when") => "when",
            "when" if self.expected().has_word("if") => "if",
            _ => return None,
        };
        let span = self.span(here.range());
        let diagnostic = match right {
            "when" => errors::if_instead_of_when(span, here.text),
            _ => errors::when_instead_of_if(span),
        };
        Some(Finding {
            diagnostic,
            mending: self.tried(self.replace(here.range(), right)),
        })
    }

    fn misspelt(&self) -> Option<Finding> {
        let here = self.here()?;
        if !here.is_word() || here.text.len() < 3 || KEYWORDS.contains(&here.text) {
            return None;
        }
        let right = suggest::closest(here.text, self.expected().words())?;
        let mending = self.tried(self.replace(here.range(), right))?;
        let diagnostic = errors::misspelt_keyword(self.span(here.range()), here.text, right);
        Some(Finding {
            diagnostic,
            mending: Some(mending),
        })
    }

    /// A misspelt word that was taken for a name: `then recomend mri`, `al of (…)`.
    fn misspelt_before(&self) -> Option<Finding> {
        let previous = self.previous()?;
        if !previous.is_word() || previous.text.len() < 2 || KEYWORDS.contains(&previous.text) {
            return None;
        }
        let before_that = self.before.iter().rev().nth(1).map_or("", |t| t.text);
        let words: &[&str] = match (before_that, self.here_text()) {
            (_, "of" | "(") => &["any", "all", "none"],
            ("expect" | "exactly", _) => EXPECT_WORDS,
            ("then" | "recommend" | "consider" | "avoid" | "never" | "no" | "undecided" | "active" | "overdue", _) => {
                ADVICE_WORDS
            }
            _ => &["not"],
        };
        let right = suggest::closest(previous.text, words.iter().copied())?;
        let mending = self.tried(self.replace(previous.range(), right))?;
        let diagnostic = errors::misspelt_keyword(self.span(previous.range()), previous.text, right);
        Some(Finding {
            diagnostic,
            mending: Some(mending),
        })
    }

    /// `fact x "Label": yes/no`
    fn label_before_type(&self) -> Option<Finding> {
        let (name, label, colon) = (self.previous()?, self.here()?, self.after.get(1)?);
        let declares = self.before.iter().rev().nth(1).is_some_and(|t| t.text == "fact");
        if !declares || !label.is_text() || colon.text != ":" {
            return None;
        }
        let mending = self.tried(self.replace(label.start..colon.end, ":"));
        Some(Finding {
            diagnostic: errors::label_before_type(self.span(label.range()), name.text),
            mending,
        })
    }

    /// `given a and b`, where a list has commas.
    fn joined_by_and(&self) -> Option<Finding> {
        let here = self.here()?;
        if here.text != "and" || !self.expected().has(Node::comma) {
            return None;
        }
        let start = self.previous().map_or(here.start, |t| t.end);
        let mending = self.tried(self.replace(start..here.end, ","))?;
        let span = self.span(here.range());
        let diagnostic = errors::joined_by_and(&[span], &[self.builder.span_between(start, here.end)]);
        Some(Finding {
            diagnostic,
            mending: Some(mending),
        })
    }

    /// `because` before `sealed`, `within` after `cite`: a part that can be read elsewhere in its declaration.
    fn misplaced(&self) -> Option<Finding> {
        let reads = |text: &str| read(text).map_or_else(|stop| stop.at, |_| text.len());
        let moved = order::moved(self.text, self.stop.at, &reads)?;
        let between = |range: &Range<usize>| self.builder.span_between(range.start, range.end);
        let (removed, place) = (between(&moved.removed), between(&(moved.place..moved.place)));
        Some(Finding {
            diagnostic: errors::misplaced_part(self.span(moved.part.clone()), removed, place, &moved),
            mending: Some(Mending(vec![
                self.replace(moved.place..moved.place, &moved.text),
                self.replace(moved.removed, ""),
            ])),
        })
    }

    fn missing_action(&self) -> Option<Finding> {
        let introduces = matches!(
            self.previous_text(),
            "then" | "recommend" | "consider" | "avoid" | "never" | "immediate" | "urgent" | "routine"
        );
        let wants = self.expected().has(Node::name) || self.expected().has(Node::actions);
        (introduces && wants && !self.names_something()).then(|| Finding {
            diagnostic: errors::missing_action(self.gap(), self.previous_text()),
            mending: None,
        })
    }

    /// Whether the token here could be a name.
    fn names_something(&self) -> bool {
        self.here().is_some_and(|t| t.is_word() && !RESERVED.contains(&t.text))
    }

    fn reserved_name(&self) -> Option<Finding> {
        let here = self.here()?;
        let declares = matches!(
            self.previous_text(),
            "fact" | "action" | "define" | "rule" | "source" | "scale" | "guideline" | "note"
        );
        (declares && self.expected().has(Node::name) && RESERVED.contains(&here.text)).then(|| Finding {
            diagnostic: errors::reserved_name(self.span(here.range()), here.text),
            mending: None,
        })
    }

    /// A colon, comma or closing bracket that was left out.
    fn missing_sign(&self) -> Option<Finding> {
        let expected = self.expected();
        let gap = self.gap();
        if expected.has(Node::colon)
            && let Some(mending) = self.insert(":")
        {
            return Some(Finding {
                diagnostic: errors::missing_colon(gap, self.previous_text()),
                mending: Some(mending),
            });
        }
        if expected.has(Node::comma)
            && self
                .here()
                .is_some_and(|t| t.is_word() || t.is_text() || t.is_number() || t.text == "(")
            && let Some(mending) = self.insert(",").filter(|m| self.reads_two(m))
        {
            let diagnostic = errors::missing_comma(gap, self.previous_text(), self.here_text());
            return Some(Finding {
                diagnostic,
                mending: Some(mending),
            });
        }
        for (node, opening, closing) in [(Node::close, "(", ")"), (Node::close_bracket, "[", "]")] {
            if expected.has(node)
                && let Some(open) = self.opening(opening, closing)
                && let Some(mending) = self.insert(closing)
            {
                let diagnostic = errors::unclosed_bracket(self.span(open.range()), gap, closing);
                return Some(Finding {
                    diagnostic,
                    mending: Some(mending),
                });
            }
        }
        None
    }

    /// The innermost bracket that is still open.
    fn opening(&self, opening: &str, closing: &str) -> Option<Token<'l>> {
        let mut closed = 0;
        for token in self.before.iter().rev() {
            if token.text == closing {
                closed += 1;
            } else if token.text == opening {
                if closed == 0 {
                    return Some(*token);
                }
                closed -= 1;
            }
        }
        None
    }

    /// A keyword that was left out.
    fn missing_word(&self) -> Option<Finding> {
        let expected = self.expected();
        let gap = self.gap();
        if expected.has_word("then") && !expected.has_word("cite") {
            if self.here().is_some_and(|t| t.is_word())
                && !self.after.iter().any(|t| t.text == "then")
                && let Some(mending) = self.insert(" then")
            {
                return Some(Finding {
                    diagnostic: errors::missing_then(gap),
                    mending: Some(mending),
                });
            }
            let ends = self
                .here()
                .is_none_or(|t| matches!(t.text, "cite" | "from" | "because" | "evidence" | "overrides"))
                || ITEM_WORDS.contains(&self.here_text());
            if ends {
                let first = self.before.first().filter(|token| token.text == "when");
                let colon = first.and_then(|token| self.builder.colon_of_section(token.start));
                return Some(Finding {
                    diagnostic: match colon {
                        Some(colon) => errors::colon_before_guard(colon, gap),
                        None => errors::nothing_to_do(gap),
                    },
                    mending: None,
                });
            }
        }
        let words: Vec<&str> = expected.words();
        let here = self.here()?;
        // `is in mild, moderate)`
        let rest = self.text.get(here.start..).and_then(|rest| rest.lines().next()).unwrap_or("");
        let closes = rest.find(')').filter(|at| rest.find('(').is_none_or(|open| open > *at));
        if expected.has(Node::open)
            && closes.is_some()
            && let Some(mending) = self.insert(" (")
        {
            return Some(Finding {
                diagnostic: errors::missing_word(gap, "(", here.text),
                mending: Some(mending),
            });
        }
        if here.text == "in"
            && self.after.get(1).is_some_and(|t| t.text == "(")
            && let Some(mending) = self.insert(" is")
        {
            return Some(Finding {
                diagnostic: errors::missing_word(gap, "is", here.text),
                mending: Some(mending),
            });
        }
        if self.previous_text() == "at" && here.is_number() {
            return Some(Finding {
                diagnostic: errors::at_without_bound(gap),
                mending: None,
            });
        }
        for word in ["when", "of", "with", "for", "over", "if", "in", "to"] {
            if words.contains(&word)
                && words.len() <= 6
                && (here.is_word() || here.text == "(")
                && let Some(mending) = self.insert(&format!(" {word}"))
            {
                return Some(Finding {
                    diagnostic: errors::missing_word(gap, word, here.text),
                    mending: Some(mending),
                });
            }
        }
        None
    }

    fn missing_condition(&self) -> Option<Finding> {
        // `rule two:` without `when`.
        let begins_rule = self.expected().has_word("when") && self.expected().has_word("always");
        if begins_rule && self.previous_text() == ":" {
            return Some(Finding {
                diagnostic: errors::rule_without_condition(self.gap()),
                mending: None,
            });
        }
        let introduces = matches!(
            self.previous_text(),
            "when" | "unless" | "and" | "or" | "not" | "if" | "implies" | "(" | "," | ":"
        );
        if !introduces
            || !(self.expected().has(Node::condition) || self.expected().has(Node::test) || self.expected().has_word("not"))
        {
            return None;
        }
        let mending = self.insert(" \u{FFFD} ")?;
        let diagnostic = errors::missing_condition(self.gap(), self.previous_text());
        Some(Finding {
            diagnostic,
            mending: Some(mending),
        })
    }

    /// Whether a line of its own begins here, and what stands before is complete.
    fn after_a_declaration(&self, here: Token<'_>) -> bool {
        self.expected().end() && self.text.get(..here.start).is_some_and(|before| before.ends_with('\n'))
    }

    fn unexpected(&self) -> Finding {
        let phrase = self.expected().phrase();
        let diagnostic = match self.here() {
            None => errors::unfinished(self.gap(), &phrase),
            Some(here) if self.before.is_empty() || self.expected().only_declarations() || self.after_a_declaration(here) => {
                errors::no_declaration(self.span(here.range()), here.text)
            }
            Some(here) => errors::unexpected(self.span(here.range()), here.text, &phrase),
        };
        Finding {
            diagnostic,
            mending: None,
        }
    }
}

const ADVICE_WORDS: &[&str] = &["recommend", "consider", "avoid", "never", "immediate", "urgent", "routine"];

const EXPECT_WORDS: &[&str] = &[
    "recommend",
    "consider",
    "avoid",
    "never",
    "immediate",
    "urgent",
    "routine",
    "exactly",
    "no",
    "undecided",
    "disagreement",
    "active",
    "open",
    "overridden",
    "overdue",
    "rejected",
];

/// The unit that a customary abbreviation means.
fn unit_alias(word: &str) -> Option<&'static str> {
    Some(match word.to_lowercase().as_str() {
        "min" | "mins" => "minutes",
        "h" | "hr" | "hrs" => "hours",
        "d" => "days",
        "w" | "wk" | "wks" => "weeks",
        "mo" | "mos" | "mth" | "mths" => "months",
        "y" | "yr" | "yrs" => "years",
        lower => UNIT_WORDS.iter().find(|u| **u == lower && lower != word)?,
    })
}

fn word_length(text: &str) -> usize {
    text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii()))
        .unwrap_or(text.len())
}

fn skip_trivia(text: &str) -> &str {
    let mut rest = text.trim_start();
    while rest.starts_with('#') {
        rest = rest.split_once('\n').map_or("", |(_, after)| after).trim_start();
    }
    rest
}

/// The tokens of broken text.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = skip_trivia(text.get(at..)?);
        let start = text.len() - rest.len();
        let first = rest.chars().next()?;
        let is_sign = |c: char| matches!(c, '=' | '!' | '<' | '>' | '&' | '|' | '/' | '*' | '-' | '+' | '~');
        let length = if first == '"' {
            text_length(rest)
        } else if first.is_ascii_digit() {
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.') || !c.is_ascii()))
                .unwrap_or(rest.len())
        } else if word_length(rest) > 0 {
            word_length(rest)
        } else if is_sign(first) {
            rest.find(|c: char| !is_sign(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        at = start + length;
        Some(Token {
            text: rest.get(..length)?,
            start,
            end: at,
        })
    })
}

fn text_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\n' => return at,
            '"' if !escaped => return at + 1,
            _ => escaped = c == '\\' && !escaped,
        }
    }
    text.len()
}
