//! The component behind its exports: loads it, checks its contract, and makes
//! each export an asynchronous function of the host.
//!
//! Knows no order of calls and no locks: that is [`crate::app`].

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tandem_runtime::{
    CallSetup, Client, CompiledCache, Contract, GuestCall, Limits, LoadError, LoadedComponent, Plugin, PluginEngine,
    PluginFailure, PluginIdentity, StoreState, Transport, linker, load, load_file,
};
use wasmtime::Store;

use super::bindings::exports::tandem::plugin::{account, settings};
use super::bindings::{Connector as Exports, ConnectorIndices};
use super::context::CallContext;
use super::types::{
    Account, AccountError, Authorization, Budget, Callback, ChangeSet, ConnectionReport, EffectiveSetting, Feature,
    FieldChange, FieldError, Halt, HostDuties, HostError, ItemName, ItemStanding, Job, Manifest, NotReversed,
    PreviewReport, Report, ResourceStanding, ReversalPreview, SetAsidePage, SettingLayers, SettingLevel,
};
use super::{calendar, config, log, notices, secrets, storage, tasks};

/// The version of both packages of the contract.
const CONTRACT_VERSION: &str = "0.1.0";

/// The interfaces that the host calls.
const EXPORTS: [&str; 5] = ["manifest", "settings", "account", "sync", "items"];

/// The WASI packages that the runtime links. Sockets are not among them: the
/// one way out is HTTP, where the allow list is.
const WASI: [&str; 6] = ["wasi:cli", "wasi:clocks", "wasi:filesystem", "wasi:http", "wasi:io", "wasi:random"];

/// The component that was built together with this program.
const EMBEDDED: &[u8] = include_bytes!(env!("TANDEM_COMPONENT"));

/// What a call is made with.
pub(crate) type Setup = CallSetup<CallContext>;

/// A number that tells the host's storage who holds a mailbox.
type FenceNumber = u64;

type Data = StoreState<CallContext>;

/// The loaded component. Clones share everything.
#[derive(Clone)]
pub(crate) struct Connector {
    plugin: Plugin<CallContext>,
    exports: Arc<ConnectorIndices>,
}

/// What this host offers and expects.
pub(crate) fn contract() -> Contract {
    Contract {
        offered: BTreeMap::from([("tandem:host".to_owned(), CONTRACT_VERSION.to_owned())]),
        standard: WASI.map(str::to_owned).to_vec(),
        required: EXPORTS.iter().map(|name| format!("tandem:plugin/{name}@{CONTRACT_VERSION}")).collect(),
    }
}

impl Connector {
    /// Loads the component that was built together with this program, or the
    /// one in `file`.
    ///
    /// # Errors
    /// See [`LoadError`].
    pub(crate) fn load(
        engine: &Arc<PluginEngine>,
        file: Option<&Path>,
        cache: Option<&CompiledCache>,
        client: Client,
    ) -> Result<Self, LoadError> {
        let (loaded, name) = match file {
            Some(path) => (load_file(engine, path, &contract(), cache)?, path.display().to_string()),
            None => (load(engine, EMBEDDED, &contract(), cache)?, "tandem".to_owned()),
        };
        Self::link(engine, &loaded, name, client)
    }

    fn link(
        engine: &Arc<PluginEngine>,
        loaded: &LoadedComponent,
        name: String,
        client: Client,
    ) -> Result<Self, LoadError> {
        let unlinked = |error: wasmtime::Error| LoadError::Link { reason: format!("{error:#}") };
        let mut linker = linker(engine).map_err(unlinked)?;
        for add in [
            config::add_to_linker,
            storage::add_to_linker,
            secrets::add_to_linker,
            calendar::add_to_linker,
            tasks::add_to_linker,
            notices::add_to_linker,
            log::add_to_linker,
        ] {
            add(&mut linker).map_err(unlinked)?;
        }
        // Until the manifest says more, a part of the checksum tells versions apart.
        let version = loaded.sha256.chars().take(12).collect();
        let identity = PluginIdentity { name, version };
        let plugin = Plugin::new(Arc::clone(engine), &linker, loaded, identity, Limits::default(), client)?;
        let exports = ConnectorIndices::new(plugin.pre()).map_err(unlinked)?;
        Ok(Self { plugin, exports: Arc::new(exports) })
    }

    /// The same component under the name and version of its manifest.
    pub(crate) fn named(self, manifest: &Manifest) -> Self {
        let identity = PluginIdentity { name: manifest.name.clone(), version: manifest.version.clone() };
        Self { plugin: self.plugin.named(identity), exports: self.exports }
    }

    /// The same component with another way to what `transport` serves.
    pub(crate) fn over(self, transport: Arc<dyn Transport>) -> Self {
        Self { plugin: self.plugin.over(transport), exports: self.exports }
    }

    /// Under which name its failures go.
    pub(crate) fn identity(&self) -> &PluginIdentity {
        self.plugin.identity()
    }

    async fn call<R: Send + 'static>(
        &self,
        setup: Setup,
        body: impl for<'a> FnOnce(&'a mut Store<Data>, Exports) -> GuestCall<'a, R> + Send + 'static,
    ) -> Result<R, PluginFailure> {
        let indices = Arc::clone(&self.exports);
        self.plugin
            .call(setup, move |store, instance| {
                Box::pin(async move {
                    let exports = indices.load(&mut *store, &instance)?;
                    body(store, exports).await
                })
            })
            .await
    }

    /// `manifest.describe`.
    pub(crate) async fn describe(&self, setup: Setup, product_name: String) -> Result<Manifest, PluginFailure> {
        self.call(setup, move |store, exports| {
            Box::pin(async move { exports.tandem_plugin_manifest().call_describe(store, &product_name).await })
        })
        .await
    }

    /// `settings.validate`.
    pub(crate) async fn validate(
        &self,
        setup: Setup,
        level: SettingLevel,
        layers: SettingLayers,
        changes: Vec<FieldChange>,
    ) -> Result<Result<ChangeSet, Vec<FieldError>>, PluginFailure> {
        self.call(setup, move |store, exports| {
            Box::pin(async move {
                let settings: &settings::Guest = exports.tandem_plugin_settings();
                settings.call_validate(store, level, &layers, &changes).await
            })
        })
        .await
    }

    /// `settings.resolve`.
    pub(crate) async fn resolve(
        &self,
        setup: Setup,
        level: SettingLevel,
        layers: SettingLayers,
    ) -> Result<Vec<EffectiveSetting>, PluginFailure> {
        self.call(setup, move |store, exports| {
            Box::pin(async move { exports.tandem_plugin_settings().call_resolve(store, level, &layers).await })
        })
        .await
    }

    /// `settings.host-duties`.
    pub(crate) async fn host_duties(&self, setup: Setup) -> Result<Result<HostDuties, HostError>, PluginFailure> {
        self.call(setup, move |store, exports| {
            Box::pin(async move { exports.tandem_plugin_settings().call_host_duties(store).await })
        })
        .await
    }

    /// `account.begin-connect`.
    pub(crate) async fn begin_connect(
        &self,
        setup: Setup,
        fence: FenceNumber,
        session: Option<String>,
    ) -> Result<Result<Authorization, AccountError>, PluginFailure> {
        self.call(setup, move |store, exports| {
            Box::pin(async move {
                let account: &account::Guest = exports.tandem_plugin_account();
                account.call_begin_connect(store, fence, &session).await
            })
        })
        .await
    }

    /// `account.finish-connect`.
    pub(crate) async fn finish_connect(
        &self,
        setup: Setup,
        fence: FenceNumber,
        session: Option<String>,
        callback: Callback,
    ) -> Result<Result<Account, AccountError>, PluginFailure> {
        self.call(setup, move |store, exports| {
            Box::pin(async move {
                let account: &account::Guest = exports.tandem_plugin_account();
                account.call_finish_connect(store, fence, &session, &callback).await
            })
        })
        .await
    }

    /// `account.current`.
    pub(crate) async fn account(&self, setup: Setup) -> Result<Result<Option<Account>, AccountError>, PluginFailure> {
        self.call(setup, |store, exports| {
            Box::pin(async move { exports.tandem_plugin_account().call_current(store).await })
        })
        .await
    }

    /// `account.check-connection`.
    pub(crate) async fn check_connection(
        &self,
        setup: Setup,
        fence: FenceNumber,
    ) -> Result<Result<ConnectionReport, AccountError>, PluginFailure> {
        self.call(setup, move |store, exports| {
            Box::pin(async move { exports.tandem_plugin_account().call_check_connection(store, fence).await })
        })
        .await
    }

    /// `account.renew`.
    pub(crate) async fn renew(
        &self,
        setup: Setup,
        fence: FenceNumber,
    ) -> Result<Result<(), AccountError>, PluginFailure> {
        self.call(setup, move |store, exports| {
            Box::pin(async move { exports.tandem_plugin_account().call_renew(store, fence).await })
        })
        .await
    }

    /// `account.forget-access-token`.
    pub(crate) async fn forget_access_token(
        &self,
        setup: Setup,
        fence: FenceNumber,
    ) -> Result<Result<(), AccountError>, PluginFailure> {
        self.call(setup, move |store, exports| {
            Box::pin(async move { exports.tandem_plugin_account().call_forget_access_token(store, fence).await })
        })
        .await
    }

    /// `account.disconnect`.
    pub(crate) async fn disconnect(
        &self,
        setup: Setup,
        fence: FenceNumber,
    ) -> Result<Result<(), AccountError>, PluginFailure> {
        self.call(setup, move |store, exports| {
            Box::pin(async move { exports.tandem_plugin_account().call_disconnect(store, fence).await })
        })
        .await
    }

    /// `sync.step`.
    pub(crate) async fn step(&self, setup: Setup, job: Job, budget: Budget) -> Result<Report, PluginFailure> {
        self.call(setup, move |store, exports| {
            Box::pin(async move { exports.tandem_plugin_sync().call_step(store, job, budget).await })
        })
        .await
    }

    /// `sync.preview`.
    pub(crate) async fn preview(
        &self,
        setup: Setup,
        job: Job,
        budget: Budget,
    ) -> Result<Result<PreviewReport, Halt>, PluginFailure> {
        self.call(setup, move |store, exports| {
            Box::pin(async move { exports.tandem_plugin_sync().call_preview(store, job, budget).await })
        })
        .await
    }

    /// `sync.preview-reversal`.
    pub(crate) async fn preview_reversal(
        &self,
        setup: Setup,
        job: Job,
        conflict: String,
    ) -> Result<Result<ReversalPreview, NotReversed>, PluginFailure> {
        self.call(setup, move |store, exports| {
            Box::pin(async move { exports.tandem_plugin_sync().call_preview_reversal(store, job, &conflict).await })
        })
        .await
    }

    /// `sync.reverse`.
    pub(crate) async fn reverse(
        &self,
        setup: Setup,
        job: Job,
        conflict: String,
    ) -> Result<Result<(), NotReversed>, PluginFailure> {
        self.call(setup, move |store, exports| {
            Box::pin(async move { exports.tandem_plugin_sync().call_reverse(store, job, &conflict).await })
        })
        .await
    }

    /// `sync.compare-again`.
    pub(crate) async fn compare_again(&self, setup: Setup, job: Job) -> Result<Result<(), Halt>, PluginFailure> {
        self.call(setup, move |store, exports| {
            Box::pin(async move { exports.tandem_plugin_sync().call_compare_again(store, job).await })
        })
        .await
    }

    /// `sync.set-aside`.
    pub(crate) async fn set_aside(
        &self,
        setup: Setup,
        resource: Feature,
        after: Option<String>,
    ) -> Result<Result<SetAsidePage, Halt>, PluginFailure> {
        self.call(setup, move |store, exports| {
            Box::pin(
                async move { exports.tandem_plugin_sync().call_set_aside(store, resource, after.as_deref()).await },
            )
        })
        .await
    }

    /// `sync.standing`.
    pub(crate) async fn standing(
        &self,
        setup: Setup,
        resource: Feature,
    ) -> Result<Result<ResourceStanding, Halt>, PluginFailure> {
        self.call(setup, move |store, exports| {
            Box::pin(async move { exports.tandem_plugin_sync().call_standing(store, resource).await })
        })
        .await
    }

    /// `items.links-of`.
    pub(crate) async fn links_of(
        &self,
        setup: Setup,
        resource: Feature,
        items: Vec<ItemName>,
    ) -> Result<Result<Vec<ItemStanding>, Halt>, PluginFailure> {
        self.call(setup, move |store, exports| {
            Box::pin(async move { exports.tandem_plugin_items().call_links_of(store, resource, &items).await })
        })
        .await
    }

    /// `sync.retry`.
    pub(crate) async fn retry(
        &self,
        setup: Setup,
        job: Job,
        keys: Option<Vec<String>>,
    ) -> Result<Result<u32, Halt>, PluginFailure> {
        self.call(setup, move |store, exports| {
            Box::pin(async move { exports.tandem_plugin_sync().call_retry(store, job, keys.as_deref()).await })
        })
        .await
    }

    /// `sync.release`.
    pub(crate) async fn release(&self, setup: Setup, job: Job) -> Result<Result<bool, Halt>, PluginFailure> {
        self.call(setup, move |store, exports| {
            Box::pin(async move { exports.tandem_plugin_sync().call_release(store, job).await })
        })
        .await
    }
}

#[cfg(test)]
mod tests;
