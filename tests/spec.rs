//! Runs the pages of `tests/spec` and `docs`, and the README: prose, files, commands and their exact output.
//!
//! A page is Markdown. A fence with `file=NAME` in its first line writes that file; a `console` fence holds lines
//! `$ gl …`, each followed by what it prints: standard output, then standard error, then `[exit 1]` where the status is not 0.
//! `$ gl … < NAME` reads a file as standard input. Each section (`## `) starts in a folder of its own, with the files that
//! stand before the first section. In the handbook, which tells a story, a page with `<!-- one folder -->` keeps its folder.
//!
//! After `console`, `repository` runs the commands at the top of the repository, `excerpt` shows only some lines in a row of what
//! a command prints, and `other` is not run.
//!
//! `UPDATE=1 cargo test --test spec` rewrites the outputs; `PAGE=name` runs the pages whose path contains the name.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on stops"
)]
#![cfg(feature = "cli")]

#[path = "support/folder.rs"]
mod folder;

use folder::Folder;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

#[test]
fn pages() {
    let update = std::env::var_os("UPDATE").is_some();
    let wanted = std::env::var("PAGE").unwrap_or_default();
    let mut pages = Vec::new();
    for folder in ["tests/spec", "docs"] {
        find_pages(&repository().join(folder), &mut pages);
    }
    pages.push(repository().join("README.md"));
    pages.retain(|page| page.to_string_lossy().contains(&wanted));
    let mut failures = Vec::new();
    for page in &pages {
        let text = fs::read_to_string(page).unwrap();
        let lines = run_page(&text, &mut |line, expected, actual| {
            if !update {
                failures.push(format!("{}:{line}\n{}", page.display(), difference(expected, actual)));
            }
        });
        let new = lines.join("\n") + "\n";
        if update && new != text {
            fs::write(page, new).unwrap();
        }
    }
    assert!(!pages.is_empty(), "no page matches `{wanted}`");
    assert!(
        failures.is_empty(),
        "{} of the commands print something else (UPDATE=1 accepts it):\n\n{}",
        failures.len(),
        failures.join("\n")
    );
}

/// Links between the pages of the handbook, and from the README, lead somewhere.
#[test]
fn links_lead_somewhere() {
    let mut pages = vec![repository().join("README.md")];
    find_pages(&repository().join("docs"), &mut pages);
    let mut broken = Vec::new();
    for page in &pages {
        let text = fs::read_to_string(page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap_or_default();
            let is_here = target.is_empty() || target.contains("://");
            if !is_here && !page.parent().unwrap().join(target).exists() {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn find_pages(folder: &Path, pages: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            find_pages(&path, pages);
        } else if path.extension().is_some_and(|ending| ending == "md") {
            pages.push(path);
        }
    }
}

/// Called with the line of a command, what it should print, and what it prints.
type Differs<'a> = &'a mut dyn FnMut(usize, &[&str], &[String]);

/// Runs the commands of a page, reports each difference with its line, and gives the page back with actual outputs.
fn run_page(text: &str, differs: Differs<'_>) -> Vec<String> {
    let mut out = Vec::new();
    let mut shared: BTreeMap<String, String> = BTreeMap::new();
    let mut in_section = false;
    let one_folder = text.contains("<!-- one folder -->");
    let mut folder = Folder::with("spec", &shared);
    let mut lines = text.lines().enumerate().peekable();
    while let Some((_, line)) = lines.next() {
        out.push(line.to_owned());
        if line.starts_with("## ") && !one_folder {
            in_section = true;
            folder = Folder::with("spec", &shared);
        }
        let ticks = line.chars().take_while(|c| *c == '`').count();
        if ticks < 3 {
            continue;
        }
        let info = &line[ticks..];
        let is_end = |line: &str| line.len() >= ticks && line.trim_end().chars().all(|c| c == '`');
        let mut body: Vec<(usize, &str)> = Vec::new();
        while let Some((number, line)) = lines.next_if(|(_, line)| !is_end(line)) {
            body.push((number + 1, line));
        }
        let mut words = info.split(' ');
        let is_console = words.next() == Some("console");
        let how: Vec<&str> = words.collect();
        if is_console && !how.contains(&"other") {
            let place = match how.contains(&"repository") {
                true => repository(),
                false => &folder.0,
            };
            run_console(place, how.contains(&"excerpt"), &body, differs, &mut out);
        } else {
            out.extend(body.iter().map(|(_, line)| (*line).to_owned()));
        }
        out.extend(lines.next().map(|(_, end)| end.to_owned()));
        if let Some(name) = info.split(' ').find_map(|word| word.strip_prefix("file=")) {
            let text: String = body.iter().map(|(_, line)| format!("{line}\n")).collect();
            folder.write(name, &text);
            if !in_section {
                shared.insert(name.to_owned(), text);
            }
        }
    }
    out
}

fn run_console(folder: &Path, excerpt: bool, body: &[(usize, &str)], differs: Differs<'_>, out: &mut Vec<String>) {
    let mut body = body.iter().peekable();
    while let Some((number, line)) = body.next() {
        out.push((*line).to_owned());
        let Some(call) = line.strip_prefix("$ ") else {
            panic!("line {number}: a console fence starts with a command, `$ gl …`");
        };
        let mut expected = Vec::new();
        while let Some((_, line)) = body.next_if(|(_, line)| !line.starts_with("$ ")) {
            expected.push(*line);
        }
        let mut actual = run(folder, call);
        if excerpt && !expected.is_empty() {
            let same = |lines: &&[String]| lines.iter().zip(&expected).filter(|(a, b)| a == b).count();
            let shown = actual.windows(expected.len()).max_by_key(same).map(<[String]>::to_vec);
            actual = shown.unwrap_or(actual);
        }
        // A blank line before the next command is for the reader's eyes.
        if body.peek().is_some() && expected.last() == Some(&"") {
            actual.push(String::new());
        }
        if expected != actual {
            differs(*number, &expected, &actual);
        }
        out.append(&mut actual);
    }
}

/// The lines that a command prints, with its exit status if that is not 0.
fn run(folder: &Path, call: &str) -> Vec<String> {
    let mut words = words(call);
    assert_eq!(words.first().map(String::as_str), Some("gl"), "pages call `gl` alone: {call}");
    let stdin = match words.iter().position(|word| word == "<") {
        Some(at) => {
            let name = words[at + 1].clone();
            words.truncate(at);
            Stdio::from(fs::File::open(folder.join(name)).unwrap())
        }
        None => Stdio::null(),
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_gl"));
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "RUST_BACKTRACE"] {
        command.env_remove(variable);
    }
    // Whether the folder of the test lies in somebody's repository must not show.
    command.env("GIT_CEILING_DIRECTORIES", folder.parent().unwrap());
    let output = command.args(&words[1..]).current_dir(folder).stdin(stdin).output().unwrap();
    let mut lines = Vec::new();
    for stream in [output.stdout, output.stderr] {
        lines.extend(String::from_utf8(stream).unwrap().lines().map(str::to_owned));
    }
    match output.status.code() {
        Some(0) => {}
        code => lines.push(format!("[exit {}]", code.map_or("by a signal".to_owned(), |c| c.to_string()))),
    }
    lines
}

/// Splits a command at blanks; quotes of either kind keep blanks.
fn words(call: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in call.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// The lines that differ, with one line before and after.
fn difference(expected: &[&str], actual: &[String]) -> String {
    let same = |pair: &(&&str, &String)| *pair.0 == pair.1;
    let start = expected.iter().zip(actual).take_while(same).count();
    let rest = expected.len().min(actual.len()) - start;
    let end = expected
        .iter()
        .rev()
        .zip(actual.iter().rev())
        .take_while(same)
        .count()
        .min(rest);
    let mut text = String::new();
    if start > 0 {
        text.push_str(&format!("    {}\n", expected[start - 1]));
    }
    for line in &expected[start..expected.len() - end] {
        text.push_str(&format!("  - {line}\n"));
    }
    for line in &actual[start..actual.len() - end] {
        text.push_str(&format!("  + {line}\n"));
    }
    if end > 0 {
        text.push_str(&format!("    {}\n", expected[expected.len() - end]));
    }
    text
}
