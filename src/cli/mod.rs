//! The command line.
//!
//! In: arguments, files, the terminal. Out: data on standard output, everything else on standard error, an exit status.
//! Must not know: what findings and results mean; the verbs only carry them from one stage to the next.
//!
//! One file for each verb, with its arguments and `run`.

mod accept;
pub mod ask;
mod bug;
pub mod check;
pub mod cohort;
pub mod compile;
pub mod completions;
pub mod config;
pub mod context;
pub mod diff;
mod emit;
mod engine;
pub mod eval;
pub mod explain;
pub mod fake;
mod fix;
pub mod fmt;
pub mod gaps;
mod git;
pub mod limits;
pub mod lsp;
pub mod man;
mod mutate;
pub mod new;
pub mod patient_args;
mod progress;
pub mod project;
pub mod render;
pub mod same;
pub mod schema;
pub mod test;
pub mod trace;
mod watch;
pub mod why;
mod write;

pub use context::Context;
pub use project::IncludeCases;

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use std::io::Write;
use std::process::ExitCode;
use std::thread;

/// Clinical guidelines that run, and that cannot contradict each other unnoticed.
#[derive(Debug, Parser)]
#[command(
    name = "gl",
    version,
    about,
    propagate_version = false,
    arg_required_else_help = true,
    max_term_width = 100
)]
#[command(after_help = "\
Data goes to standard output, everything else to standard error. Without a path, the project is \
the nearest gl.toml upward, else the current folder.

Exit status: 0 clean, 1 findings or failing cases, 2 usage or invalid input, 5 nothing matched, 101 a bug in gl.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// When to use colours.
    #[arg(long, global = true, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    color: When,
    /// Show no progress while something takes its time.
    #[arg(long, global = true)]
    quiet: bool,
}

/// The command line as data, for what is made from it.
fn command() -> clap::Command {
    Cli::command()
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a project that works at once: one rule, one case, one source.
    New(new::NewArgs),
    /// Read guidelines and report everything that is wrong with them.
    Check(check::CheckArgs),
    /// Apply guidelines to one patient.
    Eval(eval::EvalArgs),
    /// Interview: ask what can still change the advice, the most urgent question first.
    Ask(ask::AskArgs),
    /// Show why an action is advised for a patient, or why not.
    Why(why::WhyArgs),
    /// Run the cases.
    Test(test::TestArgs),
    /// Bring files into the one style of gl.
    Fmt(fmt::FmtArgs),
    /// Show where each statement of the source documents went.
    Trace(trace::TraceArgs),
    /// Compare two versions of guidelines by what they mean.
    Diff(diff::DiffArgs),
    /// Show for which patients in scope nothing is said.
    Gaps(gaps::GapsArgs),
    /// Write a page for reviewers: every rule as a sentence, with its source, its cases and what is open.
    Render(render::RenderArgs),
    /// Say whether two conditions mean the same.
    Same(same::SameArgs),
    /// Make up patients that fit the facts and the assumptions.
    Fake(fake::FakeArgs),
    /// Apply guidelines to a population: tables of patients in, one row for each effect out.
    Cohort(cohort::CohortArgs),
    /// Write guidelines as SQL, for an engine that already holds the data.
    Compile(compile::CompileArgs),
    /// Explain a diagnostic code, with a bad and a good example.
    Explain(explain::ExplainArgs),
    /// Print the JSON Schema of case files, or of what a verb prints.
    Schema(schema::SchemaArgs),
    /// Serve an editor: findings as you type, completion, renaming, cases beside their rules.
    Lsp(lsp::LspArgs),
    /// Print every limit of gl.
    Limits(limits::LimitsArgs),
    /// Print a script by which a shell completes verbs and flags.
    Completions(completions::CompletionsArgs),
    /// Print a page for `man`, or write the pages of all verbs.
    Man(man::ManArgs),
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How a run ended; the numbers are part of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Nothing to complain of.
    Clean = 0,
    /// Findings at or above the fail level, or failing cases.
    Findings = 1,
    /// Usage, configuration, unreadable or invalid input.
    Invalid = 2,
    /// With `eval --exit-status`: something is undecided.
    Undecided = 3,
    /// With `eval --exit-status`: something fired.
    Fired = 4,
    /// No file or no case matched.
    Nothing = 5,
    /// gl itself is wrong, and said so.
    Bug = bug::EXIT as isize,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// The stack of the thread that works, in bytes.
///
/// A fixed one of our own makes depth behave the same on every system; 64 levels of nesting need far less.
const STACK: usize = 64 * 1024 * 1024;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    bug::install_hook();
    match thread::Builder::new().name("gl".to_owned()).stack_size(STACK).spawn(run) {
        Ok(worker) => worker.join().map_or(ExitCode::from(bug::EXIT), ExitCode::from),
        Err(_) => run().into(),
    }
}

fn run() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // The call may hold anything, and the message quotes it. Nothing is left to say if it cannot be printed.
            let hidden = std::env::args_os().any(|arg| arg.to_string_lossy().contains(crate::report::escape::is_hidden));
            let _ = if hidden {
                writeln!(std::io::stderr(), "{}", context::visible_lines(&error.render().to_string()))
            } else {
                error.print()
            };
            return if error.use_stderr() { Exit::Invalid } else { Exit::Clean };
        }
    };
    let cx = Context::new(cli.color, cli.quiet);
    let exit = match cli.command {
        Command::New(args) => new::run(args, &cx),
        Command::Check(args) => check::run(args, &cx),
        Command::Eval(args) => eval::run(args, &cx),
        Command::Ask(args) => ask::run(args, &cx),
        Command::Why(args) => why::run(args, &cx),
        Command::Test(args) => test::run(args, &cx),
        Command::Fmt(args) => fmt::run(args, &cx),
        Command::Trace(args) => trace::run(args, &cx),
        Command::Diff(args) => diff::run(args, &cx),
        Command::Gaps(args) => gaps::run(args, &cx),
        Command::Render(args) => render::run(args, &cx),
        Command::Same(args) => same::run(args, &cx),
        Command::Fake(args) => fake::run(args, &cx),
        Command::Cohort(args) => cohort::run(args, &cx),
        Command::Compile(args) => compile::run(args, &cx),
        Command::Explain(args) => explain::run(args, &cx),
        Command::Schema(args) => schema::run(args, &cx),
        Command::Lsp(args) => lsp::run(args, &cx),
        Command::Limits(args) => limits::run(args, &cx),
        Command::Completions(args) => completions::run(args, &cx),
        Command::Man(args) => man::run(args, &cx),
    };
    cx.finish(exit)
}
