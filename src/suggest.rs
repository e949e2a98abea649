//! The closest known name to a misspelt one.
//!
//! In: a word and the names that would fit there. Out: the name that was probably meant.
//! Must not know: what the names stand for.

use crate::limits;

/// The candidate closest to `word`, if it is close enough to have been meant.
///
/// Close means within a third of the word's length in edit distance (at least one edit), case put aside;
/// of equally close ones the first in alphabetical order. Nothing is close to a word that is no name by its length.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    if length > limits::NAME_CHARACTERS {
        return None;
    }
    let folded = word.to_lowercase();
    let limit = (length / 3).max(1);
    candidates
        .into_iter()
        .filter(|c| c.chars().count().abs_diff(length) <= limit)
        .map(|c| (strsim::damerau_levenshtein(&folded, &c.to_lowercase()), c))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, c)| c)
}

/// The digits of a number in words, from `one` to `twelve`.
pub fn number_word(word: &str) -> Option<&'static str> {
    let words = [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    ];
    let digits = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"];
    words.iter().zip(digits).find(|(w, _)| **w == word).map(|(_, d)| d)
}
