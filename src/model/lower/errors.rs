//! The words of everything that the checker finds.
//!
//! In: what was found. Out: diagnostics.
//! Must not know: how it was found.

use crate::ast::{DateText, Name, Number, Quantity, Text, Unit as WrittenUnit};
use crate::declare_code;
use crate::diagnostic::{About, Certainty, Code, Diagnostic, Edit, Fix};
use crate::limits;
use crate::model::units::Unit;
use crate::source::Span;

/// The codes of this stage.
pub static CODES: &[&Code] = &[
    &UNDECLARED_FACT,
    &UNDECLARED_ACTION,
    &UNDECLARED_SOURCE,
    &UNDECLARED_SCALE,
    &UNDECLARED_RULE,
    &OTHER_KIND,
    &NOT_USED,
    &DUPLICATE_NAME,
    &REPEATED_VALUE,
    &SECOND_GUIDELINE,
    &CIRCLE_OF_DEFINITIONS,
    &CIRCLE_OF_ACTIONS,
    &CIRCLE_OF_USES,
    &UNREADABLE_FILE,
    &NOT_UTF8,
    &UNKNOWN_STATEMENT,
    &INVENTORY,
    &UNKNOWN_STATUS,
    &OVERRIDES_ITSELF,
    &PREFERRED_NOT_NAMED,
    &SECTION_WITHOUT_RULES,
    &NOT_A_CASE,
    &UNDECLARED_GUIDELINE,
    &READS_ITSELF,
    &RECONCILED_WITH_ITSELF,
    &OVERRIDES_ELSEWHERE,
    &SENSELESS_COMPARISON,
    &NOT_A_CONDITION,
    &UNKNOWN_VALUE,
    &MISSING_UNIT,
    &WRONG_DIMENSION,
    &UNKNOWN_UNIT,
    &INEXACT_UNIT,
    &NOT_A_VALUE,
    &BAD_COUNT,
    &NUMBER_TOO_LARGE,
    &BAD_RANGE,
    &SETTLED_COMPARISON,
    &NO_SUCH_DATE,
    &IMPOSSIBLE_COUNT,
    &DEFAULT_NO,
    &NOT_A_DATE_FACT,
    &DEFINITION_COMPARED,
    &ORDERS_DIFFER,
    &MODIFIER_TWICE,
    &BETWEEN_REVERSED,
    &OR_UNDER_AVOID,
    &ONLY_WHEN_UNDER_AVOID,
    &DEADLINE_CONTRADICTS_URGENCY,
    &CIRCLE_OF_GIVING_WAY,
    &ASSUMPTIONS_CONTRADICT,
    &MISSING_CITATION,
    &DANGLING_REFERENCE,
    &UNUSED,
    &HEADING_NEARLY_EXTENDS,
    &EMPTY_HEADING,
    &NO_VERSION,
    &REPEATED_CONDITION,
    &ASSUMPTION_TOO_LARGE,
    &TOO_MANY_FILES,
    &TOO_MUCH_GIVES_WAY,
];

/// Codes whose findings are one where they say the same of several places in a file.
pub(super) static MERGED: &[&Code] = &[
    &UNDECLARED_FACT,
    &UNDECLARED_ACTION,
    &UNDECLARED_SOURCE,
    &UNDECLARED_SCALE,
    &UNDECLARED_RULE,
    &UNDECLARED_GUIDELINE,
    &OTHER_KIND,
    &NOT_USED,
];

declare_code! {
    /// A condition names a fact or definition that no file declares.
    ///
    /// ## Why it matters
    /// A misspelt fact would be unknown for every patient, and the rule would never fire.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// when fevr then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    pub static UNDECLARED_FACT = "GL101" "undeclared-fact", Error, "a condition names a fact that is not declared";
}

declare_code! {
    /// Advice names an action that no file declares.
    ///
    /// ## Why it matters
    /// Two spellings of one action would be two actions: advice for the one would not meet advice against the other.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review, reveiw cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    pub static UNDECLARED_ACTION = "GL102" "undeclared-action", Error, "advice names an action that is not declared";
}

declare_code! {
    /// A citation names a source that this file does not declare.
    ///
    /// ## Why it matters
    /// Nothing is recommended without its source, and a reader must be able to find it.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S, T
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    pub static UNDECLARED_SOURCE = "GL103" "undeclared-source", Error, "a citation names a source that is not declared";
}

declare_code! {
    /// A grade of evidence names a scale that is not declared.
    ///
    /// ## Why it matters
    /// Grades mean something only on the scale of their document.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S evidence grade A
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// scale grade: A > B
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S evidence grade A
    /// ```
    pub static UNDECLARED_SCALE = "GL104" "undeclared-scale", Error, "a grade names a scale that is not declared";
}

declare_code! {
    /// `overrides` or `reconcile` names a rule that does not exist.
    ///
    /// ## Why it matters
    /// What was to give way would go on standing.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// rule hot: when fever then review cite S overrides cold
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact chills: yes/no
    /// action review
    /// source S "A source"
    /// rule cold: when chills then avoid review cite S
    /// rule hot: when fever then review cite S overrides cold
    /// ```
    pub static UNDECLARED_RULE = "GL105" "undeclared-rule", Error, "a rule is named that does not exist";
}

declare_code! {
    /// A name is declared, but as something of another kind than this place needs.
    ///
    /// ## Why it matters
    /// Facts are what is known of a patient, actions what may be done; a mix-up usually means that the wrong word was picked.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever and review then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    pub static OTHER_KIND = "GL106" "other-kind", Error, "a name stands for something of another kind";
}

declare_code! {
    /// A name is declared in another file, and this one does not say `use`, or the name is local to that file.
    ///
    /// ## Why it matters
    /// Each guideline says what it shares, so that a change in one file cannot silently change another.
    ///
    /// ## Bad
    /// ```gl file=vocabulary.gl
    /// fact fever: yes/no
    /// ```
    /// ```gl file=guideline.gl
    /// fact chills: yes/no
    /// action review
    /// source S "A source"
    /// when fever and chills then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl file=vocabulary.gl
    /// fact fever: yes/no
    /// ```
    /// ```gl file=guideline.gl
    /// use vocabulary
    /// fact chills: yes/no
    /// action review
    /// source S "A source"
    /// when fever and chills then review cite S
    /// ```
    pub static NOT_USED = "GL107" "not-used-file", Error, "a name is declared in a file that this one does not use";
}

declare_code! {
    /// Two declarations have the same name.
    ///
    /// ## Why it matters
    /// A reader could not tell which one a rule means.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    pub static DUPLICATE_NAME = "GL108" "duplicate-name", Error, "a name is declared twice";
}

declare_code! {
    /// A value, member, action, rule or statement stands in one list twice.
    ///
    /// ## Why it matters
    /// One of the two is probably meant to be another word.
    ///
    /// ## Bad
    /// ```gl
    /// fact pain: one of mild, mild
    /// action review
    /// source S "A source"
    /// when pain is mild then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact pain: one of mild, severe
    /// action review
    /// source S "A source"
    /// when pain is mild then review cite S
    /// ```
    pub static REPEATED_VALUE = "GL109" "repeated-value", Error, "a value stands in a list twice";
}

declare_code! {
    /// A file has two `guideline` headers.
    ///
    /// ## Why it matters
    /// One file is one document; rules would not know whose scope guards them.
    ///
    /// ## Bad
    /// ```gl
    /// guideline a "A" version "1"
    /// guideline b "B" version "1"
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// guideline a "A" version "1"
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    pub static SECOND_GUIDELINE = "GL110" "second-guideline", Error, "a file has two guideline headers";
}

declare_code! {
    /// Definitions define each other in a circle.
    ///
    /// ## Why it matters
    /// Such a condition says nothing: each half waits for the other.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// define ill: unwell or fever
    /// define unwell: ill
    /// when ill then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// define ill: fever
    /// when ill then review cite S
    /// ```
    pub static CIRCLE_OF_DEFINITIONS = "GL111" "circle-of-definitions", Error, "definitions define each other in a circle";
}

declare_code! {
    /// Actions are kinds of each other in a circle.
    ///
    /// ## Why it matters
    /// Advice against one would be advice against all of them, and the other way round.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action scan is imaging
    /// action imaging is scan
    /// source S "A source"
    /// when fever then scan cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action scan is imaging
    /// action imaging
    /// source S "A source"
    /// when fever then scan cite S
    /// ```
    pub static CIRCLE_OF_ACTIONS = "GL112" "circle-of-actions", Error, "actions are kinds of each other in a circle";
}

declare_code! {
    /// Files use each other in a circle.
    ///
    /// ## Why it matters
    /// What is shared belongs in a file of its own, which the others use.
    ///
    /// ## Bad
    /// ```gl file=a.gl
    /// use b
    /// fact fever: yes/no
    /// ```
    /// ```gl file=b.gl
    /// use a
    /// fact chills: yes/no
    /// ```
    ///
    /// ## Good
    /// ```gl file=a.gl
    /// fact fever: yes/no
    /// ```
    /// ```gl file=b.gl
    /// use a
    /// fact chills: yes/no
    /// ```
    pub static CIRCLE_OF_USES = "GL113" "circle-of-uses", Error, "files use each other in a circle";
}

declare_code! {
    /// A file that was named, or that another file uses, cannot be read.
    ///
    /// ## Why it matters
    /// Rules would be missing, and nobody would notice.
    ///
    /// ## Bad
    /// ```gl
    /// use vocabulary
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    pub static UNREADABLE_FILE = "GL114" "unreadable-file", Error, "a file cannot be read";
}

declare_code! {
    /// A file holds bytes that are not UTF-8 text.
    ///
    /// ## Why it matters
    /// Letters in names and labels could be read as others than the author wrote.
    ///
    /// ## Bad
    /// No example: this page is UTF-8 itself. A file saved as UTF-16 or Latin-1 is one.
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    pub static NOT_UTF8 = "GL115" "not-utf8", Error, "a file is not UTF-8 text";
}

declare_code! {
    /// `from` names a statement that the inventory of its document does not have.
    ///
    /// ## Why it matters
    /// The rule would claim to encode a sentence that does not exist, and the sentence it does encode would count as missing.
    ///
    /// ## Bad
    /// ```csv file=doc.csv
    /// id,section,item,kind,paraphrase,encode
    /// DOC-01,Treatment,1,recommendation,Look again when there is fever,yes
    /// ```
    /// ```gl file=guideline.gl
    /// source DOC "A document" statements "doc.csv"
    /// fact fever: yes/no
    /// action review
    /// when fever then review cite DOC from DOC-10
    /// ```
    ///
    /// ## Good
    /// ```csv file=doc.csv
    /// id,section,item,kind,paraphrase,encode
    /// DOC-01,Treatment,1,recommendation,Look again when there is fever,yes
    /// ```
    /// ```gl file=guideline.gl
    /// source DOC "A document" statements "doc.csv"
    /// fact fever: yes/no
    /// action review
    /// when fever then review cite DOC from DOC-01
    /// ```
    pub static UNKNOWN_STATEMENT = "GL116" "unknown-statement", Error, "a statement is not in the inventory";
}

declare_code! {
    /// The file that `statements` names cannot be read as an inventory.
    ///
    /// ## Why it matters
    /// Without it nobody can tell which sentences of the document are encoded.
    ///
    /// ## Bad
    /// ```gl
    /// source S "A source" statements "missing.csv"
    /// fact fever: yes/no
    /// action review
    /// when fever then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    pub static INVENTORY = "GL117" "inventory-unreadable", Error, "an inventory of statements cannot be read";
}

declare_code! {
    /// The status of a guideline is none of `draft`, `active`, `retired`.
    ///
    /// ## Why it matters
    /// A retired guideline is never evaluated; gl does not guess which was meant.
    ///
    /// ## Bad
    /// ```gl
    /// guideline a "A" version "1" status drafty
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// guideline a "A" version "1" status draft
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    pub static UNKNOWN_STATUS = "GL118" "unknown-status", Error, "a guideline has a status that does not exist";
}

declare_code! {
    /// A rule overrides itself.
    ///
    /// ## Why it matters
    /// It would never stand.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// rule hot: when fever then review cite S overrides hot
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// rule hot: when fever then review cite S
    /// ```
    pub static OVERRIDES_ITSELF = "GL120" "overrides-itself", Error, "a rule overrides itself";
}

declare_code! {
    /// `prefer` names a rule that the reconciliation does not.
    ///
    /// ## Why it matters
    /// It settles between the rules it names, and no others.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// rule one: when fever then review cite S
    /// rule two: when fever then avoid review cite S
    /// rule three: when fever then review cite S
    /// reconcile guideline.one with guideline.two prefer guideline.three because "of a slip"
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// rule one: when fever then review cite S
    /// rule two: when fever then avoid review cite S
    /// reconcile guideline.one with guideline.two prefer guideline.one because "it is safer"
    /// ```
    pub static PREFERRED_NOT_NAMED = "GL121" "preferred-not-reconciled", Error, "the preferred rule is not among the reconciled ones";
}

declare_code! {
    /// A section stands in a file that has neither a `guideline` header nor rules.
    ///
    /// ## Why it matters
    /// Its guard would guard nothing.
    ///
    /// ## Bad
    /// ```gl
    /// section "Assessment":
    /// fact fever: yes/no
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// section "Assessment":
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    pub static SECTION_WITHOUT_RULES = "GL122" "section-without-rules", Error, "a section stands in a file without rules";
}

declare_code! {
    /// A rule, an assumption or another part of a guideline stands in a `.cases.gl` file.
    ///
    /// ## Why it matters
    /// Evaluation does not read these files: the cases would be tested with rules that no patient ever meets.
    ///
    /// ## Bad
    /// ```gl file=fever.gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    /// ```gl file=fever.cases.gl
    /// rule more: always then review cite S
    /// case "fever alone is enough" given fever expect review
    /// ```
    ///
    /// ## Good
    /// ```gl file=fever.gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    /// ```gl file=fever.cases.gl
    /// case "fever alone is enough" given fever expect review
    /// ```
    pub static NOT_A_CASE = "GL123" "not-a-case", Error, "something other than cases stands among cases";
}

declare_code! {
    /// `reconcile` names a rule of a guideline that was not loaded.
    ///
    /// ## Why it matters
    /// A disagreement that seems to be settled would stay open.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// rule one: when fever then review cite S
    /// rule two: when fever then avoid review cite S
    /// reconcile feverish.one with guideline.two leave open because "the clinician decides"
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// rule one: when fever then review cite S
    /// rule two: when fever then avoid review cite S
    /// reconcile guideline.one with guideline.two leave open because "the clinician decides"
    /// ```
    pub static UNDECLARED_GUIDELINE = "GL124" "undeclared-guideline", Error, "a guideline is named that does not exist";
}

declare_code! {
    /// A source is a reference of itself, or two sources are references of each other.
    ///
    /// ## Why it matters
    /// `as DOC [n]` says where a source is listed; in a circle nobody could find the first one.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source" as T [1]
    /// source T "Another source" as S [1]
    /// when fever then review cite S, T
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source" as T [1]
    /// source T "Another source"
    /// when fever then review cite S
    /// ```
    pub static READS_ITSELF = "GL125" "source-in-a-circle", Error, "sources are references of each other in a circle";
}

declare_code! {
    /// `reconcile` names one rule twice.
    ///
    /// ## Why it matters
    /// A rule does not disagree with itself; the other one was probably meant.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// rule one: when fever then review cite S
    /// rule two: when fever then avoid review cite S
    /// reconcile one with one, two leave open because "the clinician decides"
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// rule one: when fever then review cite S
    /// rule two: when fever then avoid review cite S
    /// reconcile one with two leave open because "the clinician decides"
    /// ```
    pub static RECONCILED_WITH_ITSELF = "GL126" "reconciled-with-itself", Error, "a rule is reconciled with itself";
}

declare_code! {
    /// `overrides` names a rule of another guideline.
    ///
    /// ## Why it matters
    /// A document speaks for itself alone; between two documents somebody has to say why one of them gives way.
    ///
    /// ## Bad
    /// ```gl file=cold.gl
    /// fact chills: yes/no
    /// action review
    /// source S "A source"
    /// rule chilly: when chills then avoid review cite S
    /// ```
    /// ```gl file=fever.gl
    /// use cold
    /// fact fever: yes/no
    /// source T "Another source"
    /// rule hot: when fever then review cite T overrides chilly
    /// ```
    ///
    /// ## Good
    /// ```gl file=cold.gl
    /// fact chills: yes/no
    /// action review
    /// source S "A source"
    /// rule chilly: when chills then avoid review cite S
    /// ```
    /// ```gl file=fever.gl
    /// use cold
    /// fact fever: yes/no
    /// source T "Another source"
    /// rule hot: when fever then review cite T
    /// reconcile fever.hot with cold.chilly leave open because "the clinician decides"
    /// ```
    pub static OVERRIDES_ELSEWHERE = "GL127" "overrides-another-guideline", Error, "a rule overrides a rule of another guideline";
}

declare_code! {
    /// A fact is compared in a way that makes no sense for its type.
    ///
    /// ## Why it matters
    /// The comparison would never be settled, and the rule would never fire.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever at least 2 then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    pub static SENSELESS_COMPARISON = "GL130" "senseless-comparison", Error, "a comparison does not fit the type of its fact";
}

declare_code! {
    /// A fact that is not yes or no stands alone as a condition.
    ///
    /// ## Why it matters
    /// It says what to look at, but not what must be found.
    ///
    /// ## Bad
    /// ```gl
    /// fact pain: one of mild, severe
    /// action review
    /// source S "A source"
    /// when pain then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact pain: one of mild, severe
    /// action review
    /// source S "A source"
    /// when pain is severe then review cite S
    /// ```
    pub static NOT_A_CONDITION = "GL131" "not-a-condition", Error, "a fact alone is no condition";
}

declare_code! {
    /// A fact is compared with a value that it does not have, or a grade is not on its scale.
    ///
    /// ## Why it matters
    /// No patient would ever meet the condition.
    ///
    /// ## Bad
    /// ```gl
    /// fact pain: one of mild, severe
    /// action review
    /// source S "A source"
    /// when pain is sever then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact pain: one of mild, severe
    /// action review
    /// source S "A source"
    /// when pain is severe then review cite S
    /// ```
    pub static UNKNOWN_VALUE = "GL132" "unknown-value", Error, "a value does not belong to its fact";
}

declare_code! {
    /// A quantity is compared with a bare number.
    ///
    /// ## Why it matters
    /// Six days and six weeks are different patients.
    ///
    /// ## Bad
    /// ```gl
    /// fact duration: quantity in weeks
    /// action review
    /// source S "A source"
    /// when duration at least 6 then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact duration: quantity in weeks
    /// action review
    /// source S "A source"
    /// when duration at least 6 weeks then review cite S
    /// ```
    pub static MISSING_UNIT = "GL133" "quantity-without-unit", Error, "a quantity has no unit";
}

declare_code! {
    /// A quantity is given in a unit that measures something else.
    ///
    /// ## Why it matters
    /// Kilograms cannot be compared with weeks.
    ///
    /// ## Bad
    /// ```gl
    /// fact duration: quantity in weeks
    /// action review
    /// source S "A source"
    /// when duration at least 6 "kg" then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact duration: quantity in weeks
    /// action review
    /// source S "A source"
    /// when duration at least 6 weeks then review cite S
    /// ```
    pub static WRONG_DIMENSION = "GL134" "wrong-dimension", Error, "a unit measures something else";
}

declare_code! {
    /// A unit is neither a word for time nor a UCUM code.
    ///
    /// ## Why it matters
    /// A number without a known unit cannot be compared.
    ///
    /// ## Bad
    /// ```gl
    /// fact mass: quantity in "kilo"
    /// action review
    /// source S "A source"
    /// when mass over 50 "kg" then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact mass: quantity in "kg"
    /// action review
    /// source S "A source"
    /// when mass over 50 "kg" then review cite S
    /// ```
    pub static UNKNOWN_UNIT = "GL135" "unrecognized-unit", Error, "a unit is not known";
}

declare_code! {
    /// A quantity is given in a unit that has no exact decimal factor to that of its fact.
    ///
    /// ## Why it matters
    /// A rounded number may lie on the other side of a threshold.
    ///
    /// ## Bad
    /// ```gl
    /// fact temperature: quantity in "Cel"
    /// action review
    /// source S "A source"
    /// when temperature over 100 "[degF]" then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact temperature: quantity in "Cel"
    /// action review
    /// source S "A source"
    /// when temperature over 38 "Cel" then review cite S
    /// ```
    pub static INEXACT_UNIT = "GL136" "inexact-unit", Error, "a unit cannot be converted exactly";
}

declare_code! {
    /// A fact is compared with a value of another kind.
    ///
    /// ## Why it matters
    /// A quantity needs a number with its unit, an enumeration one of its values, a date a date.
    ///
    /// ## Bad
    /// ```gl
    /// fact duration: quantity in weeks
    /// action review
    /// source S "A source"
    /// when duration at least long then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact duration: quantity in weeks
    /// action review
    /// source S "A source"
    /// when duration at least 6 weeks then review cite S
    /// ```
    pub static NOT_A_VALUE = "GL137" "not-a-value", Error, "a value is of another kind than its fact";
}

declare_code! {
    /// A count has a fraction or a unit, or a place that takes a whole number has something else.
    ///
    /// ## Why it matters
    /// Nobody has two and a half failed treatments.
    ///
    /// ## Bad
    /// ```gl
    /// fact failed: count
    /// action review
    /// source S "A source"
    /// when failed at least 2.5 then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact failed: count
    /// action review
    /// source S "A source"
    /// when failed at least 2 then review cite S
    /// ```
    pub static BAD_COUNT = "GL138" "bad-count", Error, "a count is no whole number";
}

declare_code! {
    /// A number leaves the range of exact decimals or of the calendar.
    ///
    /// ## Why it matters
    /// Numbers are exact in gl; one that would have to be rounded is refused.
    ///
    /// ## Bad
    /// ```gl
    /// fact duration: quantity in weeks
    /// action review
    /// source S "A source"
    /// when duration at least 9999999 years then review within 99999 years cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact duration: quantity in weeks
    /// action review
    /// source S "A source"
    /// when duration at least 9 years then review within 9 years cite S
    /// ```
    pub static NUMBER_TOO_LARGE = "GL139" "number-too-large", Error, "a number is too large";
}

declare_code! {
    /// A range has its ends reversed, or stands on a fact that has none.
    ///
    /// ## Why it matters
    /// Every recorded value would be out of range.
    ///
    /// ## Bad
    /// ```gl
    /// fact age: quantity in years range 130 years..0 years
    /// action review
    /// source S "A source"
    /// when age over 50 years then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact age: quantity in years range 0 years..130 years
    /// action review
    /// source S "A source"
    /// when age over 50 years then review cite S
    /// ```
    pub static BAD_RANGE = "GL140" "bad-range", Error, "a range does not fit its fact";
}

declare_code! {
    /// A comparison has the same answer for every value that its fact can have.
    ///
    /// ## Why it matters
    /// The author probably meant another threshold.
    ///
    /// ## Bad
    /// ```gl
    /// fact age: quantity in years range 0 years..130 years
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when age over 500 years or fever then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact age: quantity in years range 0 years..130 years
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when age over 50 years or fever then review cite S
    /// ```
    pub static SETTLED_COMPARISON = "GL141" "settled-comparison", Warning, "a comparison has the same answer for every patient";
}

declare_code! {
    /// A date does not exist in the calendar.
    ///
    /// ## Why it matters
    /// The thirtieth of February would have to be guessed.
    ///
    /// ## Bad
    /// ```gl
    /// fact onset: date
    /// action review
    /// source S "A source"
    /// when onset over 2026-02-30 then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact onset: date
    /// action review
    /// source S "A source"
    /// when onset over 2026-02-28 then review cite S
    /// ```
    pub static NO_SUCH_DATE = "GL142" "no-such-date", Error, "a date does not exist";
}

declare_code! {
    /// `at least N of` asks for none, or for more conditions than the list has.
    ///
    /// ## Why it matters
    /// It would hold for everybody, or for nobody.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when at least 3 of (fever, not fever) then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// fact chills: yes/no
    /// when at least 2 of (fever, chills) then review cite S
    /// ```
    pub static IMPOSSIBLE_COUNT = "GL143" "impossible-count", Error, "`at least` asks for more conditions than there are";
}

declare_code! {
    /// `default no` stands on a fact that is neither yes or no nor a set.
    ///
    /// ## Why it matters
    /// Only these can be no when nobody recorded them.
    ///
    /// ## Bad
    /// ```gl
    /// fact duration: quantity in weeks default no
    /// action review
    /// source S "A source"
    /// when duration at least 6 weeks then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact duration: quantity in weeks
    /// action review
    /// source S "A source"
    /// when duration at least 6 weeks then review cite S
    /// ```
    pub static DEFAULT_NO = "GL144" "default-no-misplaced", Error, "`default no` stands on a fact that is not yes or no";
}

declare_code! {
    /// `time since` or `after` names a fact that is not a date.
    ///
    /// ## Why it matters
    /// Time is counted from a day; without one there is no deadline.
    ///
    /// ## Bad
    /// ```gl
    /// fact duration: quantity in weeks
    /// action review
    /// source S "A source"
    /// when duration at least 6 weeks then review within 3 months after duration cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact onset: date
    /// fact duration: time since onset
    /// action review
    /// source S "A source"
    /// when duration at least 6 weeks then review within 3 months after onset cite S
    /// ```
    pub static NOT_A_DATE_FACT = "GL145" "not-a-date-fact", Error, "a clock is not a date";
}

declare_code! {
    /// A definition is compared with a value.
    ///
    /// ## Why it matters
    /// A definition holds or does not; it has no values.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// define ill: fever
    /// when ill is yes then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// define ill: fever
    /// when ill then review cite S
    /// ```
    pub static DEFINITION_COMPARED = "GL146" "definition-compared", Error, "a definition is compared with a value";
}

declare_code! {
    /// `assume FACT at most FACT` names two facts that measure different things.
    ///
    /// ## Why it matters
    /// Neither can exceed the other.
    ///
    /// ## Bad
    /// ```gl
    /// fact age: quantity in years
    /// fact failed: count
    /// action review
    /// source S "A source"
    /// assume failed at most age
    /// when failed at least 2 and age over 50 years then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact age: quantity in years
    /// fact duration: quantity in weeks
    /// action review
    /// source S "A source"
    /// assume duration at most age
    /// when duration at least 2 weeks and age over 50 years then review cite S
    /// ```
    pub static ORDERS_DIFFER = "GL147" "orders-differ", Error, "two facts cannot be compared";
}

declare_code! {
    /// Advice has two deadlines, two starts, or another modifier twice.
    ///
    /// ## Why it matters
    /// Whoever reads the result could not tell which one binds.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review within 2 weeks within 3 months cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review within 2 weeks cite S
    /// ```
    pub static MODIFIER_TWICE = "GL148" "modifier-twice", Error, "advice has a modifier twice";
}

declare_code! {
    /// A window ends before it begins.
    ///
    /// ## Why it matters
    /// There would be no day on which to do it.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review between 6 and 4 weeks cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review between 4 and 6 weeks cite S
    /// ```
    pub static BETWEEN_REVERSED = "GL149" "between-reversed", Error, "a window ends before it begins";
}

declare_code! {
    /// Actions under `avoid` or `never` are joined with `or`.
    ///
    /// ## Why it matters
    /// English says "avoid a or b" and means both. gl has the comma for that, and no way to say that one of two must be
    /// avoided.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action a
    /// action b
    /// source S "A source"
    /// when fever then avoid a or b cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action a
    /// action b
    /// source S "A source"
    /// when fever then avoid a, b cite S
    /// ```
    pub static OR_UNDER_AVOID = "GL150" "or-under-avoid", Error, "`or` under `avoid` is ambiguous";
}

declare_code! {
    /// `only when` stands under `avoid` or `never`.
    ///
    /// ## Why it matters
    /// It is sugar for a recommendation and an avoidance; under an avoidance the second half would recommend what the author
    /// is against.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// fact chills: yes/no
    /// when chills then avoid review only when fever cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// fact chills: yes/no
    /// when chills then avoid review unless fever cite S
    /// ```
    pub static ONLY_WHEN_UNDER_AVOID = "GL151" "only-when-under-avoid", Error, "`only when` under `avoid` is ambiguous";
}

declare_code! {
    /// A deadline is longer than its urgency allows: a day for `immediate`, two weeks for `urgent`.
    ///
    /// ## Why it matters
    /// Whoever reads "urgent" acts at once; whoever reads "within three months" does not.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then urgent review within 3 months cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then urgent review within 2 weeks cite S
    /// ```
    pub static DEADLINE_CONTRADICTS_URGENCY = "GL201" "deadline-contradicts-urgency", Error, "a deadline contradicts the urgency";
}

declare_code! {
    /// Rules give way to each other in a circle.
    ///
    /// ## Why it matters
    /// None of them would stand, or all of them.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action a
    /// action b
    /// source S "A source"
    /// when fever then a instead of b cite S
    /// when fever then b instead of a cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action a
    /// action b
    /// source S "A source"
    /// when fever then a instead of b cite S
    /// when not fever then b instead of a cite S
    /// ```
    pub static CIRCLE_OF_GIVING_WAY = "GL202" "circle-of-giving-way", Error, "rules give way to each other in a circle";
}

declare_code! {
    /// Assumptions contradict each other on their face: what the left side says can then be true of nobody.
    ///
    /// ## Why it matters
    /// Every record of such a patient would be refused.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// fact chills: yes/no
    /// assume fever implies chills
    /// assume fever implies not chills
    /// when fever and chills then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// fact chills: yes/no
    /// assume fever implies chills
    /// when fever and chills then review cite S
    /// ```
    pub static ASSUMPTIONS_CONTRADICT = "GL203" "contradicting-assumptions", Error, "assumptions contradict each other";
}

declare_code! {
    /// A rule cites no source.
    ///
    /// ## Why it matters
    /// Nothing is recommended without its source.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// when not fever then avoid review
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    pub static MISSING_CITATION = "GL401" "missing-citation", Error, "a rule cites no source";
}

declare_code! {
    /// A reference number lies above the length of the document's reference list.
    ///
    /// ## Why it matters
    /// The document cites a source that it does not list; a reviewer cannot follow it.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source" lists 3
    /// when fever then review cite S [4]
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source" lists 3
    /// when fever then review cite S [3]
    /// ```
    pub static DANGLING_REFERENCE = "GL402" "dangling-reference", Warning, "a reference number is not in the list";
}

declare_code! {
    /// A guideline declares something that nothing in it mentions.
    ///
    /// ## Why it matters
    /// Often a rule was forgotten, or a name is misspelt where it should be used.
    ///
    /// ## Bad
    /// ```gl
    /// fact chills: yes/no
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    pub static UNUSED = "GL403" "unused-declaration", Warning, "a declaration is not used";
}

declare_code! {
    /// A heading is nearly, but not exactly, an earlier one or an extension of it; only `>` extends a heading.
    ///
    /// ## Why it matters
    /// It would lose the guard of that heading.
    ///
    /// ## Bad
    /// ```gl
    /// section "Treatment > Drugs":
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// section "Treatmnt > Exercise":
    /// when not fever then avoid review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// section "Treatment > Drugs":
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// section "Treatment > Exercise":
    /// when not fever then avoid review cite S
    /// ```
    pub static HEADING_NEARLY_EXTENDS = "GL404" "heading-nearly-extends", Warning, "a heading nearly extends an earlier one";
}

declare_code! {
    /// A heading has nothing before or after a `>`.
    ///
    /// ## Why it matters
    /// `>` separates a heading from what stands under it; guards belong to headings.
    ///
    /// ## Bad
    /// ```gl
    /// section "Treatment > ":
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// section "Treatment":
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    pub static EMPTY_HEADING = "GL405" "empty-heading", Error, "a part of a heading is empty";
}

declare_code! {
    /// A `guideline` header does not say which version it is.
    ///
    /// ## Why it matters
    /// A result names the version it came from; without one nobody can tell which text was asked.
    ///
    /// ## Bad
    /// ```gl
    /// guideline a "A"
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// guideline a "A" version "2026-01-15"
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    pub static NO_VERSION = "GL406" "guideline-without-version", Warning, "a guideline has no version";
}

declare_code! {
    /// A condition stands twice in a list, or among conditions that are joined.
    ///
    /// ## Why it matters
    /// Where so many of a list are asked for, it counts twice; elsewhere the second one says nothing. One of the two was probably meant
    /// to be another condition.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact chills: yes/no
    /// action review
    /// source S "A source"
    /// when at least 2 of (fever, chills, fever) then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact chills: yes/no
    /// fact night_sweats: yes/no
    /// action review
    /// source S "A source"
    /// when at least 2 of (fever, chills, night_sweats) then review cite S
    /// ```
    pub static REPEATED_CONDITION = "GL407" "repeated-condition", Warning, "a condition stands twice";
}

declare_code! {
    /// An assumption expands to more clauses than gl decides.
    ///
    /// ## Why it matters
    /// An assumption that gl cannot take into account would make impossible patients possible.
    ///
    /// ## Bad
    /// "Eight of fifteen" is 6,435 different sets of eight.
    ///
    /// ```gl
    /// fact signs: any of s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15
    /// fact ill: yes/no
    /// action review
    /// source S "A source"
    /// assume at least 8 of (signs includes s1, signs includes s2, signs includes s3, signs includes s4, signs includes s5,
    ///   signs includes s6, signs includes s7, signs includes s8, signs includes s9, signs includes s10,
    ///   signs includes s11, signs includes s12, signs includes s13, signs includes s14, signs includes s15) implies ill
    /// when ill then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact signs: any of fever, rash, weight_loss
    /// fact ill: yes/no
    /// action review
    /// source S "A source"
    /// assume at least 2 of (signs includes fever, signs includes rash, signs includes weight_loss) implies ill
    /// when ill then review cite S
    /// ```
    pub static ASSUMPTION_TOO_LARGE = "GL950" "assumption-too-large", Error, "an assumption is too large";
}

declare_code! {
    /// A library has more files than gl loads.
    ///
    /// ## Why it matters
    /// Rules in the files left out would be missing.
    ///
    /// ## Bad
    /// No example: it takes more files than a page can hold; `gl limits` has the number.
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "A source"
    /// when fever then review cite S
    /// ```
    pub static TOO_MANY_FILES = "GL951" "too-many-files", Error, "a library has too many files";
}

declare_code! {
    /// Rules give way to rules in more ways than gl keeps.
    ///
    /// ## Why it matters
    /// A rule that ought to give way would stand.
    ///
    /// ## Bad
    /// No example: it takes hundreds of rules with `instead of` one action, and hundreds of others that advise it; `gl limits` has the number.
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact pacemaker: yes/no
    /// action mri
    /// action ct
    /// source S "A source"
    /// rule image: when fever then mri cite S
    /// rule no_mri: when pacemaker then ct instead of mri cite S
    /// ```
    pub static TOO_MUCH_GIVES_WAY = "GL952" "too-much-gives-way", Error, "too many rules give way to each other";
}

fn meant(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!(", or did you mean `{near}`?"))
}

fn with_near(diagnostic: Diagnostic, span: Span, near: Option<&str>) -> Diagnostic {
    match near {
        Some(near) => diagnostic.with_fix(format!("change it to `{near}`"), span, near),
        None => diagnostic,
    }
}

/// Offers a declaration at its place, where no other name is near.
fn with_declaration(diagnostic: Diagnostic, declaration: &str, place: Option<Span>) -> Diagnostic {
    match place {
        Some(place) if diagnostic.fixes.is_empty() && !declaration.contains('…') => {
            diagnostic.with_fix(format!("declare it: `{declaration}`"), place, format!("\n{declaration}"))
        }
        _ => diagnostic,
    }
}

/// `ty` is the type that would fit where the name stands, `place` where a declaration would go.
pub(super) fn undeclared_fact(name: &Name, ty: &str, near: Option<&str>, place: Option<Span>) -> Diagnostic {
    let declaration = format!("fact {}: {ty}", name.text);
    let message = format!("fact `{}` is not declared", name.text);
    let finding = with_near(
        Diagnostic::new(&UNDECLARED_FACT, message, name.span, "no such fact or definition")
            .with_help(format!("declare it with `{declaration}`{}", meant(near))),
        name.span,
        near,
    );
    with_declaration(finding, &declaration, place)
}

/// `place` is where a declaration would go.
pub(super) fn undeclared_action(name: &Name, near: Option<&str>, place: Option<Span>) -> Diagnostic {
    let declaration = format!("action {}", name.text);
    let message = format!("action `{}` is not declared", name.text);
    let finding = with_near(
        Diagnostic::new(&UNDECLARED_ACTION, message, name.span, "no such action")
            .with_help(format!("declare it with `{declaration}`{}", meant(near))),
        name.span,
        near,
    );
    with_declaration(finding, &declaration, place)
}

/// `only` is the one source of the file.
pub(super) fn undeclared_source(name: &Name, near: Option<&str>, only: Option<&str>) -> Diagnostic {
    let message = format!("source `{}` is not declared in this file", name.text);
    let help = format!(
        "declare it with `source {} \"Title of the document\"`{}",
        name.text,
        meant(near)
    );
    let finding = with_near(
        Diagnostic::new(&UNDECLARED_SOURCE, message, name.span, "no such source").with_help(help),
        name.span,
        near,
    );
    match only {
        Some(only) => finding.with_fix(format!("cite `{only}`, the only source of this file"), name.span, only),
        None => finding,
    }
}

pub(super) fn undeclared_scale(name: &Name, near: Option<&str>) -> Diagnostic {
    let message = format!("scale `{}` is not declared", name.text);
    let help = format!(
        "declare it with `scale {}: A > B`, best grade first{}",
        name.text,
        meant(near)
    );
    with_near(
        Diagnostic::new(&UNDECLARED_SCALE, message, name.span, "no such scale").with_help(help),
        name.span,
        near,
    )
}

pub(super) fn undeclared_rule(span: Span, name: &str, near: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::new(&UNDECLARED_RULE, format!("there is no rule `{name}`"), span, "no such rule");
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "give the rule its name: `rule NAME: when …`".to_owned(),
    };
    with_near(diagnostic.with_help(help), span, near)
}

/// `wanted` is what the place needs, with its article.
pub(super) fn other_kind(name: &Name, found: &str, wanted: &str, declared: Span) -> Diagnostic {
    let article = if found.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    let message = format!("`{}` is {article} {found}, not {wanted}", name.text);
    let diagnostic = Diagnostic::new(&OTHER_KIND, message, name.span, format!("{wanted} belongs here"));
    let diagnostic = if declared == name.span {
        diagnostic
    } else {
        diagnostic.with_label(declared, "declared here")
    };
    diagnostic.with_help(match wanted {
        "a date fact" => "time is counted from a fact of the type `date`",
        "a source" => "`cite` names a document that this file declares with `source`",
        "a scale" => "`evidence` names a scale, and then a grade on it",
        _ => "conditions speak of facts and definitions, advice of actions",
    })
}

/// `place` is where `use` would be inserted, with its text; none where the file lies in another folder.
pub(super) fn not_reached(kind: &str, name: &Name, stem: &str, declared: Span, place: Option<(Span, String)>) -> Diagnostic {
    let message = format!(
        "{kind} `{}` is declared in `{stem}.gl`, which this file does not use",
        name.text
    );
    let diagnostic = Diagnostic::new(&NOT_USED, message, name.span, "not known here").with_label(declared, "declared here");
    match place {
        Some((span, text)) => diagnostic
            .with_help(format!("add `use {stem}` at the top of this file"))
            .with_sure_fix(format!("add `use {stem}`"), span, text),
        None => diagnostic.with_help("`use` reaches files in the same folder; move one of the two files"),
    }
}

pub(super) fn local_elsewhere(kind: &str, name: &Name, stem: &str, declared: Span) -> Diagnostic {
    let message = format!("{kind} `{}` belongs to the guideline in `{stem}.gl` alone", name.text);
    Diagnostic::new(&NOT_USED, message, name.span, "not known here")
        .with_label(declared, "declared here")
        .with_help(match kind {
            "scale" => "each document grades in its own way: declare the scale of this document in this file",
            _ => "two documents may mean different things by one word: define it in this file as this document means it",
        })
}

pub(super) fn source_elsewhere(name: &Name, stem: &str) -> Diagnostic {
    let message = format!("source `{}` is not declared in this file", name.text);
    Diagnostic::new(&UNDECLARED_SOURCE, message, name.span, "no such source").with_help(format!(
        "each file declares the documents that it cites: copy the declaration of `{}` from `{stem}.gl`",
        name.text
    ))
}

pub(super) fn undeclared_guideline(name: &Name, near: Option<&str>) -> Diagnostic {
    let message = format!("there is no guideline `{}`", name.text);
    let diagnostic = Diagnostic::new(&UNDECLARED_GUIDELINE, message, name.span, "no such guideline");
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "add `use` with the name of its file at the top of this file".to_owned(),
    };
    with_near(diagnostic.with_help(help), name.span, near)
}

pub(super) fn rule_without_guideline(span: Span, name: &str, full: &[&str]) -> Diagnostic {
    let message = format!("`{name}` does not say which guideline it belongs to");
    let diagnostic = Diagnostic::new(&UNDECLARED_RULE, message, span, "a rule of which guideline?");
    let listed: Vec<String> = full.iter().map(|name| format!("`{name}`")).collect();
    full.iter()
        .fold(diagnostic.with_help(format!("write {}", listed.join(" or "))), |d, full| {
            d.with_fix(format!("write `{full}`"), span, *full)
        })
}

pub(super) fn overrides_elsewhere(name: &Name, full_name: &str, declared: Span) -> Diagnostic {
    Diagnostic::new(
        &OVERRIDES_ELSEWHERE,
        format!("`{}` is a rule of another guideline", name.text),
        name.span,
        "not a rule of this guideline",
    )
    .with_label(declared, format!("`{full_name}`"))
    .with_help("between guidelines, write `reconcile … with … prefer … because \"…\"`")
}

pub(super) fn reconciled_with_itself(span: Span, name: &str, first: Span) -> Diagnostic {
    Diagnostic::new(
        &RECONCILED_WITH_ITSELF,
        format!("rule `{name}` is reconciled with itself"),
        span,
        "again",
    )
    .with_label(first, "first here")
    .with_help("name the rule that it disagrees with")
}

pub(super) fn not_a_case(what: &str, span: Span) -> Diagnostic {
    let article = if what.starts_with('a') { "an" } else { "a" };
    Diagnostic::new(
        &NOT_A_CASE,
        format!("{article} {what} stands in a file of cases"),
        span,
        "no patient would ever meet this",
    )
    .with_help("evaluation does not read `.cases.gl` files: move it to the guideline")
}

pub(super) fn no_version(name: &Name, place: Span) -> Diagnostic {
    Diagnostic::new(
        &NO_VERSION,
        format!("guideline `{}` has no version", name.text),
        name.span,
        "which version?",
    )
    .with_help("add, for example, `version \"2026-01-15\"`")
    .with_fix("add a version", place, " version \"1\"")
}

pub(super) fn empty_heading(span: Span, path: &[String]) -> Diagnostic {
    let finding = Diagnostic::new(&EMPTY_HEADING, "a part of this heading is empty", span, "nothing there")
        .with_help("write a heading, or headings with `>` between them");
    let parts: Vec<&str> = path.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    let right = format!("\"{}\"", parts.join(" > "));
    if parts.is_empty() || right.contains('\\') {
        finding
    } else {
        finding.with_fix(format!("write `{right}`"), span, right)
    }
}

/// `others` are the declarations of the sources that the circle goes through.
pub(super) fn reads_itself(document: &Name, source: &str, others: &[Span]) -> Diagnostic {
    let message = if others.is_empty() {
        format!("source `{source}` is listed in itself")
    } else {
        format!("source `{source}` is listed in a document that it lists itself")
    };
    let diagnostic = Diagnostic::new(&READS_ITSELF, message, document.span, "leads back here");
    others
        .iter()
        .fold(diagnostic, |d, span| d.with_label(*span, "by way of this"))
        .with_help("after `as` names the document whose reference list has this source")
}

pub(super) fn further_places(count: usize) -> String {
    let places = if count == 1 { "place" } else { "places" };
    format!("the same holds for {count} more {places} in this file")
}

/// A declaration of a name that has another declaration already, perhaps as something else, perhaps in another file.
pub(super) fn duplicate_value(kind: &str, first_kind: &str, name: &Name, first: Span, one_file: bool) -> Diagnostic {
    let (message, label) = if kind == first_kind {
        (
            format!("{kind} `{}` is declared twice", name.text),
            "first declared here".to_owned(),
        )
    } else {
        (
            format!("`{}` is the name of a {first_kind} already", name.text),
            format!("the {first_kind}"),
        )
    };
    let help = if one_file || kind != first_kind {
        "remove one of the two, or give it another name".to_owned()
    } else {
        format!("files that are loaded together share their {kind}s: declare it in one file, and let the other `use` it")
    };
    Diagnostic::new(&DUPLICATE_NAME, message, name.span, "declared again")
        .with_label(first, label)
        .with_help(help)
}

pub(super) fn duplicate(kind: &str, name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(
        &DUPLICATE_NAME,
        format!("{kind} `{name}` is declared twice"),
        span,
        "declared again",
    )
    .with_label(first, "first declared here")
    .with_help("remove one of the two, or give it another name")
}

pub(super) fn repeated_value(name: &Name, first: Span) -> Diagnostic {
    Diagnostic::new(
        &REPEATED_VALUE,
        format!("`{}` stands in this list twice", name.text),
        name.span,
        "again",
    )
    .with_label(first, "first here")
    .with_help("remove one of the two")
}

/// `counts` where so many of a list are asked for, and a condition that stands there twice counts twice.
pub(super) fn repeated_condition(span: Span, text: &str, first: Span, counts: bool) -> Diagnostic {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Diagnostic::new(
        &REPEATED_CONDITION,
        format!("`{text}` stands {} twice", if counts { "in this list" } else { "here" }),
        span,
        if counts { "counts once more" } else { "says nothing new" },
    )
    .with_label(first, "first here")
    .with_help("remove one of the two")
}

pub(super) fn second_guideline(span: Span, first: Option<Span>) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        &SECOND_GUIDELINE,
        "this file has two guideline headers",
        span,
        "a second guideline",
    );
    let diagnostic = match first {
        Some(first) => diagnostic.with_label(first, "the first"),
        None => diagnostic,
    };
    diagnostic.with_help("move one of them, with its rules, to a file of its own")
}

fn circle(code: &'static Code, message: String, members: &[(String, Span)], help: &str) -> Diagnostic {
    let mut members = members.iter();
    let Some((_, first)) = members.next() else {
        return Diagnostic::without_place(code, message);
    };
    let diagnostic = Diagnostic::new(code, message, *first, "the circle goes through here");
    members
        .fold(diagnostic, |d, (_, span)| d.with_label(*span, "and here"))
        .with_help(help)
}

fn listed(members: &[(String, Span)]) -> String {
    members
        .iter()
        .map(|(name, _)| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn owned(members: &[(&String, Span)]) -> Vec<(String, Span)> {
    members.iter().map(|(name, span)| ((*name).clone(), *span)).collect()
}

pub(super) fn circle_of_definitions(members: &[(&String, Span)]) -> Diagnostic {
    let members = owned(members);
    let message = match members.as_slice() {
        [(only, _)] => format!("definition `{only}` is defined by itself"),
        _ => format!("definitions {} are defined by each other", listed(&members)),
    };
    circle(
        &CIRCLE_OF_DEFINITIONS,
        message,
        &members,
        "say in one of them what it means in terms of facts",
    )
}

pub(super) fn circle_of_actions(members: &[(&String, Span)]) -> Diagnostic {
    let members = owned(members);
    let message = match members.as_slice() {
        [(only, _)] => format!("action `{only}` is a kind of itself"),
        _ => format!("actions {} are kinds of each other", listed(&members)),
    };
    circle(
        &CIRCLE_OF_ACTIONS,
        message,
        &members,
        "remove `is` from the most general of them",
    )
}

pub(crate) fn circle_of_uses(name: &Name) -> Diagnostic {
    Diagnostic::new(
        &CIRCLE_OF_USES,
        format!("`{}` leads back to this file", name.text),
        name.span,
        "a circle of `use`",
    )
    .with_help("move what both need to a file of its own, and let both use that")
}

pub(crate) fn unreadable(path: &str, reason: &str, wanted_by: Option<Span>) -> Diagnostic {
    let message = format!("`{path}` cannot be read: {}", reason.to_lowercase());
    match wanted_by {
        Some(span) => Diagnostic::new(&UNREADABLE_FILE, message, span, "this asks for it")
            .with_help("`use NAME` loads `NAME.gl` from the folder of this file"),
        None => Diagnostic::without_place(&UNREADABLE_FILE, message),
    }
}

pub(crate) fn not_utf8(span: Span) -> Diagnostic {
    Diagnostic::new(
        &NOT_UTF8,
        "this file is not UTF-8 text",
        span,
        "the first byte that cannot be read",
    )
    .with_help("save the file as UTF-8; text editors offer it under \"encoding\"")
}

pub(super) fn unknown_statement(name: &Name, near: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        &UNKNOWN_STATEMENT,
        format!("statement `{}` is not in the inventory", name.text),
        name.span,
        "no such statement",
    );
    let help = near.map_or("correct the id, or add the statement to the inventory".to_owned(), |n| {
        format!("did you mean `{n}`?")
    });
    with_near(diagnostic.with_help(help), name.span, near)
}

pub(crate) fn inventory_outside(file: &Text) -> Diagnostic {
    Diagnostic::new(
        &INVENTORY,
        "an inventory lies in the folder of its guideline or below",
        file.span,
        "leads elsewhere",
    )
    .with_help("write a path without `..`, such as `\"statements/doc.csv\"`")
}

pub(crate) fn inventory_unreadable(file: &Text, path: &str, reason: &str) -> Diagnostic {
    let reason = reason.lines().next().unwrap_or("");
    Diagnostic::new(
        &INVENTORY,
        format!("the inventory `{path}` cannot be read: {reason}"),
        file.span,
        "named here",
    )
    .with_help("a CSV file with the columns id, section, item, kind, paraphrase, encode")
}

pub(super) fn unknown_status(word: &Name) -> Diagnostic {
    let near = crate::suggest::closest(&word.text, ["draft", "active", "retired"]);
    let diagnostic = Diagnostic::new(
        &UNKNOWN_STATUS,
        format!("`{}` is no status", word.text),
        word.span,
        "not a status",
    );
    with_near(
        diagnostic.with_help(format!("write `draft`, `active` or `retired`{}", meant(near))),
        word.span,
        near,
    )
}

pub(super) fn overrides_itself(name: &Name) -> Diagnostic {
    Diagnostic::new(
        &OVERRIDES_ITSELF,
        format!("rule `{}` overrides itself", name.text),
        name.span,
        "this rule",
    )
    .with_help("name the rule that is to give way, or remove the clause")
}

pub(super) fn preferred_is_not_named(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &PREFERRED_NOT_NAMED,
        format!("`{name}` is not among the rules that are reconciled"),
        span,
        "not named before",
    )
    .with_help("prefer one of the rules after `reconcile` and `with`")
}

pub(super) fn section_without_rules(span: Span) -> Diagnostic {
    Diagnostic::new(
        &SECTION_WITHOUT_RULES,
        "this file has a section and no rules",
        span,
        "guards nothing",
    )
    .with_help("move the section to the guideline whose heading it is, or remove it")
}

pub(super) fn senseless_comparison(span: Span, word: &str, fact: &str, kind: &str, help: &str, declared: Span) -> Diagnostic {
    Diagnostic::new(
        &SENSELESS_COMPARISON,
        format!("`{fact}` is {kind}; `{word}` makes no sense for it"),
        span,
        "does not fit",
    )
    .with_label(declared, format!("declared as {kind}"))
    .with_help(help)
}

/// Offers to write `instead` over the whole comparison.
pub(super) fn with_replacement(diagnostic: Diagnostic, comparison: Span, instead: Option<String>) -> Diagnostic {
    match instead {
        Some(instead) => diagnostic.with_fix(format!("write `{instead}`"), comparison, instead),
        None => diagnostic,
    }
}

pub(super) fn not_a_condition(name: &Name, example: &str, declared: Span) -> Diagnostic {
    Diagnostic::new(
        &NOT_A_CONDITION,
        format!("`{}` by itself is no condition", name.text),
        name.span,
        "needs a comparison",
    )
    .with_label(declared, "declared here")
    .with_help(format!("compare it, for example `{example}`"))
}

pub(super) fn unknown_value(value: &Name, fact: &str, near: Option<&str>, known: &[&str], declared: Span) -> Diagnostic {
    let help = match near {
        Some(near) => format!("did you mean `{near}`? the values are {}", known.join(", ")),
        None => format!("the values are {}", known.join(", ")),
    };
    let diagnostic = Diagnostic::new(
        &UNKNOWN_VALUE,
        format!("`{fact}` has no value `{}`", value.text),
        value.span,
        "no such value",
    )
    .with_label(declared, "declared here")
    .with_help(help);
    with_near(diagnostic, value.span, near)
}

pub(super) fn unknown_grade(grade: &Name, scale: &str, near: Option<&str>, points: &[&str], declared: Span) -> Diagnostic {
    let known = format!("the grades are {}", points.join(" > "));
    let help = near.map_or(known.clone(), |near| format!("did you mean `{near}`? {known}"));
    let diagnostic = Diagnostic::new(
        &UNKNOWN_VALUE,
        format!("scale `{scale}` has no grade `{}`", grade.text),
        grade.span,
        "no such grade",
    )
    .with_label(declared, "declared here")
    .with_help(help);
    with_near(diagnostic, grade.span, near)
}

/// A unit as it is written after a number: `weeks`, `"kg"`.
fn after_number(unit: &Unit, number: &str) -> String {
    match unit {
        Unit::Time(time) if number == "1" => time.singular().to_owned(),
        Unit::Time(time) => time.plural().to_owned(),
        Unit::Ucum(code) => format!("\"{code}\""),
    }
}

/// `unit` is that of the declaration; none for a time since a date, which has no unit of its own.
pub(super) fn missing_unit(quantity: &Quantity, fact: &str, unit: Option<&Unit>, declared: Span) -> Diagnostic {
    let number = &quantity.number.text;
    let units: Vec<String> = match unit {
        Some(unit) => vec![after_number(unit, number)],
        None => ["days", "weeks", "months", "years"].map(str::to_owned).to_vec(),
    };
    let help = match (unit, units.as_slice()) {
        (Some(_), [unit]) => format!("write `{number} {unit}`, or another unit of the same kind"),
        _ => format!("compare `{fact}` with a duration: {number} days, {number} weeks, {number} months"),
    };
    let diagnostic = Diagnostic::new(&MISSING_UNIT, format!("`{number}` has no unit"), quantity.span, "of what?")
        .with_label(declared, "declared here")
        .with_help(help);
    units.iter().fold(diagnostic, |d, unit| {
        d.with_fix(format!("write `{number} {unit}`"), quantity.span, format!("{number} {unit}"))
    })
}

pub(super) fn duration_without_unit(quantity: &Quantity) -> Diagnostic {
    let number = &quantity.number.text;
    let diagnostic = Diagnostic::new(&MISSING_UNIT, format!("`{number}` has no unit"), quantity.span, "of what?")
        .with_help(format!("write `{number} days`, `{number} weeks` or `{number} months`"));
    ["days", "weeks", "months"].iter().fold(diagnostic, |d, unit| {
        d.with_fix(format!("write `{number} {unit}`"), quantity.span, format!("{number} {unit}"))
    })
}

fn measured(unit: &Unit) -> String {
    match unit {
        Unit::Time(time) => format!("a duration, in {}", time.plural()),
        Unit::Ucum(code) => format!("measured in \"{code}\""),
    }
}

/// `own` is the unit of the declaration; none for a time since a date, which has no unit of its own.
pub(super) fn wrong_dimension(
    quantity: &Quantity,
    unit: &WrittenUnit,
    fact: &str,
    declared_unit: &Unit,
    own: Option<&Unit>,
    declared: Span,
) -> Diagnostic {
    let number = &quantity.number.text;
    let message = format!(
        "`{fact}` is {}, which `{}` does not measure",
        measured(declared_unit),
        unit.text
    );
    let help = match declared_unit {
        Unit::Time(_) => "write minutes, hours, days, weeks, months or years".to_owned(),
        Unit::Ucum(code) => format!("write the value in \"{code}\", or in a unit of the same kind"),
    };
    let finding = Diagnostic::new(&WRONG_DIMENSION, message, unit.span, "measures something else")
        .with_label(declared, "declared here")
        .with_help(help);
    match own {
        Some(own) => {
            let right = format!("{number} {}", after_number(own, number));
            finding.with_fix(format!("write `{right}`"), quantity.span, right)
        }
        None => finding,
    }
}

pub(super) fn not_a_unit_of_time(unit: &WrittenUnit) -> Diagnostic {
    Diagnostic::new(
        &WRONG_DIMENSION,
        format!("`{}` does not measure time", unit.text),
        unit.span,
        "measures something else",
    )
    .with_help("write minutes, hours, days, weeks, months or years")
}

pub(super) fn unknown_unit(unit: &WrittenUnit) -> Diagnostic {
    let words = ["minutes", "hours", "days", "weeks", "months", "years"];
    let codes = COMMON_UNITS.iter().copied();
    let case = codes.clone().find(|code| code.eq_ignore_ascii_case(&unit.text));
    let near = case
        .or_else(|| crate::suggest::closest(&unit.text, words))
        .or_else(|| crate::suggest::closest(&unit.text, codes));
    let near = near.map(|near| {
        if words.contains(&near) {
            near.to_owned()
        } else {
            format!("\"{near}\"")
        }
    });
    let diagnostic = Diagnostic::new(
        &UNKNOWN_UNIT,
        format!("`{}` is not a unit", unit.text),
        unit.span,
        "not known",
    );
    let help = match near {
        Some(ref near) => format!("did you mean `{near}`?"),
        None => "a word for time, such as `weeks`, or a UCUM code in quotes, such as `\"kg\"` or `\"mmol/L\"`".to_owned(),
    };
    with_near(diagnostic.with_help(help), unit.span, near.as_deref())
}

/// Units that clinical documents use, for those that are nearly so.
const COMMON_UNITS: &[&str] = &[
    "kg", "g", "mg", "ug", "m", "cm", "mm", "L", "dL", "mL", "mol/L", "mmol/L", "umol/L", "g/L", "g/dL", "mg/L", "mg/dL", "ug/L",
    "kg/m2", "mm[Hg]", "/min", "%", "Cel", "[iU]/L", "U/L", "mmol/mol", "mL/min", "mg/kg", "mg/d", "kcal",
];

pub(super) fn inexact_unit(unit: &WrittenUnit, fact: &str, declared_unit: &Unit, declared: Span) -> Diagnostic {
    let message = format!(
        "`{}` cannot be converted exactly to \"{}\"",
        unit.text,
        declared_unit.written()
    );
    Diagnostic::new(&INEXACT_UNIT, message, unit.span, "would have to be rounded")
        .with_label(declared, format!("`{fact}` is kept in \"{}\"", declared_unit.written()))
        .with_help(format!("write the value in \"{}\"", declared_unit.written()))
}

pub(super) fn not_a_quantity(span: Span, found: &str, fact: &str, example: &str, declared: Span) -> Diagnostic {
    let finding = Diagnostic::new(
        &NOT_A_VALUE,
        format!("`{found}` is no quantity"),
        span,
        "a number with its unit belongs here",
    )
    .with_label(declared, format!("`{fact}` is declared here"))
    .with_help(format!("write, for example, `{example}`"));
    match crate::suggest::number_word(found) {
        Some(digits) => finding.with_fix(format!("write `{digits}`"), span, digits),
        None => finding,
    }
}

pub(super) fn not_a_value(span: Span, found: &str, fact: &str, example: &str, declared: Span) -> Diagnostic {
    Diagnostic::new(
        &NOT_A_VALUE,
        format!("`{found}` is no value of `{fact}`"),
        span,
        "one of its values belongs here",
    )
    .with_label(declared, "declared here")
    .with_help(format!("write, for example, `{example}`"))
}

pub(super) fn not_a_date(span: Span, found: &str, fact: &str, declared: Span) -> Diagnostic {
    Diagnostic::new(&NOT_A_VALUE, format!("`{found}` is no date"), span, "a date belongs here")
        .with_label(declared, format!("`{fact}` is a date"))
        .with_help("write the date as `2026-02-01`; for a time since it, declare a fact of the type `time since`")
}

pub(super) fn not_a_number(name: &Name, declared: Span) -> Diagnostic {
    Diagnostic::new(
        &NOT_A_VALUE,
        format!("`{}` is no amount", name.text),
        name.span,
        "cannot exceed anything",
    )
    .with_label(declared, "declared here")
    .with_help("compare quantities, counts, times or dates")
}

pub(super) fn not_a_whole_number(number: &Number) -> Diagnostic {
    Diagnostic::new(
        &BAD_COUNT,
        format!("`{}` is no whole number", number.text),
        number.span,
        "a whole number belongs here",
    )
    .with_help("write digits alone, such as `2`")
}

pub(super) fn unit_on_count(unit: &WrittenUnit, fact: &str, declared: Span) -> Diagnostic {
    Diagnostic::new(
        &BAD_COUNT,
        format!("`{fact}` is a count and has no unit"),
        unit.span,
        "not needed",
    )
    .with_label(declared, "declared here")
    .with_help("remove the unit, or declare the fact as `quantity in …`")
    .with_fix("remove the unit", unit.span, "")
}

pub(super) fn fraction_of_count(number: &Number, fact: &str, declared: Span) -> Diagnostic {
    Diagnostic::new(
        &BAD_COUNT,
        format!("`{fact}` is a count; `{}` is no whole number", number.text),
        number.span,
        "a whole number belongs here",
    )
    .with_label(declared, "declared here")
    .with_help("write digits alone, such as `2`")
}

pub(super) fn number_too_large(number: &Number) -> Diagnostic {
    Diagnostic::new(
        &NUMBER_TOO_LARGE,
        "this number is too large",
        number.span,
        "leaves the range of exact numbers",
    )
    .with_help("write a smaller number, or a larger unit")
}

pub(super) fn range_reversed(span: Span, low: &str, high: &str) -> Diagnostic {
    Diagnostic::new(&BAD_RANGE, "this range ends before it begins", span, "reversed")
        .with_help(format!("write `range {high}..{low}`"))
        .with_fix("turn it round", span, format!("{high}..{low}"))
}

pub(super) fn range_misplaced(span: Span, fact: &Name) -> Diagnostic {
    Diagnostic::new(
        &BAD_RANGE,
        format!("`{}` has no range", fact.text),
        span,
        "only amounts have one",
    )
    .with_help("remove the range, or declare the fact as a quantity or a count")
}

pub(super) fn settled_comparison(span: Span, text: &str, always: bool, why: &str, declared: Span) -> Diagnostic {
    let word = if always { "every" } else { "no" };
    Diagnostic::new(&SETTLED_COMPARISON, format!("`{text}` holds for {word} patient"), span, why)
        .with_label(declared, "declared here")
        .with_help("check what it is compared with")
}

/// Nothing lies beyond the last value of a scale: the value itself was probably meant.
pub(super) fn beyond_the_scale(finding: Diagnostic, op: Span, instead: &str) -> Diagnostic {
    finding.with_fix(format!("write `{instead}`"), op, instead)
}

pub(super) fn no_such_date(date: &DateText) -> Diagnostic {
    Diagnostic::new(
        &NO_SUCH_DATE,
        format!("there is no day `{}`", date.text),
        date.span,
        "not in the calendar",
    )
    .with_help("write year, month and day, such as `2026-02-01`")
}

pub(super) fn impossible_count(number: &Number, count: u32, parts: usize) -> Diagnostic {
    let (message, label) = if count == 0 {
        ("`at least 0 of` holds for every patient".to_owned(), "asks for nothing")
    } else {
        let message = format!("`at least {} of` has only {parts} conditions to choose from", number.text);
        (message, "more than there are")
    };
    let numbers = if parts == 1 {
        "write 1".to_owned()
    } else {
        format!("write a number from 1 to {parts}")
    };
    Diagnostic::new(&IMPOSSIBLE_COUNT, message, number.span, label).with_help(numbers)
}

pub(super) fn default_no_misplaced(span: Span, fact: &Name) -> Diagnostic {
    Diagnostic::new(
        &DEFAULT_NO,
        format!("`{}` cannot be no by default", fact.text),
        span,
        "only yes/no facts and sets can",
    )
    .with_help("remove `default no`")
    .with_fix("remove it", span, "")
}

pub(super) fn clock_is_no_date(name: &Name, date: Option<&str>, declared: Span) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        &NOT_A_DATE_FACT,
        format!("`{}` is no date", name.text),
        name.span,
        "time is counted from a date",
    )
    .with_label(declared, "declared here");
    match date {
        Some(date) => diagnostic
            .with_help(format!("count from `{date}`"))
            .with_fix(format!("write `{date}`"), name.span, date),
        None => diagnostic.with_help("name a fact of the type `date`"),
    }
}

pub(super) fn definition_compared(name: &Name, declared: Span) -> Diagnostic {
    Diagnostic::new(
        &DEFINITION_COMPARED,
        format!("definition `{}` has no values", name.text),
        name.span,
        "holds or does not",
    )
    .with_label(declared, "defined here")
    .with_help(format!("write `{0}` or `not {0}`", name.text))
}

pub(super) fn orders_differ(lesser: &Name, greater: &Name) -> Diagnostic {
    let message = format!("`{}` and `{}` measure different things", lesser.text, greater.text);
    Diagnostic::new(&ORDERS_DIFFER, message, lesser.span.to(greater.span), "cannot be compared")
        .with_help("compare two durations, two counts, or two quantities of the same unit")
}

pub(super) fn modifier_twice(word: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(
        &MODIFIER_TWICE,
        format!("`{word}` stands twice in this advice"),
        span,
        "again",
    )
    .with_label(first, "first here")
    .with_help("keep one of the two, or write a second `then`")
}

/// `exchanged` are the places of both times, each with the text of the other.
pub(super) fn between_reversed(span: Span, exchanged: [(Span, String); 2]) -> Diagnostic {
    let mut finding = Diagnostic::new(&BETWEEN_REVERSED, "this window ends before it begins", span, "reversed")
        .with_help("write the earlier time first");
    let edits = exchanged.map(|(span, replacement)| Edit { span, replacement });
    finding.fixes.push(Fix {
        title: "exchange the two".to_owned(),
        edits: edits.into(),
        certainty: Certainty::Guess,
    });
    finding
}

pub(super) fn between_and(word: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(
        &MODIFIER_TWICE,
        format!("`between` and `{word}` stand in one piece of advice"),
        span,
        "says when once more",
    )
    .with_label(first, "first here")
    .with_help("`between … and …` gives both the first and the last day: keep one of the two")
}

pub(super) fn deadline_before_start(within: Span, not_before: Span) -> Diagnostic {
    Diagnostic::new(&BETWEEN_REVERSED, "this window ends before it begins", within, "ends here")
        .with_label(not_before, "begins here")
        .with_help("there is no day on which to do it: correct one of the two")
}

pub(super) fn or_under_avoid(span: Span, word: &str, commas: &str) -> Diagnostic {
    Diagnostic::new(
        &OR_UNDER_AVOID,
        format!("`or` under `{word}` can be read in two ways"),
        span,
        "all of them, or one of them?",
    )
    .with_help(format!("to be against all of them, write `{commas}`"))
    .with_fix("be against all of them", span, commas)
}

/// `keywords` is the place of `only when`; with another exception beside it there is no simple way to write one.
pub(super) fn only_when_under_avoid(
    span: Span,
    keywords: Option<Span>,
    word: &str,
    condition: &str,
    has_exception: bool,
) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        &ONLY_WHEN_UNDER_AVOID,
        format!("`only when` under `{word}` can be read in two ways"),
        keywords.map_or(span, |keywords| keywords.to(span)),
        "against it when, or allowed when?",
    )
    .with_help(format!(
        "if it is allowed then, write `unless {condition}`; if it is to be avoided then, write a rule of its own with `when {condition}`"
    ));
    match keywords.filter(|_| !has_exception) {
        Some(keywords) => diagnostic.with_fix("allow it then", keywords, "unless"),
        None => diagnostic,
    }
}

pub(super) fn assumption_too_large(span: Span) -> Diagnostic {
    let most = limits::ASSUMPTION_CLAUSES;
    Diagnostic::new(
        &ASSUMPTION_TOO_LARGE,
        format!("this assumption needs more than {most} clauses"),
        span,
        "too large to be decided",
    )
    .with_help("split it into several assumptions")
}

pub(super) fn assumptions_too_large(number: &str, span: Span) -> Diagnostic {
    let most = limits::ASSUMPTION_CLAUSES;
    Diagnostic::new(
        &ASSUMPTION_TOO_LARGE,
        format!("what this assumption and others say of `{number}` needs more than {most} clauses"),
        span,
        "too much together to be decided",
    )
    .with_help(format!(
        "compare `{number}` with fewer numbers in assumptions, or say less of other facts beside it"
    ))
}

pub(crate) fn too_many_files(span: Option<Span>) -> Diagnostic {
    let message = format!("there are more than {} files", limits::FILES);
    match span {
        Some(span) => Diagnostic::new(&TOO_MANY_FILES, message, span, "one more"),
        None => Diagnostic::without_place(&TOO_MANY_FILES, message),
    }
}

pub(super) fn too_much_gives_way() -> Diagnostic {
    let message = format!("rules give way to each other in more than {} ways", limits::GIVES_WAY);
    Diagnostic::without_place(&TOO_MUCH_GIVES_WAY, message).with_help("use `instead of` in fewer rules, or for narrower actions")
}

pub(super) fn deadline_contradicts_urgency(span: Span, urgency: Span, word: &str, allowed: &str) -> Diagnostic {
    Diagnostic::new(
        &DEADLINE_CONTRADICTS_URGENCY,
        format!("`{word}` allows at most {allowed}"),
        span,
        "longer than that",
    )
    .with_label(urgency, format!("says `{word}`"))
    .with_help(format!("shorten the deadline, or leave `{word}` out"))
}

pub(super) fn start_contradicts_urgency(span: Span, urgency: Span, word: &str, allowed: &str) -> Diagnostic {
    Diagnostic::new(
        &DEADLINE_CONTRADICTS_URGENCY,
        format!("`{word}` allows at most {allowed}"),
        span,
        "begins later than that",
    )
    .with_label(urgency, format!("says `{word}`"))
    .with_help(format!("begin earlier, or leave `{word}` out"))
}

pub(super) fn circle_of_giving_way(members: &[(String, Span)]) -> Diagnostic {
    let message = match members {
        [(only, _)] => format!("rule `{only}` gives way to itself"),
        _ => format!("rules {} give way to each other in a circle", listed(members)),
    };
    let help = "remove one of `overrides`, `instead of` or `prefer`, or let the conditions exclude each other";
    circle(&CIRCLE_OF_GIVING_WAY, message, members, help)
}

pub(super) fn assumptions_contradict(first: Span, second: Span) -> Diagnostic {
    Diagnostic::new(
        &ASSUMPTIONS_CONTRADICT,
        "these assumptions contradict each other",
        first,
        "says one thing of the same patients",
    )
    .with_label(second, "says the opposite")
    .with_help("correct one of the two")
}

pub(super) fn assumption_contradicts_itself(span: Span) -> Diagnostic {
    Diagnostic::new(
        &ASSUMPTIONS_CONTRADICT,
        "this assumption contradicts itself",
        span,
        "its left side could hold for nobody",
    )
    .with_help("correct one of its sides; for two things that exclude each other write `assume at most one of (…)`")
}

pub(super) fn assumption_implies_too_many(span: Span, at_most_one: Span) -> Diagnostic {
    Diagnostic::new(
        &ASSUMPTIONS_CONTRADICT,
        "these assumptions contradict each other",
        span,
        "says that two of them hold",
    )
    .with_label(at_most_one, "says that at most one does")
    .with_help("correct one of the two")
}

pub(super) fn missing_citation(name: Span, rule: Span, own: &[&str]) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        &MISSING_CITATION,
        "this rule cites no source",
        name,
        "nothing is recommended without its source",
    );
    match own {
        [only] => diagnostic
            .with_help(format!("add `cite {only}` after the last `then`"))
            .with_fix(format!("cite {only}"), rule.after(), format!(" cite {only}")),
        [] => diagnostic.with_help("declare the document with `source ID \"Title\"`, and add `cite ID` after the last `then`"),
        many => many.iter().fold(
            diagnostic.with_help(format!("add `cite` with one of {} after the last `then`", many.join(", "))),
            |d, source| d.with_fix(format!("cite {source}"), rule.after(), format!(" cite {source}")),
        ),
    }
}

pub(super) fn dangling_reference(number: &Number, source: &str, lists: u32, declared: Span) -> Diagnostic {
    Diagnostic::new(
        &DANGLING_REFERENCE,
        format!("reference {} of `{source}` is not in its list", number.text),
        number.span,
        "dangling",
    )
    .with_label(declared, format!("lists {lists}"))
    .with_help("check the number; if the document itself prints it, leave it as it is")
    .with_about(About {
        group: Some(source.to_owned()),
        ..About::default()
    })
}

pub(super) fn unused(kind: &str, name: &Name, span: Span) -> Diagnostic {
    Diagnostic::new(
        &UNUSED,
        format!("{kind} `{}` is not used", name.text),
        name.span,
        "nothing mentions it",
    )
    .with_help("use it, or remove the declaration")
    .with_fix("remove the declaration", span, "")
}

pub(super) fn heading_nearly_extends(
    span: Span,
    heading: &str,
    other: &str,
    first: Span,
    fix: Option<(Span, String)>,
) -> Diagnostic {
    let finding = Diagnostic::new(
        &HEADING_NEARLY_EXTENDS,
        format!("heading \"{heading}\" is nearly \"{other}\""),
        span,
        "not under that heading",
    )
    .with_label(first, "its guard holds for this heading alone")
    .with_help("write both headings alike, or make them clearly different");
    match fix {
        Some((place, right)) => finding.with_fix(format!("write \"{other}\""), place, right),
        None => finding,
    }
}

pub(super) fn heading_with_other_separator(span: Span, heading: &str, other: &str, first: Span) -> Diagnostic {
    Diagnostic::new(
        &HEADING_NEARLY_EXTENDS,
        format!("heading \"{heading}\" does not stand under \"{other}\""),
        span,
        "not under that heading",
    )
    .with_label(first, "its guard does not hold for the other heading")
    .with_help(format!("if it does, write `>` between them: `section \"{other} > …\"`"))
}
