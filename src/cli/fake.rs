//! `gl fake`

use super::patient_args::{meant, printable};
use super::progress::Progress;
use super::project::reason;
use super::{Context, Exit, IncludeCases};
use crate::fake::{Fake, FakePatient, Prevalence, Share, Wishes};
use crate::load::Loaded;
use crate::model::clauses::Variable;
use crate::model::{FactId, FactType, Library};
use crate::patient::read_date_flag;
use crate::report::diagnostics::counted;
use crate::report::json::write as write_json;
use crate::report::patients::{Recorded, WideTable, case, yaml};
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Makes up patients for trying guidelines out.
///
/// Values lie inside the ranges that the facts declare, often on or just beside what the rules compare with, and every
/// patient fits the assumptions. The same seed makes the same patients, on every machine. Nobody real is in them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gl fake guidelines                                  one patient, as a case file
  gl fake guidelines --format json --unknown 0        everything known of the patient, as JSON
  gl fake guidelines --patients 1000 --format csv     a population, as a table
  gl fake guidelines --patients 20 --output patients  a case file for each, in a folder
  gl fake guidelines --prevalence low_back_pain=0.9   with a share of your own")]
pub struct FakeArgs {
    /// Files and folders with guidelines; without any, the project.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// How many patients.
    #[arg(long, default_value_t = 1, value_name = "N")]
    patients: u64,
    /// The same seed makes the same patients; another one makes others.
    #[arg(long, default_value_t = 1, value_name = "S")]
    seed: u64,
    /// How much of each patient is not recorded, from 0 to 1.
    #[arg(long, default_value = "0.3", value_name = "SHARE", value_parser = share)]
    unknown: Share,
    /// How often a fact is true, from 0 to 1, known or not: FACT=SHARE, or FACT.VALUE=SHARE for one value of several; may be
    /// repeated. Every value of other facts is as likely as any other.
    #[arg(long, value_name = "FACT=SHARE")]
    prevalence: Vec<String>,
    /// The date of evaluation; without one, no dates are recorded.
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// How to write the patients.
    #[arg(long, value_enum, default_value_t = Format::Yaml)]
    format: Format,
    /// Write to this file, or for several case files to this folder, instead of standard output.
    #[arg(long, value_name = "PATH")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Case files for `gl eval`.
    Yaml,
    /// The same as JSON.
    Json,
    /// A table: one object on each line.
    Ndjson,
    /// A table: one row for each patient, one column for each fact.
    Csv,
}

fn share(text: &str) -> Result<Share, String> {
    Share::read(text).ok_or_else(|| "a share is a number from 0 to 1, such as 0.3, with at most six decimals".to_owned())
}

/// Runs the verb.
pub fn run(args: FakeArgs, cx: &Context) -> Exit {
    make(&args, cx).unwrap_or_else(|exit| exit)
}

fn make(args: &FakeArgs, cx: &Context) -> Result<Exit, Exit> {
    let mut loaded = cx.load(&args.paths, IncludeCases::No)?;
    if loaded.has_errors() {
        cx.report(&loaded.sources, &loaded.diagnostics);
        cx.say("no patient was made: the guidelines have errors");
        return Err(Exit::Invalid);
    }
    let refuse = |message: &str| {
        cx.complain(message);
        Exit::Invalid
    };
    if loaded.library.facts.is_empty() {
        cx.complain("there is no fact in these files");
        return Err(Exit::Nothing);
    }
    let is_table = matches!(args.format, Format::Ndjson | Format::Csv);
    if args.patients > 1 && !is_table && args.output.is_none() {
        let message = "a case file holds one patient; name a folder with `--output`, or ask for a table with `--format csv`";
        return Err(refuse(message));
    }
    let wishes = Wishes {
        seed: args.seed,
        unknown: args.unknown,
        prevalence: prevalences(&loaded.library, &args.prevalence).map_err(|message| refuse(&message))?,
        as_of: as_of(args, &mut loaded, cx)?,
    };
    let fake = Fake::new(&loaded.library, &wishes);
    let mut making = Making {
        args,
        library: &loaded.library,
        wishes: &wishes,
        fake: &fake,
        known: 0,
        bent: vec![0; wishes.prevalence.len()],
        // What goes to standard output shows how far it is.
        progress: args
            .output
            .as_ref()
            .map(|_| Progress::new("making patients", Some(args.patients), cx)),
    };
    match (&args.output, is_table) {
        (Some(folder), false) if args.patients > 1 => making.folder(folder).map_err(|message| refuse(&message))?,
        (Some(path), _) => making.file(path).map_err(|message| refuse(&message))?,
        (None, _) => {
            let mut print = |text: &str| {
                cx.print(text);
                Ok(())
            };
            making.text(&mut print).map_err(|message| refuse(&message))?;
        }
    }
    drop(making.progress.take());
    making.say(cx);
    Ok(Exit::Clean)
}

fn as_of(args: &FakeArgs, loaded: &mut Loaded, cx: &Context) -> Result<Option<Date>, Exit> {
    let Some(text) = &args.as_of else { return Ok(None) };
    match read_date_flag(&mut loaded.sources, text) {
        Ok((date, _)) => Ok(Some(date)),
        Err(diagnostic) => {
            cx.report(&loaded.sources, &[diagnostic]);
            cx.say("no patient was made: 1 error");
            Err(Exit::Invalid)
        }
    }
}

/// Where text goes; what is wrong, where it cannot.
type Put<'a> = &'a mut dyn FnMut(&str) -> Result<(), String>;

struct Making<'a> {
    args: &'a FakeArgs,
    library: &'a Library,
    wishes: &'a Wishes,
    fake: &'a Fake<'a>,
    /// How many values were recorded.
    known: u64,
    /// For each wish, how many patients it could not be kept for.
    bent: Vec<u64>,
    progress: Option<Progress>,
}

impl Making<'_> {
    fn patient(&mut self, number: u64) -> Result<FakePatient, String> {
        let patient = self.fake.patient(number).map_err(|_| {
            let shares = if self.wishes.prevalence.is_empty() {
                ""
            } else {
                " and these shares"
            };
            format!(
                "no patient was found who fits the assumptions{shares}; patient {number} of {}",
                self.args.patients
            )
        })?;
        self.known += patient.known.len() as u64;
        self.progress.iter().for_each(Progress::step);
        for bent in &patient.bent {
            self.bent.get_mut(*bent).into_iter().for_each(|count| *count += 1);
        }
        Ok(patient)
    }

    /// Everything, as one text.
    fn text(&mut self, put: Put<'_>) -> Result<(), String> {
        let table = WideTable::new(self.library, self.wishes.as_of);
        let mut buffer = Buffer {
            text: String::new(),
            put,
        };
        if self.args.format == Format::Csv {
            buffer.add(&row(table.names())?)?;
        }
        for number in 1..=self.args.patients {
            let patient = self.patient(number)?;
            let id = id(number);
            let recorded = self.recorded(&id, &patient);
            let text = match self.args.format {
                Format::Csv => row(table.cells(recorded))?,
                Format::Ndjson => format!("{}\n", table.object(recorded)),
                Format::Yaml => yaml(self.library, recorded),
                Format::Json => write_json(&case(self.library, recorded)),
            };
            buffer.add(&text)?;
        }
        buffer.flush()
    }

    fn recorded<'r>(&self, id: &'r str, patient: &'r FakePatient) -> Recorded<'r> {
        Recorded {
            id,
            as_of: self.wishes.as_of,
            known: &patient.known,
        }
    }

    /// One file, under its name only once it is complete.
    fn file(&mut self, path: &Path) -> Result<(), String> {
        let unwritable = |error: std::io::Error| format!("`{}` cannot be written: {}", path.display(), reason(&error));
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let beside = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&beside)
            .map_err(unwritable)?;
        let written = self.text(&mut |text| file.write_all(text.as_bytes()).map_err(unwritable));
        let written = written.and_then(|()| file.sync_all().and_then(|()| fs::rename(&beside, path)).map_err(unwritable));
        if written.is_err() {
            // What was wrong is said; the rest of it is best effort.
            let _ = fs::remove_file(&beside);
        }
        written
    }

    /// A case file for each patient.
    fn folder(&mut self, folder: &Path) -> Result<(), String> {
        fs::create_dir_all(folder).map_err(|error| format!("`{}` cannot be made: {}", folder.display(), reason(&error)))?;
        let digits = self.args.patients.to_string().len();
        for number in 1..=self.args.patients {
            let patient = self.patient(number)?;
            let id = id(number);
            let recorded = self.recorded(&id, &patient);
            let (text, ending) = match self.args.format {
                Format::Json => (write_json(&case(self.library, recorded)), "json"),
                _ => (yaml(self.library, recorded), "yaml"),
            };
            let path = folder.join(format!("fake-{number:0digits$}.{ending}"));
            fs::write(&path, text).map_err(|error| format!("`{}` cannot be written: {}", path.display(), reason(&error)))?;
        }
        Ok(())
    }

    fn say(&self, cx: &Context) {
        for (text, bent) in self.args.prevalence.iter().zip(&self.bent).filter(|(_, bent)| **bent > 0) {
            let count = counted(usize::try_from(*bent).unwrap_or(usize::MAX), "patient");
            cx.say(&format!(
                "`{text}` could not be kept for {count}: the assumptions, and shares that were named before, did not allow it"
            ));
        }
        match self.fake.left_out() {
            0 => {}
            1 => cx.say("1 fact is a date, and was left out; `--as-of DATE` gives the date of evaluation that it needs"),
            dates => cx.say(&format!(
                "{dates} facts are dates, and were left out; `--as-of DATE` gives the date of evaluation that they need"
            )),
        }
        let count = |n: u64, what| counted(usize::try_from(n).unwrap_or(usize::MAX), what);
        cx.say(&format!(
            "{}, {} recorded",
            count(self.args.patients, "patient"),
            count(self.known, "fact")
        ));
    }
}

fn id(number: u64) -> String {
    format!("fake-{number}")
}

/// A row of CSV, with its end.
fn row<T: AsRef<[u8]>>(cells: impl Iterator<Item = T>) -> Result<String, String> {
    let failed = |error: &dyn std::fmt::Display| format!("the table cannot be written: {error}");
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(cells).map_err(|error| failed(&error))?;
    let bytes = writer.into_inner().map_err(|error| failed(&error))?;
    String::from_utf8(bytes).map_err(|error| failed(&error))
}

/// Text on its way, so that a million patients are not as many writes.
struct Buffer<'a> {
    text: String,
    put: Put<'a>,
}

const BUFFERED: usize = 64 * 1024;

impl Buffer<'_> {
    fn add(&mut self, text: &str) -> Result<(), String> {
        self.text.push_str(text);
        if self.text.len() >= BUFFERED { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), String> {
        (self.put)(&std::mem::take(&mut self.text))
    }
}

/// Reads `FACT=SHARE` and `FACT.VALUE=SHARE`.
fn prevalences(library: &Library, texts: &[String]) -> Result<Vec<Prevalence>, String> {
    let mut prevalences: Vec<Prevalence> = Vec::new();
    for text in texts {
        let shown = printable(text);
        let (name, share) = text
            .split_once('=')
            .ok_or_else(|| format!("`{shown}` gives no share; write `--prevalence FACT=SHARE`"))?;
        let share = self::share(share).map_err(|problem| format!("`{shown}`: {problem}"))?;
        let (fact_name, value) = match name.split_once('.') {
            Some((fact, value)) => (fact, Some(value)),
            None => (name, None),
        };
        let fact = library.fact_names.get(fact_name).copied().ok_or_else(|| {
            let near = meant(fact_name, library.fact_names.keys().map(String::as_str));
            format!("there is no fact `{}`{near}", printable(fact_name))
        })?;
        let (of, value) = valued(library, fact, value)?;
        let same = |p: &&Prevalence| p.of == of;
        if prevalences.iter().any(|p| p.of == of && p.value == value) {
            return Err(format!("`{}` has two shares", printable(name)));
        }
        let sum: u64 = prevalences.iter().filter(same).map(|p| u64::from(p.share.millionths())).sum();
        if sum + u64::from(share.millionths()) > u64::from(Share::WHOLE) {
            return Err(format!("the shares of the values of `{fact_name}` come to more than 1"));
        }
        prevalences.push(Prevalence { of, value, share });
    }
    Ok(prevalences)
}

/// What a share is for: a yes, a value, a member.
fn valued(library: &Library, fact: FactId, value: Option<&str>) -> Result<(Variable, usize), String> {
    let name = &library[fact].name;
    let find = |values: &[String]| {
        let value = value.ok_or_else(|| {
            let first = values.first().map_or("", String::as_str);
            format!("a share is for one value of `{name}`; write `--prevalence {name}.{first}=SHARE`")
        })?;
        values.iter().position(|v| v == value).ok_or_else(|| {
            let near = meant(value, values.iter().map(String::as_str));
            format!("`{name}` has no value `{}`{near}", printable(value))
        })
    };
    match &library[fact].ty {
        FactType::YesNo if value.is_none() => Ok((Variable::Fact(fact), 1)),
        FactType::YesNo => Err(format!("`{name}` is yes or no; write `{name}=SHARE`")),
        FactType::OneOf { values, .. } => find(values).map(|value| (Variable::Fact(fact), value)),
        FactType::AnyOf { members } => find(members).map(|member| (Variable::Member(fact, member), 1)),
        _ => Err(format!(
            "`{name}` is an amount or a date, which has no share; its values are spread over its range"
        )),
    }
}
