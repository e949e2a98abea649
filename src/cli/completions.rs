//! `gl completions`

use super::{Context, Exit};
use clap::Args;
use clap_complete::{Shell, generate};

/// Prints a script by which a shell completes verbs and flags.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gl completions bash > gl.bash    load it in ~/.bashrc: `source gl.bash`
  gl completions zsh > _gl         put it in a folder of $fpath
  gl completions fish > gl.fish    put it in ~/.config/fish/completions")]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// Runs the verb.
pub fn run(args: CompletionsArgs, cx: &Context) -> Exit {
    let mut script = Vec::new();
    generate(args.shell, &mut super::command(), "gl", &mut script);
    cx.print(&String::from_utf8_lossy(&script));
    Exit::Clean
}
