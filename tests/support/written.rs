//! Small libraries and patients as they are written, with what they mean said a second time, in the plainest way.
//!
//! The meaning given here is the oracle of the laws: it knows nothing of the engine.

use super::date_before;
use std::fmt::Write;

pub type Truth = Option<bool>;

/// How a made-up fact is declared.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    YesNo,
    OneOf(&'static [&'static str], bool),
    AnyOf(&'static [&'static str]),
    /// In days before the evaluation.
    Date,
    /// The time since the date with this position.
    Since(usize),
    /// Tenths of the unit in which records give it.
    Quantity(&'static str),
    Count,
}

/// The facts of every made-up library.
pub const FACTS: &[(&str, Kind)] = &[
    ("a", Kind::YesNo),
    ("b", Kind::YesNo),
    ("c", Kind::YesNo),
    ("d", Kind::YesNo),
    ("level", Kind::OneOf(&["mild", "moderate", "severe"], true)),
    ("colour", Kind::OneOf(&["red", "green", "blue"], false)),
    ("signs", Kind::AnyOf(&["motor", "sensory", "reflex"])),
    ("onset", Kind::Date),
    ("lasting", Kind::Since(7)),
    ("age", Kind::Quantity("years")),
    ("weight", Kind::Quantity("kg")),
    ("visits", Kind::Count),
];
pub const YES_NO: usize = 4;
pub const LEVEL: usize = 4;
pub const COLOUR: usize = 5;
pub const SIGNS: usize = 6;
pub const ONSET: usize = 7;
pub const LASTING: usize = 8;

/// Thresholds: the fact, how it is written, and its number as records count it (days, tenths, pieces).
pub const THRESHOLDS: &[(usize, &str, i64)] = &[
    (LASTING, "6 weeks", 42),
    (LASTING, "14 days", 14),
    (9, "18 years", 180),
    (9, "216 months", 180),
    (9, "65 years", 650),
    (10, "50 \"kg\"", 500),
    (10, "70.5 \"kg\"", 705),
    (11, "3", 3),
    (11, "1", 1),
    (ONSET, "2025-12-21", 42),
];

/// Numbers that a patient may have: on, beside and far from the thresholds.
pub fn numbers(fact: usize) -> &'static [i64] {
    match fact {
        ONSET | LASTING => &[0, 13, 14, 15, 41, 42, 43, 200],
        9 => &[0, 179, 180, 181, 649, 650, 900],
        10 => &[499, 500, 501, 704, 705, 706],
        _ => &[0, 1, 2, 3, 4],
    }
}

/// What is known of one fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Known {
    YesNo(bool),
    OneOf(usize),
    Set(Vec<Option<bool>>),
    Number(i64),
}

/// What is known of a patient, by the position of the fact.
pub type World = Vec<Option<Known>>;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    AtLeast,
    AtMost,
    Over,
    Under,
}

impl Bound {
    fn holds(self, value: i64, than: i64) -> bool {
        match self {
            Bound::AtLeast => value >= than,
            Bound::AtMost => value <= than,
            Bound::Over => value > than,
            Bound::Under => value < than,
        }
    }

    fn word(self, signs: bool) -> &'static str {
        match (self, signs) {
            (Bound::AtLeast, false) => "at least",
            (Bound::AtMost, false) => "at most",
            (Bound::Over, false) => "over",
            (Bound::Under, false) => "under",
            (Bound::AtLeast, true) => ">=",
            (Bound::AtMost, true) => "<=",
            (Bound::Over, true) => ">",
            (Bound::Under, true) => "<",
        }
    }
}

/// A condition as written.
#[derive(Debug, Clone)]
pub enum Cond {
    Yes(usize),
    Is(usize, usize, bool),
    IsIn(usize, Vec<usize>, bool),
    Level(Bound, usize),
    Includes(usize),
    Nonempty,
    Number(Bound, usize, bool),
    Defined(usize),
    Not(Box<Cond>),
    And(Vec<Cond>),
    Or(Vec<Cond>),
    AnyOf(Vec<Cond>),
    AllOf(Vec<Cond>),
    NoneOf(Vec<Cond>),
    AtLeast(usize, Vec<Cond>),
}

/// Whether so many hold, of parts of which some are not known.
fn count(least: usize, parts: &[Truth]) -> Truth {
    let yes = parts.iter().filter(|p| **p == Some(true)).count();
    let maybe = parts.iter().filter(|p| p.is_none()).count();
    if yes >= least {
        Some(true)
    } else if yes + maybe < least {
        Some(false)
    } else {
        None
    }
}

impl Cond {
    pub fn truth(&self, world: &World, definitions: &[Cond]) -> Truth {
        let each = |parts: &[Cond]| parts.iter().map(|p| p.truth(world, definitions)).collect::<Vec<_>>();
        let value = |fact: usize| match world.get(fact) {
            Some(Some(Known::OneOf(value))) => Some(*value),
            _ => None,
        };
        match self {
            Cond::Yes(fact) => match world.get(*fact) {
                Some(Some(Known::YesNo(yes))) => Some(*yes),
                _ => None,
            },
            Cond::Is(fact, wanted, positive) => value(*fact).map(|v| (v == *wanted) == *positive),
            Cond::IsIn(fact, wanted, positive) => value(*fact).map(|v| wanted.contains(&v) == *positive),
            Cond::Level(bound, wanted) => value(LEVEL).map(|v| bound.holds(v as i64, *wanted as i64)),
            Cond::Includes(member) => match &world[SIGNS] {
                Some(Known::Set(members)) => members[*member],
                _ => None,
            },
            Cond::Nonempty => match &world[SIGNS] {
                Some(Known::Set(members)) => count(1, members),
                _ => None,
            },
            Cond::Number(bound, threshold, _) => {
                let (fact, _, than) = THRESHOLDS[*threshold];
                match &world[fact] {
                    // A date that lies further back is the smaller one.
                    Some(Known::Number(days)) if fact == ONSET => Some(bound.holds(-days, -than)),
                    Some(Known::Number(value)) => Some(bound.holds(*value, than)),
                    _ => None,
                }
            }
            Cond::Defined(index) => definitions[*index].truth(world, definitions),
            Cond::Not(part) => part.truth(world, definitions).map(|t| !t),
            Cond::And(parts) | Cond::AllOf(parts) => count(parts.len(), &each(parts)),
            Cond::Or(parts) | Cond::AnyOf(parts) => count(1, &each(parts)),
            Cond::NoneOf(parts) => count(1, &each(parts)).map(|t| !t),
            Cond::AtLeast(least, parts) => count(*least, &each(parts)),
        }
    }

    pub fn written(&self) -> String {
        let list = |parts: &[Cond]| parts.iter().map(Cond::written).collect::<Vec<_>>().join(", ");
        let joined = |parts: &[Cond], word: &str| format!("({})", parts.iter().map(Cond::written).collect::<Vec<_>>().join(word));
        let values = |fact: usize| match FACTS[fact].1 {
            Kind::OneOf(values, _) | Kind::AnyOf(values) => values,
            _ => &[],
        };
        let not = |positive: bool| if positive { "" } else { "not " };
        match self {
            Cond::Yes(fact) => FACTS[*fact].0.to_owned(),
            Cond::Is(fact, value, positive) => format!("{} is {}{}", FACTS[*fact].0, not(*positive), values(*fact)[*value]),
            Cond::IsIn(fact, wanted, positive) => {
                let words: Vec<&str> = wanted.iter().map(|v| values(*fact)[*v]).collect();
                format!("{} is {}in ({})", FACTS[*fact].0, not(*positive), words.join(", "))
            }
            Cond::Level(bound, value) => format!("level {} {}", bound.word(false), values(LEVEL)[*value]),
            Cond::Includes(member) => format!("signs includes {}", values(SIGNS)[*member]),
            Cond::Nonempty => "signs".to_owned(),
            Cond::Number(bound, threshold, signs) => {
                let (fact, written, _) = THRESHOLDS[*threshold];
                format!("{} {} {written}", FACTS[fact].0, bound.word(*signs))
            }
            Cond::Defined(index) => format!("d{index}"),
            Cond::Not(part) => format!("not {}", part.written()),
            Cond::And(parts) => joined(parts, " and "),
            Cond::Or(parts) => joined(parts, " or "),
            Cond::AnyOf(parts) => format!("any of ({})", list(parts)),
            Cond::AllOf(parts) => format!("all of ({})", list(parts)),
            Cond::NoneOf(parts) => format!("none of ({})", list(parts)),
            Cond::AtLeast(least, parts) => format!("at least {least} of ({})", list(parts)),
        }
    }
}

/// The declarations of the facts, in the order given.
pub fn facts_written(order: &[usize]) -> String {
    let mut text = String::new();
    for fact in order {
        let (name, kind) = FACTS[*fact];
        let kind = match kind {
            Kind::YesNo => "yes/no".to_owned(),
            Kind::OneOf(values, true) => format!("one of {}", values.join(" < ")),
            Kind::OneOf(values, false) => format!("one of {}", values.join(", ")),
            Kind::AnyOf(members) => format!("any of {}", members.join(", ")),
            Kind::Date => "date".to_owned(),
            Kind::Since(date) => format!("time since {}", FACTS[date].0),
            Kind::Quantity("years") => "quantity in years".to_owned(),
            Kind::Quantity(unit) => format!("quantity in \"{unit}\""),
            Kind::Count => "count".to_owned(),
        };
        let _ = writeln!(text, "fact {name}: {kind}");
    }
    text
}

/// A case file that states what is known, in the order of the facts.
///
/// Where the date is known, the time since it is left for the engine to compute.
pub fn case_written(world: &World, unknown: &[usize], unlisted_no: bool) -> String {
    let mut text = format!("as_of: {}\n", super::AS_OF);
    if unlisted_no {
        text.push_str("unlisted: no\n");
    }
    let mut facts = String::new();
    for (index, known) in world.iter().enumerate() {
        let name = FACTS[index].0;
        let Some(known) = known else {
            if unknown.contains(&index) {
                let _ = writeln!(facts, "  {name}: unknown");
            }
            continue;
        };
        if index == LASTING && world[ONSET].is_some() {
            continue;
        }
        let tenths = |n: &i64| {
            if n % 10 == 0 {
                (n / 10).to_string()
            } else {
                format!("{}.{}", n / 10, n % 10)
            }
        };
        let word = |yes: bool| if yes { "yes" } else { "no" };
        let value = match (FACTS[index].1, known) {
            (_, Known::YesNo(yes)) => word(*yes).to_owned(),
            (Kind::OneOf(values, _), Known::OneOf(value)) => values[*value].to_owned(),
            (Kind::AnyOf(names), Known::Set(members)) => {
                let stated = names
                    .iter()
                    .zip(members)
                    .filter_map(|(n, m)| Some(format!("{n}: {}", word((*m)?))));
                let stated: Vec<String> = stated.collect();
                if stated.is_empty() {
                    continue;
                }
                format!("{{{}}}", stated.join(", "))
            }
            (Kind::Date, Known::Number(days)) => date_before(*days as usize),
            (Kind::Since(_), Known::Number(days)) => format!("{days} days"),
            (Kind::Quantity(unit), Known::Number(n)) => format!("{} {unit}", tenths(n)),
            (_, Known::Number(n)) => n.to_string(),
            _ => continue,
        };
        let _ = writeln!(facts, "  {name}: {value}");
    }
    if facts.is_empty() {
        text.push_str("facts: {}\n")
    } else {
        text.push_str(&format!("facts:\n{facts}"))
    }
    text
}

/// The actions of every made-up library, with their parents.
pub const ACTIONS: &[(&str, Option<usize>)] = &[
    ("scan", None),
    ("mri", Some(0)),
    ("ct", Some(0)),
    ("drug", None),
    ("nsaid", Some(3)),
    ("opioid", Some(3)),
    ("surgery", None),
];

pub const MODALITIES: [&str; 4] = ["recommend", "consider", "avoid", "never"];

/// Urgency and deadline that fit each other.
pub const TIMINGS: &[(&str, &str)] = &[
    ("", ""),
    ("", "within 2 weeks"),
    ("", "within 6 weeks after onset"),
    ("", "not before 6 weeks after onset"),
    ("", "between 4 and 6 weeks after onset"),
    ("", "for at least 6 weeks"),
    ("urgent", ""),
    ("urgent", "within hours"),
    ("urgent", "within 2 weeks"),
    ("immediate", ""),
    ("routine", "within months"),
];

#[derive(Debug, Clone)]
pub struct Effect {
    pub modality: usize,
    pub timing: usize,
    pub actions: Vec<usize>,
    pub one_of: bool,
    pub instead_of: Option<usize>,
    pub only_when: Option<Cond>,
    pub unless: Option<Cond>,
}

#[derive(Debug, Clone)]
pub struct Rule {
    pub guideline: usize,
    /// 0 for none, else one more than the position of the section.
    pub section: usize,
    pub when: Option<Cond>,
    pub unless: Option<Cond>,
    pub effects: Vec<Effect>,
    /// Positions of rules of the same guideline that come before this one.
    pub overrides: Vec<usize>,
}

#[derive(Debug, Clone)]
pub struct Guideline {
    pub applies: Option<Cond>,
    pub definitions: Vec<Cond>,
    /// The guards of the headings in [`HEADINGS`].
    pub sections: Vec<Option<Cond>>,
}

pub const HEADINGS: [&str; 3] = ["First", "First > Inner", "Second"];

#[derive(Debug, Clone)]
pub struct Written {
    pub guidelines: Vec<Guideline>,
    pub rules: Vec<Rule>,
    pub assumptions: Vec<Assumption>,
    /// Two rules, whether the first of them is preferred or the matter is left open, and when.
    pub reconcile: Option<(usize, usize, bool, Option<Cond>)>,
}

#[derive(Debug, Clone)]
pub enum Assumption {
    Implies(Cond, Cond),
    AtMostOne(Vec<Cond>),
}

impl Assumption {
    pub fn written(&self) -> String {
        match self {
            Assumption::Implies(left, right) => format!("assume {} implies {}", left.written(), right.written()),
            Assumption::AtMostOne(parts) => {
                format!(
                    "assume at most one of ({})",
                    parts.iter().map(Cond::written).collect::<Vec<_>>().join(", ")
                )
            }
        }
    }

    /// Whether a patient of whom everything is known keeps to it.
    pub fn holds(&self, world: &World) -> bool {
        let yes = |condition: &Cond| condition.truth(world, &[]) == Some(true);
        match self {
            Assumption::Implies(left, right) => !yes(left) || yes(right),
            Assumption::AtMostOne(parts) => parts.iter().filter(|p| yes(p)).count() <= 1,
        }
    }
}

/// One piece of advice of a rule, with its guard: `only when` has become two.
#[derive(Debug, Clone)]
pub struct Half<'a> {
    pub rule: usize,
    pub effect: &'a Effect,
    pub negative: bool,
}

impl Written {
    pub fn rule_name(&self, rule: usize) -> String {
        format!("g{}.r{rule}", self.rules[rule].guideline)
    }

    /// The pieces of advice of a rule in their order.
    pub fn halves(&self, rule: usize) -> Vec<Half<'_>> {
        let mut halves = Vec::new();
        for effect in &self.rules[rule].effects {
            halves.push(Half {
                rule,
                effect,
                negative: false,
            });
            if effect.only_when.is_some() {
                halves.push(Half {
                    rule,
                    effect,
                    negative: true,
                });
            }
        }
        halves
    }

    /// The state of one piece of advice, by the words of the language's description.
    pub fn state(&self, half: &Half<'_>, world: &World) -> Truth {
        let rule = &self.rules[half.rule];
        let guideline = &self.guidelines[rule.guideline];
        let of = |condition: &Option<Cond>, absent: bool| match condition {
            Some(condition) => condition.truth(world, &guideline.definitions),
            None => Some(absent),
        };
        let not = |truth: Truth| truth.map(|t| !t);
        let mut parts = vec![
            of(&guideline.applies, true),
            of(&rule.when, true),
            not(of(&rule.unless, false)),
        ];
        let headings: &[usize] = match rule.section {
            0 => &[],
            1 => &[0],
            2 => &[0, 1],
            _ => &[2],
        };
        parts.extend(headings.iter().map(|h| of(&guideline.sections[*h], true)));
        let only_when = of(&half.effect.only_when, true);
        parts.push(if half.negative { not(only_when) } else { only_when });
        parts.push(not(of(&half.effect.unless, false)));
        count(parts.len(), &parts)
    }

    fn rule_written(&self, index: usize) -> String {
        let rule = &self.rules[index];
        let mut text = format!("rule r{index}:\n");
        let clause = |word: &str, condition: &Option<Cond>| {
            condition
                .as_ref()
                .map_or(String::new(), |c| format!(" {word} {}", c.written()))
        };
        match &rule.when {
            Some(condition) => {
                let _ = writeln!(text, "  when {}", condition.written());
            }
            None => text.push_str("  always\n"),
        }
        if rule.unless.is_some() {
            let _ = writeln!(text, " {}", clause("unless", &rule.unless));
        }
        for effect in &rule.effects {
            let (urgency, deadline) = TIMINGS[effect.timing];
            let names: Vec<&str> = effect.actions.iter().map(|a| ACTIONS[*a].0).collect();
            let names = names.join(if effect.one_of { " or " } else { ", " });
            let instead = effect
                .instead_of
                .map_or(String::new(), |a| format!(" instead of {}", ACTIONS[a].0));
            let _ = writeln!(
                text,
                "  then {} {urgency} {names} {deadline}{instead}{}{}",
                MODALITIES[effect.modality],
                clause("only when", &effect.only_when),
                clause("unless", &effect.unless)
            );
        }
        text.push_str("  cite S\n");
        if !rule.overrides.is_empty() {
            let names: Vec<String> = rule.overrides.iter().map(|r| format!("r{r}")).collect();
            let _ = writeln!(text, "  overrides {}", names.join(", "));
        }
        text
    }

    /// The files of the library, with everything in the order that `order` makes.
    pub fn files(&self, order: &mut dyn Order) -> super::Memory {
        let mut files = super::Memory::default();
        let facts = facts_written(&order.of(FACTS.len()));
        let mut actions: Vec<String> = Vec::new();
        for index in order.of(ACTIONS.len()) {
            let (name, parent) = ACTIONS[index];
            let parent = parent.map_or(String::new(), |p| format!(" is {}", ACTIONS[p].0));
            actions.push(format!("action {name}{parent}\n"));
        }
        let mut assumptions = String::new();
        for index in order.of_assumptions(self.assumptions.len()) {
            assumptions.push_str(&format!("{}\n", self.assumptions[index].written()));
        }
        let words = order.names();
        let split = order.of(2)[0] == 1;
        let uses = if split {
            files = files.with(&format!("{}.gl", words[0]), format!("{facts}{assumptions}"));
            files = files.with(&format!("{}.gl", words[1]), actions.concat());
            format!("use {}, {}\n", words[0], words[1])
        } else {
            files = files.with(
                &format!("{}.gl", words[0]),
                format!("{}{assumptions}{facts}", actions.concat()),
            );
            format!("use {}\n", words[0])
        };
        for (number, guideline) in self.guidelines.iter().enumerate() {
            let mut text = format!("guideline g{number} \"G\" version \"1\"");
            if let Some(condition) = &guideline.applies {
                let _ = write!(text, " applies when {}", condition.written());
            }
            let _ = write!(text, "\n{uses}source S \"Source\"\n");
            for index in order.of(guideline.definitions.len()) {
                let _ = writeln!(text, "define d{index}: {}", guideline.definitions[index].written());
            }
            let mut rules: Vec<usize> = (0..self.rules.len()).filter(|r| self.rules[*r].guideline == number).collect();
            let shuffled = order.of(rules.len());
            rules = shuffled.into_iter().map(|i| rules[i]).collect();
            // What stands under no heading comes before all headings.
            rules.sort_by_key(|r| self.rules[*r].section != 0);
            let headings = order.of(HEADINGS.len());
            let free = rules.iter().filter(|r| self.rules[**r].section == 0);
            free.for_each(|r| text.push_str(&self.rule_written(*r)));
            for heading in &headings {
                let guard = guideline.sections[*heading]
                    .as_ref()
                    .map_or(String::new(), |c| format!(" when {}", c.written()));
                let _ = writeln!(text, "section \"{}\"{guard}:", HEADINGS[*heading]);
                if !order.interleaves() {
                    let under = rules.iter().filter(|r| self.rules[**r].section == heading + 1);
                    under.for_each(|r| text.push_str(&self.rule_written(*r)));
                }
            }
            if order.interleaves() {
                for rule in rules.iter().filter(|r| self.rules[**r].section != 0) {
                    let _ = writeln!(text, "section \"{}\":", HEADINGS[self.rules[*rule].section - 1]);
                    text.push_str(&self.rule_written(*rule));
                }
            }
            files = files.with(&format!("{}.gl", words[2 + number]), text);
        }
        if let Some((first, second, prefer, when)) = &self.reconcile {
            let (first, second) = (self.rule_name(*first), self.rule_name(*second));
            let when = when.as_ref().map_or(String::new(), |c| format!(" when {}", c.written()));
            let decision = if *prefer {
                format!("prefer {first}{when}")
            } else {
                "leave open".to_owned()
            };
            let used = format!("use {}, {}\n{uses}", words[2], words[3]);
            let text = format!("{used}reconcile {first} with {second} {decision} because \"it was decided\"\n");
            files = files.with(&format!("{}.gl", words[4]), text);
        }
        files
    }
}

/// In which order things are written.
pub trait Order {
    /// The numbers below `count`, in some order.
    fn of(&mut self, count: usize) -> Vec<usize>;
    /// The same for assumptions, whose order some keep.
    fn of_assumptions(&mut self, count: usize) -> Vec<usize> {
        (0..count).collect()
    }
    /// Five names of files, in the order vocabulary, actions, first and second guideline, reconciliation.
    fn names(&mut self) -> Vec<String>;
    /// Whether each rule repeats its heading.
    fn interleaves(&self) -> bool;
}

/// As it comes.
pub struct Plain;

impl Order for Plain {
    fn of(&mut self, count: usize) -> Vec<usize> {
        (0..count).collect()
    }
    fn names(&mut self) -> Vec<String> {
        ["f1", "f2", "f3", "f4", "f5"].map(str::to_owned).to_vec()
    }
    fn interleaves(&self) -> bool {
        false
    }
}

/// Shuffled; assumptions only if the second part says so.
pub struct Shuffled(pub super::Random, pub bool);

impl Order for Shuffled {
    fn of(&mut self, count: usize) -> Vec<usize> {
        let mut numbers: Vec<usize> = (0..count).collect();
        self.0.shuffle(&mut numbers);
        numbers
    }
    fn of_assumptions(&mut self, count: usize) -> Vec<usize> {
        if self.1 { self.of(count) } else { Plain.of(count) }
    }
    fn names(&mut self) -> Vec<String> {
        let mut names = Plain.names();
        self.0.shuffle(&mut names);
        names
    }
    fn interleaves(&self) -> bool {
        true
    }
}
