//! The model: what the authors meant, with names resolved, types and units checked, and sugar gone.
//!
//! In: trees, through [`lower`]. Out: a [`Library`] that evaluation, reasoning and printing consume.
//! Must not know: pest, how findings are drawn, where files come from.

#![allow(missing_docs, reason = "fields are named as in the declarations of the language")]

pub mod clauses;
pub mod condition;
pub mod gives_way;
pub mod hull;
pub mod implied;
pub mod lower;
pub mod regions;
pub mod seal;
pub mod units;
pub mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use crate::ast::{Bound, Join, Modality, Stance, Urgency, VagueDeadline};
use crate::source::{FileId, Span};
pub use condition::{Algebra, Condition, Leaf, Truth};
use jiff::civil::Date;
use rust_decimal::Decimal;
use units::Unit;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub(crate) u32);
        impl $name {
            /// The position in the library's list.
            pub fn index(self) -> usize { self.0 as usize }
            pub(crate) fn from_index(index: usize) -> Self { $name(u32::try_from(index).unwrap_or(u32::MAX)) }
        }
    )+ };
}

ids! {
    /// Names a [`Guideline`].
    GuidelineId,
    /// Names a [`Fact`].
    FactId,
    /// Names an [`Action`].
    ActionId,
    /// Names a [`Source`].
    SourceId,
    /// Names a [`Scale`].
    ScaleId,
    /// Names a [`Definition`].
    DefinitionId,
    /// Names a [`Section`].
    SectionId,
    /// Names a [`Rule`].
    RuleId,
    /// Names an [`Effect`].
    EffectId,
    /// Names a [`Note`].
    NoteId,
    /// Names a [`Settlement`].
    SettlementId,
    /// Names an [`Assumption`].
    AssumptionId,
    /// Names an [`Atom`], one occurrence of a test in a condition.
    AtomId,
    /// Names a distinct test; equal tests in different places share it.
    TestId,
}

/// Everything that was loaded together.
///
/// Lists are in the order of files (sorted by name) and of declarations in them; ids are positions in these lists.
#[derive(Debug, Clone, Default)]
pub struct Library {
    pub guidelines: Vec<Guideline>,
    pub facts: Vec<Fact>,
    pub actions: Vec<Action>,
    pub sources: Vec<Source>,
    pub scales: Vec<Scale>,
    pub definitions: Vec<Definition>,
    pub assumptions: Vec<Assumption>,
    pub sections: Vec<Section>,
    /// Shared with libraries of the same texts, before and after an edit.
    pub rules: Vec<Arc<Rule>>,
    /// As the rules.
    pub effects: Vec<Arc<Effect>>,
    pub notes: Vec<Note>,
    pub settlements: Vec<Settlement>,
    pub claims: Vec<Claim>,
    /// One entry per occurrence of a test in a condition.
    pub atoms: Vec<Atom>,
    /// The distinct tests.
    pub tests: Vec<(Term, Test)>,
    /// What makes what give way, sorted by loser; filled by [`gives_way::edges`].
    pub gives_way: Vec<gives_way::GivesWay>,
    /// For each action, itself and everything it is a kind of; filled by lowering.
    pub ancestors: Vec<BTreeSet<ActionId>>,
    /// The statements of all inventories.
    pub inventory: Vec<InventoryRow>,
    /// Facts by name.
    pub fact_names: BTreeMap<String, FactId>,
    /// Actions by name.
    pub action_names: BTreeMap<String, ActionId>,
    /// The files this library came from, in loading order, with what each sees through `use`.
    pub files: Vec<LoadedFile>,
}

/// One file of the library.
#[derive(Debug, Clone)]
pub struct LoadedFile {
    /// The file.
    pub file: FileId,
    /// The name without folder and `.gl`, such as `numbness` or `numbness.cases`.
    pub stem: String,
    /// The folder as given, empty for the current one.
    pub folder: String,
    /// The guideline in this file, if it has a header or rules.
    pub guideline: Option<GuidelineId>,
    /// Positions in [`Library::files`] of every file that this one reaches by `use`, itself included.
    pub reaches: BTreeSet<usize>,
}

impl Library {
    /// Every fact that a condition looks at, definitions included.
    pub fn facts(&self, condition: &Condition) -> BTreeSet<FactId> {
        let fact = |atom: AtomId| {
            let (Term::Fact(fact), _) = &self[self[atom].test];
            *fact
        };
        self.leaves(condition).into_iter().filter_map(Leaf::atom).map(fact).collect()
    }

    /// The tests and names in a condition and in every definition that it comes to by them; each definition is looked into once.
    pub fn leaves(&self, condition: &Condition) -> Vec<Leaf> {
        let mut leaves = condition.leaves();
        let mut seen = BTreeSet::new();
        let mut next = 0;
        while let Some(leaf) = leaves.get(next).copied() {
            if let Leaf::Defined(definition) = leaf
                && seen.insert(definition)
            {
                leaves.extend(self[definition].condition.leaves());
            }
            next += 1;
        }
        leaves
    }

    /// Whether `kind` is `action` or a kind of it.
    pub fn is_kind_of(&self, kind: ActionId, action: ActionId) -> bool {
        self.ancestors.get(kind.index()).is_some_and(|a| a.contains(&action))
    }

    /// Whether one is the other or a kind of it.
    pub fn comparable(&self, a: ActionId, b: ActionId) -> bool {
        self.is_kind_of(a, b) || self.is_kind_of(b, a)
    }

    /// The full name of a rule, such as `numbness.retention`.
    pub fn rule_name(&self, rule: RuleId) -> &str {
        &self[rule].full_name
    }
}

macro_rules! index {
    ($($id:ident => $field:ident: $ty:ty),+ $(,)?) => { $(
        impl std::ops::Index<$id> for Library {
            type Output = $ty;
            #[expect(clippy::indexing_slicing, reason = "ids are made only by lowering, for the library they are used with")]
            fn index(&self, id: $id) -> &$ty { &self.$field[id.index()] }
        }
    )+ };
}

index! {
    GuidelineId => guidelines: Guideline,
    FactId => facts: Fact,
    ActionId => actions: Action,
    SourceId => sources: Source,
    ScaleId => scales: Scale,
    DefinitionId => definitions: Definition,
    SectionId => sections: Section,
    RuleId => rules: Rule,
    EffectId => effects: Effect,
    NoteId => notes: Note,
    SettlementId => settlements: Settlement,
    AssumptionId => assumptions: Assumption,
    AtomId => atoms: Atom,
    TestId => tests: (Term, Test),
}

/// How finished a guideline is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Not yet reviewed; said in every result.
    Draft,
    /// In use.
    Active,
    /// Checked, never evaluated.
    Retired,
}

impl Status {
    /// The word in the language.
    pub fn word(self) -> &'static str {
        match self {
            Status::Draft => "draft",
            Status::Active => "active",
            Status::Retired => "retired",
        }
    }
}

/// One guideline: a file with a header, or a file with rules and none.
#[derive(Debug, Clone)]
pub struct Guideline {
    pub name: String,
    pub title: String,
    pub version: String,
    pub status: Status,
    /// `applies when`; true where absent.
    pub scope: Condition,
    pub cites: Vec<Citation>,
    pub statements: Vec<Statement>,
    pub file: FileId,
    /// Hex digest (SHA-256) of the file's text and of every file it uses.
    pub hash: String,
    pub span: Span,
}

/// A reference to a statement of a source document, such as `BPN-08`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub id: String,
    pub span: Span,
}

/// An input that a patient record may state.
#[derive(Debug, Clone)]
pub struct Fact {
    pub name: String,
    /// What to call it in texts; the name with blanks where no label was given.
    pub label: String,
    pub question: Option<String>,
    pub ty: FactType,
    /// Both ends, in the same canonical unit as values of the fact.
    pub range: Option<(Decimal, Decimal)>,
    pub default_no: bool,
    pub codes: Vec<(String, String)>,
    pub span: Span,
    /// Where the name stands in its declaration.
    pub name_span: Span,
}

/// What may be recorded for a fact.
#[derive(Debug, Clone, PartialEq)]
pub enum FactType {
    /// Yes or no.
    YesNo,
    /// One of several values, perhaps in order from least to most.
    OneOf {
        /// The values by name.
        values: Vec<String>,
        /// Whether their order means something.
        ordered: bool,
    },
    /// Any of several members, each present or absent.
    AnyOf {
        /// The members by name.
        members: Vec<String>,
    },
    /// A calendar date.
    Date,
    /// An amount; values are kept in the canonical unit of [`units::Unit`]: minutes for durations, else the declared unit.
    Quantity {
        /// The declared unit.
        unit: Unit,
    },
    /// A whole number from 0.
    Count,
    /// The time since a date, kept in minutes.
    TimeSince {
        /// The date it counts from.
        date: FactId,
    },
}

/// One statement of a source document, as an inventory lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventoryRow {
    /// The source as the guideline names it.
    pub source: String,
    pub id: String,
    pub section: String,
    pub item: String,
    pub kind: String,
    pub paraphrase: String,
    /// `yes`, `def` or `note`.
    pub encode: String,
    /// The inventory file.
    pub path: String,
    /// The line in it, from 1.
    pub line: u64,
}

/// Days from 1970-01-01 to a date, by which dates are compared.
pub fn days_since_epoch(date: Date) -> i64 {
    jiff::civil::date(1970, 1, 1)
        .until(date)
        .map_or(0, |span| i64::from(span.get_days()))
}

/// The date so many days after 1970-01-01; nothing where the calendar ends.
pub fn date_since_epoch(days: i64) -> Option<Date> {
    let span = jiff::Span::new().try_days(days).ok()?;
    jiff::civil::date(1970, 1, 1).checked_add(span).ok()
}

/// Something to do or not to do.
#[derive(Debug, Clone)]
pub struct Action {
    pub name: String,
    pub label: String,
    pub parents: Vec<ActionId>,
    pub synonyms: Vec<String>,
    pub codes: Vec<(String, String)>,
    pub span: Span,
    pub name_span: Span,
}

/// A source document, as one file names it.
#[derive(Debug, Clone)]
pub struct Source {
    pub name: String,
    pub title: String,
    pub publisher: Option<String>,
    pub year: Option<u32>,
    pub url: Option<String>,
    pub lists: Option<u32>,
    /// The inventory file as written, relative to the guideline's folder.
    pub statements: Option<String>,
    /// `as DOC [n]`
    pub reads: Option<(SourceId, u32)>,
    pub file: FileId,
    pub span: Span,
    pub name_span: Span,
}

/// A grading scheme, best first.
#[derive(Debug, Clone)]
pub struct Scale {
    pub name: String,
    pub points: Vec<String>,
    pub span: Span,
    pub name_span: Span,
}

/// A named condition.
#[derive(Debug, Clone)]
pub struct Definition {
    pub name: String,
    pub label: String,
    pub condition: Condition,
    /// The guideline it is local to; none where it is shared.
    pub guideline: Option<GuidelineId>,
    pub cites: Vec<Citation>,
    pub statements: Vec<Statement>,
    pub span: Span,
    pub name_span: Span,
}

/// What is true of every patient.
#[derive(Debug, Clone)]
pub struct Assumption {
    pub kind: AssumptionKind,
    /// As written, on one line, for messages.
    pub text: String,
    pub statements: Vec<Statement>,
    pub span: Span,
}

/// The three forms of an assumption.
#[derive(Debug, Clone)]
pub enum AssumptionKind {
    Implies { left: Condition, right: Condition },
    AtMostOne { parts: Vec<Condition> },
    Order { lesser: FactId, greater: FactId },
}

impl AssumptionKind {
    /// The fact that is at most another, and that other.
    pub fn order(&self) -> Option<(FactId, FactId)> {
        match self {
            AssumptionKind::Order { lesser, greater } => Some((*lesser, *greater)),
            _ => None,
        }
    }
}

/// A heading of a document, wherever it appears.
#[derive(Debug, Clone)]
pub struct Section {
    pub guideline: GuidelineId,
    /// The heading from the outermost inward.
    pub path: Vec<String>,
    /// The `when` of this heading alone; true where absent.
    pub when: Condition,
    /// Replaces the scope of the guideline under this heading.
    pub applies: Option<Condition>,
    pub statements: Vec<Statement>,
    pub span: Span,
}

/// The parts of a rule's guard, kept apart so that explanations can speak of them.
#[derive(Debug, Clone)]
pub struct GuardParts {
    pub scope: Condition,
    pub section: Condition,
    pub when: Condition,
    /// False where absent.
    pub unless: Condition,
}

/// A clinical rule.
#[derive(Debug, Clone)]
pub struct Rule {
    pub guideline: GuidelineId,
    /// The name within its guideline; `rule-3` for an unnamed one.
    pub name: String,
    /// Whether the author gave the name.
    pub named: bool,
    /// `numbness.retention`
    pub full_name: String,
    pub label: Option<String>,
    pub section: Option<SectionId>,
    pub guard: GuardParts,
    pub effects: Vec<EffectId>,
    pub cites: Vec<Citation>,
    pub statements: Vec<Statement>,
    pub evidence: Vec<(ScaleId, usize)>,
    pub because: Option<String>,
    pub overrides: Vec<RuleId>,
    pub span: Span,
    /// The name, or the first keyword of an unnamed rule.
    pub name_span: Span,
    /// The condition after `when`; none for `always`.
    pub when_span: Option<Span>,
    /// The condition after the rule's own `unless`.
    pub unless_span: Option<Span>,
}

/// A citation as written.
#[derive(Debug, Clone)]
pub struct Citation {
    pub source: SourceId,
    pub place: Option<String>,
    pub numbers: Vec<u32>,
    pub span: Span,
}

/// For an action, or against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    For,
    Against,
}

/// Where an effect came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Written as such.
    Written,
    /// The avoidance that `only when` says without saying it.
    OnlyWhenNegative,
}

/// One piece of advice of a rule.
#[derive(Debug, Clone)]
pub struct Effect {
    pub rule: RuleId,
    pub origin: Origin,
    pub modality: Modality,
    pub urgency: Option<Urgency>,
    pub actions: Vec<ActionId>,
    pub join: Join,
    /// The effect's own `only when` and `unless`; true where absent.
    pub own: Condition,
    /// The whole guard: scope, section, `when`, not `unless`, and [`Effect::own`].
    pub guard: Condition,
    pub timing: Timing,
    pub modifiers: Modifiers,
    /// From `then` to the end of the effect.
    pub span: Span,
}

impl Effect {
    /// For or against.
    pub fn direction(&self) -> Direction {
        match self.modality {
            Modality::Recommend | Modality::Consider => Direction::For,
            Modality::Avoid | Modality::Never => Direction::Against,
        }
    }
}

/// When something is to be done.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Timing {
    pub deadline: Option<(Deadline, Clock)>,
    pub not_before: Option<(Duration, Clock)>,
}

/// Where time is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Clock {
    /// The date of evaluation.
    Evaluation,
    /// A date of the patient's.
    Date(FactId),
}

/// A span of time in the unit it was written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duration {
    /// How many.
    pub amount: Decimal,
    /// Of what.
    pub unit: units::TimeUnit,
}

/// What stands after `within`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deadline {
    Exact(Duration),
    Vague(VagueDeadline),
}

/// What is shown with an effect.
#[derive(Debug, Clone, Default)]
pub struct Modifiers {
    /// `with "…"`, in order.
    pub with: Vec<String>,
    pub before: Vec<ActionId>,
    pub instead_of: Vec<ActionId>,
    pub preferred_to: Vec<ActionId>,
    pub line: Option<u32>,
    /// `for at least 6 weeks`
    pub duration: Option<(Option<crate::ast::Bound>, Duration)>,
    pub every: Option<Duration>,
}

/// A statement that advises without deciding.
#[derive(Debug, Clone)]
pub struct Note {
    pub guideline: Option<GuidelineId>,
    /// `numbness.note-3`, or with its own name.
    pub full_name: String,
    pub text: String,
    pub stances: Vec<(Stance, Vec<ActionId>)>,
    /// The whole guard: scope, section and [`Note::only_if`].
    pub guard: Condition,
    /// The note's own `only if`; true where absent.
    pub only_if: Condition,
    pub cites: Vec<Citation>,
    pub statements: Vec<Statement>,
    pub span: Span,
}

/// How two documents live together.
#[derive(Debug, Clone)]
pub struct Settlement {
    pub rules: Vec<RuleId>,
    pub decision: SettlementDecision,
    pub because: String,
    /// What its author sealed it with, and where that stands; see [`seal`].
    pub sealed: Option<(String, Span)>,
    /// Where the decision ends.
    pub decided: Span,
    pub span: Span,
}

/// What a settlement decides.
#[derive(Debug, Clone)]
pub enum SettlementDecision {
    /// `when` is true where absent.
    Prefer {
        rule: RuleId,
        when: Condition,
    },
    LeaveOpen,
}

/// A claim that nobody is left without advice.
#[derive(Debug, Clone)]
pub struct Claim {
    pub guideline: Option<GuidelineId>,
    pub claim: String,
    pub over: Condition,
    pub actions: Vec<ActionId>,
    pub statements: Vec<Statement>,
    pub span: Span,
}

/// What an atom tests. Scores and formulas will join facts here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    /// A fact.
    Fact(FactId),
}

/// One occurrence of a test.
#[derive(Debug, Clone)]
pub struct Atom {
    /// The test; equal tests share it.
    pub test: TestId,
    /// Where this occurrence stands.
    pub span: Span,
}

/// A test on a term.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Test {
    /// A yes/no fact is yes.
    Yes,
    /// The value, by position, is one of these (sorted); comparisons of ordered values become this.
    In(Vec<usize>),
    /// The set has this member, by position.
    Includes(usize),
    /// The set has at least one member.
    Nonempty,
    /// A comparison of a number in the fact's canonical unit; dates are compared as days since 1970-01-01.
    Compare {
        /// How.
        comparison: Comparison,
        /// With what.
        than: Decimal,
        /// As written, such as `6 weeks`; takes no part in equality of meaning but keeps messages true to the text.
        written: String,
    },
}

/// A comparison of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Comparison {
    AtLeast,
    AtMost,
    Over,
    Under,
    Equal,
}

impl Comparison {
    /// Whether `value` stands in this relation to `than`.
    pub fn holds<T: PartialOrd>(self, value: T, than: T) -> bool {
        match self {
            Comparison::AtLeast => value >= than,
            Comparison::AtMost => value <= than,
            Comparison::Over => value > than,
            Comparison::Under => value < than,
            Comparison::Equal => value == than,
        }
    }
}

/// What a record says of a fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Recorded {
    /// Said to be unknown; survives the closing of the world.
    Unknown,
    /// Yes or no.
    YesNo(bool),
    /// A value, by position.
    OneOf(usize),
    /// The whole set: each member present or absent.
    Set(Vec<bool>),
    /// One member: present, absent, or said to be unknown.
    Member(usize, Option<bool>),
    /// A date.
    Date(Date),
    /// A number in the fact's canonical unit.
    Number {
        /// The value in the canonical unit.
        value: Decimal,
        /// As given, such as `7 weeks`.
        written: String,
        /// One step of the given unit in the canonical unit; used to compare with a computed duration.
        step: Decimal,
    },
}

/// One entry of a record.
#[derive(Debug, Clone)]
pub struct Entry {
    pub fact: FactId,
    pub recorded: Recorded,
    /// Where it was recorded.
    pub span: Span,
}

/// A patient as recorded, before anything is inferred or closed.
#[derive(Debug, Clone, Default)]
pub struct Record {
    pub entries: Vec<Entry>,
    /// Whether unmentioned yes/no facts are no and sets empty; the place that says so.
    pub otherwise_no: Option<Span>,
    pub as_of: Option<(Date, Span)>,
}
