//! The engine in the page: what it reads, and the form in which a reader fills in a patient.
//!
//! In: a loaded library, the compiled engine. Out: texts for elements of data, which hold nothing that could end them.
//! Must not know: how the form looks.

use super::words::named;
use crate::load::Loaded;
use crate::model::units::Unit;
use crate::model::{FactId, FactType, GuidelineId, Library, RuleId};
use crate::report::escape::one_line;
use data_encoding::BASE64;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What a template embeds, both to be written `| safe`.
#[derive(Debug, Serialize)]
pub struct Embedded {
    /// The compiled engine, compressed by gzip, in base64.
    pub module: String,
    /// The library and the form, as JSON.
    pub data: String,
    /// What the worker runs.
    pub worker: &'static str,
    /// What the page runs besides its own script.
    pub script: &'static str,
}

#[derive(Debug, Serialize)]
struct Data {
    library: Texts,
    groups: Vec<Group>,
    facts: Vec<Input>,
}

/// The files that the engine reads, as `gl_engine::Library` has them.
#[derive(Debug, Serialize)]
struct Texts {
    files: BTreeMap<String, String>,
    paths: Vec<String>,
}

/// A document, whose facts stand together.
#[derive(Debug, Serialize)]
struct Group {
    title: String,
}

/// A question of the form.
#[derive(Debug, Serialize)]
struct Input {
    name: String,
    label: String,
    question: Option<String>,
    /// `yes-no`, `one`, `any`, `date`, `quantity` or `count`.
    kind: &'static str,
    /// Values or members.
    values: Vec<String>,
    /// Units that may be given, the declared one first.
    units: Vec<String>,
    /// The documents that look at the fact, by position.
    groups: Vec<usize>,
}

/// What the page needs to evaluate patients; `module` is the compiled engine, compressed by gzip.
///
/// # Errors
///
/// What cannot be written as data.
pub(super) fn embedded(loaded: &Loaded, module: &[u8]) -> Result<Embedded, String> {
    let library = &loaded.library;
    let users = users(library);
    let inputs = library.facts.iter().enumerate().map(|(index, fact)| {
        let (kind, values, units) = match &fact.ty {
            FactType::YesNo => ("yes-no", Vec::new(), Vec::new()),
            FactType::OneOf { values, .. } => ("one", values.clone(), Vec::new()),
            FactType::AnyOf { members } => ("any", members.clone(), Vec::new()),
            FactType::Date => ("date", Vec::new(), Vec::new()),
            FactType::Count => ("count", Vec::new(), Vec::new()),
            FactType::Quantity { unit: Unit::Time(unit) } => ("quantity", Vec::new(), times(unit.plural())),
            FactType::Quantity { unit } => ("quantity", Vec::new(), vec![unit.written().to_owned()]),
            FactType::TimeSince { .. } => ("quantity", Vec::new(), times("weeks")),
        };
        Input {
            name: fact.name.clone(),
            label: named(&fact.label, &fact.name),
            question: fact.question.as_deref().map(|question| one_line(question).into_owned()),
            kind,
            values,
            units,
            groups: users.get(&FactId::from_index(index)).into_iter().flatten().copied().collect(),
        }
    });
    let data = Data {
        library: texts(loaded)?,
        groups: library
            .guidelines
            .iter()
            .map(|guideline| Group {
                title: named(&guideline.title, &guideline.name),
            })
            .collect(),
        facts: inputs.collect(),
    };
    let data = serde_json::to_string(&data).map_err(|error| error.to_string())?;
    Ok(Embedded {
        module: BASE64.encode(module),
        // In JSON the sign stands in texts only, and its number means the same.
        data: data.replace('<', "\\u003c"),
        worker: WORKER,
        script: include_str!("patient.js"),
    })
}

/// What runs the engine beside a page.
pub const WORKER: &str = include_str!("worker.js");

/// The texts of a library as JSON, for a page that reads them from a file.
///
/// # Errors
///
/// What cannot be written as data.
pub fn library(loaded: &Loaded) -> Result<String, String> {
    serde_json::to_string(&texts(loaded)?).map_err(|error| error.to_string())
}

/// Units of time, the declared one first.
fn times(declared: &str) -> Vec<String> {
    let others = ["hours", "days", "weeks", "months", "years"];
    let others = others.into_iter().filter(|unit| *unit != declared);
    std::iter::once(declared).chain(others).map(str::to_owned).collect()
}

/// The documents whose rules come to look at a fact, definitions and scope included.
fn users(library: &Library) -> BTreeMap<FactId, BTreeSet<usize>> {
    let mut users: BTreeMap<FactId, BTreeSet<usize>> = BTreeMap::new();
    let rules = (0..library.rules.len()).map(RuleId::from_index);
    for rule in rules.map(|id| &library[id]) {
        for effect in &rule.effects {
            for fact in library.facts(&library[*effect].guard) {
                users.entry(fact).or_default().insert(GuidelineId::index(rule.guideline));
            }
        }
    }
    users
}

/// The texts of the guidelines, and the inventories as far as they were read.
fn texts(loaded: &Loaded) -> Result<Texts, String> {
    let mut files = BTreeMap::new();
    let mut paths = Vec::new();
    let guidelines = loaded.trees.iter().filter(|tree| !tree.path.ends_with(".cases.gl"));
    for tree in guidelines {
        if let Some(file) = loaded.sources.get(tree.file) {
            files.insert(tree.path.clone(), file.text().to_owned());
            paths.push(tree.path.clone());
        }
    }
    let inventory = &loaded.library.inventory;
    let inventories: BTreeMap<&str, &str> = inventory.iter().map(|row| (row.path.as_str(), row.source.as_str())).collect();
    for (path, source) in inventories {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let header = ["id", "section", "item", "kind", "paraphrase", "encode"];
        let rows = inventory.iter().filter(|row| row.path == path && row.source == source);
        let rows = rows.map(|row| [&row.id, &row.section, &row.item, &row.kind, &row.paraphrase, &row.encode]);
        writer.write_record(header).map_err(|error| error.to_string())?;
        for row in rows {
            writer.write_record(row).map_err(|error| error.to_string())?;
        }
        let bytes = writer.into_inner().map_err(|error| error.to_string())?;
        files.insert(path.to_owned(), String::from_utf8(bytes).map_err(|error| error.to_string())?);
    }
    Ok(Texts { files, paths })
}
