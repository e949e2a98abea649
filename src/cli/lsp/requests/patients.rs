//! Questions about patients: the cases beside the rules, and what the rules say of a chosen one.

use super::{Asked, Refusal};
use crate::cli::lsp::projects::Home;
use crate::cli::lsp::server::{Pending, Server};
use crate::cli::lsp::uris::{name_of, path_of};
use crate::cli::project::read_limited;
use crate::desk::Analysis;
use crate::desk::cases::{Choice, Evaluated, Subject, lenses, patients, verdict};
use crate::desk::hints::hints;
use crate::source::Span;
use gen_lsp_types as lsp;
use serde_json::{Value, json};
use std::sync::Arc;

/// Runs the cases of a rule: its address and full name.
pub(super) const RUN_CASES: &str = "gl.runCases";
/// Runs one case: its address and title.
pub(super) const RUN_CASE: &str = "gl.runCase";
/// Chooses a patient: an address, and `{"case": title}`, `{"file": path}` or `{}` for nobody; asks where nothing is said.
pub(super) const EVALUATE: &str = "gl.evaluate";

/// How many patients an editor is asked to choose from; one with a list of its own asks for `gl/patients`.
const CHOICES: usize = 12;

pub(super) fn code_lenses(server: &mut Server, params: lsp::CodeLensParams) -> Result<Option<Vec<lsp::CodeLens>>, Refusal> {
    let uri = params.text_document.uri;
    let asked = Asked::new(server, &uri)?;
    let evaluated = chosen(server, &asked.home);
    let places = asked.places(server);
    let mut shown = Vec::new();
    for lens in lenses(&asked.analysis, asked.file) {
        let range = places.range(lens.span);
        let mut push = |title: String, command: &str, arguments: Vec<Value>| {
            shown.push(lsp::CodeLens {
                range,
                command: Some(lsp::Command {
                    title,
                    tooltip: None,
                    command: command.to_owned(),
                    arguments: Some(arguments),
                }),
                data: None,
            });
        };
        match lens.subject {
            Subject::CasesOf { rule, cases } => {
                let title = verdict(&asked.analysis, &cases);
                push(title, RUN_CASES, vec![json!(uri), json!(rule)]);
                let title = match &evaluated {
                    Some(evaluated) => format!("patient: {}", evaluated.name),
                    None => "evaluate with a patient…".to_owned(),
                };
                push(title, EVALUATE, vec![json!(uri)]);
            }
            Subject::Case { case } => {
                let title = match asked.analysis.result(case) {
                    Some(result) if result.failures.is_empty() => "passes",
                    Some(_) => "fails",
                    None => "run",
                };
                let name = asked.analysis.cases.get(case).map_or("", |case| case.title.as_str());
                push(title.to_owned(), RUN_CASE, vec![json!(uri), json!(name)]);
                push("evaluate".to_owned(), EVALUATE, vec![json!(uri), json!({"case": name})]);
            }
        }
    }
    Ok(Some(shown))
}

/// What the rules say of the patient that was chosen, if one was.
fn chosen(server: &mut Server, home: &Home) -> Option<Arc<Evaluated>> {
    server.projects.all.get_mut(home)?.evaluated()
}

pub(super) fn inlay_hints(server: &mut Server, params: lsp::InlayHintParams) -> Result<Option<Vec<lsp::InlayHint>>, Refusal> {
    let asked = Asked::new(server, &params.text_document.uri)?;
    let evaluated = chosen(server, &asked.home);
    let places = asked.places(server);
    let range = places.byte(asked.file, params.range.start)..places.byte(asked.file, params.range.end);
    let hints = hints(&asked.analysis, asked.file, range, evaluated.as_deref())
        .into_iter()
        .map(|hint| lsp::InlayHint {
            position: places.range(Span::new(asked.file, hint.at..hint.at)).start,
            label: lsp::Label::String(hint.label),
            kind: None,
            text_edits: None,
            tooltip: (!hint.tooltip.is_empty()).then_some(lsp::Tooltip::String(hint.tooltip)),
            padding_left: Some(true),
            padding_right: None,
            data: None,
        });
    Ok(Some(hints.collect()))
}

pub(super) fn execute(server: &mut Server, params: lsp::ExecuteCommandParams) -> Result<Option<lsp::LspAny>, Refusal> {
    let arguments = params.arguments.unwrap_or_default();
    let text = |at: usize| arguments.get(at).and_then(Value::as_str);
    let malformed = || {
        Refusal::new(
            lsp::ErrorCodes::InvalidParams,
            format!("`{}` needs other arguments", params.command),
        )
    };
    let uri = lsp::Uri(text(0).ok_or_else(malformed)?.to_owned());
    match params.command.as_str() {
        RUN_CASES => {
            let asked = Asked::new(server, &uri)?;
            let name = text(1).ok_or_else(malformed)?;
            let library = &asked.analysis.loaded.library;
            let rule = library.rules.iter().find(|rule| rule.full_name == name);
            let cases = rule
                .map(|rule| asked.analysis.cases_of(rule))
                .ok_or_else(|| Refusal::failed(format!("there is no rule `{name}` any more")))?;
            run(server, &asked, &cases)
        }
        RUN_CASE => {
            let asked = Asked::new(server, &uri)?;
            let title = text(1).ok_or_else(malformed)?;
            let case = named(&asked, title).ok_or_else(|| Refusal::failed(format!("there is no case \"{title}\" any more")))?;
            run(server, &asked, &[case])
        }
        EVALUATE => {
            let asked = Asked::new(server, &uri)?;
            match arguments.get(1) {
                None | Some(Value::Null) => {
                    ask_for_patient(server, &asked, uri);
                    Ok(None)
                }
                Some(choice) => evaluate(server, &asked, choice).map(Some),
            }
        }
        other => Err(Refusal::new(
            lsp::ErrorCodes::InvalidParams,
            format!("`{other}` is not known"),
        )),
    }
}

fn named(asked: &Asked, title: &str) -> Option<usize> {
    let cases = &asked.analysis.cases;
    let here = cases
        .iter()
        .position(|case| case.title == title && case.span.file == asked.file);
    here.or_else(|| cases.iter().position(|case| case.title == title))
}

/// Runs cases, says what came of them, and shows the first expectation that is not met.
fn run(server: &mut Server, asked: &Asked, cases: &[usize]) -> Result<Option<lsp::LspAny>, Refusal> {
    if asked.analysis.is_broken() {
        return Err(Refusal::failed("no case is run while there are errors"));
    }
    let places = asked.places(server);
    let mut results = Vec::new();
    let mut first: Option<(lsp::Location, String)> = None;
    for index in cases {
        let Some((case, result)) = asked.analysis.cases.get(*index).zip(asked.analysis.result(*index)) else {
            continue;
        };
        let failures: Vec<Value> = result
            .failures
            .iter()
            .map(|failure| json!({"expected": failure.expected, "instead": failure.instead, "place": places.location(failure.span)}))
            .collect();
        if first.is_none()
            && let Some(failure) = result.failures.first()
            && let Some(place) = places.location(failure.span)
        {
            let instead = failure
                .instead
                .first()
                .map_or(String::new(), |instead| format!(", but {instead}"));
            first = Some((place, format!("\"{}\": expected {}{instead}", case.title, failure.expected)));
        }
        results.push(json!({"title": case.title, "place": places.location(case.span), "failures": failures}));
    }
    drop(places);
    let said = verdict(&asked.analysis, cases);
    match &first {
        None => server.say(lsp::MessageType::Info, said.clone()),
        Some((place, why)) => {
            server.say(lsp::MessageType::Warning, format!("{said}: {why}"));
            server.show(place);
        }
    }
    Ok(Some(json!({"verdict": said, "cases": results})))
}

/// Lets the editor's user choose a patient from the cases nearest to the file.
fn ask_for_patient(server: &mut Server, asked: &Asked, uri: lsp::Uri) {
    let mut titles: Vec<String> = nearest(&asked.analysis, asked)
        .into_iter()
        .map(|choice| choice.name().to_owned())
        .collect();
    titles.truncate(CHOICES);
    server.ask_for_patient(titles, Pending { uri });
}

/// The cases that run the guideline of the file come first.
fn nearest(analysis: &Analysis, asked: &Asked) -> Vec<Choice> {
    let library = &analysis.loaded.library;
    let own = library.files.iter().find(|f| f.file == asked.file).and_then(|f| f.guideline);
    let mut all: Vec<(bool, Choice)> = patients(analysis)
        .zip(&analysis.cases)
        .map(|(choice, case)| (!own.is_some_and(|own| case.guidelines.contains(&own)), choice))
        .collect();
    all.sort_by_key(|(far, _)| *far);
    all.into_iter().map(|(_, choice)| choice).collect()
}

/// Takes a patient to look at the rules with, and gives what they say.
pub(in crate::cli::lsp) fn evaluate_for(server: &mut Server, uri: &lsp::Uri, choice: &Value) -> Result<Value, Refusal> {
    let asked = Asked::new(server, uri)?;
    evaluate(server, &asked, choice)
}

fn evaluate(server: &mut Server, asked: &Asked, choice: &Value) -> Result<Value, Refusal> {
    let choice = match (
        choice.get("case").and_then(Value::as_str),
        choice.get("file").and_then(Value::as_str),
    ) {
        (Some(title), _) => {
            let case = named(asked, title).and_then(|index| asked.analysis.cases.get(index));
            let case = case.ok_or_else(|| Refusal::failed(format!("there is no case \"{title}\"")))?;
            Some(Choice::Case {
                path: case.path.clone(),
                title: case.title.clone(),
            })
        }
        (None, Some(file)) => {
            let path = path_of(file).map_or(file.to_owned(), |path| name_of(&path));
            let bytes = read_limited(&path).map_err(Refusal::failed)?;
            let text = String::from_utf8(bytes).map_err(|_| Refusal::failed(format!("`{path}` is not UTF-8 text")))?;
            Some(Choice::Record { name: path, text })
        }
        (None, None) => None,
    };
    let Some(project) = server.projects.all.get_mut(&asked.home) else {
        return Ok(Value::Null);
    };
    let evaluated = match &choice {
        Some(choice) => Some(asked.analysis.evaluate(choice).map_err(Refusal::failed)?),
        None => None,
    };
    project.choose(choice);
    server.refresh();
    Ok(match evaluated {
        Some(evaluated) => json!({"patient": evaluated.name, "text": evaluated.text(&asked.analysis)}),
        None => Value::Null,
    })
}

/// Every patient that can be chosen, for an editor with a list of its own.
pub(super) fn list(server: &mut Server, params: &Value) -> Result<Value, Refusal> {
    let uri = params
        .pointer("/textDocument/uri")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let asked = Asked::new(server, &lsp::Uri(uri.to_owned()))?;
    let all = nearest(&asked.analysis, &asked);
    let choice = |choice: &Choice| match choice {
        Choice::Case { path, title } => json!({"case": title, "path": path}),
        Choice::Record { name, .. } => json!({"file": name}),
    };
    Ok(json!({"patients": all.iter().map(choice).collect::<Vec<_>>()}))
}
