//! Conditions over few facts, made up from a seed, and every partial patient over them.

use super::Random;
use super::written::{Assumption, Bound, Cond, FACTS, Kind, Known, THRESHOLDS, World, numbers};

/// Makes up conditions over three facts.
pub struct Maker {
    pub random: Random,
    pub facts: Vec<usize>,
}

impl Maker {
    /// Chooses three of these facts.
    pub fn new(seed: u64, among: &[usize]) -> Self {
        let mut random = Random::new(seed);
        let mut facts = among.to_vec();
        random.shuffle(&mut facts);
        facts.truncate(3);
        Maker { random, facts }
    }

    pub fn leaf(&mut self) -> Cond {
        let fact = *self.random.pick(&self.facts);
        let positive = self.random.percent(60);
        match FACTS[fact].1 {
            Kind::YesNo if positive => Cond::Yes(fact),
            Kind::YesNo => Cond::Not(Box::new(Cond::Yes(fact))),
            Kind::OneOf(_, true) if self.random.percent(50) => {
                let bound = *self.random.pick(&[Bound::AtLeast, Bound::AtMost, Bound::Over, Bound::Under]);
                Cond::Level(bound, self.random.below(3))
            }
            Kind::OneOf(..) if self.random.percent(50) => Cond::Is(fact, self.random.below(3), positive),
            Kind::OneOf(..) => {
                let first = self.random.below(3);
                Cond::IsIn(fact, vec![first, (first + 1) % 3], positive)
            }
            Kind::AnyOf(_) if self.random.percent(20) => Cond::Nonempty,
            Kind::AnyOf(_) if positive => Cond::Includes(self.random.below(3)),
            Kind::AnyOf(_) => Cond::Not(Box::new(Cond::Includes(self.random.below(3)))),
            _ => {
                let bound = *self.random.pick(&[Bound::AtLeast, Bound::AtMost, Bound::Over, Bound::Under]);
                let own: Vec<usize> = (0..THRESHOLDS.len()).filter(|t| THRESHOLDS[*t].0 == fact).collect();
                Cond::Number(bound, *self.random.pick(&own), false)
            }
        }
    }

    pub fn condition(&mut self, most: usize) -> Cond {
        let atoms = 1 + self.random.below(most);
        let mut parts: Vec<Cond> = (0..atoms).map(|_| self.leaf()).collect();
        match (atoms, self.random.below(6)) {
            (1, _) => parts.remove(0),
            (_, 0 | 1) => Cond::And(parts),
            (_, 2) => Cond::Or(parts),
            (3, 3) => Cond::AtLeast(2, parts),
            (_, 3) => Cond::NoneOf(parts),
            (_, _) => {
                let last = parts.remove(0);
                let inner = if self.random.percent(50) {
                    Cond::Or(parts)
                } else {
                    Cond::And(parts)
                };
                if self.random.percent(50) {
                    Cond::And(vec![last, inner])
                } else {
                    Cond::Or(vec![last, inner])
                }
            }
        }
    }

    pub fn perhaps(&mut self, percent: usize, most: usize) -> Option<Cond> {
        self.random.percent(percent).then(|| self.condition(most))
    }

    pub fn assumption(&mut self) -> Assumption {
        if self.random.percent(75) {
            Assumption::Implies(self.leaf(), self.condition(2))
        } else {
            Assumption::AtMostOne((0..2 + self.random.below(2)).map(|_| self.leaf()).collect())
        }
    }
}

/// What a case file can say of a fact; first nothing.
pub fn said(fact: usize) -> Vec<Option<Known>> {
    let mut all = vec![None];
    match FACTS[fact].1 {
        Kind::YesNo => all.extend([false, true].map(|yes| Some(Known::YesNo(yes)))),
        Kind::OneOf(values, _) => all.extend((0..values.len()).map(|v| Some(Known::OneOf(v)))),
        Kind::AnyOf(members) => all.extend((1..3_usize.pow(members.len() as u32)).map(|number| {
            let member = |place: usize| [None, Some(false), Some(true)][number / 3_usize.pow(place as u32) % 3];
            Some(Known::Set((0..members.len()).map(member).collect()))
        })),
        _ => all.extend(numbers(fact).iter().map(|n| Some(Known::Number(*n)))),
    }
    all
}

/// Everything that can be recorded of these facts.
pub fn worlds(facts: &[usize]) -> impl Iterator<Item = World> + '_ {
    let choices: Vec<Vec<Option<Known>>> = facts.iter().map(|f| said(*f)).collect();
    let total: usize = choices.iter().map(Vec::len).product();
    (0..total).map(move |mut number| {
        let mut world = vec![None; FACTS.len()];
        for (fact, options) in facts.iter().zip(&choices) {
            world[*fact] = options[number % options.len()].clone();
            number /= options.len();
        }
        world
    })
}

/// How many facts are recorded.
pub fn size(world: &World) -> usize {
    world.iter().filter(|known| known.is_some()).count()
}

/// Whether everything is known of these facts.
pub fn is_whole(world: &World, facts: &[usize]) -> bool {
    facts.iter().all(|fact| match &world[*fact] {
        Some(Known::Set(members)) => members.iter().all(Option::is_some),
        known => known.is_some(),
    })
}

/// Whether the whole patient is one of those of whom the part is known.
pub fn agrees(whole: &World, part: &World) -> bool {
    whole.iter().zip(part).all(|pair| match pair {
        (_, None) => true,
        (Some(Known::Set(whole)), Some(Known::Set(part))) => whole.iter().zip(part).all(|(w, p)| p.is_none() || p == w),
        (whole, part) => whole == part,
    })
}

/// Those that some whole patient among them agrees with: a record that inference accepts may still be of nobody, where what
/// is not known has no value that fits.
pub fn of_somebody<T>(all: Vec<(World, T)>, facts: &[usize]) -> impl Iterator<Item = (World, T)> {
    let whole: Vec<World> = all.iter().map(|(w, _)| w.clone()).filter(|w| is_whole(w, facts)).collect();
    all.into_iter()
        .filter(move |(world, _)| whole.iter().any(|w| agrees(w, world)))
}
