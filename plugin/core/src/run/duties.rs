//! What the CRM still does for the guests of a user's meetings (Oro row C5).
//!
//! Two systems that both invite make two mails of one meeting, and two copies
//! in a guest's calendar. Asked before each write that a person makes, so it
//! looks at what is stored and asks nobody.

use crate::account::{AccountRecord, AuthFailure};
use crate::ports::{Config, HostError, Storage};
use crate::settings::{EffectiveSettings, ResourceSettings, SyncMode};

/// What the CRM does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostDuties {
    /// Whether it sends invitations, updates and cancellations.
    pub send_invitations: bool,
    /// Whether it puts copies of a meeting into its guests' calendars.
    pub make_guest_copies: bool,
}

impl HostDuties {
    /// The CRM takes care of the guests.
    pub const ALL: Self = Self { send_invitations: true, make_guest_copies: true };

    /// Microsoft takes care of the guests.
    pub const NONE: Self = Self { send_invitations: false, make_guest_copies: false };
}

/// The duties for the user of the scope.
///
/// # Errors
/// The host could not read settings or account, or the stored account is not
/// readable.
pub fn host_duties(ports: &mut (impl Config + Storage)) -> Result<HostDuties, HostError> {
    let settings = EffectiveSettings::of(&ports.layers()?);
    let account = AccountRecord::load(ports).map_err(host_error)?;
    Ok(duties(settings.calendar, account.is_some()))
}

/// The rule. An account counts as connected while it waits for somebody (it is
/// parked, or a permission is missing): what the person writes meanwhile still
/// goes to Microsoft, which then invites. The CRM's mail would be the second.
const fn duties(calendar: ResourceSettings, is_connected: bool) -> HostDuties {
    let writes_to_microsoft = match calendar.mode {
        SyncMode::CrmToM365 | SyncMode::Bidirectional => true,
        SyncMode::M365ToCrm => false,
    };
    if calendar.enabled && writes_to_microsoft && is_connected { HostDuties::NONE } else { HostDuties::ALL }
}

/// Reading what is stored fails only where the host does; anything else would
/// be of an account that is being used.
fn host_error(failure: AuthFailure) -> HostError {
    match failure {
        AuthFailure::Host(error) => error,
        AuthFailure::Unavailable(wait) | AuthFailure::Throttled(wait) => HostError::Unavailable(wait),
        other @ (AuthFailure::NotConfigured(_)
        | AuthFailure::NotConnected
        | AuthFailure::InvalidState
        | AuthFailure::Cancelled
        | AuthFailure::AdminConsentNeeded(_)
        | AuthFailure::MissingPermissions(_)
        | AuthFailure::Refused(_)
        | AuthFailure::ApplicationRefused(_)
        | AuthFailure::WrongTenant(_)
        | AuthFailure::StaleFence) => HostError::Other(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::account::testing::World;
    use crate::account::{Parked, ParkedReason};
    use crate::settings::{ConflictRule, Field, SettingValue};

    fn calendar(enabled: bool, mode: SyncMode) -> ResourceSettings {
        ResourceSettings { enabled, mode, rule: ConflictRule::CrmWins }
    }

    #[test]
    fn microsoft_takes_care_of_guests_only_where_the_calendar_of_an_account_is_written_there() {
        for mode in SyncMode::ALL {
            assert_eq!(duties(calendar(false, mode), true), HostDuties::ALL, "{mode:?}");
            assert_eq!(duties(calendar(true, mode), false), HostDuties::ALL, "{mode:?}");
        }
        assert_eq!(duties(calendar(true, SyncMode::CrmToM365), true), HostDuties::NONE);
        assert_eq!(duties(calendar(true, SyncMode::Bidirectional), true), HostDuties::NONE);
        assert_eq!(duties(calendar(true, SyncMode::M365ToCrm), true), HostDuties::ALL);
    }

    #[test]
    fn settings_and_account_are_read_from_the_host() {
        assert_eq!(host_duties(&mut World::new()), Ok(HostDuties::ALL));
        let mut world = World::connected(60);
        assert_eq!(host_duties(&mut world), Ok(HostDuties::NONE));
        world.layers.user.set(Field::CalendarEnabled, SettingValue::Boolean(false));
        assert_eq!(host_duties(&mut world), Ok(HostDuties::ALL));
    }

    #[test]
    fn a_parked_account_still_invites_later() {
        let mut world = World::connected(60);
        let mut record = world.record().unwrap();
        record.parked = Some(Parked {
            reason: ParkedReason::ReconnectNeeded,
            detail: String::new(),
            parked_at: record.connected_at,
            is_announced: true,
        });
        world.put_record(&record);
        assert_eq!(host_duties(&mut world), Ok(HostDuties::NONE));
    }

    #[test]
    fn an_account_that_cannot_be_read_is_an_error_and_not_an_invitation() {
        let mut world = World::connected(60);
        world.entries.insert(crate::account::ACCOUNT_KEY.to_owned(), (b"{}".to_vec(), 9));
        assert!(matches!(host_duties(&mut world), Err(HostError::Unreadable(_))));
    }
}
