//! Types of facts, parents of actions, readings of sources, assumptions, scopes.

use super::names::{self, Meaning, Wanted};
use super::{Lowering, errors};
use crate::ast::{self, AssumeKind, FactTypeKind, Item};
use crate::model::implied::{self, TooLarge};
use crate::model::units::{TimeUnit, Unit, UnitError};
use crate::model::{ActionId, Assumption, AssumptionKind, Condition, DefinitionId, FactId, FactType, SourceId, Statement};
use crate::source::Span;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

impl Lowering<'_> {
    /// Fills in what needs names: everything but the conditions of definitions and the rules.
    pub(super) fn declarations(&mut self) {
        for (_, item) in self.items() {
            if let Item::Broken(span) = item {
                let text = self.sources.text(*span).to_owned();
                self.names.remember_broken(&text);
            }
        }
        let (mut facts, mut actions, mut sources) = (0, 0, 0);
        let mut readings = Vec::new();
        for (file, item) in self.items() {
            match item {
                Item::Fact(fact) => {
                    self.fact_type(FactId::from_index(facts), fact, file);
                    facts += 1;
                }
                Item::Action(action) => {
                    names::repeated(&action.parents, &mut self.found);
                    let mut parents = Vec::new();
                    for parent in &action.parents {
                        if let Some(parent) = self.action(parent, file) {
                            parents.push(parent);
                        }
                    }
                    if let Some(slot) = self.library.actions.get_mut(actions) {
                        slot.parents = parents;
                    }
                    actions += 1;
                }
                Item::Source(source) => {
                    if let Some((document, number)) = &source.reads {
                        self.reading(sources, document, number, file);
                        readings.push((sources, document, number));
                    }
                    sources += 1;
                }
                _ => {}
            }
        }
        self.ancestors();
        self.check_readings(&readings);
    }

    /// Numbers of references that a document does not list, and documents that are read as each other.
    fn check_readings(&mut self, readings: &[(usize, &ast::Name, &ast::Number)]) {
        let mut reported = BTreeSet::new();
        for (start, document, number) in readings {
            let source = SourceId::from_index(*start);
            let Some((read, n)) = self.library[source].reads else {
                continue;
            };
            self.dangling(read, number, n);
            let mut path = vec![source];
            let mut next = Some(read);
            while let Some(here) = next.filter(|here| !path.contains(here)) {
                path.push(here);
                next = self.library[here].reads.map(|(read, _)| read);
            }
            if next == Some(source) && reported.is_disjoint(&path.iter().copied().collect()) {
                let others = path.iter().skip(1).map(|s| self.library[*s].name_span).collect::<Vec<_>>();
                self.found
                    .push(errors::reads_itself(document, &self.library[source].name, &others));
                reported.extend(path);
            }
        }
    }

    /// Reports a reference number that the document does not list.
    pub(super) fn dangling(&mut self, source: SourceId, number: &ast::Number, value: u32) {
        let declared = &self.library[source];
        if let Some(lists) = declared.lists
            && (value > lists || value == 0)
        {
            let (name, at) = (declared.name.clone(), declared.name_span);
            self.found.push(errors::dangling_reference(number, &name, lists, at));
        }
    }

    fn fact_type(&mut self, id: FactId, fact: &ast::Fact, file: usize) {
        let ty = match &fact.ty.kind {
            FactTypeKind::YesNo => FactType::YesNo,
            FactTypeKind::Date => FactType::Date,
            FactTypeKind::Count => FactType::Count,
            FactTypeKind::OneOf { values, ordered } => {
                names::repeated(values, &mut self.found);
                FactType::OneOf {
                    values: values.iter().map(|v| v.text.clone()).collect(),
                    ordered: *ordered,
                }
            }
            FactTypeKind::AnyOf { members } => {
                names::repeated(members, &mut self.found);
                FactType::AnyOf {
                    members: members.iter().map(|m| m.text.clone()).collect(),
                }
            }
            FactTypeKind::Quantity { unit } => match self.unit(unit) {
                Some(unit) => FactType::Quantity { unit },
                // INVARIANT: an error was reported, and the library is not evaluated. Keeping the unit as written keeps
                // comparisons from being reported as well.
                None => FactType::Quantity {
                    unit: Unit::Ucum(unit.text.clone()),
                },
            },
            FactTypeKind::TimeSince { date } => match self.names.value(date, file, self.files) {
                Some(Meaning::Fact(date_fact)) => {
                    if !self.names.is_date(date_fact) {
                        self.found
                            .push(errors::clock_is_no_date(date, None, self.library[date_fact].name_span));
                    }
                    FactType::TimeSince { date: date_fact }
                }
                Some(other) => {
                    let at = self.meaning_span(other);
                    self.found
                        .push(errors::other_kind(date, names::word(other), "a date fact", at));
                    unknown_time()
                }
                None => {
                    self.found
                        .extend(self.names.missing_value(date, &Wanted::Date, file, self.files));
                    unknown_time()
                }
            },
        };
        if let Some(span) = fact.default_no
            && !matches!(ty, FactType::YesNo | FactType::AnyOf { .. })
        {
            self.found.push(errors::default_no_misplaced(span, &fact.name));
        }
        let range = fact.range.as_ref().and_then(|range| self.range(range, &ty, fact));
        if let Some(slot) = self.library.facts.get_mut(id.index()) {
            slot.ty = ty;
            slot.range = range;
        }
    }

    pub(super) fn meaning_span(&self, meaning: Meaning) -> Span {
        match meaning {
            Meaning::Fact(id) => self.library[id].name_span,
            Meaning::Definition(id) => self.library[id].name_span,
            Meaning::Scale(id) => self.library[id].name_span,
        }
    }

    fn unit(&mut self, unit: &ast::Unit) -> Option<Unit> {
        match Unit::read(&unit.text, unit.quoted) {
            Ok(unit) => Some(unit),
            // A word without quotes that is no unit of time was reported by the parser.
            Err(_) if !self.sources.text(unit.span).starts_with('"') => None,
            Err(_) => {
                self.found.push(errors::unknown_unit(unit));
                None
            }
        }
    }

    fn range(
        &mut self,
        (low, high): &(ast::Quantity, ast::Quantity),
        ty: &FactType,
        fact: &ast::Fact,
    ) -> Option<(Decimal, Decimal)> {
        if !matches!(ty, FactType::Quantity { .. } | FactType::Count | FactType::TimeSince { .. }) {
            self.found.push(errors::range_misplaced(low.span.to(high.span), &fact.name));
            return None;
        }
        // `range 0..130 years` lends its unit to the lower end.
        let borrowed = ast::Quantity {
            unit: low.unit.clone().or_else(|| high.unit.clone()),
            ..low.clone()
        };
        let bare = borrowed.unit.is_none();
        let own = |number: &ast::Quantity| match ty {
            FactType::Quantity { unit } if bare => {
                let unit = ast::Unit {
                    text: unit.written().to_owned(),
                    quoted: true,
                    span: number.span,
                };
                ast::Quantity {
                    unit: Some(unit),
                    ..number.clone()
                }
            }
            _ => number.clone(),
        };
        let low_value = self.number(&own(&borrowed), ty, &fact.name.text, fact.name.span)?.0;
        let high_value = self.number(&own(high), ty, &fact.name.text, fact.name.span)?.0;
        if low_value > high_value {
            self.found.push(errors::range_reversed(
                low.span.to(high.span),
                self.sources.text(low.span),
                self.sources.text(high.span),
            ));
            return None;
        }
        Some((low_value, high_value))
    }

    /// A quantity as a number in the canonical unit of a fact, with the text as written.
    pub(super) fn number(
        &mut self,
        quantity: &ast::Quantity,
        ty: &FactType,
        fact: &str,
        declared: Span,
    ) -> Option<(Decimal, String)> {
        let written = self
            .sources
            .text(quantity.span)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .replace('"', "");
        let Ok(amount) = quantity.number.text.parse::<Decimal>() else {
            self.found.push(errors::number_too_large(&quantity.number));
            return None;
        };
        let declared_unit = match ty {
            FactType::Count => {
                if let Some(unit) = &quantity.unit {
                    self.found.push(errors::unit_on_count(unit, fact, declared));
                    return None;
                }
                if !amount.is_integer() {
                    self.found.push(errors::fraction_of_count(&quantity.number, fact, declared));
                    return None;
                }
                return Some((amount.normalize(), written));
            }
            // The unit of the declaration was reported already.
            FactType::Quantity { unit: Unit::Ucum(code) } if Unit::read(code, true).is_err() => return None,
            FactType::Quantity { unit } => unit.clone(),
            FactType::TimeSince { .. } => Unit::Time(TimeUnit::Days),
            _ => return None,
        };
        // A time since a date is counted in days, which is no unit that an author chose.
        let own = match ty {
            FactType::Quantity { unit } => Some(unit),
            _ => None,
        };
        let Some(unit) = &quantity.unit else {
            self.found.push(errors::missing_unit(quantity, fact, own, declared));
            return None;
        };
        let given = self.unit(unit)?;
        match declared_unit.canonical(amount, &given) {
            Ok(value) => Some((value, written)),
            Err(UnitError::TooLarge) => {
                self.found.push(errors::number_too_large(&quantity.number));
                None
            }
            Err(UnitError::Inexact) => {
                self.found.push(errors::inexact_unit(unit, fact, &declared_unit, declared));
                None
            }
            Err(UnitError::Unknown | UnitError::Incommensurable) => {
                self.found
                    .push(errors::wrong_dimension(quantity, unit, fact, &declared_unit, own, declared));
                None
            }
        }
    }

    fn reading(&mut self, source: usize, document: &ast::Name, number: &ast::Number, file: usize) {
        let found = self.names.find_source(document, file, self.files);
        let Some(document) = self.take(found) else { return };
        let Some(number) = self.whole(number) else { return };
        if let Some(slot) = self.library.sources.get_mut(source) {
            slot.reads = Some((document, number));
        }
    }

    /// The value of a look-up, or its finding.
    pub(super) fn take<T>(&mut self, found: Result<T, Option<crate::diagnostic::Diagnostic>>) -> Option<T> {
        match found {
            Ok(value) => Some(value),
            Err(diagnostic) => {
                self.found.extend(diagnostic);
                None
            }
        }
    }

    pub(super) fn action(&mut self, name: &ast::Name, file: usize) -> Option<ActionId> {
        let found = self.names.find_action(name, file, self.files);
        self.take(found)
    }

    pub(super) fn actions(&mut self, names: &[ast::Name], file: usize) -> Vec<ActionId> {
        names.iter().filter_map(|name| self.action(name, file)).collect()
    }

    /// For each action, itself and what it is a kind of; circles are reported once each.
    fn ancestors(&mut self) {
        let count = self.library.actions.len();
        let mut ancestors: Vec<Option<BTreeSet<ActionId>>> = vec![None; count];
        let mut reported = BTreeSet::new();
        for start in 0..count {
            // Depth first without recursion: chains of kinds can be long.
            let mut path: Vec<(ActionId, usize)> = vec![(ActionId::from_index(start), 0)];
            while let Some((action, next)) = path.last().copied() {
                if ancestors.get(action.index()).is_some_and(Option::is_some) {
                    path.pop();
                    continue;
                }
                match self.library[action].parents.get(next).copied() {
                    Some(parent) => {
                        if let Some(slot) = path.last_mut() {
                            slot.1 += 1;
                        }
                        if path.iter().any(|(a, _)| *a == parent) {
                            let circle: BTreeSet<ActionId> =
                                path.iter().skip_while(|(a, _)| *a != parent).map(|(a, _)| *a).collect();
                            if reported.insert(circle.clone()) {
                                let members: Vec<_> = circle
                                    .iter()
                                    .map(|a| (&self.library[*a].name, self.library[*a].name_span))
                                    .collect();
                                self.found.push(errors::circle_of_actions(&members));
                            }
                        } else {
                            path.push((parent, 0));
                        }
                    }
                    None => {
                        let mut own = BTreeSet::from([action]);
                        for parent in &self.library[action].parents {
                            own.extend(ancestors.get(parent.index()).cloned().flatten().into_iter().flatten());
                        }
                        if let Some(slot) = ancestors.get_mut(action.index()) {
                            *slot = Some(own);
                        }
                        path.pop();
                    }
                }
            }
        }
        self.library.ancestors = ancestors.into_iter().map(Option::unwrap_or_default).collect();
    }

    /// Conditions of definitions, scopes of guidelines, assumptions.
    pub(super) fn conditions_of_definitions(&mut self) {
        let (mut definitions, mut headers) = (0, BTreeSet::new());
        for (file, item) in self.items() {
            match item {
                Item::Define(define) => {
                    let condition = self.condition(&define.condition, file);
                    let (cites, statements) = (self.cites(&define.cites, file), self.statements(&define.from));
                    if let Some(slot) = self.library.definitions.get_mut(definitions) {
                        slot.condition = condition;
                        slot.cites = cites;
                        slot.statements = statements;
                    }
                    definitions += 1;
                }
                Item::Guideline(header) if headers.insert(file) => {
                    let scope = header
                        .applies
                        .as_ref()
                        .map_or(Condition::always(), |c| self.condition(c, file));
                    let (cites, statements) = (self.cites(&header.cites, file), self.statements(&header.from));
                    if let Some(guideline) = self
                        .guideline_of(file)
                        .and_then(|g| self.library.guidelines.get_mut(g.index()))
                    {
                        guideline.scope = scope;
                        guideline.cites = cites;
                        guideline.statements = statements;
                    }
                }
                Item::Assume(assume) => self.assumption(assume, file),
                _ => {}
            }
        }
        self.circles_of_definitions();
        match implied::clauses(&self.library) {
            Ok(_) => {}
            Err(TooLarge::Each(large)) => {
                let spans = large.iter().map(|assumption| self.library[*assumption].span);
                self.found.extend(spans.map(errors::assumption_too_large));
            }
            Err(TooLarge::Together(assumption, number)) => {
                let (span, number) = (self.library[assumption].span, &self.library[number].name);
                self.found.push(errors::assumptions_too_large(number, span));
            }
        }
    }

    fn assumption(&mut self, assume: &ast::Assume, file: usize) {
        let _ = self.cites(&assume.cites, file);
        let statements = self.statements(&assume.from);
        let kind = match &assume.kind {
            AssumeKind::Implies { left, right } => AssumptionKind::Implies {
                left: self.condition(left, file),
                right: self.condition(right, file),
            },
            AssumeKind::AtMostOne { parts } => AssumptionKind::AtMostOne {
                parts: self.distinct_conditions(parts, true, file),
            },
            AssumeKind::Order { lesser, greater } => {
                let (Some(low), Some(high)) = (self.comparable_fact(lesser, file), self.comparable_fact(greater, file)) else {
                    return;
                };
                let dimension = |fact: FactId| match &self.library[fact].ty {
                    FactType::Quantity { unit: Unit::Ucum(code) } => code.clone(),
                    FactType::Count => "count".to_owned(),
                    FactType::Date => "date".to_owned(),
                    _ => "time".to_owned(),
                };
                if dimension(low) != dimension(high) {
                    self.found.push(errors::orders_differ(lesser, greater));
                    return;
                }
                AssumptionKind::Order {
                    lesser: low,
                    greater: high,
                }
            }
        };
        let text = self
            .sources
            .text(assume.span)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        self.library.assumptions.push(Assumption {
            kind,
            text,
            statements,
            span: assume.span,
        });
    }

    fn comparable_fact(&mut self, name: &ast::Name, file: usize) -> Option<FactId> {
        match self.names.value(name, file, self.files) {
            Some(Meaning::Fact(fact)) => match self.library[fact].ty {
                FactType::Quantity { .. } | FactType::Count | FactType::TimeSince { .. } | FactType::Date => Some(fact),
                _ => {
                    self.found.push(errors::not_a_number(name, self.library[fact].name_span));
                    None
                }
            },
            Some(other) => {
                let at = self.meaning_span(other);
                self.found.push(errors::other_kind(name, names::word(other), "a fact", at));
                None
            }
            None => {
                self.found
                    .extend(self.names.missing_value(name, &Wanted::Amount, file, self.files));
                None
            }
        }
    }

    fn circles_of_definitions(&mut self) {
        let mut graph = petgraph::graph::DiGraph::<DefinitionId, ()>::new();
        let count = self.library.definitions.len();
        let nodes: Vec<_> = (0..count).map(|i| graph.add_node(DefinitionId::from_index(i))).collect();
        for (index, definition) in self.library.definitions.iter().enumerate() {
            let mut used = BTreeSet::new();
            super::conditions::definitions(&definition.condition, &mut used);
            for other in used {
                if let (Some(from), Some(to)) = (nodes.get(index), nodes.get(other.index())) {
                    graph.update_edge(*from, *to, ());
                }
            }
        }
        for part in petgraph::algo::tarjan_scc(&graph) {
            let circular = part.len() > 1 || part.first().is_some_and(|n| graph.contains_edge(*n, *n));
            if !circular {
                continue;
            }
            let members: BTreeMap<DefinitionId, ()> = part.iter().filter_map(|n| Some((*graph.node_weight(*n)?, ()))).collect();
            let names: Vec<_> = members
                .keys()
                .map(|d| (&self.library[*d].name, self.library[*d].name_span))
                .collect();
            self.found.push(errors::circle_of_definitions(&names));
            // A circle has no meaning; without one, later stages could not end.
            for definition in members.keys() {
                if let Some(slot) = self.library.definitions.get_mut(definition.index()) {
                    slot.condition = Condition::never();
                }
            }
        }
    }

    pub(super) fn statements(&mut self, from: &[ast::Name]) -> Vec<Statement> {
        names::repeated(from, &mut self.found);
        for name in from.iter().filter(|name| self.statements.lacks(&name.text)) {
            let near = crate::suggest::closest(&name.text, self.statements.ids.iter().copied());
            self.found.push(errors::unknown_statement(name, near));
        }
        let statement = |name: &ast::Name| Statement {
            id: name.text.clone(),
            span: name.span,
        };
        from.iter().map(statement).collect()
    }
}

/// The type of a time whose date could not be found: a finding says so, and comparisons with it are not reported as well.
fn unknown_time() -> FactType {
    FactType::Quantity {
        unit: Unit::Time(TimeUnit::Days),
    }
}
