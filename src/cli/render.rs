//! `gl render`

use super::engine::Engine;
use super::project::{self, read_limited};
use super::{Context, Exit, IncludeCases, diff, write};
use crate::codes;
use crate::diagnostic::{Diagnostic, Severity};
use crate::eval::settle::Inference;
use crate::load::Loaded;
use crate::policy;
use crate::report::changes::Versions;
use crate::report::diagnostics::counted;
use crate::report::page::{self, Input};
use crate::suite;
use crate::trace::trace;
use crate::verify::{self, diff::Diff, diff::Version};
use clap::Args;
use std::path::{Path, PathBuf};

/// Writes one page on which people can read a library, question it and sign it.
///
/// Every rule stands there as a sentence under the headings of its document, with the statements it encodes, its source, its
/// strength, its reason, the cases that see it fire, and what is open about it. Facts, definitions and actions are linked; a map
/// leads from facts to actions; a table holds the documents side by side, another one every statement of their sources.
///
/// The page needs nothing else, asks for nothing from anywhere, and can be printed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gl render guidelines --output review.html
  gl render guidelines --since v1 --output review.html    with what changed since the revision v1 marked
  gl render guidelines --template ours.html --output review.html
  gl render guidelines --playground site                  a folder for a web server: edit, and see conflicts at once

Exit status: 0 written, whatever is open; 2 usage, or guidelines with errors of reading.")]
pub struct RenderArgs {
    /// Files and folders; without any, the project.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The file to write; `-` is standard output.
    #[arg(long, value_name = "FILE", required_unless_present = "playground")]
    output: Option<PathBuf>,
    /// Write a folder that any web server can serve, in which the library can be edited and is checked as one types.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["output", "since", "template"])]
    playground: Option<PathBuf>,
    /// Mark what changed since this version: a file, a folder, or a revision of git.
    #[arg(long, value_name = "OLD")]
    since: Option<PathBuf>,
    /// The folder in which editors/browser/build.sh left the compiled engine, with which readers can fill in a patient; a gl that was
    /// built with the feature `engine` carries it.
    #[arg(long, value_name = "FOLDER")]
    engine: Option<PathBuf>,
    /// A minijinja template to use instead of gl's own.
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
}

/// Runs the verb.
pub fn run(args: RenderArgs, cx: &Context) -> Exit {
    render(&args, cx).unwrap_or_else(|exit| exit)
}

fn render(args: &RenderArgs, cx: &Context) -> Result<Exit, Exit> {
    let engine = Engine::find(args.engine.as_deref(), cx)?;
    match (&args.output, &args.playground) {
        (Some(output), _) => page(output, engine.as_ref(), args, cx),
        (None, Some(folder)) => playground(folder, engine.as_ref(), args, cx),
        // The arguments are checked when they are read.
        (None, None) => Err(Exit::Invalid),
    }
}

fn playground(folder: &Path, engine: Option<&Engine>, args: &RenderArgs, cx: &Context) -> Result<Exit, Exit> {
    let Some(engine) = engine else {
        cx.complain("this gl carries no engine; build it with the feature `engine`, or name the folder of editors/browser/build.sh after `--engine`");
        return Err(Exit::Invalid);
    };
    let loaded = cx.load(&args.paths, IncludeCases::No)?;
    let library = page::engine::library(&loaded).map_err(|error| {
        cx.complain(&format!("the library cannot be written: {error}"));
        Exit::Invalid
    })?;
    let count = engine.write_playground(folder, &library).map_err(|(path, error)| {
        cx.complain(&format!(
            "`{}` cannot be written: {}",
            path.display(),
            project::reason(&error)
        ));
        Exit::Invalid
    })?;
    cx.say(&format!("{} in `{}`", counted(count, "file"), folder.display()));
    Ok(Exit::Clean)
}

fn page(output: &Path, engine: Option<&Engine>, args: &RenderArgs, cx: &Context) -> Result<Exit, Exit> {
    let shown = output.display();
    if output.extension().is_some_and(|ending| ending == "gl") {
        cx.complain(&format!(
            "`{shown}` would be read as a guideline; choose a name that ends with .html"
        ));
        return Err(Exit::Invalid);
    }
    let template = args.template.as_deref().map(|path| text_of(path, cx)).transpose()?;
    let (loaded, configs) = cx.load_configured(&args.paths, IncludeCases::Yes)?;
    let (cases, in_cases) = suite::cases(&loaded);
    refuse_errors(cx, &loaded, &in_cases, "nothing was rendered")?;
    let old = args.since.as_deref().map(|since| older(since, args, cx)).transpose()?;
    let changes = match (&old, args.since.as_deref()) {
        (Some(old), Some(since)) => Some((old, compare(old, &loaded, since, cx)?)),
        _ => None,
    };

    let mut found = loaded.diagnostics.clone();
    found.extend(in_cases);
    found.extend(verify::verify(&loaded));
    let level = |path: &str, finding: &Diagnostic| configs.iter().find_map(|c| c.level(path, finding.code));
    let found = policy::apply(&loaded, found, &level, &|code| {
        codes::find(code).map_err(|unknown| unknown.closest)
    });
    let trace = trace(&loaded, &cases);
    let inference = Inference::new(&loaded.library);
    let cases: Vec<_> = cases
        .into_iter()
        .map(|case| {
            let result = suite::run(&loaded, &inference, &case);
            (case, result)
        })
        .collect();
    let since = args
        .since
        .as_ref()
        .map(|since| since.display().to_string())
        .unwrap_or_default();
    let page = page::page(Input {
        loaded: &loaded,
        cases: &cases,
        findings: &found,
        trace: &trace,
        changes: changes.as_ref().map(|(old, diff)| {
            let versions = Versions {
                old,
                old_name: &since,
                new: &loaded,
                new_name: "now",
            };
            (versions, diff)
        }),
    });
    let html = page::html(&page, &loaded, engine.map(Engine::module), template.as_deref()).map_err(|error| {
        let place = args
            .template
            .as_ref()
            .map_or("the page".to_owned(), |path| format!("`{}`", path.display()));
        cx.complain(&format!("{place} cannot be filled in: {error}"));
        Exit::Invalid
    })?;
    let place = if output.as_os_str() == "-" {
        cx.print(&html);
        String::new()
    } else {
        write::replace(output, &html).map_err(|error| {
            cx.complain(&format!("`{shown}` cannot be written: {}", project::reason(&error)));
            Exit::Invalid
        })?;
        format!(" in `{shown}`")
    };
    let open = found
        .iter()
        .filter(|f| f.accepted.is_none() && f.severity >= Severity::Warning);
    cx.say(&format!(
        "{}, {}, {}, {}{place}",
        counted(page.documents.len(), "guideline"),
        counted(page.summary.rules, "rule"),
        counted(cases.len(), "case"),
        counted(open.count(), "open finding")
    ));
    Ok(Exit::Clean)
}

fn text_of(path: &Path, cx: &Context) -> Result<String, Exit> {
    let refuse = |message: String| {
        cx.complain(&message);
        Exit::Invalid
    };
    let name = path
        .to_str()
        .ok_or_else(|| refuse("the name of the template is not UTF-8".to_owned()))?;
    let bytes = read_limited(name).map_err(refuse)?;
    if bytes.len() > crate::limits::FILE_BYTES {
        return Err(refuse(format!("`{name}` is larger than {} bytes", crate::limits::FILE_BYTES)));
    }
    String::from_utf8(bytes).map_err(|_| refuse(format!("`{name}` is not UTF-8")))
}

/// Says what is wrong where something cannot be read; nothing is shown of a library that means nothing.
fn refuse_errors(cx: &Context, loaded: &Loaded, in_cases: &[Diagnostic], what: &str) -> Result<(), Exit> {
    let all = loaded.diagnostics.iter().chain(in_cases);
    let errors: Vec<Diagnostic> = all.filter(|d| d.severity == Severity::Error).cloned().collect();
    if errors.is_empty() {
        return Ok(());
    }
    cx.report(&loaded.sources, &errors);
    cx.say(&format!("{what}: {}", counted(errors.len(), "error")));
    Err(Exit::Invalid)
}

fn older(since: &Path, args: &RenderArgs, cx: &Context) -> Result<Loaded, Exit> {
    let default = [project::default_folder()];
    let paths = if args.paths.is_empty() { &default[..] } else { &args.paths };
    let old = diff::read_version(since, paths, cx)?;
    let what = format!("nothing was rendered: `{}` has errors", since.display());
    refuse_errors(cx, &old, &[], &what)?;
    Ok(old)
}

fn compare(old: &Loaded, new: &Loaded, since: &Path, cx: &Context) -> Result<Diff, Exit> {
    verify::diff::diff(old, new).map_err(|(version, finding)| {
        let (loaded, name) = match version {
            Version::Old => (old, since.display().to_string()),
            Version::New => (new, "the guidelines".to_owned()),
        };
        cx.report(&loaded.sources, std::slice::from_ref(&*finding));
        cx.say(&format!("nothing was rendered: {name} cannot be compared as a whole"));
        Exit::Invalid
    })
}
