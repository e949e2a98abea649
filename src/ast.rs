//! The tree: what an author wrote, as written.
//!
//! In: built by `syntax`. Out: read by `model::lower` and by the formatter.
//! Must not know: what names refer to, whether types fit. Every node has a span; names are text.

#![allow(missing_docs, reason = "fields are named as in the form that each type quotes")]

mod mentions;

use crate::source::{FileId, Span};
pub use mentions::{Mention, Role, mentions};

/// A name as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The name.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// A quoted text without its quotes, escapes undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The text.
    pub text: String,
    /// Where it stands, quotes included.
    pub span: Span,
}

/// One file: its declarations and its comments, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// The file.
    pub id: FileId,
    /// The declarations, broken ones included.
    pub items: Vec<Item>,
    /// The comments, sorted by place.
    pub comments: Vec<Comment>,
}

/// A comment with its `#`, without the line break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The text from `#` to the end of the line.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// One declaration.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    Guideline(Guideline),
    Use(Use),
    Source(Source),
    Scale(Scale),
    Fact(Fact),
    Action(Action),
    Define(Define),
    Assume(Assume),
    Section(Section),
    Rule(Rule),
    Note(Note),
    Reconcile(Reconcile),
    Complete(Complete),
    Case(Case),
    /// Text that is no declaration; a diagnostic says why.
    Broken(Span),
}

impl Item {
    /// The whole declaration, without trailing blanks and comments.
    pub fn span(&self) -> Span {
        match self {
            Item::Guideline(i) => i.span,
            Item::Use(i) => i.span,
            Item::Source(i) => i.span,
            Item::Scale(i) => i.span,
            Item::Fact(i) => i.span,
            Item::Action(i) => i.span,
            Item::Define(i) => i.span,
            Item::Assume(i) => i.span,
            Item::Section(i) => i.span,
            Item::Rule(i) => i.span,
            Item::Note(i) => i.span,
            Item::Reconcile(i) => i.span,
            Item::Complete(i) => i.span,
            Item::Case(i) => i.span,
            Item::Broken(span) => *span,
        }
    }
}

/// `guideline ID "Title" version "…" [status …] [applies when C] [cite …] [from …]`
#[derive(Debug, Clone, PartialEq)]
pub struct Guideline {
    pub name: Name,
    pub title: Option<Text>,
    pub version: Option<Text>,
    /// `draft`, `active` or `retired`, as written; the checker judges the word.
    pub status: Option<Name>,
    pub applies: Option<Expr>,
    pub cites: Vec<Cite>,
    pub from: Vec<Name>,
    pub span: Span,
}

/// `use NAME, …`
#[derive(Debug, Clone, PartialEq)]
pub struct Use {
    pub names: Vec<Name>,
    pub span: Span,
}

/// `source ID "Title" [publisher "…"] [year N] [url "…"] [lists N] [statements "…"] [as DOC [n]]`
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    pub name: Name,
    pub title: Option<Text>,
    pub publisher: Option<Text>,
    pub year: Option<Number>,
    pub url: Option<Text>,
    pub lists: Option<Number>,
    pub statements: Option<Text>,
    pub reads: Option<(Name, Number)>,
    pub span: Span,
}

/// `scale ID: A > B > C`, best first.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    pub name: Name,
    pub points: Vec<Name>,
    pub span: Span,
}

/// `fact ID: TYPE ["Label"] [ask "…"] [code SYSTEM CODE]… [range A..B] [default no]`
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    pub name: Name,
    pub ty: FactType,
    pub label: Option<Text>,
    pub ask: Option<Text>,
    pub codes: Vec<ExternalCode>,
    pub range: Option<(Quantity, Quantity)>,
    /// The span of `default no`.
    pub default_no: Option<Span>,
    pub span: Span,
}

/// The type of a fact with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct FactType {
    pub kind: FactTypeKind,
    pub span: Span,
}

/// What may be recorded for a fact.
#[derive(Debug, Clone, PartialEq)]
pub enum FactTypeKind {
    /// `yes/no`
    YesNo,
    /// `one of mild < moderate` (ordered) or `one of a, b`
    OneOf { values: Vec<Name>, ordered: bool },
    /// `any of a, b, c`
    AnyOf { members: Vec<Name> },
    /// `date`
    Date,
    /// `quantity in UNIT`
    Quantity { unit: Unit },
    /// `count`
    Count,
    /// `time since DATEFACT`
    TimeSince { date: Name },
}

/// `code SYSTEM CODE`
#[derive(Debug, Clone, PartialEq)]
pub struct ExternalCode {
    pub system: Name,
    pub code: Text,
    pub span: Span,
}

/// `action ID ["Label"] [is PARENT, …] [also "…", …] [code …]…`
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    pub name: Name,
    pub label: Option<Text>,
    pub parents: Vec<Name>,
    pub synonyms: Vec<Text>,
    pub codes: Vec<ExternalCode>,
    pub span: Span,
}

/// `define ID ["Label"]: C [cite …] [from …]`
#[derive(Debug, Clone, PartialEq)]
pub struct Define {
    pub name: Name,
    pub label: Option<Text>,
    pub condition: Expr,
    pub cites: Vec<Cite>,
    pub from: Vec<Name>,
    pub span: Span,
}

/// `assume …`, with optional `cite`, `from` and `because`
#[derive(Debug, Clone, PartialEq)]
pub struct Assume {
    pub kind: AssumeKind,
    pub cites: Vec<Cite>,
    pub from: Vec<Name>,
    pub because: Option<Text>,
    pub span: Span,
}

/// The three forms of an assumption.
#[derive(Debug, Clone, PartialEq)]
pub enum AssumeKind {
    /// `assume C implies C`
    Implies { left: Expr, right: Expr },
    /// `assume at most one of (C, …)`
    AtMostOne { parts: Vec<Expr> },
    /// `assume FACT at most FACT`
    Order { lesser: Name, greater: Name },
}

/// `section "A > B" [when C] [applies when C] [cite …] [from …]:`
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    pub heading: Text,
    pub when: Option<Expr>,
    pub applies: Option<Expr>,
    pub cites: Vec<Cite>,
    pub from: Vec<Name>,
    pub span: Span,
}

/// A clinical rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Absent for an unnamed rule.
    pub name: Option<Name>,
    pub label: Option<Text>,
    /// `None` for `always`.
    pub when: Option<Expr>,
    pub unless: Option<Expr>,
    pub effects: Vec<Effect>,
    pub cites: Vec<Cite>,
    pub from: Vec<Name>,
    pub evidence: Vec<Evidence>,
    pub because: Option<Text>,
    pub overrides: Vec<Name>,
    pub span: Span,
}

/// `recommend`, `consider`, `avoid`, `never`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modality {
    Recommend,
    Consider,
    Avoid,
    Never,
}

/// `immediate`, `urgent`, `routine`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    Immediate,
    Urgent,
    Routine,
}

/// How a list of actions was joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// `a, b, c`: each of them.
    Each,
    /// `a or b`: one of them will do.
    OneOf,
}

/// `then [modality] [urgency] ACTIONS MODIFIER… [only when C] [unless C]`
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// Absent where the author left `recommend` out.
    pub modality: Option<(Modality, Span)>,
    pub urgency: Option<(Urgency, Span)>,
    pub actions: Vec<Name>,
    pub join: Join,
    pub modifiers: Vec<Modifier>,
    pub only_when: Option<Expr>,
    pub unless: Option<Expr>,
    /// From `then` to the last modifier.
    pub span: Span,
}

/// One modifier of an effect.
#[derive(Debug, Clone, PartialEq)]
pub struct Modifier {
    pub kind: ModifierKind,
    pub span: Span,
}

/// What a modifier says.
#[derive(Debug, Clone, PartialEq)]
pub enum ModifierKind {
    /// `within …` with an optional `after DATEFACT`
    Within { limit: Deadline, after: Option<Name> },
    /// `not before 6 weeks after D`
    NotBefore { start: Quantity, after: Option<Name> },
    /// `between 4 and 6 weeks after D`; the first number may borrow the unit of the second.
    Between {
        start: Quantity,
        end: Quantity,
        after: Option<Name>,
    },
    /// `for [at least|at most] 6 weeks`
    For { bound: Option<Bound>, duration: Quantity },
    /// `every 3 months`
    Every { interval: Quantity },
    /// `line 2`
    Line { line: Number },
    /// `with "…"`
    With { text: Text },
    /// `instead of x, …`
    InsteadOf { actions: Vec<Name> },
    /// `before x, …`
    Before { actions: Vec<Name> },
    /// `preferred to x, …`
    PreferredTo { actions: Vec<Name> },
}

/// `at least` or `at most` in `for`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    AtLeast,
    AtMost,
}

/// What stands after `within`.
#[derive(Debug, Clone, PartialEq)]
pub enum Deadline {
    /// `within 2 weeks`
    Quantity(Quantity),
    /// `within hours`
    Vague(VagueDeadline, Span),
}

/// `hours`, `days`, `weeks`, `months` without a number
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum VagueDeadline {
    Hours,
    Days,
    Weeks,
    Months,
}

/// `SOURCE ["place"] [[n, …]]`
#[derive(Debug, Clone, PartialEq)]
pub struct Cite {
    pub source: Name,
    pub place: Option<Text>,
    pub numbers: Vec<Number>,
    pub span: Span,
}

/// `evidence SCALE GRADE`
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    pub scale: Name,
    pub grade: Name,
    pub span: Span,
}

/// `about`, `for`, `against`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stance {
    About,
    For,
    Against,
}

/// `note [ID] "…" [about|for|against ACTION, …] [only if C] [cite …] [from …]`
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    pub name: Option<Name>,
    pub text: Text,
    pub stances: Vec<(Stance, Vec<Name>)>,
    pub only_if: Option<Expr>,
    pub cites: Vec<Cite>,
    pub from: Vec<Name>,
    pub span: Span,
}

/// The name of a rule, perhaps with its guideline: `numbness.retention`
#[derive(Debug, Clone, PartialEq)]
pub struct RuleName {
    pub guideline: Option<Name>,
    pub rule: Name,
    pub span: Span,
}

/// `reconcile RULE with RULE, … (prefer RULE [when C] | leave open) [sealed "…"] because "…"`
#[derive(Debug, Clone, PartialEq)]
pub struct Reconcile {
    pub rules: Vec<RuleName>,
    pub decision: Decision,
    pub sealed: Option<Text>,
    /// A diagnostic was reported where it is absent.
    pub because: Option<Text>,
    pub span: Span,
}

/// What a reconciliation decides.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// `prefer RULE [when C]`
    Prefer { rule: RuleName, when: Option<Expr> },
    /// `leave open`
    LeaveOpen { span: Span },
}

impl Decision {
    /// What was decided, without `prefer`.
    pub fn span(&self) -> Span {
        match self {
            Decision::Prefer { rule, when: None } => rule.span,
            Decision::Prefer { rule, when: Some(when) } => Span {
                end: when.span.end,
                ..rule.span
            },
            Decision::LeaveOpen { span } => *span,
        }
    }
}

/// `complete "claim" over C for ACTION, … [cite …] [from …]`
#[derive(Debug, Clone, PartialEq)]
pub struct Complete {
    pub claim: Text,
    pub over: Expr,
    pub actions: Vec<Name>,
    pub cites: Vec<Cite>,
    pub from: Vec<Name>,
    pub span: Span,
}

/// `case "…" [given …] [on DATE] [expect …]…`
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    pub title: Text,
    pub givens: Vec<Given>,
    /// The span of `otherwise no`.
    pub otherwise_no: Option<Span>,
    pub on: Option<DateText>,
    pub expects: Vec<Expect>,
    /// The span of `exactly`, wherever it stood.
    pub exactly: Option<Span>,
    pub span: Span,
}

/// A date as written, `2026-02-01`; the checker reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct DateText {
    pub text: String,
    pub span: Span,
}

/// One recorded fact of a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    pub fact: Name,
    pub value: GivenValue,
    pub span: Span,
}

/// How a case states a fact.
#[derive(Debug, Clone, PartialEq)]
pub enum GivenValue {
    /// the fact's name alone
    Yes,
    /// `not FACT`
    No,
    /// `FACT is unknown`
    Unknown,
    /// `FACT is VALUE`: a value, `yes`, `no`, or the name of one of the fact's values
    Is(Value),
    /// `FACT is (a, b)`, possibly empty
    Set { members: Vec<Name>, span: Span },
    /// `FACT includes m`, `not FACT includes m`, `FACT includes m is unknown` is not written
    Includes { member: Name, present: bool },
}

/// One expectation of a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Expect {
    pub kind: ExpectKind,
    pub span: Span,
}

/// What a case expects.
#[derive(Debug, Clone, PartialEq)]
pub enum ExpectKind {
    /// `expect [active|overdue|overridden|open] [modality] [urgency] ACTIONS [MODIFIER…] [from …]`
    Advice {
        standing: Option<(ExpectStanding, Span)>,
        modality: Option<(Modality, Span)>,
        urgency: Option<(Urgency, Span)>,
        actions: Vec<Name>,
        join: Join,
        modifiers: Vec<Modifier>,
        from: Vec<Name>,
    },
    /// `expect no [avoid|never|…] ACTION, … [from …]`
    None {
        modality: Option<(Modality, Span)>,
        actions: Vec<Name>,
        from: Vec<Name>,
    },
    /// `expect undecided [modality] ACTION, … [asking FACT, …] [from …]`
    Undecided {
        modality: Option<(Modality, Span)>,
        actions: Vec<Name>,
        asking: Vec<Name>,
        from: Vec<Name>,
    },
    /// `expect disagreement on ACTION, …`
    Disagreement { actions: Vec<Name> },
    /// `expect rejected`
    Rejected,
}

/// The strict forms of an expectation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectStanding {
    Active,
    Open,
    Overridden,
    Overdue,
}

/// A number as written: digits with an optional decimal point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    pub text: String,
    pub span: Span,
}

/// A unit: a word such as `weeks`, or UCUM in quotes (in a record also without).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// The word, or the code without quotes.
    pub text: String,
    pub quoted: bool,
    pub span: Span,
}

/// A number, perhaps with a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    pub number: Number,
    pub unit: Option<Unit>,
    pub span: Span,
}

/// A value in a comparison or a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Name(Name),
    Quantity(Quantity),
    Date(DateText),
}

impl Value {
    /// Where the value stands.
    pub fn span(&self) -> Span {
        match self {
            Value::Name(n) => n.span,
            Value::Quantity(q) => q.span,
            Value::Date(d) => d.span,
        }
    }
}

/// A condition with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

/// The shapes of a condition.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// `a and b and c`
    And(Vec<Expr>),
    /// `a or b or c`
    Or(Vec<Expr>),
    /// `not a`
    Not(Box<Expr>),
    /// `(a)`
    Paren(Box<Expr>),
    /// `any of (…)`, `all of (…)`, `none of (…)`, `at least 2 of (…)`
    Of { quantifier: Quantifier, parts: Vec<Expr> },
    /// a fact or a definition by itself
    Name(Name),
    /// a comparison
    Test {
        term: Name,
        op: Op,
        op_span: Span,
        values: Vec<Value>,
    },
    /// Text that could not be read; a diagnostic says why.
    Broken,
}

/// The quantifier of a list of conditions.
#[derive(Debug, Clone, PartialEq)]
pub enum Quantifier {
    Any,
    All,
    None,
    AtLeast(Number),
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// `is`
    Is,
    /// `is not`
    IsNot,
    /// `is in (…)`
    IsIn,
    /// `is not in (…)`
    IsNotIn,
    /// `includes`
    Includes,
    /// `at least`, `>=`
    AtLeast,
    /// `at most`, `<=`
    AtMost,
    /// `over`, `>`
    Over,
    /// `under`, `<`
    Under,
}
