//! `gl limits`

use super::{Context, Exit};
use crate::limits::TABLE;
use clap::Args;

/// Prints every limit of gl, one a line.
///
/// The limits are the same on every system.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gl limits")]
pub struct LimitsArgs {}

/// Runs the verb.
pub fn run(_: LimitsArgs, cx: &Context) -> Exit {
    let what = TABLE.iter().map(|limit| limit.what.chars().count()).max().unwrap_or(0);
    let number = TABLE.iter().map(|limit| limit.most.to_string().len()).max().unwrap_or(0);
    let mut text = String::new();
    for limit in TABLE {
        text.push_str(&format!("{:what$}  {:>number$} {}\n", limit.what, limit.most, limit.unit));
    }
    cx.print(&text);
    cx.say(&format!("{} limits", TABLE.len()));
    Exit::Clean
}
