//! Asks why a rule does not fire, and prints the first part that stops it.

fn main() -> Result<(), gl::Error> {
    let guidelines = gl::parse_str(
        "fact fever: yes/no
         fact age: quantity in years
         action review
         source S \"Source\"
         rule hot: when fever and age over 50 years then review cite S",
    )?;
    let patient = guidelines.read_patient("patient.yaml", "facts: {fever: yes, age: 50 years}")?;
    if let Some(why) = guidelines.explain(&patient, "guideline.hot")? {
        println!("the rule's condition is {}", why.when.truth.word());
        if let Some(part) = why.when.blocker() {
            println!("because one of its parts is {}: {:?}", part.truth.word(), part.shape);
        }
    }
    Ok(())
}
