//! What makes what give way: one graph over effects and actions.
//!
//! In: a lowered library. Out: edges, sorted by loser, and the circles among them.
//! Must not know: patients.

use super::{ActionId, Condition, Direction, EffectId, Library, RuleId, SettlementDecision, SettlementId, Status, Urgency, hull};
use super::{Clock, Deadline, Duration, units::TimeUnit};
use crate::limits;
use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// Why an effect gives way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// `overrides`, within a guideline.
    Overrides,
    /// `instead of`.
    InsteadOf,
    /// `reconcile … prefer`.
    Prefer(SettlementId),
}

/// One edge: `loser` on `on` gives way where `winner` on `by` is effective.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct GivesWay {
    pub loser: EffectId,
    /// The action of the loser.
    pub on: ActionId,
    pub winner: EffectId,
    pub by: ActionId,
    pub cause: Cause,
    /// Whether only `by` and its kinds are let go, as where a broad avoidance makes way for one kind.
    pub partial: bool,
    /// The `when` of a settlement; true elsewhere.
    pub when: Condition,
}

impl GivesWay {
    /// Whether the edge touches its loser on this action: on all of it, or on the kinds it lets go.
    pub fn concerns(&self, library: &Library, action: ActionId) -> bool {
        match (self.partial, library[self.loser].direction()) {
            (true, _) => library.is_kind_of(action, self.by),
            (false, Direction::Against) => library.is_kind_of(action, self.on),
            (false, Direction::For) => action == self.on,
        }
    }

    /// The action for which the winner's own standing counts: what an avoidance removes are its kinds, so it is asked for the
    /// one that the loser is about.
    pub fn asked(&self, library: &Library) -> ActionId {
        if library.is_kind_of(self.on, self.by) {
            self.on
        } else {
            self.by
        }
    }
}

/// There are more edges than [`limits::GIVES_WAY`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyEdges;

/// All edges of the library, sorted by loser.
///
/// # Errors
///
/// [`TooManyEdges`] where rules give way to rules in more ways than gl keeps.
pub fn edges(library: &Library) -> Result<Vec<GivesWay>, TooManyEdges> {
    let mut edges = Vec::new();
    for (index, rule) in library.rules.iter().enumerate() {
        for loser in &rule.overrides {
            override_edges(
                library,
                RuleId::from_index(index),
                *loser,
                Cause::Overrides,
                &Condition::always(),
                &mut edges,
            );
        }
    }
    instead_of_edges(library, &mut edges)?;
    for (index, settlement) in library.settlements.iter().enumerate() {
        if let SettlementDecision::Prefer { rule, when } = &settlement.decision {
            for loser in settlement.rules.iter().filter(|r| *r != rule) {
                override_edges(
                    library,
                    *rule,
                    *loser,
                    Cause::Prefer(SettlementId::from_index(index)),
                    when,
                    &mut edges,
                );
            }
        }
    }
    edges.retain(|e| is_live(library, e.loser) && is_live(library, e.winner));
    edges.sort_by_key(|e| (e.loser, e.on, e.winner, e.by, e.cause));
    Ok(edges)
}

fn is_live(library: &Library, effect: EffectId) -> bool {
    library[library[library[effect].rule].guideline].status != Status::Retired
}

fn override_edges(library: &Library, winner: RuleId, loser: RuleId, cause: Cause, when: &Condition, edges: &mut Vec<GivesWay>) {
    for w in &library[winner].effects {
        for l in &library[loser].effects {
            for by in &library[*w].actions {
                for on in &library[*l].actions {
                    let scope = match cause {
                        // A settlement settles disagreements, and nothing else of the two rules.
                        Cause::Prefer(_) if windows_apart(library, (*w, *by), (*l, *on)) => Some(false),
                        Cause::Prefer(_) if library[*w].direction() == library[*l].direction() => None,
                        _ => gives_way(library, (*w, *by), (*l, *on)),
                    };
                    if let Some(partial) = scope {
                        let (loser, on, winner, by) = (*l, *on, *w, *by);
                        edges.push(GivesWay {
                            loser,
                            on,
                            winner,
                            by,
                            cause,
                            partial,
                            when: when.clone(),
                        });
                    }
                }
            }
        }
    }
}

/// Whether `loser` gives way to `winner`, and if so whether in part only.
fn gives_way(library: &Library, (winner, by): (EffectId, ActionId), (loser, on): (EffectId, ActionId)) -> Option<bool> {
    use Direction::{Against, For};
    match (library[loser].direction(), library[winner].direction()) {
        (For, For) => library.is_kind_of(by, on).then_some(false),
        // An avoidance covers the kinds of its action, and never removes advice for a parent.
        // Between avoidances only one that covers as much takes over: a narrower one would leave the rest unprotected.
        (For | Against, Against) => library.is_kind_of(on, by).then_some(false),
        (Against, For) if by == on => Some(false),
        (Against, For) => library.is_kind_of(by, on).then_some(true),
    }
}

fn instead_of_edges(library: &Library, edges: &mut Vec<GivesWay>) -> Result<(), TooManyEdges> {
    let replaced: BTreeSet<ActionId> = library
        .effects
        .iter()
        .flat_map(|e| &e.modifiers.instead_of)
        .copied()
        .collect();
    if replaced.is_empty() {
        return Ok(());
    }
    // What is advised for each action that something replaces, or for a kind of it.
    let mut advised: BTreeMap<ActionId, Vec<EffectId>> = BTreeMap::new();
    for (index, effect) in library
        .effects
        .iter()
        .enumerate()
        .filter(|(_, e)| e.direction() == Direction::For)
    {
        for covering in effect
            .actions
            .iter()
            .filter_map(|a| library.ancestors.get(a.index()))
            .flatten()
            .filter(|action| replaced.contains(action))
        {
            advised.entry(*covering).or_default().push(EffectId::from_index(index));
        }
    }
    for (index, effect) in library.effects.iter().enumerate() {
        let winner = EffectId::from_index(index);
        let replaced: BTreeSet<ActionId> = effect.modifiers.instead_of.iter().copied().collect();
        for old in replaced {
            // Everything under what is replaced is under what is advised instead: nothing gives way.
            if effect.actions.iter().any(|own| library.is_kind_of(old, *own)) {
                continue;
            }
            let losers: BTreeSet<EffectId> = advised
                .get(&old)
                .into_iter()
                .flatten()
                .copied()
                .filter(|l| *l != winner)
                .collect();
            for loser in losers {
                for on in library[loser].actions.iter().filter(|on| library.is_kind_of(**on, old)) {
                    if effect.actions.iter().any(|own| library.is_kind_of(*on, *own)) {
                        continue;
                    }
                    for by in &effect.actions {
                        let (on, by, cause, when) = (*on, *by, Cause::InsteadOf, Condition::always());
                        edges.push(GivesWay {
                            loser,
                            on,
                            winner,
                            by,
                            cause,
                            partial: false,
                            when,
                        });
                    }
                }
                if edges.len() > limits::GIVES_WAY {
                    return Err(TooManyEdges);
                }
            }
        }
    }
    Ok(())
}

/// The edges by which an effect may give way.
pub fn edges_of(library: &Library, loser: EffectId) -> &[GivesWay] {
    let start = library.gives_way.partition_point(|e| e.loser < loser);
    let end = library.gives_way.partition_point(|e| e.loser <= loser);
    library.gives_way.get(start..end).unwrap_or(&[])
}

/// Circles of effects that make each other give way, each sorted; conditions that exclude each other keep a circle apart.
pub fn circles(library: &Library) -> Vec<Vec<EffectId>> {
    let mut graph: DiGraph<EffectId, ()> = DiGraph::new();
    let mut nodes = BTreeMap::new();
    let mut node = |graph: &mut DiGraph<EffectId, ()>, effect: EffectId, action: ActionId| {
        *nodes.entry((effect, action)).or_insert_with(|| graph.add_node(effect))
    };
    for edge in &library.gives_way {
        if hull::exclude(
            library,
            &[&library[edge.loser].guard, &edge.when],
            &[&library[edge.winner].guard],
        ) {
            continue;
        }
        let (loser, winner) = (node(&mut graph, edge.loser, edge.on), node(&mut graph, edge.winner, edge.by));
        graph.add_edge(loser, winner, ());
    }
    let mut circles: Vec<Vec<EffectId>> = tarjan_scc(&graph)
        .into_iter()
        .filter(|part| part.len() > 1 || part.first().is_some_and(|n| graph.contains_edge(*n, *n)))
        .map(|part| {
            let members: BTreeSet<EffectId> = part.iter().filter_map(|n| graph.node_weight(*n)).copied().collect();
            members.into_iter().collect()
        })
        .collect();
    circles.sort();
    circles
}

impl Duration {
    /// The length in minutes under the language's convention; nothing where it leaves the range of exact decimals.
    pub fn minutes(self) -> Option<Decimal> {
        self.amount.checked_mul(self.unit.minutes())
    }
}

impl Deadline {
    /// The longest time the deadline allows.
    pub fn at_most(self) -> Duration {
        match self {
            Deadline::Exact(duration) => duration,
            Deadline::Vague(word) => word.at_most(),
        }
    }
}

/// The deadline of an effect: its own, or the longest that its urgency allows, counted from the evaluation.
pub fn deadline(library: &Library, effect: EffectId) -> Option<(Duration, Clock)> {
    let effect = &library[effect];
    let allowed = |amount: i64, unit| {
        Some((
            Duration {
                amount: Decimal::from(amount),
                unit,
            },
            Clock::Evaluation,
        ))
    };
    match (&effect.timing.deadline, effect.urgency) {
        (Some((deadline, clock)), _) => Some((deadline.at_most(), *clock)),
        (None, Some(Urgency::Immediate)) => allowed(1, TimeUnit::Days),
        (None, Some(Urgency::Urgent)) => allowed(2, TimeUnit::Weeks),
        (None, _) => None,
    }
}

/// Whether both are advised in windows that do not meet: one holds its action and the kinds of it back longer, on the same
/// clock, than the other allows.
pub fn windows_apart(library: &Library, a: (EffectId, ActionId), b: (EffectId, ActionId)) -> bool {
    let holds_back = |(held, held_action): (EffectId, ActionId), (called, called_action): (EffectId, ActionId)| {
        let Some((start, clock)) = library[held].timing.not_before else {
            return false;
        };
        let Some((end, end_clock)) = deadline(library, called) else {
            return false;
        };
        clock == end_clock && library.is_kind_of(called_action, held_action) && start.minutes() > end.minutes()
    };
    let both_for = [a.0, b.0].iter().all(|e| library[*e].direction() == Direction::For);
    both_for && (holds_back(a, b) || holds_back(b, a))
}
