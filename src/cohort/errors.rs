//! The words of everything that can be wrong with a table of patients.
//!
//! In: what was found. Out: diagnostics.

use crate::declare_code;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::units::{TimeUnit, Unit};
use crate::model::{Fact, FactType};
use crate::patient::errors::WRONG_VALUE;
use crate::source::Span;
use crate::suggest;
use jiff::civil::Date;

/// The codes of this stage.
pub static CODES: &[&Code] = &[
    &UNKNOWN_COLUMN,
    &AMBIGUOUS_COLUMN,
    &COLUMN_WITHOUT_UNIT,
    &MISSING_COLUMN,
    &BROKEN_MAPPING,
    &BROKEN_ROW,
    &SEVERAL_FINDINGS,
];

declare_code! {
    /// A table of patients has a column, or a long table names a fact, that no loaded guideline declares.
    ///
    /// ## Why it matters
    /// A misspelt column would be left out, and its fact would be unknown for everybody in the population.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// fact deficits: any of motor, sensory
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years and deficits includes motor then review cite S
    /// ```
    /// ```csv file=patients.csv
    /// patient_id,fevr,age,age_unit
    /// p1,yes,54,years
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// fact deficits: any of motor, sensory
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years and deficits includes motor then review cite S
    /// ```
    /// ```csv file=patients.csv
    /// patient_id,fever,age,age_unit,deficits_motor
    /// p1,yes,54,years,no
    /// ```
    pub static UNKNOWN_COLUMN = "GL530" "unknown-column", Error, "a column is no fact of the guidelines";
}

declare_code! {
    /// A column could mean two things, or two columns say the same.
    ///
    /// ## Why it matters
    /// The two may differ from row to row, and gl does not choose.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// fact deficits: any of motor, sensory
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years and deficits includes motor then review cite S
    /// ```
    /// ```csv file=patients.csv
    /// patient_id,fever,deficits,deficits_motor
    /// p1,yes,motor,no
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// fact deficits: any of motor, sensory
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years and deficits includes motor then review cite S
    /// ```
    /// ```csv file=patients.csv
    /// patient_id,fever,age,age_unit,deficits_motor
    /// p1,yes,54,years,no
    /// ```
    pub static AMBIGUOUS_COLUMN = "GL531" "ambiguous-column", Error, "columns do not say one thing each";
}

declare_code! {
    /// A column has numbers for a quantity, and nothing says in which unit.
    ///
    /// ## Why it matters
    /// An age in months read as years moves every patient in the table over a threshold.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// fact deficits: any of motor, sensory
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years and deficits includes motor then review cite S
    /// ```
    /// ```csv file=patients.csv
    /// patient_id,fever,age
    /// p1,yes,54
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// fact deficits: any of motor, sensory
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years and deficits includes motor then review cite S
    /// ```
    /// ```toml file=gl.toml
    /// [cohort.columns]
    /// age = { fact = "age", unit = "years" }
    /// ```
    /// ```csv file=patients.csv
    /// patient_id,fever,age
    /// p1,yes,54
    /// ```
    pub static COLUMN_WITHOUT_UNIT = "GL532" "column-without-unit", Error, "a column of numbers has no unit";
}

declare_code! {
    /// A table of patients has no column that says who a row is about, or a long table has none for facts or values.
    ///
    /// ## Why it matters
    /// What is found could be given back to nobody.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// fact deficits: any of motor, sensory
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years and deficits includes motor then review cite S
    /// ```
    /// ```toml file=gl.toml
    /// [cohort]
    /// ignore = ["pid"]
    /// ```
    /// ```csv file=patients.csv
    /// pid,fever
    /// p1,yes
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// fact deficits: any of motor, sensory
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years and deficits includes motor then review cite S
    /// ```
    /// ```toml file=gl.toml
    /// [cohort.columns]
    /// pid = "patient_id"
    /// ```
    /// ```csv file=patients.csv
    /// pid,fever
    /// p1,yes
    /// ```
    pub static MISSING_COLUMN = "GL533" "missing-column", Error, "a table lacks a column that it needs";
}

declare_code! {
    /// `[cohort.columns]` maps a column to something that no loaded guideline declares, or gives a unit or a member to what has none.
    ///
    /// ## Why it matters
    /// The column would be left out, or read as something else than it is.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// fact deficits: any of motor, sensory
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years and deficits includes motor then review cite S
    /// ```
    /// ```toml file=gl.toml
    /// [cohort.columns]
    /// temp = "fevr"
    /// ```
    /// ```csv file=patients.csv
    /// patient_id,temp
    /// p1,yes
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// fact deficits: any of motor, sensory
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years and deficits includes motor then review cite S
    /// ```
    /// ```toml file=gl.toml
    /// [cohort.columns]
    /// temp = "fever"
    /// ```
    /// ```csv file=patients.csv
    /// patient_id,temp
    /// p1,yes
    /// ```
    pub static BROKEN_MAPPING = "GL534" "broken-column-mapping", Error, "gl.toml maps a column to nothing";
}

declare_code! {
    /// A row of a table has too few or too many values, no patient, or something that is no value.
    ///
    /// ## Why it matters
    /// What stands under which column is in doubt; such a patient is set aside with the reason, and nothing is recommended.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// fact deficits: any of motor, sensory
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years and deficits includes motor then review cite S
    /// ```
    /// ```csv file=patients.csv
    /// patient_id,fever
    /// p1,yes,54
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// fact deficits: any of motor, sensory
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years and deficits includes motor then review cite S
    /// ```
    /// ```csv file=patients.csv
    /// patient_id,fever
    /// p1,yes
    /// ```
    pub static BROKEN_ROW = "GL535" "broken-row", Error, "a row of a table cannot be read";
}

declare_code! {
    /// In a long table a fact of a patient has two values, and no day says which of them counts.
    ///
    /// ## Why it matters
    /// The two contradict each other, and gl does not choose.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// fact deficits: any of motor, sensory
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years and deficits includes motor then review cite S
    /// ```
    /// ```csv file=patients.csv
    /// patient_id,fact,value
    /// p1,fever,yes
    /// p1,fever,no
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years range 0 years..130 years
    /// fact deficits: any of motor, sensory
    /// action review
    /// source S "A source"
    /// when fever and age over 50 years and deficits includes motor then review cite S
    /// ```
    /// ```csv file=patients.csv
    /// patient_id,fact,value,at
    /// p1,as_of,2026-02-01,
    /// p1,fever,yes,2026-01-01
    /// p1,fever,no,2026-01-20
    /// ```
    pub static SEVERAL_FINDINGS = "GL536" "several-findings", Error, "a patient has several findings of one fact";
}

pub(super) fn unknown_column(name: &str, near: Option<&str>, span: Span) -> Diagnostic {
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "map it in gl.toml under `[cohort.columns]`, or leave it out with `--ignore`".to_owned(),
    };
    Diagnostic::new(
        &UNKNOWN_COLUMN,
        format!("column `{name}` is no fact of these guidelines"),
        span,
        "not a declared fact",
    )
    .with_help(help)
}

pub(super) fn ambiguous(name: &str, meanings: &[String], span: Span) -> Diagnostic {
    Diagnostic::new(
        &AMBIGUOUS_COLUMN,
        format!("column `{name}` may mean {}", meanings.join(" or ")),
        span,
        "two meanings",
    )
    .with_help("say which in gl.toml under `[cohort.columns]`")
}

pub(super) fn stated_twice(what: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(&AMBIGUOUS_COLUMN, format!("two columns state {what}"), span, "again")
        .with_label(first, "first here")
        .with_help("leave one of them out, with `--ignore` or `ignore` under `[cohort]`")
}

pub(super) fn unit_alone(fact: &str, span: Span) -> Diagnostic {
    Diagnostic::new(
        &MISSING_COLUMN,
        format!("there is a unit for `{fact}`, and no column with its numbers"),
        span,
        "of which number?",
    )
    .with_help(format!("add the column `{fact}`, or leave this one out with `--ignore`"))
}

pub(super) fn two_units(fact: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(
        &AMBIGUOUS_COLUMN,
        format!("the unit of `{fact}` is given twice"),
        span,
        "for each row",
    )
    .with_label(first, "for the whole column")
    .with_help("keep one of the two")
}

pub(super) fn no_unit(fact: &Fact, column: &str, number: &str, span: Span) -> Diagnostic {
    // A time since a date is declared in no unit.
    let (unit, otherwise) = match &fact.ty {
        FactType::Quantity { unit } => (
            unit.clone(),
            "; or, where all plain numbers are in the units of their facts, `--units declared`",
        ),
        _ => (Unit::Time(TimeUnit::Days), ""),
    };
    Diagnostic::new(
        &COLUMN_WITHOUT_UNIT,
        format!("column `{column}` has numbers such as `{number}`, and no unit"),
        span,
        "of what?",
    )
    .with_help(format!(
        "in gl.toml under `[cohort.columns]`: `{column} = {{ fact = \"{}\", unit = \"{}\" }}`; or add a column `{}_unit`{otherwise}",
        fact.name,
        unit.written(),
        fact.name
    ))
}

pub(super) fn missing_column(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(&MISSING_COLUMN, format!("no column is `{name}`"), span, "not among these")
        .with_help(format!("in gl.toml under `[cohort.columns]`: `its_name = \"{name}\"`"))
}

pub(super) fn wrong_type(column: &str, told: &str, wanted: &str, held: &str, span: Span) -> Diagnostic {
    Diagnostic::new(
        &WRONG_VALUE,
        format!("column `{column}` holds {held}, and {told} is {wanted}"),
        span,
        "of another type",
    )
    .with_help("write it with another type, say under `[cohort.columns]` what its `values` mean, or leave it out with `--ignore`")
}

pub(super) fn unknown_meaning(name: &str, near: Option<&str>, span: Span) -> Diagnostic {
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "write the name of a fact, `patient_id` or `as_of`".to_owned(),
    };
    Diagnostic::new(
        &BROKEN_MAPPING,
        format!("`{name}` is no fact of these guidelines"),
        span,
        "not a declared fact",
    )
    .with_help(help)
}

pub(super) fn member_of_nothing(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(&BROKEN_MAPPING, format!("`{name}` is no set"), span, "only sets have members")
        .with_help("leave `member` out")
}

pub(super) fn unit_of_nothing(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(
        &BROKEN_MAPPING,
        format!("what `{name}` states has no unit"),
        span,
        "only quantities and times have units",
    )
    .with_help("leave `unit` out")
}

pub(super) fn unknown_member(fact: &Fact, member: &str, members: &[String], span: Span) -> Diagnostic {
    let help = match suggest::closest(member, members.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the members are {}", members.join(", ")),
    };
    Diagnostic::new(
        &BROKEN_MAPPING,
        format!("`{}` has no member `{member}`", fact.name),
        span,
        "no such member",
    )
    .with_help(help)
}

/// Something about a row, which nothing can point into.
fn row(message: impl Into<String>) -> Diagnostic {
    Diagnostic::without_place(&BROKEN_ROW, message)
}

pub(super) fn wrong_length(length: usize, columns: usize) -> Diagnostic {
    row(format!("the row has {length} values for {columns} columns"))
}

pub(super) fn not_utf8() -> Diagnostic {
    row("the value is not UTF-8 text")
}

pub(super) fn no_object(reason: &str) -> Diagnostic {
    row(format!("the line is no JSON object: {reason}"))
}

pub(super) fn no_value(what: &str) -> Diagnostic {
    row(format!("{what} is no value here"))
}

pub(super) fn nobody() -> Diagnostic {
    row("the row does not say who it is about")
}

pub(super) fn no_name() -> Diagnostic {
    row("the row does not say which fact it states")
}

pub(super) fn unit_without_need(fact: &Fact, unit: &str) -> Diagnostic {
    row(format!("`{}` has no unit, and the row gives `{unit}`", fact.name))
}

pub(super) fn no_date_of_evaluation() -> Diagnostic {
    Diagnostic::without_place(&SEVERAL_FINDINGS, "findings have a day, and the evaluation has none")
        .with_help("give `--as-of`, or a row with the fact `as_of`")
}

pub(super) fn two_findings(fact: &str, at: Option<Date>) -> Diagnostic {
    let when = at.map_or(String::new(), |at| format!(" on {at}"));
    Diagnostic::without_place(&SEVERAL_FINDINGS, format!("`{fact}` has two findings{when}"))
        .with_help("give each finding its day in the column `at`; the latest counts")
}

pub(super) fn whole_and_member(fact: &str) -> Diagnostic {
    Diagnostic::without_place(&SEVERAL_FINDINGS, format!("`{fact}` is stated as a whole and by its members"))
        .with_help("keep one of the two")
}
