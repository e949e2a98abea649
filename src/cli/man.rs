//! `gl man`

use super::patient_args::{meant, printable};
use super::project::reason;
use super::{Context, Exit};
use crate::report::diagnostics::counted;
use clap::Args;
use clap_mangen::Man;
use std::fs;
use std::path::{Path, PathBuf};

/// Prints a page for `man`, or writes the pages of all verbs.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gl man | man -l -           the page of gl
  gl man check > gl-check.1   the page of a verb
  gl man --output man1        every page, for a package")]
pub struct ManArgs {
    /// A verb; without one, the page of gl itself.
    #[arg(value_name = "VERB")]
    verb: Option<String>,
    /// Write every page into this folder.
    #[arg(long, value_name = "DIR", conflicts_with = "verb")]
    output: Option<PathBuf>,
}

/// Runs the verb.
pub fn run(args: ManArgs, cx: &Context) -> Exit {
    let written = match (&args.output, &args.verb) {
        (Some(folder), _) => folder_of_pages(folder).map(|pages| cx.say(&counted(pages, "page"))),
        (None, None) => page(command()).map(|page| cx.print(&page)),
        (None, Some(verb)) => verb_page(verb).map(|page| cx.print(&page)),
    };
    match written {
        Ok(()) => Exit::Clean,
        Err(message) => {
            cx.complain(&message);
            Exit::Invalid
        }
    }
}

/// The command line with everything that its verbs inherit.
fn command() -> clap::Command {
    let mut command = super::command().disable_help_subcommand(true);
    command.build();
    command
}

/// The verbs with the names of their pages.
fn verbs(command: &clap::Command) -> impl Iterator<Item = (String, clap::Command)> {
    let verbs = command.get_subcommands().filter(|verb| !verb.is_hide_set());
    verbs.map(|verb| (format!("gl-{}", verb.get_name()), verb.clone()))
}

fn page(command: clap::Command) -> Result<String, String> {
    let mut page = Vec::new();
    Man::new(command)
        .render(&mut page)
        .map_err(|error| format!("the page cannot be written: {error}"))?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

fn verb_page(verb: &str) -> Result<String, String> {
    let command = command();
    let found = verbs(&command)
        .find(|(name, _)| *name == format!("gl-{verb}"))
        .map(|(_, command)| command);
    let near = || meant(verb, command.get_subcommands().map(clap::Command::get_name));
    page(found.ok_or_else(|| format!("there is no verb `{}`{}", printable(verb), near()))?)
}

fn folder_of_pages(folder: &Path) -> Result<usize, String> {
    let failed = |path: &Path, error: &std::io::Error| format!("`{}` cannot be written: {}", path.display(), reason(error));
    fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    let command = command();
    let mut pages = 0;
    for (name, command) in verbs(&command).chain([("gl".to_owned(), command.clone())]) {
        let path = folder.join(format!("{name}.1"));
        fs::write(&path, page(command)?).map_err(|error| failed(&path, &error))?;
        pages += 1;
    }
    Ok(pages)
}
