//! Which lists of To Do are followed, and in which zone their dates are meant.
//!
//! The lists are asked for once in every step: there are few, one answer shows
//! them all, and a list that is new, renamed or gone is known at once. A list
//! that is left takes nothing with it: no task is deleted, on no side, and its
//! links stay.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::graph::wire::{TodoTaskList, WellknownListName};
use crate::graph::{Reaction, Subject, response};
use crate::model::{TaskListId, Zone};
use crate::ports::{Alert, AlertFilter, AlertKind, AlertResource, AlertStep, Ports};
use crate::run::report::{Blocked, Halt};
use crate::run::round::{CrmRound, Followed};
use crate::sync::IssueCode;

use super::TaskStep;
use super::status::{KnownZone, ListRound};

/// Items in a page of lists, for the links between them.
const LISTS_PER_PAGE: u16 = 100;

/// Pages of lists: a thousand of them. What is behind that counts as not there.
const LIST_PAGES_MAX: u32 = 10;

/// How long the zone of a mailbox is not asked for again.
const ZONE_INTERVAL: TimeDelta = TimeDelta::days(1);

/// How long a list that is named, but not found when it is read, is left alone:
/// a new one may be named before it can be read.
const UNREADABLE_INTERVAL: TimeDelta = TimeDelta::hours(1);

/// What one step has done with the lists.
#[derive(Debug, Default)]
pub struct Turns {
    /// All lists of the mailbox, once they are known.
    pub lists: Option<Vec<TodoTaskList>>,
    /// Those that have answered.
    pub asked: BTreeSet<TaskListId>,
    /// Listings begun because Microsoft had forgotten its links.
    pub listings: u32,
    /// The links that were followed.
    pub followed: Followed,
}

impl<P: Ports> TaskStep<'_, P> {
    /// Follows the lists that the settings say.
    pub(super) fn follow_lists(&mut self) -> Result<(), Halt> {
        if self.turns.lists.is_some() {
            return Ok(());
        }
        let found = self.all_lists()?;
        self.forget_unreadable(&found);
        self.know_zone()?;
        let name = self.settings.task_list.clone();
        let target = match &name {
            None => found.iter().find(|list| list.wellknown_list_name == Some(WellknownListName::DefaultList)),
            Some(name) => named(&found, name),
        };
        // What would be created in a list that cannot be read waits.
        self.status.target =
            target.map(|list| list.id.clone()).filter(|id| !self.status.unreadable.iter().any(|list| list.id == *id));
        self.say_missing(name.as_deref().filter(|_| target.is_none()))?;
        let all = self.settings.all_task_lists;
        let chosen: Vec<(TaskListId, String)> = found
            .iter()
            .filter(|list| (all && is_own(list)) || self.status.target.as_ref() == Some(&list.id))
            .filter(|list| !self.status.unreadable.iter().any(|unreadable| unreadable.id == list.id))
            .map(|list| (list.id.clone(), list.display_name.clone().unwrap_or_default()))
            .collect();
        self.follow_these(chosen);
        self.turns.lists = Some(found);
        Ok(())
    }

    /// Tries lists again that could not be read a while ago, and names the others.
    fn forget_unreadable(&mut self, found: &[TodoTaskList]) {
        let now = self.ports.now();
        self.status.unreadable.retain(|list| {
            now.since(list.met_at) < UNREADABLE_INTERVAL && found.iter().any(|known| known.id == list.id)
        });
        let is_unreadable = |list: &&TodoTaskList| self.status.unreadable.iter().any(|one| one.id == list.id);
        let names: Vec<String> =
            found.iter().filter(is_unreadable).filter_map(|list| list.display_name.clone()).collect();
        for name in names {
            let message = format!(
                "Microsoft names the task list \"{name}\", but does not find it when it is read. Its tasks stay as they \
                 are on both sides; it is tried again every hour. Open the list in To Do, or choose another one."
            );
            self.issue(IssueCode::TaskListLeft, None, None, &message);
        }
    }

    fn all_lists(&mut self) -> Result<Vec<TodoTaskList>, Halt> {
        let mut found = Vec::new();
        let mut next = None;
        for _ in 0..LIST_PAGES_MAX {
            let answer = self.ask(Subject::Mailbox, |requests, id| match &next {
                None => Ok(requests.todo_lists(id)),
                Some(link) => requests.follow(link, LISTS_PER_PAGE, id),
            })?;
            let page = match answer.and_then(|answer| response::read_todo_lists(&answer)) {
                Ok(page) => page,
                Err(failure) if failure.lacks_todo() => return Err(self.not_offered()),
                Err(failure) => return Err(self.halt(&failure)),
            };
            // Pages that lead back show a list again, which is read once all the same.
            for list in page.lists {
                if !found.iter().any(|known: &TodoTaskList| known.id == list.id) {
                    found.push(list);
                }
            }
            match page.next {
                Some(link) => next = Some(link),
                None => break,
            }
        }
        Ok(found)
    }

    /// Says that this cloud has no To Do; the calendar goes on.
    fn not_offered(&mut self) -> Halt {
        self.alert(Alert {
            resource: AlertResource::Tasks,
            kind: AlertKind::Sync,
            towards: None,
            step: AlertStep::GetList,
            code: "to-do-not-offered",
            item_id: None,
            external_id: None,
            message: "Microsoft's cloud of this account has no To Do, so that tasks are not synchronized.".to_owned(),
            hint: "Switch tasks off for this user or the organization. The calendar is synchronized all the same."
                .to_owned(),
        });
        Halt::Blocked(Blocked::NotOffered)
    }

    /// Keeps the rounds of these lists, begins those that are missing, and ends
    /// all others.
    fn follow_these(&mut self, chosen: Vec<(TaskListId, String)>) {
        let is_new = chosen.iter().any(|(id, _)| self.status.list(id).is_none());
        let mut before = std::mem::take(&mut self.status.lists);
        for (id, name) in chosen {
            let known = before.iter().position(|round| round.id == id).map(|index| before.remove(index));
            let round = known.unwrap_or_else(|| ListRound::new(id, name.clone()));
            self.status.lists.push(ListRound { name, ..round });
        }
        for list in before {
            let message = format!(
                "The task list \"{}\" is not synchronized any more. Its tasks stay as they are on both sides.",
                list.name
            );
            self.issue(IssueCode::TaskListLeft, None, None, &message);
        }
        if is_new {
            // What was deleted of them while they were not followed is what no
            // listing shows, and what was edited in the CRM meanwhile has waited; and
            // their tasks may be those of records that were nobody's until now.
            self.status.list_again();
            self.status.comparing = true;
            self.compare_all = true;
            if let CrmRound::Changes { cursor } = &self.status.crm {
                self.status.crm = CrmRound::Entering { after: None, cursor: cursor.clone() };
            }
        }
    }

    /// Says that the list of the settings does not exist, and that it does again.
    fn say_missing(&mut self, name: Option<&str>) -> Result<(), Halt> {
        let code = IssueCode::TaskListNotFound;
        let Some(name) = name else {
            let filter = AlertFilter {
                resource: Some(AlertResource::Tasks),
                code: Some(code.as_str()),
                ..AlertFilter::default()
            };
            if self.status.health.alerted_items.contains(code.as_str()) {
                self.ports.resolve(filter).map_err(Halt::Host)?;
                self.status.health.alerted_items.remove(code.as_str());
            }
            return Ok(());
        };
        let message = format!(
            "The task list \"{name}\" does not exist in To Do. No task of the CRM is created there, and none of that \
             list is read. Nothing is deleted."
        );
        self.issue(code, None, None, &message);
        self.status.health.alerted_items.insert(code.as_str().to_owned());
        Ok(())
    }

    /// Asks for the zone of the mailbox, once a day. Where that is not permitted,
    /// it is taken to be the one of the CRM's user.
    fn know_zone(&mut self) -> Result<(), Halt> {
        let now = self.ports.now();
        if self.status.zone.as_ref().is_some_and(|known| now.since(known.asked_at) < ZONE_INTERVAL) {
            return Ok(());
        }
        let answer = self.ask(Subject::Mailbox, |requests, id| Ok(requests.mailbox_zone(id)))?;
        let zone = match answer.and_then(|answer| response::read_mailbox_zone(&answer)) {
            Ok(zone) => zone,
            Err(failure) => match &failure.reaction {
                Reaction::Retry { .. } | Reaction::Reauthenticate { .. } => return Err(self.halt(&failure)),
                Reaction::MissingPermission
                | Reaction::ParkMailbox
                | Reaction::StopRun
                | Reaction::SkipItem
                | Reaction::ItemGone
                | Reaction::RereadItem
                | Reaction::AlreadyCreated { .. }
                | Reaction::Resync { .. } => self.zone_of_user()?,
            },
        };
        if self.status.zone.as_ref().is_some_and(|known| known.zone != zone) {
            // The dates of all tasks are other ones now.
            self.status.list_again();
            self.status.comparing = true;
            self.compare_all = true;
        }
        self.status.zone = Some(KnownZone { zone, asked_at: now });
        Ok(())
    }

    /// The zone that was known last, or the one of the CRM's user.
    fn zone_of_user(&mut self) -> Result<Zone, Halt> {
        if let Some(known) = &self.status.zone {
            return Ok(known.zone);
        }
        Ok(self.ports.profile().map_err(Halt::Host)?.user_zone)
    }
}

/// Whether a list holds the user's own tasks: flagged mails are none, and those of
/// a list that somebody shares are somebody else's.
fn is_own(list: &TodoTaskList) -> bool {
    list.wellknown_list_name != Some(WellknownListName::FlaggedEmails) && list.is_owner != Some(false)
}

/// The list of this name: as it is written, or else in another case.
fn named<'a>(lists: &'a [TodoTaskList], name: &str) -> Option<&'a TodoTaskList> {
    let title = |list: &TodoTaskList| list.display_name.as_deref().unwrap_or_default().trim().to_owned();
    let wanted = name.trim();
    let exact = lists.iter().find(|list| title(list) == wanted);
    exact.or_else(|| lists.iter().find(|list| title(list).to_lowercase() == wanted.to_lowercase()))
}
