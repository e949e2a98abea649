//! Fixes that take more than the place of a finding: the text around it, or another declaration.
//!
//! In: findings of lowering. Out: the same, some of them with a fix.
//! Must not know: the model.

use super::{InputFile, errors};
use crate::diagnostic::Diagnostic;
use crate::source::{Sources, Span};

/// Offers to remove what stands twice.
pub(super) fn offer(found: &mut [Diagnostic], sources: &Sources, files: &[InputFile<'_>]) {
    for finding in found.iter_mut().filter(|f| f.fixes.is_empty()) {
        let number = finding.code.number;
        let span = if number == errors::DUPLICATE_NAME.number {
            second_copy(finding, sources, files)
        } else if number == errors::REPEATED_VALUE.number || number == errors::REPEATED_CONDITION.number {
            finding.primary().and_then(|label| with_joint(label.span, sources))
        } else {
            None
        };
        if let Some(span) = span {
            *finding = finding.clone().with_fix("remove the second one", span, "");
        }
    }
}

/// The second of two declarations that read the same.
fn second_copy(finding: &Diagnostic, sources: &Sources, files: &[InputFile<'_>]) -> Option<Span> {
    let [second, first] = finding.labels.as_slice() else {
        return None;
    };
    let item = |span: Span| {
        let items = files.iter().filter(|f| f.tree.id == span.file).flat_map(|f| &f.tree.items);
        items
            .map(crate::ast::Item::span)
            .find(|whole| whole.range().contains(&span.range().start))
    };
    let words = |span: Span| sources.text(span).split_whitespace().collect::<Vec<_>>().join(" ");
    let (first, second) = (item(first.span)?, item(second.span)?);
    (first != second && words(first) == words(second)).then_some(second)
}

/// Something in a list together with the comma or the word that joins it to the rest.
fn with_joint(span: Span, sources: &Sources) -> Option<Span> {
    let text = sources.get(span.file)?.text();
    let before = text.get(..span.range().start)?;
    let trimmed = before.trim_end();
    for joint in [",", "and", "or"] {
        if let Some(rest) = trimmed.strip_suffix(joint) {
            return Some(Span::new(span.file, rest.trim_end().len()..span.range().end));
        }
    }
    // A clause of its own goes as a whole, if nothing else stands in it.
    let rest = trimmed.strip_suffix("from")?;
    let follows = text.get(span.range().end..)?.trim_start();
    (!follows.starts_with(',')).then(|| Span::new(span.file, rest.trim_end().len()..span.range().end))
}
