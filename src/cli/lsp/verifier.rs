//! The verifier in a thread of its own, so that nobody waits for it.

use super::projects::Home;
use super::server::Event;
use crate::cli::STACK;
use crate::desk::Analysis;
use crate::diagnostic::Diagnostic;
use crate::verify;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// What came of looking at a project.
#[derive(Debug)]
pub(super) struct Verified {
    pub(super) home: Home,
    pub(super) analysis: Arc<Analysis>,
    /// None where gl itself is wrong.
    pub(super) found: Option<Vec<Diagnostic>>,
}

/// The thread, by the means to give it work.
#[derive(Debug)]
pub(super) struct Verifier {
    jobs: Sender<Job>,
    running: Arc<Running>,
}

#[derive(Debug)]
struct Job {
    home: Home,
    analysis: Arc<Analysis>,
    stop: Arc<AtomicBool>,
}

impl Verifier {
    /// Starts the thread; what it finds comes as events.
    ///
    /// # Errors
    ///
    /// If the system has no thread left.
    pub(super) fn start(events: Sender<Event>) -> std::io::Result<Verifier> {
        let (jobs, waiting) = channel();
        let running = Arc::new(Mutex::new(None));
        let at_work = running.clone();
        thread::Builder::new()
            .name("gl-verify".to_owned())
            .stack_size(STACK)
            .spawn(move || work(&waiting, &at_work, &events))?;
        Ok(Verifier { jobs, running })
    }

    /// Asks for everything that can be said of an analysis; what was asked about earlier texts of the project is dropped.
    pub(super) fn ask(&self, home: Home, analysis: Arc<Analysis>) {
        let stop = Arc::new(AtomicBool::new(false));
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at_work, flag)) = running.as_ref()
            && *at_work == home
        {
            flag.store(true, Ordering::Relaxed);
        }
        // If the thread is gone there is nobody to tell; it was said when it went.
        let _ = self.jobs.send(Job { home, analysis, stop });
    }
}

type Running = Mutex<Option<(Home, Arc<AtomicBool>)>>;

fn work(waiting: &Receiver<Job>, running: &Running, events: &Sender<Event>) {
    let mut jobs: BTreeMap<Home, Job> = BTreeMap::new();
    loop {
        if jobs.is_empty() {
            match waiting.recv() {
                Ok(job) => drop(jobs.insert(job.home.clone(), job)),
                Err(_) => return,
            }
        }
        // Only the newest texts of each project count.
        jobs.extend(waiting.try_iter().map(|job| (job.home.clone(), job)));
        let Some((home, job)) = jobs.pop_first() else { continue };
        let set = |value| *running.lock().unwrap_or_else(PoisonError::into_inner) = value;
        set(Some((home.clone(), job.stop.clone())));
        // Who asked before this was known could not stop it, and has sent newer texts.
        jobs.extend(waiting.try_iter().map(|job| (job.home.clone(), job)));
        if jobs.contains_key(&home) {
            continue;
        }
        let found = catch_unwind(AssertUnwindSafe(|| verify::verify_unless(&job.analysis.loaded, &job.stop)));
        set(None);
        let found = match found {
            Ok(None) => continue,
            Ok(Some(found)) => Some(found),
            Err(_) => None,
        };
        let verified = Verified {
            home,
            analysis: job.analysis,
            found,
        };
        if events.send(Event::Verified(verified)).is_err() {
            return;
        }
    }
}
