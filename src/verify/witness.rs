//! Patients to show: regions become a record, and the interpreter has the last word.
//!
//! In: regions. Out: a [`Witness`] that the interpreter confirms, without facts that follow from others.
//! Must not know: what is asked; whoever asks says what must hold.

use super::search::Regions;
use super::space::{Mask, Space};
use super::{Piece, Verifier};
use crate::diagnostic::About;
use crate::eval::standing::{Exceptions, Standings};
use crate::eval::truth::Truths;
use crate::eval::{Comparer, Difference, DifferenceKind, Options, Outcome, Patient, Position, Standing, evaluate};
use crate::model::gives_way::edges_of;
use crate::model::{ActionId, Condition, Direction, EffectId, Entry, FactId, FactType, Record, Recorded, Truth};
use crate::source::{FileId, Span};
use std::cell::OnceCell;
use std::collections::BTreeSet;

/// A patient for whom a finding is true.
#[derive(Debug, Clone)]
pub struct Witness {
    /// The record, as the interpreter took it.
    pub record: Record,
    /// Name and value of each recorded fact, by name.
    pub facts: Vec<(String, String)>,
    /// The date of evaluation, where a date is recorded.
    pub as_of: Option<String>,
    /// Whether a patient with fewer facts may do, since not all of them were looked at.
    pub perhaps_smaller: bool,
}

impl Witness {
    /// The patient that a finding speaks of, without a record; none where it speaks of none.
    pub fn of_finding(about: &About) -> Option<Self> {
        Some(Witness {
            record: Record::default(),
            facts: about.witness.clone()?,
            as_of: about.as_of.clone(),
            perhaps_smaller: about.perhaps_smaller,
        })
    }

    /// The patient as `given` states one, what is present before what is absent.
    pub fn given(&self) -> String {
        let one = |(name, value): &(String, String)| match value.as_str() {
            "yes" => vec![name.clone()],
            "no" => vec![format!("not {name}")],
            set if set.starts_with('{') => set
                .trim_matches(['{', '}'])
                .split(", ")
                .map(|member| match member.split_once(": ") {
                    Some((member, "no")) => format!("not {name} includes {member}"),
                    Some((member, _)) => format!("{name} includes {member}"),
                    None => name.clone(),
                })
                .collect(),
            set if set.starts_with('[') => vec![format!("{name} is ({})", set.trim_matches(['[', ']']))],
            value => vec![format!("{name} is {}", measured(value))],
        };
        let stated = self.facts.iter().flat_map(one);
        let (absent, mut present): (Vec<String>, Vec<String>) = stated.partition(|part| part.starts_with("not "));
        present.extend(absent);
        if present.is_empty() {
            "any patient at all".to_owned()
        } else {
            present.join(", ")
        }
    }
}

/// A value with its unit in quotes, where it could not stand without them.
fn measured(value: &str) -> String {
    let is_bare = |unit: &str| {
        unit.starts_with(|c: char| c.is_ascii_alphabetic() || c == '%' || c == '[')
            && unit.chars().all(|c| c.is_ascii_alphanumeric() || "%/*.[]{}_^".contains(c))
    };
    match value.split_once(' ') {
        Some((number, unit)) if !is_bare(unit) => format!("{number} \"{unit}\""),
        _ => value.to_owned(),
    }
}

/// A patient with what the interpreter makes of it, found out when somebody asks.
pub struct Replay<'v> {
    verifier: &'v Verifier<'v>,
    record: &'v Record,
    patient: &'v Patient,
    standings: Standings<'v>,
    outcome: OnceCell<Outcome>,
}

impl Replay<'_> {
    /// What is recorded.
    pub fn record(&self) -> &Record {
        self.record
    }

    /// Everything the guidelines say.
    pub fn outcome(&self) -> &Outcome {
        self.outcome
            .get_or_init(|| evaluate(self.verifier.library, self.patient, &Options::default()))
    }

    /// Whether a condition holds.
    pub fn truth(&self, condition: &Condition) -> Truth {
        self.standings.truths().of(condition)
    }

    /// Whether the guard of the effect holds.
    pub fn fires(&self, effect: EffectId) -> bool {
        self.truth(&self.verifier.library[effect].guard) == Truth::Yes
    }

    /// Whether the effect fires and is active on the action, or, for an avoidance, on this kind of its action.
    pub fn is_active(&self, effect: EffectId, action: ActionId) -> bool {
        let library = self.verifier.library;
        self.is_said(effect, action, |said| {
            said.standing == Standing::Active && !said.may_except.iter().any(|kind| library.is_kind_of(action, *kind))
        })
    }

    /// Whether the effect is shown for the action: active, or perhaps so.
    pub fn stands(&self, effect: EffectId, action: ActionId) -> bool {
        self.is_said(effect, action, |said| !matches!(said.standing, Standing::Overridden { .. }))
    }

    /// Whether the effect fires, and what it says of the action, or, if it is an avoidance, of something above, is this and
    /// does not make way for the action.
    fn is_said(&self, effect: EffectId, action: ActionId, is: impl Fn(&Said) -> bool) -> bool {
        if !self.fires(effect) {
            return false;
        }
        let library = self.verifier.library;
        if edges_of(library, effect).is_empty() {
            return true;
        }
        let against = library[effect].direction() == Direction::Against;
        let mut spoken_of = library[effect].actions.iter().copied();
        spoken_of.any(|own| {
            if own != action && !(against && library.is_kind_of(action, own)) {
                return false;
            }
            let said = self.said(effect, own);
            is(&said) && !said.except.iter().any(|kind| library.is_kind_of(action, *kind))
        })
    }

    /// What an effect that fires says of one of its actions.
    fn said(&self, effect: EffectId, action: ActionId) -> Said {
        let library = self.verifier.library;
        let exceptions = match library[effect].direction() {
            Direction::Against => self.standings.exceptions(effect),
            Direction::For => Exceptions::default(),
        };
        let under = |kind: &ActionId| library.is_kind_of(*kind, action);
        Said {
            standing: self.standings.of(effect, action).standing,
            except: exceptions.certain.iter().map(|(kind, _)| *kind).filter(under).collect(),
            may_except: exceptions.open.keys().map(|(kind, _)| *kind).filter(under).collect(),
        }
    }

    /// Whether the choice of the first piece is narrowed by the second. `against` is all that can cover one of its alternatives.
    pub fn is_narrowed(&self, choice: Piece, avoided: Piece, against: &[(ActionId, Vec<Piece>)]) -> bool {
        let fires = |pieces: &Vec<Piece>| pieces.iter().copied().filter(|p| self.fires(p.0)).collect();
        let each: Vec<(ActionId, Vec<Piece>)> = against.iter().map(|(action, pieces)| (*action, fires(pieces))).collect();
        let comparer = Comparer {
            library: self.verifier.library,
            truths: self.standings.truths(),
            standings: &self.standings,
        };
        is_among(&comparer.narrowed(choice.0, &each), choice, avoided)
    }
}

/// Whether the first piece is narrowed by the second.
fn is_among(differences: &[Difference], choice: Piece, avoided: Piece) -> bool {
    let pair = [choice, avoided].map(|(effect, action)| Position::Effect(effect, action));
    let mut narrowings = differences.iter().filter(|d| d.kind == DifferenceKind::Narrowing);
    narrowings.any(|d| d.positions == pair)
}

/// What an effect says of an action: its standing, and the kinds that it makes way for, for certain or perhaps.
struct Said {
    standing: Standing,
    except: Vec<ActionId>,
    may_except: Vec<ActionId>,
}

/// A patient whom the interpreter confirmed, kept as small as can be: the variables that are known, each with the number of
/// its region.
#[derive(Debug, Clone)]
pub struct Confirmed {
    regions: Box<[(u32, u8)]>,
    /// See [`Witness::perhaps_smaller`].
    pub perhaps_smaller: bool,
}

impl Confirmed {
    /// Each variable in one region.
    fn of(regions: &Regions) -> Option<Self> {
        let numbered = |(variable, region): (&usize, &Mask)| {
            let number = u8::try_from(region.trailing_zeros()).ok()?;
            Some((u32::try_from(*variable).ok()?, number))
        };
        let regions = regions.iter().map(numbered).collect::<Option<_>>()?;
        Some(Confirmed {
            regions,
            perhaps_smaller: false,
        })
    }

    /// The regions again.
    fn regions(&self) -> Regions {
        self.regions
            .iter()
            .map(|(variable, number)| (*variable as usize, 1 << number))
            .collect()
    }

    /// How many facts are known.
    pub fn facts(&self, space: &Space<'_>) -> usize {
        let facts = self.regions.iter().filter_map(|(variable, _)| space.fact(*variable as usize));
        facts.collect::<BTreeSet<FactId>>().len()
    }
}

/// What came of showing a patient to the interpreter.
#[derive(Debug)]
pub enum Replayed {
    /// As expected.
    As(Confirmed),
    /// The formula holds, but this is not one of the patients that were asked for.
    Otherwise,
    /// The interpreter does not agree with the formula, or rejects the record.
    Refused,
}

impl Verifier<'_> {
    /// The patient in these regions, each variable in one, if the interpreter accepts the record, says that `holds`, and says
    /// `only` as well.
    pub fn confirm(
        &self,
        regions: &Regions,
        holds: &dyn Fn(&Replay<'_>) -> bool,
        only: &dyn Fn(&Replay<'_>) -> bool,
    ) -> Replayed {
        let Some(record) = self.put_on_record(regions) else {
            return Replayed::Refused;
        };
        let Ok(patient) = self.inference.settle(self.library, &record) else {
            return Replayed::Refused;
        };
        let replay = self.replay(&record, &patient);
        if !holds(&replay) {
            Replayed::Refused
        } else if !only(&replay) {
            Replayed::Otherwise
        } else {
            Confirmed::of(regions).map_or(Replayed::Refused, Replayed::As)
        }
    }

    /// The patient whom the interpreter confirmed, in words.
    pub fn witness(&self, confirmed: &Confirmed) -> Option<Witness> {
        self.put_on_record(&confirmed.regions()).map(|record| Witness {
            perhaps_smaller: confirmed.perhaps_smaller,
            ..self.spelled_out(record)
        })
    }

    /// The record of the patient in these regions, each variable in one, whatever the interpreter says of it; the entries of
    /// one fact follow each other.
    pub(super) fn put_on_record(&self, regions: &Regions) -> Option<Record> {
        let nowhere = Span::new(FileId(0), 0..0);
        let mut record = Record::default();
        record.entries.reserve(regions.len());
        for (variable, region) in regions {
            let recorded = self.space.recorded(*variable, *region)?;
            if let Recorded::Date(date) = recorded {
                record.as_of = record.as_of.max(Some((date, nowhere)));
            }
            record.entries.push(Entry {
                fact: self.space.fact(*variable)?,
                recorded,
                span: nowhere,
            });
        }
        self.put_in_order(regions, &mut record);
        Some(record)
    }

    /// The patient of a record, in words.
    pub(super) fn spelled_out(&self, record: Record) -> Witness {
        let mut facts: Vec<(String, String)> = record
            .entries
            .chunk_by(|one, other| one.fact == other.fact)
            .filter_map(|said| Some((said.first()?.fact, said)))
            .map(|(fact, said)| (self.library[fact].name.clone(), self.written(fact, said)))
            .collect();
        facts.sort();
        Witness {
            as_of: record.as_of.map(|(date, _)| date.to_string()),
            record,
            facts,
            perhaps_smaller: false,
        }
    }

    /// Two numbers of which one is at most the other and that lie in one region: the greater is no less than the lesser.
    fn put_in_order(&self, regions: &Regions, record: &mut Record) {
        let number = |record: &Record, fact: FactId| {
            let entry = record.entries.iter().position(|entry| entry.fact == fact)?;
            match &record.entries.get(entry)?.recorded {
                Recorded::Number { value, .. } => Some((entry, *value)),
                _ => None,
            }
        };
        for _ in &self.space.orders {
            for (lesser, greater) in &self.space.orders {
                let (Some(low), Some(high)) = (self.space.fact(*lesser), self.space.fact(*greater)) else {
                    continue;
                };
                if regions.get(lesser) == regions.get(greater)
                    && let (Some((low, least)), Some((high, most))) = (number(record, low), number(record, high))
                    && least > most
                    && let Some(said) = record.entries.get(low).map(|entry| entry.recorded.clone())
                    && let Some(entry) = record.entries.get_mut(high)
                {
                    entry.recorded = said;
                }
            }
        }
    }

    /// A patient before the interpreter.
    pub(super) fn replay<'v>(&'v self, record: &'v Record, patient: &'v Patient) -> Replay<'v> {
        Replay {
            verifier: self,
            record,
            patient,
            standings: Standings::new(self.library, Truths::new(self.library, patient), &self.guidelines),
            outcome: OnceCell::new(),
        }
    }

    fn written(&self, fact: FactId, said: &[Entry]) -> String {
        let ty = &self.library[fact].ty;
        let one = |recorded: &Recorded| match (recorded, ty) {
            (Recorded::YesNo(yes), _) => if *yes { "yes" } else { "no" }.to_owned(),
            (Recorded::OneOf(value), FactType::OneOf { values, .. }) => values.get(*value).cloned().unwrap_or_default(),
            (Recorded::Member(member, present), FactType::AnyOf { members }) => {
                let word = if *present == Some(true) { "yes" } else { "no" };
                format!("{}: {word}", members.get(*member).map_or("", String::as_str))
            }
            (Recorded::Date(date), _) => date.to_string(),
            (Recorded::Number { written, .. }, _) => written.clone(),
            _ => String::new(),
        };
        let parts: Vec<String> = said.iter().map(|entry| one(&entry.recorded)).collect();
        match ty {
            FactType::AnyOf { .. } => format!("{{{}}}", parts.join(", ")),
            _ => parts.join(", "),
        }
    }
}
