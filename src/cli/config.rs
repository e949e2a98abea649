//! `gl.toml`: the name of a project, the levels of its findings, the columns of its tables.

use super::project::read_limited;
use crate::codes;
use crate::cohort::{Mapped, Mapping};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::policy::config as errors;
use crate::source::{FileId, Sources, Span};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// What a `gl.toml` may say; anything else is an error.
const KEYS: [&str; 4] = ["name", "levels", "folders", "cohort"];

/// The words for levels.
const LEVELS: [(&str, Severity); 3] = [
    ("error", Severity::Error),
    ("warning", Severity::Warning),
    ("note", Severity::Note),
];

/// Levels by the numbers of codes.
type Levels = BTreeMap<&'static str, Severity>;

/// What one project decides.
#[derive(Debug, Default)]
pub struct Config {
    root: PathBuf,
    /// What the columns of tables of patients mean, where the project says so.
    pub cohort: Option<Mapping>,
    levels: Levels,
    /// Levels of folders, deepest first.
    folders: Vec<(PathBuf, Levels)>,
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
        let text = match read_limited(&path.to_string_lossy()).map(String::from_utf8) {
            Ok(Ok(text)) => text,
            Ok(Err(_)) => return Err(vec![errors::unreadable_config(&shown, "it is not UTF-8 text")]),
            Err(reason) => return Err(vec![errors::unreadable_config(&shown, &reason)]),
        };
        let file = sources.add(shown, text.clone());
        let written = DeTable::parse(&text).map_err(|error| {
            let range = error.span().unwrap_or(0..0);
            let is_value = text.get(..range.start).is_some_and(|before| before.trim_end().ends_with('='));
            let word = text.get(range.clone()).filter(|word| is_value && is_bare_word(word));
            let reason = word.map_or(error.message().to_owned(), |word| format!("the text `{word}` needs quotes"));
            vec![errors::broken_config(&reason, Span::new(file, range))]
        })?;
        let mut reading = Reading {
            root,
            file,
            config: Config {
                root: root.to_path_buf(),
                ..Config::default()
            },
            found: Vec::new(),
        };
        reading.file(written.get_ref());
        match reading.found.is_empty() {
            true => Ok(Some(reading.config)),
            false => Err(reading.found),
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

struct Reading<'a> {
    root: &'a Path,
    file: FileId,
    config: Config,
    found: Vec<Diagnostic>,
}

impl Reading<'_> {
    fn span<T>(&self, of: &Spanned<T>) -> Span {
        Span::new(self.file, of.span())
    }

    fn file(&mut self, written: &DeTable<'_>) {
        for (key, value) in written.iter() {
            match (key.get_ref().as_ref(), value.get_ref()) {
                // Reports name files, not projects; only the type matters.
                ("name", DeValue::String(_)) => {}
                ("levels", DeValue::Table(levels)) => self.config.levels = self.levels(levels),
                ("folders", DeValue::Table(folders)) => self.folders(folders),
                ("cohort", DeValue::Table(cohort)) => {
                    let mapping = self.cohort(cohort);
                    self.config.cohort = Some(mapping);
                }
                ("name", _) => self
                    .found
                    .push(errors::wrong_type(self.span(value), "name", "a text in quotes")),
                (key @ ("levels" | "folders" | "cohort"), _) => {
                    let diagnostic = errors::wrong_type(self.span(value), key, "a table");
                    self.found.push(diagnostic);
                }
                (other, _) => {
                    // Codes and folders that stand under no heading are the likely slip.
                    let near = crate::suggest::closest(other, KEYS);
                    let is_code = codes::find(other).is_ok();
                    self.found.push(errors::unknown_key(self.span(key), other, near, is_code));
                }
            }
        }
    }

    /// `[cohort]`: columns that are left out, and what others mean.
    fn cohort(&mut self, written: &DeTable<'_>) -> Mapping {
        let mut mapping = Mapping::default();
        for (key, value) in written.iter() {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("ignore", DeValue::Array(columns)) => {
                    for column in columns.iter() {
                        mapping.ignored.extend(self.text(column, "ignore").map(|(name, _)| name));
                    }
                }
                ("columns", DeValue::Table(columns)) => {
                    for (name, value) in columns.iter() {
                        if let Some(mapped) = self.column(name, value) {
                            mapping.columns.insert(name.get_ref().to_string(), mapped);
                        }
                    }
                }
                ("ignore", _) => self
                    .found
                    .push(errors::wrong_type(self.span(value), "ignore", "a list of columns")),
                ("columns", _) => self.found.push(errors::wrong_type(self.span(value), "columns", "a table")),
                (other, _) => self.unknown_key(other, key, &["ignore", "columns"]),
            }
        }
        mapping
    }

    /// What one column means: a name, or a table with its fact, member, unit and values.
    fn column(&mut self, name: &Spanned<DeString<'_>>, written: &Spanned<DeValue<'_>>) -> Option<Mapped> {
        let span = self.span(name);
        let DeValue::Table(table) = written.get_ref() else {
            let means = self.text(written, name.get_ref())?;
            return Some(Mapped {
                means,
                member: None,
                unit: None,
                values: BTreeMap::new(),
            });
        };
        let (mut means, mut member, mut unit, mut values) = (None, None, None, BTreeMap::new());
        for (key, value) in table.iter() {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("fact", _) => means = self.text(value, "fact"),
                ("member", _) => member = self.text(value, "member"),
                ("unit", _) => unit = self.text(value, "unit"),
                ("values", DeValue::Table(words)) => {
                    for (word, meaning) in words.iter() {
                        let meaning = self.text(meaning, word.get_ref());
                        values.extend(meaning.map(|(meaning, _)| (word.get_ref().to_string(), meaning)));
                    }
                }
                ("values", _) => self.found.push(errors::wrong_type(self.span(value), "values", "a table")),
                (other, _) => self.unknown_key(other, key, &["fact", "member", "unit", "values"]),
            }
        }
        if means.is_none() && self.found.is_empty() {
            self.found
                .push(errors::wrong_type(span, name.get_ref(), "a column with its `fact`"));
        }
        Some(Mapped {
            means: means?,
            member,
            unit,
            values,
        })
    }

    fn unknown_key(&mut self, key: &str, written: &Spanned<DeString<'_>>, keys: &[&'static str]) {
        let near = crate::suggest::closest(key, keys.iter().copied());
        let diagnostic = errors::unknown_key(self.span(written), key, near, false);
        self.found.push(diagnostic);
    }

    /// A text with its place.
    fn text(&mut self, written: &Spanned<DeValue<'_>>, key: &str) -> Option<(String, Span)> {
        let span = self.span(written);
        match written.get_ref() {
            DeValue::String(text) => Some((text.to_string(), span)),
            _ => {
                self.found.push(errors::wrong_type(span, key, "a text in quotes"));
                None
            }
        }
    }

    fn folders(&mut self, written: &DeTable<'_>) {
        for (folder, levels) in written.iter() {
            let (span, name) = (self.span(folder), folder.get_ref().as_ref());
            let DeValue::Table(levels) = levels.get_ref() else {
                self.found.push(errors::wrong_type(self.span(levels), name, "a table"));
                continue;
            };
            let levels = self.levels(levels);
            match fs::canonicalize(self.root.join(name)).ok().filter(|path| path.is_dir()) {
                Some(path) if path.starts_with(self.root) => self.config.folders.push((path, levels)),
                Some(_) => self.found.push(errors::folder_outside(span, name)),
                None => self.found.push(errors::unknown_folder(span, name)),
            }
        }
        let folders = &mut self.config.folders;
        folders.sort_by_key(|(folder, _)| std::cmp::Reverse(folder.components().count()));
    }

    fn levels(&mut self, written: &DeTable<'_>) -> Levels {
        let mut levels = Levels::new();
        let mut places: BTreeMap<&str, Span> = BTreeMap::new();
        for (name, level) in written.iter() {
            let span = self.span(name);
            let code = match codes::find(name.get_ref()) {
                Ok(code) => code,
                Err(unknown) => {
                    self.found.push(errors::unknown_code(span, name.get_ref(), unknown.closest));
                    continue;
                }
            };
            if let Some(first) = places.insert(code.number, span) {
                self.found.push(errors::code_twice(span, first, code.number));
                continue;
            }
            let word = match level.get_ref() {
                DeValue::String(word) => word.as_ref(),
                _ => "",
            };
            match LEVELS.iter().find(|(known, _)| *known == word) {
                None => self.found.push(errors::unknown_level(self.span(level), word)),
                Some((_, wanted)) if code.severity == Severity::Error && *wanted != Severity::Error => {
                    // An error can stand for harm; it is never lowered.
                    self.found.push(errors::error_lowered(self.span(level), code.number));
                }
                Some((_, wanted)) => drop(levels.insert(code.number, *wanted)),
            }
        }
        levels
    }
}

/// A text where its quotes were forgotten; the reader of TOML takes it for half a number or half a truth.
fn is_bare_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic()) && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' '))
}

/// The path relative to the current folder, if it lies below it.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().and_then(std::fs::canonicalize);
    let relative = here.ok().and_then(|here| path.strip_prefix(here).ok().map(Path::to_path_buf));
    relative.unwrap_or_else(|| path.to_path_buf()).display().to_string()
}
