//! Failing cases with expectations that say what the interpreter says.
//!
//! In: cases that fail, with the texts they stand in. Out: those texts, changed in the expectations that were not met and nowhere
//! else. Must not know: files.

use super::emit::{Emitter, MOST, Told, nothing};
use super::{Case, Expect, ExpectKind, run};
use crate::ast::Item;
use crate::diagnostic::{Edit, applied};
use crate::eval::Advice;
use crate::load::Loaded;
use crate::model::{ActionId, Direction, Modality};
use crate::source::{Sources, Span};
use crate::{format, syntax};
use std::collections::{BTreeMap, BTreeSet};

/// What became of cases.
#[derive(Debug, Clone, Default)]
pub struct Accepted {
    /// The new texts, by the names of their files, each with the titles of the cases that changed in it.
    pub files: BTreeMap<String, (String, Vec<String>)>,
    /// The titles of cases whose record is in error; there is nothing that they could expect.
    pub left: Vec<String>,
}

/// Rewrites the expectations of the cases that are not met.
pub fn accept(loaded: &Loaded, failing: &[&Case]) -> Accepted {
    let mut emitter = Emitter::new(loaded, "");
    let mut accepted = Accepted::default();
    let mut edits: BTreeMap<String, (Vec<Edit>, Vec<String>)> = BTreeMap::new();
    for case in failing {
        emitter.guidelines.clone_from(&case.guidelines);
        match emitter.told(&case.record, |told| changed(loaded, told, case)).flatten() {
            Some(of_case) => {
                let (all, titles) = edits.entry(case.path.clone()).or_default();
                all.extend(of_case);
                titles.push(case.title.clone());
            }
            None => accepted.left.push(case.title.clone()),
        }
    }
    for (path, (edits, titles)) in edits {
        let file = loaded.sources.iter().map(|(_, file)| file).find(|file| file.name() == path);
        let Some((file, text)) = file.and_then(|file| Some((file, applied(file.text(), edits)?))) else {
            accepted.left.extend(titles);
            continue;
        };
        // Who keeps to the one style keeps to it.
        let text = match formatted(file.text()) {
            Some(before) if before == file.text() => formatted(&text).unwrap_or(text),
            _ => text,
        };
        accepted.files.insert(path, (text, titles));
    }
    accepted
}

/// The text in the one style; nothing where it cannot be read.
fn formatted(text: &str) -> Option<String> {
    let mut sources = Sources::new();
    let file = sources.add("accepted.gl", text);
    let (tree, found) = syntax::parse(&sources, file);
    format::format(&sources, &tree).ok().filter(|_| found.is_empty())
}

/// The changes of one case; nothing where there is no place for them.
fn changed(loaded: &Loaded, told: &Told<'_>, case: &Case) -> Option<Vec<Edit>> {
    let is_kept = |expect: &&Expect| !matches!(expect.kind, ExpectKind::Rejected) && told.is_met(&expect.kind);
    let words = |kind: &ExpectKind| told.emitter.expectation(kind).unwrap_or_default();
    let mut said: BTreeSet<String> = case.expects.iter().filter(is_kept).map(|e| words(&e.kind)).collect();
    let mut then: Vec<Expect> = case.expects.iter().filter(is_kept).cloned().collect();
    let mut edits = Vec::new();
    for expect in case.expects.iter().filter(|expect| !is_kept(expect)) {
        let mut new = Vec::new();
        for kind in instead(told, &expect.kind) {
            let text = words(&kind);
            if !text.is_empty() && said.insert(text.clone()) {
                new.push(format!("expect {text}"));
                then.push(Expect { kind, span: expect.span });
            }
        }
        let is_exact = loaded.sources.text(expect.span).split_whitespace().nth(1) == Some("exactly");
        // Nothing at all is advised where everything that was expected is gone.
        if is_exact || (new.is_empty() && case.expects.len() == 1) {
            match new.first_mut() {
                Some(first) => *first = first.replacen("expect ", "expect exactly ", 1),
                None => new.push("exactly".to_owned()),
            }
        }
        edits.push(Edit {
            span: expect.span,
            replacement: new.join("\n  "),
        });
    }
    if case.exactly {
        let whole = Case {
            expects: then,
            ..case.clone()
        };
        let more = run::unexpected(loaded, told.patient, told.outcome, &whole);
        let more = told.of_advice(more.iter(), None);
        let lines: Vec<String> = more.iter().map(words).filter(|text| said.insert(text.clone())).collect();
        let lines: String = lines.iter().map(|text| format!("\n  expect {text}")).collect();
        let last = case.expects.iter().map(|e| e.span).max_by_key(|span| span.end);
        match edits.iter_mut().find(|edit| Some(edit.span) == last) {
            Some(edit) => edit.replacement.push_str(&lines),
            None => {
                let after = last.or_else(|| exactly(loaded, case))?;
                edits.push(Edit {
                    span: Span {
                        start: after.end,
                        ..after
                    },
                    replacement: lines,
                });
            }
        }
    }
    Some(edits)
}

/// The word `exactly` of a case that says nothing more.
fn exactly(loaded: &Loaded, case: &Case) -> Option<Span> {
    let items = loaded.trees.iter().flat_map(|tree| &tree.tree.items);
    let mut cases = items.filter_map(|item| match item {
        Item::Case(case) => Some(case),
        _ => None,
    });
    cases.find(|found| found.title.span == case.span)?.exactly
}

/// What the interpreter says of what was expected.
fn instead(told: &Told<'_>, kind: &ExpectKind) -> Vec<ExpectKind> {
    let (actions, modality) = match kind {
        ExpectKind::Rejected => {
            let all = told.of_advice(told.outcome.advice.iter().take(MOST), None);
            return met(told, all);
        }
        ExpectKind::Advice { actions, modality, .. }
        | ExpectKind::None { actions, modality, .. }
        | ExpectKind::Undecided { actions, modality, .. } => (actions, *modality),
        ExpectKind::Disagreement { actions } => (actions, None),
    };
    let mut all = Vec::new();
    for on in actions {
        let advised: Vec<&Advice> = told
            .outcome
            .advice
            .iter()
            .filter(|advice| concerns(told, advice, *on))
            .collect();
        let found = met(told, told.of_advice(advised.into_iter(), Some(*on)));
        let waiting = met(told, waiting(told, *on));
        if found.is_empty() && waiting.is_empty() {
            let direction = match modality {
                Some(Modality::Avoid | Modality::Never) => Direction::Against,
                _ => Direction::For,
            };
            all.push(nothing(direction, *on, Vec::new()));
        }
        all.extend(found.into_iter().chain(waiting));
    }
    all
}

fn met(told: &Told<'_>, mut kinds: Vec<ExpectKind>) -> Vec<ExpectKind> {
    kinds.retain(|kind| told.is_met(kind));
    kinds
}

/// Whether advice says something of an action: for it, a kind of it or an alternative; against it or what it is a kind of.
fn concerns(told: &Told<'_>, advice: &Advice, on: ActionId) -> bool {
    let library = told.library();
    match library[advice.effect].direction() {
        Direction::For => library.comparable(advice.action, on) || advice.alternatives.contains(&on),
        Direction::Against => library.is_kind_of(on, advice.action),
    }
}

fn waiting(told: &Told<'_>, on: ActionId) -> Vec<ExpectKind> {
    let library = told.library();
    let waits = told.outcome.undecided.iter().filter(|u| match library[u.effect].direction() {
        Direction::For => u.action == on,
        Direction::Against => library.is_kind_of(on, u.action),
    });
    waits.map(|u| told.waiting(&library[u.effect], u.action)).collect()
}
