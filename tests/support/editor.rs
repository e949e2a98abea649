//! An editor: starts `gl lsp`, speaks the protocol over its standard input and output, and remembers what it is told.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// How long an answer may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(300);

/// A folder of its own under the target folder, empty.
pub fn fresh_folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    fs::canonicalize(folder).unwrap()
}

pub struct Editor {
    child: Child,
    input: Option<ChildStdin>,
    incoming: Receiver<Value>,
    last_id: i64,
    pub folder: PathBuf,
    /// Whether positions count bytes; else units of UTF-16.
    pub utf8: bool,
    /// The findings shown, by address.
    pub shown: BTreeMap<String, Vec<Value>>,
    pub logged: Vec<String>,
    /// What the editor's user was shown.
    pub said: Vec<String>,
    /// What the server asked of the editor.
    pub asked: Vec<Value>,
    /// The texts that are open, by the name of their file.
    pub texts: BTreeMap<String, String>,
    versions: BTreeMap<String, i64>,
    pub capabilities: Value,
}

impl Editor {
    /// Starts the server without a word to it.
    pub fn start(folder: &Path) -> Editor {
        let mut child = Command::new(env!("CARGO_BIN_EXE_gl"))
            .arg("lsp")
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let (sender, incoming) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Editor {
            input: child.stdin.take(),
            child,
            incoming,
            last_id: 0,
            folder: folder.to_path_buf(),
            utf8: false,
            shown: BTreeMap::new(),
            logged: Vec::new(),
            said: Vec::new(),
            asked: Vec::new(),
            texts: BTreeMap::new(),
            versions: BTreeMap::new(),
            capabilities: Value::Null,
        }
    }

    /// Starts the server and opens a folder.
    pub fn open_folder(folder: &Path, encoding: &str) -> Editor {
        let mut editor = Editor::start(folder);
        let uri = editor.uri("");
        let result = editor
            .request(
                "initialize",
                json!({
                    "processId": null,
                    "rootUri": uri,
                    "workspaceFolders": [{"uri": uri, "name": "test"}],
                    "capabilities": {
                        "workspace": {"workspaceEdit": {"documentChanges": true, "resourceOperations": ["create"]},
                            "inlayHint": {"refreshSupport": true}, "codeLens": {"refreshSupport": true}},
                        "general": {"positionEncodings": [encoding]},
                        "textDocument": {
                            "publishDiagnostics": {"relatedInformation": true},
                            "completion": {"completionItem": {"snippetSupport": true}},
                        },
                        "window": {"showDocument": {"support": true}},
                    },
                }),
            )
            .unwrap();
        editor.capabilities = result["capabilities"].clone();
        editor.utf8 = editor.capabilities["positionEncoding"] == "utf-8";
        editor.notify("initialized", json!({}));
        editor
    }

    /// Files in a folder of their own, opened.
    pub fn with_files(name: &str, files: &[(&str, &str)]) -> Editor {
        let folder = fresh_folder(name);
        for (path, text) in files {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Editor::open_folder(&folder, "utf-16")
    }

    pub fn uri(&self, file: &str) -> String {
        let path = if file.is_empty() {
            self.folder.clone()
        } else {
            self.folder.join(file)
        };
        format!("file://{}", path.display())
    }

    /// Sends bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).unwrap();
        input.flush().unwrap();
    }

    pub fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.raw(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// The answer to a request, or the error.
    pub fn request(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        self.last_id += 1;
        let id = self.last_id;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let message = self.next();
            if message["id"] == id && message.get("method").is_none() {
                return match message.get("error") {
                    Some(error) => Err(error.clone()),
                    None => Ok(message["result"].clone()),
                };
            }
        }
    }

    /// The next message of the server; what it tells is remembered.
    pub fn next(&mut self) -> Value {
        let message = self
            .incoming
            .recv_timeout(PATIENCE)
            .expect("the server says nothing any more");
        let params = &message["params"];
        match message["method"].as_str() {
            Some("textDocument/publishDiagnostics") => {
                let found = params["diagnostics"].as_array().unwrap().clone();
                let uri = params["uri"].as_str().unwrap().to_owned();
                self.shown.insert(uri, found);
            }
            Some("window/logMessage") => self.logged.push(params["message"].as_str().unwrap().to_owned()),
            Some("window/showMessage") => self.said.push(params["message"].as_str().unwrap().to_owned()),
            Some(_) if message.get("id").is_some() => self.asked.push(message.clone()),
            _ => {}
        }
        message
    }

    /// Opens a file, as it lies on disk.
    pub fn open(&mut self, file: &str) {
        let text = fs::read_to_string(self.folder.join(file)).unwrap();
        self.open_with(file, &text);
    }

    pub fn open_with(&mut self, file: &str, text: &str) {
        let uri = self.uri(file);
        let version = self.next_version(file);
        self.texts.insert(file.to_owned(), text.to_owned());
        let document = json!({"uri": uri, "languageId": "gl", "version": version, "text": text});
        self.notify("textDocument/didOpen", json!({"textDocument": document}));
    }

    pub fn close(&mut self, file: &str) {
        self.texts.remove(file);
        let uri = self.uri(file);
        self.notify("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
    }

    /// Replaces ranges of bytes, one after the other, in one notification.
    pub fn change(&mut self, file: &str, edits: &[(std::ops::Range<usize>, &str)]) {
        let mut text = self.texts[file].clone();
        let mut changes = Vec::new();
        for (range, new) in edits {
            let (start, end) = (self.position(&text, range.start), self.position(&text, range.end));
            changes.push(json!({"range": {"start": start, "end": end}, "text": new}));
            text.replace_range(range.clone(), new);
        }
        self.texts.insert(file.to_owned(), text);
        self.changed(file, Value::Array(changes));
    }

    /// Replaces a whole text.
    pub fn replace(&mut self, file: &str, text: &str) {
        self.texts.insert(file.to_owned(), text.to_owned());
        self.changed(file, json!([{"text": text}]));
    }

    /// Replaces the only place where a text has `old`.
    pub fn substitute(&mut self, file: &str, old: &str, new: &str) {
        let at = self.find(file, old);
        self.change(file, &[(at..at + old.len(), new)]);
    }

    fn changed(&mut self, file: &str, changes: Value) {
        let (uri, version) = (self.uri(file), self.next_version(file));
        self.notify(
            "textDocument/didChange",
            json!({"textDocument": {"uri": uri, "version": version}, "contentChanges": changes}),
        );
    }

    fn next_version(&mut self, file: &str) -> i64 {
        let version = self.versions.entry(file.to_owned()).or_default();
        *version += 1;
        *version
    }

    /// The byte at which the only `needle` of a text begins.
    pub fn find(&self, file: &str, needle: &str) -> usize {
        let text = &self.texts[file];
        let mut places = text.match_indices(needle);
        let (at, _) = places
            .next()
            .unwrap_or_else(|| panic!("`{needle}` is not in {file}:\n{text}"));
        assert!(places.next().is_none(), "`{needle}` stands twice in {file}");
        at
    }

    /// A byte of a text as the protocol has it.
    pub fn position(&self, text: &str, byte: usize) -> Value {
        let starts = line_starts(text);
        let line = starts.partition_point(|start| *start <= byte) - 1;
        let before = &text[starts[line]..byte];
        let character = match self.utf8 {
            true => before.len(),
            false => before.encode_utf16().count(),
        };
        json!({"line": line, "character": character})
    }

    /// The byte of a text at a position of the protocol.
    pub fn byte(&self, text: &str, position: &Value) -> usize {
        let line = position["line"].as_u64().unwrap() as usize;
        let character = position["character"].as_u64().unwrap() as usize;
        let start = line_starts(text).get(line).copied().unwrap_or(text.len());
        let mut units = 0;
        for (at, c) in text[start..].char_indices() {
            if units >= character {
                return start + at;
            }
            units += if self.utf8 { c.len_utf8() } else { c.len_utf16() };
        }
        text.len()
    }

    /// The text under a range of the protocol.
    pub fn under<'t>(&self, text: &'t str, range: &Value) -> &'t str {
        &text[self.byte(text, &range["start"])..self.byte(text, &range["end"])]
    }

    /// Parameters for a question at the only `needle` of a file, so many bytes into it.
    pub fn place(&self, file: &str, needle: &str, into: usize) -> Value {
        let at = self.find(file, needle) + into;
        json!({"textDocument": {"uri": self.uri(file)}, "position": self.position(&self.texts[file], at)})
    }

    /// Makes the changes that the server proposes; files that are not open are opened first.
    pub fn apply(&mut self, edit: &Value) {
        for change in edit["documentChanges"].as_array().into_iter().flatten() {
            if change["kind"] == "create" {
                let path = change["uri"].as_str().unwrap().strip_prefix("file://").unwrap();
                fs::File::create_new(path).unwrap();
            } else {
                let uri = change["textDocument"]["uri"].as_str().unwrap();
                self.apply(&json!({"changes": {uri: change["edits"]}}));
            }
        }
        if edit.get("changes").is_none() {
            return;
        }
        for (uri, edits) in edit["changes"].as_object().unwrap() {
            let folder = self.uri("");
            let file = uri.strip_prefix(&folder).unwrap().trim_start_matches('/').to_owned();
            if !self.texts.contains_key(&file) {
                self.open(&file);
            }
            let text = &self.texts[&file];
            let mut edits: Vec<(std::ops::Range<usize>, &str)> = edits
                .as_array()
                .unwrap()
                .iter()
                .map(|edit| {
                    let range = self.byte(text, &edit["range"]["start"])..self.byte(text, &edit["range"]["end"]);
                    (range, edit["newText"].as_str().unwrap())
                })
                .collect();
            edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
            self.change(&file, &edits);
        }
    }

    /// What can be done at the only `needle` of a file, by title.
    pub fn actions(&mut self, file: &str, needle: &str) -> BTreeMap<String, Value> {
        self.settle();
        let place = self.place(file, needle, 0);
        let range = json!({"start": place["position"], "end": place["position"]});
        let params = json!({"textDocument": place["textDocument"], "range": range, "context": {"diagnostics": []}});
        let actions = self.request("textDocument/codeAction", params).unwrap();
        let titled = |action: &Value| (action["title"].as_str().unwrap().to_owned(), action["edit"].clone());
        actions.as_array().unwrap().iter().map(titled).collect()
    }

    /// The answer to a question about a whole file.
    pub fn about(&mut self, method: &str, file: &str) -> Value {
        let uri = self.uri(file);
        let end = self.position(&self.texts[file], self.texts[file].len());
        let params = json!({
            "textDocument": {"uri": uri}, "range": {"start": {"line": 0, "character": 0}, "end": end},
            "options": {"tabSize": 2, "insertSpaces": true},
        });
        self.request(method, params).unwrap()
    }

    /// Writes everything that is open to the disk.
    pub fn save_all(&mut self) {
        for (file, text) in &self.texts {
            fs::write(self.folder.join(file), text).unwrap();
        }
        let uri = self.uri("");
        self.notify(
            "workspace/didChangeWatchedFiles",
            json!({"changes": [{"uri": uri, "type": 2}]}),
        );
    }

    /// Waits until everything is found that can be found in the texts as they are.
    pub fn settle(&mut self) {
        let begin = Instant::now();
        while self.request("gl/status", json!({})).unwrap()["complete"] != true {
            assert!(begin.elapsed() < PATIENCE, "the verifier does not end");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// The findings shown for a file, one line each: code and the first line of the message.
    pub fn findings(&mut self, file: &str) -> Vec<String> {
        self.settle();
        let found = self.shown.get(&self.uri(file)).cloned().unwrap_or_default();
        let line = |d: &Value| {
            let message = d["message"].as_str().unwrap().lines().next().unwrap();
            format!("{} {message}", d["code"].as_str().unwrap())
        };
        found.iter().map(line).collect()
    }

    /// Ends the server as an editor does.
    pub fn end(mut self) -> ExitStatus {
        self.request("shutdown", Value::Null).unwrap();
        self.notify("exit", Value::Null);
        self.child.wait().unwrap()
    }

    /// Goes away without a word.
    pub fn vanish(mut self) -> ExitStatus {
        self.input = None;
        self.child.wait().unwrap()
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        self.input = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end().split_once(": ") {
            Some(("Content-Length", number)) => length = number.parse().unwrap(),
            _ if line.trim().is_empty() => break,
            _ => {}
        }
    }
    let mut bytes = vec![0; length];
    output.read_exact(&mut bytes).ok()?;
    Some(serde_json::from_slice(&bytes).unwrap())
}

/// Where the lines of a text begin: behind `\n`, `\r\n`, or `\r` by itself.
fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let ends = |at: &usize| bytes[*at] == b'\n' || (bytes[*at] == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
    std::iter::once(0)
        .chain((0..bytes.len()).filter(ends).map(|at| at + 1))
        .collect()
}
