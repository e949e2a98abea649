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
use std::io::{BufRead, BufReader};
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
