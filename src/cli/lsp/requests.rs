//! One function for each question an editor can ask.

use super::server::{Client, Server};
use crate::desk::positions::Encoding;
use crate::diagnostic::{Diagnostic, Severity};
use gen_lsp_types as lsp;
use serde_json::{Value, json};

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

    pub(super) fn json(&self) -> Value {
        json!({"code": i32::from(self.code.clone()), "message": self.message})
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
pub(super) fn answer(server: &mut Server, method: &str, _params: Value) -> Result<Value, Refusal> {
    match method {
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

/// Whether authors have settled what is found, so that nothing is left to do.
pub(super) fn is_settled(finding: &Diagnostic) -> bool {
    let status = finding.about.as_deref().and_then(|about| about.status);
    finding.severity == Severity::Note && matches!(status, Some("overridden" | "reconciled"))
}
