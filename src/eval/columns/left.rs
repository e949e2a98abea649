//! The facts that are left where something is not known, for a block of patients: what [`crate::eval::truth`] explains, on masks.
//!
//! In: a block that has been evaluated. Out: for what is undecided or open, each fact with the patients for whom it is left.
//!
//! Only the facts of what is unknown are gathered: those of parts that are unknown where the whole is.

use super::{Asked, Block, Lanes, Mask, all, any, at_least};
use crate::model::{Algebra, AtomId, Condition, DefinitionId, EffectId, FactId, Library, Term};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Facts, each with the patients for whom it is left.
pub type Left = BTreeMap<FactId, Mask>;

/// Adds facts for some patients.
pub fn add(left: &mut Left, more: &Left, those: Mask) {
    for (fact, lanes) in more {
        let lanes = *lanes & those;
        if !lanes.is_nobody() {
            *left.entry(*fact).or_default() |= lanes;
        }
    }
}

/// The facts that are left in conditions.
pub struct Needs<'a> {
    library: &'a Library,
    asked: &'a [Asked],
    block: &'a Block,
    /// Of whom they are asked.
    those: Mask,
    /// Definitions that were met: one that stands in several conditions is looked into once.
    definitions: RefCell<BTreeMap<DefinitionId, Needed>>,
    guards: RefCell<BTreeMap<EffectId, Rc<Left>>>,
    /// Patients of whom the gates say something else, which cannot be; if it is, nothing is said of them here.
    differ: Cell<Mask>,
}

/// For whom a condition holds, and the facts that are left where that is not known.
#[derive(Debug, Clone)]
pub struct Needed {
    lanes: Lanes,
    left: Rc<Left>,
}

impl<'a> Needs<'a> {
    /// Nothing has been asked of these patients yet.
    pub fn new(library: &'a Library, asked: &'a [Asked], block: &'a Block, those: Mask) -> Self {
        Needs {
            library,
            asked,
            block,
            those,
            definitions: RefCell::default(),
            guards: RefCell::default(),
            differ: Cell::new(Mask::NOBODY),
        }
    }

    /// Patients of whom the gates say something else.
    pub fn differ(&self) -> Mask {
        self.differ.get()
    }

    /// The facts left in a condition of which the gates say this.
    pub fn of(&self, condition: &Condition, said: Lanes) -> Rc<Left> {
        let Needed { lanes, left } = condition.fold(self);
        let differ = (lanes.holds ^ said.holds) | (lanes.fails ^ said.fails);
        self.differ.set(self.differ.get() | (differ & self.those));
        left
    }

    /// The facts left in the guard of an effect.
    pub fn guard(&self, effect: EffectId) -> Rc<Left> {
        if let Some(known) = self.guards.borrow().get(&effect) {
            return Rc::clone(known);
        }
        let left = self.of(&self.library[effect].guard, self.block.state(effect));
        self.guards.borrow_mut().insert(effect, Rc::clone(&left));
        left
    }

    /// Keeps the facts of the parts for those for whom the whole is unknown. A part has facts only where it is unknown itself.
    fn gather(lanes: Lanes, parts: &[Needed]) -> Needed {
        let unknown = lanes.unknown();
        let mut left = Left::new();
        if !unknown.is_nobody() {
            parts.iter().for_each(|part| add(&mut left, &part.left, unknown));
        }
        Needed {
            lanes,
            left: Rc::new(left),
        }
    }
}

impl Algebra for Needs<'_> {
    type Output = Needed;

    fn all(&self, parts: &mut dyn Iterator<Item = Needed>) -> Needed {
        let parts: Vec<Needed> = parts.collect();
        Self::gather(parts.iter().map(|part| part.lanes).fold(Lanes::HOLDS, all), &parts)
    }

    fn any(&self, parts: &mut dyn Iterator<Item = Needed>) -> Needed {
        let parts: Vec<Needed> = parts.collect();
        Self::gather(parts.iter().map(|part| part.lanes).fold(Lanes::FAILS, any), &parts)
    }

    fn at_least(&self, count: u32, parts: &mut dyn Iterator<Item = Needed>) -> Needed {
        let parts: Vec<Needed> = parts.collect();
        Self::gather(at_least(count, parts.iter().map(|part| part.lanes)), &parts)
    }

    fn not(&self, part: Needed) -> Needed {
        Needed {
            lanes: part.lanes.turned(),
            ..part
        }
    }

    fn atom(&self, atom: AtomId) -> Needed {
        let test = self.library[atom].test;
        let (Term::Fact(fact), _) = &self.library[test];
        let asked = self.asked.get(test.index());
        let lanes = asked.map(|asked| asked.lanes(&self.block.nodes)).unwrap_or_default();
        let unknown = lanes.unknown() & self.those;
        let left = (!unknown.is_nobody()).then_some((*fact, unknown));
        Needed {
            lanes,
            left: Rc::new(left.into_iter().collect()),
        }
    }

    fn defined(&self, definition: DefinitionId) -> Needed {
        if let Some(known) = self.definitions.borrow().get(&definition) {
            return known.clone();
        }
        let needed = self.library[definition].condition.fold(self);
        self.definitions.borrow_mut().insert(definition, needed.clone());
        needed
    }
}
