//! Awkwardness that Microsoft's documentation allows, switched on by tests.
//!
//! Everything here is off at first. Chance comes from the seeded generator of
//! the state, never from here.

use serde::{Deserialize, Serialize};

/// Which national cloud is played. Clouds differ in what they offer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Cloud {
    #[default]
    Global,
    UsGov,
    China,
}

impl Cloud {
    /// Whether `cancelledOccurrences` and `exceptionOccurrences` exist.
    pub fn lists_changed_occurrences(self) -> bool {
        match self {
            Self::Global | Self::China => true,
            Self::UsGov => false,
        }
    }
}

/// The switches in force.
#[allow(clippy::struct_excessive_bools, reason = "independent switches, not states")]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Behaviour {
    /// Upper bound of a page, whatever the client asks for.
    pub page_size_max: Option<usize>,
    /// Delta rounds contain pages without items, about one page in three.
    pub empty_pages: bool,
    /// Delta pages repeat an item now and then, about one page in two.
    pub replay: bool,
    /// Changes show in delta rounds only after this time, in seconds.
    pub delta_lag_seconds: Option<u32>,
    /// The change key moves by itself this long after a create, in seconds.
    pub change_key_bump_seconds: Option<u32>,
    /// Requests in progress at one time before 429 is answered.
    pub concurrency_max: Option<usize>,
    /// Requests on items without `Prefer: IdType="ImmutableId"` are refused.
    pub require_immutable_id: bool,
    /// The national cloud that is played.
    pub cloud: Cloud,
    /// A refresh token ends with its first use.
    pub refresh_rotation_strict: bool,
}

/// A change of the switches: what is absent stays, `null` switches off.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[allow(clippy::option_option, reason = "absent and null mean different things here")]
pub(crate) struct BehaviourChange {
    #[serde(deserialize_with = "present")]
    page_size_max: Option<Option<usize>>,
    #[serde(deserialize_with = "present")]
    empty_pages: Option<Option<bool>>,
    #[serde(deserialize_with = "present")]
    replay: Option<Option<bool>>,
    #[serde(deserialize_with = "present")]
    delta_lag_seconds: Option<Option<u32>>,
    #[serde(deserialize_with = "present")]
    change_key_bump_seconds: Option<Option<u32>>,
    #[serde(deserialize_with = "present")]
    concurrency_max: Option<Option<usize>>,
    #[serde(deserialize_with = "present")]
    require_immutable_id: Option<Option<bool>>,
    #[serde(deserialize_with = "present")]
    cloud: Option<Option<Cloud>>,
    #[serde(deserialize_with = "present")]
    refresh_rotation_strict: Option<Option<bool>>,
}

#[allow(clippy::option_option, reason = "absent and null mean different things here")]
fn present<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

impl Behaviour {
    /// Applies a change.
    pub fn apply(&mut self, change: &BehaviourChange) {
        if let Some(value) = change.page_size_max {
            self.page_size_max = value.filter(|size| *size > 0);
        }
        if let Some(value) = change.empty_pages {
            self.empty_pages = value.unwrap_or_default();
        }
        if let Some(value) = change.replay {
            self.replay = value.unwrap_or_default();
        }
        if let Some(value) = change.delta_lag_seconds {
            self.delta_lag_seconds = value;
        }
        if let Some(value) = change.change_key_bump_seconds {
            self.change_key_bump_seconds = value;
        }
        if let Some(value) = change.concurrency_max {
            self.concurrency_max = value.filter(|count| *count > 0);
        }
        if let Some(value) = change.require_immutable_id {
            self.require_immutable_id = value.unwrap_or_default();
        }
        if let Some(value) = change.cloud {
            self.cloud = value.unwrap_or_default();
        }
        if let Some(value) = change.refresh_rotation_strict {
            self.refresh_rotation_strict = value.unwrap_or_default();
        }
    }
}
