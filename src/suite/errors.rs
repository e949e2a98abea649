//! The words of everything that can be wrong with a case.
//!
//! In: what was found. Out: diagnostics.
//! Must not know: how it was found.

use crate::ast::Name;
use crate::declare_code;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The codes of this stage.
pub static CODES: &[&Code] = &[
    &NO_EXPECTATION,
    &SAME_TITLE,
    &GIVEN_MISFIT,
    &EXPECT_MISFIT,
    &UNKNOWN_NAME,
    &NOTHING_TO_RUN,
];

declare_code! {
    /// A case expects nothing.
    ///
    /// ## Why it matters
    /// It cannot fail, and so says nothing about the rules.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// rule hot: when fever then review cite S
    /// case "fever"
    ///   given fever
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// rule hot: when fever then review cite S
    /// case "fever"
    ///   given fever
    ///   expect review
    /// ```
    pub static NO_EXPECTATION = "GL520" "case-without-expectation", Warning, "a case expects nothing";
}

declare_code! {
    /// Two cases in one file have the same title.
    ///
    /// ## Why it matters
    /// A report could not say which of them failed.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// rule hot: when fever then review cite S
    /// case "fever"
    ///   given fever
    ///   expect review
    /// case "fever"
    ///   given not fever
    ///   expect no review
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// rule hot: when fever then review cite S
    /// case "fever"
    ///   given fever
    ///   expect review
    /// case "no fever"
    ///   given not fever
    ///   expect no review
    /// ```
    pub static SAME_TITLE = "GL521" "case-title-twice", Error, "two cases have one title";
}

declare_code! {
    /// A case states a fact in a way that does not fit its type.
    ///
    /// ## Why it matters
    /// The patient would be another one than the author means.
    ///
    /// ## Bad
    /// ```gl
    /// fact pain: one of mild, severe
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// rule hot: when fever and pain is severe then review cite S
    /// case "fever"
    ///   given fever, pain
    ///   expect review
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// rule hot: when fever then review cite S
    /// case "fever"
    ///   given fever
    ///   expect review
    /// ```
    pub static GIVEN_MISFIT = "GL522" "given-does-not-fit", Error, "a case states a fact in a way that does not fit";
}

declare_code! {
    /// An expectation makes no sense, or contradicts another of its case.
    ///
    /// ## Why it matters
    /// It could never be met.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// rule hot: when fever then review cite S
    /// case "fever"
    ///   given fever
    ///   expect rejected
    ///   expect review
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// rule hot: when fever then review cite S
    /// case "fever"
    ///   given fever
    ///   expect review
    /// ```
    pub static EXPECT_MISFIT = "GL523" "expectation-does-not-fit", Error, "an expectation makes no sense";
}

declare_code! {
    /// A case names a fact, an action or a statement that is not declared.
    ///
    /// ## Why it matters
    /// A case about a misspelt name tests nothing.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// rule hot: when fever then review cite S
    /// case "fever"
    ///   given fevr
    ///   expect review
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// rule hot: when fever then review cite S
    /// case "fever"
    ///   given fever
    ///   expect review
    /// ```
    pub static UNKNOWN_NAME = "GL524" "case-names-unknown", Error, "a case names something that is not declared";
}

declare_code! {
    /// A case stands in a file that belongs to no guideline and uses none.
    ///
    /// ## Why it matters
    /// There are no rules that it could test.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// case "fever"
    ///   given fever
    ///   expect review
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// rule hot: when fever then review cite S
    /// case "fever"
    ///   given fever
    ///   expect review
    /// ```
    pub static NOTHING_TO_RUN = "GL525" "case-without-guideline", Error, "a case has no guideline to run";
}

fn fixed(diagnostic: Diagnostic, span: Span, near: Option<&str>) -> Diagnostic {
    match near {
        Some(near) => {
            diagnostic
                .with_help(format!("did you mean `{near}`?"))
                .with_fix(format!("change it to `{near}`"), span, near)
        }
        None => diagnostic,
    }
}

pub(super) fn no_expectation(title: Span) -> Diagnostic {
    Diagnostic::new(&NO_EXPECTATION, "this case expects nothing", title, "cannot fail")
        .with_help("say what must come out: `expect ACTION`, `expect no ACTION`, `expect undecided ACTION`")
}

pub(super) fn same_title(title: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(&SAME_TITLE, format!("two cases are called \"{title}\""), span, "again")
        .with_label(first, "first here")
        .with_help("say in the title what is different")
}

/// `how` says what to write instead.
pub(super) fn given_misfit(fact: &str, span: Span, why: &str, how: &str, declared: Span) -> Diagnostic {
    Diagnostic::new(&GIVEN_MISFIT, format!("`{fact}` cannot be stated like this"), span, why)
        .with_label(declared, "declared here")
        .with_help(how)
}

pub(super) fn given_twice(fact: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(&GIVEN_MISFIT, format!("`{fact}` is stated twice in this case"), span, "again")
        .with_label(first, "first here")
        .with_help("keep the one that is meant")
}

pub(super) fn expect_misfit(span: Span, message: &str, help: &str) -> Diagnostic {
    Diagnostic::new(&EXPECT_MISFIT, message, span, "makes no sense here").with_help(help)
}

pub(super) fn unknown_name(kind: &str, name: &Name, near: Option<&str>) -> Diagnostic {
    fixed(
        Diagnostic::new(
            &UNKNOWN_NAME,
            format!("{kind} `{}` is not declared", name.text),
            name.span,
            format!("no such {kind}"),
        ),
        name.span,
        near,
    )
}

/// `stem` is the file to use.
pub(super) fn name_not_reached(kind: &str, name: &Name, stem: &str, declared: Span) -> Diagnostic {
    Diagnostic::new(
        &UNKNOWN_NAME,
        format!("{kind} `{}` is declared in a file that this one does not use", name.text),
        name.span,
        "not seen from here",
    )
    .with_label(declared, "declared here")
    .with_help(format!("add `use {stem}`"))
}

pub(super) fn unknown_statement(name: &Name, near: Option<&str>) -> Diagnostic {
    let message = format!("no rule of the guidelines under test encodes `{}`", name.text);
    fixed(
        Diagnostic::new(&UNKNOWN_NAME, message, name.span, "no such statement"),
        name.span,
        near,
    )
}

pub(super) fn nothing_to_run(title: Span) -> Diagnostic {
    Diagnostic::new(
        &NOTHING_TO_RUN,
        "there is no guideline for this case to run",
        title,
        "tests nothing",
    )
    .with_help("put it beside its guideline as `NAME.cases.gl`, or add `use NAME` to this file")
}

pub(super) fn no_such_date(span: Span, text: &str) -> Diagnostic {
    Diagnostic::new(
        &GIVEN_MISFIT,
        format!("`{text}` is no date"),
        span,
        "not a day of the calendar",
    )
    .with_help("write year, month and day, such as `2026-02-01`")
}
