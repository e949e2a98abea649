//! From a record to a patient: times are computed, what follows is filled in, the world is closed where the record says so.
//!
//! In: a library's assumptions, compiled once, and a record. Out: a [`Patient`], or why there can be none.
//! Must not know: rules.

use super::{Inferred, Origin, Patient, Value, calendar, errors};
use crate::diagnostic::Diagnostic;
use crate::model::clauses::{self, Clause, Literal, Variable};
use crate::model::units::{MINUTES_A_DAY, TimeUnit};
use crate::model::{AssumptionId, AssumptionKind, Entry, FactId, FactType, Library, Record, Recorded, Term, Test, TestId};
use crate::source::Span;
use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// The assumptions of a library, ready for inference.
#[derive(Debug, Clone)]
pub struct Inference {
    clauses: Vec<Clause>,
    /// Facts that can be closed, in the order of dependency: what an implication starts from before what it leads to.
    closing_order: Vec<FactId>,
}

impl Inference {
    /// Compiles the assumptions. Those that are too large are reported by `check` as errors, so none is lost here.
    pub fn new(library: &Library) -> Self {
        let mut all = Vec::new();
        for (index, assumption) in library.assumptions.iter().enumerate() {
            all.extend(clauses::clauses(library, AssumptionId::from_index(index), assumption).unwrap_or_default());
        }
        // Reasons depend on which clause is met first; names put them in one order, whatever the order in the files.
        all.sort_by_cached_key(|clause| {
            let mut names: Vec<String> = clause.literals.iter().map(|literal| named(library, literal)).collect();
            names.sort();
            (names.len(), names)
        });
        Inference {
            clauses: all,
            closing_order: closing_order(library),
        }
    }

    /// The facts in the order in which they are taken as no where nothing else is known of them.
    pub fn closing_order(&self) -> &[FactId] {
        &self.closing_order
    }

    /// Completes a record.
    ///
    /// # Errors
    ///
    /// See [`super::settle()`].
    pub fn settle(&self, library: &Library, record: &Record) -> Result<Patient, Vec<Diagnostic>> {
        let mut state = State::new(library, self, record);
        state.record();
        let found = state.compute_times();
        if !found.is_empty() {
            return Err(found);
        }
        state
            .propagate(Origin::Inferred)
            .map_err(|conflict| vec![state.describe(&conflict)])?;
        let broken = state.check_orders();
        if !broken.is_empty() {
            return Err(broken);
        }
        state.close(Origin::Default, |fact| library[fact].default_no);
        if record.otherwise_no.is_some() {
            state.close(Origin::Closed, |_| true);
        }
        Ok(state.into_patient())
    }
}

/// A literal by the names it speaks of.
fn named(library: &Library, literal: &Literal) -> String {
    match literal {
        Literal::Among(variable, allowed) => format!("{} {variable:?} {allowed:?}", library[variable.fact()].name),
        Literal::Test(test, positive) => {
            let (Term::Fact(fact), test) = &library[*test];
            format!("{} {test:?} {positive}", library[*fact].name)
        }
    }
}

/// Facts on the left of an implication come before those on its right; in one layer by name.
fn closing_order(library: &Library) -> Vec<FactId> {
    let mut graph: DiGraph<FactId, ()> = DiGraph::new();
    let nodes: Vec<_> = (0..library.facts.len())
        .map(|i| graph.add_node(FactId::from_index(i)))
        .collect();
    for assumption in &library.assumptions {
        if let AssumptionKind::Implies { left, right } = &assumption.kind {
            for from in super::truth::facts(library, left) {
                for to in super::truth::facts(library, right) {
                    if let (Some(from), Some(to)) = (nodes.get(from.index()), nodes.get(to.index())) {
                        graph.update_edge(*from, *to, ());
                    }
                }
            }
        }
    }
    let components = tarjan_scc(&graph);
    let mut component_of = BTreeMap::new();
    for (index, component) in components.iter().enumerate() {
        for node in component {
            component_of.insert(*node, index);
        }
    }
    // Components come successors first, so walking them backwards sees every predecessor before its successors.
    let mut depth = vec![0_usize; components.len()];
    for (index, component) in components.iter().enumerate().rev() {
        let own = depth.get(index).copied().unwrap_or(0);
        for node in component {
            for next in graph.neighbors(*node) {
                let target = component_of.get(&next).copied().unwrap_or(index);
                if target != index
                    && let Some(slot) = depth.get_mut(target)
                {
                    *slot = (*slot).max(own + 1);
                }
            }
        }
    }
    let mut order: Vec<(usize, &str, FactId)> = nodes
        .iter()
        .filter_map(|node| {
            let fact = *graph.node_weight(*node)?;
            let depth = depth.get(*component_of.get(node)?)?;
            Some((*depth, library[fact].name.as_str(), fact))
        })
        .collect();
    order.sort();
    order.into_iter().map(|(_, _, fact)| fact).collect()
}

/// What is known of a variable: the values still possible, and where that came from.
#[derive(Debug, Clone)]
struct Domain {
    possible: Vec<bool>,
    origin: Option<Origin>,
    /// The recorded facts that it rests on.
    reasons: BTreeSet<FactId>,
    said_unknown: bool,
}

impl Domain {
    fn settled(&self) -> Option<usize> {
        let mut possible = self.possible.iter().enumerate().filter(|(_, p)| **p).map(|(v, _)| v);
        let first = possible.next()?;
        possible.next().is_none().then_some(first)
    }
}

/// No value is left, or a clause of tests alone fails.
#[derive(Debug, Clone)]
struct Conflict {
    assumption: AssumptionId,
    facts: BTreeSet<FactId>,
}

struct State<'a> {
    library: &'a Library,
    inference: &'a Inference,
    record: &'a Record,
    domains: BTreeMap<Variable, Domain>,
    others: BTreeMap<FactId, (Value, Origin)>,
    spans: BTreeMap<FactId, Span>,
    warnings: Vec<String>,
}

impl<'a> State<'a> {
    fn new(library: &'a Library, inference: &'a Inference, record: &'a Record) -> Self {
        let mut domains = BTreeMap::new();
        for (index, fact) in library.facts.iter().enumerate() {
            let fact_id = FactId::from_index(index);
            let variables: Vec<Variable> = match &fact.ty {
                FactType::YesNo | FactType::OneOf { .. } => vec![Variable::Fact(fact_id)],
                FactType::AnyOf { members } => (0..members.len()).map(|m| Variable::Member(fact_id, m)).collect(),
                _ => Vec::new(),
            };
            for variable in variables {
                let possible = vec![true; clauses::values(library, variable)];
                // An enum of one value still has to be recorded: nothing is known before somebody says it.
                domains.insert(
                    variable,
                    Domain {
                        possible,
                        origin: None,
                        reasons: BTreeSet::new(),
                        said_unknown: false,
                    },
                );
            }
        }
        State {
            library,
            inference,
            record,
            domains,
            others: BTreeMap::new(),
            spans: BTreeMap::new(),
            warnings: Vec::new(),
        }
    }

    /// Puts the recorded values in.
    fn record(&mut self) {
        for Entry { fact, recorded, span } in &self.record.entries {
            self.spans.entry(*fact).or_insert(*span);
            match recorded {
                Recorded::Unknown => {
                    for (variable, domain) in &mut self.domains {
                        if variable.fact() == *fact {
                            domain.said_unknown = true;
                        }
                    }
                }
                Recorded::YesNo(yes) => self.fix(Variable::Fact(*fact), usize::from(*yes)),
                Recorded::OneOf(value) => self.fix(Variable::Fact(*fact), *value),
                Recorded::Set(members) => {
                    for (member, present) in members.iter().enumerate() {
                        self.fix(Variable::Member(*fact, member), usize::from(*present));
                    }
                }
                Recorded::Member(member, Some(present)) => {
                    self.fix(Variable::Member(*fact, *member), usize::from(*present));
                }
                Recorded::Member(member, None) => {
                    if let Some(domain) = self.domains.get_mut(&Variable::Member(*fact, *member)) {
                        domain.said_unknown = true;
                    }
                }
                Recorded::Date(date) => {
                    self.others.insert(*fact, (Value::Date(*date), Origin::Recorded));
                }
                Recorded::Number { value, written, .. } => {
                    let value = Value::Number {
                        value: *value,
                        written: written.clone(),
                    };
                    self.others.insert(*fact, (value, Origin::Recorded));
                }
            }
        }
    }

    fn fix(&mut self, variable: Variable, value: usize) {
        if let Some(domain) = self.domains.get_mut(&variable) {
            domain.possible = (0..domain.possible.len()).map(|v| v == value).collect();
            domain.origin = Some(Origin::Recorded);
            domain.reasons = BTreeSet::from([variable.fact()]);
        }
    }

    /// Computes each `time since` from its date, and compares it with what was recorded for it.
    fn compute_times(&mut self) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for entry in &self.record.entries {
            let Recorded::Date(date) = &entry.recorded else { continue };
            let name = &self.library[entry.fact].name;
            match self.record.as_of {
                None => found.push(errors::missing_date_of_evaluation(name, entry.span)),
                Some((as_of, as_of_span)) if *date > as_of => {
                    let (date, as_of) = (date.to_string(), as_of.to_string());
                    found.push(errors::date_after_evaluation(name, &date, &as_of, entry.span, as_of_span));
                }
                Some(_) => {}
            }
        }
        let Some((as_of, _)) = self.record.as_of else { return found };
        for (index, fact) in self.library.facts.iter().enumerate() {
            let fact_id = FactId::from_index(index);
            let FactType::TimeSince { date: date_fact } = &fact.ty else {
                continue;
            };
            let Some((Value::Date(date), _)) = self.others.get(date_fact) else {
                continue;
            };
            let days = calendar::days_between(*date, as_of);
            if days < 0 {
                continue;
            }
            let computed = Decimal::from(days) * Decimal::from(MINUTES_A_DAY);
            let written = format!("{days} {}", if days == 1 { "day" } else { "days" });
            let recorded = self.record.entries.iter().find(|e| e.fact == fact_id);
            if let Some(Entry {
                recorded:
                    Recorded::Number {
                        value,
                        written: given,
                        step,
                    },
                span,
                ..
            }) = recorded
                && !agrees(computed, *value, *step)
            {
                let date_span = self.spans.get(date_fact).copied().unwrap_or(*span);
                let date_name = &self.library[*date_fact].name;
                found.push(errors::times_disagree(
                    &fact.name, given, &written, *span, date_name, date_span,
                ));
            }
            self.others.insert(
                fact_id,
                (
                    Value::Number {
                        value: computed,
                        written,
                    },
                    Origin::Computed,
                ),
            );
        }
        found
    }

    /// Unit propagation to a fixed point, in both directions.
    fn propagate(&mut self, origin: Origin) -> Result<(), Conflict> {
        let inference = self.inference;
        loop {
            let mut changed = false;
            for clause in &inference.clauses {
                changed |= self.apply(clause, origin)?;
            }
            if !changed {
                return Ok(());
            }
        }
    }

    /// Narrows the one variable that can still make the clause hold.
    fn apply(&mut self, clause: &Clause, origin: Origin) -> Result<bool, Conflict> {
        let mut open: BTreeMap<Variable, Vec<bool>> = BTreeMap::new();
        let mut false_facts = BTreeSet::new();
        for literal in &clause.literals {
            match literal {
                Literal::Test(test, positive) => match self.test(*test) {
                    Some(holds) if holds == *positive => return Ok(false),
                    Some(_) => {
                        let (Term::Fact(fact), _) = &self.library[*test];
                        false_facts.insert(*fact);
                    }
                    None => return Ok(false),
                },
                Literal::Among(variable, allowed) => {
                    let union = open.entry(*variable).or_insert_with(|| vec![false; allowed.len()]);
                    for (slot, allowed) in union.iter_mut().zip(allowed) {
                        *slot |= *allowed;
                    }
                }
            }
        }
        let mut last = None;
        for (variable, allowed) in open {
            let Some(domain) = self.domains.get(&variable) else { continue };
            let can_hold = domain.possible.iter().zip(&allowed).any(|(p, a)| *p && *a);
            let must_hold = domain.possible.iter().zip(&allowed).all(|(p, a)| !*p || *a);
            if must_hold {
                return Ok(false);
            }
            if !can_hold {
                false_facts.extend(domain.reasons.iter().copied());
            } else if last.replace((variable, allowed)).is_some() {
                return Ok(false);
            }
        }
        let Some((variable, allowed)) = last else {
            return Err(Conflict {
                assumption: clause.assumption,
                facts: false_facts,
            });
        };
        if let Some(domain) = self.domains.get_mut(&variable) {
            for (slot, allowed) in domain.possible.iter_mut().zip(&allowed) {
                *slot &= *allowed;
            }
            domain.reasons.extend(false_facts);
            if domain.settled().is_some() && domain.origin.is_none() {
                domain.origin = Some(origin);
            }
        }
        Ok(true)
    }

    fn test(&self, test: TestId) -> Option<bool> {
        let (Term::Fact(fact), test) = &self.library[test];
        let (value, _) = self.others.get(fact)?;
        match test {
            Test::Compare { comparison, than, .. } => super::truth::number(value).map(|value| comparison.holds(value, *than)),
            _ => None,
        }
    }

    /// Rejects a record in which a fact exceeds another that it cannot exceed.
    fn check_orders(&self) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for (index, assumption) in self.library.assumptions.iter().enumerate() {
            let AssumptionKind::Order { lesser, greater } = &assumption.kind else {
                continue;
            };
            let value = |fact: &FactId| self.others.get(fact).and_then(|(value, _)| super::truth::number(value));
            if let (Some(low), Some(high)) = (value(lesser), value(greater))
                && low > high
            {
                let facts = BTreeSet::from([*lesser, *greater]);
                found.push(self.describe(&Conflict {
                    assumption: AssumptionId::from_index(index),
                    facts,
                }));
            }
        }
        found
    }

    fn describe(&self, conflict: &Conflict) -> Diagnostic {
        let assumption = &self.library[conflict.assumption];
        let place = |fact: &FactId| {
            let from_date = match &self.library[*fact].ty {
                FactType::TimeSince { date } => self.spans.get(date),
                _ => None,
            };
            self.spans.get(fact).or(from_date).copied()
        };
        let facts: Vec<(String, Option<Span>)> = conflict
            .facts
            .iter()
            .map(|f| (self.library[*f].name.clone(), place(f)))
            .collect();
        errors::broken_assumption(&facts, &assumption.text, assumption.span)
    }

    /// Closes unmentioned yes/no facts to no and sets to empty, in the order of dependency, where that contradicts nothing
    /// and settles nothing that was said to be unknown.
    fn close(&mut self, origin: Origin, applies: impl Fn(FactId) -> bool) {
        let order = self.inference.closing_order.iter().copied().filter(|f| applies(*f));
        for fact in order.collect::<Vec<_>>() {
            let closable = matches!(self.library[fact].ty, FactType::YesNo | FactType::AnyOf { .. });
            let variables: Vec<Variable> = self
                .domains
                .range(Variable::Fact(fact)..=Variable::Fact(fact))
                .chain(
                    self.domains
                        .range(Variable::Member(fact, 0)..=Variable::Member(fact, usize::MAX)),
                )
                .filter(|(_, d)| d.settled().is_none() && !d.said_unknown)
                .map(|(v, _)| *v)
                .collect();
            for variable in variables.into_iter().filter(|_| closable) {
                self.close_one(variable, origin);
            }
        }
    }

    fn close_one(&mut self, variable: Variable, origin: Origin) {
        // An earlier step may have settled it meanwhile.
        if self.domains.get(&variable).is_none_or(|d| d.settled().is_some()) {
            return;
        }
        let before = self.domains.clone();
        if let Some(domain) = self.domains.get_mut(&variable) {
            domain.possible = vec![true, false];
            domain.origin = Some(origin);
            domain.reasons = BTreeSet::from([variable.fact()]);
        }
        let name = &self.library[variable.fact()].name;
        let trouble = match self.propagate(Origin::Inferred) {
            Err(conflict) => {
                let text = &self.library[conflict.assumption].text;
                Some(format!("`{name}` stays unknown: taking it as no would contradict `{text}`"))
            }
            Ok(()) => self
                .domains
                .iter()
                .find(|(v, d)| d.said_unknown && d.settled().is_some() && before.get(v).is_some_and(|b| b.settled().is_none()))
                .map(|(v, _)| {
                    let unknown = &self.library[v.fact()].name;
                    format!("`{name}` stays unknown: taking it as no would settle `{unknown}`, which is recorded as unknown")
                }),
        };
        if let Some(warning) = trouble {
            self.domains = before;
            self.warnings.push(warning);
        }
    }

    fn into_patient(self) -> Patient {
        let mut patient = Patient {
            values: vec![None; self.library.facts.len()],
            origins: vec![None; self.library.facts.len()],
            inferred: Vec::new(),
            warnings: self.warnings,
            as_of: self.record.as_of.map(|(date, _)| date),
        };
        let mut put = |fact: FactId, value: Value, origin: Option<Origin>| {
            if let (Some(slot), Some(origins)) = (patient.values.get_mut(fact.index()), patient.origins.get_mut(fact.index())) {
                *slot = Some(value);
                *origins = origin;
            }
        };
        for (fact, (value, origin)) in &self.others {
            put(*fact, value.clone(), Some(*origin));
        }
        let mut sets: BTreeMap<FactId, (Vec<Option<bool>>, Option<Origin>)> = BTreeMap::new();
        for (variable, domain) in &self.domains {
            let settled = domain.origin.and(domain.settled());
            match (variable, &self.library[variable.fact()].ty) {
                (Variable::Member(fact, _), _) => {
                    let (members, origin) = sets.entry(*fact).or_default();
                    members.push(settled.map(|v| v == 1));
                    // The set as a whole came from its most distant source.
                    *origin = (*origin).max(domain.origin);
                }
                (Variable::Fact(fact), FactType::YesNo) => {
                    if let Some(value) = settled {
                        put(*fact, Value::YesNo(value == 1), domain.origin);
                    }
                }
                (Variable::Fact(fact), _) => {
                    if let Some(value) = settled {
                        put(*fact, Value::OneOf(value), domain.origin);
                    }
                }
            }
        }
        for (fact, (members, origin)) in sets {
            if members.iter().any(Option::is_some) {
                put(fact, Value::Set(members), origin);
            }
        }
        for (variable, domain) in &self.domains {
            if domain.origin == Some(Origin::Inferred)
                && let Some(value) = domain.settled()
            {
                let fact = variable.fact();
                let from = domain.reasons.iter().copied().filter(|r| *r != fact).collect();
                patient.inferred.push(Inferred {
                    fact,
                    value: inferred_value(self.library, *variable, value),
                    from,
                });
            }
        }
        patient.warnings.extend(calendar_warnings(self.library, &patient));
        patient
    }
}

fn inferred_value(library: &Library, variable: Variable, value: usize) -> String {
    let yes_no = if value == 1 { "yes" } else { "no" };
    match (variable, &library[variable.fact()].ty) {
        (Variable::Member(_, member), FactType::AnyOf { members }) => {
            let member = members.get(member).map_or("", String::as_str);
            format!("{member}: {yes_no}")
        }
        (_, FactType::OneOf { values, .. }) => values.get(value).cloned().unwrap_or_default(),
        _ => yes_no.to_owned(),
    }
}

/// Whether the computed time, cut down to the unit and the decimals that were given, equals what was given.
fn agrees(computed: Decimal, given: Decimal, step: Decimal) -> bool {
    if step.is_zero() {
        return false;
    }
    let given = (given / step).normalize();
    (computed / step).trunc_with_scale(given.scale()) == given
}

/// Values in days or weeks that lie between the shortest and the longest calendar span of a threshold in months.
fn calendar_warnings(library: &Library, patient: &Patient) -> Vec<String> {
    let mut warnings = BTreeSet::new();
    for (Term::Fact(fact), test) in &library.tests {
        let Test::Compare {
            than,
            written: threshold,
            ..
        } = test
        else {
            continue;
        };
        let Some(Value::Number { value, written }) = patient.value(*fact) else {
            continue;
        };
        if !matches!(calendar::unit_of(written), Some(TimeUnit::Days | TimeUnit::Weeks)) {
            continue;
        }
        let Some(months) = calendar::whole_months(threshold) else {
            continue;
        };
        let Some((shortest, longest)) = calendar::span_of_months(months) else {
            continue;
        };
        let days = *value / Decimal::from(MINUTES_A_DAY);
        if days >= Decimal::from(shortest) && days <= Decimal::from(longest) && value != than {
            let name = &library[*fact].name;
            warnings.insert(format!(
                "`{name}` is {written}: by the calendar, {threshold} {} {shortest} to {longest} days; gl counts a month as a twelfth of 365.25 days",
                if months == 1 { "is" } else { "are" }
            ));
        }
    }
    warnings.into_iter().collect()
}
