//! Rules and terms of two versions against each other.
//!
//! In: a rule of either version, or both. Out: what it says otherwise, to whom, and who loses or gains advice by it.
//! Must not know: how rules were paired.

use super::{
    Aspect, Compared, Danger, EffectChange, Kind, RuleChange, Shift, State, TermChange, TermId, Told, Version, Versions, Wording,
};
use crate::eval::{Rank, Standing, urgency_rank, weakness};
use crate::model::gives_way::{deadline, edges_of};
use crate::model::words::lasting;
use crate::model::{
    ActionId, Algebra, AtomId, Clock, Condition, DefinitionId, Direction, Duration, EffectId, FactId, FactType, Join, Leaf,
    Library, Origin, Record, RuleId, Term, Test, Truth,
};
use crate::verify::space::Formula;
use crate::verify::witness::{Replay, Witness};
use crate::verify::{Found, Piece};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

impl Versions<'_> {
    /// What changed about a rule; nothing if nothing did.
    pub(super) fn rule(&self, (old, new): (Option<RuleId>, Option<RuleId>), terms: &[TermChange]) -> Option<RuleChange> {
        let effects = self.effects(old, new);
        let wording = match (old, new) {
            (Some(old), Some(new)) => self.wording(old, new),
            _ => Vec::new(),
        };
        let danger = effects.iter().map(|e| e.danger).min().unwrap_or(Danger::Wording);
        if effects.is_empty() && wording.is_empty() {
            return None;
        }
        let through = if danger == Danger::Wording {
            Vec::new()
        } else {
            self.through(old, new, terms)
        };
        Some(RuleChange {
            danger,
            old,
            new,
            effects,
            through,
            wording,
        })
    }

    /// Dangerous changes first, then what presses most.
    pub(super) fn order(&self, change: &RuleChange) -> impl Ord + use<> {
        let rank = |version: Version, rule: Option<RuleId>| {
            let library = self.library(version);
            let effects = rule.map(|r| library[r].effects.clone()).unwrap_or_default();
            effects.into_iter().map(|e| Rank::of(library, e)).min()
        };
        let ranks = [rank(Version::Old, change.old), rank(Version::New, change.new)];
        let name = change.new.map(|r| self.library(Version::New).rule_name(r).to_owned());
        let old_name = change.old.map(|r| self.library(Version::Old).rule_name(r).to_owned());
        let first = ranks.into_iter().flatten().min();
        (change.danger, first.is_none(), first, old_name, name)
    }

    /// The effects of a rule that are not the same.
    fn effects(&self, old: Option<RuleId>, new: Option<RuleId>) -> Vec<EffectChange> {
        let of =
            |version: Version, rule: Option<RuleId>| rule.map_or_else(Vec::new, |r| self.library(version)[r].effects.clone());
        let (mut left, mut right) = (of(Version::Old, old), of(Version::New, new));
        let mut pairs: Vec<(Option<EffectId>, Option<EffectId>)> = Vec::new();
        for fits in [Self::same_effect, Self::same_actions, Self::shares_action, Self::reverses] {
            left.retain(|old| {
                let place = right.iter().position(|new| fits(self, *old, *new));
                if let Some(place) = place {
                    pairs.push((Some(*old), Some(right.remove(place))));
                }
                place.is_none()
            });
        }
        pairs.extend(left.into_iter().map(|old| (Some(old), None)));
        pairs.extend(right.into_iter().map(|new| (None, Some(new))));
        pairs.sort();
        let graded = self.evidence(old, new);
        let mut changes: Vec<EffectChange> = Vec::new();
        for (index, (old, new)) in pairs.into_iter().enumerate() {
            let graded = graded.clone().filter(|_| index == 0);
            changes.extend(self.effect(old, new, graded));
        }
        changes.sort_by_key(|change| change.danger);
        changes
    }

    fn names(&self, version: Version, effect: EffectId) -> BTreeSet<&str> {
        let library = self.library(version);
        library[effect].actions.iter().map(|a| library[*a].name.as_str()).collect()
    }

    fn same_effect(&self, old: EffectId, new: EffectId) -> bool {
        let words = |version: Version, effect| {
            let library = self.library(version);
            written_advice(library, effect, &library[effect].actions)
        };
        words(Version::Old, old) == words(Version::New, new) && self.guard(Version::Old, old) == self.guard(Version::New, new)
    }

    fn same_actions(&self, old: EffectId, new: EffectId) -> bool {
        self.same_direction(old, new) && self.names(Version::Old, old) == self.names(Version::New, new)
    }

    fn shares_action(&self, old: EffectId, new: EffectId) -> bool {
        self.same_direction(old, new) && !self.names(Version::Old, old).is_disjoint(&self.names(Version::New, new))
    }

    fn reverses(&self, old: EffectId, new: EffectId) -> bool {
        !self.names(Version::Old, old).is_disjoint(&self.names(Version::New, new))
    }

    fn same_direction(&self, old: EffectId, new: EffectId) -> bool {
        self.library(Version::Old)[old].direction() == self.library(Version::New)[new].direction()
    }

    /// What changed about an effect; nothing if nothing did.
    fn effect(&self, old: Option<EffectId>, new: Option<EffectId>, graded: Option<Aspect>) -> Option<EffectChange> {
        let mut shifts: Vec<Shift> = Vec::new();
        let mut aspects: Vec<Aspect> = Vec::new();
        let mut both = None;
        // Patients found so far: one that tells of several actions is easier to read than one for each.
        let mut seen: Vec<Witness> = Vec::new();
        let mut left: BTreeMap<&str, ActionId> = self.actions(Version::Old, old);
        let mut right: BTreeMap<&str, ActionId> = self.actions(Version::New, new);
        if let (Some(old), Some(new)) = (old, new) {
            aspects = self.aspects(old, new);
            aspects.extend(graded);
            if self.reads_incomparable(old, new) {
                for name in self.names(Version::Old, old) {
                    if right.remove(name).is_some() {
                        left.remove(name);
                        shifts.push(shift(Kind::Incomparable, name, None));
                    }
                }
            } else {
                let shared: Vec<(&str, ActionId, ActionId)> = left
                    .iter()
                    .filter_map(|(name, action)| Some((*name, *action, *right.get(name)?)))
                    .collect();
                for (name, was, is) in shared {
                    left.remove(name);
                    right.remove(name);
                    if self.same_direction(old, new) {
                        shifts.extend(self.shifts(name, (old, was), (new, is), &mut seen));
                    }
                    if both.is_none() && !aspects.is_empty() {
                        match self.both((old, was), (new, is), &mut seen) {
                            Answered::Alone(told) | Answered::Covered(_, Some(told)) | Answered::Covered(told, None) => {
                                both = Some(*told);
                            }
                            Answered::Undecided => shifts.push(shift(Kind::Undecided, name, None)),
                            Answered::Nobody => {}
                        }
                    }
                }
                for (name, was, is) in self.excepted_kinds(old, new) {
                    shifts.extend(self.standing_shifts(&name, (old, was), (new, is), &mut seen));
                }
            }
        }
        for (version, effect, actions) in [(Version::Old, old, left), (Version::New, new, right)] {
            let Some(effect) = effect else { continue };
            for (name, action) in actions {
                shifts.extend(self.gone(name, (effect, action), version, &mut seen));
            }
        }
        if shifts.is_empty() && aspects.is_empty() {
            return None;
        }
        let mut shifts = merged(shifts);
        let is_emergency = old.is_some_and(|e| self.verifier(Version::Old).is_emergency(e));
        let loses = |worst: bool| match (worst, is_emergency) {
            (true, true) => Danger::Emergency,
            (true, false) => Danger::Loss,
            (false, _) => Danger::Change,
        };
        let of_shift = |shift: &Shift| {
            let is_covered = shift.told.as_ref().is_some_and(|told| !told.elsewhere.is_empty());
            match &shift.told {
                _ if is_covered => Danger::Change,
                _ if !shift.kind.is_worse() => Danger::Gain,
                Some(told) => loses(told.old == State::Active),
                None => loses(matches!(shift.kind, Kind::Undecided | Kind::Incomparable)),
            }
        };
        shifts.sort_by_cached_key(|shift| (of_shift(shift), shift.kind, shift.actions.clone()));
        let of_aspect = |aspect: &Aspect| match aspect.kind {
            kind if kind.is_worse() => loses(both.as_ref().is_some_and(|t: &Told| t.elsewhere.is_empty())),
            Kind::Stronger | Kind::Earlier => Danger::Gain,
            _ => Danger::Change,
        };
        let dangers = shifts.iter().map(of_shift).chain(aspects.iter().map(of_aspect));
        Some(EffectChange {
            danger: dangers.min().unwrap_or(Danger::Change),
            old,
            new,
            aspects,
            both,
            shifts,
        })
    }

    fn actions(&self, version: Version, effect: Option<EffectId>) -> BTreeMap<&str, ActionId> {
        let library = self.library(version);
        let actions = effect.map_or(&[] as &[ActionId], |e| &library[e].actions);
        actions.iter().map(|a| (library[*a].name.as_str(), *a)).collect()
    }

    /// Kinds for which an avoidance makes way in one of the versions.
    fn excepted_kinds(&self, old: EffectId, new: EffectId) -> Vec<(String, ActionId, ActionId)> {
        let mut names = BTreeSet::new();
        for (version, effect) in [(Version::Old, old), (Version::New, new)] {
            let library = self.library(version);
            let partial = edges_of(library, effect).iter().filter(|e| e.partial);
            names.extend(partial.map(|e| library[e.by].name.clone()));
        }
        let covered = |version: Version, effect: EffectId, name: &str| {
            let library = self.library(version);
            let action = *library.action_names.get(name)?;
            let covers = library[effect].actions.iter().any(|a| library.is_kind_of(action, *a));
            covers.then_some(action)
        };
        let pairs = names.into_iter().filter_map(|name| {
            let (was, is) = (covered(Version::Old, old, &name)?, covered(Version::New, new, &name)?);
            Some((name, was, is))
        });
        pairs.collect()
    }

    /// Whether a condition of either speaks of a fact whose type has nothing in common with that in the other version.
    fn reads_incomparable(&self, old: EffectId, new: EffectId) -> bool {
        [(Version::Old, old), (Version::New, new)]
            .into_iter()
            .any(|(version, effect)| {
                let library = self.library(version);
                self.is_incomparable(version, &library[effect].guard)
            })
    }

    pub(super) fn is_incomparable(&self, version: Version, condition: &Condition) -> bool {
        let facts = self.library(version).facts(condition);
        facts.iter().any(|fact| self.part(version).incomparable.contains(fact))
    }

    // ─── Who is advised ──────────────────────────────────────────────────────────────────────────────────────────────

    /// Patients who are advised on the action in one version and not in the other.
    fn shifts(&self, name: &str, old: Piece, new: Piece, seen: &mut Vec<Witness>) -> Vec<Shift> {
        let mut shifts: Vec<Shift> = Vec::new();
        if self.guard(Version::Old, old.0) != self.guard(Version::New, new.0) {
            shifts.extend(self.reach(name, Version::Old, old, new, seen));
            shifts.extend(self.reach(name, Version::New, new, old, seen));
        }
        shifts.extend(self.standing_shifts(name, old, new, seen));
        shifts
    }

    /// For whom the piece of version `here` fires and the one of the other version does not.
    fn reach(&self, name: &str, here: Version, piece: Piece, other: Piece, seen: &mut Vec<Witness>) -> Vec<Shift> {
        let there = here.other();
        let (definite, partial) = match here {
            Version::Old => (Kind::Narrowed, Kind::AsksMore),
            Version::New => (Kind::Widened, Kind::AsksLess),
        };
        let question = Question {
            here,
            piece,
            other: Some(other),
            first: self.active(here, piece),
            missing: self.formula(there, &self.library(there)[other.0].guard, false),
            present: self.guard(there, other.0),
            is_missing: &|state| *state == State::No,
            may_be_missing: &|state| matches!(state, State::No | State::Undecided(_)),
        };
        let found = self.affected(&question, seen);
        if !matches!(found, Answered::Nobody) {
            return found.shifts(name, definite, partial);
        }
        let told = |kind, witness| vec![shift(kind, name, Some(*self.told(here, piece, Some(other), witness)))];
        let states = |record: &Record| (self.state(here, piece, record), self.state(there, other, record));
        // It fires for somebody, and gives way all the same.
        let fires = Formula::all([self.guard(here, piece.0), question.missing.clone()]);
        match self.ask(&fires, &|r| matches!(states(r), (state, State::No) if state.is_firing())) {
            Found::Somebody(witness) => return told(definite, witness),
            Found::Undecided => return vec![shift(Kind::Undecided, name, None)],
            Found::Nobody => {}
        }
        let waits = |r: &Record| matches!(states(r), (state, State::Undecided(_)) if state.is_firing());
        match self.ask_partial(&self.guard(here, piece.0), &question.present, &waits) {
            Found::Somebody(witness) => told(partial, witness),
            Found::Nobody => Vec::new(),
            Found::Undecided => vec![shift(Kind::Undecided, name, None)],
        }
    }

    /// For whom both fire, and only one of them stands.
    fn standing_shifts(&self, name: &str, old: Piece, new: Piece, seen: &mut Vec<Witness>) -> Vec<Shift> {
        let mut shifts = Vec::new();
        for (here, piece, other, kind) in [
            (Version::Old, old, new, Kind::GivesWay),
            (Version::New, new, old, Kind::NoLongerGivesWay),
        ] {
            let there = here.other();
            let edges = edges_of(self.library(there), other.0);
            let (active, present) = (self.active(here, piece), self.active(there, other));
            if active == present || !edges.iter().any(|e| e.concerns(self.library(there), other.1)) {
                continue;
            }
            let question = Question {
                here,
                piece,
                other: Some(other),
                first: Formula::all([active, self.guard(there, other.0)]),
                missing: self.overridden(there, other),
                present,
                is_missing: &|state| matches!(state, State::Overridden(_)),
                may_be_missing: &|state| matches!(state, State::Overridden(_) | State::Open(_)),
            };
            let found = self.affected(&question, seen);
            if !matches!(found, Answered::Nobody) {
                shifts.extend(found.shifts(name, kind, kind));
                continue;
            }
            let waits = |record: &Record| {
                self.state(here, piece, record) == State::Active
                    && matches!(self.state(there, other, record), State::Open(_) | State::Overridden(_))
            };
            match self.ask_partial(&question.first, &question.present, &waits) {
                Found::Somebody(witness) => {
                    let told = self.told(here, piece, Some(other), witness);
                    shifts.push(shift(kind, name, Some(*told)));
                }
                Found::Nobody => {}
                Found::Undecided => shifts.push(shift(Kind::Undecided, name, None)),
            }
        }
        shifts
    }

    /// A piece that only version `here` has.
    fn gone(&self, name: &str, piece: Piece, here: Version, seen: &mut Vec<Witness>) -> Vec<Shift> {
        let (kind, partial) = match here {
            Version::Old => (Kind::Removed, Kind::AsksMore),
            Version::New => (Kind::Added, Kind::AsksLess),
        };
        let question = Question {
            here,
            piece,
            other: None,
            first: self.active(here, piece),
            missing: Formula::yes(),
            present: Formula::no(),
            is_missing: &|state| *state == State::Absent,
            may_be_missing: &|state| *state == State::Absent,
        };
        let found = self.affected(&question, seen);
        if !matches!(found, Answered::Nobody) {
            return found.shifts(name, kind, partial);
        }
        let fires = |record: &Record| self.state(here, piece, record).is_firing() && self.accepts(here.other(), record);
        let only = match self.ask(&self.guard(here, piece.0), &fires) {
            Found::Somebody(witness) => shift(kind, name, Some(*self.told(here, piece, None, witness))),
            Found::Nobody => shift(kind, name, None),
            Found::Undecided => shift(Kind::Undecided, name, None),
        };
        vec![only]
    }

    /// Somebody who gets the piece in version `here` and not in the other: one to whom nothing else in the other says as much; or
    /// else anybody, with the rules that do.
    fn affected(&self, question: &Question<'_>, seen: &mut Vec<Witness>) -> Answered {
        let Question { here, piece, other, .. } = *question;
        let there = here.other();
        let missing = |record: &Record| match other {
            Some(other) => Some(self.state(there, other, record)),
            None => self.accepts(there, record).then_some(State::Absent),
        };
        let holds = |record: &Record, fits: &dyn Fn(&State) -> bool| {
            self.state(here, piece, record) == State::Active && missing(record).is_some_and(|state| fits(&state))
        };
        let others = self.standing_in(here, piece, other);
        let is_alone = |record: &Record| {
            let covered = |replay: &Replay<'_>| others.iter().any(|o| replay.is_active(o.0, o.1));
            others.is_empty() || self.look(there, record, covered) == Some(false)
        };
        let loses = |record: &Record| holds(record, question.is_missing) && is_alone(record);
        let may_lose = |record: &Record| holds(record, question.may_be_missing) && is_alone(record);
        let silent = others.iter().map(|o| self.joint.space.opposite(&self.active(there, *o)));
        let affected = Formula::all([question.first.clone(), question.missing.clone()]);
        let uncovered = Formula::all(std::iter::once(affected.clone()).chain(silent));
        let covering = others.iter().map(|o| self.active(there, *o));
        let present = Formula::any(std::iter::once(question.present.clone()).chain(covering));
        match self.joint.possible(&uncovered) {
            None => return Answered::Undecided,
            Some(true) => {
                // What one action loses another of the same effect often loses as well.
                if let Some(witness) = seen.iter().find(|w| may_lose(&w.record)) {
                    return Answered::Alone(self.told(here, piece, other, witness.clone()));
                }
                let found = self.ask_readable((&uncovered, &loses), (&question.first, &present, &may_lose));
                return match found {
                    Found::Somebody(witness) => {
                        seen.push(witness.clone());
                        Answered::Alone(self.told(here, piece, other, witness))
                    }
                    _ => Answered::Undecided,
                };
            }
            Some(false) => {}
        }
        match self.ask(&affected, &|record| holds(record, question.is_missing)) {
            Found::Somebody(witness) => {
                let mut told = self.told(here, piece, other, witness);
                let takes_over = |o: &&Piece| {
                    let both = Formula::all([affected.clone(), self.active(there, **o)]);
                    self.joint.possible(&both) != Some(false)
                };
                let rules = others.iter().filter(takes_over).map(|o| self.library(there)[o.0].rule);
                told.elsewhere = rules.collect::<BTreeSet<_>>().into_iter().collect();
                match self.ask_partial(&question.first, &present, &may_lose) {
                    Found::Somebody(witness) => Answered::Covered(told, Some(self.told(here, piece, other, witness))),
                    Found::Nobody => Answered::Covered(told, None),
                    Found::Undecided => Answered::Undecided,
                }
            }
            Found::Undecided => Answered::Undecided,
            Found::Nobody => Answered::Nobody,
        }
    }

    /// Pieces of the other version that say at least as much as this one.
    fn standing_in(&self, here: Version, piece: Piece, except: Option<Piece>) -> Vec<Piece> {
        let there = here.other();
        let library = self.library(there);
        let effects = self.verifier(there).effects().filter(|e| except.is_none_or(|p| p.0 != *e));
        let pieces = effects.flat_map(|e| library[e].actions.iter().map(move |a| (e, *a)));
        pieces
            .filter(|other| says_as_much(self.library(here), piece, library, *other))
            .collect()
    }

    /// Somebody for whom both stand, where what they say differs; first one to whom nothing else says as much as the old one.
    fn both(&self, old: Piece, new: Piece, seen: &mut Vec<Witness>) -> Answered {
        let question = Question {
            here: Version::Old,
            piece: old,
            other: Some(new),
            first: Formula::all([self.active(Version::Old, old), self.active(Version::New, new)]),
            missing: Formula::yes(),
            present: Formula::no(),
            is_missing: &|state| *state == State::Active,
            may_be_missing: &|state| *state == State::Active,
        };
        self.affected(&question, seen)
    }

    fn told(&self, here: Version, piece: Piece, other: Option<Piece>, witness: Witness) -> Box<Told> {
        let own = self.state(here, piece, &witness.record);
        let others = match other {
            Some(other) => self.state(here.other(), other, &witness.record),
            None => State::Absent,
        };
        let (old, new) = match here {
            Version::Old => (own, others),
            Version::New => (others, own),
        };
        Box::new(Told {
            in_short: self.in_short(here, piece, &witness),
            witness,
            old,
            new,
            elsewhere: Vec::new(),
        })
    }

    /// The patient in the words of the guideline that the piece belongs to.
    fn in_short(&self, version: Version, piece: Piece, witness: &Witness) -> Vec<String> {
        let v = self.verifier(version);
        let guideline = v.library[v.library[piece.0].rule].guideline;
        let truths = self.look(version, &witness.record, |replay| {
            let definitions = (0..v.library.definitions.len()).map(DefinitionId::from_index);
            definitions
                .map(|id| replay.truth(&Condition::Defined(id)))
                .collect::<Vec<_>>()
        });
        v.in_short(witness, guideline, &truths.unwrap_or_default())
    }

    fn accepts(&self, version: Version, record: &Record) -> bool {
        self.look(version, record, |_| ()).is_some()
    }

    /// What a version makes of the piece for a patient.
    fn state(&self, version: Version, piece: Piece, record: &Record) -> State {
        self.look(version, record, |replay| state(self.library(version), replay, piece))
            .unwrap_or(State::Rejected)
    }

    // ─── What is advised ─────────────────────────────────────────────────────────────────────────────────────────────

    /// What two effects say otherwise.
    fn aspects(&self, old: EffectId, new: EffectId) -> Vec<Aspect> {
        let (l, m) = (self.library(Version::Old), self.library(Version::New));
        let (a, b) = (&l[old], &m[new]);
        let mut aspects = Vec::new();
        let mut differs = |what: &'static str, old: String, new: String, kind: Kind| {
            if old != new {
                aspects.push(Aspect { kind, what, old, new });
            }
        };
        let side = |better: Kind, worse: Kind, order: std::cmp::Ordering| match order {
            std::cmp::Ordering::Less => better,
            std::cmp::Ordering::Equal => Kind::Different,
            std::cmp::Ordering::Greater => worse,
        };
        let modality = if a.direction() == b.direction() {
            side(Kind::Stronger, Kind::Weaker, weakness(b.modality).cmp(&weakness(a.modality)))
        } else {
            Kind::Reversed
        };
        differs("modality", a.modality.word().into(), b.modality.word().into(), modality);
        let urgency = |u: Option<crate::model::Urgency>| u.map_or("none", |u| u.word()).to_owned();
        let order = urgency_rank(b.urgency).cmp(&urgency_rank(a.urgency));
        differs(
            "urgency",
            urgency(a.urgency),
            urgency(b.urgency),
            side(Kind::Earlier, Kind::Later, order),
        );
        let within = |library: &Library, timing: &crate::model::Timing| match &timing.deadline {
            Some((deadline, clock)) => format!("{deadline}{}", after(library, *clock)),
            None => "none".to_owned(),
        };
        let due = [deadline(l, old), deadline(m, new)];
        let kind = match due {
            [Some((first, one)), Some((second, other))] if clock(l, one) == clock(m, other) => {
                side(Kind::Earlier, Kind::Later, second.minutes().cmp(&first.minutes()))
            }
            [Some(_), None] => Kind::Later,
            [None, Some(_)] => Kind::Earlier,
            _ => Kind::Different,
        };
        differs("within", within(l, &a.timing), within(m, &b.timing), kind);
        let start = |library: &Library, timing: &crate::model::Timing| match &timing.not_before {
            Some((start, clock)) => format!("{start}{}", after(library, *clock)),
            None => "none".to_owned(),
        };
        let kind = match (a.timing.not_before, b.timing.not_before) {
            (Some((first, one)), Some((second, other))) if clock(l, one) == clock(m, other) => {
                side(Kind::Earlier, Kind::Later, second.minutes().cmp(&first.minutes()))
            }
            (None, Some(_)) => Kind::Later,
            (Some(_), None) => Kind::Earlier,
            _ => Kind::Different,
        };
        differs("not before", start(l, &a.timing), start(m, &b.timing), kind);
        let names = |library: &Library, actions: &[ActionId]| names(library, actions, ", ");
        let choice = |library: &Library, effect: &crate::model::Effect| match effect.join {
            Join::OneOf if effect.actions.len() > 1 => self::names(library, &effect.actions, " or "),
            _ => "each of them".to_owned(),
        };
        let kind = match (choice(l, a).as_str(), choice(m, b).as_str()) {
            ("each of them", _) => Kind::Weaker,
            (_, "each of them") => Kind::Stronger,
            _ => Kind::Different,
        };
        let sorted = |library: &Library, effect: &crate::model::Effect| {
            let mut names: Vec<&str> = effect.actions.iter().map(|a| library[*a].name.as_str()).collect();
            names.sort_unstable();
            (effect.join == Join::OneOf && names.len() > 1).then(|| names.join(" or "))
        };
        if sorted(l, a) != sorted(m, b) {
            differs("alternatives", choice(l, a), choice(m, b), kind);
        }
        let duration = |e: &crate::model::Effect| match e.modifiers.duration {
            Some((bound, duration)) => lasting(bound, duration),
            None => "none".to_owned(),
        };
        differs("for", duration(a), duration(b), Kind::Different);
        let every = |e: &crate::model::Effect| e.modifiers.every.map_or("none".to_owned(), |d: Duration| d.to_string());
        differs("every", every(a), every(b), Kind::Different);
        let line = |e: &crate::model::Effect| e.modifiers.line.map_or("none".to_owned(), |l| l.to_string());
        differs("line", line(a), line(b), Kind::Different);
        let with = |e: &crate::model::Effect| quoted(&e.modifiers.with);
        differs("with", with(a), with(b), Kind::Different);
        for (what, one, other) in [
            ("before", &a.modifiers.before, &b.modifiers.before),
            ("instead of", &a.modifiers.instead_of, &b.modifiers.instead_of),
            ("preferred to", &a.modifiers.preferred_to, &b.modifiers.preferred_to),
        ] {
            differs(what, names(l, one), names(m, other), Kind::Different);
        }
        aspects
    }

    /// Another grade of the evidence.
    fn evidence(&self, old: Option<RuleId>, new: Option<RuleId>) -> Option<Aspect> {
        let graded = |version: Version, rule: RuleId| {
            let library = self.library(version);
            let mut grades: Vec<String> = library[rule]
                .evidence
                .iter()
                .map(|(scale, point)| {
                    let scale = &library[*scale];
                    format!("{} {}", scale.name, scale.points.get(*point).map_or("", String::as_str))
                })
                .collect();
            grades.sort();
            if grades.is_empty() {
                "none".to_owned()
            } else {
                grades.join(", ")
            }
        };
        let (old, new) = (graded(Version::Old, old?), graded(Version::New, new?));
        (old != new).then_some(Aspect {
            kind: Kind::Different,
            what: "evidence",
            old,
            new,
        })
    }

    // ─── How it is written ───────────────────────────────────────────────────────────────────────────────────────────

    fn wording(&self, old: RuleId, new: RuleId) -> Vec<Wording> {
        let (l, m) = (self.library(Version::Old), self.library(Version::New));
        let (a, b) = (&l[old], &m[new]);
        let mut found = Vec::new();
        if a.named || b.named {
            push(&mut found, "name", a.full_name.clone(), b.full_name.clone());
        }
        let section = |library: &Library, rule: &crate::model::Rule| {
            rule.section
                .map_or_else(|| "none".to_owned(), |s| library[s].path.join(" > "))
        };
        push(&mut found, "section", section(l, a), section(m, b));
        let label = |rule: &crate::model::Rule| rule.label.clone().unwrap_or_else(|| "none".to_owned());
        push(&mut found, "label", label(a), label(b));
        let conditions = |library: &Library, rule: &crate::model::Rule| {
            let mut texts = Vec::new();
            if !rule.guard.when.is_always() {
                texts.push(format!("when {}", written(library, &rule.guard.when)));
            }
            if !rule.guard.unless.is_never() {
                texts.push(format!("unless {}", written(library, &rule.guard.unless)));
            }
            // What `only when` says without saying it need not be said either.
            let said = rule.effects.iter().map(|e| &library[*e]);
            let own = said.filter(|e| e.origin == Origin::Written && !e.own.is_always());
            texts.extend(own.map(|e| format!("then … only when {}", written(library, &e.own))));
            if texts.is_empty() {
                "always".to_owned()
            } else {
                texts.join(" ")
            }
        };
        push(&mut found, "conditions", conditions(l, a), conditions(m, b));
        push(&mut found, "statements", listed(&a.statements), listed(&b.statements));
        push(&mut found, "citations", cited(l, &a.cites), cited(m, &b.cites));
        let because = |rule: &crate::model::Rule| rule.because.clone().unwrap_or_else(|| "none".to_owned());
        push(&mut found, "because", because(a), because(b));
        found
    }

    /// The terms with another meaning that the guards of the rules speak of.
    fn through(&self, old: Option<RuleId>, new: Option<RuleId>, terms: &[TermChange]) -> Vec<String> {
        let mut used: BTreeSet<(Version, TermId)> = BTreeSet::new();
        for (version, rule) in [(Version::Old, old), (Version::New, new)] {
            let Some(rule) = rule else { continue };
            let library = self.library(version);
            used.insert((version, TermId::Scope(library[rule].guideline)));
            for effect in &library[rule].effects {
                let leaves = library.leaves(&library[*effect].guard).into_iter();
                let mentioned: BTreeSet<DefinitionId> = leaves.filter_map(Leaf::definition).collect();
                used.extend(mentioned.into_iter().map(|d| (version, TermId::Definition(d))));
            }
        }
        let concerns = |term: &&TermChange| {
            let is_used = |version, id: Option<TermId>| id.is_some_and(|id| used.contains(&(version, id)));
            !term.compared.is_same() && (is_used(Version::Old, term.old) || is_used(Version::New, term.new))
        };
        terms.iter().filter(concerns).map(|t| t.name.clone()).collect()
    }

    /// Definitions and scopes that are not the same.
    pub(super) fn terms(&self) -> Vec<TermChange> {
        let named = |version: Version| {
            let library = self.library(version);
            let mut terms: BTreeMap<String, TermId> = BTreeMap::new();
            for (index, definition) in library.definitions.iter().enumerate() {
                let name = match definition.guideline {
                    Some(guideline) => format!("{}.{}", library[guideline].name, definition.name),
                    None => definition.name.clone(),
                };
                terms.insert(name, TermId::Definition(DefinitionId::from_index(index)));
            }
            for (index, guideline) in library.guidelines.iter().enumerate() {
                let id = TermId::Scope(crate::model::GuidelineId::from_index(index));
                terms.insert(format!("scope of {}", guideline.name), id);
            }
            terms
        };
        let (old, new) = (named(Version::Old), named(Version::New));
        let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        names
            .into_iter()
            .filter_map(|name| self.term(name, old.get(name).copied(), new.get(name).copied()))
            .collect()
    }

    /// What a term stands for.
    pub(super) fn condition_of(&self, version: Version, term: TermId) -> &Condition {
        let library = self.library(version);
        match term {
            TermId::Definition(id) => &library[id].condition,
            TermId::Scope(id) => &library[id].scope,
        }
    }

    fn term(&self, name: &str, old: Option<TermId>, new: Option<TermId>) -> Option<TermChange> {
        let mut change = TermChange {
            name: name.to_owned(),
            old,
            new,
            compared: Compared::default(),
            wording: Vec::new(),
        };
        let (Some(one), Some(other)) = (old, new) else {
            // A scope comes and goes with its guideline.
            let is_definition = matches!(old.or(new), Some(TermId::Definition(_)));
            return is_definition.then_some(change);
        };
        let (first, second) = (self.condition_of(Version::Old, one), self.condition_of(Version::New, other));
        change.compared = self.compare(first, second);
        let (l, m) = (self.library(Version::Old), self.library(Version::New));
        push(&mut change.wording, "conditions", written(l, first), written(m, second));
        if let (TermId::Definition(a), TermId::Definition(b)) = (one, other) {
            push(&mut change.wording, "label", l[a].label.clone(), m[b].label.clone());
            push(
                &mut change.wording,
                "statements",
                listed(&l[a].statements),
                listed(&m[b].statements),
            );
        }
        (!change.compared.is_same() || !change.wording.is_empty()).then_some(change)
    }
}

/// Who gets a piece of advice in one version and not in the other.
struct Question<'q> {
    /// The version with the advice.
    here: Version,
    piece: Piece,
    /// Its counterpart in the other version.
    other: Option<Piece>,
    /// Where somebody gets it.
    first: Rc<Formula>,
    /// Where the counterpart is known not to do.
    missing: Rc<Formula>,
    /// Where the counterpart does.
    present: Rc<Formula>,
    /// What `missing` means to the interpreter.
    is_missing: &'q dyn Fn(&State) -> bool,
    /// What it means that the counterpart is not known to do.
    may_be_missing: &'q dyn Fn(&State) -> bool,
}

/// What came of looking for somebody who is affected.
enum Answered {
    Nobody,
    /// Somebody to whom nothing else says as much.
    Alone(Box<Told>),
    /// Somebody to whom other rules say as much, as they do to everybody concerned once everything is known; and perhaps
    /// somebody of whom too little is known for them.
    Covered(Box<Told>, Option<Box<Told>>),
    Undecided,
}

impl Answered {
    fn shifts(self, name: &str, definite: Kind, partial: Kind) -> Vec<Shift> {
        match self {
            Answered::Nobody => Vec::new(),
            Answered::Alone(told) | Answered::Covered(told, None) => vec![shift(definite, name, Some(*told))],
            Answered::Covered(told, Some(waiting)) => {
                vec![shift(definite, name, Some(*told)), shift(partial, name, Some(*waiting))]
            }
            Answered::Undecided => vec![shift(Kind::Undecided, name, None)],
        }
    }
}

impl State {
    /// Whether the guard holds, whatever becomes of the advice.
    fn is_firing(&self) -> bool {
        matches!(self, State::Active | State::Open(_) | State::Overridden(_))
    }
}

fn shift(kind: Kind, action: &str, told: Option<Told>) -> Shift {
    Shift {
        kind,
        actions: vec![action.to_owned()],
        told,
    }
}

/// Shifts that tell the same of several actions as one.
fn merged(shifts: Vec<Shift>) -> Vec<Shift> {
    let mut kept: Vec<Shift> = Vec::new();
    for shift in shifts {
        let same = |one: &Told, other: &Told| {
            one.witness.facts == other.witness.facts
                && one.old == other.old
                && one.new == other.new
                && one.elsewhere == other.elsewhere
        };
        let twin = kept.iter_mut().find(|k| {
            k.kind == shift.kind
                && match (&k.told, &shift.told) {
                    (Some(one), Some(other)) => same(one, other),
                    (None, None) => true,
                    _ => false,
                }
        });
        match twin {
            Some(twin) => twin.actions.extend(shift.actions),
            None => kept.push(shift),
        }
    }
    kept
}

fn state(library: &Library, replay: &Replay<'_>, (effect, action): Piece) -> State {
    match replay.truth(&library[effect].guard) {
        Truth::No => return State::No,
        Truth::Unknown => {
            let waiting = replay.outcome().undecided.iter().find(|u| u.effect == effect);
            return State::Undecided(waiting.map(|u| u.needs.clone()).unwrap_or_default());
        }
        Truth::Yes => {}
    }
    if edges_of(library, effect).is_empty() {
        return State::Active;
    }
    let covers =
        |of: ActionId| of == action || (library[effect].direction() == Direction::Against && library.is_kind_of(action, of));
    let mut best = State::No;
    for advice in replay
        .outcome()
        .advice
        .iter()
        .filter(|a| a.effect == effect && covers(a.action))
    {
        let except = advice.except.iter().filter(|(kind, _)| library.is_kind_of(action, *kind));
        let except: Vec<RuleId> = except.map(|(_, rule)| *rule).collect();
        let may: Vec<RuleId> = advice
            .may_except
            .iter()
            .filter(|(kind, ..)| library.is_kind_of(action, *kind))
            .map(|(_, rule, _)| *rule)
            .collect();
        let state = match &advice.standing {
            Standing::Overridden { by } => State::Overridden(by.clone()),
            _ if !except.is_empty() => State::Overridden(except),
            Standing::Open { by, .. } => State::Open(by.clone()),
            Standing::Active if !may.is_empty() => State::Open(may),
            Standing::Active => return State::Active,
        };
        if !matches!(best, State::Open(_)) {
            best = state;
        }
    }
    best
}

/// Whether whoever gets the other piece is told at least as much as by this one: the same direction, an action it covers, no
/// weaker, no less urgent, no later.
fn says_as_much(library: &Library, (effect, action): Piece, others: &Library, (other, on): Piece) -> bool {
    let (a, b) = (&library[effect], &others[other]);
    let there = |action: ActionId| others.action_names.get(&library[action].name).copied();
    let covers = match a.direction() {
        Direction::For => {
            let wanted = if a.join == Join::OneOf {
                a.actions.as_slice()
            } else {
                &[action]
            };
            let is_wanted = |on: ActionId| wanted.iter().filter_map(|w| there(*w)).any(|w| others.is_kind_of(on, w));
            is_wanted(on) && (b.join == Join::Each || b.actions.iter().all(|a| is_wanted(*a)))
        }
        Direction::Against => there(action).is_some_and(|action| others.is_kind_of(action, on)),
    };
    let sooner = match (deadline(library, effect), deadline(others, other)) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some((wanted, one)), Some((given, two))) => {
            clock(library, one) == clock(others, two) && given.minutes() <= wanted.minutes()
        }
    };
    let starts = match (a.timing.not_before, b.timing.not_before) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some((wanted, one)), Some((given, two))) => {
            clock(library, one) == clock(others, two) && given.minutes() <= wanted.minutes()
        }
    };
    a.direction() == b.direction()
        && covers
        && weakness(b.modality) <= weakness(a.modality)
        && urgency_rank(b.urgency) <= urgency_rank(a.urgency)
        && sooner
        && starts
}

/// The name of a clock; nothing for the evaluation.
fn clock(library: &Library, clock: Clock) -> Option<&str> {
    match clock {
        Clock::Evaluation => None,
        Clock::Date(fact) => Some(&library[fact].name),
    }
}

fn after(library: &Library, on: Clock) -> String {
    clock(library, on).map_or_else(String::new, |name| format!(" after {name}"))
}

fn names(library: &Library, actions: &[ActionId], between: &str) -> String {
    let names: Vec<&str> = actions.iter().map(|a| library[*a].name.as_str()).collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(between)
    }
}

fn quoted(texts: &[String]) -> String {
    let quoted: Vec<String> = texts.iter().map(|t| format!("\"{t}\"")).collect();
    if quoted.is_empty() {
        "none".to_owned()
    } else {
        quoted.join(", ")
    }
}

pub(super) fn push(into: &mut Vec<Wording>, what: &'static str, old: String, new: String) {
    if old != new {
        into.push(Wording { what, old, new });
    }
}

pub(super) fn listed(statements: &[crate::model::Statement]) -> String {
    let mut ids: Vec<&str> = statements.iter().map(|s| s.id.as_str()).collect();
    ids.sort_unstable();
    if ids.is_empty() { "none".to_owned() } else { ids.join(", ") }
}

pub(super) fn cited(library: &Library, cites: &[crate::model::Citation]) -> String {
    let mut all: Vec<String> = cites
        .iter()
        .map(|cite| {
            let place = cite.place.as_ref().map(|p| format!(" \"{p}\"")).unwrap_or_default();
            let numbers: Vec<String> = cite.numbers.iter().map(u32::to_string).collect();
            let numbers = if numbers.is_empty() {
                String::new()
            } else {
                format!(" [{}]", numbers.join(", "))
            };
            format!("{}{place}{numbers}", library[cite.source].name)
        })
        .collect();
    all.sort();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

/// The advice of an effect for some of its actions as an author writes it: `urgent mri within hours`.
pub fn written_advice(library: &Library, effect: EffectId, actions: &[ActionId]) -> String {
    let e = &library[effect];
    let mut words: Vec<String> = Vec::new();
    if !(e.modality == crate::model::Modality::Recommend && e.urgency.is_some()) {
        words.push(e.modality.word().to_owned());
    }
    words.extend(e.urgency.map(|u| u.word().to_owned()));
    let between = match e.join {
        Join::Each => ", ",
        Join::OneOf => " or ",
    };
    words.push(names(library, actions, between));
    match (&e.timing.not_before, &e.timing.deadline) {
        (Some((start, on)), Some((end, _))) => words.push(format!("between {start} and {end}{}", after(library, *on))),
        (Some((start, on)), None) => words.push(format!("not before {start}{}", after(library, *on))),
        (None, Some((end, on))) => words.push(format!("within {end}{}", after(library, *on))),
        (None, None) => {}
    }
    if let Some((bound, duration)) = e.modifiers.duration {
        words.push(format!("for {}", lasting(bound, duration)));
    }
    words.extend(e.modifiers.every.map(|d| format!("every {d}")));
    words.extend(e.modifiers.line.map(|l| format!("line {l}")));
    words.extend(e.modifiers.with.iter().map(|t| format!("with \"{t}\"")));
    for (word, actions) in [
        ("instead of", &e.modifiers.instead_of),
        ("before", &e.modifiers.before),
        ("preferred to", &e.modifiers.preferred_to),
    ] {
        if !actions.is_empty() {
            words.push(format!("{word} {}", names(library, actions, ", ")));
        }
    }
    words.join(" ")
}

/// A condition as an author could write it; definitions by their names.
pub fn written(library: &Library, condition: &Condition) -> String {
    condition.fold(&Print(library)).0
}

/// Prints conditions; the second part says whether the text needs brackets inside another.
struct Print<'a>(&'a Library);

impl Print<'_> {
    fn joined(parts: &mut dyn Iterator<Item = (String, bool)>, word: &str, none: &str) -> (String, bool) {
        let parts: Vec<(String, bool)> = parts.collect();
        match parts.as_slice() {
            [] => (none.to_owned(), false),
            [only] => only.clone(),
            _ => {
                let texts: Vec<String> = parts.into_iter().map(bracketed).collect();
                (texts.join(word), true)
            }
        }
    }
}

fn bracketed((text, is_joined): (String, bool)) -> String {
    if is_joined { format!("({text})") } else { text }
}

impl Algebra for Print<'_> {
    type Output = (String, bool);

    fn all(&self, parts: &mut dyn Iterator<Item = Self::Output>) -> Self::Output {
        Print::joined(parts, " and ", "always")
    }

    fn any(&self, parts: &mut dyn Iterator<Item = Self::Output>) -> Self::Output {
        Print::joined(parts, " or ", "never")
    }

    fn at_least(&self, count: u32, parts: &mut dyn Iterator<Item = Self::Output>) -> Self::Output {
        let parts: Vec<String> = parts.map(|(text, _)| text).collect();
        (format!("at least {count} of ({})", parts.join(", ")), false)
    }

    fn not(&self, part: Self::Output) -> Self::Output {
        (format!("not {}", bracketed(part)), false)
    }

    fn atom(&self, atom: AtomId) -> Self::Output {
        let (Term::Fact(fact), test) = &self.0[self.0[atom].test];
        (written_test(self.0, *fact, test), false)
    }

    fn defined(&self, definition: DefinitionId) -> Self::Output {
        (self.0[definition].name.clone(), false)
    }
}

fn written_test(library: &Library, fact: FactId, test: &Test) -> String {
    let declared = &library[fact];
    let name = &declared.name;
    let named = |place: &usize| match &declared.ty {
        FactType::OneOf { values: names, .. } | FactType::AnyOf { members: names } => {
            names.get(*place).cloned().unwrap_or_default()
        }
        _ => String::new(),
    };
    match test {
        Test::Yes | Test::Nonempty => name.clone(),
        Test::In(values) => match values.as_slice() {
            [only] => format!("{name} is {}", named(only)),
            _ => format!("{name} is in ({})", values.iter().map(named).collect::<Vec<_>>().join(", ")),
        },
        Test::Includes(member) => format!("{name} includes {}", named(member)),
        Test::Compare { comparison, written, .. } => {
            let word = match comparison {
                crate::model::Comparison::AtLeast => "at least",
                crate::model::Comparison::AtMost => "at most",
                crate::model::Comparison::Over => "over",
                crate::model::Comparison::Under => "under",
                crate::model::Comparison::Equal => "is",
            };
            format!("{name} {word} {written}")
        }
    }
}
