//! Messages on a stream: a header with a length, then so many bytes of JSON.
//!
//! The crates for this end the server at the first message that is malformed, and set aside as much memory as its header asks
//! for. Here such a message is skipped and the next one found.

use std::io::{self, BufRead, Read, Write};

/// The longest message, in bytes.
const LONGEST: usize = 64 * 1024 * 1024;
/// The longest line of a header, in bytes.
const LONGEST_LINE: u64 = 4 * 1024;
/// What a header must say.
const LENGTH: &str = "content-length:";

/// One message, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Frame {
    Text(String),
    Malformed(&'static str),
}

/// Reads the next message; nothing at the end of the stream.
///
/// # Errors
///
/// If the stream cannot be read.
pub(super) fn read(input: &mut impl BufRead) -> io::Result<Option<Frame>> {
    let (mut length, mut empty) = (None, true);
    loop {
        let mut line = Vec::new();
        if input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line).to_ascii_lowercase();
        // What is left over of a malformed message may stand before a header on the same line.
        match line.rsplit_once(LENGTH) {
            Some((_, number)) => length = number.trim().parse::<usize>().ok().filter(|length| *length <= LONGEST),
            None if line.trim().is_empty() && !empty => break,
            None => {}
        }
        empty &= line.trim().is_empty();
    }
    let Some(length) = length else {
        return Ok(Some(Frame::Malformed("its header gives no usable `Content-Length`")));
    };
    let mut bytes = vec![0; length];
    match input.read_exact(&mut bytes) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    Ok(Some(match String::from_utf8(bytes) {
        Ok(text) => Frame::Text(text),
        Err(_) => Frame::Malformed("it is not UTF-8"),
    }))
}

/// The text with `\u{FFFD}` for halves of characters, which JSON may name and no text can hold.
///
/// Editors send them where somebody deletes half of a character. Each counts as much as what stands for it here, so that the
/// places of later edits stay right.
pub(super) fn whole_characters(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let unit = |escape: &str| u16::from_str_radix(escape.strip_prefix("\\u")?.get(..4)?, 16).ok();
        let length = match unit(escape) {
            Some(0xD800..=0xDBFF)
                if escape
                    .get(6..)
                    .and_then(unit)
                    .is_some_and(|low| (0xDC00..=0xDFFF).contains(&low)) =>
            {
                12
            }
            Some(0xD800..=0xDFFF) => {
                out.push_str("\\ufffd");
                rest = escape.get(6..).unwrap_or("");
                continue;
            }
            Some(_) => 6,
            // What follows the sign is no beginning of another escape.
            None => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
        };
        let (kept, after) = escape.split_at_checked(length).unwrap_or((escape, ""));
        out.push_str(kept);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Writes a message.
///
/// # Errors
///
/// If the stream cannot be written.
pub(super) fn write(output: &mut impl Write, text: &str) -> io::Result<()> {
    write!(output, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    output.flush()
}
