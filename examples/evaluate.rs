//! Loads a guideline from text, checks it, applies it to a patient, and prints what is advised and what to ask.
//!
//! `cargo run --example evaluate`

use gl::eval::Standing;

fn main() -> Result<(), gl::Error> {
    // Nothing that has an error gets past this line; warnings are in `findings`.
    let guidelines = gl::parse_str(include_str!("first.gl"))?;
    println!("{} warnings", guidelines.findings().len());

    let asked = "as_of: 2026-02-01\nfacts: {urinary_retention: yes}";
    let not_asked = "facts: {}";
    for text in [asked, not_asked] {
        let patient = guidelines.read_patient("patient.yaml", text)?;
        print(&guidelines, &guidelines.evaluate(&patient)?);
    }
    Ok(())
}

fn print(guidelines: &gl::Guidelines, outcome: &gl::Outcome) {
    let library = guidelines.library();
    // Advice that gave way to other advice is in the list too, so that nothing is dropped silently.
    let stands = |a: &&gl::eval::Advice| !matches!(a.standing, Standing::Overridden { .. });
    for advice in outcome.fired().iter().filter(stands) {
        let effect = &library[advice.effect];
        let due = advice.due.map_or(String::new(), |date| format!(", by {date}"));
        println!("{}: {}{due}", effect.modality.word(), library[advice.action].label);
    }
    for ask in &outcome.ask {
        println!("not known: {}", library[ask.fact].label);
    }
}
