//! The proof that nothing was lost.

use super::tokens;
use crate::ast;
use crate::source::Sources;
use crate::syntax;

/// What differs between a file and its printed form, if anything does.
pub(super) fn differs(sources: &Sources, tree: &ast::File, printed: &str) -> Option<&'static str> {
    let mut again = Sources::new();
    let file = again.add("", printed);
    let (new, found) = syntax::parse(&again, file);
    if !found.is_empty() {
        return Some("what can be read");
    }
    if meaning(&tree.items) != meaning(&new.items) {
        return Some("the declarations");
    }
    if words(sources, tree) != words(&again, &new) {
        return Some("the words");
    }
    if comments(tree) != comments(&new) {
        return Some("the comments");
    }
    None
}

/// Declarations with everything but their places.
fn meaning(items: &[ast::Item]) -> String {
    without_spans(&format!("{items:?}"))
}

/// Leaves out `Span { … }` wherever it does not stand in a quoted text.
fn without_spans(debug: &str) -> String {
    const SPAN: &str = "Span {";
    let mut kept = String::with_capacity(debug.len() / 2);
    let mut rest = debug;
    let mut quoted = false;
    while let Some(c) = rest.chars().next() {
        let mut length = c.len_utf8();
        match c {
            '"' => quoted = !quoted,
            '\\' if quoted => length += rest.get(length..).and_then(|r| r.chars().next()).map_or(0, char::len_utf8),
            'S' if !quoted && rest.starts_with(SPAN) => {
                rest = rest.split_once('}').map_or("", |(_, after)| after);
                continue;
            }
            _ => {}
        }
        let (head, tail) = rest.split_at_checked(length).unwrap_or((rest, ""));
        kept.push_str(head);
        rest = tail;
    }
    kept
}

/// All tokens; sorted, because clauses of a rule may have changed places, which the tree has the last word on.
fn words<'t>(sources: &'t Sources, tree: &'t ast::File) -> Vec<&'t str> {
    let mut words: Vec<&str> = tokens::tokens(sources, tree).0.iter().map(|t| t.text).collect();
    words.sort_unstable();
    words
}

/// All comments, likewise sorted, without blanks at their ends.
fn comments(tree: &ast::File) -> Vec<&str> {
    let mut comments: Vec<&str> = tree.comments.iter().map(|c| c.text.trim_end_matches([' ', '\t'])).collect();
    comments.sort_unstable();
    comments
}
