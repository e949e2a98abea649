//! Large libraries whose rules contradict each other, made up the same way every time.
//!
//! Rules are spread over several documents. Two thirds advise, one third avoids or forbids; the actions are a tree three
//! deep, and advice meets what is said against an action above it or below it. Facts and actions grow with the rules, so that the number of rules
//! that speak of one action stays the same.

use super::{Memory, Random};
use std::fmt::Write;

/// What conditions look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One to four tests, all of which must hold.
    Conjunctions,
    /// As before, but two of five rules offer alternatives.
    Disjunctions,
    /// As before, with six assumptions across facts for every thousand rules.
    Assumptions,
}

impl Shape {
    pub const ALL: [Shape; 3] = [Shape::Conjunctions, Shape::Disjunctions, Shape::Assumptions];

    pub fn name(self) -> &'static str {
        match self {
            Shape::Conjunctions => "conjunctions",
            Shape::Disjunctions => "40 % disjunctions",
            Shape::Assumptions => "disjunctions and assumptions",
        }
    }
}

/// How large a library is; all follows from the number of rules.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub rules: usize,
    pub facts: usize,
    pub actions: usize,
    pub assumptions: usize,
}

impl Size {
    /// 10,000 rules go with 200 facts, 370 actions and 60 assumptions.
    pub fn of(rules: usize, shape: Shape) -> Self {
        Size {
            rules,
            facts: (rules / 50).max(8),
            actions: (rules * 37 / 1000).max(4),
            assumptions: if shape == Shape::Assumptions { rules * 6 / 1000 } else { 0 },
        }
    }

    /// Of five facts three are yes/no, one has four values and one is a number: `kind` 0, 1, 2.
    fn count(self, kind: usize) -> usize {
        let fifth = self.facts / 5;
        [self.facts - 2 * fifth, fifth, fifth][kind]
    }
}

const VALUES: [&str; 4] = ["none", "mild", "moderate", "severe"];
const WEEKS: [u32; 4] = [6, 12, 26, 52];

/// A vocabulary and the documents that use it.
pub fn library(rules: usize, shape: Shape) -> Memory {
    let size = Size::of(rules, shape);
    let mut random = Random::new(rules as u64);
    let documents = (rules / 10_000).max(5);
    let mut files = Memory::default().with("words.gl", vocabulary(size, &mut random));
    for document in 0..documents {
        let mut text = format!("guideline d{document} \"Document {document}\" version \"1\"\nuse words\n");
        let _ = writeln!(text, "source S{document} \"Source {document}\" year 2026 lists 9");
        for rule in (document..rules).step_by(documents) {
            write_rule(&mut text, rule, document, size, shape, &mut random);
        }
        files = files.with(&format!("d{document}.gl"), text);
    }
    files
}

fn vocabulary(size: Size, random: &mut Random) -> String {
    let mut text = String::new();
    for fact in 0..size.count(0) {
        let _ = writeln!(text, "fact sign_{fact}: yes/no \"Sign {fact}\"");
    }
    for fact in 0..size.count(1) {
        let values = VALUES.join(" < ");
        let _ = writeln!(text, "fact grade_{fact}: one of {values} \"Grade {fact}\"");
    }
    for fact in 0..size.count(2) {
        let _ = writeln!(text, "fact time_{fact}: quantity in weeks \"Time {fact}\"");
    }
    // A forest three deep: one root in thirty-seven, six kinds of each, five kinds of each of those.
    let roots = size.actions.div_ceil(37);
    for action in 0..size.actions {
        let parent = match action {
            root if root < roots => String::new(),
            kind if kind < 7 * roots => format!(" is action_{}", (kind - roots) / 6),
            kind => format!(" is action_{}", roots + (kind - 7 * roots) / 5),
        };
        let _ = writeln!(text, "action action_{action} \"Action {action}\"{parent}");
    }
    for _ in 0..size.assumptions {
        let _ = writeln!(text, "assume {}", assumption(size, random));
    }
    text
}

/// Two signs imply a third, or a grade; at most one of three signs; one time is no longer than another.
fn assumption(size: Size, random: &mut Random) -> String {
    let [signs, grades, times] = [0, 1, 2].map(|kind| size.count(kind));
    // Always from a lower number to a higher one, so that nothing follows from itself.
    let ascending = |random: &mut Random, count: usize, of: usize| {
        let mut chosen = std::collections::BTreeSet::new();
        while chosen.len() < count.min(of) {
            chosen.insert(random.below(of));
        }
        chosen.into_iter().collect::<Vec<_>>()
    };
    match random.below(6) {
        0..=2 => {
            let three = ascending(random, 3, signs);
            format!("sign_{} and sign_{} implies sign_{}", three[0], three[1], three[2])
        }
        3 => format!(
            "grade_{} is severe implies sign_{}",
            random.below(grades),
            random.below(signs)
        ),
        4 => {
            let three = ascending(random, 3, signs);
            format!("at most one of (sign_{}, sign_{}, sign_{})", three[0], three[1], three[2])
        }
        _ => match *ascending(random, 2, times) {
            [low, high] => format!("time_{low} at most time_{high}"),
            _ => "sign_0 implies sign_1".to_owned(),
        },
    }
}

fn write_rule(text: &mut String, rule: usize, document: usize, size: Size, shape: Shape, random: &mut Random) {
    let condition = condition(size, shape, random);
    let action = random.below(size.actions);
    let advice = match random.below(20) {
        0..=12 => "recommend",
        13..=16 => "avoid",
        _ => "never",
    };
    let _ = writeln!(
        text,
        "rule r{rule}:\n  when {condition}\n  then {advice} action_{action} cite S{document} [{}] from S-{rule}",
        1 + random.below(9)
    );
}

fn condition(size: Size, shape: Shape, random: &mut Random) -> String {
    let atoms = 1 + random.below(4);
    let mut parts = distinct(Vec::new(), atoms, size, random);
    if shape != Shape::Conjunctions && random.percent(40) {
        let place = random.below(parts.len());
        let more = 1 + random.below(3);
        let either = distinct(vec![parts[place].clone()], more, size, random);
        parts[place] = format!("any of ({})", either.join(", "));
    }
    parts.join(" and ")
}

/// So many more tests, none of which stands there already.
fn distinct(mut tests: Vec<String>, more: usize, size: Size, random: &mut Random) -> Vec<String> {
    let wanted = tests.len() + more;
    while tests.len() < wanted {
        let test = atom(size, random);
        if !tests.contains(&test) {
            tests.push(test);
        }
    }
    tests
}

/// One test of a random fact; a yes/no fact is denied in two of five.
fn atom(size: Size, random: &mut Random) -> String {
    let [signs, grades, times] = [0, 1, 2].map(|kind| size.count(kind));
    match random.below(10) {
        0..=5 => {
            let not = if random.percent(40) { "not " } else { "" };
            format!("{not}sign_{}", random.below(signs))
        }
        6 => format!("grade_{} is {}", random.below(grades), random.pick(&VALUES)),
        7 => format!(
            "grade_{} at least {}",
            random.below(grades),
            random.pick(&["mild", "moderate"])
        ),
        _ => format!(
            "time_{} {} {} weeks",
            random.below(times),
            random.pick(&["at least", "under"]),
            random.pick(&WEEKS)
        ),
    }
}
