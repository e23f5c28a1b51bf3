//! The word of what a form has done, which the page after it shows.
//!
//! It is kept here, and the query says only the how-manieth it was: so an address
//! can neither put words on a page nor claim what was not done last.

/// What forms have done since the emulator was started or reset.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Notices {
    count: u64,
    last: Option<Notice>,
}

impl Notices {
    /// Keeps what was done; answers its number.
    pub fn add(&mut self, notice: Notice) -> u64 {
        self.count += 1;
        self.last = Some(notice);
        self.count
    }

    /// What was done last, if it has this number.
    pub fn find(&self, number: &str) -> Option<Notice> {
        self.last.filter(|_| number.parse() == Ok(self.count))
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    RequestsCleared,
    FaultAdded,
    FaultsCleared,
    ConformanceCleared,
    SwitchSet,
    SwitchesReset,
    /// So many tokens, cursors, secrets or consents.
    Expired(usize),
    SignInSet,
    OutboxCleared,
    NotificationsCleared,
}

impl Notice {
    /// What the page says.
    pub fn sentence(self) -> String {
        let sentence = match self {
            Self::RequestsCleared => "The record of requests is empty.",
            Self::FaultAdded => "The fault is in the script.",
            Self::FaultsCleared => "The script of faults is empty.",
            Self::ConformanceCleared => "What was compared is forgotten.",
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
