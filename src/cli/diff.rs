//! `gl diff`

use super::git::Revision;
use super::progress::Progress;
use super::project::{self, IncludeCases, Problem};
use super::{Context, Exit};
use crate::diagnostic::Severity;
use crate::load::{Loaded, load};
use crate::report::changes::{Versions, changes};
use crate::report::changes_text;
use crate::report::diagnostics::counted;
use crate::report::json::write as write_json;
use crate::verify::diff::{Version, diff};
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

/// Compares two versions of guidelines by what they mean, not by their text.
///
/// For each rule it says whether it advises other patients than before, or something stronger, weaker, earlier or later, each
/// with the patient with the fewest facts for whom that is so. What somebody loses comes first, and an emergency before
/// everything else. Rules that were only renamed, moved or rewritten are said to mean the same, which is proven.
///
/// A version is a file, a folder, or a revision of git.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gl diff old/ new/                        two folders
  gl diff v1 guidelines                    the folder as it is now, against the revision v1
  gl diff HEAD~1 HEAD -- guidelines        two revisions
  gl diff HEAD                             the project as it is now, against the last commit
  gl diff --exit-status main guidelines    for continuous integration

Exit status: 0 compared, 2 usage or guidelines with errors; with --exit-status 1 where the meaning differs.")]
pub struct DiffArgs {
    /// The older version: a file, a folder, or a revision of git.
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The newer version; without it, the files as they are now.
    #[arg(value_name = "NEW")]
    new: Option<PathBuf>,
    /// Which files of the revisions; without any, the project.
    #[arg(value_name = "PATH", last = true)]
    paths: Vec<PathBuf>,
    /// How to write the changes.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Exit with 1 where the meaning differs.
    #[arg(long)]
    exit_status: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// What somebody loses first.
    Text,
    /// One object, `gl schema diff`.
    Json,
}

/// Runs the verb.
pub fn run(args: DiffArgs, cx: &Context) -> Exit {
    compare(&args, cx).unwrap_or_else(|exit| exit)
}

/// Where a version comes from.
enum Origin<'a> {
    Here(&'a Path),
    Revision(&'a str),
}

fn compare(args: &DiffArgs, cx: &Context) -> Result<Exit, Exit> {
    let old_name = args.old.display().to_string();
    let new_name = args
        .new
        .as_ref()
        .map_or_else(|| "now".to_owned(), |new| new.display().to_string());
    let old = origin(&args.old);
    let new = args.new.as_deref().map(origin);
    let here = |origin: &Origin<'_>| match origin {
        Origin::Here(path) => Some(path.to_path_buf()),
        Origin::Revision(_) => None,
    };
    // What a revision is asked for: the paths after `--`, or else what the other side names, or else the project.
    let other = here(&old).or(new.as_ref().and_then(here));
    if !args.paths.is_empty() && other.is_some() {
        cx.complain("paths after `--` say which files of git revisions are meant; a file or folder stands for itself");
        return Err(Exit::Invalid);
    }
    let named: Vec<PathBuf> = match other {
        Some(path) if args.paths.is_empty() => vec![path],
        _ if args.paths.is_empty() => vec![project::default_folder()],
        _ => args.paths.clone(),
    };
    let read = |origin: &Origin<'_>| match origin {
        Origin::Here(path) => cx.load(&[path.to_path_buf()], IncludeCases::No),
        Origin::Revision(name) => revision(name, &named).map_err(|problem| cx.refuse(&problem)),
    };
    let old = read(&old)?;
    let new = match &new {
        Some(new) => read(new)?,
        None => cx.load(&named, IncludeCases::No)?,
    };
    for (loaded, name) in [(&old, &old_name), (&new, &new_name)] {
        let mut errors = loaded.diagnostics.clone();
        errors.retain(|d| d.severity == Severity::Error);
        if !errors.is_empty() {
            cx.report(&loaded.sources, &errors);
            cx.say(&format!(
                "nothing was compared: {} in `{name}`",
                counted(errors.len(), "error")
            ));
            return Err(Exit::Invalid);
        }
    }
    let progress = Progress::new("comparing", None, cx);
    let diff = diff(&old, &new);
    drop(progress);
    let diff = diff.map_err(|(version, finding)| {
        let (loaded, name) = match version {
            Version::Old => (&old, &old_name),
            Version::New => (&new, &new_name),
        };
        cx.report(&loaded.sources, std::slice::from_ref(&*finding));
        cx.say(&format!("nothing was compared: `{name}` cannot be decided as a whole"));
        Exit::Invalid
    })?;
    let versions = Versions {
        old: &old,
        old_name: &old_name,
        new: &new,
        new_name: &new_name,
    };
    match args.format {
        Format::Text => {
            let options = changes_text::Options {
                color: cx.stdout_color,
                width: cx.stdout_width,
            };
            cx.print(&changes_text::text(versions, &diff, options));
        }
        Format::Json => cx.print(&write_json(&changes(versions, &diff))),
    }
    let is_same = diff.is_same_meaning();
    let verdict = if is_same { "the same meaning" } else { "not the same meaning" };
    cx.say(&format!(
        "{} and {}: {verdict}; {}",
        counted(old.library.rules.len(), "rule"),
        new.library.rules.len(),
        changes_text::tally(&diff)
    ));
    Ok(if args.exit_status && !is_same {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

/// The version that `name` stands for: a file, a folder, or a revision of git, of which the files at `paths` are meant.
///
/// # Errors
///
/// The exit status, once it has been said what is wrong.
pub(super) fn read_version(name: &Path, paths: &[PathBuf], cx: &Context) -> Result<Loaded, Exit> {
    match origin(name) {
        Origin::Here(path) => cx.load(&[path.to_path_buf()], IncludeCases::No),
        Origin::Revision(name) => revision(name, paths).map_err(|problem| cx.refuse(&problem)),
    }
}

/// What exists is a file or a folder; everything else is for git to know.
fn origin(path: &Path) -> Origin<'_> {
    match path.to_str() {
        Some(name) if !path.exists() && !name.is_empty() => Origin::Revision(name),
        _ => Origin::Here(path),
    }
}

fn revision(name: &str, paths: &[PathBuf]) -> Result<Loaded, Problem> {
    let revision = Revision::open(name, paths)?;
    let paths = revision.guidelines(paths)?;
    Ok(load(&revision, &paths))
}
