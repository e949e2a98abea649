//! The wide table that a query reads.
//!
//! In: names of columns. Out: what stands in each fact's column, in which unit, and what makes a row invalid.

use super::Request;
use super::dialect::{Engine, Kind};
use super::errors;
use crate::cohort::columns::{Meaning, Names};
use crate::diagnostic::Diagnostic;
use crate::model::units::{MINUTES_A_DAY, TimeUnit};
use crate::model::{FactId, FactType, Library};
use crate::source::{FileId, Span};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The name under which the query gives patients back.
pub const PATIENT: &str = crate::cohort::columns::PATIENT;

/// The columns of a table.
#[derive(Debug)]
pub struct Table {
    /// Each column in its order: its name in the table and what it means.
    columns: Vec<(String, Meaning)>,
    patient: String,
    as_of: Option<String>,
    /// For each measured fact one of its unit in the canonical unit.
    factors: BTreeMap<FactId, Decimal>,
    units: BTreeMap<FactId, String>,
    /// Times that are computed from a date column.
    computed: BTreeMap<FactId, FactId>,
    /// The columns of the query, each with its name and expression.
    selected: Vec<(String, String)>,
    /// What makes a row invalid, each with the reason.
    invalid: Vec<(String, String)>,
}

/// The name of the column of a member.
pub fn member_name(fact: &str, members: &[String], member: usize) -> String {
    format!("{fact}_{}", members.get(member).map_or("", String::as_str))
}

impl Table {
    /// Understands the columns.
    ///
    /// # Errors
    ///
    /// Columns that mean nothing, or something that cannot be said in SQL.
    pub fn new(library: &Library, request: &Request) -> Result<Table, Vec<Diagnostic>> {
        let names = Names::new(library, &request.mapping, true)?;
        let written = match &request.columns {
            Some(columns) => columns.clone(),
            None => all(library, request),
        };
        let mut table = Table {
            columns: Vec::new(),
            patient: PATIENT.to_owned(),
            as_of: None,
            factors: BTreeMap::new(),
            units: BTreeMap::new(),
            computed: BTreeMap::new(),
            selected: Vec::new(),
            invalid: Vec::new(),
        };
        let mut found = Vec::new();
        for name in written {
            let column = match names.column(&name, Span::new(FileId(u32::MAX), 0..0)) {
                Ok(column) => column,
                Err(mut diagnostic) => {
                    // The name stands in no text that could be shown.
                    diagnostic.labels.clear();
                    found.push(diagnostic);
                    continue;
                }
            };
            if !column.values.is_empty() {
                found.push(errors::values(&name));
            }
            match column.meaning {
                Meaning::Ignored => continue,
                Meaning::Patient => table.patient.clone_from(&name),
                Meaning::AsOf => table.as_of = Some(name.clone()),
                Meaning::Fact(fact) => {
                    let declared = &library[fact];
                    match &declared.ty {
                        FactType::AnyOf { .. } => found.push(errors::whole_set(&name)),
                        FactType::Quantity { .. } | FactType::TimeSince { .. } => {
                            let (factor, unit) = match &column.measure {
                                Some(measure) => (measure.factor(), measure.written().to_owned()),
                                None => (TimeUnit::Days.minutes(), TimeUnit::Days.plural().to_owned()),
                            };
                            table.factors.insert(fact, factor);
                            table.units.insert(fact, unit);
                        }
                        _ => {}
                    }
                }
                Meaning::Member(..) => {}
                _ => found.push(errors::no_column(&name)),
            }
            if table.columns.iter().any(|(_, meaning)| *meaning == column.meaning) {
                found.push(errors::twice(&name));
            }
            table.columns.push((name, column.meaning));
        }
        found.extend(table.times(library));
        if !found.is_empty() {
            return Err(found);
        }
        table.lay_out(library, request);
        Ok(table)
    }

    /// Times are computed from dates where the table has these, in days.
    fn times(&mut self, library: &Library) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for (index, fact) in library.facts.iter().enumerate() {
            let id = FactId::from_index(index);
            let FactType::TimeSince { date } = fact.ty else { continue };
            let has = |fact: FactId| self.columns.iter().any(|(_, meaning)| *meaning == Meaning::Fact(fact));
            if has(date) {
                self.computed.insert(id, date);
                let factor = self.factors.entry(id).or_insert(TimeUnit::Days.minutes());
                if *factor != Decimal::from(MINUTES_A_DAY) {
                    found.push(errors::time_in_days(&fact.name, &library[date].name));
                }
            }
        }
        found
    }

    fn column(&self, meaning: Meaning) -> Option<&str> {
        self.columns
            .iter()
            .find(|(_, of)| *of == meaning)
            .map(|(name, _)| name.as_str())
    }

    /// The columns of the first stage of the query, and what makes a row invalid.
    fn lay_out(&mut self, library: &Library, request: &Request) {
        let engine = request.engine;
        let (mut selected, mut invalid) = (Vec::new(), Vec::new());
        let as_of = match (&self.as_of, request.as_of) {
            (Some(column), Some(date)) => format!("COALESCE({}, {})", engine.name(column), engine.date(date)),
            (Some(column), None) => engine.name(column),
            (None, Some(date)) => engine.date(date),
            (None, None) => engine.nothing(Kind::Day),
        };
        selected.push((engine.name(PATIENT), engine.name(&self.patient)));
        for (index, fact) in library.facts.iter().enumerate() {
            let id = FactId::from_index(index);
            let name = engine.name(&fact.name);
            let own = self.column(Meaning::Fact(id)).map(|column| engine.name(column));
            match &fact.ty {
                FactType::YesNo => selected.push((name, own.unwrap_or_else(|| engine.nothing(Kind::Truth)))),
                FactType::OneOf { values, .. } => {
                    if let Some(own) = &own {
                        let words: Vec<String> = values.iter().map(|value| engine.text(value)).collect();
                        let reason = format!("{} has another value", fact.name);
                        invalid.push((format!("{own} NOT IN ({})", words.join(", ")), reason));
                    }
                    selected.push((name, own.unwrap_or_else(|| engine.nothing(Kind::Text))));
                }
                FactType::AnyOf { members } => {
                    for (member, _) in members.iter().enumerate() {
                        let own = self.column(Meaning::Member(id, member)).map(|column| engine.name(column));
                        let name = engine.name(&member_name(&fact.name, members, member));
                        selected.push((name, own.unwrap_or_else(|| engine.nothing(Kind::Truth))));
                    }
                }
                FactType::Date => {
                    if let Some(own) = &own {
                        invalid.push((
                            format!("{own} IS NOT NULL AND {as_of} IS NULL"),
                            "the date of evaluation is missing".to_owned(),
                        ));
                        invalid.push((format!("{own} > {as_of}"), format!("{} lies in the future", fact.name)));
                    }
                    selected.push((name, own.unwrap_or_else(|| engine.nothing(Kind::Day))));
                }
                FactType::Count | FactType::Quantity { .. } | FactType::TimeSince { .. } => {
                    if let Some(own) = &own {
                        invalid.push((format!("{own} < 0"), format!("{} is negative", fact.name)));
                        if fact.ty == FactType::Count {
                            invalid.push((format!("{own} <> floor({own})"), format!("{} is no whole number", fact.name)));
                        }
                        if let Some((low, high)) = fact.range {
                            let (below, least) = self.compared(engine, id, own, low);
                            let (above, most) = self.compared(engine, id, own, high);
                            let reason = format!("{} is out of range", fact.name);
                            invalid.push((format!("{below} < {least} OR {above} > {most}"), reason));
                        }
                    }
                    let computed = self.computed.get(&id).and_then(|date| self.column(Meaning::Fact(*date)));
                    let expression = match (own, computed) {
                        (own, Some(date)) => {
                            let date = engine.name(date);
                            let days = engine.days_between(&date, &as_of);
                            match own {
                                Some(own) => {
                                    let reason = format!("{} stands beside the date it counts from", fact.name);
                                    invalid.push((format!("{own} IS NOT NULL AND {date} IS NOT NULL"), reason));
                                    format!("COALESCE({days}, {own})")
                                }
                                None => days,
                            }
                        }
                        (Some(own), None) => own,
                        (None, None) => engine.nothing(Kind::Number),
                    };
                    selected.push((name, expression));
                }
            }
        }
        (self.selected, self.invalid) = (selected, invalid);
    }

    /// The two sides of a comparison with a threshold in the canonical unit of the fact: in the unit of the column where the threshold
    /// is a short exact number of it, else in the canonical unit.
    pub fn compared(&self, engine: Engine, fact: FactId, column: &str, than: Decimal) -> (String, String) {
        let factor = self.factors.get(&fact).copied().unwrap_or(Decimal::ONE);
        match divided(than, factor) {
            Some(than) => (column.to_owned(), engine.number(than)),
            None => (format!("{column} * {}", engine.number(factor)), engine.number(than)),
        }
    }

    /// One of the unit of a column in the canonical unit of its fact.
    pub fn factor(&self, fact: FactId) -> Decimal {
        self.factors.get(&fact).copied().unwrap_or(Decimal::ONE)
    }

    /// The columns of the first stage, which later ones carry on.
    pub fn selected(&self) -> &[(String, String)] {
        &self.selected
    }

    /// The first stage of the query.
    pub fn select(&self, engine: Engine, table: &str) -> String {
        let mut text = "  SELECT".to_owned();
        for (name, expression) in &self.selected {
            let _ = match name == expression {
                true => write!(text, "\n    {name},"),
                false => write!(text, "\n    {expression} AS {name},"),
            };
        }
        match self.invalid.is_empty() {
            true => {
                let _ = write!(text, "\n    {} AS invalid", engine.nothing(Kind::Text));
            }
            false => {
                text.push_str("\n    CASE");
                for (condition, reason) in &self.invalid {
                    let _ = write!(text, "\n      WHEN {condition} THEN {}", engine.text(reason));
                }
                text.push_str("\n    END AS invalid");
            }
        }
        let _ = write!(text, "\n  FROM {}", engine.name(table));
        text
    }

    /// The columns of the table with their types, for its reader.
    pub fn described(&self, library: &Library) -> Vec<(String, String)> {
        let mut described = Vec::new();
        for (name, meaning) in &self.columns {
            let what = match meaning {
                Meaning::Patient => "any type".to_owned(),
                Meaning::AsOf => "DATE".to_owned(),
                Meaning::Member(..) => "BOOLEAN".to_owned(),
                Meaning::Fact(fact) => match &library[*fact].ty {
                    FactType::YesNo => "BOOLEAN".to_owned(),
                    FactType::OneOf { values, .. } => format!("text, one of {}", values.join(", ")),
                    FactType::Date => "DATE".to_owned(),
                    FactType::Count => "a whole number".to_owned(),
                    _ => format!(
                        "DECIMAL or a whole number, in {}",
                        self.units.get(fact).map_or("days", String::as_str)
                    ),
                },
                _ => continue,
            };
            described.push((name.clone(), what));
        }
        described
    }
}

/// Every column that a wide table for this library can have.
fn all(library: &Library, request: &Request) -> Vec<String> {
    let mapped: BTreeMap<(String, Option<String>), &String> = request
        .mapping
        .columns
        .iter()
        .map(|(name, mapped)| {
            let member = mapped.member.as_ref().map(|(member, _)| member.clone());
            ((mapped.means.0.clone(), member), name)
        })
        .collect();
    let named = |means: &str, member: Option<&String>, plain: String| {
        let key = (means.to_owned(), member.cloned());
        mapped.get(&key).map_or(plain, |name| (*name).clone())
    };
    let has_dates = library.facts.iter().any(|fact| fact.ty == FactType::Date);
    let mut columns = vec![named(PATIENT, None, PATIENT.to_owned())];
    if has_dates && request.as_of.is_none() {
        columns.push(named("as_of", None, "as_of".to_owned()));
    }
    for fact in &library.facts {
        match &fact.ty {
            FactType::AnyOf { members } => {
                for (index, member) in members.iter().enumerate() {
                    columns.push(named(&fact.name, Some(member), member_name(&fact.name, members, index)));
                }
            }
            _ => columns.push(named(&fact.name, None, fact.name.clone())),
        }
    }
    columns
}

/// A number divided, where the result is a short exact decimal.
fn divided(number: Decimal, by: Decimal) -> Option<Decimal> {
    let quotient = number.checked_div(by)?.normalize();
    (quotient.scale() <= 9 && quotient.checked_mul(by) == Some(number)).then_some(quotient)
}
