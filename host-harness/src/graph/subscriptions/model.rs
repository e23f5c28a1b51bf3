//! What is kept of subscriptions and of notifications that wait. Plain data;
//! the rules are next door.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::rich::Rich;
use crate::graph::ids::IdForm;
use crate::graph::login::grants::Subject;
use crate::graph::mail::model::FolderNo;
use crate::graph::model::{CalendarNo, MailboxNo};
use crate::graph::table::number;
use crate::graph::todo::model::ListNo;

number! {
    /// A subscription, counted with everything else of the tenant.
    SubscriptionNo
}
number! {
    /// A notification that waits to be delivered.
    NotificationNo
}

/// What a subscription watches in its mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Watched {
    /// The calendars themselves.
    Calendars,
    Events(CalendarNo),
    /// The messages of one folder, or of all.
    Messages(Option<FolderNo>),
    Tasks(ListNo),
}

/// What happened to an item (`changeType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ChangeKind {
    Created,
    Updated,
    Deleted,
}

impl ChangeKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Created, Self::Updated, Self::Deleted];

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
        }
    }
}

/// What happened to a subscription (`lifecycleEventType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum LifecycleEvent {
    Missed,
    SubscriptionRemoved,
    ReauthorizationRequired,
}

impl LifecycleEvent {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missed => "missed",
            Self::SubscriptionRemoved => "subscriptionRemoved",
            Self::ReauthorizationRequired => "reauthorizationRequired",
        }
    }
}

/// A subscription (resources/subscription).
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Subscription {
    pub number: SubscriptionNo,
    /// The GUID on the wire.
    pub id: String,
    pub client_id: String,
    /// Who made it through the application, or the application itself.
    pub creator: Subject,
    /// The directory's id of the creator.
    pub creator_id: String,
    pub mailbox: MailboxNo,
    /// As it was written.
    pub resource: String,
    pub watched: Watched,
    /// As it was written.
    pub change_type: String,
    pub kinds: Vec<ChangeKind>,
    pub client_state: Option<String>,
    pub notification_url: String,
    pub lifecycle_url: Option<String>,
    pub tls_version: String,
    pub url_app_id: Option<String>,
    /// How data is sent along, if it is.
    #[serde(default)]
    pub rich: Option<Rich>,
    pub expires_at: DateTime<Utc>,
    /// Whether `Prefer: IdType="ImmutableId"` came with the request that made it.
    pub immutable_ids: bool,
    /// When the token ends that made or last authorised it.
    pub token_ends_at: DateTime<Utc>,
    /// When its client was last asked to authorise it again.
    pub asked_at: Option<DateTime<Utc>>,
    /// Whether nothing is told until it is authorised again.
    pub is_paused: bool,
}

impl Subscription {
    /// Which ids its notifications hold.
    pub fn form(&self) -> IdForm {
        if self.immutable_ids { IdForm::Immutable } else { IdForm::Default }
    }

    /// Whether it is for an Outlook resource. Only those are told of what was
    /// missed and that they were removed
    /// (concepts/change-notifications-lifecycle-events, "supported resources").
    pub fn is_of_outlook(&self) -> bool {
        match self.watched {
            Watched::Calendars | Watched::Events(_) | Watched::Messages(_) => true,
            Watched::Tasks(_) => false,
        }
    }
}

impl std::fmt::Debug for Subscription {
    /// Without the secrets of those who are notified.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription")
            .field("id", &self.id)
            .field("resource", &self.resource)
            .field("change_type", &self.change_type)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// What a notification tells, for the record of what was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", untagged)]
pub(crate) enum Told {
    #[serde(rename_all = "camelCase")]
    Change { change_type: ChangeKind, resource: String },
    #[serde(rename_all = "camelCase")]
    Lifecycle { lifecycle_event: LifecycleEvent },
}

/// A notification that waits (resources/changenotification).
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Notification {
    pub number: NotificationNo,
    pub subscription: SubscriptionNo,
    pub subscription_id: String,
    pub url: String,
    pub told: Told,
    /// As it goes out, with the client's secret in it.
    pub item: Value,
    /// The application that has to be shown a token, because the item holds data.
    #[serde(default)]
    pub audience: Option<String>,
    pub due_at: DateTime<Utc>,
    /// How often it was sent in vain, and when that began.
    pub failures: u32,
    pub first_sent_at: Option<DateTime<Utc>>,
}

impl std::fmt::Debug for Notification {
    /// Without the secrets of those who are notified.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notification")
            .field("number", &self.number)
            .field("subscription", &self.subscription_id)
            .field("told", &self.told)
            .field("due_at", &self.due_at)
            .field("failures", &self.failures)
            .finish_non_exhaustive()
    }
}
