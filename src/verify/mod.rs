//! What holds for every patient at once: which rules can contradict each other, and for whom.
//!
//! In: a loaded library without errors. Out: findings, each about rules that can really meet, with the patient for whom they do.
//! Must not know: how findings are shown.
//!
//! Conditions become formulas over finitely many regions (`space`); what stands after everything that gives way has given way
//! is a formula too (`standing`). `search` finds the patient with the fewest facts; `witness` hands that patient to the
//! interpreter, and nothing is reported that the interpreter does not confirm.

mod candidates;
pub mod diff;
pub mod errors;
mod fixes;
mod frugal;
pub mod gaps;
mod lints;
mod pairs;
mod safety;
pub mod search;
mod sources;
pub mod space;
mod standing;
pub mod values;
pub mod witness;
mod words;

use crate::diagnostic::Diagnostic;
use crate::eval::settle::Inference;
use crate::eval::{Options, participants};
use crate::load::Loaded;
use crate::model::gives_way::deadline;
use crate::model::{
    ActionId, Condition, DefinitionId, Direction, EffectId, FactId, GuidelineId, Library, Modality, RuleId, Status, Urgency,
};
use crate::source::{Sources, Span};
use frugal::Frugal;
pub use pairs::Decided;
use rust_decimal::Decimal;
use search::{Answer, Regions, Search};
use sources::TooManyFacts;
use space::{Formula, Space};
use standing::Standing;
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use witness::{Confirmed, Replay, Replayed, Witness};

/// An effect on one of its actions.
pub type Piece = (EffectId, ActionId);

/// Everything that can be said of all patients at once; nothing if the library has an error, which comes first.
pub fn verify(loaded: &Loaded) -> Vec<Diagnostic> {
    verify_unless(loaded, &AtomicBool::new(false)).unwrap_or_default()
}

/// As [`verify`], or nothing once somebody says to stop, as an editor does when the text has changed again.
pub fn verify_unless(loaded: &Loaded, stop: &AtomicBool) -> Option<Vec<Diagnostic>> {
    if loaded.has_errors() {
        return Some(Vec::new());
    }
    let verifier = Verifier {
        stop: Some(stop),
        ..Verifier::new(&loaded.library, &loaded.sources)
    };
    let decided = verifier.decide()?;
    Some(decided.into_iter().flat_map(|decided| decided.told(&verifier)).collect())
}

/// A library with everything that its questions need.
pub struct Verifier<'a> {
    /// The library.
    pub library: &'a Library,
    /// The texts, for the words of rules.
    pub sources: &'a Sources,
    /// Its facts as regions.
    pub space: Space<'a>,
    /// Where each effect fires, once somebody asks.
    guards: Vec<OnceCell<Rc<Formula>>>,
    inference: Inference,
    /// The guidelines that take part in an evaluation.
    guidelines: BTreeSet<GuidelineId>,
    /// Facts that are no by default, in the order in which they are closed.
    closed: Vec<FactId>,
    standing: Standing,
    /// What could not be decided, so that no question ends in silence.
    doubts: RefCell<BTreeSet<Doubt>>,
    /// Set from outside when nobody waits for the answers any more.
    stop: Option<&'a AtomicBool>,
}

/// What came of a question.
#[derive(Debug, Clone)]
pub enum Found<T = Witness> {
    /// There is no such patient.
    Nobody,
    /// There is one, and the interpreter agrees.
    Somebody(T),
    /// It could not be decided, or the interpreter does not agree.
    Undecided,
}

impl<T> Found<T> {
    /// The patient, if there is one.
    pub fn somebody(self) -> Option<T> {
        match self {
            Found::Somebody(patient) => Some(patient),
            _ => None,
        }
    }
}

/// What a question was about that could not be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Doubt {
    Rule(RuleId),
    Definition(DefinitionId),
    /// An assumption or a claim.
    Text(Span),
}

impl<'a> Verifier<'a> {
    /// Prepares a library without errors.
    pub fn new(library: &'a Library, sources: &'a Sources) -> Self {
        Self::within(library, sources, Space::new(library))
    }

    /// As [`Verifier::new`], for the patients of this space.
    fn within(library: &'a Library, sources: &'a Sources, space: Space<'a>) -> Self {
        let inference = Inference::new(library);
        let closed = inference.closing_order().iter().copied();
        Verifier {
            library,
            sources,
            guards: vec![OnceCell::new(); library.effects.len()],
            space,
            closed: closed.filter(|fact| library[*fact].default_no).collect(),
            inference,
            guidelines: participants(library, &Options::default()),
            standing: Standing::default(),
            doubts: RefCell::default(),
            stop: None,
        }
    }

    /// Everything that can be said of all patients at once, each with its patient; nothing once somebody says to stop.
    pub fn decide(&self) -> Option<Vec<Decided>> {
        let told = |findings: Vec<Diagnostic>| Some(findings.into_iter().map(Decided::from).collect());
        // Nothing is claimed about a library with a condition that is too large, or a fact with too many thresholds.
        if let Some(place) = self.out_of_reach() {
            return told(vec![errors::out_of_reach(place)]);
        }
        if let Some(first) = self.library.assumptions.first().filter(|_| !self.space.anybody()) {
            return told(vec![errors::nobody(first.span)]);
        }
        let impossible = lints::impossible_defaults(self);
        if !impossible.is_empty() {
            return told(impossible);
        }
        let mut found = pairs::disagreements(self);
        found.extend(pairs::differences(self));
        let mut lints = safety::emergencies(self);
        lints.extend(lints::all(self));
        lints.extend(self.doubts.borrow().iter().map(|doubt| errors::doubt(self, *doubt)));
        found.extend(lints.into_iter().map(Decided::from));
        // Questions that were asked after the stop were not answered.
        (!self.is_stopped()).then_some(found)
    }

    /// Remembers what could not be decided.
    fn doubt(&self, doubt: Doubt) {
        self.doubts.borrow_mut().insert(doubt);
    }

    /// The patient, if there is one; it is remembered where that could not be decided.
    fn told(&self, found: Found, about: Doubt) -> Option<Witness> {
        match found {
            Found::Somebody(witness) => Some(witness),
            Found::Nobody => None,
            Found::Undecided => {
                self.doubt(about);
                None
            }
        }
    }

    /// Whether somebody certainly meets the formula; it is remembered where that could not be decided.
    fn somebody(&self, formula: &Rc<Formula>, about: Doubt) -> bool {
        self.known_possible(formula, about) == Some(true)
    }

    /// Whether certainly nobody meets the formula; it is remembered where that could not be decided.
    fn nobody(&self, formula: &Rc<Formula>, about: Doubt) -> bool {
        self.known_possible(formula, about) == Some(false)
    }

    fn known_possible(&self, formula: &Rc<Formula>, about: Doubt) -> Option<bool> {
        let possible = self.possible(formula);
        if possible.is_none() {
            self.doubt(about);
        }
        possible
    }

    fn is_stopped(&self) -> bool {
        self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
    }

    /// A condition that cannot be looked at as a whole, or a fact with more regions than are told apart.
    fn out_of_reach(&self) -> Option<Span> {
        let library = self.library;
        let fact = self.space.undecidable.first().map(|fact| library[*fact].name_span);
        let too_large = |condition: &Condition| self.space.formula(condition, true).is_too_large();
        let definition = || {
            library
                .definitions
                .iter()
                .find(|d| too_large(&d.condition))
                .map(|d| d.name_span)
        };
        let mut effects = (0..library.effects.len()).map(EffectId::from_index);
        let effect = || effects.find(|e| self.guard(*e).is_too_large()).map(|e| library[e].span);
        let note = || library.notes.iter().find(|n| too_large(&n.guard)).map(|n| n.span);
        fact.or_else(definition).or_else(effect).or_else(note)
    }

    /// The patient with the fewest facts for whom the formula holds. `holds` is what the interpreter has to say of everybody
    /// for whom the formula does.
    pub fn patient(&self, formula: &Rc<Formula>, holds: &dyn Fn(&Replay<'_>) -> bool) -> Found {
        self.patient_that(formula, holds, &|_| true)
    }

    /// As [`Verifier::patient`], among those for whom the interpreter says `only` as well. What `only` asks for must not
    /// become true when more is known.
    pub fn patient_that(
        &self,
        formula: &Rc<Formula>,
        holds: &dyn Fn(&Replay<'_>) -> bool,
        only: &dyn Fn(&Replay<'_>) -> bool,
    ) -> Found {
        self.patient_within(usize::MAX, formula, holds, only)
    }

    /// As [`Verifier::patient`], whom nobody has put into words yet.
    fn confirmed(&self, formula: &Rc<Formula>, holds: &dyn Fn(&Replay<'_>) -> bool) -> Found<Confirmed> {
        self.confirmed_within(usize::MAX, formula, holds, &|_| true)
    }

    /// As [`Verifier::patient_that`], among those of whom so many facts are known at most; undecided where it takes more.
    fn patient_within(
        &self,
        most: usize,
        formula: &Rc<Formula>,
        holds: &dyn Fn(&Replay<'_>) -> bool,
        only: &dyn Fn(&Replay<'_>) -> bool,
    ) -> Found {
        match self.confirmed_within(most, formula, holds, only) {
            Found::Somebody(confirmed) => self.witness(&confirmed).map_or(Found::Undecided, Found::Somebody),
            Found::Nobody => Found::Nobody,
            Found::Undecided => Found::Undecided,
        }
    }

    fn confirmed_within(
        &self,
        most: usize,
        formula: &Rc<Formula>,
        holds: &dyn Fn(&Replay<'_>) -> bool,
        only: &dyn Fn(&Replay<'_>) -> bool,
    ) -> Found<Confirmed> {
        if formula.is_no() {
            return Found::Nobody;
        }
        if self.is_stopped() {
            return Found::Undecided;
        }
        let mut found = None;
        let mut doubtful = false;
        let mut confirm = |regions: &Regions| match self.confirm(regions, holds, only) {
            Replayed::As(confirmed) => {
                found = Some(confirmed);
                true
            }
            Replayed::Otherwise => false,
            Replayed::Refused => {
                doubtful = true;
                false
            }
        };
        let mut too_many = false;
        let answer = Search::new(&self.space).within(most).smallest_that(formula, &mut |masks| {
            let accepted = self.space.any_of(masks, &mut confirm);
            too_many |= accepted.is_none();
            accepted == Some(true)
        });
        let Answer::Patient(regions) = answer else {
            return if answer == Answer::Never && !doubtful && !too_many {
                Found::Nobody
            } else {
                Found::Undecided
            };
        };
        let facts: BTreeSet<_> = regions.keys().filter_map(|v| self.space.fact(*v)).collect();
        let all_seen = match Frugal::new(&self.space, &self.closed, formula) {
            Ok(Some(frugal)) => frugal.fewer(facts.len(), &mut confirm),
            Ok(None) => true,
            Err(TooManyFacts) => false,
        };
        let perhaps_smaller = !all_seen || too_many;
        found.map_or(Found::Undecided, |mut confirmed| {
            confirmed.perhaps_smaller = perhaps_smaller;
            Found::Somebody(confirmed)
        })
    }

    /// Whether anybody meets the formula; nothing where that is undecided.
    pub fn possible(&self, formula: &Rc<Formula>) -> Option<bool> {
        if formula.is_no() {
            return Some(false);
        }
        if self.is_stopped() {
            return None;
        }
        Search::new(&self.space).possible(formula)
    }

    /// The guard of an effect.
    pub fn guard(&self, effect: EffectId) -> Rc<Formula> {
        let guard = || self.space.formula(&self.library[effect].guard, true);
        self.guards
            .get(effect.index())
            .map_or_else(guard, |known| Rc::clone(known.get_or_init(guard)))
    }

    /// Effects of guidelines that are not retired.
    pub fn effects(&self) -> impl Iterator<Item = EffectId> {
        (0..self.library.effects.len())
            .map(EffectId::from_index)
            .filter(|e| self.is_live(self.library[*e].rule))
    }

    /// Rules of guidelines that are not retired.
    pub fn rules(&self) -> impl Iterator<Item = RuleId> {
        (0..self.library.rules.len())
            .map(RuleId::from_index)
            .filter(|r| self.is_live(*r))
    }

    fn is_live(&self, rule: RuleId) -> bool {
        self.library[self.library[rule].guideline].status != Status::Retired
    }

    /// Advice for something that cannot wait: immediate, urgent, or due within a day.
    pub fn is_emergency(&self, effect: EffectId) -> bool {
        let e = &self.library[effect];
        let is_advice = e.direction() == Direction::For && e.modality == Modality::Recommend;
        let soon = || {
            deadline(self.library, effect)
                .and_then(|(d, _)| d.minutes())
                .is_some_and(|m| m <= Decimal::from(1_440))
        };
        is_advice && (matches!(e.urgency, Some(Urgency::Immediate | Urgency::Urgent)) || soon())
    }

    /// The name of the rule of an effect.
    pub fn name(&self, effect: EffectId) -> &str {
        self.library.rule_name(self.library[effect].rule)
    }

    /// What a finding says of the rules of these effects.
    pub fn parties(&self, rules: impl IntoIterator<Item = RuleId>) -> Vec<(String, Vec<String>)> {
        let mut seen: Vec<RuleId> = Vec::new();
        for rule in rules {
            if !seen.contains(&rule) {
                seen.push(rule);
            }
        }
        seen.into_iter()
            .map(|rule| {
                let rule = &self.library[rule];
                (rule.full_name.clone(), rule.statements.iter().map(|s| s.id.clone()).collect())
            })
            .collect()
    }
}
