//! The emulated Microsoft 365: login, Graph, and the interface to manage them.
//!
//! One [`Microsoft`] is one tenant with its mailboxes. It answers from its own
//! state, takes its time from the harness's clock and its chance from a seed,
//! and shares no type with the component, so that two readings of Microsoft's
//! documentation check each other. Read `dispatch` for the way of a request,
//! then `login`, `api`, `calendar`, `todo`, `mail`, `upload` and
//! `subscriptions`; `pages` shows people all of it. Not emulated: sharing between users, contacts and more; such
//! requests get 501 and the name of what is missing.

mod annotations;
mod api;
mod attachment;
mod bearer;
mod behaviour;
pub(crate) mod calendar;
mod call;
pub(crate) mod clouds;
pub mod conformance;
mod control;
mod cors;
mod crowd;
mod dates;
mod dispatch;
mod extended;
mod extension;
pub mod fault;
mod hosts;
mod ids;
mod login;
mod mail;
mod model;
mod names;
mod pages;
mod path;
mod permissions;
mod property;
mod reply;
mod requests;
pub(crate) mod routes;
mod scene;
mod server;
mod settings;
mod setup;
mod site;
mod state;
mod store;
mod subscriptions;
mod table;
mod todo;
mod types;
mod upload;
pub(crate) mod zones;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::clock::HarnessClock;
use call::Call;
use crowd::{Counts, Crowd, Present};
use login::keys::SigningKey;
use reply::Reply;
use state::State;
use store::Store;
use subscriptions::poster::Poster;
use subscriptions::{lifecycle, watch};

pub use call::Scheme;
pub use login::keys::KeyError;
pub use model::Audience;
pub use setup::{NewApp, NewMailbox, SetupError};
pub use store::OpenError;
pub use subscriptions::trust::{Trust, TrustError};

/// A handle on the emulated Microsoft 365. Clones are the same tenant.
#[derive(Clone, Debug)]
pub struct Microsoft {
    inner: Arc<Mutex<Inner>>,
    clock: HarnessClock,
    crowd: Crowd,
    /// Wakes who delivers notifications.
    wake: Arc<Notify>,
    poster: Poster,
}

#[derive(Debug)]
struct Inner {
    state: State,
    store: Option<Store>,
}

impl Microsoft {
    /// An empty tenant in memory. `base_url` is where clients reach it, such
    /// as `http://127.0.0.1:8081`; links and issuer begin with it.
    pub fn new(clock: HarnessClock, seed: u64, base_url: &str) -> Self {
        let state = State::new(seed, base_url, clock.now());
        Self::with(clock, Inner { state, store: None })
    }

    /// The tenant in a file, empty if the file is new. A stored tenant keeps
    /// its own seed.
    ///
    /// # Errors
    /// The file cannot be used, is damaged, or was written by a later version.
    pub fn open(clock: HarnessClock, seed: u64, base_url: &str, database_file: &Path) -> Result<Self, OpenError> {
        let mut state = State::new(seed, base_url, clock.now());
        let (store, key) = Store::open(database_file, &mut state)?;
        let stored = key.and_then(|bytes| SigningKey::from_pkcs8(&bytes).ok());
        calendar::group::complete(&mut state);
        todo::lists::complete(&mut state);
        mail::folders::complete(&mut state);
        let database = |source| OpenError::Database { path: database_file.to_owned(), source };
        state.key = if let Some(key) = stored {
            key
        } else {
            let (key, bytes) = SigningKey::generate().map_err(OpenError::Key)?;
            store.write_key(&bytes).map_err(database)?;
            key
        };
        Ok(Self::with(clock, Inner { state, store: Some(store) }))
    }

    /// A copy in memory of this tenant as it is now, by another clock. Neither sees
    /// what happens to the other one.
    #[must_use]
    pub fn fork(&self, clock: HarnessClock) -> Self {
        let mut state = self.lock().state.clone();
        state.conformance.clear();
        // What is on its way is told to the other one.
        state.deliveries.under_way.clear();
        Self::with(clock, Inner { state, store: None })
    }

    fn with(clock: HarnessClock, inner: Inner) -> Self {
        let inner = Arc::new(Mutex::new(inner));
        Self { inner, clock, crowd: Crowd::default(), wake: Arc::default(), poster: Poster::default() }
    }

    /// The same tenant, which believes the certificates of these authorities, too,
    /// where it calls the endpoints of clients.
    #[must_use]
    pub fn trusting(self, trust: Trust) -> Self {
        Self { poster: Poster::trusting(trust), ..self }
    }

    /// The service for callers in the process: faults that concern the
    /// connection are marked in the extensions, see [`fault`].
    pub fn router(&self) -> Router {
        server::router(self.clone())
    }

    /// The service for a TCP listener: breaks and delays connections itself.
    /// Who serves it also runs [`Self::drive_deliveries`].
    pub fn tcp_router(&self) -> Router {
        server::tcp_router(self.clone())
    }

    /// Creates a user with a mailbox, a default calendar and the built-in task
    /// lists and mail folders, and answers it as `POST /_control/mailboxes`
    /// does.
    ///
    /// # Errors
    /// The address or the zone is not one, or the mailbox exists.
    pub fn create_mailbox(&self, mailbox: NewMailbox) -> Result<Value, SetupError> {
        self.change(|state| setup::create_mailbox(state, mailbox))
    }

    /// All mailboxes in the order of their creation.
    pub fn mailboxes(&self) -> Vec<Value> {
        setup::mailboxes(&self.lock().state)
    }

    /// Registers an application, or replaces its registration.
    ///
    /// # Errors
    /// The client id is empty.
    pub fn register_app(&self, app: NewApp) -> Result<Value, SetupError> {
        self.change(|state| setup::register_app(state, app))
    }

    /// The tenant's id, as it stands in tokens.
    pub fn tenant_id(&self) -> String {
        self.lock().state.meta.tenant.id.clone()
    }

    /// An access token for a mailbox without any sign-in, as
    /// `POST /_control/token` gives it.
    ///
    /// # Errors
    /// There is no such mailbox.
    pub fn issue_token(&self, user_principal_name: &str, scopes: &[&str]) -> Result<String, SetupError> {
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.change(|state| setup::issue_token(state, user_principal_name, &scopes))
    }

    /// What the default calendar of a mailbox shows between two instants,
    /// earliest first: Graph events in UTC with immutable ids, series expanded.
    ///
    /// # Errors
    /// There is no such mailbox.
    pub fn calendar_view(
        &self,
        user_principal_name: &str,
        start: DateTime<Utc>,
        end: DateTime<Utc>,
    ) -> Result<Vec<Value>, SetupError> {
        setup::calendar_view(&self.lock().state, user_principal_name, start, end)
    }

    /// What a mailbox shows of one event or series between two instants, as
    /// [`Self::calendar_view`] does, in whatever calendar it is; none where there is no
    /// such event.
    ///
    /// # Errors
    /// There is no such mailbox.
    pub fn event_view(
        &self,
        user_principal_name: &str,
        id: &str,
        range: (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<Option<Vec<Value>>, SetupError> {
        setup::event_view(&self.lock().state, user_principal_name, id, range)
    }

    /// The tasks of all lists of a mailbox, each with the name of its list:
    /// Graph tasks, with dates on the days of the mailbox's zone.
    ///
    /// # Errors
    /// There is no such mailbox.
    pub fn tasks(&self, user_principal_name: &str) -> Result<Vec<(String, Value)>, SetupError> {
        setup::tasks(&self.lock().state, user_principal_name)
    }

    /// The record of requests, as `GET /_control/requests` answers it.
    pub fn requests(&self) -> Value {
        json!(self.lock().state.requests.report())
    }

    /// Empties the record of requests.
    pub fn clear_requests(&self) {
        self.lock().state.requests.clear();
    }

    /// Mails that guests would have received, as `GET /_control/outbox`
    /// answers them.
    pub fn outbox(&self) -> Vec<Value> {
        self.lock().state.outbox.values().map(|mail| json!(mail)).collect()
    }

    fn change<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        let now = self.clock.now();
        let mut inner = self.lock();
        let skew = TimeDelta::seconds(inner.state.meta.behaviour.clock_skew_seconds.into());
        watch::begin(&mut inner.state);
        inner.state.advance_to(now + skew);
        inner.state.found_at(None);
        lifecycle::pass_time(&mut inner.state);
        let result = work(&mut inner.state);
        watch::notice(&mut inner.state);
        inner.write_through();
        if inner.state.subscriptions.len() > 0 || inner.state.notifications.len() > 0 {
            self.wake.notify_one();
        }
        result
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic in a handler is a bug of its own; the state stays readable.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the emulator knows itself to be.
    fn home(&self) -> String {
        self.lock().state.home().to_owned()
    }

    /// Counts a request among those under way.
    fn enter(&self, call: &Call) -> (Option<Present>, Counts) {
        self.crowd.enter(&self.lock().state, call)
    }

    /// Answers a request on any of the paths.
    fn answer(&self, call: &Call, under_way: Counts) -> Reply {
        let words = call.words();
        match words.first().copied() {
            Some("_control") if call.is_too_large => return control::too_large(),
            Some("_control") => {}
            Some(pages::ROOT) if call.is_too_large => return Reply::empty(413),
            Some(pages::ROOT) => return self.change(|state| pages::answer(state, call)),
            None if call.method == "GET" => return pages::front_door(),
            None | Some(_) => {
                return self.change(|state| {
                    state.found_at(call.origin.as_deref());
                    dispatch::serve(state, call, under_way)
                });
            }
        }
        let reply = if (call.method.as_str(), words.as_slice()) == ("POST", &["_control", "reset"]) {
            match control::reset_seed(call) {
                Ok(seed) => self.reset(seed),
                Err(refused) => refused,
            }
        } else {
            self.change(|state| control::answer(state, call))
        };
        match reply.value() {
            Some(_) => reply.header("content-type", "application/json".to_owned()),
            None => reply,
        }
    }

    /// Back to an empty tenant; the signing key stays.
    fn reset(&self, seed: Option<u64>) -> Reply {
        let now = self.clock.now();
        let mut inner = self.lock();
        let seed = seed.unwrap_or(inner.state.meta.seed);
        let mut fresh = State::new(seed, inner.state.home(), now);
        fresh.key = std::mem::take(&mut inner.state.key);
        fresh.deliveries.epoch = inner.state.deliveries.epoch.wrapping_add(1);
        inner.state = fresh;
        if let Some(store) = &inner.store
            && let Err(error) = store.clear()
        {
            tracing::error!(%error, "the emulator's database cannot be emptied");
        }
        inner.write_through();
        Reply::json(200, json!({ "seed": seed }))
    }
}

impl Inner {
    /// Writes what the last request changed. A full disk must not stop the
    /// emulator, but it must be seen.
    fn write_through(&mut self) {
        let Some(store) = &mut self.store else {
            self.state.forget_changes();
            return;
        };
        if let Err(error) = store.write(&self.state.drain_changes()) {
            tracing::error!(%error, "the emulator's database cannot be written");
        }
    }
}
