//! Files made up at random: declarations of every kind with every clause, as tokens, and what stands between the tokens.
//!
//! Nothing here fits together: names are not declared, types do not match. It is text that can be read, in any layout.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use std::fmt;

/// Tokens in their order.
pub type Tokens = Vec<String>;

/// Tokens that stay together, and how far behind they are printed: 0 where they were written.
pub type Clause = (u8, Tokens);

/// What stands between two tokens: blanks, and comments each with the blanks before it.
#[derive(Debug, Clone)]
pub struct Gap {
    pub comments: Vec<(&'static str, String)>,
    pub blanks: &'static str,
}

/// A file: its declarations, and what stands before each token and after the last.
#[derive(Clone)]
pub struct Text {
    pub items: Vec<Vec<Clause>>,
    gaps: Vec<Gap>,
    pub last: Gap,
    mark: bool,
}

/// A comment beside a token of [`Text::tokens`]; beside none after the last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Beside {
    After(usize),
    Before(usize),
}

/// Shows an example as one would write it down.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.written();
        write!(f, "{text:?}:\n{text}\n")
    }
}

impl Text {
    /// The tokens in the order in which they are printed.
    pub fn tokens(&self) -> Tokens {
        self.order().into_iter().map(|(_, token)| token).collect()
    }

    /// The tokens as printed, each with its place as written.
    fn order(&self) -> Vec<(usize, String)> {
        let mut place = 0..;
        let mut order = Vec::new();
        for item in &self.items {
            let mut clauses: Vec<(u8, Vec<(usize, String)>)> = Vec::new();
            for (rank, tokens) in item {
                clauses.push((*rank, place.by_ref().zip(tokens.iter().cloned()).take(tokens.len()).collect()));
            }
            clauses.sort_by_key(|(rank, _)| *rank);
            order.extend(clauses.into_iter().flat_map(|(_, tokens)| tokens));
        }
        order
    }

    /// The comments without the blanks after them, each with its place beside a token as printed.
    pub fn comments(&self) -> Vec<(Beside, String)> {
        let order = self.order();
        let printed = |written: usize| order.iter().position(|(place, _)| *place == written);
        let mut comments = Vec::new();
        for place in 0..=order.len() {
            for (number, (blanks, comment)) in self.gap(place).comments.iter().enumerate() {
                let is_after = number == 0 && !blanks.contains('\n') && place > 0;
                let beside = match is_after {
                    true => Beside::After(printed(place - 1).unwrap()),
                    false => Beside::Before(printed(place).unwrap_or(order.len())),
                };
                comments.push((beside, comment.trim_end().to_owned()));
            }
        }
        comments.sort_by_key(|(beside, _)| beside.clone());
        comments
    }

    fn gap(&self, place: usize) -> Gap {
        let count: usize = self.items.iter().flatten().map(|(_, tokens)| tokens.len()).sum();
        let plain = Gap {
            comments: Vec::new(),
            blanks: " ",
        };
        match place == count {
            true => self.last.clone(),
            false => self.gaps.get(place).cloned().unwrap_or(plain),
        }
    }

    pub fn written(&self) -> String {
        let mut text = String::from(if self.mark { "\u{FEFF}" } else { "" });
        let tokens: Vec<&String> = self.items.iter().flatten().flat_map(|(_, tokens)| tokens).collect();
        let mut before: Option<&str> = None;
        for (place, token) in tokens.iter().enumerate() {
            let gap = self.gap(place);
            gap.write(&mut text);
            let stick = before.is_some_and(|before| !may_touch(before, token));
            if gap.comments.is_empty() && gap.blanks.is_empty() && stick {
                text.push(' ');
            }
            text.push_str(token);
            before = Some(token);
        }
        let last = self.gap(tokens.len());
        last.write(&mut text);
        if last.blanks.is_empty() && text.ends_with('\n') {
            // A comment may end the file.
            text.pop();
        }
        text
    }
}

impl Gap {
    fn write(&self, text: &mut String) {
        for (blanks, comment) in &self.comments {
            text.push_str(blanks);
            text.push_str(comment);
            text.push('\n');
        }
        text.push_str(self.blanks);
    }
}

/// Whether no blank is needed between two tokens.
fn may_touch(before: &str, after: &str) -> bool {
    let is_sign = |token: &str| matches!(token, "(" | ")" | "[" | "]" | "," | ":" | "<" | ">" | "<=" | ">=" | "..");
    let is_text = |token: &str| token.starts_with('"');
    let is_number = |token: &str| token.starts_with(|c: char| c.is_ascii_digit());
    let is_decimal = before == "," && is_number(after);
    let is_open_end = before.contains(['.', '-', '/', ':', '{', '[', '%']) && before.len() > 2;
    let is_one_sign = before.ends_with(['<', '>']) && after.starts_with(['<', '>', '=']);
    (is_sign(before) || is_sign(after) || is_text(before) || is_text(after)) && !is_decimal && !is_one_sign && !is_open_end
}

/// The tokens of a printed text, and its comments beside them.
pub fn read(text: &str) -> (Tokens, Vec<(Beside, String)>) {
    let (mut tokens, mut comments) = (Tokens::new(), Vec::new());
    for line in text.lines() {
        let mut rest = line.trim_start();
        let mut is_alone = true;
        while !rest.is_empty() {
            if rest.starts_with('#') {
                let beside = match is_alone {
                    true => Beside::Before(tokens.len()),
                    false => Beside::After(tokens.len() - 1),
                };
                comments.push((beside, rest.to_owned()));
                break;
            }
            let (token, after) = rest.split_at(length(rest));
            tokens.push(token.to_owned());
            is_alone = false;
            rest = after.trim_start();
        }
    }
    comments.sort_by_key(|(beside, _)| beside.clone());
    (tokens, comments)
}

/// Cuts made-up tokens as [`read`] cuts them: a code such as `a:b` is three.
pub fn pieces(token: &str) -> Tokens {
    read(token).0
}

fn length(text: &str) -> usize {
    let first = text.chars().next().unwrap();
    let run = |is: &dyn Fn(char) -> bool| text.find(|c| !is(c)).unwrap_or(text.len());
    match first {
        '"' => {
            let mut escaped = false;
            let end = text.char_indices().skip(1).find(|(_, c)| {
                let closes = *c == '"' && !escaped;
                escaped = *c == '\\' && !escaped;
                closes
            });
            end.unwrap().0 + 1
        }
        '(' | ')' | '[' | ']' | ',' | ':' => 1,
        '<' | '>' => run(&|c| matches!(c, '<' | '>' | '=')),
        _ if text.starts_with("..") => 2,
        _ => {
            let end = run(&|c| !c.is_whitespace() && !"\"()[],:<>#".contains(c));
            text.find("..").map_or(end, |dots| end.min(dots))
        }
    }
}

// ─── Layout ──────────────────────────────────────────────────────────────────────────────────────────────────────────

fn blanks() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        6 => Just(" "),
        2 => Just(""),
        2 => select(vec!["\n", "\n  ", "\n        "]),
        1 => select(vec!["   ", "\t", "\n\n", "\r\n", " \n\t\n\n", "\n\n\n\n"]),
    ]
}

fn comment() -> impl Strategy<Value = String> {
    let words = select(vec![
        "#",
        "# why",
        "#no blank",
        "## two",
        "# ends in blanks \t ",
        "# \"one quote",
        "# then review cite S",
        "# rule r:",
        "# # again",
        "# größer ≥ 5 – “so”",
        "#\twith\ttabs",
    ]);
    let long = (4..30usize).prop_map(|count| format!("#{}", " a long story".repeat(count)));
    prop_oneof![8 => words.prop_map(str::to_owned), 1 => long]
}

fn gap(comments: f64) -> impl Strategy<Value = Gap> {
    let remark = (select(vec!["", " ", "\n", "\n\n", "\n    ", "\t\n", "\r\n"]), comment());
    let remarks = option::weighted(comments, vec(remark, 1..4));
    (blanks(), remarks).prop_map(|(blanks, remarks)| Gap {
        comments: remarks.unwrap_or_default(),
        blanks,
    })
}

/// Files with up to `most` declarations.
pub fn text(most: usize) -> impl Strategy<Value = Text> {
    let gaps = prop_oneof![
        1 => vec(gap(0.005), 0..200),
        2 => vec(gap(0.04), 0..200),
        1 => vec(gap(0.3), 0..200),
    ];
    (vec(item(), 0..=most), gaps, gap(0.3), prop::bool::weighted(0.1)).prop_map(|(items, gaps, last, mark)| Text {
        items,
        gaps,
        last,
        mark,
    })
}

// ─── Words ───────────────────────────────────────────────────────────────────────────────────────────────────────────

fn tokens(words: &str) -> Tokens {
    words.split_whitespace().map(str::to_owned).collect()
}

/// Words that are always there.
fn fixed(words: &'static str) -> BoxedStrategy<Tokens> {
    Just(tokens(words)).boxed()
}

/// One of the forms, each written as words.
fn one_of(forms: &[&'static str]) -> BoxedStrategy<Tokens> {
    select(forms.to_vec()).prop_map(tokens).boxed()
}

/// One after another.
fn all(parts: Vec<BoxedStrategy<Tokens>>) -> BoxedStrategy<Tokens> {
    parts.prop_map(|parts| parts.concat()).boxed()
}

fn maybe(part: BoxedStrategy<Tokens>) -> BoxedStrategy<Tokens> {
    option::weighted(0.4, part).prop_map(Option::unwrap_or_default).boxed()
}

/// Some of the parts, in any order.
fn some(parts: Vec<BoxedStrategy<Tokens>>) -> BoxedStrategy<Tokens> {
    let count = parts.len();
    let chosen = subsequence((0..count).collect::<Vec<_>>(), 0..=count).prop_shuffle();
    (parts, chosen)
        .prop_map(|(parts, chosen)| chosen.iter().flat_map(|part| parts[*part].clone()).collect())
        .boxed()
}

/// A list joined by a word.
fn list(part: BoxedStrategy<Tokens>, joint: &'static str, least: usize, most: usize) -> BoxedStrategy<Tokens> {
    vec(part, least..=most)
        .prop_map(move |parts| parts.join(&joint.to_owned()))
        .boxed()
}

/// Seldom long.
fn names() -> BoxedStrategy<Tokens> {
    prop_oneof![9 => list(name(), ",", 1, 3), 1 => list(name(), ",", 4, 14)].boxed()
}

/// Names, among them most words of gl that may be names.
fn name() -> BoxedStrategy<Tokens> {
    let plain = one_of(&[
        "fever",
        "new_bladder_dysfunction",
        "x1",
        "mri_lumbar_without_contrast",
        "Back_Pain",
    ]);
    let words = one_of(&[
        "evidence",
        "version",
        "status",
        "date",
        "count",
        "year",
        "lists",
        "code",
        "ask",
        "of",
        "one",
        "at_",
        "least",
        "most",
        "if",
        "no",
        "about",
        "also",
        "implies",
        "line",
        "after",
        "preferred",
        "rule",
        "fact",
        "case",
        "note",
        "use",
        "source",
        "given",
        "exactly",
        "on",
        "unknown",
        "open",
        "prefer",
        "leave",
        "asking",
        "to",
        "range",
        "default",
        "hours",
        "weeks",
    ]);
    let long = (20..128usize).prop_map(|length| vec!["n".repeat(length)]);
    prop_oneof![8 => plain, 4 => words, 1 => long].boxed()
}

/// Names that could not be a word of an expectation.
fn plain_name() -> BoxedStrategy<Tokens> {
    one_of(&[
        "surgery",
        "review",
        "mri_lumbar_without_contrast",
        "evidence",
        "status",
        "date",
    ])
}

fn value_name() -> BoxedStrategy<Tokens> {
    one_of(&[
        "mild",
        "moderate",
        "severe",
        "none",
        "urgent",
        "all",
        "recommend",
        "yes",
        "very_severe_indeed",
    ])
}

fn quoted() -> BoxedStrategy<Tokens> {
    let short = select(vec![
        "\"\"",
        "\"A label\"",
        "\"cite S from T # no comment\"",
        "\"with \\\"quotes\\\" and a \\\\\"",
        "\"größer als “fünf” – 5 ≥ 4\"",
        "\"(a, b or c)\"",
    ]);
    let long = (2..40usize).prop_map(|count| format!("\"Words{}\"", " and more words".repeat(count)));
    prop_oneof![5 => short.prop_map(str::to_owned), 1 => long]
        .prop_map(|text| vec![text])
        .boxed()
}

fn number() -> BoxedStrategy<Tokens> {
    one_of(&["2", "0", "38.5", "2026", "123456"])
}

fn unit() -> BoxedStrategy<Tokens> {
    one_of(&["weeks", "day", "months", "\"kg\"", "\"mm[Hg]\"", "\"10*9/L\""])
}

fn duration() -> BoxedStrategy<Tokens> {
    all(vec![number(), unit()])
}

fn quantity() -> BoxedStrategy<Tokens> {
    all(vec![number(), maybe(unit())])
}

fn word(word: &'static str, what: BoxedStrategy<Tokens>) -> BoxedStrategy<Tokens> {
    all(vec![fixed(word), what])
}

// ─── Conditions ──────────────────────────────────────────────────────────────────────────────────────────────────────

fn condition() -> BoxedStrategy<Tokens> {
    prop_oneof![6 => nested(2), 2 => nested(5), 1 => wide(), 1 => deep()].boxed()
}

fn test() -> BoxedStrategy<Tokens> {
    let value = || prop_oneof![value_name(), quantity(), one_of(&["2026-02-01"])].boxed();
    let bound = one_of(&["at least", "at most", "over", "under", ">=", "<=", ">", "<"]);
    let values = all(vec![fixed("("), list(value(), ",", 1, 6), fixed(")")]);
    prop_oneof![
        4 => name(),
        1 => all(vec![name(), one_of(&["is", "is not"]), value()]),
        1 => all(vec![name(), one_of(&["is in", "is not in"]), values]),
        1 => all(vec![name(), word("includes", value_name())]),
        2 => all(vec![name(), bound, value()]),
    ]
    .boxed()
}

/// A condition that may stand beside `and` and `or`.
fn operand(inner: BoxedStrategy<Tokens>) -> BoxedStrategy<Tokens> {
    let many = one_of(&["any of", "all of", "none of", "at least 2 of"]);
    let list = all(vec![many, fixed("("), list(inner.clone(), ",", 1, 5), fixed(")")]);
    let paren = all(vec![fixed("("), inner, fixed(")")]);
    prop_oneof![
        2 => paren.clone(),
        3 => list.clone(),
        1 => word("not", paren),
        1 => word("not", list),
        1 => word("not", test()),
        3 => test(),
    ]
    .boxed()
}

fn nested(depth: u32) -> BoxedStrategy<Tokens> {
    test()
        .prop_recursive(depth, 24, 4, |inner| {
            prop_oneof![
                2 => operand(inner.clone()),
                1 => list(operand(inner.clone()), "and", 2, 4),
                1 => list(operand(inner), "or", 2, 4),
            ]
        })
        .boxed()
}

fn wide() -> BoxedStrategy<Tokens> {
    let parts = |joint| list(operand(test()), joint, 6, 24);
    prop_oneof![
        parts("and"),
        parts("or"),
        all(vec![fixed("any of ("), parts(","), fixed(")")])
    ]
    .boxed()
}

fn deep() -> BoxedStrategy<Tokens> {
    let layer = select(vec![
        ("(", ")"),
        ("not (", ")"),
        ("any of (", ")"),
        ("at least 1 of ( a and b ,", ")"),
        ("not", ""),
    ]);
    (vec(layer, 4..32), test())
        .prop_map(|(layers, test)| {
            let (before, after): (Vec<_>, Vec<_>) = layers.into_iter().unzip();
            let after: Vec<&str> = after.into_iter().rev().collect();
            [tokens(&before.join(" ")), test, tokens(&after.join(" "))].concat()
        })
        .boxed()
}

// ─── Clauses ─────────────────────────────────────────────────────────────────────────────────────────────────────────

fn cite() -> BoxedStrategy<Tokens> {
    let numbers = all(vec![fixed("["), list(number(), ",", 1, 5), fixed("]")]);
    let one = all(vec![name(), maybe(quoted()), maybe(numbers)]);
    word(
        "cite",
        prop_oneof![4 => list(one.clone(), ",", 1, 2), 1 => list(one, ",", 3, 8)].boxed(),
    )
}

fn from() -> BoxedStrategy<Tokens> {
    let one = one_of(&["BPN-08", "S.1", "1B", "A-1.2-c", "12"]);
    word(
        "from",
        prop_oneof![4 => list(one.clone(), ",", 1, 3), 1 => list(one, ",", 20, 30)].boxed(),
    )
}

fn because() -> BoxedStrategy<Tokens> {
    word("because", quoted())
}

/// `cite` and `from`, each up to twice.
fn references() -> Vec<BoxedStrategy<Tokens>> {
    vec![cite(), from(), cite(), from()]
}

fn modality() -> BoxedStrategy<Tokens> {
    one_of(&["recommend", "consider", "avoid", "never"])
}

fn urgency() -> BoxedStrategy<Tokens> {
    one_of(&["immediate", "urgent", "routine"])
}

fn actions(name: &dyn Fn() -> BoxedStrategy<Tokens>) -> BoxedStrategy<Tokens> {
    prop_oneof![
        4 => name(),
        1 => list(name(), ",", 2, 8),
        1 => list(name(), "or", 2, 8),
    ]
    .boxed()
}

fn modifier() -> BoxedStrategy<Tokens> {
    let after = || maybe(word("after", name()));
    prop_oneof![
        all(vec![word("within", duration()), after()]),
        all(vec![word("within", one_of(&["hours", "days", "weeks", "months"])), after()]),
        all(vec![word("not before", duration()), after()]),
        all(vec![word("between", quantity()), word("and", duration()), after()]),
        all(vec![fixed("for"), maybe(one_of(&["at least", "at most"])), duration()]),
        word("every", duration()),
        word("line", number()),
        word("with", quoted()),
        word("instead of", names()),
        word("before", names()),
        word("preferred to", names()),
    ]
    .boxed()
}

fn modifiers() -> BoxedStrategy<Tokens> {
    prop_oneof![3 => list_of(modifier(), 2), 1 => list_of(modifier(), 6)].boxed()
}

fn list_of(part: BoxedStrategy<Tokens>, most: usize) -> BoxedStrategy<Tokens> {
    vec(part, 0..=most).prop_map(|parts| parts.concat()).boxed()
}

fn code() -> BoxedStrategy<Tokens> {
    let code = prop_oneof![one_of(&["M54.5", "123-4", "a:b", "x/y", "1", "A.1-b:c/d"]), quoted(),];
    all(vec![word("code", one_of(&["SNOMED", "ICD-10-CM", "code"])), code.boxed()])
}

// ─── Declarations ────────────────────────────────────────────────────────────────────────────────────────────────────

/// A declaration whose clauses stay where they are.
fn still(tokens: BoxedStrategy<Tokens>) -> BoxedStrategy<Vec<Clause>> {
    tokens.prop_map(|tokens| vec![(0, tokens)]).boxed()
}

fn item() -> BoxedStrategy<Vec<Clause>> {
    prop_oneof![
        5 => rule(),
        3 => still(fact()),
        2 => still(action()),
        3 => still(case()),
        1 => still(guideline()),
        1 => still(word("use", names())),
        1 => still(source()),
        1 => still(scale()),
        2 => still(define()),
        2 => still(assume()),
        2 => still(section()),
        2 => still(note()),
        1 => still(reconcile()),
        1 => still(complete()),
    ]
    .boxed()
}

fn guideline() -> BoxedStrategy<Tokens> {
    let mut clauses = references();
    clauses.extend([
        word("version", quoted()),
        word("status", name()),
        word("applies when", condition()),
    ]);
    all(vec![word("guideline", name()), maybe(quoted()), some(clauses)])
}

fn source() -> BoxedStrategy<Tokens> {
    let clauses = some(vec![
        word("publisher", quoted()),
        word("year", number()),
        word("url", quoted()),
        word("lists", number()),
        word("statements", quoted()),
        all(vec![word("as", name()), fixed("["), number(), fixed("]")]),
    ]);
    all(vec![word("source", name()), maybe(quoted()), clauses])
}

fn scale() -> BoxedStrategy<Tokens> {
    let point = || one_of(&["A", "1B", "strong", "none", "very_low"]);
    let points = prop_oneof![4 => list(point(), ">", 1, 4), 1 => list(point(), ">", 20, 30)].boxed();
    all(vec![word("scale", name()), fixed(":"), points])
}

fn fact() -> BoxedStrategy<Tokens> {
    let values = |joint| prop_oneof![4 => list(value_name(), joint, 1, 4), 1 => list(value_name(), joint, 12, 30)].boxed();
    let ty = prop_oneof![
        2 => fixed("yes/no"),
        1 => word("one of", values(",")),
        1 => word("one of", values("<")),
        1 => word("any of", values(",")),
        1 => fixed("date"),
        1 => word("quantity in", unit()),
        1 => fixed("count"),
        1 => word("time since", name()),
    ];
    let clauses = some(vec![
        word("ask", quoted()),
        code(),
        code(),
        all(vec![word("range", quantity()), word("..", quantity())]),
        fixed("default no"),
    ]);
    all(vec![word("fact", name()), fixed(":"), ty.boxed(), maybe(quoted()), clauses])
}

fn action() -> BoxedStrategy<Tokens> {
    let also = || {
        prop_oneof![
            3 => word("also", list(quoted(), ",", 1, 3)),
            1 => word("also", list(quoted(), ",", 6, 9))
        ]
    };
    let clauses = some(vec![
        word("is", names()),
        also().boxed(),
        code(),
        also().boxed(),
        code(),
        word("is", names()),
    ]);
    all(vec![word("action", name()), maybe(quoted()), clauses])
}

fn define() -> BoxedStrategy<Tokens> {
    let head = all(vec![word("define", name()), maybe(quoted()), fixed(":"), condition()]);
    all(vec![head, some(references())])
}

fn assume() -> BoxedStrategy<Tokens> {
    let kind = prop_oneof![
        all(vec![condition(), word("implies", condition())]),
        all(vec![fixed("at most one of ("), list(condition(), ",", 1, 4), fixed(")")]),
        all(vec![name(), word("at most", name())]),
    ];
    let mut clauses = references();
    clauses.push(because());
    all(vec![fixed("assume"), kind.boxed(), some(clauses)])
}

fn section() -> BoxedStrategy<Tokens> {
    let mut clauses = references();
    clauses.extend([word("when", condition()), word("applies when", condition())]);
    all(vec![word("section", quoted()), some(clauses), fixed(":")])
}

fn effect() -> BoxedStrategy<Tokens> {
    let what = all(vec![maybe(modality()), maybe(urgency()), actions(&name)]);
    let guards = all(vec![
        maybe(word("only when", condition())),
        maybe(word("unless", condition())),
    ]);
    all(vec![fixed("then"), what, modifiers(), guards])
}

fn rule() -> BoxedStrategy<Vec<Clause>> {
    let head = all(vec![
        maybe(all(vec![word("rule", name()), maybe(quoted()), fixed(":")])),
        prop_oneof![3 => word("when", condition()), 1 => fixed("always")].boxed(),
        maybe(word("unless", condition())),
        effect(),
        list_of(effect(), 2),
    ]);
    let evidence = word("evidence", all(vec![name(), one_of(&["A", "1B", "evidence", "none"])]));
    let last = vec![
        (1, cite()),
        (1, cite()),
        (2, from()),
        (2, from()),
        (3, evidence.clone()),
        (3, evidence),
        (4, because()),
        (5, word("overrides", names())),
    ];
    let last: Vec<BoxedStrategy<Clause>> = last
        .into_iter()
        .map(|(rank, clause)| clause.prop_map(move |clause| (rank, clause)).boxed())
        .collect();
    let chosen = subsequence((0..last.len()).collect::<Vec<_>>(), 0..=last.len()).prop_shuffle();
    (head, last, chosen)
        .prop_map(|(head, last, chosen)| {
            let last = chosen.into_iter().map(|place| last[place].clone());
            std::iter::once((0, head)).chain(last).collect()
        })
        .boxed()
}

fn note() -> BoxedStrategy<Tokens> {
    let mut clauses = references();
    clauses.extend([
        all(vec![one_of(&["about", "for", "against"]), names()]),
        all(vec![one_of(&["about", "for", "against"]), names()]),
        word("only if", condition()),
    ]);
    all(vec![fixed("note"), maybe(name()), quoted(), some(clauses)])
}

fn reconcile() -> BoxedStrategy<Tokens> {
    let rule = || {
        one_of(&[
            "numbness.retention",
            "first_line",
            "claudication.no_nsaid_in_the_conservative_phase",
        ])
    };
    let rules = prop_oneof![4 => list(rule(), ",", 1, 2), 1 => list(rule(), ",", 4, 8)].boxed();
    let decision = prop_oneof![
        all(vec![word("prefer", rule()), maybe(word("when", condition()))]),
        fixed("leave open"),
    ];
    all(vec![
        word("reconcile", rule()),
        word("with", rules),
        decision.boxed(),
        because(),
    ])
}

fn complete() -> BoxedStrategy<Tokens> {
    let claim = all(vec![
        word("complete", quoted()),
        word("over", condition()),
        word("for", names()),
    ]);
    all(vec![claim, some(references())])
}

fn case() -> BoxedStrategy<Tokens> {
    let members = all(vec![
        fixed("is ("),
        prop_oneof![fixed(""), list(value_name(), ",", 1, 5)].boxed(),
        fixed(")"),
    ]);
    let bare = one_of(&[
        "50 kg",
        "5.5 mmol/L",
        "90 mm[Hg]",
        "3 [IU]/mL",
        "37 %",
        "4 weeks",
        "2",
        "7 \"kg/m2\"",
    ]);
    let value = prop_oneof![bare, one_of(&["2026-01-05"]), value_name()].boxed();
    let given = prop_oneof![
        3 => name(),
        2 => word("not", name()),
        1 => all(vec![name(), fixed("is unknown")]),
        2 => all(vec![name(), word("is", value)]),
        1 => all(vec![name(), members]),
        1 => all(vec![maybe(fixed("not")), name(), word("includes", value_name())]),
        1 => fixed("otherwise no"),
    ];
    let givens = prop_oneof![3 => list(given.clone().boxed(), ",", 1, 4), 1 => list(given.boxed(), ",", 8, 24)].boxed();
    let many = || list(plain_name(), ",", 1, 4);
    let standing = one_of(&["active", "open", "overridden", "overdue"]);
    let advice = all(vec![
        maybe(standing),
        maybe(modality()),
        maybe(urgency()),
        actions(&plain_name),
        modifiers(),
        maybe(from()),
    ]);
    let asking = maybe(word(
        "asking",
        prop_oneof![list(name(), ",", 1, 3), list(name(), ",", 6, 12)].boxed(),
    ));
    let expectation = prop_oneof![
        1 => fixed("rejected"),
        1 => word("disagreement on", many()),
        1 => all(vec![fixed("undecided"), maybe(modality()), many(), asking, maybe(from())]),
        1 => all(vec![fixed("no"), maybe(modality()), many(), maybe(from())]),
        3 => advice,
    ];
    let expect = all(vec![fixed("expect"), maybe(fixed("exactly")), expectation.boxed()]);
    let given = word("given", givens);
    let clauses = some(vec![
        given.clone(),
        word("on", one_of(&["2026-02-01"])),
        given,
        fixed("exactly"),
        list_of(expect, 4),
    ]);
    all(vec![word("case", quoted()), clauses])
}
