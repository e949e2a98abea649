//! Walks all codes: numbers and names, headings, and the examples, which are run.
//!
//! In an explanation a `gl` fence is a file, `guideline.gl` where it gives no `file=NAME`; a `yaml` fence is a patient, a file
//! `patients.csv` a population; a fence of another language is a file if it has a name. *Bad* must give exactly the code that it explains, *Good* nothing at all,
//! apart from codes that the prose of the section names. A section without a file starts with `No example:` and the reason;
//! the verifier always has one.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on stops"
)]
#![cfg(feature = "cli")]

#[path = "support/examples.rs"]
mod examples;

use examples::{Page, files};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn numbers_and_names_are_unique() {
    let mut seen = BTreeSet::new();
    for code in gl::codes::all() {
        for word in [code.number, code.name] {
            assert!(seen.insert(word), "`{word}` is used twice");
        }
        let digits = code.number.strip_prefix("GL").unwrap_or_default();
        assert!(
            digits.len() == 3 && digits.chars().all(|c| c.is_ascii_digit()),
            "{} is not GL and three digits",
            code.number
        );
        assert!(
            code.name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
            "{} is not in kebab case",
            code.name
        );
    }
}

#[test]
fn titles_read_as_one_clause() {
    for code in gl::codes::all() {
        let title = code.title;
        assert!(
            !title.ends_with('.') && !title.contains('\n'),
            "{}: the title is one clause: {title}",
            code.number
        );
        assert!(
            !title.starts_with(|c: char| c.is_uppercase()),
            "{}: the title is lower case: {title}",
            code.number
        );
    }
}

#[test]
fn explanations_have_their_headings() {
    for code in gl::codes::all() {
        let page = Page::new(code);
        assert!(!page.first.trim().is_empty(), "{} has no first sentence", code.number);
        for heading in ["Why it matters", "Bad", "Good"] {
            assert!(
                page.sections.contains_key(heading),
                "{} has no heading `## {heading}`",
                code.number
            );
        }
    }
}

#[test]
fn examples_are_there_or_a_reason_why_not() {
    let mut failures = Vec::new();
    for code in gl::codes::all() {
        let page = Page::new(code);
        for heading in ["Bad", "Good"] {
            let section = page.sections.get(heading).map_or("", String::as_str);
            let reason = section.trim().strip_prefix("No example: ");
            let excused = heading == "Bad" && !code.number.starts_with("GL7") && reason.is_some_and(|r| r.len() > 20);
            if files(section).is_empty() && !excused {
                failures.push(format!("{} {}: *{heading}* has no example", code.number, code.name));
            }
        }
        let why = page
            .sections
            .get("Why it matters")
            .map_or(0, |text| text.split_whitespace().count());
        if code.number.starts_with("GL7") && why < 25 {
            failures.push(format!("{} {}: why does it matter in a clinic?", code.number, code.name));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn codes_are_found_by_number_and_by_name() {
    for code in gl::codes::all() {
        for text in [
            code.number.to_lowercase(),
            code.name.to_owned(),
            format!("error[{}]", code.number),
        ] {
            assert_eq!(gl::codes::find(&text).map(|c| c.number).ok(), Some(code.number), "{text}");
        }
    }
    assert!(gl::codes::find("no-such-code-at-all").is_err());
}

#[test]
fn examples_give_what_they_say() {
    let mut failures = Vec::new();
    for code in gl::codes::all() {
        let page = Page::new(code);
        for (heading, own) in [("Bad", Some(code.number.to_owned())), ("Good", None)] {
            let Some(section) = page.sections.get(heading) else { continue };
            let expected: BTreeSet<String> = mentioned(section).into_iter().chain(own).collect();
            let files = files(section);
            if files.is_empty() {
                continue;
            }
            let (found, printed) = run(&files);
            if found != expected {
                failures.push(format!(
                    "{} {}: *{heading}* gives {found:?}\n{printed}",
                    code.number, code.name
                ));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} examples are wrong:\n\n{}",
        failures.len(),
        failures.join("\n\n")
    );
}

/// What the codes of each hundred are about.
const STAGES: &[(&str, &str)] = &[
    ("GL0", "Reading"),
    ("GL1", "Names, types and units"),
    ("GL2", "Rules that contradict themselves"),
    ("GL4", "Clarity and citation"),
    ("GL5", "Patients and cases"),
    ("GL6", "Projects and allowances"),
    ("GL7", "All patients at once"),
    ("GL9", "Limits"),
];

/// `UPDATE=1 cargo test --test codes` writes the page of the handbook.
#[test]
fn the_handbook_has_every_finding() {
    let mut page = "# Every finding\n\n\
        Each finding of gl has a code. This page has all of them, with what they mean, why they matter, a bad and a good example; \
        `gl explain` prints the same. It is written by the tests from the program itself.\n"
        .to_owned();
    let codes = gl::codes::all();
    for (prefix, title) in STAGES {
        page.push_str(&format!("\n**{title}**\n\n"));
        for code in codes.iter().filter(|code| code.number.starts_with(prefix)) {
            let anchor = format!("{}-{}", code.number.to_lowercase(), code.name);
            page.push_str(&format!("- [{} {}](#{anchor}): {}\n", code.number, code.name, code.title));
        }
    }
    for code in &codes {
        assert!(
            STAGES.iter().any(|(prefix, _)| code.number.starts_with(prefix)),
            "{} is on no list",
            code.number
        );
        page.push_str(&format!(
            "\n## {} {}\n\n*{}: {}.*\n\n",
            code.number,
            code.name,
            code.severity.word(),
            code.title
        ));
        let mut in_example = false;
        for line in code.docs.lines() {
            let line = line.strip_prefix(' ').unwrap_or(line);
            in_example ^= line.starts_with("```");
            if line.starts_with("## ") && !in_example {
                page.push('#');
            }
            page.push_str(line);
            page.push('\n');
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/findings.md");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    let stale = written.lines().zip(page.lines()).find(|(old, new)| old != new);
    assert!(written == page, "docs/findings.md is stale, `UPDATE=1` writes it: {stale:?}");
}

/// The codes that checking, testing and evaluating the files give, and what was printed.
fn run(files: &[(String, String)]) -> (BTreeSet<String>, String) {
    static NUMBER: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("gl-codes-{}-{number}", std::process::id()));
    for (name, text) in files {
        let path: PathBuf = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let mut printed = gl(&folder, &["check", "--fail-level", "never"]);
    let checked = codes(&printed);
    let patients = files
        .iter()
        .filter(|(name, _)| name.ends_with(".yaml") || name.ends_with(".json"));
    for (name, _) in patients {
        printed.push_str(&gl(&folder, &["eval", "--case", name]));
    }
    for (name, _) in files.iter().filter(|(name, _)| name == "patients.csv") {
        printed.push_str(&gl(&folder, &["cohort", "--input", name, "--output", "-"]));
    }
    // Cases of guidelines that do not check are not run: their findings would come twice.
    if checked.is_empty()
        && files
            .iter()
            .any(|(name, text)| name.ends_with(".gl") && text.contains("case \""))
    {
        printed.push_str(&gl(&folder, &["test"]));
    }
    let _ = fs::remove_dir_all(&folder);
    (codes(&printed), printed)
}

fn gl(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_gl"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The codes that the prose of a section names.
fn mentioned(section: &str) -> BTreeSet<String> {
    let prose: Vec<&str> = section.split("```").step_by(2).collect();
    let prose = prose.join(" ");
    let words = prose.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .filter(|word| word.len() == 5 && word.starts_with("GL"))
        .map(str::to_owned)
        .collect()
}

/// Every `[GL101]` in a text.
fn codes(text: &str) -> BTreeSet<String> {
    let numbers = text.split("[GL").skip(1).filter_map(|rest| rest.get(..3));
    numbers
        .filter(|n| n.chars().all(|c| c.is_ascii_digit()))
        .map(|n| format!("GL{n}"))
        .collect()
}
