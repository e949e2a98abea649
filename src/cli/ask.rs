//! `gl ask`

use super::patient_args::{PatientArgs, invalid};
use super::{Context, Exit};
use crate::eval::settle::Inference;
use crate::eval::{Ask, Outcome, Patient, evaluate};
use crate::interview;
use crate::load::Loaded;
use crate::model::{Entry, FactId, FactType, Library, Record, Recorded};
use crate::patient::read_value;
use crate::report::clinician::{Colour, clinician};
use crate::report::diagnostics::{ColorChoice, counted};
use crate::report::json::write as write_json;
use crate::report::result::question;
use crate::source::Span;
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::{self, BufRead};

/// Interviews: asks the one question that matters most next, and stops when no answer can change the advice.
///
/// Answer with a value, with `?` if nobody knows, or with `stop`. Questions go to standard error and the advice to standard
/// output, so that the advice can be kept.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gl ask guidelines                              an interview from the beginning
  gl ask --case patient.yaml                     what is still worth asking
  gl ask --case patient.yaml --format json       the next question, for another front end
  gl ask guidelines --simulate 1000              how many questions it takes, on random patients")]
pub struct AskArgs {
    #[command(flatten)]
    patient: PatientArgs,
    /// Text asks; JSON prints the next question and ends.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Interview so many random patients, and say how many questions it took.
    #[arg(long, value_name = "N")]
    simulate: Option<usize>,
    /// The seed of the random patients.
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Questions and answers in the terminal.
    Text,
    /// One object: the next question.
    Json,
}

#[derive(Debug, Serialize)]
struct NextJson {
    schema: &'static str,
    done: bool,
    next: Option<QuestionJson>,
    remaining: usize,
}

#[derive(Debug, Serialize)]
struct QuestionJson {
    fact: String,
    question: String,
    answers: Vec<String>,
    example: String,
    why: String,
    could_change: Vec<String>,
    most_urgent: Option<&'static str>,
}

/// Runs the verb.
pub fn run(args: AskArgs, cx: &Context) -> Exit {
    ask(&args, cx).unwrap_or_else(|exit| exit)
}

fn ask(args: &AskArgs, cx: &Context) -> Result<Exit, Exit> {
    let (mut loaded, mut record, options) = args.patient.read(cx)?;
    let inference = Inference::new(&loaded.library);
    if let Some(patients) = args.simulate {
        return Ok(simulate(&mut loaded, patients, args.seed, cx));
    }
    if args.format == Format::Text && args.patient.case.as_deref() == Some("-") {
        cx.complain("the answers come from standard input, so the case cannot; write it to a file");
        return Err(Exit::Invalid);
    }
    let mut skipped = BTreeSet::new();
    let mut lines = io::stdin().lock().lines();
    let mut asked = 0;
    loop {
        let patient = inference
            .settle(&loaded.library, &record)
            .map_err(|found| invalid(cx, &loaded, &found))?;
        let outcome = evaluate(&loaded.library, &patient, &options);
        let next = interview::next(&loaded.library, &outcome, &skipped);
        if args.format == Format::Json {
            return Ok(print_next(&loaded.library, &outcome, next, cx));
        }
        let Some(next) = next else {
            cx.say(match outcome.ask.is_empty() {
                true => "nothing that is still unknown could change the advice",
                false => "nobody knows what is left to ask; it could still change the advice",
            });
            return Ok(finish(&loaded.library, &patient, &outcome, asked, cx));
        };
        put(&loaded.library, next, cx);
        asked += 1;
        match lines.next() {
            Some(Ok(line)) if matches!(line.trim(), "?" | "unknown") => {
                skipped.insert(next.fact);
            }
            // Nothing was said, so the question stands.
            Some(Ok(line)) if line.trim().is_empty() => {}
            Some(Ok(line)) if !matches!(line.trim(), "stop" | "quit") => {
                answer(&mut loaded, &inference, &mut record, next.fact, line.trim(), cx);
            }
            _ => {
                cx.say("stopped; what is not known could still change the advice");
                return Ok(finish(&loaded.library, &patient, &outcome, asked, cx));
            }
        }
    }
}

/// Asks, and says why.
fn put(library: &Library, ask: &Ask, cx: &Context) {
    cx.say(&format!("\n{}", question(library, ask.fact)));
    cx.say(&format!("  because it could bring about: {}", why(library, ask)));
    cx.say(&format!(
        "  answer {}, ? if nobody knows, or stop",
        answers(&library[ask.fact].ty).join(", ")
    ));
}

/// Takes an answer in, unless it does not fit; then the question is asked again.
fn answer(loaded: &mut Loaded, inference: &Inference, record: &mut Record, fact: FactId, text: &str, cx: &Context) {
    let file = loaded.sources.add("answer", text);
    let span = Span::new(file, 0..text.len());
    match read_value(&loaded.library, fact, text, span) {
        Ok(recorded) => {
            let mut trial = record.clone();
            trial
                .entries
                .retain(|e| e.fact != fact || !matches!(e.recorded, Recorded::Unknown | Recorded::Member(..)));
            trial.entries.push(Entry { fact, recorded, span });
            match inference.settle(&loaded.library, &trial) {
                Ok(_) => *record = trial,
                Err(found) => cx.report(&loaded.sources, &found),
            }
        }
        Err(found) => cx.report(&loaded.sources, &[found]),
    }
}

fn finish(library: &Library, patient: &Patient, outcome: &Outcome, asked: usize, cx: &Context) -> Exit {
    let colour = if cx.stdout_color == ColorChoice::Always {
        Colour::Ansi
    } else {
        Colour::Plain
    };
    cx.print(&clinician(library, patient, outcome, &[], colour));
    cx.say(&format!("{}, {} open", counted(asked, "question"), outcome.ask.len()));
    Exit::Clean
}

fn why(library: &Library, ask: &Ask) -> String {
    let effect = &library[ask.most_urgent];
    let actions: Vec<&str> = effect.actions.iter().map(|a| library[*a].label.as_str()).collect();
    let strength = effect.urgency.map_or(effect.modality.word(), |u| u.word());
    let others = ask.could_change.len().saturating_sub(1);
    let more = match others {
        0 => String::new(),
        1 => ", and 1 other rule waits for it".to_owned(),
        n => format!(", and {n} other rules wait for it"),
    };
    format!("{strength} {} ({}){more}", actions.join(", "), library.rule_name(effect.rule))
}

fn answers(ty: &FactType) -> Vec<String> {
    match ty {
        FactType::YesNo => vec!["yes".to_owned(), "no".to_owned()],
        FactType::OneOf { values, .. } => values.clone(),
        FactType::AnyOf { members } => vec![format!("some of {}", members.join(", ")), "[] for none".to_owned()],
        FactType::Date => vec!["a date such as 2026-02-01".to_owned()],
        FactType::Count => vec!["a whole number".to_owned()],
        FactType::TimeSince { .. } => vec!["a time such as 6 weeks".to_owned()],
        FactType::Quantity { unit } => vec![format!("an amount such as 6 {}", unit.written())],
    }
}

fn print_next(library: &Library, outcome: &Outcome, next: Option<&Ask>, cx: &Context) -> Exit {
    let next = next.map(|ask| {
        let declared = &library[ask.fact];
        let choices = match &declared.ty {
            FactType::YesNo => vec!["yes".to_owned(), "no".to_owned()],
            FactType::OneOf { values, .. } => values.clone(),
            FactType::AnyOf { members } => members.clone(),
            _ => Vec::new(),
        };
        QuestionJson {
            fact: declared.name.clone(),
            question: question(library, ask.fact),
            answers: choices,
            example: answers(&declared.ty).join(", "),
            why: why(library, ask),
            could_change: ask.could_change.iter().map(|r| library.rule_name(*r).to_owned()).collect(),
            most_urgent: library[ask.most_urgent].urgency.map(|u| u.word()),
        }
    });
    let json = NextJson {
        schema: "gl.ask/1",
        done: next.is_none(),
        next,
        remaining: outcome.ask.len(),
    };
    cx.print(&write_json(&json));
    cx.say(&counted(outcome.ask.len(), "open question"));
    Exit::Clean
}

fn simulate(loaded: &mut Loaded, patients: usize, seed: u64, cx: &Context) -> Exit {
    let file = loaded.sources.add("simulation", "");
    let tally = interview::simulate(&loaded.library, patients, seed, Span::new(file, 0..0));
    let at = |part: usize| {
        tally
            .asked
            .get(tally.asked.len().saturating_sub(1) * part / 100)
            .copied()
            .unwrap_or(0)
    };
    let sum: usize = tally.asked.iter().sum();
    let mean = sum.checked_div(tally.asked.len()).unwrap_or(0);
    cx.print(&format!(
        "{} random patients in scope, seed {seed}: {mean} questions on average, {} in the middle, {} for 9 of 10, {} at most; asking everything takes {}\n",
        tally.asked.len(),
        at(50),
        at(90),
        at(100),
        tally.everything
    ));
    Exit::Clean
}
