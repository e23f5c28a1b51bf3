//! A small generator of numbers: one seed, one history.

/// `SplitMix64`. Not the generator of the emulators and the component: a history
/// must not change because one of them draws another number.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The same numbers for the same seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    /// A number below `end`; 0 where there is none.
    pub fn below(&mut self, end: u32) -> u32 {
        u32::try_from(self.next() % u64::from(end.max(1))).unwrap_or(0)
    }

    /// Once in so many times.
    pub fn once_in(&mut self, times: u32) -> bool {
        self.below(times) == 0
    }

    /// One of these.
    pub fn one_of<T: Copy, const COUNT: usize>(&mut self, choices: [T; COUNT]) -> T {
        const { assert!(COUNT > 0, "something has to be there to choose from") };
        let at = usize::try_from(self.next() % u64::try_from(COUNT).unwrap_or(1)).unwrap_or(0);
        // The remainder is smaller than the length.
        *choices.get(at).unwrap_or(&choices[0])
    }

    /// One of these; none of an empty list.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        let at = self.below(u32::try_from(choices.len()).unwrap_or(u32::MAX));
        choices.get(at as usize)
    }
}
