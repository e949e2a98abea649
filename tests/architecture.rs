//! Compares the modules with the table of layers, and keeps a few other promises of the architecture.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on stops"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules from the ground up; each may import those before it.
///
/// Rows of the table in `src/ARCHITECTURE.md`, and within a row the order in which modules may use each other.
const LAYERS: &[&[&str]] = &[
    &["source", "limits", "suggest", "diagnostic"],
    &["ast", "syntax", "format"],
    &["model"],
    &["patient"],
    &["load"],
    &["eval"],
    &[
        "verify",
        "suite",
        "trace",
        "interview",
        "policy",
        "cohort",
        "compile",
        "codes",
        "fake",
    ],
    &["report"],
    &["guidelines", "desk"],
    &["cli"],
];

/// What only one module may mention.
const OWNERS: &[(&str, &str)] = &[
    ("pest", "syntax"),
    ("pest_derive", "syntax"),
    ("miette", "report"),
    ("codespan_reporting", "report"),
    ("minijinja", "report"),
    ("clap", "cli"),
    ("clap_complete", "cli"),
    ("clap_mangen", "cli"),
    ("indicatif", "cli"),
    ("notify_debouncer_full", "cli"),
    ("fastrand", "fake"),
    ("arrow_array", "cohort"),
    ("arrow_schema", "cohort"),
    ("gen_lsp_types", "cli"),
    ("anstream", "cli"),
    ("std::fs", "cli"),
    ("std::net", "cli"),
    ("std::process", "cli"),
    ("std::env", "cli"),
    ("println!", "cli"),
    ("eprintln!", "cli"),
];

/// Modules that import others of the crate only through this list, although the layers would allow more.
const ABSENCES: &[(&str, &str)] = &[("eval", "syntax"), ("eval", "ast")];

#[test]
fn modules_import_only_what_lies_below() {
    let order: Vec<&str> = LAYERS.iter().flat_map(|row| row.iter().copied()).collect();
    let rank = |module: &str| order.iter().position(|m| *m == module);
    let mut wrong = Vec::new();
    for file in sources() {
        let Some(own) = rank(&file.module) else {
            wrong.push(format!(
                "{}: module `{}` has no place in the table of layers",
                file.path, file.module
            ));
            continue;
        };
        for (line, target) in file.imports() {
            if rank(&target).is_some_and(|other| other > own) {
                wrong.push(format!(
                    "{}:{line}: `{}` must not import `{target}`, which lies above it",
                    file.path, file.module
                ));
            }
            if ABSENCES.contains(&(file.module.as_str(), target.as_str())) {
                wrong.push(format!("{}:{line}: `{}` must not import `{target}`", file.path, file.module));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn libraries_stay_where_they_belong() {
    let mut wrong = Vec::new();
    for file in sources() {
        for (word, owner) in OWNERS.iter().filter(|(_, owner)| *owner != file.module) {
            for (number, line) in file.code() {
                if mentions(line, word) {
                    wrong.push(format!("{}:{number}: only `{owner}` mentions `{word}`", file.path));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_unsafe() {
    for file in sources() {
        for (number, line) in file.code() {
            // The keyword, not a directive of a content security policy.
            let code = line.replace("'wasm-unsafe-eval'", "");
            assert!(!mentions(&code, "unsafe"), "{}:{number}: {line}", file.path);
        }
    }
}

#[test]
fn trees_and_diagnostics_are_not_serialised() {
    for file in sources().iter().filter(|f| f.module == "ast" || f.module == "diagnostic") {
        for (number, line) in file.code() {
            assert!(
                !mentions(line, "serde") && !mentions(line, "Serialize"),
                "{}:{number}: {line}",
                file.path
            );
        }
    }
}

#[test]
fn every_folder_says_what_it_must_not_know() {
    for file in sources().iter().filter(|f| f.path.ends_with("/mod.rs")) {
        let header: String = file.text.lines().take_while(|l| l.starts_with("//!")).collect();
        for part in ["In:", "Out:", "Must not know:"] {
            assert!(header.contains(part), "{} does not open with `{part}`", file.path);
        }
    }
}

struct Source {
    path: String,
    /// The first part of the path below `src`.
    module: String,
    text: String,
}

/// Every file of the library; `lib.rs` and `main.rs` join everything and are left out.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    let source = |path: &PathBuf| {
        let below = path.strip_prefix(&root).unwrap();
        let module = below
            .iter()
            .next()
            .unwrap()
            .to_string_lossy()
            .trim_end_matches(".rs")
            .to_owned();
        Source {
            path: format!("src/{}", below.display()),
            module,
            text: fs::read_to_string(path).unwrap(),
        }
    };
    paths
        .iter()
        .map(source)
        .filter(|s| s.module != "lib" && s.module != "main")
        .collect()
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, paths);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            paths.push(path);
        }
    }
}

impl Source {
    /// The numbered lines without comments and without the tests at the end of the file.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let numbered = self.text.lines().enumerate().map(|(i, line)| (i + 1, line));
        let code = numbered.take_while(|(_, line)| !line.starts_with("#[cfg(test)]"));
        code.filter(|(_, line)| !line.trim_start().starts_with("//"))
            .map(|(n, line)| (n, line.split(" // ").next().unwrap_or(line)))
    }

    /// The modules of the crate that are named after `crate::`, with the line.
    fn imports(&self) -> BTreeSet<(usize, String)> {
        let mut imports = BTreeSet::new();
        let lines: Vec<(usize, &str)> = self.code().collect();
        for (i, (number, line)) in lines.iter().enumerate() {
            for (at, _) in line.match_indices("crate::").filter(|(at, _)| !line[..*at].ends_with('$')) {
                let rest = &line[at + "crate::".len()..];
                if rest.starts_with('{') {
                    let group: String = rest
                        .chars()
                        .chain(lines[i + 1..].iter().flat_map(|(_, l)| l.chars()))
                        .collect();
                    imports.extend(heads(&group).into_iter().map(|name| (*number, name)));
                } else {
                    imports.insert((*number, head(rest)));
                }
            }
        }
        imports
    }
}

/// The first name of each path in `{a::b, c, d::{e, f}}`.
fn heads(group: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0;
    let mut name = String::new();
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if (depth == 1 && c == ',') || depth == 0 {
            names.push(head(name.trim()));
            name.clear();
        } else if depth >= 1 && !(depth == 1 && c == '{') {
            name.push(c);
        }
        if depth == 0 {
            break;
        }
    }
    names
}

fn head(path: &str) -> String {
    path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Whether `word` stands in `line` by itself.
fn mentions(line: &str, word: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}
