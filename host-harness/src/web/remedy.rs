//! What whoever reads a page can do about what it says: the same thing is to be done in
//! the system configuration by an administrator, and to be asked for by everybody else.

use super::account::SYSTEM_CONFIGURATION;
use super::viewer::Viewer;

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// What is the matter, and who can do what about it.
    pub hint: String,
    /// Where the viewer does that; none where it is not theirs to do.
    pub href: Option<String>,
    /// The words that lead there.
    pub label: &'static str,
}

impl Remedy {
    /// Something that is done in the system configuration.
    pub fn in_system(viewer: &Viewer, hint: String) -> Self {
        let href = viewer.user.administrator.then(|| SYSTEM_CONFIGURATION.to_owned());
        Self { hint, href, label: "System Configuration" }
    }

    /// For an Azure application that is not filled in: no account works before it is.
    pub fn for_application(viewer: &Viewer) -> Self {
        Self::in_system(viewer, application_hint(viewer.user.administrator).to_owned())
    }
}

/// The same for whoever reads it.
pub fn application_hint(administrator: bool) -> &'static str {
    if administrator {
        "The Azure application is not set up: its ID, its client secret or the tenant is missing. Fill in the Azure Active \
         Directory Application Settings in the system configuration."
    } else {
        "The Azure application is not set up: its ID, its client secret or the tenant is missing. An administrator has to \
         fill in the Azure Active Directory Application Settings in the system configuration."
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_administers_is_told_what_to_do_and_everybody_else_whose_it_is_to_do() {
        assert!(application_hint(true).contains(". Fill in the Azure"));
        assert!(application_hint(false).contains(". An administrator has to fill in the Azure"));
    }
}
