//! Writing files, so that nobody ever reads half of one, and nobody loses what was written meanwhile.

use super::project::reason;
use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Why a file was not written, to stand behind its name.
#[derive(Debug)]
pub(super) enum WriteError {
    /// It is not what was read any more.
    Changed,
    /// The system refuses.
    System(io::Error),
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WriteError::Changed => write!(f, "has changed meanwhile; nothing is written over it"),
            WriteError::System(error) => write!(f, "cannot be written: {}", reason(error)),
        }
    }
}

/// Replaces a file that was read before, unless somebody has changed it since; they would lose what they wrote.
///
/// # Errors
///
/// [`WriteError`], and then nothing is written.
pub(super) fn replace_read(path: &Path, read: &str, text: &str) -> Result<(), WriteError> {
    let is_as_read = || match fs::read(path) {
        Ok(now) if now == read.as_bytes() => Ok(()),
        Ok(_) => Err(WriteError::Changed),
        Err(error) => Err(WriteError::System(error)),
    };
    put(path, text.as_bytes(), is_as_read)
}

/// Writes a file beside the old one, if there is one, and puts it in its place, so that nobody ever reads half of it.
///
/// # Errors
///
/// If the system refuses, and then nothing is written.
pub(super) fn replace(path: &Path, text: impl AsRef<[u8]>) -> io::Result<()> {
    put(path, text.as_ref(), || Ok(()))
}

/// Writes a file beside the old one, and puts it in its place if the last look at that finds nothing against it.
fn put<E: From<io::Error>>(path: &Path, text: &[u8], last_look: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
    // A link stays a link.
    let (target, permissions) = match fs::canonicalize(path) {
        Ok(target) => {
            let permissions = fs::metadata(&target)?.permissions();
            // Renaming asks only the folder; a file that may not be written stays as it is.
            drop(fs::OpenOptions::new().write(true).open(&target)?);
            (target, Some(permissions))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => (path.to_path_buf(), None),
        Err(error) => return Err(error.into()),
    };
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let beside = target.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let mut new = fs::OpenOptions::new().write(true).create_new(true).open(&beside)?;
    let written = new
        .write_all(text)
        .and_then(|()| permissions.map_or(Ok(()), |permissions| new.set_permissions(permissions)))
        .and_then(|()| new.sync_all())
        .map_err(E::from)
        .and_then(|()| last_look())
        .and_then(|()| Ok(fs::rename(&beside, &target)?));
    if written.is_err() {
        // What was wrong is said; the rest of it is best effort.
        let _ = fs::remove_file(&beside);
    }
    written
}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> Self {
        WriteError::System(error)
    }
}
