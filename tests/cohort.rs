//! Populations: what `gl cohort` writes is what the interpreter says of each patient, however the table lies, for any number of
//! threads, and never half of it.
//!
//! `cargo test --test cohort -- --ignored` kills a run at a thousand moments instead of fifty.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on stops"
)]
#![cfg(feature = "cli")]

#[path = "support/folder.rs"]
mod folder;
#[path = "cohort/lists.rs"]
mod lists;
#[cfg(feature = "cohort")]
#[path = "cohort/parquet.rs"]
mod parquet_files;
mod support;

use folder::Folder;
use gl::Guidelines;
use gl::eval::{Outcome, Standing};
use gl::model::{FactType, Library};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::{AS_OF, Memory, Random, guideline_paths, guidelines_folder, many, patient_yaml};

/// A patient as a case file, and the same as names and values: members of sets one by one.
struct Person {
    yaml: String,
    values: BTreeMap<String, String>,
}

fn person(library: &Library, yaml: String) -> Person {
    let mut values = BTreeMap::new();
    for line in yaml.lines().filter_map(|line| line.strip_prefix("  ")) {
        let (name, value) = line.split_once(": ").unwrap();
        let FactType::AnyOf { members } = &library[library.fact_names[name]].ty else {
            values.insert(name.to_owned(), value.to_owned());
            continue;
        };
        if value == "[]" {
            values.extend(members.iter().map(|member| (format!("{name}_{member}"), "no".to_owned())));
        }
        for entry in value.trim_matches(['{', '}']).split(", ").filter_map(|e| e.split_once(": ")) {
            values.insert(format!("{name}_{}", entry.0), entry.1.to_owned());
        }
    }
    Person { yaml, values }
}

fn columns(people: &[Person]) -> Vec<String> {
    let mut columns: Vec<String> = people.iter().flat_map(|p| p.values.keys().cloned()).collect();
    columns.sort();
    columns.dedup();
    columns
}

fn wide(people: &[Person]) -> String {
    let columns = columns(people);
    let mut text = format!("patient_id,as_of,{}\n", columns.join(","));
    for (number, person) in people.iter().enumerate() {
        let values: Vec<&str> = columns
            .iter()
            .map(|c| person.values.get(c).map_or("", String::as_str))
            .collect();
        let _ = writeln!(text, "{number},{AS_OF},{}", values.join(","));
    }
    text
}

fn long(people: &[Person]) -> String {
    let mut text = "patient_id,fact,value,unit\n".to_owned();
    for (number, person) in people.iter().enumerate() {
        let _ = writeln!(text, "{number},as_of,{AS_OF},");
        for (name, value) in &person.values {
            match value.split_once(' ') {
                Some((value, unit)) => drop(writeln!(text, "{number},{name},{value},{unit}")),
                None => drop(writeln!(text, "{number},{name},{value},")),
            }
        }
    }
    text
}

fn ndjson(people: &[Person]) -> String {
    let mut text = String::new();
    for (number, person) in people.iter().enumerate() {
        let mut object = serde_json::Map::new();
        object.insert("patient_id".to_owned(), number.into());
        object.insert("as_of".to_owned(), AS_OF.into());
        for (name, value) in &person.values {
            let value = match value.as_str() {
                "yes" => true.into(),
                "no" => false.into(),
                text => text.into(),
            };
            object.insert(name.clone(), value);
        }
        let _ = writeln!(text, "{}", serde_json::Value::Object(object));
    }
    text
}

/// What the interpreter says of a patient, as rows of the output.
fn rows(library: &Library, patient: &str, outcome: &Outcome) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let names = |facts: &[gl::model::FactId]| {
        let names: Vec<&str> = facts.iter().map(|f| library[*f].name.as_str()).collect();
        names.join(";")
    };
    let mut row = |effect, action, status: &str, due: Option<String>, overdue: String, needs: String| {
        let effect: &gl::model::Effect = &library[effect];
        let rule = &library[effect.rule];
        let guideline = &library[rule.guideline];
        let statements: Vec<&str> = rule.statements.iter().map(|s| s.id.as_str()).collect();
        rows.push(
            [
                patient,
                &guideline.name,
                &guideline.version,
                &rule.full_name,
                &library[action as gl::model::ActionId].name,
                effect.modality.word(),
                status,
                effect.urgency.map_or("", |u| u.word()),
                due.as_deref().unwrap_or(""),
                &overdue,
                &needs,
                &statements.join(";"),
            ]
            .map(str::to_owned)
            .to_vec(),
        );
    };
    for advice in &outcome.advice {
        let (status, needs) = match &advice.standing {
            Standing::Active => ("active", String::new()),
            Standing::Overridden { .. } => ("overridden", String::new()),
            Standing::Open { on, .. } => ("open", names(on)),
        };
        let overdue = match advice.overdue {
            Some(gl::Truth::Yes) => "true",
            Some(gl::Truth::No) => "false",
            _ => "",
        };
        let due = advice.due.map(|d| d.to_string());
        row(advice.effect, advice.action, status, due, overdue.to_owned(), needs);
    }
    for waiting in &outcome.undecided {
        row(
            waiting.effect,
            waiting.action,
            "undecided",
            None,
            String::new(),
            names(&waiting.needs),
        );
    }
    rows
}

fn read_csv(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let records = reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect());
    records.collect()
}

fn gl(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_gl"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), text)
}

fn cohort(folder: &Folder, input: &str, more: &[&str]) -> (i32, String, String) {
    let arguments = [
        &["cohort", "guidelines", "--input", input, "--output", "out.csv", "--force"],
        more,
    ]
    .concat();
    let (status, said) = gl(&folder.0, &arguments);
    let read = |name: &str| fs::read_to_string(folder.0.join(name)).unwrap_or_default();
    let written = read("out.csv");
    assert!(status < 2, "{said}");
    (status, written, read("out.csv.rejects.csv"))
}

fn folder_of(files: &Memory) -> Folder {
    let folder = Folder::new("cohort");
    for (name, bytes) in &files.0 {
        folder.write(&format!("guidelines/{name}"), bytes);
    }
    folder
}

/// Everybody is told the same by a table as by a case file, whether they stand in a row or in several, in CSV or in JSON; who is
/// refused by the one is set aside by the other.
#[test]
fn a_table_says_what_case_files_say() {
    let files = guidelines_folder();
    let guidelines = Guidelines::load(&files, &guideline_paths(&files)).unwrap();
    let library = guidelines.library();
    let folder = folder_of(&files);
    let mut random = Random::new(71);
    let people: Vec<Person> = (0..250)
        .map(|_| {
            let known = 10 + random.below(80);
            person(library, patient_yaml(library, &mut random, known))
        })
        .collect();
    let mut expected = Vec::new();
    let mut refused = Vec::new();
    for (number, person) in people.iter().enumerate() {
        let record = guidelines.read_patient("case.yaml", &person.yaml).unwrap();
        match guidelines.evaluate(&record) {
            Ok(outcome) => expected.extend(rows(library, &number.to_string(), &outcome)),
            Err(_) => refused.push(number.to_string()),
        }
    }
    assert!(expected.len() > 1_000 && !refused.is_empty() && refused.len() < 200);
    folder.write("wide.csv", wide(&people));
    folder.write("long.csv", long(&people));
    folder.write("wide.ndjson", ndjson(&people));
    for input in ["wide.csv", "long.csv", "wide.ndjson"] {
        let (status, written, rejects) = cohort(&folder, input, &[]);
        assert_eq!(status, 1, "{input}");
        let written = read_csv(&written);
        let differs = written.iter().zip(&expected).find(|(a, b)| a != b);
        assert!(written == expected, "{input}: {differs:?}");
        let set_aside: Vec<String> = read_csv(&rejects).into_iter().map(|row| row[2].clone()).collect();
        assert_eq!(set_aside, refused, "{input}");
    }
    // Some of them are chosen by what is said of them, whoever evaluates.
    for (chosen, words) in [("active,open", &["active", "open"][..]), ("undecided", &["undecided"])] {
        for engine in ["rows", "columns"] {
            let (_, written, _) = cohort(&folder, "wide.csv", &["--status", chosen, "--engine", engine]);
            let of_these: Vec<Vec<String>> = expected
                .iter()
                .filter(|row| words.contains(&row[6].as_str()))
                .cloned()
                .collect();
            assert!(!of_these.is_empty() && read_csv(&written) == of_these, "{chosen}, {engine}");
        }
    }
    let summary = fs::read_to_string(folder.0.join("out.csv.summary.json")).unwrap();
    assert!(summary.contains("\"statuses\": [\n    \"undecided\"\n  ]"), "{summary}");
    let call = [
        "cohort",
        "guidelines",
        "--input",
        "wide.csv",
        "--check",
        "--report",
        "counts",
        "--status",
        "open",
    ];
    let (status, said) = gl(&folder.0, &call);
    assert!(status == 2 && said.contains("`--status` chooses among effects"), "{said}");
    // The numbers of the effects are those of the rows.
    let (_, counts, _) = cohort(&folder, "wide.csv", &["--report", "counts"]);
    let mut counted: BTreeMap<(String, String, String, String), u64> = BTreeMap::new();
    for row in &expected {
        let key = (row[3].clone(), row[4].clone(), row[5].clone(), row[6].clone());
        *counted.entry(key).or_default() += 1;
    }
    let mut told: BTreeMap<(String, String, String, String), u64> = BTreeMap::new();
    for row in read_csv(&counts) {
        for (place, status) in [(7, "active"), (8, "overridden"), (9, "open"), (10, "undecided")] {
            let key = (row[2].clone(), row[3].clone(), row[4].clone(), status.to_owned());
            *told.entry(key).or_default() += row[place].parse::<u64>().unwrap();
        }
    }
    told.retain(|_, count| *count > 0);
    assert_eq!(told, counted);
}

/// Together or one by one, every report has the same bytes.
#[test]
fn the_bytes_are_the_same_for_either_engine() {
    let files = guidelines_folder();
    let guidelines = Guidelines::load(&files, &guideline_paths(&files)).unwrap();
    let library = guidelines.library();
    let folder = folder_of(&files);
    let mut random = Random::new(76);
    let people: Vec<Person> = (0..300)
        .map(|_| {
            let known = 5 + random.below(70);
            person(library, patient_yaml(library, &mut random, known))
        })
        .collect();
    folder.write("wide.csv", wide(&people));
    let contradicting = sixty(300);
    let calls = [
        (&folder, "effects", "unknown"),
        (&folder, "effects", "no"),
        (&folder, "counts", "unknown"),
        (&folder, "counts", "no"),
        (&contradicting, "disagreements", "unknown"),
        (&contradicting, "disagreements", "no"),
    ];
    for (folder, report, unlisted) in calls {
        let with = |engine| {
            let more = ["--report", report, "--unlisted", unlisted, "--engine", engine];
            cohort(folder, "wide.csv", &more)
        };
        let (rows, columns) = (with("rows"), with("columns"));
        assert!(rows == columns, "{report}, unlisted: {unlisted}");
        assert!(
            rows.1.lines().count() > 1,
            "nothing is written: {report}, unlisted: {unlisted}"
        );
    }
}

/// Sixty rules and so many patients, some of them with a value that cannot be read.
fn sixty(patients: usize) -> Folder {
    let files = Memory::default().with("many.gl", many::guideline(60));
    let guidelines = Guidelines::load(&files, &files.paths()).unwrap();
    let mut random = Random::new(72);
    let mut people: Vec<Person> = (0..patients)
        .map(|_| person(guidelines.library(), many::patient(&mut random)))
        .collect();
    for person in people.iter_mut().filter(|_| random.percent(1)) {
        person.values.insert("sign_0".to_owned(), "perhaps".to_owned());
    }
    let folder = folder_of(&files);
    folder.write("wide.csv", wide(&people));
    folder
}

/// However rows of CSV are written, and wherever one lies otherwise than the rest, columns say what rows say, with the same lines.
#[test]
fn csv_in_blocks_says_what_it_says_row_by_row() {
    let folder = sixty(1_500);
    let text = fs::read_to_string(folder.0.join("wide.csv")).unwrap();
    // Several blocks.
    let padded = text.lines().enumerate().map(|(number, line)| match number {
        0 => format!("{line}\n"),
        _ => format!("{}{line}\n", "a".repeat(400)),
    });
    let text: String = padded.collect();
    assert!(text.len() > 700_000);
    let lines: Vec<&str> = text.lines().collect();
    let at = |place: usize, change: &dyn Fn(&str) -> String| {
        let changed = lines.iter().enumerate().map(|(number, line)| match number == place {
            true => change(line),
            false => (*line).to_owned(),
        });
        changed.map(|line| line + "\n").collect::<String>()
    };
    let quoted = |line: &str| {
        let values = line.split(',').map(|value| format!("\"{value}\""));
        values.collect::<Vec<String>>().join(",")
    };
    let of_each = |change: &dyn Fn(&str) -> String| (0..lines.len()).map(|n| change(lines[n]) + "\n").collect::<String>();
    let forms = [
        ("as it is", text.clone()),
        ("returns", text.replace('\n', "\r\n")),
        ("returns alone", text.replace('\n', "\r")),
        ("quotes", of_each(&quoted)),
        ("quotes and returns", of_each(&quoted).replace('\n', "\r\n")),
        ("a mark before the text", format!("\u{feff}{text}")),
        ("no end", text.trim_end().to_owned()),
        ("a value too many", at(400, &|line| format!("{line},more"))),
        (
            "a value too few",
            at(400, &|line| line.rsplit_once(',').unwrap().0.to_owned()),
        ),
        ("an empty line", at(400, &|line| format!("\n{line}"))),
        ("other ends of lines", at(400, &|line| format!("{line}\r"))),
        ("several lines", at(300, &|line| quoted(line).replacen(",\"", ",\"\n", 1))),
        ("a quote within", at(300, &|line| quoted(line).replacen(",\"", ",\"\"\"", 1))),
        ("a quote where none may be", at(300, &|line| line.replacen(',', ",a\"b\"", 1))),
        ("a name of other letters", at(300, &|line| format!("ü{line}"))),
        ("nobody", at(300, &|line| format!(",{}", line.split_once(',').unwrap().1))),
        ("another mark", at(300, &|line| format!("\u{feff}{line}"))),
        (
            "a long value",
            at(300, &|line| line.replacen(',', &format!(",{}", "0".repeat(300_000)), 1)),
        ),
    ];
    for ((form, text), report) in forms.into_iter().zip(["effects", "counts"].into_iter().cycle()) {
        folder.write("in.csv", &text);
        let run = |engine: &str| cohort(&folder, "in.csv", &["--report", report, "--engine", engine, "--threads", "2"]);
        let expected = run("rows");
        assert!(expected.1.lines().count() > 5 && expected.2.lines().count() > 1, "{form}");
        assert!(run("columns") == expected, "{form}");
    }
    // The values of a row may have so many bytes together, and no more.
    for engine in ["rows", "columns"] {
        let without = lines[300].len() - lines[300].matches(',').count();
        let of_length = |more: usize| at(300, &|line| line.replacen(',', &format!(",{}", "0".repeat(more)), 1));
        let longest = (1 << 20) - without;
        folder.write("in.csv", of_length(longest));
        let (_, written, rejects) = cohort(&folder, "in.csv", &["--report", "counts", "--engine", engine]);
        assert!(written.lines().count() > 5 && rejects.contains("0000"), "{engine}");
        folder.write("in.csv", of_length(longest + 1));
        let call = [
            "cohort",
            "guidelines",
            "--input",
            "in.csv",
            "--output",
            "out.csv",
            "--force",
            "--engine",
            engine,
        ];
        let (status, said) = gl(&folder.0, &call);
        assert!(
            status == 2 && said.contains("a row has more than 1048576 bytes"),
            "{engine}: {said}"
        );
    }
    folder.write("in.csv", at(500, &|line| format!("\"{line}")));
    let run = |engine: &str| {
        let output = ["--output", "out.csv", "--force", "--engine", engine];
        gl(
            &folder.0,
            &[&["cohort", "guidelines", "--input", "in.csv"][..], &output].concat(),
        )
    };
    let (status, said) = run("columns");
    assert!(status == 2 && said.contains("opens a quote that it does not close"), "{said}");
    assert_eq!(run("rows"), (status, said));
}

#[test]
fn the_bytes_are_the_same_for_any_number_of_threads() {
    let folder = sixty(1_500);
    for report in ["effects", "disagreements", "counts"] {
        let mut first = None;
        for threads in ["1", "2", "3", "7"] {
            let (status, written, rejects) = cohort(&folder, "wide.csv", &["--report", report, "--threads", threads]);
            let summary = fs::read_to_string(folder.0.join("out.csv.summary.json")).unwrap();
            assert_eq!(status, 1);
            assert!(written.lines().count() > 1 && rejects.lines().count() > 5, "{report}");
            let run = (written, rejects, summary);
            assert!(
                *first.get_or_insert_with(|| run.clone()) == run,
                "{report} with {threads} threads"
            );
        }
    }
}

#[test]
fn every_row_is_evaluated_or_set_aside_and_the_digest_is_that_of_the_file() {
    let folder = sixty(1_000);
    let (_, written, rejects) = cohort(&folder, "wide.csv", &[]);
    let summary: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(folder.0.join("out.csv.summary.json")).unwrap()).unwrap();
    let number = |pointer: &str| summary.pointer(pointer).unwrap().as_u64().unwrap();
    assert_eq!(number("/rows/read"), 1_000);
    assert_eq!(number("/rows/evaluated") + number("/rows/rejected"), 1_000);
    assert_eq!(number("/rejects/rows"), read_csv(&rejects).len() as u64);
    assert_eq!(number("/output/rows"), read_csv(&written).len() as u64);
    assert_eq!(number("/output/bytes"), written.len() as u64);
    assert_eq!(summary["output"]["sha256"], digest(written.as_bytes()));
    assert_eq!(summary["rejects"]["sha256"], digest(rejects.as_bytes()));
}

fn digest(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_run_that_is_killed_leaves_nothing_that_looks_complete() {
    kill(50);
}

#[test]
#[ignore = "takes minutes"]
fn a_run_that_is_killed_at_a_thousand_moments() {
    kill(1_000);
}

fn kill(times: u32) {
    let folder = sixty(1_000);
    let begun = Instant::now();
    let (_, whole, rejects) = cohort(&folder, "wide.csv", &[]);
    let takes = begun.elapsed();
    let mut random = Random::new(73);
    let (mut absent, mut complete) = (0, 0);
    for _ in 0..times {
        for name in ["out.csv", "out.csv.summary.json", "out.csv.rejects.csv"] {
            let _ = fs::remove_file(folder.0.join(name));
        }
        let mut run = start(&folder.0);
        std::thread::sleep(takes.mul_f64(random.below(1_100) as f64 / 1_000.0));
        // It may have ended by itself.
        let _ = run.kill();
        run.wait().unwrap();
        match fs::read_to_string(folder.0.join("out.csv")) {
            Err(_) => absent += 1,
            Ok(written) => {
                complete += 1;
                assert!(written == whole, "an output of {} bytes of {}", written.len(), whole.len());
                let beside = fs::read_to_string(folder.0.join("out.csv.rejects.csv")).unwrap();
                assert!(beside == rejects);
                assert!(folder.0.join("out.csv.summary.json").exists());
            }
        }
    }
    assert!(
        absent * 5 > times,
        "{absent} were killed in time, {complete} were not, in {takes:?}"
    );
}

fn start(folder: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_gl"))
        .args(["cohort", "guidelines", "--input", "wide.csv", "--output", "out.csv"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// A pipe that nobody reads any more is no success.
#[test]
fn a_closed_pipe_is_an_error() {
    let folder = sixty(600);
    let mut run = Command::new(env!("CARGO_BIN_EXE_gl"))
        .args(["cohort", "guidelines", "--input", "wide.csv", "--output", "-"])
        .current_dir(&folder.0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    drop(run.stdout.take());
    let begun = Instant::now();
    while run.try_wait().unwrap().is_none() && begun.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(run.wait().unwrap().code(), Some(2));
}

#[cfg(not(feature = "cohort"))]
#[test]
fn a_gl_without_parquet_says_how_to_get_it() {
    let folder = sixty(1);
    folder.write("wide.parquet", "PAR1");
    for (input, output) in [("wide.parquet", "out.csv"), ("wide.csv", "out.parquet")] {
        let (status, said) = gl(&folder.0, &["cohort", "guidelines", "--input", input, "--output", output]);
        assert_eq!(status, 2);
        assert!(said.contains("cargo install --path . --features cohort"), "{said}");
        assert!(!folder.0.join(output).exists());
    }
}
