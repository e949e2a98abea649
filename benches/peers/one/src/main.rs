//! gl beside engines of rules, one patient at a time.
//!
//! ```sh
//! python3 benches/peers/library.py --patients 2000 >work.json
//! cargo run --release --manifest-path benches/peers/one/Cargo.toml -- work.json results.json
//! ```
//!
//! Every engine must say for every patient that the same rules fire before any time is told. Engines then take turns, five rounds; told are
//! medians, in patients a second. Each is timed twice: from an input that already is in memory in the engine's own form, and with making
//! that input from a map of names and values. Both include the answer in the engine's own form, neither the reading of that answer.

mod engines;
mod rules;

use engines::{Engine, Failed};
use rules::{Record, Work};
use std::collections::BTreeSet;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

const ROUNDS: usize = 5;

/// An engine with inputs made for all patients.
struct Ready<E: Engine> {
    engine: E,
    inputs: Vec<E::Input>,
}

/// What is asked of any engine.
trait Peer {
    fn fired(&mut self) -> Result<Vec<BTreeSet<usize>>, Failed>;
    /// Patients a second from the engine's own input, and with making it.
    fn speeds(&mut self, patients: &[Record]) -> Result<[f64; 2], Failed>;
}

impl<E: Engine> Peer for Ready<E> {
    fn fired(&mut self) -> Result<Vec<BTreeSet<usize>>, Failed> {
        let Ready { engine, inputs } = self;
        let mut fired = |input| {
            let answer = engine.evaluate(input)?;
            engine.fired(&answer)
        };
        inputs.iter().map(&mut fired).collect()
    }

    fn speeds(&mut self, patients: &[Record]) -> Result<[f64; 2], Failed> {
        // Often enough that the clock is no part of what is measured.
        let per_second = |each: &mut dyn FnMut() -> Result<(), Failed>| -> Result<f64, Failed> {
            let (start, mut done) = (Instant::now(), 0);
            while start.elapsed().as_secs_f64() < 0.3 {
                each()?;
                done += patients.len();
            }
            Ok(done as f64 / start.elapsed().as_secs_f64())
        };
        let Ready { engine, inputs } = self;
        let own = per_second(&mut || {
            for input in inputs.iter() {
                black_box(engine.evaluate(black_box(input))?);
            }
            Ok(())
        })?;
        let made = per_second(&mut || {
            for patient in patients {
                let input = engine.input(black_box(patient))?;
                black_box(engine.evaluate(&input)?);
            }
            Ok(())
        })?;
        Ok([own, made])
    }
}

fn ready<E: Engine + 'static>(engine: E, work: &Work) -> Result<Box<dyn Peer>, Failed> {
    let inputs = work
        .patients
        .iter()
        .map(|record| engine.input(record))
        .collect::<Result<_, _>>()?;
    Ok(Box::new(Ready { engine, inputs }))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() -> Result<(), Failed> {
    let mut arguments = std::env::args().skip(1);
    let read = arguments
        .next()
        .ok_or("usage: one WORK.json [RESULTS.json]; benches/peers/library.py prints the work")?;
    let work: Work = serde_json::from_str(&std::fs::read_to_string(read)?)?;
    let library = Arc::new(engines::Library::new(&work)?);
    let mut peers = vec![
        ("gl", ready(engines::States::new(&library), &work)?),
        (
            "gl, with everything that gl eval says",
            ready(engines::Explained(Arc::clone(&library)), &work)?,
        ),
        (
            "gl, the same from the text of a case",
            ready(engines::FrontDoor(library), &work)?,
        ),
        ("Cedar 4.14.1", ready(engines::Cedar::new(&work)?, &work)?),
        ("CEL 0.15.0", ready(engines::Cel::new(&work)?, &work)?),
        ("regorus 0.14.1", ready(engines::Rego::new(&work, false)?, &work)?),
        ("regorus 0.14.1, bytecode", ready(engines::Rego::new(&work, true)?, &work)?),
        ("ZEN 2.1.6", ready(engines::Zen::new(&work)?, &work)?),
        (
            "ZEN 2.1.6, expressions alone",
            ready(engines::ZenExpressions::new(&work)?, &work)?,
        ),
    ];

    let mut expected = None;
    for (name, peer) in &mut peers {
        let fired = peer.fired().map_err(|e| format!("{name}: {e}"))?;
        let expected = expected.get_or_insert_with(|| fired.clone());
        if let Some(n) = (0..fired.len()).find(|n| fired[*n] != expected[*n]) {
            return Err(format!("patient {n}: {name} says {:?}, gl {:?}", fired[n], expected[n]).into());
        }
    }
    let fired: usize = expected.iter().flatten().map(BTreeSet::len).sum();
    println!(
        "{} rules, {} patients: the same {fired} fired in every engine",
        work.conditions.len(),
        work.patients.len()
    );

    let mut speeds = vec![[Vec::new(), Vec::new()]; peers.len()];
    for _ in 0..ROUNDS {
        for ((_, peer), seen) in peers.iter_mut().zip(&mut speeds) {
            for (seen, speed) in seen.iter_mut().zip(peer.speeds(&work.patients)?) {
                seen.push(speed);
            }
        }
    }
    let speeds: Vec<[f64; 2]> = speeds.into_iter().map(|each| each.map(median)).collect();
    println!(
        "{:40} {:>12} {:>8} {:>12} {:>8}",
        "patients a second", "own input", "gl is", "making it", "gl is"
    );
    let mut results = Vec::new();
    for ((name, _), [own, made]) in peers.iter().zip(&speeds) {
        let ratios = [speeds[0][0] / own, speeds[0][1] / made];
        println!("{name:40} {own:12.0} {:8.1} {made:12.0} {:8.1}", ratios[0], ratios[1]);
        results.push(serde_json::json!({"engine": name, "own_input": own, "making_input": made, "gl_is": ratios}));
    }
    if let Some(path) = arguments.next() {
        let all = serde_json::json!({
            "rules": work.conditions.len(), "patients": work.patients.len(), "fired": fired, "rounds": ROUNDS, "engines": results,
        });
        std::fs::write(path, serde_json::to_string_pretty(&all)? + "\n")?;
    }
    Ok(())
}
