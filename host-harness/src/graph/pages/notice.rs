//! The word of what a form has done, which the page after it shows.
//!
//! It travels in the query as a name and a count, so that an address cannot put
//! other words on a page.

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    RequestsCleared,
    FaultAdded,
    FaultsCleared,
    SwitchSet,
    SwitchesReset,
    /// So many tokens, cursors, secrets or consents.
    Expired(usize),
    SignInSet,
    OutboxCleared,
    NotificationsCleared,
}

impl Notice {
    /// Those without a count.
    const PLAIN: [Self; 8] = [
        Self::RequestsCleared,
        Self::FaultAdded,
        Self::FaultsCleared,
        Self::SwitchSet,
        Self::SwitchesReset,
        Self::SignInSet,
        Self::OutboxCleared,
        Self::NotificationsCleared,
    ];

    /// As it stands in the query.
    pub fn word(self) -> String {
        let word = match self {
            Self::RequestsCleared => "requests-cleared",
            Self::FaultAdded => "fault-added",
            Self::FaultsCleared => "faults-cleared",
            Self::SwitchSet => "switch-set",
            Self::SwitchesReset => "switches-reset",
            Self::Expired(count) => return format!("expired-{count}"),
            Self::SignInSet => "sign-in-set",
            Self::OutboxCleared => "outbox-cleared",
            Self::NotificationsCleared => "notifications-cleared",
        };
        word.to_owned()
    }

    /// From the query.
    pub fn read(word: &str) -> Option<Self> {
        if let Some(count) = word.strip_prefix("expired-") {
            return count.parse().ok().map(Self::Expired);
        }
        Self::PLAIN.into_iter().find(|notice| notice.word() == word)
    }

    /// What the page says.
    pub fn sentence(self) -> String {
        let sentence = match self {
            Self::RequestsCleared => "The record of requests is empty.",
            Self::FaultAdded => "The fault is in the script.",
            Self::FaultsCleared => "The script of faults is empty.",
            Self::SwitchSet => "The switch is set.",
            Self::SwitchesReset => "All switches are as they were at first.",
            Self::Expired(0) => "There was nothing to end.",
            Self::Expired(1) => "1 was ended.",
            Self::Expired(count) => return format!("{count} were ended."),
            Self::SignInSet => "What the user meets at the sign-in is set.",
            Self::OutboxCleared => "The outbox is empty.",
            Self::NotificationsCleared => "What was posted is forgotten. Subscriptions and what waits stay.",
        };
        sentence.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notice_is_read_as_it_was_written_and_nothing_else_is() {
        for notice in Notice::PLAIN.into_iter().chain([Notice::Expired(0), Notice::Expired(12)]) {
            assert_eq!(Notice::read(&notice.word()), Some(notice));
        }
        for other in ["", "expired-", "expired-many", "Your account is locked"] {
            assert_eq!(Notice::read(other), None, "{other}");
        }
    }
}
