//! The calendars of a user: both sides next to each other, the buttons of
//! [`run_now`] with their reports, and the events of the CRM's side.
//!
//! What the page shows is computed in [`view`], from what [`sources`] reads, with each
//! linked pair once ([`sides`]), whose halves may be far from each other
//! ([`elsewhere`]). An event has a page of its own ([`event_page`]) with the people of [`guests`] and
//! what is known of it on the other side ([`twins`]); it is edited in [`events`]
//! with the form of [`form`] and the editor of [`rule`], a day of a series in
//! [`occurrence`].

mod deletion;
mod elsewhere;
mod event_page;
mod events;
mod form;
mod guests;
mod identity;
mod microsoft_event;
pub mod month;
mod occurrence;
mod opened;
mod rule;
mod series_days;
pub mod sides;
mod sources;
mod told;
mod twins;
pub mod view;
pub mod week;

pub use sources::{of_crm, of_instance};

use std::collections::BTreeSet;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;

use self::sides::{Sides, placed};
use self::view::{CalendarView, Period, Shown, View};
use super::Web;
use super::banner::{self, Above, RunButtons};
use super::dates::Dates;
use super::error::PageError;
use super::forms::encoded;
use super::mailbox::UnseenNote;
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
        .route("/calendar/microsoft", get(microsoft_event::show))
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
        match self.view.as_str() {
            "list" => View::List,
            "month" => View::Month,
            _ => View::Week,
        }
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
            View::Month => "month",
            View::List => "list",
        };
        let date = date.map(|date| format!("&date={date}")).unwrap_or_default();
        format!("/calendar?user={}&view={view}{date}", encoded(self.login))
    }
}

async fn show(State(web): State<Web>, viewer: Viewer, Query(wanted): Query<Wanted>) -> Result<Response, PageError> {
    let user = viewer.open_login(&web, &wanted.user)?;
    let dates = viewer.dates();
    let zone = dates.zone;
    let today = web.app.clock().now().with_timezone(&zone).date_naive();
    let view = wanted.view();
    let date = wanted.date.parse().unwrap_or(today);
    let period = Period::around(view, date, dates);
    let crm = sources::crm(&web, &user, period, zone).await?;
    let microsoft = sources::microsoft(&web, &user, period, zone).await?;
    let shown: Option<&[Shown]> = microsoft.as_ref().ok().map(Vec::as_slice);
    let parted = match shown {
        Some(shown) => elsewhere::parted(&web, &user, &crm, shown).await?,
        None => BTreeSet::new(),
    };
    let sides = Sides { crm: &crm, microsoft: shown, parted: &parted };
    let report = web.sessions.take_report(&viewer.session, user.id);
    let Above { banners, run } = banner::of(&web, &viewer, &user, Resource::Calendar).await?;
    let page = CalendarView {
        microsoft_note: microsoft.as_ref().err().map(|unseen| UnseenNote::of(*unseen, &viewer, &user)),
        banners,
        run,
        ..page(&web.product, &viewer, &user, Seen { view, date, period, dates, today }, sides, report)
    };
    Ok(render::page("calendar.html", &viewer.chrome(&web, Place::Calendar), &page)?.into_response())
}

/// What is looked at.
#[derive(Clone, Copy)]
struct Seen {
    view: View,
    /// The day that was asked for.
    date: NaiveDate,
    period: Period,
    dates: Dates,
    today: NaiveDate,
}

impl Seen {
    /// A day of the period before, and one of the period after.
    fn beside(&self) -> (NaiveDate, NaiveDate) {
        match self.view {
            View::Week | View::List => (self.period.previous(), self.period.next()),
            View::Month => month::beside(self.date),
        }
    }
}

fn page(
    product: &str,
    viewer: &Viewer,
    user: &User,
    seen: Seen,
    sides: Sides<'_>,
    report: Option<ReportView>,
) -> CalendarView {
    let Seen { view, date, period, dates, today } = seen;
    let links = Links { login: &user.login };
    let (previous_label, next_label) = match view {
        View::Week => ("Previous week", "Next week"),
        View::Month => ("Previous month", "Next month"),
        View::List => ("Previous 30 days", "Next 30 days"),
    };
    let (previous, next) = seen.beside();
    let (mut days, mut month, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    match view {
        View::Week => days = week::days(product, period, (dates, today), &sides.halves()),
        View::List => rows = view::rows(dates, sides),
        View::Month => {
            let days = month::Days { date, dates, today, product };
            month = days.of(&placed(dates.zone, sides), |day| links.to(View::Week, Some(day)));
        }
    }
    CalendarView {
        owner: (user.id != viewer.user.id).then(|| user.display_name.clone()),
        login: user.login.clone(),
        zone: dates.zone.name().to_owned(),
        here: links.to(view, Some(date)),
        new_href: format!("/calendar/events/new?user={}", encoded(&user.login)),
        view,
        range: match view {
            View::Week | View::List => dates.range(period.first, period.last()),
            View::Month => dates.month(date),
        },
        previous_href: links.to(view, Some(previous)),
        previous_label,
        next_href: links.to(view, Some(next)),
        next_label,
        today_href: links.to(view, None),
        week_href: links.to(View::Week, Some(date)),
        month_href: links.to(View::Month, Some(date)),
        list_href: links.to(View::List, Some(date)),
        crm_count: sides.crm.len(),
        microsoft_count: sides.microsoft.map(<[Shown]>::len),
        microsoft_note: None,
        days,
        month,
        rows,
        report,
        banners: Vec::new(),
        run: RunButtons::default(),
    }
}
