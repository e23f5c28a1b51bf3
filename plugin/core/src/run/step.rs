//! The order of a step, and what all its parts share.

use std::time::Duration;

use crate::account::{AccessToken, AccountRecord, AuthFailure};
use crate::graph::GraphBase;
use crate::model::AccountId;
use crate::ports::{Alert, AlertFilter, HostError, LogLevel, Ports};
use crate::settings::{ApplicationSettings, EffectiveSettings, Feature};
use crate::sync::Policy;
use crate::sync::rails::Held;

use super::aside::Aside;
use super::halted::{log_halt, next_after};
use super::notice;
use super::overlay::Overlay;
use super::rails::Rails;
use super::report::{Blocked, Budget, Counts, Halt, Job, Next, Preview, Report};
use super::resource::{Calendar, Resource, ResourceStatus as _, WaitUntil};
use super::session::random_word;
use super::stopped;
use super::store::{Batch, Store};
use super::tasks::Tasks;

/// How often the items of a step are decided about again, where one of them
/// changed while it was being written.
const PASSES_MAX: u32 = 3;

/// Time for reading the CRM's changes before everything is compared again.
const FEED_TIME_MAX: Duration = Duration::from_secs(20);

/// One step in progress.
pub(super) struct Step<'a, P: Ports, R: Resource = Calendar> {
    pub ports: &'a mut P,
    pub store: Store,
    pub base: GraphBase,
    pub token: Option<AccessToken>,
    pub settings: EffectiveSettings,
    pub account: AccountId,
    /// How often a check has found the connection in order.
    pub checks: u32,
    pub policy: Policy,
    pub capabilities: R::Capabilities,
    pub status: R::Status,
    /// The status as it is in storage, or as it was made where there is none.
    pub(super) stored: R::Status,
    /// Whether a step before this one could not begin, and people were told so.
    was_stopped: bool,
    /// What is kept of the guard rails.
    pub rails: Rails,
    /// The same as it is in storage.
    pub(super) stored_rails: Rails,
    /// Items that somebody has let through a guard rail.
    pub passing: Held,
    /// Whether even what has not changed is to be decided about again.
    pub compare_all: bool,
    /// What this step has done with the collections of the resource.
    pub turns: R::Turns,
    pub budget: Budget,
    pub began: Duration,
    pub run_id: String,
    /// The name of the CRM's product.
    pub product: String,
    pub report: Report,
    pub alerts: Vec<Alert>,
    /// What is to be said about items that are set aside.
    pub aside: Aside,
    /// Whether Microsoft has done in this step what it was asked for.
    pub heard: bool,
    /// What Microsoft has asked of the mailbox in this step.
    pub throttled: Option<WaitUntil>,
}

/// Does a bounded piece of work. Never fails: what went wrong is in the report.
pub fn step(ports: &mut impl Ports, job: Job, budget: Budget) -> Report {
    match job.resource {
        Feature::Calendar => step_of::<Calendar>(ports, job, budget),
        Feature::Tasks => step_of::<Tasks>(ports, job, budget),
        Feature::Mail => Report::blocked(Blocked::Disabled),
    }
}

/// What [`step`] would do until idle. Writes nothing but renewed tokens.
pub fn preview(ports: &mut impl Ports, job: Job, budget: Budget) -> Result<Preview, Halt> {
    match job.resource {
        Feature::Calendar => preview_of::<Calendar>(ports, job, budget),
        Feature::Tasks => preview_of::<Tasks>(ports, job, budget),
        Feature::Mail => Err(Halt::Blocked(Blocked::Disabled)),
    }
}

/// Has the next steps list both sides and compare all of it with what is linked.
/// Asks Microsoft nothing itself.
pub fn compare_again(ports: &mut impl Ports, job: Job) -> Result<(), Halt> {
    match job.resource {
        Feature::Calendar => compare_again_of::<Calendar>(ports, job),
        Feature::Tasks => compare_again_of::<Tasks>(ports, job),
        Feature::Mail => Err(Halt::Blocked(Blocked::Disabled)),
    }
}

fn step_of<R: Resource>(ports: &mut impl Ports, job: Job, budget: Budget) -> Report {
    match begin::<_, R>(ports, job, budget) {
        Ok(mut step) => {
            let result = step.run();
            step.finish(&result)
        }
        Err(halt) => {
            log_halt(ports, &halt);
            let issues = stopped::tell::<R>(ports, job.fence, &halt).into_iter().collect();
            Report { next: next_after(&halt), counts: Counts::default(), issues }
        }
    }
}

fn preview_of<R: Resource>(ports: &mut impl Ports, job: Job, budget: Budget) -> Result<Preview, Halt> {
    let mut overlay = Overlay::new(ports);
    let mut step = begin::<_, R>(&mut overlay, job, budget)?;
    // What an interrupted step has done already is not planned once more.
    let result = step
        .recover()
        .and_then(|()| R::observe_news(&mut step))
        .and_then(|()| R::observe_listings(&mut step))
        .and_then(|()| step.plan_everything());
    let mut preview = Preview { issues: std::mem::take(&mut step.report.issues), ..Preview::default() };
    preview.requests = step.report.counts.requests;
    match result {
        Ok(plan) => {
            preview.complete = true;
            preview.operations = plan.operations;
            preview.adopted = plan.adopted;
            preview.conflicts = plan.conflicts;
            preview.invitations = plan.invitations;
            preview.people = plan.people;
            Ok(preview)
        }
        Err(Halt::BudgetSpent) => Ok(preview),
        Err(halt) => Err(halt),
    }
}

fn compare_again_of<R: Resource>(ports: &mut impl Ports, job: Job) -> Result<(), Halt> {
    let budget = Budget { requests: 0, items: 0, time: FEED_TIME_MAX };
    let mut step = begin::<_, R>(ports, job, budget)?;
    // An echo in the feed is known by the link that has written it.
    step.recover_crm_writes()?;
    // What the feed has to say of people's edits is not found by comparing.
    R::observe_crm_feed(&mut step)?;
    let now = step.ports.now();
    step.status.compare_again(&step.settings, now);
    step.commit_with_status(Batch::default())
}

/// Everything that has to be there before anybody is asked anything.
pub(super) fn begin<P: Ports, R: Resource>(ports: &mut P, job: Job, budget: Budget) -> Result<Step<'_, P, R>, Halt> {
    let began = ports.elapsed();
    let layers = ports.layers().map_err(Halt::Host)?;
    let settings = EffectiveSettings::of(&layers);
    match &settings.application {
        ApplicationSettings::Complete { .. } => {}
        ApplicationSettings::Incomplete { .. } => return Err(Halt::Blocked(Blocked::NotConfigured)),
    }
    let resource = R::settings(&settings);
    if !resource.enabled {
        return Err(Halt::Blocked(Blocked::Disabled));
    }
    let (account, checks) = working_account(ports)?;
    let store = Store::new(R::keys(&account), job.fence);
    let now = ports.now();
    let policy = Policy { mode: resource.mode, rule: resource.rule };
    let stored = store.status(ports)?;
    let rails = store.rails(ports)?;
    let is_fresh = stored.is_none();
    let mut status = R::Status::present(stored, &settings, now);
    // What one resource was told about the mailbox holds for the others, too. Who
    // asks Microsoft nothing waits for nothing.
    let noted = store.noted_before(ports, stopped::key::<R>())?;
    let waits = [status.health().wait, noted.throttled];
    let wait = waits.iter().flatten().filter_map(|wait| wait.left(now)).max_by_key(|wait| wait.time);
    if let Some(wait) = wait.filter(|_| budget.requests > 0) {
        return Err(Halt::Wait(wait));
    }
    let profile = ports.profile().map_err(Halt::Host)?;
    let capabilities = R::capabilities(ports).map_err(Halt::Host)?;
    let base = GraphBase::parse(&profile.graph_url).map_err(|error| {
        ports.log(LogLevel::Error, "the address of Graph is not usable", &[("reason", error.to_string())]);
        Halt::Blocked(Blocked::NotConfigured)
    })?;
    let run_id = run_id(ports);
    if is_fresh {
        clear_observations(ports, &store)?;
        // What people were told before, nobody remembers.
        ports.resolve(AlertFilter { resource: Some(R::ALERTS), ..AlertFilter::default() }).map_err(Halt::Host)?;
    }
    let before = status.clone();
    status.health_mut().alerted |= noted.stopped;
    Ok(Step {
        store,
        base,
        token: None,
        settings,
        account,
        checks,
        policy,
        capabilities,
        stored: before,
        was_stopped: noted.stopped,
        stored_rails: rails.clone(),
        rails,
        passing: Held::new(),
        compare_all: status.is_comparing(),
        status,
        turns: R::Turns::default(),
        budget,
        began,
        run_id,
        product: profile.product_name,
        report: Report { next: Next::Idle, counts: Counts::default(), issues: Vec::new() },
        alerts: Vec::new(),
        aside: Aside::default(),
        heard: false,
        throttled: None,
        ports,
    })
}

/// Forgets what was seen under an earlier connection: it is out of date.
fn clear_observations(ports: &mut impl Ports, store: &Store) -> Result<(), Halt> {
    // What people want taken back is still what they want.
    for prefix in store.keys.observations() {
        store.clear(ports, &prefix)?;
    }
    store.clear(ports, &store.keys.aside())?;
    Ok(store.clear(ports, &store.keys.marks())?)
}

/// The account that is connected, parked or not: enough to look at what is kept.
pub(super) fn connected_account(ports: &mut impl Ports) -> Result<AccountId, Halt> {
    connected(ports).map(|record| record.id)
}

/// The account to work for; a parked one is left alone.
fn working_account(ports: &mut impl Ports) -> Result<(AccountId, u32), Halt> {
    let record = connected(ports)?;
    if record.parked.is_some() { Err(Halt::Blocked(Blocked::Parked)) } else { Ok((record.id, record.checks)) }
}

fn connected(ports: &mut impl Ports) -> Result<AccountRecord, Halt> {
    match AccountRecord::load(ports) {
        Ok(Some((record, _))) => Ok(record),
        Ok(None) => Err(Halt::Blocked(Blocked::NotConnected)),
        Err(failure) => Err(account_halt(failure)),
    }
}

/// Why an account cannot be read.
pub(super) fn account_halt(failure: AuthFailure) -> Halt {
    match failure {
        AuthFailure::Host(error) => Halt::Host(error),
        failure => Halt::Host(HostError::Other(failure.to_string())),
    }
}

impl<P: Ports, R: Resource> Step<'_, P, R> {
    /// Settles what an interrupted step may have written, the CRM's side first:
    /// what became of it there is known without a search.
    fn recover(&mut self) -> Result<(), Halt> {
        self.recover_crm_writes()?;
        R::recover(self)
    }

    fn run(&mut self) -> Result<(), Halt> {
        self.recover()?;
        R::observe_news(self)?;
        // What is linked does not wait for a listing, which may take many steps,
        // as long as both sides have news.
        if R::has_news(self) {
            self.bring_in_step()?;
        }
        R::observe_listings(self)?;
        self.bring_in_step()
    }

    fn bring_in_step(&mut self) -> Result<(), Halt> {
        for pass in 1..=PASSES_MAX {
            if pass > 1 {
                self.recover()?;
            }
            if self.execute(pass == PASSES_MAX)? {
                return Ok(());
            }
        }
        // What keeps changing is tried again at the next interval.
        Ok(())
    }

    /// Turns the result into a report; alerts and the status go out last.
    fn finish(mut self, result: &Result<(), Halt>) -> Report {
        let mut next = match result {
            Ok(()) => Next::Idle,
            Err(halt) => next_after(halt),
        };
        if result.is_ok() {
            self.rails.at_rest();
        }
        // Where a guard rail is up, both sides have answered.
        let has_answered = matches!(result, Ok(()) | Err(Halt::Blocked(Blocked::GuardRail)));
        // There is more to do than one step may: a success in between ends a row of
        // failures, too.
        let goes_on = matches!(result, Err(Halt::BudgetSpent)) && self.heard;
        let health = self.status.health();
        let has_failed = health.failures > 0 || health.wait.is_some();
        if (has_answered && (has_failed || health.alerted)) || (goes_on && has_failed) {
            self.recovered(result.is_ok());
        }
        if let Some(issue) = result.as_ref().err().and_then(notice::of_host) {
            // Nothing of Microsoft's or the user's: an administrator has to look.
            self.alert(notice::broken(R::ALERTS, &issue));
            self.report.issues.push(issue);
        }
        if let Err(halt) = result {
            log_halt(self.ports, halt);
        }
        let is_ours = !matches!(result, Err(Halt::Blocked(Blocked::StaleFence)));
        let mut batch = Batch::default();
        if let Some(wait) = &self.throttled {
            batch.put(self.store.keys.throttled(), wait);
        }
        if self.was_stopped {
            // From here on, the status remembers whether that is over.
            batch.remove(stopped::key::<R>());
        }
        if is_ours {
            // What the host does not take does not keep from storing the rest.
            let told = self.raise_alerts().and_then(|()| self.look_for_more());
            let is_pending = self.has_news() || !batch.is_empty();
            let is_stale = told == Err(Halt::Blocked(Blocked::StaleFence));
            let stored = if is_pending && !is_stale { self.commit_with_status(batch) } else { Ok(()) };
            for error in [told, stored].into_iter().filter_map(Result::err) {
                log_halt(self.ports, &error);
                // Whatever seemed to be the matter: the mailbox is somebody else's. And
                // what ends until somebody acts, somebody has to hear of.
                if error == Halt::Blocked(Blocked::StaleFence) || matches!(next, Next::Blocked(_)) {
                    next = next_after(&error);
                }
            }
        }
        self.report.next = next;
        self.report
    }

    /// Both sides have answered after failures: waits and alerts about that are
    /// over, and where a run has `succeeded`, those about guard rails, too.
    fn recovered(&mut self, succeeded: bool) {
        if self.status.health().alerted {
            let of_code = |code| AlertFilter { resource: Some(R::ALERTS), code: Some(code), ..AlertFilter::default() };
            let rails = notice::RAILS.into_iter().filter(|_| succeeded).map(|rail| notice::of_rail(R::ALERTS, rail));
            for over in notice::RUN_CODES.into_iter().map(of_code).chain(rails) {
                if self.ports.resolve(over).is_err() {
                    // They stay open until a later success.
                    return;
                }
            }
        }
        let health = self.status.health_mut();
        health.alerted = !succeeded;
        health.failures = 0;
        health.wait = None;
    }

    /// Ends the step in good order when its time is over.
    pub(super) fn check_time(&mut self) -> Result<(), Halt> {
        let spent = self.ports.elapsed().saturating_sub(self.began);
        if spent < self.budget.time { Ok(()) } else { Err(Halt::BudgetSpent) }
    }
}

/// A short name of this run in Microsoft's logs and ours.
fn run_id(ports: &mut impl Ports) -> String {
    format!("tandem-{:016x}", u64::from_le_bytes(random_word(ports)))
}
