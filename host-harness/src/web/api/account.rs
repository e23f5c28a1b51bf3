//! `/api/users/{login}/microsoft/…`: the buttons of the section "Microsoft
//! Account".
//!
//! A connection that is begun here is bound to no browser: a script follows
//! the address itself.

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use serde_json::{Value, json};

use super::ApiError;
use crate::app::types::{CheckOutcome, ConnectionReport};
use crate::crm::UserId;
use crate::web::Web;

/// The result of a check.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CheckReport {
    ok: bool,
    account_name: Option<String>,
    steps: Vec<CheckLine>,
    missing_permissions: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CheckLine {
    name: String,
    label: String,
    outcome: &'static str,
    message: Option<String>,
}

impl From<ConnectionReport> for CheckReport {
    fn from(report: ConnectionReport) -> Self {
        let steps = report.steps.into_iter().map(|step| {
            let (outcome, message) = match step.outcome {
                CheckOutcome::Passed => ("passed", None),
                CheckOutcome::Failed(message) => ("failed", Some(message)),
                CheckOutcome::Skipped => ("skipped", None),
            };
            CheckLine { name: step.name, label: step.label, outcome, message }
        });
        Self {
            ok: report.ok,
            account_name: report.account_name,
            steps: steps.collect(),
            missing_permissions: report.missing_permissions,
        }
    }
}

fn user(web: &Web, login: &str) -> Result<UserId, ApiError> {
    Ok(web.app.crm().user_by_login(login)?.id)
}

pub(super) async fn connect(State(web): State<Web>, Path(login): Path<String>) -> Result<Json<Value>, ApiError> {
    let authorization = web.app.begin_connect(user(&web, &login)?, None).await?;
    Ok(Json(json!({ "authorizeUrl": authorization.url })))
}

pub(super) async fn check(State(web): State<Web>, Path(login): Path<String>) -> Result<Json<CheckReport>, ApiError> {
    Ok(Json(web.app.check_connection(user(&web, &login)?).await?.into()))
}

pub(super) async fn disconnect(State(web): State<Web>, Path(login): Path<String>) -> Result<Json<Value>, ApiError> {
    web.app.disconnect(user(&web, &login)?).await?;
    Ok(Json(json!({ "connected": false })))
}
