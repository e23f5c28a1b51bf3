//! A CRM in memory with many users who are synchronised: each has an account, a
//! history of runs, and now and then an alert, as after a day of work.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::BenchError;
use crate::app::{App, AppOptions};
use crate::clock::HarnessClock;
use crate::crm::Crm;
use crate::crm::config::{ConfigAction, ConfigLevel, ConfigWrite};
use crate::crm::notices::{AlertKind, AlertOperation, AlertStep, NewAlert, NoticeResource};
use crate::crm::overview::Whose;
use crate::crm::runs::{Holder, RunOutcome, SyncResource};
use crate::crm::users::{NewUser, User};

/// The login of who looks.
pub(super) const ADMINISTRATOR: &str = "admin";

/// Runs of each resource that are kept of everybody.
const RUNS: u32 = 3;

/// One user in so many has settings of their own, one an alert, and one is throttled.
const OWN_SETTINGS_EVERY: u32 = 10;
const THROTTLED_EVERY: u32 = 20;
const ALERT_EVERY: u32 = 25;

const LEASE: TimeDelta = TimeDelta::minutes(1);

/// When the day ends that the pages show.
fn evening() -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_467_200, 0).unwrap_or_default()
}

/// An application with so many users.
pub(super) async fn filled(users: u32) -> Result<App, BenchError> {
    let app = App::start(AppOptions::in_memory(HarnessClock::fixed(evening()), 1)).await?;
    let crm = app.crm();
    let on = |key: &str| ConfigWrite { key: key.to_owned(), action: ConfigAction::Store(json!(true)) };
    let text = |key: &str| ConfigWrite { key: key.to_owned(), action: ConfigAction::Store(json!("x")) };
    let system =
        [on("features.calendar"), on("features.tasks"), text("application.client-id"), text("application.tenant")];
    crm.put_config(ConfigLevel::System, &system)?;
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
    let standing = json!({
        "account": {"id": format!("object-{number}"), "name": user.email, "missingScopes": [], "parked": null},
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

    use super::*;
    use crate::app::Resource;

    /// What is kept of everybody can be read, so that nobody's component is asked.
    #[tokio::test]
    async fn everybody_but_the_administrator_is_connected_and_has_linked_items() {
        let app = filled(30).await.unwrap();
        let rows = app.status(Whose::All).await.unwrap();
        let calendars = rows.iter().filter(|row| row.resource == Resource::Calendar && row.user != ADMINISTRATOR);
        let standing: Vec<(bool, bool)> = calendars.map(|row| (row.connected, row.linked > 0)).collect();
        assert_eq!(standing, vec![(true, true); 29]);
    }
}
