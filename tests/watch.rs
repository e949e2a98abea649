//! What goes on while somebody writes: `--watch`, and progress on a terminal.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on stops"
)]
#![cfg(all(feature = "cli", target_os = "linux"))]

#[path = "support/folder.rs"]
mod folder;

use folder::Folder;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const RULES: &str = "\
fact fever: yes/no
action review
source S \"A source\"
rule one: when fever then review cite S
case \"fever\"
  given fever
  expect review
";

/// A watching gl, and the lines that it writes.
struct Watching {
    child: Child,
    lines: Receiver<String>,
}

impl Watching {
    fn start(folder: &Folder, args: &[&str]) -> Watching {
        // Whoever started the tests in the background has switched Ctrl-C off for all of them.
        let mut child = Command::new("env")
            .args(["--default-signal=INT", env!("CARGO_BIN_EXE_gl")])
            .args(args)
            .current_dir(&folder.0)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines() {
                if sender.send(line.unwrap()).is_err() {
                    return;
                }
            }
        });
        Watching { child, lines }
    }

    fn line(&self) -> String {
        self.lines.recv_timeout(Duration::from_secs(120)).unwrap()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_change_is_looked_at_again() {
    for (verb, first, then) in [
        ("test", "1 passed, 0 failed", "0 passed, 1 failed"),
        (
            "check",
            "1 guideline, 1 rule: 0 errors, 0 warnings",
            "1 guideline, 1 rule: 0 errors, 0 warnings",
        ),
    ] {
        let folder = Folder::with("watch", [("rules.gl", RULES)]);
        let watching = Watching::start(&folder, &[verb, "--watch"]);
        assert_eq!(watching.line(), "watching the current folder; Ctrl-C ends it");
        assert!(watching.line().starts_with(first));
        folder.write("notes.txt", "not a guideline");
        folder.write("rules.gl", RULES.replace("when fever then", "when not fever then"));
        assert_eq!(watching.line(), "changed: rules.gl");
        assert!(watching.line().starts_with(then));
        // A file that is broken for a while does not end it.
        folder.write("rules.gl", "rule");
        assert_eq!(watching.line(), "changed: rules.gl");
        while !watching.line().contains("1 error") {}
        folder.write("deeper/more.gl", "fact cough: yes/no\n");
        folder.write("rules.gl", RULES);
        let mut line = watching.line();
        while !line.starts_with("changed: ") {
            line = watching.line();
        }
        assert!(line.contains("rules.gl"), "{line}");
    }
}

#[test]
fn ctrl_c_ends_it() {
    let folder = Folder::with("watch", [("rules.gl", RULES)]);
    let mut watching = Watching::start(&folder, &["test", "--watch"]);
    watching.line();
    watching.line();
    let id = watching.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let ended = watching.child.wait().unwrap();
    assert!(!ended.success());
    assert!(
        watching.lines.recv_timeout(Duration::from_secs(10)).is_err(),
        "it says nothing more"
    );
}

/// Runs a command on a terminal of its own, by `script`; what the terminal saw.
fn on_a_terminal(folder: &Folder, call: &str, variables: &[(&str, &str)]) -> Option<String> {
    let call = format!("{} {call}", env!("CARGO_BIN_EXE_gl"));
    let mut command = Command::new("script");
    command
        .args(["-qec", &call, "/dev/null"])
        .current_dir(&folder.0)
        .stdin(Stdio::null());
    command
        .env_remove("CI")
        .env_remove("NO_PROGRESS")
        .env("TERM", "xterm")
        .envs(variables.iter().copied());
    match command.output() {
        Ok(output) => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
        Err(_) => {
            eprintln!("`script` (util-linux) is not here; progress on a terminal was not looked at");
            None
        }
    }
}

#[test]
fn a_terminal_sees_how_far_it_is_and_nobody_else_does() {
    let folder = Folder::with("watch", [("rules.gl", RULES)]);
    let long = "fake rules.gl --patients 600000 --format csv --output made.csv";
    let Some(seen) = on_a_terminal(&folder, long, &[]) else {
        return;
    };
    assert!(seen.contains("making patients"), "{seen}");
    assert!(seen.contains("of 600000"), "{seen}");
    for (flag, variables) in [
        (" --quiet", &[][..]),
        ("", &[("NO_PROGRESS", "1")][..]),
        ("", &[("TERM", "dumb")][..]),
    ] {
        let seen = on_a_terminal(&folder, &format!("{long}{flag}"), variables).unwrap();
        assert!(!seen.contains("making patients"), "{seen}");
        assert!(seen.contains("600000 patients"), "{seen}");
    }
    // What is quick says nothing.
    let seen = on_a_terminal(&folder, "test", &[]).unwrap();
    assert_eq!(seen.trim(), "1 passed, 0 failed");
    let piped = Command::new(env!("CARGO_BIN_EXE_gl"))
        .args(long.split(' '))
        .current_dir(&folder.0)
        .output()
        .unwrap();
    let piped = String::from_utf8(piped.stderr).unwrap();
    assert!(!piped.contains("making patients"), "{piped}");
}

#[test]
fn what_somebody_wrote_meanwhile_is_not_written_over() {
    // So many changes fill the pipe: gl waits in the middle of telling them, until somebody reads on.
    let failing = |count: usize| -> String {
        let case = |n| format!("case \"number {n} of so many that all expect too much\"\n  given fever\n  expect no review\n");
        (0..count).map(case).collect()
    };
    let rules = RULES.split("case").next().unwrap();
    let (many, one) = (failing(1500), format!("use a\n{}", failing(1)));
    let files = [("a.gl", rules), ("a.cases.gl", &many), ("b.cases.gl", &one)];
    let folder = Folder::with("meanwhile", files);
    let mut child = Command::new(env!("CARGO_BIN_EXE_gl"))
        .args(["test", "--accept"])
        .current_dir(&folder.0)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    told.read_line(&mut first).unwrap();
    assert_eq!(first, "--- a.cases.gl\n");
    // Somebody writes below what lies there now, in the file that is told and in the one that comes next.
    let written: Vec<(PathBuf, String)> = ["a.cases.gl", "b.cases.gl"]
        .map(|name| {
            let path = folder.0.join(name);
            let text = format!("{}# and a remark\n", fs::read_to_string(&path).unwrap());
            fs::write(&path, &text).unwrap();
            (path, text)
        })
        .into();
    let mut rest = String::new();
    told.read_to_string(&mut rest).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("`b.cases.gl` has changed meanwhile; nothing is written over it"),
        "{said}"
    );
    assert_eq!(output.status.code(), Some(2));
    for (path, text) in written {
        assert_eq!(fs::read_to_string(path).unwrap(), text);
    }
    // What is told is done.
    let accepted = fs::read_to_string(folder.0.join("a.cases.gl")).unwrap();
    assert!(!accepted.contains("expect no review"), "{accepted}");
}
