//! The compiled engine that pages carry, and what the playground takes besides.

use super::project::reason;
use super::{Context, Exit, write};
use crate::report::page::engine::WORKER;
use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What editors/browser/build.sh makes.
pub(super) struct Engine {
    /// The compiled engine, compressed by gzip.
    module: Cow<'static, [u8]>,
    /// The script of the playground.
    script: Cow<'static, [u8]>,
}

const MODULE: &str = "gl.wasm.gz";
const SCRIPT: &str = "playground.js";
/// No compiled engine is larger, nor a script.
const MOST: u64 = 64 * 1024 * 1024;

impl Engine {
    /// The engine in a folder, or else the one that this gl carries, if it does.
    ///
    /// # Errors
    ///
    /// The exit status, once it has been said what is wrong with the folder.
    pub(super) fn find(folder: Option<&Path>, cx: &Context) -> Result<Option<Self>, Exit> {
        let Some(folder) = folder else { return Ok(carried()) };
        let read = |name: &str| {
            let path = folder.join(name);
            let refuse = |why: &str| {
                cx.complain(&format!("`{}` {why}; editors/browser/build.sh makes it", path.display()));
                Exit::Invalid
            };
            match fs::metadata(&path) {
                Ok(found) if !found.is_file() => return Err(refuse("is no file")),
                Ok(found) if found.len() > MOST => return Err(refuse("is too large")),
                _ => {}
            }
            let bytes = fs::read(&path).map_err(|error| refuse(&format!("cannot be read: {}", reason(&error))))?;
            // A module is compressed by gzip, a script is text.
            match name == MODULE && !bytes.starts_with(&[0x1f, 0x8b]) {
                true => Err(refuse("is no compiled engine")),
                false => Ok(Cow::Owned(bytes)),
            }
        };
        Ok(Some(Engine {
            module: read(MODULE)?,
            script: read(SCRIPT)?,
        }))
    }

    /// The compiled engine, compressed by gzip.
    pub(super) fn module(&self) -> &[u8] {
        &self.module
    }

    /// Writes the playground, and says how many files it is.
    ///
    /// # Errors
    ///
    /// What cannot be written, and why.
    pub(super) fn write_playground(&self, folder: &Path, library: &str) -> Result<usize, (PathBuf, io::Error)> {
        fs::create_dir_all(folder).map_err(|error| (folder.to_path_buf(), error))?;
        let files: [(&str, &[u8]); 6] = [
            ("engine.wasm.gz", &self.module),
            ("library.json", library.as_bytes()),
            ("playground.js", &self.script),
            ("style.css", include_bytes!("../../editors/browser/playground/style.css")),
            ("worker.js", WORKER.as_bytes()),
            ("index.html", include_bytes!("../../editors/browser/playground/index.html")),
        ];
        for (name, bytes) in files {
            let path = folder.join(name);
            write::replace(&path, bytes).map_err(|error| (path, error))?;
        }
        Ok(files.len())
    }
}

#[cfg(feature = "engine")]
fn carried() -> Option<Engine> {
    Some(Engine {
        module: Cow::Borrowed(include_bytes!("../../editors/browser/gl.wasm.gz")),
        script: Cow::Borrowed(include_bytes!("../../editors/browser/playground.js")),
    })
}

#[cfg(not(feature = "engine"))]
fn carried() -> Option<Engine> {
    None
}
