//! From a record to a patient: times are computed, what follows is filled in, the world is closed where the record says so.
//!
//! In: a library's assumptions, compiled once, and a record. Out: a [`Patient`], or why there can be none.
//! Must not know: rules.

use super::{Inferred, Origin, Patient, Value, calendar, errors};
use crate::diagnostic::Diagnostic;
use crate::model::clauses::{self, Clause, Literal, Variable};
use crate::model::implied;
use crate::model::units::{MINUTES_A_DAY, TimeUnit};
use crate::model::{AssumptionId, AssumptionKind, Entry, FactId, FactType, Library, Record, Recorded, Term, Test, TestId};
use crate::source::Span;
use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// The assumptions of a library, ready for inference.
#[derive(Debug, Clone)]
pub struct Inference {
    rules: Vec<Implied>,
    /// For each fact the clauses that speak of it; of no other clause can anything change where that fact does.
    speaking_of: Vec<Vec<usize>>,
    /// Clauses that narrow something before anything is recorded.
    at_once: Vec<usize>,
    /// Facts that can be closed, in the order of dependency: what an implication starts from before what it leads to.
    closing_order: Vec<FactId>,
    /// Those of them that are closed by their declaration.
    defaults: Vec<FactId>,
    /// Each time with the date that it is counted from.
    times: Vec<(FactId, FactId)>,
    /// `FACT at most FACT`.
    orders: Vec<(AssumptionId, FactId, FactId)>,
    /// For each fact its thresholds in months.
    months: BTreeMap<FactId, Vec<Months>>,
}

/// A clause with one set of allowed values for each variable.
#[derive(Debug, Clone)]
struct Implied {
    assumptions: Vec<AssumptionId>,
    tests: Vec<(TestId, bool)>,
    allowed: BTreeMap<Variable, Vec<bool>>,
}

/// A threshold in whole months.
#[derive(Debug, Clone)]
struct Months {
    than: Decimal,
    written: String,
    count: i64,
    /// The fewest and the most days in so many months, once somebody needs them.
    days: OnceLock<Option<(i64, i64)>>,
}

impl Inference {
    /// Compiles the assumptions. Those that are too large are reported by `check` as errors, so none is lost here.
    pub fn new(library: &Library) -> Self {
        let mut all = implied::clauses(library).unwrap_or_default();
        // Reasons depend on which clause is met first; names put them in one order, whatever the order in the files.
        all.sort_by_cached_key(|clause| {
            let mut names: Vec<String> = clause.literals.iter().map(|literal| named(library, literal)).collect();
            names.sort();
            (names.len(), names)
        });
        let rules: Vec<Implied> = all.iter().map(Implied::new).collect();
        let mut speaking_of = vec![Vec::new(); library.facts.len()];
        for (index, rule) in rules.iter().enumerate() {
            for fact in rule.facts(library) {
                speaking_of
                    .get_mut(fact.index())
                    .into_iter()
                    .for_each(|of: &mut Vec<usize>| of.push(index));
            }
        }
        let closing_order = closing_order(library);
        let mut inference = Inference {
            rules,
            speaking_of,
            at_once: Vec::new(),
            defaults: closing_order.iter().copied().filter(|f| library[*f].default_no).collect(),
            closing_order,
            times: times(library),
            orders: orders(library),
            months: months(library),
        };
        inference.at_once = inference.at_once(library);
        inference
    }

    fn at_once(&self, library: &Library) -> Vec<usize> {
        let nothing = Record::default();
        let mut blank = State::new(library, self, &nothing);
        let rules = self.rules.iter().enumerate();
        rules
            .filter(|(_, rule)| !matches!(blank.apply(rule), Ok(false)))
            .map(|(index, _)| index)
            .collect()
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
        state.propagate().map_err(|conflict| vec![state.describe(&conflict)])?;
        let broken = state.check_orders();
        if !broken.is_empty() {
            return Err(broken);
        }
        state.close(Origin::Default, &self.defaults);
        if record.otherwise_no.is_some() {
            state.close(Origin::Closed, &self.closing_order);
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

impl Implied {
    fn new(clause: &Clause) -> Self {
        let (tests, allowed) = clause.merged();
        Implied {
            assumptions: clause.assumptions.clone(),
            tests,
            allowed,
        }
    }

    fn facts(&self, library: &Library) -> BTreeSet<FactId> {
        let tested = self.tests.iter().map(|(test, _)| {
            let (Term::Fact(fact), _) = &library[*test];
            *fact
        });
        tested.chain(self.allowed.keys().map(|variable| variable.fact())).collect()
    }
}

fn times(library: &Library) -> Vec<(FactId, FactId)> {
    let facts = library.facts.iter().enumerate();
    let times = facts.filter_map(|(index, fact)| match fact.ty {
        FactType::TimeSince { date } => Some((FactId::from_index(index), date)),
        _ => None,
    });
    times.collect()
}

fn orders(library: &Library) -> Vec<(AssumptionId, FactId, FactId)> {
    let assumptions = library.assumptions.iter().enumerate();
    let orders = assumptions.filter_map(|(index, assumption)| {
        let (lesser, greater) = assumption.kind.order()?;
        Some((AssumptionId::from_index(index), lesser, greater))
    });
    orders.collect()
}

fn months(library: &Library) -> BTreeMap<FactId, Vec<Months>> {
    let mut months: BTreeMap<FactId, Vec<Months>> = BTreeMap::new();
    for (Term::Fact(fact), test) in &library.tests {
        if let Test::Compare { than, written, .. } = test
            && let Some(count) = calendar::whole_months(written)
        {
            months.entry(*fact).or_default().push(Months {
                than: *than,
                written: written.clone(),
                count,
                days: OnceLock::new(),
            });
        }
    }
    months
}

/// Facts on the left of an implication come before those on its right; in one layer by name.
fn closing_order(library: &Library) -> Vec<FactId> {
    let mut graph: DiGraph<FactId, ()> = DiGraph::new();
    let nodes: Vec<_> = (0..library.facts.len())
        .map(|i| graph.add_node(FactId::from_index(i)))
        .collect();
    for assumption in &library.assumptions {
        if let AssumptionKind::Implies { left, right } = &assumption.kind {
            for from in library.facts(left) {
                for to in library.facts(right) {
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
    assumptions: Vec<AssumptionId>,
    facts: BTreeSet<FactId>,
}

struct State<'a> {
    library: &'a Library,
    inference: &'a Inference,
    record: &'a Record,
    /// Variables of which something is known or said; of all others every value is possible.
    domains: BTreeMap<Variable, Domain>,
    others: BTreeMap<FactId, (Value, Origin)>,
    /// Clauses that speak of something that has changed since they were looked at.
    waiting: BTreeSet<usize>,
    /// While a fact is being closed, what was known before of each variable that changed.
    before: Option<BTreeMap<Variable, Option<Domain>>>,
    warnings: Vec<String>,
}

impl<'a> State<'a> {
    fn new(library: &'a Library, inference: &'a Inference, record: &'a Record) -> Self {
        State {
            library,
            inference,
            record,
            domains: BTreeMap::new(),
            others: BTreeMap::new(),
            waiting: inference.at_once.iter().copied().collect(),
            before: None,
            warnings: Vec::new(),
        }
    }

    /// The variables of a fact: one, or one for each member of a set; none where it is never inferred.
    fn variables(&self, fact: FactId) -> Vec<Variable> {
        match &self.library[fact].ty {
            FactType::YesNo | FactType::OneOf { .. } => vec![Variable::Fact(fact)],
            FactType::AnyOf { members } => (0..members.len()).map(|m| Variable::Member(fact, m)).collect(),
            _ => Vec::new(),
        }
    }

    /// What is known of a variable, to change it.
    fn domain(&mut self, variable: Variable) -> &mut Domain {
        if let Some(before) = &mut self.before {
            before.entry(variable).or_insert_with(|| self.domains.get(&variable).cloned());
        }
        self.domains.entry(variable).or_insert_with(|| Domain {
            possible: vec![true; clauses::values(self.library, variable)],
            // An enum of one value still has to be recorded: nothing is known before somebody says it.
            origin: None,
            reasons: BTreeSet::new(),
            said_unknown: false,
        })
    }

    fn has_changed(&mut self, fact: FactId) {
        self.waiting
            .extend(self.inference.speaking_of.get(fact.index()).into_iter().flatten());
    }

    /// Puts the recorded values in.
    fn record(&mut self) {
        for Entry { fact, recorded, .. } in &self.record.entries {
            match recorded {
                Recorded::Unknown => {
                    for variable in self.variables(*fact) {
                        self.domain(variable).said_unknown = true;
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
                Recorded::Member(member, None) => self.domain(Variable::Member(*fact, *member)).said_unknown = true,
                Recorded::Date(date) => self.put(*fact, Value::Date(*date), Origin::Recorded),
                Recorded::Number { value, written, .. } => {
                    let value = Value::Number {
                        value: *value,
                        written: written.clone(),
                    };
                    self.put(*fact, value, Origin::Recorded);
                }
            }
        }
    }

    fn fix(&mut self, variable: Variable, value: usize) {
        let domain = self.domain(variable);
        domain
            .possible
            .iter_mut()
            .enumerate()
            .for_each(|(v, possible)| *possible = v == value);
        domain.origin = Some(Origin::Recorded);
        domain.reasons = BTreeSet::from([variable.fact()]);
        self.has_changed(variable.fact());
    }

    fn put(&mut self, fact: FactId, value: Value, origin: Origin) {
        self.others.insert(fact, (value, origin));
        self.has_changed(fact);
    }

    fn span(&self, fact: FactId) -> Option<Span> {
        self.record.entries.iter().find(|e| e.fact == fact).map(|e| e.span)
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
        for (time, date_fact) in &self.inference.times {
            let Some((Value::Date(date), _)) = self.others.get(date_fact) else {
                continue;
            };
            let days = calendar::days_between(*date, as_of);
            if days < 0 {
                continue;
            }
            let computed = Decimal::from(days) * Decimal::from(MINUTES_A_DAY);
            let written = format!("{days} {}", if days == 1 { "day" } else { "days" });
            let recorded = self.record.entries.iter().find(|e| e.fact == *time);
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
                let date_span = self.span(*date_fact).unwrap_or(*span);
                let (name, date_name) = (&self.library[*time].name, &self.library[*date_fact].name);
                found.push(errors::times_disagree(name, given, &written, *span, date_name, date_span));
            }
            let value = Value::Number {
                value: computed,
                written,
            };
            self.put(*time, value, Origin::Computed);
        }
        found
    }

    /// Unit propagation to a fixed point, in both directions: round by round through the clauses in their order, without those
    /// of which nothing has changed.
    fn propagate(&mut self) -> Result<(), Conflict> {
        let inference = self.inference;
        let mut next = 0;
        while let Some(index) = self.waiting.range(next..).next().or_else(|| self.waiting.first()).copied() {
            self.waiting.remove(&index);
            next = index + 1;
            if let Some(rule) = inference.rules.get(index) {
                self.apply(rule)?;
            }
        }
        Ok(())
    }

    /// Narrows the one variable that can still make the clause hold, if it is the only one.
    fn apply(&mut self, rule: &Implied) -> Result<bool, Conflict> {
        // Most clauses are not settled by what is known, and are left before anything is gathered.
        if rule.tests.iter().any(|(test, positive)| self.test(*test) != Some(!positive)) {
            return Ok(false);
        }
        let mut last = None;
        for (variable, allowed) in &rule.allowed {
            let possible = self.domains.get(variable).map(|domain| &domain.possible);
            let is_possible = |value: usize| possible.is_none_or(|p| p.get(value).copied().unwrap_or(false));
            let can_hold = allowed.iter().enumerate().any(|(v, allowed)| *allowed && is_possible(v));
            let must_hold = allowed.iter().enumerate().all(|(v, allowed)| *allowed || !is_possible(v));
            if must_hold || (can_hold && last.replace((*variable, allowed)).is_some()) {
                return Ok(false);
            }
        }
        let mut false_facts: BTreeSet<FactId> = BTreeSet::new();
        for (test, _) in &rule.tests {
            let (Term::Fact(fact), _) = &self.library[*test];
            false_facts.insert(*fact);
        }
        let others = rule.allowed.keys().filter(|v| last.is_none_or(|(last, _)| last != **v));
        for domain in others.filter_map(|v| self.domains.get(v)) {
            false_facts.extend(domain.reasons.iter().copied());
        }
        let Some((variable, allowed)) = last else {
            return Err(Conflict {
                assumptions: rule.assumptions.clone(),
                facts: false_facts,
            });
        };
        let domain = self.domain(variable);
        for (slot, allowed) in domain.possible.iter_mut().zip(allowed) {
            *slot &= *allowed;
        }
        domain.reasons.extend(false_facts);
        if domain.settled().is_some() && domain.origin.is_none() {
            domain.origin = Some(Origin::Inferred);
        }
        self.has_changed(variable.fact());
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
        for (assumption, lesser, greater) in &self.inference.orders {
            let value = |fact: &FactId| self.others.get(fact).and_then(|(value, _)| super::truth::number(value));
            if let (Some(low), Some(high)) = (value(lesser), value(greater))
                && low > high
            {
                let facts = BTreeSet::from([*lesser, *greater]);
                found.push(self.describe(&Conflict {
                    assumptions: vec![*assumption],
                    facts,
                }));
            }
        }
        found
    }

    fn describe(&self, conflict: &Conflict) -> Diagnostic {
        let place = |fact: &FactId| {
            let from_date = match &self.library[*fact].ty {
                FactType::TimeSince { date } => self.span(*date),
                _ => None,
            };
            self.span(*fact).or(from_date)
        };
        let facts: Vec<(String, Option<Span>)> = conflict
            .facts
            .iter()
            .map(|f| (self.library[*f].name.clone(), place(f)))
            .collect();
        let assumptions = conflict.assumptions.iter().map(|id| &self.library[*id]);
        let assumptions: Vec<(&str, Span)> = assumptions.map(|a| (a.text.as_str(), a.span)).collect();
        errors::broken_assumption(&facts, &assumptions)
    }

    /// Closes unmentioned yes/no facts to no and sets to empty, in the order of dependency, where that contradicts nothing
    /// and settles nothing that was said to be unknown.
    fn close(&mut self, origin: Origin, facts: &[FactId]) {
        for fact in facts {
            if !matches!(self.library[*fact].ty, FactType::YesNo | FactType::AnyOf { .. }) {
                continue;
            }
            let mut variables = self.variables(*fact);
            variables.retain(|v| self.domains.get(v).is_none_or(|d| d.settled().is_none() && !d.said_unknown));
            for variable in variables {
                self.close_one(variable, origin);
            }
        }
    }

    fn close_one(&mut self, variable: Variable, origin: Origin) {
        // An earlier step may have settled it meanwhile.
        if self.domains.get(&variable).is_some_and(|d| d.settled().is_some()) {
            return;
        }
        self.before = Some(BTreeMap::new());
        let domain = self.domain(variable);
        domain.possible = vec![true, false];
        domain.origin = Some(origin);
        domain.reasons = BTreeSet::from([variable.fact()]);
        self.has_changed(variable.fact());
        let propagated = self.propagate();
        let before = self.before.take().unwrap_or_default();
        let name = &self.library[variable.fact()].name;
        let trouble = match propagated {
            Err(conflict) => {
                let texts = conflict.assumptions.iter().map(|id| format!("`{}`", self.library[*id].text));
                let texts = texts.collect::<Vec<_>>().join(" and ");
                Some(format!("`{name}` stays unknown: taking it as no would contradict {texts}"))
            }
            Ok(()) => {
                let is_settled = |d: &Domain| d.settled().is_some();
                let mut told = before
                    .iter()
                    .filter(|(_, old)| old.as_ref().is_some_and(|d| d.said_unknown && !is_settled(d)));
                let settled = told.find(|(v, _)| self.domains.get(v).is_some_and(is_settled));
                settled.map(|(v, _)| {
                    let unknown = &self.library[v.fact()].name;
                    format!("`{name}` stays unknown: taking it as no would settle `{unknown}`, which is recorded as unknown")
                })
            }
        };
        if let Some(warning) = trouble {
            for (variable, domain) in before {
                match domain {
                    Some(domain) => drop(self.domains.insert(variable, domain)),
                    None => drop(self.domains.remove(&variable)),
                }
            }
            self.waiting.clear();
            self.warnings.push(warning);
        }
    }

    fn into_patient(self) -> Patient {
        let mut patient = Patient {
            warnings: self.warnings,
            as_of: self.record.as_of.map(|(date, _)| date),
            ..Patient::default()
        };
        let mut sets: BTreeMap<FactId, (Vec<Option<bool>>, Origin)> = BTreeMap::new();
        for (variable, domain) in &self.domains {
            let (Some(value), Some(origin)) = (domain.settled(), domain.origin) else {
                continue;
            };
            match (variable, &self.library[variable.fact()].ty) {
                (Variable::Member(fact, member), FactType::AnyOf { members }) => {
                    let (flags, most_distant) = sets.entry(*fact).or_insert_with(|| (vec![None; members.len()], origin));
                    if let Some(flag) = flags.get_mut(*member) {
                        *flag = Some(value == 1);
                    }
                    // The set as a whole came from its most distant source.
                    *most_distant = origin.max(*most_distant);
                }
                (_, FactType::OneOf { .. }) => patient.put(variable.fact(), Value::OneOf(value), origin),
                _ => patient.put(variable.fact(), Value::YesNo(value == 1), origin),
            }
        }
        for (fact, (members, origin)) in sets {
            patient.put(fact, Value::Set(members), origin);
        }
        for (fact, (value, origin)) in self.others {
            patient.put(fact, value, origin);
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
        let warnings = calendar_warnings(self.library, &self.inference.months, &patient);
        patient.warnings.extend(warnings);
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
pub(super) fn agrees(computed: Decimal, given: Decimal, step: Decimal) -> bool {
    if step.is_zero() {
        return false;
    }
    let given = (given / step).normalize();
    (computed / step).trunc_with_scale(given.scale()) == given
}

/// Values in days or weeks that lie between the shortest and the longest calendar span of a threshold in months.
fn calendar_warnings(library: &Library, months: &BTreeMap<FactId, Vec<Months>>, patient: &Patient) -> BTreeSet<String> {
    let mut warnings = BTreeSet::new();
    for (fact, value) in patient.values() {
        let Value::Number { value, written } = value else { continue };
        if !matches!(calendar::unit_of(written), Some(TimeUnit::Days | TimeUnit::Weeks)) {
            continue;
        }
        for threshold in months.get(&fact).into_iter().flatten() {
            let days = threshold.days.get_or_init(|| calendar::span_of_months(threshold.count));
            let Some((shortest, longest)) = *days else { continue };
            let days = *value / Decimal::from(MINUTES_A_DAY);
            if days >= Decimal::from(shortest) && days <= Decimal::from(longest) && *value != threshold.than {
                let name = &library[fact].name;
                let (written_threshold, is) = (&threshold.written, if threshold.count == 1 { "is" } else { "are" });
                warnings.insert(format!(
                    "`{name}` is {written}: by the calendar, {written_threshold} {is} {shortest} to {longest} days; gl counts a month as a twelfth of 365.25 days"
                ));
            }
        }
    }
    warnings
}
