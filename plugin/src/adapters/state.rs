//! Durable state, secrets and settings.

use tandem_core::account::Secret;
use tandem_core::ports::breach::{about_each, listed};
use tandem_core::ports::{
    CommitError, Config, Entry, Expectation, Fence, HostError, HostProfile, Revision, SecretError, SecretName, Secrets,
    Storage, Write,
};
use tandem_core::settings::Layers;

use super::Host;
use crate::bindings::tandem::host::{config, secrets, storage};
use crate::convert;

impl Storage for Host {
    fn get_many(&mut self, keys: &[String]) -> Result<Vec<Option<Entry>>, HostError> {
        let entries = storage::get_many(keys).map_err(convert::host_error)?;
        let entries = entries.into_iter().map(|entry| entry.map(read_entry)).collect();
        about_each("storage.get-many", keys, entries, |key, entry| entry.key == *key)
    }

    fn list(&mut self, prefix: &str, after: Option<&str>, limit: u32) -> Result<(Vec<Entry>, bool), HostError> {
        let page = storage::list_entries(prefix, after, limit).map_err(convert::host_error)?;
        listed(prefix, after, limit, (page.entries.into_iter().map(read_entry).collect(), page.more))
    }

    fn commit(&mut self, fence: Fence, writes: Vec<Write>) -> Result<(), CommitError> {
        let writes: Vec<storage::Write> = writes
            .into_iter()
            .map(|write| storage::Write { key: write.key, value: write.value, expect: expectation(write.expect) })
            .collect();
        storage::commit(fence.0, &writes).map_err(|error| match error {
            storage::CommitError::StaleFence => CommitError::StaleFence,
            storage::CommitError::ExpectationFailed(key) => CommitError::ExpectationFailed(key),
            storage::CommitError::TooLarge => CommitError::TooLarge,
            storage::CommitError::Host(error) => CommitError::Host(convert::host_error(error)),
        })
    }
}

impl Secrets for Host {
    fn secret(&mut self, name: SecretName) -> Result<Option<(Secret, Revision)>, HostError> {
        let found = secrets::get(secret_name(name)).map_err(convert::host_error)?;
        Ok(found.map(|secret| (Secret::new(secret.value), Revision(secret.revision))))
    }

    fn put_secret(&mut self, name: SecretName, value: Option<Secret>, expect: Expectation) -> Result<(), SecretError> {
        let value = value.as_ref().map(Secret::expose);
        secrets::put(secret_name(name), value, expectation(expect)).map_err(|error| match error {
            secrets::SecretError::ExpectationFailed => SecretError::ExpectationFailed,
            secrets::SecretError::ReadOnly => SecretError::ReadOnly,
            secrets::SecretError::Host(error) => SecretError::Host(convert::host_error(error)),
        })
    }
}

impl Config for Host {
    fn layers(&mut self) -> Result<Layers, HostError> {
        config::layers().map(|layers| convert::layers(&layers)).map_err(convert::host_error)
    }

    fn profile(&mut self) -> Result<HostProfile, HostError> {
        config::profile().map(convert::profile).map_err(convert::host_error)
    }
}

fn read_entry(entry: storage::Entry) -> Entry {
    Entry { key: entry.key, value: entry.value, revision: Revision(entry.revision) }
}

const fn expectation(expect: Expectation) -> storage::Expectation {
    match expect {
        Expectation::Any => storage::Expectation::Any,
        Expectation::Absent => storage::Expectation::Absent,
        Expectation::Revision(revision) => storage::Expectation::Revision(revision.0),
    }
}

const fn secret_name(name: SecretName) -> secrets::SecretName {
    match name {
        SecretName::ClientSecret => secrets::SecretName::ClientSecret,
        SecretName::AccountTokens => secrets::SecretName::AccountTokens,
        SecretName::PendingAuthorization => secrets::SecretName::PendingAuthorization,
    }
}
