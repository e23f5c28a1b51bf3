//! Awkwardness that Microsoft's documentation allows, switched on by tests.
//!
//! Everything here is off at first. Chance comes from the seeded generator of
//! the state, never from here.

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::subscriptions::behaviour::Switches;

/// Which national cloud is played. Clouds differ in what they offer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Cloud {
    #[default]
    Global,
    UsGov,
    China,
}

impl Cloud {
    /// Whether `cancelledOccurrences` and `exceptionOccurrences` exist.
    pub fn lists_changed_occurrences(self) -> bool {
        match self {
            Self::Global | Self::China => true,
            Self::UsGov => false,
        }
    }

    /// Whether meetings can be forwarded (api/event-forward).
    pub fn forwards_meetings(self) -> bool {
        match self {
            Self::Global | Self::China => true,
            Self::UsGov => false,
        }
    }

    /// Whether there is To Do (resources/todo-overview).
    pub fn has_todo(self) -> bool {
        match self {
            Self::Global | Self::UsGov => true,
            Self::China => false,
        }
    }

    /// Whether mailboxes have lists of categories
    /// (api/outlookuser-list-mastercategories).
    pub fn has_categories(self) -> bool {
        match self {
            Self::Global | Self::UsGov => true,
            Self::China => false,
        }
    }

    /// Whether events can be purged (api/event-permanentdelete).
    pub fn purges_events(self) -> bool {
        match self {
            Self::Global => true,
            Self::UsGov | Self::China => false,
        }
    }
}

/// What becomes of the id of a recurring task that is completed. Both have
/// been observed, neither is documented.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum TodoSpawn {
    /// The completed task keeps its id, and a new one is open.
    #[default]
    NewTask,
    /// The id goes on with the next due date, and what was completed is a
    /// copy with a new id.
    SameIdMovesOn,
}

/// The switches in force.
#[allow(clippy::struct_excessive_bools, reason = "independent switches, not states")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Behaviour {
    /// Upper bound of a page, whatever the client asks for.
    pub page_size_max: Option<NonZeroUsize>,
    /// Delta rounds contain pages without items, about one page in three.
    pub empty_pages: bool,
    /// Delta pages repeat an item now and then, about one page in two.
    pub replay: bool,
    /// Changes show in delta rounds only after this time, in seconds.
    pub delta_lag_seconds: Option<u32>,
    /// Rounds of `calendarView/delta` contain the masters of series, as
    /// observed; the documentation leaves them out. On at first.
    pub masters_in_delta: bool,
    /// 410 on a token comes without the `Location` of a new round.
    pub gone_without_location: bool,
    /// The change key moves by itself this long after a create, in seconds.
    pub change_key_bump_seconds: Option<u32>,
    /// The change keys of occurrences move with every day that passes.
    pub occurrence_keys_move_daily: bool,
    /// What a guest declines stays in the calendar, shown as free.
    pub keep_declined: bool,
    /// How the next task of a recurring one comes about.
    pub todo_spawn: TodoSpawn,
    /// Writes to tasks with an outdated `If-Match` are refused with 412. The
    /// documentation of To Do does not speak of it.
    pub todo_if_match: bool,
    /// How far Microsoft's clock is ahead of everybody else's; behind it where
    /// this is negative.
    pub clock_skew_seconds: i32,
    /// Requests of one application in progress at one time before 429 is
    /// answered.
    pub concurrency_max: Option<NonZeroUsize>,
    /// The same of one application in one mailbox.
    pub mailbox_concurrency_max: Option<NonZeroUsize>,
    /// Requests on items without `Prefer: IdType="ImmutableId"` are refused.
    pub require_immutable_id: bool,
    /// The national cloud that is played.
    pub cloud: Cloud,
    /// What is sent shows in Sent Items only after this time, in seconds; until
    /// then it lies in the Outbox.
    pub sent_items_lag_seconds: Option<u32>,
    /// Bytes of a file for which Outlook makes an upload session at least, and at
    /// most (api/attachment-createuploadsession: 3 MB to 150 MB).
    pub upload_bytes_min: usize,
    pub upload_bytes_max: usize,
    /// Messages that a round of change tracking with a filter lists at most
    /// (api/message-delta).
    pub filtered_delta_max: usize,
    /// A refresh token ends with its first use.
    pub refresh_rotation_strict: bool,
    /// Those of change notifications.
    #[serde(flatten)]
    pub subscriptions: Switches,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            page_size_max: None,
            empty_pages: false,
            replay: false,
            delta_lag_seconds: None,
            masters_in_delta: true,
            gone_without_location: false,
            change_key_bump_seconds: None,
            occurrence_keys_move_daily: false,
            keep_declined: false,
            todo_spawn: TodoSpawn::NewTask,
            todo_if_match: false,
            clock_skew_seconds: 0,
            concurrency_max: None,
            mailbox_concurrency_max: None,
            require_immutable_id: false,
            cloud: Cloud::Global,
            sent_items_lag_seconds: None,
            upload_bytes_min: 3_000_000,
            upload_bytes_max: 150 * 1024 * 1024,
            filtered_delta_max: 5_000,
            refresh_rotation_strict: false,
            subscriptions: Switches::default(),
        }
    }
}

impl Behaviour {
    /// The switches after a change: what is absent stays, `null` goes back to
    /// what it was at first.
    ///
    /// # Errors
    /// A name is not one of a switch, or a value is not one it can have.
    pub fn changed(&self, change: &Map<String, Value>) -> Result<Self, serde_json::Error> {
        use serde::de::Error as _;
        let (mut switches, initial) = (serde_json::to_value(self)?, serde_json::to_value(Self::default())?);
        for (name, value) in change {
            let (Some(switch), Some(initial)) = (switches.get_mut(name), initial.get(name)) else {
                return Err(serde_json::Error::custom(format!("unknown switch `{name}`")));
            };
            *switch = if value.is_null() { initial.clone() } else { value.clone() };
        }
        serde_json::from_value(switches)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn switches_that_a_stored_state_does_not_know_are_as_at_first() {
        let stored = r#"{ "replay": true, "subscriptionMinutesMax": 60 }"#;
        let read: Behaviour = serde_json::from_str(stored).unwrap();
        let subscriptions = Switches { subscription_minutes_max: 60, ..Switches::default() };
        assert_eq!(read, Behaviour { replay: true, subscriptions, ..Behaviour::default() });
    }
}
