//! `gl same`

use super::patient_args::{meant, printable};
use super::{Context, Exit, IncludeCases};
use crate::diagnostic::Severity;
use crate::load::{Guest, Loaded, load_with};
use crate::model::{Condition, Library, Truth};
use crate::report::changes::{ComparedJson, compared};
use crate::report::changes_text::given;
use crate::report::diagnostics::counted;
use crate::report::json::write as write_json;
use crate::source::Sources;
use crate::syntax;
use crate::verify::diff::{Compared, Only, equivalence};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::path::PathBuf;

/// Says whether two conditions mean the same, or shows the patients who tell them apart.
///
/// A condition is written as in a rule, in the words of a library; `GUIDELINE.TERM` is what a guideline means by a term. That
/// two conditions mean the same is proven for every patient, also for those of whom little is known.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gl same 'age over 65 years' 'age at least 65 years' vocabulary.gl
  gl same numbness.red_flag refractory.red_flag guidelines    one word in two documents
  gl same red_flag 'fever or weight_loss' numbness.gl         a term against what it should be

Exit status: 0, or with --exit-status 1 where the two are not the same; 2 usage or text with errors.")]
pub struct SameArgs {
    /// A condition, or a term.
    #[arg(value_name = "CONDITION")]
    first: String,
    /// Another.
    #[arg(value_name = "CONDITION")]
    second: String,
    /// Files and folders with the vocabulary; without any, the project.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The guideline whose own terms are meant; not needed where there is only one.
    #[arg(long = "in", value_name = "GUIDELINE")]
    inside: Option<String>,
    /// How to write the answer.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Exit with 1 where the two are not the same.
    #[arg(long)]
    exit_status: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A sentence, and the patients.
    Text,
    /// One object, `gl schema same`.
    Json,
}

#[derive(Debug, Serialize)]
struct SameJson<'a> {
    schema: &'static str,
    engine: String,
    first: &'a str,
    second: &'a str,
    same: bool,
    undecided: bool,
    /// Somebody for whom only the first holds.
    only_first: Option<crate::report::changes::OnlyJson>,
    only_second: Option<crate::report::changes::OnlyJson>,
}

/// Runs the verb.
pub fn run(args: SameArgs, cx: &Context) -> Exit {
    compare(&args, cx).unwrap_or_else(|exit| exit)
}

/// The names under which the conditions are read.
const NAMES: [&str; 2] = ["first_condition", "second_condition"];

fn compare(args: &SameArgs, cx: &Context) -> Result<Exit, Exit> {
    let project = cx.project(&args.paths, IncludeCases::No)?;
    let library = load_with(&project.files, &project.paths, &[]).library;
    let inside = match &args.inside {
        Some(name) if !library.guidelines.iter().any(|g| g.name == *name) => {
            let close = meant(name, library.guidelines.iter().map(|g| g.name.as_str()));
            cx.complain(&format!("there is no guideline `{}`{close}", printable(name)));
            return Err(Exit::Invalid);
        }
        Some(name) => Some(name.as_str()),
        None => match library.guidelines.as_slice() {
            [only] => Some(only.name.as_str()),
            _ => None,
        },
    };
    let texts = [&args.first, &args.second];
    let written: Vec<(usize, String)> = texts
        .iter()
        .enumerate()
        .filter(|(_, text)| term(&library, text).is_none())
        .map(|(place, text)| (place, format!("define {}: {text}", NAMES.get(place).unwrap_or(&""))))
        .collect();
    let guests: Vec<Guest<'_>> = written
        .iter()
        .map(|(place, text)| Guest {
            name: if *place == 0 {
                "the first condition"
            } else {
                "the second condition"
            },
            text,
            inside,
        })
        .collect();
    for (place, text) in &written {
        let mut sources = Sources::new();
        let file = sources.add("condition", text.clone());
        let (tree, _) = syntax::parse(&sources, file);
        if tree.items.len() > 1 {
            let condition = texts.get(*place).map_or("", |t| t.as_str());
            cx.complain(&format!("`{}` is more than a condition", printable(condition)));
            return Err(Exit::Invalid);
        }
    }
    let loaded = load_with(&project.files, &project.paths, &guests);
    let mut errors = loaded.diagnostics.clone();
    errors.retain(|d| d.severity == Severity::Error);
    if !errors.is_empty() {
        cx.report(&loaded.sources, &errors);
        cx.say(&format!("nothing was compared: {}", counted(errors.len(), "error")));
        return Err(Exit::Invalid);
    }
    let condition = |text: &str, name: &str| {
        let of_guest = || {
            loaded
                .library
                .definitions
                .iter()
                .find(|d| d.name == name)
                .map(|d| d.condition.clone())
        };
        term(&loaded.library, text).or_else(of_guest)
    };
    let [name, other] = NAMES;
    let (Some(first), Some(second)) = (condition(&args.first, name), condition(&args.second, other)) else {
        cx.complain("a condition could not be read");
        return Err(Exit::Invalid);
    };
    let found = equivalence(&loaded, &first, &second).map_err(|finding| {
        cx.report(&loaded.sources, std::slice::from_ref(&*finding));
        cx.say("nothing was compared: the library cannot be decided as a whole");
        Exit::Invalid
    })?;
    show(args, cx, &found, &loaded);
    Ok(if args.exit_status && !found.is_same() {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

/// What a guideline means by `GUIDELINE.TERM`.
fn term(library: &Library, text: &str) -> Option<Condition> {
    let (guideline, name) = text.trim().split_once('.')?;
    let definition = library
        .definitions
        .iter()
        .find(|d| d.name == name && d.guideline.is_some_and(|g| library[g].name == guideline))?;
    Some(definition.condition.clone())
}

fn show(args: &SameArgs, cx: &Context, found: &Compared, loaded: &Loaded) {
    let facts = loaded.library.facts.len();
    match args.format {
        Format::Json => {
            let ComparedJson {
                same,
                undecided,
                only_old,
                only_new,
                ..
            } = compared(found);
            cx.print(&write_json(&SameJson {
                schema: "gl.same/1",
                engine: format!("gl {}", env!("CARGO_PKG_VERSION")),
                first: &args.first,
                second: &args.second,
                same,
                undecided,
                only_first: only_old,
                only_second: only_new,
            }));
        }
        Format::Text => {
            let mut text = String::new();
            let (first, second) = (&found.only_old, &found.only_new);
            text.push_str(match (first, second) {
                _ if found.is_same() => "the same, for every patient\n",
                (None, None) => "not decided: too much depends on them\n",
                (Some(_), None) if !found.undecided => {
                    "not the same: whenever the second holds the first does, but not the other way round\n"
                }
                (None, Some(_)) if !found.undecided => {
                    "not the same: whenever the first holds the second does, but not the other way round\n"
                }
                _ => "not the same\n",
            });
            for (only, here, there) in [(first, "first", "second"), (second, "second", "first")] {
                if let Some(only) = only {
                    text.push_str(&told(only, here, there));
                }
            }
            cx.print(&text);
        }
    }
    cx.say(&format!("2 conditions over {}", counted(facts, "fact")));
}

fn told(only: &Only, here: &str, there: &str) -> String {
    let patient = given(&only.witness);
    let more = match (only.other, only.is_definite) {
        (Truth::Unknown, true) => format!(", where the {there} waits for more"),
        (Truth::Unknown, false) => format!(", where the {there} waits for more; with everything known it holds as well"),
        _ => String::new(),
    };
    format!("  only the {here} holds for {patient}{more}\n")
}
