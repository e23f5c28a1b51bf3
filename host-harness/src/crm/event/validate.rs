//! Which values of an event fit together, whoever writes them.
//!
//! Rules that compare with the stored event (what is unchangeable) are here
//! too; those that need other events (a unique uid, an existing series) are in
//! [`super::store`].

use std::collections::BTreeSet;

use super::record::{Attendee, EventKind, EventValues};
use super::{ATTENDEES_MAX, TITLE_LENGTH_MAX, UID_LENGTH_MAX};
use crate::crm::bounds::{OneLine, description, is_usual_year, reminder_minutes};
use crate::crm::error::InvalidValue;
use crate::crm::refusal::{self, in_group};
use crate::crm::users::{NAME_LENGTH_MAX, User, valid_address};

/// Fields that are accepted or refused together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldGroup {
    /// The title.
    Title,
    /// The description.
    Body,
    /// Start, end, zone and all-day.
    Time,
    /// The guests.
    Attendees,
    /// The reminder.
    Reminder,
    /// The rule of a series, and what makes an event an exception of one.
    Recurrence,
    /// What is different on single days of a series.
    Exceptions,
    /// The organiser and the uid.
    Identity,
}

/// A value of an event that is not accepted.
pub(crate) type Refused = refusal::Refused<FieldGroup>;

/// The title: a column of Oro's.
const TITLE: OneLine = OneLine {
    field: "title",
    length_max: TITLE_LENGTH_MAX,
    blank: ("blank-title", "give the event a title"),
    too_long: ("title-too-long", "shorten the title"),
    broken: ("title-not-one-line", "put the rest into the description"),
};

/// Whether the owner of the calendar organises the event: nobody is named, or
/// they are (Oro row C6).
pub(crate) fn is_organizer(values: &EventValues, owner: &User) -> bool {
    values.organizer_email.as_deref().is_none_or(|address| owner.has_address(address))
}

/// Checks the values of an event by themselves.
pub(crate) fn validate(values: &EventValues) -> Result<(), Refused> {
    TITLE.check(&values.title).map_err(in_group(FieldGroup::Title))?;
    description(values.description.as_deref()).map_err(in_group(FieldGroup::Body))?;
    time(values).map_err(in_group(FieldGroup::Time))?;
    attendees(&values.attendees).map_err(in_group(FieldGroup::Attendees))?;
    values.reminder_minutes.map(reminder_minutes).transpose().map_err(in_group(FieldGroup::Reminder))?;
    series(values).map_err(in_group(FieldGroup::Recurrence))?;
    identity(values).map_err(in_group(FieldGroup::Identity))
}

/// Checks that what cannot change did not.
pub(crate) fn validate_unchangeable(old: &EventValues, new: &EventValues) -> Result<(), Refused> {
    let identity = in_group(FieldGroup::Identity);
    if old.uid != new.uid {
        return Err(identity(unchangeable("uid")));
    }
    if old.organizer_email.is_some() && old.organizer_email != new.organizer_email {
        return Err(identity(unchangeable("organizerEmail")));
    }
    let series = in_group(FieldGroup::Recurrence);
    if old.recurring_event_id != new.recurring_event_id {
        return Err(series(unchangeable("recurringEventId")));
    }
    if old.original_start != new.original_start {
        return Err(series(unchangeable("originalStart")));
    }
    Ok(())
}

/// Checks that people change the guests of their own meetings only: those of a
/// meeting somebody else organises are changed by that person (Oro row C6).
pub(crate) fn validate_guests_are_theirs(
    old: &EventValues,
    new: &EventValues,
    owner: &User,
) -> Result<(), InvalidValue> {
    if is_organizer(old, owner) || old.attendees == new.attendees {
        return Ok(());
    }
    Err(InvalidValue {
        field: "attendees",
        code: "attendees-of-another-organizer",
        expected: "as it is, because somebody else organizes the event".to_owned(),
        found: "other guests".to_owned(),
        hint: "ask the organizer to change the guests",
    })
}

/// Checks what an input says about the organiser against what follows from the
/// address.
pub(crate) fn validate_organizer_claim(claimed: bool, values: &EventValues, owner: &User) -> Result<(), InvalidValue> {
    if claimed == is_organizer(values, owner) {
        return Ok(());
    }
    Err(InvalidValue {
        field: "isOrganizer",
        code: "organizer-contradiction",
        expected: (!claimed).to_string(),
        found: claimed.to_string(),
        hint: "leave `isOrganizer` out: it follows from `organizerEmail`",
    })
}

pub(crate) fn unchangeable(field: &'static str) -> InvalidValue {
    InvalidValue {
        field,
        code: "unchangeable",
        expected: "as it was set".to_owned(),
        found: "another value".to_owned(),
        hint: "leave the field out, or make a new event",
    }
}

fn time(values: &EventValues) -> Result<(), InvalidValue> {
    if values.end < values.start {
        return Err(InvalidValue {
            field: "end",
            code: "end-before-start",
            expected: "at or after `start`".to_owned(),
            found: "an earlier one".to_owned(),
            hint: "exchange start and end, or move the end behind the start",
        });
    }
    if is_usual_year(&values.start) && is_usual_year(&values.end) {
        return Ok(());
    }
    Err(InvalidValue {
        field: "start",
        code: "year-out-of-range",
        expected: "in the years 2 to 9998, as `end`".to_owned(),
        found: "another year".to_owned(),
        hint: "choose another date",
    })
}

fn attendees(attendees: &[Attendee]) -> Result<(), InvalidValue> {
    let refused =
        |code, expected: String, found: String, hint| InvalidValue { field: "attendees", code, expected, found, hint };
    if attendees.len() > ATTENDEES_MAX {
        let found = attendees.len().to_string();
        return Err(refused("too-many-attendees", format!("at most {ATTENDEES_MAX} guests"), found, "invite fewer"));
    }
    let mut seen = BTreeSet::new();
    for attendee in attendees {
        let name = attendee.display_name.as_deref().unwrap_or_default();
        if attendee.email.is_none() && name.trim().is_empty() {
            let expected = "guests with an address or a name".to_owned();
            return Err(refused("unnamed-attendee", expected, "one without".to_owned(), "name every guest"));
        }
        if name.chars().count() > NAME_LENGTH_MAX {
            let expected = format!("guests with names of at most {NAME_LENGTH_MAX} characters");
            return Err(refused("attendee-name-too-long", expected, "a longer one".to_owned(), "shorten the name"));
        }
        let Some(address) = &attendee.email else {
            continue;
        };
        valid_address(address, "attendees")?;
        if !seen.insert(address.to_lowercase()) {
            let expected = "guests with each address once".to_owned();
            return Err(refused("repeated-attendee", expected, "one twice".to_owned(), "remove the second one"));
        }
    }
    Ok(())
}

fn series(values: &EventValues) -> Result<(), InvalidValue> {
    let refused = |field, expected: &str, found: &str, hint| InvalidValue {
        field,
        code: "invalid-series",
        expected: expected.to_owned(),
        found: found.to_owned(),
        hint,
    };
    if let Some(recurrence) = &values.recurrence {
        recurrence.validate()?;
    }
    let exception = values.kind() == EventKind::Exception;
    if exception && values.recurrence.is_some() {
        return Err(refused("recurrence", "absent in an exception", "a rule", "change the rule of the series"));
    }
    if exception != values.original_start.is_some() {
        let expected = "present exactly where `recurringEventId` is";
        return Err(refused("originalStart", expected, "only one of them", "send both for an exception"));
    }
    if values.cancelled && !exception {
        let hint = "delete the event instead";
        return Err(refused("cancelled", "false outside of exceptions", "true", hint));
    }
    Ok(())
}

fn identity(values: &EventValues) -> Result<(), InvalidValue> {
    if let Some(address) = &values.organizer_email {
        valid_address(address, "organizerEmail")?;
    }
    let length = values.uid.chars().count();
    if (1..=UID_LENGTH_MAX).contains(&length) && !values.uid.contains(char::is_control) {
        return Ok(());
    }
    Err(InvalidValue {
        field: "uid",
        code: "invalid-uid",
        expected: format!("1 to {UID_LENGTH_MAX} characters"),
        found: length.to_string(),
        hint: "leave it out to get a new one",
    })
}
