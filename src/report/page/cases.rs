//! The cases: patients with what is expected of them, and what came.

use super::Cx;
use super::view::{Case, CaseGroup, CaseLink, Failure};
use super::words::named;
use crate::ast;
use crate::eval::settle::Inference;
use crate::eval::{Options, evaluate};
use crate::model::RuleId;
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Cases in which each rule fires.
pub(super) type Fired = BTreeMap<RuleId, Seen>;

/// How many cases are named at a rule; the rest is counted.
const NAMED: usize = 8;

/// Cases in which a rule fires.
#[derive(Default)]
pub(super) struct Seen {
    /// First those that expect something from a statement of the rule.
    expecting: Vec<CaseLink>,
    others: Vec<CaseLink>,
}

impl Seen {
    /// Those to name, and how many there are.
    pub(super) fn named(&self) -> (Vec<CaseLink>, usize) {
        let named = self.expecting.iter().chain(&self.others).take(NAMED);
        (named.cloned().collect(), self.expecting.len() + self.others.len())
    }
}

/// Where a case stands on the page.
pub(super) fn anchor(index: usize) -> String {
    format!("case-{}", index + 1)
}

/// The cases by the file in which they stand.
pub(super) fn groups(cx: &Cx<'_>) -> Vec<CaseGroup> {
    let items = cx.loaded.trees.iter().flat_map(|tree| &tree.tree.items);
    let written: BTreeMap<Span, Span> = items
        .filter_map(|item| match item {
            ast::Item::Case(case) => Some((case.title.span, case.span)),
            _ => None,
        })
        .collect();
    let mut groups: Vec<CaseGroup> = Vec::new();
    for (index, (case, result)) in cx.input.cases.iter().enumerate() {
        let passed = result.failures.is_empty();
        let after_title = written.get(&case.span).map(|whole| Span {
            start: case.span.end,
            ..*whole
        });
        let lines = cx.loaded.sources.text(after_title.unwrap_or(case.span)).lines();
        let lines = lines.map(|line| cx.text(line.trim())).filter(|line| !line.is_empty());
        let case = Case {
            anchor: anchor(index),
            title: named(&case.title, "without a title"),
            place: cx.place(case.span),
            passed,
            lines: lines.collect(),
            failures: result
                .failures
                .iter()
                .map(|failure| Failure {
                    expected: cx.text(&failure.expected),
                    instead: failure.instead.iter().map(|line| cx.text(line)).collect(),
                })
                .collect(),
        };
        let file = cx.text(&cx.input.cases.get(index).map_or(String::new(), |(case, _)| case.path.clone()));
        if groups.last().is_none_or(|last| last.title != file) {
            groups.push(CaseGroup {
                anchor: format!("cases-{}", groups.len() + 1),
                title: file,
                passed: 0,
                failed: 0,
                cases: Vec::new(),
            });
        }
        if let Some(group) = groups.last_mut() {
            group.passed += usize::from(passed);
            group.failed += usize::from(!passed);
            group.cases.push(case);
        }
    }
    groups
}

/// For each rule the cases that see it fire.
pub(super) fn fired(cx: &Cx<'_>) -> Fired {
    let library = cx.library;
    let inference = Inference::new(library);
    let mut fired = Fired::new();
    for (index, (case, result)) in cx.input.cases.iter().enumerate() {
        // A record that is rejected shows no rule.
        let Ok(patient) = inference.settle(library, &case.record) else {
            continue;
        };
        let options = Options {
            guidelines: Some(case.guidelines.clone()),
        };
        let outcome = evaluate(library, &patient, &options);
        let link = CaseLink {
            title: named(&case.title, "without a title"),
            link: anchor(index),
            passed: result.failures.is_empty(),
        };
        let expected: BTreeSet<&str> = case.expects.iter().flat_map(|expect| expect.statements()).collect();
        let rules: BTreeSet<RuleId> = outcome.fired().iter().map(|advice| library[advice.effect].rule).collect();
        for rule in rules {
            let seen = fired.entry(rule).or_default();
            let is_expected = library[rule].statements.iter().any(|s| expected.contains(s.id.as_str()));
            let list = if is_expected { &mut seen.expecting } else { &mut seen.others };
            list.push(link.clone());
        }
    }
    fired
}
