//! Questions about one rule, definition, assumption or claim: whether it means anything, for all patients.
//!
//! In: a library. Out: findings.
//! Must not know: pairs of contradicting rules.

use super::errors::{self, Dead};
use super::pairs::about;
use super::search::{Answer, Search};
use super::space::{Formula, Mask, Region};
use super::witness::{Replay, Replayed};
use super::{Doubt, Piece, Verifier};
use crate::diagnostic::{About, Diagnostic};
use crate::model::gives_way::{Cause, edges_of};
use crate::model::seal::seal;
use crate::model::{
    AssumptionKind, Claim, Clock, Condition, DefinitionId, Direction, EffectId, FactId, FactType, GuidelineId, Join, Modality,
    Origin, RuleId, SettlementId, Status, Truth,
};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Everything of this kind.
pub(super) fn all(v: &Verifier<'_>) -> Vec<Diagnostic> {
    let mut found = dead_rules(v);
    found.extend(covered_rules(v));
    found.extend(idle_exceptions(v));
    found.extend(idle_overrides(v));
    found.extend(idle_assumptions(v));
    found.extend(constant_definitions(v));
    found.extend(constant_parts(v));
    found.extend(past_deadlines(v));
    found.extend(different_meanings(v));
    found.extend(different_preconditions(v));
    found.extend(uncovered_values(v));
    found.extend(broken_seals(v));
    found.extend(v.library.claims.iter().filter_map(|claim| false_claim(v, claim)));
    found
}

/// Settlements whose rules no longer say what they said when somebody decided between them.
fn broken_seals(v: &Verifier<'_>) -> Vec<Diagnostic> {
    let all = (0..v.library.settlements.len()).map(SettlementId::from_index);
    let broken = all.filter_map(|id| {
        let (written, place) = v.library[id].sealed.as_ref()?;
        let seal = seal(v.library, id);
        (*written != seal).then(|| errors::broken_seal(v, id, *place, &seal))
    });
    broken.collect()
}

/// Facts that are no by default, and that the assumptions let be no for nobody. Whoever asks what is said of a patient of whom
/// little is known would be told of somebody who cannot be.
pub(super) fn impossible_defaults(v: &Verifier<'_>) -> Vec<Diagnostic> {
    let is_possible = |variable: usize| Search::new(&v.space).completable(&[(variable, 0b01)].into());
    let is_impossible = |fact: &&FactId| !v.space.variables_of(**fact).all(is_possible);
    let facts = v.closed.iter().filter(is_impossible);
    facts.map(|fact| errors::impossible_default(v, *fact)).collect()
}

/// Effects that fire for nobody, or always give way.
fn dead_rules(v: &Verifier<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for rule in v.rules() {
        let effects = &v.library[rule].effects;
        let fires: Vec<Option<bool>> = effects.iter().map(|e| v.possible(&v.guard(*e))).collect();
        if fires.contains(&None) {
            v.doubt(Doubt::Rule(rule));
            continue;
        }
        if fires.iter().all(|f| *f == Some(false)) {
            found.push(errors::never_fires(v, rule, why_dead(v, rule)));
            continue;
        }
        for (effect, fires) in effects.iter().zip(&fires) {
            if *fires == Some(false) {
                let written = v.library[*effect].origin == Origin::Written;
                found.extend(written.then(|| errors::effect_never_fires(v, *effect)));
                continue;
            }
            // Where only settlements stand against it, its author was asked and has said why.
            let gives_way = |e: &crate::model::gives_way::GivesWay| !matches!(e.cause, Cause::Prefer(_));
            for action in &v.library[*effect].actions {
                if !edges_of(v.library, *effect).iter().any(gives_way) {
                    continue;
                }
                if v.nobody(&v.active(*effect, *action), Doubt::Rule(rule)) {
                    let edges = edges_of(v.library, *effect).iter().filter(|e| e.concerns(v.library, *action));
                    let winners: BTreeSet<RuleId> = edges.map(|e| v.library[e.winner].rule).collect();
                    let witness = v.patient(&v.guard(*effect), &|r| r.fires(*effect)).somebody();
                    let rules = std::iter::once(rule).chain(winners.iter().copied());
                    let about = about(v, *action, "overridden", "overridden", rules, witness.as_ref());
                    let winners: Vec<RuleId> = winners.into_iter().collect();
                    found.push(errors::always_overridden(v, (*effect, *action), &winners, about));
                }
            }
        }
    }
    found
}

/// What keeps everybody from a rule that nobody meets.
fn why_dead(v: &Verifier<'_>, rule: RuleId) -> Dead {
    let guard = &v.library[rule].guard;
    let [scope, section, when] = [&guard.scope, &guard.section, &guard.when].map(|c| v.space.formula(c, true));
    let nobody = |parts: &[&Rc<Formula>]| v.possible(&Formula::all(parts.iter().map(|p| (*p).clone()))) == Some(false);
    if nobody(&[&when]) {
        Dead::Condition
    } else if nobody(&[&section]) {
        Dead::Heading
    } else if nobody(&[&section, &when]) {
        Dead::Section
    } else if nobody(&[&scope, &when]) {
        Dead::Scope
    } else if !nobody(&[&scope, &section, &when]) && !guard.unless.is_never() {
        let unless = v.space.formula(&guard.unless, false);
        if nobody(&[&scope, &section, &when, &unless]) {
            Dead::Exception
        } else {
            Dead::Together
        }
    } else {
        Dead::Together
    }
}

/// Whether two effects say the same of their actions, apart from when.
fn same_advice(v: &Verifier<'_>, one: EffectId, other: EffectId) -> bool {
    let (a, b) = (&v.library[one], &v.library[other]);
    let (m, n) = (&a.modifiers, &b.modifiers);
    a.modality == b.modality
        && a.urgency == b.urgency
        && a.timing == b.timing
        && (a.join == b.join || (a.actions.len() == 1 && b.actions.len() == 1))
        && m.with == n.with
        && m.duration == n.duration
        && m.every == n.every
        && m.line == n.line
        && m.instead_of == n.instead_of
        && m.before == n.before
        && m.preferred_to == n.preferred_to
}

/// Rules of one guideline that add nothing to another.
fn covered_rules(v: &Verifier<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut reported = BTreeSet::new();
    for direction in [Direction::For, Direction::Against] {
        for (action, effects) in &v.pieces(direction) {
            for one in effects {
                for other in effects {
                    let rules = (v.library[*one].rule, v.library[*other].rule);
                    let guidelines = (v.library[rules.0].guideline, v.library[rules.1].guideline);
                    let comparable = rules.0 != rules.1
                        && guidelines.0 == guidelines.1
                        && same_advice(v, *one, *other)
                        && v.library[*one].join == Join::Each
                        && v.library[rules.0]
                            .overrides
                            .iter()
                            .all(|r| v.library[rules.1].overrides.contains(r))
                        && edges_of(v.library, *one).is_empty() == edges_of(v.library, *other).is_empty();
                    if !comparable || reported.contains(&(rules.1, rules.0)) || !covers(v, *one, *other) {
                        continue;
                    }
                    reported.insert(rules);
                    let same = covers(v, *other, *one);
                    let about = about(v, *action, "covered", "open", [rules.0, rules.1], None);
                    found.push(errors::covered(v, (*one, *action), (*other, *action), same, about));
                }
            }
        }
    }
    found
}

/// Whether `other` fires whenever `one` does, whatever is known. A patient for whom only `one` fires knows just what it
/// takes for it, so each such way is looked at with everything else unknown.
fn covers(v: &Verifier<'_>, one: EffectId, other: EffectId) -> bool {
    let (guard, wider) = (v.guard(one), v.guard(other));
    if !v.somebody(&guard, Doubt::Rule(v.library[one].rule)) {
        return false;
    }
    let answer = Search::new(&v.space).smallest_that(&guard, &mut |regions| {
        let known = regions.iter().map(|(variable, mask)| Rc::new(Formula::In(*variable, *mask)));
        let missing = v
            .space
            .opposite(&restricted(&wider, &|variable| regions.contains_key(&variable)));
        let escape = Formula::all(known.chain([missing]));
        match Search::new(&v.space).smallest(&escape) {
            Answer::Patient(escaped) => {
                let escapes = |r: &Replay<'_>| r.fires(one) && !r.fires(other);
                let mut confirm = |regions: &_| matches!(v.confirm(regions, &escapes, &|_| true), Replayed::As(_));
                v.space.any_of(&escaped, &mut confirm) == Some(true)
            }
            Answer::Never => false,
            Answer::Undecided => {
                v.doubt(Doubt::Rule(v.library[one].rule));
                true
            }
        }
    });
    if answer == Answer::Undecided {
        v.doubt(Doubt::Rule(v.library[one].rule));
    }
    answer == Answer::Never
}

/// The formula for a patient of whom only these variables are known.
pub(super) fn restricted(formula: &Formula, known: &dyn Fn(usize) -> bool) -> Rc<Formula> {
    match formula {
        Formula::All(parts) => Formula::all(parts.iter().map(|p| restricted(p, known))),
        Formula::Any(parts) => Formula::any(parts.iter().map(|p| restricted(p, known))),
        Formula::AtLeast(count, parts) => Rc::new(Formula::AtLeast(*count, parts.iter().map(|p| restricted(p, known)).collect())),
        Formula::In(variable, mask) if known(*variable) => Rc::new(Formula::In(*variable, *mask)),
        Formula::In(..) => Formula::no(),
    }
}

/// Exceptions that except nobody, those of a rule and those of one of its effects.
fn idle_exceptions(v: &Verifier<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for rule in v.rules() {
        let guard = &v.library[rule].guard;
        let base = [&guard.scope, &guard.section, &guard.when].map(|c| v.space.formula(c, true));
        let base = Formula::all(base);
        if !v.somebody(&base, Doubt::Rule(rule)) {
            continue;
        }
        if !guard.unless.is_never() {
            let both = Formula::all([base.clone(), v.space.formula(&guard.unless, true)]);
            if v.nobody(&both, Doubt::Rule(rule)) {
                found.push(errors::idle_exception(v, rule));
            }
        }
        let base = Formula::all([base, v.space.formula(&guard.unless, false)]);
        for effect in &v.library[rule].effects {
            let e = &v.library[*effect];
            if e.origin != Origin::Written || e.own.is_always() || !v.somebody(&base, Doubt::Rule(rule)) {
                continue;
            }
            let excepted = Formula::all([base.clone(), v.space.formula(&e.own, false)]);
            if v.nobody(&excepted, Doubt::Rule(rule)) {
                found.push(errors::idle_condition(v, *effect));
            }
        }
    }
    found
}

fn idle_overrides(v: &Verifier<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for rule in v.rules() {
        for loser in &v.library[rule].overrides {
            let edges: Vec<_> = v.library[*loser]
                .effects
                .iter()
                .flat_map(|e| edges_of(v.library, *e))
                .filter(|e| e.cause == Cause::Overrides && v.library[e.winner].rule == rule)
                .collect();
            let meets = |e: &&crate::model::gives_way::GivesWay| {
                !v.nobody(&Formula::all([v.guard(e.winner), v.guard(e.loser)]), Doubt::Rule(rule))
            };
            if !edges.iter().copied().any(|e| meets(&e)) {
                found.push(errors::idle_override(v, rule, *loser, edges.is_empty()));
            }
        }
    }
    found
}

fn idle_assumptions(v: &Verifier<'_>) -> Vec<Diagnostic> {
    let free = |formula: Rc<Formula>| Search::new(&v.space).without_assumptions().possible(&formula);
    let mut found = Vec::new();
    for assumption in &v.library.assumptions {
        let broken = match &assumption.kind {
            AssumptionKind::Implies { left, right } => {
                free(Formula::all([v.space.formula(left, true), v.space.formula(right, false)]))
            }
            AssumptionKind::AtMostOne { parts } => {
                let pairs = parts
                    .iter()
                    .enumerate()
                    .flat_map(|(i, one)| parts.iter().skip(i + 1).map(move |other| [one, other]));
                let both = pairs.map(|pair| Formula::all(pair.map(|c| v.space.formula(c, true))));
                free(Formula::any(both))
            }
            AssumptionKind::Order { .. } => continue,
        };
        match broken {
            Some(true) => {}
            Some(false) => found.push(errors::idle_assumption(assumption.span)),
            None => v.doubt(Doubt::Text(assumption.span)),
        }
    }
    found
}

fn constant_definitions(v: &Verifier<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for id in (0..v.library.definitions.len()).map(DefinitionId::from_index) {
        let condition = &v.library[id].condition;
        for positive in [true, false] {
            if v.nobody(&v.space.formula(condition, positive), Doubt::Definition(id)) {
                found.push(errors::constant_definition(v, id, !positive));
            }
        }
    }
    found
}

/// Deadlines on a clock that the guard itself says has run longer.
fn past_deadlines(v: &Verifier<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for effect in v.effects() {
        let Some((deadline, Clock::Date(clock))) = v.library[effect].timing.deadline else {
            continue;
        };
        let since = (0..v.library.facts.len())
            .map(FactId::from_index)
            .find(|f| matches!(v.library[*f].ty, FactType::TimeSince { date } if date == clock));
        let (Some(since), Some(most)) = (since.and_then(|f| v.space.variable(f)), deadline.at_most().minutes()) else {
            continue;
        };
        let in_time = v.space.regions_with(since, |region| match region {
            Region::Point(point) => point <= most,
            Region::Gap(from, _) => from.is_none_or(|from| from < most),
        });
        let guard = v.guard(effect);
        let met = Formula::all([guard.clone(), Rc::new(Formula::In(since, in_time))]);
        let doubt = Doubt::Rule(v.library[effect].rule);
        if in_time != 0
            && v.nobody(&met, doubt)
            && let Some(action) = v.library[effect].actions.first()
            && let Some(witness) = v.told(v.patient(&guard, &|r| r.fires(effect)), doubt)
        {
            let about = about(v, *action, "deadline", "open", [v.library[effect].rule], Some(&witness));
            found.push(errors::deadline_past(v, effect, about));
        }
    }
    found
}

/// Definitions of one name in several guidelines.
fn different_meanings(v: &Verifier<'_>) -> Vec<Diagnostic> {
    let mut by_name: BTreeMap<&str, Vec<DefinitionId>> = BTreeMap::new();
    for id in (0..v.library.definitions.len()).map(DefinitionId::from_index) {
        by_name.entry(v.library[id].name.as_str()).or_default().push(id);
    }
    let mut found = Vec::new();
    for ids in by_name.into_values() {
        for (index, one) in ids.iter().enumerate() {
            for other in ids.iter().skip(index + 1) {
                let only = |a: DefinitionId, b: DefinitionId| {
                    let (a, b) = (&v.library[a].condition, &v.library[b].condition);
                    let formula = Formula::all([v.space.formula(a, true), v.space.formula(b, false)]);
                    let differs = |r: &Replay<'_>| r.truth(a) == Truth::Yes && r.truth(b) == Truth::No;
                    v.told(v.patient(&formula, &differs), Doubt::Definition(*other))
                };
                let (first, second) = (only(*one, *other), only(*other, *one));
                if first.is_some() || second.is_some() {
                    found.push(errors::different_meanings(v, *one, *other, first.as_ref(), second.as_ref()));
                }
            }
        }
    }
    found
}

/// The same advice in two documents, of which one demands more.
fn different_preconditions(v: &Verifier<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let own = |effect: EffectId| {
        let guard = &v.library[v.library[effect].rule].guard;
        let unless = guard.unless.clone().negated();
        Condition::all_of([
            guard.section.clone(),
            guard.when.clone(),
            unless,
            v.library[effect].own.clone(),
        ])
    };
    for (action, effects) in &v.pieces(Direction::For) {
        for strict in effects {
            for loose in effects {
                let rules = (v.library[*strict].rule, v.library[*loose].rule);
                if v.library[rules.0].guideline == v.library[rules.1].guideline
                    || v.library[*strict].modality != v.library[*loose].modality
                {
                    continue;
                }
                let (more, less) = (own(*strict), own(*loose));
                let implied = Formula::all([v.space.formula(&more, true), v.space.formula(&less, false)]);
                let doubt = Doubt::Rule(rules.0);
                if !v.somebody(&v.guard(*strict), doubt) || !v.nobody(&implied, doubt) {
                    continue;
                }
                let scope = &v.library[rules.0].guard.scope;
                let only = Formula::all([
                    v.active(*loose, *action),
                    v.space.formula(scope, true),
                    v.space.formula(&more, false),
                ]);
                let holds = |r: &Replay<'_>| r.is_active(*loose, *action) && r.truth(&more) == Truth::No;
                if let Some(witness) = v.told(v.patient(&only, &holds), doubt) {
                    let about = about(v, *action, "precondition", "open", [rules.0, rules.1], Some(&witness));
                    found.push(errors::different_preconditions(
                        v,
                        (*strict, *action),
                        (*loose, *action),
                        about,
                    ));
                }
            }
        }
    }
    found
}

/// Ordered values of which a guideline speaks of some and not of others.
fn uncovered_values(v: &Verifier<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for guideline in (0..v.library.guidelines.len()).map(GuidelineId::from_index) {
        if v.library[guideline].status == Status::Retired {
            continue;
        }
        let mut spoken: BTreeMap<usize, Mask> = BTreeMap::new();
        for effect in v.effects().filter(|e| v.library[v.library[*e].rule].guideline == guideline) {
            masks(&v.guard(effect), &mut spoken);
        }
        for (variable, mask) in spoken {
            let Some(slot) = v.space.slots.get(variable) else { continue };
            let fact = &v.library[slot.fact];
            let FactType::OneOf { values, ordered: true } = &fact.ty else {
                found.extend(missing_thresholds(v, guideline, variable, mask));
                continue;
            };
            let left: Vec<&str> = values
                .iter()
                .enumerate()
                .filter(|(i, _)| mask >> i & 1 == 0)
                .map(|(_, name)| name.as_str())
                .collect();
            // A value between two that matter was forgotten; the lowest one often means that there is nothing to do.
            let inner = (1..values.len()).any(|i| mask >> i & 1 == 0 && mask & ((1 << i) - 1) != 0 && mask >> i != 0);
            if !left.is_empty() && inner {
                found.push(errors::uncovered_value(v, slot.fact, guideline, &left));
            }
        }
    }
    found
}

/// Thresholds that the rules on both sides leave out: `under 6 weeks` and `over 6 weeks`.
fn missing_thresholds(v: &Verifier<'_>, guideline: GuidelineId, variable: usize, spoken: Mask) -> Vec<Diagnostic> {
    let all = v.space.all(variable);
    let is_spoken = |bit: u32| spoken >> bit & 1 == 1;
    let mut found = Vec::new();
    for region in (1..Mask::BITS - 1).filter(|r| (all & !spoken) >> r & 1 == 1) {
        let below = all & ((1 << region) - 1);
        let above = all >> (region + 1);
        let beside = below != 0
            && above != 0
            && is_spoken(Mask::BITS - 1 - below.leading_zeros())
            && is_spoken(region + 1 + above.trailing_zeros());
        let point = v.space.point(variable, region);
        if let (true, Some(point), Some(fact)) = (beside, point, v.space.fact(variable)) {
            found.extend(errors::missing_threshold(v, fact, guideline, point));
        }
    }
    found
}

/// Conditions of which a part holds for every patient, or for none, although each test in it tells patients apart.
fn constant_parts(v: &Verifier<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for rule in v.rules() {
        let guard = &v.library[rule].guard;
        for (whole, place) in [
            (&guard.when, v.library[rule].when_span),
            (&guard.unless, v.library[rule].unless_span),
        ] {
            let mut waiting = vec![whole];
            while let Some(part) = waiting.pop() {
                let (parts, wanted) = match part {
                    Condition::All(parts) => (parts.as_slice(), true),
                    Condition::Any(parts) => (parts.as_slice(), false),
                    Condition::Not(inner) => {
                        waiting.push(&**inner);
                        continue;
                    }
                    _ => continue,
                };
                waiting.extend(parts);
                // A rule that nobody meets, and an exception that excepts nobody, are findings of their own.
                if parts.len() < 2 || (wanted && std::ptr::eq(part, whole)) {
                    continue;
                }
                let settled = |c: &Condition| v.nobody(&v.space.formula(c, wanted), Doubt::Rule(rule));
                if settled(part)
                    && !parts.iter().any(settled)
                    && let Some(place) = place
                {
                    found.push(errors::constant_part(v, rule, part, place, !wanted));
                }
            }
        }
    }
    found
}

fn masks(formula: &Formula, spoken: &mut BTreeMap<usize, Mask>) {
    match formula {
        Formula::All(parts) | Formula::Any(parts) | Formula::AtLeast(_, parts) => parts.iter().for_each(|p| masks(p, spoken)),
        Formula::In(variable, mask) => *spoken.entry(*variable).or_default() |= mask,
    }
}

/// A patient whom a claim of completeness forgets.
fn false_claim(v: &Verifier<'_>, claim: &Claim) -> Option<Diagnostic> {
    if claim.guideline.is_some_and(|g| v.library[g].status == Status::Retired) {
        return None;
    }
    let scope = claim.guideline.map_or_else(Condition::always, |g| v.library[g].scope.clone());
    let over = Condition::all_of([scope, claim.over.clone()]);
    let answers: Vec<Piece> = v
        .effects()
        .filter(|e| claim.guideline.is_none_or(|g| v.library[v.library[*e].rule].guideline == g))
        .flat_map(|e| v.library[e].actions.iter().map(move |a| (e, *a)))
        .filter(|(_, a)| claim.actions.iter().any(|claimed| v.library.is_kind_of(*a, *claimed)))
        .collect();
    let silent = answers.iter().map(|(e, a)| v.space.opposite(&v.active(*e, *a)));
    let formula = Formula::all(std::iter::once(v.space.formula(&over, true)).chain(silent));
    let holds = |r: &Replay<'_>| r.truth(&over) == Truth::Yes && !answers.iter().any(|(e, a)| r.is_active(*e, *a));
    let witness = v.told(v.patient(&formula, &holds), Doubt::Text(claim.span))?;
    let about = About {
        witness: Some(witness.facts.clone()),
        as_of: witness.as_of.clone(),
        perhaps_smaller: witness.perhaps_smaller,
        action: claim.actions.first().map(|a| v.library[*a].name.clone()),
        kind: Some("gap"),
        status: Some("open"),
        rules: Vec::new(),
        group: None,
    };
    Some(errors::false_completeness(&claim.claim, claim.span, about))
}

/// Modalities that a guarded section may not weaken silently.
pub(super) fn is_absolute(v: &Verifier<'_>, effect: EffectId) -> bool {
    let e = &v.library[effect];
    e.modality == Modality::Never || e.urgency == Some(crate::model::Urgency::Immediate)
}
