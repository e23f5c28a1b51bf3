//! Compiled components on disk.
//!
//! Loading compiled code means trusting the file: whoever can write it can run
//! anything. The directory is therefore the owner's alone, or the cache is not
//! used. A damaged entry is compiled anew. Next: [`super::contract`].

use std::hash::{Hash as _, Hasher};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest as _, Sha256};
use wasmtime::component::Component;

use super::component::hexadecimal;
use super::engine::PluginEngine;

/// Length of the checksum in front of the code, in bytes.
const CHECKSUM_BYTES: usize = 32;

/// Why a directory is not used as a cache.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// It cannot be made or read.
    #[error("the cache directory `{}` cannot be used: {source}", .path.display())]
    Unusable {
        /// Which directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Others than the owner of this process could put code into it.
    #[error("expected the cache directory `{}` to belong to this user alone, but found that others can write to it", .path.display())]
    NotPrivate {
        /// Which directory.
        path: PathBuf,
    },
    /// The system does not say who may write.
    #[error("expected a system with file permissions, but found none")]
    NoPermissions,
}

/// A directory of compiled components.
#[derive(Clone, Debug)]
pub struct CompiledCache {
    directory: PathBuf,
}

impl CompiledCache {
    /// Uses `directory`, and makes it with access for the owner alone where it
    /// does not exist.
    ///
    /// # Errors
    /// Where it cannot be used, or is not private. Callers go on without a
    /// cache.
    pub fn open(directory: &Path) -> Result<Self, CacheError> {
        private::ensure(directory)?;
        Ok(Self { directory: directory.to_owned() })
    }

    /// The component with this digest, if it was compiled before by an equal
    /// engine. Anything wrong with the entry counts as absent.
    pub(crate) fn get(&self, engine: &PluginEngine, digest: &[u8; 32]) -> Option<Component> {
        // Permissions may have changed since `open`.
        private::check(&self.directory).ok()?;
        let path = self.entry(engine, digest);
        let stored = std::fs::read(&path).ok()?;
        let (checksum, code) = stored.split_at_checked(CHECKSUM_BYTES)?;
        if Sha256::digest(code).as_slice() != checksum {
            tracing::warn!("a damaged compiled component was found and is replaced");
            return None;
        }
        match deserialize(engine, code) {
            Ok(component) => Some(component),
            Err(error) => {
                tracing::warn!(%error, "a compiled component could not be loaded and is replaced");
                None
            }
        }
    }

    /// Keeps compiled code. A cache that cannot be written is only slower, so
    /// failures are logged.
    pub(crate) fn put(&self, engine: &PluginEngine, digest: &[u8; 32], code: &[u8]) {
        let mut stored = Sha256::digest(code).to_vec();
        stored.extend_from_slice(code);
        if let Err(error) = self.replace(&self.entry(engine, digest), &stored) {
            tracing::warn!(%error, "the compiled component was not cached");
        }
    }

    /// Writes beside and renames, so that no reader sees half an entry.
    fn replace(&self, path: &Path, contents: &[u8]) -> std::io::Result<()> {
        static WRITES: AtomicU64 = AtomicU64::new(0);
        let number = WRITES.fetch_add(1, Ordering::Relaxed);
        let draft = self.directory.join(format!("draft-{}-{number}", std::process::id()));
        std::fs::write(&draft, contents)?;
        std::fs::rename(&draft, path)
    }

    /// The key: what was compiled, and by what.
    pub(crate) fn entry(&self, engine: &PluginEngine, digest: &[u8; 32]) -> PathBuf {
        let mut key = KeyHasher(Sha256::new_with_prefix(digest));
        engine.wasmtime().precompile_compatibility_hash().hash(&mut key);
        self.directory.join(format!("{}.cwasm", hexadecimal(&key.0.finalize())))
    }
}

#[allow(unsafe_code, reason = "wasmtime offers no safe way to load compiled code")]
fn deserialize(engine: &PluginEngine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: the bytes are what `Component::serialize` gave this user: the
    // directory is writable by nobody else (checked at `open` and before each
    // read), and the checksum shows that the file is complete. wasmtime itself
    // refuses code of another version or configuration.
    unsafe { Component::deserialize(engine.wasmtime(), code) }
}

/// Feeds what is hashed into SHA-256, whose result, other than that of the
/// standard hasher, means the same in the next version of this program.
struct KeyHasher(Sha256);

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest: [u8; 32] = self.0.clone().finalize().into();
        digest.iter().take(8).fold(0, |number, &byte| number << 8 | u64::from(byte))
    }
}

#[cfg(unix)]
mod private {
    use std::fs::{DirBuilder, OpenOptions};
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
    use std::path::Path;

    use super::CacheError;

    /// Read, write and enter for the owner, nothing for others.
    const OWNER_ONLY: u32 = 0o700;
    /// Write permission of group and others.
    const WRITE_BY_OTHERS: u32 = 0o022;

    pub(super) fn ensure(directory: &Path) -> Result<(), CacheError> {
        let unusable = |source| CacheError::Unusable { path: directory.to_owned(), source };
        DirBuilder::new().recursive(true).mode(OWNER_ONLY).create(directory).map_err(unusable)?;
        // Whom this process's files belong to, the file system says best.
        let probe = directory.join(format!("owner-{}", std::process::id()));
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&probe);
        let owner = file.and_then(|file| file.metadata()).map(|metadata| metadata.uid()).map_err(unusable)?;
        // A probe that stays behind is empty and does no harm.
        drop(std::fs::remove_file(&probe));
        let metadata = std::fs::metadata(directory).map_err(unusable)?;
        if metadata.uid() == owner { check(directory) } else { Err(not_private(directory)) }
    }

    pub(super) fn check(directory: &Path) -> Result<(), CacheError> {
        let unusable = |source| CacheError::Unusable { path: directory.to_owned(), source };
        let mode = std::fs::metadata(directory).map_err(unusable)?.mode();
        if mode & WRITE_BY_OTHERS == 0 { Ok(()) } else { Err(not_private(directory)) }
    }

    fn not_private(directory: &Path) -> CacheError {
        CacheError::NotPrivate { path: directory.to_owned() }
    }
}

#[cfg(not(unix))]
mod private {
    use std::path::Path;

    use super::CacheError;

    pub(super) fn ensure(_directory: &Path) -> Result<(), CacheError> {
        Err(CacheError::NoPermissions)
    }

    pub(super) fn check(_directory: &Path) -> Result<(), CacheError> {
        Err(CacheError::NoPermissions)
    }
}
