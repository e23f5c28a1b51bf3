//! A CRM in memory with many users who are synchronised: each has an account, a
//! history of runs, and now and then an alert, as after a day of work.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::BenchError;
use crate::app::types::{FieldChange, SettingValue};
use crate::app::{App, AppOptions, SettingsScope};
use crate::clock::HarnessClock;
use crate::crm::Crm;
use crate::crm::config::{ConfigAction, ConfigLevel, ConfigWrite};
use crate::crm::notices::{AlertKind, AlertOperation, AlertStep, NewAlert, NoticeResource};
use crate::crm::overview::Whose;
use crate::crm::runs::{Holder, RunOutcome, SyncResource};
use crate::crm::users::{NewUser, User};

/// The login of who looks.
pub(super) const ADMINISTRATOR: &str = "admin";

/// The application and its directory, which nobody asks.
const APPLICATION: &str = "5a3c7d10-8f6e-4b21-9c4d-2e1f0a9b8c7d";
const TENANT: &str = "0f9e8d7c-6b5a-4c3d-8e2f-1a0b9c8d7e6f";

/// Runs of each resource that are kept of everybody.
const RUNS: u32 = 3;

/// One user in so many has settings of their own, one is throttled, one has an alert, and
/// one has to connect again.
const OWN_SETTINGS_EVERY: u32 = 10;
const THROTTLED_EVERY: u32 = 20;
const ALERT_EVERY: u32 = 25;
const PARKED_EVERY: u32 = 50;

const LEASE: TimeDelta = TimeDelta::minutes(1);

/// When the day ends that the pages show.
fn evening() -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_467_200, 0).unwrap_or_default()
}

/// An application with so many users.
pub(super) async fn filled(users: u32) -> Result<App, BenchError> {
    let app = App::start(AppOptions::in_memory(HarnessClock::fixed(evening()), 1)).await?;
    let crm = app.crm();
    let set = |key: &str, value| FieldChange { key: key.to_owned(), value, use_parent: false };
    let text = |key, value: &str| set(key, SettingValue::Text(value.to_owned()));
    let on = |key| set(key, SettingValue::Boolean(true));
    let system = vec![
        text("application.client-id", APPLICATION),
        text("application.client-secret", "secret"),
        text("application.tenant", TENANT),
        on("features.calendar"),
        on("features.tasks"),
    ];
    app.save(&SettingsScope::System, system).await?;
    person(crm, ADMINISTRATOR, true)?;
    for number in 1..users {
        let user = person(crm, &format!("user{number:05}"), false)?;
        synchronised(crm, &user, number)?;
    }
    Ok(app)
}

fn person(crm: &Crm, login: &str, administrator: bool) -> Result<User, BenchError> {
    Ok(crm.create_user(&NewUser {
        login: login.to_owned(),
        email: format!("{login}@acme.example"),
        display_name: format!("{} Example", login.to_uppercase()),
        organization: "Acme".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        administrator,
    })?)
}

/// Leaves what a day of runs leaves.
fn synchronised(crm: &Crm, user: &User, number: u32) -> Result<(), BenchError> {
    let holder = Holder::new("bench");
    for run in 0..RUNS {
        for resource in [SyncResource::Calendar, SyncResource::Tasks] {
            crm.claim_run(user.id, resource, &holder, LEASE)?;
            let outcome = RunOutcome {
                succeeded: true,
                report: json!({
                    "crm": {"created": run, "updated": number % 7, "deleted": 0},
                    "microsoft": {"created": 0, "updated": number % 3, "deleted": 0},
                    "requests": 3, "steps": 1, "next": {"when": "idle"},
                }),
                next_sync_at: Some(crm.now() + TimeDelta::minutes(i64::from(number % 10))),
                is_throttled: number.is_multiple_of(THROTTLED_EVERY),
            };
            crm.finish_run(user.id, &holder, &outcome)?;
        }
    }
    let parked = number.is_multiple_of(PARKED_EVERY).then_some("reconnect-needed");
    let standing = json!({
        "account": {"id": format!("object-{number}"), "name": user.email, "missingScopes": [], "parked": parked},
        "resources": {
            "calendar": {"linked": number % 900, "setAside": number % 3, "openWrites": [], "guardRail": null},
            "tasks": {"linked": number % 90, "setAside": 0, "openWrites": [], "guardRail": null},
        },
    });
    let commits = crm.overview(Whose::User(user.id))?.first().map_or(0, |overview| overview.commits);
    crm.keep_standing(user.id, commits, &standing.to_string())?;
    if number.is_multiple_of(OWN_SETTINGS_EVERY) {
        let minutes = ConfigAction::Store(json!(5 + number % 50));
        crm.put_config(
            ConfigLevel::User(user.id),
            &[ConfigWrite { key: "sync.interval-minutes".to_owned(), action: minutes }],
        )?;
    }
    if number.is_multiple_of(ALERT_EVERY) {
        let alert = NewAlert {
            resource: NoticeResource::Calendar,
            kind: AlertKind::Sync,
            operation: AlertOperation::None,
            step: AlertStep::Save,
            code: "refused".to_owned(),
            item_id: Some(number.to_string()),
            external_id: None,
            message: "Microsoft did not accept the event.".to_owned(),
            hint: "Change it.".to_owned(),
        };
        crm.raise_alerts(&user.scope(), &[alert])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeSet;

    use super::*;
    use crate::app::{Resource, StatusRow, WaitsFor};

    /// What is kept of everybody can be read, so that nobody's component is asked.
    #[tokio::test]
    async fn everybody_but_the_administrator_is_connected_and_has_linked_items() {
        let app = filled(30).await.unwrap();
        let rows = app.status(Whose::All).await.unwrap();
        let calendars = rows.iter().filter(|row| row.resource == Resource::Calendar && row.user != ADMINISTRATOR);
        let standing: Vec<(bool, bool)> = calendars.map(|row| (row.connected, row.linked > 0)).collect();
        assert_eq!(standing, vec![(true, true); 29]);
    }

    /// What a list narrowed to them has to look for.
    #[tokio::test]
    async fn a_few_have_to_connect_again() {
        let app = filled(PARKED_EVERY * 2 + 1).await.unwrap();
        let rows = app.status(Whose::All).await.unwrap();
        let parked = |row: &StatusRow| row.waits_for.is_some_and(WaitsFor::needs_somebody);
        let logins: BTreeSet<_> = rows.iter().filter(|row| row.connected && parked(row)).map(|row| &row.user).collect();
        assert_eq!(logins.into_iter().collect::<Vec<_>>(), ["user00050", "user00100"]);
    }
}
