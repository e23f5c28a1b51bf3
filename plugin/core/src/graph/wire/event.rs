//! The `event` of a calendar and its parts (`api-reference/v1.0/resources/event`).

use std::fmt;

use serde::Deserialize;

use super::{PatternedRecurrence, lenient_enum};

lenient_enum! {
    /// What an event is within a series (`resources/event`, `type`).
    EventType {
        /// Takes place once.
        SingleInstance = "singleInstance",
        /// One date of a series, as the rule says.
        Occurrence = "occurrence",
        /// One date of a series that differs from the rule.
        Exception = "exception",
        /// The rule of a series.
        SeriesMaster = "seriesMaster",
    }
}

lenient_enum! {
    /// Free or busy (`resources/event`, `showAs`).
    ShowAs {
        /// Not said.
        Unknown = "unknown",
        /// Free.
        Free = "free",
        /// Provisionally busy.
        Tentative = "tentative",
        /// Busy.
        Busy = "busy",
        /// Out of office.
        Oof = "oof",
        /// Working elsewhere.
        WorkingElsewhere = "workingElsewhere",
    }
}

lenient_enum! {
    /// Who may see details (`resources/event`, `sensitivity`).
    Sensitivity {
        /// Normal.
        Normal = "normal",
        /// Personal.
        Personal = "personal",
        /// Private.
        Private = "private",
        /// Confidential.
        Confidential = "confidential",
    }
}

lenient_enum! {
    /// How important (`resources/event`, `importance`).
    Importance {
        /// Low.
        Low = "low",
        /// Normal.
        Normal = "normal",
        /// High.
        High = "high",
    }
}

lenient_enum! {
    /// A guest's part (`resources/attendee`, `type`).
    AttendeeType {
        /// Has to come.
        Required = "required",
        /// May come.
        Optional = "optional",
        /// A room or a device.
        Resource = "resource",
    }
}

lenient_enum! {
    /// A guest's answer (`resources/responsestatus`, `response`).
    ResponseType {
        /// Not asked.
        None = "none",
        /// The organizer, who is not asked.
        Organizer = "organizer",
        /// May come.
        TentativelyAccepted = "tentativelyAccepted",
        /// Comes.
        Accepted = "accepted",
        /// Does not come.
        Declined = "declined",
        /// Asked, without an answer yet.
        NotResponded = "notResponded",
    }
}

/// A local time and the zone it is in (`resources/datetimetimezone`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DateTimeTimeZone {
    /// Without an offset, with up to seven digits of a second.
    pub date_time: Option<String>,
    /// A Windows or IANA name, or Exchange's own `tzone://` names.
    pub time_zone: Option<String>,
}

/// A body (`resources/itembody`). The content is personal.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ItemBody {
    /// `text` or `html`; the `Prefer` header of every request asks for `html`.
    pub content_type: Option<String>,
    /// The content.
    pub content: Option<String>,
}

/// A place (`resources/location`); of its properties only the name is used.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Location {
    /// The name shown.
    pub display_name: Option<String>,
}

/// A person's address (`resources/emailaddress`).
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EmailAddress {
    /// The address.
    pub address: Option<String>,
    /// The name shown.
    pub name: Option<String>,
}

/// A person (`resources/recipient`).
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Recipient {
    /// Who it is.
    pub email_address: Option<EmailAddress>,
}

/// A guest's answer and when it was given (`resources/responsestatus`).
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResponseStatus {
    /// The answer.
    pub response: Option<ResponseType>,
}

/// A guest (`resources/attendee`). At most 500 per event.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Attendee {
    /// Who it is.
    pub email_address: Option<EmailAddress>,
    /// The answer.
    pub status: Option<ResponseStatus>,
    /// The part.
    #[serde(rename = "type")]
    pub kind: Option<AttendeeType>,
}

/// A property of ours on an item (`resources/singlevaluelegacyextendedproperty`).
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ExtendedProperty {
    /// Type, property set and name in one text.
    pub id: Option<String>,
    /// The value.
    pub value: Option<String>,
}

/// An event (`resources/event`). `Debug` shows id and type only: the rest is
/// personal.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Event {
    /// Case-sensitive; survives moves, because every request asks for it.
    pub id: Option<String>,
    /// `W/"changeKey"`. Moves without a change of content, too.
    #[serde(rename = "@odata.etag")]
    pub etag: Option<String>,
    /// Changes with the item.
    pub change_key: Option<String>,
    /// What it is within a series.
    #[serde(rename = "type")]
    pub kind: Option<EventType>,
    /// The series of an occurrence or an exception.
    pub series_master_id: Option<String>,
    /// The same in every guest's calendar; differs between occurrences.
    #[serde(rename = "iCalUId")]
    pub i_cal_uid: Option<String>,
    /// The client's key of the create, where one was given.
    pub transaction_id: Option<String>,
    /// The title.
    pub subject: Option<String>,
    /// The description.
    pub body: Option<ItemBody>,
    /// When it begins.
    pub start: Option<DateTimeTimeZone>,
    /// When it ends; for an all-day event the midnight behind the last day.
    pub end: Option<DateTimeTimeZone>,
    /// The zone at creation, which may not be the one it is planned in now.
    pub original_start_time_zone: Option<String>,
    /// Of an occurrence or an exception: when it would begin by the rule, with
    /// an offset. Cut to the whole minute.
    pub original_start: Option<String>,
    /// Takes whole days: start and end are midnight whatever zone was asked for.
    pub is_all_day: Option<bool>,
    /// Whether the owner of this calendar organises it.
    pub is_organizer: Option<bool>,
    /// Whether the organizer cancelled it.
    pub is_cancelled: Option<bool>,
    /// Whether it is an online meeting; never becomes false again.
    pub is_online_meeting: Option<bool>,
    /// The guests.
    pub attendees: Option<Vec<Attendee>>,
    /// Who organises it.
    pub organizer: Option<Recipient>,
    /// The answer of the owner of this calendar.
    pub response_status: Option<ResponseStatus>,
    /// Whether the reminder is on.
    pub is_reminder_on: Option<bool>,
    /// Minutes; a signed 32-bit number.
    pub reminder_minutes_before_start: Option<i64>,
    /// The place; a write replaces `locations`, too.
    pub location: Option<Location>,
    /// Names of categories.
    pub categories: Option<Vec<String>>,
    /// Free or busy.
    pub show_as: Option<ShowAs>,
    /// Who may see details.
    pub sensitivity: Option<Sensitivity>,
    /// How important.
    pub importance: Option<Importance>,
    /// The rule of a series master.
    pub recurrence: Option<PatternedRecurrence>,
    /// Occurrences of a series that do not take place: `OID.{id}.{yyyy-MM-dd}`.
    /// Only where the request selects it.
    pub cancelled_occurrences: Option<Vec<String>>,
    /// Exceptions of a series. Only where the request selects and expands them.
    pub exception_occurrences: Option<Vec<Event>>,
    /// That the exceptions go on elsewhere, so that these are not all.
    #[serde(rename = "exceptionOccurrences@odata.nextLink")]
    pub more_exception_occurrences: Option<String>,
    /// An instant with an offset.
    pub last_modified_date_time: Option<String>,
    /// Properties that the request expanded.
    pub single_value_extended_properties: Option<Vec<ExtendedProperty>>,
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event").field("id", &self.id).field("kind", &self.kind).finish_non_exhaustive()
    }
}
