//! The names by which parts of the page are linked.
//!
//! In: declarations. Out: names of letters, digits and a few marks, the same in every version of the library.
//! Must not know: what is shown there.

use crate::model::{Action, DefinitionId, Fact, Library, Rule};
use std::fmt::Write;

/// A part of the page by its kind and its name; whatever is no letter or digit of ASCII becomes its number.
pub(super) fn anchor(kind: &str, name: &str) -> String {
    let mut anchor = format!("{kind}-");
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '.') {
            anchor.push(c);
        } else {
            let _ = write!(anchor, "-{:x}-", u32::from(c));
        }
    }
    anchor
}

pub(super) fn fact(fact: &Fact) -> String {
    anchor("fact", &fact.name)
}

pub(super) fn action(action: &Action) -> String {
    anchor("action", &action.name)
}

pub(super) fn rule(rule: &Rule) -> String {
    anchor("rule", &rule.full_name)
}

/// Definitions are local to their guideline, and two may have one name.
pub(super) fn definition(library: &Library, id: DefinitionId) -> String {
    let definition = &library[id];
    let owner = definition.guideline.map_or("shared", |g| library[g].name.as_str());
    anchor("term", &format!("{owner}.{}", definition.name))
}

pub(super) fn guideline(name: &str) -> String {
    anchor("guideline", name)
}

pub(super) fn statement(id: &str) -> String {
    anchor("statement", id)
}

/// Two files may give one name to two sources.
pub(super) fn source(library: &Library, id: crate::model::SourceId) -> String {
    let source = &library[id];
    anchor("source", &format!("{}.{}", source.file.index(), source.name))
}
