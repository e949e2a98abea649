//! Loading: files and what they use, read, parsed and lowered together.
//!
//! In: paths and something that reads them. Out: [`Loaded`]: texts, trees, library, findings.
//! Must not know: the file system; a [`Files`] reads for it.

use crate::ast;
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::Library;
use crate::source::{FileId, Sources};

/// Reads files by path; paths use `/`.
pub trait Files {
    /// The bytes of a file.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if there is none, or it cannot be read.
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError>;
}

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadError {
    /// There is no such file.
    NotFound,
    /// Another reason, in the system's words.
    Other(String),
}

/// One file with its tree.
#[derive(Debug, Clone)]
pub struct Tree {
    /// The path as given or as found by `use`.
    pub path: String,
    /// The file.
    pub file: FileId,
    /// What was written.
    pub tree: ast::File,
}

/// Everything that was loaded.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// All texts.
    pub sources: Sources,
    /// The trees, sorted by path.
    pub trees: Vec<Tree>,
    /// The model; only to be evaluated where [`Loaded::has_errors`] is false.
    pub library: Library,
    /// What was found while reading and checking, sorted.
    pub diagnostics: Vec<Diagnostic>,
}

impl Loaded {
    /// Whether any finding is an error.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|d| d.severity == Severity::Error)
    }
}
