//! Whom Microsoft would tell of an edit or a deletion, said on the page of an event and in
//! its form before anybody saves or deletes it.
//!
//! Whether a write tells people is the component's decision when it is carried out
//! (`sync::notify`); this says what follows from it for somebody who edits or deletes an
//! event now. Where it cannot be found out, nothing is said.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::OnceCell;

use crate::app::{AppError, ItemName, ItemStanding, Resource};
use crate::crm::event::all_day::instants_of;
use crate::crm::event::{CalendarEvent, EventKind, EventTime, EventValues, Series};
use crate::crm::users::User;
use crate::crm::{CrmError, EventId};
use crate::web::Web;
use crate::web::report::counted;

/// Whom the writes of one item tell: an event, or a series with its days. What the
/// component knows of the item is asked once, however many questions follow.
pub struct Asking<'a> {
    web: &'a Web,
    owner: &'a User,
    item: EventId,
    standing: Option<&'a ItemStanding>,
    reach: OnceCell<Reach>,
}

/// Whether writes of an item tell anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// No guest has it, or will have it from Microsoft.
    Nobody,
    /// The guests have it from Microsoft.
    There,
    /// The next run brings it there, which invites them.
    NextRun,
}

impl<'a> Asking<'a> {
    /// About the item of an event, a day of a series or a series.
    pub fn about(web: &'a Web, owner: &'a User, event: &CalendarEvent) -> Self {
        Self { web, owner, item: item_of(event), standing: None, reach: OnceCell::new() }
    }

    /// The same where what the component knows of the item was asked already.
    #[must_use]
    pub fn knowing(self, standing: &'a ItemStanding) -> Self {
        Self { standing: Some(standing), ..self }
    }

    /// Of an event, a series as a whole, or a day of one that is an event of its own; none
    /// where nobody would be told.
    pub async fn event(&self, event: &CalendarEvent) -> Option<Told> {
        self.said(self.try_event(event).await)
    }

    /// Of a day of a series that is as the rule has it.
    pub async fn day(&self, series: &CalendarEvent, values: &EventValues) -> Option<Told> {
        let is_theirs = series.is_organizer && values.end > self.web.app.clock().now();
        let guests = if is_theirs { guests_of(values, self.owner) } else { BTreeSet::new() };
        self.said(self.guests(&guests).await)
    }

    async fn try_event(&self, event: &CalendarEvent) -> Result<Option<Told>, AppError> {
        if !event.is_organizer || event.values.cancelled {
            return Ok(None);
        }
        let exceptions = match event.values.kind() {
            EventKind::Series => exceptions_of(self.web, event)?,
            EventKind::Single | EventKind::Exception => Vec::new(),
        };
        let now = self.web.app.clock().now();
        if is_over(&event.values, now)? && exceptions.iter().all(|values| values.end <= now) {
            return Ok(None);
        }
        let mut guests = guests_of(&event.values, self.owner);
        guests.extend(exceptions.iter().flat_map(|values| guests_of(values, self.owner)));
        self.guests(&guests).await
    }

    async fn guests(&self, guests: &BTreeSet<String>) -> Result<Option<Told>, AppError> {
        if guests.is_empty() {
            return Ok(None);
        }
        let people = guests.len();
        Ok(match self.reach.get_or_try_init(|| self.find_reach()).await? {
            Reach::Nobody => None,
            Reach::There => Some(Told { people, is_there: true }),
            Reach::NextRun => Some(Told { people, is_there: false }),
        })
    }

    async fn find_reach(&self) -> Result<Reach, AppError> {
        if !self.web.app.microsoft_tells_guests(self.owner.id).await? {
            return Ok(Reach::Nobody);
        }
        let asked;
        let standing = if let Some(known) = self.standing {
            known
        } else {
            let name = ItemName::Record(self.item.to_string());
            asked = self.web.app.links_of(self.owner, Resource::Calendar, vec![name]).await?.pop().unwrap_or_default();
            &asked
        };
        // What is set aside may be there without its guests, and says for itself what
        // becomes of it; a first run tells nobody.
        Ok(match (&standing.set_aside, &standing.link) {
            (None, Some(_)) => Reach::There,
            (None, None) if has_run(self.web, self.owner).await? => Reach::NextRun,
            (Some(_), _) | (None, None) => Reach::Nobody,
        })
    }

    /// Whoever asks edits or deletes all the same, so that a page is not refused for it.
    fn said(&self, found: Result<Option<Told>, AppError>) -> Option<Told> {
        found.unwrap_or_else(|error| {
            tracing::warn!(%error, user = %self.owner.id, "whom Microsoft would tell could not be found out");
            None
        })
    }
}

/// What Microsoft would send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// To how many people.
    people: usize,
    /// Whether they have it from Microsoft already. Otherwise the next run brings it there.
    is_there: bool,
}

impl Told {
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

    /// Before a day of a series is deleted, or all of it: whom either tells.
    pub fn of_choice(day: Option<Self>, series: Option<Self>) -> Option<String> {
        let people_of = |told: Option<Self>| told.filter(|told| told.is_there).map(Self::people);
        Some(match (people_of(day), people_of(series)) {
            (None, None) => return None,
            (Some(day), Some(series)) if day == series => {
                format!("With the next sync, Microsoft sends a cancellation to {day}.")
            }
            (Some(day), Some(series)) => format!(
                "With the next sync, Microsoft sends a cancellation to {day} for this event, or to {series} for all \
                 events."
            ),
            (Some(day), None) => {
                format!("With the next sync, Microsoft sends a cancellation to {day} for this event.")
            }
            // Of a day that is over, nobody is told.
            (None, Some(series)) => {
                format!("With the next sync, Microsoft sends a cancellation to {series} for all events.")
            }
        })
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

/// The addresses that Microsoft writes to: those of everybody but the organiser.
fn guests_of(values: &EventValues, owner: &User) -> BTreeSet<String> {
    let addresses = values.attendees.iter().filter_map(|attendee| attendee.email.as_deref());
    addresses.filter(|address| !owner.has_address(address)).map(str::to_lowercase).collect()
}

/// What the component knows an event as: a day of a series as the series.
pub fn item_of(event: &CalendarEvent) -> EventId {
    event.values.recurring_event_id.unwrap_or(event.id)
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
    fn a_choice_says_whom_the_day_tells_and_whom_the_series() {
        let told = |people| Some(Told { people, is_there: true });
        let said = |day, series| Told::of_choice(day, series).unwrap_or_default();
        assert_eq!(said(told(2), told(2)), "With the next sync, Microsoft sends a cancellation to 2 people.");
        let both = said(told(1), told(3));
        assert!(both.contains("to 1 person for this event, or to 3 people for all events"), "{both}");
        assert!(said(None, told(3)).ends_with("to 3 people for all events."), "a day that is over");
        assert!(said(told(1), None).ends_with("to 1 person for this event."));
        let uninvited = Some(Told { people: 3, is_there: false });
        assert_eq!(Told::of_choice(uninvited, uninvited), None, "nobody has it");
    }

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
