//! A hundred mistakes that authors make, sown into files that are right: is each of them reported where it is, and does the fix
//! that gl offers make the file right again?
//!
//! A page of `tests/mistakes` is one family. Its fences before the first section are files, and nothing is found in them. Each
//! section is one mistake: a `diff` fence that changes a file, and under it what gl says. A line of the diff that begins with
//! `!` is not changed, and is a place where the mistake may be reported as well; otherwise that is a line with `+`, or, where
//! something was only taken out, a line that the diff shows. `@` stands between two places of one file. An offered fix is applied where it is the only one of its finding,
//! and the files are right again when they read as before, or mean the same and nothing is found in them.
//!
//! `UPDATE=1 cargo test --test mistakes` rewrites what gl says; `PAGE=name` looks at the pages whose name contains the name.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on stops"
)]
#![cfg(feature = "cli")]

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Of a hundred mistakes so many are reported on the right line.
const REPORTED: usize = 95;
/// Of a hundred mistakes so many are mended by the offered fix.
const MENDED: usize = 80;

type Files = BTreeMap<String, String>;

#[test]
fn a_hundred_mistakes_are_reported_and_most_of_them_mended() {
    let update = std::env::var_os("UPDATE").is_some();
    let wanted = std::env::var("PAGE").unwrap_or_default();
    let mut pages: Vec<PathBuf> = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.retain(|page| page.to_string_lossy().contains(&wanted));
    pages.sort();
    let (mut all, mut reported, mut mended, mut stale) = (0, 0, 0, Vec::new());
    let mut rest = Vec::new();
    for path in &pages {
        let text = fs::read_to_string(path).unwrap();
        let page = Page::read(&text);
        let found = check(&page.files);
        assert!(
            found.is_empty(),
            "{}: the right files have findings: {found:?}",
            path.display()
        );
        let mut new = page.head.clone();
        for mistake in &page.mistakes {
            let said = mistake.judge(&page.files);
            all += 1;
            reported += usize::from(said.is_reported);
            mended += usize::from(said.is_mended);
            if !said.is_reported || !said.is_mended {
                rest.push(format!(
                    "{}: {}: {}",
                    path.file_stem().unwrap().display(),
                    mistake.title,
                    said.text
                ));
            }
            new.push_str(&format!("{}```text\n{}```\n", mistake.text, said.text));
        }
        if new != text {
            stale.push(path.display().to_string());
            if update {
                fs::write(path, &new).unwrap();
            }
        }
    }
    println!(
        "{all} mistakes, {reported} reported, {mended} mended; the others:\n{}",
        rest.join("")
    );
    assert!(
        update || stale.is_empty(),
        "gl says something else (UPDATE=1 accepts it): {stale:?}"
    );
    if wanted.is_empty() {
        assert!(all >= 100, "{all} mistakes are less than a hundred");
        assert!(
            reported * 100 >= REPORTED * all,
            "{reported} of {all} are reported on the right line"
        );
        assert!(
            mended * 100 >= MENDED * all,
            "{mended} of {all} are mended by the offered fix"
        );
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mistakes")
}

/// A family of mistakes.
struct Page {
    /// Everything before the first section.
    head: String,
    files: Files,
    mistakes: Vec<Mistake>,
}

struct Mistake {
    title: String,
    /// The section without what gl says.
    text: String,
    /// The file that is changed.
    file: String,
    /// The lines of the diff, each with its first character.
    lines: Vec<(char, String)>,
}

impl Page {
    fn read(text: &str) -> Self {
        let mut parts = text.split("\n## ");
        let head = format!("{}\n", parts.next().unwrap());
        let files: Files = fences(&head)
            .into_iter()
            .filter_map(|(info, body)| Some((attribute(&info, "file")?, body)))
            .collect();
        let mistakes = parts
            .map(|part| {
                let text = format!("\n## {part}");
                let text = text.split("```text\n").next().unwrap();
                let fences = fences(text);
                let (info, body) = fences.iter().find(|(info, _)| info.starts_with("diff")).unwrap();
                let line = |line: &str| {
                    let mark = line.chars().next().unwrap_or(' ');
                    (mark, line.get(1..).unwrap_or_default().to_owned())
                };
                Mistake {
                    title: part.lines().next().unwrap_or_default().to_owned(),
                    text: text.strip_prefix('\n').unwrap().trim_end().to_owned() + "\n\n",
                    file: attribute(info, "file").unwrap_or_else(|| "ward.gl".to_owned()),
                    lines: body.lines().map(line).collect(),
                }
            })
            .map(|mut mistake| {
                mistake.text.insert(0, '\n');
                mistake
            })
            .collect();
        Page {
            head: head.trim_end().to_owned() + "\n",
            files,
            mistakes,
        }
    }
}

/// The fences of a text: what stands behind the opening, and the body.
fn fences(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut is_open = false;
    for line in text.lines() {
        match (line.strip_prefix("```"), is_open) {
            (Some(info), false) => found.push((info.to_owned(), String::new())),
            (None, true) => {
                let body = &mut found.last_mut().unwrap().1;
                body.push_str(line);
                body.push('\n');
            }
            _ => {}
        }
        is_open ^= line.starts_with("```");
    }
    found
}

fn attribute(info: &str, name: &str) -> Option<String> {
    let mut words = info.split(' ');
    words.find_map(|word| word.strip_prefix(name)?.strip_prefix('=').map(str::to_owned))
}

/// What came of a mistake.
struct Said {
    is_reported: bool,
    is_mended: bool,
    text: String,
}

impl Mistake {
    fn judge(&self, right: &Files) -> Said {
        let (mut files, places) = self.sow(right);
        let found = check(&files);
        let here = found.iter().find(|finding| finding.touches(&self.file, &places));
        let Some(first) = here.or(found.first()) else {
            return Said {
                is_reported: false,
                is_mended: false,
                text: "nothing is found\n".to_owned(),
            };
        };
        let mut text = format!("{first}\n");
        let is_reported = here.is_some();
        if !is_reported {
            text.push_str("that is another place\n");
        }
        let mut next = first.clone();
        let mut is_mended = false;
        for _ in 0..5 {
            let [fix] = next.fixes.as_slice() else {
                text.push_str("no fix is offered, or several\n");
                break;
            };
            text.push_str(&format!("fix: {}\n", fix["title"].as_str().unwrap()));
            apply(&mut files, fix);
            let found = check(&files);
            match found.iter().find(|finding| finding.fixes.len() == 1).or(found.first()) {
                Some(finding) => {
                    text.push_str(&format!("then {finding}\n"));
                    next = finding.clone();
                }
                None => {
                    is_mended = is_same(right, &files);
                    text.push_str(if is_mended {
                        "right again\n"
                    } else {
                        "it means something else than before\n"
                    });
                    break;
                }
            }
        }
        Said {
            is_reported,
            is_mended: is_mended && is_reported,
            text,
        }
    }

    /// The files with the mistake, and the lines where it may be reported.
    fn sow(&self, right: &Files) -> (Files, Vec<usize>) {
        let mut lines: Vec<String> = right[&self.file].lines().map(str::to_owned).collect();
        let mut places: BTreeMap<char, Vec<usize>> = BTreeMap::new();
        for hunk in self.lines.split(|(mark, _)| *mark == '@') {
            let before: Vec<&String> = hunk.iter().filter(|(mark, _)| *mark != '+').map(|(_, line)| line).collect();
            let at: Vec<usize> = (0..=lines.len().saturating_sub(before.len()))
                .filter(|start| lines[*start..*start + before.len()].iter().eq(before.iter().copied()))
                .collect();
            assert_eq!(at.len(), 1, "{}: the lines of the diff stand at {at:?}", self.title);
            let mut new: Vec<String> = lines[..at[0]].to_vec();
            for (mark, line) in hunk.iter().filter(|(mark, _)| *mark != '-') {
                new.push(line.clone());
                places.entry(*mark).or_default().push(new.len());
            }
            new.extend(lines[at[0] + before.len()..].iter().cloned());
            lines = new;
        }
        let mut here: Vec<usize> = ['+', '!']
            .iter()
            .filter_map(|mark| places.get(mark))
            .flatten()
            .copied()
            .collect();
        if here.is_empty() {
            here = places.remove(&' ').unwrap_or_default();
        }
        let mut files = right.clone();
        files.insert(self.file.clone(), lines.join("\n") + "\n");
        (files, here)
    }
}

/// A finding as `gl check --format json` gives it.
#[derive(Debug, Clone)]
struct Finding {
    code: String,
    severity: String,
    message: String,
    /// File and lines of each label, the one to blame first.
    labels: Vec<(String, usize, usize)>,
    fixes: Vec<Value>,
}

impl Finding {
    fn touches(&self, file: &str, lines: &[usize]) -> bool {
        let touches = |(name, start, end): &(String, usize, usize)| name == file && lines.iter().any(|l| start <= l && l <= end);
        self.labels.iter().any(touches)
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = self
            .labels
            .first()
            .map(|(file, line, _)| format!("{file}:{line}: "))
            .unwrap_or_default();
        write!(f, "{place}{}[{}]: {}", self.severity, self.code, self.message)
    }
}

/// What is found in files, errors first; what is settled or allowed is left out.
fn check(files: &Files) -> Vec<Finding> {
    let output = run(files, &["check", "--format", "json", "--fail-level", "never"]);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut found: Vec<Finding> = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| f["severity"] != "note")
        .map(finding)
        .collect();
    found.sort_by_key(|f| f.severity != "error");
    found
}

fn finding(json: &Value) -> Finding {
    let text = |name: &str| json[name].as_str().unwrap().to_owned();
    let number = |json: &Value| usize::try_from(json.as_u64().unwrap()).unwrap();
    let mut labels: Vec<&Value> = json["labels"].as_array().unwrap().iter().collect();
    labels.sort_by_key(|label| label["primary"] != true);
    Finding {
        code: text("code"),
        severity: text("severity"),
        message: text("message"),
        labels: labels
            .iter()
            .map(|l| {
                (
                    l["file"].as_str().unwrap().to_owned(),
                    number(&l["line"]),
                    number(&l["end"]["line"]),
                )
            })
            .collect(),
        fixes: json["fixes"].as_array().unwrap().clone(),
    }
}

/// Applies a fix, from the last edit to the first.
fn apply(files: &mut Files, fix: &Value) {
    let mut edits: Vec<&Value> = fix["edits"].as_array().unwrap().iter().collect();
    let number = |json: &Value| usize::try_from(json.as_u64().unwrap()).unwrap();
    edits.sort_by_key(|edit| std::cmp::Reverse((number(&edit["line"]), number(&edit["column"]))));
    for edit in edits {
        let text = files.get_mut(edit["file"].as_str().unwrap()).unwrap();
        let byte = |line: usize, column: usize| -> usize {
            let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
            let rest = &text[start..];
            start + rest.char_indices().nth(column - 1).map_or(rest.len(), |(at, _)| at)
        };
        let start = byte(number(&edit["line"]), number(&edit["column"]));
        let end = byte(number(&edit["end"]["line"]), number(&edit["end"]["column"]));
        text.replace_range(start..end, edit["replacement"].as_str().unwrap());
    }
}

/// Whether files read the same, or mean the same.
fn is_same(right: &Files, files: &Files) -> bool {
    if right == files {
        return true;
    }
    let both: Files = right
        .iter()
        .map(|(name, text)| (format!("right/{name}"), text.clone()))
        .chain(files.iter().map(|(name, text)| (format!("wrong/{name}"), text.clone())))
        .collect();
    run(&both, &["diff", "--exit-status", "right", "wrong"]).status.code() == Some(0)
}

fn run(files: &Files, arguments: &[&str]) -> Output {
    static NUMBER: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("gl-mistakes-{}-{number}", std::process::id()));
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_gl"))
        .args(arguments)
        .current_dir(&folder)
        .output()
        .unwrap();
    let _ = fs::remove_dir_all(&folder);
    output
}
