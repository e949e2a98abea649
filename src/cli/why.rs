//! `gl why`

use super::patient_args::{PatientArgs, action};
use super::{Context, Exit};
use crate::model::RuleId;
use crate::report::clinician::Colour;
use crate::report::diagnostics::ColorChoice;
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
    let text = match library.rules.iter().position(|r| r.full_name == args.about) {
        Some(rule) => case.why_rule(RuleId::from_index(rule)),
        None => case.why_action(action(library, &args.about, cx)?),
    };
    cx.print(&text);
    Ok(Exit::Clean)
}
