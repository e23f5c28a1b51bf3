//! What has to hold, however a history went.
//!
//! While it is played: every mail has a cause ([`mails`]), and so has every record
//! of a conflict ([`causes`]); nothing is written against the direction, whatever a
//! run reports ([`limits`], [`witness`]), and no more is asked than there is to do
//! ([`pending`]). After each quiet period: both sides show the same ([`course`]),
//! nothing is doubled, lost, back again or somebody else's ([`presence`]), what is
//! left alone has a reason ([`reasons`]), what people entered is there or in the
//! record of a conflict ([`edits`]), a further run writes and asks nothing
//! ([`limits`]), and no secret is where it does not belong ([`secrets`]). Next:
//! [`super::play`].

pub mod causes;
pub mod course;
pub mod edits;
pub mod limits;
pub mod mails;
pub mod pending;
mod presence;
mod reasons;
pub mod secrets;
pub mod shown;
pub mod witness;
