//! What an application may do for nobody: its application permissions, and which
//! of them an administrator has granted (entra/identity-platform/v2-oauth2-client-creds-grant-flow,
//! entra/identity-platform/permissions-consent-overview).
//!
//! A permission of this kind is a role of the application, and no user can grant
//! one. A registration lists them by themselves; they wait then for the consent of
//! an administrator. One that lists all its permissions together is of an
//! application that was set up already: those that can be roles are, and are
//! granted, unless it says that an administrator is needed.

use serde::{Deserialize, Serialize};

use super::authorize::needs_admin;
use crate::graph::model::App;
use crate::graph::permissions;

/// The roles of an application.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Roles {
    /// Those that it is registered for.
    pub registered: Vec<String>,
    /// Those that an administrator has granted.
    pub granted: Vec<String>,
}

impl Roles {
    /// Roles that wait for an administrator. Answers the name that is none.
    pub fn waiting(names: &[String]) -> Result<Self, String> {
        let spelled = names.iter().map(|name| permissions::role(name).map(str::to_owned).ok_or_else(|| name.clone()));
        Ok(Self { registered: spelled.collect::<Result<_, _>>()?, granted: Vec::new() })
    }

    /// Those of a list of permissions of both kinds.
    pub fn among(names: &[String]) -> Self {
        let registered = names.iter().filter_map(|name| permissions::role(name)).map(str::to_owned).collect();
        Self { registered, granted: Vec::new() }
    }

    /// The same, all of them granted.
    pub fn granted(self) -> Self {
        Self { granted: self.registered.clone(), ..self }
    }
}

impl App {
    /// Its roles. A registration from before there were any has them as one that
    /// lists all its permissions together.
    pub fn roles(&self) -> Roles {
        self.roles.clone().unwrap_or_else(|| {
            let registered = Roles::among(&self.permissions);
            if needs_admin(self) { registered } else { registered.granted() }
        })
    }

    /// Takes the consent of an administrator to all roles.
    pub fn grant_roles(&mut self) {
        self.roles = Some(self.roles().granted());
    }
}
