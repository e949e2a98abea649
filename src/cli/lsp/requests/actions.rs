//! Questions about what to do.

use super::{Asked, Refusal};
use crate::cli::lsp::server::Server;
use crate::cli::lsp::uris::name_of;
use crate::desk::actions::{Change, Proposal, proposals};
use gen_lsp_types as lsp;
use std::path::Path;

pub(super) fn code_actions(
    server: &mut Server,
    params: lsp::CodeActionParams,
) -> Result<Option<Vec<lsp::CodeActionResponse>>, Refusal> {
    server.look();
    let asked = Asked::new(server, &params.text_document.uri)?;
    let wanted = params.context.only.as_ref();
    let is_wanted = wanted.is_none_or(|only| {
        only.iter()
            .any(|kind| matches!(kind, lsp::CodeActionKind::QuickFix | lsp::CodeActionKind::Empty))
    });
    let Some(project) = server.projects.all.get(&asked.home).filter(|_| is_wanted) else {
        return Ok(None);
    };
    let places = asked.places(server);
    let range = places.byte(asked.file, params.range.start)..places.byte(asked.file, params.range.end);
    let range = range.start.min(range.end)..range.start.max(range.end);
    let found = proposals(&asked.analysis, &project.findings, asked.file, range);
    let actions = found.into_iter().filter_map(|proposal| action(server, &asked, proposal));
    Ok(Some(actions.map(lsp::CodeActionResponse::CodeAction).collect()))
}

fn action(server: &Server, asked: &Asked, proposal: Proposal<'_>) -> Option<lsp::CodeAction> {
    let places = asked.places(server);
    let finding = proposal.finding;
    let place = finding.primary().map(|label| places.range(label.span)).unwrap_or_default();
    Some(lsp::CodeAction {
        title: proposal.title,
        kind: Some(lsp::CodeActionKind::QuickFix),
        diagnostics: Some(vec![places.diagnostic(finding, place, server.client.related_information)]),
        is_preferred: proposal.is_preferred.then_some(true),
        edit: Some(change(server, asked, proposal.change)?),
        ..Default::default()
    })
}

/// A change in the words of the protocol; none where the editor cannot make a file.
fn change(server: &Server, asked: &Asked, change: Change) -> Option<lsp::WorkspaceEdit> {
    let Some((path, text)) = change.creates else {
        return Some(asked.places(server).edits(&change.edits));
    };
    if !server.client.creates_files {
        return None;
    }
    let uri = lsp::Uri(server.projects.uri(&asked.home, &name_of(Path::new(&path))));
    let create = lsp::CreateFile {
        uri: uri.clone(),
        options: None,
        annotation_id: None,
    };
    let whole = lsp::TextEdit {
        range: lsp::Range::default(),
        new_text: text,
    };
    let fill = lsp::TextDocumentEdit {
        text_document: lsp::OptionalVersionedTextDocumentIdentifier {
            version: None,
            text_document_identifier: lsp::TextDocumentIdentifier { uri },
        },
        edits: vec![lsp::Edit::TextEdit(whole)],
    };
    Some(lsp::WorkspaceEdit {
        document_changes: Some(vec![
            lsp::DocumentChange::CreateFile(create),
            lsp::DocumentChange::TextDocumentEdit(fill),
        ]),
        ..Default::default()
    })
}
