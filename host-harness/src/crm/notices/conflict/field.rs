//! What a conflict says of one group of fields.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// One group of fields as text, for people to compare.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConflictField {
    /// The group.
    pub name: String,
    /// The last agreed value; none where there was none.
    pub base: Option<String>,
    /// The CRM's value; none where the item was deleted there.
    pub crm: Option<String>,
    /// Microsoft's value; none where the item was deleted there.
    pub microsoft: Option<String>,
    /// What the decision has made of it; none where the item is gone.
    #[serde(default)]
    pub outcome: Option<String>,
    /// Whether it was carried out; not where a side did not take it, so that both
    /// versions stay as they are.
    #[serde(default = "is_carried_out")]
    pub carried_out: bool,
    /// When the versions are, where the texts are times and nothing else.
    #[serde(default, skip_serializing_if = "Moments::is_empty")]
    pub moments: Moments,
}

/// Of records from before it was known.
const fn is_carried_out() -> bool {
    true
}

/// The times that the versions of a field are; none where one is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moments {
    /// The last agreed one.
    pub base: Option<Moment>,
    /// The CRM's.
    pub crm: Option<Moment>,
    /// Microsoft's.
    pub microsoft: Option<Moment>,
    /// What the decision has made of it.
    pub outcome: Option<Moment>,
}

impl Moments {
    /// Whether no version is a time.
    pub const fn is_empty(&self) -> bool {
        matches!(self, Self { base: None, crm: None, microsoft: None, outcome: None })
    }
}

/// When something is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Moment {
    /// Between two instants.
    Timed {
        /// The first.
        start_at: DateTime<Utc>,
        /// The last.
        end_at: DateTime<Utc>,
        /// The IANA name of the zone in which both were planned.
        zone: String,
    },
    /// On whole days.
    AllDay {
        /// The first.
        start_on: NaiveDate,
        /// The day after the last.
        end_before: NaiveDate,
    },
    /// An instant.
    At(DateTime<Utc>),
    /// A day.
    On(NaiveDate),
}
