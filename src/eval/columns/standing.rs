//! Which effects that fire give way, for a block of patients: [`crate::eval::standing`] on masks.
//!
//! In: the states of effects. Out: for whom each gave way, and for whom that is open; and, if that is wanted, what would settle it.

use super::left::{Left, Needs, add};
use super::{Lanes, Mask, Words};
use crate::model::gives_way::{GivesWay, edges_of};
use crate::model::{ActionId, EffectId, GuidelineId, Library};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// For each effect and action the patients for whom it gave way, and for whom that is open.
type MakesWay = BTreeMap<(EffectId, ActionId), (Mask, Mask)>;

/// What would settle what is open, of effects on actions.
pub type WaitsFor = BTreeMap<(EffectId, ActionId), Rc<Left>>;

/// What is remembered while standings are found.
type Memory = RefCell<BTreeMap<(EffectId, ActionId), Option<Stands>>>;

/// The patients for whom an effect on an action gave way, and for whom that is open, with the facts it rests on.
#[derive(Debug, Clone, Default)]
struct Stands {
    overridden: Mask,
    open: Mask,
    on: Rc<Left>,
}

struct Standings<'a> {
    library: &'a Library,
    words: &'a Words<'a>,
    guidelines: &'a BTreeSet<GuidelineId>,
    /// By effect, in order.
    states: &'a [(EffectId, Lanes)],
    known: Memory,
    /// None where nobody asks for facts.
    needs: Option<&'a Needs<'a>>,
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
    let mut found = BTreeMap::new();
    let circular = each(library, words, guidelines, states, live, None, |key, lanes, stands| {
        let (overridden, open) = (stands.overridden & lanes.holds, stands.open & lanes.holds);
        if !(overridden | open).is_nobody() {
            found.insert(key, (overridden, open));
        }
    });
    (found, circular)
}

/// For effects on actions of which that is open for somebody among `live`, the facts that would settle it; and the patients who are in
/// a circle.
pub fn waits_for(
    library: &Library,
    words: &Words<'_>,
    guidelines: &BTreeSet<GuidelineId>,
    states: &[(EffectId, Lanes)],
    live: Mask,
    needs: &Needs<'_>,
) -> (WaitsFor, Mask) {
    let mut found = BTreeMap::new();
    let circular = each(library, words, guidelines, states, live, Some(needs), |key, lanes, stands| {
        if !(stands.open & lanes.holds & live).is_nobody() {
            found.insert(key, stands.on);
        }
    });
    (found, circular)
}

fn each(
    library: &Library,
    words: &Words<'_>,
    guidelines: &BTreeSet<GuidelineId>,
    states: &[(EffectId, Lanes)],
    live: Mask,
    needs: Option<&Needs<'_>>,
    mut found: impl FnMut((EffectId, ActionId), Lanes, Stands),
) -> Mask {
    let gives_way =
        |(effect, lanes): &&(EffectId, Lanes)| !(lanes.holds & live).is_nobody() && !edges_of(library, *effect).is_empty();
    let standings = Standings {
        library,
        words,
        guidelines,
        states,
        known: RefCell::default(),
        needs,
        circular: Cell::new(Mask::NOBODY),
    };
    for (effect, lanes) in states.iter().filter(gives_way) {
        for action in &library[*effect].actions {
            found((*effect, *action), *lanes, standings.of(*effect, *action));
        }
    }
    standings.circular.get()
}

impl Standings<'_> {
    /// For whom the effect on the action gave way, and for whom that is open.
    fn of(&self, effect: EffectId, action: ActionId) -> Stands {
        let key = (effect, action);
        match self.known.borrow().get(&key) {
            Some(Some(known)) => return known.clone(),
            // Met in the middle of itself; `force` has seen to that.
            Some(None) => return Stands::default(),
            None => {}
        }
        self.known.borrow_mut().insert(key, None);
        let (mut effective, mut open) = <(Mask, Mask)>::default();
        let mut on = Left::new();
        let edges = edges_of(self.library, effect);
        for edge in edges.iter().filter(|edge| edge.concerns(self.library, action)) {
            let (certain, possible) = self.force(edge, &mut on);
            effective |= certain;
            open |= possible;
        }
        let open = open & !effective;
        let mut settling = Left::new();
        add(&mut settling, &on, open);
        let stands = Stands {
            overridden: effective,
            open,
            on: Rc::new(settling),
        };
        self.known.borrow_mut().insert(key, Some(stands.clone()));
        stands
    }

    /// For whom an edge is effective, and for whom that is open; and what would settle it.
    fn force(&self, edge: &GivesWay, on: &mut Left) -> (Mask, Mask) {
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
        let stands = self.of(asked.0, asked.1);
        let active = !(stands.overridden | stands.open);
        let both = guard.holds & when.holds;
        let possible = not_failing & (stands.open | (active & !both));
        if let Some(needs) = self.needs.filter(|_| !possible.is_nobody()) {
            add(on, &needs.guard(edge.winner), possible);
            add(on, &needs.of(&edge.when), possible);
            add(on, &stands.on, possible);
        }
        (both & active, possible)
    }
}
