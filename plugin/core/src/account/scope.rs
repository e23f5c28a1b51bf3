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

/// How Graph's permissions are written in full.
const GRAPH_RESOURCE: &str = "https://graph.microsoft.com/";

/// What is asked of every user, whatever is enabled now: a feature that is
/// enabled later then needs no second consent.
pub const REQUESTED: [&str; 6] = [OPENID, PROFILE, EMAIL, OFFLINE_ACCESS, USER_READ, CALENDARS_READ_WRITE];

/// What an administrator is asked to consent to for everybody.
pub const CONSENTED: [&str; 2] = [USER_READ, CALENDARS_READ_WRITE];

/// The permission that a feature cannot do without; none where this version
/// does nothing for it.
pub const fn needed_by(feature: Feature) -> Option<&'static str> {
    match feature {
        Feature::Calendar => Some(CALENDARS_READ_WRITE),
        Feature::Tasks | Feature::Mail => None,
    }
}

/// The features that are enabled for the user.
pub fn enabled_features(settings: &EffectiveSettings) -> Vec<Feature> {
    if settings.calendar.enabled { vec![Feature::Calendar] } else { vec![] }
}

/// What `granted` lacks for what is enabled.
pub fn missing(settings: &EffectiveSettings, granted: &[String]) -> Vec<String> {
    enabled_features(settings).into_iter().flat_map(|feature| missing_for(feature, granted)).collect()
}

/// What `granted` lacks for one feature.
pub fn missing_for(feature: Feature, granted: &[String]) -> Vec<String> {
    needed_by(feature)
        .filter(|needed| !granted.iter().any(|scope| scope.eq_ignore_ascii_case(needed)))
        .map(str::to_owned)
        .into_iter()
        .collect()
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
