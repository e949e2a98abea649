//! Patients who may have a disagreement, in a block.
//!
//! In: the effects that take part, once; then the states and standings of a block. Out: everybody of whom the interpreter might say
//! a disagreement, and some of whom it does not.
//!
//! What can disagree is asked of [`crate::eval::compare`], as if everything fired. Of a patient it is left out where one side does not
//! fire, or gave way to something that is no settlement.

use super::{Block, Mask};
use crate::eval::compare::{Meeting, Piece, disagree_in_time, may_be_reconciled, may_clash, meetings};
use crate::model::{ActionId, EffectId, Library};
use std::collections::BTreeMap;

/// What can disagree in a library.
#[derive(Debug, Clone, Default)]
pub struct Clashes {
    sides: Vec<Side>,
    /// Sides that disagree with each of several others.
    pairs: Vec<(usize, Vec<usize>)>,
    choices: Vec<Choice>,
}

/// An effect on an action that has a part in something.
#[derive(Debug, Clone)]
struct Side {
    /// The place of its effect among those that take part.
    effect: usize,
    piece: Piece,
    /// Whether it may have a part in a disagreement though it gave way.
    may_be_reconciled: bool,
}

/// An effect whose alternatives can all be advised against.
#[derive(Debug, Clone)]
struct Choice {
    /// Each alternative with what is against it.
    alternatives: Vec<(usize, Vec<usize>)>,
}

impl Clashes {
    /// Everything that can disagree among these effects, which are in order.
    pub fn new(library: &Library, effects: &[EffectId]) -> Clashes {
        let mut maker = Maker {
            library,
            effects,
            clashes: Clashes::default(),
            by_piece: BTreeMap::new(),
        };
        let pieces = effects.iter().flat_map(|effect| {
            let actions = library[*effect].actions.iter();
            actions.map(move |action| (*effect, *action))
        });
        let mut pairs: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut pair = |maker: &mut Maker<'_>, one: Piece, other: Piece| {
            if may_clash(library, one.0, other.0) {
                let (one, other) = (maker.side(one), maker.side(other));
                pairs.entry(one).or_default().push(other);
            }
        };
        meetings(library, pieces, |meeting| match meeting {
            Meeting::Opposed(advised, avoided) => pair(&mut maker, advised, avoided),
            Meeting::Advised(kind, parent) if disagree_in_time(library, kind, parent) => pair(&mut maker, kind, parent),
            Meeting::Choice(effect, each) => maker.choice(effect, &each),
            Meeting::Advised(..) | Meeting::Avoided(..) | Meeting::Narrowed(..) => {}
        });
        let mut clashes = maker.clashes;
        clashes.pairs = pairs.into_iter().collect();
        clashes
    }

    /// Those of some patients who may have a disagreement.
    pub fn of(&self, block: &Block, those: Mask) -> Mask {
        // For whom a side fires, and for whom it gave way.
        let found = self.sides.iter().map(|side| {
            let fires = block.state_at(side.effect).map_or(those, |lanes| lanes.holds & those);
            let gave_way = block
                .makes_way
                .get(&side.piece)
                .map_or(Mask::NOBODY, |(gave_way, _)| *gave_way);
            match side.may_be_reconciled {
                true => (fires, gave_way),
                false => (fires & !gave_way, gave_way),
            }
        });
        let found: Vec<(Mask, Mask)> = found.collect();
        let side = |side: usize| found.get(side).copied().unwrap_or((those, Mask::NOBODY));
        let with_any = |one: usize, others: &[usize]| {
            let (here, _) = side(one);
            match here.is_nobody() {
                true => Mask::NOBODY,
                false => here & others.iter().fold(Mask::NOBODY, |any, other| any | side(*other).0),
            }
        };
        let mut may = Mask::NOBODY;
        for (one, others) in &self.pairs {
            may |= with_any(*one, others);
        }
        for choice in &self.choices {
            // An alternative that gave way is not on offer, unless none is left.
            let (mut all, mut any) = (Mask::EVERYBODY, Mask::NOBODY);
            for (alternative, against) in &choice.alternatives {
                let clashes = with_any(*alternative, against);
                all &= clashes | side(*alternative).1;
                any |= clashes;
            }
            may |= all & any;
        }
        may
    }
}

struct Maker<'a> {
    library: &'a Library,
    effects: &'a [EffectId],
    clashes: Clashes,
    by_piece: BTreeMap<Piece, usize>,
}

impl Maker<'_> {
    fn side(&mut self, piece: Piece) -> usize {
        let next = self.clashes.sides.len();
        let place = *self.by_piece.entry(piece).or_insert(next);
        if place == next {
            self.clashes.sides.push(Side {
                effect: self.effects.partition_point(|effect| *effect < piece.0),
                piece,
                may_be_reconciled: may_be_reconciled(self.library, piece.0),
            });
        }
        place
    }

    fn choice(&mut self, effect: EffectId, each: &[(ActionId, Vec<Piece>)]) {
        let mut alternatives = Vec::new();
        for (action, against) in each {
            let may_clash = |piece: &&Piece| may_clash(self.library, effect, piece.0);
            let against: Vec<Piece> = against.iter().filter(may_clash).copied().collect();
            let against = against.into_iter().map(|piece| self.side(piece)).collect();
            alternatives.push((self.side((effect, *action)), against));
        }
        self.clashes.choices.push(Choice { alternatives });
    }
}
