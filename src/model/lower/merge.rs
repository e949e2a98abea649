//! One cause, one report: findings that say the same of several places in a file become one.

use super::errors;
use crate::diagnostic::Diagnostic;
use crate::source::FileId;
use std::collections::BTreeMap;

/// The most places that a merged finding points at; the rest is counted.
const PLACES: usize = 4;

/// Merges findings about one missing name, and about one missing `use`.
pub(super) fn same_cause(found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut merged: Vec<Diagnostic> = Vec::new();
    let mut further: Vec<usize> = Vec::new();
    let mut first: BTreeMap<(&'static str, FileId, String), usize> = BTreeMap::new();
    for diagnostic in found {
        let Some(key) = cause(&diagnostic) else {
            merged.push(diagnostic);
            further.push(0);
            continue;
        };
        match first.get(&key).copied() {
            None => {
                first.insert(key, merged.len());
                merged.push(diagnostic);
                further.push(0);
            }
            Some(index) => {
                if let (Some(earlier), Some(count)) = (merged.get_mut(index), further.get_mut(index)) {
                    *count += 1;
                    join(earlier, diagnostic, *count < PLACES);
                }
            }
        }
    }
    for (diagnostic, further) in merged.iter_mut().zip(&further) {
        if *further >= PLACES {
            diagnostic.notes.push(errors::further_places(further + 1 - PLACES));
        }
    }
    merged
}

/// What a finding has in common with others of the same cause; none where each place is a cause of its own.
fn cause(diagnostic: &Diagnostic) -> Option<(&'static str, FileId, String)> {
    let code = diagnostic.code.number;
    let file = diagnostic.primary()?.span.file;
    if !errors::MERGED.iter().any(|merged| merged.number == code) {
        return None;
    }
    // A `use` that is missing is one cause for all names that it would bring.
    let text = match diagnostic.fixes.first() {
        Some(fix) if code == errors::NOT_USED.number => &fix.title,
        _ => &diagnostic.message,
    };
    Some((code, file, text.clone()))
}

fn join(earlier: &mut Diagnostic, later: Diagnostic, show: bool) {
    if show && let Some(label) = later.primary() {
        let (span, text) = (label.span, label.text.clone());
        *earlier = earlier.clone().with_label(span, text);
    }
    for (fix, other) in earlier.fixes.iter_mut().zip(later.fixes) {
        for edit in other.edits {
            if !fix.edits.contains(&edit) {
                fix.edits.push(edit);
            }
        }
    }
}
