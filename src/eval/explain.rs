//! Why a rule fires, does not fire, or is undecided: its guard with the truth of every part.
//!
//! In: a rule and a patient. Out: an [`Explanation`] as a tree of plain data.
//! Must not know: how it is drawn.

use super::Patient;
use super::truth::Truths;
use crate::model::{Algebra, AtomId, Condition, DefinitionId, FactId, Library, RuleId, Term, Truth};
use crate::source::Span;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// A condition with the truth of every part, for one patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Whether it holds.
    pub truth: Truth,
    /// What kind of condition it is.
    pub shape: Shape,
    /// Its parts, in the order in which they were written.
    pub parts: Vec<Explanation>,
}

/// The shape of an explained condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// Each part.
    All,
    /// One of the parts.
    Any,
    /// So many of the parts.
    AtLeast(u32),
    /// Not the part.
    Not,
    /// A test on a fact.
    Test {
        /// The fact.
        fact: FactId,
        /// Where the test is written.
        span: Span,
    },
    /// A named condition; its own condition is the only part, where it is met first.
    Defined(DefinitionId),
}

impl Explanation {
    /// The first part that keeps the condition from holding: the deepest one that is false, or unknown if none is false.
    ///
    /// Nothing where the condition holds.
    pub fn blocker(&self) -> Option<&Explanation> {
        if self.truth == Truth::Yes {
            return None;
        }
        let blocking = |e: &&Explanation| e.truth == self.truth;
        match self.shape {
            Shape::All | Shape::Defined(_) => match self.parts.iter().find(blocking) {
                Some(part) => part.blocker().or(Some(part)),
                None => Some(self),
            },
            _ => Some(self),
        }
    }
}

/// The guard of a rule, part by part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleExplanation {
    /// The scope of the guideline or section.
    pub scope: Explanation,
    /// The guards of the headings above it.
    pub section: Explanation,
    /// `when`
    pub when: Explanation,
    /// `unless`; holds where the rule is kept from firing.
    pub unless: Explanation,
    /// What each effect needs beside all that, in the order of [`crate::model::Rule::effects`].
    pub effects: Vec<Explanation>,
}

/// Explains the guard of a rule.
pub fn explain(library: &Library, patient: &Patient, rule: RuleId) -> RuleExplanation {
    let truths = Truths::new(library, patient);
    let guard = &library[rule].guard;
    let effects = library[rule].effects.iter();
    let explain = |condition: &Condition| {
        condition.fold(&Explaining {
            library,
            truths: &truths,
            met: RefCell::default(),
        })
    };
    RuleExplanation {
        scope: explain(&guard.scope),
        section: explain(&guard.section),
        when: explain(&guard.when),
        unless: explain(&guard.unless),
        effects: effects.map(|effect| explain(&library[*effect].own)).collect(),
    }
}

/// Explains any condition of the library.
pub fn explain_condition(library: &Library, patient: &Patient, condition: &Condition) -> Explanation {
    condition.fold(&Explaining {
        library,
        truths: &Truths::new(library, patient),
        met: RefCell::default(),
    })
}

struct Explaining<'a> {
    library: &'a Library,
    truths: &'a Truths<'a>,
    /// Definitions that were explained: another occurrence says whether it holds, and no more.
    met: RefCell<BTreeSet<DefinitionId>>,
}

impl Explaining<'_> {
    fn gather(&self, shape: Shape, parts: &mut dyn Iterator<Item = Explanation>) -> Explanation {
        let parts: Vec<Explanation> = parts.collect();
        let mut truths = parts.iter().map(|p| p.truth);
        let truth = match shape {
            Shape::Any => self.truths.any(&mut truths),
            Shape::AtLeast(count) => self.truths.at_least(count, &mut truths),
            _ => self.truths.all(&mut truths),
        };
        Explanation { truth, shape, parts }
    }
}

impl Algebra for Explaining<'_> {
    type Output = Explanation;

    fn all(&self, parts: &mut dyn Iterator<Item = Explanation>) -> Explanation {
        self.gather(Shape::All, parts)
    }

    fn any(&self, parts: &mut dyn Iterator<Item = Explanation>) -> Explanation {
        self.gather(Shape::Any, parts)
    }

    fn at_least(&self, count: u32, parts: &mut dyn Iterator<Item = Explanation>) -> Explanation {
        self.gather(Shape::AtLeast(count), parts)
    }

    fn not(&self, part: Explanation) -> Explanation {
        Explanation {
            truth: !part.truth,
            shape: Shape::Not,
            parts: vec![part],
        }
    }

    fn atom(&self, atom: AtomId) -> Explanation {
        let found = &self.library[atom];
        let (Term::Fact(fact), _) = &self.library[found.test];
        Explanation {
            truth: self.truths.test(found.test),
            shape: Shape::Test {
                fact: *fact,
                span: found.span,
            },
            parts: Vec::new(),
        }
    }

    fn defined(&self, definition: DefinitionId) -> Explanation {
        let parts = match self.met.borrow_mut().insert(definition) {
            true => vec![definition],
            false => Vec::new(),
        };
        Explanation {
            truth: self.truths.defined(definition),
            shape: Shape::Defined(definition),
            parts: parts.into_iter().map(|d| self.library[d].condition.fold(self)).collect(),
        }
    }
}
