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

/// What the page has seen.
#[derive(Debug, Deserialize)]
pub struct Known {
    #[serde(default)]
    version: u64,
}

/// What there is.
#[derive(Debug, Serialize)]
pub struct Changed {
    version: u64,
}

/// Waits for something to happen to whom the viewer may see.
pub async fn changes(
    State(web): State<Web>,
    viewer: Viewer,
    Query(known): Query<Known>,
) -> Result<Json<Changed>, PageError> {
    let users = visible_users(&web, &viewer)?.into_keys().collect();
    let version = web.app.wait_for_change(&users, known.version, PATIENCE).await;
    Ok(Json(Changed { version }))
}
