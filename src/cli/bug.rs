//! What is said when gl itself is wrong.

use std::io::Write;
use std::panic;

/// The exit status of a bug.
pub const EXIT: u8 = 101;

/// Replaces Rust's message about a panic by one that cannot contain values of a patient.
///
/// The payload of a panic may quote any text, a recorded fact among them; the place in gl's own code cannot.
pub fn install_hook() {
    panic::set_hook(Box::new(|info| {
        if crate::cohort::parquet::is_under_suspicion() {
            return;
        }
        let place = info
            .location()
            .map_or(String::new(), |l| format!(" ({}:{}:{})", l.file(), l.line(), l.column()));
        let version = env!("CARGO_PKG_VERSION");
        // A second panic would abort; if nobody reads standard error there is nothing to do.
        let _ = writeln!(
            std::io::stderr(),
            "this is a bug in gl {version}{place}; please report it with the guidelines, and without any patient's data"
        );
    }));
}
