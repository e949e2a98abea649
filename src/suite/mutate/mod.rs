//! Mutants: does any case notice when a rule says something slightly else?
//!
//! In: a library whose cases pass. Out: of each small change, whether a case notices, nobody could, or which case would.
//! Must not know: how it is shown.
//!
//! Each mutant is one edit of the text (`edits`), read again like any other text, so that it type-checks. Where no case fails,
//! the verifier looks for a patient to whom the two say something else (`verify::diff`), or proves that there is none. A
//! patient once found is tried on the next mutants as well, so that few cases are offered where few will do (`offers`).

mod edits;
mod offers;
mod views;

pub use offers::Offer;

use super::Case;
use crate::load::{Files, Loaded};
use crate::source::Span;
use views::{Kept, Views};

/// One small change of the text.
#[derive(Debug, Clone)]
pub struct Mutant {
    /// What is changed.
    pub kind: Kind,
    /// The file, as an index into the trees of the library.
    pub file: usize,
    /// What is replaced; empty where something is added.
    pub span: Span,
    /// What stands there instead; empty where something is removed.
    pub replacement: String,
    /// The declaration that is changed, by name.
    pub subject: String,
}

impl Mutant {
    /// The words before and after, on one line; what is dropped has no words after, and comes without what joins it to its
    /// neighbours.
    pub fn words(&self, loaded: &Loaded) -> (String, String) {
        let line = |text: &str| {
            let mut words: Vec<&str> = text.split_whitespace().collect();
            if self.kind == Kind::Operand {
                words.retain(|word| *word != ",");
                let is_joint = |word: Option<&&str>| matches!(word, Some(&("and" | "or")));
                if is_joint(words.first()) {
                    words.remove(0);
                }
                if is_joint(words.last()) {
                    words.pop();
                }
            }
            words.join(" ").trim_matches([',', ' ']).to_owned()
        };
        (line(loaded.sources.text(self.span)), line(&self.replacement))
    }
}

/// What a mutant changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Kind {
    /// A number, moved by one step.
    Threshold,
    /// `at least` and `over`, `at most` and `under`.
    Boundary,
    /// A value, replaced by its neighbour or dropped.
    Value,
    /// A part of a condition, dropped.
    Operand,
    /// `and` and `or`, `all of` and `any of`.
    Joint,
    /// `not`, added or removed.
    Negation,
    /// `when`, `unless` or `only when`, removed.
    Guard,
    Modality,
    Urgency,
    /// A deadline or a first day.
    Deadline,
    Overrides,
    InsteadOf,
    /// The decision of `reconcile`.
    Decision,
}

impl Kind {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Threshold => "threshold",
            Kind::Boundary => "boundary",
            Kind::Value => "value",
            Kind::Operand => "operand",
            Kind::Joint => "joint",
            Kind::Negation => "negation",
            Kind::Guard => "guard",
            Kind::Modality => "modality",
            Kind::Urgency => "urgency",
            Kind::Deadline => "deadline",
            Kind::Overrides => "overrides",
            Kind::InsteadOf => "instead_of",
            Kind::Decision => "decision",
        }
    }
}

/// What came of a mutant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The text is no guideline any more, so that nobody could have written it unnoticed.
    Unreadable,
    /// This case fails, by file and title.
    Killed(String, String),
    /// No case fails; this offer would, as an index into [`Mutation::offers`].
    Survives(usize),
    /// Every patient is advised the same, however much of the patient is known.
    Equivalent,
    /// Somebody is advised something else, and no expectation can say what.
    Unsayable,
    /// No case fails, and the verifier found neither a patient nor a proof.
    Undecided,
}

impl Verdict {
    /// The word in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Unreadable => "unreadable",
            Verdict::Killed(..) => "killed",
            Verdict::Survives(_) => "survives",
            Verdict::Equivalent => "equivalent",
            Verdict::Unsayable => "unsayable",
            Verdict::Undecided => "undecided",
        }
    }
}

/// All mutants of a library.
#[derive(Debug, Clone, Default)]
pub struct Mutation {
    /// In the order of files and of their text.
    pub mutants: Vec<(Mutant, Verdict)>,
    /// Cases that would kill survivors.
    pub offers: Vec<Offer>,
}

impl Mutation {
    /// How many mutants came to this.
    pub fn count(&self, is: impl Fn(&Verdict) -> bool) -> usize {
        self.mutants.iter().filter(|(_, verdict)| is(verdict)).count()
    }

    /// Whether a mutant survives that is not proven equivalent, and that a case can kill.
    pub fn has_survivor(&self) -> bool {
        self.count(|v| matches!(v, Verdict::Survives(_) | Verdict::Undecided)) > 0
    }
}

/// Makes every mutant of a library and runs the cases, which pass on the library as it is, on each.
///
/// `files` and `paths` are what the library was loaded from. `progress` hears how many mutants are done, of how many.
pub fn mutate(
    files: &dyn Files,
    paths: &[String],
    loaded: &Loaded,
    cases: &[&Case],
    progress: &mut dyn FnMut(usize, usize),
) -> Mutation {
    let kept = Kept::new(files);
    let mutants = edits::mutants(loaded);
    let mut views = Views::new(&kept, paths, loaded, cases);
    let total = mutants.len();
    let mut mutation = Mutation::default();
    for (done, mutant) in mutants.into_iter().enumerate() {
        progress(done, total);
        let verdict = views.judge(loaded, &mutant, &mut mutation.offers);
        mutation.mutants.push((mutant, verdict));
    }
    progress(total, total);
    views.write(&mut mutation);
    mutation
}
