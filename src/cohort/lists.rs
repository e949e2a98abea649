//! Rows of effects from blocks of patients.
//!
//! In: blocks that have been evaluated. Out: the rows that the interpreter would give for each patient, in its order.
//!
//! The order of effects on actions is the same for everybody, and what many rows have in common is made once. Who has something that a
//! block does not keep exactly goes the way of rows.

use super::reports::{EFFECTS, Status, Statuses, dates, needed, statements, what};
use super::rows::{Field, Format, Rows, Stretch};
use crate::eval::columns::{Columns, Facts, Kept, Left, Mask, WIDTH, Waiting};
use crate::eval::order;
use crate::model::{ActionId, EffectId, FactId, Library, Truth};
use jiff::civil::Date;
use std::collections::HashMap;
use std::hash::Hash;

/// Where the stretches of a row begin that stand behind the patient.
const WHAT: usize = 1;
const DATES: usize = 8;
const NEEDS: usize = 10;
const STATEMENTS: usize = 11;

/// How many things are remembered before they are forgotten all together.
const REMEMBERED: usize = 1 << 14;

/// The effects of a library, ready to be listed.
pub struct Lists {
    /// In the order of the rows of a patient.
    pieces: Vec<Piece>,
    /// Facts by name, and the place of each fact among them.
    by_name: Vec<FactId>,
    ranks: Vec<u32>,
    statuses: Statuses,
    format: Format,
}

/// An effect on one of its actions.
struct Piece {
    /// The place of the effect in every block.
    place: usize,
    effect: EffectId,
    action: ActionId,
    clock: Kept,
    /// What stands behind the patient, by [`Status::ALL`].
    what: [Stretch; 4],
    statements: Stretch,
}

/// A row of a patient.
#[derive(Debug, Clone, Copy)]
struct Row {
    piece: usize,
    status: Status,
    dates: usize,
    needs: usize,
}

/// The rows of a block, patient by patient; keeps what rows have in common.
#[derive(Default)]
pub struct Told {
    rows: Vec<Vec<Row>>,
    someone: Mask,
    dates: Remembered<(Option<Date>, Option<Truth>)>,
    needs: Remembered<Vec<u32>>,
    /// The facts of each patient, for a moment.
    facts: Vec<Vec<u32>>,
}

/// Stretches by what they say.
struct Remembered<K> {
    places: HashMap<K, usize>,
    stretches: Vec<Stretch>,
}

impl<K> Default for Remembered<K> {
    fn default() -> Self {
        Remembered {
            places: HashMap::new(),
            stretches: Vec::new(),
        }
    }
}

impl<K: Hash + Eq> Remembered<K> {
    fn remember(&mut self, key: K, stretch: Stretch) -> usize {
        let place = self.stretches.len();
        self.stretches.push(stretch);
        self.places.insert(key, place);
        place
    }

    /// Forgets everything where there is much of it.
    fn tidy(&mut self) {
        if self.stretches.len() > REMEMBERED {
            *self = Remembered::default();
        }
    }
}

impl Told {
    /// Those of whom there is a row.
    pub fn someone(&self) -> Mask {
        self.someone
    }

    fn clear(&mut self) {
        self.rows.resize_with(WIDTH, Vec::new);
        self.facts.resize_with(WIDTH, Vec::new);
        for lane in self.someone.lanes() {
            self.rows.get_mut(lane).into_iter().for_each(Vec::clear);
        }
        self.someone = Mask::NOBODY;
        self.dates.tidy();
        self.needs.tidy();
    }

    #[inline]
    fn put(&mut self, lane: usize, row: Row) {
        if let Some(rows) = self.rows.get_mut(lane) {
            rows.push(row);
            self.someone |= Mask::one(lane);
        }
    }
}

impl Lists {
    /// The effects that take part, as far as one of some statuses is theirs.
    pub fn new(library: &Library, columns: &Columns, statuses: Statuses, format: Format) -> Self {
        let mut by_name: Vec<FactId> = (0..library.facts.len()).map(FactId::from_index).collect();
        by_name.sort_by_key(|fact| &library[*fact].name);
        let mut ranks = vec![0; by_name.len()];
        for (rank, fact) in (0..).zip(&by_name) {
            ranks.get_mut(fact.index()).into_iter().for_each(|slot| *slot = rank);
        }
        let mut pieces = Vec::new();
        for (place, effect) in columns.effects().enumerate() {
            let clock = columns.clock(library, effect);
            pieces.extend(library[effect].actions.iter().map(|action| Piece {
                place,
                effect,
                action: *action,
                clock,
                what: Status::ALL.map(|status| stretch(format, WHAT, &what(library, effect, *action, status))),
                statements: stretch(format, STATEMENTS, &[statements(library, effect)]),
            }));
        }
        pieces.sort_by_cached_key(|piece| order(library, piece.effect, piece.action));
        Lists {
            pieces,
            by_name,
            ranks,
            statuses,
            format,
        }
    }

    /// Takes the rows of some patients of a block; gives those of whom that could be said.
    pub fn take(&self, told: &mut Told, library: &Library, columns: &Columns, facts: &Facts<'_>, those: Mask) -> Mask {
        told.clear();
        let waiting = columns.waiting(library, facts, those, self.statuses.has(Status::Undecided));
        let those = those & !waiting.apart;
        let those = self.take_fired(told, library, facts, &waiting, those);
        match self.statuses.has(Status::Undecided) {
            true => self.take_undecided(told, library, facts, &waiting, those),
            false => those,
        }
    }

    fn take_fired(&self, told: &mut Told, library: &Library, facts: &Facts<'_>, waiting: &Waiting, mut those: Mask) -> Mask {
        let block = facts.block();
        let no_dates = self.dates(told, (None, None));
        let no_needs = self.needs(told, library, &[]);
        for (piece, own) in self.pieces.iter().enumerate() {
            // INVARIANT: every block has the effects of the columns.
            let Some(lanes) = block.state_at(own.place) else {
                return Mask::NOBODY;
            };
            let fires = lanes.holds & those;
            if fires.is_nobody() {
                continue;
            }
            let key = (own.effect, own.action);
            let (overridden, open) = block.makes_way.get(&key).copied().unwrap_or_default();
            let mut needs = [no_needs; WIDTH];
            if self.statuses.has(Status::Open) && !(open & fires).is_nobody() {
                match waiting.open.get(&key) {
                    Some(left) => self.needs_of(told, library, left, open & fires, &mut needs),
                    None => those &= !open,
                }
            }
            let mut before = None;
            for lane in (fires & those).lanes() {
                let status = match (overridden.has(lane), open.has(lane)) {
                    (true, _) => Status::Overridden,
                    (false, true) => Status::Open,
                    (false, false) => Status::Active,
                };
                if !self.statuses.has(status) {
                    continue;
                }
                // The same for everybody who is evaluated on one day.
                let as_of = facts.as_of(lane);
                let dates = match (own.clock, before) {
                    (Kept::NoDeadline, _) => Some(no_dates),
                    (Kept::AsOf, Some((day, dates))) if day == as_of => Some(dates),
                    (Kept::AsOf | Kept::Dated, _) => {
                        let due = facts.due(library, own.effect, lane);
                        due.map(|due| self.dates(told, due))
                    }
                    (Kept::Apart, _) => None,
                };
                let Some(dates) = dates else {
                    those &= !Mask::one(lane);
                    continue;
                };
                before = Some((as_of, dates));
                let needs = needs.get(lane).copied().unwrap_or(no_needs);
                told.put(
                    lane,
                    Row {
                        piece,
                        status,
                        dates,
                        needs,
                    },
                );
            }
        }
        those
    }

    fn take_undecided(&self, told: &mut Told, library: &Library, facts: &Facts<'_>, waiting: &Waiting, mut those: Mask) -> Mask {
        let status = Status::Undecided;
        let dates = self.dates(told, (None, None));
        // An effect on several actions waits for the same facts on each.
        let mut known: Vec<Option<Vec<usize>>> = vec![None; waiting.undecided.len()];
        let all = those;
        for (piece, own) in self.pieces.iter().enumerate() {
            let lanes = facts.block().state_at(own.place);
            let undecided = lanes.unwrap_or_default().unknown() & all;
            if undecided.is_nobody() {
                continue;
            }
            let (Some(Some(left)), Some(known)) = (waiting.undecided.get(own.place), known.get_mut(own.place)) else {
                those &= !undecided;
                continue;
            };
            let needs = known.get_or_insert_with(|| {
                let mut needs = [0; WIDTH];
                self.needs_of(told, library, left, undecided, &mut needs);
                undecided.lanes().filter_map(|lane| needs.get(lane).copied()).collect()
            });
            for (lane, needs) in undecided.lanes().zip(needs.iter().copied()) {
                told.put(
                    lane,
                    Row {
                        piece,
                        status,
                        dates,
                        needs,
                    },
                );
            }
        }
        those
    }

    /// Writes what was told of a patient; false, and nothing is written, where a part of it is not there.
    #[must_use]
    pub fn write(&self, told: &Told, lane: usize, patient: &str, rows: &mut Rows) -> bool {
        let Some(own) = told.rows.get(lane) else { return false };
        let patient = stretch(self.format, 0, &[Field::Text(patient)]);
        let stretches = |row: &Row| {
            let piece = self.pieces.get(row.piece)?;
            let what = piece.what.get(row.status as usize)?;
            let (dates, needs) = (told.dates.stretches.get(row.dates)?, told.needs.stretches.get(row.needs)?);
            Some([&patient, what, dates, needs, &piece.statements])
        };
        let Some(own) = own.iter().map(stretches).collect::<Option<Vec<[&Stretch; 5]>>>() else {
            return false;
        };
        own.into_iter().for_each(|row| rows.push_stretches(row));
        true
    }

    fn dates(&self, told: &mut Told, (due, overdue): (Option<Date>, Option<Truth>)) -> usize {
        let known = told.dates.places.get(&(due, overdue)).copied();
        known.unwrap_or_else(|| {
            let stretch = stretch(self.format, DATES, &dates(due, overdue));
            told.dates.remember((due, overdue), stretch)
        })
    }

    /// The facts that each of some patients needs.
    fn needs_of(&self, told: &mut Told, library: &Library, left: &Left, those: Mask, needs: &mut [usize; WIDTH]) {
        let mut facts = std::mem::take(&mut told.facts);
        for lane in those.lanes() {
            facts.get_mut(lane).into_iter().for_each(Vec::clear);
        }
        let ranked = left
            .iter()
            .filter_map(|(fact, lanes)| Some((*self.ranks.get(fact.index())?, *lanes)));
        let mut ranked: Vec<(u32, Mask)> = ranked.collect();
        ranked.sort_unstable_by_key(|(rank, _)| *rank);
        for (rank, lanes) in ranked {
            for lane in (lanes & those).lanes() {
                facts.get_mut(lane).into_iter().for_each(|facts| facts.push(rank));
            }
        }
        for lane in those.lanes() {
            if let (Some(needs), Some(facts)) = (needs.get_mut(lane), facts.get(lane)) {
                *needs = self.needs(told, library, facts);
            }
        }
        told.facts = facts;
    }

    fn needs(&self, told: &mut Told, library: &Library, ranks: &[u32]) -> usize {
        if let Some(known) = told.needs.places.get(ranks) {
            return *known;
        }
        let facts = ranks.iter().filter_map(|rank| self.by_name.get(*rank as usize).copied());
        let facts: Vec<FactId> = facts.collect();
        let stretch = stretch(self.format, NEEDS, &[needed(library, &facts)]);
        told.needs.remember(ranks.to_vec(), stretch)
    }
}

fn stretch(format: Format, from: usize, fields: &[Field<'_>]) -> Stretch {
    Stretch::new(format, EFFECTS, from, fields)
}
