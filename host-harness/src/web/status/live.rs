//! Tells a page that is open when something has happened, so that it reads itself
//! anew. A question waits for its answer, and is asked again when that is there.

use std::time::Duration;

use axum::Json;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};

use super::visible_users;
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::viewer::Viewer;

/// How long a question waits: shorter than what stands between a browser and a
/// server lets a connection be silent.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the page has seen, and of whom.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Known {
    /// The user whom alone it shows, by login; all that the viewer may see where none is
    /// given.
    user: String,
    version: u64,
}

/// What there is.
#[derive(Debug, Serialize)]
pub struct Changed {
    version: u64,
}

/// Waits for something to happen to those whom the page shows: of others it would have
/// nothing new.
pub async fn changes(
    State(web): State<Web>,
    viewer: Viewer,
    Query(known): Query<Known>,
) -> Result<Json<Changed>, PageError> {
    let users = match known.user.as_str() {
        "" => visible_users(&web, &viewer)?.into_keys().collect(),
        login => [viewer.open_login(&web, login)?.id].into(),
    };
    let version = web.app.wait_for_change(&users, known.version, PATIENCE).await;
    Ok(Json(Changed { version }))
}
