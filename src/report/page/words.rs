//! Rules, conditions and advice as plain sentences.
//!
//! In: the model. Out: sentences in pieces, each of which may lead to what it speaks of.
//! Must not know: markup.

use super::anchors;
use super::view::{Piece, Sentence};
use crate::model::words::lasting;
use crate::model::{
    ActionId, Algebra, AtomId, Clock, Comparison, Condition, DefinitionId, Effect, FactId, FactType, Join, Library, Modality,
    Origin, RuleId, Term, Test,
};
use crate::report::escape::one_line;
use std::collections::BTreeSet;

/// Says what a library holds.
pub(super) struct Words<'a> {
    library: &'a Library,
    /// Words that some text writes with a small letter, so that they are no names.
    small: BTreeSet<&'a str>,
}

impl<'a> Words<'a> {
    pub(super) fn new(library: &'a Library) -> Self {
        let facts = library.facts.iter().flat_map(|f| f.question.iter().chain([&f.label]));
        let labels = library.actions.iter().map(|a| &a.label);
        let terms = library.definitions.iter().map(|d| &d.label);
        let rules = library.rules.iter().flat_map(|r| r.label.iter().chain(&r.because));
        let notes = library.notes.iter().map(|n| &n.text);
        let rows = library.inventory.iter().map(|row| &row.paraphrase);
        let texts = facts.chain(labels).chain(terms).chain(rules).chain(notes).chain(rows);
        let words = texts.flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
        Words {
            library,
            small: words.filter(|word| word.starts_with(char::is_lowercase)).collect(),
        }
    }

    /// A label inside a sentence. Its first letter is made small where some text of the library writes the word so, or where the
    /// word can be no name; a word that always has its capital, such as a person's name, keeps it.
    pub(super) fn inside(&self, label: &str) -> String {
        let label = one_line(label);
        let first: String = label.chars().take_while(|c| c.is_alphanumeric()).collect();
        let small = first.to_lowercase();
        match label.strip_prefix(first.as_str()) {
            Some(rest) if self.small.contains(small.as_str()) || first.ends_with("ing") => small + rest,
            _ => label.into_owned(),
        }
    }

    pub(super) fn fact(&self, id: FactId) -> Piece {
        let fact = &self.library[id];
        Piece::link("fact", self.inside(&named(&fact.label, &fact.name)), anchors::fact(fact))
    }

    pub(super) fn term(&self, id: DefinitionId) -> Piece {
        let definition = &self.library[id];
        Piece::link(
            "term",
            self.inside(&named(&definition.label, &definition.name)),
            anchors::definition(self.library, id),
        )
    }

    pub(super) fn action(&self, id: ActionId) -> Piece {
        let action = &self.library[id];
        Piece::link(
            "action",
            self.inside(&named(&action.label, &action.name)),
            anchors::action(action),
        )
    }

    /// `A, B and C`
    pub(super) fn actions(&self, actions: &[ActionId], word: &str) -> Sentence {
        listed(actions.iter().map(|a| vec![self.action(*a)]).collect(), word)
    }

    /// A condition as a part of a sentence.
    pub(super) fn condition(&self, condition: &Condition) -> Sentence {
        condition.fold(self).sentence
    }

    /// Whether a condition says anything, and what.
    pub(super) fn guard(&self, condition: &Condition) -> Option<Sentence> {
        (!condition.is_always()).then(|| self.condition(condition))
    }

    /// One piece of advice; `negative` is whether its other half, `only when` the other way round, goes with it.
    pub(super) fn effect(&self, effect: &Effect, negative: bool) -> Sentence {
        let (kind, word) = tone(effect.modality);
        let mut said = vec![Piece::of(kind, word)];
        if let Some(urgency) = effect.urgency {
            said.push(Piece::text(" "));
            said.push(Piece::of("urgency", urgency.word()));
        }
        said.push(Piece::text(" "));
        let joint = match (effect.join, kind) {
            (Join::OneOf, _) | (Join::Each, "avoid" | "never") => "or",
            (Join::Each, _) => "and",
        };
        said.extend(self.actions(&effect.actions, joint));
        self.timing(effect, &mut said);
        self.modifiers(effect, &mut said);
        match &effect.own {
            own if own.is_always() => {}
            own if negative => {
                said.push(Piece::text(", only when "));
                said.extend(self.condition(own));
                said.push(Piece::text("; otherwise "));
                said.push(Piece::of("avoid", "avoid"));
                said.push(Piece::text(" it"));
            }
            Condition::Not(unless) => {
                said.push(Piece::text(", unless "));
                said.extend(self.condition(unless));
            }
            own => {
                said.push(Piece::text(", if "));
                said.extend(self.condition(own));
            }
        }
        said
    }

    fn timing(&self, effect: &Effect, said: &mut Sentence) {
        let (text, clock) = match (&effect.timing.not_before, &effect.timing.deadline) {
            (Some((start, on)), Some((end, _))) => (format!(" between {start} and {end}"), *on),
            (Some((start, on)), None) => (format!(" not before {start}"), *on),
            (None, Some((end, on))) => (format!(" within {end}"), *on),
            (None, None) => return,
        };
        said.push(Piece::of("time", text));
        if let Clock::Date(fact) = clock {
            said.push(Piece::text(" after: "));
            said.push(self.fact(fact));
        }
    }

    fn modifiers(&self, effect: &Effect, said: &mut Sentence) {
        let modifiers = &effect.modifiers;
        let lasting = modifiers
            .duration
            .map(|(bound, duration)| format!(" for {}", lasting(bound, duration)));
        let every = modifiers.every.map(|every| format!(" every {every}"));
        let line = modifiers.line.map(|line| format!(", as line {line} of treatment"));
        said.extend(lasting.into_iter().chain(every).chain(line).map(Piece::text));
        let with = modifiers.with.iter().map(|with| format!(" ({})", one_line(with)));
        said.extend(with.map(Piece::text));
        for (word, actions) in [
            (", instead of ", &modifiers.instead_of),
            (", before ", &modifiers.before),
            (", preferred to ", &modifiers.preferred_to),
        ] {
            if !actions.is_empty() {
                said.push(Piece::text(word));
                said.extend(self.actions(actions, "and"));
            }
        }
    }

    /// Every piece of advice of a rule; the half that `only when` says without saying it goes with the other.
    pub(super) fn effects(&self, rule: RuleId) -> Vec<(&'a Effect, Sentence)> {
        let effects: Vec<&Effect> = self.library[rule].effects.iter().map(|e| &self.library[*e]).collect();
        let is_negative = |e: &Effect| e.origin == Origin::OnlyWhenNegative;
        let written = effects.iter().filter(|e| !is_negative(e));
        written
            .map(|e| {
                let negative = effects.iter().any(|other| is_negative(other) && other.span == e.span);
                (*e, self.effect(e, negative))
            })
            .collect()
    }

    fn test(&self, atom: AtomId) -> Said {
        let (Term::Fact(id), test) = &self.library[self.library[atom].test];
        let fact = &self.library[*id];
        let with = |text: String| vec![self.fact(*id), Piece::text(text)];
        let named = |names: &[String], at: usize| names.get(at).map_or(String::new(), |name| spaced(name));
        match (test, &fact.ty) {
            (Test::Yes, _) => Said::one(vec![self.fact(*id)]),
            (Test::In(values), FactType::OneOf { values: all, ordered }) => {
                let chosen: Vec<String> = values.iter().map(|v| named(all, *v)).collect();
                let (first, last) = (values.first().copied(), values.last().copied());
                let is_run = values.len() > 1 && last.zip(first).is_some_and(|(l, f)| l - f + 1 == values.len());
                match chosen.as_slice() {
                    [only] => Said::either(with(format!(" is {only}")), with(format!(" is not {only}"))),
                    [least, ..] if *ordered && is_run && last == Some(all.len() - 1) => {
                        Said::either(with(format!(" is at least {least}")), with(format!(" is less than {least}")))
                    }
                    [.., most] if *ordered && is_run && first == Some(0) => {
                        Said::either(with(format!(" is at most {most}")), with(format!(" is more than {most}")))
                    }
                    several => {
                        let list = several.join(", ");
                        Said::either(with(format!(" is one of {list}")), with(format!(" is none of {list}")))
                    }
                }
            }
            (Test::Includes(member), FactType::AnyOf { members }) => {
                let member = named(members, *member);
                Said::either(with(format!(" include {member}")), with(format!(" do not include {member}")))
            }
            (Test::Nonempty, _) => Said::either(
                [vec![Piece::text("any ")], vec![self.fact(*id)]].concat(),
                [vec![Piece::text("no ")], vec![self.fact(*id)]].concat(),
            ),
            (
                Test::Compare {
                    comparison,
                    than,
                    written,
                },
                _,
            ) => {
                let than = match written.as_str() {
                    "" => than.normalize().to_string(),
                    written => written.replace('"', ""),
                };
                let than = one_line(&than);
                let (yes, no) = match comparison {
                    Comparison::AtLeast => ("is at least", "is under"),
                    Comparison::AtMost => ("is at most", "is over"),
                    Comparison::Over => ("is over", "is at most"),
                    Comparison::Under => ("is under", "is at least"),
                    Comparison::Equal => ("is", "is not"),
                };
                Said::either(with(format!(" {yes} {than}")), with(format!(" {no} {than}")))
            }
            // A test of another type does not pass the checker.
            (Test::In(_) | Test::Includes(_), _) => Said::one(vec![self.fact(*id)]),
        }
    }
}

/// A label, or the name where the label is empty: a link needs a text. Hidden characters are made visible.
pub(super) fn named(label: &str, name: &str) -> String {
    if label.trim().is_empty() {
        spaced(name)
    } else {
        one_line(label).into_owned()
    }
}

/// A name as words.
pub(super) fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

/// The class of a modality, and the words for it.
pub(super) fn tone(modality: Modality) -> (&'static str, &'static str) {
    match modality {
        Modality::Recommend => ("recommend", "recommend"),
        Modality::Consider => ("consider", "consider"),
        Modality::Avoid => ("avoid", "avoid"),
        Modality::Never => ("never", "never"),
    }
}

/// Parts in a row, the last one after a word.
fn listed(parts: Vec<Sentence>, word: &str) -> Sentence {
    let last = parts.len().saturating_sub(1);
    let mut said = Vec::new();
    for (at, part) in parts.into_iter().enumerate() {
        match at {
            0 => {}
            _ if at == last => said.push(Piece::text(format!(" {word} "))),
            _ => said.push(Piece::text(", ")),
        }
        said.extend(part);
    }
    said
}

/// How the parts of what is said hang together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    One,
    And,
    Or,
}

/// A condition in words.
pub(super) struct Said {
    sentence: Sentence,
    /// The same, denied, where that is not just "not" before it.
    denied: Option<Sentence>,
    shape: Shape,
}

impl Said {
    fn one(sentence: Sentence) -> Self {
        Said {
            sentence,
            denied: None,
            shape: Shape::One,
        }
    }

    fn either(sentence: Sentence, denied: Sentence) -> Self {
        Said {
            denied: Some(denied),
            ..Said::one(sentence)
        }
    }

    fn bracketed(self) -> Sentence {
        match self.shape {
            Shape::One => self.sentence,
            _ => [vec![Piece::text("(")], self.sentence, vec![Piece::text(")")]].concat(),
        }
    }

    fn joined(parts: &mut dyn Iterator<Item = Said>, shape: Shape, word: &str, none: &str) -> Self {
        let mut parts: Vec<Said> = parts.collect();
        if parts.len() == 1
            && let Some(only) = parts.pop()
        {
            return only;
        }
        if parts.is_empty() {
            return Said::one(vec![Piece::text(none)]);
        }
        Said {
            shape,
            ..Said::one(listed(parts.into_iter().map(Said::bracketed).collect(), word))
        }
    }
}

impl Algebra for Words<'_> {
    type Output = Said;

    fn all(&self, parts: &mut dyn Iterator<Item = Said>) -> Said {
        Said::joined(parts, Shape::And, "and", "every patient")
    }

    fn any(&self, parts: &mut dyn Iterator<Item = Said>) -> Said {
        Said::joined(parts, Shape::Or, "or", "no patient")
    }

    fn at_least(&self, count: u32, parts: &mut dyn Iterator<Item = Said>) -> Said {
        let parts = listed(parts.map(Said::bracketed).collect(), "and");
        Said {
            shape: Shape::And,
            ..Said::one([vec![Piece::text(format!("at least {count} of "))], parts].concat())
        }
    }

    fn not(&self, part: Said) -> Said {
        match (part.denied, part.shape) {
            (Some(denied), _) => Said::either(denied, part.sentence),
            (None, Shape::One) => Said::one([vec![Piece::text("not ")], part.sentence].concat()),
            (None, Shape::Or) => Said::one([vec![Piece::text("none of (")], part.sentence, vec![Piece::text(")")]].concat()),
            (None, Shape::And) => Said::one([vec![Piece::text("not (")], part.sentence, vec![Piece::text(")")]].concat()),
        }
    }

    fn atom(&self, atom: AtomId) -> Said {
        self.test(atom)
    }

    fn defined(&self, definition: DefinitionId) -> Said {
        Said::one(vec![self.term(definition)])
    }
}
