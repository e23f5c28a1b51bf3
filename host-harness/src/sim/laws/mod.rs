//! What has to hold, however a history went.
//!
//! While it is played: every mail has a cause ([`mails`]), nothing is written
//! against the direction ([`limits`]). After each quiet period: both sides show
//! the same, nothing is doubled, lost or back again ([`course`]), what people
//! wrote is there or in the record of a conflict ([`edits`]), a further run
//! writes and asks nothing ([`limits`]), and no secret is where it does not
//! belong ([`secrets`]). Next: [`super::play`].

pub mod course;
pub mod edits;
pub mod limits;
pub mod mails;
pub mod secrets;
pub mod shown;
