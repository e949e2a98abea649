//! Everything but rules and terms: facts, actions, assumptions, settlements, notes, claims.
//!
//! In: two versions. Out: what is not the same.
//! Must not know: how rules are compared.

use super::changes::{cited, listed, push, written};
use super::matching::Pair;
use super::{
    AssumptionChange, ClaimChange, Compared, DeclarationChange, NoteChange, RuleChange, SettlementChange, Version, Versions,
};
use crate::model::{
    AssumptionId, AssumptionKind, Condition, Fact, FactType, Library, Note, NoteId, Record, RuleId, Settlement,
    SettlementDecision, SettlementId,
};
use crate::verify::search::{Answer, Search};
use crate::verify::space::Formula;
use crate::verify::witness::Witness;
use std::collections::{BTreeMap, BTreeSet};

/// What a declaration says, property by property, each with whether records or advice can mean something else by it.
type Properties = Vec<(&'static str, String, bool)>;

/// The declarations of one kind, by name.
type Declared<'f> = (&'static str, &'f dyn Fn(&Library) -> BTreeMap<String, Properties>);

impl Versions<'_> {
    /// Facts, actions, scales and guidelines that are not declared alike.
    pub(super) fn declarations(&self) -> Vec<DeclarationChange> {
        let kinds: [Declared<'_>; 4] = [
            ("fact", &facts),
            ("action", &actions),
            ("scale", &scales),
            ("guideline", &guidelines),
        ];
        let mut found = Vec::new();
        for (kind, read) in kinds {
            let (old, new) = (read(self.library(Version::Old)), read(self.library(Version::New)));
            let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for name in names {
                let change = |what, old, new, is_meaning| DeclarationChange {
                    kind,
                    name: name.clone(),
                    what,
                    old,
                    new,
                    is_meaning,
                };
                match (old.get(name), new.get(name)) {
                    (Some(one), Some(other)) => {
                        let differing = one.iter().zip(other).filter(|(one, other)| one.1 != other.1);
                        found.extend(
                            differing.map(|(one, other)| change(one.0, Some(one.1.clone()), Some(other.1.clone()), one.2)),
                        );
                    }
                    (one, other) => {
                        let first = |properties: Option<&Properties>| properties.and_then(|p| p.first()).map(|p| p.1.clone());
                        // By itself it means nothing: the rules that speak of it say what it is for.
                        found.push(change("declaration", first(one), first(other), false));
                    }
                }
            }
        }
        found
    }

    /// Assumptions that only one version makes.
    pub(super) fn assumptions(&self) -> Vec<AssumptionChange> {
        let texts = |version: Version| {
            let library = self.library(version);
            let all = library.assumptions.iter().enumerate();
            all.map(|(index, a)| (a.text.clone(), AssumptionId::from_index(index)))
                .collect::<BTreeMap<_, _>>()
        };
        let (old, new) = (texts(Version::Old), texts(Version::New));
        let only = |one: &BTreeMap<String, AssumptionId>, other: &BTreeMap<String, AssumptionId>| {
            let only = one.iter().filter(|(text, _)| !other.contains_key(*text));
            only.map(|(_, id)| *id).collect::<Vec<_>>()
        };
        let gone = only(&old, &new).into_iter().map(|id| AssumptionChange {
            old: Some(id),
            new: None,
            rejected: self.rejected(Version::Old, id),
        });
        let added = only(&new, &old).into_iter().map(|id| AssumptionChange {
            old: None,
            new: Some(id),
            rejected: self.rejected(Version::New, id),
        });
        gone.chain(added).collect()
    }

    /// Somebody whom only version `here` rejects, by this assumption.
    fn rejected(&self, here: Version, id: AssumptionId) -> Option<Witness> {
        let formula = |condition: &Condition, positive| self.formula(here, condition, positive);
        let broken = match &self.library(here)[id].kind {
            AssumptionKind::Implies { left, right } => Formula::all([formula(left, true), formula(right, false)]),
            AssumptionKind::AtMostOne { parts } => {
                let pairs = parts.iter().enumerate().flat_map(|(place, one)| {
                    let others = parts.iter().skip(place + 1);
                    others.map(move |other| Formula::all([formula(one, true), formula(other, true)]))
                });
                Formula::any(pairs)
            }
            AssumptionKind::Order { .. } => return None,
        };
        let accepts = |version: Version, record: &Record| self.look(version, record, |_| ()).is_some();
        let mut found = None;
        let answer = Search::new(&self.joint.space)
            .without_assumptions()
            .smallest_that(&broken, &mut |masks| {
                let regions = masks.iter().filter_map(|(variable, mask)| {
                    let region = self.joint.space.by_preference(*variable, *mask).next()?;
                    Some((*variable, region))
                });
                // The joint library makes the assumption too, and so cannot accept the record itself.
                found = self
                    .joint
                    .put_on_record(&regions.collect())
                    .filter(|record| accepts(here.other(), record) && !accepts(here, record));
                found.is_some()
            });
        found
            .filter(|_| matches!(answer, Answer::Patient(_)))
            .map(|record| self.joint.spelled_out(record))
    }

    /// Settlements that are not the same, or whose rules changed their meaning.
    pub(super) fn settlements(&self, pairs: &[Pair], rules: &[RuleChange]) -> Vec<SettlementChange> {
        let new_name: BTreeMap<RuleId, RuleId> = pairs.iter().filter_map(|(old, new)| Some(((*old)?, (*new)?))).collect();
        let (l, m) = (self.library(Version::Old), self.library(Version::New));
        // By the rules of the new version; a rule that is gone keeps its old name.
        let key = |version: Version, settlement: &Settlement| -> BTreeSet<String> {
            let name = |rule: &RuleId| match version {
                Version::Old => new_name
                    .get(rule)
                    .map_or_else(|| l.rule_name(*rule).to_owned(), |new| m.rule_name(*new).to_owned()),
                Version::New => m.rule_name(*rule).to_owned(),
            };
            settlement.rules.iter().map(name).collect()
        };
        let all = |version: Version| {
            let settlements = self.library(version).settlements.iter().enumerate();
            settlements
                .map(|(index, s)| (key(version, s), SettlementId::from_index(index)))
                .collect::<Vec<_>>()
        };
        let old = all(Version::Old);
        let mut left = old.clone();
        let changed: BTreeSet<String> = rules
            .iter()
            .filter(|r| r.is_meaning())
            .filter_map(|r| Some(m.rule_name(r.new?).to_owned()))
            .collect();
        let mut found = Vec::new();
        for (key, new) in all(Version::New) {
            let partner = left.iter().position(|(other, _)| *other == key);
            let old = partner.map(|place| left.remove(place).1);
            let mut change = SettlementChange {
                old,
                new: Some(new),
                wording: Vec::new(),
                decides_otherwise: false,
                changed_rules: key.intersection(&changed).cloned().collect(),
            };
            if let Some(old) = old {
                let (was, is) = (
                    self.decision(Version::Old, old, &new_name),
                    self.decision(Version::New, new, &new_name),
                );
                change.decides_otherwise = was != is;
                push(&mut change.wording, "decision", was, is);
                push(&mut change.wording, "because", l[old].because.clone(), m[new].because.clone());
                if change.wording.is_empty() && change.changed_rules.is_empty() {
                    continue;
                }
            } else {
                // It was written for the rules as they are now.
                change.changed_rules.clear();
            }
            found.push(change);
        }
        found.extend(left.into_iter().map(|(_, old)| SettlementChange {
            old: Some(old),
            new: None,
            wording: Vec::new(),
            decides_otherwise: false,
            changed_rules: Vec::new(),
        }));
        found
    }

    fn decision(&self, version: Version, id: SettlementId, new_name: &BTreeMap<RuleId, RuleId>) -> String {
        let library = self.library(version);
        match &library[id].decision {
            SettlementDecision::LeaveOpen => "leave open".to_owned(),
            SettlementDecision::Prefer { rule, when } => {
                let name = match (version, new_name.get(rule)) {
                    (Version::Old, Some(new)) => self.library(Version::New).rule_name(*new),
                    _ => library.rule_name(*rule),
                };
                if when.is_always() {
                    format!("prefer {name}")
                } else {
                    format!("prefer {name} when {}", written(library, when))
                }
            }
        }
    }

    /// Notes that are not the same. They are known by their text, or by their name.
    #[allow(clippy::type_complexity, reason = "a list of three closures, read once")]
    pub(super) fn notes(&self) -> Vec<NoteChange> {
        let ids = |version: Version| (0..self.library(version).notes.len()).map(NoteId::from_index);
        let (l, m) = (self.library(Version::Old), self.library(Version::New));
        let mut left: Vec<NoteId> = ids(Version::Old).collect();
        let mut right: Vec<NoteId> = ids(Version::New).collect();
        let mut pairs = Vec::new();
        let fits: [&dyn Fn(&Note, &Note) -> bool; 3] = [
            &|one, other| one.text == other.text && one.full_name == other.full_name,
            &|one, other| one.text == other.text,
            &|one, other| one.full_name == other.full_name && !one.full_name.contains(".note-"),
        ];
        for fits in fits {
            left.retain(|old| {
                let place = right.iter().position(|new| fits(&l[*old], &m[*new]));
                if let Some(place) = place {
                    pairs.push((*old, right.remove(place)));
                }
                place.is_none()
            });
        }
        pairs.sort();
        let mut found: Vec<NoteChange> = pairs.into_iter().filter_map(|(old, new)| self.note(old, new)).collect();
        let alone = |old, new| NoteChange {
            old,
            new,
            compared: Compared::default(),
            wording: Vec::new(),
        };
        found.extend(left.into_iter().map(|old| alone(Some(old), None)));
        found.extend(right.into_iter().map(|new| alone(None, Some(new))));
        found
    }

    fn note(&self, old: NoteId, new: NoteId) -> Option<NoteChange> {
        let (l, m) = (self.library(Version::Old), self.library(Version::New));
        let (a, b) = (&l[old], &m[new]);
        let compared = self.compare(&a.guard, &b.guard);
        let mut wording = Vec::new();
        push(&mut wording, "text", a.text.clone(), b.text.clone());
        push(&mut wording, "about", stances(l, a), stances(m, b));
        push(&mut wording, "statements", listed(&a.statements), listed(&b.statements));
        push(&mut wording, "citations", cited(l, &a.cites), cited(m, &b.cites));
        (!compared.is_same() || !wording.is_empty()).then_some(NoteChange {
            old: Some(old),
            new: Some(new),
            compared,
            wording,
        })
    }

    /// Claims that are not the same.
    pub(super) fn claims(&self) -> Vec<ClaimChange> {
        let all = |version: Version| {
            let library = self.library(version);
            let claims = library.claims.iter().enumerate().map(|(index, claim)| {
                let guideline = claim.guideline.map_or("", |g| &library[g].name);
                let actions: Vec<&str> = claim.actions.iter().map(|a| library[*a].name.as_str()).collect();
                let whole = format!("{} for {}", written(library, &claim.over), actions.join(", "));
                ((guideline.to_owned(), claim.claim.clone()), (index, whole))
            });
            claims.collect::<BTreeMap<_, _>>()
        };
        let (old, new) = (all(Version::Old), all(Version::New));
        let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
        names
            .into_iter()
            .filter_map(|key| {
                let (one, other) = (old.get(key), new.get(key));
                (one.map(|c| &c.1) != other.map(|c| &c.1)).then(|| ClaimChange {
                    claim: key.1.clone(),
                    old: one.map(|c| c.0),
                    new: other.map(|c| c.0),
                })
            })
            .collect()
    }
}

fn stances(library: &Library, note: &Note) -> String {
    let stances = note.stances.iter().map(|(stance, actions)| {
        let names: Vec<&str> = actions.iter().map(|a| library[*a].name.as_str()).collect();
        format!("{} {}", stance.word(), names.join(", "))
    });
    let texts: Vec<String> = stances.collect();
    if texts.is_empty() {
        "none".to_owned()
    } else {
        texts.join(" ")
    }
}

fn facts(library: &Library) -> BTreeMap<String, Properties> {
    let of = |fact: &Fact| {
        let range = fact.range.map_or("none".to_owned(), |(low, high)| match &fact.ty {
            FactType::Quantity { .. } | FactType::TimeSince { .. } => {
                format!("{} to {}", amount(&fact.ty, low), amount(&fact.ty, high))
            }
            _ => format!("{} to {}", low.normalize(), high.normalize()),
        });
        let default = if fact.default_no { "no" } else { "unknown" };
        vec![
            ("type", ty(library, &fact.ty), true),
            ("range", range, true),
            ("default", default.to_owned(), true),
            ("label", fact.label.clone(), false),
            ("question", fact.question.clone().unwrap_or_else(|| "none".to_owned()), false),
            ("codes", codes(&fact.codes), false),
        ]
    };
    library.facts.iter().map(|fact| (fact.name.clone(), of(fact))).collect()
}

/// A number of the fact in its own unit.
fn amount(ty: &FactType, value: rust_decimal::Decimal) -> String {
    use crate::model::units::{TimeUnit, Unit};
    let unit = match ty {
        FactType::Quantity { unit: Unit::Time(unit) } => Some(*unit),
        FactType::TimeSince { .. } => Some(TimeUnit::Days),
        _ => None,
    };
    match (unit, ty) {
        (Some(unit), _) => {
            let amount = value.checked_div(unit.minutes()).unwrap_or(value);
            crate::model::Duration { amount, unit }.to_string()
        }
        (None, FactType::Quantity { unit }) => format!("{} {}", value.normalize(), unit.written()),
        (None, _) => value.normalize().to_string(),
    }
}

fn ty(library: &Library, ty: &FactType) -> String {
    match ty {
        FactType::YesNo => "yes/no".to_owned(),
        FactType::OneOf { values, ordered } => format!("one of {}", values.join(if *ordered { " < " } else { ", " })),
        FactType::AnyOf { members } => format!("any of {}", members.join(", ")),
        FactType::Date => "date".to_owned(),
        FactType::Quantity { unit } => format!("quantity in {}", unit.written()),
        FactType::Count => "count".to_owned(),
        FactType::TimeSince { date } => format!("time since {}", library[*date].name),
    }
}

fn codes(codes: &[(String, String)]) -> String {
    let texts: Vec<String> = codes.iter().map(|(system, code)| format!("{system} {code}")).collect();
    if texts.is_empty() {
        "none".to_owned()
    } else {
        texts.join(", ")
    }
}

fn actions(library: &Library) -> BTreeMap<String, Properties> {
    let of = |(index, action): (usize, &crate::model::Action)| {
        let above = library
            .ancestors
            .get(index)
            .into_iter()
            .flatten()
            .filter(|a| a.index() != index);
        let mut above: Vec<&str> = above.map(|a| library[*a].name.as_str()).collect();
        above.sort_unstable();
        let kinds = if above.is_empty() {
            "none".to_owned()
        } else {
            above.join(", ")
        };
        let properties = vec![
            ("kind of", kinds, true),
            ("label", action.label.clone(), false),
            ("synonyms", action.synonyms.join(", "), false),
            ("codes", codes(&action.codes), false),
        ];
        (action.name.clone(), properties)
    };
    library.actions.iter().enumerate().map(of).collect()
}

fn scales(library: &Library) -> BTreeMap<String, Properties> {
    let of = |scale: &crate::model::Scale| (scale.name.clone(), vec![("points", scale.points.join(" > "), true)]);
    library.scales.iter().map(of).collect()
}

fn guidelines(library: &Library) -> BTreeMap<String, Properties> {
    let of = |guideline: &crate::model::Guideline| {
        let properties = vec![
            ("title", guideline.title.clone(), false),
            ("version", guideline.version.clone(), false),
            ("status", guideline.status.word().to_owned(), true),
            ("statements", listed(&guideline.statements), false),
        ];
        (guideline.name.clone(), properties)
    };
    library.guidelines.iter().map(of).collect()
}
