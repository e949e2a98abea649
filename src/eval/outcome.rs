//! What an evaluation says, as plain data.
//!
//! In: made by [`super::evaluate`]. Out: printed by `report`, compared by `suite`.
//! Must not know: formats.

use crate::model::{ActionId, Direction, EffectId, FactId, GuidelineId, Library, NoteId, RuleId, SettlementId, Truth};
use jiff::civil::Date;

/// Everything the loaded guidelines say about one patient.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The date of evaluation, if the record has one.
    pub as_of: Option<Date>,
    /// The guidelines that took part, and whether the patient is in their scope.
    pub guidelines: Vec<(GuidelineId, Truth)>,
    /// Effects that fire, one entry per effect and action, most urgent and strongest first; both directions.
    pub advice: Vec<Advice>,
    /// Effects whose guard is neither true nor false, one entry per effect and action.
    pub undecided: Vec<Undecided>,
    /// Positions that cannot both be followed.
    pub disagreements: Vec<Disagreement>,
    /// Positions that say nearly the same.
    pub differences: Vec<Difference>,
    /// What to find out next, most urgent first.
    pub ask: Vec<Ask>,
    /// Facts that follow from recorded ones.
    pub inferred: Vec<Inferred>,
    /// Notes that concern this patient and an action spoken of.
    pub notes: Vec<NoteId>,
    /// Sentences about the evaluation itself.
    pub warnings: Vec<String>,
}

impl Outcome {
    /// The effects that fire, whatever their standing.
    pub fn fired(&self) -> &[Advice] {
        &self.advice
    }

    /// The effects that wait for a fact.
    pub fn undecided(&self) -> &[Undecided] {
        &self.undecided
    }

    /// The advice for something.
    pub fn recommendations<'a>(&'a self, library: &'a Library) -> impl Iterator<Item = &'a Advice> {
        self.advice.iter().filter(|a| library[a.effect].direction() == Direction::For)
    }

    /// The advice against something.
    pub fn advised_against<'a>(&'a self, library: &'a Library) -> impl Iterator<Item = &'a Advice> {
        self.advice
            .iter()
            .filter(|a| library[a.effect].direction() == Direction::Against)
    }
}

/// One effect that fires, for one of its actions.
#[derive(Debug, Clone, PartialEq)]
pub struct Advice {
    /// The effect.
    pub effect: EffectId,
    /// The action.
    pub action: ActionId,
    /// The other actions that would do, for `a or b`.
    pub alternatives: Vec<ActionId>,
    /// Whether it stands.
    pub standing: Standing,
    /// The day by which it is to be done, if that can be said.
    pub due: Option<Date>,
    /// Whether that day is past; unknown while the clock is, none without a deadline.
    pub overdue: Option<Truth>,
    /// From when it may be done, where the advice holds its action back.
    pub window: Option<Window>,
    /// Kinds of the action that this avoidance makes way for, and the rules that advise them.
    pub except: Vec<(ActionId, RuleId)>,
    /// Kinds that it may turn out to make way for, the rules that would advise them, and the facts that decide it.
    pub may_except: Vec<(ActionId, RuleId, Vec<FactId>)>,
    /// The facts that made it fire.
    pub facts: Vec<FactUsed>,
}

/// The start of a window; its end is the due date.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// The first day, if its clock is known.
    pub from: Option<Date>,
}

/// Whether advice that fires stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It stands.
    Active,
    /// Something that would make it give way is itself not settled.
    Open {
        /// The rules it would give way to.
        by: Vec<RuleId>,
        /// The facts that would settle it.
        on: Vec<FactId>,
    },
    /// It gave way.
    Overridden {
        /// The rules it gave way to.
        by: Vec<RuleId>,
    },
}

/// A fact that decided something, as `report` shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FactUsed {
    /// The fact; its value and origin stand in the patient.
    pub fact: FactId,
}

/// An effect that waits for facts, for one of its actions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecided {
    /// The effect.
    pub effect: EffectId,
    /// The action.
    pub action: ActionId,
    /// The facts left in its guard once what is known has been put in.
    pub needs: Vec<FactId>,
}

/// Why two positions cannot both be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DisagreementKind {
    /// One is for, the other against.
    Contradiction,
    /// Their windows do not meet.
    Window,
}

/// Positions that cannot both be followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// The action that is spoken of on both sides.
    pub action: ActionId,
    /// What clashes.
    pub kind: DisagreementKind,
    /// Whether every position is active; else it is possible only.
    pub certain: bool,
    /// The positions: effect and action; more urgent and more protective first.
    pub positions: Vec<(EffectId, ActionId)>,
    /// What the authors decided about it.
    pub reconciled: Option<SettlementId>,
}

/// How two positions differ without contradicting each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum DifferenceKind {
    Deadline,
    Urgency,
    Duration,
    Strength,
    Evidence,
    Narrowing,
}

/// One side of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Position {
    /// An effect on an action.
    Effect(EffectId, ActionId),
    /// A note whose evidence points a way.
    Note(NoteId, ActionId),
}

/// Positions that say nearly the same; the strictest is the duty and stands first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The action spoken of.
    pub action: ActionId,
    /// What differs.
    pub kind: DifferenceKind,
    /// The positions, strictest first.
    pub positions: Vec<Position>,
}

/// A fact worth finding out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The fact.
    pub fact: FactId,
    /// The rules whose advice it could change.
    pub could_change: Vec<RuleId>,
    /// The most urgent effect that depends on it.
    pub most_urgent: EffectId,
}

/// A value that follows from recorded ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inferred {
    /// The fact.
    pub fact: FactId,
    /// Its value as a case file would have it.
    pub value: String,
    /// The facts it follows from.
    pub from: Vec<FactId>,
}
