//! Findings as SARIF 2.1.0, the format that code hosts and editors read.
//!
//! In: sorted diagnostics, the texts they point into, the folder of the call. Out: one log with one run.
//! Must not know: how findings look as text. Every finding is there; what authors settled is suppressed, with the reason.

use super::json::{PlaceJson, place};
use crate::diagnostic::{About, Code, Diagnostic, Edit, Fix, Label, Severity};
use crate::source::{Sources, Span};
use serde_json::{Value, json};

/// The official schema of the format.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What relative addresses are relative to: the folder of the call.
const BASE: &str = "%SRCROOT%";

/// The log of a run in the folder `here`, an absolute path with `/`; without one, paths stay as they were given.
pub fn log(sources: &Sources, diagnostics: &[Diagnostic], here: Option<&str>) -> Value {
    let mut codes: Vec<&'static Code> = diagnostics.iter().map(|d| d.code).collect();
    codes.sort_unstable_by_key(|code| code.number);
    codes.dedup_by_key(|code| code.number);
    let run = Run { sources, codes, here };
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "gl",
                "fullName": concat!("gl ", env!("CARGO_PKG_VERSION")),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "shortDescription": text(env!("CARGO_PKG_DESCRIPTION")),
                "rules": run.codes.iter().map(|code| rule(code)).collect::<Vec<_>>(),
            }},
            "invocations": [{"executionSuccessful": true}],
            "originalUriBaseIds": {BASE: {"description": text("the folder in which gl was called")}},
            "columnKind": "unicodeCodePoints",
            "results": diagnostics.iter().map(|d| run.result(d)).collect::<Vec<_>>(),
        }],
    })
}

/// A code with what `gl explain` says of it.
fn rule(code: &Code) -> Value {
    let lines: Vec<&str> = code.lines().collect();
    let first: Vec<&str> = lines.iter().copied().take_while(|line| !line.is_empty()).collect();
    let page = lines.join("\n");
    json!({
        "id": code.number,
        "name": code.name,
        "shortDescription": text(code.title),
        "fullDescription": text(first.join(" ")),
        "help": {"text": page.trim_end(), "markdown": page.trim_end()},
        "defaultConfiguration": {"level": level(code.severity)},
    })
}

fn text(text: impl Into<String>) -> Value {
    json!({"text": text.into()})
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

struct Run<'a> {
    sources: &'a Sources,
    /// The codes that occur, by number.
    codes: Vec<&'static Code>,
    here: Option<&'a str>,
}

impl Run<'_> {
    fn result(&self, finding: &Diagnostic) -> Value {
        let mut lines = vec![finding.message.as_str()];
        lines.extend(finding.help.as_deref());
        lines.extend(finding.notes.iter().map(String::as_str));
        let suppressions = finding
            .accepted
            .iter()
            .map(|why| json!({"kind": "inSource", "status": "accepted", "justification": why}));
        let locations = finding.labels.iter().filter(|l| l.primary).filter_map(|l| self.location(l));
        let related = finding.labels.iter().filter(|l| !l.primary).filter_map(|l| self.location(l));
        let numbered = related.enumerate().map(|(i, mut location)| {
            insert(&mut location, "id", json!(i + 1));
            location
        });
        let mut result = json!({
            "ruleId": finding.code.number,
            "ruleIndex": self.codes.iter().position(|code| code.number == finding.code.number),
            "level": level(finding.severity),
            "message": text(lines.join("\n")),
            "locations": locations.collect::<Vec<_>>(),
            "relatedLocations": numbered.collect::<Vec<_>>(),
            // The format wants them for all results or for none.
            "suppressions": suppressions.collect::<Vec<_>>(),
        });
        let fixes: Vec<Value> = finding.fixes.iter().map(|fix| self.fix(fix)).collect();
        if !fixes.is_empty() {
            insert(&mut result, "fixes", json!(fixes));
        }
        if let Some(about) = finding.about.as_deref().filter(|about| !about.rules.is_empty()) {
            insert(&mut result, "properties", properties(about));
        }
        result
    }

    fn location(&self, label: &Label) -> Option<Value> {
        let mut location = json!({"physicalLocation": self.physical(label.span)?});
        if !label.text.is_empty() {
            insert(&mut location, "message", text(label.text.as_str()));
        }
        Some(location)
    }

    fn physical(&self, span: Span) -> Option<Value> {
        let place = place(self.sources, span)?;
        Some(json!({"artifactLocation": self.artifact(&place.file), "region": region(&place)}))
    }

    /// A change, file by file.
    fn fix(&self, fix: &Fix) -> Value {
        let mut files: Vec<(Value, Vec<Value>)> = Vec::new();
        for edit in &fix.edits {
            let Some(place) = place(self.sources, edit.span) else {
                continue;
            };
            let (artifact, replacement) = (self.artifact(&place.file), replacement(&place, edit));
            match files.iter_mut().find(|(known, _)| *known == artifact) {
                Some((_, replacements)) => replacements.push(replacement),
                None => files.push((artifact, vec![replacement])),
            }
        }
        let change = |(artifact, replacements)| json!({"artifactLocation": artifact, "replacements": replacements});
        json!({
            "description": text(fix.title.as_str()),
            "artifactChanges": files.into_iter().map(change).collect::<Vec<_>>(),
        })
    }

    /// Where a file lies: relative to the folder of the call, or with its whole path if it lies elsewhere.
    fn artifact(&self, name: &str) -> Value {
        let Some(here) = self.here else {
            return json!({"uri": encoded(name)});
        };
        let whole = if name.starts_with('/') || name.contains(":/") {
            plain(name)
        } else {
            plain(&format!("{here}/{name}"))
        };
        match whole.strip_prefix(here).and_then(|rest| rest.strip_prefix('/')) {
            Some(relative) => json!({"uri": encoded(relative), "uriBaseId": BASE}),
            None => json!({"uri": format!("file:///{}", encoded(whole.trim_start_matches('/')))}),
        }
    }
}

fn region(place: &PlaceJson) -> Value {
    json!({
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end.line,
        "endColumn": place.end.column,
    })
}

fn replacement(place: &PlaceJson, edit: &Edit) -> Value {
    let mut replacement = json!({"deletedRegion": region(place)});
    if !edit.replacement.is_empty() {
        insert(&mut replacement, "insertedContent", text(edit.replacement.as_str()));
    }
    replacement
}

/// What the finding says of patients, as in `gl.findings/1`.
fn properties(about: &About) -> Value {
    let rules = about
        .rules
        .iter()
        .map(|(rule, statements)| json!({"rule": rule, "statements": statements}));
    let mut properties = json!({
        "witness": super::json::witness(about),
        "as_of": about.as_of,
        "action": about.action,
        "kind": about.kind,
        "status": about.status,
        "rules": rules.collect::<Vec<_>>(),
    });
    if about.perhaps_smaller {
        insert(&mut properties, "perhaps_smaller", Value::from(true));
    }
    properties
}

fn insert(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

/// The path without `.` and `..`.
fn plain(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The path as part of an address.
fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
