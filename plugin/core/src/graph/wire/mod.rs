//! Graph's own nouns, as its JSON has them.
//!
//! Reading is lenient: a property that is missing or null is none, an enum
//! value of tomorrow is kept as text, and unknown properties are passed over.
//! Nothing here is written; the bodies of writes are built property by property
//! in [`crate::mapping::event`] and [`crate::mapping::task`]. Ranges and types are those of the v1.0
//! metadata.

mod batch;
mod calendar;
mod error;
mod event;
mod page;
mod recurrence;
mod todo;

pub use batch::{BatchAnswer, BatchPart};
pub use calendar::Calendar;
pub use error::{ErrorBody, ErrorDetail, InnerError};
pub use event::{
    Attendee, AttendeeType, DateTimeTimeZone, EmailAddress, Event, EventType, ExtendedProperty, Importance, ItemBody,
    Location, Recipient, ResponseStatus, ResponseType, Sensitivity, ShowAs,
};
pub use page::{CalendarPage, Continuation, DeltaItem, DeltaPage, InstancePage, PageLink};
pub use recurrence::{
    DayOfWeek, PatternedRecurrence, RecurrencePattern, RecurrencePatternType, RecurrenceRange, RecurrenceRangeType,
    WeekIndex,
};
pub use todo::{
    LinkedResource, TodoDeltaItem, TodoDeltaPage, TodoListPage, TodoStatus, TodoTask, TodoTaskList, TodoTaskPage,
    WellknownListName,
};

/// The id of the extended property that holds our correlation id
/// (`resources/singlevaluelegacyextendedproperty`). The GUID names this
/// product's property set and never changes; the name is case-sensitive.
pub const CORRELATION_PROPERTY: &str = "String {4f6d2c1e-93b7-4a58-8e0b-5d1c7a2f6b90} Name TandemLink";

/// Declares an enum of Graph that survives values it does not know.
macro_rules! lenient_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$case_doc:meta])* $case:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$case_doc])* $case,)+
            /// A value that this version does not know.
            Unrecognised(String),
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Ok(match text.as_str() {
                    $($text => Self::$case,)+
                    _ => Self::Unrecognised(text),
                })
            }
        }
    };
}
use lenient_enum;

#[cfg(test)]
mod tests;
