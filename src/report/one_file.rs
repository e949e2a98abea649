//! Snippets of one file, drawn by miette.
//!
//! In: an [`Excerpt`]. Out: lines of text.
//! Must not know: messages and advice; `diagnostics` prints those.

use super::diagnostics::ColorChoice;
use super::excerpt::Excerpt;
use crate::diagnostic::Severity;
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceSpan, SpanContents};
use miette::{ThemeCharacters, ThemeStyles};
use std::fmt;

/// The lines of `excerpt` with its marks under them.
pub(super) fn draw(excerpt: &Excerpt, severity: Severity, color: ColorChoice) -> Vec<String> {
    let characters = ThemeCharacters {
        vbar_break: '│',
        ..ThemeCharacters::unicode()
    };
    let theme = GraphicalTheme {
        characters,
        styles: styles(excerpt, severity, color),
    };
    // One line of context tells a request for lines from a request for a place; see `read_span`.
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_wrap_lines(false)
        .with_context_lines(1)
        .without_cause_chain();
    let mut drawn = String::new();
    match handler
        .without_syntax_highlighting()
        .render_report(&mut drawn, &Report(excerpt))
    {
        Ok(()) => join_blocks(&drawn, &blamed(excerpt)),
        Err(fmt::Error) => Vec::new(),
    }
}

/// The excerpt as miette wants to see it; the trait is implemented here and on nothing in the core.
#[derive(Debug)]
struct Report<'a>(&'a Excerpt);

impl fmt::Display for Report<'_> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Report<'_> {}

impl miette::Diagnostic for Report<'_> {
    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(self)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.0.marks.iter().map(|mark| {
            let text = (!mark.text.is_empty()).then(|| mark.text.clone());
            let span = SourceSpan::from(mark.range.clone());
            if mark.primary {
                LabeledSpan::new_primary_with_span(text, span)
            } else {
                LabeledSpan::new_with_span(text, span)
            }
        })))
    }
}

impl miette::SourceCode for Report<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let excerpt = self.0;
        let range = span.offset()..span.offset() + span.len();
        let lines = excerpt.lines.get(excerpt.lines_of(&range)).ok_or(MietteError::OutOfBounds)?;
        let (first, last) = lines.first().zip(lines.last()).ok_or(MietteError::OutOfBounds)?;
        let bytes = first.range.start..last.range.end;
        let data = excerpt.text.get(bytes.clone()).ok_or(MietteError::OutOfBounds)?.as_bytes();
        let (line, column) = match lines_before {
            0 => (excerpt.place(range.start).line, excerpt.place(range.start).column),
            _ => (first.number, 1),
        };
        let name = excerpt.name.clone();
        Ok(Box::new(MietteSpanContents::new_named(
            name,
            data,
            bytes.into(),
            line - 1,
            column - 1,
            lines.len(),
        )))
    }
}

fn styles(excerpt: &Excerpt, severity: Severity, color: ColorChoice) -> ThemeStyles {
    let plain = ThemeStyles::none();
    if color == ColorChoice::Never {
        return plain;
    }
    let ansi = ThemeStyles::ansi();
    let primary = match severity {
        Severity::Error => ansi.error,
        Severity::Warning => ansi.warning,
        Severity::Note => ansi.highlights.last().copied().unwrap_or_default(),
    };
    // miette gives the styles to the labels one by one, in their order.
    let highlights = excerpt
        .marks
        .iter()
        .map(|m| if m.primary { primary } else { ansi.help })
        .collect();
    ThemeStyles {
        linum: ansi.linum,
        highlights,
        ..plain
    }
}

/// How miette writes the place to blame above its group of lines.
fn blamed(excerpt: &Excerpt) -> String {
    let place = excerpt.marks.iter().find(|m| m.primary).map(|m| m.place);
    place.map_or(String::new(), |place| {
        format!("╭─[{}:{}:{}]", excerpt.name, place.line, place.column)
    })
}

/// One frame instead of miette's one for each group of lines, the group with the place to blame first, places without
/// brackets.
fn join_blocks(drawn: &str, blamed: &str) -> Vec<String> {
    let mut blocks: Vec<Vec<&str>> = Vec::new();
    for line in drawn.lines().filter(|l| !l.is_empty()) {
        if line.trim_start().starts_with("╭─[") {
            blocks.push(Vec::new());
        }
        if let Some(block) = blocks.last_mut() {
            block.push(line);
        }
    }
    blocks.sort_by_key(|block| block.first().is_none_or(|head| head.trim_start() != blamed));
    let indent = |block: &[&str]| block.first().map_or(0, |head| head.chars().take_while(|c| *c == ' ').count());
    let widest = blocks.iter().map(|b| indent(b)).max().unwrap_or(0);
    let count = blocks.len();
    let mut lines = Vec::new();
    for (i, block) in blocks.iter().enumerate() {
        let margin = " ".repeat(widest - indent(block));
        for (j, line) in block.iter().enumerate() {
            let line = match (j, j + 1 == block.len()) {
                (0, _) => {
                    let place = line.trim_start().trim_start_matches("╭─[").trim_end_matches(']');
                    format!("{}{} {place}", " ".repeat(widest), if i == 0 { "╭─" } else { "├─" })
                }
                (_, true) if i + 1 < count => format!("{}│", " ".repeat(widest)),
                _ => format!("{margin}{line}"),
            };
            lines.push(line.trim_end().to_owned());
        }
    }
    lines
}
