//! `gl compile`

use super::cohort::mapping;
use super::patient_args::{chosen, invalid};
use super::{Context, Exit, IncludeCases};
use crate::compile::{Engine, Report, Request, compile};
use crate::diagnostic::Severity;
use crate::eval::Options;
use crate::eval::settle::Inference;
use crate::patient;
use crate::report::diagnostics::counted;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Writes guidelines as SQL, for an engine that already holds the data.
///
/// The query reads a wide table as `gl cohort` does: a column for each fact under its name, a boolean column `FACT_MEMBER` for each member
/// of a set. It has one named expression for each definition and one column for each rule: TRUE where it fires, FALSE where it does not,
/// NULL where it is undecided. What is inferred by assumptions is in the query; the column `refused` says why nothing may be recommended.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gl compile --to duckdb guidelines > guidelines.sql
  gl compile --to postgres numbness.gl --table visits --view advice
  gl compile --to spark numbness.gl --columns patient_id,fever,age
  gl compile --to datafusion --report counts           how many patients each rule concerns

Exit status: 0; 2 usage, guidelines with errors, or something that SQL cannot say.")]
pub struct CompileArgs {
    /// Files and folders with guidelines; without any, the project.
    #[arg(value_name = "LIBRARY")]
    paths: Vec<PathBuf>,
    /// The engine.
    #[arg(long, value_enum, value_name = "ENGINE")]
    to: To,
    /// The table with the patients.
    #[arg(long, default_value = "patients", value_name = "NAME")]
    table: String,
    /// What the query gives back.
    #[arg(long, value_enum, default_value_t = Back::States)]
    report: Back,
    /// Make a view with this name.
    #[arg(long, value_name = "NAME")]
    view: Option<String>,
    /// The columns that the table has; all that the guidelines know where nobody says it.
    #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
    columns: Option<Vec<String>>,
    /// The date of evaluation, where the table has no column `as_of`.
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// Compile only this guideline; may be repeated.
    #[arg(long = "guideline", value_name = "ID")]
    guidelines: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum To {
    /// DuckDB.
    Duckdb,
    /// PostgreSQL.
    Postgres,
    /// Apache Spark.
    Spark,
    /// DataFusion.
    Datafusion,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Back {
    /// A row for each patient, with the state of each rule.
    States,
    /// One row, with the numbers of patients for whom each rule fires or is undecided.
    Counts,
}

/// Runs the verb.
pub fn run(args: CompileArgs, cx: &Context) -> Exit {
    write(&args, cx).unwrap_or_else(|exit| exit)
}

fn write(args: &CompileArgs, cx: &Context) -> Result<Exit, Exit> {
    let (mut loaded, configs) = cx.load_configured(&args.paths, IncludeCases::No)?;
    if loaded.has_errors() {
        let mut errors = loaded.diagnostics.clone();
        errors.retain(|d| d.severity == Severity::Error);
        cx.report(&loaded.sources, &errors);
        cx.say(&format!("nothing was compiled: {}", counted(errors.len(), "error")));
        return Err(Exit::Invalid);
    }
    if loaded.library.rules.is_empty() {
        cx.complain("there is no rule to compile in these files");
        return Err(Exit::Nothing);
    }
    let as_of = match &args.as_of {
        None => None,
        Some(date) => match patient::read_date_flag(&mut loaded.sources, date) {
            Ok((date, _)) => Some(date),
            Err(diagnostic) => return Err(invalid(cx, &loaded, &[diagnostic])),
        },
    };
    let request = Request {
        engine: match args.to {
            To::Duckdb => Engine::DuckDb,
            To::Postgres => Engine::Postgres,
            To::Spark => Engine::Spark,
            To::Datafusion => Engine::DataFusion,
        },
        table: args.table.clone(),
        report: match args.report {
            Back::States => Report::States,
            Back::Counts => Report::Counts,
        },
        view: args.view.clone(),
        columns: args.columns.clone(),
        mapping: mapping(configs, &mut loaded, cx)?,
        as_of,
        options: Options {
            guidelines: chosen(&args.guidelines, &loaded.library, cx)?,
        },
    };
    let library = &loaded.library;
    match compile(library, &Inference::new(library), &request) {
        Ok(query) => {
            cx.print(&query);
            cx.say(&format!(
                "{}: {}",
                request.engine.word(),
                counted(library.rules.len(), "rule")
            ));
            Ok(Exit::Clean)
        }
        Err(found) => {
            cx.report(&loaded.sources, &found);
            cx.say(&format!("nothing was compiled: {}", counted(found.len(), "error")));
            Err(Exit::Invalid)
        }
    }
}
