//! Findings as text, short lines, JSON or annotations.
//!
//! In: diagnostics and the texts they point into. Out: one string, the same to the byte for the same input.
//! Must not know: where it is printed; colour and width are decided by the caller.

use super::escape::{one_line, push_visible};
use super::excerpt::Excerpt;
use super::groups::{Group, groups, singles};
use super::{json, many_files, one_file};
use crate::diagnostic::{self, Diagnostic, Label, Severity};
use crate::limits;
use crate::source::{FileId, Sources};
use std::collections::{BTreeMap, BTreeSet};

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// With the lines they point at, and advice.
    Text,
    /// One line each.
    Short,
    /// One object with all findings, [`json::Findings`].
    Json,
    /// Annotations for GitHub's checks.
    Github,
}

/// Whether to write colours; whoever asks has looked at the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ColorChoice {
    Never,
    Always,
}

/// What is shown of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// What needs work, like with like, the most dangerous first.
    Work,
    /// Every finding by itself in the order of the texts, settled ones included.
    Everything,
}

/// How to write findings.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The format.
    pub format: Format,
    /// Whether to write colours, in [`Format::Text`] and [`Format::Short`].
    pub color: ColorChoice,
    /// Where help and notes are wrapped, in characters.
    pub width: usize,
    /// What is shown; JSON always has everything.
    pub show: Show,
    /// The most groups to print; JSON always has all.
    pub most: usize,
    /// What was looked at, for the summary in JSON.
    pub examined: json::Examined,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            format: Format::Text,
            color: ColorChoice::Never,
            width: WIDTH,
            show: Show::Work,
            most: limits::FINDINGS_PRINTED,
            examined: json::Examined::default(),
        }
    }
}

/// The width of output that goes to no terminal.
pub const WIDTH: usize = 100;

/// Writes findings, sorted, at most [`limits::FINDINGS_PRINTED`] of them.
pub fn render(sources: &Sources, diagnostics: &[Diagnostic], format: Format, color: ColorChoice) -> String {
    render_with(
        sources,
        diagnostics,
        &Options {
            format,
            color,
            ..Options::default()
        },
    )
}

/// Writes findings, sorted.
pub fn render_with(sources: &Sources, diagnostics: &[Diagnostic], options: &Options) -> String {
    let mut sorted = diagnostics.to_vec();
    diagnostic::sort(&mut sorted);
    if options.format == Format::Json {
        return json::write(&json::findings(sources, &sorted, options.examined));
    }
    let (printed, left_out) = selected(&sorted, options);
    let mut out = String::new();
    for group in &printed {
        match options.format {
            Format::Short => out.push_str(&short(sources, group, options.color)),
            Format::Github => out.push_str(&annotation(sources, group)),
            Format::Text | Format::Json => long(&mut out, sources, group, options),
        }
    }
    if let Some(sentence) = left_out {
        match options.format {
            Format::Github => out.push_str(&format!("::notice::{}\n", escape_data(&sentence))),
            _ => out.push_str(&format!("{sentence}\n")),
        }
        if options.format == Format::Text {
            out.push('\n');
        }
    }
    out
}

/// The findings that text shows whole, in its order, among sorted findings.
pub fn shown<'d>(sorted: &'d [Diagnostic], options: &Options) -> Vec<&'d Diagnostic> {
    selected(sorted, options).0.iter().map(|group| group.first).collect()
}

fn selected<'d>(sorted: &'d [Diagnostic], options: &Options) -> (Vec<Group<'d>>, Option<String>) {
    let all = match options.show {
        Show::Work => groups(sorted),
        Show::Everything => singles(sorted),
    };
    select(all, options.most)
}

/// The most severe groups in the reader's order, and a sentence about the rest.
fn select(all: Vec<Group<'_>>, most: usize) -> (Vec<Group<'_>>, Option<String>) {
    let count = all.len();
    if count <= most {
        return (all, None);
    }
    let mut by_severity: Vec<(usize, Group<'_>)> = all.into_iter().enumerate().collect();
    by_severity.sort_by_key(|(i, group)| (std::cmp::Reverse(group.first.severity), *i));
    let rest = by_severity.split_off(most);
    by_severity.sort_by_key(|(i, _)| *i);
    let findings: Vec<&Diagnostic> = rest.iter().flat_map(|(_, group)| group.findings()).collect();
    let sentence = format!(
        "… and {} more: {}{}; `--max-findings {count}` prints all",
        findings.len(),
        Tally::of(findings.iter().copied()),
        in_groups(findings.len(), rest.len())
    );
    (by_severity.into_iter().map(|(_, group)| group).collect(), Some(sentence))
}

/// In how many groups findings are, where that is not one each.
pub fn in_groups(findings: usize, groups: usize) -> String {
    match findings == groups {
        true => String::new(),
        false => format!(" in {}", counted(groups, "group")),
    }
}

fn long(out: &mut String, sources: &Sources, group: &Group<'_>, options: &Options) {
    let finding = group.first;
    let color = |code: &'static str| if options.color == ColorChoice::Always { code } else { "" };
    let header = match finding.severity {
        Severity::Error => paint::ERROR_HEADER,
        Severity::Warning => paint::WARNING_HEADER,
        Severity::Note => paint::NOTE_HEADER,
    };
    out.push_str(&format!(
        "{}{}[{}]{}{}: {}{}\n",
        color(header),
        finding.severity.word(),
        finding.code.number,
        color(paint::RESET),
        color(paint::BOLD),
        one_line(&finding.message).trim_end(),
        color(paint::RESET)
    ));
    for line in snippet(&excerpts(sources, finding), finding.severity, options.color) {
        out.push_str(&line);
        out.push('\n');
    }
    let help = finding.help.iter().map(|text| ("help", text));
    let notes = finding.sentences().map(|text| ("note", text));
    for (word, text) in help.chain(notes) {
        out.push_str(&format!("  {}{word}{}: ", color(paint::SECONDARY), color(paint::RESET)));
        wrap(out, text, word.len() + 4, options.width);
    }
    for (i, line) in others(sources, group).iter().enumerate() {
        let indent = if i == 0 { 2 } else { 6 };
        out.push_str(&" ".repeat(indent));
        wrap(out, line, indent + 2, options.width);
    }
    out.push('\n');
}

/// The most names of rules, actions or lines in one sentence.
const NAMES: usize = 12;

/// What else belongs to the group: how many, on which actions, and the rules of each document.
fn others(sources: &Sources, group: &Group<'_>) -> Vec<String> {
    if group.others.is_empty() {
        return Vec::new();
    }
    let actions: Vec<String> = group.other_actions().iter().map(|a| format!("`{a}`")).collect();
    let also = match actions.as_slice() {
        [] => String::new(),
        actions => format!(", also on {}", listed(actions)),
    };
    let mut lines = Vec::new();
    for (document, rules) in group.other_rules() {
        let prefix = if document.is_empty() {
            String::new()
        } else {
            format!("{document}: ")
        };
        lines.push(format!("{prefix}{}", listed(&rules)));
    }
    if lines.is_empty() {
        lines = other_lines(sources, group);
    }
    lines.insert(0, format!("and {} more like it{also}:", group.others.len()));
    lines
}

/// The lines of the others, file by file.
fn other_lines(sources: &Sources, group: &Group<'_>) -> Vec<String> {
    let mut files: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for label in group.others.iter().filter_map(|finding| finding.primary()) {
        if let Some(file) = sources.get(label.span.file) {
            let line = file.line_column(label.span.start as usize).line;
            files.entry(file.name()).or_default().insert(line);
        }
    }
    let one = |(name, lines): (&str, BTreeSet<usize>)| {
        let word = if lines.len() == 1 { "line" } else { "lines" };
        let lines: Vec<String> = lines.iter().map(usize::to_string).collect();
        format!("{name}: {word} {}", listed(&lines))
    };
    files.into_iter().map(one).collect()
}

/// The first of many names, and how many more there are.
fn listed(names: &[impl AsRef<str>]) -> String {
    let shown: Vec<&str> = names.iter().take(NAMES).map(AsRef::as_ref).collect();
    let rest = names.len().saturating_sub(NAMES);
    let more = if rest == 0 {
        String::new()
    } else {
        format!(" and {rest} more")
    };
    format!("{}{more}", shown.join(", "))
}

fn snippet(excerpts: &[Excerpt], severity: Severity, color: ColorChoice) -> Vec<String> {
    match excerpts {
        [] => Vec::new(),
        // miette draws labels over one another as if they stood side by side.
        [excerpt] if !excerpt.overlaps() => one_file::draw(excerpt, severity, color),
        excerpts => many_files::draw(excerpts, severity, color),
    }
}

/// One excerpt for each file with a label, that of the place to blame first.
fn excerpts(sources: &Sources, finding: &Diagnostic) -> Vec<Excerpt> {
    let primary = finding.labels.iter().filter(|l| l.primary);
    let others = finding.labels.iter().filter(|l| !l.primary);
    let labels: Vec<&Label> = primary.chain(others).collect();
    let mut files: Vec<FileId> = Vec::new();
    for label in &labels {
        if !files.contains(&label.span.file) {
            files.push(label.span.file);
        }
    }
    let excerpt = |id: FileId| {
        let in_file = labels.iter().copied().filter(move |l| l.span.file == id);
        sources.get(id).map(|file| Excerpt::new(file, in_file))
    };
    files.into_iter().filter_map(excerpt).collect()
}

fn short(sources: &Sources, group: &Group<'_>, color: ColorChoice) -> String {
    let finding = group.first;
    let more = match group.others.len() {
        0 => String::new(),
        more => format!(" (and {more} more like it)"),
    };
    let excerpt = finding
        .primary()
        .and_then(|l| Some(Excerpt::new(sources.get(l.span.file)?, [l])));
    many_files::short(
        excerpt.as_ref(),
        finding.code.number,
        finding.severity,
        &format!("{}{more}", one_line(&finding.message)),
        color,
    )
}

/// Breaks `text` at blanks so that lines end before `width`; later lines start at `indent`.
fn wrap(out: &mut String, text: &str, indent: usize, width: usize) {
    for (i, paragraph) in text.lines().enumerate() {
        if i > 0 {
            out.push_str(&" ".repeat(indent));
        }
        let mut column = indent;
        for (j, word) in paragraph.split(' ').enumerate() {
            let mut visible = String::new();
            word.chars().for_each(|c| push_visible(&mut visible, c));
            let length = visible.chars().count();
            if j > 0 && column + 1 + length > width {
                end_line(out);
                out.push_str(&" ".repeat(indent));
                column = indent;
            } else if j > 0 {
                out.push(' ');
                column += 1;
            }
            out.push_str(&visible);
            column += length;
        }
        end_line(out);
    }
    if text.is_empty() {
        end_line(out);
    }
}

fn end_line(out: &mut String) {
    out.truncate(out.trim_end_matches(' ').len());
    out.push('\n');
}

/// One command of GitHub's workflow language.
fn annotation(sources: &Sources, group: &Group<'_>) -> String {
    let finding = group.first;
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let place = finding
        .primary()
        .and_then(|label| json::place(sources, label.span))
        .map_or(String::new(), |place| {
            let file = escape_property(&place.file);
            // GitHub knows columns only within one line, and drops an annotation that has them over several.
            let columns = match place.line == place.end.line {
                true => format!(
                    "col={},endLine={},endColumn={}",
                    place.column, place.end.line, place.end.column
                ),
                false => format!("endLine={}", place.end.line),
            };
            format!("file={file},line={},{columns},", place.line)
        });
    let title = escape_property(&format!("{} {}", finding.code.number, finding.code.name));
    let mut text = finding.message.clone();
    let others = others(sources, group);
    for line in finding.help.iter().chain(finding.sentences()).chain(&others) {
        text.push('\n');
        text.push_str(line);
    }
    format!("::{command} {place}title={title}::{}\n", escape_data(&text))
}

fn escape_data(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '%' => out.push_str("%25"),
            '\r' => out.push_str("%0D"),
            '\n' => out.push_str("%0A"),
            c => push_visible(&mut out, c),
        }
    }
    out
}

fn escape_property(text: &str) -> String {
    escape_data(text).replace(':', "%3A").replace(',', "%2C")
}

/// How many findings of each severity there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Tally {
    pub errors: usize,
    pub warnings: usize,
    pub notes: usize,
}

impl Tally {
    /// Counts findings.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Diagnostic>) -> Self {
        let mut tally = Tally::default();
        for finding in findings {
            match finding.severity {
                Severity::Error => tally.errors += 1,
                Severity::Warning => tally.warnings += 1,
                Severity::Note => tally.notes += 1,
            }
        }
        tally
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, {}", counted(self.errors, "error"), counted(self.warnings, "warning"))?;
        if self.notes > 0 {
            write!(f, ", {}", counted(self.notes, "note"))?;
        }
        Ok(())
    }
}

/// A number with its noun: `1 rule`, `3 rules`.
pub fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// The colours of reports, those that miette's theme uses for the same parts.
pub(super) mod paint {
    pub const ERROR_HEADER: &str = "\x1b[1;31m";
    pub const WARNING_HEADER: &str = "\x1b[1;33m";
    pub const NOTE_HEADER: &str = "\x1b[1;32m";
    pub const BOLD: &str = "\x1b[1m";
    pub const DIM: &str = "\x1b[2m";
    pub const ERROR: &str = "\x1b[31m";
    pub const WARNING: &str = "\x1b[33m";
    pub const NOTE: &str = "\x1b[1;32m";
    pub const SECONDARY: &str = "\x1b[36m";
    pub const RESET: &str = "\x1b[0m";
}
