//! Randomness that one seed reproduces: what identifiers of new records are
//! made of.
//!
//! Not for secrets. Encryption draws its keys and nonces from the system
//! alone, because a repeated seed must never repeat a nonce (see
//! [`super::secrets`]).

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;
use sha2::{Digest as _, Sha256};

/// A shared generator. Clones draw from the same one.
#[derive(Clone)]
pub struct Randomness {
    generator: Arc<Mutex<ChaCha20Rng>>,
}

/// The system has no randomness to give.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("expected random bytes from the system, but found none")]
pub struct NoSystemRandomness;

impl Randomness {
    /// The same numbers for the same seed.
    pub fn seeded(seed: u64) -> Self {
        Self::with(ChaCha20Rng::seed_from_u64(seed))
    }

    /// Numbers that nobody can foresee.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn system() -> Result<Self, NoSystemRandomness> {
        let mut seed = [0_u8; 32];
        aws_lc_rs::rand::fill(&mut seed).map_err(|_| NoSystemRandomness)?;
        Ok(Self::with(ChaCha20Rng::from_seed(seed)))
    }

    fn with(generator: ChaCha20Rng) -> Self {
        Self { generator: Arc::new(Mutex::new(generator)) }
    }

    /// Another generator, which will draw what this one would have drawn.
    pub(crate) fn fork(&self) -> Self {
        Self::with(self.generator.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// The next 16 bytes.
    pub(crate) fn bytes(&self) -> [u8; 16] {
        let mut bytes = [0_u8; 16];
        self.generator.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
        bytes
    }
}

/// A version 4 UUID (RFC 9562) from random bytes and a number that never
/// returns, so that a seed that is used again on an old database does not lead
/// to the same identifiers again.
pub(crate) fn uuid_random(random: [u8; 16], salt: i64) -> String {
    let mut hash = Sha256::new();
    hash.update(random);
    hash.update(salt.to_be_bytes());
    uuid_text(&hash.finalize(), 4)
}

/// A version 8 UUID (RFC 9562) that always is the same for the same text: the
/// short name of an identifier that is too long for its column.
pub(crate) fn uuid_of_text(text: &str) -> String {
    uuid_text(&Sha256::digest(text.as_bytes()), 8)
}

fn uuid_text(hash: &[u8], version: u8) -> String {
    let mut text = String::with_capacity(36);
    for (position, byte) in hash.iter().take(16).enumerate() {
        if matches!(position, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let byte = match position {
            6 => (byte & 0x0f) | (version << 4),
            8 => (byte & 0x3f) | 0x80,
            _ => *byte,
        };
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_reproduces_the_bytes() {
        assert_eq!(Randomness::seeded(7).bytes(), Randomness::seeded(7).bytes());
        assert_ne!(Randomness::seeded(7).bytes(), Randomness::seeded(8).bytes());
    }

    #[test]
    fn the_same_bytes_with_another_salt_are_another_uuid() {
        let one = uuid_random([1; 16], 1);
        assert_eq!(one.len(), 36);
        assert_eq!(one.as_bytes().get(14), Some(&b'4'));
        assert_ne!(one, uuid_random([1; 16], 2));
    }

    #[test]
    fn a_text_has_one_uuid() {
        assert_eq!(uuid_of_text("a"), uuid_of_text("a"));
        assert_ne!(uuid_of_text("a"), uuid_of_text("b"));
    }
}
