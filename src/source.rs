//! Source texts, and positions in them.
//!
//! In: texts with their display names. Out: [`Span`]s that any module may carry, and line and column on demand.
//! Must not know: what the texts mean.

use std::ops::Range;
use std::sync::Arc;

/// Names one text within [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub(crate) u32);

impl FileId {
    /// The position of the file in the order in which files were added.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A half-open range of bytes in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span over `range` of `file`.
    pub fn new(file: FileId, range: Range<usize>) -> Self {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span {
            file,
            start: clamp(range.start),
            end: clamp(range.end),
        }
    }

    /// The smallest span that covers both; both must lie in one file.
    pub fn to(self, other: Span) -> Span {
        Span {
            file: self.file,
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// The bytes as a range.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// An empty span at the end of this one, where something is missing.
    pub fn after(self) -> Span {
        Span { start: self.end, ..self }
    }
}

/// A line and a column, both from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// One text with a table of its lines.
#[derive(Debug, Clone)]
pub struct SourceFile {
    name: String,
    text: String,
    line_starts: Vec<usize>,
}

impl SourceFile {
    pub(crate) fn new(name: String, text: String) -> Self {
        let mut line_starts = vec![0];
        line_starts.extend(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1));
        SourceFile { name, text, line_starts }
    }

    /// The name to show, usually a path as the user gave it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the lines begin that end with `\n`.
    pub(crate) fn line_starts(&self) -> &[usize] {
        &self.line_starts
    }

    /// The line and column of a byte; a byte past the end counts as the end.
    pub fn line_column(&self, byte: usize) -> LineColumn {
        let byte = self.text.floor_char_boundary(byte.min(self.text.len()));
        let line = self.line_starts.partition_point(|start| *start <= byte);
        let start = self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let column = self.text.get(start..byte).map_or(0, |before| before.chars().count());
        LineColumn {
            line,
            column: column + 1,
        }
    }

    /// The text of a line without its line break; lines count from 1.
    pub fn line(&self, line: usize) -> &str {
        let range = self.line_range(line);
        self.text.get(range).unwrap_or("").trim_end_matches(['\n', '\r'])
    }

    /// The bytes of a line, its line break included; lines count from 1.
    pub fn line_range(&self, line: usize) -> Range<usize> {
        let at = |i: usize| self.line_starts.get(i).copied().unwrap_or(self.text.len());
        at(line.saturating_sub(1))..at(line)
    }
}

/// All texts of a run: guideline files, case files, patient records, flags of the command line.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Arc<SourceFile>>,
}

impl Sources {
    /// No texts.
    pub fn new() -> Self {
        Sources::default()
    }

    /// Adds a text under the name that messages show.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        self.add_again(Arc::new(SourceFile::new(name.into(), text.into())))
    }

    /// Adds a text that an earlier run has read already.
    pub fn add_again(&mut self, file: Arc<SourceFile>) -> FileId {
        let id = self.next();
        self.files.push(file);
        id
    }

    /// The id of the text that is added next.
    pub fn next(&self) -> FileId {
        FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX))
    }

    /// The file with this id, if it was added here.
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.index()).map(Arc::as_ref)
    }

    /// All files with their ids, in the order of their adding.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(i, f)| (FileId(i as u32), f.as_ref()))
    }

    /// The text under a span, or nothing where the span does not fit.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.file).and_then(|f| f.text().get(span.range())).unwrap_or("")
    }
}
