//! Structured input out of the fuzzer's bytes.
//!
//! The same bytes always draw the same, and a byte that changes changes little:
//! the fuzzer can climb. Bytes that are used up draw the first of everything.

use libfuzzer_sys::arbitrary::Unstructured;

/// Letters and signs that mean something somewhere: to HTML, to JSON, to URLs,
/// to lines, and to those who compare texts without regard to case.
const PIECES: [&str; 32] = [
    "a", "B", " ", "\n", "\r\n", "\t", "<", ">", "&", "\"", "'", "\\", "/", ":", ";", ",", "@", "%41", "=", "\u{0}",
    "\u{7f}", "\u{a0}", "ß", "İ", "é", "\u{301}", "漢", "🦀", "\u{202e}", "\u{feff}", "*", "0",
];

/// Draws from the bytes of one input.
pub struct Draw<'a> {
    bytes: Unstructured<'a>,
}

impl<'a> Draw<'a> {
    /// From these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes: Unstructured::new(bytes) }
    }

    /// A number below 256.
    pub fn byte(&mut self) -> u8 {
        self.bytes.arbitrary().unwrap_or_default()
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()) % limit.max(1)
    }

    /// Any number.
    pub fn number(&mut self) -> i64 {
        match self.below(6) {
            0 => i64::from(self.byte()),
            1 => -i64::from(self.byte()),
            2 => self.bytes.arbitrary().unwrap_or_default(),
            3 => i64::from(i32::MAX),
            4 => i64::from(i32::MIN),
            _ => i64::MAX,
        }
    }

    /// Whether something happens, `in_16` times of sixteen.
    pub fn chance(&mut self, in_16: u8) -> bool {
        self.byte() % 16 < in_16
    }

    /// One of these.
    pub fn one_of<T: Copy>(&mut self, these: &[T]) -> T {
        these[self.below(these.len())]
    }

    /// A text of a few pieces.
    pub fn text(&mut self) -> String {
        let pieces = self.below(12);
        (0..pieces).map(|_| self.one_of(&PIECES)).collect()
    }

    /// One of these texts, or another one.
    pub fn text_like(&mut self, these: &[&str]) -> String {
        if self.chance(2) { self.text() } else { self.one_of(these).to_owned() }
    }

    /// What is left, as text.
    pub fn rest(&mut self) -> String {
        let length = self.bytes.len();
        String::from_utf8_lossy(self.bytes.bytes(length).unwrap_or_default()).into_owned()
    }
}
