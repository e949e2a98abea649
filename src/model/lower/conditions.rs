//! Conditions: names become facts and definitions, comparisons become tests, units become numbers.

use super::names::{self, Meaning, Wanted};
use super::{Lowering, errors};
use crate::ast::{self, Expr, ExprKind, Op, Quantifier, Value};
use crate::model::{Atom, AtomId, Comparison, Condition, DefinitionId, Fact, FactId, FactType, Term, Test, TestId};
use crate::source::Span;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

impl Lowering<'_> {
    /// Lowers a condition; what cannot be lowered becomes one that never holds, and a finding says why.
    pub(super) fn condition(&mut self, expr: &Expr, file: usize) -> Condition {
        match &expr.kind {
            ExprKind::And(parts) => Condition::All(self.distinct_conditions(parts, false, file)),
            ExprKind::Or(parts) => Condition::Any(self.distinct_conditions(parts, false, file)),
            ExprKind::Not(part) => Condition::Not(Box::new(self.condition(part, file))),
            ExprKind::Paren(part) => self.condition(part, file),
            ExprKind::Of { quantifier, parts } => {
                // Among so many of a list, one that stands there twice counts twice.
                let counts = matches!(quantifier, Quantifier::AtLeast(_));
                let conditions = self.distinct_conditions(parts, counts, file);
                match quantifier {
                    Quantifier::Any => Condition::Any(conditions),
                    Quantifier::All => Condition::All(conditions),
                    Quantifier::None => Condition::Not(Box::new(Condition::Any(conditions))),
                    Quantifier::AtLeast(number) => {
                        let Some(count) = self.whole(number) else {
                            return Condition::never();
                        };
                        if count == 0 || count as usize > parts.len() {
                            self.found.push(errors::impossible_count(number, count, parts.len()));
                        }
                        Condition::AtLeast(count, conditions)
                    }
                }
            }
            ExprKind::Name(name) => self.named(name, file),
            ExprKind::Test {
                term,
                op,
                op_span,
                values,
            } => self
                .test(term, *op, *op_span, values, expr.span, file)
                .unwrap_or_else(Condition::never),
            ExprKind::Broken => {
                let text = self.sources.text(expr.span).to_owned();
                self.names.remember_unread(&text);
                Condition::never()
            }
        }
    }

    /// Conditions in a list, where one that stands there twice was probably meant to be another.
    pub(super) fn distinct_conditions(&mut self, parts: &[Expr], counts: bool, file: usize) -> Vec<Condition> {
        let conditions: Vec<Condition> = parts.iter().map(|part| self.condition(part, file)).collect();
        // Lists are short, and there are many of them.
        let mut first: Vec<((bool, Simple), Span, bool)> = Vec::new();
        let mut by_key: BTreeMap<(bool, Simple), usize> = BTreeMap::new();
        for (part, condition) in parts.iter().zip(&conditions) {
            let Some(key) = self.simple(condition) else { continue };
            let place = match by_key.is_empty() {
                true => first.iter().position(|(known, ..)| *known == key),
                false => by_key.get(&key).copied(),
            };
            // What stands there many times is said once.
            match place.and_then(|place| first.get_mut(place)) {
                Some((.., true)) => {}
                Some((_, earlier, is_said)) => {
                    *is_said = true;
                    let text = self.sources.text(part.span);
                    self.found.push(errors::repeated_condition(part.span, text, *earlier, counts));
                }
                None => {
                    if first.len() == SHORT {
                        by_key = first.iter().enumerate().map(|(place, (key, ..))| (*key, place)).collect();
                    }
                    if first.len() >= SHORT {
                        by_key.insert(key, first.len());
                    }
                    first.push((key, part.span, false));
                }
            }
        }
        conditions
    }

    /// A single test or definition, and whether it is to hold.
    fn simple(&self, condition: &Condition) -> Option<(bool, Simple)> {
        match condition {
            Condition::Atom(atom) => Some((true, Simple::Test(self.library[*atom].test))),
            Condition::Defined(definition) => Some((true, Simple::Definition(*definition))),
            Condition::Not(part) => self.simple(part).map(|(holds, simple)| (!holds, simple)),
            _ => None,
        }
    }

    fn named(&mut self, name: &ast::Name, file: usize) -> Condition {
        match self.names.value(name, file, self.files) {
            Some(Meaning::Fact(fact)) => match &self.library[fact].ty {
                FactType::YesNo => self.atom(fact, Test::Yes, name.span),
                FactType::AnyOf { .. } => self.atom(fact, Test::Nonempty, name.span),
                ty => {
                    let example = example(&self.library[fact].name, ty);
                    self.found
                        .push(errors::not_a_condition(name, &example, self.library[fact].name_span));
                    Condition::never()
                }
            },
            Some(Meaning::Definition(definition)) => Condition::Defined(definition),
            Some(other) => {
                let at = self.meaning_span(other);
                self.found.push(errors::other_kind(name, names::word(other), "a fact", at));
                Condition::never()
            }
            None => {
                self.found
                    .extend(self.names.missing_value(name, &Wanted::Condition, file, self.files));
                Condition::never()
            }
        }
    }

    pub(super) fn atom(&mut self, fact: FactId, test: Test, span: Span) -> Condition {
        let term = Term::Fact(fact);
        let test_id = self.intern(term, &test);
        self.own_tests.add(test_id, term, test);
        let atom = AtomId::from_index(self.library.atoms.len());
        self.library.atoms.push(Atom { test: test_id, span });
        Condition::Atom(atom)
    }

    /// The id of a test; two ways to write one threshold are one test, as it was first written.
    pub(super) fn intern(&mut self, term: Term, test: &Test) -> TestId {
        let same = |a: &Test, b: &Test| match (a, b) {
            (
                Test::Compare {
                    comparison: a, than: x, ..
                },
                Test::Compare {
                    comparison: b, than: y, ..
                },
            ) => a == b && x == y,
            (a, b) => a == b,
        };
        let key = (term, key(test));
        let known = self.test_index.get(&key).copied();
        debug_assert!(known.is_none_or(|id: TestId| same(&self.library[id].1, test)));
        known.unwrap_or_else(|| {
            let id = TestId::from_index(self.library.tests.len());
            self.library.tests.push((term, test.clone()));
            self.test_index.insert(key, id);
            id
        })
    }

    fn test(&mut self, term: &ast::Name, op: Op, op_span: Span, values: &[Value], span: Span, file: usize) -> Option<Condition> {
        let fact = match self.names.value(term, file, self.files) {
            Some(Meaning::Fact(fact)) => fact,
            Some(Meaning::Definition(definition)) => {
                self.found
                    .push(errors::definition_compared(term, self.library[definition].name_span));
                return None;
            }
            Some(other) => {
                let at = self.meaning_span(other);
                self.found.push(errors::other_kind(term, names::word(other), "a fact", at));
                return None;
            }
            None => {
                let wanted = Wanted::Compared(self.fitting_type(op, values));
                self.found.extend(self.names.missing_value(term, &wanted, file, self.files));
                return None;
            }
        };
        let declared = self.declared.get(fact.index())?.clone();
        let nonsense = |cx: &mut Self, help: String, instead: Option<String>| {
            let word = one_line(cx.sources.text(op_span));
            let finding = errors::senseless_comparison(
                op_span,
                &word,
                &declared.name,
                kind_of(&declared.ty),
                &help,
                declared.name_span,
            );
            cx.found.push(errors::with_replacement(finding, span, instead));
        };
        match (&declared.ty, op) {
            (FactType::YesNo, Op::Is | Op::IsNot) => {
                let name = self.one_name(values, fact)?;
                let yes = match name.text.as_str() {
                    "yes" => true,
                    "no" => false,
                    _ => {
                        self.found.push(errors::unknown_value(
                            name,
                            &declared.name,
                            names::near(&name.text, ["yes", "no"]),
                            &["yes", "no"],
                            declared.name_span,
                        ));
                        return None;
                    }
                };
                let atom = self.atom(fact, Test::Yes, span);
                Some(if yes == (op == Op::Is) { atom } else { atom.negated() })
            }
            (FactType::YesNo, _) => {
                nonsense(self, format!("write `{0}` or `not {0}`", declared.name), None);
                None
            }
            (FactType::OneOf { values: known, .. }, Op::Is | Op::IsNot | Op::IsIn | Op::IsNotIn) => {
                let mut chosen = BTreeMap::new();
                for value in values {
                    let position = self.enum_value(value, known, fact)?;
                    match chosen.get(&position) {
                        Some(first) => {
                            let text = self.sources.text(value.span());
                            self.found.push(errors::repeated_condition(value.span(), text, *first, false));
                        }
                        None => {
                            chosen.insert(position, value.span());
                        }
                    }
                }
                let atom = self.atom(fact, Test::In(chosen.into_keys().collect()), span);
                Some(if matches!(op, Op::Is | Op::IsIn) {
                    atom
                } else {
                    atom.negated()
                })
            }
            (
                FactType::OneOf {
                    values: known,
                    ordered: true,
                },
                Op::AtLeast | Op::AtMost | Op::Over | Op::Under,
            ) => {
                let than = self.enum_value(values.first()?, known, fact)?;
                let holds = |value: usize| match op {
                    Op::AtLeast => value >= than,
                    Op::AtMost => value <= than,
                    Op::Over => value > than,
                    _ => value < than,
                };
                let chosen: Vec<usize> = (0..known.len()).filter(|v| holds(*v)).collect();
                if chosen.is_empty() || chosen.len() == known.len() {
                    let (always, text) = (!chosen.is_empty(), one_line(self.sources.text(span)));
                    let why = format!("the values are {}", known.join(" < "));
                    let finding = errors::settled_comparison(span, &text, always, &why, declared.name_span);
                    self.found.push(match op {
                        Op::Over => errors::beyond_the_scale(finding, op_span, "at least"),
                        Op::Under => errors::beyond_the_scale(finding, op_span, "at most"),
                        _ => finding,
                    });
                }
                Some(self.atom(fact, Test::In(chosen), span))
            }
            (FactType::OneOf { values: known, .. }, _) => {
                let first = known.first().map_or("…", String::as_str);
                let value = self.known_names(values, known).first().cloned();
                match op {
                    Op::Includes => {
                        let write = |value: &str| format!("{} is {value}", declared.name);
                        let help = format!("write `{}`", write(value.as_deref().unwrap_or(first)));
                        nonsense(self, help, value.as_deref().map(write));
                    }
                    _ => {
                        let help = format!(
                            "the values of `{}` have no order; name them: `{0} is in ({first}, …)`",
                            declared.name
                        );
                        nonsense(self, help, None);
                    }
                }
                None
            }
            (FactType::AnyOf { members }, Op::Includes) => {
                let name = self.one_name(values, fact)?;
                match members.iter().position(|m| *m == name.text) {
                    Some(member) => Some(self.atom(fact, Test::Includes(member), span)),
                    None => {
                        let known: Vec<&str> = members.iter().map(String::as_str).collect();
                        let near = names::near(&name.text, known.iter().copied());
                        self.found
                            .push(errors::unknown_value(name, &declared.name, near, &known, declared.name_span));
                        None
                    }
                }
            }
            (FactType::AnyOf { members }, _) => {
                let first = members.first().map_or("…", String::as_str);
                let includes = |member: &str| format!("{} includes {member}", declared.name);
                let named: Vec<String> = self.known_names(values, members).iter().map(|m| includes(m)).collect();
                let instead = match (op, named.as_slice()) {
                    (Op::Is | Op::IsIn, [only]) => Some(only.clone()),
                    (Op::IsNot | Op::IsNotIn, [only]) => Some(format!("not {only}")),
                    (Op::IsIn, [_, ..]) => Some(format!("any of ({})", named.join(", "))),
                    (Op::IsNotIn, [_, ..]) => Some(format!("none of ({})", named.join(", "))),
                    _ => None,
                };
                let example = instead.clone().unwrap_or_else(|| includes(first));
                let help = format!("write `{example}`, or `{}` alone if any member will do", declared.name);
                nonsense(self, help, instead);
                None
            }
            (FactType::Date, Op::AtLeast | Op::AtMost | Op::Over | Op::Under | Op::Is | Op::IsNot) => {
                let Some(Value::Date(date)) = values.first() else {
                    let span = values.first().map_or(op_span, Value::span);
                    self.found.push(errors::not_a_date(
                        span,
                        self.sources.text(span),
                        &declared.name,
                        declared.name_span,
                    ));
                    return None;
                };
                let Ok(day) = date.text.parse::<jiff::civil::Date>() else {
                    self.found.push(errors::no_such_date(date));
                    return None;
                };
                let than = Decimal::from(crate::model::days_since_epoch(day));
                self.compare(fact, op, than, date.text.clone(), span)
            }
            (
                FactType::Quantity { .. } | FactType::Count | FactType::TimeSince { .. },
                Op::AtLeast | Op::AtMost | Op::Over | Op::Under | Op::Is | Op::IsNot,
            ) => {
                let quantity = match values.first()? {
                    Value::Quantity(quantity) => quantity,
                    other => {
                        let text = self.sources.text(other.span()).to_owned();
                        self.found.push(errors::not_a_quantity(
                            other.span(),
                            &text,
                            &declared.name,
                            &example(&declared.name, &declared.ty),
                            declared.name_span,
                        ));
                        return None;
                    }
                };
                let (than, written) = self.number(quantity, &declared.ty, &declared.name, declared.name_span)?;
                self.compare(fact, op, than, written, span)
            }
            (ty, _) => {
                nonsense(self, format!("write `{}`", example(&declared.name, ty)), None);
                None
            }
        }
    }

    /// The values that are names of the fact's own.
    fn known_names(&self, values: &[Value], known: &[String]) -> Vec<String> {
        let name = |value: &Value| match value {
            Value::Name(name) if known.contains(&name.text) => Some(name.text.clone()),
            _ => None,
        };
        values.iter().filter_map(name).collect()
    }

    /// The type that a fact would need for a comparison that somebody wrote.
    fn fitting_type(&self, op: Op, values: &[Value]) -> String {
        match (op, values.first()) {
            (_, Some(Value::Date(_))) => "date".to_owned(),
            (_, Some(Value::Quantity(quantity))) => match &quantity.unit {
                Some(unit) => format!("quantity in {}", self.sources.text(unit.span)),
                None => "count".to_owned(),
            },
            (Op::Includes, Some(Value::Name(name))) => format!("any of {}, …", name.text),
            (_, Some(Value::Name(name))) if matches!(name.text.as_str(), "yes" | "no") => "yes/no".to_owned(),
            (Op::Is | Op::IsNot | Op::IsIn | Op::IsNotIn, Some(Value::Name(name))) => format!("one of {}, …", name.text),
            (_, Some(Value::Name(name))) => format!("one of {} < …", name.text),
            (_, None) => "yes/no".to_owned(),
        }
    }

    fn compare(&mut self, fact: FactId, op: Op, than: Decimal, written: String, span: Span) -> Option<Condition> {
        let comparison = match op {
            Op::AtLeast => Comparison::AtLeast,
            Op::AtMost => Comparison::AtMost,
            Op::Over => Comparison::Over,
            Op::Under => Comparison::Under,
            _ => Comparison::Equal,
        };
        let declared = &self.library[fact];
        if let Some(holds) = settled(declared, comparison, than) {
            // `is not` turns the answer round.
            let (always, text) = (holds != (op == Op::IsNot), one_line(self.sources.text(span)));
            let why = match declared.range {
                Some(_) => "the range of the fact settles it",
                None => "a count or a time is never below 0",
            };
            self.found
                .push(errors::settled_comparison(span, &text, always, why, declared.name_span));
        }
        let atom = self.atom(
            fact,
            Test::Compare {
                comparison,
                than,
                written,
            },
            span,
        );
        Some(if op == Op::IsNot { atom.negated() } else { atom })
    }

    fn one_name<'v>(&mut self, values: &'v [Value], fact: FactId) -> Option<&'v ast::Name> {
        match values.first()? {
            Value::Name(name) => Some(name),
            other => {
                let declared = &self.library[fact];
                let text = self.sources.text(other.span());
                self.found.push(errors::not_a_value(
                    other.span(),
                    text,
                    &declared.name,
                    &example(&declared.name, &declared.ty),
                    declared.name_span,
                ));
                None
            }
        }
    }

    fn enum_value(&mut self, value: &Value, known: &[String], fact: FactId) -> Option<usize> {
        let Value::Name(name) = value else {
            self.one_name(std::slice::from_ref(value), fact)?;
            return None;
        };
        let position = known.iter().position(|v| *v == name.text);
        if position.is_none() {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let near = names::near(&name.text, known.iter().copied());
            let declared = &self.library[fact];
            self.found
                .push(errors::unknown_value(name, &declared.name, near, &known, declared.name_span));
        }
        position
    }
}

/// Up to how many entries a list is looked through from its beginning.
const SHORT: usize = 16;

/// A test or a definition by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Simple {
    Test(TestId),
    Definition(DefinitionId),
}

/// The answer that every value within the range of a fact gives, if there is one.
fn settled(fact: &Fact, comparison: Comparison, than: Decimal) -> Option<bool> {
    let zero_up = matches!(fact.ty, FactType::Count | FactType::TimeSince { .. });
    let low = fact.range.map(|(low, _)| low).or(zero_up.then_some(Decimal::ZERO))?;
    let high = fact.range.map(|(_, high)| high);
    let above = high.is_some_and(|high| high < than);
    let from_above = high.is_some_and(|high| high <= than);
    match comparison {
        Comparison::AtLeast if low >= than => Some(true),
        Comparison::AtLeast if above => Some(false),
        Comparison::Over if low > than => Some(true),
        Comparison::Over if from_above => Some(false),
        Comparison::AtMost if from_above => Some(true),
        Comparison::AtMost if low > than => Some(false),
        Comparison::Under if above => Some(true),
        Comparison::Under if low >= than => Some(false),
        Comparison::Equal if low > than || above => Some(false),
        _ => None,
    }
}

/// Text as written, on one line.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The meaning of a test, without the words it was written in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum TestKey {
    Yes,
    In(Vec<usize>),
    Includes(usize),
    Nonempty,
    Compare(Comparison, Decimal),
}

fn key(test: &Test) -> TestKey {
    match test {
        Test::Yes => TestKey::Yes,
        Test::In(values) => TestKey::In(values.clone()),
        Test::Includes(member) => TestKey::Includes(*member),
        Test::Nonempty => TestKey::Nonempty,
        Test::Compare { comparison, than, .. } => TestKey::Compare(*comparison, than.normalize()),
    }
}

/// What a fact of this type is, in a clinician's words.
pub(super) fn kind_of(ty: &FactType) -> &'static str {
    match ty {
        FactType::YesNo => "yes or no",
        FactType::OneOf { ordered: true, .. } => "one of several values in order",
        FactType::OneOf { .. } => "one of several values",
        FactType::AnyOf { .. } => "a set",
        FactType::Date => "a date",
        FactType::Quantity { .. } => "a quantity",
        FactType::Count => "a count",
        FactType::TimeSince { .. } => "a time",
    }
}

/// A condition that fits a fact of this type.
pub(super) fn example(name: &str, ty: &FactType) -> String {
    match ty {
        FactType::YesNo => name.to_owned(),
        FactType::OneOf { values, .. } => format!("{name} is {}", values.first().map_or("…", String::as_str)),
        FactType::AnyOf { members } => format!("{name} includes {}", members.first().map_or("…", String::as_str)),
        FactType::Date => format!("{name} at least 2026-02-01"),
        FactType::Quantity {
            unit: crate::model::units::Unit::Time(unit),
        } => format!("{name} at least 6 {}", unit.plural()),
        FactType::Quantity { unit } => format!("{name} at least 6 \"{}\"", unit.written()),
        FactType::Count => format!("{name} at least 2"),
        FactType::TimeSince { .. } => format!("{name} at least 6 weeks"),
    }
}

/// The definitions that a condition names.
pub(super) fn definitions(condition: &Condition, used: &mut BTreeSet<DefinitionId>) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) | Condition::AtLeast(_, parts) => {
            parts.iter().for_each(|part| definitions(part, used));
        }
        Condition::Not(part) => definitions(part, used),
        Condition::Defined(definition) => {
            used.insert(*definition);
        }
        Condition::Atom(_) => {}
    }
}
