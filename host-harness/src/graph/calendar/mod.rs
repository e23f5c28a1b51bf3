//! The rules of emulated calendars, without HTTP.
//!
//! `group` keeps calendars together. `input` checks what clients write, `pattern` expands series, `instance`
//! and `output` say what clients see, `edit`, `exception` and `remove` change
//! events. `meeting` tells the guests of changes, `letter` is the mail that
//! they get, `copies` brings the changes into their calendars, `answer` is
//! what guests do, `schedule` what others see. The endpoints are in `api`.

pub(crate) mod answer;
pub(crate) mod body;
pub(crate) mod copies;
pub(crate) mod edit;
pub(crate) mod exception;
pub(crate) mod group;
pub(crate) mod input;
pub(crate) mod instance;
pub(crate) mod letter;
pub(crate) mod meeting;
pub(crate) mod output;
pub(crate) mod pattern;
pub(crate) mod properties;
pub(crate) mod recurrence_json;
pub(crate) mod remove;
pub(crate) mod schedule;
