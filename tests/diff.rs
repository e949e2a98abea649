//! What `gl diff`, `gl same` and `gl gaps` say, against every partial patient: small libraries made up at random from the same seeds,
//! changed here and there as people change them, and the interpreter's word on both versions.
//!
//! No change may be missed and none invented; every patient shown is one for whom it is so, with the fewest facts.
//! `GL_LAWS=20 cargo test --test diff` tries twenty times as many.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop"
)]

#[path = "support/folder.rs"]
#[cfg(feature = "cli")]
mod folder;
mod support;

#[cfg(feature = "cli")]
mod cli {
    use super::folder::Folder;
    use std::fs;
    use std::path::Path;
    use std::process::Command;

    /// Standard output, standard error, exit status.
    fn gl(folder: &Path, path: Option<&str>, arguments: &[&str]) -> (String, String, i32) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gl"));
        if let Some(path) = path {
            command.env("PATH", path);
        }
        let output = command.args(arguments).current_dir(folder).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr), output.status.code().unwrap())
    }

    fn git(folder: &Path, arguments: &[&str]) {
        let identity = [
            "-c",
            "user.name=A",
            "-c",
            "user.email=a@example.org",
            "-c",
            "commit.gpgsign=false",
        ];
        let output = Command::new("git")
            .args(identity)
            .args(arguments)
            .current_dir(folder)
            .env("GIT_CONFIG_GLOBAL", folder.join("none"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    const WORDS: &str = "fact fever: yes/no\naction review\n";

    fn guideline(advice: &str) -> String {
        format!("guideline a \"A\" version \"1\"\nuse words\nsource S \"A source\"\nrule hot: when fever then {advice} cite S\n")
    }

    #[test]
    fn revisions_are_read_by_git() {
        let folder = Folder::new("git");
        let here = folder.0.as_path();
        git(here, &["init", "-q", "."]);
        folder.write("docs/a.gl", guideline("urgent review within hours"));
        folder.write("docs/words.gl", WORDS);
        // What is hidden, cases, and a folder that is gone by now.
        folder.write("docs/.drafts/broken.gl", "rule");
        folder.write("docs/a.cases.gl", "case");
        folder.write(
            "gone/b.gl",
            "fact pain: yes/no\naction rest\nsource S \"A source\"\nwhen pain then rest cite S\n",
        );
        git(here, &["add", "."]);
        git(here, &["commit", "-q", "-m", "one"]);
        git(here, &["tag", "v1"]);
        fs::remove_dir_all(here.join("gone")).unwrap();
        folder.write("docs/a.gl", guideline("review"));
        git(here, &["commit", "-q", "-a", "-m", "two"]);
        folder.write("docs/a.gl", guideline("urgent review within hours"));
        folder.write("docs/words.gl", format!("# Words.\n{WORDS}"));

        let (lost, said, status) = gl(here, None, &["diff", "v1", "HEAD", "--", "docs"]);
        assert!(lost.starts_with("EMERGENCIES LOST"), "{lost}{said}");
        assert!(lost.contains("(v1:docs/a.gl:4, now HEAD:docs/a.gl:4)"), "{lost}");
        assert_eq!(status, 0);
        // A revision against the folder as it is now, from within a folder, and a path that only the revision has.
        assert_eq!(gl(here, None, &["diff", "v1", "docs", "--exit-status"]).2, 0);
        assert_eq!(gl(here, None, &["diff", "HEAD", "docs", "--exit-status"]).2, 1);
        assert_eq!(gl(&here.join("docs"), None, &["diff", "HEAD", "--exit-status"]).2, 1);
        assert_eq!(gl(&here.join("docs"), None, &["diff", "v1", "a.gl", "--exit-status"]).2, 0);
        assert_eq!(gl(here, None, &["diff", "v1", "v1", "--", "gone"]).2, 0);
        let (_, said, status) = gl(here, None, &["diff", "v1", "HEAD", "--", "gone"]);
        assert_eq!((said.trim(), status), ("error: `HEAD` has no `gone`", 2));

        let (_, said, status) = gl(here, None, &["diff", "v2", "docs"]);
        let unknown = "error: there is no file or folder `v2`, and no git revision of that name";
        assert_eq!((said.trim(), status), (unknown, 2));
        let (_, said, status) = gl(here, None, &["diff", "--output=x", "docs"]);
        assert!(said.contains("--output"), "{said}");
        assert_eq!(status, 2);
        let (_, said, status) = gl(here, Some("/nowhere"), &["diff", "v1", "docs"]);
        assert!(
            said.contains("git, which could read a revision of that name, is not installed"),
            "{said}"
        );
        assert_eq!(status, 2);
    }

    #[test]
    fn a_folder_outside_of_git_says_so() {
        let folder = Folder::new("plain");
        folder.write("a.gl", WORDS);
        let (_, said, status) = gl(&folder.0, None, &["diff", "v1", "."]);
        assert!(said.starts_with("error: there is no file or folder `v1`, and "), "{said}");
        assert_eq!(status, 2);
    }

    #[test]
    fn json_keeps_to_its_schemas() {
        let folder = Folder::new("json");
        let more = "note \"It may be seen again\" about review only if fever cite S\n";
        folder.write("old/a.gl", format!("{}{more}", guideline("urgent review within hours")));
        folder.write("old/words.gl", WORDS);
        folder.write(
            "new/a.gl",
            format!("define hot: fever\n{}", guideline("consider review unless cold")),
        );
        folder.write(
            "new/words.gl",
            "fact fever: yes/no default no\nfact cold: yes/no\naction review\naction rest\nassume at most one of (fever, cold)\n",
        );
        for (what, arguments) in [
            ("diff", ["diff", "old", "new"].as_slice()),
            ("gaps", &["gaps", "old"]),
            ("same", &["same", "fever", "not fever", "old"]),
        ] {
            let schema = gl(&folder.0, None, &["schema", what]).0;
            let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
            let (text, said, _) = gl(&folder.0, None, &[arguments, &["--format", "json"]].concat());
            let value: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}{said}"));
            let wrong: Vec<String> = validator
                .iter_errors(&value)
                .map(|e| format!("{e} at {}", e.instance_path()))
                .collect();
            assert!(wrong.is_empty(), "{what}: {wrong:?}\n{text}");
        }
    }
}

use gl::Guidelines;
use gl::eval::{Outcome, Standing};
use gl::load::{Loaded, load};
use gl::model::{ActionId, Direction, EffectId, Library, Truth};
use gl::verify::diff::{Diff, Kind, Shift, State, Told, diff};
use gl::verify::gaps::{Described, Wanted, gaps};
use std::collections::BTreeSet;
use support::Memory;
use support::small::{Maker, is_whole, of_somebody, size, worlds};
use support::written::{COLOUR, Cond, Effect, Guideline, HEADINGS, LEVEL, Plain, Rule, SIGNS, TIMINGS, Written, case_written};

// ─── Versions made up ────────────────────────────────────────────────────────────────────────────────────────────────

/// Facts of which a library uses three.
const SMALL: [usize; 7] = [0, 1, 2, LEVEL, COLOUR, SIGNS, 9];

impl Maker {
    fn effect(&mut self) -> Effect {
        let modality = self.random.below(4);
        let is_for = modality < 2;
        let action = self.random.below(3);
        Effect {
            modality,
            timing: if is_for { self.random.below(TIMINGS.len()) } else { 0 },
            one_of: false,
            instead_of: None,
            only_when: self.perhaps(15, 2).filter(|_| is_for),
            unless: self.perhaps(15, 2),
            actions: vec![action],
        }
    }

    fn library(&mut self) -> Written {
        let guidelines = (0..2)
            .map(|_| Guideline {
                applies: self.perhaps(20, 1),
                definitions: vec![Cond::Yes(3), Cond::Yes(3)],
                sections: (0..HEADINGS.len()).map(|_| self.perhaps(30, 1)).collect(),
            })
            .collect();
        let mut rules: Vec<Rule> = Vec::new();
        for index in 0..3 {
            let guideline = self.random.below(2);
            let earlier: Vec<usize> = (0..index).filter(|r| rules[*r].guideline == guideline).collect();
            rules.push(Rule {
                guideline,
                section: if self.random.percent(25) { self.random.below(4) } else { 0 },
                when: self.perhaps(90, 3),
                unless: self.perhaps(25, 2),
                effects: vec![self.effect()],
                overrides: earlier.into_iter().filter(|_| self.random.percent(40)).collect(),
            });
        }
        let reconcile = self.random.percent(30).then(|| (0, 1 + self.random.below(2), true));
        let reconcile = reconcile.map(|(a, b, prefer)| (a, b, prefer, self.perhaps(50, 1)));
        let assumptions = (0..self.random.below(2)).map(|_| self.assumption()).collect();
        Written {
            guidelines,
            rules,
            assumptions,
            reconcile,
        }
    }

    /// The same, as somebody may have changed it.
    fn changed(&mut self, old: &Written) -> Written {
        let mut new = old.clone();
        for _ in 0..1 + self.random.below(2) {
            let rule = self.random.below(new.rules.len());
            match self.random.below(9) {
                0 => new.rules[rule].unless = None,
                1 => new.rules[rule].unless = Some(self.condition(2)),
                2 => new.rules[rule].when = new.rules[rule].when.take().map(otherwise),
                3 => new.rules[rule].when = self.perhaps(90, 3),
                4 => {
                    let more = self.leaf();
                    let when = new.rules[rule].when.take();
                    new.rules[rule].when = Some(when.map_or(more.clone(), |c| Cond::And(vec![c, more])));
                }
                5 => new.rules[rule].overrides.clear(),
                6 => {
                    let effect = &mut new.rules[rule].effects[0];
                    effect.modality ^= 1;
                }
                7 => new.rules[rule].effects[0].unless = self.perhaps(50, 2),
                _ => {
                    let guideline = self.random.below(2);
                    new.guidelines[guideline].applies = self.perhaps(50, 1);
                }
            }
        }
        new
    }
}

/// The same condition in other words.
fn otherwise(condition: Cond) -> Cond {
    match condition {
        Cond::And(parts) => Cond::Not(Box::new(Cond::Or(
            parts.into_iter().map(|p| Cond::Not(Box::new(p))).collect(),
        ))),
        Cond::Or(parts) => Cond::NoneOf(vec![Cond::NoneOf(parts)]),
        other => Cond::Not(Box::new(Cond::Not(Box::new(other)))),
    }
}

// ─── Every patient ───────────────────────────────────────────────────────────────────────────────────────────────────

/// Every patient whom both versions accept: how many facts are recorded, and what each version says.
fn everybody(versions: [&Guidelines; 2], facts: &[usize]) -> Vec<(usize, [Outcome; 2])> {
    let mut all = Vec::new();
    for world in worlds(facts) {
        let text = case_written(&world, &[], false);
        let outcomes = versions.map(|v| v.evaluate(&v.read_patient("case.yaml", &text).unwrap()).ok());
        if let [Some(old), Some(new)] = outcomes {
            all.push((world, [old, new]));
        }
    }
    let possible = of_somebody(all, facts);
    possible.map(|(world, outcomes)| (size(&world), outcomes)).collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    No,
    Unknown,
    Overridden,
    Open,
    Stands,
}

impl Seen {
    fn fires(self) -> bool {
        matches!(self, Seen::Overridden | Seen::Open | Seen::Stands)
    }

    fn yields(self) -> bool {
        matches!(self, Seen::Overridden | Seen::Open)
    }
}

fn seen(outcome: &Outcome, effect: EffectId, action: ActionId) -> Seen {
    let advice = outcome.advice.iter().find(|a| a.effect == effect && a.action == action);
    match advice {
        Some(a) => match a.standing {
            Standing::Active => Seen::Stands,
            Standing::Open { .. } => Seen::Open,
            Standing::Overridden { .. } => Seen::Overridden,
        },
        None if outcome.undecided.iter().any(|u| u.effect == effect) => Seen::Unknown,
        None => Seen::No,
    }
}

// ─── What is said, against what is ───────────────────────────────────────────────────────────────────────────────────

fn loaded(written: &Written) -> Option<Loaded> {
    let files = written.files(&mut Plain);
    let loaded = load(&files, &files.paths());
    (!loaded.has_errors()).then_some(loaded)
}

/// What is wrong with a library.
fn errors_of(loaded: &Loaded) -> Vec<String> {
    let errors = loaded
        .diagnostics
        .iter()
        .filter(|d| d.severity == gl::diagnostic::Severity::Error);
    errors.map(|d| format!("{} {}", d.code.number, d.message)).collect()
}

/// Effects of a rule by direction; each rule of these libraries has one at most in each.
fn effects(library: &Library, name: &str) -> Vec<(Direction, EffectId)> {
    let rule = library.rules.iter().find(|r| r.full_name == name).unwrap();
    rule.effects.iter().map(|e| (library[*e].direction(), *e)).collect()
}

/// Everything that is wrong with what `diff` says.
fn wrong(old: &Loaded, new: &Loaded, facts: &[usize]) -> (usize, Vec<String>) {
    let found = match diff(old, new) {
        Ok(found) => found,
        Err(_) => return (0, Vec::new()),
    };
    let guidelines = [old, new].map(|l| Guidelines::from_loaded(l.clone()).unwrap());
    let all = everybody([&guidelines[0], &guidelines[1]], facts);
    let (mut wrong, mut changes) = (Vec::new(), 0);
    for rule in &old.library.rules {
        let name = &rule.full_name;
        for (direction, before) in effects(&old.library, name) {
            let Some((_, after)) = effects(&new.library, name).into_iter().find(|(d, _)| *d == direction) else {
                continue;
            };
            let action = old.library[before].actions[0];
            if new.library[after].actions != [action] {
                continue;
            }
            let states: Vec<(usize, Seen, Seen)> = all
                .iter()
                .map(|(size, [o, n])| (*size, seen(o, before, action), seen(n, after, action)))
                .collect();
            let any = |fits: &dyn Fn(Seen, Seen) -> bool| states.iter().any(|(_, o, n)| fits(*o, *n));
            let mut expected = BTreeSet::new();
            for (is, definite, partial, standing) in [
                (true, Kind::Narrowed, Kind::AsksMore, Kind::GivesWay),
                (false, Kind::Widened, Kind::AsksLess, Kind::NoLongerGivesWay),
            ] {
                let way = |o: Seen, n: Seen| if is { (o, n) } else { (n, o) };
                if any(&|o, n| matches!(way(o, n), (here, Seen::No) if here.fires())) {
                    expected.insert(definite);
                } else if any(&|o, n| matches!(way(o, n), (here, Seen::Unknown) if here.fires())) {
                    expected.insert(partial);
                }
                if any(&|o, n| matches!(way(o, n), (Seen::Stands, there) if there.yields())) {
                    expected.insert(standing);
                }
            }
            let of_effect = |d: &Diff| {
                let changes = d.rules.iter().flat_map(|r| r.effects.iter());
                let own = changes.filter(|e| e.old == Some(before) && e.new == Some(after));
                // That an avoidance makes way for a kind alone is not about the action itself.
                let of_action = |s: &&Shift| s.actions.contains(&old.library[action].name);
                own.flat_map(|e| e.shifts.iter().filter(of_action))
                    .cloned()
                    .collect::<Vec<_>>()
            };
            let said = of_effect(&found);
            let mut kinds: BTreeSet<Kind> = said.iter().map(|s| s.kind).collect();
            // Where others say as much once everything is known, those of whom too little is known are told as well.
            for (definite, partial) in [(Kind::Narrowed, Kind::AsksMore), (Kind::Widened, Kind::AsksLess)] {
                if kinds.contains(&definite) {
                    kinds.remove(&partial);
                }
            }
            if kinds != expected {
                wrong.push(format!("{name}: said {kinds:?}, is {expected:?}"));
            }
            changes += expected.len();
            for shift in &said {
                let Some(told) = &shift.told else {
                    wrong.push(format!("{name}: nobody is shown for {:?}", shift.kind));
                    continue;
                };
                let shown = shown(told, &guidelines, before, after, action);
                if shown != (reading(&told.old), reading(&told.new)) {
                    wrong.push(format!("{name}: {:?} is not as told: {shown:?}, {told:?}", shift.kind));
                }
                let fits = match shift.kind {
                    Kind::Narrowed | Kind::AsksMore => shown.0.fires() && !shown.1.fires(),
                    Kind::Widened | Kind::AsksLess => !shown.0.fires() && shown.1.fires(),
                    Kind::GivesWay => shown.0 == Seen::Stands && shown.1.yields(),
                    Kind::NoLongerGivesWay => shown.0.yields() && shown.1 == Seen::Stands,
                    _ => false,
                };
                if !fits {
                    wrong.push(format!("{name}: {:?} is shown by {shown:?}", shift.kind));
                }
                // Where others say as much, a patient for whom nobody does is preferred, and may need more facts.
                let alone = |library: &Library, own: EffectId| {
                    !(0..library.effects.len()).any(|other| {
                        let effect = &library.effects[other];
                        effect.direction() == direction && other != own.index() && library.comparable(effect.actions[0], action)
                    })
                };
                let fewest = states
                    .iter()
                    .filter(|(_, o, n)| (*o, *n) == shown)
                    .map(|(size, ..)| *size)
                    .min();
                if alone(&old.library, before)
                    && alone(&new.library, after)
                    && fewest != Some(told.witness.facts.len())
                    && !facts.contains(&SIGNS)
                {
                    wrong.push(format!(
                        "{name}: {:?} needs {fewest:?} facts, shown are {:?}",
                        shift.kind, told.witness.facts
                    ));
                }
            }
        }
    }
    (changes, wrong)
}

/// The patient shown, before both interpreters once more, as a case file.
fn shown(told: &Told, guidelines: &[Guidelines; 2], before: EffectId, after: EffectId, action: ActionId) -> (Seen, Seen) {
    let mut text = format!("as_of: {}\nfacts:\n", support::AS_OF);
    for (name, value) in &told.witness.facts {
        text.push_str(&format!("  {name}: {value}\n"));
    }
    if told.witness.facts.is_empty() {
        text = "facts: {}\n".to_owned();
    }
    let outcome = |v: &Guidelines| v.evaluate(&v.read_patient("case.yaml", &text).unwrap()).unwrap();
    (
        seen(&outcome(&guidelines[0]), before, action),
        seen(&outcome(&guidelines[1]), after, action),
    )
}

fn reading(state: &State) -> Seen {
    match state {
        State::Active => Seen::Stands,
        State::Overridden(_) => Seen::Overridden,
        State::Open(_) => Seen::Open,
        State::Undecided(_) => Seen::Unknown,
        _ => Seen::No,
    }
}

fn times() -> u64 {
    std::env::var("GL_LAWS").ok().and_then(|n| n.parse().ok()).unwrap_or(1)
}

#[test]
fn changes_are_what_every_patient_says() {
    let (mut tried, mut changes) = (0, 0);
    for seed in 0..120 * times() {
        let mut maker = Maker::new(seed, &SMALL);
        let old = maker.library();
        let new = maker.changed(&old);
        let (Some(before), Some(after)) = (loaded(&old), loaded(&new)) else {
            continue;
        };
        tried += 1;
        let (number, wrong) = wrong(&before, &after, &maker.facts);
        changes += number;
        let text = |written: &Written| {
            let files = written.files(&mut Plain);
            files
                .0
                .values()
                .map(|t| String::from_utf8_lossy(t).into_owned())
                .collect::<String>()
        };
        assert!(
            wrong.is_empty(),
            "seed {seed}\n{}\n\nold:\n{}\nnew:\n{}",
            wrong.join("\n"),
            text(&old),
            text(&new)
        );
    }
    assert!(tried > 60 && changes > 60, "only {tried} pairs with {changes} changes");
}

/// The groups of `gl gaps`, written as rules, fire for exactly those of whom everything is known, who are in scope, and to
/// whom the guideline says nothing.
#[test]
fn gaps_are_everybody_who_is_told_nothing() {
    let (mut groups, mut silent_patients) = (0, 0);
    for seed in 0..120 * times() {
        let mut maker = Maker::new(seed, &SMALL);
        let mut written = maker.library();
        written.reconcile = None;
        for (index, rule) in written.rules.iter_mut().enumerate() {
            rule.guideline = 0;
            rule.overrides.retain(|r| *r < index && maker.random.percent(60));
        }
        let definition = maker.condition(3);
        written.guidelines[0].definitions[0] = definition;
        written.rules[0].when = Some(Cond::Defined(0));
        let Some(library) = loaded(&written) else { continue };
        let wanted = Wanted {
            most: 100,
            ..Wanted::default()
        };
        let Ok(found) = gaps(&library, &wanted) else { continue };
        let gaps = found
            .iter()
            .find(|g| library.library[g.guideline].name == "g0")
            .expect("it has rules");
        assert!(gaps.is_all && !gaps.undecided, "seed {seed}");
        let mut files = written.files(&mut Plain);
        let name = files
            .0
            .iter()
            .find(|(_, text)| String::from_utf8_lossy(text).contains("guideline g0"))
            .unwrap()
            .0
            .clone();
        let mut text = String::from_utf8(files.0[&name].clone()).unwrap();
        text.push_str("section \"Probes\":\n");
        for (index, group) in gaps.groups.iter().enumerate() {
            let parts = group.parts.iter().map(|part| match part {
                Described::Term(id, holds) => {
                    format!("{}{}", if *holds { "" } else { "not " }, library.library[*id].name)
                }
                Described::Fact(_, text) => format!("({text})"),
            });
            let parts: Vec<String> = parts.collect();
            let when = if parts.is_empty() {
                "always".to_owned()
            } else {
                format!("when {}", parts.join(" and "))
            };
            text.push_str(&format!("rule probe{index}: {when} then surgery cite S\n"));
        }
        files.0.insert(name, text.into_bytes());
        let probed = load(&files, &files.paths());
        let errors = errors_of(&probed);
        assert!(errors.is_empty(), "seed {seed}: {errors:?}");
        groups += gaps.groups.len();
        let probe = |e: EffectId| probed.library.rule_name(probed.library[e].rule).contains(".probe");
        let own = |e: EffectId| probed.library.rule_name(probed.library[e].rule).starts_with("g0.");
        let guidelines = Guidelines::from_loaded(probed.clone()).unwrap();
        let scope = probed
            .library
            .guidelines
            .iter()
            .find(|g| g.name == "g0")
            .unwrap()
            .scope
            .clone();
        for world in worlds(&maker.facts).filter(|w| is_whole(w, &maker.facts)) {
            let record = guidelines
                .read_patient("case.yaml", &case_written(&world, &[], false))
                .unwrap();
            let Ok(patient) = guidelines.settle(&record) else { continue };
            let outcome = guidelines.evaluate(&record).unwrap();
            let is_told = |a: &&gl::eval::Advice| a.standing == Standing::Active && own(a.effect) && !probe(a.effect);
            let in_scope = gl::eval::truth::Truths::new(&probed.library, &patient).of(&scope) == Truth::Yes;
            let silent = in_scope && !outcome.advice.iter().any(|a| is_told(&a));
            let covered = outcome.advice.iter().any(|a| probe(a.effect));
            silent_patients += usize::from(silent);
            assert_eq!(silent, covered, "seed {seed}: {world:?}");
        }
    }
    assert!(
        groups > 60 && silent_patients > 60,
        "{groups} groups, {silent_patients} patients"
    );
}

#[test]
fn a_version_is_the_same_as_itself() {
    for seed in 0..40 {
        let Some(version) = loaded(&Maker::new(seed, &SMALL).library()) else {
            continue;
        };
        let Ok(found) = diff(&version, &version) else { continue };
        assert!(found.is_same_meaning() && found.rules.is_empty(), "seed {seed}: {found:?}");
    }
}

#[test]
fn conditions_are_compared_as_every_patient_says() {
    for seed in 0..200 * times() {
        let mut maker = Maker::new(seed, &SMALL);
        let one = maker.condition(3);
        let other = if maker.random.percent(30) {
            otherwise(one.clone())
        } else {
            maker.condition(3)
        };
        let text = |name: &str, condition: &Cond| format!("define {name}: {}\n", condition.written());
        let facts = support::written::facts_written(&maker.facts);
        let used = "action a\nsource S \"S\"\nrule r: when (one or other) then a cite S\n";
        let files = Memory::default().with("f.gl", format!("{facts}{}{}{used}", text("one", &one), text("other", &other)));
        let loaded = load(&files, &files.paths());
        if loaded.has_errors() {
            continue;
        }
        let conditions = [0, 1].map(|i| loaded.library.definitions[i].condition.clone());
        let found = gl::verify::diff::equivalence(&loaded, &conditions[0], &conditions[1]).unwrap();
        let mut expected = [None, None];
        for world in worlds(&maker.facts) {
            let truths = [&one, &other].map(|c| c.truth(&world, &[]));
            for (place, pair) in [(0, (truths[0], truths[1])), (1, (truths[1], truths[0]))] {
                match pair {
                    (Some(true), Some(false)) => expected[place] = Some(true),
                    (Some(true), None) => expected[place] = expected[place].or(Some(false)),
                    _ => {}
                }
            }
        }
        let said = [&found.only_old, &found.only_new].map(|only| only.as_ref().map(|o| o.is_definite));
        assert_eq!(said, expected, "seed {seed}: {} / {}", one.written(), other.written());
        for (only, truth) in [(&found.only_old, [0, 1]), (&found.only_new, [1, 0])] {
            let Some(only) = only else { continue };
            assert!(matches!(only.other, Truth::No | Truth::Unknown), "seed {seed} {truth:?}");
        }
    }
}
