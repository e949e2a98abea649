//! The reviewers' page: a library that people can read, question and sign.
//!
//! In: a loaded library with its cases, findings and what changed. Out: [`view::Page`] as plain data, and one HTML page.
//! Must not know: how findings and changes are found, where the page goes.

mod anchors;
mod cases;
mod changes;
mod documents;
pub mod engine;
pub mod map;
mod settled;
mod terms;
mod together;
pub mod view;
mod words;

use super::changes::Versions;
use super::escape::one_line;
use crate::diagnostic::{Diagnostic, Severity};
use crate::load::Loaded;
use crate::model::{Citation, DefinitionId, FactId, Library, RuleId, Statement};
use crate::source::Span;
use crate::suite::{Case, CaseResult};
use crate::trace::Trace;
use crate::verify::diff::Diff;
use data_encoding::BASE64;
use minijinja::Environment;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use view::{Cite, Link, Page, StatementRef, Summary};
use words::Words;

/// What a page is made from; the library has no error of reading.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Input<'a> {
    pub loaded: &'a Loaded,
    /// Every case with what came of it.
    pub cases: &'a [(Case, CaseResult)],
    /// All findings, those that are accepted included.
    pub findings: &'a [Diagnostic],
    pub trace: &'a Trace,
    /// What changed since an older version.
    pub changes: Option<(Versions<'a>, &'a Diff)>,
}

/// Everything that stands on the page.
pub fn page(input: Input<'_>) -> Page {
    let cx = Cx::new(input);
    let (findings, accepted) = settled::findings(&cx);
    let trace = terms::trace(&cx);
    let cases = cases::groups(&cx);
    let documents = documents::documents(&cx);
    let count = |severity: Severity| {
        let open = input.findings.iter().filter(|f| f.accepted.is_none());
        open.filter(|f| f.severity == severity).count()
    };
    let summary = Summary {
        rules: cx.library.rules.len(),
        statements: input.trace.statements.len(),
        accounted: trace.iter().map(|source| source.accounted).sum(),
        untested: trace
            .iter()
            .flat_map(|source| &source.statements)
            .filter(|s| s.untested)
            .count(),
        passed: cases.iter().map(|group| group.passed).sum(),
        failed: cases.iter().map(|group| group.failed).sum(),
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        settled: accepted.len(),
    };
    let title = match documents.as_slice() {
        [only] => only.title.clone(),
        several => format!("{} clinical guidelines", several.len()),
    };
    Page {
        generator: format!("gl {}", env!("CARGO_PKG_VERSION")),
        title,
        summary,
        shared: terms::definitions(&cx, None),
        facts: terms::facts(&cx),
        actions: terms::actions(&cx),
        assumptions: terms::assumptions(&cx),
        sources: terms::sources(&cx),
        scales: terms::scales(&cx),
        together: together::together(&cx),
        findings,
        accepted,
        cases,
        trace,
        changes: changes::changes(&cx),
        documents,
    }
}

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// One page that needs nothing else.
///
/// `module`, the compiled engine compressed by gzip, lets readers fill in a patient. `template` replaces the one of gl. It gets
/// the fields of [`Page`], and `style`, `script` and `policy`: the content of the two elements, and a content security policy
/// that allows these and nothing else; `engine` is an [`engine::Embedded`], or none. The filter `sha256` makes the source of a
/// policy from a text, so that a template can allow its own.
///
/// # Errors
///
/// What is wrong with the template.
pub fn html(page: &Page, loaded: &Loaded, module: Option<&[u8]>, template: Option<&str>) -> Result<String, String> {
    #[derive(serde::Serialize)]
    struct Filled<'a> {
        #[serde(flatten)]
        page: &'a Page,
        style: &'static str,
        script: &'static str,
        policy: String,
        engine: Option<engine::Embedded>,
    }
    let engine = module.map(|module| engine::embedded(loaded, module)).transpose()?;
    let filled = Filled {
        page,
        style: STYLE,
        script: SCRIPT,
        policy: policy(engine.as_ref()).map_err(|error| format!("{error:#}"))?,
        engine,
    };
    let mut environment = Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    environment.add_filter("sha256", |text: String| digest(&text));
    // The ending of the name switches escaping on.
    let written = environment
        .template_from_named_str("page.html", template.unwrap_or(TEMPLATE))
        .and_then(|template| template.render(minijinja::value::Serde(filled)));
    written.map_err(|error| format!("{error:#}"))
}

/// What the browser is to allow: the style and the scripts of the page, by their digests. The engine is compiled by the browser,
/// and runs in a worker that the page makes from a text of its own.
fn policy(engine: Option<&engine::Embedded>) -> Result<String, minijinja::Error> {
    let engine = engine.map(|engine| digest(engine.script));
    let digests = minijinja::context! { style => digest(STYLE), script => digest(SCRIPT), engine };
    Environment::new().render_str(include_str!("policy.txt"), digests)
}

/// The source in a content security policy that allows exactly this text.
fn digest(text: &str) -> String {
    format!("'sha256-{}'", BASE64.encode(&Sha256::digest(text.as_bytes())))
}

/// The input, and what every part of the page looks up in it.
struct Cx<'a> {
    input: Input<'a>,
    loaded: &'a Loaded,
    library: &'a Library,
    words: Words<'a>,
    /// Statements of inventories by id, with their paraphrases.
    statements: BTreeMap<&'a str, &'a str>,
    rules: BTreeMap<&'a str, RuleId>,
    /// Rules that look at a fact, and definitions that do, without looking into other definitions.
    fact_users: BTreeMap<FactId, BTreeSet<Link>>,
    term_users: BTreeMap<DefinitionId, BTreeSet<Link>>,
}

impl<'a> Cx<'a> {
    fn new(input: Input<'a>) -> Self {
        let library = &input.loaded.library;
        let mut cx = Cx {
            input,
            loaded: input.loaded,
            library,
            words: Words::new(library),
            statements: library
                .inventory
                .iter()
                .map(|row| (row.id.as_str(), row.paraphrase.as_str()))
                .collect(),
            rules: (0..library.rules.len())
                .map(RuleId::from_index)
                .map(|id| (library.rule_name(id), id))
                .collect(),
            fact_users: BTreeMap::new(),
            term_users: BTreeMap::new(),
        };
        (cx.fact_users, cx.term_users) = terms::users(&cx);
        cx
    }

    /// Text of an author, on one line, with everything hidden in it made visible.
    fn text(&self, text: &str) -> String {
        one_line(text).into_owned()
    }

    fn place(&self, span: Span) -> String {
        let file = self.loaded.sources.get(span.file);
        file.map_or(String::new(), |file| {
            let line = file.line_column(span.start as usize).line;
            format!("{}:{line}", one_line(file.name()))
        })
    }

    fn rule_link(&self, id: RuleId) -> Link {
        Link {
            text: self.library.rule_name(id).to_owned(),
            link: anchors::rule(&self.library[id]),
        }
    }

    /// A rule by its name, as findings and traces have it.
    fn named_rule(&self, name: &str) -> Option<Link> {
        self.rules.get(name).map(|id| self.rule_link(*id))
    }

    fn statement_refs(&self, statements: &[Statement]) -> Vec<StatementRef> {
        let known = |id: &str| self.statements.get(id).map(|text| self.text(text));
        let all = statements.iter().map(|statement| StatementRef {
            id: self.text(&statement.id),
            link: known(&statement.id).map(|_| anchors::statement(&statement.id)),
            paraphrase: known(&statement.id),
        });
        all.collect()
    }

    fn cites(&self, cites: &[Citation]) -> Vec<Cite> {
        let all = cites.iter().map(|cite| Cite {
            title: words::named(&self.library[cite.source].title, &self.library[cite.source].name),
            link: anchors::source(self.library, cite.source),
            place: cite.place.as_deref().map(|place| self.text(place)),
            numbers: cite.numbers.clone(),
        });
        all.collect()
    }
}
