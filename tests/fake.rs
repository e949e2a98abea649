//! Made-up patients, from the outside: they can be evaluated, they fit the wishes, and they are the same everywhere.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on stops"
)]
#![cfg(feature = "cli")]

#[path = "support/command.rs"]
mod command;
#[path = "support/folder.rs"]
mod folder;
mod support;

use command::gl;
use folder::Folder;
use gl::Guidelines;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use support::small::{Maker, is_whole, worlds};
use support::written::{FACTS, facts_written};
use support::{guideline_paths, guidelines_folder};

/// Facts of every type, with assumptions of every form.
const EVERYTHING: &str = "\
fact age: quantity in years range 0..120 years
fact potassium: quantity in \"mmol/L\" range 2.5..7.5 \"mmol/L\"
fact weight: quantity in \"kg\"
fact visits: count
fact missed: count
fact severity: one of mild < moderate < severe
fact signs: any of motor, sensory, reflex
fact onset: date
fact lasting: time since onset
fact treatment: date
fact treated_for: time since treatment
fact child: yes/no
fact chronic: yes/no
fact retention: yes/no default no
fact bladder: yes/no
fact pain: yes/no
assume child implies age under 18 years
assume age under 18 years implies child
assume chronic implies lasting over 3 months
assume retention implies bladder and signs includes motor
assume at most one of (child, severity is severe, signs includes reflex)
assume treated_for at most lasting
assume missed at most visits
assume potassium under 3.2 \"mmol/L\" implies severity at least moderate
action review
source S \"A source\"
rule one: when age at least 65 years or age under 6 months then review cite S
rule two: when potassium over 5.25 \"mmol/L\" or pain or weight at least 70.5 \"kg\" then review cite S
rule three: when lasting at least 6 weeks and missed over 2 then review cite S
rule four: when treated_for under 14 days and onset at least 2025-11-01 then review cite S
";

const AS_OF: &str = "2026-02-01";

fn made(folder: &Path, args: &[&str]) -> String {
    let (out, err, status) = gl(folder, &[&["fake"], args].concat());
    assert_eq!(status, 0, "{err}");
    out
}

/// Rows of the wide table by the names of the columns, without empty cells.
fn rows(csv: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let names = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| {
        let cells = names.iter().zip(record.iter()).filter(|(_, cell)| !cell.is_empty());
        cells.map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect()
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

/// The facts that are sets, in every library here.
const SETS: [&str; 3] = ["signs", "neurologic_deficits", "spinal_stenosis"];

/// A row as the case file that means the same.
fn case_of(row: &BTreeMap<String, String>) -> String {
    let mut facts: BTreeMap<&str, String> = BTreeMap::new();
    let mut sets: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, cell) in row
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "patient_id" | "as_of"))
    {
        let member = |set: &&'static str| Some((*set, name.strip_prefix(set)?.strip_prefix('_')?));
        match (SETS.iter().find_map(member), name.strip_suffix("_unit")) {
            (Some((set, member)), _) => sets.entry(set).or_default().push(format!("{member}: {cell}")),
            (None, Some(_)) => {}
            (None, None) => {
                let unit = row
                    .get(&format!("{name}_unit"))
                    .map_or(String::new(), |unit| format!(" {unit}"));
                facts.insert(name, format!("\"{cell}{unit}\""));
            }
        }
    }
    facts.extend(
        sets.into_iter()
            .map(|(set, members)| (set, format!("{{{}}}", members.join(", ")))),
    );
    let facts: Vec<String> = facts
        .into_iter()
        .map(|(name, value)| format!("  {name}: {value}\n"))
        .collect();
    let as_of = row.get("as_of").map_or(String::new(), |date| format!("as_of: {date}\n"));
    match facts.is_empty() {
        true => format!("{as_of}facts: {{}}\n"),
        false => format!("{as_of}facts:\n{}", facts.concat()),
    }
}

fn everything() -> (Folder, Guidelines) {
    (
        Folder::with("fake", [("all.gl", EVERYTHING)]),
        gl::parse_str(EVERYTHING).unwrap(),
    )
}

/// Every file in the folder `made`, which `gl fake` wrote.
fn files(folder: &Folder) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.0.join("made")).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn every_form_is_read_and_evaluated() {
    let (folder, guidelines) = everything();
    for unknown in ["0", "0.3", "0.9"] {
        for dated in [&["--as-of", AS_OF][..], &[]] {
            let args = [&["all.gl", "--patients", "150", "--unknown", unknown], dated].concat();
            let mut texts: Vec<String> = Vec::new();
            for form in ["yaml", "json"] {
                made(&folder.0, &[&args[..], &["--format", form, "--output", "made"]].concat());
            }
            let paths = files(&folder);
            assert_eq!(paths.len(), 300);
            texts.extend(paths.iter().map(|path| fs::read_to_string(path).unwrap()));
            let csv = made(&folder.0, &[&args[..], &["--format", "csv"]].concat());
            texts.extend(rows(&csv).iter().map(case_of));
            assert_eq!(texts.len(), 450);
            let outcomes: Vec<String> = texts
                .iter()
                .map(|text| {
                    let record = guidelines.read_patient("made", text);
                    let record = record.unwrap_or_else(|error| panic!("{error}\n{text}"));
                    let patient = guidelines.settle(&record).unwrap_or_else(|error| panic!("{error}\n{text}"));
                    format!("{:?}", patient.values().collect::<Vec<_>>())
                })
                .collect();
            // YAML, JSON and the table are of the same patients; files of the two endings take turns.
            for number in 0..150 {
                assert_eq!(outcomes[2 * number], outcomes[2 * number + 1]);
                assert_eq!(outcomes[2 * number], outcomes[300 + number], "{}", texts[2 * number]);
            }
        }
    }
}

#[test]
fn the_command_line_takes_what_the_command_line_made() {
    let guidelines = Path::new(env!("CARGO_MANIFEST_DIR")).join("guidelines");
    let guidelines = guidelines.to_str().unwrap();
    let folder = Folder::new("fake");
    made(
        &folder.0,
        &[guidelines, "--as-of", AS_OF, "--patients", "12", "--output", "made"],
    );
    for path in files(&folder) {
        let (_, err, status) = gl(&folder.0, &["eval", guidelines, "--case", path.to_str().unwrap()]);
        assert_eq!(status, 0, "{err}\n{}", fs::read_to_string(path).unwrap());
    }
}

#[test]
fn the_guidelines_take_every_made_up_patient() {
    let files = guidelines_folder();
    let guidelines = Guidelines::load(&files, &guideline_paths(&files)).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let csv = made(
        folder,
        &["guidelines", "--as-of", AS_OF, "--patients", "1000", "--format", "csv"],
    );
    let mut fired = 0;
    for row in rows(&csv) {
        let text = case_of(&row);
        let record = guidelines.read_patient("made", &text);
        let record = record.unwrap_or_else(|error| panic!("{error}\n{text}"));
        let outcome = guidelines.evaluate(&record).unwrap_or_else(|error| panic!("{error}\n{text}"));
        fired += usize::from(!outcome.fired().is_empty());
    }
    assert!(fired > 500, "{fired}");
}

/// Assumptions made up at random: where anybody fits them, a patient is found, and settles.
#[test]
fn a_patient_is_found_wherever_there_is_one() {
    let folder = Folder::new("fake");
    let (mut found, mut none) = (0, 0);
    for seed in 0..150 {
        let all: Vec<usize> = (0..FACTS.len()).collect();
        let mut maker = Maker::new(seed, &[0, 1, 2, 4, 5, 6, 8, 9, 10, 11]);
        let assumptions: Vec<_> = (0..1 + maker.random.below(4)).map(|_| maker.assumption()).collect();
        let written: String = assumptions.iter().map(|a| a.written() + "\n").collect();
        let rule = "action review\nsource S \"A source\"\nalways then review cite S\n";
        let text = format!("{}{written}{rule}", facts_written(&all));
        let Ok(guidelines) = gl::parse_str(&text) else { continue };
        folder.write("some.gl", &text);
        let somebody =
            worlds(&maker.facts).any(|world| is_whole(&world, &maker.facts) && assumptions.iter().all(|a| a.holds(&world)));
        let args = ["fake", "some.gl", "--as-of", AS_OF, "--patients", "30", "--format", "csv"];
        let (csv, err, status) = gl(&folder.0, &args);
        assert_eq!(status == 0, somebody, "{err}\n{written}");
        match somebody {
            true => found += 1,
            false => none += 1,
        }
        for row in rows(&csv) {
            let case = case_of(&row);
            let record = guidelines
                .read_patient("made", &case)
                .unwrap_or_else(|error| panic!("{error}\n{case}"));
            if let Err(error) = guidelines.settle(&record) {
                panic!("{error}\n{written}\n{case}");
            }
        }
    }
    assert!(found > 60, "{found} with a patient, {none} without");
}

#[test]
fn the_seed_decides_everything_and_each_patient_stands_alone() {
    let (folder, _) = everything();
    let make = |patients: &str, seed: &str| {
        let args = [
            "all.gl",
            "--as-of",
            AS_OF,
            "--format",
            "ndjson",
            "--patients",
            patients,
            "--seed",
            seed,
        ];
        made(&folder.0, &args)
    };
    assert_eq!(make("40", "7"), make("40", "7"));
    assert_ne!(make("40", "7"), make("40", "8"));
    assert!(make("40", "7").starts_with(&make("10", "7")));
    // The bytes are the same on every machine: these were made once.
    let first = make("1", "7");
    assert_eq!(first, include_str!("support/fake-seed-7.ndjson"), "{first}");
}

#[test]
fn values_lie_on_and_beside_every_threshold_and_between() {
    let (folder, _) = everything();
    let args = [
        "all.gl",
        "--as-of",
        AS_OF,
        "--unknown",
        "0",
        "--patients",
        "800",
        "--format",
        "csv",
    ];
    let rows = rows(&made(&folder.0, &args));
    let seen = |fact: &str, value: &str, unit: &str| {
        let unit_of = |row: &BTreeMap<String, String>| row.get(&format!("{fact}_unit")).cloned().unwrap_or_default();
        rows.iter()
            .any(|row| row.get(fact).map(String::as_str) == Some(value) && unit_of(row) == unit)
    };
    for (fact, values, unit) in [
        ("age", &["17", "18", "19", "64", "65", "66", "0", "120"][..], "years"),
        ("age", &["6"], "months"),
        ("potassium", &["3.199", "3.2", "3.201", "5.25", "2.5", "7.5"], "mmol/L"),
        ("weight", &["69.5", "70.5", "71.5", "70.49", "70.51"], "kg"),
        ("missed", &["1", "2", "3"], ""),
    ] {
        for value in values {
            assert!(seen(fact, value, unit), "no {fact} of {value} {unit}");
        }
    }
    // Six weeks, and a day before and after, as dates.
    for date in ["2025-12-20", "2025-12-21", "2025-12-22", "2025-11-01", "2025-10-31"] {
        assert!(
            rows.iter().any(|row| row.get("onset").map(String::as_str) == Some(date)),
            "{date}"
        );
    }
    let ages: BTreeSet<&str> = rows.iter().filter_map(|row| row.get("age")).map(String::as_str).collect();
    assert!(ages.len() > 60, "{ages:?}");
}

#[test]
fn shares_are_kept() {
    let (folder, _) = everything();
    let args = ["all.gl", "--unknown", "0", "--patients", "4000", "--format", "csv"];
    let wishes = [
        "--prevalence",
        "pain=0.9",
        "--prevalence",
        "retention=0.05",
        "--prevalence",
        "severity.mild=0.5",
    ];
    let rows = rows(&made(
        &folder.0,
        &[&args[..], &wishes[..], &["--prevalence", "signs.sensory=0.02"]].concat(),
    ));
    let count = |name: &str, value: &str| {
        rows.iter()
            .filter(|row| row.get(name).map(String::as_str) == Some(value))
            .count()
    };
    for (name, value, of) in [
        ("pain", "yes", 3600),
        ("retention", "yes", 200),
        ("severity", "mild", 2000),
        ("signs_sensory", "yes", 80),
    ] {
        let n = count(name, value);
        assert!(n.abs_diff(of) < 100, "{name} is {value} for {n} of 4000, {of} were wanted");
    }
    // What retention implies goes with it.
    assert!(rows.iter().all(|row| row["retention"] == "no" || row["bladder"] == "yes"));

    let unknown = made(
        &folder.0,
        &["all.gl", "--unknown", "0.25", "--patients", "4000", "--format", "csv"],
    );
    let known = self::rows(&unknown).iter().filter(|row| row.contains_key("pain")).count();
    assert!(known.abs_diff(3000) < 100, "{known}");
}

#[test]
fn an_output_that_cannot_be_finished_is_not_there() {
    let (folder, _) = everything();
    let nobody = "assume child implies pain\nassume not child implies pain\nassume pain implies chronic\n\
        assume pain implies bladder\nassume chronic implies not bladder\naction review\n";
    folder.write("none.gl", EVERYTHING.replace("action review\n", nobody));
    let (_, err, status) = gl(&folder.0, &["fake", "none.gl", "--format", "csv", "--output", "made.csv"]);
    assert!(err.contains("no patient was found who fits the assumptions"), "{err}");
    assert_eq!(status, 2, "{err}");
    assert!(!folder.0.join("made.csv").exists());
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 2, "nothing is left beside it");
}
