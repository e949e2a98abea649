//! Small changes to what authors wrote, each of which a good suite of cases notices.
//!
//! In: trees and their texts. Out: [`Mutant`]s: a span and what stands there instead.
//! Must not know: whether a case notices, or anybody at all.
//!
//! Only what decides advice is changed. Notes, claims and assumptions are left alone: no case can expect a note or a claim, and
//! an assumption says which patients there are.

use super::{Kind, Mutant};
use crate::ast::{
    Deadline, Decision, Effect, Expr, ExprKind, Item, Modality, Modifier, ModifierKind, Name, Op, Quantifier, Quantity, Rule,
    Urgency, VagueDeadline, Value,
};
use crate::load::Loaded;
use crate::model::{FactType, Leaf, Library, SettlementDecision, Status};
use crate::source::Span;
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// Every mutant of the guidelines that are not retired, in the order of files and of their text.
pub(super) fn mutants(loaded: &Loaded) -> Vec<Mutant> {
    let library = &loaded.library;
    let mut edits = Edits {
        loaded,
        deciding: deciding(library),
        subject: String::new(),
        found: Vec::new(),
    };
    for (index, tree) in loaded.trees.iter().enumerate() {
        let guideline = library.files.get(index).and_then(|file| file.guideline);
        if guideline.is_some_and(|g| library[g].status == Status::Retired) {
            continue;
        }
        let before = edits.found.len();
        tree.tree.items.iter().for_each(|item| edits.item(item));
        if let Some(own) = edits.found.get_mut(before..) {
            own.sort_by_key(|m| (m.span.start, m.span.end));
            own.iter_mut().for_each(|m| m.file = index);
        }
    }
    edits.found
}

/// Where the definitions stand that decide advice; others only say for whom a note is shown, or what an author claims.
fn deciding(library: &Library) -> BTreeSet<Span> {
    let guards = library.effects.iter().map(|effect| &effect.guard);
    let decisions = library
        .settlements
        .iter()
        .filter_map(|settlement| match &settlement.decision {
            SettlementDecision::Prefer { when, .. } => Some(when),
            SettlementDecision::LeaveOpen => None,
        });
    let leaves = guards.chain(decisions).flat_map(|condition| library.leaves(condition));
    let definitions: BTreeSet<_> = leaves.filter_map(Leaf::definition).collect();
    definitions.into_iter().map(|id| library[id].name_span).collect()
}

struct Edits<'a> {
    loaded: &'a Loaded,
    /// The definitions that decide something, by where their names stand.
    deciding: BTreeSet<Span>,
    /// The declaration that is being changed, by name.
    subject: String,
    found: Vec<Mutant>,
}

impl Edits<'_> {
    fn item(&mut self, item: &Item) {
        match item {
            Item::Guideline(guideline) => {
                self.subject = format!("scope of {}", guideline.name.text);
                if let Some(applies) = &guideline.applies {
                    self.clause_removed("applies", guideline.name.span, applies);
                    self.condition(applies);
                }
            }
            Item::Define(define) if self.deciding.contains(&define.name.span) => {
                self.subject.clone_from(&define.name.text);
                self.condition(&define.condition);
            }
            Item::Section(section) => {
                self.subject = format!("section {}", section.heading.text);
                for (word, condition) in [("when", &section.when), ("applies", &section.applies)] {
                    if let Some(condition) = condition {
                        self.clause_removed(word, section.heading.span, condition);
                        self.condition(condition);
                    }
                }
            }
            Item::Rule(rule) => self.rule(rule),
            Item::Reconcile(reconcile) => {
                let names: Vec<&str> = reconcile.rules.iter().map(|r| r.rule.text.as_str()).collect();
                self.subject = names.join(" with ");
                if let Decision::Prefer { rule, when } = &reconcile.decision {
                    if let Some(when) = when {
                        self.clause_removed("when", rule.span, when);
                        self.condition(when);
                    }
                    let end = when.as_ref().map_or(rule.span, |when| when.span);
                    if let Some(start) = self.keyword_before("prefer", rule.span, reconcile.span.start) {
                        self.replace(Kind::Decision, start.to(end), "leave open");
                    }
                }
            }
            _ => {}
        }
    }

    fn rule(&mut self, rule: &Rule) {
        let place = self.loaded.sources.get(rule.span.file);
        self.subject = match &rule.name {
            Some(name) => name.text.clone(),
            None => format!(
                "rule in line {}",
                place.map_or(0, |p| p.line_column(rule.span.start as usize).line)
            ),
        };
        if let Some(when) = &rule.when {
            if let Some(start) = self.keyword_before("when", when.span, rule.span.start) {
                self.replace(Kind::Guard, start.to(when.span), "always");
            }
            self.condition(when);
        }
        if let Some(unless) = &rule.unless {
            self.clause_removed("unless", rule.when.as_ref().map_or(rule.span, |w| w.span), unless);
            self.condition(unless);
        }
        rule.effects.iter().for_each(|effect| self.effect(effect));
        self.each_removed(Kind::Overrides, "overrides", &rule.overrides, rule.span.start);
    }

    // ─── Advice ──────────────────────────────────────────────────────────────────────────────────────────────────────

    fn effect(&mut self, effect: &Effect) {
        self.modality(effect);
        if let Some((urgency, span)) = effect.urgency {
            let other = match urgency {
                Urgency::Immediate | Urgency::Routine => "urgent",
                Urgency::Urgent => "routine",
            };
            self.replace(Kind::Urgency, span, other);
            self.replace(Kind::Urgency, span, "");
        }
        effect.modifiers.iter().for_each(|modifier| self.modifier(modifier));
        if let Some(only_when) = &effect.only_when {
            self.clause_removed("only", effect.span, only_when);
            self.condition(only_when);
        }
        if let Some(unless) = &effect.unless {
            let after = effect.only_when.as_ref().map_or(effect.span, |o| o.span);
            self.clause_removed("unless", after, unless);
            self.condition(unless);
        }
    }

    /// The other direction, and the other strength in the same direction.
    fn modality(&mut self, effect: &Effect) {
        let (modality, span, then) = match effect.modality {
            Some((modality, span)) => (modality, span, ""),
            None => {
                let start = effect.span.start;
                let then = Span {
                    end: start.saturating_add(4),
                    ..effect.span
                };
                (Modality::Recommend, then, "then ")
            }
        };
        let others = match modality {
            Modality::Recommend => ["avoid", "consider"],
            Modality::Consider => ["avoid", "recommend"],
            Modality::Avoid => ["recommend", "never"],
            Modality::Never => ["recommend", "avoid"],
        };
        for other in others {
            self.replace(Kind::Modality, span, &format!("{then}{other}"));
        }
    }

    fn modifier(&mut self, modifier: &Modifier) {
        let clock = |edits: &mut Self, end: Span, after: &Option<Name>| {
            if let Some(after) = after {
                edits.replace(Kind::Deadline, end.after().to(after.span), "");
            }
        };
        match &modifier.kind {
            ModifierKind::Within { limit, after } => {
                match limit {
                    Deadline::Quantity(quantity) => {
                        self.moved(Kind::Deadline, quantity);
                        clock(self, quantity.span, after);
                    }
                    Deadline::Vague(vague, span) => {
                        let other = match vague {
                            VagueDeadline::Hours | VagueDeadline::Weeks => "days",
                            VagueDeadline::Days => "hours",
                            VagueDeadline::Months => "weeks",
                        };
                        self.replace(Kind::Deadline, *span, other);
                        clock(self, *span, after);
                    }
                }
                self.replace(Kind::Deadline, modifier.span, "");
            }
            ModifierKind::NotBefore { start, after } => {
                self.moved(Kind::Deadline, start);
                clock(self, start.span, after);
                self.replace(Kind::Deadline, modifier.span, "");
            }
            ModifierKind::Between { start, end, after } => {
                self.moved(Kind::Deadline, start);
                self.moved(Kind::Deadline, end);
                clock(self, end.span, after);
                self.replace(Kind::Deadline, modifier.span, "");
            }
            ModifierKind::InsteadOf { actions } => {
                self.each_removed(Kind::InsteadOf, "instead", actions, modifier.span.start);
            }
            _ => {}
        }
    }

    // ─── Conditions ──────────────────────────────────────────────────────────────────────────────────────────────────

    fn condition(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::And(parts) => self.joined(expr, parts, "or"),
            ExprKind::Or(parts) => self.joined(expr, parts, "and"),
            ExprKind::Not(part) => {
                let bare = self.text(part.span).to_owned();
                self.replace(Kind::Negation, expr.span, &bare);
                if !matches!(part.kind, ExprKind::Name(_) | ExprKind::Test { .. }) {
                    self.condition(part);
                } else {
                    self.test(part);
                }
            }
            ExprKind::Paren(part) => self.condition(part),
            ExprKind::Of { quantifier, parts } => {
                self.quantifier(expr, quantifier);
                self.parts_dropped(parts);
                parts.iter().for_each(|part| self.condition(part));
            }
            ExprKind::Name(_) | ExprKind::Test { .. } => {
                let negated = format!("not {}", self.text(expr.span));
                self.replace(Kind::Negation, expr.span, &negated);
                self.test(expr);
            }
            ExprKind::Broken => {}
        }
    }

    fn joined(&mut self, expr: &Expr, parts: &[Expr], joint: &str) {
        let texts: Vec<&str> = parts.iter().map(|part| self.text(part.span)).collect();
        let other = texts.join(&format!(" {joint} "));
        self.replace(Kind::Joint, expr.span, &other);
        self.parts_dropped(parts);
        parts.iter().for_each(|part| self.condition(part));
    }

    fn parts_dropped(&mut self, parts: &[Expr]) {
        let spans: Vec<Span> = parts.iter().map(|part| part.span).collect();
        self.each_dropped(Kind::Operand, &spans);
    }

    fn quantifier(&mut self, expr: &Expr, quantifier: &Quantifier) {
        let word = |length: u32| Span {
            end: expr.span.start.saturating_add(length),
            ..expr.span
        };
        match quantifier {
            Quantifier::Any => self.replace(Kind::Joint, word(3), "all"),
            Quantifier::All => self.replace(Kind::Joint, word(3), "any"),
            Quantifier::None => self.replace(Kind::Negation, word(4), "any"),
            Quantifier::AtLeast(number) => {
                if let Ok(least) = number.text.parse::<u32>() {
                    for other in [least.checked_sub(1), least.checked_add(1)].into_iter().flatten() {
                        self.replace(Kind::Threshold, number.span, &other.to_string());
                    }
                }
            }
        }
    }

    fn test(&mut self, expr: &Expr) {
        let ExprKind::Test {
            term,
            op,
            op_span,
            values,
        } = &expr.kind
        else {
            return;
        };
        let boundary = match op {
            Op::AtLeast => Some("over"),
            Op::Over => Some("at least"),
            Op::AtMost => Some("under"),
            Op::Under => Some("at most"),
            _ => None,
        };
        if let Some(other) = boundary {
            self.replace(Kind::Boundary, *op_span, other);
        }
        if values.len() > 1 {
            let spans: Vec<Span> = values.iter().map(Value::span).collect();
            self.each_dropped(Kind::Value, &spans);
        }
        for value in values {
            match value {
                Value::Quantity(quantity) => self.moved(Kind::Threshold, quantity),
                Value::Date(date) => {
                    if let Ok(day) = date.text.parse::<Date>() {
                        for other in [day.yesterday(), day.tomorrow()].into_iter().flatten() {
                            self.replace(Kind::Threshold, date.span, &other.to_string());
                        }
                    }
                }
                Value::Name(name) => {
                    let others: Vec<&str> = values.iter().map(|v| self.text(v.span())).collect();
                    if let Some(other) = self.neighbour(term, name, &others) {
                        self.replace(Kind::Value, name.span, &other);
                    }
                }
            }
        }
    }

    /// The value or member declared after this one, or before it where it is the last, that the test does not name already.
    fn neighbour(&self, term: &Name, value: &Name, named: &[&str]) -> Option<String> {
        let library = &self.loaded.library;
        let fact = *library.fact_names.get(&term.text)?;
        let (FactType::OneOf { values, .. } | FactType::AnyOf { members: values }) = &library[fact].ty else {
            return None;
        };
        let place = values.iter().position(|v| *v == value.text)?;
        let (before, after) = (values.iter().take(place).rev(), values.iter().skip(place + 1));
        after.chain(before).find(|v| !named.contains(&v.as_str())).cloned()
    }

    // ─── Edits ───────────────────────────────────────────────────────────────────────────────────────────────────────

    fn text(&self, span: Span) -> &str {
        self.loaded.sources.text(span)
    }

    fn replace(&mut self, kind: Kind, span: Span, replacement: &str) {
        if self.text(span) == replacement {
            return;
        }
        self.found.push(Mutant {
            kind,
            file: 0,
            span,
            replacement: replacement.to_owned(),
            subject: self.subject.clone(),
        });
    }

    /// A quantity one step less and one step more: a day for weeks, else one of the last digit that is written.
    fn moved(&mut self, kind: Kind, quantity: &Quantity) {
        let Ok(number) = quantity.number.text.parse::<Decimal>() else {
            return;
        };
        let in_weeks = quantity
            .unit
            .as_ref()
            .is_some_and(|u| matches!(u.text.as_str(), "week" | "weeks"));
        let step = Decimal::new(1, number.scale());
        let week = Decimal::from(7);
        for sign in [-Decimal::ONE, Decimal::ONE] {
            if in_weeks && number.is_integer() {
                let days = number.checked_mul(week).map(|days| days + sign);
                if let Some(days) = days {
                    self.replace(kind, quantity.span, &format!("{} days", days.normalize()));
                }
            } else if let Some(other) = number.checked_add(sign * step) {
                self.replace(kind, quantity.number.span, &other.to_string());
            }
        }
    }

    /// The clause without which a condition would not be there, from its keyword on.
    fn clause_removed(&mut self, keyword: &str, after: Span, condition: &Expr) {
        if let Some(start) = self.keyword_before(keyword, condition.span, after.start) {
            self.replace(Kind::Guard, start.to(condition.span), "");
        }
    }

    /// The last place of a keyword between a byte and a span.
    fn keyword_before(&self, keyword: &str, span: Span, from: u32) -> Option<Span> {
        let between = Span {
            start: from,
            end: span.start,
            ..span
        };
        let at = self.text(between).rfind(keyword)?;
        let start = from as usize + at;
        Some(Span::new(span.file, start..start + keyword.len()))
    }

    /// Each name of a list removed, and the clause where it is the only one.
    fn each_removed(&mut self, kind: Kind, keyword: &str, names: &[Name], from: u32) {
        if let [only] = names {
            if let Some(start) = self.keyword_before(keyword, only.span, from) {
                self.replace(kind, start.to(only.span), "");
            }
            return;
        }
        let spans: Vec<Span> = names.iter().map(|name| name.span).collect();
        self.each_dropped(kind, &spans);
    }

    /// Each of several parts dropped, with what joins it to its neighbour.
    fn each_dropped(&mut self, kind: Kind, parts: &[Span]) {
        for (place, part) in parts.iter().enumerate() {
            let before = place.checked_sub(1).and_then(|p| parts.get(p));
            let span = match (before, parts.get(place + 1)) {
                (Some(before), _) => before.after().to(*part),
                (None, Some(next)) => Span {
                    end: next.start,
                    ..*part
                },
                (None, None) => continue,
            };
            self.replace(kind, span, "");
        }
    }
}
