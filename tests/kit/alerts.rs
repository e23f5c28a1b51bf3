//! Alerts, for tests that need one of a user's without what leads to it.

use host_harness::crm::notices::{AlertKind, AlertOperation, AlertStep, NewAlert, NoticeResource};

use super::World;

impl World {
    /// Raises what a guard rail of a user's calendar would say.
    ///
    /// # Panics
    /// There is no such user, or the CRM refuses it.
    pub fn raise_alert(&self, login: &str, message: &str) {
        let alert = NewAlert {
            resource: NoticeResource::Calendar,
            kind: AlertKind::Sync,
            operation: AlertOperation::None,
            step: AlertStep::Plan,
            code: "suddenly-empty".to_owned(),
            item_id: None,
            external_id: None,
            message: message.to_owned(),
            hint: String::new(),
        };
        let crm = self.app.crm();
        let owner = crm.user_by_login(login).expect("the user exists");
        crm.raise_alerts(&owner.scope(), &[alert]).expect("the CRM takes the alert");
    }
}
