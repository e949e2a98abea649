//! What the rules of a settlement say, as eight characters: a settlement keeps them, and so notices when its rules change.
//!
//! In: a settlement. Out: the first digits of the SHA-256 of its rules' meaning in one spelling.
//! Must not know: texts, layout.
//!
//! Two rules have one spelling if they differ in the order of `and` and `or`, in parentheses, in where a `not` stands, in the
//! names of definitions, in units of time, in their sources or in their comments. A rule that says the same in yet another
//! way may break the seal, and an author then looks once more than needed; a rule that says something else always does.

use super::{
    ActionId, Algebra, AtomId, Clock, Comparison, Condition, DefinitionId, EffectId, FactId, FactType, Library, Modifiers,
    RuleId, SettlementId, Term, Test,
};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// How many characters a seal has.
const LENGTH: usize = 8;

/// The seal of a settlement as its rules are now.
pub fn seal(library: &Library, settlement: SettlementId) -> String {
    let mut rules = library[settlement].rules.clone();
    rules.sort_by_key(|rule| &library[*rule].full_name);
    let hash = rules
        .iter()
        .fold(Sha256::new(), |hash, rule| hash.chain_update(of_rule(library, *rule)));
    let mut digits: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    digits.truncate(LENGTH);
    digits
}

fn of_rule(library: &Library, rule: RuleId) -> String {
    let rule = &library[rule];
    let overrides: BTreeSet<&str> = rule.overrides.iter().map(|r| library.rule_name(*r)).collect();
    let effects: BTreeSet<String> = rule.effects.iter().map(|effect| of_effect(library, *effect)).collect();
    format!("{} {overrides:?} {effects:?}\n", rule.full_name)
}

fn of_effect(library: &Library, effect: EffectId) -> String {
    let effect = &library[effect];
    let actions: BTreeSet<&str> = names(library, &effect.actions);
    let clock = |clock: Clock| match clock {
        Clock::Evaluation => None,
        Clock::Date(fact) => Some(library[fact].name.as_str()),
    };
    let deadline = effect.timing.deadline.map(|(d, c)| (d.at_most().minutes(), clock(c)));
    let not_before = effect.timing.not_before.map(|(d, c)| (d.minutes(), clock(c)));
    let Modifiers {
        with,
        before,
        instead_of,
        preferred_to,
        line,
        duration,
        every,
    } = &effect.modifiers;
    let [before, instead_of, preferred_to] = [before, instead_of, preferred_to].map(|actions| names(library, actions));
    let duration = duration.map(|(bound, d)| (bound, d.minutes()));
    let every = every.map(super::Duration::minutes);
    let (when, _) = effect.guard.fold(&Spelling(library));
    format!(
        "{:?} {:?} {:?} {:?} {actions:?} {deadline:?} {not_before:?} {with:?} {before:?} {instead_of:?} {preferred_to:?} {line:?} \
         {duration:?} {every:?} {when:?}",
        effect.origin, effect.modality, effect.urgency, effect.join
    )
}

fn names<'l>(library: &'l Library, actions: &[ActionId]) -> BTreeSet<&'l str> {
    actions.iter().map(|action| library[*action].name.as_str()).collect()
}

/// A condition in one spelling: without names of definitions, negations at the tests, parts sorted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    All(BTreeSet<Form>),
    Any(BTreeSet<Form>),
    AtLeast(usize, Vec<Form>),
    Test(String),
}

impl Form {
    fn all(parts: impl IntoIterator<Item = Form>) -> Form {
        let inside = |part| match part {
            Form::All(inner) => inner,
            other => BTreeSet::from([other]),
        };
        Form::one_or(parts.into_iter().flat_map(inside).collect(), Form::All)
    }

    fn any(parts: impl IntoIterator<Item = Form>) -> Form {
        let inside = |part| match part {
            Form::Any(inner) => inner,
            other => BTreeSet::from([other]),
        };
        Form::one_or(parts.into_iter().flat_map(inside).collect(), Form::Any)
    }

    /// The only part, or all of them together.
    fn one_or(mut parts: BTreeSet<Form>, together: fn(BTreeSet<Form>) -> Form) -> Form {
        match parts.len() {
            1 => parts.pop_first().unwrap_or_else(|| together(BTreeSet::new())),
            _ => together(parts),
        }
    }

    fn at_least(count: usize, mut parts: Vec<Form>) -> Form {
        match count {
            0 => Form::all([]),
            1 => Form::any(parts),
            _ if count == parts.len() => Form::all(parts),
            _ => {
                parts.sort();
                Form::AtLeast(count, parts)
            }
        }
    }
}

/// Makes of a condition its form, and that of its opposite.
struct Spelling<'l>(&'l Library);

impl Spelling<'_> {
    fn test(&self, fact: FactId, test: &Test, positive: bool) -> Form {
        let library = self.0;
        let name = &library[fact].name;
        let values = |chosen: &mut dyn Iterator<Item = usize>| match &library[fact].ty {
            FactType::OneOf { values, .. } => chosen.filter_map(|v| values.get(v).cloned()).collect(),
            _ => Vec::new(),
        };
        let not = if positive { "" } else { "not " };
        Form::Test(match test {
            Test::Yes => format!("{not}{name}"),
            Test::In(chosen) => match &library[fact].ty {
                FactType::OneOf { values: all, .. } if !positive => {
                    format!("{name} {:?}", values(&mut (0..all.len()).filter(|v| !chosen.contains(v))))
                }
                _ => format!("{name} {:?}", values(&mut chosen.iter().copied())),
            },
            Test::Includes(member) => match &library[fact].ty {
                FactType::AnyOf { members } => format!("{not}{name} includes {:?}", members.get(*member)),
                _ => format!("{not}{name} includes {member}"),
            },
            Test::Nonempty => format!("{not}{name} nonempty"),
            Test::Compare { comparison, than, .. } => {
                let (comparison, not) = match (comparison, positive) {
                    (Comparison::AtLeast, false) => (Comparison::Under, ""),
                    (Comparison::AtMost, false) => (Comparison::Over, ""),
                    (Comparison::Over, false) => (Comparison::AtMost, ""),
                    (Comparison::Under, false) => (Comparison::AtLeast, ""),
                    _ => (*comparison, not),
                };
                format!("{not}{name} {comparison:?} {}", than.normalize())
            }
        })
    }
}

impl Algebra for Spelling<'_> {
    type Output = (Form, Form);

    fn all(&self, parts: &mut dyn Iterator<Item = Self::Output>) -> Self::Output {
        let (parts, opposites): (Vec<Form>, Vec<Form>) = parts.unzip();
        (Form::all(parts), Form::any(opposites))
    }

    fn any(&self, parts: &mut dyn Iterator<Item = Self::Output>) -> Self::Output {
        let (parts, opposites): (Vec<Form>, Vec<Form>) = parts.unzip();
        (Form::any(parts), Form::all(opposites))
    }

    fn at_least(&self, count: u32, parts: &mut dyn Iterator<Item = Self::Output>) -> Self::Output {
        let (parts, opposites): (Vec<Form>, Vec<Form>) = parts.unzip();
        let count = count as usize;
        let left_out = (opposites.len() + 1).saturating_sub(count);
        (Form::at_least(count, parts), Form::at_least(left_out, opposites))
    }

    fn not(&self, (part, opposite): Self::Output) -> Self::Output {
        (opposite, part)
    }

    fn atom(&self, atom: AtomId) -> Self::Output {
        let (Term::Fact(fact), test) = &self.0[self.0[atom].test];
        (self.test(*fact, test, true), self.test(*fact, test, false))
    }

    fn defined(&self, definition: DefinitionId) -> Self::Output {
        let inner: &Condition = &self.0[definition].condition;
        inner.fold(self)
    }
}
