//! How a row stands, in one word: for its badge, and for whoever looks for the few among
//! thousands that stand still. What it waits for in particular says [`super::row`].

use crate::app::{Blocked, StatusRow, WaitsFor};
use crate::web::report::Badge;

/// How a resource of a user stands; in the order in which a list is sorted by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowState {
    /// It is not enabled.
    Off,
    /// It is enabled, and there is no account.
    NotConnected,
    /// It stands still until somebody has done something about it.
    Stopped,
    /// It stands still until somebody has confirmed the first run.
    Unconfirmed,
    /// It stands still until that passes by itself.
    Waiting,
    /// Nothing keeps it from being run.
    On,
}

impl RowState {
    /// Those that a list can be narrowed to, with the word in its address and what they are
    /// called there.
    pub const NARROWED: [(Self, &'static str, &'static str); 4] = [
        (Self::Stopped, "needs-somebody", "Needs somebody"),
        (Self::Unconfirmed, "not-confirmed", "First run not confirmed"),
        (Self::Waiting, "waiting", "Waiting"),
        (Self::NotConnected, "not-connected", "Not connected"),
    ];

    /// That of a row.
    pub fn of(row: &StatusRow) -> Self {
        match row.waits_for {
            _ if !row.enabled => Self::Off,
            Some(WaitsFor::Change(Blocked::NotConnected)) => Self::NotConnected,
            Some(WaitsFor::Change(Blocked::FirstSync)) => Self::Unconfirmed,
            Some(reason) if reason.needs_somebody() => Self::Stopped,
            Some(_) => Self::Waiting,
            None if row.connected => Self::On,
            None => Self::NotConnected,
        }
    }

    /// The one that a list is narrowed to by a word of its address; none where that is not
    /// known.
    pub fn narrowed_to(word: &str) -> Option<Self> {
        Self::NARROWED.iter().find(|(_, known, _)| *known == word).map(|(state, ..)| *state)
    }

    /// What stands in the column Enabled. That is a setting; nothing runs by it alone.
    pub const fn enabled(self) -> Badge {
        match self {
            Self::Off => Badge { kind: "", text: "No" },
            Self::NotConnected => Badge { kind: "warn", text: "Yes, not connected" },
            Self::Stopped => Badge { kind: "bad", text: "Yes, stopped" },
            Self::Unconfirmed => Badge { kind: "warn", text: "Yes, not confirmed" },
            Self::Waiting => Badge { kind: "warn", text: "Yes, waiting" },
            Self::On => Badge { kind: "good", text: "Yes" },
        }
    }

    /// What stands beside the name of the resource.
    pub const fn badge(self) -> Badge {
        match self {
            Self::Off => Badge { kind: "", text: "Not enabled" },
            Self::NotConnected => Badge { kind: "warn", text: "Not connected" },
            Self::Stopped => Badge { kind: "bad", text: "Stopped" },
            Self::Unconfirmed => Badge { kind: "warn", text: "Not confirmed" },
            Self::Waiting => Badge { kind: "warn", text: "Waiting" },
            Self::On => Badge { kind: "good", text: "Enabled" },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::tests::row;
    use super::*;
    use crate::app::types::ParkedReason;
    use crate::app::{Resource, WaitReason};

    fn state(waits_for: Option<WaitsFor>) -> RowState {
        RowState::of(&StatusRow { enabled: true, waits_for, ..row(Resource::Calendar) })
    }

    #[test]
    fn what_somebody_has_to_act_about_is_stopped_and_what_passes_waits() {
        for reason in [
            WaitsFor::Account(ParkedReason::ReconnectNeeded),
            WaitsFor::Account(ParkedReason::ApplicationRefused),
            WaitsFor::Change(Blocked::MissingPermission),
            WaitsFor::Change(Blocked::GuardRail),
            WaitsFor::Change(Blocked::NotConfigured),
            WaitsFor::Change(Blocked::NotOffered),
            WaitsFor::Wait(WaitReason::MailboxUnavailable),
            WaitsFor::Wait(WaitReason::Stopped),
        ] {
            assert_eq!(state(Some(reason)), RowState::Stopped, "{reason:?}");
        }
        for reason in [
            WaitsFor::Wait(WaitReason::Throttled),
            WaitsFor::Wait(WaitReason::MicrosoftUnavailable),
            WaitsFor::Wait(WaitReason::HostUnavailable),
        ] {
            assert_eq!(state(Some(reason)), RowState::Waiting, "{reason:?}");
        }
        assert_eq!(state(Some(WaitsFor::Change(Blocked::NotConnected))), RowState::NotConnected);
        assert_eq!(state(Some(WaitsFor::Change(Blocked::FirstSync))), RowState::Unconfirmed);
        assert_eq!(state(None), RowState::On);
    }

    #[test]
    fn what_is_off_is_off_and_nothing_runs_without_an_account() {
        assert_eq!(RowState::of(&row(Resource::Calendar)), RowState::Off);
        let row = StatusRow { enabled: true, connected: false, ..row(Resource::Calendar) };
        assert_eq!(RowState::of(&row), RowState::NotConnected);
    }

    #[test]
    fn a_word_that_is_not_known_narrows_to_nothing() {
        assert_eq!(RowState::narrowed_to("needs-somebody"), Some(RowState::Stopped));
        assert_eq!((RowState::narrowed_to(""), RowState::narrowed_to("off")), (None, None));
    }
}
