//! Files and calls that nobody should write, some by mistake and some on purpose: the program answers each of them, quickly,
//! in little memory, and with nothing in its output that could play tricks on a terminal.
//!
//! `GL_HOSTILE=print cargo test --test hostile -- --nocapture` shows what each of them gets.
#![cfg(all(feature = "cli", unix))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop"
)]

#[path = "support/folder.rs"]
mod folder;

use folder::Folder;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

// ─── Running the program ─────────────────────────────────────────────────────────────────────────────────────────────

struct Answer {
    exit: i32,
    stdout: String,
    stderr: String,
    wrong: Vec<String>,
}

/// The size of the largest file that is read.
const FULL: usize = gl::limits::FILE_BYTES;
/// The size of the largest case file that is read.
const FULL_CASE: usize = gl::limits::CASE_FILE_BYTES;
/// More than any of these calls may take; they are meant to take less than two seconds.
const PATIENCE: Duration = Duration::from_secs(90);
/// In kibibytes.
const MEMORY: usize = 1_000_000;

fn gl(folder: &Path, arguments: &[OsString]) -> Answer {
    let start = Instant::now();
    let output = Command::new("sh")
        .args([
            "-c",
            &format!("ulimit -v {MEMORY}; ulimit -t {}; exec \"$0\" \"$@\"", PATIENCE.as_secs()),
            env!("CARGO_BIN_EXE_gl"),
        ])
        .args(arguments)
        .env_remove("RUST_BACKTRACE")
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .expect("the program runs");
    let took = start.elapsed();
    let mut wrong = Vec::new();
    let exit = output.status.code().unwrap_or(-1);
    if let Some(signal) = output.status.signal() {
        wrong.push(format!("ended by signal {signal}"));
    }
    if !matches!(exit, 0 | 1 | 2 | 5) {
        wrong.push(format!(
            "exit {exit}: {}",
            String::from_utf8_lossy(&output.stderr).chars().take(600).collect::<String>()
        ));
    }
    if took > PATIENCE {
        wrong.push(format!("took {took:?}"));
    }
    let read = |bytes: Vec<u8>, name: &str, wrong: &mut Vec<String>| match String::from_utf8(bytes) {
        Ok(text) => {
            if let Some(c) = text.chars().find(|c| plays_tricks(*c)) {
                let line = text.lines().find(|l| l.contains(c)).unwrap_or_default();
                wrong.push(format!(
                    "{name} has {}: {}",
                    c.escape_unicode(),
                    line.escape_debug().to_string().chars().take(200).collect::<String>()
                ));
            }
            text
        }
        Err(_) => {
            wrong.push(format!("{name} is not UTF-8"));
            String::new()
        }
    };
    let stdout = read(output.stdout, "stdout", &mut wrong);
    let stderr = read(output.stderr, "stderr", &mut wrong);
    if printing() {
        println!(
            "{:>6} ms  {}",
            took.as_millis(),
            arguments
                .iter()
                .map(|a| a.to_string_lossy())
                .collect::<Vec<_>>()
                .join(" ")
                .escape_debug()
        );
    }
    Answer {
        exit,
        stdout,
        stderr,
        wrong,
    }
}

fn printing() -> bool {
    std::env::var("GL_HOSTILE").is_ok()
}

/// Control characters other than the line feed, and signs that turn the direction of writing.
fn plays_tricks(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

fn words(arguments: &[&str]) -> Vec<OsString> {
    arguments.iter().map(OsString::from).collect()
}

/// Code and line of each finding.
fn findings(json: &str) -> Option<Vec<(String, usize)>> {
    let json: serde_json::Value = serde_json::from_str(json).ok()?;
    let found = json.get("findings")?.as_array()?.iter().map(|finding| {
        let labels = finding["labels"].as_array().cloned().unwrap_or_default();
        let primary = labels.iter().find(|l| l["primary"] == true);
        let line = primary.map_or(0, |l| l["line"].as_u64().unwrap_or(0) as usize);
        (finding["code"].as_str().unwrap_or_default().to_owned(), line)
    });
    Some(found.collect())
}

// ─── Guidelines ──────────────────────────────────────────────────────────────────────────────────────────────────────

/// A file, and what `check` says of it.
struct File {
    name: String,
    bytes: Vec<u8>,
    exit: i32,
    /// Code and line of a finding that must be there; line 0 for any.
    finding: Option<(&'static str, usize)>,
}

const FACTS: &str = "fact a: yes/no\nfact b: yes/no\nfact age: quantity in years\naction m\nsource S \"Source\"\n";

fn file(name: &str, bytes: impl Into<Vec<u8>>) -> File {
    File {
        name: name.to_owned(),
        bytes: bytes.into(),
        exit: 0,
        finding: None,
    }
}

impl File {
    fn finds(mut self, code: &'static str, line: usize) -> File {
        self.exit = 1;
        self.finding = Some((code, line));
        self
    }
}

/// A file whose only rule, on line 6, has this condition.
fn when(name: &str, condition: &str) -> File {
    file(
        name,
        format!("{FACTS}when a and b and age over 1 years and ({condition}) then m cite S\n"),
    )
}

/// A file whose sixth line is this.
fn line6(name: &str, line: &str) -> File {
    file(
        name,
        format!("{FACTS}{line}\nwhen a and b and age over 1 years then m cite S\n"),
    )
}

fn utf16(text: &str, little: bool, mark: bool) -> Vec<u8> {
    let mark = mark.then_some(0xFEFF);
    let units = mark.into_iter().chain(text.encode_utf16());
    units
        .flat_map(|u| if little { u.to_le_bytes() } else { u.to_be_bytes() })
        .collect()
}

fn guidelines() -> Vec<File> {
    let good = format!("{FACTS}when a and b and age over 1 years then m cite S\n");
    let mut files = vec![
        // Encodings
        file("good", good.as_str()),
        file("utf16-le", utf16(&good, true, true)).finds("GL115", 1),
        file("utf16-be", utf16(&good, false, true)).finds("GL115", 1),
        file("utf16-le-no-mark", utf16("fact é: yes/no\n", true, false)).finds("GL115", 0),
        file("utf16-ascii-no-mark", utf16(&good, true, false)).finds("GL031", 1),
        file("latin1", b"# caf\xe9\nfact a: yes/no\n".to_vec()).finds("GL115", 1),
        file("latin1-later", b"fact a: yes/no\nfact b: yes/no \"caf\xe9\"\n".to_vec()).finds("GL115", 2),
        file("lone-continuation", b"fact a: yes/no\n\x80".to_vec()).finds("GL115", 2),
        file("overlong", b"fact \xc0\xaf: yes/no".to_vec()).finds("GL115", 1),
        file("surrogate", b"fact a: yes/no \"\xed\xa0\x80\"".to_vec()).finds("GL115", 1),
        file("cut-character", b"# caf\xc3".to_vec()).finds("GL115", 1),
        file("byte-ff", b"\xff".to_vec()).finds("GL115", 1),
        file("mark", format!("\u{feff}{good}")),
        file("two-marks", format!("\u{feff}\u{feff}{good}")).finds("GL027", 1),
        file("mark-inside", good.replace("fact b", "\u{feff}fact b")).finds("GL027", 2),
        file("crlf", good.replace('\n', "\r\n")),
        file("cr-only", good.replace('\n', "\r")),
        file("nul", good.replace("fact b", "fact\0b")).finds("GL031", 2),
        file("nul-only", vec![0; 100]).finds("GL031", 1),
        // Control and direction characters
        line6("escape-in-name", "fact x\u{1b}[31m: yes/no").finds("GL031", 6),
        line6("escape-in-text", "fact x: yes/no \"\u{1b}]0;title\u{7}\"").finds("GL031", 6),
        line6("escape-in-comment", "# \u{1b}[2J").finds("GL031", 6),
        line6("csi-c1", "# \u{9b}2J").finds("GL031", 6),
        line6("delete", "# \u{7f}").finds("GL031", 6),
        line6("backspace", "fact x\u{8}: yes/no").finds("GL031", 6),
        line6("vertical-tab", "fact\u{b}x: yes/no").finds("GL031", 6),
        line6("form-feed", "\u{c}").finds("GL031", 6),
        line6("next-line", "# \u{85}").finds("GL031", 6),
        line6("rlo-in-comment", "# \u{202e} then avoid m").finds("GL032", 6),
        line6("rlo-in-text", "fact x: yes/no \"\u{202e}sey\"").finds("GL032", 6),
        line6("rlo-in-name", "fact x\u{202e}y: yes/no").finds("GL032", 6),
        line6("isolate", "# \u{2066}x\u{2069}").finds("GL032", 6),
        line6("left-to-right-mark", "# \u{200e}").finds("GL032", 6),
        line6("arabic-mark", "# \u{61c}").finds("GL032", 6),
        line6("line-separator", "fact\u{2028}x: yes/no").finds("GL027", 6),
        line6("zero-width", "fact x\u{200b}y: yes/no").finds("GL027", 6),
        line6("no-break", "fact\u{a0}x: yes/no").finds("GL027", 6),
        line6("tag-characters", "fact x\u{e0061}: yes/no").finds("GL030", 6),
        line6("private-use", "fact x\u{e000}: yes/no").finds("GL030", 6),
        // Look-alikes and forms
        when("cyrillic-a", "\u{430}").finds("GL029", 6),
        when("greek-o", "\u{3bf}ver").finds("GL029", 6),
        when("fullwidth", "\u{ff41}").finds("GL029", 6),
        when("roman-numeral", "\u{2170}").finds("GL030", 6),
        when("superscript", "age over 5\u{b2} years").finds("GL030", 6),
        when("fullwidth-digit", "age over \u{ff15} years").finds("GL029", 6),
        when("arabic-digit", "age over \u{665} years").finds("GL030", 6),
        line6("not-normal", "fact x: yes/no \"cafe\u{301}\"").finds("GL033", 6),
        line6("accented-name", "fact caf\u{e9}: yes/no").finds("GL030", 6),
        line6("emoji", "fact \u{1f9e0}: yes/no").finds("GL030", 6),
        line6("many-accents", &format!("# a{}", "\u{301}".repeat(10_000))),
        line6(
            "many-accents-in-text",
            &format!("note \"a{}\" cite S", "\u{301}".repeat(8_000)),
        )
        .finds("GL033", 6),
        line6("curly", "fact x: yes/no \u{201c}label\u{201d}").finds("GL026", 6),
        line6("em-dash", "note \"x\" cite S from A\u{2014}1").finds("GL028", 6),
        // Nesting
        when("parentheses-63", &nested("(", "a", ")", 62)),
        when("parentheses-64", &nested("(", "a", ")", 63)),
        when("parentheses-65", &nested("(", "a", ")", 64)).finds("GL902", 6),
        when("parentheses-10000", &nested("(", "a", ")", 10_000)).finds("GL902", 6),
        when("parentheses-1000000", &nested("(", "a", ")", 1_000_000)).finds("GL902", 6),
        when("parentheses-open", &"(".repeat(10_000)).finds("GL902", 6),
        when("parentheses-close", &")".repeat(10_000)).finds("GL044", 6),
        when("not-63", &format!("{}a", "not ".repeat(63))),
        when("not-64", &format!("{}a", "not ".repeat(64))).finds("GL902", 6),
        when("not-10000", &format!("{}a", "not ".repeat(10_000))).finds("GL902", 6),
        when("any-of-10000", &nested("any of (", "a", ")", 10_000)).finds("GL902", 6),
        when("square-10000", &"[".repeat(10_000)).finds("GL902", 6),
        when("wide", &vec!["a"; 50_000].join(" and ")),
        when("wide-or", &format!("any of ({})", vec!["b"; 50_000].join(", "))),
        when("alternating", &vec!["a and b"; 5_000].join(" or ")).finds("GL009", 6),
        when("at-least-many", &format!("at least 4000000000 of ({})", ["a"; 10].join(", "))).finds("GL143", 6),
        when("at-least-huge", "at least 99999999999999999999 of (a, b)").finds("GL905", 6),
        when("at-least-0", "at least 0 of (a, b)").finds("GL143", 6),
        when("at-least-fraction", "at least 1.5 of (a, b)").finds("GL138", 6),
        // Numbers
        when("number-18-digits", "age under 999999999999999999 years"),
        when("number-19-digits", "age under 9999999999999999999 years").finds("GL905", 6),
        when("number-1000-digits", &format!("age under {} years", "9".repeat(1_000))).finds("GL905", 6),
        when("number-small", "age over 0.00000000000000001 years"),
        when("exponent", "age over 1e2 years").finds("GL001", 6),
        when("huge-exponent", "age over 1e400 years").finds("GL001", 6),
        when("nan", "age over NaN years").finds("GL001", 6),
        when("infinity", "age over Infinity").finds("GL137", 6),
        when("hexadecimal", "age over 0x10 years").finds("GL001", 6),
        when("underscore", "age over 1_000 years").finds("GL001", 6),
        when("leading-zero", "age over 012 years"),
        when("trailing-zero", "age over 1.10 years"),
        when("no-digit-after-point", "age over 5. years").finds("GL001", 6),
        when("no-digit-before-point", "age over .5 years").finds("GL001", 6),
        when("decimal-comma", "age over 1,5 years").finds("GL015", 6),
        when("thousands", "age over 1,000 years").finds("GL015", 6),
        when("negative", "age over -5 years").finds("GL042", 6),
        when("plus", "age over +5 years").finds("GL004", 6),
        when("percent", "age over 5%").finds("GL018", 6),
        line6("year-zero", "when age over 2 years and a then m within 0 days cite S"),
        line6("reference-huge", "when age over 2 years and a then m cite S [4294967296]").finds("GL138", 6),
        line6("line-huge", "when age over 2 years and a then m line 99999999999 cite S").finds("GL138", 6),
        line6(
            "deadline-huge",
            "when age over 2 years and a then m within 999999999999 years cite S",
        )
        .finds("GL139", 6),
        // Sizes
        file("empty", ""),
        file("one-newline", "\n"),
        file("one-letter", "x").finds("GL036", 1),
        file("one-quote", "\"").finds("GL025", 1),
        file("one-bracket", "(").finds("GL036", 1),
        file("one-comment", "#"),
        file("one-backslash", "\\").finds("GL036", 1),
        file("full-of-letter", "x".repeat(FULL)).finds("GL903", 1),
        file("full-of-blank", " ".repeat(FULL)),
        file("full-of-newline", "\n".repeat(FULL)),
        file("full-of-quote", "\"".repeat(FULL)).finds("GL036", 1),
        file("full-of-bracket", "(".repeat(FULL)).finds("GL902", 1),
        file("full-of-not", "not ".repeat(FULL / 4)).finds("GL902", 1),
        file("full-of-digit", "9".repeat(FULL)).finds("GL905", 1),
        file("full-of-hash", "#".repeat(FULL)),
        file("full-of-nul", vec![0; FULL]).finds("GL031", 1),
        file("full-of-accent", "\u{301}".repeat(FULL / 2)).finds("GL030", 1),
        file("full-of-curly", "\u{201c}".repeat(FULL / 3)).finds("GL025", 1),
        file("full-of-when", "when ".repeat(FULL / 5)).finds("GL001", 1),
        file("too-large", "#".repeat(FULL + 1)).finds("GL901", 1),
        file("much-too-large", "# padding\n".repeat(FULL)).finds("GL901", 1),
        file("too-large-accent", format!("#{}", "\u{e9}".repeat(FULL))).finds("GL901", 1),
        file("too-large-accents", "\u{e9}".repeat(FULL)).finds("GL901", 1),
        file(
            "long-line",
            format!(
                "{FACTS}when a and b and age over 1 years{} then m cite S at_the_end\n",
                " ".repeat(100_000)
            ),
        )
        .finds("GL103", 6),
        file(
            "long-line-of-letters",
            format!("{FACTS}# {}\u{7}\n", "\u{e9}".repeat(100_000)),
        )
        .finds("GL031", 6),
        file(
            "10000-errors",
            format!("{FACTS}{}", "when x_y then m cite S\n".repeat(10_000)),
        )
        .finds("GL101", 6),
        file(
            "10000-syntax-errors",
            format!("{FACTS}{}", "wehn a then m cite S\n".repeat(10_000)),
        )
        .finds("GL002", 6),
        file("10000-lines-of-nothing", "then then then\n".repeat(10_000)).finds("GL036", 1),
        file("10000-duplicates", "fact a: yes/no\n".repeat(10_000)).finds("GL108", 2),
        file(
            "unclosed-quote",
            format!("{FACTS}note \"never closed\nwhen a then m cite S\n"),
        )
        .finds("GL025", 6),
        file(
            "10000-unclosed-quotes",
            format!("{FACTS}{}", "note \"never closed\n".repeat(10_000)),
        )
        .finds("GL025", 6),
        file("quote-at-end", format!("{FACTS}note \"")).finds("GL025", 6),
        file("backslash-at-end", format!("{FACTS}note \"\\")).finds("GL025", 6),
        line6("name-128", &format!("fact {}: yes/no", "x".repeat(128))),
        line6("name-129", &format!("fact {}: yes/no", "x".repeat(129))).finds("GL903", 6),
        line6("name-100000", &format!("fact {}: yes/no", "x".repeat(100_000))).finds("GL903", 6),
        line6("text-8192", &format!("note \"{}\" cite S", "x".repeat(8_190))),
        line6("text-9000", &format!("note \"{}\" cite S", "x".repeat(9_000))).finds("GL904", 6),
        // Names that lead elsewhere
        file("use-itself", "use use-itself\n").finds("GL036", 1),
        file("uses_itself", "use uses_itself\n").finds("GL113", 1),
        file("use-outside", "use ../outside\n").finds("GL001", 1),
        file("use-absolute", "use /etc/passwd\n").finds("GL001", 1),
        file("use-missing", "use no_such_file\n").finds("GL114", 1),
        file(
            "use-many",
            format!("use {}\n", (0..2_000).map(|n| format!("n{n}")).collect::<Vec<_>>().join(", ")),
        )
        .finds("GL114", 1),
        line6("statements-outside", "source T \"T\" statements \"../../etc/passwd\"").finds("GL117", 6),
        line6("statements-absolute", "source T \"T\" statements \"/etc/passwd\"").finds("GL117", 6),
        line6("statements-itself", "source T \"T\" statements \"statements-itself.gl\"").finds("GL117", 6),
        // What grows when it is worked out
        line6("assumption-explodes", &explosion(20)).finds("GL950", 6),
        line6(
            "assumption-chooses",
            &format!("assume at least 20 of ({}) implies a", vec!["b"; 40].join(", ")),
        )
        .finds("GL950", 6),
        file("assumptions-explode-together", together(70)).finds("GL950", 108),
        file("definitions-double", doubling(40)),
        file(
            "definitions-circle",
            format!("{FACTS}define x: y\ndefine y: x\nwhen a and b and x and age over 1 years then m cite S\n"),
        )
        .finds("GL111", 6),
        file("actions-circle", "action x is y\naction y is x\n").finds("GL112", 1),
        file(
            "actions-deep",
            (0..3_000)
                .map(|n| {
                    if n == 0 {
                        "action x0\n".to_owned()
                    } else {
                        format!("action x{n} is x{}\n", n - 1)
                    }
                })
                .collect::<String>(),
        ),
        file(
            "overrides-circle",
            format!("{FACTS}rule x: when a then m cite S overrides y\nrule y: when b then avoid m cite S overrides x\n"),
        )
        .finds("GL202", 6),
    ];
    files.push(file("deep-definitions", deep_definitions(5_000)));
    files
}

fn nested(open: &str, inside: &str, close: &str, levels: usize) -> String {
    format!("{}{inside}{}", open.repeat(levels), close.repeat(levels))
}

/// An implication from an alternative of conjunctions: as clauses it has two to the power of `parts`.
fn explosion(parts: usize) -> String {
    format!("assume a implies any of ({})", vec!["(a and b)"; parts].join(", "))
}

/// Assumptions of two parts each, of which any two say something together of everybody whose age is not known.
fn together(count: usize) -> String {
    let facts = |name: &str| (0..count).map(|n| format!("{name}{n}")).collect::<Vec<_>>().join(", ");
    let mut text = format!(
        "{FACTS}fact old: any of {}\nfact young: any of {}\n",
        facts("old"),
        facts("young")
    );
    for n in 0..count {
        text.push_str(&format!("assume age at least 50 years implies old includes old{n}\n"));
        text.push_str(&format!("assume age under 50 years implies young includes young{n}\n"));
    }
    text + "when a and b and age over 1 years then m cite S\n"
}

/// Definitions each of which names the one before twice.
fn doubling(count: usize) -> String {
    let mut text = format!("{FACTS}define d0: a or b\n");
    for n in 1..count {
        text.push_str(&format!("define d{n}: (d{0} and a) or (d{0} and b)\n", n - 1));
    }
    text + &format!("when d{} and age over 1 years then m cite S\n", count - 1)
}

/// Definitions each of which names the one before: a chain as long as it likes, at no depth at all in the text.
fn deep_definitions(count: usize) -> String {
    let mut text = format!("{FACTS}define d0: a or b\n");
    for n in 1..count {
        text.push_str(&format!("define d{n}: not d{}\n", n - 1));
    }
    text + &format!("when d{} and age over 1 years then m cite S\n", count - 1)
}

#[test]
fn hostile_guidelines_are_answered() {
    let folder = Folder::new("guidelines");
    let mut wrong = Vec::new();
    let files = guidelines();
    for file in &files {
        let name = format!("{}.gl", file.name);
        folder.write(&name, &file.bytes);
        // Huge files take long enough once.
        let formats: &[&str] = if file.bytes.len() > 1 << 19 {
            &["json"]
        } else {
            &["json", "text", "short", "github"]
        };
        for format in formats {
            let answer = gl(&folder.0, &words(&["check", &name, "--format", format]));
            wrong.extend(answer.wrong.iter().map(|w| format!("{name} as {format}: {w}")));
            if *format == "json" {
                match findings(&answer.stdout) {
                    Some(found) => wrong.extend(unexpected(file, answer.exit, &found)),
                    None => wrong.push(format!("{name}: standard output is no JSON")),
                }
            } else if answer.exit != file.exit {
                wrong.push(format!("{name} as {format}: exit {}", answer.exit));
            }
        }
        if file.exit == 0 && file.finding.is_none() && file.bytes.len() < 1 << 19 {
            let answer = gl(&folder.0, &words(&["eval", &name, "--fact", "a", "--fact", "b=no"]));
            wrong.extend(answer.wrong.iter().map(|w| format!("eval {name}: {w}")));
        }
        let _ = fs::remove_file(folder.0.join(&name));
    }
    assert!(
        wrong.is_empty(),
        "{} of {} files:\n{}",
        wrong.len(),
        files.len(),
        wrong.join("\n")
    );
}

fn unexpected(file: &File, exit: i32, found: &[(String, usize)]) -> Option<String> {
    let is_there = file
        .finding
        .is_none_or(|(code, line)| found.iter().any(|(c, l)| c == code && (line == 0 || *l == line)));
    if printing() {
        let first: Vec<_> = found.iter().take(4).collect();
        println!("           exit {exit}, {} findings: {first:?}", found.len());
    }
    (exit != file.exit || !is_there).then(|| {
        let first: Vec<_> = found.iter().take(6).collect();
        format!(
            "{}: expected exit {} and {:?}, got exit {exit} and {first:?}",
            file.name, file.exit, file.finding
        )
    })
}

// ─── Records ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const LIBRARY: &str = "\
fact on: yes/no
fact off: yes/no
fact level: one of mild < moderate < severe
fact signs: any of motor, sensory
fact onset: date
fact lasting: time since onset
fact age: quantity in years range 0 years..130 years
fact weight: quantity in \"kg\"
fact visits: count
action m
source S \"Source\"
rule on: when on then m cite S
rule off: when not off then m cite S
rule late: when lasting at least 6 weeks then m cite S
rule fifty: when age at least 50 years then m cite S
rule heavy: when weight at least 50 \"kg\" then m cite S
rule often: when visits at least 8 then m cite S
rule severe: when level is severe then m cite S
rule motor: when signs includes motor then m cite S
rule signs: when signs then m cite S
rule early: when onset under 2026-01-01 then m cite S
";

/// What `eval` says of a record.
enum Says {
    /// Exactly these rules fire.
    Fires(&'static [&'static str]),
    Refuses(&'static str),
}
use Says::{Fires, Refuses};

/// A record in YAML under `facts:`, with a date of evaluation.
fn facts(lines: &str) -> String {
    let lines: String = lines.lines().map(|l| format!("  {l}\n")).collect();
    format!("as_of: 2026-02-01\nfacts:\n{lines}")
}

fn one(name: &str, line: &str, says: Says) -> (String, Vec<u8>, Says) {
    (format!("{name}.yaml"), facts(line).into_bytes(), says)
}

fn whole(name: &str, bytes: impl Into<Vec<u8>>, says: Says) -> (String, Vec<u8>, Says) {
    (name.to_owned(), bytes.into(), says)
}

fn records() -> Vec<(String, Vec<u8>, Says)> {
    let mut lol = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for n in 1..12 {
        lol.push_str(&format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(", ")));
    }
    vec![
        // YAML's own ideas
        one("yes", "on: yes", Fires(&["on"])),
        one("true", "on: true", Fires(&["on"])),
        one("quoted-yes", "on: \"yes\"", Fires(&["on"])),
        one("no", "off: no", Fires(&["off"])),
        one("false", "off: false", Fires(&["off"])),
        one("absent", "off: absent", Fires(&["off"])),
        one("unknown", "on: unknown", Fires(&[])),
        one("on", "on: on", Refuses("GL505")),
        one("off", "off: off", Refuses("GL505")),
        one("y", "on: y", Refuses("GL505")),
        one("capital-yes", "on: Yes", Refuses("GL505")),
        one("capitals-no", "off: NO", Refuses("GL505")),
        one("number-1", "on: 1", Refuses("GL505")),
        one("tilde", "on: ~", Refuses("GL506")),
        one("null", "on: null", Refuses("GL506")),
        one("capital-null", "on: NULL", Refuses("GL506")),
        one("nothing", "on:", Refuses("GL506")),
        one("empty-text", "on: \"\"", Refuses("GL506")),
        one("level", "level: severe", Fires(&["severe"])),
        one("level-other", "level: sever", Refuses("GL505")),
        one("level-number", "level: 3", Refuses("GL505")),
        one("set", "signs: [motor]", Fires(&["motor", "signs"])),
        one("set-empty", "signs: []", Fires(&[])),
        one("set-open", "signs: {sensory: yes}", Fires(&["signs"])),
        one("set-text", "signs: motor", Refuses("GL505")),
        one("set-nested", "signs: [[motor]]", Refuses("GL505")),
        one("set-twice", "signs: [motor, motor]", Refuses("GL504")),
        one("set-key-twice", "signs: {motor: yes, motor: no}", Refuses("GL504")),
        one("set-null", "signs: [~]", Refuses("GL505")),
        one("list-for-yes", "on: [yes]", Refuses("GL505")),
        one("map-for-yes", "on: {yes: yes}", Refuses("GL505")),
        // Numbers
        one("age", "age: 50 years", Fires(&["fifty"])),
        one("age-below", "age: 49.9999999999999999 years", Fires(&[])),
        one("age-months", "age: 600 months", Fires(&["fifty"])),
        one("age-days-below", "age: 18262 days", Fires(&[])),
        one("age-days", "age: 18262.5 days", Fires(&["fifty"])),
        one(
            "age-doubles-would-round",
            "age: 49.999999999999999999999 years",
            Refuses("GL508"),
        ),
        one("no-unit", "age: 50", Refuses("GL507")),
        one("other-dimension", "age: 50 kg", Refuses("GL507")),
        one("no-such-unit", "age: 50 yeers", Refuses("GL507")),
        one("range-end", "age: 130 years", Fires(&["fifty"])),
        one("out-of-range", "age: 131 years", Refuses("GL508")),
        one("negative", "age: -50 years", Refuses("GL505")),
        one("plus", "age: +50 years", Refuses("GL505")),
        one("exponent", "weight: 5e1 kg", Refuses("GL505")),
        one("huge-exponent", "weight: 1e400 kg", Refuses("GL505")),
        one("nan", "weight: .nan", Refuses("GL505")),
        one("nan-kg", "weight: NaN kg", Refuses("GL505")),
        one("infinity", "weight: .inf", Refuses("GL505")),
        one("hexadecimal", "visits: 0x10", Refuses("GL505")),
        one("octal", "visits: 0o17", Refuses("GL505")),
        one("octal-looking", "visits: 010", Refuses("GL505")),
        one("leading-zero", "weight: 050 kg", Refuses("GL505")),
        one("underscore", "visits: 1_000", Refuses("GL505")),
        one("sexagesimal", "visits: 1:30", Refuses("GL505")),
        one("fraction-count", "visits: 8.0", Refuses("GL505")),
        one("negative-count", "visits: -8", Refuses("GL505")),
        one("count", "visits: 8", Fires(&["often"])),
        one("count-quoted", "visits: \"8\"", Fires(&["often"])),
        one("count-huge", "visits: 999999999999999999", Fires(&["often"])),
        one("count-too-huge", "visits: 9999999999999999999", Refuses("GL508")),
        one(
            "count-100000-digits",
            &format!("visits: {}", "9".repeat(100_000)),
            Refuses("GL508"),
        ),
        one("trailing-zero", "weight: 50.10 kg", Fires(&["heavy"])),
        one("decimal-comma", "weight: 50,5 kg", Refuses("GL505")),
        one("no-blank", "weight: 50kg", Fires(&["heavy"])),
        one("grams", "weight: 49999 g", Fires(&[])),
        one("grams-on-it", "weight: 50000 g", Fires(&["heavy"])),
        one("pounds", "weight: 110 \"[lb_av]\"", Fires(&[])),
        one("arabic-digits", "visits: \u{668}", Refuses("GL505")),
        // Time
        one("six-weeks", "lasting: 6 weeks", Fires(&["late"])),
        one("42-days", "lasting: 42 days", Fires(&["late"])),
        one("41-days", "lasting: 41 days", Fires(&[])),
        one("hours-below", "lasting: 1007 hours", Fires(&[])),
        one("hours", "lasting: 1008 hours", Fires(&["late"])),
        one("42-days-by-date", "onset: 2025-12-21", Fires(&["late", "early"])),
        one("41-days-by-date", "onset: 2025-12-22", Fires(&["early"])),
        one("date-quoted", "onset: \"2025-12-21\"", Fires(&["late", "early"])),
        one(
            "date-and-weeks",
            "onset: 2025-12-18\nlasting: 6 weeks",
            Fires(&["late", "early"]),
        ),
        one("date-against-weeks", "onset: 2025-12-18\nlasting: 7 weeks", Refuses("GL553")),
        one("date-future", "onset: 2026-02-02", Refuses("GL551")),
        one("date-today", "onset: 2026-02-01", Fires(&[])),
        one("date-impossible", "onset: 2025-02-29", Refuses("GL505")),
        one("date-month-13", "onset: 2025-13-01", Refuses("GL505")),
        one("date-year-0", "onset: 0000-01-01", Fires(&["late", "early"])),
        one("date-german", "onset: 21.12.2025", Refuses("GL505")),
        one("date-time", "onset: 2025-12-21T00:00:00Z", Refuses("GL505")),
        one("date-short", "onset: 2025-1-1", Refuses("GL505")),
        whole("no-as-of.yaml", "facts:\n  onset: 2025-12-21\n", Refuses("GL552")),
        whole("as-of-impossible.yaml", "as_of: 2026-02-30\nfacts: {}\n", Refuses("GL505")),
        whole("as-of-list.yaml", "as_of: [2026-02-01]\nfacts: {}\n", Refuses("GL505")),
        // Keys
        one("twice", "on: yes\non: no", Refuses("GL504")),
        one("twice-quoted", "on: yes\n\"on\": yes", Refuses("GL504")),
        one("no-such-fact", "of: yes", Refuses("GL503")),
        one("capital-fact", "On: yes", Refuses("GL503")),
        whole("key-twice.yaml", "facts: {on: yes}\nfacts: {off: no}\n", Refuses("GL504")),
        whole("no-such-key.yaml", "fact: {on: yes}\n", Refuses("GL502")),
        whole("fact-at-top.yaml", "on: yes\n", Refuses("GL502")),
        whole("unlisted-no.yaml", "unlisted: no\nfacts: {}\n", Fires(&["off"])),
        whole("unlisted-false.yaml", "unlisted: false\nfacts: {}\n", Refuses("GL509")),
        whole("unlisted-yes.yaml", "unlisted: yes\nfacts: {}\n", Refuses("GL509")),
        one("list-key", "[on]: yes", Refuses("GL509")),
        one("question-key", "? on\n: yes", Fires(&["on"])),
        // YAML beyond names and values
        whole("laughs.yaml", format!("{lol}facts: {{}}\n"), Refuses("GL511")),
        one("anchor", "on: &x yes", Refuses("GL511")),
        one("alias", "on: &x yes\noff: *x", Refuses("GL511")),
        one("alias-to-nothing", "on: *x", Refuses("GL501")),
        one("tag", "on: !!bool yes", Refuses("GL511")),
        one("tag-own", "on: !x yes", Refuses("GL511")),
        one("merge-key", "<<: {on: yes}", Refuses("GL511")),
        one("block", "on: |\n  yes", Refuses("GL511")),
        one("folded", "on: >\n  yes", Refuses("GL511")),
        whole(
            "two-documents.yaml",
            "facts: {on: yes}\n---\nfacts: {off: no}\n",
            Refuses("GL511"),
        ),
        whole("marked-document.yaml", "---\nfacts: {on: yes}\n...\n", Fires(&["on"])),
        whole("directive.yaml", "%YAML 1.1\n---\nfacts: {on: yes}\n", Fires(&["on"])),
        whole("tab.yaml", "facts:\n\ton: yes\n", Refuses("GL501")),
        whole("list.yaml", "- on\n", Refuses("GL509")),
        whole("text.yaml", "on\n", Refuses("GL509")),
        whole("facts-list.yaml", "facts: [on]\n", Refuses("GL509")),
        whole("facts-null.yaml", "facts: ~\n", Refuses("GL509")),
        whole("facts-nothing.yaml", "facts:\n", Fires(&[])),
        whole("unclosed.yaml", "facts: {on: yes\n", Refuses("GL501")),
        whole("unclosed-quote.yaml", "facts:\n  on: \"yes\n", Refuses("GL501")),
        // JSON
        whole("good.json", "{\"facts\": {\"on\": true}}", Fires(&["on"])),
        whole("null.json", "{\"facts\": {\"on\": null}}", Refuses("GL506")),
        whole("twice.json", "{\"facts\": {\"on\": true, \"on\": false}}", Refuses("GL504")),
        whole("top-twice.json", "{\"facts\": {}, \"facts\": {}}", Refuses("GL504")),
        whole(
            "escaped-twice.json",
            "{\"facts\": {\"on\": true, \"\\u006fn\": false}}",
            Refuses("GL504"),
        ),
        whole("number.json", "{\"facts\": {\"visits\": 8}}", Fires(&["often"])),
        whole("number-for-quantity.json", "{\"facts\": {\"age\": 50}}", Refuses("GL507")),
        whole("exponent.json", "{\"facts\": {\"visits\": 1e1}}", Refuses("GL505")),
        whole("escape.json", "{\"facts\": {\"on\\u001b[31m\": true}}", Refuses("GL503")),
        whole(
            "escape-value.json",
            "{\"facts\": {\"level\": \"\\u001b]0;x\\u0007\\u202e\"}}",
            Refuses("GL505"),
        ),
        whole(
            "lone-surrogate.json",
            "{\"facts\": {\"level\": \"\\ud800\"}}",
            Refuses("GL501"),
        ),
        whole("brackets-64.json", nested("[", "", "]", 64), Refuses("GL509")),
        whole("brackets-65.json", nested("[", "", "]", 65), Refuses("GL961")),
        whole("brackets-10000.json", nested("[", "", "]", 10_000), Refuses("GL501")),
        whole("brackets-open.json", "[".repeat(1_000_000), Refuses("GL501")),
        whole(
            "braces-10000.json",
            format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000)),
            Refuses("GL961"),
        ),
        whole("dashes-10000.yaml", "- ".repeat(10_000), Refuses("GL961")),
        whole("colons.yaml", ": ".repeat(10_000), Refuses("GL961")),
        whole("questions.yaml", "? ".repeat(10_000), Refuses("GL961")),
        // Bytes
        whole("empty.yaml", "", Refuses("GL510")),
        whole("comment.yaml", "# nothing\n", Refuses("GL510")),
        whole("braces.json", "{}", Refuses("GL510")),
        whole("byte.yaml", "x", Refuses("GL509")),
        whole("mark.yaml", "\u{feff}facts: {on: yes}\n", Fires(&["on"])),
        whole("crlf.yaml", "facts:\r\n  on: yes\r\n", Fires(&["on"])),
        whole("utf16.yaml", utf16("facts: {on: yes}\n", true, true), Refuses("GL513")),
        whole("latin1.yaml", b"facts: {on: \xe9}\n".to_vec(), Refuses("GL513")),
        whole("nul.yaml", "facts: {on: \0}\n", Refuses("GL512")),
        whole("escape.yaml", "facts: {on: \u{1b}[31m}\n", Refuses("GL512")),
        whole("rlo.yaml", "facts: {on: \u{202e}sey}\n", Refuses("GL512")),
        whole("rlo-comment.yaml", "facts: {on: yes} # \u{202e}\n", Refuses("GL512")),
        whole("zero-width.yaml", "facts: {o\u{200b}n: yes}\n", Refuses("GL503")),
        whole("cyrillic.yaml", "facts: {\u{43e}n: yes}\n", Refuses("GL503")),
        whole("full-of-letter.yaml", "x".repeat(FULL_CASE), Refuses("GL509")),
        whole("full-of-bracket.yaml", "[".repeat(FULL_CASE), Refuses("GL501")),
        whole("full-of-brace.yaml", "{".repeat(FULL_CASE), Refuses("GL501")),
        whole("full-of-blank.yaml", " ".repeat(FULL_CASE), Refuses("GL510")),
        whole("full-of-quote.yaml", "\"".repeat(FULL_CASE), Refuses("GL501")),
        whole("full-of-dash.yaml", "-".repeat(FULL_CASE), Refuses("GL509")),
        whole("too-large.yaml", "#\n".repeat(FULL_CASE), Refuses("GL960")),
        whole(
            "many-keys.yaml",
            facts(&(0..50_000).map(|n| format!("k{n}: yes\n")).collect::<String>()),
            Refuses("GL503"),
        ),
        whole(
            "too-large-accent.yaml",
            format!("#{}", "\u{e9}".repeat(FULL_CASE)),
            Refuses("GL960"),
        ),
        whole("too-large-accents.yaml", "\u{e9}".repeat(FULL_CASE), Refuses("GL960")),
        whole("many-keys-twice.yaml", facts(&"on: yes\n".repeat(100_000)), Refuses("GL504")),
        whole(
            "long-line.json",
            format!("{{\"facts\": {{{}\"x\": true}}}}", " ".repeat(100_000)),
            Refuses("GL503"),
        ),
    ]
}

#[test]
fn hostile_records_are_answered() {
    let folder = Folder::new("records");
    folder.write("g.gl", LIBRARY.as_bytes());
    let mut wrong = Vec::new();
    let records = records();
    for (name, bytes, says) in &records {
        folder.write(name, bytes);
        for format in ["json", "text"] {
            let answer = gl(&folder.0, &words(&["eval", "g.gl", "--case", name, "--format", format]));
            wrong.extend(answer.wrong.iter().map(|w| format!("{name} as {format}: {w}")));
            let got = codes(&answer.stderr);
            if printing() {
                println!(
                    "           exit {}: {got:?} {}",
                    answer.exit,
                    answer
                        .stderr
                        .lines()
                        .next()
                        .unwrap_or_default()
                        .chars()
                        .take(100)
                        .collect::<String>()
                );
            }
            match says {
                Refuses(code) => {
                    if answer.exit != 2 || !got.contains(*code) || !answer.stdout.is_empty() {
                        wrong.push(format!(
                            "{name} as {format}: expected {code}, got exit {} and {got:?}",
                            answer.exit
                        ));
                    }
                }
                Fires(rules) if format == "json" => match fired(&answer.stdout) {
                    Some(fired) if answer.exit == 0 => {
                        let expected: BTreeSet<String> = rules.iter().map(|r| format!("g.{r}")).collect();
                        if fired != expected {
                            wrong.push(format!("{name}: expected {expected:?}, got {fired:?}"));
                        }
                    }
                    _ => wrong.push(format!("{name}: expected an answer, got exit {} and {got:?}", answer.exit)),
                },
                Fires(_) => {}
            }
        }
        let _ = fs::remove_file(folder.0.join(name));
    }
    assert!(
        wrong.is_empty(),
        "{} of {} records:\n{}",
        wrong.len(),
        records.len(),
        wrong.join("\n")
    );
}

/// Every `[GL101]` in a text.
fn codes(text: &str) -> BTreeSet<String> {
    let numbers = text.split("[GL").skip(1).filter_map(|rest| rest.get(..3));
    numbers
        .filter(|n| n.chars().all(|c| c.is_ascii_digit()))
        .map(|n| format!("GL{n}"))
        .collect()
}

/// The rules that fire.
fn fired(json: &str) -> Option<BTreeSet<String>> {
    let json: serde_json::Value = serde_json::from_str(json).ok()?;
    let advice = json["recommendations"]
        .as_array()?
        .iter()
        .chain(json["advised_against"].as_array()?);
    Some(advice.filter_map(|a| a["rule"].as_str()).map(str::to_owned).collect())
}

// ─── Calls and folders ───────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn hostile_calls_are_answered() {
    let folder = Folder::new("calls");
    folder.write("g.gl", LIBRARY.as_bytes());
    folder.write("c.yaml", b"facts: {on: yes}\n");
    let bytes = |text: &[u8]| OsString::from_vec(text.to_vec());
    let with = |start: &[&str], last: OsString| {
        let mut all = words(start);
        all.push(last);
        all
    };
    let long = "x".repeat(100_000);
    let calls: Vec<(Vec<OsString>, i32)> = vec![
        (words(&["eval", "g.gl", "--fact", "on\u{1b}[31m"]), 2),
        (words(&["eval", "g.gl", "--fact", "on=\u{202e}sey"]), 2),
        (words(&["eval", "g.gl", "--fact", "on=yes", "--fact", "on=no"]), 2),
        (words(&["eval", "g.gl", "--case", "c.yaml", "--fact", "on=no"]), 2),
        (words(&["eval", "g.gl", "--fact", "=yes"]), 2),
        (words(&["eval", "g.gl", "--fact", ""]), 2),
        (words(&["eval", "g.gl", "--fact", "level=a=b"]), 2),
        (words(&["eval", "g.gl", "--fact", "signs=(motor"]), 2),
        (words(&["eval", "g.gl", "--fact", &long]), 2),
        (words(&["eval", "g.gl", "--fact", "age=1e400"]), 2),
        (words(&["eval", "g.gl", "--as-of", "\u{1b}"]), 2),
        (
            words(&["eval", "g.gl", "--as-of", "9999-12-31", "--fact", "onset=0000-01-01"]),
            0,
        ),
        (words(&["eval", "g.gl", "--as-of", "today"]), 2),
        (words(&["eval", "g.gl", "--guideline", "\u{1b}[31m"]), 2),
        (words(&["eval", "g.gl", "--propose", "\u{202e}m"]), 2),
        (words(&["eval", "g.gl", "--case", "\u{1b}[31m\u{202e}"]), 2),
        (words(&["eval", "g.gl", "--case", "."]), 2),
        (words(&["eval", "g.gl", "--case", "/dev/zero"]), 2),
        (words(&["eval", "/dev/zero", "--case", "c.yaml"]), 2),
        (words(&["eval", "g.gl", "--case", "-"]), 2),
        (words(&["check", "\u{1b}[31m.gl"]), 2),
        (words(&["check", "\u{202e}lg.x"]), 2),
        (words(&["check", ""]), 2),
        (words(&["check", "g.gl", "--format", "\u{1b}[31m"]), 2),
        (words(&["check", "g.gl", "--max-findings", "99999999999999999999999"]), 2),
        (words(&["check", "g.gl", "--max-findings", "-1"]), 2),
        (words(&["check", "g.gl", "--\u{1b}[31m"]), 2),
        (words(&["\u{1b}[31m"]), 2),
        (words(&["explain", "\u{1b}[31m"]), 2),
        (words(&["explain", &long]), 2),
        (words(&["schema", "\u{202e}"]), 2),
        (words(&["test", "g.gl", "\u{1b}"]), 2),
        (with(&["check"], bytes(b"\xff.gl")), 2),
        (with(&["eval", "g.gl", "--case"], bytes(b"\xff.yaml")), 2),
        (with(&["eval", "g.gl", "--fact"], bytes(b"on=\xff")), 2),
        (with(&[], bytes(b"\xff")), 2),
    ];
    let mut wrong = Vec::new();
    for (call, exit) in &calls {
        let answer = gl(&folder.0, call);
        let shown: String = format!("{call:?}").chars().take(120).collect();
        if printing() {
            println!(
                "           exit {}: {}",
                answer.exit,
                answer
                    .stderr
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .chars()
                    .take(140)
                    .collect::<String>()
            );
        }
        wrong.extend(answer.wrong.iter().map(|w| format!("{shown}: {w}")));
        if answer.exit != *exit {
            wrong.push(format!(
                "{shown}: expected exit {exit}, got {}: {}",
                answer.exit,
                answer.stderr.chars().take(200).collect::<String>()
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} calls:\n{}",
        wrong.len(),
        calls.len(),
        wrong.join("\n")
    );
}

#[test]
fn hostile_folders_are_answered() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new("folders");
    let link = |target: &str, name: &str| symlink(target, folder.0.join(name)).expect("a link");
    let good = format!("{FACTS}when a and b and age over 1 years then m cite S\n");
    let bad = "fact \u{1b}x: yes/no\n";
    folder.write("loop/g.gl", good.as_bytes());
    link(".", "loop/again");
    link("..", "loop/up");
    link("self.gl", "loop/self.gl");
    folder.write("out/g.gl", format!("use secret\n{good}").as_bytes());
    folder.write("secret.gl", b"fact hidden: yes/no\n");
    link("../secret.gl", "out/secret.gl");
    folder.write("dangling/g.gl", good.as_bytes());
    link("nowhere.gl", "dangling/x.gl");
    fs::create_dir_all(folder.0.join("is-folder/x.gl")).expect("a folder");
    folder.write("is-folder/g.gl", good.as_bytes());
    fs::create_dir_all(folder.0.join("used-folder/x.gl")).expect("a folder");
    folder.write("used-folder/g.gl", format!("use x\n{good}").as_bytes());
    fs::create_dir_all(folder.0.join("nothing")).expect("a folder");
    folder.write("names/\u{1b}[31m.gl", bad.as_bytes());
    folder.write("names/\u{202e}lg.gl", bad.as_bytes());
    folder.write("names/with blank.gl", good.as_bytes());
    folder.write("names/new\nline.gl", bad.as_bytes());
    folder.write("csv/g.gl", format!("{good}source T \"T\" statements \"t.csv\"\n").as_bytes());
    folder.write("csv/t.csv", b"id,section\n\xff\x1b[31m,\"\n");
    folder.write("circle/x.gl", b"use y\nfact p: yes/no\n");
    folder.write("circle/y.gl", b"use z\nfact q: yes/no\n");
    folder.write("circle/z.gl", b"use x\nfact r: yes/no\n");
    for n in 0..300 {
        let next = if n < 299 { format!("use n{}\n", n + 1) } else { String::new() };
        folder.write(&format!("chain/n{n}.gl"), format!("{next}fact f{n}: yes/no\n").as_bytes());
    }
    let deep: String = (0..60).map(|n| format!("d{n}/")).collect();
    folder.write(&format!("deep/{deep}g.gl"), good.as_bytes());
    folder.write("toml/gl.toml", b"\xff\0[[[");
    folder.write("toml/g.gl", good.as_bytes());
    let calls: Vec<(&str, Vec<OsString>, Option<i32>)> = vec![
        ("loop", words(&["check", "loop"]), Some(0)),
        (
            "loop through itself",
            words(&["check", "loop/again/again/again/g.gl"]),
            Some(0),
        ),
        ("a link to itself", words(&["check", "loop/self.gl"]), Some(2)),
        ("a link out of the project", words(&["check", "out"]), Some(1)),
        ("a dangling link", words(&["check", "dangling"]), Some(0)),
        ("a dangling link by name", words(&["check", "dangling/x.gl"]), Some(2)),
        ("a folder with the name of a file", words(&["check", "is-folder"]), Some(0)),
        ("a folder that is used", words(&["check", "used-folder/g.gl"]), Some(1)),
        ("nothing", words(&["check", "nothing"]), Some(5)),
        ("hostile names", words(&["check", "names"]), Some(1)),
        (
            "hostile names in short",
            words(&["check", "names", "--format", "short"]),
            Some(1),
        ),
        (
            "hostile names as JSON",
            words(&["check", "names", "--format", "json"]),
            Some(1),
        ),
        (
            "hostile names for GitHub",
            words(&["check", "names", "--format", "github"]),
            Some(1),
        ),
        ("a hostile table", words(&["check", "csv"]), Some(1)),
        ("a circle", words(&["check", "circle"]), Some(1)),
        ("a long chain", words(&["check", "chain/n0.gl"]), Some(0)),
        ("deep folders", words(&["check", "deep"]), Some(0)),
        ("a broken gl.toml", words(&["check", "toml"]), None),
        ("everything", words(&["check", "."]), None),
        ("everything, tested", words(&["test", "."]), None),
    ];
    let mut wrong = Vec::new();
    for (what, call, exit) in &calls {
        let answer = gl(&folder.0, call);
        if printing() {
            println!(
                "           exit {}: {}",
                answer.exit,
                answer
                    .stderr
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .chars()
                    .take(140)
                    .collect::<String>()
            );
        }
        wrong.extend(answer.wrong.iter().map(|w| format!("{what}: {w}")));
        if exit.is_some_and(|exit| exit != answer.exit) {
            let said: String = (answer.stdout + &answer.stderr).chars().take(400).collect();
            wrong.push(format!("{what}: expected exit {exit:?}, got {}: {said}", answer.exit));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} folders:\n{}",
        wrong.len(),
        calls.len(),
        wrong.join("\n")
    );
}

/// `--fact` from standard input, and other texts that come by another way than a file.
#[test]
fn a_record_from_standard_input_is_read_as_strictly() {
    let folder = Folder::new("stdin");
    folder.write("g.gl", LIBRARY.as_bytes());
    for (text, exit) in [("facts: {on: yes}\n", 0), ("facts: {on: on}\n", 2), ("\u{1b}", 2), ("", 2)] {
        folder.write("record", text.as_bytes());
        let input = fs::File::open(folder.0.join("record")).expect("it was just written");
        let output = Command::new(env!("CARGO_BIN_EXE_gl"))
            .args(["eval", "g.gl", "--case", "-"])
            .current_dir(&folder.0)
            .stdin(input)
            .output()
            .expect("the program runs");
        assert_eq!(
            output.status.code(),
            Some(exit),
            "{text:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let all = String::from_utf8([output.stdout, output.stderr].concat()).expect("it prints UTF-8");
        assert!(!all.chars().any(plays_tricks), "{text:?}: {all:?}");
    }
}
