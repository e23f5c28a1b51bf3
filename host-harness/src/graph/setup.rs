//! Fills the tenant: mailboxes, applications, tokens for tests.
//!
//! Used by the management interface and by the harness itself.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use thiserror::Error;

use super::api::calendars;
use super::calendar::group;
use super::calendar::instance::{Window, in_window, instants};
use super::calendar::output::{self, View};
use super::ids::{self, IdForm};
use super::login::certificate::Certificate;
use super::login::grants::Subject;
use super::login::issue::{self, Content};
use super::login::roles::Roles;
use super::login::scopes;
use super::login::secret::Secret;
use super::login::sign_in::SignInRule;
use super::mail::folders;
use super::model::{App, Audience, Mailbox, MailboxNo};
use super::permissions;
use super::settings::Settings;
use super::state::State;
use super::todo::model::Task;
use super::todo::output::Relations;
use super::todo::{self, lists};
use super::zones;

/// A user with a mailbox to be made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewMailbox {
    /// Address and sign-in name.
    pub user_principal_name: String,
    /// The name people see.
    pub display_name: String,
    /// A Windows or IANA name.
    pub time_zone: String,
    /// Asked for on the sign-in page, if there is one.
    pub password: Option<String>,
}

impl std::fmt::Debug for NewMailbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewMailbox")
            .field("user_principal_name", &self.user_principal_name)
            .field("display_name", &self.display_name)
            .field("time_zone", &self.time_zone)
            .finish_non_exhaustive()
    }
}

/// An application to be registered.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewApp {
    /// The application's id.
    pub client_id: String,
    /// Absent for a public client.
    pub client_secret: Option<String>,
    /// The tenant's id or one of its domains; it becomes a name of the tenant.
    pub tenant: String,
    /// Where sign-in may lead back to.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// Where sign-in of a single-page application may lead back to.
    #[serde(default)]
    pub spa_redirect_uris: Vec<String>,
    /// The certificates that it signs with, each in PEM or as DER in base64.
    #[serde(default)]
    pub certificates: Vec<String>,
    /// Whose users it is for; those of any tenant unless it says otherwise.
    #[serde(default)]
    pub sign_in_audience: Audience,
    /// Permission names, such as `Calendars.ReadWrite`.
    pub permissions: Vec<String>,
    /// Permissions of the application itself, which an administrator has to
    /// grant. Where they are absent, those of `permissions` that can be such are,
    /// and are granted.
    #[serde(default)]
    pub application_permissions: Option<Vec<String>>,
    /// Whether users cannot consent on their own.
    #[serde(default)]
    pub admin_consent_required: bool,
    /// Whether an administrator has consented to everything already.
    #[serde(default)]
    pub admin_consented: bool,
}

impl std::fmt::Debug for NewApp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewApp")
            .field("client_id", &self.client_id)
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}

/// Why the tenant cannot be filled that way.
#[derive(Debug, Error)]
pub enum SetupError {
    /// The name is not an address.
    #[error("expected an address such as `name@domain`, but found `{0}`")]
    NotAnAddress(String),
    /// There is a mailbox with this name.
    #[error("the mailbox `{0}` exists already")]
    MailboxExists(String),
    /// There is no mailbox with this name.
    #[error("no mailbox `{0}`")]
    NoMailbox(String),
    /// The zone has neither a Windows nor an IANA name.
    #[error("expected a Windows or IANA time zone, but found `{0}`")]
    UnknownTimeZone(String),
    /// The application's id is empty.
    #[error("expected a client id, but found an empty one")]
    NoClientId,
    /// A certificate cannot be read, or has no RSA key.
    #[error("expected a certificate with an RSA key, in PEM or as DER in base64, but found something else")]
    NotACertificate,
    /// Users alone can grant a permission of this name, or nobody can.
    #[error(
        "expected an application permission of Microsoft Graph, but found `{0}`; \
         one that is in the permissions reference and not known here has no effect here: leave it out"
    )]
    NotARole(String),
    /// Nobody can grant a permission of this name.
    #[error(
        "expected a permission of Microsoft Graph, but found `{0}`; \
         one that is in the permissions reference and not known here has no effect here: leave it out"
    )]
    NotAPermission(String),
    /// No token could be signed.
    #[error("the token signing key is not available")]
    NoKey,
}

impl SetupError {
    /// How the management interface answers it.
    pub(crate) fn status_and_code(&self) -> (u16, &'static str) {
        match self {
            Self::NotAnAddress(_)
            | Self::UnknownTimeZone(_)
            | Self::NoClientId
            | Self::NotACertificate
            | Self::NotARole(_)
            | Self::NotAPermission(_) => (400, "invalidValue"),
            Self::MailboxExists(_) => (409, "exists"),
            Self::NoMailbox(_) => (404, "notFound"),
            Self::NoKey => (500, "noKey"),
        }
    }
}

/// The client id under which tokens for tests are issued.
const TEST_CLIENT: &str = "00000000-0000-0000-0000-000000000001";

/// Creates a user with a mailbox, a default calendar and the built-in task
/// lists and mail folders.
pub(crate) fn create_mailbox(state: &mut State, new: NewMailbox) -> Result<Value, SetupError> {
    let name = new.user_principal_name.trim().to_owned();
    let domain = name.split_once('@').filter(|(local, domain)| !local.is_empty() && !domain.is_empty());
    let domain = domain.map(|(_, domain)| domain.to_owned()).ok_or_else(|| SetupError::NotAnAddress(name.clone()))?;
    if state.mailbox_named(&name).is_some() {
        return Err(SetupError::MailboxExists(name));
    }
    if zones::resolve(&new.time_zone).is_none() {
        return Err(SetupError::UnknownTimeZone(new.time_zone));
    }
    state.meta.tenant.add_name(&domain);
    let number = MailboxNo(state.next_number());
    let mut mailbox = Mailbox {
        number,
        object_id: state.guid(),
        user_principal_name: name,
        display_name: new.display_name,
        time_zone: new.time_zone,
        password: new.password.map(Secret::new),
        default_calendar: super::model::CalendarNo(0),
        sign_in: SignInRule::default(),
        settings: Settings::default(),
        categories: None,
    };
    mailbox.default_calendar = calendars::add(state, &mailbox, "Calendar".to_owned());
    lists::add_built_in(state, number);
    folders::add_built_in(state, number);
    group::add_built_in(state, number);
    let written = write(&mailbox, &state.meta.tenant.id);
    state.mailboxes.insert(number, mailbox);
    Ok(written)
}

fn write(mailbox: &Mailbox, tenant: &str) -> Value {
    json!({
        "id": mailbox.object_id,
        "userPrincipalName": mailbox.user_principal_name,
        "displayName": mailbox.display_name,
        "timeZone": mailbox.time_zone,
        "tenantId": tenant,
    })
}

/// All mailboxes in the order of their creation.
pub(crate) fn mailboxes(state: &State) -> Vec<Value> {
    state.mailboxes.values().map(|mailbox| write(mailbox, &state.meta.tenant.id)).collect()
}

/// The mailbox of a user name.
pub(crate) fn find_mailbox<'a>(state: &'a State, name: &str) -> Result<&'a Mailbox, SetupError> {
    state.mailbox_named(name).ok_or_else(|| SetupError::NoMailbox(name.to_owned()))
}

/// Registers an application, or replaces its registration.
pub(crate) fn register_app(state: &mut State, new: NewApp) -> Result<Value, SetupError> {
    if new.client_id.trim().is_empty() {
        return Err(SetupError::NoClientId);
    }
    let certificates: Option<Vec<Certificate>> = new.certificates.iter().map(|text| Certificate::read(text)).collect();
    let certificates = certificates.ok_or(SetupError::NotACertificate)?;
    require_known(&new.permissions)?;
    let roles = roles(&new)?;
    // The first registration under a GUID decides the tenant's id, so that a
    // test knows it beforehand.
    let is_guid = new.tenant.len() == 36 && new.tenant.matches('-').count() == 4;
    if is_guid && state.apps.len() == 0 {
        let former = std::mem::replace(&mut state.meta.tenant.id, new.tenant.to_ascii_lowercase());
        state.meta.tenant.add_name(&former);
    } else if !matches!(new.tenant.as_str(), "common" | "organizations") {
        state.meta.tenant.add_name(&new.tenant);
    }
    let answer = json!({
        "clientId": new.client_id,
        "tenantId": state.meta.tenant.id,
        "redirectUris": new.redirect_uris,
        "permissions": new.permissions,
        "applicationPermissions": roles.registered,
        "grantedApplicationPermissions": roles.granted,
    });
    let app = App {
        client_id: new.client_id.clone(),
        client_secret: new.client_secret.filter(|secret| !secret.is_empty()).map(Secret::new),
        secret_expired: false,
        tenant: new.tenant,
        redirect_uris: new.redirect_uris,
        permissions: new.permissions,
        admin_consent_required: new.admin_consent_required,
        admin_consented: new.admin_consented,
        audience: new.sign_in_audience,
        spa_redirect_uris: new.spa_redirect_uris,
        certificates,
        roles: Some(roles),
    };
    state.apps.insert(new.client_id, app);
    Ok(answer)
}

/// Refuses names of permissions that Graph has not, as far as is known here.
fn require_known(names: &[String]) -> Result<(), SetupError> {
    let is_known =
        |name: &str| scopes::is_openid(name) || permissions::scope(name).is_some() || permissions::role(name).is_some();
    names.iter().find(|name| !is_known(name)).map_or(Ok(()), |name| Err(SetupError::NotAPermission(name.clone())))
}

/// The roles of a registration, and whether they are granted.
fn roles(new: &NewApp) -> Result<Roles, SetupError> {
    let (roles, is_granted) = match &new.application_permissions {
        Some(names) => (Roles::waiting(names).map_err(SetupError::NotARole)?, new.admin_consented),
        None => (Roles::among(&new.permissions), new.admin_consented || !new.admin_consent_required),
    };
    Ok(if is_granted { roles.granted() } else { roles })
}

/// An access token for a mailbox, without any sign-in.
pub(crate) fn issue_token(state: &mut State, user: &str, scopes: &[String]) -> Result<String, SetupError> {
    let mailbox = find_mailbox(state, user)?.number;
    let app = App {
        client_id: TEST_CLIENT.to_owned(),
        client_secret: None,
        secret_expired: false,
        tenant: String::new(),
        redirect_uris: Vec::new(),
        permissions: Vec::new(),
        admin_consent_required: false,
        admin_consented: true,
        audience: Audience::default(),
        spa_redirect_uris: Vec::new(),
        certificates: Vec::new(),
        roles: None,
    };
    let of_sign_in = scopes::of_sign_in(scopes);
    let content = Content { of_sign_in, ..Content::plain(Subject::User(mailbox), scopes::permissions(scopes)) };
    let issued = issue::access_token(state, &app, content);
    issued.map(|(token, _)| token).map_err(|_| SetupError::NoKey)
}

/// The tasks of all lists of a mailbox, as Graph tasks with their links and with
/// dates on the days of the mailbox's zone, each with the name of its list.
pub(crate) fn tasks(state: &State, user: &str) -> Result<Vec<(String, Value)>, SetupError> {
    let mailbox = find_mailbox(state, user)?;
    let zone = zones::resolve(&mailbox.time_zone).unwrap_or(Tz::UTC);
    let view = View { zone, zone_name: mailbox.time_zone.clone(), ..View::plain() };
    let relations = Relations { linked_resources: true, ..Relations::default() };
    let lists = state.task_lists_of(mailbox.number);
    let tasks =
        lists.flat_map(|list| state.tasks_of(mailbox.number, list.number).map(move |task| (list.name.as_str(), task)));
    let written =
        |(list, task): (&str, &Task)| (list.to_owned(), Value::Object(todo::output::task(task, &view, relations)));
    Ok(tasks.map(written).collect())
}

/// An event as those see it who ask with `Prefer: IdType="ImmutableId"`, in UTC.
fn lasting() -> View {
    View { form: IdForm::Immutable, ..View::plain() }
}

/// What the default calendar of a mailbox shows in a range, earliest first,
/// as Graph events in UTC with immutable ids.
pub(crate) fn calendar_view(
    state: &State,
    user: &str,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
) -> Result<Vec<Value>, SetupError> {
    let mailbox = find_mailbox(state, user)?;
    let window = Window { start, end };
    let events = state.events_of(mailbox.number, Some(mailbox.default_calendar));
    let mut instances: Vec<_> = events.flat_map(|event| in_window(event, window)).collect();
    instances.sort_by_key(|instance| instants(&instance.span).start);
    Ok(instances.iter().map(|instance| Value::Object(output::full(instance, &lasting()))).collect())
}

/// What a mailbox shows of one event or series in a range, in whatever calendar it is;
/// none where there is no such event.
pub(crate) fn event_view(
    state: &State,
    user: &str,
    id: &str,
    (start, end): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Option<Vec<Value>>, SetupError> {
    let mailbox = find_mailbox(state, user)?;
    let Some(item) = ids::parse_item_id(id) else { return Ok(None) };
    let event = state.events.get(&item.event).filter(|event| event.mailbox == mailbox.number);
    let shown = event.map(|event| in_window(event, Window { start, end }));
    Ok(shown.map(|shown| shown.iter().map(|instance| Value::Object(output::full(instance, &lasting()))).collect()))
}
