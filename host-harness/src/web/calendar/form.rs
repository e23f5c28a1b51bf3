//! The form of an event: what it shows, and what it means when it is posted.
//!
//! Days and times are those of the zone in the form, and so are those of the rule
//! of a series, which has an editor of its own ([`super::rule`]); the guests are in
//! `guest_list`. Whether the values are acceptable is the CRM's decision; here is
//! only said what cannot be read.

mod guest_list;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use super::rule::RuleForm;
use super::rule::view::RuleView;
use super::told::Told;
use crate::crm::event::all_day::instants_of;
use crate::crm::event::{
    AllDay, Change, EventInput, EventKind, EventTime, EventValues, EventVersion, Series, TITLE_LENGTH_MAX, Timed,
};
use crate::crm::users::ZoneName;
use crate::web::dates::Dates;
use crate::web::forms::FormFields;
use crate::web::local_time::{clock, day, parse_day, parse_reminder, parse_time};
use crate::web::problems::Problems;
use crate::web::text;

/// Reminder of a new event, in minutes.
const REMINDER_DEFAULT: u32 = 15;

/// What is said where the last day is before the first one.
const DAY_BEFORE_START: &str =
    "The end is before the start. Choose under “Ends on” the day of “Starts on”, or a later one.";

/// What the form shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EventForm {
    title: String,
    all_day: bool,
    start_on: String,
    start_at: String,
    end_on: String,
    end_at: String,
    time_zone: String,
    reminder: String,
    /// The guests, one a line; none where the form has no field for them.
    guests: Option<String>,
    description: String,
    /// How it repeats; none where the form has no editor for that.
    #[serde(skip)]
    rule: Option<RuleForm>,
}

/// The page around it.
#[derive(Debug, Serialize)]
pub struct EventFormView {
    /// The heading.
    pub title: &'static str,
    /// Where the form posts to.
    pub action: String,
    /// The calendar.
    pub back_href: String,
    /// Whose calendar, by login.
    pub login: String,
    /// The version that was read; none for a new event.
    pub version: Option<String>,
    /// Whether only the reminder can be changed.
    pub locked: bool,
    /// Why nothing was saved.
    pub problems: Problems,
    /// What to know before editing it.
    pub note: Option<&'static str>,
    /// Whom Microsoft would tell of it.
    pub told: Option<String>,
    /// What becomes of whoever is added to the guests or removed.
    pub of_guests: Option<String>,
    /// What names the occurrence that the form is about; none for a whole event.
    pub occurrence: Option<String>,
    /// How it repeats; none where that cannot be edited here.
    pub rule: Option<RuleView>,
    /// The fields.
    pub form: EventForm,
}

impl EventFormView {
    /// The same with whom Microsoft would tell of it, and what becomes of whoever is added
    /// to the guests or removed.
    #[must_use]
    pub fn telling(self, told: Option<Told>, of_guests: Option<String>) -> Self {
        Self { told: told.map(Told::of_edit), of_guests, ..self }
    }
}

impl EventForm {
    /// A new event: the next full hour, an hour long.
    pub fn blank(now: DateTime<Utc>, zone: Tz) -> Self {
        let local = now.with_timezone(&zone).naive_local();
        let hour = local - TimeDelta::seconds(local.and_utc().timestamp().rem_euclid(3_600));
        let (start, end) = (hour + TimeDelta::hours(1), hour + TimeDelta::hours(2));
        Self {
            title: String::new(),
            all_day: false,
            start_on: day(start),
            start_at: clock(start),
            end_on: day(end),
            end_at: clock(end),
            time_zone: zone.name().to_owned(),
            reminder: REMINDER_DEFAULT.to_string(),
            guests: Some(String::new()),
            description: String::new(),
            rule: Some(RuleForm::proposed(start.date())),
        }
    }

    /// The values of an event.
    pub fn of(values: &EventValues) -> Self {
        let (start, end) = match values.time() {
            EventTime::Timed(timed) => {
                let local = |instant: DateTime<Utc>| instant.with_timezone(&timed.zone.0).naive_local();
                (local(timed.start), local(timed.end))
            }
            EventTime::AllDay(days) => {
                let last = days.end_before.checked_sub_days(Days::new(1)).unwrap_or(days.start_on);
                (days.start_on.and_time(NaiveTime::MIN), last.and_time(NaiveTime::MIN))
            }
        };
        Self {
            title: values.title.clone(),
            all_day: values.all_day,
            start_on: day(start),
            start_at: clock(start),
            end_on: day(end),
            end_at: clock(end),
            time_zone: values.time_zone.name().to_owned(),
            reminder: values.reminder_minutes.map(|minutes| minutes.to_string()).unwrap_or_default(),
            guests: Some(guest_list::shown(&values.attendees)),
            description: values.description.as_deref().map(text::from_html).unwrap_or_default(),
            rule: Self::rule_of(values, start.date()),
        }
    }

    /// How an event repeats; none for a day of a series, which has no rule of its
    /// own, and where the stored rule is damaged.
    fn rule_of(values: &EventValues, on: NaiveDate) -> Option<RuleForm> {
        match (values.kind(), Series::of(values).ok()?) {
            (EventKind::Exception, _) => None,
            (EventKind::Single | EventKind::Series, Some(series)) => Some(RuleForm::of(&series.rule, on)),
            (EventKind::Single | EventKind::Series, None) => Some(RuleForm::proposed(on)),
        }
    }

    /// The editor of the rule; none where the form has none.
    pub fn rule_view(&self, dates: Dates) -> Option<RuleView> {
        self.rule.clone().map(|rule| RuleView::of(rule, dates))
    }

    /// The same form of a day of a series, which has no rule of its own.
    #[must_use]
    pub fn without_rule(self) -> Self {
        Self { rule: None, ..self }
    }

    /// What was posted.
    pub fn posted(form: &FormFields) -> Self {
        let text = |name: &str| form.trimmed(name).to_owned();
        Self {
            title: text("title"),
            all_day: form.get("all_day").is_some(),
            start_on: text("start_on"),
            start_at: text("start_at"),
            end_on: text("end_on"),
            end_at: text("end_at"),
            time_zone: text("time_zone"),
            reminder: text("reminder"),
            guests: form.get("guests").map(guest_list::posted),
            description: form.get("description").unwrap_or_default().replace("\r\n", "\n"),
            rule: RuleForm::posted(form),
        }
    }

    /// What the CRM is asked to store; `before` is the event as it was read,
    /// and what did not change is not sent.
    ///
    /// # Errors
    /// All that cannot be read: a day, a time, a zone, a number, a rule.
    pub fn input(&self, before: Option<&EventValues>, version: Option<&str>) -> Result<EventInput, Problems> {
        let shown = before.map(Self::of);
        let mut found = Problems::default();
        let mut input = EventInput {
            version: version.map_or(Change::Keep, |text| Change::Set(EventVersion::remembered(text))),
            ..EventInput::default()
        };
        if shown.as_ref().is_none_or(|shown| shown.title != self.title) {
            input.title = Change::Set(self.title.clone());
        }
        // The CRM refuses these, too, but only after everything else can be read, one
        // at a time, and in words for programs.
        if self.title.is_empty() {
            found.add("title", "The title is missing.");
        } else if self.title.chars().count() > TITLE_LENGTH_MAX as usize {
            found.add("title", format!("The title is longer than {TITLE_LENGTH_MAX} characters. Shorten it."));
        }
        let moved = if shown.as_ref().is_none_or(|shown| shown.time() != self.time()) {
            self.set_time(&mut input, &mut found)
        } else {
            None
        };
        found.join(self.set_rule(&mut input, before, moved.as_ref()));
        if shown.as_ref().is_none_or(|shown| shown.reminder != self.reminder) {
            input.reminder_minutes = match self.reminder.as_str() {
                "" => Change::Clear,
                minutes => found.keep("reminder", parse_reminder(minutes)).map_or(Change::Keep, Change::Set),
            };
        }
        if let Some(guests) = &self.guests {
            let known = before.map_or(&[][..], |values| &values.attendees);
            input.attendees = found.keep("guests", guest_list::change(guests, known)).unwrap_or_default();
        }
        let description = self.description.trim();
        if shown.as_ref().is_none_or(|shown| shown.description != description) {
            input.description =
                if description.is_empty() { Change::Clear } else { Change::Set(text::to_html(description)) };
        }
        found.check().map(|()| input)
    }

    fn time(&self) -> (bool, &str, &str, &str, &str, &str) {
        // Times mean nothing on whole days.
        let timed = |text| if self.all_day { "" } else { text };
        (self.all_day, &self.start_on, &self.end_on, timed(&self.start_at), timed(&self.end_at), timed(&self.time_zone))
    }

    /// Sets the rule where it differs, or where it goes along with a time that was
    /// `moved`: a rule has a start and a zone, too.
    fn set_rule(
        &self,
        input: &mut EventInput,
        before: Option<&EventValues>,
        moved: Option<&EventTime>,
    ) -> Result<(), Problems> {
        let old = before.and_then(|values| Series::of(values).ok().flatten()).map(|series| series.rule);
        let new = match &self.rule {
            Some(form) => form.rule(parse_day(&self.start_on, "first day").ok())?,
            None => old.clone(),
        };
        // Without a time that can be read there is nothing to begin at, which is
        // said about the time.
        let Some(time) = moved.copied().or_else(|| before.map(EventValues::time)) else { return Ok(()) };
        input.recurrence = match (new, old) {
            (Some(new), old) if moved.is_some() || old.as_ref() != Some(&new) => Change::Set(new.recurrence(&time)),
            (Some(_), _) | (None, None) => Change::Keep,
            (None, Some(_)) => Change::Clear,
        };
        Ok(())
    }

    /// Sets when it takes place; none where something was wrong.
    fn set_time(&self, input: &mut EventInput, found: &mut Problems) -> Option<EventTime> {
        let start_on = found.keep("start_on", parse_day(&self.start_on, "first day"));
        let end_on = found.keep("end_on", parse_day(&self.end_on, "last day"));
        let days = start_on.zip(end_on);
        let (start, end, time) = if self.all_day {
            let days = found.keep("end_on", whole_days(days?))?;
            let (start, end) = instants_of(&days);
            (start, end, EventTime::AllDay(days))
        } else {
            let timed = self.timed(days, found)?;
            input.time_zone = Change::Set(timed.zone.name().to_owned());
            (timed.start, timed.end, EventTime::Timed(timed))
        };
        input.all_day = Change::Set(self.all_day);
        input.start = Change::Set(start.to_rfc3339());
        input.end = Change::Set(end.to_rfc3339());
        Some(time)
    }

    /// Beginning and end on a clock; none where something was wrong.
    fn timed(&self, days: Option<(NaiveDate, NaiveDate)>, found: &mut Problems) -> Option<Timed> {
        let zone: Result<Tz, String> = self
            .time_zone
            .parse()
            .map_err(|_| "The time zone has to be an IANA name such as Europe/Berlin.".to_owned());
        let zone = found.keep("time_zone", zone)?;
        let (start_on, end_on) = days?;
        let start = found.keep("start_at", parse_time(start_on, &self.start_at, zone, "beginning"));
        let end = found.keep("end_at", parse_time(end_on, &self.end_at, zone, "end"));
        let (start, end) = start.zip(end)?;
        if end < start {
            let (field, text) = if end_on < start_on {
                ("end_on", DAY_BEFORE_START)
            } else {
                (
                    "end_at",
                    "The end is before the start. Choose a later time under “Ends at”, or a later day under “Ends on”.",
                )
            };
            found.add(field, text);
            return None;
        }
        Some(Timed { start, end, zone: ZoneName(zone) })
    }
}

fn whole_days((start_on, end_on): (NaiveDate, NaiveDate)) -> Result<AllDay, String> {
    if end_on < start_on {
        return Err(DAY_BEFORE_START.to_owned());
    }
    let end_before = end_on.checked_add_days(Days::new(1));
    end_before
        .map(|end_before| AllDay { start_on, end_before })
        .ok_or_else(|| "The last day is too far away.".to_owned())
}

/// The field of the form that stands for one of the CRM's.
pub fn field_of(field: &str) -> Option<&'static str> {
    Some(match field {
        "title" => "title",
        "description" => "description",
        "start" => "start_on",
        "end" => "end_on",
        "timeZone" => "time_zone",
        "reminderMinutes" => "reminder",
        "attendees" => "guests",
        "recurrence" => "repeat",
        "interval" => "every",
        "dayOfWeek" => "weekday",
        "dayOfMonth" => "day_of_month",
        "instance" => "nth",
        "monthOfYear" => "month",
        "occurrences" => "count",
        "endTime" => "until",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
