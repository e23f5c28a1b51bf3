//! Tokens and the client secret at rest: AES-256-GCM under a key that is kept
//! outside the database.
//!
//! Every write draws a new nonce from the system, and the place of a value
//! (scope and name) is authenticated with it, so that a row copied to another
//! place does not open. The client secret is a setting of the system level and
//! lives in [`super::config`]; it is sealed here.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use rusqlite::{OptionalExtension as _, params};

use super::component_state::{Expectation, Revision};
use super::stored::words;
use super::{Crm, CrmError, Scope};

/// Bytes of the key: AES-256.
const KEY_LENGTH: usize = 32;

/// The largest secret in bytes. The contract promises 64 KiB; tokens of
/// Microsoft have a few.
pub const SECRET_BYTES_MAX: usize = 64 * 1024;

/// Bytes that must not be shown. Its `Debug` form says only how many there are.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretBytes(Vec<u8>);

impl SecretBytes {
    /// Takes the bytes over.
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes themselves, for those who have to use them.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for SecretBytes {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "SecretBytes({} bytes)", self.0.len())
    }
}

words! {
    /// A secret that the component keeps for a scope.
    pub enum SecretName {
        /// The tokens of the connected account.
        AccountTokens = "account-tokens",
        /// The code verifier of a connection that is being made.
        PendingAuthorization = "pending-authorization",
    }
}

/// A secret and the number of its write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// The secret itself.
    pub value: SecretBytes,
    /// Counts its writes and deletions, from 1. It goes on after a deletion,
    /// so that whoever remembers an old number cannot meet it again.
    pub revision: Revision,
}

/// Why a secret was not written.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// It was changed meanwhile.
    #[error("expected the secret as it was read, but found that it was changed meanwhile")]
    ExpectationFailed,
    /// It is larger than [`SECRET_BYTES_MAX`].
    #[error("expected a secret of at most {SECRET_BYTES_MAX} bytes, but found {found}")]
    TooLarge {
        /// Its size in bytes.
        found: usize,
    },
    /// The CRM did not do its work.
    #[error(transparent)]
    Crm(#[from] CrmError),
}

impl From<rusqlite::Error> for SecretError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Crm(error.into())
    }
}

impl Crm {
    /// The secret of a scope, or none where there is none.
    ///
    /// # Errors
    /// The row does not open with the key, or the database fails.
    pub fn secret(&self, scope: &Scope, name: SecretName) -> Result<Option<Secret>, CrmError> {
        let row: Option<(Option<Vec<u8>>, i64)> = self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT sealed, revision FROM secret WHERE organization_id = ?1 AND user_id = ?2 AND name = ?3",
                )?
                .query_row(params![scope.organization, scope.user_key(), name], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()
        })?;
        let Some((Some(sealed), revision)) = row else {
            return Ok(None);
        };
        let value = self.key().open(&place(scope, name), &sealed)?;
        Ok(Some(Secret { value, revision: Revision::from_number(revision) }))
    }

    /// Replaces a secret in one atomic write, or deletes it where `value` is
    /// none.
    ///
    /// # Errors
    /// See [`SecretError`].
    pub fn put_secret(
        &self,
        scope: &Scope,
        name: SecretName,
        value: Option<&SecretBytes>,
        expect: Expectation,
    ) -> Result<(), SecretError> {
        let sealed = match value {
            Some(value) if value.0.len() > SECRET_BYTES_MAX => {
                return Err(SecretError::TooLarge { found: value.0.len() });
            }
            Some(value) => Some(self.key().seal(&place(scope, name), &value.0).map_err(CrmError::from)?),
            None => None,
        };
        self.write(|transaction| {
            let stored: Option<(bool, i64)> = transaction
                .prepare_cached(
                    "SELECT sealed IS NOT NULL, revision FROM secret
                     WHERE organization_id = ?1 AND user_id = ?2 AND name = ?3",
                )?
                .query_row(params![scope.organization, scope.user_key(), name], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let present = stored.and_then(|(there, revision)| there.then_some(Revision::from_number(revision)));
            if !expect.is_met_by(present) {
                return Err(SecretError::ExpectationFailed);
            }
            transaction
                .prepare_cached(
                    "INSERT INTO secret (organization_id, user_id, name, sealed, revision) VALUES (?1, ?2, ?3, ?4, 1)
                     ON CONFLICT DO UPDATE SET sealed = excluded.sealed, revision = revision + 1",
                )?
                .execute(params![scope.organization, scope.user_key(), name, sealed])?;
            Ok(())
        })
    }
}

/// What a cipher text of this scope and name is bound to.
fn place(scope: &Scope, name: SecretName) -> String {
    format!("secret/{}/{}/{name}", scope.organization, scope.user_key())
}

/// A secret could not be sealed or opened: another key, another place, or a
/// damaged row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a value sealed with this key at this place, but found another one")]
pub struct SealError;

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It cannot be read or written.
    #[error("the key file cannot be read or written")]
    Io(#[from] io::Error),
    /// It has another length than a key.
    #[error("expected a key of {KEY_LENGTH} bytes, but found {found}")]
    Length {
        /// What it has.
        found: usize,
    },
    /// It belongs to another database.
    #[error("expected the key of this database, but found another one")]
    OtherKey,
    /// The machine cannot make keys.
    #[error("expected random bytes from the system, but found none")]
    NoRandomness,
}

/// The key that secrets at rest are sealed with.
pub(crate) struct SealingKey(RandomizedNonceKey);

impl SealingKey {
    /// A key of its own, for a CRM that does not outlive the process.
    pub(crate) fn generate() -> Result<Self, SealError> {
        let mut bytes = [0_u8; KEY_LENGTH];
        aws_lc_rs::rand::fill(&mut bytes).map_err(|_| SealError)?;
        Self::of(&bytes)
    }

    fn of(bytes: &[u8; KEY_LENGTH]) -> Result<Self, SealError> {
        RandomizedNonceKey::new(&AES_256_GCM, bytes).map(Self).map_err(|_| SealError)
    }

    /// Reads the key file.
    pub(crate) fn load(path: &Path) -> Result<Self, KeyFileError> {
        let mut bytes = Vec::with_capacity(KEY_LENGTH);
        // One byte more than a key shows that the file is longer than one.
        File::open(path)?.take(KEY_LENGTH as u64 + 1).read_to_end(&mut bytes)?;
        let key =
            <[u8; KEY_LENGTH]>::try_from(bytes.as_slice()).map_err(|_| KeyFileError::Length { found: bytes.len() })?;
        Self::of(&key).map_err(|_| KeyFileError::OtherKey)
    }

    /// Reads the key file, or makes one that only its owner may read.
    pub(crate) fn load_or_create(path: &Path) -> Result<Self, KeyFileError> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(path) {
            Ok(mut file) => {
                let mut bytes = [0_u8; KEY_LENGTH];
                aws_lc_rs::rand::fill(&mut bytes).map_err(|_| KeyFileError::NoRandomness)?;
                file.write_all(&bytes)?;
                file.sync_all()?;
                Self::of(&bytes).map_err(|_| KeyFileError::OtherKey)
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Self::load(path),
            Err(error) => Err(error.into()),
        }
    }

    /// Encrypts `plain` for `place`: nonce, cipher text and tag.
    pub(crate) fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut text = plain.to_vec();
        let nonce = self.0.seal_in_place_append_tag(Aad::from(place.as_bytes()), &mut text).map_err(|_| SealError)?;
        let mut sealed = nonce.as_ref().to_vec();
        sealed.append(&mut text);
        Ok(sealed)
    }

    /// Decrypts what [`Self::seal`] made for the same place.
    pub(crate) fn open(&self, place: &str, sealed: &[u8]) -> Result<SecretBytes, SealError> {
        let (nonce, text) = sealed.split_at_checked(NONCE_LEN).ok_or(SealError)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError)?;
        let mut text = text.to_vec();
        let plain = self.0.open_in_place(nonce, Aad::from(place.as_bytes()), &mut text).map_err(|_| SealError)?;
        Ok(SecretBytes(plain.to_vec()))
    }
}

#[cfg(test)]
mod tests;
