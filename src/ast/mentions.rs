//! Every name in a tree, with what it is said to stand for.
//!
//! In: a declaration. Out: its [`Mention`]s, in the order of the text but for clauses that stand in any order.
//! Must not know: whether anything of that name is declared.

use super::*;

/// A name as it stands in a declaration.
#[derive(Debug, Clone, Copy)]
pub struct Mention<'t> {
    /// The name.
    pub name: &'t Name,
    /// What it stands for.
    pub role: Role<'t>,
    /// Whether it is declared here; else it is used.
    pub declares: bool,
}

/// What a name stands for, by the place where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role<'t> {
    /// A guideline: in its header, or before the name of a rule.
    Guideline,
    /// A file: in `use`.
    File,
    /// A source.
    Source,
    /// A scale.
    Scale,
    /// A point of the scale with this name.
    Point(&'t Name),
    /// A fact.
    Fact,
    /// A definition, where it is declared.
    Definition,
    /// A fact or a definition, in a condition.
    Term,
    /// A value or a member of the fact with this name.
    Value(&'t Name),
    /// An action.
    Action,
    /// A rule, perhaps of the guideline with this name.
    Rule(Option<&'t Name>),
    /// A note, where it is declared.
    Note,
    /// A statement of a document.
    Statement,
}

/// Calls `each` for every name of a declaration.
pub fn mentions<'t>(item: &'t Item, each: &mut dyn FnMut(Mention<'t>)) {
    let mut walk = Walk { each };
    match item {
        Item::Guideline(i) => {
            walk.declares(&i.name, Role::Guideline);
            walk.conditions(&i.applies);
            walk.origin(&i.cites, &i.from);
        }
        Item::Use(i) => walk.all(&i.names, Role::File),
        Item::Source(i) => {
            walk.declares(&i.name, Role::Source);
            walk.all(i.reads.iter().map(|(document, _)| document), Role::Source);
        }
        Item::Scale(i) => {
            walk.declares(&i.name, Role::Scale);
            i.points.iter().for_each(|point| walk.declares(point, Role::Point(&i.name)));
        }
        Item::Fact(i) => walk.fact(i),
        Item::Action(i) => {
            walk.declares(&i.name, Role::Action);
            walk.all(&i.parents, Role::Action);
        }
        Item::Define(i) => {
            walk.declares(&i.name, Role::Definition);
            walk.condition(&i.condition);
            walk.origin(&i.cites, &i.from);
        }
        Item::Assume(i) => {
            match &i.kind {
                AssumeKind::Implies { left, right } => walk.conditions([left, right]),
                AssumeKind::AtMostOne { parts } => walk.conditions(parts),
                AssumeKind::Order { lesser, greater } => walk.all([lesser, greater], Role::Fact),
            }
            walk.origin(&i.cites, &i.from);
        }
        Item::Section(i) => {
            walk.conditions(i.when.iter().chain(&i.applies));
            walk.origin(&i.cites, &i.from);
        }
        Item::Rule(i) => walk.rule(i),
        Item::Note(i) => {
            i.name.iter().for_each(|name| walk.declares(name, Role::Note));
            i.stances.iter().for_each(|(_, actions)| walk.all(actions, Role::Action));
            walk.conditions(&i.only_if);
            walk.origin(&i.cites, &i.from);
        }
        Item::Reconcile(i) => {
            i.rules.iter().for_each(|rule| walk.rule_name(rule));
            if let Decision::Prefer { rule, when } = &i.decision {
                walk.rule_name(rule);
                walk.conditions(when);
            }
        }
        Item::Complete(i) => {
            walk.condition(&i.over);
            walk.all(&i.actions, Role::Action);
            walk.origin(&i.cites, &i.from);
        }
        Item::Case(i) => {
            i.givens.iter().for_each(|given| walk.given(given));
            i.expects.iter().for_each(|expect| walk.expect(expect));
        }
        Item::Broken(_) => {}
    }
}

struct Walk<'w, 't> {
    each: &'w mut dyn FnMut(Mention<'t>),
}

impl<'t> Walk<'_, 't> {
    fn declares(&mut self, name: &'t Name, role: Role<'t>) {
        (self.each)(Mention {
            name,
            role,
            declares: true,
        });
    }

    fn uses(&mut self, name: &'t Name, role: Role<'t>) {
        (self.each)(Mention {
            name,
            role,
            declares: false,
        });
    }

    fn all(&mut self, names: impl IntoIterator<Item = &'t Name>, role: Role<'t>) {
        names.into_iter().for_each(|name| self.uses(name, role));
    }

    fn origin(&mut self, cites: &'t [Cite], from: &'t [Name]) {
        self.all(cites.iter().map(|cite| &cite.source), Role::Source);
        self.all(from, Role::Statement);
    }

    fn fact(&mut self, fact: &'t Fact) {
        self.declares(&fact.name, Role::Fact);
        match &fact.ty.kind {
            FactTypeKind::OneOf { values: names, .. } | FactTypeKind::AnyOf { members: names } => {
                names.iter().for_each(|value| self.declares(value, Role::Value(&fact.name)));
            }
            FactTypeKind::TimeSince { date } => self.uses(date, Role::Fact),
            FactTypeKind::YesNo | FactTypeKind::Date | FactTypeKind::Quantity { .. } | FactTypeKind::Count => {}
        }
    }

    fn rule(&mut self, rule: &'t Rule) {
        rule.name.iter().for_each(|name| self.declares(name, Role::Rule(None)));
        self.conditions(rule.when.iter().chain(&rule.unless));
        for effect in &rule.effects {
            self.all(&effect.actions, Role::Action);
            self.modifiers(&effect.modifiers);
            self.conditions(effect.only_when.iter().chain(&effect.unless));
        }
        self.origin(&rule.cites, &rule.from);
        for evidence in &rule.evidence {
            self.uses(&evidence.scale, Role::Scale);
            self.uses(&evidence.grade, Role::Point(&evidence.scale));
        }
        self.all(&rule.overrides, Role::Rule(None));
    }

    fn rule_name(&mut self, rule: &'t RuleName) {
        self.all(&rule.guideline, Role::Guideline);
        self.uses(&rule.rule, Role::Rule(rule.guideline.as_ref()));
    }

    fn modifiers(&mut self, modifiers: &'t [Modifier]) {
        for modifier in modifiers {
            match &modifier.kind {
                ModifierKind::Within { after, .. }
                | ModifierKind::NotBefore { after, .. }
                | ModifierKind::Between { after, .. } => self.all(after, Role::Fact),
                ModifierKind::InsteadOf { actions }
                | ModifierKind::Before { actions }
                | ModifierKind::PreferredTo { actions } => self.all(actions, Role::Action),
                ModifierKind::For { .. } | ModifierKind::Every { .. } | ModifierKind::Line { .. } | ModifierKind::With { .. } => {
                }
            }
        }
    }

    fn conditions(&mut self, conditions: impl IntoIterator<Item = &'t Expr>) {
        conditions.into_iter().for_each(|condition| self.condition(condition));
    }

    fn condition(&mut self, condition: &'t Expr) {
        match &condition.kind {
            ExprKind::And(parts) | ExprKind::Or(parts) | ExprKind::Of { parts, .. } => self.conditions(parts),
            ExprKind::Not(part) | ExprKind::Paren(part) => self.condition(part),
            ExprKind::Name(name) => self.uses(name, Role::Term),
            ExprKind::Test { term, values, .. } => {
                self.uses(term, Role::Term);
                self.values(term, values);
            }
            ExprKind::Broken => {}
        }
    }

    fn values(&mut self, fact: &'t Name, values: &'t [Value]) {
        for value in values {
            if let Value::Name(name) = value {
                self.uses(name, Role::Value(fact));
            }
        }
    }

    fn given(&mut self, given: &'t Given) {
        self.uses(&given.fact, Role::Fact);
        match &given.value {
            GivenValue::Is(value) => self.values(&given.fact, std::slice::from_ref(value)),
            GivenValue::Set { members, .. } => self.all(members, Role::Value(&given.fact)),
            GivenValue::Includes { member, .. } => self.uses(member, Role::Value(&given.fact)),
            GivenValue::Yes | GivenValue::No | GivenValue::Unknown => {}
        }
    }

    fn expect(&mut self, expect: &'t Expect) {
        match &expect.kind {
            ExpectKind::Advice {
                actions,
                modifiers,
                from,
                ..
            } => {
                self.all(actions, Role::Action);
                self.modifiers(modifiers);
                self.all(from, Role::Statement);
            }
            ExpectKind::None { actions, from, .. } => {
                self.all(actions, Role::Action);
                self.all(from, Role::Statement);
            }
            ExpectKind::Undecided {
                actions, asking, from, ..
            } => {
                self.all(actions, Role::Action);
                self.all(asking, Role::Fact);
                self.all(from, Role::Statement);
            }
            ExpectKind::Disagreement { actions } => self.all(actions, Role::Action),
            ExpectKind::Rejected => {}
        }
    }
}
