//! Guidelines as SQL, for an engine that already holds the data.
//!
//! In: a library, and which columns a wide table has. Out: one query, the same meaning as [`crate::eval`] in the words of an engine.
//! Must not know: files, terminals, databases.
//!
//! What is not known is NULL, and AND, OR and NOT over NULL are strong Kleene, as in gl. An effect fires where its column IS TRUE, is
//! undecided where it IS NULL. What follows by assumptions is inferred by stages of the query; what the interpreter would refuse is
//! named in the column `refused`. Whatever cannot be said so is an error, never something else.

mod dialect;
pub mod errors;
mod infer;
mod table;
mod words;

pub use dialect::Engine;

use crate::cohort::Mapping;
use crate::diagnostic::Diagnostic;
use crate::eval::settle::Inference;
use crate::eval::{Options, participants};
use crate::model::{Citation, DefinitionId, Effect, EffectId, GuidelineId, Leaf, Library, Rule, Urgency};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use table::Table;
use words::Words;

/// What the query gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// A row for each patient, with the state of each rule.
    States,
    /// One row: how many patients there are, how many are refused, and for each rule for how many it fires or is undecided.
    Counts,
}

/// What is to be written.
#[derive(Debug, Clone)]
pub struct Request {
    /// For which engine.
    pub engine: Engine,
    /// The name of the table.
    pub table: String,
    /// What the query gives back.
    pub report: Report,
    /// The name of the view that is made, if one is.
    pub view: Option<String>,
    /// The columns of the table; all that the library can have where nobody says it.
    pub columns: Option<Vec<String>>,
    /// What columns with other names mean.
    pub mapping: Mapping,
    /// The date of evaluation, where it is no column.
    pub as_of: Option<Date>,
    /// Which guidelines take part.
    pub options: Options,
}

/// Writes the query.
///
/// # Errors
///
/// Everything that cannot be said in SQL, and columns that mean nothing.
pub fn compile(library: &Library, inference: &Inference, request: &Request) -> Result<String, Vec<Diagnostic>> {
    let table = Table::new(library, request)?;
    let stages = infer::stages(library, inference, request.engine, &table)?;
    let guidelines = participants(library, &request.options);
    let writer = Writer {
        library,
        engine: request.engine,
        words: Words::new(library, request.engine, &table),
    };
    let mut text = heading(library, request, &guidelines, &table);
    if let Some(view) = &request.view {
        let _ = writeln!(text, "CREATE VIEW {} AS", request.engine.name(view));
    }
    text.push_str("WITH recorded AS (\n");
    text.push_str(&table.select(request.engine, &request.table));
    text.push_str("\n)");
    let mut last = "recorded".to_owned();
    let mut stage = |text: &mut String, name: &str, select: &str| {
        let _ = write!(
            text,
            ",\n{name} AS (\n{}\n)",
            select.replace("FROM LAST", &format!("FROM {last}"))
        );
        name.clone_into(&mut last);
    };
    for (number, columns) in stages.levels.iter().enumerate() {
        stage(&mut text, &format!("inferred_{}", number + 1), &adding(columns));
    }
    stage(&mut text, "known", &stages.known);
    for (number, columns) in writer.terms(&guidelines).iter().enumerate() {
        stage(&mut text, &format!("terms_{}", number + 1), &adding(columns));
    }
    let (scopes, states) = writer.states(&guidelines);
    if !scopes.is_empty() {
        stage(&mut text, "scopes", &adding(&scopes));
    }
    let key = request.engine.name(table::PATIENT);
    let mut select = format!("SELECT\n  {key},\n  refused");
    for (comment, name, expression) in &states {
        let name = request.engine.name(name);
        let _ = write!(
            select,
            ",\n{comment}  CASE WHEN refused IS NULL THEN {expression} END AS {name}"
        );
    }
    match request.report {
        Report::States => {
            let _ = writeln!(text, "\n{select}\nFROM {last};");
        }
        Report::Counts => {
            let _ = write!(text, ",\nstates AS (\n{select}\nFROM {last}\n)");
            let _ = write!(text, "\nSELECT\n  count(*) AS patients,\n  count(refused) AS refused");
            for (_, name, _) in &states {
                let column = request.engine.name(name);
                let fires = request.engine.count(&format!("{column} IS TRUE"));
                let undecided = request.engine.count(&format!("{column} IS NULL AND refused IS NULL"));
                let names = ["fires", "undecided"].map(|what| request.engine.name(&format!("{name}: {what}")));
                let [fires_name, undecided_name] = names;
                let _ = write!(text, ",\n  {fires} AS {fires_name},\n  {undecided} AS {undecided_name}");
            }
            text.push_str("\nFROM states;\n");
        }
    }
    Ok(text)
}

/// A named expression with the comment that stands above it.
type Named = (String, String, String);

/// A stage that adds columns to the one before.
fn adding(columns: &[Named]) -> String {
    let mut text = "  SELECT *".to_owned();
    for (comment, name, expression) in columns {
        let _ = write!(text, ",\n{comment}    {expression} AS {name}");
    }
    text.push_str("\n  FROM LAST");
    text
}

/// The text as a comment of one line.
fn comment(indent: &str, text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("{indent}-- {line}\n")
}

fn heading(library: &Library, request: &Request, guidelines: &BTreeSet<GuidelineId>, table: &Table) -> String {
    let mut text = comment("", &format!("gl {} for {}", env!("CARGO_PKG_VERSION"), request.engine.word()));
    for id in guidelines {
        let guideline = &library[*id];
        let what = format!(
            "guideline {} \"{}\" version \"{}\", {}, sha256 {}",
            guideline.name,
            guideline.title,
            guideline.version,
            guideline.status.word(),
            guideline.hash
        );
        text.push_str(&comment("", &what));
    }
    for line in [
        "",
        "A row for each row of the table. `refused` says why nothing may be recommended for a row; then every rule is NULL. Else a rule",
        "fires where its column IS TRUE, does not where it IS FALSE, and is undecided where it IS NULL. What gives way to what is not in",
        "here: `gl cohort` has it. Columns of the table:",
    ] {
        text.push_str(&comment("", line));
    }
    for (name, what) in table.described(library) {
        text.push_str(&comment("", &format!("  {name}: {what}")));
    }
    text.replace("-- \n", "--\n")
}

struct Writer<'a> {
    library: &'a Library,
    engine: Engine,
    words: Words<'a>,
}

impl Writer<'_> {
    fn effects(&self, guidelines: &BTreeSet<GuidelineId>) -> Vec<(EffectId, &Effect)> {
        let effects = self.library.effects.iter().enumerate();
        effects
            .map(|(index, effect)| (EffectId::from_index(index), effect.as_ref()))
            .filter(|(_, effect)| guidelines.contains(&self.library[effect.rule].guideline))
            .collect()
    }

    /// The definitions that rules come to, in stages: each needs only earlier ones.
    fn terms(&self, guidelines: &BTreeSet<GuidelineId>) -> Vec<Vec<Named>> {
        let library = self.library;
        let mut depth: BTreeMap<DefinitionId, usize> = BTreeMap::new();
        for (_, effect) in self.effects(guidelines) {
            for definition in library.leaves(&effect.guard).into_iter().filter_map(Leaf::definition) {
                self.depth(definition, &mut depth);
            }
        }
        let mut stages: Vec<Vec<Named>> = vec![Vec::new(); depth.values().max().map_or(0, |deepest| deepest + 1)];
        for (id, depth) in depth {
            let definition = &library[id];
            let mut comments = comment("    ", &definition.label);
            comments.push_str(&self.origins("    ", &definition.cites, definition.statements.iter().map(|s| s.id.as_str())));
            let named = (comments, self.words.term(id), self.words.of(&definition.condition));
            stages.get_mut(depth).into_iter().for_each(|stage| stage.push(named.clone()));
        }
        stages
    }

    fn depth(&self, definition: DefinitionId, known: &mut BTreeMap<DefinitionId, usize>) -> usize {
        if let Some(depth) = known.get(&definition) {
            return *depth;
        }
        let inner = self.library[definition]
            .condition
            .leaves()
            .into_iter()
            .filter_map(Leaf::definition);
        let depth = inner.map(|inner| self.depth(inner, known) + 1).max().unwrap_or(0);
        known.insert(definition, depth);
        depth
    }

    /// The scopes and headings that rules share, and the rules with their plain names.
    fn states(&self, guidelines: &BTreeSet<GuidelineId>) -> (Vec<Named>, Vec<Named>) {
        let library = self.library;
        let mut scopes: Vec<Named> = Vec::new();
        let mut by_text: BTreeMap<String, String> = BTreeMap::new();
        let mut rules: BTreeMap<usize, Vec<(String, Vec<&Effect>)>> = BTreeMap::new();
        for (_, effect) in self.effects(guidelines) {
            let rule = &library[effect.rule];
            let mut parts = Vec::new();
            for (what, condition) in [("scope", &rule.guard.scope), ("heading", &rule.guard.section)] {
                if condition.is_always() {
                    continue;
                }
                let text = self.words.of(condition);
                let name = by_text.entry(text.clone()).or_insert_with(|| {
                    let guideline = &library[rule.guideline].name;
                    let name = self.engine.name(&format!("{guideline}: {what} {}", scopes.len() + 1));
                    scopes.push((String::new(), name.clone(), text));
                    name
                });
                parts.push(name.clone());
            }
            let conditions = [&rule.guard.when, &rule.guard.unless.clone().negated(), &effect.own]
                .map(|condition| (condition.is_always(), self.words.within(condition)));
            parts.extend(
                conditions
                    .into_iter()
                    .filter(|(is_always, _)| !is_always)
                    .map(|(_, text)| text),
            );
            let expression = match parts.is_empty() {
                true => "TRUE".to_owned(),
                false => parts.join(" AND "),
            };
            let columns = rules.entry(effect.rule.index()).or_default();
            match columns.iter_mut().find(|(known, _)| *known == expression) {
                Some((_, effects)) => effects.push(effect),
                None => columns.push((expression, vec![effect])),
            }
        }
        let mut states = Vec::new();
        for columns in rules.into_values() {
            let is_single = columns.len() == 1;
            for (number, (expression, effects)) in columns.into_iter().enumerate() {
                let Some(first) = effects.first() else { continue };
                let rule = &library[first.rule];
                let name = match is_single {
                    true => rule.full_name.clone(),
                    false => format!("{} {}", rule.full_name, number + 1),
                };
                states.push((self.told(rule, &effects), name, expression));
            }
        }
        (scopes, states)
    }

    fn told(&self, rule: &Rule, effects: &[&Effect]) -> String {
        let mut text = String::new();
        for effect in effects {
            let actions: Vec<&str> = effect.actions.iter().map(|a| self.library[*a].name.as_str()).collect();
            let urgency = effect.urgency.map_or("", Urgency::word);
            let actions = actions.join(", ");
            let words = [effect.modality.word(), urgency, &actions];
            let what: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
            text.push_str(&comment("  ", &what.join(" ")));
        }
        text.push_str(&self.origins("  ", &rule.cites, rule.statements.iter().map(|s| s.id.as_str())));
        text
    }

    fn origins<'s>(&self, indent: &str, cites: &[Citation], statements: impl Iterator<Item = &'s str>) -> String {
        let mut text = String::new();
        for cite in cites {
            let place = cite.place.as_ref().map_or(String::new(), |place| format!(", {place}"));
            let numbers: Vec<String> = cite.numbers.iter().map(u32::to_string).collect();
            let numbers = if numbers.is_empty() {
                String::new()
            } else {
                format!(" [{}]", numbers.join(", "))
            };
            let title = &self.library[cite.source].title;
            text.push_str(&comment(indent, &format!("cites {title}{place}{numbers}")));
        }
        let statements: Vec<&str> = statements.collect();
        if !statements.is_empty() {
            text.push_str(&comment(indent, &format!("from {}", statements.join(", "))));
        }
        text
    }
}
