//! Where each statement of the source documents went: rules, definitions, notes, cases.
//!
//! In: what was loaded, with its cases. Out: a [`Trace`] as plain data.
//! Must not know: formats.

use crate::load::Loaded;
use crate::model::{Direction, Library, RuleId, Statement, hull};
use crate::suite::Case;
use std::collections::{BTreeMap, BTreeSet};

/// Every statement of every inventory, and every rule.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    /// In the order of the inventories.
    pub statements: Vec<Traced>,
    /// Every rule with the statements it encodes, in the order of the library.
    pub rules: Vec<(String, Vec<String>)>,
}

/// One statement and where it went.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct Traced {
    pub source: String,
    pub id: String,
    pub section: String,
    pub item: String,
    pub kind: String,
    pub paraphrase: String,
    /// `yes`, `def` or `note`.
    pub encode: String,
    /// Rules that encode it, by their full names.
    pub rules: Vec<String>,
    /// Definitions, assumptions, sections, guidelines and claims that name it, in words.
    pub definitions: Vec<String>,
    /// Notes that name it.
    pub notes: Vec<String>,
    /// Titles of cases that expect something from it.
    pub cases: Vec<String>,
    /// Pairs of rules that encode it and contradict each other.
    pub conflicts: Vec<(String, String)>,
}

/// What is wrong with a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gap {
    /// Nothing names it.
    Missing,
    /// It can be executed, but only notes name it.
    NotExecuted,
    /// Two rules encode it and contradict each other.
    Conflict(String, String),
}

impl Gap {
    /// What is wrong, in words.
    pub fn words(&self) -> String {
        match self {
            Gap::Missing => "missing".to_owned(),
            Gap::NotExecuted => "can be executed, but only a note names it".to_owned(),
            Gap::Conflict(one, other) => format!("{one} and {other} contradict each other"),
        }
    }
}

impl Traced {
    /// Whether the statement can be executed, and no case expects anything from it.
    pub fn is_untested(&self) -> bool {
        self.encode == "yes" && !self.rules.is_empty() && self.cases.is_empty()
    }

    /// What is wrong with the statement, if anything.
    pub fn gap(&self) -> Option<Gap> {
        let executed = !self.rules.is_empty() || !self.definitions.is_empty();
        if !executed && self.notes.is_empty() {
            Some(Gap::Missing)
        } else if !executed && self.encode == "yes" {
            Some(Gap::NotExecuted)
        } else {
            self.conflicts
                .first()
                .map(|(one, other)| Gap::Conflict(one.clone(), other.clone()))
        }
    }
}

/// Follows every statement.
pub fn trace(loaded: &Loaded, cases: &[Case]) -> Trace {
    let library = &loaded.library;
    let inventory: BTreeSet<&str> = library.inventory.iter().map(|row| row.id.as_str()).collect();
    let mut places: BTreeMap<&str, Places> = BTreeMap::new();
    let mut note = |statements: &[Statement], put: &dyn Fn(&mut Places)| {
        for statement in statements {
            if let Some(id) = inventory.get(statement.id.as_str()) {
                put(places.entry(id).or_default());
            }
        }
    };
    for (index, rule) in library.rules.iter().enumerate() {
        note(&rule.statements, &|p| p.rules.push(RuleId::from_index(index)));
    }
    for definition in &library.definitions {
        note(&definition.statements, &|p| {
            p.definitions.push(format!("define {}", definition.name))
        });
    }
    for guideline in &library.guidelines {
        note(&guideline.statements, &|p| {
            p.definitions.push(format!("guideline {}", guideline.name))
        });
    }
    for section in &library.sections {
        note(&section.statements, &|p| {
            p.definitions.push(format!("section \"{}\"", section.path.join(" > ")))
        });
    }
    for assumption in &library.assumptions {
        note(&assumption.statements, &|p| p.definitions.push(assumption.text.clone()));
    }
    for claim in &library.claims {
        note(&claim.statements, &|p| {
            p.definitions.push(format!("complete \"{}\"", claim.claim))
        });
    }
    for stated in &library.notes {
        note(&stated.statements, &|p| p.notes.push(stated.full_name.clone()));
    }
    let tested = tested(cases);
    let statements = library
        .inventory
        .iter()
        .map(|row| {
            let places = places.remove(row.id.as_str()).unwrap_or_default();
            Traced {
                source: row.source.clone(),
                id: row.id.clone(),
                section: row.section.clone(),
                item: row.item.clone(),
                kind: row.kind.clone(),
                paraphrase: row.paraphrase.clone(),
                encode: row.encode.clone(),
                conflicts: conflicts(library, &places.rules),
                rules: places.rules.iter().map(|r| library.rule_name(*r).to_owned()).collect(),
                definitions: places.definitions,
                notes: places.notes,
                cases: tested
                    .get(row.id.as_str())
                    .into_iter()
                    .flatten()
                    .map(|t| (*t).to_owned())
                    .collect(),
            }
        })
        .collect();
    let ids = |statements: &[Statement]| statements.iter().map(|s| s.id.clone()).collect();
    let rules = library
        .rules
        .iter()
        .map(|rule| (rule.full_name.clone(), ids(&rule.statements)))
        .collect();
    Trace { statements, rules }
}

#[derive(Default)]
struct Places {
    rules: Vec<RuleId>,
    definitions: Vec<String>,
    notes: Vec<String>,
}

/// Titles of the cases that expect something from a statement.
fn tested(cases: &[Case]) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut tested: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for case in cases {
        for expect in &case.expects {
            for id in expect.statements() {
                tested.entry(id).or_default().insert(&case.title);
            }
        }
    }
    tested
}

/// Pairs of rules for one statement of which one is for an action and the other against it, unless their conditions
/// exclude each other.
fn conflicts(library: &Library, rules: &[RuleId]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for one in rules {
        for other in rules.iter().filter(|other| *other != one) {
            let pairs = library[*one]
                .effects
                .iter()
                .flat_map(|e| library[*other].effects.iter().map(move |f| (*e, *f)));
            let clash = pairs.into_iter().any(|(e, f)| {
                let (e, f) = (&library[e], &library[f]);
                e.direction() == Direction::For
                    && f.direction() == Direction::Against
                    && e.actions.iter().any(|x| f.actions.iter().any(|y| library.is_kind_of(*x, *y)))
                    && !hull::exclude(library, &[&e.guard], &[&f.guard])
            });
            let overridden = library[*one].overrides.contains(other) || library[*other].overrides.contains(one);
            if clash && !overridden {
                found.push((library.rule_name(*one).to_owned(), library.rule_name(*other).to_owned()));
            }
        }
    }
    found
}
