//! Which effects that fire give way, for a block of patients: [`crate::eval::standing`] on masks.
//!
//! In: the states of effects. Out: for whom each gave way, and for whom that is open.

use super::{Lanes, Mask, Memory, Words};
use crate::model::gives_way::{GivesWay, edges_of};
use crate::model::{ActionId, EffectId, GuidelineId, Library};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

/// For each effect and action the patients for whom it gave way, and for whom that is open.
type MakesWay = BTreeMap<(EffectId, ActionId), (Mask, Mask)>;

struct Standings<'a> {
    library: &'a Library,
    words: &'a Words<'a>,
    guidelines: &'a BTreeSet<GuidelineId>,
    /// By effect, in order.
    states: &'a [(EffectId, Lanes)],
    known: Memory,
    /// Patients for whom effects wait for each other; the interpreter decides where to begin.
    circular: Cell<Mask>,
}

/// Effects on actions that fire for somebody among `live` and give way, or may; and the patients who are in a circle.
pub fn makes_way(
    library: &Library,
    words: &Words<'_>,
    guidelines: &BTreeSet<GuidelineId>,
    states: &[(EffectId, Lanes)],
    live: Mask,
) -> (MakesWay, Mask) {
    let gives_way =
        |(effect, lanes): &&(EffectId, Lanes)| !(lanes.holds & live).is_nobody() && !edges_of(library, *effect).is_empty();
    let standings = Standings {
        library,
        words,
        guidelines,
        states,
        known: RefCell::default(),
        circular: Cell::new(Mask::NOBODY),
    };
    let mut found = BTreeMap::new();
    for (effect, lanes) in states.iter().filter(gives_way) {
        for action in &library[*effect].actions {
            let (overridden, open) = standings.of(*effect, *action);
            if !((overridden | open) & lanes.holds).is_nobody() {
                found.insert((*effect, *action), (overridden & lanes.holds, open & lanes.holds));
            }
        }
    }
    (found, standings.circular.get())
}

impl Standings<'_> {
    /// For whom the effect on the action gave way, and for whom that is open.
    fn of(&self, effect: EffectId, action: ActionId) -> (Mask, Mask) {
        let key = (effect, action);
        match self.known.borrow().get(&key) {
            Some(Some(known)) => return *known,
            // Met in the middle of itself; `force` has seen to that.
            Some(None) => return Default::default(),
            None => {}
        }
        self.known.borrow_mut().insert(key, None);
        let (mut effective, mut open) = <(Mask, Mask)>::default();
        let edges = edges_of(self.library, effect);
        for edge in edges.iter().filter(|edge| edge.concerns(self.library, action)) {
            let (certain, possible) = self.force(edge);
            effective |= certain;
            open |= possible;
        }
        let standing = (effective, open & !effective);
        self.known.borrow_mut().insert(key, Some(standing));
        standing
    }

    /// For whom an edge is effective, and for whom that is open.
    fn force(&self, edge: &GivesWay) -> (Mask, Mask) {
        let winner = self.library[self.library[edge.winner].rule].guideline;
        if !self.guidelines.contains(&winner) {
            return Default::default();
        }
        let place = self.states.binary_search_by_key(&edge.winner, |(effect, _)| *effect);
        let guard = place
            .ok()
            .and_then(|place| self.states.get(place))
            .map(|(_, lanes)| *lanes)
            .unwrap_or_default();
        let when = self.words.of(&edge.when);
        let not_failing = !(guard.fails | when.fails);
        if not_failing.is_nobody() {
            return Default::default();
        }
        let asked = (edge.winner, edge.asked(self.library));
        if let Some(None) = self.known.borrow().get(&asked) {
            self.circular.set(self.circular.get() | not_failing);
        }
        let (overridden, open) = self.of(asked.0, asked.1);
        let active = !(overridden | open);
        let both = guard.holds & when.holds;
        (both & active, not_failing & (open | (active & !both)))
    }
}
