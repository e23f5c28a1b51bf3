//! Nobody sees or touches what belongs to somebody else: every page and every path
//! of the JSON interface, tried by a colleague and by an administrator of another
//! organization (Oro row S14). Of the component's imports, `host::isolation` in the
//! harness does the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use host_harness::crm::notices::AlertList;
use serde_json::{Value, json};
use tandem_tests::{Answer, Browser, Form, World};

use crate::meetings::id;
use crate::runtime::until_idle;

/// The word that is in everything of Anna's, and in nothing else.
const MARK: &str = "ANNAS-OWN";

/// How a page is kept from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    /// It is about whoever opens it; a query may name somebody else.
    OwnOrAsked,
    /// It is about what its path names, which is Anna's here.
    Named,
    /// It has nothing of anybody's, or only what all administrators share.
    Shared,
}

/// Every path of the pages. `{id}` of a named one is filled in with what is Anna's.
const PAGES: [(&str, Page); 48] = [
    ("/", Page::OwnOrAsked),
    ("/alerts/{id}/release", Page::Named),
    ("/assets/{name}", Page::Shared),
    ("/calendar", Page::OwnOrAsked),
    ("/calendar/events", Page::OwnOrAsked),
    ("/calendar/events/new", Page::OwnOrAsked),
    ("/calendar/events/{id}", Page::Named),
    ("/calendar/events/{id}/delete", Page::Named),
    ("/calendar/events/{id}/edit", Page::Named),
    ("/calendar/events/{id}/occurrence", Page::Named),
    ("/calendar/events/{id}/reply", Page::Named),
    ("/calendar/microsoft", Page::OwnOrAsked),
    ("/calendar/rule", Page::Shared),
    ("/configuration/my", Page::OwnOrAsked),
    ("/configuration/my/reset", Page::OwnOrAsked),
    ("/configuration/organization/{id}", Page::Named),
    ("/configuration/organization/{id}/reset", Page::Named),
    ("/configuration/system", Page::Shared),
    ("/configuration/system/reset", Page::Shared),
    ("/configuration/user/{id}", Page::Named),
    ("/configuration/user/{id}/microsoft/check", Page::Named),
    ("/configuration/user/{id}/microsoft/connect", Page::Named),
    ("/configuration/user/{id}/microsoft/disconnect", Page::Named),
    ("/configuration/user/{id}/reset", Page::Named),
    ("/conflicts", Page::OwnOrAsked),
    ("/conflicts/{id}", Page::Named),
    ("/conflicts/{id}/reverse", Page::Named),
    ("/first-sync", Page::OwnOrAsked),
    ("/first-sync/preview", Page::OwnOrAsked),
    ("/first-sync/start", Page::OwnOrAsked),
    ("/preview", Page::OwnOrAsked),
    ("/set-aside", Page::OwnOrAsked),
    ("/set-aside/retry", Page::OwnOrAsked),
    ("/sign-in", Page::Shared),
    ("/sign-out", Page::Shared),
    ("/status", Page::OwnOrAsked),
    ("/status/changes", Page::Shared),
    ("/status/{id}", Page::Named),
    ("/status/{id}/compare-again", Page::Named),
    ("/status/{id}/compare-again/{resource}", Page::Named),
    ("/status/{id}/sync", Page::Named),
    ("/tasks", Page::OwnOrAsked),
    ("/tasks/microsoft", Page::OwnOrAsked),
    ("/tasks/new", Page::OwnOrAsked),
    ("/tasks/{id}", Page::Named),
    ("/tasks/{id}/delete", Page::Named),
    ("/tasks/{id}/transition", Page::Named),
    ("/users", Page::OwnOrAsked),
];

/// What the JSON interface says under a path. It has no sessions: whoever may speak
/// to it names the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Json {
    /// About the user that the query names.
    OfUser,
    /// About one record, which its number names.
    Record,
    /// About a level of the settings, or a user, that the path names.
    Place,
    /// For tools: of everybody, or of the harness.
    Everybody,
}

/// Every path of the JSON interface.
const JSON: [(&str, Json); 26] = [
    ("/api/alerts", Json::Everybody),
    ("/api/alerts/summary", Json::Everybody),
    ("/api/alerts/{id}/release", Json::Everybody),
    ("/api/calendar-events", Json::OfUser),
    ("/api/calendar-events/instances", Json::OfUser),
    ("/api/calendar-events/{id}", Json::Record),
    ("/api/calendar-events/{id}/reply", Json::Record),
    ("/api/config/effective", Json::OfUser),
    ("/api/config/{level}/{id}", Json::Place),
    ("/api/conflicts", Json::Everybody),
    ("/api/conflicts/{id}/reverse", Json::Everybody),
    ("/api/control/clock", Json::Everybody),
    ("/api/control/crash", Json::Everybody),
    ("/api/control/task-workflow", Json::Everybody),
    ("/api/outbox", Json::Everybody),
    ("/api/set-aside", Json::Place),
    ("/api/set-aside/retry", Json::Place),
    ("/api/status", Json::Everybody),
    ("/api/sync", Json::Place),
    ("/api/tasks", Json::OfUser),
    ("/api/tasks/{id}", Json::Record),
    ("/api/tasks/{id}/transition", Json::Record),
    ("/api/users", Json::Everybody),
    ("/api/users/{login}/microsoft/check", Json::Place),
    ("/api/users/{login}/microsoft/connect", Json::Place),
    ("/api/users/{login}/microsoft/disconnect", Json::Place),
];

/// Paths that the router puts together: what the tables cannot find in the sources.
const COMPOSED: [&str; 2] = ["/calendar", "/tasks"];

/// A page whose path is a constant in the sources.
const ALERTS: &str = "/alerts";

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The paths that the sources of the CRM's listener name.
fn routes() -> BTreeSet<String> {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../host-harness/src/web"), &mut files);
    let mut found = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        let parts = text.split(".route(").skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"'));
        found.extend(parts.filter_map(|rest| rest.split('"').next()).map(str::to_owned));
    }
    found.remove("/api/{*path}");
    found
}

#[test]
fn the_tables_name_every_path() {
    let named: BTreeSet<String> =
        PAGES.iter().map(|(path, _)| *path).chain(JSON.iter().map(|(path, _)| *path)).map(str::to_owned).collect();
    assert_eq!(named, routes());
}

/// What is Anna's.
struct Anna {
    world: World,
    ids: BTreeMap<&'static str, String>,
}

/// Anna with an event, a task, an alert and a conflict; a colleague; and strangers.
async fn anna() -> Anna {
    let world = World::empty().await;
    world.configure_tasks().await;
    for (login, organization) in [("anna", "Acme"), ("ben", "Acme")] {
        world.add_user(login, organization).await;
    }
    world.add_administrator("stranger", "Elsewhere").await;
    world.connect("anna").await;
    let own = |what: &str| format!("{MARK} {what}");
    // In the week that the calendar opens with.
    let (start, end) = ("2026-03-04T09:00:00Z", "2026-03-04T10:00:00Z");
    let event = world.crm_create_timed("anna", &own("event"), start, end).await;
    let task = world.crm_task("anna", &json!({"subject": own("task")})).await;
    until_idle(&world).await;
    world.sync_tasks("anna").await;
    world.crm_update(&event["id"], &json!({"title": own("event of the CRM")})).await;
    let outlook = world.outlook("anna").await;
    outlook.update(id(&outlook.events().await[0]), &json!({"subject": own("event of Outlook")})).await;
    until_idle(&world).await;
    let number = world.user_id("anna").await;
    let users = world.crm.get("/api/users").await.ok();
    let of = |login: &str| users.as_array().unwrap().iter().find(|user| user["login"] == login).unwrap().clone();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let conflicts = world.conflicts().await;
    assert_eq!(conflicts.len(), 1);
    let owner = world.app.crm().user_by_login("anna").unwrap();
    world.raise_alert("anna", &format!("{MARK} alert"));
    let alerts = world.app.crm().alerts_of_user(owner.id, AlertList::Open).unwrap();
    let ids = BTreeMap::from([
        ("/alerts/", alerts[0].id.to_string()),
        ("/calendar/events/", text(&event["id"])),
        ("/configuration/organization/", text(&of("anna")["organizationId"])),
        ("/configuration/user/", number.clone()),
        ("/conflicts/", text(&conflicts[0]["id"])),
        ("/status/", number.clone()),
        ("/tasks/", text(&task["id"])),
    ]);
    Anna { world, ids }
}

impl Anna {
    /// A path of the table with what is hers in it.
    fn path(&self, template: &str) -> String {
        let (before, _) = template.split_once("{id}").unwrap();
        template.replace("{id}", &self.ids[before]).replace("{resource}", "calendar")
    }

    /// Everything of hers, as it is now.
    async fn all(&self) -> Value {
        let world = &self.world;
        json!({
            "events": world.crm_events("anna").await,
            "tasks": world.crm_tasks("anna").await,
            "alerts": world.alerts().await,
            "conflicts": world.conflicts().await,
            "settings": world.crm.get("/api/config/effective?user=anna").await.ok(),
            "outlook": world.outlook("anna").await.events().await,
            "account": world.crm.post("/api/users/anna/microsoft/check", &json!({})).await.ok()["ok"],
        })
    }
}

fn shows(answer: &Answer) -> bool {
    answer.text.contains(MARK)
}

#[tokio::test]
async fn no_page_shows_or_touches_what_is_somebody_elses() {
    let anna = anna().await;
    let before = anna.all().await;
    for login in ["ben", "stranger"] {
        let mut browser = Browser::signed_in(&anna.world.crm, login).await;
        let own = Form::of(&browser.page("/configuration/my").await, "/configuration/my");
        let csrf = own.get("csrf").unwrap().to_owned();
        // All that any form of theirs could say.
        let fields = [
            ("csrf", csrf.as_str()),
            ("user", "anna"),
            ("title", "Taken"),
            ("subject", "Taken"),
            ("status", "declined"),
            ("start", "2026-03-10T09:00"),
            ("end", "2026-03-10T10:00"),
            ("transition", "close"),
            ("confirm", "yes"),
        ];
        for (template, page) in PAGES {
            match page {
                Page::Shared => {}
                Page::OwnOrAsked => {
                    for query in ["", "?user=anna"] {
                        let path = format!("{template}{query}");
                        let answer = browser.get(&path).await;
                        assert!(!shows(&answer), "{login} is shown {path}");
                        assert!(!shows(&browser.post(&path, &fields).await), "{login} is shown {path}");
                    }
                }
                Page::Named => {
                    let path = anna.path(template);
                    let answers = [browser.get(&path).await, browser.post(&path, &fields).await];
                    for answer in &answers {
                        // 405, where a path is for the other method alone.
                        let is_refused = [403, 404, 405].contains(&answer.status.as_u16());
                        assert!(is_refused && !shows(answer), "{login} opens {path}: {}", answer.status);
                    }
                    let is_known = answers.iter().any(|answer| answer.status != 405);
                    assert!(is_known, "{path} knows neither method");
                }
            }
        }
        for path in [ALERTS.to_owned(), format!("{ALERTS}?user=anna")] {
            assert!(!shows(&browser.get(&path).await), "{login} is shown {path}");
        }
        for path in COMPOSED.iter().flat_map(|path| [format!("{path}/sync"), format!("{path}/preview")]) {
            let answer = browser.post(&path, &fields).await;
            assert!(!shows(&answer) && !answer.status.is_success(), "{login} runs {path}: {}", answer.status);
        }
    }
    assert_eq!(anna.all().await, before);
}

/// The test above can fail: its owner is shown what is hers.
#[tokio::test]
async fn the_owner_is_shown_what_is_hers() {
    let anna = anna().await;
    let mut browser = Browser::signed_in(&anna.world.crm, "anna").await;
    for path in ["/calendar/events/{id}", "/calendar/events/{id}/edit", "/conflicts/{id}", "/tasks/{id}"] {
        assert!(browser.page(&anna.path(path)).await.contains(MARK), "{path}");
    }
    for path in ["/calendar", "/conflicts", "/tasks"] {
        assert!(browser.page(path).await.contains(MARK), "{path}");
    }
    browser.page(&anna.path("/configuration/user/{id}")).await;
}

/// The JSON interface answers about the user that is named, and about nobody else.
#[tokio::test]
async fn the_json_interface_answers_about_the_user_that_is_named_alone() {
    let anna = anna().await;
    let crm = &anna.world.crm;
    let before = anna.all().await;
    let span = "start=2026-03-01T00:00:00Z&end=2026-04-01T00:00:00Z";
    for (path, kind) in JSON {
        if kind != Json::OfUser {
            continue;
        }
        for login in ["ben", "stranger"] {
            let answer = crm.get(&format!("{path}?user={login}&{span}")).await;
            let plain = if answer.status == 400 { crm.get(&format!("{path}?user={login}")).await } else { answer };
            assert!(plain.status.is_success() && !shows(&plain), "{path} of {login}: {}", plain.text);
        }
        assert!(crm.get(path).await.status.is_client_error(), "{path} of nobody");
    }
    // A run, and what is done to an account, is the named user's.
    for login in ["ben", "stranger"] {
        for resource in ["calendar", "tasks"] {
            let answer = crm.post("/api/sync", &json!({"user": login, "resource": resource})).await;
            assert!(!shows(&answer), "{login} runs {resource}: {}", answer.text);
        }
        for button in ["check", "disconnect"] {
            let answer = crm.post(&format!("/api/users/{login}/microsoft/{button}"), &json!({})).await;
            assert!(!shows(&answer), "{login} presses {button}: {}", answer.text);
        }
    }
    assert_eq!(anna.all().await, before);
}
