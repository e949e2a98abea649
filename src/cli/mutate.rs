//! `gl test --mutate`

use super::progress::Progress;
use super::project::Project;
use super::{Context, Exit};
use crate::load::Loaded;
use crate::report::diagnostics::counted;
use crate::report::{json, mutants};
use crate::suite::Case;
use crate::suite::mutate::{Mutation, mutate};

/// Makes the mutants, and shows those that no case notices. The cases pass.
pub(super) fn run(project: &Project, loaded: &Loaded, cases: &[&Case], as_json: bool, cx: &Context) -> Exit {
    let progress = Progress::new("trying mutants", Some(0), cx);
    let mut reached = |done: usize, total: usize| {
        progress.of(total as u64);
        progress.reach(done as u64);
    };
    let mutation = mutate(&project.files, &project.paths, loaded, cases, &mut reached);
    drop(progress);
    let text = if as_json {
        json::write(&mutants::json(loaded, &mutation))
    } else {
        mutants::text(loaded, &mutation)
    };
    cx.print(&text);
    cx.say(&summary(&mutation));
    if mutation.has_survivor() {
        Exit::Findings
    } else {
        Exit::Clean
    }
}

/// The counts, those that are none left out but for killed ones and survivors.
fn summary(mutation: &Mutation) -> String {
    let count = |verdict: &str| mutation.count(|v| v.word() == verdict);
    let mut parts = vec![
        format!("{} killed", count("killed")),
        format!("{} survive", count("survives")),
    ];
    let rest = [
        ("equivalent", "equivalent"),
        ("undecided", "undecided"),
        ("unsayable", "that no case can tell"),
        ("unreadable", "not readable"),
    ];
    let rest = rest.into_iter().map(|(verdict, words)| (count(verdict), words));
    parts.extend(rest.filter(|(n, _)| *n > 0).map(|(n, words)| format!("{n} {words}")));
    format!("{}: {}", counted(mutation.mutants.len(), "mutant"), parts.join(", "))
}
