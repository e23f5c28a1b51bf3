//! The page of an entry of Microsoft's calendar.

use axum::extract::{Query, State};
use axum::response::Response;
use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use serde::Deserialize;
use serde_json::Value;

use super::identity::Identity;
use super::sources::of_graph;
use super::twins;
use super::view::Shown;
use crate::app::Resource;
use crate::crm::notices::NoticeResource;
use crate::crm::users::User;
use crate::web::Web;
use crate::web::dates::{self, Dates};
use crate::web::error::PageError;
use crate::web::forms::encoded;
use crate::web::items::{ItemLine, item_of};
use crate::web::mailbox::{self, Mailbox, Unseen};
use crate::web::microsoft_item::{self, Counterpart, Looks, MicrosoftItem};
use crate::web::viewer::Viewer;

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
    let mailbox = mailbox::of(&web, &user).await??;
    let Mailbox { microsoft, name } = &mailbox;
    let today = || web.app.clock().now().with_timezone(&zone).date_naive();
    let date: NaiveDate = wanted.date.parse().unwrap_or_else(|_| today());
    // Whole days are those of another zone than the viewer's.
    let day = |moved: Option<NaiveDate>| dates::day_start(moved.unwrap_or(date), zone);
    let (from, until) = (day(date.checked_sub_days(Days::new(1))), day(date.checked_add_days(Days::new(2))));
    let events = microsoft.calendar_view(name, from, until).map_err(|_| Unseen::Gone)?;
    let is_wanted = |event: &&Value| event.get("id").and_then(Value::as_str) == Some(wanted.id.as_str());
    let event = events.iter().find(is_wanted).ok_or(PageError::NotFound)?;
    let shown = of_graph(event).ok_or(PageError::NotFound)?;

    let identity = Identity::of_graph(event).ok_or(PageError::NotFound)?;
    let item = MicrosoftItem {
        mailbox: name,
        id: &wanted.id,
        linked_as: &identity.external_id,
        title: shown.title.clone(),
        when: shown.when_text(dates),
        note: shown.note,
        back_href: super::href_of(&user.login),
    };
    let counterpart = |record: &str| counterpart_of(&web, &user, &mailbox, record, (&identity, &shown), dates);
    microsoft_item::page(&web, &viewer, &user, Resource::Calendar, item, counterpart).await
}

/// The record that an entry is linked with: of a series its day, where the CRM has it.
fn counterpart_of(
    web: &Web,
    user: &User,
    mailbox: &Mailbox<'_>,
    record: &str,
    (identity, shown): (&Identity, &Shown),
    dates: Dates,
) -> Result<Counterpart, PageError> {
    let (found, has_moved) = match record.parse() {
        Ok(event) => match twins::in_crm(web, user, event, identity, shown)? {
            Some(ours) => (Some(ours), false),
            None => (None, twins::is_moved(web, user, mailbox, (event, identity), shown)?),
        },
        Err(_) => (None, false),
    };
    let looks = match &found {
        Some(ours) if ours.looks_like(shown) => Looks::Alike,
        None if identity.day.is_some() && !has_moved => Looks::NoSuchDay,
        // An event that is nowhere around is at another time.
        Some(_) | None => Looks::Different,
    };
    let line = match found {
        Some(ours) => Some(ItemLine { when: ours.when_text(dates), title: ours.title, href: ours.href }),
        None => item_of(web.app.crm(), user, dates, NoticeResource::Calendar, record)?,
    };
    Ok(Counterpart { line, looks })
}
