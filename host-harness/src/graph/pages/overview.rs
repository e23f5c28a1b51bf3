//! The first page: the tenant, its mailboxes with what is in them, and its
//! applications without their secrets.

use serde_json::{Value, json};

use super::mailbox;
use super::render::{self, Frame};
use super::words;
use crate::graph::model::{App, Audience, Mailbox};
use crate::graph::reply::Reply;
use crate::graph::state::State;

/// Draws the page.
pub(crate) fn draw(state: &State, frame: &Frame) -> Reply {
    let tenant = &state.meta.tenant;
    let view = json!({
        "tenant": { "id": tenant.id, "names": tenant.names, "home": state.home(), "seed": state.meta.seed.to_string() },
        "mailboxes": state.mailboxes.values().map(|owner| summary(state, owner)).collect::<Vec<_>>(),
        "apps": state.apps.values().map(app).collect::<Vec<_>>(),
    });
    render::page("overview.html", frame, view)
}

fn summary(state: &State, owner: &Mailbox) -> Value {
    let number = owner.number;
    let tasks = state.task_lists_of(number).map(|list| state.tasks_of(number, list.number).count());
    let sign_in = serde_json::to_value(owner.sign_in.state).unwrap_or_default();
    json!({
        "href": mailbox::root(owner),
        "name": owner.display_name,
        "address": owner.user_principal_name,
        "zone": owner.time_zone,
        "calendars": state.calendars_of(number).len(),
        "events": state.events_of(number, None).count(),
        "tasks": tasks.sum::<usize>(),
        "messages": state.messages_of(number, None).count(),
        "unread": state.messages_of(number, None).filter(|message| !message.is_read).count(),
        "sign_in": (sign_in != "normal").then(|| words::spelled(&words::plain(&sign_in))),
    })
}

fn app(app: &App) -> Value {
    let kind = match (&app.client_secret, app.certificates.len()) {
        (None, 0) => "public client".to_owned(),
        (Some(_), 0) => "secret".to_owned(),
        (None, count) => format!("{count} certificates"),
        (Some(_), count) => format!("secret and {count} certificates"),
    };
    json!({
        "id": app.client_id,
        "kind": kind,
        "secret_expired": app.secret_expired,
        "audience": match app.audience {
            Audience::SingleTenant => "its own tenant",
            Audience::ManyTenants => "any tenant",
        },
        "redirects": app.redirect_uris.iter().chain(&app.spa_redirect_uris).collect::<Vec<_>>(),
        "permissions": app.permissions,
        "roles": app.roles().granted,
        "admin": match (app.admin_consent_required, app.admin_consented) {
            (_, true) => "given for everybody",
            (true, false) => "needed",
            (false, false) => "not needed",
        },
    })
}
