//! What programs read and write: findings as JSON and as SARIF, held against their schemas; cases and changes made of findings.
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
#[path = "support/folder.rs"]
mod folder;

use examples::{Page, files};
use folder::Folder;
use jsonschema::Validator;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Two documents with an open disagreement, a settled one, one that an author allowed, and one that a set takes part in.
const DOCUMENTS: &[(&str, &str)] = &[
    (
        "vocabulary.gl",
        "fact back_pain: yes/no
fact deficits: any of sensory, motor
fact onset: date
action nsaid
action mri
action opioid
action referral
",
    ),
    (
        "numbness.gl",
        "guideline numbness \"Numbness\" version \"1\" status active
use vocabulary
source BPN \"Back pain with numbness\" lists 2
rule relief: when back_pain then nsaid cite BPN from BPN-49
rule retention: when deficits includes motor then urgent mri within hours cite BPN
rule severe: when back_pain then consider opioid cite BPN
rule refer: when onset under 2026-01-01 then referral within 2 weeks after onset cite BPN
# gl-allow GL402: the document prints it
rule educate: when not back_pain then nsaid cite BPN [7]
",
    ),
    (
        "claudication.gl",
        "guideline claudication \"Claudication\" version \"1\" status active
use vocabulary
source NCBP \"Neurogenic claudication\"
rule no_nsaid: when back_pain then avoid nsaid cite NCBP from NCBP-26
rule wait: when not deficits includes sensory then avoid mri cite NCBP
rule opioid: when back_pain then opioid cite NCBP
rule later: when onset under 2026-01-01 then avoid referral cite NCBP
",
    ),
    (
        "together.gl",
        "use numbness, claudication
reconcile numbness.relief with claudication.no_nsaid
  prefer claudication.no_nsaid because \"it is the more specific one\"
",
    ),
];

#[test]
fn json_keeps_to_its_schema() {
    let schema: Value = serde_json::from_str(&gl(Path::new("."), &["schema", "findings"])).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for folder in folders() {
        valid(&validator, &folder, "json");
    }
}

#[test]
fn sarif_keeps_to_the_official_schema() {
    let schema = fs::read_to_string("tests/support/sarif-2.1.0.schema.json").unwrap();
    // The pattern of languages has a bracket too many, which not every dialect takes for a letter; nothing here has a language.
    let schema = schema.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}\\\\]?$");
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    for folder in folders() {
        let Some(log) = valid(&validator, &folder, "sarif") else {
            continue;
        };
        let run = &log["runs"][0];
        for result in run["results"].as_array().unwrap() {
            let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
            assert_eq!(rule["id"], result["ruleId"]);
            assert!(result["suppressions"].is_array());
            for location in result["locations"].as_array().unwrap() {
                let artifact = &location["physicalLocation"]["artifactLocation"];
                let uri = artifact["uri"].as_str().unwrap();
                assert!(folder.0.join(uri).is_file(), "{uri} is relative to the folder of the call");
                assert_eq!(artifact["uriBaseId"], "%SRCROOT%");
            }
        }
    }
}

#[test]
fn both_have_every_finding() {
    let folder = Folder::with(
        "formats",
        DOCUMENTS.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())),
    );
    let read = |format| -> Value { serde_json::from_str(&gl(&folder.0, &["check", "--format", format])).unwrap() };
    let (json, sarif) = (read("json"), read("sarif"));
    let findings = json["findings"].as_array().unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(findings.len(), results.len());
    for (finding, result) in findings.iter().zip(results) {
        assert_eq!(finding["code"], result["ruleId"]);
        assert_eq!(finding["severity"], result["level"]);
        let properties = &result["properties"];
        for field in ["witness", "action", "kind", "status"] {
            assert_eq!(finding[field], properties[field], "{field}");
        }
        if !finding["rules"].as_array().unwrap().is_empty() {
            assert_eq!(finding["rules"], properties["rules"]);
        }
        let start = &result["locations"][0]["physicalLocation"]["region"];
        assert_eq!(finding["labels"][0]["line"], start["startLine"]);
        assert_eq!(finding["labels"][0]["column"], start["startColumn"]);
    }
    let why = |code: &str| {
        let result = results
            .iter()
            .find(|r| r["ruleId"] == code && r["suppressions"] != Value::Array(Vec::new()));
        result.unwrap()["suppressions"][0]["justification"].as_str().unwrap()
    };
    assert_eq!(
        why("GL701"),
        "settled: `claudication.no_nsaid` is preferred, because it is the more specific one"
    );
    assert_eq!(why("GL402"), "allowed: the document prints it");
}

/// What the JSON gives as a witness is a case file, and the interpreter says of it what the finding says.
#[test]
fn witnesses_are_case_files() {
    let folder = Folder::with(
        "formats",
        DOCUMENTS.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())),
    );
    let json: Value = serde_json::from_str(&gl(&folder.0, &["check", "--format", "json"])).unwrap();
    let open = json["findings"].as_array().unwrap().iter().filter(|f| f["status"] == "open");
    let mut seen = 0;
    for finding in open.filter(|f| f["code"] == "GL701" || f["code"] == "GL702") {
        let mut case = serde_json::json!({"facts": finding["witness"]});
        if !finding["as_of"].is_null() {
            case["as_of"] = finding["as_of"].clone();
        }
        fs::write(folder.0.join("witness.json"), case.to_string()).unwrap();
        let result: Value =
            serde_json::from_str(&gl(&folder.0, &["eval", "--case", "witness.json", "--format", "json"])).unwrap();
        let disagreements = result["disagreements"].as_array().unwrap();
        assert!(disagreements.iter().any(|d| d["action"] == finding["action"]), "{case}");
        seen += 1;
    }
    assert_eq!(seen, 2);
}

/// The cases that `--emit-case` writes pass, every one of them: of the documents above, and of the five guidelines.
#[test]
fn cases_of_findings_pass() {
    let mut guidelines = Vec::new();
    for folder in ["guidelines", "guidelines/statements"] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() && !path.to_string_lossy().ends_with(".cases.gl") {
                let name = path.strip_prefix("guidelines").unwrap().to_string_lossy().into_owned();
                guidelines.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let documents = DOCUMENTS.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    for (folder, all) in [
        (Folder::with("formats", documents), true),
        (Folder::with("formats", guidelines), false),
    ] {
        let mut call = vec!["check", "--emit-case", ".", "--max-findings", "1000", "--format", "short"];
        call.extend(all.then_some("--all"));
        let shown = gl(&folder.0, &call).lines().count();
        let tested: Value = serde_json::from_str(&gl(&folder.0, &["test", "--format", "json"])).unwrap();
        assert_eq!(tested["failed"], 0, "{tested:#}");
        let passed = tested["passed"].as_u64().unwrap() as usize;
        assert!(passed > shown / 2, "{passed} cases of {shown} findings");
    }
}

/// What is mended without asking leaves fewer errors or as many, and nothing to mend.
#[test]
fn fixes_make_nothing_worse() {
    let errors = |folder: &Folder| {
        let found: Value = serde_json::from_str(&gl(&folder.0, &["check", "--format", "json"])).ok()?;
        found["summary"]["errors"].as_u64()
    };
    let mut mended = 0;
    for folder in folders() {
        let Some(before) = errors(&folder) else { continue };
        gl(&folder.0, &["check", "--fix", "--format", "short"]);
        let after = errors(&folder).unwrap();
        assert!(after <= before, "{}: {before} errors, then {after}", folder.0.display());
        mended += u64::from(after < before);
        let diff = gl(&folder.0, &["check", "--fix", "--diff"]);
        assert!(diff.is_empty(), "{diff}");
    }
    assert!(mended > 10, "{mended} examples were mended");
}

/// The folders to check: the documents above, and the bad example of every code.
fn folders() -> Vec<Folder> {
    let mut folders = vec![Folder::with(
        "formats",
        DOCUMENTS.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())),
    )];
    for code in gl::codes::all() {
        let files = Page::new(code).sections.get("Bad").map_or_else(Vec::new, |bad| files(bad));
        if files.iter().any(|(name, _)| name.ends_with(".gl")) {
            folders.push(Folder::with("formats", files));
        }
    }
    folders
}

/// What is printed about the folder, if it keeps to the schema; nothing where a wrong `gl.toml` keeps it from being checked.
fn valid(validator: &Validator, folder: &Folder, format: &str) -> Option<Value> {
    let printed = gl(&folder.0, &["check", "--format", format, "--fail-level", "never"]);
    if printed.is_empty() && folder.0.join("gl.toml").exists() {
        return None;
    }
    let value = serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error}: {printed}"));
    let errors: Vec<String> = validator
        .iter_errors(&value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{}\n{printed}", errors.join("\n"));
    Some(value)
}

/// What goes to standard output.
fn gl(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_gl"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}
