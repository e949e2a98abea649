//! Text becomes a tree.
//!
//! In: one file of [`Sources`]. Out: its [`ast::File`] and what is wrong with the text; parsing cannot fail.
//! Must not know: what names refer to, whether types fit, which other files exist. The only place that knows pest.

mod build;
pub mod errors;
mod expected;
mod hygiene;
mod order;
mod patched;
mod recover;
pub mod words;

use crate::ast;
use crate::diagnostic::{self, Diagnostic};
use crate::source::{FileId, Sources, Span};
use pest::Parser;

use build::Builder;
use grammar::{Gl, Node};
use patched::Patched;

/// What pest derives from the grammar file.
mod grammar {
    /// The parser.
    #[derive(pest_derive::Parser)]
    #[grammar = "../grammar/gl.pest"]
    pub(super) struct Gl;
    pub(super) use Rule as Node;
}

/// Reads one file.
///
/// Every declaration that can be read is in the tree, whatever its neighbours look like; a declaration with an obvious
/// slip is read as if the slip were mended, and the slip is reported. A file of which this reports an error must not be
/// evaluated.
///
/// # Example: a misspelt word
///
/// ```
/// let mut sources = gl::source::Sources::new();
/// let file = sources.add("fever.gl", "fact fever: yes/no\nwhne fever then review cite S");
/// let (tree, diagnostics) = gl::syntax::parse(&sources, file);
/// assert_eq!(tree.items.len(), 2);
/// assert_eq!(diagnostics[0].message, "`whne` is not a word of gl");
/// ```
pub fn parse(sources: &Sources, file: FileId) -> (ast::File, Vec<Diagnostic>) {
    let original = sources.get(file).map_or("", |f| f.text());
    let clean = hygiene::check(original, file);
    let mut diagnostics = clean.diagnostics;
    let items = if clean.readable {
        let patched = Patched::new(original, &clean.edits);
        let mut builder = Builder::new(file, original, &clean.comments, &patched);
        let items = items(&mut builder, &patched, &clean.unsure);
        diagnostics.extend(builder.diagnostics.into_vec());
        items
    } else {
        vec![ast::Item::Broken(Span::new(file, 0..original.len()))]
    };
    let mut diagnostics = diagnostics.into_vec();
    diagnostic::sort(&mut diagnostics);
    (
        ast::File {
            id: file,
            items,
            comments: clean.comments,
        },
        diagnostics,
    )
}

/// All words with a meaning of their own, for highlighting and completion; most of them may be names as well.
pub fn keywords() -> &'static [&'static str] {
    expected::KEYWORDS
}

/// The words that start a declaration.
pub fn item_words() -> &'static [&'static str] {
    expected::ITEM_WORDS
}

/// What may follow in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaited {
    /// The words with a meaning of their own, in alphabetical order.
    pub words: Vec<&'static str>,
    /// Whether a name, a value or the number of a statement fits.
    pub name: bool,
    /// Whether a unit fits.
    pub unit: bool,
}

/// What may follow the beginning of a declaration; nothing where that beginning cannot be read.
///
/// # Example: an effect
///
/// ```
/// let awaited = gl::syntax::awaited("when fever then avoid ").expect("it can be read");
/// assert!(awaited.name);
/// assert!(awaited.words.contains(&"urgent") && !awaited.words.contains(&"cite"));
/// ```
pub fn awaited(before: &str) -> Option<Awaited> {
    let expected = recover::awaited(before)?;
    Some(Awaited {
        words: expected.words(),
        name: expected.has_name(),
        unit: expected.has_unit(),
    })
}

fn items(builder: &mut Builder<'_>, patched: &Patched, unsure: &[usize]) -> Vec<ast::Item> {
    let text = patched.text();
    let Ok(pairs) = Gl::parse(Node::file, text) else {
        // The grammar takes any text; only a guard of the library could stop it.
        let whole = builder.span(0..text.len());
        builder.diagnostics.push(errors::unreadable(whole));
        return vec![ast::Item::Broken(whole)];
    };
    let mut items = Vec::new();
    let mut pairs = pairs.flat_map(|file| file.into_inner()).peekable();
    while let Some(pair) = pairs.next() {
        if builder.diagnostics.is_full() {
            items.push(ast::Item::Broken(builder.span(pair.as_span().start()..text.len())));
            break;
        }
        if pair.as_rule() == Node::broken {
            let mut range = pair.as_span().start()..pair.as_span().end();
            if let Some(next) = pairs.next_if(|next| order::is_torn(text, range.clone(), next.as_span().start())) {
                range.end = next.as_span().end();
            }
            recover::recover(builder, patched, range, unsure, &mut items);
        } else {
            items.extend(builder.item(pair));
        }
    }
    items
}
