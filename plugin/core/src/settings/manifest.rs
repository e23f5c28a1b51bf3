//! What the component is, and what it asks for.
//!
//! The shape of `tandem:plugin/manifest`. Depends on nothing but the host's
//! product name.

use crate::account::scope;

use super::{Page, page};

/// A switch of the system level and what it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Feature {
    /// Calendar events.
    Calendar,
    /// Tasks.
    Tasks,
    /// Mail.
    Mail,
}

impl Feature {
    /// All features, in the order in which they are run.
    pub const ALL: [Self; 3] = [Self::Calendar, Self::Tasks, Self::Mail];
}

/// A Microsoft permission that the application registration needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// Its name; delegated.
    pub name: &'static str,
    /// What needs it; none where everything does.
    pub feature: Option<Feature>,
    /// Why, in a sentence.
    pub reason: &'static str,
}

/// What the component is and asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Its name for machines.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// Its own version.
    pub version: &'static str,
    /// The version of the contract that it was built against.
    pub contract_version: &'static str,
    /// The Microsoft permissions it asks for.
    pub permissions: Vec<Permission>,
    /// Host names it must be able to reach by HTTPS, worldwide cloud.
    pub hosts: Vec<&'static str>,
    /// The settings page.
    pub settings: Page,
}

/// The manifest, with labels for a host of this product name.
pub fn manifest(product: &str) -> Manifest {
    Manifest {
        name: "tandem-microsoft-365",
        title: "Tandem for Microsoft 365",
        version: env!("CARGO_PKG_VERSION"),
        contract_version: "0.1.0",
        permissions: vec![
            everywhere(scope::OPENID, "Signs the user in."),
            everywhere(scope::PROFILE, "Tells which directory the user belongs to."),
            everywhere(scope::EMAIL, "Tells the user's address."),
            everywhere(scope::OFFLINE_ACCESS, "Keeps synchronizing while the user is away."),
            everywhere(scope::USER_READ, "Shows which account is connected."),
            Permission {
                name: scope::CALENDARS_READ_WRITE,
                feature: Some(Feature::Calendar),
                reason: "Reads and writes the user's own calendar.",
            },
            Permission {
                name: scope::TASKS_READ_WRITE,
                feature: Some(Feature::Tasks),
                reason: "Reads and writes the user's own task lists.",
            },
            Permission {
                name: scope::MAILBOX_SETTINGS_READ,
                feature: Some(Feature::Tasks),
                reason: "Tells the mailbox's time zone, in which due dates are meant.",
            },
        ],
        hosts: vec!["login.microsoftonline.com", "graph.microsoft.com"],
        settings: page(product),
    }
}

const fn everywhere(name: &'static str, reason: &'static str) -> Permission {
    Permission { name, feature: None, reason }
}
