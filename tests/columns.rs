//! Evaluation in columns says of everybody what the interpreter says of him alone, or leaves him to it.
//!
//! `cargo test --release --test columns -- --ignored --nocapture` compares a billion patients and rules.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on stops"
)]

mod support;

use gl::Guidelines;
use gl::eval::columns::{Block, Columns, Mask, Place, WIDTH};
use gl::eval::settle::Inference;
use gl::eval::{Options, Standing, evaluate};
use gl::model::{ActionId, EffectId, FactId, FactType, Library, Record, Recorded, Term, Truth};
use std::collections::{BTreeMap, BTreeSet};
use support::many::{self, YES_NO};
use support::small::{Maker, said};
use support::written::{
    ACTIONS, Cond, Effect, FACTS, Guideline, MODALITIES, Plain, Rule, THRESHOLDS, TIMINGS, World, Written, case_written,
};
use support::{Memory, Random, guideline_paths, guidelines_folder, patient_yaml, seeds};

/// What was compared.
#[derive(Debug, Default)]
struct Tally {
    patients: usize,
    /// Left to the interpreter, of them refused by it.
    apart: usize,
    refused: usize,
    effects: usize,
    fires: usize,
    undecided: usize,
    overridden: usize,
    open: usize,
}

impl Tally {
    fn add(&mut self, other: &Tally) {
        self.patients += other.patients;
        self.apart += other.apart;
        self.refused += other.refused;
        self.effects += other.effects;
        self.fires += other.fires;
        self.undecided += other.undecided;
        self.overridden += other.overridden;
        self.open += other.open;
    }
}

/// Compares a block with the interpreter, patient by patient.
fn compare(library: &Library, inference: &Inference, records: &[Record], block: &Block, tally: &mut Tally) -> Result<(), String> {
    for (lane, record) in records.iter().enumerate() {
        let is = |those: Mask| those.has(lane);
        tally.patients += 1;
        let patient = inference.settle(library, record);
        if is(block.apart) {
            tally.apart += 1;
            tally.refused += usize::from(patient.is_err());
            continue;
        }
        let Ok(patient) = patient else {
            return Err(format!("the interpreter refuses patient {lane}: {:?}", record.entries));
        };
        let outcome = evaluate(library, &patient, &Options::default());
        let standings: BTreeMap<(EffectId, ActionId), &Standing> =
            outcome.advice.iter().map(|a| ((a.effect, a.action), &a.standing)).collect();
        let undecided: Vec<EffectId> = outcome.undecided.iter().map(|u| u.effect).collect();
        for (effect, lanes) in block.states() {
            tally.effects += 1;
            let state = match (is(lanes.holds), is(lanes.fails)) {
                (true, false) => Truth::Yes,
                (false, true) => Truth::No,
                (false, false) => Truth::Unknown,
                (true, true) => return Err("both".to_owned()),
            };
            for action in &library[effect].actions {
                let key = (effect, *action);
                let (overridden, open) = block.makes_way.get(&key).copied().unwrap_or_default();
                let expected = match standings.get(&key) {
                    Some(Standing::Active) => (Truth::Yes, false, false),
                    Some(Standing::Overridden { .. }) => (Truth::Yes, true, false),
                    Some(Standing::Open { .. }) => (Truth::Yes, false, true),
                    None if undecided.contains(&effect) => (Truth::Unknown, false, false),
                    None => (Truth::No, false, false),
                };
                let found = (state, is(overridden), is(open));
                if found != expected {
                    let rule = library.rule_name(library[effect].rule);
                    return Err(format!(
                        "`{rule}` on `{}` for patient {lane}: {found:?}, the interpreter says {expected:?}\n{:?}",
                        library[*action].name, record.entries
                    ));
                }
                tally.fires += usize::from(expected.0 == Truth::Yes);
                tally.undecided += usize::from(expected.0 == Truth::Unknown);
                tally.overridden += usize::from(expected.1);
                tally.open += usize::from(expected.2);
            }
        }
    }
    Ok(())
}

fn perhaps(maker: &mut Maker, percent: usize) -> Option<Cond> {
    maker.perhaps(percent, 3)
}

/// A library made up from a seed, over all facts of [`FACTS`].
fn library(seed: u64) -> Memory {
    let mut maker = Maker {
        random: Random::new(seed),
        facts: (0..FACTS.len())
            .filter(|fact| said(*fact).len() > 1 && is_asked(*fact))
            .collect(),
    };
    let guidelines = (0..2)
        .map(|_| Guideline {
            applies: perhaps(&mut maker, 40),
            definitions: vec![maker.condition(3), maker.condition(3)],
            sections: vec![None, None, None],
        })
        .collect();
    let count = 3 + maker.random.below(5);
    let mut rules: Vec<Rule> = Vec::new();
    for number in 0..count {
        let guideline = maker.random.below(2);
        let earlier: Vec<usize> = (0..number).filter(|r| rules[*r].guideline == guideline).collect();
        let effects = (0..1 + maker.random.below(2)).map(|_| effect(&mut maker)).collect();
        let overrides = match earlier.is_empty() || maker.random.percent(50) {
            true => Vec::new(),
            false => vec![*maker.random.pick(&earlier)],
        };
        rules.push(Rule {
            guideline,
            section: 0,
            when: perhaps(&mut maker, 90),
            unless: perhaps(&mut maker, 25),
            effects,
            overrides,
        });
    }
    let assumptions = (0..maker.random.below(5)).map(|_| maker.assumption()).collect();
    let written = Written {
        guidelines,
        rules,
        assumptions,
        reconcile: None,
    };
    let mut files = written.files(&mut Plain);
    if maker.random.percent(40) {
        for bytes in files.0.values_mut() {
            let text = String::from_utf8(bytes.clone()).unwrap();
            *bytes = text.replace("fact d: yes/no", "fact d: yes/no default no").into_bytes();
        }
    }
    files
}

/// Whether conditions can be made about a fact.
fn is_asked(fact: usize) -> bool {
    fact <= 6 || THRESHOLDS.iter().any(|(of, ..)| *of == fact)
}

fn effect(maker: &mut Maker) -> Effect {
    let action = maker.random.below(ACTIONS.len());
    let modality = maker.random.below(MODALITIES.len());
    let replaced = (action + 1 + maker.random.below(ACTIONS.len() - 1)) % ACTIONS.len();
    Effect {
        modality,
        timing: [0, 1, 2, 5][maker.random.below(4)] % TIMINGS.len(),
        actions: vec![action],
        one_of: false,
        instead_of: (modality < 2 && maker.random.percent(30)).then_some(replaced),
        only_when: if modality < 2 { perhaps(maker, 15) } else { None },
        unless: perhaps(maker, 15),
    }
}

fn patients(guidelines: &Guidelines, random: &mut Random, count: usize) -> Vec<Record> {
    let known = 20 + random.below(80);
    // In every other block nobody wants the world closed.
    let closed = [0, 40][random.below(2)];
    let one = |random: &mut Random| {
        let world: World = (0..FACTS.len())
            .map(|fact| {
                let said = said(fact);
                match random.percent(known) {
                    true => random.pick(&said).clone(),
                    false => None,
                }
            })
            .collect();
        let unknown: Vec<usize> = (0..FACTS.len()).filter(|_| random.percent(10)).collect();
        let text = case_written(&world, &unknown, random.percent(closed));
        guidelines
            .read_patient("case.yaml", &text)
            .unwrap_or_else(|e| panic!("{e}\n{text}"))
    };
    (0..count).map(|_| one(random)).collect()
}

/// Compares libraries and populations made up from these seeds.
fn made_up(seeds: std::ops::Range<u64>, blocks: usize) -> Tally {
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get() as u64);
    let tallies: Vec<(Tally, usize)> = std::thread::scope(|scope| {
        let own = |thread: u64| seeds.clone().skip(thread as usize).step_by(threads as usize);
        let started: Vec<_> = (0..threads)
            .map(|thread| scope.spawn(move || some_made_up(own(thread), blocks)))
            .collect();
        started
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    let mut all = Tally::default();
    let mut libraries = 0;
    for (tally, of_thread) in tallies {
        all.add(&tally);
        libraries += of_thread;
    }
    assert!(libraries > 20, "{libraries} libraries");
    all
}

fn some_made_up(seeds: impl Iterator<Item = u64>, blocks: usize) -> (Tally, usize) {
    let mut tally = Tally::default();
    let mut libraries = 0;
    for seed in seeds {
        let files = library(seed);
        let Ok(guidelines) = Guidelines::load(&files, &files.paths()) else {
            continue;
        };
        libraries += 1;
        let library = guidelines.library();
        let inference = Inference::new(library);
        let columns = Columns::new(library, &inference, &Options::default()).unwrap();
        let mut random = Random::new(seed + 1_000_000);
        for block in 0..blocks {
            // The last block is not full.
            let count = if block + 1 == blocks { 1 + random.below(WIDTH) } else { WIDTH };
            let records = patients(&guidelines, &mut random, count);
            let found = columns.evaluate(library, &records.iter().collect::<Vec<_>>());
            if let Err(difference) = compare(library, &inference, &records, &found, &mut tally) {
                let texts: Vec<String> = files.0.values().map(|t| String::from_utf8(t.clone()).unwrap()).collect();
                panic!("seed {seed}: {difference}\n{}", texts.join("\n"));
            }
        }
    }
    (tally, libraries)
}

/// Enough of everything was met, and few were left to the interpreter without need.
fn assert_fair(tally: &Tally) {
    assert!(tally.apart * 2 < tally.patients, "{tally:?}");
    let least = tally.effects / 200;
    for count in [tally.fires, tally.undecided, tally.overridden, tally.open] {
        assert!(count > least, "{tally:?}");
    }
    assert!(tally.refused > 0, "{tally:?}");
}

#[test]
fn columns_and_the_interpreter_agree_on_made_up_libraries() {
    assert_fair(&made_up(0..120, 2));
}

#[test]
#[ignore = "an hour on two cores in a release build: a billion, or the libraries of the seeds in GL_SEEDS, such as 0..25000"]
fn columns_and_the_interpreter_agree_on_a_billion() {
    let seeds = seeds(0..230_000);
    let wanted = usize::try_from(seeds.end - seeds.start).unwrap() / 23 * 100_000;
    let tally = made_up(seeds, 2);
    println!("{tally:?}");
    assert_fair(&tally);
    assert!(tally.effects > wanted, "{tally:?}");
}

#[test]
fn columns_and_the_interpreter_agree_on_the_guidelines() {
    let files = guidelines_folder();
    let guidelines = Guidelines::load(&files as &Memory, &guideline_paths(&files)).unwrap();
    let library = guidelines.library();
    let inference = Inference::new(library);
    let columns = Columns::new(library, &inference, &Options::default()).unwrap();
    let mut random = Random::new(75);
    let mut tally = Tally::default();
    for block in 0..8 {
        let records: Vec<Record> = (0..WIDTH)
            .map(|_| {
                let known = 5 + random.below(90);
                let mut text = patient_yaml(library, &mut random, known);
                if block % 2 == 1 && random.percent(30) {
                    text.push_str("unlisted: no\n");
                }
                guidelines.read_patient("case.yaml", &text).unwrap()
            })
            .collect();
        let found = columns.evaluate(library, &records.iter().collect::<Vec<_>>());
        compare(library, &inference, &records, &found, &mut tally).unwrap();
    }
    assert!(tally.fires > 500 && tally.overridden > 0 && tally.open > 0, "{tally:?}");
    assert!((tally.apart - tally.refused) * 4 < tally.patients, "{tally:?}");
}

#[test]
fn a_date_beside_the_time_since_it_is_held_against_it() {
    let mut files = Memory::default();
    let text = "fact onset: date\nfact lasting: time since onset\naction rest\n".to_owned()
        + "guideline g \"G\" version \"1\"\nsource S \"Source\"\nrule r:\n  when lasting at least 3 weeks\n  then recommend rest\n  cite S\n";
    files.0.insert("g.gl".to_owned(), text.into_bytes());
    let guidelines = Guidelines::load(&files, &files.paths()).unwrap();
    let library = guidelines.library();
    let inference = Inference::new(library);
    let columns = Columns::new(library, &inference, &Options::default()).unwrap();
    let mut records = Vec::new();
    for onset in ["2026-01-12", "2026-01-11", "2026-01-10", "2026-02-01", "2026-02-02"] {
        for lasting in [
            "20 days",
            "21 days",
            "22 days",
            "2 weeks",
            "3 weeks",
            "2.8 weeks",
            "2.9 weeks",
            "480 hours",
            "504 hours",
            "0 days",
        ] {
            let text = format!("as_of: 2026-02-01\nfacts:\n  onset: {onset}\n  lasting: {lasting}\n");
            records.push(guidelines.read_patient("case.yaml", &text).unwrap());
        }
    }
    let block = columns.evaluate(library, &records.iter().collect::<Vec<_>>());
    let mut tally = Tally::default();
    compare(library, &inference, &records, &block, &mut tally).unwrap();
    // None but those whom the interpreter refuses are left to it.
    assert_eq!(tally.apart, tally.refused, "{tally:?}");
    assert!(
        tally.patients - tally.apart > 8 && tally.fires > 2 && tally.refused > 20,
        "{tally:?}"
    );
}

/// What is recorded of a fact of many patients, as a mask for each of its values or classes.
fn masks(columns: &Columns, library: &Library, fact: FactId, records: &[Record]) -> (Place, Vec<Mask>) {
    let place = columns.place(library, fact, None);
    let count = match (&library[fact].ty, place) {
        (FactType::OneOf { values, .. }, _) => values.len(),
        (_, Place::Numbers(place)) => columns.class(place, i64::MAX).unwrap() + 1,
        _ => 2,
    };
    let mut masks = vec![Mask::NOBODY; count];
    for (lane, record) in records.iter().enumerate() {
        let given = record.entries.iter().find(|entry| entry.fact == fact);
        let which = given.map(|entry| match (&entry.recorded, place) {
            (Recorded::YesNo(yes), _) => usize::from(*yes),
            (Recorded::OneOf(value), _) => *value,
            (number, Place::Numbers(place)) => columns.class(place, columns.kept(place, number).unwrap()).unwrap(),
            (other, place) => panic!("{other:?} at {place:?}"),
        });
        which
            .into_iter()
            .for_each(|which| masks[which].put(lane / 64, 1 << (lane % 64)));
    }
    (place, masks)
}

#[test]
fn who_breaks_an_assumption_of_numbers_alone_is_left_to_the_interpreter() {
    let text = "fact age: quantity in years\nfact weight: quantity in \"kg\"\naction rest\n".to_owned()
        + "assume age under 1 year implies weight under 20 \"kg\"\nguideline g \"G\" version \"1\"\n"
        + "source S \"Source\"\nrule r:\n  when weight at least 10 \"kg\"\n  then recommend rest\n  cite S\n";
    let guidelines = gl::parse_str(&text).unwrap_or_else(|error| panic!("{error}"));
    let library = guidelines.library();
    let inference = Inference::new(library);
    let columns = Columns::new(library, &inference, &Options::default()).unwrap();
    let cases = ["0 years", "1 year"].into_iter().flat_map(|age| {
        let weights = ["9 kg", "19 kg", "20 kg"].into_iter();
        weights.map(move |weight| format!("facts:\n  age: {age}\n  weight: {weight}\n"))
    });
    let records: Vec<Record> = cases
        .map(|text| guidelines.read_patient("case.yaml", &text).unwrap())
        .collect();
    let block = columns.evaluate(library, &records.iter().collect::<Vec<_>>());
    let mut tally = Tally::default();
    compare(library, &inference, &records, &block, &mut tally).unwrap();
    assert!(tally.refused == 1 && tally.apart == 1 && tally.fires == 3, "{tally:?}");
}

#[test]
fn what_is_set_as_bits_says_what_is_put_one_by_one() {
    let guidelines = gl::parse_str(&many::guideline(60)).unwrap();
    let library = guidelines.library();
    let inference = Inference::new(library);
    let columns = Columns::new(library, &inference, &Options::default()).unwrap();
    let mut random = Random::new(8);
    let mut patients = |count: usize| -> Vec<Record> {
        let texts = (0..count).map(|_| many::patient(&mut random));
        texts
            .map(|text| guidelines.read_patient("case.yaml", &text).unwrap())
            .collect()
    };
    let asked: BTreeSet<FactId> = library.tests.iter().map(|(Term::Fact(fact), _)| *fact).collect();
    // One block after the other; the last is not full.
    let mut facts = columns.facts();
    for count in [WIDTH, WIDTH, 70] {
        let records = patients(count);
        for fact in asked.iter().copied() {
            match masks(&columns, library, fact, &records) {
                (Place::Values(place), masks) => facts.set_values(place, &masks),
                (Place::Numbers(place), masks) => facts.set_classes(place, &masks),
                (place, _) => panic!("{place:?}"),
            }
        }
        let block = columns.evaluate_facts(library, &mut facts, count, Mask::NOBODY);
        let mut tally = Tally::default();
        compare(library, &inference, &records, block, &mut tally).unwrap();
        assert!(tally.apart == 0 && tally.fires > 0, "{tally:?}");
        let expected = columns.evaluate(library, &records.iter().collect::<Vec<_>>());
        let present = Mask::first(count);
        let states = |block: &Block| -> Vec<_> {
            let states = block.states();
            states
                .map(|(effect, lanes)| (effect, lanes.holds & present, lanes.fails & present))
                .collect()
        };
        assert_eq!(states(block), states(&expected));
        // Nothing more is said before they are forgotten.
        let again = columns.evaluate_facts(library, &mut facts, count, Mask::NOBODY);
        assert_eq!(again.apart, present);
        // Nobody has two values, and none has more values than there are.
        for (fact, value, expected) in [
            (3, 2, Mask::one(5)),
            (YES_NO, 4, Mask::one(5)),
            (3, 3, present),
            (YES_NO, 2, present),
        ] {
            let fact = *asked.iter().find(|known| library[**known].name == name_of(fact)).unwrap();
            let Place::Values(place) = columns.place(library, fact, None) else {
                panic!("{fact:?}");
            };
            facts.clear();
            facts.set_values(place, &vec![Mask::one(5); value]);
            let block = columns.evaluate_facts(library, &mut facts, count, Mask::NOBODY);
            assert_eq!(block.apart, expected);
        }
        facts.clear();
    }
}

fn name_of(fact: usize) -> String {
    match fact.checked_sub(YES_NO) {
        None => format!("sign_{fact}"),
        Some(grade) => format!("grade_{grade}"),
    }
}
