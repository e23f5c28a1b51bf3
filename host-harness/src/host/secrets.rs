//! `tandem:host/secrets`: what is encrypted at rest.
//!
//! The client secret is a setting of the system level and can only be read.
//! Next: [`super::calendar`].

use tandem_runtime::StoreState;
use wasmtime::component::Linker;

use super::bindings::tandem::host::secrets;
use super::bindings::tandem::host::storage::Expectation;
use super::context::{CallContext, Host, HostView, host_error, view};
use super::storage::expectation_of;
use super::types::HostError;
use crate::crm::config::ConfigLevel;
use crate::crm::secrets::{Secret, SecretBytes, SecretError, SecretName};

/// Where a secret is kept.
enum Place {
    /// In the settings of the system level.
    SystemSetting,
    /// With the scope.
    Scope(SecretName),
}

fn place_of(name: secrets::SecretName) -> Place {
    match name {
        secrets::SecretName::ClientSecret => Place::SystemSetting,
        secrets::SecretName::AccountTokens => Place::Scope(SecretName::AccountTokens),
        secrets::SecretName::PendingAuthorization => Place::Scope(SecretName::PendingAuthorization),
    }
}

impl secrets::Host for HostView<'_> {
    async fn get(&mut self, name: secrets::SecretName) -> wasmtime::Result<Result<Option<secrets::Secret>, HostError>> {
        let key = self.context.client_secret_key.clone();
        let secret = self
            .serve(move |crm, scope| match place_of(name) {
                Place::Scope(name) => crm.secret(scope, name),
                Place::SystemSetting => match key {
                    Some(key) => crm.config_secret(ConfigLevel::System, &key),
                    None => Ok(None),
                },
            })
            .await?;
        Ok(secret.and_then(|secret| match secret {
            Ok(secret) => Ok(secret.as_ref().map(|secret| self.context.liar.secret(secret_of(secret)))),
            Err(error) => Err(host_error(&error)),
        }))
    }

    async fn put(
        &mut self,
        name: secrets::SecretName,
        value: Option<Vec<u8>>,
        expect: Expectation,
    ) -> wasmtime::Result<Result<(), secrets::SecretError>> {
        let name = match place_of(name) {
            Place::Scope(name) => name,
            Place::SystemSetting => {
                self.calls.completed().await?;
                return Ok(Err(secrets::SecretError::ReadOnly));
            }
        };
        let (value, expect) = (value.map(SecretBytes::new), expectation_of(&expect));
        let result = self.serve(move |crm, scope| crm.put_secret(scope, name, value.as_ref(), expect)).await?;
        Ok(match result {
            Ok(result) => result.map_err(|error| secret_error(&error)),
            Err(error) => Err(secrets::SecretError::Host(error)),
        })
    }
}

fn secret_of(secret: &Secret) -> secrets::Secret {
    secrets::Secret { value: secret.value.expose().to_vec(), revision: secret.revision.number() }
}

fn secret_error(error: &SecretError) -> secrets::SecretError {
    match error {
        SecretError::ExpectationFailed => secrets::SecretError::ExpectationFailed,
        SecretError::TooLarge { .. } => secrets::SecretError::Host(HostError::Other("too-large".to_owned())),
        SecretError::Crm(error) => secrets::SecretError::Host(host_error(error)),
    }
}

pub(super) fn add_to_linker(linker: &mut Linker<StoreState<CallContext>>) -> wasmtime::Result<()> {
    secrets::add_to_linker::<_, Host>(linker, view)
}
