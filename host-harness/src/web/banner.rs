//! What the page of a resource says above everything else, as long as the resource
//! is not kept in step: that it is off, what its account lacks, what stopped it.

use serde::Serialize;

use super::Web;
use super::account_view::parked_sentence;
use super::error::PageError;
use super::items::about;
use crate::app::{Blocked, Resource};
use crate::crm::notices::AlertList;
use crate::crm::users::User;

/// Alerts named above a page. Whoever has more reads them on their own page.
const ALERTS_SHOWN_MAX: usize = 3;

/// One thing to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Banner {
    /// What is the matter.
    pub text: String,
    /// What to do.
    pub hint: String,
    /// Where that is done.
    pub href: &'static str,
    /// The words that lead there.
    pub label: &'static str,
}

/// What there is to know of a resource of a user.
pub async fn of(web: &Web, user: &User, resource: Resource) -> Result<Vec<Banner>, PageError> {
    let account = web.app.account(user.id).await?;
    if !web.app.is_enabled(user.id, resource).await? {
        let text = format!("{} are not synchronised.", plural(resource));
        let hint = Blocked::Disabled.sentence().to_owned();
        return Ok(vec![Banner { text, hint, href: "/configuration/my", label: "My Configuration" }]);
    }
    let Some(account) = account else {
        let text = format!("{} are not synchronised.", plural(resource));
        let hint = Blocked::NotConnected.sentence().to_owned();
        return Ok(vec![Banner { text, hint, href: "/configuration/my#microsoft-account", label: "Connect" }]);
    };
    let mut banners = Vec::new();
    if let Some(reason) = account.parked {
        let text = format!("{} wait until somebody acts.", plural(resource));
        let hint = parked_sentence(reason).to_owned();
        banners.push(Banner { text, hint, href: "/configuration/my#microsoft-account", label: "Connect again" });
    }
    let alerts = web.app.crm().alerts_of_user(user.id, AlertList::Open)?;
    let of_resource = alerts.into_iter().filter(|alert| alert.resource == about(resource) && alert.is_of_run());
    banners.extend(of_resource.take(ALERTS_SHOWN_MAX).map(|alert| Banner {
        text: alert.message,
        hint: alert.hint,
        href: "/alerts",
        label: "Alerts",
    }));
    Ok(banners)
}

const fn plural(resource: Resource) -> &'static str {
    match resource {
        Resource::Calendar => "Calendar events",
        Resource::Tasks => "Tasks",
        Resource::Mail => "Mails",
    }
}
