//! What every name in the texts stands for.
//!
//! In: trees, and the library made of them. Out: occurrences of symbols, by place and by symbol.
//! Must not know: what is asked about them.
//!
//! Names are found as the checker finds them: own and local ones before shared ones, and those only by `use`. A name that the
//! checker would refuse stands for nothing.

use crate::ast::{self, Item, Mention, Name, Role};
use crate::load::Loaded;
use crate::model::{ActionId, DefinitionId, FactId, FactType, GuidelineId, Library, RuleId, ScaleId, SourceId};
use crate::source::{FileId, Span};
use std::collections::BTreeMap;

/// Something that has a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Symbol {
    /// A guideline.
    Guideline(GuidelineId),
    /// A file, as `use` names it; its position in [`Loaded::trees`].
    File(usize),
    /// A source document.
    Source(SourceId),
    /// A grading scheme.
    Scale(ScaleId),
    /// A point of a grading scheme, by position.
    Point(ScaleId, usize),
    /// A fact.
    Fact(FactId),
    /// A value or a member of a fact, by position.
    Value(FactId, usize),
    /// A named condition.
    Definition(DefinitionId),
    /// An action.
    Action(ActionId),
    /// A rule.
    Rule(RuleId),
    /// A note; its position in [`Library::notes`].
    Note(usize),
    /// A statement of a document, by its id.
    Statement(String),
}

/// A symbol at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// Where the name stands.
    pub span: Span,
    /// What it stands for.
    pub symbol: Symbol,
    /// Whether it is declared here.
    pub declares: bool,
}

/// Every occurrence of every symbol.
#[derive(Debug, Default)]
pub struct Names {
    /// In the order of files and places.
    occurrences: Vec<Occurrence>,
    /// Positions in the list.
    of: BTreeMap<Symbol, Vec<usize>>,
}

impl Names {
    /// Looks at every name of what was loaded.
    pub fn new(loaded: &Loaded) -> Self {
        let scope = Scope::new(loaded);
        let mut occurrences = Vec::new();
        for (file, tree) in loaded.trees.iter().enumerate() {
            for item in &tree.tree.items {
                ast::mentions(item, &mut |mention| {
                    occurrences.extend(scope.symbol(&mention, file, item).map(|symbol| Occurrence {
                        span: mention.name.span,
                        symbol,
                        declares: mention.declares,
                    }));
                });
            }
        }
        occurrences.sort_by_key(|o| o.span);
        let mut of: BTreeMap<Symbol, Vec<usize>> = BTreeMap::new();
        for (index, occurrence) in occurrences.iter().enumerate() {
            of.entry(occurrence.symbol.clone()).or_default().push(index);
        }
        Names { occurrences, of }
    }

    /// The name at a byte, or one that ends there.
    pub fn at(&self, file: FileId, byte: usize) -> Option<&Occurrence> {
        let byte = u32::try_from(byte).ok()?;
        let after = self
            .occurrences
            .partition_point(|o| (o.span.file, o.span.start) <= (file, byte));
        let before = self.occurrences.get(..after)?.iter().rev().take(2);
        before
            .into_iter()
            .find(|o| o.span.file == file && o.span.start <= byte && byte <= o.span.end)
    }

    /// All occurrences in a file, in the order of their places.
    pub fn in_file(&self, file: FileId) -> &[Occurrence] {
        let start = self.occurrences.partition_point(|o| o.span.file < file);
        let end = self.occurrences.partition_point(|o| o.span.file <= file);
        self.occurrences.get(start..end).unwrap_or_default()
    }

    /// All occurrences of a symbol, in the order of files and places.
    pub fn of(&self, symbol: &Symbol) -> impl Iterator<Item = &Occurrence> {
        let indices = self.of.get(symbol).into_iter().flatten();
        indices.filter_map(|index| self.occurrences.get(*index))
    }

    /// What the names stand for, one after the other.
    pub(super) fn symbols(&self) -> impl Iterator<Item = (&Symbol, bool)> {
        self.occurrences.iter().map(|o| (&o.symbol, o.declares))
    }

    /// Where a symbol is declared by its name.
    pub fn declaration(&self, symbol: &Symbol) -> Option<Span> {
        self.of(symbol).find(|o| o.declares).map(|o| o.span)
    }
}

/// A name in the space of facts, with what sees it.
struct Declared {
    symbol: Symbol,
    file: usize,
    /// Seen in its own file alone.
    local: bool,
}

/// Everything that has a name, by its name.
struct Scope<'a> {
    library: &'a Library,
    paths: BTreeMap<(&'a str, &'a str), usize>,
    values: BTreeMap<&'a str, Vec<Declared>>,
    actions: BTreeMap<&'a str, (ActionId, usize)>,
    sources: BTreeMap<(usize, &'a str), SourceId>,
    rules: BTreeMap<&'a str, RuleId>,
    guidelines: BTreeMap<&'a str, GuidelineId>,
    /// Declarations by the place of their names, for those of which there may be two.
    places: BTreeMap<Span, Symbol>,
    /// Notes by their places.
    notes: BTreeMap<Span, usize>,
}

impl<'a> Scope<'a> {
    fn new(loaded: &'a Loaded) -> Self {
        let library = &loaded.library;
        let positions: BTreeMap<FileId, usize> = library.files.iter().enumerate().map(|(i, f)| (f.file, i)).collect();
        let of = |span: Span| positions.get(&span.file).copied().unwrap_or(usize::MAX);
        let has_header: Vec<bool> = loaded
            .trees
            .iter()
            .map(|t| t.tree.items.iter().any(|item| matches!(item, Item::Guideline(_))))
            .collect();
        let mut scope = Scope {
            library,
            paths: library
                .files
                .iter()
                .enumerate()
                .map(|(i, f)| ((f.folder.as_str(), f.stem.as_str()), i))
                .collect(),
            values: BTreeMap::new(),
            actions: BTreeMap::new(),
            sources: BTreeMap::new(),
            rules: BTreeMap::new(),
            guidelines: BTreeMap::new(),
            places: BTreeMap::new(),
            notes: library.notes.iter().enumerate().map(|(i, note)| (note.span, i)).collect(),
        };
        let mut value = |name: &'a str, symbol: Symbol, span: Span, may_be_local: bool| {
            let file = of(span);
            let local = may_be_local && has_header.get(file).copied().unwrap_or(false);
            scope.places.insert(span, symbol.clone());
            let declared = Declared { symbol, file, local };
            scope.values.entry(name).or_default().push(declared);
        };
        for (index, fact) in library.facts.iter().enumerate() {
            value(&fact.name, Symbol::Fact(FactId::from_index(index)), fact.name_span, false);
        }
        for (index, definition) in library.definitions.iter().enumerate() {
            let symbol = Symbol::Definition(DefinitionId::from_index(index));
            value(&definition.name, symbol, definition.name_span, true);
        }
        for (index, scale) in library.scales.iter().enumerate() {
            value(&scale.name, Symbol::Scale(ScaleId::from_index(index)), scale.name_span, true);
        }
        for (index, action) in library.actions.iter().enumerate() {
            let id = ActionId::from_index(index);
            scope.places.insert(action.name_span, Symbol::Action(id));
            scope.actions.entry(&action.name).or_insert((id, of(action.name_span)));
        }
        for (index, source) in library.sources.iter().enumerate() {
            let id = SourceId::from_index(index);
            scope.places.insert(source.name_span, Symbol::Source(id));
            scope.sources.entry((of(source.name_span), &source.name)).or_insert(id);
        }
        for (index, rule) in library.rules.iter().enumerate() {
            let id = RuleId::from_index(index);
            scope.places.insert(rule.name_span, Symbol::Rule(id));
            // As the checker has it: of two rules with one name, the later one.
            scope.rules.insert(&rule.full_name, id);
        }
        for (index, guideline) in library.guidelines.iter().enumerate() {
            let id = GuidelineId::from_index(index);
            scope.guidelines.entry(&guideline.name).or_insert(id);
        }
        scope
    }

    fn symbol(&self, mention: &Mention<'_>, file: usize, item: &Item) -> Option<Symbol> {
        let name = mention.name;
        if mention.declares {
            return match mention.role {
                Role::Guideline => self.library.files.get(file)?.guideline.map(Symbol::Guideline),
                Role::Point(scale) => self.point(self.places.get(&scale.span)?, name),
                Role::Value(fact) => self.value(self.places.get(&fact.span)?, name),
                Role::Note => self.notes.get(&item.span()).copied().map(Symbol::Note),
                _ => self.places.get(&name.span).cloned(),
            };
        }
        match mention.role {
            Role::Guideline => self.guidelines.get(name.text.as_str()).copied().map(Symbol::Guideline),
            Role::File => {
                let folder = self.library.files.get(file)?.folder.as_str();
                self.paths.get(&(folder, name.text.as_str())).copied().map(Symbol::File)
            }
            Role::Source => self.sources.get(&(file, name.text.as_str())).copied().map(Symbol::Source),
            Role::Scale => self.term(name, file).filter(|s| matches!(s, Symbol::Scale(_))),
            Role::Point(scale) => self.point(&self.term(scale, file)?, name),
            Role::Fact | Role::Definition => self.term(name, file).filter(|s| matches!(s, Symbol::Fact(_))),
            Role::Term => self.term(name, file),
            Role::Value(fact) => self.value(&self.term(fact, file)?, name),
            Role::Action => {
                let (action, there) = self.actions.get(name.text.as_str())?;
                self.reaches(file, *there).then_some(Symbol::Action(*action))
            }
            Role::Rule(guideline) => {
                let owner = match guideline {
                    Some(guideline) => guideline.text.as_str(),
                    None => &self.library[self.library.files.get(file)?.guideline?].name,
                };
                let full_name = format!("{owner}.{}", name.text);
                self.rules.get(full_name.as_str()).copied().map(Symbol::Rule)
            }
            Role::Note => None,
            Role::Statement => Some(Symbol::Statement(name.text.clone())),
        }
    }

    fn reaches(&self, file: usize, there: usize) -> bool {
        self.library.files.get(file).is_some_and(|f| f.reaches.contains(&there))
    }

    /// What a name in the space of facts means in a file.
    fn term(&self, name: &Name, file: usize) -> Option<Symbol> {
        let all = self.values.get(name.text.as_str())?;
        let is_seen = |d: &&Declared| match d.local {
            true => d.file == file,
            false => self.reaches(file, d.file),
        };
        let own = all.iter().find(|d| d.file == file);
        own.or_else(|| all.iter().find(is_seen)).map(|d| d.symbol.clone())
    }

    fn value(&self, of: &Symbol, name: &Name) -> Option<Symbol> {
        let Symbol::Fact(fact) = of else { return None };
        match &self.library[*fact].ty {
            FactType::OneOf { values: names, .. } | FactType::AnyOf { members: names } => {
                let at = names.iter().position(|value| *value == name.text)?;
                Some(Symbol::Value(*fact, at))
            }
            _ => None,
        }
    }

    fn point(&self, of: &Symbol, name: &Name) -> Option<Symbol> {
        let Symbol::Scale(scale) = of else { return None };
        let at = self.library[*scale].points.iter().position(|point| *point == name.text)?;
        Some(Symbol::Point(*scale, at))
    }
}
