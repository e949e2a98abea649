//! Findings put together for a reader: what needs work, the most dangerous first, like with like.
//!
//! In: findings. Out: groups, each with one finding to show whole; what authors have settled is in none of them.
//! Must not know: how a group is drawn.

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::source::Span;
use crate::verify::errors as verify;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

/// Findings that are one matter to a reader.
#[derive(Debug, Clone)]
pub struct Group<'d> {
    /// The one to show: the most severe, with the patient of whom the least is said.
    pub first: &'d Diagnostic,
    /// The others, in the order of their places.
    pub others: Vec<&'d Diagnostic>,
}

/// The groups of sorted findings that need work, the most dangerous first.
///
/// Findings that say no group are one each, and stay in the order in which they come.
pub fn groups(findings: &[Diagnostic]) -> Vec<Group<'_>> {
    let mut places: HashMap<(&str, Severity, &str), usize> = HashMap::new();
    let mut groups: Vec<Group<'_>> = Vec::new();
    for finding in findings.iter().filter(|f| f.accepted.is_none()) {
        let named = finding.about.as_deref().and_then(|about| about.group.as_deref());
        let place = named.map(|group| {
            *places
                .entry((finding.code.number, finding.severity, group))
                .or_insert(groups.len())
        });
        match place.and_then(|place| groups.get_mut(place)) {
            Some(group) => group.others.push(finding),
            None => groups.push(Group {
                first: finding,
                others: Vec::new(),
            }),
        }
    }
    for group in &mut groups {
        if let Some((place, _)) = group.others.iter().enumerate().min_by_key(|(_, f)| facts(f))
            && let Some(other) = group.others.get_mut(place)
            && facts(other) < facts(group.first)
        {
            std::mem::swap(other, &mut group.first);
            group.others.sort_by_key(|f| place_of(f));
        }
    }
    let text_is_wrong = groups
        .iter()
        .any(|g| !is_about_patients(g.first) && g.first.severity == Severity::Error);
    groups.sort_by_key(|group| rank(group.first, text_is_wrong));
    groups
}

/// Each finding by itself, in the order in which they come.
pub fn singles(findings: &[Diagnostic]) -> Vec<Group<'_>> {
    let single = |first| Group {
        first,
        others: Vec::new(),
    };
    findings.iter().map(single).collect()
}

impl<'d> Group<'d> {
    /// All findings of the group, the one to show first.
    pub fn findings(&self) -> impl Iterator<Item = &'d Diagnostic> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }

    /// The actions of the others that the first does not speak of.
    pub fn other_actions(&self) -> Vec<&'d str> {
        let action = |f: &'d Diagnostic| f.about.as_deref().and_then(|a| a.action.as_deref());
        let first = action(self.first);
        let others = self.others.iter().filter_map(|f| action(f)).filter(|a| Some(*a) != first);
        distinct(others)
    }

    /// The rules of the others by document, in the order in which they come.
    pub fn other_rules(&self) -> Vec<(&'d str, Vec<&'d str>)> {
        let rules = |f: &&'d Diagnostic| f.about.as_deref().map_or(&[][..], |a| &a.rules);
        let names = distinct(self.others.iter().flat_map(rules).map(|(name, _)| name.as_str()));
        let mut documents: Vec<(&str, Vec<&str>)> = Vec::new();
        for (document, rule) in names.into_iter().map(|name| name.split_once('.').unwrap_or(("", name))) {
            match documents.iter_mut().find(|(known, _)| *known == document) {
                Some((_, rules)) => rules.push(rule),
                None => documents.push((document, vec![rule])),
            }
        }
        documents.sort_unstable_by_key(|(document, _)| *document);
        documents
    }
}

fn distinct<'d>(names: impl Iterator<Item = &'d str>) -> Vec<&'d str> {
    let mut seen = HashSet::new();
    names.filter(|name| seen.insert(*name)).collect()
}

fn is_about_patients(finding: &Diagnostic) -> bool {
    finding.about.as_deref().is_some_and(|about| about.kind.is_some())
}

/// How much is said of the patient; a finding without one comes last.
fn facts(finding: &Diagnostic) -> usize {
    let witness = finding.about.as_deref().and_then(|about| about.witness.as_ref());
    witness.map_or(usize::MAX, Vec::len)
}

fn place_of(finding: &Diagnostic) -> Option<Span> {
    finding.primary().map(|label| label.span)
}

/// What comes before what: how dangerous it is, then findings of one code together.
///
/// Findings about the text alone stay in the order of the text. If one of them is an error, all of them come first: nothing is
/// evaluated while it stands.
fn rank(finding: &Diagnostic, text_is_wrong: bool) -> (Danger, Reverse<Severity>, &'static str) {
    if is_about_patients(finding) {
        return (danger(finding), Reverse(finding.severity), finding.code.number);
    }
    let danger = if text_is_wrong { Danger::Text } else { Danger::Rest };
    (danger, Reverse(Severity::Warning), "")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Danger {
    /// The text cannot be used as it is.
    Text,
    /// An emergency is held back, or can disappear.
    Safety,
    /// Advice that cannot all be followed.
    Disagreement,
    /// An emergency is told in one place and not in another, or loses some of its force.
    Emergency,
    /// Advice that differs.
    Difference,
    /// Whatever makes a text less clear.
    Rest,
    /// For information.
    Note,
}

fn danger(finding: &Diagnostic) -> Danger {
    let is = |codes: &[&'static Code]| codes.iter().any(|code| code.number == finding.code.number);
    match finding.severity {
        Severity::Note => Danger::Note,
        _ if is(&[&verify::HELD_BACK, &verify::HIDDEN_EMERGENCY]) => Danger::Safety,
        Severity::Error => Danger::Disagreement,
        Severity::Warning if is(&[&verify::POSSIBLE]) => Danger::Disagreement,
        Severity::Warning if is(&EMERGENCIES) => Danger::Emergency,
        Severity::Warning if is(&DIFFERENCES) => Danger::Difference,
        Severity::Warning => Danger::Rest,
    }
}

/// What takes something from an emergency.
static EMERGENCIES: [&Code; 4] = [
    &verify::LOST_DEADLINE,
    &verify::WEAKENED,
    &verify::NARROWING,
    &verify::UNKNOWN_EMERGENCY,
];

/// What documents say otherwise, and nobody is held back by it.
static DIFFERENCES: [&Code; 6] = [
    &verify::DEADLINES,
    &verify::URGENCIES,
    &verify::DURATIONS,
    &verify::STRENGTHS,
    &verify::EVIDENCES,
    &verify::TERMS,
];
