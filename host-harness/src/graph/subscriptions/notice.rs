//! Writes notifications (resources/changenotification).
//!
//! Outlook's look like the examples of
//! concepts/outlook-change-notifications-overview, capital letters included; no
//! page has an example for tasks.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::model::{ChangeKind, LifecycleEvent, Subscription};
use crate::graph::calendar::output::instant;
use crate::graph::ids::{self, IdForm};
use crate::graph::mail::model::Message;
use crate::graph::model::{Calendar, Change, Event};
use crate::graph::todo::model::Task;

/// Something that changed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Item<'a> {
    Calendar(&'a Calendar),
    Event(&'a Event),
    /// The occurrence of a date.
    Occurrence(&'a Event, NaiveDate),
    Message(&'a Message),
    Task(&'a Task),
}

impl Item<'_> {
    /// Its id, as the subscription asked for ids.
    pub fn id(self, form: IdForm) -> String {
        match self {
            Self::Calendar(calendar) => ids::calendar_id(calendar.number),
            Self::Event(event) => ids::item_id(event.number, event.moves, None, form),
            Self::Occurrence(event, date) => {
                ids::item_id(event.number, event.moves, Some((date, event.generation)), form)
            }
            Self::Message(message) => ids::message_id(message.number, message.moves, form),
            Self::Task(task) => ids::task_id(task.number),
        }
    }

    /// Its place in the history of changes.
    pub fn change(self) -> u64 {
        match self {
            Self::Calendar(calendar) => calendar.change,
            Self::Event(event) => event.change,
            Self::Occurrence(event, date) => match event.exceptions.get(&date) {
                Some(Change::Moved(changed)) => changed.change.max(event.change),
                Some(Change::Cancelled) | None => event.change,
            },
            Self::Message(message) => message.change,
            Self::Task(task) => task.change,
        }
    }

    fn number(self) -> u64 {
        match self {
            Self::Calendar(calendar) => calendar.number.0,
            Self::Event(event) | Self::Occurrence(event, _) => event.number.0,
            Self::Message(message) => message.number.0,
            Self::Task(task) => task.number.0,
        }
    }

    fn type_name(self) -> &'static str {
        match self {
            Self::Calendar(_) => "#Microsoft.Graph.Calendar",
            Self::Event(_) | Self::Occurrence(_, _) => "#Microsoft.Graph.Event",
            Self::Message(_) => "#Microsoft.Graph.Message",
            Self::Task(_) => "#Microsoft.Graph.TodoTask",
        }
    }

    /// Where it is found, relative to the version of Graph.
    pub fn path(self, user: &str, form: IdForm) -> String {
        let id = self.id(form);
        match self {
            Self::Calendar(_) => format!("Users/{user}/Calendars/{id}"),
            Self::Event(_) | Self::Occurrence(_, _) => format!("Users/{user}/Events/{id}"),
            Self::Message(_) => format!("Users/{user}/Messages/{id}"),
            Self::Task(task) => format!("Users/{user}/Todo/Lists/{}/Tasks/{id}", ids::list_id(task.list)),
        }
    }
}

/// Tells of a change. `user` is the directory's id of the mailbox's owner.
pub(crate) fn of_change(
    subscription: &Subscription,
    tenant: &str,
    user: &str,
    kind: ChangeKind,
    item: Item<'_>,
) -> Value {
    let path = item.path(user, subscription.form());
    let etag = format!("W/\"{}\"", ids::change_key(item.number(), item.change()));
    json!({
        "subscriptionId": subscription.id,
        "subscriptionExpirationDateTime": instant(subscription.expires_at),
        "changeType": kind.name(),
        "resource": path,
        "resourceData": {
            "@odata.type": item.type_name(),
            "@odata.id": path,
            "@odata.etag": etag,
            "id": item.id(subscription.form()),
        },
        "clientState": subscription.client_state,
        "tenantId": tenant,
    })
}

/// Tells of the subscription itself
/// (concepts/change-notifications-lifecycle-events, "structure").
pub(crate) fn of_lifecycle(subscription: &Subscription, tenant: &str, event: LifecycleEvent) -> Value {
    json!({
        "subscriptionId": subscription.id,
        "subscriptionExpirationDateTime": instant(subscription.expires_at),
        "tenantId": tenant,
        "clientState": subscription.client_state,
        "lifecycleEvent": event.name(),
    })
}
