//! Evaluation of one patient.
//!
//! In: a library and a settled [`Patient`]. Out: an [`Outcome`].
//! Must not know: texts, files, formats.

pub mod calendar;
pub mod columns;
mod compare;
mod due;
pub mod errors;
pub mod explain;
pub mod outcome;
pub mod plan;
pub mod settle;
pub mod standing;
pub mod truth;

pub use outcome::*;

use crate::diagnostic::Diagnostic;
use crate::model::{
    ActionId, Direction, Effect, EffectId, FactId, FactType, GuidelineId, Join, Library, NoteId, Record, RuleId, Status, Truth,
    gives_way,
};

pub use compare::{Comparer, Rank, urgency_rank, weakness};
use jiff::civil::Date;
use rust_decimal::Decimal;
use standing::Standings;
use std::collections::{BTreeMap, BTreeSet};
use truth::{Explained, Truths};

/// A value that is known of a patient.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Value {
    YesNo(bool),
    /// A value, by position.
    OneOf(usize),
    /// Each member present, absent or unknown.
    Set(Vec<Option<bool>>),
    Date(Date),
    /// In the fact's canonical unit, with the text it was given as.
    Number {
        value: Decimal,
        written: String,
    },
}

/// How a value came to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Origin {
    Recorded,
    Computed,
    Inferred,
    Default,
    Closed,
}

impl Origin {
    /// The word in results.
    pub fn word(self) -> &'static str {
        match self {
            Origin::Recorded => "recorded",
            Origin::Computed => "computed",
            Origin::Inferred => "inferred",
            Origin::Default => "default",
            Origin::Closed => "closed",
        }
    }
}

/// A patient: what is known, and how.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct Patient {
    /// By fact. Little is known of most patients, and there may be many of both.
    known: Vec<(FactId, Value, Origin)>,
    pub inferred: Vec<Inferred>,
    pub warnings: Vec<String>,
    pub as_of: Option<Date>,
}

impl Patient {
    /// Makes a value of a fact known, in place of what was known of it.
    pub fn put(&mut self, fact: FactId, value: Value, origin: Origin) {
        let known = (fact, value, origin);
        match self.place(fact) {
            Ok(place) => {
                if let Some(slot) = self.known.get_mut(place) {
                    *slot = known;
                }
            }
            Err(place) => self.known.insert(place, known),
        }
    }

    /// The value of a fact, if anything is known of it.
    pub fn value(&self, fact: FactId) -> Option<&Value> {
        let (_, value, _) = self.known.get(self.place(fact).ok()?)?;
        Some(value)
    }

    /// How the value of a fact came to be known.
    pub fn origin(&self, fact: FactId) -> Option<Origin> {
        let (.., origin) = self.known.get(self.place(fact).ok()?)?;
        Some(*origin)
    }

    /// Everything that is known, by fact.
    pub fn values(&self) -> impl Iterator<Item = (FactId, &Value)> {
        self.known.iter().map(|(fact, value, _)| (*fact, value))
    }

    fn place(&self, fact: FactId) -> Result<usize, usize> {
        self.known.binary_search_by_key(&fact, |(known, ..)| *known)
    }
}

impl due::Times for Patient {
    fn as_of(&self) -> Option<Date> {
        self.as_of
    }

    fn date(&self, fact: FactId) -> Option<Date> {
        match self.value(fact) {
            Some(Value::Date(date)) => Some(*date),
            _ => None,
        }
    }

    fn is_over(&self, fact: FactId, number: Decimal) -> Option<bool> {
        match self.value(fact) {
            Some(Value::Number { value, .. }) => Some(*value > number),
            _ => None,
        }
    }
}

impl Value {
    /// The value as a case file would have it.
    pub fn written(&self, ty: &FactType) -> String {
        match (self, ty) {
            (Value::YesNo(yes), _) => if *yes { "yes" } else { "no" }.to_owned(),
            (Value::OneOf(value), FactType::OneOf { values, .. }) => values.get(*value).cloned().unwrap_or_default(),
            (Value::Set(flags), FactType::AnyOf { members }) => written_set(flags, members),
            (Value::Date(date), _) => date.to_string(),
            (Value::Number { written, .. }, _) => written.clone(),
            (Value::OneOf(_) | Value::Set(_), _) => String::new(),
        }
    }
}

fn written_set(flags: &[Option<bool>], members: &[String]) -> String {
    let word = |flag: &Option<bool>| match flag {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    };
    let pairs = flags.iter().zip(members);
    if flags.iter().all(Option::is_some) {
        let present: Vec<&str> = pairs.filter(|(f, _)| **f == Some(true)).map(|(_, m)| m.as_str()).collect();
        format!("[{}]", present.join(", "))
    } else {
        let entries: Vec<String> = pairs.map(|(f, m)| format!("{m}: {}", word(f))).collect();
        format!("{{{}}}", entries.join(", "))
    }
}

/// What to evaluate.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The guidelines that take part; all that are not retired where none are named.
    pub guidelines: Option<Vec<GuidelineId>>,
}

/// Completes a record: computes times, infers what follows, applies defaults, closes the world where the record says so.
///
/// To settle many records against one library, keep a [`settle::Inference`].
///
/// # Errors
///
/// Diagnostics for a record that contradicts an assumption or itself, or has a date after the date of evaluation,
/// or a date and no date of evaluation. With any error nothing may be recommended.
pub fn settle(library: &Library, record: &Record) -> Result<Patient, Vec<Diagnostic>> {
    settle::Inference::new(library).settle(library, record)
}

/// Evaluates the rules for one patient.
///
/// The library must have no error and no circle among what gives way (see [`crate::model::gives_way::circles`]).
pub fn evaluate(library: &Library, patient: &Patient, options: &Options) -> Outcome {
    let guidelines = participants(library, options);
    let standings = Standings::new(library, Truths::new(library, patient), &guidelines);
    let truths = standings.truths();
    let states: Vec<Option<Explained>> = library
        .effects
        .iter()
        .map(|effect| {
            guidelines
                .contains(&library[effect.rule].guideline)
                .then(|| state(truths, effect))
        })
        .collect();
    let comparer = Comparer {
        library,
        truths,
        standings: &standings,
    };

    let mut advice = Vec::new();
    let mut undecided = Vec::new();
    for (index, (effect, state)) in library.effects.iter().zip(&states).enumerate() {
        let Some(state) = state else { continue };
        let id = EffectId::from_index(index);
        for action in &effect.actions {
            match state.truth {
                Truth::Yes => advice.push(advise(library, patient, &standings, id, *action, state)),
                Truth::Unknown => undecided.push(Undecided {
                    effect: id,
                    action: *action,
                    needs: by_name(library, &state.facts),
                }),
                Truth::No => {}
            }
        }
    }
    advice.sort_by_cached_key(|a| order(library, a.effect, a.action));
    undecided.sort_by_cached_key(|u| order(library, u.effect, u.action));

    let (disagreements, differences, mut warnings) = comparer.compare(&advice);
    let notes = notes(library, truths, &guidelines, &advice);
    let mut all_differences = differences;
    all_differences.extend(comparer.evidence(&notes, &advice));
    let ask = ask(library, &advice, &undecided);
    warnings.extend(patient.warnings.iter().cloned());
    warnings.extend(lost_deadlines(library, &standings, &advice));
    warnings.sort();
    warnings.dedup();
    Outcome {
        as_of: patient.as_of,
        guidelines: guidelines.iter().map(|g| (*g, applies(library, truths, *g))).collect(),
        advice,
        undecided,
        disagreements,
        differences: all_differences,
        ask,
        inferred: patient.inferred.clone(),
        notes,
        warnings,
    }
}

/// What advice is ordered by, and what is undecided: most urgent and strongest first.
pub fn order(library: &Library, effect: EffectId, action: ActionId) -> impl Ord + use<> {
    (
        Rank::of(library, effect),
        library[action].name.clone(),
        library[library[effect].rule].full_name.clone(),
        effect,
    )
}

/// Whether some rule of the guideline can concern the patient: its own scope holds, or one that a heading puts in its place.
fn applies(library: &Library, truths: &Truths<'_>, guideline: GuidelineId) -> Truth {
    let headings = library
        .sections
        .iter()
        .filter(|s| s.guideline == guideline)
        .filter_map(|s| s.applies.as_ref());
    let scopes = std::iter::once(&library[guideline].scope).chain(headings);
    scopes.map(|scope| truths.of(scope)).max().unwrap_or(Truth::Yes)
}

/// The guidelines that take part.
pub fn participants(library: &Library, options: &Options) -> BTreeSet<GuidelineId> {
    let all = (0..library.guidelines.len()).map(GuidelineId::from_index);
    all.filter(|g| library[*g].status != Status::Retired)
        .filter(|g| options.guidelines.as_ref().is_none_or(|chosen| chosen.contains(g)))
        .collect()
}

fn state(truths: &Truths<'_>, effect: &Effect) -> Explained {
    match truths.of(&effect.guard) {
        // Most effects do not fire, and nobody asks why unless they do.
        Truth::No => Explained {
            truth: Truth::No,
            facts: BTreeSet::new(),
        },
        _ => truths.explain(&effect.guard),
    }
}

fn by_name(library: &Library, facts: &BTreeSet<FactId>) -> Vec<FactId> {
    let mut facts: Vec<FactId> = facts.iter().copied().collect();
    facts.sort_by_key(|f| &library[*f].name);
    facts
}

fn advise(
    library: &Library,
    patient: &Patient,
    standings: &Standings<'_>,
    id: EffectId,
    action: ActionId,
    state: &Explained,
) -> Advice {
    let effect = &library[id];
    let alternatives = match effect.join {
        Join::OneOf => {
            let gone = |other: ActionId| matches!(standings.of(id, other).standing, Standing::Overridden { .. });
            effect
                .actions
                .iter()
                .copied()
                .filter(|a| *a != action && !gone(*a) && !gone(action))
                .collect()
        }
        Join::Each => Vec::new(),
    };
    let standing = match standings.of(id, action).standing {
        Standing::Open { by, on } => Standing::Open {
            by,
            on: by_name(library, &on.into_iter().collect()),
        },
        settled => settled,
    };
    let (due, overdue) = due::due(library, patient, effect);
    let exceptions = match effect.direction() {
        Direction::Against => standings.exceptions(id),
        Direction::For => standing::Exceptions::default(),
    };
    Advice {
        effect: id,
        action,
        alternatives,
        standing,
        due,
        overdue,
        window: window(patient, effect),
        except: exceptions
            .certain
            .into_iter()
            .filter(|(kind, _)| library.is_kind_of(*kind, action))
            .collect(),
        may_except: exceptions
            .open
            .into_iter()
            .filter(|((kind, _), _)| library.is_kind_of(*kind, action))
            .map(|((kind, rule), on)| (kind, rule, by_name(library, &on)))
            .collect(),
        facts: by_name(library, &state.facts)
            .into_iter()
            .map(|fact| FactUsed { fact })
            .collect(),
    }
}

fn window(patient: &Patient, effect: &Effect) -> Option<Window> {
    let (start, clock) = effect.timing.not_before?;
    let from = due::clock_date(patient, clock).and_then(|date| calendar::later(date, start));
    Some(Window { from })
}

/// Notes whose condition holds and that speak of an action advised or advised against, or of the guideline as a whole.
fn notes(library: &Library, truths: &Truths<'_>, guidelines: &BTreeSet<GuidelineId>, advice: &[Advice]) -> Vec<NoteId> {
    let spoken_of: BTreeSet<ActionId> = advice.iter().map(|a| a.action).collect();
    let concerns = |actions: &[ActionId]| actions.iter().any(|a| spoken_of.iter().any(|s| library.comparable(*a, *s)));
    (0..library.notes.len())
        .map(NoteId::from_index)
        .filter(|id| {
            let note = &library[*id];
            note.guideline.is_none_or(|g| guidelines.contains(&g))
                && (note.stances.is_empty() || note.stances.iter().any(|(_, actions)| concerns(actions)))
                && truths.of(&note.guard) == Truth::Yes
        })
        .collect()
}

/// What to find out: every fact that could still change the advice, most urgent consequence first.
fn ask(library: &Library, advice: &[Advice], undecided: &[Undecided]) -> Vec<Ask> {
    let mut facts: BTreeMap<FactId, (BTreeSet<RuleId>, EffectId)> = BTreeMap::new();
    let mut add = |fact: FactId, effect: EffectId| {
        let entry = facts.entry(fact).or_insert_with(|| (BTreeSet::new(), effect));
        entry.0.insert(library[effect].rule);
        if Rank::of(library, effect) < Rank::of(library, entry.1) {
            entry.1 = effect;
        }
    };
    for waiting in undecided
        .iter()
        .filter(|u| !advice.iter().any(|a| compare::repeats(library, u, a)))
    {
        waiting.needs.iter().for_each(|fact| add(*fact, waiting.effect));
    }
    for given in advice {
        if let Standing::Open { on, .. } = &given.standing {
            on.iter().for_each(|fact| add(*fact, given.effect));
        }
        for (_, _, on) in &given.may_except {
            on.iter().for_each(|fact| add(*fact, given.effect));
        }
    }
    let mut ask: Vec<Ask> = facts
        .into_iter()
        .map(|(fact, (rules, most_urgent))| Ask {
            fact,
            could_change: rules.into_iter().collect(),
            most_urgent,
        })
        .collect();
    ask.sort_by_cached_key(|a| (Rank::of(library, a.most_urgent), library[a.fact].name.clone()));
    ask
}

/// Deadlines of advice that gave way to something without one at least as near.
fn lost_deadlines(library: &Library, standings: &Standings<'_>, advice: &[Advice]) -> Vec<String> {
    let mut lost = Vec::new();
    for given in advice {
        let Standing::Overridden { by } = &given.standing else {
            continue;
        };
        let causes = standings.of(given.effect, given.action).causes;
        let Some((end, clock)) = gives_way::deadline(library, given.effect) else {
            continue;
        };
        let replaced = causes.contains(&gives_way::Cause::InsteadOf);
        let kept = by
            .iter()
            .flat_map(|rule| &library[*rule].effects)
            .any(|winner| gives_way::deadline(library, *winner).is_some_and(|(e, c)| c == clock && e.minutes() <= end.minutes()));
        if replaced && !kept {
            let (rule, action) = (library.rule_name(library[given.effect].rule), &library[given.action].label);
            let winners: Vec<&str> = by.iter().map(|r| library.rule_name(*r)).collect();
            lost.push(format!(
                "`{rule}` ({action}) gave way to {}, which has no deadline as near",
                winners.join(", ")
            ));
        }
    }
    lost
}
