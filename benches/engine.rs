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
use gl::eval::columns::{Columns, Mask, NumberPlace, Place, ValuesPlace, WIDTH};
use gl::eval::plan::{Compact, Plan, Scratch};
use gl::eval::settle::Inference;
use gl::eval::{Options, Patient, evaluate};
use gl::load::{load, load_text};
use gl::model::{FactId, FactType, Record, Recorded, Term, Truth};
use std::array;
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

const PATIENTS: usize = 1_024;

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

/// What is recorded of many patients, block by block: each fact as a mask for each of its values, and numbers as a mask for each class
/// of them that passes the same tests, or as they are kept.
struct Stored {
    facts: Vec<Held>,
    masks: Vec<Mask>,
    numbers: Vec<[i64; 64]>,
}

/// Where a fact goes, and how many masks of it there are.
enum Held {
    Values(ValuesPlace, usize),
    Classes(NumberPlace, usize),
    Numbers(NumberPlace),
}

const BLOCKS: usize = (1 << 20) / WIDTH;

impl Stored {
    fn new(columns: &Columns, sixty: &Sixty, numbers_in_classes: bool) -> Self {
        let library = sixty.guidelines.library();
        let ids: BTreeSet<FactId> = library.tests.iter().map(|(Term::Fact(fact), _)| *fact).collect();
        let mut facts = Vec::new();
        let (mut masks, mut numbers) = (Vec::new(), Vec::new());
        for (number, records) in sixty.records.chunks_exact(WIDTH).enumerate() {
            for fact in &ids {
                let given = |record: &Record| record.entries.iter().find(|e| e.fact == *fact).map(|e| e.recorded.clone());
                let given: Vec<Option<Recorded>> = records.iter().map(given).collect();
                let mut put = |is: &dyn Fn(&Recorded) -> bool| {
                    let lanes = given.iter().enumerate().filter(|(_, given)| given.as_ref().is_some_and(is));
                    let those = lanes.fold(Mask::NOBODY, |those, (lane, _)| those | Mask::one(lane));
                    masks.push(those);
                };
                let held = match columns.place(library, *fact, None) {
                    Place::Values(place) => {
                        let values = match &library[*fact].ty {
                            FactType::OneOf { values, .. } => values.len(),
                            _ => 2,
                        };
                        for value in 0..values {
                            put(&|given| {
                                *given == Recorded::YesNo(value == 1) && values == 2 || *given == Recorded::OneOf(value)
                            });
                        }
                        Held::Values(place, values)
                    }
                    Place::Numbers(place) if numbers_in_classes => {
                        let class = |kept: i64| columns.class(place, kept).expect("no dates");
                        let classes = class(i64::MAX) + 1;
                        for of_class in 0..classes {
                            put(&|given| columns.kept(place, given).is_some_and(|kept| class(kept) == of_class));
                        }
                        Held::Classes(place, classes)
                    }
                    Place::Numbers(place) => {
                        put(&|given| *given != Recorded::Unknown);
                        let kept = |given: &Option<Recorded>| given.as_ref().and_then(|given| columns.kept(place, given));
                        let words = given.chunks_exact(64);
                        numbers.extend(words.map(|given| array::from_fn(|lane| kept(&given[lane]).unwrap_or(0))));
                        Held::Numbers(place)
                    }
                    Place::Several | Place::Nowhere => panic!("{}", library[*fact].name),
                };
                if number == 0 {
                    facts.push(held);
                }
            }
        }
        let blocks = sixty.records.len() / WIDTH;
        Stored {
            facts,
            masks: masks.repeat(BLOCKS / blocks),
            numbers: numbers.repeat(BLOCKS / blocks),
        }
    }

    fn counters(&self) -> (ItemsCount, BytesCount) {
        let bytes = size_of_val(&*self.masks) + size_of_val(&*self.numbers);
        (ItemsCount::new(BLOCKS * WIDTH), BytesCount::new(bytes))
    }
}

fn stored(numbers_in_classes: bool) -> (Sixty, Columns, Stored) {
    let sixty = sixty();
    let library = sixty.guidelines.library();
    let columns = Columns::new(library, &Inference::new(library), &Options::default()).expect("small numbers");
    let stored = Stored::new(&columns, &sixty, numbers_in_classes);
    (sixty, columns, stored)
}

fn evaluate_in_memory(bencher: Bencher, numbers_in_classes: bool) {
    let (sixty, columns, stored) = stored(numbers_in_classes);
    let library = sixty.guidelines.library();
    let (items, bytes) = stored.counters();
    bencher.counter(items).counter(bytes).bench_local(|| {
        let mut counted = Vec::new();
        let mut facts = columns.facts();
        let mut numbers = stored.numbers.iter();
        for block in stored.masks.chunks_exact(stored.masks.len() / BLOCKS) {
            facts.clear();
            let mut masks = block;
            columns.widest(
                #[inline(always)]
                || {
                    for held in &stored.facts {
                        match held {
                            Held::Values(place, values) => {
                                let (own, rest) = masks.split_at(*values);
                                facts.set_values(*place, own);
                                masks = rest;
                            }
                            Held::Classes(place, classes) => {
                                let (own, rest) = masks.split_at(*classes);
                                facts.set_classes(*place, own);
                                masks = rest;
                            }
                            Held::Numbers(place) => {
                                let (known, rest) = masks.split_first().expect("who has one");
                                masks = rest;
                                for ((word, those), numbers) in known.words().iter().enumerate().zip(&mut numbers) {
                                    facts.put_numbers(*place, word, numbers, *those);
                                }
                            }
                        }
                    }
                },
            );
            let block = columns.evaluate_facts(library, &mut facts, WIDTH, Mask::NOBODY);
            assert!(block.apart.is_nobody());
            columns.count(block, Mask::EVERYBODY, &mut counted);
        }
        counted
    });
}

fn read_in_memory(bencher: Bencher, numbers_in_classes: bool) {
    let (_, _, stored) = stored(numbers_in_classes);
    let (items, bytes) = stored.counters();
    bencher.counter(items).counter(bytes).bench_local(|| {
        let words = black_box(&stored.masks).iter().flat_map(Mask::words);
        let numbers = black_box(&stored.numbers).as_flattened().iter();
        let sum = words.fold(0_u64, |sum, word| sum.wrapping_add(*word));
        numbers.fold(sum, |sum, number| sum.wrapping_add(number.cast_unsigned()))
    });
}

/// Items are patients, a million of them in memory, all facts as bits: for each rule those for whom it fires and those for whom it is
/// undecided.
#[divan::bench(sample_count = 20)]
fn columns_60_rules_from_bits_in_memory(bencher: Bencher) {
    evaluate_in_memory(bencher, true);
}

/// Items are patients: what [`columns_60_rules_from_bits_in_memory`] reads, read and added up.
#[divan::bench(sample_count = 20)]
fn read_bits_in_memory(bencher: Bencher) {
    read_in_memory(bencher, true);
}

/// Items are patients: the same with numbers as they are kept, in a word each.
#[divan::bench(sample_count = 20)]
fn columns_60_rules_from_numbers_in_memory(bencher: Bencher) {
    evaluate_in_memory(bencher, false);
}

/// Items are patients: what [`columns_60_rules_from_numbers_in_memory`] reads, read and added up.
#[divan::bench(sample_count = 20)]
fn read_numbers_in_memory(bencher: Bencher) {
    read_in_memory(bencher, false);
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
