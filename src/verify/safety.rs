//! Whether an emergency can disappear.
//!
//! In: a library. Out: findings of the highest rank.
//! Must not know: how advice is compared otherwise.

use super::lints::is_absolute;
use super::pairs::about;
use super::space::Formula;
use super::witness::Replay;
use super::{Doubt, Piece, Verifier, errors};
use crate::diagnostic::Diagnostic;
use crate::model::gives_way::{Cause, deadline, edges_of};
use crate::model::{ActionId, Condition, Direction, EffectId, GuidelineId, Origin, Status, Truth};
use std::collections::BTreeSet;
use std::rc::Rc;

/// Emergencies that give way, that an exception or a section takes away, or that a document does not know.
pub(super) fn emergencies(v: &Verifier<'_>) -> Vec<Diagnostic> {
    let all: Vec<Piece> = v
        .effects()
        .filter(|e| v.is_emergency(*e))
        .flat_map(|e| v.library[e].actions.iter().map(move |a| (e, *a)))
        .collect();
    let mut found = Vec::new();
    for piece in &all {
        found.extend(hidden_by_others(v, *piece, &all));
        found.extend(hidden_by_exception(v, *piece, &all));
    }
    for effect in v.effects() {
        found.extend(v.library[effect].actions.iter().flat_map(|a| lost_deadlines(v, (effect, *a))));
        found.extend(weakened(v, effect));
    }
    found.extend(unknown_to_others(v, &all));
    found
}

/// Whether two actions belong together, so that one can stand in for the other.
fn related(v: &Verifier<'_>, one: ActionId, other: ActionId) -> bool {
    let of = |a: ActionId| v.library.ancestors.get(a.index());
    v.library.comparable(one, other)
        || of(one)
            .zip(of(other))
            .is_some_and(|(a, b)| a.intersection(b).next().is_some())
}

/// Nothing urgent stands in: no other emergency on a related action is active.
fn nothing_urgent(v: &Verifier<'_>, piece: Piece, all: &[Piece]) -> (Rc<Formula>, Vec<Piece>) {
    let others: Vec<Piece> = all
        .iter()
        .copied()
        .filter(|other| other.0 != piece.0 && related(v, other.1, piece.1))
        .collect();
    let silent = others.iter().map(|(e, a)| v.space.opposite(&v.active(*e, *a)));
    (Formula::all(silent), others)
}

fn hidden_by_others(v: &Verifier<'_>, piece: Piece, all: &[Piece]) -> Vec<Diagnostic> {
    let (silent, others) = nothing_urgent(v, piece, all);
    let mut found = Vec::new();
    let edges = edges_of(v.library, piece.0).iter();
    for edge in edges.filter(|e| e.concerns(v.library, piece.1) && !matches!(e.cause, Cause::Prefer(_))) {
        let winner = &v.library[v.library[edge.winner].rule];
        if v.is_emergency(edge.winner) || winner.because.is_some() {
            continue;
        }
        let formula = Formula::all([v.guard(piece.0), v.forceful(edge), silent.clone()]);
        let holds = |r: &Replay<'_>| {
            r.fires(piece.0)
                && r.fires(edge.winner)
                && !r.is_active(piece.0, piece.1)
                && !others.iter().any(|o| r.is_active(o.0, o.1))
        };
        let doubt = Doubt::Rule(v.library[piece.0].rule);
        if let Some(witness) = v.told(v.patient(&formula, &holds), doubt) {
            let rules = [piece.0, edge.winner].map(|e| v.library[e].rule);
            let about = about(v, piece.1, "hidden emergency", "open", rules, Some(&witness));
            found.push(errors::hidden_emergency(v, piece, Some(edge.winner), about));
        }
    }
    found
}

fn hidden_by_exception(v: &Verifier<'_>, piece: Piece, all: &[Piece]) -> Option<Diagnostic> {
    let effect = &v.library[piece.0];
    let rule = &v.library[effect.rule];
    let guard = &rule.guard;
    // `only when` names a condition of the advice, not an exception to it.
    let demands = rule.effects.iter().any(|e| v.library[*e].origin == Origin::OnlyWhenNegative);
    let own_excepts = !effect.own.is_always() && !demands;
    if rule.because.is_some() || (guard.unless.is_never() && !own_excepts) {
        return None;
    }
    let own = effect.own.clone().negated();
    let excepted = Condition::Any(vec![guard.unless.clone(), if own_excepts { own } else { Condition::never() }]);
    let base = Condition::all_of([guard.scope.clone(), guard.section.clone(), guard.when.clone()]);
    let (silent, others) = nothing_urgent(v, piece, all);
    let formula = Formula::all([v.space.formula(&base, true), v.space.formula(&excepted, true), silent]);
    let holds = |r: &Replay<'_>| {
        r.truth(&base) == Truth::Yes && r.truth(&excepted) == Truth::Yes && !others.iter().any(|o| r.is_active(o.0, o.1))
    };
    let witness = v.told(v.patient(&formula, &holds), Doubt::Rule(effect.rule))?;
    let about = about(v, piece.1, "hidden emergency", "open", [effect.rule], Some(&witness));
    Some(errors::hidden_emergency(v, piece, None, about))
}

/// Advice with a time limit that gives way to other advice without one, or an emergency that gives way to a later one.
fn lost_deadlines(v: &Verifier<'_>, piece: Piece) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let Some((limit, clock)) = deadline(v.library, piece.0) else {
        return found;
    };
    let keeps = |other: EffectId| match deadline(v.library, other) {
        // Times on different clocks are not compared.
        Some((time, on)) => on != clock || time.minutes() <= limit.minutes(),
        None => false,
    };
    let edges = edges_of(v.library, piece.0).iter();
    for edge in edges.filter(|e| e.concerns(v.library, piece.1) && !matches!(e.cause, Cause::Prefer(_))) {
        let winner = edge.winner;
        let is_advice = [piece.0, winner].iter().all(|e| v.library[*e].direction() == Direction::For);
        // An emergency without anything urgent in its place is an error of its own.
        let is_hidden = v.is_emergency(piece.0) && !v.is_emergency(winner);
        // A later time that stands in the other rule is what its author meant, unless it makes an emergency wait.
        let is_meant = deadline(v.library, winner).is_some() && !v.is_emergency(piece.0);
        if !is_advice || is_hidden || is_meant || keeps(winner) {
            continue;
        }
        let others: Vec<Piece> = v
            .effects()
            .filter(|e| *e != piece.0 && v.library[*e].direction() == Direction::For && keeps(*e))
            .flat_map(|e| v.library[e].actions.iter().map(move |a| (e, *a)))
            .filter(|(_, a)| related(v, *a, piece.1))
            .collect();
        let silent = others.iter().map(|(e, a)| v.space.opposite(&v.active(*e, *a)));
        let formula = Formula::all([v.guard(piece.0), v.forceful(edge)].into_iter().chain(silent));
        let holds = |r: &Replay<'_>| {
            r.fires(piece.0) && r.fires(winner) && !r.is_active(piece.0, piece.1) && !others.iter().any(|o| r.is_active(o.0, o.1))
        };
        let doubt = Doubt::Rule(v.library[piece.0].rule);
        if let Some(witness) = v.told(v.patient(&formula, &holds), doubt) {
            let rules = [piece.0, winner].map(|e| v.library[e].rule);
            let about = about(v, piece.1, "lost deadline", "open", rules, Some(&witness));
            found.push(errors::lost_deadline(v, piece, (winner, edge.by), about));
        }
    }
    found
}

/// Prohibitions and immediate duties that a heading's condition takes from somebody.
fn weakened(v: &Verifier<'_>, effect: EffectId) -> Option<Diagnostic> {
    let rule = &v.library[v.library[effect].rule];
    let section = rule.section?;
    if !is_absolute(v, effect) || rule.guard.section.is_always() || rule.because.is_some() {
        return None;
    }
    let own = Condition::all_of([
        rule.guard.scope.clone(),
        rule.guard.when.clone(),
        rule.guard.unless.clone().negated(),
        v.library[effect].own.clone(),
    ]);
    // A rule without a condition of its own speaks of the section's patients and of nobody else.
    if rule.guard.when.is_always() {
        return None;
    }
    let formula = Formula::all([v.space.formula(&own, true), v.space.formula(&rule.guard.section, false)]);
    let holds = |r: &Replay<'_>| r.truth(&own) == Truth::Yes && r.truth(&rule.guard.section) == Truth::No;
    let witness = v.told(v.patient(&formula, &holds), Doubt::Rule(v.library[effect].rule))?;
    let action = v.library[effect].actions.first()?;
    let about = about(v, *action, "weakened", "open", [v.library[effect].rule], Some(&witness));
    Some(errors::weakened(v, effect, v.library[section].span, about))
}

/// Documents whose scope includes an emergency that only others name.
fn unknown_to_others(v: &Verifier<'_>, all: &[Piece]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut reported = BTreeSet::new();
    for guideline in (0..v.library.guidelines.len()).map(GuidelineId::from_index) {
        if v.library[guideline].status == Status::Retired {
            continue;
        }
        let home = |e: EffectId| v.library[v.library[e].rule].guideline;
        for piece in all.iter().filter(|p| home(p.0) != guideline) {
            let known = all.iter().any(|p| home(p.0) == guideline && related(v, p.1, piece.1));
            if known || reported.contains(&(guideline, piece.1)) {
                continue;
            }
            let scope = &v.library[guideline].scope;
            let formula = Formula::all([v.active(piece.0, piece.1), v.space.formula(scope, true)]);
            let holds = |r: &Replay<'_>| r.is_active(piece.0, piece.1) && r.truth(scope) == Truth::Yes;
            let doubt = Doubt::Rule(v.library[piece.0].rule);
            if let Some(witness) = v.told(v.patient(&formula, &holds), doubt) {
                reported.insert((guideline, piece.1));
                let about = about(
                    v,
                    piece.1,
                    "unknown emergency",
                    "open",
                    [v.library[piece.0].rule],
                    Some(&witness),
                );
                let g = &v.library[guideline];
                found.push(errors::unknown_emergency(v, &g.name, *piece, g.span, about));
            }
        }
    }
    found
}
