//! `gl check`

use super::{Context, Exit, IncludeCases};
use crate::diagnostic::{Diagnostic, Severity};
use crate::limits;
use crate::report::diagnostics::{self, Options, Tally, counted};
use crate::report::json::Examined;
use crate::{codes, policy, suite, verify};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Reads guidelines and cases and reports everything that is wrong with them.
///
/// Findings go to standard output. The exit status is 1 if any of them reaches the fail level.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gl check                                 the project around the current folder
  gl check numbness.gl                     one guideline, what it uses, and its cases
  gl check --format short guidelines/      one line for each finding
  gl check --fail-level warning            for continuous integration
  gl explain GL101                         what a code means")]
pub struct CheckArgs {
    /// Files and folders; without any, the project.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// How to write findings.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// The least severity that makes the exit status 1.
    #[arg(long, value_enum, default_value_t = FailLevel::Error, value_name = "LEVEL")]
    pub fail_level: FailLevel,
    /// The most findings to print; JSON always has all.
    #[arg(long, default_value_t = limits::FINDINGS_PRINTED, value_name = "N")]
    pub max_findings: usize,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// With the lines they point at, and advice.
    Text,
    /// One line each.
    Short,
    /// One object, `gl schema findings`.
    Json,
    /// Annotations for GitHub's checks.
    Github,
}

/// From which severity on findings fail a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum FailLevel {
    Error,
    Warning,
    Note,
    Never,
}

/// Runs the verb.
pub fn run(args: CheckArgs, cx: &Context) -> Exit {
    let (loaded, configs) = match cx.load_configured(&args.paths, IncludeCases::Yes) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let mut found = loaded.diagnostics.clone();
    found.extend(suite::cases(&loaded).1);
    found.extend(verify::verify(&loaded));
    let level = |path: &str, finding: &Diagnostic| configs.iter().find_map(|c| c.level(path, finding.code));
    let found = policy::apply(&loaded, found, &level, &|code| {
        codes::find(code).map_err(|unknown| unknown.closest)
    });
    // What authors have settled needs no work: text leaves it out and says so, JSON has everything.
    let is_settled = |d: &Diagnostic| {
        let status = d.about.as_deref().and_then(|about| about.status);
        d.severity == Severity::Note && matches!(status, Some("overridden" | "reconciled"))
    };
    let shown: Vec<Diagnostic> = match args.format {
        Format::Json => found.clone(),
        _ => found.iter().filter(|d| !is_settled(d)).cloned().collect(),
    };
    let examined = Examined {
        guidelines: loaded.library.guidelines.len(),
        rules: loaded.library.rules.len(),
    };
    let options = Options {
        most: args.max_findings,
        examined,
        ..cx.stdout_options(args.format.into())
    };
    cx.print(&diagnostics::render_with(&loaded.sources, &shown, &options));
    let tally = Tally::of(&found);
    let settled = found.len() - shown.len();
    if settled > 0 {
        let subject = counted(settled, "settled disagreement");
        let verb = if settled == 1 { "is" } else { "are" };
        cx.say(&format!("{subject} {verb} not shown; `--format json` has all"));
    }
    cx.say(&format!(
        "{}, {}: {tally}",
        counted(examined.guidelines, "guideline"),
        counted(examined.rules, "rule")
    ));
    let fails = |severity| args.fail_level.includes(severity);
    if found.iter().any(|d| fails(d.severity)) {
        Exit::Findings
    } else {
        Exit::Clean
    }
}

impl FailLevel {
    fn includes(self, severity: Severity) -> bool {
        match self {
            FailLevel::Error => severity >= Severity::Error,
            FailLevel::Warning => severity >= Severity::Warning,
            FailLevel::Note => severity >= Severity::Note,
            FailLevel::Never => false,
        }
    }
}

impl From<Format> for diagnostics::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Text => diagnostics::Format::Text,
            Format::Short => diagnostics::Format::Short,
            Format::Json => diagnostics::Format::Json,
            Format::Github => diagnostics::Format::Github,
        }
    }
}
