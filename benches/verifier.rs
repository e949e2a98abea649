//! How long it takes to decide everything about all patients: `cargo bench --bench verifier`.
//!
//! Made-up libraries (`tests/support/clashes.rs`) of 10,000 rules over 200 facts and a tree of 370 actions, in which some
//! 300,000 pairs really contradict each other: conjunctions; two of five rules with alternatives; 60 assumptions across facts on
//! top. Measured is what `verify` decides, every witness replayed, on one core: without reading the text before, or putting it
//! into words after, which are printed beside it. Numbers are numbers of rules, `a`, `b`, `c` choose shapes, and the picture of
//! the handbook is drawn by
//! `cargo bench --bench verifier -- --plot docs/pictures/verifier.svg 100 1000 10000 100000`.
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
use gl::verify::Verifier;
use plotters::prelude::*;
use std::collections::BTreeMap;
use std::time::Instant;
use support::clashes::{Shape, library};

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A figure to draw: for each shape the numbers of rules and the seconds.
type Measured = BTreeMap<&'static str, Vec<(f64, f64)>>;

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let plot = arguments.iter().position(|a| a == "--plot").map(|at| {
        arguments.remove(at);
        arguments.remove(at)
    });
    let is_number = |a: &&String| a.parse::<usize>().is_ok();
    let rules: Vec<usize> = arguments.iter().filter_map(|a| a.parse().ok()).collect();
    let letters: Vec<&String> = arguments.iter().filter(|a| !is_number(a)).collect();
    let is_asked = |letter: &str| letters.is_empty() || letters.iter().any(|l| *l == letter);
    let shapes = Shape::ALL
        .into_iter()
        .zip(["a", "b", "c"])
        .filter(|(_, letter)| is_asked(letter));
    let mut measured = Measured::new();
    for (shape, _) in shapes {
        for rules in if rules.is_empty() { vec![10_000] } else { rules.clone() } {
            if let Some(seconds) = measure(rules, shape) {
                measured.entry(shape.name()).or_default().push((rules as f64, seconds));
            }
        }
    }
    if let Some(file) = plot {
        draw(&file, &measured).unwrap();
    }
}

/// Seconds against rules, both on scales of powers of ten.
fn draw(file: &str, measured: &Measured) -> Result<(), Box<dyn std::error::Error>> {
    let points = || measured.values().flatten();
    let ends = |of: fn(&(f64, f64)) -> f64| {
        let least = points().map(of).fold(f64::INFINITY, f64::min);
        let most = points().map(of).fold(0.0, f64::max);
        (least / 1.5)..(most * 1.5)
    };
    let area = SVGBackend::new(file, (760, 460)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .margin(16)
        .x_label_area_size(44)
        .y_label_area_size(64)
        .build_cartesian_2d(ends(|p| p.0).log_scale(), ends(|p| p.1).log_scale())?;
    chart
        .configure_mesh()
        .x_desc("rules")
        .y_desc("seconds, one core")
        .x_label_formatter(&|x| format!("{x:.0}"))
        .y_label_formatter(&|y| format!("{y}"))
        .light_line_style(BLACK.mix(0.04))
        .draw()?;
    for ((name, line), colour) in measured
        .iter()
        .zip([RGBColor(0, 92, 106), RGBColor(176, 84, 0), RGBColor(122, 40, 120)])
    {
        chart
            .draw_series(LineSeries::new(line.iter().copied(), colour.stroke_width(2)).point_size(4))?
            .label(*name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE)
        .draw()?;
    area.present()?;
    Ok(())
}

/// The seconds in which everything is decided, each finding with its patient; everything else is printed. Nothing where so many
/// assumptions at random contradict each other.
fn measure(rules: usize, shape: Shape) -> Option<f64> {
    let start = Instant::now();
    let loaded = loaded(rules, shape)?;
    let load = start.elapsed();
    let start = Instant::now();
    let verifier = Verifier::new(&loaded.library, &loaded.sources);
    let decided = verifier.decide().unwrap();
    let time = start.elapsed();
    let start = Instant::now();
    let found: Vec<_> = decided.into_iter().flat_map(|decided| decided.told(&verifier)).collect();
    let told = start.elapsed();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &found {
        *counts.entry(finding.code.name).or_default() += 1;
    }
    println!(
        "{rules:>7} rules, {}: load {load:.2?}, decided {time:.2?}, told {told:.2?}, {} findings {counts:?}, peak {} MB",
        shape.name(),
        found.len(),
        peak()
    );
    Some(time.as_secs_f64())
}

fn loaded(rules: usize, shape: Shape) -> Option<Loaded> {
    let files = library(rules, shape);
    let loaded = load(&files, &files.paths());
    if let Some(error) = loaded.diagnostics.first() {
        println!("{rules:>7} rules, {}: left out: {}", shape.name(), error.message);
        return None;
    }
    Some(loaded)
}

/// The most memory this process has had, in megabytes, where the system says so.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|l| l.trim().trim_end_matches(" kB").parse::<usize>().ok());
    kilobytes.unwrap_or(0) / 1024
}
