//! Alerts as pages, JSON interface and command line show them.
//!
//! What is raised and when it is over is the component's matter; see
//! [`super::guard_rail`] for what can be done at one.

use std::collections::BTreeMap;

use serde::Serialize;

use super::guard_rail::is_releasable;
use super::start::App;
use crate::crm::notices::{Alert, AlertList, AlertSummary};
use crate::crm::{CrmError, UserId};

/// An alert with what is to be known beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShownAlert {
    /// The login of the user that it concerns.
    pub user: Option<String>,
    /// Whether it is over.
    pub resolved: bool,
    /// Whether it is about a guard rail that can be released.
    pub releasable: bool,
    /// The alert.
    #[serde(flatten)]
    pub alert: Alert,
}

/// How many open alerts an organization and its users have of one cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationSummary {
    /// The organization's name.
    pub organization: String,
    /// The cause, and how many.
    #[serde(flatten)]
    pub summary: AlertSummary,
}

impl App {
    /// The alerts of one user by login, or of everybody, youngest first in each
    /// organization.
    ///
    /// # Errors
    /// The user does not exist.
    pub fn alerts(&self, user: Option<&str>, list: AlertList) -> Result<Vec<ShownAlert>, CrmError> {
        let crm = self.crm();
        let mut alerts = Vec::new();
        if let Some(login) = user {
            alerts = crm.alerts_of_user(crm.user_by_login(login)?.id, list)?;
        } else {
            for organization in crm.organizations()? {
                alerts.extend(crm.alerts_of_organization(organization.id, list)?);
            }
        }
        let logins: BTreeMap<UserId, String> = crm.all_users()?.into_iter().map(|user| (user.id, user.login)).collect();
        let login = |user: Option<UserId>| user.and_then(|user| logins.get(&user).cloned());
        Ok(alerts.into_iter().map(|alert| ShownAlert::of(login(alert.user_id), alert)).collect())
    }

    /// How many open alerts there are of which cause, by organization.
    ///
    /// # Errors
    /// The CRM cannot be read.
    pub fn alert_summaries(&self) -> Result<Vec<OrganizationSummary>, CrmError> {
        let mut all = Vec::new();
        for organization in self.crm().organizations()? {
            let summaries = self.crm().summarize_alerts(organization.id)?;
            let of = |summary| OrganizationSummary { organization: organization.name.clone(), summary };
            all.extend(summaries.into_iter().map(of));
        }
        Ok(all)
    }
}

impl ShownAlert {
    /// An alert of the user with this login.
    pub fn of(user: Option<String>, alert: Alert) -> Self {
        Self { user, resolved: alert.resolved_at.is_some(), releasable: is_releasable(&alert), alert }
    }
}
