//! The stage of a history: an application in memory, both listeners, and how
//! people and administrators reach them.
//!
//! Everything goes through the interfaces that people and scripts use. What does
//! not answer as it is documented is a [`Mishap`] of the harness itself. Next:
//! [`super::people`].

use chrono::TimeDelta;
use serde_json::{Value, json};
use thiserror::Error;
use url::Url;

use super::history::Setup;
use super::operation::{Direction, FaultKind, Setting, Side, Target, Who};
use super::ran::{Ran, run_at};
use super::words::{entries, start, text};
use crate::app::{App, AppOptions, PluginSource, Resource, StartError};
use crate::caller::{Answer, Caller};
use crate::clock::HarnessClock;
use crate::crm::component_state::{CommitError, Expectation, StateWrite};
use crate::web;

/// The application's registration.
const CLIENT_ID: &str = "0f9a6a2e-6f0e-4f0b-9a53-7f1c2d7f5a10";
/// The directory.
const TENANT: &str = "6d3c2b1a-90f8-4e7d-8c6b-5a4f3e2d1c0b";
/// Where the login comes back to.
const REDIRECT_URI: &str = "http://127.0.0.1:8080/microsoft-identity/connection/access-token";
/// Where the CRM listens.
pub const CRM_AUTHORITY: &str = "127.0.0.1:8080";
/// Where everybody lives.
const HOME: &str = "Europe/Berlin";
/// Where a test build of the component looks for the mistake that it is to make.
const DEFECT_KEY: &str = "defect";
/// What the application may do.
const PERMISSIONS: [&str; 4] = ["User.Read", "Calendars.ReadWrite", "Tasks.ReadWrite", "MailboxSettings.Read"];

/// Something that the harness was to do and did not.
#[derive(Debug, Error)]
pub enum Mishap {
    /// The application does not start.
    #[error("the application did not start")]
    Start(#[source] Box<StartError>),
    /// A listener answered something else.
    #[error("expected {expected}, but found status {status}: {found}")]
    Answer {
        /// What was expected.
        expected: &'static str,
        /// The status.
        status: u16,
        /// The beginning of the answer.
        found: String,
    },
    /// The store of the CRM failed.
    #[error("the CRM did not do its work")]
    Crm(#[from] crate::crm::CrmError),
    /// The store of the component's state failed.
    #[error("the component's state was not written")]
    State(#[from] CommitError),
    /// Something that a scenario rests on did not happen.
    #[error("expected `{operation}` to be taken, because the scenario rests on it, but found {came:?}")]
    NotTaken {
        /// What was to happen.
        operation: String,
        /// What came of it.
        came: Vec<String>,
    },
    /// A value is not what the interface promises.
    #[error("expected {0}, but found something else")]
    Value(&'static str),
}

impl From<StartError> for Mishap {
    fn from(error: StartError) -> Self {
        Self::Start(Box::new(error))
    }
}

/// What came of playing.
pub type Played<T> = Result<T, Mishap>;

/// Characters of an answer in a [`Mishap`].
const FOUND_CHARACTERS_MAX: usize = 300;

/// The body of a success.
pub fn done(answer: &Answer, expected: &'static str) -> Played<Value> {
    if answer.is_success() {
        return Ok(answer.json());
    }
    let found = answer.text.chars().take(FOUND_CHARACTERS_MAX).collect();
    Err(Mishap::Answer { expected, status: answer.status, found })
}

/// What a scene is built from.
#[derive(Clone, Debug)]
pub struct Stage {
    /// What the emulators and the component draw from.
    pub seed: u64,
    /// Which component.
    pub plugin: PluginSource,
    /// Whether the component's work is counted as fuel.
    pub counts_fuel: bool,
    /// Which mistake the component makes, where it is a test build that can make any.
    pub defect: Option<String>,
}

/// Everything that a history is played on.
pub struct Scene {
    /// The application.
    pub app: App,
    /// The CRM listener.
    pub crm: Caller,
    /// The Microsoft listener.
    pub microsoft: Caller,
    /// How often the client secret was renewed.
    secrets: u32,
}

impl Scene {
    /// An empty CRM with three users, each with a mailbox, and the application
    /// registered and switched on.
    ///
    /// # Errors
    /// The harness did not do as it should.
    pub async fn set(setup: &Setup, stage: &Stage) -> Played<Self> {
        let options = AppOptions {
            plugin: stage.plugin.clone(),
            counts_fuel: stage.counts_fuel,
            ..AppOptions::in_memory(HarnessClock::fixed(start()), stage.seed)
        };
        let mut scene = Self::on(App::start(options).await?, 0)?;
        scene.renew_secret().await?;
        let settings = [
            ("application.client-id", json!(CLIENT_ID)),
            ("application.tenant", json!(TENANT)),
            ("features.calendar", json!(setup.resources.contains(&Resource::Calendar))),
            ("features.tasks", json!(setup.resources.contains(&Resource::Tasks))),
        ];
        scene.save("system", "0", &settings).await?;
        for who in Who::ALL {
            scene.add(who).await?;
        }
        let behaviour = json!({
            "pageSizeMax": setup.page_size, "emptyPages": setup.empty_pages, "replay": setup.replay,
            "mastersInDelta": setup.masters_in_delta, "changeKeyBumpSeconds": setup.bumped_keys.then_some(2),
            "cloud": setup.cloud,
        });
        scene.control("behaviour", &behaviour).await?;
        // A status is a field like others here; what a workflow refuses is not.
        done(&scene.crm.put("/api/control/task-workflow", &json!({"active": false})).await, "the workflow to be off")?;
        Ok(scene)
    }

    fn on(app: App, secrets: u32) -> Played<Self> {
        let crm = Caller::new(web::router(app.clone()), CRM_AUTHORITY);
        let emulator = app.microsoft().ok_or(Mishap::Value("the emulator"))?.router();
        let microsoft = Caller::new(emulator, "127.0.0.1:8081");
        Ok(Self { app, crm, microsoft, secrets })
    }

    /// Another scene that is as this one is now, and goes on by itself.
    ///
    /// # Errors
    /// The harness did not do as it should.
    pub fn fork(&self) -> Played<Self> {
        Self::on(self.app.fork()?, self.secrets)
    }

    async fn add(&self, who: Who) -> Played<()> {
        let (login, address) = (who.login(), who.address());
        let user = json!({
            "login": login, "email": address, "displayName": login, "organization": who.organization(),
            "timeZone": HOME,
        });
        done(&self.crm.post("/api/users", &user).await, "a new user")?;
        let mailbox = json!({"userPrincipalName": address, "displayName": login, "timeZone": HOME});
        self.control("mailboxes", &mailbox).await.map(drop)
    }

    /// Has the component make a mistake for everybody, where it can.
    ///
    /// # Errors
    /// The CRM did not do its work.
    pub fn make_defective(&self, defect: &str) -> Played<()> {
        let crm = self.app.crm();
        for scope in crm.all_users()?.iter().map(crate::crm::users::User::scope) {
            let (key, value) = (DEFECT_KEY.to_owned(), Some(defect.as_bytes().to_vec()));
            crm.commit_state(&scope, crm.raise_fence(&scope)?, &[StateWrite { key, value, expect: Expectation::Any }])?;
        }
        Ok(())
    }

    /// Registers the application with another secret, and enters it in the CRM.
    ///
    /// # Errors
    /// The harness did not do as it should.
    pub async fn renew_secret(&mut self) -> Played<()> {
        self.secrets += 1;
        let secret = self.secret();
        let app = json!({
            "clientId": CLIENT_ID, "clientSecret": secret, "tenant": TENANT, "redirectUris": [REDIRECT_URI],
            "permissions": PERMISSIONS,
        });
        self.control("apps", &app).await?;
        self.save("system", "0", &[("application.client-secret", json!(secret))]).await
    }

    /// The present client secret, which must not show up anywhere.
    pub fn secret(&self) -> String {
        format!("client-secret-~{:04}~of-the-simulation", self.secrets)
    }

    /// Calls the management interface of Microsoft.
    ///
    /// # Errors
    /// It refused.
    pub async fn control(&self, path: &str, body: &Value) -> Played<Value> {
        done(&self.microsoft.post(&format!("/_control/{path}"), body).await, "a management request to be done")
    }

    /// Saves values on one level, each with its fallback box unticked.
    ///
    /// # Errors
    /// They were refused.
    pub async fn save(&self, level: &str, id: &str, values: &[(&str, Value)]) -> Played<()> {
        let entry = |(key, value): &(&str, Value)| ((*key).to_owned(), json!({"value": value, "useParent": false}));
        let changes: serde_json::Map<String, Value> = values.iter().map(entry).collect();
        let answer = self.crm.put(&format!("/api/config/{level}/{id}"), &Value::Object(changes)).await;
        done(&answer, "settings to be saved").map(drop)
    }

    /// Sets something as an administrator does, or a user for oneself.
    ///
    /// # Errors
    /// It was refused.
    pub async fn set_up(&self, setting: Setting) -> Played<()> {
        match setting {
            Setting::CrmWins(resource, crm_wins) => {
                let rule = if crm_wins { "crm-wins" } else { "microsoft-wins" };
                self.save("system", "0", &[(&format!("{resource}.conflict-resolution"), json!(rule))]).await
            }
            Setting::Direction(resource, direction) => {
                let direction = match direction {
                    Direction::Both => "bidirectional",
                    Direction::From(Side::Crm) => "crm-to-microsoft",
                    Direction::From(Side::Microsoft) => "microsoft-to-crm",
                };
                self.save("system", "0", &[(&format!("{resource}.direction"), json!(direction))]).await
            }
            Setting::Window(past, future) => {
                let days = [("sync.window-past-days", json!(past)), ("sync.window-future-days", json!(future))];
                self.save("system", "0", &days).await
            }
            Setting::Switch(who, resource, on) => {
                self.save("user", who.login(), &[(&format!("{resource}.enabled"), json!(on))]).await
            }
        }
    }

    /// Scripts a fault of the component's requests.
    ///
    /// # Errors
    /// The script was refused.
    pub async fn fault(&self, kind: FaultKind, target: Target, skip: u32, times: u32) -> Played<()> {
        let line = json!([{"match": target.matcher(), "skip": skip, "times": times, "do": kind.word()}]);
        self.control("faults", &line).await.map(drop)
    }

    /// How many requests the script still is to hit.
    ///
    /// # Errors
    /// The harness did not do as it should.
    pub async fn faults_left(&self) -> Played<Value> {
        done(&self.microsoft.get("/_control/faults").await, "the script of faults")
    }

    /// Has everything go well from now on.
    ///
    /// # Errors
    /// The harness did not do as it should.
    pub async fn calm(&self) -> Played<()> {
        done(&self.microsoft.delete("/_control/faults").await, "the script of faults to be forgotten")?;
        self.app.interrupt_next_step(None);
        Ok(())
    }

    /// Walks through the sign-in as a person does; whether it led to a connection.
    ///
    /// # Errors
    /// A page is not as documented.
    pub async fn connect(&self, who: Who) -> Played<bool> {
        let path = format!("/api/users/{}/microsoft/connect", who.login());
        let begun = self.crm.post(&path, &json!({})).await;
        if !begun.is_success() {
            return Ok(false);
        }
        let url =
            Url::parse(text(&begun.json(), "authorizeUrl")).map_err(|_| Mishap::Value("an address to sign in"))?;
        let mut fields: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        fields.push(("user".to_owned(), who.address().to_owned()));
        fields.push(("decision".to_owned(), "accept".to_owned()));
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let decided = self.microsoft.form(url.path(), &fields).await;
        let back = decided.header("location").and_then(|location| Url::parse(location).ok());
        let back = back.ok_or(Mishap::Value("a way back from the sign-in"))?;
        Ok(self.crm.get(&path_and_query(&back)).await.is_success())
    }

    /// Lets the mailbox go.
    ///
    /// # Errors
    /// The CRM refused.
    pub async fn disconnect(&self, who: Who) -> Played<()> {
        let path = format!("/api/users/{}/microsoft/disconnect", who.login());
        done(&self.crm.post(&path, &json!({})).await, "the account to be disconnected").map(drop)
    }

    /// A run: what came of it.
    pub async fn sync(&self, who: Who, resource: Resource, again: bool) -> Ran {
        run_at(&self.crm, who, resource, again).await
    }

    /// What a run would do.
    pub async fn preview(&self, who: Who, resource: Resource) -> Ran {
        let body = json!({"user": who.login(), "resource": resource, "preview": true});
        Ran::of(&self.crm.post("/api/sync", &body).await)
    }

    /// Asks for the last conflict of a resource to be taken back; the run that is
    /// begun for it is torn down at once. The conflict.
    ///
    /// # Errors
    /// There is none, or it cannot be taken back.
    pub async fn take_back(&self, who: Who, resource: Resource) -> Played<Value> {
        let path = format!("/api/conflicts?user={}", who.login());
        let conflicts = done(&self.crm.get(&path).await, "the conflicts of a user")?;
        let of_resource = |conflict: &&Value| text(conflict, "resource") == resource.as_str();
        // The latest stand first.
        let last = entries(&conflicts).iter().find(of_resource).ok_or(Mishap::Value("a conflict"))?;
        self.app.crash_after_host_calls(1);
        let path = format!("/api/conflicts/{}/reverse", text(last, "id"));
        match Ran::of(&self.crm.post(&path, &json!({"user": who.login()})).await) {
            Ran::TornDown => Ok(last.clone()),
            Ran::Report(_) | Ran::Refused(_) | Ran::Failed(_) => Err(Mishap::Value("a run that is torn down")),
        }
    }

    /// Moves the clock on.
    pub fn pass(&self, by: TimeDelta) {
        self.app.clock().advance(by);
    }

    /// Graph as the owner of a mailbox uses it.
    ///
    /// # Errors
    /// There is no token for it.
    pub async fn graph(&self, who: Who) -> Played<Caller> {
        let wanted = json!({
            "userPrincipalName": who.address(), "scopes": ["User.Read", "Calendars.ReadWrite", "Tasks.ReadWrite"],
        });
        let answer = self.control("token", &wanted).await?;
        let token = format!("Bearer {}", text(&answer, "accessToken"));
        let prefer = "outlook.timezone=\"UTC\", IdType=\"ImmutableId\"";
        Ok(self.microsoft.with_header("authorization", &token).with_header("prefer", prefer))
    }

    /// Requests to Microsoft since they were forgotten.
    ///
    /// # Errors
    /// The harness did not do as it should.
    pub async fn requests(&self) -> Played<Value> {
        done(&self.microsoft.get("/_control/requests").await, "the record of requests")
    }

    /// Forgets the requests so far.
    ///
    /// # Errors
    /// The harness did not do as it should.
    pub async fn forget_requests(&self) -> Played<()> {
        done(&self.microsoft.delete("/_control/requests").await, "the record of requests to be emptied").map(drop)
    }
}

/// All items of a list of Graph.
///
/// # Errors
/// A page is not as documented.
pub async fn all_pages(graph: &Caller, first: &str) -> Played<Vec<Value>> {
    let mut items = Vec::new();
    let mut next = Some(first.to_owned());
    while let Some(path) = next {
        let page = done(&graph.get(&path).await, "a page of a list")?;
        items.extend_from_slice(entries(&page["value"]));
        next = Url::parse(text(&page, "@odata.nextLink")).ok().map(|link| path_and_query(&link));
    }
    Ok(items)
}

/// What stands behind the authority of an address.
fn path_and_query(url: &Url) -> String {
    url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
}
