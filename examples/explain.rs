//! Asks why a rule does not fire, and prints the first part of its condition that stops it.
//!
//! `cargo run --example explain`

use gl::eval::explain::Shape;

const GUIDELINE: &str = "fact fever: yes/no
fact age: quantity in years
action review
source S \"Source\"
rule hot: when fever and age over 50 years then review cite S";

fn main() -> Result<(), gl::Error> {
    let guidelines = gl::parse_str(GUIDELINE)?;
    let patient = guidelines.read_patient("patient.yaml", "facts: {fever: yes, age: 50 years}")?;
    // Without a header the rules of a text are named `guideline.…`.
    let Some(why) = guidelines.explain(&patient, "guideline.hot")? else {
        return Ok(());
    };
    println!("the condition of `hot` is {}", why.when.truth.word());
    if let Some(part) = why.when.blocker()
        && let Shape::Test { fact, span } = part.shape
    {
        let written = GUIDELINE.get(span.start as usize..span.end as usize).unwrap_or_default();
        let label = &guidelines.library()[fact].label;
        println!(
            "because `{written}` is {} ({label} was recorded as 50 years)",
            part.truth.word()
        );
    }
    Ok(())
}
