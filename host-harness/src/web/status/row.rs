//! A row of the status in words: the same on the list and on a user's page.

use chrono::TimeDelta;
use serde::Serialize;

use super::state::RowState;
use crate::app::{Blocked, Resource, RunReport, StatusRow, WaitsFor};
use crate::crm::users::User;
use crate::host::types::{FieldType, Manifest};
use crate::web::alerts;
use crate::web::blocked::{Link, explanation, link};
use crate::web::dates::{self, Moment};
use crate::web::forms::encoded;
use crate::web::remedy::Remedy;
use crate::web::report::{Badge, counted};
use crate::web::viewer::Viewer;

/// The state of one resource of a user.
#[derive(Clone, Debug, Serialize)]
pub struct RowView {
    user: String,
    user_href: String,
    resource: &'static str,
    pub resource_word: &'static str,
    enabled: Badge,
    /// The same where nothing else says what it is about.
    state: Badge,
    in_progress: bool,
    /// What the run has done so far that is going on.
    progress: Option<String>,
    last_sync_at: Option<Moment>,
    next_sync_at: Option<Moment>,
    waits_for: Option<Waiting>,
    lag: String,
    direction: String,
    linked: u32,
    set_aside: u32,
    set_aside_href: String,
    conflicts: u32,
    conflicts_href: String,
    open_alerts: u32,
    alerts_href: String,
    throttled: String,
}

/// What a resource waits for, and where that is seen to.
#[derive(Clone, Debug, Serialize)]
struct Waiting {
    text: String,
    link: Option<Link>,
}

impl RowView {
    /// The row of a user as a viewer sees it.
    pub fn new(
        row: &StatusRow,
        user: &User,
        viewer: &Viewer,
        manifest: &Manifest,
        running: Option<&RunReport>,
    ) -> Self {
        let dates = viewer.dates();
        let lag = row.lag_seconds.and_then(TimeDelta::try_seconds);
        let running = running.filter(|run| run.resource == row.resource);
        Self {
            user: user.display_name.clone(),
            user_href: format!("/status/{}", user.id),
            resource: row.resource.label(),
            resource_word: row.resource.as_str(),
            enabled: RowState::of(row).enabled(),
            state: RowState::of(row).badge(),
            in_progress: row.in_progress,
            progress: running.map(progress),
            last_sync_at: row.last_sync_at.map(|at| dates.moment(at)),
            next_sync_at: row.next_sync_at.map(|at| dates.moment(at)),
            waits_for: waiting(row, user, viewer),
            lag: lag.map_or_else(|| "–".to_owned(), dates::lag),
            direction: direction(row, manifest),
            linked: row.linked,
            set_aside: row.set_aside,
            alerts_href: alerts::page_of(&user.login),
            set_aside_href: format!("/set-aside?user={}", encoded(&user.login)),
            conflicts: row.conflicts,
            conflicts_href: conflicts_of(row.resource, user),
            open_alerts: row.open_alerts,
            throttled: row.throttled_percent.map_or_else(|| "–".to_owned(), |percent| format!("{percent} %")),
        }
    }
}

/// The list of a user's conflicts about a resource.
fn conflicts_of(resource: Resource, user: &User) -> String {
    format!("/conflicts?user={}&resource={}", encoded(&user.login), resource.as_str())
}

/// What a run has done so far.
fn progress(run: &RunReport) -> String {
    let written = [&run.crm, &run.microsoft].map(|side| side.created + side.updated + side.deleted);
    let items = written.into_iter().sum::<u32>() + run.adopted;
    let (items, requests) = (counted(items, "item", "items"), counted(run.requests, "request", "requests"));
    // What a step does is known when it is over.
    match run.steps {
        0 => "Step 1 is running.".to_owned(),
        done => format!("Step {} is running. So far: {items}, {requests}.", done + 1),
    }
}

/// Which side may change the other, in the words of the setting.
fn direction(row: &StatusRow, manifest: &Manifest) -> String {
    let (Some(key), Some(value)) = (row.resource.direction_key(), &row.direction) else { return "–".to_owned() };
    let fields = manifest.settings.groups.iter().flat_map(|group| &group.fields);
    let labels = fields.filter(|field| field.key == key).flat_map(|field| match &field.kind {
        FieldType::Choice(options) => options.as_slice(),
        _ => &[],
    });
    let label = labels.into_iter().find(|option| option.value == *value);
    label.map_or_else(|| value.clone(), |option| option.label.clone())
}

fn waiting(row: &StatusRow, user: &User, viewer: &Viewer) -> Option<Waiting> {
    let (waits_for, text) = (row.waits_for?, explanation(row, viewer)?);
    if waits_for == WaitsFor::Change(Blocked::NotConfigured) {
        let Remedy { hint, href, label } = Remedy::for_application(viewer);
        return Some(Waiting { text: hint, link: href.map(|href| Link { href, label }) });
    }
    let link = match waits_for {
        WaitsFor::Change(reason) => link(reason, viewer, user),
        WaitsFor::Account(_) => link(Blocked::Parked, viewer, user),
        WaitsFor::Wait(_) => None,
    };
    Some(Waiting { text, link })
}

/// Whether a row has something to tell. Mail cannot be switched on in this version: it is
/// shown where something of it is left all the same.
pub fn is_shown(row: &StatusRow) -> bool {
    let has_run = row.in_progress || row.last_sync_at.is_some() || row.throttled_percent.is_some();
    let has_items = row.linked > 0 || row.set_aside > 0 || row.conflicts > 0 || !row.open_writes.is_empty();
    row.resource != Resource::Mail || row.enabled || has_run || has_items || row.open_alerts > 0
}

/// The resources that are shown in the order of [`Resource::ALL`].
pub fn of_word(word: &str) -> Option<Resource> {
    Resource::ALL.into_iter().find(|resource| resource.as_str() == word)
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::crm::UserId;

    /// Of a resource that is off.
    pub fn row(resource: Resource) -> StatusRow {
        StatusRow {
            user_id: UserId::from_number(1),
            user: "anna".to_owned(),
            resource,
            enabled: false,
            connected: true,
            in_progress: false,
            last_sync_at: None,
            next_sync_at: None,
            waits_for: None,
            explanation: None,
            lag_seconds: None,
            open_alerts: 0,
            direction: None,
            linked: 0,
            set_aside: 0,
            conflicts: 0,
            open_writes: Vec::new(),
            guard_rail: None,
            interval_seconds: 600,
            throttled_percent: None,
        }
    }

    #[test]
    fn mail_is_shown_where_there_is_something_of_it() {
        assert!(is_shown(&row(Resource::Calendar)) && is_shown(&row(Resource::Tasks)));
        let mail = || row(Resource::Mail);
        assert!(!is_shown(&mail()));
        let at = Some("2026-03-02T08:00:00Z".parse().unwrap());
        for something in [
            StatusRow { enabled: true, ..mail() },
            StatusRow { in_progress: true, ..mail() },
            StatusRow { last_sync_at: at, ..mail() },
            StatusRow { throttled_percent: Some(0), ..mail() },
            StatusRow { linked: 1, ..mail() },
            StatusRow { set_aside: 1, ..mail() },
            StatusRow { conflicts: 1, ..mail() },
            StatusRow { open_alerts: 1, ..mail() },
        ] {
            assert!(is_shown(&something), "{something:?}");
        }
    }

    #[test]
    fn nothing_is_counted_before_a_step_is_over() {
        let mut run = RunReport::begin("anna".to_owned(), Resource::Calendar);
        assert_eq!(progress(&run), "Step 1 is running.");
        run.steps = 1;
        run.microsoft.created = 1;
        run.requests = 3;
        assert_eq!(progress(&run), "Step 2 is running. So far: 1 item, 3 requests.");
    }
}
