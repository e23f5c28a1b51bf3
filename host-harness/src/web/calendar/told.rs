//! Whom Microsoft would tell of an edit or a deletion, said on the page of an event and in
//! its form before anybody saves or deletes it.
//!
//! Whether a write tells people is the component's decision when it is carried out
//! (`sync::notify`); this says what follows from it for somebody who edits or deletes an
//! event now. Where it cannot be found out, nothing is said.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::occurrence::Day;
use crate::app::{AppError, ItemName, Resource};
use crate::crm::event::all_day::instants_of;
use crate::crm::event::{CalendarEvent, EventKind, EventTime, EventValues, Series};
use crate::crm::users::User;
use crate::crm::{CrmError, EventId};
use crate::web::Web;
use crate::web::report::counted;

/// What Microsoft would send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// To how many people.
    people: usize,
    /// Whether they have it from Microsoft already. Otherwise the next run brings it there.
    is_there: bool,
}

impl Told {
    /// Of an event, a series as a whole, or a day of one that is an event of its own; none
    /// where nobody would be told.
    pub async fn of_event(web: &Web, owner: &User, event: &CalendarEvent) -> Option<Self> {
        said(owner, Self::try_of_event(web, owner, event).await)
    }

    /// Of a day of a series that is as the rule has it.
    pub async fn of_day(web: &Web, owner: &User, day: &Day) -> Option<Self> {
        let is_theirs = day.series.is_organizer && day.values.end > web.app.clock().now();
        let guests = if is_theirs { guests_of(&day.values, owner) } else { BTreeSet::new() };
        said(owner, Self::of_guests(web, owner, day.series.id, &guests).await)
    }

    async fn try_of_event(web: &Web, owner: &User, event: &CalendarEvent) -> Result<Option<Self>, AppError> {
        if !event.is_organizer || event.values.cancelled {
            return Ok(None);
        }
        let item = event.values.recurring_event_id.unwrap_or(event.id);
        let exceptions = match event.values.kind() {
            EventKind::Series => exceptions_of(web, event)?,
            EventKind::Single | EventKind::Exception => Vec::new(),
        };
        let now = web.app.clock().now();
        if is_over(&event.values, now)? && exceptions.iter().all(|values| values.end <= now) {
            return Ok(None);
        }
        let mut guests = guests_of(&event.values, owner);
        guests.extend(exceptions.iter().flat_map(|values| guests_of(values, owner)));
        Self::of_guests(web, owner, item, &guests).await
    }

    async fn of_guests(
        web: &Web,
        owner: &User,
        item: EventId,
        guests: &BTreeSet<String>,
    ) -> Result<Option<Self>, AppError> {
        if guests.is_empty() || !web.app.microsoft_tells_guests(owner.id).await? {
            return Ok(None);
        }
        let name = ItemName::Record(item.to_string());
        let standing = web.app.links_of(owner, Resource::Calendar, vec![name]).await?.pop().unwrap_or_default();
        let is_there = standing.link.is_some();
        // What is set aside may be there without its guests, and says for itself what
        // becomes of it; a first run tells nobody.
        if standing.set_aside.is_some() || !is_there && !has_run(web, owner).await? {
            return Ok(None);
        }
        Ok(Some(Self { people: guests.len(), is_there }))
    }

    /// On the page of the event.
    pub fn of_either(self) -> String {
        if !self.is_there {
            return format!("With the next sync, Microsoft sends an invitation to {}.", self.people());
        }
        format!(
            "An edit or the deletion makes Microsoft send a mail to {} with the next sync; the reminder alone does not.",
            self.people()
        )
    }

    /// In the form.
    pub fn of_edit(self) -> String {
        if !self.is_there {
            return self.of_either();
        }
        format!(
            "With the next sync, Microsoft sends an update to {}, unless nothing but the reminder is changed.",
            self.people()
        )
    }

    /// Before a deletion; none where it tells nobody, because nobody has it.
    pub fn of_deletion(self) -> Option<String> {
        self.is_there.then(|| format!("With the next sync, Microsoft sends a cancellation to {}.", self.people()))
    }

    fn people(self) -> String {
        counted(u64::try_from(self.people).unwrap_or(u64::MAX), "person", "people")
    }
}

/// Whether the calendar was ever in step: whoever is invited later is invited by somebody.
async fn has_run(web: &Web, owner: &User) -> Result<bool, AppError> {
    let rows = web.app.status_of(owner).await?;
    Ok(rows.iter().any(|row| row.resource == Resource::Calendar && row.last_sync_at.is_some()))
}

/// Whoever asks edits or deletes all the same, so that a page is not refused for it.
fn said(owner: &User, found: Result<Option<Told>, AppError>) -> Option<Told> {
    found.unwrap_or_else(|error| {
        tracing::warn!(%error, user = %owner.id, "whom Microsoft would tell could not be found out");
        None
    })
}

/// The addresses that Microsoft writes to: those of everybody but the organiser.
fn guests_of(values: &EventValues, owner: &User) -> BTreeSet<String> {
    let addresses = values.attendees.iter().filter_map(|attendee| attendee.email.as_deref());
    addresses.filter(|address| !owner.has_address(address)).map(str::to_lowercase).collect()
}

/// The days of a series that are not as its rule has them, and take place.
fn exceptions_of(web: &Web, series: &CalendarEvent) -> Result<Vec<EventValues>, CrmError> {
    let whole = web.app.crm().events_by_id(series.owner, &[series.id])?.pop().flatten();
    let exceptions = whole.map(|whole| whole.exceptions).unwrap_or_default().into_iter();
    Ok(exceptions.map(|event| event.values).filter(|values| !values.cancelled).collect())
}

/// Whether an event has ended; of a series, whether its rule has.
fn is_over(values: &EventValues, now: DateTime<Utc>) -> Result<bool, CrmError> {
    let Some(series) = Series::of(values)? else { return Ok(values.end <= now) };
    // A day that begins earlier has ended, in whatever zone it is.
    let earliest = now - (values.end - values.start) - TimeDelta::days(2);
    let mut ends = series.days_from(earliest.date_naive()).map(|day| end_of(&series.time_of(day)));
    Ok(!ends.any(|end| end > now))
}

fn end_of(time: &EventTime) -> DateTime<Utc> {
    match time {
        EventTime::Timed(timed) => timed.end,
        EventTime::AllDay(days) => instants_of(days).1,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::crm::event::{DayOfWeek, Pattern, SeriesEnd, SeriesRule, Timed};
    use crate::crm::users::ZoneName;

    #[test]
    fn a_series_is_over_when_its_last_day_has_ended() {
        let zone = ZoneName::parse("Europe/Berlin", "timeZone").unwrap();
        let start: DateTime<Utc> = "2026-03-02T08:00:00Z".parse().unwrap();
        let end = start + TimeDelta::hours(1);
        let single = EventValues { title: "Review".to_owned(), start, end, ..EventValues::blank(zone) };
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert!(!is_over(&single, at("2026-03-02T08:59:59Z")).unwrap());
        assert!(is_over(&single, at("2026-03-02T09:00:00Z")).unwrap());
        let time = EventTime::Timed(Timed { start, end, zone });
        let of_rule = |end| {
            let rule = SeriesRule { pattern: Pattern::Weekly(vec![DayOfWeek::Monday]), interval: 1, end };
            EventValues { recurrence: Some(rule.recurrence(&time)), ..single.clone() }
        };
        let until = of_rule(SeriesEnd::Until("2026-03-16".parse().unwrap()));
        assert!(!is_over(&until, at("2026-03-16T08:30:00Z")).unwrap());
        assert!(is_over(&until, at("2026-03-16T09:00:00Z")).unwrap());
        assert!(!is_over(&of_rule(SeriesEnd::Never), at("2036-03-16T09:00:00Z")).unwrap());
    }
}
