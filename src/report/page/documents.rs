//! The guidelines as they read: heading by heading, rule by rule.

use super::view::{Claim, Document, FindingLink, Item, Link, Mark, Note, Rule, Section, Stance};
use super::words::named;
use super::{Cx, anchors, cases, changes, map, settled, terms};
use crate::ast;
use crate::model::{GuidelineId, Modality, RuleId, SectionId, Status, Urgency};
use crate::source::Span;
use std::collections::BTreeMap;

pub(super) fn documents(cx: &Cx<'_>) -> Vec<Document> {
    let marks = changes::marks(cx);
    let fired = cases::fired(cx);
    let findings = settled::by_rule(cx);
    let walk = Walk {
        cx,
        marks,
        fired,
        findings,
        rules: by_span(cx.library.rules.iter().map(|r| r.span)),
        sections: by_span(cx.library.sections.iter().map(|s| s.span)),
        notes: by_span(cx.library.notes.iter().map(|n| n.span)),
        claims: by_span(cx.library.claims.iter().map(|c| c.span)),
    };
    let all = (0..cx.library.guidelines.len()).map(GuidelineId::from_index);
    all.map(|id| walk.document(id)).collect()
}

fn by_span(spans: impl Iterator<Item = Span>) -> BTreeMap<Span, usize> {
    spans.enumerate().map(|(index, span)| (span, index)).collect()
}

struct Walk<'c, 'a> {
    cx: &'c Cx<'a>,
    marks: BTreeMap<RuleId, Mark>,
    fired: cases::Fired,
    findings: BTreeMap<RuleId, Vec<FindingLink>>,
    rules: BTreeMap<Span, usize>,
    sections: BTreeMap<Span, usize>,
    notes: BTreeMap<Span, usize>,
    claims: BTreeMap<Span, usize>,
}

impl Walk<'_, '_> {
    fn document(&self, id: GuidelineId) -> Document {
        let cx = self.cx;
        let guideline = &cx.library[id];
        let file = cx.loaded.sources.get(guideline.file);
        Document {
            anchor: anchors::guideline(&guideline.name),
            name: cx.text(&guideline.name),
            title: named(&guideline.title, &guideline.name),
            version: cx.text(&guideline.version),
            status: guideline.status.word(),
            hash: guideline.hash.clone(),
            file: file.map_or(String::new(), |file| cx.text(file.name())),
            scope: cx.words.guard(&guideline.scope),
            statements: cx.statement_refs(&guideline.statements),
            rules: cx.library.rules.iter().filter(|rule| rule.guideline == id).count(),
            definitions: terms::definitions(cx, Some(id)),
            sections: self.sections(id),
            map: (guideline.status != Status::Retired).then(|| map::map(cx, id)).flatten(),
        }
    }

    /// The headings in the order of the file, with those above them that have no text of their own.
    fn sections(&self, id: GuidelineId) -> Vec<Section> {
        let (cx, guideline) = (self.cx, &self.cx.library[id]);
        let mut sections = vec![self.section(&guideline.name, 0, 0, String::new(), None)];
        let mut path: Vec<String> = Vec::new();
        let tree = cx.loaded.trees.iter().find(|tree| tree.file == guideline.file);
        for item in tree.iter().flat_map(|tree| &tree.tree.items) {
            if let ast::Item::Section(section) = item
                && let Some(section) = self.sections.get(&section.span).copied().map(SectionId::from_index)
            {
                let new = &cx.library[section].path;
                let same = path.iter().zip(new).take_while(|(one, other)| one == other).count();
                let start = same.min(new.len().saturating_sub(1));
                for (at, part) in new.iter().enumerate().skip(start) {
                    let own = (at + 1 == new.len()).then_some(section);
                    sections.push(self.section(&guideline.name, sections.len(), at + 1, cx.text(part), own));
                }
                path.clone_from(new);
                continue;
            }
            let item = match item {
                ast::Item::Rule(rule) => self
                    .rules
                    .get(&rule.span)
                    .map(|i| Item::Rule(Box::new(self.rule(RuleId::from_index(*i))))),
                ast::Item::Note(note) => self.notes.get(&note.span).and_then(|i| self.note(*i)),
                ast::Item::Complete(claim) => self.claims.get(&claim.span).and_then(|i| self.claim(*i)),
                _ => None,
            };
            if let (Some(item), Some(section)) = (item, sections.last_mut()) {
                section.items.push(item);
            }
        }
        sections.retain(|section| section.depth > 0 || !section.items.is_empty());
        sections
    }

    fn section(&self, guideline: &str, number: usize, depth: usize, title: String, own: Option<SectionId>) -> Section {
        let cx = self.cx;
        let own = own.map(|id| &cx.library[id]);
        Section {
            anchor: anchors::anchor("section", &format!("{guideline}.{number}")),
            depth,
            title,
            when: own.and_then(|section| cx.words.guard(&section.when)),
            applies: own
                .and_then(|section| section.applies.as_ref())
                .map(|applies| cx.words.condition(applies)),
            statements: own.map_or_else(Vec::new, |section| cx.statement_refs(&section.statements)),
            items: Vec::new(),
        }
    }

    fn rule(&self, id: RuleId) -> Rule {
        let (cx, library) = (self.cx, self.cx.library);
        let rule = &library[id];
        let effects = cx.words.effects(id);
        let rank = |modality: Modality| match modality {
            Modality::Never => 0,
            Modality::Recommend => 1,
            Modality::Avoid => 2,
            Modality::Consider => 3,
        };
        let strongest = effects.iter().map(|(e, _)| e.modality).min_by_key(|m| rank(*m));
        let by = |wanted: &dyn Fn(RuleId) -> bool| -> Vec<Link> {
            let all = (0..library.rules.len()).map(RuleId::from_index);
            all.filter(|other| wanted(*other)).map(|other| cx.rule_link(other)).collect()
        };
        let evidence = rule.evidence.iter().filter_map(|(scale, point)| {
            let scale = &library[*scale];
            let point = scale.points.get(*point)?;
            Some(format!(
                "{} ({})",
                super::words::spaced(point),
                super::words::spaced(&scale.name)
            ))
        });
        let (cases, fires_in) = self.fired.get(&id).map_or_else(Default::default, cases::Seen::named);
        Rule {
            anchor: anchors::rule(rule),
            name: rule.full_name.clone(),
            title: named(rule.label.as_deref().unwrap_or(""), &rule.full_name),
            place: cx.place(rule.name_span),
            tone: strongest.map_or("recommend", |modality| super::words::tone(modality).0),
            urgent: effects
                .iter()
                .any(|(e, _)| matches!(e.urgency, Some(Urgency::Immediate | Urgency::Urgent))),
            when: cx.words.guard(&rule.guard.when),
            unless: (!rule.guard.unless.is_never()).then(|| cx.words.condition(&rule.guard.unless)),
            effects: effects.into_iter().map(|(_, sentence)| sentence).collect(),
            statements: cx.statement_refs(&rule.statements),
            cites: cx.cites(&rule.cites),
            evidence: evidence.collect(),
            because: rule.because.as_deref().map(|because| cx.text(because)),
            overrides: by(&|other| rule.overrides.contains(&other)),
            overridden_by: by(&|other| library[other].overrides.contains(&id)),
            settlements: settled::of_rule(cx, id),
            findings: self.findings.get(&id).into_iter().flatten().cloned().collect(),
            cases,
            fires_in,
            change: self.marks.get(&id).cloned(),
        }
    }

    fn note(&self, index: usize) -> Option<Item> {
        let cx = self.cx;
        let note = cx.library.notes.get(index)?;
        Some(Item::Note(Note {
            anchor: anchors::anchor("note", &note.full_name),
            name: cx.text(&note.full_name),
            place: cx.place(note.span),
            text: cx.text(&note.text),
            stances: note
                .stances
                .iter()
                .map(|(stance, actions)| Stance {
                    word: stance.word(),
                    actions: cx.words.actions(actions, "and"),
                })
                .collect(),
            only_if: cx.words.guard(&note.only_if),
            statements: cx.statement_refs(&note.statements),
            cites: cx.cites(&note.cites),
        }))
    }

    fn claim(&self, index: usize) -> Option<Item> {
        let cx = self.cx;
        let claim = cx.library.claims.get(index)?;
        Some(Item::Claim(Claim {
            text: cx.text(&claim.claim),
            place: cx.place(claim.span),
            over: cx.words.condition(&claim.over),
            actions: cx.words.actions(&claim.actions, "or"),
            statements: cx.statement_refs(&claim.statements),
        }))
    }
}
