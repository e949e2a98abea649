//! The patient that a verb is about: a case file, a declared case, flags.

use super::{Context, Exit, IncludeCases};
use crate::diagnostic::{Diagnostic, Severity};
use crate::eval::settle::Inference;
use crate::eval::{Options, Outcome, Patient, evaluate};
use crate::load::Loaded;
use crate::model::{ActionId, GuidelineId, Library, Record};
use crate::report::why::Places;
use crate::{limits, patient, suggest, suite};
use clap::Args;
use std::path::{Path, PathBuf};

/// How to name a patient and the guidelines to apply.
#[derive(Debug, Args)]
pub struct PatientArgs {
    /// Files and folders with guidelines; without any, the project.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// A case file (YAML or JSON, `-` for standard input), or the name of a declared case.
    #[arg(long, value_name = "FILE|NAME")]
    pub case: Option<String>,
    /// A fact of the patient: NAME for yes, or NAME=VALUE; may be repeated.
    #[arg(long = "fact", value_name = "NAME[=VALUE]")]
    pub facts: Vec<String>,
    /// Apply only this guideline; may be repeated.
    #[arg(long = "guideline", value_name = "ID")]
    pub guidelines: Vec<String>,
    /// The date of evaluation; stands instead of one in the case file.
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
}

/// Everything known once the guidelines have been applied.
#[derive(Debug)]
pub struct Evaluated {
    /// The guidelines, and all texts.
    pub loaded: Loaded,
    /// The patient.
    pub patient: Patient,
    /// What the guidelines say.
    pub outcome: Outcome,
    /// Where each fact was recorded.
    pub places: Places,
}

impl PatientArgs {
    /// Loads the guidelines and reads the patient.
    ///
    /// # Errors
    ///
    /// The exit status, once everything that is wrong has been reported.
    pub fn read(&self, cx: &Context) -> Result<(Loaded, Record, Options), Exit> {
        let mut loaded = self.load(cx)?;
        let record = self.record(&mut loaded, cx)?;
        let options = Options {
            guidelines: chosen(&self.guidelines, &loaded.library, cx)?,
        };
        Ok((loaded, record, options))
    }

    /// Loads the guidelines, reads the patient, and applies the one to the other.
    ///
    /// # Errors
    ///
    /// The exit status, once everything that is wrong has been reported. Any error means that nothing is evaluated.
    pub fn evaluate(&self, cx: &Context) -> Result<Evaluated, Exit> {
        let (loaded, record, options) = self.read(cx)?;
        let patient = Inference::new(&loaded.library)
            .settle(&loaded.library, &record)
            .map_err(|found| invalid(cx, &loaded, &found))?;
        let outcome = evaluate(&loaded.library, &patient, &options);
        let places = record.entries.iter().map(|entry| (entry.fact, entry.span)).collect();
        Ok(Evaluated {
            loaded,
            patient,
            outcome,
            places,
        })
    }

    /// Says how a value is written where a part of one was taken for a path.
    fn explain_blanks(&self, cx: &Context) {
        let is_no_path = |path: &PathBuf| path.extension().is_none() && !path.exists();
        if !self.facts.is_empty() && self.paths.iter().any(is_no_path) {
            cx.say("help: what is known of a patient has no blanks around its `=`, and quotes where there is one: `--fact duration=\"3 weeks\"`");
        }
    }

    /// The guidelines; any error in them means that none is applied.
    fn load(&self, cx: &Context) -> Result<Loaded, Exit> {
        let named = self
            .case
            .as_deref()
            .is_some_and(|case| case != "-" && !Path::new(case).exists());
        let include = if named { IncludeCases::Yes } else { IncludeCases::No };
        let loaded = cx.load(&self.paths, include).inspect_err(|_| self.explain_blanks(cx))?;
        if loaded.has_errors() {
            return Err(invalid(cx, &loaded, &loaded.diagnostics));
        }
        if loaded.library.rules.is_empty() {
            cx.complain("there is no rule to apply in these files");
            return Err(Exit::Nothing);
        }
        Ok(loaded)
    }

    fn record(&self, loaded: &mut Loaded, cx: &Context) -> Result<Record, Exit> {
        let mut record = match self.case.as_deref() {
            None => Record::default(),
            Some(case) if case == "-" || Path::new(case).exists() => read_case(case, loaded, cx)?,
            Some(name) => declared_case(name, loaded, cx)?,
        };
        let mut found = Vec::new();
        for flag in &self.facts {
            match patient::read_flag(&mut loaded.sources, &loaded.library, flag) {
                Ok(entry) => match record.entries.iter().find(|e| e.fact == entry.fact) {
                    Some(first) => found.push(patient::errors::fact_given_twice(
                        &loaded.library[entry.fact].name,
                        entry.span,
                        first.span,
                    )),
                    None => record.entries.push(entry),
                },
                Err(diagnostic) => found.push(diagnostic),
            }
        }
        if let Some(date) = &self.as_of {
            match patient::read_date_flag(&mut loaded.sources, date) {
                Ok(as_of) => record.as_of = Some(as_of),
                Err(diagnostic) => found.push(diagnostic),
            }
        }
        if found.is_empty() {
            Ok(record)
        } else {
            Err(invalid(cx, loaded, &found))
        }
    }
}

/// The guidelines with these names; none where all take part.
///
/// # Errors
///
/// The exit status, once it has been said which name there is not.
pub(super) fn chosen(names: &[String], library: &Library, cx: &Context) -> Result<Option<Vec<GuidelineId>>, Exit> {
    if names.is_empty() {
        return Ok(None);
    }
    let mut chosen = Vec::new();
    for name in names {
        match library.guidelines.iter().position(|g| g.name == *name) {
            Some(index) => chosen.push(GuidelineId::from_index(index)),
            None => {
                let names = library.guidelines.iter().map(|g| g.name.as_str());
                cx.complain(&format!("there is no guideline `{}`{}", printable(name), meant(name, names)));
                return Err(Exit::Invalid);
            }
        }
    }
    Ok(Some(chosen))
}

/// The action with this name or synonym.
///
/// # Errors
///
/// The exit status, once it has been said that there is none.
pub fn action(library: &Library, name: &str, cx: &Context) -> Result<ActionId, Exit> {
    find_action(library, name).ok_or_else(|| {
        let close = meant(name, action_names(library));
        cx.complain(&format!("there is no action `{}`{close}", printable(name)));
        Exit::Invalid
    })
}

/// The action with this name or synonym, if there is one.
pub(super) fn find_action(library: &Library, name: &str) -> Option<ActionId> {
    let synonym = |a: &crate::model::Action| a.synonyms.iter().any(|s| s.eq_ignore_ascii_case(name));
    let found = library
        .actions
        .iter()
        .position(|a| a.name == name)
        .or_else(|| library.actions.iter().position(synonym));
    found.map(ActionId::from_index)
}

/// All names of actions, synonyms included.
pub(super) fn action_names(library: &Library) -> impl Iterator<Item = &str> {
    let names = library
        .actions
        .iter()
        .flat_map(|a| std::iter::once(&a.name).chain(&a.synonyms));
    names.map(String::as_str)
}

pub(super) fn meant<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> String {
    suggest::closest(name, candidates).map_or_else(String::new, |close| format!("; did you mean `{close}`?"))
}

pub(super) fn printable(text: &str) -> String {
    crate::report::escape::one_line(text).into_owned()
}

/// Reports findings, counts them, and says that nothing was evaluated.
pub(super) fn invalid(cx: &Context, loaded: &Loaded, found: &[Diagnostic]) -> Exit {
    cx.report(&loaded.sources, found);
    let errors = found.iter().filter(|d| d.severity == Severity::Error).count();
    let count = if errors == 1 {
        "1 error".to_owned()
    } else {
        format!("{errors} errors")
    };
    cx.say(&format!("nothing is recommended: {count}"));
    Exit::Invalid
}

fn read_case(path: &str, loaded: &mut Loaded, cx: &Context) -> Result<Record, Exit> {
    let bytes = super::project::read_limited(path).map_err(|message| {
        cx.complain(&message);
        Exit::Invalid
    })?;
    let name = if path == "-" { "standard input" } else { path };
    let (text, broken) = patient::text_of(&bytes);
    let file = loaded.sources.add(name, text);
    if let Some(at) = broken.filter(|_| bytes.len() <= limits::CASE_FILE_BYTES) {
        return Err(invalid(cx, loaded, &[patient::errors::not_utf8(file, at)]));
    }
    patient::read_document(&loaded.sources, file, &loaded.library).map_err(|found| invalid(cx, loaded, &found))
}

fn declared_case(name: &str, loaded: &Loaded, cx: &Context) -> Result<Record, Exit> {
    let (cases, found) = suite::cases(loaded);
    if found.iter().any(|d| d.severity == Severity::Error) {
        return Err(invalid(cx, loaded, &found));
    }
    match cases.iter().find(|case| case.title == name) {
        Some(case) => Ok(case.record.clone()),
        None => {
            let titles = cases.iter().map(|case| case.title.as_str());
            cx.complain(&format!(
                "there is neither a file nor a case named `{}`{}",
                printable(name),
                meant(name, titles)
            ));
            Err(Exit::Invalid)
        }
    }
}
