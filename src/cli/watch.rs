//! `--watch`: the same again whenever a file changes.

use super::project::{configured, default_folder, reason};
use super::{Context, Exit};
use notify_debouncer_full::notify::{EventKind, RecursiveMode};
use notify_debouncer_full::{DebouncedEvent, new_debouncer};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::Duration;

/// How long files must have been left alone. Editors write in several steps.
const QUIET: Duration = Duration::from_millis(150);

/// Runs at once, and again whenever a file of the call changes; ends only when it is ended, or can no longer watch.
pub(super) fn watch(paths: &[PathBuf], cx: &Context, run: &dyn Fn() -> Exit) -> Exit {
    let refuse = |message: String| {
        cx.complain(&message);
        Exit::Invalid
    };
    let (sender, events) = channel();
    let mut watcher = match new_debouncer(QUIET, None, sender) {
        Ok(watcher) => watcher,
        Err(error) => return refuse(format!("files cannot be watched: {error}")),
    };
    let folders = match folders(paths) {
        Ok(folders) => folders,
        Err(message) => return refuse(message),
    };
    for folder in &folders {
        if let Err(error) = watcher.watch(folder, RecursiveMode::Recursive) {
            return refuse(format!("`{}` cannot be watched: {error}", folder.display()));
        }
    }
    let names: Vec<String> = folders.iter().map(|folder| shown(folder)).collect();
    cx.say(&format!("watching {}; Ctrl-C ends it", names.join(", ")));
    run();
    while cx.is_open() {
        let changed = match events.recv() {
            Ok(Ok(events)) => changed(&events),
            Ok(Err(errors)) => {
                let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
                return refuse(format!("files can no longer be watched: {}", errors.join("; ")));
            }
            Err(_) => return refuse("files can no longer be watched".to_owned()),
        };
        if !changed.is_empty() {
            let names: Vec<&str> = changed.iter().map(String::as_str).collect();
            cx.say(&format!("changed: {}", names.join(", ")));
            run();
        }
    }
    Exit::Clean
}

/// The folders in which everything lies that a call can read, without those inside others.
fn folders(paths: &[PathBuf]) -> Result<BTreeSet<PathBuf>, String> {
    let default = [default_folder()];
    let paths = if paths.is_empty() { &default } else { paths };
    let mut all = BTreeSet::new();
    for path in paths {
        let absolute =
            fs::canonicalize(path).map_err(|error| format!("`{}` cannot be read: {}", path.display(), reason(&error)))?;
        let folder = if absolute.is_dir() {
            absolute.as_path()
        } else {
            absolute.parent().unwrap_or(&absolute)
        };
        all.insert(configured(folder).unwrap_or(folder).to_path_buf());
    }
    let is_inside = |folder: &PathBuf| all.iter().any(|other| other != folder && folder.starts_with(other));
    Ok(all.iter().filter(|folder| !is_inside(folder)).cloned().collect())
}

/// The names of the files that matter among those of the events.
fn changed(events: &[DebouncedEvent]) -> BTreeSet<String> {
    let events = events.iter().filter(|event| !matches!(event.kind, EventKind::Access(_)));
    let paths = events.flat_map(|event| &event.paths);
    paths.filter(|path| matters(path)).map(|path| shown(path)).collect()
}

/// Guidelines, cases, lists of statements, and the configuration; not what is written beside them for a moment.
fn matters(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_ours = name == "gl.toml" || name.ends_with(".gl") || name.ends_with(".csv");
    is_ours && !name.starts_with('.')
}

/// The path from the current folder, where it lies below it.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().and_then(fs::canonicalize).unwrap_or_default();
    match path.strip_prefix(&here) {
        Ok(below) if below.as_os_str().is_empty() => "the current folder".to_owned(),
        Ok(below) => below.display().to_string(),
        Err(_) => path.display().to_string(),
    }
}
