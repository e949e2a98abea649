//! Findings, and what authors decided about them.

use super::view::{Finding, FindingLink, Link, Piece, Sentence, Settlement};
use super::{Cx, anchors};
use crate::diagnostic::Diagnostic;
use crate::model::{RuleId, SettlementDecision};
use crate::report::groups::groups;
use std::collections::BTreeMap;

/// What is open, like with like and the most dangerous first, and what is accepted, by its reason.
pub(super) fn findings(cx: &Cx<'_>) -> (Vec<Finding>, Vec<Finding>) {
    let open = groups(cx.input.findings).into_iter().enumerate();
    let open = open.map(|(index, group)| finding(cx, group.first, anchor(index), group.others.len()));
    let mut reasons: Vec<(&Diagnostic, usize)> = Vec::new();
    for accepted in cx.input.findings.iter().filter(|f| f.accepted.is_some()) {
        let same = |other: &&mut (&Diagnostic, usize)| {
            other.0.code.number == accepted.code.number && other.0.accepted == accepted.accepted
        };
        match reasons.iter_mut().find(same) {
            Some((_, others)) => *others += 1,
            None => reasons.push((accepted, 0)),
        }
    }
    let accepted = reasons.into_iter().enumerate();
    let accepted = accepted.map(|(index, (f, others))| finding(cx, f, format!("accepted-{}", index + 1), others));
    (open.collect(), accepted.collect())
}

fn anchor(index: usize) -> String {
    format!("finding-{}", index + 1)
}

fn finding(cx: &Cx<'_>, found: &Diagnostic, anchor: String, others: usize) -> Finding {
    let rules = found.about.iter().flat_map(|about| &about.rules);
    Finding {
        anchor,
        severity: found.severity.word(),
        code: found.code.number,
        title: found.code.title,
        message: marked(cx, &found.message),
        place: found.primary().map_or(String::new(), |label| cx.place(label.span)),
        help: found.help.as_deref().map(|help| marked(cx, help)),
        notes: found.notes.iter().map(|note| marked(cx, note)).collect(),
        rules: rules.filter_map(|(name, _)| cx.named_rule(name)).collect(),
        accepted: found.accepted.as_deref().map(|why| marked(cx, why)),
        others,
    }
}

/// The kinds of open findings that speak of each rule.
pub(super) fn by_rule(cx: &Cx<'_>) -> BTreeMap<RuleId, Vec<FindingLink>> {
    let mut by_rule: BTreeMap<RuleId, Vec<FindingLink>> = BTreeMap::new();
    for (index, group) in groups(cx.input.findings).iter().enumerate() {
        for finding in group.findings() {
            let (severity, text) = (finding.severity.word(), finding.code.title);
            let rules = finding.about.iter().flat_map(|about| &about.rules);
            for rule in rules.filter_map(|(name, _)| cx.rules.get(name.as_str())) {
                let links = by_rule.entry(*rule).or_default();
                match links.iter_mut().find(|link| link.severity == severity && link.text == text) {
                    Some(link) => link.count += 1,
                    None => links.push(FindingLink {
                        severity,
                        text: text.to_owned(),
                        link: anchor(index),
                        count: 1,
                    }),
                }
            }
        }
    }
    by_rule
}

fn settlement_anchor(index: usize) -> String {
    format!("settlement-{}", index + 1)
}

/// The settlements that a rule takes part in, each by what it decides about the rule.
pub(super) fn of_rule(cx: &Cx<'_>, rule: RuleId) -> Vec<Link> {
    let all = cx.library.settlements.iter().enumerate();
    let own = all.filter(|(_, settlement)| settlement.rules.contains(&rule));
    own.map(|(index, settlement)| {
        let others = settlement.rules.iter().filter(|other| **other != rule);
        let others: Vec<&str> = others.map(|other| cx.library.rule_name(*other)).collect();
        let text = match &settlement.decision {
            SettlementDecision::Prefer { rule: preferred, .. } if *preferred == rule => {
                format!("preferred to {}", others.join(", "))
            }
            SettlementDecision::Prefer { rule: preferred, .. } => {
                format!("gives way to {}", cx.library.rule_name(*preferred))
            }
            SettlementDecision::LeaveOpen => format!("left open with {}", others.join(", ")),
        };
        Link {
            text,
            link: settlement_anchor(index),
        }
    })
    .collect()
}

pub(super) fn settlements(cx: &Cx<'_>) -> Vec<Settlement> {
    let all = cx.library.settlements.iter().enumerate();
    all.map(|(index, settlement)| {
        let (prefers, when) = match &settlement.decision {
            SettlementDecision::Prefer { rule, when } => (Some(cx.rule_link(*rule)), cx.words.guard(when)),
            SettlementDecision::LeaveOpen => (None, None),
        };
        Settlement {
            anchor: settlement_anchor(index),
            place: cx.place(settlement.span),
            rules: settlement.rules.iter().map(|rule| cx.rule_link(*rule)).collect(),
            prefers,
            when,
            because: cx.text(&settlement.because),
        }
    })
    .collect()
}

/// A message in its parts: what stands between backticks leads to what it names.
pub(super) fn marked(cx: &Cx<'_>, text: &str) -> Sentence {
    let parts = text.split('`').enumerate().filter(|(_, part)| !part.is_empty());
    parts
        .map(|(at, part)| {
            let shown = cx.text(part);
            if at % 2 == 0 {
                return Piece::text(shown);
            }
            let action = || cx.library.action_names.get(part).map(|id| anchors::action(&cx.library[*id]));
            let fact = || cx.library.fact_names.get(part).map(|id| anchors::fact(&cx.library[*id]));
            match cx.named_rule(part).map(|rule| rule.link).or_else(action).or_else(fact) {
                Some(link) => Piece::link("code", shown, link),
                None => Piece::of("code", shown),
            }
        })
        .collect()
}
