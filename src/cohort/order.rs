//! Whether patients come in order, so that nobody can come twice.
//!
//! In: the names of patients, one after the other. Out: the first one that breaks the order.

use std::cmp::Ordering;

/// The order so far; a long table is in order by the bytes of the names or by their numbers.
///
/// A patient whose rows stand in two places would be evaluated twice, each time on half of what is known. To remember every patient
/// would take memory for each; order shows the same without.
#[derive(Debug, Clone)]
pub struct Order {
    last: Option<String>,
    by_bytes: bool,
    by_number: bool,
}

impl Default for Order {
    fn default() -> Self {
        Order {
            last: None,
            by_bytes: true,
            by_number: true,
        }
    }
}

impl Order {
    /// Takes the next patient.
    ///
    /// # Errors
    ///
    /// The patient before, if neither order holds any more.
    pub fn follow(&mut self, patient: &str) -> Result<(), String> {
        if let Some(last) = &self.last {
            self.by_bytes &= last.as_str() < patient;
            self.by_number &= compare_numbers(last, patient) == Some(Ordering::Less);
            if !self.by_bytes && !self.by_number {
                return Err(last.clone());
            }
        }
        self.last = Some(patient.to_owned());
        Ok(())
    }
}

/// Compares two names of digits alone by the number they stand for.
fn compare_numbers(a: &str, b: &str) -> Option<Ordering> {
    let number = |text: &str| {
        let digits = text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty();
        digits.then(|| text.trim_start_matches('0').to_owned())
    };
    let (a, b) = (number(a)?, number(b)?);
    Some(a.len().cmp(&b.len()).then_with(|| a.cmp(&b)))
}
