//! Whom Microsoft would tell of an edit or a deletion, said on the page of an event and in
//! its form before anybody saves or deletes it.
//!
//! Whether a write tells people is the component's decision when it is carried out
//! (`sync::notify`); this says what follows from it for somebody who edits or deletes an
//! event now. Where it cannot be found out, nothing is said.

mod teller;

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::OnceCell;

use self::teller::Teller;
use crate::app::{AppError, ItemName, ItemStanding, Resource, ToldBy};
use crate::crm::event::all_day::instants_of;
use crate::crm::event::{Announcement, CalendarEvent, EventKind, EventTime, EventValues, Series};
use crate::crm::users::User;
use crate::crm::{CrmError, EventId};
use crate::web::Web;
use crate::web::report::counted;
use crate::web::set_aside::WOULD_NOTIFY;

/// Whom the writes of one item tell: an event, or a series with its days. What the
/// component answers about the item holds for all questions.
pub struct Audience<'a> {
    web: &'a Web,
    owner: &'a User,
    /// None of what is still to be entered.
    item: Option<EventId>,
    /// Whether the owner organises it.
    is_theirs: bool,
    standing: Option<&'a ItemStanding>,
    teller: OnceCell<Teller>,
}

/// How the guests of an item hear of its writes, and whether that is certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Way {
    reach: Reach,
    /// Whether an edit can be left as it is once more, because of what could not be written
    /// before.
    is_open: bool,
}

/// The day of a series that may be deleted.
#[derive(Clone, Copy, Debug)]
pub enum OneDay<'a> {
    /// As the rule has it, with what is shown of it.
    ByRule(&'a EventValues),
    /// An event of its own.
    Exception(&'a CalendarEvent),
}

/// How the guests of an item hear of its writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// The guests have it from Microsoft.
    There,
    /// The next run brings it there, which invites them.
    NextRun,
    /// It goes there without its guests, or was saved without telling them: an edit invites
    /// them.
    NextEdit,
    /// Microsoft has it and was not let tell something of it, which goes with the next edit.
    Withheld,
}

impl<'a> Audience<'a> {
    /// About the item of an event, a day of a series or a series.
    pub fn about(web: &'a Web, owner: &'a User, event: &CalendarEvent) -> Self {
        Self { item: Some(event.item()), is_theirs: event.is_organizer, ..Self::of_new(web, owner) }
    }

    /// About an event that is still to be entered.
    pub fn of_new(web: &'a Web, owner: &'a User) -> Self {
        Self { web, owner, item: None, is_theirs: true, standing: None, teller: OnceCell::new() }
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
        self.said(self.try_day(series, values).await)
    }

    /// Before a day of a series is deleted, or all of it: whom either tells. Where one of
    /// them cannot be found out, nothing is said of the other one either.
    pub async fn choice(&self, day: OneDay<'_>, series: &CalendarEvent) -> Option<String> {
        self.said(self.try_choice(day, series).await)
    }

    /// Beside the list of guests: what becomes of whoever is added to it or removed; none
    /// where the list is somebody else's.
    pub async fn list(&self) -> Option<String> {
        if !self.is_theirs {
            return None;
        }
        let teller = self.teller().await.map(Some);
        self.said(teller).map(|teller| teller.of_list(&self.web.product, self.item.is_none()))
    }

    async fn try_choice(&self, day: OneDay<'_>, series: &CalendarEvent) -> Result<Option<String>, AppError> {
        let of_day = match day {
            OneDay::ByRule(values) => self.try_day(series, values).await?,
            OneDay::Exception(event) => self.try_event(event).await?,
        };
        Ok(of_choice(of_day, self.try_event(series).await?))
    }

    async fn try_day(&self, series: &CalendarEvent, values: &EventValues) -> Result<Option<Told>, AppError> {
        let is_theirs = series.is_organizer && values.end > self.web.app.clock().now();
        let guests = if is_theirs { guests_of(values, self.owner) } else { BTreeSet::new() };
        self.guests(&guests).await
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
        Ok(match self.teller().await? {
            Teller::Microsoft(way) => Some(Told { people, way }),
            Teller::Crm | Teller::Nobody => None,
        })
    }

    async fn teller(&self) -> Result<Teller, AppError> {
        Ok(*self.teller.get_or_try_init(|| self.find_teller()).await?)
    }

    async fn find_teller(&self) -> Result<Teller, AppError> {
        match self.web.app.guests_told_by(self.owner.id).await? {
            ToldBy::Crm => return Ok(Teller::Crm),
            ToldBy::Nobody => return Ok(Teller::Nobody),
            ToldBy::Microsoft => {}
        }
        let asked;
        let standing = match (self.standing, self.item) {
            (Some(known), _) => known,
            (None, item) => {
                asked = self.standing_of(item).await?;
                &asked
            }
        };
        if standing.link.is_none() && !has_run(self.web, self.owner).await? {
            // A first run tells nobody.
            return Ok(Teller::Nobody);
        }
        let aside = standing.set_aside.as_ref().map(|item| item.code.as_str());
        let reach = match (aside, &standing.link) {
            (Some(WOULD_NOTIFY), Some(_)) => Reach::Withheld,
            (Some(_) | None, Some(_)) => Reach::There,
            (Some(_), None) => Reach::NextEdit,
            (None, None) => match self.item.map(|item| self.web.app.crm().event_announcement(item)).transpose()? {
                Some(Announcement::Due) | None => Reach::NextRun,
                Some(Announcement::Settled) => Reach::NextEdit,
            },
        };
        // It is tried again when it changes, and left again where the reason is still there.
        let is_open = aside.is_some_and(|code| code != WOULD_NOTIFY);
        Ok(Teller::Microsoft(Way { reach, is_open }))
    }

    async fn standing_of(&self, item: Option<EventId>) -> Result<ItemStanding, AppError> {
        let Some(item) = item else { return Ok(ItemStanding::default()) };
        let name = ItemName::Record(item.to_string());
        Ok(self.web.app.links_of(self.owner, Resource::Calendar, vec![name]).await?.pop().unwrap_or_default())
    }

    /// Whoever asks edits or deletes all the same, so that a page is not refused for it.
    fn said<T>(&self, found: Result<Option<T>, AppError>) -> Option<T> {
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
    /// How they hear of it.
    way: Way,
}

impl Told {
    /// On the page of the event.
    pub fn of_either(self) -> String {
        let people = self.people();
        match self.way.reach {
            Reach::There if self.way.is_open => format!(
                "The deletion makes Microsoft send a mail to {people} with the next sync; an edit does so if it can be \
                 written, unless nothing but the reminder or the list of guests waits to be."
            ),
            Reach::NextEdit if self.way.is_open => format!(
                "If it can be written after an edit, Microsoft sends an invitation to {people} with the next sync."
            ),
            Reach::There => format!(
                "An edit or the deletion makes Microsoft send a mail to {people} with the next sync. The reminder alone \
                 does not, and where nothing but the list of guests is changed, only whoever is added or removed is told."
            ),
            Reach::NextRun => format!("With the next sync, Microsoft sends an invitation to {people}."),
            Reach::NextEdit => format!("An edit makes Microsoft send an invitation to {people} with the next sync."),
            Reach::Withheld => format!(
                "An edit makes Microsoft send a mail to {people} with the next sync: about what they were not told \
                 before, too."
            ),
        }
    }

    /// In the form.
    pub fn of_edit(self) -> String {
        let people = self.people();
        match self.way.reach {
            Reach::There if self.way.is_open => {
                format!(
                    "If the next sync can write it, Microsoft sends an update to {people}, unless nothing but the \
                     reminder or the list of guests waits to be written."
                )
            }
            Reach::NextEdit if self.way.is_open => {
                format!("If the next sync can write it, Microsoft sends an invitation to {people}.")
            }
            Reach::There => format!(
                "With the next sync, Microsoft sends an update to {people}, unless nothing but the reminder or the list of \
                 guests is changed."
            ),
            Reach::NextRun | Reach::NextEdit => {
                format!("With the next sync, Microsoft sends an invitation to {people}.")
            }
            Reach::Withheld => format!(
                "With the next sync, Microsoft sends a mail to {people}: about what they were not told before, too."
            ),
        }
    }

    /// Before a deletion; none where it tells nobody, because nobody has it.
    pub fn of_deletion(self) -> Option<String> {
        match self.way.reach {
            Reach::NextRun | Reach::NextEdit => None,
            Reach::There => Some(format!("With the next sync, Microsoft sends a cancellation to {}.", self.people())),
            Reach::Withheld => {
                let said = "With the next sync, Microsoft sends a cancellation to those guests whom it has invited.";
                Some(said.to_owned())
            }
        }
    }

    fn people(self) -> String {
        counted_people(self.people)
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

/// Whom a cancellation goes to where a day of a series may be deleted, or all of it.
fn of_choice(day: Option<Told>, series: Option<Told>) -> Option<String> {
    let people = |told: Option<Told>| told.filter(|told| told.way.reach == Reach::There).map(|told| told.people);
    let whom = match (people(day), people(series)) {
        (None, None) => return day.or(series).and_then(Told::of_deletion),
        (Some(day), Some(series)) if day != series => {
            format!("{} for this event, or to {} for all events", counted_people(day), counted_people(series))
        }
        (Some(people), _) => counted_people(people),
        // A day that is over, or that has no guests.
        (None, Some(series)) => format!("{} for all events", counted_people(series)),
    };
    Some(format!("With the next sync, Microsoft sends a cancellation to {whom}."))
}

fn counted_people(people: usize) -> String {
    counted(u64::try_from(people).unwrap_or(u64::MAX), "person", "people")
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
        let of = |people, reach| Some(Told { people, way: Way { reach, is_open: false } });
        let told = |people| of(people, Reach::There);
        let said = |day, series| of_choice(day, series).unwrap_or_default();
        assert_eq!(said(told(2), told(2)), "With the next sync, Microsoft sends a cancellation to 2 people.");
        let both = said(told(1), told(3));
        assert!(both.contains("to 1 person for this event, or to 3 people for all events"), "{both}");
        assert!(said(None, told(3)).ends_with("to 3 people for all events."), "a day that is over");
        let uninvited = of(3, Reach::NextRun);
        assert_eq!(of_choice(uninvited, uninvited), None, "nobody has it");
        let withheld = of(3, Reach::Withheld);
        assert!(said(withheld, withheld).ends_with("those guests whom it has invited."));
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
