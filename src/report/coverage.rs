//! Coverage as a table, as JSON in the shape of `gl.coverage/1`, and as a page with the source coloured.
//!
//! In: a [`Coverage`] with the texts it speaks of. Out: strings and serialisable objects.
//! Must not know: how it was counted.

use super::escape::{one_line, push_visible};
use super::json::{PlaceJson, place};
use crate::load::Loaded;
use crate::model::{AtomId, GuidelineId, RuleId, Truth};
use crate::source::{FileId, SourceFile, Span};
use crate::suite::coverage::{Coverage, Row, Tally, VALUES};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;

/// How many cases ran, and how many of them failed.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Ran {
    pub passed: usize,
    pub failed: usize,
}

/// The words for the values of a rule and of a test.
const RULE_WORDS: [&str; 3] = ["fired", "not fired", "undecided"];
const TEST_WORDS: [&str; 3] = ["true", "false", "unknown"];

/// The words for the values that are missing.
fn words<T>(row: &Row<T>, words: [&'static str; 3]) -> Vec<&'static str> {
    let word = |truth: Truth| VALUES.into_iter().zip(words).find(|(t, _)| *t == truth).map(|(_, word)| word);
    row.missing().filter_map(word).collect()
}

/// How many values were seen, of those that are possible.
#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Share {
    seen: usize,
    possible: usize,
}

impl Share {
    fn count<T>(&mut self, row: &Row<T>, truth: Truth) {
        if row.possible.contains(&truth) {
            self.possible += 1;
            self.seen += usize::from(row.seen.of(truth) > 0);
        }
    }

    fn text(self) -> String {
        match self.possible {
            0 => "-".to_owned(),
            possible => format!("{}/{possible}", self.seen),
        }
    }
}

/// The shares of one file: fired, not fired, undecided; true, false, unknown.
#[derive(Debug, Clone, Copy, Default)]
struct Shares {
    rules: [Share; 3],
    tests: [Share; 3],
}

impl Shares {
    fn count<T>(shares: &mut [Share; 3], row: &Row<T>) {
        shares
            .iter_mut()
            .zip(VALUES)
            .for_each(|(share, truth)| share.count(row, truth));
    }

    fn all(&self) -> impl Iterator<Item = Share> {
        self.rules.into_iter().chain(self.tests)
    }
}

/// Something that was never seen in a value it can have.
struct Missing {
    span: Span,
    what: String,
    words: Vec<&'static str>,
}

impl Missing {
    fn text(&self) -> String {
        let never: Vec<String> = self.words.iter().map(|word| format!("never {word}")).collect();
        format!("{}: {}", self.what, never.join(", "))
    }
}

struct Counted<'a> {
    loaded: &'a Loaded,
    coverage: &'a Coverage,
}

impl<'a> Counted<'a> {
    fn rule_span(&self, rule: RuleId) -> Span {
        self.loaded.library[rule].name_span
    }

    fn test_span(&self, atom: AtomId) -> Span {
        self.loaded.library[atom].span
    }

    fn name(&self, file: FileId) -> &'a str {
        self.loaded.sources.get(file).map_or("", SourceFile::name)
    }

    /// The shares of each file, by its name.
    fn files(&self) -> BTreeMap<&'a str, (FileId, Shares)> {
        let mut files: BTreeMap<&str, (FileId, Shares)> = BTreeMap::new();
        for row in &self.coverage.rules {
            let file = self.rule_span(row.subject).file;
            let (_, shares) = files.entry(self.name(file)).or_insert((file, Shares::default()));
            Shares::count(&mut shares.rules, row);
        }
        for row in &self.coverage.tests {
            let file = self.test_span(row.subject).file;
            let (_, shares) = files.entry(self.name(file)).or_insert((file, Shares::default()));
            Shares::count(&mut shares.tests, row);
        }
        files
    }

    fn total(&self) -> Shares {
        let mut total = Shares::default();
        self.coverage
            .rules
            .iter()
            .for_each(|row| Shares::count(&mut total.rules, row));
        self.coverage
            .tests
            .iter()
            .for_each(|row| Shares::count(&mut total.tests, row));
        total
    }

    /// What is missing, in the order of files by name and of their lines.
    fn missing(&self) -> Vec<Missing> {
        let rules = self.coverage.rules.iter().map(|row| Missing {
            span: self.rule_span(row.subject),
            what: format!("rule `{}`", self.loaded.library.rule_name(row.subject)),
            words: words(row, RULE_WORDS),
        });
        let tests = self.coverage.tests.iter().map(|row| Missing {
            span: self.test_span(row.subject),
            what: format!("`{}`", self.test_text(row.subject)),
            words: words(row, TEST_WORDS),
        });
        let mut missing: Vec<Missing> = rules.chain(tests).filter(|m| !m.words.is_empty()).collect();
        missing.sort_by_key(|m| (self.name(m.span.file), m.span));
        missing
    }

    /// The test as written, on one line.
    fn test_text(&self, atom: AtomId) -> String {
        let text = self.loaded.sources.text(self.test_span(atom));
        let words: Vec<&str> = text.split_whitespace().collect();
        one_line(&words.join(" ")).into_owned()
    }

    fn line(&self, span: Span) -> usize {
        let file = self.loaded.sources.get(span.file);
        file.map_or(0, |file| file.line_column(span.start as usize).line)
    }
}

/// The table, and a line for everything that is missing.
pub fn text(loaded: &Loaded, coverage: &Coverage) -> String {
    let counted = Counted { loaded, coverage };
    let files = counted.files();
    let mut rows: Vec<Vec<String>> = vec![header()];
    let cells = |name: &str, shares: &Shares| {
        std::iter::once(name.to_owned())
            .chain(shares.all().map(Share::text))
            .collect()
    };
    rows.extend(files.iter().map(|(name, (_, shares))| cells(&one_line(name), shares)));
    if files.len() > 1 {
        rows.push(cells("all", &counted.total()));
    }
    let mut text = table(&rows);
    let missing = counted.missing();
    if !missing.is_empty() {
        text.push('\n');
    }
    for missing in missing {
        let name = one_line(counted.name(missing.span.file));
        let _ = writeln!(text, "{name}:{}: {}", counted.line(missing.span), missing.text());
    }
    text
}

fn header() -> Vec<String> {
    [
        "",
        "rules: fired",
        "not fired",
        "undecided",
        "tests: true",
        "false",
        "unknown",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Cells in columns, the first to the left, the others to the right.
pub(super) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|r| r.get(column))
            .map(|c| c.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let blanks = " ".repeat(width.saturating_sub(cell.chars().count()));
            match column {
                0 => line.extend([cell.as_str(), &blanks]),
                _ => line.extend(["  ", &blanks, cell.as_str()]),
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Coverage in the shape of `gl.coverage/1`.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct CoverageJson<'a> {
    pub schema: &'static str,
    pub passed: usize,
    pub failed: usize,
    pub rules: Vec<RuleJson<'a>>,
    pub tests: Vec<TestJson<'a>>,
    pub summary: SummaryJson,
}

/// One rule: in how many cases it had each state, and the states that it can have and never had.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct RuleJson<'a> {
    pub rule: &'a str,
    #[serde(flatten)]
    pub place: Option<PlaceJson>,
    pub fired: usize,
    pub not_fired: usize,
    pub undecided: usize,
    pub missing: Vec<&'static str>,
}

/// One test: in how many cases it had each value, and the values that it can have and never had.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct TestJson<'a> {
    pub text: String,
    #[serde(flatten)]
    pub place: Option<PlaceJson>,
    /// The guideline whose conditions it belongs to; none where the test is shared.
    pub guideline: Option<&'a str>,
    pub r#true: usize,
    pub r#false: usize,
    pub unknown: usize,
    pub missing: Vec<&'static str>,
}

/// Values seen, of those that are possible.
#[derive(Debug, Serialize)]
pub struct SummaryJson {
    rules: ShareJson,
    tests: ShareJson,
}

#[derive(Debug, Default, Serialize)]
struct ShareJson {
    seen: usize,
    possible: usize,
}

impl ShareJson {
    fn of(shares: [Share; 3]) -> Self {
        ShareJson {
            seen: shares.iter().map(|s| s.seen).sum(),
            possible: shares.iter().map(|s| s.possible).sum(),
        }
    }
}

/// Everything as one object.
pub fn json<'a>(loaded: &'a Loaded, coverage: &'a Coverage, ran: Ran) -> CoverageJson<'a> {
    let counted = Counted { loaded, coverage };
    let file_of = |span: Span| loaded.library.files.iter().find(|f| f.file == span.file);
    let guideline = |id: GuidelineId| loaded.library[id].name.as_str();
    let rules = coverage.rules.iter().map(|row| {
        let Tally { yes, no, unknown } = row.seen;
        RuleJson {
            rule: loaded.library.rule_name(row.subject),
            place: place(&loaded.sources, counted.rule_span(row.subject)),
            fired: yes,
            not_fired: no,
            undecided: unknown,
            missing: words(row, ["fired", "not_fired", "undecided"]),
        }
    });
    let tests = coverage.tests.iter().map(|row| {
        let Tally { yes, no, unknown } = row.seen;
        let span = counted.test_span(row.subject);
        TestJson {
            text: counted.test_text(row.subject),
            place: place(&loaded.sources, span),
            guideline: file_of(span).and_then(|f| f.guideline).map(guideline),
            r#true: yes,
            r#false: no,
            unknown,
            missing: words(row, TEST_WORDS),
        }
    });
    let total = counted.total();
    CoverageJson {
        schema: "gl.coverage/1",
        passed: ran.passed,
        failed: ran.failed,
        rules: rules.collect(),
        tests: tests.collect(),
        summary: SummaryJson {
            rules: ShareJson::of(total.rules),
            tests: ShareJson::of(total.tests),
        },
    }
}

/// The page as its template reads it.
#[derive(Debug, Serialize)]
struct Page {
    version: &'static str,
    passed: usize,
    failed: usize,
    header: Vec<String>,
    rows: Vec<PageRow>,
    missing: Vec<PageMissing>,
    files: Vec<PageFile>,
}

#[derive(Debug, Serialize)]
struct PageRow {
    name: String,
    /// The number of the file on the page; none for the sum.
    file: Option<usize>,
    cells: Vec<PageCell>,
}

#[derive(Debug, Serialize)]
struct PageCell {
    text: String,
    class: &'static str,
}

#[derive(Debug, Serialize)]
struct PageMissing {
    file: usize,
    line: usize,
    place: String,
    text: String,
}

#[derive(Debug, Serialize)]
struct PageFile {
    number: usize,
    name: String,
    lines: Vec<PageLine>,
}

#[derive(Debug, Serialize)]
struct PageLine {
    number: usize,
    pieces: Vec<Piece>,
}

/// Text of one colour.
#[derive(Debug, Serialize)]
struct Piece {
    text: String,
    class: &'static str,
    title: String,
}

/// A place with its colour.
struct Mark {
    range: Range<usize>,
    class: &'static str,
    title: String,
}

impl Mark {
    fn new<T>(span: Span, row: &Row<T>, words: [&str; 3]) -> Self {
        let missing = row.missing().count();
        let class = match missing {
            0 => "full",
            all if all == row.possible.len() => "none",
            _ => "part",
        };
        let seen = |(truth, word): (Truth, &str)| match row.possible.contains(&truth) {
            true => format!("{word} in {}", row.seen.of(truth)),
            false => format!("never {word}, for no patient"),
        };
        let title: Vec<String> = VALUES.into_iter().zip(words).map(seen).collect();
        Mark {
            range: span.range(),
            class,
            title: title.join("; "),
        }
    }
}

const TEMPLATE: &str = include_str!("coverage.html");

/// One page that needs nothing else: the table, what is missing, and the texts with every rule and test in its colour.
///
/// # Errors
///
/// The reason, where the page cannot be put together; that is a mistake of gl's own.
pub fn html(loaded: &Loaded, coverage: &Coverage, ran: Ran) -> Result<String, String> {
    let counted = Counted { loaded, coverage };
    let files = counted.files();
    let number = |file: FileId| files.values().position(|(f, _)| *f == file).map_or(0, |n| n + 1);
    let cells = |shares: &Shares| shares.all().map(cell).collect();
    let mut rows: Vec<PageRow> = files
        .iter()
        .map(|(name, (file, shares))| PageRow {
            name: visible(name),
            file: Some(number(*file)),
            cells: cells(shares),
        })
        .collect();
    if files.len() > 1 {
        rows.push(PageRow {
            name: "all".to_owned(),
            file: None,
            cells: cells(&counted.total()),
        });
    }
    let missing = counted.missing().into_iter().map(|m| PageMissing {
        file: number(m.span.file),
        line: counted.line(m.span),
        place: format!("{}:{}", visible(counted.name(m.span.file)), counted.line(m.span)),
        text: m.text(),
    });
    let page = Page {
        version: env!("CARGO_PKG_VERSION"),
        passed: ran.passed,
        failed: ran.failed,
        header: header(),
        rows,
        missing: missing.collect(),
        files: files
            .iter()
            .filter_map(|(name, (file, _))| {
                Some(PageFile {
                    number: number(*file),
                    name: visible(name),
                    lines: lines(loaded.sources.get(*file)?, &counted.marks(*file)),
                })
            })
            .collect(),
    };
    let mut environment = minijinja::Environment::new();
    environment
        .add_template("coverage.html", TEMPLATE)
        .map_err(|e| e.to_string())?;
    let template = environment.get_template("coverage.html").map_err(|e| e.to_string())?;
    template.render(minijinja::value::Serde(page)).map_err(|e| e.to_string())
}

fn cell(share: Share) -> PageCell {
    let class = match share.possible {
        0 => "",
        possible if possible == share.seen => "full",
        _ if share.seen == 0 => "none",
        _ => "part",
    };
    PageCell {
        text: share.text(),
        class,
    }
}

impl Counted<'_> {
    /// The places of a file that have a colour, in order.
    fn marks(&self, file: FileId) -> Vec<Mark> {
        let rules = self.coverage.rules.iter().map(|row| (self.rule_span(row.subject), row));
        let tests = self.coverage.tests.iter().map(|row| (self.test_span(row.subject), row));
        let mut marks: Vec<Mark> = rules
            .filter(|(span, _)| span.file == file)
            .map(|(span, row)| Mark::new(span, row, RULE_WORDS))
            .chain(
                tests
                    .filter(|(span, _)| span.file == file)
                    .map(|(span, row)| Mark::new(span, row, TEST_WORDS)),
            )
            .collect();
        marks.sort_by_key(|mark| mark.range.start);
        marks
    }
}

/// The lines of a file, cut where the colour changes.
fn lines(file: &SourceFile, marks: &[Mark]) -> Vec<PageLine> {
    let count = file.text().lines().count();
    let piece = |range: Range<usize>, mark: Option<&Mark>| Piece {
        text: visible(file.text().get(range).unwrap_or("")),
        class: mark.map_or("", |m| m.class),
        title: mark.map_or(String::new(), |m| m.title.clone()),
    };
    (1..=count)
        .map(|number| {
            let start = file.line_range(number).start;
            let end = start + file.line(number).len();
            let mut pieces = Vec::new();
            let mut at = start;
            for mark in marks.iter().filter(|m| m.range.start < end && m.range.end > start) {
                let marked = mark.range.start.max(at)..mark.range.end.min(end);
                if marked.start >= marked.end {
                    continue;
                }
                pieces.push(piece(at..marked.start, None));
                at = marked.end;
                pieces.push(piece(marked, Some(mark)));
            }
            pieces.push(piece(at..end, None));
            pieces.retain(|piece| !piece.text.is_empty());
            PageLine { number, pieces }
        })
        .collect()
}

/// Text with everything hidden in it made visible.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => out.push_str("    "),
            c => push_visible(&mut out, c),
        }
    }
    out
}
