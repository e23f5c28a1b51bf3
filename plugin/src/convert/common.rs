//! What every call shares: errors, layers, the host's profile.

use std::time::Duration;

use tandem_core::model::{CrmId, CrmVersion, Zone};
use tandem_core::ports::{AppliedWrite, ApplyError, HostError, HostProfile};
use tandem_core::settings::{Layer, Layers, SettingValue};

use crate::bindings::tandem::host::{config, types};

/// Why the host could not serve a call.
pub fn host_error(error: types::HostError) -> HostError {
    match error {
        types::HostError::Unavailable(wait) => HostError::Unavailable(wait.map(Duration::from_millis)),
        types::HostError::AccessDenied => HostError::AccessDenied,
        types::HostError::Other(text) => HostError::Other(text),
    }
}

/// Why no mutation of a call was made.
pub fn apply_error(error: types::ApplyError) -> ApplyError {
    match error {
        types::ApplyError::StaleFence => ApplyError::StaleFence,
        types::ApplyError::Host(error) => ApplyError::Host(host_error(error)),
    }
}

/// What writes have left behind.
pub fn applied_writes(found: Vec<Option<types::AppliedWrite>>) -> Vec<Option<AppliedWrite>> {
    let write =
        |found: types::AppliedWrite| AppliedWrite { id: CrmId::new(found.id), version: CrmVersion::new(found.version) };
    found.into_iter().map(|found| found.map(write)).collect()
}

/// The same on the way back to the host, from an export that reads through it.
pub fn host_error_out(error: HostError) -> types::HostError {
    match error {
        HostError::Unavailable(wait) => {
            types::HostError::Unavailable(wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)))
        }
        HostError::AccessDenied => types::HostError::AccessDenied,
        HostError::Other(text) => types::HostError::Other(text),
        error @ HostError::Unreadable(_) => types::HostError::Other(error.to_string()),
        HostError::Breach(breach) => types::HostError::Other(format!("the host does not keep the contract: {breach}")),
    }
}

/// The stored layers.
pub fn layers(layers: &config::SettingLayers) -> Layers {
    Layers { system: layer(&layers.system), organization: layer(&layers.organization), user: layer(&layers.user) }
}

fn layer(entries: &[config::SettingEntry]) -> Layer {
    entries.iter().map(|entry| (entry.key.clone(), setting_value(entry.value.clone()))).collect()
}

/// A raw value.
pub fn setting_value(value: config::SettingValue) -> SettingValue {
    match value {
        config::SettingValue::Boolean(value) => SettingValue::Boolean(value),
        config::SettingValue::Integer(value) => SettingValue::Integer(value),
        config::SettingValue::Text(value) => SettingValue::Text(value),
        config::SettingValue::None => SettingValue::None,
    }
}

/// A raw value on the way to the host.
pub fn setting_value_out(value: SettingValue) -> config::SettingValue {
    match value {
        SettingValue::Boolean(value) => config::SettingValue::Boolean(value),
        SettingValue::Integer(value) => config::SettingValue::Integer(value),
        SettingValue::Text(value) => config::SettingValue::Text(value),
        SettingValue::None => config::SettingValue::None,
    }
}

/// The host's description of itself and of the user.
pub fn profile(profile: config::HostProfile) -> HostProfile {
    HostProfile {
        product_name: profile.product_name,
        redirect_uri: profile.redirect_uri,
        login_url: profile.login_url.trim_end_matches('/').to_owned(),
        graph_url: profile.graph_url.trim_end_matches('/').to_owned(),
        user_address: profile.user_address,
        user_zone: profile.user_zone.parse().unwrap_or(Zone::UTC),
    }
}
