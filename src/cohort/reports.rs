//! What is written of each patient.
//!
//! In: outcomes. Out: rows.

use super::rows::{Field, Kind, Rows};
use crate::eval::columns::{Block, Columns, Counts, Mask};
use crate::eval::{Disagreement, DisagreementKind, Outcome, Standing};
use crate::model::{ActionId, EffectId, FactId, Library, SettlementDecision, Truth, Urgency};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// A row for each patient and each effect that fires or is undecided, where one of these is said of it.
    Effects(Statuses),
    /// A row for each patient and each disagreement.
    Disagreements,
    /// A row for each effect, with the numbers of patients.
    Counts,
}

/// The columns of [`Report::Effects`].
pub const EFFECTS: &[(&str, Kind)] = &[
    ("patient_id", Kind::Text),
    ("guideline", Kind::Text),
    ("version", Kind::Text),
    ("rule", Kind::Text),
    ("action", Kind::Text),
    ("modality", Kind::Text),
    ("status", Kind::Text),
    ("urgency", Kind::Text),
    ("due", Kind::Day),
    ("overdue", Kind::Truth),
    ("needs", Kind::Text),
    ("statements", Kind::Text),
];

const DISAGREEMENTS: &[(&str, Kind)] = &[
    ("patient_id", Kind::Text),
    ("action", Kind::Text),
    ("kind", Kind::Text),
    ("status", Kind::Text),
    ("rules", Kind::Text),
    ("actions", Kind::Text),
    ("statements", Kind::Text),
    ("decision", Kind::Text),
    ("prefers", Kind::Text),
];

const COUNTS: &[(&str, Kind)] = &[
    ("guideline", Kind::Text),
    ("version", Kind::Text),
    ("rule", Kind::Text),
    ("action", Kind::Text),
    ("modality", Kind::Text),
    ("patients", Kind::Number),
    ("fires", Kind::Number),
    ("active", Kind::Number),
    ("overridden", Kind::Number),
    ("open", Kind::Number),
    ("undecided", Kind::Number),
];

impl Report {
    /// The word on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Report::Effects(_) => "effects",
            Report::Disagreements => "disagreements",
            Report::Counts => "counts",
        }
    }

    /// The statuses that were chosen, where these are not all.
    pub fn chosen(self) -> Option<Vec<&'static str>> {
        match self {
            Report::Effects(statuses) if statuses != Statuses::of(&[]) => Some(statuses.each().map(Status::word).collect()),
            _ => None,
        }
    }

    /// The columns of its rows, with what stands in them.
    pub fn columns(self) -> &'static [(&'static str, Kind)] {
        match self {
            Report::Effects(_) => EFFECTS,
            Report::Disagreements => DISAGREEMENTS,
            Report::Counts => COUNTS,
        }
    }

    /// Puts what is to be said of one patient into rows, or counts it.
    pub fn take(self, library: &Library, patient: &str, outcome: &Outcome, rows: &mut Rows, pieces: &mut Pieces) {
        match self {
            Report::Effects(statuses) => effects(library, patient, outcome, statuses, rows),
            Report::Disagreements => {
                for disagreement in &outcome.disagreements {
                    disagree(library, patient, disagreement, rows);
                }
            }
            Report::Counts => count(outcome, pieces),
        }
    }
}

/// How many patients an effect on an action has in each state and standing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Piece {
    /// It fires and stands.
    pub active: u64,
    /// It fires and gave way.
    pub overridden: u64,
    /// It fires, and whether it gives way is open.
    pub open: u64,
    /// Whether it fires is not known.
    pub undecided: u64,
}

impl Piece {
    /// Adds the numbers of other patients.
    pub fn add(&mut self, other: &Piece) {
        self.active += other.active;
        self.overridden += other.overridden;
        self.open += other.open;
        self.undecided += other.undecided;
    }
}

/// Numbers by effect and action.
pub type Pieces = BTreeMap<(EffectId, ActionId), Piece>;

fn effects(library: &Library, patient: &str, outcome: &Outcome, statuses: Statuses, rows: &mut Rows) {
    let mut row = |(effect, action): (EffectId, ActionId), status: Status, dates: [Field<'_>; 2], needs: &[FactId]| {
        if !statuses.has(status) {
            return;
        }
        let mut row = vec![Field::Text(patient)];
        row.extend(what(library, effect, action, status));
        row.extend(dates);
        row.push(needed(library, needs));
        row.push(statements(library, effect));
        rows.push(&row);
    };
    for advice in &outcome.advice {
        let (status, needs): (Status, &[FactId]) = match &advice.standing {
            Standing::Active => (Status::Active, &[]),
            Standing::Overridden { .. } => (Status::Overridden, &[]),
            Standing::Open { on, .. } => (Status::Open, on),
        };
        row(
            (advice.effect, advice.action),
            status,
            dates(advice.due, advice.overdue),
            needs,
        );
    }
    for undecided in &outcome.undecided {
        let piece = (undecided.effect, undecided.action);
        row(piece, Status::Undecided, dates(None, None), &undecided.needs);
    }
}

/// What is said of an effect on an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It fires and stands.
    Active,
    /// It fires and gave way.
    Overridden,
    /// It fires, and whether it gives way is open.
    Open,
    /// Whether it fires is not known.
    Undecided,
}

impl Status {
    /// Each of them.
    pub const ALL: [Status; 4] = [Status::Active, Status::Overridden, Status::Open, Status::Undecided];

    /// The word in a row.
    pub fn word(self) -> &'static str {
        match self {
            Status::Active => "active",
            Status::Overridden => "overridden",
            Status::Open => "open",
            Status::Undecided => "undecided",
        }
    }
}

/// Some of what can be said of an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statuses([bool; 4]);

impl Statuses {
    /// These; all where none is named.
    pub fn of(named: &[Status]) -> Statuses {
        Statuses(Status::ALL.map(|status| named.is_empty() || named.contains(&status)))
    }

    /// Whether one is among them.
    pub fn has(self, status: Status) -> bool {
        self.each().any(|own| own == status)
    }

    /// Each of them.
    pub fn each(self) -> impl Iterator<Item = Status> {
        Status::ALL
            .into_iter()
            .zip(self.0)
            .filter(|(_, own)| *own)
            .map(|(status, _)| status)
    }
}

/// The columns of [`Report::Effects`] behind the patient, up to the urgency.
pub fn what(library: &Library, effect: EffectId, action: ActionId, status: Status) -> [Field<'_>; 7] {
    let effect = &library[effect];
    let rule = &library[effect.rule];
    let guideline = &library[rule.guideline];
    [
        Field::Text(&guideline.name),
        Field::Text(&guideline.version),
        Field::Text(&rule.full_name),
        Field::Text(&library[action].name),
        Field::Text(effect.modality.word()),
        Field::Text(status.word()),
        Field::perhaps(effect.urgency.map(Urgency::word)),
    ]
}

/// The columns behind these: the last day, and whether it is past.
pub fn dates(due: Option<Date>, overdue: Option<Truth>) -> [Field<'static>; 2] {
    let overdue = match overdue {
        Some(Truth::Yes) => Field::Truth(true),
        Some(Truth::No) => Field::Truth(false),
        Some(Truth::Unknown) | None => Field::Nothing,
    };
    [due.map_or(Field::Nothing, Field::Day), overdue]
}

/// The column behind these: the facts that are needed, by name.
pub fn needed<'a>(library: &'a Library, needs: &[FactId]) -> Field<'a> {
    Field::List(needs.iter().map(|fact| library[*fact].name.as_str()).collect())
}

/// The last column: the statements behind the rule.
pub fn statements(library: &Library, effect: EffectId) -> Field<'_> {
    let rule = &library[library[effect].rule];
    Field::List(rule.statements.iter().map(|s| s.id.as_str()).collect())
}

fn disagree(library: &Library, patient: &str, disagreement: &Disagreement, rows: &mut Rows) {
    let rules = || {
        disagreement
            .positions
            .iter()
            .map(|(effect, _)| &library[library[*effect].rule])
    };
    let mut statements: Vec<&str> = rules()
        .flat_map(|rule| rule.statements.iter().map(|s| s.id.as_str()))
        .collect();
    statements.sort_unstable();
    statements.dedup();
    let actions = disagreement
        .positions
        .iter()
        .map(|(_, action)| library[*action].name.as_str());
    let (decision, prefers) = match disagreement.reconciled.map(|id| &library[id].decision) {
        None => (None, None),
        Some(SettlementDecision::LeaveOpen) => (Some("open"), None),
        Some(SettlementDecision::Prefer { rule, .. }) => (Some("prefer"), Some(library.rule_name(*rule))),
    };
    rows.push(&[
        Field::Text(patient),
        Field::Text(&library[disagreement.action].name),
        Field::Text(match disagreement.kind {
            DisagreementKind::Contradiction => "contradiction",
            DisagreementKind::Window => "window",
        }),
        Field::Text(if disagreement.certain { "certain" } else { "possible" }),
        Field::List(rules().map(|rule| rule.full_name.as_str()).collect()),
        Field::List(actions.collect()),
        Field::List(statements),
        Field::perhaps(decision),
        Field::perhaps(prefers),
    ]);
}

fn count(outcome: &Outcome, pieces: &mut Pieces) {
    for advice in &outcome.advice {
        let piece = pieces.entry((advice.effect, advice.action)).or_default();
        match advice.standing {
            Standing::Active => piece.active += 1,
            Standing::Overridden { .. } => piece.overridden += 1,
            Standing::Open { .. } => piece.open += 1,
        }
    }
    for undecided in &outcome.undecided {
        pieces.entry((undecided.effect, undecided.action)).or_default().undecided += 1;
    }
}

/// Numbers by effect of patients who were evaluated in columns.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// The effects, in the order in which every block has them.
    effects: Vec<EffectId>,
    /// For how many patients each fires, and for how many that is not known.
    counts: Vec<[Counts; 2]>,
    /// For how many an effect on an action gave way, and for how many that is open.
    makes_way: BTreeMap<(EffectId, ActionId), (u64, u64)>,
}

impl Tally {
    /// Counts some patients of a block.
    // INVARIANT: all blocks are of one library and have the same effects.
    pub fn add(&mut self, columns: &Columns, block: &Block, those: Mask) {
        if self.effects.is_empty() {
            self.effects = block.states().map(|(effect, _)| effect).collect();
        }
        columns.count(block, those, &mut self.counts);
        for (piece, (overridden, open)) in &block.makes_way {
            let numbers = self.makes_way.entry(*piece).or_default();
            numbers.0 += (*overridden & those).count();
            numbers.1 += (*open & those).count();
        }
    }

    /// Adds everything to numbers by effect.
    pub fn pour(self, library: &Library, pieces: &mut Pieces) {
        for (effect, [fires, undecided]) in self.effects.into_iter().zip(self.counts) {
            for action in &library[effect].actions {
                let (overridden, open) = self.makes_way.get(&(effect, *action)).copied().unwrap_or_default();
                pieces.entry((effect, *action)).or_default().add(&Piece {
                    active: fires.total() - overridden - open,
                    overridden,
                    open,
                    undecided: undecided.total(),
                });
            }
        }
    }
}

/// The rows of [`Report::Counts`], of so many patients: every effect of the guidelines that take part, those of nobody too.
pub fn counted(library: &Library, taking_part: &dyn Fn(EffectId) -> bool, patients: u64, pieces: &Pieces, rows: &mut Rows) {
    for (index, effect) in library.effects.iter().enumerate() {
        let id = EffectId::from_index(index);
        if !taking_part(id) {
            continue;
        }
        let rule = &library[effect.rule];
        let guideline = &library[rule.guideline];
        for action in &effect.actions {
            let piece = pieces.get(&(id, *action)).copied().unwrap_or_default();
            rows.push(&[
                Field::Text(&guideline.name),
                Field::Text(&guideline.version),
                Field::Text(&rule.full_name),
                Field::Text(&library[*action].name),
                Field::Text(effect.modality.word()),
                Field::Number(patients),
                Field::Number(piece.active + piece.overridden + piece.open),
                Field::Number(piece.active),
                Field::Number(piece.overridden),
                Field::Number(piece.open),
                Field::Number(piece.undecided),
            ]);
        }
    }
}
