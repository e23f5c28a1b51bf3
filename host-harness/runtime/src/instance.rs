//! One call of a component: a fresh store and instance, and a typed answer for
//! whatever goes wrong.
//!
//! Nothing survives a call but what the component gave to its host: instances
//! are cheap, and a call that ended badly cannot spoil the next one. Next:
//! [`super::failure`].

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use wasmtime::component::{Instance, InstancePre, Linker, ResourceTable};
use wasmtime::{AsContextMut as _, Store, Trap};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::component::{LoadError, LoadedComponent};
use super::engine::PluginEngine;
use super::failure::{FailureKind, PluginFailure, PluginIdentity};
use super::host_calls::{CallsOver, HostCalls};
use super::limits::{ComputeTimeOver, HEADER_BYTES_MAX, Limits, Meter, RESOURCES_MAX};
use super::outbound::{Client, Outbound, Transport};
use super::output::{LogStream, Stream};
use super::ports::Ports;

/// What a store holds: the embedder's data for one call, and what the runtime
/// needs for WASI and the limits.
pub struct StoreState<T> {
    /// The embedder's own.
    pub data: T,
    calls: HostCalls,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound: Outbound,
    table: ResourceTable,
    meter: Meter,
}

impl<T> StoreState<T> {
    /// Counts the host calls of this call.
    pub fn host_calls(&self) -> &HostCalls {
        &self.calls
    }
}

impl<T: Send> WasiView for StoreState<T> {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl<T: Send> WasiHttpView for StoreState<T> {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.outbound, table: &mut self.table, ctx: &mut self.http }
    }
}

/// What an embedder gives to one call.
pub struct CallSetup<T> {
    /// Its own data.
    pub data: T,
    /// Time and randomness.
    pub ports: Ports,
    /// The counter of host calls.
    pub calls: HostCalls,
    /// Asked before each request leaves: whether the instance may still act. None
    /// where nobody can take its place.
    pub still_holds: Option<StillHolds>,
}

/// Whether an instance may still act. Asked on a thread that may wait.
pub type StillHolds = Arc<dyn Fn() -> bool + Send + Sync>;

/// The work inside of a call, as [`Plugin::call`] takes it.
pub type GuestCall<'a, R> = Pin<Box<dyn Future<Output = wasmtime::Result<R>> + Send + 'a>>;

/// A linker that offers WASI 0.2 and nothing else, to which embedders add their
/// interfaces.
///
/// # Errors
/// Only where two interfaces had the same name.
pub fn linker<T: Send + 'static>(engine: &PluginEngine) -> wasmtime::Result<Linker<StoreState<T>>> {
    let mut linker = Linker::new(engine.wasmtime());
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    Ok(linker)
}

/// A component that is ready to be called. Clones share everything.
pub struct Plugin<T: Send + 'static> {
    engine: Arc<PluginEngine>,
    pre: InstancePre<StoreState<T>>,
    identity: PluginIdentity,
    limits: Limits,
    client: Client,
}

impl<T: Send + 'static> Clone for Plugin<T> {
    fn clone(&self) -> Self {
        Self {
            engine: Arc::clone(&self.engine),
            pre: self.pre.clone(),
            identity: self.identity.clone(),
            limits: self.limits,
            client: self.client.clone(),
        }
    }
}

impl<T: Send + 'static> Plugin<T> {
    /// Links a component.
    ///
    /// # Errors
    /// [`LoadError::Link`] where an interface has another shape than the
    /// host's.
    pub fn new(
        engine: Arc<PluginEngine>,
        linker: &Linker<StoreState<T>>,
        component: &LoadedComponent,
        identity: PluginIdentity,
        limits: Limits,
        client: Client,
    ) -> Result<Self, LoadError> {
        let pre = linker
            .instantiate_pre(&component.component)
            .map_err(|error| LoadError::Link { reason: format!("{error:#}") })?;
        Ok(Self { engine, pre, identity, limits, client })
    }

    /// The linked component, from which typed bindings are made.
    pub fn pre(&self) -> &InstancePre<StoreState<T>> {
        &self.pre
    }

    /// Under which name its failures go.
    pub fn identity(&self) -> &PluginIdentity {
        &self.identity
    }

    /// The same component under the name that it gives itself.
    #[must_use]
    pub fn named(mut self, identity: PluginIdentity) -> Self {
        self.identity = identity;
        self
    }

    /// The same component with another way to what `transport` serves.
    #[must_use]
    pub fn over(mut self, transport: Arc<dyn Transport>) -> Self {
        self.client = self.client.over(transport);
        self
    }

    /// Makes an instance, lets `body` call its exports, and drops it.
    ///
    /// # Errors
    /// The call's end, if it was not `body`'s own: see [`FailureKind`]. A
    /// denied request counts as a failure even where the component took it
    /// well, because the caller has to hear of it.
    pub async fn call<R, F>(&self, setup: CallSetup<T>, body: F) -> Result<R, PluginFailure>
    where
        F: for<'a> FnOnce(&'a mut Store<StoreState<T>>, Instance) -> GuestCall<'a, R> + Send,
    {
        let _place = self.engine.place().await;
        let calls = setup.calls.clone();
        let mut store = self.store(setup).map_err(|error| self.failure(FailureKind::of(&error, &self.limits)))?;
        // None is left where the engine does not count it.
        let fuel_given = store.get_fuel().unwrap_or_default();
        let denied = store.data().outbound.denied();
        let work = async {
            let instance = self.pre.instantiate_async(&mut store).await?;
            body(&mut store, instance).await
        };
        let timed = tokio::time::timeout(self.limits.call_time, metered(work, self.limits.compute_time));
        let outcome = tokio::select! {
            // A tear-down wins over a result that is ready at the same moment.
            biased;
            over = calls.over() => Err(FailureKind::of(&wasmtime::Error::new(over), &self.limits)),
            result = timed => match result {
                Ok(result) => result.map_err(|error| self.explain(&error, &calls)),
                Err(_) => Err(FailureKind::CallTime { limit: self.limits.call_time }),
            },
        };
        calls.used_fuel(fuel_given.saturating_sub(store.get_fuel().unwrap_or_default()));
        let requests = denied.take();
        let outcome = match outcome {
            Err(kind @ FailureKind::TornDown { .. }) => Err(kind),
            _ if !requests.is_empty() => Err(FailureKind::ForbiddenHost { requests }),
            outcome => outcome,
        };
        outcome.map_err(|kind| self.failure(kind))
    }

    fn failure(&self, kind: FailureKind) -> PluginFailure {
        PluginFailure { plugin: self.identity.clone(), kind }
    }

    fn explain(&self, error: &wasmtime::Error, calls: &HostCalls) -> FailureKind {
        let kind = match error.downcast_ref::<Trap>() {
            Some(Trap::OutOfFuel) => {
                FailureKind::of(&wasmtime::Error::new(CallsOver::from(calls.ran_dry())), &self.limits)
            }
            _ => FailureKind::of(error, &self.limits),
        };
        // The backtrace names functions of the guest, not data.
        tracing::debug!(plugin = %self.identity, ?kind, backtrace = %format!("{error:?}"), "a call ended badly");
        kind
    }

    fn store(&self, setup: CallSetup<T>) -> wasmtime::Result<Store<StoreState<T>>> {
        let CallSetup { data, ports, calls, still_holds } = setup;
        let fuel = (self.engine.counts_fuel() || calls.needs_fuel()).then(|| calls.fuel_left());
        calls.at_most(self.limits.host_calls);
        let mut table = ResourceTable::new();
        table.set_max_capacity(RESOURCES_MAX);
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(HEADER_BYTES_MAX);
        let mut wasi = WasiCtx::builder();
        wasi.stdout(LogStream::new(self.identity.clone(), Stream::Out))
            .stderr(LogStream::new(self.identity.clone(), Stream::Error))
            .allow_tcp(false)
            .allow_udp(false);
        ports.install(&mut wasi);
        let state = StoreState {
            data,
            outbound: Outbound::new(self.client.clone(), calls.clone(), still_holds, &self.limits),
            calls,
            wasi: wasi.build(),
            http,
            table,
            meter: Meter::new(&self.limits),
        };
        let mut store = Store::new(self.engine.wasmtime(), state);
        store.limiter(|state| &mut state.meter);
        store.set_hostcall_fuel(self.limits.host_call_bytes);
        // After each tick the guest lets others run; `metered` counts.
        store.set_epoch_deadline(1);
        store.as_context_mut().epoch_deadline_async_yield_and_update(1);
        if let Some(fuel) = fuel {
            // Refused by an engine that counts none.
            store.set_fuel(fuel)?;
        }
        Ok(store)
    }
}

/// Ends `work` when it has computed for longer than `limit`. Time in which it
/// waits for something does not count. A guest that never waits yields at each
/// tick of the engine, and is met here.
async fn metered<R>(work: impl Future<Output = wasmtime::Result<R>>, limit: Duration) -> wasmtime::Result<R> {
    let mut work = pin!(work);
    let mut computed = Duration::ZERO;
    std::future::poll_fn(|context| {
        let begun = Instant::now();
        let polled = work.as_mut().poll(context);
        computed += begun.elapsed();
        match polled {
            Poll::Pending if computed > limit => Poll::Ready(Err(wasmtime::Error::new(ComputeTimeOver { limit }))),
            polled => polled,
        }
    })
    .await
}
