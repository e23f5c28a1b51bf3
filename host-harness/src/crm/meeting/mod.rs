//! Meetings: what events in several calendars have to do with each other, and
//! what the CRM does for the guests of what a person enters.
//!
//! Guests are users of the organization with the same address (Oro row C8).
//! The organiser's event is the parent; what stands in the calendars of guests
//! are copies of it, made by the CRM or brought there by somebody's own
//! synchronization and joined afterwards (C7). Whether the CRM makes copies and
//! sends mails at all are its [`Duties`], which the component answers: while
//! Microsoft does both, the CRM must not (C5). Nothing here is called for what
//! the component writes, except the joining and the removal of the CRM's own
//! copies.
//!
//! Reading order: [`guests`] (who is meant), [`ties`] (what belongs together),
//! [`mod@copies`] (what follows the parent), [`outbox`] (whom is written to),
//! [`people`] (a person's write with all that comes of it), [`reply`] (a
//! guest's), [`view`] (how an event is shown).

pub mod guests;

pub mod ties;

mod copies;

pub mod outbox;

pub mod people;

pub mod reply;

pub mod view;

pub use guests::{own_status, with_own_status};
pub use outbox::{Mail, MailKind};
pub use people::Terms;
pub use reply::Reply;
pub use ties::Ties;
pub(crate) use ties::{join_in, ties_in};
pub use view::{CopyOf, GuestUser, MeetingEvent};

use crate::crm::stored::words;

/// The longest UID of a meeting that is kept as it is, in Unicode scalar
/// values. Microsoft's have about 110; others may send longer ones.
pub const MEETING_UID_LENGTH_MAX: usize = 255;

/// What the CRM still does for the guests of a user by itself (Oro row C5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duties {
    /// Whether it sends invitations, updates, cancellations and replies.
    pub send_invitations: bool,
    /// Whether it puts copies of a meeting into its guests' calendars and keeps
    /// them up to date.
    pub make_guest_copies: bool,
}

impl Duties {
    /// Nothing: somebody else does it.
    pub const NONE: Self = Self { send_invitations: false, make_guest_copies: false };
    /// Everything: nobody else does it.
    pub const ALL: Self = Self { send_invitations: true, make_guest_copies: true };
}

words! {
    /// Whom a person lets the CRM write to, where that is the CRM's duty. The
    /// words are those of Oro's interface (section 7.1).
    pub enum NotifyAttendees {
        /// Every guest.
        All = "all",
        /// Nobody.
        None = "none",
        /// Those who were invited or uninvited by this change.
        AddedOrDeleted = "added_or_deleted",
    }
}

#[cfg(test)]
mod tests;
