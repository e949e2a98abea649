//! What the rules speak of: facts, definitions, actions, sources, and the statements of the documents.

use super::view::{Action, Assumption, CaseLink, Definition, Fact, Link, Piece, Scale, Source, Statement, TraceSource};
use super::words::named;
use super::{Cx, anchors};
use crate::model::words::{range_words, type_words};
use crate::model::{
    ActionId, AssumptionKind, Condition, DefinitionId, Direction, FactId, GuidelineId, Leaf, RuleId, SourceId, Term,
};
use crate::trace::Traced;
use std::collections::{BTreeMap, BTreeSet};

type Users<Id> = BTreeMap<Id, BTreeSet<Link>>;

/// Who looks at which fact, and at which definition.
pub(super) fn users(cx: &Cx<'_>) -> (Users<FactId>, Users<DefinitionId>) {
    let library = cx.library;
    let mut facts = Users::new();
    let mut terms = Users::new();
    let mut note = |condition: &Condition, link: &Link| {
        for leaf in condition.leaves() {
            match leaf {
                Leaf::Atom(atom) => {
                    let (Term::Fact(fact), _) = &library[library[atom].test];
                    facts.entry(*fact).or_insert_with(BTreeSet::new).insert(link.clone());
                }
                Leaf::Defined(term) => {
                    terms.entry(term).or_insert_with(BTreeSet::new).insert(link.clone());
                }
            }
        }
    };
    for (index, rule) in library.rules.iter().enumerate() {
        let link = cx.rule_link(RuleId::from_index(index));
        let guard = &rule.guard;
        for condition in [&guard.section, &guard.when, &guard.unless] {
            note(condition, &link);
        }
        for effect in &rule.effects {
            note(&library[*effect].own, &link);
        }
    }
    for index in 0..library.definitions.len() {
        let id = DefinitionId::from_index(index);
        note(&library[id].condition, &definition_link(cx, id));
    }
    for guideline in &library.guidelines {
        let link = Link {
            text: named(&guideline.title, &guideline.name),
            link: anchors::guideline(&guideline.name),
        };
        note(&guideline.scope, &link);
    }
    (facts, terms)
}

fn definition_link(cx: &Cx<'_>, id: DefinitionId) -> Link {
    Link {
        text: named(&cx.library[id].label, &cx.library[id].name),
        link: anchors::definition(cx.library, id),
    }
}

/// The definitions of a guideline, or those that all share.
pub(super) fn definitions(cx: &Cx<'_>, guideline: Option<GuidelineId>) -> Vec<Definition> {
    let all = (0..cx.library.definitions.len()).map(DefinitionId::from_index);
    let own = all.filter(|id| cx.library[*id].guideline == guideline);
    own.map(|id| {
        let definition = &cx.library[id];
        Definition {
            anchor: anchors::definition(cx.library, id),
            name: definition.name.clone(),
            label: named(&definition.label, &definition.name),
            place: cx.place(definition.span),
            means: cx.words.condition(&definition.condition),
            statements: cx.statement_refs(&definition.statements),
            cites: cx.cites(&definition.cites),
            used_by: cx.term_users.get(&id).into_iter().flatten().cloned().collect(),
        }
    })
    .collect()
}

pub(super) fn facts(cx: &Cx<'_>) -> Vec<Fact> {
    let all = cx.library.facts.iter().enumerate();
    all.map(|(index, fact)| {
        let codes = fact.codes.iter().map(|(system, code)| cx.text(&format!("{system} {code}")));
        let range = range_words(fact);
        let default = fact.default_no.then(|| "no where nobody said otherwise".to_owned());
        Fact {
            anchor: anchors::fact(fact),
            name: fact.name.clone(),
            label: named(&fact.label, &fact.name),
            kind: cx.text(&type_words(cx.library, &fact.ty)),
            question: fact.question.as_deref().map(|question| cx.text(question)),
            details: range.into_iter().chain(default).chain(codes).collect(),
            used_by: cx
                .fact_users
                .get(&FactId::from_index(index))
                .into_iter()
                .flatten()
                .cloned()
                .collect(),
        }
    })
    .collect()
}

fn action_link(cx: &Cx<'_>, id: ActionId) -> Link {
    Link {
        text: named(&cx.library[id].label, &cx.library[id].name),
        link: anchors::action(&cx.library[id]),
    }
}

pub(super) fn actions(cx: &Cx<'_>) -> Vec<Action> {
    let library = cx.library;
    let all = (0..library.actions.len()).map(ActionId::from_index);
    all.map(|id| {
        let action = &library[id];
        let rules = |direction: Direction| {
            let effects = library.effects.iter();
            let rules: BTreeSet<RuleId> = effects
                .filter(|e| e.direction() == direction && e.actions.contains(&id))
                .map(|e| e.rule)
                .collect();
            rules.into_iter().map(|rule| cx.rule_link(rule)).collect()
        };
        let kinds = (0..library.actions.len()).map(ActionId::from_index);
        let kinds = kinds.filter(|kind| library[*kind].parents.contains(&id));
        Action {
            anchor: anchors::action(action),
            name: action.name.clone(),
            label: named(&action.label, &action.name),
            also: action.synonyms.iter().map(|also| cx.text(also)).collect(),
            codes: action.codes.iter().map(|(s, c)| cx.text(&format!("{s} {c}"))).collect(),
            parents: action.parents.iter().map(|parent| action_link(cx, *parent)).collect(),
            kinds: kinds.map(|kind| action_link(cx, kind)).collect(),
            advised_by: rules(Direction::For),
            avoided_by: rules(Direction::Against),
        }
    })
    .collect()
}

pub(super) fn assumptions(cx: &Cx<'_>) -> Vec<Assumption> {
    let words = &cx.words;
    let all = cx.library.assumptions.iter();
    all.map(|assumption| {
        let text = match &assumption.kind {
            AssumptionKind::Implies { left, right } => {
                let middle = vec![Piece::text(" implies ")];
                [words.condition(left), middle, words.condition(right)].concat()
            }
            AssumptionKind::AtMostOne { parts } => {
                let mut said = vec![Piece::text("at most one of: ")];
                for (at, part) in parts.iter().enumerate() {
                    said.extend((at > 0).then(|| Piece::text("; ")));
                    said.extend(words.condition(part));
                }
                said
            }
            AssumptionKind::Order { lesser, greater } => {
                vec![words.fact(*lesser), Piece::text(" is at most "), words.fact(*greater)]
            }
        };
        Assumption {
            text,
            statements: cx.statement_refs(&assumption.statements),
        }
    })
    .collect()
}

pub(super) fn sources(cx: &Cx<'_>) -> Vec<Source> {
    let all = (0..cx.library.sources.len()).map(SourceId::from_index);
    all.map(|id| {
        let source = &cx.library[id];
        let publisher = source.publisher.as_deref().map(|publisher| cx.text(publisher));
        let year = source.year.map(|year| year.to_string());
        let lists = source.lists.map(|lists| format!("lists {lists} references"));
        let is_web = |url: &&String| url.starts_with("https://") || url.starts_with("http://");
        let url = source.url.as_ref();
        Source {
            anchor: anchors::source(cx.library, id),
            name: source.name.clone(),
            title: named(&source.title, &source.name),
            details: publisher.into_iter().chain(year).chain(lists).collect(),
            address: url.filter(is_web).map(|url| cx.text(url)),
            other_address: url.filter(|url| !is_web(url)).map(|url| cx.text(url)),
            read_in: source.reads.map(|(document, number)| Link {
                text: format!("reference {number} of {}", cx.text(&cx.library[document].title)),
                link: anchors::source(cx.library, document),
            }),
        }
    })
    .collect()
}

pub(super) fn scales(cx: &Cx<'_>) -> Vec<Scale> {
    let all = cx.library.scales.iter().map(|scale| Scale {
        name: super::words::spaced(&scale.name),
        points: scale.points.iter().map(|point| super::words::spaced(point)).collect(),
    });
    all.collect()
}

/// Where each statement of the documents went, document by document.
pub(super) fn trace(cx: &Cx<'_>) -> Vec<TraceSource> {
    let mut sources: Vec<TraceSource> = Vec::new();
    for traced in &cx.input.trace.statements {
        let statement = statement(cx, traced);
        if sources.last().is_none_or(|last| last.source != traced.source) {
            let title = cx.library.sources.iter().find(|s| s.name == traced.source);
            sources.push(TraceSource {
                source: traced.source.clone(),
                title: title.map_or(String::new(), |s| cx.text(&s.title)),
                anchor: anchors::anchor("trace", &traced.source),
                accounted: 0,
                statements: Vec::new(),
            });
        }
        if let Some(source) = sources.last_mut() {
            source.accounted += usize::from(statement.problem.is_none());
            source.statements.push(statement);
        }
    }
    sources
}

fn statement(cx: &Cx<'_>, traced: &Traced) -> Statement {
    let of_title = |title: &String| {
        let found = cx.input.cases.iter().enumerate().find(|(_, (case, _))| case.title == *title);
        found.map(|(index, (case, result))| CaseLink {
            title: named(&case.title, "without a title"),
            link: super::cases::anchor(index),
            passed: result.failures.is_empty(),
        })
    };
    let note = |name: &String| Link {
        text: cx.text(name),
        link: anchors::anchor("note", name),
    };
    Statement {
        anchor: anchors::statement(&traced.id),
        id: cx.text(&traced.id),
        section: cx.text(&traced.section),
        kind: cx.text(&traced.kind),
        encode: cx.text(&traced.encode),
        paraphrase: cx.text(&traced.paraphrase),
        rules: traced.rules.iter().filter_map(|name| cx.named_rule(name)).collect(),
        others: traced.definitions.iter().map(|text| cx.text(text)).collect(),
        notes: traced.notes.iter().map(note).collect(),
        cases: traced.cases.iter().filter_map(of_title).collect(),
        problem: traced.gap().map(|gap| gap.words()),
        untested: traced.is_untested(),
    }
}
