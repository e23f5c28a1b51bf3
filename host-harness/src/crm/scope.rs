//! For whom the component acts: an organization, and mostly one user of it.

use super::ids::{OrganizationId, UserId};

/// What stands in a key column where a scope has no user. Identifiers are
/// positive, so it is nobody's.
const NO_USER: i64 = 0;

/// An organization, and for most purposes one of its users. State, secrets and
/// notices of two scopes never mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// The organization.
    pub organization: OrganizationId,
    /// The user; none for what belongs to the organization as a whole.
    pub user: Option<UserId>,
}

impl Scope {
    /// The scope of an organization without a user.
    pub const fn organization(organization: OrganizationId) -> Self {
        Self { organization, user: None }
    }

    /// The scope of a user of an organization.
    pub const fn user(organization: OrganizationId, user: UserId) -> Self {
        Self { organization, user: Some(user) }
    }

    /// The user as it stands in a key column.
    pub(crate) fn user_key(&self) -> i64 {
        self.user.map_or(NO_USER, UserId::number)
    }
}

/// Reads a user back from a key column.
pub(crate) fn user_of_key(key: i64) -> Option<UserId> {
    (key != NO_USER).then_some(UserId::from_number(key))
}
