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

/// Writes a message.
///
/// # Errors
///
/// If the stream cannot be written.
pub(super) fn write(output: &mut impl Write, text: &str) -> io::Result<()> {
    write!(output, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    output.flush()
}
