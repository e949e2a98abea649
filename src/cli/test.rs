//! `gl test`

use super::progress::Progress;
use super::project::{Project, reason};
use super::{Context, Exit, IncludeCases, accept, mutate, watch};
use crate::diagnostic::Severity;
use crate::eval::settle::Inference;
use crate::load::{self, Loaded};
use crate::report::coverage::{self, Ran};
use crate::report::diagnostics::{ColorChoice, counted};
use crate::report::escape::one_line;
use crate::report::json::write as write_json;
use crate::suite::{self, Case, CaseResult};
use crate::verify::Verifier;
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Runs the cases that stand beside the rules.
///
/// Cases in a guideline's file, or in NAME.cases.gl beside NAME.gl, run that guideline alone; in a .cases.gl file with a
/// name of its own, everything that it uses.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gl test                              every case of the project
  gl test numbness.gl                  the cases of one guideline
  gl test --filter retention           cases with this text in their title
  gl test --list                       the titles, without running anything
  gl test --junit cases.xml            also as JUnit XML, for continuous integration
  gl test --coverage                   what the cases have not seen
  gl test --coverage --format html --output coverage.html
                                       the same as a page with the source coloured
  gl test --mutate                     small changes of the rules that no case notices
  gl test --accept                     failing cases expect what comes of them now; shows what changes
  gl test --watch                      again whenever a file changes, until Ctrl-C")]
pub struct TestArgs {
    /// Files and folders; without any, the project.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Run only cases with this text in their title.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Print the titles, and run nothing.
    #[arg(long)]
    list: bool,
    /// Stop at the first case that fails.
    #[arg(long)]
    fail_fast: bool,
    /// Also write the results to this file, as JUnit XML; `-` is standard output, which then holds nothing else.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Show which rules and tests the cases have seen true, false and unknown, of what is possible.
    #[arg(long, conflicts_with_all = ["list", "fail_fast"])]
    coverage: bool,
    /// Change each rule a little, and show the changes that no case notices, each with a case that would.
    #[arg(long, conflicts_with_all = ["list", "fail_fast", "coverage", "junit"])]
    mutate: bool,
    /// Rewrite the expectations of failing cases to what comes of them now, and print what changes. Read it: a case that
    /// expects whatever happens tests nothing.
    #[arg(long, conflicts_with_all = ["list", "fail_fast", "coverage", "mutate", "junit", "watch"])]
    accept: bool,
    /// Run again whenever a file changes, until Ctrl-C.
    #[arg(long, conflicts_with = "list")]
    watch: bool,
    /// How to write the results; with `--coverage` the coverage, with `--mutate` the mutants.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write to this file instead of standard output.
    #[arg(long, value_name = "FILE", requires = "coverage")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Failing cases with what came instead.
    Text,
    /// One object.
    Json,
    /// A page with the source coloured; only with `--coverage`.
    Html,
}

#[derive(Debug, Serialize)]
struct TestsJson<'a> {
    schema: &'static str,
    cases: Vec<CaseJson<'a>>,
    passed: usize,
    failed: usize,
}

#[derive(Debug, Serialize)]
struct CaseJson<'a> {
    title: &'a str,
    file: &'a str,
    line: usize,
    passed: bool,
    failures: Vec<FailureJson<'a>>,
}

#[derive(Debug, Serialize)]
struct FailureJson<'a> {
    line: usize,
    expected: &'a str,
    instead: &'a [String],
}

/// Runs the verb.
pub fn run(args: TestArgs, cx: &Context) -> Exit {
    match args.watch {
        true => watch::watch(&args.paths, cx, &|| once(&args, cx)),
        false => once(&args, cx),
    }
}

fn once(args: &TestArgs, cx: &Context) -> Exit {
    let project = match cx.project(&args.paths, IncludeCases::Yes) {
        Ok(project) => project,
        Err(exit) => return exit,
    };
    let loaded = load::load(&project.files, &project.paths);
    let (cases, found) = suite::cases(&loaded);
    let errors: Vec<_> = loaded
        .diagnostics
        .iter()
        .chain(&found)
        .filter(|d| d.severity == Severity::Error)
        .cloned()
        .collect();
    if !errors.is_empty() {
        cx.report(&loaded.sources, &errors);
        cx.say(&format!("no case was run: {}", counted(errors.len(), "error")));
        return Exit::Invalid;
    }
    let wanted: Vec<&Case> = cases
        .iter()
        .filter(|c| args.filter.as_ref().is_none_or(|f| c.title.contains(f.as_str())))
        .collect();
    if args.format == Format::Html && !args.coverage {
        cx.complain("only `--coverage` is written as a page");
        return Exit::Invalid;
    }
    if args.coverage && args.output.is_none() && args.junit.as_ref().is_some_and(|path| path.as_os_str() == "-") {
        cx.complain("standard output can hold the results as XML or the coverage; send one of them to a file");
        return Exit::Invalid;
    }
    if wanted.is_empty() {
        cx.complain(&match &args.filter {
            Some(filter) if !cases.is_empty() => format!("no case has `{}` in its title", one_line(filter)),
            _ => "there is no case in these files".to_owned(),
        });
        return Exit::Nothing;
    }
    if args.list {
        for case in &wanted {
            let (path, title) = (one_line(&case.path), one_line(&case.title));
            cx.print(&format!("{path}:{} {title}\n", line(&loaded, case.span)));
        }
        cx.say(&counted(wanted.len(), "case"));
        return Exit::Clean;
    }
    let run = Run {
        args,
        project: &project,
        loaded: &loaded,
        cx,
    };
    run.cases(&wanted).unwrap_or_else(|exit| exit)
}

/// A run of the cases of one library.
struct Run<'a> {
    args: &'a TestArgs,
    project: &'a Project,
    loaded: &'a Loaded,
    cx: &'a Context,
}

impl Run<'_> {
    fn cases(&self, wanted: &[&Case]) -> Result<Exit, Exit> {
        let Run { args, loaded, cx, .. } = *self;
        let inference = Inference::new(&loaded.library);
        let mut results: Vec<(&Case, CaseResult)> = Vec::new();
        let progress = Progress::new("running cases", Some(wanted.len() as u64), cx);
        for case in wanted {
            let result = suite::run(loaded, &inference, case);
            progress.step();
            let failed = !result.failures.is_empty();
            results.push((case, result));
            if failed && args.fail_fast {
                break;
            }
        }
        drop(progress);
        let failed = results.iter().filter(|(_, r)| !r.failures.is_empty()).count();
        if args.accept {
            let failing = results.iter().filter(|(_, r)| !r.failures.is_empty());
            let failing: Vec<&Case> = failing.map(|(case, _)| *case).collect();
            return accept::run(self.project, loaded, &failing, cx);
        }
        let ran = Ran {
            passed: results.len() - failed,
            failed,
        };
        if args.mutate && failed == 0 {
            return Ok(mutate::run(self.project, loaded, wanted, args.format == Format::Json, cx));
        }
        let xml = args.junit.as_ref().map(|_| junit(loaded, &results)).transpose();
        let xml = xml.map_err(|error| self.refuse(&format!("the results cannot be written as XML: {error}")))?;
        match (args.junit.as_deref(), xml) {
            (Some(path), Some(xml)) if path.as_os_str() == "-" => cx.print(&xml),
            (path, xml) => {
                self.print(&results);
                if let Some((path, xml)) = path.zip(xml) {
                    self.write(path, &xml)?;
                }
            }
        }
        if args.coverage {
            self.coverage(wanted, ran)?;
        }
        if args.mutate {
            cx.say("no rule was changed: the cases must pass first");
        }
        cx.say(&format!("{} passed, {failed} failed", ran.passed));
        Ok(if failed == 0 { Exit::Clean } else { Exit::Findings })
    }

    fn coverage(&self, cases: &[&Case], ran: Ran) -> Result<(), Exit> {
        let verifier = Verifier::new(&self.loaded.library, &self.loaded.sources);
        let progress = Progress::new("looking for what is possible", None, self.cx);
        let coverage = suite::coverage::coverage(&verifier, cases);
        drop(progress);
        let text = match self.args.format {
            Format::Text => coverage::text(self.loaded, &coverage),
            Format::Json => write_json(&coverage::json(self.loaded, &coverage, ran)),
            Format::Html => coverage::html(self.loaded, &coverage, ran)
                .map_err(|error| self.refuse(&format!("the page cannot be written: {error}")))?,
        };
        match &self.args.output {
            Some(path) => self.write(path, &text),
            None => {
                self.cx.print(&text);
                Ok(())
            }
        }
    }

    fn write(&self, path: &Path, text: &str) -> Result<(), Exit> {
        std::fs::write(path, text).map_err(|error| {
            let path = path.display().to_string();
            self.refuse(&format!("`{}` cannot be written: {}", one_line(&path), reason(&error)))
        })
    }

    fn refuse(&self, message: &str) -> Exit {
        self.cx.complain(message);
        Exit::Invalid
    }

    /// The results on standard output; failures on standard error, where coverage in another format goes to standard output.
    fn print(&self, results: &[(&Case, CaseResult)]) {
        let Run { args, loaded, cx, .. } = *self;
        let failures = |color| {
            let failed = results.iter().filter(|(_, r)| !r.failures.is_empty());
            failed
                .map(|(case, result)| failure_text(loaded, case, result, color))
                .collect::<String>()
        };
        match args.format {
            Format::Text => cx.print(&failures(cx.stdout_color)),
            _ if args.coverage => {
                let text = failures(ColorChoice::Never);
                if !text.is_empty() {
                    cx.say(text.trim_end());
                }
            }
            Format::Json | Format::Html => cx.print(&write_json(&json(loaded, results))),
        }
    }
}

fn line(loaded: &Loaded, span: crate::source::Span) -> usize {
    loaded
        .sources
        .get(span.file)
        .map_or(0, |file| file.line_column(span.start as usize).line)
}

fn failure_text(loaded: &Loaded, case: &Case, result: &CaseResult, color: ColorChoice) -> String {
    let mark = match color {
        ColorChoice::Always => "\u{1b}[1;31mfailed\u{1b}[0m",
        ColorChoice::Never => "failed",
    };
    let (path, title) = (one_line(&case.path), one_line(&case.title));
    let mut text = format!("{mark}: {title} ({path}:{})\n", line(loaded, case.span));
    for failure in &result.failures {
        let _ = writeln!(text, "  line {}: {}", line(loaded, failure.span), failure.expected);
        for instead in &failure.instead {
            let _ = writeln!(text, "      but {instead}");
        }
    }
    text.push('\n');
    text
}

fn json<'a>(loaded: &Loaded, results: &'a [(&'a Case, CaseResult)]) -> TestsJson<'a> {
    let cases: Vec<CaseJson<'_>> = results
        .iter()
        .map(|(case, result)| CaseJson {
            title: &case.title,
            file: &case.path,
            line: line(loaded, case.span),
            passed: result.failures.is_empty(),
            failures: result
                .failures
                .iter()
                .map(|f| FailureJson {
                    line: line(loaded, f.span),
                    expected: &f.expected,
                    instead: &f.instead,
                })
                .collect(),
        })
        .collect();
    let passed = cases.iter().filter(|case| case.passed).count();
    TestsJson {
        schema: "gl.tests/1",
        passed,
        failed: cases.len() - passed,
        cases,
    }
}

/// One suite for each file, one test for each case.
fn junit(loaded: &Loaded, results: &[(&Case, CaseResult)]) -> Result<String, quick_junit::SerializeError> {
    let mut report = quick_junit::Report::new("gl test");
    let files: std::collections::BTreeSet<&str> = results.iter().map(|(case, _)| case.path.as_str()).collect();
    for file in files {
        let mut suite = quick_junit::TestSuite::new(file);
        for (case, result) in results.iter().filter(|(case, _)| case.path == file) {
            let status = match result.failures.first() {
                None => quick_junit::TestCaseStatus::success(),
                Some(failure) => {
                    let mut status = quick_junit::TestCaseStatus::non_success(quick_junit::NonSuccessKind::Failure);
                    status.set_message(format!("line {}: {}", line(loaded, failure.span), failure.expected));
                    status.set_description(failure_text(loaded, case, result, ColorChoice::Never).trim_end());
                    status
                }
            };
            let mut test = quick_junit::TestCase::new(case.title.as_str(), status);
            test.set_classname(file);
            suite.add_test_case(test);
        }
        report.add_test_suite(suite);
    }
    report.to_string()
}
