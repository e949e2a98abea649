//! Assumptions as clauses: in each, one literal must hold.
//!
//! In: a lowered library. Out: clauses for unit propagation.
//! Must not know: patients.

use super::{Assumption, AssumptionId, AssumptionKind, AtomId, Condition, FactId, FactType, Library, Term, Test, TestId};
use crate::limits;
use std::collections::BTreeMap;

/// What a literal speaks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Variable {
    /// A yes/no fact (values: no, yes) or an enum (its values).
    Fact(FactId),
    /// One member of a set (values: absent, present).
    Member(FactId, usize),
}

impl Variable {
    /// The fact it belongs to.
    pub fn fact(self) -> FactId {
        match self {
            Variable::Fact(fact) | Variable::Member(fact, _) => fact,
        }
    }
}

/// One way for a clause to hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Literal {
    /// The variable has one of these values; one flag per value.
    Among(Variable, Vec<bool>),
    /// A test on a number or a date, which is never inferred, holds or does not.
    Test(TestId, bool),
}

/// A disjunction that holds for every patient.
#[derive(Debug, Clone)]
pub struct Clause {
    /// The assumptions from which it follows.
    pub assumptions: Vec<AssumptionId>,
    /// Of these one holds.
    pub literals: Vec<Literal>,
}

/// For each variable the values that make a clause hold.
pub type Allowed = BTreeMap<Variable, Vec<bool>>;

/// Adds values to those that make a clause hold: two literals about one variable are one, which has the values of either.
pub fn allow(allowed: &mut Allowed, variable: Variable, more: &[bool]) {
    let values = allowed.entry(variable).or_insert_with(|| vec![false; more.len()]);
    values.iter_mut().zip(more).for_each(|(slot, more)| *slot |= more);
}

impl Clause {
    /// The tests, and for each variable the values, that make it hold.
    pub fn merged(&self) -> (Vec<(TestId, bool)>, Allowed) {
        let (mut tests, mut allowed) = (Vec::new(), Allowed::new());
        for literal in &self.literals {
            match literal {
                Literal::Test(test, positive) => tests.push((*test, *positive)),
                Literal::Among(variable, values) => allow(&mut allowed, *variable, values),
            }
        }
        (tests, allowed)
    }
}

/// The assumption needs more than [`limits::ASSUMPTION_CLAUSES`] clauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyClauses;

/// How many values a variable has.
pub fn values(library: &Library, variable: Variable) -> usize {
    match (variable, &library[variable.fact()].ty) {
        (Variable::Fact(_), FactType::OneOf { values, .. }) => values.len(),
        _ => 2,
    }
}

/// The clauses of one assumption; none for `FACT at most FACT`, which only rejects.
///
/// # Errors
///
/// [`TooManyClauses`] where the assumption is too large to be decided.
pub fn clauses(library: &Library, id: AssumptionId, assumption: &Assumption) -> Result<Vec<Clause>, TooManyClauses> {
    let sets = match &assumption.kind {
        AssumptionKind::Implies { left, right } => either(vec![expand(library, left, false)?, expand(library, right, true)?])?,
        AssumptionKind::AtMostOne { parts } => {
            let mut all = Vec::new();
            for (index, first) in parts.iter().enumerate() {
                for second in parts.iter().skip(index + 1) {
                    all.extend(either(vec![expand(library, first, false)?, expand(library, second, false)?])?);
                    limit(&all)?;
                }
            }
            all
        }
        AssumptionKind::Order { .. } => Vec::new(),
    };
    Ok(sets
        .into_iter()
        .map(|literals| Clause {
            assumptions: vec![id],
            literals,
        })
        .collect())
}

type Sets = Vec<Vec<Literal>>;

fn limit(sets: &Sets) -> Result<(), TooManyClauses> {
    if sets.len() > limits::ASSUMPTION_CLAUSES {
        Err(TooManyClauses)
    } else {
        Ok(())
    }
}

/// Conjunctive normal form of the condition, or of its negation. It needs both polarities at once, and a cap, and so
/// is a walk of its own rather than an algebra.
fn expand(library: &Library, condition: &Condition, positive: bool) -> Result<Sets, TooManyClauses> {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            let parts_sets = parts
                .iter()
                .map(|p| expand(library, p, positive))
                .collect::<Result<Vec<_>, _>>()?;
            if matches!(condition, Condition::All(_)) == positive {
                both(parts_sets)
            } else {
                either(parts_sets)
            }
        }
        Condition::AtLeast(count, parts) => {
            // At least k of n: of any n-k+1 parts one holds. Not so: of any k parts one does not.
            let size = if positive {
                (parts.len() + 1).saturating_sub(*count as usize)
            } else {
                *count as usize
            };
            let mut all = Vec::new();
            for chosen in choose(parts, size)? {
                all.extend(either(
                    chosen
                        .into_iter()
                        .map(|p| expand(library, p, positive))
                        .collect::<Result<_, _>>()?,
                )?);
                limit(&all)?;
            }
            Ok(all)
        }
        Condition::Not(part) => expand(library, part, !positive),
        Condition::Atom(atom) => Ok(literals(library, *atom, positive)),
        Condition::Defined(definition) => expand(library, &library[*definition].condition, positive),
    }
}

fn both(parts: Vec<Sets>) -> Result<Sets, TooManyClauses> {
    let all: Sets = parts.into_iter().flatten().collect();
    limit(&all)?;
    Ok(all)
}

fn either(parts: Vec<Sets>) -> Result<Sets, TooManyClauses> {
    let mut all: Sets = vec![Vec::new()];
    for part in parts {
        let mut next = Vec::new();
        for left in &all {
            for right in &part {
                next.push(left.iter().chain(right).cloned().collect());
                limit(&next)?;
            }
        }
        all = next;
    }
    Ok(all)
}

fn choose(parts: &[Condition], size: usize) -> Result<Vec<Vec<&Condition>>, TooManyClauses> {
    let mut chosen: Vec<Vec<&Condition>> = vec![Vec::new()];
    for (index, part) in parts.iter().enumerate() {
        let with: Vec<Vec<&Condition>> = chosen
            .iter()
            .filter(|c| c.len() < size)
            .map(|c| c.iter().copied().chain([part]).collect())
            .collect();
        chosen.extend(with);
        let left = parts.len() - index - 1;
        chosen.retain(|c| c.len() + left >= size);
        if chosen.len() > limits::ASSUMPTION_CLAUSES {
            return Err(TooManyClauses);
        }
    }
    chosen.retain(|c| c.len() == size);
    Ok(chosen)
}

fn literals(library: &Library, atom: AtomId, positive: bool) -> Sets {
    let test_id = library[atom].test;
    let (Term::Fact(fact), test) = &library[test_id];
    let yes_no = |yes: bool| vec![!yes, yes];
    match test {
        Test::Yes => vec![vec![Literal::Among(Variable::Fact(*fact), yes_no(positive))]],
        Test::In(values) => {
            let count = self::values(library, Variable::Fact(*fact));
            let flags = (0..count).map(|v| values.contains(&v) == positive).collect();
            vec![vec![Literal::Among(Variable::Fact(*fact), flags)]]
        }
        Test::Includes(member) => vec![vec![Literal::Among(Variable::Member(*fact, *member), yes_no(positive))]],
        Test::Nonempty => {
            let count = match &library[*fact].ty {
                FactType::AnyOf { members } => members.len(),
                _ => 0,
            };
            let member = |m: usize| Literal::Among(Variable::Member(*fact, m), yes_no(positive));
            if positive {
                vec![(0..count).map(member).collect()]
            } else {
                (0..count).map(|m| vec![member(m)]).collect()
            }
        }
        Test::Compare { .. } => vec![vec![Literal::Test(test_id, positive)]],
    }
}
