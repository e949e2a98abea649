//! Lines at an indent.
//!
//! In: a text without line breaks. Out: lines that end before a width.
//! Must not know: what is written.

use super::escape::one_line;

/// A line at an indent, broken at blanks where it is too long; what follows is indented a little more.
pub(super) fn paragraph(out: &mut String, indent: usize, first: &str, text: &str, width: usize) {
    let hanging = indent + 4;
    let mut column = indent + first.chars().count();
    out.push_str(&" ".repeat(indent));
    out.push_str(first);
    for (index, word) in one_line(text).split(' ').enumerate() {
        let length = word.chars().count();
        if index > 0 && column + 1 + length > width && column > hanging {
            out.push('\n');
            out.push_str(&" ".repeat(hanging));
            column = hanging;
        } else if index > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out.push('\n');
}
