//! Tasks of the CRM and of Microsoft To Do (Oro rows T1 to T3; Graph
//! `resources/todo-overview`).
//!
//! A step is that of the calendar; what is different: To Do has lists instead of
//! a window ([`lists`], [`rounds`]), a task has another id in another list and is
//! found again by its linked resource ([`moved`]), a recurring task becomes two
//! when it is completed, and a workflow of the CRM may keep a status
//! ([`execute_crm`]).

mod decide;
mod execute_crm;
mod execute_graph;
mod items;
mod left;
mod link_back;
mod lists;
mod look_first;
mod moved;
mod observe_crm;
mod read;
mod recover;
mod rounds;
mod search;
mod stage;
mod status;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use crate::model::{AccountId, CrmId, FieldGroup, FieldSet, LinkId, Zone};
use crate::ports::{AlertResource, AppliedWrite, HostError, Ports, TaskCapabilities, TaskItem};
use crate::settings::{EffectiveSettings, Feature, ResourceSettings};
use crate::sync::CrmNow;

use super::aside::SetAside;
use super::decide::crm_seen;
use super::pair::Item;
use super::report::{Blocked, Halt};
use super::resource::{Resource, ResourceStatus as _, Writes};
use super::state::{Keys, SeenGraph};
use super::step::Step;
use crate::sync::{Merge, Policy, PresentEnd, merge};

use super::store::Batch;
use super::work::{LinkBack, Work};
use super::wrote::{CrmWrote, GraphWrote};

use lists::Turns;
use status::TasksStatus;

/// The groups of a task that To Do holds and that are synchronised. All others
/// (categories, checklist, start, attachments, recurrence) are never written.
const HELD: [FieldGroup; 6] = [
    FieldGroup::Title,
    FieldGroup::Body,
    FieldGroup::Reminder,
    FieldGroup::Importance,
    FieldGroup::Status,
    FieldGroup::Due,
];

/// Tasks.
pub(super) struct Tasks;

/// A step for tasks.
type TaskStep<'a, P> = Step<'a, P, Tasks>;

impl Resource for Tasks {
    type Status = TasksStatus;
    type Capabilities = TaskCapabilities;
    type Turns = Turns;

    const FEATURE: Feature = Feature::Tasks;
    const ALERTS: AlertResource = AlertResource::Tasks;
    const TO_READ: SeenGraph = SeenGraph::Removed;

    fn keys(account: &AccountId) -> Keys {
        Keys::tasks(account)
    }

    fn settings(settings: &EffectiveSettings) -> ResourceSettings {
        settings.tasks
    }

    fn capabilities(ports: &mut impl Ports) -> Result<TaskCapabilities, HostError> {
        ports.task_capabilities()
    }

    fn holds(capabilities: &TaskCapabilities) -> FieldSet {
        capabilities.holds
    }

    fn applied<P: Ports>(step: &mut TaskStep<'_, P>, keys: &[String]) -> Result<Vec<Option<AppliedWrite>>, Halt> {
        step.ports.applied_to_tasks(keys).map_err(Halt::Host)
    }

    fn crm_now<P: Ports>(step: &mut TaskStep<'_, P>, ids: &[CrmId]) -> Result<Vec<CrmNow>, Halt> {
        let found = step.ports.tasks(ids).map_err(Halt::Host)?;
        let now = |item: Option<TaskItem>| match item {
            Some(item) => CrmNow::Present(crm_seen(step.seen_crm_task(&item))),
            None => CrmNow::Gone,
        };
        Ok(found.into_iter().map(now).collect())
    }

    fn recover<P: Ports>(step: &mut TaskStep<'_, P>) -> Result<(), Halt> {
        if step.capabilities.holds.is_empty() {
            // A CRM without tasks.
            return Err(Halt::Blocked(Blocked::NotOffered));
        }
        step.recover_tasks()
    }

    fn observe_news<P: Ports>(step: &mut TaskStep<'_, P>) -> Result<(), Halt> {
        step.follow_lists()?;
        step.read_feeds()?;
        step.observe_crm_tasks()
    }

    fn observe_crm_feed<P: Ports>(step: &mut TaskStep<'_, P>) -> Result<(), Halt> {
        if step.status.crm.feed().is_some() { step.observe_crm_tasks() } else { Ok(()) }
    }

    fn observe_listings<P: Ports>(step: &mut TaskStep<'_, P>) -> Result<(), Halt> {
        step.list_tasks()?;
        step.status.comparing = false;
        Ok(())
    }

    fn has_news<P: Ports>(_: &TaskStep<'_, P>) -> bool {
        // A listing of tasks is short, and what is linked can wait for it.
        false
    }

    fn items<P: Ports>(step: &mut TaskStep<'_, P>) -> Result<Vec<Item>, Halt> {
        step.task_items()
    }

    fn work<P: Ports>(step: &mut TaskStep<'_, P>, item: &Item) -> Result<Option<Work>, Halt> {
        step.task_work(item)
    }

    fn write_graph<P: Ports>(step: &mut TaskStep<'_, P>, works: &[Work]) -> Writes<GraphWrote> {
        step.write_tasks(works)
    }

    fn write_crm<P: Ports>(step: &mut TaskStep<'_, P>, works: &[Work], graph: &[GraphWrote]) -> Writes<CrmWrote> {
        step.write_crm_tasks(works, graph)
    }

    fn after_settling<P: Ports>(
        step: &mut TaskStep<'_, P>,
        linked: &[(LinkId, LinkBack)],
    ) -> Result<Option<Halt>, Halt> {
        step.link_back(linked)
    }

    /// A task that is not linked is read in its list alone, and there are few.
    fn try_again<P: Ports>(step: &mut TaskStep<'_, P>, items: &[SetAside], _: &mut Batch) -> Result<(), Halt> {
        if !items.is_empty() {
            let now = step.ports.now();
            step.status.compare_again(&step.settings, now);
        }
        Ok(())
    }

    fn merged<P: Ports>(step: &TaskStep<'_, P>, policy: Policy, crm: &PresentEnd, m365: &PresentEnd) -> Merge {
        step.reminded(policy, merge(policy, crm, m365), crm, m365)
    }

    /// Nobody is told of a task.
    fn guarded<P: Ports>(_: &mut TaskStep<'_, P>, work: Work) -> Work {
        work
    }

    fn report_left<P: Ports>(step: &mut TaskStep<'_, P>, work: &Work) {
        step.report_kept(work);
    }
}

impl<P: Ports> TaskStep<'_, P> {
    /// The zone in which due dates are meant: the mailbox's, and where that may
    /// not be asked for, the one of the CRM's user.
    fn zone(&self) -> Zone {
        self.status.zone.as_ref().map_or(Zone::UTC, |known| known.zone)
    }
}

/// What To Do holds.
fn held() -> FieldSet {
    HELD.into_iter().collect()
}
