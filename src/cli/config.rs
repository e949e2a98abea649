//! `gl.toml`: the name of a project, and the levels of its findings.

use crate::codes;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::policy::errors;
use crate::source::{Sources, Span};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a `gl.toml` may say; anything else is an error.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[expect(dead_code, reason = "read so that its type is checked; reports name files, not projects")]
    name: Option<String>,
    #[serde(default)]
    levels: BTreeMap<toml::Spanned<String>, toml::Spanned<Level>>,
    #[serde(default)]
    folders: BTreeMap<String, BTreeMap<toml::Spanned<String>, toml::Spanned<Level>>>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Error,
    Warning,
    Note,
}

/// The levels of one project.
#[derive(Debug, Default)]
pub struct Config {
    root: PathBuf,
    levels: BTreeMap<&'static str, Severity>,
    /// Levels of folders, deepest first.
    folders: Vec<(PathBuf, BTreeMap<&'static str, Severity>)>,
}

impl Config {
    /// Reads the `gl.toml` of a project, if it has one; its text joins the sources, so that findings can point into it.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn read(root: &Path, sources: &mut Sources) -> Result<Option<Config>, Vec<Diagnostic>> {
        let path = root.join("gl.toml");
        if !path.is_file() {
            return Ok(None);
        }
        let shown = shown(&path);
        let text = match super::project::read_limited(&path.to_string_lossy()).map(String::from_utf8) {
            Ok(Ok(text)) => text,
            Ok(Err(_)) => return Err(vec![errors::unreadable_config(&shown, "it is not UTF-8 text")]),
            Err(reason) => return Err(vec![errors::unreadable_config(&shown, &reason)]),
        };
        let file = sources.add(shown, text.clone());
        let written: Written = toml::from_str(&text).map_err(|error| {
            let span = Span::new(file, error.span().unwrap_or(0..0));
            vec![errors::broken_config(error.message(), span)]
        })?;
        let mut found = Vec::new();
        let mut resolve = |levels: BTreeMap<toml::Spanned<String>, toml::Spanned<Level>>| {
            let mut resolved = BTreeMap::new();
            for (name, level) in levels {
                let span = Span::new(file, name.span());
                match codes::find(name.get_ref()) {
                    Ok(code) => match severity(code, *level.get_ref()) {
                        Some(severity) => drop(resolved.insert(code.number, severity)),
                        None => found.push(errors::error_lowered(Span::new(file, level.span()), code.number)),
                    },
                    Err(unknown) => found.push(errors::unknown_code(span, name.get_ref(), unknown.closest)),
                }
            }
            resolved
        };
        let levels = resolve(written.levels);
        let mut folders: Vec<_> = written
            .folders
            .into_iter()
            .map(|(folder, levels)| (root.join(folder), resolve(levels)))
            .collect();
        folders.sort_by_key(|(folder, _)| std::cmp::Reverse(folder.components().count()));
        if found.is_empty() {
            Ok(Some(Config {
                root: root.to_path_buf(),
                levels,
                folders,
            }))
        } else {
            Err(found)
        }
    }

    /// The severity that the project wants for a finding in a file, if it wants another.
    pub fn level(&self, path: &str, code: &Code) -> Option<Severity> {
        let absolute = std::fs::canonicalize(path).ok()?;
        if !absolute.starts_with(&self.root) {
            return None;
        }
        let folder = self
            .folders
            .iter()
            .filter(|(folder, _)| absolute.starts_with(folder))
            .find_map(|(_, levels)| levels.get(code.number));
        folder.or_else(|| self.levels.get(code.number)).copied()
    }
}

/// An error can stand for harm; it is never lowered.
fn severity(code: &Code, level: Level) -> Option<Severity> {
    let wanted = match level {
        Level::Error => Severity::Error,
        Level::Warning => Severity::Warning,
        Level::Note => Severity::Note,
    };
    (code.severity != Severity::Error || wanted == Severity::Error).then_some(wanted)
}

/// The path relative to the current folder, if it lies below it.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().and_then(std::fs::canonicalize);
    let relative = here.ok().and_then(|here| path.strip_prefix(here).ok().map(Path::to_path_buf));
    relative.unwrap_or_else(|| path.to_path_buf()).display().to_string()
}
