//! Pairs of rules: which contradict each other, which say nearly the same, and for whom.
//!
//! In: pieces of advice that can meet. Out: a finding for each pair that does meet for some patient.
//! Must not know: how the interpreter compares; the relations are those of `eval::compare`, for all patients at once.

use super::candidates::ByAction;
use super::space::Formula;
use super::witness::{Replay, Witness};
use super::{Found, Piece, Verifier, errors};
use crate::diagnostic::{About, Diagnostic, Severity};
use crate::eval::{DifferenceKind, Rank, Standing};
use crate::model::gives_way::{Cause, deadline, edges_of, windows_apart};
use crate::model::{
    ActionId, Direction, EffectId, Join, NoteId, RuleId, SettlementDecision, SettlementId, Stance, Truth, Urgency,
};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What authors decided about a pair.
enum Settled {
    No,
    /// One gives way to the other by its author's word, for every patient.
    Overridden,
    /// By these settlements, for every patient.
    By(SettlementId),
}

/// Settlements, each with a rule for which it matters.
type Used = BTreeSet<(SettlementId, RuleId)>;

/// Advice for an action against advice against it, and windows that do not meet.
pub(super) fn disagreements(v: &Verifier<'_>) -> Vec<Diagnostic> {
    let (advised, avoided) = (v.pieces(Direction::For), v.pieces(Direction::Against));
    let mut found = Vec::new();
    let mut settled = Used::new();
    for (action, effects) in &advised {
        let against = v.covering(&avoided, *action);
        for effect in effects.iter().filter(|e| v.library[**e].join == Join::Each) {
            for other in &against {
                let pieces = [(*effect, *action), (other.0, *action)];
                found.extend(meet(v, "contradiction", pieces, other.1, &mut settled));
            }
        }
        for other in v.covering(&advised, *action) {
            for effect in effects.iter().filter(|e| other.1 != *action || other.0 > **e) {
                let pieces = [(*effect, *action), other];
                if v.library[*effect].rule != v.library[other.0].rule && windows_apart(v.library, pieces[0], pieces[1]) {
                    found.extend(meet(v, "window", pieces, other.1, &mut settled));
                }
            }
        }
    }
    let choices = v.effects().filter(|e| v.library[*e].join == Join::OneOf);
    for effect in choices.collect::<Vec<_>>() {
        found.extend(alternatives(v, effect, &avoided, &mut settled));
    }
    found.extend(stale(v, &settled));
    found
}

/// Whether two pieces that cannot both be followed meet for somebody, and what authors decided about it.
fn meet(v: &Verifier<'_>, kind: &'static str, [one, other]: [Piece; 2], about: ActionId, used: &mut Used) -> Option<Diagnostic> {
    let both = Formula::all([v.guard(one.0), v.guard(other.0)]);
    let fire = |r: &Replay<'_>| r.fires(one.0) && r.fires(other.0);
    let rules = (v.library[one.0].rule, v.library[other.0].rule);
    let unsettled = Formula::all([v.active_unsettled(one.0, one.1), v.active_unsettled(other.0, other.1)]);
    let clash = Clash { kind, one, other, about };
    if yields(v, one, other) || yields(v, other, one) {
        return match v.patient(&both, &fire) {
            Found::Somebody(witness) => Some(clash.report(v, &Settled::Overridden, Some(&witness))),
            _ => None,
        };
    }
    match v.possible(&both) {
        Some(false) => return None,
        Some(true) => {}
        None => return Some(errors::undecided(v, &clash.places(v))),
    }
    let joined: Vec<SettlementId> = settlements(v, rules).collect();
    let possible = v.possible(&unsettled);
    if possible == Some(false) {
        return never_both_active(v, &clash, &both);
    }
    used.extend(joined.iter().flat_map(|id| [(*id, rules.0), (*id, rules.1)]));
    let left_open = joined
        .iter()
        .find(|id| matches!(v.library[**id].decision, SettlementDecision::LeaveOpen));
    let active = Formula::all([v.active(one.0, one.1), v.active(other.0, other.1)]);
    let both_active = |r: &Replay<'_>| r.is_active(one.0, one.1) && r.is_active(other.0, other.1);
    if let Some(id) = left_open {
        return match v.patient(&active, &both_active) {
            Found::Somebody(witness) => Some(clash.report(v, &Settled::By(*id), Some(&witness))),
            _ => v
                .patient(&both, &fire)
                .witness()
                .map(|w| clash.report(v, &Settled::By(*id), Some(&w))),
        };
    }
    match v.patient(&active, &both_active) {
        Found::Somebody(witness) => Some(clash.report(v, &Settled::No, Some(&witness))),
        Found::Nobody => {
            // Where no settlement names both, one of them has made way for a third.
            let settled = joined.first().map_or(Settled::Overridden, |id| Settled::By(*id));
            let witness = v.patient(&both, &fire).witness();
            Some(clash.report(v, &settled, witness.as_ref()))
        }
        Found::Undecided => Some(errors::undecided(v, &clash.places(v))),
    }
}

/// Two pieces of which one gives way whenever everything is known: there may still be patients of whom too little is known to
/// say which one holds, and both are shown.
fn never_both_active(v: &Verifier<'_>, clash: &Clash, both: &Rc<Formula>) -> Option<Diagnostic> {
    let (one, other) = (clash.one, clash.other);
    let stands = |r: &Replay<'_>, piece: Piece| {
        r.outcome()
            .advice
            .iter()
            .any(|a| a.effect == piece.0 && a.action == piece.1 && !matches!(a.standing, Standing::Overridden { .. }))
    };
    let touched = [one, other].iter().any(|p| !edges_of(v.library, p.0).is_empty());
    let found = touched.then(|| v.patient(both, &|r| stands(r, one) && stands(r, (other.0, clash.about))))?;
    match found {
        Found::Somebody(witness) => Some(errors::possible_contradiction(
            v,
            &clash.places(v),
            clash.about_pair(v, Some(&witness)),
        )),
        _ => {
            let fire = |r: &Replay<'_>| r.fires(one.0) && r.fires(other.0);
            let witness = v.patient(both, &fire).witness()?;
            Some(clash.report(v, &Settled::Overridden, Some(&witness)))
        }
    }
}

/// Whether one gives way to the other by its author's word, whoever the patient is.
fn yields(v: &Verifier<'_>, loser: Piece, winner: Piece) -> bool {
    edges_of(v.library, loser.0)
        .iter()
        .filter(|e| e.winner == winner.0 && e.concerns(v.library, loser.1))
        .any(|e| !matches!(e.cause, Cause::Prefer(_)))
}

fn settlements(v: &Verifier<'_>, (one, other): (RuleId, RuleId)) -> impl Iterator<Item = SettlementId> {
    (0..v.library.settlements.len())
        .map(SettlementId::from_index)
        .filter(move |id| {
            let rules = &v.library[*id].rules;
            one != other && rules.contains(&one) && rules.contains(&other)
        })
}

/// A choice of which every alternative is advised against.
fn alternatives(v: &Verifier<'_>, effect: EffectId, avoided: &ByAction, used: &mut Used) -> Vec<Diagnostic> {
    let actions = &v.library[effect].actions;
    let against: Vec<Vec<Piece>> = actions.iter().map(|a| v.covering(avoided, *a)).collect();
    let mut found = Vec::new();
    let Some((first, rest)) = against.split_first() else {
        return found;
    };
    let Some(action) = actions.first().copied() else {
        return found;
    };
    // One avoidance that covers all of them meets the choice as it would meet a single action.
    let all: BTreeSet<EffectId> = first
        .iter()
        .map(|p| p.0)
        .filter(|e| rest.iter().all(|others| others.iter().any(|p| p.0 == *e)))
        .collect();
    for other in &all {
        let on = first.iter().find(|p| p.0 == *other).map_or(action, |p| p.1);
        found.extend(meet(v, "contradiction", [(effect, action), (*other, action)], on, used));
    }
    // Several avoidances that cover them together.
    let mut chosen: Vec<Vec<Piece>> = vec![Vec::new()];
    for (action, others) in actions.iter().zip(&against) {
        let others: Vec<Piece> = others
            .iter()
            .filter(|p| !all.contains(&p.0))
            .map(|p| (p.0, *action))
            .collect();
        chosen = chosen
            .into_iter()
            .flat_map(|so_far| {
                others
                    .iter()
                    .map(move |p| so_far.iter().copied().chain([*p]).collect::<Vec<_>>())
            })
            .take(256)
            .collect();
    }
    let mut reported: BTreeSet<BTreeSet<EffectId>> = BTreeSet::new();
    for combination in chosen.into_iter().filter(|c| !c.is_empty()) {
        let set: BTreeSet<EffectId> = combination.iter().map(|p| p.0).collect();
        if reported.contains(&set) {
            continue;
        }
        let parts = actions.iter().map(|a| v.active(effect, *a));
        let formula = Formula::all(parts.chain(combination.iter().map(|p| v.active(p.0, p.1))));
        let holds =
            |r: &Replay<'_>| actions.iter().all(|a| r.is_active(effect, *a)) && combination.iter().all(|p| r.is_active(p.0, p.1));
        if let Found::Somebody(witness) = v.patient(&formula, &holds) {
            let others: Vec<EffectId> = set.iter().copied().collect();
            reported.insert(set);
            let rules: Vec<RuleId> = std::iter::once(effect)
                .chain(others.iter().copied())
                .map(|e| v.library[e].rule)
                .collect();
            let settled = settlements_of_all(v, &rules);
            used.extend(settled.into_iter().flat_map(|id| rules.iter().map(move |rule| (id, *rule))));
            let about = about(
                v,
                action,
                "contradiction",
                if settled.is_some() { "reconciled" } else { "open" },
                rules,
                Some(&witness),
            );
            found.push(errors::alternatives_exhausted(v, effect, &others, settled, about));
        }
    }
    found
}

fn settlements_of_all(v: &Verifier<'_>, rules: &[RuleId]) -> Option<SettlementId> {
    (0..v.library.settlements.len())
        .map(SettlementId::from_index)
        .find(|id| rules.iter().all(|rule| v.library[*id].rules.contains(rule)))
}

/// Settlements with rules that never disagree with any other rule that they name.
fn stale(v: &Verifier<'_>, used: &Used) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for id in (0..v.library.settlements.len()).map(SettlementId::from_index) {
        let rules = &v.library[id].rules;
        if !rules.iter().all(|rule| v.rules().any(|r| r == *rule)) {
            continue;
        }
        let idle: Vec<RuleId> = rules.iter().copied().filter(|rule| !used.contains(&(id, *rule))).collect();
        if !idle.is_empty() {
            found.push(errors::stale_settlement(v, id, &idle));
        }
    }
    found
}

/// Two pieces that cannot both be followed.
pub(super) struct Clash {
    kind: &'static str,
    one: Piece,
    other: Piece,
    /// The action of the other piece as written.
    about: ActionId,
}

impl Clash {
    /// The pieces as written, the more urgent and more protective first.
    pub(super) fn places(&self, v: &Verifier<'_>) -> [Piece; 2] {
        let (one, other) = (self.one, (self.other.0, self.about));
        let key = |p: &Piece| (Rank::of(v.library, p.0), v.name(p.0).to_owned(), *p);
        if key(&one) <= key(&other) {
            [one, other]
        } else {
            [other, one]
        }
    }

    fn about_pair(&self, v: &Verifier<'_>, witness: Option<&Witness>) -> About {
        let rules = self.places(v).map(|p| v.library[p.0].rule);
        about(v, self.one.1, self.kind, "open", rules, witness)
    }

    fn report(&self, v: &Verifier<'_>, settled: &Settled, witness: Option<&Witness>) -> Diagnostic {
        let status = match settled {
            Settled::No => "open",
            Settled::Overridden => "overridden",
            Settled::By(_) => "reconciled",
        };
        let mut about = self.about_pair(v, witness);
        about.status = Some(status);
        let places = self.places(v);
        let emergency = [self.one, self.other].iter().any(|p| v.is_emergency(p.0));
        let mut finding = match self.kind {
            "window" => errors::windows_apart(v, &places, about, emergency),
            _ => errors::contradiction(v, &places, about, emergency),
        };
        match settled {
            Settled::No => {}
            Settled::Overridden => {
                finding.severity = Severity::Note;
                finding.help = None;
                finding
                    .notes
                    .push("settled: one of the rules gives way to the other".to_owned());
            }
            Settled::By(id) => {
                finding.severity = Severity::Note;
                finding.help = None;
                finding.notes.push(errors::settlement(v, *id));
            }
        }
        finding
    }
}

impl Found {
    /// The patient, if there is one.
    pub fn witness(self) -> Option<Witness> {
        match self {
            Found::Somebody(witness) => Some(witness),
            _ => None,
        }
    }
}

/// What a finding about rules and an action says as data. Findings about one action between the same documents are one group.
pub(super) fn about(
    v: &Verifier<'_>,
    action: ActionId,
    kind: &'static str,
    status: &'static str,
    rules: impl IntoIterator<Item = RuleId>,
    witness: Option<&Witness>,
) -> About {
    let rules: Vec<RuleId> = rules.into_iter().collect();
    let mut documents: Vec<&str> = rules
        .iter()
        .map(|r| v.library[v.library[*r].guideline].name.as_str())
        .collect();
    documents.sort_unstable();
    let name = &v.library[action].name;
    About {
        witness: witness.map(|w| w.facts.clone()),
        as_of: witness.and_then(|w| w.as_of.clone()),
        action: Some(name.clone()),
        kind: Some(kind),
        status: Some(status),
        group: Some(format!("{name} {kind} {status} {}", documents.join(" "))),
        rules: v.parties(rules),
    }
}

/// Advice in one direction that is not the same, and kinds that are held back from what is called for.
pub(super) fn differences(v: &Verifier<'_>) -> Vec<Diagnostic> {
    let (advised, avoided) = (v.pieces(Direction::For), v.pieces(Direction::Against));
    let mut found = Vec::new();
    for (pieces, is_for) in [(&advised, true), (&avoided, false)] {
        for (action, effects) in pieces {
            for other in v.covering(pieces, *action) {
                for effect in effects.iter().filter(|e| other.1 != *action || other.0 > **e) {
                    let piece = (*effect, *action);
                    if v.library[*effect].rule == v.library[other.0].rule {
                        continue;
                    }
                    let kinds = differing(v, piece, other, is_for);
                    found.extend(report_differences(v, piece, other, &kinds));
                }
            }
        }
    }
    for (kind, effects) in &avoided {
        for parent in v.covering(&advised, *kind).into_iter() {
            // A choice is narrowed where one alternative is held back; a single action that is held back is contradicted.
            let is_choice = v.library[parent.0].join == Join::OneOf;
            if parent.1 == *kind && !is_choice {
                continue;
            }
            for effect in effects.iter().filter(|e| v.library[**e].rule != v.library[parent.0].rule) {
                let covers_all = is_choice
                    && v.library[parent.0]
                        .actions
                        .iter()
                        .all(|a| v.library[*effect].actions.iter().any(|by| v.library.is_kind_of(*a, *by)));
                if !covers_all {
                    found.extend(report_differences(v, parent, (*effect, *kind), &[DifferenceKind::Narrowing]));
                }
            }
        }
    }
    found.extend(evidence_of_notes(v));
    found
}

/// In what two pieces in one direction differ.
fn differing(v: &Verifier<'_>, kind: Piece, parent: Piece, is_for: bool) -> Vec<DifferenceKind> {
    let library = v.library;
    let (a, b) = (&library[kind.0], &library[parent.0]);
    let mut kinds = Vec::new();
    if is_for {
        if windows_apart(library, kind, parent) {
            return kinds;
        }
        let own = |e: EffectId| library[e].timing.deadline.is_some();
        if let (Some((first, clock)), Some((second, other_clock))) = (deadline(library, kind.0), deadline(library, parent.0))
            && (own(kind.0) || own(parent.0))
            && (clock != other_clock || first.minutes() != second.minutes())
        {
            kinds.push(DifferenceKind::Deadline);
        }
        if let (Some(first), Some(second)) = (a.urgency, b.urgency)
            && first != second
        {
            kinds.push(DifferenceKind::Urgency);
        }
        if let (Some(first), Some(second)) = (&a.modifiers.duration, &b.modifiers.duration)
            && (first.0, first.1.minutes()) != (second.0, second.1.minutes())
        {
            kinds.push(DifferenceKind::Duration);
        }
        let grades: BTreeMap<_, _> = library[b.rule].evidence.iter().copied().collect();
        if library[a.rule]
            .evidence
            .iter()
            .any(|(scale, grade)| grades.get(scale).is_some_and(|g| g != grade))
        {
            kinds.push(DifferenceKind::Evidence);
        }
    }
    if a.modality != b.modality {
        kinds.push(DifferenceKind::Strength);
    }
    kinds
}

fn report_differences(v: &Verifier<'_>, one: Piece, other: Piece, kinds: &[DifferenceKind]) -> Vec<Diagnostic> {
    if kinds.is_empty() {
        return Vec::new();
    }
    let formula = Formula::all([v.active(one.0, one.1), v.active(other.0, other.1)]);
    let holds = |r: &Replay<'_>| r.is_active(one.0, one.1) && r.is_active(other.0, other.1);
    let Found::Somebody(witness) = v.patient(&formula, &holds) else {
        return Vec::new();
    };
    let mut pieces = [one, other];
    pieces.sort_by_cached_key(|p| (Rank::of(v.library, p.0), v.name(p.0).to_owned(), *p));
    let action = if kinds == [DifferenceKind::Narrowing] {
        other.1
    } else {
        one.1
    };
    kinds
        .iter()
        .map(|kind| {
            let rules = pieces.map(|p| v.library[p.0].rule);
            let about = about(v, action, errors::kind_word(*kind), "open", rules, Some(&witness));
            let is_urgent = matches!(v.library[one.0].urgency, Some(Urgency::Immediate | Urgency::Urgent));
            errors::difference(v, *kind, pieces, about, is_urgent)
        })
        .collect()
}

/// Notes whose evidence points the other way than advice.
fn evidence_of_notes(v: &Verifier<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for id in (0..v.library.notes.len()).map(NoteId::from_index) {
        let note = &v.library[id];
        let stances: Vec<(Stance, ActionId)> = note
            .stances
            .iter()
            .flat_map(|(stance, actions)| actions.iter().map(move |a| (*stance, *a)))
            .collect();
        for effect in v.effects() {
            let rule = v.library[effect].rule;
            for action in &v.library[effect].actions {
                let opposed = stances
                    .iter()
                    .find(|(stance, on)| match (stance, v.library[effect].direction()) {
                        (Stance::Against, Direction::For) => v.library.is_kind_of(*action, *on),
                        (Stance::For, Direction::Against) => v.library.is_kind_of(*on, *action),
                        _ => false,
                    });
                let Some((stance, _)) = opposed else { continue };
                let formula = Formula::all([v.active(effect, *action), v.space.formula(&note.guard, true)]);
                let holds = |r: &Replay<'_>| r.is_active(effect, *action) && r.truth(&note.guard) == Truth::Yes;
                if let Found::Somebody(witness) = v.patient(&formula, &holds) {
                    let mut about = about(v, *action, "evidence", "open", [rule], Some(&witness));
                    about
                        .rules
                        .push((note.full_name.clone(), note.statements.iter().map(|s| s.id.clone()).collect()));
                    found.push(errors::note_against_advice(v, (effect, *action), id, *stance, about));
                }
            }
        }
    }
    found
}
