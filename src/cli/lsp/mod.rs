//! `gl lsp`
//!
//! In: the protocol of editors, on standard input. Out: the same, on standard output.
//! Must not know: what the answers mean; `desk` gives them, and this carries them.

mod convert;
mod frames;
mod projects;
mod requests;
mod server;
mod uris;
mod verifier;

use super::{Context, Exit};
use clap::Args;

/// Serves an editor over standard input and output, in the Language Server Protocol.
///
/// Editors start it by themselves; `editors/` in the repository has settings for some of them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gl lsp                      what an editor starts")]
pub struct LspArgs {
    /// Accepted because some editors insist on it; there is no other way.
    #[arg(long, hide = true)]
    stdio: bool,
}

/// Runs the verb.
pub fn run(_: LspArgs, cx: &Context) -> Exit {
    server::serve(cx)
}
