//! Who sees which alerts, and conflicts with both versions of what was decided.
//!
//! Administrators see that there was a conflict and how it was decided; the
//! versions are the user's own data and shown to him alone.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;

use super::Web;
use super::access::Target;
use super::dates;
use super::error::PageError;
use super::render;
use super::status::visible_users;
use super::viewer::{Place, Viewer};
use crate::crm::notices::{Alert, AlertList, Conflict, ConflictField, ConflictRule, NoticeResource, Winner};
use crate::crm::{ConflictId, CrmError};

/// The pages of this module.
pub fn routes() -> Router<Web> {
    Router::new().route("/conflicts", get(conflicts)).route("/conflicts/{id}", get(conflict))
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
    href: Option<String>,
}

#[derive(Debug, Serialize)]
struct ConflictView {
    title: String,
    subtitle: String,
    crm_won: bool,
    fields: Vec<FieldLine>,
}

#[derive(Debug, Serialize)]
struct FieldLine {
    name: String,
    base: String,
    crm: String,
    microsoft: String,
}

/// The alerts that a viewer may see.
pub fn visible_alerts(web: &Web, viewer: &Viewer, list: AlertList) -> Result<Vec<Alert>, PageError> {
    let crm = web.app.crm();
    if viewer.require(Target::Organization(viewer.user.organization_id)).is_ok() {
        Ok(crm.alerts_of_organization(viewer.user.organization_id, list)?)
    } else {
        Ok(crm.alerts_of_user(viewer.user.id, list)?)
    }
}

async fn conflicts(State(web): State<Web>, viewer: Viewer) -> Result<Response, PageError> {
    let zone = viewer.user.time_zone.0;
    let mut found: Vec<(Conflict, String)> = Vec::new();
    for user in visible_users(&web, &viewer)?.into_values() {
        let name = user.display_name;
        found.extend(web.app.crm().conflicts_of_user(user.id)?.into_iter().map(|conflict| (conflict, name.clone())));
    }
    found.sort_by_key(|(conflict, _)| std::cmp::Reverse((conflict.decided_at, conflict.id)));
    let line = |(conflict, user): (Conflict, String)| -> Result<ConflictLine, PageError> {
        let names: Vec<&str> = conflict.fields.iter().map(|field| field.name.as_str()).collect();
        let title = own_title(&web, &viewer, &conflict)?;
        Ok(ConflictLine {
            at: dates::in_zone(conflict.decided_at, zone),
            user,
            about: title.unwrap_or_else(|| resource_label(conflict.resource).to_owned()),
            fields: names.join(", "),
            winner: winner_label(&web, conflict.winner),
            rule: rule_label(&web, conflict.rule),
            href: (conflict.user_id == Some(viewer.user.id)).then(|| format!("/conflicts/{}", conflict.id)),
        })
    };
    let view = ConflictsView { conflicts: found.into_iter().map(line).collect::<Result<_, _>>()? };
    Ok(render::page("conflicts.html", &viewer.chrome(&web, Place::Conflicts), &view)?.into_response())
}

async fn conflict(State(web): State<Web>, viewer: Viewer, Path(path): Path<String>) -> Result<Response, PageError> {
    let id: ConflictId = path.parse().map_err(|_| PageError::NotFound)?;
    let conflict = web.app.crm().conflict(id)?;
    let owner = conflict.user_id.ok_or(PageError::NotFound)?;
    viewer.require(Target::Versions(owner, conflict.organization_id))?;
    let at = dates::in_zone(conflict.decided_at, viewer.user.time_zone.0);
    let view = ConflictView {
        title: own_title(&web, &viewer, &conflict)?.map_or_else(
            || format!("{} conflict", resource_label(conflict.resource)),
            |title| format!("Conflict: {title}"),
        ),
        subtitle: format!(
            "Decided {at}. {}. Kept: {}.",
            rule_label(&web, conflict.rule),
            winner_label(&web, conflict.winner)
        ),
        crm_won: conflict.winner == Winner::Crm,
        fields: conflict.fields.into_iter().map(field_line).collect(),
    };
    Ok(render::page("conflict.html", &viewer.chrome(&web, Place::Conflicts), &view)?.into_response())
}

/// The title of the item that a conflict of the viewer's own is about; none
/// where the item is gone, and for everybody else.
fn own_title(web: &Web, viewer: &Viewer, conflict: &Conflict) -> Result<Option<String>, PageError> {
    let Some(id) = conflict.item_id.as_ref().filter(|_| conflict.user_id == Some(viewer.user.id)) else {
        return Ok(None);
    };
    let found = match conflict.resource {
        NoticeResource::Account => None,
        NoticeResource::Calendar => id.parse().ok().map(|id| {
            let event = web.app.crm().any_event(id)?;
            Ok((event.owner, event.values.title))
        }),
        NoticeResource::Tasks => id.parse().ok().map(|id| {
            let task = web.app.crm().any_task(id)?;
            Ok((task.owner, task.values.subject))
        }),
    };
    match found {
        None | Some(Err(CrmError::NotFound { .. })) => Ok(None),
        Some(Ok((owner, title))) => Ok((owner == viewer.user.id).then_some(title)),
        Some(Err(error)) => Err(error.into()),
    }
}

fn field_line(field: ConflictField) -> FieldLine {
    let shown = |value: Option<String>, none: &str| match value {
        None => none.to_owned(),
        Some(text) if text.is_empty() => "(empty)".to_owned(),
        Some(text) => text,
    };
    FieldLine {
        name: field.name,
        base: shown(field.base, "(none)"),
        crm: shown(field.crm, "(deleted)"),
        microsoft: shown(field.microsoft, "(deleted)"),
    }
}

/// The word for what a notice is about.
pub fn resource_label(resource: NoticeResource) -> &'static str {
    match resource {
        NoticeResource::Account => "Microsoft account",
        NoticeResource::Calendar => "Calendar",
        NoticeResource::Tasks => "Tasks",
    }
}

fn winner_label(web: &Web, winner: Winner) -> String {
    match winner {
        Winner::Crm => web.product.clone(),
        Winner::Microsoft => "Microsoft".to_owned(),
    }
}

fn rule_label(web: &Web, rule: ConflictRule) -> String {
    match rule {
        ConflictRule::CrmWins => format!("{} always wins", web.product),
        ConflictRule::MicrosoftWins => "Microsoft always wins".to_owned(),
        ConflictRule::OneWay => "Only one side is the source".to_owned(),
    }
}
