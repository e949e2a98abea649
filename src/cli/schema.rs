//! `gl schema`

use super::{Context, Exit, IncludeCases};
use crate::patient::schema::{
    case_file_schema, coverage_schema, diff_schema, findings_schema, gaps_schema, mutants_schema, result_schema, same_schema,
};
use crate::report::json;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Prints a JSON Schema.
///
/// Editors use it to complete and check case files; programs use it to read what gl prints.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gl schema case > case.schema.json              any case file
  gl schema case numbness.gl > case.schema.json  with the facts of a library
  gl schema result                               what `gl eval --format json` prints
  gl schema findings                             what `gl check --format json` prints
  gl schema coverage                             what `gl test --coverage --format json` prints
  gl schema mutants                              what `gl test --mutate --format json` prints
  gl schema diff                                 what `gl diff --format json` prints; also gaps, same")]
pub struct SchemaArgs {
    /// What the schema describes.
    #[arg(value_enum)]
    pub what: What,
    /// For `case`: files and folders whose facts the schema knows.
    #[arg(value_name = "LIBRARY")]
    pub library: Vec<PathBuf>,
}

/// What a schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// A patient for `gl eval --case`.
    Case,
    /// What `gl eval --format json` prints.
    Result,
    /// What `gl check --format json` prints.
    Findings,
    /// What `gl test --coverage --format json` prints.
    Coverage,
    /// What `gl test --mutate --format json` prints.
    Mutants,
    /// What `gl diff --format json` prints.
    Diff,
    /// What `gl gaps --format json` prints.
    Gaps,
    /// What `gl same --format json` prints.
    Same,
}

/// Runs the verb.
pub fn run(args: SchemaArgs, cx: &Context) -> Exit {
    let schema = match args.what {
        What::Case if args.library.is_empty() => case_file_schema(None),
        What::Case => {
            let loaded = match cx.load(&args.library, IncludeCases::No) {
                Ok(loaded) => loaded,
                Err(exit) => return exit,
            };
            if loaded.has_errors() {
                cx.report(&loaded.sources, &loaded.diagnostics);
                return Exit::Invalid;
            }
            case_file_schema(Some(&loaded.library))
        }
        _ if !args.library.is_empty() => {
            cx.complain("only `gl schema case` takes a library");
            return Exit::Invalid;
        }
        What::Result => result_schema(),
        What::Findings => findings_schema(),
        What::Coverage => coverage_schema(),
        What::Mutants => mutants_schema(),
        What::Diff => diff_schema(),
        What::Gaps => gaps_schema(),
        What::Same => same_schema(),
    };
    cx.print(&json::write(&schema));
    Exit::Clean
}
