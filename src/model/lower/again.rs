//! What an earlier run made of the rules of each file, so that the next one lowers only the files that changed.
//!
//! In: the library of an earlier run, file by file. Out: the same in the library of this one, under the ids that a fresh run
//! would give. Must not know: how anything is lowered.
//!
//! What stands under the sections of a file depends on the file and on what all files declare; nothing of it depends on the
//! rules of another file. So it serves again where the file is the same and the declarations are.

use super::names::Noted;
use super::{InputFile, Lowering};
use crate::ast::{self, Item};
use crate::diagnostic::Diagnostic;
use crate::model::{
    Atom, AtomId, Claim, Condition, Effect, EffectId, GuidelineId, InventoryRow, Note, Rule, RuleId, Section, SectionId, Term,
    Test, TestId,
};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What serves again.
#[derive(Debug, Default)]
pub struct Memo {
    around: Around,
    /// By the position of the file; none where it was not lowered.
    files: Vec<Option<Lowered>>,
}

/// What the rules of any file may depend on, besides their own file.
#[derive(Debug, Default, PartialEq)]
struct Around {
    files: Vec<Seen>,
    /// Names in declarations that could not be read.
    broken: BTreeSet<String>,
}

/// What others may see of a file.
#[derive(Debug)]
struct Seen {
    tree: Arc<ast::File>,
    stem: String,
    folder: String,
    reaches: BTreeSet<usize>,
    incomplete: bool,
    inventory: Vec<InventoryRow>,
    guideline: Option<GuidelineId>,
}

impl PartialEq for Seen {
    fn eq(&self, other: &Seen) -> bool {
        let names = |seen: &Seen| (seen.guideline, seen.incomplete, seen.tree.id);
        names(self) == names(other)
            && (&self.stem, &self.folder, &self.reaches) == (&other.stem, &other.folder, &other.reaches)
            && (Arc::ptr_eq(&self.tree, &other.tree) || declarations(&self.tree).eq(declarations(&other.tree)))
            && self.inventory == other.inventory
    }
}

/// The items that rules of other files may depend on. Of broken ones only names matter, and [`Around`] has them.
fn declarations(tree: &ast::File) -> impl Iterator<Item = &Item> {
    tree.items.iter().filter(|item| {
        !matches!(
            item,
            Item::Section(_)
                | Item::Rule(_)
                | Item::Note(_)
                | Item::Reconcile(_)
                | Item::Complete(_)
                | Item::Case(_)
                | Item::Broken(_)
        )
    })
}

impl Around {
    fn new(lowering: &Lowering<'_>) -> Around {
        let seen = |(index, file): (usize, &InputFile<'_>)| Seen {
            tree: file.tree.clone(),
            stem: file.stem.clone(),
            folder: file.folder.clone(),
            reaches: file.reaches.clone(),
            incomplete: file.incomplete,
            inventory: file.inventory.clone(),
            guideline: lowering.guideline_of(index),
        };
        Around {
            files: lowering.files.iter().enumerate().map(seen).collect(),
            broken: lowering.names.broken().clone(),
        }
    }
}

impl Memo {
    /// What is left of an earlier run now that all declarations are known.
    pub(super) fn renewed(earlier: Memo, lowering: &Lowering<'_>) -> Memo {
        let around = Around::new(lowering);
        let serves = around == earlier.around && has_owners_of_their_own(lowering);
        Memo {
            around,
            files: if serves { earlier.files } else { Vec::new() },
        }
    }

    /// What was made of a file, if the file is the same.
    pub(super) fn take(&mut self, index: usize, file: &InputFile<'_>) -> Option<Lowered> {
        let lowered = self.files.get_mut(index)?.take()?;
        Arc::ptr_eq(&lowered.tree, file.tree).then_some(lowered)
    }

    pub(super) fn keep(&mut self, index: usize, lowered: Lowered) {
        if self.files.len() <= index {
            self.files.resize_with(index + 1, || None);
        }
        if let Some(slot) = self.files.get_mut(index) {
            *slot = Some(lowered);
        }
    }
}

/// Whether no two files give their rules and notes the same first name; else a rule may be a duplicate of another file's.
fn has_owners_of_their_own(lowering: &Lowering<'_>) -> bool {
    let mut owners = BTreeSet::new();
    lowering.files.iter().enumerate().all(|(index, file)| {
        let has_notes = || file.tree.items.iter().any(|item| matches!(item, Item::Note(_)));
        match lowering.guideline_of(index) {
            Some(guideline) => owners.insert(lowering.library[guideline].name.as_str()),
            None => !has_notes() || owners.insert(file.stem.as_str()),
        }
    })
}

/// How much there is of what rules add to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    atoms: usize,
    sections: usize,
    rules: usize,
    effects: usize,
    notes: usize,
    claims: usize,
}

impl Counts {
    pub(super) fn now(lowering: &Lowering<'_>) -> Counts {
        let library = &lowering.library;
        Counts {
            atoms: library.atoms.len(),
            sections: library.sections.len(),
            rules: library.rules.len(),
            effects: library.effects.len(),
            notes: library.notes.len(),
            claims: library.claims.len(),
        }
    }
}

/// The tests of one file, as its author first wrote each.
#[derive(Debug, Default)]
pub(super) struct OwnTests {
    tests: Vec<(Term, Test)>,
    /// The place of a test among them, by its id.
    places: Vec<Option<usize>>,
}

impl OwnTests {
    /// Takes note of a test wherever it stands.
    pub(super) fn add(&mut self, id: TestId, term: Term, test: Test) {
        if self.places.len() <= id.index() {
            self.places.resize(id.index() + 1, None);
        }
        if let Some(place @ None) = self.places.get_mut(id.index()) {
            *place = Some(self.tests.len());
            self.tests.push((term, test));
        }
    }
}

/// What was made of the rules of one file.
#[derive(Debug)]
pub(super) struct Lowered {
    tree: Arc<ast::File>,
    /// How much there was before it.
    first: Counts,
    /// The atoms of the file, each with the place of its test among the tests.
    atoms: Vec<(usize, Atom)>,
    tests: Vec<(Term, Test)>,
    sections: Vec<Section>,
    /// Without what they override, which is looked up once all rules have names.
    rules: Vec<Arc<Rule>>,
    effects: Vec<Arc<Effect>>,
    notes: Vec<Note>,
    claims: Vec<Claim>,
    found: Vec<Diagnostic>,
    noted: Noted,
}

impl Lowered {
    /// What was added since `first`, which is all of one file.
    pub(super) fn since(
        first: Counts,
        tree: &Arc<ast::File>,
        (found, noted): (Vec<Diagnostic>, Noted),
        lowering: &mut Lowering<'_>,
    ) -> Lowered {
        let own = std::mem::take(&mut lowering.own_tests);
        let library = &lowering.library;
        let atoms = library.atoms.iter().skip(first.atoms).filter_map(|atom| {
            let place = own.places.get(atom.test.index()).copied().flatten()?;
            Some((place, atom.clone()))
        });
        Lowered {
            tree: tree.clone(),
            first,
            atoms: atoms.collect(),
            tests: own.tests,
            sections: library.sections.iter().skip(first.sections).cloned().collect(),
            rules: library.rules.iter().skip(first.rules).cloned().collect(),
            effects: library.effects.iter().skip(first.effects).cloned().collect(),
            notes: library.notes.iter().skip(first.notes).cloned().collect(),
            claims: library.claims.iter().skip(first.claims).cloned().collect(),
            found,
            noted,
        }
    }

    /// Adds it all to the library, behind what there is; `shared` atoms belong to declarations.
    pub(super) fn add(mut self, shared: usize, lowering: &mut Lowering<'_>) -> Lowered {
        let now = Counts::now(lowering);
        if now != self.first {
            self.moved(&Move {
                shared,
                from: self.first,
                to: now,
            });
        }
        let ids: Vec<TestId> = self.tests.iter().map(|(term, test)| lowering.intern(*term, test)).collect();
        let library = &mut lowering.library;
        library.atoms.extend(self.atoms.iter().filter_map(|(place, atom)| {
            let test = *ids.get(*place)?;
            Some(Atom { test, span: atom.span })
        }));
        library.sections.extend(self.sections.iter().cloned());
        library.effects.extend(self.effects.iter().cloned());
        library.notes.extend(self.notes.iter().cloned());
        library.claims.extend(self.claims.iter().cloned());
        for rule in &self.rules {
            let id = RuleId::from_index(library.rules.len());
            lowering.names.add_rule(rule.full_name.clone(), id);
            library.rules.push(rule.clone());
        }
        lowering.names.noted.add(&self.noted);
        lowering.found.extend(self.found.iter().cloned());
        self
    }

    fn moved(&mut self, to: &Move) {
        self.first = to.to;
        // What nothing else holds any more is changed where it is.
        for section in &mut self.sections {
            to.condition(&mut section.when);
            section.applies.iter_mut().for_each(|applies| to.condition(applies));
        }
        for rule in self.rules.iter_mut().map(Arc::make_mut) {
            rule.section = rule.section.map(|section| to.section(section));
            rule.effects.iter_mut().for_each(|effect| *effect = to.effect(*effect));
            let guard = &mut rule.guard;
            for part in [&mut guard.scope, &mut guard.section, &mut guard.when, &mut guard.unless] {
                to.condition(part);
            }
        }
        for effect in self.effects.iter_mut().map(Arc::make_mut) {
            effect.rule = to.rule(effect.rule);
            to.condition(&mut effect.own);
            to.condition(&mut effect.guard);
        }
        for note in &mut self.notes {
            to.condition(&mut note.guard);
            to.condition(&mut note.only_if);
        }
        for claim in &mut self.claims {
            to.condition(&mut claim.over);
        }
    }
}

/// From the ids of one library to those of another, in which there is more or less before.
struct Move {
    /// The atoms before these belong to declarations and stay.
    shared: usize,
    from: Counts,
    to: Counts,
}

impl Move {
    fn section(&self, id: SectionId) -> SectionId {
        SectionId::from_index(id.index() - self.from.sections + self.to.sections)
    }

    fn rule(&self, id: RuleId) -> RuleId {
        RuleId::from_index(id.index() - self.from.rules + self.to.rules)
    }

    fn effect(&self, id: EffectId) -> EffectId {
        EffectId::from_index(id.index() - self.from.effects + self.to.effects)
    }

    fn condition(&self, condition: &mut Condition) {
        match condition {
            Condition::All(parts) | Condition::Any(parts) | Condition::AtLeast(_, parts) => {
                parts.iter_mut().for_each(|part| self.condition(part));
            }
            Condition::Not(part) => self.condition(part),
            Condition::Atom(atom) if atom.index() >= self.shared => {
                *atom = AtomId::from_index(atom.index() - self.from.atoms + self.to.atoms);
            }
            Condition::Atom(_) | Condition::Defined(_) => {}
        }
    }
}
