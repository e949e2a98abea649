//! The words of everything that is found about all patients at once.
//!
//! In: what was found. Out: diagnostics.
//! Must not know: how it was found.

use super::witness::Witness;
use super::{Doubt, Piece, Verifier, fixes};
use crate::ast::Bound;
use crate::declare_code;
use crate::diagnostic::{About, Code, Diagnostic, Severity};
use crate::eval::DifferenceKind;
use crate::model::gives_way::deadline;
use crate::model::{
    ActionId, AtomId, Clock, Comparison, Condition, DefinitionId, Direction, EffectId, FactId, GuidelineId, Modality, NoteId,
    Origin, Rule, RuleId, SettlementDecision, SettlementId, Stance, Term, Test,
};
use crate::source::Span;
use rust_decimal::Decimal;

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
    &CONSTANT_PART,
    &DEADLINE_PAST,
    &LOST_DEADLINE,
    &HIDDEN_EMERGENCY,
    &INCOMPLETE,
    &WEAKENED,
    &UNCOVERED_VALUE,
    &UNKNOWN_EMERGENCY,
    &NOBODY,
    &UNDECIDED,
    &BROKEN_SEAL,
    &IMPOSSIBLE_DEFAULT,
];

declare_code! {
    /// For some patient one rule advises an action and another advises against it, and nobody has settled which one counts.
    ///
    /// ## Why it matters
    /// Whoever treats this patient gets two opposite instructions, and which of them is followed depends on the page that was
    /// opened first. The finding shows the patient with the fewest facts to whom both rules apply. Decide which rule counts
    /// for such patients, and write it down: with `unless` or `overrides` within a document, with `reconcile` between
    /// documents.
    ///
    /// ## Bad
    /// ```gl
    /// fact back_pain: yes/no "Back pain"
    /// fact kidney_disease: yes/no "Chronic kidney disease"
    /// action nsaid "NSAID"
    /// source S "Management of back pain"
    /// rule relief: when back_pain then nsaid cite S
    /// rule kidneys: when kidney_disease then avoid nsaid cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact back_pain: yes/no "Back pain"
    /// fact kidney_disease: yes/no "Chronic kidney disease"
    /// action nsaid "NSAID"
    /// source S "Management of back pain"
    /// rule relief: when back_pain then nsaid cite S
    /// rule kidneys: when kidney_disease then avoid nsaid cite S overrides relief
    /// ```
    pub static CONTRADICTION = "GL701" "contradiction", Error, "rules contradict each other";
}

declare_code! {
    /// For some patient one rule calls for an action at once, and another is against it or makes it wait.
    ///
    /// ## Why it matters
    /// A setting, a waiting period or a general rule was written for the many patients who can wait, and here it meets one
    /// who cannot: a bladder that does not recover, a leg that stays weak. Let the general rule leave emergencies out with
    /// `unless`, or say with `overrides` or `reconcile … prefer` that the emergency comes first.
    ///
    /// ## Bad
    /// ```gl
    /// fact urinary_retention: yes/no "Urinary retention"
    /// fact duration: quantity in weeks "Duration of the symptoms"
    /// action mri "MRI"
    /// source S "Imaging of the lumbar spine"
    /// rule retention: when urinary_retention then urgent mri within hours cite S
    /// rule no_early_image: when duration under 6 weeks then avoid mri cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact urinary_retention: yes/no "Urinary retention"
    /// fact duration: quantity in weeks "Duration of the symptoms"
    /// action mri "MRI"
    /// source S "Imaging of the lumbar spine"
    /// rule retention: when urinary_retention then urgent mri within hours cite S
    /// rule no_early_image: when duration under 6 weeks unless urinary_retention then avoid mri cite S
    /// ```
    pub static HELD_BACK = "GL702" "emergency-held-back", Error, "an emergency is held back";
}

declare_code! {
    /// For some patient one rule wants an action by a time at which another still makes it wait.
    ///
    /// ## Why it matters
    /// Both cannot be followed: the image is made too early for one rule or too late for the other. The patient waits for
    /// whichever is believed. Settle which one counts, or correct the time that is wrong.
    ///
    /// ## Bad
    /// ```gl
    /// fact onset: date "When the pain began"
    /// fact leg_pain: yes/no "Leg pain"
    /// fact numb_foot: yes/no "Numbness of a foot"
    /// action mri "MRI"
    /// source S "Imaging of the lumbar spine"
    /// rule early: when numb_foot then mri within 2 weeks after onset cite S
    /// rule late: when leg_pain then mri not before 6 weeks after onset cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact onset: date "When the pain began"
    /// fact leg_pain: yes/no "Leg pain"
    /// fact numb_foot: yes/no "Numbness of a foot"
    /// action mri "MRI"
    /// source S "Imaging of the lumbar spine"
    /// rule early: when numb_foot then mri within 2 weeks after onset cite S
    /// rule late: when leg_pain unless numb_foot then mri not before 6 weeks after onset cite S
    /// ```
    pub static WINDOWS_APART = "GL703" "windows-apart", Error, "times do not meet";
}

declare_code! {
    /// Two opposite rules are both shown for some patient of whom too little is known, although never for one of whom
    /// everything is.
    ///
    /// ## Why it matters
    /// Until the missing fact is recorded, the reader is told to do something and not to do it, each with an "unless". In a
    /// busy clinic the "unless" is overlooked. One rule that says for whom it does not count spares the reader the doubt.
    ///
    /// ## Bad
    /// ```gl
    /// fact back_pain: yes/no "Back pain"
    /// fact fever: yes/no "Fever"
    /// fact recent_fall: yes/no "Recent fall"
    /// action x_ray "X-ray"
    /// source S "Management of back pain"
    /// rule fever_image: when fever and back_pain then x_ray cite S
    /// rule no_image: when back_pain then avoid x_ray cite S
    /// rule fall: when back_pain and recent_fall then x_ray cite S overrides no_image
    /// rule no_fall: when back_pain and not recent_fall and fever then x_ray cite S overrides no_image
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact back_pain: yes/no "Back pain"
    /// fact fever: yes/no "Fever"
    /// fact recent_fall: yes/no "Recent fall"
    /// action x_ray "X-ray"
    /// source S "Management of back pain"
    /// rule image: when back_pain and (fever or recent_fall) then x_ray cite S
    /// rule no_image: when back_pain unless fever or recent_fall then avoid x_ray cite S
    /// ```
    pub static POSSIBLE = "GL704" "possible-contradiction", Warning, "rules seem to contradict each other while too little is known";
}

declare_code! {
    /// Two rules advise the same action for some patient and give different deadlines.
    ///
    /// ## Why it matters
    /// The earlier one is the duty and is shown as such, the other under it. A reader who has only the other document in hand
    /// books the later date. Often one of the numbers is a slip of the pen, or a condition is too wide.
    ///
    /// ## Bad
    /// ```gl
    /// fact leg_pain: yes/no "Leg pain"
    /// fact numb_foot: yes/no "Numbness of a foot"
    /// action mri "MRI"
    /// source S "Imaging of the lumbar spine"
    /// rule pain: when leg_pain then mri within 6 weeks cite S
    /// rule numb: when numb_foot then mri within 2 weeks cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact leg_pain: yes/no "Leg pain"
    /// fact numb_foot: yes/no "Numbness of a foot"
    /// action mri "MRI"
    /// source S "Imaging of the lumbar spine"
    /// rule pain: when leg_pain unless numb_foot then mri within 6 weeks cite S
    /// rule numb: when numb_foot then mri within 2 weeks cite S
    /// ```
    pub static DEADLINES = "GL711" "different-deadlines", Warning, "rules set different deadlines";
}

declare_code! {
    /// Two rules advise the same action for some patient, one more urgently than the other.
    ///
    /// ## Why it matters
    /// The more urgent one is the duty and is shown as such, the other under it. A referral that is marked as routine goes to
    /// the end of the list, so nobody should read only that one.
    ///
    /// ## Bad
    /// ```gl
    /// fact leg_pain: yes/no "Leg pain"
    /// fact numb_foot: yes/no "Numbness of a foot"
    /// action mri "MRI"
    /// source S "Imaging of the lumbar spine"
    /// rule pain: when leg_pain then routine mri cite S
    /// rule numb: when numb_foot then urgent mri cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact leg_pain: yes/no "Leg pain"
    /// fact numb_foot: yes/no "Numbness of a foot"
    /// action mri "MRI"
    /// source S "Imaging of the lumbar spine"
    /// rule pain: when leg_pain unless numb_foot then routine mri cite S
    /// rule numb: when numb_foot then urgent mri cite S
    /// ```
    pub static URGENCIES = "GL712" "different-urgencies", Warning, "rules differ in urgency";
}

declare_code! {
    /// Two rules advise the same action for some patient, for different lengths of time.
    ///
    /// ## Why it matters
    /// Nobody can tell when to stop: after the shorter time treatment ends too early for one rule, after the longer one too
    /// late for the other. Say which one counts for whom.
    ///
    /// ## Bad
    /// ```gl
    /// fact back_pain: yes/no "Back pain"
    /// fact leg_pain: yes/no "Leg pain"
    /// action exercise "Supervised exercise"
    /// source S "Management of back pain"
    /// rule back: when back_pain then exercise for 6 weeks cite S
    /// rule leg: when leg_pain then exercise for 12 weeks cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact back_pain: yes/no "Back pain"
    /// fact leg_pain: yes/no "Leg pain"
    /// action exercise "Supervised exercise"
    /// source S "Management of back pain"
    /// rule back: when back_pain unless leg_pain then exercise for 6 weeks cite S
    /// rule leg: when leg_pain then exercise for 12 weeks cite S
    /// ```
    pub static DURATIONS = "GL713" "different-durations", Warning, "rules differ in how long";
}

declare_code! {
    /// Two rules say the same of an action for some patient, one more strongly than the other.
    ///
    /// ## Why it matters
    /// The stronger one is shown first, and the patient may be told "you should" where the other text says "you could".
    /// Within one document this is often a grade or a threshold that two rules share by mistake.
    ///
    /// ## Bad
    /// ```gl
    /// fact severity: one of mild < moderate < severe "Severity of the pain"
    /// action referral "Referral to a specialist"
    /// source S "Management of back pain"
    /// rule moderate_pain: when severity at least moderate then consider referral cite S
    /// rule severe_pain: when severity is severe then referral cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact severity: one of mild < moderate < severe "Severity of the pain"
    /// action referral "Referral to a specialist"
    /// source S "Management of back pain"
    /// rule moderate_pain: when severity is moderate then consider referral cite S
    /// rule severe_pain: when severity is severe then referral cite S
    /// ```
    pub static STRENGTHS = "GL714" "different-strengths", Warning, "rules differ in strength";
}

declare_code! {
    /// Two rules advise the same action for some patient and grade its evidence differently, or a note's evidence points the
    /// other way.
    ///
    /// ## Why it matters
    /// A reader who sees only one of them is misled about how sure the advice is, and so is the patient who has to choose.
    /// Readers are shown both; check them against the documents.
    ///
    /// ## Bad
    /// ```gl
    /// fact chronic_pain: yes/no "Chronic pain"
    /// action surgery "Surgery"
    /// source S "Management of back pain"
    /// rule last_resort: when chronic_pain then consider surgery cite S
    /// note "Surgery did not help most patients" against surgery cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact chronic_pain: yes/no "Chronic pain"
    /// fact slipped_vertebra: yes/no "Slipped vertebra"
    /// action surgery "Surgery"
    /// source S "Management of back pain"
    /// rule last_resort: when chronic_pain and slipped_vertebra then consider surgery cite S
    /// note "Surgery did not help most patients" against surgery only if not slipped_vertebra cite S
    /// ```
    pub static EVIDENCES = "GL715" "different-evidence", Warning, "evidence differs";
}

declare_code! {
    /// One rule advises an action, and another is against a kind of it, or against one of several alternatives.
    ///
    /// ## Why it matters
    /// Both can be followed, but fewer ways are left, and the one that is left may not be at hand. Where the advice is urgent
    /// this is a warning: make sure that one way is left in time. Elsewhere it is a note.
    ///
    /// ## Bad
    /// ```gl
    /// fact urinary_retention: yes/no "Urinary retention"
    /// fact pregnant: yes/no "Pregnancy"
    /// action imaging "Imaging"
    /// action ct "CT" is imaging
    /// source S "Imaging of the lumbar spine"
    /// rule image: when urinary_retention then urgent imaging within hours cite S
    /// rule pregnancy: when pregnant then avoid ct cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact urinary_retention: yes/no "Urinary retention"
    /// fact pregnant: yes/no "Pregnancy"
    /// action imaging "Imaging"
    /// action ct "CT" is imaging
    /// action mri "MRI" is imaging
    /// source S "Imaging of the lumbar spine"
    /// rule image: when urinary_retention unless pregnant then urgent imaging within hours cite S
    /// rule pregnant_image: when urinary_retention and pregnant then urgent mri within hours cite S
    /// rule pregnancy: when pregnant then avoid ct cite S
    /// ```
    pub static NARROWING = "GL716" "narrowing", Warning, "a kind of what is advised is advised against";
}

declare_code! {
    /// Two guidelines define the same name, and some patient meets one definition and not the other.
    ///
    /// ## Why it matters
    /// Readers of both documents take "red flag" for the same thing, and a patient who has one in the first document has none
    /// in the second. gl reads each rule with the definition of its own document; other findings about these rules may come
    /// from this alone. If both documents mean the same, share one definition; if not, give the terms names of their own.
    ///
    /// ## Bad
    /// ```gl file=vocabulary.gl
    /// fact cancer: yes/no "History of cancer"
    /// fact fever: yes/no "Fever"
    /// action mri "MRI"
    /// action blood_test "Blood test"
    /// ```
    ///
    /// ```gl file=back.gl
    /// guideline back "Back pain" version "1"
    /// use vocabulary
    /// source BACK "Management of back pain"
    /// define red_flag: cancer or fever
    /// rule blood: when red_flag then blood_test cite BACK
    /// ```
    ///
    /// ```gl file=numb.gl
    /// guideline numb "Numbness" version "1"
    /// use vocabulary
    /// source NUMB "Management of numbness"
    /// define red_flag: cancer
    /// rule image: when red_flag then mri cite NUMB
    /// ```
    ///
    /// ## Good
    /// ```gl file=vocabulary.gl
    /// fact cancer: yes/no "History of cancer"
    /// fact fever: yes/no "Fever"
    /// action mri "MRI"
    /// action blood_test "Blood test"
    /// ```
    ///
    /// ```gl file=back.gl
    /// guideline back "Back pain" version "1"
    /// use vocabulary
    /// source BACK "Management of back pain"
    /// define red_flag: cancer or fever
    /// rule blood: when red_flag then blood_test cite BACK
    /// ```
    ///
    /// ```gl file=numb.gl
    /// guideline numb "Numbness" version "1"
    /// use vocabulary
    /// source NUMB "Management of numbness"
    /// define tumour_sign: cancer
    /// rule image: when tumour_sign then mri cite NUMB
    /// ```
    pub static TERMS = "GL717" "different-meanings", Warning, "documents define one term differently";
}

declare_code! {
    /// Two documents advise the same action with the same strength, and one demands more before it does.
    ///
    /// ## Why it matters
    /// A patient gets from one document what another would not give yet: an injection before exercise was tried. The finding
    /// shows a patient for whom only one of them advises it. It is a note: documents may differ in this, and readers should
    /// know.
    ///
    /// ## Bad
    /// ```gl file=vocabulary.gl
    /// fact leg_pain: yes/no "Leg pain"
    /// fact exercise_tried: yes/no "Six weeks of exercise without success"
    /// action injection "Injection"
    /// ```
    ///
    /// ```gl file=back.gl
    /// guideline back "Back pain" version "1"
    /// use vocabulary
    /// source BACK "Management of back pain"
    /// rule inject: when leg_pain then consider injection cite BACK
    /// ```
    ///
    /// ```gl file=nerve.gl
    /// guideline nerve "Nerve root pain" version "1"
    /// use vocabulary
    /// source NERVE "Management of nerve root pain"
    /// rule inject: when leg_pain and exercise_tried then consider injection cite NERVE
    /// ```
    ///
    /// ## Good
    /// ```gl file=vocabulary.gl
    /// fact leg_pain: yes/no "Leg pain"
    /// fact exercise_tried: yes/no "Six weeks of exercise without success"
    /// action injection "Injection"
    /// ```
    ///
    /// ```gl file=back.gl
    /// guideline back "Back pain" version "1"
    /// use vocabulary
    /// source BACK "Management of back pain"
    /// rule inject: when leg_pain and exercise_tried then consider injection cite BACK
    /// ```
    ///
    /// ```gl file=nerve.gl
    /// guideline nerve "Nerve root pain" version "1"
    /// use vocabulary
    /// source NERVE "Management of nerve root pain"
    /// rule inject: when leg_pain and exercise_tried then consider injection cite NERVE
    /// ```
    pub static PRECONDITIONS = "GL718" "different-preconditions", Warning, "one document demands what another omits";
}

declare_code! {
    /// No patient meets the conditions of the rule, those of its scope, section and exceptions included.
    ///
    /// ## Why it matters
    /// The advice is written down and never given to anybody. Usually a threshold is on the wrong side, a `not` is one too
    /// many, or the rule stands under the wrong heading.
    ///
    /// ## Bad
    /// ```gl
    /// fact age: quantity in years "Age"
    /// action bone_density "Measurement of bone density"
    /// source S "Management of back pain"
    /// rule older: when age over 70 years and age under 50 years then bone_density cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact age: quantity in years "Age"
    /// action bone_density "Measurement of bone density"
    /// source S "Management of back pain"
    /// rule older: when age over 50 years and age under 70 years then bone_density cite S
    /// ```
    pub static NEVER_FIRES = "GL721" "never-fires", Warning, "a rule can never fire";
}

declare_code! {
    /// Whenever the rule fires, another one makes it give way.
    ///
    /// ## Why it matters
    /// The advice is never given to anybody, although there are patients for whom it was written. Usually the exception was
    /// meant to win over the general rule, and `overrides` stands in the wrong one of the two.
    ///
    /// ## Bad
    /// ```gl
    /// fact pain: yes/no "Pain"
    /// fact cancer_pain: yes/no "Pain from cancer"
    /// action opioid "Opioid"
    /// source S "Management of pain"
    /// rule cancer: when pain and cancer_pain then opioid cite S
    /// rule ordinary: when pain then avoid opioid cite S overrides cancer
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact pain: yes/no "Pain"
    /// fact cancer_pain: yes/no "Pain from cancer"
    /// action opioid "Opioid"
    /// source S "Management of pain"
    /// rule cancer: when pain and cancer_pain then opioid cite S overrides ordinary
    /// rule ordinary: when pain then avoid opioid cite S
    /// ```
    pub static ALWAYS_OVERRIDDEN = "GL722" "always-overridden", Warning, "a rule always gives way";
}

declare_code! {
    /// Whenever the rule fires, another rule of the same guideline gives the same advice.
    ///
    /// ## Why it matters
    /// Two copies of one rule drift apart: when the document is revised, one copy is corrected and the other goes on giving
    /// the old advice. Name both statements in one rule.
    ///
    /// ## Bad
    /// ```gl
    /// fact back_pain: yes/no "Back pain"
    /// fact leg_pain: yes/no "Leg pain"
    /// action walking "Walking"
    /// source S "Management of back pain"
    /// rule everybody: when back_pain or leg_pain then walking cite S from S-01
    /// rule legs: when leg_pain then walking cite S from S-02
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact back_pain: yes/no "Back pain"
    /// fact leg_pain: yes/no "Leg pain"
    /// action walking "Walking"
    /// source S "Management of back pain"
    /// rule everybody: when back_pain or leg_pain then walking cite S from S-01, S-02
    /// ```
    pub static COVERED = "GL723" "covered", Warning, "a rule adds nothing to another";
}

declare_code! {
    /// No patient meets both the rule's condition and its `unless`.
    ///
    /// ## Why it matters
    /// The author wanted to protect somebody, and nobody is protected: the patient whom the document excepts gets the advice
    /// like everybody else. Usually the exception names the wrong fact or the wrong side of a threshold.
    ///
    /// ## Bad
    /// ```gl
    /// fact age: quantity in years "Age"
    /// action surgery "Surgery"
    /// source S "Surgery of the lumbar spine"
    /// rule operate: when age at least 50 years unless age under 18 years then consider surgery cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact age: quantity in years "Age"
    /// action surgery "Surgery"
    /// source S "Surgery of the lumbar spine"
    /// rule operate: when age at least 50 years unless age over 80 years then consider surgery cite S
    /// ```
    pub static IDLE_EXCEPTION = "GL724" "idle-exception", Warning, "an exception excepts nobody";
}

declare_code! {
    /// No patient meets the conditions of both rules, or the rules have no action in common, so the override never matters.
    ///
    /// ## Why it matters
    /// The author saw two rules collide and wanted one to win. They never meet, so either the override is needless, or a
    /// condition is wrong and the patient whom the author had in mind gets something else.
    ///
    /// ## Bad
    /// ```gl
    /// fact age: quantity in years "Age"
    /// action nsaid "NSAID"
    /// source S "Management of back pain"
    /// rule younger: when age under 65 years then nsaid cite S
    /// rule older: when age at least 65 years then avoid nsaid cite S overrides younger
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact age: quantity in years "Age"
    /// fact back_pain: yes/no "Back pain"
    /// action nsaid "NSAID"
    /// source S "Management of back pain"
    /// rule relief: when back_pain then nsaid cite S
    /// rule older: when age at least 65 years then avoid nsaid cite S overrides relief
    /// ```
    pub static IDLE_OVERRIDE = "GL725" "idle-override", Warning, "an override overrides nothing";
}

declare_code! {
    /// The reconciled rules never disagree.
    ///
    /// ## Why it matters
    /// Either a rule has changed since it was settled, and the reason that is written down speaks of patients who are no
    /// longer there; or the settlement names the wrong rules, and the disagreement it was written for is still open.
    ///
    /// ## Bad
    /// ```gl
    /// fact back_pain: yes/no "Back pain"
    /// fact kidney_disease: yes/no "Chronic kidney disease"
    /// action nsaid "NSAID"
    /// source S "Management of back pain"
    /// rule relief: when back_pain unless kidney_disease then nsaid cite S
    /// rule kidneys: when kidney_disease then avoid nsaid cite S
    /// reconcile relief with kidneys prefer kidneys because "the kidneys come first"
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact back_pain: yes/no "Back pain"
    /// fact kidney_disease: yes/no "Chronic kidney disease"
    /// action nsaid "NSAID"
    /// source S "Management of back pain"
    /// rule relief: when back_pain then nsaid cite S
    /// rule kidneys: when kidney_disease then avoid nsaid cite S
    /// reconcile relief with kidneys prefer kidneys because "the kidneys come first"
    /// ```
    pub static STALE_SETTLEMENT = "GL726" "stale-settlement", Warning, "a settlement settles nothing";
}

declare_code! {
    /// A settlement was decided for rules that said something else than they do now.
    ///
    /// ## Why it matters
    /// Somebody read two rules and decided which one counts, for a reason that was written down. When one of them is changed
    /// later, the decision goes on as if it had been made for the new one: a rule that was set aside because it spoke of stable
    /// patients would still be set aside when it speaks of emergencies. A seal keeps what the rules said; layout, order and
    /// sources may change, meaning may not. Whoever has read the rules again writes the new seal.
    ///
    /// ## Bad
    /// ```gl
    /// fact back_pain: yes/no "Back pain"
    /// fact kidney_disease: yes/no "Chronic kidney disease"
    /// action nsaid "NSAID"
    /// source S "Management of back pain"
    /// rule relief: when back_pain then nsaid cite S
    /// rule kidneys: when kidney_disease then avoid nsaid cite S
    /// reconcile relief with kidneys
    ///   prefer kidneys
    ///   sealed "00000000"
    ///   because "what harms the kidneys is not given for pain"
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact back_pain: yes/no "Back pain"
    /// fact kidney_disease: yes/no "Chronic kidney disease"
    /// action nsaid "NSAID"
    /// source S "Management of back pain"
    /// rule relief: when back_pain then nsaid cite S
    /// rule kidneys: when kidney_disease then avoid nsaid cite S
    /// reconcile relief with kidneys
    ///   prefer kidneys
    ///   sealed "c1637395"
    ///   because "what harms the kidneys is not given for pain"
    /// ```
    pub static BROKEN_SEAL = "GL740" "broken-seal", Warning, "the rules of a settlement have changed since it was sealed";
}

declare_code! {
    /// The assumption holds for every patient anyway.
    ///
    /// ## Why it matters
    /// The author meant to rule out records that cannot be true, and nothing is ruled out: a slip of the keyboard in a
    /// patient's record passes unnoticed. Usually the assumption names the wrong fact, or its two sides are the wrong way
    /// round.
    ///
    /// ## Bad
    /// ```gl
    /// fact age: quantity in years "Age"
    /// fact pregnant: yes/no "Pregnancy"
    /// action ct "CT"
    /// source S "Imaging of the lumbar spine"
    /// assume age over 70 years implies age over 60 years
    /// rule pregnancy: when pregnant then avoid ct cite S
    /// rule older: when age over 60 years then consider ct cite S overrides pregnancy
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact age: quantity in years "Age"
    /// fact pregnant: yes/no "Pregnancy"
    /// action ct "CT"
    /// source S "Imaging of the lumbar spine"
    /// assume age over 60 years implies not pregnant
    /// rule pregnancy: when pregnant then avoid ct cite S
    /// rule older: when age over 60 years then consider ct cite S
    /// ```
    pub static IDLE_ASSUMPTION = "GL727" "idle-assumption", Warning, "an assumption says nothing";
}

declare_code! {
    /// Every patient meets the definition, or none does.
    ///
    /// ## Why it matters
    /// Rules that use the term do not ask what they seem to ask: a risk group that holds nobody protects nobody, and one that
    /// holds everybody sends everybody to the test.
    ///
    /// ## Bad
    /// ```gl
    /// fact age: quantity in years "Age"
    /// fact fever: yes/no "Fever"
    /// action blood_test "Blood test"
    /// source S "Management of back pain"
    /// define at_risk "At risk": age under 60 years or age over 50 years
    /// rule blood: when fever and at_risk then blood_test cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact age: quantity in years "Age"
    /// fact fever: yes/no "Fever"
    /// action blood_test "Blood test"
    /// source S "Management of back pain"
    /// define at_risk "At risk": age under 50 years or age over 60 years
    /// rule blood: when fever and at_risk then blood_test cite S
    /// ```
    pub static CONSTANT = "GL728" "constant-definition", Warning, "a definition holds for everybody or for nobody";
}

declare_code! {
    /// Every patient meets a part of a rule's condition, or none does, although each test in it tells patients apart.
    ///
    /// ## Why it matters
    /// The rule reads as if it were for some patients, and that part of it chooses nobody: everybody over 65 *or* under 80 is
    /// everybody. Usually one `or` should be an `and`, or a threshold is on the wrong side.
    ///
    /// ## Bad
    /// ```gl
    /// fact age: quantity in years "Age"
    /// fact recent_fall: yes/no "Recent fall"
    /// action x_ray "X-ray"
    /// source S "Management of back pain"
    /// rule image: when recent_fall and (age over 65 years or age under 80 years) then x_ray cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact age: quantity in years "Age"
    /// fact recent_fall: yes/no "Recent fall"
    /// action x_ray "X-ray"
    /// source S "Management of back pain"
    /// rule image: when recent_fall and age over 65 years and age under 80 years then x_ray cite S
    /// ```
    pub static CONSTANT_PART = "GL737" "constant-part", Warning, "a part of a condition holds for everybody or for nobody";
}

declare_code! {
    /// Whenever the rule fires, the time it allows is over.
    ///
    /// ## Why it matters
    /// The duty can never be met in time: every patient is shown as overdue, and readers learn to pass over the word. Usually
    /// the clock or the unit is wrong.
    ///
    /// ## Bad
    /// ```gl
    /// fact onset: date "When the pain began"
    /// fact duration: time since onset "Time since the pain began"
    /// action mri "MRI"
    /// source S "Imaging of the lumbar spine"
    /// rule image: when duration at least 6 weeks then mri within 2 weeks after onset cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact onset: date "When the pain began"
    /// fact duration: time since onset "Time since the pain began"
    /// action mri "MRI"
    /// source S "Imaging of the lumbar spine"
    /// rule image: when duration at least 6 weeks then mri within 2 weeks cite S
    /// ```
    pub static DEADLINE_PAST = "GL729" "deadline-past", Warning, "a deadline has always passed";
}

declare_code! {
    /// For some patient advice with a time limit gives way to other advice that has none, or an emergency to a later one.
    ///
    /// ## Why it matters
    /// `instead of` and `overrides` do not pass the deadline on. The patient who cannot have an MRI is given a CT, and nobody says
    /// any more that it is needed within two weeks. Give the rule that takes over a time limit of its own.
    ///
    /// ## Bad
    /// ```gl
    /// fact numb_foot: yes/no "Numbness of a foot"
    /// fact pacemaker: yes/no "Pacemaker"
    /// action mri "MRI"
    /// action ct "CT"
    /// source S "Imaging of the lumbar spine"
    /// rule numb: when numb_foot then mri within 2 weeks cite S
    /// rule no_mri: when pacemaker then ct instead of mri cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact numb_foot: yes/no "Numbness of a foot"
    /// fact pacemaker: yes/no "Pacemaker"
    /// action mri "MRI"
    /// action ct "CT"
    /// source S "Imaging of the lumbar spine"
    /// rule numb: when numb_foot then mri within 2 weeks cite S
    /// rule no_mri: when numb_foot and pacemaker then ct within 2 weeks instead of mri cite S
    /// ```
    pub static LOST_DEADLINE = "GL730" "lost-deadline", Warning, "a deadline is lost";
}

declare_code! {
    /// For some patient an emergency gives way, or its exception holds, and nothing urgent takes its place.
    ///
    /// ## Why it matters
    /// The most dangerous thing that a guideline can do is to say nothing about an emergency. A patient with a pacemaker who
    /// cannot pass urine must not be left with no image at all because MRI is not possible. Say what is to be done instead
    /// and how soon; or, if nothing urgent is meant, say why in `because`.
    ///
    /// ## Bad
    /// ```gl
    /// fact urinary_retention: yes/no "Urinary retention"
    /// fact pacemaker: yes/no "Pacemaker"
    /// action mri "MRI"
    /// source S "Imaging of the lumbar spine"
    /// rule retention: when urinary_retention unless pacemaker then urgent mri within hours cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact urinary_retention: yes/no "Urinary retention"
    /// fact pacemaker: yes/no "Pacemaker"
    /// action imaging "Imaging"
    /// action mri "MRI" is imaging
    /// action ct "CT" is imaging
    /// source S "Imaging of the lumbar spine"
    /// rule retention: when urinary_retention unless pacemaker then urgent mri within hours cite S
    /// rule no_mri: when urinary_retention and pacemaker then urgent ct within hours cite S
    /// ```
    pub static HIDDEN_EMERGENCY = "GL731" "hidden-emergency", Error, "an emergency can disappear";
}

declare_code! {
    /// The guideline claims that every such patient gets advice, and some patient gets none.
    ///
    /// ## Why it matters
    /// Readers rely on the claim: where the guideline is silent, they conclude that there is nothing to do. This patient was
    /// forgotten, and nobody can tell a silence that is meant from one that is not.
    ///
    /// ## Bad
    /// ```gl
    /// fact leg_pain: yes/no "Leg pain"
    /// fact severe: yes/no "Severe pain"
    /// action exercise "Exercise"
    /// action injection "Injection"
    /// source S "Management of leg pain"
    /// rule strong: when leg_pain and severe then injection cite S
    /// complete "Everybody with leg pain is advised" over leg_pain for exercise, injection
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact leg_pain: yes/no "Leg pain"
    /// fact severe: yes/no "Severe pain"
    /// action exercise "Exercise"
    /// action injection "Injection"
    /// source S "Management of leg pain"
    /// rule strong: when leg_pain and severe then injection cite S
    /// rule others: when leg_pain and not severe then exercise cite S
    /// complete "Everybody with leg pain is advised" over leg_pain for exercise, injection
    /// ```
    pub static INCOMPLETE = "GL732" "false-completeness", Error, "a claim of completeness is false";
}

declare_code! {
    /// The rule says never or at once, and stands in a section whose condition some patients do not meet although they meet
    /// the rule's own.
    ///
    /// ## Why it matters
    /// A prohibition that was written for everybody holds for some only, because of the heading it stands under: here a young
    /// patient with an ulcer gets no warning. If the document means it so, say it in `because`; else move the rule to where
    /// it belongs.
    ///
    /// ## Bad
    /// ```gl
    /// guideline pain "Pain" version "1"
    /// fact age: quantity in years "Age"
    /// fact ulcer: yes/no "Stomach ulcer"
    /// action nsaid "NSAID"
    /// source S "Management of back pain"
    /// section "Older patients" when age at least 65 years:
    /// rule stomach: when ulcer then never nsaid cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// guideline pain "Pain" version "1"
    /// fact age: quantity in years "Age"
    /// fact ulcer: yes/no "Stomach ulcer"
    /// action nsaid "NSAID"
    /// action short_course "Short course of treatment"
    /// source S "Management of back pain"
    /// section "All patients":
    /// rule stomach: when ulcer then never nsaid cite S
    /// section "Older patients" when age at least 65 years:
    /// rule short: always then short_course cite S
    /// ```
    pub static WEAKENED = "GL733" "weakened-by-section", Warning, "a section weakens a prohibition or an immediate duty";
}

declare_code! {
    /// Rules test the values of a graded fact one by one, and one in between is tested by none of them; or rules test both sides of a
    /// threshold, and none the threshold itself.
    ///
    /// ## Why it matters
    /// A grade was forgotten: patients who have it get no advice, and nobody notices, because those above and below get
    /// theirs. Test a range instead of single values, or add the rule that is missing.
    ///
    /// ## Bad
    /// ```gl
    /// fact severity: one of mild < moderate < severe "Severity of the pain"
    /// action walking "Walking"
    /// action referral "Referral to a specialist"
    /// source S "Management of back pain"
    /// rule low: when severity is mild then walking cite S
    /// rule high: when severity is severe then referral cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact severity: one of mild < moderate < severe "Severity of the pain"
    /// action walking "Walking"
    /// action referral "Referral to a specialist"
    /// source S "Management of back pain"
    /// rule low: when severity at most moderate then walking cite S
    /// rule high: when severity is severe then referral cite S
    /// ```
    pub static UNCOVERED_VALUE = "GL734" "uncovered-value", Warning, "a value leads to nothing";
}

declare_code! {
    /// One document calls for something urgent for a patient who is in the scope of another document that says nothing urgent
    /// about them.
    ///
    /// ## Why it matters
    /// Whoever has only that document in hand misses the emergency. If the document does name it, its rule is missing; if it
    /// does not, its authors should hear of it, and its scope may be wider than they meant.
    ///
    /// ## Bad
    /// ```gl file=vocabulary.gl
    /// fact back_pain: yes/no "Back pain"
    /// fact urinary_retention: yes/no "Urinary retention"
    /// action mri "MRI"
    /// action walking "Walking"
    /// ```
    ///
    /// ```gl file=back.gl
    /// guideline back "Back pain" version "1" applies when back_pain
    /// use vocabulary
    /// source BACK "Management of back pain"
    /// rule move: always then walking cite BACK
    /// ```
    ///
    /// ```gl file=numb.gl
    /// guideline numb "Back pain with numbness" version "1" applies when back_pain
    /// use vocabulary
    /// source NUMB "Back pain with numbness"
    /// rule retention: when urinary_retention then urgent mri within hours cite NUMB
    /// ```
    ///
    /// ## Good
    /// ```gl file=vocabulary.gl
    /// fact back_pain: yes/no "Back pain"
    /// fact urinary_retention: yes/no "Urinary retention"
    /// action mri "MRI"
    /// action walking "Walking"
    /// ```
    ///
    /// ```gl file=back.gl
    /// guideline back "Back pain" version "1" applies when back_pain and not urinary_retention
    /// use vocabulary
    /// source BACK "Management of back pain"
    /// rule move: always then walking cite BACK
    /// ```
    ///
    /// ```gl file=numb.gl
    /// guideline numb "Back pain with numbness" version "1" applies when back_pain
    /// use vocabulary
    /// source NUMB "Back pain with numbness"
    /// rule retention: when urinary_retention then urgent mri within hours cite NUMB
    /// ```
    pub static UNKNOWN_EMERGENCY = "GL735" "unknown-emergency", Warning, "a document does not know an emergency of another";
}

declare_code! {
    /// A fact is no where nothing is recorded, and no patient can have it so.
    ///
    /// ## Why it matters
    /// `default no` says what silence means. If the assumptions rule that out for everybody, every record that is silent is read as
    /// one of a patient who cannot be, and what is advised is advised for nobody. Nothing else is verified until this is mended.
    ///
    /// ## Bad
    /// ```gl
    /// fact adult: yes/no "Adult" default no
    /// fact age: quantity in years "Age"
    /// action ct "CT"
    /// source S "Imaging of the lumbar spine"
    /// assume age at least 18 years implies adult
    /// assume age at most 18 years implies adult
    /// rule children: when not adult then avoid ct cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact adult: yes/no "Adult" default no
    /// fact age: quantity in years "Age"
    /// action ct "CT"
    /// source S "Imaging of the lumbar spine"
    /// assume age at least 18 years implies adult
    /// rule children: when not adult then avoid ct cite S
    /// ```
    pub static IMPOSSIBLE_DEFAULT = "GL741" "impossible-default", Error, "a default is true of nobody";
}

declare_code! {
    /// The assumptions together leave no patient at all of whom everything is known.
    ///
    /// ## Why it matters
    /// Whatever is found out of a patient in the end, some record of it would be refused. Nothing can be said of all patients
    /// when there are none, so nothing else is verified until this is mended.
    ///
    /// ## Bad
    /// ```gl
    /// fact visit: one of first, second, later "Visit"
    /// action history "Full history"
    /// source S "Management of back pain"
    /// assume at most one of (visit is not first, visit is not second, visit is not later)
    /// rule new_patient: when visit is first then history cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact visit: one of first, second, later "Visit"
    /// fact known_here: yes/no "Known in this practice"
    /// action history "Full history"
    /// source S "Management of back pain"
    /// assume visit is first implies not known_here
    /// rule new_patient: when visit is first or not known_here then history cite S
    /// ```
    pub static NOBODY = "GL736" "no-patient", Error, "no patient can keep to the assumptions";
}

declare_code! {
    /// The rules are too large, or test one fact at too many thresholds, for this question to be decided.
    ///
    /// ## Why it matters
    /// Neither a contradiction nor its absence is claimed: a patient may be caught between two rules, and gl has not looked.
    /// Simplify the conditions, or look at the pair by hand.
    ///
    /// ## Bad
    /// A definition that names the one before it twice is twice as large; after fourteen of them it has more parts than gl
    /// looks at.
    ///
    /// ```gl
    /// fact pain: yes/no "Pain"
    /// fact fever: yes/no "Fever"
    /// action review "Review"
    /// source S "A score that alternates"
    /// define s1: pain or fever
    /// define s2: (s1 and pain) or (not s1 and fever)
    /// define s3: (s2 and pain) or (not s2 and fever)
    /// define s4: (s3 and pain) or (not s3 and fever)
    /// define s5: (s4 and pain) or (not s4 and fever)
    /// define s6: (s5 and pain) or (not s5 and fever)
    /// define s7: (s6 and pain) or (not s6 and fever)
    /// define s8: (s7 and pain) or (not s7 and fever)
    /// define s9: (s8 and pain) or (not s8 and fever)
    /// define s10: (s9 and pain) or (not s9 and fever)
    /// define s11: (s10 and pain) or (not s10 and fever)
    /// define s12: (s11 and pain) or (not s11 and fever)
    /// define s13: (s12 and pain) or (not s12 and fever)
    /// define s14: (s13 and pain) or (not s13 and fever)
    /// rule again: when s14 then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact pain: yes/no "Pain"
    /// fact fever: yes/no "Fever"
    /// fact weight_loss: yes/no "Loss of weight"
    /// action review "Review"
    /// source S "A score that counts"
    /// define score: at least 2 of (pain, fever, weight_loss)
    /// rule again: when score then review cite S
    /// ```
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

/// What an effect says of an action, in a few words: `recommends urgent mri within hours`.
fn says(v: &Verifier<'_>, (effect, action): Piece) -> String {
    let e = &v.library[effect];
    let verb = match e.modality {
        Modality::Recommend => "recommends",
        Modality::Consider => "says to consider",
        Modality::Avoid => "advises against",
        Modality::Never => "forbids",
    };
    let mut words = vec![verb.to_owned()];
    words.extend(e.urgency.map(|urgency| urgency.word().to_owned()));
    words.push(called(v, action));
    if let Some((deadline, clock)) = e.timing.deadline {
        words.push(format!("within {deadline}{}", after(v, clock)));
    }
    if let Some((start, clock)) = e.timing.not_before {
        words.push(format!("not before {start}{}", after(v, clock)));
    }
    if let Some((bound, duration)) = e.modifiers.duration {
        let bound = match bound {
            Some(Bound::AtLeast) => "at least ",
            Some(Bound::AtMost) => "at most ",
            None => "",
        };
        words.push(format!("for {bound}{duration}"));
    }
    if e.origin == Origin::OnlyWhenNegative {
        words.push("where its `only when` does not hold".to_owned());
    }
    words.join(" ")
}

fn after(v: &Verifier<'_>, clock: Clock) -> String {
    match clock {
        Clock::Evaluation => String::new(),
        Clock::Date(fact) => format!(" after `{}`", v.library[fact].name),
    }
}

/// The patient of a finding, as the object of a sentence.
fn patient(about: &About) -> Option<String> {
    let witness = Witness::of_finding(about)?;
    if witness.facts.is_empty() {
        return Some("every patient".to_owned());
    }
    let on = about.as_of.as_ref().map(|date| format!(", on {date}")).unwrap_or_default();
    let fewer = if about.perhaps_smaller {
        " (perhaps fewer facts would do)"
    } else {
        ""
    };
    Some(format!("this patient: {}{on}{fewer}", witness.given()))
}

/// Says for whom it happens, after words such as "both apply to".
fn with_patient(mut finding: Diagnostic, whom: &str, about: About) -> Diagnostic {
    finding
        .notes
        .extend(patient(&about).map(|patient| format!("{whom} {patient}")));
    finding.with_about(about)
}

/// A finding at two effects, each with the conditions that stand on other lines.
fn at_both(v: &Verifier<'_>, code: &'static Code, message: String, [one, other]: [Piece; 2]) -> Diagnostic {
    let label = |p: Piece| format!("`{}` {}", v.name(p.0), says(v, p));
    let finding =
        Diagnostic::new(code, message, v.library[one.0].span, label(one)).with_label(v.library[other.0].span, label(other));
    with_conditions(v, with_conditions(v, finding, one.0), other.0)
}

/// Shows for whom an effect is meant, where that stands on another line than the effect.
fn with_conditions(v: &Verifier<'_>, mut finding: Diagnostic, effect: EffectId) -> Diagnostic {
    let effect = &v.library[effect];
    let rule = &v.library[effect.rule];
    let line = |place: Span| {
        v.sources
            .get(place.file)
            .map(|file| file.line_column(place.range().start).line)
    };
    let section = rule
        .section
        .filter(|_| !rule.guard.section.is_always())
        .map(|id| v.library[id].span);
    let conditions = [
        (rule.when_span, "for these patients"),
        (rule.unless_span, "but not for these"),
        (section, "under a heading that is about some patients only"),
    ];
    for (place, text) in conditions {
        let Some(place) = place else { continue };
        let is_new = finding.labels.iter().all(|label| label.span != place);
        if is_new && line(place) != line(effect.span) {
            finding = finding.with_label(place, text);
        }
    }
    finding
}

/// The name by which an action is called.
fn called(v: &Verifier<'_>, action: ActionId) -> String {
    format!("`{}`", v.library[action].name)
}

/// How to settle a pair, the one that counts more first: by `overrides` in one guideline, by `reconcile` across them.
fn how_to_settle(v: &Verifier<'_>, [first, second]: [EffectId; 2], emergency: bool) -> String {
    let (one, other) = (&v.library[v.library[first].rule], &v.library[v.library[second].rule]);
    if one.full_name == other.full_name {
        return "the two effects of this rule exclude each other: give one of them an `unless`".to_owned();
    }
    if !one.named || !other.named {
        return "give both rules a name, `rule NAME: when …`; then one can be made to give way to the other".to_owned();
    }
    let (a, b) = (&one.name, &other.name);
    match (one.guideline == other.guideline, emergency) {
        (true, true) => format!(
            "what cannot wait comes first: let `{b}` leave such patients out with `unless`, or end `{a}` with `overrides {b}`"
        ),
        (true, false) => format!(
            "decide which one counts for such patients: end `{a}` with `overrides {b}`, or `{b}` with `overrides {a}`, or let \
             one of them leave such patients out with `unless`"
        ),
        (false, true) => format!(
            "what cannot wait comes first: write, in a file such as `reconciliation.gl`, {}",
            preferring(v, one, other)
        ),
        (false, false) => format!(
            "decide which one counts for such patients, and write it with the reason in a file such as `reconciliation.gl`: \
             {}; or end it with `leave open because \"…\"` if the clinician is to decide each time",
            preferring(v, one, other)
        ),
    }
}

/// The words that prefer one rule to another, with the files that they need.
fn preferring(v: &Verifier<'_>, one: &Rule, other: &Rule) -> String {
    let stem = |rule: &Rule| {
        let name = v.sources.get(rule.span.file).map_or("", |file| file.name());
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        name.strip_suffix(".gl").unwrap_or(name).to_owned()
    };
    let (a, b) = (&one.full_name, &other.full_name);
    format!(
        "`use {}, {} reconcile {a} with {b} prefer {a} because \"…\"`",
        stem(one),
        stem(other)
    )
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
    let [one, other] = places.map(|p| v.name(p.0));
    let action = about.action.clone().unwrap_or_default();
    let (code, message) = if emergency {
        (&HELD_BACK, held_back(v, places))
    } else {
        (
            &CONTRADICTION,
            format!("`{one}` and `{other}` contradict each other about `{action}`"),
        )
    };
    let finding = at_both(v, code, message, *places).with_help(how_to_settle(v, places.map(|p| p.0), emergency));
    with_patient(fixes::of_clash(v, finding, *places, emergency), "both apply to", about)
}

/// An emergency, and what keeps it waiting.
fn held_back(v: &Verifier<'_>, [one, other]: &[Piece; 2]) -> String {
    let (emergency, by) = if v.is_emergency(one.0) { (one, other) } else { (other, one) };
    format!(
        "`{}` holds back an emergency: `{}` {}",
        v.name(by.0),
        v.name(emergency.0),
        says(v, *emergency)
    )
}

/// One makes wait longer than the other allows.
pub(super) fn windows_apart(v: &Verifier<'_>, places: &[Piece; 2], about: About, emergency: bool) -> Diagnostic {
    let [one, other] = places.map(|p| v.name(p.0));
    let action = about.action.clone().unwrap_or_default();
    let (code, message) = if emergency {
        (&HELD_BACK, held_back(v, places))
    } else {
        (
            &WINDOWS_APART,
            format!("`{one}` and `{other}` set times for `{action}` that do not meet"),
        )
    };
    let finding = at_both(v, code, message, *places).with_help(how_to_settle(v, places.map(|p| p.0), emergency));
    with_patient(fixes::of_clash(v, finding, *places, emergency), "both apply to", about)
}

/// Both are shown while too little is known.
pub(super) fn possible_contradiction(v: &Verifier<'_>, places: &[Piece; 2], about: About) -> Diagnostic {
    let message = format!(
        "`{}` and `{}` are both shown while it is not known which one gives way",
        v.name(places[0].0),
        v.name(places[1].0)
    );
    let finding = at_both(v, &POSSIBLE, message, *places)
        .with_help("once more is recorded, one of them gives way; to spare the reader the doubt, say in one of them with `unless` for whom it does not count");
    with_patient(finding, "both are shown for", about)
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
    let choice: Vec<String> = v.library[effect].actions.iter().map(|a| called(v, *a)).collect();
    let mut finding = Diagnostic::new(
        code,
        format!(
            "{} together leave nothing of what `{}` advises",
            names.join(" and "),
            v.name(effect)
        ),
        v.library[effect].span,
        format!("`{}` leaves the choice: {}", v.name(effect), choice.join(" or ")),
    );
    for other in others {
        let against: Vec<String> = v.library[*other].actions.iter().map(|a| called(v, *a)).collect();
        let label = format!("`{}` is against {}", v.name(*other), against.join(" and "));
        finding = finding.with_label(v.library[*other].span, label);
    }
    for each in std::iter::once(&effect).chain(others) {
        finding = with_conditions(v, finding, *each);
    }
    let finding = match settled {
        Some(id) => finding.accept(settlement(v, id)),
        None => finding.with_help("decide which of the rules counts for such patients, with `unless`, with `overrides`, or with one `reconcile` that names all of them"),
    };
    with_patient(finding, "all of them apply to", about)
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

/// The rules of a settlement say something else than when it was sealed.
pub(super) fn broken_seal(v: &Verifier<'_>, id: SettlementId, place: Span, seal: &str) -> Diagnostic {
    let settlement = &v.library[id];
    let names: Vec<String> = settlement
        .rules
        .iter()
        .map(|r| format!("`{}`", v.library.rule_name(*r)))
        .collect();
    let message = format!("{} says something else than when this was decided", names.join(" or "));
    let finding = Diagnostic::new(&BROKEN_SEAL, message, place, "sealed for what the rules said then")
        .with_help("read the rules again; where the decision still holds, renew it with `gl check --seal`, else correct it")
        .with_fix("the decision still holds: renew the seal", place, format!("\"{seal}\""));
    let rules = v.parties(settlement.rules.iter().copied());
    let about = About {
        rules,
        ..About::default()
    };
    settlement.rules.iter().fold(finding.with_about(about), |finding, rule| {
        finding.with_label(v.library[*rule].name_span, "as it is now")
    })
}

/// Two pieces say nearly the same.
pub(super) fn difference(v: &Verifier<'_>, kind: DifferenceKind, places: [Piece; 2], about: About, urgent: bool) -> Diagnostic {
    let action = about.action.clone().unwrap_or_default();
    let [one, other] = places.map(|p| v.name(p.0));
    if kind == DifferenceKind::Narrowing {
        return narrowing(v, places, about, urgent);
    }
    let what = match kind {
        DifferenceKind::Deadline => format!("give different times for `{action}`"),
        DifferenceKind::Urgency => format!("differ in how urgent `{action}` is"),
        DifferenceKind::Duration => format!("differ in how long `{action}` goes on"),
        DifferenceKind::Evidence => format!("grade the evidence for `{action}` differently"),
        DifferenceKind::Strength | DifferenceKind::Narrowing => format!("give advice of different strength about `{action}`"),
    };
    let clocks = places.map(|p| deadline(v.library, p.0).map(|(_, clock)| clock));
    let first = format!("counts: `{one}`; readers see the other under it. If that is not meant, correct the condition of one");
    let help = match kind {
        DifferenceKind::Deadline if clocks[0] != clocks[1] => {
            "they count from different dates, so which one is earlier depends on the patient; readers see both".to_owned()
        }
        DifferenceKind::Deadline => format!("the earlier one {first}"),
        DifferenceKind::Urgency => format!("the more urgent one {first}"),
        DifferenceKind::Duration => "readers see both; say with `unless` which one counts for whom".to_owned(),
        DifferenceKind::Evidence => "readers see both grades; check them against the documents".to_owned(),
        DifferenceKind::Strength | DifferenceKind::Narrowing => format!("the stronger one {first}"),
    };
    let finding = at_both(v, code_of(kind), format!("`{one}` and `{other}` {what}"), places).with_help(help);
    with_patient(finding, "both apply to", about)
}

fn code_of(kind: DifferenceKind) -> &'static Code {
    match kind {
        DifferenceKind::Deadline => &DEADLINES,
        DifferenceKind::Urgency => &URGENCIES,
        DifferenceKind::Duration => &DURATIONS,
        DifferenceKind::Strength => &STRENGTHS,
        DifferenceKind::Evidence => &EVIDENCES,
        DifferenceKind::Narrowing => &NARROWING,
    }
}

/// One is against some of the ways to follow the other.
fn narrowing(v: &Verifier<'_>, places: [Piece; 2], about: About, urgent: bool) -> Diagnostic {
    let [one, other] = places;
    let is_advice = v.library[one.0].direction() == Direction::For;
    let (advised, held) = if is_advice { (one, other) } else { (other, one) };
    let what = if v.library[advised.0].actions.contains(&held.1) {
        "one of the alternatives".to_owned()
    } else {
        format!("a kind of the {}", called(v, advised.1))
    };
    let message = format!(
        "`{}` is against {}, {what} that `{}` advises",
        v.name(held.0),
        called(v, held.1),
        v.name(advised.0)
    );
    let mut finding = at_both(v, &NARROWING, message, places);
    if urgent {
        finding.help = Some("make sure that another way is left in time, and name it".to_owned());
    } else {
        finding.severity = Severity::Note;
    }
    with_patient(finding, "both apply to", about)
}

/// A note's evidence points the other way.
pub(super) fn note_against_advice(v: &Verifier<'_>, piece: Piece, note: NoteId, stance: Stance, about: About) -> Diagnostic {
    let points = if stance == Stance::For { "for" } else { "against" };
    let finding = Diagnostic::new(
        &EVIDENCES,
        format!(
            "the evidence of `{}` speaks {points} what `{}` {}",
            v.library[note].full_name,
            v.name(piece.0),
            if stance == Stance::For { "is against" } else { "advises" },
        ),
        v.library[piece.0].span,
        format!("`{}` {}", v.name(piece.0), says(v, piece)),
    )
    .with_label(v.library[note].span, format!("this speaks {points} {}", called(v, piece.1)))
    .with_help("readers see both; if the note is about other patients, say so in it with `only if`");
    with_patient(with_conditions(v, finding, piece.0), "both apply to", about)
}

/// A question that was too large.
pub(super) fn undecided(v: &Verifier<'_>, places: &[Piece; 2]) -> Diagnostic {
    let message = format!(
        "whether `{}` and `{}` can meet could not be decided",
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

/// A question that was too large, or about which the interpreter does not agree.
pub(super) fn doubt(v: &Verifier<'_>, doubt: Doubt) -> Diagnostic {
    let of = |message: String, place: Span, label: &str, help: &str| {
        Diagnostic::new(&UNDECIDED, message, place, label).with_help(help)
    };
    match doubt {
        Doubt::Rule(rule) => of(
            format!(
                "what `{}` means for all patients could not be decided",
                v.library.rule_name(rule)
            ),
            v.library[rule].name_span,
            "the conditions of this rule",
            "simplify its conditions",
        ),
        Doubt::Definition(definition) => of(
            format!(
                "what `{}` means for all patients could not be decided",
                v.library[definition].name
            ),
            v.library[definition].name_span,
            "the condition of this definition",
            "simplify its condition",
        ),
        Doubt::Text(place) => of(
            "whether this is so for all patients could not be decided".to_owned(),
            place,
            "this",
            "simplify it, or the rules that it speaks of",
        ),
    }
}

/// A finding about one rule.
pub(super) fn about_rule(v: &Verifier<'_>, rule: RuleId) -> About {
    About {
        rules: v.parties([rule]),
        ..About::default()
    }
}

/// What keeps everybody from a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dead {
    /// Its own condition.
    Condition,
    /// The condition of its heading alone.
    Heading,
    /// Its condition, and that of its heading.
    Section,
    /// Its condition, and the scope of its guideline.
    Scope,
    /// Its exception.
    Exception,
    /// Some of these together, or the own condition of an effect.
    Together,
}

/// No patient meets the guard of the rule.
pub(super) fn never_fires(v: &Verifier<'_>, rule: RuleId, why: Dead) -> Diagnostic {
    let r = &v.library[rule];
    let when = r.when_span.unwrap_or(r.name_span);
    let section = r.section.map(|id| v.library[id].span);
    let (place, label, other, help) = match why {
        Dead::Condition => (
            when,
            "no patient meets this",
            None,
            "look for a threshold on the wrong side, a `not` too many, or `and` where `or` is meant",
        ),
        Dead::Heading => (
            section.unwrap_or(r.name_span),
            "no patient meets this",
            Some((r.name_span, "so this is for nobody")),
            "look for a threshold on the wrong side, a `not` too many, or a heading above that excludes this one",
        ),
        Dead::Section => (
            when,
            "no patient meets this under its heading",
            section.map(|span| (span, "the rule is only for patients who meet this")),
            "it may stand under the wrong heading",
        ),
        Dead::Scope => (
            when,
            "no patient meets this in the scope of the guideline",
            Some((
                v.library[r.guideline].span,
                "the guideline is only for patients who meet this",
            )),
            "it may stand in the wrong document, or the scope is too narrow",
        ),
        Dead::Exception => (
            r.unless_span.unwrap_or(r.name_span),
            "every patient of this rule is excepted here",
            r.when_span.map(|span| (span, "the patients of this rule")),
            "look for the wrong fact, a `not` too many, or a threshold on the wrong side in `unless`",
        ),
        Dead::Together => (
            r.name_span,
            "no patient meets all its conditions",
            None,
            "its scope, section, condition and exceptions exclude each other: look for a threshold or a `not` that is wrong",
        ),
    };
    let mut finding = Diagnostic::new(&NEVER_FIRES, format!("`{}` can never fire", r.full_name), place, label);
    if let Some((span, text)) = other {
        finding = finding.with_label(span, text);
    }
    finding.with_help(help).with_about(about_rule(v, rule))
}

/// No patient meets the guard of one of several effects.
pub(super) fn effect_never_fires(v: &Verifier<'_>, effect: EffectId) -> Diagnostic {
    let rule = v.library[effect].rule;
    let finding = Diagnostic::new(
        &NEVER_FIRES,
        format!("an effect of `{}` can never fire", v.library.rule_name(rule)),
        v.library[effect].span,
        "no patient of this rule meets the conditions of this effect",
    );
    with_conditions(v, finding, effect)
        .with_help("look for a threshold or a `not` that is wrong in its own `only when` or `unless`")
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
    .with_help(
        "if it is the exception, it should override the general rule and not the other way round; if it is not, take it out",
    );
    with_patient(finding, "it fires, and gives way, for", about)
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
        .with_help("name the statements of both in one rule; or, if it was meant for others, correct its condition");
    fixes::of_copy(v, finding, piece, other).with_about(about)
}

/// Nobody is excepted.
pub(super) fn idle_exception(v: &Verifier<'_>, rule: RuleId) -> Diagnostic {
    let r = &v.library[rule];
    let place = r.unless_span.unwrap_or(r.name_span);
    let mut finding = Diagnostic::new(
        &IDLE_EXCEPTION,
        format!("the exception of `{}` excepts nobody", r.full_name),
        place,
        "no patient of this rule meets its exception",
    );
    if let Some(when) = r.when_span {
        finding = finding.with_label(when, "the patients of this rule");
    }
    finding
        .with_help("check the fact in `unless`, and the side of its threshold")
        .with_about(about_rule(v, rule))
}

/// An effect's own `unless` or `only when` that changes nothing.
pub(super) fn idle_condition(v: &Verifier<'_>, effect: EffectId) -> Diagnostic {
    let rule = v.library[effect].rule;
    let demands = v.library[rule]
        .effects
        .iter()
        .any(|e| v.library[*e].origin == Origin::OnlyWhenNegative && v.library[*e].span == v.library[effect].span);
    let (message, label, help) = if demands {
        (
            format!(
                "`only when` leaves out none of the patients of `{}`",
                v.library.rule_name(rule)
            ),
            "every patient of this rule meets its condition",
            "check the fact after `only when`, and the side of its threshold",
        )
    } else {
        (
            format!("an exception of `{}` excepts nobody", v.library.rule_name(rule)),
            "no patient of this rule meets the exception",
            "check the fact in `unless`, and the side of its threshold",
        )
    };
    let finding = Diagnostic::new(&IDLE_EXCEPTION, message, v.library[effect].span, label);
    with_conditions(v, finding, effect)
        .with_help(help)
        .with_about(about_rule(v, rule))
}

/// The override never matters.
pub(super) fn idle_override(v: &Verifier<'_>, rule: RuleId, loser: RuleId, meet: bool) -> Diagnostic {
    let why = if meet {
        "they are not about the same action"
    } else {
        "no patient meets the conditions of both"
    };
    Diagnostic::new(
        &IDLE_OVERRIDE,
        format!(
            "`{}` never overrides `{}`: {why}",
            v.library.rule_name(rule),
            v.library.rule_name(loser)
        ),
        v.library[rule].name_span,
        "this rule says `overrides`",
    )
    .with_label(v.library[loser].name_span, "this never gives way to it")
    .with_help("take `overrides` out; or, if they were meant to meet, correct a condition")
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
    .with_help("take it out; or, if it was meant to rule somebody out, check its facts and thresholds")
}

/// The definition is always the same.
pub(super) fn constant_definition(v: &Verifier<'_>, definition: DefinitionId, holds: bool) -> Diagnostic {
    let d = &v.library[definition];
    let who = if holds { "every patient meets" } else { "no patient can meet" };
    Diagnostic::new(
        &CONSTANT,
        format!("{who} `{}`", d.name),
        d.name_span,
        "whatever the facts in it say",
    )
    .with_help("look for a threshold on the wrong side, a `not` too many, or `and` where `or` is meant")
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
    .with_help("count from the day of the visit, without `after`, or from another date; or check the unit");
    debug_assert!(deadline(v.library, effect).is_some());
    with_patient(with_conditions(v, finding, effect), "it is overdue at once for", about)
}

/// A time limit that is not passed on.
pub(super) fn lost_deadline(v: &Verifier<'_>, limited: Piece, by: Piece, about: About) -> Diagnostic {
    let (loser, winner) = (v.name(limited.0), v.name(by.0));
    let later = if deadline(v.library, by.0).is_some() {
        ", which is later"
    } else {
        " without a time limit"
    };
    let label = |p: Piece| format!("`{}` {}", v.name(p.0), says(v, p));
    let mut finding = Diagnostic::new(
        &LOST_DEADLINE,
        format!("`{winner}` takes the place of `{loser}`, and its deadline is lost"),
        v.library[by.0].span,
        label(by) + later,
    )
    .with_label(v.library[limited.0].span, label(limited));
    for effect in [limited.0, by.0] {
        finding = with_conditions(v, finding, effect);
    }
    let effect = &v.library[by.0];
    let time = v.library[limited.0].timing.deadline;
    let finding = match time {
        Some((time, clock)) => {
            let limit = match clock {
                Clock::Evaluation => format!("within {time}"),
                Clock::Date(fact) => format!("within {time} after {}", v.library[fact].name),
            };
            let finding = finding.with_help(format!("a deadline is not passed on: say `{limit}` in `{winner}` as well"));
            // Modifiers stand before an effect's own conditions.
            if effect.own.is_always() && effect.timing.deadline.is_none() {
                finding.with_fix(format!("say `{limit}`"), effect.span.after(), format!(" {limit}"))
            } else {
                finding
            }
        }
        None => finding.with_help(format!("a deadline is not passed on: say in `{winner}` how soon")),
    };
    with_patient(finding, "the time limit is lost for", about)
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
            .map_or("the shared files".to_owned(), |g| format!("`{}`", v.library[g].name))
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
            finding.notes.push(format!(
                "this patient meets `{}` only as {place} defines it: {}",
                a.name,
                witness.given()
            ));
        }
    }
    finding.help = Some(
        "each rule keeps the meaning of its own document; if both mean the same, share one definition, else give them names of \
         their own"
            .to_owned(),
    );
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
        perhaps_smaller: shown.is_some_and(|w| w.perhaps_smaller),
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
    let (more, less) = (v.name(stricter.0), v.name(other.0));
    let message = format!(
        "`{less}` advises {} for patients for whom `{more}` does not yet",
        called(v, other.1)
    );
    let whom = format!("only `{less}` advises it for");
    let mut finding = at_both(v, &PRECONDITIONS, message, [stricter, other]);
    finding.severity = Severity::Note;
    with_patient(finding, &whom, about)
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
    let finding = match by {
        Some(winner) => fixes::of_lost_emergency(v, finding, emergency.0, winner),
        None => finding,
    };
    with_patient(with_conditions(v, finding, emergency.0), "nothing urgent is said for", about)
}

/// Somebody is forgotten.
pub(super) fn false_completeness(claim: &str, span: Span, about: About) -> Diagnostic {
    let finding = Diagnostic::new(
        &INCOMPLETE,
        format!("it is claimed that \"{claim}\", and some patient gets none of that advice"),
        span,
        "this claim is false",
    )
    .with_help("add a rule for such patients, or narrow what the claim is `over`");
    with_patient(finding, "none of it is for", about)
}

/// A section's condition narrows what is forbidden or owed at once.
pub(super) fn weakened(v: &Verifier<'_>, effect: EffectId, section: Span, about: About) -> Diagnostic {
    let action = v.library[effect].actions.first().copied();
    let words = action.map(|a| says(v, (effect, a))).unwrap_or_default();
    let name = v.name(effect);
    let finding = Diagnostic::new(
        &WEAKENED,
        format!("`{name}` {words}, but only for the patients of its section"),
        v.library[effect].span,
        format!("`{name}` {words}"),
    )
    .with_label(section, "only where the condition of this heading holds")
    .with_help("if the document means it so, say it in `because \"…\"`; else move the rule out of the section");
    with_patient(with_conditions(v, finding, effect), "the heading leaves out", about)
}

/// Some values of a fact lead to nothing.
pub(super) fn uncovered_value(v: &Verifier<'_>, fact: FactId, guideline: GuidelineId, values: &[&str]) -> Diagnostic {
    let listed: Vec<String> = values.iter().map(|v| format!("`{v}`")).collect();
    let finding = Diagnostic::new(
        &UNCOVERED_VALUE,
        format!(
            "no rule of `{}` is about `{}` being {}",
            v.library[guideline].name,
            v.library[fact].name,
            listed.join(" or ")
        ),
        v.library[fact].name_span,
        "the values around it lead to advice",
    )
    .with_help("add a rule for it, or let one of the others reach it, by `at most` or `at least`");
    let tests = tests_of(v, fact, guideline).take(4);
    tests.fold(finding, |finding, atom| {
        finding.with_label(v.library[atom].span, "this does not reach it")
    })
}

/// Where the rules of a guideline test a fact.
fn tests_of<'v>(v: &'v Verifier<'_>, fact: FactId, guideline: GuidelineId) -> impl Iterator<Item = AtomId> + 'v {
    let inside = move |place: Span| {
        let mut rules = v.library.rules.iter().filter(move |r| r.guideline == guideline);
        rules.any(|r| {
            let own = r.span;
            own.file == place.file && own.range().start <= place.range().start && place.range().end <= own.range().end
        })
    };
    (0..v.library.atoms.len())
        .map(AtomId::from_index)
        .filter(move |atom| v.library[v.library[*atom].test].0 == Term::Fact(fact) && inside(v.library[*atom].span))
}

/// A threshold that the rules on both sides of it leave out.
pub(super) fn missing_threshold(v: &Verifier<'_>, fact: FactId, guideline: GuidelineId, point: Decimal) -> Option<Diagnostic> {
    let at_point = |comparison: Comparison| {
        move |atom: &AtomId| match &v.library[v.library[*atom].test].1 {
            Test::Compare { comparison: c, than, .. } => *c == comparison && *than == point,
            _ => false,
        }
    };
    let over: Vec<AtomId> = tests_of(v, fact, guideline).filter(at_point(Comparison::Over)).collect();
    let under: Vec<AtomId> = tests_of(v, fact, guideline).filter(at_point(Comparison::Under)).collect();
    let first = over.first().or(under.first())?;
    let written = match &v.library[v.library[*first].test].1 {
        Test::Compare { written, .. } => written.as_str(),
        _ => "",
    };
    let name = &v.library[fact].name;
    let mut finding = Diagnostic::new(
        &UNCOVERED_VALUE,
        format!(
            "no rule of `{}` is about `{name}` being exactly {written}",
            v.library[guideline].name
        ),
        v.library[*first].span,
        "this leaves it out",
    );
    for other in over.iter().chain(&under).skip(1).take(3) {
        finding = finding.with_label(v.library[*other].span, "and so does this");
    }
    finding.help = Some(format!("say `at least {written}` or `at most {written}` in one of them"));
    let span = v.library[*first].span;
    let text = v.sources.text(span);
    let right = ["over", ">"].iter().zip(["at least", ">="]).find_map(|(old, new)| {
        let at = text.find(old)?;
        Some(format!("{}{new}{}", text.get(..at)?, text.get(at + old.len()..)?))
    });
    Some(match (over.as_slice(), right) {
        ([_], Some(right)) => finding.with_fix(format!("write `{right}`"), span, right),
        _ => finding,
    })
}

/// A part of a condition is always the same.
pub(super) fn constant_part(v: &Verifier<'_>, rule: RuleId, part: &Condition, whole: Span, holds: bool) -> Diagnostic {
    let mut waiting = vec![part];
    let mut place: Option<Span> = None;
    while let Some(next) = waiting.pop() {
        match next {
            Condition::All(parts) | Condition::Any(parts) | Condition::AtLeast(_, parts) => waiting.extend(parts),
            Condition::Not(inner) => waiting.push(inner),
            Condition::Atom(atom) => {
                let own = v.library[*atom].span;
                place = Some(place.map_or(own, |p| p.to(own)));
            }
            Condition::Defined(_) => {}
        }
    }
    let (who, help) = if holds {
        (
            "every patient",
            "look for `or` where `and` is meant, or for a threshold on the wrong side",
        )
    } else {
        (
            "no patient",
            "look for `and` where `or` is meant, or for a threshold on the wrong side",
        )
    };
    Diagnostic::new(
        &CONSTANT_PART,
        format!("{who} meets a part of the condition of `{}`", v.library.rule_name(rule)),
        place.unwrap_or(whole),
        "whatever the facts in it say",
    )
    .with_help(help)
    .with_about(about_rule(v, rule))
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

/// A default that is true of nobody.
pub(super) fn impossible_default(v: &Verifier<'_>, fact: FactId) -> Diagnostic {
    let fact = &v.library[fact];
    Diagnostic::new(
        &IMPOSSIBLE_DEFAULT,
        format!(
            "`{}` is no by default, and the assumptions let it be no for nobody",
            fact.name
        ),
        fact.name_span,
        "taken as no where nothing is recorded",
    )
    .with_help("take `default no` away, or correct the assumption that rules it out")
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
        format!("`{guideline}` does not know the emergency of `{}`", v.name(emergency.0)),
        place,
        "such patients are in its scope",
    )
    .with_label(
        v.library[emergency.0].span,
        format!("`{}` {}", v.name(emergency.0), says(v, emergency)),
    );
    let finding = with_conditions(v, finding, emergency.0).with_help(
        "if the document names this emergency, its rule is missing; if not, readers of this document alone miss it: tell its \
         authors, or narrow its scope with `applies when`",
    );
    with_patient(finding, "both documents are about", about)
}
