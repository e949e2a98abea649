//! How fast the engine is: `cargo bench --bench engine`.
//!
//! Everything is made up from fixed seeds (`tests/support`), so that two runs measure the same work. The whole process, from its
//! start to the answer, is measured by
//!
//! ```sh
//! cargo build --release
//! hyperfine -N --warmup 20 'target/release/gl eval guidelines/numbness.gl --fact low_back_pain --fact numbness'
//! ```
//!
//! or, without hyperfine, by
//!
//! ```sh
//! time sh -c 'i=0; while [ $i -lt 200 ]; do
//!   target/release/gl eval guidelines/numbness.gl --fact low_back_pain --fact numbness >/dev/null 2>&1; i=$((i+1)); done'
//! ```
//!
//! divided by 200.
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

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use gl::Guidelines;
use gl::eval::columns::{Columns, Place, WIDTH};
use gl::eval::plan::{Compact, Plan, Scratch};
use gl::eval::settle::Inference;
use gl::eval::{Options, Patient, evaluate};
use gl::load::{load, load_text};
use gl::model::{FactId, FactType, Record, Recorded, Term, Truth};
use std::collections::BTreeSet;
use support::{Memory, Random, guideline_paths, guidelines_folder, many, patient_yaml};

fn main() {
    divan::main();
}

/// Items are rules.
#[divan::bench(args = [1_000, 10_000], sample_count = 10)]
fn read_and_check(bencher: Bencher, rules: usize) {
    let text = many::guideline(rules);
    let loaded = load_text("many.gl", &text);
    assert_eq!(loaded.library.rules.len(), rules);
    assert!(!loaded.has_errors());
    bencher
        .counter(ItemsCount::new(rules))
        .counter(BytesCount::of_str(&text))
        .bench(|| load_text("many.gl", black_box(&text)));
}

/// Items are rules: the grammar alone.
#[divan::bench(sample_count = 10)]
fn read_10_000_rules(bencher: Bencher) {
    let text = many::guideline(10_000);
    bencher
        .counter(ItemsCount::new(10_000_usize))
        .counter(BytesCount::of_str(&text))
        .bench(|| {
            let mut sources = gl::source::Sources::new();
            let file = sources.add("many.gl", text.as_str());
            gl::syntax::parse(&sources, file).0.items.len()
        });
}

/// The real guidelines with what they share; bytes are those of the texts.
#[divan::bench]
fn read_and_check_the_guidelines(bencher: Bencher) {
    let files = guidelines_folder();
    let paths = guideline_paths(&files);
    let bytes: usize = paths.iter().map(|p| files.0[p].len()).sum();
    bencher.counter(BytesCount::new(bytes)).bench(|| load(&files, &paths));
}

const PATIENTS: usize = 1_000;

/// Sixty rules of 2 to 6 atoms over 40 facts, of which 30 % are unknown, and a thousand patients.
struct Sixty {
    guidelines: Guidelines,
    records: Vec<Record>,
    patients: Vec<Patient>,
}

fn sixty() -> Sixty {
    let guidelines = gl::parse_str(&many::guideline(60)).unwrap_or_else(|e| panic!("{e}"));
    let mut random = Random::new(3);
    let records: Vec<Record> = (0..PATIENTS)
        .map(|_| {
            guidelines
                .read_patient("case.yaml", &many::patient(&mut random))
                .unwrap_or_else(|e| panic!("{e}"))
        })
        .collect();
    let patients = records
        .iter()
        .map(|r| guidelines.settle(r).unwrap_or_else(|e| panic!("{e}")))
        .collect();
    Sixty {
        guidelines,
        records,
        patients,
    }
}

/// Items are patients.
#[divan::bench]
fn settle_40_facts(bencher: Bencher) {
    let sixty = sixty();
    let library = sixty.guidelines.library();
    let inference = Inference::new(library);
    bencher
        .counter(ItemsCount::new(PATIENTS))
        .bench(|| sixty.records.iter().filter(|r| inference.settle(library, r).is_ok()).count());
}

/// Items are patients: advice, standings, needs, questions.
#[divan::bench]
fn walk_60_rules_with_explanation(bencher: Bencher) {
    let sixty = sixty();
    let options = Options::default();
    bencher.counter(ItemsCount::new(PATIENTS)).bench(|| {
        sixty
            .patients
            .iter()
            .map(|p| evaluate(sixty.guidelines.library(), p, &options).advice.len())
            .sum::<usize>()
    });
}

/// Items are patients: the truth of each guard by the plain walk, nothing else.
#[divan::bench]
fn walk_60_guards(bencher: Bencher) {
    let sixty = sixty();
    let library = sixty.guidelines.library();
    bencher.counter(ItemsCount::new(PATIENTS)).bench(|| {
        let fires = |p: &Patient| {
            let truths = gl::eval::truth::Truths::new(library, p);
            library.effects.iter().filter(|e| truths.of(&e.guard) == Truth::Yes).count()
        };
        sixty.patients.iter().map(fires).sum::<usize>()
    });
}

/// Items are patients: the same truths by the compiled plan, from patients already compact.
#[divan::bench]
fn plan_60_guards(bencher: Bencher) {
    let sixty = sixty();
    let plan = Plan::new(sixty.guidelines.library(), &Options::default());
    let compact: Vec<Compact> = sixty.patients.iter().map(|p| plan.compact(p)).collect();
    let mut scratch = Scratch::default();
    bencher.counter(ItemsCount::new(PATIENTS)).bench_local(|| {
        let mut fires = 0_usize;
        for patient in &compact {
            plan.states(black_box(patient), &mut scratch, |_, truth| {
                fires += usize::from(truth == Truth::Yes)
            });
        }
        fires
    });
}

/// Items are patients: as before, with making them compact.
#[divan::bench]
fn plan_60_guards_from_patients(bencher: Bencher) {
    let sixty = sixty();
    let plan = Plan::new(sixty.guidelines.library(), &Options::default());
    let mut scratch = Scratch::default();
    bencher.counter(ItemsCount::new(PATIENTS)).bench_local(|| {
        let mut fires = 0_usize;
        for patient in &sixty.patients {
            plan.states(&plan.compact(patient), &mut scratch, |_, truth| {
                fires += usize::from(truth == Truth::Yes)
            });
        }
        fires
    });
}

/// What is recorded of many patients, sixty-four at a time, each fact in a word for each of its values or as numbers with a word for
/// those who have one.
struct Stored {
    facts: Vec<(FactId, Place, usize)>,
    words: Vec<u64>,
}

const BLOCKS: usize = 1 << 14;

impl Stored {
    fn new(columns: &Columns, sixty: &Sixty) -> Self {
        let library = sixty.guidelines.library();
        let ids: BTreeSet<FactId> = library.tests.iter().map(|(Term::Fact(fact), _)| *fact).collect();
        let values = |fact: FactId| match &library[fact].ty {
            FactType::OneOf { values, .. } => values.len(),
            _ => 2,
        };
        let facts: Vec<_> = ids
            .iter()
            .map(|f| (*f, columns.place(library, *f, None), values(*f)))
            .collect();
        let mut words = Vec::new();
        for records in sixty.records.chunks_exact(WIDTH) {
            for (fact, place, values) in &facts {
                let given = |record: &Record| record.entries.iter().find(|e| e.fact == *fact).map(|e| e.recorded.clone());
                let given: Vec<Option<Recorded>> = records.iter().map(given).collect();
                let those = |is: &dyn Fn(&Recorded) -> bool| {
                    let lanes = given.iter().enumerate().filter(|(_, given)| given.as_ref().is_some_and(is));
                    lanes.fold(0, |word, (lane, _)| word | 1_u64 << lane)
                };
                match place {
                    Place::Values(_) => words.extend((0..*values).map(|value| {
                        those(&|given| *given == Recorded::YesNo(value == 1) && *values == 2 || *given == Recorded::OneOf(value))
                    })),
                    Place::Numbers(place) => {
                        let kept = |given: &Option<Recorded>| given.as_ref().and_then(|given| columns.kept(*place, given));
                        words.extend(given.iter().map(|given| kept(given).unwrap_or(0).cast_unsigned()));
                        words.push(those(&|given| *given != Recorded::Unknown));
                    }
                    Place::Several | Place::Nowhere => panic!("{}", library[*fact].name),
                }
            }
        }
        let once = words.len();
        let blocks = sixty.records.len() / WIDTH;
        words.resize(once / blocks * BLOCKS, 0);
        (once..words.len()).for_each(|word| words[word] = words[word - once]);
        Stored { facts, words }
    }

    fn counters(&self) -> (ItemsCount, BytesCount) {
        (ItemsCount::new(BLOCKS * WIDTH), BytesCount::of_slice(&self.words))
    }
}

fn stored() -> (Sixty, Columns, Stored) {
    let sixty = sixty();
    let library = sixty.guidelines.library();
    let columns = Columns::new(library, &Inference::new(library), &Options::default()).expect("small numbers");
    let stored = Stored::new(&columns, &sixty);
    (sixty, columns, stored)
}

/// Items are patients, a million of them in memory: for each rule those for whom it fires and those for whom it is undecided.
#[divan::bench(sample_count = 10)]
fn columns_60_rules_in_memory(bencher: Bencher) {
    let (sixty, columns, stored) = stored();
    let library = sixty.guidelines.library();
    let (items, bytes) = stored.counters();
    bencher.counter(items).counter(bytes).bench_local(|| {
        let mut counted = vec![(0_u64, 0_u64); library.effects.len()];
        let mut facts = columns.facts();
        for block in stored.words.chunks_exact(stored.words.len() / BLOCKS) {
            facts.clear();
            let mut left = block;
            for (_, place, values) in &stored.facts {
                match place {
                    Place::Values(place) => {
                        let (words, rest) = left.split_at(*values);
                        left = rest;
                        words
                            .iter()
                            .enumerate()
                            .for_each(|(value, those)| facts.put_word(*place, value, *those));
                    }
                    Place::Numbers(place) => {
                        let (numbers, rest) = left.split_at(WIDTH);
                        let kept = std::array::from_fn(|lane| numbers[lane].cast_signed());
                        facts.put_numbers(*place, &kept, rest[0]);
                        left = &rest[1..];
                    }
                    Place::Several | Place::Nowhere => {}
                }
            }
            let block = columns.evaluate_facts(library, &mut facts, WIDTH, 0);
            assert_eq!(block.apart, 0);
            for (effect, lanes) in &block.states {
                let (fires, undecided) = &mut counted[effect.index()];
                *fires += u64::from(lanes.holds.count_ones());
                *undecided += u64::from(lanes.unknown().count_ones());
            }
        }
        counted
    });
}

/// Items are patients: what [`columns_60_rules_in_memory`] reads, read and added up.
#[divan::bench(sample_count = 10)]
fn read_60_rules_in_memory(bencher: Bencher) {
    let (_, _, stored) = stored();
    let (items, bytes) = stored.counters();
    bencher.counter(items).counter(bytes).bench_local(|| {
        black_box(&stored.words)
            .iter()
            .fold(0_u64, |sum, word| sum.wrapping_add(*word))
    });
}

/// The guidelines of the project with a hundred patients of whom half is known; those who cannot exist are left out.
struct Real {
    guidelines: Guidelines,
    patients: Vec<Patient>,
}

fn real() -> Real {
    let files = guidelines_folder();
    let guidelines = Guidelines::load(&files as &Memory, &guideline_paths(&files)).unwrap_or_else(|e| panic!("{e}"));
    let mut random = Random::new(7);
    let mut patients = Vec::new();
    for _ in 0..100_000 {
        let known = 10 + random.below(80);
        let text = patient_yaml(guidelines.library(), &mut random, known);
        let record = guidelines
            .read_patient("case.yaml", &text)
            .unwrap_or_else(|e| panic!("{e}\n{text}"));
        patients.extend(guidelines.settle(&record));
        if patients.len() == 100 {
            break;
        }
    }
    assert_eq!(patients.len(), 100);
    Real { guidelines, patients }
}

/// Items are patients.
#[divan::bench]
fn walk_the_guidelines_with_explanation(bencher: Bencher) {
    let real = real();
    let options = Options::default();
    bencher.counter(ItemsCount::new(real.patients.len())).bench(|| {
        real.patients
            .iter()
            .map(|p| evaluate(real.guidelines.library(), p, &options).advice.len())
            .sum::<usize>()
    });
}

/// Items are patients.
#[divan::bench]
fn plan_the_guidelines(bencher: Bencher) {
    let real = real();
    let plan = Plan::new(real.guidelines.library(), &Options::default());
    let compact: Vec<Compact> = real.patients.iter().map(|p| plan.compact(p)).collect();
    let mut scratch = Scratch::default();
    bencher.counter(ItemsCount::new(real.patients.len())).bench_local(|| {
        let mut fires = 0_usize;
        for patient in &compact {
            plan.states(black_box(patient), &mut scratch, |_, truth| {
                fires += usize::from(truth == Truth::Yes)
            });
        }
        fires
    });
}
