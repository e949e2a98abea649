//! What `--help` says: every verb ends in examples, and every example does what it says.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on stops"
)]
#![cfg(all(feature = "cli", unix))]

#[path = "support/folder.rs"]
mod folder;

use folder::Folder;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const VOCABULARY: &str = "\
fact low_back_pain: yes/no
fact urinary_retention: yes/no
fact fever: yes/no
fact weight_loss: yes/no
fact age: quantity in years range 0..120 years
action mri
action mri_lumbar_without_contrast is mri
action nsaid
assume urinary_retention implies low_back_pain
";

const NUMBNESS: &str = "\
guideline numbness \"Numbness\" version \"1\" status active

use vocabulary

source BPN \"Management of back pain with numbness\" statements \"bpn.csv\"

define red_flag \"Red flag\": fever or weight_loss

rule retention:
  when urinary_retention
  then urgent mri_lumbar_without_contrast within hours
  cite BPN
  from BPN-01

rule relief:
  when low_back_pain
  unless red_flag or age over 65 years
  then consider nsaid
  cite BPN
  from BPN-02

case \"retention is enough\"
  given urinary_retention
  expect urgent mri_lumbar_without_contrast within hours
";

const REFRACTORY: &str = "\
guideline refractory \"Refractory pain\" version \"1\" status active

use vocabulary

source RP \"Refractory pain\"

define red_flag \"Red flag\": fever or weight_loss or age over 50 years

rule early:
  when red_flag
  then mri
  cite RP
  from RP-01
";

const INVENTORY: &str = "\
id,section,item,kind,paraphrase,encode
BPN-01,One,1,recommendation,Retention is imaged at once,yes
BPN-02,One,2,recommendation,An NSAID may be given,yes
";

/// The project of the examples. Those that name `guidelines` run beside it, the others in it.
fn project(places: &[&str]) -> Folder {
    let folder = Folder::new("help");
    for place in places {
        folder.write(&format!("{place}/vocabulary.gl"), VOCABULARY);
        folder.write(&format!("{place}/numbness.gl"), NUMBNESS);
        folder.write(&format!("{place}/refractory.gl"), REFRACTORY);
        folder.write(&format!("{place}/bpn.csv"), INVENTORY);
        assert!(gl(&["fmt", folder.0.join(place).to_str().unwrap()]).status.success());
    }
    let patient = "facts:\n  low_back_pain: yes\n  urinary_retention: yes\n";
    folder.write("patient.yaml", patient);
    folder.write("guidelines/patient.yaml", patient);
    folder.write("ours.html", "<!doctype html><title>Ours</title>\n");
    for name in ["patients.csv", "a.csv", "b.csv"] {
        let row = |patient: &str| format!("{patient}-{name},yes,no\n");
        let table = format!("patient_id,low_back_pain,urinary_retention\n{}{}", row("1"), row("2"));
        folder.write(name, &table);
        folder.write(&format!("guidelines/{name}"), &table);
    }
    let git = |folder: &Path, args: &[&str]| {
        let name = [
            "-c",
            "user.name=A",
            "-c",
            "user.email=a@example.org",
            "-c",
            "init.defaultBranch=main",
        ];
        let output = Command::new("git")
            .args(name)
            .args(args)
            .current_dir(folder)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    for place in [folder.0.clone(), folder.0.join("guidelines")] {
        git(&place, &["init", "-q"]);
        git(&place, &["add", "."]);
        git(&place, &["commit", "-qm", "one"]);
        git(&place, &["commit", "-qm", "two", "--allow-empty"]);
        git(&place, &["tag", "v1"]);
    }
    folder
}

fn gl(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gl"))
        .args(args)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The verbs, as `gl --help` lists them.
fn verbs() -> Vec<String> {
    let help = text(&gl(&["--help"]).stdout);
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let lines = list.lines().take_while(|line| !line.is_empty());
    let verbs = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let verbs = verbs.map(|line| line.split_whitespace().next().unwrap().to_owned());
    verbs.filter(|verb| verb != "help").collect()
}

/// The examples at the end of a verb's help, without what is said of them.
fn examples(verb: &str) -> Vec<String> {
    let help = text(&gl(&[verb, "--help"]).stdout);
    let (_, examples) = help
        .split_once("\nExamples:\n")
        .unwrap_or_else(|| panic!("`gl {verb} --help` does not end in examples"));
    let lines = examples.lines().filter(|line| line.starts_with("  gl "));
    lines.map(|line| line.trim().split("  ").next().unwrap().to_owned()).collect()
}

/// Examples whose exit status is not 0, with the reason.
const OTHER_STATUS: &[(&str, i32)] = &[
    // Nobody speaks to the server, so the editor is gone without a word.
    ("gl lsp", 1),
    // There is a warning.
    ("gl check --fail-level warning", 1),
    // Some changes of the rules are noticed by none of their cases.
    ("gl test --mutate", 1),
    // A binary for everyday use carries no engine for browsers.
    ("gl render guidelines --playground site", 2),
    // What watches is ended from outside.
    ("gl check --watch", 124),
    ("gl test --watch", 124),
];

#[test]
fn every_example_runs() {
    let binary = Path::new(env!("CARGO_BIN_EXE_gl")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let (mut run, mut failures) = (0, Vec::new());
    for verb in verbs() {
        let examples = examples(&verb);
        assert!(!examples.is_empty(), "`gl {verb} --help` has no example");
        for example in examples {
            let places: &[&str] = match example.contains("old/") {
                true => &["guidelines", "old", "new"],
                false => &["guidelines"],
            };
            let folder = project(places);
            let is_beside = ["guidelines", "old/"].iter().any(|name| example.contains(name)) || verb == "new";
            let place = if is_beside {
                folder.0.clone()
            } else {
                folder.0.join("guidelines")
            };
            let call = match example.contains("--watch") {
                true => format!("timeout 2 {example}"),
                false => example.clone(),
            };
            // `man` itself need not be there.
            let call = call.replace("| man -l -", "> gl.1");
            let mut shell = Command::new("sh");
            shell
                .args(["-c", &call])
                .current_dir(&place)
                .env("PATH", &path)
                .stdin(Stdio::null());
            let output = shell.output().unwrap();
            let wanted = OTHER_STATUS
                .iter()
                .find(|(of, _)| *of == example)
                .map_or(0, |(_, status)| *status);
            if output.status.code() != Some(wanted) {
                failures.push(format!("{example}: {}\n{}", output.status, text(&output.stderr)));
            }
            run += 1;
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(run > 50, "only {run} examples were found");
}

#[test]
fn a_shell_completes_every_verb() {
    let verbs = verbs();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = text(&gl(&["completions", shell]).stdout);
        for verb in &verbs {
            assert!(script.contains(verb.as_str()), "{shell} does not know `{verb}`");
        }
        assert!(script.contains("fail-level"), "{shell} knows no flags");
    }
    // A shell that is there reads its script, and completes with it.
    let script = text(&gl(&["completions", "bash"]).stdout);
    let asked = format!("{script}\nCOMP_WORDS=(gl comple) COMP_CWORD=1\n_gl gl comple gl\necho \"${{COMPREPLY[@]}}\"");
    let output = Command::new("bash").args(["-c", &asked]).output().unwrap();
    assert_eq!(text(&output.stdout).trim(), "completions", "{}", text(&output.stderr));
}

#[test]
fn every_verb_has_a_page_for_man() {
    let folder = Folder::new("help");
    let output = gl(&["man", "--output", folder.0.join("man1").to_str().unwrap()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    for verb in verbs() {
        let page = std::fs::read_to_string(folder.0.join(format!("man1/gl-{verb}.1"))).unwrap();
        assert!(page.contains(&format!(".TH gl-{verb} 1")), "{page}");
        assert!(page.contains("Examples:"), "`gl-{verb}.1` has no examples");
        assert_eq!(text(&gl(&["man", &verb]).stdout), page);
    }
    let page = std::fs::read_to_string(folder.0.join("man1/gl.1")).unwrap();
    assert!(page.contains("gl\\-check(1)"), "{page}");
    let wrong = gl(&["man", "chek"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(
        text(&wrong.stderr).contains("did you mean `check`"),
        "{}",
        text(&wrong.stderr)
    );
}
