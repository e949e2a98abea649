//! Pairs become the tree: one function per grammar rule.
//!
//! In: what pest read. Out: nodes of [`ast`] with spans in the original text.
//! Must not know: how text that could not be read is diagnosed.

use super::errors;
use super::expected::UNIT_WORDS;
use super::grammar::Node;
use super::patched::Patched;
use crate::ast::{self, *};
use crate::diagnostic::{Diagnostic, Edit, Findings};
use crate::source::{FileId, Span};
use std::ops::Range;

type Pair<'i> = pest::iterators::Pair<'i, Node>;

/// Builds the tree of one file.
pub(super) struct Builder<'a> {
    file: FileId,
    original: &'a str,
    comments: &'a [Comment],
    /// The text of the file as mended before pest read it.
    patched: &'a Patched,
    /// The text of a broken declaration as mended further, and where in `patched` it was cut out.
    mended: Option<(Patched, usize)>,
    pub(super) diagnostics: Findings,
}

/// The first child that is a `node`.
fn child<'i>(pair: &Pair<'i>, node: Node) -> Option<Pair<'i>> {
    pair.clone().into_inner().find(|p| p.as_rule() == node)
}

/// All children that are a `node`.
fn children<'i>(pair: &Pair<'i>, node: Node) -> impl Iterator<Item = Pair<'i>> {
    pair.clone().into_inner().filter(move |p| p.as_rule() == node)
}

/// Whether a child is a `node`, such as a keyword.
fn has(pair: &Pair<'_>, node: Node) -> bool {
    child(pair, node).is_some()
}

impl<'a> Builder<'a> {
    pub(super) fn new(file: FileId, original: &'a str, comments: &'a [Comment], patched: &'a Patched) -> Self {
        Builder {
            file,
            original,
            comments,
            patched,
            mended: None,
            diagnostics: Findings::new(),
        }
    }

    /// Whether the file has this word, for names that were written otherwise.
    pub(super) fn has_word(&self, word: &str) -> bool {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        self.original.match_indices(word).any(|(at, _)| {
            let before = self.original.get(..at).and_then(|b| b.chars().next_back());
            let after = self.original.get(at + word.len()..).and_then(|a| a.chars().next());
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        })
    }

    /// The colon of the section of which nothing but blanks stands between it and a byte of the text that is being read.
    pub(super) fn colon_of_section(&self, byte: usize) -> Option<Span> {
        let before = self.original.get(..self.origin(byte))?.trim_end();
        let line = before.lines().next_back()?;
        let is_section = line.starts_with("section ") && line.ends_with(':');
        is_section.then(|| Span::new(self.file, before.len() - 1..before.len()))
    }

    /// From here on, pairs come from a declaration that was cut out of the file at `base` and mended.
    pub(super) fn read_mended(&mut self, mended: Patched, base: usize) {
        self.mended = Some((mended, base));
    }

    /// From here on, pairs come from the file.
    pub(super) fn read_file(&mut self) {
        self.mended = None;
    }

    /// The place in the original of a range of the text that is being read.
    pub(super) fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.file, self.trimmed(self.origin(range.start)..self.origin(range.end)))
    }

    /// The place in the original of a range whose blanks matter.
    pub(super) fn span_between(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, self.origin(start)..self.origin(end))
    }

    fn origin(&self, byte: usize) -> usize {
        match &self.mended {
            Some((mended, base)) => self.patched.origin(base + mended.origin(byte)),
            None => self.patched.origin(byte),
        }
    }

    /// Cuts trailing blanks and comments off: pest's spans run on over them.
    fn trimmed(&self, range: Range<usize>) -> Range<usize> {
        let start = range.start;
        let mut end = range.end.max(start);
        loop {
            let text = self.original.get(start..end).unwrap_or("");
            let blanks = |c: char| c.is_whitespace() || matches!(c, '\u{200B}'..='\u{200D}' | '\u{FEFF}');
            let shorter = start + text.trim_end_matches(blanks).len();
            let earlier = self.comments.partition_point(|c| (c.span.start as usize) < shorter);
            let comment = earlier
                .checked_sub(1)
                .and_then(|i| self.comments.get(i))
                .map(|c| c.span.range());
            match comment {
                Some(comment) if comment.start >= start && comment.end >= shorter => end = comment.start,
                _ if shorter == start => return range,
                _ => return start..shorter,
            }
        }
    }

    fn span_of(&self, pair: &Pair<'_>) -> Span {
        let span = pair.as_span();
        self.span(span.start()..span.end())
    }

    /// Takes a clause that may stand once; reports it where it stands again.
    fn once<T>(&mut self, slot: &mut Option<T>, value: Option<T>, clause: &Pair<'_>, word: &str) {
        if slot.is_some() {
            let span = self.span_of(clause);
            self.diagnostics.push(errors::repeated_clause(span, word));
        } else {
            *slot = value;
        }
    }

    // ─── Items ───────────────────────────────────────────────────────────────────────────────────────────────────────

    /// A declaration, if the pair is one.
    pub(super) fn item(&mut self, pair: Pair<'_>) -> Option<Item> {
        Some(match pair.as_rule() {
            Node::guideline => Item::Guideline(self.guideline(pair)),
            Node::r#use => Item::Use(Use {
                names: self.names(&pair),
                span: self.span_of(&pair),
            }),
            Node::source => Item::Source(self.source(pair)),
            Node::scale => Item::Scale(self.scale(pair)),
            Node::fact => Item::Fact(self.fact(pair)),
            Node::action => Item::Action(self.action(pair)),
            Node::define => Item::Define(self.define(pair)),
            Node::assume => Item::Assume(self.assume(pair)),
            Node::section => Item::Section(self.section(pair)),
            Node::rule => Item::Rule(self.rule(pair)),
            Node::note => Item::Note(self.note(pair)),
            Node::reconcile => Item::Reconcile(self.reconcile(pair)),
            Node::complete => Item::Complete(self.complete(pair)),
            Node::case => Item::Case(self.case(pair)),
            _ => return None,
        })
    }

    fn guideline(&mut self, pair: Pair<'_>) -> Guideline {
        let mut guideline = Guideline {
            name: self.name(&pair),
            title: self.label(&pair),
            version: None,
            status: None,
            applies: None,
            cites: Vec::new(),
            from: Vec::new(),
            span: self.span_of(&pair),
        };
        for clause in pair.into_inner() {
            match clause.as_rule() {
                Node::version => {
                    let text = self.text(&clause);
                    self.once(&mut guideline.version, Some(text), &clause, "version");
                }
                Node::status => {
                    let status = self.name(&clause);
                    self.once(&mut guideline.status, Some(status), &clause, "status");
                }
                Node::applies => {
                    let condition = self.condition_in(&clause);
                    self.once(&mut guideline.applies, Some(condition), &clause, "applies when");
                }
                _ => self.cite_or_from(&clause, &mut guideline.cites, &mut guideline.from),
            }
        }
        guideline
    }

    fn source(&mut self, pair: Pair<'_>) -> Source {
        let mut source = Source {
            name: self.name(&pair),
            title: self.label(&pair),
            publisher: None,
            year: None,
            url: None,
            lists: None,
            statements: None,
            reads: None,
            span: self.span_of(&pair),
        };
        for clause in pair.into_inner() {
            match clause.as_rule() {
                Node::publisher => {
                    let text = self.text(&clause);
                    self.once(&mut source.publisher, Some(text), &clause, "publisher");
                }
                Node::year => {
                    let number = self.number(&clause);
                    self.once(&mut source.year, Some(number), &clause, "year");
                }
                Node::url => {
                    let text = self.text(&clause);
                    self.once(&mut source.url, Some(text), &clause, "url");
                }
                Node::lists => {
                    let number = self.number(&clause);
                    self.once(&mut source.lists, Some(number), &clause, "lists");
                }
                Node::statements => {
                    let text = self.text(&clause);
                    self.once(&mut source.statements, Some(text), &clause, "statements");
                }
                Node::reads => {
                    let reads = (self.name(&clause), self.number(&clause));
                    self.once(&mut source.reads, Some(reads), &clause, "as");
                }
                _ => {}
            }
        }
        source
    }

    fn scale(&mut self, pair: Pair<'_>) -> Scale {
        let points = children(&pair, Node::grade).map(|p| self.word(&p)).collect();
        Scale {
            name: self.name(&pair),
            points,
            span: self.span_of(&pair),
        }
    }

    fn fact(&mut self, pair: Pair<'_>) -> Fact {
        let span = self.span_of(&pair);
        let ty = child(&pair, Node::fact_type).map(|t| self.fact_type(t));
        let mut fact = Fact {
            name: self.name(&pair),
            ty: ty.unwrap_or(FactType {
                kind: FactTypeKind::YesNo,
                span,
            }),
            label: self.label(&pair),
            ask: None,
            codes: Vec::new(),
            range: None,
            default_no: None,
            span,
        };
        for clause in pair.into_inner() {
            match clause.as_rule() {
                Node::ask => {
                    let text = self.text(&clause);
                    self.once(&mut fact.ask, Some(text), &clause, "ask");
                }
                Node::code => fact.codes.push(self.code(&clause)),
                Node::range => {
                    let mut ends = children(&clause, Node::quantity).map(|q| self.quantity(&q));
                    let range = ends.next().zip(ends.next());
                    drop(ends);
                    self.once(&mut fact.range, range, &clause, "range");
                }
                Node::default_no => {
                    let span = self.span_of(&clause);
                    self.once(&mut fact.default_no, Some(span), &clause, "default no");
                }
                _ => {}
            }
        }
        fact
    }

    fn fact_type(&mut self, pair: Pair<'_>) -> FactType {
        let span = self.span_of(&pair);
        let kind = pair.into_inner().find_map(|ty| {
            let values = |b: &Self| children(&ty, Node::value_name).map(|v| b.word(&v)).collect();
            Some(match ty.as_rule() {
                Node::one_of => FactTypeKind::OneOf {
                    values: values(self),
                    ordered: has(&ty, Node::less),
                },
                Node::any_of => FactTypeKind::AnyOf { members: values(self) },
                Node::date_type => FactTypeKind::Date,
                Node::count => FactTypeKind::Count,
                Node::quantity_in => FactTypeKind::Quantity { unit: self.unit(&ty)? },
                Node::time_since => FactTypeKind::TimeSince { date: self.name(&ty) },
                Node::yes_no => FactTypeKind::YesNo,
                _ => return None,
            })
        });
        FactType {
            kind: kind.unwrap_or(FactTypeKind::YesNo),
            span,
        }
    }

    fn code(&self, pair: &Pair<'_>) -> ExternalCode {
        let code = match child(pair, Node::bare_code) {
            Some(bare) => Text {
                text: bare.as_str().to_string(),
                span: self.span_of(&bare),
            },
            None => self.text(pair),
        };
        ExternalCode {
            system: self.word_in(pair, Node::statement),
            code,
            span: self.span_of(pair),
        }
    }

    fn action(&mut self, pair: Pair<'_>) -> Action {
        let mut action = Action {
            name: self.name(&pair),
            label: self.label(&pair),
            parents: Vec::new(),
            synonyms: Vec::new(),
            codes: Vec::new(),
            span: self.span_of(&pair),
        };
        for clause in pair.into_inner() {
            match clause.as_rule() {
                Node::parents => action.parents.extend(self.names(&clause)),
                Node::also => action
                    .synonyms
                    .extend(children(&clause, Node::text).map(|t| self.unquoted(&t))),
                Node::code => action.codes.push(self.code(&clause)),
                _ => {}
            }
        }
        action
    }

    fn define(&mut self, pair: Pair<'_>) -> Define {
        let mut define = Define {
            name: self.name(&pair),
            label: self.label(&pair),
            condition: self.condition_in(&pair),
            cites: Vec::new(),
            from: Vec::new(),
            span: self.span_of(&pair),
        };
        for clause in pair.into_inner() {
            self.cite_or_from(&clause, &mut define.cites, &mut define.from);
        }
        define
    }

    fn assume(&mut self, pair: Pair<'_>) -> Assume {
        let span = self.span_of(&pair);
        let mut kind = AssumeKind::AtMostOne { parts: Vec::new() };
        let (mut cites, mut from, mut because) = (Vec::new(), Vec::new(), None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Node::at_most_one => {
                    kind = AssumeKind::AtMostOne {
                        parts: self.conditions(&part),
                    }
                }
                Node::implication => {
                    let mut sides = self.conditions(&part).into_iter();
                    if let Some((left, right)) = sides.next().zip(sides.next()) {
                        kind = AssumeKind::Implies { left, right };
                    }
                }
                Node::order => {
                    let mut names = self.names(&part).into_iter();
                    if let Some((lesser, greater)) = names.next().zip(names.next()) {
                        kind = AssumeKind::Order { lesser, greater };
                    }
                }
                Node::because => {
                    let text = self.text(&part);
                    self.once(&mut because, Some(text), &part, "because");
                }
                _ => self.cite_or_from(&part, &mut cites, &mut from),
            }
        }
        Assume {
            kind,
            cites,
            from,
            because,
            span,
        }
    }

    fn section(&mut self, pair: Pair<'_>) -> Section {
        let mut section = Section {
            heading: self.text(&pair),
            when: None,
            applies: None,
            cites: Vec::new(),
            from: Vec::new(),
            span: self.span_of(&pair),
        };
        for clause in pair.into_inner() {
            match clause.as_rule() {
                Node::when => {
                    let condition = self.condition_in(&clause);
                    self.once(&mut section.when, Some(condition), &clause, "when");
                }
                Node::applies => {
                    let condition = self.condition_in(&clause);
                    self.once(&mut section.applies, Some(condition), &clause, "applies when");
                }
                _ => self.cite_or_from(&clause, &mut section.cites, &mut section.from),
            }
        }
        section
    }

    fn rule(&mut self, pair: Pair<'_>) -> ast::Rule {
        let mut rule = ast::Rule {
            name: child(&pair, Node::name).map(|n| self.word(&n)),
            label: self.label(&pair),
            when: child(&pair, Node::when).map(|c| self.condition_in(&c)),
            unless: child(&pair, Node::unless).map(|c| self.condition_in(&c)),
            effects: Vec::new(),
            cites: Vec::new(),
            from: Vec::new(),
            evidence: Vec::new(),
            because: None,
            overrides: Vec::new(),
            span: self.span_of(&pair),
        };
        for clause in pair.into_inner() {
            match clause.as_rule() {
                Node::effect => {
                    let effect = self.effect(clause);
                    rule.effects.push(effect);
                }
                Node::evidence => rule.evidence.push(self.evidence(&clause)),
                Node::because => {
                    let text = self.text(&clause);
                    self.once(&mut rule.because, Some(text), &clause, "because");
                }
                Node::overrides => rule.overrides.extend(self.names(&clause)),
                _ => self.cite_or_from(&clause, &mut rule.cites, &mut rule.from),
            }
        }
        rule
    }

    fn note(&mut self, pair: Pair<'_>) -> Note {
        let mut note = Note {
            name: child(&pair, Node::name).map(|n| self.word(&n)),
            text: self.text(&pair),
            stances: Vec::new(),
            only_if: None,
            cites: Vec::new(),
            from: Vec::new(),
            span: self.span_of(&pair),
        };
        for clause in pair.into_inner() {
            match clause.as_rule() {
                Node::stance => {
                    let stance = match () {
                        () if has(&clause, Node::kw_for) => Stance::For,
                        () if has(&clause, Node::kw_against) => Stance::Against,
                        () => Stance::About,
                    };
                    note.stances.push((stance, self.names(&clause)));
                }
                Node::only_if => {
                    let condition = self.condition_in(&clause);
                    self.once(&mut note.only_if, Some(condition), &clause, "only if");
                }
                _ => self.cite_or_from(&clause, &mut note.cites, &mut note.from),
            }
        }
        note
    }

    fn reconcile(&mut self, pair: Pair<'_>) -> Reconcile {
        let span = self.span_of(&pair);
        let mut decision = Decision::LeaveOpen { span };
        let (mut rules, mut sealed, mut because) = (Vec::new(), None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Node::rule_name => rules.push(self.rule_name(&part)),
                Node::prefer => {
                    if let Some(rule) = child(&part, Node::rule_name) {
                        let when = child(&part, Node::when).map(|c| self.condition_in(&c));
                        decision = Decision::Prefer {
                            rule: self.rule_name(&rule),
                            when,
                        };
                    }
                }
                Node::leave_open => {
                    decision = Decision::LeaveOpen {
                        span: self.span_of(&part),
                    }
                }
                Node::sealed => sealed = Some(self.text(&part)),
                Node::because => because = Some(self.text(&part)),
                _ => {}
            }
        }
        if because.is_none() {
            self.diagnostics.push(errors::missing_because(span));
        }
        Reconcile {
            rules,
            decision,
            sealed,
            because,
            span,
        }
    }

    fn rule_name(&self, pair: &Pair<'_>) -> RuleName {
        let mut names = self.names(pair).into_iter();
        let span = self.span_of(pair);
        match (names.next(), names.next()) {
            (guideline, Some(rule)) => RuleName { guideline, rule, span },
            (Some(rule), None) => RuleName {
                guideline: None,
                rule,
                span,
            },
            (None, None) => RuleName {
                guideline: None,
                rule: self.word(pair),
                span,
            },
        }
    }

    fn complete(&mut self, pair: Pair<'_>) -> Complete {
        let mut complete = Complete {
            claim: self.text(&pair),
            over: self.condition_in(&pair),
            actions: self.names(&pair),
            cites: Vec::new(),
            from: Vec::new(),
            span: self.span_of(&pair),
        };
        for clause in pair.into_inner() {
            self.cite_or_from(&clause, &mut complete.cites, &mut complete.from);
        }
        complete
    }

    // ─── Cases ───────────────────────────────────────────────────────────────────────────────────────────────────────

    fn case(&mut self, pair: Pair<'_>) -> Case {
        let mut case = Case {
            title: self.text(&pair),
            givens: Vec::new(),
            otherwise_no: None,
            on: None,
            expects: Vec::new(),
            exactly: None,
            span: self.span_of(&pair),
        };
        for clause in pair.into_inner() {
            match clause.as_rule() {
                Node::given => self.given(clause, &mut case),
                Node::on => {
                    let date = child(&clause, Node::date).map(|d| self.date(&d));
                    self.once(&mut case.on, date, &clause, "on");
                }
                Node::kw_exactly => case.exactly = Some(self.span_of(&clause)),
                Node::expect => {
                    if let Some(exactly) = child(&clause, Node::kw_exactly) {
                        case.exactly = Some(self.span_of(&exactly));
                    }
                    let expect = self.expect(clause);
                    case.expects.extend(expect);
                }
                _ => {}
            }
        }
        case
    }

    fn given(&mut self, pair: Pair<'_>, case: &mut Case) {
        for entry in pair.into_inner() {
            let value = match entry.as_rule() {
                Node::otherwise_no => {
                    case.otherwise_no = Some(self.span_of(&entry));
                    continue;
                }
                Node::given_not => match child(&entry, Node::given_includes) {
                    Some(includes) => self.given_includes(&includes, false),
                    None => GivenValue::No,
                },
                Node::given_fact => self.given_fact(&entry),
                _ => continue,
            };
            case.givens.push(Given {
                fact: self.name(&entry),
                value,
                span: self.span_of(&entry),
            });
        }
    }

    fn given_fact(&self, pair: &Pair<'_>) -> GivenValue {
        let value = pair.clone().into_inner().find_map(|part| {
            Some(match part.as_rule() {
                Node::given_unknown => GivenValue::Unknown,
                Node::given_set => GivenValue::Set {
                    members: children(&part, Node::value_name).map(|m| self.word(&m)).collect(),
                    span: self.span_of(&part),
                },
                Node::given_includes => self.given_includes(&part, true),
                Node::given_is => GivenValue::Is(part.into_inner().find_map(|v| self.value(&v))?),
                _ => return None,
            })
        });
        value.unwrap_or(GivenValue::Yes)
    }

    fn given_includes(&self, pair: &Pair<'_>, present: bool) -> GivenValue {
        GivenValue::Includes {
            member: self.word_in(pair, Node::value_name),
            present,
        }
    }

    fn expect(&mut self, pair: Pair<'_>) -> Option<Expect> {
        let span = self.span_of(&pair);
        let part = pair
            .into_inner()
            .find(|p| !matches!(p.as_rule(), Node::kw_expect | Node::kw_exactly))?;
        let mut from = Vec::new();
        for clause in children(&part, Node::from_clause) {
            self.cite_or_from(&clause, &mut Vec::new(), &mut from);
        }
        let modality = child(&part, Node::modality).map(|m| self.modality(&m));
        let kind = match part.as_rule() {
            Node::expect_rejected => ExpectKind::Rejected,
            Node::expect_disagreement => ExpectKind::Disagreement {
                actions: self.names(&part),
            },
            Node::expect_undecided => {
                let asking = child(&part, Node::asking).map(|a| self.names(&a)).unwrap_or_default();
                ExpectKind::Undecided {
                    modality,
                    actions: self.names(&part),
                    asking,
                    from,
                }
            }
            Node::expect_none => ExpectKind::None {
                modality,
                actions: self.names(&part),
                from,
            },
            Node::expect_advice => {
                let (actions, join) = child(&part, Node::actions)
                    .map(|a| self.actions(a))
                    .unwrap_or((Vec::new(), Join::Each));
                ExpectKind::Advice {
                    standing: child(&part, Node::standing).map(|s| self.standing(&s)),
                    modality,
                    urgency: child(&part, Node::urgency).map(|u| self.urgency(&u)),
                    actions,
                    join,
                    modifiers: self.modifiers(&part),
                    from,
                }
            }
            _ => return None,
        };
        Some(Expect { kind, span })
    }

    fn standing(&self, pair: &Pair<'_>) -> (ExpectStanding, Span) {
        let standing = match () {
            () if has(pair, Node::kw_open) => ExpectStanding::Open,
            () if has(pair, Node::kw_overridden) => ExpectStanding::Overridden,
            () if has(pair, Node::kw_overdue) => ExpectStanding::Overdue,
            () => ExpectStanding::Active,
        };
        (standing, self.span_of(pair))
    }

    // ─── Clauses ─────────────────────────────────────────────────────────────────────────────────────────────────────

    /// Gathers `cite` and `from` clauses; anything else is passed over.
    fn cite_or_from(&mut self, clause: &Pair<'_>, cites: &mut Vec<Cite>, from: &mut Vec<Name>) {
        match clause.as_rule() {
            Node::cite_clause => cites.extend(children(clause, Node::cite).map(|c| self.cite(&c))),
            Node::from_clause => from.extend(children(clause, Node::statement).map(|s| self.word(&s))),
            _ => {}
        }
    }

    fn cite(&self, pair: &Pair<'_>) -> Cite {
        Cite {
            source: self.name(pair),
            place: self.label(pair),
            numbers: children(pair, Node::number).map(|n| self.digits(&n)).collect(),
            span: self.span_of(pair),
        }
    }

    fn evidence(&self, pair: &Pair<'_>) -> Evidence {
        Evidence {
            scale: self.name(pair),
            grade: self.word_in(pair, Node::grade),
            span: self.span_of(pair),
        }
    }

    fn effect(&mut self, pair: Pair<'_>) -> Effect {
        let (actions, join) = child(&pair, Node::actions)
            .map(|a| self.actions(a))
            .unwrap_or((Vec::new(), Join::Each));
        Effect {
            modality: child(&pair, Node::modality).map(|m| self.modality(&m)),
            urgency: child(&pair, Node::urgency).map(|u| self.urgency(&u)),
            actions,
            join,
            modifiers: self.modifiers(&pair),
            only_when: child(&pair, Node::only_when).map(|c| self.condition_in(&c)),
            unless: child(&pair, Node::unless).map(|c| self.condition_in(&c)),
            span: self.span_of(&pair),
        }
    }

    fn modality(&self, pair: &Pair<'_>) -> (Modality, Span) {
        let modality = match () {
            () if has(pair, Node::kw_consider) => Modality::Consider,
            () if has(pair, Node::kw_avoid) => Modality::Avoid,
            () if has(pair, Node::kw_never) => Modality::Never,
            () => Modality::Recommend,
        };
        (modality, self.span_of(pair))
    }

    fn urgency(&self, pair: &Pair<'_>) -> (Urgency, Span) {
        let urgency = match () {
            () if has(pair, Node::kw_immediate) => Urgency::Immediate,
            () if has(pair, Node::kw_urgent) => Urgency::Urgent,
            () => Urgency::Routine,
        };
        (urgency, self.span_of(pair))
    }

    /// A list of actions. A list that mixes its joints is reported, and read as "each of them".
    fn actions(&mut self, pair: Pair<'_>) -> (Vec<Name>, Join) {
        let span = self.span_of(&pair);
        let mut names = Vec::new();
        let (mut commas, mut ors, mut ands) = (Vec::new(), Vec::new(), Vec::new());
        for part in pair.into_inner() {
            match part.as_rule() {
                Node::name => names.push(self.word(&part)),
                Node::comma => commas.push(self.span_of(&part)),
                Node::kw_or => ors.push(self.span_of(&part)),
                Node::kw_and => ands.push(self.span_of(&part)),
                _ => {}
            }
        }
        let each = commas.len() + ands.len();
        if each > 0 && !ors.is_empty() {
            self.diagnostics
                .push(errors::mixed_actions(span, &names, &commas, &ands, &ors));
        } else if !ands.is_empty() {
            self.diagnostics.push(errors::joined_by_and(&ands, &self.spans_before(&ands)));
        }
        (names, if ors.is_empty() || each > 0 { Join::Each } else { Join::OneOf })
    }

    /// The blanks before each place, so that a word can be replaced by a comma.
    fn spans_before(&self, places: &[Span]) -> Vec<Span> {
        let before = |place: &Span| {
            let text = self.original.get(..place.start as usize).unwrap_or("");
            Span::new(self.file, text.trim_end().len()..place.end as usize)
        };
        places.iter().map(before).collect()
    }

    fn modifiers(&mut self, pair: &Pair<'_>) -> Vec<Modifier> {
        pair.clone()
            .into_inner()
            .filter_map(|part| {
                let kind = self.modifier(&part)?;
                Some(Modifier {
                    kind,
                    span: self.span_of(&part),
                })
            })
            .collect()
    }

    fn modifier(&self, pair: &Pair<'_>) -> Option<ModifierKind> {
        let after = || child(pair, Node::name).map(|n| self.word(&n));
        let duration = || child(pair, Node::duration).map(|d| self.quantity(&d));
        Some(match pair.as_rule() {
            Node::within => {
                let limit = match child(pair, Node::vague) {
                    Some(vague) => Deadline::Vague(vague_deadline(&vague), self.span_of(&vague)),
                    None => Deadline::Quantity(duration()?),
                };
                ModifierKind::Within { limit, after: after() }
            }
            Node::not_before => ModifierKind::NotBefore {
                start: duration()?,
                after: after(),
            },
            Node::between => {
                let start = self.quantity(&child(pair, Node::quantity)?);
                ModifierKind::Between {
                    start,
                    end: duration()?,
                    after: after(),
                }
            }
            Node::for_duration => {
                let bound = child(pair, Node::bound).map(|b| match has(&b, Node::kw_most) {
                    true => Bound::AtMost,
                    false => Bound::AtLeast,
                });
                ModifierKind::For {
                    bound,
                    duration: duration()?,
                }
            }
            Node::every => ModifierKind::Every { interval: duration()? },
            Node::line => ModifierKind::Line { line: self.number(pair) },
            Node::with => ModifierKind::With { text: self.text(pair) },
            Node::instead_of => ModifierKind::InsteadOf {
                actions: self.names(pair),
            },
            Node::before => ModifierKind::Before {
                actions: self.names(pair),
            },
            Node::preferred_to => ModifierKind::PreferredTo {
                actions: self.names(pair),
            },
            _ => return None,
        })
    }

    // ─── Conditions ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// The condition of a clause.
    fn condition_in(&mut self, pair: &Pair<'_>) -> Expr {
        match child(pair, Node::condition) {
            Some(condition) => self.condition(condition),
            None => Expr {
                kind: ExprKind::Broken,
                span: self.span_of(pair),
            },
        }
    }

    fn conditions(&mut self, pair: &Pair<'_>) -> Vec<Expr> {
        children(pair, Node::condition).map(|c| self.condition(c)).collect()
    }

    fn condition(&mut self, pair: Pair<'_>) -> Expr {
        let span = self.span_of(&pair);
        let mut parts: Vec<Expr> = children(&pair, Node::and_condition).map(|c| self.and_condition(c)).collect();
        if parts.len() == 1
            && let Some(only) = parts.pop()
        {
            return only;
        }
        if parts.iter().any(|p| matches!(p.kind, ExprKind::And(_))) {
            let diagnostic = self.mixed_and_or(span, &parts);
            self.diagnostics.push(diagnostic);
        }
        Expr {
            kind: ExprKind::Or(parts),
            span,
        }
    }

    fn and_condition(&mut self, pair: Pair<'_>) -> Expr {
        let span = self.span_of(&pair);
        let mut parts: Vec<Expr> = pair.into_inner().filter_map(|p| self.operand(p)).collect();
        if parts.len() == 1
            && let Some(only) = parts.pop()
        {
            return only;
        }
        Expr {
            kind: ExprKind::And(parts),
            span,
        }
    }

    /// Both readings of `a and b or c`, as edits that put in the missing parentheses.
    fn mixed_and_or(&self, span: Span, parts: &[Expr]) -> Diagnostic {
        let mut and_first = Vec::new();
        let mut or_first = Vec::new();
        // The run of operands joined by `or`, and whether it has more than one.
        let mut run: Option<(Span, bool)> = None;
        let grown = |run: Option<(Span, bool)>, span: Span| run.map_or((span, false), |(first, _)| (first.to(span), true));
        for part in parts {
            let ExprKind::And(operands) = &part.kind else {
                run = Some(grown(run, part.span));
                continue;
            };
            and_first.push(part.span);
            if let (Some(first), Some(last)) = (operands.first(), operands.last()) {
                or_first.extend(run.map(|run| grown(Some(run), first.span)));
                run = Some((last.span, false));
            }
        }
        or_first.extend(run);
        let or_first: Vec<Span> = or_first
            .into_iter()
            .filter(|(_, several)| *several)
            .map(|(span, _)| span)
            .collect();
        let reading = |groups: &[Span]| {
            let edits: Vec<Edit> = groups
                .iter()
                .flat_map(|g| {
                    let open = Edit {
                        span: Span { end: g.start, ..*g },
                        replacement: "(".to_string(),
                    };
                    [
                        open,
                        Edit {
                            span: g.after(),
                            replacement: ")".to_string(),
                        },
                    ]
                })
                .collect();
            let replacements: Vec<_> = edits
                .iter()
                .map(|e| super::patched::Replacement {
                    range: e.span.start.saturating_sub(span.start) as usize..e.span.end.saturating_sub(span.start) as usize,
                    text: e.replacement.clone(),
                })
                .collect();
            let original = self.original.get(span.range()).unwrap_or("");
            let text = Patched::new(original, &replacements)
                .text()
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
            (text, edits)
        };
        errors::mixed_and_or(span, [reading(&and_first), reading(&or_first)])
    }

    /// One part of a condition, if the pair is one.
    fn operand(&mut self, pair: Pair<'_>) -> Option<Expr> {
        let span = self.span_of(&pair);
        let kind = match pair.as_rule() {
            Node::not => ExprKind::Not(Box::new(pair.into_inner().find_map(|p| self.operand(p))?)),
            Node::paren => ExprKind::Paren(Box::new(self.condition_in(&pair))),
            Node::quantified => self.quantified(&pair),
            Node::hole => ExprKind::Broken,
            Node::test => self.test(pair),
            _ => return None,
        };
        Some(Expr { kind, span })
    }

    fn quantified(&mut self, pair: &Pair<'_>) -> ExprKind {
        let quantifier = match child(pair, Node::at_least) {
            Some(at_least) => Quantifier::AtLeast(self.number(&at_least)),
            None if has(pair, Node::all) => Quantifier::All,
            None if has(pair, Node::none) => Quantifier::None,
            None => Quantifier::Any,
        };
        ExprKind::Of {
            quantifier,
            parts: self.conditions(pair),
        }
    }

    fn test(&mut self, pair: Pair<'_>) -> ExprKind {
        let whole = self.span_of(&pair);
        let term = self.name(&pair);
        let Some(comparison) = pair.into_inner().find(|p| !matches!(p.as_rule(), Node::name)) else {
            return ExprKind::Name(term);
        };
        let (op, operator) = match comparison.as_rule() {
            Node::is_test => {
                let negated = child(&comparison, Node::kw_not);
                if has(&comparison, Node::kw_unknown) {
                    self.diagnostics
                        .push(errors::test_for_unknown(whole, &term.text, negated.is_some()));
                    return ExprKind::Broken;
                }
                let first = child(&comparison, Node::kw_is);
                let list = child(&comparison, Node::is_in).and_then(|i| child(&i, Node::kw_in));
                let op = match (&negated, &list) {
                    (None, None) => Op::Is,
                    (Some(_), None) => Op::IsNot,
                    (None, Some(_)) => Op::IsIn,
                    (Some(_), Some(_)) => Op::IsNotIn,
                };
                (
                    op,
                    [first, negated, list]
                        .into_iter()
                        .flatten()
                        .map(|p| self.span_of(&p))
                        .reduce(Span::to),
                )
            }
            Node::includes => (Op::Includes, child(&comparison, Node::kw_includes).map(|p| self.span_of(&p))),
            _ => self.comparator(&comparison),
        };
        let place = child(&comparison, Node::is_in).unwrap_or_else(|| comparison.clone());
        let values: Vec<Value> = place.into_inner().filter_map(|v| self.value(&v)).collect();
        if let [Value::Name(unit)] = values.as_slice()
            && matches!(op, Op::AtLeast | Op::AtMost | Op::Over | Op::Under)
            && UNIT_WORDS.contains(&unit.text.as_str())
        {
            self.diagnostics.push(errors::missing_number(unit.span, &unit.text));
            return ExprKind::Broken;
        }
        ExprKind::Test {
            term,
            op,
            op_span: operator.unwrap_or(whole),
            values,
        }
    }

    fn comparator(&self, pair: &Pair<'_>) -> (Op, Option<Span>) {
        let found = pair.clone().into_inner().find_map(|p| {
            let op = match p.as_rule() {
                Node::at_or_over => Op::AtLeast,
                Node::at_or_under => Op::AtMost,
                Node::over => Op::Over,
                Node::under => Op::Under,
                _ => return None,
            };
            Some((op, self.span_of(&p)))
        });
        match found {
            Some((op, span)) => (op, Some(span)),
            None => (Op::Is, None),
        }
    }

    // ─── Words ───────────────────────────────────────────────────────────────────────────────────────────────────────

    fn word(&self, pair: &Pair<'_>) -> Name {
        Name {
            text: pair.as_str().to_string(),
            span: self.span_of(pair),
        }
    }

    /// The word of a kind in a pair; the grammar has put one there.
    fn word_in(&self, pair: &Pair<'_>, node: Node) -> Name {
        match child(pair, node) {
            Some(word) => self.word(&word),
            None => Name {
                text: String::new(),
                span: self.span_of(pair),
            },
        }
    }

    fn name(&self, pair: &Pair<'_>) -> Name {
        self.word_in(pair, Node::name)
    }

    fn names(&self, pair: &Pair<'_>) -> Vec<Name> {
        children(pair, Node::name).map(|n| self.word(&n)).collect()
    }

    fn label(&self, pair: &Pair<'_>) -> Option<Text> {
        child(pair, Node::text).map(|t| self.unquoted(&t))
    }

    fn text(&self, pair: &Pair<'_>) -> Text {
        self.label(pair).unwrap_or_else(|| Text {
            text: String::new(),
            span: self.span_of(pair),
        })
    }

    /// Takes the quotes off and undoes `\"` and `\\`.
    fn unquoted(&self, pair: &Pair<'_>) -> Text {
        let quoted = pair.as_str();
        let inner = quoted.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(quoted);
        let mut text = String::with_capacity(inner.len());
        let mut chars = inner.chars();
        while let Some(c) = chars.next() {
            match (c, c == '\\') {
                (_, true) => text.extend(chars.next()),
                (c, false) => text.push(c),
            }
        }
        Text {
            text,
            span: self.span_of(pair),
        }
    }

    fn digits(&self, pair: &Pair<'_>) -> Number {
        Number {
            text: pair.as_str().to_string(),
            span: self.span_of(pair),
        }
    }

    fn number(&self, pair: &Pair<'_>) -> Number {
        match child(pair, Node::number) {
            Some(number) => self.digits(&number),
            None => Number {
                text: "0".to_string(),
                span: self.span_of(pair),
            },
        }
    }

    fn date(&self, pair: &Pair<'_>) -> DateText {
        DateText {
            text: pair.as_str().to_string(),
            span: self.span_of(pair),
        }
    }

    fn unit(&self, pair: &Pair<'_>) -> Option<Unit> {
        pair.clone().into_inner().find_map(|u| match u.as_rule() {
            Node::unit_word | Node::unit_bare => Some(Unit {
                text: u.as_str().to_string(),
                quoted: false,
                span: self.span_of(&u),
            }),
            Node::text => {
                let text = self.unquoted(&u);
                Some(Unit {
                    text: text.text,
                    quoted: true,
                    span: text.span,
                })
            }
            _ => None,
        })
    }

    fn quantity(&self, pair: &Pair<'_>) -> Quantity {
        Quantity {
            number: self.number(pair),
            unit: self.unit(pair),
            span: self.span_of(pair),
        }
    }

    /// A value, if the pair is one.
    fn value(&self, pair: &Pair<'_>) -> Option<Value> {
        Some(match pair.as_rule() {
            Node::date => Value::Date(self.date(pair)),
            Node::quantity | Node::measurement => Value::Quantity(self.quantity(pair)),
            Node::value_name => Value::Name(self.word(pair)),
            _ => return None,
        })
    }
}

fn vague_deadline(pair: &Pair<'_>) -> VagueDeadline {
    match () {
        () if has(pair, Node::kw_hours) => VagueDeadline::Hours,
        () if has(pair, Node::kw_days) => VagueDeadline::Days,
        () if has(pair, Node::kw_weeks) => VagueDeadline::Weeks,
        () => VagueDeadline::Months,
    }
}
