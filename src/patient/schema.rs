//! JSON Schemas: case files, results, findings.
//!
//! In: a library, or none. Out: schemas in the draft of 2020-12, as JSON.
//! Must not know: anything the formats do not say.

use crate::model::units::Unit;
use crate::model::{Fact, FactType, Library};
use serde_json::{Map, Value, json};

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of case files: for any library, or with the facts of one.
pub fn case_file_schema(library: Option<&Library>) -> Value {
    let facts = match library {
        Some(library) => {
            let properties: Map<String, Value> = library
                .facts
                .iter()
                .map(|fact| (fact.name.clone(), fact_schema(fact)))
                .collect();
            json!({"type": "object", "properties": properties, "additionalProperties": false})
        }
        None => json!({
            "type": "object",
            "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
            "additionalProperties": {"anyOf": [
                {"type": ["string", "number", "boolean"]},
                {"type": "array", "items": {"type": "string"}},
                {"type": "object", "additionalProperties": yes_no()},
            ]},
        }),
    };
    json!({
        "$schema": DRAFT,
        "title": "A patient for gl",
        "type": "object",
        "properties": {
            "as_of": {"description": "The date of evaluation; needed where a date is recorded.", "type": "string", "format": "date"},
            "unlisted": {
                "description": "`no` closes the world: yes/no facts that are not listed are no, sets are empty.",
                "enum": ["unknown", "no"],
                "default": "unknown",
            },
            "facts": facts,
        },
        "required": ["facts"],
        "additionalProperties": false,
    })
}

fn yes_no() -> Value {
    json!({"enum": ["yes", "no", "unknown", "true", "false", "present", "absent", true, false]})
}

fn fact_schema(fact: &Fact) -> Value {
    let or_unknown = |mut values: Vec<String>| {
        values.push("unknown".to_owned());
        json!({"enum": values})
    };
    let mut schema = match &fact.ty {
        FactType::YesNo => yes_no(),
        FactType::OneOf { values, .. } => or_unknown(values.clone()),
        FactType::AnyOf { members } => {
            let properties: Map<String, Value> = members.iter().map(|m| (m.clone(), yes_no())).collect();
            json!({"anyOf": [
                {"type": "array", "items": {"enum": members}, "uniqueItems": true},
                {"type": "object", "properties": properties, "additionalProperties": false},
                {"const": "unknown"},
            ]})
        }
        FactType::Date => json!({"type": "string", "anyOf": [{"format": "date"}, {"const": "unknown"}]}),
        FactType::Count => {
            json!({"anyOf": [{"type": "integer", "minimum": 0, "maximum": 999_999_999_999_999_999_u64}, {"type": "string", "pattern": "^(0|[1-9][0-9]*|unknown)$"}]})
        }
        FactType::Quantity { unit: Unit::Time(_) } | FactType::TimeSince { .. } => {
            json!({"type": "string", "pattern": "^((0|[1-9][0-9]*)(\\.[0-9]+)? *(minutes?|hours?|days?|weeks?|months?|years?|min|h|d|wk|mo|a)|unknown)$"})
        }
        FactType::Quantity { .. } => {
            json!({"type": "string", "pattern": "^((0|[1-9][0-9]*)(\\.[0-9]+)?( +\\S+|[^\\s0-9.]\\S*)|unknown)$"})
        }
    };
    if let Some(object) = schema.as_object_mut() {
        object.insert("title".to_owned(), json!(fact.label));
        if let Some(question) = &fact.question {
            object.insert("description".to_owned(), json!(question));
        }
    }
    schema
}

fn object(properties: &[(&str, Value)]) -> Value {
    let required: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Value> = properties
        .iter()
        .map(|(name, schema)| ((*name).to_owned(), schema.clone()))
        .collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn string() -> Value {
    json!({"type": "string"})
}

fn nullable(schema: &str) -> Value {
    json!({"type": [schema, "null"]})
}

fn list(items: Value) -> Value {
    json!({"type": "array", "items": items})
}

fn words(values: &[&str]) -> Value {
    json!({"enum": values})
}

/// The schema of what `gl eval --format json` prints.
pub fn result_schema() -> Value {
    let modality = words(&["recommend", "consider", "avoid", "never"]);
    let urgency = json!({"enum": ["immediate", "urgent", "routine", null]});
    let names = || list(string());
    let cites = list(object(&[
        ("source", string()),
        ("document", nullable("string")),
        ("place", nullable("string")),
        ("number", nullable("integer")),
    ]));
    let position = object(&[
        ("rule", string()),
        ("action", string()),
        (
            "modality",
            words(&["recommend", "consider", "avoid", "never", "about", "for", "against"]),
        ),
        ("statements", names()),
    ]);
    let window = json!({"anyOf": [
        object(&[("from", nullable("string")), ("to", nullable("string")), ("clock", string())]),
        {"type": "null"},
    ]});
    let modifiers = object(&[
        ("with", nullable("string")),
        ("before", names()),
        ("instead_of", names()),
        ("preferred_to", names()),
        ("line", nullable("integer")),
        ("for", nullable("string")),
        ("every", nullable("string")),
    ]);
    let fact = object(&[
        ("fact", string()),
        ("value", string()),
        ("origin", words(&["recorded", "computed", "inferred", "default", "closed"])),
    ]);
    let advice = object(&[
        ("action", string()),
        ("label", string()),
        ("modality", modality.clone()),
        ("urgency", urgency.clone()),
        ("within", nullable("string")),
        ("window", window),
        ("due", nullable("string")),
        ("overdue", nullable("boolean")),
        ("rule", string()),
        ("alternatives", names()),
        ("modifiers", modifiers),
        ("status", words(&["active", "overridden", "open"])),
        ("overridden_by", names()),
        ("open_on", names()),
        ("except", list(object(&[("action", string()), ("by", string())]))),
        ("statements", names()),
        ("cites", cites.clone()),
        ("evidence", list(object(&[("scale", string()), ("grade", string())]))),
        ("because", nullable("string")),
        ("facts", list(fact)),
    ]);
    let reconciled = json!({"anyOf": [
        object(&[("decision", words(&["prefer", "open"])), ("rule", nullable("string")), ("because", string())]),
        {"type": "null"},
    ]});
    let mut schema = object(&[
        ("schema", json!({"const": "gl.result/1"})),
        ("engine", string()),
        ("as_of", nullable("string")),
        (
            "guidelines",
            list(object(&[
                ("id", string()),
                ("version", string()),
                ("status", words(&["draft", "active", "retired"])),
                ("hash", string()),
                ("applies", words(&["yes", "no", "unknown"])),
            ])),
        ),
        (
            "proposed",
            list(object(&[
                ("action", string()),
                ("advice", names()),
                ("summary", words(&["for", "against", "both", "silent", "undecided"])),
            ])),
        ),
        ("recommendations", list(advice.clone())),
        ("advised_against", list(advice)),
        (
            "undecided",
            list(object(&[
                ("rule", string()),
                ("action", string()),
                ("modality", modality),
                ("urgency", urgency.clone()),
                ("statements", names()),
                ("needs", names()),
            ])),
        ),
        (
            "disagreements",
            list(object(&[
                ("action", string()),
                ("kind", words(&["contradiction", "window"])),
                ("status", words(&["certain", "possible"])),
                ("positions", list(position.clone())),
                ("reconciled", reconciled),
            ])),
        ),
        (
            "differences",
            list(object(&[
                ("action", string()),
                (
                    "kind",
                    words(&["deadline", "urgency", "duration", "strength", "evidence", "narrowing"]),
                ),
                ("positions", list(position)),
            ])),
        ),
        (
            "ask",
            list(object(&[
                ("fact", string()),
                ("question", string()),
                ("could_change", names()),
                ("most_urgent", urgency),
            ])),
        ),
        (
            "inferred",
            list(object(&[("fact", string()), ("value", string()), ("from", names())])),
        ),
        (
            "notes",
            list(object(&[
                ("text", string()),
                ("about", names()),
                ("stance", words(&["about", "for", "against"])),
                ("statements", names()),
                ("cites", cites),
            ])),
        ),
        ("warnings", names()),
    ]);
    title(&mut schema, "What gl says of one patient");
    schema
}

/// The schema of what `gl check --format json` prints.
pub fn findings_schema() -> Value {
    let from_one = || json!({"type": "integer", "minimum": 1});
    let count = || json!({"type": "integer", "minimum": 0});
    let place = || {
        vec![
            ("file", string()),
            ("line", from_one()),
            ("column", from_one()),
            ("end", object(&[("line", from_one()), ("column", from_one())])),
        ]
    };
    let at = |more: &[(&'static str, Value)]| object(&[place().as_slice(), more].concat());
    let label = at(&[("text", string()), ("primary", json!({"type": "boolean"}))]);
    let edit = at(&[("replacement", string())]);
    let members = json!({"type": "object", "additionalProperties": words(&["yes", "no"]), "minProperties": 1});
    let witness = json!({
        "description": "A patient whom the finding is about, as `facts` of a case file.",
        "type": ["object", "null"],
        "additionalProperties": {"anyOf": [string(), members]},
    });
    let finding = object(&[
        ("code", json!({"type": "string", "pattern": "^GL[0-9]{3}$"})),
        ("name", json!({"type": "string", "pattern": "^[a-z0-9-]+$"})),
        ("severity", words(&["error", "warning", "note"])),
        ("message", string()),
        ("help", nullable("string")),
        ("labels", list(label)),
        ("notes", list(string())),
        (
            "fixes",
            list(object(&[
                ("title", string()),
                ("safe", json!({"type": "boolean"})),
                ("edits", list(edit)),
            ])),
        ),
        ("witness", witness),
        ("as_of", json!({"type": ["string", "null"], "format": "date"})),
        ("action", nullable("string")),
        ("kind", nullable("string")),
        ("status", json!({"enum": ["open", "overridden", "reconciled", null]})),
        ("rules", list(object(&[("rule", string()), ("statements", list(string()))]))),
    ]);
    let summary = ["guidelines", "rules", "errors", "warnings", "notes"].map(|what| (what, count()));
    let mut schema = object(&[
        ("schema", json!({"const": "gl.findings/1"})),
        ("findings", list(finding)),
        ("summary", object(&summary)),
    ]);
    title(&mut schema, "What gl found in guidelines");
    schema
}

/// The schema of what `gl test --coverage --format json` prints.
pub fn coverage_schema() -> Value {
    let count = || json!({"type": "integer", "minimum": 0});
    let place = || {
        [
            ("file", string()),
            ("line", json!({"type": "integer", "minimum": 1})),
            ("column", json!({"type": "integer", "minimum": 1})),
            ("end", json!(true)),
        ]
    };
    let row = |name, fields: [&'static str; 3], guideline: Option<Value>| {
        let counts = fields.map(|field| (field, count()));
        let rest = guideline.map(|schema| ("guideline", schema));
        let mut all = vec![(name, string())];
        all.extend(place());
        all.extend(rest);
        all.extend(counts);
        all.push(("missing", list(words(&fields))));
        object(&all)
    };
    let share = || object(&[("seen", count()), ("possible", count())]);
    let mut schema = object(&[
        ("schema", json!({"const": "gl.coverage/1"})),
        ("passed", count()),
        ("failed", count()),
        ("rules", list(row("rule", ["fired", "not_fired", "undecided"], None))),
        (
            "tests",
            list(row("text", ["true", "false", "unknown"], Some(nullable("string")))),
        ),
        ("summary", object(&[("rules", share()), ("tests", share())])),
    ]);
    title(&mut schema, "What the cases of gl have seen");
    schema
}

fn record() -> Value {
    json!({"type": "object", "additionalProperties": string()})
}

fn or_null(schema: Value) -> Value {
    json!({"anyOf": [schema, {"type": "null"}]})
}

fn boolean() -> Value {
    json!({"type": "boolean"})
}

fn count() -> Value {
    json!({"type": "integer", "minimum": 0})
}

fn place() -> Value {
    or_null(object(&[
        ("file", string()),
        ("line", json!({"type": "integer", "minimum": 1})),
        ("column", json!({"type": "integer", "minimum": 1})),
        ("end", json!(true)),
    ]))
}

fn only() -> Value {
    or_null(object(&[
        ("witness", record()),
        ("other", words(&["no", "unknown"])),
        ("definite", boolean()),
    ]))
}

/// The schema of what `gl diff --format json` prints.
pub fn diff_schema() -> Value {
    let names = || list(string());
    let danger = || words(&["emergency", "loss", "change", "gain", "wording"]);
    let kind = || {
        words(&[
            "removed",
            "narrowed",
            "asks_more",
            "gives_way",
            "reversed",
            "weaker",
            "later",
            "different",
            "undecided",
            "incomparable",
            "added",
            "widened",
            "asks_less",
            "no_longer_gives_way",
            "stronger",
            "earlier",
        ])
    };
    let version = object(&[
        ("name", string()),
        (
            "guidelines",
            list(object(&[
                ("id", string()),
                ("version", string()),
                ("status", words(&["draft", "active", "retired"])),
                ("hash", string()),
            ])),
        ),
        ("rules", count()),
    ]);
    let rule = || or_null(object(&[("rule", string()), ("statements", names()), ("place", place())]));
    let state = || {
        object(&[
            (
                "state",
                words(&["active", "overridden", "open", "undecided", "no", "absent", "rejected"]),
            ),
            ("by", names()),
            ("needs", names()),
        ])
    };
    let told = || {
        or_null(object(&[
            ("witness", record()),
            ("old", state()),
            ("new", state()),
            ("elsewhere", names()),
        ]))
    };
    let wording = || list(object(&[("what", string()), ("old", string()), ("new", string())]));
    let effect = object(&[
        ("danger", danger()),
        ("old", nullable("string")),
        ("new", nullable("string")),
        (
            "aspects",
            list(object(&[
                ("kind", kind()),
                ("what", string()),
                ("old", string()),
                ("new", string()),
            ])),
        ),
        ("both", told()),
        (
            "shifts",
            list(object(&[("kind", kind()), ("actions", names()), ("told", told())])),
        ),
    ]);
    let meaning = || {
        object(&[
            ("same", boolean()),
            ("undecided", boolean()),
            ("incomparable", boolean()),
            ("only_old", only()),
            ("only_new", only()),
        ])
    };
    let mut schema = object(&[
        ("schema", json!({"const": "gl.diff/1"})),
        ("engine", string()),
        ("old", version.clone()),
        ("new", version),
        ("same_meaning", boolean()),
        (
            "rules",
            list(object(&[
                ("danger", danger()),
                ("kinds", list(kind())),
                ("old", rule()),
                ("new", rule()),
                ("effects", list(effect)),
                ("through", names()),
                ("wording", wording()),
            ])),
        ),
        (
            "terms",
            list(object(&[
                ("term", string()),
                ("old", place()),
                ("new", place()),
                ("meaning", meaning()),
                ("wording", wording()),
            ])),
        ),
        (
            "declarations",
            list(object(&[
                ("kind", words(&["fact", "action", "scale", "guideline"])),
                ("name", string()),
                ("what", string()),
                ("old", nullable("string")),
                ("new", nullable("string")),
                ("meaning", boolean()),
            ])),
        ),
        (
            "assumptions",
            list(object(&[
                ("assumption", string()),
                ("old", place()),
                ("new", place()),
                ("rejected", or_null(record())),
            ])),
        ),
        (
            "settlements",
            list(object(&[
                ("rules", names()),
                ("old", place()),
                ("new", place()),
                ("decides_otherwise", boolean()),
                ("changed_rules", names()),
                ("wording", wording()),
            ])),
        ),
        (
            "notes",
            list(object(&[
                ("note", string()),
                ("old", place()),
                ("new", place()),
                ("meaning", meaning()),
                ("wording", wording()),
            ])),
        ),
        (
            "claims",
            list(object(&[("claim", string()), ("old", place()), ("new", place())])),
        ),
        (
            "summary",
            object(&[
                ("emergency", count()),
                ("loss", count()),
                ("change", count()),
                ("gain", count()),
                ("wording", count()),
            ]),
        ),
    ]);
    title(&mut schema, "What changed between two versions of guidelines");
    schema
}

/// The schema of what `gl gaps --format json` prints.
pub fn gaps_schema() -> Value {
    let names = || list(string());
    let part = object(&[("term", nullable("string")), ("fact", nullable("string")), ("text", string())]);
    let gap = object(&[("parts", list(part)), ("witness", record()), ("elsewhere", names())]);
    let mut schema = object(&[
        ("schema", json!({"const": "gl.gaps/1"})),
        ("engine", string()),
        ("actions", names()),
        ("modalities", list(words(&["recommend", "consider", "avoid", "never"]))),
        (
            "guidelines",
            list(object(&[
                ("id", string()),
                ("scope", string()),
                ("rules", names()),
                ("gaps", list(gap)),
                ("all", boolean()),
                ("undecided", boolean()),
            ])),
        ),
    ]);
    title(&mut schema, "Patients about whom guidelines say nothing");
    schema
}

/// The schema of what `gl same --format json` prints.
pub fn same_schema() -> Value {
    let mut schema = object(&[
        ("schema", json!({"const": "gl.same/1"})),
        ("engine", string()),
        ("first", string()),
        ("second", string()),
        ("same", boolean()),
        ("undecided", boolean()),
        ("only_first", only()),
        ("only_second", only()),
    ]);
    title(&mut schema, "Whether two conditions mean the same");
    schema
}

/// The schema of what `gl test --mutate --format json` prints.
pub fn mutants_schema() -> Value {
    let kinds = [
        "threshold",
        "boundary",
        "value",
        "operand",
        "joint",
        "negation",
        "guard",
        "modality",
        "urgency",
        "deadline",
        "overrides",
        "instead_of",
        "decision",
    ];
    let statuses = ["killed", "survives", "equivalent", "unsayable", "undecided", "unreadable"];
    let mutant = object(&[
        ("kind", words(&kinds)),
        ("subject", string()),
        ("place", place()),
        ("before", string()),
        ("after", string()),
        ("status", words(&statuses)),
        ("killed_by", or_null(object(&[("file", string()), ("title", string())]))),
        ("offer", nullable("integer")),
    ]);
    let offer = object(&[
        ("place", nullable("string")),
        ("witness", record()),
        ("otherwise_no", boolean()),
        ("as_of", nullable("string")),
        ("case", string()),
    ]);
    let counts = statuses.map(|status| (status, count()));
    let mut schema = object(&[
        ("schema", json!({"const": "gl.mutants/1"})),
        ("engine", string()),
        ("mutants", list(mutant)),
        ("offers", list(offer)),
        ("summary", object(&counts)),
    ]);
    title(&mut schema, "Small changes of guidelines, and whether a case notices");
    schema
}

fn title(schema: &mut Value, title: &str) {
    if let Some(object) = schema.as_object_mut() {
        object.insert("$schema".to_owned(), json!(DRAFT));
        object.insert("title".to_owned(), json!(title));
    }
}
