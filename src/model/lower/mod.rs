//! Lowering: trees become the model.
//!
//! In: the trees of all files, with what each may see. Out: a [`Library`] and what is wrong with it.
//! Must not know: pest, how files are found.
//!
//! Names are collected from all files first, so that the order of declarations and of files changes nothing. What could
//! not be lowered is left out of the library; a finding says so, and a library with an error is never evaluated.

mod conditions;
mod declarations;
pub mod errors;
mod lints;
mod names;
mod rules;

use crate::ast::{self, Item};
use crate::diagnostic::{Diagnostic, Findings};
use crate::model::{self, GuidelineId, Library, gives_way};
use crate::source::Sources;
use names::Names;
use std::collections::{BTreeMap, BTreeSet};

/// One file to lower.
#[derive(Debug)]
pub struct InputFile<'a> {
    /// The file name without folder and `.gl`.
    pub stem: String,
    /// The folder, empty for the current one.
    pub folder: String,
    /// What was written.
    pub tree: &'a ast::File,
    /// Positions of every file that this one reaches by `use`, itself included.
    pub reaches: BTreeSet<usize>,
    /// Hex digest of the text and of everything it reaches.
    pub hash: String,
    /// Rows of inventories that the file's sources name.
    pub inventory: Vec<model::InventoryRow>,
}

/// Lowers all files together.
pub fn lower(sources: &Sources, files: &[InputFile<'_>]) -> (Library, Vec<Diagnostic>) {
    let mut lowering = Lowering {
        sources,
        files,
        names: Names::default(),
        library: Library::default(),
        test_index: BTreeMap::new(),
        found: Findings::new(),
    };
    lowering.library.inventory = files.iter().flat_map(|f| f.inventory.iter().cloned()).collect();
    lowering.guidelines();
    lowering.names = Names::collect(files, &mut lowering.library, &mut lowering.found);
    lowering.declarations();
    lowering.conditions_of_definitions();
    lowering.rules();
    match gives_way::edges(&lowering.library) {
        Ok(edges) => lowering.library.gives_way = edges,
        Err(gives_way::TooManyEdges) => lowering.found.push(errors::too_much_gives_way()),
    }
    lowering.lint();
    let Lowering { library, found, .. } = lowering;
    let mut found = found.into_vec();
    crate::diagnostic::sort(&mut found);
    (library, found)
}

struct Lowering<'a> {
    sources: &'a Sources,
    files: &'a [InputFile<'a>],
    names: Names,
    library: Library,
    /// Tests by their meaning; two ways to write one threshold are one test.
    test_index: BTreeMap<(model::Term, conditions::TestKey), model::TestId>,
    found: Findings,
}

impl<'a> Lowering<'a> {
    /// Every item with the position of its file.
    fn items(&self) -> impl Iterator<Item = (usize, &'a Item)> + use<'a> {
        let files = self.files;
        files
            .iter()
            .enumerate()
            .flat_map(|(index, file)| file.tree.items.iter().map(move |item| (index, item)))
    }

    fn file(&self, index: usize) -> Option<&'a InputFile<'a>> {
        self.files.get(index)
    }

    /// One guideline for each file that has a header or rules.
    fn guidelines(&mut self) {
        for (index, file) in self.files.iter().enumerate() {
            let mut headers = file.tree.items.iter().filter_map(|item| match item {
                Item::Guideline(header) => Some(header),
                _ => None,
            });
            let header = headers.next();
            for second in headers {
                self.found
                    .push(errors::second_guideline(second.name.span, header.map(|h| h.name.span)));
            }
            let has_rules = file.tree.items.iter().any(|item| matches!(item, Item::Rule(_)));
            let guideline = (header.is_some() || has_rules).then(|| self.guideline(file, header));
            self.library.files.push(model::LoadedFile {
                file: file.tree.id,
                stem: file.stem.clone(),
                folder: file.folder.clone(),
                guideline,
                reaches: file.reaches.clone(),
            });
            debug_assert_eq!(self.library.files.len(), index + 1);
        }
    }

    fn guideline(&mut self, file: &InputFile<'_>, header: Option<&ast::Guideline>) -> GuidelineId {
        let id = GuidelineId::from_index(self.library.guidelines.len());
        let first = file
            .tree
            .items
            .first()
            .map_or(crate::source::Span::new(file.tree.id, 0..0), Item::span);
        let name = header.map_or(file.stem.clone(), |h| h.name.text.clone());
        if let Some(other) = self.library.guidelines.iter().find(|g| g.name == name) {
            let span = header.map_or(first, |h| h.name.span);
            self.found.push(errors::duplicate("guideline", &name, span, other.span));
        }
        let status = match header.and_then(|h| h.status.as_ref()) {
            None => model::Status::Active,
            Some(word) => match word.text.as_str() {
                "draft" => model::Status::Draft,
                "active" => model::Status::Active,
                "retired" => model::Status::Retired,
                _ => {
                    self.found.push(errors::unknown_status(word));
                    // INVARIANT: the library has an error now and is not evaluated.
                    model::Status::Retired
                }
            },
        };
        self.library.guidelines.push(model::Guideline {
            title: header.and_then(|h| h.title.as_ref()).map_or(name.clone(), |t| t.text.clone()),
            name,
            version: header
                .and_then(|h| h.version.as_ref())
                .map_or(String::new(), |t| t.text.clone()),
            status,
            scope: model::Condition::always(),
            cites: Vec::new(),
            statements: Vec::new(),
            file: file.tree.id,
            hash: file.hash.clone(),
            span: header.map_or(first, |h| h.span),
        });
        id
    }

    fn guideline_of(&self, file: usize) -> Option<GuidelineId> {
        self.library.files.get(file).and_then(|f| f.guideline)
    }

    /// The number of a count as written: digits alone.
    fn whole(&mut self, number: &ast::Number) -> Option<u32> {
        match number.text.parse::<u32>() {
            Ok(n) => Some(n),
            Err(_) => {
                self.found.push(errors::not_a_whole_number(number));
                None
            }
        }
    }
}

/// The name with blanks, where no label was given.
fn label(name: &ast::Name, label: Option<&ast::Text>) -> String {
    label.map_or_else(|| name.text.replace('_', " "), |l| l.text.clone())
}

fn text(text: Option<&ast::Text>) -> Option<String> {
    text.map(|t| t.text.clone())
}
