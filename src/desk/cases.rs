//! Patients beside the rules: the cases of a rule, what comes of them, and what the rules say of a chosen patient.
//!
//! In: the cases of a project, or somebody's record. Out: results, outcomes, what to show above a rule.
//! Must not know: how a result is shown. Nothing is run or evaluated while anything has an error.

use super::Analysis;
use crate::diagnostic::Severity;
use crate::eval::{Options, Outcome, Patient, evaluate};
use crate::model::{Record, Rule};
use crate::patient::read_document;
use crate::report::clinician::{Colour, clinician};
use crate::source::{FileId, Span};
use crate::suite::{self, Case, CaseResult, ExpectKind};
use std::collections::BTreeSet;

/// A patient that somebody chose to look at the rules with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The patient of a case, by its file and its title.
    Case {
        /// The file.
        path: String,
        /// The title.
        title: String,
    },
    /// A case file.
    Record {
        /// What messages call it.
        name: String,
        /// Its text.
        text: String,
    },
}

impl Choice {
    /// What to call the patient.
    pub fn name(&self) -> &str {
        match self {
            Choice::Case { title, .. } => title,
            Choice::Record { name, .. } => name,
        }
    }
}

/// What the rules say of a patient.
#[derive(Debug)]
pub struct Evaluated {
    /// What to call the patient.
    pub name: String,
    /// The patient with what follows from the record.
    pub patient: Patient,
    /// Everything that the guidelines say.
    pub outcome: Outcome,
}

impl Evaluated {
    /// The result as a clinician reads it.
    pub fn text(&self, analysis: &Analysis) -> String {
        clinician(&analysis.loaded.library, &self.patient, &self.outcome, &[], Colour::Plain)
    }
}

impl Analysis {
    /// Whether anything has an error; then nothing is run or evaluated.
    pub fn is_broken(&self) -> bool {
        self.loaded.has_errors() || self.of_cases.iter().any(|d| d.severity == Severity::Error)
    }

    /// What came of a case, by its position in [`Analysis::cases`]; nothing while anything has an error.
    pub fn result(&self, case: usize) -> Option<&CaseResult> {
        if self.is_broken() {
            return None;
        }
        let case_at = self.cases.get(case)?;
        Some(
            self.results
                .get(case)?
                .get_or_init(|| suite::run(&self.loaded, self.inference(), case_at)),
        )
    }

    /// The cases of a rule: those that run its guideline and expect something from its statements or, where it has none, on
    /// its actions; by their positions in [`Analysis::cases`].
    pub fn cases_of(&self, rule: &Rule) -> Vec<usize> {
        let library = &self.loaded.library;
        let own: BTreeSet<&str> = rule.statements.iter().map(|s| s.id.as_str()).collect();
        let actions: BTreeSet<_> = rule.effects.iter().flat_map(|effect| &library[*effect].actions).collect();
        let expects = |kind: &ExpectKind| {
            let (of, on) = match kind {
                ExpectKind::Advice { statements, actions, .. }
                | ExpectKind::None { statements, actions, .. }
                | ExpectKind::Undecided { statements, actions, .. } => (statements.as_slice(), actions),
                ExpectKind::Disagreement { actions } => (&[] as &[String], actions),
                ExpectKind::Rejected => return false,
            };
            match own.is_empty() {
                true => on.iter().any(|action| actions.contains(action)),
                false => of.iter().any(|id| own.contains(id.as_str())),
            }
        };
        let is_own = |case: &Case| case.guidelines.contains(&rule.guideline) && case.expects.iter().any(|e| expects(&e.kind));
        let all = self.cases.iter().enumerate();
        all.filter(|(_, case)| is_own(case)).map(|(index, _)| index).collect()
    }

    /// What the rules say of a patient.
    ///
    /// # Errors
    ///
    /// Why nothing can be said, in words.
    pub fn evaluate(&self, choice: &Choice) -> Result<Evaluated, String> {
        if self.is_broken() {
            return Err("nothing is evaluated while the guidelines have errors".to_owned());
        }
        let library = &self.loaded.library;
        let record = self.record(choice)?;
        let patient = self.inference().settle(library, &record).map_err(|found| {
            let first = found.first().map_or(String::new(), |d| format!(": {}", d.message));
            format!("the record is rejected{first}")
        })?;
        let outcome = evaluate(library, &patient, &Options::default());
        Ok(Evaluated {
            name: choice.name().to_owned(),
            patient,
            outcome,
        })
    }

    fn record(&self, choice: &Choice) -> Result<Record, String> {
        match choice {
            Choice::Case { path, title } => {
                let found = self.cases.iter().find(|case| case.path == *path && case.title == *title);
                found
                    .map(|case| case.record.clone())
                    .ok_or_else(|| format!("there is no case \"{title}\" any more"))
            }
            Choice::Record { name, text } => {
                let mut sources = self.loaded.sources.clone();
                let file = sources.add(name.as_str(), text.as_str());
                read_document(&sources, file, &self.loaded.library).map_err(|found| {
                    let first = found.first().map_or(String::new(), |d| d.message.clone());
                    format!("`{name}` cannot be read: {first}")
                })
            }
        }
    }
}

/// What to show above a declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lens {
    /// The name of the rule, or the title of the case.
    pub span: Span,
    /// What it is about.
    pub subject: Subject,
}

/// What a [`Lens`] is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The cases of a rule.
    CasesOf {
        /// The full name of the rule.
        rule: String,
        /// Their positions in [`Analysis::cases`].
        cases: Vec<usize>,
    },
    /// A case.
    Case {
        /// Its position in [`Analysis::cases`].
        case: usize,
    },
}

/// What to show above the rules and the cases of a file.
pub fn lenses(analysis: &Analysis, file: FileId) -> Vec<Lens> {
    let library = &analysis.loaded.library;
    let rules = library.rules.iter().filter(|rule| rule.span.file == file).map(|rule| Lens {
        span: rule.name_span,
        subject: Subject::CasesOf {
            rule: rule.full_name.clone(),
            cases: analysis.cases_of(rule),
        },
    });
    let cases = analysis.cases.iter().enumerate().filter(|(_, case)| case.span.file == file);
    let cases = cases.map(|(index, case)| Lens {
        span: case.span,
        subject: Subject::Case { case: index },
    });
    rules.chain(cases).collect()
}

/// The verdict on some cases: "3 cases pass", "1 of 3 cases fails".
pub fn verdict(analysis: &Analysis, cases: &[usize]) -> String {
    let all = cases.len();
    let noun = if all == 1 { "case" } else { "cases" };
    let results: Vec<Option<&CaseResult>> = cases.iter().map(|case| analysis.result(*case)).collect();
    if all == 0 {
        return "no case".to_owned();
    }
    if results.iter().any(Option::is_none) {
        return format!("{all} {noun}");
    }
    let failed = results.iter().flatten().filter(|result| !result.failures.is_empty()).count();
    match (failed, all) {
        (0, 1) => "1 case passes".to_owned(),
        (0, _) => format!("{all} cases pass"),
        (1, 1) => "1 case fails".to_owned(),
        (1, _) => format!("1 of {all} cases fails"),
        _ => format!("{failed} of {all} cases fail"),
    }
}

/// The guidelines' patients to choose from: every case, with its file.
pub fn patients(analysis: &Analysis) -> impl Iterator<Item = Choice> + '_ {
    analysis.cases.iter().map(|case| Choice::Case {
        path: case.path.clone(),
        title: case.title.clone(),
    })
}
