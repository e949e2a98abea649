//! Holds what editors are given against the grammar: the words of the TextMate grammar, and that every snippet can be read.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on stops"
)]

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn file(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn json(path: &str) -> Value {
    serde_json::from_str(&file(path)).unwrap()
}

/// The words of `kw_…` rules and of `unit_word`.
fn words_of_the_grammar() -> BTreeSet<String> {
    let grammar = file("grammar/gl.pest");
    let quoted = |text: &str| text.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let keywords = grammar.lines().filter(|line| line.starts_with("kw_")).flat_map(quoted);
    let (_, units) = grammar.split_once("unit_word = @{").unwrap();
    keywords.chain(quoted(units.split_once('}').unwrap().0)).collect()
}

#[test]
fn the_colours_know_every_word_of_the_grammar() {
    let grammar = json("editors/vscode/syntaxes/gl.tmLanguage.json");
    let mut words = BTreeSet::new();
    for pattern in grammar["repository"]["keyword"]["patterns"].as_array().unwrap() {
        let (_, list) = pattern["match"].as_str().unwrap().split_once("(?:").unwrap();
        for word in list.split_once(')').unwrap().0.split('|') {
            assert!(words.insert(word.to_owned()), "`{word}` has two colours");
        }
    }
    let known = words_of_the_grammar();
    assert!(known.len() > 100);
    let missing: Vec<_> = known.difference(&words).collect();
    let unknown: Vec<_> = words.difference(&known).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "editors/vscode/syntaxes/gl.tmLanguage.json lacks {missing:?}, and has {unknown:?} besides"
    );
}

#[test]
fn the_words_of_the_library_are_those_of_the_grammar() {
    let known = words_of_the_grammar();
    for word in gl::syntax::keywords().iter().chain(gl::syntax::item_words()) {
        assert!(known.contains(*word) || *word == "yes", "`{word}` is not in the grammar");
    }
}

#[test]
fn every_snippet_can_be_read() {
    for (name, snippet) in json("editors/vscode/snippets/gl.json").as_object().unwrap() {
        let lines: Vec<&str> = snippet["body"]
            .as_array()
            .unwrap()
            .iter()
            .map(|l| l.as_str().unwrap())
            .collect();
        let text = filled_in(&lines.join("\n"));
        let mut sources = gl::source::Sources::new();
        let file = sources.add("snippet.gl", text.as_str());
        let (tree, found) = gl::syntax::parse(&sources, file);
        assert!(found.is_empty(), "{name}: {}\n{text}", found[0].message);
        assert!(!tree.items.is_empty() || text.starts_with('#'), "{name}");
    }
}

/// A snippet as somebody leaves it who changes nothing.
fn filled_in(body: &str) -> String {
    let mut text = String::new();
    let mut rest = body;
    while let Some((before, after)) = rest.split_once("$") {
        text += before;
        rest = match after.strip_prefix('{') {
            Some(after) => {
                let (place, rest) = after.split_once('}').unwrap();
                let (_, default) = place.split_once([':', '|']).unwrap();
                text += default.split([',', '|']).next().unwrap();
                rest
            }
            None => after.trim_start_matches(|c: char| c.is_ascii_digit()),
        };
    }
    text + rest
}
