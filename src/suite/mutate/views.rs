//! What is run together: each guideline with its own cases, and everything with the cases that run several guidelines.
//!
//! In: mutants, one after the other. Out: a [`Verdict`] for each.
//! Must not know: how mutants are made.
//!
//! A case beside a guideline runs that guideline alone, so that a mutant of it need not be read with all the others to be
//! killed, and a patient found for it alone is a case that can stand there. Only what survives alone is looked at together.

use super::offers::{Offer, Trial, closed};
use super::{Mutant, Mutation, Verdict};
use crate::eval::settle::Inference;
use crate::load::{Cache, Files, Loaded, ReadError, load_again};
use crate::model::GuidelineId;
use crate::source::Span;
use crate::suite::emit::Emitter;
use crate::suite::{self, Case};
use crate::verify::diff::{Apart, tell_apart};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Files as they were when they were first read.
pub(super) struct Kept<'a> {
    files: &'a dyn Files,
    read: RefCell<BTreeMap<String, Result<Vec<u8>, ReadError>>>,
}

impl<'a> Kept<'a> {
    pub fn new(files: &'a dyn Files) -> Self {
        Kept {
            files,
            read: RefCell::default(),
        }
    }
}

impl Files for Kept<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        if let Some(read) = self.read.borrow().get(path) {
            return read.clone();
        }
        let read = self.files.read(path);
        self.read.borrow_mut().insert(path.to_owned(), read.clone());
        read
    }
}

/// The same files, of which one has another text.
struct Edited<'a> {
    kept: &'a Kept<'a>,
    path: &'a str,
    text: &'a str,
}

impl Files for Edited<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        if path == self.path {
            Ok(self.text.as_bytes().to_vec())
        } else {
            self.kept.read(path)
        }
    }
}

/// Guidelines that are run together, and the cases that do so.
struct View {
    paths: Vec<String>,
    loaded: Loaded,
    cache: Cache,
    runs: Vec<GuidelineId>,
    cases: Vec<Case>,
    /// Where a case that runs them can stand.
    place: Option<String>,
    /// Patients of offers so far.
    trials: Vec<Trial>,
}

/// All views of a library.
pub(super) struct Views<'a> {
    kept: &'a Kept<'a>,
    views: Vec<View>,
    /// For each tree of the library, the views it takes part in, alone before together.
    of_file: Vec<Vec<usize>>,
}

impl<'a> Views<'a> {
    /// Reads every view of the library, with those of its cases that pass.
    pub fn new(kept: &'a Kept<'a>, paths: &[String], loaded: &Loaded, cases: &[&Case]) -> Self {
        let mut views = Views {
            kept,
            views: Vec::new(),
            of_file: vec![Vec::new(); loaded.trees.len()],
        };
        // Each view numbers its guidelines anew.
        let name = |guideline: GuidelineId| loaded.library[guideline].name.as_str();
        for (file, tree) in loaded.library.files.iter().zip(&loaded.trees) {
            let Some(own) = file.guideline else { continue };
            let alone: Vec<&Case> = cases.iter().filter(|case| case.guidelines == [own]).copied().collect();
            let mut files: BTreeSet<String> = alone.iter().map(|case| case.path.clone()).collect();
            files.insert(tree.path.clone());
            let of_cases = files.iter().find(|path| path.ends_with(".cases.gl"));
            let place = of_cases.unwrap_or(&tree.path).clone();
            // What other guidelines say does not matter where this one runs alone.
            let is_seen = |file: &usize| {
                let other = loaded.library.files.get(*file).and_then(|f| f.guideline);
                other.is_none_or(|other| other == own)
            };
            let reached = file.reaches.iter().copied().filter(is_seen);
            let view = View::new(kept, files.into_iter().collect(), &[name(own)], &alone, Some(place));
            views.add(view, reached.collect());
        }
        let mut together: BTreeMap<&[GuidelineId], Vec<&Case>> = BTreeMap::new();
        for case in cases.iter().filter(|case| case.guidelines.len() > 1) {
            together.entry(&case.guidelines).or_default().push(case);
        }
        let all: Vec<GuidelineId> = loaded.library.files.iter().filter_map(|file| file.guideline).collect();
        if all.len() > 1 && !together.keys().any(|runs| all.iter().all(|g| runs.contains(g))) {
            together.insert(&all, Vec::new());
        }
        for (runs, cases) in &together {
            let names: Vec<&str> = runs.iter().map(|guideline| name(*guideline)).collect();
            let place = cases.first().map(|case| case.path.clone());
            let view = View::new(kept, paths.to_vec(), &names, cases, place);
            views.add(view, (0..loaded.trees.len()).collect());
        }
        views
    }

    fn add(&mut self, view: View, reached: Vec<usize>) {
        for file in reached {
            if let Some(of_file) = self.of_file.get_mut(file) {
                of_file.push(self.views.len());
            }
        }
        self.views.push(view);
    }

    /// What comes of a mutant.
    pub fn judge(&mut self, loaded: &Loaded, mutant: &Mutant, offers: &mut Vec<Offer>) -> Verdict {
        let of_file = self.of_file.get(mutant.file).cloned().unwrap_or_default();
        let Some((path, text)) = edited(loaded, mutant) else {
            return Verdict::Unreadable;
        };
        let edited = Edited {
            kept: self.kept,
            path: &path,
            text: &text,
        };
        let mut read = BTreeMap::new();
        for index in &of_file {
            let Some(view) = self.views.get_mut(*index) else { continue };
            let changed = load_again(&edited, &view.paths, &mut view.cache);
            if changed.has_errors() {
                return Verdict::Unreadable;
            }
            if let Some(killed) = view.noticing(&changed) {
                return killed;
            }
            read.insert(*index, changed);
        }
        let mut verdict = Verdict::Equivalent;
        for (index, changed) in &read {
            let Some(view) = self.views.get_mut(*index) else { continue };
            let title = title(loaded, mutant);
            match view.survives(changed, title, offers) {
                Verdict::Equivalent => {}
                found @ Verdict::Survives(_) => return found,
                // What cannot be said of a guideline alone can perhaps be said of several.
                found => verdict = found,
            }
        }
        verdict
    }

    /// Writes the offers, now that it is known what each of them expects.
    pub fn write(&self, mutation: &mut Mutation) {
        for view in &self.views {
            let original = Emitter::running(&view.loaded, view.runs.clone());
            for trial in &view.trials {
                if let Some(offer) = mutation.offers.get_mut(trial.offer) {
                    *offer = trial.offer(&original, view.place.clone());
                }
            }
        }
    }
}

impl View {
    /// Reads the files at `paths`, for cases that run the guidelines of these names.
    fn new(kept: &Kept<'_>, paths: Vec<String>, names: &[&str], cases: &[&Case], place: Option<String>) -> Self {
        let mut cache = Cache::default();
        let loaded = load_again(kept, &paths, &mut cache);
        let wanted: BTreeSet<(&str, &str)> = cases.iter().map(|c| (c.path.as_str(), c.title.as_str())).collect();
        let mut own = suite::cases(&loaded).0;
        own.retain(|case| wanted.contains(&(case.path.as_str(), case.title.as_str())));
        let guidelines = loaded.library.guidelines.iter().enumerate();
        let runs = guidelines.filter(|(_, guideline)| names.contains(&guideline.name.as_str()));
        let runs = runs.map(|(index, _)| GuidelineId::from_index(index)).collect();
        View {
            paths,
            loaded,
            cache,
            runs,
            cases: own,
            place,
            trials: Vec::new(),
        }
    }

    /// A case that fails on the changed library. Its declarations are the same, and so cases need not be read again.
    ///
    /// It is tried first on the next mutant, which as a rule changes the same declaration.
    fn noticing(&mut self, changed: &Loaded) -> Option<Verdict> {
        let inference = Inference::new(&changed.library);
        let fails = |case: &Case| !suite::run(changed, &inference, case).failures.is_empty();
        let place = self.cases.iter().position(fails)?;
        let case = self.cases.remove(place);
        let killed = Verdict::Killed(case.path.clone(), case.title.clone());
        self.cases.insert(0, case);
        Some(killed)
    }

    /// What the verifier makes of a mutant that no case of this view notices.
    fn survives(&mut self, changed: &Loaded, title: String, offers: &mut Vec<Offer>) -> Verdict {
        let mutant = Emitter::running(changed, self.runs.clone());
        if let Some(trial) = self
            .trials
            .iter_mut()
            .find_map(|trial| trial.kills(&mutant).then_some(trial.offer))
        {
            return Verdict::Survives(trial);
        }
        let original = Emitter::running(&self.loaded, self.runs.clone());
        let mut found = None;
        let answer = tell_apart(&self.loaded, changed, &mut |witness| {
            let patients = closed(witness).into_iter().chain([witness.clone()]);
            let trials = patients.filter_map(|patient| Trial::new(&original, patient, title.clone(), offers.len()));
            found = trials.filter_map(|mut trial| trial.kills(&mutant).then_some(trial)).next();
            found.is_some()
        });
        match (answer, found) {
            (Ok(Apart::Accepted), Some(trial)) => {
                offers.push(trial.offer(&original, self.place.clone()));
                self.trials.push(trial);
                Verdict::Survives(offers.len() - 1)
            }
            (Ok(Apart::Nobody), _) => Verdict::Equivalent,
            (Ok(Apart::Somebody), _) => Verdict::Unsayable,
            _ => Verdict::Undecided,
        }
    }
}

/// The path and the text of the mutated file.
fn edited(loaded: &Loaded, mutant: &Mutant) -> Option<(String, String)> {
    let path = loaded.trees.get(mutant.file)?.path.clone();
    let text = loaded.sources.get(mutant.span.file)?.text();
    let Span { start, end, .. } = mutant.span;
    let (before, after) = (text.get(..start as usize)?, text.get(end as usize..)?);
    Some((path, format!("{before}{}{after}", mutant.replacement)))
}

/// The longest text of a change in a title, in characters.
const TITLE: usize = 60;

/// What is changed, as the title of a case.
fn title(loaded: &Loaded, mutant: &Mutant) -> String {
    let (was, now) = mutant.words(loaded);
    let change = match now.as_str() {
        "" => format!("{was} matters"),
        now => format!("{was}, not {now}"),
    };
    let change: String = change.chars().filter(|c| *c != '"' && *c != '\\').take(TITLE).collect();
    format!("{}: {}", mutant.subject.replace(['"', '\\'], ""), change.trim_end())
}
