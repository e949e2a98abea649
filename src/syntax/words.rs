//! Where words and texts in quotes end, for whoever reads a text without the grammar.
//!
//! In: a text, perhaps half written. Out: lengths in bytes.
//! Must not know: what the words mean.

use unicode_normalization::char::is_combining_mark;

/// Whether a character belongs to a word: ASCII letters, digits and `_`, and letters of any script, so that a word with a
/// wrong letter is still one word.
pub fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || (!c.is_ascii() && (c.is_alphanumeric() || is_combining_mark(c)))
}

/// The bytes of the word at the beginning of a text: a name, a number, a date, `yes/no`, `BPN-08` or `numbness.retention`.
///
/// A sign inside it has a word on both sides.
pub fn word_length(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let inside = matches!(c, '-' | '.' | '/') && chars.peek().is_some_and(|(_, next)| is_word(*next));
        if !is_word(c) && !inside {
            return at;
        }
    }
    text.len()
}

/// The bytes of the text in quotes at the beginning of a text; nothing where its line ends before it does.
pub fn quoted_length(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\n' => return None,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}
