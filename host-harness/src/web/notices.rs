//! Who sees which notices, and what one is about.

use super::access::Target;
use super::viewer::Viewer;
use crate::crm::notices::NoticeResource;
use crate::crm::overview::Whose;
use crate::crm::users::User;

/// Whose notices a list shows: one user's where they are asked for, or all that the
/// viewer sees.
pub fn whose_of(viewer: &Viewer, one: Option<&User>) -> Whose {
    one.map_or_else(|| whose(viewer), |user| Whose::User(user.id))
}

/// Whose notices a viewer sees, unless one user's are asked for.
pub fn whose(viewer: &Viewer) -> Whose {
    let organization = viewer.user.organization_id;
    if viewer.require(Target::Organization(organization)).is_ok() {
        Whose::Organization(organization)
    } else {
        Whose::User(viewer.user.id)
    }
}

/// What a notice is about.
pub fn resource_label(resource: NoticeResource) -> &'static str {
    match resource {
        NoticeResource::Account => "Microsoft account",
        NoticeResource::Calendar => "Calendar",
        NoticeResource::Tasks => "Tasks",
    }
}
