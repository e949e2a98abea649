//! Patients in the scope of a guideline to whom it says nothing, described in as few words as there are.
//!
//! In: a library and the kind of advice that is looked for. Out: for each guideline groups of patients, each with one of them
//! whom the interpreter confirms.
//! Must not know: how gaps are shown.
//!
//! A patient is found as everywhere in `verify`. What makes this patient a gap is then described by terms of the guideline and
//! by facts, and every part that is not needed is left out; the description holds for nobody who is advised. Patients whom it
//! covers are put aside, and the next one is looked for, until there is none.

use super::search::{Answer, Regions, Search};
use super::space::{Formula, Mask};
use super::witness::{Replay, Replayed, Witness};
use super::{Piece, Verifier, errors};
use crate::diagnostic::Diagnostic;
use crate::load::Loaded;
use crate::model::{ActionId, Condition, DefinitionId, EffectId, FactId, GuidelineId, Modality, RuleId, Status, Truth};
use std::collections::BTreeSet;
use std::rc::Rc;

/// What is looked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Advice on these or kinds of them; on anything where there are none.
    pub actions: Vec<ActionId>,
    /// Advice in these modalities; in any where there are none.
    pub modalities: Vec<Modality>,
    /// The most groups for one guideline.
    pub most: usize,
}

/// What a guideline leaves out.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Gaps {
    pub guideline: GuidelineId,
    /// The rules that give such advice.
    pub rules: Vec<RuleId>,
    pub groups: Vec<Gap>,
    /// Whether the groups are all there are.
    pub is_all: bool,
    /// Whether something could not be decided.
    pub undecided: bool,
}

/// Patients in scope who are told nothing.
#[derive(Debug, Clone)]
pub struct Gap {
    /// What they have in common; everybody in scope where there is nothing.
    pub parts: Vec<Described>,
    /// One of them.
    pub witness: Witness,
    /// This patient in short, with terms in the place of facts that follow from them.
    pub in_short: Vec<String>,
    /// Rules of other guidelines that give this patient such advice.
    pub elsewhere: Vec<RuleId>,
}

/// A part of a description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Described {
    /// A definition that holds, or does not.
    Term(DefinitionId, bool),
    /// A fact, or a member of a set, and in which words it is spoken of.
    Fact(FactId, String),
}

/// What each guideline leaves out, in the order of the library.
///
/// # Errors
///
/// What is too large to be decided as a whole; nothing is claimed then.
pub fn gaps(loaded: &Loaded, wanted: &Wanted) -> Result<Vec<Gaps>, Box<Diagnostic>> {
    // Each guideline answers for its own patients: what gives way to another document has been said all the same.
    let mut library = loaded.library.clone();
    let guidelines: Vec<GuidelineId> = library.effects.iter().map(|e| library[e.rule].guideline).collect();
    let of = |effect: EffectId| guidelines.get(effect.index());
    library.gives_way.retain(|edge| of(edge.winner) == of(edge.loser));
    let v = Verifier::new(&library, &loaded.sources);
    if let Some(place) = v.out_of_reach() {
        return Err(Box::new(errors::out_of_reach(place)));
    }
    if let Some(first) = v.library.assumptions.first().filter(|_| !v.space.anybody()) {
        return Err(Box::new(errors::nobody(first.span)));
    }
    let guidelines = (0..v.library.guidelines.len()).map(GuidelineId::from_index);
    let live = guidelines.filter(|g| v.library[*g].status != Status::Retired);
    Ok(live.map(|guideline| of_guideline(&v, guideline, wanted)).collect())
}

fn of_guideline(v: &Verifier<'_>, guideline: GuidelineId, wanted: &Wanted) -> Gaps {
    let library = v.library;
    let fits = |(effect, action): &Piece| {
        (wanted.modalities.is_empty() || wanted.modalities.contains(&library[*effect].modality))
            && (wanted.actions.is_empty() || wanted.actions.iter().any(|a| library.is_kind_of(*action, *a)))
    };
    let pieces = v.effects().flat_map(|e| library[e].actions.iter().map(move |a| (e, *a)));
    let (own, others): (Vec<Piece>, Vec<Piece>) = pieces
        .filter(fits)
        .partition(|(e, _)| library[library[*e].rule].guideline == guideline);
    let mut gaps = Gaps {
        guideline,
        rules: own
            .iter()
            .map(|(e, _)| library[*e].rule)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
        groups: Vec::new(),
        is_all: true,
        undecided: false,
    };
    let scope = v.space.formula(&library[guideline].scope, true);
    // Known not to fire, or to give way: that something is not known to be said is no silence.
    let silent = own.iter().map(|(e, a)| {
        let no = v.space.formula(&library[*e].guard, false);
        Formula::any([no, v.overridden(*e, *a)])
    });
    let gap = Formula::all(std::iter::once(scope.clone()).chain(silent));
    let spoken = v.space.opposite(&gap);
    let is_silent = |r: &Replay<'_>| {
        let settled = |piece: &Piece| r.truth(&library[piece.0].guard) != Truth::Unknown && !r.stands(piece.0, piece.1);
        r.truth(&library[guideline].scope) == Truth::Yes && own.iter().all(settled)
    };
    let mut aside: Vec<Rc<Formula>> = Vec::new();
    loop {
        let left = Formula::all(std::iter::once(gap.clone()).chain(aside.iter().cloned()));
        match v.possible(&left) {
            Some(false) => break,
            Some(true) => {}
            None => gaps.undecided = true,
        }
        if gaps.groups.len() >= wanted.most || gaps.undecided {
            gaps.is_all = false;
            break;
        }
        let Some((regions, witness)) = somebody(v, &left, &is_silent) else {
            gaps.undecided = true;
            gaps.is_all = false;
            break;
        };
        let parts = described(v, guideline, &scope, &spoken, &regions);
        aside.push(Formula::any(parts.iter().map(|part| v.space.opposite(&part.formula))));
        let (in_short, elsewhere) = looked_at(v, guideline, &witness, &others);
        gaps.groups.push(Gap {
            parts: parts.into_iter().map(|part| part.described).collect(),
            witness,
            in_short,
            elsewhere,
        });
    }
    gaps
}

/// The patient with the fewest facts, or, where that cannot be told, any.
fn somebody(v: &Verifier<'_>, formula: &Rc<Formula>, holds: &dyn Fn(&Replay<'_>) -> bool) -> Option<(Regions, Witness)> {
    let mut found = None;
    let mut accept = |masks: &Regions| {
        let confirmed = v
            .space
            .any_of(masks, &mut |regions| match v.confirm(regions, holds, &|_| true) {
                Replayed::As(confirmed) => {
                    found = Some((masks.clone(), confirmed));
                    true
                }
                _ => false,
            });
        confirmed == Some(true)
    };
    if Search::new(&v.space).smallest_that(formula, &mut accept) == Answer::Undecided {
        Search::new(&v.space).any_that(formula, &mut accept);
    }
    found.and_then(|(regions, confirmed)| Some((regions, v.witness(&confirmed)?)))
}

/// A part of a description as a formula.
struct Part {
    described: Described,
    formula: Rc<Formula>,
}

/// What is enough to know of the patient so that nobody like this is advised: terms and facts, none of which can be left out.
fn described(
    v: &Verifier<'_>,
    guideline: GuidelineId,
    scope: &Rc<Formula>,
    spoken: &Rc<Formula>,
    regions: &Regions,
) -> Vec<Part> {
    let literal = |variable: usize, mask: Mask| Rc::new(Formula::In(variable, mask));
    let known: Vec<Rc<Formula>> = regions.iter().map(|(variable, mask)| literal(*variable, *mask)).collect();
    let is_gap = |parts: &mut dyn Iterator<Item = Rc<Formula>>| {
        let all = Formula::all([scope.clone(), spoken.clone()].into_iter().chain(parts));
        v.possible(&all) == Some(false)
    };
    // Terms that hold, or do not, of every patient like this.
    let mut parts: Vec<Part> = Vec::new();
    for id in (0..v.library.definitions.len()).map(DefinitionId::from_index) {
        let definition = &v.library[id];
        if definition.guideline.is_some_and(|g| g != guideline) {
            continue;
        }
        for holds in [true, false] {
            let formula = v.space.formula(&definition.condition, holds);
            let escapes = Formula::all(known.iter().cloned().chain([v.space.opposite(&formula)]));
            let says_more = !matches!(&*formula, Formula::In(..)) && !formula.is_yes();
            if says_more && v.possible(&escapes) == Some(false) {
                let described = Described::Term(id, holds);
                parts.push(Part { described, formula });
            }
        }
    }
    let terms = parts.len();
    parts.extend(regions.iter().filter_map(|(variable, mask)| {
        let described = Described::Fact(v.space.fact(*variable)?, String::new());
        let formula = literal(*variable, *mask);
        Some(Part { described, formula })
    }));
    // Facts go first, so that a term stays that says the same; of the terms, those that say the most stay.
    let mut order: Vec<usize> = (terms..parts.len()).collect();
    let mut by_size: Vec<usize> = (0..terms).collect();
    by_size.sort_by_key(|index| {
        let mut variables = BTreeSet::new();
        if let Some(part) = parts.get(*index) {
            part.formula.variables(&mut variables);
        }
        (variables.len(), *index)
    });
    order.extend(by_size);
    let mut kept: BTreeSet<usize> = (0..parts.len()).collect();
    for index in order {
        kept.remove(&index);
        let mut rest = kept.iter().filter_map(|i| parts.get(*i)).map(|p| p.formula.clone());
        if !is_gap(&mut rest) {
            kept.insert(index);
        }
    }
    let mut parts: Vec<Part> = parts
        .into_iter()
        .enumerate()
        .filter(|(index, _)| kept.contains(index))
        .map(|(_, part)| part)
        .collect();
    // What is left of facts is widened as far as it goes.
    for index in 0..parts.len() {
        let Some((variable, mut mask)) = parts.get(index).and_then(|part| match &*part.formula {
            Formula::In(variable, mask) => Some((*variable, *mask)),
            _ => None,
        }) else {
            continue;
        };
        for region in v.space.by_preference(variable, !mask) {
            let others = parts
                .iter()
                .enumerate()
                .filter(|(i, _)| *i != index)
                .map(|(_, p)| p.formula.clone());
            if is_gap(&mut others.chain([literal(variable, region)])) {
                mask |= region;
            }
        }
        if let Some(part) = parts.get_mut(index) {
            part.formula = literal(variable, mask);
            if let Described::Fact(_, words) = &mut part.described {
                *words = v.in_words(variable, mask);
            }
        }
    }
    parts
}

/// The patient in short, and the rules of other guidelines that give such advice.
fn looked_at(v: &Verifier<'_>, guideline: GuidelineId, witness: &Witness, others: &[Piece]) -> (Vec<String>, Vec<RuleId>) {
    let Ok(patient) = v.inference.settle(v.library, &witness.record) else {
        return (vec![witness.given()], Vec::new());
    };
    let replay = v.replay(&witness.record, &patient);
    let definitions = (0..v.library.definitions.len()).map(DefinitionId::from_index);
    let truths: Vec<Truth> = definitions.map(|id| replay.truth(&Condition::Defined(id))).collect();
    let active = others.iter().filter(|(e, a)| replay.is_active(*e, *a));
    let rules: BTreeSet<RuleId> = active.map(|(e, _)| v.library[*e].rule).collect();
    (v.in_short(witness, guideline, &truths), rules.into_iter().collect())
}
