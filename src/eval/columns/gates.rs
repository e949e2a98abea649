//! Conditions as gates: the shape of all conditions of a library, drawn once and followed for every block.
//!
//! In: conditions. Out: for whom they hold.
//!
//! One algebra draws the gates, so that no shape of a condition is forgotten. A wire is a pair of masks with one of them in front; its
//! negation is the same pair with the other in front, and `a or b` is `not (not a and not b)`. So there is one kind of gate for both, no
//! branch between them, and what stands in several conditions is one gate.

use super::{Asked, Lanes, Mask, all, at_least};
use crate::model::{Algebra, AtomId, Condition, DefinitionId, Library};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};

/// A node, and in the lowest bit which side of it is in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wire(u32);

impl Wire {
    /// The first node: what holds for everybody.
    const ALWAYS: Wire = Wire(0);
    const NEVER: Wire = Wire(1);
    /// The second: what is known of nobody.
    pub const UNKNOWN: Wire = Wire(2);

    /// The wire of a node.
    pub fn of_node(node: usize) -> Wire {
        // Whether all nodes have a number is asked in `Drawing::circuit`.
        Wire(u32::try_from(node << 1).unwrap_or(u32::MAX))
    }

    fn node(self) -> usize {
        (self.0 >> 1) as usize
    }

    fn is_turned(self) -> bool {
        self.0 & 1 == 1
    }

    /// The same side of another node.
    fn at(self, node: usize) -> Wire {
        Wire(Wire::of_node(node).0 | (self.0 & 1))
    }

    /// Both sides; nothing is known where there is no such node.
    #[inline(always)]
    pub fn lanes(self, nodes: &[Node]) -> Lanes {
        match nodes.get(self.node()) {
            Some(node) => Lanes {
                holds: *node.side(self.0),
                fails: *node.side(self.0 ^ 1),
            },
            None => Lanes::default(),
        }
    }
}

/// For whom something holds, and for whom it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Node([Mask; 2]);

impl Node {
    /// For whom it holds, where the number is even, or fails.
    #[inline(always)]
    fn side(&self, side: u32) -> &Mask {
        self.0.get((side & 1) as usize).unwrap_or(&Mask::NOBODY)
    }

    /// One side, and the other.
    #[inline(always)]
    pub fn sides_mut(&mut self, holds_first: bool) -> [&mut Mask; 2] {
        let Node([holds, fails]) = self;
        if holds_first { [holds, fails] } else { [fails, holds] }
    }

    /// Both.
    #[inline(always)]
    pub fn lanes(&self) -> Lanes {
        let Node([holds, fails]) = *self;
        Lanes { holds, fails }
    }
}

impl From<Lanes> for Node {
    #[inline(always)]
    fn from(Lanes { holds, fails }: Lanes) -> Node {
        Node([holds, fails])
    }
}

impl std::ops::Not for Wire {
    type Output = Wire;

    fn not(self) -> Wire {
        Wire(self.0 ^ 1)
    }
}

/// What a node is made of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Gate {
    of: Vec<Wire>,
    /// How many of these hold; none where all do, and then there are two or three.
    least: Option<u32>,
}

impl Gate {
    /// What gates that are alike have in common: whether all hold, how many wires there are, and how many of them are turned.
    fn kind(&self) -> (bool, usize, usize) {
        let turned = self.of.iter().filter(|wire| wire.is_turned());
        (self.least.is_some(), self.of.len(), turned.count())
    }
}

/// Gates that follow each other and are alike, so that they are followed without a branch.
#[derive(Debug, Clone)]
enum Run {
    /// For each gate its nodes, of which so many are turned and come first, and the node that it makes.
    All { fan: usize, turned: usize, nodes: Vec<u32> },
    /// One gate: so many of these hold.
    AtLeast { least: u32, of: Vec<Wire>, node: u32 },
}

/// Of how many gates those that are alike are brought together: few enough that what they make stays near the processor.
const BROUGHT_TOGETHER: usize = 256;

/// Gates, each with the node that it makes. The first nodes are those of [`Wire`]; then come those that are put in; those of the gates
/// are used again where nobody asks for them any more.
#[derive(Debug, Clone, Default)]
pub struct Circuit {
    runs: Vec<Run>,
    nodes: usize,
}

impl Circuit {
    /// The first node that is put in.
    pub const FIRST: usize = 2;

    /// Room for all nodes; nothing is known.
    pub fn nodes(&self) -> Vec<Node> {
        let mut nodes = vec![Node::default(); self.nodes];
        nodes.first_mut().into_iter().for_each(|first| *first = Lanes::HOLDS.into());
        nodes
    }

    /// Makes the node of each gate, once those that are put in are there.
    #[inline(always)]
    pub fn follow(&self, nodes: &mut [Node]) {
        for run in &self.runs {
            match run {
                Run::All {
                    fan: 2,
                    turned,
                    nodes: gates,
                } => match turned {
                    0 => follow_alike::<3, 0>(gates, nodes),
                    1 => follow_alike::<3, 1>(gates, nodes),
                    _ => follow_alike::<3, 2>(gates, nodes),
                },
                Run::All {
                    turned, nodes: gates, ..
                } => match turned {
                    0 => follow_alike::<4, 0>(gates, nodes),
                    1 => follow_alike::<4, 1>(gates, nodes),
                    2 => follow_alike::<4, 2>(gates, nodes),
                    _ => follow_alike::<4, 3>(gates, nodes),
                },
                Run::AtLeast { least, of, node } => {
                    let made = at_least(*least, of.iter().map(|part| part.lanes(nodes)));
                    put(nodes, *node, made);
                }
            }
        }
    }
}

/// Makes the node that is the last of each `SIZE`, from those before it, of which the first are turned.
#[inline(always)]
fn follow_alike<const SIZE: usize, const TURNED: usize>(gates: &[u32], nodes: &mut [Node]) {
    let (gates, _) = gates.as_chunks::<SIZE>();
    for gate in gates {
        let mut made = Lanes::HOLDS;
        for (index, of) in gate.iter().take(SIZE - 1).enumerate() {
            let part = nodes.get(*of as usize).map(Node::lanes).unwrap_or_default();
            made = all(made, if index < TURNED { part.turned() } else { part });
        }
        gate.last().into_iter().for_each(|node| put(nodes, *node, made));
    }
}

#[inline(always)]
fn put(nodes: &mut [Node], node: u32, made: Lanes) {
    // INVARIANT: the places of all nodes are below their number.
    if let Some(node) = nodes.get_mut(node as usize) {
        *node = made.into();
    }
}

/// Draws a circuit, condition by condition.
pub struct Drawing<'a> {
    library: &'a Library,
    asked: &'a [Asked],
    /// The first node of a gate.
    first: usize,
    gates: RefCell<Vec<Gate>>,
    drawn: RefCell<HashMap<Gate, Wire>>,
    definitions: Vec<Cell<Option<Wire>>>,
}

impl<'a> Drawing<'a> {
    /// No gate yet, behind the nodes that are put in.
    pub fn new(library: &'a Library, asked: &'a [Asked], first: usize) -> Self {
        Drawing {
            library,
            asked,
            first,
            gates: RefCell::default(),
            drawn: RefCell::default(),
            definitions: vec![Cell::new(None); library.definitions.len()],
        }
    }

    /// The wire that says for whom a condition holds.
    pub fn wire(&self, condition: &Condition) -> Wire {
        condition.fold(self)
    }

    /// What has been drawn, and with it the wires that are asked for in the end; none where there are more nodes than numbers for them.
    pub fn circuit<'w>(self, kept: impl Iterator<Item = &'w mut Wire>) -> Option<Circuit> {
        let first = self.first;
        let drawn = self.gates.into_inner();
        u32::try_from((first + drawn.len()) << 1).ok()?;
        let kept: Vec<&mut Wire> = kept.collect();
        let stays: HashSet<usize> = kept.iter().map(|wire| wire.node()).collect();
        let order = brought_together(&drawn, first);
        // Behind which gate nobody asks for a node any more.
        let mut last = HashMap::new();
        for index in &order {
            let of = drawn.get(*index).into_iter().flat_map(|gate| &gate.of);
            last.extend(of.map(|wire| (wire.node(), *index)));
        }
        let mut places: Vec<Option<usize>> = (0..first).map(Some).collect();
        places.resize(first + drawn.len(), None);
        let (mut free, mut nodes) = (Vec::new(), first);
        let mut runs = Vec::new();
        for index in order {
            let gate = drawn.get(index)?;
            let placed = |wire: &Wire| Some(wire.at((*places.get(wire.node())?)?));
            let of: Vec<Wire> = gate.of.iter().map(placed).collect::<Option<_>>()?;
            let asked: HashSet<usize> = gate.of.iter().map(|wire| wire.node()).collect();
            // A node is made when all that it is made of has been read.
            let over = asked
                .iter()
                .filter(|node| **node >= first && last.get(node) == Some(&index) && !stays.contains(node));
            free.extend(over.filter_map(|node| places.get(*node).copied().flatten()));
            let place = free.pop().unwrap_or_else(|| {
                nodes += 1;
                nodes - 1
            });
            *places.get_mut(first + index)? = Some(place);
            add(&mut runs, of, gate.least, u32::try_from(place).ok()?)?;
        }
        for wire in kept {
            *wire = wire.at((*places.get(wire.node())?)?);
        }
        Some(Circuit { runs, nodes })
    }

    fn gate(&self, gate: Gate) -> Wire {
        if let Some(drawn) = self.drawn.borrow().get(&gate) {
            return *drawn;
        }
        let mut gates = self.gates.borrow_mut();
        let wire = Wire::of_node(self.first + gates.len());
        gates.push(gate.clone());
        self.drawn.borrow_mut().insert(gate, wire);
        wire
    }

    fn every(&self, parts: impl Iterator<Item = Wire>) -> Wire {
        let mut of: Vec<Wire> = parts.filter(|part| *part != Wire::ALWAYS).collect();
        of.sort_unstable();
        of.dedup();
        if of.contains(&Wire::NEVER) {
            return Wire::NEVER;
        }
        // Three become one, until one is left.
        while of.len() > 1 {
            let mut taken: Vec<Wire> = of.drain(..of.len().min(3)).collect();
            taken.sort_unstable();
            of.push(self.gate(Gate { of: taken, least: None }));
        }
        of.pop().unwrap_or(Wire::ALWAYS)
    }
}

/// The gates in an order in which those that are alike stand together, and each behind those that it asks.
fn brought_together(gates: &[Gate], first: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..gates.len()).collect();
    let mut depths: Vec<usize> = Vec::new();
    for (number, some) in gates.chunks(BROUGHT_TOGETHER).enumerate() {
        let start = number * BROUGHT_TOGETHER;
        for gate in some {
            let among = gate.of.iter().filter_map(|wire| wire.node().checked_sub(first + start));
            let depth = among.filter_map(|other| depths.get(start + other)).max();
            depths.push(depth.map_or(0, |depth| depth + 1));
        }
        let these = order.get_mut(start..start + some.len()).unwrap_or_default();
        these.sort_by_key(|index| (depths.get(*index), gates.get(*index).map(Gate::kind)));
    }
    order
}

/// Adds a gate to the last run, or begins one; none where all of more, or of fewer, are to hold than are drawn.
fn add(runs: &mut Vec<Run>, mut of: Vec<Wire>, least: Option<u32>, node: u32) -> Option<()> {
    if let Some(least) = least {
        runs.push(Run::AtLeast { least, of, node });
        return Some(());
    }
    if !(2..=3).contains(&of.len()) {
        return None;
    }
    of.sort_by_key(|wire| !wire.is_turned());
    let turned = of.iter().filter(|wire| wire.is_turned()).count();
    let alike = (of.len(), turned);
    let numbers = of.iter().map(|wire| u32::try_from(wire.node()).ok()).chain([Some(node)]);
    let numbers: Vec<u32> = numbers.collect::<Option<_>>()?;
    match runs.last_mut() {
        Some(Run::All { fan, turned, nodes }) if (*fan, *turned) == alike => nodes.extend(numbers),
        _ => runs.push(Run::All {
            fan: of.len(),
            turned,
            nodes: numbers,
        }),
    }
    Some(())
}

impl Algebra for Drawing<'_> {
    type Output = Wire;

    fn all(&self, parts: &mut dyn Iterator<Item = Wire>) -> Wire {
        self.every(parts)
    }

    fn any(&self, parts: &mut dyn Iterator<Item = Wire>) -> Wire {
        !self.every(parts.map(|part| !part))
    }

    fn at_least(&self, count: u32, parts: &mut dyn Iterator<Item = Wire>) -> Wire {
        self.gate(Gate {
            of: parts.collect(),
            least: Some(count),
        })
    }

    fn not(&self, part: Wire) -> Wire {
        !part
    }

    fn atom(&self, atom: AtomId) -> Wire {
        // INVARIANT: there is one for each test of the library.
        let asked = self.asked.get(self.library[atom].test.index());
        asked.map_or(Wire::UNKNOWN, |asked| asked.wire(self))
    }

    fn defined(&self, definition: DefinitionId) -> Wire {
        let place = self.definitions.get(definition.index());
        if let Some(drawn) = place.and_then(Cell::get) {
            return drawn;
        }
        let wire = self.wire(&self.library[definition].condition);
        if let Some(place) = place {
            place.set(Some(wire));
        }
        wire
    }
}
