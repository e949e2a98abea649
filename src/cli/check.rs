//! `gl check`

use super::progress::Progress;
use super::{Context, Exit, IncludeCases, emit, fix, watch};
use crate::diagnostic::{Diagnostic, Severity};
use crate::limits;
use crate::report::diagnostics::{self, Options, Show, Tally, counted, in_groups};
use crate::report::groups::groups;
use crate::report::json::{self, Examined};
use crate::report::sarif;
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
  gl check --fix --diff                    what could be mended without asking
  gl check --seal guidelines/              the settlements were read again and hold for the rules as they are
  gl check --format sarif > gl.sarif       for a code host
  gl check --emit-case guidelines/         the patients of the findings as cases for `gl test`
  gl check --watch                         again whenever a file changes, until Ctrl-C
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
    /// Print every finding by itself, also those that authors have settled or allowed.
    #[arg(long)]
    pub all: bool,
    /// The most findings to print, or groups of them; JSON always has all.
    #[arg(long, default_value_t = limits::FINDINGS_PRINTED, value_name = "N")]
    pub max_findings: usize,
    /// First mend what can be mended without asking, such as curly quotes; a file that this would give new errors stays as it is.
    #[arg(long, group = "changes")]
    pub fix: bool,
    /// With --fix or --seal: write nothing; print what would change.
    #[arg(long, requires = "changes")]
    pub diff: bool,
    /// First seal every settlement of these files: its rules were read as they are now, and the decision holds for them.
    #[arg(long, group = "changes")]
    pub seal: bool,
    /// Also write a case for the patient of each finding that is shown; `-` is standard output, which then holds nothing else.
    #[arg(long, value_name = "FILE|DIR")]
    pub emit_case: Option<PathBuf>,
    /// Look again whenever a file changes, until Ctrl-C.
    #[arg(long, conflicts_with_all = ["fix", "emit_case"])]
    pub watch: bool,
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
    /// SARIF 2.1.0, for code hosts and editors.
    Sarif,
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
    match args.watch {
        true => watch::watch(&args.paths, cx, &|| once(&args, cx)),
        false => once(&args, cx),
    }
}

fn once(args: &CheckArgs, cx: &Context) -> Exit {
    let outcome = if args.diff { fix::Outcome::Diff } else { fix::Outcome::Write };
    let changes = [(args.fix, fix::What::Mend), (args.seal, fix::What::Seal)];
    for (_, what) in changes.into_iter().filter(|(is_asked, _)| *is_asked) {
        if let Err(exit) = fix::fix(&args.paths, what, outcome, cx) {
            return exit;
        }
    }
    if args.diff {
        return Exit::Clean;
    }
    let (loaded, configs) = match cx.load_configured(&args.paths, IncludeCases::Yes) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let cases = match args
        .emit_case
        .as_deref()
        .map(|path| emit::target(path, &loaded, cx))
        .transpose()
    {
        Ok(cases) => cases,
        Err(exit) => return exit,
    };
    let mut found = loaded.diagnostics.clone();
    found.extend(suite::cases(&loaded).1);
    let progress = Progress::new("looking for conflicts", None, cx);
    found.extend(verify::verify(&loaded));
    drop(progress);
    let level = |path: &str, finding: &Diagnostic| configs.iter().find_map(|c| c.level(path, finding.code));
    let found = policy::apply(&loaded, found, &level, &|code| {
        codes::find(code).map_err(|unknown| unknown.closest)
    });
    let examined = Examined {
        guidelines: loaded.library.guidelines.len(),
        rules: loaded.library.rules.len(),
    };
    let format = match args.format {
        Format::Text => diagnostics::Format::Text,
        Format::Short => diagnostics::Format::Short,
        Format::Json | Format::Sarif => diagnostics::Format::Json,
        Format::Github => diagnostics::Format::Github,
    };
    let options = Options {
        most: args.max_findings,
        show: if args.all { Show::Everything } else { Show::Work },
        examined,
        ..cx.stdout_options(format)
    };
    if !matches!(cases, Some((emit::Target::Stdout, _))) {
        cx.print(&match args.format {
            Format::Sarif => json::write(&sarif::log(&loaded.sources, &found, here().as_deref())),
            _ => diagnostics::render_with(&loaded.sources, &found, &options),
        });
    }
    if let Some(cases) = &cases {
        let shown = diagnostics::shown(&found, &options);
        if let Err(exit) = emit::write(cases, &loaded, &shown, cx) {
            return exit;
        }
    }
    cx.say(&format!(
        "{}, {}: {}",
        counted(examined.guidelines, "guideline"),
        counted(examined.rules, "rule"),
        count(&found, args)
    ));
    let fails = |severity| args.fail_level.includes(severity);
    if found.iter().any(|d| fails(d.severity)) {
        Exit::Findings
    } else {
        Exit::Clean
    }
}

/// The current folder, to which addresses in SARIF are relative.
fn here() -> Option<String> {
    let here = std::env::current_dir().ok()?;
    let here = here.to_str()?;
    Some(if cfg!(windows) {
        here.replace('\\', "/")
    } else {
        here.to_owned()
    })
}

/// How many findings need work, in how many groups, and how many do not.
fn count(found: &[Diagnostic], args: &CheckArgs) -> String {
    let is_settled = |d: &&Diagnostic| d.accepted.is_some();
    let tally = Tally::of(found.iter().filter(|d| !is_settled(d)));
    let settled = found.iter().filter(is_settled).count();
    let groups = match args.all {
        true => String::new(),
        false => in_groups(found.len() - settled, groups(found).len()),
    };
    let hidden = !args.all && !matches!(args.format, Format::Json | Format::Sarif);
    let settled = match settled {
        0 => String::new(),
        settled if hidden => format!("; {settled} settled, see --all"),
        settled => format!("; {settled} settled"),
    };
    format!("{tally}{groups}{settled}")
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
