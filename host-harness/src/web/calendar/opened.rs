//! The event of an address, for whoever may open it.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

use crate::crm::EventId;
use crate::crm::event::CalendarEvent;
use crate::crm::users::User;
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::viewer::Viewer;

/// The event of a page's address, whose it is, and who looks at it. As an argument of a
/// handler it means that the viewer may.
#[derive(Debug)]
pub struct Opened {
    /// Who looks.
    pub viewer: Viewer,
    /// The event.
    pub event: CalendarEvent,
    /// Whose it is.
    pub user: User,
}

impl FromRequestParts<Web> for Opened {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, PageError> {
        let viewer = Viewer::from_request_parts(parts, web).await?;
        let Path(id) = Path::<String>::from_request_parts(parts, web).await.map_err(|_| PageError::NotFound)?;
        let (event, user) = open(web, &viewer, &id)?;
        Ok(Self { viewer, event, user })
    }
}

/// An event that the viewer may open, and whose it is.
fn open(web: &Web, viewer: &Viewer, id: &str) -> Result<(CalendarEvent, User), PageError> {
    let id: EventId = id.parse().map_err(|_| PageError::NotFound)?;
    let event = web.app.crm().any_event(id)?;
    let user = viewer.open_user(web, event.owner)?;
    Ok((event, user))
}
