//! The shape of a file: its declarations under their headings, what can be folded, and its text in the one style.
//!
//! In: a file. Out: symbols, folds, edits.
//! Must not know: how they are drawn.

use super::Analysis;
use super::names::Symbol;
use crate::ast::{self, Item, Text};
use crate::diagnostic::Edit;
use crate::format::{self, Refusal};
use crate::model::words::type_words;
use crate::source::{FileId, Span};

/// A declaration as an outline lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name, or its text.
    pub name: String,
    /// A few more words.
    pub detail: String,
    /// What it is.
    pub kind: EntryKind,
    /// The whole of it, everything under a heading included.
    pub span: Span,
    /// Its name, within the whole.
    pub name_span: Span,
    /// What stands under a heading.
    pub children: Vec<Entry>,
}

/// The kinds of declarations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum EntryKind {
    Guideline,
    Source,
    Scale,
    Fact,
    Action,
    Definition,
    Assumption,
    Section,
    Rule,
    Note,
    Reconciliation,
    Claim,
    Case,
}

/// The declarations of a file, those under a heading as its children.
pub fn outline(analysis: &Analysis, file: FileId) -> Vec<Entry> {
    let mut top: Vec<Entry> = Vec::new();
    // The headings that are open, the innermost last.
    let mut open: Vec<Entry> = Vec::new();
    for item in analysis.items(file) {
        let Some(entry) = entry(analysis, item) else { continue };
        match item {
            Item::Section(section) => {
                let path = heading(&section.heading);
                while let Some(last) = open.last()
                    && !extends(&path, &last.name)
                {
                    close(&mut open, &mut top);
                }
                open.push(Entry { name: path, ..entry });
            }
            _ => match open.last_mut() {
                Some(heading) => {
                    heading.span = heading.span.to(entry.span);
                    heading.children.push(entry);
                }
                None => top.push(entry),
            },
        }
    }
    while !open.is_empty() {
        close(&mut open, &mut top);
    }
    top
}

/// Puts the innermost heading under the one around it.
fn close(open: &mut Vec<Entry>, top: &mut Vec<Entry>) {
    let Some(done) = open.pop() else { return };
    match open.last_mut() {
        Some(around) => {
            around.span = around.span.to(done.span);
            around.children.push(done);
        }
        None => top.push(done),
    }
}

/// Whether a heading lies under another, as `A > B` under `A`.
fn extends(heading: &str, other: &str) -> bool {
    let rest = heading.strip_prefix(other);
    rest.is_some_and(|rest| rest.trim_start().starts_with('>'))
}

fn heading(text: &Text) -> String {
    let words = text.text.split_whitespace().collect::<Vec<_>>().join(" ");
    // Editors refuse an outline with an empty name.
    if words.is_empty() {
        "(without words)".to_owned()
    } else {
        words
    }
}

fn entry(analysis: &Analysis, item: &Item) -> Option<Entry> {
    let label = |label: &Option<Text>| label.as_ref().map_or(String::new(), |text| text.text.clone());
    let text = |span: Span| {
        let text = analysis.loaded.sources.text(span);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let (name, detail, kind, name_span) = match item {
        Item::Guideline(i) => (i.name.text.clone(), label(&i.title), EntryKind::Guideline, i.name.span),
        Item::Source(i) => (i.name.text.clone(), label(&i.title), EntryKind::Source, i.name.span),
        Item::Scale(i) => (i.name.text.clone(), String::new(), EntryKind::Scale, i.name.span),
        Item::Fact(i) => {
            let library = &analysis.loaded.library;
            let named = analysis.names().at(i.name.span.file, i.name.span.start as usize);
            let ty = match named.map(|occurrence| &occurrence.symbol) {
                Some(Symbol::Fact(id)) => type_words(library, &library[*id].ty),
                _ => String::new(),
            };
            (i.name.text.clone(), ty, EntryKind::Fact, i.name.span)
        }
        Item::Action(i) => (i.name.text.clone(), label(&i.label), EntryKind::Action, i.name.span),
        Item::Define(i) => (i.name.text.clone(), label(&i.label), EntryKind::Definition, i.name.span),
        Item::Assume(i) => (text(i.span), String::new(), EntryKind::Assumption, i.span),
        Item::Section(i) => (heading(&i.heading), String::new(), EntryKind::Section, i.heading.span),
        Item::Rule(i) => rule(i),
        Item::Note(i) => (heading(&i.text), String::new(), EntryKind::Note, i.text.span),
        Item::Reconcile(i) => {
            let rules: Vec<String> = i.rules.iter().map(|rule| text(rule.span)).collect();
            (rules.join(" with "), String::new(), EntryKind::Reconciliation, i.span)
        }
        Item::Complete(i) => (heading(&i.claim), String::new(), EntryKind::Claim, i.claim.span),
        Item::Case(i) => (heading(&i.title), String::new(), EntryKind::Case, i.title.span),
        Item::Use(_) | Item::Broken(_) => return None,
    };
    Some(Entry {
        name,
        detail,
        kind,
        span: item.span(),
        name_span,
        children: Vec::new(),
    })
}

fn rule(rule: &ast::Rule) -> (String, String, EntryKind, Span) {
    let label = rule.label.as_ref().map_or(String::new(), |text| text.text.clone());
    match &rule.name {
        Some(name) => (name.text.clone(), label, EntryKind::Rule, name.span),
        None => {
            let actions = rule.effects.iter().flat_map(|effect| &effect.actions);
            let actions: Vec<&str> = actions.map(|action| action.text.as_str()).collect();
            (format!("then {}", actions.join(", ")), label, EntryKind::Rule, rule.span)
        }
    }
}

/// Declarations whose names or words have the letters of a query in their order.
pub fn search(analysis: &Analysis, query: &str) -> Vec<Entry> {
    let query: Vec<char> = query.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let mut found = Vec::new();
    for tree in &analysis.loaded.trees {
        let entries = tree.tree.items.iter().filter_map(|item| entry(analysis, item));
        found.extend(entries.filter(|entry| has_letters(&entry.name, &query) || has_letters(&entry.detail, &query)));
    }
    found
}

fn has_letters(text: &str, letters: &[char]) -> bool {
    let mut wanted = letters.iter().peekable();
    for c in text.chars().flat_map(char::to_lowercase) {
        wanted.next_if(|letter| **letter == c);
    }
    wanted.peek().is_none()
}

/// Something of several lines that can be folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// From the beginning of its first line to the end of its last.
    pub span: Span,
    /// Whether it is a comment.
    pub is_comment: bool,
}

/// Headings with what stands under them, declarations, and comments that follow each other.
pub fn folds(analysis: &Analysis, file: FileId) -> Vec<Fold> {
    let fold = |span: Span, is_comment: bool| Fold { span, is_comment };
    let mut folds: Vec<Fold> = analysis.items(file).iter().map(|item| fold(item.span(), false)).collect();
    let mut waiting = outline(analysis, file);
    while let Some(entry) = waiting.pop() {
        folds.push(fold(entry.span, false));
        waiting.extend(entry.children);
    }
    let tree = analysis.loaded.trees.iter().find(|tree| tree.file == file);
    let text = analysis.text(file);
    let mut block: Option<Span> = None;
    for comment in tree.iter().flat_map(|tree| &tree.tree.comments) {
        let between = block.and_then(|block| text.get(block.end as usize..comment.span.start as usize));
        let goes_on = between.is_some_and(|between| between.trim().is_empty() && between.matches('\n').count() == 1);
        block = match block {
            Some(earlier) if goes_on => Some(earlier.to(comment.span)),
            earlier => {
                folds.extend(earlier.map(|span| fold(span, true)));
                Some(comment.span)
            }
        };
    }
    folds.extend(block.map(|span| fold(span, true)));
    folds.retain(|fold| text.get(fold.span.range()).is_some_and(|text| text.contains('\n')));
    folds.sort_by_key(|fold| (fold.span.start, fold.span.end));
    folds.dedup_by_key(|fold| fold.span);
    folds
}

/// The edit that brings a file into the one style; nothing where it is in it, or has errors.
///
/// # Errors
///
/// [`Refusal::Bug`], in its words.
pub fn formatted(analysis: &Analysis, file: FileId) -> Result<Option<Edit>, String> {
    let Some(tree) = analysis.loaded.trees.iter().find(|tree| tree.file == file) else {
        return Ok(None);
    };
    let old = analysis.text(file);
    let new = match format::format(&analysis.loaded.sources, &tree.tree) {
        Ok(new) => new,
        Err(Refusal::Errors) => return Ok(None),
        Err(bug) => return Err(bug.to_string()),
    };
    if new == old {
        return Ok(None);
    }
    // Only the lines that change, so that the cursor and what is folded stay where they are.
    let length = |pairs: &mut dyn Iterator<Item = (&str, &str)>| -> usize {
        pairs.take_while(|(a, b)| a == b).map(|(line, _)| line.len()).sum()
    };
    let same = length(&mut old.split_inclusive('\n').zip(new.split_inclusive('\n')));
    let (old_rest, new_rest) = (old.get(same..).unwrap_or(""), new.get(same..).unwrap_or(""));
    let tail = length(&mut old_rest.split_inclusive('\n').rev().zip(new_rest.split_inclusive('\n').rev()));
    let replacement = new_rest.get(..new_rest.len() - tail).unwrap_or("").to_owned();
    Ok(Some(Edit {
        span: Span::new(file, same..old.len() - tail),
        replacement,
    }))
}
