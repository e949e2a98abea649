//! One function for each question an editor can ask.
//!
//! In: parameters of the protocol. Out: answers of the protocol, made of what `desk` says.
//! Must not know: what the answers mean, how messages travel.

mod actions;
mod names;
mod outline;
pub(super) mod patients;
mod writing;

use super::convert::Places;
use super::projects::Home;
use super::server::{Client, Server};
use crate::desk::Analysis;
use crate::desk::positions::Encoding;
use crate::diagnostic::Diagnostic;
use crate::source::FileId;
use gen_lsp_types as lsp;
use serde_json::{Value, json};
use std::sync::Arc;

/// Why there is no answer.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    code: lsp::ErrorCodes,
    message: String,
}

impl Refusal {
    pub(super) fn new(code: lsp::ErrorCodes, message: impl Into<String>) -> Self {
        Refusal {
            code,
            message: message.into(),
        }
    }

    /// The request is well-formed, and cannot be done.
    fn failed(message: impl Into<String>) -> Self {
        const REQUEST_FAILED: i32 = -32803;
        Refusal::new(lsp::ErrorCodes::Custom(REQUEST_FAILED), message)
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn json(&self) -> Value {
        json!({"code": i32::from(self.code), "message": self.message})
    }
}

/// What the server can do.
pub(super) fn capabilities(client: &Client) -> lsp::ServerCapabilities {
    lsp::ServerCapabilities {
        position_encoding: Some(match client.encoding {
            Encoding::Utf8 => lsp::PositionEncodingKind::UTF8,
            Encoding::Utf16 => lsp::PositionEncodingKind::UTF16,
        }),
        text_document_sync: Some(lsp::TextDocumentSync::Options(lsp::TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(lsp::TextDocumentSyncKind::Incremental),
            save: Some(lsp::Save::Bool(true)),
            ..Default::default()
        })),
        completion_provider: Some(lsp::CompletionOptions {
            trigger_characters: Some(["(", "."].map(str::to_owned).into()),
            resolve_provider: Some(true),
            ..Default::default()
        }),
        code_action_provider: Some(lsp::CodeActionProvider::CodeActionOptions(lsp::CodeActionOptions {
            code_action_kinds: Some(vec![lsp::CodeActionKind::QuickFix]),
            ..Default::default()
        })),
        hover_provider: Some(true.into()),
        definition_provider: Some(true.into()),
        references_provider: Some(true.into()),
        document_highlight_provider: Some(true.into()),
        document_symbol_provider: Some(true.into()),
        workspace_symbol_provider: Some(true.into()),
        folding_range_provider: Some(true.into()),
        document_formatting_provider: Some(true.into()),
        semantic_tokens_provider: Some(lsp::SemanticTokensProvider::SemanticTokensOptions(
            lsp::SemanticTokensOptions {
                legend: outline::legend(),
                full: Some(lsp::Full::Bool(true)),
                ..Default::default()
            },
        )),
        inlay_hint_provider: Some(true.into()),
        code_lens_provider: Some(lsp::CodeLensOptions::default()),
        execute_command_provider: Some(lsp::ExecuteCommandOptions {
            commands: [patients::RUN_CASES, patients::RUN_CASE, patients::EVALUATE]
                .map(str::to_owned)
                .into(),
            ..Default::default()
        }),
        rename_provider: Some(lsp::RenameProvider::RenameOptions(lsp::RenameOptions {
            prepare_provider: Some(true),
            ..Default::default()
        })),
        workspace: Some(lsp::WorkspaceOptions {
            workspace_folders: Some(lsp::WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(lsp::ChangeNotifications::Bool(true)),
            }),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// Answers a request.
///
/// # Errors
///
/// [`Refusal`] for a request that is malformed, not known, or about something that is not there.
pub(super) fn answer(server: &mut Server, method: &str, params: Value) -> Result<Value, Refusal> {
    match method {
        "textDocument/hover" => ask::<lsp::HoverRequest>(params, |p| names::hover(server, p)),
        "textDocument/definition" => ask::<lsp::DefinitionRequest>(params, |p| names::definition(server, p)),
        "textDocument/references" => ask::<lsp::ReferencesRequest>(params, |p| names::references(server, p)),
        "textDocument/documentHighlight" => ask::<lsp::DocumentHighlightRequest>(params, |p| names::highlights(server, p)),
        "textDocument/prepareRename" => ask::<lsp::PrepareRenameRequest>(params, |p| names::prepare_rename(server, p)),
        "textDocument/rename" => ask::<lsp::RenameRequest>(params, |p| names::rename(server, p)),
        "textDocument/completion" => ask::<lsp::CompletionRequest>(params, |p| writing::completion(server, p)),
        "completionItem/resolve" => ask::<lsp::CompletionResolveRequest>(params, |p| writing::resolve(server, p)),
        "textDocument/codeAction" => ask::<lsp::CodeActionRequest>(params, |p| actions::code_actions(server, p)),
        "textDocument/documentSymbol" => ask::<lsp::DocumentSymbolRequest>(params, |p| outline::document_symbols(server, p)),
        "workspace/symbol" => ask::<lsp::WorkspaceSymbolRequest>(params, |p| outline::workspace_symbols(server, p)),
        "textDocument/foldingRange" => ask::<lsp::FoldingRangeRequest>(params, |p| outline::folding(server, p)),
        "textDocument/formatting" => ask::<lsp::DocumentFormattingRequest>(params, |p| outline::formatting(server, p)),
        "textDocument/semanticTokens/full" => ask::<lsp::SemanticTokensRequest>(params, |p| outline::semantic_tokens(server, p)),
        "textDocument/codeLens" => ask::<lsp::CodeLensRequest>(params, |p| patients::code_lenses(server, p)),
        "textDocument/inlayHint" => ask::<lsp::InlayHintRequest>(params, |p| patients::inlay_hints(server, p)),
        "workspace/executeCommand" => ask::<lsp::ExecuteCommandRequest>(params, |p| patients::execute(server, p)),
        "gl/patients" => patients::list(server, &params),
        "gl/status" => {
            server.look();
            let complete = server.projects.all.values().all(|project| project.is_complete);
            Ok(json!({"complete": complete}))
        }
        _ => Err(Refusal::new(
            lsp::ErrorCodes::MethodNotFound,
            format!("`{method}` is not known"),
        )),
    }
}

/// Reads what a request asks, and writes what it is answered.
fn ask<R: lsp::Request>(params: Value, act: impl FnOnce(R::Params) -> Result<R::Result, Refusal>) -> Result<Value, Refusal> {
    let params = serde_json::from_value(params).map_err(|error| {
        Refusal::new(
            lsp::ErrorCodes::InvalidParams,
            format!("the parameters are malformed: {error}"),
        )
    })?;
    let result = act(params)?;
    serde_json::to_value(result).map_err(|error| Refusal::new(lsp::ErrorCodes::InternalError, error.to_string()))
}

/// A text that is asked about, with everything that is known of its project as it is now.
struct Asked {
    home: Home,
    analysis: Arc<Analysis>,
    file: FileId,
}

impl Asked {
    fn new(server: &mut Server, uri: &lsp::Uri) -> Result<Self, Refusal> {
        let (home, path) = server.projects.find(&uri.0);
        let unknown = || Refusal::failed(format!("`{}` is not open", uri.0));
        let project = server.projects.all.get_mut(&home).ok_or_else(unknown)?;
        let analysis = project.desk.analysis();
        let file = analysis.file(&path).ok_or_else(unknown)?;
        Ok(Asked { home, analysis, file })
    }

    /// The text at a place, and the byte.
    fn at(server: &mut Server, place: &lsp::TextDocumentPositionParams) -> Result<(Self, usize), Refusal> {
        let asked = Asked::new(server, &place.text_document.uri)?;
        let byte = asked.places(server).byte(asked.file, place.position);
        Ok((asked, byte))
    }

    fn places<'a>(&'a self, server: &'a Server) -> Places<'a> {
        Places::new(&self.analysis.loaded.sources, server.client.encoding, |path| {
            server.projects.uri(&self.home, path)
        })
    }
}

/// Whether authors have settled what is found, so that nothing is left to do.
pub(super) fn is_settled(finding: &Diagnostic) -> bool {
    finding.accepted.is_some()
}
