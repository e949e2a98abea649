//! The words of everything that can be wrong with `gl.toml`.
//!
//! In: what was found. Out: diagnostics.
//! Must not know: how it was found. Only the command line reads `gl.toml`, so that nothing else is built with it.

use super::errors::{BROKEN_CONFIG, ERROR_LOWERED, UNKNOWN_CODE};
use crate::diagnostic::Diagnostic;
use crate::source::Span;

pub(crate) fn unreadable_config(path: &str, reason: &str) -> Diagnostic {
    Diagnostic::without_place(&BROKEN_CONFIG, format!("`{path}` cannot be read: {reason}"))
}

/// What a `gl.toml` may hold.
const SHAPE: &str =
    "it may have `name`, `[levels]` and `[folders.\"PATH\"]`, with levels such as `GL403 = \"note\"`, and `[cohort.columns]`";

pub(crate) fn broken_config(reason: &str, span: Span) -> Diagnostic {
    let reason = reason.lines().next().unwrap_or("");
    Diagnostic::new(&BROKEN_CONFIG, format!("gl.toml is not TOML: {reason}"), span, "here")
        .with_help(format!("{SHAPE}; texts stand in quotes"))
}

pub(crate) fn unknown_key(span: Span, key: &str, near: Option<&str>, is_code: bool) -> Diagnostic {
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None if is_code => "levels stand under the heading `[levels]`".to_owned(),
        None => SHAPE.to_owned(),
    };
    Diagnostic::new(&BROKEN_CONFIG, format!("gl.toml has no key `{key}`"), span, "no such key").with_help(help)
}

pub(crate) fn wrong_type(span: Span, key: &str, wanted: &str) -> Diagnostic {
    Diagnostic::new(&BROKEN_CONFIG, format!("`{key}` is not {wanted}"), span, "of another kind").with_help(SHAPE)
}

pub(crate) fn unknown_level(span: Span, word: &str) -> Diagnostic {
    let message = match word {
        "" => "a level is a word in quotes".to_owned(),
        word => format!("there is no level `{word}`"),
    };
    let help = match word {
        "off" | "none" | "ignore" | "allow" | "hidden" => {
            "the levels are error, warning and note; a finding that may stand is allowed where it stands, with `# gl-allow CODE: reason`"
        }
        _ => "the levels are error, warning and note",
    };
    Diagnostic::new(&BROKEN_CONFIG, message, span, "no such level").with_help(help)
}

pub(crate) fn code_twice(span: Span, first: Span, code: &str) -> Diagnostic {
    Diagnostic::new(&BROKEN_CONFIG, format!("{code} has two levels"), span, "set again")
        .with_label(first, "set here")
        .with_help("a code may stand by its number or by its name: keep one of the two")
}

pub(crate) fn unknown_folder(span: Span, folder: &str) -> Diagnostic {
    Diagnostic::new(
        &BROKEN_CONFIG,
        format!("there is no folder `{folder}`"),
        span,
        "its levels would apply to nothing",
    )
    .with_help("write the path of a folder from where gl.toml lies, such as `guidelines/drafts`")
}

pub(crate) fn folder_outside(span: Span, folder: &str) -> Diagnostic {
    Diagnostic::new(
        &BROKEN_CONFIG,
        format!("the folder `{folder}` lies outside the project"),
        span,
        "its levels would apply to nothing",
    )
    .with_help("a project is the folder of its gl.toml and what lies below; the other folder may have a gl.toml of its own")
}

pub(crate) fn unknown_code(span: Span, code: &str, near: Option<&str>) -> Diagnostic {
    let help = near.map_or("`gl explain` lists all findings".to_owned(), |near| {
        format!("did you mean `{near}`?")
    });
    Diagnostic::new(
        &UNKNOWN_CODE,
        format!("there is no finding `{code}`"),
        span,
        "no such finding",
    )
    .with_help(help)
}

pub(crate) fn error_lowered(span: Span, code: &str) -> Diagnostic {
    Diagnostic::new(
        &ERROR_LOWERED,
        format!("{code} is an error and cannot be lowered"),
        span,
        "would make less of it",
    )
    .with_help("mend what it finds")
}
