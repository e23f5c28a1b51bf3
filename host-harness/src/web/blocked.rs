//! Why nothing can be done for a user, as it is said to whoever reads it: to the user in
//! person, or to an administrator about the user. Programs and the command line have
//! [`Blocked::sentence`].

use serde::Serialize;

use super::account::{account_page, settings_page};
use super::banner::alerts_of;
use super::first_sync;
use super::reader::Reader;
use super::remedy::{Remedy, application_hint};
use super::viewer::Viewer;
use crate::app::{AppError, Blocked, StatusRow, WaitsFor};
use crate::crm::users::User;

/// Where something is seen to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    /// The page.
    pub href: String,
    /// The words that lead there.
    pub label: &'static str,
}

/// What it means and what to do about it, for who reads it.
pub fn sentence(reason: Blocked, reader: Reader) -> &'static str {
    match reason {
        Blocked::Disabled if reader.is_own => {
            "This resource is not enabled for you. Enable it in your settings; in the system configuration it has to be \
             on, too."
        }
        Blocked::NotConnected if reader.is_own => "No Microsoft account is connected. Connect one in your settings.",
        Blocked::NotConfigured => application_hint(reader.administrator),
        _ => reason.sentence(),
    }
}

/// What a resource waits for, and what to do about it, as its row says it; nothing where it
/// waits for nothing.
pub fn explanation(row: &StatusRow, viewer: &Viewer) -> Option<String> {
    match row.waits_for? {
        WaitsFor::Change(reason @ (Blocked::NotConnected | Blocked::NotConfigured)) => {
            Some(sentence(reason, Reader::of(viewer, row.user_id)).to_owned())
        }
        WaitsFor::Wait(_) | WaitsFor::Account(_) | WaitsFor::Change(_) => row.explanation.clone(),
    }
}

/// Where the viewer sees to it for a user; none where there is no such page, or it is
/// not theirs to do.
pub fn link(reason: Blocked, viewer: &Viewer, user: &User) -> Option<Link> {
    let (href, label) = match reason {
        Blocked::NotConnected | Blocked::Parked | Blocked::MissingPermission => {
            (account_page(viewer, user.id), "Microsoft Account")
        }
        Blocked::Disabled => (settings_page(viewer, user.id), settings_label(viewer, user)),
        Blocked::FirstSync => (first_sync::page_of(viewer, user), "Preview"),
        Blocked::GuardRail => (alerts_of(viewer, user), "Alerts"),
        Blocked::NotConfigured => {
            let Remedy { href, label, .. } = Remedy::for_application(viewer);
            return href.map(|href| Link { href, label });
        }
        Blocked::StaleFence => (format!("/status/{}", user.id), "Status"),
        Blocked::NotOffered => return None,
    };
    Some(Link { href, label })
}

/// What the settings of a user are called for the viewer.
pub fn settings_label(viewer: &Viewer, user: &User) -> &'static str {
    if viewer.user.id == user.id { "My Configuration" } else { "User Configuration" }
}

/// Why something did not take place, for who reads it.
pub fn sentence_of(error: &AppError, reader: Reader) -> String {
    match error {
        AppError::Blocked(reason) => sentence(*reason, reader).to_owned(),
        AppError::Plugin(_) | AppError::Crm(_) | AppError::Waiting { .. } | AppError::Unavailable { .. } => {
            super::error::sentence(error, error.hint())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_reads_of_themself_is_addressed_and_of_somebody_else_the_user_is_named() {
        let own = Reader { is_own: true, administrator: false };
        let administrator = Reader { is_own: false, administrator: true };
        for reason in [Blocked::Disabled, Blocked::NotConnected] {
            let (own, other) = (sentence(reason, own), sentence(reason, administrator));
            assert!(own.contains("in your settings") && !own.contains("the user"), "{own}");
            assert!(other.contains("the user") && !other.contains("your"), "{other}");
        }
        assert!(sentence(Blocked::NotConfigured, own).contains("An administrator has to fill in"));
        assert!(sentence(Blocked::NotConfigured, administrator).contains(". Fill in the Azure"));
        assert_eq!(sentence(Blocked::NotOffered, own), Blocked::NotOffered.sentence());
    }
}
