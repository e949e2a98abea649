//! Progress on a terminal, once something takes longer than a second.

use super::Context;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How long something may take before it says so.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often the clock beside it moves.
const TICK: Duration = Duration::from_millis(200);

/// How far something is, until it is dropped.
pub(super) struct Progress {
    bar: ProgressBar,
    waiting: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Progress of something in so many steps, or of nobody knows how many.
    ///
    /// It is shown on standard error alone, and only where that is a terminal and nobody asked for quiet.
    pub(super) fn new(what: &'static str, steps: Option<u64>, cx: &Context) -> Progress {
        match steps {
            Some(steps) => Progress::shown(ProgressBar::new(steps), "{msg} {pos} of {len} {bar:24} {elapsed}", what, cx),
            None => Progress::shown(ProgressBar::new_spinner(), "{msg} {spinner} {elapsed}", what, cx),
        }
    }

    /// As [`Progress::new`], of something that counts how many it has done, and nobody knows how many there are.
    pub(super) fn counting(what: &'static str, cx: &Context) -> Progress {
        Progress::shown(ProgressBar::new_spinner(), "{msg} {pos}, {per_sec} {elapsed}", what, cx)
    }

    fn shown(bar: ProgressBar, template: &str, what: &'static str, cx: &Context) -> Progress {
        bar.set_draw_target(ProgressDrawTarget::hidden());
        // The templates are constant; one that is wrong would only look different.
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(what);
        Progress {
            waiting: cx.shows_progress.then(|| wait(&bar)).flatten(),
            bar,
        }
    }

    /// So many steps are done, all in all.
    pub(super) fn reach(&self, done: u64) {
        self.bar.set_position(done);
    }

    /// There are so many steps, as has just been found out.
    pub(super) fn of(&self, steps: u64) {
        self.bar.set_length(steps);
    }

    /// One step is done.
    pub(super) fn step(&self) {
        self.bar.inc(1);
    }
}

/// Shows the bar after a while, unless its owner is done before.
fn wait(bar: &ProgressBar) -> Option<(Sender<()>, JoinHandle<()>)> {
    let (done, waiting) = channel();
    let bar = bar.clone();
    let show = move || {
        if waiting.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar.enable_steady_tick(TICK);
        }
    };
    // Without a thread there is no progress to see, and everything else goes on.
    let thread = thread::Builder::new().name("gl-progress".to_owned()).spawn(show).ok()?;
    Some((done, thread))
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((done, thread)) = self.waiting.take() {
            drop(done);
            let _ = thread.join();
            self.bar.finish_and_clear();
        }
    }
}
