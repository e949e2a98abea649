//! What the documents say of one action, side by side.

use super::view::{Link, Position, Together, TogetherRow};
use super::words::{named, tone};
use super::{Cx, anchors, settled};
use crate::diagnostic::Diagnostic;
use crate::model::{ActionId, Direction, GuidelineId, Modality};
use crate::verify::errors::POSSIBLE;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn together(cx: &Cx<'_>) -> Together {
    let documents = cx.library.guidelines.iter().map(|guideline| Link {
        text: cx.text(&guideline.name),
        link: anchors::guideline(&guideline.name),
    });
    let all = (0..cx.library.actions.len()).map(ActionId::from_index);
    let mut rows: Vec<TogetherRow> = all.filter_map(|action| row(cx, action)).collect();
    rows.sort_by_key(|row| STATUSES.iter().position(|(status, _)| *status == row.status));
    Together {
        documents: documents.collect(),
        rows,
        settlements: settled::settlements(cx),
    }
}

/// From the most important one.
const STATUSES: [(&str, &str); 6] = [
    ("open", "contradict each other, and nobody has settled it"),
    ("possible", "may contradict each other"),
    ("left", "differ; left to the clinician"),
    ("settled", "differ; settled"),
    ("differs", "say nearly the same"),
    ("agrees", "do not contradict each other"),
];

/// A row, where two documents or more speak of the action.
fn row(cx: &Cx<'_>, action: ActionId) -> Option<TogetherRow> {
    let library = cx.library;
    let documents = (0..library.guidelines.len()).map(GuidelineId::from_index);
    let cells: Vec<Vec<Position>> = documents.map(|document| cell(cx, action, document)).collect();
    let is_own = |document: usize| {
        let effects = library.effects.iter();
        let mut own = effects.filter(|e| library[e.rule].guideline.index() == document);
        own.any(|e| e.actions.contains(&action))
    };
    let speak = cells.iter().filter(|cell| !cell.is_empty()).count();
    if speak < 2 || !(0..cells.len()).any(is_own) {
        return None;
    }
    let name = &library[action].name;
    let about = cx.input.findings.iter().filter(|finding| {
        let about = finding.about.as_deref();
        about.is_some_and(|about| about.action.as_ref() == Some(name) && about.kind.is_some())
    });
    let about: Vec<&Diagnostic> = about.collect();
    let status = about.iter().map(|finding| status(finding)).min_by_key(|status| {
        let known = STATUSES.iter().position(|(known, _)| known == status);
        known.unwrap_or(STATUSES.len())
    });
    let status = status.unwrap_or("agrees");
    let words = STATUSES
        .iter()
        .find(|(known, _)| *known == status)
        .map_or("", |(_, words)| words);
    let reasons: BTreeSet<String> = about.iter().filter_map(|finding| finding.accepted.clone()).collect();
    Some(TogetherRow {
        action: Link {
            text: named(&library[action].label, name),
            link: anchors::action(&library[action]),
        },
        status,
        words: words.to_owned(),
        cells,
        reasons: reasons.into_iter().map(|reason| cx.text(&reason).replace('`', "")).collect(),
    })
}

fn status(finding: &Diagnostic) -> &'static str {
    let about = finding.about.as_deref();
    let is_clash = about.is_some_and(|about| matches!(about.kind, Some("contradiction" | "window")));
    match (&finding.accepted, is_clash) {
        (Some(why), true) if why.starts_with("left open") => "left",
        (Some(_), true) => "settled",
        (None, true) if std::ptr::eq(finding.code, &POSSIBLE) => "possible",
        (None, true) => "open",
        (_, false) => "differs",
    }
}

/// What a document says of an action: advice for it, and advice against it or something that it is a kind of.
fn cell(cx: &Cx<'_>, action: ActionId, document: GuidelineId) -> Vec<Position> {
    let library = cx.library;
    let mut positions: BTreeMap<(usize, String), Position> = BTreeMap::new();
    for effect in &library.effects {
        let rule = &library[effect.rule];
        let on = effect.actions.iter().find(|on| match effect.direction() {
            Direction::For => **on == action,
            Direction::Against => library.is_kind_of(action, **on),
        });
        let Some(on) = on.filter(|_| rule.guideline == document) else {
            continue;
        };
        let (kind, word) = tone(effect.modality);
        let mut words = vec![word.to_owned(), effect.urgency.map_or("", |u| u.word()).to_owned()];
        if *on != action {
            words.push(cx.words.inside(&named(&library[*on].label, &library[*on].name)));
        }
        words.retain(|word| !word.is_empty());
        let rank = match effect.modality {
            Modality::Recommend => 0,
            Modality::Consider => 1,
            Modality::Never => 2,
            Modality::Avoid => 3,
        };
        let words = words.join(" ");
        let position = positions.entry((rank, words.clone())).or_insert_with(|| Position {
            kind,
            words,
            rules: Vec::new(),
        });
        let link = Link {
            text: rule.name.clone(),
            link: anchors::rule(rule),
        };
        if !position.rules.contains(&link) {
            position.rules.push(link);
        }
    }
    positions.into_values().collect()
}
