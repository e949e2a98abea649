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
use std::collections::{BTreeMap, BTreeSet};

/// What a name in the space of facts stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    values: BTreeMap<String, Vec<Declared<Meaning>>>,
    actions: BTreeMap<String, Declared<ActionId>>,
    sources: BTreeMap<(usize, String), SourceId>,
    rules: BTreeMap<String, RuleId>,
    /// Words after the keyword of declarations that could not be read: known, but of no use.
    broken: BTreeSet<String>,
    /// Words in conditions that could not be read: uses that nobody can be sure of.
    pub(super) unread: BTreeSet<String>,
    /// Actions by their other names, in lower case with `_` for blanks.
    synonyms: BTreeMap<String, String>,
    /// Names that were used.
    pub(super) used: BTreeSet<(Kind, String)>,
}

/// The kinds of names that a place may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Fact,
    Definition,
    Scale,
    Action,
    Source,
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
                    Item::Source(source) => names.source(source, index, file, library, found),
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
        self.unread.extend(text.split(|c| !is_name(c)).map(str::to_owned));
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
                found.push(errors::duplicate(word(what), &name.text, name.span, first.span));
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
            Some(first) => found.push(errors::duplicate("action", &action.name.text, action.name.span, first.span)),
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

    fn source(&mut self, source: &ast::Source, file: usize, input: &InputFile<'_>, library: &mut Library, found: &mut Findings) {
        let id = SourceId::from_index(library.sources.len());
        let key = (file, source.name.text.clone());
        if let Some(first) = self.sources.get(&key) {
            found.push(errors::duplicate(
                "source",
                &source.name.text,
                source.name.span,
                library[*first].name_span,
            ));
        } else {
            self.sources.insert(key, id);
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
        self.rules.keys().map(String::as_str)
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
        self.used.insert((kind(meaning), name.text.clone()));
        Some(meaning)
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
                self.used.insert((Kind::Action, name.text.clone()));
                Ok(declared.what)
            }
            Some(declared) => Err(Some(errors::not_reached(
                "action",
                name,
                &stem(files, declared.file),
                declared.span,
            ))),
            None if self.is_broken(&name.text) => Err(None),
            None => match self.values.get(&name.text).and_then(|all| all.first()) {
                Some(other) => Err(Some(errors::other_kind(name, word(other.what), "an action", other.span))),
                None => {
                    let own = self
                        .actions
                        .iter()
                        .filter(|(_, d)| reaches(files, file, d.file))
                        .map(|(n, _)| n.as_str());
                    let other = self.synonyms.get(&folded(&name.text)).map(String::as_str);
                    let near = other.or_else(|| suggest::closest(&name.text, own)).or_else(|| {
                        let synonym = suggest::closest(&folded(&name.text), self.synonyms.keys().map(String::as_str))?;
                        self.synonyms.get(synonym).map(String::as_str)
                    });
                    Err(Some(errors::undeclared_action(name, near)))
                }
            },
        }
    }

    /// Why a name cannot be used as a fact or definition; nothing where its declaration is broken.
    pub(super) fn missing_value(&self, name: &Name, wanted: &str, file: usize, files: &[InputFile<'_>]) -> Option<Diagnostic> {
        if self.is_broken(&name.text) {
            return None;
        }
        if let Some(declared) = self.values.get(&name.text).and_then(|all| all.first()) {
            return Some(if declared.local {
                errors::local_elsewhere(name, &stem(files, declared.file), declared.span)
            } else {
                errors::not_reached(word(declared.what), name, &stem(files, declared.file), declared.span)
            });
        }
        if let Some(action) = self.actions.get(&name.text) {
            return Some(errors::other_kind(name, "action", wanted, action.span));
        }
        let known = self.values.iter().filter(|(_, all)| {
            all.iter()
                .any(|d| Names::visible(d, file, files) && !matches!(d.what, Meaning::Scale(_)))
        });
        Some(errors::undeclared_fact(
            name,
            suggest::closest(&name.text, known.map(|(n, _)| n.as_str())),
        ))
    }

    /// The source with this name in the file, or a finding.
    pub(super) fn find_source(&mut self, name: &Name, file: usize) -> Result<SourceId, Option<Diagnostic>> {
        if let Some(source) = self.sources.get(&(file, name.text.clone())) {
            self.used.insert((Kind::Source, format!("{file} {}", name.text)));
            return Ok(*source);
        }
        if self.is_broken(&name.text) {
            return Err(None);
        }
        let own = self.sources.keys().filter(|(f, _)| *f == file).map(|(_, n)| n.as_str());
        Err(Some(errors::undeclared_source(name, suggest::closest(&name.text, own))))
    }

    pub(super) fn scale(&mut self, name: &Name, file: usize, files: &[InputFile<'_>]) -> Result<ScaleId, Option<Diagnostic>> {
        match self.value(name, file, files) {
            Some(Meaning::Scale(scale)) => Ok(scale),
            Some(other) => {
                let span = self
                    .values
                    .get(&name.text)
                    .and_then(|all| all.first())
                    .map_or(name.span, |d| d.span);
                Err(Some(errors::other_kind(name, word(other), "a scale", span)))
            }
            None if self.is_broken(&name.text) => Err(None),
            None => {
                let scales = self
                    .values
                    .iter()
                    .filter(|(_, all)| all.iter().any(|d| matches!(d.what, Meaning::Scale(_))));
                Err(Some(errors::undeclared_scale(
                    name,
                    suggest::closest(&name.text, scales.map(|(n, _)| n.as_str())),
                )))
            }
        }
    }

    pub(super) fn sources_of(&self, file: usize) -> impl Iterator<Item = (&str, SourceId)> {
        self.sources
            .iter()
            .filter(move |((f, _), _)| *f == file)
            .map(|((_, n), id)| (n.as_str(), *id))
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

pub(super) fn kind(meaning: Meaning) -> Kind {
    match meaning {
        Meaning::Fact(_) => Kind::Fact,
        Meaning::Definition(_) => Kind::Definition,
        Meaning::Scale(_) => Kind::Scale,
    }
}

pub(super) fn word(meaning: Meaning) -> &'static str {
    match meaning {
        Meaning::Fact(_) => "fact",
        Meaning::Definition(_) => "definition",
        Meaning::Scale(_) => "scale",
    }
}

pub(super) fn repeated(names: &[Name], found: &mut Findings) {
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
