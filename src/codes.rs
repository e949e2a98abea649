//! All diagnostic codes.
//!
//! In: the `CODES` of each stage. Out: one list, and the code that somebody asks for.
//! Must not know: how a code is explained on a screen.

use crate::diagnostic::Code;
use crate::{cohort, compile, diagnostic, eval, model, patient, policy, suggest, suite, syntax, verify};

/// Every code, in the order of their numbers.
pub fn all() -> Vec<&'static Code> {
    let stages = [
        syntax::errors::CODES,
        model::lower::errors::CODES,
        patient::errors::CODES,
        eval::errors::CODES,
        suite::errors::CODES,
        cohort::errors::CODES,
        compile::errors::CODES,
        policy::errors::CODES,
        verify::errors::CODES,
    ];
    let mut codes: Vec<&'static Code> = stages.into_iter().flatten().copied().collect();
    codes.push(&diagnostic::TOO_MANY_FINDINGS);
    codes.sort_by_key(|code| code.number);
    codes
}

/// Nothing is known by a number or a name.
#[derive(Debug, Clone, Copy)]
pub struct UnknownCode {
    /// The number or name that was probably meant.
    pub closest: Option<&'static str>,
}

/// The code with this number or name; `gl101` and `error[GL101]` will do.
///
/// # Errors
///
/// [`UnknownCode`] if there is none, with what was probably meant.
pub fn find(text: &str) -> Result<&'static Code, UnknownCode> {
    let word = text.trim();
    let word = word
        .split_once('[')
        .map_or(word, |(_, rest)| rest.trim_end_matches([']', ':']));
    let codes = all();
    let wanted = |code: &&&'static Code| code.number.eq_ignore_ascii_case(word) || code.name.eq_ignore_ascii_case(word);
    let known = || codes.iter().flat_map(|code| [code.number, code.name]);
    codes.iter().find(wanted).copied().ok_or_else(|| UnknownCode {
        closest: suggest::closest(word, known()),
    })
}
