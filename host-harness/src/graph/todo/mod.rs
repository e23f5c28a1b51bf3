//! The rules of emulated task lists and tasks, without HTTP
//! (resources/todo-overview).
//!
//! `model` is what is stored, `properties` and `input` check what clients
//! write, `output` is what they see. `lists` and `edit` change things,
//! `recur` brings the next task of a recurring one, `part` and `attachment`
//! are about what belongs to a task. The endpoints are in `api::todo`.

pub(crate) mod attachment;
pub(crate) mod edit;
pub(crate) mod input;
pub(crate) mod lists;
pub(crate) mod model;
pub(crate) mod output;
pub(crate) mod part;
pub(crate) mod properties;
pub(crate) mod recur;
