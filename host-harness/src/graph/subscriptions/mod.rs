//! Change notifications: subscriptions, what they watch, and the posts that
//! follow from it (concepts/change-notifications-overview).
//!
//! Everything is decided on the state: `watch` compares what a request changed
//! and queues notifications, `lifecycle` does so as time passes, `queue` says
//! what is due and what an outcome means, `endpoint` knows who answers slowly.
//! Only `shell` sends anything, with `poster`, and never under the lock. The
//! requests on subscriptions are in `api::subscriptions`.
//!
//! Not emulated: Event Hubs and Event Grid, `$expand` in a resource, and
//! anything that is not a calendar, an event, a message or a task.

pub(crate) mod behaviour;
pub(crate) mod control;
pub(crate) mod endpoint;
pub(crate) mod input;
pub(crate) mod lifecycle;
pub(crate) mod log;
pub(crate) mod model;
pub(crate) mod notice;
pub(crate) mod poster;
pub(crate) mod queue;
pub(crate) mod resource;
pub(crate) mod rich;
pub(crate) mod shell;
pub(crate) mod trust;
pub(crate) mod validation;
pub(crate) mod watch;
