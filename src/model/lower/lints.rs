//! Checks on the finished model: circles, what nobody uses, headings, assumptions that cannot hold together.

use super::names::Kind;
use super::{Lowering, errors};
use crate::ast::Item;
use crate::limits;
use crate::model::{AssumptionKind, Condition, EffectId, FactType, Library, gives_way, hull};
use std::collections::{BTreeMap, BTreeSet};

impl Lowering<'_> {
    pub(super) fn lint(&mut self) {
        self.circles();
        self.unused();
        self.headings();
        self.assumptions();
    }

    /// Circles of what makes what give way.
    fn circles(&mut self) {
        for circle in gives_way::circles(&self.library) {
            let mut rules: Vec<_> = circle.iter().map(|e: &EffectId| self.library[*e].rule).collect();
            rules.sort();
            rules.dedup();
            let members: Vec<_> = rules
                .iter()
                .map(|r| (self.library.rule_name(*r).to_owned(), self.library[*r].name_span))
                .collect();
            self.found.push(errors::circle_of_giving_way(&members));
        }
    }

    /// Declarations that nothing mentions, in files that are guidelines; vocabularies declare for others.
    fn unused(&mut self) {
        let mut used: BTreeSet<(Kind, &str)> = self.names.used.iter().map(|(k, n)| (*k, n.as_str())).collect();
        for fact in &self.library.facts {
            if let FactType::TimeSince { date } = &fact.ty {
                used.insert((Kind::Fact, &self.library[*date].name));
            }
        }
        let mut cited: BTreeSet<String> = self
            .names
            .used
            .iter()
            .filter(|(k, _)| *k == Kind::Source)
            .map(|(_, n)| n.clone())
            .collect();
        // A document with an inventory is what the file is about, cited or not.
        let mut idle = Vec::new();
        for (file, item) in self.items() {
            if self.guideline_of(file).is_none() {
                continue;
            }
            match item {
                Item::Fact(i) if !used.contains(&(Kind::Fact, &i.name.text)) => idle.push(("fact", &i.name, i.span)),
                Item::Define(i) if !used.contains(&(Kind::Definition, &i.name.text)) => {
                    idle.push(("definition", &i.name, i.span))
                }
                Item::Scale(i) if !used.contains(&(Kind::Scale, &i.name.text)) => idle.push(("scale", &i.name, i.span)),
                Item::Action(i) if !used.contains(&(Kind::Action, &i.name.text)) => idle.push(("action", &i.name, i.span)),
                Item::Source(i) if i.statements.is_none() && !cited.remove(&format!("{file} {}", i.name.text)) => {
                    idle.push(("source", &i.name, i.span));
                }
                _ => {}
            }
        }
        // What stands in text that could not be read may be a use.
        let broken: Vec<&str> = self
            .items()
            .filter_map(|(_, item)| match item {
                Item::Broken(span) => Some(self.sources.text(*span)),
                _ => None,
            })
            .collect();
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let unread: BTreeSet<&str> = broken.iter().flat_map(|text| text.split(|c| !is_name(c))).collect();
        for (word, name, span) in idle {
            if !unread.contains(name.text.as_str()) && !self.names.unread.contains(&name.text) {
                self.found.push(errors::unused(word, name, span));
            }
        }
    }

    /// Headings that nearly, but not exactly, extend an earlier one.
    fn headings(&mut self) {
        let mut seen: BTreeMap<(usize, Vec<String>), crate::source::Span> = BTreeMap::new();
        let mut found = Vec::new();
        for section in &self.library.sections {
            let owner = section.guideline.index();
            let known = |path: &[String]| seen.contains_key(&(owner, path.to_vec()));
            for depth in 1..=section.path.len() {
                let Some(prefix) = section.path.get(..depth) else { continue };
                if known(prefix) {
                    continue;
                }
                // Every heading meets every other; past so many the comparison would take longer than the check.
                let near = seen
                    .iter()
                    .take(limits::HEADINGS_COMPARED)
                    .find(|((o, path), _)| *o == owner && path.len() == depth && nearly_equal(path, prefix));
                if let Some(((_, path), span)) = near {
                    found.push(errors::heading_nearly_extends(
                        section.span,
                        &prefix.join(" > "),
                        &path.join(" > "),
                        *span,
                    ));
                    break;
                }
            }
            for depth in 1..=section.path.len() {
                if let Some(prefix) = section.path.get(..depth) {
                    seen.entry((owner, prefix.to_vec())).or_insert(section.span);
                }
            }
        }
        self.found.extend(found);
    }

    /// Implications whose left side can then hold for nobody, as far as single facts show it.
    fn assumptions(&mut self) {
        let library = &self.library;
        let mut found = Vec::new();
        let implications: Vec<(usize, &Condition, &Condition)> = library
            .assumptions
            .iter()
            .enumerate()
            .filter_map(|(index, assumption)| match &assumption.kind {
                AssumptionKind::Implies { left, right } => Some((index, left, right)),
                _ => None,
            })
            .collect();
        for (position, (first, left, right)) in implications.iter().enumerate() {
            let span = |index: usize| library.assumptions.get(index).map(|a| a.span);
            let Some(own) = span(*first) else { continue };
            if hull::exclude(library, &[left], &[right]) {
                found.push(errors::assumptions_contradict(own, None));
                continue;
            }
            for (second, other_left, other_right) in implications.iter().skip(position + 1) {
                let same = equal(library, left, other_left);
                if same && hull::exclude(library, &[left, right], &[other_right]) {
                    found.push(errors::assumptions_contradict(own, span(*second)));
                }
            }
        }
        self.found.extend(found);
    }
}

/// Whether two headings differ by a slip of the pen: in case, or in a letter or two of a long text, but not in a number.
fn nearly_equal(a: &[String], b: &[String]) -> bool {
    let length = |path: &[String]| path.iter().map(String::len).sum::<usize>();
    let limit = (length(a) / 8).min(3);
    if length(a).abs_diff(length(b)) > limit {
        return false;
    }
    if limit == 0 {
        return a.iter().zip(b).all(|(a, b)| a.eq_ignore_ascii_case(b));
    }
    let folded = |path: &[String]| path.join(" > ").to_lowercase();
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let (a, b) = (folded(a), folded(b));
    a == b || (digits(&a) == digits(&b) && strsim::damerau_levenshtein(&a, &b) <= limit)
}

/// Whether two conditions are the same, wherever they were written.
fn equal(library: &Library, a: &Condition, b: &Condition) -> bool {
    let lists = |a: &[Condition], b: &[Condition]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(library, a, b));
    match (a, b) {
        (Condition::All(a), Condition::All(b)) | (Condition::Any(a), Condition::Any(b)) => lists(a, b),
        (Condition::AtLeast(n, a), Condition::AtLeast(m, b)) => n == m && lists(a, b),
        (Condition::Not(a), Condition::Not(b)) => equal(library, a, b),
        (Condition::Atom(a), Condition::Atom(b)) => library[*a].test == library[*b].test,
        (Condition::Defined(a), Condition::Defined(b)) => a == b,
        _ => false,
    }
}
