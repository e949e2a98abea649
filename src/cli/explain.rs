//! `gl explain`

use super::{Context, Exit};
use crate::codes;
use crate::diagnostic::{Code, Severity};
use crate::report::diagnostics::{ColorChoice, counted};
use clap::Args;

/// Explains a diagnostic code: why it matters, a bad and a good example.
///
/// Without a code, lists all of them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gl explain                     all codes
  gl explain GL101               by number
  gl explain broken-assumption   by name")]
pub struct ExplainArgs {
    /// The number or the name of a code.
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}

/// Runs the verb.
pub fn run(args: ExplainArgs, cx: &Context) -> Exit {
    let Some(text) = args.code else {
        let codes = codes::all();
        cx.print(&list(&codes));
        cx.say(&counted(codes.len(), "code"));
        return Exit::Clean;
    };
    match codes::find(&text) {
        Ok(code) => {
            cx.print(&page(code, cx.stdout_color));
            Exit::Clean
        }
        Err(unknown) => {
            let sentence = format!("there is no code `{text}`");
            cx.complain(&match unknown.closest {
                Some(closest) => format!("{sentence}; did you mean `{closest}`?"),
                None => format!("{sentence}; `gl explain` lists all"),
            });
            Exit::Invalid
        }
    }
}

fn list(codes: &[&Code]) -> String {
    let name = codes.iter().map(|code| code.name.len()).max().unwrap_or(0);
    let line = |code: &&Code| {
        format!(
            "{}  {:7}  {:name$}  {}\n",
            code.number,
            code.severity.word(),
            code.name,
            code.title
        )
    };
    codes.iter().map(line).collect()
}

/// The explanation: as Markdown, or set in the colours of the terminal.
fn page(code: &Code, color: ColorChoice) -> String {
    let mut text = match color {
        ColorChoice::Never => format!("# {} {}: {}\n\n", code.number, code.name, code.title),
        ColorChoice::Always => {
            let header = match code.severity {
                Severity::Error => "\x1b[1;31m",
                Severity::Warning => "\x1b[1;33m",
                Severity::Note => "\x1b[1;32m",
            };
            let severity = code.severity.word();
            format!(
                "{header}{severity}[{}]\x1b[0m\x1b[1m {}: {}\x1b[0m\n\n",
                code.number, code.name, code.title
            )
        }
    };
    let mut is_example = false;
    for line in code.lines() {
        let is_fence = line.starts_with("```");
        is_example ^= is_fence;
        match color {
            ColorChoice::Never => text.push_str(line),
            ColorChoice::Always if is_fence && is_example => match example_name(line) {
                Some(name) => text.push_str(&format!("    \x1b[2m{name}\x1b[0m")),
                None => continue,
            },
            ColorChoice::Always if is_fence => continue,
            ColorChoice::Always if is_example => text.push_str(&format!("    {}", example_line(line))),
            ColorChoice::Always => text.push_str(&prose_line(line)),
        }
        text.push('\n');
    }
    text
}

/// What stands over an example that is not the guideline itself.
fn example_name(fence: &str) -> Option<&str> {
    let named = fence.split(' ').find_map(|word| word.strip_prefix("file="));
    named.or_else(|| fence.starts_with("```yaml").then_some("with the patient"))
}

fn example_line(line: &str) -> String {
    match line.trim_start().starts_with('#') {
        true => format!("\x1b[2m{line}\x1b[0m"),
        false => line.to_owned(),
    }
}

/// A heading in bold, code in cyan.
fn prose_line(line: &str) -> String {
    if let Some(heading) = line.strip_prefix('#') {
        return format!("\x1b[1m{}\x1b[0m", heading.trim_start_matches('#').trim_start());
    }
    let mut text = String::new();
    for (i, part) in line.split('`').enumerate() {
        match i % 2 {
            0 => text.push_str(part),
            _ => text.push_str(&format!("\x1b[36m{part}\x1b[0m")),
        }
    }
    text
}
