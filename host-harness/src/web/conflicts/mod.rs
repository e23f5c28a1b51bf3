//! Conflicts: what was decided between two versions, with all of them, and a
//! button to use the other version instead.
//!
//! Administrators see that there was a conflict and how it was decided; the
//! versions are the user's own data and shown to him alone, and he alone takes
//! back. The list is [`list`]'s matter, which address shows an item that of
//! [`links`]; `view`, `marks` and `moments` show the versions, `offer` what using the other one
//! would do, and `sentences` say the rest.

pub mod links;
mod list;
mod marks;
mod moments;
mod offer;
mod sentences;
mod view;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde::Serialize;

use self::links::{Links, title};
use self::offer::OfferView;
use self::sentences::{MICROSOFT, not_reversible, other_version, place, private, verdict, wish};
use self::view::{FieldLine, Holding, is_deletion};
use super::Web;
use super::access::Target;
use super::confirm::ConfirmView;
use super::error::PageError;
use super::render;
use super::viewer::{Place, Posted, Viewer};
use crate::app::ReversalError;
use crate::crm::ConflictId;
use crate::crm::notices::{Conflict, ConflictSituation};

/// What the button and its question are called.
const USE_OTHER: &str = "Use the other version";

/// The pages of this module.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/conflicts", get(list::show))
        .route("/conflicts/{id}", get(show))
        .route("/conflicts/{id}/reverse", get(ask).post(reverse))
}

#[derive(Debug, Serialize)]
struct ConflictView {
    title: String,
    place: String,
    verdict: String,
    links: Links,
    /// What the link to Microsoft's item is called: beside the emulator it leads to the page
    /// of both sides.
    microsoft_label: &'static str,
    fields: Vec<FieldLine>,
    /// Whether both versions are marked beside what was agreed on, and not beside each
    /// other.
    is_agreed: bool,
    microsoft: &'static str,
    /// What was asked for and what became of it, where it was.
    wish: Option<String>,
    /// The heading of what the fields are.
    became: &'static str,
    other: Option<OtherView>,
    /// Why the other version cannot be used, where it cannot.
    not_reversible: Option<&'static str>,
}

/// How the other version is used, where it may still be.
#[derive(Debug, Serialize)]
struct OtherView {
    title: &'static str,
    /// Which one it is.
    which: String,
    /// What using it would do.
    offer: Option<OfferView>,
    /// Why it is not done at present.
    not_now: Option<String>,
    /// Where it is confirmed.
    href: String,
}

async fn show(State(web): State<Web>, viewer: Viewer, Path(path): Path<String>) -> Result<Response, PageError> {
    let conflict = open(&web, &viewer, &path)?;
    let dates = viewer.dates();
    let is_reversible = conflict.is_reversible(web.app.clock().now());
    let is_deletion = is_deletion(&conflict);
    let is_agreed = conflict.situation != ConflictSituation::FoundOnBoth
        && conflict.fields.iter().any(|field| field.base.is_some());
    let later = web.app.crm().later_decisions(&conflict)?;
    let holding = Holding::of(&conflict, &later);
    let other = if is_reversible && conflict.asked_at.is_none() { Some(other(&web, &conflict).await) } else { None };
    let view = ConflictView {
        title: format!("Conflict: {}", title(&web, &viewer.user, &conflict)?),
        place: place(&conflict, &viewer.user.display_name, dates),
        verdict: verdict(&web.product, &conflict),
        links: Links::of(&web, &viewer.user, &conflict)?,
        microsoft_label: if web.app.options().graph_url.is_some() { "Open in Microsoft" } else { "See both sides" },
        fields: conflict.fields.iter().map(|field| FieldLine::of(field, is_deletion, holding, dates)).collect(),
        is_agreed,
        microsoft: MICROSOFT,
        wish: wish(&web.product, &conflict, &later, dates),
        became: if holding.is_some() { "Used after that" } else { "Became" },
        other,
        not_reversible: (!is_reversible && conflict.reversed_at.is_none()).then(|| not_reversible(&conflict)),
    };
    Ok(render::page("conflict.html", &viewer.chrome(&web, Place::Conflicts), &view)?.into_response())
}

/// What using the other version would do; or why it is not done, which does not keep
/// the page from being shown.
async fn other(web: &Web, conflict: &Conflict) -> OtherView {
    let (offer, not_now) = match web.app.offer_reversal(conflict.id).await {
        Ok(offer) => (Some(OfferView::of(&web.product, &offer)), None),
        Err(error) => (None, Some(PageError::from(error).to_string())),
    };
    OtherView {
        title: USE_OTHER,
        which: other_version(&web.product, conflict),
        offer,
        not_now,
        href: format!("/conflicts/{}/reverse", conflict.id),
    }
}

async fn ask(State(web): State<Web>, viewer: Viewer, Path(path): Path<String>) -> Result<Response, PageError> {
    let conflict = open(&web, &viewer, &path)?;
    match web.app.offer_reversal(conflict.id).await {
        Ok(offer) => question(&web, &viewer, &conflict, "", &OfferView::of(&web.product, &offer).question()),
        Err(error) => not_done(&web, &viewer, &here(&conflict), error),
    }
}

/// Asks whether to use the other version, after what there is to say first.
fn question(web: &Web, viewer: &Viewer, conflict: &Conflict, first: &str, asked: &str) -> Result<Response, PageError> {
    let here = here(conflict);
    let text = format!("{first}{} {asked}", other_version(&web.product, conflict));
    let view = ConfirmView::post(USE_OTHER, text, &format!("{here}/reverse"), &here).with("read", asked);
    Ok(render::page("confirm.html", &viewer.chrome(web, Place::Conflicts), &view)?.into_response())
}

async fn reverse(State(web): State<Web>, Path(path): Path<String>, posted: Posted) -> Result<Response, PageError> {
    let viewer = posted.viewer;
    let conflict = open(&web, &viewer, &path)?;
    let here = here(&conflict);
    // Nobody is told more, and nothing else is written, than what was read.
    match web.app.offer_reversal(conflict.id).await {
        Ok(offer) => {
            let asked = OfferView::of(&web.product, &offer).question();
            if posted.form.get("read") != Some(asked.as_str()) {
                let first = "What this does has changed since you have read it. ";
                return question(&web, &viewer, &conflict, first, &asked);
            }
        }
        Err(error) => return not_done(&web, &viewer, &here, error),
    }
    let conflict = match web.app.reverse(conflict.id).await {
        Ok(reversed) => reversed.conflict,
        Err(error) => return not_done(&web, &viewer, &here, error),
    };
    let (kind, text) = match (&conflict.reversed_at, &conflict.refused) {
        (Some(_), _) => ("good", "The decision was taken back: the other version is used."),
        (None, Some(reason)) => ("bad", reason.as_str()),
        (None, None) => ("good", "The next run uses the other version."),
    };
    web.sessions.set_flash(&viewer.session, kind, text);
    Ok(Redirect::to(&here).into_response())
}

/// Back to the page of the conflict, with the reason; other failures have a page of
/// their own.
fn not_done(web: &Web, viewer: &Viewer, here: &str, error: ReversalError) -> Result<Response, PageError> {
    match error {
        ReversalError::Already => {
            web.sessions.set_flash(&viewer.session, "bad", "The other version is used already.");
        }
        ReversalError::Refused(reason) => web.sessions.set_flash(&viewer.session, "bad", reason),
        ReversalError::App(error) => return Err(error.into()),
    }
    Ok(Redirect::to(here).into_response())
}

/// The page of a conflict.
fn here(conflict: &Conflict) -> String {
    format!("/conflicts/{}", conflict.id)
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
            Err(PageError::Private(private(&web.product, &conflict, &name, viewer.dates())))
        }
        allowed => allowed.map(|()| conflict),
    }
}
