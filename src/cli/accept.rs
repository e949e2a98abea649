//! `gl test --accept`: failing cases get expectations that say what the interpreter says.

use super::project::Project;
use super::write::replace_read;
use super::{Context, Exit};
use crate::diagnostic::Severity;
use crate::eval::settle::Inference;
use crate::load::{self, Files, Loaded, ReadError};
use crate::report::diagnostics::counted;
use crate::report::escape::one_line;
use crate::suite::accept::{Accepted, accept};
use crate::suite::{self, Case};
use similar::TextDiff;
use std::collections::BTreeMap;
use std::path::Path;

/// Rewrites the failing cases in the files of the call, and prints what changes.
///
/// A case whose record is in error stays as it is, and so does a file in which a case would still fail.
///
/// # Errors
///
/// The exit status, once it has been said which file changed meanwhile, or cannot be written.
pub(super) fn run(project: &Project, loaded: &Loaded, failing: &[&Case], cx: &Context) -> Result<Exit, Exit> {
    let (ours, used): (Vec<&Case>, Vec<&Case>) = failing.iter().partition(|case| project.paths.contains(&case.path));
    let Accepted { files, left } = accept(loaded, &ours);
    let mut left: Vec<&str> = left.iter().map(String::as_str).collect();
    for case in used {
        cx.say(&format!(
            "`{}` stays as it is: it stands in {}, which this call only uses",
            one_line(&case.title),
            one_line(&case.path)
        ));
        left.push(&case.title);
    }
    for title in ours
        .iter()
        .map(|case| case.title.as_str())
        .filter(|title| left.contains(title))
    {
        cx.say(&format!("`{}` stays as it is: its record is in error", one_line(title)));
    }
    let (mut cases, mut changed) = (0, 0);
    for (path, (text, titles)) in &files {
        if !passes(project, path, text, titles) {
            cx.complain(&format!(
                "`{}` stays as it is: rewritten, its cases would not pass",
                one_line(path)
            ));
            left.extend(titles.iter().map(String::as_str));
            continue;
        }
        let old = loaded.sources.iter().find(|(_, file)| file.name() == path);
        let old = old.map_or("", |(_, file)| file.text());
        if let Err(error) = replace_read(Path::new(path), old, text) {
            cx.complain(&format!("`{}` {error}", one_line(path)));
            return Err(Exit::Invalid);
        }
        let diff = TextDiff::from_lines(old, text);
        cx.print(&diff.unified_diff().header(path, path).to_string());
        cases += titles.len();
        changed += 1;
    }
    let rest = match left.len() {
        0 => String::new(),
        left => format!("; {} left", counted(left, "case")),
    };
    cx.say(&format!(
        "{} accepted in {}{rest}",
        counted(cases, "case"),
        counted(changed, "file")
    ));
    Ok(if left.is_empty() { Exit::Clean } else { Exit::Findings })
}

/// Whether the cases pass once the file has the new text.
fn passes(project: &Project, path: &str, text: &str, titles: &[String]) -> bool {
    let files = With {
        project,
        changed: BTreeMap::from([(path, text)]),
    };
    let loaded = load::load(&files, &project.paths);
    let (cases, found) = suite::cases(&loaded);
    if loaded.has_errors() || found.iter().any(|d| d.severity == Severity::Error) {
        return false;
    }
    let inference = Inference::new(&loaded.library);
    let mut ours = cases.iter().filter(|case| case.path == path && titles.contains(&case.title));
    ours.all(|case| suite::run(&loaded, &inference, case).failures.is_empty())
}

/// The files on disk under new texts.
struct With<'a> {
    project: &'a Project,
    changed: BTreeMap<&'a str, &'a str>,
}

impl Files for With<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        match self.changed.get(path) {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => self.project.files.read(path),
        }
    }
}
