//! What patients wait for of whom something is undecided or open.
//!
//! In: a block that has been evaluated. Out: the facts that are left, effect by effect.

use super::left::{Left, Needs};
use super::standing::{WaitsFor, waits_for};
use super::{Columns, Facts, Lanes, Mask};
use crate::model::{EffectId, Library};
use std::rc::Rc;

/// What patients of a block wait for.
#[derive(Debug, Clone, Default)]
pub struct Waiting {
    /// For each effect that takes part, in the order of the block's: what decides it, where it is undecided for somebody.
    pub undecided: Vec<Option<Rc<Left>>>,
    /// What settles whether an effect on an action gives way, where that is open for somebody.
    pub open: WaitsFor,
    /// Patients of whom that is not said here.
    pub apart: Mask,
}

impl Columns {
    /// What some patients of a block wait for, after it was evaluated; with or without what decides undecided effects.
    pub fn waiting(&self, library: &Library, facts: &Facts<'_>, those: Mask, with_undecided: bool) -> Waiting {
        let block = &facts.block;
        let needs = Needs::new(library, &self.asked, block, those);
        let of_effect = |(effect, lanes): (EffectId, Lanes)| {
            let is_undecided = with_undecided && !(lanes.unknown() & those).is_nobody();
            is_undecided.then(|| needs.guard(effect))
        };
        let undecided = block.states().map(of_effect).collect();
        let is_open = block.makes_way.values().any(|(_, open)| !(*open & those).is_nobody());
        let (open, apart) = match is_open {
            true => waits_for(library, &self.edges, block, those, &needs),
            false => Default::default(),
        };
        let apart = apart | needs.differ();
        Waiting { undecided, open, apart }
    }
}
