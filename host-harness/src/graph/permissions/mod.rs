//! Which permissions let a caller do what: one table for all of Graph that is
//! here. What Graph has beside it and nothing here asks for is in `without_use`.
//!
//! Each line has the permissions that the pages named with it list, least and
//! higher ones, for a signed-in user and for an application that acts for nobody.
//! A name counts as it is written and for no other: `Tasks.ReadWrite` is no
//! `Tasks.ReadWrite.All`. What stands in no column for applications can be no
//! role of one (concepts/permissions-reference). Who may get which permission is
//! decided in `login::roles` and `login::consent`.
//!
//! Where a page lists `Calendars.ReadBasic` for applications, the permission
//! meant is `Calendars.ReadBasic.All`: the other one is for users alone
//! (concepts/permissions-reference).
//!
//! DIFFERENCE: pages of lists name the permission to read alone, such as
//! api/outlookuser-list-mastercategories and api/message-get, or the one to write
//! alone for reading, such as api/todotasklist-delta. Here who may write may read,
//! and who may read need not write.

mod without_use;

use super::login::grants::Subject;
use without_use::Column;

/// Writes the table as an enum and what belongs to each of its cases.
macro_rules! table {
    ($($(#[$meta:meta])* $name:ident { user: [$($user:literal),* $(,)?], application: [$($role:literal),* $(,)?] })*) => {
        /// Something that can be done with Graph, as far as permissions tell it
        /// apart.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Access {
            $($(#[$meta])* $name,)*
        }

        impl Access {
            /// Everything there is.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The permissions of which an application needs one that acts for a
            /// user.
            pub fn of_user(self) -> &'static [&'static str] {
                match self {
                    $(Self::$name => &[$($user),*],)*
                }
            }

            /// The permissions of which an application needs one that acts for
            /// nobody.
            pub fn of_application(self) -> &'static [&'static str] {
                match self {
                    $(Self::$name => &[$($role),*],)*
                }
            }
        }
    };
}

table! {
    /// One's own profile (api/user-get).
    ReadProfile {
        user: [
            "User.Read", "User.ReadWrite", "User.ReadBasic.All", "User.Read.All", "User.ReadWrite.All",
            "Directory.Read.All", "Directory.ReadWrite.All",
        ],
        application: ["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"]
    }
    /// The profiles of others (api/user-list, api/user-get).
    ReadPeople {
        user: ["User.ReadBasic.All", "User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"],
        application: ["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"]
    }
    /// The organisation (api/organization-list, api/organization-get).
    ReadOrganization {
        user: [
            "User.Read", "Organization.Read.All", "Organization.ReadWrite.All", "Directory.Read.All",
            "Directory.ReadWrite.All",
        ],
        application: [
            "Organization.Read.All", "Organization.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All",
        ]
    }
    /// Ids in another form (api/user-translateexchangeids).
    TranslateIds {
        user: ["User.ReadBasic.All", "User.Read", "User.Read.All", "User.ReadWrite", "User.ReadWrite.All"],
        application: ["User.Read.All", "User.ReadWrite.All"]
    }
    /// What a mailbox can be set to (api/outlookuser-supportedtimezones,
    /// api/outlookuser-supportedlanguages).
    ReadSupported { user: ["User.Read", "User.ReadBasic.All"], application: ["User.Read.All"] }
    /// What a mailbox is set to (api/user-get-mailboxsettings), and its categories
    /// (api/outlookuser-list-mastercategories).
    ReadSettings {
        user: ["MailboxSettings.Read", "MailboxSettings.ReadWrite"],
        application: ["MailboxSettings.Read", "MailboxSettings.ReadWrite"]
    }
    /// Other settings (api/user-update-mailboxsettings), other categories
    /// (api/outlookuser-post-mastercategories).
    WriteSettings { user: ["MailboxSettings.ReadWrite"], application: ["MailboxSettings.ReadWrite"] }
    /// Calendars and their groups (api/user-list-calendars, api/calendar-get,
    /// api/calendargroup-list-calendars).
    ReadCalendars {
        user: ["Calendars.ReadBasic", "Calendars.Read", "Calendars.Read.Shared", "Calendars.ReadWrite"],
        application: ["Calendars.ReadBasic.All", "Calendars.Read", "Calendars.ReadWrite"]
    }
    /// When somebody is free (api/calendar-getschedule).
    ReadSchedules {
        user: ["Calendars.ReadBasic", "Calendars.Read", "Calendars.ReadWrite"],
        application: ["Calendars.ReadBasic.All", "Calendars.Read", "Calendars.ReadWrite"]
    }
    /// The outside of events, without body, files and extensions
    /// (api/user-list-events, api/event-get, api/event-delta).
    ReadEventsBasic {
        user: ["Calendars.ReadBasic", "Calendars.Read", "Calendars.ReadWrite"],
        application: ["Calendars.ReadBasic.All", "Calendars.Read", "Calendars.ReadWrite"]
    }
    /// Events with all that they hold (api/event-get, api/event-list-attachments,
    /// api/opentypeextension-get).
    ReadEvents {
        user: ["Calendars.Read", "Calendars.ReadWrite"],
        application: ["Calendars.Read", "Calendars.ReadWrite"]
    }
    /// Other calendars and events, and answers to meetings (api/user-post-events,
    /// api/event-update, api/event-accept, api/user-post-calendars).
    WriteCalendars { user: ["Calendars.ReadWrite"], application: ["Calendars.ReadWrite"] }
    /// The outside of messages, and folders (api/user-list-messages,
    /// api/message-get, api/message-delta, api/user-list-mailfolders).
    ReadMailBasic {
        user: ["Mail.ReadBasic", "Mail.Read", "Mail.ReadWrite"],
        application: ["Mail.ReadBasic", "Mail.ReadBasic.All", "Mail.Read", "Mail.ReadWrite"]
    }
    /// What messages say, too (api/message-list-attachments,
    /// api/eventmessage-get).
    ReadMail { user: ["Mail.Read", "Mail.ReadWrite"], application: ["Mail.Read", "Mail.ReadWrite"] }
    /// Other messages and folders (api/user-post-messages, api/message-update,
    /// api/user-post-mailfolders).
    WriteMail { user: ["Mail.ReadWrite"], application: ["Mail.ReadWrite"] }
    /// Sending (api/user-sendmail, api/message-send, api/message-reply).
    SendMail { user: ["Mail.Send"], application: ["Mail.Send"] }
    /// Tasks and their lists (api/todo-list-lists, api/todotask-delta).
    ReadTasks {
        user: ["Tasks.Read", "Tasks.ReadWrite", "Tasks.Read.Shared", "Tasks.ReadWrite.Shared"],
        application: ["Tasks.Read.All", "Tasks.ReadWrite.All"]
    }
    /// Other tasks and lists (api/todotasklist-post-tasks, api/todo-post-lists).
    WriteTasks { user: ["Tasks.ReadWrite", "Tasks.ReadWrite.Shared"], application: ["Tasks.ReadWrite.All"] }
    /// Notifications of calendars and events (api/subscription-post-subscriptions).
    /// Permissions on shared calendars give none
    /// (concepts/outlook-get-shared-events-calendars).
    WatchCalendars {
        user: ["Calendars.Read", "Calendars.ReadWrite"],
        application: ["Calendars.Read", "Calendars.ReadWrite"]
    }
    /// Notifications of messages (api/subscription-post-subscriptions).
    WatchMail {
        user: ["Mail.ReadBasic", "Mail.Read", "Mail.ReadWrite"],
        application: ["Mail.ReadBasic", "Mail.ReadBasic.All", "Mail.Read", "Mail.ReadWrite"]
    }
    /// Notifications of tasks, for a user alone
    /// (api/subscription-post-subscriptions).
    WatchTasks { user: ["Tasks.Read", "Tasks.ReadWrite"], application: [] }
    /// The subscriptions of a user through other applications
    /// (api/subscription-list).
    ReadSubscriptions { user: ["Subscription.Read.All"], application: [] }
}

impl Access {
    /// The permissions of which one is needed by who acts for this subject.
    pub fn permissions(self, subject: &Subject) -> &'static [&'static str] {
        match subject {
            Subject::User(_) => self.of_user(),
            Subject::Application => self.of_application(),
        }
    }

    /// Whether one of the granted permissions is enough.
    pub fn is_given(self, subject: &Subject, granted: &[String]) -> bool {
        self.permissions(subject).iter().any(|name| granted.iter().any(|known| known.eq_ignore_ascii_case(name)))
    }
}

/// A permission that applications can have for themselves, as it is spelled.
pub(crate) fn role(name: &str) -> Option<&'static str> {
    find(name, Access::of_application).or_else(|| without_use::find(name, Column::Application))
}

/// A permission that applications can have for a user, as it is spelled.
pub(crate) fn scope(name: &str) -> Option<&'static str> {
    find(name, Access::of_user).or_else(|| without_use::find(name, Column::User))
}

/// A name of the table in one of its columns, as it is spelled.
fn find(name: &str, column: impl Fn(Access) -> &'static [&'static str]) -> Option<&'static str> {
    let mut known = Access::ALL.iter().flat_map(|access| column(*access));
    known.find(|known| known.eq_ignore_ascii_case(name)).copied()
}
