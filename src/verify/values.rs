//! Which values a condition can have at all, over all patients.
//!
//! In: a verifier. Out: yes, no or unknown, possible or not.
//! Must not know: who asks.

use super::Verifier;
use crate::eval::Patient;
use crate::eval::truth::Truths;
use crate::model::{Condition, Entry, Fact, FactId, Library, Record, Recorded, Truth};

/// What conditions of one library can be.
pub struct Values<'v, 'a> {
    verifier: &'v Verifier<'a>,
    /// The patient of whom nothing is known, not even by default; none where the assumptions leave nobody.
    nobody: Option<Patient>,
    is_decidable: bool,
}

impl<'v, 'a> Values<'v, 'a> {
    /// Prepares to answer.
    pub fn new(verifier: &'v Verifier<'a>) -> Self {
        Values {
            verifier,
            nobody: settle(verifier, &unknown(verifier.library)),
            is_decidable: verifier.out_of_reach().is_none(),
        }
    }

    /// Whether some patient gives the condition this value. Where that is not decided, the answer is yes.
    pub fn can_be(&self, condition: &Condition, truth: Truth) -> bool {
        let library = self.verifier.library;
        let formula = |positive| self.verifier.space.formula(condition, positive);
        match truth {
            _ if !self.is_decidable => true,
            Truth::Yes => self.verifier.possible(&formula(true)) != Some(false),
            Truth::No => self.verifier.possible(&formula(false)) != Some(false),
            // More knowledge only settles more, so that the least of it says whether anything is left open.
            Truth::Unknown => {
                let unknown = |nobody: &Patient| Truths::new(library, nobody).of(condition) == Truth::Unknown;
                self.nobody.as_ref().is_some_and(unknown)
            }
        }
    }

    /// The patient of a record, or nothing where the record is rejected.
    pub fn patient(&self, record: &Record) -> Option<Patient> {
        settle(self.verifier, record)
    }
}

fn settle(verifier: &Verifier<'_>, record: &Record) -> Option<Patient> {
    verifier.inference.settle(verifier.library, record).ok()
}

/// A record in which every fact is said to be unknown, so that no default applies.
fn unknown(library: &Library) -> Record {
    let entry = |(index, fact): (usize, &Fact)| Entry {
        fact: FactId::from_index(index),
        recorded: Recorded::Unknown,
        span: fact.span,
    };
    Record {
        entries: library.facts.iter().enumerate().map(entry).collect(),
        ..Record::default()
    }
}
