//! Which rule of one version is which of the other.
//!
//! In: two versions. Out: pairs of rules; what has no partner was added or removed.
//! Must not know: patients.
//!
//! A name that both versions have decides. After that meaning does, so that a rule that was renamed or moved is known again;
//! last, what comes from the same statement and speaks of the same action.

use super::changes::written_advice;
use super::{Version, Versions};
use crate::model::{Direction, RuleId};
use crate::verify::space::Formula;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A rule of the old version and its counterpart; one of the two may be missing.
pub(super) type Pair = (Option<RuleId>, Option<RuleId>);

/// What a rule does, without its name and its place: the words of each effect, and where it fires.
type Meaning = Vec<(String, Rc<Formula>)>;

/// How many proofs that two rules mean the same are tried to find a partner.
const PROOFS: usize = 500;

/// All rules of both versions, those of the old one first.
pub(super) fn rules(versions: &Versions<'_>) -> Vec<Pair> {
    let mut matching = Matching {
        versions,
        partner: BTreeMap::new(),
        taken: BTreeSet::new(),
    };
    matching.by(&|old, new| {
        let (old, new) = (old.rule(), new.rule());
        old.named && new.named && old.full_name == new.full_name
    });
    matching.by_meaning();
    matching.by(&|old, new| {
        let (one, other) = (old.rule(), new.rule());
        one.named && other.named && one.name == other.name && !old.advice().is_disjoint(&new.advice())
    });
    matching.by(&|old, new| old.shares_statement(new) && !old.advice().is_disjoint(&new.advice()));
    matching.by(&|old, new| {
        let (one, other) = (old.rule(), new.rule());
        !one.named && !other.named && one.full_name == other.full_name && !old.advice().is_disjoint(&new.advice())
    });
    let old = matching
        .all(Version::Old)
        .into_iter()
        .map(|old| (Some(old), matching.partner.get(&old).copied()));
    let added = matching.left(Version::New).into_iter().map(|new| (None, Some(new)));
    old.chain(added).collect()
}

struct Matching<'v, 'a> {
    versions: &'v Versions<'a>,
    partner: BTreeMap<RuleId, RuleId>,
    /// Rules of the new version that have a partner.
    taken: BTreeSet<RuleId>,
}

/// A rule of a version.
#[derive(Clone, Copy)]
struct Seen<'v, 'a> {
    versions: &'v Versions<'a>,
    version: Version,
    id: RuleId,
}

impl<'v, 'a> Matching<'v, 'a> {
    fn all(&self, version: Version) -> Vec<RuleId> {
        self.versions.verifier(version).rules().collect()
    }

    /// Rules without a partner so far.
    fn left(&self, version: Version) -> Vec<RuleId> {
        let mut all = self.all(version);
        all.retain(|rule| match version {
            Version::Old => !self.partner.contains_key(rule),
            Version::New => !self.taken.contains(rule),
        });
        all
    }

    fn seen(&self, version: Version, id: RuleId) -> Seen<'v, 'a> {
        Seen {
            versions: self.versions,
            version,
            id,
        }
    }

    fn pair(&mut self, old: RuleId, new: RuleId) {
        self.partner.insert(old, new);
        self.taken.insert(new);
    }

    /// Pairs each rule with the first that fits, of the same guideline if there is one.
    fn by(&mut self, fits: &dyn Fn(Seen<'_, '_>, Seen<'_, '_>) -> bool) {
        for old in self.left(Version::Old) {
            let one = self.seen(Version::Old, old);
            let fitting = self
                .left(Version::New)
                .into_iter()
                .filter(|new| fits(one, self.seen(Version::New, *new)));
            let new = fitting.min_by_key(|new| (one.guideline() != self.seen(Version::New, *new).guideline(), *new));
            if let Some(new) = new {
                self.pair(old, new);
            }
        }
    }

    /// Pairs rules that mean the same: those that plainly do, then those for which it can be proven.
    fn by_meaning(&mut self) {
        let mut by_meaning: BTreeMap<Vec<String>, Vec<(RuleId, Meaning)>> = BTreeMap::new();
        for new in self.left(Version::New) {
            let meaning = self.seen(Version::New, new).meaning();
            let words = meaning.iter().map(|(words, _)| words.clone()).collect();
            by_meaning.entry(words).or_default().push((new, meaning));
        }
        let left: Vec<(RuleId, Meaning)> = self
            .left(Version::Old)
            .into_iter()
            .map(|old| (old, self.seen(Version::Old, old).meaning()))
            .collect();
        let mut proofs = PROOFS;
        for by_proof in [false, true] {
            for (old, meaning) in &left {
                if self.partner.contains_key(old) {
                    continue;
                }
                let one = self.seen(Version::Old, *old);
                let words: Vec<String> = meaning.iter().map(|(words, _)| words.clone()).collect();
                let candidates = by_meaning.get(&words).into_iter().flatten();
                let mut candidates: Vec<&(RuleId, Meaning)> = candidates.filter(|(new, _)| !self.taken.contains(new)).collect();
                candidates.sort_by_key(|(new, _)| {
                    let other = self.seen(Version::New, *new);
                    (!one.shares_statement(other), one.guideline() != other.guideline(), *new)
                });
                let found = candidates.into_iter().find(|(new, other)| {
                    meaning == other
                        || (by_proof && {
                            proofs = proofs.saturating_sub(1);
                            proofs > 0 && self.proven(*old, *new)
                        })
                });
                if let Some((new, _)) = found {
                    let new = *new;
                    self.pair(*old, new);
                }
            }
        }
    }

    /// Whether the effects of the two fire for the same patients. Both list the same effects.
    fn proven(&self, old: RuleId, new: RuleId) -> bool {
        let effects = |version, rule| self.seen(version, rule).effects();
        let pairs = effects(Version::Old, old).into_iter().zip(effects(Version::New, new));
        let libraries = [Version::Old, Version::New].map(|v| self.versions.library(v));
        pairs.into_iter().all(|(one, other)| {
            self.versions
                .compare(&libraries[0][one].guard, &libraries[1][other].guard)
                .is_same()
        })
    }
}

impl Seen<'_, '_> {
    fn rule(&self) -> &crate::model::Rule {
        &self.versions.library(self.version)[self.id]
    }

    fn guideline(&self) -> &str {
        &self.versions.library(self.version)[self.rule().guideline].name
    }

    fn shares_statement(&self, other: Seen<'_, '_>) -> bool {
        let own: BTreeSet<&str> = self.rule().statements.iter().map(|s| s.id.as_str()).collect();
        other.rule().statements.iter().any(|s| own.contains(s.id.as_str()))
    }

    /// The actions spoken of, with the direction.
    fn advice(&self) -> BTreeSet<(Direction, String)> {
        let library = self.versions.library(self.version);
        let effects = self.rule().effects.iter().map(|e| &library[*e]);
        effects
            .flat_map(|e| e.actions.iter().map(move |a| (e.direction(), library[*a].name.clone())))
            .collect()
    }

    /// The effects in an order that does not depend on how they are written.
    fn effects(&self) -> Vec<crate::model::EffectId> {
        let library = self.versions.library(self.version);
        let mut effects = self.rule().effects.clone();
        effects.sort_by_cached_key(|e| written_advice(library, *e, &library[*e].actions));
        effects
    }

    fn meaning(&self) -> Meaning {
        let library = self.versions.library(self.version);
        let effects = self.effects().into_iter().map(|effect| {
            let words = written_advice(library, effect, &library[effect].actions);
            (words, self.versions.guard(self.version, effect))
        });
        effects.collect()
    }
}
