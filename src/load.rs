//! Loading: files and what they use, read, parsed and lowered together.
//!
//! In: paths and something that reads them. Out: [`Loaded`]: texts, trees, library, findings.
//! Must not know: the file system; a [`Files`] reads for it.

use crate::ast;
use crate::diagnostic::{Diagnostic, Findings, Severity};
use crate::limits;
use crate::model::lower::again::Memo;
use crate::model::lower::{InputFile, errors, lower};
use crate::model::{InventoryRow, Library};
use crate::source::{FileId, SourceFile, Sources, Span};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

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
    pub tree: Arc<ast::File>,
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

/// Reads the files at `paths` and everything they use, and checks them together.
///
/// `NAME.cases.gl` uses `NAME.gl` beside it without saying so. Files are taken in the order of their paths, whatever the order
/// in which they are given.
pub fn load(files: &dyn Files, paths: &[String]) -> Loaded {
    run(files, paths, &[], &mut Cache::default())
}

/// Trees of an earlier run and what was made of them, so that the next one looks only at what has changed.
#[derive(Debug, Default)]
pub struct Cache {
    /// By path; a tree serves again where both its text and the id of its file are the same.
    parsed: BTreeMap<String, Parsed>,
    /// What was made of their rules.
    lowered: Memo,
}

#[derive(Debug, Clone)]
struct Parsed {
    text: Arc<SourceFile>,
    tree: Arc<ast::File>,
    found: Vec<Diagnostic>,
}

/// As [`load`], and to the same result, but files that did not change since the cache was filled are not parsed again, and their rules
/// are looked at again only if some declaration changed.
pub fn load_again(files: &dyn Files, paths: &[String], cache: &mut Cache) -> Loaded {
    run(files, paths, &[], cache)
}

/// A text that is read with the files without being one of them, such as a condition from the command line.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Guest<'a> {
    /// What messages call it.
    pub name: &'a str,
    pub text: &'a str,
    /// The guideline whose own names it sees; without one it sees what files share.
    pub inside: Option<&'a str>,
}

/// As [`load`], with guests.
pub fn load_with(files: &dyn Files, paths: &[String], guests: &[Guest<'_>]) -> Loaded {
    run(files, paths, guests, &mut Cache::default())
}

fn run(files: &dyn Files, paths: &[String], guests: &[Guest<'_>], cache: &mut Cache) -> Loaded {
    let mut loading = Loading {
        files,
        earlier: std::mem::take(&mut cache.parsed),
        parsed: BTreeMap::new(),
        read: BTreeMap::new(),
        sources: Sources::new(),
        found: Findings::new(),
    };
    let mut waiting: Vec<(String, Option<ast::Name>)> = paths.iter().rev().map(|path| (path.clone(), None)).collect();
    while let Some((path, wanted_by)) = waiting.pop() {
        if loading.read.contains_key(&path) {
            continue;
        }
        if loading.read.len() >= limits::FILES {
            loading.found.push(errors::too_many_files(wanted_by.as_ref().map(|n| n.span)));
            break;
        }
        let uses = loading.file(&path, wanted_by.as_ref());
        waiting.extend(uses);
    }
    cache.parsed = std::mem::take(&mut loading.parsed);
    loading.finish(guests, &mut cache.lowered)
}

/// Checks one text that uses no file.
pub fn load_text(name: &str, text: &str) -> Loaded {
    load(&OneText { name, text }, &[name.to_owned()])
}

struct OneText<'a> {
    name: &'a str,
    text: &'a str,
}

impl Files for OneText<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        if path == self.name {
            Ok(self.text.as_bytes().to_vec())
        } else {
            Err(ReadError::NotFound)
        }
    }
}

struct Loading<'a> {
    files: &'a dyn Files,
    /// What an earlier run parsed.
    earlier: BTreeMap<String, Parsed>,
    /// What this run parsed, or took from the earlier one.
    parsed: BTreeMap<String, Parsed>,
    /// Every file by path; none where it could not be read.
    read: BTreeMap<String, Option<Arc<ast::File>>>,
    sources: Sources,
    found: Findings,
}

impl Loading<'_> {
    /// Reads one file, and says what it uses.
    fn file(&mut self, path: &str, wanted_by: Option<&ast::Name>) -> Vec<(String, Option<ast::Name>)> {
        let bytes = match self.files.read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.found
                    .push(errors::unreadable(path, &error.words(), wanted_by.map(|n| n.span)));
                self.read.insert(path.to_owned(), None);
                return Vec::new();
            }
        };
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            // Reading says that it is too large, which comes first.
            Err(error) if error.as_bytes().len() > limits::FILE_BYTES => String::from_utf8_lossy(error.as_bytes()).into_owned(),
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let lossy = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let file = self.sources.add(path, lossy);
                self.found.push(errors::not_utf8(Span::new(file, valid..valid + 3)));
                self.read.insert(path.to_owned(), None);
                return Vec::new();
            }
        };
        let parsed = self.parse(path, text);
        self.found.extend(parsed.found.iter().cloned());
        let uses = self.uses(path, &parsed.tree);
        self.read.insert(path.to_owned(), Some(parsed.tree.clone()));
        self.parsed.insert(path.to_owned(), parsed);
        uses
    }

    fn parse(&mut self, path: &str, text: String) -> Parsed {
        let id = self.sources.next();
        let earlier = self.earlier.remove(path);
        if let Some(parsed) = earlier.filter(|p| p.tree.id == id && p.text.text() == text) {
            self.sources.add_again(parsed.text.clone());
            return parsed;
        }
        let text = Arc::new(SourceFile::new(path.to_owned(), text));
        let file = self.sources.add_again(text.clone());
        let (tree, found) = crate::syntax::parse(&self.sources, file);
        Parsed {
            text,
            tree: Arc::new(tree),
            found,
        }
    }

    /// The paths of what a file uses, each with the name that asks for it.
    fn uses(&self, path: &str, tree: &ast::File) -> Vec<(String, Option<ast::Name>)> {
        let (folder, stem) = split(path);
        let beside = |name: &str| {
            if folder.is_empty() {
                format!("{name}.gl")
            } else {
                format!("{folder}/{name}.gl")
            }
        };
        let mut uses: Vec<(String, Option<ast::Name>)> = used_names(tree)
            .map(|name| (beside(&name.text), Some(name.clone())))
            .collect();
        if let Some(subject) = stem.strip_suffix(".cases")
            && self.files.read(&beside(subject)).is_ok()
        {
            uses.push((beside(subject), None));
        }
        uses
    }

    fn finish(mut self, guests: &[Guest<'_>], memo: &mut Memo) -> Loaded {
        let strangers = self.seat(guests);
        let read = std::mem::take(&mut self.read);
        let unread: BTreeSet<String> = read
            .iter()
            .filter(|(_, tree)| tree.is_none())
            .map(|(path, _)| path.clone())
            .collect();
        let trees: Vec<Tree> = read
            .into_iter()
            .filter_map(|(path, tree)| {
                let tree = tree?;
                Some(Tree {
                    path,
                    file: tree.id,
                    tree,
                })
            })
            .collect();
        let index: BTreeMap<&str, usize> = trees.iter().enumerate().map(|(i, t)| (t.path.as_str(), i)).collect();
        let used: Vec<Vec<String>> = trees
            .iter()
            .map(|t| self.uses(&t.path, &t.tree).into_iter().map(|(path, _)| path).collect())
            .collect();
        let uses: Vec<BTreeSet<usize>> = used
            .iter()
            .map(|paths| paths.iter().filter_map(|p| index.get(p.as_str()).copied()).collect())
            .collect();
        let lacking: BTreeSet<usize> = used
            .iter()
            .enumerate()
            .filter(|(_, paths)| paths.iter().any(|path| unread.contains(path)))
            .map(|(file, _)| file)
            .collect();
        self.circles(&trees, &uses);
        let reaches: Vec<BTreeSet<usize>> = trees
            .iter()
            .enumerate()
            .map(|(start, tree)| match strangers.contains(&tree.path) {
                true => (0..trees.len()).collect(),
                false => reach(start, &uses),
            })
            .collect();
        let inventories: Vec<Vec<InventoryRow>> = trees.iter().map(|t| self.inventory(t)).collect();
        let inputs: Vec<InputFile<'_>> = trees
            .iter()
            .zip(&reaches)
            .zip(inventories)
            .map(|((tree, reaches), inventory)| {
                let (folder, stem) = split(&tree.path);
                let texts = reaches
                    .iter()
                    .filter_map(|i| trees.get(*i))
                    .filter_map(|t| self.sources.get(t.file));
                let hash = texts.fold(Sha256::new(), |hash, file| hash.chain_update(file.text()).chain_update([0]));
                InputFile {
                    stem: stem.to_owned(),
                    folder: folder.to_owned(),
                    tree: &tree.tree,
                    reaches: reaches.clone(),
                    hash: hash.finalize().iter().map(|b| format!("{b:02x}")).collect(),
                    inventory,
                    incomplete: !reaches.is_disjoint(&lacking),
                }
            })
            .collect();
        let (library, found) = lower(&self.sources, &inputs, memo);
        drop(inputs);
        self.found.extend(found);
        let mut diagnostics = self.found.into_vec();
        crate::diagnostic::sort(&mut diagnostics);
        Loaded {
            sources: self.sources,
            trees,
            library,
            diagnostics,
        }
    }

    /// Puts guests where their names are known; gives back the names of those that stand on their own and see every file.
    fn seat(&mut self, guests: &[Guest<'_>]) -> BTreeSet<String> {
        let mut strangers = BTreeSet::new();
        for guest in guests {
            let file = self.sources.add(guest.name, guest.text);
            let (mut tree, found) = crate::syntax::parse(&self.sources, file);
            self.found.extend(found);
            let is_host = |host: &ast::File| {
                let mut items = host.items.iter();
                items.any(|item| matches!(item, ast::Item::Guideline(header) if Some(header.name.text.as_str()) == guest.inside))
            };
            let mut hosts = self.read.iter_mut().filter_map(|(path, tree)| Some((path, tree.as_mut()?)));
            match hosts.find(|(path, host)| is_host(host) || guest.inside == Some(split(path).1)) {
                Some((_, host)) => Arc::make_mut(host).items.append(&mut tree.items),
                None => {
                    self.read.insert(guest.name.to_owned(), Some(Arc::new(tree)));
                    strangers.insert(guest.name.to_owned());
                }
            }
        }
        strangers
    }

    /// Files that use each other in a circle; each circle once.
    fn circles(&mut self, trees: &[Tree], uses: &[BTreeSet<usize>]) {
        for (start, tree) in trees.iter().enumerate() {
            let beyond = uses.get(start).into_iter().flatten();
            let back: Vec<usize> = beyond.copied().filter(|next| reach(*next, uses).contains(&start)).collect();
            // The first file of a circle, by path, speaks for it.
            let Some(next) = back.first() else { continue };
            if reach(start, uses)
                .iter()
                .any(|other| *other < start && reach(*other, uses).contains(&start))
            {
                continue;
            }
            let target = trees.get(*next).map_or("", |t| split(&t.path).1);
            let name = used_names(&tree.tree).find(|n| n.text == target);
            if let Some(name) = name {
                self.found.push(errors::circle_of_uses(name));
            }
        }
    }

    /// The inventories that the sources of a file name.
    fn inventory(&mut self, tree: &Tree) -> Vec<InventoryRow> {
        let (folder, _) = split(&tree.path);
        let mut rows = Vec::new();
        for item in &tree.tree.items {
            let ast::Item::Source(source) = item else { continue };
            let Some(file) = &source.statements else { continue };
            if file.text.split('/').any(|part| part == ".." || part.is_empty()) {
                self.found.push(errors::inventory_outside(file));
                continue;
            }
            let path = if folder.is_empty() {
                file.text.clone()
            } else {
                format!("{folder}/{}", file.text)
            };
            match self
                .files
                .read(&path)
                .map_err(|e| e.words())
                .and_then(|bytes| read_inventory(&bytes, &source.name.text, &path))
            {
                Ok(read) => rows.extend(read),
                Err(reason) => self.found.push(errors::inventory_unreadable(file, &path, &reason)),
            }
        }
        rows
    }
}

impl ReadError {
    /// The reason in words.
    pub fn words(&self) -> String {
        match self {
            ReadError::NotFound => "there is no such file".to_owned(),
            ReadError::Other(reason) => reason.clone(),
        }
    }
}

/// The columns that every inventory has.
const COLUMNS: [&str; 6] = ["id", "section", "item", "kind", "paraphrase", "encode"];

/// What the column `encode` says of a statement: it can be executed, it defines a word, or it only informs.
const ENCODE: [&str; 3] = ["yes", "def", "note"];

/// Reads the rows of an inventory; its columns may stand in any order, and there may be more.
fn read_inventory(bytes: &[u8], source: &str, path: &str) -> Result<Vec<InventoryRow>, String> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let headers = reader.headers().map_err(|e| csv_reason(&e))?.clone();
    let mut places = [0; COLUMNS.len()];
    for (place, name) in places.iter_mut().zip(COLUMNS) {
        let column = headers.iter().position(|h| h == name);
        *place = column.ok_or_else(|| missing_column(name, &headers))?;
    }
    let mut rows = Vec::new();
    let mut lines: BTreeMap<String, u64> = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(|e| csv_reason(&e))?;
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() != headers.len() {
            return Err(format!(
                "line {line} has {} cells where the first line has {}; a text with a comma needs quotes",
                record.len(),
                headers.len()
            ));
        }
        let [id, section, item, kind, paraphrase, encode] = places.map(|place| record.get(place).unwrap_or("").to_owned());
        if id.is_empty() {
            return Err(format!("line {line} has no id"));
        }
        if let Some(first) = lines.insert(id.clone(), line) {
            return Err(format!("the id `{id}` stands in line {first} and again in line {line}"));
        }
        if !ENCODE.contains(&encode.as_str()) {
            return Err(format!(
                "line {line} has `{encode}` under `encode`, where `yes`, `def` or `note` belongs"
            ));
        }
        rows.push(InventoryRow {
            source: source.to_owned(),
            id,
            section,
            item,
            kind,
            paraphrase,
            encode,
            path: path.to_owned(),
            line,
        });
    }
    Ok(rows)
}

fn missing_column(name: &str, headers: &csv::StringRecord) -> String {
    let separator = [(';', "semicolons"), ('\t', "tabs")];
    let only = headers.get(0).filter(|_| headers.len() == 1).unwrap_or("");
    match separator.iter().find(|(separator, _)| only.contains(*separator)) {
        Some((_, word)) => format!("its cells are separated by {word}; save it with commas"),
        None => format!("it has no column `{name}`"),
    }
}

/// What is wrong with a CSV file, without the reader's own vocabulary.
fn csv_reason(error: &csv::Error) -> String {
    match (error.kind(), error.position()) {
        (csv::ErrorKind::Utf8 { .. }, Some(position)) => format!("line {} is not UTF-8 text", position.line()),
        (csv::ErrorKind::Utf8 { .. }, None) => "it is not UTF-8 text".to_owned(),
        _ => error.to_string(),
    }
}

/// Everything reachable from `start`, itself included.
fn reach(start: usize, uses: &[BTreeSet<usize>]) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![start];
    while let Some(next) = waiting.pop() {
        if reached.insert(next) {
            waiting.extend(uses.get(next).into_iter().flatten());
        }
    }
    reached
}

fn used_names(tree: &ast::File) -> impl Iterator<Item = &ast::Name> {
    tree.items.iter().flat_map(|item| match item {
        ast::Item::Use(uses) => uses.names.as_slice(),
        _ => &[],
    })
}

/// The folder and the name without `.gl` of a path.
fn split(path: &str) -> (&str, &str) {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    (folder, name.strip_suffix(".gl").unwrap_or(name))
}
