//! Laws of the formatter, through the front door: `gl fmt -`.
#![cfg(feature = "cli")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    clippy::indexing_slicing,
    reason = "a test that cannot go on stops"
)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The exit status and what was printed.
fn format(text: &str) -> (i32, String) {
    let mut gl = Command::new(env!("CARGO_BIN_EXE_gl"))
        .args(["fmt", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    gl.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = gl.wait_with_output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .collect();
    files.sort();
    files
}

/// Every gl file of the library, and every gl fence of the language reference.
fn texts() -> Vec<String> {
    let mut texts: Vec<String> = files("guidelines", "gl")
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    for page in files("tests/spec", "md") {
        let page = fs::read_to_string(page).unwrap();
        let fences = page
            .split("\n```")
            .filter(|part| part.starts_with("gl"))
            .filter_map(|part| part.split_once('\n'));
        texts.extend(fences.map(|(_, body)| format!("{body}\n")));
    }
    texts
}

/// Comments in their order, and every other sign that is no blank, sorted: clauses may change places, nothing may go.
fn signs(text: &str) -> (Vec<String>, Vec<char>) {
    let (mut comments, mut rest) = (Vec::new(), Vec::new());
    for line in text.lines() {
        let mut quoted = false;
        let comment = line.char_indices().find(|(at, c)| {
            if *c == '"' && !line[..*at].ends_with('\\') {
                quoted = !quoted;
            }
            *c == '#' && !quoted
        });
        let (code, comment) = line.split_at(comment.map_or(line.len(), |(at, _)| at));
        comments.extend((!comment.is_empty()).then(|| comment.trim_end().to_owned()));
        rest.extend(code.chars().filter(|c| !c.is_whitespace()));
    }
    rest.sort_unstable();
    (comments, rest)
}

#[test]
fn formatting_twice_changes_nothing_and_loses_nothing() {
    let mut formatted = 0;
    for text in texts() {
        let (status, once) = format(&text);
        if status != 0 {
            assert_eq!((status, once.as_str()), (2, ""), "a refused text prints nothing:\n{text}");
            continue;
        }
        formatted += 1;
        assert_eq!(format(&once), (0, once.clone()), "formatting twice changes\n{text}");
        assert_eq!(signs(&once), signs(&text), "something was lost or added in\n{text}");
        assert_eq!(
            format(&text.replace('\n', "\r\n")).1,
            once,
            "line ends of another system change\n{text}"
        );
    }
    assert!(formatted > 100, "only {formatted} texts were formatted");
}

#[test]
fn a_file_with_errors_is_left_alone() {
    let folder = std::env::temp_dir().join(format!("gl-format-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("broken.gl");
    let text = "fact   fever:yes/no\nwhne fever   then review cite S\n";
    fs::write(&path, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_gl")).arg("fmt").arg(&path).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_library_is_formatted() {
    let guidelines = Path::new(env!("CARGO_MANIFEST_DIR")).join("guidelines");
    let output = Command::new(env!("CARGO_BIN_EXE_gl"))
        .args(["fmt", "--check"])
        .arg(guidelines)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}
