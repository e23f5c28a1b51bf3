//! What stops a run before its first write, on either side and of either kind:
//! a side that is suddenly empty, too many deletions, the same write again and
//! again. And that an ordinary run is left alone.

mod crashes;
mod deletions;
mod empty;
mod pages;
mod release;
mod thrash;

use serde_json::{Value, json};
use tandem_tests::World;

/// What is kept in step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Calendar events.
    Events,
    /// Tasks.
    Tasks,
}

/// Where somebody does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// In the CRM.
    Crm,
    /// In Outlook or To Do.
    Microsoft,
}

pub const EVERYWHERE: [(Kind, At); 4] =
    [(Kind::Events, At::Crm), (Kind::Events, At::Microsoft), (Kind::Tasks, At::Crm), (Kind::Tasks, At::Microsoft)];

impl At {
    pub const fn other(self) -> Self {
        match self {
            Self::Crm => Self::Microsoft,
            Self::Microsoft => Self::Crm,
        }
    }

    /// The word of a side in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Crm => "crm",
            Self::Microsoft => "microsoft",
        }
    }
}

impl Kind {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Events => "calendar",
            Self::Tasks => "tasks",
        }
    }

    pub const fn other(self) -> Self {
        match self {
            Self::Events => Self::Tasks,
            Self::Tasks => Self::Events,
        }
    }

    /// One run.
    pub async fn sync(self, world: &World) -> Value {
        world.crm.post("/api/sync", &json!({"user": "anna", "resource": self.word()})).await.ok()
    }

    /// An item of the CRM.
    pub async fn create(self, world: &World, title: &str) {
        match self {
            Self::Events => {
                world.crm_create_timed("anna", title, "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
            }
            Self::Tasks => {
                world.crm_task("anna", &json!({"subject": title})).await;
            }
        }
    }

    /// The items of one side, by title.
    pub async fn items(self, world: &World, at: At) -> Vec<Value> {
        match (self, at) {
            (Self::Events, At::Crm) => world.crm_events("anna").await,
            (Self::Tasks, At::Crm) => world.crm_tasks("anna").await,
            (Self::Events, At::Microsoft) => world.outlook("anna").await.events().await,
            (Self::Tasks, At::Microsoft) => world.todo("anna").await.tasks().await,
        }
    }

    const fn title_key(self, at: At) -> &'static str {
        match (self, at) {
            (Self::Tasks, At::Crm) | (Self::Events, At::Microsoft) => "subject",
            (Self::Events, At::Crm) | (Self::Tasks, At::Microsoft) => "title",
        }
    }

    pub async fn titles(self, world: &World, at: At) -> Vec<String> {
        let key = self.title_key(at);
        let mut titles: Vec<String> =
            self.items(world, at).await.iter().map(|item| item[key].as_str().unwrap().to_owned()).collect();
        titles.sort();
        titles
    }

    pub async fn count(self, world: &World, at: At) -> usize {
        self.items(world, at).await.len()
    }

    /// A person gives an item another title.
    pub async fn rename(self, world: &World, at: At, from: &str, to: &str) {
        let key = self.title_key(at);
        let item = self.items(world, at).await.into_iter().find(|item| item[key] == from).unwrap();
        let patch = json!({ key: to });
        match (self, at) {
            (Self::Events, At::Crm) => drop(world.crm_update(&item["id"], &patch).await),
            (Self::Tasks, At::Crm) => drop(world.crm_task_update(&item["id"], &patch).await),
            (Self::Events, At::Microsoft) => {
                drop(world.outlook("anna").await.update(item["id"].as_str().unwrap(), &patch).await);
            }
            (Self::Tasks, At::Microsoft) => drop(world.todo("anna").await.update(&item["id"], &patch).await),
        }
    }

    /// Somebody deletes the first items of a side.
    pub async fn delete(self, world: &World, at: At, count: usize) {
        let items = self.items(world, at).await;
        assert!(items.len() >= count, "{} of {}", count, items.len());
        for item in &items[..count] {
            match (self, at) {
                (Self::Events, At::Crm) => world.crm_delete(&item["id"]).await,
                (Self::Tasks, At::Crm) => world.crm_task_delete(&item["id"]).await,
                (Self::Events, At::Microsoft) => {
                    world.outlook("anna").await.delete(item["id"].as_str().unwrap()).await;
                }
                (Self::Tasks, At::Microsoft) => world.todo("anna").await.delete(&item["id"]).await,
            }
        }
    }
}

/// A mailbox with so many items of a kind, in step on both sides.
pub async fn in_step(kind: Kind, count: usize) -> World {
    let world = World::connected_with_tasks().await;
    fill(&world, kind, count).await;
    world
}

/// So many items of a kind more, in step on both sides.
pub async fn fill(world: &World, kind: Kind, count: usize) {
    for number in 0..count {
        kind.create(world, &format!("Item {number:03}")).await;
    }
    for _ in 0..2 {
        let report = kind.sync(world).await;
        assert_eq!(report["next"]["when"], "idle", "{report}");
    }
    assert_eq!(kind.count(world, At::Microsoft).await, count);
}

/// Asserts that a run has stopped at this guard rail and has written nothing.
#[track_caller]
pub fn assert_stopped(report: &Value, rail: &str) {
    assert_eq!(report["blocked"], "guard-rail", "{report}");
    assert_eq!(report["next"]["reason"], "guard-rail", "{report}");
    for side in ["crm", "microsoft"] {
        assert_eq!(report[side], json!({"created": 0, "updated": 0, "deleted": 0}), "{report}");
    }
    assert_eq!(report["issues"][0]["code"], rail, "{report}");
}

/// The only open alert, which has to be about this guard rail.
pub async fn the_alert(world: &World, kind: Kind, rail: &str) -> Value {
    let alerts = world.alerts().await;
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    let alert = &alerts[0];
    assert_eq!((&alert["code"], &alert["resource"]), (&json!(rail), &json!(kind.word())), "{alert}");
    assert_eq!((&alert["kind"], &alert["step"]), (&json!("sync"), &json!("plan")), "{alert}");
    assert_eq!((&alert["user"], &alert["releasable"]), (&json!("anna"), &json!(true)), "{alert}");
    alert.clone()
}

/// Releases the only alert.
pub async fn release(world: &World) {
    let alerts = world.alerts().await;
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    let path = format!("/api/alerts/{}/release", alerts[0]["id"].as_str().unwrap());
    let released = world.crm.post(&path, &json!({})).await.ok();
    assert_eq!((&released["resolved"], &released["id"]), (&json!(true), &alerts[0]["id"]), "{released}");
}

/// Asserts that a run has come to its end and has deleted so many, on one side.
#[track_caller]
pub fn assert_deleted(report: &Value, at: At, count: usize) {
    assert_eq!(report["next"]["when"], "idle", "{report}");
    assert_eq!(report[at.word()]["deleted"], count, "{report}");
    assert_eq!(report[at.other().word()]["deleted"], 0, "{report}");
}
