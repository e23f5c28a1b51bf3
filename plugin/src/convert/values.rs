//! Single values that events and tasks share: days, and how important something
//! is.

use tandem_core::model::{CivilDate, Importance};

use crate::bindings::tandem::host::{event, types};

/// A day; none where no calendar has it.
pub(super) fn date(date: types::Date) -> Option<CivilDate> {
    CivilDate::from_parts(i32::from(date.year), u32::from(date.month), u32::from(date.day))
}

/// A day on the way to the host.
pub(super) fn date_out(date: CivilDate) -> types::Date {
    use chrono::Datelike as _;
    let naive = date.naive();
    // Years 1 to 9999, months and days all fit: the calendar's own bounds.
    types::Date {
        year: u16::try_from(naive.year()).unwrap_or(u16::MAX),
        month: u8::try_from(naive.month()).unwrap_or(u8::MAX),
        day: u8::try_from(naive.day()).unwrap_or(u8::MAX),
    }
}

/// How important something is.
pub(super) const fn importance_in(importance: event::Importance) -> Importance {
    match importance {
        event::Importance::Low => Importance::Low,
        event::Importance::Normal => Importance::Normal,
        event::Importance::High => Importance::High,
    }
}

/// The same on the way to the host.
pub(super) const fn importance_out(importance: Importance) -> event::Importance {
    match importance {
        Importance::Low => event::Importance::Low,
        Importance::Normal => event::Importance::Normal,
        Importance::High => event::Importance::High,
    }
}
