//! The engine for a page in a browser: guidelines and patients as text in, advice as text out.
//!
//! In: UTF-8, written by the page into [`room`]. Out: JSON, read by the page at [`answer`].
//! Must not know: what the page shows.
//!
//! Functions over plain numbers, so that nothing has to be generated for the page to call them. The page writes a text, calls
//! one such as [`evaluate`], which gives the length of its answer, and reads that. One module serves one library; a page that
//! needs to stop an evaluation throws away the worker it runs in.

pub mod desk;

use gl::Guidelines;
use gl::load::{Files, ReadError};
use gl::model::{FactType, Record, Recorded};
use gl::report::json::write;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::collections::BTreeMap;

thread_local! {
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static ANSWER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static OPEN: RefCell<Option<Guidelines>> = const { RefCell::new(None) };
}

/// What is to be read: every file by its path, and those that are the guidelines; the others are what these use.
#[derive(Debug, Default, Deserialize)]
pub struct Library {
    /// Texts by path.
    pub files: BTreeMap<String, String>,
    /// The paths to read.
    pub paths: Vec<String>,
}

impl Files for Library {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.files
            .get(path)
            .map(|text| text.clone().into_bytes())
            .ok_or(ReadError::NotFound)
    }
}

#[derive(Serialize)]
struct Failed {
    error: String,
}

pub(crate) fn failed(error: impl ToString) -> String {
    write(&Failed {
        error: error.to_string(),
    })
}

/// Reads a [`Library`] and keeps it, if it has no error; the answer is `{}`, or an object with `error`.
pub fn open_text(text: &str) -> String {
    let library: Library = match serde_json::from_str(text) {
        Ok(library) => library,
        Err(error) => return failed(error),
    };
    match Guidelines::load(&library, &library.paths) {
        Ok(guidelines) => {
            OPEN.with_borrow_mut(|open| *open = Some(guidelines));
            "{}".to_owned()
        }
        Err(error) => failed(error),
    }
}

/// Applies the library to the patient in a case file; the answer is what `gl eval --format json` prints, or an object with
/// `error`.
pub fn evaluate_text(case: &str) -> String {
    OPEN.with_borrow(|open| {
        let Some(guidelines) = open else {
            return failed("no library is open");
        };
        match guidelines
            .read_patient("patient", case)
            .and_then(|record| guidelines.result(&record))
        {
            Ok(result) => write(&result),
            Err(error) => failed(error),
        }
    })
}

/// Reads a case file, YAML or JSON; the answer is the patient as a page holds one, in the shape of a case file in JSON, or an
/// object with `error`.
pub fn record_text(case: &str) -> String {
    OPEN.with_borrow(|open| {
        let Some(guidelines) = open else {
            return failed("no library is open");
        };
        match guidelines.read_patient("patient", case) {
            Ok(record) => write(&as_case(guidelines, &record)),
            Err(error) => failed(error),
        }
    })
}

#[derive(Serialize)]
struct Case {
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unlisted: Option<&'static str>,
    facts: BTreeMap<String, Value>,
}

fn as_case(guidelines: &Guidelines, record: &Record) -> Case {
    let library = guidelines.library();
    let mut facts = BTreeMap::new();
    for entry in &record.entries {
        let fact = &library[entry.fact];
        let names = match &fact.ty {
            FactType::OneOf { values, .. } => values.as_slice(),
            FactType::AnyOf { members } => members.as_slice(),
            _ => &[],
        };
        let name = |at: usize| names.get(at).cloned().unwrap_or_default();
        let value = match &entry.recorded {
            Recorded::Unknown => Value::from("unknown"),
            Recorded::YesNo(yes) => Value::from(*yes),
            Recorded::OneOf(at) => Value::from(name(*at)),
            Recorded::Set(present) => {
                let chosen = present.iter().enumerate().filter(|(_, is)| **is);
                Value::from(chosen.map(|(at, _)| name(at)).collect::<Vec<_>>())
            }
            Recorded::Member(at, present) => {
                let slot = facts.entry(fact.name.clone()).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(members) = slot {
                    members.insert(name(*at), present.map_or_else(|| Value::from("unknown"), Value::from));
                }
                continue;
            }
            Recorded::Date(date) => Value::from(date.to_string()),
            Recorded::Number { written, .. } => Value::from(written.clone()),
        };
        facts.insert(fact.name.clone(), value);
    }
    Case {
        as_of: record.as_of.map(|(date, _)| date.to_string()),
        unlisted: record.otherwise_no.map(|_| "no"),
        facts,
    }
}

/// Makes room for a text of so many bytes, and says where.
#[unsafe(no_mangle)]
pub extern "C" fn room(bytes: usize) -> *mut u8 {
    INPUT.with_borrow_mut(|input| {
        input.clear();
        input.resize(bytes, 0);
        input.as_mut_ptr()
    })
}

/// Where the last answer stands.
#[unsafe(no_mangle)]
pub extern "C" fn answer() -> *const u8 {
    ANSWER.with_borrow(|answer| answer.as_ptr())
}

/// As [`open_text`]; gives the length of the answer in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn open() -> usize {
    with_input(open_text)
}

/// As [`evaluate_text`]; gives the length of the answer in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn evaluate() -> usize {
    with_input(evaluate_text)
}

/// As [`record_text`]; gives the length of the answer in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn record() -> usize {
    with_input(record_text)
}

/// As [`desk::project_text`]; gives the length of the answer in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn project() -> usize {
    with_input(desk::project_text)
}

/// As [`desk::findings_text`]; gives the length of the answer in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn findings() -> usize {
    with_input(desk::findings_text)
}

/// As [`desk::completions_text`]; gives the length of the answer in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn completions() -> usize {
    with_input(desk::completions_text)
}

/// As [`desk::hover_text`]; gives the length of the answer in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn hover() -> usize {
    with_input(desk::hover_text)
}

fn with_input(run: impl Fn(&str) -> String) -> usize {
    let input = INPUT.take();
    let text = match std::str::from_utf8(&input) {
        Ok(text) => run(text),
        Err(error) => failed(error),
    };
    ANSWER.with_borrow_mut(|answer| {
        *answer = text.into_bytes();
        answer.len()
    })
}
