//! Which advice that fires stands, and which makes way.
//!
//! In: the truths for a patient. Out: the standing of each effect on each action.
//! Must not know: how the result is shown.

use super::Standing;
use super::truth::Truths;
use crate::model::gives_way::{Cause, GivesWay, edges_of};
use crate::model::{ActionId, EffectId, FactId, GuidelineId, Library, RuleId, Truth};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

/// The standings of one evaluation.
pub struct Standings<'a> {
    library: &'a Library,
    truths: Truths<'a>,
    guidelines: &'a BTreeSet<GuidelineId>,
    known: RefCell<BTreeMap<(EffectId, ActionId), Option<Settled>>>,
    /// What was asked since nothing was waiting for an answer.
    asked: RefCell<Vec<(EffectId, ActionId)>>,
    /// Whether one of these was met while it waited for its own answer.
    circular: Cell<bool>,
}

/// The standing of an effect on an action, with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Whether it stands.
    pub standing: Standing,
    /// Why it gave way, for each cause.
    pub causes: BTreeSet<Cause>,
}

impl Settled {
    /// What is said of an effect as long as it waits for others.
    fn waiting() -> Self {
        Settled {
            standing: Standing::Open {
                by: Vec::new(),
                on: Vec::new(),
            },
            causes: BTreeSet::new(),
        }
    }
}

/// How far something that would make an effect give way is itself settled.
enum Force {
    Effective,
    Open(BTreeSet<FactId>),
    None,
}

impl<'a> Standings<'a> {
    /// The standings among the rules of these guidelines.
    pub fn new(library: &'a Library, truths: Truths<'a>, guidelines: &'a BTreeSet<GuidelineId>) -> Self {
        Standings {
            library,
            truths,
            guidelines,
            known: RefCell::new(BTreeMap::new()),
            asked: RefCell::default(),
            circular: Cell::new(false),
        }
    }

    /// The truths on which they rest.
    pub fn truths(&self) -> &Truths<'a> {
        &self.truths
    }

    /// The standing of an effect on one of its actions, or of an avoidance on a kind of its action.
    pub fn of(&self, effect: EffectId, action: ActionId) -> Settled {
        let key = (effect, action);
        match self.known.borrow().get(&key) {
            Some(Some(settled)) => return settled.clone(),
            Some(None) => {
                self.circular.set(true);
                return Settled::waiting();
            }
            None => {}
        }
        let is_first = self.asked.borrow().is_empty();
        self.asked.borrow_mut().push(key);
        self.known.borrow_mut().insert(key, None);
        let mut settled = self.settle(effect, action);
        self.known.borrow_mut().insert(key, Some(settled.clone()));
        if is_first {
            let asked = self.asked.take();
            if self.circular.take() {
                self.agree(&asked);
                let known = self.known.borrow();
                settled = known.get(&key).cloned().flatten().unwrap_or(settled);
            }
        }
        settled
    }

    /// Effects that wait for each other: none is settled but by what settles it whatever the others are. The least fixed point, so that
    /// it does not matter what was asked first; the second time for the facts that what is open rests on.
    fn agree(&self, keys: &[(EffectId, ActionId)]) {
        for _ in 0..2 {
            for key in keys {
                if let Some(Some(known)) = self.known.borrow_mut().get_mut(key)
                    && matches!(known.standing, Standing::Open { .. })
                {
                    *known = Settled::waiting();
                }
            }
            while keys.iter().any(|key| self.settle_again(*key)) {}
        }
    }

    /// Settles once more with what is known of the others by now, and says whether that changed anything.
    fn settle_again(&self, key: (EffectId, ActionId)) -> bool {
        let settled = self.settle(key.0, key.1);
        let before = self.known.borrow_mut().insert(key, Some(settled.clone()));
        before.flatten() != Some(settled)
    }

    fn settle(&self, effect: EffectId, action: ActionId) -> Settled {
        let mut effective: BTreeMap<RuleId, BTreeSet<Cause>> = BTreeMap::new();
        let mut open: BTreeSet<RuleId> = BTreeSet::new();
        let mut on: BTreeSet<FactId> = BTreeSet::new();
        for edge in edges_of(self.library, effect)
            .iter()
            .filter(|e| e.concerns(self.library, action))
        {
            let winner = self.library[edge.winner].rule;
            match self.force(edge) {
                Force::Effective => {
                    effective.entry(winner).or_default().insert(edge.cause);
                }
                Force::Open(facts) => {
                    open.insert(winner);
                    on.extend(facts);
                }
                Force::None => {}
            }
        }
        let standing = if !effective.is_empty() {
            Standing::Overridden {
                by: effective.keys().copied().collect(),
            }
        } else if !open.is_empty() {
            Standing::Open {
                by: open.into_iter().collect(),
                on: on.into_iter().collect(),
            }
        } else {
            Standing::Active
        };
        Settled {
            standing,
            causes: effective.into_values().flatten().collect(),
        }
    }

    fn force(&self, edge: &GivesWay) -> Force {
        let winner = &self.library[edge.winner];
        if !self.guidelines.contains(&self.library[winner.rule].guideline) {
            return Force::None;
        }
        let conditions = [&winner.guard, &edge.when];
        let truths = conditions.map(|condition| self.truths.of(condition));
        if truths.contains(&Truth::No) {
            return Force::None;
        }
        let standing = self.of(edge.winner, edge.asked(self.library)).standing;
        let mut on = BTreeSet::new();
        for (condition, truth) in conditions.into_iter().zip(truths) {
            if truth == Truth::Unknown {
                on.extend(self.truths.explain(condition).facts);
            }
        }
        match standing {
            Standing::Overridden { .. } => Force::None,
            Standing::Open { on: more, .. } => {
                on.extend(more);
                Force::Open(on)
            }
            Standing::Active if truths == [Truth::Yes; 2] => Force::Effective,
            Standing::Active => Force::Open(on),
        }
    }

    /// The kinds that an avoidance makes way for, with the rules that advise them.
    pub fn exceptions(&self, effect: EffectId) -> Exceptions {
        let mut exceptions = Exceptions::default();
        for edge in edges_of(self.library, effect).iter().filter(|e| e.partial) {
            let (kind, rule) = (edge.by, self.library[edge.winner].rule);
            match self.force(edge) {
                Force::Effective => drop(exceptions.certain.insert((kind, rule))),
                Force::Open(on) => exceptions.open.entry((kind, rule)).or_default().extend(on),
                Force::None => {}
            }
        }
        exceptions
    }
}

/// What an avoidance makes way for.
#[derive(Debug, Clone, Default)]
pub struct Exceptions {
    /// Kinds, and the rules that advise them.
    pub certain: BTreeSet<(ActionId, RuleId)>,
    /// Kinds for which that is not settled, with the facts that would settle it.
    pub open: BTreeMap<(ActionId, RuleId), BTreeSet<FactId>>,
}
