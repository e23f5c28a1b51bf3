//! Permissions: which are asked for, and which are missing.
//!
//! All are delegated permissions of one resource, Microsoft Graph, because one
//! token request serves one resource
//! (learn.microsoft.com/graph/permissions-reference).

use crate::settings::{EffectiveSettings, Feature};

/// Signs the user in.
pub const OPENID: &str = "openid";
/// Name and directory of the user.
pub const PROFILE: &str = "profile";
/// Address of the user.
pub const EMAIL: &str = "email";
/// A refresh token.
pub const OFFLINE_ACCESS: &str = "offline_access";
/// `/me`.
pub const USER_READ: &str = "User.Read";
/// The user's own calendar.
pub const CALENDARS_READ_WRITE: &str = "Calendars.ReadWrite";
/// The user's own task lists.
pub const TASKS_READ_WRITE: &str = "Tasks.ReadWrite";
/// The time zone of the user's mailbox.
pub const MAILBOX_SETTINGS_READ: &str = "MailboxSettings.Read";

/// How Graph's permissions are written in full.
const GRAPH_RESOURCE: &str = "https://graph.microsoft.com/";

/// Permissions of the sign-in itself, which are no one's to withhold.
const SIGN_IN: [&str; 4] = [OPENID, PROFILE, EMAIL, OFFLINE_ACCESS];

/// The permission that a feature cannot do without; none where this version
/// does nothing for it.
pub const fn needed_by(feature: Feature) -> Option<&'static str> {
    match feature {
        Feature::Calendar => Some(CALENDARS_READ_WRITE),
        Feature::Tasks => Some(TASKS_READ_WRITE),
        Feature::Mail => None,
    }
}

/// A permission that a feature is better with, and works without.
pub const fn useful_to(feature: Feature) -> Option<&'static str> {
    match feature {
        // Without it the CRM's zone stands in for the mailbox's.
        Feature::Tasks => Some(MAILBOX_SETTINGS_READ),
        Feature::Calendar | Feature::Mail => None,
    }
}

/// What is asked of Graph for this user, and what an administrator is asked to
/// consent to: what the enabled features use, no more. Where nothing is enabled
/// yet it is the calendar's, so that an account can be connected before the
/// first switch.
pub fn asked(settings: &EffectiveSettings) -> Vec<&'static str> {
    let mut features = settings.enabled_features();
    if features.is_empty() {
        features.push(Feature::Calendar);
    }
    let used = features.into_iter().flat_map(|feature| [needed_by(feature), useful_to(feature)]);
    std::iter::once(USER_READ).chain(used.flatten()).collect()
}

/// The `scope` of a request for these permissions of Graph.
pub fn request<'a>(permissions: impl IntoIterator<Item = &'a str>) -> String {
    let mut names = SIGN_IN.to_vec();
    for name in permissions {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name);
        }
    }
    names.join(" ")
}

/// What `granted` lacks for what is enabled.
pub fn missing(settings: &EffectiveSettings, granted: &[String]) -> Vec<String> {
    settings.enabled_features().into_iter().flat_map(|feature| missing_for(feature, granted)).collect()
}

/// What `granted` lacks for one feature.
pub fn missing_for(feature: Feature, granted: &[String]) -> Vec<String> {
    needed_by(feature).filter(|needed| !is_granted(needed, granted)).map(str::to_owned).into_iter().collect()
}

/// Whether `granted` holds a permission.
pub fn is_granted(name: &str, granted: &[String]) -> bool {
    granted.iter().any(|scope| scope.eq_ignore_ascii_case(name))
}

/// Reads a `scope` parameter: separated by spaces, Graph's in short or in full.
pub fn parse(scope: &str) -> Vec<String> {
    let short = |name: &str| name.strip_prefix(GRAPH_RESOURCE).unwrap_or(name).to_owned();
    scope.split_ascii_whitespace().map(short).collect()
}

/// A permission in full, for requests that do not imply Graph.
pub fn in_full(name: &str) -> String {
    format!("{GRAPH_RESOURCE}{name}")
}
