//! Findings as JSON, in the shape of `gl.findings/1`.
//!
//! In: sorted diagnostics and the texts they point into. Out: one serialisable object; every field is always present.
//! Must not know: how findings look as text. Field order and list order are part of the format.

use super::escape::is_hidden;
use crate::diagnostic::{About, Certainty, Diagnostic, Edit, Fix, Label, Severity};
use crate::source::{LineColumn, Sources, Span};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;

/// All findings of a run.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct Findings {
    pub schema: &'static str,
    pub findings: Vec<Finding>,
    pub summary: Summary,
}

/// One finding.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct Finding {
    pub code: &'static str,
    pub name: &'static str,
    pub severity: &'static str,
    pub message: String,
    pub help: Option<String>,
    pub labels: Vec<LabelJson>,
    pub notes: Vec<String>,
    pub fixes: Vec<FixJson>,
    /// Facts as in a case file, where the finding is about patients.
    pub witness: Option<BTreeMap<String, Value>>,
    /// The date of evaluation that the witness needs, as in a case file.
    pub as_of: Option<String>,
    /// There where a witness with fewer facts may do, since not all of them were looked at.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub perhaps_smaller: bool,
    pub action: Option<String>,
    pub kind: Option<&'static str>,
    pub status: Option<&'static str>,
    pub rules: Vec<RuleJson>,
}

/// A place in a file; lines and columns from 1, columns in characters, the end exclusive.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct PlaceJson {
    pub file: String,
    pub line: usize,
    pub column: usize,
    pub end: EndJson,
}

/// Where a place ends.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct EndJson {
    pub line: usize,
    pub column: usize,
}

/// A place and its part in the finding.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct LabelJson {
    pub file: String,
    pub line: usize,
    pub column: usize,
    pub end: EndJson,
    pub text: String,
    pub primary: bool,
}

/// A change that would mend the finding.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct FixJson {
    pub title: String,
    /// Whether `gl check --fix` makes it without asking, if it is the only one.
    pub safe: bool,
    pub edits: Vec<EditJson>,
}

/// One replaced text.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct EditJson {
    pub file: String,
    pub line: usize,
    pub column: usize,
    pub end: EndJson,
    pub replacement: String,
}

/// A rule that takes part in a finding about patients.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct RuleJson {
    pub rule: String,
    pub statements: Vec<String>,
}

/// How many things were looked at, where the caller knows.
#[derive(Debug, Clone, Copy, Default)]
#[allow(missing_docs)]
pub struct Examined {
    pub guidelines: usize,
    pub rules: usize,
}

/// The counts of a run.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct Summary {
    pub guidelines: usize,
    pub rules: usize,
    pub errors: usize,
    pub warnings: usize,
    pub notes: usize,
}

/// The object for some findings, in their order.
pub fn findings(sources: &Sources, diagnostics: &[Diagnostic], examined: Examined) -> Findings {
    let count = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
    Findings {
        schema: "gl.findings/1",
        findings: diagnostics.iter().map(|d| finding(sources, d)).collect(),
        summary: Summary {
            guidelines: examined.guidelines,
            rules: examined.rules,
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
        },
    }
}

/// Any of the objects that gl prints, indented, with a line break at the end.
pub fn write(value: &impl Serialize) -> String {
    // Serialising plain data to a string cannot fail; if it did, an object that says so must not pass for an empty result.
    let text = serde_json::to_string_pretty(value)
        .unwrap_or_else(|error| format!("{{\"error\": {}}}", Value::String(error.to_string())));
    let mut out = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        if c != '\n' && is_hidden(c) {
            // Only strings hold such characters; the escape stands for the same text.
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out.push('\n');
    out
}

/// Where a span lies, or nothing if its file is not known.
pub fn place(sources: &Sources, span: Span) -> Option<PlaceJson> {
    let file = sources.get(span.file)?;
    let start = file.line_column(span.start as usize);
    let end = file.line_column(span.end.max(span.start) as usize);
    Some(PlaceJson {
        file: file.name().to_owned(),
        line: start.line,
        column: start.column,
        end: end.into(),
    })
}

fn finding(sources: &Sources, diagnostic: &Diagnostic) -> Finding {
    let about = diagnostic.about.as_deref();
    Finding {
        code: diagnostic.code.number,
        name: diagnostic.code.name,
        severity: diagnostic.severity.word(),
        message: diagnostic.message.clone(),
        help: diagnostic.help.clone(),
        labels: diagnostic.labels.iter().filter_map(|l| label(sources, l)).collect(),
        notes: diagnostic.sentences().cloned().collect(),
        fixes: diagnostic.fixes.iter().map(|f| fix(sources, f)).collect(),
        witness: about.and_then(witness),
        as_of: about.and_then(|a| a.as_of.clone()),
        perhaps_smaller: about.is_some_and(|a| a.perhaps_smaller),
        action: about.and_then(|a| a.action.clone()),
        kind: about.and_then(|a| a.kind),
        status: about.and_then(|a| a.status),
        rules: about.map_or_else(Vec::new, |a| {
            let rule = |(rule, statements): &(String, Vec<String>)| RuleJson {
                rule: rule.clone(),
                statements: statements.clone(),
            };
            a.rules.iter().map(rule).collect()
        }),
    }
}

/// The patient of a finding, as `facts` of a case file.
pub(super) fn witness(about: &About) -> Option<BTreeMap<String, Value>> {
    let facts = about.witness.as_ref()?;
    Some(facts.iter().map(|(name, value)| (name.clone(), fact(value))).collect())
}

/// Members of a set, of which `{motor: yes}` knows one, become an object.
fn fact(value: &str) -> Value {
    let Some(members) = value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
        return Value::from(value);
    };
    let member = |member: &str| {
        let (name, known) = member.split_once(": ").unwrap_or((member, "yes"));
        (name.to_owned(), Value::from(known))
    };
    Value::Object(members.split(", ").filter(|m| !m.is_empty()).map(member).collect())
}

fn label(sources: &Sources, label: &Label) -> Option<LabelJson> {
    let PlaceJson { file, line, column, end } = place(sources, label.span)?;
    Some(LabelJson {
        file,
        line,
        column,
        end,
        text: label.text.clone(),
        primary: label.primary,
    })
}

fn fix(sources: &Sources, fix: &Fix) -> FixJson {
    FixJson {
        title: fix.title.clone(),
        safe: fix.certainty == Certainty::Sure,
        edits: fix.edits.iter().filter_map(|e| edit(sources, e)).collect(),
    }
}

fn edit(sources: &Sources, edit: &Edit) -> Option<EditJson> {
    let PlaceJson { file, line, column, end } = place(sources, edit.span)?;
    Some(EditJson {
        file,
        line,
        column,
        end,
        replacement: edit.replacement.clone(),
    })
}

impl From<LineColumn> for EndJson {
    fn from(place: LineColumn) -> Self {
        EndJson {
            line: place.line,
            column: place.column,
        }
    }
}
