//! Laws of the formatter: on the library and the language reference through the front door, `gl fmt -`, and on files made up
//! at random, always from the same seeds. `GL_LAWS=20 cargo test --test format` tries twenty times as many.
#![cfg(feature = "cli")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    clippy::indexing_slicing,
    reason = "a test that cannot go on stops"
)]

#[path = "support/folder.rs"]
mod folder;
mod support;

use folder::Folder;
use gl::ast;
use gl::diagnostic::Diagnostic;
use gl::format::{Refusal, WIDTH};
use gl::source::Sources;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{RngSeed, TestRunner};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use support::texts::{self, Beside, Text, Tokens};

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
    let folder = Folder::new("broken");
    let path = folder.0.join("broken.gl");
    let text = "fact   fever:yes/no\nwhne fever   then review cite S\n";
    fs::write(&path, text).unwrap();
    assert_eq!(folder.gl(&["fmt", "broken.gl"]).0, Some(2));
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
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

// ─── Made-up files ───────────────────────────────────────────────────────────────────────────────────────────────────

fn law<S: Strategy>(cases: u32, strategy: S, check: impl Fn(S::Value) -> Result<(), TestCaseError>)
where
    S::Value: std::fmt::Debug,
{
    let times = std::env::var("GL_LAWS").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let config = ProptestConfig {
        cases: cases * times,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_260_201),
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    };
    if let Err(error) = TestRunner::new(config).run(&strategy, check) {
        panic!("{error}");
    }
}

fn parsed(text: &str) -> (ast::File, Vec<Diagnostic>) {
    let mut sources = Sources::new();
    let file = sources.add("a.gl", text);
    gl::syntax::parse(&sources, file)
}

/// The same as [`format`], without a process.
fn formatted(text: &str) -> Result<String, Refusal> {
    let mut sources = Sources::new();
    let file = sources.add("a.gl", text);
    gl::format::format(&sources, &gl::syntax::parse(&sources, file).0)
}

/// The tree without places; no made-up text contains the word.
fn tree(text: &str) -> String {
    let debug = format!("{:?}", parsed(text).0.items);
    let mut parts = debug.split("Span {");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |tree, part| tree + part.split_once('}').unwrap().1)
}

/// The tokens and the comments as they have to be printed.
fn expected(text: &Text) -> (Tokens, Vec<(Beside, String)>) {
    let mut pieces = Tokens::new();
    let mut ends = Vec::new();
    for token in text.tokens() {
        let start = pieces.len();
        pieces.extend(texts::pieces(&token));
        ends.push((start, pieces.len() - 1));
    }
    let beside = |beside| match beside {
        Beside::After(token) => Beside::After(ends[token].1),
        Beside::Before(token) => Beside::Before(ends.get(token).map_or(pieces.len(), |ends| ends.0)),
    };
    let comments = text.comments().into_iter().map(|(b, comment)| (beside(b), comment)).collect();
    (pieces, comments)
}

/// Lines without blanks at their ends, no two empty ones in a row, and none that is too long and could be broken.
fn is_tidy(text: &str) -> Result<(), TestCaseError> {
    prop_assert!(text.is_empty() || text.ends_with('\n') && !text.ends_with("\n\n"), "the end");
    prop_assert!(!text.starts_with('\n') && !text.contains("\n\n\n"), "empty lines");
    for line in text.lines() {
        prop_assert!(!line.ends_with([' ', '\t', '\r']), "a blank ends `{line}`");
        let (tokens, comments) = texts::read(line);
        let comment = comments.first().map_or(0, |(_, comment)| comment.chars().count() + 2);
        let width = line.chars().count().saturating_sub(comment);
        let commas = tokens.iter().rev().skip(1).filter(|t| *t == ",").count();
        // Between two numbers, `and` is no joint.
        let joints = tokens
            .windows(2)
            .skip(1)
            .filter(|pair| matches!(pair[0].as_str(), "and" | "or") && !pair[1].starts_with(|c: char| c.is_ascii_digit()));
        prop_assert!(
            width <= WIDTH || commas == 0 && joints.count() == 0,
            "{width} characters: {line}"
        );
    }
    Ok(())
}

#[test]
fn made_up_files_keep_their_words_and_comments() {
    law(300, texts::text(5), |made_up| {
        let text = made_up.written();
        let (_, found) = parsed(&text);
        let found: Vec<_> = found.iter().map(|d| &d.message).collect();
        prop_assert!(found.is_empty(), "made-up text can be read: {found:?}\n{text}");
        let once = formatted(&text).map_err(|refusal| TestCaseError::fail(format!("{refusal}\n{text}")))?;
        let (tokens, comments) = texts::read(&once);
        let (all_tokens, all_comments) = expected(&made_up);
        prop_assert_eq!(tokens, all_tokens, "{}\nbecomes\n{}", text, once);
        prop_assert_eq!(comments, all_comments, "{}\nbecomes\n{}", text, once);
        prop_assert_eq!(tree(&once), tree(&text), "{}\nbecomes\n{}", text, once);
        prop_assert_eq!(formatted(&once), Ok(once.clone()), "formatting twice changes\n{}", once);
        is_tidy(&once)
    });
}

const SIGNS: [&str; 9] = ["\"", "(", ")", ",", "\u{A0}", "\u{FEFF}", "\u{200B}", "\r", "\u{B}"];
const WORDS: [&str; 6] = [" then ", " whne ", " is unknown ", " or ", " and ", "\nrule\n"];

#[test]
fn damaged_files_are_refused() {
    let damage = (any::<Index>(), 0..6usize, any::<Index>());
    let refused = std::cell::Cell::new(0);
    law(200, (texts::text(3), damage), |(made_up, (place, kind, other))| {
        let mut text = made_up.written();
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let at = *place.get(&places);
        match kind {
            0 => text.truncate(at),
            1 => text.replace_range(at..*places.iter().find(|p| **p > at).unwrap_or(&at), ""),
            2 => text.insert_str(at, other.get::<&str>(&SIGNS)),
            3 => text.insert_str(at, other.get::<&str>(&WORDS)),
            4 => text.insert(at, *other.get(&['{', '\u{301}', '“', '\u{202E}', '≥', '\0', '\''])),
            _ => text = text.replacen(' ', "", 1 + other.index(9)),
        }
        let (_, found) = parsed(&text);
        if !found.is_empty() {
            refused.set(refused.get() + 1);
            prop_assert_eq!(formatted(&text), Err(Refusal::Errors), "{:?}\n{}", found[0].message, text);
            return Ok(());
        }
        let once = formatted(&text).map_err(|refusal| TestCaseError::fail(format!("{refusal}\n{text}")))?;
        prop_assert_eq!(tree(&once), tree(&text), "{}\nbecomes\n{}", text, once);
        prop_assert_eq!(formatted(&once), Ok(once.clone()), "formatting twice changes\n{}", once);
        is_tidy(&once)
    });
    assert!(refused.get() > 60, "only {} files were refused", refused.get());
}

/// The mark that may begin a file, where it does not belong: cutting it out would hide the finding.
#[test]
fn a_mark_in_the_middle_is_an_error() {
    assert_eq!(formatted("\u{FEFF}use a"), Ok("use a\n".to_owned()));
    assert_eq!(formatted("\u{FEFF}\u{FEFF}use a"), Err(Refusal::Errors));
    assert_eq!(formatted("use \u{FEFF}a"), Err(Refusal::Errors));
}

impl Folder {
    fn gl(&self, arguments: &[&str]) -> (Option<i32>, Vec<String>) {
        let mut gl = Command::new(env!("CARGO_BIN_EXE_gl"));
        let Output { status, stdout, .. } = gl.args(arguments).current_dir(&self.0).output().unwrap();
        let mut lines: Vec<String> = String::from_utf8(stdout).unwrap().lines().map(str::to_owned).collect();
        lines.sort();
        (status.code(), lines)
    }
}

#[test]
fn a_folder_of_made_up_files_is_checked_and_written() {
    law(8, prop::collection::vec((texts::text(3), any::<bool>()), 1..8), |made_up| {
        let folder = Folder::new("made-up");
        let (mut changing, mut after) = (Vec::new(), Vec::new());
        for (number, (text, is_tidy)) in made_up.iter().enumerate() {
            let name = format!("f{number}.gl");
            let once = formatted(&text.written()).unwrap();
            let before = if *is_tidy { once.clone() } else { text.written() };
            changing.extend((before != once).then(|| name.clone()));
            fs::write(folder.0.join(&name), &before).unwrap();
            after.push((name, before, once));
        }
        let status = if changing.is_empty() { 0 } else { 1 };
        prop_assert_eq!(folder.gl(&["fmt", "--check"]), (Some(status), changing));
        for (name, before, _) in &after {
            prop_assert_eq!(&fs::read_to_string(folder.0.join(name)).unwrap(), before);
        }
        prop_assert_eq!(folder.gl(&["fmt"]), (Some(0), Vec::new()));
        for (name, _, once) in &after {
            prop_assert_eq!(&fs::read_to_string(folder.0.join(name)).unwrap(), once);
        }
        prop_assert_eq!(folder.gl(&["fmt", "--check"]), (Some(0), Vec::new()));

        // One broken file stays as it is; the others are written all the same.
        let (first, _, once) = &after[0];
        let broken = format!("{}\nwhne fever  then\n", made_up[0].0.written());
        fs::write(folder.0.join("broken.gl"), &broken).unwrap();
        fs::write(folder.0.join(first), once.replace('\n', "\n\n\n")).unwrap();
        prop_assert_eq!(folder.gl(&["fmt"]).0, Some(2));
        prop_assert_eq!(&fs::read_to_string(folder.0.join("broken.gl")).unwrap(), &broken);
        Ok(())
    });
}
