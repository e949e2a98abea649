//! Which pieces of advice can meet at all: those that speak of one action, or of an action and a kind of it.
//!
//! In: a library. Out: pairs of pieces.
//! Must not know: conditions.

use super::{Piece, Verifier};
use crate::model::{ActionId, Direction, EffectId};
use std::collections::BTreeMap;

/// Pieces by action, in one direction.
pub(super) type ByAction = BTreeMap<ActionId, Vec<EffectId>>;

impl Verifier<'_> {
    /// All pieces in one direction.
    pub(super) fn pieces(&self, direction: Direction) -> ByAction {
        let mut pieces = ByAction::new();
        for effect in self.effects().filter(|e| self.library[*e].direction() == direction) {
            for action in &self.library[effect].actions {
                pieces.entry(*action).or_default().push(effect);
            }
        }
        pieces
    }

    /// The pieces about the action or something it is a kind of.
    pub(super) fn covering(&self, pieces: &ByAction, action: ActionId) -> Vec<Piece> {
        let ancestors = self.library.ancestors.get(action.index());
        let pairs = ancestors.into_iter().flatten().filter_map(|a| Some((*a, pieces.get(a)?)));
        pairs.flat_map(|(a, effects)| effects.iter().map(move |e| (*e, a))).collect()
    }
}
