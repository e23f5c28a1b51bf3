//! Proof Key for Code Exchange, method S256 (RFC 7636).
//!
//! Ties the code that comes back to the one who asked for it: whoever steals the
//! code from the redirect lacks the verifier.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::Secret;

/// Random bytes of a verifier or a state: 256 bits, as RFC 7636, section 7.1
/// recommends; 43 characters as base64url.
pub const RANDOM_BYTES: usize = 32;

/// `code_challenge_method`.
pub const METHOD: &str = "S256";

/// Bytes as base64url without padding.
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// SHA-256 of a text as base64url: a challenge, or a stored fingerprint.
pub fn fingerprint(text: &str) -> String {
    base64url(&Sha256::digest(text.as_bytes()))
}

/// The verifier made of random bytes.
pub fn verifier(random: &[u8]) -> Secret {
    Secret::from_text(base64url(random))
}

/// The challenge of a verifier's text.
pub fn challenge(verifier: &str) -> String {
    fingerprint(verifier)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verifier_and_challenge_are_those_of_rfc_7636_appendix_b() {
        let random = [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214, 191,
            240, 91, 88, 5, 88, 83, 132, 141, 121,
        ];
        assert_eq!(random.len(), RANDOM_BYTES);
        let verifier = verifier(&random);
        let text = verifier.expose_text().unwrap_or_default();
        assert_eq!(text, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge(text), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
