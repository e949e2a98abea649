//! `gl fmt`

use super::project::{self, DiskFiles, IncludeCases};
use super::write::replace_read;
use super::{Context, Exit};
use crate::format::{self, Refusal};
use crate::limits;
use crate::load::Files;
use crate::report::diagnostics::counted;
use crate::source::Sources;
use crate::syntax;
use clap::Args;
use similar::TextDiff;
use std::fs;
use std::path::{Path, PathBuf};

/// Brings files into the one style of gl, which has no options.
///
/// Only layout changes: words and comments stay, and the result is read again before it is written. Files with errors are
/// left as they are.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gl fmt                      every file of the project
  gl fmt numbness.gl          one file
  gl fmt --check              for continuous integration: changes nothing, exit status 1 if it would
  gl fmt --diff guidelines/   what would change
  gl fmt - < numbness.gl      standard input to standard output")]
pub struct FmtArgs {
    /// Files and folders; without any, the project. `-` is standard input.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Write nothing; print the names of files that would change, and exit with 1 if there are any.
    #[arg(long)]
    pub check: bool,
    /// Write nothing; print what would change.
    #[arg(long)]
    pub diff: bool,
}

/// What came of the files so far.
#[derive(Default)]
struct Count {
    files: usize,
    changed: usize,
    refused: usize,
    bugs: usize,
}

/// Runs the verb.
pub fn run(args: FmtArgs, cx: &Context) -> Exit {
    let mut count = Count::default();
    if args.paths.iter().any(|path| path.as_os_str() == "-") {
        if args.paths.len() > 1 {
            cx.complain("`-` is standard input, and stands alone");
            return Exit::Invalid;
        }
        let bytes = project::read_limited("-").map_err(|_| "standard input cannot be read".to_owned());
        one(STDIN, bytes, &args, &mut count, cx);
    } else {
        let (files, paths) = match find(&args.paths, cx) {
            Ok(found) => found,
            Err(exit) => return exit,
        };
        for path in &paths {
            let bytes = files
                .read(path)
                .map_err(|error| format!("`{path}` cannot be read: {}", error.words()));
            one(path, bytes, &args, &mut count, cx);
        }
    }
    cx.say(&count.line(&args));
    count.exit(&args)
}

/// The name of standard input in messages.
const STDIN: &str = "(standard input)";

/// The files of a call. A file that is named comes without the cases beside it.
fn find(paths: &[PathBuf], cx: &Context) -> Result<(DiskFiles, Vec<String>), Exit> {
    let project = cx.project(paths, IncludeCases::Yes)?;
    let is_wanted = |found: &str| {
        let of_folders = paths.is_empty() || paths.iter().any(|p| p.is_dir() && found_in(p, found));
        of_folders || paths.iter().any(|named| is_same(named, Path::new(found)))
    };
    let wanted = project.paths.into_iter().filter(|path| is_wanted(path)).collect();
    Ok((project.files, wanted))
}

fn found_in(folder: &Path, file: &str) -> bool {
    match (fs::canonicalize(folder), fs::canonicalize(file)) {
        (Ok(folder), Ok(file)) => file.starts_with(folder),
        _ => false,
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

fn one(path: &str, bytes: Result<Vec<u8>, String>, args: &FmtArgs, count: &mut Count, cx: &Context) {
    count.files += 1;
    let text = match bytes.and_then(|bytes| text_of(path, bytes)) {
        Ok(text) => text,
        Err(message) => {
            cx.complain(&message);
            count.refused += 1;
            return;
        }
    };
    let mut sources = Sources::new();
    let file = sources.add(path, text.as_str());
    let (tree, found) = syntax::parse(&sources, file);
    if !found.is_empty() {
        cx.report(&sources, &found);
        count.refused += 1;
        return;
    }
    let formatted = match format::format(&sources, &tree) {
        Ok(formatted) => formatted,
        Err(refusal) => {
            cx.complain(&format!("`{path}` stays as it is: {refusal}"));
            match refusal {
                Refusal::Errors => count.refused += 1,
                Refusal::Bug(_) => count.bugs += 1,
            }
            return;
        }
    };
    if let Err(message) = emit(path, &text, &formatted, args, cx) {
        cx.complain(&message);
        count.refused += 1;
        return;
    }
    count.changed += usize::from(formatted != text);
}

fn text_of(path: &str, bytes: Vec<u8>) -> Result<String, String> {
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        // Reading says that it is too large.
        Err(error) if error.as_bytes().len() > limits::FILE_BYTES => Ok(String::from_utf8_lossy(error.as_bytes()).into_owned()),
        Err(_) => Err(format!("`{path}` is not UTF-8 text; save it as UTF-8")),
    }
}

fn emit(path: &str, text: &str, formatted: &str, args: &FmtArgs, cx: &Context) -> Result<(), String> {
    let is_stdin = path == STDIN;
    if args.diff && formatted != text {
        let diff = TextDiff::from_lines(text, formatted);
        cx.print(&diff.unified_diff().header(path, path).to_string());
    }
    if args.diff || args.check {
        if !args.diff && formatted != text {
            cx.print(&format!("{path}\n"));
        }
        return Ok(());
    }
    if is_stdin {
        cx.print(formatted);
        return Ok(());
    }
    if formatted == text {
        return Ok(());
    }
    replace_read(Path::new(path), text, formatted).map_err(|error| format!("`{path}` {error}"))
}

impl Count {
    fn line(&self, args: &FmtArgs) -> String {
        let verb = if args.check || args.diff { "would change" } else { "changed" };
        let refused = match self.refused + self.bugs {
            0 => String::new(),
            refused => format!(", {refused} left as found because of errors"),
        };
        format!("{}: {} {verb}{refused}", counted(self.files, "file"), self.changed)
    }

    fn exit(&self, args: &FmtArgs) -> Exit {
        if self.bugs > 0 {
            Exit::Bug
        } else if self.refused > 0 {
            Exit::Invalid
        } else if args.check && self.changed > 0 {
            Exit::Findings
        } else {
            Exit::Clean
        }
    }
}
