//! Settings, and what the host says about itself.

use crate::model::Zone;
use crate::settings::Layers;

use super::HostError;

/// What the host says about itself and the user (`tandem:host/config`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostProfile {
    /// The product's name.
    pub product_name: String,
    /// Redirect URI, to the letter.
    pub redirect_uri: String,
    /// Login endpoints: scheme and authority, no slash at the end.
    pub login_url: String,
    /// Graph: scheme, authority and version, no slash at the end.
    pub graph_url: String,
    /// The user's address.
    pub user_address: Option<String>,
    /// The user's zone; UTC where the host's name is unknown.
    pub user_zone: Zone,
}

/// Settings and profile.
pub trait Config {
    /// The stored layers.
    fn layers(&mut self) -> Result<Layers, HostError>;
    /// The profile.
    fn profile(&mut self) -> Result<HostProfile, HostError>;
}
