//! Patients about whom nothing is said, as text and in the shape of `gl.gaps/1`.
//!
//! In: gaps with their library. Out: text, and one serialisable object; every field is always present.
//! Must not know: how gaps are found. Field order and list order are part of the format.

use super::changes::record;
use super::paragraph::paragraph;
use crate::model::{Library, RuleId};
use crate::verify::diff::written;
use crate::verify::gaps::{Described, Gap, Gaps, Wanted};
use serde::Serialize;
use std::collections::BTreeMap;

/// Everything that is left out.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct GapsJson {
    pub schema: &'static str,
    pub engine: String,
    /// The actions that were asked about; everything where there are none.
    pub actions: Vec<String>,
    pub modalities: Vec<&'static str>,
    pub guidelines: Vec<GuidelineJson>,
}

#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct GuidelineJson {
    pub id: String,
    /// The condition under which the guideline applies.
    pub scope: String,
    /// The rules that give such advice.
    pub rules: Vec<String>,
    pub gaps: Vec<GapJson>,
    /// Whether the gaps are all there are.
    pub all: bool,
    pub undecided: bool,
}

#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct GapJson {
    /// What these patients have in common, beside being in scope.
    pub parts: Vec<PartJson>,
    pub witness: BTreeMap<String, String>,
    /// Rules of other guidelines that give the witness such advice.
    pub elsewhere: Vec<String>,
}

#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct PartJson {
    /// The name of a definition; null for a fact.
    pub term: Option<String>,
    pub fact: Option<String>,
    /// Such as `symptom_duration under 6 weeks`.
    pub text: String,
}

/// The object.
pub fn json(library: &Library, wanted: &Wanted, gaps: &[Gaps]) -> GapsJson {
    let name = |rule: &RuleId| library.rule_name(*rule).to_owned();
    GapsJson {
        schema: "gl.gaps/1",
        engine: format!("gl {}", env!("CARGO_PKG_VERSION")),
        actions: wanted.actions.iter().map(|a| library[*a].name.clone()).collect(),
        modalities: wanted.modalities.iter().map(|m| m.word()).collect(),
        guidelines: gaps
            .iter()
            .map(|of| GuidelineJson {
                id: library[of.guideline].name.clone(),
                scope: written(library, &library[of.guideline].scope),
                rules: of.rules.iter().map(name).collect(),
                gaps: of
                    .groups
                    .iter()
                    .map(|gap| GapJson {
                        parts: gap.parts.iter().map(|part| part_json(library, part)).collect(),
                        witness: record(&gap.witness),
                        elsewhere: gap.elsewhere.iter().map(name).collect(),
                    })
                    .collect(),
                all: of.is_all,
                undecided: of.undecided,
            })
            .collect(),
    }
}

fn part_json(library: &Library, part: &Described) -> PartJson {
    match part {
        Described::Term(id, holds) => PartJson {
            term: Some(library[*id].name.clone()),
            fact: None,
            text: format!("{}{}", if *holds { "" } else { "not " }, library[*id].name),
        },
        Described::Fact(fact, text) => PartJson {
            term: None,
            fact: Some(library[*fact].name.clone()),
            text: text.clone(),
        },
    }
}

/// The gaps for a reader.
pub fn text(library: &Library, gaps: &[Gaps], about: &str, width: usize) -> String {
    let mut out = String::new();
    for of in gaps {
        let guideline = &library[of.guideline];
        if of.groups.is_empty() && !of.undecided {
            continue;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        let scope = if guideline.scope.is_always() {
            "for anybody".to_owned()
        } else {
            format!("in its scope ({})", written(library, &guideline.scope))
        };
        if of.rules.is_empty() {
            paragraph(
                &mut out,
                0,
                "",
                &format!("{} says nothing{about} {scope}", guideline.name),
                width,
            );
            continue;
        }
        let heading = format!("{} says nothing{about} {scope} where", guideline.name);
        paragraph(&mut out, 0, "", &heading, width);
        for gap in &of.groups {
            group(library, gap, width, &mut out);
        }
        if of.undecided {
            paragraph(
                &mut out,
                2,
                "",
                "whether there are more is not decided: too much depends on it",
                width,
            );
        } else if !of.is_all {
            paragraph(&mut out, 2, "", "and there are more; `--most N` shows so many", width);
        }
    }
    out
}

fn group(library: &Library, gap: &Gap, width: usize, out: &mut String) {
    let parts: Vec<String> = gap.parts.iter().map(|part| part_json(library, part).text).collect();
    let parts = if parts.is_empty() {
        "always".to_owned()
    } else {
        parts.join(", ")
    };
    paragraph(out, 2, "", &parts, width);
    let on = gap
        .witness
        .as_of
        .as_ref()
        .map(|date| format!(", on {date}"))
        .unwrap_or_default();
    paragraph(out, 6, "for example ", &format!("{}{on}", gap.in_short.join(", ")), width);
    if !gap.elsewhere.is_empty() {
        let rules: Vec<String> = gap.elsewhere.iter().map(|r| format!("`{}`", library.rule_name(*r))).collect();
        let rules = rules.join(", ");
        paragraph(out, 6, "", &format!("who is advised by {rules}"), width);
    }
}
