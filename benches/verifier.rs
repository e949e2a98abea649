//! How long it takes to decide everything about all patients: `cargo bench --bench verifier`.
//!
//! Made-up libraries (`tests/support/clashes.rs`) of 10,000 rules over 200 facts and a tree of 370 actions, in which some
//! 300,000 pairs really contradict each other: conjunctions; two of five rules with alternatives; 60 assumptions across facts on
//! top. Measured is `verify`, on one core, without reading the text.
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

use gl::load::{Loaded, load};
use gl::verify::verify;
use std::collections::BTreeMap;
use std::time::Instant;
use support::clashes::{Shape, library};

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let rules: Vec<usize> = arguments.iter().filter_map(|a| a.parse().ok()).collect();
    let shapes: Vec<Shape> = Shape::ALL
        .into_iter()
        .enumerate()
        .filter(|(i, _)| {
            arguments
                .iter()
                .all(|a| a.parse::<usize>().is_ok() || *a == ["a", "b", "c"][*i])
        })
        .map(|(_, s)| s)
        .collect();
    for shape in shapes {
        for rules in if rules.is_empty() { vec![10_000] } else { rules.clone() } {
            measure(rules, shape);
        }
    }
}

fn measure(rules: usize, shape: Shape) {
    let start = Instant::now();
    let loaded = loaded(rules, shape);
    let load = start.elapsed();
    let start = Instant::now();
    let found = verify(&loaded);
    let time = start.elapsed();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &found {
        *counts.entry(finding.code.name).or_default() += 1;
    }
    println!(
        "{rules:>7} rules, {}: load {load:.2?}, verify {time:.2?}, {} findings {counts:?}, peak {} MB",
        shape.name(),
        found.len(),
        peak()
    );
}

fn loaded(rules: usize, shape: Shape) -> Loaded {
    let files = library(rules, shape);
    let loaded = load(&files, &files.paths());
    if let Some(error) = loaded.diagnostics.first() {
        panic!("{}", error.message);
    }
    loaded
}

/// The most memory this process has had, in megabytes, where the system says so.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|l| l.trim().trim_end_matches(" kB").parse::<usize>().ok());
    kilobytes.unwrap_or(0) / 1024
}
