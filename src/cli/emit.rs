//! `gl check --emit-case`: where the cases of findings go.

use super::{Context, Exit, project, write};
use crate::diagnostic::Diagnostic;
use crate::load::Loaded;
use crate::report::diagnostics::counted;
use crate::suite::emit::{FIRST_LINE, emit};
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Component, Path, PathBuf};

/// Where cases go.
pub(super) enum Target {
    /// Standard output, which then holds nothing else.
    Stdout,
    /// A file that there is not yet, or that an earlier call wrote.
    File(PathBuf),
}

/// The name of the file in a folder.
const NAME: &str = "findings.cases.gl";

/// Where the cases go, and the folder from which they reach the guidelines, as the library names it.
///
/// # Errors
///
/// The exit status, once it has been said what is wrong with the path.
pub(super) fn target(path: &Path, loaded: &Loaded, cx: &Context) -> Result<(Target, String), Exit> {
    find(path, loaded).map_err(|message| {
        cx.complain(&message);
        Exit::Invalid
    })
}

fn find(path: &Path, loaded: &Loaded) -> Result<(Target, String), String> {
    let files = &loaded.library.files;
    let folders: BTreeSet<&str> = files
        .iter()
        .filter(|f| f.guideline.is_some())
        .map(|f| f.folder.as_str())
        .collect();
    if path.as_os_str() == "-" {
        let first = folders.first().copied().unwrap_or_default();
        return Ok((Target::Stdout, first.to_owned()));
    }
    let file: PathBuf = if path.is_dir() { path.join(NAME) } else { path.to_path_buf() };
    let file: PathBuf = file.components().filter(|part| *part != Component::CurDir).collect();
    let shown = file.display();
    let Some(subject) = file
        .file_name()
        .and_then(|n| n.to_str())
        .and_then(|n| n.strip_suffix(".cases.gl"))
    else {
        return Err(format!(
            "`{shown}` cannot hold cases; name a folder, or a file that ends in `.cases.gl`"
        ));
    };
    let beside = file.with_file_name(format!("{subject}.gl"));
    if beside.exists() {
        return Err(format!(
            "cases in `{shown}` run `{subject}` alone, and findings are about several guidelines; choose another name"
        ));
    }
    let folder = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    };
    let folder =
        fs::canonicalize(&folder).map_err(|error| format!("`{shown}` cannot be written: {}", project::reason(&error)))?;
    let is_here = |name: &&&str| {
        let path = if name.is_empty() { "." } else { **name };
        fs::canonicalize(path).is_ok_and(|path| path == folder)
    };
    let Some(here) = folders.iter().find(is_here) else {
        let places: Vec<String> = folders
            .iter()
            .map(|name| {
                if name.is_empty() {
                    "the current folder".to_owned()
                } else {
                    format!("`{name}`")
                }
            })
            .collect();
        return Err(format!(
            "cases in `{shown}` would not reach the guidelines, which are in {}; write them there",
            places.join(", ")
        ));
    };
    if let Ok(text) = fs::read_to_string(&file)
        && !text.starts_with(FIRST_LINE)
    {
        return Err(format!("`{shown}` exists and was not written by gl; choose another name"));
    }
    Ok((Target::File(file), (*here).to_owned()))
}

/// Writes the cases, and says how many there are.
///
/// # Errors
///
/// The exit status, once it has been said why the file cannot be written.
pub(super) fn write(
    (target, folder): &(Target, String),
    loaded: &Loaded,
    findings: &[&Diagnostic],
    cx: &Context,
) -> Result<(), Exit> {
    let emitted = emit(loaded, folder, findings);
    let place = match target {
        // An earlier file may hold cases that still matter.
        Target::File(_) if emitted.cases == 0 => " written".to_owned(),
        Target::Stdout => {
            cx.print(&emitted.text);
            String::new()
        }
        Target::File(path) => {
            let written = if path.exists() {
                write::replace(path, &emitted.text)
            } else {
                let new = fs::OpenOptions::new().write(true).create_new(true).open(path);
                new.and_then(|mut file| file.write_all(emitted.text.as_bytes()))
            };
            if let Err(error) = written {
                cx.complain(&format!(
                    "`{}` cannot be written: {}",
                    path.display(),
                    project::reason(&error)
                ));
                return Err(Exit::Invalid);
            }
            format!(" in `{}`", path.display())
        }
    };
    let left_out = match emitted.left_out {
        0 => String::new(),
        left_out => format!("; {left_out} not written, as a file there does not reach their rules by `use`"),
    };
    cx.say(&format!("{}{place}{left_out}", counted(emitted.cases, "case")));
    Ok(())
}
