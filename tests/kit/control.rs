//! What a scenario breaks, moves and reads: faults, crashes, expiries, the
//! record of requests, the status.

use chrono::{DateTime, Utc};
use host_harness::app::{App, AppOptions, DataDir};
use host_harness::clock::HarnessClock;
use serde_json::{Value, json};
use std::path::Path;

use crate::{START, World};

impl World {
    /// A world whose data is in a directory, so that it can be opened again.
    pub async fn on_disk(directory: &Path) -> Self {
        Self::with(options_on_disk(directory, START.parse().unwrap())).await
    }

    /// Scripts faults of Microsoft's answers.
    pub async fn fault(&self, lines: Value) {
        self.control("faults", &lines).await;
    }

    /// Forgets the faults that are left.
    pub async fn forget_faults(&self) {
        self.microsoft.delete("/_control/faults").await.ok();
    }

    /// Ends tokens, cursors or the client secret at Microsoft.
    pub async fn expire(&self, what: &str) {
        self.control("expire", &json!({ "what": what })).await;
    }

    /// Has the next step torn down after this many host calls.
    pub async fn crash_after(&self, host_calls: u64) {
        self.crm.post("/api/control/crash", &json!({ "afterHostCalls": host_calls })).await.ok();
    }

    /// How often tokens were asked for since the requests were forgotten.
    pub async fn token_requests(&self) -> usize {
        self.request_count("POST", "/oauth2/v2.0/token").await
    }

    /// How many requests with this method and this part of the path there were
    /// since they were forgotten.
    pub async fn request_count(&self, method: &str, path: &str) -> usize {
        let record = self.requests().await;
        let is_counted = |request: &&Value| {
            request["method"] == method && request["path"].as_str().unwrap().to_ascii_lowercase().contains(path)
        };
        record["requests"].as_array().unwrap().iter().filter(is_counted).count()
    }

    /// The status of a user's calendar.
    pub async fn status(&self, login: &str) -> Value {
        self.status_of(login, "calendar").await
    }

    /// The status of one resource of a user.
    pub async fn status_of(&self, login: &str, resource: &str) -> Value {
        let rows = self.crm.get("/api/status").await.ok();
        let rows = rows.as_array().unwrap();
        rows.iter().find(|row| row["user"] == login && row["resource"] == resource).unwrap().clone()
    }

    /// The clock that everything sees.
    pub fn now(&self) -> DateTime<Utc> {
        self.app.clock().now()
    }

    /// An administrator of the CRM without a mailbox.
    pub async fn add_administrator(&self, login: &str, organization: &str) {
        self.crm
            .post(
                "/api/users",
                &json!({
                    "login": login, "email": format!("{login}@acme.example"), "displayName": login,
                    "organization": organization, "timeZone": "Europe/Berlin", "administrator": true,
                }),
            )
            .await
            .ok();
    }

    /// The number of a user.
    pub async fn user_id(&self, login: &str) -> String {
        let users = self.crm.get("/api/users").await.ok();
        let user = users.as_array().unwrap().iter().find(|user| user["login"] == login).unwrap().clone();
        user["id"].as_str().map_or_else(|| user["id"].to_string(), str::to_owned)
    }

    /// Runs what is due for everybody.
    pub async fn run_due(&self) -> Vec<host_harness::app::DueRun> {
        self.app.run_due().await.unwrap()
    }
}

/// Options for data in a directory, with a clock that stands still.
pub fn options_on_disk(directory: &Path, now: DateTime<Utc>) -> AppOptions {
    let options = AppOptions::in_memory(HarnessClock::fixed(now), 7);
    AppOptions { data: DataDir::Path(directory.to_owned()), ..options }
}

/// Why an application with these options does not start: what happened, and
/// what to do.
pub async fn refused_start(options: AppOptions) -> (String, String) {
    let error = App::start(options).await.expect_err("the application was not to start");
    (error.to_string(), error.hint().to_owned())
}
