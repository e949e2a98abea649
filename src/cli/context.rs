//! What every verb needs of the outside world.

use super::config::Config;
use super::project::{self, IncludeCases, Problem, Project};
use super::{Exit, When};
use crate::diagnostic::Diagnostic;
use crate::load::{self, Loaded};
use crate::report::diagnostics::{ColorChoice, Format, Options, WIDTH, counted, render_with};
use crate::report::escape::one_line;
use crate::source::Sources;
use std::cell::Cell;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::PathBuf;

/// Standard output and standard error, and how to write to them.
#[derive(Debug)]
pub struct Context {
    /// Whether standard output gets colours.
    pub stdout_color: ColorChoice,
    /// Whether standard error gets colours.
    pub stderr_color: ColorChoice,
    /// Where text on standard output is wrapped.
    pub stdout_width: usize,
    /// Where text on standard error is wrapped.
    pub stderr_width: usize,
    /// Whether somebody can see how far something is, and wants to.
    pub(super) shows_progress: bool,
    output: Cell<Output>,
}

/// How writing to standard output goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Output {
    Open,
    /// The reader went away, as `head` does; that is no error.
    Closed,
    Failed,
}

impl Context {
    pub(super) fn new(when: When, quiet: bool) -> Self {
        Context {
            stdout_color: color(when, &io::stdout()),
            stderr_color: color(when, &io::stderr()),
            stdout_width: width(io::stdout().is_terminal()),
            stderr_width: width(io::stderr().is_terminal()),
            shows_progress: !quiet && can_show_progress(),
            output: Cell::new(Output::Open),
        }
    }

    /// Writes data to standard output.
    pub fn print(&self, text: &str) {
        if self.output.get() != Output::Open {
            return;
        }
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::BrokenPipe => self.output.set(Output::Closed),
            Err(error) => {
                self.output.set(Output::Failed);
                self.complain(&format!("standard output cannot be written: {error}"));
            }
        }
    }

    /// Whether anybody still reads standard output.
    pub(super) fn is_open(&self) -> bool {
        self.output.get() == Output::Open
    }

    /// Writes a line to standard error.
    pub fn say(&self, line: &str) {
        // Names come from the command line and may hold anything. If nobody reads standard error there is nothing to do.
        let _ = writeln!(io::stderr(), "{}", visible_lines(line));
    }

    /// Says what is wrong with the call, in the way of all such messages.
    pub fn complain(&self, message: &str) {
        match self.stderr_color {
            ColorChoice::Always => {
                let _ = writeln!(io::stderr(), "\x1b[1;31merror\x1b[0m: {}", visible_lines(message));
            }
            ColorChoice::Never => self.say(&format!("error: {message}")),
        }
    }

    /// Writes findings to standard error, as text.
    pub fn report(&self, sources: &Sources, diagnostics: &[Diagnostic]) {
        let options = Options {
            color: self.stderr_color,
            width: self.stderr_width,
            ..Options::default()
        };
        let _ = io::stderr().write_all(render_with(sources, diagnostics, &options).as_bytes());
    }

    /// How findings are written to standard output.
    pub fn stdout_options(&self, format: Format) -> Options {
        Options {
            format,
            color: self.stdout_color,
            width: self.stdout_width,
            ..Options::default()
        }
    }

    /// Loads the files at `paths`, or of the project where there are none, with everything they use.
    ///
    /// # Errors
    ///
    /// The exit status, once it has been said what is wrong: a path that does not exist, or no `.gl` file.
    /// Findings in the files are no error here.
    pub fn load(&self, paths: &[PathBuf], include: IncludeCases) -> Result<Loaded, Exit> {
        let project = self.project(paths, include)?;
        Ok(load::load(&project.files, &project.paths))
    }

    /// As [`Context::load`], with the configuration of every project that the files belong to.
    ///
    /// # Errors
    ///
    /// As [`Context::load`], and for a configuration with errors.
    pub fn load_configured(&self, paths: &[PathBuf], include: IncludeCases) -> Result<(Loaded, Vec<Config>), Exit> {
        let project = self.project(paths, include)?;
        let mut loaded = load::load(&project.files, &project.paths);
        let mut configs = Vec::new();
        for root in project.files.roots() {
            match Config::read(root, &mut loaded.sources) {
                Ok(config) => configs.extend(config),
                Err(found) => {
                    self.report(&loaded.sources, &found);
                    self.say(&format!("nothing was checked: {} in gl.toml", counted(found.len(), "error")));
                    return Err(Exit::Invalid);
                }
            }
        }
        Ok((loaded, configs))
    }

    pub(super) fn project(&self, paths: &[PathBuf], include: IncludeCases) -> Result<Project, Exit> {
        project::find(paths, include).map_err(|problem| self.refuse(&problem))
    }

    /// Says why there are no files, and gives the exit status.
    pub(super) fn refuse(&self, problem: &Problem) -> Exit {
        match problem {
            Problem::Usage(message) => {
                self.complain(message);
                Exit::Invalid
            }
            Problem::Nothing(message) => {
                self.complain(message);
                Exit::Nothing
            }
        }
    }

    /// The exit status of a run that came to `exit`.
    pub(super) fn finish(&self, exit: Exit) -> Exit {
        if self.output.get() == Output::Failed {
            Exit::Invalid
        } else {
            exit
        }
    }
}

/// The text with everything hidden in it made visible, line breaks excepted.
pub(super) fn visible_lines(text: &str) -> String {
    text.split('\n').map(one_line).collect::<Vec<_>>().join("\n")
}

fn color(when: When, stream: &impl anstream::stream::RawStream) -> ColorChoice {
    let auto = || match anstream::AutoStream::choice(stream) {
        anstream::ColorChoice::Never => ColorChoice::Never,
        _ => ColorChoice::Always,
    };
    match when {
        When::Auto => auto(),
        When::Always => ColorChoice::Always,
        When::Never => ColorChoice::Never,
    }
}

/// Progress moves the cursor, which a terminal must be able to do; machines that build keep every line of it.
fn can_show_progress() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stderr().is_terminal() && !is_dumb && !is_set("NO_PROGRESS") && !is_set("CI")
}

/// Output that goes to no terminal has one width, so that it is the same to the byte everywhere.
fn width(is_terminal: bool) -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse::<usize>().ok());
    columns.filter(|_| is_terminal).map_or(WIDTH, |c| c.clamp(40, 160))
}
