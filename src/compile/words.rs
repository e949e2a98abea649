//! Conditions as SQL: one more algebra over the one type of conditions.

use super::dialect::{Engine, Kind};
use super::table::Table;
use crate::model::{
    Algebra, AtomId, Comparison, Condition, DefinitionId, FactType, Library, Term, Test, TestId, date_since_epoch,
};
use rust_decimal::prelude::ToPrimitive;

/// A condition in SQL, and whether it holds together by itself.
#[derive(Debug, Clone)]
pub struct Sql {
    text: String,
    is_single: bool,
}

impl Sql {
    fn single(text: impl Into<String>) -> Self {
        Sql {
            text: text.into(),
            is_single: true,
        }
    }

    fn within(self) -> String {
        match self.is_single {
            true => self.text,
            false => format!("({})", self.text),
        }
    }
}

/// Writes conditions.
pub struct Words<'a> {
    library: &'a Library,
    engine: Engine,
    table: &'a Table,
}

impl<'a> Words<'a> {
    /// Writes conditions over these columns.
    pub fn new(library: &'a Library, engine: Engine, table: &'a Table) -> Self {
        Words { library, engine, table }
    }

    /// A condition.
    pub fn of(&self, condition: &Condition) -> String {
        condition.fold(self).text
    }

    /// A condition that can be joined to others.
    pub fn within(&self, condition: &Condition) -> String {
        condition.fold(self).within()
    }

    /// The name of a definition; two guidelines may mean different things by one word.
    pub fn term(&self, definition: DefinitionId) -> String {
        let definition = &self.library[definition];
        let name = match definition.guideline {
            Some(guideline) => format!("{}: {}", self.library[guideline].name, definition.name),
            None => format!("shared: {}", definition.name),
        };
        self.engine.name(&name)
    }

    /// A test.
    pub fn test(&self, test: TestId) -> String {
        let (Term::Fact(fact), test) = &self.library[test];
        let engine = self.engine;
        let declared = &self.library[*fact];
        let name = engine.name(&declared.name);
        match (test, &declared.ty) {
            (Test::Yes, _) => name,
            (Test::In(values), FactType::OneOf { values: words, .. }) => {
                let words: Vec<String> = values.iter().filter_map(|v| Some(engine.text(words.get(*v)?))).collect();
                match words.as_slice() {
                    // A comparison with nothing is unknown where the fact is, and false else.
                    [] => format!("{name} <> {name}"),
                    [one] => format!("{name} = {one}"),
                    several => format!("{name} IN ({})", several.join(", ")),
                }
            }
            (Test::Includes(member), FactType::AnyOf { members }) => {
                engine.name(&super::table::member_name(&declared.name, members, *member))
            }
            (Test::Nonempty, FactType::AnyOf { members }) => {
                let each =
                    (0..members.len()).map(|member| engine.name(&super::table::member_name(&declared.name, members, member)));
                format!("({})", each.collect::<Vec<_>>().join(" OR "))
            }
            (
                Test::Compare {
                    comparison,
                    than,
                    written,
                },
                ty,
            ) => {
                let sign = match comparison {
                    Comparison::AtLeast => ">=",
                    Comparison::AtMost => "<=",
                    Comparison::Over => ">",
                    Comparison::Under => "<",
                    Comparison::Equal => "=",
                };
                if *ty == FactType::Date {
                    // A day that is in no calendar is one that nobody knows.
                    let date = than.to_i64().and_then(date_since_epoch);
                    let date = date.map_or_else(|| engine.nothing(Kind::Day), |date| engine.date(date));
                    return format!("{name} {sign} {date}");
                }
                let (left, right) = self.table.compared(engine, *fact, &name, *than);
                let written: String = written
                    .chars()
                    .filter(|c| !matches!(c, '*' | '/') && !c.is_control())
                    .collect();
                format!("{left} {sign} {right} /* {written} */")
            }
            // Lowering makes no other pairs.
            _ => "CAST(NULL AS BOOLEAN)".to_owned(),
        }
    }
}

impl Algebra for Words<'_> {
    type Output = Sql;

    fn all(&self, parts: &mut dyn Iterator<Item = Sql>) -> Sql {
        joined(parts, " AND ", "TRUE")
    }

    fn any(&self, parts: &mut dyn Iterator<Item = Sql>) -> Sql {
        joined(parts, " OR ", "FALSE")
    }

    fn at_least(&self, count: u32, parts: &mut dyn Iterator<Item = Sql>) -> Sql {
        let parts: Vec<String> = parts.map(Sql::within).collect();
        let sum = |part: &dyn Fn(&String) -> String| match parts.is_empty() {
            true => "0".to_owned(),
            false => parts.iter().map(part).collect::<Vec<_>>().join(" + "),
        };
        let holding = sum(&|part| format!("CASE WHEN {part} THEN 1 ELSE 0 END"));
        let possible = sum(&|part| format!("CASE WHEN NOT {part} THEN 0 ELSE 1 END"));
        Sql::single(format!(
            "CASE WHEN {holding} >= {count} THEN TRUE WHEN {possible} < {count} THEN FALSE END"
        ))
    }

    fn not(&self, part: Sql) -> Sql {
        Sql {
            text: format!("NOT {}", part.within()),
            is_single: false,
        }
    }

    fn atom(&self, atom: AtomId) -> Sql {
        let test = self.library[atom].test;
        let text = self.test(test);
        let is_single = matches!(self.library[test].1, Test::Yes | Test::Includes(_) | Test::Nonempty);
        Sql { text, is_single }
    }

    fn defined(&self, definition: DefinitionId) -> Sql {
        Sql::single(self.term(definition))
    }
}

fn joined(parts: &mut dyn Iterator<Item = Sql>, between: &str, none: &str) -> Sql {
    let mut parts: Vec<Sql> = parts.collect();
    match (parts.pop(), parts.is_empty()) {
        (None, _) => Sql::single(none),
        (Some(only), true) => only,
        (Some(last), false) => {
            parts.push(last);
            let parts: Vec<String> = parts.into_iter().map(Sql::within).collect();
            Sql {
                text: parts.join(between),
                is_single: false,
            }
        }
    }
}
