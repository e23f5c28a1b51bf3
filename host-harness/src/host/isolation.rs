//! Every function of every import, called by instances of other scopes with what
//! belongs to somebody: nothing of it is shown, and nothing of it is touched.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Arc;

use serde_json::json;
use tandem_runtime::HostCalls;

use super::bindings::tandem::host::{calendar, config, notices, secrets, storage, tasks};
use super::context::{CallContext, HostFacts, HostView};
use super::lies::Liar;
use super::log::Lines;
use super::types::HostError;
use crate::crm::config::{ConfigAction, ConfigLevel, ConfigWrite};
use crate::crm::event::input::EventInput;
use crate::crm::fixtures::{crm, held, new_user, person};
use crate::crm::notices::{AlertKind, AlertList, AlertOperation, AlertStep, NewAlert, NoticeResource};
use crate::crm::secrets::{SecretBytes, SecretName};
use crate::crm::task::TaskInput;
use crate::crm::users::{NewUser, User};
use crate::crm::{Crm, Scope};

/// The word that is in everything of Alice's, and in nothing else.
const MARK: &str = "ALICE";

/// Functions that no answer comes from and that keep nothing.
const SAYS_NOTHING: [&str; 1] = ["log write"];

/// What Alice has.
struct Alice {
    user: User,
    event: String,
    task: String,
    fence: u64,
}

impl Alice {
    fn new(crm: &Crm) -> Self {
        let user = person(crm, "alice");
        let scope = user.scope();
        let event = json!({"title": MARK, "start": "2026-03-02T09:00:00Z", "end": "2026-03-02T10:00:00Z"});
        let event = crm.create_event(user.id, EventInput::from_json(event).unwrap()).unwrap().id.to_string();
        let task = TaskInput::from_json(json!({ "subject": MARK })).unwrap();
        let task = crm.create_task(user.id, task).unwrap().id.to_string();
        for name in [SecretName::AccountTokens, SecretName::PendingAuthorization] {
            let bytes = SecretBytes::new(MARK.as_bytes().to_vec());
            crm.put_secret(&scope, name, Some(&bytes), crate::crm::component_state::Expectation::Any).unwrap();
        }
        let row = ConfigWrite { key: "k".to_owned(), action: ConfigAction::Store(json!(MARK)) };
        crm.put_config(ConfigLevel::User(user.id), &[row]).unwrap();
        let alert = NewAlert {
            resource: NoticeResource::Calendar,
            kind: AlertKind::Sync,
            operation: AlertOperation::None,
            step: AlertStep::Plan,
            code: "c".to_owned(),
            item_id: Some(event.clone()),
            external_id: None,
            message: MARK.to_owned(),
            hint: String::new(),
        };
        crm.raise_alerts(&scope, &[alert]).unwrap();
        let fence = held(crm, &user);
        let state = crate::crm::component_state::StateWrite {
            key: "k".to_owned(),
            value: Some(MARK.as_bytes().to_vec()),
            expect: crate::crm::component_state::Expectation::Any,
        };
        crm.commit_state(&scope, fence, &[state]).unwrap();
        Self { user, event, task, fence: fence.number() }
    }

    /// Everything of hers, as it is now.
    fn all(&self, crm: &Crm) -> String {
        let scope = self.user.scope();
        let secrets = [SecretName::AccountTokens, SecretName::PendingAuthorization].map(|name| {
            crm.secret(&scope, name).unwrap().map(|secret| (secret.value.expose().to_vec(), secret.revision))
        });
        let state = crm.list_state(&scope, "", None, 100).unwrap();
        let alerts = crm.alerts_of_user(self.user.id, AlertList::Open).unwrap();
        let conflicts = crm.conflicts_of_user(self.user.id).unwrap();
        let config = crm.config_rows(ConfigLevel::User(self.user.id)).unwrap();
        let events = crm.events_of(self.user.id).unwrap();
        let tasks = crm.tasks_of(self.user.id).unwrap();
        format!("{events:?} {tasks:?} {state:?} {secrets:?} {config:?} {alerts:?} {conflicts:?}")
    }
}

/// The answers of every function to an instance of one scope.
struct Asked<'a> {
    view: HostView<'a>,
    /// What was asked, and what came back.
    answers: Vec<(&'static str, String)>,
}

impl Asked<'_> {
    fn note(&mut self, function: &'static str, answer: &impl Debug) {
        self.answers.push((function, format!("{answer:?}")));
    }

    async fn everything(&mut self, alice: &Alice) {
        self.settings_and_state(alice).await;
        self.calendar(alice).await;
        self.tasks(alice).await;
        self.notices(alice).await;
    }

    async fn settings_and_state(&mut self, alice: &Alice) {
        let answer = config::Host::layers(&mut self.view).await.unwrap();
        self.note("config layers", &answer);
        let answer = config::Host::profile(&mut self.view).await.unwrap();
        self.note("config profile", &answer);
        let answer = storage::Host::get_many(&mut self.view, vec!["k".to_owned()]).await.unwrap();
        self.note("storage get-many", &answer);
        let answer = storage::Host::list_entries(&mut self.view, String::new(), None, 100).await.unwrap();
        self.note("storage list-entries", &answer);
        let write = storage::Write { key: "k".to_owned(), value: None, expect: storage::Expectation::Any };
        let answer = storage::Host::commit(&mut self.view, alice.fence, vec![write]).await.unwrap();
        self.note("storage commit", &answer);
        for name in [secrets::SecretName::AccountTokens, secrets::SecretName::PendingAuthorization] {
            let answer = secrets::Host::get(&mut self.view, name).await.unwrap();
            self.note("secrets get", &answer);
            let answer = secrets::Host::put(&mut self.view, name, None, storage::Expectation::Any).await.unwrap();
            self.note("secrets put", &answer);
        }
    }

    async fn calendar(&mut self, alice: &Alice) {
        let answer = calendar::Host::get_capabilities(&mut self.view).await.unwrap();
        self.note("calendar get-capabilities", &answer);
        let answer = calendar::Host::changes(&mut self.view, None, 500).await.unwrap();
        self.note("calendar changes", &answer);
        let answer = calendar::Host::get_many(&mut self.view, vec![alice.event.clone()]).await.unwrap();
        self.note("calendar get-many", &answer);
        let answer = calendar::Host::get_applied(&mut self.view, vec!["key".to_owned()]).await.unwrap();
        self.note("calendar get-applied", &answer);
        let delete = calendar::DeleteEvent { id: alice.event.clone(), expected: "v1".to_owned() };
        let mutation = calendar::Mutation::Delete(delete);
        let answer = calendar::Host::apply(&mut self.view, alice.fence, vec![mutation.clone()]).await.unwrap();
        self.note("calendar apply", &answer);
        // Also with the number of one's own holder.
        let own = self.own_fence();
        let answer = calendar::Host::apply(&mut self.view, own, vec![mutation]).await.unwrap();
        self.note("calendar apply", &answer);
    }

    async fn tasks(&mut self, alice: &Alice) {
        let answer = tasks::Host::get_capabilities(&mut self.view).await.unwrap();
        self.note("tasks get-capabilities", &answer);
        let answer = tasks::Host::changes(&mut self.view, None, 500).await.unwrap();
        self.note("tasks changes", &answer);
        let answer = tasks::Host::get_many(&mut self.view, vec![alice.task.clone()]).await.unwrap();
        self.note("tasks get-many", &answer);
        let answer = tasks::Host::get_applied(&mut self.view, vec!["key".to_owned()]).await.unwrap();
        self.note("tasks get-applied", &answer);
        let mutation = tasks::Mutation::Delete(tasks::DeleteTask { id: alice.task.clone(), expected: "v1".to_owned() });
        for fence in [alice.fence, self.own_fence()] {
            let answer = tasks::Host::apply(&mut self.view, fence, vec![mutation.clone()]).await.unwrap();
            self.note("tasks apply", &answer);
        }
    }

    async fn notices(&mut self, alice: &Alice) {
        let filter = notices::AlertFilter {
            resource: None,
            kind: None,
            code: None,
            item_id: Some(alice.event.clone()),
            external_id: None,
        };
        for filter in [filter.clone(), notices::AlertFilter { item_id: None, ..filter }] {
            let answer = notices::Host::resolve(&mut self.view, filter).await.unwrap();
            self.note("notices resolve", &answer);
        }
        let answer = notices::Host::raise(&mut self.view, Vec::new()).await.unwrap();
        self.note("notices raise", &answer);
        let answer = notices::Host::record_conflicts(&mut self.view, Vec::new()).await.unwrap();
        self.note("notices record-conflicts", &answer);
        let answer = notices::Host::note_reversals(&mut self.view, Vec::new()).await.unwrap();
        self.note("notices note-reversals", &answer);
    }

    fn own_fence(&self) -> u64 {
        self.view.context.scope.map_or(0, |scope| self.view.context.crm.raise_fence(&scope).unwrap().number())
    }
}

fn context(crm: &Crm, scope: Option<Scope>) -> CallContext {
    let facts = HostFacts {
        product_name: "Acme CRM".to_owned(),
        redirect_uri: String::new(),
        task_pages: "http://127.0.0.1:8080/tasks/".to_owned(),
        login_url: String::new(),
        graph_url: String::new(),
    };
    CallContext {
        crm: crm.clone(),
        scope,
        fence: None,
        facts: Arc::new(facts),
        client_secret_key: None,
        liar: Liar::default(),
        lines: Lines::default(),
    }
}

/// The functions of the contract's imports, as `interface function`.
fn functions() -> BTreeSet<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit/host");
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let interface = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let named = text.lines().filter_map(|line| line.trim().split_once(": func(").map(|(name, _)| name.to_owned()));
        found.extend(named.map(|name| format!("{interface} {name}")));
    }
    found
}

/// Whether an answer holds something of Alice's, as text or as bytes.
fn shows(answer: &str) -> bool {
    let bytes: Vec<String> = MARK.bytes().map(|byte| byte.to_string()).collect();
    answer.contains(MARK) || answer.contains(&bytes.join(", "))
}

#[tokio::test]
async fn no_function_shows_or_touches_what_belongs_to_another_scope() {
    let crm = crm();
    let alice = Alice::new(&crm);
    let bob = person(&crm, "bob");
    let stranger = NewUser { organization: "Elsewhere".to_owned(), ..new_user("stranger") };
    let stranger = crm.create_user(&stranger).unwrap();
    let organization = Scope { organization: alice.user.organization_id, user: None };
    let before = alice.all(&crm);
    let scopes = [
        ("a colleague", Some(bob.scope())),
        ("somebody of another organization", Some(stranger.scope())),
        ("her organization", Some(organization)),
        ("nobody", None),
    ];
    for (whose, scope) in scopes {
        let context = context(&crm, scope);
        let calls = HostCalls::new(None);
        let mut asked = Asked { view: HostView { context: &context, calls: &calls }, answers: Vec::new() };
        asked.everything(&alice).await;
        let mut named: BTreeSet<String> = asked.answers.iter().map(|(function, _)| (*function).to_owned()).collect();
        named.extend(SAYS_NOTHING.map(str::to_owned));
        assert_eq!(named, functions(), "every function of the contract is asked");
        for (function, answer) in &asked.answers {
            assert!(!shows(answer), "`{function}` shows {whose} {answer}");
        }
        assert_eq!(alice.all(&crm), before, "{whose} has touched something");
        if scope.is_none() {
            let denied = format!("{:?}", HostError::AccessDenied);
            let is_denied = |answer: &str| answer.contains(&denied);
            assert!(asked.answers.iter().all(|(_, answer)| is_denied(answer)), "{:?}", asked.answers);
        }
    }
}

/// The test can fail: an instance of Alice's own scope is shown all of it.
#[tokio::test]
async fn the_owner_is_shown_what_is_hers() {
    let crm = crm();
    let alice = Alice::new(&crm);
    let context = context(&crm, Some(alice.user.scope()));
    let calls = HostCalls::new(None);
    let mut asked = Asked { view: HostView { context: &context, calls: &calls }, answers: Vec::new() };
    let before = alice.all(&crm);
    asked.everything(&alice).await;
    let shown: BTreeSet<&str> =
        asked.answers.iter().filter(|(_, answer)| shows(answer)).map(|(function, _)| *function).collect();
    let expected = [
        "calendar changes",
        "calendar get-many",
        "config layers",
        "secrets get",
        "storage get-many",
        "storage list-entries",
        "tasks changes",
        "tasks get-many",
    ];
    assert_eq!(shown, expected.into());
    assert_ne!(alice.all(&crm), before);
}
