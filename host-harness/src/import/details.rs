//! What an event says about itself beyond time, text and people, and which
//! properties a side has no place for.
//!
//! Next: [`super::event`], which reads the rest.

use icalendar::{Component, Event, EventLike};
use serde::Serialize;

use super::event::mail_address;

/// Who may see an event (RFC 5545, section 3.8.1.3; resources/event).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Sensitivity {
    /// `PUBLIC`, which is what nothing means.
    #[default]
    Normal,
    /// `PRIVATE`, and every word that nobody knows, as the standard has it.
    Private,
    /// `CONFIDENTIAL`.
    Confidential,
}

/// How the time of an event is shown (sections 3.8.1.11 and 3.8.2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Shown {
    /// `OPAQUE`, which is what nothing means.
    #[default]
    Busy,
    /// `TRANSPARENT`.
    Free,
    /// `STATUS:TENTATIVE` of time that is not free.
    Tentative,
}

/// How important an event or a task is (section 3.8.1.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Importance {
    /// 1 to 4.
    High,
    /// 5, 0 or nothing.
    #[default]
    Normal,
    /// 6 to 9.
    Low,
}

impl Sensitivity {
    /// Graph's word.
    pub(crate) const fn graph(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Private => "private",
            Self::Confidential => "confidential",
        }
    }
}

impl Shown {
    /// Graph's word.
    pub(crate) const fn graph(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Free => "free",
            Self::Tentative => "tentative",
        }
    }
}

impl Importance {
    /// Graph's word.
    pub(crate) const fn graph(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Normal => "normal",
            Self::Low => "low",
        }
    }
}

/// What an event says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Details {
    pub(crate) categories: Vec<String>,
    pub(crate) sensitivity: Sensitivity,
    pub(crate) shown: Shown,
    pub(crate) importance: Importance,
    /// Alarms beside the one that is kept.
    pub(crate) more_alarms: usize,
    /// Guests without a mail address.
    pub(crate) guests_without_address: usize,
}

/// A property that a side has no place for, or not for all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum LeftOutField {
    /// `LOCATION`.
    Location,
    /// `CATEGORIES`.
    Categories,
    /// `CLASS` other than `PUBLIC`.
    Class,
    /// `TRANSP:TRANSPARENT` or `STATUS:TENTATIVE`.
    ShownAs,
    /// `PRIORITY` other than the normal one.
    Priority,
    /// Alarms beside the one that is kept.
    Alarms,
    /// Guests without a mail address.
    Guests,
    /// `DTSTART` of a task.
    Start,
    /// A reminder of a task that has no due date, or goes off behind it.
    Reminder,
    /// `RRULE` of a task.
    Recurrence,
    /// `STATUS` of a task, where a workflow keeps it.
    Status,
    /// `PERCENT-COMPLETE` of a task that somebody has begun with.
    Progress,
    /// `COMPLETED`.
    CompletedOn,
    /// `ATTENDEE` of a task.
    Assignees,
    /// `RELATED-TO` of a task, such as the one that it is a part of.
    Relations,
}

impl LeftOutField {
    /// The property for people.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::Location => "place (LOCATION)",
            Self::Categories => "categories (CATEGORIES)",
            Self::Class => "privacy (CLASS)",
            Self::ShownAs => "free or tentative time (TRANSP, STATUS)",
            Self::Priority => "importance (PRIORITY)",
            Self::Alarms => "further alarms (VALARM)",
            Self::Guests => "guests without a mail address (ATTENDEE)",
            Self::Start => "start (DTSTART)",
            Self::Reminder => "reminder without a due date or behind it (VALARM)",
            Self::Recurrence => "repetition (RRULE)",
            Self::Status => "status (STATUS), which a workflow keeps",
            Self::Progress => "per cent that are done (PERCENT-COMPLETE)",
            Self::CompletedOn => "date of completion (COMPLETED)",
            Self::Assignees => "people (ATTENDEE)",
            Self::Relations => "relation to other tasks (RELATED-TO)",
        }
    }
}

impl Details {
    /// Reads what an event says; `has_reminder`: one of its alarms is kept.
    pub(super) fn of(event: &Event, has_reminder: bool) -> Self {
        let alarms = event.components().iter().filter(|component| component.component_kind() == "VALARM").count();
        let guests = event.get_attendees();
        Self {
            categories: categories_of(event),
            sensitivity: sensitivity_of(event),
            shown: shown_of(event),
            importance: importance_of(event),
            more_alarms: alarms.saturating_sub(usize::from(has_reminder)),
            guests_without_address: guests.iter().filter(|guest| mail_address(&guest.cal_address).is_none()).count(),
        }
    }

    /// What no side has a place for.
    pub(crate) fn homeless(&self) -> impl Iterator<Item = LeftOutField> {
        let fields =
            [(self.more_alarms > 0, LeftOutField::Alarms), (self.guests_without_address > 0, LeftOutField::Guests)];
        fields.into_iter().filter(|(is_there, _)| *is_there).map(|(_, field)| field)
    }

    /// What Microsoft has a place for and the CRM has not (Oro has no such
    /// columns).
    pub(crate) fn of_microsoft_only(&self) -> impl Iterator<Item = LeftOutField> {
        let fields = [
            (!self.categories.is_empty(), LeftOutField::Categories),
            (self.sensitivity != Sensitivity::default(), LeftOutField::Class),
            (self.shown != Shown::default(), LeftOutField::ShownAs),
            (self.importance != Importance::default(), LeftOutField::Priority),
        ];
        fields.into_iter().filter(|(is_there, _)| *is_there).map(|(_, field)| field)
    }
}

pub(super) fn sensitivity_of(component: &impl Component) -> Sensitivity {
    match component.property_value("CLASS").map(|word| word.trim().to_ascii_uppercase()).as_deref() {
        None | Some("" | "PUBLIC") => Sensitivity::Normal,
        Some("CONFIDENTIAL") => Sensitivity::Confidential,
        Some(_) => Sensitivity::Private,
    }
}

/// The categories, none of them blank.
pub(super) fn categories_of(component: &impl EventLike) -> Vec<String> {
    let names = component.get_categories().unwrap_or_default().into_iter();
    names.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

fn shown_of(event: &Event) -> Shown {
    let says = |name: &str, word: &str| {
        event.property_value(name).is_some_and(|value| value.trim().eq_ignore_ascii_case(word))
    };
    if says("TRANSP", "TRANSPARENT") {
        Shown::Free
    } else if says("STATUS", "TENTATIVE") {
        Shown::Tentative
    } else {
        Shown::Busy
    }
}

pub(super) fn importance_of(component: &impl Component) -> Importance {
    match component.property_value("PRIORITY").and_then(|text| text.trim().parse::<u8>().ok()) {
        Some(1..=4) => Importance::High,
        Some(6..=9) => Importance::Low,
        Some(_) | None => Importance::Normal,
    }
}
