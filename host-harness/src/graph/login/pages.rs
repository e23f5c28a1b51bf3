//! The pages of the login service. They need no script and no other file.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::Environment;
use minijinja::value::Serde;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::authorize::Parameters;
use super::refusal::LoginRefusal;
use super::scopes;
use super::sign_in::{SECOND_FACTOR_FIELD, SignInState};
use crate::graph::call::Call;
use crate::graph::model::{App, Mailbox};
use crate::graph::names::same_name;
use crate::graph::reply::Reply;
use crate::graph::site;
use crate::graph::state::State;

/// Form fields that the page adds itself and must not repeat as hidden ones.
const OWN_FIELDS: [&str; 4] = ["user", "password", "decision", SECOND_FACTOR_FIELD];

/// What surrounds all pages, with their style.
const LAYOUT: &str = include_str!("templates/layout.html");

/// Nothing but that style, and no frame around a page. Where forms lead to is left
/// open: a browser asks `form-action` also about the application's address, to
/// which the answer to a form redirects.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = LAYOUT.split_once("<style>").and_then(|(_, behind)| behind.split_once("</style>"));
    let digest = STANDARD.encode(Sha256::digest(style.map(|(style, _)| style).unwrap_or_default()));
    format!("default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'; base-uri 'none'")
});

/// Whether a request is a form of these pages with which somebody decides. A
/// request for a sign-in may be posted as well, by the page of an application.
pub(crate) fn is_form(call: &Call) -> bool {
    call.method == "POST"
        && match call.words().as_slice() {
            [_, "oauth2", "v2.0", "authorize"] => call.form().contains_key("decision"),
            [_, "oauth2", "deviceauth"] | [_, "v2.0", "adminconsent"] | [_, "adminconsent"] => true,
            _ => false,
        }
}

/// What the sign-in page is about.
pub(crate) struct SignIn<'a> {
    pub app: &'a App,
    /// Where the form goes.
    pub action: &'a str,
    pub parameters: &'a Parameters,
    /// What the application would get.
    pub granted: &'a [String],
    /// Why the last attempt failed.
    pub error: Option<&'a str>,
}

#[derive(Serialize)]
struct User<'a> {
    name: &'a str,
    login: &'a str,
    picked: bool,
    has_password: bool,
}

#[derive(Serialize)]
struct Permission {
    name: String,
    meaning: &'static str,
}

/// What a permission means, in the words of a consent page.
fn meaning(permission: &str) -> &'static str {
    match permission.trim_end_matches(".All") {
        "User.Read" => "Sign you in and read your profile",
        "Calendars.Read" => "Read your calendars",
        "Calendars.ReadWrite" => "Have full access to your calendars",
        "Tasks.Read" => "Read your tasks and task lists",
        "Tasks.ReadWrite" => "Create, read, update and delete your tasks and task lists",
        "Mail.Read" => "Read your mail",
        "Mail.ReadWrite" => "Read and write your mail",
        "Mail.Send" => "Send mail as you",
        "MailboxSettings.Read" => "Read your mailbox settings",
        "offline_access" => "Maintain access to data you have given it access to",
        "openid" => "Sign you in",
        "profile" => "View your basic profile",
        "email" => "View your email address",
        _ => "Use this permission of Microsoft Graph",
    }
}

fn permissions(granted: &[String]) -> Vec<Permission> {
    let mut seen = Vec::new();
    let mut list = Vec::new();
    for scope in granted {
        let name = scopes::permission(scope).to_owned();
        if !seen.contains(&name) {
            seen.push(name.clone());
            list.push(Permission { meaning: meaning(&name), name });
        }
    }
    list
}

fn hidden(parameters: &Parameters) -> BTreeMap<&str, &str> {
    let kept = parameters.iter().filter(|(name, _)| !OWN_FIELDS.contains(&name.as_str()));
    kept.map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// The page with the user picker and the consent list. With `needs_admin` it
/// only leads back to the application.
pub(crate) fn sign_in(state: &State, view: &SignIn<'_>, needs_admin: bool) -> Reply {
    let value = |name: &str| view.parameters.get(name).map(String::as_str);
    // Who has to be asked which account it is cannot have it chosen beforehand.
    let hinted = value("login_hint").filter(|_| value("prompt") != Some("select_account"));
    let hint = value("user").or(hinted).unwrap_or_default();
    let shown = shown_users(state, value("domain_hint"));
    let is_alone = shown.len() == 1;
    let asks_second_factor = shown.iter().any(|mailbox| mailbox.sign_in.state == SignInState::MfaRequired);
    let users: Vec<User<'_>> = shown
        .into_iter()
        .map(|mailbox| User {
            name: &mailbox.display_name,
            login: &mailbox.user_principal_name,
            // Nobody is chosen for the person, unless there is only one.
            picked: is_alone || same_name(&mailbox.user_principal_name, hint),
            has_password: mailbox.password.is_some(),
        })
        .collect();
    let asks_password = users.iter().any(|user| user.has_password);
    let content = json!({
        "title": if needs_admin { "Need admin approval" } else { "Sign in and allow access" },
        "app": view.app.client_id,
        "action": view.action,
        "hidden": hidden(view.parameters),
        "permissions": permissions(view.granted),
        "error": view.error,
        "users": users,
        "asks_password": asks_password,
        "asks_second_factor": asks_second_factor,
        "second_factor_field": SECOND_FACTOR_FIELD,
        "needs_admin": needs_admin,
    });
    render(200, "sign_in.html", content)
}

/// The users of a domain, or all where it has none.
fn shown_users<'a>(state: &'a State, domain: Option<&str>) -> Vec<&'a Mailbox> {
    let is_of = |mailbox: &&Mailbox, wanted: &str| {
        let domain = mailbox.user_principal_name.split_once('@').map(|(_, domain)| domain);
        domain.is_some_and(|domain| domain.eq_ignore_ascii_case(wanted))
    };
    let hinted: Vec<&Mailbox> = match domain {
        Some(domain) => state.mailboxes.values().filter(|mailbox| is_of(mailbox, domain)).collect(),
        None => Vec::new(),
    };
    if hinted.is_empty() { state.mailboxes.values().collect() } else { hinted }
}

/// The page on which a user types what a device shows.
pub(crate) fn device(action: &str, error: Option<&str>) -> Reply {
    let content = json!({ "title": "Enter code to allow access", "action": action, "error": error });
    render(200, "device.html", content)
}

/// The page at the end of a device's sign-in.
pub(crate) fn device_done(app: &App, is_accepted: bool) -> Reply {
    let title = if is_accepted { "You have signed in on your device" } else { "You have cancelled the sign-in" };
    let note = format!("You may now close this window and go back to the application {}.", app.client_id);
    render(200, "message.html", json!({ "title": title, "note": note }))
}

/// The page for administrators; `grants_roles` says whether accepting grants what the
/// application may do for nobody.
pub(crate) fn admin_consent(
    state: &State,
    app: &App,
    action: &str,
    parameters: &Parameters,
    grants_roles: bool,
) -> Reply {
    let roles = if grants_roles { app.roles().registered } else { Vec::new() };
    let content = json!({
        "title": "Permissions requested for your organization",
        "app": app.client_id,
        "tenant": state.meta.tenant.names.first().unwrap_or(&state.meta.tenant.id),
        "permissions": permissions(&[app.permissions.clone(), roles].concat()),
        "hidden": hidden(parameters),
        "action": action,
    });
    render(200, "admin_consent.html", content)
}

/// The page for errors that must not be sent to the redirect.
pub(crate) fn refused(state: &mut State, refusal: &LoginRefusal) -> Reply {
    let (trace, correlation) = (state.guid(), state.guid());
    let timestamp = state.now.format("%Y-%m-%d %H:%M:%SZ").to_string();
    let content = json!({
        "title": "Sorry, but we're having trouble signing you in",
        "description": refusal.description(&trace, &correlation, &timestamp),
    });
    render(refusal.status, "message.html", content)
}

/// What `error_uri` leads to.
pub(crate) fn error(number: &str) -> Reply {
    let note =
        format!("AADSTS{number} is explained in Microsoft's list of authentication and authorization error codes.");
    render(200, "message.html", json!({ "title": "Error code", "note": note }))
}

/// The page after signing out.
pub(crate) fn signed_out() -> Reply {
    render(200, "message.html", json!({ "title": "You signed out of your account", "description": "" }))
}

/// The page that posts the answer to the application.
pub(crate) fn form_post(redirect_uri: &str, fields: &[(&'static str, String)]) -> Reply {
    let content = json!({ "title": "Continue to the application", "redirect_uri": redirect_uri, "fields": fields });
    render(200, "form_post.html", content)
}

fn render(status: u16, template: &str, content: Value) -> Reply {
    let page = Reply::html(status, page_text(template, content)).header("cache-control", "no-store".to_owned());
    site::protected(page, &POLICY)
}

fn page_text(template: &str, content: Value) -> String {
    let mut environment = Environment::new();
    let sources = [
        ("layout.html", LAYOUT),
        ("sign_in.html", include_str!("templates/sign_in.html")),
        ("admin_consent.html", include_str!("templates/admin_consent.html")),
        ("device.html", include_str!("templates/device.html")),
        ("message.html", include_str!("templates/message.html")),
        ("form_post.html", include_str!("templates/form_post.html")),
    ];
    let added = sources.into_iter().try_for_each(|(name, source)| environment.add_template(name, source));
    let rendered = added.and_then(|()| environment.get_template(template)?.render(Serde(content)));
    // The templates are part of the program; a test renders each of them.
    rendered.unwrap_or_else(|error| format!("the page cannot be shown: {error}"))
}
