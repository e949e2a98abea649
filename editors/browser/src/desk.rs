//! What the playground asks while somebody writes: findings, completions, and what there is to say of a name.
//!
//! In: a file as it is being written, with a place in it. Out: JSON; places are counted in UTF-16, as the page counts them.
//! Must not know: the editor.

use crate::{Library, failed};
use gl::desk::complete::{Insert, complete};
use gl::desk::describe::hover;
use gl::desk::{Analysis, Desk};
use gl::report::json::{Examined, findings, write};
use gl::source::FileId;
use gl::verify::verify;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::sync::Arc;

thread_local! {
    static DESK: RefCell<Option<Desk>> = const { RefCell::new(None) };
}

/// A file as it is being written.
#[derive(Debug, Deserialize)]
struct Asked {
    path: String,
    text: String,
    /// A place in it, in units of UTF-16.
    #[serde(default)]
    at: usize,
}

/// Opens a [`Library`], whose files lie closed until they are written to; the answer is `{}`, or an object with `error`.
pub fn project_text(text: &str) -> String {
    match serde_json::from_str::<Library>(text) {
        Ok(library) => {
            let paths = library.paths.clone();
            DESK.set(Some(Desk::new(Box::new(library), paths)));
            "{}".to_owned()
        }
        Err(error) => failed(error),
    }
}

fn with_desk(text: &str, answer: impl Fn(&mut Desk, &Asked, &Arc<Analysis>, FileId) -> String) -> String {
    let asked: Asked = match serde_json::from_str(text) {
        Ok(asked) => asked,
        Err(error) => return failed(error),
    };
    DESK.with_borrow_mut(|desk| {
        let Some(desk) = desk else {
            return failed("no project is open");
        };
        if desk.text(&asked.path) != Some(asked.text.as_str()) {
            desk.open(&asked.path, asked.text.clone());
        }
        let analysis = desk.analysis();
        let file = analysis
            .loaded
            .trees
            .iter()
            .find(|tree| tree.path == asked.path)
            .map(|tree| tree.file);
        match file {
            Some(file) => answer(desk, &asked, &analysis, file),
            None => failed("there is no such file"),
        }
    })
}

/// All findings of the project with this file as it is being written, as `gl check --format json` prints them.
pub fn findings_text(text: &str) -> String {
    with_desk(text, |desk, _, analysis, _| {
        let found = verify(&analysis.loaded);
        desk.verified(analysis.clone(), found);
        let report = desk.report(&|_, _| None);
        let library = &analysis.loaded.library;
        let examined = Examined {
            guidelines: library.guidelines.len(),
            rules: library.rules.len(),
        };
        write(&findings(&analysis.loaded.sources, &report.findings, examined))
    })
}

#[derive(Serialize)]
struct Completions {
    from: usize,
    options: Vec<Completion>,
}

#[derive(Serialize)]
struct Completion {
    label: String,
    detail: String,
    kind: String,
    /// What is written, with places to fill in as `${1:word}`; none where it is the label.
    snippet: Option<String>,
    text: Option<String>,
}

/// What may be written at the place.
pub fn completions_text(text: &str) -> String {
    with_desk(text, |_, asked, analysis, file| {
        let found = complete(analysis, file, byte(&asked.text, asked.at));
        let options = found.all.into_iter().map(|one| {
            let (text, snippet) = match one.insert {
                Insert::Label => (None, None),
                Insert::Text(text) => (Some(text), None),
                Insert::Snippet(snippet) => (None, Some(snippet)),
            };
            Completion {
                label: one.label,
                detail: one.detail,
                kind: format!("{:?}", one.kind).to_lowercase(),
                snippet,
                text,
            }
        });
        write(&Completions {
            from: units(&asked.text, found.replaces.start),
            options: options.collect(),
        })
    })
}

#[derive(Serialize)]
struct Said {
    from: usize,
    to: usize,
    /// Markdown; empty where there is nothing to say.
    text: String,
}

/// What there is to say of the name at the place.
pub fn hover_text(text: &str) -> String {
    with_desk(text, |_, asked, analysis, file| {
        let said = hover(analysis, file, byte(&asked.text, asked.at));
        write(&said.map_or(
            Said {
                from: asked.at,
                to: asked.at,
                text: String::new(),
            },
            |said| Said {
                from: units(&asked.text, said.span.start as usize),
                to: units(&asked.text, said.span.end as usize),
                text: said.text,
            },
        ))
    })
}

/// The byte at a place in units of UTF-16.
fn byte(text: &str, units: usize) -> usize {
    let mut passed = 0;
    let found = text.char_indices().find(|(_, c)| {
        let here = passed;
        passed += c.len_utf16();
        here >= units
    });
    found.map_or(text.len(), |(at, _)| at)
}

/// The place of a byte in units of UTF-16.
fn units(text: &str, byte: usize) -> usize {
    let before = text.char_indices().take_while(|(at, _)| *at < byte);
    before.map(|(_, c)| c.len_utf16()).sum()
}
