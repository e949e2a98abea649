//! Giving something another name, everywhere at once.
//!
//! In: a place and a new name. Out: the edits, proven by reading the texts with them.
//! Must not know: how edits are applied to open files.

use super::names::{Names, Symbol};
use super::{Analysis, Desk, Overlay};
use crate::diagnostic::{Diagnostic, Edit, Severity, applied};
use crate::load::{Cache, load_again};
use crate::source::{FileId, Span};
use std::collections::BTreeMap;

/// The name at a byte, if it can have another; else why not.
///
/// # Errors
///
/// Why nothing can be renamed there, in words.
pub fn renameable(analysis: &Analysis, file: FileId, byte: usize) -> Result<(Symbol, Span), &'static str> {
    let nothing = "there is no name here that gl knows";
    let occurrence = analysis.names().at(file, byte).ok_or(nothing)?;
    match &occurrence.symbol {
        Symbol::Statement(_) => return Err("the numbers of statements are the document's own"),
        Symbol::File(_) => return Err("this is the name of a file; rename the file, and then the `use`"),
        _ => {}
    }
    if analysis.names().declaration(&occurrence.symbol).is_none() {
        return Err("this takes its name from its file");
    }
    Ok((occurrence.symbol.clone(), occurrence.span))
}

impl Desk {
    /// The edits that give the symbol at a byte another name.
    ///
    /// # Errors
    ///
    /// Why it cannot have that name, in words: the texts would have an error that they do not have now.
    pub fn rename(&mut self, file: FileId, byte: usize, name: &str) -> Result<Vec<Edit>, String> {
        let analysis = self.analysis();
        let (symbol, _) = renameable(&analysis, file, byte)?;
        let edits: Vec<Edit> = analysis
            .names()
            .of(&symbol)
            .map(|occurrence| Edit {
                span: occurrence.span,
                replacement: name.to_owned(),
            })
            .collect();
        let texts = edited(&analysis, &edits);
        let files = Overlay {
            open: &texts,
            closed: &Overlay {
                open: &self.open,
                closed: self.closed.as_ref(),
            },
        };
        let after = load_again(&files, &self.project_paths(), &mut Cache::default());
        let (_, of_cases) = crate::suite::cases(&after);
        let is_error = |d: &&Diagnostic| d.severity == Severity::Error;
        let before = analysis.findings().iter().filter(is_error).count();
        let mut errors = after.diagnostics.iter().chain(&of_cases).filter(is_error);
        if errors.clone().count() > before {
            return Err(
                match errors.clone().find(|e| e.message.contains(name)).or_else(|| errors.next()) {
                    Some(error) => format!("`{name}` cannot be its name: {}", error.message),
                    None => format!("`{name}` cannot be its name"),
                },
            );
        }
        // Every name must stand for what it stood for, and none for something new.
        if !Names::new(&after).symbols().eq(analysis.names().symbols()) {
            return Err(format!(
                "`{name}` cannot be its name: another name would then stand for something else"
            ));
        }
        Ok(edits)
    }
}

/// The texts of the files that edits change, afterwards.
fn edited(analysis: &Analysis, edits: &[Edit]) -> BTreeMap<String, String> {
    let mut by_file: BTreeMap<FileId, Vec<Edit>> = BTreeMap::new();
    for edit in edits {
        by_file.entry(edit.span.file).or_default().push(edit.clone());
    }
    let text = |(file, edits)| {
        let source = analysis.loaded.sources.get(file)?;
        Some((source.name().to_owned(), applied(source.text(), edits)?))
    };
    by_file.into_iter().filter_map(text).collect()
}
