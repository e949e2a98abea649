//! Running a case: its patient is evaluated, and each expectation held against the outcome.

use super::{Case, CaseResult, Expect, ExpectKind, Failure, deadline};
use crate::ast::ExpectStanding;
use crate::eval::errors::MISSING_DATE_OF_EVALUATION;
use crate::eval::explain::{Explanation, Shape, explain, explain_condition};
use crate::eval::settle::Inference;
use crate::eval::{Advice, Options, Outcome, Patient, Standing, Undecided, evaluate};
use crate::load::Loaded;
use crate::model::{ActionId, Clock, Direction, Effect, Library, Modality, RuleId, Status, Truth};
use crate::source::Sources;
use std::collections::BTreeSet;

/// Runs one case. The library must have no error.
pub fn run(loaded: &Loaded, inference: &Inference, case: &Case) -> CaseResult {
    let library = &loaded.library;
    let rejected_expected = case.expects.iter().find(|e| matches!(e.kind, ExpectKind::Rejected));
    let patient = match inference.settle(library, &case.record) {
        Ok(patient) => patient,
        Err(found) => {
            // A case without its date is unfinished; that contradicts nothing, and must not pass for a rejection.
            let unfinished = found.iter().all(|d| std::ptr::eq(d.code, &MISSING_DATE_OF_EVALUATION));
            let failures = match rejected_expected {
                Some(_) if !unfinished => Vec::new(),
                _ => vec![Failure {
                    span: case.span,
                    expected: "a record that can be evaluated".to_owned(),
                    instead: found.iter().map(|d| format!("it is rejected: {}", d.message)).collect(),
                }],
            };
            return CaseResult { failures };
        }
    };
    let outcome = evaluate(
        library,
        &patient,
        &Options {
            guidelines: Some(case.guidelines.clone()),
        },
    );
    let running = Running {
        library,
        sources: &loaded.sources,
        patient: &patient,
        outcome: &outcome,
        case,
    };
    let mut failures: Vec<Failure> = case.expects.iter().filter_map(|expect| running.failure(expect)).collect();
    if case.exactly {
        failures.extend(running.unexpected());
    }
    CaseResult { failures }
}

/// Whether an outcome meets every expectation of a case.
pub(super) fn is_met(loaded: &Loaded, patient: &Patient, outcome: &Outcome, case: &Case) -> bool {
    let running = Running {
        library: &loaded.library,
        sources: &loaded.sources,
        patient,
        outcome,
        case,
    };
    case.expects.iter().all(|expect| running.failure(expect).is_none())
}

/// Advice that no expectation of a case speaks of.
pub(super) fn unexpected<'a>(loaded: &'a Loaded, patient: &'a Patient, outcome: &'a Outcome, case: &'a Case) -> Vec<Advice> {
    let running = Running {
        library: &loaded.library,
        sources: &loaded.sources,
        patient,
        outcome,
        case,
    };
    running.unspoken_of().cloned().collect()
}

struct Running<'a> {
    library: &'a Library,
    sources: &'a Sources,
    patient: &'a Patient,
    outcome: &'a Outcome,
    case: &'a Case,
}

fn is_against(modality: Option<Modality>) -> bool {
    matches!(modality, Some(Modality::Avoid | Modality::Never))
}

impl Running<'_> {
    fn failure(&self, expect: &Expect) -> Option<Failure> {
        let expected = self
            .sources
            .text(expect.span)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let instead = match &expect.kind {
            ExpectKind::Rejected => vec!["the record is accepted".to_owned()],
            ExpectKind::Advice {
                modality, actions, any, ..
            } => {
                let missing: Vec<ActionId> = actions.iter().copied().filter(|a| !self.has_advice(expect, *a)).collect();
                let met = if *any {
                    missing.len() < actions.len()
                } else {
                    missing.is_empty()
                };
                if met {
                    return None;
                }
                missing
                    .iter()
                    .flat_map(|a| self.instead(*a, expect, is_against(*modality)))
                    .collect()
            }
            ExpectKind::None {
                modality,
                actions,
                statements,
            } => {
                let mut unwanted = Vec::new();
                for advice in &self.outcome.advice {
                    let on = actions.iter().find(|on| self.forbidden(advice, **on, *modality));
                    if let Some(on) = on.filter(|_| self.encodes(self.library[advice.effect].rule, statements)) {
                        unwanted.push(self.describe(advice) + &self.gives_way(advice, *on, *modality));
                    }
                }
                if unwanted.is_empty() {
                    return None;
                }
                unwanted
            }
            ExpectKind::Undecided {
                modality,
                actions,
                asking,
                statements,
            } => {
                let fits = |u: &&Undecided, on: ActionId| {
                    let effect = &self.library[u.effect];
                    // As for `expect avoid`: what holds a parent back holds its kinds back.
                    let through_parent = is_against(*modality) && self.library.is_kind_of(on, u.action);
                    (u.action == on || through_parent)
                        && modality.is_none_or(|m| m == effect.modality)
                        && self.encodes(effect.rule, statements)
                };
                let mut instead = Vec::new();
                for action in actions {
                    let waiting: Vec<&Undecided> = self.outcome.undecided.iter().filter(|u| fits(u, *action)).collect();
                    if waiting.is_empty() {
                        instead.extend(self.instead(*action, expect, is_against(*modality)));
                        continue;
                    }
                    let needs: BTreeSet<_> = waiting.iter().flat_map(|u| u.needs.iter().copied()).collect();
                    for fact in asking.iter().filter(|f| !needs.contains(f)) {
                        let asked: Vec<&str> = needs.iter().map(|f| self.library[*f].name.as_str()).collect();
                        instead.push(format!(
                            "`{}` is not asked for; these are: {}",
                            self.library[*fact].name,
                            asked.join(", ")
                        ));
                    }
                }
                if instead.is_empty() {
                    return None;
                }
                instead
            }
            ExpectKind::Disagreement { actions } => {
                let missing: Vec<ActionId> = actions
                    .iter()
                    .copied()
                    .filter(|on| {
                        !self
                            .outcome
                            .disagreements
                            .iter()
                            .any(|d| d.positions.iter().any(|(_, a)| a == on) || d.action == *on)
                    })
                    .collect();
                if missing.is_empty() {
                    return None;
                }
                missing
                    .iter()
                    .map(|a| format!("no positions on {} disagree", self.library[*a].name))
                    .collect()
            }
        };
        Some(Failure {
            span: expect.span,
            expected,
            instead,
        })
    }

    fn encodes(&self, rule: RuleId, statements: &[String]) -> bool {
        statements
            .iter()
            .all(|id| self.library[rule].statements.iter().any(|s| s.id == *id))
    }

    /// Whether some advice meets the expectation on this action.
    fn has_advice(&self, expect: &Expect, on: ActionId) -> bool {
        let ExpectKind::Advice {
            standing,
            modality,
            urgency,
            timing,
            modifiers,
            statements,
            ..
        } = &expect.kind
        else {
            return false;
        };
        self.outcome.advice.iter().any(|advice| {
            let effect = &self.library[advice.effect];
            let against = is_against(*modality);
            let covers = if against {
                self.library.is_kind_of(on, advice.action)
            } else {
                advice.action == on || advice.alternatives.contains(&on)
            };
            let direction = if against { Direction::Against } else { Direction::For };
            let excepted = advice.except.iter().any(|(kind, _)| self.library.is_kind_of(on, *kind));
            let maybe = advice
                .may_except
                .iter()
                .any(|(kind, _, _)| self.library.is_kind_of(on, *kind));
            let stands = match standing {
                None => !matches!(advice.standing, Standing::Overridden { .. }) && !excepted,
                Some(ExpectStanding::Active) => advice.standing == Standing::Active && !excepted && !maybe,
                Some(ExpectStanding::Open) => {
                    matches!(advice.standing, Standing::Open { .. })
                        || (maybe && advice.standing == Standing::Active && !excepted)
                }
                Some(ExpectStanding::Overridden) => matches!(advice.standing, Standing::Overridden { .. }) || excepted,
                Some(ExpectStanding::Overdue) => {
                    advice.overdue == Some(Truth::Yes) && !matches!(advice.standing, Standing::Overridden { .. })
                }
            };
            covers
                && effect.direction() == direction
                && stands
                && modality.is_none_or(|m| m == effect.modality)
                && urgency.is_none_or(|u| Some(u) == effect.urgency)
                && deadline(timing).is_none_or(|d| {
                    effect
                        .timing
                        .deadline
                        .is_some_and(|(e, c)| same_deadline(d, e) && timing.deadline.is_some_and(|(_, clock)| clock == c))
                })
                && timing.not_before.is_none_or(|(d, c)| {
                    effect
                        .timing
                        .not_before
                        .is_some_and(|(e, k)| d.minutes() == e.minutes() && c == k)
                })
                && stated(effect, modifiers)
                && self.encodes(effect.rule, statements)
        })
    }

    /// Whether advice is of the sort that `expect no` rules out. What gave way fires all the same.
    fn forbidden(&self, advice: &Advice, on: ActionId, modality: Option<Modality>) -> bool {
        let effect = &self.library[advice.effect];
        if is_against(modality) {
            effect.direction() == Direction::Against
                && self.library.is_kind_of(on, advice.action)
                && (modality != Some(Modality::Never) || effect.modality == Modality::Never)
        } else {
            effect.direction() == Direction::For
                && self.library.is_kind_of(advice.action, on)
                && modality.is_none_or(|m| m == effect.modality)
        }
    }

    /// Of advice that gives way on an action, the expectation that says so.
    fn gives_way(&self, advice: &Advice, on: ActionId, modality: Option<Modality>) -> String {
        let against = is_against(modality);
        let is_excepted = against && advice.except.iter().any(|(kind, _)| self.library.is_kind_of(on, *kind));
        if !is_excepted && !matches!(advice.standing, Standing::Overridden { .. }) {
            return String::new();
        }
        let word = modality.map_or(String::new(), |m| format!("{} ", m.word()));
        let action = &self.library[if against { on } else { advice.action }].name;
        format!("; it fires all the same, write `expect overridden {word}{action}`")
    }

    /// With `exactly`: advice that no expectation speaks of.
    fn unexpected(&self) -> Vec<Failure> {
        let failure = |advice: &Advice| Failure {
            span: self.case.span,
            expected: "exactly this".to_owned(),
            instead: vec![self.describe(advice)],
        };
        self.unspoken_of().map(failure).collect()
    }

    fn unspoken_of(&self) -> impl Iterator<Item = &Advice> {
        let spoken_of = move |advice: &Advice| {
            let direction = self.library[advice.effect].direction();
            self.case.expects.iter().any(|expect| match &expect.kind {
                ExpectKind::Advice { modality, actions, .. } => {
                    let wanted = if is_against(*modality) {
                        Direction::Against
                    } else {
                        Direction::For
                    };
                    wanted == direction
                        && actions.iter().any(|on| match direction {
                            Direction::For => advice.action == *on || advice.alternatives.contains(on),
                            Direction::Against => self.library.is_kind_of(*on, advice.action),
                        })
                }
                // A disagreement speaks of both its sides.
                ExpectKind::Disagreement { actions } => self
                    .outcome
                    .disagreements
                    .iter()
                    .filter(|d| {
                        actions
                            .iter()
                            .any(|on| d.action == *on || d.positions.iter().any(|(_, a)| a == on))
                    })
                    .any(|d| d.positions.contains(&(advice.effect, advice.action))),
                _ => false,
            })
        };
        self.outcome
            .advice
            .iter()
            .filter(|a| !matches!(a.standing, Standing::Overridden { .. }))
            .filter(move |a| !spoken_of(a))
    }

    fn describe(&self, advice: &Advice) -> String {
        let effect = &self.library[advice.effect];
        let timing = match &effect.timing.deadline {
            Some((deadline, _)) => format!(" within {}", deadline),
            None => String::new(),
        };
        let urgency = effect.urgency.map_or(String::new(), |u| format!(" {}", u.word()));
        let standing = match &advice.standing {
            Standing::Active => String::new(),
            Standing::Open { .. } => ", open".to_owned(),
            Standing::Overridden { by } => {
                let by: Vec<&str> = by.iter().map(|r| self.library.rule_name(*r)).collect();
                format!(", overridden by {}", by.join(", "))
            }
        };
        let except: BTreeSet<&str> = advice
            .except
            .iter()
            .map(|(kind, _)| self.library[*kind].name.as_str())
            .collect();
        let except = if except.is_empty() {
            String::new()
        } else {
            format!(", except {}", except.into_iter().collect::<Vec<_>>().join(", "))
        };
        format!(
            "`{}` says {}{urgency} {}{timing}{except}{standing}",
            self.library.rule_name(effect.rule),
            effect.modality.word(),
            self.library[advice.action].name
        )
    }

    /// What of an expectation is not seen in the description of advice: its clock, window, statements and modifiers.
    fn unlike(&self, advice: &Advice, expect: &Expect) -> String {
        let ExpectKind::Advice {
            timing,
            modifiers,
            statements,
            ..
        } = &expect.kind
        else {
            return String::new();
        };
        let effect = &self.library[advice.effect];
        let name = |clock: Clock| match clock {
            Clock::Evaluation => "the evaluation",
            Clock::Date(fact) => &self.library[fact].name,
        };
        let mut unlike = String::new();
        if let (Some((_, wanted)), Some((_, clock))) = (timing.deadline, effect.timing.deadline)
            && wanted != clock
        {
            unlike.push_str(&format!(", counted from {}", name(clock)));
        }
        if timing.not_before.is_some() {
            unlike.push_str(&match effect.timing.not_before {
                Some((start, clock)) => format!(", not before {start} after {}", name(clock)),
                None => ", without a first day".to_owned(),
            });
        }
        if !self.encodes(effect.rule, statements) {
            let has: Vec<&str> = self.library[effect.rule].statements.iter().map(|s| s.id.as_str()).collect();
            let has = if has.is_empty() {
                "no statement".to_owned()
            } else {
                has.join(", ")
            };
            unlike.push_str(&format!(", from {has}"));
        }
        if !stated(effect, modifiers) {
            unlike.push_str(", without some of these modifiers");
        }
        unlike
    }

    /// What is said of an action instead; if nothing is, the nearest rule and what stopped it.
    fn instead(&self, on: ActionId, expect: &Expect, against: bool) -> Vec<String> {
        let concerns = |action: ActionId| self.library.comparable(action, on);
        let said: BTreeSet<String> = self
            .outcome
            .advice
            .iter()
            .filter(|a| concerns(a.action))
            .map(|a| self.describe(a) + &self.unlike(a, expect))
            .collect();
        let waiting: BTreeSet<String> = self
            .outcome
            .undecided
            .iter()
            .filter(|u| concerns(u.action))
            .map(|u| {
                let needs: Vec<&str> = u.needs.iter().map(|f| self.library[*f].name.as_str()).collect();
                format!(
                    "`{}` is undecided and asks for {}",
                    self.library.rule_name(self.library[u.effect].rule),
                    needs.join(", ")
                )
            })
            .collect();
        let mut lines: Vec<String> = said.into_iter().chain(waiting).collect();
        if lines.is_empty() {
            let wanted = if against { Direction::Against } else { Direction::For };
            lines.extend(self.nearest(on, wanted));
        }
        if lines.is_empty() {
            lines.push(format!("no rule speaks of {}", self.library[on].name));
        }
        lines
    }

    /// The rule with the fewest parts that fail, and the first of them.
    fn nearest(&self, on: ActionId, wanted: Direction) -> Option<String> {
        let rules = self
            .library
            .rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| self.case.guidelines.contains(&rule.guideline));
        let speaking = rules.filter_map(|(index, rule)| {
            let mut effects = rule.effects.iter().map(|e| &self.library[*e]);
            let effect =
                effects.find(|e| e.direction() == wanted && e.actions.iter().any(|a| self.library.comparable(*a, on)))?;
            Some((RuleId::from_index(index), effect))
        });
        let (_, rule, stopped) = speaking
            .map(|(rule, effect)| {
                let stopped = self.stopped(rule, effect);
                (stopped.len(), rule, stopped)
            })
            .min_by_key(|(failing, rule, _)| (*failing, *rule))?;
        let name = self.library.rule_name(rule);
        let guideline = &self.library[self.library[rule].guideline];
        Some(match stopped.first() {
            _ if guideline.status == Status::Retired => {
                format!(
                    "the nearest rule is `{name}`, and `{}` is retired: it is never evaluated",
                    guideline.name
                )
            }
            Some((place, part)) => format!("the nearest rule is `{name}`, stopped by its {place}: {}", self.part(part)),
            None => format!("the nearest rule is `{name}`"),
        })
    }

    /// The parts of an effect's guard that keep it from firing, each with what is to blame in it.
    fn stopped(&self, rule: RuleId, effect: &Effect) -> Vec<(&'static str, Explanation)> {
        let why = explain(self.library, self.patient, rule);
        let own = explain_condition(self.library, self.patient, &effect.own);
        let parts = [("scope", why.scope), ("section", why.section), ("when", why.when)];
        let mut stopped: Vec<_> = parts
            .into_iter()
            .filter_map(|(place, part)| part.blocker().cloned().map(|blocker| (place, blocker)))
            .collect();
        if why.unless.truth != Truth::No {
            stopped.push(("unless", why.unless));
        }
        if let Some(blocker) = own.blocker() {
            stopped.push(("effect's `only when` or `unless`", blocker.clone()));
        }
        stopped
    }

    fn part(&self, part: &Explanation) -> String {
        match &part.shape {
            Shape::Test { fact, span } => {
                let (declared, word) = (&self.library[*fact], part.truth.word());
                let text = self.sources.text(*span).split_whitespace().collect::<Vec<_>>().join(" ");
                let value = self
                    .patient
                    .value(*fact)
                    .map_or("unknown".to_owned(), |v| v.written(&declared.ty));
                if text == declared.name && value == word {
                    format!("`{text}` is {word}")
                } else {
                    format!("`{text}` is {word} ({} is {value})", declared.name)
                }
            }
            Shape::Defined(definition) => format!("`{}` is {}", self.library[*definition].name, part.truth.word()),
            _ => {
                let parts: Vec<String> = part.parts.iter().map(|p| self.part(p)).collect();
                parts.join(", ")
            }
        }
    }
}

fn same_deadline(a: crate::model::Deadline, b: crate::model::Deadline) -> bool {
    use crate::model::Deadline::{Exact, Vague};
    match (a, b) {
        (Vague(a), Vague(b)) => a == b,
        (Exact(a), Exact(b)) => a.minutes() == b.minutes(),
        _ => false,
    }
}

/// Whether the effect has every modifier that was stated.
fn stated(effect: &Effect, wanted: &crate::model::Modifiers) -> bool {
    let has = &effect.modifiers;
    let all = |wanted: &[ActionId], has: &[ActionId]| wanted.iter().all(|a| has.contains(a));
    wanted.with.iter().all(|w| has.with.contains(w))
        && all(&wanted.before, &has.before)
        && all(&wanted.instead_of, &has.instead_of)
        && all(&wanted.preferred_to, &has.preferred_to)
        && wanted.line.is_none_or(|l| has.line == Some(l))
        && wanted
            .duration
            .is_none_or(|(b, d)| has.duration.is_some_and(|(c, e)| b == c && d.minutes() == e.minutes()))
        && wanted
            .every
            .is_none_or(|d| has.every.is_some_and(|e| d.minutes() == e.minutes()))
}
