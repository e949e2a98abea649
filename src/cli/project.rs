//! Which files a call is about, and the reading of them.

use crate::limits;
use crate::load::{Files, ReadError};
use crate::suggest;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Component, Path, PathBuf};

/// Whether `.cases.gl` files belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum IncludeCases {
    Yes,
    No,
}

/// The files of a call.
#[derive(Debug)]
pub struct Project {
    /// Reads them, and what they use.
    pub files: DiskFiles,
    /// Their paths as messages show them, sorted.
    pub paths: Vec<String>,
}

/// Why there are no files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// A path does not exist or cannot be read.
    Usage(String),
    /// The paths exist, and hold nothing to read.
    Nothing(String),
}

/// The `.gl` files at `paths`; without any, those of the project around the current folder.
///
/// # Errors
///
/// [`Problem`] if there are none.
pub fn find(paths: &[PathBuf], include: IncludeCases) -> Result<Project, Problem> {
    let mut found = Found {
        include,
        files: DiskFiles::default(),
        paths: BTreeMap::new(),
        folders: BTreeSet::new(),
    };
    let default = [default_folder()];
    let paths = if paths.is_empty() { &default } else { paths };
    for path in paths {
        found.add(path)?;
    }
    if found.paths.is_empty() {
        let places: Vec<String> = paths.iter().map(|path| shown(path)).collect();
        let kind = if include == IncludeCases::No {
            "no guideline (.gl file)"
        } else {
            "no .gl file"
        };
        return Err(Problem::Nothing(format!("there is {kind} in {}", places.join(", "))));
    }
    let mut paths: Vec<String> = found.paths.into_values().collect();
    paths.sort();
    Ok(Project {
        files: found.files,
        paths,
    })
}

fn shown(path: &Path) -> String {
    match path.to_str() {
        Some(".") => "the current folder".to_owned(),
        _ => format!("`{}`", path.display()),
    }
}

/// The folder of the nearest `gl.toml` upward, else the current folder.
pub(super) fn default_folder() -> PathBuf {
    let here = PathBuf::from(".");
    let Ok(absolute) = fs::canonicalize(&here) else { return here };
    let steps = absolute.ancestors().position(|folder| folder.join("gl.toml").is_file());
    match steps {
        None | Some(0) => here,
        Some(steps) => std::iter::repeat_n("..", steps).collect(),
    }
}

/// The folder that files in `folder` may not leave: that of the nearest `gl.toml` upward, else `folder`.
fn root_of(folder: &Path) -> PathBuf {
    configured(folder).unwrap_or(folder).to_path_buf()
}

/// The folder of the nearest `gl.toml`, upward from an absolute folder.
pub(super) fn configured(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|f| f.join("gl.toml").is_file())
}

struct Found {
    include: IncludeCases,
    files: DiskFiles,
    /// Display path by absolute path: a file that is named twice is loaded once.
    paths: BTreeMap<PathBuf, String>,
    /// Folders already walked, by absolute path, so that links cannot make a circle.
    folders: BTreeSet<PathBuf>,
}

impl Found {
    fn add(&mut self, path: &Path) -> Result<(), Problem> {
        let absolute = fs::canonicalize(path).map_err(|error| missing(path, &error))?;
        if absolute.is_dir() {
            let root = root_of(&absolute);
            self.files.roots.insert(root.clone());
            return self.walk(path, absolute, &root);
        }
        if !is_guideline(path) {
            let sentence = format!("`{}` is not a .gl file", path.display());
            return Err(Problem::Usage(match path.to_str().and_then(without_txt) {
                Some(name) => format!("{sentence}; rename it to `{name}`"),
                None => sentence,
            }));
        }
        fs::File::open(path).map_err(|error| unreadable(path, &error))?;
        self.files.roots.insert(root_of(absolute.parent().unwrap_or(&absolute)));
        self.files.named.insert(absolute.clone());
        self.push(path, absolute)?;
        let cases = path.with_extension("cases.gl");
        match fs::canonicalize(&cases) {
            Ok(absolute) if self.include == IncludeCases::Yes && !is_cases(path) => self.push(&cases, absolute),
            _ => Ok(()),
        }
    }

    fn walk(&mut self, folder: &Path, absolute: PathBuf, root: &Path) -> Result<(), Problem> {
        if !self.folders.insert(absolute) {
            return Ok(());
        }
        let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(folder, &error))?;
            // Asking where a path leads takes its time, and most files of a large folder are not ours.
            let is_other = entry.file_type().is_ok_and(|ty| ty.is_file()) && !is_guideline(&entry.path());
            if !is_other {
                names.push(entry.file_name());
            }
        }
        names.sort();
        for name in names {
            let is_skipped = name == "target" || name.to_string_lossy().starts_with('.');
            let path = folder.join(&name);
            // A link to nowhere, or one that leads out of the project, is not ours to read.
            let Ok(absolute) = fs::canonicalize(&path) else { continue };
            if is_skipped || !absolute.starts_with(root) {
                continue;
            }
            if absolute.is_dir() {
                self.walk(&path, absolute, root)?;
            } else if is_guideline(&path) {
                self.push(&path, absolute)?;
            }
        }
        Ok(())
    }

    fn push(&mut self, path: &Path, absolute: PathBuf) -> Result<(), Problem> {
        if self.include == IncludeCases::No && is_cases(path) {
            return Ok(());
        }
        let plain: PathBuf = path.components().filter(|c| *c != Component::CurDir).collect();
        let text = plain
            .to_str()
            .ok_or_else(|| Problem::Usage(format!("the name of `{}` is not UTF-8", path.display())))?;
        self.paths.entry(absolute).or_insert_with(|| text.to_owned());
        Ok(())
    }
}

fn is_guideline(path: &Path) -> bool {
    path.extension() == Some(OsStr::new("gl"))
}

pub(super) fn is_cases(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".cases.gl")
}

fn missing(path: &Path, error: &std::io::Error) -> Problem {
    if error.kind() != ErrorKind::NotFound {
        return unreadable(path, error);
    }
    let sentence = format!("there is no file or folder `{}`", path.display());
    // Some editors add an ending of their own, and some systems hide it.
    let with_txt = format!("{}.txt", path.display());
    if without_txt(&with_txt).is_some() && Path::new(&with_txt).is_file() {
        return Problem::Usage(format!("{sentence}, but `{with_txt}`: rename it to `{}`", path.display()));
    }
    match sibling(path) {
        Some(name) => Problem::Usage(format!("{sentence}; did you mean `{}`?", path.with_file_name(name).display())),
        None => Problem::Usage(sentence),
    }
}

/// `fever.gl` for `fever.gl.txt`
fn without_txt(name: &str) -> Option<&str> {
    name.strip_suffix(".txt").filter(|name| name.ends_with(".gl"))
}

/// The name beside `path` that was probably meant.
fn sibling(path: &Path) -> Option<String> {
    let wanted = path.file_name()?.to_str()?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let names = fs::read_dir(folder).ok()?.filter_map(|entry| {
        let entry = entry.ok()?;
        let name = entry.file_name().into_string().ok()?;
        (name.ends_with(".gl") || (entry.path().is_dir() && !name.starts_with('.'))).then_some(name)
    });
    let names: Vec<String> = names.collect();
    let with_ending = format!("{wanted}.gl");
    let exact = names.iter().find(|name| **name == with_ending).map(String::as_str);
    exact
        .or_else(|| suggest::closest(wanted, names.iter().map(String::as_str)))
        .map(str::to_owned)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    Problem::Usage(format!("`{}` cannot be read: {}", path.display(), reason(error)))
}

/// Why something could not be read or written, in words that are the same on every system.
pub(super) fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => error.to_string(),
    }
}

/// Reads files of the disk, and none outside the project.
#[derive(Debug, Default)]
pub struct DiskFiles {
    /// Folders, absolute, that no `use` and no link leads out of.
    roots: BTreeSet<PathBuf>,
    /// Files that were named on the command line, absolute; they may lie anywhere.
    named: BTreeSet<PathBuf>,
}

impl Files for DiskFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let failed = |error: std::io::Error| match error.kind() {
            ErrorKind::NotFound => ReadError::NotFound,
            _ => ReadError::Other(reason(&error)),
        };
        let absolute = fs::canonicalize(path).map_err(failed)?;
        if !self.named.contains(&absolute) && !self.roots.iter().any(|root| absolute.starts_with(root)) {
            return Err(ReadError::Other("it lies outside the project".to_owned()));
        }
        // A pipe or a device might never end.
        if !absolute.is_file() {
            return Err(ReadError::Other("it is not a file".to_owned()));
        }
        let mut bytes = Vec::new();
        // One byte more than allowed is enough to see that a file is too large.
        let most = limits::FILE_BYTES as u64 + 1;
        fs::File::open(&absolute)
            .and_then(|file| file.take(most).read_to_end(&mut bytes))
            .map_err(failed)?;
        Ok(bytes)
    }
}

impl DiskFiles {
    /// Reads the files of one folder, which is absolute.
    pub fn within(root: PathBuf) -> Self {
        DiskFiles {
            roots: BTreeSet::from([root]),
            named: BTreeSet::new(),
        }
    }

    /// The folders that files may not leave.
    pub fn roots(&self) -> impl Iterator<Item = &Path> {
        self.roots.iter().map(PathBuf::as_path)
    }
}

/// Reads a case file, or standard input for `-`, up to the largest size that gl reads.
///
/// # Errors
///
/// What is wrong, in words.
pub fn read_limited(path: &str) -> Result<Vec<u8>, String> {
    let most = u64::try_from(crate::limits::FILE_BYTES).unwrap_or(u64::MAX) + 1;
    let mut bytes = Vec::new();
    let read = if path == "-" {
        std::io::stdin().lock().take(most).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes))
    };
    read.map(|_| bytes)
        .map_err(|error| format!("`{path}` cannot be read: {error}"))
}
