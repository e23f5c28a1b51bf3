//! Runs what is due, as long as the application serves.
//!
//! Every mailbox by itself: a run that fails or hangs holds up no other one,
//! and two resources of a mailbox run one after the other. Also clears away
//! what the CRM has kept for long enough. Follows the harness's clock, which
//! tests may move. Next: [`super::status`].

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::error::AppError;
use super::report::{Blocked, RunReport};
use super::resource::Resource;
use super::start::App;
use crate::crm::runs::SyncState;
use crate::crm::{Crm, CrmError, UserId};

/// Mailboxes that are worked on at the same time. Below the number of
/// instances that the engine has room for, so that pages still get one.
const MAILBOXES_AT_ONCE: usize = 8;

/// How often to look for due runs, in real time, where nothing wakes the
/// scheduler: the clock may have been moved.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Steps of one scheduled run, after which the mailbox goes to the end of the
/// queue: a first synchronisation of many items holds a place for minutes, not
/// for hours.
const SCHEDULED_STEPS_MAX: u32 = 10;

/// How often to clear away what is kept for days or longer.
const CLEAR_EVERY: TimeDelta = TimeDelta::days(1);

/// The due resources of a mailbox.
type Due = (UserId, Vec<Resource>);

/// A run that was due.
#[derive(Debug)]
pub struct DueRun {
    /// Whose mailbox.
    pub user: UserId,
    /// Which resource.
    pub resource: Resource,
    /// What came of it.
    pub result: Result<RunReport, AppError>,
}

/// Runs of one mailbox that are going on.
struct Running {
    tasks: JoinSet<Vec<DueRun>>,
    places: Arc<Semaphore>,
    /// The mailbox of each task.
    mailboxes: BTreeMap<tokio::task::Id, UserId>,
}

impl Running {
    fn new() -> Self {
        let places = Arc::new(Semaphore::new(MAILBOXES_AT_ONCE));
        Self { tasks: JoinSet::new(), places, mailboxes: BTreeMap::new() }
    }

    fn has(&self, user: UserId) -> bool {
        self.mailboxes.values().any(|&busy| busy == user)
    }

    /// Begins the runs of those mailboxes that have none.
    fn begin_all(&mut self, app: &App, due: Vec<Due>) {
        for (user, resources) in due {
            // Somebody may have begun a run by hand, or wait for one.
            if !self.has(user) && !app.inner.mailboxes.is_running(user) {
                self.begin(app.clone(), user, resources);
            }
        }
    }

    fn begin(&mut self, app: App, user: UserId, resources: Vec<Resource>) {
        let places = Arc::clone(&self.places);
        let task = self.tasks.spawn(async move {
            // The semaphore is never closed.
            let _place = places.acquire_owned().await;
            let mut done = Vec::with_capacity(resources.len());
            for resource in resources {
                done.push(DueRun {
                    user,
                    resource,
                    result: app.sync_if_free(user, resource, SCHEDULED_STEPS_MAX).await,
                });
            }
            done
        });
        self.mailboxes.insert(task.id(), user);
    }

    /// The runs of the mailbox that is done first; none where there is none.
    async fn next(&mut self) -> Option<Vec<DueRun>> {
        let (id, runs) = match self.tasks.join_next_with_id().await? {
            Ok((id, runs)) => (id, runs),
            // The run itself is a task of its own and has reported its panic.
            Err(error) => (error.id(), Vec::new()),
        };
        self.mailboxes.remove(&id);
        Some(runs)
    }
}

impl App {
    /// Runs what is due now, large mailboxes a part of it, and says what came of
    /// it, ordered by user and resource.
    ///
    /// # Errors
    /// Where it cannot be found out what is due.
    pub async fn run_due(&self) -> Result<Vec<DueRun>, AppError> {
        let mut running = Running::new();
        running.begin_all(self, self.in_crm(due).await?);
        let mut done = Vec::new();
        while let Some(runs) = running.next().await {
            done.extend(runs);
        }
        done.sort_by_key(|run| (run.user, run.resource));
        Ok(done)
    }

    /// Runs what is due until `shutdown` is over, then lets the steps that are
    /// going on end.
    pub async fn run_scheduler(&self, shutdown: impl Future<Output = ()>) {
        let mut shutdown = std::pin::pin!(shutdown);
        let mut running = Running::new();
        let mut cleared_at: Option<DateTime<Utc>> = None;
        loop {
            let now = self.crm().now();
            if cleared_at.is_none_or(|cleared_at| now - cleared_at >= CLEAR_EVERY) {
                if let Err(error) = self.in_crm(clear).await {
                    tracing::warn!(%error, "what is over could not be cleared away");
                }
                cleared_at = Some(now);
            }
            match self.in_crm(due).await {
                Ok(due) => running.begin_all(self, due),
                Err(error) => tracing::error!(%error, "it cannot be found out what is due"),
            }
            tokio::select! {
                () = &mut shutdown => break,
                Some(runs) = running.next() => runs.iter().for_each(log),
                () = self.inner.wake.notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
        self.inner.stopping.store(true, Ordering::Relaxed);
        self.inner.live.wake();
        while let Some(runs) = running.next().await {
            runs.iter().for_each(log);
        }
    }
}

/// The mailboxes in which something is due and nobody works, without those whose
/// first run waits to be confirmed. One whose state cannot be read is logged and left
/// out.
fn due(crm: &Crm) -> Result<Vec<Due>, CrmError> {
    let now = crm.now();
    let mut due = Vec::new();
    let waiting = crm.waiting_first_syncs()?;
    for user in crm.all_users()?.into_iter().filter(|user| !waiting.contains(&user.id)) {
        match crm.sync_states_of_user(user.id) {
            Ok(states) => {
                let resources = due_resources(&states, now);
                if !resources.is_empty() {
                    due.push((user.id, resources));
                }
            }
            Err(error) => tracing::error!(%error, user = %user.id, "it cannot be found out what is due for a user"),
        }
    }
    Ok(due)
}

fn due_resources(states: &[SyncState], now: DateTime<Utc>) -> Vec<Resource> {
    if states.iter().any(|state| state.in_progress) {
        return Vec::new();
    }
    let is_due = |resource: &Resource| {
        let state = states.iter().find(|state| state.resource == resource.stored());
        state.and_then(|state| state.next_sync_at).is_some_and(|due| due <= now)
    };
    Resource::ALL.into_iter().filter(is_due).collect()
}

fn clear(crm: &Crm) -> Result<(), CrmError> {
    let (events, tasks) = (crm.purge_event_history()?, crm.purge_task_history()?);
    let alerts = crm.purge_alerts()?;
    tracing::debug!(?events, ?tasks, alerts, "what is over was cleared away");
    Ok(())
}

fn log(run: &DueRun) {
    match &run.result {
        Ok(report) => tracing::info!(user = %run.user, resource = %run.resource, steps = report.steps, "a run ended"),
        // Another process, or a person, was faster: what is due stays so.
        Err(AppError::Blocked(Blocked::StaleFence)) => {
            tracing::debug!(user = %run.user, resource = %run.resource, "somebody else works on the mailbox");
        }
        Err(error) => tracing::warn!(user = %run.user, resource = %run.resource, %error, "a run failed"),
    }
}
