//! What the columns of a table mean.
//!
//! In: names of columns, and what `gl.toml` says of them. Out: for each the fact that it states, with its unit, settled once.
//!
//! A wide table has a column for each fact, under the name of the fact; a set has one column for each member, `FACT_MEMBER`; where units
//! vary, `FACT_unit` has the unit. In a long table the same names stand in the column `fact`.

use super::errors;
use crate::diagnostic::Diagnostic;
use crate::model::{FactId, FactType, Library};
use crate::patient::Measure;
use crate::source::{FileId, Span};
use crate::suggest;
use std::collections::{BTreeMap, BTreeSet};

/// How patients lie in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// A row for each patient, a column for each fact.
    Wide,
    /// A row for each fact of a patient; the rows of a patient stand together.
    Long,
}

impl Layout {
    /// `wide` or `long`.
    pub fn word(self) -> &'static str {
        match self {
            Layout::Wide => "wide",
            Layout::Long => "long",
        }
    }
}

/// The place of a value in a table. Rows are not kept, so nothing can point into them.
pub fn nowhere(length: usize) -> Span {
    Span::new(FileId(u32::MAX), 0..length)
}

/// What a project says of columns beyond their names.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    /// Columns by name.
    pub columns: BTreeMap<String, Mapped>,
    /// Columns that are left out.
    pub ignored: BTreeSet<String>,
}

/// What a project says of one column.
#[derive(Debug, Clone)]
pub struct Mapped {
    /// The name that gl knows: a fact, `patient_id`, `as_of` or another name of a column.
    pub means: (String, Span),
    /// The member, where the column is about one member of a set.
    pub member: Option<(String, Span)>,
    /// The unit of all its numbers.
    pub unit: Option<(String, Span)>,
    /// Words of the table and what they mean here; `unknown` among them.
    pub values: BTreeMap<String, String>,
}

/// What a column states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meaning {
    /// Who the row is about.
    Patient,
    /// The date of evaluation.
    AsOf,
    /// A fact.
    Fact(FactId),
    /// One member of a set.
    Member(FactId, usize),
    /// The unit of the numbers of a fact in the same row.
    Unit(FactId),
    /// In a long table: the name of a fact.
    Name,
    /// In a long table: its value.
    Value,
    /// In a long table: the unit of the value.
    ValueUnit,
    /// In a long table: the day on which the fact was found.
    At,
    /// Nothing that counts.
    Ignored,
}

/// A column that is understood.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name in the table.
    pub name: String,
    /// What it states.
    pub meaning: Meaning,
    /// The unit of its numbers, where one is settled for all of them.
    pub measure: Option<Measure>,
    /// Words of the table and what they mean here.
    pub values: BTreeMap<String, String>,
}

/// Names of columns that a long table has for itself.
const LONG: [(&str, Meaning); 4] = [
    ("fact", Meaning::Name),
    ("value", Meaning::Value),
    ("unit", Meaning::ValueUnit),
    ("at", Meaning::At),
];

/// The name of the column that says who a row is about.
pub const PATIENT: &str = "patient_id";

/// Every name that a column may have.
#[derive(Debug)]
pub struct Names<'a> {
    library: &'a Library,
    mapping: &'a Mapping,
    /// Whether a number without a unit is in the unit that its fact is declared in.
    declared_units: bool,
    /// Names that need no mapping; several meanings where two facts make one name.
    plain: BTreeMap<String, Vec<Meaning>>,
    /// Columns that `gl.toml` speaks of.
    mapped: BTreeMap<&'a str, Column>,
}

impl<'a> Names<'a> {
    /// The names for a library.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the mapping.
    pub fn new(library: &'a Library, mapping: &'a Mapping, declared_units: bool) -> Result<Self, Vec<Diagnostic>> {
        let mut plain: BTreeMap<String, Vec<Meaning>> = BTreeMap::new();
        let mut add = |name: String, meaning: Meaning| plain.entry(name).or_default().push(meaning);
        add(PATIENT.to_owned(), Meaning::Patient);
        add("as_of".to_owned(), Meaning::AsOf);
        for (index, fact) in library.facts.iter().enumerate() {
            let id = FactId::from_index(index);
            add(fact.name.clone(), Meaning::Fact(id));
            match &fact.ty {
                FactType::AnyOf { members } => {
                    for (member, name) in members.iter().enumerate() {
                        add(format!("{}_{name}", fact.name), Meaning::Member(id, member));
                    }
                }
                FactType::Quantity { .. } | FactType::TimeSince { .. } => add(format!("{}_unit", fact.name), Meaning::Unit(id)),
                _ => {}
            }
        }
        let mut names = Names {
            library,
            mapping,
            declared_units,
            plain,
            mapped: BTreeMap::new(),
        };
        let mut found = Vec::new();
        for (name, mapped) in &mapping.columns {
            match names.map(name, mapped) {
                Ok(column) => drop(names.mapped.insert(name, column)),
                Err(diagnostic) => found.push(diagnostic),
            }
        }
        match found.is_empty() {
            true => Ok(names),
            false => Err(found),
        }
    }

    fn map(&self, name: &str, mapped: &Mapped) -> Result<Column, Diagnostic> {
        let (means, span) = &mapped.means;
        let long = LONG.iter().find(|(word, _)| *word == means).map(|(_, meaning)| *meaning);
        let meaning = match (self.fact(means), self.meanings(means), long) {
            (Some(fact), _, _) => Meaning::Fact(fact),
            (None, [one], _) => *one,
            (None, [], Some(meaning)) => meaning,
            (None, [], None) => return Err(errors::unknown_meaning(means, self.near(means), *span)),
            (None, several, _) => return Err(errors::ambiguous(means, &self.all_told(several), *span)),
        };
        let meaning = match (meaning, &mapped.member) {
            (Meaning::Fact(fact), Some((member, span))) => self.member(fact, member, *span)?,
            (_, Some((_, span))) => return Err(errors::member_of_nothing(means, *span)),
            (meaning, None) => meaning,
        };
        let measure = match (meaning, &mapped.unit) {
            (Meaning::Fact(fact), Some((unit, span))) if self.is_measured(fact) => {
                Some(Measure::read(self.library, fact, unit, *span)?)
            }
            (_, Some((_, span))) => return Err(errors::unit_of_nothing(name, *span)),
            (meaning, None) => self.declared(meaning),
        };
        Ok(Column {
            name: name.to_owned(),
            meaning,
            measure,
            values: mapped.values.clone(),
        })
    }

    fn member(&self, fact: FactId, member: &str, span: Span) -> Result<Meaning, Diagnostic> {
        let declared = &self.library[fact];
        let FactType::AnyOf { members } = &declared.ty else {
            return Err(errors::member_of_nothing(&declared.name, span));
        };
        match members.iter().position(|m| m == member) {
            Some(position) => Ok(Meaning::Member(fact, position)),
            None => Err(errors::unknown_member(declared, member, members, span)),
        }
    }

    /// Whether a fact has a unit.
    pub fn is_measured(&self, fact: FactId) -> bool {
        matches!(self.library[fact].ty, FactType::Quantity { .. } | FactType::TimeSince { .. })
    }

    /// The unit that a fact is declared in, where the project reads plain numbers so.
    fn declared(&self, meaning: Meaning) -> Option<Measure> {
        let Meaning::Fact(fact) = meaning else { return None };
        let declared = &self.library[fact];
        match (&declared.ty, self.declared_units) {
            (FactType::Quantity { unit }, true) => Measure::read(self.library, fact, unit.written(), declared.span).ok(),
            _ => None,
        }
    }

    fn fact(&self, name: &str) -> Option<FactId> {
        self.library.fact_names.get(name).copied()
    }

    fn meanings(&self, name: &str) -> &[Meaning] {
        self.plain.get(name).map_or(&[], Vec::as_slice)
    }

    fn near(&self, name: &str) -> Option<&str> {
        suggest::closest(name, self.plain.keys().map(String::as_str))
    }

    fn is_long(&self, columns: &[String]) -> bool {
        let means = |wanted: Meaning| columns.iter().any(|column| self.long(column) == Some(wanted));
        means(Meaning::Name) && means(Meaning::Value)
    }

    /// How patients lie in a table with these columns, where nobody has said it.
    pub fn layout(&self, columns: &[String]) -> Layout {
        match self.is_long(columns) {
            true => Layout::Long,
            false => Layout::Wide,
        }
    }

    /// What a column of a table means.
    ///
    /// # Errors
    ///
    /// As [`Names::column`].
    pub fn in_layout(&self, layout: Layout, name: &str, span: Span) -> Result<Column, Diagnostic> {
        match layout {
            Layout::Long => Ok(self.long_column(name)),
            Layout::Wide => self.column(name, span),
        }
    }

    fn long(&self, column: &str) -> Option<Meaning> {
        match self.mapped.get(column) {
            Some(mapped) => Some(mapped.meaning),
            None => LONG.iter().find(|(word, _)| *word == column).map(|(_, meaning)| *meaning),
        }
    }

    /// What a column of a long table means.
    pub fn long_column(&self, name: &str) -> Column {
        let meaning = match self.long(name) {
            Some(meaning) => meaning,
            None if name == PATIENT => Meaning::Patient,
            // Such tables have columns for their own keeping; nothing in them is taken for a fact.
            None => Meaning::Ignored,
        };
        Column {
            name: name.to_owned(),
            meaning,
            measure: None,
            values: BTreeMap::new(),
        }
    }

    /// What a column of a wide table means, or a name in the column `fact` of a long one.
    ///
    /// # Errors
    ///
    /// A finding at `span` for a name that means nothing here, or more than one thing.
    pub fn column(&self, name: &str, span: Span) -> Result<Column, Diagnostic> {
        if let Some(mapped) = self.mapped.get(name) {
            return Ok(mapped.clone());
        }
        let plain = |meaning: Meaning| Column {
            name: name.to_owned(),
            meaning,
            measure: self.declared(meaning),
            values: BTreeMap::new(),
        };
        if self.mapping.ignored.contains(name) {
            return Ok(plain(Meaning::Ignored));
        }
        match self.meanings(name) {
            [one] => Ok(plain(*one)),
            [] => Err(errors::unknown_column(name, self.near(name), span)),
            several => Err(errors::ambiguous(name, &self.all_told(several), span)),
        }
    }

    fn all_told(&self, meanings: &[Meaning]) -> Vec<String> {
        meanings.iter().map(|meaning| self.told(*meaning)).collect()
    }

    /// A meaning in words.
    pub fn told(&self, meaning: Meaning) -> String {
        told(self.library, meaning)
    }
}

/// A meaning in words.
pub fn told(library: &Library, meaning: Meaning) -> String {
    match meaning {
        Meaning::Patient => "the patient".to_owned(),
        Meaning::AsOf => "the date of evaluation".to_owned(),
        Meaning::Fact(fact) => library[fact].name.clone(),
        Meaning::Member(fact, member) => match &library[fact].ty {
            FactType::AnyOf { members } => {
                format!(
                    "{} includes {}",
                    library[fact].name,
                    members.get(member).map_or("", String::as_str)
                )
            }
            _ => library[fact].name.clone(),
        },
        Meaning::Unit(fact) => format!("the unit of {}", library[fact].name),
        Meaning::Name => "the name of a fact".to_owned(),
        Meaning::Value => "its value".to_owned(),
        Meaning::ValueUnit => "its unit".to_owned(),
        Meaning::At => "the day of the finding".to_owned(),
        Meaning::Ignored => "left out".to_owned(),
    }
}
