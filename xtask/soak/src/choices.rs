//! Where decisions come from: a seed, or the bytes that a fuzzer or a property test gives.

/// A row of decisions. The same seed or bytes give the same row.
#[derive(Clone, Debug)]
pub struct Choices<'b> {
    state: u64,
    bytes: Option<&'b [u8]>,
}

impl<'b> Choices<'b> {
    /// Endless pseudo-random decisions.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self {
            state: seed,
            bytes: None,
        }
    }

    /// One decision a byte. When they are spent, every decision is for the first, simplest possibility: fewer bytes make
    /// smaller things, which is what a shrinking property test needs.
    #[must_use]
    pub fn from_bytes(bytes: &'b [u8]) -> Self {
        Self {
            state: 0,
            bytes: Some(bytes),
        }
    }

    /// The next number of the row.
    pub fn number(&mut self) -> u64 {
        if let Some(bytes) = &mut self.bytes {
            let (first, rest) = bytes.split_first().unwrap_or((&0, &[]));
            *bytes = rest;
            return u64::from(*first);
        }
        // SplitMix64 (Steele, Lea, Flood 2014).
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `count`; 0 when `count` is 0.
    pub fn below(&mut self, count: usize) -> usize {
        let count = u64::try_from(count).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.number() % count).unwrap_or(0)
    }

    /// Yes, that often out of a hundred times.
    pub fn chance(&mut self, percent: usize) -> bool {
        // Spent bytes mean no.
        self.below(100) >= 100 - percent.min(100)
    }

    /// One of these; `None` only of none.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let at = self.below(list.len());
        list.get(at)
    }

    /// One of these texts.
    pub fn word(&mut self, list: &[&'static str]) -> &'static str {
        self.pick(list).copied().unwrap_or_default()
    }
}
