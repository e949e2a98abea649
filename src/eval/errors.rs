//! The words of everything that can be wrong with a record once it is read.
//!
//! In: what was found. Out: diagnostics.
//! Must not know: how it was found.

use crate::declare_code;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The codes of this stage.
pub static CODES: &[&Code] = &[
    &BROKEN_ASSUMPTION,
    &DATE_AFTER_EVALUATION,
    &MISSING_DATE_OF_EVALUATION,
    &TIMES_DISAGREE,
];

declare_code! {
    /// A record says something that an assumption of the guidelines rules out, so it describes no possible patient.
    ///
    /// ## Why it matters
    /// One of the recorded facts is wrong, and gl cannot know which. Advice for a patient who cannot exist is no advice,
    /// so nothing is recommended until the record is mended.
    ///
    /// ## Bad
    /// ```gl
    /// fact total_numbness: yes/no
    /// fact saddle_numbness: yes/no
    /// action mri
    /// source S "A source"
    /// assume total_numbness implies saddle_numbness
    /// when saddle_numbness and total_numbness then mri cite S
    /// ```
    /// ```yaml
    /// facts:
    ///   total_numbness: yes
    ///   saddle_numbness: no
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact total_numbness: yes/no
    /// fact saddle_numbness: yes/no
    /// action mri
    /// source S "A source"
    /// assume total_numbness implies saddle_numbness
    /// when saddle_numbness and total_numbness then mri cite S
    /// ```
    /// ```yaml
    /// facts:
    ///   total_numbness: yes
    /// ```
    pub static BROKEN_ASSUMPTION = "GL550" "broken-assumption", Error, "a record contradicts an assumption";
}

/// `facts` are those that cannot hold together, with the places where they were recorded.
pub(crate) fn broken_assumption(facts: &[(String, Option<Span>)], assumptions: &[(&str, Span)]) -> Diagnostic {
    let names: Vec<String> = facts.iter().map(|(name, _)| format!("`{name}`")).collect();
    let message = match names.as_slice() {
        [one] if assumptions.len() > 1 => format!("what is recorded for {one} contradicts what is assumed"),
        [one] => format!("what is recorded for {one} contradicts an assumption"),
        _ => format!("{} cannot hold together as recorded", names.join(" and ")),
    };
    let mut spans = facts.iter().filter_map(|(_, span)| *span);
    let diagnostic = match spans.next() {
        Some(first) => Diagnostic::new(&BROKEN_ASSUMPTION, message, first, "recorded here"),
        None => Diagnostic::without_place(&BROKEN_ASSUMPTION, message),
    };
    let diagnostic = spans.fold(diagnostic, |d, span| d.with_label(span, "and here"));
    let mut holding = assumptions.iter().map(|(_, span)| *span);
    let first = holding.next().into_iter();
    let diagnostic = first.fold(diagnostic, |d, span| d.with_label(span, "this holds for every patient"));
    let diagnostic = holding.fold(diagnostic, |d, span| d.with_label(span, "and so does this"));
    let texts: Vec<String> = assumptions.iter().map(|(text, _)| format!("`{text}`")).collect();
    diagnostic.with_help(format!(
        "one of the recorded facts is wrong, for {}; mend it, or leave it out if it is not known",
        texts.join(" and ")
    ))
}

declare_code! {
    /// A recorded date lies after the date of evaluation.
    ///
    /// ## Why it matters
    /// Either date may be the wrong one, and every deadline and every duration counted from it would be wrong with it.
    ///
    /// ## Bad
    /// ```gl
    /// fact onset: date
    /// fact duration: time since onset
    /// action review
    /// source S "A source"
    /// when duration at least 6 weeks then review cite S
    /// ```
    /// ```yaml
    /// as_of: 2026-02-01
    /// facts:
    ///   onset: 2026-02-03
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact onset: date
    /// fact duration: time since onset
    /// action review
    /// source S "A source"
    /// when duration at least 6 weeks then review cite S
    /// ```
    /// ```yaml
    /// as_of: 2026-02-03
    /// facts:
    ///   onset: 2026-02-01
    /// ```
    pub static DATE_AFTER_EVALUATION = "GL551" "date-after-evaluation", Error, "a recorded date lies in the future";
}

pub(crate) fn date_after_evaluation(fact: &str, date: &str, as_of: &str, span: Span, as_of_span: Span) -> Diagnostic {
    Diagnostic::new(
        &DATE_AFTER_EVALUATION,
        format!("`{fact}` is {date}, after the date of evaluation"),
        span,
        "lies in the future",
    )
    .with_label(as_of_span, format!("evaluated on {as_of}"))
    .with_help("correct the date, or evaluate on a later day")
}

declare_code! {
    /// A record states a date, but not on which day it is evaluated.
    ///
    /// ## Why it matters
    /// Durations and deadlines are counted up to the date of evaluation. gl never looks at the computer's clock: the same
    /// record must give the same advice tomorrow.
    ///
    /// ## Bad
    /// ```gl
    /// fact onset: date
    /// fact duration: time since onset
    /// action review
    /// source S "A source"
    /// when duration at least 6 weeks then review cite S
    /// ```
    /// ```yaml
    /// facts:
    ///   onset: 2026-02-03
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact onset: date
    /// fact duration: time since onset
    /// action review
    /// source S "A source"
    /// when duration at least 6 weeks then review cite S
    /// ```
    /// ```yaml
    /// as_of: 2026-03-01
    /// facts:
    ///   onset: 2026-02-03
    /// ```
    pub static MISSING_DATE_OF_EVALUATION = "GL552" "missing-date-of-evaluation", Error, "the date of evaluation is missing";
}

pub(crate) fn missing_date_of_evaluation(fact: &str, span: Span) -> Diagnostic {
    Diagnostic::new(
        &MISSING_DATE_OF_EVALUATION,
        format!("`{fact}` is a date, and the date of evaluation is not given"),
        span,
        "counted from here, but up to which day?",
    )
    .with_help(
        "state it: `as_of: 2026-02-01` in a case file, `--as-of 2026-02-01` on the command line, `on 2026-02-01` in a case",
    )
}

declare_code! {
    /// A record states a date and the time since that date, and the two do not agree.
    ///
    /// ## Why it matters
    /// One of the two is wrong. A patient may lie before a threshold by one and past it by the other.
    ///
    /// ## Bad
    /// ```gl
    /// fact onset: date
    /// fact duration: time since onset
    /// action review
    /// source S "A source"
    /// when duration at least 6 weeks then review cite S
    /// ```
    /// ```yaml
    /// as_of: 2026-02-15
    /// facts:
    ///   onset: 2026-02-01
    ///   duration: 7 weeks
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact onset: date
    /// fact duration: time since onset
    /// action review
    /// source S "A source"
    /// when duration at least 6 weeks then review cite S
    /// ```
    /// ```yaml
    /// as_of: 2026-02-15
    /// facts:
    ///   onset: 2026-02-01
    ///   duration: 2 weeks
    /// ```
    pub static TIMES_DISAGREE = "GL553" "times-disagree", Error, "a date and the time since it do not agree";
}

pub(crate) fn times_disagree(fact: &str, written: &str, computed: &str, span: Span, date: &str, date_span: Span) -> Diagnostic {
    Diagnostic::new(
        &TIMES_DISAGREE,
        format!("`{fact}` is recorded as {written}, but `{date}` gives {computed}"),
        span,
        "does not agree with the date",
    )
    .with_label(date_span, "counted from here")
    .with_help("correct one of the two, or leave the duration out: it is computed from the date")
}
