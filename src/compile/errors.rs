//! The words of everything that cannot be said in SQL.
//!
//! In: what was found. Out: diagnostics.

use crate::declare_code;
use crate::diagnostic::{Code, Diagnostic};

/// The codes of this stage.
pub static CODES: &[&Code] = &[&NOT_IN_SQL];

declare_code! {
    /// `gl compile` meets something that a query over a wide table cannot say.
    ///
    /// ## Why it matters
    /// A query that said something else than the guideline would advise some patients differently, and nobody would see it.
    ///
    /// ## Bad
    /// No example: it is said by `gl compile` alone, of a library and a table together. A fact with `default no` in an assumption is one.
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no default no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    pub static NOT_IN_SQL = "GL540" "not-in-sql", Error, "something cannot be compiled to SQL";
}

fn error(message: String, help: &str) -> Diagnostic {
    Diagnostic::without_place(&NOT_IN_SQL, message).with_help(help)
}

pub(super) fn default_in_assumption(fact: &str) -> Diagnostic {
    error(
        format!("`{fact}` is no by default and takes part in an assumption"),
        "whether it may be taken as no depends on the other facts of the patient, one by one; use `gl cohort`",
    )
}

pub(super) fn large_assumption(text: &str) -> Diagnostic {
    error(format!("`{text}` is too large"), "write it as several assumptions")
}

pub(super) fn values(column: &str) -> Diagnostic {
    error(
        format!("column `{column}` has words of its own for values"),
        "let the table or a view of it have booleans and the words of the guideline, or use `gl cohort`",
    )
}

pub(super) fn whole_set(column: &str) -> Diagnostic {
    error(
        format!("column `{column}` has a whole set"),
        "a table has one column for each member, named FACT_MEMBER",
    )
}

pub(super) fn no_column(column: &str) -> Diagnostic {
    error(
        format!("column `{column}` has units that vary from row to row, or belongs to a long table"),
        "a query reads a wide table with one unit for each column; use `gl cohort`",
    )
}

pub(super) fn twice(column: &str) -> Diagnostic {
    error(
        format!("column `{column}` states what another column states"),
        "leave one of them out",
    )
}

pub(super) fn time_in_days(fact: &str, date: &str) -> Diagnostic {
    error(
        format!("`{fact}` is not in days, and the table has `{date}`"),
        "a time that may be computed from a date is given in days",
    )
}
