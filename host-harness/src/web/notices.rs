//! Who sees which notices, and what one is about.

use super::Web;
use super::access::Target;
use super::error::PageError;
use super::viewer::Viewer;
use crate::crm::notices::{Alert, AlertList, NoticeResource};
use crate::crm::overview::Whose;

/// Whose notices a viewer sees, unless one user's are asked for.
pub fn whose(viewer: &Viewer) -> Whose {
    if viewer.user.administrator {
        Whose::Organization(viewer.user.organization_id)
    } else {
        Whose::User(viewer.user.id)
    }
}

/// The alerts that a viewer may see.
pub fn visible_alerts(web: &Web, viewer: &Viewer, list: AlertList) -> Result<Vec<Alert>, PageError> {
    let crm = web.app.crm();
    if viewer.require(Target::Organization(viewer.user.organization_id)).is_ok() {
        Ok(crm.alerts_of_organization(viewer.user.organization_id, list)?)
    } else {
        Ok(crm.alerts_of_user(viewer.user.id, list)?)
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
