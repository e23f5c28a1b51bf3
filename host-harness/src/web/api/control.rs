//! `/api/control/…`: the clock that everything sees, the injected crash, and the
//! CRM's workflow of tasks.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ApiError, Body};
use crate::web::Web;

/// Where to move the clock: exactly one of the two.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ClockChange {
    now: Option<DateTime<Utc>>,
    advance_seconds: Option<i64>,
}

/// When to tear the next step down.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Crash {
    after_host_calls: u64,
}

pub(super) async fn clock(State(web): State<Web>, Body(change): Body<ClockChange>) -> Result<Json<Value>, ApiError> {
    let clock = web.app.clock();
    match (change.now, change.advance_seconds) {
        (Some(now), None) => clock.set(now),
        (None, Some(seconds)) => {
            let by = TimeDelta::try_seconds(seconds)
                .filter(|by| clock.now().checked_add_signed(*by).is_some())
                .ok_or_else(|| {
                    ApiError::invalid(
                        "out-of-range",
                        "expected a number of seconds within the calendar, but found a larger one",
                    )
                })?;
            clock.advance(by);
        }
        (Some(_), Some(_)) | (None, None) => {
            return Err(ApiError::invalid("invalid-body", "expected either `now` or `advanceSeconds`"));
        }
    }
    Ok(Json(json!({ "now": clock.now() })))
}

pub(super) async fn crash(State(web): State<Web>, Body(crash): Body<Crash>) -> Json<Value> {
    web.app.crash_after_host_calls(crash.after_host_calls);
    Json(json!({ "afterHostCalls": crash.after_host_calls }))
}

/// Whether the workflow "Task Flow" is active, for all organizations.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TaskWorkflow {
    active: bool,
}

pub(super) async fn task_workflow(State(web): State<Web>) -> Result<Json<Value>, ApiError> {
    Ok(Json(json!({ "active": web.app.crm().task_workflow()? })))
}

pub(super) async fn set_task_workflow(
    State(web): State<Web>,
    Body(workflow): Body<TaskWorkflow>,
) -> Result<Json<Value>, ApiError> {
    web.app.crm().set_task_workflow(workflow.active)?;
    Ok(Json(json!({ "active": workflow.active })))
}
