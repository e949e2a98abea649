//! The life of the server: messages come in, answers go out, findings follow.

use super::convert::Places;
use super::frames::{self, Frame};
use super::projects::{Document, Home, Project, Projects, Published};
use super::requests::{self, Refusal};
use super::verifier::{Verified, Verifier};
use crate::cli::{Context, Exit};
use crate::desk::Analysis;
use crate::desk::positions::{Encoding, Lines, Position};
use crate::source::Span;
use gen_lsp_types as lsp;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, BufReader};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread;

/// What the server wakes up for.
#[derive(Debug)]
pub(super) enum Event {
    Message(Frame),
    Verified(Verified),
    /// The editor is gone.
    End,
}

/// Serves until the editor says that it is done, or goes away.
pub(super) fn serve(cx: &Context) -> Exit {
    let (events, inbox) = channel();
    let (out, outbox) = channel::<String>();
    let verifier = match Verifier::start(events.clone()) {
        Ok(verifier) => verifier,
        Err(error) => {
            cx.complain(&format!("the verifier cannot be started: {error}"));
            return Exit::Invalid;
        }
    };
    let reader = thread::Builder::new()
        .name("gl-read".to_owned())
        .spawn(move || listen(&events));
    let writer = thread::Builder::new()
        .name("gl-write".to_owned())
        .spawn(move || speak(&outbox));
    let (Ok(_), Ok(writer)) = (reader, writer) else {
        cx.complain("the system has no thread left");
        return Exit::Invalid;
    };
    let mut server = Server {
        out,
        verifier,
        stage: Stage::New,
        client: Client::default(),
        projects: Projects::default(),
        requests: 0,
        pending: BTreeMap::new(),
    };
    let exit = server.run(&inbox);
    // The writer ends when it has written everything.
    drop(server);
    let _ = writer.join();
    exit
}

fn listen(events: &Sender<Event>) {
    let mut input = BufReader::new(io::stdin());
    while let Ok(Some(frame)) = frames::read(&mut input) {
        if events.send(Event::Message(frame)).is_err() {
            return;
        }
    }
    let _ = events.send(Event::End);
}

fn speak(messages: &Receiver<String>) {
    let mut output = io::stdout();
    for message in messages {
        if frames::write(&mut output, &message).is_err() {
            return;
        }
    }
}

/// Choosing it goes back to the rules without a patient.
const NOBODY: &str = "Nobody";

/// How far the server is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    New,
    Running,
    ShutDown,
}

/// What the editor said of itself.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) encoding: Encoding,
    pub(super) related_information: bool,
    watches_files: bool,
    pub(super) snippets: bool,
    pub(super) creates_files: bool,
    refreshes_hints: bool,
    refreshes_lenses: bool,
    shows_documents: bool,
}

impl Default for Client {
    fn default() -> Self {
        Client {
            encoding: Encoding::Utf16,
            related_information: false,
            watches_files: false,
            snippets: false,
            creates_files: false,
            refreshes_hints: false,
            refreshes_lenses: false,
            shows_documents: false,
        }
    }
}

impl Client {
    /// Reads only what is needed, so that what else an editor says cannot be wrong.
    fn new(params: &Value) -> Client {
        let at = |path: &str| params.pointer(&format!("/capabilities/{path}"));
        let can = |path: &str| at(path).and_then(Value::as_bool).unwrap_or(false);
        let encodings = at("general/positionEncodings").and_then(Value::as_array);
        let operations = at("workspace/workspaceEdit/resourceOperations").and_then(Value::as_array);
        let creates = |operation: &Value| operation.as_str() == Some("create");
        let is_utf8 = |encoding: &Value| encoding.as_str() == Some("utf-8");
        Client {
            encoding: match encodings {
                Some(encodings) if encodings.iter().any(is_utf8) => Encoding::Utf8,
                _ => Encoding::Utf16,
            },
            related_information: can("textDocument/publishDiagnostics/relatedInformation"),
            watches_files: can("workspace/didChangeWatchedFiles/dynamicRegistration"),
            creates_files: can("workspace/workspaceEdit/documentChanges")
                && operations.is_some_and(|all| all.iter().any(creates)),
            snippets: can("textDocument/completion/completionItem/snippetSupport"),
            refreshes_hints: can("workspace/inlayHint/refreshSupport"),
            refreshes_lenses: can("workspace/codeLens/refreshSupport"),
            shows_documents: can("window/showDocument/support"),
        }
    }
}

/// A server with everything that is open.
pub(super) struct Server {
    out: Sender<String>,
    verifier: Verifier,
    stage: Stage,
    pub(super) client: Client,
    pub(super) projects: Projects,
    /// How many requests were sent to the editor.
    requests: i64,
    /// What the editor was asked and has not answered, by the number of the request.
    pending: BTreeMap<i64, Pending>,
}

/// A patient that the editor's user is asked for.
#[derive(Debug)]
pub(super) struct Pending {
    /// The text from which it was asked.
    pub(super) uri: lsp::Uri,
}

impl Server {
    fn run(&mut self, inbox: &Receiver<Event>) -> Exit {
        loop {
            let event = match inbox.try_recv() {
                Ok(event) => event,
                // Nothing waits, so there is time to look at what was written.
                Err(TryRecvError::Empty) => {
                    self.protected("looking at the texts", Self::look);
                    match inbox.recv() {
                        Ok(event) => event,
                        Err(_) => return self.gone(),
                    }
                }
                Err(TryRecvError::Disconnected) => return self.gone(),
            };
            match event {
                Event::Message(Frame::Text(text)) => {
                    if let Some(exit) = self.message(&text) {
                        return exit;
                    }
                }
                Event::Message(Frame::Malformed(why)) => {
                    self.respond(
                        Value::Null,
                        Err(Refusal::new(
                            lsp::ErrorCodes::ParseError,
                            format!("the message is malformed: {why}"),
                        )),
                    );
                }
                Event::Verified(verified) => {
                    self.protected("reporting conflicts", |server| server.verified(verified));
                }
                Event::End => return self.gone(),
            }
        }
    }

    /// The editor went away without a word.
    fn gone(&self) -> Exit {
        match self.stage {
            Stage::ShutDown => Exit::Clean,
            Stage::New | Stage::Running => Exit::Findings,
        }
    }

    /// Does something that must not end the server, whatever is wrong with gl.
    fn protected(&mut self, doing: &str, act: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| act(self))).is_err() {
            self.bug(doing);
        }
    }

    fn bug(&self, doing: &str) {
        let message = format!(
            "this is a bug in gl {}, while {doing}; please report it with the guidelines, and without any patient's data",
            env!("CARGO_PKG_VERSION")
        );
        self.log(lsp::MessageType::Error, message);
    }

    pub(super) fn log(&self, ty: lsp::MessageType, message: String) {
        self.notify::<lsp::LogMessageNotification>(lsp::LogMessageParams { kind: ty, message });
    }

    fn send(&self, message: &Value) {
        // If the writer is gone, so is the editor, and the reader will say so.
        let _ = self.out.send(message.to_string());
    }

    fn notify<N: lsp::Notification>(&self, params: N::Params) {
        self.send(&json!({"jsonrpc": "2.0", "method": N::METHOD, "params": params}));
    }

    /// Shows a message to the editor's user.
    pub(super) fn say(&self, ty: lsp::MessageType, message: String) {
        self.notify::<lsp::ShowMessageNotification>(lsp::ShowMessageParams { kind: ty, message });
    }

    /// Shows a place to the editor's user, where the editor can.
    pub(super) fn show(&mut self, place: &lsp::Location) {
        if self.client.shows_documents {
            self.ask(
                "window/showDocument",
                json!({"uri": place.uri, "selection": place.range, "takeFocus": true}),
            );
        }
    }

    /// Lets the editor's user choose one of some titles, or nobody.
    pub(super) fn ask_for_patient(&mut self, titles: Vec<String>, pending: Pending) {
        let actions = titles
            .into_iter()
            .chain([NOBODY.to_owned()])
            .map(|title| json!({"title": title}));
        let actions: Vec<Value> = actions.collect();
        let params = json!({"type": 3, "message": "Look at the rules with which patient?", "actions": actions});
        self.ask("window/showMessageRequest", params);
        self.pending.insert(self.requests, pending);
    }

    /// Takes the answer of the editor to something that it was asked.
    fn answered(&mut self, id: &Value, result: &Value) {
        let pending = id.as_i64().and_then(|id| self.pending.remove(&id));
        let Some((pending, title)) = pending.zip(result.get("title").and_then(Value::as_str)) else {
            return;
        };
        let choice = match title {
            NOBODY => json!({}),
            title => json!({"case": title}),
        };
        self.protected("evaluating a patient", |server| {
            if let Err(refusal) = requests::patients::evaluate_for(server, &pending.uri, &choice) {
                server.say(lsp::MessageType::Error, refusal.message().to_owned());
            }
        });
    }

    /// Asks the editor to ask again for what is shown beside the texts.
    pub(super) fn refresh(&mut self) {
        if self.client.refreshes_hints {
            self.ask("workspace/inlayHint/refresh", Value::Null);
        }
        if self.client.refreshes_lenses {
            self.ask("workspace/codeLens/refresh", Value::Null);
        }
    }

    /// Asks the editor for something.
    fn ask(&mut self, method: &str, params: Value) {
        self.requests += 1;
        self.send(&json!({"jsonrpc": "2.0", "id": self.requests, "method": method, "params": params}));
    }

    fn respond(&self, id: Value, answer: Result<Value, Refusal>) {
        self.send(&match answer {
            Ok(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
            Err(refusal) => json!({"jsonrpc": "2.0", "id": id, "error": refusal.json()}),
        });
    }

    /// Handles one message; gives the exit status when it is the last.
    fn message(&mut self, text: &str) -> Option<Exit> {
        let refuse = |code, why: &str| Err(Refusal::new(code, why.to_owned()));
        let read = |text: &str| serde_json::from_str::<Value>(text);
        let message = match read(text).or_else(|_| read(&frames::whole_characters(text))) {
            Ok(message) => message,
            Err(_) => {
                self.respond(Value::Null, refuse(lsp::ErrorCodes::ParseError, "the message is not JSON"));
                return None;
            }
        };
        let id = message.get("id").filter(|id| id.is_string() || id.is_number()).cloned();
        let params = message.get("params").cloned().unwrap_or(Value::Null);
        match (message.get("method").and_then(Value::as_str), id) {
            (Some("exit"), _) => return Some(self.gone()),
            (Some(method), Some(id)) => {
                let answer = match (self.stage, method) {
                    (Stage::New, "initialize") => Ok(self.initialize(&params)),
                    (Stage::New, _) => refuse(lsp::ErrorCodes::ServerNotInitialized, "`initialize` comes first"),
                    (Stage::Running, "initialize") => refuse(lsp::ErrorCodes::InvalidRequest, "the server is initialized"),
                    (Stage::ShutDown, _) => refuse(lsp::ErrorCodes::InvalidRequest, "the server is shut down"),
                    (Stage::Running, "shutdown") => {
                        self.stage = Stage::ShutDown;
                        Ok(Value::Null)
                    }
                    (Stage::Running, _) => self.answer(method, params),
                };
                self.respond(id, answer);
            }
            (Some(method), None) if self.stage == Stage::Running => {
                self.protected(&format!("taking note of `{method}`"), |server| {
                    server.notification(method, params)
                });
            }
            (Some(_), None) => {}
            // What the editor answers to what it was asked.
            (None, Some(id)) if message.get("result").is_some() || message.get("error").is_some() => {
                self.answered(&id, message.get("result").unwrap_or(&Value::Null));
            }
            (None, id) => {
                let answer = refuse(lsp::ErrorCodes::InvalidRequest, "the message has no method");
                self.respond(id.unwrap_or(Value::Null), answer);
            }
        }
        None
    }

    fn answer(&mut self, method: &str, params: Value) -> Result<Value, Refusal> {
        match catch_unwind(AssertUnwindSafe(|| requests::answer(self, method, params))) {
            Ok(answer) => answer,
            Err(_) => {
                self.bug(&format!("answering `{method}`"));
                Err(Refusal::new(lsp::ErrorCodes::InternalError, "this is a bug in gl".to_owned()))
            }
        }
    }

    fn initialize(&mut self, params: &Value) -> Value {
        self.client = Client::new(params);
        self.stage = Stage::Running;
        let folders = params.get("workspaceFolders").and_then(Value::as_array);
        let uris: Vec<&str> = match folders {
            Some(folders) => folders.iter().filter_map(|f| f.get("uri").and_then(Value::as_str)).collect(),
            None => params.get("rootUri").and_then(Value::as_str).into_iter().collect(),
        };
        for uri in uris {
            self.protected("opening a folder", |server| server.projects.add_folder(uri));
        }
        json!({
            "capabilities": requests::capabilities(&self.client),
            "serverInfo": {"name": "gl", "version": env!("CARGO_PKG_VERSION")},
        })
    }

    fn notification(&mut self, method: &str, params: Value) {
        match method {
            "initialized" => self.watch(),
            "textDocument/didOpen" => {
                if let Some(params) = self.params::<lsp::DidOpenTextDocumentParams>(method, params) {
                    let document = params.text_document;
                    self.projects.open(&document.uri.0, document.version, document.text);
                }
            }
            "textDocument/didChange" => {
                if let Some(params) = self.params::<lsp::DidChangeTextDocumentParams>(method, params) {
                    self.change(params);
                }
            }
            "textDocument/didClose" => {
                if let Some(params) = self.params::<lsp::DidCloseTextDocumentParams>(method, params) {
                    self.close(&params.text_document.uri.0);
                }
            }
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => self.projects.refresh(),
            "workspace/didChangeWorkspaceFolders" => {
                if let Some(params) = self.params::<lsp::DidChangeWorkspaceFoldersParams>(method, params) {
                    params
                        .event
                        .removed
                        .iter()
                        .for_each(|f| self.projects.remove_folder(&f.uri.0));
                    params.event.added.iter().for_each(|f| self.projects.add_folder(&f.uri.0));
                }
            }
            _ => {}
        }
    }

    fn params<T: DeserializeOwned>(&self, method: &str, params: Value) -> Option<T> {
        match serde_json::from_value(params) {
            Ok(params) => Some(params),
            Err(error) => {
                self.log(lsp::MessageType::Warning, format!("`{method}` is malformed: {error}"));
                None
            }
        }
    }

    /// Asks to be told when files change on disk.
    fn watch(&mut self) {
        if !self.client.watches_files {
            return;
        }
        let watchers: Vec<Value> = ["**/*.gl", "**/gl.toml", "**/*.csv"]
            .iter()
            .map(|pattern| json!({"globPattern": pattern}))
            .collect();
        let registration = json!({
            "id": "files",
            "method": "workspace/didChangeWatchedFiles",
            "registerOptions": {"watchers": watchers},
        });
        self.ask("client/registerCapability", json!({"registrations": [registration]}));
    }

    fn change(&mut self, params: lsp::DidChangeTextDocumentParams) {
        let uri = params.text_document.text_document_identifier.uri.0;
        let Some(document) = self.projects.documents.get_mut(&uri) else {
            return;
        };
        document.version = params.text_document.version;
        let Document { home, path, .. } = document.clone();
        let Some(project) = self.projects.all.get_mut(&home) else {
            return;
        };
        let mut text = project.desk.text(&path).unwrap_or("").to_owned();
        for change in params.content_changes {
            text = match change {
                lsp::TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(whole) => whole.text,
                lsp::TextDocumentContentChangeEvent::TextDocumentContentChangePartial(part) => {
                    let (start, end) = (position(part.range.start), position(part.range.end));
                    let range = Lines::new(&text).range(start, end, self.client.encoding);
                    text.replace_range(range, &part.text);
                    text
                }
            };
        }
        project.desk.open(&path, text);
    }

    fn close(&mut self, uri: &str) {
        let cleared = self.projects.close(uri);
        for uri in cleared {
            self.publish(uri, None, Vec::new());
        }
    }

    /// Looks at every text that has changed, says what is wrong with it, and asks the verifier.
    pub(super) fn look(&mut self) {
        let troubles: Vec<String> = self.projects.all.values_mut().filter_map(|p| p.trouble.take()).collect();
        for trouble in troubles {
            let message = format!("{trouble}; until that is mended, the other files of the project are not looked at");
            self.say(lsp::MessageType::Error, message);
        }
        let homes: Vec<Home> = self.projects.all.keys().cloned().collect();
        for home in homes {
            if self.projects.all.get_mut(&home).is_some_and(|project| !project.is_reported()) {
                self.report(&home);
            }
        }
    }

    fn verified(&mut self, verified: Verified) {
        let Some(found) = verified.found else {
            self.bug("looking for conflicts");
            return;
        };
        let Some(project) = self.projects.all.get_mut(&verified.home) else {
            return;
        };
        project.desk.verified(verified.analysis, found);
        if !project.desk.is_stale() {
            self.report(&verified.home);
        }
    }

    /// Says what is wrong with a project, and asks the verifier where it has not had its say.
    fn report(&mut self, home: &Home) {
        let Some(project) = self.projects.all.get_mut(home) else {
            return;
        };
        let Project { desk, config, .. } = project;
        let report = desk.report(&|path, finding| Project::level(config.as_ref(), path, finding));
        let analysis = desk.analysis();
        let is_new = !project.is_reported();
        project.looked_at(analysis.clone(), report);
        if is_new && !project.is_complete {
            self.verifier.ask(home.clone(), analysis.clone());
        }
        self.publish_all(home, &analysis);
    }

    fn publish_all(&mut self, home: &Home, analysis: &Arc<Analysis>) {
        let mut now = self.shown(home, analysis);
        let Some(project) = self.projects.all.get_mut(home) else {
            return;
        };
        let before = std::mem::take(&mut project.published);
        let mut changed = Vec::new();
        for uri in before.keys().filter(|uri| !now.contains_key(*uri)) {
            changed.push((uri.clone(), (None, Vec::new())));
        }
        for (uri, published) in &now {
            if before.get(uri) != Some(published) {
                changed.push((uri.clone(), published.clone()));
            }
        }
        now.retain(|_, (version, found)| version.is_some() || !found.is_empty());
        project.published = now;
        for (uri, (version, found)) in changed {
            self.publish(uri, version, found);
        }
    }

    /// What the editor is to show for each address of a project.
    fn shown(&self, home: &Home, analysis: &Arc<Analysis>) -> BTreeMap<String, Published> {
        let mut shown: BTreeMap<String, Published> = BTreeMap::new();
        let Some(project) = self.projects.all.get(home) else {
            return shown;
        };
        for (uri, document) in self.projects.documents.iter().filter(|(_, d)| d.home == *home) {
            shown.insert(uri.clone(), (Some(document.version), Vec::new()));
        }
        let places = Places::new(&analysis.loaded.sources, self.client.encoding, |path| {
            self.projects.uri(home, path)
        });
        for finding in project.findings.iter().filter(|finding| !requests::is_settled(finding)) {
            let place = finding.primary().and_then(|label| places.location(label.span));
            // A finding without a place, such as too many files, is shown where somebody sees it.
            let anywhere = || {
                let first = analysis.loaded.trees.first()?;
                places.location(Span::new(first.file, 0..0))
            };
            let Some(place) = place.or_else(anywhere) else { continue };
            let diagnostic = places.diagnostic(finding, place.range, self.client.related_information);
            shown.entry(place.uri.0).or_default().1.push(diagnostic);
        }
        let (sources, found) = &project.of_config;
        let places = Places::new(sources, self.client.encoding, super::uris::uri_of);
        for finding in found {
            let Some(place) = finding.primary().and_then(|label| places.location(label.span)) else {
                continue;
            };
            let diagnostic = places.diagnostic(finding, place.range, self.client.related_information);
            shown.entry(place.uri.0).or_default().1.push(diagnostic);
        }
        shown
    }

    fn publish(&self, uri: String, version: Option<i32>, diagnostics: Vec<lsp::Diagnostic>) {
        self.notify::<lsp::PublishDiagnosticsNotification>(lsp::PublishDiagnosticsParams {
            uri: lsp::Uri(uri),
            version,
            diagnostics,
        });
    }
}

/// A position as the protocol has it.
pub(super) fn position(position: lsp::Position) -> Position {
    Position {
        line: position.line,
        character: position.character,
    }
}
