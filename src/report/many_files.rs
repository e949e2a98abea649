//! Snippets of several files, or with labels over one another, and one-line reports: drawn by codespan-reporting.
//!
//! In: [`Excerpt`]s. Out: lines of text.
//! Must not know: messages and advice of long reports; `diagnostics` prints those.

use super::diagnostics::{ColorChoice, paint};
use super::excerpt::Excerpt;
use crate::diagnostic::Severity;
use codespan_reporting::diagnostic::{Diagnostic, Label, LabelStyle, Severity as Level};
use codespan_reporting::files::{Error, Files, Location};
use codespan_reporting::term::{Chars, Config, DisplayStyle, GeneralWriteResult, WriteStyle, emit_to_write_style};
use std::io::{self, Write};
use std::ops::Range;

/// The lines of `excerpts` with their marks; the first excerpt holds the place to blame.
pub(super) fn draw(excerpts: &[Excerpt], severity: Severity, color: ColorChoice) -> Vec<String> {
    let mut diagnostic = Diagnostic::new(level(severity));
    for (id, excerpt) in excerpts.iter().enumerate() {
        diagnostic.labels.extend(excerpt.marks.iter().map(|mark| {
            let style = if mark.primary {
                LabelStyle::Primary
            } else {
                LabelStyle::Secondary
            };
            Label::new(style, id, mark.range.clone()).with_message(&mark.text)
        }));
    }
    let drawn = emit(excerpts, &diagnostic, DisplayStyle::Rich, color);
    // The first line is the header, which `diagnostics` prints.
    join_files(drawn.lines().skip(1).filter(|l| !l.is_empty()))
}

/// A report on one line: place, code and message.
pub(super) fn short(excerpt: Option<&Excerpt>, code: &str, severity: Severity, message: &str, color: ColorChoice) -> String {
    let mut diagnostic = Diagnostic::new(level(severity)).with_code(code).with_message(message);
    if let Some(mark) = excerpt.and_then(|e| e.marks.iter().find(|m| m.primary)) {
        diagnostic.labels.push(Label::primary(0, mark.range.clone()));
    }
    let excerpts = excerpt.map_or(&[][..], std::slice::from_ref);
    emit(excerpts, &diagnostic, DisplayStyle::Short, color)
}

fn emit(excerpts: &[Excerpt], diagnostic: &Diagnostic<usize>, display_style: DisplayStyle, color: ColorChoice) -> String {
    let chars = Chars {
        snippet_start: "╭─".to_owned(),
        source_border_left_break: '│',
        single_primary_caret: '─',
        single_secondary_caret: '─',
        multi_primary_caret_start: '╯',
        multi_primary_caret_end: '╯',
        multi_secondary_caret_start: '╯',
        multi_secondary_caret_end: '╯',
        ..Chars::box_drawing()
    };
    let config = Config {
        display_style,
        chars,
        start_context_lines: 6,
        ..Config::default()
    };
    let mut painter = Painter {
        bytes: Vec::new(),
        color,
        painting: false,
    };
    match emit_to_write_style(&mut painter, &config, &Excerpts(excerpts), diagnostic) {
        Ok(()) => String::from_utf8(painter.bytes).unwrap_or_default(),
        Err(_) => String::new(),
    }
}

fn level(severity: Severity) -> Level {
    match severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
        Severity::Note => Level::Note,
    }
}

/// One frame around all files, closed at the end, without empty lines under the names.
fn join_files<'a>(drawn: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut indent = 0;
    let mut after_name = false;
    for line in drawn {
        let bare = line.trim();
        let is_name = bare.starts_with("╭─ ")
            && line.starts_with(' ')
            && (lines.is_empty() || lines.last().is_some_and(|l| l.trim() == "│"));
        if is_name {
            indent = line.chars().take_while(|c| *c == ' ').count() + 1;
            let corner = if lines.is_empty() { "╭─" } else { "├─" };
            lines.push(format!("{}{corner}{}", " ".repeat(indent), bare.trim_start_matches("╭─")));
        } else if !(after_name && bare == "│") {
            lines.push(format!(" {line}").trim_end().to_owned());
        }
        after_name = is_name;
    }
    if !lines.is_empty() {
        lines.push(format!("{}╰────", " ".repeat(indent)));
    }
    lines
}

struct Excerpts<'e>(&'e [Excerpt]);

impl Excerpts<'_> {
    fn excerpt(&self, id: usize) -> Result<&Excerpt, Error> {
        self.0.get(id).ok_or(Error::FileMissing)
    }
}

impl<'a> Files<'a> for Excerpts<'_> {
    type FileId = usize;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: usize) -> Result<&'a str, Error> {
        Ok(&self.excerpt(id)?.name)
    }

    fn source(&'a self, id: usize) -> Result<&'a str, Error> {
        Ok(&self.excerpt(id)?.text)
    }

    /// Lines keep the numbers they have in the file, so that gaps show.
    fn line_index(&'a self, id: usize, byte: usize) -> Result<usize, Error> {
        let excerpt = self.excerpt(id)?;
        let line = excerpt.lines.iter().find(|l| byte < l.range.end).or(excerpt.lines.last());
        line.map(|l| l.number - 1).ok_or(Error::FileMissing)
    }

    fn line_range(&'a self, id: usize, index: usize) -> Result<Range<usize>, Error> {
        let excerpt = self.excerpt(id)?;
        let line = excerpt.lines.iter().find(|l| l.number == index + 1);
        line.map(|l| l.range.clone()).ok_or(Error::LineTooLarge {
            given: index,
            max: excerpt.lines.len(),
        })
    }

    fn location(&'a self, id: usize, byte: usize) -> Result<Location, Error> {
        let place = self.excerpt(id)?.place(byte);
        Ok(Location {
            line_number: place.line,
            column_number: place.column,
        })
    }
}

/// Writes the colours that miette uses.
struct Painter {
    bytes: Vec<u8>,
    color: ColorChoice,
    /// Whether a colour is on; plain parts, the frame above all, stay free of escapes.
    painting: bool,
}

impl Painter {
    fn paint(&mut self, code: &str) -> io::Result<()> {
        match self.color {
            ColorChoice::Always => {
                self.painting = true;
                self.bytes.write_all(code.as_bytes())
            }
            ColorChoice::Never => Ok(()),
        }
    }
}

impl Write for Painter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl WriteStyle for Painter {
    fn set_header(&mut self, severity: Level) -> GeneralWriteResult {
        self.paint(match severity {
            Level::Bug | Level::Error => paint::ERROR_HEADER,
            Level::Warning => paint::WARNING_HEADER,
            Level::Note | Level::Help => paint::NOTE_HEADER,
        })
    }

    fn set_header_message(&mut self) -> GeneralWriteResult {
        self.paint(paint::RESET)?;
        self.paint(paint::BOLD)
    }

    fn set_line_number(&mut self) -> GeneralWriteResult {
        self.paint(paint::DIM)
    }

    fn set_note_bullet(&mut self) -> GeneralWriteResult {
        Ok(())
    }

    fn set_source_border(&mut self) -> GeneralWriteResult {
        Ok(())
    }

    fn set_label(&mut self, severity: Level, style: LabelStyle) -> GeneralWriteResult {
        self.paint(match (style, severity) {
            (LabelStyle::Secondary, _) => paint::SECONDARY,
            (LabelStyle::Primary, Level::Bug | Level::Error) => paint::ERROR,
            (LabelStyle::Primary, Level::Warning) => paint::WARNING,
            (LabelStyle::Primary, Level::Note | Level::Help) => paint::NOTE,
        })
    }

    fn reset(&mut self) -> GeneralWriteResult {
        if self.painting {
            self.paint(paint::RESET)?;
        }
        self.painting = false;
        Ok(())
    }
}
