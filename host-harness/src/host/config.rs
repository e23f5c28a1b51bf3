//! `tandem:host/config`: stored settings as they are, and the CRM's description
//! of itself.
//!
//! No level is put over another one here. Next: [`super::storage`].

use tandem_runtime::StoreState;
use wasmtime::component::Linker;

use super::bindings::tandem::host::config;
use super::context::{CallContext, Host, HostView, host_error, view};
use super::types::{HostError, SettingEntry, SettingLayers, SettingValue};
use crate::crm::Crm;
use crate::crm::config::{ConfigLayers, ConfigRows, ConfigValue};

/// What stands for a stored secret in a layer: that there is one.
const SECRET_IS_STORED: &str = "stored";

impl config::Host for HostView<'_> {
    async fn layers(&mut self) -> wasmtime::Result<Result<SettingLayers, HostError>> {
        let layers = self.serve(Crm::config_layers).await?;
        Ok(layers.and_then(|layers| match layers {
            Ok(layers) => Ok(self.context.liar.layers(layers_of(&layers))),
            Err(error) => Err(host_error(&error)),
        }))
    }

    async fn profile(&mut self) -> wasmtime::Result<Result<config::HostProfile, HostError>> {
        let user = self.serve(|crm, scope| scope.user.map(|user| crm.user(user)).transpose()).await?;
        let facts = &self.context.facts;
        Ok(user.and_then(|user| {
            let user = user.map_err(|error| host_error(&error))?;
            let profile = config::HostProfile {
                product_name: facts.product_name.clone(),
                redirect_uri: facts.redirect_uri.clone(),
                login_url: facts.login_url.clone(),
                graph_url: facts.graph_url.clone(),
                user_address: user.as_ref().map(|user| user.email.clone()),
                user_zone: user.map_or("UTC", |user| user.time_zone.name()).to_owned(),
            };
            Ok(self.context.liar.profile(profile))
        }))
    }
}

/// The levels in the contract's types.
pub(crate) fn layers_of(layers: &ConfigLayers) -> SettingLayers {
    SettingLayers {
        system: entries_of(&layers.system),
        organization: entries_of(&layers.organization),
        user: entries_of(&layers.user),
    }
}

fn entries_of(rows: &ConfigRows) -> Vec<SettingEntry> {
    rows.iter().map(|(key, row)| SettingEntry { key: key.clone(), value: value_of(&row.value) }).collect()
}

fn value_of(value: &ConfigValue) -> SettingValue {
    match value {
        ConfigValue::Secret => SettingValue::Text(SECRET_IS_STORED.to_owned()),
        ConfigValue::Plain(serde_json::Value::Null) => SettingValue::None,
        ConfigValue::Plain(serde_json::Value::Bool(switch)) => SettingValue::Boolean(*switch),
        ConfigValue::Plain(serde_json::Value::String(text)) => SettingValue::Text(text.clone()),
        ConfigValue::Plain(serde_json::Value::Number(number)) => match number.as_i64() {
            Some(number) => SettingValue::Integer(number),
            None => SettingValue::Text(number.to_string()),
        },
        // Nothing that the component stores; it ignores what it cannot use.
        ConfigValue::Plain(other @ (serde_json::Value::Array(_) | serde_json::Value::Object(_))) => {
            SettingValue::Text(other.to_string())
        }
    }
}

/// A value as a row keeps it.
pub(crate) fn json_of(value: &SettingValue) -> serde_json::Value {
    match value {
        SettingValue::Boolean(switch) => (*switch).into(),
        SettingValue::Integer(number) => (*number).into(),
        SettingValue::Text(text) => text.as_str().into(),
        SettingValue::None => serde_json::Value::Null,
    }
}

pub(super) fn add_to_linker(linker: &mut Linker<StoreState<CallContext>>) -> wasmtime::Result<()> {
    config::add_to_linker::<_, Host>(linker, view)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_comes_back_as_it_was_stored() {
        for value in [
            SettingValue::Boolean(true),
            SettingValue::Integer(-7),
            SettingValue::Text("both".to_owned()),
            SettingValue::None,
        ] {
            assert_eq!(value_of(&ConfigValue::Plain(json_of(&value))), value);
        }
    }

    #[test]
    fn of_a_secret_only_its_presence_is_seen() {
        assert_eq!(value_of(&ConfigValue::Secret), SettingValue::Text("stored".to_owned()));
    }
}
