//! `gl gaps`

use super::patient_args::{action_names, find_action, meant, printable};
use super::{Context, Exit, IncludeCases};
use crate::diagnostic::Severity;
use crate::model::Modality;
use crate::report::diagnostics::counted;
use crate::report::gaps::{json, text};
use crate::report::json::write as write_json;
use crate::verify::gaps::{Wanted, gaps};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Shows for which patients in its scope a guideline says nothing.
///
/// Everything that its rules ask is known of these patients, and no rule advises them. They are described in as few words as
/// possible, by the terms of the guideline and by facts, each description with one patient.
///
/// Silence may be right. Where a document claims that nobody is left out, write `complete "…" over C for ACTION` into the
/// guideline, and `gl check` holds it to that.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gl gaps                                          the project around the current folder
  gl gaps guidelines --action mri                  nothing about MRI or a kind of it
  gl gaps numbness.gl --modality recommend         nothing is recommended

Exit status: 0, or with --exit-status 1 where there is a gap; 2 usage or guidelines with errors.")]
pub struct GapsArgs {
    /// Files and folders; without any, the project.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Only advice on this action or a kind of it counts; may be repeated.
    #[arg(long, value_name = "ACTION")]
    action: Vec<String>,
    /// Only advice of this modality counts; may be repeated.
    #[arg(long, value_enum, value_name = "MODALITY")]
    modality: Vec<Word>,
    /// The most groups of patients for one guideline.
    #[arg(long, default_value_t = 10, value_name = "N")]
    most: usize,
    /// How to write them.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Exit with 1 where there is a gap.
    #[arg(long)]
    exit_status: bool,
}

/// A modality.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
enum Word {
    Recommend,
    Consider,
    Avoid,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The patients, by guideline.
    Text,
    /// One object, `gl schema gaps`.
    Json,
}

impl From<Word> for Modality {
    fn from(word: Word) -> Self {
        match word {
            Word::Recommend => Modality::Recommend,
            Word::Consider => Modality::Consider,
            Word::Avoid => Modality::Avoid,
            Word::Never => Modality::Never,
        }
    }
}

/// Runs the verb.
pub fn run(args: GapsArgs, cx: &Context) -> Exit {
    look(&args, cx).unwrap_or_else(|exit| exit)
}

fn look(args: &GapsArgs, cx: &Context) -> Result<Exit, Exit> {
    let loaded = cx.load(&args.paths, IncludeCases::No)?;
    let mut errors = loaded.diagnostics.clone();
    errors.retain(|d| d.severity == Severity::Error);
    if !errors.is_empty() {
        cx.report(&loaded.sources, &errors);
        cx.say(&format!("nothing was looked at: {}", counted(errors.len(), "error")));
        return Err(Exit::Invalid);
    }
    let library = &loaded.library;
    let mut wanted = Wanted {
        modalities: args.modality.iter().map(|word| (*word).into()).collect(),
        most: args.most,
        ..Wanted::default()
    };
    for name in &args.action {
        let Some(action) = find_action(library, name) else {
            let close = meant(name, action_names(library));
            cx.complain(&format!("there is no action `{}`{close}", printable(name)));
            return Err(Exit::Invalid);
        };
        wanted.actions.push(action);
    }
    let found = gaps(&loaded, &wanted).map_err(|finding| {
        cx.report(&loaded.sources, std::slice::from_ref(&*finding));
        cx.say("nothing was looked at: the library cannot be decided as a whole");
        Exit::Invalid
    })?;
    let about = match (wanted.modalities.as_slice(), wanted.actions.as_slice()) {
        ([], []) => String::new(),
        (modalities, actions) => {
            let words: Vec<&str> = modalities.iter().map(|m| m.word()).collect();
            let names: Vec<&str> = actions.iter().map(|a| library[*a].name.as_str()).collect();
            match (words.is_empty(), names.is_empty()) {
                (true, _) => format!(" about {}", names.join(" or ")),
                (false, true) => format!(" by `{}`", words.join("` or `")),
                (false, false) => format!(" by `{}` about {}", words.join("` or `"), names.join(" or ")),
            }
        }
    };
    match args.format {
        Format::Text => cx.print(&text(library, &found, &about, cx.stdout_width)),
        Format::Json => cx.print(&write_json(&json(library, &wanted, &found))),
    }
    let groups: usize = found.iter().map(|of| of.groups.len()).sum();
    let with: usize = found.iter().filter(|of| !of.groups.is_empty() || of.undecided).count();
    let more = if found.iter().all(|of| of.is_all) { "" } else { " at least" };
    cx.say(&format!(
        "{}, {with} with gaps:{more} {} of patients",
        counted(found.len(), "guideline"),
        counted(groups, "group")
    ));
    Ok(if args.exit_status && with > 0 {
        Exit::Findings
    } else {
        Exit::Clean
    })
}
