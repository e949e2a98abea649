//! Laws of the engine, on small libraries made up at random and on the guidelines themselves, always from the same seeds.
//!
//! Everything enters as text. What a library means is said a second time in `support/written.rs`, which knows nothing of the
//! engine. `GL_LAWS=20 cargo test --test properties` tries twenty times as many.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop"
)]

mod support;

use gl::Guidelines;
use gl::diagnostic::Diagnostic;
use gl::eval::plan::{Plan, Scratch};
use gl::eval::{Options, Outcome, Patient, Standing, Value, evaluate};
use gl::load::load;
use gl::model::{EffectId, Entry, FactType, Library, Origin, Record, Recorded, Truth};
use gl::report::diagnostics::{ColorChoice, Format, render};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use support::written::{
    ACTIONS, Assumption, Bound, COLOUR, Cond, Effect, FACTS, Guideline, HEADINGS, Kind, Known, LASTING, LEVEL, ONSET, Plain,
    Rule, SIGNS, Shuffled, THRESHOLDS, TIMINGS, World, Written, YES_NO, case_written, facts_written, numbers,
};
use support::{Memory, Random, guideline_paths, guidelines_folder, patient_yaml};

fn config(cases: u32) -> ProptestConfig {
    let times = std::env::var("GL_LAWS").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    ProptestConfig {
        cases: cases * times,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_260_201),
        max_shrink_iters: 4_000,
        max_global_rejects: 1_000_000,
        ..ProptestConfig::default()
    }
}

/// Runs a law; says how many tries it was about, so that a law about nothing is noticed.
fn law<S: Strategy>(cases: u32, strategy: S, at_least: usize, check: impl Fn(S::Value, &Cell<usize>) -> Result<(), TestCaseError>)
where
    S::Value: std::fmt::Debug,
{
    let tried = Cell::new(0);
    let result = TestRunner::new(config(cases)).run(&strategy, |value| check(value, &tried));
    if let Err(error) = result {
        panic!("{error}");
    }
    assert!(
        tried.get() >= at_least,
        "only {} tries were about anything, {at_least} were expected",
        tried.get()
    );
}

// ─── Made-up libraries and patients ──────────────────────────────────────────────────────────────────────────────────

fn bound() -> impl Strategy<Value = Bound> {
    prop::sample::select(vec![Bound::AtLeast, Bound::AtMost, Bound::Over, Bound::Under])
}

fn finite_leaf() -> impl Strategy<Value = Cond> {
    let enumeration = prop::sample::select(vec![LEVEL, COLOUR]);
    prop_oneof![
        5 => (0..YES_NO).prop_map(Cond::Yes),
        2 => (enumeration.clone(), 0..3usize, any::<bool>()).prop_map(|(f, v, p)| Cond::Is(f, v, p)),
        1 => (enumeration, prop::sample::subsequence(vec![0, 1, 2], 1..=2), any::<bool>()).prop_map(|(f, v, p)| Cond::IsIn(f, v, p)),
        1 => (bound(), 0..3usize).prop_map(|(b, v)| Cond::Level(b, v)),
        2 => (0..3usize).prop_map(Cond::Includes),
        1 => Just(Cond::Nonempty),
    ]
}

fn leaf(definitions: usize) -> BoxedStrategy<Cond> {
    let number = (bound(), 0..THRESHOLDS.len(), any::<bool>()).prop_map(|(b, t, s)| Cond::Number(b, t, s));
    if definitions == 0 {
        prop_oneof![3 => finite_leaf(), 1 => number].boxed()
    } else {
        prop_oneof![6 => finite_leaf(), 2 => number, 1 => (0..definitions).prop_map(Cond::Defined)].boxed()
    }
}

fn nested(leaf: BoxedStrategy<Cond>, depth: u32) -> BoxedStrategy<Cond> {
    leaf.prop_recursive(depth, 12, 4, |inner| {
        let parts = || prop::collection::vec(inner.clone(), 2..4);
        let counted = prop::collection::vec(inner.clone(), 2..5).prop_flat_map(|parts| (1..=parts.len(), Just(parts)));
        prop_oneof![
            2 => inner.clone().prop_map(|c| Cond::Not(Box::new(c))),
            2 => parts().prop_map(Cond::And),
            2 => parts().prop_map(Cond::Or),
            1 => parts().prop_map(Cond::AnyOf),
            1 => parts().prop_map(Cond::AllOf),
            1 => parts().prop_map(Cond::NoneOf),
            2 => counted.prop_map(|(least, parts)| Cond::AtLeast(least, parts)),
        ]
    })
    .boxed()
}

fn condition(definitions: usize) -> BoxedStrategy<Cond> {
    nested(leaf(definitions), 3)
}

fn now_and_then(strategy: BoxedStrategy<Cond>, percent: f64) -> impl Strategy<Value = Option<Cond>> {
    prop::option::weighted(percent, strategy)
}

fn effect() -> impl Strategy<Value = Effect> {
    let actions = prop::sample::subsequence((0..ACTIONS.len()).collect::<Vec<_>>(), 1..=2);
    let small = || nested(leaf(2), 1);
    (
        0..4usize,
        0..TIMINGS.len(),
        actions,
        any::<bool>(),
        prop::option::weighted(0.2, 0..ACTIONS.len()),
        now_and_then(small(), 0.25),
        now_and_then(small(), 0.2),
    )
        .prop_map(|(modality, timing, actions, one_of, instead_of, only_when, unless)| {
            let is_for = modality < 2;
            let kin = |a: usize, b: usize| a == b || ACTIONS[a].1 == Some(b) || ACTIONS[b].1 == Some(a);
            Effect {
                modality,
                timing: if is_for { timing } else { 0 },
                one_of: is_for && one_of && actions.len() > 1,
                instead_of: instead_of.filter(|x| is_for && actions.iter().all(|a| !kin(*a, *x))),
                only_when: only_when.filter(|_| is_for),
                unless,
                actions,
            }
        })
}

fn rules(most: usize) -> impl Strategy<Value = Vec<Rule>> {
    let rule = (
        0..2usize,
        0..=HEADINGS.len(),
        now_and_then(condition(2), 0.85),
        now_and_then(nested(leaf(2), 1), 0.25),
        prop::collection::vec(effect(), 1..3),
        prop::collection::vec(any::<prop::sample::Index>(), 0..3),
    );
    prop::collection::vec(rule, 1..=most).prop_map(|rules| {
        let guidelines: Vec<usize> = rules.iter().map(|r| r.0).collect();
        let made = rules
            .into_iter()
            .enumerate()
            .map(|(index, (guideline, section, when, unless, effects, overrides))| {
                let before: Vec<usize> = (0..index).filter(|r| guidelines[*r] == guideline).collect();
                let chosen = overrides.iter().filter(|_| !before.is_empty()).map(|o| *o.get(&before));
                let overrides: BTreeSet<usize> = chosen.collect();
                Rule {
                    guideline,
                    section,
                    when,
                    unless,
                    effects,
                    overrides: overrides.into_iter().collect(),
                }
            });
        made.collect()
    })
}

fn guideline() -> impl Strategy<Value = Guideline> {
    (
        now_and_then(nested(leaf(0), 1), 0.3),
        condition(0),
        condition(1),
        prop::collection::vec(now_and_then(nested(leaf(2), 1), 0.5), HEADINGS.len()),
    )
        .prop_map(|(applies, first, second, sections)| Guideline {
            applies,
            definitions: vec![first, second],
            sections,
        })
}

fn library(most: usize) -> impl Strategy<Value = Written> {
    let reconcile = (
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        any::<bool>(),
        now_and_then(nested(leaf(0), 1), 0.5),
    );
    (
        prop::collection::vec(guideline(), 2),
        rules(most),
        prop::option::weighted(0.4, reconcile),
    )
        .prop_map(|(guidelines, rules, reconcile)| {
            let reconcile = reconcile.and_then(|(first, second, prefer, when)| {
                let (first, second) = (first.index(rules.len()), second.index(rules.len()));
                (first != second).then_some((first, second, prefer, when))
            });
            Written {
                guidelines,
                rules,
                assumptions: Vec::new(),
                reconcile,
            }
        })
}

/// A patient of whom everything is known.
fn whole() -> impl Strategy<Value = World> {
    let value = |fact: usize| -> BoxedStrategy<Known> {
        match FACTS[fact].1 {
            Kind::YesNo => any::<bool>().prop_map(Known::YesNo).boxed(),
            Kind::OneOf(values, _) => (0..values.len()).prop_map(Known::OneOf).boxed(),
            Kind::AnyOf(members) => prop::collection::vec(any::<bool>().prop_map(Some), members.len())
                .prop_map(Known::Set)
                .boxed(),
            _ => prop::sample::select(numbers(fact)).prop_map(Known::Number).boxed(),
        }
    };
    let all: Vec<BoxedStrategy<Known>> = (0..FACTS.len()).map(value).collect();
    all.prop_map(|values| {
        let mut world: World = values.into_iter().map(Some).collect();
        world[LASTING] = world[ONSET].clone();
        world
    })
}

/// What is left of a patient when only the chosen facts, and of sets the chosen members, are known.
fn part(whole: &World, facts: &[bool], members: &[bool]) -> World {
    let mut part: World = whole
        .iter()
        .zip(facts)
        .map(|(value, keep)| value.clone().filter(|_| *keep))
        .collect();
    if let Some(Known::Set(set)) = &mut part[SIGNS] {
        for (member, keep) in set.iter_mut().zip(members) {
            *member = member.filter(|_| *keep);
        }
        if set.iter().all(Option::is_none) {
            part[SIGNS] = None;
        }
    }
    if part[ONSET].is_some() {
        part[LASTING] = whole[LASTING].clone();
    }
    part
}

fn mask() -> impl Strategy<Value = (Vec<bool>, Vec<bool>)> {
    (
        prop::collection::vec(any::<bool>(), FACTS.len()),
        prop::collection::vec(any::<bool>(), 3),
    )
}

/// A patient, and the same one when more is known.
fn growing() -> impl Strategy<Value = (World, World)> {
    (whole(), mask(), mask()).prop_map(|(whole, less, more)| {
        let or = |a: &[bool], b: &[bool]| a.iter().zip(b).map(|(a, b)| *a || *b).collect::<Vec<_>>();
        let both = (or(&less.0, &more.0), or(&less.1, &more.1));
        let both = (
            both.0,
            if less.0[SIGNS] || more.0[SIGNS] {
                both.1
            } else {
                less.1.clone()
            },
        );
        (part(&whole, &less.0, &less.1), part(&whole, &both.0, &both.1))
    })
}

/// The patients of whom everything is known and who agree with what is known here; a sample where there are too many.
fn completions(part: &World, most: usize) -> Vec<World> {
    let mut choices: Vec<(usize, Vec<Known>)> = Vec::new();
    for (fact, known) in part.iter().enumerate() {
        let options: Vec<Known> = match (FACTS[fact].1, known) {
            (Kind::AnyOf(members), known) => {
                let fixed = match known {
                    Some(Known::Set(set)) => set.clone(),
                    _ => vec![None; members.len()],
                };
                let all =
                    (0..1_usize << members.len()).map(|bits| (0..members.len()).map(|m| bits >> m & 1 == 1).collect::<Vec<_>>());
                all.filter(|set| set.iter().zip(&fixed).all(|(s, f)| f.is_none_or(|f| f == *s)))
                    .map(|set| Known::Set(set.into_iter().map(Some).collect()))
                    .collect()
            }
            (_, Some(_)) => continue,
            // The time since a date is settled with the date.
            (Kind::Since(_), None) => continue,
            (Kind::Date, None) if part[LASTING].is_some() => vec![part[LASTING].clone().expect("it is known")],
            (Kind::YesNo, None) => vec![Known::YesNo(false), Known::YesNo(true)],
            (Kind::OneOf(values, _), None) => (0..values.len()).map(Known::OneOf).collect(),
            (_, None) => numbers(fact).iter().map(|n| Known::Number(*n)).collect(),
        };
        choices.push((fact, options));
    }
    let complete = |pick: &mut dyn FnMut(usize) -> usize| {
        let mut world = part.clone();
        for (fact, options) in &choices {
            world[*fact] = Some(options[pick(options.len())].clone());
        }
        world[LASTING] = world[ONSET].clone();
        world
    };
    let total: usize = choices.iter().map(|(_, o)| o.len()).product();
    if total > most {
        let mut random = Random::new(total as u64);
        return (0..most).map(|_| complete(&mut |end| random.below(end))).collect();
    }
    (0..total)
        .map(|mut number| {
            complete(&mut |end| {
                let choice = number % end;
                number /= end;
                choice
            })
        })
        .collect()
}

// ─── Through the front door ──────────────────────────────────────────────────────────────────────────────────────────

fn errors(found: &[Diagnostic]) -> Vec<String> {
    let errors = found.iter().filter(|d| d.severity == gl::diagnostic::Severity::Error);
    errors.map(|d| format!("{} {}", d.code.number, d.message)).collect()
}

/// Why a made-up library may be refused: what gives way runs in a circle, or an assumption can be true of nobody.
const REFUSALS: [&str; 2] = ["GL202", "GL203"];

/// The checked library; none where it was refused for one of [`REFUSALS`].
fn open(files: &Memory) -> Result<Option<Guidelines>, TestCaseError> {
    match Guidelines::load(files, &files.paths()) {
        Ok(guidelines) => Ok(Some(guidelines)),
        Err(error) if error.findings().iter().any(|d| REFUSALS.contains(&d.code.number)) => Ok(None),
        Err(error) => {
            let texts: Vec<String> = files
                .0
                .iter()
                .map(|(n, t)| format!("--- {n}\n{}", String::from_utf8_lossy(t)))
                .collect();
            Err(TestCaseError::fail(format!(
                "refused: {:?}\n{}",
                errors(error.findings()),
                texts.join("\n")
            )))
        }
    }
}

fn record(guidelines: &Guidelines, case: &str) -> Result<Record, TestCaseError> {
    let read = guidelines.read_patient("case.yaml", case);
    read.map_err(|error| TestCaseError::fail(format!("the record was refused: {error}\n{case}")))
}

fn settled(guidelines: &Guidelines, case: &str) -> Result<Patient, TestCaseError> {
    let record = record(guidelines, case)?;
    guidelines
        .settle(&record)
        .map_err(|error| TestCaseError::fail(format!("the record was rejected: {error}\n{case}")))
}

/// The state of every effect, by rule and place in it.
type States = BTreeMap<(String, usize), Truth>;

fn states_of(library: &Library, outcome: &Outcome) -> States {
    let mut by_effect: BTreeMap<EffectId, Truth> = BTreeMap::new();
    outcome.fired().iter().for_each(|a| {
        by_effect.insert(a.effect, Truth::Yes);
    });
    outcome.undecided().iter().for_each(|u| {
        by_effect.insert(u.effect, Truth::Unknown);
    });
    let mut states = States::new();
    for rule in &library.rules {
        for (place, effect) in rule.effects.iter().enumerate() {
            states.insert(
                (rule.full_name.clone(), place),
                by_effect.get(effect).copied().unwrap_or(Truth::No),
            );
        }
    }
    states
}

fn place_of(library: &Library, effect: EffectId) -> (String, usize) {
    let rule = &library[library[effect].rule];
    (
        rule.full_name.clone(),
        rule.effects.iter().position(|e| *e == effect).unwrap_or(usize::MAX),
    )
}

/// The standing of whatever fires, by effect and action: active, open or overridden.
fn standings(library: &Library, outcome: &Outcome) -> BTreeMap<((String, usize), String), &'static str> {
    let word = |standing: &Standing| match standing {
        Standing::Active => "active",
        Standing::Open { .. } => "open",
        Standing::Overridden { .. } => "overridden",
    };
    let key = |a: &gl::eval::Advice| (place_of(library, a.effect), library[a.action].name.clone());
    outcome.fired().iter().map(|a| (key(a), word(&a.standing))).collect()
}

fn run(guidelines: &Guidelines, case: &str) -> Result<Outcome, TestCaseError> {
    let patient = settled(guidelines, case)?;
    Ok(evaluate(guidelines.library(), &patient, &Options::default()))
}

// ─── Knowledge ───────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn the_engine_agrees_with_a_second_reading_of_the_words() {
    law(250, (library(5), growing()), 200, |(written, (less, more)), tried| {
        let Some(guidelines) = open(&written.files(&mut Plain))? else {
            return Ok(());
        };
        tried.set(tried.get() + 1);
        for world in [&less, &more] {
            let case = case_written(world, &[], false);
            let outcome = run(&guidelines, &case)?;
            let states = states_of(guidelines.library(), &outcome);
            for rule in 0..written.rules.len() {
                let halves = written.halves(rule);
                let effects = guidelines
                    .library()
                    .rules
                    .iter()
                    .find(|r| r.full_name == written.rule_name(rule))
                    .map(|r| &r.effects);
                prop_assert_eq!(
                    effects.map(Vec::len),
                    Some(halves.len()),
                    "{} has other effects than written",
                    written.rule_name(rule)
                );
                for (place, half) in halves.iter().enumerate() {
                    let origin = guidelines.library()[effects.expect("it was found")[place]].origin;
                    prop_assert_eq!(origin == Origin::OnlyWhenNegative, half.negative);
                    let expected = match written.state(half, world) {
                        Some(true) => Truth::Yes,
                        Some(false) => Truth::No,
                        None => Truth::Unknown,
                    };
                    let got = states[&(written.rule_name(rule), place)];
                    prop_assert_eq!(got, expected, "effect {} of {} for\n{}", place, written.rule_name(rule), case);
                }
            }
        }
        Ok(())
    });
}

#[test]
fn more_knowledge_never_flips_what_was_definite() {
    law(300, (library(6), growing()), 250, |(written, (less, more)), tried| {
        let Some(guidelines) = open(&written.files(&mut Plain))? else {
            return Ok(());
        };
        tried.set(tried.get() + 1);
        let (before, after) = (case_written(&less, &[], false), case_written(&more, &[], false));
        let (first, second) = (run(&guidelines, &before)?, run(&guidelines, &after)?);
        let (old, new) = (
            states_of(guidelines.library(), &first),
            states_of(guidelines.library(), &second),
        );
        for (key, truth) in &old {
            prop_assert!(
                *truth == Truth::Unknown || new[key] == *truth,
                "{key:?}: {truth:?} became {:?}\n{before}\n{after}",
                new[key]
            );
        }
        let (old, new) = (
            standings(guidelines.library(), &first),
            standings(guidelines.library(), &second),
        );
        for (key, standing) in &old {
            let now = new.get(key).copied();
            prop_assert!(
                *standing == "open" || now == Some(*standing),
                "{key:?}: {standing} became {now:?}\n{before}\n{after}"
            );
        }
        Ok(())
    });
}

/// An avoidance that stands covers each kind of its action; a kind that it may have to let go is not covered yet.
#[test]
fn more_knowledge_never_takes_a_kind_from_an_active_avoidance() {
    law(400, (library(6), growing()), 250, |(written, (less, more)), tried| {
        let Some(guidelines) = open(&written.files(&mut Plain))? else {
            return Ok(());
        };
        tried.set(tried.get() + 1);
        let library = guidelines.library();
        let (before, after) = (case_written(&less, &[], false), case_written(&more, &[], false));
        let (first, second) = (run(&guidelines, &before)?, run(&guidelines, &after)?);
        for old in first.advised_against(library).filter(|a| a.standing == Standing::Active) {
            let same = |a: &&gl::eval::Advice| a.effect == old.effect && a.action == old.action;
            let Some(new) = second.fired().iter().find(same) else {
                continue;
            };
            for (kind, rule) in &new.except {
                let was = old.except.iter().any(|(k, _)| k == kind) || old.may_except.iter().any(|(k, ..)| k == kind);
                prop_assert!(
                    was,
                    "{:?} was active without a word on {}, which {} then took away\n{before}\n{after}",
                    place_of(library, old.effect),
                    library[*kind].name,
                    library.rule_name(*rule)
                );
            }
        }
        Ok(())
    });
}

/// A time that is given in whole weeks, and then again by its date: the second is the exact one.
#[test]
#[ignore = "the language takes 7 weeks for exactly 49 days until the date is known, so `over 50 days` may go from no to yes"]
fn a_date_never_flips_what_its_time_in_weeks_decided() {
    let text = format!(
        "{}action scan\nsource S \"Source\"\nrule late: when lasting over 50 days then scan cite S\n",
        facts_written(&[ONSET, LASTING])
    );
    let guidelines = gl::parse_str(&text).expect("it is well written");
    let mut flips = Vec::new();
    for days in 0..120 {
        let time = format!("  lasting: {} weeks\n", days / 7);
        let date = format!("  onset: {}\n", support::date_before(days));
        let state = |facts: &str| {
            let case = format!("as_of: {}\nfacts:\n{facts}", support::AS_OF);
            states_of(
                guidelines.library(),
                &run(&guidelines, &case).expect("it is a possible patient"),
            )[&("guideline.late".to_owned(), 0)]
        };
        let (before, after) = (state(&time), state(&format!("{time}{date}")));
        if before != Truth::Unknown && before != after {
            flips.push(format!("{days} days: {before:?} became {after:?}"));
        }
    }
    assert!(flips.is_empty(), "{}", flips.join("\n"));
}

#[test]
fn what_is_definite_holds_however_the_unknown_turns_out() {
    law(
        60,
        (library(4), whole(), mask()),
        50,
        |(written, whole, (facts, members)), tried| {
            let Some(guidelines) = open(&written.files(&mut Plain))? else {
                return Ok(());
            };
            tried.set(tried.get() + 1);
            let known = part(&whole, &facts, &members);
            let case = case_written(&known, &[], false);
            let outcome = run(&guidelines, &case)?;
            let (states, standing) = (
                states_of(guidelines.library(), &outcome),
                standings(guidelines.library(), &outcome),
            );
            for complete in completions(&known, 60) {
                let case_of_one = case_written(&complete, &[], false);
                let one = run(&guidelines, &case_of_one)?;
                let (one_states, one_standing) = (states_of(guidelines.library(), &one), standings(guidelines.library(), &one));
                for (key, truth) in &states {
                    let now = one_states[key];
                    prop_assert!(
                        now != Truth::Unknown,
                        "{key:?} is undecided although everything is known\n{case_of_one}"
                    );
                    prop_assert!(
                        *truth == Truth::Unknown || *truth == now,
                        "{key:?}: {truth:?} became {now:?}\n{case}\n{case_of_one}"
                    );
                }
                for (key, standing) in &standing {
                    let now = one_standing.get(key).copied();
                    prop_assert!(
                        *standing == "open" || now == Some(*standing),
                        "{key:?}: {standing} became {now:?}\n{case}\n{case_of_one}"
                    );
                }
                prop_assert!(
                    one_standing.values().all(|s| *s != "open"),
                    "something is open although everything is known\n{case_of_one}"
                );
                prop_assert!(
                    one.ask.is_empty(),
                    "something is asked although everything is known\n{case_of_one}"
                );
            }
            Ok(())
        },
    );
}

/// What is asked for or needed is not known; what is undecided needs something.
#[test]
fn only_what_is_unknown_is_asked() {
    law(150, (library(5), growing()), 120, |(written, (known, _)), tried| {
        let Some(guidelines) = open(&written.files(&mut Plain))? else {
            return Ok(());
        };
        tried.set(tried.get() + 1);
        let case = case_written(&known, &[], false);
        let library = guidelines.library();
        let outcome = run(&guidelines, &case)?;
        let unknown = |fact: gl::model::FactId| match &known
            [FACTS.iter().position(|f| f.0 == library[fact].name).expect("it was declared")]
        {
            None => true,
            Some(Known::Set(members)) => members.contains(&None),
            Some(_) => false,
        };
        for waiting in outcome.undecided() {
            prop_assert!(
                !waiting.needs.is_empty(),
                "{:?} is undecided and needs nothing\n{case}",
                place_of(library, waiting.effect)
            );
            for fact in &waiting.needs {
                prop_assert!(unknown(*fact), "{} is needed and known\n{case}", library[*fact].name);
            }
        }
        for ask in &outcome.ask {
            prop_assert!(unknown(ask.fact), "{} is asked and known\n{case}", library[ask.fact].name);
        }
        for advice in outcome.fired() {
            if let Standing::Open { on, by } = &advice.standing {
                prop_assert!(
                    !on.is_empty() && !by.is_empty(),
                    "{:?} is open on nothing\n{case}",
                    place_of(library, advice.effect)
                );
                prop_assert!(
                    on.iter().all(|f| unknown(*f)),
                    "{:?} is open on what is known\n{case}",
                    place_of(library, advice.effect)
                );
            }
        }
        Ok(())
    });
}

// ─── Order ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/// Without the digests of the texts, and with every list sorted.
fn normal(value: &serde_json::Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match value {
        Json::Array(items) => {
            let mut items: Vec<Json> = items.iter().map(normal).collect();
            items.sort_by_key(Json::to_string);
            Json::Array(items)
        }
        Json::Object(fields) => fields
            .iter()
            .filter(|(k, _)| *k != "hash")
            .map(|(k, v)| (k.clone(), normal(v)))
            .collect(),
        other => other.clone(),
    }
}

#[test]
fn the_order_of_declarations_and_files_changes_nothing() {
    order_changes_nothing(false, |result| result);
}

/// Of several ways in which a fact follows, the first one that is met is told. What follows is the same.
#[test]
fn the_order_of_assumptions_changes_nothing_but_the_reasons() {
    order_changes_nothing(true, |mut result| {
        for inferred in result["inferred"].as_array_mut().expect("a list") {
            inferred["from"] = serde_json::Value::Null;
        }
        normal(&result)
    });
}

#[test]
fn the_order_of_assumptions_changes_nothing() {
    order_changes_nothing(true, |result| result);
}

fn order_changes_nothing(assumptions_too: bool, compared: impl Fn(serde_json::Value) -> serde_json::Value) {
    let strategy = (
        library(6),
        prop::collection::vec(assumption(finite_leaf().boxed()), 0..4),
        growing(),
        any::<u64>(),
    );
    law(250, strategy, 150, |(mut written, assumptions, (known, _), seed), tried| {
        written.assumptions = assumptions;
        let case = case_written(&known, &[], false);
        let plain = open(&written.files(&mut Plain))?;
        let shuffled = open(&written.files(&mut Shuffled(Random::new(seed), assumptions_too)))?;
        prop_assert_eq!(plain.is_some(), shuffled.is_some(), "refused in one order only");
        let (Some(plain), Some(shuffled)) = (plain, shuffled) else {
            return Ok(());
        };
        let result = |guidelines: &Guidelines| match guidelines.result(&record(guidelines, &case)?) {
            Ok(result) => Ok(Some(compared(normal(
                &serde_json::to_value(&result).expect("a result is JSON"),
            )))),
            Err(_) => Ok::<_, TestCaseError>(None),
        };
        let (first, second) = (result(&plain)?, result(&shuffled)?);
        if first.is_some() {
            tried.set(tried.get() + 1);
        }
        if first != second {
            let show = |r: &Option<serde_json::Value>| r.as_ref().map_or("rejected".to_owned(), |r| format!("{r:#}"));
            let (first, second) = (show(&first), show(&second));
            let pairs = first.lines().zip(second.lines()).filter(|(a, b)| a != b);
            let differing: Vec<String> = pairs.take(12).map(|(a, b)| format!("{a}   |   {b}")).collect();
            let files = written.files(&mut Plain);
            let texts: Vec<String> = files
                .0
                .iter()
                .map(|(n, t)| format!("--- {n}\n{}", String::from_utf8_lossy(t)))
                .collect();
            return Err(TestCaseError::fail(format!(
                "results differ:\n{}\n{case}\n{}",
                differing.join("\n"),
                texts.join("\n")
            )));
        }
        Ok(())
    });
}

#[test]
fn two_clocks_are_told_in_one_order() {
    let rules = [
        "rule x: when a then scan within 2 weeks cite S\n",
        "rule y: when a then scan within 6 weeks after onset cite S\n",
    ];
    let warnings = |first: &str, second: &str| {
        let head = "guideline g \"G\" version \"1\"\nfact a: yes/no\nfact onset: date\naction scan\nsource S \"Source\"\n";
        let guidelines = gl::parse_str(&format!("{head}{first}{second}")).expect("it is well written");
        run(&guidelines, "facts: {a: yes}")
            .expect("it is a possible patient")
            .warnings
    };
    assert_eq!(warnings(rules[0], rules[1]), warnings(rules[1], rules[0]));
}

#[test]
fn the_order_of_lines_in_a_record_changes_nothing() {
    law(
        80,
        (library(4), whole(), mask(), any::<u64>()),
        60,
        |(written, whole, (facts, members), seed), tried| {
            let Some(guidelines) = open(&written.files(&mut Plain))? else {
                return Ok(());
            };
            tried.set(tried.get() + 1);
            let case = case_written(&part(&whole, &facts, &members), &[], false);
            let (head, body) = case.split_once("facts:").expect("a case has facts");
            let mut lines: Vec<&str> = body.lines().skip(1).collect();
            Random::new(seed).shuffle(&mut lines);
            let shuffled = if lines.is_empty() {
                case.clone()
            } else {
                format!("facts:\n{}\n{head}", lines.join("\n"))
            };
            let result = |case: &str| {
                guidelines
                    .result(&record(&guidelines, case)?)
                    .map(|r| serde_json::to_string(&r).expect("JSON"))
                    .map_err(|e| TestCaseError::fail(e.to_string()))
            };
            prop_assert_eq!(result(&case)?, result(&shuffled)?);
            Ok(())
        },
    );
}

// ─── The plan ────────────────────────────────────────────────────────────────────────────────────────────────────────

fn plan_states(plan: &Plan, scratch: &mut Scratch, patient: &Patient) -> BTreeMap<EffectId, Truth> {
    let mut states = BTreeMap::new();
    let compact = plan.compact(patient);
    // Value by value, in any order, is the same.
    let mut one_by_one = plan.blank();
    let mut values: Vec<_> = patient.values().collect();
    values.reverse();
    values
        .iter()
        .for_each(|(fact, value)| plan.put(&mut one_by_one, *fact, value));
    assert_eq!(compact, one_by_one);
    plan.states(&compact, scratch, |effect, truth| {
        states.insert(effect, truth);
    });
    states
}

fn walk_states(library: &Library, patient: &Patient, options: &Options) -> BTreeMap<EffectId, Truth> {
    let outcome = evaluate(library, patient, options);
    let takes_part: BTreeSet<_> = outcome.guidelines.iter().map(|(g, _)| *g).collect();
    let mut states = BTreeMap::new();
    for rule in library.rules.iter().filter(|r| takes_part.contains(&r.guideline)) {
        rule.effects.iter().for_each(|e| {
            states.insert(*e, Truth::No);
        });
    }
    outcome.fired().iter().for_each(|a| {
        states.insert(a.effect, Truth::Yes);
    });
    outcome.undecided().iter().for_each(|u| {
        states.insert(u.effect, Truth::Unknown);
    });
    states
}

#[test]
fn the_plan_and_the_walk_agree_on_made_up_libraries() {
    law(
        250,
        (library(8), prop::collection::vec(growing(), 4), any::<bool>()),
        200,
        |(written, patients, one), tried| {
            let Some(guidelines) = open(&written.files(&mut Plain))? else {
                return Ok(());
            };
            tried.set(tried.get() + 1);
            let library = guidelines.library();
            let first = outcome_guidelines(library).into_iter().take(1).collect();
            let options = Options {
                guidelines: one.then_some(first),
            };
            let (plan, mut scratch) = (Plan::new(library, &options), Scratch::default());
            for world in patients.iter().flat_map(|(a, b)| [a, b]) {
                let case = case_written(world, &[], false);
                let patient = settled(&guidelines, &case)?;
                let (fast, slow) = (
                    plan_states(&plan, &mut scratch, &patient),
                    walk_states(library, &patient, &options),
                );
                for (effect, truth) in &slow {
                    prop_assert_eq!(fast.get(effect), Some(truth), "{:?}\n{}", place_of(library, *effect), case);
                }
                prop_assert_eq!(fast.len(), slow.len());
            }
            Ok(())
        },
    );
}

fn outcome_guidelines(library: &Library) -> Vec<gl::model::GuidelineId> {
    library
        .rules
        .iter()
        .map(|r| r.guideline)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

#[test]
fn the_plan_and_the_walk_agree_on_the_guidelines() {
    let files = guidelines_folder();
    let guidelines = Guidelines::load(&files, &guideline_paths(&files)).unwrap_or_else(|e| panic!("{e}"));
    let library = guidelines.library();
    let (plan, mut scratch) = (Plan::new(library, &Options::default()), Scratch::default());
    let mut random = Random::new(5);
    let (mut compared, mut rejected) = (0, 0);
    for number in 0..150 {
        let case = patient_yaml(library, &mut random, [0, 10, 30, 60, 90, 100][number % 6]);
        let record = guidelines
            .read_patient("case.yaml", &case)
            .unwrap_or_else(|e| panic!("{e}\n{case}"));
        // Random facts often break an assumption; then the record as a patient without inference still has states.
        let patient = guidelines.settle(&record).unwrap_or_else(|_| {
            rejected += 1;
            plain_patient(library, &record)
        });
        let (fast, slow) = (
            plan_states(&plan, &mut scratch, &patient),
            walk_states(library, &patient, &Options::default()),
        );
        assert_eq!(fast.len(), slow.len());
        for (effect, truth) in &slow {
            assert_eq!(fast.get(effect), Some(truth), "{:?}\n{case}", place_of(library, *effect));
            compared += 1;
        }
    }
    assert!(
        compared > 1_000 && rejected < 150,
        "{compared} states compared, {rejected} records rejected"
    );
}

/// What is recorded, without anything that follows.
fn plain_patient(library: &Library, record: &Record) -> Patient {
    let mut patient = Patient::default();
    for entry in &record.entries {
        let value = match &entry.recorded {
            Recorded::Unknown => None,
            Recorded::YesNo(yes) => Some(Value::YesNo(*yes)),
            Recorded::OneOf(value) => Some(Value::OneOf(*value)),
            Recorded::Set(members) => Some(Value::Set(members.iter().map(|m| Some(*m)).collect())),
            Recorded::Member(member, present) => {
                let FactType::AnyOf { members } = &library[entry.fact].ty else {
                    continue;
                };
                let mut set = match patient.value(entry.fact) {
                    Some(Value::Set(set)) => set.clone(),
                    _ => vec![None; members.len()],
                };
                set[*member] = *present;
                Some(Value::Set(set))
            }
            Recorded::Date(date) => Some(Value::Date(*date)),
            Recorded::Number { value, written, .. } => Some(Value::Number {
                value: *value,
                written: written.clone(),
            }),
        };
        if let Some(value) = value {
            patient.put(entry.fact, value, gl::eval::Origin::Recorded);
        }
    }
    patient
}

// ─── Inference ───────────────────────────────────────────────────────────────────────────────────────────────────────

fn assumption(leaf: BoxedStrategy<Cond>) -> impl Strategy<Value = Assumption> {
    let small = || nested(leaf.clone(), 1);
    prop_oneof![
        3 => (small(), small()).prop_map(|(l, r)| Assumption::Implies(l, r)),
        1 => prop::collection::vec(small(), 2..4).prop_map(Assumption::AtMostOne),
    ]
}

/// Assumptions of which each clause speaks of two yes/no facts. Where such assumptions can be kept at all, unit propagation
/// finds out whether a record keeps them.
fn pairs() -> impl Strategy<Value = Vec<Assumption>> {
    let literal = || {
        (0..YES_NO, any::<bool>()).prop_map(|(f, yes)| {
            if yes {
                Cond::Yes(f)
            } else {
                Cond::Not(Box::new(Cond::Yes(f)))
            }
        })
    };
    let one = prop_oneof![
        3 => (literal(), literal()).prop_map(|(l, r)| Assumption::Implies(l, r)),
        1 => prop::collection::vec(literal(), 2..4).prop_map(Assumption::AtMostOne),
    ];
    prop::collection::vec(one, 1..5)
}

fn with_assumptions(assumptions: &[Assumption]) -> Memory {
    let facts = facts_written(&(0..FACTS.len()).collect::<Vec<_>>());
    let assumptions: String = assumptions.iter().map(|a| format!("{}\n", a.written())).collect();
    Memory::default().with(
        "g.gl",
        format!("{facts}{assumptions}action scan\nsource S \"Source\"\nrule r: when a then scan cite S\n"),
    )
}

/// The value of a fact of a settled patient, in the form of the oracle; numbers and dates are left out.
fn known(patient: &Patient, library: &Library, fact: usize) -> Option<Known> {
    let id = *library.fact_names.get(FACTS[fact].0)?;
    match patient.value(id)? {
        Value::YesNo(yes) => Some(Known::YesNo(*yes)),
        Value::OneOf(value) => Some(Known::OneOf(*value)),
        Value::Set(members) => Some(Known::Set(members.clone())),
        Value::Date(_) | Value::Number { .. } => None,
    }
}

/// Whether what is known here is so there.
fn agrees(known: &Known, there: &Option<Known>) -> bool {
    match (known, there) {
        (Known::Set(members), Some(Known::Set(there))) => members.iter().zip(there).all(|(m, t)| m.is_none() || m == t),
        (known, there) => there.as_ref() == Some(known),
    }
}

#[test]
fn what_is_filled_in_holds_for_every_possible_patient() {
    let strategy = (prop::collection::vec(assumption(leaf(0)), 1..4), whole(), mask());
    law(250, strategy, 40, |(assumptions, whole, (facts, members)), tried| {
        let Some(guidelines) = open(&with_assumptions(&assumptions))? else {
            return Ok(());
        };
        let mut recorded = part(&whole, &facts, &members);
        // Numbers are recorded or irrelevant: what is not asked of them would only multiply the completions.
        recorded[ONSET..FACTS.len()].clone_from_slice(&whole[ONSET..FACTS.len()]);
        let case = case_written(&recorded, &[], false);
        let possible: Vec<World> = completions(&recorded, 4_000)
            .into_iter()
            .filter(|w| assumptions.iter().all(|a| a.holds(w)))
            .collect();
        let text: Vec<String> = assumptions.iter().map(Assumption::written).collect();
        match guidelines.settle(&record(&guidelines, &case)?) {
            // One direction only: unit propagation does not see through every contradiction.
            Err(error) => prop_assert!(
                possible.is_empty(),
                "rejected although possible: {error}\n{}\n{case}",
                text.join("\n")
            ),
            Ok(patient) => {
                if !patient.inferred.is_empty() && !possible.is_empty() {
                    tried.set(tried.get() + 1);
                }
                for fact in 0..ONSET {
                    let value = known(&patient, guidelines.library(), fact);
                    if let Some(was) = &recorded[fact] {
                        prop_assert!(
                            value.as_ref().is_some_and(|v| agrees(was, &Some(v.clone()))),
                            "{} was recorded and changed",
                            FACTS[fact].0
                        );
                    }
                    if let Some(value) = value {
                        let doubtful = possible.iter().find(|w| !agrees(&value, &w[fact]));
                        prop_assert!(
                            doubtful.is_none(),
                            "{} was filled in as {value:?} and need not be\n{}\n{case}",
                            FACTS[fact].0,
                            text.join("\n")
                        );
                    }
                }
            }
        }
        Ok(())
    });
}

#[test]
fn a_record_is_rejected_exactly_if_no_patient_can_be_like_it() {
    let nothing: World = vec![None; FACTS.len()];
    law(
        300,
        (pairs(), whole(), mask(), any::<bool>()),
        150,
        |(assumptions, whole, (facts, members), closed), tried| {
            let finite = |known: &World| {
                let mut known = known.clone();
                known[YES_NO..FACTS.len()].clone_from_slice(&whole[YES_NO..FACTS.len()]);
                let all = completions(&known, 64);
                all.into_iter()
                    .filter(|w| assumptions.iter().all(|a| a.holds(w)))
                    .collect::<Vec<_>>()
            };
            if finite(&nothing).is_empty() {
                return Ok(());
            }
            tried.set(tried.get() + 1);
            let Some(guidelines) = open(&with_assumptions(&assumptions))? else {
                return Ok(());
            };
            let recorded = part(&whole, &facts, &members);
            let case = case_written(&recorded, &[], closed);
            let text: Vec<String> = assumptions.iter().map(Assumption::written).collect();
            let possible = finite(&recorded);
            match guidelines.settle(&record(&guidelines, &case)?) {
                Err(error) => prop_assert!(
                    possible.is_empty(),
                    "rejected although possible: {error}\n{}\n{case}",
                    text.join("\n")
                ),
                Ok(patient) => {
                    prop_assert!(!possible.is_empty(), "kept although impossible\n{}\n{case}", text.join("\n"));
                    let left = possible
                        .iter()
                        .any(|w| (0..YES_NO).all(|f| known(&patient, guidelines.library(), f).is_none_or(|k| agrees(&k, &w[f]))));
                    prop_assert!(
                        left,
                        "closing the world left no possible patient\n{}\n{case}",
                        text.join("\n")
                    );
                }
            }
            Ok(())
        },
    );
}

/// What was settled, recorded again.
fn recorded_again(patient: &Patient, record: &Record) -> Record {
    let mut again = Record {
        entries: Vec::new(),
        ..record.clone()
    };
    for entry in &record.entries {
        if matches!(
            entry.recorded,
            Recorded::Unknown | Recorded::Member(_, None) | Recorded::Date(_) | Recorded::Number { .. }
        ) {
            again.entries.push(entry.clone());
        }
    }
    let Some(span) = record.entries.first().map(|e| e.span) else {
        return again;
    };
    for (fact, value) in patient.values() {
        let mut push = |recorded: Recorded| again.entries.push(Entry { fact, recorded, span });
        match value {
            Value::YesNo(yes) => push(Recorded::YesNo(*yes)),
            Value::OneOf(value) => push(Recorded::OneOf(*value)),
            Value::Set(members) => {
                members
                    .iter()
                    .enumerate()
                    .filter_map(|(m, p)| Some((m, (*p)?)))
                    .for_each(|(m, p)| push(Recorded::Member(m, Some(p))));
            }
            _ => {}
        }
    }
    again
}

#[test]
fn settling_twice_changes_nothing() {
    let strategy = (
        prop::collection::vec(assumption(leaf(0)), 0..4),
        whole(),
        mask(),
        any::<bool>(),
        prop::collection::vec(0..SIGNS, 0..3),
    );
    law(
        250,
        strategy,
        60,
        |(assumptions, whole, (facts, members), closed, unknown), tried| {
            let Some(guidelines) = open(&with_assumptions(&assumptions))? else {
                return Ok(());
            };
            let case = case_written(&part(&whole, &facts, &members), &unknown, closed);
            let record = record(&guidelines, &case)?;
            let Ok(patient) = guidelines.settle(&record) else {
                return Ok(());
            };
            tried.set(tried.get() + 1);
            let again = recorded_again(&patient, &record);
            let text: Vec<String> = assumptions.iter().map(Assumption::written).collect();
            match guidelines.settle(&again) {
                Ok(twice) => {
                    let [twice, once] = [&twice, &patient].map(|p| p.values().collect::<Vec<_>>());
                    prop_assert_eq!(twice, once, "\n{}\n{}", text.join("\n"), case);
                }
                Err(error) => {
                    return Err(TestCaseError::fail(format!(
                        "settled once, then rejected: {error}\n{}\n{case}",
                        text.join("\n")
                    )));
                }
            }
            Ok(())
        },
    );
}

/// What a record says to be unknown is not closed, and what is closed was not mentioned.
#[test]
fn closing_the_world_takes_no_doubt_away() {
    let strategy = (
        prop::collection::vec(assumption(finite_leaf().boxed()), 0..4),
        whole(),
        mask(),
        prop::collection::vec(0..YES_NO, 0..3),
    );
    law(250, strategy, 60, |(assumptions, whole, (facts, members), unknown), tried| {
        let Some(guidelines) = open(&with_assumptions(&assumptions))? else {
            return Ok(());
        };
        let recorded = part(&whole, &facts, &members);
        let library = guidelines.library();
        let open_world = guidelines.settle(&record(&guidelines, &case_written(&recorded, &unknown, false))?);
        let closed_world = guidelines.settle(&record(&guidelines, &case_written(&recorded, &unknown, true))?);
        prop_assert_eq!(
            open_world.is_ok(),
            closed_world.is_ok(),
            "closing the world rejects, or mends"
        );
        let (Ok(open_world), Ok(closed_world)) = (open_world, closed_world) else {
            return Ok(());
        };
        tried.set(tried.get() + 1);
        for fact in 0..ONSET {
            let (before, after) = (known(&open_world, library, fact), known(&closed_world, library, fact));
            if let Some(before) = &before {
                prop_assert!(
                    agrees(before, &after),
                    "{} changed from {before:?} to {after:?}",
                    FACTS[fact].0
                );
            } else if fact < YES_NO {
                if recorded[fact].is_none() && unknown.contains(&fact) {
                    prop_assert_eq!(after, None, "{} was said to be unknown", FACTS[fact].0);
                } else if after.is_none() {
                    let warned = closed_world
                        .warnings
                        .iter()
                        .any(|w| w.contains(&format!("`{}` stays unknown", FACTS[fact].0)));
                    prop_assert!(warned, "{} stays unknown and nobody is told", FACTS[fact].0);
                }
            }
        }
        Ok(())
    });
}

// ─── Damaged texts ───────────────────────────────────────────────────────────────────────────────────────────────────

/// One declaration of each kind.
const EACH: &str = r##"guideline g "G" version "1" status draft
  applies when a or b
  from S-1
use v # shared
source S "Source, é" year 2026 lists 3 url "https://x.org"
source T "Other" as S [1]
scale q: A > B
fact n: one of x < y "N" ask "Which?" code LOINC 8310-5
fact w: quantity in "kg" range 0 "kg"..300 "kg"
fact t: any of m, k
fact o: date
fact z: time since o
fact p: yes/no default no
action m "M" also "em"
action k is m
define d "D": at least 2 of (a, b, not p) or (n at least y and w under 50.5 "kg") from S-2
assume a implies t includes m
assume at most one of (a, n is y)
section "H > I" when d cite S:
rule r "R":
  when z at least 6 weeks and n is in (x, y)
  unless b
  then recommend urgent m within 2 weeks with "care" only when a unless p
  then avoid k
  cite S "p. 3" [1, 2], T from S-3 evidence q A because "it \"is\""
rule s: always then consider m or k for at least 6 weeks cite S overrides r
when d then never k cite T
note "Good" about m only if a cite S
complete "all" over a for m
reconcile g.r with g.s leave open because "no"
case "c"
  given a, not b, w is 50 kg, t is (m), o is 2026-01-01, otherwise no
  on 2026-02-01
  expect urgent m from S-3
  expect no k
"##;
const SHARED: &str = "fact a: yes/no\nfact b: yes/no\n";

/// Reads the file, and prints what was found; true if that went without a panic.
fn survives(files: &Memory, path: &str, formats: &[Format]) -> bool {
    let read = || {
        let loaded = load(files, &[path.to_owned()]);
        for format in formats {
            render(&loaded.sources, &loaded.diagnostics, *format, ColorChoice::Never);
        }
    };
    catch_unwind(AssertUnwindSafe(read)).is_ok()
}

/// Tries every text that `damage` makes; the first few that are not survived are shown.
fn all_survive(files: &Memory, path: &str, texts: impl Iterator<Item = (String, Vec<u8>)>, every: usize) {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let mut failed = Vec::new();
    for (number, (what, text)) in texts.enumerate() {
        let formats: &[Format] = if number % every == 0 {
            &[Format::Text, Format::Short, Format::Json, Format::Github]
        } else {
            &[]
        };
        let files = files.clone().with(path, text.clone());
        if !survives(&files, path, formats) {
            let from = what
                .split(' ')
                .next_back()
                .and_then(|n| n.parse::<usize>().ok())
                .unwrap_or(0)
                .saturating_sub(40);
            failed.push(format!(
                "{what}: …{}",
                String::from_utf8_lossy(&text[from.min(text.len())..text.len().min(from + 80)])
            ));
        }
    }
    std::panic::set_hook(hook);
    assert!(
        failed.is_empty(),
        "{} texts panic:\n{}",
        failed.len(),
        failed[..failed.len().min(10)].join("\n")
    );
}

fn each() -> Memory {
    Memory::default().with("v.gl", SHARED)
}

#[test]
fn the_file_of_each_declaration_is_in_order() {
    let files = each().with("g.gl", EACH);
    let loaded = load(&files, &["g.gl".to_owned()]);
    let found = errors(&loaded.diagnostics);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_beginning_of_a_file_is_read() {
    let texts = (0..=EACH.len()).map(|end| (format!("cut at {end}"), EACH.as_bytes()[..end].to_vec()));
    all_survive(&each(), "g.gl", texts, 7);
}

fn changed_bytes(bytes: &'static [u8]) {
    let texts = (0..EACH.len()).flat_map(move |at| {
        bytes.iter().map(move |byte| {
            let mut text = EACH.as_bytes().to_vec();
            text[at] = *byte;
            (format!("{byte:#04x} at {at}"), text)
        })
    });
    all_survive(&each(), "g.gl", texts, 61);
}

#[test]
fn every_byte_may_become_punctuation() {
    changed_bytes(b"\"(,");
}

#[test]
fn every_byte_may_become_a_break() {
    changed_bytes(b"\n #\\");
}

#[test]
fn every_byte_may_become_what_no_text_has() {
    changed_bytes(&[0x00, 0xFF, 0x1B]);
}

#[test]
fn every_byte_may_become_a_letter_or_a_digit() {
    changed_bytes(b"x0");
}

#[test]
fn every_byte_may_be_missing_or_twice() {
    let texts = (0..EACH.len()).flat_map(|at| {
        let mut missing = EACH.as_bytes().to_vec();
        let byte = missing.remove(at);
        let mut twice = EACH.as_bytes().to_vec();
        twice.insert(at, byte);
        [(format!("missing at {at}"), missing), (format!("twice at {at}"), twice)]
    });
    all_survive(&each(), "g.gl", texts, 61);
}

#[test]
fn damaged_guidelines_are_read() {
    let files = guidelines_folder();
    let mut random = Random::new(11);
    for path in files.paths().into_iter().filter(|p| p.ends_with(".gl")) {
        let original = files.0[&path].clone();
        let texts = (0..12).map(|number| {
            let mut text = original.clone();
            let at = random.below(text.len());
            match number % 4 {
                0 => text.truncate(at),
                1 => text[at] = (random.next() % 256) as u8,
                2 => {
                    text.drain(at..(at + random.below(200)).min(original.len()));
                }
                _ => {
                    let from = random.below(original.len());
                    let piece = original[from..(from + 60).min(original.len())].to_vec();
                    text.splice(at..at, piece);
                }
            }
            (format!("{path}: damage {number} at {at}"), text)
        });
        all_survive(&files, &path, texts.collect::<Vec<_>>().into_iter(), 2);
    }
}
