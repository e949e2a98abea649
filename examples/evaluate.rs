//! Loads a guideline from text, applies it to a patient, and prints what is advised.

fn main() -> Result<(), gl::Error> {
    let guidelines = gl::parse_str(include_str!("first.gl"))?;
    let patient = guidelines.read_patient("patient.yaml", "facts: {urinary_retention: yes}")?;
    let outcome = guidelines.evaluate(&patient)?;
    for advice in outcome.fired() {
        let effect = &guidelines.library()[advice.effect];
        println!("{}: {}", effect.modality.word(), guidelines.library()[advice.action].label);
    }
    Ok(())
}
