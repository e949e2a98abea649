//! What an author would write to mend a finding about all patients, where there is one thing to write.
//!
//! In: a finding and the rules that it is about. Out: the same, perhaps with a fix.
//! Must not know: how it was found. Nothing is offered across documents: a translation says what its document says.

use super::space::Formula;
use super::{Piece, Verifier};
use crate::diagnostic::{Certainty, Diagnostic, Edit, Fix};
use crate::model::{Comparison, Condition, EffectId, Modality, Origin, Rule, RuleId, Term, Test};
use crate::source::Span;

/// Two rules of one guideline that cannot both be followed: an exception for an emergency, a threshold that both include, or
/// the narrower of the two as the exception.
pub(super) fn of_clash(v: &Verifier<'_>, finding: Diagnostic, [one, other]: [Piece; 2], emergency: bool) -> Diagnostic {
    let rules = [one, other].map(|p| v.library[p.0].rule);
    let [a, b] = rules.map(|rule| &v.library[rule]);
    if rules[0] == rules[1] || a.guideline != b.guideline || !a.named || !b.named {
        return finding;
    }
    if emergency {
        let (urgent, waits) = if v.is_emergency(one.0) {
            (one.0, other.0)
        } else {
            (other.0, one.0)
        };
        return match (v.is_emergency(waits), exception(v, urgent, waits)) {
            (false, Some(fix)) => with(finding, fix),
            _ => finding,
        };
    }
    if let Some(fix) = shared_threshold(v, a, b).or_else(|| shared_threshold(v, b, a)) {
        return with(finding, fix);
    }
    match narrower(v, one.0, other.0) {
        Some((narrow, wide)) if v.library[narrow].overrides.is_empty() => {
            let (narrow, wide) = (&v.library[narrow], &v.library[wide]);
            finding.with_fix(
                format!("let `{}`, the narrower of the two, override `{}`", narrow.name, wide.name),
                narrow.span.after(),
                format!("\n  overrides {}", wide.name),
            )
        }
        _ => finding,
    }
}

fn with(mut finding: Diagnostic, fix: Fix) -> Diagnostic {
    finding.fixes.push(fix);
    finding
}

fn edit(title: String, span: Span, replacement: String) -> Fix {
    Fix {
        title,
        edits: vec![Edit { span, replacement }],
        certainty: Certainty::Guess,
    }
}

/// Leaves the patients of an emergency out of a rule that holds it back.
fn exception(v: &Verifier<'_>, urgent: EffectId, waits: EffectId) -> Option<Fix> {
    let emergency = &v.library[v.library[urgent].rule];
    let effect = &v.library[waits];
    let rule = &v.library[effect.rule];
    let condition = one_line(v.sources.text(emergency.when_span?));
    // An exception for all its patients would leave a rule for nobody.
    let others = v.space.formula(&emergency.guard.when, false);
    if v.possible(&Formula::all([v.guard(waits), others])) != Some(true) {
        return None;
    }
    let title = format!("leave the patients of `{}` out of `{}`", emergency.name, rule.name);
    let written = rule
        .effects
        .iter()
        .filter(|e| v.library[**e].origin == Origin::Written)
        .count();
    if written > 1 {
        return effect
            .own
            .is_always()
            .then(|| edit(title, effect.span.after(), format!(" unless {condition}")));
    }
    Some(match rule.unless_span {
        Some(span) => {
            let own = one_line(v.sources.text(span));
            edit(title, span, format!("any of ({own}, {condition})"))
        }
        None => {
            let start = Span::new(effect.span.file, effect.span.range().start..effect.span.range().start);
            edit(title, start, format!("unless {condition}\n  "))
        }
    })
}

/// `at most 6 weeks` here and `at least 6 weeks` there: the threshold itself belongs to the upper one.
fn shared_threshold(v: &Verifier<'_>, lower: &Rule, upper: &Rule) -> Option<Fix> {
    let atoms = |rule: &Rule| -> Vec<crate::model::AtomId> {
        let atom = |c: &Condition| match c {
            Condition::Atom(atom) => Some(*atom),
            _ => None,
        };
        match &rule.guard.when {
            Condition::All(parts) => parts.iter().filter_map(atom).collect(),
            one => atom(one).into_iter().collect(),
        }
    };
    let test = |atom: crate::model::AtomId| match &v.library[v.library[atom].test] {
        (
            Term::Fact(fact),
            Test::Compare {
                comparison,
                than,
                written,
            },
        ) => Some((*fact, *comparison, *than, written.as_str())),
        _ => None,
    };
    atoms(lower).into_iter().find_map(|atom| {
        let (fact, comparison, than, written) = test(atom)?;
        let meets = |other: (crate::model::FactId, Comparison, rust_decimal::Decimal, &str)| {
            other.0 == fact && other.1 == Comparison::AtLeast && other.2 == than
        };
        if comparison != Comparison::AtMost || !atoms(upper).into_iter().filter_map(test).any(meets) {
            return None;
        }
        let span = v.library[atom].span;
        let text = v.sources.text(span);
        let right = ["at most", "<="].iter().zip(["under", "<"]).find_map(|(old, new)| {
            let at = text.find(old)?;
            Some(format!("{}{new}{}", text.get(..at)?, text.get(at + old.len()..)?))
        })?;
        Some(edit(
            format!("write `{}`: {written} belong to `{}` alone", one_line(&right), upper.name),
            span,
            right,
        ))
    })
}

/// The rule whose patients are all patients of the other, and not the other way round.
fn narrower(v: &Verifier<'_>, one: EffectId, other: EffectId) -> Option<(RuleId, RuleId)> {
    let within = |a: EffectId, b: EffectId| {
        let outside = v.space.formula(&v.library[b].guard, false);
        v.possible(&Formula::all([v.guard(a), outside])) == Some(false)
    };
    let rules = |a: EffectId, b: EffectId| Some((v.library[a].rule, v.library[b].rule));
    match (within(one, other), within(other, one)) {
        (true, false) => rules(one, other),
        (false, true) => rules(other, one),
        _ => None,
    }
}

/// A rule that adds nothing: its statements go to the other, and it goes.
pub(super) fn of_copy(v: &Verifier<'_>, finding: Diagnostic, copy: Piece, original: Piece) -> Diagnostic {
    let (copied, kept) = (v.library[copy.0].rule, v.library[original.0].rule);
    let (rule, other) = (&v.library[copied], &v.library[kept]);
    let is_named = v.library.rules.iter().any(|r| r.overrides.contains(&copied))
        || v.library.settlements.iter().any(|s| s.rules.contains(&copied));
    let says_more = rule.effects.len() > 1
        || (rule.because.is_some() && rule.because != other.because)
        || rule.evidence.iter().any(|grade| !other.evidence.contains(grade))
        || rule.cites.iter().any(|cite| {
            !other
                .cites
                .iter()
                .any(|c| c.source == cite.source && c.numbers == cite.numbers)
        });
    if is_named || says_more {
        return finding;
    }
    let is_new = |id: &str| !other.statements.iter().any(|s| s.id == id);
    let new: Vec<&str> = rule
        .statements
        .iter()
        .map(|s| s.id.as_str())
        .filter(|id| is_new(id))
        .collect();
    let mut edits = vec![Edit {
        span: rule.span,
        replacement: String::new(),
    }];
    match (new.as_slice(), other.statements.last()) {
        ([], _) => {}
        (_, Some(last)) => edits.push(Edit {
            span: last.span.after(),
            replacement: format!(", {}", new.join(", ")),
        }),
        (_, None) => return finding,
    }
    with(
        finding,
        Fix {
            title: format!("take `{}` out; `{}` says it all", rule.name, other.name),
            edits,
            certainty: Certainty::Guess,
        },
    )
}

/// What takes the place of an emergency becomes as urgent.
pub(super) fn of_lost_emergency(v: &Verifier<'_>, finding: Diagnostic, emergency: EffectId, winner: EffectId) -> Diagnostic {
    let (lost, effect) = (&v.library[emergency], &v.library[winner]);
    let home = |e: &crate::model::Effect| v.library[e.rule].guideline;
    let replaces = effect.modality == Modality::Recommend && !effect.modifiers.instead_of.is_empty();
    if !replaces
        || home(lost) != home(effect)
        || effect.urgency.is_some()
        || effect.timing.deadline.is_some()
        || !effect.own.is_always()
    {
        return finding;
    }
    let text = v.sources.text(effect.span);
    let Some(rest) = text.strip_prefix("then") else {
        return finding;
    };
    let rest = rest.trim_start();
    let rest = rest.strip_prefix("recommend ").map_or(rest, str::trim_start);
    let at = effect.span.range().start + (text.len() - rest.len());
    let insert = |at: usize, replacement: String| Edit {
        span: Span::new(effect.span.file, at..at),
        replacement,
    };
    let mut edits = Vec::new();
    let mut words = Vec::new();
    if let Some(urgency) = lost.urgency {
        edits.push(insert(at, format!("{} ", urgency.word())));
        words.push(urgency.word().to_owned());
    }
    if let Some((time, crate::model::Clock::Evaluation)) = lost.timing.deadline {
        edits.push(insert(effect.span.range().end, format!(" within {time}")));
        words.push(format!("within {time}"));
    }
    if edits.is_empty() {
        return finding;
    }
    with(
        finding,
        Fix {
            title: format!("say `{}` in `{}` as well", words.join(" "), v.name(winner)),
            edits,
            certainty: Certainty::Guess,
        },
    )
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
