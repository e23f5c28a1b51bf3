//! Who may open what, as the original decides it (Oro row S14): the system
//! configuration for administrators, a user's page for administrators of the
//! same organization, one's own for oneself.
//!
//! What belongs to another organization does not exist for a viewer (404);
//! what exists and is not his to open is forbidden (403). That is the whole
//! policy: handlers ask here, and nowhere decide for themselves.

use crate::crm::{OrganizationId, UserId};

/// What of somebody matters for a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// Where.
    pub organization: OrganizationId,
    /// Whether he administers.
    pub administrator: bool,
}

/// What somebody wants to open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The system configuration.
    System,
    /// The configuration and the list of users of an organization.
    Organization(OrganizationId),
    /// A user's configuration, account, calendar, tasks, status and alerts.
    User(UserId, OrganizationId),
    /// The versions in a user's conflicts: his own data, shown to him alone.
    Versions(UserId, OrganizationId),
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// For this viewer there is no such thing.
    NotFound,
    /// There is, and it is not his to open.
    Forbidden,
}

/// Whether `viewer` may open `target`.
pub fn check(viewer: Person, target: Target) -> Result<(), Denied> {
    let administrates = |organization| {
        if organization != viewer.organization {
            Err(Denied::NotFound)
        } else if viewer.administrator {
            Ok(())
        } else {
            Err(Denied::Forbidden)
        }
    };
    match target {
        Target::System if viewer.administrator => Ok(()),
        Target::System => Err(Denied::Forbidden),
        Target::User(user, _) | Target::Versions(user, _) if user == viewer.id => Ok(()),
        Target::Organization(organization) | Target::User(_, organization) => administrates(organization),
        Target::Versions(_, organization) => administrates(organization).and(Err(Denied::Forbidden)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn every_page_opens_for_those_it_is_meant_for_alone() {
        let here = OrganizationId::from_number(1);
        let elsewhere = OrganizationId::from_number(2);
        let person =
            |id, organization, administrator| Person { id: UserId::from_number(id), organization, administrator };
        let admin = person(1, here, true);
        let user = person(2, here, false);
        let stranger = person(3, elsewhere, true);
        let of_user = Target::User(user.id, here);
        let versions = Target::Versions(user.id, here);
        let table = [
            ("system, administrator", admin, Target::System, Ok(())),
            ("system, user", user, Target::System, Err(Denied::Forbidden)),
            ("organization, its administrator", admin, Target::Organization(here), Ok(())),
            ("organization, its user", user, Target::Organization(here), Err(Denied::Forbidden)),
            ("organization, another's administrator", stranger, Target::Organization(here), Err(Denied::NotFound)),
            ("user, himself", user, of_user, Ok(())),
            ("user, his administrator", admin, of_user, Ok(())),
            ("user, another's administrator", stranger, of_user, Err(Denied::NotFound)),
            ("administrator, user", user, Target::User(admin.id, here), Err(Denied::Forbidden)),
            ("versions, himself", user, versions, Ok(())),
            ("versions, his administrator", admin, versions, Err(Denied::Forbidden)),
            ("versions, another's administrator", stranger, versions, Err(Denied::NotFound)),
        ];
        for (what, viewer, target, expected) in table {
            assert_eq!(check(viewer, target), expected, "{what}");
        }
    }
}
