//! The part of the management interface that is about notifications.
//!
//! `POST /_control/lifecycle` `{subscriptionId, event}` brings about what
//! happens to a subscription once in a while, and answers `{told}`, whether its
//! client gets to know; `GET /_control/notifications` answers `{waiting, posts}`,
//! how many notifications wait and what was posted, `DELETE` forgets the posts.
//! `POST /_control/deliver` is answered by `server`, because it waits.

use serde::Deserialize;
use serde_json::{Value, json};

use super::lifecycle::{self, LifecycleError};
use super::model::LifecycleEvent;
use crate::graph::state::State;

/// A lifecycle event to be brought about.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Raise {
    subscription_id: String,
    event: LifecycleEvent,
}

/// Answers `POST /_control/lifecycle`.
pub(crate) fn raise(state: &mut State, raise: &Raise) -> Result<Value, LifecycleError> {
    let told = lifecycle::bring_about(state, &raise.subscription_id, raise.event)?;
    Ok(json!({ "told": told }))
}

/// Answers `GET /_control/notifications`.
pub(crate) fn posts(state: &State) -> Value {
    let posts: Vec<_> = state.deliveries.entries().collect();
    json!({ "waiting": state.notifications.len(), "posts": posts })
}
