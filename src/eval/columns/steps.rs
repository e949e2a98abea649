//! Conditions as steps on a stack of masks, written once and followed for every block.
//!
//! In: conditions. Out: for whom they hold.
//!
//! One algebra writes the steps, so that no shape of a condition is forgotten; the steps say what [`super::Words`] says. Tests that stand
//! beside each other are one step, in which nothing is put on the stack.

use super::{Lanes, Mask, Words, all, any, at_least};
use crate::model::{Algebra, AtomId, Condition, DefinitionId, Library};

/// Conditions, one after the other.
#[derive(Debug, Clone, Default)]
pub struct Steps {
    steps: Vec<Step>,
    /// Behind the last step of each condition.
    ends: Vec<usize>,
}

/// What is done with a stack.
#[derive(Debug, Clone)]
enum Step {
    /// Puts on top whether all tests hold, or any of them.
    Tests(Joined, Vec<Asked>),
    /// Joins so many from the top into one.
    Join(Joined, usize),
    /// Turns the top round.
    Not,
    Defined(DefinitionId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joined {
    All,
    Any,
    AtLeast(u32),
}

/// A test by its number, as it is or turned round.
#[derive(Debug, Clone, Copy)]
struct Asked {
    test: usize,
    turned: bool,
}

/// The steps of one condition.
pub struct Guard<'s>(&'s [Step]);

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

    /// Each condition.
    pub fn each(&self) -> impl Iterator<Item = Guard<'_>> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let steps = self.steps.get(start..*end).unwrap_or_default();
            start = *end;
            Guard(steps)
        })
    }
}

impl Guard<'_> {
    /// For whom the condition holds; the stack is empty before and after.
    #[inline(always)]
    pub fn follow(&self, words: &Words<'_>, stack: &mut Vec<Lanes>, found: &mut Lanes) {
        if let [Step::Tests(joined, tests)] = self.0 {
            *found = joined.of_tests(words.tests, tests);
            return;
        }
        for step in self.0 {
            match step {
                Step::Tests(joined, tests) => stack.push(joined.of_tests(words.tests, tests)),
                Step::Join(joined, parts) => {
                    joined.join(stack, *parts);
                }
                Step::Not => {
                    if let Some(top) = stack.last_mut() {
                        *top = words.not(*top);
                    }
                }
                Step::Defined(definition) => stack.push(words.defined(*definition)),
            }
        }
        *found = stack.pop().unwrap_or_default();
    }
}

impl Joined {
    #[inline(always)]
    fn of_tests(self, tests: &[Lanes], asked: &[Asked]) -> Lanes {
        match self {
            Joined::All => all_of(tests, asked),
            Joined::Any => any_of(tests, asked),
            Joined::AtLeast(count) => at_least(count, asked.iter().map(|asked| asked.lanes(tests))),
        }
    }

    /// Joins so many from the top into one.
    #[inline(always)]
    fn join(self, stack: &mut Vec<Lanes>, parts: usize) {
        if let Joined::AtLeast(count) = self {
            let from = stack.len().saturating_sub(parts);
            let joined = at_least(count, stack.get(from..).unwrap_or_default().iter().copied());
            stack.truncate(from);
            stack.push(joined);
            return;
        }
        // One after the other where they lie.
        for _ in 1..parts {
            if let [.., below, top] = stack.as_mut_slice() {
                *below = match self {
                    Joined::All => all(*below, *top),
                    Joined::Any | Joined::AtLeast(_) => any(*below, *top),
                };
            }
            stack.pop();
        }
    }
}

impl Asked {
    /// For whom it holds, and for whom it fails.
    #[inline(always)]
    fn sides(self, tests: &[Lanes]) -> (&Mask, &Mask) {
        match tests.get(self.test) {
            Some(lanes) if self.turned => (&lanes.fails, &lanes.holds),
            Some(lanes) => (&lanes.holds, &lanes.fails),
            None => (&Mask::NOBODY, &Mask::NOBODY),
        }
    }

    #[inline(always)]
    fn lanes(self, tests: &[Lanes]) -> Lanes {
        let (holds, fails) = self.sides(tests);
        Lanes {
            holds: *holds,
            fails: *fails,
        }
    }
}

#[inline(always)]
fn all_of(tests: &[Lanes], asked: &[Asked]) -> Lanes {
    let Lanes { mut holds, mut fails } = Lanes::HOLDS;
    for (one, other) in asked.iter().map(|asked| asked.sides(tests)) {
        holds &= *one;
        fails |= *other;
    }
    Lanes { holds, fails }
}

#[inline(always)]
fn any_of(tests: &[Lanes], asked: &[Asked]) -> Lanes {
    let Lanes { mut holds, mut fails } = Lanes::FAILS;
    for (one, other) in asked.iter().map(|asked| asked.sides(tests)) {
        holds |= *one;
        fails &= *other;
    }
    Lanes { holds, fails }
}

/// Writes the steps of a condition.
struct Writer<'a>(&'a Library);

impl Writer<'_> {
    fn joined(joined: Joined, parts: &mut dyn Iterator<Item = Vec<Step>>) -> Vec<Step> {
        let (mut tests, mut others, mut number) = (Vec::new(), Vec::new(), 0);
        for mut part in parts {
            match part.as_mut_slice() {
                // One test alone is joined with others in any way.
                [Step::Tests(Joined::All | Joined::Any, asked)] if asked.len() == 1 => tests.append(asked),
                _ => {
                    others.append(&mut part);
                    number += 1;
                }
            }
        }
        // How parts are joined does not depend on their order; tests alone at least once, so that something is there.
        match (joined, number) {
            (_, 0) => vec![Step::Tests(joined, tests)],
            (Joined::AtLeast(_), _) => {
                let number = number + tests.len();
                let each = tests.into_iter().map(|asked| Step::Tests(Joined::All, vec![asked]));
                others.extend(each);
                others.push(Step::Join(joined, number));
                others
            }
            (Joined::All | Joined::Any, _) => {
                if !tests.is_empty() {
                    others.push(Step::Tests(joined, tests));
                    number += 1;
                }
                others.push(Step::Join(joined, number));
                others
            }
        }
    }
}

impl Algebra for Writer<'_> {
    type Output = Vec<Step>;

    fn all(&self, parts: &mut dyn Iterator<Item = Vec<Step>>) -> Vec<Step> {
        Self::joined(Joined::All, parts)
    }

    fn any(&self, parts: &mut dyn Iterator<Item = Vec<Step>>) -> Vec<Step> {
        Self::joined(Joined::Any, parts)
    }

    fn at_least(&self, count: u32, parts: &mut dyn Iterator<Item = Vec<Step>>) -> Vec<Step> {
        Self::joined(Joined::AtLeast(count), parts)
    }

    fn not(&self, mut part: Vec<Step>) -> Vec<Step> {
        match part.as_mut_slice() {
            [Step::Tests(Joined::All | Joined::Any, asked)] if asked.len() == 1 => {
                asked.iter_mut().for_each(|asked| asked.turned = !asked.turned)
            }
            _ => part.push(Step::Not),
        }
        part
    }

    fn atom(&self, atom: AtomId) -> Vec<Step> {
        let asked = Asked {
            test: self.0[atom].test.index(),
            turned: false,
        };
        vec![Step::Tests(Joined::All, vec![asked])]
    }

    fn defined(&self, definition: DefinitionId) -> Vec<Step> {
        vec![Step::Defined(definition)]
    }
}
