//! Plain data in the words of the protocol.

use crate::desk::positions::{Encoding, Lines, Position};
use crate::diagnostic::{Diagnostic, Edit, Severity};
use crate::source::{FileId, Sources, Span};
use gen_lsp_types as lsp;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Places of texts, as addresses, lines and characters.
pub(super) struct Places<'a> {
    sources: &'a Sources,
    encoding: Encoding,
    /// The address of a text by its name.
    uri_of: Box<dyn Fn(&str) -> String + 'a>,
    files: RefCell<BTreeMap<FileId, (String, Lines<'a>)>>,
}

impl<'a> Places<'a> {
    pub(super) fn new(sources: &'a Sources, encoding: Encoding, uri_of: impl Fn(&str) -> String + 'a) -> Self {
        Places {
            sources,
            encoding,
            uri_of: Box::new(uri_of),
            files: RefCell::default(),
        }
    }

    fn with<T>(&self, file: FileId, act: impl FnOnce(&str, &Lines<'a>) -> T) -> Option<T> {
        let source = self.sources.get(file)?;
        let mut files = self.files.borrow_mut();
        let (uri, lines) = files
            .entry(file)
            .or_insert_with(|| ((self.uri_of)(source.name()), Lines::of(source)));
        Some(act(uri, lines))
    }

    /// The byte at a position of a file.
    pub(super) fn byte(&self, file: FileId, position: lsp::Position) -> usize {
        let position = super::server::position(position);
        self.with(file, |_, lines| lines.byte(position, self.encoding)).unwrap_or(0)
    }

    pub(super) fn range(&self, span: Span) -> lsp::Range {
        let place = |lines: &Lines<'_>, byte: u32| position(lines.position(byte as usize, self.encoding));
        let range = self.with(span.file, |_, lines| lsp::Range {
            start: place(lines, span.start),
            end: place(lines, span.end),
        });
        range.unwrap_or_default()
    }

    /// The address and the lines of a span.
    pub(super) fn location(&self, span: Span) -> Option<lsp::Location> {
        let uri = self.with(span.file, |uri, _| lsp::Uri(uri.to_owned()))?;
        let range = self.range(span);
        Some(lsp::Location { uri, range })
    }

    /// A finding as the editor shows it at a place.
    pub(super) fn diagnostic(&self, finding: &Diagnostic, range: lsp::Range, related: bool) -> lsp::Diagnostic {
        let mut message = finding.message.clone();
        let own = finding
            .primary()
            .map(|label| label.text.as_str())
            .filter(|text| !text.is_empty());
        message.extend(own.map(|text| format!("\n{text}")));
        message.extend(finding.help.iter().map(|help| format!("\nhelp: {help}")));
        message.extend(finding.sentences().map(|note| format!("\n{note}")));
        let others = finding.labels.iter().filter(|label| !label.primary);
        let related_information = others
            .filter_map(|label| {
                let message = match label.text.as_str() {
                    "" => "here too".to_owned(),
                    text => text.to_owned(),
                };
                Some(lsp::DiagnosticRelatedInformation {
                    location: self.location(label.span)?,
                    message,
                })
            })
            .collect::<Vec<_>>();
        let is_unused = finding.code.name.starts_with("unused-");
        lsp::Diagnostic {
            range,
            severity: Some(match finding.severity {
                Severity::Error => lsp::DiagnosticSeverity::Error,
                Severity::Warning => lsp::DiagnosticSeverity::Warning,
                Severity::Note => lsp::DiagnosticSeverity::Information,
            }),
            code: Some(lsp::Code::String(finding.code.number.to_owned())),
            code_description: None,
            source: Some("gl".to_owned()),
            message: lsp::Message::String(message),
            tags: is_unused.then(|| vec![lsp::DiagnosticTag::Unnecessary]),
            related_information: (related && !related_information.is_empty()).then_some(related_information),
            data: None,
        }
    }

    /// Edits by the address of their texts.
    pub(super) fn edits(&self, edits: &[Edit]) -> lsp::WorkspaceEdit {
        let mut changes: std::collections::HashMap<lsp::Uri, Vec<lsp::TextEdit>> = std::collections::HashMap::new();
        for edit in edits {
            let Some(place) = self.location(edit.span) else { continue };
            changes.entry(place.uri).or_default().push(lsp::TextEdit {
                range: place.range,
                new_text: edit.replacement.clone(),
            });
        }
        lsp::WorkspaceEdit {
            changes: Some(changes),
            ..lsp::WorkspaceEdit::default()
        }
    }
}

fn position(position: Position) -> lsp::Position {
    lsp::Position {
        line: position.line,
        character: position.character,
    }
}
