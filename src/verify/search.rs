//! The smallest patient for whom a formula holds, or the certainty that there is none.
//!
//! In: a [`Space`] and a [`Formula`]. Out: an [`Answer`].
//! Must not know: rules, texts.
//!
//! A depth-first search over the ways in which the formula can hold, with a bound on the number of facts that rises from
//! none: the first patient found has the fewest. Alternatives that the choices so far settle cost nothing; of the others the
//! one with the fewest ways is tried first. Each patient found must be completable under the assumptions, which a second
//! search of the same kind over their clauses decides.

use super::space::{Formula, Mask, Space};
use crate::model::FactId;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// How many steps one question may take before it is said to be undecided.
const STEPS: usize = 400_000;

/// How many patients in the same regions are offered before the next regions are looked at.
const CHOICES: usize = 64;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Nobody.
    Never,
    /// For a patient with these regions; every variable that is not named may be unknown.
    Patient(Regions),
    /// The question is too large.
    Undecided,
}

/// The regions that variables are known to be in.
pub type Regions = BTreeMap<usize, Mask>;

/// A search over one space.
#[derive(Debug)]
pub struct Search<'s, 'a> {
    space: &'s Space<'a>,
    /// Whether patients who break an assumption count.
    free: bool,
    steps: usize,
    /// The most facts of a patient who is looked for.
    most: usize,
    bound: usize,
    /// Whether a branch was cut because it needed more facts than the bound, so that a higher bound may find more.
    cut: bool,
}

/// A partial patient under construction.
#[derive(Debug, Clone, Default)]
struct Known {
    regions: Vec<(usize, Mask)>,
    facts: Vec<FactId>,
}

impl Known {
    fn mask(&self, variable: usize) -> Option<Mask> {
        self.regions.iter().find(|(v, _)| *v == variable).map(|(_, m)| *m)
    }

    fn settled(&self, formula: &Formula) -> Settled {
        match formula {
            Formula::In(variable, mask) => match self.mask(*variable) {
                None => Settled::Open,
                Some(regions) if regions & mask == 0 => Settled::Fails,
                Some(regions) if regions & !mask == 0 => Settled::Holds,
                Some(_) => Settled::Open,
            },
            Formula::All(parts) => self.settled_choice((parts.len(), parts)),
            Formula::Any(parts) => self.settled_choice((1, parts)),
            Formula::AtLeast(count, parts) => self.settled_choice((*count, parts)),
        }
    }

    fn settled_choice(&self, (needed, parts): Choice<'_>) -> Settled {
        let (mut held, mut open) = (0, parts.len());
        let mut parts = parts.iter();
        loop {
            if held >= needed {
                return Settled::Holds;
            }
            if held + open < needed {
                return Settled::Fails;
            }
            let Some(part) = parts.next() else { return Settled::Open };
            match self.settled(part) {
                Settled::Holds => (held, open) = (held + 1, open - 1),
                Settled::Fails => open -= 1,
                Settled::Open => {}
            }
        }
    }
}

/// So many of the parts.
type Choice<'f> = (usize, &'f [Rc<Formula>]);

/// Whether the regions settle a formula: it holds whatever else is true, cannot hold any more, or neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Settled {
    Holds,
    Fails,
    Open,
}

impl<'s, 'a> Search<'s, 'a> {
    /// A search over the space.
    pub fn new(space: &'s Space<'a>) -> Self {
        Search {
            space,
            free: false,
            steps: 0,
            most: usize::MAX,
            bound: 0,
            cut: false,
        }
    }

    /// Counts patients who break an assumption as well.
    pub fn without_assumptions(mut self) -> Self {
        self.free = true;
        self
    }

    /// Looks only for patients of whom so many facts are known at most; undecided where it takes more.
    pub fn within(mut self, most: usize) -> Self {
        self.most = most;
        self
    }

    /// The patient with the fewest known facts for whom the formula holds; of several, the first in a fixed order.
    pub fn smallest(&mut self, formula: &Rc<Formula>) -> Answer {
        self.smallest_that(formula, &mut |_| true)
    }

    /// As [`Search::smallest`], for a patient that `accept` accepts as well.
    pub fn smallest_that(&mut self, formula: &Rc<Formula>, accept: &mut dyn FnMut(&Regions) -> bool) -> Answer {
        self.steps = 0;
        let Some(mut bound) = self.fewest(formula) else {
            return Answer::Never;
        };
        // A bound that cuts nothing, such as the number of all facts of the formula, is the last one.
        loop {
            if bound > self.most {
                return Answer::Undecided;
            }
            self.bound = bound;
            self.cut = false;
            match self.extend(Known::default(), vec![formula], Vec::new(), accept) {
                Some(regions) => return Answer::Patient(regions),
                None if self.steps > STEPS => return Answer::Undecided,
                None if !self.cut => return Answer::Never,
                None => bound += 1,
            }
        }
    }

    /// The number of facts that every patient takes; nothing if two parts of the formula leave a variable no region.
    fn fewest(&mut self, formula: &Formula) -> Option<usize> {
        self.bound = usize::MAX;
        let mut known = Known::default();
        formula
            .demands()
            .all(|(variable, mask)| self.narrow(&mut known, variable, mask))
            .then_some(known.facts.len())
    }

    /// Whether the formula can hold for anybody, whatever the number of facts.
    pub fn possible(&mut self, formula: &Rc<Formula>) -> Option<bool> {
        match self.any_that(formula, &mut |_| true) {
            Answer::Patient(_) => Some(true),
            Answer::Never => Some(false),
            Answer::Undecided => None,
        }
    }

    /// Any patient for whom the formula holds and whom `accept` accepts, whatever the number of facts.
    pub fn any_that(&mut self, formula: &Rc<Formula>, accept: &mut dyn FnMut(&Regions) -> bool) -> Answer {
        self.steps = 0;
        self.bound = usize::MAX;
        match self.extend(Known::default(), vec![formula], Vec::new(), accept) {
            Some(regions) => Answer::Patient(regions),
            None if self.steps > STEPS => Answer::Undecided,
            None => Answer::Never,
        }
    }

    /// Makes every part of `goals` and `choices` hold; nothing if they cannot from here.
    fn extend<'f>(
        &mut self,
        mut known: Known,
        mut goals: Vec<&'f Formula>,
        mut choices: Vec<Choice<'f>>,
        accept: &mut dyn FnMut(&Regions) -> bool,
    ) -> Option<Regions> {
        self.steps += 1;
        if self.steps > STEPS {
            return None;
        }
        while let Some(goal) = goals.pop() {
            match goal {
                Formula::All(parts) => goals.extend(parts.iter().rev().map(|part| &**part)),
                Formula::In(variable, mask) => {
                    if !self.narrow(&mut known, *variable, *mask) {
                        return None;
                    }
                }
                Formula::Any(parts) => choices.push((1, parts)),
                Formula::AtLeast(count, parts) => choices.push((*count, parts)),
            }
        }
        // Choices that are settled fall away; the one with the fewest ways left goes first.
        let mut chosen: Option<(usize, usize)> = None;
        let mut open: Vec<Choice<'f>> = Vec::new();
        for choice in choices {
            match known.settled_choice(choice) {
                Settled::Holds => {}
                Settled::Fails => return None,
                Settled::Open => {
                    let ways = choice.1.iter().filter(|p| known.settled(p) != Settled::Fails).count();
                    if chosen.is_none_or(|(fewest, _)| ways < fewest) {
                        chosen = Some((ways, open.len()));
                    }
                    open.push(choice);
                }
            }
        }
        let Some((_, chosen)) = chosen else {
            let regions: Regions = known.regions.into_iter().collect();
            return (self.completable(&regions) && accept(&regions)).then_some(regions);
        };
        // The first part that is taken, each in turn; those before it are left as they are.
        let (mut needed, mut parts) = open.remove(chosen);
        while let Some((part, others)) = parts.split_first() {
            parts = others;
            match known.settled(part) {
                Settled::Fails => continue,
                Settled::Holds => needed = needed.saturating_sub(1),
                Settled::Open => {
                    let mut choices = open.clone();
                    if needed > 1 {
                        choices.push((needed - 1, others));
                    }
                    let found = self.extend(known.clone(), vec![part], choices, accept);
                    if found.is_some() {
                        return found;
                    }
                }
            }
        }
        None
    }

    fn narrow(&mut self, known: &mut Known, variable: usize, mask: Mask) -> bool {
        if let Some((_, regions)) = known.regions.iter_mut().find(|(v, _)| *v == variable) {
            *regions &= mask;
            return *regions != 0;
        }
        let Some(fact) = self.space.fact(variable) else {
            return false;
        };
        if !known.facts.contains(&fact) {
            if known.facts.len() >= self.bound {
                self.cut = true;
                return false;
            }
            known.facts.push(fact);
        }
        known.regions.push((variable, mask));
        mask != 0
    }

    /// Whether a patient can be in these regions under the assumptions.
    pub fn completable(&self, regions: &Regions) -> bool {
        if self.free || !regions.keys().any(|v| self.space.is_constrained(*v)) {
            return true;
        }
        let mut masks: BTreeMap<usize, Mask> = regions.clone();
        let mut steps = 0;
        complete(self.space, &mut masks, regions.keys().copied().collect(), &mut steps)
    }
}

impl Space<'_> {
    /// Whether one of the patients in these regions, each variable in one region and all assumptions kept, is accepted;
    /// nothing if there are too many to ask about.
    pub fn any_of(&self, masks: &Regions, accept: &mut dyn FnMut(&Regions) -> bool) -> Option<bool> {
        let mut tries = CHOICES;
        let variables: Vec<(usize, Mask)> = masks.iter().map(|(variable, mask)| (*variable, *mask)).collect();
        let found = self.choose(&mut masks.clone(), &variables, accept, &mut tries);
        (found || tries > 0).then_some(found)
    }

    /// Whether the assumptions leave anybody of whom everything is known.
    pub fn anybody(&self) -> bool {
        let everything: Vec<usize> = (0..self.slots.len()).collect();
        let mut masks: Regions = everything.iter().map(|v| (*v, self.all(*v))).collect();
        !self.clauses.iter().any(|clause| clause.literals.is_empty()) && complete(self, &mut masks, everything, &mut 0)
    }

    /// Puts each of the variables, the last one first, in one of its regions.
    fn choose(
        &self,
        masks: &mut Regions,
        variables: &[(usize, Mask)],
        accept: &mut dyn FnMut(&Regions) -> bool,
        tries: &mut usize,
    ) -> bool {
        let Some(((variable, mask), left)) = variables.split_last() else {
            *tries = tries.saturating_sub(1);
            return accept(masks);
        };
        for region in self.by_preference(*variable, *mask) {
            if *tries == 0 {
                break;
            }
            masks.insert(*variable, region);
            if Search::new(self).completable(masks) && self.choose(masks, left, accept, tries) {
                return true;
            }
        }
        masks.insert(*variable, *mask);
        false
    }
}

/// Propagates from the variables in `changed`; then decides what is left by trying.
fn complete(space: &Space<'_>, masks: &mut BTreeMap<usize, Mask>, changed: Vec<usize>, steps: &mut usize) -> bool {
    let mask_of = |masks: &BTreeMap<usize, Mask>, variable: usize| {
        let all = space.slots.get(variable).map_or(0, |s| s.all);
        masks.get(&variable).map_or(all, |m| m & all)
    };
    let mut waiting = changed;
    while let Some(variable) = waiting.pop() {
        for (lesser, greater) in &space.orders {
            if *lesser != variable && *greater != variable {
                continue;
            }
            let (low, high) = (mask_of(masks, *lesser), mask_of(masks, *greater));
            if low == 0 || high == 0 {
                return false;
            }
            // The lesser lies no higher than the highest region of the greater, and the other way round.
            let highest = Mask::BITS - 1 - high.leading_zeros();
            let up_to = if highest + 1 >= Mask::BITS {
                Mask::MAX
            } else {
                (1 << (highest + 1)) - 1
            };
            let from = !((1 << low.trailing_zeros()) - 1);
            for (other, before, after) in [(*lesser, low, low & up_to), (*greater, high, high & from)] {
                if after == 0 {
                    return false;
                }
                if after != before {
                    masks.insert(other, after);
                    waiting.push(other);
                }
            }
        }
        for clause in space.clauses_of.get(variable).into_iter().flatten() {
            let Some(clause) = space.clauses.get(*clause) else { continue };
            let mut last = None;
            let mut open = 0;
            for (other, allowed) in &clause.literals {
                let mask = mask_of(masks, *other);
                if mask & !allowed == 0 {
                    open = 2;
                    break;
                }
                if mask & allowed != 0 {
                    open += 1;
                    last = Some((*other, mask & allowed));
                }
            }
            match (open, last) {
                (0, _) => return false,
                (1, Some((other, mask))) => {
                    masks.insert(other, mask);
                    waiting.push(other);
                }
                _ => {}
            }
        }
    }
    *steps += 1;
    if *steps > STEPS {
        // Saying that there is a patient is the safe side: the witness is replayed before it is shown.
        return true;
    }
    // A clause that a patient so far neither meets nor breaks is met in one of its ways. Only clauses with a variable that
    // was touched matter: untouched ones can be met on their own, or else the assumptions contradict themselves.
    let touched: BTreeSet<usize> = masks
        .keys()
        .flat_map(|v| space.clauses_of.get(*v).into_iter().flatten().copied())
        .collect();
    let open = touched
        .into_iter()
        .filter_map(|c| space.clauses.get(c))
        .find(|clause| !clause.literals.iter().any(|(v, allowed)| mask_of(masks, *v) & !allowed == 0));
    let Some(clause) = open else { return true };
    for (variable, allowed) in &clause.literals {
        let mask = mask_of(masks, *variable) & allowed;
        if mask == 0 {
            continue;
        }
        let mut next = masks.clone();
        next.insert(*variable, mask);
        if complete(space, &mut next, vec![*variable], steps) {
            return true;
        }
    }
    false
}
