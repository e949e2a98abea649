//! What changed since an older version, on the rules and as a whole.

use super::Cx;
use super::view::{Changes, Line, Mark, RuleChange};
use crate::model::RuleId;
use crate::report::changes_text::{in_words, other_text, rule_text};
use crate::verify::diff::{self, Danger, Version};
use std::collections::{BTreeMap, BTreeSet};

/// What changed in each rule that there still is.
pub(super) fn marks(cx: &Cx<'_>) -> BTreeMap<RuleId, Mark> {
    let changes = cx.input.changes.iter().flat_map(|(_, diff)| &diff.rules);
    changes
        .filter_map(|change| {
            Some((
                change.new?,
                Mark {
                    danger: change.danger.word(),
                    words: words(change),
                },
            ))
        })
        .collect()
}

fn words(change: &diff::RuleChange) -> String {
    match (change.old, change.danger) {
        (None, _) => return "new".to_owned(),
        (_, Danger::Wording) => return "written otherwise, the same meaning".to_owned(),
        _ => {}
    }
    let kinds = change.effects.iter().flat_map(|effect| {
        let aspects = effect.aspects.iter().map(|aspect| aspect.kind);
        aspects.chain(effect.shifts.iter().map(|shift| shift.kind))
    });
    let kinds: BTreeSet<_> = kinds.collect();
    let kinds: Vec<&str> = kinds.into_iter().map(in_words).collect();
    if kinds.is_empty() {
        "changed".to_owned()
    } else {
        format!("changed: {}", kinds.join(", "))
    }
}

pub(super) fn changes(cx: &Cx<'_>) -> Option<Changes> {
    let (versions, diff) = cx.input.changes?;
    let lines = |text: &str| -> Vec<Line> {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        lines
            .map(|line| Line {
                depth: (line.len() - line.trim_start().len()) / 2,
                text: cx.text(line.trim()),
            })
            .collect()
    };
    // The dangerous ones come first in a difference.
    let rules = diff.rules.iter().filter(|change| change.danger != Danger::Wording);
    let rules = rules.map(|change| {
        let name = match (change.new, change.old) {
            (Some(new), _) => versions.rule(Version::New, new),
            (None, Some(old)) => versions.rule(Version::Old, old),
            (None, None) => "",
        };
        RuleChange {
            danger: change.danger.word(),
            name: cx.text(name),
            link: change.new.map(|new| cx.rule_link(new).link),
            lines: lines(&rule_text(versions, change)),
        }
    });
    Some(Changes {
        since: cx.text(versions.old_name),
        same_meaning: diff.is_same_meaning(),
        rules: rules.collect(),
        others: lines(&other_text(versions, diff)),
    })
}
