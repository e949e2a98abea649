//! The files of a git revision, read by git itself.

use super::project::{Problem, is_cases};
use crate::limits;
use crate::load::{Files, ReadError};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

/// One revision of the repository around a folder.
#[derive(Debug)]
pub struct Revision {
    /// As the user called it.
    name: String,
    /// Where git runs.
    folder: PathBuf,
    /// Every file by its path from the root of the repository: its object, and its size in bytes.
    files: BTreeMap<String, (String, u64)>,
}

impl Revision {
    /// The revision with this name, in the repository around the first path, or around the current folder.
    ///
    /// # Errors
    ///
    /// [`Problem`] where there is no git, no repository or no such revision.
    pub fn open(name: &str, paths: &[PathBuf]) -> Result<Self, Problem> {
        let folder = paths
            .first()
            .map_or_else(|| PathBuf::from("."), |path| existing_folder(path).0);
        let wanted = format!("{name}^{{commit}}");
        let found =
            git(&folder, &["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted]).map_err(|failed| match failed {
                Failed::Missing => Problem::Usage(format!(
                    "there is no file or folder `{name}`, and git, which could read a revision of that name, is not installed"
                )),
                Failed::Refused(words) if words.is_empty() => Problem::Usage(format!(
                    "there is no file or folder `{name}`, and no git revision of that name"
                )),
                Failed::Refused(words) => Problem::Usage(format!(
                    "there is no file or folder `{name}`, and git cannot look for a revision of that name: {words}"
                )),
            })?;
        let commit = String::from_utf8_lossy(&found).trim().to_owned();
        let listed = git(&folder, &["ls-tree", "-r", "-z", "-l", "--full-tree", &commit]).map_err(|f| f.problem(name))?;
        Ok(Revision {
            name: name.to_owned(),
            folder,
            files: String::from_utf8_lossy(&listed).split('\0').filter_map(entry).collect(),
        })
    }

    /// The guidelines of the revision at these paths, as [`Files::read`] takes them; cases are left out.
    ///
    /// # Errors
    ///
    /// [`Problem`] where the revision has nothing at a path, or no guideline.
    pub fn guidelines(&self, paths: &[PathBuf]) -> Result<Vec<String>, Problem> {
        let mut found = Vec::new();
        for path in paths {
            let place = self.place(path)?;
            if self.files.contains_key(&place) {
                found.push(self.shown(&place));
                continue;
            }
            let under = if place.is_empty() {
                String::new()
            } else {
                format!("{place}/")
            };
            let mut below = self.files.keys().filter_map(|file| file.strip_prefix(&under)).peekable();
            if below.peek().is_none() {
                return Err(Problem::Usage(format!("`{}` has no `{}`", self.name, path.display())));
            }
            let is_guideline = |file: &&str| {
                let hidden = |part: &str| part.starts_with('.') || part == "target";
                file.ends_with(".gl") && !is_cases(Path::new(file)) && !file.split('/').any(hidden)
            };
            found.extend(below.filter(is_guideline).map(|file| self.shown(&format!("{under}{file}"))));
        }
        if found.is_empty() {
            return Err(Problem::Nothing(format!(
                "there is no guideline (.gl file) in `{}`",
                self.name
            )));
        }
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// The path from the root of the repository, without a `/` at its end.
    fn place(&self, path: &Path) -> Result<String, Problem> {
        let (folder, rest) = existing_folder(path);
        let prefix = git(&folder, &["rev-parse", "--show-prefix"]).map_err(|f| f.problem(&self.name))?;
        let prefix = String::from_utf8_lossy(&prefix).trim_end_matches('\n').to_owned();
        let mut parts: Vec<String> = prefix.split('/').filter(|p| !p.is_empty()).map(str::to_owned).collect();
        for part in rest.components() {
            match part {
                Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
                Component::ParentDir => {
                    parts.pop();
                }
                _ => {}
            }
        }
        Ok(parts.join("/"))
    }

    /// What messages call a file: `v1:guidelines/numbness.gl`. There is always a folder, so that what a file uses is found.
    fn shown(&self, place: &str) -> String {
        if place.contains('/') {
            format!("{}:{place}", self.name)
        } else {
            format!("{}:./{place}", self.name)
        }
    }
}

impl Files for Revision {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let place = path.strip_prefix(&self.name).and_then(|rest| rest.strip_prefix(':'));
        let place = place.map(|place| place.strip_prefix("./").unwrap_or(place));
        let (object, size) = place.and_then(|place| self.files.get(place)).ok_or(ReadError::NotFound)?;
        if *size > limits::FILE_BYTES as u64 {
            let words = format!("it has {size} bytes, and a file may have {}", limits::FILE_BYTES);
            return Err(ReadError::Other(words));
        }
        git(&self.folder, &["cat-file", "blob", object]).map_err(|failed| ReadError::Other(failed.words()))
    }
}

/// A line of `git ls-tree -l`: mode, type, object, size, a tab, the path. Links and other repositories are not read.
fn entry(line: &str) -> Option<(String, (String, u64))> {
    let (about, path) = line.split_once('\t')?;
    let mut words = about.split_whitespace();
    let (mode, _, object, size) = (words.next()?, words.next()?, words.next()?, words.next()?);
    mode.starts_with("100")
        .then(|| Some((path.to_owned(), (object.to_owned(), size.parse().ok()?))))?
}

/// The nearest folder that exists, and what is left of the path: the revision may have files that are gone by now.
fn existing_folder(path: &Path) -> (PathBuf, PathBuf) {
    let folder = path
        .ancestors()
        .find(|folder| folder.is_dir())
        .filter(|f| !f.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let rest = path.strip_prefix(folder).unwrap_or(path).to_path_buf();
    (folder.to_path_buf(), rest)
}

/// Why git did not answer.
enum Failed {
    /// There is no git.
    Missing,
    /// Its own words.
    Refused(String),
}

impl Failed {
    fn words(&self) -> String {
        match self {
            Failed::Missing => "git is not installed".to_owned(),
            Failed::Refused(words) => format!("git says: {words}"),
        }
    }

    fn problem(&self, revision: &str) -> Problem {
        Problem::Usage(format!("`{revision}` cannot be read: {}", self.words()))
    }
}

fn git(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, Failed> {
    // Its own words are quoted in messages, and are the same everywhere.
    let output = Command::new("git")
        .env("LC_ALL", "C")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output();
    match output {
        Ok(output) if output.status.success() => Ok(output.stdout),
        Ok(output) => {
            let words = String::from_utf8_lossy(&output.stderr);
            let first = words.lines().find(|line| !line.trim().is_empty()).unwrap_or("").trim();
            Err(Failed::Refused(first.trim_start_matches("fatal: ").to_owned()))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Err(Failed::Missing),
        Err(error) => Err(Failed::Refused(error.to_string())),
    }
}
