//! Questions about what to write.

use super::names::markdown;
use super::{Asked, Refusal};
use crate::cli::lsp::server::Server;
use crate::desk::complete::{Completion, Insert, Kind, complete};
use crate::desk::describe::describe;
use crate::desk::names::Symbol;
use crate::model::{ActionId, DefinitionId, FactId, RuleId, ScaleId, SourceId};
use crate::source::Span;
use gen_lsp_types as lsp;
use serde_json::{Value, json};

pub(super) fn completion(server: &mut Server, params: lsp::CompletionParams) -> Result<Option<lsp::CompletionResponse>, Refusal> {
    let place = &params.text_document_position_params;
    let (asked, byte) = Asked::at(server, place)?;
    let found = complete(&asked.analysis, asked.file, byte);
    let places = asked.places(server);
    let range = places.range(Span::new(asked.file, found.replaces));
    let items = found
        .all
        .into_iter()
        .enumerate()
        .map(|(order, offered)| item(offered, order, range, place.text_document.uri.clone(), server.client.snippets))
        .collect();
    Ok(Some(lsp::CompletionResponse::CompletionItemList(items)))
}

fn item(offered: Completion, order: usize, range: lsp::Range, uri: lsp::Uri, snippets: bool) -> lsp::CompletionItem {
    let (new_text, format) = match offered.insert {
        Insert::Snippet(body) if snippets => (body, lsp::InsertTextFormat::Snippet),
        Insert::Label | Insert::Snippet(_) => (offered.label.clone(), lsp::InsertTextFormat::PlainText),
        Insert::Text(text) => (text, lsp::InsertTextFormat::PlainText),
    };
    lsp::CompletionItem {
        kind: Some(match offered.kind {
            Kind::Keyword => lsp::CompletionItemKind::Keyword,
            Kind::Declaration => lsp::CompletionItemKind::Snippet,
            Kind::Fact => lsp::CompletionItemKind::Variable,
            Kind::Definition => lsp::CompletionItemKind::Property,
            Kind::Value => lsp::CompletionItemKind::EnumMember,
            Kind::Action => lsp::CompletionItemKind::Function,
            Kind::Rule => lsp::CompletionItemKind::Method,
            Kind::Source => lsp::CompletionItemKind::Reference,
            Kind::Scale => lsp::CompletionItemKind::Enum,
            Kind::Statement => lsp::CompletionItemKind::Constant,
            Kind::Unit => lsp::CompletionItemKind::Unit,
            Kind::File => lsp::CompletionItemKind::Module,
            Kind::Code => lsp::CompletionItemKind::Value,
        }),
        detail: (!offered.detail.is_empty()).then_some(offered.detail),
        sort_text: Some(format!("{order:05}")),
        // Editors compare what is typed with this; it has no brackets or quotes.
        filter_text: Some(offered.label.trim_matches(['"', '(']).trim_end().to_owned()),
        insert_text_format: Some(format),
        text_edit: Some(lsp::CompletionItemTextEdit::TextEdit(lsp::TextEdit { range, new_text })),
        data: offered
            .symbol
            .and_then(|symbol| data(&symbol))
            .map(|data| json!({"uri": uri, "symbol": data, "label": offered.label})),
        label: offered.label,
        ..Default::default()
    }
}

/// A symbol, to be found again when its documentation is asked for.
fn data(symbol: &Symbol) -> Option<Value> {
    let (kind, index) = match symbol {
        Symbol::Fact(id) => ("fact", id.index()),
        Symbol::Definition(id) => ("definition", id.index()),
        Symbol::Action(id) => ("action", id.index()),
        Symbol::Rule(id) => ("rule", id.index()),
        Symbol::Source(id) => ("source", id.index()),
        Symbol::Scale(id) => ("scale", id.index()),
        Symbol::Statement(id) => return Some(json!(["statement", id])),
        _ => return None,
    };
    Some(json!([kind, index]))
}

/// The documentation of what was offered, if it is still there.
pub(super) fn resolve(server: &mut Server, mut item: lsp::CompletionItem) -> Result<lsp::CompletionItem, Refusal> {
    let Some(data) = item.data.clone() else { return Ok(item) };
    let Some(uri) = data.get("uri").and_then(Value::as_str) else {
        return Ok(item);
    };
    let asked = Asked::new(server, &lsp::Uri(uri.to_owned()))?;
    let library = &asked.analysis.loaded.library;
    let index = data.pointer("/symbol/1").and_then(Value::as_u64);
    let index = index.and_then(|index| usize::try_from(index).ok()).unwrap_or(usize::MAX);
    let symbol = match data.pointer("/symbol/0").and_then(Value::as_str) {
        Some("fact") if index < library.facts.len() => Symbol::Fact(FactId::from_index(index)),
        Some("definition") if index < library.definitions.len() => Symbol::Definition(DefinitionId::from_index(index)),
        Some("action") if index < library.actions.len() => Symbol::Action(ActionId::from_index(index)),
        Some("rule") if index < library.rules.len() => Symbol::Rule(RuleId::from_index(index)),
        Some("source") if index < library.sources.len() => Symbol::Source(SourceId::from_index(index)),
        Some("scale") if index < library.scales.len() => Symbol::Scale(ScaleId::from_index(index)),
        Some("statement") => match data.pointer("/symbol/1").and_then(Value::as_str) {
            Some(id) => Symbol::Statement(id.to_owned()),
            None => return Ok(item),
        },
        _ => return Ok(item),
    };
    item.documentation = Some(lsp::Documentation::MarkupContent(markdown(describe(
        &asked.analysis,
        &symbol,
    ))));
    Ok(item)
}
