//! What can go wrong when somebody asks the CRM for something.
//!
//! Opening a data directory has its own errors ([`super::database::OpenError`]),
//! and so have the calls whose callers do different things for different
//! causes (commits, secrets, mutations). An error never quotes what people
//! wrote: titles, descriptions and secrets stay out of logs. Next:
//! [`super::database`].

use super::secrets::SealError;

/// A value that the CRM does not accept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected `{field}` to be {expected}, but found {found}")]
pub struct InvalidValue {
    /// The field, spelled as in JSON.
    pub field: &'static str,
    /// A stable word for the rule that was broken, such as `end-before-start`.
    pub code: &'static str,
    /// What the field accepts.
    pub expected: String,
    /// What was given, described without quoting the text.
    pub found: String,
    /// What to do about it.
    pub hint: &'static str,
}

/// Refuses a call that asks for more than `max` of something.
pub(crate) fn at_most(max: usize, what: &'static str, found: usize) -> Result<(), CrmError> {
    if found <= max { Ok(()) } else { Err(CrmError::TooMany { what, max, found }) }
}

/// Why the CRM did not do what it was asked. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum CrmError {
    /// A value is not acceptable.
    #[error(transparent)]
    Invalid(#[from] InvalidValue),
    /// The record does not exist, or not for this user.
    #[error("expected an existing {kind}, but found none under this {named_by}")]
    NotFound {
        /// The kind of record.
        kind: &'static str,
        /// By what it was looked up.
        named_by: &'static str,
    },
    /// Something that has to be unique exists already.
    #[error("expected a new {field}, but found one that is taken")]
    Taken {
        /// The field that has to be unique.
        field: &'static str,
    },
    /// The record was changed since the version that the caller named.
    #[error("expected the version that was read, but found that the record was changed meanwhile")]
    VersionMismatch,
    /// One call asks for more than is allowed.
    #[error("expected at most {max} {what} in one call, but found {found}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        max: usize,
        /// What was asked for.
        found: usize,
    },
    /// A stored value cannot be read any more.
    #[error("expected a readable stored {what}, but found a damaged one")]
    Damaged {
        /// What cannot be read.
        what: &'static str,
    },
    /// A secret could not be encrypted or decrypted.
    #[error("the stored secret cannot be used")]
    Seal(#[from] SealError),
    /// The database did not do its work.
    #[error("the database could not be read or written")]
    Storage(#[from] rusqlite::Error),
}

impl CrmError {
    /// A stable word for the cause, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(value) => value.code,
            Self::NotFound { .. } => "not-found",
            Self::Taken { .. } => "taken",
            Self::VersionMismatch => "version-mismatch",
            Self::TooMany { .. } => "too-many",
            Self::Damaged { .. } => "damaged",
            Self::Seal(_) => "secret-unusable",
            Self::Storage(_) => "storage",
        }
    }

    /// What to do about it, in a sentence without full stop.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Invalid(value) => value.hint,
            Self::NotFound { kind, .. } => how_to_list(kind),
            Self::Taken { .. } => "choose another value, or change the existing record",
            Self::VersionMismatch => "read the record again and repeat the change on what it is now",
            Self::TooMany { .. } => "split the call into smaller ones",
            Self::Damaged { .. } | Self::Seal(_) => {
                "restore the data directory, with its `secret.key`, from a backup, or store the value again"
            }
            Self::Storage(_) => "check that the disk is not full and that no other program holds the data directory",
        }
    }

    /// Message and hint in one line, for people.
    pub fn sentence(&self) -> String {
        format!("{self}; {}", self.hint())
    }
}

/// Where the records of a kind are listed with the names that they have.
fn how_to_list(kind: &str) -> &'static str {
    match kind {
        "alert" => "list the alerts with `tandem alerts --data DIR`, and use the number in front of one",
        "user" | "calendar" | "user of the organization" => {
            "list the users with `tandem status --data DIR`, and use the login of one"
        }
        "organization" => "list the users with `GET /api/users`: each names its organization",
        "conflict" => "list the conflicts with `GET /api/conflicts`, and use the `id` of one",
        "calendar event" => "list the events with `GET /api/calendar-events?user=LOGIN`, and use the `id` of one",
        "task" => "list the tasks with `GET /api/tasks?user=LOGIN`, and use the `id` of one",
        _ => "list the records first and use one of their names",
    }
}
