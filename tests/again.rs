//! What was read before an edit serves again after it: the result is that of a fresh read, to every id and in every order.
//!
//! `SCRIPTS=10000 cargo test --release --test again` runs ten thousand scripts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop"
)]

mod support;

use gl::load::{Cache, Loaded, load, load_again};
use std::fmt::Debug;
use support::{Memory, Random, guidelines_folder, many};

/// Guidelines of every shape that rules of a file may take from, or give to, other files.
const FILES: [(&str, &str); 6] = [
    (
        "facts.gl",
        "fact fever: yes/no\nfact onset: date\nfact duration: time since onset\nfact grade: one of none < mild < severe\n\
         action imaging\naction ct is imaging\naction review\nscale strength: high > low\n",
    ),
    (
        "a.gl",
        "guideline a \"A\" version \"1\"\n  applies when grade at least mild\nuse facts\nsource S \"S\" lists 3\n\
         define late: duration over 7 days\nassume grade is severe implies fever\n\
         section \"Acute\"\n  when fever:\nrule one: when late then urgent imaging within days cite S [1]\n\
         section \"Acute > Late\"\n  applies when grade is severe:\nrule two: when fever and duration at least 1 week then avoid ct cite S [2]\n  overrides one\n\
         note \"Be careful\" for review only if late cite S\n",
    ),
    (
        "b.gl",
        "guideline b \"B\" version \"1\"\nuse facts, a\nsource S \"S\"\ndefine late: duration over 2 weeks\n\
         rule one: when late or duration over 168 hours then ct within 6 weeks cite S\n\
         when not fever then recommend review only when late cite S\n",
    ),
    (
        "c.gl",
        "use facts\nsource S \"S\"\nwhen fever then review cite S\nwhen grade is severe then avoid imaging cite S\n\
         note named \"Again\" cite S\ncomplete \"All\" over fever for review cite S\n",
    ),
    (
        "d.gl",
        "guideline d \"D\" version \"1\"\nuse facts, a, b\nsource S \"S\"\n\
         rule one: when fever then never ct cite S\n\
         reconcile d.one with b.one\n  prefer d.one\n  because \"harm\"\n",
    ),
    (
        "a.cases.gl",
        "case \"fever\"\n  given fever, grade is severe\n  expect review\nnote \"Astray\"\n",
    ),
];

const PIECES: [&str; 34] = [
    " and fever",
    " or late",
    "not ",
    "fever",
    "fewer",
    "late",
    "duration over 7 days",
    "duration at least 1 week",
    "grade is severe",
    "grade at least mild",
    "ct",
    "imaging",
    "review",
    "one",
    "two",
    "\nrule three: when fever then ct cite S\n",
    "\nwhen late then review cite S\n",
    "\nrule one: always review cite S\n",
    "\nwhen fever and late then avoid review unless grade is mild cite S\n  overrides two\n",
    "\nsection \"Acute\"\n  when grade is mild:\n",
    "\nsection \"Late\"\n",
    "\nnote \"More\" cite S\n",
    "\nnote two \"More\" for ct cite S\n",
    "\nfact fewer: yes/no\n",
    "\ndefine late: fever\n",
    "\naction ct\n",
    "\nuse b\n",
    "\nguideline a version \"2\"\n",
    "\nassume fever implies grade is severe\n",
    " cite S [9]",
    "\n",
    "(",
    "\"",
    "",
];

#[test]
fn what_serves_again_is_what_a_fresh_read_gives() {
    let scripts: usize = std::env::var("SCRIPTS").ok().and_then(|n| n.parse().ok()).unwrap_or(60);
    let made_up = FILES
        .iter()
        .fold(Memory::default(), |files, (path, text)| files.with(path, *text));
    for script in 0..scripts {
        run(&made_up, &mut Random::new(script as u64), 12, &format!("script {script}"));
    }
}

#[test]
fn so_it_is_with_the_guidelines_and_with_many_rules() {
    for seed in 0..3 {
        run(&guidelines_folder(), &mut Random::new(seed), 10, "guidelines");
        run(&many::project(6, 12), &mut Random::new(seed), 20, "many");
    }
}

#[test]
fn a_rule_may_be_the_duplicate_of_one_in_another_file() {
    let guideline = |rule: &str| {
        format!(
            "guideline same \"Same\" version \"1\"\nuse facts\nsource S \"S\"\n\
             rule {rule}: when fever then review cite S\nnote named \"A note\" cite S\n"
        )
    };
    let files = |rule: &str| {
        let files = Memory::default().with("facts.gl", FILES[0].1).with("one.gl", guideline(rule));
        files.with("two.gl", guideline("second"))
    };
    let paths = files("first").paths();
    let mut cache = Cache::default();
    for rule in ["first", "second", "named", "first"] {
        let files = files(rule);
        assert_same(&load_again(&files, &paths, &mut cache), &load(&files, &paths), rule);
    }
}

fn run(files: &Memory, random: &mut Random, steps: usize, name: &str) {
    let mut files = files.clone();
    let original = files.clone();
    let paths: Vec<String> = files.paths().into_iter().filter(|path| path.ends_with(".gl")).collect();
    let mut cache = Cache::default();
    for step in 0..steps {
        let again = load_again(&files, &paths, &mut cache);
        let fresh = load(&files, &paths);
        assert_same(&again, &fresh, &format!("{name}, step {step}"));
        let path = random.pick(&paths).clone();
        let mut text = String::from_utf8(files.0[&path].clone()).unwrap();
        match random.below(8) {
            // A text that is mended must not be taken for what it was before.
            0 => text = String::from_utf8(original.0[&path].clone()).unwrap(),
            1 => {
                let lines: Vec<&str> = text.lines().collect();
                if !lines.is_empty() {
                    let gone = random.below(lines.len());
                    let kept = lines.iter().enumerate().filter(|(line, _)| *line != gone);
                    text = kept.map(|(_, line)| format!("{line}\n")).collect();
                }
            }
            _ => {
                let at = text.floor_char_boundary(random.below(text.len() + 1));
                let start = text[..at].rfind([' ', '\n']).map_or(0, |blank| blank + 1);
                let end = match random.percent(50) {
                    true => text[start..].find([' ', '\n']).map_or(text.len(), |blank| start + blank),
                    false => start,
                };
                text.replace_range(start..end, PIECES[random.below(PIECES.len())]);
            }
        }
        files = files.with(&path, text);
    }
}

fn assert_same(again: &Loaded, fresh: &Loaded, name: &str) {
    let parts: [(&str, [&dyn Debug; 2]); 3] = [
        ("findings", [&again.diagnostics, &fresh.diagnostics]),
        ("libraries", [&again.library, &fresh.library]),
        ("trees", [&again.trees, &fresh.trees]),
    ];
    for (part, texts) in parts {
        let [ours, theirs] = texts.map(|part| format!("{part:#?}"));
        let mut lines = ours.lines().zip(theirs.lines()).enumerate();
        if let Some((line, (a, b))) = lines.find(|(_, (a, b))| a != b) {
            panic!("{name}: the {part} differ, in line {line}: {a} for {b}");
        }
        assert_eq!(ours.len(), theirs.len(), "{name}: the {part} differ in length");
    }
}
