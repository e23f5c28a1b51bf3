//! Notifications that wait: when they are due, which go together, and what an
//! answer means (concepts/change-notifications-delivery-webhooks).
//!
//! Decides only; `shell` sends.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::behaviour::{Loss, ODDS};
use super::endpoint::{Endpoint, Pace};
use super::lifecycle;
use super::log::{Deliveries, Entry, Fate, Line, Purpose, address};
use super::model::{LifecycleEvent, Notification, NotificationNo, Subscription, Told};
use super::rich::{self, ITEM_KEY_SIZE};
use crate::graph::conformance;
use crate::graph::state::State;

/// A notification that nobody took for so long is dropped.
const TRIED_FOR: TimeDelta = TimeDelta::hours(4);
/// The wait after the first failure. It doubles with every further one; the
/// documentation speaks of "multiple times" only.
const RETRY_AFTER_FIRST: TimeDelta = TimeDelta::seconds(10);
/// The longest wait between two tries.
const RETRY_AFTER_MAX: TimeDelta = TimeDelta::minutes(10);
/// How many notifications wait at most; what is more is dropped. Bounds memory
/// where nobody delivers.
const WAITING_MAX: usize = 100_000;

/// Notifications that go out together.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    pub url: String,
    /// Which tenant the numbers are of, see [`Deliveries`].
    pub epoch: u64,
    pub numbers: Vec<NotificationNo>,
    /// A `changeNotificationCollection`.
    pub body: Value,
}

/// What came of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Status(u16),
    TimedOut,
    Unreachable,
}

impl Answer {
    /// What the record says of it.
    pub fn fate(self) -> Fate {
        match self {
            Self::Status(200..=299) => Fate::Accepted,
            Self::Status(_) => Fate::Refused,
            Self::TimedOut => Fate::TimedOut,
            Self::Unreachable => Fate::Unreachable,
        }
    }

    /// The status, if there was an answer.
    pub fn status(self) -> Option<u16> {
        match self {
            Self::Status(status) => Some(status),
            Self::TimedOut | Self::Unreachable => None,
        }
    }
}

/// Queues a notification of a change, or loses it where that was asked for.
/// `data` is what it is to hold of the item.
pub(crate) fn change(
    state: &mut State,
    subscription: &Subscription,
    told: Told,
    mut item: Value,
    data: Option<&Value>,
) {
    let switches = state.meta.behaviour.subscriptions.clone();
    if let (Some(rich), Some(data)) = (&subscription.rich, data) {
        let key: [u8; ITEM_KEY_SIZE] = state.random_bytes();
        if let (Some(item), Some(sealed)) = (item.as_object_mut(), rich::seal(rich, &key, data)) {
            item.insert("encryptedContent".to_owned(), sealed);
        }
    }
    let waiting = new(state, subscription, subscription.notification_url.clone(), told, item);
    let waiting = Notification { audience: data.map(|_| subscription.client_id.clone()), ..waiting };
    if switches.notification_loss != Loss::None && state.chance(ODDS) {
        return drop_one(state, &waiting, switches.notification_loss == Loss::Missed);
    }
    let pace = pace(state, &waiting.url);
    if pace == Pace::Dropped || state.notifications.len() >= WAITING_MAX {
        return drop_one(state, &waiting, true);
    }
    let latency = TimeDelta::seconds(switches.notification_latency_seconds.into());
    let delay = if pace == Pace::Late { switches.late() } else { TimeDelta::zero() };
    let waiting = Notification { due_at: state.now + latency + delay, ..waiting };
    if switches.notification_duplicates && state.chance(ODDS) {
        let number = NotificationNo(state.next_number());
        state.notifications.insert(number, Notification { number, ..waiting.clone() });
    }
    state.notifications.insert(waiting.number, waiting);
}

/// Queues a lifecycle notification, which is due at once.
pub(crate) fn lifecycle(state: &mut State, subscription: &Subscription, url: String, told: Told, item: Value) {
    let waiting = new(state, subscription, url, told, item);
    state.notifications.insert(waiting.number, waiting);
}

fn new(state: &mut State, subscription: &Subscription, url: String, told: Told, item: Value) -> Notification {
    Notification {
        number: NotificationNo(state.next_number()),
        subscription: subscription.number,
        subscription_id: subscription.id.clone(),
        url,
        told,
        item,
        audience: None,
        due_at: state.now,
        failures: 0,
        first_sent_at: None,
    }
}

fn pace(state: &State, url: &str) -> Pace {
    state
        .deliveries
        .endpoints
        .get(&address(url))
        .map_or(Pace::Usual, |endpoint| endpoint.pace(state.now, &state.meta.behaviour.subscriptions))
}

/// Gives a notification up. Of a change, the client may be told that it missed
/// something.
fn drop_one(state: &mut State, lost: &Notification, is_told: bool) {
    let entry = Entry {
        at: state.now,
        url: address(&lost.url),
        purpose: Purpose::Notifications,
        status: None,
        outcome: Fate::Dropped,
        notifications: vec![Line::of(lost)],
    };
    state.deliveries.add(entry);
    let is_change = matches!(lost.told, Told::Change { .. });
    if let Some(subscription) = state.subscriptions.get(&lost.subscription).filter(|_| is_told && is_change).cloned() {
        lifecycle::tell(state, &subscription, LifecycleEvent::Missed);
    }
}

/// When there is something to do next, if nothing happens until then. What waits
/// for one of the `busy` addresses is left out.
pub(crate) fn next_due(state: &State, busy: &BTreeSet<String>) -> Option<DateTime<Utc>> {
    let with_token = state.meta.behaviour.subscriptions.reauthorize_with_token;
    let asks = state.subscriptions.values().filter(|subscription| subscription.lifecycle_url.is_some());
    let asks = asks.map(|subscription| lifecycle::ask_at(subscription, with_token));
    let waiting = state.notifications.values();
    let waiting = waiting.filter(|notification| {
        !state.deliveries.under_way.contains(&notification.number) && !busy.contains(&notification.url)
    });
    waiting.map(|notification| notification.due_at).chain(asks).min()
}

/// Takes what is due, in posts of one address each. It counts as on its way
/// until its outcome is known, or `give_back` is called. What is for one of the
/// `busy` addresses goes on waiting.
pub(crate) fn take_due(state: &mut State, busy: &BTreeSet<String>) -> Vec<Post> {
    let now = state.now;
    let switches = state.meta.behaviour.subscriptions.clone();
    let mut numbers =
        state.notifications.keys_where(|notification| notification.due_at <= now && !busy.contains(&notification.url));
    numbers.retain(|number| !state.deliveries.under_way.contains(number));
    if switches.notification_shuffle {
        for last in (1..numbers.len()).rev() {
            let other = state.random_below(last + 1);
            numbers.swap(last, other);
        }
    }
    let mut by_url: BTreeMap<String, Vec<&Notification>> = BTreeMap::new();
    for notification in numbers.iter().filter_map(|number| state.notifications.get(number)) {
        by_url.entry(notification.url.clone()).or_default().push(notification);
    }
    let size = switches.notification_batch_max.max(1);
    let mut posts = Vec::new();
    for (url, waiting) in by_url {
        for together in waiting.chunks(size) {
            let numbers = together.iter().map(|notification| notification.number).collect();
            let body = collection(state, together);
            posts.push(Post { url: url.clone(), epoch: state.deliveries.epoch, numbers, body });
        }
    }
    for post in &posts {
        conformance::told(state, &post.body);
    }
    state.deliveries.under_way.extend(numbers);
    posts
}

/// Notifications as they go out (resources/changenotificationcollection): where
/// data is among them, with a token for each application that gets it.
fn collection(state: &State, together: &[&Notification]) -> Value {
    let items: Vec<&Value> = together.iter().map(|notification| &notification.item).collect();
    let audiences: BTreeSet<&String> =
        together.iter().filter_map(|notification| notification.audience.as_ref()).collect();
    let tokens: Vec<String> =
        audiences.into_iter().filter_map(|audience| rich::validation_token(state, audience)).collect();
    if tokens.is_empty() { json!({ "value": items }) } else { json!({ "value": items, "validationTokens": tokens }) }
}

/// Whether the tenant that a post is of is still there.
pub(crate) fn is_current(deliveries: &Deliveries, post: &Post) -> bool {
    deliveries.epoch == post.epoch
}

/// Notes that these are not on their way any more.
pub(crate) fn give_back<'a>(state: &mut State, numbers: impl IntoIterator<Item = &'a NotificationNo>) {
    for number in numbers {
        state.deliveries.under_way.remove(number);
    }
}

/// Notes what came of a post. Answers how many notifications were taken. What
/// came of a post of a tenant that is gone concerns nobody.
pub(crate) fn settle(state: &mut State, post: &Post, answer: Answer, took: Duration) -> usize {
    if !is_current(&state.deliveries, post) {
        return 0;
    }
    give_back(state, &post.numbers);
    let now = state.now;
    let switches = state.meta.behaviour.subscriptions.clone();
    let limit = Duration::from_millis(switches.notification_slow_milliseconds.into());
    state.deliveries.endpoints.retain(|_, endpoint| !endpoint.is_over(now, &switches));
    let endpoint = state.deliveries.endpoints.entry(address(&post.url)).or_insert_with(|| Endpoint::new(now));
    endpoint.answered(now, post.numbers.len(), took > limit || answer == Answer::TimedOut, &switches);
    // Those of a subscription that ended meanwhile are gone.
    let sent: Vec<Notification> =
        post.numbers.iter().filter_map(|number| state.notifications.get(number)).cloned().collect();
    state.deliveries.add(Entry {
        at: now,
        url: address(&post.url),
        purpose: Purpose::Notifications,
        status: answer.status(),
        outcome: answer.fate(),
        notifications: sent.iter().map(Line::of).collect(),
    });
    if answer.fate() == Fate::Accepted {
        for notification in &sent {
            state.notifications.remove(&notification.number);
        }
        return post.numbers.len();
    }
    for notification in &sent {
        try_again(state, notification);
    }
    0
}

fn try_again(state: &mut State, failed: &Notification) {
    let now = state.now;
    let failures = failed.failures.saturating_add(1);
    let first_sent_at = failed.first_sent_at.unwrap_or(now);
    let wait = match pace(state, &failed.url) {
        Pace::Usual => wait_after(failures),
        Pace::Late | Pace::Dropped => state.meta.behaviour.subscriptions.late(),
    };
    let due_at = now + wait;
    if due_at > first_sent_at + TRIED_FOR {
        state.notifications.remove(&failed.number);
        drop_one(state, failed, true);
    } else if let Some(waiting) = state.notifications.get_mut(&failed.number) {
        *waiting = Notification { failures, first_sent_at: Some(first_sent_at), due_at, ..failed.clone() };
    }
}

/// How long to wait after so many failures.
fn wait_after(failures: u32) -> TimeDelta {
    let doublings = failures.saturating_sub(1).min(10);
    (RETRY_AFTER_FIRST * 2_i32.pow(doublings)).min(RETRY_AFTER_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_ten_minutes() {
        let seconds: Vec<i64> =
            [1, 2, 3, 6, 7, 8, u32::MAX].map(|failures| wait_after(failures).num_seconds()).to_vec();
        assert_eq!(seconds, [10, 20, 40, 320, 600, 600, 600]);
    }

    #[test]
    fn only_an_answer_that_says_so_takes_a_notification() {
        let cases = [
            (Answer::Status(200), Fate::Accepted),
            (Answer::Status(202), Fate::Accepted),
            (Answer::Status(307), Fate::Refused),
            (Answer::Status(410), Fate::Refused),
            (Answer::Status(503), Fate::Refused),
            (Answer::TimedOut, Fate::TimedOut),
            (Answer::Unreachable, Fate::Unreachable),
        ];
        for (answer, fate) in cases {
            assert_eq!(answer.fate(), fate, "{answer:?}");
        }
    }
}
