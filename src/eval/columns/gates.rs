//! Conditions as gates: the shape of all conditions of a library, drawn once and followed for every block.
//!
//! In: conditions. Out: for whom they hold.
//!
//! One algebra draws the gates, so that no shape of a condition is forgotten. A wire is a pair of masks with one of them in front; its
//! negation is the same pair with the other in front, and `a or b` is `not (not a and not b)`. So there is one kind of gate for both, no
//! branch between them, and what stands in several conditions is one gate.

use super::{Asked, Lanes, Mask, at_least};
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
enum Gate {
    /// Both hold.
    Both([Wire; 2]),
    /// So many hold.
    AtLeast(Box<(u32, Vec<Wire>)>),
}

impl Gate {
    fn wires(&self) -> &[Wire] {
        match self {
            Gate::Both(both) => both,
            Gate::AtLeast(of) => &of.1,
        }
    }

    fn wires_mut(&mut self) -> &mut [Wire] {
        match self {
            Gate::Both(both) => both,
            Gate::AtLeast(of) => &mut of.1,
        }
    }
}

/// Gates, each with the node that it makes. The first nodes are those of [`Wire`]; then come those that are put in; those of the gates
/// are used again where nobody asks for them any more, so that all of them stay near the processor.
#[derive(Debug, Clone, Default)]
pub struct Circuit {
    gates: Vec<(Gate, u32)>,
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
        for (gate, place) in &self.gates {
            let made = match gate {
                Gate::Both([one, other]) => match (nodes.get(one.node()), nodes.get(other.node())) {
                    (Some(a), Some(b)) => Node([*a.side(one.0) & *b.side(other.0), *a.side(one.0 ^ 1) | *b.side(other.0 ^ 1)]),
                    _ => Node::default(),
                },
                Gate::AtLeast(of) => at_least(of.0, of.1.iter().map(|part| part.lanes(nodes))).into(),
            };
            // INVARIANT: the places of all nodes are below their number.
            if let Some(node) = nodes.get_mut(*place as usize) {
                *node = made;
            }
        }
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
        // Behind which gate nobody asks for a node any more.
        let mut last = HashMap::new();
        for (index, gate) in drawn.iter().enumerate() {
            last.extend(gate.wires().iter().map(|wire| (wire.node(), index)));
        }
        let mut places: Vec<usize> = (0..first).collect();
        let (mut free, mut nodes) = (Vec::new(), first);
        let mut gates = Vec::new();
        for (index, mut gate) in drawn.into_iter().enumerate() {
            let asked: HashSet<usize> = gate.wires().iter().map(|wire| wire.node()).collect();
            gate.wires_mut().iter_mut().try_for_each(|wire| {
                *wire = wire.at(*places.get(wire.node())?);
                Some(())
            })?;
            // A node is made when all that it is made of has been read.
            let over = asked
                .iter()
                .filter(|node| **node >= first && last.get(node) == Some(&index) && !stays.contains(node));
            free.extend(over.filter_map(|node| places.get(*node)).copied());
            let place = free.pop().unwrap_or_else(|| {
                nodes += 1;
                nodes - 1
            });
            places.push(place);
            gates.push((gate, u32::try_from(place).ok()?));
        }
        for wire in kept {
            *wire = wire.at(*places.get(wire.node())?);
        }
        Some(Circuit { gates, nodes })
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

    fn both(&self, a: Wire, b: Wire) -> Wire {
        match (a.min(b), a.max(b)) {
            (Wire::ALWAYS, other) => other,
            (Wire::NEVER, _) => Wire::NEVER,
            (a, b) if a == b => a,
            (a, b) => self.gate(Gate::Both([a, b])),
        }
    }
}

impl Algebra for Drawing<'_> {
    type Output = Wire;

    fn all(&self, parts: &mut dyn Iterator<Item = Wire>) -> Wire {
        parts.fold(Wire::ALWAYS, |so_far, part| self.both(so_far, part))
    }

    fn any(&self, parts: &mut dyn Iterator<Item = Wire>) -> Wire {
        !parts.fold(Wire::ALWAYS, |so_far, part| self.both(so_far, !part))
    }

    fn at_least(&self, count: u32, parts: &mut dyn Iterator<Item = Wire>) -> Wire {
        self.gate(Gate::AtLeast(Box::new((count, parts.collect()))))
    }

    fn not(&self, part: Wire) -> Wire {
        !part
    }

    fn atom(&self, atom: AtomId) -> Wire {
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
