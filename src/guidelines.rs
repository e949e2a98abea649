//! The engine for embedding: load, check, evaluate, explain.
//!
//! In: texts of guidelines and of patients. Out: outcomes, or errors with places.
//! Must not know: files, terminals.

use crate::diagnostic::{Diagnostic, Severity};
use crate::eval::explain::{RuleExplanation, explain};
use crate::eval::settle::Inference;
use crate::eval::{Options, Outcome, Patient, evaluate};
use crate::load::{Files, Loaded, load, load_text};
use crate::model::{Library, Record, RuleId};
use crate::source::Sources;
use std::fmt;

/// Checked guidelines, ready to be applied to patients.
///
/// # Example: a fact that nobody recorded is unknown
///
/// ```
/// let guidelines = gl::parse_str(
///     "fact fever: yes/no
///      action review
///      source S \"Source\"
///      when fever then review cite S",
/// )?;
/// let outcome = guidelines.evaluate(&gl::Record::default())?;
/// assert!(outcome.fired().is_empty());
/// assert_eq!(outcome.undecided().len(), 1);
/// # Ok::<(), gl::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Guidelines {
    loaded: Loaded,
    inference: Inference,
}

/// Reads and checks one text that uses no other file.
///
/// # Errors
///
/// Every finding, if any of them is an error: what is in doubt is never evaluated.
pub fn parse_str(text: &str) -> Result<Guidelines, Error> {
    Guidelines::from_loaded(load_text("guideline.gl", text))
}

impl Guidelines {
    /// Reads and checks the files at `paths` and everything they use.
    ///
    /// # Errors
    ///
    /// Every finding, if any of them is an error.
    pub fn load(files: &dyn Files, paths: &[String]) -> Result<Self, Error> {
        Guidelines::from_loaded(load(files, paths))
    }

    /// Takes what was loaded, if it has no error.
    ///
    /// # Errors
    ///
    /// Every finding, if any of them is an error.
    pub fn from_loaded(loaded: Loaded) -> Result<Self, Error> {
        if loaded.has_errors() {
            return Err(Error::new(&loaded.sources, loaded.diagnostics));
        }
        let inference = Inference::new(&loaded.library);
        Ok(Guidelines { loaded, inference })
    }

    /// The rules and everything they speak of.
    pub fn library(&self) -> &Library {
        &self.loaded.library
    }

    /// What was found that is no error: warnings and notes.
    pub fn findings(&self) -> &[Diagnostic] {
        &self.loaded.diagnostics
    }

    /// Reads a patient from the text of a case file, YAML or JSON; `name` is what messages call it.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the record, each with its place.
    ///
    /// # Example: a record in YAML
    ///
    /// ```
    /// # let guidelines = gl::parse_str("fact fever: yes/no\naction review\nsource S \"Source\"\nwhen fever then review cite S")?;
    /// let record = guidelines.read_patient("case.yaml", "facts: {fever: yes}")?;
    /// assert_eq!(guidelines.evaluate(&record)?.fired().len(), 1);
    /// # Ok::<(), gl::Error>(())
    /// ```
    pub fn read_patient(&self, name: &str, text: &str) -> Result<Record, Error> {
        let mut sources = self.loaded.sources.clone();
        let file = sources.add(name, text);
        crate::patient::read_document(&sources, file, self.library()).map_err(|found| Error::new(&sources, found))
    }

    /// Completes a record by what follows from it.
    ///
    /// # Errors
    ///
    /// If the record contradicts an assumption or itself.
    pub fn settle(&self, record: &Record) -> Result<Patient, Error> {
        self.inference
            .settle(self.library(), record)
            .map_err(|found| Error::new(&self.loaded.sources, found))
    }

    /// Applies all rules to one patient.
    ///
    /// # Errors
    ///
    /// As [`Guidelines::settle`]; then nothing is recommended.
    pub fn evaluate(&self, record: &Record) -> Result<Outcome, Error> {
        Ok(evaluate(self.library(), &self.settle(record)?, &Options::default()))
    }

    /// Why the rule with this full name fires for the patient, or does not; nothing if there is no such rule.
    ///
    /// # Errors
    ///
    /// As [`Guidelines::settle`].
    ///
    /// # Example: what keeps a rule from firing
    ///
    /// ```
    /// # let guidelines = gl::parse_str("fact fever: yes/no\naction review\nsource S \"Source\"\nrule hot: when fever then review cite S")?;
    /// let record = guidelines.read_patient("case.yaml", "facts: {fever: no}")?;
    /// let why = guidelines.explain(&record, "guideline.hot")?.expect("the rule is there");
    /// assert_eq!(why.when.truth, gl::Truth::No);
    /// # Ok::<(), gl::Error>(())
    /// ```
    pub fn explain(&self, record: &Record, rule: &str) -> Result<Option<RuleExplanation>, Error> {
        let patient = self.settle(record)?;
        let found = self.library().rules.iter().position(|r| r.full_name == rule);
        Ok(found.map(|index| explain(self.library(), &patient, RuleId::from_index(index))))
    }

    /// The outcome as the object that `gl eval --format json` prints.
    ///
    /// # Errors
    ///
    /// As [`Guidelines::settle`].
    pub fn result(&self, record: &Record) -> Result<crate::report::result::ResultJson, Error> {
        let patient = self.settle(record)?;
        let outcome = evaluate(self.library(), &patient, &Options::default());
        Ok(crate::report::result::result(self.library(), &patient, &outcome, &[]))
    }
}

/// Why guidelines or a record cannot be used: every finding with its place.
#[derive(Debug, Clone)]
pub struct Error {
    findings: Vec<Diagnostic>,
    lines: Vec<String>,
}

impl Error {
    /// Places are looked up once, so that the error stands by itself.
    pub(crate) fn new(sources: &Sources, findings: Vec<Diagnostic>) -> Self {
        let line = |d: &Diagnostic| {
            let place = d.primary().and_then(|label| {
                let file = sources.get(label.span.file)?;
                let at = file.line_column(label.span.start as usize);
                Some(format!("{}:{}:{}: ", file.name(), at.line, at.column))
            });
            format!(
                "{}{}[{}]: {}",
                place.unwrap_or_default(),
                d.severity.word(),
                d.code.number,
                d.message
            )
        };
        let lines = findings.iter().filter(|d| d.severity == Severity::Error).map(line).collect();
        Error { findings, lines }
    }

    /// All findings, warnings included.
    pub fn findings(&self) -> &[Diagnostic] {
        &self.findings
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines.join("\n"))
    }
}

impl std::error::Error for Error {}
