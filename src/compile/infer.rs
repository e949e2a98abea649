//! What follows by assumptions, as stages of a query.
//!
//! In: the clauses of the assumptions. Out: for each value of a fact that an assumption can rule out, an expression; the stages in which
//! they are found; the facts as they are known in the end, and the rows that break an assumption.
//!
//! Unit propagation is a least fixed point over "this value is ruled out". Where values do not lead back to each other one stage is enough
//! for each; where they do, as for two conditions that imply each other, as many stages as there are values in the circle.

use super::Named;
use super::dialect::Engine;
use super::errors;
use super::table::{Table, member_name};
use super::words::Words;
use crate::diagnostic::Diagnostic;
use crate::eval::settle::Inference;
use crate::model::clauses::{self, Clause, Variable};
use crate::model::implied::{self, TooLarge};
use crate::model::{AssumptionId, FactType, Library, TestId};
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The stages of inference.
pub struct Stages {
    /// Columns that are added, stage by stage.
    pub levels: Vec<Vec<Named>>,
    /// The stage after which every fact is as known as it can be.
    pub known: String,
}

/// A value of a variable.
type Place = (Variable, usize);

/// One way for a clause to hold.
enum Way {
    Test(TestId, bool),
    /// Values that make it hold, and the others.
    Among(Variable, BTreeSet<usize>, BTreeSet<usize>),
}

struct Writer<'a> {
    library: &'a Library,
    engine: Engine,
    words: Words<'a>,
    clauses: Vec<(Vec<AssumptionId>, Vec<Way>)>,
    /// For each value that clauses can rule out, the clause and the way it stands in.
    ruled_out_by: BTreeMap<Place, Vec<(usize, usize)>>,
    /// The column in which a value is ruled out, as far as the stages go.
    columns: BTreeMap<Place, String>,
}

/// Finds the stages.
///
/// # Errors
///
/// Facts that are no by default and take part in an assumption, and assumptions that are too large.
pub fn stages(library: &Library, inference: &Inference, engine: Engine, table: &Table) -> Result<Stages, Vec<Diagnostic>> {
    let mut writer = Writer {
        library,
        engine,
        words: Words::new(library, engine, table),
        clauses: Vec::new(),
        ruled_out_by: BTreeMap::new(),
        columns: BTreeMap::new(),
    };
    writer.read()?;
    let assumed: BTreeSet<_> = writer
        .clauses
        .iter()
        .flat_map(|(_, ways)| ways.iter())
        .filter_map(|way| match way {
            Way::Among(variable, ..) => Some(variable.fact()),
            Way::Test(..) => None,
        })
        .collect();
    // To take such a fact as no may have to be undone, one by one in their order: that is no query.
    let closed = inference.closing_order().iter().filter(|fact| library[**fact].default_no);
    let found: Vec<Diagnostic> = closed
        .filter(|fact| assumed.contains(fact))
        .map(|fact| errors::default_in_assumption(&library[*fact].name))
        .collect();
    if !found.is_empty() {
        return Err(found);
    }
    let levels = writer.levels();
    let known = writer.known(table);
    Ok(Stages { levels, known })
}

impl Writer<'_> {
    fn read(&mut self) -> Result<(), Vec<Diagnostic>> {
        let clauses = implied::clauses(self.library).map_err(|large| {
            let large = match large {
                TooLarge::Each(large) => large,
                TooLarge::Together(last, _) => vec![last],
            };
            let texts = large.iter().map(|id| &self.library[*id].text);
            texts.map(|text| errors::large_assumption(text)).collect::<Vec<_>>()
        })?;
        for clause in clauses {
            let ways = self.ways(&clause);
            self.clauses.push((clause.assumptions, ways));
        }
        for (clause, (_, ways)) in self.clauses.iter().enumerate() {
            for (position, way) in ways.iter().enumerate() {
                let Way::Among(variable, _, no) = way else { continue };
                for value in no {
                    let by = self.ruled_out_by.entry((*variable, *value)).or_default();
                    by.push((clause, position));
                }
            }
        }
        Ok(())
    }

    fn ways(&self, clause: &Clause) -> Vec<Way> {
        let (tests, allowed) = clause.merged();
        let mut ways: Vec<Way> = tests.into_iter().map(|(test, positive)| Way::Test(test, positive)).collect();
        ways.extend(allowed.into_iter().map(|(variable, allowed)| {
            let is_allowed = |value: &usize| allowed.get(*value).copied().unwrap_or(false);
            let (yes, no) = (0..clauses::values(self.library, variable)).partition(is_allowed);
            Way::Among(variable, yes, no)
        }));
        ways
    }

    /// The name of the column of a variable.
    fn name(&self, variable: Variable) -> String {
        let fact = &self.library[variable.fact()];
        match (variable, &fact.ty) {
            (Variable::Member(_, member), FactType::AnyOf { members }) => {
                self.engine.name(&member_name(&fact.name, members, member))
            }
            _ => self.engine.name(&fact.name),
        }
    }

    fn value(&self, (variable, value): Place) -> String {
        match &self.library[variable.fact()].ty {
            FactType::OneOf { values, .. } => values.get(value).cloned().unwrap_or_default(),
            _ => if value == 1 { "yes" } else { "no" }.to_owned(),
        }
    }

    /// Whether what is recorded rules a value out; never NULL.
    fn recorded(&self, place: Place) -> String {
        let name = self.name(place.0);
        match &self.library[place.0.fact()].ty {
            FactType::OneOf { .. } => format!("COALESCE({name} <> {}, FALSE)", self.engine.text(&self.value(place))),
            _ if place.1 == 1 => format!("({name} IS FALSE)"),
            _ => format!("({name} IS TRUE)"),
        }
    }

    /// Whether a value is ruled out, as far as the stages go; never NULL.
    fn ruled_out(&self, place: Place) -> String {
        self.columns.get(&place).cloned().unwrap_or_else(|| self.recorded(place))
    }

    /// Whether a way is closed; never NULL.
    fn fails(&self, way: &Way) -> String {
        match way {
            Way::Test(test, true) => format!("(({}) IS FALSE)", self.words.test(*test)),
            Way::Test(test, false) => format!("(({}) IS TRUE)", self.words.test(*test)),
            Way::Among(variable, yes, _) => {
                let each: Vec<String> = yes.iter().map(|value| self.ruled_out((*variable, *value))).collect();
                match each.is_empty() {
                    true => "TRUE".to_owned(),
                    false => each.join(" AND "),
                }
            }
        }
    }

    /// The values that it depends on whether a value is ruled out.
    fn needs(&self, place: Place) -> BTreeSet<Place> {
        let mut needs = BTreeSet::new();
        for (clause, position) in self.ruled_out_by.get(&place).into_iter().flatten() {
            let ways = self.clauses.get(*clause).map_or(&[][..], |(_, ways)| ways);
            for (_, way) in ways.iter().enumerate().filter(|(other, _)| other != position) {
                if let Way::Among(variable, yes, _) = way {
                    needs.extend(yes.iter().map(|value| (*variable, *value)));
                }
            }
        }
        needs.retain(|need| self.ruled_out_by.contains_key(need));
        needs
    }

    /// The columns of every stage: what is needed first comes first.
    fn levels(&mut self) -> Vec<Vec<Named>> {
        let places: Vec<Place> = self.ruled_out_by.keys().copied().collect();
        let mut graph: DiGraph<Place, ()> = DiGraph::new();
        let nodes: BTreeMap<Place, NodeIndex> = places.iter().map(|place| (*place, graph.add_node(*place))).collect();
        for place in &places {
            for need in self.needs(*place) {
                if let (Some(from), Some(to)) = (nodes.get(place), nodes.get(&need)) {
                    graph.update_edge(*from, *to, ());
                }
            }
        }
        // What others need comes first. What stands alone waits for what it needs; circles have stages of their own.
        let mut stages: Vec<Vec<Place>> = Vec::new();
        let mut after: BTreeMap<Place, usize> = BTreeMap::new();
        for component in tarjan_scc(&graph) {
            let members: Vec<Place> = component
                .iter()
                .filter_map(|node| graph.node_weight(*node).copied())
                .collect();
            let needs = members.iter().flat_map(|place| self.needs(*place));
            let first = needs.filter_map(|need| after.get(&need)).max().map_or(0, |last| last + 1);
            for round in 0..members.len() {
                if stages.len() <= first + round {
                    stages.resize(first + round + 1, Vec::new());
                }
                stages
                    .get_mut(first + round)
                    .into_iter()
                    .for_each(|stage| stage.extend(members.iter().copied()));
            }
            after.extend(members.iter().map(|place| (*place, first + members.len() - 1)));
        }
        let mut levels = Vec::new();
        for (number, mut stage) in stages.into_iter().enumerate() {
            stage.sort();
            let columns: Vec<(Place, Named)> = stage.into_iter().map(|place| (place, self.column(number, place))).collect();
            self.columns
                .extend(columns.iter().map(|(place, (_, name, _))| (*place, name.clone())));
            levels.push(columns.into_iter().map(|(_, named)| named).collect());
        }
        levels
    }

    fn column(&self, stage: usize, place: Place) -> Named {
        let mut alternatives = vec![self.ruled_out(place)];
        let mut texts = BTreeSet::new();
        for (clause, position) in self.ruled_out_by.get(&place).into_iter().flatten() {
            let Some((assumptions, ways)) = self.clauses.get(*clause) else {
                continue;
            };
            texts.extend(assumptions.iter().map(|id| self.library[*id].text.as_str()));
            let others = ways.iter().enumerate().filter(|(other, _)| other != position);
            let others: Vec<String> = others.map(|(_, way)| self.fails(way)).collect();
            alternatives.push(match others.is_empty() {
                true => "TRUE".to_owned(),
                false => format!("({})", others.join(" AND ")),
            });
        }
        let comments = texts.into_iter().map(|text| super::comment("    ", text)).collect();
        let fact = &self.library[place.0.fact()];
        let what = match (place.0, &fact.ty) {
            (Variable::Member(_, member), FactType::AnyOf { members }) => member_name(&fact.name, members, member),
            _ => fact.name.clone(),
        };
        let name = format!("{what}: not {} ({})", self.value(place), stage + 1);
        (comments, self.engine.name(&name), alternatives.join(" OR "))
    }

    /// The stage after the last: facts with what was inferred, and why a row is refused.
    fn known(&self, table: &Table) -> String {
        let mut text = "  SELECT".to_owned();
        let inferred: BTreeSet<Variable> = self.ruled_out_by.keys().map(|(variable, _)| *variable).collect();
        let mut by_name: BTreeMap<String, String> = BTreeMap::new();
        for variable in inferred {
            by_name.insert(self.name(variable), self.value_known(variable));
        }
        for (index, fact) in self.library.facts.iter().enumerate() {
            // Where nothing can be inferred, what is not recorded is no by its declaration.
            let id = crate::model::FactId::from_index(index);
            let names = match &fact.ty {
                FactType::YesNo => vec![self.name(Variable::Fact(id))],
                FactType::AnyOf { members } => (0..members.len())
                    .map(|member| self.name(Variable::Member(id, member)))
                    .collect(),
                _ => Vec::new(),
            };
            for name in names.into_iter().filter(|_| fact.default_no) {
                let closed = format!("COALESCE({name}, FALSE)");
                by_name.insert(name, closed);
            }
        }
        for (name, _) in table.selected() {
            let _ = match by_name.get(name) {
                Some(expression) => write!(text, "\n    {expression} AS {name},"),
                None => write!(text, "\n    {name},"),
            };
        }
        text.push_str("\n    CASE\n      WHEN invalid IS NOT NULL THEN invalid");
        for (assumptions, ways) in &self.clauses {
            let fails: Vec<String> = ways.iter().map(|way| self.fails(way)).collect();
            let texts: Vec<&str> = assumptions.iter().map(|id| self.library[*id].text.as_str()).collect();
            let reason = format!("contradicts: {}", texts.join(" and "));
            let _ = write!(
                text,
                "\n      WHEN {} THEN {}",
                fails.join(" AND "),
                self.engine.text(&reason)
            );
        }
        for assumption in &self.library.assumptions {
            let Some((lesser, greater)) = assumption.kind.order() else {
                continue;
            };
            let (low, high) = (
                self.engine.name(&self.library[lesser].name),
                self.engine.name(&self.library[greater].name),
            );
            let scaled = |name: String, factor: Decimal| format!("{name} * {}", self.engine.number(factor));
            let condition = match (table.factor(lesser), table.factor(greater)) {
                (own, other) if own == other => format!("{low} > {high}"),
                (own, other) => format!("{} > {}", scaled(low, own), scaled(high, other)),
            };
            let reason = format!("contradicts: {}", assumption.text);
            let _ = write!(text, "\n      WHEN {condition} THEN {}", self.engine.text(&reason));
        }
        text.push_str("\n    END AS refused\n  FROM LAST");
        text
    }

    /// What is known of a variable in the end: the one value that is not ruled out.
    fn value_known(&self, variable: Variable) -> String {
        let count = clauses::values(self.library, variable);
        let mut text = "CASE".to_owned();
        for value in 0..count {
            let others = (0..count).filter(|other| *other != value);
            let others: Vec<String> = others.map(|other| self.ruled_out((variable, other))).collect();
            let written = match &self.library[variable.fact()].ty {
                FactType::OneOf { .. } => self.engine.text(&self.value((variable, value))),
                _ if value == 1 => "TRUE".to_owned(),
                _ => "FALSE".to_owned(),
            };
            // One value alone is not known before somebody records it.
            let condition = match others.is_empty() {
                true => format!("{} IS NOT NULL", self.name(variable)),
                false => others.join(" AND "),
            };
            let _ = write!(text, " WHEN {condition} THEN {written}");
        }
        text.push_str(" END");
        text
    }
}
