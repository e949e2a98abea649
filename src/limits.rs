//! Every limit of gl, in one table.
//!
//! In: nothing. Out: the numbers that the other modules hold to, and the table that `gl limits` prints.
//! Must not know: who holds to them.

/// The largest file, in bytes.
pub const FILE_BYTES: usize = 2 * 1024 * 1024;
/// The largest case file, in bytes; it holds one patient.
pub const CASE_FILE_BYTES: usize = 1024 * 1024;
/// The deepest nesting of brackets and of `not`, in levels.
pub const NESTING: usize = 64;
/// The longest name, in characters.
pub const NAME_CHARACTERS: usize = 128;
/// The longest quoted text, in characters.
pub const TEXT_CHARACTERS: usize = 8 * 1024;
/// The most digits of a number, before and after the decimal point together.
pub const NUMBER_DIGITS: usize = 18;
/// The most findings printed in one run; the rest is counted.
pub const FINDINGS_PRINTED: usize = 100;
/// The most findings kept in one run; more of them are an error of their own.
pub const FINDINGS_KEPT: usize = 2_000;
/// The most files of one library.
pub const FILES: usize = 10_000;
/// The most clauses one assumption may expand to.
pub const ASSUMPTION_CLAUSES: usize = 4_096;

/// The most pairs of effects of which one gives way to the other.
pub const GIVES_WAY: usize = 200_000;

/// The most headings with which a heading is compared for slips of the pen.
pub const HEADINGS_COMPARED: usize = 1_000;

/// The longest row of a table of patients, in bytes.
pub const ROW_BYTES: usize = 1024 * 1024;
/// The most columns of a table of patients.
pub const COLUMNS: usize = 10_000;
/// The most rows about one patient in a long table.
pub const PATIENT_ROWS: usize = 100_000;

/// One row of the table of limits.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// What is limited.
    pub what: &'static str,
    /// The largest number allowed.
    pub most: usize,
    /// What the number counts.
    pub unit: &'static str,
}

/// The table of limits, the same on every platform and thread.
pub const TABLE: &[Limit] = &[
    Limit {
        what: "size of a file",
        most: FILE_BYTES,
        unit: "bytes",
    },
    Limit {
        what: "size of a case file",
        most: CASE_FILE_BYTES,
        unit: "bytes",
    },
    Limit {
        what: "headings compared for slips of the pen",
        most: HEADINGS_COMPARED,
        unit: "headings",
    },
    Limit {
        what: "nesting of brackets and of `not`",
        most: NESTING,
        unit: "levels",
    },
    Limit {
        what: "length of a name",
        most: NAME_CHARACTERS,
        unit: "characters",
    },
    Limit {
        what: "length of a quoted text",
        most: TEXT_CHARACTERS,
        unit: "characters",
    },
    Limit {
        what: "digits of a number",
        most: NUMBER_DIGITS,
        unit: "digits",
    },
    Limit {
        what: "findings printed in one run",
        most: FINDINGS_PRINTED,
        unit: "findings",
    },
    Limit {
        what: "findings kept in one run",
        most: FINDINGS_KEPT,
        unit: "findings",
    },
    Limit {
        what: "files of one library",
        most: FILES,
        unit: "files",
    },
    Limit {
        what: "pairs of effects that give way",
        most: GIVES_WAY,
        unit: "pairs",
    },
    Limit {
        what: "clauses of one assumption",
        most: ASSUMPTION_CLAUSES,
        unit: "clauses",
    },
    Limit {
        what: "length of a row of a table of patients",
        most: ROW_BYTES,
        unit: "bytes",
    },
    Limit {
        what: "columns of a table of patients",
        most: COLUMNS,
        unit: "columns",
    },
    Limit {
        what: "rows about one patient in a long table",
        most: PATIENT_ROWS,
        unit: "rows",
    },
];
