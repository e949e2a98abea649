//! Work by several threads, with results in the order of the work.
//!
//! In: something that gives work, something that does it, something that takes results. Out: nothing of its own.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::mpsc::channel;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

/// How many pieces of work each thread may be ahead of what has been taken: a slow piece does not pile up what comes after it.
const AHEAD: u64 = 4;

/// How far reading and taking have come.
#[derive(Debug, Default)]
struct Progress {
    given: u64,
    taken: u64,
    /// Nothing more is given: there is no more, or somebody stopped.
    over: bool,
}

/// Lets the other threads end where one of them panics; the panic then reaches whoever started them.
struct StopOnPanic<'a> {
    progress: &'a Mutex<Progress>,
    moved: &'a Condvar,
}

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.progress.lock().unwrap_or_else(PoisonError::into_inner).over = true;
            self.moved.notify_all();
        }
    }
}

/// Does each piece of work that `next` gives, by several threads, each with something of its own that `begin` makes, and hands the
/// results to `take` in the order of the work.
///
/// # Errors
///
/// The first error of `take`, which sees results in order, so that it does not depend on the number of threads.
pub fn in_order<W, S, R, E>(
    threads: NonZeroUsize,
    next: impl FnMut() -> Option<W> + Send,
    begin: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, W) -> R + Sync,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E>
where
    W: Send,
    R: Send,
{
    let mut next = next;
    if threads.get() == 1 {
        let mut own = begin();
        while let Some(piece) = next() {
            take(work(&mut own, piece))?;
        }
        return Ok(());
    }
    let progress = Mutex::new(Progress::default());
    let (moved, next, begin, work) = (Condvar::new(), Mutex::new(next), &begin, &work);
    let most = AHEAD * threads.get() as u64;
    let (progress, moved, next) = (&progress, &moved, &next);
    let piece = || {
        // Whoever has this reads; the others work meanwhile.
        let mut next = next.lock().unwrap_or_else(PoisonError::into_inner);
        let mut state = progress.lock().unwrap_or_else(PoisonError::into_inner);
        while !state.over && state.given - state.taken >= most {
            state = moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.over {
            return None;
        }
        let number = state.given;
        state.given += 1;
        drop(state);
        let piece = next();
        if piece.is_none() {
            progress.lock().unwrap_or_else(PoisonError::into_inner).over = true;
        }
        Some((number, piece?))
    };
    let piece = &piece;
    thread::scope(|scope| {
        let (sender, results) = channel();
        for _ in 0..threads.get() {
            let sender = sender.clone();
            scope.spawn(move || {
                let _guard = StopOnPanic { progress, moved };
                let mut own = begin();
                while let Some((number, piece)) = piece() {
                    if sender.send((number, work(&mut own, piece))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut waiting = BTreeMap::new();
        let mut due = 0;
        let mut outcome = Ok(());
        for (number, result) in results {
            waiting.insert(number, result);
            while let Some(result) = waiting.remove(&due) {
                due += 1;
                if outcome.is_ok() {
                    outcome = take(result);
                }
                let mut state = progress.lock().unwrap_or_else(PoisonError::into_inner);
                state.taken = due;
                state.over |= outcome.is_err();
                moved.notify_all();
            }
        }
        outcome
    })
}
