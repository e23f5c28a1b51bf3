//! Between Microsoft's words and ours.
//!
//! Read in this order: [`zones`] (names of time zones), [`times`] (when an
//! event takes place), [`body`] (descriptions that can be compared), [`event`]
//! (a whole event read), [`mod@write`] (the JSON of writes), [`fit`] (what a side can
//! hold). Nothing here decides which side wins; that is [`crate::sync`].

pub mod body;
pub mod event;
pub mod fit;
pub mod times;
mod windows_zones;
pub mod write;
pub mod zones;

pub use event::{EventKind, MapIssue, MappedEvent, read_event};
pub use fit::{FitIssue, fit_for_crm};
pub use write::{create_body, patch_body};
pub use zones::{ZoneIssue, graph_zone_name, zone_from_graph};
