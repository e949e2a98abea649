//! Where the lines of a declaration begin, and where they may break.

use super::tokens::Token;
use crate::ast::{self, Decision, ExpectKind, Expr, Item, Modifier, ModifierKind};
use crate::source::Span;
use std::collections::BTreeMap;
use std::ops::Range;

/// What a place between two tokens is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    /// The best place to break a line that is too long.
    Part,
    /// The second best.
    SmallPart,
    /// A line of its own begins here.
    Line,
    /// So does a clause that belongs to the whole rule, with its place among them.
    Closing(u8),
}

/// The marks of one declaration, by the first byte of the token after the place.
pub(super) struct Marks<'a, 't> {
    tokens: &'a [Token<'t>],
    marks: BTreeMap<usize, Mark>,
    /// Texts inside which `and` joins two numbers.
    pub(super) numbers: Vec<Range<usize>>,
}

/// The order of the clauses after the last `then`.
const CLOSING: [&str; 5] = ["cite", "from", "evidence", "because", "overrides"];

impl<'a, 't> Marks<'a, 't> {
    pub(super) fn new(item: &Item, tokens: &'a [Token<'t>]) -> Self {
        let mut marks = Marks {
            tokens,
            marks: BTreeMap::new(),
            numbers: Vec::new(),
        };
        marks.item(item);
        marks
    }

    pub(super) fn at(&self, token: &Token<'_>) -> Option<Mark> {
        self.marks.get(&token.start).copied()
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Guideline(guideline) => self.guideline(guideline),
            Item::Use(_) | Item::Scale(_) | Item::Broken(_) => {}
            Item::Source(source) => self.source(source),
            Item::Fact(fact) => self.fact(fact),
            Item::Action(action) => self.action(action),
            Item::Define(define) => {
                self.mark(define.condition.span, 0, Mark::Line);
                self.words(&["cite", "from"], Mark::Line);
            }
            Item::Assume(assume) => {
                if let ast::AssumeKind::Implies { right, .. } = &assume.kind {
                    self.mark(right.span, 1, Mark::Part);
                }
                self.words(&["cite", "from", "because"], Mark::Line);
            }
            Item::Section(section) => {
                self.condition(&section.when, 1, Mark::Part);
                self.condition(&section.applies, 2, Mark::Part);
                self.words(&["cite", "from"], Mark::Part);
            }
            Item::Rule(rule) => self.rule(rule),
            Item::Note(note) => {
                for (place, (_, actions)) in note.stances.iter().enumerate() {
                    self.name(actions.first(), 1, if place == 0 { Mark::Part } else { Mark::SmallPart });
                }
                self.condition(&note.only_if, 2, Mark::Line);
                self.words(&["cite", "from"], Mark::Line);
            }
            Item::Reconcile(reconcile) => {
                match &reconcile.decision {
                    Decision::Prefer { rule, when } => {
                        self.mark(rule.span, 1, Mark::Line);
                        self.condition(when, 1, Mark::Part);
                    }
                    Decision::LeaveOpen { span } => self.mark(*span, 0, Mark::Line),
                }
                if let Some(sealed) = &reconcile.sealed {
                    self.mark(sealed.span, 1, Mark::Line);
                }
                self.words(&["because"], Mark::Line);
            }
            Item::Complete(complete) => {
                self.mark(complete.over.span, 1, Mark::Part);
                self.name(complete.actions.first(), 1, Mark::Part);
                self.words(&["cite", "from"], Mark::Line);
            }
            Item::Case(case) => self.case(case),
        }
    }

    fn guideline(&mut self, guideline: &ast::Guideline) {
        self.text(&guideline.version, 1, Mark::Part);
        self.name(guideline.status.as_ref(), 1, Mark::Part);
        self.condition(&guideline.applies, 2, Mark::Line);
        self.words(&["cite", "from"], Mark::Line);
    }

    fn source(&mut self, source: &ast::Source) {
        for text in [&source.publisher, &source.url, &source.statements] {
            self.text(text, 1, Mark::SmallPart);
        }
        for number in [&source.year, &source.lists].into_iter().flatten() {
            self.mark(number.span, 1, Mark::SmallPart);
        }
        self.name(source.reads.as_ref().map(|(document, _)| document), 1, Mark::SmallPart);
        // What does not fit beside the title stands under it.
        if let Some(mut first) = self.marks.first_entry() {
            first.insert(Mark::Part);
        }
    }

    fn fact(&mut self, fact: &ast::Fact) {
        // A fact without a question is one line, as long as it fits.
        let mark = if fact.ask.is_some() { Mark::Line } else { Mark::Part };
        self.text(&fact.label, 0, Mark::Part);
        self.text(&fact.ask, 1, mark);
        for code in &fact.codes {
            self.mark(code.span, 0, mark);
        }
        if let Some((from, _)) = &fact.range {
            self.mark(from.span, 1, mark);
        }
        if let Some(span) = fact.default_no {
            self.mark(span, 0, mark);
        }
    }

    fn action(&mut self, action: &ast::Action) {
        self.words(&["is"], Mark::Part);
        for synonym in &action.synonyms {
            self.unless_comma(synonym.span, Mark::Line);
        }
        for code in &action.codes {
            self.mark(code.span, 0, Mark::Line);
        }
    }

    fn rule(&mut self, rule: &ast::Rule) {
        if rule.name.is_some() {
            self.after_colon();
        }
        self.condition(&rule.unless, 1, Mark::Line);
        for effect in &rule.effects {
            self.mark(effect.span, 0, Mark::Line);
            self.modifiers(&effect.modifiers);
            self.condition(&effect.only_when, 2, Mark::Part);
            self.condition(&effect.unless, 1, Mark::Part);
        }
        let evidence: Vec<usize> = rule.evidence.iter().map(|e| e.span.range().start).collect();
        for (place, word) in (0..).zip(CLOSING) {
            for token in self.tokens {
                // Of these words, only `evidence` may be a name.
                if token.text == word && (word != "evidence" || evidence.contains(&token.start)) {
                    self.marks.insert(token.start, Mark::Closing(place));
                }
            }
        }
    }

    fn case(&mut self, case: &ast::Case) {
        self.words(&["from"], Mark::Part);
        for given in &case.givens {
            self.unless_comma(given.span, Mark::Line);
        }
        if let Some(span) = case.otherwise_no {
            self.unless_comma(span, Mark::Line);
        }
        if let Some(on) = &case.on {
            self.mark(on.span, 1, Mark::Line);
        }
        for expect in &case.expects {
            self.mark(expect.span, 0, Mark::Line);
            match &expect.kind {
                ExpectKind::Advice { modifiers, .. } => self.modifiers(modifiers),
                ExpectKind::Undecided { asking, .. } => self.name(asking.first(), 1, Mark::Part),
                ExpectKind::None { .. } | ExpectKind::Disagreement { .. } | ExpectKind::Rejected => {}
            }
        }
        if let Some(span) = case.exactly
            && !case.expects.iter().any(|e| e.span.range().contains(&span.range().start))
        {
            self.mark(span, 0, Mark::Line);
        }
    }

    fn modifiers(&mut self, modifiers: &[Modifier]) {
        for modifier in modifiers {
            self.mark(modifier.span, 0, Mark::Part);
            if let ModifierKind::Between { .. } = modifier.kind {
                self.numbers.push(modifier.span.range());
            }
        }
    }

    // ─── Places ──────────────────────────────────────────────────────────────────────────────────────────────────────

    /// Marks the place `back` tokens before the one with which `span` begins.
    fn mark(&mut self, span: Span, back: usize, mark: Mark) {
        let place = self.token_at(span).and_then(|at| at.checked_sub(back));
        if let Some(token) = place.and_then(|at| self.tokens.get(at)) {
            self.marks.insert(token.start, mark);
        }
    }

    fn token_at(&self, span: Span) -> Option<usize> {
        self.tokens.binary_search_by_key(&span.range().start, |t| t.start).ok()
    }

    fn condition(&mut self, condition: &Option<Expr>, back: usize, mark: Mark) {
        if let Some(condition) = condition {
            self.mark(condition.span, back, mark);
        }
    }

    fn text(&mut self, text: &Option<ast::Text>, back: usize, mark: Mark) {
        if let Some(text) = text {
            self.mark(text.span, back, mark);
        }
    }

    fn name(&mut self, name: Option<&ast::Name>, back: usize, mark: Mark) {
        if let Some(name) = name {
            self.mark(name.span, back, mark);
        }
    }

    /// Marks the keyword before `span`, the first of a list; before the others stands a comma.
    fn unless_comma(&mut self, span: Span, mark: Mark) {
        let before = self.token_at(span).and_then(|at| self.tokens.get(at.checked_sub(1)?));
        if before.is_some_and(|t| t.text != ",") {
            self.mark(span, 1, mark);
        }
    }

    /// Marks words that can be nothing else.
    fn words(&mut self, words: &[&str], mark: Mark) {
        for token in self.tokens.iter().filter(|t| words.contains(&t.text)) {
            self.marks.insert(token.start, mark);
        }
    }

    fn after_colon(&mut self) {
        let mut tokens = self.tokens.iter().skip_while(|t| t.text != ":").skip(1);
        if let Some(token) = tokens.next() {
            self.marks.insert(token.start, Mark::Line);
        }
    }
}
