//! What happens to a subscription itself: it ends, its client is asked to
//! authorise it again, it is removed
//! (concepts/change-notifications-lifecycle-events).
//!
//! DIFFERENCE: what becomes of a subscription whose calendar, list or folder is
//! deleted is not documented. Here it is removed, since nothing can come of it,
//! and the client is told so where the resource has that event; what was in the
//! container is told of as deleted before.

use chrono::TimeDelta;
use thiserror::Error;

use super::model::{LifecycleEvent, Subscription, SubscriptionNo, Told, Watched};
use super::{notice, queue};
use crate::graph::login::grants::AccessToken;
use crate::graph::state::State;

/// How long before an end a client is asked to do something about it, and how
/// often at most: the quarter of an hour of the documentation's example.
const ASKED_BEFORE: TimeDelta = TimeDelta::minutes(15);

/// Why a lifecycle event cannot be brought about.
#[derive(Debug, Error)]
pub(crate) enum LifecycleError {
    #[error("no subscription `{0}`")]
    Unknown(String),
    #[error("expected an Outlook resource, but found a subscription to tasks, which has no such event")]
    NotForTasks,
}

impl LifecycleError {
    /// How the management interface answers it.
    pub fn status_and_code(&self) -> (u16, &'static str) {
        match self {
            Self::Unknown(_) => (404, "notFound"),
            Self::NotForTasks => (400, "invalidValue"),
        }
    }
}

/// Lets time pass: subscriptions end, and clients are asked to authorise those
/// that are about to.
pub(crate) fn pass_time(state: &mut State) {
    if state.subscriptions.len() == 0 {
        return;
    }
    let now = state.now;
    for number in state.subscriptions.keys_where(|subscription| subscription.expires_at <= now) {
        forget(state, number);
    }
    let with_token = state.meta.behaviour.subscriptions.reauthorize_with_token;
    for number in state.subscriptions.keys_where(|subscription| ask_at(subscription, with_token) <= now) {
        ask(state, number);
    }
    if !with_token {
        return;
    }
    for number in state.subscriptions.keys_where(|it| !it.is_paused && it.token_ends_at <= now) {
        if let Some(subscription) = state.subscriptions.get_mut(&number) {
            subscription.is_paused = true;
        }
    }
}

/// When the client of a subscription is to be asked to authorise it again.
pub(crate) fn ask_at(subscription: &Subscription, with_token: bool) -> chrono::DateTime<chrono::Utc> {
    let ends_at =
        if with_token { subscription.expires_at.min(subscription.token_ends_at) } else { subscription.expires_at };
    let due = ends_at - ASKED_BEFORE;
    // Not again at once where nothing came of it.
    subscription.asked_at.map_or(due, |asked_at| due.max(asked_at + ASKED_BEFORE))
}

fn ask(state: &mut State, number: SubscriptionNo) {
    let now = state.now;
    if let Some(subscription) = state.subscriptions.get_mut(&number) {
        subscription.asked_at = Some(now);
        let subscription = subscription.clone();
        tell(state, &subscription, LifecycleEvent::ReauthorizationRequired);
    }
}

/// Takes a new authorisation in: what was held back flows again.
pub(crate) fn authorize(subscription: &mut Subscription, token: &AccessToken) {
    subscription.is_paused = false;
    subscription.token_ends_at = token.expires_at;
}

/// Ends a subscription, and with it what it would still have told.
pub(crate) fn forget(state: &mut State, number: SubscriptionNo) {
    state.subscriptions.remove(&number);
    for notification in state.notifications.keys_where(|notification| notification.subscription == number) {
        state.notifications.remove(&notification);
    }
}

/// Removes subscriptions whose container is gone. What they have still to tell
/// is told.
pub(crate) fn remove_orphans(state: &mut State) {
    let is_orphan = |subscription: &Subscription| match subscription.watched {
        Watched::Calendars | Watched::Messages(None) => false,
        Watched::Events(calendar) => state.calendars.get(&calendar).is_none(),
        Watched::Messages(Some(folder)) => state.mail_folders.get(&folder).is_none(),
        Watched::Tasks(list) => state.task_lists.get(&list).is_none(),
    };
    for number in state.subscriptions.keys_where(is_orphan) {
        if let Some(orphan) = state.subscriptions.remove(&number) {
            tell(state, &orphan, LifecycleEvent::SubscriptionRemoved);
        }
    }
}

/// Queues a lifecycle notification, if the client wants them and the resource
/// has them. Answers whether it did.
pub(crate) fn tell(state: &mut State, subscription: &Subscription, event: LifecycleEvent) -> bool {
    let is_supported = event == LifecycleEvent::ReauthorizationRequired || subscription.is_of_outlook();
    let Some(url) = subscription.lifecycle_url.clone().filter(|_| is_supported) else {
        return false;
    };
    let told = Told::Lifecycle { lifecycle_event: event };
    let is_said = |waiting: &super::model::Notification| {
        waiting.subscription == subscription.number && waiting.told == told && waiting.failures == 0
    };
    if state.notifications.values().any(is_said) {
        return true;
    }
    let item = notice::of_lifecycle(subscription, &state.meta.tenant.id, event);
    queue::lifecycle(state, subscription, url, told, item);
    true
}

/// Brings an event about, as `POST /_control/lifecycle` asks. Answers whether
/// the client is told.
pub(crate) fn bring_about(state: &mut State, id: &str, event: LifecycleEvent) -> Result<bool, LifecycleError> {
    let found = state.subscriptions.values().find(|subscription| subscription.id.eq_ignore_ascii_case(id));
    let subscription = found.cloned().ok_or_else(|| LifecycleError::Unknown(id.to_owned()))?;
    match event {
        LifecycleEvent::ReauthorizationRequired => {
            let now = state.now;
            if let Some(paused) = state.subscriptions.get_mut(&subscription.number) {
                paused.is_paused = true;
                paused.asked_at = Some(now);
            }
        }
        LifecycleEvent::SubscriptionRemoved | LifecycleEvent::Missed if !subscription.is_of_outlook() => {
            return Err(LifecycleError::NotForTasks);
        }
        LifecycleEvent::SubscriptionRemoved => forget(state, subscription.number),
        LifecycleEvent::Missed => {}
    }
    Ok(tell(state, &subscription, event))
}
