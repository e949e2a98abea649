//! Judges the raw text before the grammar sees it.
//!
//! In: the text as typed or pasted. Out: findings with fixes, the edits under which reading may go on, the comments.
//! Must not know: the grammar; it knows only texts in quotes, comments, words and brackets.

use super::errors;
use super::patched::Replacement;
use super::words::is_word;
use crate::ast::Comment;
use crate::diagnostic::{Certainty, Diagnostic, Findings};
use crate::limits;
use crate::source::{FileId, Span};
use std::ops::Range;
use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// What was found, and how to read on.
#[derive(Debug, Default)]
pub(super) struct Clean {
    pub(super) diagnostics: Findings,
    /// What to replace so that one slip of typing is one finding.
    pub(super) edits: Vec<Replacement>,
    pub(super) comments: Vec<Comment>,
    /// Places after which a declaration cannot be trusted: findings of the grammar there would only follow from this one.
    pub(super) unsure: Vec<usize>,
    /// Whether the text may be read at all.
    pub(super) readable: bool,
}

/// Checks a whole file.
pub(super) fn check(text: &str, file: FileId) -> Clean {
    if text.len() > limits::FILE_BYTES {
        let mut clean = Clean::default();
        clean.diagnostics.push(errors::file_too_large(Span::new(file, 0..0)));
        return clean;
    }
    let mut scan = Scan {
        text,
        file,
        at: 0,
        line_start: true,
        column_zero: true,
        nesting: Nesting::default(),
        before: Before::Nothing,
        long_names: Vec::new(),
        clean: Clean {
            readable: true,
            ..Clean::default()
        },
    };
    if text.starts_with('\u{FEFF}') {
        scan.at = '\u{FEFF}'.len_utf8();
    }
    scan.run();
    scan.clean
}

/// Brackets and runs of `not` that are open at a place.
#[derive(Debug, Default)]
struct Nesting {
    brackets: Vec<Bracket>,
    /// The length of the run of `not` that waits for its condition, outside all brackets.
    nots: usize,
    /// The sum of all runs that are open around this place.
    total_nots: usize,
    /// Where the part that is too deep begins, and the depth to which it must come back.
    too_deep: Option<(usize, usize)>,
}

#[derive(Debug)]
struct Bracket {
    square: bool,
    /// A list of values, in which a comma between digits is just a comma.
    values: bool,
    nots: usize,
}

impl Nesting {
    fn depth(&self) -> usize {
        self.brackets.len() + self.total_nots
    }

    fn run(&mut self) -> &mut usize {
        match self.brackets.last_mut() {
            Some(bracket) => &mut bracket.nots,
            None => &mut self.nots,
        }
    }

    fn end_run(&mut self) {
        let ended = std::mem::take(self.run());
        self.total_nots = self.total_nots.saturating_sub(ended);
    }
}

/// The last token before a place, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    Dash,
    /// `is` or `in`, after which brackets hold values.
    Is,
    Other,
}

struct Scan<'a> {
    text: &'a str,
    file: FileId,
    at: usize,
    /// Only blanks so far on this line.
    line_start: bool,
    /// Nothing at all so far on this line.
    column_zero: bool,
    nesting: Nesting,
    before: Before,
    /// Names that are too long, so that each is reported once.
    long_names: Vec<&'a str>,
    clean: Clean,
}

impl<'a> Scan<'a> {
    fn run(&mut self) {
        while let Some(byte) = self.text.as_bytes().get(self.at).copied() {
            match byte {
                b'\n' => {
                    self.at += 1;
                    self.line_start = true;
                    self.column_zero = true;
                    continue;
                }
                b' ' | b'\t' | b'\r' => {
                    self.at += 1;
                    self.column_zero = false;
                    continue;
                }
                b'#' => {
                    self.comment();
                    continue;
                }
                b'"' => self.quoted(),
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(),
                b'0'..=b'9' => self.number(),
                b'(' | b'[' => self.open(byte == b'['),
                b')' | b']' => self.close(),
                b'\'' => self.single_quote(),
                b'-' => {
                    self.at += 1;
                    self.before = Before::Dash;
                }
                0x20..=0x7E => {
                    self.at += 1;
                    self.before = Before::Other;
                }
                0x00..=0x1F | 0x7F => self.control(),
                0x80.. => self.beyond_ascii(),
            }
            self.line_start = false;
            self.column_zero = false;
            if self.clean.diagnostics.is_full() {
                // Nobody reads on past so many; mending them all would take the memory of many files.
                self.clean.readable = false;
                return;
            }
        }
        self.end_too_deep(self.at);
    }

    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.file, range)
    }

    fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or("")
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// Reports something that has one mending, and reads on as if it had been mended.
    fn mended(&mut self, diagnostic: Diagnostic, range: Range<usize>, replacement: &str) {
        self.clean.diagnostics.push(diagnostic);
        self.clean.edits.push(Replacement {
            range,
            text: replacement.to_string(),
        });
    }

    fn comment(&mut self) {
        let rest = self.rest();
        let line = rest.split('\n').next().unwrap_or(rest);
        let range = self.at..self.at + line.strip_suffix('\r').unwrap_or(line).len();
        let next = self.at + line.len();
        let text = self.slice(range.clone()).to_string();
        if !text.bytes().all(|b| matches!(b, b'\t' | 0x20..=0x7E)) {
            self.invisible(range.clone());
        }
        self.clean.comments.push(Comment {
            text,
            span: self.span(range),
        });
        self.at = next;
    }

    /// Reports control characters and those that turn the direction of writing, which are errors anywhere.
    fn invisible(&mut self, range: Range<usize>) {
        let text = self.text;
        for (offset, c) in text.get(range.clone()).unwrap_or("").char_indices() {
            let place = range.start + offset..range.start + offset + c.len_utf8();
            if turns_direction(c) {
                self.mended(errors::direction_control(self.span(place.clone()), c), place, "");
            } else if c.is_control() && c != '\t' {
                self.mended(errors::control_character(self.span(place.clone()), c), place, "");
            }
        }
    }

    fn control(&mut self) {
        let range = self.at..self.at + 1;
        let c = self.rest().chars().next().unwrap_or('\0');
        self.mended(errors::control_character(self.span(range.clone()), c), range, "");
        self.at += 1;
    }

    fn quoted(&mut self) {
        self.nesting.end_run();
        self.before = Before::Other;
        let start = self.at;
        match find_closing(self.text, start) {
            Closing::At(end) => {
                self.at = end;
                self.quoted_text(start..end);
            }
            Closing::None(line_end) => self.unclosed(start, line_end),
        }
    }

    /// Checks the inside of a text with its quotes.
    fn quoted_text(&mut self, range: Range<usize>) {
        let text = self.text;
        let whole = text.get(range.clone()).unwrap_or("");
        if whole.is_ascii() && whole.bytes().all(|b| matches!(b, b'\t' | 0x20..=0x5B | 0x5D..=0x7E)) {
            if whole.len() > limits::TEXT_CHARACTERS {
                self.clean
                    .diagnostics
                    .push(errors::text_too_long(self.span(range), whole.len()));
            }
            return;
        }
        let characters = whole.chars().count();
        if characters > limits::TEXT_CHARACTERS {
            self.clean
                .diagnostics
                .push(errors::text_too_long(self.span(range.clone()), characters));
        }
        let found = self.clean.diagnostics.len();
        self.invisible(range.clone());
        let mut chars = whole.char_indices();
        while let Some((offset, c)) = chars.next() {
            if c != '\\' {
                continue;
            }
            let Some((_, escaped)) = chars.next() else { break };
            if !matches!(escaped, '"' | '\\') {
                let place = range.start + offset..range.start + offset + 1;
                let pair = range.start + offset..range.start + offset + 1 + escaped.len_utf8();
                self.mended(
                    errors::unknown_escape(self.span(pair), self.span(place.clone()), escaped),
                    place,
                    "\\\\",
                );
            }
        }
        if self.clean.diagnostics.len() == found && !is_nfc(whole) {
            let normal: String = whole.nfc().collect();
            self.mended(errors::not_normal_form(self.span(range.clone()), &normal), range, &normal);
        }
    }

    /// A text that does not close on its line. Either it runs over several lines, or its closing quote is missing.
    fn unclosed(&mut self, start: usize, line_end: usize) {
        let opening = self.span(start..start + 1);
        let line = self.slice(start + 1..line_end);
        if let Some(offset) = line.rfind(['\u{201C}', '\u{201D}', '\u{201E}', '\u{201F}']) {
            let width = line.get(offset..).and_then(|l| l.chars().next()).map_or(0, char::len_utf8);
            let place = start + 1 + offset..start + 1 + offset + width;
            self.at = place.end;
            self.mended(errors::typographic_quote(&[self.span(place.clone())]), place, "\"");
            return;
        }
        if let Some(place) = self.missing_opening(start, line) {
            self.at = start + 1;
            self.mended(errors::unopened_quote(opening, self.span(place..place)), place..place, "\"");
            return;
        }
        if let Some(end) = closing_on_later_line(self.text, line_end) {
            let whole = self.slice(start..end);
            let joined = whole.split_whitespace().collect::<Vec<_>>().join(" ");
            self.at = end;
            self.mended(
                errors::text_over_lines(opening, self.span(start..end), &joined),
                start..end,
                &joined,
            );
            return;
        }
        let mut end = start + 1 + line.trim_end().len();
        if self.slice(start..end).ends_with(':') {
            end -= 1;
        }
        if self.slice(start..end).ends_with('\\') {
            end -= 1;
        }
        self.clean.unsure.push(start);
        self.at = line_end;
        self.mended(errors::unclosed_quote(opening, self.span(end..end)), end..end, "\"");
    }

    /// Where the quote belongs that a closing one at the end of a line lacks: behind the word that a text follows.
    fn missing_opening(&self, closing: usize, rest: &str) -> Option<usize> {
        let before = self.text.get(..closing)?;
        let is_closing = before.ends_with(is_word) && matches!(rest.trim(), "" | ":" | ")");
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.get(line_start..)?;
        if !is_closing || line.contains(['"', '#']) {
            return None;
        }
        let mut at = line_start;
        let mut texts = None;
        let mut names_first = 0;
        for word in line.split_inclusive(char::is_whitespace) {
            let bare = word.trim();
            if texts == Some(at) && names_first > 0 && !bare.is_empty() {
                names_first -= 1;
                texts = Some(at + word.len());
            }
            match bare {
                "rule" | "define" | "guideline" | "action" | "source" if texts.is_none() => {
                    (texts, names_first) = (Some(at + word.len()), 1);
                }
                "section" | "note" | "case" | "complete" | "because" | "with" | "ask" | "version" | "publisher" | "also"
                    if texts.is_none() =>
                {
                    texts = Some(at + word.len());
                }
                _ => {}
            }
            at += word.len();
        }
        texts.filter(|place| *place < closing)
    }

    fn word(&mut self) {
        let start = self.at;
        let rest = self.rest();
        let length = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        let end = start + length;
        self.at = end;
        let text = self.text;
        let word = text.get(start..end).unwrap_or("");
        self.before = if matches!(word, "is" | "in") {
            Before::Is
        } else {
            Before::Other
        };
        if self.line_start && self.starts_item(word, end) {
            self.end_too_deep(start);
            self.nesting = Nesting::default();
        }
        if word == "not" {
            *self.nesting.run() += 1;
            self.nesting.total_nots += 1;
            self.deepened(start);
        } else {
            self.nesting.end_run();
            self.came_back(end);
        }
        if length > limits::NAME_CHARACTERS && word.chars().count() > limits::NAME_CHARACTERS {
            if self.long_names.contains(&word) {
                return;
            }
            self.long_names.push(word);
            let diagnostic = errors::name_too_long(self.span(start..end), word.chars().count());
            self.clean.diagnostics.push(diagnostic);
        } else if !word.is_ascii() {
            self.foreign_word(start..end, word);
        }
    }

    /// A word with letters that are not ASCII.
    fn foreign_word(&mut self, range: Range<usize>, word: &str) {
        let plain: String = word
            .nfd()
            .filter(|c| !is_combining_mark(*c))
            .map(|c| look_alike(c).unwrap_or(c))
            .collect();
        let span = self.span(range.clone());
        if !plain.is_ascii() {
            let first = word.chars().find(|c| !c.is_ascii()).unwrap_or('?');
            self.clean.diagnostics.push(errors::foreign_letter(span, word, first, None));
            return;
        }
        let diagnostic = match word.chars().find(|c| look_alike(*c).is_some()) {
            Some(letter) => errors::look_alike_letter(span, &plain, letter),
            None => {
                let first = word.chars().find(|c| !c.is_ascii()).unwrap_or('?');
                errors::foreign_letter(span, word, first, Some(&plain))
            }
        };
        self.mended(diagnostic, range, &plain);
    }

    fn starts_item(&self, word: &str, end: usize) -> bool {
        match word {
            "when" | "always" => self.column_zero,
            _ => {
                super::expected::ITEM_WORDS.contains(&word)
                    && self.text.get(end..).is_some_and(|r| {
                        r.starts_with([' ', '\t'])
                            && r.trim_start_matches([' ', '\t'])
                                .starts_with(|c: char| is_word(c) || c == '"')
                    })
            }
        }
    }

    fn number(&mut self) {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
        let mut end = start;
        let mut digits = 0;
        let mut commas = Vec::new();
        let joined = self.before == Before::Dash;
        let listed = self.nesting.brackets.last().is_some_and(|b| b.square || b.values);
        while let Some(byte) = bytes.get(end) {
            match byte {
                b'0'..=b'9' => digits += 1,
                b'.' if digit(end + 1) => {}
                b',' if !joined && !listed && end > start && digit(end + 1) => commas.push(end),
                _ => break,
            }
            end += 1;
        }
        self.at = end;
        self.nesting.end_run();
        self.came_back(end);
        if bytes
            .get(end)
            .is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_' || *b >= 0x80)
        {
            // A code or a statement such as `1B`; the rest of it is read as a word.
            self.before = Before::Dash;
            return;
        }
        self.before = Before::Other;
        if let Some(first) = commas.first().copied() {
            let written = self.slice(start..end).to_string();
            let diagnostic = errors::decimal_comma(self.span(start..end), &written);
            let pointed = written.replacen(',', ".", 1).replace(',', "");
            if commas.len() == 1 {
                self.mended(diagnostic, first..first + 1, ".");
            } else {
                self.mended(diagnostic, start..end, &pointed);
            }
        } else if digits > limits::NUMBER_DIGITS && !joined {
            let diagnostic = errors::number_too_long(self.span(start..end), digits);
            self.clean.diagnostics.push(diagnostic);
        }
    }

    fn open(&mut self, square: bool) {
        let start = self.at;
        self.at += 1;
        self.nesting.brackets.push(Bracket {
            square,
            values: self.before == Before::Is,
            nots: 0,
        });
        self.before = Before::Other;
        self.deepened(start);
    }

    fn close(&mut self) {
        self.at += 1;
        self.before = Before::Other;
        self.nesting.end_run();
        self.nesting.brackets.pop();
        self.nesting.end_run();
        self.came_back(self.at);
    }

    fn deepened(&mut self, start: usize) {
        if self.nesting.depth() > limits::NESTING && self.nesting.too_deep.is_none() {
            let end = start + if self.slice(start..start + 3) == "not" { 3 } else { 1 };
            self.clean.diagnostics.push(errors::too_deep(self.span(start..end)));
            self.clean.unsure.push(start);
            self.nesting.too_deep = Some((start, limits::NESTING));
        }
    }

    fn came_back(&mut self, end: usize) {
        if self.nesting.too_deep.is_some_and(|(_, depth)| self.nesting.depth() <= depth) {
            self.end_too_deep(end);
        }
    }

    /// Cuts the part that is too deep out of what the grammar reads.
    fn end_too_deep(&mut self, end: usize) {
        if let Some((start, _)) = self.nesting.too_deep.take() {
            self.clean.edits.retain(|e| e.range.start < start);
            self.clean.edits.push(Replacement {
                range: start..end,
                text: "\u{FFFD} ".to_string(),
            });
        }
    }

    /// `'text'` where gl wants `"text"`.
    fn single_quote(&mut self) {
        let start = self.at;
        let line = self.rest().split('\n').next().unwrap_or("");
        let closing = line.get(1..).and_then(|l| l.find('\'')).map(|i| start + 1 + i);
        self.before = Before::Other;
        match closing {
            Some(end) if !self.slice(start..end).contains('"') => {
                let places = [start..start + 1, end..end + 1];
                self.at = end + 1;
                self.quote_pair(places);
            }
            _ => self.at += 1,
        }
    }

    fn quote_pair(&mut self, places: [Range<usize>; 2]) {
        let spans = places.clone().map(|p| self.span(p));
        self.clean.diagnostics.push(errors::typographic_quote(&spans));
        for range in places {
            self.clean.edits.push(Replacement {
                range,
                text: "\"".to_string(),
            });
        }
    }

    fn beyond_ascii(&mut self) {
        let start = self.at;
        let c = self.rest().chars().next().unwrap_or('\u{FFFD}');
        let end = start + c.len_utf8();
        if is_word(c) && !is_combining_mark(c) {
            return self.word();
        }
        self.at = end;
        self.before = Before::Other;
        let place = start..end;
        if turns_direction(c) {
            self.mended(errors::direction_control(self.span(place.clone()), c), place, "");
        } else if c.is_control() {
            self.mended(errors::control_character(self.span(place.clone()), c), place, "");
        } else if is_odd_space(c) {
            let run = self.slice(start..self.text.len()).chars().take_while(|n| *n == c).count();
            self.at = start + run * c.len_utf8();
            let place = start..self.at;
            let replacement = if is_zero_width(c) { "" } else { " " };
            self.mended(
                errors::odd_space(self.span(place.clone()), c, replacement),
                place,
                replacement,
            );
        } else if matches!(
            c,
            '\u{201C}' | '\u{201D}' | '\u{201E}' | '\u{201F}' | '\u{AB}' | '\u{BB}' | '\u{2018}' | '\u{2019}' | '\u{201A}'
        ) {
            self.curly_quote(place);
        } else if matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2043}') {
            self.before = Before::Dash;
            let mut certainty = Certainty::Sure;
            if self.slice(0..start).ends_with(|b: char| b.is_ascii_digit())
                && self.rest().starts_with(|b: char| b.is_ascii_digit())
            {
                // `2–3 weeks`: the dash is to blame, not what follows from it.
                self.clean.unsure.push(start);
                certainty = Certainty::Guess;
            }
            self.mended(errors::typographic_dash(self.span(place.clone()), c, certainty), place, "-");
        } else if let Some(plain) = plain_sign(c) {
            self.mended(errors::foreign_sign(self.span(place.clone()), c, Some(plain)), place, plain);
        } else {
            self.mended(errors::foreign_sign(self.span(place.clone()), c, None), place, "");
            self.clean.unsure.push(start);
        }
    }

    /// A text in curly quotes; or one curly quote, which is then read as if it were straight.
    fn curly_quote(&mut self, opening: Range<usize>) {
        let line = self.rest().split('\n').next().unwrap_or("");
        match curly_closing(self.slice(opening.clone()), line) {
            Some((offset, c)) => {
                let place = self.at + offset..self.at + offset + c.len_utf8();
                if c != '"' && self.slice(opening.end..place.start).contains('"') {
                    self.clean.unsure.push(opening.start);
                }
                self.at = place.end;
                if c == '"' {
                    self.mended(errors::typographic_quote(&[self.span(opening.clone())]), opening, "\"");
                } else {
                    self.quote_pair([opening, place]);
                }
            }
            None => {
                let end = self.at + line.trim_end().trim_end_matches(':').len();
                self.at += line.len();
                self.clean.unsure.push(opening.start);
                self.clean.edits.push(Replacement {
                    range: opening.clone(),
                    text: "\"".to_string(),
                });
                self.mended(
                    errors::unclosed_quote(self.span(opening), self.span(end..end)),
                    end..end,
                    "\"",
                );
            }
        }
    }
}

/// Where on its line a text closes that opens with a curly quote. Quotes within it stay what they are.
fn curly_closing(opening: &str, line: &str) -> Option<(usize, char)> {
    let closings: &[char] = match opening {
        "\u{201C}" => &['\u{201D}'],
        "\u{201E}" => &['\u{201C}', '\u{201D}'],
        "\u{AB}" => &['\u{BB}'],
        "\u{BB}" => &['\u{AB}', '\u{BB}'],
        "\u{2018}" | "\u{2019}" | "\u{201A}" => &['\u{2019}', '\u{2018}'],
        _ => &['\u{201D}', '\u{201C}'],
    };
    let mut inner = 0_usize;
    for (offset, c) in line.char_indices() {
        if closings.contains(&c) {
            match inner.checked_sub(1) {
                Some(fewer) => inner = fewer,
                None => return Some((offset, c)),
            }
        } else if opening.starts_with(c) {
            inner += 1;
        }
    }
    line.find('"').map(|offset| (offset, '"'))
}

/// Where a text that opens at `start` closes.
enum Closing {
    /// One past the closing quote.
    At(usize),
    /// Not on this line, which ends here.
    None(usize),
}

fn find_closing(text: &str, start: usize) -> Closing {
    let bytes = text.as_bytes();
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return Closing::At(at + 1),
            b'\n' | b'\r' => return Closing::None(at),
            b'\\' if bytes.get(at + 1).is_some_and(|b| !matches!(b, b'\n' | b'\r')) => at += 2,
            _ => at += 1,
        }
    }
    Closing::None(bytes.len())
}

/// The end of a text that was broken over lines: the next quote within four lines, if the rest of its line has no odd one
/// and no declaration starts in between.
fn closing_on_later_line(text: &str, line_end: usize) -> Option<usize> {
    let mut at = line_end;
    let rest = text.get(line_end..)?;
    for (number, line) in rest.split_inclusive('\n').enumerate().take(5) {
        let first = line.split_whitespace().next().unwrap_or("");
        let clause = super::expected::ITEM_WORDS.contains(&first) || matches!(first, "then" | "cite" | "from" | "because");
        if number > 0 && (clause || first.is_empty() || line.trim_start().starts_with('#')) {
            return None;
        }
        if let Some(quote) = line.find('"') {
            let odd = line.matches('"').count() % 2 == 1;
            return odd.then_some(at + quote + 1);
        }
        at += line.len();
    }
    None
}

fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}')
}

fn is_zero_width(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}' | '\u{00AD}' | '\u{180E}' | '\u{FE00}'..='\u{FE0F}')
}

fn is_odd_space(c: char) -> bool {
    c.is_whitespace() || is_zero_width(c)
}

/// What a typographic sign is in gl.
fn plain_sign(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{2265}' | '\u{2A7E}' => ">=",
        '\u{2264}' | '\u{2A7D}' => "<=",
        '\u{2260}' => " is not ",
        '\u{2227}' => " and ",
        '\u{2228}' => " or ",
        '\u{AC}' => " not ",
        '\u{2026}' => "..",
        _ => return None,
    })
}

/// The ASCII letter that a Cyrillic or Greek letter looks like.
fn look_alike(c: char) -> Option<char> {
    Some(match c {
        'а' | 'α' => 'a',
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'с' | 'ϲ' => 'c',
        'С' | 'Ϲ' => 'C',
        'ԁ' => 'd',
        'е' => 'e',
        'Е' | 'Ε' => 'E',
        'Н' | 'Η' => 'H',
        'һ' => 'h',
        'і' | 'ι' => 'i',
        'І' | 'Ι' => 'I',
        'ј' => 'j',
        'Ј' => 'J',
        'К' | 'Κ' => 'K',
        'к' | 'κ' => 'k',
        'ӏ' => 'l',
        'М' | 'Μ' => 'M',
        'Ν' => 'N',
        'п' => 'n',
        'о' | 'ο' => 'o',
        'О' | 'Ο' => 'O',
        'р' | 'ρ' => 'p',
        'Р' | 'Ρ' => 'P',
        'ѕ' => 's',
        'Ѕ' => 'S',
        'Т' | 'Τ' => 'T',
        'т' | 'τ' => 't',
        'υ' => 'u',
        'ν' | 'ѵ' => 'v',
        'ѡ' => 'w',
        'х' | 'χ' => 'x',
        'Х' | 'Χ' => 'X',
        'у' | 'γ' => 'y',
        'У' | 'Υ' => 'Y',
        'Ζ' => 'Z',
        '\u{FF01}'..='\u{FF5E}' => return char::from_u32(c as u32 - 0xFEE0),
        _ => return None,
    })
}
