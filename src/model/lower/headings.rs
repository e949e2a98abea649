//! Headings that nearly, but not exactly, extend an earlier one, and so lose its guard.

use super::errors;
use crate::diagnostic::Diagnostic;
use crate::limits;
use crate::model::{GuidelineId, Library, Section};
use crate::source::{Sources, Span};
use std::collections::BTreeMap;

/// Compares every heading with those before it in its guideline.
pub(super) fn check(library: &Library, sources: &Sources) -> Vec<Diagnostic> {
    let mut seen = Seen::default();
    let mut found = Vec::new();
    for section in &library.sections {
        found.extend(seen.compare(section, sources));
        seen.add(section);
    }
    found
}

/// Headings from the outermost inward.
type Path<'a> = &'a [String];

/// The headings so far.
#[derive(Default)]
struct Seen<'a> {
    /// By the whole path, with the section where it first stood and whether one of its sections has a guard.
    paths: BTreeMap<(GuidelineId, Path<'a>), (&'a Section, bool)>,
    /// By the folded last part, and by each text that is one letter shorter.
    ///
    /// Two texts that differ by one letter have such a text in common, so that nothing is compared with everything.
    near: BTreeMap<(GuidelineId, Path<'a>, String), Vec<Path<'a>>>,
}

impl<'a> Seen<'a> {
    fn add(&mut self, section: &'a Section) {
        let owner = section.guideline;
        for depth in 1..=section.path.len() {
            let Some(path) = section.path.get(..depth) else { continue };
            let guards = depth == section.path.len() && (!section.when.is_always() || section.applies.is_some());
            if let Some((_, guarded)) = self.paths.get_mut(&(owner, path)) {
                *guarded |= guards;
                continue;
            }
            self.paths.insert((owner, path), (section, guards));
            let Some((last, parents)) = path.split_last() else { continue };
            for key in shortened(&folded(last)) {
                self.near.entry((owner, parents, key)).or_default().push(path);
            }
        }
    }

    /// The first part of the path that is nearly, but not exactly, an earlier heading.
    fn compare(&self, section: &'a Section, sources: &Sources) -> Option<Diagnostic> {
        let owner = section.guideline;
        for depth in 1..=section.path.len() {
            let path = section.path.get(..depth)?;
            if self.paths.contains_key(&(owner, path)) {
                continue;
            }
            let (last, parents) = path.split_last()?;
            let own = folded(last);
            let near = shortened(&own)
                .into_iter()
                .filter_map(|key| self.near.get(&(owner, parents, key)))
                .flatten()
                .copied()
                .find(|other| other.last().is_some_and(|other| is_near(last, &own, other)))
                .or_else(|| self.further(owner, path));
            if let Some((other, (first, _))) = near.and_then(|other| Some((other, self.paths.get(&(owner, other))?))) {
                let rest = section.path.get(depth..).unwrap_or_default();
                let right: Vec<&str> = other.iter().chain(rest).map(String::as_str).collect();
                let fix = literal(section.span, sources).map(|place| (place, format!("\"{}\"", right.join(" > "))));
                let (own, other) = (path.join(" > "), other.join(" > "));
                return Some(errors::heading_nearly_extends(section.span, &own, &other, first.span, fix));
            }
            if let Some((guarded, shorter)) = self.other_separator(owner, parents, last) {
                return Some(errors::heading_with_other_separator(
                    section.span,
                    &path.join(" > "),
                    &shorter,
                    guarded.span,
                ));
            }
        }
        None
    }

    /// A heading that differs by two or three letters of a long text, among the first that are compared so closely.
    fn further(&self, owner: GuidelineId, path: Path<'_>) -> Option<Path<'a>> {
        let (last, parents) = path.split_last()?;
        let limit = (path.iter().map(String::len).sum::<usize>() / 8).min(3);
        let text = last.to_lowercase();
        let close = |other: &String| {
            other.len().abs_diff(last.len()) <= limit
                && !is_count(last, other)
                && strsim::damerau_levenshtein(&text, &other.to_lowercase()) <= limit
        };
        let compared = self.paths.keys().take(limits::HEADINGS_COMPARED);
        let mut beside = compared.filter(|(o, other)| *o == owner && other.len() == path.len());
        let near = beside.find(|(_, other)| {
            other
                .split_last()
                .is_some_and(|(last, above)| above == parents && close(last))
        });
        near.map(|(_, other)| *other)
    }

    /// An earlier heading with a guard that this one would extend, were its dash or colon a `>`.
    fn other_separator(&self, owner: GuidelineId, parents: &[String], last: &str) -> Option<(&'a Section, String)> {
        let (before, _) = last
            .split_once([':', '/', '|', '›', '»', '→', '–', '—'])
            .or_else(|| last.split_once(" - "))?;
        let mut shorter = parents.to_vec();
        shorter.push(before.trim().to_owned());
        let (section, guarded) = self.paths.get(&(owner, shorter.as_slice()))?;
        guarded.then(|| (*section, shorter.join(" > ")))
    }
}

/// Where the text of a heading stands, unless it has a backslash in it.
fn literal(section: Span, sources: &Sources) -> Option<Span> {
    let text = sources.text(section);
    let start = text.find('"')?;
    let length = text.get(start + 1..)?.find('"')? + 2;
    let is_plain = text.get(start..start + length).is_some_and(|literal| !literal.contains('\\'));
    let at = section.range().start + start;
    is_plain.then(|| Span::new(section.file, at..at + length))
}

/// In lower case, without blanks and punctuation.
fn folded(heading: &str) -> String {
    heading
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The text, and each text that is one letter shorter.
fn shortened(text: &str) -> Vec<String> {
    let without = |skipped: usize| {
        text.chars()
            .enumerate()
            .filter(|(i, _)| *i != skipped)
            .map(|(_, c)| c)
            .collect()
    };
    // A heading longer than a line is compared as a whole only.
    let letters = Some(text.chars().count()).filter(|count| *count <= 120).unwrap_or(0);
    let mut texts: Vec<String> = (0..letters).map(without).collect();
    texts.push(text.to_owned());
    texts
}

/// Whether two headings differ by one letter, and not by a number.
fn is_near(heading: &str, own: &str, other: &str) -> bool {
    !is_count(heading, other) && strsim::damerau_levenshtein(own, &folded(other)) <= 1
}

/// Whether two headings differ by numbers or single letters alone: `Step 1` and `Step 2` are meant to differ.
fn is_count(heading: &str, other: &str) -> bool {
    let words = |text: &str| text.split_whitespace().map(str::to_lowercase).collect::<Vec<String>>();
    let is_number = |word: &str| {
        let word: String = word.chars().filter(|c| c.is_alphanumeric()).collect();
        word.chars().any(char::is_numeric) || word.chars().count() < 2 || word.chars().all(|c| "ivx".contains(c))
    };
    let (mine, theirs) = (words(heading), words(other));
    let mut differing = mine.iter().zip(&theirs).filter(|(a, b)| a != b).peekable();
    mine.len() == theirs.len() && differing.peek().is_some() && differing.all(|(a, b)| is_number(a) && is_number(b))
}
