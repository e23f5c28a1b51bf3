//! The key that signs tokens, and JSON web tokens signed with it.
//!
//! The library cannot make a key from a seed, so the key is the one part of
//! the emulator that differs between equal runs. Nothing that is compared
//! byte by byte may depend on it; tokens are opaque to clients anyway.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{self, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// The signing key cannot be made, read or used.
#[derive(Debug, Error)]
#[error("the token signing key cannot be {action}")]
pub struct KeyError {
    /// What failed: `made`, `read`, `written` or `used`.
    pub action: &'static str,
}

#[cfg(test)]
thread_local! {
    /// How many signatures were verified by this thread.
    pub(crate) static VERIFIED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// States in memory share one key per process, because making one takes
/// longer than a whole simulated run.
static SHARED: OnceLock<Arc<KeyPair>> = OnceLock::new();

/// Where the two numbers lie in the DER form of a 2048-bit public key with the
/// usual exponent (RFC 8017, A.1.1): all lengths in it are fixed.
const MODULUS: std::ops::Range<usize> = 9..265;
const EXPONENT: std::ops::RangeFrom<usize> = 267..;

/// A lazily made RSA key of 2048 bits.
#[derive(Clone, Debug, Default)]
pub(crate) struct SigningKey {
    own: Option<Arc<KeyPair>>,
}

impl SigningKey {
    /// A key of its own, from its stored form.
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, KeyError> {
        let pair = KeyPair::from_pkcs8(bytes).map_err(|_| KeyError { action: "read" })?;
        Ok(Self { own: Some(Arc::new(pair)) })
    }

    /// A new key of its own, and its stored form.
    pub fn generate() -> Result<(Self, Vec<u8>), KeyError> {
        let pair = make()?;
        let der: Pkcs8V1Der<'static> = pair.as_der().map_err(|_| KeyError { action: "written" })?;
        Ok((Self { own: Some(Arc::new(pair)) }, der.as_ref().to_vec()))
    }

    fn pair(&self) -> Result<Arc<KeyPair>, KeyError> {
        if let Some(pair) = self.own.as_ref().or_else(|| SHARED.get()) {
            return Ok(Arc::clone(pair));
        }
        let pair = Arc::new(make()?);
        Ok(Arc::clone(SHARED.get_or_init(|| pair)))
    }

    /// The public half as a JSON web key.
    pub fn jwk(&self) -> Result<Value, KeyError> {
        let pair = self.pair()?;
        let der = pair.public_key().as_ref();
        let modulus = URL_SAFE_NO_PAD.encode(der.get(MODULUS).ok_or(KeyError { action: "read" })?);
        let exponent = URL_SAFE_NO_PAD.encode(der.get(EXPONENT).ok_or(KeyError { action: "read" })?);
        Ok(json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid(&pair), "n": modulus, "e": exponent }))
    }

    /// A signed token with these claims.
    pub fn sign(&self, claims: &Value) -> Result<String, KeyError> {
        let pair = self.pair()?;
        let header = json!({ "typ": "JWT", "alg": "RS256", "kid": kid(&pair) });
        let signed = format!("{}.{}", encode(&header), encode(claims));
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&signature::RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .map_err(|_| KeyError { action: "used" })?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// The claims of a token that this key signed; `None` for any other text.
    pub fn verify(&self, token: &str) -> Option<Value> {
        #[cfg(test)]
        VERIFIED.set(VERIFIED.get() + 1);
        let (signed, signature) = token.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let pair = self.pair().ok()?;
        UnparsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref())
            .verify(signed.as_bytes(), &signature)
            .ok()?;
        let (_, claims) = signed.split_once('.')?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }
}

fn make() -> Result<KeyPair, KeyError> {
    KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError { action: "made" })
}

fn kid(pair: &KeyPair) -> String {
    let digest = Sha256::digest(pair.public_key().as_ref());
    URL_SAFE_NO_PAD.encode(digest.get(..20).unwrap_or_default())
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}
