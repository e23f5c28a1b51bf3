//! Conflicts: what was decided between two versions, with all of them, and a
//! button to take the decision back.
//!
//! Administrators see that there was a conflict and how it was decided; the
//! versions are the user's own data and shown to him alone, and he alone takes
//! back. Which address shows an item is [`links`]' matter, what the pages show
//! that of `view`.

pub mod links;
mod sentences;
mod view;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use chrono_tz::Tz;
use serde::Serialize;

use self::links::{Links, title_of};
use self::sentences::{decided_by, place, private, taking_back};
use self::view::{FieldLine, is_deletion, label, question, rule_label, situation_label};
use super::Web;
use super::access::Target;
use super::confirm::ConfirmView;
use super::dates;
use super::error::PageError;
use super::notices::resource_label;
use super::render;
use super::status::visible_users;
use super::viewer::{Place, Posted, Viewer};
use crate::app::ReversalError;
use crate::crm::ConflictId;
use crate::crm::notices::{Conflict, Winner};
use crate::crm::users::User;

/// The pages of this module.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/conflicts", get(list))
        .route("/conflicts/{id}", get(show))
        .route("/conflicts/{id}/reverse", get(ask).post(reverse))
}

#[derive(Debug, Serialize)]
struct ConflictsView {
    conflicts: Vec<ConflictLine>,
}

#[derive(Debug, Serialize)]
struct ConflictLine {
    at: String,
    user: String,
    about: String,
    fields: String,
    winner: String,
    rule: String,
    state: &'static str,
    href: Option<String>,
}

#[derive(Debug, Serialize)]
struct ConflictView {
    title: String,
    facts: Vec<String>,
    /// What taking it back means, where it can be.
    taking_back: Option<String>,
    links: Links,
    fields: Vec<FieldLine>,
    /// What was asked for and what became of it, where it was.
    wish: Option<String>,
    /// Where the decision is taken back, where it can be.
    reverse_href: Option<String>,
    /// Why not, where it cannot.
    not_reversible: Option<&'static str>,
}

async fn list(State(web): State<Web>, viewer: Viewer) -> Result<Response, PageError> {
    let zone = viewer.user.time_zone.0;
    let mut found: Vec<(Conflict, String)> = Vec::new();
    for user in visible_users(&web, &viewer)?.into_values() {
        let name = user.display_name;
        found.extend(web.app.crm().conflicts_of_user(user.id)?.into_iter().map(|conflict| (conflict, name.clone())));
    }
    found.sort_by_key(|(conflict, _)| std::cmp::Reverse((conflict.decided_at, conflict.id)));
    let line = |(conflict, user): (Conflict, String)| -> Result<ConflictLine, PageError> {
        let names: Vec<String> = conflict.fields.iter().map(|field| label(&field.name)).collect();
        let is_own = conflict.user_id == Some(viewer.user.id);
        let about = if is_own { title(&web, &viewer.user, &conflict)? } else { about_anybody(&conflict) };
        Ok(ConflictLine {
            at: dates::in_zone(conflict.decided_at, zone),
            user,
            about,
            fields: names.join(", "),
            winner: winner_label(&web, conflict.winner),
            rule: rule_label(&web.product, conflict.rule),
            state: state_label(&conflict),
            href: is_own.then(|| format!("/conflicts/{}", conflict.id)),
        })
    };
    let view = ConflictsView { conflicts: found.into_iter().map(line).collect::<Result<_, _>>()? };
    Ok(render::page("conflicts.html", &viewer.chrome(&web, Place::Conflicts), &view)?.into_response())
}

async fn show(State(web): State<Web>, viewer: Viewer, Path(path): Path<String>) -> Result<Response, PageError> {
    let conflict = open(&web, &viewer, &path)?;
    let zone = viewer.user.time_zone.0;
    let is_reversible = conflict.is_reversible(web.app.clock().now());
    let is_deletion = is_deletion(&conflict);
    let view = ConflictView {
        title: format!("Conflict: {}", title(&web, &viewer.user, &conflict)?),
        facts: vec![
            format!("{} {}.", place(&conflict, &viewer.user.display_name), dates::in_zone(conflict.decided_at, zone)),
            format!("{}.", situation_label(&web.product, conflict.situation)),
            decided_by(&web.product, &conflict),
        ],
        taking_back: is_reversible.then(|| taking_back(&web.product, &conflict)),
        links: Links::of(&web, &viewer.user, &conflict)?,
        fields: conflict.fields.iter().map(|field| FieldLine::of(field, is_deletion)).collect(),
        wish: wish_text(&conflict, zone),
        reverse_href: (is_reversible && conflict.asked_at.is_none())
            .then(|| format!("/conflicts/{}/reverse", conflict.id)),
        not_reversible: (!is_reversible && conflict.reversed_at.is_none()).then(|| not_reversible(&conflict)),
    };
    Ok(render::page("conflict.html", &viewer.chrome(&web, Place::Conflicts), &view)?.into_response())
}

async fn ask(State(web): State<Web>, viewer: Viewer, Path(path): Path<String>) -> Result<Response, PageError> {
    let conflict = open(&web, &viewer, &path)?;
    let here = format!("/conflicts/{}", conflict.id);
    match web.app.offer_reversal(conflict.id).await {
        Ok(offer) => {
            let question = question(&web.product, &offer);
            let view = ConfirmView::post("Take back", question, &format!("{here}/reverse"), &here);
            Ok(render::page("confirm.html", &viewer.chrome(&web, Place::Conflicts), &view)?.into_response())
        }
        Err(error) => not_done(&web, &viewer, &here, error),
    }
}

async fn reverse(State(web): State<Web>, Path(path): Path<String>, posted: Posted) -> Result<Response, PageError> {
    let viewer = posted.viewer;
    let conflict = open(&web, &viewer, &path)?;
    let here = format!("/conflicts/{}", conflict.id);
    let conflict = match web.app.reverse(conflict.id).await {
        Ok(reversed) => reversed.conflict,
        Err(error) => return not_done(&web, &viewer, &here, error),
    };
    let (kind, text) = match (&conflict.reversed_at, &conflict.refused) {
        (Some(_), _) => ("good", "The decision was taken back."),
        (None, Some(reason)) => ("bad", reason.as_str()),
        (None, None) => ("good", "The next run takes the decision back."),
    };
    web.sessions.set_flash(&viewer.session, kind, text);
    Ok(Redirect::to(&here).into_response())
}

/// Back to the page of the conflict, with the reason; other failures have a page of
/// their own.
fn not_done(web: &Web, viewer: &Viewer, here: &str, error: ReversalError) -> Result<Response, PageError> {
    match error {
        ReversalError::Already => {
            web.sessions.set_flash(&viewer.session, "good", "The decision was taken back already.");
        }
        ReversalError::Refused(reason) => web.sessions.set_flash(&viewer.session, "bad", reason),
        ReversalError::App(error) => return Err(error.into()),
    }
    Ok(Redirect::to(here).into_response())
}

/// The conflict at a path, if the viewer may see its versions.
fn open(web: &Web, viewer: &Viewer, path: &str) -> Result<Conflict, PageError> {
    let id: ConflictId = path.parse().map_err(|_| PageError::NotFound)?;
    let conflict = web.app.crm().conflict(id)?;
    let owner = conflict.user_id.ok_or(PageError::NotFound)?;
    match viewer.require(Target::Versions(owner, conflict.organization_id)) {
        // Who administers has seen in the list that there is one.
        Err(PageError::Forbidden) if viewer.require(Target::User(owner, conflict.organization_id)).is_ok() => {
            let name = web.app.crm().user(owner)?.display_name;
            Err(PageError::Private(private(&web.product, &conflict, &name, viewer.user.time_zone.0)))
        }
        allowed => allowed.map(|()| conflict),
    }
}

/// The title of the item of a conflict of this user's own, as it is now, or was.
fn title(web: &Web, user: &User, conflict: &Conflict) -> Result<String, PageError> {
    let title = title_of(web, user, conflict)?.unwrap_or_else(|| conflict.title.clone());
    Ok(if title.is_empty() { about_anybody(conflict) } else { title })
}

/// What anybody may know that it is about.
fn about_anybody(conflict: &Conflict) -> String {
    resource_label(conflict.resource).to_owned()
}

fn wish_text(conflict: &Conflict, zone: Tz) -> Option<String> {
    match (conflict.reversed_at, &conflict.refused, conflict.asked_at) {
        (Some(at), _, _) => Some(format!("Taken back {}.", dates::in_zone(at, zone))),
        (None, Some(reason), _) => Some(format!("Not taken back: {reason}")),
        (None, None, Some(at)) => {
            Some(format!("To be taken back since {}; the next run does it.", dates::in_zone(at, zone)))
        }
        (None, None, None) => None,
    }
}

/// Why there is nothing to take back.
fn not_reversible(conflict: &Conflict) -> &'static str {
    if conflict.is_carried_out() {
        "This decision cannot be taken back. Edit the item by hand."
    } else {
        "This decision was not carried out: the side that was to be written did not take it, and both versions are as \
         they were. The item is decided about again when it changes; where it was refused, Items set aside says why."
    }
}

fn state_label(conflict: &Conflict) -> &'static str {
    match (&conflict.reversed_at, &conflict.refused, &conflict.asked_at) {
        _ if !conflict.is_carried_out() => "Not carried out",
        (Some(_), _, _) => "Taken back",
        (None, Some(_), _) => "Not taken back",
        (None, None, Some(_)) => "To be taken back",
        (None, None, None) => "",
    }
}

fn winner_label(web: &Web, winner: Winner) -> String {
    match winner {
        Winner::Crm => web.product.clone(),
        Winner::Microsoft => "Microsoft".to_owned(),
    }
}
