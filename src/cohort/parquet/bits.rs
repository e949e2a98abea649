//! Bits and small numbers as Parquet packs them: runs of one value, and groups of eight side by side.
//!
//! In: bytes. Out: words of sixty-four bits, keys.
//!
//! Whatever does not look as it should is nothing here; another reader then says what is wrong with it.

use bytes::Bytes;

/// Bits in words of sixty-four, the first in the lowest place.
#[derive(Debug, Default)]
pub struct Bits {
    words: Vec<u64>,
    count: usize,
}

impl Bits {
    /// No bits yet, and room for some.
    pub fn with_room_for(count: usize) -> Self {
        Bits {
            words: Vec::with_capacity(count.div_ceil(64) + 1),
            ..Bits::default()
        }
    }

    /// How many bits there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// How many of them are set from a place on.
    pub fn ones_from(&self, at: usize) -> usize {
        let words = self.words.get(at / 64..).unwrap_or_default();
        let before = words.first().map_or(0, |first| (first & !(!0 << (at % 64))).count_ones());
        words.iter().map(|word| word.count_ones() as usize).sum::<usize>() - before as usize
    }

    /// The words; what lies behind the last bit is zero.
    pub fn into_words(self) -> Vec<u64> {
        self.words
    }

    // INVARIANT: at most sixty-four, and none is set behind them.
    fn push(&mut self, bits: u64, count: usize) {
        let at = self.count % 64;
        match self.words.last_mut() {
            Some(last) if at != 0 => {
                *last |= bits << at;
                if at + count > 64 {
                    self.words.push(bits >> (64 - at));
                }
            }
            _ => self.words.push(bits),
        }
        self.count += count;
    }

    /// Adds so many times the same bit.
    pub fn same(&mut self, bit: bool, count: usize) {
        let mut left = count;
        while left > 0 {
            let some = left.min(64);
            self.push(if bit { lowest(some) } else { 0 }, some);
            left -= some;
        }
    }

    /// Adds bits from a place in bytes on; false where there are not so many.
    pub fn packed(&mut self, bytes: &[u8], at: usize, count: usize) -> bool {
        if at + count > bytes.len() * 8 {
            return false;
        }
        let mut done = 0;
        if at.is_multiple_of(8) {
            done = self.whole(bytes.get(at / 8..(at + count) / 8).unwrap_or_default());
        }
        while done < count {
            let from = at + done;
            let some = (count - done).min(64 - from % 8);
            self.push(eight(bytes, from / 8) >> (from % 8) & lowest(some), some);
            done += some;
        }
        true
    }

    /// Adds bits by sixty-four; gives how many there were.
    fn whole(&mut self, bytes: &[u8]) -> usize {
        let (eights, _) = bytes.as_chunks::<8>();
        let at = self.count % 64;
        if at == 0 {
            self.words.extend(eights.iter().map(|eight| u64::from_le_bytes(*eight)));
        } else if let Some(begun) = self.words.pop() {
            // What does not fit into a word begins the next one.
            let mut begun = begun;
            self.words.extend(eights.iter().map(|eight| {
                let bits = u64::from_le_bytes(*eight);
                let word = begun | bits << at;
                begun = bits >> (64 - at);
                word
            }));
            self.words.push(begun);
        }
        self.count += 64 * eights.len();
        64 * eights.len()
    }

    /// Sixty-four bits from a place on.
    pub fn word(&self, at: usize) -> u64 {
        let of = |index: usize| self.words.get(index).copied().unwrap_or(0);
        match at % 64 {
            0 => of(at / 64),
            shift => of(at / 64) >> shift | of(at / 64 + 1) << (64 - shift),
        }
    }
}

/// A word with the lowest bits set, one to sixty-four of them.
fn lowest(count: usize) -> u64 {
    !0 >> (64 - count)
}

/// Eight bytes from a place on as a word; what lies behind the end is zero.
fn eight(bytes: &[u8], at: usize) -> u64 {
    if let Some(Ok(whole)) = bytes.get(at..at + 8).map(<[u8; 8]>::try_from) {
        return u64::from_le_bytes(whole);
    }
    let mut near = [0; 8];
    let rest = bytes.get(at..).unwrap_or_default();
    near.iter_mut().zip(rest).for_each(|(slot, byte)| *slot = *byte);
    u64::from_le_bytes(near)
}

/// Runs of one value and groups of eight packed side by side, as Parquet mixes them.
#[derive(Debug)]
pub struct Runs {
    bytes: Bytes,
    at: usize,
    width: usize,
    run: Run,
}

#[derive(Debug, Clone, Copy)]
enum Run {
    Same {
        value: u32,
        left: usize,
    },
    /// From this bit on.
    Packed {
        bit: usize,
        left: usize,
    },
}

impl Runs {
    /// Values of so many bits, at most 32.
    pub fn new(bytes: Bytes, width: usize) -> Option<Self> {
        (width <= 32).then_some(Runs {
            bytes,
            at: 0,
            width,
            run: Run::Same { value: 0, left: 0 },
        })
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = self.bytes.get(self.at).copied()?;
        self.at += 1;
        Some(byte)
    }

    fn next_run(&mut self) -> Option<()> {
        let (mut head, mut shift) = (0_u64, 0);
        loop {
            let byte = self.byte()?;
            head |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                break;
            }
            if shift > 35 {
                return None;
            }
        }
        let count = usize::try_from(head >> 1).ok()?;
        if head & 1 == 1 {
            let end = self.at.checked_add(count.checked_mul(self.width)?)?;
            if end > self.bytes.len() {
                return None;
            }
            self.run = Run::Packed {
                bit: self.at * 8,
                left: count * 8,
            };
            self.at = end;
        } else {
            let mut value = [0; 4];
            for slot in value.iter_mut().take(self.width.div_ceil(8)) {
                *slot = self.byte()?;
            }
            self.run = Run::Same {
                value: u32::from_le_bytes(value),
                left: count,
            };
        }
        Some(())
    }

    /// Takes so many values of one bit.
    pub fn bits(&mut self, count: usize, bits: &mut Bits) -> Option<()> {
        let mut wanted = count;
        while wanted > 0 {
            match &mut self.run {
                Run::Same { left: 0, .. } | Run::Packed { left: 0, .. } => self.next_run()?,
                Run::Same { value, left } => {
                    let some = wanted.min(*left);
                    bits.same(*value == 1, some);
                    *left -= some;
                    wanted -= some;
                }
                Run::Packed { bit, left } => {
                    let some = wanted.min(*left);
                    if !bits.packed(&self.bytes, *bit, some) {
                        return None;
                    }
                    *bit += some;
                    *left -= some;
                    wanted -= some;
                }
            }
        }
        Some(())
    }

    /// Takes so many values.
    pub fn keys(&mut self, count: usize, keys: &mut Vec<u32>) -> Option<()> {
        let mut wanted = count;
        let width = self.width;
        // The width is at most 32, and so is the value.
        let mask = (1_u64 << width) - 1;
        let narrow = |word: u64| u32::try_from(word & mask).unwrap_or(u32::MAX);
        while wanted > 0 {
            match &mut self.run {
                Run::Same { left: 0, .. } | Run::Packed { left: 0, .. } => self.next_run()?,
                Run::Same { value, left } => {
                    let some = wanted.min(*left);
                    keys.resize(keys.len() + some, *value);
                    *left -= some;
                    wanted -= some;
                }
                Run::Packed { bit, left } => {
                    let some = wanted.min(*left);
                    let mut done = 0;
                    while done < some {
                        let word = eight(&self.bytes, *bit / 8);
                        if width <= 8 && *bit % 8 == 0 && some - done >= 8 {
                            let mut near = [0; 8];
                            for (place, slot) in near.iter_mut().enumerate() {
                                *slot = narrow(word >> (place * width));
                            }
                            keys.extend_from_slice(&near);
                            done += 8;
                            *bit += 8 * width;
                        } else {
                            keys.push(narrow(word >> (*bit % 8)));
                            done += 1;
                            *bit += width;
                        }
                    }
                    *left -= some;
                    wanted -= some;
                }
            }
        }
        Some(())
    }
}
