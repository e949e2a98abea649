//! Questions about the shape of a text.

use super::{Asked, Refusal};
use crate::cli::lsp::convert::Places;
use crate::cli::lsp::server::Server;
use crate::desk::outline::{Entry, EntryKind, folds, formatted, outline, search};
use crate::desk::tokens::{Role, highlights};
use gen_lsp_types as lsp;

/// The most answers to a search; nobody reads further.
const FOUND: usize = 500;

pub(super) fn document_symbols(
    server: &mut Server,
    params: lsp::DocumentSymbolParams,
) -> Result<Option<lsp::DocumentSymbolResponse>, Refusal> {
    let asked = Asked::new(server, &params.text_document.uri)?;
    let places = asked.places(server);
    let entries = outline(&asked.analysis, asked.file);
    let symbols = entries.into_iter().map(|entry| symbol(&places, entry)).collect();
    Ok(Some(lsp::DocumentSymbolResponse::DocumentSymbolList(symbols)))
}

#[allow(deprecated, reason = "the type still has the field")]
fn symbol(places: &Places<'_>, entry: Entry) -> lsp::DocumentSymbol {
    let children: Vec<_> = entry.children.into_iter().map(|child| symbol(places, child)).collect();
    lsp::DocumentSymbol {
        name: entry.name,
        detail: (!entry.detail.is_empty()).then_some(entry.detail),
        kind: kind(entry.kind),
        tags: None,
        deprecated: None,
        range: places.range(entry.span),
        selection_range: places.range(entry.name_span),
        children: (!children.is_empty()).then_some(children),
    }
}

fn kind(kind: EntryKind) -> lsp::SymbolKind {
    match kind {
        EntryKind::Guideline => lsp::SymbolKind::Module,
        EntryKind::Source => lsp::SymbolKind::File,
        EntryKind::Scale => lsp::SymbolKind::Enum,
        EntryKind::Fact => lsp::SymbolKind::Variable,
        EntryKind::Action => lsp::SymbolKind::Function,
        EntryKind::Definition => lsp::SymbolKind::Property,
        EntryKind::Assumption => lsp::SymbolKind::Boolean,
        EntryKind::Section => lsp::SymbolKind::Namespace,
        EntryKind::Rule => lsp::SymbolKind::Method,
        EntryKind::Note => lsp::SymbolKind::String,
        EntryKind::Reconciliation => lsp::SymbolKind::Operator,
        EntryKind::Claim => lsp::SymbolKind::Constant,
        EntryKind::Case => lsp::SymbolKind::Event,
    }
}

pub(super) fn workspace_symbols(
    server: &mut Server,
    params: lsp::WorkspaceSymbolParams,
) -> Result<Option<lsp::WorkspaceSymbolResponse>, Refusal> {
    let mut symbols = Vec::new();
    let homes: Vec<_> = server.projects.all.keys().cloned().collect();
    for home in homes {
        let Some(project) = server.projects.all.get_mut(&home) else {
            continue;
        };
        let analysis = project.desk.analysis();
        let uri_of = |path: &str| server.projects.uri(&home, path);
        let places = Places::new(&analysis.loaded.sources, server.client.encoding, uri_of);
        for entry in search(&analysis, &params.query).into_iter().take(FOUND) {
            let Some(location) = places.location(entry.name_span) else {
                continue;
            };
            symbols.push(lsp::WorkspaceSymbol {
                location: lsp::WorkspaceSymbolLocation::Location(location),
                data: None,
                base_symbol_information: lsp::BaseSymbolInformation {
                    name: entry.name,
                    kind: kind(entry.kind),
                    tags: None,
                    container_name: (!entry.detail.is_empty()).then_some(entry.detail),
                },
            });
        }
    }
    Ok(Some(lsp::WorkspaceSymbolResponse::WorkspaceSymbolList(symbols)))
}

pub(super) fn folding(server: &mut Server, params: lsp::FoldingRangeParams) -> Result<Option<Vec<lsp::FoldingRange>>, Refusal> {
    let asked = Asked::new(server, &params.text_document.uri)?;
    let places = asked.places(server);
    let folds = folds(&asked.analysis, asked.file).into_iter().map(|fold| {
        let range = places.range(fold.span);
        lsp::FoldingRange {
            start_line: range.start.line,
            start_character: None,
            end_line: range.end.line,
            end_character: None,
            kind: fold.is_comment.then_some(lsp::FoldingRangeKind::Comment),
            collapsed_text: None,
        }
    });
    Ok(Some(folds.collect()))
}

pub(super) fn formatting(
    server: &mut Server,
    params: lsp::DocumentFormattingParams,
) -> Result<Option<Vec<lsp::TextEdit>>, Refusal> {
    let asked = Asked::new(server, &params.text_document.uri)?;
    let edit = formatted(&asked.analysis, asked.file).map_err(Refusal::failed)?;
    let places = asked.places(server);
    let edits = edit.into_iter().map(|edit| lsp::TextEdit {
        range: places.range(edit.span),
        new_text: edit.replacement,
    });
    Ok(Some(edits.collect()))
}

/// What pieces of text can be, in the words of the protocol, in the order of their numbers.
const TOKEN_TYPES: [&str; 13] = [
    "keyword",
    "number",
    "string",
    "comment",
    "namespace",
    "class",
    "enum",
    "variable",
    "enumMember",
    "property",
    "function",
    "method",
    "type",
];

fn token_type(role: Role) -> u32 {
    match role {
        Role::Keyword => 0,
        Role::Number => 1,
        Role::Text => 2,
        Role::Comment => 3,
        Role::Guideline => 4,
        Role::Source => 5,
        Role::Scale => 6,
        Role::Fact => 7,
        Role::Value => 8,
        Role::Definition => 9,
        Role::Action => 10,
        Role::Rule => 11,
        Role::Statement => 12,
    }
}

pub(super) fn legend() -> lsp::SemanticTokensLegend {
    lsp::SemanticTokensLegend {
        token_types: TOKEN_TYPES.map(str::to_owned).into(),
        token_modifiers: vec!["declaration".to_owned()],
    }
}

pub(super) fn semantic_tokens(
    server: &mut Server,
    params: lsp::SemanticTokensParams,
) -> Result<Option<lsp::SemanticTokens>, Refusal> {
    let asked = Asked::new(server, &params.text_document.uri)?;
    let places = asked.places(server);
    let mut before = lsp::Position::default();
    let mut data = Vec::new();
    for highlight in highlights(&asked.analysis, asked.file) {
        let range = places.range(highlight.span);
        // A lone carriage return ends a line for an editor, and nothing for gl.
        if range.start.line != range.end.line || range.start < before {
            continue;
        }
        let delta_line = range.start.line - before.line;
        data.push(lsp::SemanticToken {
            delta_line,
            delta_start: match delta_line {
                0 => range.start.character - before.character,
                _ => range.start.character,
            },
            length: range.end.character - range.start.character,
            token_type: token_type(highlight.role),
            token_modifiers_bitset: u32::from(highlight.declares),
        });
        before = range.start;
    }
    Ok(Some(lsp::SemanticTokens { result_id: None, data }))
}
