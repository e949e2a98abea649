//! Pieces of advice against each other: disagreements, differences, repetitions.
//!
//! In: advice with its standing. Out: what cannot both be followed, and what says nearly the same.
//! Must not know: how findings are shown.

use super::standing::Standings;
use super::truth::Truths;
use super::{Advice, Difference, DifferenceKind, Disagreement, DisagreementKind, Position, Standing, Undecided};
use crate::model::gives_way::{Cause, deadline, edges_of, windows_apart};
use crate::model::{
    ActionId, Bound, Clock, Direction, EffectId, Join, Library, Modality, NoteId, RuleId, SettlementDecision, SettlementId,
    Stance, Truth, Urgency,
};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// How much an effect presses: compares as more urgent first, then nearer, then stronger, then more protective.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    urgency: u8,
    minutes: Decimal,
    weakness: u8,
    /// Less where more is asked for: longer of what is to be kept up, shorter of what is allowed at most.
    leniency: Decimal,
    direction: u8,
}

impl Rank {
    /// The rank of an effect.
    pub fn of(library: &Library, effect: EffectId) -> Rank {
        let within = deadline(library, effect).and_then(|(d, _)| d.minutes());
        let effect = &library[effect];
        Rank {
            urgency: urgency_rank(effect.urgency),
            minutes: within.unwrap_or(Decimal::MAX),
            weakness: weakness(effect.modality),
            leniency: match &effect.modifiers.duration {
                Some((Some(Bound::AtMost), longest)) => longest.minutes().unwrap_or_default(),
                Some((_, duration)) => -duration.minutes().unwrap_or_default(),
                None => Decimal::ZERO,
            },
            direction: u8::from(effect.direction() == Direction::For),
        }
    }
}

/// How little an urgency presses: less is more urgent.
pub fn urgency_rank(urgency: Option<Urgency>) -> u8 {
    match urgency {
        Some(Urgency::Immediate) => 0,
        Some(Urgency::Urgent) => 1,
        None => 2,
        Some(Urgency::Routine) => 3,
    }
}

/// How little a modality says, in its direction: less is stronger.
pub fn weakness(modality: Modality) -> u8 {
    match modality {
        Modality::Never => 0,
        Modality::Recommend | Modality::Avoid => 1,
        Modality::Consider => 2,
    }
}

/// Whether deciding `waiting` in its favour could only repeat what `given` says already: the same direction, an action it
/// covers, no weaker, no later, no less urgent.
pub fn repeats(library: &Library, waiting: &Undecided, given: &Advice) -> bool {
    let (new, old) = (&library[waiting.effect], &library[given.effect]);
    let covers = match old.direction() {
        Direction::For => library.is_kind_of(given.action, waiting.action),
        Direction::Against => library.is_kind_of(waiting.action, given.action),
    };
    let sooner = match (deadline(library, waiting.effect), deadline(library, given.effect)) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some((new, new_clock)), Some((old, old_clock))) => new_clock == old_clock && old.minutes() <= new.minutes(),
    };
    given.standing == Standing::Active
        && old.direction() == new.direction()
        && covers
        && (given.alternatives.is_empty()
            || given
                .alternatives
                .iter()
                .all(|a| new.join == Join::OneOf && new.actions.contains(a)))
        && weakness(old.modality) <= weakness(new.modality)
        && urgency_rank(old.urgency) <= urgency_rank(new.urgency)
        && sooner
        && given.except.is_empty()
}

/// Compares advice pair by pair.
pub struct Comparer<'a> {
    /// The library.
    pub library: &'a Library,
    /// The truths for this patient.
    pub truths: &'a Truths<'a>,
    /// The standings for this patient.
    pub standings: &'a Standings<'a>,
}

/// One piece of advice: an effect on an action.
pub type Piece = (EffectId, ActionId);

/// Pieces that speak of the same.
pub enum Meeting {
    /// An action is advised, and it or a parent of it is advised against.
    Opposed(Piece, Piece),
    /// A kind and its parent, or one action twice, are advised.
    Advised(Piece, Piece),
    /// A choice: its alternatives, each with what is against it.
    Choice(EffectId, Vec<(ActionId, Vec<Piece>)>),
    /// A kind and its parent, or one action twice, are advised against.
    Avoided(Piece, Piece),
    /// An action is advised, and a kind of it is advised against.
    Narrowed(Piece, Piece),
}

/// Tells of all pieces that speak of the same.
pub fn meetings(library: &Library, pieces: impl Iterator<Item = Piece>, mut tell: impl FnMut(Meeting)) {
    let (mut advised, mut avoided) = <(BTreeMap<ActionId, Vec<EffectId>>, BTreeMap<ActionId, Vec<EffectId>>)>::default();
    let mut choices = BTreeSet::new();
    for (effect, action) in pieces {
        let same_way = match library[effect].direction() {
            Direction::For => &mut advised,
            Direction::Against => &mut avoided,
        };
        same_way.entry(action).or_default().push(effect);
        if library[effect].direction() == Direction::For && library[effect].join == Join::OneOf {
            choices.insert(effect);
        }
    }
    let covering = |pieces: &BTreeMap<ActionId, Vec<EffectId>>, action: ActionId| -> Vec<Piece> {
        let ancestors = library.ancestors.get(action.index());
        let pairs = ancestors.into_iter().flatten().filter_map(|a| Some((*a, pieces.get(a)?)));
        pairs.flat_map(|(a, effects)| effects.iter().map(move |e| (*e, a))).collect()
    };
    for (action, effects) in &advised {
        let against = covering(&avoided, *action);
        let same_way = covering(&advised, *action);
        for effect in effects {
            let piece = (*effect, *action);
            if library[*effect].join == Join::Each {
                against.iter().for_each(|other| tell(Meeting::Opposed(piece, *other)));
            }
            for other in same_way.iter().filter(|o| o.1 != *action || o.0 > *effect) {
                tell(Meeting::Advised(piece, *other));
            }
        }
    }
    for effect in choices {
        let each = library[effect].actions.iter().map(|a| (*a, covering(&avoided, *a)));
        tell(Meeting::Choice(effect, each.collect()));
    }
    for (action, effects) in &avoided {
        for other in covering(&avoided, *action) {
            for effect in effects.iter().filter(|e| other.1 != *action || other.0 > **e) {
                tell(Meeting::Avoided((*effect, *action), other));
            }
        }
        for parent in covering(&advised, *action).into_iter().filter(|p| p.1 != *action) {
            for effect in effects {
                tell(Meeting::Narrowed(parent, (*effect, *action)));
            }
        }
    }
}

/// Whether two effects that contradict each other may both be followed as far as their authors go: where one gives way to the other
/// by its author's word, they never are.
pub fn may_clash(library: &Library, one: EffectId, other: EffectId) -> bool {
    let yields = |loser: EffectId, winner: EffectId| {
        let edges = edges_of(library, loser).iter();
        edges.filter(|e| e.winner == winner).any(|e| !is_settlement(e.cause))
    };
    !yields(one, other) && !yields(other, one)
}

/// Whether an effect can have a part in a disagreement though it gave way, because a settlement said so.
pub fn may_be_reconciled(library: &Library, effect: EffectId) -> bool {
    edges_of(library, effect).iter().any(|e| is_settlement(e.cause))
}

/// Whether two pieces of advice for comparable actions disagree about time.
pub fn disagree_in_time(library: &Library, kind: Piece, parent: Piece) -> bool {
    library[kind.0].rule != library[parent.0].rule && windows_apart(library, kind, parent)
}

fn is_settlement(cause: Cause) -> bool {
    matches!(cause, Cause::Prefer(_))
}

/// How two pieces stand against each other once settlements are taken into account.
struct Clash {
    certain: bool,
    reconciled: Option<SettlementId>,
}

impl Comparer<'_> {
    /// Disagreements, differences, and warnings about both.
    pub fn compare(&self, advice: &[Advice]) -> (Vec<Disagreement>, Vec<Difference>, Vec<String>) {
        let mut found = Found::default();
        meetings(
            self.library,
            advice.iter().map(|a| (a.effect, a.action)),
            |meeting| match meeting {
                Meeting::Opposed(advised, avoided) => self.contradiction(advised, avoided, &mut found),
                Meeting::Advised(kind, parent) => self.same_direction(kind, parent, &mut found),
                Meeting::Choice(effect, each) => self.alternatives(effect, &each, &mut found),
                Meeting::Avoided(kind, parent) => self.strength(kind, parent, &mut found),
                Meeting::Narrowed(parent, kind) => self.narrowing(parent, kind, &mut found),
            },
        );
        let library = self.library;
        found.disagreements.sort_by_cached_key(|d| {
            let first = d.positions.first().map(|p| Rank::of(library, p.0));
            (first, library[d.action].name.clone(), d.kind, d.positions.clone())
        });
        found
            .differences
            .sort_by_cached_key(|d| (library[d.action].name.clone(), d.kind, d.positions.clone()));
        (found.disagreements, found.differences, found.warnings.into_iter().collect())
    }

    /// Which alternatives of a choice are advised against while others are left, each with what is against it. `each` are the
    /// alternatives with everything that fires and covers them.
    pub fn narrowed(&self, choice: EffectId, each: &[(ActionId, Vec<Piece>)]) -> Vec<Difference> {
        let mut found = Found::default();
        self.alternatives(choice, each, &mut found);
        found.differences
    }

    /// An action advised, and it or a parent of it advised against.
    fn contradiction(&self, advised: Piece, avoided: Piece, found: &mut Found) {
        let Some(clash) = self.clash(advised, (avoided.0, advised.1)) else {
            return;
        };
        found.disagreements.push(Disagreement {
            action: advised.1,
            kind: DisagreementKind::Contradiction,
            certain: clash.certain,
            positions: self.ordered(vec![advised, avoided]),
            reconciled: clash.reconciled,
        });
    }

    /// Alternatives that are all advised against disagree; if some are left, the choice is narrowed.
    fn alternatives(&self, effect: EffectId, each: &[(ActionId, Vec<Piece>)], found: &mut Found) {
        let mut covered = Vec::new();
        for (action, avoided) in each {
            let clashes: Vec<(Piece, Clash)> = avoided
                .iter()
                .filter_map(|a| Some((*a, self.clash((effect, *action), (a.0, *action))?)))
                .collect();
            covered.push((*action, clashes));
        }
        // An alternative that has given way is no longer on offer.
        let (kept, gone): (Vec<_>, Vec<_>) = covered.into_iter().partition(|(action, _)| self.stands((effect, *action)));
        let covered = if kept.is_empty() {
            gone.into_iter().filter(|(_, clashes)| !clashes.is_empty()).collect()
        } else {
            kept
        };
        let each_has = |fits: &dyn Fn(&Clash) -> bool| covered.iter().all(|(_, c)| c.iter().any(|(_, clash)| fits(clash)));
        if each_has(&|_| true) && !covered.is_empty() {
            // It is settled only where some alternative is taken away by nothing but what was settled.
            let is_open = each_has(&|clash| clash.reconciled.is_none());
            let certain = each_has(&|clash| clash.certain && (clash.reconciled.is_none() || !is_open));
            let counts = |clash: &Clash| (clash.reconciled.is_none() || !is_open) && (clash.certain || !certain);
            let against = covered.iter().flat_map(|(_, c)| c.iter().filter(|(_, clash)| counts(clash)));
            let mut positions: Vec<Piece> = covered.iter().take(1).map(|(a, _)| (effect, *a)).collect();
            positions.extend(against.map(|(piece, _)| *piece).collect::<BTreeSet<_>>());
            let mut clashes = covered.iter().flat_map(|(_, c)| c.iter().map(|(_, clash)| clash));
            found.disagreements.push(Disagreement {
                action: covered.first().map_or(ActionId::from_index(0), |(a, _)| *a),
                kind: DisagreementKind::Contradiction,
                certain,
                positions: self.ordered(positions),
                reconciled: clashes.find_map(|c| c.reconciled).filter(|_| !is_open),
            });
            return;
        }
        for (action, clashes) in covered {
            // What has given way on this alternative does not narrow the choice.
            for (avoided, _) in clashes.into_iter().filter(|(avoided, _)| self.stands((avoided.0, action))) {
                self.narrows((effect, action), avoided, found);
            }
        }
    }

    /// A kind of what is advised is advised against.
    fn narrowing(&self, parent: Piece, kind: Piece, found: &mut Found) {
        if self.stands(parent) && self.stands(kind) && self.library[parent.0].rule != self.library[kind.0].rule {
            self.narrows(parent, kind, found);
        }
    }

    fn narrows(&self, advised: Piece, avoided: Piece, found: &mut Found) {
        found.difference(DifferenceKind::Narrowing, avoided.1, vec![advised, avoided]);
        if matches!(self.library[advised.0].urgency, Some(Urgency::Immediate | Urgency::Urgent)) {
            let name = |p: Piece| self.library.rule_name(self.library[p.0].rule);
            found.warnings.insert(format!(
                "`{}` urgently calls for {}, and `{}` is against {}",
                name(advised),
                self.library[advised.1].label,
                name(avoided),
                self.library[avoided.1].label
            ));
        }
    }

    /// Two pieces of advice for comparable actions.
    fn same_direction(&self, kind: Piece, parent: Piece, found: &mut Found) {
        if self.library[kind.0].rule == self.library[parent.0].rule {
            return;
        }
        if disagree_in_time(self.library, kind, parent) {
            if let Some(clash) = self.clash(kind, parent) {
                found.disagreements.push(Disagreement {
                    action: kind.1,
                    kind: DisagreementKind::Window,
                    certain: clash.certain,
                    positions: self.ordered(vec![kind, parent]),
                    reconciled: clash.reconciled,
                });
            }
            return;
        }
        if !self.stands(kind) || !self.stands(parent) {
            return;
        }
        let (a, b) = (&self.library[kind.0], &self.library[parent.0]);
        match (&a.timing.deadline, &b.timing.deadline) {
            (Some((_, first)), Some((_, second))) if first != second => {
                let clock = |c: &Clock| match c {
                    Clock::Evaluation => "the evaluation".to_owned(),
                    Clock::Date(fact) => format!("`{}`", self.library[*fact].name),
                };
                let mut sides = [
                    (self.library.rule_name(a.rule), clock(first)),
                    (self.library.rule_name(b.rule), clock(second)),
                ];
                sides.sort();
                let [(one, from), (other, other_from)] = sides;
                found.warnings.insert(format!(
                    "deadlines of `{one}` and `{other}` are not compared: one counts from {from}, the other from {other_from}"
                ));
            }
            (Some((first, _)), Some((second, _))) if first.at_most().minutes() != second.at_most().minutes() => {
                found.difference(DifferenceKind::Deadline, kind.1, self.ordered(vec![kind, parent]));
            }
            _ => {}
        }
        if let (Some(first), Some(second)) = (a.urgency, b.urgency)
            && first != second
        {
            found.difference(DifferenceKind::Urgency, kind.1, self.ordered(vec![kind, parent]));
        }
        if let (Some(first), Some(second)) = (&a.modifiers.duration, &b.modifiers.duration)
            && (first.0, first.1.minutes()) != (second.0, second.1.minutes())
        {
            found.difference(DifferenceKind::Duration, kind.1, self.ordered(vec![kind, parent]));
        }
        self.strength(kind, parent, found);
        let grades = |e: &crate::model::Effect| self.library[e.rule].evidence.iter().copied().collect::<BTreeMap<_, _>>();
        let second = grades(b);
        if grades(a)
            .iter()
            .any(|(scale, grade)| second.get(scale).is_some_and(|g| g != grade))
        {
            found.difference(DifferenceKind::Evidence, kind.1, self.ordered(vec![kind, parent]));
        }
    }

    fn strength(&self, a: Piece, b: Piece, found: &mut Found) {
        let differs = self.library[a.0].modality != self.library[b.0].modality;
        if differs && self.library[a.0].rule != self.library[b.0].rule && self.stands(a) && self.stands(b) {
            found.difference(DifferenceKind::Strength, a.1, self.ordered(vec![a, b]));
        }
    }

    fn stands(&self, piece: Piece) -> bool {
        !matches!(self.standings.of(piece.0, piece.1).standing, Standing::Overridden { .. })
    }

    /// Whether two pieces that contradict each other are both there, but for what the authors settled between their rules.
    fn clash(&self, first: Piece, second: Piece) -> Option<Clash> {
        if !may_clash(self.library, first.0, second.0) {
            return None;
        }
        let (one, other) = (self.library[first.0].rule, self.library[second.0].rule);
        let settled = [self.standings.of(first.0, first.1), self.standings.of(second.0, second.1)];
        let mut certain = true;
        let mut reconciled = self.left_open(one, other);
        for settled in settled {
            match settled.standing {
                Standing::Active => {}
                Standing::Open { .. } => certain = false,
                Standing::Overridden { .. } => {
                    let by_settlement = settled.causes.iter().find_map(|cause| match cause {
                        Cause::Prefer(id) if self.joins(*id, one, other) => Some(*id),
                        _ => None,
                    });
                    let only_settlements = settled.causes.iter().all(|c| is_settlement(*c));
                    reconciled = Some(by_settlement.filter(|_| only_settlements)?);
                }
            }
        }
        Some(Clash { certain, reconciled })
    }

    fn joins(&self, settlement: SettlementId, one: RuleId, other: RuleId) -> bool {
        let rules = &self.library[settlement].rules;
        one != other && rules.contains(&one) && rules.contains(&other)
    }

    fn left_open(&self, one: RuleId, other: RuleId) -> Option<SettlementId> {
        (0..self.library.settlements.len())
            .map(SettlementId::from_index)
            .find(|id| matches!(self.library[*id].decision, SettlementDecision::LeaveOpen) && self.joins(*id, one, other))
    }

    /// More urgent and more protective first.
    fn ordered(&self, mut pieces: Vec<Piece>) -> Vec<Piece> {
        pieces.sort_by_cached_key(|p| {
            (
                Rank::of(self.library, p.0),
                self.library[self.library[p.0].rule].full_name.clone(),
                *p,
            )
        });
        pieces
    }

    /// Notes whose evidence points the other way than advice that stands.
    pub fn evidence(&self, notes: &[NoteId], advice: &[Advice]) -> Vec<Difference> {
        let mut found = Vec::new();
        for note in notes {
            debug_assert!(self.truths.of(&self.library[*note].guard) == Truth::Yes);
            for (stance, actions) in &self.library[*note].stances {
                for given in advice.iter().filter(|a| !matches!(a.standing, Standing::Overridden { .. })) {
                    let opposed = actions
                        .iter()
                        .find(|on| match (stance, self.library[given.effect].direction()) {
                            (Stance::Against, Direction::For) => self.library.is_kind_of(given.action, **on),
                            (Stance::For, Direction::Against) => self.library.is_kind_of(**on, given.action),
                            _ => false,
                        });
                    if let Some(on) = opposed {
                        let positions = vec![Position::Effect(given.effect, given.action), Position::Note(*note, *on)];
                        found.push(Difference {
                            action: given.action,
                            kind: DifferenceKind::Evidence,
                            positions,
                        });
                    }
                }
            }
        }
        found
    }
}

#[derive(Default)]
struct Found {
    disagreements: Vec<Disagreement>,
    differences: Vec<Difference>,
    warnings: BTreeSet<String>,
}

impl Found {
    fn difference(&mut self, kind: DifferenceKind, action: ActionId, pieces: Vec<Piece>) {
        let positions = pieces.into_iter().map(|(e, a)| Position::Effect(e, a)).collect();
        self.differences.push(Difference { action, kind, positions });
    }
}
