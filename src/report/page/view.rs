//! What stands on the reviewers' page, as plain data.
//!
//! Every field may be used by a template; texts of authors are as they are to be shown, with hidden characters made visible, and
//! without markup. Field names are part of the interface of templates.

#![allow(missing_docs, reason = "fields are named as what they hold")]

use serde::Serialize;

/// A part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Piece {
    /// `text`, `code`, `fact`, `term`, `action`, `rule`, `recommend`, `consider`, `avoid`, `never`, `urgency` or `time`.
    pub kind: &'static str,
    pub text: String,
    /// The part of the page that it leads to.
    pub link: Option<String>,
}

impl Piece {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Piece::of("text", text)
    }

    pub(super) fn of(kind: &'static str, text: impl Into<String>) -> Self {
        Piece {
            kind,
            text: text.into(),
            link: None,
        }
    }

    pub(super) fn link(kind: &'static str, text: impl Into<String>, link: String) -> Self {
        Piece {
            link: Some(link),
            ..Piece::of(kind, text)
        }
    }
}

/// A sentence in its parts.
pub type Sentence = Vec<Piece>;

/// A name that leads somewhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Link {
    pub text: String,
    pub link: String,
}

/// The whole page.
#[derive(Debug, Serialize)]
pub struct Page {
    /// The program that wrote it, with its version.
    pub generator: String,
    pub title: String,
    pub summary: Summary,
    pub documents: Vec<Document>,
    pub shared: Vec<Definition>,
    pub facts: Vec<Fact>,
    pub actions: Vec<Action>,
    pub assumptions: Vec<Assumption>,
    pub sources: Vec<Source>,
    pub scales: Vec<Scale>,
    pub together: Together,
    pub findings: Vec<Finding>,
    pub accepted: Vec<Finding>,
    pub cases: Vec<CaseGroup>,
    pub trace: Vec<TraceSource>,
    pub changes: Option<Changes>,
}

/// Numbers at the head of the page.
#[derive(Debug, Default, Serialize)]
pub struct Summary {
    pub rules: usize,
    pub statements: usize,
    pub accounted: usize,
    pub untested: usize,
    pub passed: usize,
    pub failed: usize,
    pub errors: usize,
    pub warnings: usize,
    pub settled: usize,
}

/// One guideline, in the order of its document.
#[derive(Debug, Serialize)]
pub struct Document {
    pub anchor: String,
    pub name: String,
    pub title: String,
    pub version: String,
    pub status: &'static str,
    /// Digest (SHA-256) of the file's text and of every file it uses, in hexadecimal.
    pub hash: String,
    pub file: String,
    pub scope: Option<Sentence>,
    pub statements: Vec<StatementRef>,
    pub rules: usize,
    pub definitions: Vec<Definition>,
    pub sections: Vec<Section>,
    pub map: Option<super::map::Map>,
}

/// What stands under one heading.
#[derive(Debug, Serialize)]
pub struct Section {
    pub anchor: String,
    /// How deep the heading lies in its document, from 1; 0 for what stands before the first heading.
    pub depth: usize,
    pub title: String,
    pub when: Option<Sentence>,
    pub applies: Option<Sentence>,
    pub statements: Vec<StatementRef>,
    pub items: Vec<Item>,
}

/// A declaration under a heading.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Item {
    Rule(Box<Rule>),
    Note(Note),
    Claim(Claim),
}

#[derive(Debug, Serialize)]
pub struct Rule {
    pub anchor: String,
    pub name: String,
    pub title: String,
    pub place: String,
    /// The strongest of its advice: `recommend`, `consider`, `avoid` or `never`.
    pub tone: &'static str,
    /// Whether some of it cannot wait.
    pub urgent: bool,
    pub when: Option<Sentence>,
    pub unless: Option<Sentence>,
    pub effects: Vec<Sentence>,
    pub statements: Vec<StatementRef>,
    pub cites: Vec<Cite>,
    pub evidence: Vec<String>,
    pub because: Option<String>,
    pub overrides: Vec<Link>,
    pub overridden_by: Vec<Link>,
    pub settlements: Vec<Link>,
    pub findings: Vec<FindingLink>,
    /// Some of the cases that see it fire.
    pub cases: Vec<CaseLink>,
    /// How many cases see it fire.
    pub fires_in: usize,
    pub change: Option<Mark>,
}

/// What changed in a rule, in a few words.
#[derive(Debug, Clone, Serialize)]
pub struct Mark {
    /// `emergency`, `loss`, `change`, `gain` or `wording`.
    pub danger: &'static str,
    pub words: String,
}

#[derive(Debug, Serialize)]
pub struct Note {
    pub anchor: String,
    pub name: String,
    pub place: String,
    pub text: String,
    /// `about`, `for` or `against`, with actions.
    pub stances: Vec<Stance>,
    pub only_if: Option<Sentence>,
    pub statements: Vec<StatementRef>,
    pub cites: Vec<Cite>,
}

#[derive(Debug, Serialize)]
pub struct Stance {
    pub word: &'static str,
    pub actions: Sentence,
}

#[derive(Debug, Serialize)]
pub struct Claim {
    pub text: String,
    pub place: String,
    pub over: Sentence,
    pub actions: Sentence,
    pub statements: Vec<StatementRef>,
}

/// A statement of a source document that something encodes.
#[derive(Debug, Serialize)]
pub struct StatementRef {
    pub id: String,
    /// Where the inventory lists it.
    pub link: Option<String>,
    pub paraphrase: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct Cite {
    pub title: String,
    pub link: String,
    pub place: Option<String>,
    pub numbers: Vec<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingLink {
    pub severity: &'static str,
    pub text: String,
    /// The first of them.
    pub link: String,
    /// How many there are of this kind.
    pub count: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct CaseLink {
    pub title: String,
    pub link: String,
    pub passed: bool,
}

#[derive(Debug, Serialize)]
pub struct Definition {
    pub anchor: String,
    pub name: String,
    pub label: String,
    pub place: String,
    pub means: Sentence,
    pub statements: Vec<StatementRef>,
    pub cites: Vec<Cite>,
    pub used_by: Vec<Link>,
}

#[derive(Debug, Serialize)]
pub struct Fact {
    pub anchor: String,
    pub name: String,
    pub label: String,
    pub kind: String,
    pub question: Option<String>,
    pub details: Vec<String>,
    pub used_by: Vec<Link>,
}

#[derive(Debug, Serialize)]
pub struct Action {
    pub anchor: String,
    pub name: String,
    pub label: String,
    pub also: Vec<String>,
    pub codes: Vec<String>,
    pub parents: Vec<Link>,
    pub kinds: Vec<Link>,
    pub advised_by: Vec<Link>,
    pub avoided_by: Vec<Link>,
}

#[derive(Debug, Serialize)]
pub struct Assumption {
    pub text: Sentence,
    pub statements: Vec<StatementRef>,
}

#[derive(Debug, Serialize)]
pub struct Source {
    pub anchor: String,
    pub name: String,
    pub title: String,
    pub details: Vec<String>,
    /// An address of the web that a link may lead to.
    pub address: Option<String>,
    /// Any other address, for reading.
    pub other_address: Option<String>,
    /// The document in whose list of references it stands.
    pub read_in: Option<Link>,
}

#[derive(Debug, Serialize)]
pub struct Scale {
    pub name: String,
    pub points: Vec<String>,
}

/// How the documents live together.
#[derive(Debug, Serialize)]
pub struct Together {
    pub documents: Vec<Link>,
    pub rows: Vec<TogetherRow>,
    pub settlements: Vec<Settlement>,
}

/// What every document says of one action.
#[derive(Debug, Serialize)]
pub struct TogetherRow {
    pub action: Link,
    /// `open`, `possible`, `left`, `settled`, `differs` or `agrees`, the most important one.
    pub status: &'static str,
    pub words: String,
    /// One for each document.
    pub cells: Vec<Vec<Position>>,
    pub reasons: Vec<String>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Position {
    pub kind: &'static str,
    /// Such as `urgent`, or the broader action that the advice is about.
    pub words: String,
    pub rules: Vec<Link>,
}

#[derive(Debug, Serialize)]
pub struct Settlement {
    pub anchor: String,
    pub place: String,
    pub rules: Vec<Link>,
    /// The rule that is preferred; none where it is left open.
    pub prefers: Option<Link>,
    pub when: Option<Sentence>,
    pub because: String,
}

/// What `gl check` says.
#[derive(Debug, Serialize)]
pub struct Finding {
    pub anchor: String,
    pub severity: &'static str,
    pub code: &'static str,
    pub title: &'static str,
    pub message: Sentence,
    pub place: String,
    pub help: Option<Sentence>,
    pub notes: Vec<Sentence>,
    pub rules: Vec<Link>,
    /// Why its authors live with it.
    pub accepted: Option<Sentence>,
    /// How many more are like it.
    pub others: usize,
}

#[derive(Debug, Serialize)]
pub struct CaseGroup {
    pub title: String,
    pub anchor: String,
    pub passed: usize,
    pub failed: usize,
    pub cases: Vec<Case>,
}

#[derive(Debug, Serialize)]
pub struct Case {
    pub anchor: String,
    pub title: String,
    pub place: String,
    pub passed: bool,
    /// As written, after the title.
    pub lines: Vec<String>,
    pub failures: Vec<Failure>,
}

#[derive(Debug, Serialize)]
pub struct Failure {
    pub expected: String,
    pub instead: Vec<String>,
}

#[derive(Debug, Serialize)]
pub struct TraceSource {
    pub source: String,
    pub title: String,
    pub anchor: String,
    pub accounted: usize,
    pub statements: Vec<Statement>,
}

#[derive(Debug, Serialize)]
pub struct Statement {
    pub anchor: String,
    pub id: String,
    pub section: String,
    pub kind: String,
    pub encode: String,
    pub paraphrase: String,
    pub rules: Vec<Link>,
    pub others: Vec<String>,
    pub notes: Vec<Link>,
    pub cases: Vec<CaseLink>,
    pub problem: Option<String>,
    pub untested: bool,
}

/// What changed since another version.
#[derive(Debug, Serialize)]
pub struct Changes {
    pub since: String,
    pub same_meaning: bool,
    pub rules: Vec<RuleChange>,
    /// Terms, settlements, declarations and notes that changed, and rules that were only written otherwise.
    pub others: Vec<Line>,
}

#[derive(Debug, Serialize)]
pub struct RuleChange {
    pub danger: &'static str,
    pub name: String,
    /// Where it stands now; none where it is gone.
    pub link: Option<String>,
    pub lines: Vec<Line>,
}

/// A line with the depth of its indentation; 0 for a heading or a paragraph of its own.
#[derive(Debug, Serialize)]
pub struct Line {
    pub depth: usize,
    pub text: String,
}
