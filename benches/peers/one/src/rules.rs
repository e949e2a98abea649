//! Rules and patients as `benches/peers/library.py` makes them, and each rule in the words of every engine.
//!
//! Negation stands only at atoms. A guard that asks whether a fact is known before every atom therefore holds exactly where gl, which knows
//! of the unknown, says that a rule fires; what gl says beyond that (undecided) the other engines cannot say.

use serde::Deserialize;
use std::collections::BTreeMap;

/// Everything that is read.
#[derive(Deserialize)]
pub struct Work {
    pub conditions: Vec<Condition>,
    /// The library in gl: texts by name.
    pub files: BTreeMap<String, String>,
    pub patients: Vec<Record>,
}

/// What is known of a patient, by fact; an unknown fact is left out.
pub type Record = BTreeMap<String, Given>;

/// A value as it is given.
#[derive(Deserialize, Clone)]
#[serde(untagged)]
pub enum Given {
    Yes(bool),
    Number(i64),
    Word(String),
}

/// A condition as a tagged list of JSON.
#[derive(Deserialize)]
#[serde(try_from = "Vec<serde_json::Value>")]
pub enum Condition {
    Yes(String),
    Is(String, String),
    Least(String, i64),
    Not(Box<Condition>),
    And(Vec<Condition>),
    Or(Vec<Condition>),
}

impl TryFrom<Vec<serde_json::Value>> for Condition {
    type Error = String;

    fn try_from(list: Vec<serde_json::Value>) -> Result<Self, String> {
        use serde_json::from_value;
        let mut list = list.into_iter();
        let mut next = || list.next().ok_or_else(|| "a condition is too short".to_owned());
        let said = |e: serde_json::Error| e.to_string();
        let kind: String = from_value(next()?).map_err(said)?;
        Ok(match kind.as_str() {
            "yes" => Condition::Yes(from_value(next()?).map_err(said)?),
            "is" => Condition::Is(from_value(next()?).map_err(said)?, from_value(next()?).map_err(said)?),
            "least" => Condition::Least(from_value(next()?).map_err(said)?, from_value(next()?).map_err(said)?),
            "not" => Condition::Not(from_value(next()?).map_err(said)?),
            "and" => Condition::And(from_value(next()?).map_err(said)?),
            "or" => Condition::Or(from_value(next()?).map_err(said)?),
            other => return Err(format!("\"{other}\" is no kind of condition")),
        })
    }
}

impl Condition {
    /// With `&&` and `||`; `atom` writes an atom, and whether it is negated.
    fn infix(&self, words: [&str; 2], atom: &dyn Fn(&Condition, bool) -> String) -> String {
        let join = |parts: &[Condition], word: &str| {
            let parts: Vec<String> = parts.iter().map(|part| part.infix(words, atom)).collect();
            format!("({})", parts.join(word))
        };
        match self {
            Condition::And(parts) => join(parts, words[0]),
            Condition::Or(parts) => join(parts, words[1]),
            Condition::Not(inner) => atom(inner, true),
            _ => atom(self, false),
        }
    }

    fn fact(&self) -> &str {
        match self {
            Condition::Yes(fact) | Condition::Is(fact, _) | Condition::Least(fact, _) => fact,
            Condition::Not(_) | Condition::And(_) | Condition::Or(_) => unreachable!("no atom"),
        }
    }

    /// An atom as Cedar, CEL, Rego and ZEN all can read it, with the name under which its fact is reached.
    fn test(&self, name: &str, negated: bool) -> String {
        match (self, negated) {
            (Condition::Is(_, word), false) => format!("{name} == \"{word}\""),
            (Condition::Is(_, word), true) => format!("{name} != \"{word}\""),
            (Condition::Least(_, number), false) => format!("{name} >= {number}"),
            (Condition::Least(_, number), true) => format!("{name} < {number}"),
            (_, true) => format!("{name} == false"),
            (_, false) => format!("{name} == true"),
        }
    }

    /// A policy of Cedar.
    pub fn in_cedar(&self) -> String {
        let guard = self.infix([" && ", " || "], &|atom, negated| match (atom, negated) {
            (Condition::Yes(fact), false) => format!("(context has {fact} && context.{fact})"),
            (Condition::Yes(fact), true) => format!("(context has {fact} && !context.{fact})"),
            _ => format!(
                "(context has {0} && {1})",
                atom.fact(),
                atom.test(&format!("context.{}", atom.fact()), negated)
            ),
        });
        format!("permit (principal, action, resource) when {{ {guard} }};")
    }

    /// An expression of CEL.
    pub fn in_cel(&self) -> String {
        self.infix([" && ", " || "], &|atom, negated| match (atom, negated) {
            (Condition::Yes(fact), false) => format!("(has(p.{fact}) && p.{fact})"),
            (Condition::Yes(fact), true) => format!("(has(p.{fact}) && !p.{fact})"),
            _ => format!(
                "(has(p.{0}) && {1})",
                atom.fact(),
                atom.test(&format!("p.{}", atom.fact()), negated)
            ),
        })
    }

    /// An expression of ZEN, where a fact that is not given is null.
    pub fn in_zen(&self) -> String {
        self.infix([" and ", " or "], &|atom, negated| {
            let (fact, test) = (atom.fact(), atom.test(atom.fact(), negated));
            match (atom, negated) {
                (Condition::Yes(_), _) | (Condition::Is(..), false) => test,
                _ => format!("({fact} != null and {test})"),
            }
        })
    }

    /// The rule number `number` of a module of Rego. A test of a fact that is not given is undefined there, and its body does not hold.
    pub fn in_rego(&self, number: usize) -> String {
        let mut helpers = String::new();
        let mut count = 0;
        let bodies = self.bodies(&mut |parts| {
            let name = format!("r{number}_{count}");
            count += 1;
            for part in parts {
                helpers.push_str(&format!("{name} if {{ {part} }}\n"));
            }
            name
        });
        let rules: String = bodies
            .iter()
            .map(|body| format!("fired contains {number} if {{ {body} }}\n"))
            .collect();
        helpers + rules.as_str()
    }

    /// Bodies of which one must hold; `helper` makes a rule of alternatives within a body, and names it.
    fn bodies(&self, helper: &mut dyn FnMut(Vec<String>) -> String) -> Vec<String> {
        match self {
            Condition::Or(parts) => parts.iter().flat_map(|part| part.bodies(helper)).collect(),
            Condition::And(parts) => {
                let each: Vec<String> = parts
                    .iter()
                    .map(|part| {
                        let mut bodies = part.bodies(helper);
                        if bodies.len() == 1 { bodies.remove(0) } else { helper(bodies) }
                    })
                    .collect();
                vec![each.join("; ")]
            }
            Condition::Not(inner) => vec![inner.test(&format!("input.{}", inner.fact()), true)],
            atom => vec![atom.test(&format!("input.{}", atom.fact()), false)],
        }
    }
}
