//! Laws of the rendering: any text and any spans can be shown, and nothing hidden reaches the terminal.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on stops"
)]
#![cfg(feature = "cli")]

use gl::declare_code;
use gl::diagnostic::Diagnostic;
use gl::report::diagnostics::{ColorChoice, Format, Options, render, render_with};
use gl::report::escape::is_hidden;
use gl::source::{FileId, Sources, Span};
use proptest::prelude::*;

declare_code! {
    /// A code for these tests.
    pub static TEST = "GL999" "test", Error, "a test";
}

/// Texts of what goes wrong: line ends of all kinds, tabs, wide, hidden and reversing characters, long lines.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\n".to_owned()),
        Just("\r\n".to_owned()),
        Just("\r".to_owned()),
        Just("\t".to_owned()),
        Just("\u{202e}\u{200b}\u{1b}[31m\u{0}".to_owned()),
        Just("漢字é e\u{301} 👩\u{200d}👩".to_owned()),
        Just("╭─[x:1:1]\n  │\n╭─ x".to_owned()),
        Just("x".repeat(90_000)),
        "[a-z \"#:=]{0,30}",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

type Place = (usize, usize, usize, String);

fn places() -> impl Strategy<Value = Vec<Place>> {
    let place = (0..2usize, 0..2_000usize, 0..200usize, "[a-z\n\u{202e}]{0,8}");
    let far = (0..2usize, 0..200_000usize, 0..200_000usize, Just(String::new()));
    prop::collection::vec(prop_oneof![4 => place, 1 => far], 1..5)
}

fn findings(texts: &[String; 2], places: &[Place]) -> (Sources, Vec<Diagnostic>) {
    let mut sources = Sources::new();
    let files: Vec<FileId> = texts
        .iter()
        .zip(["a\u{1b}.gl", "b.gl"])
        .map(|(text, name)| sources.add(name, text.clone()))
        .collect();
    let span = |p: &Place| Span::new(files[p.0], p.1..p.1 + p.2);
    let mut finding = Diagnostic::new(&TEST, format!("message\n{}", texts[0]), span(&places[0]), places[0].3.clone());
    for place in &places[1..] {
        finding = finding.with_label(span(place), place.3.clone());
    }
    (sources, vec![finding.with_help(texts[1].clone()).with_note("a note")])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, rng_seed: prop::test_runner::RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn anything_can_be_shown(first in text(), second in text(), places in places()) {
        let (sources, findings) = findings(&[first, second], &places);
        for format in [Format::Text, Format::Short, Format::Github] {
            let shown = render(&sources, &findings, format, ColorChoice::Never);
            prop_assert!(shown.contains("GL999") && shown.contains("message"));
            prop_assert!(!shown.contains(|c| c != '\n' && is_hidden(c)), "hidden characters in {shown:?}");
            prop_assert!(format != Format::Text || shown.lines().all(|line| !line.ends_with(' ')), "blanks at the end of a line in {shown}");
        }
        render(&sources, &findings, Format::Text, ColorChoice::Always);
        let json = render(&sources, &findings, Format::Json, ColorChoice::Never);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(json["findings"][0]["labels"].as_array().unwrap().len(), places.len());
    }

    #[test]
    fn places_are_shown_where_they_are(before in "[a-zé漢\t]{0,40}", blamed in "[a-z]{1,10}", after in "[a-zé漢 ]{0,600}") {
        let mut sources = Sources::new();
        let text = format!("\n{before}<{blamed}>{after}");
        let start = text.find('<').unwrap();
        let file = sources.add("a.gl", text);
        let finding = Diagnostic::new(&TEST, "message", Span::new(file, start..start + blamed.len() + 2), "");
        let shown = render(&sources, &[finding], Format::Text, ColorChoice::Never);
        let lines: Vec<&str> = shown.lines().collect();
        let column = before.chars().count() + 1;
        prop_assert_eq!(lines[1].trim(), format!("╭─ a.gl:2:{column}"));
        let wide = |text: &str| text.chars().map(|c| if c == '漢' { 2 } else { 1 }).sum::<usize>();
        let marked = lines[2].split_once('<').map(|(left, _)| wide(left));
        prop_assert_eq!(marked, lines[3].split_once('─').map(|(left, _)| wide(left)), "{}", shown);
        prop_assert_eq!(lines[3].matches('─').count(), blamed.len() + 2);
    }
}

#[test]
fn the_most_severe_findings_are_printed_and_the_rest_is_counted() {
    let mut sources = Sources::new();
    let file = sources.add("a.gl", "one two three four");
    let mut findings: Vec<Diagnostic> = [0..3, 4..7, 8..13, 14..18]
        .into_iter()
        .map(|range| Diagnostic::new(&TEST, "message", Span::new(file, range), ""))
        .collect();
    findings[0].severity = gl::diagnostic::Severity::Warning;
    let options = Options {
        format: Format::Short,
        most: 2,
        ..Options::default()
    };
    assert_eq!(
        render_with(&sources, &findings, &options),
        "a.gl:1:5: error[GL999]: message\na.gl:1:9: error[GL999]: message\n… and 2 more: 1 error, 1 warning; `--max-findings 4` prints all\n"
    );
}
