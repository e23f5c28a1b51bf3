//! The CRM, Microsoft and the component, ready for a scenario.

use chrono::{DateTime, Utc};
use host_harness::app::{App, AppOptions};
use host_harness::clock::HarnessClock;
use host_harness::graph::Microsoft;
use host_harness::web;
use serde_json::{Value, json};
use url::Url;

use crate::{Answer, Client, Outlook};

/// When every scenario begins: a Monday morning before the change to summer
/// time.
pub const START: &str = "2026-03-02T08:00:00Z";

/// The application registration of the scenarios.
pub const CLIENT_ID: &str = "0f9a6a2e-6f0e-4f0b-9a53-7f1c2d7f5a10";
/// Its secret.
pub const CLIENT_SECRET: &str = "scenario-secret-~value";
/// The directory.
pub const TENANT: &str = "6d3c2b1a-90f8-4e7d-8c6b-5a4f3e2d1c0b";
/// Where the login comes back to.
pub const REDIRECT_URI: &str = "http://127.0.0.1:8080/microsoft-identity/connection/access-token";

/// Everything that a scenario needs.
pub struct World {
    /// The application under test.
    pub app: App,
    /// The CRM listener.
    pub crm: Client,
    /// The Microsoft listener.
    pub microsoft: Client,
}

/// Nobody is told anything that a scenario does not look at: an invitation that
/// nobody wanted is what this product must never send.
impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let by_microsoft = self.app.microsoft().map(Microsoft::outbox).unwrap_or_default();
        let unseen = by_microsoft.get(self.microsoft.mails_seen()..).unwrap_or_default();
        assert!(unseen.is_empty(), "Microsoft has told somebody, and nobody has looked: {unseen:?}");
        let by_crm = self.app.crm().outbox().unwrap();
        let unseen = by_crm.get(self.crm.mails_seen()..).unwrap_or_default();
        assert!(unseen.is_empty(), "the CRM has told somebody, and nobody has looked: {unseen:?}");
    }
}

impl World {
    /// An empty CRM and an empty Microsoft.
    pub async fn empty() -> Self {
        let start: DateTime<Utc> = START.parse().unwrap();
        Self::with(AppOptions::in_memory(HarnessClock::fixed(start), 7)).await
    }

    /// The same with other options.
    pub async fn with(options: AppOptions) -> Self {
        let app = App::start(options).await.unwrap();
        let crm = Client::new(web::router(app.clone()), "127.0.0.1:8080");
        let microsoft = Client::new(app.microsoft().unwrap().router(), "127.0.0.1:8081");
        Self { app, crm, microsoft }
    }

    /// A CRM with the user `anna`, whose mailbox is connected, and calendars
    /// enabled in both directions.
    pub async fn connected() -> Self {
        let world = Self::empty().await;
        world.configure().await;
        world.add_user("anna", "Acme").await;
        world.connect("anna").await;
        world.forget_requests().await;
        world
    }

    /// The same with tasks enabled as well before the mailbox is connected.
    pub async fn connected_with_tasks() -> Self {
        let world = Self::empty().await;
        world.configure().await;
        world.switch_tasks_on().await;
        world.add_user("anna", "Acme").await;
        world.connect("anna").await;
        world.forget_requests().await;
        world
    }

    /// Tasks switched on, and their permissions at Microsoft.
    pub async fn switch_tasks_on(&self) {
        self.register_app(&json!(["User.Read", "Calendars.ReadWrite", "Tasks.ReadWrite", "MailboxSettings.Read"]))
            .await;
        self.save("system", "0", &[("features.tasks", json!(true))]).await.ok();
    }

    /// The application registered at Microsoft and entered in the CRM, the
    /// calendar switched on.
    pub async fn configure(&self) {
        self.register_app(&json!(["User.Read", "Calendars.ReadWrite"])).await;
        self.save(
            "system",
            "0",
            &[
                ("application.client-id", json!(CLIENT_ID)),
                ("application.client-secret", json!(CLIENT_SECRET)),
                ("application.tenant", json!(TENANT)),
                ("features.calendar", json!(true)),
            ],
        )
        .await
        .ok();
    }

    /// The application registration, with these delegated permissions.
    pub async fn register_app(&self, permissions: &Value) {
        self.control(
            "apps",
            &json!({
                "clientId": CLIENT_ID,
                "clientSecret": CLIENT_SECRET,
                "tenant": TENANT,
                "redirectUris": [REDIRECT_URI],
                "permissions": permissions,
            }),
        )
        .await;
    }

    /// A user of the CRM with a mailbox of the same address.
    pub async fn add_user(&self, login: &str, organization: &str) {
        self.add_user_in(login, organization, "Europe/Berlin").await;
    }

    /// The same for a user who lives in another zone.
    pub async fn add_user_in(&self, login: &str, organization: &str, zone: &str) {
        let address = address(login);
        self.crm
            .post(
                "/api/users",
                &json!({
                    "login": login, "email": address, "displayName": login, "organization": organization,
                    "timeZone": zone,
                }),
            )
            .await
            .ok();
        self.control("mailboxes", &json!({ "userPrincipalName": address, "displayName": login, "timeZone": zone }))
            .await;
    }

    /// Walks through the sign-in as a person does.
    pub async fn connect(&self, login: &str) {
        let landed = self.sign_in(login, "accept").await;
        assert!(landed.status.is_success(), "{}: {}", landed.status, landed.text);
        let account = self.crm.post(&format!("/api/users/{login}/microsoft/check"), &json!({})).await.ok();
        assert_eq!(account["ok"], true, "{account}");
    }

    /// Begins a connection, decides on Microsoft's page, and lands on the CRM's.
    pub async fn sign_in(&self, login: &str, decision: &str) -> Answer {
        let begun = self.crm.post(&format!("/api/users/{login}/microsoft/connect"), &json!({})).await.ok();
        let back = self.decide_at_microsoft(begun["authorizeUrl"].as_str().unwrap(), login, decision).await;
        self.crm.get(&back).await
    }

    /// Posts the form of Microsoft's sign-in page; answers with the path that
    /// it sends the browser back to.
    pub async fn decide_at_microsoft(&self, authorize_url: &str, login: &str, decision: &str) -> String {
        let url = Url::parse(authorize_url).unwrap();
        let page = self.microsoft.get(&path_and_query(&url)).await;
        assert!(page.status.is_success(), "{}: {}", page.status, page.text);
        let mut fields: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        fields.push(("user".to_owned(), address(login)));
        fields.push(("decision".to_owned(), decision.to_owned()));
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = self.microsoft.form(url.path(), &fields).await;
        let location = answer.header("location").unwrap_or_else(|| panic!("{}: {}", answer.status, answer.text));
        assert!(location.starts_with(REDIRECT_URI), "{location}");
        path_and_query(&Url::parse(location).unwrap())
    }

    /// Saves values on one level, each with its fallback box unticked.
    pub async fn save(&self, level: &str, id: &str, values: &[(&str, Value)]) -> Answer {
        let changes: serde_json::Map<String, Value> = values
            .iter()
            .map(|(key, value)| ((*key).to_owned(), json!({"value": value, "useParent": false})))
            .collect();
        self.crm.put(&format!("/api/config/{level}/{id}"), &Value::Object(changes)).await
    }

    /// The effective value of one key for a user, and its source.
    pub async fn effective(&self, login: &str, key: &str) -> (Value, String) {
        let all = self.crm.get(&format!("/api/config/effective?user={login}")).await.ok();
        let entry = &all[key];
        (entry["value"].clone(), entry["source"].as_str().unwrap_or("missing").to_owned())
    }

    /// Synchronises one user's calendar until nothing is left to do.
    pub async fn sync(&self, login: &str) -> Value {
        self.crm.post("/api/sync", &json!({"user": login, "resource": "calendar"})).await.ok()
    }

    /// Synchronises one user's tasks until nothing is left to do.
    pub async fn sync_tasks(&self, login: &str) -> Value {
        self.crm.post("/api/sync", &json!({"user": login, "resource": "tasks"})).await.ok()
    }

    /// A mailbox as its owner uses it.
    pub async fn outlook(&self, login: &str) -> Outlook {
        let answer = self
            .microsoft
            .post(
                "/_control/token",
                &json!({
                    "userPrincipalName": address(login),
                    "scopes": ["User.Read", "Calendars.ReadWrite", "Tasks.ReadWrite"],
                }),
            )
            .await
            .ok();
        Outlook::new(&self.microsoft, answer["accessToken"].as_str().unwrap())
    }

    /// Creates an event in the CRM.
    pub async fn crm_create(&self, login: &str, event: &Value) -> Value {
        self.crm.post(&format!("/api/calendar-events?user={login}"), event).await.ok()
    }

    /// Creates a timed event in the CRM.
    pub async fn crm_create_timed(&self, login: &str, title: &str, start: &str, end: &str) -> Value {
        self.crm_create(login, &json!({"title": title, "start": start, "end": end, "timeZone": "Europe/Berlin"})).await
    }

    /// Changes an event in the CRM.
    pub async fn crm_update(&self, id: &Value, patch: &Value) -> Value {
        self.crm.patch(&format!("/api/calendar-events/{}", plain(id)), patch).await.ok()
    }

    /// Deletes an event in the CRM.
    pub async fn crm_delete(&self, id: &Value) {
        self.crm.delete(&format!("/api/calendar-events/{}", plain(id))).await.ok();
    }

    /// The events of a user in the CRM.
    pub async fn crm_events(&self, login: &str) -> Vec<Value> {
        let answer = self.crm.get(&format!("/api/calendar-events?user={login}")).await.ok();
        answer.as_array().unwrap_or_else(|| panic!("expected a list, but found {answer}")).clone()
    }

    /// The event with this title, which has to be the only one.
    #[track_caller]
    pub fn only(events: &[Value], title: &str) -> Value {
        let found: Vec<&Value> = events.iter().filter(|event| event["title"] == title).collect();
        assert_eq!(found.len(), 1, "expected one `{title}` in the CRM, but found {}", found.len());
        found[0].clone()
    }

    /// Calls Microsoft's control interface.
    pub async fn control(&self, path: &str, body: &Value) -> Value {
        self.microsoft.post(&format!("/_control/{path}"), body).await.ok()
    }

    /// Requests to Microsoft since the last time they were forgotten.
    pub async fn requests(&self) -> Value {
        self.microsoft.get("/_control/requests").await.ok()
    }

    /// Forgets the requests so far.
    pub async fn forget_requests(&self) {
        self.microsoft.delete("/_control/requests").await.ok();
    }

    /// Moves the clock on.
    pub async fn advance(&self, seconds: i64) {
        self.crm.post("/api/control/clock", &json!({"advanceSeconds": seconds})).await.ok();
    }

    /// Unresolved alerts.
    pub async fn alerts(&self) -> Vec<Value> {
        self.crm.get("/api/alerts").await.ok().as_array().unwrap().clone()
    }

    /// Recorded conflicts.
    pub async fn conflicts(&self) -> Vec<Value> {
        self.crm.get("/api/conflicts").await.ok().as_array().unwrap().clone()
    }
}

/// The address of a user.
pub(crate) fn address(login: &str) -> String {
    format!("{login}@acme.example")
}

pub(crate) fn plain(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

/// What stands behind the authority of an address.
pub(crate) fn path_and_query(url: &Url) -> String {
    url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
}
