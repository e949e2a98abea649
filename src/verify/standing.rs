//! What stands once everything that gives way has given way, as formulas.
//!
//! In: the edges of what gives way. Out: for an effect on an action, the condition under which it is active.
//! Must not know: patients.
//!
//! An effect is active where its guard holds and nothing that would make it give way can: the other's guard or the `when` of
//! the settlement fails, or the other is itself overridden. Every part is a demand on what is *known*, so the formula is exact
//! for partial patients too.

use super::space::Formula;
use super::{Piece, Verifier};
use crate::model::gives_way::{Cause, GivesWay, edges_of};
use crate::model::{ActionId, EffectId};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What was found out about standings so far.
#[derive(Debug, Default)]
pub(super) struct Standing {
    active: RefCell<BTreeMap<Piece, Rc<Formula>>>,
    /// Pieces whose standing is being found out: on a circle neither side is settled, as in the interpreter.
    waiting: RefCell<Vec<Piece>>,
}

impl Verifier<'_> {
    /// Where the effect is active on the action.
    pub fn active(&self, effect: EffectId, action: ActionId) -> Rc<Formula> {
        let piece = (effect, action);
        if let Some(known) = self.standing.active.borrow().get(&piece) {
            return known.clone();
        }
        if self.standing.waiting.borrow().contains(&piece) {
            return Formula::no();
        }
        let edges = edges_of(self.library, effect).iter();
        let edges: Vec<&GivesWay> = edges.filter(|e| e.concerns(self.library, action)).collect();
        if edges.is_empty() {
            return self.guard(effect);
        }
        self.standing.waiting.borrow_mut().push(piece);
        let powerless = edges.iter().map(|edge| self.powerless(edge)).collect::<Vec<_>>();
        self.standing.waiting.borrow_mut().pop();
        let formula = Formula::all(std::iter::once(self.guard(effect)).chain(powerless));
        if self.standing.waiting.borrow().is_empty() {
            self.standing.active.borrow_mut().insert(piece, formula.clone());
        }
        formula
    }

    /// As [`Verifier::active`], as if nobody had settled anything about the effect by `reconcile`.
    pub fn active_unsettled(&self, effect: EffectId, action: ActionId) -> Rc<Formula> {
        let edges = edges_of(self.library, effect).iter();
        let kept = edges
            .filter(|e| e.concerns(self.library, action))
            .filter(|e| !matches!(e.cause, Cause::Prefer(_)));
        let powerless = kept.map(|edge| self.powerless(edge));
        Formula::all(std::iter::once(self.guard(effect)).chain(powerless))
    }

    /// Where the edge cannot make its loser give way.
    fn powerless(&self, edge: &GivesWay) -> Rc<Formula> {
        Formula::any([
            self.space.formula(&self.library[edge.winner].guard, false),
            self.space.formula(&edge.when, false),
            self.overridden(edge.winner, edge.asked(self.library)),
        ])
    }

    /// Where something makes the effect give way on the action.
    pub fn overridden(&self, effect: EffectId, action: ActionId) -> Rc<Formula> {
        let edges = edges_of(self.library, effect).iter();
        Formula::any(
            edges
                .filter(|e| e.concerns(self.library, action))
                .map(|edge| self.forceful(edge)),
        )
    }

    /// Where the edge makes its loser give way.
    pub fn forceful(&self, edge: &GivesWay) -> Rc<Formula> {
        let piece = (edge.winner, edge.asked(self.library));
        if self.standing.waiting.borrow().contains(&piece) {
            return Formula::no();
        }
        self.standing.waiting.borrow_mut().push((edge.loser, edge.on));
        let active = self.active(edge.winner, edge.asked(self.library));
        self.standing.waiting.borrow_mut().pop();
        Formula::all([active, self.space.formula(&edge.when, true)])
    }
}
