//! Diagnostics as plain data.
//!
//! In: what any stage found, with spans. Out: [`Diagnostic`] values that `report` prints.
//! Must not know: how a report is drawn.

use crate::limits;
use crate::source::Span;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// For information; never changes the exit status.
    Note,
    /// Worth an author's look; the library still runs.
    Warning,
    /// Nothing is recommended while it stands.
    Error,
}

impl Severity {
    /// The lower-case word for messages and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// One kind of finding: its number, name, severity and long explanation, all in one entry.
///
/// Entries are made by [`declare_code!`](crate::declare_code) in the `errors.rs` of the stage that reports them,
/// and listed in [`crate::codes`].
#[derive(Debug)]
pub struct Code {
    /// The stable number, such as `GL101`; never reused.
    pub number: &'static str,
    /// The name of the bad pattern in kebab case, such as `unknown-fact`.
    pub name: &'static str,
    /// The severity with which it is reported.
    pub severity: Severity,
    /// The heading of its explanation: one clause, lower case.
    pub title: &'static str,
    /// The explanation in Markdown: why it matters, a bad and a good example.
    pub docs: &'static str,
}

impl Code {
    /// The lines of the explanation; a doc comment has a blank after its slashes, which is no part of them.
    pub fn lines(&self) -> impl Iterator<Item = &'static str> {
        self.docs.lines().map(|line| line.strip_prefix(' ').unwrap_or(line))
    }
}

/// Declares one diagnostic code together with its explanation.
///
/// The doc comment becomes the text of `gl explain`: a first sentence, then `## Why it matters`, `## Bad` and `## Good`,
/// each example in a fence. Tests run the examples.
#[macro_export]
macro_rules! declare_code {
    ($(#[doc = $doc:literal])+ pub static $ident:ident = $number:literal $name:literal, $severity:ident, $title:literal;) => {
        #[doc = concat!("`", $number, "`: ", $title, ".")]
        pub static $ident: $crate::diagnostic::Code = $crate::diagnostic::Code {
            number: $number,
            name: $name,
            severity: $crate::diagnostic::Severity::$severity,
            title: $title,
            docs: concat!($($doc, "\n"),+),
        };
    };
}

/// A place that takes part in a finding, and its part in the story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The smallest text to blame.
    pub span: Span,
    /// What this place has to do with it; may be empty on the primary label.
    pub text: String,
    /// Whether this is the place to blame; exactly one label is.
    pub primary: bool,
}

/// Replaces the text under a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The text to replace; empty to insert.
    pub span: Span,
    /// What stands there afterwards.
    pub replacement: String,
}

/// Whether a change may be made without asking its author.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// It says what is there in the way of gl; nothing else can be meant.
    Sure,
    /// It may be what is meant: a name that is close, one reading of two, something left out.
    Guess,
}

/// A change that would mend the finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What the change does, in a few words.
    pub title: String,
    /// The edits; they do not overlap.
    pub edits: Vec<Edit>,
    /// Whether it may be made without asking.
    pub certainty: Certainty,
}

/// The text with edits that lie apart; nothing if one of them does not fit.
pub fn applied(text: &str, mut edits: Vec<Edit>) -> Option<String> {
    edits.sort_by_key(|edit| edit.span.start);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in &edits {
        let range = edit.span.range();
        out.push_str(text.get(at..range.start)?);
        out.push_str(&edit.replacement);
        at = range.end;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

/// What a finding about patients says besides its text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// A patient, as name and value for each recorded fact, by name; a set of which one member is recorded is `{motor: yes}`.
    pub witness: Option<Vec<(String, String)>>,
    /// The date of evaluation that the patient needs, if any.
    pub as_of: Option<String>,
    /// Whether a patient with fewer facts may do, since not all of them were looked at.
    pub perhaps_smaller: bool,
    /// The action spoken of.
    pub action: Option<String>,
    /// What clashes, such as `contradiction` or `deadline`.
    pub kind: Option<&'static str>,
    /// `open`, `overridden` or `reconciled`.
    pub status: Option<&'static str>,
    /// The rules or notes that take part, each with the statements it encodes.
    pub rules: Vec<(String, Vec<String>)>,
    /// Findings of one code and group are one matter to a reader: text shows one of them and names the others.
    pub group: Option<String>,
}

/// A finding: what is wrong, where, and what to write instead.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// The kind of finding.
    pub code: &'static Code,
    /// How much it matters here.
    pub severity: Severity,
    /// One clause, lower case, no full stop, no line break.
    pub message: String,
    /// Where; the first is the primary one.
    pub labels: Vec<Label>,
    /// What to write instead.
    pub help: Option<String>,
    /// Further sentences.
    pub notes: Vec<String>,
    /// Changes that would mend it; several are alternatives.
    pub fixes: Vec<Fix>,
    /// What there is to say of patients, rules and actions.
    pub about: Option<Box<About>>,
    /// Why its authors live with it, where they settled or allowed it; such a finding needs no work.
    pub accepted: Option<String>,
}

impl Diagnostic {
    /// A finding of `code` at `span`, with what the place has to do with it.
    pub fn new(code: &'static Code, message: impl Into<String>, span: Span, label: impl Into<String>) -> Self {
        Diagnostic {
            code,
            severity: code.severity,
            message: message.into(),
            labels: vec![Label {
                span,
                text: label.into(),
                primary: true,
            }],
            help: None,
            notes: Vec::new(),
            fixes: Vec::new(),
            about: None,
            accepted: None,
        }
    }

    /// A finding about no text at all, such as a folder without files.
    pub fn without_place(code: &'static Code, message: impl Into<String>) -> Self {
        Diagnostic {
            code,
            severity: code.severity,
            message: message.into(),
            labels: Vec::new(),
            help: None,
            notes: Vec::new(),
            fixes: Vec::new(),
            about: None,
            accepted: None,
        }
    }

    /// Adds a place that takes part.
    pub fn with_label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: text.into(),
            primary: false,
        });
        self
    }

    /// Says what to write instead.
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a sentence.
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Offers to replace the text under `span` by what may be meant.
    pub fn with_fix(self, title: impl Into<String>, span: Span, replacement: impl Into<String>) -> Self {
        let replacement = replacement.into();
        self.with_edits(title, vec![Edit { span, replacement }], Certainty::Guess)
    }

    /// Offers to replace the text under `span` by what cannot but be meant.
    pub fn with_sure_fix(self, title: impl Into<String>, span: Span, replacement: impl Into<String>) -> Self {
        let replacement = replacement.into();
        self.with_edits(title, vec![Edit { span, replacement }], Certainty::Sure)
    }

    /// Offers a change in several places.
    pub fn with_edits(mut self, title: impl Into<String>, edits: Vec<Edit>, certainty: Certainty) -> Self {
        let title = title.into();
        self.fixes.push(Fix { title, edits, certainty });
        self
    }

    /// The one change that may be made without asking, if there is one and no other.
    pub fn sure_fix(&self) -> Option<&Fix> {
        match self.fixes.as_slice() {
            [fix] if fix.certainty == Certainty::Sure => Some(fix),
            _ => None,
        }
    }

    /// Says which patients, rules and actions it is about.
    pub fn with_about(mut self, about: About) -> Self {
        self.about = Some(Box::new(about));
        self
    }

    /// Makes it a note for which nothing is to be done, with the sentence that says why.
    pub fn accept(mut self, why: impl Into<String>) -> Self {
        self.severity = Severity::Note;
        self.accepted = Some(why.into());
        self
    }

    /// All further sentences, the reason why it is accepted last.
    pub fn sentences(&self) -> impl Iterator<Item = &String> {
        self.notes.iter().chain(&self.accepted)
    }

    /// The place to blame, if the finding has one.
    pub fn primary(&self) -> Option<&Label> {
        self.labels.iter().find(|l| l.primary)
    }
}

declare_code! {
    /// A library has more findings than gl keeps.
    ///
    /// ## Why it matters
    /// The findings that are not kept may be errors, so nothing is evaluated. Mend the first ones and check again.
    ///
    /// ## Bad
    /// No example: it takes thousands of lines that are wrong, usually a file that is no `.gl` file at all; `gl limits` has the number.
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    pub static TOO_MANY_FINDINGS = "GL907" "too-many-findings", Error, "there are too many findings";
}

/// Findings as they come in, up to [`limits::FINDINGS_KEPT`]; one more makes an error that says so, and nothing is lost silently.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    kept: Vec<Diagnostic>,
    full: bool,
}

impl Findings {
    /// No findings.
    pub fn new() -> Self {
        Findings::default()
    }

    /// Adds a finding.
    pub fn push(&mut self, finding: Diagnostic) {
        if self.kept.len() < limits::FINDINGS_KEPT {
            self.kept.push(finding);
        } else if !self.full {
            self.full = true;
            let message = format!(
                "there are more than {} findings; the rest is not listed",
                limits::FINDINGS_KEPT
            );
            let more = match finding.primary() {
                Some(label) => Diagnostic::new(&TOO_MANY_FINDINGS, message, label.span, "from here on"),
                None => Diagnostic::without_place(&TOO_MANY_FINDINGS, message),
            };
            self.kept.push(more.with_help("mend the first ones and check again"));
        }
    }

    /// Whether further findings would not be kept.
    pub fn is_full(&self) -> bool {
        self.full
    }

    /// The findings.
    pub fn into_vec(self) -> Vec<Diagnostic> {
        self.kept
    }
}

impl Extend<Diagnostic> for Findings {
    fn extend<T: IntoIterator<Item = Diagnostic>>(&mut self, findings: T) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }
}

impl std::ops::Deref for Findings {
    type Target = [Diagnostic];
    fn deref(&self) -> &[Diagnostic] {
        &self.kept
    }
}

/// Sorts findings for the reader: by file, then by place, then by code.
pub fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by(|a, b| {
        let key = |d: &Diagnostic| (d.primary().map(|l| l.span), d.code.number);
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
}
