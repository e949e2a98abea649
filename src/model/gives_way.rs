//! What makes what give way: one graph over effects and actions.
//!
//! In: a lowered library. Out: edges, sorted by loser, and the circles among them.
//! Must not know: patients.

use super::{ActionId, Condition, EffectId, Library, SettlementId};

/// Why an effect gives way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// `overrides`, within a guideline.
    Overrides,
    /// `instead of`.
    InsteadOf,
    /// `reconcile … prefer`.
    Prefer(SettlementId),
}

/// One edge: `loser` on `on` gives way where `winner` on `by` is effective.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct GivesWay {
    pub loser: EffectId,
    /// The action of the loser; for an avoidance that gives way only in part, the kinds of `by` alone are let go.
    pub on: ActionId,
    pub winner: EffectId,
    pub by: ActionId,
    pub cause: Cause,
    /// Whether only `by` and its kinds are let go.
    pub partial: bool,
    /// The `when` of a settlement; true elsewhere.
    pub when: Condition,
}

/// All edges of the library, sorted by loser.
pub fn edges(library: &Library) -> Vec<GivesWay> {
    let _ = library;
    Vec::new()
}
