//! Who the guests of an event are: users of the organization, recognised by
//! their address (Oro row C8), and what each of them has answered.
//!
//! Works on the values of one event. Next: [`super::ties`].

use rusqlite::Connection;

use crate::crm::event::validate::is_organizer;
use crate::crm::event::{Attendee, AttendeeStatus, EventValues};
use crate::crm::users::{User, user_by_email_in};

/// The answer of `owner`, in whose calendar the event is; none where they
/// organise it, or are not among its guests.
pub fn own_status(values: &EventValues, owner: &User) -> Option<AttendeeStatus> {
    if is_organizer(values, owner) {
        return None;
    }
    status_of(values, owner)
}

/// The event with another answer of `owner`. Where they have none to give, see
/// [`own_status`], it stays as it is: who was invited through a list is not
/// among the guests, and does not get there by answering.
pub fn with_own_status(mut values: EventValues, owner: &User, status: AttendeeStatus) -> EventValues {
    if is_organizer(&values, owner) {
        return values;
    }
    set_status(&mut values.attendees, owner, status);
    values
}

/// Replaces the answer of a guest, where they are one.
pub(super) fn set_status(attendees: &mut [Attendee], guest: &User, status: AttendeeStatus) {
    for attendee in attendees.iter_mut().filter(|attendee| is_address_of(attendee, guest)) {
        attendee.status = status;
    }
}

/// What a user has answered in whoever's event; none where they are not among
/// the guests.
pub(super) fn status_of(values: &EventValues, user: &User) -> Option<AttendeeStatus> {
    values.attendees.iter().find(|attendee| is_address_of(attendee, user)).map(|attendee| attendee.status)
}

/// The address of whoever organises an event in the calendar of `owner`.
pub(super) fn organizer_address<'a>(values: &'a EventValues, owner: &'a User) -> &'a str {
    values.organizer_email.as_deref().unwrap_or(&owner.email)
}

/// The guests who are users of the organization of `member`, in the order of
/// the list. Another organization's users are strangers
/// here, whatever their address.
pub(super) fn guest_users_in(
    connection: &Connection,
    attendees: &[Attendee],
    member: &User,
) -> rusqlite::Result<Vec<(User, AttendeeStatus)>> {
    let mut users = Vec::new();
    for attendee in attendees {
        let Some(address) = &attendee.email else { continue };
        let user = user_by_email_in(connection, member.organization_id, address)?;
        users.extend(user.map(|user| (user, attendee.status)));
    }
    Ok(users)
}

fn is_address_of(attendee: &Attendee, user: &User) -> bool {
    attendee.email.as_deref().is_some_and(|address| user.has_address(address))
}
