//! The map of a document: facts, definitions, rules and actions in layers, from left to right.
//!
//! In: a guideline. Out: boxes and lines with their places, in pixels.
//! Must not know: how they are drawn.

use super::words::named;
use super::{Cx, anchors};
use crate::model::{ActionId, Condition, DefinitionId, FactId, GuidelineId, Leaf, RuleId, Term};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A drawing.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct Map {
    pub width: usize,
    pub height: usize,
    pub columns: Vec<Column>,
    pub boxes: Vec<Box>,
    pub lines: Vec<Line>,
    /// The actions, to choose one of which only the paths are shown.
    pub actions: Vec<Choice>,
}

/// The heading of a layer.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct Column {
    pub x: usize,
    pub title: &'static str,
}

/// Something of the document.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct Box {
    pub number: usize,
    pub layer: usize,
    /// `fact`, `term`, `rule` or `action`; a rule also has the class of its advice.
    pub kind: &'static str,
    pub tone: &'static str,
    /// As much of the label as there is room for.
    pub short: String,
    pub label: String,
    pub link: String,
    pub x: usize,
    pub y: usize,
    pub width: usize,
}

/// What a box leads to.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct Line {
    pub from: usize,
    pub to: usize,
    /// The path of a curve.
    pub path: String,
    /// Whether the line leads to advice against the action.
    pub against: bool,
}

/// One of the actions.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct Choice {
    pub number: usize,
    pub label: String,
}

/// What is drawn at most; a larger picture helps nobody.
const BOXES: usize = 1_200;
const LETTERS: usize = 31;
const WIDTH: usize = 222;
const GAP: usize = 58;
const ROW: usize = 30;
const TOP: usize = 44;
/// How often the layers are put into order by their neighbours.
const SWEEPS: usize = 12;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Fact(FactId),
    Term(DefinitionId),
    Rule(RuleId),
    Action(ActionId),
}

/// The map of a guideline; none where it has no rules, or more of everything than a picture can show.
pub(super) fn map(cx: &Cx<'_>, guideline: GuidelineId) -> Option<Map> {
    let graph = Graph::of(cx, guideline);
    if graph.edges.is_empty() || graph.nodes.len() > BOXES {
        return None;
    }
    Some(graph.drawn(cx))
}

struct Graph {
    nodes: BTreeSet<Node>,
    /// From, to, and whether the advice is against it.
    edges: BTreeMap<(Node, Node), bool>,
    /// How many definitions lie below each definition, itself included.
    depths: BTreeMap<DefinitionId, usize>,
}

impl Graph {
    fn of(cx: &Cx<'_>, guideline: GuidelineId) -> Self {
        let library = cx.library;
        let mut graph = Graph {
            nodes: BTreeSet::new(),
            edges: BTreeMap::new(),
            depths: BTreeMap::new(),
        };
        let mut waiting = Vec::new();
        for (index, rule) in library.rules.iter().enumerate().filter(|(_, r)| r.guideline == guideline) {
            let node = Node::Rule(RuleId::from_index(index));
            let guard = &rule.guard;
            for condition in [&guard.section, &guard.when, &guard.unless] {
                waiting.extend(graph.looks_at(cx, condition, node));
            }
            for effect in rule.effects.iter().map(|e| &library[*e]) {
                waiting.extend(graph.looks_at(cx, &effect.own, node));
                let against = effect.direction() == crate::model::Direction::Against;
                for action in &effect.actions {
                    // Advice for an action outweighs what `only when` says besides.
                    let known = graph.edges.get(&(node, Node::Action(*action))).copied();
                    graph.edge(node, Node::Action(*action), against && known.unwrap_or(true));
                }
            }
        }
        let mut seen = BTreeSet::new();
        while let Some(term) = waiting.pop() {
            if seen.insert(term) {
                waiting.extend(graph.looks_at(cx, &library[term].condition, Node::Term(term)));
            }
        }
        for term in seen {
            graph.depth(cx, term);
        }
        graph
    }

    fn edge(&mut self, from: Node, to: Node, against: bool) {
        self.nodes.extend([from, to]);
        self.edges.insert((from, to), against);
    }

    /// Joins what a condition looks at with whose condition it is; gives the definitions among them.
    fn looks_at(&mut self, cx: &Cx<'_>, condition: &Condition, node: Node) -> Vec<DefinitionId> {
        self.nodes.insert(node);
        let mut terms = Vec::new();
        for leaf in condition.leaves() {
            match leaf {
                Leaf::Atom(atom) => {
                    let (Term::Fact(fact), _) = &cx.library[cx.library[atom].test];
                    self.edge(Node::Fact(*fact), node, false);
                }
                Leaf::Defined(term) => {
                    self.edge(Node::Term(term), node, false);
                    terms.push(term);
                }
            }
        }
        terms
    }

    /// Definitions have no circles, and their nesting is limited.
    fn depth(&mut self, cx: &Cx<'_>, term: DefinitionId) -> usize {
        if let Some(depth) = self.depths.get(&term) {
            return *depth;
        }
        let below = cx.library[term].condition.leaves().into_iter().filter_map(Leaf::definition);
        let depth = 1 + below.map(|other| self.depth(cx, other)).max().unwrap_or(0);
        self.depths.insert(term, depth);
        depth
    }

    fn drawn(&self, cx: &Cx<'_>) -> Map {
        let deepest = self.depths.values().copied().max().unwrap_or(0);
        let layer_of = |node: &Node| match node {
            Node::Fact(_) => 0,
            Node::Term(term) => self.depths.get(term).copied().unwrap_or(1),
            Node::Rule(_) => deepest + 1,
            Node::Action(_) => deepest + 2,
        };
        let mut layers: Vec<Vec<Node>> = vec![Vec::new(); deepest + 3];
        for node in &self.nodes {
            if let Some(layer) = layers.get_mut(layer_of(node)) {
                layer.push(*node);
            }
        }
        self.order(&mut layers);
        let rows = layers.iter().map(Vec::len).max().unwrap_or(0);
        let mut places: BTreeMap<Node, (usize, usize, usize, usize)> = BTreeMap::new();
        let mut boxes = Vec::new();
        for (layer, nodes) in layers.iter().enumerate() {
            let x = layer * (WIDTH + GAP);
            // Short layers are spread over the height of the longest one, so that lines stay short.
            for (row, node) in nodes.iter().enumerate() {
                let y = TOP + (2 * row + 1) * rows * ROW / (2 * nodes.len());
                let number = boxes.len();
                places.insert(*node, (number, layer, x, y));
                boxes.push(self.box_of(cx, *node, number, layer, (x, y)));
            }
        }
        let lines = self.edges.iter().filter_map(|((from, to), against)| {
            let ((from, _, x, y), (to, _, end, other)) = (places.get(from)?, places.get(to)?);
            let start = x + WIDTH;
            let middle = (start + end) / 2;
            Some(Line {
                from: *from,
                to: *to,
                path: format!("M{start} {y}C{middle} {y} {middle} {other} {end} {other}"),
                against: *against,
            })
        });
        let last = layers.len().saturating_sub(1);
        let mut actions: Vec<Choice> = boxes
            .iter()
            .filter(|b| b.layer == last)
            .map(|b| Choice {
                number: b.number,
                label: b.label.clone(),
            })
            .collect();
        actions.sort_by(|one, other| one.label.cmp(&other.label));
        let title = |layer: usize| match layer {
            0 => "Facts",
            1 => "Definitions",
            layer if layer == deepest + 1 => "Rules",
            layer if layer == deepest + 2 => "Actions",
            _ => "",
        };
        Map {
            width: layers.len() * (WIDTH + GAP) - GAP,
            height: TOP + rows * ROW + ROW / 2,
            columns: (0..layers.len())
                .map(|layer| Column {
                    x: layer * (WIDTH + GAP),
                    title: if deepest == 0 && layer == 1 { "Rules" } else { title(layer) },
                })
                .collect(),
            lines: lines.collect(),
            boxes,
            actions,
        }
    }

    /// Puts each layer into the order in which its neighbours stand, forth and back.
    fn order(&self, layers: &mut [Vec<Node>]) {
        let mut before: BTreeMap<Node, Vec<Node>> = BTreeMap::new();
        let mut after: BTreeMap<Node, Vec<Node>> = BTreeMap::new();
        for (from, to) in self.edges.keys() {
            before.entry(*to).or_default().push(*from);
            after.entry(*from).or_default().push(*to);
        }
        // Rules begin in the order of the document, and everything else follows them.
        let mut places: BTreeMap<Node, f64> = BTreeMap::new();
        let spread = |nodes: &[Node], places: &mut BTreeMap<Node, f64>| {
            for (row, node) in nodes.iter().enumerate() {
                places.insert(*node, (row as f64 + 0.5) / nodes.len() as f64);
            }
        };
        layers.iter().for_each(|nodes| spread(nodes, &mut places));
        for sweep in 0..SWEEPS {
            let forth = sweep % 2 == 1;
            let neighbours = if forth { &before } else { &after };
            let order: Vec<usize> = if forth {
                (0..layers.len()).collect()
            } else {
                (0..layers.len()).rev().collect()
            };
            for layer in order {
                let Some(nodes) = layers.get_mut(layer) else { continue };
                let centre = |node: &Node| {
                    let near: Vec<f64> = neighbours
                        .get(node)
                        .into_iter()
                        .flatten()
                        .filter_map(|other| places.get(other).copied())
                        .collect();
                    match near.len() {
                        0 => places.get(node).copied().unwrap_or(0.5),
                        several => near.iter().sum::<f64>() / several as f64,
                    }
                };
                let mut keyed: Vec<(f64, Node)> = nodes.iter().map(|node| (centre(node), *node)).collect();
                keyed.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
                *nodes = keyed.into_iter().map(|(_, node)| node).collect();
                spread(nodes, &mut places);
            }
        }
    }

    fn box_of(&self, cx: &Cx<'_>, node: Node, number: usize, layer: usize, (x, y): (usize, usize)) -> Box {
        let library = cx.library;
        let (kind, label, link) = match node {
            Node::Fact(id) => (
                "fact",
                named(&library[id].label, &library[id].name),
                anchors::fact(&library[id]),
            ),
            Node::Term(id) => (
                "term",
                named(&library[id].label, &library[id].name),
                anchors::definition(library, id),
            ),
            Node::Rule(id) => {
                let rule = &library[id];
                let label = named(rule.label.as_deref().unwrap_or(""), &rule.name);
                ("rule", label, anchors::rule(rule))
            }
            Node::Action(id) => (
                "action",
                named(&library[id].label, &library[id].name),
                anchors::action(&library[id]),
            ),
        };
        let tone = match node {
            Node::Rule(id) => cx
                .words
                .effects(id)
                .first()
                .map_or("", |(e, _)| super::words::tone(e.modality).0),
            _ => "",
        };
        let short = if label.chars().count() > LETTERS {
            let cut: String = label.chars().take(LETTERS - 1).collect();
            format!("{}…", cut.trim_end())
        } else {
            label.clone()
        };
        Box {
            number,
            layer,
            kind,
            tone,
            short,
            label,
            link,
            x,
            y,
            width: WIDTH,
        }
    }
}
