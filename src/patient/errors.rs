//! The words of everything that can be wrong with a record.
//!
//! In: what was found. Out: diagnostics.
//! Must not know: how it was found.

use crate::declare_code;
use crate::diagnostic::{Code, Diagnostic};
use crate::limits;
use crate::model::units::Unit;
use crate::model::{Fact, FactType};
use crate::source::{FileId, Span};
use crate::suggest;

/// The codes of this stage.
pub static CODES: &[&Code] = &[
    &BROKEN_FILE,
    &UNKNOWN_KEY,
    &UNKNOWN_FACT,
    &GIVEN_TWICE,
    &WRONG_VALUE,
    &NULL_VALUE,
    &WRONG_UNIT,
    &OUT_OF_RANGE,
    &BROKEN_RECORD,
    &EMPTY_RECORD,
    &YAML_FEATURE,
    &HIDDEN_CHARACTER,
    &CASE_NOT_UTF8,
    &CASE_TOO_LARGE,
    &CASE_TOO_DEEP,
];

declare_code! {
    /// A case file cannot be read as YAML or JSON.
    ///
    /// ## Why it matters
    /// What cannot be read cannot be taken into account, and advice on half a record may be wrong.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years then review cite S
    /// ```
    /// ```yaml
    /// facts:
    ///   fever: [yes
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years then review cite S
    /// ```
    /// ```yaml
    /// facts:
    ///   fever: yes
    ///   age: 54 years
    /// ```
    pub static BROKEN_FILE = "GL501" "broken-case-file", Error, "a case file is neither YAML nor JSON";
}

declare_code! {
    /// A case file has a key that is none of `as_of`, `unlisted`, `facts`.
    ///
    /// ## Why it matters
    /// A misspelt key would be ignored, and with it what it says.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years then review cite S
    /// ```
    /// ```yaml
    /// fcts:
    ///   fever: yes
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years then review cite S
    /// ```
    /// ```yaml
    /// facts:
    ///   fever: yes
    ///   age: 54 years
    /// ```
    pub static UNKNOWN_KEY = "GL502" "unknown-key", Error, "a case file has a key that gl does not know";
}

declare_code! {
    /// A record states a fact that no loaded guideline declares.
    ///
    /// ## Why it matters
    /// A misspelt fact would be unknown, and a rule that needs it would not fire.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years then review cite S
    /// ```
    /// ```yaml
    /// facts:
    ///   fevr: yes
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years then review cite S
    /// ```
    /// ```yaml
    /// facts:
    ///   fever: yes
    ///   age: 54 years
    /// ```
    pub static UNKNOWN_FACT = "GL503" "unknown-fact", Error, "a record states a fact that is not declared";
}

declare_code! {
    /// A fact, a member or a key stands in a record twice.
    ///
    /// ## Why it matters
    /// The two may say different things, and gl does not choose.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years then review cite S
    /// ```
    /// ```yaml
    /// facts:
    ///   fever: yes
    ///   fever: no
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years then review cite S
    /// ```
    /// ```yaml
    /// facts:
    ///   fever: yes
    ///   age: 54 years
    /// ```
    pub static GIVEN_TWICE = "GL504" "given-twice", Error, "something is recorded twice";
}

declare_code! {
    /// A record gives a fact a value that its type does not have.
    ///
    /// ## Why it matters
    /// gl guesses nothing: the declared type decides what a value means.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years then review cite S
    /// ```
    /// ```yaml
    /// facts:
    ///   fever: Y
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years then review cite S
    /// ```
    /// ```yaml
    /// facts:
    ///   fever: yes
    ///   age: 54 years
    /// ```
    pub static WRONG_VALUE = "GL505" "wrong-value", Error, "a value does not fit its fact";
}

declare_code! {
    /// A record names a fact and gives it no value.
    ///
    /// ## Why it matters
    /// It could mean no, or that nobody asked. These lead to different advice.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years then review cite S
    /// ```
    /// ```yaml
    /// facts:
    ///   fever:
    ///   age: 54 years
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years then review cite S
    /// ```
    /// ```yaml
    /// facts:
    ///   fever: yes
    ///   age: 54 years
    /// ```
    pub static NULL_VALUE = "GL506" "null-value", Error, "a fact has no value";
}

declare_code! {
    /// A recorded quantity has no unit, one that is not known, or one that measures something else.
    ///
    /// ## Why it matters
    /// Seven days and seven weeks are different patients.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years then review cite S
    /// ```
    /// ```yaml
    /// facts:
    ///   age: 54
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years then review cite S
    /// ```
    /// ```yaml
    /// facts:
    ///   fever: yes
    ///   age: 54 years
    /// ```
    pub static WRONG_UNIT = "GL507" "wrong-unit", Error, "a recorded quantity has no unit that fits";
}

declare_code! {
    /// A recorded value lies outside the declared range of its fact, or has too many digits.
    ///
    /// ## Why it matters
    /// It is probably a slip of the pen, or in another unit.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years then review cite S
    /// ```
    /// ```yaml
    /// facts:
    ///   age: 540 years
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years then review cite S
    /// ```
    /// ```yaml
    /// facts:
    ///   fever: yes
    ///   age: 54 years
    /// ```
    pub static OUT_OF_RANGE = "GL508" "out-of-range", Error, "a recorded value is out of range";
}

declare_code! {
    /// A case file is not a list of facts with values.
    ///
    /// ## Why it matters
    /// What stands in the wrong place would not be read.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years then review cite S
    /// ```
    /// ```yaml
    /// facts: fever
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years then review cite S
    /// ```
    /// ```yaml
    /// facts:
    ///   fever: yes
    ///   age: 54 years
    /// ```
    pub static BROKEN_RECORD = "GL509" "broken-record", Error, "a case file has the wrong shape";
}

declare_code! {
    /// A case file has no `facts`.
    ///
    /// ## Why it matters
    /// It is probably the wrong file, or an unfinished one.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years then review cite S
    /// ```
    /// ```yaml
    /// as_of: 2026-02-01
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years then review cite S
    /// ```
    /// ```yaml
    /// facts:
    ///   fever: yes
    ///   age: 54 years
    /// ```
    pub static EMPTY_RECORD = "GL510" "empty-record", Error, "a case file records nothing";
}

declare_code! {
    /// A case file uses anchors, aliases, tags, merge keys, blocks of text or several documents.
    ///
    /// ## Why it matters
    /// They make a record say more than a reader sees.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years then review cite S
    /// ```
    /// ```yaml
    /// facts:
    ///   fever: !!bool yes
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years then review cite S
    /// ```
    /// ```yaml
    /// facts:
    ///   fever: yes
    ///   age: 54 years
    /// ```
    pub static YAML_FEATURE = "GL511" "yaml-feature", Error, "a case file uses YAML beyond names and values";
}

declare_code! {
    /// A case file holds a control character, or one that turns the direction of writing.
    ///
    /// ## Why it matters
    /// A record can then look different from what it says.
    ///
    /// ## Bad
    /// No example: what is wrong could not be seen. It is a byte-order mark or a right-to-left override in the middle of a file.
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    /// ```yaml
    /// facts:
    ///   fever: yes
    /// ```
    pub static HIDDEN_CHARACTER = "GL512" "hidden-character", Error, "a case file hides a character";
}

declare_code! {
    /// A case file holds bytes that are not UTF-8.
    ///
    /// ## Why it matters
    /// Names and values could be read as others than were written.
    ///
    /// ## Bad
    /// No example: this page is UTF-8 itself. A file saved as UTF-16 or Latin-1 is one.
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    /// ```yaml
    /// facts:
    ///   fever: yes
    /// ```
    pub static CASE_NOT_UTF8 = "GL513" "case-not-utf8", Error, "a case file is not UTF-8 text";
}

declare_code! {
    /// A case file is larger than gl reads.
    ///
    /// ## Why it matters
    /// A case file holds one patient; see `gl limits`.
    ///
    /// ## Bad
    /// No example: it takes more text than a page can hold; `gl limits` has the number. A file holds one patient.
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    /// ```yaml
    /// facts:
    ///   fever: yes
    /// ```
    pub static CASE_TOO_LARGE = "GL960" "case-file-too-large", Error, "a case file is too large";
}

declare_code! {
    /// Brackets in a case file are nested more deeply than gl reads.
    ///
    /// ## Why it matters
    /// A record has facts, values and members, and nothing deeper; see `gl limits`.
    ///
    /// ## Bad
    /// ```gl
    /// fact neurologic_deficits: any of motor, sensory
    /// action review
    /// source S "A source"
    /// when neurologic_deficits then review cite S
    /// ```
    /// ```yaml
    /// facts:
    ///   neurologic_deficits: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
    ///     motor]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact neurologic_deficits: any of motor, sensory
    /// action review
    /// source S "A source"
    /// when neurologic_deficits then review cite S
    /// ```
    /// ```yaml
    /// facts:
    ///   neurologic_deficits: [motor]
    /// ```
    pub static CASE_TOO_DEEP = "GL961" "case-file-too-deep", Error, "a case file is nested too deeply";
}

fn declared_as(fact: &Fact) -> String {
    let kind = match &fact.ty {
        FactType::YesNo => "yes/no".to_owned(),
        FactType::OneOf { values, .. } => format!("one of {}", values.join(", ")),
        FactType::AnyOf { members } => format!("any of {}", members.join(", ")),
        FactType::Date => "a date".to_owned(),
        FactType::Quantity { unit } => format!("a quantity in {}", unit.written()),
        FactType::Count => "a count".to_owned(),
        FactType::TimeSince { .. } => "a time".to_owned(),
    };
    format!("declared as {kind}")
}

fn about(code: &'static Code, message: String, span: Span, label: &str, fact: &Fact) -> Diagnostic {
    Diagnostic::new(code, message, span, label).with_label(fact.name_span, declared_as(fact))
}

fn fixed(diagnostic: Diagnostic, span: Span, near: Option<&str>) -> Diagnostic {
    match near {
        Some(near) => diagnostic.with_fix(format!("change it to `{near}`"), span, near),
        None => diagnostic,
    }
}

/// Text of a record for messages, on one line: hidden characters as escapes, long text cut.
fn quoted(text: &str) -> String {
    const MOST: usize = 60;
    let mut short = String::new();
    for c in text.chars().take(MOST) {
        if c.is_control() || turns_direction(c) {
            short.extend(c.escape_unicode());
        } else {
            short.push(c);
        }
    }
    let rest = if text.chars().nth(MOST).is_some() { "…" } else { "" };
    format!("`{short}{rest}`")
}

/// Whether a character turns the direction of writing.
pub(super) fn turns_direction(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

pub(super) fn broken_file(reason: &str, span: Span) -> Diagnostic {
    let reason = reason.lines().next().unwrap_or("").trim_end_matches('.').to_lowercase();
    Diagnostic::new(
        &BROKEN_FILE,
        format!("this is neither YAML nor JSON: {reason}"),
        span,
        "cannot be read from here on",
    )
    .with_help("a case file has `facts:` and under it, indented, one `name: value` a line")
}

pub(super) fn unknown_key(name: &str, near: Option<&str>, is_fact: bool, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        &UNKNOWN_KEY,
        format!("{} is no key of a case file", quoted(name)),
        span,
        "not known here",
    );
    let help = match (is_fact, near) {
        (true, _) => "it is a fact: move it under `facts:`".to_owned(),
        (false, Some(near)) => format!("did you mean `{near}`?"),
        (false, None) => "the keys are `as_of`, `unlisted` and `facts`".to_owned(),
    };
    fixed(diagnostic.with_help(help), span, near.filter(|_| !is_fact))
}

pub(super) fn unknown_fact(name: &str, near: Option<&str>, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        &UNKNOWN_FACT,
        format!("no guideline asks for {}", quoted(name)),
        span,
        "not a declared fact",
    );
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "check the name; a fact that no guideline declares cannot be taken into account".to_owned(),
    };
    fixed(diagnostic.with_help(help), span, near)
}

/// A fact is stated by two entries.
pub fn fact_given_twice(name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(&GIVEN_TWICE, format!("{} is recorded twice", quoted(name)), span, "again")
        .with_label(first, "first here")
        .with_help("keep the entry that is right")
}

pub(super) fn key_twice(name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(&GIVEN_TWICE, format!("{} stands here twice", quoted(name)), span, "again")
        .with_label(first, "first here")
        .with_help("keep the entry that is right")
}

pub(super) fn not_yes_or_no(fact: &Fact, text: &str, span: Span) -> Diagnostic {
    let near = match text.to_lowercase().as_str() {
        "yes" | "y" | "true" | "t" | "on" | "1" | "present" | "positive" => Some("yes"),
        "no" | "n" | "false" | "f" | "off" | "0" | "absent" | "negative" => Some("no"),
        "?" | "unk" | "na" | "n/a" | "nan" | "none" => Some("unknown"),
        other => suggest::closest(other, ["yes", "no", "unknown", "present", "absent"]),
    };
    let help = near.map_or("write `yes`, `no` or `unknown`".to_owned(), |near| format!("write `{near}`"));
    let diagnostic = about(
        &WRONG_VALUE,
        format!("`{}` is yes or no, not {}", fact.name, quoted(text)),
        span,
        "neither yes nor no",
        fact,
    );
    fixed(diagnostic.with_help(help), span, near)
}

pub(super) fn no_such_value(fact: &Fact, text: &str, near: Option<&str>, known: &[String], span: Span) -> Diagnostic {
    let known = known.join(", ");
    let help = match near {
        Some(near) => format!("did you mean `{near}`? the values are {known}"),
        None if matches!((text, &fact.ty), ("none" | "no", FactType::AnyOf { .. })) => {
            format!("write `[]` if there is none of {known}")
        }
        None => format!("the values are {known}"),
    };
    let diagnostic = about(
        &WRONG_VALUE,
        format!("`{}` has no value {}", fact.name, quoted(text)),
        span,
        "no such value",
        fact,
    );
    fixed(diagnostic.with_help(help), span, near)
}

pub(super) fn not_a_set(fact: &Fact, span: Span) -> Diagnostic {
    let example = match &fact.ty {
        FactType::AnyOf { members } => members.first().cloned().unwrap_or_default(),
        _ => "…".to_owned(),
    };
    about(
        &WRONG_VALUE,
        format!("`{}` is a set and needs a list", fact.name),
        span,
        "no list of members",
        fact,
    )
    .with_help(format!(
        "write `[{example}]`, `[]` for none of them, or `{{{example}: yes}}` for one member alone"
    ))
}

pub(super) fn missing_member(fact: &Fact, span: Span) -> Diagnostic {
    about(
        &WRONG_VALUE,
        format!("a member of `{}` is missing", fact.name),
        span,
        "nothing stands here",
        fact,
    )
    .with_help("write names with one comma between two of them, or `[]` for the empty set")
}

pub(super) fn set_without_members(fact: &Fact, span: Span) -> Diagnostic {
    about(
        &WRONG_VALUE,
        format!("this says nothing of `{}`", fact.name),
        span,
        "no member stands here",
        fact,
    )
    .with_help("write `[]` if none of its members is present, or leave the fact out if nobody recorded it")
    .with_fix("write `[]`", span, "[]")
}

pub(super) fn not_one_value(fact: &Fact, span: Span) -> Diagnostic {
    about(
        &WRONG_VALUE,
        format!("`{}` has one value, not several", fact.name),
        span,
        "one value belongs here",
        fact,
    )
    .with_help("write the value behind the colon")
}

pub(super) fn member_twice(fact: &Fact, name: &str, span: Span) -> Diagnostic {
    about(
        &GIVEN_TWICE,
        format!("{} stands in this set twice", quoted(name)),
        span,
        "again",
        fact,
    )
    .with_help("remove one of the two")
}

/// `fact` is none where the date is the date of evaluation.
pub fn no_such_date(fact: Option<&Fact>, text: &str, span: Span) -> Diagnostic {
    let message = format!("{} is no date", quoted(text));
    let diagnostic = match fact {
        Some(fact) => about(&WRONG_VALUE, message, span, "not a day of the calendar", fact),
        None => Diagnostic::new(&WRONG_VALUE, message, span, "not a day of the calendar"),
    };
    diagnostic.with_help("write year, month and day, such as `2026-02-01`")
}

pub(super) fn not_a_count(fact: &Fact, text: &str, span: Span) -> Diagnostic {
    about(
        &WRONG_VALUE,
        format!("`{}` is a count, and {} is no whole number", fact.name, quoted(text)),
        span,
        "digits alone belong here",
        fact,
    )
    .with_help("write a whole number from 0, without sign, unit or leading zeros")
}

pub(super) fn not_a_quantity(fact: &Fact, unit: &Unit, text: &str, span: Span) -> Diagnostic {
    let help = if text.contains(',') {
        format!(
            "write a decimal point and no separators, and the unit: `1.5 {}`",
            unit.written()
        )
    } else {
        format!(
            "write a number and its unit, such as `6 {}`; no sign, exponent or leading zeros",
            unit.written()
        )
    };
    about(
        &WRONG_VALUE,
        format!("{} is no amount of `{}`", quoted(text), fact.name),
        span,
        "a number with its unit belongs here",
        fact,
    )
    .with_help(help)
}

/// No number where the unit is settled for the whole column.
pub(super) fn not_a_number(fact: &Fact, unit: &str, text: &str, span: Span) -> Diagnostic {
    about(
        &WRONG_VALUE,
        format!("{} is no number for `{}`", quoted(text), fact.name),
        span,
        "a number alone belongs here",
        fact,
    )
    .with_help(format!(
        "write a number of {unit} with a decimal point; no unit, sign, exponent or leading zeros"
    ))
}

/// A date where the time since it belongs.
pub(super) fn date_for_time(fact: &Fact, date: &Fact, text: &str, span: Span) -> Diagnostic {
    about(
        &WRONG_VALUE,
        format!("`{}` is a time, and {} is a date", fact.name, quoted(text)),
        span,
        "a number with its unit belongs here",
        fact,
    )
    .with_help(format!(
        "write how long it is, such as `6 weeks`, or record the date as `{}`",
        date.name
    ))
}

pub(super) fn null_value(fact: &Fact, span: Span) -> Diagnostic {
    about(
        &NULL_VALUE,
        format!("`{}` has no value", fact.name),
        span,
        "nothing stands here",
        fact,
    )
    .with_help("leave the fact out if nobody recorded it, or write `unknown`")
}

pub(super) fn missing_unit(fact: &Fact, unit: &Unit, number: &str, span: Span) -> Diagnostic {
    // Which unit of time was meant only the author of the record knows.
    let units = match unit {
        Unit::Time(_) => vec!["days", "weeks", "months", "years"],
        Unit::Ucum(code) => vec![code.as_str()],
    };
    let choices: Vec<String> = units.iter().map(|unit| format!("{number} {unit}")).collect();
    let diagnostic = about(&WRONG_UNIT, format!("{} has no unit", quoted(number)), span, "of what?", fact)
        .with_help(format!("write `{}`", choices.join("`, `")));
    choices.iter().fold(diagnostic, |d, choice| {
        d.with_fix(format!("write `{choice}`"), span, choice.clone())
    })
}

pub(super) fn unknown_unit(fact: &Fact, unit: &Unit, given: &str, span: Span) -> Diagnostic {
    about(
        &WRONG_UNIT,
        format!("{} is not a unit", quoted(given)),
        span,
        "not known",
        fact,
    )
    .with_help(format!(
        "write the value in {}, or in another unit of the same kind",
        unit.written()
    ))
}

pub(super) fn wrong_dimension(fact: &Fact, unit: &Unit, given: &str, span: Span) -> Diagnostic {
    about(
        &WRONG_UNIT,
        format!("{} does not measure what `{}` is", quoted(given), fact.name),
        span,
        "measures something else",
        fact,
    )
    .with_help(format!(
        "write the value in {}, or in another unit of the same kind",
        unit.written()
    ))
}

pub(super) fn inexact_unit(fact: &Fact, unit: &Unit, given: &str, span: Span) -> Diagnostic {
    about(
        &WRONG_UNIT,
        format!("{} cannot be converted exactly to {}", quoted(given), unit.written()),
        span,
        "would be rounded",
        fact,
    )
    .with_help(format!("write the value in {}", unit.written()))
}

pub(super) fn number_too_long(fact: &Fact, span: Span) -> Diagnostic {
    about(
        &OUT_OF_RANGE,
        format!("this number has more than {} digits", limits::NUMBER_DIGITS),
        span,
        "too long",
        fact,
    )
    .with_help("numbers are exact; one that would have to be rounded is refused")
}

pub(super) fn out_of_range(fact: &Fact, written: &str, span: Span) -> Diagnostic {
    about(
        &OUT_OF_RANGE,
        format!("{} lies outside the range of `{}`", quoted(written), fact.name),
        span,
        "out of range",
        fact,
    )
    .with_help("check the number and its unit")
}

pub(super) fn not_a_record(span: Span) -> Diagnostic {
    Diagnostic::new(
        &BROKEN_RECORD,
        "a case file has `facts:` at its top",
        span,
        "something else stands here",
    )
    .with_help("write `facts:` and under it, indented, one `name: value` a line")
}

pub(super) fn facts_are_no_mapping(span: Span) -> Diagnostic {
    Diagnostic::new(
        &BROKEN_RECORD,
        "`facts` needs a name and a value for each fact",
        span,
        "something else stands here",
    )
    .with_help("write one `name: value` a line, indented")
}

pub(super) fn key_is_no_name(span: Span) -> Diagnostic {
    Diagnostic::new(&BROKEN_RECORD, "a name belongs before the colon", span, "no name").with_help("write `name: value`")
}

pub(super) fn bad_unlisted(span: Span) -> Diagnostic {
    Diagnostic::new(&BROKEN_RECORD, "`unlisted` is `unknown` or `no`", span, "neither of them")
        .with_help("`no` closes the world: yes/no facts that are not listed are no, sets are empty")
}

pub(super) fn empty_record(span: Span) -> Diagnostic {
    Diagnostic::new(&EMPTY_RECORD, "this case file records nothing", span, "no `facts:`")
        .with_help("write `facts:` and under it what is known; `facts: {}` says that nothing is")
}

pub(super) fn several_documents(span: Span) -> Diagnostic {
    Diagnostic::new(&YAML_FEATURE, "a case file holds one patient", span, "a second one begins")
        .with_help("write one file for each patient")
}

pub(super) fn yaml_feature(what: &str, span: Span) -> Diagnostic {
    Diagnostic::new(
        &YAML_FEATURE,
        format!("{what} has no place in a case file"),
        span,
        "not read by gl",
    )
    .with_help("write the value itself")
}

pub(super) fn hidden_character(c: char, span: Span) -> Diagnostic {
    Diagnostic::new(
        &HIDDEN_CHARACTER,
        format!("an invisible character, U+{:04X}", u32::from(c)),
        span,
        "hidden here",
    )
    .with_help("remove it; it can make a record look different from what it says")
    .with_fix("remove it", span, "")
}

/// A blank that is not the one of the keyboard, as word processors write it.
pub(super) fn foreign_blank(c: char, span: Span) -> Diagnostic {
    Diagnostic::new(
        &HIDDEN_CHARACTER,
        format!("a blank of another kind, U+{:04X}", u32::from(c)),
        span,
        "looks like a blank and is none",
    )
    .with_help("replace it by an ordinary blank")
}

/// `at` is the first byte that is no UTF-8.
pub fn not_utf8(file: FileId, at: usize) -> Diagnostic {
    Diagnostic::new(
        &CASE_NOT_UTF8,
        "this case file is not UTF-8 text",
        Span::new(file, at..at + 3),
        "the first byte that cannot be read",
    )
    .with_help("save the file as UTF-8")
}

pub(super) fn file_too_large(span: Span) -> Diagnostic {
    let most = limits::CASE_FILE_BYTES;
    Diagnostic::new(
        &CASE_TOO_LARGE,
        format!("this case file has more than {most} bytes"),
        span,
        "too large",
    )
    .with_help("a case file holds one patient")
}

pub(super) fn too_deep(span: Span) -> Diagnostic {
    let most = limits::NESTING;
    Diagnostic::new(
        &CASE_TOO_DEEP,
        format!("brackets are nested more than {most} deep"),
        span,
        "too deep",
    )
    .with_help("a fact has a value, a list or a map of members")
}

pub(super) fn flag_without_value(fact: &Fact, span: Span) -> Diagnostic {
    about(
        &WRONG_VALUE,
        format!("`{}` needs a value", fact.name),
        span,
        "only yes/no facts can stand alone",
        fact,
    )
    .with_help(format!("write `--fact '{}=…'`", fact.name))
}

pub(super) fn flag_without_name(span: Span) -> Diagnostic {
    Diagnostic::new(&UNKNOWN_FACT, "this flag names no fact", span, "no name")
        .with_help("write `--fact NAME` for yes, or `--fact NAME=VALUE`")
}
