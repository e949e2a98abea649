//! What changed between two versions as JSON, in the shape of `gl.diff/1`.
//!
//! In: a [`Diff`] with both versions. Out: one serialisable object; every field is always present.
//! Must not know: how changes are found. Field order and list order are part of the format.

use super::json::{PlaceJson, place};
use crate::load::Loaded;
use crate::model::{EffectId, Library, RuleId};
use crate::source::Span;
use crate::verify::diff::{
    Compared, Danger, Diff, EffectChange, Only, Shift, State, TermId, Told, Version, Wording, written_advice,
};
use crate::verify::witness::Witness;
use serde::Serialize;
use std::collections::BTreeMap;

/// Both versions, with what to call them.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Versions<'a> {
    pub old: &'a Loaded,
    pub old_name: &'a str,
    pub new: &'a Loaded,
    pub new_name: &'a str,
}

impl<'a> Versions<'a> {
    /// What was loaded for a version.
    pub fn loaded(&self, version: Version) -> &'a Loaded {
        match version {
            Version::Old => self.old,
            Version::New => self.new,
        }
    }

    /// The library of a version.
    pub fn library(&self, version: Version) -> &'a Library {
        &self.loaded(version).library
    }

    /// Where something of a version stands.
    pub fn place(&self, version: Version, span: Span) -> Option<PlaceJson> {
        place(&self.loaded(version).sources, span)
    }

    /// The name of a rule of the version in which it is missing or not.
    pub fn rule(&self, version: Version, rule: RuleId) -> &'a str {
        self.library(version).rule_name(rule)
    }

    /// In which version the rules of [`Told::elsewhere`] stand: the one in which the advice is missing.
    pub fn elsewhere(told: &Told) -> Version {
        if matches!(told.new, State::Active) && !matches!(told.old, State::Active) {
            Version::Old
        } else {
            Version::New
        }
    }
}

/// Everything that changed.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct DiffJson {
    pub schema: &'static str,
    pub engine: String,
    pub old: VersionJson,
    pub new: VersionJson,
    /// Whether the versions mean the same.
    pub same_meaning: bool,
    pub rules: Vec<RuleChangeJson>,
    pub terms: Vec<TermChangeJson>,
    pub declarations: Vec<DeclarationJson>,
    pub assumptions: Vec<AssumptionJson>,
    pub settlements: Vec<SettlementJson>,
    pub notes: Vec<NoteJson>,
    pub claims: Vec<ClaimJson>,
    pub summary: SummaryJson,
}

/// One version.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct VersionJson {
    pub name: String,
    pub guidelines: Vec<GuidelineJson>,
    pub rules: usize,
}

#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct GuidelineJson {
    pub id: String,
    pub version: String,
    pub status: &'static str,
    pub hash: String,
}

#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct RuleChangeJson {
    pub danger: &'static str,
    /// All that happened to it, such as `narrowed`.
    pub kinds: Vec<&'static str>,
    pub old: Option<RuleJson>,
    pub new: Option<RuleJson>,
    pub effects: Vec<EffectJson>,
    /// Terms with another meaning that the rule speaks of.
    pub through: Vec<String>,
    pub wording: Vec<WordingJson>,
}

#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct RuleJson {
    pub rule: String,
    pub statements: Vec<String>,
    pub place: Option<PlaceJson>,
}

#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct EffectJson {
    pub danger: &'static str,
    /// As an author writes it; null where the version has no such effect.
    pub old: Option<String>,
    pub new: Option<String>,
    pub aspects: Vec<AspectJson>,
    /// Somebody who gets both, where aspects differ.
    pub both: Option<ToldJson>,
    pub shifts: Vec<ShiftJson>,
}

#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct AspectJson {
    pub kind: &'static str,
    pub what: &'static str,
    pub old: String,
    pub new: String,
}

#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct ShiftJson {
    pub kind: &'static str,
    pub actions: Vec<String>,
    pub told: Option<ToldJson>,
}

/// A patient, and what became of the advice in each version.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct ToldJson {
    pub witness: BTreeMap<String, String>,
    pub old: StateJson,
    pub new: StateJson,
    /// Rules that say as much to everybody who is affected, of the version without the advice.
    pub elsewhere: Vec<String>,
}

/// What a version makes of the advice.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct StateJson {
    /// `active`, `overridden`, `open`, `undecided`, `no`, `absent` or `rejected`.
    pub state: &'static str,
    /// The rules that it gives way to, or may.
    pub by: Vec<String>,
    /// The facts that it waits for.
    pub needs: Vec<String>,
}

#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct WordingJson {
    pub what: &'static str,
    pub old: String,
    pub new: String,
}

/// Two conditions against each other.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct ComparedJson {
    pub same: bool,
    pub undecided: bool,
    pub incomparable: bool,
    pub only_old: Option<OnlyJson>,
    pub only_new: Option<OnlyJson>,
}

/// Somebody for whom one condition holds, and what the other is: `no`, or `unknown`.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct OnlyJson {
    pub witness: BTreeMap<String, String>,
    pub other: &'static str,
    /// Whether the other is `no` for some patient; else it only asks for more.
    pub definite: bool,
}

#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct TermChangeJson {
    pub term: String,
    pub old: Option<PlaceJson>,
    pub new: Option<PlaceJson>,
    pub meaning: ComparedJson,
    pub wording: Vec<WordingJson>,
}

#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct DeclarationJson {
    pub kind: &'static str,
    pub name: String,
    pub what: &'static str,
    pub old: Option<String>,
    pub new: Option<String>,
    pub meaning: bool,
}

#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct AssumptionJson {
    pub assumption: String,
    pub old: Option<PlaceJson>,
    pub new: Option<PlaceJson>,
    /// Somebody whom the version with the assumption rejects, and the other accepts.
    pub rejected: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct SettlementJson {
    pub rules: Vec<String>,
    pub old: Option<PlaceJson>,
    pub new: Option<PlaceJson>,
    pub decides_otherwise: bool,
    /// Rules that no longer mean what they meant when it was written.
    pub changed_rules: Vec<String>,
    pub wording: Vec<WordingJson>,
}

#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct NoteJson {
    pub note: String,
    pub old: Option<PlaceJson>,
    pub new: Option<PlaceJson>,
    pub meaning: ComparedJson,
    pub wording: Vec<WordingJson>,
}

#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct ClaimJson {
    pub claim: String,
    pub old: Option<PlaceJson>,
    pub new: Option<PlaceJson>,
}

/// How many rules changed in which way.
#[derive(Debug, Clone, Copy, Default, Serialize, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct SummaryJson {
    pub emergency: usize,
    pub loss: usize,
    pub change: usize,
    pub gain: usize,
    pub wording: usize,
}

impl SummaryJson {
    /// Counts the rules.
    pub fn of(diff: &Diff) -> Self {
        let count = |danger: Danger| diff.rules.iter().filter(|r| r.danger == danger).count();
        SummaryJson {
            emergency: count(Danger::Emergency),
            loss: count(Danger::Loss),
            change: count(Danger::Change),
            gain: count(Danger::Gain),
            wording: count(Danger::Wording),
        }
    }
}

/// The object for two versions.
pub fn changes(versions: Versions<'_>, diff: &Diff) -> DiffJson {
    let at = |version: Version, span: Option<Span>| span.and_then(|span| versions.place(version, span));
    DiffJson {
        schema: "gl.diff/1",
        engine: format!("gl {}", env!("CARGO_PKG_VERSION")),
        old: version(versions.old_name, versions.old),
        new: version(versions.new_name, versions.new),
        same_meaning: diff.is_same_meaning(),
        rules: diff.rules.iter().map(|change| rule_change(versions, change)).collect(),
        terms: diff
            .terms
            .iter()
            .map(|term| TermChangeJson {
                term: term.name.clone(),
                old: at(Version::Old, term.old.map(|id| term_span(versions.library(Version::Old), id))),
                new: at(Version::New, term.new.map(|id| term_span(versions.library(Version::New), id))),
                meaning: compared(&term.compared),
                wording: wordings(&term.wording),
            })
            .collect(),
        declarations: diff
            .declarations
            .iter()
            .map(|d| DeclarationJson {
                kind: d.kind,
                name: d.name.clone(),
                what: d.what,
                old: d.old.clone(),
                new: d.new.clone(),
                meaning: d.is_meaning,
            })
            .collect(),
        assumptions: diff
            .assumptions
            .iter()
            .map(|a| {
                let (l, m) = (versions.library(Version::Old), versions.library(Version::New));
                let text = a.old.map(|id| &l[id].text).or(a.new.map(|id| &m[id].text));
                AssumptionJson {
                    assumption: text.cloned().unwrap_or_default(),
                    old: at(Version::Old, a.old.map(|id| l[id].span)),
                    new: at(Version::New, a.new.map(|id| m[id].span)),
                    rejected: a.rejected.as_ref().map(record),
                }
            })
            .collect(),
        settlements: diff
            .settlements
            .iter()
            .map(|s| {
                let (l, m) = (versions.library(Version::Old), versions.library(Version::New));
                let names = |library: &Library, rules: &[RuleId]| -> Vec<String> {
                    rules.iter().map(|r| library.rule_name(*r).to_owned()).collect()
                };
                let rules = match (s.old, s.new) {
                    (_, Some(new)) => names(m, &m[new].rules),
                    (Some(old), None) => names(l, &l[old].rules),
                    (None, None) => Vec::new(),
                };
                SettlementJson {
                    rules,
                    old: at(Version::Old, s.old.map(|id| l[id].span)),
                    new: at(Version::New, s.new.map(|id| m[id].span)),
                    decides_otherwise: s.decides_otherwise,
                    changed_rules: s.changed_rules.clone(),
                    wording: wordings(&s.wording),
                }
            })
            .collect(),
        notes: diff
            .notes
            .iter()
            .map(|n| {
                let (l, m) = (versions.library(Version::Old), versions.library(Version::New));
                let name = n.new.map(|id| &m[id].full_name).or(n.old.map(|id| &l[id].full_name));
                NoteJson {
                    note: name.cloned().unwrap_or_default(),
                    old: at(Version::Old, n.old.map(|id| l[id].span)),
                    new: at(Version::New, n.new.map(|id| m[id].span)),
                    meaning: compared(&n.compared),
                    wording: wordings(&n.wording),
                }
            })
            .collect(),
        claims: diff
            .claims
            .iter()
            .map(|c| {
                let span = |version: Version, index: Option<usize>| {
                    let claim = versions.library(version).claims.get(index?)?;
                    Some(claim.span)
                };
                ClaimJson {
                    claim: c.claim.clone(),
                    old: at(Version::Old, span(Version::Old, c.old)),
                    new: at(Version::New, span(Version::New, c.new)),
                }
            })
            .collect(),
        summary: SummaryJson::of(diff),
    }
}

/// Where a term stands.
pub fn term_span(library: &Library, term: TermId) -> Span {
    match term {
        TermId::Definition(id) => library[id].name_span,
        TermId::Scope(id) => library[id].span,
    }
}

fn version(name: &str, loaded: &Loaded) -> VersionJson {
    VersionJson {
        name: name.to_owned(),
        guidelines: loaded
            .library
            .guidelines
            .iter()
            .map(|g| GuidelineJson {
                id: g.name.clone(),
                version: g.version.clone(),
                status: g.status.word(),
                hash: g.hash.clone(),
            })
            .collect(),
        rules: loaded.library.rules.len(),
    }
}

fn rule_change(versions: Versions<'_>, change: &crate::verify::diff::RuleChange) -> RuleChangeJson {
    let rule = |version: Version, rule: Option<RuleId>| {
        rule.map(|id| {
            let rule = &versions.library(version)[id];
            RuleJson {
                rule: rule.full_name.clone(),
                statements: rule.statements.iter().map(|s| s.id.clone()).collect(),
                place: versions.place(version, rule.name_span),
            }
        })
    };
    let kinds = change.effects.iter().flat_map(|e| {
        let aspects = e.aspects.iter().map(|a| a.kind);
        aspects.chain(e.shifts.iter().map(|s| s.kind))
    });
    let kinds: std::collections::BTreeSet<_> = kinds.collect();
    RuleChangeJson {
        danger: change.danger.word(),
        kinds: kinds.into_iter().map(|k| k.word()).collect(),
        old: rule(Version::Old, change.old),
        new: rule(Version::New, change.new),
        effects: change.effects.iter().map(|e| effect(versions, e)).collect(),
        through: change.through.clone(),
        wording: wordings(&change.wording),
    }
}

fn effect(versions: Versions<'_>, change: &EffectChange) -> EffectJson {
    let words = |version: Version, effect: Option<EffectId>| {
        let library = versions.library(version);
        effect.map(|e| written_advice(library, e, &library[e].actions))
    };
    EffectJson {
        danger: change.danger.word(),
        old: words(Version::Old, change.old),
        new: words(Version::New, change.new),
        aspects: change
            .aspects
            .iter()
            .map(|a| AspectJson {
                kind: a.kind.word(),
                what: a.what,
                old: a.old.clone(),
                new: a.new.clone(),
            })
            .collect(),
        both: change.both.as_ref().map(|t| told(versions, t)),
        shifts: change.shifts.iter().map(|s| shift(versions, s)).collect(),
    }
}

fn shift(versions: Versions<'_>, shift: &Shift) -> ShiftJson {
    ShiftJson {
        kind: shift.kind.word(),
        actions: shift.actions.clone(),
        told: shift.told.as_ref().map(|t| told(versions, t)),
    }
}

fn told(versions: Versions<'_>, told: &Told) -> ToldJson {
    let state = |version: Version, state: &State| {
        let library = versions.library(version);
        let by = match state {
            State::Overridden(by) | State::Open(by) => by.iter().map(|r| library.rule_name(*r).to_owned()).collect(),
            _ => Vec::new(),
        };
        let needs = match state {
            State::Undecided(needs) => needs.iter().map(|f| library[*f].name.clone()).collect(),
            _ => Vec::new(),
        };
        StateJson {
            state: state.word(),
            by,
            needs,
        }
    };
    let there = Versions::elsewhere(told);
    ToldJson {
        witness: record(&told.witness),
        old: state(Version::Old, &told.old),
        new: state(Version::New, &told.new),
        elsewhere: told.elsewhere.iter().map(|r| versions.rule(there, *r).to_owned()).collect(),
    }
}

/// Facts as in a case file, with the date of evaluation where the patient needs one.
pub fn record(witness: &Witness) -> BTreeMap<String, String> {
    let as_of = witness.as_of.clone().map(|date| ("as_of".to_owned(), date));
    witness.facts.iter().cloned().chain(as_of).collect()
}

/// Two conditions against each other.
pub fn compared(compared: &Compared) -> ComparedJson {
    let only = |only: &Option<Only>| {
        only.as_ref().map(|only| OnlyJson {
            witness: record(&only.witness),
            other: only.other.word(),
            definite: only.is_definite,
        })
    };
    ComparedJson {
        same: compared.is_same(),
        undecided: compared.undecided,
        incomparable: compared.incomparable,
        only_old: only(&compared.only_old),
        only_new: only(&compared.only_new),
    }
}

fn wordings(wording: &[Wording]) -> Vec<WordingJson> {
    let all = wording.iter().map(|w| WordingJson {
        what: w.what,
        old: w.old.clone(),
        new: w.new.clone(),
    });
    all.collect()
}
