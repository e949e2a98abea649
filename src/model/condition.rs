//! Conditions: one n-ary type, one fold.
//!
//! In: made by lowering. Out: whatever an [`Algebra`] makes of them: truth, explanation, masks, text.
//! Must not know: patients.

use super::{AtomId, DefinitionId};

/// Strong Kleene truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// Does not hold.
    No,
    /// Not known.
    Unknown,
    /// Holds.
    Yes,
}

impl Truth {
    /// The truth of a known answer.
    pub fn known(answer: bool) -> Self {
        if answer { Truth::Yes } else { Truth::No }
    }

    /// `yes`, `no` or `unknown`.
    pub fn word(self) -> &'static str {
        match self {
            Truth::Yes => "yes",
            Truth::No => "no",
            Truth::Unknown => "unknown",
        }
    }
}

impl std::ops::Not for Truth {
    type Output = Truth;
    fn not(self) -> Truth {
        match self {
            Truth::Yes => Truth::No,
            Truth::No => Truth::Yes,
            Truth::Unknown => Truth::Unknown,
        }
    }
}

/// When something holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Condition {
    /// Each part; true where there are none.
    All(Vec<Condition>),
    /// One of the parts; false where there are none.
    Any(Vec<Condition>),
    /// So many of the parts.
    AtLeast(u32, Vec<Condition>),
    /// Not the part.
    Not(Box<Condition>),
    /// A test.
    Atom(AtomId),
    /// A named condition.
    Defined(DefinitionId),
}

/// What a condition is made of in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaf {
    /// A test.
    Atom(AtomId),
    /// A named condition, not looked into.
    Defined(DefinitionId),
}

impl Leaf {
    /// The test, if it is one.
    pub fn atom(self) -> Option<AtomId> {
        match self {
            Leaf::Atom(atom) => Some(atom),
            Leaf::Defined(_) => None,
        }
    }

    /// The name, if it is one.
    pub fn definition(self) -> Option<DefinitionId> {
        match self {
            Leaf::Atom(_) => None,
            Leaf::Defined(definition) => Some(definition),
        }
    }
}

/// One way to read conditions: a method per shape.
///
/// `all` and `any` receive lazy iterators, so that an algebra may stop at the first part that settles the answer.
pub trait Algebra {
    /// What a condition becomes.
    type Output;
    /// Each part.
    fn all(&self, parts: &mut dyn Iterator<Item = Self::Output>) -> Self::Output;
    /// One of the parts.
    fn any(&self, parts: &mut dyn Iterator<Item = Self::Output>) -> Self::Output;
    /// At least `count` of the parts.
    fn at_least(&self, count: u32, parts: &mut dyn Iterator<Item = Self::Output>) -> Self::Output;
    /// Not the part.
    fn not(&self, part: Self::Output) -> Self::Output;
    /// A test.
    fn atom(&self, atom: AtomId) -> Self::Output;
    /// A named condition; the algebra decides whether to look inside.
    fn defined(&self, definition: DefinitionId) -> Self::Output;
}

impl Condition {
    /// The condition that always holds.
    pub fn always() -> Self {
        Condition::All(Vec::new())
    }

    /// The condition that never holds.
    pub fn never() -> Self {
        Condition::Any(Vec::new())
    }

    /// Whether this is [`Condition::always`].
    pub fn is_always(&self) -> bool {
        matches!(self, Condition::All(parts) if parts.is_empty())
    }

    /// Whether this is [`Condition::never`].
    pub fn is_never(&self) -> bool {
        matches!(self, Condition::Any(parts) if parts.is_empty())
    }

    /// Each of the parts, without those that always hold.
    pub fn all_of(parts: impl IntoIterator<Item = Condition>) -> Self {
        let mut kept: Vec<Condition> = Vec::new();
        for part in parts {
            match part {
                Condition::All(inner) => kept.extend(inner),
                other => kept.push(other),
            }
        }
        match kept.pop() {
            Some(only) if kept.is_empty() => only,
            Some(last) => {
                kept.push(last);
                Condition::All(kept)
            }
            None => Condition::always(),
        }
    }

    /// The condition that holds where this one does not.
    pub fn negated(self) -> Self {
        match self {
            Condition::Not(inner) => *inner,
            Condition::All(parts) if parts.is_empty() => Condition::never(),
            Condition::Any(parts) if parts.is_empty() => Condition::always(),
            other => Condition::Not(Box::new(other)),
        }
    }

    /// The tests and names in it, whatever stands around them; one that stands there twice comes twice.
    pub fn leaves(&self) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        let mut waiting = vec![self];
        while let Some(condition) = waiting.pop() {
            match condition {
                Condition::All(parts) | Condition::Any(parts) | Condition::AtLeast(_, parts) => waiting.extend(parts),
                Condition::Not(part) => waiting.push(part),
                Condition::Atom(atom) => leaves.push(Leaf::Atom(*atom)),
                Condition::Defined(definition) => leaves.push(Leaf::Defined(*definition)),
            }
        }
        leaves
    }

    /// Reads the condition by an algebra. Nesting is bounded by [`crate::limits::NESTING`].
    pub fn fold<A: Algebra>(&self, algebra: &A) -> A::Output {
        match self {
            Condition::All(parts) => algebra.all(&mut parts.iter().map(|p| p.fold(algebra))),
            Condition::Any(parts) => algebra.any(&mut parts.iter().map(|p| p.fold(algebra))),
            Condition::AtLeast(count, parts) => algebra.at_least(*count, &mut parts.iter().map(|p| p.fold(algebra))),
            Condition::Not(part) => algebra.not(part.fold(algebra)),
            Condition::Atom(atom) => algebra.atom(*atom),
            Condition::Defined(definition) => algebra.defined(*definition),
        }
    }
}
