//! Characters that would change how a report looks, made visible.
//!
//! In: text of authors and of records. Out: text that is safe to print.
//! Must not know: where it is printed.

use std::borrow::Cow;

/// Whether a character has no picture of its own, or changes the pictures of its neighbours.
///
/// These are control characters, zero-width characters, and the marks that reverse the direction of text. A tab is one of
/// them; whoever lays out lines replaces it first.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Adds `c` to `text`, as `\u{202e}` where it is hidden.
pub fn push_visible(text: &mut String, c: char) {
    if is_hidden(c) {
        text.extend(c.escape_unicode());
    } else {
        text.push(c);
    }
}

/// The text on one line: line breaks and tabs become blanks, other hidden characters become escapes.
pub fn one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\n' | '\t' => out.push(' '),
            c => push_visible(&mut out, c),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn hidden_characters_become_escapes() {
        assert_eq!(one_line("a\u{202e}b\u{1b}[31m\nc"), "a\\u{202e}b\\u{1b}[31m c");
        assert_eq!(one_line("Müller é 漢"), "Müller é 漢");
    }
}
