//! What differs from one kind of item to the next.
//!
//! A step is the same for calendar events and for tasks: recover, observe, plan,
//! check, execute, report. What is read, how an item is decided about, and how
//! it is written, is a [`Resource`]'s own matter.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::model::{AccountId, CrmId, FieldSet, Instant, LinkId};
use crate::ports::{AlertResource, AppliedWrite, CrmCapabilities, CrmItem, HostError, Ports};
use crate::settings::{EffectiveSettings, Feature, ResourceSettings};
use crate::sync::{CrmNow, Merge, Policy, PresentEnd, merge};

use super::aside::SetAside;
use super::attempts::Failing;
use super::decide::crm_seen;
use super::pair::Item;
use super::report::{Halt, Wait, WaitReason};
use super::rounds::Turns;
use super::state::{Keys, SeenGraph, Status};
use super::step::Step;
use super::store::Batch;
use super::work::{LinkBack, Work};
use super::wrote::{CrmWrote, GraphWrote};

/// Writes of several items on one side, and why the run has to end after them,
/// if it has to.
pub(super) type Writes<T> = Result<(Vec<T>, Option<Halt>), Halt>;

/// The longest wait that is ever noted, jitter included.
const WAIT_MAX: TimeDelta = TimeDelta::hours(2);

/// A wait that later steps keep to, after a restart as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitUntil {
    /// When it is over.
    pub until: Instant,
    /// What is waited for.
    pub reason: WaitReason,
}

impl WaitUntil {
    /// The wait that begins at `now`.
    pub fn from(now: Instant, wait: Wait) -> Self {
        let time = TimeDelta::from_std(wait.time).map_or(WAIT_MAX, |time| time.min(WAIT_MAX));
        Self { until: now.plus(time), reason: wait.reason }
    }

    /// What is left of it at `now`; none where it is over. One that is longer
    /// than any that is noted was noted by a clock that has been put back since,
    /// and would park the mailbox for as long as that clock was wrong.
    pub fn left(&self, now: Instant) -> Option<Wait> {
        let left = self.until.since(now);
        let time = left.to_std().ok().filter(|time| !time.is_zero() && left <= WAIT_MAX)?;
        Some(Wait { time, reason: self.reason })
    }
}

/// How it stands with asking Microsoft, and with what people were told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Not to ask Microsoft before this is over: it said so, or a wait is needed.
    #[serde(default)]
    pub wait: Option<WaitUntil>,
    /// Failed attempts since the last success, for the length of that wait.
    pub failures: u32,
    /// Whether an alert about the run as a whole is open.
    pub alerted: bool,
    /// Items, by their id on either side, that people are told of: with an alert,
    /// or in the list of what is set aside alone.
    pub alerted_items: BTreeSet<String>,
    /// Whether there are more of them than are kept here. Then their records tell
    /// which they are.
    #[serde(default)]
    pub told_of_more: bool,
    /// Failed attempts at items that may yet go through.
    #[serde(default)]
    pub failing: BTreeMap<String, Failing>,
    /// Items of which a write was denied, and how often the connection had been found in
    /// order by then.
    #[serde(default)]
    pub denied: BTreeMap<String, u32>,
}

/// The state of one user's items of a kind as a whole.
pub(super) trait ResourceStatus: Clone + PartialEq + Serialize + DeserializeOwned {
    /// The status to go on with: settings and time may have changed since.
    fn present(stored: Option<Self>, settings: &EffectiveSettings, now: Instant) -> Self;
    /// How it stands.
    fn health(&self) -> &Health;
    /// The same, to be changed.
    fn health_mut(&mut self) -> &mut Health;
    /// Whether even what has not changed is to be decided about again.
    fn is_comparing(&self) -> bool;
    /// Lists both sides from the beginning, and compares even what has not
    /// changed with the links.
    fn compare_again(&mut self, settings: &EffectiveSettings, now: Instant);
}

/// A kind of item that is kept in step.
pub(super) trait Resource: Sized {
    /// What is kept of it as a whole.
    type Status: ResourceStatus;
    /// What the CRM can hold of it.
    type Capabilities;
    /// What one step has done with its collections.
    type Turns: Default;

    /// The switch in the settings.
    const FEATURE: Feature;
    /// What alerts about it are about.
    const ALERTS: AlertResource;
    /// What notes of an item that it is to be read before anything is decided.
    const TO_READ: SeenGraph;

    /// Where its state is kept.
    fn keys(account: &AccountId) -> Keys;
    /// How it is to be kept in step.
    fn settings(settings: &EffectiveSettings) -> ResourceSettings;
    /// Asks the CRM what it can hold.
    fn capabilities(ports: &mut impl Ports) -> Result<Self::Capabilities, HostError>;
    /// The groups that the CRM holds.
    fn holds(capabilities: &Self::Capabilities) -> FieldSet;

    /// What the writes to the CRM with these keys have left behind.
    fn applied<P: Ports>(step: &mut Step<'_, P, Self>, keys: &[String]) -> Result<Vec<Option<AppliedWrite>>, Halt>;
    /// What these records of the CRM are now, in their order.
    fn crm_now<P: Ports>(step: &mut Step<'_, P, Self>, ids: &[CrmId]) -> Result<Vec<CrmNow>, Halt>;

    /// Finishes or forgets what an interrupted step may have created in Microsoft.
    fn recover<P: Ports>(step: &mut Step<'_, P, Self>) -> Result<(), Halt>;
    /// Reads what has changed on both sides, as far as they are followed.
    fn observe_news<P: Ports>(step: &mut Step<'_, P, Self>) -> Result<(), Halt>;
    /// Reads what the CRM alone has to say of people's edits.
    fn observe_crm_feed<P: Ports>(step: &mut Step<'_, P, Self>) -> Result<(), Halt>;
    /// Lists completely what has to be listed on either side.
    fn observe_listings<P: Ports>(step: &mut Step<'_, P, Self>) -> Result<(), Halt>;
    /// Whether what is linked is decided about before a listing is complete.
    fn has_news<P: Ports>(step: &Step<'_, P, Self>) -> bool;

    /// All items about which something was observed.
    fn items<P: Ports>(step: &mut Step<'_, P, Self>) -> Result<Vec<Item>, Halt>;
    /// Decides about one; none where nothing is left to decide.
    fn work<P: Ports>(step: &mut Step<'_, P, Self>, item: &Item) -> Result<Option<Work>, Halt>;
    /// Writes Microsoft's side.
    fn write_graph<P: Ports>(step: &mut Step<'_, P, Self>, works: &[Work]) -> Writes<GraphWrote>;
    /// Writes the CRM's side, except where Microsoft's has to be decided again.
    fn write_crm<P: Ports>(step: &mut Step<'_, P, Self>, works: &[Work], graph: &[GraphWrote]) -> Writes<CrmWrote>;
    /// Merges two ends of an item under a policy.
    fn merged<P: Ports>(step: &Step<'_, P, Self>, policy: Policy, crm: &PresentEnd, m365: &PresentEnd) -> Merge;
    /// A work after the firewall for notices.
    fn guarded<P: Ports>(step: &mut Step<'_, P, Self>, work: Work) -> Work;
    /// Says which parts of an item stay as they are.
    fn report_left<P: Ports>(step: &mut Step<'_, P, Self>, work: &Work);
    /// Has these decided about again by the next step.
    fn try_again<P: Ports>(step: &mut Step<'_, P, Self>, items: &[SetAside], batch: &mut Batch) -> Result<(), Halt>;
    /// What is left to do once items are settled: brings our key into these; why
    /// the run has to end, if it has to.
    fn after_settling<P: Ports>(
        step: &mut Step<'_, P, Self>,
        linked: &[(LinkId, LinkBack)],
    ) -> Result<Option<Halt>, Halt>;
}

/// Calendar events.
pub(super) struct Calendar;

impl Resource for Calendar {
    type Status = Status;
    type Capabilities = CrmCapabilities;
    type Turns = Turns;

    const FEATURE: Feature = Feature::Calendar;
    const ALERTS: AlertResource = AlertResource::Calendar;
    const TO_READ: SeenGraph = SeenGraph::Stale;

    fn keys(account: &AccountId) -> Keys {
        Keys::calendar(account)
    }

    fn settings(settings: &EffectiveSettings) -> ResourceSettings {
        settings.calendar
    }

    fn capabilities(ports: &mut impl Ports) -> Result<CrmCapabilities, HostError> {
        ports.capabilities()
    }

    fn holds(capabilities: &CrmCapabilities) -> FieldSet {
        capabilities.holds
    }

    fn applied<P: Ports>(step: &mut Step<'_, P, Self>, keys: &[String]) -> Result<Vec<Option<AppliedWrite>>, Halt> {
        step.ports.applied(keys).map_err(Halt::Host)
    }

    fn crm_now<P: Ports>(step: &mut Step<'_, P, Self>, ids: &[CrmId]) -> Result<Vec<CrmNow>, Halt> {
        let found = step.ports.items(ids).map_err(Halt::Host)?;
        let now = |item: Option<CrmItem>| match item.map(|item| step.seen_crm(&item, false)) {
            Some(Ok(seen)) => CrmNow::Present(crm_seen(seen)),
            Some(Err(_)) => CrmNow::Unreadable,
            None => CrmNow::Gone,
        };
        Ok(found.into_iter().map(now).collect())
    }

    fn recover<P: Ports>(step: &mut Step<'_, P, Self>) -> Result<(), Halt> {
        step.recover_events()
    }

    fn observe_news<P: Ports>(step: &mut Step<'_, P, Self>) -> Result<(), Halt> {
        step.observe_graph()?;
        step.observe_crm_feed()
    }

    fn observe_crm_feed<P: Ports>(step: &mut Step<'_, P, Self>) -> Result<(), Halt> {
        step.observe_crm_feed()
    }

    fn observe_listings<P: Ports>(step: &mut Step<'_, P, Self>) -> Result<(), Halt> {
        if step.status.is_listing() {
            step.list_graph()?;
            step.observe_crm()?;
        }
        step.status.comparing = false;
        Ok(())
    }

    fn has_news<P: Ports>(step: &Step<'_, P, Self>) -> bool {
        step.status.is_listing() && step.status.is_live()
    }

    fn items<P: Ports>(step: &mut Step<'_, P, Self>) -> Result<Vec<Item>, Halt> {
        step.events()
    }

    fn work<P: Ports>(step: &mut Step<'_, P, Self>, item: &Item) -> Result<Option<Work>, Halt> {
        step.event_work(item)
    }

    fn write_graph<P: Ports>(step: &mut Step<'_, P, Self>, works: &[Work]) -> Writes<GraphWrote> {
        step.write_events(works)
    }

    fn write_crm<P: Ports>(step: &mut Step<'_, P, Self>, works: &[Work], graph: &[GraphWrote]) -> Writes<CrmWrote> {
        step.write_crm_events(works, graph)
    }

    fn merged<P: Ports>(_: &Step<'_, P, Self>, policy: Policy, crm: &PresentEnd, m365: &PresentEnd) -> Merge {
        merge(policy, crm, m365)
    }

    fn guarded<P: Ports>(step: &mut Step<'_, P, Self>, work: Work) -> Work {
        step.guarded(work)
    }

    fn report_left<P: Ports>(step: &mut Step<'_, P, Self>, work: &Work) {
        step.report_left(work);
    }

    fn try_again<P: Ports>(step: &mut Step<'_, P, Self>, items: &[SetAside], batch: &mut Batch) -> Result<(), Halt> {
        for item in items {
            match (&item.m365, &item.crm) {
                // What is linked is decided about with both its ends.
                (Some(id), _) => batch.put(step.store.keys.staged_graph(id), &SeenGraph::Stale),
                (None, Some(id)) => step.reread_crm(id)?,
                (None, None) => {}
            }
        }
        Ok(())
    }

    /// An event bears its key from the beginning.
    fn after_settling<P: Ports>(_: &mut Step<'_, P, Self>, _: &[(LinkId, LinkBack)]) -> Result<Option<Halt>, Halt> {
        Ok(None)
    }
}
