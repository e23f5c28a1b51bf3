//! The rules of emulated calendars, without HTTP.
//!
//! `input` checks what clients write, `pattern` expands series, `instance`
//! and `output` say what clients see, `edit` changes events, `meeting`
//! carries changes to the guests. The endpoints are in `api`.

pub(crate) mod body;
pub(crate) mod edit;
pub(crate) mod input;
pub(crate) mod instance;
pub(crate) mod meeting;
pub(crate) mod output;
pub(crate) mod pattern;
pub(crate) mod properties;
pub(crate) mod recurrence_json;
pub(crate) mod remove;
