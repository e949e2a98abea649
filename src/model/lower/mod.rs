//! Lowering: trees become the model.
//!
//! In: the trees of all files, with what each may see. Out: a [`Library`] and what is wrong with it.
//! Must not know: pest, how files are found.
//!
//! Names are collected from all files first, so that the order of declarations and of files changes nothing. What could
//! not be lowered is left out of the library; a finding says so, and a library with an error is never evaluated.

pub mod again;
mod assumptions;
mod conditions;
mod declarations;
pub mod errors;
mod fixes;
mod headings;
mod lints;
mod merge;
mod names;
mod rules;

use crate::ast::{self, Item};
use crate::diagnostic::{Diagnostic, Findings};
use crate::model::{self, GuidelineId, Library, gives_way};
use crate::source::Sources;
use again::{Memo, OwnTests};
use names::Names;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// One file to lower.
#[derive(Debug)]
pub struct InputFile<'a> {
    /// The file name without folder and `.gl`.
    pub stem: String,
    /// The folder, empty for the current one.
    pub folder: String,
    /// What was written.
    pub tree: &'a Arc<ast::File>,
    /// Positions of every file that this one reaches by `use`, itself included.
    pub reaches: BTreeSet<usize>,
    /// Hex digest of the text and of everything it reaches.
    pub hash: String,
    /// Rows of inventories that the file's sources name.
    pub inventory: Vec<model::InventoryRow>,
    /// Whether a file that this one reaches could not be read; what is missing may stand there.
    pub incomplete: bool,
}

impl InputFile<'_> {
    /// Whether this is a `.cases.gl` file, which evaluation does not read.
    fn holds_cases(&self) -> bool {
        self.stem.ends_with(".cases")
    }
}

/// Lowers all files together; the memo serves the next run, whose files are nearly the same.
pub fn lower(sources: &Sources, files: &[InputFile<'_>], memo: &mut Memo) -> (Library, Vec<Diagnostic>) {
    let mut lowering = Lowering {
        sources,
        files,
        names: Names::default(),
        library: Library::default(),
        declared: Vec::new(),
        test_index: HashMap::new(),
        own_tests: OwnTests::default(),
        statements: Inventory::new(files),
        headings: BTreeMap::new(),
        found: Findings::new(),
    };
    lowering.library.inventory = files.iter().flat_map(|f| f.inventory.iter().cloned()).collect();
    lowering.guidelines();
    lowering.names = Names::collect(files, &mut lowering.library, &mut lowering.found);
    lowering.declarations();
    lowering.declared = lowering.library.facts.iter().cloned().map(Arc::new).collect();
    lowering.conditions_of_definitions();
    *memo = lowering.rules(std::mem::take(memo));
    match gives_way::edges(&lowering.library) {
        Ok(edges) => lowering.library.gives_way = edges,
        Err(gives_way::TooManyEdges) => lowering.found.push(errors::too_much_gives_way()),
    }
    lowering.lint();
    let Lowering { library, found, .. } = lowering;
    let mut found = found.into_vec();
    crate::diagnostic::sort(&mut found);
    fixes::offer(&mut found, sources, files);
    (library, merge::same_cause(found))
}

struct Lowering<'a> {
    sources: &'a Sources,
    files: &'a [InputFile<'a>],
    names: Names,
    library: Library,
    /// The facts once they are declared, to be held while the library grows.
    declared: Vec<Arc<model::Fact>>,
    /// Tests by their meaning; two ways to write one threshold are one test.
    test_index: HashMap<(model::Term, conditions::TestKey), model::TestId>,
    /// The tests of the file whose rules are lowered.
    own_tests: OwnTests,
    statements: Inventory<'a>,
    /// The sections with a guard or a scope of their own, by guideline and heading.
    headings: BTreeMap<(GuidelineId, Vec<String>), Vec<model::SectionId>>,
    found: Findings,
}

/// The statements of all inventories.
struct Inventory<'a> {
    ids: BTreeSet<&'a str>,
    prefixes: BTreeSet<&'a str>,
}

impl<'a> Inventory<'a> {
    fn new(files: &'a [InputFile<'a>]) -> Self {
        let ids: BTreeSet<&str> = files.iter().flat_map(|f| &f.inventory).map(|row| row.id.as_str()).collect();
        let prefixes = ids.iter().map(|id| Self::prefix(id)).collect();
        Inventory { ids, prefixes }
    }

    /// `BPN` of `BPN-08`
    fn prefix(id: &str) -> &str {
        id.rsplit_once('-').map_or("", |(prefix, _)| prefix)
    }

    /// Whether the statement is missing from the inventory of its document; without an inventory nothing is.
    fn lacks(&self, id: &str) -> bool {
        self.prefixes.contains(Self::prefix(id)) && !self.ids.contains(id)
    }
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
        let mut names: BTreeMap<String, crate::source::Span> = BTreeMap::new();
        for file in self.files {
            if file.holds_cases() {
                self.only_cases(file);
            }
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
            let is_guideline = (header.is_some() || has_rules) && !file.holds_cases();
            let guideline = is_guideline.then(|| self.guideline(file, header, &mut names));
            self.library.files.push(model::LoadedFile {
                file: file.tree.id,
                stem: file.stem.clone(),
                folder: file.folder.clone(),
                guideline,
                reaches: file.reaches.clone(),
            });
        }
    }

    /// What evaluation would miss, because it stands in a file that only tests read.
    fn only_cases(&mut self, file: &InputFile<'_>) {
        for item in &file.tree.items {
            let (word, span) = match item {
                Item::Guideline(i) => ("guideline header", i.name.span),
                Item::Rule(i) => ("rule", rules::name_span(i)),
                Item::Section(i) => ("section", i.heading.span),
                Item::Assume(i) => ("assumption", i.span),
                Item::Note(i) => ("note", i.text.span),
                Item::Reconcile(i) => ("reconciliation", i.span),
                Item::Complete(i) => ("claim", i.claim.span),
                _ => continue,
            };
            self.found.push(errors::not_a_case(word, span));
        }
    }

    fn guideline(
        &mut self,
        file: &InputFile<'_>,
        header: Option<&ast::Guideline>,
        names: &mut BTreeMap<String, crate::source::Span>,
    ) -> GuidelineId {
        let id = GuidelineId::from_index(self.library.guidelines.len());
        let first = file
            .tree
            .items
            .first()
            .map_or(crate::source::Span::new(file.tree.id, 0..0), Item::span);
        let name = header.map_or(file.stem.clone(), |h| h.name.text.clone());
        let span = header.map_or(first, |h| h.name.span);
        match names.get(&name) {
            Some(other) => self.found.push(errors::duplicate("guideline", &name, span, *other)),
            None => {
                names.insert(name.clone(), span);
            }
        }
        if let Some(header) = header.filter(|h| h.version.is_none()) {
            let end = header.title.as_ref().map_or(header.name.span, |t| t.span);
            self.found.push(errors::no_version(&header.name, end.after()));
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
