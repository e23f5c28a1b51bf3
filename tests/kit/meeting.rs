//! Several people of one tenant, and what they are told: users who work
//! together, both outboxes, answers, and what becomes of an account.

use host_harness::crm::Scope;
use host_harness::crm::component_state::{Expectation, StateWrite};
use serde_json::{Value, json};

use crate::{Answer, Outlook, World};

/// Colleagues of one organization.
pub const COLLEAGUES: [&str; 3] = ["anna", "ben", "cleo"];
/// Everybody who has a mailbox: the colleagues, and somebody of another
/// organization.
pub const EVERYBODY: [&str; 4] = ["anna", "ben", "cleo", "dora"];

/// Entries of the component's state in one commit.
const LOST_PER_COMMIT: usize = 100;

impl World {
    /// Anna, Ben and Cleo of one organization and Dora of another, connected and
    /// synchronised once with empty calendars: what anybody enters now is an
    /// edit.
    pub async fn together() -> Self {
        let world = Self::before_the_first_run().await;
        world.sync_each(&EVERYBODY).await;
        world
    }

    /// The same people, connected, before the first run of anybody.
    pub async fn before_the_first_run() -> Self {
        let world = Self::before_the_connection().await;
        for login in EVERYBODY {
            world.connect(login).await;
        }
        world
    }

    /// The same people without an account.
    pub async fn before_the_connection() -> Self {
        let world = Self::empty().await;
        world.configure().await;
        for login in COLLEAGUES {
            world.add_user(login, "Acme").await;
        }
        world.add_user("dora", "Globex").await;
        world
    }

    /// Synchronises one after the other.
    pub async fn sync_each(&self, logins: &[&str]) {
        for login in logins {
            let report = self.sync(login).await;
            assert_eq!(report["next"]["when"], "idle", "{login}: {report}");
        }
    }

    /// Synchronises everybody once more: nobody's run has anything to write, and
    /// nobody is told anything.
    pub async fn assert_at_rest(&self, logins: &[&str]) {
        for login in logins {
            let report = self.sync(login).await;
            assert_eq!(report["next"]["when"], "idle", "{login}: {report}");
            for side in ["crm", "microsoft"] {
                for kind in ["created", "updated", "deleted"] {
                    assert_eq!(report[side][kind], 0, "{login}: {side} {kind}: {report}");
                }
            }
        }
        self.assert_silent().await;
    }

    /// The mails of Microsoft so far, `kind to subject` with the login for the
    /// address, sorted; they are forgotten then. The CRM has sent none: that is
    /// not its duty while Microsoft does it (Oro row C5).
    pub async fn told(&self) -> Vec<String> {
        assert_eq!(self.crm_told().await, [""; 0], "mails of the CRM");
        self.take_mails().await
    }

    /// The same without a look at the CRM's outbox, as after what a person did in
    /// Outlook.
    pub async fn take_mails(&self) -> Vec<String> {
        let mut mails: Vec<String> =
            self.mails().await.into_iter().map(|line| line.replace("@acme.example", "")).collect();
        mails.sort();
        self.microsoft.delete("/_control/outbox").await.ok();
        mails
    }

    /// The mails of the CRM so far, `kind to`, sorted; they are forgotten then.
    pub async fn crm_told(&self) -> Vec<String> {
        let mails = self.crm.get("/api/outbox").await.ok();
        self.crm.delete("/api/outbox").await.ok();
        let line = |mail: &Value| format!("{} {}", mail["kind"].as_str().unwrap(), mail["to"].as_str().unwrap());
        let mut mails: Vec<String> =
            mails.as_array().unwrap().iter().map(|mail| line(mail).replace("@acme.example", "")).collect();
        mails.sort();
        mails
    }

    /// Nobody was told anything, by neither side.
    pub async fn assert_silent(&self) {
        assert_eq!(self.told().await, [""; 0], "mails of Microsoft");
    }

    /// Answers an invitation in the CRM.
    pub async fn reply(&self, id: &Value, status: &str) -> Answer {
        let path = format!("/api/calendar-events/{}/reply", id.as_str().unwrap());
        self.crm.post(&path, &json!({"status": status})).await
    }

    /// What a run of this user would do.
    pub async fn preview(&self, login: &str) -> Value {
        self.crm.post("/api/sync", &json!({"user": login, "resource": "calendar", "preview": true})).await.ok()
    }

    /// Lets go of an account, as the button does.
    pub async fn disconnect(&self, login: &str) {
        self.crm.post(&format!("/api/users/{login}/microsoft/disconnect"), &json!({})).await.ok();
    }

    /// Loses everything that the component has stored about this user's
    /// calendar: links, bases and cursors. The account stays.
    pub fn lose_links(&self, login: &str) {
        let user = self.app.crm().user_by_login(login).unwrap();
        let scope = Scope::user(user.organization_id, user.id);
        let fence = self.app.crm().raise_fence(&scope).unwrap();
        let mut lost = 0;
        loop {
            let page = self.app.crm().list_state(&scope, "calendar/", None, LOST_PER_COMMIT).unwrap();
            if page.entries.is_empty() {
                break;
            }
            lost += page.entries.len();
            let writes: Vec<StateWrite> = page
                .entries
                .into_iter()
                .map(|entry| StateWrite { key: entry.key, value: None, expect: Expectation::Any })
                .collect();
            self.app.crm().commit_state(&scope, fence, &writes).unwrap();
        }
        assert!(lost > 0, "expected a state to lose, but found none");
    }

    /// An event of the CRM with the meeting that it belongs to.
    pub async fn crm_event(&self, id: &Value) -> Value {
        self.crm.get(&format!("/api/calendar-events/{}", id.as_str().unwrap())).await.ok()
    }

    /// The single events and series of a user in the CRM, without the exceptions
    /// of series.
    pub async fn crm_masters(&self, login: &str) -> Vec<Value> {
        let events = self.crm_events(login).await;
        events.into_iter().filter(|event| event["recurringEventId"].is_null()).collect()
    }

    /// The only single event or series of a user in the CRM.
    pub async fn crm_only(&self, login: &str) -> Value {
        let events = self.crm_masters(login).await;
        assert_eq!(events.len(), 1, "expected one event of {login} in the CRM, but found {events:?}");
        events[0].clone()
    }
}

impl Outlook {
    /// Answers an invitation, and lets the organiser know.
    pub async fn answer(&self, id: &str, action: &str) {
        let path = format!("/v1.0/me/events/{id}/{action}");
        self.graph().post(&path, &json!({"sendResponse": true})).await.ok();
    }

    /// The only single event or series of the calendar.
    pub async fn the_only(&self) -> Value {
        let events = self.events().await;
        assert_eq!(events.len(), 1, "expected one event in Outlook, but found {events:?}");
        events[0].clone()
    }
}

/// Guests with these logins, as the CRM takes them.
pub fn crm_guests(logins: &[&str]) -> Value {
    logins.iter().map(|login| json!({"email": format!("{login}@acme.example")})).collect()
}

/// Guests with these logins, as Graph takes them.
pub fn outlook_guests(logins: &[&str]) -> Value {
    let guest =
        |login: &&str| json!({"emailAddress": {"address": format!("{login}@acme.example")}, "type": "required"});
    logins.iter().map(guest).collect()
}

/// Guests of an event of the CRM: `login type status`, sorted.
pub fn crm_guest_list(event: &Value) -> Vec<String> {
    let line = |guest: &Value| {
        let text = |name: &str| guest[name].as_str().unwrap_or_default().to_ascii_lowercase();
        format!("{} {} {}", text("email").replace("@acme.example", ""), text("type"), text("status"))
    };
    let mut guests: Vec<String> = event["attendees"].as_array().unwrap().iter().map(line).collect();
    guests.sort();
    guests
}

/// Guests of an event of Outlook: `login type response`, sorted.
pub fn outlook_guest_list(event: &Value) -> Vec<String> {
    let line = |guest: &Value| {
        let address = guest["emailAddress"]["address"].as_str().unwrap().to_ascii_lowercase();
        let login = address.replace("@acme.example", "");
        format!("{login} {} {}", guest["type"].as_str().unwrap(), guest["status"]["response"].as_str().unwrap())
    };
    let mut guests: Vec<String> = event["attendees"].as_array().unwrap().iter().map(line).collect();
    guests.sort();
    guests
}
