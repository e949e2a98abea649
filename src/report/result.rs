//! The result of an evaluation as JSON, in the shape of `gl.result/1`.
//!
//! In: an outcome with its library and patient. Out: one serialisable object.
//! Must not know: how the outcome was found. Field order and list order are part of the format.

use crate::eval::{Advice, DifferenceKind, DisagreementKind, Outcome, Patient, Position, Standing};
use crate::model::{
    ActionId, Citation, Clock, Direction, Effect, EffectId, FactId, Library, RuleId, SettlementDecision, Truth, Urgency,
};
use serde::Serialize;

/// The whole result.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct ResultJson {
    pub schema: &'static str,
    pub engine: String,
    pub as_of: Option<String>,
    pub guidelines: Vec<GuidelineJson>,
    pub proposed: Vec<ProposedJson>,
    pub recommendations: Vec<AdviceJson>,
    pub advised_against: Vec<AdviceJson>,
    pub undecided: Vec<UndecidedJson>,
    pub disagreements: Vec<DisagreementJson>,
    pub differences: Vec<DifferenceJson>,
    pub ask: Vec<AskJson>,
    pub inferred: Vec<InferredJson>,
    pub notes: Vec<NoteJson>,
    pub warnings: Vec<String>,
}

/// A guideline that took part.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct GuidelineJson {
    pub id: String,
    pub version: String,
    pub status: &'static str,
    pub hash: String,
    pub applies: &'static str,
}

/// What the advice means for an action that someone has in mind.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct ProposedJson {
    pub action: String,
    pub advice: Vec<String>,
    pub summary: &'static str,
}

/// One piece of advice.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct AdviceJson {
    pub action: String,
    pub label: String,
    pub modality: &'static str,
    pub urgency: Option<&'static str>,
    pub within: Option<String>,
    pub window: Option<WindowJson>,
    pub due: Option<String>,
    pub overdue: Option<bool>,
    pub rule: String,
    pub alternatives: Vec<String>,
    pub modifiers: ModifiersJson,
    pub status: &'static str,
    pub overridden_by: Vec<String>,
    pub open_on: Vec<String>,
    pub except: Vec<ExceptJson>,
    pub statements: Vec<String>,
    pub cites: Vec<CiteJson>,
    pub evidence: Vec<EvidenceJson>,
    pub because: Option<String>,
    pub facts: Vec<FactJson>,
}

/// From when to when.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct WindowJson {
    pub from: Option<String>,
    pub to: Option<String>,
    pub clock: String,
}

/// What is shown with advice.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct ModifiersJson {
    pub with: Option<String>,
    pub before: Vec<String>,
    pub instead_of: Vec<String>,
    pub preferred_to: Vec<String>,
    pub line: Option<u32>,
    #[serde(rename = "for")]
    pub duration: Option<String>,
    pub every: Option<String>,
}

/// A kind that an avoidance makes way for.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct ExceptJson {
    pub action: String,
    pub by: String,
}

/// A citation; one entry per reference number, or one without a number.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct CiteJson {
    pub source: String,
    pub document: Option<String>,
    pub place: Option<String>,
    pub number: Option<u32>,
}

/// A grade on a scale.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct EvidenceJson {
    pub scale: String,
    pub grade: String,
}

/// A fact with its value and where that came from.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct FactJson {
    pub fact: String,
    pub value: String,
    pub origin: &'static str,
}

/// Advice that waits for facts.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct UndecidedJson {
    pub rule: String,
    pub action: String,
    pub modality: &'static str,
    pub urgency: Option<&'static str>,
    pub statements: Vec<String>,
    pub needs: Vec<String>,
}

/// One side of a disagreement or difference.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct PositionJson {
    pub rule: String,
    pub action: String,
    pub modality: &'static str,
    pub statements: Vec<String>,
}

/// Positions that cannot both be followed.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct DisagreementJson {
    pub action: String,
    pub kind: &'static str,
    pub status: &'static str,
    pub positions: Vec<PositionJson>,
    pub reconciled: Option<ReconciledJson>,
}

/// What the authors decided.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct ReconciledJson {
    pub decision: &'static str,
    pub rule: Option<String>,
    pub because: String,
}

/// Positions that say nearly the same.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct DifferenceJson {
    pub action: String,
    pub kind: &'static str,
    pub positions: Vec<PositionJson>,
}

/// A question worth asking.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct AskJson {
    pub fact: String,
    pub question: String,
    pub could_change: Vec<String>,
    pub most_urgent: Option<&'static str>,
}

/// A value that followed from recorded ones.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct InferredJson {
    pub fact: String,
    pub value: String,
    pub from: Vec<String>,
}

/// A note; one entry per stance.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct NoteJson {
    pub text: String,
    pub about: Vec<String>,
    pub stance: &'static str,
    pub statements: Vec<String>,
    pub cites: Vec<CiteJson>,
}

/// Puts an outcome into the shape of `gl.result/1`.
pub fn result(library: &Library, patient: &Patient, outcome: &Outcome, proposed: &[ActionId]) -> ResultJson {
    let wire = Wire {
        library,
        patient,
        outcome,
    };
    ResultJson {
        schema: "gl.result/1",
        engine: concat!("gl ", env!("CARGO_PKG_VERSION")).to_owned(),
        as_of: outcome.as_of.map(|d| d.to_string()),
        guidelines: outcome
            .guidelines
            .iter()
            .map(|(id, applies)| wire.guideline(*id, *applies))
            .collect(),
        proposed: proposed.iter().map(|action| wire.proposed(*action)).collect(),
        recommendations: outcome.recommendations(library).map(|a| wire.advice(a)).collect(),
        advised_against: outcome.advised_against(library).map(|a| wire.advice(a)).collect(),
        undecided: outcome.undecided.iter().map(|u| wire.undecided(u)).collect(),
        disagreements: outcome.disagreements.iter().map(|d| wire.disagreement(d)).collect(),
        differences: outcome.differences.iter().map(|d| wire.difference(d)).collect(),
        ask: outcome.ask.iter().map(|a| wire.ask(a)).collect(),
        inferred: outcome.inferred.iter().map(|i| wire.inferred(i)).collect(),
        notes: outcome.notes.iter().flat_map(|n| wire.notes(*n)).collect(),
        warnings: outcome.warnings.clone(),
    }
}

struct Wire<'a> {
    library: &'a Library,
    patient: &'a Patient,
    outcome: &'a Outcome,
}

impl Wire<'_> {
    fn guideline(&self, id: crate::model::GuidelineId, applies: Truth) -> GuidelineJson {
        let guideline = &self.library[id];
        GuidelineJson {
            id: guideline.name.clone(),
            version: guideline.version.clone(),
            status: guideline.status.word(),
            hash: guideline.hash.clone(),
            applies: applies.word(),
        }
    }

    fn proposed(&self, action: ActionId) -> ProposedJson {
        let (advice, summary) = bearing(self.library, self.outcome, action);
        let advice: std::collections::BTreeSet<String> = advice.iter().map(|a| self.rule(self.library[a.effect].rule)).collect();
        ProposedJson {
            action: self.action(action),
            advice: advice.into_iter().collect(),
            summary,
        }
    }

    fn advice(&self, advice: &Advice) -> AdviceJson {
        let library = self.library;
        let effect = &library[advice.effect];
        let rule = &library[effect.rule];
        let mut may_settle: Vec<FactId> = advice.may_except.iter().flat_map(|(_, _, on)| on.iter().copied()).collect();
        may_settle.sort_by_key(|f| &library[*f].name);
        may_settle.dedup();
        let (status, overridden_by, open_on) = match &advice.standing {
            // Active as a whole; the facts decide about kinds of it.
            Standing::Active => ("active", Vec::new(), self.facts(&may_settle)),
            Standing::Overridden { by } => ("overridden", by.iter().map(|r| self.rule(*r)).collect(), Vec::new()),
            Standing::Open { on, .. } => ("open", Vec::new(), self.facts(on)),
        };
        let modifiers = &effect.modifiers;
        AdviceJson {
            action: self.action(advice.action),
            label: library[advice.action].label.clone(),
            modality: effect.modality.word(),
            urgency: effect.urgency.map(Urgency::word),
            within: effect.timing.deadline.as_ref().map(|(deadline, _)| deadline.to_string()),
            window: window_clock(effect).map(|clock| WindowJson {
                from: advice.window.as_ref().and_then(|w| w.from).map(|d| d.to_string()),
                to: advice.due.map(|d| d.to_string()),
                clock: match clock {
                    Clock::Evaluation => "evaluation".to_owned(),
                    Clock::Date(fact) => library[fact].name.clone(),
                },
            }),
            due: advice.due.map(|d| d.to_string()),
            overdue: match advice.overdue {
                Some(Truth::Yes) => Some(true),
                Some(Truth::No) => Some(false),
                Some(Truth::Unknown) | None => None,
            },
            rule: self.rule(effect.rule),
            alternatives: self.actions(&advice.alternatives),
            modifiers: ModifiersJson {
                with: (!modifiers.with.is_empty()).then(|| modifiers.with.join("; ")),
                before: self.actions(&modifiers.before),
                instead_of: self.actions(&modifiers.instead_of),
                preferred_to: self.actions(&modifiers.preferred_to),
                line: modifiers.line,
                duration: modifiers.duration.map(|(bound, d)| crate::model::words::lasting(bound, d)),
                every: modifiers.every.map(|d| d.to_string()),
            },
            status,
            overridden_by,
            open_on,
            except: advice
                .except
                .iter()
                .map(|(a, by)| ExceptJson {
                    action: self.action(*a),
                    by: self.rule(*by),
                })
                .collect(),
            statements: rule.statements.iter().map(|s| s.id.clone()).collect(),
            cites: self.cites(&rule.cites),
            evidence: rule
                .evidence
                .iter()
                .map(|(scale, grade)| EvidenceJson {
                    scale: library[*scale].name.clone(),
                    grade: library[*scale].points.get(*grade).cloned().unwrap_or_default(),
                })
                .collect(),
            because: rule.because.clone(),
            facts: advice.facts.iter().filter_map(|f| self.fact(f.fact)).collect(),
        }
    }

    fn fact(&self, fact: FactId) -> Option<FactJson> {
        let value = self.patient.value(fact)?;
        let declared = &self.library[fact];
        Some(FactJson {
            fact: declared.name.clone(),
            value: value.written(&declared.ty),
            origin: self.patient.origin(fact).map_or("recorded", crate::eval::Origin::word),
        })
    }

    fn undecided(&self, undecided: &crate::eval::Undecided) -> UndecidedJson {
        let effect = &self.library[undecided.effect];
        UndecidedJson {
            rule: self.rule(effect.rule),
            action: self.action(undecided.action),
            modality: effect.modality.word(),
            urgency: effect.urgency.map(Urgency::word),
            statements: self.statements(effect.rule),
            needs: self.facts(&undecided.needs),
        }
    }

    fn position(&self, (effect, action): (EffectId, ActionId)) -> PositionJson {
        let effect = &self.library[effect];
        PositionJson {
            rule: self.rule(effect.rule),
            action: self.action(action),
            modality: effect.modality.word(),
            statements: self.statements(effect.rule),
        }
    }

    fn disagreement(&self, disagreement: &crate::eval::Disagreement) -> DisagreementJson {
        DisagreementJson {
            action: self.action(disagreement.action),
            kind: match disagreement.kind {
                DisagreementKind::Contradiction => "contradiction",
                DisagreementKind::Window => "window",
            },
            status: if disagreement.certain { "certain" } else { "possible" },
            positions: disagreement.positions.iter().map(|p| self.position(*p)).collect(),
            reconciled: disagreement.reconciled.map(|id| {
                let settlement = &self.library[id];
                let (decision, rule) = match &settlement.decision {
                    SettlementDecision::Prefer { rule, .. } => ("prefer", Some(self.rule(*rule))),
                    SettlementDecision::LeaveOpen => ("open", None),
                };
                ReconciledJson {
                    decision,
                    rule,
                    because: settlement.because.clone(),
                }
            }),
        }
    }

    fn difference(&self, difference: &crate::eval::Difference) -> DifferenceJson {
        DifferenceJson {
            action: self.action(difference.action),
            kind: difference_word(difference.kind),
            positions: difference
                .positions
                .iter()
                .map(|position| match position {
                    Position::Effect(effect, action) => self.position((*effect, *action)),
                    Position::Note(note, action) => {
                        let stated = &self.library[*note];
                        let stance = stated
                            .stances
                            .iter()
                            .find(|(_, on)| on.contains(action))
                            .map_or("about", |(s, _)| s.word());
                        PositionJson {
                            rule: stated.full_name.clone(),
                            action: self.action(*action),
                            modality: stance,
                            statements: stated.statements.iter().map(|s| s.id.clone()).collect(),
                        }
                    }
                })
                .collect(),
        }
    }

    fn ask(&self, ask: &crate::eval::Ask) -> AskJson {
        AskJson {
            fact: self.library[ask.fact].name.clone(),
            question: question(self.library, ask.fact),
            could_change: ask.could_change.iter().map(|r| self.rule(*r)).collect(),
            most_urgent: self.library[ask.most_urgent].urgency.map(Urgency::word),
        }
    }

    fn inferred(&self, inferred: &crate::eval::Inferred) -> InferredJson {
        InferredJson {
            fact: self.library[inferred.fact].name.clone(),
            value: inferred.value.clone(),
            from: self.facts(&inferred.from),
        }
    }

    fn notes(&self, note: crate::model::NoteId) -> Vec<NoteJson> {
        let note = &self.library[note];
        let entry = |stance: &'static str, about: Vec<String>| NoteJson {
            text: note.text.clone(),
            about,
            stance,
            statements: note.statements.iter().map(|s| s.id.clone()).collect(),
            cites: self.cites(&note.cites),
        };
        match note.stances.as_slice() {
            [] => vec![entry("about", Vec::new())],
            stances => stances
                .iter()
                .map(|(s, actions)| entry(s.word(), self.actions(actions)))
                .collect(),
        }
    }

    fn cites(&self, cites: &[Citation]) -> Vec<CiteJson> {
        let entry = |cite: &Citation, number: Option<u32>| {
            let source = &self.library[cite.source];
            let document = source.reads.map(|(document, _)| self.library[document].name.clone());
            let number = number.or(source.reads.map(|(_, number)| number));
            CiteJson {
                source: source.name.clone(),
                document,
                place: cite.place.clone(),
                number,
            }
        };
        let entries = |cite: &Citation| match cite.numbers.as_slice() {
            [] => vec![entry(cite, None)],
            numbers => numbers.iter().map(|n| entry(cite, Some(*n))).collect(),
        };
        cites.iter().flat_map(entries).collect()
    }

    fn rule(&self, rule: RuleId) -> String {
        self.library.rule_name(rule).to_owned()
    }

    fn action(&self, action: ActionId) -> String {
        self.library[action].name.clone()
    }

    fn actions(&self, actions: &[ActionId]) -> Vec<String> {
        actions.iter().map(|a| self.action(*a)).collect()
    }

    fn facts(&self, facts: &[FactId]) -> Vec<String> {
        facts.iter().map(|f| self.library[*f].name.clone()).collect()
    }

    fn statements(&self, rule: RuleId) -> Vec<String> {
        self.library[rule].statements.iter().map(|s| s.id.clone()).collect()
    }
}

/// The advice that bears on an action that someone has in mind: for it or a kind of it (a recommendation does not pass down
/// to kinds), against it or a parent of it; and what it adds up to:
/// `for`, `against`, `both`, `silent` or `undecided`.
pub fn bearing<'a>(library: &'a Library, outcome: &'a Outcome, action: ActionId) -> (Vec<&'a Advice>, &'static str) {
    let stands = |a: &&Advice| !matches!(a.standing, Standing::Overridden { .. });
    let advised: Vec<&Advice> = outcome
        .recommendations(library)
        .filter(stands)
        .filter(|a| library.is_kind_of(a.action, action))
        .collect();
    let avoided: Vec<&Advice> = outcome
        .advised_against(library)
        .filter(stands)
        .filter(|a| library.is_kind_of(action, a.action) && !a.except.iter().any(|(kind, _)| library.is_kind_of(action, *kind)))
        .collect();
    let waiting = outcome.undecided.iter().any(|u| match library[u.effect].direction() {
        Direction::For => library.is_kind_of(u.action, action),
        Direction::Against => library.is_kind_of(action, u.action),
    });
    let summary = match (advised.is_empty(), avoided.is_empty()) {
        (false, false) => "both",
        (false, true) => "for",
        (true, false) => "against",
        (true, true) if waiting => "undecided",
        (true, true) => "silent",
    };
    (advised.into_iter().chain(avoided).collect(), summary)
}

/// The question to ask for a fact.
pub fn question(library: &Library, fact: FactId) -> String {
    let fact = &library[fact];
    fact.question.clone().unwrap_or_else(|| {
        let mut letters = fact.label.chars();
        let first = letters.next().map(char::to_uppercase);
        first.into_iter().flatten().chain(letters).chain(['?']).collect()
    })
}

/// The word of a kind of difference.
pub fn difference_word(kind: DifferenceKind) -> &'static str {
    match kind {
        DifferenceKind::Deadline => "deadline",
        DifferenceKind::Urgency => "urgency",
        DifferenceKind::Duration => "duration",
        DifferenceKind::Strength => "strength",
        DifferenceKind::Evidence => "evidence",
        DifferenceKind::Narrowing => "narrowing",
    }
}

/// The clock of an effect's window, where it has one: it holds its action back, or counts from a date of the patient's.
pub fn window_clock(effect: &Effect) -> Option<Clock> {
    let held_back = effect.timing.not_before.map(|(_, clock)| clock);
    held_back.or_else(|| {
        effect
            .timing
            .deadline
            .map(|(_, clock)| clock)
            .filter(|clock| *clock != Clock::Evaluation)
    })
}
