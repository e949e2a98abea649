//! `gl trace`

use super::{Context, Exit, IncludeCases};
use crate::diagnostic::Severity;
use crate::report::diagnostics::counted;
use crate::report::json::write as write_json;
use crate::suite;
use crate::trace::{Trace, Traced, trace};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

/// Shows where each statement of the source documents went: into which rules, definitions and notes, and which cases test it.
///
/// Statements come from the inventories that `source … statements "FILE.csv"` names. The exit status is 1 if a statement is
/// missing, or is encoded by rules that contradict each other.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gl trace guidelines                   every statement, by document
  gl trace --gaps guidelines            only what is missing or untested
  gl trace --format csv > trace.csv     for a spreadsheet")]
pub struct TraceArgs {
    /// Files and folders; without any, the project.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Show only statements that are missing, in conflict, or executable and without a case.
    #[arg(long)]
    gaps: bool,
    /// How to write it.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line or two for each statement.
    Text,
    /// One row for each statement.
    Csv,
    /// One object.
    Json,
}

#[derive(Debug, Serialize)]
struct TraceJson<'a> {
    schema: &'static str,
    statements: Vec<StatementJson<'a>>,
    rules: Vec<RuleJson<'a>>,
}

#[derive(Debug, Serialize)]
struct StatementJson<'a> {
    id: &'a str,
    source: &'a str,
    section: &'a str,
    item: &'a str,
    kind: &'a str,
    paraphrase: &'a str,
    encode: &'a str,
    rules: &'a [String],
    definitions: &'a [String],
    notes: &'a [String],
    cases: &'a [String],
    problem: Option<String>,
}

#[derive(Debug, Serialize)]
struct RuleJson<'a> {
    rule: &'a str,
    statements: &'a [String],
}

/// Runs the verb.
pub fn run(args: TraceArgs, cx: &Context) -> Exit {
    write(&args, cx).unwrap_or_else(|exit| exit)
}

fn write(args: &TraceArgs, cx: &Context) -> Result<Exit, Exit> {
    let loaded = cx.load(&args.paths, IncludeCases::Yes)?;
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
        cx.say(&format!("nothing was traced: {}", counted(errors.len(), "error")));
        return Err(Exit::Invalid);
    }
    let trace = trace(&loaded, &cases);
    if trace.statements.is_empty() {
        cx.complain("no source names an inventory of statements");
        return Err(Exit::Nothing);
    }
    match args.format {
        Format::Text => cx.print(&text(&trace, args.gaps)),
        Format::Csv => cx.print(&csv(&trace).map_err(|error| unwritable(cx, &error))?),
        Format::Json => cx.print(&json(&trace)),
    }
    let wrong = trace.statements.iter().filter(|s| s.gap().is_some()).count();
    let (all, untested) = (
        trace.statements.len(),
        trace.statements.iter().filter(|s| s.is_untested()).count(),
    );
    cx.say(&format!(
        "{} of {} accounted for, {} without a case",
        all - wrong,
        counted(all, "statement"),
        counted(untested, "executable one")
    ));
    Ok(if wrong == 0 { Exit::Clean } else { Exit::Findings })
}

fn unwritable(cx: &Context, reason: &str) -> Exit {
    cx.complain(&format!("the trace cannot be written: {reason}"));
    Exit::Invalid
}

fn text(trace: &Trace, gaps: bool) -> String {
    let mut text = String::new();
    let mut by_source: BTreeMap<&str, Vec<&Traced>> = BTreeMap::new();
    for statement in &trace.statements {
        by_source.entry(&statement.source).or_default().push(statement);
    }
    for (source, statements) in by_source {
        let accounted = statements.iter().filter(|s| s.gap().is_none()).count();
        let _ = writeln!(text, "{source}: {accounted} of {} statements", statements.len());
        for statement in statements {
            if gaps && statement.gap().is_none() && !statement.is_untested() {
                continue;
            }
            let _ = writeln!(text, "  {:8} {:4} {}", statement.id, statement.encode, statement.paraphrase);
            let lists = [
                ("rule", &statement.rules),
                ("", &statement.definitions),
                ("note", &statement.notes),
            ];
            for (word, names) in lists {
                for name in names {
                    let _ = writeln!(text, "                {}", format!("{word} {name}").trim_start());
                }
            }
            match statement.cases.len() {
                0 if statement.is_untested() => text.push_str("                no case\n"),
                0 => {}
                1 => text.push_str("                1 case\n"),
                n => drop(writeln!(text, "                {n} cases")),
            }
            if let Some(gap) = statement.gap() {
                let _ = writeln!(text, "                PROBLEM: {}", gap.words());
            }
        }
    }
    text
}

fn csv(trace: &Trace) -> Result<String, String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = [
        "id",
        "source",
        "section",
        "item",
        "kind",
        "paraphrase",
        "encode",
        "rules",
        "definitions",
        "notes",
        "cases",
        "problem",
    ];
    writer.write_record(header).map_err(|e| e.to_string())?;
    for s in &trace.statements {
        let row = [
            s.id.clone(),
            s.source.clone(),
            s.section.clone(),
            s.item.clone(),
            s.kind.clone(),
            s.paraphrase.clone(),
            s.encode.clone(),
            s.rules.join("; "),
            s.definitions.join("; "),
            s.notes.join("; "),
            s.cases.join("; "),
            s.gap().map_or_else(String::new, |gap| gap.words()),
        ];
        writer.write_record(row).map_err(|e| e.to_string())?;
    }
    let bytes = writer.into_inner().map_err(|e| e.to_string())?;
    String::from_utf8(bytes).map_err(|e| e.to_string())
}

fn json(trace: &Trace) -> String {
    let statements = trace
        .statements
        .iter()
        .map(|s| StatementJson {
            id: &s.id,
            source: &s.source,
            section: &s.section,
            item: &s.item,
            kind: &s.kind,
            paraphrase: &s.paraphrase,
            encode: &s.encode,
            rules: &s.rules,
            definitions: &s.definitions,
            notes: &s.notes,
            cases: &s.cases,
            problem: s.gap().map(|gap| gap.words()),
        })
        .collect();
    let rules = trace
        .rules
        .iter()
        .map(|(rule, statements)| RuleJson { rule, statements })
        .collect();
    write_json(&TraceJson {
        schema: "gl.trace/1",
        statements,
        rules,
    })
}
