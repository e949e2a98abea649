//! A bit for each patient of a block.
//!
//! In: bits. Out: bits; who they stand for.

use std::ops::{BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, Not};

/// How many words of sixty-four patients a block has: enough that a step of a condition costs little beside what it does, and few
/// enough that all tests of a library stay near the processor.
pub const WORDS: usize = 8;

/// How many patients are evaluated together.
pub const WIDTH: usize = 64 * WORDS;

/// Some patients of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(align(64))]
pub struct Mask([u64; WORDS]);

impl Mask {
    /// No patient.
    pub const NOBODY: Mask = Mask([0; WORDS]);
    /// Every patient.
    pub const EVERYBODY: Mask = Mask([!0; WORDS]);

    /// The first so many patients.
    #[inline(always)]
    pub fn first(count: usize) -> Mask {
        if count >= WIDTH {
            return Mask::EVERYBODY;
        }
        Mask::of(|word| match count.saturating_sub(64 * word) {
            0 => 0,
            left => !0 >> 64_usize.saturating_sub(left),
        })
    }

    /// One patient.
    #[inline(always)]
    pub fn one(lane: usize) -> Mask {
        let mut mask = Mask::NOBODY;
        mask.put(lane / 64, 1 << (lane % 64));
        mask
    }

    /// The patients whom each word says.
    #[inline(always)]
    pub fn of(word: impl FnMut(usize) -> u64) -> Mask {
        Mask(std::array::from_fn(word))
    }

    /// Sixty-four patients.
    #[inline(always)]
    pub fn word(&self, word: usize) -> u64 {
        self.0.get(word).copied().unwrap_or(0)
    }

    /// All patients, sixty-four and sixty-four.
    #[inline(always)]
    pub fn words(&self) -> &[u64; WORDS] {
        &self.0
    }

    /// Adds some of sixty-four patients.
    #[inline(always)]
    pub fn put(&mut self, word: usize, those: u64) {
        self.0.get_mut(word).into_iter().for_each(|own| *own |= those);
    }

    /// Takes some of sixty-four patients away.
    #[inline(always)]
    pub fn take(&mut self, word: usize, those: u64) {
        self.0.get_mut(word).into_iter().for_each(|own| *own &= !those);
    }

    /// Whether a patient is among them.
    pub fn has(&self, lane: usize) -> bool {
        self.word(lane / 64) >> (lane % 64) & 1 == 1
    }

    /// Whether there is nobody.
    #[inline(always)]
    pub fn is_nobody(&self) -> bool {
        self.0.iter().fold(0, |any, word| any | word) == 0
    }

    /// How many there are.
    #[inline(always)]
    pub fn count(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// Their places, in order.
    pub fn lanes(self) -> impl Iterator<Item = usize> {
        let words = self.0.into_iter().enumerate();
        words.flat_map(|(index, word)| lanes(word).map(move |lane| 64 * index + lane))
    }
}

/// How many patients there were in many masks; kept for each word apart, which is added up at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(align(64))]
pub struct Counts([u64; WORDS]);

impl Counts {
    /// Adds those of one mask.
    #[inline(always)]
    pub fn add(&mut self, those: Mask) {
        self.0
            .iter_mut()
            .zip(those.0)
            .for_each(|(count, word)| *count += u64::from(word.count_ones()));
    }

    /// How many there were.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

/// The places of the bits of a word.
pub fn lanes(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lane = word.trailing_zeros();
        (word != 0).then(|| {
            word &= word - 1;
            lane as usize
        })
    })
}

impl BitAnd for Mask {
    type Output = Mask;

    #[inline(always)]
    fn bitand(mut self, other: Mask) -> Mask {
        self &= other;
        self
    }
}

impl BitOr for Mask {
    type Output = Mask;

    #[inline(always)]
    fn bitor(mut self, other: Mask) -> Mask {
        self |= other;
        self
    }
}

impl BitXor for Mask {
    type Output = Mask;

    #[inline(always)]
    fn bitxor(mut self, other: Mask) -> Mask {
        self.0.iter_mut().zip(other.0).for_each(|(word, other)| *word ^= other);
        self
    }
}

impl Not for Mask {
    type Output = Mask;

    #[inline(always)]
    fn not(mut self) -> Mask {
        self.0.iter_mut().for_each(|word| *word = !*word);
        self
    }
}

impl BitAndAssign for Mask {
    #[inline(always)]
    fn bitand_assign(&mut self, other: Mask) {
        self.0.iter_mut().zip(other.0).for_each(|(word, other)| *word &= other);
    }
}

impl BitOrAssign for Mask {
    #[inline(always)]
    fn bitor_assign(&mut self, other: Mask) {
        self.0.iter_mut().zip(other.0).for_each(|(word, other)| *word |= other);
    }
}
