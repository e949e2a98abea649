//! `gl why`

use super::patient_args::{PatientArgs, action_names, find_action, meant, printable};
use super::{Context, Exit};
use crate::model::{Library, RuleId};
use crate::report::clinician::Colour;
use crate::report::diagnostics::ColorChoice;
use crate::report::diagnostics::counted;
use crate::report::why::Case;
use clap::Args;

/// Shows why an action is advised for a patient, or why not.
///
/// Each rule is printed as it was written, with the value of every part under it and where each value came from. For an
/// action that is not advised, the nearest rules are listed with the first part that stops each.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gl why mri_lumbar_without_contrast --case patient.yaml
  gl why numbness.retention --case patient.yaml      one rule
  gl why nsaid guidelines/ --fact low_back_pain")]
pub struct WhyArgs {
    /// An action, or a rule by its full name.
    #[arg(value_name = "ACTION|RULE")]
    about: String,
    #[command(flatten)]
    patient: PatientArgs,
}

/// Runs the verb.
pub fn run(args: WhyArgs, cx: &Context) -> Exit {
    why(&args, cx).unwrap_or_else(|exit| exit)
}

fn why(args: &WhyArgs, cx: &Context) -> Result<Exit, Exit> {
    let evaluated = args.patient.evaluate(cx)?;
    let library = &evaluated.loaded.library;
    let case = Case {
        library,
        sources: &evaluated.loaded.sources,
        patient: &evaluated.patient,
        outcome: &evaluated.outcome,
        places: evaluated.places,
        colour: if cx.stdout_color == ColorChoice::Always {
            Colour::Ansi
        } else {
            Colour::Plain
        },
    };
    let answer = match library.rules.iter().position(|r| r.full_name == args.about) {
        Some(rule) => case.why_rule(RuleId::from_index(rule)),
        None => match find_action(library, &args.about) {
            Some(action) => case.why_action(action),
            None => {
                let close = nearest(library, &args.about);
                cx.complain(&format!("there is no action or rule `{}`{close}", printable(&args.about)));
                return Err(Exit::Invalid);
            }
        },
    };
    cx.print(&answer.text);
    cx.say(&format!(
        "{} explained, {} not firing",
        counted(answer.explained, "rule"),
        answer.not_firing
    ));
    Ok(Exit::Clean)
}

/// The name that was probably meant. Of a rule, its name without the guideline is enough to be recognized.
fn nearest(library: &Library, name: &str) -> String {
    match library.rules.iter().find(|rule| rule.name == name) {
        Some(rule) => format!("; did you mean `{}`?", rule.full_name),
        None => {
            let rules = library.rules.iter().map(|rule| rule.full_name.as_str());
            meant(name, action_names(library).chain(rules))
        }
    }
}
