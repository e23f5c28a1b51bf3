//! The switches of change notifications: numbers that Microsoft has changed
//! over the years, and awkwardness that its documentation allows.
//!
//! They stand among those of `graph::behaviour`.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// What becomes of one notification in five, if anything. Bulk changes that were
/// not delivered have been observed with and without a sign of it
/// (microsoft-graph-docs#14914).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Loss {
    /// All are sent.
    #[default]
    None,
    /// It is not sent, and nobody is told.
    Silent,
    /// It is not sent, and a lifecycle notification `missed` says so.
    Missed,
}

/// One in so many notifications is lost or sent twice, where they are.
pub(crate) const ODDS: u32 = 5;

/// The switches in force.
#[allow(clippy::struct_excessive_bools, reason = "independent switches, not states")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Switches {
    /// How long a subscription to events, calendars or messages may live, in
    /// minutes.
    ///
    /// DIFFERENCE: 10,080 is what resources/subscription says; earlier editions
    /// said 4,230, and the service has been seen to refuse more than 10,070.
    pub subscription_minutes_max: u32,
    /// The same for one whose notifications hold data.
    pub rich_subscription_minutes_max: u32,
    /// The same for one to tasks.
    pub task_subscription_minutes_max: u32,
    /// Subscriptions of all applications to one mailbox
    /// (concepts/outlook-change-notifications-overview).
    pub subscriptions_per_mailbox_max: usize,
    /// A second subscription to the same changes is made instead of refused.
    ///
    /// DIFFERENCE: api/subscription-post-subscriptions refuses it with 409; the
    /// service has been seen to make it (microsoft-graph-docs-contrib#9039).
    pub duplicate_subscriptions: bool,
    /// The authorisation of a subscription ends with the token that gave it, as
    /// concepts/change-notifications-lifecycle-events has it, instead of with the
    /// subscription.
    pub reauthorize_with_token: bool,
    /// Time between a change and its notification, in seconds.
    pub notification_latency_seconds: u32,
    /// Notifications in one post at most.
    pub notification_batch_max: usize,
    /// One notification in five is sent twice.
    pub notification_duplicates: bool,
    /// What is due together is sent in any order.
    pub notification_shuffle: bool,
    /// One notification in five is lost.
    pub notification_loss: Loss,
    /// How long an endpoint may take to answer a notification, in milliseconds.
    pub notification_patience_milliseconds: u32,
    /// An answer that takes longer counts as slow, in milliseconds.
    pub notification_slow_milliseconds: u32,
    /// How many notifications an endpoint has to have got before it is judged.
    pub notification_judged_from: u32,
    /// Share of slow answers from which its notifications are late, in percent.
    pub notification_late_percent: u32,
    /// Share of slow answers from which they are dropped, in percent.
    pub notification_dropped_percent: u32,
    /// How late they are, and how long answers are counted, in seconds.
    pub notification_late_seconds: u32,
    /// How long an endpoint may take to prove itself, in milliseconds.
    pub validation_patience_milliseconds: u32,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            subscription_minutes_max: 10_080,
            rich_subscription_minutes_max: 1_440,
            task_subscription_minutes_max: 4_230,
            subscriptions_per_mailbox_max: 1_000,
            duplicate_subscriptions: false,
            reauthorize_with_token: false,
            notification_latency_seconds: 0,
            notification_batch_max: 100,
            notification_duplicates: false,
            notification_shuffle: false,
            notification_loss: Loss::None,
            notification_patience_milliseconds: 3_000,
            notification_slow_milliseconds: 2_900,
            notification_judged_from: 100,
            notification_late_percent: 10,
            notification_dropped_percent: 15,
            notification_late_seconds: 600,
            validation_patience_milliseconds: 10_000,
        }
    }
}

impl Switches {
    /// How late the notifications of a slow endpoint are, and how long answers
    /// are counted.
    pub fn late(&self) -> TimeDelta {
        TimeDelta::seconds(self.notification_late_seconds.into())
    }
}
