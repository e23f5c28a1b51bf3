//! The page of an item of Microsoft's: what it is, what it is linked with in the CRM,
//! and why with nothing.

use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::error::PageError;
use super::items::{ItemLine, about, version_of};
use super::link::{InCrm, LinkView, Records};
use super::mailbox;
use super::viewer::{Place, Viewer};
use super::{Web, render};
use crate::app::{ItemName, Resource};
use crate::crm::users::User;

/// An item as its page shows it.
#[derive(Debug)]
pub struct MicrosoftItem<'a> {
    /// The mailbox that it is in.
    pub mailbox: &'a str,
    /// What Graph calls it.
    pub id: &'a str,
    /// What the component knows it by: of a day of a series, the series.
    pub linked_as: &'a str,
    /// What it is called.
    pub title: String,
    /// When it takes place, or is due.
    pub when: String,
    /// A word about it, such as `Series`.
    pub note: Option<&'static str>,
    /// The list or calendar.
    pub back_href: String,
}

/// The record that an item is linked with.
#[derive(Debug)]
pub struct Counterpart {
    /// How it is named.
    pub line: Option<ItemLine>,
    /// How it looks beside the item.
    pub looks: Looks,
}

/// How a record looks beside the item of Microsoft's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looks {
    /// It has the same values in what the page compares.
    Alike,
    /// It has others.
    Different,
    /// It is a series that does not have this day.
    NoSuchDay,
}

#[derive(Debug, Serialize)]
struct MicrosoftItemView {
    title: String,
    when: String,
    note: Option<&'static str>,
    /// The page of what it is linked with.
    crm: Option<ItemLine>,
    back_href: String,
    back_label: &'static str,
    link: LinkView,
}

/// The page of an item of `owner`'s mailbox; `counterpart_of` reads the record with
/// this identifier.
///
/// # Errors
/// The CRM cannot be read, or the component fails.
pub async fn page(
    web: &Web,
    viewer: &Viewer,
    owner: &User,
    resource: Resource,
    item: MicrosoftItem<'_>,
    counterpart_of: impl FnOnce(&str) -> Result<Counterpart, PageError>,
) -> Result<Response, PageError> {
    let name = ItemName::External(item.linked_as.to_owned());
    let records = Records::of(web, viewer, owner, resource, name).await?;
    let (crm, record) = match records.link() {
        Some(link) => {
            let version = version_of(web.app.crm(), about(resource), &link.item_id)?;
            shown(counterpart_of(&link.item_id)?, version)
        }
        None => (None, InCrm::Gone),
    };
    let (place, part, back_label) = match resource {
        Resource::Calendar | Resource::Mail => (Place::Calendar, "events", "Calendar"),
        Resource::Tasks => (Place::Tasks, "tasks", "Tasks"),
    };
    let view = MicrosoftItemView {
        title: item.title,
        when: item.when,
        note: item.note,
        crm,
        back_href: item.back_href,
        back_label,
        link: records.of_microsoft(&record, mailbox::item_href(web, item.mailbox, part, item.id)),
    };
    Ok(render::page("microsoft_item.html", &viewer.chrome(web, place), &view)?.into_response())
}

/// The record that is shown, and what is said of it.
fn shown(counterpart: Counterpart, version: Option<String>) -> (Option<ItemLine>, InCrm) {
    let record = match (version, counterpart.looks) {
        (None, _) => InCrm::Gone,
        (Some(version), Looks::NoSuchDay) => InCrm::NoSuchDay { version },
        (Some(version), looks) => InCrm::Present { version, differs: looks == Looks::Different },
    };
    (counterpart.line, record)
}
