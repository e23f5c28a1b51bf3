//! One side's calendar as the machine has it: events, versions, and the ways in
//! which a side shows a value differently from the other.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Address, Attendee, AttendeeKind, AttendeeStatus, Attendees, EventTime, Exceptions, FieldGroup, FieldSet,
    FieldValue, Html, Importance, Instant, Record, Recurrence, Reminder, Sensitivity, ShowAs, Zone,
};
use crate::sync::Side;

use super::edits::Aspect;
use super::series::{self, SeriesEdit};

/// The CRM cuts titles off; Microsoft holds more than fits.
const CRM_TITLE_CHARACTERS: usize = 8;
const TITLES: [&str; 4] = ["call", "visit", "lunch", "a title longer than the CRM holds"];
/// The last one is a room, which the CRM does not list among guests.
const GUESTS: [&str; 4] = ["anna@example.com", "ben@example.com", "carl@example.com", "room@example.com"];

/// What a user does to an event. Numbers choose among a few values.
#[derive(Clone, Debug)]
pub enum Edit {
    Title(u8),
    /// 0 empties it.
    Body(u8),
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

/// An event with its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub version: u64,
    pub record: Record,
    pub writable: FieldSet,
}

/// A side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    pub side: Side,
    pub events: BTreeMap<String, Event>,
    /// Every state that an event has had, oldest first.
    pub past: BTreeMap<String, Vec<Event>>,
    /// What users deleted here.
    pub deleted: BTreeSet<String>,
}

impl Calendar {
    pub const fn new(side: Side) -> Self {
        Self { side, events: BTreeMap::new(), past: BTreeMap::new(), deleted: BTreeSet::new() }
    }

    /// The identifier of the `nth` event, counting around.
    pub fn nth(&self, nth: usize) -> Option<String> {
        self.events.keys().nth(nth.checked_rem(self.events.len())?).cloned()
    }

    /// Stores `record` as this side shows it.
    pub fn put(&mut self, id: &str, version: u64, record: &Record, writable: FieldSet) {
        let record = [blank(), record.clone()]
            .iter()
            .fold(Record::default(), |all, newer| all.overlaid(newer))
            .only(holds(self.side))
            .values()
            .map(|value| shown(self.side, value))
            .collect();
        let event = Event { version, record, writable };
        self.past.entry(id.to_owned()).or_default().push(event.clone());
        self.events.insert(id.to_owned(), event);
    }
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

/// A value as `side` shows it once it is stored there.
pub fn shown(side: Side, value: &FieldValue) -> FieldValue {
    match (side, value) {
        (Side::Crm, FieldValue::Title(title)) => FieldValue::Title(title.chars().take(CRM_TITLE_CHARACTERS).collect()),
        (Side::Crm, FieldValue::Attendees(guests)) => {
            let people = guests.iter().filter(|(_, guest)| guest.kind != AttendeeKind::Resource);
            FieldValue::Attendees(people.map(|(address, guest)| (address.clone(), guest.clone())).collect())
        }
        (Side::Crm, FieldValue::Exceptions(days)) => FieldValue::Exceptions(series::shown_in_crm(days)),
        (Side::Crm | Side::M365, value) => value.clone(),
    }
}

/// A new event.
pub fn record((title_of, time_of, body_of): (u8, u8, u8), guests: &[u8]) -> Record {
    let guests = guests.iter().map(|guest| (address(*guest), invited(*guest))).collect();
    [title(title_of), time(time_of), body(body_of), FieldValue::Attendees(guests)].into_iter().collect()
}

/// The record after an edit, and what was edited; none where the side shows
/// nothing that could be.
pub fn edited(side: Side, record: &Record, edit: &Edit) -> Option<(Record, Vec<Aspect>)> {
    match edit {
        Edit::Series(edit) => return series::edited(side, record, edit),
        Edit::Time(number) => {
            let FieldValue::Time(time) = time(*number) else { return None };
            return series::retimed(record, record.rule().copied(), time);
        }
        _ => {}
    }
    let (value, aspect) = match edit {
        Edit::Title(number) => whole(title(*number)),
        Edit::Body(number) => whole(body(*number)),
        Edit::Time(_) | Edit::Series(_) => return None,
        Edit::Reminder(0) => whole(FieldValue::Reminder(Reminder::None)),
        Edit::Reminder(number) => whole(FieldValue::Reminder(Reminder::MinutesBefore(u32::from(*number)))),
        Edit::Location(0) => whole(FieldValue::Location(String::new())),
        Edit::Location(number) => whole(FieldValue::Location(format!("place {number}"))),
        Edit::Invite(number) => {
            let mut guests = guests_of(record);
            guests.entry(address(*number)).or_insert_with(|| invited(*number));
            (FieldValue::Attendees(guests), Aspect::Guest(address(*number)))
        }
        Edit::Uninvite(number) => {
            let mut guests = guests_of(record);
            guests.remove(&address(*number));
            (FieldValue::Attendees(guests), Aspect::Guest(address(*number)))
        }
        Edit::Answer(number, accepts) => {
            let mut guests = guests_of(record);
            guests.get_mut(&address(*number))?.status =
                if *accepts { AttendeeStatus::Accepted } else { AttendeeStatus::Declined };
            (FieldValue::Attendees(guests), Aspect::Guest(address(*number)))
        }
        Edit::Tag(number) | Edit::Untag(number) => {
            let mut names = match record.get(FieldGroup::Categories) {
                Some(FieldValue::Categories(names)) => names.clone(),
                _ => BTreeSet::new(),
            };
            let name = format!("category {number}");
            if matches!(edit, Edit::Tag(_)) {
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

fn title(number: u8) -> FieldValue {
    FieldValue::Title(TITLES[usize::from(number)].to_owned())
}

fn body(number: u8) -> FieldValue {
    FieldValue::Body(Html::from_canonical(if number == 0 { String::new() } else { format!("text {number}") }))
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
