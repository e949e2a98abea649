//! `gl new`

use super::{Context, Exit};
use crate::limits;
use clap::Args;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Makes a project that works at once: a guideline with one rule, one case, one source.
///
/// The folder must not exist yet.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gl new back_pain
  cd back_pain && gl check && gl test")]
pub struct NewArgs {
    /// The folder to make; its last part names the guideline.
    #[arg(value_name = "NAME")]
    pub path: PathBuf,
}

/// Runs the verb.
pub fn run(args: NewArgs, cx: &Context) -> Exit {
    let shown = args.path.display();
    let Some(id) = args.path.file_name().and_then(|name| name.to_str()).and_then(identifier) else {
        cx.complain(&format!(
            "`{shown}` cannot name a guideline; a name has letters, digits and `_`, starts with a letter, and is no longer than \
             {} characters",
            limits::NAME_CHARACTERS
        ));
        return Exit::Invalid;
    };
    if args.path.symlink_metadata().is_ok() {
        cx.complain(&format!("`{shown}` exists already; choose another name"));
        return Exit::Invalid;
    }
    let files = [
        ("gl.toml".to_owned(), format!("name = \"{id}\"\n")),
        (
            format!("{id}.gl"),
            GUIDELINE.replace("NAME", &id).replace("TITLE", &title(&id)),
        ),
        (format!("{id}.cases.gl"), CASES.replace("NAME", &id)),
    ];
    for (name, text) in &files {
        if let Err(error) = write(&args.path, name, text) {
            cx.complain(&format!("`{}` cannot be written: {error}", args.path.join(name).display()));
            return Exit::Invalid;
        }
    }
    cx.say(&format!("next: cd {shown} && gl check && gl test"));
    cx.say(&format!(
        "{} files in `{shown}`: {}",
        files.len(),
        files.each_ref().map(|(name, _)| name.as_str()).join(", ")
    ));
    Exit::Clean
}

/// The guideline's name for a folder: `back-pain` becomes `back_pain`.
fn identifier(folder: &str) -> Option<String> {
    let name = folder.replace(['-', ' '], "_");
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic());
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && name.len() <= limits::NAME_CHARACTERS;
    (starts_well && is_name).then_some(name)
}

/// `back_pain` becomes `Back pain`.
fn title(id: &str) -> String {
    let words = id.replace('_', " ");
    let mut letters = words.trim().chars();
    letters
        .next()
        .map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

fn write(folder: &Path, name: &str, text: &str) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::File::create_new(folder.join(name))?.write_all(text.as_bytes())
}

const GUIDELINE: &str = "\
# A guideline is written so that it can be read aloud beside the document it comes from.
#
#   gl check    says what is wrong with it
#   gl test     runs the cases in NAME.cases.gl
#   gl eval --fact fever=yes --fact fever_duration='4 days'

guideline NAME \"TITLE\" version \"1\" status draft

# Where the rules come from. Every rule cites a source.
source LOCAL \"The document that these rules come from\"

# What a patient record may state. What it does not state is unknown, never \"no\".
fact fever: yes/no \"Fever\" ask \"Does the patient have a fever?\"
fact fever_duration: quantity in days \"Duration of the fever\" ask \"For how many days?\"

# What can be advised.
action clinical_review \"Review by a clinician\"

rule lasting_fever \"A fever that lasts is looked at soon\":
  when fever and fever_duration at least 3 days
  then urgent clinical_review within 2 days
  cite LOCAL
  because \"a fever that does not pass may be the sign of a serious infection\"
";

const CASES: &str = "\
# Cases are patients with expectations; `gl test` runs them.

case \"a fever of four days\"
  given fever, fever_duration is 4 days
  expect urgent clinical_review within 2 days
";
