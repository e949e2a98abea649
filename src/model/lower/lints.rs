//! Checks on the finished model: circles of what gives way, and what nobody uses.

use super::names::{Meaning, Used};
use super::{Lowering, assumptions, errors, headings};
use crate::ast::Item;
use crate::model::{ActionId, DefinitionId, EffectId, FactId, ScaleId, SourceId, gives_way};

impl Lowering<'_> {
    pub(super) fn lint(&mut self) {
        self.circles();
        self.unused();
        self.found.extend(headings::check(&self.library, self.sources));
        self.found.extend(assumptions::check(&self.library));
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
        // What stands in text that could not be read may be a use.
        for (_, item) in self.items() {
            if let Item::Broken(span) = item {
                self.names.remember_unread(self.sources.text(*span));
            }
        }
        let (mut facts, mut definitions, mut scales, mut actions, mut sources) = (0, 0, 0, 0, 0);
        let mut idle = Vec::new();
        for (file, item) in self.items() {
            // The lists of the library are in the order of files and of declarations.
            let (word, declaration, name, span) = match item {
                Item::Fact(i) => {
                    let id = Meaning::Fact(FactId::from_index(facts));
                    facts += 1;
                    ("fact", Used::Value(id), &i.name, i.span)
                }
                Item::Define(i) => {
                    let id = Meaning::Definition(DefinitionId::from_index(definitions));
                    definitions += 1;
                    ("definition", Used::Value(id), &i.name, i.span)
                }
                Item::Scale(i) => {
                    let id = Meaning::Scale(ScaleId::from_index(scales));
                    scales += 1;
                    ("scale", Used::Value(id), &i.name, i.span)
                }
                Item::Action(i) => {
                    let id = ActionId::from_index(actions);
                    actions += 1;
                    ("action", Used::Action(id), &i.name, i.span)
                }
                Item::Source(i) => {
                    let id = SourceId::from_index(sources);
                    sources += 1;
                    // A document with an inventory is what the file is about, cited or not.
                    if i.statements.is_some() {
                        continue;
                    }
                    ("source", Used::Source(id), &i.name, i.span)
                }
                _ => continue,
            };
            let is_vocabulary = self.guideline_of(file).is_none();
            if !is_vocabulary && !self.names.is_used(declaration, &name.text) {
                idle.push(errors::unused(word, name, span));
            }
        }
        self.found.extend(idle);
    }
}
