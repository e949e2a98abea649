//! The words of everything that is found about all patients at once.
//!
//! In: what was found. Out: diagnostics.
//! Must not know: how it was found.

use super::witness::Witness;
use super::{Piece, Verifier};
use crate::declare_code;
use crate::diagnostic::{About, Code, Diagnostic, Severity};
use crate::eval::DifferenceKind;
use crate::model::gives_way::deadline;
use crate::model::{
    ActionId, Clock, Deadline, DefinitionId, Direction, EffectId, Modality, NoteId, RuleId, SettlementDecision, SettlementId,
    Stance, Urgency,
};
use crate::source::Span;

/// The codes of this stage.
pub static CODES: &[&Code] = &[
    &CONTRADICTION,
    &HELD_BACK,
    &WINDOWS_APART,
    &POSSIBLE,
    &DEADLINES,
    &URGENCIES,
    &DURATIONS,
    &STRENGTHS,
    &EVIDENCES,
    &NARROWING,
    &TERMS,
    &PRECONDITIONS,
    &NEVER_FIRES,
    &ALWAYS_OVERRIDDEN,
    &COVERED,
    &IDLE_EXCEPTION,
    &IDLE_OVERRIDE,
    &STALE_SETTLEMENT,
    &IDLE_ASSUMPTION,
    &CONSTANT,
    &DEADLINE_PAST,
    &HIDDEN_EMERGENCY,
    &INCOMPLETE,
    &WEAKENED,
    &UNCOVERED_VALUE,
    &UNKNOWN_EMERGENCY,
    &NOBODY,
    &UNDECIDED,
];

declare_code! {
    /// For some patient one rule advises an action and another advises against it, and nobody has settled which one counts.
    ///
    /// ## Why it matters
    /// Whoever treats this patient gets two opposite instructions. The finding shows the patient with the fewest facts for whom both
    /// rules fire. Settle it with `overrides` within a document, or with `reconcile` between documents.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// source S "A source"
    /// rule hot: when fever then mri cite S
    /// rule spots: when rash then avoid mri cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// source S "A source"
    /// rule hot: when fever then mri cite S
    /// rule spots: when rash then avoid mri cite S overrides hot
    /// ```
    pub static CONTRADICTION = "GL701" "contradiction", Error, "rules contradict each other";
}

declare_code! {
    /// For some patient one rule calls for an action at once, and another is against it or makes it wait.
    ///
    /// ## Why it matters
    /// A setting, a waiting period or a general rule must never hold back what cannot wait. Let the general rule except emergencies
    /// by `unless`, or say with `overrides` or `reconcile … prefer` that the emergency comes first.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// source S "A source"
    /// rule hot: when fever then urgent mri within hours cite S
    /// rule spots: when rash then avoid mri cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// source S "A source"
    /// rule hot: when fever then urgent mri within hours cite S
    /// rule spots: when rash unless fever then avoid mri cite S
    /// ```
    pub static HELD_BACK = "GL702" "emergency-held-back", Error, "an emergency is held back";
}

declare_code! {
    /// For some patient one rule wants an action by a time at which another still makes it wait.
    ///
    /// ## Why it matters
    /// Both cannot be followed, and the patient waits for whichever is believed. Settle which one counts.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// source S "A source"
    /// fact onset: date
    /// rule early: when fever then mri within 2 weeks after onset cite S
    /// rule late: when rash then mri not before 6 weeks after onset cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// source S "A source"
    /// fact onset: date
    /// rule early: when fever then mri within 2 weeks after onset cite S
    /// rule late: when rash then mri not before 1 week after onset cite S
    /// ```
    pub static WINDOWS_APART = "GL703" "windows-apart", Error, "times do not meet";
}

declare_code! {
    /// Two opposite rules are both shown to some patient of whom too little is known, although never to one of whom everything is.
    ///
    /// ## Why it matters
    /// What makes one of them give way is not known yet, so both stand with an "unless". The facts that are asked for decide it.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// fact cold: yes/no
    /// fact wet: yes/no
    /// action mri
    /// source S "A source"
    /// rule hot: when fever and cold then mri cite S
    /// rule never_mri: when cold or wet then avoid mri cite S
    /// rule with_rash: when cold and rash then mri cite S overrides never_mri
    /// rule without_rash: when cold and not rash then mri cite S overrides never_mri
    /// ```
    ///
    /// ## Good
    /// Rules of which only one can hold for a patient.
    pub static POSSIBLE = "GL704" "possible-contradiction", Warning, "rules seem to contradict each other while too little is known";
}

declare_code! {
    /// Two rules advise the same action for some patient and give different deadlines.
    ///
    /// ## Why it matters
    /// The nearer one is the duty and is shown as such; readers should know that the other exists.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// source S "A source"
    /// rule hot: when fever then mri within 2 weeks cite S
    /// rule spots: when rash then mri within 6 weeks cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// source S "A source"
    /// rule hot: when fever then mri within 2 weeks cite S
    /// rule spots: when rash and not fever then mri within 6 weeks cite S
    /// ```
    pub static DEADLINES = "GL711" "different-deadlines", Warning, "rules set different deadlines";
}

declare_code! {
    /// Two rules advise the same action for some patient, one more urgently than the other.
    ///
    /// ## Why it matters
    /// The more urgent one is the duty; readers should know that the documents differ.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// source S "A source"
    /// rule hot: when fever then urgent mri cite S
    /// rule spots: when rash then routine mri cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// source S "A source"
    /// rule hot: when fever then urgent mri cite S
    /// rule spots: when rash and not fever then routine mri cite S
    /// ```
    pub static URGENCIES = "GL712" "different-urgencies", Warning, "rules differ in urgency";
}

declare_code! {
    /// Two rules advise the same action for some patient, for different lengths of time.
    ///
    /// ## Why it matters
    /// Nobody can tell when to stop. Say which one counts for whom.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// source S "A source"
    /// rule hot: when fever then mri for 6 weeks cite S
    /// rule spots: when rash then mri for 3 weeks cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// source S "A source"
    /// rule hot: when fever then mri for 6 weeks cite S
    /// rule spots: when rash and not fever then mri for 3 weeks cite S
    /// ```
    pub static DURATIONS = "GL713" "different-durations", Warning, "rules differ in how long";
}

declare_code! {
    /// Two rules say the same of an action for some patient, one more strongly than the other.
    ///
    /// ## Why it matters
    /// The stronger one is shown first. Within one document this is often a threshold that two rules share by mistake.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// source S "A source"
    /// rule hot: when fever then mri cite S
    /// rule spots: when rash then consider mri cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// source S "A source"
    /// rule hot: when fever then mri cite S
    /// rule spots: when rash and not fever then consider mri cite S
    /// ```
    pub static STRENGTHS = "GL714" "different-strengths", Warning, "rules differ in strength";
}

declare_code! {
    /// Two rules advise the same action for some patient and grade its evidence differently, or a note's evidence points the other way.
    ///
    /// ## Why it matters
    /// A reader who sees only one of them is misled about how sure the advice is.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action mri
    /// source S "A source"
    /// rule hot: when fever then mri cite S
    /// note "It did not help" against mri cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action mri
    /// source S "A source"
    /// rule hot: when fever then mri cite S
    /// note "It helped" for mri cite S
    /// ```
    pub static EVIDENCES = "GL715" "different-evidence", Warning, "evidence differs";
}

declare_code! {
    /// One rule advises an action, and another is against a kind of it, or against one of several alternatives.
    ///
    /// ## Why it matters
    /// Both can be followed, but fewer ways are left. Where the advice is urgent, make sure that one is.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action imaging
    /// action mri is imaging
    /// source S "A source"
    /// rule hot: when fever then imaging cite S
    /// rule spots: when rash then avoid mri cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action imaging
    /// action mri is imaging
    /// source S "A source"
    /// rule hot: when fever then imaging cite S
    /// rule spots: when rash and not fever then avoid mri cite S
    /// ```
    pub static NARROWING = "GL716" "narrowing", Warning, "a kind of what is advised is advised against";
}

declare_code! {
    /// Two guidelines define the same name, and some patient meets one definition and not the other.
    ///
    /// ## Why it matters
    /// Readers of both documents take the words for the same thing. The findings about their rules may come from this alone.
    ///
    /// ## Bad
    /// See the reference: it takes two documents to show.
    ///
    /// ## Good
    /// Rules of which only one can hold for a patient.
    pub static TERMS = "GL717" "different-meanings", Warning, "documents define one term differently";
}

declare_code! {
    /// Two documents advise the same action with the same strength, and one demands more before it does.
    ///
    /// ## Why it matters
    /// A patient gets from one document what another would not give yet. The finding shows a patient for whom only one advises it.
    ///
    /// ## Bad
    /// See the reference: it takes two documents to show.
    ///
    /// ## Good
    /// Rules of which only one can hold for a patient.
    pub static PRECONDITIONS = "GL718" "different-preconditions", Warning, "one document demands what another omits";
}

declare_code! {
    /// No patient meets the conditions of the rule, those of its scope, section and exceptions included.
    ///
    /// ## Why it matters
    /// The advice is never given to anybody. Usually a threshold, a `not` or a section is wrong.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years
    /// action mri
    /// source S "A source"
    /// rule hot: when fever and age over 50 years and age under 40 years then mri cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact age: quantity in years
    /// action mri
    /// source S "A source"
    /// rule hot: when fever and age over 40 years and age under 50 years then mri cite S
    /// ```
    pub static NEVER_FIRES = "GL721" "never-fires", Warning, "a rule can never fire";
}

declare_code! {
    /// Whenever the rule fires, another one makes it give way.
    ///
    /// ## Why it matters
    /// The advice is never given to anybody, although its conditions can be met.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// action ct
    /// source S "A source"
    /// rule hot: when fever and rash then mri cite S
    /// rule spots: when rash then ct, mri with "contrast" cite S overrides hot
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// action ct
    /// source S "A source"
    /// rule hot: when fever then mri cite S
    /// rule spots: when rash then ct instead of mri cite S
    /// ```
    pub static ALWAYS_OVERRIDDEN = "GL722" "always-overridden", Warning, "a rule always gives way";
}

declare_code! {
    /// Whenever the rule fires, another rule of the same guideline gives the same advice.
    ///
    /// ## Why it matters
    /// Two copies of one rule drift apart when only one of them is corrected. Name both statements in one rule.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// source S "A source"
    /// rule hot: when fever then mri cite S
    /// rule spots: when fever and rash then mri cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// source S "A source"
    /// rule hot: when fever or rash then mri cite S
    /// ```
    pub static COVERED = "GL723" "covered", Warning, "a rule adds nothing to another";
}

declare_code! {
    /// No patient meets both the rule's condition and its `unless`.
    ///
    /// ## Why it matters
    /// The author wanted to protect somebody, and does not. Usually the exception names the wrong fact or the wrong side of a threshold.
    ///
    /// ## Bad
    /// ```gl
    /// fact age: quantity in years
    /// action mri
    /// source S "A source"
    /// rule hot: when age over 50 years unless age under 40 years then mri cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact age: quantity in years
    /// action mri
    /// source S "A source"
    /// rule hot: when age over 50 years unless age over 80 years then mri cite S
    /// ```
    pub static IDLE_EXCEPTION = "GL724" "idle-exception", Warning, "an exception excepts nobody";
}

declare_code! {
    /// No patient meets the conditions of both rules, or the rules have no action in common, so the override never matters.
    ///
    /// ## Why it matters
    /// The author wanted one rule to win, and it never meets the other.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// source S "A source"
    /// rule hot: when fever then mri cite S
    /// rule spots: when rash and not fever then avoid mri cite S overrides hot
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// source S "A source"
    /// rule hot: when fever then mri cite S
    /// rule spots: when rash then avoid mri cite S overrides hot
    /// ```
    pub static IDLE_OVERRIDE = "GL725" "idle-override", Warning, "an override overrides nothing";
}

declare_code! {
    /// The reconciled rules never disagree.
    ///
    /// ## Why it matters
    /// Either a rule has changed since it was settled, and the settlement should go, or it names the wrong rules and a disagreement is left.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// source S "A source"
    /// rule hot: when fever then mri cite S
    /// rule spots: when rash then mri cite S
    /// reconcile hot with spots leave open because "the clinician decides"
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// source S "A source"
    /// rule hot: when fever then mri cite S
    /// rule spots: when rash then avoid mri cite S
    /// reconcile hot with spots prefer spots because "it is safer"
    /// ```
    pub static STALE_SETTLEMENT = "GL726" "stale-settlement", Warning, "a settlement settles nothing";
}

declare_code! {
    /// The assumption holds for every patient anyway.
    ///
    /// ## Why it matters
    /// The author meant to rule something out, and nothing is ruled out.
    ///
    /// ## Bad
    /// ```gl
    /// fact age: quantity in years
    /// action mri
    /// source S "A source"
    /// assume age over 50 years implies age over 40 years
    /// rule old: when age over 50 years then mri cite S
    /// rule young: when age at most 40 years then avoid mri cite S
    /// ```
    ///
    /// ## Good
    /// Rules of which only one can hold for a patient.
    pub static IDLE_ASSUMPTION = "GL727" "idle-assumption", Warning, "an assumption says nothing";
}

declare_code! {
    /// Every patient meets the definition, or none does.
    ///
    /// ## Why it matters
    /// Rules that use it do not ask what they seem to ask.
    ///
    /// ## Bad
    /// ```gl
    /// fact age: quantity in years
    /// action mri
    /// source S "A source"
    /// define middle: age over 50 years and age under 40 years
    /// rule hot: when middle or age over 80 years then mri cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact age: quantity in years
    /// action mri
    /// source S "A source"
    /// define middle: age over 40 years and age under 50 years
    /// rule hot: when middle or age over 80 years then mri cite S
    /// ```
    pub static CONSTANT = "GL728" "constant-definition", Warning, "a definition holds for everybody or for nobody";
}

declare_code! {
    /// Whenever the rule fires, the time it allows is over.
    ///
    /// ## Why it matters
    /// The duty can never be met in time. Usually the clock or the unit is wrong.
    ///
    /// ## Bad
    /// ```gl
    /// fact onset: date
    /// fact since_onset: time since onset
    /// action mri
    /// source S "A source"
    /// rule late: when since_onset over 6 weeks then mri within 2 weeks after onset cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact onset: date
    /// fact since_onset: time since onset
    /// action mri
    /// source S "A source"
    /// rule late: when since_onset over 6 weeks then mri within 12 weeks after onset cite S
    /// ```
    pub static DEADLINE_PAST = "GL729" "deadline-past", Warning, "a deadline has always passed";
}

declare_code! {
    /// For some patient an emergency gives way, or its exception holds, and nothing urgent takes its place.
    ///
    /// ## Why it matters
    /// The most dangerous thing that a guideline can do is to say nothing about an emergency. If it is meant, say why in `because`.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// source S "A source"
    /// action watch
    /// rule hot: when fever unless rash then urgent mri within hours cite S
    /// rule spots: when rash then watch cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// source S "A source"
    /// action watch
    /// rule hot: when fever unless rash then urgent mri within hours cite S because "with a rash the cause is known"
    /// rule spots: when rash then watch cite S
    /// ```
    pub static HIDDEN_EMERGENCY = "GL731" "hidden-emergency", Error, "an emergency can disappear";
}

declare_code! {
    /// The guideline claims that every such patient gets advice, and some patient gets none.
    ///
    /// ## Why it matters
    /// Readers rely on the claim, and this patient is forgotten.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// source S "A source"
    /// rule hot: when fever then mri cite S
    /// complete "Everybody with a fever or a rash is advised" over fever or rash for mri
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// source S "A source"
    /// rule hot: when fever then mri cite S
    /// rule spots: when rash then avoid mri cite S overrides hot
    /// complete "Everybody with a fever or a rash is advised" over fever or rash for mri
    /// ```
    pub static INCOMPLETE = "GL732" "false-completeness", Error, "a claim of completeness is false";
}

declare_code! {
    /// The rule says never or at once, and stands in a section whose condition some patients do not meet although they meet the rule's own.
    ///
    /// ## Why it matters
    /// A prohibition that was written for everybody may hold for some only, because of the heading it stands under. If the document
    /// means it so, say it in `because`.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// source S "A source"
    /// guideline one version "1"
    /// section "Fever" when fever:
    /// rule spots: when rash then never mri cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact rash: yes/no
    /// action mri
    /// source S "A source"
    /// guideline one version "1"
    /// section "Fever" when fever:
    /// rule spots: when rash then never mri cite S because "the document speaks of feverish patients only"
    /// ```
    pub static WEAKENED = "GL733" "weakened-by-section", Warning, "a section weakens a prohibition or an immediate duty";
}

declare_code! {
    /// A rule tests every value of a fact but some, and for those no rule of the guideline is left to fire on account of it.
    ///
    /// ## Why it matters
    /// A grade was forgotten: patients who have it get no advice, and nobody notices.
    ///
    /// ## Bad
    /// ```gl
    /// fact severity: one of mild < moderate < severe
    /// action mri
    /// action rest
    /// source S "A source"
    /// rule low: when severity is mild then rest cite S
    /// rule high: when severity is severe then mri cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact severity: one of mild < moderate < severe
    /// action mri
    /// action rest
    /// source S "A source"
    /// rule low: when severity at most moderate then rest cite S
    /// rule high: when severity is severe then mri cite S
    /// ```
    pub static UNCOVERED_VALUE = "GL734" "uncovered-value", Warning, "a value leads to nothing";
}

declare_code! {
    /// One document calls for something urgent for a patient who is in the scope of another document that says nothing urgent about them.
    ///
    /// ## Why it matters
    /// Whoever reads only that document misses the emergency.
    ///
    /// ## Bad
    /// See the reference: it takes two documents to show.
    ///
    /// ## Good
    /// Rules of which only one can hold for a patient.
    pub static UNKNOWN_EMERGENCY = "GL735" "unknown-emergency", Warning, "a document does not know an emergency of another";
}

declare_code! {
    /// The assumptions together leave no patient at all of whom everything is known.
    ///
    /// ## Why it matters
    /// Whatever is found out of a patient in the end, some record of it would be refused. Nothing can be said of all patients when
    /// there are none, so nothing else is verified until this is mended.
    ///
    /// ## Bad
    /// ```gl
    /// fact visits: count
    /// action review
    /// source S "A source"
    /// assume at most one of (visits at least 1, visits at most 3)
    /// when visits over 3 then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact visits: count
    /// action review
    /// source S "A source"
    /// assume at most one of (visits under 1, visits at least 3)
    /// when visits over 3 then review cite S
    /// ```
    pub static NOBODY = "GL736" "no-patient", Error, "no patient can keep to the assumptions";
}

declare_code! {
    /// The rules are too large, or test one fact at too many thresholds, for this question to be decided.
    ///
    /// ## Why it matters
    /// Neither a contradiction nor its absence is claimed. Simplify the conditions, or look at the pair by hand.
    ///
    /// ## Bad
    /// See the reference: it takes two documents to show.
    ///
    /// ## Good
    /// Rules of which only one can hold for a patient.
    pub static UNDECIDED = "GL739" "undecided", Warning, "a question could not be decided";
}

/// The word for a difference in JSON.
pub(super) fn kind_word(kind: DifferenceKind) -> &'static str {
    match kind {
        DifferenceKind::Deadline => "deadline",
        DifferenceKind::Urgency => "urgency",
        DifferenceKind::Duration => "duration",
        DifferenceKind::Strength => "strength",
        DifferenceKind::Evidence => "evidence",
        DifferenceKind::Narrowing => "narrowing",
    }
}

/// What an effect says of an action, in a few words: `never opioid`, `urgent mri within hours`.
fn says(v: &Verifier<'_>, (effect, action): Piece) -> String {
    let e = &v.library[effect];
    let mut words = vec![
        match e.modality {
            Modality::Recommend => "recommends",
            Modality::Consider => "considers",
            Modality::Avoid => "advises against",
            Modality::Never => "forbids",
        }
        .to_owned(),
    ];
    let urgency = match e.urgency {
        Some(Urgency::Immediate) => Some("immediate"),
        Some(Urgency::Urgent) => Some("urgent"),
        Some(Urgency::Routine) => Some("routine"),
        None => None,
    };
    words.extend(urgency.map(str::to_owned));
    words.push(format!("`{}`", v.library[action].name));
    if let Some((deadline, clock)) = &e.timing.deadline {
        let time = match deadline {
            Deadline::Exact(duration) => span(*duration),
            Deadline::Vague(word) => word.word().to_owned(),
        };
        words.push(format!("within {time}{}", after(v, *clock)));
    }
    if let Some((start, clock)) = e.timing.not_before {
        words.push(format!("not before {}{}", span(start), after(v, clock)));
    }
    words.join(" ")
}

fn span(duration: crate::model::Duration) -> String {
    let one = duration.amount == rust_decimal::Decimal::ONE;
    let unit = if one {
        duration.unit.singular()
    } else {
        duration.unit.plural()
    };
    format!("{} {unit}", duration.amount.normalize())
}

fn after(v: &Verifier<'_>, clock: Clock) -> String {
    match clock {
        Clock::Evaluation => String::new(),
        Clock::Date(fact) => format!(" after `{}`", v.library[fact].name),
    }
}

/// The patient of a finding, as a sentence.
fn patient(about: &About) -> Option<String> {
    let facts = about.witness.clone()?;
    let witness = Witness {
        record: crate::model::Record::default(),
        facts,
        as_of: about.as_of.clone(),
    };
    let on = about.as_of.as_ref().map(|date| format!(", on {date}")).unwrap_or_default();
    Some(format!("for example this patient: {}{on}", witness.given()))
}

fn with_patient(mut finding: Diagnostic, about: About) -> Diagnostic {
    finding.notes.extend(patient(&about));
    finding.with_about(about)
}

/// A finding at two effects.
fn at_both(v: &Verifier<'_>, code: &'static Code, message: String, [one, other]: [Piece; 2]) -> Diagnostic {
    let label = |p: Piece| format!("`{}` {}", v.name(p.0), says(v, p));
    Diagnostic::new(code, message, v.library[one.0].span, label(one)).with_label(v.library[other.0].span, label(other))
}

/// The name by which an action is called.
fn called(v: &Verifier<'_>, action: ActionId) -> String {
    format!("`{}`", v.library[action].name)
}

/// How to settle a pair: by `overrides` in one guideline, by `reconcile` across them.
fn how_to_settle(v: &Verifier<'_>, [first, second]: [EffectId; 2]) -> String {
    let (winner, loser) = (&v.library[v.library[first].rule], &v.library[v.library[second].rule]);
    if winner.full_name == loser.full_name {
        return "the two effects of this rule exclude each other: give one of them an `unless`".to_owned();
    }
    if winner.guideline == loser.guideline {
        format!(
            "let the rule that does not count for this patient say so with `unless`; or write `overrides {}` in `{}`, or the \
             other way round",
            loser.name, winner.name
        )
    } else {
        format!(
            "decide which one counts, in a reconciliation file: `reconcile {} with {} prefer {} because \"…\"`, or `leave open \
             because \"…\"`",
            winner.full_name, loser.full_name, winner.full_name
        )
    }
}

/// How two rules were settled.
pub(super) fn settlement(v: &Verifier<'_>, id: SettlementId) -> String {
    let settlement = &v.library[id];
    match &settlement.decision {
        SettlementDecision::Prefer { rule, .. } => {
            format!(
                "settled: `{}` is preferred, because {}",
                v.library.rule_name(*rule),
                settlement.because
            )
        }
        SettlementDecision::LeaveOpen => format!("left open, because {}", settlement.because),
    }
}

/// One advises, the other is against it.
pub(super) fn contradiction(v: &Verifier<'_>, places: &[Piece; 2], about: About, emergency: bool) -> Diagnostic {
    let names = places.map(|p| v.name(p.0).to_owned());
    let action = about.action.clone().unwrap_or_default();
    let (code, message) = if emergency {
        (
            &HELD_BACK,
            format!(
                "`{}` and `{}` disagree about `{action}`, and it cannot wait",
                names[0], names[1]
            ),
        )
    } else {
        (
            &CONTRADICTION,
            format!("`{}` and `{}` contradict each other about `{action}`", names[0], names[1]),
        )
    };
    let finding = at_both(v, code, message, *places).with_help(how_to_settle(v, places.map(|p| p.0)));
    with_patient(finding, about)
}

/// One makes wait longer than the other allows.
pub(super) fn windows_apart(v: &Verifier<'_>, places: &[Piece; 2], about: About, emergency: bool) -> Diagnostic {
    let code = if emergency { &HELD_BACK } else { &WINDOWS_APART };
    let action = about.action.clone().unwrap_or_default();
    let message = format!(
        "`{}` and `{}` set times for `{action}` that do not meet",
        v.name(places[0].0),
        v.name(places[1].0)
    );
    let finding = at_both(v, code, message, *places).with_help(how_to_settle(v, places.map(|p| p.0)));
    with_patient(finding, about)
}

/// Both are shown while too little is known.
pub(super) fn possible_contradiction(v: &Verifier<'_>, places: &[Piece; 2], about: About) -> Diagnostic {
    let message = format!(
        "`{}` and `{}` both stand while it is not known which one gives way",
        v.name(places[0].0),
        v.name(places[1].0)
    );
    with_patient(at_both(v, &POSSIBLE, message, *places), about)
}

/// All alternatives of a choice are advised against, by several rules together.
pub(super) fn alternatives_exhausted(
    v: &Verifier<'_>,
    effect: EffectId,
    others: &[EffectId],
    settled: Option<SettlementId>,
    about: About,
) -> Diagnostic {
    let code = if v.is_emergency(effect) { &HELD_BACK } else { &CONTRADICTION };
    let names: Vec<String> = others.iter().map(|e| format!("`{}`", v.name(*e))).collect();
    let mut finding = Diagnostic::new(
        code,
        format!("{} leave no alternative of `{}`", names.join(" and "), v.name(effect)),
        v.library[effect].span,
        "one of these is advised",
    );
    for other in others {
        finding = finding.with_label(v.library[*other].span, format!("`{}` is against one of them", v.name(*other)));
    }
    let finding = match settled {
        Some(id) => finding.accept(settlement(v, id)),
        None => finding.with_help("settle which of the rules counts, with `overrides` or `reconcile` over all of them"),
    };
    with_patient(finding, about)
}

/// Rules of a settlement that never disagree with the others.
pub(super) fn stale_settlement(v: &Verifier<'_>, id: SettlementId, idle: &[RuleId]) -> Diagnostic {
    let named = |rules: &[RuleId]| {
        let names: Vec<String> = rules.iter().map(|r| format!("`{}`", v.library.rule_name(*r))).collect();
        names.join(" and ")
    };
    let all = idle.len() == v.library[id].rules.len();
    let message = match idle {
        _ if all => format!("{} never disagree", named(idle)),
        [_] => format!("{} never disagrees with the other rules of this settlement", named(idle)),
        _ => format!("{} never disagree with the other rules of this settlement", named(idle)),
    };
    let label = if all {
        "this settles nothing"
    } else {
        "this settles nothing for them"
    };
    Diagnostic::new(&STALE_SETTLEMENT, message, v.library[id].span, label)
        .with_help("take out what settles nothing, or check whether a rule was changed by mistake")
        .with_about(About {
            rules: v.parties(v.library[id].rules.iter().copied()),
            ..About::default()
        })
}

/// Two pieces say nearly the same.
pub(super) fn difference(v: &Verifier<'_>, kind: DifferenceKind, places: [Piece; 2], about: About, urgent: bool) -> Diagnostic {
    let (code, what) = match kind {
        DifferenceKind::Deadline => (&DEADLINES, "give different times for"),
        DifferenceKind::Urgency => (&URGENCIES, "differ in how urgent it is to do"),
        DifferenceKind::Duration => (&DURATIONS, "differ in how long to keep up"),
        DifferenceKind::Strength => (&STRENGTHS, "differ in how strongly they speak of"),
        DifferenceKind::Evidence => (&EVIDENCES, "grade the evidence differently for"),
        DifferenceKind::Narrowing => (&NARROWING, "leave fewer ways:"),
    };
    let action = about.action.clone().unwrap_or_default();
    let message = match kind {
        DifferenceKind::Narrowing => {
            let (advised, held) = if v.library[places[0].0].direction() == Direction::For {
                (places[0], places[1])
            } else {
                (places[1], places[0])
            };
            format!(
                "`{}` advises {}, and `{}` is against `{action}`",
                v.name(advised.0),
                called(v, advised.1),
                v.name(held.0)
            )
        }
        _ => format!("`{}` and `{}` {what} `{action}`", v.name(places[0].0), v.name(places[1].0)),
    };
    let mut finding = at_both(v, code, message, places);
    if kind == DifferenceKind::Narrowing && !urgent {
        finding.severity = Severity::Note;
    } else if kind != DifferenceKind::Narrowing {
        finding.help = Some(format!(
            "the stricter one is the duty: `{}`; the other is shown under it",
            v.name(places[0].0)
        ));
    }
    with_patient(finding, about)
}

/// A note's evidence points the other way.
pub(super) fn note_against_advice(v: &Verifier<'_>, piece: Piece, note: NoteId, stance: Stance, about: About) -> Diagnostic {
    let points = if stance == Stance::For { "for" } else { "against" };
    let label = format!("`{}` {}", v.name(piece.0), says(v, piece));
    let finding = Diagnostic::new(
        &EVIDENCES,
        format!(
            "the evidence of `{}` points the other way than `{}`",
            v.library[note].full_name,
            v.name(piece.0)
        ),
        v.library[piece.0].span,
        label,
    )
    .with_label(v.library[note].span, format!("this speaks {points} it"));
    with_patient(finding, about)
}

/// A question that was too large.
pub(super) fn undecided(v: &Verifier<'_>, places: &[Piece; 2]) -> Diagnostic {
    let message = format!(
        "whether `{}` and `{}` can meet is not decided",
        v.name(places[0].0),
        v.name(places[1].0)
    );
    at_both(v, &UNDECIDED, message, *places).with_help("simplify their conditions, or look at the pair by hand")
}

/// Something makes the whole library too large to be looked at.
pub(super) fn out_of_reach(place: Span) -> Diagnostic {
    Diagnostic::new(
        &UNDECIDED,
        "contradictions are not looked for: this is too large",
        place,
        "written out, this has too many parts or thresholds",
    )
    .with_help("simplify it; until then no contradiction is reported, and none is ruled out")
}

/// A question about one rule that was too large.
pub(super) fn undecided_rule(v: &Verifier<'_>, rule: RuleId) -> Diagnostic {
    Diagnostic::new(
        &UNDECIDED,
        format!("what `{}` means for all patients is not decided", v.library.rule_name(rule)),
        v.library[rule].name_span,
        "the conditions of this rule",
    )
    .with_help("simplify its conditions")
}

/// A finding about one rule.
pub(super) fn about_rule(v: &Verifier<'_>, rule: RuleId) -> About {
    About {
        rules: v.parties([rule]),
        ..About::default()
    }
}

/// No patient meets the guard.
pub(super) fn never_fires(v: &Verifier<'_>, effect: EffectId, whole: bool) -> Diagnostic {
    let rule = v.library[effect].rule;
    let (span, what) = if whole {
        (v.library[rule].name_span, "no patient meets its conditions")
    } else {
        (v.library[effect].span, "no patient meets the conditions of this effect")
    };
    Diagnostic::new(
        &NEVER_FIRES,
        format!("`{}` can never fire", v.library.rule_name(rule)),
        span,
        what,
    )
    .with_help("its scope, section, condition and exceptions exclude each other: look for a threshold or a `not` that is wrong")
    .with_about(about_rule(v, rule))
}

/// Whatever happens, something makes it give way.
pub(super) fn always_overridden(v: &Verifier<'_>, piece: Piece, winners: &[RuleId], about: About) -> Diagnostic {
    let names: Vec<String> = winners.iter().map(|r| format!("`{}`", v.library.rule_name(*r))).collect();
    let finding = Diagnostic::new(
        &ALWAYS_OVERRIDDEN,
        format!("`{}` always gives way on {}", v.name(piece.0), called(v, piece.1)),
        v.library[piece.0].span,
        format!("whenever this fires, it gives way to {}", names.join(" or ")),
    )
    .with_help("take the rule out, or narrow the one that it gives way to");
    with_patient(finding, about)
}

/// Another rule gives the same advice whenever this one fires.
pub(super) fn covered(v: &Verifier<'_>, piece: Piece, other: Piece, same: bool, about: About) -> Diagnostic {
    let (name, by) = (v.name(piece.0), v.name(other.0));
    let message = if same {
        format!("`{name}` and `{by}` are the same rule about {}", called(v, piece.1))
    } else {
        format!("`{name}` adds nothing: `{by}` says the same for all its patients")
    };
    let label = |p: Piece| format!("`{}` {}", v.name(p.0), says(v, p));
    let finding = Diagnostic::new(&COVERED, message, v.library[piece.0].span, label(piece))
        .with_label(v.library[other.0].span, label(other))
        .with_help("name the statements of both in one rule, or say what is different about this one");
    finding.with_about(about)
}

/// Nobody is excepted.
pub(super) fn idle_exception(v: &Verifier<'_>, rule: RuleId, span: Span) -> Diagnostic {
    Diagnostic::new(
        &IDLE_EXCEPTION,
        format!("the exception of `{}` excepts nobody", v.library.rule_name(rule)),
        span,
        "no patient meets the condition and its exception",
    )
    .with_help("check the fact and the side of the threshold in `unless`")
    .with_about(about_rule(v, rule))
}

/// The override never matters.
pub(super) fn idle_override(v: &Verifier<'_>, rule: RuleId, loser: RuleId, meet: bool) -> Diagnostic {
    let why = if meet {
        "they have no action in common on which one could give way"
    } else {
        "no patient meets the conditions of both"
    };
    Diagnostic::new(
        &IDLE_OVERRIDE,
        format!(
            "`{}` never overrides `{}`: {why}",
            v.library.rule_name(rule),
            v.library[loser].name
        ),
        v.library[rule].name_span,
        "this rule says `overrides`",
    )
    .with_label(v.library[loser].name_span, "this never gives way to it")
    .with_help("take `overrides` out, or check the conditions")
    .with_about(About {
        rules: v.parties([rule, loser]),
        ..About::default()
    })
}

/// The assumption holds anyway.
pub(super) fn idle_assumption(span: Span) -> Diagnostic {
    Diagnostic::new(
        &IDLE_ASSUMPTION,
        "this assumption rules nobody out",
        span,
        "it holds for every patient anyway",
    )
    .with_help("take it out, or say what it was meant to rule out")
}

/// The definition is always the same.
pub(super) fn constant_definition(v: &Verifier<'_>, definition: DefinitionId, holds: bool) -> Diagnostic {
    let d = &v.library[definition];
    let who = if holds { "every patient meets" } else { "no patient can meet" };
    Diagnostic::new(
        &CONSTANT,
        format!("{who} `{}`", d.name),
        d.name_span,
        "the facts in it do not matter",
    )
    .with_help("look for a threshold or a `not` that is wrong")
}

/// The time that a rule allows is over whenever it fires.
pub(super) fn deadline_past(v: &Verifier<'_>, effect: EffectId, mut about: About) -> Diagnostic {
    // Each needs a look of its own.
    about.group = None;
    let action = v.library[effect].actions.first().copied();
    let words = action.map(|a| says(v, (effect, a))).unwrap_or_default();
    let finding = Diagnostic::new(
        &DEADLINE_PAST,
        format!("the deadline of `{}` has passed whenever it fires", v.name(effect)),
        v.library[effect].span,
        words,
    )
    .with_help("count from another date, or check the unit");
    debug_assert!(deadline(v.library, effect).is_some());
    with_patient(finding, about)
}

/// Two guidelines mean different things by one name.
pub(super) fn different_meanings(
    v: &Verifier<'_>,
    one: DefinitionId,
    other: DefinitionId,
    only_one: Option<&Witness>,
    only_other: Option<&Witness>,
) -> Diagnostic {
    let (a, b) = (&v.library[one], &v.library[other]);
    let home = |d: &crate::model::Definition| {
        d.guideline
            .map_or("the shared files", |g| v.library[g].name.as_str())
            .to_owned()
    };
    let (here, there) = (home(a), home(b));
    let mut finding = Diagnostic::new(
        &TERMS,
        format!("`{}` means different things in {here} and in {there}", a.name),
        a.name_span,
        format!("as {here} defines it"),
    )
    .with_label(b.name_span, format!("as {there} defines it"));
    for (witness, place) in [(only_one, &here), (only_other, &there)] {
        if let Some(witness) = witness {
            finding
                .notes
                .push(format!("only in the sense of {place}: {}", witness.given()));
        }
    }
    let shown = only_one.or(only_other);
    let mut documents = [here.as_str(), there.as_str()];
    documents.sort_unstable();
    let full_name = |d: &crate::model::Definition| match d.guideline {
        Some(guideline) => format!("{}.{}", v.library[guideline].name, d.name),
        None => d.name.clone(),
    };
    finding.with_about(About {
        witness: shown.map(|w| w.facts.clone()),
        as_of: shown.and_then(|w| w.as_of.clone()),
        kind: Some("definition"),
        status: Some("open"),
        group: Some(documents.join(" ")),
        rules: [a, b]
            .map(|d| (full_name(d), d.statements.iter().map(|s| s.id.clone()).collect()))
            .into(),
        action: None,
    })
}

/// One document demands more than another.
pub(super) fn different_preconditions(v: &Verifier<'_>, stricter: Piece, other: Piece, about: About) -> Diagnostic {
    let message = format!(
        "`{}` advises {} where `{}` does not yet",
        v.name(other.0),
        called(v, other.1),
        v.name(stricter.0)
    );
    let mut finding = at_both(v, &PRECONDITIONS, message, [stricter, other]);
    finding.severity = Severity::Note;
    with_patient(finding, about)
}

/// An emergency that nothing urgent takes the place of.
pub(super) fn hidden_emergency(v: &Verifier<'_>, emergency: Piece, by: Option<EffectId>, about: About) -> Diagnostic {
    let name = v.name(emergency.0);
    let label = format!("`{name}` {}", says(v, emergency));
    let finding = match by {
        Some(winner) => Diagnostic::new(
            &HIDDEN_EMERGENCY,
            format!("`{}` makes the emergency of `{name}` disappear", v.name(winner)),
            v.library[emergency.0].span,
            label,
        )
        .with_label(
            v.library[winner].span,
            format!("`{}` takes its place, and nothing urgent is left", v.name(winner)),
        ),
        None => Diagnostic::new(
            &HIDDEN_EMERGENCY,
            format!("the exception of `{name}` makes an emergency disappear"),
            v.library[emergency.0].span,
            label,
        ),
    };
    let finding = finding.with_help(
        "say what is to be done for this patient, and how soon; or, if nothing urgent is meant, say why with `because \"…\"`",
    );
    with_patient(finding, about)
}

/// Somebody is forgotten.
pub(super) fn false_completeness(claim: &str, span: Span, about: About) -> Diagnostic {
    let finding = Diagnostic::new(
        &INCOMPLETE,
        format!("it is claimed that \"{claim}\", and some patient gets no advice"),
        span,
        "this claim is false",
    )
    .with_help("add a rule for this patient, or narrow the claim");
    with_patient(finding, about)
}

/// A section's condition narrows what is forbidden or owed at once.
pub(super) fn weakened(v: &Verifier<'_>, effect: EffectId, section: Span, about: About) -> Diagnostic {
    let action = v.library[effect].actions.first().copied();
    let words = action.map(|a| says(v, (effect, a))).unwrap_or_default();
    let finding = Diagnostic::new(
        &WEAKENED,
        format!("the section weakens `{}`", v.name(effect)),
        v.library[effect].span,
        words,
    )
    .with_label(section, "only where the condition of this heading holds")
    .with_help("if the document means it so, say it in `because \"…\"`; else move the rule out of the section");
    with_patient(finding, about)
}

/// Some values of a fact lead to nothing.
pub(super) fn uncovered_value(fact: &crate::model::Fact, guideline: &str, values: &[&str]) -> Diagnostic {
    let listed: Vec<String> = values.iter().map(|v| format!("`{v}`")).collect();
    Diagnostic::new(
        &UNCOVERED_VALUE,
        format!(
            "no rule of {guideline} speaks of `{}` being {}",
            fact.name,
            listed.join(" or ")
        ),
        fact.name_span,
        "other values of it lead to advice",
    )
    .with_help("add a rule for it, or say in a rule which values it shares")
}

/// The assumptions exclude everybody.
pub(super) fn nobody(first: Span) -> Diagnostic {
    Diagnostic::new(
        &NOBODY,
        "no patient can keep to all assumptions".to_owned(),
        first,
        "this one and those after it",
    )
    .with_help("take assumptions away one by one until this is gone; the last one taken away is wrong")
}

/// One document is silent about another's emergency.
pub(super) fn unknown_emergency(
    v: &Verifier<'_>,
    guideline: &str,
    emergency: Piece,
    place: Span,
    mut about: About,
) -> Diagnostic {
    // All that one document knows and another does not is one matter.
    let home = v.library[v.library[emergency.0].rule].guideline;
    about.group = Some(format!("{guideline} {}", v.library[home].name));
    let finding = Diagnostic::new(
        &UNKNOWN_EMERGENCY,
        format!("{guideline} says nothing urgent where `{}` does", v.name(emergency.0)),
        place,
        "its scope includes this patient",
    )
    .with_label(
        v.library[emergency.0].span,
        format!("`{}` {}", v.name(emergency.0), says(v, emergency)),
    );
    with_patient(finding, about)
}
