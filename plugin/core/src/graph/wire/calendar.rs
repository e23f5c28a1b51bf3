//! The calendars of a mailbox (`resources/calendar`).

use serde::Deserialize;

use crate::model::CalendarId;

/// A calendar (`resources/calendar`); of its properties what tells which it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Calendar {
    /// Its id.
    pub id: CalendarId,
    /// The name that its owner gave it. Personal.
    #[serde(default)]
    pub name: Option<String>,
    /// Whether new events go there where nothing else is said.
    #[serde(default)]
    pub is_default_calendar: Option<bool>,
}
