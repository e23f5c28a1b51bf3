//! The page of an entry of Microsoft's calendar: what it is, what stands for it in
//! the CRM, and why nothing does.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::sources::of_graph;
use super::twins;
use super::view::Shown;
use crate::app::Resource;
use crate::crm::notices::NoticeResource;
use crate::crm::users::User;
use crate::web::dates::{self, Dates};
use crate::web::error::PageError;
use crate::web::forms::encoded;
use crate::web::items::{ItemLine, item_of};
use crate::web::link::{LinkView, Records};
use crate::web::mailbox::{self, Mailbox};
use crate::web::viewer::{Place, Viewer};
use crate::web::{Web, render};

/// Which entry.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    user: String,
    /// What Graph calls it.
    #[serde(default)]
    id: String,
    /// Its first day in the viewer's zone; today where none is given.
    #[serde(default)]
    date: String,
}

/// The page.
#[derive(Debug, Serialize)]
pub struct MicrosoftItemView {
    /// What it is called.
    pub title: String,
    /// When it takes place, or is due.
    pub when: String,
    /// A word about it, such as `Series`.
    pub note: Option<&'static str>,
    /// The page of what stands for it in the CRM.
    pub crm: Option<ItemLine>,
    /// The list or calendar.
    pub back_href: String,
    /// What that is called.
    pub back_label: &'static str,
    /// What is known of it.
    pub link: LinkView,
}

/// The address of the page of an entry.
pub fn href_of(login: &str, event: &Value, shown: &Shown, zone: Tz) -> String {
    let id = event.get("id").and_then(Value::as_str).unwrap_or_default();
    let (date, _) = shown.span(zone);
    format!("/calendar/microsoft?user={}&date={date}&id={}", encoded(login), encoded(id))
}

pub(super) async fn show(
    State(web): State<Web>,
    viewer: Viewer,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let user = viewer.open_login(&web, &wanted.user)?;
    let (dates, zone) = (viewer.dates(), viewer.user.time_zone.0);
    let Mailbox { microsoft, name } = mailbox::of(&web, &user).await?.map_err(PageError::Invalid)?;
    let today = || web.app.clock().now().with_timezone(&zone).date_naive();
    let date: NaiveDate = wanted.date.parse().unwrap_or_else(|_| today());
    // Whole days are those of another zone than the viewer's.
    let day = |moved: Option<NaiveDate>| dates::day_start(moved.unwrap_or(date), zone);
    let (from, until) = (day(date.checked_sub_days(Days::new(1))), day(date.checked_add_days(Days::new(2))));
    let events =
        microsoft.calendar_view(&name, from, until).map_err(|_| PageError::Invalid(mailbox::GONE.to_owned()))?;
    let is_wanted = |event: &&Value| event.get("id").and_then(Value::as_str) == Some(wanted.id.as_str());
    let event = events.iter().find(is_wanted).ok_or(PageError::NotFound)?;
    let shown = of_graph(event).ok_or(PageError::NotFound)?;

    let master = event.get("seriesMasterId").and_then(Value::as_str);
    let ids: Vec<&str> = master.into_iter().chain([wanted.id.as_str()]).collect();
    let records = Records::of_external(&web, &viewer, &user, Resource::Calendar, &ids).await?;
    let crm = in_crm(&web, &user, &records, &shown, dates)?;
    let href = mailbox::item_href(&web, &name, "events", &wanted.id);
    let view = MicrosoftItemView {
        when: shown.when_text(dates),
        title: shown.title,
        note: shown.note,
        back_href: super::href_of(&user.login),
        back_label: "Calendar",
        link: records.of_microsoft(crm.is_some(), href),
        crm,
    };
    Ok(render::page("microsoft_item.html", &viewer.chrome(&web, Place::Calendar), &view)?.into_response())
}

/// What stands for an entry in the CRM: what records of the sync name, or else what
/// looks the same.
fn in_crm(
    web: &Web,
    user: &User,
    records: &Records,
    shown: &Shown,
    dates: Dates,
) -> Result<Option<ItemLine>, PageError> {
    for id in records.record_ids() {
        if let Some(line) = item_of(web.app.crm(), user, dates, NoticeResource::Calendar, &id)? {
            return Ok(Some(line));
        }
    }
    let twin = twins::in_crm(web, user, shown)?;
    Ok(twin.map(|twin| ItemLine { when: twin.when_text(dates), title: twin.title, href: twin.href }))
}
