//! Who there is: the people of Acme in the CRM, their mailboxes in Microsoft
//! 365, and the application registration that connects both.
//!
//! Next: [`super::connect`].

use crate::app::options::REDIRECT_PATH;
use crate::app::types::{Feature, FieldChange, SettingValue};
use crate::app::{App, SettingsScope};
use crate::crm::users::NewUser;
use crate::graph::{Microsoft, NewApp, NewMailbox};

use super::RESOURCES;
use super::error::DemoError;

/// The company.
pub const COMPANY: &str = "Acme";

/// The application's id in the emulated tenant.
const CLIENT_ID: &str = "6f0a3c52-5d0e-4b8e-9a55-3d1c2f4e7b10";

/// Opens nothing but the emulated tenant.
const CLIENT_SECRET: &str = "secret-of-the-demonstration";

/// The emulated directory.
const TENANT: &str = "0b6cf3ae-8d7c-4a5e-b5f4-2f1de0a9c8d7";

/// Settings that the demonstration changes, by their keys in the manifest.
const CLIENT_ID_KEY: &str = "application.client-id";
const CLIENT_SECRET_KEY: &str = "application.client-secret";
const TENANT_KEY: &str = "application.tenant";

/// A person of the company.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name to sign in with.
    pub login: &'static str,
    /// Address in the CRM and name of the mailbox.
    pub email: &'static str,
    /// The name people see.
    pub name: &'static str,
    /// IANA name.
    pub zone: &'static str,
    /// The same in Outlook's words.
    pub windows_zone: &'static str,
    /// Whether they configure the CRM.
    pub administrator: bool,
}

/// Configures the CRM.
pub const ADMINISTRATOR: Person = Person {
    login: "admin",
    email: "mara.lind@acme.example",
    name: "Mara Lind",
    zone: "Europe/Berlin",
    windows_zone: "W. Europe Standard Time",
    administrator: true,
};

/// Whose calendar is kept in step.
pub const SELLER: Person = Person {
    login: "anna",
    email: "anna.schmidt@acme.example",
    name: "Anna Schmidt",
    zone: "Europe/Berlin",
    windows_zone: "W. Europe Standard Time",
    administrator: false,
};

/// Has a mailbox and has not connected it: for trying that in the browser.
pub const COLLEAGUE: Person = Person {
    login: "james",
    email: "james.carter@acme.example",
    name: "James Carter",
    zone: "America/New_York",
    windows_zone: "Eastern Standard Time",
    administrator: false,
};

/// Everybody.
const PEOPLE: [Person; 3] = [ADMINISTRATOR, SELLER, COLLEAGUE];

/// Makes the people, their mailboxes, the registration and the settings.
pub(super) async fn prepare(app: &App, microsoft: &Microsoft) -> Result<(), DemoError> {
    for person in PEOPLE {
        app.crm().create_user(&NewUser {
            login: person.login.to_owned(),
            email: person.email.to_owned(),
            display_name: person.name.to_owned(),
            organization: COMPANY.to_owned(),
            time_zone: person.zone.to_owned(),
            administrator: person.administrator,
        })?;
    }
    // The first registration names the tenant, so it comes before mailboxes.
    register(app, microsoft).await?;
    for person in PEOPLE {
        microsoft.create_mailbox(NewMailbox {
            user_principal_name: person.email.to_owned(),
            display_name: person.name.to_owned(),
            time_zone: person.windows_zone.to_owned(),
            password: None,
        })?;
    }
    save_settings(app).await
}

/// Registers the application again where the CRM uses it, because the CRM's
/// address, and with it the redirect URI, may be another one at each start.
///
/// # Errors
/// The component does not answer, or the tenant refuses.
pub async fn renew_registration(app: &App) -> Result<(), DemoError> {
    let Some(microsoft) = app.microsoft() else { return Ok(()) };
    let effective = app.resolve(&SettingsScope::System).await?;
    let is_ours = effective.iter().any(|setting| {
        setting.key == CLIENT_ID_KEY && matches!(&setting.value, SettingValue::Text(id) if id == CLIENT_ID)
    });
    if is_ours {
        register(app, microsoft).await?;
    }
    Ok(())
}

/// Registers the application with the permissions that the component asks for
/// to synchronise calendars and tasks.
async fn register(app: &App, microsoft: &Microsoft) -> Result<(), DemoError> {
    let permissions = app.manifest().await?.permissions.into_iter();
    let needed = permissions.filter(|permission| match permission.feature {
        None | Some(Feature::Calendar | Feature::Tasks) => true,
        Some(Feature::Mail) => false,
    });
    let redirect_uri = format!("{}{REDIRECT_PATH}", app.options().crm_url.trim_end_matches('/'));
    microsoft.register_app(NewApp {
        client_id: CLIENT_ID.to_owned(),
        client_secret: Some(CLIENT_SECRET.to_owned()),
        tenant: TENANT.to_owned(),
        redirect_uris: vec![redirect_uri],
        permissions: needed.map(|permission| permission.name).collect(),
        ..NewApp::default()
    })?;
    Ok(())
}

/// Saves what an administrator would type, through the component's validation.
async fn save_settings(app: &App) -> Result<(), DemoError> {
    let text = |text: &str| SettingValue::Text(text.to_owned());
    let application =
        [(CLIENT_ID_KEY, text(CLIENT_ID)), (CLIENT_SECRET_KEY, text(CLIENT_SECRET)), (TENANT_KEY, text(TENANT))];
    let features = RESOURCES.into_iter().map(|resource| (resource.feature_key(), SettingValue::Boolean(true)));
    let change = |(key, value): (&str, SettingValue)| FieldChange { key: key.to_owned(), value, use_parent: false };
    let changes = application.into_iter().chain(features).map(change).collect();
    app.save(&SettingsScope::System, changes).await.map_err(DemoError::Settings)?;
    Ok(())
}
