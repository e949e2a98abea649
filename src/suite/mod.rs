//! Cases: patients with expectations, written beside the rules they test.
//!
//! In: what was loaded. Out: checked [`Case`]s, and for each what came of it.
//! Must not know: terminals; `cli` prints.

pub mod accept;
pub mod coverage;
pub mod emit;
pub mod errors;
mod lower;
pub mod mutate;
mod run;

pub use lower::cases;
pub use run::run;

use crate::ast::ExpectStanding;
use crate::model::{ActionId, Deadline, FactId, GuidelineId, Modality, Modifiers, Record, Timing, Urgency};
use crate::source::Span;

/// A patient with expectations.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Case {
    pub title: String,
    /// The file it stands in, as the user named it.
    pub path: String,
    /// The guidelines that are run.
    pub guidelines: Vec<GuidelineId>,
    pub record: Record,
    pub expects: Vec<Expect>,
    /// Whether whatever is not expected must not happen.
    pub exactly: bool,
    pub span: Span,
}

/// One expectation.
#[derive(Debug, Clone)]
pub struct Expect {
    /// What is expected.
    pub kind: ExpectKind,
    /// Where it is written.
    pub span: Span,
}

impl Expect {
    /// The statements that it expects something from.
    pub fn statements(&self) -> impl Iterator<Item = &str> {
        let statements = match &self.kind {
            ExpectKind::Advice { statements, .. }
            | ExpectKind::None { statements, .. }
            | ExpectKind::Undecided { statements, .. } => statements.as_slice(),
            ExpectKind::Disagreement { .. } | ExpectKind::Rejected => &[],
        };
        statements.iter().map(String::as_str)
    }
}

/// What a case may expect.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum ExpectKind {
    /// Advice on each of the actions.
    Advice {
        standing: Option<ExpectStanding>,
        modality: Option<Modality>,
        urgency: Option<Urgency>,
        actions: Vec<ActionId>,
        /// Whether one of the actions is enough.
        any: bool,
        timing: Timing,
        modifiers: Modifiers,
        statements: Vec<String>,
    },
    /// Nothing for the actions or their kinds fires; with a modality against, nothing against them does.
    None {
        modality: Option<Modality>,
        actions: Vec<ActionId>,
        statements: Vec<String>,
    },
    /// Effects on the actions wait, and for these facts among others.
    Undecided {
        modality: Option<Modality>,
        actions: Vec<ActionId>,
        asking: Vec<FactId>,
        statements: Vec<String>,
    },
    /// Positions on the actions disagree.
    Disagreement { actions: Vec<ActionId> },
    /// The record contradicts an assumption or itself.
    Rejected,
}

/// What came of a case.
#[derive(Debug, Clone)]
pub struct CaseResult {
    /// Expectations that were not met; none where the case passed.
    pub failures: Vec<Failure>,
}

/// An expectation that was not met.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Where it is written; the case itself for something that was not expected.
    pub span: Span,
    /// What was expected, in words.
    pub expected: String,
    /// What came instead, one sentence a line.
    pub instead: Vec<String>,
}

/// The deadline of an expectation, if it states one.
fn deadline(timing: &Timing) -> Option<Deadline> {
    timing.deadline.map(|(deadline, _)| deadline)
}
