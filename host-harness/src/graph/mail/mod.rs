//! The rules of emulated mail, without HTTP (resources/mail-api-overview).
//!
//! `model` is what is stored, `folders` makes and changes the folders of a
//! mailbox, `messages` keeps, moves and deletes what is in them. `meeting`
//! brings the mails about meetings, `input` reads what clients write, `compose`
//! makes drafts and answers, `sending` sends them, `output` is what clients see. The
//! endpoints are in `api::mail`.

pub(crate) mod compose;
pub(crate) mod folders;
pub(crate) mod input;
pub(crate) mod meeting;
pub(crate) mod messages;
pub(crate) mod mime;
pub(crate) mod model;
pub(crate) mod output;
pub(crate) mod sending;
