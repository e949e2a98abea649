//! Drives the built `gl lsp` over its standard input and output, as an editor does.
//!
//! `SCRIPTS=500 cargo test --test lsp scripts` runs five hundred random edit scripts, as continuous integration does; without it, a
//! few. `cargo test --release --test lsp ten_thousand -- --ignored` runs ten thousand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on stops"
)]
#![cfg(feature = "cli")]

#[path = "support/editor.rs"]
mod editor;
mod support;

use editor::{Editor, fresh_folder};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use support::Random;

const FACTS: &str = "\
# Facts and actions that both guidelines share.
fact fever: yes/no \"Fever\" ask \"Does the patient have a fever?\"
fact onset: date \"Beginning\"
fact lasting: time since onset \"Duration of the fever\"
fact grade: one of mild < severe \"Grade\"
fact signs: any of rash, cough \"Zeichen – größer 🦴\"
fact weight: quantity in \"kg\" range 1..300 \"kg\"
action drug \"Any drug\"
action aspirin \"Aspirin\" is drug also \"ASS\"
action review
";

const FIRST: &str = "\
guideline first \"The first document\" version \"1\"
  applies when fever
use facts
source A \"A document\" year 2026 lists 3 statements \"a.csv\"

define serious \"A serious case\":
  grade is severe or signs includes rash
  from A-01

rule help \"Give aspirin\":
  when serious and lasting at least 3 days
  then urgent aspirin within 2 days
  then review
  cite A [1]
  from A-02

rule wait:
  when not serious
  then consider review within 6 weeks
  cite A
  because \"milde Fälle – 🦴 – warten\"
";

const SECOND: &str = "\
guideline second \"The second document\" version \"1\"
use facts
source B \"Another document\"

rule no_drug:
  when weight under 40 \"kg\"
  then avoid drug
  cite B
";

const CASES: &str = "\
case \"a serious case\"
  given fever, grade is severe, lasting is 4 days
  expect urgent aspirin within 2 days from A-02
";

const INVENTORY: &str = "\
id,section,item,kind,paraphrase,encode
A-01,One,1,definition,What is serious,def
A-02,One,2,recommendation,Aspirin is given at once,yes
A-03,Two,1,recommendation,Rest is advised,yes
";

const FILES: &[(&str, &str)] = &[
    ("gl.toml", "name = \"test\"\n"),
    ("facts.gl", FACTS),
    ("first.gl", FIRST),
    ("first.cases.gl", CASES),
    ("second.gl", SECOND),
    ("a.csv", INVENTORY),
];

/// A finding by its place and words, the same however it was reported.
type Found = (String, usize, usize, String, String);

/// What a fresh `gl check` says of the folder.
fn checked(editor: &Editor) -> BTreeSet<Found> {
    let output = Command::new(env!("CARGO_BIN_EXE_gl"))
        .args(["check", "--format", "json"])
        .arg(&editor.folder)
        .output()
        .unwrap();
    let json: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {}", String::from_utf8_lossy(&output.stderr)));
    let mut found = BTreeSet::new();
    for finding in json["findings"].as_array().unwrap() {
        let is_settled = matches!(finding["status"].as_str(), Some("overridden" | "reconciled"));
        // What an author has allowed says so last.
        let last = finding["notes"]
            .as_array()
            .and_then(|notes| notes.last())
            .and_then(Value::as_str);
        let is_allowed = last.is_some_and(|note| note.starts_with("allowed: "));
        if (is_settled || is_allowed) && finding["severity"] == "note" {
            continue;
        }
        let label = finding["labels"]
            .as_array()
            .unwrap()
            .iter()
            .find(|l| l["primary"] == true)
            .unwrap();
        let path = label["file"].as_str().unwrap();
        let text = fs::read_to_string(path).unwrap();
        let byte = |place: &Value| {
            let lines = text.split_inclusive('\n').take(place["line"].as_u64().unwrap() as usize - 1);
            let start: usize = lines.map(str::len).sum();
            let column = place["column"].as_u64().unwrap() as usize - 1;
            let rest = &text[start..];
            start + rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at)
        };
        found.insert((
            format!("file://{path}"),
            byte(label),
            byte(&label["end"]),
            finding["severity"].as_str().unwrap().to_owned(),
            format!(
                "{} {}",
                finding["code"].as_str().unwrap(),
                finding["message"].as_str().unwrap()
            ),
        ));
    }
    found
}

/// What the server shows.
fn shown(editor: &mut Editor) -> BTreeSet<Found> {
    editor.settle();
    let mut found = BTreeSet::new();
    for (uri, findings) in &editor.shown {
        let path = uri.strip_prefix("file://").unwrap();
        let text = fs::read_to_string(path).unwrap_or_default();
        for finding in findings {
            let severity = ["", "error", "warning", "note"][finding["severity"].as_u64().unwrap() as usize];
            let message = finding["message"].as_str().unwrap().lines().next().unwrap();
            found.insert((
                uri.clone(),
                editor.byte(&text, &finding["range"]["start"]),
                editor.byte(&text, &finding["range"]["end"]),
                severity.to_owned(),
                format!("{} {message}", finding["code"].as_str().unwrap()),
            ));
        }
    }
    found
}

/// Writes what is open to the disk, and compares what the server shows with a fresh read.
fn compare(editor: &mut Editor, about: &str) {
    let here = shown(editor);
    for (file, text) in &editor.texts {
        fs::write(editor.folder.join(file), text).unwrap();
    }
    let here = if editor.texts.is_empty() { here } else { shown(editor) };
    let fresh = checked(editor);
    let lines = |set: Vec<&Found>| set.iter().map(|f| format!("  {f:?}\n")).collect::<String>();
    assert!(
        here == fresh,
        "{about}: the server's findings are not those of a fresh read\nonly the server:\n{}only fresh:\n{}",
        lines(here.difference(&fresh).collect()),
        lines(fresh.difference(&here).collect())
    );
}

#[test]
fn an_editor_comes_and_goes() {
    let mut editor = Editor::with_files("lsp-life", FILES);
    assert_eq!(editor.capabilities["positionEncoding"], "utf-16");
    assert_eq!(editor.findings("first.gl"), checked_lines(&editor, "first.gl"));
    assert!(editor.request("initialize", json!({})).is_err());
    assert_eq!(editor.end().code(), Some(0));

    let folder = fresh_folder("lsp-life-2");
    assert_eq!(Editor::open_folder(&folder, "utf-8").vanish().code(), Some(1));
    let mut editor = Editor::start(&folder);
    let refused = editor.request("textDocument/hover", json!({})).unwrap_err();
    assert_eq!(refused["code"], -32002);
    editor.notify("exit", Value::Null);
    assert_eq!(editor.vanish().code(), Some(1));
}

fn checked_lines(editor: &Editor, file: &str) -> Vec<String> {
    let uri = editor.uri(file);
    let found = checked(editor).into_iter().filter(|(of, ..)| *of == uri);
    found.map(|(.., line)| line).collect()
}

#[test]
fn findings_follow_the_text() {
    let mut editor = Editor::with_files("lsp-findings", FILES);
    editor.open("first.gl");
    compare(&mut editor, "as it was");
    editor.substitute("first.gl", "when not serious", "when not seriuos");
    let found = editor.findings("first.gl");
    assert!(found.iter().any(|f| f.contains("`seriuos` is not declared")), "{found:?}");
    editor.substitute("first.gl", "seriuos", "serious");
    compare(&mut editor, "mended");

    // A mistake in a file that is not open changes nothing until the disk does.
    editor.open("facts.gl");
    editor.substitute("facts.gl", "action review\n", "");
    let found = editor.findings("first.gl");
    assert!(found.iter().any(|f| f.contains("`review` is not declared")), "{found:?}");
    editor.close("facts.gl");
    compare(&mut editor, "closed without saving");
}

#[test]
fn conflicts_come_with_the_other_rule_and_the_patient() {
    let mut editor = Editor::with_files("lsp-conflicts", FILES);
    editor.open("first.gl");
    editor.settle();
    let uri = editor.uri("first.gl");
    let second = editor.uri("second.gl");
    let conflict = editor.shown[&uri].iter().find(|d| d["code"] == "GL702").unwrap();
    let message = conflict["message"].as_str().unwrap();
    assert!(message.contains("this patient: fever, grade is severe"), "{message}");
    let related = conflict["relatedInformation"].as_array().unwrap();
    assert_eq!(related[0]["location"]["uri"], second);
    assert!(
        related[0]["message"].as_str().unwrap().contains("`second.no_drug`"),
        "{related:?}"
    );
}

#[test]
fn positions_count_as_the_editor_does() {
    for encoding in ["utf-8", "utf-16"] {
        let folder = fresh_folder(&format!("lsp-positions-{encoding}"));
        for (path, text) in FILES {
            fs::write(folder.join(path), text).unwrap();
        }
        let mut editor = Editor::open_folder(&folder, encoding);
        assert_eq!(editor.capabilities["positionEncoding"], encoding);
        editor.open("first.gl");
        editor.substitute("first.gl", "– warten", "– 🦴🦴 wärten");
        editor.substitute("first.gl", "🦴🦴 wärten\"", "ä\" cite Z");
        editor.open("facts.gl");
        editor.substitute("facts.gl", "größer 🦴\"", "größer 🦴\" aks \"?\"");
        compare(&mut editor, encoding);
        let found = editor.findings("first.gl");
        assert!(found.iter().any(|f| f.contains("source `Z`")), "{found:?}");
    }
}

#[test]
fn malformed_messages_end_nothing() {
    let mut editor = Editor::with_files("lsp-malformed", FILES);
    editor.open("first.gl");
    let frame = |text: &str| format!("Content-Length: {}\r\n\r\n{text}", text.len());
    let malformed = [
        frame("{"),
        frame("[]"),
        frame("null"),
        frame("{\"jsonrpc\": \"2.0\", \"id\": 900}"),
        frame("{\"jsonrpc\": \"2.0\", \"id\": {}, \"method\": 3}"),
        frame(&"[".repeat(100_000)),
        "Content-Length: 99999999999999999999\r\n\r\n".to_owned(),
        "Content-Length: 999999999999999\r\n\r\n".to_owned(),
        "Content-Length: -1\r\n\r\n{}".to_owned(),
        "nonsense\r\nmore nonsense\r\n\r\n{}".to_owned(),
        "\r\n\r\n\r\n".to_owned(),
        "Content-Type: x\r\n\r\n{\"id\": 1}".to_owned(),
    ];
    for text in malformed {
        editor.raw(text.as_bytes());
        editor.settle();
    }
    editor.raw(b"Content-Length: 4\r\n\r\n\xff\xfe\xfd\xfc");
    editor.raw(b"\xff\xfe: x\r\n\r\n");
    editor.settle();

    let uri = editor.uri("first.gl");
    let documents = [
        json!({"uri": uri}),
        json!({"uri": "file:///nowhere.gl"}),
        json!({"uri": "untitled:1"}),
        json!(3),
        Value::Null,
    ];
    let positions = [
        json!({"line": 4_000_000_000_u32, "character": 4_000_000_000_u32}),
        json!({"line": -1, "character": 0}),
        json!({"line": "x"}),
        Value::Null,
    ];
    let ranges = [
        json!({"start": {"line": 9, "character": 9}, "end": {"line": 0, "character": 0}}),
        json!({"start": {"line": 0, "character": 0}, "end": {"line": 4_000_000_000_u32, "character": 0}}),
        json!(7),
    ];
    for method in METHODS {
        for document in &documents {
            for position in &positions {
                for range in &ranges {
                    let params = json!({
                        "textDocument": document, "position": position, "range": range, "newName": "x y", "query": "x",
                        "context": {"diagnostics": [], "includeDeclaration": true},
                        "options": {"tabSize": 2, "insertSpaces": true},
                        "command": "gl.none", "arguments": [1, {}], "ch": "x",
                    });
                    let _ = editor.request(method, params);
                }
            }
        }
        for params in [Value::Null, json!([]), json!({}), json!("x"), json!([[[[]]]])] {
            let _ = editor.request(method, params);
        }
    }
    for method in NOTIFICATIONS {
        for document in &documents {
            let params = json!({
                "textDocument": document, "event": 3, "contentChanges": [{"range": ranges[0], "text": "x"}, 7],
            });
            editor.notify(method, params);
            editor.notify(method, Value::Null);
        }
        editor.settle();
    }
    let bugs: Vec<&String> = editor.logged.iter().filter(|l| l.contains("bug")).collect();
    assert!(bugs.is_empty(), "{bugs:?}");
    assert!(editor.request("textDocument/nothing", json!({})).is_err());
    assert_eq!(editor.end().code(), Some(0));
}

#[test]
fn half_a_character_is_no_edit_lost() {
    let mut editor = Editor::with_files("lsp-halves", FILES);
    editor.open("first.gl");
    let uri = editor.uri("first.gl");
    let before = editor.texts["first.gl"].clone();
    let at = |character: usize| json!({"line": 0, "character": character});
    let change = |version: i32, from: usize, to: usize, text: &str| {
        let range = json!({"start": at(from), "end": at(to)});
        let params = json!({
            "textDocument": {"uri": uri, "version": version},
            "contentChanges": [{"range": range, "text": "HERE"}],
        });
        let message = json!({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": params}).to_string();
        // As the editor writes it: a half of a pair, and a sign that only looks like one.
        let message = message.replace("HERE", text);
        format!("Content-Length: {}\r\n\r\n{message}", message.len())
    };
    for (version, from, to, text) in [
        (
            2,
            0,
            0,
            "fact half: yes/no \\\"\\ud83e and \\uDD74\\u00e9 \\ud83e\\uddb4\\\" oops\\n",
        ),
        // The second half is typed behind the first one.
        (3, 20, 20, "x"),
    ] {
        editor.raw(change(version, from, to, text).as_bytes());
    }
    // A mistake behind it shows that every character is where the editor has it.
    let line = "fact half: yes/no \"\u{fffd}x and \u{fffd}é 🦴\" oops\n";
    editor.texts.insert("first.gl".to_owned(), format!("{line}{before}"));
    compare(&mut editor, "with halves");
    assert!(editor.logged.iter().all(|l| !l.contains("bug")), "{:?}", editor.logged);
    assert_eq!(editor.end().code(), Some(0));
}

#[test]
fn strange_addresses_and_cancelled_requests_end_nothing() {
    let mut editor = Editor::with_files("lsp-strange", FILES);
    let folder = editor.uri("");
    let long = format!("{folder}/{}.gl", "x".repeat(70_000));
    let addresses = [
        "file:///",
        "file://",
        "file:",
        "",
        "\u{0}",
        "file:///%00.gl",
        "file:///%ff%fe.gl",
        "file:///%",
        "file://host/share/x.gl",
        "file:///dev/zero",
        "file:///dev/null.gl",
        "file:///proc/self/mem",
        "http://example.org/x.gl",
        "untitled:Untitled-1",
        &long,
    ];
    let inside = [
        format!("{folder}/../../outside.gl"),
        format!("{folder}/."),
        folder.clone(),
        format!("{folder}/first.gl/second.gl"),
    ];
    for (number, uri) in addresses.iter().map(|uri| (*uri).to_owned()).chain(inside).enumerate() {
        let document = json!({"uri": uri, "languageId": "gl", "version": 1, "text": "fact fever: yes/no\nrule x: when fever"});
        editor.notify("textDocument/didOpen", json!({"textDocument": document}));
        let edit = json!({"range": {"start": {"line": 4_294_967_295_u32, "character": 4_294_967_295_u32},
            "end": {"line": 0, "character": 0}}, "text": "\u{feff}when \r"});
        let changed = json!({"textDocument": {"uri": uri, "version": -7}, "contentChanges": [edit, edit, {"text": "é"}, edit]});
        editor.notify("textDocument/didChange", changed);
        for method in METHODS {
            // Cancelled before it is sent, and after.
            let id = json!(format!("{number} {method}"));
            editor.notify("$/cancelRequest", json!({"id": id}));
            let params = json!({
                "textDocument": {"uri": uri}, "position": {"line": 0, "character": 7}, "newName": "y",
                "range": {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 9}}, "query": "",
                "context": {"diagnostics": [], "includeDeclaration": true}, "options": {"tabSize": 0, "insertSpaces": true},
                "command": "gl.runCases", "arguments": [uri, null],
            });
            editor.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
            editor.notify("$/cancelRequest", json!({"id": id}));
            while editor.next()["id"] != id {}
        }
        editor.notify("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
        editor.notify("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
    }
    // The same text by two addresses: closing one leaves the other.
    editor.open("first.gl");
    let text = editor.texts["first.gl"].clone();
    let other = editor.uri("first.gl").replace("first", "%66irst");
    let document = json!({"uri": other, "languageId": "gl", "version": 1, "text": text});
    editor.notify("textDocument/didOpen", json!({"textDocument": document}));
    editor.notify("textDocument/didClose", json!({"textDocument": {"uri": other}}));
    editor.substitute("first.gl", "when not serious", "when not seriuos");
    assert!(
        editor
            .findings("first.gl")
            .iter()
            .any(|f| f.contains("`seriuos` is not declared"))
    );
    let bugs: Vec<&String> = editor.logged.iter().filter(|l| l.contains("bug")).collect();
    assert!(bugs.is_empty(), "{bugs:?}");
    assert_eq!(editor.end().code(), Some(0));
}

/// Every request that a server may get.
const METHODS: &[&str] = &[
    "textDocument/hover",
    "textDocument/definition",
    "textDocument/references",
    "textDocument/documentHighlight",
    "textDocument/prepareRename",
    "textDocument/rename",
    "textDocument/completion",
    "completionItem/resolve",
    "textDocument/codeAction",
    "codeAction/resolve",
    "textDocument/documentSymbol",
    "workspace/symbol",
    "textDocument/formatting",
    "textDocument/foldingRange",
    "textDocument/semanticTokens/full",
    "textDocument/semanticTokens/range",
    "textDocument/inlayHint",
    "textDocument/codeLens",
    "codeLens/resolve",
    "workspace/executeCommand",
    "textDocument/nothing",
];

const NOTIFICATIONS: &[&str] = &[
    "textDocument/didOpen",
    "textDocument/didChange",
    "textDocument/didClose",
    "textDocument/didSave",
    "workspace/didChangeWatchedFiles",
    "workspace/didChangeWorkspaceFolders",
    "workspace/didChangeConfiguration",
    "$/cancelRequest",
    "$/nothing",
    "nothing",
];

/// The text that hovering over a place shows.
fn hover(editor: &mut Editor, file: &str, needle: &str, into: usize) -> String {
    let place = editor.place(file, needle, into);
    let hover = editor.request("textDocument/hover", place).unwrap();
    hover["contents"]["value"].as_str().unwrap_or("nothing").to_owned()
}

#[test]
fn hovering_tells_what_a_name_stands_for() {
    let mut editor = Editor::with_files("lsp-hover", FILES);
    for file in EDITED {
        editor.open(file);
    }
    let shown = [
        (
            "first.gl",
            "lasting at",
            "```gl\nfact lasting: time since onset\n```\n\n**Duration of the fever**\n\ngiven directly, or computed from the date\n\n\
             used by `first.help`, 1 case",
        ),
        (
            "first.gl",
            "severe or",
            "a value of `grade`: mild < **severe**\n\nused by definition `serious`, 1 case",
        ),
        (
            "first.gl",
            "rash\n",
            "a member of `signs`: **rash**, cough\n\nused by definition `serious`",
        ),
        (
            "first.gl",
            "serious and",
            "```gl\ndefine serious \"A serious case\":\n  grade is severe or signs includes rash\n  from A-01\n```\n\n\
             used by `first.help`, `first.wait`",
        ),
        (
            "first.gl",
            "aspirin within",
            "```gl\naction aspirin is drug\n```\n\n**Aspirin**\n\nalso: ASS\n\nadvised by `first.help`\n\nused by 1 case",
        ),
        (
            "second.gl",
            "drug\n  cite",
            "```gl\naction drug\n```\n\n**Any drug**\n\nits kinds: aspirin\n\nadvised against by `second.no_drug`\n\n\
             used by action `aspirin`",
        ),
        (
            "first.gl",
            "A [1]",
            "**A document**\n\n2026\n\n3 references, 3 statements\n\nused by `first.help`, `first.wait`",
        ),
        (
            "first.gl",
            "A-02",
            "**A-02** Aspirin is given at once\n\nOne, 2: recommendation, to be executed\n\nused by `first.help`, 1 case",
        ),
        (
            "first.gl",
            "facts\nsource",
            &format!("`{}/facts.gl`: 6 facts, 3 actions", editor.folder.display()),
        ),
        (
            "facts.gl",
            "weight:",
            "```gl\nfact weight: quantity in \"kg\"\n```\n\n**weight**\n\nbetween 1 and 300 kg\n\nused by `second.no_drug`",
        ),
        (
            "facts.gl",
            "fever: yes",
            "```gl\nfact fever: yes/no\n```\n\n**Fever**\n\nasked: Does the patient have a fever?\n\nused by guideline `first`, 1 case",
        ),
    ];
    for (file, needle, text) in shown {
        assert_eq!(hover(&mut editor, file, needle, 0), text, "{needle}");
    }
    assert_eq!(hover(&mut editor, "first.gl", "urgent", 2), "nothing");
    let rule = hover(&mut editor, "first.gl", "help \"", 1);
    assert!(
        rule.contains("A-02: Aspirin is given at once") && rule.contains("*A document* [1]"),
        "{rule}"
    );
}

/// The places that an answer names, as the texts of files under them.
fn places(editor: &Editor, answer: &Value) -> Vec<String> {
    let place = |place: &Value| {
        let file = place["uri"].as_str().unwrap().rsplit('/').next().unwrap();
        let text = fs::read_to_string(editor.folder.join(file)).unwrap();
        let line = place["range"]["start"]["line"].as_u64().unwrap() + 1;
        format!("{file}:{line} {}", editor.under(&text, &place["range"]))
    };
    match answer {
        Value::Array(all) => all.iter().map(place).collect(),
        Value::Null => Vec::new(),
        one => vec![place(one)],
    }
}

#[test]
fn names_lead_to_their_declarations_and_uses() {
    let mut editor = Editor::with_files("lsp-names", FILES);
    for file in ["first.gl", "second.gl", "first.cases.gl"] {
        editor.open(file);
    }
    let definitions = [
        ("lasting at", "facts.gl:4 lasting"),
        ("severe or", "facts.gl:5 severe"),
        ("serious and", "first.gl:6 serious"),
        ("aspirin within", "facts.gl:9 aspirin"),
        ("facts\nsource", "facts.gl:1 "),
        ("A [1]", "first.gl:4 A"),
        ("A-02", "a.csv:3 "),
    ];
    for (needle, place) in definitions {
        let params = editor.place("first.gl", needle, 0);
        let answer = editor.request("textDocument/definition", params).unwrap();
        assert_eq!(places(&editor, &answer), [place], "{needle}");
    }
    let mut params = editor.place("first.gl", "aspirin within", 7);
    params["context"] = json!({"includeDeclaration": true});
    let answer = editor.request("textDocument/references", params).unwrap();
    let uses = ["facts.gl:9 aspirin", "first.cases.gl:3 aspirin", "first.gl:12 aspirin"];
    assert_eq!(places(&editor, &answer), uses);
    let params = editor.place("first.gl", "serious and", 0);
    let answer = editor.request("textDocument/documentHighlight", params).unwrap();
    assert_eq!(answer.as_array().unwrap().len(), 3);
}

#[test]
fn renaming_changes_every_place_and_nothing_else() {
    let mut editor = Editor::with_files("lsp-rename", FILES);
    for file in EDITED {
        editor.open(file);
    }
    let before = editor.texts.clone();
    let findings: Vec<_> = EDITED.iter().map(|file| editor.findings(file).len()).collect();
    let names = [
        ("first.gl", "serious and"),
        ("first.gl", "lasting at"),
        ("first.gl", "severe or"),
        ("first.gl", "rash\n"),
        ("first.gl", "aspirin within"),
        ("first.gl", "A [1]"),
        ("first.gl", "help \""),
        ("first.gl", "first \""),
        ("first.cases.gl", "fever,"),
    ];
    for (file, needle) in names {
        let place = editor.place(file, needle, 0);
        let range = editor.request("textDocument/prepareRename", place.clone()).unwrap();
        let old = editor.under(&editor.texts[file], &range).to_owned();
        let rename = |editor: &mut Editor, name: &str| {
            let mut params = place.clone();
            params["newName"] = json!(name);
            editor.request("textDocument/rename", params)
        };
        let edit = rename(&mut editor, "quite_other").unwrap();
        editor.apply(&edit);
        assert!(editor.texts[file].contains("quite_other"));
        let after: Vec<_> = EDITED.iter().map(|file| editor.findings(file).len()).collect();
        assert_eq!(findings, after, "{needle}: {:?}", editor.shown);
        for refused in ["", "two words", "when", "9", "ä", "fever: yes/no # "] {
            assert!(rename(&mut editor, refused).is_err(), "{needle} was renamed to `{refused}`");
        }
        let edit = rename(&mut editor, &old).unwrap();
        editor.apply(&edit);
        assert_eq!(editor.texts, before, "{needle}");
    }
    let refused = [("first.gl", "A-02"), ("first.gl", "facts\nsource"), ("first.gl", "urgent")];
    for (file, needle) in refused {
        let place = editor.place(file, needle, 0);
        assert!(editor.request("textDocument/prepareRename", place).is_err(), "{needle}");
    }
    // A name that is taken, or that would take another's place.
    for (needle, taken) in [("serious and", "fever"), ("aspirin within", "review"), ("help \"", "wait")] {
        let mut params = editor.place("first.gl", needle, 0);
        params["newName"] = json!(taken);
        let error = editor.request("textDocument/rename", params).unwrap_err();
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("`{taken}` cannot be its name: ")), "{message}");
    }
}

/// What is offered where `|` stands in a text that goes on the end of a file.
fn offered(editor: &mut Editor, file: &str, text: &str) -> Vec<Value> {
    let before = editor.texts[file].clone();
    let end = before.len();
    let (first, second) = text.split_once('|').unwrap();
    editor.change(file, &[(end..end, &format!("{first}{second}"))]);
    let uri = editor.uri(file);
    let place = editor.position(&editor.texts[file], end + first.len());
    let params = json!({"textDocument": {"uri": uri}, "position": place});
    let items = editor.request("textDocument/completion", params).unwrap();
    editor.replace(file, &before);
    items.as_array().unwrap().clone()
}

fn labels(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["label"].as_str().unwrap()).collect()
}

#[test]
fn completion_knows_what_fits() {
    let mut editor = Editor::with_files("lsp-completion", FILES);
    for file in EDITED {
        editor.open(file);
    }
    // The text before the place, the first that are offered, and what is not.
    let in_first: &[(&str, &str, &str)] = &[
        (
            "\n|",
            "action always assume case complete define fact guideline note reconcile rule scale section source use when",
            "fever",
        ),
        (
            "\nwhen |",
            "serious fever grade lasting onset signs weight all of ( any of ( at least 2 of ( none of ( not",
            "aspirin then mild",
        ),
        ("\nwhen fever and no|", "serious fever", "aspirin"),
        ("\nwhen fever |", "and or then unless", "is at least over includes"),
        (
            "\nwhen grade |",
            "at least at most is is in ( is not over under",
            "and then includes",
        ),
        ("\nwhen signs |", "and includes or then unless", "is at least"),
        ("\nwhen weight |", "at least at most over under", "is and then includes"),
        ("\nwhen grade is |", "mild severe in not", "fever unknown yes"),
        ("\nwhen grade at least |", "mild severe", "fever"),
        ("\nwhen grade is in (mild, |", "mild severe", "fever"),
        ("\nwhen signs includes |", "rash cough", "fever"),
        ("\nwhen weight at least 3 |", "\"kg\" \"g\" \"mg\"", "weeks day cm"),
        (
            "\nwhen lasting over 3 |",
            "minutes hours days weeks months years",
            "day \"kg\"",
        ),
        ("\nwhen lasting over 1 |", "minute hour day week month year", "days"),
        (
            "\nwhen fever then |",
            "aspirin drug review avoid consider immediate never recommend routine urgent",
            "fever serious cite",
        ),
        ("\nwhen fever then avoid aspirin, |", "drug review", "aspirin avoid"),
        (
            "\nwhen fever then aspirin with|",
            "because before between cite every evidence for from instead of",
            "aspirin",
        ),
        (
            "\nwhen fever then aspirin within |",
            "days hours months weeks",
            "minutes fever",
        ),
        (
            "\nwhen fever then aspirin within 2 |",
            "minutes hours days weeks months years",
            "kg",
        ),
        ("\nwhen fever then aspirin within 2 weeks after |", "onset", "fever lasting"),
        ("\nwhen fever then aspirin instead of |", "drug review", "fever aspirin"),
        ("\nwhen fever then aspirin only when |", "serious fever", "aspirin"),
        ("\nwhen fever then aspirin cite |", "A", "B fever"),
        ("\nwhen fever then aspirin cite A from |", "A-03 A-01 A-02", "fever"),
        ("\nwhen fever then aspirin cite A from A-03, |", "A-01 A-02", "A-03"),
        ("\nwhen fever then aspirin cite A overrides |", "help wait", "no_drug"),
        ("\nrule x: |", "always when", "fever fact"),
        (
            "\nfact x: |",
            "any of count date one of quantity in time since yes/no",
            "fever",
        ),
        ("\nfact x: time since |", "onset", "fever"),
        ("\nfact x: quantity in |", "minutes hours days weeks months years", "fever"),
        ("\naction x is |", "aspirin drug review", "fever"),
        ("\nuse |", "facts second", "first"),
        ("\nguideline x \"y\" status |", "draft active retired", "fever"),
        ("\nnote \"x\" about |", "aspirin drug review", "fever"),
        ("\nnote \"x\" only |", "if", "when"),
        ("\nreconcile first.help with |", "first.wait", "first.help second.no_drug"),
        (
            "\nreconcile first.help with first.wait prefer |",
            "first.help first.wait",
            "second.no_drug",
        ),
        ("\ndefine x: |", "serious fever", "aspirin"),
        (
            "\ncase \"x\" given fever, |",
            "grade lasting onset signs weight not otherwise no",
            "fever serious",
        ),
        ("\ncase \"x\" given grade is |", "mild severe unknown", "fever"),
        ("\ncase \"x\" given weight is 50 |", "kg g", "\"kg\" weeks"),
        ("\ncase \"x\" expect |", "aspirin drug review", "fever"),
        ("\ncase \"x\" expect aspirin from |", "A-01 A-02", "A-03"),
        ("\ncase \"x\" expect undecided aspirin asking |", "fever grade", "aspirin"),
        ("\n# gl-al|", "gl-allow", "fever"),
        ("\n# any |", "", "fever when"),
        ("\nnote \"when |\"", "", "fever when"),
    ];
    let mut wrong = Vec::new();
    for (text, expected, absent) in in_first {
        let items = offered(&mut editor, "first.gl", text);
        let labels = labels(&items);
        let joined = labels.join(" ");
        if !joined.starts_with(expected) || (expected.is_empty() && !labels.is_empty()) {
            wrong.push(format!("{text:?}\n  expected {expected}\n  but got  {joined}"));
        }
        for word in absent.split(' ').filter(|word| labels.contains(word)) {
            wrong.push(format!("{text:?} offers `{word}`: {joined}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let codes = offered(&mut editor, "first.gl", "\n# gl-allow |");
    assert!(labels(&codes).len() > 10);

    // What is chosen says what it is.
    let items = offered(&mut editor, "first.gl", "\nwhen ser|");
    let serious = items.iter().find(|item| item["label"] == "serious").unwrap();
    assert_eq!(serious["textEdit"]["range"]["start"]["character"], 5);
    let resolved = editor.request("completionItem/resolve", serious.clone()).unwrap();
    let documentation = resolved["documentation"]["value"].as_str().unwrap();
    assert!(
        documentation.contains("grade is severe or signs includes rash"),
        "{documentation}"
    );
}

/// What a verb of gl says of the folder.
fn run_gl(editor: &Editor, verb: &str) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_gl"))
        .arg(verb)
        .current_dir(&editor.folder)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), text)
}

#[test]
fn a_finding_can_be_mended() {
    let mut editor = Editor::with_files("lsp-fix", FILES);
    editor.open("first.gl");
    editor.substitute("first.gl", "when not serious", "when not seriuos");
    let actions = editor.actions("first.gl", "seriuos");
    let titles: Vec<&String> = actions.keys().collect();
    assert_eq!(titles, ["Change it to `serious`"]);
    editor.apply(&actions["Change it to `serious`"]);
    assert_eq!(editor.texts["first.gl"], FIRST);
}

#[test]
fn a_patient_becomes_a_case() {
    let mut editor = Editor::with_files("lsp-case", FILES);
    editor.open("first.gl");
    let actions = editor.actions("first.gl", "urgent aspirin");
    editor.apply(&actions["Write the patient of GL702 as a case"]);
    assert_eq!(
        editor.texts["together.cases.gl"],
        "use first, second\n\n\
         case \"second.no_drug holds back an emergency: first.help recommends urgent aspirin within 2 days\"\n  \
         given fever, grade is severe, lasting is 3 days, weight is 20 kg\n  \
         expect avoid drug\n  \
         expect disagreement on aspirin\n  \
         expect urgent aspirin within 2 days from A-02\n"
    );
    // Once more: the file is there, the title is taken.
    let actions = editor.actions("first.gl", "urgent aspirin");
    editor.apply(&actions["Write the patient of GL702 as a case"]);
    assert!(editor.texts["together.cases.gl"].contains("2 days (2)\"\n"));
    editor.save_all();
    let (status, said) = run_gl(&editor, "test");
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("3 passed"), "{said}");
    compare(&mut editor, "with new cases");
}

#[test]
fn a_disagreement_is_settled_with_a_reason() {
    let mut editor = Editor::with_files("lsp-settle", FILES);
    editor.open("first.gl");
    let actions = editor.actions("first.gl", "urgent aspirin");
    assert!(
        actions.contains_key("Settle this: prefer `first.help`"),
        "{:?}",
        actions.keys()
    );
    assert!(actions.contains_key("Settle this: leave the disagreement open"));
    editor.apply(&actions["Settle this: prefer `second.no_drug`"]);
    let file = "reconciliation.gl";
    assert_eq!(
        editor.texts[file],
        "use first, second\n\nreconcile first.help with second.no_drug\n  prefer second.no_drug\n"
    );
    // The reason is the author's to give.
    assert_eq!(editor.findings(file), ["GL020 the reconciliation gives no reason"]);
    let end = editor.texts[file].len() - 1;
    editor.change(file, &[(end..end, " because \"children\"")]);
    assert_eq!(editor.findings(file), [] as [&str; 0]);
    let found = editor.findings("first.gl");
    assert!(!found.iter().any(|f| f.contains("disagree")), "{found:?}");
    editor.save_all();
    compare(&mut editor, "settled");
}

#[test]
fn a_rule_of_the_same_document_overrides_another() {
    let mut editor = Editor::with_files("lsp-override", FILES);
    editor.open("second.gl");
    let end = SECOND.len();
    let rule = "\nrule some_drug:\n  when weight under 50 \"kg\"\n  then aspirin\n  cite B\n";
    editor.change("second.gl", &[(end..end, rule)]);
    let actions = editor.actions("second.gl", "aspirin");
    editor.apply(&actions["Let `some_drug` override `no_drug`"]);
    assert!(editor.texts["second.gl"].ends_with("  cite B\n  overrides no_drug\n"));
    let found = editor.findings("second.gl");
    assert!(!found.iter().any(|f| f.contains("`second.some_drug` disagree")), "{found:?}");
}

#[test]
fn a_warning_is_allowed_with_a_reason() {
    let mut editor = Editor::with_files("lsp-allow", FILES);
    editor.open("facts.gl");
    editor.open("second.gl");
    let unused = "source UNUSED \"A document\"\n";
    let at = editor.find("second.gl", "source B");
    editor.change("second.gl", &[(at..at, unused)]);
    let found = editor.findings("second.gl");
    let warning = found.iter().find(|f| f.contains("UNUSED")).unwrap();
    let code = &warning[..5];
    let actions = editor.actions("second.gl", "UNUSED");
    editor.apply(&actions[&format!("Allow {code} here, with a reason")]);
    assert!(editor.texts["second.gl"].contains(&format!("\n# gl-allow {code}: \n{unused}")));
    let found = editor.findings("second.gl");
    assert!(found.iter().any(|f| f.contains("reason")), "{found:?}");
    editor.substitute("second.gl", &format!("{code}: "), &format!("{code}: kept for later"));
    let found = editor.shown[&editor.uri("second.gl")].clone();
    editor.settle();
    let found_now = &editor.shown[&editor.uri("second.gl")];
    assert_ne!(found, *found_now);
    assert!(
        found_now.iter().all(|f| f["code"] != *code || f["severity"] == 3),
        "{found_now:?}"
    );
    compare(&mut editor, "allowed");
}

/// An outline as lines, indented.
fn written(symbols: &Value, depth: usize) -> String {
    let mut text = String::new();
    for symbol in symbols.as_array().into_iter().flatten() {
        let detail = symbol["detail"]
            .as_str()
            .map_or(String::new(), |detail| format!(" ({detail})"));
        text += &format!("{}{}{detail}\n", "  ".repeat(depth), symbol["name"].as_str().unwrap());
        text += &written(&symbol["children"], depth + 1);
    }
    text
}

#[test]
fn a_file_has_an_outline() {
    let mut editor = Editor::with_files("lsp-outline", FILES);
    editor.open("first.gl");
    editor.open("first.cases.gl");
    let at = editor.find("first.gl", "rule help");
    editor.change("first.gl", &[(at..at, "section \"One\":\n# a\n# b\n\n")]);
    let at = editor.find("first.gl", "rule wait");
    let more = "section \"One > Two\":\nnote \"x\" about review\n  cite A\nsection \"One > Three\":\n";
    editor.change("first.gl", &[(at..at, more)]);
    let outline = editor.about("textDocument/documentSymbol", "first.gl");
    assert_eq!(
        written(&outline, 0),
        "first (The first document)\nA (A document)\nserious (A serious case)\n\
         One\n  help (Give aspirin)\n  One > Two\n    x\n  One > Three\n    wait\n"
    );
    let folds = editor.about("textDocument/foldingRange", "first.gl");
    let lines = |fold: &Value| (fold["startLine"].as_u64().unwrap() + 1, fold["endLine"].as_u64().unwrap() + 1);
    let folds: Vec<_> = folds.as_array().unwrap().iter().map(lines).collect();
    assert_eq!(
        folds,
        [
            (1, 2),
            (6, 8),
            (10, 29),
            (11, 12),
            (14, 19),
            (21, 23),
            (22, 23),
            (24, 29),
            (25, 29)
        ]
    );
    let found = editor.request("workspace/symbol", json!({"query": "asprn"})).unwrap();
    assert_eq!(
        places(&editor, &found.pointer("/0/location").unwrap().clone()),
        ["facts.gl:9 aspirin"]
    );
}

#[test]
fn a_file_is_brought_into_the_one_style() {
    let mut editor = Editor::with_files("lsp-format", FILES);
    for file in EDITED {
        editor.open(file);
    }
    let at = editor.find("first.gl", "rule help");
    editor.change("first.gl", &[(at..at, "rule x:   when fever # 🦴\nthen review   cite A\n\n")]);
    for file in EDITED {
        let edits = editor.about("textDocument/formatting", file);
        let uri = editor.uri(file);
        editor.apply(&json!({"changes": {uri: edits}}));
        let text = editor.texts[file].clone();
        fs::write(editor.folder.join(file), &text).unwrap();
        assert_eq!(editor.about("textDocument/formatting", file), json!([]), "{text}");
    }
    assert!(editor.texts["first.gl"].contains("rule x:\n  when fever  # 🦴\n  then review\n  cite A\n\n"));
    let output = Command::new(env!("CARGO_BIN_EXE_gl"))
        .args(["fmt", "--check"])
        .current_dir(&editor.folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    editor.replace("first.gl", "rule x:   when");
    assert_eq!(editor.about("textDocument/formatting", "first.gl"), json!([]));
}

#[test]
fn words_are_told_apart() {
    let mut editor = Editor::with_files("lsp-tokens", FILES);
    editor.open("first.gl");
    let end = FIRST.len();
    editor.change(
        "first.gl",
        &[(
            end..end,
            "# 🦴\nrule line:\n  when fever and not (signs or serious)\n  then aspirin line 2 with \"é\"\n  cite A\n",
        )],
    );
    let legend = &editor.capabilities["semanticTokensProvider"]["legend"]["tokenTypes"].clone();
    let tokens = editor.about("textDocument/semanticTokens/full", "first.gl");
    let data: Vec<usize> = tokens["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n.as_u64().unwrap() as usize)
        .collect();
    let (mut line, mut start) = (0, 0);
    let mut shown = Vec::new();
    for token in data.chunks(5) {
        line += token[0];
        start = if token[0] == 0 { start + token[1] } else { token[1] };
        let text = editor.texts["first.gl"].lines().nth(line).unwrap();
        let utf16: Vec<u16> = text.encode_utf16().collect();
        let word = String::from_utf16(&utf16[start..start + token[2]]).unwrap();
        let declared = if token[4] == 1 { "!" } else { "" };
        shown.push(format!("{word}={}{declared}", legend[token[3]].as_str().unwrap()));
    }
    let shown = shown.join(" ");
    for expected in [
        "guideline=keyword first=namespace! \"The first document\"=string version=keyword \"1\"=string applies=keyword",
        "use=keyword facts=namespace source=keyword A=class!",
        "define=keyword serious=property! \"A serious case\"=string grade=variable is=keyword severe=enumMember or=keyword",
        "urgent=keyword aspirin=function within=keyword 2=number days=keyword",
        "from=keyword A-02=type",
        "# 🦴=comment rule=keyword line=method! when=keyword fever=variable and=keyword not=keyword signs=variable",
        "then=keyword aspirin=function line=keyword 2=number with=keyword \"é\"=string cite=keyword A=class",
    ] {
        assert!(shown.contains(expected), "{expected}\n{shown}");
    }
}

/// The texts beside a file, each with what stands before it on its line.
fn beside(editor: &mut Editor, file: &str) -> Vec<String> {
    let hints = editor.about("textDocument/inlayHint", file);
    let text = editor.texts[file].clone();
    let show = |hint: &Value| {
        let at = editor.byte(&text, &hint["position"]);
        let line = text[..at].lines().last().unwrap_or("").trim();
        format!("{line} ‹{}›", hint["label"].as_str().unwrap())
    };
    hints.as_array().unwrap().iter().map(show).collect()
}

#[test]
fn what_is_unsaid_is_shown_beside_it() {
    let mut editor = Editor::with_files("lsp-hints", FILES);
    editor.open("first.gl");
    assert_eq!(
        beside(&mut editor, "first.gl"),
        [
            "when serious ‹= grade is severe or signs includes rash›",
            "when not serious ‹= grade is severe or signs includes rash›"
        ]
    );
    editor.substitute("first.gl", "within 2 days", "within hours");
    editor.substitute("first.gl", "then review\n", "then immediate review\n");
    let hints = beside(&mut editor, "first.gl");
    assert_eq!(
        hints[1..3],
        [
            "then urgent aspirin within hours ‹at most 1 day›",
            "then immediate ‹at most 1 day›"
        ]
    );
}

/// What is shown above a line.
fn above(editor: &mut Editor, file: &str, needle: &str) -> Vec<Value> {
    let line = editor.place(file, needle, 0)["position"]["line"].clone();
    let lenses = editor.about("textDocument/codeLens", file);
    let lenses = lenses
        .as_array()
        .unwrap()
        .iter()
        .filter(|lens| lens["range"]["start"]["line"] == line);
    lenses.map(|lens| lens["command"].clone()).collect()
}

fn titles(commands: &[Value]) -> Vec<&str> {
    commands.iter().map(|command| command["title"].as_str().unwrap()).collect()
}

#[test]
fn cases_are_run_beside_their_rules() {
    let mut editor = Editor::with_files("lsp-lens", FILES);
    editor.open("first.gl");
    editor.open("first.cases.gl");
    assert_eq!(
        titles(&above(&mut editor, "first.gl", "rule help")),
        ["1 case passes", "evaluate with a patient…"]
    );
    assert_eq!(
        titles(&above(&mut editor, "first.gl", "rule wait")),
        ["no case", "evaluate with a patient…"]
    );
    assert_eq!(
        titles(&above(&mut editor, "first.cases.gl", "case \"a serious")),
        ["passes", "evaluate"]
    );

    editor.substitute("first.gl", "at least 3 days", "at least 5 days");
    let lens = above(&mut editor, "first.gl", "rule help");
    assert_eq!(titles(&lens)[0], "1 case fails");
    let ran = editor.request("workspace/executeCommand", lens[0].clone()).unwrap();
    assert_eq!(ran["verdict"], "1 case fails");
    assert_eq!(
        ran["cases"][0]["failures"][0]["expected"],
        "expect urgent aspirin within 2 days from A-02"
    );
    assert_eq!(editor.asked.last().unwrap()["method"], "window/showDocument");
    let hints = beside(&mut editor, "first.cases.gl");
    assert_eq!(hints.len(), 1);
    assert!(
        hints[0].starts_with("expect urgent aspirin within 2 days from A-02 ‹but "),
        "{hints:?}"
    );
    let lens = above(&mut editor, "first.cases.gl", "case \"a serious");
    assert_eq!(titles(&lens), ["fails", "evaluate"]);
    editor.substitute("first.gl", "at least 5 days", "at least 5 dyas");
    assert!(editor.request("workspace/executeCommand", lens[0].clone()).is_err());
    assert_eq!(titles(&above(&mut editor, "first.gl", "rule wait"))[0], "no case");
}

#[test]
fn rules_are_shown_with_a_chosen_patient() {
    let mut editor = Editor::with_files("lsp-patient", FILES);
    for file in EDITED {
        editor.open(file);
    }
    // The editor is asked for a patient, and its user chooses one.
    let lens = above(&mut editor, "first.gl", "rule help");
    editor.request("workspace/executeCommand", lens[1].clone()).unwrap();
    let question = editor.asked.pop().unwrap();
    assert_eq!(question["method"], "window/showMessageRequest");
    assert_eq!(
        question["params"]["actions"],
        json!([{"title": "a serious case"}, {"title": "Nobody"}])
    );
    editor.send(&json!({"jsonrpc": "2.0", "id": question["id"], "result": {"title": "a serious case"}}));
    assert_eq!(
        titles(&above(&mut editor, "first.gl", "rule help"))[1],
        "patient: a serious case"
    );
    assert!(
        editor
            .asked
            .iter()
            .any(|asked| asked["method"] == "workspace/inlayHint/refresh")
    );
    let hints = beside(&mut editor, "first.gl");
    for expected in [
        "applies when fever ‹= yes›",
        "grade is severe ‹= yes›",
        "grade is severe or signs includes rash ‹= unknown›",
        "rule help \"Give aspirin\": ‹recommend urgent aspirin; recommend review›",
        "when serious ‹= yes›",
        "when serious and lasting at least 3 days ‹= yes›",
        "rule wait: ‹does not fire›",
    ] {
        assert!(hints.iter().any(|hint| hint == expected), "{expected}\n{hints:#?}");
    }
    assert_eq!(
        beside(&mut editor, "second.gl"),
        [
            "rule no_drug: ‹undecided: needs weight›",
            "when weight under 40 \"kg\" ‹= unknown›"
        ]
    );

    // A case file on disk, and the whole result.
    let record = editor.folder.join("patient.yaml");
    fs::write(&record, "facts: {fever: yes, weight: 20 kg}\n").unwrap();
    let uri = editor.uri("first.gl");
    let evaluate = |editor: &mut Editor, choice: Value| {
        let params = json!({"command": "gl.evaluate", "arguments": [uri, choice]});
        editor.request("workspace/executeCommand", params)
    };
    let result = evaluate(&mut editor, json!({"file": record})).unwrap();
    assert!(
        result["text"].as_str().unwrap().contains("AVOID\n  avoid: Any drug"),
        "{result}"
    );
    let hints = beside(&mut editor, "second.gl");
    assert_eq!(hints[0], "rule no_drug: ‹avoid drug›");
    // The rules change, and so does what they say.
    editor.substitute("second.gl", "under 40", "under 20");
    assert_eq!(beside(&mut editor, "second.gl")[0], "rule no_drug: ‹does not fire›");
    fs::write(&record, "facts: {fever: maybe}\n").unwrap();
    assert!(evaluate(&mut editor, json!({"file": record})).is_err());
    assert!(evaluate(&mut editor, json!({"case": "nothing"})).is_err());
    evaluate(&mut editor, json!({})).unwrap();
    assert_eq!(beside(&mut editor, "second.gl"), [] as [&str; 0]);
    let listed = editor.request("gl/patients", json!({"textDocument": {"uri": uri}})).unwrap();
    assert_eq!(listed["patients"][0]["case"], "a serious case");
}

/// Pieces of text that an edit may put anywhere.
const PIECES: &[&str] = &[
    "",
    "",
    "",
    " ",
    "\n",
    "\n\n",
    "\r\n",
    "\"",
    "#",
    "(",
    ")",
    ",",
    ":",
    "é",
    "🦴",
    "\u{a0}",
    "–",
    "and ",
    "not ",
    "fever",
    "serious",
    "signs",
    "grade is ",
    "severe",
    "x",
    "when fever then review cite A\n",
    "rule again:\n  when fever\n  then review\n  cite A\n",
    "fact more: yes/no\n",
    "action extra is drug\n",
    "use facts\n",
    "use second\n",
    "cite ",
    "from A-03\n",
    "within 2 weeks ",
    "overrides wait\n",
    "guideline ",
    "case \"x\"\n  given fever\n  expect review\n",
    "# gl-allow GL203: because it is so\n",
    "section \"One\":\n",
    "define serious: fever\n",
    "source A \"A\"\n",
    "is in (mild, severe)",
    "3 weeks",
    "unless signs ",
    "reconcile first.help with second.no_drug leave open because \"x\"\n",
];

/// A name that is no UTF-8 cannot be said in the protocol, and a folder may be forbidden; neither may end in silence.
#[test]
#[cfg(target_os = "linux")]
fn a_folder_that_cannot_be_listed_is_said_once() {
    use std::os::unix::ffi::OsStrExt;
    let folder = fresh_folder("lsp-unlistable");
    fs::write(folder.join("facts.gl"), FACTS).unwrap();
    let broken = folder.join(std::ffi::OsStr::from_bytes(b"br\xffken.gl"));
    fs::write(&broken, "fact cough: yes/no\n").unwrap();
    let mut editor = Editor::open_folder(&folder, "utf-16");
    editor.open("facts.gl");
    editor.settle();
    assert_eq!(editor.said.len(), 1, "{:?}", editor.said);
    assert!(editor.said[0].contains("is not UTF-8"), "{:?}", editor.said);
    assert!(
        editor.said[0].contains("the other files of the project are not looked at"),
        "{:?}",
        editor.said
    );
    // What is open is looked at all the same, and nothing is said again of what has not changed.
    editor.substitute("facts.gl", "fact onset: date", "fact onset: dat");
    assert!(!editor.findings("facts.gl").is_empty());
    editor.save_all();
    editor.settle();
    assert_eq!(editor.said.len(), 1, "{:?}", editor.said);
    // Mended, and broken again.
    fs::remove_file(&broken).unwrap();
    editor.save_all();
    editor.settle();
    fs::write(&broken, "fact cough: yes/no\n").unwrap();
    editor.save_all();
    editor.settle();
    assert_eq!(editor.said.len(), 2, "{:?}", editor.said);
    assert!(editor.end().success());
}

#[test]
fn after_any_script_the_findings_are_those_of_a_fresh_read() {
    let scripts: usize = std::env::var("SCRIPTS").ok().and_then(|n| n.parse().ok()).unwrap_or(24);
    run_scripts(scripts);
}

/// By command: `cargo test --release --test lsp ten_thousand -- --ignored`.
#[test]
#[ignore = "it takes minutes"]
fn after_any_of_ten_thousand_scripts_the_findings_are_those_of_a_fresh_read() {
    run_scripts(10_000);
}

fn run_scripts(scripts: usize) {
    let seed: u64 = std::env::var("SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    for (encoding, share) in [("utf-16", scripts.div_ceil(2)), ("utf-8", scripts / 2)] {
        let folder = fresh_folder(&format!("lsp-scripts-{encoding}"));
        for (path, text) in FILES {
            fs::write(folder.join(path), text).unwrap();
        }
        let mut editor = Editor::open_folder(&folder, encoding);
        for script in 0..share {
            run_script(&mut editor, seed * 1_000_000 + script as u64);
        }
        assert!(editor.logged.iter().all(|l| !l.contains("bug")), "{:?}", editor.logged);
    }
}

const EDITED: [&str; 4] = ["facts.gl", "first.gl", "first.cases.gl", "second.gl"];

fn run_script(editor: &mut Editor, seed: u64) {
    let mut random = Random::new(seed);
    for file in EDITED {
        if editor.texts.contains_key(file) {
            editor.close(file);
        }
        let original = FILES.iter().find(|(name, _)| *name == file).unwrap().1;
        fs::write(editor.folder.join(file), original).unwrap();
    }
    let steps = 1 + random.below(12);
    for _ in 0..steps {
        let file = EDITED[random.below(EDITED.len())];
        if !editor.texts.contains_key(file) {
            editor.open(file);
        }
        match random.below(20) {
            0 => editor.close(file),
            1 => {
                let original = FILES.iter().find(|(name, _)| *name == file).unwrap().1;
                editor.replace(file, original);
            }
            2 => {
                fs::write(editor.folder.join(file), &editor.texts[file]).unwrap();
                let uri = editor.uri(file);
                editor.notify("textDocument/didSave", json!({"textDocument": {"uri": uri}}));
            }
            3 => {
                let place = editor.position(&editor.texts[file], random_byte(&editor.texts[file], &mut random));
                let uri = editor.uri(file);
                let method = METHODS[random.below(METHODS.len())];
                let params = json!({
                    "textDocument": {"uri": uri}, "position": place, "range": {"start": place, "end": place},
                    "context": {"diagnostics": [], "includeDeclaration": true},
                    "options": {"tabSize": 2, "insertSpaces": true}, "newName": "other", "query": "e",
                });
                let _ = editor.request(method, params);
            }
            _ => {
                let mut text = editor.texts[file].clone();
                let mut edits = Vec::new();
                for _ in 0..1 + random.below(3) {
                    let start = random_byte(&text, &mut random);
                    let length = if random.percent(50) { 0 } else { random.below(30) };
                    let end = whole_line_end(&text, text.ceil_char_boundary((start + length).min(text.len())));
                    let piece = *random.pick(PIECES);
                    text.replace_range(start..end, piece);
                    edits.push((start..end, piece));
                }
                editor.change(file, &edits);
            }
        }
    }
    compare(editor, &format!("script {seed}"));
}

fn random_byte(text: &str, random: &mut Random) -> usize {
    // Where words begin and lines end, edits do the most.
    let at = random.below(text.len() + 1);
    let at = match random.below(3) {
        0 => text.floor_char_boundary(at),
        1 => text[..text.floor_char_boundary(at)].rfind('\n').map_or(0, |at| at + 1),
        _ => text[..text.floor_char_boundary(at)].rfind(' ').map_or(0, |at| at + 1),
    };
    whole_line_end(text, at)
}

/// No position of the protocol lies within `\r\n`; before it is the nearest.
fn whole_line_end(text: &str, at: usize) -> usize {
    match text[..at].ends_with('\r') && text[at..].starts_with('\n') {
        true => at - 1,
        false => at,
    }
}
