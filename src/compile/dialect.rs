//! How the engines write what they agree on.

use jiff::civil::Date;
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

/// An engine that reads SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Engine {
    DuckDb,
    Postgres,
    Spark,
    DataFusion,
}

impl Engine {
    /// The name of the engine.
    pub fn word(self) -> &'static str {
        match self {
            Engine::DuckDb => "DuckDB",
            Engine::Postgres => "PostgreSQL",
            Engine::Spark => "Apache Spark",
            Engine::DataFusion => "DataFusion",
        }
    }

    /// A name, quoted, so that nothing in it is read as anything else.
    pub fn name(self, name: &str) -> String {
        match self {
            Engine::Spark => format!("`{}`", name.replace('`', "``")),
            // Longer names would be cut without a word, and two of them could become one.
            Engine::Postgres if name.len() > POSTGRES_NAME => format!("\"{}\"", shortened(name).replace('"', "\"\"")),
            _ => format!("\"{}\"", name.replace('"', "\"\"")),
        }
    }

    /// A text.
    pub fn text(self, text: &str) -> String {
        let text = text.replace('\'', "''");
        match self {
            // A backslash escapes what follows it here, and nowhere else.
            Engine::Spark => format!("'{}'", text.replace('\\', "\\\\")),
            _ => format!("'{text}'"),
        }
    }

    /// An exact number.
    pub fn number(self, number: Decimal) -> String {
        let number = number.normalize();
        match self {
            // A number with a point is a double here.
            Engine::DataFusion if number.scale() > 0 => format!("CAST('{number}' AS DECIMAL(38, {}))", number.scale()),
            _ => number.to_string(),
        }
    }

    /// A day.
    pub fn date(self, date: Date) -> String {
        format!("DATE '{date}'")
    }

    /// Whole days from one day to another.
    pub fn days_between(self, from: &str, to: &str) -> String {
        match self {
            Engine::Spark => format!("datediff({to}, {from})"),
            Engine::DataFusion => format!("(arrow_cast({to}, 'Int32') - arrow_cast({from}, 'Int32'))"),
            Engine::DuckDb | Engine::Postgres => format!("({to} - {from})"),
        }
    }

    /// How many rows meet a condition that is never NULL, in the way that the engine counts fastest.
    pub fn count(self, condition: &str) -> String {
        match self {
            Engine::Spark => format!("count_if({condition})"),
            Engine::Postgres => format!("count(*) FILTER (WHERE {condition})"),
            Engine::DuckDb | Engine::DataFusion => format!("COALESCE(sum(CAST(({condition}) AS INT)), 0)"),
        }
    }

    /// The type that a column of nothing has.
    pub fn nothing(self, kind: Kind) -> String {
        let ty = match (kind, self) {
            (Kind::Truth, _) => "BOOLEAN",
            (Kind::Text, Engine::Spark) => "STRING",
            (Kind::Text, _) => "VARCHAR",
            (Kind::Number, _) => "DECIMAL(38, 9)",
            (Kind::Day, _) => "DATE",
        };
        format!("CAST(NULL AS {ty})")
    }
}

/// The most bytes in a name of PostgreSQL.
const POSTGRES_NAME: usize = 63;

/// The beginning of a long name, with a digest of the whole.
fn shortened(name: &str) -> String {
    let digest: String = Sha256::digest(name)
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let begins = name.get(..name.floor_char_boundary(POSTGRES_NAME - 9)).unwrap_or_default();
    format!("{begins}~{digest}")
}

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Truth,
    Text,
    Number,
    Day,
}
