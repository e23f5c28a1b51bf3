//! `/api/conflicts`: what was decided between two versions, and having it taken
//! back.
//!
//! As everywhere in this interface, whoever asks says for whom. Where they name a
//! user, what is not that user's does not exist.

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};

use super::{ApiError, Body, Of, Params};
use crate::app::{ReversalOffer, RunReport};
use crate::crm::ConflictId;
use crate::crm::notices::Conflict;
use crate::crm::users::User;
use crate::web::Web;
use crate::web::conflicts::links::Links;

/// A conflict with its user, where its item is to be seen, and whether it can be
/// taken back.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shown {
    user: String,
    links: Links,
    reversible: bool,
    #[serde(flatten)]
    conflict: Conflict,
}

/// What came of the wish to take a decision back.
#[derive(Debug, Serialize)]
pub(super) struct Reversed {
    conflict: Shown,
    run: Option<RunReport>,
}

/// Who asks.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    user: Option<String>,
}

pub(super) async fn list(State(web): State<Web>, Params(of): Params<Of>) -> Result<Json<Vec<Shown>>, ApiError> {
    let crm = web.app.crm();
    let users: Vec<User> = match &of.user {
        Some(login) => vec![crm.user_by_login(login)?],
        None => crm.all_users()?,
    };
    let mut conflicts = Vec::new();
    for user in users {
        let found = crm.conflicts_of_user(user.id)?;
        conflicts
            .extend(found.into_iter().map(|conflict| shown(&web, &user, conflict)).collect::<Result<Vec<_>, _>>()?);
    }
    Ok(Json(conflicts))
}

pub(super) async fn offer(
    State(web): State<Web>,
    Path(id): Path<String>,
    Params(of): Params<Of>,
) -> Result<Json<ReversalOffer>, ApiError> {
    let (conflict, _) = open(&web, &id, of.user.as_deref())?;
    Ok(Json(web.app.offer_reversal(conflict.id).await?))
}

pub(super) async fn reverse(
    State(web): State<Web>,
    Path(id): Path<String>,
    Body(wish): Body<Wish>,
) -> Result<Json<Reversed>, ApiError> {
    let (conflict, user) = open(&web, &id, wish.user.as_deref())?;
    let reversed = web.app.reverse(conflict.id).await?;
    Ok(Json(Reversed { conflict: shown(&web, &user, reversed.conflict)?, run: reversed.run }))
}

/// The conflict with this identifier, if it is of the user who asks.
fn open(web: &Web, id: &str, asks: Option<&str>) -> Result<(Conflict, User), ApiError> {
    let unknown = || ApiError::not_found("there is no conflict with this identifier");
    let id: ConflictId = id.parse().map_err(|_| unknown())?;
    let conflict = web.app.crm().conflict(id)?;
    let owner = web.app.crm().user(conflict.user_id.ok_or_else(unknown)?)?;
    match asks {
        Some(login) if web.app.crm().user_by_login(login)?.id != owner.id => Err(unknown()),
        Some(_) | None => Ok((conflict, owner)),
    }
}

fn shown(web: &Web, user: &User, conflict: Conflict) -> Result<Shown, ApiError> {
    Ok(Shown {
        user: user.login.clone(),
        links: Links::of(web, user, &conflict)?,
        reversible: conflict.is_reversible(web.app.clock().now()),
        conflict,
    })
}
