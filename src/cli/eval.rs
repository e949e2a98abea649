//! `gl eval`

use super::patient_args::{PatientArgs, action};
use super::{Context, Exit};
use crate::eval::Standing;
use crate::report::clinician::{Colour, clinician};
use crate::report::diagnostics::ColorChoice;
use crate::report::json::write as write_json;
use crate::report::result::result;
use clap::{Args, ValueEnum};

/// Applies guidelines to one patient.
///
/// Facts that nobody recorded are unknown, never false. With any error in the guidelines or in the record nothing is
/// recommended.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gl eval --case patient.yaml                        the project's guidelines for a patient in a file
  gl eval numbness.gl --fact urinary_retention       one guideline, one fact
  gl eval --case patient.yaml --propose mri          what the advice means for an action in mind
  gl eval --case patient.yaml --format json          for programs; see `gl schema result`")]
pub struct EvalArgs {
    #[command(flatten)]
    patient: PatientArgs,
    /// Say what the advice means for this action; may be repeated.
    #[arg(long, value_name = "ACTION", num_args = 1..)]
    propose: Vec<String>,
    /// How to write the result.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Exit with 3 where something is undecided, with 4 where something fired.
    #[arg(long)]
    exit_status: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a clinician at a glance.
    Text,
    /// One object, `gl schema result`.
    Json,
}

/// Runs the verb.
pub fn run(args: EvalArgs, cx: &Context) -> Exit {
    evaluate(&args, cx).unwrap_or_else(|exit| exit)
}

fn evaluate(args: &EvalArgs, cx: &Context) -> Result<Exit, Exit> {
    let evaluated = args.patient.evaluate(cx)?;
    let (library, outcome) = (&evaluated.loaded.library, &evaluated.outcome);
    let proposed = args
        .propose
        .iter()
        .map(|name| action(library, name, cx))
        .collect::<Result<Vec<_>, _>>()?;
    match args.format {
        Format::Text => {
            let colour = if cx.stdout_color == ColorChoice::Always {
                Colour::Ansi
            } else {
                Colour::Plain
            };
            cx.print(&clinician(library, &evaluated.patient, outcome, &proposed, colour));
        }
        Format::Json => {
            cx.print(&write_json(&result(library, &evaluated.patient, outcome, &proposed)));
        }
    }
    let standing = outcome
        .advice
        .iter()
        .filter(|a| !matches!(a.standing, Standing::Overridden { .. }))
        .count();
    cx.say(&format!(
        "{} advised, {} undecided, {} in disagreement",
        standing,
        outcome.undecided.len(),
        outcome.disagreements.len()
    ));
    Ok(match (args.exit_status, standing, outcome.undecided.len()) {
        (false, ..) | (true, 0, 0) => Exit::Clean,
        (true, 0, _) => Exit::Undecided,
        (true, ..) => Exit::Fired,
    })
}
