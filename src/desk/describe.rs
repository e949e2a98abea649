//! What there is to say of a symbol, to somebody who points at it.
//!
//! In: a symbol. Out: Markdown: its declaration, its words, and where it is used.
//! Must not know: where the text is shown.

use super::Analysis;
use super::names::Symbol;
use crate::ast::Item;
use crate::model::words::{range_words, type_words};
use crate::model::{ActionId, Citation, Direction, Fact, FactType, GuidelineId, Library, RuleId, SourceId};
use crate::source::Span;
use std::collections::BTreeSet;
use std::fmt::Write;

/// How many users of a symbol are named; the rest is counted.
const NAMED: usize = 8;

/// What is shown for a name, and for which text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// The name.
    pub span: Span,
    /// Markdown.
    pub text: String,
}

/// What there is to say of the name at a byte.
pub fn hover(analysis: &Analysis, file: crate::source::FileId, byte: usize) -> Option<Hover> {
    let occurrence = analysis.names().at(file, byte)?;
    let text = describe(analysis, &occurrence.symbol);
    Some(Hover {
        span: occurrence.span,
        text,
    })
}

/// The declaration of a symbol, its words and its uses, as Markdown.
pub fn describe(analysis: &Analysis, symbol: &Symbol) -> String {
    let mut page = Page {
        analysis,
        library: &analysis.loaded.library,
        text: String::new(),
    };
    match symbol {
        Symbol::Guideline(id) => page.guideline(*id),
        Symbol::File(index) => page.file(*index),
        Symbol::Source(id) => page.source(*id),
        Symbol::Scale(id) => page.declaration(page.library[*id].span),
        Symbol::Point(id, point) => {
            let scale = &page.library[*id];
            let points = chosen(&scale.points, *point, " > ");
            page.paragraph(&format!("a grade of `{}`: {points}, best first", scale.name));
        }
        Symbol::Fact(id) => page.fact(&page.library[*id]),
        Symbol::Value(id, value) => page.value(&page.library[*id], *value),
        Symbol::Definition(id) => {
            let definition = &page.library[*id];
            page.declaration(definition.span);
            page.cites(&definition.cites);
        }
        Symbol::Action(id) => page.action(*id),
        Symbol::Rule(id) => page.rule(*id),
        Symbol::Note(index) => {
            if let Some(note) = page.library.notes.get(*index) {
                page.declaration(note.span);
                page.cites(&note.cites);
            }
        }
        Symbol::Statement(id) => page.statement(id),
    }
    page.uses(symbol);
    page.text.trim_end().to_owned()
}

/// A list with one of its members set off.
fn chosen(all: &[String], one: usize, joint: &str) -> String {
    let word = |(at, name): (usize, &String)| match at == one {
        true => format!("**{name}**"),
        false => name.clone(),
    };
    all.iter().enumerate().map(word).collect::<Vec<_>>().join(joint)
}

/// Text of an author, in which nothing is meant as Markdown.
pub(super) fn plain(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '<' | '>' | '[' | ']' | '#' | '|' | '~') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

struct Page<'a> {
    analysis: &'a Analysis,
    library: &'a Library,
    text: String,
}

impl<'a> Page<'a> {
    fn paragraph(&mut self, text: &str) {
        let _ = write!(self.text, "{text}\n\n");
    }

    fn code(&mut self, text: &str) {
        self.paragraph(&format!("```gl\n{}\n```", text.trim_end()));
    }

    /// A declaration as it is written.
    fn declaration(&mut self, span: Span) {
        let text = self.analysis.loaded.sources.text(span);
        self.code(text);
    }

    fn cites(&mut self, cites: &[Citation]) {
        for cite in cites {
            let source = &self.library[cite.source];
            let place = cite.place.iter().map(|place| format!(", {}", plain(place)));
            let numbers = cite.numbers.iter().map(|number| format!(" [{number}]"));
            let rest: String = place.chain(numbers).collect();
            self.paragraph(&format!("*{}*{rest}", plain(&source.title)));
        }
    }

    fn fact(&mut self, fact: &Fact) {
        self.code(&format!("fact {}: {}", fact.name, type_words(self.library, &fact.ty)));
        self.paragraph(&format!("**{}**", plain(&fact.label)));
        let question = fact.question.as_deref();
        question
            .iter()
            .for_each(|question| self.paragraph(&format!("asked: {}", plain(question))));
        let mut details = Vec::new();
        if let FactType::TimeSince { .. } = fact.ty {
            details.push("given directly, or computed from the date".to_owned());
        }
        details.extend(range_words(fact));
        if fact.default_no {
            details.push("no where nobody said otherwise".to_owned());
        }
        details.extend(
            fact.codes
                .iter()
                .map(|(system, code)| format!("{} {}", plain(system), plain(code))),
        );
        if !details.is_empty() {
            self.paragraph(&details.join("; "));
        }
    }

    fn value(&mut self, fact: &Fact, value: usize) {
        match &fact.ty {
            FactType::OneOf { values, ordered } => {
                let values = chosen(values, value, if *ordered { " < " } else { ", " });
                self.paragraph(&format!("a value of `{}`: {values}", fact.name));
            }
            FactType::AnyOf { members } => {
                let members = chosen(members, value, ", ");
                self.paragraph(&format!("a member of `{}`: {members}", fact.name));
            }
            _ => {}
        }
    }

    fn action(&mut self, id: ActionId) {
        let action = &self.library[id];
        let names = |actions: &[ActionId]| {
            let names: Vec<&str> = actions.iter().map(|a| self.library[*a].name.as_str()).collect();
            names.join(", ")
        };
        let parents = match action.parents.as_slice() {
            [] => String::new(),
            parents => format!(" is {}", names(parents)),
        };
        let kinds: Vec<ActionId> = (0..self.library.actions.len())
            .map(ActionId::from_index)
            .filter(|kind| self.library[*kind].parents.contains(&id))
            .collect();
        let kinds = names(&kinds);
        self.code(&format!("action {}{parents}", action.name));
        self.paragraph(&format!("**{}**", plain(&action.label)));
        if !action.synonyms.is_empty() {
            self.paragraph(&format!("also: {}", plain(&action.synonyms.join(", "))));
        }
        if !kinds.is_empty() {
            self.paragraph(&format!("its kinds: {kinds}"));
        }
        for (direction, word) in [(Direction::For, "advised by"), (Direction::Against, "advised against by")] {
            let effects = self.library.effects.iter();
            let rules: BTreeSet<RuleId> = effects
                .filter(|e| e.direction() == direction && e.actions.contains(&id))
                .map(|e| e.rule)
                .collect();
            let rules: Vec<String> = rules
                .iter()
                .map(|rule| format!("`{}`", self.library.rule_name(*rule)))
                .collect();
            if !rules.is_empty() {
                self.paragraph(&format!("{word} {}", listed(&rules)));
            }
        }
    }

    fn rule(&mut self, id: RuleId) {
        let rule = &self.library[id];
        self.declaration(rule.span);
        self.cites(&rule.cites);
        let guideline = &self.library[rule.guideline];
        let heading = rule.section.map(|section| self.library[section].path.join(" > "));
        let place = [Some(guideline.title.clone()), heading]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>();
        self.paragraph(&plain(&place.join(" > ")));
        for statement in &rule.statements {
            self.paraphrase(&statement.id);
        }
    }

    fn paraphrase(&mut self, id: &str) {
        let row = self.library.inventory.iter().find(|row| row.id == id);
        if let Some(row) = row {
            self.paragraph(&format!("{}: {}", plain(&row.id), plain(&row.paraphrase)));
        }
    }

    fn guideline(&mut self, id: GuidelineId) {
        let guideline = &self.library[id];
        self.declaration(guideline.span);
        let rules = self.library.rules.iter().filter(|rule| rule.guideline == id).count();
        let version = match guideline.version.as_str() {
            "" => String::new(),
            version => format!(", version {}", plain(version)),
        };
        self.paragraph(&format!(
            "**{}**{version}, {}; {rules} {}",
            plain(&guideline.title),
            guideline.status.word(),
            if rules == 1 { "rule" } else { "rules" }
        ));
    }

    fn file(&mut self, index: usize) {
        let Some(tree) = self.analysis.loaded.trees.get(index) else {
            return;
        };
        let count = |is: fn(&Item) -> bool| tree.tree.items.iter().filter(|item| is(item)).count();
        let parts = [
            (count(|i| matches!(i, Item::Fact(_))), "facts"),
            (count(|i| matches!(i, Item::Action(_))), "actions"),
            (count(|i| matches!(i, Item::Define(_))), "definitions"),
            (count(|i| matches!(i, Item::Rule(_))), "rules"),
        ];
        let parts = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}"));
        let parts = parts.collect::<Vec<_>>().join(", ");
        self.paragraph(&format!("`{}`: {parts}", tree.path));
    }

    fn source(&mut self, id: SourceId) {
        let source = &self.library[id];
        self.paragraph(&format!("**{}**", plain(&source.title)));
        let year = source.year.map(|year| year.to_string());
        let details: Vec<String> = source.publisher.iter().cloned().chain(year).collect();
        if !details.is_empty() {
            self.paragraph(&plain(&details.join(", ")));
        }
        source.url.iter().for_each(|url| self.paragraph(&format!("<{url}>")));
        if let Some((document, number)) = source.reads {
            let document = &self.library[document];
            self.paragraph(&format!("reference {number} of *{}*", plain(&document.title)));
        }
        let statements = self.library.inventory.iter().filter(|row| row.source == source.name).count();
        let lists = source.lists.map(|lists| format!("{lists} references"));
        let counted = (statements > 0).then(|| format!("{statements} statements"));
        let counts: Vec<String> = lists.into_iter().chain(counted).collect();
        if !counts.is_empty() {
            self.paragraph(&counts.join(", "));
        }
    }

    fn statement(&mut self, id: &str) {
        let Some(row) = self.library.inventory.iter().find(|row| row.id == id) else {
            return self.paragraph(&format!("statement {}, of which no inventory is loaded", plain(id)));
        };
        self.paragraph(&format!("**{}** {}", plain(&row.id), plain(&row.paraphrase)));
        let encode = match row.encode.as_str() {
            "yes" => "to be executed",
            "def" => "defines a word",
            _ => "for information",
        };
        let place = [&row.section, &row.item].into_iter().filter(|part| !part.is_empty());
        let place = place.map(|part| plain(part)).collect::<Vec<_>>().join(", ");
        self.paragraph(&format!("{place}: {}, {encode}", plain(&row.kind)));
    }

    /// Who uses the symbol, each declaration once.
    fn uses(&mut self, symbol: &Symbol) {
        let mut users: Vec<String> = Vec::new();
        let mut cases = 0;
        let mut seen = BTreeSet::new();
        for occurrence in self.analysis.names().of(symbol).filter(|o| !o.declares) {
            let item = self.analysis.item(occurrence.span.file, occurrence.span.start as usize);
            let Some(item) = item.filter(|item| seen.insert(item.span())) else {
                continue;
            };
            match item {
                Item::Case(_) => cases += 1,
                _ => users.extend(self.called(item)),
            }
        }
        // What an action says of its rules is said already.
        if matches!(symbol, Symbol::Action(_)) {
            users.retain(|user| !user.starts_with('`'));
        }
        if cases > 0 {
            users.push(if cases == 1 {
                "1 case".to_owned()
            } else {
                format!("{cases} cases")
            });
        }
        if !users.is_empty() {
            self.paragraph(&format!("used by {}", listed(&users)));
        }
    }

    /// A declaration by its name.
    fn called(&self, item: &Item) -> Option<String> {
        Some(match item {
            Item::Rule(rule) => {
                let found = self.library.rules.iter().find(|r| r.span == rule.span)?;
                format!("`{}`", found.full_name)
            }
            Item::Guideline(i) => format!("guideline `{}`", i.name.text),
            Item::Source(i) => format!("source `{}`", i.name.text),
            Item::Fact(i) => format!("fact `{}`", i.name.text),
            Item::Action(i) => format!("action `{}`", i.name.text),
            Item::Define(i) => format!("definition `{}`", i.name.text),
            Item::Section(i) => format!("section \"{}\"", plain(&i.heading.text)),
            Item::Note(_) => "a note".to_owned(),
            Item::Assume(_) => "an assumption".to_owned(),
            Item::Reconcile(_) => "a reconciliation".to_owned(),
            Item::Complete(_) => "a claim".to_owned(),
            Item::Case(_) | Item::Use(_) | Item::Scale(_) | Item::Broken(_) => return None,
        })
    }
}

/// The first of a list, and how many more there are.
fn listed(all: &[String]) -> String {
    let first = all.get(..NAMED.min(all.len())).unwrap_or_default().join(", ");
    match all.len().saturating_sub(NAMED) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}
