//! The settings pages: system, organization, user, and one's own.
//!
//! One handler draws and one saves, whatever the level: a page is a
//! [`Place`](Scoped) in the tree of levels, and everything on it comes from the
//! component's manifest ([`view`]). What was posted is read in [`form`];
//! whether it is acceptable is the component's decision.

pub mod form;
pub mod in_effect;
pub mod value;
pub mod view;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use self::form::Effective;
use self::view::{PageLink, RESET_QUESTION, Refused, SettingsView};
use super::access::Target;
use super::account_view::AccountView;
use super::confirm::ConfirmView;
use super::error::PageError;
use super::remedy::Remedy;
use super::render;
use super::viewer::{Place, Posted, Viewer};
use super::{Web, account, first_sync, shared_account, switched_off};
use crate::app::types::{FieldType, Manifest, SettingLevel, SettingValue};
use crate::app::{AppError, Installation, Resource, SaveError, SettingsScope};
use crate::crm::users::User;
use crate::crm::{OrganizationId, UserId};

/// The pages of this module.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/configuration/system", get(show_system).post(save_system))
        .route("/configuration/system/reset", get(reset_system))
        .route("/configuration/organization/{id}", get(show_organization).post(save_organization))
        .route("/configuration/organization/{id}/reset", get(reset_organization))
        .route("/configuration/user/{id}", get(show_user).post(save_user))
        .route("/configuration/user/{id}/reset", get(reset_user))
        .route("/configuration/my", get(show_my).post(save_my))
        .route("/configuration/my/reset", get(reset_my))
}

/// A settings page: whose, at which address, in whose eyes.
struct Scoped {
    viewer: Viewer,
    scope: SettingsScope,
    level: SettingLevel,
    base: String,
    title: String,
    subtitle: String,
    place: Place,
    user: Option<User>,
}

impl Scoped {
    fn system(viewer: Viewer) -> Result<Self, PageError> {
        viewer.require(Target::System)?;
        Ok(Self {
            viewer,
            scope: SettingsScope::System,
            level: SettingLevel::System,
            base: account::SYSTEM_CONFIGURATION.to_owned(),
            title: "System Configuration".to_owned(),
            subtitle: "Applies to every organization and user that stores nothing of its own.".to_owned(),
            place: Place::System,
            user: None,
        })
    }

    fn organization(web: &Web, viewer: Viewer, id: OrganizationId) -> Result<Self, PageError> {
        viewer.require(Target::Organization(id))?;
        let organization = web.app.crm().organization(id)?;
        Ok(Self {
            viewer,
            scope: SettingsScope::Organization(id),
            level: SettingLevel::Organization,
            base: format!("/configuration/organization/{id}"),
            title: "Organization Configuration".to_owned(),
            subtitle: organization.name,
            place: Place::Users,
            user: None,
        })
    }

    fn user(web: &Web, viewer: Viewer, id: UserId) -> Result<Self, PageError> {
        let user = viewer.open_user(web, id)?;
        Ok(Self {
            scope: SettingsScope::User(id),
            level: SettingLevel::User,
            base: format!("/configuration/user/{id}"),
            title: "User Configuration".to_owned(),
            subtitle: format!("{} ({})", user.display_name, user.login),
            place: Place::Users,
            user: Some(user),
            viewer,
        })
    }

    fn my(viewer: Viewer) -> Self {
        Self {
            scope: SettingsScope::User(viewer.user.id),
            level: SettingLevel::User,
            base: account::MY_CONFIGURATION.to_owned(),
            title: "My Configuration".to_owned(),
            subtitle: viewer.user.display_name.clone(),
            place: Place::My,
            user: Some(viewer.user.clone()),
            viewer,
        }
    }
}

fn id<T: std::str::FromStr>(text: &str) -> Result<T, PageError> {
    text.parse().map_err(|_| PageError::NotFound)
}

async fn show_system(State(web): State<Web>, viewer: Viewer) -> Result<Response, PageError> {
    show(&web, Scoped::system(viewer)?).await
}

async fn show_organization(
    State(web): State<Web>,
    viewer: Viewer,
    Path(path): Path<String>,
) -> Result<Response, PageError> {
    let scoped = Scoped::organization(&web, viewer, id(&path)?)?;
    show(&web, scoped).await
}

async fn show_user(State(web): State<Web>, viewer: Viewer, Path(path): Path<String>) -> Result<Response, PageError> {
    let scoped = Scoped::user(&web, viewer, id(&path)?)?;
    show(&web, scoped).await
}

async fn show_my(State(web): State<Web>, viewer: Viewer) -> Result<Response, PageError> {
    show(&web, Scoped::my(viewer)).await
}

async fn save_system(State(web): State<Web>, posted: Posted) -> Result<Response, PageError> {
    save(&web, Scoped::system(posted.viewer)?, &posted.form).await
}

async fn save_organization(
    State(web): State<Web>,
    Path(path): Path<String>,
    posted: Posted,
) -> Result<Response, PageError> {
    let scoped = Scoped::organization(&web, posted.viewer, id(&path)?)?;
    save(&web, scoped, &posted.form).await
}

async fn save_user(State(web): State<Web>, Path(path): Path<String>, posted: Posted) -> Result<Response, PageError> {
    let scoped = Scoped::user(&web, posted.viewer, id(&path)?)?;
    save(&web, scoped, &posted.form).await
}

async fn save_my(State(web): State<Web>, posted: Posted) -> Result<Response, PageError> {
    save(&web, Scoped::my(posted.viewer), &posted.form).await
}

async fn reset_system(State(web): State<Web>, viewer: Viewer) -> Result<Response, PageError> {
    reset(&web, &Scoped::system(viewer)?)
}

async fn reset_organization(
    State(web): State<Web>,
    viewer: Viewer,
    Path(path): Path<String>,
) -> Result<Response, PageError> {
    reset(&web, &Scoped::organization(&web, viewer, id(&path)?)?)
}

async fn reset_user(State(web): State<Web>, viewer: Viewer, Path(path): Path<String>) -> Result<Response, PageError> {
    reset(&web, &Scoped::user(&web, viewer, id(&path)?)?)
}

async fn reset_my(State(web): State<Web>, viewer: Viewer) -> Result<Response, PageError> {
    reset(&web, &Scoped::my(viewer))
}

async fn show(web: &Web, scoped: Scoped) -> Result<Response, PageError> {
    let manifest = web.app.manifest().await?;
    let effective = effective(web, &manifest, scoped.scope).await?;
    page(web, &scoped, &manifest, &effective, &Refused::default()).await
}

async fn save(web: &Web, scoped: Scoped, posted: &super::forms::FormFields) -> Result<Response, PageError> {
    let manifest = web.app.manifest().await?;
    let effective = effective(web, &manifest, scoped.scope).await?;
    let fields = view::fields_of(&manifest.settings, scoped.level);
    let entries = form::read(&fields, &effective, posted);
    let saved = match form::changes(&fields, &effective, &entries) {
        Ok(changes) => web.app.save(&scoped.scope, changes).await,
        Err(errors) => Err(SaveError::Fields(errors)),
    };
    match saved {
        Ok(outcome) => {
            let failures: Vec<&str> = outcome
                .follow_ups
                .iter()
                .filter_map(|follow_up| follow_up.failure.as_ref().map(|_| follow_up.login.as_str()))
                .collect();
            let (kind, text) = if failures.is_empty() {
                ("good", "Configuration saved".to_owned())
            } else {
                (
                    "warn",
                    format!("Configuration saved. These accounts have to be connected again: {}.", failures.join(", ")),
                )
            };
            web.sessions.set_flash(&scoped.viewer.session, kind, text);
            Ok(Redirect::to(&scoped.base).into_response())
        }
        Err(SaveError::Fields(errors)) => {
            let refused = Refused { entries, errors };
            let page = page(web, &scoped, &manifest, &effective, &refused).await?;
            Ok((StatusCode::BAD_REQUEST, page).into_response())
        }
        Err(error @ SaveError::App(_)) => Err(error.into()),
    }
}

/// Without a script, Reset is a question of its own; agreeing shows the saved
/// values, because nothing that was entered has reached the server.
fn reset(web: &Web, scoped: &Scoped) -> Result<Response, PageError> {
    let view = ConfirmView::link("Reset", RESET_QUESTION.to_owned(), &scoped.base, &scoped.base);
    Ok(render::page("confirm.html", &scoped.viewer.chrome(web, scoped.place), &view)?.into_response())
}

/// The settings of a page by key, with the values that are the host's own.
pub async fn effective(web: &Web, manifest: &Manifest, scope: SettingsScope) -> Result<Effective, AppError> {
    let resolved = web.app.resolve(&scope).await?;
    let mut effective: Effective = resolved.into_iter().map(|setting| (setting.key.clone(), setting)).collect();
    // The one value that the host has to show is its redirect URI.
    for field in manifest.settings.groups.iter().flat_map(|group| &group.fields) {
        if matches!(field.kind, FieldType::Display)
            && let Some(setting) = effective.get_mut(&field.key).filter(|setting| !setting.value.is_present())
        {
            setting.value = SettingValue::Text(web.redirect_uri.clone());
        }
    }
    Ok(effective)
}

async fn page(
    web: &Web,
    scoped: &Scoped,
    manifest: &Manifest,
    effective: &Effective,
    refused: &Refused,
) -> Result<Response, PageError> {
    let tree_of = &manifest.settings;
    let mut sections = view::sections(tree_of, scoped.level, effective, refused);
    let account = match scoped.scope {
        SettingsScope::System => None,
        SettingsScope::Organization(_) | SettingsScope::User(_) => {
            let installation = web.app.installation().await?;
            view::annotate(&mut sections, &notes(&scoped.viewer, &installation));
            match &scoped.user {
                Some(user) => Some(account_section(web, scoped, user, &installation).await?),
                None => None,
            }
        }
    };
    let view = SettingsView {
        title: scoped.title.clone(),
        crumbs: tree_of.path.join(" › "),
        subtitle: scoped.subtitle.clone(),
        beside: PageLink::of(scoped.level, scoped.user.as_ref(), matches!(scoped.place, Place::My)),
        action: scoped.base.clone(),
        reset_href: format!("{}/reset", scoped.base),
        reset_question: RESET_QUESTION,
        tree: view::tree(tree_of, &scoped.base, &sections, account.is_some()),
        sections,
        fallback_label: view::fallback_label(scoped.level),
        account,
        errors: view::error_lines(tree_of, refused),
    };
    Ok(render::page("settings.html", &scoped.viewer.chrome(web, scoped.place), &view)?.into_response())
}

/// What the system configuration makes of the switches of a level below it: where it
/// has a resource off, they change nothing.
fn notes(viewer: &Viewer, installation: &Installation) -> BTreeMap<&'static str, String> {
    let off = Resource::ALL.into_iter().filter(|resource| installation.is_off(*resource));
    off.filter_map(|resource| Some((resource.enabled_key()?, switched_off::note(viewer, resource)))).collect()
}

async fn account_section(
    web: &Web,
    scoped: &Scoped,
    user: &User,
    installation: &Installation,
) -> Result<AccountView, PageError> {
    let connected = web.app.account(user.id).await?;
    let unconfigured = (!installation.is_configured()).then(|| Remedy::for_application(&scoped.viewer));
    let works = unconfigured.is_none() && connected.as_ref().is_some_and(|account| account.parked.is_none());
    let first_sync = (works && web.app.first_sync_waits(user.id)?).then(|| first_sync::page_of(&scoped.viewer, user));
    let session = &scoped.viewer.session;
    let (check, attempt) = (web.sessions.take_check(session, user.id), web.sessions.attempt(session, user.id));
    let (base, dates) = (account::base_of(user.id), scoped.viewer.dates());
    let view = AccountView::new(&base, connected.as_ref(), unconfigured, dates);
    let view = if scoped.viewer.user.id == user.id { view } else { view.on_behalf_of(user) };
    let shared = shared_account::notice_of(web, &scoped.viewer, user)?;
    Ok(view.after(attempt).with_check(check).waiting_for(first_sync).shared(shared))
}
