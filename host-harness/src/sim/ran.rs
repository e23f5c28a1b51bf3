//! What came of a run that somebody has asked for.

use serde_json::{Value, json};

use super::operation::Who;
use super::words::{entries, text};
use crate::app::Resource;
use crate::caller::{Answer, Caller};

/// What came of a run.
#[derive(Clone, Debug)]
pub enum Ran {
    /// It came to an end of its own.
    Report(Value),
    /// The host tore it down.
    TornDown,
    /// There is nothing to run: a stable word for why.
    Refused(String),
    /// It failed: the whole answer.
    Failed(String),
}

impl Ran {
    /// What came of it, in a line.
    pub fn summary(&self, who: Who, resource: Resource) -> String {
        let of = format!("{} {resource}", who.login());
        match self {
            Self::Report(report) => {
                let count = |side: &str| {
                    let [created, updated, deleted] = ["created", "updated", "deleted"].map(|kind| &report[side][kind]);
                    format!("{side} +{created} ~{updated} -{deleted}")
                };
                let issues: Vec<&str> = entries(&report["issues"]).iter().map(|issue| text(issue, "code")).collect();
                let next = &report["next"];
                format!("{of}: {}, {}, {issues:?}, {next}", count("crm"), count("microsoft"))
            }
            Self::TornDown => format!("{of}: torn down"),
            Self::Refused(code) => format!("{of}: {code}"),
            Self::Failed(answer) => format!("{of}: {answer}"),
        }
    }

    /// What it reports, where it came to an end of its own.
    pub const fn report(&self) -> Option<&Value> {
        if let Self::Report(report) = self { Some(report) } else { None }
    }

    pub(super) fn of(answer: &Answer) -> Self {
        let json = answer.json();
        if answer.is_success() {
            return Self::Report(json);
        }
        let code = text(&json["error"], "code");
        match (code, answer.status) {
            ("plugin-torn-down", _) => Self::TornDown,
            (code, 400..=499) => Self::Refused(code.to_owned()),
            (_, status) => Self::Failed(format!("status {status}: {}", answer.text)),
        }
    }
}

/// A run that is asked for at a CRM: what came of it.
pub async fn run_at(crm: &Caller, who: Who, resource: Resource, again: bool) -> Ran {
    let body = json!({"user": who.login(), "resource": resource, "again": again});
    Ran::of(&crm.post("/api/sync", &body).await)
}
