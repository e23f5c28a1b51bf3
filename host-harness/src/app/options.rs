//! What the application is started with.
//!
//! Only values; [`super::start`] checks them.

use std::path::PathBuf;

use crate::clock::HarnessClock;
use crate::graph::Trust;

/// Where Microsoft's login sends browsers back to, on the CRM's address. Part
/// of a registered redirect URI, so it does not change.
pub const REDIRECT_PATH: &str = "/microsoft-identity/connection/access-token";

/// Where the page of a task is, on the CRM's address, before its identifier.
/// The component writes such addresses into Microsoft To Do.
pub const TASK_PAGES: &str = "/tasks/";

/// Where the CRM keeps its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataDir {
    /// In memory; gone when the application ends.
    Memory,
    /// In this directory.
    Path(PathBuf),
}

/// Which component is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PluginSource {
    /// The one that was built together with this program.
    Embedded,
    /// A file.
    File(PathBuf),
}

/// What the application is started with.
#[derive(Clone, Debug)]
pub struct AppOptions {
    /// Where the CRM keeps its data.
    pub data: DataDir,
    /// The clock that the CRM, the emulators and the component see.
    pub clock: HarnessClock,
    /// From what all randomness is derived: the same seed, data and calls lead
    /// to the same run.
    pub seed: u64,
    /// Which component is loaded.
    pub plugin: PluginSource,
    /// Scheme and authority under which browsers reach the CRM.
    pub crm_url: String,
    /// Scheme and authority under which browsers and the component reach the
    /// Microsoft emulator.
    pub microsoft_url: String,
    /// Scheme and authority of a real Microsoft login instead of the emulator;
    /// only together with `graph_url`.
    pub login_url: Option<String>,
    /// Scheme, authority and version of a real Graph.
    pub graph_url: Option<String>,
    /// Whose certificates the emulator believes when it calls endpoints of its
    /// clients, beside those of the public authorities.
    pub trust: Trust,
    /// What the CRM is called in labels.
    pub product_name: String,
    /// Whether what the component computes is counted as fuel, so that a step can
    /// be torn down after any of it. Slower.
    pub counts_fuel: bool,
}

impl AppOptions {
    /// Options for a throw-away run in memory at the default addresses.
    pub fn in_memory(clock: HarnessClock, seed: u64) -> Self {
        Self {
            data: DataDir::Memory,
            clock,
            seed,
            plugin: PluginSource::Embedded,
            crm_url: "http://127.0.0.1:8080".to_owned(),
            microsoft_url: "http://127.0.0.1:8081".to_owned(),
            login_url: None,
            graph_url: None,
            trust: Trust::default(),
            product_name: "Tandem CRM".to_owned(),
            counts_fuel: false,
        }
    }
}
