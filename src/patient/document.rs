//! Case files: YAML, and JSON, which is read as YAML.

use super::errors;
use super::value::{read_date, read_value, recorded_set, yes_no};
use crate::diagnostic::{Diagnostic, Findings};
use crate::limits;
use crate::model::{Entry, FactId, FactType, Library, Record, Recorded};
use crate::source::{FileId, Sources, Span};
use crate::suggest;
use granit_parser::{Event, Options, Parser, ScalarStyle};
use std::collections::BTreeMap;

/// The text of a file, and the first byte that is no UTF-8, if any; such text is for messages alone.
pub fn text_of(bytes: &[u8]) -> (String, Option<usize>) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), None),
        Err(error) => (String::from_utf8_lossy(bytes).into_owned(), Some(error.valid_up_to())),
    }
}

/// Reads a case file.
///
/// # Errors
///
/// Everything that is wrong with it; then there is no record.
pub fn read_document(sources: &Sources, file: FileId, library: &Library) -> Result<Record, Vec<Diagnostic>> {
    let text = sources.get(file).map_or("", |f| f.text());
    if text.len() > limits::CASE_FILE_BYTES {
        return Err(vec![errors::file_too_large(Span::new(file, 0..0))]);
    }
    let mut reading = Reading {
        library,
        text,
        file,
        found: Findings::new(),
        record: Record::default(),
        places: BTreeMap::new(),
    };
    reading.hidden_characters();
    if reading.found.is_empty() {
        match reading.tree() {
            Ok(Some(root)) => reading.root(&root),
            Ok(None) => reading.found.push(errors::empty_record(Span::new(file, 0..0))),
            Err(found) => reading.found.push(found),
        }
    }
    let Reading { found, record, .. } = reading;
    let mut found = found.into_vec();
    crate::diagnostic::sort(&mut found);
    if found.is_empty() { Ok(record) } else { Err(found) }
}

/// A value of the file with its place.
#[derive(Debug)]
struct Node {
    kind: Kind,
    span: Span,
}

#[derive(Debug)]
enum Kind {
    Scalar { text: String, plain: bool },
    Sequence(Vec<Node>),
    Mapping(Vec<(Node, Node)>),
}

/// Whether YAML or JSON would read no value here.
fn is_null(value: &Node) -> bool {
    matches!(&value.kind, Kind::Scalar { text, plain: true } if matches!(text.as_str(), "" | "null" | "~" | "Null" | "NULL"))
}

/// Where to point for a value: at its name if nothing is written.
fn place(key: &Node, value: &Node) -> Span {
    if value.span.start == value.span.end {
        key.span
    } else {
        value.span
    }
}

struct Reading<'a> {
    library: &'a Library,
    text: &'a str,
    file: FileId,
    found: Findings,
    record: Record,
    /// Where each fact was recorded first.
    places: BTreeMap<FactId, Span>,
}

/// A collection that is not closed yet.
struct Open {
    mapping: bool,
    children: Vec<Node>,
    start: usize,
}

impl Reading<'_> {
    fn hidden_characters(&mut self) {
        for (at, c) in self.text.char_indices() {
            let direction = errors::turns_direction(c);
            let control = c.is_control() && !matches!(c, '\n' | '\r' | '\t');
            if direction || control || c == '\u{feff}' {
                self.found
                    .push(errors::hidden_character(c, Span::new(self.file, at..at + c.len_utf8())));
                if self.found.len() >= limits::FINDINGS_PRINTED {
                    return;
                }
            }
        }
    }

    /// The tree of the file; what YAML has beyond values, lists and maps is refused.
    fn tree(&self) -> Result<Option<Node>, Diagnostic> {
        let mut open: Vec<Open> = Vec::new();
        let mut root = None;
        let mut documents = 0;
        let mut options = Options::default();
        options.emit_anchor_events = true;
        for event in Parser::new_from_str_with_options(self.text, options) {
            let (event, place) = event.map_err(|error| {
                let at = error.marker().byte_offset().unwrap_or(self.text.len()).min(self.text.len());
                errors::broken_file(&error.info(), self.one_character(at))
            })?;
            let range = place.byte_range().unwrap_or(0..0);
            let span = Span::new(self.file, range.clone());
            // An anchor is told by its own event, a tag by the place it has beside its node.
            let tag = place
                .tag_span()
                .and_then(|tag| tag.byte_range())
                .map(|range| Span::new(self.file, range));
            if let Some(tag) = tag {
                return Err(errors::yaml_feature("a tag", tag));
            }
            let node = match event {
                Event::Anchor(..) => return Err(errors::yaml_feature("an anchor", span)),
                Event::DocumentStart(..) => {
                    documents += 1;
                    if documents > 1 {
                        return Err(errors::several_documents(span));
                    }
                    continue;
                }
                Event::Alias(_) | Event::UnresolvedAlias(_) => return Err(errors::yaml_feature("an alias", span)),
                Event::Scalar(text, style, ..) => {
                    if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
                        return Err(errors::yaml_feature("a block of text", span));
                    }
                    let plain = matches!(style, ScalarStyle::Plain);
                    Node {
                        kind: Kind::Scalar {
                            text: text.into_owned(),
                            plain,
                        },
                        span,
                    }
                }
                Event::SequenceStart(..) => {
                    open.push(Open {
                        mapping: false,
                        children: Vec::new(),
                        start: range.start,
                    });
                    self.check_depth(&open, span)?;
                    continue;
                }
                Event::MappingStart(..) => {
                    open.push(Open {
                        mapping: true,
                        children: Vec::new(),
                        start: range.start,
                    });
                    self.check_depth(&open, span)?;
                    continue;
                }
                Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                    Some(closed) => self.close(closed, range.end),
                    None => continue,
                },
                _ => continue,
            };
            match open.last_mut() {
                Some(parent) => parent.children.push(node),
                None => root = Some(node),
            }
        }
        Ok(root.filter(|node| !matches!(&node.kind, Kind::Scalar { text, plain: true } if text.is_empty())))
    }

    fn close(&self, closed: Open, end: usize) -> Node {
        let span = Span::new(self.file, closed.start..end.max(closed.start));
        if !closed.mapping {
            return Node {
                kind: Kind::Sequence(closed.children),
                span,
            };
        }
        let mut pairs = Vec::new();
        let mut children = closed.children.into_iter();
        while let (Some(key), Some(value)) = (children.next(), children.next()) {
            pairs.push((key, value));
        }
        Node {
            kind: Kind::Mapping(pairs),
            span,
        }
    }

    fn check_depth(&self, open: &[Open], span: Span) -> Result<(), Diagnostic> {
        if open.len() > limits::NESTING {
            Err(errors::too_deep(span))
        } else {
            Ok(())
        }
    }

    /// The character at a byte, or the last one of the file.
    fn one_character(&self, at: usize) -> Span {
        let start = self.text.floor_char_boundary(at);
        let length = self
            .text
            .get(start..)
            .and_then(|t| t.chars().next())
            .map_or(0, char::len_utf8);
        Span::new(self.file, start..start + length)
    }

    fn root(&mut self, root: &Node) {
        let Kind::Mapping(pairs) = &root.kind else {
            self.found.push(errors::not_a_record(self.first_line(root.span)));
            return;
        };
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for (key, value) in pairs {
            let Some(name) = self.key(key) else { continue };
            if let Some(first) = seen.insert(name, key.span) {
                self.found.push(errors::key_twice(name, key.span, first));
                continue;
            }
            match name {
                "as_of" => match &value.kind {
                    Kind::Scalar { text, .. } => match read_date(text) {
                        Some(date) => self.record.as_of = Some((date, value.span)),
                        None => self.found.push(errors::no_such_date(None, text, value.span)),
                    },
                    _ => self
                        .found
                        .push(errors::no_such_date(None, "this", self.first_line(value.span))),
                },
                "unlisted" => match &value.kind {
                    Kind::Scalar { text, .. } if text == "no" => self.record.otherwise_no = Some(value.span),
                    Kind::Scalar { text, .. } if text == "unknown" => {}
                    _ => self.found.push(errors::bad_unlisted(self.first_line(value.span))),
                },
                "facts" => self.facts(value),
                _ => {
                    let near = suggest::closest(name, ["as_of", "unlisted", "facts"]);
                    let is_fact = self.library.fact_names.contains_key(name);
                    self.found.push(errors::unknown_key(name, near, is_fact, key.span));
                }
            }
        }
        if !seen.contains_key("facts") && self.found.is_empty() {
            self.found.push(errors::empty_record(Span::new(self.file, 0..0)));
        }
    }

    fn key<'n>(&mut self, key: &'n Node) -> Option<&'n str> {
        match &key.kind {
            Kind::Scalar { text, .. } if text == "<<" => {
                self.found.push(errors::yaml_feature("a merge key", key.span));
                None
            }
            Kind::Scalar { text, .. } => Some(text),
            _ => {
                self.found.push(errors::key_is_no_name(self.first_line(key.span)));
                None
            }
        }
    }

    fn facts(&mut self, value: &Node) {
        let pairs = match &value.kind {
            Kind::Mapping(pairs) => pairs,
            // `facts:` with nothing under it says that nothing is known.
            Kind::Scalar { plain: true, .. } if value.span.start == value.span.end => return,
            _ => {
                self.found.push(errors::facts_are_no_mapping(self.first_line(value.span)));
                return;
            }
        };
        for (key, value) in pairs {
            if self.found.is_full() {
                return;
            }
            let Some(name) = self.key(key) else { continue };
            let Some(fact) = self.library.fact_names.get(name).copied() else {
                let near = suggest::closest(name, self.library.fact_names.keys().map(String::as_str));
                self.found.push(errors::unknown_fact(name, near, key.span));
                continue;
            };
            if let Some(first) = self.places.insert(fact, key.span) {
                self.found.push(errors::fact_given_twice(name, key.span, first));
                continue;
            }
            self.fact(fact, key, value);
        }
    }

    fn fact(&mut self, fact: FactId, key: &Node, value: &Node) {
        let span = key.span.to(value.span);
        let span = Span {
            end: span.end.min(self.first_line(span).end),
            ..span
        };
        let entry = |recorded| Entry { fact, recorded, span };
        let null = is_null(value);
        let is_set = matches!(self.library[fact].ty, FactType::AnyOf { .. });
        match &value.kind {
            Kind::Scalar { text, .. } => {
                let place = place(key, value);
                let read = if null {
                    Err(errors::null_value(&self.library[fact], place))
                } else if is_set && text != "unknown" {
                    Err(errors::not_a_set(&self.library[fact], place))
                } else {
                    read_value(self.library, fact, text, place)
                };
                match read {
                    Ok(recorded) => self.record.entries.push(entry(recorded)),
                    Err(diagnostic) => self.found.push(diagnostic),
                }
            }
            Kind::Sequence(members) if is_set => {
                let mut names = Vec::new();
                for member in members {
                    match &member.kind {
                        Kind::Scalar { text, .. } => names.push((text.as_str(), member.span)),
                        _ => self
                            .found
                            .push(errors::not_a_set(&self.library[fact], self.first_line(member.span))),
                    }
                }
                match recorded_set(self.library, fact, &names) {
                    Ok(recorded) => self.record.entries.push(entry(recorded)),
                    Err(diagnostic) => self.found.push(diagnostic),
                }
            }
            Kind::Mapping(pairs) if is_set && pairs.is_empty() => {
                self.found.push(errors::set_without_members(&self.library[fact], value.span));
            }
            Kind::Mapping(pairs) if is_set => {
                for (key, value) in pairs {
                    if self.found.is_full() {
                        return;
                    }
                    self.member(fact, key, value);
                }
            }
            Kind::Sequence(_) | Kind::Mapping(_) => {
                self.found
                    .push(errors::not_one_value(&self.library[fact], self.first_line(value.span)));
            }
        }
    }

    /// `{motor: yes, sensory: unknown}`: what is not mentioned stays open.
    fn member(&mut self, fact: FactId, key: &Node, value: &Node) {
        let library = self.library;
        let FactType::AnyOf { members } = &library[fact].ty else {
            return;
        };
        let Some(name) = self.key(key) else { return };
        let Some(member) = members.iter().position(|m| m == name) else {
            let near = suggest::closest(name, members.iter().map(String::as_str));
            self.found
                .push(errors::no_such_value(&library[fact], name, near, members, key.span));
            return;
        };
        let twice = self.record.entries.iter().find_map(|e| match e.recorded {
            Recorded::Member(m, _) if e.fact == fact && m == member => Some(e.span),
            _ => None,
        });
        if let Some(first) = twice {
            self.found.push(errors::key_twice(name, key.span, first));
            return;
        }
        let known = match &value.kind {
            _ if is_null(value) => {
                self.found.push(errors::null_value(&library[fact], place(key, value)));
                return;
            }
            Kind::Scalar { text, .. } if text == "unknown" => None,
            Kind::Scalar { text, .. } => match yes_no(text) {
                Some(known) => Some(known),
                None => {
                    self.found.push(errors::not_yes_or_no(&library[fact], text, value.span));
                    return;
                }
            },
            _ => {
                self.found
                    .push(errors::not_yes_or_no(&library[fact], "this", self.first_line(value.span)));
                return;
            }
        };
        self.record.entries.push(Entry {
            fact,
            recorded: Recorded::Member(member, known),
            span: key.span,
        });
    }

    /// The part of a span on its first line.
    fn first_line(&self, span: Span) -> Span {
        let text = self.text.get(span.range()).unwrap_or("");
        let length = text.lines().next().map_or(0, |line| line.trim_end().len());
        Span::new(self.file, span.start as usize..span.start as usize + length)
    }
}
