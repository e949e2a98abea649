//! `gl check --fix` and `--seal`: changes that findings offer and that need no author, and what an author says by the call.

use super::project::DiskFiles;
use super::write::replace_read;
use super::{Context, Exit, IncludeCases};
use crate::diagnostic::{Certainty, Diagnostic, Edit, Fix, Severity, applied};
use crate::load::{self, Files, Loaded, ReadError};
use crate::model::seal::seal;
use crate::model::{Library, SettlementId};
use crate::report::diagnostics::counted;
use crate::suite;
use similar::TextDiff;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What becomes of the changed files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// They are written.
    Write,
    /// What would change is printed, and nothing is written.
    Diff,
}

/// What is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// What findings offer and what can be meant in one way only.
    Mend,
    /// The seals of settlements.
    Seal,
}

/// How often files are read again, since one mended mistake may show the next.
const ROUNDS: usize = 8;

/// Mends what can be mended without asking, in the files of the call; a file in which that would make new errors stays as it is.
///
/// # Errors
///
/// The exit status, once it has been said which file cannot be read or written.
pub(super) fn fix(paths: &[PathBuf], what: What, outcome: Outcome, cx: &Context) -> Result<(), Exit> {
    let project = cx.project(paths, IncludeCases::Yes)?;
    let mut fixing = Fixing {
        disk: &project.files,
        paths: &project.paths,
        what,
        changed: BTreeMap::new(),
        refused: BTreeSet::new(),
        fixes: 0,
    };
    let mut now = fixing.load(None);
    for _ in 0..ROUNDS {
        if !fixing.round(&mut now, cx) {
            break;
        }
    }
    let files = counted(fixing.changed.len(), "file");
    for (path, Mended { read, text }) in &fixing.changed {
        match outcome {
            Outcome::Write => replace_read(Path::new(path), read, text).map_err(|error| {
                cx.complain(&format!("`{path}` {error}"));
                Exit::Invalid
            })?,
            Outcome::Diff => {
                let diff = TextDiff::from_lines(read.as_str(), text.as_str());
                cx.print(&diff.unified_diff().header(path, path).to_string());
            }
        }
    }
    let (changed, done) = match what {
        What::Mend => (counted(fixing.fixes, "finding"), "fixed"),
        What::Seal => (counted(fixing.fixes, "settlement"), "sealed"),
    };
    cx.say(&match outcome {
        Outcome::Write => format!("{changed} {done} in {files}"),
        Outcome::Diff => format!("{changed} would be {done} in {files}"),
    });
    Ok(())
}

struct Fixing<'a> {
    disk: &'a DiskFiles,
    /// The files of the call; what they merely use is not theirs to change.
    paths: &'a [String],
    what: What,
    /// The changed files.
    changed: BTreeMap<String, Mended>,
    /// Files that stay as they are.
    refused: BTreeSet<String>,
    fixes: usize,
}

/// A file as it was read, and as it is to be.
#[derive(Debug)]
struct Mended {
    read: String,
    text: String,
}

/// The library with everything wrong in it.
struct Read {
    loaded: Loaded,
    found: Vec<Diagnostic>,
}

impl Fixing<'_> {
    /// The library with the changes so far, and with one more.
    fn load(&self, more: Option<(&str, &str)>) -> Read {
        let files = Changed {
            disk: self.disk,
            changed: &self.changed,
            more,
        };
        let loaded = load::load(&files, self.paths);
        let cases = suite::cases(&loaded).1;
        let found = loaded.diagnostics.iter().cloned().chain(cases).collect();
        Read { loaded, found }
    }

    /// Mends file by file what `now` offers; whether anything was mended.
    fn round(&mut self, now: &mut Read, cx: &Context) -> bool {
        let mut any = false;
        for (path, text, fixes) in self.offers(now) {
            let then = self.load(Some((&path, &text)));
            let worse = new_errors(now, &then);
            if worse.is_empty() {
                self.fixes += fixes;
                match self.changed.entry(path) {
                    Entry::Occupied(mut mended) => mended.get_mut().text = text,
                    Entry::Vacant(free) => {
                        let read = text_of(&now.loaded, free.key()).to_owned();
                        free.insert(Mended { read, text });
                    }
                }
                *now = then;
                any = true;
            } else {
                cx.report(&then.loaded.sources, &worse);
                cx.complain(&format!("`{path}` stays as it is: mended, it would have the errors above"));
                self.refused.insert(path);
            }
        }
        any
    }

    /// What should be changed, as far as it is known yet.
    fn wanted(&self, now: &Read) -> Vec<Fix> {
        match self.what {
            What::Mend => now.found.iter().filter_map(Diagnostic::sure_fix).cloned().collect(),
            What::Seal => seals(&now.loaded.library),
        }
    }

    /// The files that would change, with their new text and how many findings that mends.
    fn offers(&self, now: &Read) -> Vec<(String, String, usize)> {
        let mut edits: BTreeMap<String, (Vec<Edit>, usize)> = BTreeMap::new();
        for fix in self.wanted(now) {
            let Some(first) = fix.edits.first().map(|edit| edit.span.file) else {
                continue;
            };
            let Some(file) = now.loaded.sources.get(first) else { continue };
            let is_ours = self.paths.iter().any(|path| path == file.name()) && !self.refused.contains(file.name());
            if !is_ours || fix.edits.iter().any(|edit| edit.span.file != first) {
                continue;
            }
            let (taken, fixes) = edits.entry(file.name().to_owned()).or_default();
            // What overlaps waits for the next round.
            if fix.edits.iter().all(|edit| taken.iter().all(|other| are_apart(edit, other))) {
                taken.extend(fix.edits.iter().cloned());
                *fixes += 1;
            }
        }
        edits
            .into_iter()
            .filter_map(|(path, (edits, fixes))| {
                let changed = applied(text_of(&now.loaded, &path), edits)?;
                Some((path, changed, fixes))
            })
            .collect()
    }
}

/// The text of a file as it was loaded.
fn text_of<'a>(loaded: &'a Loaded, path: &str) -> &'a str {
    let file = loaded.sources.iter().find(|(_, file)| file.name() == path);
    file.map_or("", |(_, file)| file.text())
}

/// The seal of each settlement that has none, or another one.
fn seals(library: &Library) -> Vec<Fix> {
    let all = (0..library.settlements.len()).map(SettlementId::from_index);
    let wanted = all.filter_map(|id| {
        let seal = seal(library, id);
        let settlement = &library[id];
        let (span, replacement) = match &settlement.sealed {
            Some((written, _)) if *written == seal => return None,
            Some((_, span)) => (*span, format!("\"{seal}\"")),
            None => (settlement.decided.after(), format!("\n  sealed \"{seal}\"")),
        };
        Some(Fix {
            title: "seal the settlement".to_owned(),
            edits: vec![Edit { span, replacement }],
            certainty: Certainty::Sure,
        })
    });
    wanted.collect()
}

fn are_apart(one: &Edit, other: &Edit) -> bool {
    let (a, b) = (one.span, other.span);
    (a.end <= b.start || b.end <= a.start) && a.start != b.start
}

/// The errors that are there then and not now.
fn new_errors(now: &Read, then: &Read) -> Vec<Diagnostic> {
    let mut known: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for error in errors(now) {
        *known.entry((error.code.number, error.message.as_str())).or_default() += 1;
    }
    let mut new = Vec::new();
    for error in errors(then) {
        match known.get_mut(&(error.code.number, error.message.as_str())) {
            Some(left) if *left > 0 => *left -= 1,
            _ => new.push(error.clone()),
        }
    }
    new
}

fn errors(read: &Read) -> impl Iterator<Item = &Diagnostic> {
    read.found.iter().filter(|d| d.severity == Severity::Error)
}

/// The files on disk under what has changed.
struct Changed<'a> {
    disk: &'a DiskFiles,
    changed: &'a BTreeMap<String, Mended>,
    more: Option<(&'a str, &'a str)>,
}

impl Files for Changed<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let more = self.more.filter(|(changed, _)| *changed == path).map(|(_, text)| text);
        match more.or(self.changed.get(path).map(|mended| mended.text.as_str())) {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => self.disk.read(path),
        }
    }
}
