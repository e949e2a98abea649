//! Text in the one style of gl.
//!
//! In: a file and its tree. Out: the same declarations and comments, laid out anew.
//! Must not know: what names refer to; the model, the file system.
//!
//! A declaration is cut into clauses, each on a line of its own, and a clause into tokens. Nothing is printed from memory:
//! every token is the text that the author wrote, so that `>=` stays `>=`. What comes out is then read again and compared
//! with what went in.

mod layout;
mod lines;
mod same;
mod tokens;

use crate::ast::{self, Item};
use crate::source::Sources;
use crate::syntax;
use std::fmt;

use tokens::Remark;

/// The longest line that is written, in characters, where the text allows a break at all.
pub const WIDTH: usize = 120;

/// The indentation of a clause; a line that goes on has as much again.
const INDENT: usize = 2;

/// Why there is no formatted text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The file has errors, which [`syntax::parse`] reports: half-understood text is not moved about.
    Errors,
    /// What was printed does not read back to the same file: a bug in gl, with what differs.
    Bug(&'static str),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Errors => f.write_str("the file has errors"),
            Refusal::Bug(difference) => write!(
                f,
                "this is a bug in gl {}: formatting would change {difference}; please report it with the file",
                env!("CARGO_PKG_VERSION")
            ),
        }
    }
}

impl std::error::Error for Refusal {}

/// Lays out a file in the one style.
///
/// The result has the same tokens; only clauses after the last `then` of a rule may change places. Every comment stays:
/// one with a line of its own before the same clause or word, one at the end of a line after the same word.
///
/// # Errors
///
/// [`Refusal::Errors`] for a file that has errors, and [`Refusal::Bug`] if the result does not read back to the same tree,
/// tokens and comments.
///
/// # Example: a rule with a name
///
/// ```
/// let mut sources = gl::source::Sources::new();
/// let file = sources.add("fever.gl", "rule cool: when fever # or above 38.5\nthen review from S-1 cite S");
/// let (tree, _) = gl::syntax::parse(&sources, file);
/// assert_eq!(
///     gl::format::format(&sources, &tree)?,
///     "rule cool:\n  when fever  # or above 38.5\n  then review\n  cite S\n  from S-1\n"
/// );
/// # Ok::<(), gl::format::Refusal>(())
/// ```
pub fn format(sources: &Sources, tree: &ast::File) -> Result<String, Refusal> {
    let printed = print(sources, tree);
    match same::differs(sources, tree, &printed) {
        None => Ok(printed),
        Some(difference) => {
            let (_, found) = syntax::parse(sources, tree.id);
            Err(if found.is_empty() {
                Refusal::Bug(difference)
            } else {
                Refusal::Errors
            })
        }
    }
}

fn print(sources: &Sources, tree: &ast::File) -> String {
    let (tokens, last_remarks) = tokens::tokens(sources, tree);
    let mut page = Page::default();
    let mut rest = tokens.as_slice();
    for item in &tree.items {
        let end = item.span().range().end;
        let own;
        (own, rest) = rest
            .split_at_checked(rest.partition_point(|t| t.start < end))
            .unwrap_or((rest, &[]));
        let Some((first, last)) = own.first().zip(own.last()) else {
            continue;
        };
        page.push(
            &first.before,
            Some(Declaration {
                text: layout::declaration(item, own),
                stands_alone: matches!(item, Item::Guideline(_) | Item::Section(_)),
                line: first.line,
                column: first.column,
                last_line: last.line,
            }),
        );
    }
    page.push(&last_remarks, None);
    page.text
}

/// A declaration as printed, with the place where it stood.
struct Declaration {
    text: String,
    /// Blank lines around it, whatever its length.
    stands_alone: bool,
    line: usize,
    column: usize,
    last_line: usize,
}

impl Declaration {
    fn wants_room(&self) -> bool {
        self.stands_alone || self.text.contains('\n')
    }
}

/// Declarations and the comments between them.
#[derive(Default)]
struct Page {
    text: String,
    before: Option<Declaration>,
}

impl Page {
    /// Adds comments and the declaration after them.
    ///
    /// A blank line stays where the author had some. A declaration of several lines has one around it in any case; comments
    /// without a blank line under them belong to what follows. Comments that are indented under a declaration belong to it.
    fn push(&mut self, remarks: &[Remark<'_>], next: Option<Declaration>) {
        let mut line = self.before.as_ref().map_or(0, |d| d.last_line);
        let mut entries = Vec::new();
        let mut tail = self.before.as_ref().map(|d| d.column);
        let mut room_at = 0;
        for remark in remarks {
            let blank = remark.line > line + 1;
            tail = tail.filter(|column| !blank && remark.column > *column);
            entries.push((blank, tail.map_or(0, |_| INDENT), remark.text));
            room_at += usize::from(tail.is_some());
            line = remark.line;
        }
        if let Some(next) = &next {
            entries.push((next.line > line + 1, 0, &next.text));
        }
        let wants_room = |d: &Option<Declaration>| d.as_ref().is_some_and(Declaration::wants_room);
        let needs_room = self.before.is_some() && next.is_some() && (wants_room(&self.before) || wants_room(&next));
        if needs_room
            && !entries.iter().any(|(blank, ..)| *blank)
            && let Some((blank, ..)) = entries.get_mut(room_at)
        {
            *blank = true;
        }
        for (blank, indent, text) in entries {
            if blank && !self.text.is_empty() {
                self.text.push('\n');
            }
            self.text.extend(std::iter::repeat_n(' ', indent));
            self.text.push_str(text);
            self.text.push('\n');
        }
        self.before = next.or(self.before.take());
    }
}
