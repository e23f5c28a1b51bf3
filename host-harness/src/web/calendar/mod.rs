//! The calendars of a user: both sides next to each other, the buttons of
//! [`run_now`] with their reports, and the events of the CRM's side.
//!
//! What the page shows is computed in [`view`], from what [`sources`] reads;
//! events are edited in [`events`] with the form of [`form`], which shows the
//! people of [`guests`].

mod events;
mod form;
mod guests;
mod sources;
pub mod view;

pub use sources::of_crm;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::Deserialize;

use self::view::{CalendarView, Period, Shown, View};
use super::Web;
use super::banner;
use super::dates;
use super::error::PageError;
use super::forms::encoded;
use super::render;
use super::report::ReportView;
use super::run_now;
use super::viewer::{Place, Viewer};
use crate::app::Resource;
use crate::crm::users::User;

/// The pages of this module.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/calendar", get(show))
        .merge(run_now::routes("/calendar", Resource::Calendar))
        .merge(events::routes())
}

/// The address of a user's calendar.
pub fn href_of(login: &str) -> String {
    format!("/calendar?user={}", encoded(login))
}

#[derive(Debug, Deserialize)]
struct Wanted {
    #[serde(default)]
    user: String,
    #[serde(default)]
    view: String,
    #[serde(default)]
    date: String,
}

impl Wanted {
    fn view(&self) -> View {
        if self.view == "list" { View::List } else { View::Week }
    }
}

/// Addresses of one user's calendar.
struct Links<'a> {
    login: &'a str,
}

impl Links<'_> {
    fn to(&self, view: View, date: Option<NaiveDate>) -> String {
        let view = match view {
            View::Week => "week",
            View::List => "list",
        };
        let date = date.map(|date| format!("&date={date}")).unwrap_or_default();
        format!("/calendar?user={}&view={view}{date}", encoded(self.login))
    }
}

async fn show(State(web): State<Web>, viewer: Viewer, Query(wanted): Query<Wanted>) -> Result<Response, PageError> {
    let user = viewer.open_login(&web, &wanted.user)?;
    let zone = viewer.user.time_zone.0;
    let today = web.app.clock().now().with_timezone(&zone).date_naive();
    let view = wanted.view();
    let period = Period::around(view, wanted.date.parse().unwrap_or(today));
    let crm = sources::crm(&web, &user, period, zone)?;
    let microsoft = sources::microsoft(&web, &user, period, zone).await?;
    let report = web.sessions.take_report(&viewer.session, user.id);
    let banners = banner::of(&web, &user, Resource::Calendar).await?;
    let page =
        CalendarView { banners, ..page(&viewer, &user, Seen { view, period, zone, today }, &crm, &microsoft, report) };
    Ok(render::page("calendar.html", &viewer.chrome(&web, Place::Calendar), &page)?.into_response())
}

/// What is looked at.
#[derive(Clone, Copy)]
struct Seen {
    view: View,
    period: Period,
    zone: Tz,
    today: NaiveDate,
}

fn page(
    viewer: &Viewer,
    user: &User,
    seen: Seen,
    crm: &[Shown],
    microsoft: &Result<Vec<Shown>, String>,
    report: Option<ReportView>,
) -> CalendarView {
    let Seen { view, period, zone, today } = seen;
    let links = Links { login: &user.login };
    let (previous_label, next_label) = match view {
        View::Week => ("Previous week", "Next week"),
        View::List => ("Previous 30 days", "Next 30 days"),
    };
    let shown: Option<&[Shown]> = microsoft.as_ref().ok().map(Vec::as_slice);
    let (days, rows) = match view {
        View::Week => (view::days(period, zone, today, crm, shown.unwrap_or_default()), Vec::new()),
        View::List => (Vec::new(), view::rows(zone, crm, shown)),
    };
    CalendarView {
        owner: (user.id != viewer.user.id).then(|| user.display_name.clone()),
        login: user.login.clone(),
        zone: zone.name().to_owned(),
        here: links.to(view, Some(period.first)),
        new_href: format!("/calendar/events/new?user={}", encoded(&user.login)),
        view,
        range: dates::range(period.first, period.last()),
        previous_href: links.to(view, Some(period.previous())),
        previous_label,
        next_href: links.to(view, Some(period.next())),
        next_label,
        today_href: links.to(view, None),
        week_href: links.to(View::Week, Some(period.first)),
        list_href: links.to(View::List, Some(period.first)),
        crm_count: crm.len(),
        microsoft_count: shown.map_or(0, <[Shown]>::len),
        microsoft_note: microsoft.as_ref().err().cloned(),
        days,
        rows,
        report,
        banners: Vec::new(),
    }
}
