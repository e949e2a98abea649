//! Every declared name, and who may see it.
//!
//! In: the items of all files. Out: ids by name; findings for names declared twice.
//! Must not know: types, conditions.

use super::{InputFile, errors, label, text};
use crate::ast::{self, Item, Name};
use crate::diagnostic::{Diagnostic, Findings};
use crate::model::{self, ActionId, Condition, Definition, DefinitionId, FactId, FactType, Library, RuleId, ScaleId, SourceId};
use crate::source::Span;
use crate::suggest;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// What a name in the space of facts stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Meaning {
    Fact(FactId),
    Definition(DefinitionId),
    Scale(ScaleId),
}

/// A declared name with the position of its file and its place.
#[derive(Debug, Clone, Copy)]
struct Declared<T> {
    what: T,
    file: usize,
    /// For definitions of a guideline: seen in that file alone.
    local: bool,
    span: Span,
}

/// All names.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Facts, definitions and scales share one space.
    values: HashMap<String, Vec<Declared<Meaning>>>,
    actions: HashMap<String, Declared<ActionId>>,
    /// By the position of the file, and by name.
    sources: BTreeMap<usize, BTreeMap<String, SourceId>>,
    rules: HashMap<String, RuleId>,
    /// Words after the keyword of declarations that could not be read: known, but of no use.
    broken: BTreeSet<String>,
    /// Actions by their other names, in lower case with `_` for blanks.
    synonyms: BTreeMap<String, String>,
    /// Facts that are declared as dates.
    dates: BTreeSet<FactId>,
    /// What was noted while places were read.
    pub(super) noted: Noted,
}

/// What reading a place leaves behind besides its meaning.
#[derive(Debug, Clone, Default)]
pub(super) struct Noted {
    /// Declarations that something mentions.
    used: HashSet<Used>,
    /// Words in conditions that could not be read: uses that nobody can be sure of.
    unread: BTreeSet<String>,
}

impl Noted {
    pub(super) fn add(&mut self, other: &Noted) {
        self.used.extend(&other.used);
        self.unread.extend(other.unread.iter().cloned());
    }
}

/// What a table of names has, by name: tables are asked for one name so often that they keep no order of their own, and gone
/// through only where a name is missing.
fn in_order<T>(table: &HashMap<String, T>) -> Vec<(&str, &T)> {
    let mut all: Vec<(&str, &T)> = table.iter().map(|(name, what)| (name.as_str(), what)).collect();
    all.sort_unstable_by_key(|(name, _)| *name);
    all
}

/// A declaration that may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Used {
    Value(Meaning),
    Action(ActionId),
    Source(SourceId),
}

/// What a place asks for, so that a finding can say how to declare it.
#[derive(Debug, Clone)]
pub(super) enum Wanted {
    /// A fact or a definition, as a condition.
    Condition,
    /// A fact that is compared with something; what would be declared after its colon.
    Compared(String),
    /// A fact of the type `date`.
    Date,
    /// A fact that can be more or less.
    Amount,
}

impl Wanted {
    /// With its article.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Wanted::Condition | Wanted::Compared(_) | Wanted::Amount => "a fact",
            Wanted::Date => "a date fact",
        }
    }

    /// The type to declare it with.
    pub(super) fn declared_as(&self) -> &str {
        match self {
            Wanted::Condition => "yes/no",
            Wanted::Compared(ty) => ty,
            Wanted::Date => "date",
            Wanted::Amount => "quantity in weeks",
        }
    }
}

impl Names {
    /// Collects every declaration; facts, definitions, scales, actions and sources get their place in the library here.
    pub(super) fn collect(files: &[InputFile<'_>], library: &mut Library, found: &mut Findings) -> Names {
        let mut names = Names::default();
        for (index, file) in files.iter().enumerate() {
            let has_guideline = library.files.get(index).is_some_and(|f| f.guideline.is_some());
            let header = file.tree.items.iter().any(|i| matches!(i, Item::Guideline(_)));
            for item in &file.tree.items {
                match item {
                    Item::Fact(fact) => {
                        let id = FactId::from_index(library.facts.len());
                        if matches!(fact.ty.kind, ast::FactTypeKind::Date) {
                            names.dates.insert(id);
                        }
                        if names.declare(&fact.name, Meaning::Fact(id), (index, false), files, found) {
                            library.fact_names.insert(fact.name.text.clone(), id);
                        }
                        library.facts.push(placeholder(fact));
                    }
                    Item::Define(define) => {
                        let id = DefinitionId::from_index(library.definitions.len());
                        names.declare(&define.name, Meaning::Definition(id), (index, header), files, found);
                        library.definitions.push(Definition {
                            name: define.name.text.clone(),
                            label: label(&define.name, define.label.as_ref()),
                            condition: Condition::never(),
                            guideline: library
                                .files
                                .get(index)
                                .and_then(|f| f.guideline)
                                .filter(|_| header && has_guideline),
                            cites: Vec::new(),
                            statements: Vec::new(),
                            span: define.span,
                            name_span: define.name.span,
                        });
                    }
                    Item::Scale(scale) => {
                        let id = ScaleId::from_index(library.scales.len());
                        names.declare(&scale.name, Meaning::Scale(id), (index, header), files, found);
                        repeated(&scale.points, found);
                        library.scales.push(model::Scale {
                            name: scale.name.text.clone(),
                            points: scale.points.iter().map(|p| p.text.clone()).collect(),
                            span: scale.span,
                            name_span: scale.name.span,
                        });
                    }
                    Item::Action(action) => names.action(action, index, library, found),
                    Item::Source(source) => names.declare_source(source, index, file, library, found),
                    _ => {}
                }
            }
        }
        names
    }

    /// Remembers names in broken declarations, so that their uses are not reported as well.
    pub(super) fn remember_broken(&mut self, text: &str) {
        let mut words = text
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .filter(|w| !w.is_empty());
        let _keyword = words.next();
        self.broken.extend(words.take(1).map(str::to_owned));
    }

    /// Remembers the words of a condition that could not be read.
    pub(super) fn remember_unread(&mut self, text: &str) {
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        self.noted.unread.extend(text.split(|c| !is_name(c)).map(str::to_owned));
    }

    /// The names in declarations that could not be read.
    pub(super) fn broken(&self) -> &BTreeSet<String> {
        &self.broken
    }

    pub(super) fn is_broken(&self, name: &str) -> bool {
        self.broken.contains(name)
    }

    fn declare(
        &mut self,
        name: &Name,
        what: Meaning,
        (file, local): (usize, bool),
        files: &[InputFile<'_>],
        found: &mut Findings,
    ) -> bool {
        let all = self.values.entry(name.text.clone()).or_default();
        // Definitions and scales of two guidelines may share a name: each sees its own. A name that a guideline sees by
        // `use` cannot be given another meaning in it.
        let clash = all.iter().find(|d| match (d.local, local) {
            _ if d.file == file => true,
            (true, true) => false,
            (false, false) => true,
            (true, false) => reaches(files, d.file, file),
            (false, true) => reaches(files, file, d.file),
        });
        let free = match clash {
            Some(first) => {
                let one_file = first.file == file;
                found.push(errors::duplicate_value(
                    word(what),
                    word(first.what),
                    name,
                    first.span,
                    one_file,
                ));
                self.noted.used.insert(Used::Value(what));
                false
            }
            None => true,
        };
        all.push(Declared {
            what,
            file,
            local,
            span: name.span,
        });
        free
    }

    fn action(&mut self, action: &ast::Action, file: usize, library: &mut Library, found: &mut Findings) {
        let id = ActionId::from_index(library.actions.len());
        match self.actions.get(&action.name.text) {
            Some(first) => {
                let one_file = first.file == file;
                found.push(errors::duplicate_value(
                    "action",
                    "action",
                    &action.name,
                    first.span,
                    one_file,
                ));
                self.noted.used.insert(Used::Action(id));
            }
            None => {
                let declared = Declared {
                    what: id,
                    file,
                    local: false,
                    span: action.name.span,
                };
                self.actions.insert(action.name.text.clone(), declared);
                library.action_names.insert(action.name.text.clone(), id);
            }
        }
        for synonym in &action.synonyms {
            self.synonyms
                .entry(folded(&synonym.text))
                .or_insert_with(|| action.name.text.clone());
        }
        library.actions.push(model::Action {
            name: action.name.text.clone(),
            label: label(&action.name, action.label.as_ref()),
            parents: Vec::new(),
            synonyms: action.synonyms.iter().map(|s| s.text.clone()).collect(),
            codes: action
                .codes
                .iter()
                .map(|c| (c.system.text.clone(), c.code.text.clone()))
                .collect(),
            span: action.span,
            name_span: action.name.span,
        });
    }

    fn declare_source(
        &mut self,
        source: &ast::Source,
        file: usize,
        input: &InputFile<'_>,
        library: &mut Library,
        found: &mut Findings,
    ) {
        let id = SourceId::from_index(library.sources.len());
        let own = self.sources.entry(file).or_default();
        if let Some(first) = own.get(&source.name.text) {
            found.push(errors::duplicate(
                "source",
                &source.name.text,
                source.name.span,
                library[*first].name_span,
            ));
            self.noted.used.insert(Used::Source(id));
        } else {
            own.insert(source.name.text.clone(), id);
        }
        let mut whole = |number: Option<&ast::Number>| {
            let number = number?;
            let parsed = number.text.parse::<u32>();
            if parsed.is_err() {
                found.push(errors::not_a_whole_number(number));
            }
            parsed.ok()
        };
        library.sources.push(model::Source {
            name: source.name.text.clone(),
            title: text(source.title.as_ref()).unwrap_or_else(|| source.name.text.clone()),
            publisher: text(source.publisher.as_ref()),
            year: whole(source.year.as_ref()),
            url: text(source.url.as_ref()),
            lists: whole(source.lists.as_ref()),
            statements: text(source.statements.as_ref()),
            reads: None,
            file: input.tree.id,
            span: source.span,
            name_span: source.name.span,
        });
    }

    pub(super) fn add_rule(&mut self, full_name: String, rule: RuleId) {
        self.rules.insert(full_name, rule);
    }

    pub(super) fn rule(&self, full_name: &str) -> Option<RuleId> {
        self.rules.get(full_name).copied()
    }

    pub(super) fn rule_names(&self) -> impl Iterator<Item = &str> {
        in_order(&self.rules).into_iter().map(|(name, _)| name)
    }

    fn visible(declared: &Declared<Meaning>, file: usize, files: &[InputFile<'_>]) -> bool {
        if declared.local {
            declared.file == file
        } else {
            reaches(files, file, declared.file)
        }
    }

    /// What a name means in a file: its own and local meaning before a shared one.
    pub(super) fn value(&mut self, name: &Name, file: usize, files: &[InputFile<'_>]) -> Option<Meaning> {
        let all = self.values.get(&name.text)?;
        let mut seen = all.iter().filter(|d| Names::visible(d, file, files));
        let own = all.iter().find(|d| d.file == file);
        let meaning = own.or_else(|| seen.next())?.what;
        self.noted.used.insert(Used::Value(meaning));
        Some(meaning)
    }

    /// Whether the fact is declared as a date.
    pub(super) fn is_date(&self, fact: FactId) -> bool {
        self.dates.contains(&fact)
    }

    /// Whether something mentions the declaration, or might in text that could not be read.
    pub(super) fn is_used(&self, declaration: Used, name: &str) -> bool {
        self.noted.used.contains(&declaration) || self.noted.unread.contains(name)
    }

    /// The action with this name, or a finding that says what is known instead.
    pub(super) fn find_action(
        &mut self,
        name: &Name,
        file: usize,
        files: &[InputFile<'_>],
    ) -> Result<ActionId, Option<Diagnostic>> {
        match self.actions.get(&name.text) {
            Some(declared) if reaches(files, file, declared.file) => {
                self.noted.used.insert(Used::Action(declared.what));
                Ok(declared.what)
            }
            _ if self.is_excused(&name.text, file, files) => Err(None),
            Some(declared) => Err(Some(not_reached("action", name, file, declared.file, declared.span, files))),
            None => Err(Some(match self.values.get(&name.text).and_then(|all| all.first()) {
                Some(other) => errors::other_kind(name, word(other.what), "an action", other.span),
                None => {
                    let near = self.near_action(&name.text, file, files);
                    if let Some(meant) = near.as_ref().and_then(|near| self.actions.get(near)) {
                        self.noted.used.insert(Used::Action(meant.what));
                    }
                    errors::undeclared_action(
                        name,
                        near.as_deref(),
                        after_last(files, file, |i| matches!(i, Item::Action(_))),
                    )
                }
            })),
        }
    }

    /// The action that was probably meant: by another name of it, by its name, or nearly so.
    fn near_action(&self, name: &str, file: usize, files: &[InputFile<'_>]) -> Option<String> {
        let seen = |action: &str| self.actions.get(action).is_some_and(|d| reaches(files, file, d.file));
        let synonym = self.synonyms.get(&folded(name)).filter(|action| seen(action)).cloned();
        synonym
            .or_else(|| near(name, in_order(&self.actions).into_iter().map(|(n, _)| n).filter(|n| seen(n))).map(str::to_owned))
            .or_else(|| {
                let synonym = near(&folded(name), self.synonyms.keys().map(String::as_str))?.to_owned();
                self.synonyms.get(&synonym).filter(|action| seen(action)).cloned()
            })
    }

    /// Why a name cannot be used as a fact or definition; nothing where another finding says it already.
    pub(super) fn missing_value(
        &mut self,
        name: &Name,
        wanted: &Wanted,
        file: usize,
        files: &[InputFile<'_>],
    ) -> Option<Diagnostic> {
        if self.is_excused(&name.text, file, files) {
            return None;
        }
        if let Some(elsewhere) = self.elsewhere(name, file, files) {
            return Some(elsewhere);
        }
        if let Some(action) = self.actions.get(&name.text) {
            return Some(errors::other_kind(name, "action", wanted.word(), action.span));
        }
        if self.source(file, &name.text).is_some() {
            return Some(errors::other_kind(name, "source", wanted.word(), name.span));
        }
        let fits = |d: &Declared<Meaning>| match (wanted, d.what) {
            (Wanted::Date, Meaning::Fact(fact)) => self.is_date(fact),
            (Wanted::Condition, Meaning::Definition(_)) | (_, Meaning::Fact(_)) => true,
            _ => false,
        };
        let seen = |all: &Vec<Declared<Meaning>>| all.iter().find(|d| Names::visible(d, file, files) && fits(d)).copied();
        let known = in_order(&self.values)
            .into_iter()
            .filter(|(_, all)| seen(all).is_some())
            .map(|(n, _)| n);
        let meant = near(&name.text, known).map(str::to_owned);
        if let Some(declared) = meant.as_ref().and_then(|meant| self.values.get(meant)).and_then(seen) {
            self.noted.used.insert(Used::Value(declared.what));
        }
        let place = after_last(files, file, |i| matches!(i, Item::Fact(_)));
        Some(errors::undeclared_fact(name, wanted.declared_as(), meant.as_deref(), place))
    }

    /// A finding for a name in the space of facts that other files declare.
    fn elsewhere(&self, name: &Name, file: usize, files: &[InputFile<'_>]) -> Option<Diagnostic> {
        let all = self.values.get(&name.text)?;
        // A shared declaration can be reached by `use`; one of a guideline of its own cannot.
        let declared = all.iter().find(|d| !d.local).or_else(|| all.first())?;
        let (kind, there) = (word(declared.what), declared.file);
        Some(if declared.local {
            errors::local_elsewhere(kind, name, &stem(files, there), declared.span)
        } else {
            not_reached(kind, name, file, there, declared.span, files)
        })
    }

    /// Whether a missing name needs no finding of its own: its declaration is broken, or a file could not be read.
    fn is_excused(&self, name: &str, file: usize, files: &[InputFile<'_>]) -> bool {
        self.is_broken(name) || files.get(file).is_some_and(|f| f.incomplete)
    }

    /// The source with this name in the file, or a finding.
    pub(super) fn find_source(
        &mut self,
        name: &Name,
        file: usize,
        files: &[InputFile<'_>],
    ) -> Result<SourceId, Option<Diagnostic>> {
        if let Some(source) = self.source(file, &name.text) {
            self.noted.used.insert(Used::Source(source));
            return Ok(source);
        }
        if self.is_broken(&name.text) {
            return Err(None);
        }
        let meant = near(&name.text, self.sources_of(file).map(|(n, _)| n)).map(str::to_owned);
        if let Some(source) = meant.as_ref().and_then(|meant| self.source(file, meant)) {
            self.noted.used.insert(Used::Source(source));
            return Err(Some(errors::undeclared_source(name, meant.as_deref(), None)));
        }
        if let Some(other) = self.values.get(&name.text).and_then(|all| all.first()) {
            return Err(Some(errors::other_kind(name, word(other.what), "a source", other.span)));
        }
        if let Some(action) = self.actions.get(&name.text) {
            return Err(Some(errors::other_kind(name, "action", "a source", action.span)));
        }
        let mut elsewhere = self.sources.iter().filter(|(_, own)| own.contains_key(&name.text));
        let there = elsewhere.next().map(|(there, _)| stem(files, *there));
        Err(Some(match there {
            Some(there) => errors::source_elsewhere(name, &there),
            None => {
                let mut own = self.sources_of(file).map(|(n, _)| n);
                let only = own.next().filter(|_| own.next().is_none());
                errors::undeclared_source(name, None, only)
            }
        }))
    }

    pub(super) fn scale(&mut self, name: &Name, file: usize, files: &[InputFile<'_>]) -> Result<ScaleId, Option<Diagnostic>> {
        match self.value(name, file, files) {
            Some(Meaning::Scale(scale)) => Ok(scale),
            Some(other) => {
                let declared = self
                    .values
                    .get(&name.text)
                    .and_then(|all| all.iter().find(|d| d.what == other));
                let span = declared.map_or(name.span, |d| d.span);
                Err(Some(errors::other_kind(name, word(other), "a scale", span)))
            }
            None => {
                if self.is_excused(&name.text, file, files) {
                    return Err(None);
                }
                if let Some(elsewhere) = self.elsewhere(name, file, files) {
                    return Err(Some(elsewhere));
                }
                if let Some(action) = self.actions.get(&name.text) {
                    return Err(Some(errors::other_kind(name, "action", "a scale", action.span)));
                }
                let is_scale = |d: &Declared<Meaning>| matches!(d.what, Meaning::Scale(_)) && Names::visible(d, file, files);
                let seen = |all: &Vec<Declared<Meaning>>| all.iter().copied().find(is_scale);
                let scales = in_order(&self.values)
                    .into_iter()
                    .filter(|(_, all)| seen(all).is_some())
                    .map(|(n, _)| n);
                let meant = near(&name.text, scales).map(str::to_owned);
                if let Some(declared) = meant.as_ref().and_then(|meant| self.values.get(meant)).and_then(seen) {
                    self.noted.used.insert(Used::Value(declared.what));
                }
                Err(Some(errors::undeclared_scale(name, meant.as_deref())))
            }
        }
    }

    pub(super) fn sources_of(&self, file: usize) -> impl Iterator<Item = (&str, SourceId)> {
        let own = self.sources.get(&file).into_iter().flatten();
        own.map(|(name, id)| (name.as_str(), *id))
    }

    fn source(&self, file: usize, name: &str) -> Option<SourceId> {
        self.sources.get(&file)?.get(name).copied()
    }
}

/// A name as it is compared with synonyms.
fn folded(name: &str) -> String {
    name.to_lowercase().replace([' ', '-'], "_")
}

fn reaches(files: &[InputFile<'_>], from: usize, to: usize) -> bool {
    files.get(from).is_some_and(|f| f.reaches.contains(&to))
}

fn stem(files: &[InputFile<'_>], index: usize) -> String {
    files.get(index).map_or(String::new(), |f| f.stem.clone())
}

/// The finding for a name that another file declares, with the `use` that would reach it.
pub(super) fn not_reached(
    kind: &str,
    name: &Name,
    file: usize,
    there: usize,
    declared: Span,
    files: &[InputFile<'_>],
) -> Diagnostic {
    let (Some(own), Some(other)) = (files.get(file), files.get(there)) else {
        return errors::not_reached(kind, name, "", declared, None);
    };
    let fix = (own.folder == other.folder).then(|| place_for_use(own, &other.stem));
    errors::not_reached(kind, name, &other.stem, declared, fix)
}

/// Where `use STEM` would be inserted in a file, and the text of it.
pub(super) fn place_for_use(file: &InputFile<'_>, stem: &str) -> (Span, String) {
    let start = Span::new(file.tree.id, 0..0);
    let uses = file.tree.items.iter().rev().find_map(|item| match item {
        Item::Use(uses) => uses.names.last(),
        _ => None,
    });
    let header = file.tree.items.iter().find(|item| matches!(item, Item::Guideline(_)));
    match (uses, header) {
        (Some(last), _) => (last.span.after(), format!(", {stem}")),
        (None, Some(header)) => (header.span().after(), format!("\n\nuse {stem}")),
        (None, None) => (start, format!("use {stem}\n")),
    }
}

/// The name that was probably meant. A word of one or two letters is taken only for itself in another case.
pub(super) fn near<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let limit = (word.len() / 3).max(1);
    let likely = names.into_iter().filter(|n| n.len().abs_diff(word.len()) <= limit);
    suggest::closest(word, likely).filter(|near| word.len() > 2 || near.eq_ignore_ascii_case(word))
}

pub(super) fn word(meaning: Meaning) -> &'static str {
    match meaning {
        Meaning::Fact(_) => "fact",
        Meaning::Definition(_) => "definition",
        Meaning::Scale(_) => "scale",
    }
}

/// Behind the last declaration of a kind in a file, where another one would go.
fn after_last(files: &[InputFile<'_>], file: usize, is_kind: fn(&Item) -> bool) -> Option<Span> {
    let items = files.get(file)?.tree.items.iter();
    items.rev().find(|item| is_kind(item)).map(|item| item.span().after())
}

pub(super) fn repeated(names: &[Name], found: &mut Findings) {
    if names.len() < 2 {
        return;
    }
    let mut first: BTreeMap<&str, Span> = BTreeMap::new();
    for name in names {
        match first.get(name.text.as_str()) {
            Some(earlier) => found.push(errors::repeated_value(name, *earlier)),
            None => {
                first.insert(&name.text, name.span);
            }
        }
    }
}

fn placeholder(fact: &ast::Fact) -> model::Fact {
    model::Fact {
        name: fact.name.text.clone(),
        label: label(&fact.name, fact.label.as_ref()),
        question: text(fact.ask.as_ref()),
        ty: FactType::YesNo,
        range: None,
        default_no: fact.default_no.is_some(),
        codes: fact
            .codes
            .iter()
            .map(|c| (c.system.text.clone(), c.code.text.clone()))
            .collect(),
        span: fact.span,
        name_span: fact.name.span,
    }
}
