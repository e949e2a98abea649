//! Facts and dates given on the command line.

use super::errors;
use super::value::{read_date, read_value};
use crate::diagnostic::Diagnostic;
use crate::model::{Entry, FactType, Library, Recorded};
use crate::source::{Sources, Span};
use crate::suggest;
use jiff::civil::Date;

/// Reads `NAME` (yes) or `NAME=VALUE`; the flag becomes a text of its own, so that findings can point into it.
///
/// # Errors
///
/// A finding that points into the flag.
pub fn read_flag(sources: &mut Sources, library: &Library, flag: &str) -> Result<Entry, Diagnostic> {
    let file = sources.add("--fact", flag);
    let (name, value) = match flag.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (flag, None),
    };
    let name_span = Span::new(file, 0..name.len());
    let span = Span::new(file, 0..flag.len());
    let fact = match library.fact_names.get(name.trim()) {
        Some(fact) => *fact,
        None => {
            let name = name.trim();
            if name.is_empty() {
                return Err(errors::flag_without_name(span));
            }
            let near = suggest::closest(name, library.fact_names.keys().map(String::as_str));
            return Err(errors::unknown_fact(name, near, name_span));
        }
    };
    let recorded = match value {
        Some(value) => read_value(library, fact, value, Span::new(file, name.len() + 1..flag.len()))?,
        None if library[fact].ty == FactType::YesNo => Recorded::YesNo(true),
        None => return Err(errors::flag_without_value(&library[fact], span)),
    };
    Ok(Entry { fact, recorded, span })
}

/// Reads the date of `--as-of`.
///
/// # Errors
///
/// A finding that points into the flag.
pub fn read_date_flag(sources: &mut Sources, text: &str) -> Result<(Date, Span), Diagnostic> {
    let file = sources.add("--as-of", text);
    let span = Span::new(file, 0..text.len());
    read_date(text.trim())
        .map(|date| (date, span))
        .ok_or_else(|| errors::no_such_date(None, text, span))
}
