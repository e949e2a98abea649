//! Words of sixty-four bits, one for each row.
//!
//! In: bytes and bits. Out: words.

use wide::u8x16;

/// The places among sixty-four bytes where one stands.
#[inline]
pub fn places(bytes: &[u8; 64], wanted: u8) -> u64 {
    let wanted = u8x16::splat(wanted);
    gathered(bytes, |sixteen| sixteen.simd_eq(wanted))
}

/// One bit of each of sixty-four bytes.
#[inline]
pub fn plane(bytes: &[u8; 64], bit: u8) -> u64 {
    let bit = u8x16::splat(bit);
    gathered(bytes, |sixteen| (sixteen & bit).simd_eq(bit))
}

/// The highest bit of each of sixty-four bytes, once something was made of them.
#[inline]
fn gathered(bytes: &[u8; 64], made: impl Fn(u8x16) -> u8x16) -> u64 {
    let (sixteens, _) = bytes.as_chunks::<16>();
    let bits = |sixteen: &[u8; 16]| u64::from(made(u8x16::new(*sixteen)).to_bitmask());
    sixteens.iter().rev().fold(0, |word, sixteen| word << 16 | bits(sixteen))
}

/// For each byte of places, and each byte of bits: the bits put into these places, the lowest into the lowest.
static SPREAD: [[u8; 256]; 256] = spread_bytes();

#[expect(
    clippy::indexing_slicing,
    reason = "the compiler evaluates this, and refuses an index out of bounds"
)]
const fn spread_bytes() -> [[u8; 256]; 256] {
    let mut table = [[0_u8; 256]; 256];
    let mut places = 1;
    while places < 256 {
        let without_lowest = places & (places - 1);
        let lowest = places ^ without_lowest;
        let mut bits = 0;
        while bits < 256 {
            let first = if bits & 1 == 1 { lowest } else { 0 };
            table[places][bits] = table[without_lowest][bits >> 1] | first.to_le_bytes()[0];
            bits += 1;
        }
        places += 1;
    }
    table
}

/// The lowest bits put into the places that are set, the lowest into the lowest.
pub fn spread(bits: u64, places: u64) -> u64 {
    // How many places there are in each byte and those before it.
    let pairs = places - (places >> 1 & 0x5555_5555_5555_5555);
    let fours = (pairs & 0x3333_3333_3333_3333) + (pairs >> 2 & 0x3333_3333_3333_3333);
    let counts = (fours + (fours >> 4)) & 0x0f0f_0f0f_0f0f_0f0f;
    let before = (counts.wrapping_mul(0x0101_0101_0101_0101) << 8).to_le_bytes();
    let counts = counts.to_le_bytes();
    let mut spread = [0; 8];
    let each = places.to_le_bytes().into_iter().zip(before.into_iter().zip(counts));
    for (slot, (places, (before, count))) in spread.iter_mut().zip(each) {
        // Of the table only what belongs to so many places is touched, which stays near the processor.
        let [bits, ..] = (bits >> (before % 64) & !(!0 << count)).to_le_bytes();
        let of_places = SPREAD.get(usize::from(places));
        *slot = of_places.and_then(|of| of.get(usize::from(bits))).copied().unwrap_or(0);
    }
    u64::from_le_bytes(spread)
}
