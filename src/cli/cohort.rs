//! `gl cohort`

use super::config::Config;
use super::patient_args::{chosen, invalid};
use super::progress::Progress;
use super::project::reason;
use super::{Context, Exit, IncludeCases, project};
use crate::cohort::preview::{Preview, type_of};
use crate::cohort::{
    Failure, Format, Layout, Mapping, Opened, OutputFormat, Prepared, Report, Request, Status, Statuses, Together,
    columns::Meaning, columns::told, parquet::Ready, prepare, summary::Summary, summary::unit_of,
};
use crate::eval::Options;
use crate::load::Loaded;
use crate::model::Library;
use crate::patient;
use crate::report::diagnostics::counted;
use crate::report::json::write as write_json;
use crate::source::Span;
use clap::{Args, ValueEnum};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread;

/// Applies guidelines to a population.
///
/// A wide table has a row for each patient: `patient_id`, perhaps `as_of`, and a column for each fact under its name; a set has a
/// column for each member, `FACT_MEMBER`; where units vary, `FACT_unit` has the unit. A long table has a row for each fact:
/// `patient_id`, `fact`, `value`, and perhaps `unit` and `at`, sorted by patient. What is empty or null nobody recorded.
///
/// A patient of whom something is wrong is set aside with the reason, and nothing is recommended.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gl cohort guidelines --input patients.csv --output advice.csv
  gl cohort --input patients.csv --output now.csv --status active,open
  gl cohort --input a.csv b.csv --output numbers.csv --report counts
  zcat patients.csv.gz | gl cohort --input - --output advice.ndjson
  gl cohort --input patients.csv --check               only show what the columns mean

Beside OUT stand OUT.summary.json, with the numbers of rows and a digest, and OUT.rejects.csv, if anybody is set aside.
OUT appears when it is complete, never before.

Exit status: 0; 1 somebody was set aside; 2 usage, columns or guidelines with errors, unreadable input.")]
pub struct CohortArgs {
    /// Files and folders with guidelines; without any, the project.
    #[arg(value_name = "LIBRARY")]
    paths: Vec<PathBuf>,
    /// Tables of patients; `-` for standard input.
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    input: Vec<String>,
    /// Where to write; `-` for standard output.
    #[arg(long, value_name = "FILE", required_unless_present = "check")]
    output: Option<String>,
    /// What to write.
    #[arg(long, value_enum, default_value_t = Written::Effects)]
    report: Written,
    /// Only effects of which one of these is said, with commas between them; all where none is named.
    #[arg(long, value_enum, value_name = "STATUS", value_delimiter = ',')]
    status: Vec<Said>,
    /// Only show what the columns mean, and evaluate nobody.
    #[arg(long)]
    check: bool,
    /// How the inputs are written down; by their names where nobody says it.
    #[arg(long, value_enum, value_name = "FORMAT")]
    input_format: Option<Wire>,
    /// How the output is written down; by its name where nobody says it.
    #[arg(long, value_enum, value_name = "FORMAT")]
    output_format: Option<Wire>,
    /// What separates the values of CSV: one character, or `tab`.
    #[arg(long, default_value = ",", value_name = "CHARACTER")]
    delimiter: String,
    /// How patients lie in the tables; by their columns where nobody says it.
    #[arg(long, value_enum)]
    layout: Option<Lie>,
    /// A column that is left out; may be repeated.
    #[arg(long, value_name = "COLUMN")]
    ignore: Vec<String>,
    /// Numbers without a unit are in the unit that their fact is declared in.
    #[arg(long, value_enum, value_name = "UNITS")]
    units: Option<Units>,
    /// What is not listed: unknown, or no (yes/no facts are no, sets are empty).
    #[arg(long, value_enum, default_value_t = Unlisted::Unknown)]
    unlisted: Unlisted,
    /// The date of evaluation of patients who have none of their own.
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// Apply only this guideline; may be repeated.
    #[arg(long = "guideline", value_name = "ID")]
    guidelines: Vec<String>,
    /// How many threads evaluate; all the machine has where nobody says it.
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// How patients are evaluated; both give the same.
    #[arg(long, value_enum, default_value_t = Engine::Columns)]
    engine: Engine,
    /// Write over output that is there.
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Written {
    /// A row for each patient and each effect that fires or is undecided.
    Effects,
    /// A row for each patient and each disagreement.
    Disagreements,
    /// A row for each effect, with the numbers of patients.
    Counts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Said {
    /// It fires and stands.
    Active,
    /// It fires and gave way.
    Overridden,
    /// It fires, and whether it gives way is open.
    Open,
    /// Whether it fires is not known.
    Undecided,
}

impl From<Said> for Status {
    fn from(said: Said) -> Status {
        match said {
            Said::Active => Status::Active,
            Said::Overridden => Status::Overridden,
            Said::Open => Status::Open,
            Said::Undecided => Status::Undecided,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Wire {
    /// Values with commas, under a line with the names of the columns.
    Csv,
    /// One JSON object a line.
    Ndjson,
    /// Files of Apache Parquet, where gl is built with it.
    Parquet,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Lie {
    /// A row for each patient.
    Wide,
    /// A row for each fact.
    Long,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Units {
    /// As declared.
    Declared,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Engine {
    /// Some hundred at a time.
    Columns,
    /// One by one, as `gl eval` does.
    Rows,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Unlisted {
    /// Nobody recorded it.
    Unknown,
    /// It is not there.
    No,
}

/// Runs the verb.
pub fn run(args: CohortArgs, cx: &Context) -> Exit {
    apply(&args, cx).unwrap_or_else(|exit| exit)
}

fn apply(args: &CohortArgs, cx: &Context) -> Result<Exit, Exit> {
    let (mut loaded, configs) = cx.load_configured(&args.paths, IncludeCases::No)?;
    if loaded.has_errors() {
        return Err(invalid(cx, &loaded, &loaded.diagnostics));
    }
    if loaded.library.rules.is_empty() {
        cx.complain("there is no rule to apply in these files");
        return Err(Exit::Nothing);
    }
    let request = request(args, &mut loaded, configs, cx)?;
    let Loaded { library, sources, .. } = &mut loaded;
    let prepared = match prepare(library, &request, sources, &open) {
        Ok(prepared) => prepared,
        Err(failure) => return Err(failed(failure, args, &loaded, cx)),
    };
    show(library, &prepared.previews, cx);
    let Some(output) = args.output.as_deref().filter(|_| !args.check) else {
        cx.say(&format!("{}: columns understood", counted(request.inputs.len(), "input")));
        return Ok(Exit::Clean);
    };
    let progress = Progress::counting("patients", cx);
    let mut reached = |read| progress.reach(read);
    let summary = if output == "-" {
        let (mut stdout, mut stderr) = (io::stdout().lock(), io::stderr());
        let summary = prepared.run(&open, &mut stdout, &mut stderr, &mut reached);
        summary.map_err(|failure| failed(failure, args, &loaded, cx))?
    } else {
        let places = Places::new(output, request.output);
        places.keep_apart(&request.inputs, cx)?;
        places.make_room(args.force, cx)?;
        write_files(prepared, &places, &mut reached).map_err(|failure| {
            places.clean();
            failed(failure, args, &loaded, cx)
        })?
    };
    drop(progress);
    let only = summary
        .statuses
        .as_ref()
        .map(|statuses| format!(" (only effects that are {})", statuses.join(" or ")));
    cx.say(&format!(
        "{}: {} evaluated, {} rejected; {} written{}, sha256 {}",
        counted(usize::try_from(summary.patients.read).unwrap_or(usize::MAX), "patient"),
        summary.patients.evaluated,
        summary.patients.rejected,
        counted(usize::try_from(summary.output.rows).unwrap_or(usize::MAX), "row"),
        only.unwrap_or_default(),
        summary.output.sha256
    ));
    Ok(match summary.patients.rejected {
        0 => Exit::Clean,
        _ => Exit::Findings,
    })
}

fn request(args: &CohortArgs, loaded: &mut Loaded, configs: Vec<Config>, cx: &Context) -> Result<Request, Exit> {
    let refuse = |message: String| {
        cx.complain(&message);
        Exit::Invalid
    };
    let format = match args.input_format {
        Some(wire) => wire,
        None => {
            let first = args.input.first().map_or("", String::as_str);
            let format = format_of(first).map_err(refuse)?;
            for input in &args.input {
                if format_of(input).map_err(refuse)? != format {
                    return Err(refuse(
                        "the inputs are of different formats; give them in calls of their own".to_owned(),
                    ));
                }
            }
            format
        }
    };
    let output = match (args.output_format, args.output.as_deref()) {
        (Some(wire), _) => wire,
        // Nobody reads Parquet from a terminal.
        (None, None | Some("-")) if format == Wire::Parquet => Wire::Csv,
        (None, None | Some("-")) => format,
        (None, Some(output)) => format_of(output).map_err(refuse)?,
    };
    if output == Wire::Parquet && args.output.as_deref() == Some("-") {
        return Err(refuse("Parquet is written to a file; give `--output` a name".to_owned()));
    }
    let delimiter = match args.delimiter.as_bytes() {
        b"tab" | b"\\t" => b'\t',
        [one] if !matches!(one, b'"' | b'\n' | b'\r') => *one,
        _ => return Err(refuse("a delimiter is one character, or `tab`".to_owned())),
    };
    if args.input.iter().filter(|input| *input == "-").count() > 1 {
        return Err(refuse("standard input can be read once only".to_owned()));
    }
    if !args.status.is_empty() && args.report != Written::Effects {
        return Err(refuse(
            "`--status` chooses among effects; leave it out, or ask for `--report effects`".to_owned(),
        ));
    }
    let statuses: Vec<Status> = args.status.iter().copied().map(Status::from).collect();
    let mut mapping = mapping(configs, loaded, cx)?;
    mapping.ignored.extend(args.ignore.iter().cloned());
    let as_of = match &args.as_of {
        None => None,
        Some(date) => match patient::read_date_flag(&mut loaded.sources, date) {
            Ok(as_of) => Some(as_of),
            Err(diagnostic) => return Err(invalid(cx, loaded, &[diagnostic])),
        },
    };
    let closed = (args.unlisted == Unlisted::No).then(|| loaded.sources.add("--unlisted", "no"));
    Ok(Request {
        inputs: args.input.clone(),
        format: match format {
            Wire::Csv => Format::Csv,
            Wire::Ndjson => Format::NdJson,
            Wire::Parquet => Format::Parquet(Ready::new().map_err(refuse)?),
        },
        delimiter,
        layout: args.layout.map(|layout| match layout {
            Lie::Wide => Layout::Wide,
            Lie::Long => Layout::Long,
        }),
        mapping,
        declared_units: args.units.is_some(),
        options: Options {
            guidelines: chosen(&args.guidelines, &loaded.library, cx)?,
        },
        as_of,
        otherwise_no: closed.map(|file| Span::new(file, 0..2)),
        report: match args.report {
            Written::Effects => Report::Effects(Statuses::of(&statuses)),
            Written::Disagreements => Report::Disagreements,
            Written::Counts => Report::Counts,
        },
        output: match output {
            Wire::Csv => OutputFormat::Csv,
            Wire::Ndjson => OutputFormat::NdJson,
            Wire::Parquet => OutputFormat::Parquet(Ready::new().map_err(refuse)?),
        },
        together: match args.engine {
            Engine::Columns => Together::Columns,
            Engine::Rows => Together::Rows,
        },
        threads: args
            .threads
            .or_else(|| thread::available_parallelism().ok())
            .unwrap_or(NonZeroUsize::MIN),
    })
}

/// What the project of the guidelines, or else the one around the current folder, says of columns.
///
/// # Errors
///
/// The exit status, once it has been said what is wrong.
pub(super) fn mapping(configs: Vec<Config>, loaded: &mut Loaded, cx: &Context) -> Result<Mapping, Exit> {
    let mut mappings: Vec<Mapping> = configs.into_iter().filter_map(|config| config.cohort).collect();
    if mappings.is_empty()
        && let Ok(here) = fs::canonicalize(project::default_folder())
    {
        let config = Config::read(&here, &mut loaded.sources).map_err(|found| {
            cx.report(&loaded.sources, &found);
            Exit::Invalid
        })?;
        mappings.extend(config.and_then(|config| config.cohort));
    }
    if mappings.len() > 1 {
        cx.complain("the guidelines belong to several projects that say what columns mean");
        return Err(Exit::Invalid);
    }
    Ok(mappings.pop().unwrap_or_default())
}

fn format_of(name: &str) -> Result<Wire, String> {
    let ending = Path::new(name)
        .extension()
        .map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("csv" | "tsv" | "txt") => Ok(Wire::Csv),
        Some("ndjson" | "jsonl") => Ok(Wire::Ndjson),
        None if name == "-" => Ok(Wire::Csv),
        Some("parquet") => Ok(Wire::Parquet),
        _ => Err(format!(
            "the format of `{name}` does not show; say `--input-format` or `--output-format`"
        )),
    }
}

fn open(input: &str) -> Result<Opened, String> {
    if input == "-" {
        return Ok(Opened::Once(Box::new(io::stdin())));
    }
    let opened = File::open(input).and_then(|file| {
        Ok(match file.metadata()?.is_file() {
            true => Opened::Lasting(Box::new(file)),
            false => Opened::Once(Box::new(file)),
        })
    });
    opened.map_err(|error| format!("`{input}` cannot be read: {}", reason(&error)))
}

fn failed(failure: Failure, args: &CohortArgs, loaded: &Loaded, cx: &Context) -> Exit {
    match failure {
        Failure::Columns(found) => {
            cx.report(&loaded.sources, &found);
            cx.say(&format!("nobody was evaluated: {}", counted(found.len(), "error")));
            Exit::Invalid
        }
        Failure::Input(message) => {
            cx.complain(&message);
            cx.say("the run was broken off, and there is no output");
            Exit::Invalid
        }
        Failure::Output(error) => {
            let output = match args.output.as_deref() {
                None | Some("-") => "the output".to_owned(),
                Some(output) => format!("`{output}`"),
            };
            cx.complain(&format!("{output} cannot be written: {}", reason(&error)));
            Exit::Invalid
        }
        Failure::Count(message) => {
            cx.complain(&format!("a bug in gl, and no output: {message}"));
            Exit::Bug
        }
    }
}

/// Shows what the columns mean, with their types and units.
fn show(library: &Library, previews: &[Preview], cx: &Context) {
    for preview in previews {
        let mut lines = vec![["column", "means", "type", "unit", "missing"].map(str::to_owned)];
        for (column, missing) in preview.columns.iter().zip(&preview.missing) {
            // What is left out need not have been read.
            let is_read = column.meaning != Meaning::Ignored;
            let share = (100 * missing).checked_div(preview.looked_at).filter(|_| is_read);
            lines.push([
                column.name.clone(),
                told(library, column.meaning),
                type_of(library, column.meaning),
                unit_of(preview, column).unwrap_or_default(),
                share.map_or(String::new(), |share| format!("{share} %")),
            ]);
        }
        let rows = counted(preview.looked_at, "row");
        cx.say(&format!(
            "{}: a {} table; of its first {rows}:",
            preview.input,
            preview.layout.word()
        ));
        lines.iter().for_each(|line| cx.say(&padded(line, &lines)));
    }
}

fn padded(line: &[String; 5], lines: &[[String; 5]]) -> String {
    let mut text = String::new();
    for (place, cell) in line.iter().enumerate() {
        let width = lines.iter().filter_map(|l| l.get(place)).map(|c| c.chars().count()).max();
        text.push_str("  ");
        text.push_str(cell);
        text.extend(std::iter::repeat_n(
            ' ',
            width.unwrap_or(0).saturating_sub(cell.chars().count()),
        ));
    }
    text.trim_end().to_owned()
}

/// Where the files of a run go: beside their names until they are complete.
struct Places {
    output: PathBuf,
    rejects: PathBuf,
    summary: PathBuf,
}

impl Places {
    fn new(output: &str, format: OutputFormat) -> Self {
        let ending = match format.of_rejects() {
            OutputFormat::Csv | OutputFormat::Parquet(_) => "csv",
            OutputFormat::NdJson => "ndjson",
        };
        Places {
            output: PathBuf::from(output),
            rejects: PathBuf::from(format!("{output}.rejects.{ending}")),
            summary: PathBuf::from(format!("{output}.summary.json")),
        }
    }

    fn all(&self) -> [&Path; 3] {
        [&self.output, &self.summary, &self.rejects]
    }

    /// Refuses to write where something is read: it would be gone before it is read.
    fn keep_apart(&self, inputs: &[String], cx: &Context) -> Result<(), Exit> {
        let same = |path: &Path, input: &String| {
            let absolute = fs::canonicalize(path).ok();
            absolute.is_some() && absolute == fs::canonicalize(input).ok()
        };
        match inputs
            .iter()
            .find(|input| self.all().into_iter().any(|path| same(path, input)))
        {
            None => Ok(()),
            Some(input) => {
                cx.complain(&format!("`{input}` is read; write to another name"));
                Err(Exit::Invalid)
            }
        }
    }

    /// Removes what an earlier run left, the output first, so that nothing old stands beside something new.
    fn make_room(&self, force: bool, cx: &Context) -> Result<(), Exit> {
        for path in self.all() {
            if !path.exists() {
                continue;
            }
            let trouble = match force {
                false => Some(format!("`{}` is there already; `--force` writes over it", path.display())),
                true => fs::remove_file(path)
                    .err()
                    .map(|error| format!("`{}` cannot be removed: {}", path.display(), reason(&error))),
            };
            if let Some(message) = trouble {
                cx.complain(&message);
                return Err(Exit::Invalid);
            }
        }
        Ok(())
    }

    fn clean(&self) {
        for path in self.all() {
            // What cannot be removed does not look complete either.
            let _ = fs::remove_file(partial(path));
        }
    }
}

/// The name under which a file is written.
fn partial(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".partial-{}", std::process::id()));
    PathBuf::from(name)
}

/// Writes the files of a run beside their names, and gives them their names when all are complete, the output last.
fn write_files(prepared: Prepared<'_>, places: &Places, reached: &mut dyn FnMut(u64)) -> Result<Summary, Failure> {
    let create = |path: &Path| File::create(partial(path)).map(|file| BufWriter::with_capacity(1 << 20, file));
    let mut output = create(&places.output).map_err(Failure::Output)?;
    let mut rejects = create(&places.rejects).map_err(Failure::Output)?;
    let summary = prepared.run(&open, &mut output, &mut rejects, reached)?;
    let finish = || -> io::Result<()> {
        let complete = |file: BufWriter<File>| file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all();
        let mut beside = create(&places.summary)?;
        beside.write_all(write_json(&summary).as_bytes())?;
        complete(output)?;
        complete(beside)?;
        if summary.rejects.rows == 0 {
            drop(rejects);
            fs::remove_file(partial(&places.rejects))?;
        } else {
            complete(rejects)?;
            fs::rename(partial(&places.rejects), &places.rejects)?;
        }
        fs::rename(partial(&places.summary), &places.summary)?;
        // Whoever sees this name sees a file that is complete, and everything beside it.
        fs::rename(partial(&places.output), &places.output)
    };
    finish().map_err(Failure::Output)?;
    Ok(summary)
}
