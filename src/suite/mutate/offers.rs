//! Cases that would kill mutants: a patient, and what the library as it is says of them.
//!
//! In: patients whom the verifier found. Out: [`Offer`]s.
//! Must not know: which mutants there are.

use crate::model::{Record, Recorded};
use crate::source::{FileId, Span};
use crate::suite::ExpectKind;
use crate::suite::emit::{Emitter, formatted};
use crate::verify::witness::Witness;
use std::collections::BTreeSet;

/// A case that would kill survivors, and passes on the library as it is.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The file in which it would run what it has to run; none where no file of cases runs these guidelines together.
    pub place: Option<String>,
    /// The patient.
    pub witness: Witness,
    /// The case as an author writes it.
    pub text: String,
}

/// The most expectations of one offer, so that a reader can judge them.
const EXPECTATIONS: usize = 8;

/// How many facts may be said to be absent, one by one; more are easier to read as `otherwise no`.
const ABSENT: usize = 3;

/// The patient with everything that is not stated absent, where many facts are said to be absent.
pub(super) fn closed(witness: &Witness) -> Option<Witness> {
    let is_absent = |recorded: &Recorded| *recorded == Recorded::YesNo(false);
    let absent = witness
        .record
        .entries
        .iter()
        .filter(|entry| is_absent(&entry.recorded))
        .count();
    if absent <= ABSENT {
        return None;
    }
    let mut closed = witness.clone();
    closed.facts.retain(|(_, value)| value != "no");
    closed.record.entries.retain(|entry| !is_absent(&entry.recorded));
    closed.record.otherwise_no = Some(Span::new(FileId(0), 0..0));
    Some(closed)
}

/// A patient of an offer that may still come to expect more.
pub(super) struct Trial {
    /// The position of the offer.
    pub offer: usize,
    pub witness: Witness,
    /// The first mutant it kills, in words.
    title: String,
    /// Everything that can be expected of the patient.
    expects: Vec<ExpectKind>,
    chosen: BTreeSet<usize>,
}

impl Trial {
    /// A patient whom the library accepts.
    pub fn new(original: &Emitter<'_>, witness: Witness, title: String, offer: usize) -> Option<Self> {
        let expects = original.expectations(&witness.record)?;
        Some(Trial {
            offer,
            witness,
            title,
            expects,
            chosen: BTreeSet::new(),
        })
    }

    pub fn record(&self) -> &Record {
        &self.witness.record
    }

    /// Whether the mutant does not say of this patient what the library says; an expectation then says what.
    pub fn kills(&mut self, mutant: &Emitter<'_>) -> bool {
        let Some(unmet) = mutant.unmet(self.record(), &self.expects) else {
            return false;
        };
        if unmet.iter().any(|place| self.chosen.contains(place)) {
            return true;
        }
        // What is advised tells a reader more than what is not.
        let is_advice = |place: &&usize| matches!(self.expects.get(**place), Some(ExpectKind::Advice { .. }));
        let best = unmet.iter().find(is_advice).or(unmet.first());
        match best {
            Some(place) if self.chosen.len() < EXPECTATIONS => self.chosen.insert(*place),
            _ => false,
        }
    }

    /// The case as text.
    pub fn offer(&self, original: &Emitter<'_>, place: Option<String>) -> Offer {
        let chosen = self.chosen.iter().filter_map(|place| self.expects.get(*place)).cloned();
        let lines = original.lines(&self.witness, &chosen.collect::<Vec<_>>());
        Offer {
            place,
            witness: self.witness.clone(),
            text: formatted(format!("case \"{}\"\n{lines}", self.title)),
        }
    }
}
