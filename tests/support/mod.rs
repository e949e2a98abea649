//! What the laws, the hostile corpus and the benchmarks share: a source of numbers that gives the same numbers everywhere,
//! files in memory, and patients made up for a library.
#![allow(dead_code, reason = "each test and benchmark uses a part of it")]

pub mod clashes;
pub mod many;
pub mod small;
pub mod texts;
pub mod written;

use gl::load::{Files, ReadError};
use gl::model::units::Unit;
use gl::model::{FactType, Library, Term, Test};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::BTreeMap;

/// The date of evaluation of every made-up patient.
pub const AS_OF: &str = "2026-02-01";

/// SplitMix64: numbers that look random and are the same on every machine.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'a, T>(&mut self, among: &'a [T]) -> &'a T {
        &among[self.below(among.len())]
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// Files in memory.
#[derive(Debug, Clone, Default)]
pub struct Memory(pub BTreeMap<String, Vec<u8>>);

impl Memory {
    pub fn with(mut self, name: &str, text: impl Into<Vec<u8>>) -> Self {
        self.0.insert(name.to_owned(), text.into());
        self
    }

    pub fn paths(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }
}

impl Files for Memory {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.0.get(path).cloned().ok_or(ReadError::NotFound)
    }
}

/// The seeds that GL_SEEDS names, such as `0..25000`, or others.
pub fn seeds(otherwise: std::ops::Range<u64>) -> std::ops::Range<u64> {
    let Ok(named) = std::env::var("GL_SEEDS") else {
        return otherwise;
    };
    let ends = named.split_once("..").map(|(from, to)| (from.parse(), to.parse()));
    match ends {
        Some((Ok(from), Ok(to))) if from < to => from..to,
        _ => panic!("GL_SEEDS is `{named}`, which is no range of seeds such as `0..25000`"),
    }
}

/// The `.gl` files of the guidelines folder, under their plain names.
pub fn guidelines_folder() -> Memory {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("guidelines");
    let mut files = Memory::default();
    let mut folders = vec![(folder, String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        for entry in entries.flatten() {
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            match std::fs::read(entry.path()) {
                Ok(bytes) => files = files.with(&name, bytes),
                Err(_) => folders.push((entry.path(), format!("{name}/"))),
            }
        }
    }
    files
}

/// The guidelines among the paths: no cases, no tables.
pub fn guideline_paths(files: &Memory) -> Vec<String> {
    files
        .paths()
        .into_iter()
        .filter(|p| p.ends_with(".gl") && !p.ends_with(".cases.gl"))
        .collect()
}

/// A case file for the library: each fact is known in so many of a hundred cases. Numbers fall on, just below and just above
/// the thresholds that the library tests.
pub fn patient_yaml(library: &Library, random: &mut Random, known: usize) -> String {
    let mut facts = String::new();
    for (index, fact) in library.facts.iter().enumerate() {
        if !random.percent(known) {
            continue;
        }
        let value = match &fact.ty {
            FactType::YesNo => random.pick(&["yes", "no"]).to_string(),
            FactType::OneOf { values, .. } => random.pick(values).clone(),
            FactType::AnyOf { members } => {
                let stated = members.iter().map(|m| (m, random.below(3))).filter(|(_, state)| *state < 2);
                let entries: Vec<String> = stated.map(|(m, state)| format!("{m}: {}", ["no", "yes"][state])).collect();
                if entries.is_empty() {
                    "[]".to_owned()
                } else {
                    format!("{{{}}}", entries.join(", "))
                }
            }
            FactType::Date => date_before(random.below(400)),
            // Given by its date, or not at all: a time and a date that disagree are an error.
            FactType::TimeSince { .. } => continue,
            FactType::Count => number_near(library, index, random)
                .unwrap_or_else(|| random.below(5).into())
                .trunc()
                .to_string(),
            FactType::Quantity { unit } => {
                let near = number_near(library, index, random).unwrap_or_else(|| random.below(100).into());
                let near = fact.range.map_or(near, |(low, high)| near.clamp(low, high));
                match unit {
                    Unit::Time(_) => format!("{near} minutes"),
                    _ => format!("{near} {}", unit.written()),
                }
            }
        };
        facts.push_str(&format!("  {}: {value}\n", fact.name));
    }
    if facts.is_empty() {
        format!("as_of: {AS_OF}\nfacts: {{}}\n")
    } else {
        format!("as_of: {AS_OF}\nfacts:\n{facts}")
    }
}

/// The day so many days before the evaluation.
pub fn date_before(days: usize) -> String {
    let as_of: jiff::civil::Date = AS_OF.parse().unwrap();
    let days = jiff::Span::new().days(i64::try_from(days).unwrap_or(0));
    as_of.checked_sub(days).unwrap().to_string()
}

/// A threshold that the library tests for this fact, or a number one step beside it, in the canonical unit.
fn number_near(library: &Library, fact: usize, random: &mut Random) -> Option<Decimal> {
    let thresholds: Vec<Decimal> = library
        .tests
        .iter()
        .filter_map(|(Term::Fact(tested), test)| match test {
            Test::Compare { than, .. } if tested.index() == fact => Some(*than),
            _ => None,
        })
        .collect();
    if thresholds.is_empty() {
        return None;
    }
    let than = *random.pick(&thresholds);
    let step = Decimal::from(random.below(3) as i64 - 1);
    (than + step).to_f64().filter(|n| *n >= 0.0).map(|_| than + step)
}
