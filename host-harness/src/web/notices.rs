//! Who sees which alerts, and what a notice is about.

use super::Web;
use super::access::Target;
use super::error::PageError;
use super::viewer::Viewer;
use crate::crm::notices::{Alert, AlertList, NoticeResource};

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
