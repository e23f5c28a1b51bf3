//! What left the emulated Microsoft 365: mails that people would have received,
//! and change notifications with the subscriptions that they are for.

use serde_json::{Value, json};

use super::render::{self, Frame};
use super::words;
use crate::graph::model::OutgoingMail;
use crate::graph::reply::Reply;
use crate::graph::state::State;
use crate::graph::subscriptions::log::{self, Entry};
use crate::graph::subscriptions::model::{Subscription, Told};

/// Mails or posts that are shown; the management interface answers all of them.
const SHOWN_MAX: usize = 200;

/// Draws the outbox.
pub(crate) fn draw(state: &State, frame: &Frame) -> Reply {
    let mut mails: Vec<Value> = state.outbox.values().map(mail).collect();
    mails.reverse();
    let count = mails.len();
    mails.truncate(SHOWN_MAX);
    render::page("outbox.html", frame, json!({ "mails": mails, "count": count, "shown_max": SHOWN_MAX }))
}

fn mail(mail: &OutgoingMail) -> Value {
    json!({
        "at": words::precisely(mail.at),
        "kind": words::named(mail.kind),
        "from": mail.from,
        "to": mail.to,
        "subject": words::titled(&mail.subject),
        "occurrence": mail.occurrence.map(words::day),
        "response": mail.response.map(words::named),
    })
}

/// Draws subscriptions and what was posted for them.
pub(crate) fn draw_notifications(state: &State, frame: &Frame) -> Reply {
    let mut posts: Vec<Value> = state.deliveries.entries().map(post).collect();
    posts.reverse();
    let count = posts.len();
    posts.truncate(SHOWN_MAX);
    let view = json!({
        "subscriptions": state.subscriptions.values().map(|one| subscription(state, one)).collect::<Vec<_>>(),
        "waiting": state.notifications.len(),
        "posts": posts,
        "count": count,
        "shown_max": SHOWN_MAX,
    });
    render::page("notifications.html", frame, view)
}

/// Without the secret of the client, which its address may hold, too.
fn subscription(state: &State, subscription: &Subscription) -> Value {
    let owner = state.mailboxes.get(&subscription.mailbox);
    json!({
        "id": subscription.id,
        "mailbox": owner.map(|owner| &owner.user_principal_name),
        "resource": subscription.resource,
        "changes": subscription.change_type.replace(',', ", "),
        "url": log::address(&subscription.notification_url),
        "lifecycle_url": subscription.lifecycle_url.as_deref().map(log::address),
        "app": subscription.client_id,
        "expires": words::precisely(subscription.expires_at),
        "paused": subscription.is_paused,
        "rich": subscription.rich.is_some(),
    })
}

fn post(entry: &Entry) -> Value {
    let told = |told: &Told| match told {
        Told::Change { change_type, resource } => format!("{} {resource}", change_type.name()),
        Told::Lifecycle { lifecycle_event } => words::spelled(lifecycle_event.name()),
    };
    let outcome = words::named(entry.outcome);
    json!({
        "at": words::precisely(entry.at),
        "url": entry.url,
        "purpose": words::named(entry.purpose),
        "status": entry.status,
        "tone": if outcome == "Accepted" { "good" } else { "bad" },
        "outcome": outcome,
        "told": entry.notifications.iter().map(|line| told(&line.told)).collect::<Vec<_>>(),
    })
}
