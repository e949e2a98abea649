//! The words of everything that can be wrong with levels and allowances.
//!
//! In: what was found. Out: diagnostics.
//! Must not know: how it was found.

use crate::declare_code;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The codes of this stage.
pub static CODES: &[&Code] = &[
    &BROKEN_CONFIG,
    &UNKNOWN_CODE,
    &ERROR_LOWERED,
    &ALLOW_WITHOUT_REASON,
    &UNUSED_ALLOW,
    &UNKNOWN_ALLOW,
];

declare_code! {
    /// `gl.toml` is not TOML, or says something that gl does not know.
    ///
    /// ## Why it matters
    /// A misspelt key would be ignored, and with it what the project decided.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    /// ```toml file=gl.toml
    /// naem = "fever"
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    /// ```toml file=gl.toml
    /// name = "fever"
    /// ```
    pub static BROKEN_CONFIG = "GL601" "broken-config", Error, "gl.toml cannot be read";
}

declare_code! {
    /// `gl.toml` sets the level of a finding that does not exist.
    ///
    /// ## Why it matters
    /// The level would apply to nothing.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    /// ```toml file=gl.toml
    /// [levels]
    /// GL999 = "note"
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    /// ```toml file=gl.toml
    /// [levels]
    /// GL403 = "error"
    /// ```
    pub static UNKNOWN_CODE = "GL602" "unknown-code", Error, "gl.toml names a finding that does not exist";
}

declare_code! {
    /// `gl.toml` or a comment would make less of an error.
    ///
    /// ## Why it matters
    /// Errors stand for advice that may harm; a library with one is never evaluated.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    /// ```toml file=gl.toml
    /// [levels]
    /// GL101 = "note"
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    /// ```toml file=gl.toml
    /// [levels]
    /// GL403 = "error"
    /// ```
    pub static ERROR_LOWERED = "GL603" "error-lowered", Error, "an error cannot be lowered";
}

declare_code! {
    /// A comment `gl-allow` gives no reason.
    ///
    /// ## Why it matters
    /// A reviewer must be able to judge why a finding may stand.
    ///
    /// ## Bad
    /// The finding itself, GL403, stays until there is a reason.
    ///
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no # gl-allow GL403
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    ///
    /// ## Good
    /// With the reason, the finding is a note, and counted as settled.
    ///
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no # gl-allow GL403: the next edition of the document will ask for it
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    pub static ALLOW_WITHOUT_REASON = "GL604" "allow-without-reason", Warning, "an allowance gives no reason";
}

declare_code! {
    /// A comment `gl-allow` stands where there is no such finding.
    ///
    /// ## Why it matters
    /// The reason it gives is out of date.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S # gl-allow GL403: kept for the next version
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    pub static UNUSED_ALLOW = "GL605" "unused-allow", Warning, "an allowance allows nothing";
}

declare_code! {
    /// A comment `gl-allow` names a finding that does not exist.
    ///
    /// ## Why it matters
    /// It allows nothing, though it looks as if it did.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S # gl-allow GL999: kept for the next version
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    pub static UNKNOWN_ALLOW = "GL606" "unknown-allow", Warning, "an allowance names a finding that does not exist";
}

pub(super) fn error_allowed(span: Span, code: &str) -> Diagnostic {
    Diagnostic::new(
        &ERROR_LOWERED,
        format!("{code} is an error and cannot be allowed"),
        span,
        "would make less of it",
    )
    .with_help("mend what it finds")
}

pub(super) fn allow_without_reason(span: Span, code: &str) -> Diagnostic {
    Diagnostic::new(
        &ALLOW_WITHOUT_REASON,
        format!("{code} is allowed without a reason"),
        span,
        "why?",
    )
    .with_help(format!("write `# gl-allow {code}: the reason`"))
}

pub(super) fn unused_allow(span: Span, code: &str) -> Diagnostic {
    Diagnostic::new(
        &UNUSED_ALLOW,
        format!("there is no {code} here to be allowed"),
        span,
        "allows nothing",
    )
    .with_help("remove the comment")
}

pub(super) fn unknown_allow(span: Span, code: &str, near: Option<&str>) -> Diagnostic {
    let (message, help) = match (code, near) {
        ("", _) => (
            "the comment does not say what is allowed".to_owned(),
            "write `# gl-allow CODE: reason`".to_owned(),
        ),
        (codes, _) if codes.contains([' ', ',']) => (
            format!("`{codes}` is not one finding"),
            "write one comment for each".to_owned(),
        ),
        (code, Some(near)) => (format!("there is no finding `{code}`"), format!("did you mean `{near}`?")),
        (code, None) => (
            format!("there is no finding `{code}`"),
            "`gl explain` lists all findings".to_owned(),
        ),
    };
    Diagnostic::new(&UNKNOWN_ALLOW, message, span, "allows nothing").with_help(help)
}
