//! What may be written at a place.
//!
//! In: a text and a byte in it, usually in the middle of a declaration that is not finished. Out: words and names that fit, the
//! likeliest first.
//! Must not know: how they are offered.
//!
//! The grammar says which words may follow, and whether a name may; the words before say what the name would stand for, and the
//! library which names there are.

use super::Analysis;
use super::names::Symbol;
use super::tokens::{Token, TokenKind, tokens as lex};
use crate::ast::Item;
use crate::model::units::{TimeUnit, Unit};
use crate::model::words::type_words;
use crate::model::{FactId, FactType, Library};
use crate::source::FileId;
use crate::syntax::{self, Awaited};
use std::collections::BTreeSet;
use std::ops::Range;

/// Something that may be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What is offered.
    pub label: String,
    /// What kind of thing it is.
    pub kind: Kind,
    /// A few words about it.
    pub detail: String,
    /// What it stands for, for everything that there is to say of it.
    pub symbol: Option<Symbol>,
    /// What is written; `$1` and the like are places to fill in.
    pub insert: Insert,
    /// Lower ones come first.
    pub rank: u8,
}

/// What is written when something is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Insert {
    /// The label.
    Label,
    /// Another text.
    Text(String),
    /// A text with places to fill in, written as `${1:word}`; `$0` is the last one.
    Snippet(String),
}

/// What kind of thing is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Keyword,
    Declaration,
    Fact,
    Definition,
    Value,
    Action,
    Rule,
    Source,
    Scale,
    Statement,
    Unit,
    File,
    Code,
}

/// What may be written, and in place of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completions {
    /// The bytes that are replaced: the word before the place.
    pub replaces: Range<usize>,
    /// The likeliest first.
    pub all: Vec<Completion>,
}

/// What may be written at a byte of a file.
pub fn complete(analysis: &Analysis, file: FileId, byte: usize) -> Completions {
    let text = analysis.text(file);
    let byte = text.floor_char_boundary(byte);
    let before = text.get(..byte).unwrap_or("");
    let none = |at: usize| Completions {
        replaces: at..byte,
        all: Vec::new(),
    };
    let start = beginning(analysis, file, before);
    let (tokens, within) = tokens(before.get(start..).unwrap_or(""));
    match within {
        Within::Text => return none(byte),
        Within::Comment(comment) => return in_comment(&comment, byte).unwrap_or_else(|| none(byte)),
        Within::Nothing => {}
    }
    let word = word_before(before);
    let at = byte - word.len();
    // The word that is being written is not yet one to read.
    let tokens = match tokens.last() {
        Some(last) if !word.is_empty() && last.ends_with(word) => tokens.get(..tokens.len() - 1).unwrap_or_default(),
        _ => &tokens,
    };
    let read = text.get(start..at).unwrap_or("");
    let mut offer = Offer {
        analysis,
        library: &analysis.loaded.library,
        file: analysis
            .loaded
            .trees
            .iter()
            .position(|tree| tree.file == file)
            .unwrap_or(usize::MAX),
        of: file,
        is_line_start: before
            .get(..at)
            .is_none_or(|before| before.is_empty() || before.ends_with('\n')),
        all: Vec::new(),
    };
    offer.at(tokens, syntax::awaited(read).as_ref(), byte);
    offer.all.sort_by(|a, b| (a.rank, &a.label).cmp(&(b.rank, &b.label)));
    offer.all.dedup_by(|a, b| a.label == b.label && a.kind == b.kind);
    Completions {
        replaces: at..byte,
        all: offer.all,
    }
}

/// Where the declaration before a place begins: the last line that starts one.
fn beginning(analysis: &Analysis, file: FileId, before: &str) -> usize {
    let items = analysis.items(file);
    let at = items.partition_point(|item| (item.span().start as usize) < before.len());
    let known = items
        .get(..at)
        .and_then(<[Item]>::last)
        .map_or(0, |item| item.span().start as usize);
    let start = known.min(before.len());
    let rest = before.get(start..).unwrap_or("");
    let starts = |line: &str| {
        let word = line.trim_start_matches([' ', '\t']);
        let word = word
            .get(..word.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(word.len()))
            .unwrap_or("");
        // Only a word that has been left is one: `not`, not yet `note`.
        let is_left = line.trim_start_matches([' ', '\t']).len() > word.len();
        is_left && syntax::item_words().contains(&word) && !(line.starts_with([' ', '\t']) && matches!(word, "when" | "always"))
    };
    let mut start_of_last = 0;
    let mut offset = 0;
    let mut after_colon = false;
    for line in rest.split_inclusive('\n') {
        if starts(line) && !after_colon {
            start_of_last = offset;
        }
        if !line.trim().is_empty() {
            after_colon = line.trim_end().ends_with(':') && !line.trim_start().starts_with("section");
        }
        offset += line.len();
    }
    start + start_of_last
}

/// The word that ends at the end of a text.
fn word_before(text: &str) -> &str {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    let start = text.rfind(|c| !is_word(c)).map_or(0, |at| text.ceil_char_boundary(at + 1));
    text.get(start..).unwrap_or("")
}

/// What a place lies within.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Within {
    Nothing,
    /// A text in quotes.
    Text,
    /// A comment that begins so.
    Comment(String),
}

/// Words, numbers, texts and signs up to a place; comments are left out.
fn tokens(text: &str) -> (Vec<&str>, Within) {
    let all = lex(text);
    let of = |token: &Token| text.get(token.range.clone()).unwrap_or("");
    let within = match all.last().filter(|token| token.range.end == text.len()) {
        Some(token) if token.kind == TokenKind::Comment => Within::Comment(of(token).to_owned()),
        Some(token) if token.kind == (TokenKind::Text { closed: false }) => Within::Text,
        _ => Within::Nothing,
    };
    let read = all.iter().filter(|token| token.kind != TokenKind::Comment);
    (read.map(of).collect(), within)
}

/// In a comment `# gl-allow`, the codes that may be allowed.
fn in_comment(comment: &str, byte: usize) -> Option<Completions> {
    let inside = comment.trim_start_matches('#').trim_start();
    let offer = |label: String, kind, detail: &str, insert| Completion {
        label,
        kind,
        detail: detail.to_owned(),
        symbol: None,
        insert,
        rank: 0,
    };
    if let Some(word) = inside.strip_prefix("gl-allow ") {
        let word = word.trim_start();
        if word.contains([':', ' ']) {
            return None;
        }
        let codes = crate::codes::all()
            .into_iter()
            .filter(|c| c.severity != crate::diagnostic::Severity::Error);
        let all = codes.map(|code| {
            let insert = Insert::Snippet(format!("{}: ${{0:reason}}", code.number));
            offer(code.number.to_owned(), Kind::Code, code.title, insert)
        });
        return Some(Completions {
            replaces: byte - word.len()..byte,
            all: all.collect(),
        });
    }
    let is_begun = !inside.is_empty() && "gl-allow".starts_with(inside);
    is_begun.then(|| Completions {
        replaces: byte - inside.len()..byte,
        all: vec![offer(
            "gl-allow".to_owned(),
            Kind::Keyword,
            "allow a finding, with a reason",
            Insert::Text("gl-allow ".to_owned()),
        )],
    })
}

/// What a name would stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot<'t> {
    Nothing,
    Condition,
    /// A fact that a record states.
    Given,
    /// A fact of the type `date`.
    Date,
    /// What is compared with a fact.
    Value(&'t str),
    Action,
    Source,
    Statement,
    /// A rule of the same guideline.
    Rule,
    /// A rule with its guideline.
    FullRule,
    Scale,
    Grade(&'t str),
    File,
    Status,
}

struct Offer<'a> {
    analysis: &'a Analysis,
    library: &'a Library,
    /// The position of the file in the library.
    file: usize,
    of: FileId,
    /// Whether what is written begins its line, where declarations do.
    is_line_start: bool,
    all: Vec<Completion>,
}

impl Offer<'_> {
    fn at(&mut self, tokens: &[&str], awaited: Option<&Awaited>, byte: usize) {
        let slot = slot(tokens);
        if awaited.is_none_or(|awaited| awaited.name) {
            self.names(slot, tokens, byte);
        }
        if awaited.is_some_and(|awaited| awaited.unit) {
            self.units(tokens);
        }
        if let Some(awaited) = awaited {
            self.words(&awaited.words, slot, tokens);
        }
    }

    fn push(&mut self, label: impl Into<String>, kind: Kind, detail: impl Into<String>, rank: u8) -> &mut Completion {
        self.all.push(Completion {
            label: label.into(),
            kind,
            detail: detail.into(),
            symbol: None,
            insert: Insert::Label,
            rank,
        });
        let last = self.all.len() - 1;
        #[expect(clippy::indexing_slicing, reason = "one was just pushed")]
        &mut self.all[last]
    }

    /// Whether a declaration at a place is seen from the file.
    fn sees(&self, there: FileId, local: bool) -> bool {
        let files = &self.library.files;
        let reached = |own: &crate::model::LoadedFile| {
            own.reaches
                .iter()
                .any(|at| files.get(*at).is_some_and(|file| file.file == there))
        };
        there == self.of || (!local && files.get(self.file).is_some_and(reached))
    }

    /// The fact that a name means in the file.
    fn fact(&self, name: &str) -> Option<FactId> {
        let id = self.library.fact_names.get(name).copied()?;
        self.sees(self.library[id].span.file, false).then_some(id)
    }

    fn facts(&self) -> Vec<FactId> {
        let all = (0..self.library.facts.len()).map(FactId::from_index);
        all.filter(|id| self.sees(self.library[*id].span.file, false)).collect()
    }

    fn names(&mut self, slot: Slot<'_>, tokens: &[&str], byte: usize) {
        match slot {
            Slot::Nothing => {}
            Slot::Condition => self.condition(tokens),
            Slot::Given => self.given(tokens),
            Slot::Date => {
                for id in self.facts() {
                    if self.library[id].ty == FactType::Date {
                        self.push_fact(id, Insert::Label, 0);
                    }
                }
            }
            Slot::Value(fact) => self.values(fact),
            Slot::Action => self.actions(tokens),
            Slot::Source => self.sources(),
            Slot::Statement => self.statements(tokens),
            Slot::Rule => self.rules(byte),
            Slot::FullRule => self.full_rules(tokens),
            Slot::Scale => self.scales(),
            Slot::Grade(scale) => self.grades(scale),
            Slot::File => self.files(tokens),
            Slot::Status => {
                let words = [
                    ("draft", "not yet reviewed; said in every result"),
                    ("active", "in use"),
                    ("retired", "checked, never evaluated"),
                ];
                for (rank, (word, detail)) in (0..).zip(words) {
                    self.push(word, Kind::Keyword, detail, rank);
                }
            }
        }
    }

    fn push_fact(&mut self, id: FactId, insert: Insert, rank: u8) {
        let fact = &self.library[id];
        let detail = format!("{}  {}", type_words(self.library, &fact.ty), fact.label);
        let pushed = self.push(fact.name.clone(), Kind::Fact, detail, rank);
        pushed.symbol = Some(Symbol::Fact(id));
        pushed.insert = insert;
    }

    /// Facts and definitions, each written so far that a condition comes of it.
    fn condition(&mut self, tokens: &[&str]) {
        for id in self.facts() {
            let fact = &self.library[id];
            let name = &fact.name;
            let insert = match &fact.ty {
                FactType::YesNo => Insert::Label,
                FactType::OneOf { ordered: true, .. } => Insert::Snippet(format!("{name} ${{1|is,at least,at most|}} $0")),
                FactType::OneOf { .. } => Insert::Snippet(format!("{name} is $0")),
                FactType::AnyOf { .. } => Insert::Snippet(format!("{name} includes $0")),
                FactType::Quantity { unit: Unit::Time(unit) } => {
                    Insert::Snippet(format!("{name} ${{1|at least,under|}} ${{2:6}} {}", unit.plural()))
                }
                FactType::Quantity { unit } => {
                    Insert::Snippet(format!("{name} ${{1|at least,under|}} ${{2:1}} \"{}\"", unit.written()))
                }
                FactType::TimeSince { .. } => Insert::Snippet(format!("{name} ${{1|at least,under|}} ${{2:6}} weeks")),
                FactType::Date | FactType::Count => Insert::Snippet(format!("{name} at least $0")),
            };
            self.push_fact(id, insert, 1);
        }
        for (index, definition) in self.library.definitions.iter().enumerate() {
            let local = definition.guideline.is_some();
            // A definition does not define itself.
            let is_own = matches!(tokens, ["define", name, ..] if *name == definition.name);
            if !is_own && self.sees(definition.span.file, local) {
                let pushed = self.push(&definition.name, Kind::Definition, &definition.label, 0);
                pushed.symbol = Some(Symbol::Definition(crate::model::DefinitionId::from_index(index)));
            }
        }
    }

    /// Facts that the record does not state yet.
    fn given(&mut self, tokens: &[&str]) {
        let stated: BTreeSet<&str> = tokens.iter().copied().collect();
        for id in self.facts() {
            let fact = &self.library[id];
            let is_set = matches!(fact.ty, FactType::AnyOf { .. });
            if stated.contains(fact.name.as_str()) && !is_set {
                continue;
            }
            let name = &fact.name;
            let insert = match &fact.ty {
                FactType::YesNo => Insert::Label,
                FactType::AnyOf { .. } => Insert::Snippet(format!("{name} is ($0)")),
                _ => Insert::Snippet(format!("{name} is $0")),
            };
            self.push_fact(id, insert, 0);
        }
    }

    fn values(&mut self, name: &str) {
        let Some(id) = self.fact(name) else { return };
        let fact = &self.library[id];
        match &fact.ty {
            FactType::YesNo => {
                self.push("yes", Kind::Value, "", 0);
                self.push("no", Kind::Value, "", 0);
            }
            FactType::OneOf { values, .. } | FactType::AnyOf { members: values } => {
                for (at, value) in values.iter().enumerate() {
                    let detail = format!("{} of {} values of {}", at + 1, values.len(), fact.name);
                    // In the order of the declaration, not of the alphabet.
                    let rank = u8::try_from(at).unwrap_or(u8::MAX);
                    self.push(value, Kind::Value, detail, rank).symbol = Some(Symbol::Value(id, at));
                }
            }
            FactType::Date | FactType::Quantity { .. } | FactType::Count | FactType::TimeSince { .. } => {}
        }
    }

    fn actions(&mut self, tokens: &[&str]) {
        let since = tokens.iter().rposition(|t| matches!(*t, "then" | "expect")).unwrap_or(0);
        let named: BTreeSet<&str> = tokens.get(since..).unwrap_or_default().iter().copied().collect();
        for (index, action) in self.library.actions.iter().enumerate() {
            if !self.sees(action.span.file, false) || named.contains(action.name.as_str()) {
                continue;
            }
            let synonyms = match action.synonyms.as_slice() {
                [] => String::new(),
                synonyms => format!(" ({})", synonyms.join(", ")),
            };
            let detail = format!("{}{synonyms}", action.label);
            let pushed = self.push(&action.name, Kind::Action, detail, 0);
            pushed.symbol = Some(Symbol::Action(crate::model::ActionId::from_index(index)));
        }
    }

    fn sources(&mut self) {
        for (index, source) in self.library.sources.iter().enumerate() {
            if source.file == self.of {
                let pushed = self.push(&source.name, Kind::Source, &source.title, 0);
                pushed.symbol = Some(Symbol::Source(crate::model::SourceId::from_index(index)));
            }
        }
    }

    /// Statements of the documents that the file reads: for a case those that rules encode, else first those that nothing does.
    fn statements(&mut self, tokens: &[&str]) {
        let listed: BTreeSet<&str> = tokens.iter().copied().collect();
        let library = self.library;
        let is_case = tokens.first() == Some(&"case");
        let own: BTreeSet<&str> = library
            .sources
            .iter()
            .filter(|source| source.file == self.of || (is_case && self.sees(source.file, false)))
            .map(|source| source.name.as_str())
            .collect();
        let names = self.analysis.names();
        for row in &library.inventory {
            if !own.contains(row.source.as_str()) || listed.contains(row.id.as_str()) {
                continue;
            }
            let symbol = Symbol::Statement(row.id.clone());
            let is_encoded = names.of(&symbol).any(|o| {
                let item = self.analysis.item(o.span.file, o.span.start as usize);
                item.is_some_and(|item| !matches!(item, Item::Case(_)))
            });
            let (rank, note) = match (is_case, is_encoded, row.encode.as_str()) {
                (true, true, _) => (0, ""),
                (true, false, _) => continue,
                (false, true, _) => (2, "encoded already: "),
                (false, false, "note") => (1, ""),
                (false, false, _) => (0, ""),
            };
            self.push(&row.id, Kind::Statement, format!("{note}{}", row.paraphrase), rank)
                .symbol = Some(symbol);
        }
    }

    /// Rules of the same guideline, without the one that is being written.
    fn rules(&mut self, byte: usize) {
        let Some(guideline) = self.library.files.get(self.file).and_then(|f| f.guideline) else {
            return;
        };
        let own = self.analysis.item(self.of, byte).map(Item::span);
        for (index, rule) in self.library.rules.iter().enumerate() {
            if rule.guideline == guideline && rule.named && Some(rule.span) != own {
                let detail = rule.label.clone().unwrap_or_default();
                let pushed = self.push(&rule.name, Kind::Rule, detail, 0);
                pushed.symbol = Some(Symbol::Rule(crate::model::RuleId::from_index(index)));
            }
        }
    }

    fn full_rules(&mut self, tokens: &[&str]) {
        let is_preferred = tokens.last() == Some(&"prefer");
        let named: BTreeSet<&str> = tokens.iter().copied().collect();
        for (index, rule) in self.library.rules.iter().enumerate() {
            let is_named = named.contains(rule.full_name.as_str());
            if !rule.named || !self.sees(rule.span.file, false) || is_named != is_preferred {
                continue;
            }
            let detail = rule.label.clone().unwrap_or_default();
            let pushed = self.push(&rule.full_name, Kind::Rule, detail, 0);
            pushed.symbol = Some(Symbol::Rule(crate::model::RuleId::from_index(index)));
        }
    }

    fn scales(&mut self) {
        let files = &self.library.files;
        for (index, scale) in self.library.scales.iter().enumerate() {
            let declared = files.iter().find(|f| f.file == scale.span.file);
            let local = declared.is_some_and(|f| f.guideline.is_some());
            if self.sees(scale.span.file, local) {
                let pushed = self.push(&scale.name, Kind::Scale, scale.points.join(" > "), 0);
                pushed.symbol = Some(Symbol::Scale(crate::model::ScaleId::from_index(index)));
            }
        }
    }

    fn grades(&mut self, name: &str) {
        let scale = self.library.scales.iter().position(|scale| scale.name == name);
        let Some((at, scale)) = scale.and_then(|at| Some((at, self.library.scales.get(at)?))) else {
            return;
        };
        for (point, word) in scale.points.iter().enumerate() {
            let rank = u8::try_from(point).unwrap_or(u8::MAX);
            let pushed = self.push(word, Kind::Value, format!("grade of {name}"), rank);
            pushed.symbol = Some(Symbol::Point(crate::model::ScaleId::from_index(at), point));
        }
    }

    /// Files beside this one.
    fn files(&mut self, tokens: &[&str]) {
        let listed: BTreeSet<&str> = tokens.iter().copied().collect();
        let files = &self.library.files;
        let Some(own) = files.get(self.file) else { return };
        for (index, file) in files.iter().enumerate() {
            let is_used = index == self.file || listed.contains(file.stem.as_str());
            if file.folder == own.folder && !is_used && !file.stem.ends_with(".cases") {
                let title = file.guideline.map(|id| self.library[id].title.clone()).unwrap_or_default();
                self.push(&file.stem, Kind::File, title, 0).symbol = Some(Symbol::File(index));
            }
        }
    }

    /// Units that fit the fact which is compared, or units of time.
    fn units(&mut self, tokens: &[&str]) {
        let is_case = tokens.first() == Some(&"case");
        let [.., fact, _] = before_comparison(tokens) else {
            return self.time_units(tokens, None);
        };
        match self.fact(fact).map(|id| self.library[id].ty.clone()) {
            Some(FactType::Quantity { unit: Unit::Time(unit) }) => self.time_units(tokens, Some(unit)),
            Some(FactType::Quantity { unit }) => {
                let known = self.library.facts.iter().filter_map(|fact| match &fact.ty {
                    FactType::Quantity { unit: other } => Some(other.clone()),
                    _ => None,
                });
                let common = COMMON.iter().map(|code| Unit::Ucum((*code).to_owned()));
                let mut fitting = vec![unit.clone()];
                for other in known.chain(common) {
                    if !fitting.contains(&other) && unit.factor_from(&other).is_ok() {
                        fitting.push(other);
                    }
                }
                for (at, fits) in fitting.iter().enumerate() {
                    let label = match is_case {
                        true => fits.written().to_owned(),
                        false => format!("\"{}\"", fits.written()),
                    };
                    let rank = u8::try_from(at).unwrap_or(u8::MAX);
                    self.push(label, Kind::Unit, "", rank);
                }
            }
            Some(FactType::TimeSince { .. }) => self.time_units(tokens, None),
            Some(_) => {}
            None => self.time_units(tokens, None),
        }
    }

    fn time_units(&mut self, tokens: &[&str], own: Option<TimeUnit>) {
        let is_one = tokens.last() == Some(&"1");
        for (at, unit) in TimeUnit::ALL.into_iter().enumerate() {
            let rank = match own == Some(unit) {
                true => 0,
                false => u8::try_from(at + 1).unwrap_or(u8::MAX),
            };
            let word = if is_one { unit.singular() } else { unit.plural() };
            self.push(word, Kind::Unit, "", rank);
        }
    }

    /// Words of the language that may follow.
    fn words(&mut self, words: &[&'static str], slot: Slot<'_>, tokens: &[&str]) {
        let compared = tokens
            .last()
            .and_then(|name| self.fact(name))
            .map(|id| self.library[id].ty.clone());
        let is_case = tokens.first() == Some(&"case");
        let is_comparing = words.contains(&"is") && words.contains(&"includes") && !is_case;
        let is_bound = tokens.last() == Some(&"for");
        for word in words {
            let declares = syntax::item_words().contains(word);
            if declares && (tokens.is_empty() || !is_part_of_rule(word, tokens)) {
                let is_likely = tokens.is_empty() || self.is_line_start;
                self.declaration(word, if is_likely { 0 } else { 200 });
                continue;
            }
            if is_comparing && !tests(compared.as_ref(), word) {
                continue;
            }
            // Units are offered by themselves, and there is no test for `unknown`.
            if TimeUnit::from_word(word).is_some() && tokens.last() != Some(&"within") {
                continue;
            }
            // It is read between actions only to say that a comma is meant.
            if *word == "and" && slot == Slot::Action {
                continue;
            }
            if *word == "unknown" && !is_case {
                continue;
            }
            let phrases: &[&str] = match *word {
                "at" if is_comparing || is_bound => &["at least", "at most"],
                "at" if slot == Slot::Condition => &["at least 2 of ("],
                "any" | "all" | "none" if slot == Slot::Condition => match *word {
                    "any" => &["any of ("],
                    "all" => &["all of ("],
                    _ => &["none of ("],
                },
                "any" => &["any of"],
                "one" => &["one of"],
                "quantity" => &["quantity in"],
                "time" => &["time since"],
                "only" if tokens.first() == Some(&"note") => &["only if"],
                "only" => &["only when"],
                "instead" => &["instead of"],
                "preferred" => &["preferred to"],
                "applies" => &["applies when"],
                "default" => &["default no"],
                "otherwise" => &["otherwise no"],
                "disagreement" => &["disagreement on"],
                "leave" => &["leave open because"],
                "is" if is_comparing && matches!(compared, Some(FactType::OneOf { .. })) => &["is", "is not", "is in ("],
                "not" if words.contains(&"within") => &["not before"],
                _ => std::slice::from_ref(word),
            };
            for phrase in phrases {
                self.push(*phrase, Kind::Keyword, "", 100);
            }
        }
    }

    /// The beginning of a declaration, with places to fill in.
    fn declaration(&mut self, word: &str, rank: u8) {
        let (detail, body) = match word {
            "guideline" => (
                "a file's header",
                "guideline ${1:name} \"${2:Title}\" version \"${3:1}\" status draft\n  applies when $0",
            ),
            "use" => ("facts and actions of another file", "use $0"),
            "source" => ("a document", "source ${1:NAME} \"${2:Title}\" year ${3:2026}$0"),
            "scale" => ("a grading scheme, best first", "scale ${1:name}: ${2:strong} > ${3:weak}"),
            "fact" => (
                "what a record may state",
                "fact ${1:name}: ${2|yes/no,one of,any of,quantity in,count,date,time since|} \"${3:Label}\"\n  ask \"${4:Question?}\"",
            ),
            "action" => ("something to do", "action ${1:name} \"${2:Label}\""),
            "define" => ("a named condition", "define ${1:name} \"${2:Label}\":\n  $0"),
            "assume" => ("what is true of every patient", "assume ${1:this} implies ${2:that}"),
            "section" => ("a heading of the document", "section \"${1:Heading}\":\n"),
            "rule" => (
                "a rule with a name",
                "rule ${1:name} \"${2:What it says}\":\n  when $3\n  then ${4|recommend,consider,avoid,never|} $5\n  cite $6\n  from $0",
            ),
            "when" => ("a rule without a name", "when $1\n  then $2\n  cite $0"),
            "always" => ("a rule for everybody in scope", "always\n  then $1\n  cite $0"),
            "note" => (
                "a statement that advises without deciding",
                "note \"${1:Text}\" about $2\n  cite $3\n  from $0",
            ),
            "reconcile" => (
                "how two rules live together",
                "reconcile $1 with $2\n  prefer $3\n  because \"${4:reason}\"",
            ),
            "complete" => (
                "a claim that nobody is left without advice",
                "complete \"${1:claim}\" over $2 for $0",
            ),
            "case" => ("a patient with expectations", "case \"${1:title}\"\n  given $2\n  expect $0"),
            _ => return,
        };
        self.push(word, Kind::Declaration, detail, rank).insert = Insert::Snippet(body.to_owned());
    }
}

/// Units that are common in medicine, so that they are offered where they fit.
const COMMON: &[&str] = &[
    "g", "kg", "mg", "ug", "mm", "cm", "m", "mL", "L", "%", "/min", "mm[Hg]", "mmol/L", "mg/dL", "g/dL", "umol/L", "kg/m2", "Cel",
];

/// Whether a word that starts declarations also goes on with the one that is being written, as `when` after `rule x:`.
fn is_part_of_rule(word: &str, tokens: &[&str]) -> bool {
    match word {
        "when" => {
            tokens.last() == Some(&":")
                || tokens.last().is_some_and(|t| matches!(*t, "applies" | "only"))
                || tokens.first() == Some(&"section")
        }
        "always" => tokens.last() == Some(&":"),
        _ => false,
    }
}

/// Whether a word may follow a fact of this type, where a comparison or the end of the test may.
fn tests(ty: Option<&FactType>, word: &str) -> bool {
    match word {
        "is" => matches!(ty, None | Some(FactType::OneOf { .. })),
        "includes" => matches!(ty, Some(FactType::AnyOf { .. })),
        "at" | "over" | "under" => match ty {
            None | Some(FactType::YesNo | FactType::AnyOf { .. } | FactType::OneOf { ordered: false, .. }) => false,
            Some(_) => true,
        },
        // What compares nothing ends the test, which is none yet without a comparison.
        _ => matches!(ty, None | Some(FactType::YesNo | FactType::AnyOf { .. })),
    }
}

/// The tokens up to the comparison before a number, the fact and the number's comparison included; nothing without one.
fn before_comparison<'t, 's>(tokens: &'t [&'s str]) -> &'t [&'s str] {
    let Some((number, before)) = tokens.split_last() else {
        return &[];
    };
    if !number.starts_with(|c: char| c.is_ascii_digit()) {
        return &[];
    }
    let words = match before {
        [.., "at", "least" | "most"] | [.., ">" | "<", "="] => 2,
        [.., "over" | "under" | ">" | "<" | "is"] => 1,
        _ => return &[],
    };
    // With one token more for the comparison, however many words it has.
    tokens.get(..tokens.len() - words).unwrap_or_default()
}

/// What a name would stand for after these tokens.
fn slot<'t>(tokens: &[&'t str]) -> Slot<'t> {
    let Some(first) = tokens.first() else { return Slot::Nothing };
    // The value of a comparison.
    match tokens {
        [.., fact, "is" | "includes"]
        | [.., fact, "is", "not"]
        | [.., fact, "over" | "under" | ">" | "<"]
        | [.., fact, "at", "least" | "most"]
        | [.., fact, ">" | "<", "="]
            if *first != "action" && *fact != "for" =>
        {
            return Slot::Value(fact);
        }
        _ => {}
    }
    // A list of values in brackets.
    if let Some(open) = tokens.iter().rposition(|t| *t == "(")
        && !tokens.get(open..).unwrap_or_default().contains(&")")
    {
        match tokens.get(..open).unwrap_or_default() {
            [.., fact, "is"] | [.., fact, "is", "in"] | [.., fact, "is", "not", "in"] => return Slot::Value(fact),
            _ => {}
        }
    }
    let mut slot = match *first {
        "use" => Slot::File,
        _ => Slot::Nothing,
    };
    let mut rest = tokens;
    while let Some((token, after)) = rest.split_first() {
        let before = tokens.len() - after.len() - 1;
        let previous = before.checked_sub(1).and_then(|at| tokens.get(at)).copied();
        slot = match *token {
            "when" | "always" | "unless" | "if" | "implies" | "assume" => Slot::Condition,
            "over" if *first == "complete" && slot == Slot::Nothing => Slot::Condition,
            ":" if *first == "define" => Slot::Condition,
            "then" => Slot::Action,
            "expect" if *first == "case" => Slot::Action,
            "asking" | "given" if *first == "case" => Slot::Given,
            "on" if *first == "case" && previous == Some("disagreement") => Slot::Action,
            "on" if *first == "case" => Slot::Nothing,
            "before" if previous == Some("not") => Slot::Nothing,
            "before" => Slot::Action,
            "of" if previous == Some("instead") => Slot::Action,
            "to" if previous == Some("preferred") => Slot::Action,
            "about" | "against" if *first == "note" => Slot::Action,
            "for" if matches!(*first, "note" | "complete") => Slot::Action,
            "is" if *first == "action" => Slot::Action,
            "within" | "every" | "between" | "for" | "line" | "with" if slot == Slot::Action => Slot::Nothing,
            "with" | "reconcile" | "prefer" if *first == "reconcile" => Slot::FullRule,
            "after" => Slot::Date,
            "since" if *first == "fact" => Slot::Date,
            "cite" => Slot::Source,
            "as" if *first == "source" => Slot::Source,
            "from" => Slot::Statement,
            "overrides" => Slot::Rule,
            "evidence" => Slot::Scale,
            "status" => Slot::Status,
            "because" | "publisher" | "year" | "url" | "lists" | "statements" | "version" | "ask" | "code" | "range" | "also" => {
                Slot::Nothing
            }
            scale if slot == Slot::Scale => Slot::Grade(scale),
            _ if matches!(slot, Slot::Grade(_)) => Slot::Nothing,
            _ => slot,
        };
        rest = after;
    }
    slot
}
