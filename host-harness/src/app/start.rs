//! Puts the application together: the CRM's store, the Microsoft emulator or
//! the real endpoints, and the component between them.
//!
//! Next: [`super::settings`].

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tandem_runtime::{
    AllowList, Authority, Client, CompiledCache, HostCalls, LoadError, PluginEngine, Ports, StillHolds,
};
use tokio::sync::{Notify, broadcast};

use super::emulator::InProcess;
use super::error::{AppError, StartError};
use super::interrupt::NextCalls;
use super::live::Live;
use super::mailbox::Mailboxes;
use super::options::{AppOptions, DataDir, PluginSource, REDIRECT_PATH, TASK_PAGES};
use super::sync::Progress;
use crate::clock::HarnessClock;
use crate::crm::component_state::Fence;
use crate::crm::{Crm, Randomness, Scope};
use crate::graph::Microsoft;
use crate::host::connector::{Connector, Setup};
use crate::host::context::{CallContext, HostFacts};
use crate::host::lies::{Liar, Lie};
use crate::host::log::Lines;
use crate::host::types::{FieldType, Manifest, SettingLevel};

/// The emulator's file in the data directory.
const EMULATOR_FILE: &str = "microsoft.sqlite";

/// The directory of compiled components, in the user's cache or in the data
/// directory.
const CACHE_DIRECTORY: &str = "compiled";

/// Reports of steps that a slow listener may lag behind.
const PROGRESS_KEPT: usize = 64;

/// The application. Clones are handles to the same one.
#[derive(Clone)]
pub struct App {
    pub(super) inner: Arc<Inner>,
}

/// What an application is put together from.
#[derive(Clone)]
pub(super) struct Parts {
    pub(super) options: AppOptions,
    pub(super) crm: Crm,
    pub(super) microsoft: Option<Microsoft>,
    pub(super) facts: Arc<HostFacts>,
    pub(super) client_secret_key: Option<Arc<str>>,
    pub(super) manifest: Manifest,
    pub(super) connector: Connector,
}

pub(super) struct Inner {
    pub(super) parts: Parts,
    pub(super) mailboxes: Mailboxes,
    /// Held while settings are validated and stored, which belong together.
    pub(super) saving: tokio::sync::Mutex<()>,
    /// Wakes the scheduler.
    pub(super) wake: Notify,
    /// Set when runs are to end after their step.
    pub(super) stopping: AtomicBool,
    pub(super) progress: broadcast::Sender<Progress>,
    /// What runs are doing at this moment.
    pub(super) live: Live,
    /// What the next step or run is counted by, where somebody wants to know.
    pub(super) next_calls: Mutex<Option<NextCalls>>,
    /// In which way the component is lied to.
    liar: Mutex<Liar>,
    /// Calls so far, per scope.
    pub(super) calls: Mutex<BTreeMap<Option<Scope>, u64>>,
}

impl App {
    /// Opens the store and the emulator, loads the component, checks which
    /// contract it targets, and asks it for its manifest.
    ///
    /// # Errors
    /// One case per thing that can be missing or wrong; nothing was changed
    /// that would stand in the way of another start.
    pub async fn start(options: AppOptions) -> Result<Self, StartError> {
        let crm = open_crm(&options)?;
        let facts = Arc::new(facts(&options)?);
        let microsoft = open_emulator(&options)?;
        let client = client(&facts, microsoft.as_ref())?;
        let connector = load(&options, client).await?;

        let unnamed = CallContext {
            crm: crm.clone(),
            scope: None,
            fence: None,
            facts: Arc::clone(&facts),
            client_secret_key: None,
            liar: Liar::default(),
            lines: Lines::default(),
        };
        let setup = Setup {
            data: unnamed,
            ports: Ports::new(clock_of(&options.clock), seed_of(options.seed, None, None, 0)),
            calls: HostCalls::new(None),
            still_holds: None,
        };
        let manifest = connector.describe(setup, options.product_name.clone()).await?;
        let connector = connector.named(&manifest);
        tracing::info!(plugin = %connector.identity(), "the component was loaded");
        Ok(Self::of(Parts {
            options,
            crm,
            microsoft,
            facts,
            client_secret_key: client_secret_key(&manifest).map(Arc::from),
            manifest,
            connector,
        }))
    }

    /// An application of these parts, which is doing nothing yet.
    pub(super) fn of(parts: Parts) -> Self {
        let inner = Inner {
            parts,
            mailboxes: Mailboxes::default(),
            saving: tokio::sync::Mutex::new(()),
            wake: Notify::new(),
            stopping: AtomicBool::new(false),
            progress: broadcast::Sender::new(PROGRESS_KEPT),
            live: Live::default(),
            next_calls: Mutex::default(),
            liar: Mutex::default(),
            calls: Mutex::new(BTreeMap::new()),
        };
        Self { inner: Arc::new(inner) }
    }

    /// What the application was started with.
    pub fn options(&self) -> &AppOptions {
        &self.inner.parts.options
    }

    /// The CRM.
    pub fn crm(&self) -> &Crm {
        &self.inner.parts.crm
    }

    /// The emulated Microsoft 365; none where real endpoints are used.
    pub fn microsoft(&self) -> Option<&Microsoft> {
        self.inner.parts.microsoft.as_ref()
    }

    /// The clock that everything here sees.
    pub fn clock(&self) -> &HarnessClock {
        &self.inner.parts.options.clock
    }

    /// What the component is and asks for, with its settings page.
    ///
    /// # Errors
    /// None at present: the manifest was read when the application started.
    #[expect(clippy::unused_async, reason = "a host that reloads plugins has to ask here")]
    pub async fn manifest(&self) -> Result<Manifest, AppError> {
        Ok(self.inner.parts.manifest.clone())
    }

    pub(super) fn manifest_now(&self) -> &Manifest {
        &self.inner.parts.manifest
    }

    /// Lies to the component in every call from now on; none takes that back.
    /// Answers in how many answers it was lied to since the last time.
    pub fn lie(&self, lie: Option<Lie>) -> u64 {
        std::mem::replace(&mut *lock(&self.inner.liar), Liar::of(lie)).told()
    }

    /// Calls of the component so far, whoever they were for: what a page costs.
    pub fn calls(&self) -> u64 {
        lock(&self.inner.calls).values().sum()
    }

    /// What a call for `scope` is made with. The fence makes its randomness
    /// different from that of every other call, also of those of an earlier
    /// start with the same seed.
    pub(super) fn setup(&self, scope: Option<Scope>, fence: Option<Fence>, calls: HostCalls) -> Setup {
        let parts = &self.inner.parts;
        let number = {
            let mut numbers = lock(&self.inner.calls);
            let number = numbers.entry(scope).or_default();
            *number += 1;
            *number
        };
        let data = CallContext {
            crm: parts.crm.clone(),
            scope,
            fence,
            facts: Arc::clone(&parts.facts),
            client_secret_key: parts.client_secret_key.clone(),
            liar: lock(&self.inner.liar).clone(),
            lines: Lines::default(),
        };
        let still_holds = scope.zip(fence).map(|(scope, fence)| {
            let crm = parts.crm.clone();
            // Where the CRM cannot say, nothing leaves.
            let still_holds: StillHolds = Arc::new(move || crm.is_held_by(&scope, fence).unwrap_or(false));
            still_holds
        });
        let seed = seed_of(parts.options.seed, scope, fence, number);
        Setup { data, ports: Ports::new(clock_of(&parts.options.clock), seed), calls, still_holds }
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("App").field("options", &self.inner.parts.options).finish_non_exhaustive()
    }
}

/// A panic while one of these locks is held leaves a whole value.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn clock_of(clock: &HarnessClock) -> tandem_runtime::ports::WallClock {
    let clock = clock.clone();
    // The component's clock does not go before 1970.
    Arc::new(move || Duration::from_millis(u64::try_from(clock.now().timestamp_millis()).unwrap_or(0)))
}

fn seed_of(seed: u64, scope: Option<Scope>, fence: Option<Fence>, number: u64) -> [u8; 32] {
    let organization = scope.map_or(0, |scope| scope.organization.number());
    let user = scope.and_then(|scope| scope.user).map_or(0, crate::crm::UserId::number);
    Sha256::new()
        .chain_update(seed.to_be_bytes())
        .chain_update(organization.to_be_bytes())
        .chain_update(user.to_be_bytes())
        .chain_update(fence.map_or(0, Fence::number).to_be_bytes())
        .chain_update(number.to_be_bytes())
        .finalize()
        .into()
}

fn open_crm(options: &AppOptions) -> Result<Crm, StartError> {
    let (clock, randomness) = (options.clock.clone(), Randomness::seeded(options.seed));
    Ok(match &options.data {
        DataDir::Memory => Crm::in_memory(clock, randomness)?,
        DataDir::Path(directory) => Crm::open(directory, clock, randomness)?,
    })
}

/// Where the component finds Microsoft.
fn facts(options: &AppOptions) -> Result<HostFacts, StartError> {
    let emulator = options.microsoft_url.trim_end_matches('/');
    let (login_url, graph_url) = match (&options.login_url, &options.graph_url) {
        (Some(login), Some(graph)) => (login.trim_end_matches('/').to_owned(), graph.trim_end_matches('/').to_owned()),
        (None, None) => (emulator.to_owned(), format!("{emulator}/v1.0")),
        (Some(_), None) | (None, Some(_)) => return Err(StartError::HalfReal),
    };
    // Checked although the component does not call it: browsers are sent there.
    authority("the CRM's address", &options.crm_url)?;
    let crm = options.crm_url.trim_end_matches('/');
    Ok(HostFacts {
        product_name: options.product_name.clone(),
        redirect_uri: format!("{crm}{REDIRECT_PATH}"),
        task_pages: format!("{crm}{TASK_PAGES}"),
        login_url,
        graph_url,
    })
}

pub(super) fn authority(option: &'static str, url: &str) -> Result<Authority, StartError> {
    Authority::of_url(url).map_err(|_| StartError::Address { option, found: url.to_owned() })
}

fn open_emulator(options: &AppOptions) -> Result<Option<Microsoft>, StartError> {
    if options.login_url.is_some() {
        return Ok(None);
    }
    let (clock, url) = (options.clock.clone(), options.microsoft_url.trim_end_matches('/'));
    let microsoft = match &options.data {
        DataDir::Memory => Microsoft::new(clock, options.seed, url),
        DataDir::Path(directory) => Microsoft::open(clock, options.seed, url, &directory.join(EMULATOR_FILE))?,
    };
    Ok(Some(microsoft.trusting(options.trust.clone())))
}

/// Requests to Microsoft in flight at one time: what Exchange accepts from one
/// application, whatever the mailboxes (Graph throttling limits, Outlook service).
/// This installation has one application, so that its client is that budget.
const APPLICATION_REQUESTS_MAX: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);

/// The way out: the two endpoints and nothing else, within the budget of the
/// application.
fn client(facts: &HostFacts, microsoft: Option<&Microsoft>) -> Result<Client, StartError> {
    Ok(endpoints(facts, microsoft)?.in_flight_at_most(APPLICATION_REQUESTS_MAX))
}

fn endpoints(facts: &HostFacts, microsoft: Option<&Microsoft>) -> Result<Client, StartError> {
    let login = authority("the login address", &facts.login_url)?;
    let graph = authority("the Graph address", &facts.graph_url)?;
    if let Some(microsoft) = microsoft {
        let allowed = AllowList::default().allow_local(login.clone());
        return Ok(Client::new(allowed, Some(Arc::new(InProcess::new(login, microsoft.router())))));
    }
    let allow = |list: AllowList, url: &str, authority: Authority| {
        // Whoever names an unencrypted endpoint on this machine means one of their own;
        // secrets and tokens go unencrypted to no other.
        let is_own = authority.is_loopback() && !Authority::is_encrypted(url);
        if is_own { list.allow_own_machine(authority) } else { list.allow(authority) }
    };
    let list = allow(AllowList::default(), &facts.login_url, login);
    Ok(Client::new(allow(list, &facts.graph_url, graph), None))
}

/// Loads the component on a thread that may take its time.
async fn load(options: &AppOptions, client: Client) -> Result<Connector, StartError> {
    let file = match &options.plugin {
        PluginSource::Embedded => None,
        PluginSource::File(path) => Some(path.clone()),
    };
    let cache = cache_directory(&options.data);
    let start = if options.counts_fuel { PluginEngine::start_counting_fuel } else { PluginEngine::start };
    let work = move || {
        let engine = Arc::new(start().map_err(|error| engine_failure(&error))?);
        let cache = cache.and_then(|directory| open_cache(&directory));
        Connector::load(&engine, file.as_deref(), cache.as_ref(), client)
    };
    let loaded = tokio::task::spawn_blocking(work).await;
    Ok(loaded.map_err(|error| LoadError::Compile { reason: error.to_string() })??)
}

fn engine_failure(error: &tandem_runtime::EngineError) -> LoadError {
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    LoadError::Compile { reason: format!("{error}: {cause}") }
}

/// Where the user's caches are, so that every data directory begins fast, or
/// else beside the data; none where neither is.
fn cache_directory(data: &DataDir) -> Option<PathBuf> {
    let caches = std::env::var_os("XDG_CACHE_HOME").filter(|path| !path.is_empty()).map(PathBuf::from);
    let caches = caches.or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")));
    match (caches, data) {
        (Some(caches), DataDir::Memory | DataDir::Path(_)) => Some(caches.join("tandem").join(CACHE_DIRECTORY)),
        (None, DataDir::Path(directory)) => Some(directory.join(CACHE_DIRECTORY)),
        (None, DataDir::Memory) => None,
    }
}

fn open_cache(directory: &Path) -> Option<CompiledCache> {
    CompiledCache::open(directory)
        .inspect_err(|error| tracing::warn!(%error, "components are compiled at every start"))
        .ok()
}

/// The one field that is a secret of the system level.
fn client_secret_key(manifest: &Manifest) -> Option<String> {
    let mut fields = manifest.settings.groups.iter().flat_map(|group| &group.fields);
    let is_secret = |kind: &FieldType| match kind {
        FieldType::Secret(_) => true,
        FieldType::Boolean | FieldType::Integer(_) | FieldType::Text(_) | FieldType::Choice(_) | FieldType::Display => {
            false
        }
    };
    fields
        .find(|field| is_secret(&field.kind) && field.levels.contains(&SettingLevel::System))
        .map(|field| field.key.clone())
}
