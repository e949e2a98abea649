//! What measures the cases: coverage, mutants.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on stops"
)]
#![cfg(feature = "cli")]

#[path = "support/command.rs"]
mod command;
#[path = "support/folder.rs"]
mod folder;

use command::gl;
use folder::Folder;
use serde_json::Value;
use std::process::Command;

#[test]
fn the_page_shows_what_authors_wrote_and_runs_none_of_it() {
    let text = "\
# </pre><script>alert(1)</script> & \"quotes\"
fact fever: yes/no \"<b>Fever</b>\"
fact age: quantity in years
action review
source S \"A <i>source</i>\"
rule hot:
  when fever
    or age
      over 60 years
  then review
  cite S
case \"<img src=x onerror=alert(1)>\"
  given fever
  expect review
";
    let folder = Folder::with("measures", [("<a onclick=x>.gl", text)]);
    let (page, _, status) = gl(&folder.0, &["test", "--coverage", "--format", "html"]);
    assert_eq!(status, 0);
    for markup in ["<script", "<b>", "<i>", "<img", "<a onclick"] {
        assert!(!page.contains(markup), "{markup}");
    }
    assert!(page.contains("&lt;script&gt;alert(1)&lt;&#x2f;script&gt; &amp; &quot;quotes&quot;"));
    assert!(page.contains("&lt;b&gt;Fever"));
    // A test that runs over two lines is coloured on both.
    assert_eq!(
        page.matches("title=\"true in 0; false in 0; unknown in 1\"").count(),
        2,
        "{page}"
    );
    // The page needs nothing from elsewhere.
    for outside in ["http:", "https:", "src=\"", "url(", "@import", "<link"] {
        assert!(!page.contains(outside), "{outside}");
    }
}

/// One guideline alone, with one case that notices next to nothing.
fn nearly_untested() -> Folder {
    let text = |name: &str| std::fs::read_to_string(format!("guidelines/{name}")).unwrap();
    let case = "case \"nobody\"\n  given not lumbar_degenerative_changes\n  expect no surgery\n";
    let folder = Folder::with(
        "measures-mutants",
        [
            ("vocabulary.gl", text("vocabulary.gl").as_str()),
            ("degenerative.gl", text("degenerative.gl").as_str()),
            ("degenerative.cases.gl", case),
        ],
    );
    std::fs::create_dir(folder.0.join("statements")).unwrap();
    std::fs::write(folder.0.join("statements/deg.csv"), text("statements/deg.csv")).unwrap();
    folder
}

#[test]
fn the_cases_that_are_offered_kill_every_survivor() {
    let folder = nearly_untested();
    let (object, errors, status) = gl(&folder.0, &["test", "--mutate", "--format", "json"]);
    assert_eq!(status, 1, "{errors}");
    let object: Value = serde_json::from_str(&object).unwrap();
    let schema = gl(&folder.0, &["schema", "mutants"]).0;
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let wrong: Vec<String> = validator.iter_errors(&object).map(|e| e.to_string()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    let survivors = object["summary"]["survives"].as_u64().unwrap();
    let offers = object["offers"].as_array().unwrap();
    assert!(survivors > 150 && (offers.len() as u64) < survivors / 2, "{errors}");
    let path = folder.0.join("degenerative.cases.gl");
    let cases = offers.iter().enumerate().map(|(index, offer)| {
        assert_eq!(offer["place"], "degenerative.cases.gl");
        // Two offers may have one title.
        offer["case"]
            .as_str()
            .unwrap()
            .replacen("case \"", &format!("case \"{index} "), 1)
    });
    let old = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, old + &cases.collect::<String>()).unwrap();

    let (text, errors, status) = gl(&folder.0, &["test", "--mutate"]);
    assert_eq!(status, 0, "{text}{errors}");
    assert!(errors.contains(" 0 survive"), "{errors}");
    // What was equivalent before is equivalent still: no case can notice it.
    let equivalent = object["summary"]["equivalent"].as_u64().unwrap();
    assert!(
        equivalent == 0 || errors.contains(&format!("{equivalent} equivalent")),
        "{errors}"
    );
}

#[test]
fn the_guidelines_kill_every_mutant_that_is_not_equivalent() {
    let output = Command::new(env!("CARGO_BIN_EXE_gl"))
        .args(["test", "guidelines", "--mutate"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}{errors}");
    assert!(
        errors.contains(" 0 survive") && !errors.contains("no case can tell"),
        "{text}{errors}"
    );
}

#[test]
fn the_cases_of_the_guidelines_see_every_value_that_is_possible() {
    let output = Command::new(env!("CARGO_BIN_EXE_gl"))
        .args(["test", "guidelines", "--coverage"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains("never"), "{text}");
}
