//! The result of Check Connection, as interfaces show it.
//!
//! Next: [`super::sync`].

use serde::Serialize;

use crate::host::types::{CheckOutcome, ConnectionReport};

/// The result of a check.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckReport {
    /// Whether everything passed.
    pub ok: bool,
    /// The account that answered, where one did.
    pub account_name: Option<String>,
    /// The steps, in their order.
    pub steps: Vec<CheckLine>,
    /// The permissions that are missing.
    pub missing_permissions: Vec<String>,
}

/// One step of the check.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckLine {
    /// A stable word, such as `token`.
    pub name: String,
    /// What was tried, for people.
    pub label: String,
    /// `passed`, `failed` or `skipped`.
    pub outcome: &'static str,
    /// What is wrong and what to do, where it failed.
    pub message: Option<String>,
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
