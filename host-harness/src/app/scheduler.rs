//! Runs what is due, as long as the application serves.
//!
//! Every mailbox by itself: a run that fails or hangs holds up no other one,
//! and two resources of a mailbox run one after the other. Follows the
//! harness's clock, which tests may move. Next: [`super::status`].

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::error::AppError;
use super::report::RunReport;
use super::resource::Resource;
use super::start::App;
use crate::crm::{CrmError, UserId};

/// Mailboxes that are worked on at the same time. Below the number of
/// instances that the engine has room for, so that pages still get one.
const MAILBOXES_AT_ONCE: usize = 8;

/// How often to look for due runs, in real time, where nothing wakes the
/// scheduler: the clock may have been moved.
const LOOK_EVERY: Duration = Duration::from_secs(1);

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

    fn begin(&mut self, app: App, user: UserId, resources: Vec<Resource>) {
        let places = Arc::clone(&self.places);
        let task = self.tasks.spawn(async move {
            // The semaphore is never closed.
            let _place = places.acquire_owned().await;
            let mut done = Vec::with_capacity(resources.len());
            for resource in resources {
                done.push(DueRun { user, resource, result: app.sync(user, resource, None).await });
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
    /// Runs what is due now, and says what came of it, ordered by user and
    /// resource.
    ///
    /// # Errors
    /// Where it cannot be found out what is due.
    pub async fn run_due(&self) -> Result<Vec<DueRun>, AppError> {
        let mut running = Running::new();
        self.begin_due(&mut running)?;
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
        loop {
            if let Err(error) = self.begin_due(&mut running) {
                tracing::error!(%error, "it cannot be found out what is due");
            }
            tokio::select! {
                () = &mut shutdown => break,
                Some(runs) = running.next() => runs.iter().for_each(log),
                () = self.inner.wake.notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
        self.inner.stopping.store(true, Ordering::Relaxed);
        while let Some(runs) = running.next().await {
            runs.iter().for_each(log);
        }
    }

    /// Has the scheduler look now, such as after the clock was moved.
    pub fn wake_scheduler(&self) {
        self.inner.wake.notify_one();
    }

    fn begin_due(&self, running: &mut Running) -> Result<(), CrmError> {
        let now = self.crm().now();
        for user in self.crm().all_users()? {
            let states = self.crm().sync_states_of_user(user.id)?;
            if running.has(user.id) || states.iter().any(|state| state.in_progress) {
                continue;
            }
            let is_due = |resource: &Resource| {
                let state = states.iter().find(|state| state.resource == resource.stored());
                state.and_then(|state| state.next_sync_at).is_some_and(|due| due <= now)
            };
            let due: Vec<Resource> = Resource::ALL.into_iter().filter(is_due).collect();
            if !due.is_empty() {
                running.begin(self.clone(), user.id, due);
            }
        }
        Ok(())
    }
}

fn log(run: &DueRun) {
    match &run.result {
        Ok(report) => tracing::info!(user = %run.user, resource = %run.resource, steps = report.steps, "a run ended"),
        Err(error) => tracing::warn!(user = %run.user, resource = %run.resource, %error, "a run failed"),
    }
}
