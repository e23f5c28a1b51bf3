//! What users do to events, and the ways in which a side shows a value of them
//! differently from the other.

use std::collections::BTreeSet;

use crate::model::{
    Address, Attendee, AttendeeKind, AttendeeStatus, Attendees, EventTime, Exceptions, FieldGroup, FieldSet,
    FieldValue, Html, Importance, Instant, Record, Recurrence, Reminder, Sensitivity, ShowAs, Zone,
};
use crate::sync::Side;

use super::edits::Aspect;
use super::kind::{body, title};
use super::series::{self, SeriesEdit};

/// The last one is a room, which the CRM does not list among guests.
const GUESTS: [&str; 4] = ["anna@example.com", "ben@example.com", "carl@example.com", "room@example.com"];

/// What a user does to an event. Numbers choose among a few values.
#[derive(Clone, Debug)]
pub enum EventEdit {
    Time(u8),
    /// 0 removes it.
    Reminder(u8),
    /// 0 removes it.
    Location(u8),
    Invite(u8),
    Uninvite(u8),
    Answer(u8, bool),
    Tag(u8),
    Untag(u8),
    /// Something about a series, or that makes one.
    Series(SeriesEdit),
}

/// The groups that a side can hold.
pub fn holds(side: Side) -> FieldSet {
    match side {
        Side::Crm => [
            FieldGroup::Title,
            FieldGroup::Body,
            FieldGroup::Time,
            FieldGroup::Recurrence,
            FieldGroup::Exceptions,
            FieldGroup::Attendees,
            FieldGroup::Reminder,
        ]
        .into_iter()
        .collect(),
        Side::M365 => FieldSet::all(),
    }
}

/// What may be written to an invitation in Microsoft: what is the user's own.
pub fn writable_of_invitation() -> FieldSet {
    [FieldGroup::Reminder, FieldGroup::Categories, FieldGroup::ShowAs, FieldGroup::Exceptions].into_iter().collect()
}

/// Whether `aspect` has a place on `side`.
pub fn has_place(side: Side, aspect: &Aspect) -> bool {
    match (side, aspect) {
        (Side::Crm, Aspect::Guest(address)) => address.as_str() != GUESTS[3],
        (_, Aspect::Day(_, Some(group))) => holds(side).contains(*group),
        (_, aspect) => holds(side).contains(aspect.group()),
    }
}

/// A value as the CRM shows it once it is stored there.
pub fn shown_in_crm(value: &FieldValue) -> FieldValue {
    match value {
        FieldValue::Attendees(guests) => {
            let people = guests.iter().filter(|(_, guest)| guest.kind != AttendeeKind::Resource);
            FieldValue::Attendees(people.map(|(address, guest)| (address.clone(), guest.clone())).collect())
        }
        FieldValue::Exceptions(days) => FieldValue::Exceptions(series::shown_in_crm(days)),
        value => value.clone(),
    }
}

/// A new event.
pub fn record((title_of, time_of, body_of): (u8, u8, u8), guests: &[u8]) -> Record {
    let guests = guests.iter().map(|guest| (address(*guest), invited(*guest))).collect();
    [title(title_of), time(time_of), body(body_of), FieldValue::Attendees(guests)].into_iter().collect()
}

/// The record after an edit, and what was edited; none where the side shows
/// nothing that could be.
pub fn edited(side: Side, record: &Record, edit: &EventEdit) -> Option<(Record, Vec<Aspect>)> {
    match edit {
        EventEdit::Series(edit) => return series::edited(side, record, edit),
        EventEdit::Time(number) => {
            let FieldValue::Time(time) = time(*number) else { return None };
            return series::retimed(record, record.rule().copied(), time);
        }
        _ => {}
    }
    let (value, aspect) = match edit {
        EventEdit::Time(_) | EventEdit::Series(_) => return None,
        EventEdit::Reminder(0) => whole(FieldValue::Reminder(Reminder::None)),
        EventEdit::Reminder(number) => whole(FieldValue::Reminder(Reminder::MinutesBefore(u32::from(*number)))),
        EventEdit::Location(0) => whole(FieldValue::Location(String::new())),
        EventEdit::Location(number) => whole(FieldValue::Location(format!("place {number}"))),
        EventEdit::Invite(number) => {
            let mut guests = guests_of(record);
            guests.entry(address(*number)).or_insert_with(|| invited(*number));
            (FieldValue::Attendees(guests), Aspect::Guest(address(*number)))
        }
        EventEdit::Uninvite(number) => {
            let mut guests = guests_of(record);
            guests.remove(&address(*number));
            (FieldValue::Attendees(guests), Aspect::Guest(address(*number)))
        }
        EventEdit::Answer(number, accepts) => {
            let mut guests = guests_of(record);
            guests.get_mut(&address(*number))?.status =
                if *accepts { AttendeeStatus::Accepted } else { AttendeeStatus::Declined };
            (FieldValue::Attendees(guests), Aspect::Guest(address(*number)))
        }
        EventEdit::Tag(number) | EventEdit::Untag(number) => {
            let mut names = match record.get(FieldGroup::Categories) {
                Some(FieldValue::Categories(names)) => names.clone(),
                _ => BTreeSet::new(),
            };
            let name = format!("category {number}");
            if matches!(edit, EventEdit::Tag(_)) {
                names.insert(name.clone());
            } else {
                names.remove(&name);
            }
            (FieldValue::Categories(names), Aspect::Category(name))
        }
    };
    if !has_place(side, &aspect) {
        return None;
    }
    let mut record = record.clone();
    record.set(value);
    Some((record, vec![aspect]))
}

fn whole(value: FieldValue) -> (FieldValue, Aspect) {
    let group = value.group();
    (value, Aspect::Group(group))
}

fn guests_of(record: &Record) -> Attendees {
    match record.get(FieldGroup::Attendees) {
        Some(FieldValue::Attendees(guests)) => guests.clone(),
        _ => Attendees::new(),
    }
}

fn time(number: u8) -> FieldValue {
    let at = |hour: i64| Instant::from_epoch_milliseconds(hour * 3_600_000);
    let hour = i64::from(number);
    FieldValue::Time(EventTime::timed(at(hour), at(hour + 1), Zone::UTC).unwrap())
}

fn address(number: u8) -> Address {
    Address::new(GUESTS[usize::from(number)])
}

fn invited(number: u8) -> Attendee {
    let kind = if number == 3 { AttendeeKind::Resource } else { AttendeeKind::Required };
    Attendee { display_name: String::new(), status: AttendeeStatus::None, kind }
}

/// An event of which nothing has been said.
pub fn blank() -> Record {
    [
        FieldValue::Title(String::new()),
        FieldValue::Body(Html::default()),
        FieldValue::Recurrence(Recurrence::None),
        FieldValue::Exceptions(Exceptions::new()),
        FieldValue::Attendees(Attendees::new()),
        FieldValue::Reminder(Reminder::None),
        FieldValue::Location(String::new()),
        FieldValue::Categories(BTreeSet::new()),
        FieldValue::ShowAs(ShowAs::Busy),
        FieldValue::Sensitivity(Sensitivity::Normal),
        FieldValue::Importance(Importance::Normal),
    ]
    .into_iter()
    .collect()
}
