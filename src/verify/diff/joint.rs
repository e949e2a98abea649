//! Two versions of a library side by side in one, with the facts that both declare.
//!
//! In: two libraries. Out: one in which a patient can be described for both, and the way back to each.
//! Must not know: what differs.
//!
//! Everything but facts stays apart, so that nothing of one version makes anything of the other give way. A fact of one name
//! is one fact where its types can be united; a value that one version cannot record is unknown to it.

use crate::model::gives_way::{Cause, GivesWay};
use crate::model::units::Unit;
use crate::model::{
    ActionId, Algebra, AssumptionKind, Atom, AtomId, Comparison, Condition, DefinitionId, Effect, EffectId, Entry, Fact, FactId,
    FactType, GuidelineId, Library, Record, Recorded, Rule, RuleId, SettlementDecision, SettlementId, Term, Test, TestId,
};
use crate::verify::space::{Mask, Region, Space};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Both versions.
pub(super) struct Joint {
    /// Their rules, definitions, actions and assumptions, those of the old version first.
    pub library: Library,
    /// Where the old version went.
    pub old: Part,
    /// Where the new version went.
    pub new: Part,
}

/// Where the parts of one version went.
#[derive(Default)]
pub(super) struct Part {
    guidelines: usize,
    definitions: usize,
    rules: usize,
    effects: usize,
    actions: usize,
    settlements: usize,
    atoms: usize,
    tests: usize,
    /// How many tests the version has.
    count: usize,
    /// The joint fact of each of its facts.
    joint: Vec<FactId>,
    /// Its own fact for each joint one that it declares.
    own: BTreeMap<FactId, FactId>,
    /// Its facts that the other version declares by a type that nothing is in common with.
    pub incomparable: BTreeSet<FactId>,
    /// The joint facts with values that this version cannot record.
    wider: BTreeSet<FactId>,
}

impl Joint {
    /// Puts the versions side by side.
    pub fn new(old: &Library, new: &Library) -> Self {
        let mut library = old.clone();
        let mut first = Part {
            count: old.tests.len(),
            joint: (0..old.facts.len()).map(FactId::from_index).collect(),
            ..Part::default()
        };
        first.own = first.joint.iter().map(|f| (*f, *f)).collect();
        let mut second = Part {
            guidelines: old.guidelines.len(),
            definitions: old.definitions.len(),
            rules: old.rules.len(),
            effects: old.effects.len(),
            actions: old.actions.len(),
            settlements: old.settlements.len(),
            atoms: old.atoms.len(),
            tests: old.tests.len(),
            count: new.tests.len(),
            ..Part::default()
        };
        unite_facts(&mut library, &mut first, new, &mut second);
        cut_at_ranges(&mut library, [(old, &first), (new, &second)]);
        second.tests = library.tests.len();
        add(&mut library, new, &second);
        Joint {
            library,
            old: first,
            new: second,
        }
    }

    /// Makes the tests of each version hold, or not hold, of values that it can record alone.
    pub fn confine(&self, space: &mut Space<'_>, old: &Library, new: &Library) {
        for (part, version) in [(&self.old, old), (&self.new, new)] {
            for (index, (Term::Fact(fact), _)) in self.library.tests.iter().enumerate().skip(part.tests).take(part.count) {
                if part.wider.contains(fact)
                    && let Some(own) = part.own.get(fact)
                {
                    let masks = recordable(space, &self.library[*fact], &version[*own], *fact);
                    space.confine(TestId::from_index(index), &masks);
                }
            }
        }
    }
}

/// Joint facts for those of the new version.
fn unite_facts(library: &mut Library, first: &mut Part, new: &Library, second: &mut Part) {
    for (index, fact) in new.facts.iter().enumerate() {
        let id = FactId::from_index(index);
        let namesake = library.fact_names.get(&fact.name).copied();
        let united = namesake.and_then(|other| Some((other, united(library, &library[other], new, fact)?)));
        let joint = match united {
            Some((joint, united)) => {
                if wider(&united, &library[joint]) {
                    first.wider.insert(joint);
                }
                if wider(&united, fact) {
                    second.wider.insert(joint);
                }
                if let Some(slot) = library.facts.get_mut(joint.index()) {
                    *slot = united;
                }
                joint
            }
            None => {
                if let Some(other) = namesake {
                    first.incomparable.insert(other);
                    second.incomparable.insert(id);
                }
                library.facts.push(fact.clone());
                FactId::from_index(library.facts.len() - 1)
            }
        };
        second.joint.push(joint);
        second.own.insert(joint, id);
    }
    // A duration counts from a date of the joint library. What was just added may name a date that comes after it.
    for (index, fact) in new.facts.iter().enumerate() {
        if let FactType::TimeSince { date } = fact.ty
            && let (Some(joint), Some(date)) = (second.joint.get(index), second.joint.get(date.index()))
            && let Some(slot) = library.facts.get_mut(joint.index())
        {
            slot.ty = FactType::TimeSince { date: *date };
        }
    }
}

/// A fact that records whatever either version can; nothing where the types have nothing in common.
fn united(old_library: &Library, old: &Fact, new_library: &Library, new: &Fact) -> Option<Fact> {
    let both = |one: &[String], other: &[String]| {
        let added = other.iter().filter(|v| !one.contains(v)).cloned();
        one.iter().cloned().chain(added).collect::<Vec<_>>()
    };
    let ty = match (&old.ty, &new.ty) {
        (FactType::OneOf { values, ordered }, FactType::OneOf { values: more, .. }) => FactType::OneOf {
            values: both(values, more),
            ordered: *ordered,
        },
        (FactType::AnyOf { members }, FactType::AnyOf { members: more }) => FactType::AnyOf {
            members: both(members, more),
        },
        (FactType::Quantity { unit: Unit::Time(_) }, FactType::Quantity { unit: Unit::Time(_) }) => old.ty.clone(),
        (FactType::TimeSince { date }, FactType::TimeSince { date: other }) => {
            (old_library[*date].name == new_library[*other].name).then(|| old.ty.clone())?
        }
        (one, other) => (one == other).then(|| one.clone())?,
    };
    let range = match (old.range, new.range) {
        (Some((low, high)), Some((other_low, other_high))) => Some((low.min(other_low), high.max(other_high))),
        _ => None,
    };
    Some(Fact {
        ty,
        range,
        default_no: old.default_no && new.default_no,
        ..old.clone()
    })
}

/// Whether the united fact has values that this one cannot record.
fn wider(united: &Fact, own: &Fact) -> bool {
    match (&united.ty, &own.ty) {
        (FactType::OneOf { values, .. }, FactType::OneOf { values: own, .. }) => values.len() > own.len(),
        (FactType::AnyOf { members }, FactType::AnyOf { members: own }) => members.len() > own.len(),
        _ => united.range != own.range,
    }
}

/// Tests that cut a fact where the range of one version ends, so that no region lies on both sides of it.
fn cut_at_ranges(library: &mut Library, versions: [(&Library, &Part); 2]) {
    for (version, part) in versions {
        for joint in &part.wider {
            let own = part.own.get(joint).map(|own| &version[*own]);
            for end in own.and_then(|f| f.range).into_iter().flat_map(|(low, high)| [low, high]) {
                let test = Test::Compare {
                    comparison: Comparison::AtMost,
                    than: end,
                    written: String::new(),
                };
                library.tests.push((Term::Fact(*joint), test));
            }
        }
    }
}

/// The regions that a version can record, by variable of the fact.
fn recordable(space: &Space<'_>, joint: &Fact, own: &Fact, fact: FactId) -> BTreeMap<usize, Mask> {
    let masks = space.variables_of(fact).enumerate().map(|(place, variable)| {
        let mask = match (&joint.ty, &own.ty) {
            (FactType::OneOf { values, .. }, FactType::OneOf { values: own, .. }) => values
                .iter()
                .enumerate()
                .filter(|(place, value)| *place < Mask::BITS as usize && own.contains(value))
                .fold(0, |mask, (place, _)| mask | 1 << place),
            (FactType::AnyOf { members }, FactType::AnyOf { members: own }) => {
                members.get(place).filter(|m| own.contains(m)).map_or(0, |_| Mask::MAX)
            }
            _ => space.regions_with(variable, |region| own.range.is_none_or(|range| lies_in(region, range))),
        };
        (variable, mask)
    });
    masks.collect()
}

fn lies_in(region: Region, (low, high): (Decimal, Decimal)) -> bool {
    match region {
        Region::Point(point) => low <= point && point <= high,
        Region::Gap(from, to) => from.is_some_and(|from| low <= from) && to.is_some_and(|to| to <= high),
    }
}

/// Adds everything of the new version but its facts.
fn add(library: &mut Library, new: &Library, part: &Part) {
    let condition = |c: &Condition| c.fold(part);
    library.tests.extend(new.tests.iter().map(|(Term::Fact(fact), test)| {
        let joint = part.joint.get(fact.index()).copied().unwrap_or(*fact);
        let test = match (test, &new[*fact].ty) {
            (Test::In(values), FactType::OneOf { values: names, .. }) => Test::In(
                values
                    .iter()
                    .filter_map(|v| place(&library.facts, joint, names.get(*v)?))
                    .collect(),
            ),
            (Test::Includes(member), FactType::AnyOf { members }) => Test::Includes(
                members
                    .get(*member)
                    .and_then(|name| place(&library.facts, joint, name))
                    .unwrap_or(*member),
            ),
            _ => test.clone(),
        };
        (Term::Fact(joint), test)
    }));
    library.atoms.extend(new.atoms.iter().map(|atom| Atom {
        test: TestId::from_index(part.tests + atom.test.index()),
        ..atom.clone()
    }));
    library.guidelines.extend(new.guidelines.iter().map(|g| {
        let mut guideline = g.clone();
        guideline.scope = condition(&g.scope);
        guideline
    }));
    library.definitions.extend(new.definitions.iter().map(|d| {
        let mut definition = d.clone();
        definition.condition = condition(&d.condition);
        definition.guideline = d.guideline.map(|g| part.guideline(g));
        definition
    }));
    library.assumptions.extend(new.assumptions.iter().map(|a| {
        let mut assumption = a.clone();
        let fact = |own: &FactId| part.joint.get(own.index()).copied().unwrap_or(*own);
        assumption.kind = match &a.kind {
            AssumptionKind::Implies { left, right } => AssumptionKind::Implies {
                left: condition(left),
                right: condition(right),
            },
            AssumptionKind::AtMostOne { parts } => AssumptionKind::AtMostOne {
                parts: parts.iter().map(condition).collect(),
            },
            AssumptionKind::Order { lesser, greater } => AssumptionKind::Order {
                lesser: fact(lesser),
                greater: fact(greater),
            },
        };
        assumption
    }));
    let actions = |own: &[ActionId]| own.iter().map(|a| part.action(*a)).collect::<Vec<_>>();
    library.actions.extend(new.actions.iter().map(|a| {
        let mut action = a.clone();
        action.parents = actions(&a.parents);
        action
    }));
    library.ancestors.extend(
        new.ancestors
            .iter()
            .map(|all| all.iter().map(|a| part.action(*a)).collect::<BTreeSet<_>>()),
    );
    library.rules.extend(new.rules.iter().map(|r| {
        let mut rule = Rule::clone(r);
        rule.guideline = part.guideline(r.guideline);
        rule.effects = r.effects.iter().map(|e| part.effect(*e)).collect();
        rule.overrides = r.overrides.iter().map(|o| part.rule(*o)).collect();
        Arc::new(rule)
    }));
    library.effects.extend(new.effects.iter().map(|e| {
        let mut effect = Effect::clone(e);
        effect.rule = part.rule(e.rule);
        effect.actions = actions(&e.actions);
        effect.own = condition(&e.own);
        effect.guard = condition(&e.guard);
        Arc::new(effect)
    }));
    library.notes.extend(new.notes.iter().map(|n| {
        let mut note = n.clone();
        note.guard = condition(&n.guard);
        note
    }));
    library.settlements.extend(new.settlements.iter().map(|s| {
        let mut settlement = s.clone();
        settlement.rules = s.rules.iter().map(|r| part.rule(*r)).collect();
        if let SettlementDecision::Prefer { rule, when } = &s.decision {
            settlement.decision = SettlementDecision::Prefer {
                rule: part.rule(*rule),
                when: condition(when),
            };
        }
        settlement
    }));
    // Sorted by loser already: every loser of the new version comes after those of the old one.
    library.gives_way.extend(new.gives_way.iter().map(|edge| GivesWay {
        loser: part.effect(edge.loser),
        on: part.action(edge.on),
        winner: part.effect(edge.winner),
        by: part.action(edge.by),
        when: condition(&edge.when),
        cause: match edge.cause {
            Cause::Prefer(id) => Cause::Prefer(SettlementId::from_index(part.settlements + id.index())),
            cause => cause,
        },
        partial: edge.partial,
    }));
}

/// The position of a value or member in a joint fact.
fn place(facts: &[Fact], fact: FactId, name: &str) -> Option<usize> {
    match &facts.get(fact.index())?.ty {
        FactType::OneOf { values: names, .. } | FactType::AnyOf { members: names } => names.iter().position(|n| n == name),
        _ => None,
    }
}

impl Part {
    pub fn guideline(&self, own: GuidelineId) -> GuidelineId {
        GuidelineId::from_index(self.guidelines + own.index())
    }

    pub fn definition(&self, own: DefinitionId) -> DefinitionId {
        DefinitionId::from_index(self.definitions + own.index())
    }

    pub fn rule(&self, own: RuleId) -> RuleId {
        RuleId::from_index(self.rules + own.index())
    }

    pub fn effect(&self, own: EffectId) -> EffectId {
        EffectId::from_index(self.effects + own.index())
    }

    pub fn action(&self, own: ActionId) -> ActionId {
        ActionId::from_index(self.actions + own.index())
    }

    /// A condition of the version as one of the joint library.
    pub fn condition(&self, own: &Condition) -> Condition {
        own.fold(self)
    }

    /// What the version can record of a joint patient: nothing of facts and values that it does not declare.
    pub fn record(&self, joint: &Library, own: &Library, record: &Record) -> Record {
        let entries = record.entries.iter().filter_map(|entry| {
            let fact = *self.own.get(&entry.fact)?;
            let recorded = own_value(&entry.recorded, &joint[entry.fact], &own[fact])?;
            Some(Entry {
                fact,
                recorded,
                span: entry.span,
            })
        });
        Record {
            entries: entries.collect(),
            ..record.clone()
        }
    }

    /// Whether the other version can record more of some fact.
    pub fn is_narrower(&self) -> bool {
        !self.wider.is_empty()
    }

    /// The fact of the version behind a joint one.
    pub fn own_fact(&self, joint: FactId) -> Option<FactId> {
        self.own.get(&joint).copied()
    }

    /// Whether the version can record everything that the record says of its facts.
    pub fn can_record(&self, joint: &Library, own: &Library, record: &Record) -> bool {
        record.entries.iter().all(|entry| {
            let fact = self.own.get(&entry.fact);
            fact.is_none_or(|fact| own_value(&entry.recorded, &joint[entry.fact], &own[*fact]).is_some())
        })
    }
}

fn own_value(recorded: &Recorded, joint: &Fact, own: &Fact) -> Option<Recorded> {
    let named = |place: &usize| match (&joint.ty, &own.ty) {
        (FactType::OneOf { values: all, .. }, FactType::OneOf { values: own, .. })
        | (FactType::AnyOf { members: all }, FactType::AnyOf { members: own }) => {
            let name = all.get(*place)?;
            own.iter().position(|n| n == name)
        }
        _ => None,
    };
    match recorded {
        Recorded::OneOf(value) => named(value).map(Recorded::OneOf),
        Recorded::Member(member, present) => Some(Recorded::Member(named(member)?, *present)),
        Recorded::Number { value, .. } if own.range.is_some_and(|(low, high)| *value < low || high < *value) => None,
        other => Some(other.clone()),
    }
}

/// Moves atoms and definitions of the version to where they stand in the joint library.
impl Algebra for Part {
    type Output = Condition;

    fn all(&self, parts: &mut dyn Iterator<Item = Condition>) -> Condition {
        Condition::All(parts.collect())
    }

    fn any(&self, parts: &mut dyn Iterator<Item = Condition>) -> Condition {
        Condition::Any(parts.collect())
    }

    fn at_least(&self, count: u32, parts: &mut dyn Iterator<Item = Condition>) -> Condition {
        Condition::AtLeast(count, parts.collect())
    }

    fn not(&self, part: Condition) -> Condition {
        Condition::Not(Box::new(part))
    }

    fn atom(&self, atom: AtomId) -> Condition {
        Condition::Atom(AtomId::from_index(self.atoms + atom.index()))
    }

    fn defined(&self, definition: DefinitionId) -> Condition {
        Condition::Defined(self.definition(definition))
    }
}
