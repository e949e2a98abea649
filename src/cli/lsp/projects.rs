//! Which project an open file belongs to, and the reading of its other files.

use super::uris::{name_of, path_of, uri_of};
use crate::cli::config::Config;
use crate::cli::project::{self, DiskFiles, IncludeCases, Problem, configured};
use crate::desk::cases::{Choice, Evaluated};
use crate::desk::{Analysis, Desk, Report};
use crate::diagnostic::{Diagnostic, Severity};
use crate::load::{Files, ReadError};
use crate::source::Sources;
use gen_lsp_types as lsp;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What holds files together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Home {
    /// The folder of a `gl.toml`, or one that the editor has open.
    Folder(PathBuf),
    /// A file by itself, with what it uses.
    Alone(String),
}

/// A project with its decisions about findings.
#[derive(Debug)]
pub(super) struct Project {
    pub(super) desk: Desk,
    pub(super) config: Option<Config>,
    /// What is wrong with `gl.toml`, and its text.
    pub(super) of_config: (Sources, Vec<Diagnostic>),
    /// Why the files of its folder cannot be listed, until the editor's user has been told.
    pub(super) trouble: Option<String>,
    /// What the user was told of that.
    told: Option<String>,
    /// The findings as they were last reported, and of which texts.
    pub(super) findings: Vec<Diagnostic>,
    looked_at: Option<Arc<Analysis>>,
    /// Whether the verifier has had its say about them.
    pub(super) is_complete: bool,
    /// The patient that was chosen, and what the rules said of it, of which texts.
    choice: Option<Choice>,
    evaluated: Option<(Arc<Analysis>, Option<Arc<Evaluated>>)>,
    /// What the editor was told, by address, with the version it was told of.
    pub(super) published: BTreeMap<String, Published>,
}

/// What the editor was told of one text.
pub(super) type Published = (Option<i32>, Vec<lsp::Diagnostic>);

/// A file that the editor has open.
#[derive(Debug, Clone)]
pub(super) struct Document {
    pub(super) home: Home,
    /// The name of the text in its project.
    pub(super) path: String,
    pub(super) version: i32,
}

/// Everything that is open.
#[derive(Debug, Default)]
pub(super) struct Projects {
    /// The folders of the editor: their real paths, and their paths as the editor gave them.
    folders: Vec<(PathBuf, PathBuf)>,
    pub(super) all: BTreeMap<Home, Project>,
    /// By the editor's address.
    pub(super) documents: BTreeMap<String, Document>,
}

impl Projects {
    /// Opens the projects of a folder.
    pub(super) fn add_folder(&mut self, uri: &str) {
        let Some(given) = path_of(uri) else { return };
        let Ok(real) = fs::canonicalize(&given) else { return };
        let homes: BTreeSet<Home> = match project::find(std::slice::from_ref(&real), IncludeCases::Yes) {
            Ok(found) => found.paths.iter().map(|path| home_in(Path::new(path), &real)).collect(),
            Err(Problem::Nothing(_)) => BTreeSet::new(),
            // The project has no file then, and says why.
            Err(Problem::Usage(_)) => BTreeSet::from([Home::Folder(configured(&real).unwrap_or(&real).to_path_buf())]),
        };
        self.folders.push((real, given));
        homes.into_iter().for_each(|home| self.ensure(&home));
    }

    /// Forgets a folder; what is open in it stays.
    pub(super) fn remove_folder(&mut self, uri: &str) {
        let gone = path_of(uri);
        self.folders.retain(|(_, given)| Some(given) != gone.as_ref());
    }

    /// Opens a file.
    pub(super) fn open(&mut self, uri: &str, version: i32, text: String) {
        let (home, path) = self.place(uri);
        self.ensure(&home);
        if let Some(project) = self.all.get_mut(&home) {
            project.refresh(&home);
            project.desk.open(&path, text);
        }
        self.documents.insert(uri.to_owned(), Document { home, path, version });
    }

    /// Closes a file; gives the addresses of a project that is gone with it.
    pub(super) fn close(&mut self, uri: &str) -> Vec<String> {
        let Some(Document { home, path, .. }) = self.documents.remove(uri) else {
            return Vec::new();
        };
        // By another address the same text may still be open.
        if self.documents.values().any(|other| other.home == home && other.path == path) {
            return Vec::new();
        }
        let Some(project) = self.all.get_mut(&home) else {
            return Vec::new();
        };
        project.desk.close(&path);
        project.refresh(&home);
        let is_kept = match &home {
            Home::Folder(root) => self
                .folders
                .iter()
                .any(|(open, _)| root.starts_with(open) || open.starts_with(root)),
            Home::Alone(_) => false,
        };
        if is_kept || !project.desk.is_idle() {
            return Vec::new();
        }
        let gone = self.all.remove(&home).map(|project| project.published).unwrap_or_default();
        gone.into_keys().collect()
    }

    /// Takes note that files on disk have changed.
    pub(super) fn refresh(&mut self) {
        for (home, project) in &mut self.all {
            project.refresh(home);
        }
    }

    /// The address of a text: as the editor has it open, else as it lies under one of its folders.
    pub(super) fn uri(&self, home: &Home, path: &str) -> String {
        let open = self.documents.iter().find(|(_, d)| d.path == path && d.home == *home);
        if let Some((uri, _)) = open {
            return uri.clone();
        }
        let below = |(real, given): &(PathBuf, PathBuf)| {
            let rest = Path::new(path).strip_prefix(real).ok()?;
            Some(name_of(&given.join(rest)))
        };
        uri_of(&self.folders.iter().find_map(below).unwrap_or_else(|| path.to_owned()))
    }

    fn ensure(&mut self, home: &Home) {
        if !self.all.contains_key(home) {
            self.all.insert(home.clone(), Project::new(home));
        }
    }

    /// The project of an address and the name of its text there, whether it is open or not.
    pub(super) fn find(&self, uri: &str) -> (Home, String) {
        match self.documents.get(uri) {
            Some(Document { home, path, .. }) => (home.clone(), path.clone()),
            None => self.place(uri),
        }
    }

    /// The project of an address, and the name of its text there.
    fn place(&self, uri: &str) -> (Home, String) {
        let Some(path) = path_of(uri) else {
            return (Home::Alone(uri.to_owned()), uri.to_owned());
        };
        let real = real(&path);
        let name = name_of(&real);
        let folder = real.parent().unwrap_or(&real);
        let open = || self.folders.iter().map(|(real, _)| real).find(|root| real.starts_with(root));
        let home = match configured(folder).or_else(|| open().map(PathBuf::as_path)) {
            Some(root) => Home::Folder(root.to_path_buf()),
            None => Home::Alone(name.clone()),
        };
        (home, name)
    }
}

/// The path without links; of a file that does not exist yet, its folder without links.
fn real(path: &Path) -> PathBuf {
    if let Ok(real) = fs::canonicalize(path) {
        return real;
    }
    let folder = path.parent().and_then(|folder| fs::canonicalize(folder).ok());
    match (folder, path.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => path.to_path_buf(),
    }
}

/// The project of a file below a folder that the editor has open.
fn home_in(path: &Path, open: &Path) -> Home {
    let folder = path.parent().unwrap_or(path);
    Home::Folder(configured(folder).unwrap_or(open).to_path_buf())
}

impl Project {
    fn new(home: &Home) -> Self {
        let mut project = Project {
            desk: Desk::new(Box::new(DiskFiles::default()), Vec::new()),
            config: None,
            of_config: (Sources::new(), Vec::new()),
            trouble: None,
            told: None,
            findings: Vec::new(),
            looked_at: None,
            is_complete: false,
            choice: None,
            evaluated: None,
            published: BTreeMap::new(),
        };
        project.refresh(home);
        project
    }

    /// Looks at the disk again.
    fn refresh(&mut self, home: &Home) {
        let path = match home {
            Home::Folder(folder) => folder.clone(),
            Home::Alone(file) => PathBuf::from(file),
        };
        let found = project::find(std::slice::from_ref(&path), IncludeCases::Yes);
        self.take_note(home, found.as_ref().err());
        let (files, paths) = match found {
            Ok(found) => (found.files, found.paths),
            Err(_) => {
                let folder = match home {
                    Home::Folder(folder) => folder,
                    Home::Alone(_) => path.parent().unwrap_or(&path),
                };
                (DiskFiles::within(folder.to_path_buf()), Vec::new())
            }
        };
        // A folder inside with a `gl.toml` of its own is another project.
        let own = |file: &String| match home {
            Home::Folder(root) => home_in(Path::new(file), root) == *home,
            Home::Alone(_) => true,
        };
        let paths: Vec<String> = paths.into_iter().filter(own).map(|path| name_of(Path::new(&path))).collect();
        self.desk.refresh(Box::new(Kept::new(files)), paths);
        if let Home::Folder(root) = home {
            let mut sources = Sources::new();
            let (config, found) = match Config::read(root, &mut sources) {
                Ok(config) => (config, Vec::new()),
                Err(found) => (None, found),
            };
            self.config = config;
            self.of_config = (sources, found);
        }
    }

    /// Remembers what keeps the files of a folder from being listed, so that it is said once, and again if it comes back.
    fn take_note(&mut self, home: &Home, problem: Option<&Problem>) {
        let now = match (home, problem) {
            (Home::Folder(_), Some(Problem::Usage(message))) => Some(message.clone()),
            // An empty folder, or a file that is not saved yet, is where everybody begins.
            _ => None,
        };
        if now != self.told {
            self.trouble.clone_from(&now);
            self.told = now;
        }
    }

    /// Whether the findings are those of the texts as they are now.
    pub(super) fn is_reported(&mut self) -> bool {
        let looked_at = self.looked_at.as_ref();
        !self.desk.is_stale() && looked_at.is_some_and(|analysis| Arc::ptr_eq(analysis, &self.desk.analysis()))
    }

    pub(super) fn looked_at(&mut self, analysis: Arc<Analysis>, report: Report) {
        self.looked_at = Some(analysis);
        self.findings = report.findings;
        self.is_complete = report.complete;
    }

    /// Takes a patient to look at the rules with, or nobody.
    pub(super) fn choose(&mut self, choice: Option<Choice>) {
        self.choice = choice;
        self.evaluated = None;
    }

    /// What the rules as they are now say of the patient that was chosen.
    pub(super) fn evaluated(&mut self) -> Option<Arc<Evaluated>> {
        let choice = self.choice.as_ref()?;
        let analysis = self.desk.analysis();
        match &self.evaluated {
            Some((of, evaluated)) if Arc::ptr_eq(of, &analysis) => evaluated.clone(),
            _ => {
                let evaluated = analysis.evaluate(choice).ok().map(Arc::new);
                self.evaluated = Some((analysis, evaluated.clone()));
                evaluated
            }
        }
    }

    /// The severity that the project wants for a finding.
    pub(super) fn level(config: Option<&Config>, path: &str, finding: &Diagnostic) -> Option<Severity> {
        config.and_then(|config| config.level(path, finding.code))
    }
}

/// Files of the disk, each read once.
struct Kept {
    disk: DiskFiles,
    read: RefCell<BTreeMap<String, Result<Vec<u8>, ReadError>>>,
}

impl Kept {
    fn new(disk: DiskFiles) -> Self {
        Kept {
            disk,
            read: RefCell::default(),
        }
    }
}

impl Files for Kept {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let mut read = self.read.borrow_mut();
        read.entry(path.to_owned()).or_insert_with(|| self.disk.read(path)).clone()
    }
}
