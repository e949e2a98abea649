//! Pairs of rules: which contradict each other, which say nearly the same, and for whom.
//!
//! In: pieces of advice that can meet. Out: a finding for each pair that does meet for some patient.
//! Must not know: how the interpreter compares; the relations are those of `eval::compare`, for all patients at once.

use super::candidates::ByAction;
use super::space::Formula;
use super::witness::{Confirmed, Replay, Witness};
use super::{Doubt, Found, Piece, Verifier, errors};
use crate::diagnostic::{About, Diagnostic};
use crate::eval::{DifferenceKind, Rank};
use crate::model::gives_way::{Cause, deadline, edges_of, windows_apart};
use crate::model::{
    ActionId, Direction, EffectId, Join, NoteId, RuleId, SettlementDecision, SettlementId, Stance, Truth, Urgency,
};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What was found about rules. Thousands of pairs may meet, so what was decided is put into words by itself.
#[derive(Debug)]
pub enum Decided {
    /// Two pieces that cannot both be followed.
    Clash(Clash, Verdict),
    /// Two pieces that both apply to somebody, and in what they differ.
    Difference([Piece; 2], Vec<DifferenceKind>, Confirmed),
    /// Already in words.
    Told(Box<Diagnostic>),
}

impl Decided {
    /// The findings: one, or one for each difference.
    pub fn told(self, v: &Verifier<'_>) -> Vec<Diagnostic> {
        match self {
            Decided::Clash(clash, verdict) => vec![clash.report(v, verdict)],
            Decided::Difference([one, other], kinds, patient) => told_apart(v, one, other, &kinds, v.witness(&patient).as_ref()),
            Decided::Told(finding) => vec![*finding],
        }
    }
}

impl From<Diagnostic> for Decided {
    fn from(finding: Diagnostic) -> Self {
        Decided::Told(Box::new(finding))
    }
}

/// What authors decided about a pair.
#[derive(Debug)]
pub enum Settled {
    /// Nothing.
    No,
    /// One gives way to the other by its author's word, for every patient.
    Overridden,
    /// By these settlements, for every patient.
    By(SettlementId),
}

/// How many ways to cover the alternatives of a choice are looked at.
const COMBINATIONS: usize = 4_096;

/// Settlements, each with a rule for which it matters.
type Used = BTreeSet<(SettlementId, RuleId)>;

/// Advice for an action against advice against it, and windows that do not meet.
pub(super) fn disagreements(v: &Verifier<'_>) -> Vec<Decided> {
    let (advised, avoided) = (v.pieces(Direction::For), v.pieces(Direction::Against));
    let mut found: Vec<Decided> = Vec::new();
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
    found.extend(stale(v, &settled).into_iter().map(Decided::from));
    found
}

/// What cannot all be followed: pieces for an action, each with one that is against it or whose window lies elsewhere. One
/// pair, or one for each alternative of a choice that is still on offer.
struct Meeting {
    pairs: Vec<[Piece; 2]>,
    /// Alternatives that have given way to something else.
    gone: Vec<Piece>,
}

/// What comes of a meeting.
#[derive(Debug)]
pub enum Verdict {
    /// For this patient nobody has settled it.
    Open(Confirmed),
    /// It is settled; here is somebody for whom it would matter.
    Settled(Settled, Option<Confirmed>),
    /// Both are shown to somebody of whom too little is known, and to nobody else.
    Possible(Confirmed),
    /// It could not be decided.
    Undecided,
}

impl Meeting {
    fn pieces(&self) -> impl Iterator<Item = Piece> {
        self.pairs.iter().flatten().copied()
    }

    fn all(&self, v: &Verifier<'_>, formula: impl Fn(Piece) -> Rc<Formula>) -> Rc<Formula> {
        let pieces = self.pieces().collect::<BTreeSet<_>>().into_iter().map(formula);
        Formula::all(pieces.chain(self.gone.iter().map(|p| v.overridden(p.0, p.1))))
    }

    fn holds(&self, r: &Replay<'_>, is: impl Fn(Piece) -> bool) -> bool {
        self.pieces().all(is) && !self.gone.iter().any(|p| r.stands(p.0, p.1))
    }

    fn rules(&self, v: &Verifier<'_>) -> BTreeSet<[RuleId; 2]> {
        self.pairs.iter().map(|pair| pair.map(|p| v.library[p.0].rule)).collect()
    }

    /// Whether nothing can make any of it give way.
    fn is_unmoved(&self, v: &Verifier<'_>) -> bool {
        self.gone.is_empty() && self.pieces().all(|p| edges_of(v.library, p.0).is_empty())
    }

    /// Whether all of it comes together for somebody, and what authors decided about it; nothing if it never does.
    fn verdict(&self, v: &Verifier<'_>, used: &mut Used) -> Option<Verdict> {
        let fire = self.all(v, |p| v.guard(p.0));
        let all_fire = |r: &Replay<'_>| self.holds(r, |p| r.fires(p.0));
        if self
            .pairs
            .iter()
            .any(|[one, other]| yields(v, *one, *other) || yields(v, *other, *one))
        {
            let witness = match v.confirmed(&fire, &all_fire) {
                Found::Somebody(witness) => witness,
                Found::Nobody => return None,
                Found::Undecided => return Some(Verdict::Undecided),
            };
            return Some(Verdict::Settled(Settled::Overridden, Some(witness)));
        }
        let all_active = |r: &Replay<'_>| self.holds(r, |p| r.is_active(p.0, p.1));
        let rules = self.rules(v);
        if self.is_unmoved(v) && rules.iter().all(|pair| settlements(v, *pair).next().is_none()) {
            return match v.confirmed(&fire, &all_active) {
                Found::Somebody(witness) => Some(Verdict::Open(witness)),
                Found::Nobody => None,
                Found::Undecided => Some(Verdict::Undecided),
            };
        }
        match v.possible(&fire) {
            Some(false) => return None,
            Some(true) => {}
            None => return Some(Verdict::Undecided),
        }
        if v.possible(&self.all(v, |p| v.active_unsettled(p.0, p.1))) == Some(false) {
            return self.never_all_active(v, &fire);
        }
        let joined: Vec<SettlementId> = rules.iter().flat_map(|pair| settlements(v, *pair)).collect();
        used.extend(rules.iter().flat_map(|pair| {
            let of_pair = settlements(v, *pair);
            of_pair.flat_map(|id| pair.map(|rule| (id, rule))).collect::<Vec<_>>()
        }));
        let left_open = |id: &&SettlementId| matches!(v.library[**id].decision, SettlementDecision::LeaveOpen);
        let active = self.all(v, |p| v.active(p.0, p.1));
        let found = v.confirmed(&active, &all_active);
        let anybody = |found: Found<Confirmed>| found.somebody().or_else(|| v.confirmed(&fire, &all_fire).somebody());
        if let Some(id) = joined.iter().find(left_open) {
            return Some(Verdict::Settled(Settled::By(*id), anybody(found)));
        }
        Some(match found {
            Found::Somebody(witness) => Verdict::Open(witness),
            // Where no settlement names both, one of them has made way for a third.
            Found::Nobody => Verdict::Settled(
                joined.first().map_or(Settled::Overridden, |id| Settled::By(*id)),
                anybody(found),
            ),
            Found::Undecided => Verdict::Undecided,
        })
    }

    /// Some piece gives way whenever everything is known: there may still be patients of whom too little is known to say
    /// which one holds, and all are shown.
    fn never_all_active(&self, v: &Verifier<'_>, fire: &Rc<Formula>) -> Option<Verdict> {
        let all_fire = |r: &Replay<'_>| self.holds(r, |p| r.fires(p.0));
        let all_stand = |r: &Replay<'_>| self.holds(r, |p| r.stands(p.0, p.1));
        match v.confirmed_within(usize::MAX, fire, &all_fire, &all_stand) {
            Found::Somebody(witness) => Some(Verdict::Possible(witness)),
            Found::Nobody => {
                let witness = v.confirmed(fire, &all_fire).somebody();
                Some(Verdict::Settled(Settled::Overridden, witness))
            }
            Found::Undecided => Some(Verdict::Undecided),
        }
    }
}

/// Two pieces that cannot both be followed: the finding, if they meet for somebody.
fn meet(v: &Verifier<'_>, kind: &'static str, pieces: [Piece; 2], about: ActionId, used: &mut Used) -> Option<Decided> {
    let meeting = Meeting {
        pairs: vec![pieces],
        gone: Vec::new(),
    };
    let verdict = meeting.verdict(v, used)?;
    let [one, other] = pieces;
    Some(Decided::Clash(Clash { kind, one, other, about }, verdict))
}

/// Whether one gives way to the other by its author's word, whoever the patient is.
fn yields(v: &Verifier<'_>, loser: Piece, winner: Piece) -> bool {
    edges_of(v.library, loser.0)
        .iter()
        .filter(|e| e.winner == winner.0 && e.concerns(v.library, loser.1))
        .any(|e| !matches!(e.cause, Cause::Prefer(_)))
}

fn settlements(v: &Verifier<'_>, [one, other]: [RuleId; 2]) -> impl Iterator<Item = SettlementId> {
    (0..v.library.settlements.len())
        .map(SettlementId::from_index)
        .filter(move |id| {
            let rules = &v.library[*id].rules;
            one != other && rules.contains(&one) && rules.contains(&other)
        })
}

/// A choice of which every alternative is advised against.
fn alternatives(v: &Verifier<'_>, effect: EffectId, avoided: &ByAction, used: &mut Used) -> Vec<Decided> {
    let actions = &v.library[effect].actions;
    let against: Vec<Vec<Piece>> = actions.iter().map(|a| v.covering(avoided, *a)).collect();
    let mut found: Vec<Decided> = Vec::new();
    // For each alternative an avoidance that covers it, or nothing where it can give way and be no longer on offer.
    let mut chosen: Vec<Vec<Option<Piece>>> = vec![Vec::new()];
    for (action, against) in actions.iter().zip(&against) {
        let may_go = edges_of(v.library, effect).iter().any(|e| e.concerns(v.library, *action));
        let options: Vec<Option<Piece>> = against.iter().map(|p| Some(*p)).chain(may_go.then_some(None)).collect();
        chosen = chosen
            .into_iter()
            .flat_map(|so_far| {
                options
                    .iter()
                    .map(move |p| so_far.iter().copied().chain([*p]).collect::<Vec<_>>())
            })
            .collect();
        if chosen.len() > COMBINATIONS {
            v.doubt(Doubt::Rule(v.library[effect].rule));
            return found;
        }
    }
    let effects = |combination: &[Option<Piece>]| -> BTreeSet<EffectId> { combination.iter().flatten().map(|p| p.0).collect() };
    // Where one avoidance covers all alternatives, it is no news that others join in.
    chosen.sort_by_cached_key(|combination| (combination.iter().filter(|p| p.is_none()).count(), effects(combination).len()));
    let mut seen: BTreeSet<BTreeSet<EffectId>> = BTreeSet::new();
    let mut lesser: BTreeMap<BTreeSet<EffectId>, Decided> = BTreeMap::new();
    for combination in chosen {
        let set = effects(&combination);
        let alternatives = || actions.iter().zip(&combination);
        let Some((first, (other, about_action))) = alternatives().find_map(|(a, p)| Some((*a, (*p)?))) else {
            continue;
        };
        if seen.iter().any(|other| other.is_subset(&set)) {
            continue;
        }
        let meeting = Meeting {
            pairs: alternatives()
                .filter_map(|(a, p)| Some([(effect, *a), ((*p)?.0, *a)]))
                .collect(),
            gone: alternatives()
                .filter(|(_, p)| p.is_none())
                .map(|(a, _)| (effect, *a))
                .collect(),
        };
        let verdict = meeting.verdict(v, used);
        if set.len() == 1 {
            let clash = Clash {
                kind: "contradiction",
                one: (effect, first),
                other: (other, first),
                about: about_action,
            };
            match verdict {
                None => {}
                // For somebody for whom an alternative has given way it may still be open.
                Some(verdict @ (Verdict::Settled(..) | Verdict::Possible(_))) => {
                    lesser.entry(set).or_insert(Decided::Clash(clash, verdict));
                }
                Some(verdict) => {
                    seen.insert(set);
                    found.push(Decided::Clash(clash, verdict));
                }
            }
            continue;
        }
        let (patient, settled) = match verdict {
            Some(Verdict::Open(patient)) => (patient, None),
            Some(Verdict::Settled(Settled::By(id), Some(patient))) => (patient, Some(id)),
            Some(Verdict::Undecided) => {
                v.doubt(Doubt::Rule(v.library[effect].rule));
                continue;
            }
            _ => continue,
        };
        let others: Vec<EffectId> = set.iter().copied().collect();
        let rules = std::iter::once(effect)
            .chain(others.iter().copied())
            .map(|e| v.library[e].rule);
        let status = if settled.is_some() { "reconciled" } else { "open" };
        let about = about(v, first, "contradiction", status, rules, v.witness(&patient).as_ref());
        let finding = errors::alternatives_exhausted(v, effect, &others, settled, about).into();
        if settled.is_some() {
            lesser.entry(set).or_insert(finding);
        } else {
            seen.insert(set);
            found.push(finding);
        }
    }
    // What is settled is news where nothing is open between the same, and no fewer are at it.
    let sets: Vec<BTreeSet<EffectId>> = lesser.keys().cloned().collect();
    let is_covered = |set: &BTreeSet<EffectId>| {
        let mut fewer = seen.iter().chain(sets.iter().filter(|other| *other != set));
        fewer.any(|other| other.is_subset(set))
    };
    found.extend(
        lesser
            .into_iter()
            .filter(|(set, _)| !is_covered(set))
            .map(|(_, finding)| finding),
    );
    found
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
#[derive(Debug)]
pub struct Clash {
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

    fn report(&self, v: &Verifier<'_>, verdict: Verdict) -> Diagnostic {
        let (settled, patient) = match verdict {
            Verdict::Open(patient) => (Settled::No, Some(patient)),
            Verdict::Settled(settled, patient) => (settled, patient),
            Verdict::Possible(patient) => {
                let witness = v.witness(&patient);
                return errors::possible_contradiction(v, &self.places(v), self.about_pair(v, witness.as_ref()));
            }
            Verdict::Undecided => return errors::undecided(v, &self.places(v)),
        };
        let witness = patient.and_then(|patient| v.witness(&patient));
        let mut about = self.about_pair(v, witness.as_ref());
        about.status = Some(match settled {
            Settled::No => "open",
            Settled::Overridden => "overridden",
            Settled::By(_) => "reconciled",
        });
        let places = self.places(v);
        let emergency = [self.one, self.other].iter().any(|p| v.is_emergency(p.0));
        let mut finding = match self.kind {
            "window" => errors::windows_apart(v, &places, about, emergency),
            _ => errors::contradiction(v, &places, about, emergency),
        };
        let why = match settled {
            Settled::No => return finding,
            Settled::Overridden => "settled: one of the rules gives way to the other".to_owned(),
            Settled::By(id) => errors::settlement(v, id),
        };
        finding.help = None;
        finding.fixes.clear();
        finding.accept(why)
    }
}

impl Found<Confirmed> {
    /// Of two answers the patient of whom less is known; undecided where one is and the other is nobody.
    fn or_smaller(self, other: Self, v: &Verifier<'_>) -> Self {
        let facts = |patient: &Confirmed| patient.facts(&v.space);
        match (self, other) {
            (Found::Somebody(one), Found::Somebody(other)) if facts(&other) < facts(&one) => Found::Somebody(other),
            (Found::Somebody(one), _) | (Found::Nobody | Found::Undecided, Found::Somebody(one)) => Found::Somebody(one),
            (Found::Undecided, _) | (_, Found::Undecided) => Found::Undecided,
            (Found::Nobody, Found::Nobody) => Found::Nobody,
        }
    }
}

/// What a finding about rules and an action says as data.
///
/// Findings of one kind about one action between the same documents are one group. Where documents merely put it otherwise,
/// all kinds of a family of actions, such as surgery, are one matter; who demands more for the same is one between documents.
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
    documents.dedup();
    let topic = match kind {
        "precondition" => None,
        "deadline" | "urgency" | "duration" | "strength" | "evidence" | "narrowing" => Some(family(v, action)),
        _ => Some(action),
    };
    let topic = topic.map_or("", |topic| &v.library[topic].name);
    About {
        witness: witness.map(|w| w.facts.clone()),
        as_of: witness.and_then(|w| w.as_of.clone()),
        perhaps_smaller: witness.is_some_and(|w| w.perhaps_smaller),
        action: Some(v.library[action].name.clone()),
        kind: Some(kind),
        status: Some(status),
        group: Some(format!("{topic} {kind} {status} {}", documents.join(" "))),
        rules: v.parties(rules),
    }
}

/// The action without a parent of which this one is a kind, the first one where there are several.
fn family(v: &Verifier<'_>, action: ActionId) -> ActionId {
    let roots = v.library.ancestors.get(action.index()).into_iter().flatten();
    let mut roots = roots.copied().filter(|a| v.library[*a].parents.is_empty());
    roots.next().unwrap_or(action)
}

/// Advice in one direction that is not the same, and kinds that are held back from what is called for.
pub(super) fn differences(v: &Verifier<'_>) -> Vec<Decided> {
    let (advised, avoided) = (v.pieces(Direction::For), v.pieces(Direction::Against));
    let mut found: Vec<Decided> = Vec::new();
    for (pieces, is_for) in [(&advised, true), (&avoided, false)] {
        for (action, effects) in pieces {
            for other in v.covering(pieces, *action) {
                for effect in effects.iter().filter(|e| other.1 != *action || other.0 > **e) {
                    let piece = (*effect, *action);
                    if v.library[*effect].rule == v.library[other.0].rule {
                        continue;
                    }
                    let kinds = differing(v, piece, other, is_for);
                    found.extend(report_differences(v, piece, other, kinds));
                }
            }
        }
    }
    found.extend(narrowings(v, &advised, &avoided));
    found.extend(evidence_of_notes(v).into_iter().map(Decided::from));
    found
}

/// Kinds of what is advised that are advised against, and alternatives of a choice of which others are left.
fn narrowings(v: &Verifier<'_>, advised: &ByAction, avoided: &ByAction) -> Vec<Decided> {
    let mut found = Vec::new();
    for (kind, effects) in avoided {
        for parent in v.covering(advised, *kind).into_iter().filter(|p| p.1 != *kind) {
            for effect in effects.iter().filter(|e| v.library[**e].rule != v.library[parent.0].rule) {
                found.extend(report_differences(
                    v,
                    parent,
                    (*effect, *kind),
                    vec![DifferenceKind::Narrowing],
                ));
            }
        }
    }
    for effect in v.effects().filter(|e| v.library[*e].join == Join::OneOf).collect::<Vec<_>>() {
        let actions = &v.library[effect].actions;
        for action in actions {
            for (other, on) in v.covering(avoided, *action) {
                // What is against all alternatives alike narrows nothing, unless something keeps it from one of them.
                let is_against = |a: &ActionId| v.library[other].actions.iter().any(|by| v.library.is_kind_of(*a, *by));
                let unmoved = [effect, other].iter().all(|e| edges_of(v.library, *e).is_empty());
                if !(unmoved && actions.iter().all(is_against)) {
                    found.extend(narrowed_choice(v, (effect, *action), other, on, avoided));
                }
            }
        }
    }
    found
}

/// One alternative is advised against, on this action, and another one is left: either it is not known what is against it,
/// or it is known that nothing is.
fn narrowed_choice(v: &Verifier<'_>, one: Piece, other: EffectId, on: ActionId, avoided: &ByAction) -> Option<Decided> {
    let formula = Formula::all([v.active(one.0, one.1), v.active(other, one.1)]);
    let holds = |r: &Replay<'_>| r.is_active(one.0, one.1) && r.is_active(other, one.1);
    let alternatives = v.library[one.0].actions.iter();
    let against: Vec<(ActionId, Vec<Piece>)> = alternatives.map(|a| (*a, v.covering(avoided, *a))).collect();
    let only = |r: &Replay<'_>| r.is_narrowed(one, (other, on), &against);
    let that = |formula: &Rc<Formula>| v.confirmed_within(usize::MAX, formula, &holds, &only);
    let mut found = that(&formula);
    if matches!(found, Found::Nobody) {
        let rest = against.iter().filter(|(a, _)| *a != one.1);
        let left = rest.flat_map(|(action, silent)| {
            // What takes the other alternative away: advice against it, or what it gives way to.
            let gives_way = Some(v.overridden(one.0, *action)).filter(|formula| !formula.is_no());
            let active: Vec<Rc<Formula>> = silent.iter().map(|p| v.active(p.0, *action)).chain(gives_way).collect();
            let silent: Vec<Rc<Formula>> = active.iter().map(|active| v.space.opposite(active)).collect();
            // What is silent can be so in several ways: by its guard, because it gives way, or because something that is no by
            // default is not.
            let apart: Vec<Rc<Formula>> = silent.iter().flat_map(ways).chain(v.against_defaults(&active)).collect();
            let more = if apart.len() > silent.len() {
                some_of_each(&apart)
            } else {
                Vec::new()
            };
            some_of_each(&silent).into_iter().chain(more)
        });
        // One way at a time: of several, one that holds anyway would keep the others from being looked at.
        let ways = left.map(|way| that(&Formula::all([formula.clone(), way])));
        found = ways.fold(Found::Nobody, |found, way| found.or_smaller(way, v));
    }
    differ(v, [one, (other, on)], vec![DifferenceKind::Narrowing], found)
}

/// Two pieces that differ, if somebody was found to whom both apply, or that could not be decided.
fn differ(v: &Verifier<'_>, pieces: [Piece; 2], kinds: Vec<DifferenceKind>, found: Found<Confirmed>) -> Option<Decided> {
    match found {
        Found::Somebody(patient) => Some(Decided::Difference(pieces, kinds, patient)),
        Found::Nobody => None,
        Found::Undecided => Some(errors::undecided(v, &pieces).into()),
    }
}

impl Verifier<'_> {
    /// That what is no by default is not, for each such fact of these formulas.
    fn against_defaults(&self, formulas: &[Rc<Formula>]) -> Vec<Rc<Formula>> {
        let mut variables = BTreeSet::new();
        formulas.iter().for_each(|formula| formula.variables(&mut variables));
        let is_closed = |variable: &usize| self.space.fact(*variable).is_some_and(|fact| self.closed.contains(&fact));
        let closed = variables.into_iter().filter(is_closed);
        closed.map(|variable| Rc::new(Formula::In(variable, 0b10))).collect()
    }
}

/// The ways in which a formula can hold.
fn ways(formula: &Rc<Formula>) -> Vec<Rc<Formula>> {
    match &**formula {
        Formula::Any(parts) => parts.clone(),
        _ => vec![Rc::clone(formula)],
    }
}

/// All ways to have at least one of the parts; only one of them and all of them where there are many.
fn some_of_each(parts: &[Rc<Formula>]) -> Vec<Rc<Formula>> {
    if parts.len() > 4 {
        return parts.iter().cloned().chain([Formula::all(parts.iter().cloned())]).collect();
    }
    let chosen = |set: usize| parts.iter().enumerate().filter(move |(place, _)| set >> place & 1 == 1);
    (1..1_usize << parts.len())
        .map(|set| Formula::all(chosen(set).map(|(_, part)| part.clone())))
        .collect()
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

fn report_differences(v: &Verifier<'_>, one: Piece, other: Piece, kinds: Vec<DifferenceKind>) -> Option<Decided> {
    if kinds.is_empty() {
        return None;
    }
    let formula = Formula::all([v.active(one.0, one.1), v.active(other.0, other.1)]);
    let holds = |r: &Replay<'_>| r.is_active(one.0, one.1) && r.is_active(other.0, other.1);
    differ(v, [one, other], kinds, v.confirmed(&formula, &holds))
}

fn told_apart(
    v: &Verifier<'_>,
    one: Piece,
    other: Piece,
    kinds: &[DifferenceKind],
    witness: Option<&Witness>,
) -> Vec<Diagnostic> {
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
            let about = about(v, action, errors::kind_word(*kind), "open", rules, witness);
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
                match v.patient(&formula, &holds) {
                    Found::Somebody(witness) => {
                        let mut about = about(v, *action, "evidence", "open", [rule], Some(&witness));
                        about
                            .rules
                            .push((note.full_name.clone(), note.statements.iter().map(|s| s.id.clone()).collect()));
                        found.push(errors::note_against_advice(v, (effect, *action), id, *stance, about));
                    }
                    Found::Nobody => {}
                    Found::Undecided => v.doubt(Doubt::Rule(rule)),
                }
            }
        }
    }
    found
}
