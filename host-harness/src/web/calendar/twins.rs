//! What stands on the other side for an event of the CRM, or for an entry of
//! Microsoft's calendar. Which items are one, the component says (see
//! [`crate::web::link`]); here is what the other side shows of it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde_json::Value;

use super::identity::{Identity, named};
use super::series_days::SeriesDays;
use super::sources::{of_crm, of_graph, of_instance};
use super::view::{Shown, When};
use crate::app::{ItemName, Resource};
use crate::crm::event::expand::EventInstance;
use crate::crm::event::{CalendarEvent, EventKind, EventValues, Series};
use crate::crm::users::User;
use crate::crm::{CrmError, EventId};
use crate::graph::SetupError;
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::link::There;
use crate::web::mailbox::{self, Mailbox};

/// How far around an event the other side is looked at, in days: somebody may have
/// moved it.
const AROUND_DAYS: i64 = 62;

/// What is looked for.
#[derive(Debug)]
pub struct Sought<'a> {
    /// The event; of a day of a series that is as the rule has it, the series.
    pub event: &'a CalendarEvent,
    /// What is shown of it.
    pub values: &'a EventValues,
    /// Of a day of a series, when the rule has it.
    pub original: Option<DateTime<Utc>>,
}

impl Sought<'_> {
    fn shown(&self) -> Shown {
        of_crm(&CalendarEvent { values: self.values.clone(), ..self.event.clone() })
    }

    /// Whether it is a series as a whole.
    fn is_series(&self) -> bool {
        self.event.values.kind() == EventKind::Series && self.original.is_none()
    }

    /// What names the day of a series on both sides; none of anything else.
    fn day(&self, web: &Web) -> Result<Option<DateTime<Utc>>, PageError> {
        let Some(original) = self.original else { return Ok(None) };
        let rule = match self.event.values.recurring_event_id {
            Some(series) => Series::of(&web.app.crm().event_of(self.event.owner, series)?.values)?,
            None => Series::of(&self.event.values)?,
        };
        Ok(Some(named(rule.and_then(|rule| rule.start_by_rule(original)).unwrap_or(original))))
    }
}

/// The items of Microsoft's that these entries are linked with, by event or series.
///
/// # Errors
/// The component fails.
pub async fn external_ids(
    web: &Web,
    user: &User,
    instances: &[EventInstance],
) -> Result<BTreeMap<EventId, String>, PageError> {
    let events: BTreeSet<EventId> = instances.iter().map(item_of).collect();
    let names = events.iter().map(|id| ItemName::Record(id.to_string())).collect();
    let standings = web.app.links_of(user, Resource::Calendar, names).await?;
    let linked = events.into_iter().zip(standings);
    Ok(linked.filter_map(|(event, standing)| Some((event, standing.link?.external_id))).collect())
}

/// The item that an entry is of: of a day of a series the series.
pub fn item_of(instance: &EventInstance) -> EventId {
    instance.series_id.unwrap_or(instance.event_id)
}

/// What Microsoft shows now of the item that an event is linked with.
///
/// # Errors
/// The CRM cannot be read, or the component fails.
pub async fn there(web: &Web, user: &User, sought: &Sought<'_>, external_id: &str) -> Result<There, PageError> {
    let Ok(mailbox) = mailbox::of(web, user).await? else { return Ok(There::Unread) };
    let (from, until) = around(sought.values.start, sought.values.end);
    let day = sought.day(web)?;
    let Ok(found) = entries(&mailbox, external_id, day, (from, until)) else { return Ok(There::Unread) };
    let Some(entries) = found else { return Ok(There::Gone) };
    if let Some(day) = day.filter(|_| entries.is_empty()) {
        // What is cancelled is looked for nowhere else.
        let series = (sought.event.item(), external_id);
        let has_moved =
            !sought.values.cancelled && SeriesDays::of(web, user, &mailbox, series, (from, until))?.is_moved(day);
        let href = || mailbox::item_href(web, &mailbox.name, "events", external_id);
        return Ok(if has_moved { There::Here { href: href(), differs: true } } else { There::NoSuchDay });
    }
    // A series is where any of its occurrences is.
    let looks = if sought.is_series() { occurrences(web, sought.event, from, until)? } else { vec![sought.shown()] };
    let shown = entries.iter().filter_map(of_graph);
    let differs = !shown.into_iter().any(|shown| looks.iter().any(|one| one.looks_like(&shown)));
    let of_day = entries.first().filter(|_| day.is_some()).and_then(|event| event.get("id")?.as_str());
    Ok(There::Here { href: mailbox::item_href(web, &mailbox.name, "events", of_day.unwrap_or(external_id)), differs })
}

/// What Microsoft's calendar shows of an item in a stretch of time, or of one day of it;
/// none where it does not have the item.
pub fn entries(
    mailbox: &Mailbox<'_>,
    external_id: &str,
    day: Option<DateTime<Utc>>,
    stretch: (DateTime<Utc>, DateTime<Utc>),
) -> Result<Option<Vec<Value>>, SetupError> {
    let found = mailbox.microsoft.event_view(&mailbox.name, external_id, stretch)?;
    let is_meant = |event: &Value| day.is_none() || Identity::of_graph(event).is_some_and(|one| one.day == day);
    Ok(found.map(|entries| entries.into_iter().filter(is_meant).collect()))
}

/// What the calendar shows of a series.
fn occurrences(
    web: &Web,
    series: &CalendarEvent,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<Shown>, PageError> {
    let instances = web.app.crm().event_instances(series.owner, from, until)?;
    let is_of_series = |instance: &&EventInstance| instance.series_id == Some(series.id);
    Ok(instances.iter().filter(is_of_series).map(of_instance).collect())
}

/// The entry of the CRM's calendar for an entry of Microsoft's that is linked with this
/// event or series.
///
/// # Errors
/// The CRM cannot be read.
pub fn in_crm(
    web: &Web,
    user: &User,
    item: EventId,
    identity: &Identity,
    shown: &Shown,
) -> Result<Option<Shown>, PageError> {
    let (start, end) = span_of(shown);
    let (from, until) = around(start, end);
    let instances = web.app.crm().event_instances(user.id, from, until)?;
    let is_meant = |instance: &&EventInstance| {
        item_of(instance) == item && Identity::of_instance(instance, &identity.external_id) == *identity
    };
    Ok(instances.iter().find(is_meant).map(of_instance))
}

/// Whether one side has moved an entry of Microsoft's that is a day of a series and that the
/// CRM does not have where it should, or the whole series.
///
/// # Errors
/// The CRM cannot be read.
pub fn is_moved(
    web: &Web,
    user: &User,
    mailbox: &Mailbox<'_>,
    (series, identity): (EventId, &Identity),
    shown: &Shown,
) -> Result<bool, PageError> {
    let Some(day) = identity.day else { return Ok(false) };
    let (start, end) = span_of(shown);
    let series = (series, identity.external_id.as_str());
    Ok(SeriesDays::of(web, user, mailbox, series, around(start, end))?.is_moved(day))
}

/// Whether Microsoft has an item, wherever it was moved to.
pub fn is_in_microsoft(mailbox: &Mailbox<'_>, external_id: &str) -> bool {
    let nowhere = (DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH);
    entries(mailbox, external_id, None, nowhere).is_ok_and(|found| found.is_some())
}

/// Whether the CRM has an event, wherever it was moved to.
///
/// # Errors
/// The CRM cannot be read.
pub fn is_in_crm(web: &Web, user: &User, item: EventId) -> Result<bool, PageError> {
    match web.app.crm().event_of(user.id, item) {
        Ok(event) => Ok(!event.values.cancelled),
        Err(CrmError::NotFound { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// When an entry begins and ends, near enough to look around it.
pub fn span_of(shown: &Shown) -> (DateTime<Utc>, DateTime<Utc>) {
    let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    match shown.when {
        When::Timed { start, end } => (start, end),
        When::AllDay { first, last } => (midnight(first), midnight(last)),
        When::Due(day) => (midnight(day), midnight(day)),
    }
}

/// The stretch of time in which the other half of an entry is looked for; of one that lasts
/// for longer than that, around its beginning.
pub fn around(start: DateTime<Utc>, end: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    let days = TimeDelta::days(AROUND_DAYS);
    (start - days, end.min(start + days) + days)
}
