//! Which effects that fire give way, for a block of patients: [`crate::eval::standing`] on masks.
//!
//! In: the states of effects. Out: for whom each gave way, and for whom that is open; and, if that is wanted, what would settle it.

use super::gates::{Drawing, Wire};
use super::left::{Left, Needs, add};
use super::{Block, Lanes, Mask};
use crate::model::gives_way::GivesWay;
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

/// For each effect that may give way, what to: by its place in [`Library::gives_way`], with the wire of its condition.
#[derive(Debug, Clone, Default)]
pub struct Edges(BTreeMap<EffectId, Vec<(usize, Wire)>>);

impl Edges {
    /// The edges whose winners are in guidelines that take part.
    pub fn new(library: &Library, guidelines: &BTreeSet<GuidelineId>, drawing: &Drawing<'_>) -> Self {
        let mut edges = Edges::default();
        for (index, edge) in library.gives_way.iter().enumerate() {
            if guidelines.contains(&library[library[edge.winner].rule].guideline) {
                let of_loser = edges.0.entry(edge.loser).or_default();
                of_loser.push((index, drawing.wire(&edge.when)));
            }
        }
        edges
    }

    /// The wires of all conditions.
    pub fn wires_mut(&mut self) -> impl Iterator<Item = &mut Wire> {
        self.0.values_mut().flatten().map(|(_, when)| when)
    }
}

struct Standings<'a> {
    library: &'a Library,
    edges: &'a Edges,
    block: &'a Block,
    known: Memory,
    /// None where nobody asks for facts.
    needs: Option<&'a Needs<'a>>,
    /// Patients for whom effects wait for each other; the interpreter decides where to begin.
    circular: Cell<Mask>,
}

/// Effects on actions that fire for somebody among `live` and give way, or may; and the patients who are in a circle.
pub fn makes_way(library: &Library, edges: &Edges, block: &Block, live: Mask) -> (MakesWay, Mask) {
    let mut found = BTreeMap::new();
    let circular = each(library, edges, block, live, None, |key, lanes, stands| {
        let (overridden, open) = (stands.overridden & lanes.holds, stands.open & lanes.holds);
        if !(overridden | open).is_nobody() {
            found.insert(key, (overridden, open));
        }
    });
    (found, circular)
}

/// For effects on actions of which that is open for somebody among `live`, the facts that would settle it; and the patients who are in
/// a circle.
pub fn waits_for(library: &Library, edges: &Edges, block: &Block, live: Mask, needs: &Needs<'_>) -> (WaitsFor, Mask) {
    let mut found = BTreeMap::new();
    let circular = each(library, edges, block, live, Some(needs), |key, lanes, stands| {
        if !(stands.open & lanes.holds & live).is_nobody() {
            found.insert(key, stands.on);
        }
    });
    (found, circular)
}

fn each(
    library: &Library,
    edges: &Edges,
    block: &Block,
    live: Mask,
    needs: Option<&Needs<'_>>,
    mut found: impl FnMut((EffectId, ActionId), Lanes, Stands),
) -> Mask {
    let standings = Standings {
        library,
        edges,
        block,
        known: RefCell::default(),
        needs,
        circular: Cell::new(Mask::NOBODY),
    };
    for effect in edges.0.keys() {
        let lanes = block.state(*effect);
        if (lanes.holds & live).is_nobody() {
            continue;
        }
        for action in &library[*effect].actions {
            found((*effect, *action), lanes, standings.of(*effect, *action));
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
        for (index, when) in self.edges.0.get(&effect).into_iter().flatten() {
            let edge = self.library.gives_way.get(*index);
            if let Some(edge) = edge.filter(|edge| edge.concerns(self.library, action)) {
                let (certain, possible) = self.force(edge, when.lanes(&self.block.nodes), &mut on);
                effective |= certain;
                open |= possible;
            }
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
    fn force(&self, edge: &GivesWay, when: Lanes, on: &mut Left) -> (Mask, Mask) {
        let guard = self.block.state(edge.winner);
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
            add(on, &needs.of(&edge.when, when), possible);
            add(on, &stands.on, possible);
        }
        (both & active, possible)
    }
}
