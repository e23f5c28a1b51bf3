//! The application registration and the endpoints, ready for a request.

use crate::ports::{Config, HostError, SecretName, Secrets};
use crate::settings::{ApplicationSettings, EffectiveSettings, Field};

use super::{AuthFailure, Secret, scope};

/// Everything that a request to the login needs to know about us.
#[derive(Clone, Debug)]
pub struct Application {
    /// Application (client) id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// Directory.
    pub tenant: String,
    /// The permissions of Graph that the user's features use.
    pub permissions: Vec<&'static str>,
    /// Where the login is: scheme and authority.
    pub login_url: String,
    /// Where Graph is: scheme, authority and version.
    pub graph_url: String,
    /// Where the browser comes back to.
    pub redirect_uri: String,
}

impl Application {
    /// The application of the settings with the secret from the secret store.
    ///
    /// # Errors
    ///
    /// [`AuthFailure::NotConfigured`] with what is missing (Oro row A5).
    pub fn load(ports: &mut (impl Config + Secrets), settings: &EffectiveSettings) -> Result<Self, AuthFailure> {
        let (client_id, tenant) = require_configured(settings)?;
        let secret = ports.secret(SecretName::ClientSecret).map_err(AuthFailure::Host)?;
        let client_secret = secret
            .map(|(secret, _)| secret)
            .filter(|secret| !secret.is_empty())
            .ok_or_else(|| AuthFailure::NotConfigured(vec![Field::ClientSecret]))?;
        let profile = ports.profile().map_err(AuthFailure::Host)?;
        Ok(Self {
            client_id: client_id.to_owned(),
            client_secret,
            tenant: tenant.to_owned(),
            permissions: scope::asked(settings),
            login_url: profile.login_url,
            graph_url: profile.graph_url,
            redirect_uri: profile.redirect_uri,
        })
    }

    /// The client secret as text, as a form needs it.
    pub fn client_secret_text(&self) -> Result<&str, AuthFailure> {
        self.client_secret.expose_text().ok_or_else(|| {
            AuthFailure::Host(HostError::Other("expected a client secret in UTF-8, but found other bytes".to_owned()))
        })
    }
}

/// Client id and tenant, or what is missing.
pub fn require_configured(settings: &EffectiveSettings) -> Result<(&str, &str), AuthFailure> {
    match &settings.application {
        ApplicationSettings::Complete { client_id, tenant } => Ok((client_id, tenant)),
        ApplicationSettings::Incomplete { missing } => Err(AuthFailure::NotConfigured(missing.clone())),
    }
}
