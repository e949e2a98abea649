//! How long an editor waits after one edit: `cargo bench --bench lsp`.
//!
//! Reading and types of 10,000 rules in 40 files are to take less than 50 ms, everything about the guidelines of this
//! repository, conflicts included, less than 100 ms.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use divan::Bencher;
use gl::desk::Desk;
use gl::verify::verify;
use std::hint::black_box;
use support::{Memory, guidelines_folder, many};

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

/// A project with one file open, and two texts for it that take turns.
struct Edited {
    desk: Desk,
    path: &'static str,
    texts: [String; 2],
    turn: usize,
}

impl Edited {
    fn new(files: Memory, path: &'static str, old: &str, new: &str) -> Edited {
        let text = String::from_utf8(files.0[path].clone()).unwrap();
        let changed = text.replacen(old, new, 1);
        assert_ne!(text, changed);
        let paths: Vec<String> = files.paths().into_iter().filter(|p| p.ends_with(".gl")).collect();
        let mut edited = Edited {
            desk: Desk::new(Box::new(files), paths),
            path,
            texts: [text, changed],
            turn: 0,
        };
        // The editor has looked at everything before anybody writes.
        edited.edit();
        edited.report();
        edited
    }

    fn edit(&mut self) {
        self.turn += 1;
        self.desk.open(self.path, self.texts[self.turn % 2].clone());
    }

    fn report(&mut self) -> usize {
        self.desk.report(&|_, _| None).findings.len()
    }

    fn verify(&mut self) -> usize {
        let analysis = self.desk.analysis();
        let found = verify(&analysis.loaded);
        self.desk.verified(analysis, found);
        self.report()
    }
}

/// A threshold in one of 10,000 rules.
#[divan::bench(sample_count = 40)]
fn reading_and_types_of_10_000_rules(bencher: Bencher<'_, '_>) {
    let mut edited = Edited::new(many::project(40, 250), "many_7.gl", "within 6 weeks", "within 5 weeks");
    bencher.bench_local(|| {
        edited.edit();
        black_box(edited.report())
    });
}

/// The same in one file that holds all rules.
#[divan::bench(sample_count = 40)]
fn reading_and_types_of_10_000_rules_in_one_file(bencher: Bencher<'_, '_>) {
    let files = Memory::default().with("many.gl", many::guideline(10_000));
    let mut edited = Edited::new(files, "many.gl", "within 6 weeks", "within 5 weeks");
    bencher.bench_local(|| {
        edited.edit();
        black_box(edited.report())
    });
}

/// A rule more in one of 40 files, and a rule less.
#[divan::bench(sample_count = 40)]
fn a_rule_more_in_10_000_rules(bencher: Bencher<'_, '_>) {
    let rule = "rule another: when sign_1 then review cite S from S-1\nrule rule_7 ";
    let mut edited = Edited::new(
        many::project(40, 250),
        "many_7.gl",
        "rule rule_7 ",
        &rule.replace("review", "action_1"),
    );
    bencher.bench_local(|| {
        edited.edit();
        black_box(edited.report())
    });
}

/// A fact more in the vocabulary of 10,000 rules, which takes another look at all of them.
#[divan::bench(sample_count = 40)]
fn a_fact_more_for_10_000_rules(bencher: Bencher<'_, '_>) {
    let mut edited = Edited::new(
        many::project(40, 250),
        "shared.gl",
        "fact sign_0:",
        "fact more: yes/no\nfact sign_0:",
    );
    bencher.bench_local(|| {
        edited.edit();
        black_box(edited.report())
    });
}

/// A slip in one of 10,000 rules, which gives findings with suggestions.
#[divan::bench(sample_count = 40)]
fn a_slip_in_10_000_rules(bencher: Bencher<'_, '_>) {
    let mut edited = Edited::new(many::project(40, 250), "many_7.gl", "sign_", "sigm_");
    bencher.bench_local(|| {
        edited.edit();
        black_box(edited.report())
    });
}

/// A threshold in the guidelines, with every conflict that comes of it.
#[divan::bench(sample_count = 40)]
fn everything_about_the_guidelines(bencher: Bencher<'_, '_>) {
    let mut edited = Edited::new(
        guidelines_folder(),
        "numbness.gl",
        "symptom_duration over 6",
        "symptom_duration over 7",
    );
    assert!(
        !edited.desk.analysis().loaded.has_errors(),
        "with an error nothing is verified"
    );
    bencher.bench_local(|| {
        edited.edit();
        black_box(edited.report());
        black_box(edited.verify())
    });
}
