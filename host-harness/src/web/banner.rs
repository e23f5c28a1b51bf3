//! What the page of a resource says above everything else, as long as the resource
//! is not kept in step: that it is off, what its account lacks, what stopped it.

use serde::Serialize;

use super::Web;
use super::account::account_page;
use super::alerts;
use super::blocked::explanation;
use super::error::PageError;
use super::first_sync;
use super::items::about;
use super::remedy::Remedy;
use super::switched_off;
use super::viewer::Viewer;
use crate::app::{Blocked, Resource, WaitsFor};
use crate::crm::users::User;

/// Alerts named above a page. Whoever has more reads them on their own page.
const ALERTS_SHOWN_MAX: usize = 3;

/// One thing to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Banner {
    /// What is the matter.
    pub text: String,
    /// What to do.
    pub hint: String,
    /// Where the viewer does that; none where it is not theirs to do.
    pub href: Option<String>,
    /// The words that lead there.
    pub label: &'static str,
}

/// What stands above a page of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Above {
    /// What there is to know.
    pub banners: Vec<Banner>,
    /// Which buttons of a run there are.
    pub run: RunButtons,
}

/// The buttons of a run: those that do something, and at most one of them prominent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RunButtons {
    /// Whether a run would do anything but say why it does not take place.
    is_possible: bool,
    /// Where the first run is looked at, as long as it waits for that.
    first_sync_href: Option<String>,
}

impl Above {
    /// What keeps a run from taking place.
    fn obstacle(text: String, Remedy { hint, href, label }: Remedy) -> Self {
        Self { banners: vec![Banner { text, hint, href, label }], run: RunButtons::default() }
    }
}

/// The list in which the alerts of a user are; of one's own the list that the navigation
/// leads to.
pub fn alerts_of(viewer: &Viewer, user: &User) -> String {
    alerts::page_of(if viewer.user.id == user.id { "" } else { &user.login })
}

/// What there is to know of a resource of a user, for who looks at it.
pub async fn of(web: &Web, viewer: &Viewer, user: &User, resource: Resource) -> Result<Above, PageError> {
    let rows = web.app.status_of(user).await?;
    let Some(row) = rows.into_iter().find(|row| row.resource == resource && row.enabled) else {
        let text = format!("{} are not synchronized.", plural(resource));
        return Ok(Above::obstacle(text, switched_off::of(web, viewer, user, resource).await?));
    };
    let hint = explanation(&row, viewer).unwrap_or_default();
    let alerts = web.app.crm().alerts_of_runs(user.id)?;
    let of_resource = alerts.into_iter().filter(|alert| alert.resource == about(resource));
    let of_resource: Vec<_> = of_resource
        .take(ALERTS_SHOWN_MAX)
        .map(|alert| Banner {
            text: alert.message,
            hint: alert.hint,
            href: Some(alerts_of(viewer, user)),
            label: "Alerts",
        })
        .collect();
    let account = Some(account_page(viewer, user.id));
    let mut banners = Vec::new();
    let mut run = RunButtons { is_possible: true, first_sync_href: None };
    match row.waits_for {
        Some(WaitsFor::Change(Blocked::NotConfigured)) => {
            let text = format!("{} are not synchronized.", plural(resource));
            return Ok(Above::obstacle(text, Remedy::for_application(viewer)));
        }
        Some(WaitsFor::Change(Blocked::NotConnected)) => {
            let text = format!("{} are not synchronized.", plural(resource));
            return Ok(Above::obstacle(text, Remedy { hint, href: account, label: "Connect" }));
        }
        // What Microsoft denies has an alert of the resource, which says more.
        Some(WaitsFor::Change(Blocked::MissingPermission)) if !of_resource.is_empty() => {}
        Some(waits_for @ (WaitsFor::Account(_) | WaitsFor::Change(Blocked::MissingPermission))) => {
            // What an account waits for keeps every run from beginning; a permission can have
            // been given since.
            run.is_possible = !matches!(waits_for, WaitsFor::Account(_));
            let text = format!("{} wait until somebody acts.", plural(resource));
            banners.push(Banner { text, hint, href: account, label: "Connect again" });
        }
        Some(WaitsFor::Change(Blocked::FirstSync)) => {
            let text = format!("{} are not synchronized yet.", plural(resource));
            // The button leads there.
            banners.push(Banner { text, hint, href: None, label: "" });
            run.first_sync_href = Some(first_sync::page_of(viewer, user));
        }
        // What else keeps it from being in step has an alert, or ends by itself.
        Some(WaitsFor::Wait(_) | WaitsFor::Change(_)) | None => {}
    }
    banners.extend(of_resource);
    Ok(Above { banners, run })
}

const fn plural(resource: Resource) -> &'static str {
    match resource {
        Resource::Calendar => "Calendar events",
        Resource::Tasks => "Tasks",
        Resource::Mail => "Mails",
    }
}
