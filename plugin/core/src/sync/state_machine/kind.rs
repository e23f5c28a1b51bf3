//! What is synchronised, and in which ways a side shows it differently from the
//! other. The laws are the same for both.

use crate::model::{FieldGroup, FieldSet, FieldValue, Html, Record};
use crate::sync::{Side, match_key};

use super::edits::Aspect;
use super::events::{self, EventEdit};
use super::items::Item;
use super::tasks::{self, TaskEdit, Ways};

/// The CRM cuts titles off; Microsoft holds more than fits.
pub const CRM_TITLE_CHARACTERS: u8 = 8;
const TITLES: [&str; 4] = ["call", "visit", "lunch", "a title longer than the CRM holds"];

/// What the items are, and the circumstances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Events, and whether guests are written to Microsoft.
    Events { guests_writable: bool },
    /// Tasks, and the ways of the CRM.
    Tasks(Ways),
}

/// A new item. Numbers choose among a few values.
#[derive(Clone, Debug)]
pub enum New {
    Event { title: u8, time: u8, body: u8, guests: Vec<u8>, invitation: bool },
    Task { title: u8, due: u8, reminder: u8, importance: u8, status: u8, recurring: bool },
}

/// What a user does to an item. Numbers choose among a few values.
#[derive(Clone, Debug)]
pub enum Edit {
    Title(u8),
    /// 0 empties it.
    Body(u8),
    /// Something that only events have.
    Event(EventEdit),
    /// Something that only tasks have.
    Task(TaskEdit),
}

impl New {
    /// What it is on this side.
    pub fn record(&self, side: Side) -> Record {
        match self {
            Self::Event { title, time, body, guests, .. } => events::record((*title, *time, *body), guests),
            Self::Task { title, due, reminder, importance, status, .. } => {
                tasks::record(side, *title, (*due, *reminder), *importance, *status)
            }
        }
    }

    /// Whether what Microsoft lets be written of it is less than of others.
    pub const fn is_special(&self) -> bool {
        match self {
            Self::Event { invitation, .. } => *invitation,
            Self::Task { recurring, .. } => *recurring,
        }
    }
}

impl Kind {
    /// The groups that a side can hold.
    pub fn holds(self, side: Side) -> FieldSet {
        match self {
            Self::Events { .. } => events::holds(side),
            Self::Tasks(_) => tasks::held(),
        }
    }

    /// What may be written to an item; of a `special` one in Microsoft, it is
    /// less.
    pub fn writable(self, side: Side, special: bool) -> FieldSet {
        match (self, side) {
            (Self::Events { .. }, Side::Crm) => events::holds(Side::Crm),
            (Self::Events { .. }, Side::M365) if special => events::writable_of_invitation(),
            (Self::Events { guests_writable }, Side::M365) => events::holds(Side::M365)
                .iter()
                .filter(|group| guests_writable || *group != FieldGroup::Attendees)
                .collect(),
            (Self::Tasks(ways), side) => ways.writable(side, special),
        }
    }

    /// An item of which nothing has been said.
    pub fn blank(self) -> Record {
        match self {
            Self::Events { .. } => events::blank(),
            Self::Tasks(_) => tasks::blank(),
        }
    }

    /// A value as `side` shows it once it is stored there.
    pub fn shown(self, side: Side, value: &FieldValue) -> FieldValue {
        match (self, side, value) {
            (_, Side::M365, value) => value.clone(),
            (_, Side::Crm, FieldValue::Title(title)) => {
                FieldValue::Title(title.chars().take(CRM_TITLE_CHARACTERS.into()).collect())
            }
            (Self::Events { .. }, Side::Crm, value) => events::shown_in_crm(value),
            (Self::Tasks(ways), Side::Crm, value) => ways.shown_in_crm(value),
        }
    }

    /// Whether `aspect` has a place on `side`, in the item that is there.
    pub fn has_place(self, side: Side, aspect: &Aspect, item: Option<&Item>) -> bool {
        match self {
            Self::Events { .. } => events::has_place(side, aspect),
            Self::Tasks(_) => item.is_none_or(|item| tasks::has_place(side, aspect.group(), &item.record)),
        }
    }

    /// By what unlinked items are recognised as one.
    pub fn match_key(self, side: Side, record: &Record) -> Option<String> {
        match (self, side) {
            (Self::Events { .. }, _) => match_key(record),
            (Self::Tasks(ways), side) => Some(ways.match_key(side, record)),
        }
    }

    /// The record after an edit, and what was edited; none where the side shows
    /// nothing that could be, or does not let it be.
    pub fn edited(self, side: Side, record: &Record, edit: &Edit) -> Option<(Record, Vec<Aspect>)> {
        match (self, edit) {
            (_, Edit::Title(number)) => Some(set(record, title(*number))),
            (_, Edit::Body(number)) => Some(set(record, body(*number))),
            (Self::Events { .. }, Edit::Event(edit)) => events::edited(side, record, edit),
            (Self::Tasks(ways), Edit::Task(edit)) => ways.edited(side, record, edit),
            (Self::Events { .. }, Edit::Task(_)) | (Self::Tasks(_), Edit::Event(_)) => None,
        }
    }
}

/// The record with this value, and its whole group edited.
pub fn set(record: &Record, value: FieldValue) -> (Record, Vec<Aspect>) {
    let (mut record, aspect) = (record.clone(), Aspect::Group(value.group()));
    record.set(value);
    (record, vec![aspect])
}

pub fn title(number: u8) -> FieldValue {
    FieldValue::Title(TITLES[usize::from(number)].to_owned())
}

pub fn body(number: u8) -> FieldValue {
    FieldValue::Body(Html::from_canonical(if number == 0 { String::new() } else { format!("text {number}") }))
}
