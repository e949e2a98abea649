//! Conditions as steps on a stack of masks, written once and followed for every block.
//!
//! In: conditions. Out: for whom they hold.
//!
//! One algebra writes the steps, so that no shape of a condition is forgotten; the steps say what [`super::Words`] says.

use super::{Lanes, Words, all, any, at_least};
use crate::model::{Algebra, AtomId, Condition, DefinitionId, Library};

/// Conditions, one after the other.
#[derive(Debug, Clone, Default)]
pub struct Steps {
    steps: Vec<Step>,
    /// Behind the last step of each condition.
    ends: Vec<usize>,
}

/// What is done with the top of a stack. Each test has two places: as it is, and turned round.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Puts the test on top.
    Test(usize),
    Defined(DefinitionId),
    Holds,
    Fails,
    AllWith(usize),
    AnyWith(usize),
    /// Takes two from the top.
    All,
    Any,
    Not,
    /// Takes so many from the top, of which so many have to hold.
    AtLeast(u32, usize),
}

impl Steps {
    /// The steps of these conditions.
    pub fn new<'c>(library: &Library, conditions: impl Iterator<Item = &'c Condition>) -> Self {
        let mut steps = Steps::default();
        for condition in conditions {
            steps.steps.extend(condition.fold(&Writer(library)));
            steps.ends.push(steps.steps.len());
        }
        steps
    }

    /// For whom each condition holds.
    pub fn follow<'s>(&'s self, words: &'s Words<'_>) -> impl Iterator<Item = Lanes> + 's {
        let (mut stack, mut start) = (Vec::new(), 0);
        self.ends.iter().map(move |end| {
            let steps = self.steps.get(start..*end).unwrap_or_default();
            start = *end;
            stack.clear();
            follow(steps, words, &mut stack)
        })
    }
}

fn follow(steps: &[Step], words: &Words<'_>, stack: &mut Vec<Lanes>) -> Lanes {
    let test = |place: usize| {
        let test = words.tests.get(place / 2).copied().unwrap_or_default();
        if place % 2 == 0 { test } else { words.not(test) }
    };
    let mut top = Lanes::HOLDS;
    for step in steps {
        match *step {
            Step::AllWith(place) => top = all(top, test(place)),
            Step::AnyWith(place) => top = any(top, test(place)),
            Step::All => top = all(stack.pop().unwrap_or_default(), top),
            Step::Any => top = any(stack.pop().unwrap_or_default(), top),
            Step::Not => top = words.not(top),
            Step::AtLeast(count, parts) => {
                stack.push(top);
                let from = stack.len().saturating_sub(parts);
                top = at_least(count, &mut stack.drain(from..));
            }
            Step::Test(place) => {
                stack.push(top);
                top = test(place);
            }
            Step::Defined(definition) => {
                stack.push(top);
                top = words.defined(definition);
            }
            Step::Holds => {
                stack.push(top);
                top = Lanes::HOLDS;
            }
            Step::Fails => {
                stack.push(top);
                top = Lanes::FAILS;
            }
        }
    }
    top
}

/// Writes the steps of a condition.
struct Writer<'a>(&'a Library);

impl Writer<'_> {
    fn joined(parts: &mut dyn Iterator<Item = Vec<Step>>, none: Step, with: fn(usize) -> Step, both: Step) -> Vec<Step> {
        let mut steps = parts.next().unwrap_or_else(|| vec![none]);
        for part in parts {
            match part.as_slice() {
                [Step::Test(place)] => steps.push(with(*place)),
                _ => {
                    steps.extend(part);
                    steps.push(both);
                }
            }
        }
        steps
    }
}

impl Algebra for Writer<'_> {
    type Output = Vec<Step>;

    fn all(&self, parts: &mut dyn Iterator<Item = Vec<Step>>) -> Vec<Step> {
        Self::joined(parts, Step::Holds, Step::AllWith, Step::All)
    }

    fn any(&self, parts: &mut dyn Iterator<Item = Vec<Step>>) -> Vec<Step> {
        Self::joined(parts, Step::Fails, Step::AnyWith, Step::Any)
    }

    fn at_least(&self, count: u32, parts: &mut dyn Iterator<Item = Vec<Step>>) -> Vec<Step> {
        let parts: Vec<Vec<Step>> = parts.collect();
        if parts.is_empty() {
            return vec![if count == 0 { Step::Holds } else { Step::Fails }];
        }
        let number = parts.len();
        let mut steps = parts.concat();
        steps.push(Step::AtLeast(count, number));
        steps
    }

    fn not(&self, mut part: Vec<Step>) -> Vec<Step> {
        match part.as_mut_slice() {
            [Step::Test(place)] => *place ^= 1,
            _ => part.push(Step::Not),
        }
        part
    }

    fn atom(&self, atom: AtomId) -> Vec<Step> {
        vec![Step::Test(2 * self.0[atom].test.index())]
    }

    fn defined(&self, definition: DefinitionId) -> Vec<Step> {
        vec![Step::Defined(definition)]
    }
}
