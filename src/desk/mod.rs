//! The author's desk: what an editor asks about a project, answered as plain data.
//!
//! In: the texts of a project, some of them open in an editor and half written. Out: findings, names, completions and the like,
//! as plain data with spans.
//! Must not know: the protocol of an editor, the file system, threads.
//!
//! A [`Desk`] holds the texts; an [`Analysis`] is what is known of them at one moment and never changes, so that it can be
//! handed to another thread. Every answer is a function of an analysis and a place.

pub mod actions;
pub mod cases;
pub mod complete;
pub mod describe;
pub mod hints;
pub mod names;
pub mod outline;
pub mod positions;
pub mod rename;
pub mod tokens;

use crate::ast::Item;
use crate::codes;
use crate::diagnostic::{Diagnostic, Severity, sort};
use crate::eval::settle::Inference;
use crate::load::{Cache, Files, Loaded, ReadError, load_again};
use crate::policy;
use crate::source::{FileId, SourceFile, Span};
use crate::suite::{self, Case, CaseResult};
use names::Names;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// A project as an editor sees it: files on disk, some of them hidden by what is being written.
pub struct Desk {
    /// Reads files that are not open.
    closed: Box<dyn Files>,
    /// The `.gl` files of the project that lie on disk.
    paths: BTreeSet<String>,
    /// The texts of open files.
    open: BTreeMap<String, String>,
    /// Trees of the last analysis.
    cache: Cache,
    /// The analysis of the texts as they are; none where they changed since.
    current: Option<Arc<Analysis>>,
    /// What the verifier found last, and in which texts.
    conflicts: Option<Conflicts>,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk")
            .field("paths", &self.paths)
            .field("open", &self.open.keys())
            .finish_non_exhaustive()
    }
}

/// Everything that is known of the texts at one moment, the verifier's answers excepted.
#[derive(Debug)]
pub struct Analysis {
    /// Texts, trees, library and findings of reading.
    pub loaded: Loaded,
    /// The cases that can be run.
    pub cases: Vec<Case>,
    /// What is wrong with cases.
    of_cases: Vec<Diagnostic>,
    /// Looked up when first asked for.
    names: OnceLock<Names>,
    inference: OnceLock<Inference>,
    /// What came of the cases that were run.
    results: Vec<OnceLock<CaseResult>>,
}

/// What the verifier found in some texts.
#[derive(Debug)]
struct Conflicts {
    analysis: Arc<Analysis>,
    found: Vec<Diagnostic>,
}

/// Findings, and whether the verifier has looked at these very texts.
#[derive(Debug)]
pub struct Report {
    /// In the order of files and places.
    pub findings: Vec<Diagnostic>,
    /// Whether they are all; else those of the verifier are of an earlier text, moved to where their places are now.
    pub complete: bool,
}

impl Desk {
    /// A project without open files.
    pub fn new(closed: Box<dyn Files>, paths: impl IntoIterator<Item = String>) -> Self {
        Desk {
            closed,
            paths: paths.into_iter().collect(),
            open: BTreeMap::new(),
            cache: Cache::default(),
            current: None,
            conflicts: None,
        }
    }

    /// Takes note that files on disk may have changed: there are these now, and this reads them.
    pub fn refresh(&mut self, closed: Box<dyn Files>, paths: impl IntoIterator<Item = String>) {
        self.closed = closed;
        self.paths = paths.into_iter().collect();
        self.current = None;
    }

    /// Puts the text of an open file in place of what lies on disk, or of what was open before.
    pub fn open(&mut self, path: &str, text: String) {
        self.open.insert(path.to_owned(), text);
        self.current = None;
    }

    /// Goes back to what lies on disk.
    pub fn close(&mut self, path: &str) {
        self.open.remove(path);
        self.current = None;
    }

    /// The text of an open file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.open.get(path).map(String::as_str)
    }

    /// Whether no file is open.
    pub fn is_idle(&self) -> bool {
        self.open.is_empty()
    }

    /// Whether the texts changed since they were looked at.
    pub fn is_stale(&self) -> bool {
        self.current.is_none()
    }

    /// What is known of the texts as they are now.
    pub fn analysis(&mut self) -> Arc<Analysis> {
        if let Some(current) = &self.current {
            return current.clone();
        }
        let files = Overlay {
            open: &self.open,
            closed: self.closed.as_ref(),
        };
        let paths = self.project_paths();
        let loaded = load_again(&files, &paths, &mut self.cache);
        let (cases, of_cases) = suite::cases(&loaded);
        let analysis = Arc::new(Analysis {
            loaded,
            results: cases.iter().map(|_| OnceLock::new()).collect(),
            cases,
            of_cases,
            names: OnceLock::new(),
            inference: OnceLock::new(),
        });
        self.current = Some(analysis.clone());
        analysis
    }

    /// The paths of all files of the project, open ones included.
    fn project_paths(&self) -> Vec<String> {
        let paths: BTreeSet<&String> = self.paths.iter().chain(self.open.keys()).collect();
        paths.into_iter().cloned().collect()
    }

    /// Takes what the verifier found in an analysis.
    pub fn verified(&mut self, analysis: Arc<Analysis>, found: Vec<Diagnostic>) {
        self.conflicts = Some(Conflicts { analysis, found });
    }

    /// All findings, as `gl check` reports them; `level` gives the severity that the project wants for a finding in a file.
    pub fn report(&mut self, level: &dyn Fn(&str, &Diagnostic) -> Option<Severity>) -> Report {
        let analysis = self.analysis();
        let mut found = analysis.findings();
        let has_errors = analysis.loaded.has_errors();
        let verified = self.conflicts.as_ref().filter(|c| Arc::ptr_eq(&c.analysis, &analysis));
        let complete = has_errors || verified.is_some();
        match (&self.conflicts, verified) {
            _ if has_errors => {}
            (_, Some(conflicts)) => found.extend(conflicts.found.iter().cloned()),
            (Some(earlier), None) => found.extend(moved(earlier, &analysis)),
            (None, None) => {}
        }
        let mut findings = policy::apply(&analysis.loaded, found, level, &|code| {
            codes::find(code).map_err(|unknown| unknown.closest)
        });
        if !complete {
            // What is allowed may be something that the verifier has yet to find.
            findings.retain(|finding| !std::ptr::eq(finding.code, &policy::errors::UNUSED_ALLOW));
        }
        Report { findings, complete }
    }
}

impl Analysis {
    /// What reading, types and cases give to say.
    pub fn findings(&self) -> Vec<Diagnostic> {
        let mut found = self.loaded.diagnostics.clone();
        found.extend(self.of_cases.iter().cloned());
        sort(&mut found);
        found
    }

    /// What every name stands for.
    pub fn names(&self) -> &Names {
        self.names.get_or_init(|| Names::new(&self.loaded))
    }

    /// What follows from what, for running cases; only to be used where there is no error.
    pub fn inference(&self) -> &Inference {
        self.inference.get_or_init(|| Inference::new(&self.loaded.library))
    }

    /// The declarations of a file.
    pub fn items(&self, file: FileId) -> &[Item] {
        let tree = self.loaded.trees.iter().find(|tree| tree.file == file);
        tree.map_or(&[], |tree| &tree.tree.items)
    }

    /// The declaration in which a byte stands.
    pub fn item(&self, file: FileId, byte: usize) -> Option<&Item> {
        let byte = u32::try_from(byte).ok()?;
        let items = self.items(file);
        let after = items.partition_point(|item| item.span().start <= byte);
        let item = items.get(..after)?.last()?;
        (byte <= item.span().end).then_some(item)
    }

    /// The text of a file.
    pub fn text(&self, file: FileId) -> &str {
        self.loaded.sources.get(file).map_or("", SourceFile::text)
    }

    /// The file at a path.
    pub fn file(&self, path: &str) -> Option<FileId> {
        let at = self.loaded.trees.binary_search_by(|tree| tree.path.as_str().cmp(path)).ok()?;
        self.loaded.trees.get(at).map(|tree| tree.file)
    }
}

/// Open texts before those on disk.
struct Overlay<'a> {
    open: &'a BTreeMap<String, String>,
    closed: &'a dyn Files,
}

impl Files for Overlay<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        match self.open.get(path) {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => self.closed.read(path),
        }
    }
}

/// Findings of an earlier text at the places where their texts stand now; what was changed itself is left out.
fn moved<'a>(earlier: &'a Conflicts, now: &'a Analysis) -> impl Iterator<Item = Diagnostic> + 'a {
    let before = &earlier.analysis.loaded.sources;
    let windows: Vec<Option<(FileId, Window)>> = before
        .iter()
        .map(|(_, old)| {
            let file = now.file(old.name())?;
            Some((file, Window::between(old, now.loaded.sources.get(file)?)))
        })
        .collect();
    let place = move |span: Span| {
        let (file, window) = windows.get(span.file.index())?.as_ref()?;
        window.moved(span, *file)
    };
    earlier.found.iter().filter_map(move |finding| {
        let mut finding = finding.clone();
        for label in &mut finding.labels {
            label.span = place(label.span)?;
        }
        for edit in finding.fixes.iter_mut().flat_map(|fix| &mut fix.edits) {
            edit.span = place(edit.span)?;
        }
        Some(finding)
    })
}

/// The part of a text that was replaced.
struct Window {
    /// Where the texts begin to differ.
    start: u32,
    /// Where they are the same again, in the earlier text.
    end: u32,
    /// How far everything behind has moved.
    by: i64,
}

impl Window {
    fn between(old: &SourceFile, new: &SourceFile) -> Window {
        let (old, new) = (old.text().as_bytes(), new.text().as_bytes());
        let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        let most = old.len().min(new.len()) - start;
        let same = old
            .iter()
            .rev()
            .zip(new.iter().rev())
            .take(most)
            .take_while(|(a, b)| a == b)
            .count();
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Window {
            start: clamp(start),
            end: clamp(old.len() - same),
            by: new.len() as i64 - old.len() as i64,
        }
    }

    fn moved(&self, span: Span, file: FileId) -> Option<Span> {
        if span.end <= self.start {
            return Some(Span { file, ..span });
        }
        let shift = |byte: u32| u32::try_from(i64::from(byte) + self.by).ok();
        // A span around the change is still the same declaration; one that the change cuts is not.
        if span.start >= self.end || span.start < self.start {
            let start = if span.start >= self.end {
                shift(span.start)?
            } else {
                span.start
            };
            return (span.end >= self.end).then_some(Span {
                file,
                start,
                end: shift(span.end)?,
            });
        }
        None
    }
}
