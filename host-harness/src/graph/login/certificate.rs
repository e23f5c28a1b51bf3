//! The certificates of applications (entra/identity-platform/certificate-credentials).
//!
//! What is kept of one is what an assertion is compared with: thumbprints, the
//! key, and until when it is good. Nobody has to have signed it.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use x509_cert::Certificate as X509;
use x509_cert::der::Decode as _;
use x509_cert::der::oid::ObjectIdentifier;

/// The kind of key that assertions are signed with.
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// What encloses the DER of a certificate in a PEM file.
const PEM_BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const PEM_END: &str = "-----END CERTIFICATE-----";

/// A certificate that an application registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Certificate {
    /// SHA-1 of the certificate, in base64url as `x5t` has it.
    pub thumbprint_sha1: String,
    /// SHA-256 of the certificate, in base64url as `x5t#S256` has it.
    pub thumbprint_sha256: String,
    /// The RSA key in the form of RFC 8017, A.1.1, in base64.
    key: String,
    pub not_before: DateTime<Utc>,
    pub not_after: DateTime<Utc>,
}

impl Certificate {
    /// Reads a certificate in PEM, or its DER in base64; `None` for anything
    /// that is not one with an RSA key.
    pub fn read(text: &str) -> Option<Self> {
        let body = match text.split_once(PEM_BEGIN) {
            Some((_, rest)) => rest.split_once(PEM_END)?.0,
            None => text,
        };
        let body: String = body.split_whitespace().collect();
        let der = STANDARD.decode(body).ok()?;
        let certificate = X509::from_der(&der).ok()?;
        let content = certificate.tbs_certificate();
        let key = content.subject_public_key_info();
        if key.algorithm.oid != RSA {
            return None;
        }
        let instant = |time: x509_cert::time::Time| {
            DateTime::from_timestamp(i64::try_from(time.to_unix_duration().as_secs()).ok()?, 0)
        };
        Some(Self {
            thumbprint_sha1: URL_SAFE_NO_PAD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &der)),
            thumbprint_sha256: URL_SAFE_NO_PAD.encode(Sha256::digest(&der)),
            key: STANDARD.encode(key.subject_public_key.as_bytes()?),
            not_before: instant(content.validity().not_before)?,
            not_after: instant(content.validity().not_after)?,
        })
    }

    /// The key, as signatures are checked with it.
    pub fn key(&self) -> Vec<u8> {
        STANDARD.decode(&self.key).unwrap_or_default()
    }
}
