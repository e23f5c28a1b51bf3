//! What can be synchronised.
//!
//! The words are those of the command line and of the JSON interfaces. Next:
//! [`super::report`].

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::crm::notices::NoticeResource;
use crate::crm::runs::SyncResource;
use crate::host::types::Feature;

/// A kind of item that is kept in step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resource {
    /// Calendar events.
    Calendar,
    /// Tasks.
    Tasks,
    /// Mail.
    Mail,
}

impl Resource {
    /// Every resource, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Calendar, Self::Tasks, Self::Mail];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Calendar => "calendar",
            Self::Tasks => "tasks",
            Self::Mail => "mail",
        }
    }

    /// The name that people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Calendar => "Calendar",
            Self::Tasks => "Tasks",
            Self::Mail => "Mail",
        }
    }

    /// The same in the contract's words.
    pub(super) const fn feature(self) -> Feature {
        match self {
            Self::Calendar => Feature::Calendar,
            Self::Tasks => Feature::Tasks,
            Self::Mail => Feature::Mail,
        }
    }

    /// The same in the CRM's words.
    pub(super) const fn stored(self) -> SyncResource {
        match self {
            Self::Calendar => SyncResource::Calendar,
            Self::Tasks => SyncResource::Tasks,
            Self::Mail => SyncResource::Mail,
        }
    }

    /// The same in the words of alerts; the CRM has none about mail.
    pub(super) const fn notice(self) -> Option<NoticeResource> {
        match self {
            Self::Calendar => Some(NoticeResource::Calendar),
            Self::Tasks => Some(NoticeResource::Tasks),
            Self::Mail => None,
        }
    }

    /// The resource of a notice; none for one about the account.
    pub(super) const fn of_notice(resource: NoticeResource) -> Option<Self> {
        match resource {
            NoticeResource::Account => None,
            NoticeResource::Calendar => Some(Self::Calendar),
            NoticeResource::Tasks => Some(Self::Tasks),
        }
    }

    /// The setting of the system level that switches it on for everybody.
    pub(crate) const fn feature_key(self) -> &'static str {
        match self {
            Self::Calendar => "features.calendar",
            Self::Tasks => "features.tasks",
            Self::Mail => "features.mail",
        }
    }

    /// The setting with the direction; mail has none.
    pub(crate) const fn direction_key(self) -> Option<&'static str> {
        match self {
            Self::Calendar => Some("calendar.direction"),
            Self::Tasks => Some("tasks.direction"),
            Self::Mail => None,
        }
    }

    /// The setting that enables it for a user; mail has none.
    pub(crate) const fn enabled_key(self) -> Option<&'static str> {
        match self {
            Self::Calendar => Some("calendar.enabled"),
            Self::Tasks => Some("tasks.enabled"),
            Self::Mail => None,
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A word that names no resource.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected `calendar`, `tasks` or `mail`, but found another word")]
pub struct UnknownResource;

impl FromStr for Resource {
    type Err = UnknownResource;

    fn from_str(word: &str) -> Result<Self, UnknownResource> {
        Self::ALL.into_iter().find(|resource| resource.as_str() == word).ok_or(UnknownResource)
    }
}
