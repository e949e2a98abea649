//! What the grammar waits for, in the words of a clinician.
//!
//! In: the nodes at which reading stopped. Out: the keywords and things that would fit there.
//! Must not know: what stands there instead.

use super::grammar::Node;

/// What a node of the grammar is called in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Described {
    /// A word or a sign to write as it is.
    Word(&'static str),
    /// A kind of thing, with the words it may begin with.
    Thing(&'static str, &'static [&'static str]),
    /// Nothing to tell a reader about.
    Hidden,
}

use Described::{Hidden, Thing, Word};

/// All words with a meaning of their own, in alphabetical order.
pub(super) static KEYWORDS: &[&str] = &[
    "about",
    "action",
    "active",
    "after",
    "against",
    "all",
    "also",
    "always",
    "and",
    "any",
    "applies",
    "as",
    "ask",
    "asking",
    "assume",
    "at",
    "avoid",
    "because",
    "before",
    "between",
    "case",
    "cite",
    "code",
    "complete",
    "consider",
    "count",
    "date",
    "days",
    "default",
    "define",
    "disagreement",
    "evidence",
    "every",
    "exactly",
    "expect",
    "fact",
    "for",
    "from",
    "given",
    "guideline",
    "hours",
    "if",
    "immediate",
    "implies",
    "in",
    "includes",
    "instead",
    "is",
    "least",
    "leave",
    "line",
    "lists",
    "minutes",
    "months",
    "most",
    "never",
    "no",
    "none",
    "not",
    "note",
    "of",
    "on",
    "one",
    "only",
    "open",
    "or",
    "otherwise",
    "over",
    "overdue",
    "overridden",
    "overrides",
    "prefer",
    "preferred",
    "publisher",
    "quantity",
    "range",
    "recommend",
    "reconcile",
    "rejected",
    "routine",
    "rule",
    "scale",
    "sealed",
    "section",
    "since",
    "source",
    "statements",
    "status",
    "then",
    "time",
    "to",
    "undecided",
    "under",
    "unknown",
    "unless",
    "urgent",
    "url",
    "use",
    "version",
    "weeks",
    "when",
    "with",
    "within",
    "year",
    "years",
    "yes",
];

/// The words that start a declaration.
pub(super) static ITEM_WORDS: &[&str] = &[
    "action",
    "always",
    "assume",
    "case",
    "complete",
    "define",
    "fact",
    "guideline",
    "note",
    "reconcile",
    "rule",
    "scale",
    "section",
    "source",
    "use",
    "when",
];

/// The words that cannot be names.
pub(super) static RESERVED: &[&str] = &[
    "all",
    "always",
    "and",
    "any",
    "at",
    "avoid",
    "because",
    "before",
    "between",
    "cite",
    "consider",
    "every",
    "for",
    "from",
    "immediate",
    "in",
    "includes",
    "instead",
    "is",
    "never",
    "none",
    "not",
    "only",
    "or",
    "over",
    "overrides",
    "recommend",
    "routine",
    "then",
    "under",
    "unless",
    "urgent",
    "when",
    "with",
    "within",
];

/// The words for units of time.
pub(super) static UNIT_WORDS: &[&str] = &[
    "minutes", "minute", "hours", "hour", "days", "day", "weeks", "week", "months", "month", "years", "year",
];

const CONDITION_WORDS: &[&str] = &["not", "any", "all", "none", "at"];
const MODALITIES: &[&str] = &["recommend", "consider", "avoid", "never"];
const URGENCIES: &[&str] = &["immediate", "urgent", "routine"];
const TYPES: &[&str] = &["yes/no", "one", "any", "quantity", "time", "date", "count"];
const COMPARATORS: &[&str] = &["is", "includes", "at", "over", "under"];

/// The human word for a node. Without wildcard, so that a new grammar rule does not compile until it has one.
pub(super) fn describe(node: Node) -> Described {
    match node {
        Node::EOI => Word("the end of the file"),
        Node::next_word | Node::broken | Node::finished | Node::file | Node::hole => Hidden,
        Node::name => Thing("a name", &[]),
        Node::value_name => Thing("a value", &[]),
        Node::grade => Thing("a grade", &[]),
        Node::statement => Thing("the number of a statement", &[]),
        Node::rule_name => Thing("the name of a rule", &[]),
        Node::text => Thing("a text in quotes", &[]),
        Node::number => Thing("a number", &[]),
        Node::date => Thing("a date such as 2026-02-01", &[]),
        Node::unit_word | Node::unit_bare => Thing("a unit", UNIT_WORDS),
        Node::quantity | Node::duration | Node::measurement => Thing("a number with its unit", &[]),
        Node::bare_code => Thing("a code", &[]),
        Node::colon => Word(":"),
        Node::comma => Word(","),
        Node::open => Word("("),
        Node::close => Word(")"),
        Node::open_bracket => Word("["),
        Node::close_bracket => Word("]"),
        Node::dots => Word(".."),
        Node::less => Word("<"),
        Node::greater => Word(">"),
        Node::kw_guideline | Node::guideline => Word("guideline"),
        Node::kw_use | Node::r#use => Word("use"),
        Node::kw_source | Node::source => Word("source"),
        Node::kw_scale | Node::scale => Word("scale"),
        Node::kw_fact | Node::fact => Word("fact"),
        Node::kw_action | Node::action => Word("action"),
        Node::kw_define | Node::define => Word("define"),
        Node::kw_assume | Node::assume => Word("assume"),
        Node::kw_section | Node::section => Word("section"),
        Node::kw_rule => Word("rule"),
        Node::rule => Thing("a rule", &["rule", "when", "always"]),
        Node::kw_note | Node::note => Word("note"),
        Node::kw_reconcile | Node::reconcile => Word("reconcile"),
        Node::kw_complete | Node::complete => Word("complete"),
        Node::kw_case | Node::case => Word("case"),
        Node::kw_when | Node::when => Word("when"),
        Node::kw_always => Word("always"),
        Node::kw_then | Node::effect => Word("then"),
        Node::kw_unless | Node::unless => Word("unless"),
        Node::kw_only | Node::only_if | Node::only_when => Word("only"),
        Node::kw_if => Word("if"),
        Node::kw_cite | Node::cite_clause => Word("cite"),
        Node::cite => Thing("the name of a source", &[]),
        Node::kw_from | Node::from_clause => Word("from"),
        Node::kw_because | Node::because => Word("because"),
        Node::kw_sealed | Node::sealed => Word("sealed"),
        Node::kw_evidence | Node::evidence => Word("evidence"),
        Node::kw_overrides | Node::overrides => Word("overrides"),
        Node::kw_version | Node::version => Word("version"),
        Node::kw_status | Node::status => Word("status"),
        Node::kw_applies | Node::applies => Word("applies"),
        Node::kw_publisher | Node::publisher => Word("publisher"),
        Node::kw_year | Node::year => Word("year"),
        Node::kw_url | Node::url => Word("url"),
        Node::kw_lists | Node::lists => Word("lists"),
        Node::kw_statements | Node::statements => Word("statements"),
        Node::kw_as | Node::reads => Word("as"),
        Node::fact_type => Thing("a type such as `yes/no`", TYPES),
        Node::kw_yes_no | Node::yes_no => Word("yes/no"),
        Node::kw_one | Node::one_of => Word("one"),
        Node::kw_any | Node::any | Node::any_of => Word("any"),
        Node::kw_all | Node::all => Word("all"),
        Node::kw_none | Node::none => Word("none"),
        Node::kw_of => Word("of"),
        Node::kw_date | Node::date_type => Word("date"),
        Node::kw_quantity | Node::quantity_in => Word("quantity"),
        Node::kw_count | Node::count => Word("count"),
        Node::kw_time | Node::time_since => Word("time"),
        Node::kw_since => Word("since"),
        Node::kw_ask | Node::ask => Word("ask"),
        Node::kw_code | Node::code => Word("code"),
        Node::kw_range | Node::range => Word("range"),
        Node::kw_default | Node::default_no => Word("default"),
        Node::kw_no | Node::expect_none => Word("no"),
        Node::kw_also | Node::also => Word("also"),
        Node::kw_implies => Word("implies"),
        Node::kw_and => Word("and"),
        Node::kw_or => Word("or"),
        Node::kw_not | Node::not | Node::not_before | Node::given_not => Word("not"),
        Node::kw_is | Node::parents | Node::is_test => Word("is"),
        Node::given_unknown | Node::given_set | Node::given_is => Word("is"),
        Node::kw_in | Node::is_in => Word("in"),
        Node::kw_includes | Node::includes | Node::given_includes => Word("includes"),
        Node::kw_at | Node::at_least | Node::at_most_one | Node::bound => Word("at"),
        Node::kw_least => Word("least"),
        Node::kw_most => Word("most"),
        Node::kw_over => Word("over"),
        Node::kw_under => Word("under"),
        Node::kw_unknown => Word("unknown"),
        Node::kw_recommend => Word("recommend"),
        Node::kw_consider => Word("consider"),
        Node::kw_avoid => Word("avoid"),
        Node::kw_never => Word("never"),
        Node::kw_immediate => Word("immediate"),
        Node::kw_urgent => Word("urgent"),
        Node::kw_routine => Word("routine"),
        Node::modality => Thing("a word such as `avoid`", MODALITIES),
        Node::urgency => Thing("a word such as `urgent`", URGENCIES),
        Node::kw_within | Node::within => Word("within"),
        Node::kw_after => Word("after"),
        Node::kw_hours => Word("hours"),
        Node::kw_days => Word("days"),
        Node::kw_weeks => Word("weeks"),
        Node::kw_months => Word("months"),
        Node::vague => Thing("`hours`, `days`, `weeks` or `months`", &["hours", "days", "weeks", "months"]),
        Node::kw_before | Node::before => Word("before"),
        Node::kw_between | Node::between => Word("between"),
        Node::kw_for | Node::for_duration => Word("for"),
        Node::kw_every | Node::every => Word("every"),
        Node::kw_line | Node::line => Word("line"),
        Node::kw_with | Node::with => Word("with"),
        Node::kw_instead | Node::instead_of => Word("instead"),
        Node::kw_preferred | Node::preferred_to => Word("preferred"),
        Node::kw_to => Word("to"),
        Node::kw_about => Word("about"),
        Node::kw_against => Word("against"),
        Node::stance => Thing("`about`, `for` or `against`", &["about", "for", "against"]),
        Node::kw_prefer | Node::prefer => Word("prefer"),
        Node::kw_leave | Node::leave_open => Word("leave"),
        Node::kw_open => Word("open"),
        Node::kw_given | Node::given => Word("given"),
        Node::kw_on | Node::on => Word("on"),
        Node::kw_expect | Node::expect => Word("expect"),
        Node::kw_exactly => Word("exactly"),
        Node::kw_otherwise | Node::otherwise_no => Word("otherwise"),
        Node::kw_active => Word("active"),
        Node::kw_overdue => Word("overdue"),
        Node::kw_overridden => Word("overridden"),
        Node::standing => Thing("a word such as `overdue`", &["active", "open", "overridden", "overdue"]),
        Node::kw_undecided | Node::expect_undecided => Word("undecided"),
        Node::kw_asking | Node::asking => Word("asking"),
        Node::kw_disagreement | Node::expect_disagreement => Word("disagreement"),
        Node::kw_rejected | Node::expect_rejected => Word("rejected"),
        Node::expect_advice => Thing("an action", MODALITIES),
        Node::given_fact => Thing("a fact", &["not", "otherwise"]),
        Node::actions => Thing("an action", &[]),
        Node::order => Thing("a fact", &[]),
        Node::condition | Node::and_condition | Node::implication => Thing("a condition", CONDITION_WORDS),
        Node::paren => Word("("),
        Node::quantified => Thing("a list of conditions", &["any", "all", "none", "at"]),
        Node::test => Thing("a fact", &[]),
        Node::at_or_over | Node::at_or_under | Node::over | Node::under | Node::bound_test => Thing("a comparison", COMPARATORS),
        // Silent rules of the grammar never appear in a tree; pest lists them all the same.
        Node::WHITESPACE
        | Node::COMMENT
        | Node::word
        | Node::structure_word
        | Node::reserved_word
        | Node::unit
        | Node::item
        | Node::item_word
        | Node::declaration
        | Node::rule_head
        | Node::given_entry
        | Node::expectation
        | Node::names
        | Node::modifier
        | Node::after
        | Node::operand
        | Node::quantifier
        | Node::conditions
        | Node::joint
        | Node::comparison
        | Node::comparator
        | Node::value
        | Node::chunk
        | Node::plain
        | Node::after_colon
        | Node::next_item
        | Node::start_word
        | Node::declarations => Hidden,
    }
}

/// Everything that would fit where reading stopped.
#[derive(Debug, Clone, Default)]
pub(super) struct Expected {
    nodes: Vec<Node>,
}

impl Expected {
    pub(super) fn new(nodes: Vec<Node>) -> Self {
        Expected { nodes }
    }

    pub(super) fn has(&self, node: Node) -> bool {
        self.nodes.contains(&node)
    }

    /// Whether a word or sign would fit.
    pub(super) fn has_word(&self, word: &str) -> bool {
        self.words().contains(&word)
    }

    /// The words that would fit, signs left out, in alphabetical order.
    pub(super) fn words(&self) -> Vec<&'static str> {
        let mut words: Vec<&'static str> = Vec::new();
        for node in &self.nodes {
            match describe(*node) {
                Word(word) => words.push(word),
                Thing(_, starts) => words.extend(starts),
                Hidden => {}
            }
        }
        words.retain(|w| w.starts_with(|c: char| c.is_ascii_lowercase()) && !w.contains(' '));
        words.sort_unstable();
        words.dedup();
        words
    }

    /// Whether a name of any kind would fit.
    pub(super) fn has_name(&self) -> bool {
        let is_name = |node: &Node| {
            matches!(
                node,
                Node::name
                    | Node::value_name
                    | Node::grade
                    | Node::statement
                    | Node::rule_name
                    | Node::cite
                    | Node::actions
                    | Node::order
                    | Node::condition
                    | Node::and_condition
                    | Node::implication
                    | Node::test
                    | Node::given_fact
                    | Node::expect_advice
            )
        };
        self.nodes.iter().any(is_name)
    }

    /// Whether a unit would fit.
    pub(super) fn has_unit(&self) -> bool {
        self.has(Node::unit_word) || self.has(Node::unit_bare)
    }

    /// Whether a declaration may end here.
    pub(super) fn end(&self) -> bool {
        self.has(Node::EOI)
    }

    /// Whether nothing but the beginning of a declaration would fit.
    pub(super) fn only_declarations(&self) -> bool {
        let words = self.words();
        !words.is_empty() && words.iter().all(|w| ITEM_WORDS.contains(w))
    }

    /// What would fit, as a phrase: "`cite`, `from` or the next declaration".
    pub(super) fn phrase(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        let mut clauses = Vec::new();
        for node in &self.nodes {
            match describe(*node) {
                Word(word) if ITEM_WORDS.contains(&word) && self.end() => {}
                Word("the end of the file") | Hidden => {}
                Word(word) => clauses.push(format!("`{word}`")),
                Thing("a rule", _) => {}
                Thing(thing, _) => parts.push(thing.to_string()),
            }
        }
        parts.sort();
        clauses.sort();
        parts.dedup();
        clauses.dedup();
        parts.extend(clauses);
        if parts.len() > 6 {
            parts.truncate(5);
            parts.push("the like".to_string());
        } else if self.end() {
            parts.push("the next declaration".to_string());
        }
        match parts.split_last() {
            None => "a declaration, such as `fact`, `action`, `rule` or `when`".to_string(),
            Some((last, [])) => last.clone(),
            Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        }
    }
}
