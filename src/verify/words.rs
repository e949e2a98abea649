//! Regions in the words of the language.
//!
//! In: some regions of a variable, or a patient. Out: `symptom_duration under 6 weeks`; `not red_flag, age is 50 years`.
//! Must not know: what is described.

use super::Verifier;
use super::space::{Formula, Mask, Region};
use super::witness::Witness;
use crate::model::{FactId, FactType, GuidelineId, Term, Test, Truth};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// How many facts a term must stand for to be named in their place.
const FACTS_OF_A_TERM: usize = 4;

impl Verifier<'_> {
    /// The patient as `given` states one, with terms of a guideline in the place of yes/no facts that follow from them, the
    /// most telling first. `truths` are those of all definitions for this patient.
    pub(super) fn in_short(&self, witness: &Witness, guideline: GuidelineId, truths: &[Truth]) -> Vec<String> {
        let definitions = self.library.definitions.iter().enumerate();
        let visible = definitions.filter(|(_, d)| d.guideline.is_none_or(|g| g == guideline));
        let mut terms: Vec<(String, BTreeSet<(String, &str)>)> = visible
            .filter_map(|(index, definition)| {
                let (holds, not) = match truths.get(index)? {
                    Truth::Yes => (true, ""),
                    Truth::No => (false, "not "),
                    Truth::Unknown => return None,
                };
                let formula = self.space.formula(&definition.condition, holds);
                let Formula::All(parts) = &*formula else { return None };
                let follows = parts.iter().filter_map(|part| match **part {
                    Formula::In(variable, mask @ (0b01 | 0b10)) => {
                        let fact = &self.library[self.space.fact(variable)?];
                        let value = if mask == 0b10 { "yes" } else { "no" };
                        (fact.ty == FactType::YesNo).then(|| (fact.name.clone(), value))
                    }
                    _ => None,
                });
                Some((format!("{not}{}", definition.name), follows.collect()))
            })
            .collect();
        terms.sort_by_key(|(name, follows)| (std::cmp::Reverse(follows.len()), name.clone()));
        let mut left = witness.facts.clone();
        let mut said = Vec::new();
        for (name, follows) in terms {
            let is_said = |(fact, value): &(String, String)| follows.contains(&(fact.clone(), value.as_str()));
            if left.iter().filter(|fact| is_said(fact)).count() >= FACTS_OF_A_TERM {
                left.retain(|fact| !is_said(fact));
                said.push(name);
            }
        }
        if !left.is_empty() || said.is_empty() {
            let rest = Witness {
                facts: left,
                ..witness.clone()
            };
            said.push(rest.given());
        }
        said
    }

    /// What is said of a patient by these regions of a variable.
    pub(super) fn in_words(&self, variable: usize, mask: Mask) -> String {
        let Some(slot) = self.space.slots.get(variable) else {
            return String::new();
        };
        let fact = &self.library[slot.fact];
        let name = &fact.name;
        let has = |region: usize| mask >> region & 1 == 1;
        match (&fact.ty, slot.member) {
            (FactType::AnyOf { members }, Some(member)) => {
                let member = members.get(member).map_or("", String::as_str);
                let not = if has(1) { "" } else { "not " };
                format!("{not}{name} includes {member}")
            }
            (FactType::YesNo, _) if has(1) => name.clone(),
            (FactType::YesNo, _) => format!("not {name}"),
            (FactType::OneOf { values, ordered }, _) => {
                let chosen: Vec<&str> = (0..values.len())
                    .filter(|v| has(*v))
                    .filter_map(|v| Some(values.get(v)?.as_str()))
                    .collect();
                let (from, to) = (has(0), has(values.len().saturating_sub(1)));
                let runs = (1..values.len()).filter(|v| has(*v) != has(v - 1)).count();
                match (chosen.as_slice(), runs) {
                    ([only], _) => format!("{name} is {only}"),
                    (_, _) if chosen.len() + 1 == values.len() && !(*ordered && runs == 1) => {
                        let other = (0..values.len()).find(|v| !has(*v)).and_then(|v| values.get(v));
                        format!("{name} is not {}", other.map_or("", String::as_str))
                    }
                    ([least, ..], 1) if *ordered && to => format!("{name} at least {least}"),
                    ([.., most], 1) if *ordered && from => format!("{name} at most {most}"),
                    (several, _) => format!("{name} is in ({})", several.join(", ")),
                }
            }
            _ => self.numbers_in_words(slot.fact, name, self.space.regions(variable), &has),
        }
    }

    /// Each run of neighbouring regions with its ends.
    fn numbers_in_words(&self, fact: FactId, name: &str, regions: &[Region], has: &dyn Fn(usize) -> bool) -> String {
        let mut runs: Vec<(Region, Region)> = Vec::new();
        let mut is_open = false;
        for (index, region) in regions.iter().enumerate() {
            match (has(index), runs.last_mut()) {
                (true, Some(last)) if is_open => last.1 = *region,
                (true, _) => runs.push((*region, *region)),
                (false, _) => {}
            }
            is_open = has(index);
        }
        let several = runs.len() > 1;
        let texts: Vec<String> = runs
            .into_iter()
            .map(|(first, last)| {
                let written = |value: Decimal| self.written_threshold(fact, value);
                if let (Region::Point(one), Region::Point(other)) = (first, last)
                    && one == other
                {
                    return format!("{name} is {}", written(one));
                }
                let from = match first {
                    Region::Point(value) => Some(format!("{name} at least {}", written(value))),
                    Region::Gap(Some(value), _) => Some(format!("{name} over {}", written(value))),
                    Region::Gap(None, _) => None,
                };
                let to = match last {
                    Region::Point(value) => Some(format!("{name} at most {}", written(value))),
                    Region::Gap(_, Some(value)) => Some(format!("{name} under {}", written(value))),
                    Region::Gap(_, None) => None,
                };
                match (from, to) {
                    (Some(from), Some(to)) if several => format!("({from} and {to})"),
                    (from, to) => from.into_iter().chain(to).collect::<Vec<_>>().join(" and "),
                }
            })
            .collect();
        texts.join(" or ")
    }

    /// A threshold as an author wrote it.
    fn written_threshold(&self, fact: FactId, value: Decimal) -> String {
        let tests = self.library.tests.iter();
        let written = tests
            .filter(|(Term::Fact(of), _)| *of == fact)
            .find_map(|(_, test)| match test {
                Test::Compare { than, written, .. } if *than == value && !written.is_empty() => Some(written.clone()),
                _ => None,
            });
        written.unwrap_or_else(|| value.normalize().to_string())
    }
}
