//! What authors and projects decide about findings: allowed with a reason, or at another level.
//!
//! In: findings, the comments beside the rules, the levels of a project. Out: the findings as they are to be reported.
//! Must not know: where levels are written. Nothing is ever removed: what is allowed becomes a note that gives the reason.

#[cfg(feature = "cli")]
pub(crate) mod config;
pub mod errors;

use crate::diagnostic::{Code, Diagnostic, Severity, sort};
use crate::load::Loaded;
use crate::source::Span;

/// Looks a code up by its number or name; where there is none, gives what was probably meant.
pub type Find = dyn Fn(&str) -> Result<&'static Code, Option<&'static str>>;

/// A comment `# gl-allow CODE: reason`.
struct Allow {
    code: &'static str,
    reason: String,
    /// Where findings are allowed: the declaration that the comment stands in, behind or above.
    reach: Span,
    comment: Span,
    used: bool,
}

/// Applies what authors allowed and what the project decided.
///
/// `level` gives the severity that a project wants for a code in a file, if it wants another; `find` knows all codes, or the
/// one that was probably meant.
pub fn apply(
    loaded: &Loaded,
    found: Vec<Diagnostic>,
    level: &dyn Fn(&str, &Diagnostic) -> Option<Severity>,
    find: &Find,
) -> Vec<Diagnostic> {
    let mut remarks = Vec::new();
    let mut allows = allows(loaded, find, &mut remarks);
    let mut reported: Vec<Diagnostic> = found
        .into_iter()
        .map(|mut finding| {
            let Some(place) = finding.primary().map(|label| label.span) else {
                return finding;
            };
            // What its authors settled is no work for anybody, whatever the project thinks of others of its kind.
            if finding.accepted.is_none()
                && let Some(file) = loaded.sources.get(place.file)
                && let Some(severity) = level(file.name(), &finding)
            {
                finding.severity = severity;
            }
            let covers = |a: &&mut Allow| {
                a.code == finding.code.number
                    && a.reach.file == place.file
                    && a.reach.start <= place.start
                    && place.end <= a.reach.end
            };
            if let Some(allow) = allows.iter_mut().find(covers) {
                allow.used = true;
                return match &finding.accepted {
                    Some(_) => finding,
                    None => finding.accept(format!("allowed: {}", allow.reason)),
                };
            }
            finding
        })
        .collect();
    remarks.extend(
        allows
            .iter()
            .filter(|a| !a.used)
            .map(|a| errors::unused_allow(a.comment, a.code)),
    );
    for mut remark in remarks {
        let place = remark.primary().and_then(|label| loaded.sources.get(label.span.file));
        if let Some(severity) = place.and_then(|file| level(file.name(), &remark)) {
            remark.severity = severity;
        }
        reported.push(remark);
    }
    sort(&mut reported);
    reported
}

/// Every allowance of the loaded files; those that say nothing usable are reported.
fn allows(loaded: &Loaded, find: &Find, remarks: &mut Vec<Diagnostic>) -> Vec<Allow> {
    let mut allows = Vec::new();
    for tree in &loaded.trees {
        let Some(file) = loaded.sources.get(tree.file) else { continue };
        for comment in &tree.tree.comments {
            let text = comment.text.trim_start_matches('#').trim().strip_prefix("gl-allow");
            let Some(text) = text.filter(|text| !text.starts_with(|c: char| c.is_alphanumeric())) else {
                continue;
            };
            let (code, reason) = text.split_once(':').unwrap_or((text, ""));
            let (code, reason) = (code.trim(), reason.trim());
            let known = match find(code) {
                Ok(known) => known,
                Err(unknown) => {
                    remarks.push(errors::unknown_allow(comment.span, code, unknown));
                    continue;
                }
            };
            if known.severity == Severity::Error {
                remarks.push(errors::error_allowed(comment.span, known.number));
                continue;
            }
            if reason.is_empty() {
                remarks.push(errors::allow_without_reason(comment.span, known.number));
                continue;
            }
            let line = file.line_range(file.line_column(comment.span.start as usize).line);
            let before = file.text().get(line.start..comment.span.start as usize).unwrap_or("");
            let mut items = tree.tree.items.iter().map(crate::ast::Item::span);
            // Not the line but the declaration counts, so that layout changes nothing.
            let reach = if before.trim().is_empty() {
                items.find(|item| item.end > comment.span.end)
            } else {
                items.take_while(|item| item.start < comment.span.start).last()
            };
            let reach = reach.unwrap_or(comment.span);
            allows.push(Allow {
                code: known.number,
                reason: reason.to_owned(),
                reach,
                comment: comment.span,
                used: false,
            });
        }
    }
    allows
}
