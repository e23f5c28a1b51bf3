//! Other applications beside one: on the same data, or on a copy of it.
//! Next: [`super::settings`].

use std::sync::Arc;

use super::emulator::InProcess;
use super::error::StartError;
use super::options::{AppOptions, DataDir};
use super::start::{App, Parts, authority, lock};

impl App {
    /// Another application on the same data, as another process is one: it shares
    /// the CRM and Microsoft with this one, and knows nothing of what this one is
    /// doing.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self::of(self.inner.parts.clone())
    }

    /// A copy of this application as it is now, with clock, CRM and emulator, in
    /// memory. Neither sees what happens to the other one; what is done to both in
    /// the same order leads to the same.
    ///
    /// # Errors
    /// The CRM cannot be read.
    pub fn fork(&self) -> Result<Self, StartError> {
        let Parts { options, crm, microsoft, facts, client_secret_key, manifest, connector } = self.inner.parts.clone();
        let clock = options.clock.fork();
        let crm = crm.fork(clock.clone())?;
        let microsoft = microsoft.map(|microsoft| microsoft.fork(clock.clone()));
        let connector = match &microsoft {
            Some(microsoft) => {
                let login = authority("the login address", &facts.login_url)?;
                connector.over(Arc::new(InProcess::new(login, microsoft.router())))
            }
            None => connector,
        };
        let options = AppOptions { data: DataDir::Memory, clock, ..options };
        let fork = Self::of(Parts { options, crm, microsoft, facts, client_secret_key, manifest, connector });
        lock(&fork.inner.calls).clone_from(&lock(&self.inner.calls));
        Ok(fork)
    }
}
