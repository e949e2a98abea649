//! Questions about names.

use super::{Asked, Refusal};
use crate::cli::lsp::server::Server;
use crate::desk::describe;
use crate::desk::names::{Occurrence, Symbol};
use crate::desk::rename::renameable;
use crate::source::Span;
use gen_lsp_types as lsp;

pub(super) fn hover(server: &mut Server, params: lsp::HoverParams) -> Result<Option<lsp::Hover>, Refusal> {
    let (asked, byte) = Asked::at(server, &params.text_document_position_params)?;
    let hover = describe::hover(&asked.analysis, asked.file, byte);
    Ok(hover.map(|hover| lsp::Hover {
        contents: lsp::Contents::MarkupContent(markdown(hover.text)),
        range: Some(asked.places(server).range(hover.span)),
    }))
}

pub(super) fn markdown(text: String) -> lsp::MarkupContent {
    lsp::MarkupContent {
        kind: lsp::MarkupKind::Markdown,
        value: text,
    }
}

pub(super) fn definition(server: &mut Server, params: lsp::DefinitionParams) -> Result<Option<lsp::DefinitionResponse>, Refusal> {
    let (asked, byte) = Asked::at(server, &params.text_document_position_params)?;
    let Some(occurrence) = asked.analysis.names().at(asked.file, byte) else {
        return Ok(None);
    };
    let loaded = &asked.analysis.loaded;
    let location = match &occurrence.symbol {
        Symbol::File(index) => {
            let tree = loaded.trees.get(*index);
            tree.and_then(|tree| asked.places(server).location(Span::new(tree.file, 0..0)))
        }
        Symbol::Statement(id) => loaded.library.inventory.iter().find(|row| row.id == *id).map(|row| {
            let line = u32::try_from(row.line.saturating_sub(1)).unwrap_or(u32::MAX);
            let start = lsp::Position { line, character: 0 };
            lsp::Location {
                uri: lsp::Uri(server.projects.uri(&asked.home, &row.path)),
                range: lsp::Range { start, end: start },
            }
        }),
        symbol => {
            let place = asked.analysis.names().declaration(symbol);
            place.and_then(|span| asked.places(server).location(span))
        }
    };
    Ok(location.map(|location| lsp::DefinitionResponse::Definition(lsp::Definition::Location(location))))
}

/// Every occurrence of what stands at a place.
fn occurrences(asked: &Asked, byte: usize) -> Vec<&Occurrence> {
    let names = asked.analysis.names();
    let symbol = names.at(asked.file, byte).map(|occurrence| &occurrence.symbol);
    symbol.into_iter().flat_map(|symbol| names.of(symbol)).collect()
}

pub(super) fn references(server: &mut Server, params: lsp::ReferenceParams) -> Result<Option<Vec<lsp::Location>>, Refusal> {
    let (asked, byte) = Asked::at(server, &params.text_document_position_params)?;
    let places = asked.places(server);
    let wanted = |occurrence: &&&Occurrence| params.context.include_declaration || !occurrence.declares;
    let found = occurrences(&asked, byte);
    let found = found
        .iter()
        .filter(wanted)
        .filter_map(|occurrence| places.location(occurrence.span));
    Ok(Some(found.collect()))
}

pub(super) fn highlights(
    server: &mut Server,
    params: lsp::DocumentHighlightParams,
) -> Result<Option<Vec<lsp::DocumentHighlight>>, Refusal> {
    let (asked, byte) = Asked::at(server, &params.text_document_position_params)?;
    let places = asked.places(server);
    let found = occurrences(&asked, byte).into_iter().filter(|o| o.span.file == asked.file);
    let highlight = |occurrence: &Occurrence| lsp::DocumentHighlight {
        range: places.range(occurrence.span),
        kind: Some(match occurrence.declares {
            true => lsp::DocumentHighlightKind::Write,
            false => lsp::DocumentHighlightKind::Read,
        }),
    };
    Ok(Some(found.map(highlight).collect()))
}

pub(super) fn prepare_rename(
    server: &mut Server,
    params: lsp::PrepareRenameParams,
) -> Result<Option<lsp::PrepareRenameResult>, Refusal> {
    let (asked, byte) = Asked::at(server, &params.text_document_position_params)?;
    let (_, span) = renameable(&asked.analysis, asked.file, byte).map_err(Refusal::failed)?;
    Ok(Some(lsp::PrepareRenameResult::Range(asked.places(server).range(span))))
}

pub(super) fn rename(server: &mut Server, params: lsp::RenameParams) -> Result<Option<lsp::WorkspaceEdit>, Refusal> {
    let (asked, byte) = Asked::at(server, &params.text_document_position_params)?;
    let gone = || Refusal::failed("the project is gone");
    let project = server.projects.all.get_mut(&asked.home).ok_or_else(gone)?;
    let edits = project
        .desk
        .rename(asked.file, byte, &params.new_name)
        .map_err(Refusal::failed)?;
    Ok(Some(asked.places(server).edits(&edits)))
}
