//! Records of patients: case files, and the wide table of a population.

use crate::eval::Value;
use crate::model::{FactId, FactType, Library};
use jiff::civil::Date;
use serde_json::{Map, Value as Json, json};
use std::borrow::Cow;

/// What is recorded of a patient.
#[derive(Debug, Clone, Copy)]
pub struct Recorded<'a> {
    /// The name of the row.
    pub id: &'a str,
    /// The date of evaluation.
    pub as_of: Option<Date>,
    /// The values, in the order of the declarations.
    pub known: &'a [(FactId, Value)],
}

/// A case file in YAML.
pub fn yaml(library: &Library, patient: Recorded<'_>) -> String {
    let mut text = patient.as_of.map(|date| format!("as_of: {date}\n")).unwrap_or_default();
    if patient.known.is_empty() {
        return text + "facts: {}\n";
    }
    text.push_str("facts:\n");
    for (fact, value) in patient.known {
        let declared = &library[*fact];
        text.push_str(&format!("  {}: ", declared.name));
        match (value, &declared.ty) {
            (Value::Set(flags), FactType::AnyOf { members }) => {
                let quoted = members.iter().map(|m| scalar(m));
                let named: Vec<(Option<bool>, Cow<'_, str>)> = flags.iter().copied().zip(quoted).collect();
                if flags.iter().all(Option::is_some) {
                    let present: Vec<&str> = named
                        .iter()
                        .filter(|(f, _)| *f == Some(true))
                        .map(|(_, m)| m.as_ref())
                        .collect();
                    text.push_str(&format!("[{}]\n", present.join(", ")));
                } else {
                    let stated: Vec<String> = named
                        .iter()
                        .filter_map(|(flag, member)| flag.map(|yes| format!("{member}: {}", yes_no(yes))))
                        .collect();
                    text.push_str(&format!("{{{}}}\n", stated.join(", ")));
                }
            }
            _ => text.push_str(&format!("{}\n", scalar(&value.written(&declared.ty)))),
        }
    }
    text
}

/// A case file in JSON.
pub fn case(library: &Library, patient: Recorded<'_>) -> Json {
    let mut facts = Map::new();
    for (fact, value) in patient.known {
        let declared = &library[*fact];
        let value = match (value, &declared.ty) {
            (Value::Set(flags), FactType::AnyOf { members }) if flags.iter().all(Option::is_some) => {
                let present = members.iter().zip(flags).filter(|(_, flag)| **flag == Some(true));
                json!(present.map(|(member, _)| member).collect::<Vec<_>>())
            }
            (Value::Set(flags), FactType::AnyOf { members }) => {
                let stated = members.iter().zip(flags);
                let stated = stated.filter_map(|(member, flag)| flag.map(|yes| (member.clone(), json!(yes_no(yes)))));
                Json::Object(stated.collect())
            }
            _ => json!(value.written(&declared.ty)),
        };
        facts.insert(declared.name.clone(), value);
    }
    let mut case = Map::new();
    if let Some(date) = patient.as_of {
        case.insert("as_of".to_owned(), json!(date.to_string()));
    }
    case.insert("facts".to_owned(), Json::Object(facts));
    Json::Object(case)
}

/// A column of the wide table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Id,
    AsOf,
    /// A value; of an amount, the number.
    Value(FactId),
    /// The unit of an amount.
    Unit(FactId),
    /// Whether a member of a set is present.
    Member(FactId, usize),
}

/// The wide table of a population: one row for each patient, one column for each fact (`FACT`), for each unit (`FACT_unit`) and
/// each member of a set (`FACT_MEMBER`). What is not known is empty.
#[derive(Debug)]
pub struct WideTable<'a> {
    library: &'a Library,
    columns: Vec<(String, Column)>,
}

impl<'a> WideTable<'a> {
    /// The table for the facts of a library; with a column for the date of evaluation where there is one.
    pub fn new(library: &'a Library, as_of: Option<Date>) -> Self {
        let mut columns = vec![("patient_id".to_owned(), Column::Id)];
        columns.extend(as_of.map(|_| ("as_of".to_owned(), Column::AsOf)));
        for (index, fact) in library.facts.iter().enumerate() {
            let (id, name) = (FactId::from_index(index), &fact.name);
            match &fact.ty {
                FactType::AnyOf { members } => {
                    let members = members.iter().enumerate();
                    columns.extend(members.map(|(member, of)| (format!("{name}_{of}"), Column::Member(id, member))));
                }
                FactType::Quantity { .. } | FactType::TimeSince { .. } => {
                    columns.push((name.clone(), Column::Value(id)));
                    columns.push((format!("{name}_unit"), Column::Unit(id)));
                }
                _ => columns.push((name.clone(), Column::Value(id))),
            }
        }
        WideTable { library, columns }
    }

    /// The names of the columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }

    /// The cells of a patient; empty where nothing is known.
    pub fn cells(&self, patient: Recorded<'_>) -> impl Iterator<Item = String> {
        self.columns.iter().map(move |(_, column)| self.cell(patient, *column))
    }

    /// The row of a patient as an object that has only what is known.
    pub fn object(&self, patient: Recorded<'_>) -> Json {
        let cells = self.columns.iter().map(|(name, column)| (name, self.cell(patient, *column)));
        let known = cells.filter(|(_, cell)| !cell.is_empty());
        Json::Object(known.map(|(name, cell)| (name.clone(), json!(cell))).collect())
    }

    fn cell(&self, patient: Recorded<'_>, column: Column) -> String {
        let value = |fact: FactId| {
            let place = patient.known.binary_search_by_key(&fact, |(known, _)| *known).ok()?;
            patient.known.get(place).map(|(_, value)| value)
        };
        let cell = match column {
            Column::Id => Some(patient.id.to_owned()),
            Column::AsOf => patient.as_of.map(|date| date.to_string()),
            Column::Value(fact) => value(fact).map(|value| match value {
                // Whatever follows the number is its unit, and has a column of its own.
                Value::Number { written, .. } => written.split(' ').next().unwrap_or_default().to_owned(),
                _ => value.written(&self.library[fact].ty),
            }),
            Column::Unit(fact) => value(fact).and_then(|value| match value {
                Value::Number { written, .. } => written.split_once(' ').map(|(_, unit)| unit.to_owned()),
                _ => None,
            }),
            Column::Member(fact, member) => value(fact).and_then(|value| match value {
                Value::Set(flags) => flags.get(member).copied().flatten().map(|yes| yes_no(yes).to_owned()),
                _ => None,
            }),
        };
        cell.unwrap_or_default()
    }
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// The text as YAML reads it back: in quotes where YAML has a meaning of its own for it.
fn scalar(text: &str) -> Cow<'_, str> {
    let is_plain = text
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ' | '/' | '%'))
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !text.eq_ignore_ascii_case("null");
    if is_plain {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(Json::from(text).to_string())
    }
}
