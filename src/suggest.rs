//! The closest known name to a misspelt one.
//!
//! In: a word and the names that would fit there. Out: the name that was probably meant.
//! Must not know: what the names stand for.

/// The candidate closest to `word`, if it is close enough to have been meant.
///
/// Close means within a third of the word's length in edit distance (at least one edit), case put aside;
/// of equally close ones the first in alphabetical order.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = word.to_lowercase();
    let limit = (folded.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|c| (strsim::damerau_levenshtein(&folded, &c.to_lowercase()), c))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, c)| c)
}
