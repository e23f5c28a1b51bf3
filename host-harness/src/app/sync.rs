//! Runs: steps of the component for one mailbox until nothing is left to do.
//!
//! A run claims the mailbox in the CRM, so that no two runs of a mailbox
//! overlap, also not in two processes. Each step gets a fresh instance and a
//! budget. A run goes on when whoever asked for it has gone away, and always
//! leaves a report. Next: [`super::together`].

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::TimeDelta;
use serde_json::json;
use tandem_runtime::{FailureKind, HostCalls};
use tokio::sync::broadcast;

use super::error::AppError;
use super::mailbox::RunningMailbox;
use super::report::{Blocked, NextCall, PreviewReport, RunReport};
use super::resource::Resource;
use super::start::App;
use crate::crm::notices::{AlertFilter, AlertKind, AlertOperation, AlertStep, NewAlert};
use crate::crm::runs::{Claim, Holder, RunOutcome};
use crate::crm::users::User;
use crate::crm::{CrmError, UserId};
use crate::host::types::{BlockedReason, Budget, Halt, Job, Report};

/// Requests to Microsoft in one step: enough for a page of each side and its
/// writes in batches, few enough to end within the time below.
const STEP_REQUESTS_MAX: u32 = 60;

/// Items that one step decides about. Bounds what a torn-down step leaves
/// undone.
const STEP_ITEMS_MAX: u32 = 250;

/// Time after which a step begins nothing new, in milliseconds. Account calls
/// of the same mailbox wait for at most this and one request.
const STEP_TIME_MAX: u64 = 20_000;

/// Steps of one run where the caller names no number. A mailbox of 100,000
/// items needs less; a run that needs more goes on at once as another one.
pub(super) const RUN_STEPS_MAX: u32 = 1_000;

/// Requests of a preview, which reads everything at once.
const PREVIEW_REQUESTS_MAX: u32 = 400;

/// Items of a preview.
const PREVIEW_ITEMS_MAX: u32 = 20_000;

/// Time of a preview, in milliseconds: as long as a person waits for a page.
const PREVIEW_TIME_MAX: u64 = 60_000;

/// How long a claim lasts unless it is renewed, which happens after each step.
/// Longer than a step takes where Microsoft answers in time; short, because a
/// process that died blocks its mailboxes for as long. A run whose step took
/// longer goes on, unless another one has claimed the mailbox meanwhile.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// What a run has done so far, told after each step.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Whose mailbox.
    pub user: UserId,
    /// The report so far.
    pub report: RunReport,
}

/// What came of a run.
pub(super) struct Ran {
    /// The report, or why there is none.
    pub(super) result: Result<RunReport, AppError>,
    /// Whether the mailbox is still the holder's, for the resource that follows.
    pub(super) keeps_mailbox: bool,
}

impl Ran {
    /// Whether something was done, or found not to be needed, with the account.
    fn has_worked(&self) -> bool {
        self.result.as_ref().is_ok_and(|report| report.steps > 0 && report.blocked.is_none())
    }
}

impl App {
    /// Synchronises one resource of a user now: steps until nothing is left,
    /// Microsoft asks to wait, or `max_steps` are made. Whoever asks for it has
    /// decided that the first run does not wait any more, whatever comes of this one, unless
    /// an account is being connected. It comes behind a run of the mailbox that is going on
    /// in this process, and for whoever goes away before that nothing is run.
    ///
    /// # Errors
    /// [`Blocked::StaleFence`] where another process runs the mailbox, or this one for
    /// too long; otherwise where the user does not exist or the component fails. Why
    /// there was nothing to do is part of the report.
    pub async fn sync(&self, user: UserId, resource: Resource, max_steps: Option<u32>) -> Result<RunReport, AppError> {
        let user = self.crm().user(user)?;
        let running = self.turn(&user).await?;
        self.run_detached(running, user, resource, max_steps.unwrap_or(RUN_STEPS_MAX)).await
    }

    /// The same where no run of the mailbox is going on: because it is due, or wanted as
    /// soon as possible. It confirms no first run, for nobody asks for it now.
    pub(super) async fn sync_if_free(
        &self,
        user: UserId,
        resource: Resource,
        steps_max: u32,
    ) -> Result<RunReport, AppError> {
        let user = self.crm().user(user)?;
        let running = self.inner.mailboxes.begin_run(user.id).ok_or(AppError::Blocked(Blocked::StaleFence))?;
        self.run_detached(running, user, resource, steps_max).await
    }

    async fn run_detached(
        &self,
        running: RunningMailbox,
        user: User,
        resource: Resource,
        steps_max: u32,
    ) -> Result<RunReport, AppError> {
        let app = self.clone();
        self.detached(async move { app.run(running, &user, resource, steps_max).await }).await
    }

    /// What [`App::sync`] would do. Nothing is written but renewed tokens.
    ///
    /// # Errors
    /// The user does not exist, or the component fails.
    pub async fn preview(&self, user: UserId, resource: Resource) -> Result<PreviewReport, AppError> {
        let user = self.crm().user(user)?;
        let app = self.clone();
        self.detached(async move { app.preview_of(user, resource).await }).await
    }

    pub(super) async fn preview_of(&self, user: User, resource: Resource) -> Result<PreviewReport, AppError> {
        let mut mailbox = self.inner.mailboxes.hold(user.id).await;
        let fence = self.crm().raise_fence(&user.scope())?;
        *mailbox = Some(fence);
        let setup = self.setup(Some(user.scope()), Some(fence), HostCalls::new(None));
        let job = Job { resource: resource.feature(), fence: fence.number() };
        let budget = Budget { requests: PREVIEW_REQUESTS_MAX, items: PREVIEW_ITEMS_MAX, time: PREVIEW_TIME_MAX };
        let planned = self.inner.parts.connector.preview(setup, job, budget).await?;
        match planned {
            Ok(report) => Ok(PreviewReport::from_wire(user.login, resource, report)),
            Err(Halt::Blocked(reason)) => Ok(PreviewReport::blocked(user.login, resource, reason.into())),
            Err(halt @ Halt::Unavailable(_)) => Err(halted(halt)),
        }
    }

    /// Has the next run of a resource read both sides from the beginning and
    /// compare everything (Oro row E4). A run that is going on stops. Where nothing
    /// can be done for the resource, that run says why.
    ///
    /// # Errors
    /// The user does not exist, the component fails, or somebody else took the mailbox
    /// meanwhile.
    pub async fn compare_again(&self, user: UserId, resource: Resource) -> Result<(), AppError> {
        let user = self.crm().user(user)?;
        let app = self.clone();
        self.detached(async move {
            let mut mailbox = app.inner.mailboxes.hold(user.id).await;
            let fence = app.crm().raise_fence(&user.scope())?;
            *mailbox = Some(fence);
            let setup = app.setup(Some(user.scope()), Some(fence), HostCalls::new(None));
            let job = Job { resource: resource.feature(), fence: fence.number() };
            match app.inner.parts.connector.compare_again(setup, job).await? {
                // The mailbox is somebody else's now, so that nothing was noted.
                Err(halt @ (Halt::Blocked(BlockedReason::StaleFence) | Halt::Unavailable(_))) => Err(halted(halt)),
                Ok(()) | Err(Halt::Blocked(_)) => Ok(()),
            }
        })
        .await
    }

    /// Tells what every run has done, after each of its steps. A listener that
    /// is too slow misses some.
    pub fn progress(&self) -> broadcast::Receiver<Progress> {
        self.inner.progress.subscribe()
    }

    async fn run(
        &self,
        running: RunningMailbox,
        user: &User,
        resource: Resource,
        steps_max: u32,
    ) -> Result<RunReport, AppError> {
        let holder = holder();
        let ran = match self.claim(user, resource, &holder).await {
            Ok(()) => self.run_claimed(user, &holder, (resource, None), steps_max).await,
            Err(error) => Err(error),
        };
        self.end_run(running);
        ran?.result
    }

    /// Becomes the holder of a mailbox, to work on `resource`.
    pub(super) async fn claim(&self, user: &User, resource: Resource, holder: &Holder) -> Result<(), AppError> {
        let mut mailbox = self.inner.mailboxes.hold(user.id).await;
        let (user, holder) = (user.id, holder.clone());
        match self.in_crm(move |crm| crm.claim_run(user, resource.stored(), &holder, LEASE)).await? {
            Claim::Granted { fence, .. } => {
                *mailbox = Some(fence);
                Ok(())
            }
            Claim::Busy { .. } => Err(AppError::Blocked(Blocked::StaleFence)),
        }
    }

    /// Runs the resource that `holder` has claimed, and leaves its report. The
    /// mailbox stays the holder's where another resource is to follow.
    pub(super) async fn run_claimed(
        &self,
        user: &User,
        holder: &Holder,
        resources: (Resource, Option<Resource>),
        steps_max: u32,
    ) -> Result<Ran, AppError> {
        let report = RunReport::begin(user.login.clone(), resources.0);
        self.inner.live.tell(user.id, Some(report.clone()));
        let ran = self.run_and_report(user, holder, resources, steps_max, report).await;
        self.note_standing(user, ran.as_ref().is_ok_and(Ran::has_worked)).await;
        self.inner.live.tell(user.id, None);
        ran
    }

    async fn run_and_report(
        &self,
        user: &User,
        holder: &Holder,
        (resource, then): (Resource, Option<Resource>),
        steps_max: u32,
        mut report: RunReport,
    ) -> Result<Ran, AppError> {
        let result = self.steps(user, holder, steps_max, &mut report).await;
        let outcome = match &result {
            Ok(()) => RunOutcome {
                succeeded: report.next == NextCall::Idle,
                report: serde_json::to_value(&report).unwrap_or_default(),
                next_sync_at: self.next_run(user, &report.next).await,
                is_throttled: report.is_throttled(),
            },
            Err(error) => RunOutcome {
                succeeded: false,
                report: json!({
                    "steps": report.steps,
                    "failure": { "code": error.code(), "message": error.to_string(), "hint": error.hint() },
                }),
                next_sync_at: self.next_run(user, &NextCall::Idle).await,
                is_throttled: false,
            },
        };
        let (user_id, holder) = (user.id, holder.clone());
        let was_ours = match then {
            None => self.in_crm(move |crm| crm.finish_run(user_id, &holder, &outcome)).await?,
            Some(then) => {
                self.in_crm(move |crm| crm.continue_run(user_id, &holder, &outcome, then.stored(), LEASE)).await?
            }
        };
        if !was_ours {
            tracing::warn!(user = %user.id, %resource, "a run lost its mailbox to another one");
        }
        self.note_failure(user, resource, &result)?;
        Ok(Ran { result: result.map(|()| report), keeps_mailbox: was_ours && then.is_some() })
    }

    async fn steps(
        &self,
        user: &User,
        holder: &Holder,
        steps_max: u32,
        report: &mut RunReport,
    ) -> Result<(), AppError> {
        let calls = self.calls_of_run();
        while report.steps < steps_max {
            let calls = calls.clone().unwrap_or_else(|| self.calls_of_step());
            let Some(step) = self.step(user, report.resource, calls).await? else {
                report.block(Blocked::FirstSync);
                break;
            };
            report.add(step);
            let progress = Progress { user: user.id, report: report.clone() };
            // Nobody has to listen.
            drop(self.inner.progress.send(progress));
            self.inner.live.tell(user.id, Some(report.clone()));
            let again = match report.next {
                NextCall::Again => true,
                NextCall::Idle | NextCall::After { .. } | NextCall::Blocked { .. } => false,
            };
            if !again || self.inner.stopping.load(Ordering::Relaxed) {
                break;
            }
            let (user_id, holder) = (user.id, holder.clone());
            if !self.in_crm(move |crm| crm.renew_claim(user_id, &holder, LEASE)).await? {
                report.block(Blocked::StaleFence);
                break;
            }
        }
        Ok(())
    }

    /// One step; none where the first run waits: another account was connected since
    /// the run began, and nobody has asked for a run of that one.
    async fn step(&self, user: &User, resource: Resource, calls: HostCalls) -> Result<Option<Report>, AppError> {
        let mut mailbox = self.inner.mailboxes.hold(user.id).await;
        if self.first_sync_waits(user.id)? {
            return Ok(None);
        }
        // The claim has set it; an account call since then has raised it.
        let fence = match *mailbox {
            Some(fence) => fence,
            None => self.crm().raise_fence(&user.scope())?,
        };
        *mailbox = Some(fence);
        let setup = self.setup(Some(user.scope()), Some(fence), calls);
        let job = Job { resource: resource.feature(), fence: fence.number() };
        let budget = Budget { requests: STEP_REQUESTS_MAX, items: STEP_ITEMS_MAX, time: STEP_TIME_MAX };
        Ok(Some(self.inner.parts.connector.step(setup, job, budget).await?))
    }

    /// A component that fails cannot raise an alert about it, so the host does;
    /// the next run that works resolves it.
    fn note_failure(&self, user: &User, resource: Resource, result: &Result<(), AppError>) -> Result<(), CrmError> {
        let Some(notice) = resource.notice() else { return Ok(()) };
        match result {
            Err(AppError::Plugin(failure)) if !matches!(failure.kind, FailureKind::TornDown { .. }) => {
                tracing::error!(user = %user.id, %resource, code = failure.code(), "{failure}");
                let alert = NewAlert {
                    resource: notice,
                    kind: AlertKind::Sync,
                    operation: AlertOperation::None,
                    step: AlertStep::Plan,
                    code: failure.code().to_owned(),
                    item_id: None,
                    external_id: None,
                    message: failure.to_string(),
                    hint: failure.hint().to_owned(),
                };
                self.crm().raise_alerts(&user.scope(), &[alert])
            }
            Ok(()) => FailureKind::ALERT_CODES.iter().try_for_each(|code| {
                let filter = AlertFilter {
                    resource: Some(notice),
                    kind: Some(AlertKind::Sync),
                    code: Some((*code).to_owned()),
                    ..AlertFilter::default()
                };
                self.crm().resolve_alerts(&user.scope(), &filter).map(drop)
            }),
            Err(_) => Ok(()),
        }
    }
}

/// A name that no other run has: of this process, and of this moment in it.
pub(super) fn holder() -> Holder {
    static RUNS: AtomicU64 = AtomicU64::new(0);
    Holder::new(format!("{}-{}", std::process::id(), RUNS.fetch_add(1, Ordering::Relaxed)))
}

/// Why the component gave up.
pub(super) fn halted(error: Halt) -> AppError {
    match error {
        Halt::Blocked(reason) => AppError::Blocked(reason.into()),
        Halt::Unavailable(Some(wait)) => AppError::Waiting { milliseconds: wait.time, reason: wait.reason.into() },
        Halt::Unavailable(None) => AppError::Unavailable { retry_after_ms: None },
    }
}
