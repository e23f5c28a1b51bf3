//! From bytes to a compiled component, with a clear answer for every file that
//! is something else.
//!
//! Does not link and does not run anything. Next: [`super::cache`], then
//! [`super::instance`].

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use wasmtime::component::Component;

use super::cache::CompiledCache;
use super::contract::{Contract, ContractError, Surface};
use super::engine::PluginEngine;

/// Size of a component file, in bytes. Compiling takes memory in proportion;
/// components of this kind are below 2 MiB.
pub const COMPONENT_BYTES_MAX: u64 = 64 << 20;

/// First bytes of every WebAssembly binary.
const MAGIC: &[u8; 4] = b"\0asm";
/// The version and layer that follow in a core module.
const CORE_LAYER: [u8; 4] = [1, 0, 0, 0];
/// The layer of a component; the version in front of it may change.
const COMPONENT_LAYER: [u8; 2] = [1, 0];

/// Why a component was not loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("the plugin file `{}` cannot be read: {source}", .path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is larger than any component that makes sense.
    #[error("expected a plugin file of at most {COMPONENT_BYTES_MAX} bytes, but found {found}")]
    TooLarge {
        /// Its size in bytes.
        found: u64,
    },
    /// The file is a core module.
    #[error("expected a WebAssembly component, but found a core WebAssembly module")]
    CoreModule,
    /// The file is WebAssembly text.
    #[error("expected a WebAssembly component, but found WebAssembly text")]
    Text,
    /// The file is something else.
    #[error("expected a WebAssembly component, but found a file of another kind")]
    NotWebAssembly,
    /// The file begins like a component, and goes on wrongly.
    #[error("expected a complete WebAssembly component, but found a damaged one: {reason}")]
    Damaged {
        /// What the parser says.
        reason: String,
    },
    /// The component does not fit this host.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// The compiler refuses it.
    #[error("the component cannot be compiled: {reason}")]
    Compile {
        /// What the compiler says.
        reason: String,
    },
    /// Its interfaces have the right names and other types.
    #[error("the component does not fit the host's interfaces: {reason}")]
    Link {
        /// What the linker says.
        reason: String,
    },
}

impl LoadError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Read { .. } => "check the path and that the file may be read",
            Self::TooLarge { .. } | Self::NotWebAssembly => "give the .wasm file that was built for wasm32-wasip2",
            Self::CoreModule => "build it for the target wasm32-wasip2, which makes a component",
            Self::Text => "convert the text into a binary component first",
            Self::Damaged { .. } => "copy or build the file again",
            Self::Contract(ContractError::OtherVersion { .. }) | Self::Link { .. } => {
                "use a plugin that was built for this version of the contract, or update the host"
            }
            Self::Contract(ContractError::UnknownImport { .. } | ContractError::MissingExport { .. }) => {
                "use a plugin that was built for this host"
            }
            Self::Compile { .. } => "build the plugin with the toolchain that the project names",
        }
    }
}

/// A compiled component.
pub struct LoadedComponent {
    /// The compiled component.
    pub component: Component,
    /// SHA-256 of its file, in hexadecimal.
    pub sha256: String,
    /// Its imports and exports.
    pub surface: Surface,
    /// Whether the compiler was not needed.
    pub from_cache: bool,
}

/// Loads a component from a file; otherwise as [`load`].
///
/// # Errors
/// Also where the file cannot be read or is too large.
pub fn load_file(
    engine: &PluginEngine,
    path: &Path,
    contract: &Contract,
    cache: Option<&CompiledCache>,
) -> Result<LoadedComponent, LoadError> {
    let unreadable = |source| LoadError::Read { path: path.to_owned(), source };
    let found = std::fs::metadata(path).map_err(unreadable)?.len();
    if found > COMPONENT_BYTES_MAX {
        return Err(LoadError::TooLarge { found });
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    load(engine, &bytes, contract, cache)
}

/// Checks that `bytes` are a component for `contract`, and compiles it or takes
/// the result of an earlier compilation from `cache`.
///
/// # Errors
/// One case per kind of wrong file; see [`LoadError`].
pub fn load(
    engine: &PluginEngine,
    bytes: &[u8],
    contract: &Contract,
    cache: Option<&CompiledCache>,
) -> Result<LoadedComponent, LoadError> {
    check_kind(bytes)?;
    let surface = Surface::read(bytes).map_err(|reason| LoadError::Damaged { reason })?;
    surface.check(contract)?;
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    let (component, from_cache) = match cache.and_then(|cache| cache.get(engine, &digest)) {
        Some(component) => (component, true),
        None => (compile(engine, bytes, &digest, cache)?, false),
    };
    Ok(LoadedComponent { component, sha256: hexadecimal(&digest), surface, from_cache })
}

fn check_kind(bytes: &[u8]) -> Result<(), LoadError> {
    let Some(rest) = bytes.strip_prefix(MAGIC) else {
        let text = std::str::from_utf8(bytes).is_ok_and(|text| {
            let text = text.trim_start();
            text.starts_with("(component") || text.starts_with("(module") || text.starts_with(";;")
        });
        return Err(if text { LoadError::Text } else { LoadError::NotWebAssembly });
    };
    if rest.starts_with(&CORE_LAYER) {
        return Err(LoadError::CoreModule);
    }
    if rest.get(2..4) == Some(&COMPONENT_LAYER) {
        return Ok(());
    }
    Err(LoadError::Damaged { reason: "its version is not known".to_owned() })
}

fn compile(
    engine: &PluginEngine,
    bytes: &[u8],
    digest: &[u8; 32],
    cache: Option<&CompiledCache>,
) -> Result<Component, LoadError> {
    let component = Component::from_binary(engine.wasmtime(), bytes)
        .map_err(|error| LoadError::Compile { reason: format!("{error:#}") })?;
    if let Some(cache) = cache {
        match component.serialize() {
            Ok(code) => cache.put(engine, digest, &code),
            Err(error) => tracing::warn!(%error, "the compiled component was not cached"),
        }
    }
    Ok(component)
}

/// Lower-case hexadecimal digits of `bytes`.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
