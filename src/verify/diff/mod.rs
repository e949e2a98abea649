//! What changed in meaning between two versions, each change with a patient for whom it matters.
//!
//! In: two loaded libraries without errors. Out: a [`Diff`] as plain data.
//! Must not know: how changes are shown.
//!
//! Patients are described once for both versions (`joint`) and found as everywhere in `verify`; each is then shown to the
//! interpreter of either version, and nothing is reported that the two do not confirm. What is equal is equal for partial
//! patients too: a rule that fires for the same patients but needs to know more of them has changed.

mod changes;
mod declarations;
mod joint;
mod matching;

pub use changes::{written, written_advice};

use super::lints::restricted;
use super::search::{Answer, Search};
use super::space::{Formula, Space};
use super::witness::{Replay, Replayed, Witness};
use super::{Found, Piece, Verifier, errors};
use crate::diagnostic::Diagnostic;
use crate::load::Loaded;
use crate::model::{
    AssumptionId, Condition, DefinitionId, EffectId, FactId, GuidelineId, Library, NoteId, Record, RuleId, SettlementId, Truth,
};
use joint::{Joint, Part};
use std::cell::Cell;
use std::rc::Rc;

/// How many ways in which a rule can fire are looked at when the question is what it asks for.
const WAYS: usize = 4_000;

/// How many facts a patient may have who settles both sides of a change. Where it takes more, the patient with the fewest
/// facts is shown, even if one side waits for more facts: what a reader can take in at a glance.
const READABLE: usize = 8;

/// Everything that differs.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct Diff {
    /// Dangerous ones first.
    pub rules: Vec<RuleChange>,
    pub terms: Vec<TermChange>,
    pub declarations: Vec<DeclarationChange>,
    pub assumptions: Vec<AssumptionChange>,
    pub settlements: Vec<SettlementChange>,
    pub notes: Vec<NoteChange>,
    pub claims: Vec<ClaimChange>,
}

/// How much a change can harm, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Danger {
    /// Somebody loses advice that cannot wait, or gets it later or weaker.
    Emergency,
    /// Somebody loses other advice, or gets it later or weaker.
    Loss,
    /// Advice differs in another way, or nobody is without it.
    Change,
    /// There is only more advice, or it is stronger or earlier.
    Gain,
    /// The meaning is the same.
    Wording,
}

impl Danger {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Danger::Emergency => "emergency",
            Danger::Loss => "loss",
            Danger::Change => "change",
            Danger::Gain => "gain",
            Danger::Wording => "wording",
        }
    }
}

/// In which way something changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// There is no such advice any more.
    Removed,
    /// It no longer fires for somebody.
    Narrowed,
    /// It fires for the same patients, but needs to know more of them.
    AsksMore,
    /// It fires and gives way where it did not.
    GivesWay,
    /// For became against, or against for.
    Reversed,
    /// It says less: consider instead of recommend, avoid instead of never, one of several instead of each.
    Weaker,
    /// It allows more time, or starts later.
    Later,
    /// Something else about it differs.
    Different,
    /// It is not known whether anything changed.
    Undecided,
    /// It speaks of a fact whose type has nothing in common with what it was.
    Incomparable,
    /// It is new.
    Added,
    /// It fires for somebody for whom it did not.
    Widened,
    /// It fires for the same patients, and needs to know less of them.
    AsksLess,
    /// It stands where it gave way.
    NoLongerGivesWay,
    /// It says more.
    Stronger,
    /// It allows less time, or starts earlier.
    Earlier,
}

impl Kind {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Removed => "removed",
            Kind::Narrowed => "narrowed",
            Kind::AsksMore => "asks_more",
            Kind::GivesWay => "gives_way",
            Kind::Reversed => "reversed",
            Kind::Weaker => "weaker",
            Kind::Later => "later",
            Kind::Different => "different",
            Kind::Undecided => "undecided",
            Kind::Incomparable => "incomparable",
            Kind::Added => "added",
            Kind::Widened => "widened",
            Kind::AsksLess => "asks_less",
            Kind::NoLongerGivesWay => "no_longer_gives_way",
            Kind::Stronger => "stronger",
            Kind::Earlier => "earlier",
        }
    }

    fn is_worse(self) -> bool {
        matches!(
            self,
            Kind::Removed
                | Kind::Narrowed
                | Kind::AsksMore
                | Kind::GivesWay
                | Kind::Reversed
                | Kind::Weaker
                | Kind::Later
                | Kind::Undecided
                | Kind::Incomparable
        )
    }
}

/// A rule that is not the same in both versions.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct RuleChange {
    pub danger: Danger,
    pub old: Option<RuleId>,
    pub new: Option<RuleId>,
    pub effects: Vec<EffectChange>,
    /// Terms with another meaning that the rule speaks of, by name.
    pub through: Vec<String>,
    pub wording: Vec<Wording>,
}

impl RuleChange {
    /// Whether the rule itself says something else, or to others; that it gives way to other rules is not its own meaning.
    pub fn is_meaning(&self) -> bool {
        let gives_way = |s: &Shift| matches!(s.kind, Kind::GivesWay | Kind::NoLongerGivesWay);
        self.effects
            .iter()
            .any(|e| !e.aspects.is_empty() || e.shifts.iter().any(|s| !gives_way(s)))
    }
}

/// An effect that is not the same in both versions.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct EffectChange {
    pub danger: Danger,
    pub old: Option<EffectId>,
    pub new: Option<EffectId>,
    /// What it says otherwise to the same patients.
    pub aspects: Vec<Aspect>,
    /// Somebody who gets both, where aspects differ; nobody where the two never fire together.
    pub both: Option<Told>,
    /// Who is advised and was not, and the other way round.
    pub shifts: Vec<Shift>,
}

/// One thing that an effect says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Aspect {
    pub kind: Kind,
    /// Such as `within`.
    pub what: &'static str,
    pub old: String,
    pub new: String,
}

/// Patients of an effect that are others than before.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Shift {
    pub kind: Kind,
    /// By name.
    pub actions: Vec<String>,
    /// Nothing where no patient is affected, or it is not decided.
    pub told: Option<Told>,
}

/// A patient, and what each version makes of the advice.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Told {
    pub witness: Witness,
    pub old: State,
    pub new: State,
    /// Rules of the version without the advice that say at least as much; not empty only where they do so for everybody
    /// who is affected.
    pub elsewhere: Vec<RuleId>,
    /// The patient in short: what follows from a term that does not hold, or does, is said by the term.
    pub in_short: Vec<String>,
}

/// What a version makes of an effect for a patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The version has no such effect.
    Absent,
    /// The version does not accept the record.
    Rejected,
    /// It does not fire.
    No,
    /// It waits for these facts.
    Undecided(Vec<FactId>),
    /// It gave way to these rules.
    Overridden(Vec<RuleId>),
    /// It may give way to these rules.
    Open(Vec<RuleId>),
    /// It stands.
    Active,
}

impl State {
    /// The word in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            State::Absent => "absent",
            State::Rejected => "rejected",
            State::No => "no",
            State::Undecided(_) => "undecided",
            State::Overridden(_) => "overridden",
            State::Open(_) => "open",
            State::Active => "active",
        }
    }
}

/// Something that reads otherwise and means the same.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Wording {
    /// Such as `name` or `section`.
    pub what: &'static str,
    pub old: String,
    pub new: String,
}

/// A definition, or the scope of a guideline, that is not the same in both versions.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct TermChange {
    pub name: String,
    pub old: Option<TermId>,
    pub new: Option<TermId>,
    pub compared: Compared,
    pub wording: Vec<Wording>,
}

/// What a condition stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TermId {
    /// A definition.
    Definition(DefinitionId),
    /// The scope of a guideline.
    Scope(GuidelineId),
}

/// Somebody for whom only one of two conditions holds.
#[derive(Debug, Clone)]
pub struct Only {
    /// The patient.
    pub witness: Witness,
    /// What the other condition is for this patient: no, or unknown.
    pub other: Truth,
    /// Whether there are patients for whom the other is no; else it only asks for more.
    pub is_definite: bool,
}

/// Two conditions against each other.
#[derive(Debug, Clone, Default)]
pub struct Compared {
    /// Somebody for whom the first holds and the second does not.
    pub only_old: Option<Only>,
    /// The other way round.
    pub only_new: Option<Only>,
    /// Whether a question could not be decided.
    pub undecided: bool,
    /// Whether they speak of a fact whose type has nothing in common with what it was.
    pub incomparable: bool,
}

impl Compared {
    /// Whether the two are proven to mean the same.
    pub fn is_same(&self) -> bool {
        self.only_old.is_none() && self.only_new.is_none() && !self.undecided && !self.incomparable
    }
}

/// A declaration that is not the same in both versions.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct DeclarationChange {
    /// `fact`, `action`, `scale` or `guideline`.
    pub kind: &'static str,
    pub name: String,
    /// Such as `type`; `declaration` where it is new or gone.
    pub what: &'static str,
    pub old: Option<String>,
    pub new: Option<String>,
    /// Whether the same record, or the same advice, can mean something else.
    pub is_meaning: bool,
}

/// An assumption that only one version makes.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct AssumptionChange {
    pub old: Option<AssumptionId>,
    pub new: Option<AssumptionId>,
    /// Somebody whom this version rejects and the other accepts.
    pub rejected: Option<Witness>,
}

/// A settlement that is not the same in both versions, or whose rules are not.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct SettlementChange {
    pub old: Option<SettlementId>,
    pub new: Option<SettlementId>,
    pub wording: Vec<Wording>,
    /// Whether it decides otherwise.
    pub decides_otherwise: bool,
    /// The rules, by their new names, with another meaning than when it was written.
    pub changed_rules: Vec<String>,
}

/// A note that is not the same in both versions.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct NoteChange {
    pub old: Option<NoteId>,
    pub new: Option<NoteId>,
    pub compared: Compared,
    pub wording: Vec<Wording>,
}

/// A claim of completeness that only one version makes, or makes of others.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct ClaimChange {
    pub claim: String,
    pub old: Option<usize>,
    pub new: Option<usize>,
}

impl Diff {
    /// Whether the versions advise the same, ask the same and mean the same.
    pub fn is_same_meaning(&self) -> bool {
        self.rules.iter().all(|r| r.danger == Danger::Wording)
            && self
                .terms
                .iter()
                .all(|t| t.old.is_none() || t.new.is_none() || t.compared.is_same())
            && !self.declarations.iter().any(|d| d.is_meaning)
            && self.assumptions.is_empty()
            && !self
                .settlements
                .iter()
                .any(|s| s.decides_otherwise || s.old.is_none() || s.new.is_none())
            && self
                .notes
                .iter()
                .all(|n| n.old.is_some() && n.new.is_some() && n.compared.is_same())
    }
}

/// Compares two versions.
///
/// # Errors
///
/// What is too large to be decided as a whole; nothing is claimed then. The first of the two says in which version.
pub fn diff(old: &Loaded, new: &Loaded) -> Result<Diff, (Version, Box<Diagnostic>)> {
    let joint = Joint::new(&old.library, &new.library);
    let versions = Versions::new(old, new, &joint)?;
    Ok(versions.diff())
}

/// What came of looking for somebody to whom two versions say something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Apart {
    /// Nobody, proven, however much of a patient is known.
    Nobody,
    /// Somebody, and this is enough.
    Accepted,
    /// Somebody, and none of them was accepted.
    Somebody,
    /// It is not decided.
    Undecided,
}

/// Looks for patients to whom two versions say something else, until `accept` takes one. They come rule by rule, for each
/// question the one with the fewest facts, in the facts of the old version.
///
/// # Errors
///
/// As [`diff`].
pub fn tell_apart(
    old: &Loaded,
    new: &Loaded,
    accept: &mut dyn FnMut(&Witness) -> bool,
) -> Result<Apart, (Version, Box<Diagnostic>)> {
    let joint = Joint::new(&old.library, &new.library);
    let versions = Versions::new(old, new, &joint)?;
    let (mut somebody, mut is_open) = (false, false);
    for pair in matching::rules(&versions) {
        for effect in versions.rule(pair, &[]).into_iter().flat_map(|change| change.effects) {
            let both = effect.both.iter();
            for told in both.chain(effect.shifts.iter().filter_map(|shift| shift.told.as_ref())) {
                if accept(&told.witness) {
                    return Ok(Apart::Accepted);
                }
                somebody = true;
            }
            let shifts = effect.shifts.iter();
            is_open |= shifts
                .map(|s| s.kind)
                .any(|kind| matches!(kind, Kind::Undecided | Kind::Incomparable));
        }
    }
    Ok(match (is_open, somebody) {
        (true, _) => Apart::Undecided,
        (false, true) => Apart::Somebody,
        (false, false) => Apart::Nobody,
    })
}

/// Compares two conditions of one library.
///
/// # Errors
///
/// As [`diff`].
pub fn equivalence(loaded: &Loaded, one: &Condition, other: &Condition) -> Result<Compared, Box<Diagnostic>> {
    let joint = Joint::new(&loaded.library, &loaded.library);
    let versions = Versions::new(loaded, loaded, &joint).map_err(|(_, finding)| finding)?;
    Ok(versions.compare(one, other))
}

/// One of two versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Version {
    Old,
    New,
}

impl Version {
    fn other(self) -> Self {
        match self {
            Version::Old => Version::New,
            Version::New => Version::Old,
        }
    }
}

/// Two versions with everything that questions about both need.
struct Versions<'a> {
    old: Verifier<'a>,
    new: Verifier<'a>,
    pub parts: &'a Joint,
    /// The verifier of both.
    pub joint: Verifier<'a>,
    /// Whether any fact has values that only one version can record.
    has_foreign: bool,
}

impl<'a> Versions<'a> {
    fn new(old: &'a Loaded, new: &'a Loaded, parts: &'a Joint) -> Result<Self, (Version, Box<Diagnostic>)> {
        let mut space = Space::new(&parts.library);
        parts.confine(&mut space, &old.library, &new.library);
        let versions = Versions {
            old: Verifier::new(&old.library, &old.sources),
            new: Verifier::new(&new.library, &new.sources),
            parts,
            joint: Verifier::within(&parts.library, &old.sources, space),
            has_foreign: parts.old.is_narrower() || parts.new.is_narrower(),
        };
        for version in [Version::Old, Version::New] {
            let v = versions.verifier(version);
            if let Some(place) = v.out_of_reach() {
                return Err((version, Box::new(errors::out_of_reach(place))));
            }
            if let Some(first) = v.library.assumptions.first().filter(|_| !v.space.anybody()) {
                return Err((version, Box::new(errors::nobody(first.span))));
            }
        }
        // The thresholds of both versions together may be too many for one fact.
        let crowded = versions
            .joint
            .space
            .undecidable
            .iter()
            .find_map(|fact| parts.new.own_fact(*fact));
        if let Some(fact) = crowded {
            let place = new.library[fact].name_span;
            return Err((Version::New, Box::new(errors::out_of_reach(place))));
        }
        Ok(versions)
    }

    pub fn verifier(&self, version: Version) -> &Verifier<'a> {
        match version {
            Version::Old => &self.old,
            Version::New => &self.new,
        }
    }

    pub fn library(&self, version: Version) -> &'a Library {
        self.verifier(version).library
    }

    pub fn part(&self, version: Version) -> &'a Part {
        match version {
            Version::Old => &self.parts.old,
            Version::New => &self.parts.new,
        }
    }

    /// A condition of a version, or its opposite, in the facts of both.
    pub fn formula(&self, version: Version, condition: &Condition, positive: bool) -> Rc<Formula> {
        self.joint.space.formula(&self.part(version).condition(condition), positive)
    }

    /// Where the effect fires.
    pub fn guard(&self, version: Version, effect: EffectId) -> Rc<Formula> {
        self.joint.guard(self.part(version).effect(effect))
    }

    fn active(&self, version: Version, (effect, action): Piece) -> Rc<Formula> {
        let part = self.part(version);
        self.joint.active(part.effect(effect), part.action(action))
    }

    fn overridden(&self, version: Version, (effect, action): Piece) -> Rc<Formula> {
        let part = self.part(version);
        self.joint.overridden(part.effect(effect), part.action(action))
    }

    /// What the interpreter of a version makes of a joint record; nothing where it rejects it.
    fn look<T>(&self, version: Version, record: &Record, what: impl FnOnce(&Replay<'_>) -> T) -> Option<T> {
        let v = self.verifier(version);
        let own = self.part(version).record(&self.parts.library, v.library, record);
        let patient = v.inference.settle(v.library, &own).ok()?;
        Some(what(&v.replay(&own, &patient)))
    }

    fn truth(&self, version: Version, record: &Record, condition: &Condition) -> Option<Truth> {
        self.look(version, record, |replay| replay.truth(condition))
    }

    fn is_recordable(&self, record: &Record) -> bool {
        let both = [Version::Old, Version::New];
        both.into_iter()
            .all(|v| self.part(v).can_record(&self.parts.library, self.library(v), record))
    }

    /// The smallest patient whom both interpreters confirm; those whom both versions can record come first.
    fn ask(&self, formula: &Rc<Formula>, holds: &dyn Fn(&Record) -> bool) -> Found {
        self.ask_within(usize::MAX, formula, holds)
    }

    /// As [`Versions::ask`], for a patient of so many facts at most; undecided where it takes more.
    fn ask_within(&self, most: usize, formula: &Rc<Formula>, holds: &dyn Fn(&Record) -> bool) -> Found {
        let holds = |replay: &Replay<'_>| holds(replay.record());
        if self.has_foreign {
            let recordable = |replay: &Replay<'_>| self.is_recordable(replay.record());
            if let found @ Found::Somebody(_) = self.joint.patient_within(most, formula, &holds, &recordable) {
                return found;
            }
        }
        self.joint.patient_within(most, formula, &holds, &|_| true)
    }

    /// Somebody of whom enough is known for the first formula and too little for the second. Such a patient need not know
    /// more than one way takes in which the first holds, so each way is looked at with everything else unknown.
    fn ask_partial(&self, first: &Rc<Formula>, second: &Rc<Formula>, holds: &dyn Fn(&Record) -> bool) -> Found {
        let space = &self.joint.space;
        let holds = |replay: &Replay<'_>| holds(replay.record());
        let (mut found, mut ways, mut undecided) = (None, 0, false);
        let mut confirm = |regions: &_| match self.joint.confirm(regions, &holds, &|_| true) {
            Replayed::As(confirmed) => {
                found = Some(confirmed);
                true
            }
            _ => false,
        };
        let answer = Search::new(space).smallest_that(first, &mut |regions| {
            ways += 1;
            if ways > WAYS {
                undecided = true;
                return true;
            }
            let known = regions.iter().map(|(variable, mask)| Rc::new(Formula::In(*variable, *mask)));
            let missing = space.opposite(&restricted(second, &|variable| regions.contains_key(&variable)));
            let escape = Formula::all(known.chain([missing]));
            let answer = Search::new(space).smallest_that(&escape, &mut |masks| {
                let accepted = space.any_of(masks, &mut confirm);
                undecided |= accepted.is_none();
                accepted == Some(true)
            });
            undecided |= answer == Answer::Undecided;
            matches!(answer, Answer::Patient(_))
        });
        match found.map(|confirmed| self.joint.witness(&confirmed)) {
            Some(witness) => witness.map_or(Found::Undecided, Found::Somebody),
            None if undecided || answer != Answer::Never => Found::Undecided,
            None => Found::Nobody,
        }
    }

    /// Two conditions, the first of the old version and the second of the new one.
    pub fn compare(&self, old: &Condition, new: &Condition) -> Compared {
        if self.is_incomparable(Version::Old, old) || self.is_incomparable(Version::New, new) {
            return Compared {
                incomparable: true,
                ..Compared::default()
            };
        }
        let [first, second] = [(Version::Old, old), (Version::New, new)].map(|(v, c)| self.formula(v, c, true));
        if first == second {
            return Compared::default();
        }
        let undecided = Cell::new(false);
        let only = |here: Version, this: &Condition, there: Version, that: &Condition| {
            let states = |record: &Record| (self.truth(here, record, this), self.truth(there, record, that));
            let [first, present] = [(here, this), (there, that)].map(|(v, c)| self.formula(v, c, true));
            let definite = Formula::all([first.clone(), self.formula(there, that, false)]);
            let is_definite = self.joint.possible(&definite);
            let holds = |r: &Record| states(r) == (Some(Truth::Yes), Some(Truth::No));
            let may_hold = |r: &Record| matches!(states(r), (Some(Truth::Yes), Some(Truth::No | Truth::Unknown)));
            let found = match is_definite {
                None => Found::Undecided,
                Some(true) => match self.ask_readable((&definite, &holds), (&first, &present, &may_hold)) {
                    Found::Nobody => Found::Undecided,
                    found => found,
                },
                Some(false) => self.ask_partial(&first, &present, &may_hold),
            };
            undecided.set(undecided.get() || matches!(found, Found::Undecided));
            let witness = found.somebody()?;
            let other = self.truth(there, &witness.record, that).unwrap_or(Truth::Unknown);
            Some(Only {
                witness,
                other,
                is_definite: is_definite == Some(true),
            })
        };
        let only_old = only(Version::Old, old, Version::New, new);
        let only_new = only(Version::New, new, Version::Old, old);
        Compared {
            only_old,
            only_new,
            undecided: undecided.get(),
            incomparable: false,
        }
    }

    /// A patient for whom the first formula holds, as the first function says; where that takes more facts than a reader can
    /// take in, one for whom too little is known, as in [`Versions::ask_partial`], if that takes fewer.
    #[allow(clippy::type_complexity, reason = "questions come as a formula with its confirmation")]
    fn ask_readable(
        &self,
        (formula, holds): (&Rc<Formula>, &dyn Fn(&Record) -> bool),
        (first, present, may_hold): (&Rc<Formula>, &Rc<Formula>, &dyn Fn(&Record) -> bool),
    ) -> Found {
        if let found @ Found::Somebody(_) = self.ask_within(READABLE, formula, holds) {
            return found;
        }
        if let found @ Found::Somebody(_) = self.ask_partial(first, present, may_hold) {
            return found;
        }
        self.ask(formula, holds)
    }

    fn diff(&self) -> Diff {
        let pairs = matching::rules(self);
        let terms = self.terms();
        let mut rules: Vec<RuleChange> = pairs.iter().filter_map(|pair| self.rule(*pair, &terms)).collect();
        rules.sort_by_cached_key(|change| self.order(change));
        Diff {
            declarations: self.declarations(),
            assumptions: self.assumptions(),
            settlements: self.settlements(&pairs, &rules),
            notes: self.notes(),
            claims: self.claims(),
            terms,
            rules,
        }
    }
}
