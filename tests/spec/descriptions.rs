//! Descriptions at the limit of what is stored, and beyond it: named, left where
//! they are, and nothing else held up by them.

use serde_json::{Value, json};
use tandem_tests::World;

use crate::calendar::wrote;
use crate::exceptions::{crm_exception, linked, occurrence};
use crate::firewall::codes;
use crate::interrupted::torn_down;
use crate::rounds::{at, id};
use crate::runtime::until_idle;

const FROM: &str = "2026-03-01T00:00:00Z";
const TO: &str = "2026-08-01T00:00:00Z";

/// While a write is in flight, a link holds seven copies of a description, and
/// each quotation mark takes two bytes: it still has to fit into the storage.
#[tokio::test]
async fn a_description_at_the_limit_is_kept_in_step_and_a_longer_one_is_named() {
    const LIMIT: usize = 64 * 1024;
    let description = |mark: char, length: usize| json!(format!("<p>{mark}{}</p>", "\"".repeat(length - 8)));
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let event = outlook.create_timed("Minutes", "2026-03-10T09:00:00", "2026-03-10T10:00:00").await;
    world.sync("anna").await;
    let crm = World::only(&world.crm_events("anna").await, "Minutes");
    for mark in ['a', 'b'] {
        world.crm_update(&crm["id"], &json!({"description": description(mark, LIMIT)})).await;
        wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    }
    // Both sides at once: the base differs from both.
    world.crm_update(&crm["id"], &json!({"description": description('c', LIMIT)})).await;
    let theirs = json!({"body": {"contentType": "html", "content": description('d', LIMIT)}});
    outlook.update(event["id"].as_str().unwrap(), &theirs).await;
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [0, 1, 0]);
    assert_eq!(world.conflicts().await.len(), 1);
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    // One that is too long is named, and holds up neither the rest of its event
    // nor another one.
    let longer = json!({"title": "Minutes, final", "description": description('e', LIMIT + 100)});
    world.crm_update(&crm["id"], &longer).await;
    world.crm_create_timed("anna", "Other", "2026-03-11T09:00:00Z", "2026-03-11T10:00:00Z").await;
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [1, 1, 0]);
    assert_eq!(codes(&report), ["too-large"], "{report}");
    assert!(report["issues"][0]["message"].as_str().unwrap().contains("The description in the CRM"));
    let theirs = outlook.event(event["id"].as_str().unwrap()).await.unwrap();
    assert_eq!(theirs["subject"], "Minutes, final");
    assert!(theirs["body"]["content"].as_str().unwrap().contains(&"\"".repeat(LIMIT - 8)));
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

/// What cannot be compared is not overwritten either, however long ago it was
/// short; and it is in step again once it is short again.
#[tokio::test]
async fn a_description_that_has_grown_too_long_is_kept_against_an_edit_of_the_other_side() {
    let long = format!("<p>{}</p>", "x".repeat(70_000));
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let ids = [("In the CRM", "10"), ("In Outlook", "11")].map(|(subject, day)| (subject, format!("2026-03-{day}T")));
    let mut events = Vec::new();
    for (subject, day) in &ids {
        let event = outlook.create_timed(subject, &format!("{day}09:00:00"), &format!("{day}10:00:00")).await;
        events.push(event["id"].as_str().unwrap().to_owned());
    }
    world.sync("anna").await;
    let crm = |events: &[Value], title: &str| World::only(events, title);
    let listed = world.crm_events("anna").await;
    let (ours, theirs) = (crm(&listed, "In the CRM"), crm(&listed, "In Outlook"));
    let body = |content: &str| json!({"body": {"contentType": "html", "content": content}});

    world.crm_update(&ours["id"], &json!({"description": long})).await;
    outlook.update(&events[1], &body(&long)).await;
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [0, 0, 0]);
    assert_eq!(codes(&report), ["too-large", "too-large"], "{report}");

    outlook.update(&events[0], &body("<p>short</p>")).await;
    world.crm_update(&theirs["id"], &json!({"description": "<p>short</p>"})).await;
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [0, 0, 0]);
    assert_eq!(codes(&report), ["not-writable", "not-writable"], "{report}");
    for issue in report["issues"].as_array().unwrap() {
        assert!(issue["message"].as_str().unwrap().contains("has more than 64 KiB"), "{report}");
    }
    assert_eq!(crm(&world.crm_events("anna").await, "In the CRM")["description"], json!(long));
    let kept = outlook.event(&events[1]).await.unwrap();
    assert!(kept["body"]["content"].as_str().unwrap().contains(&"x".repeat(70_000)));

    world.crm_update(&ours["id"], &json!({"description": "<p>short</p>"})).await;
    outlook.update(&events[1], &body("<p>short</p>")).await;
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [0, 0, 0]);
    assert_eq!(codes(&report), [""; 0], "{report}");
    world.assert_same("anna", FROM, TO).await;
}

/// A changed day is left alone when its description grows too long, and is not
/// taken for one that has the series' own description again.
#[tokio::test]
async fn a_changed_day_keeps_its_description_when_the_other_side_makes_it_too_long() {
    let (world, outlook, series) = linked().await;
    let body = |content: &str| json!({"body": {"contentType": "html", "content": content}});
    let day = occurrence(&outlook, "2026-03-16").await;
    outlook.update(&day, &body("<p>that day</p>")).await;
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
    let before = world.assert_same("anna", FROM, TO).await;
    let in_crm = world.crm_events("anna").await;
    outlook.update(&day, &body(&"x".repeat(70_000))).await;
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [0, 0, 0]);
    assert_eq!(codes(&report), ["too-large"], "{report}");
    assert_eq!(world.crm_events("anna").await, in_crm);
    // Short again, it is in step again.
    outlook.update(&day, &body("<p>that day</p>")).await;
    let report = world.sync("anna").await;
    assert_eq!(codes(&report), [""; 0], "{report}");
    assert_eq!(world.assert_same("anna", FROM, TO).await, before);

    let long = json!({"description": "x".repeat(70_000)});
    crm_exception(&world, &series, "2026-03-23T08:00:00Z", long).await;
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [0, 0, 0]);
    assert_eq!(codes(&report), ["too-large"], "{report}");
}

/// Which days have a description of their own cannot be told while the one of the
/// series is not read: none of them is taken for the series'.
#[tokio::test]
async fn a_series_whose_description_grows_too_long_keeps_those_of_its_days() {
    for side in ["crm", "outlook"] {
        let (world, outlook, series) = linked().await;
        let body = |content: &str| json!({"body": {"contentType": "html", "content": content}});
        let day = occurrence(&outlook, "2026-03-16").await;
        outlook.update(&day, &body("<p>that day</p>")).await;
        wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
        let long = "x".repeat(70_000);
        if side == "crm" {
            world.crm_update(&series["id"], &json!({"description": long})).await;
        } else {
            let id = outlook.the_only().await["id"].as_str().unwrap().to_owned();
            outlook.update(&id, &body(&long)).await;
        }
        let report = world.sync("anna").await;
        wrote(&report, [0, 0, 0], [0, 0, 0]);
        assert_eq!(codes(&report), ["too-large"], "{side}: {report}");
        let there = outlook.event(&day).await.unwrap();
        assert!(there["body"]["content"].as_str().unwrap().contains("that day"), "{side}: {there}");
        let ours = world.crm_events("anna").await;
        assert!(
            ours.iter().any(|event| event["description"].as_str().unwrap_or_default().contains("that day")),
            "{side}"
        );
    }
}

#[tokio::test]
async fn a_description_that_was_too_long_and_is_emptied_is_emptied_on_the_other_side() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let crm = world.crm_create_timed("anna", "Minutes", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
    for text in ["<p>short</p>".to_owned(), "x".repeat(70_000), String::new()] {
        world.crm_update(&crm["id"], &json!({"description": text})).await;
        world.sync("anna").await;
    }
    let there = outlook.the_only().await;
    assert!(!there["body"]["content"].as_str().unwrap().contains("short"), "{there}");
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

/// The kinds of item that have a description.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Event,
    Task,
}

/// A description that is longer than what is kept.
fn too_long() -> String {
    "x".repeat(70_000)
}

impl Kind {
    /// Creates one on a side with this description; its id there.
    async fn create(self, world: &World, side: Side, text: &str) -> String {
        let body = json!({"contentType": "html", "content": text});
        let made = match (self, side) {
            (Self::Event, Side::Crm) => {
                let (start, end) = ("2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z");
                let event = json!({
                    "title": "Minutes", "start": start, "end": end, "timeZone": "UTC", "description": text,
                });
                world.crm_create("anna", &event).await
            }
            (Self::Event, Side::Outlook) => {
                let mut event = at("2026-03-10T09:00:00", "2026-03-10T10:00:00");
                event["subject"] = json!("Minutes");
                event["body"] = body;
                world.outlook("anna").await.create(&event).await
            }
            (Self::Task, Side::Crm) => {
                world.crm_task("anna", &json!({"subject": "Minutes", "description": text})).await
            }
            (Self::Task, Side::Outlook) => {
                world.todo("anna").await.create(&json!({"title": "Minutes", "body": body})).await
            }
        };
        id(&made).to_owned()
    }

    /// Changes its description.
    async fn describe(self, world: &World, side: Side, id: &str, text: &str) {
        let body = json!({"body": {"contentType": "html", "content": text}});
        match (self, side) {
            (Self::Event, Side::Crm) => drop(world.crm_update(&json!(id), &json!({"description": text})).await),
            (Self::Event, Side::Outlook) => drop(world.outlook("anna").await.update(id, &body).await),
            (Self::Task, Side::Crm) => drop(world.crm_task_update(&json!(id), &json!({"description": text})).await),
            (Self::Task, Side::Outlook) => drop(world.todo("anna").await.update(&json!(id), &body).await),
        }
    }

    async fn delete(self, world: &World, side: Side, id: &str) {
        match (self, side) {
            (Self::Event, Side::Crm) => world.crm_delete(&json!(id)).await,
            (Self::Event, Side::Outlook) => world.outlook("anna").await.delete(id).await,
            (Self::Task, Side::Crm) => world.crm_task_delete(&json!(id)).await,
            (Self::Task, Side::Outlook) => world.todo("anna").await.delete(&json!(id)).await,
        }
    }

    const fn resource(self) -> &'static str {
        match self {
            Self::Event => "calendar",
            Self::Task => "tasks",
        }
    }

    /// Has the next run torn down after this many host calls, and makes others until
    /// nothing is left; whether it was torn down.
    async fn brought_in_step(self, world: &World, calls: u64) -> bool {
        let has_crashed = torn_down(world, "anna", self.resource(), calls).await;
        for _ in 0..10 {
            let run = json!({"user": "anna", "resource": self.resource()});
            let next = world.crm.post("/api/sync", &run).await.ok()["next"].clone();
            match next["when"].as_str().unwrap() {
                "idle" => return has_crashed,
                "after" => world.advance(next["milliseconds"].as_i64().unwrap() / 1000 + 1).await,
                other => panic!("expected a run that can go on, but found `{other}`"),
            }
        }
        panic!("expected a run that comes to its end");
    }
}

/// Where somebody writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Crm,
    Outlook,
}

/// Asserts which descriptions are listed as too long, and that nobody is alarmed.
async fn listed(world: &World, sides: &[&str], case: &str) {
    let found = world.crm.get("/api/set-aside?user=anna").await.ok();
    let found = found.as_array().unwrap();
    assert_eq!(found.len(), sides.len(), "{case}: {found:?}");
    for (item, side) in found.iter().zip(sides) {
        assert_eq!(item["code"], "too-large", "{case}: {item}");
        let message = item["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("The description in {side} has more than 64 KiB")), "{case}: {item}");
        assert!(item["hint"].as_str().unwrap().starts_with("Shorten it"), "{case}: {item}");
    }
    assert_eq!(world.alerts().await, Vec::<Value>::new(), "{case}: nobody has made a mistake");
}

/// A report is read once, if at all: what is too long is listed until it is
/// shortened, whatever else is done to its item, and wherever a run ends.
#[tokio::test]
async fn a_description_that_is_too_long_is_listed_until_it_fits() {
    for kind in [Kind::Event, Kind::Task] {
        for (side, name) in [(Side::Crm, "the CRM"), (Side::Outlook, "Microsoft 365")] {
            let world = World::connected_with_tasks().await;
            kind.brought_in_step(&world, 0).await;
            let mut calls = 1;
            loop {
                let case = format!("{kind:?} in {side:?}, after a crash behind call {calls}");
                let id = kind.create(&world, side, &too_long()).await;
                let has_crashed = kind.brought_in_step(&world, calls).await;
                listed(&world, &[name], &case).await;
                kind.describe(&world, side, &id, "short").await;
                kind.brought_in_step(&world, calls).await;
                listed(&world, &[], &case).await;
                // It grows again, and is then gone.
                kind.describe(&world, side, &id, &too_long()).await;
                kind.brought_in_step(&world, calls).await;
                listed(&world, &[name], &case).await;
                kind.delete(&world, side, &id).await;
                kind.brought_in_step(&world, calls).await;
                listed(&world, &[], &case).await;
                if !has_crashed {
                    break;
                }
                calls += 1;
            }
            assert!(calls > 10, "{kind:?} in {side:?}: torn down {calls} times");
        }
    }
}

/// What is edited beside the description is in step, and takes nothing off the list;
/// nor does having it tried once more, or everything compared.
#[tokio::test]
async fn a_description_that_is_too_long_stays_listed_whatever_else_is_edited() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let there = Kind::Event.create(&world, Side::Outlook, &too_long()).await;
    until_idle(&world).await;
    listed(&world, &["Microsoft 365"], "created").await;
    let since = world.crm.get("/api/set-aside?user=anna").await.ok()[0]["firstAt"].clone();
    let crm = world.crm_only("anna").await;
    world.advance(600).await;
    for number in 0..2 {
        world.crm_update(&crm["id"], &json!({"title": format!("In the CRM {number}")})).await;
        wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
        outlook.update(&there, &json!({"subject": format!("In Outlook {number}")})).await;
        wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
        listed(&world, &["Microsoft 365"], "edited").await;
    }
    let wish = json!({"user": "anna", "resource": "calendar"});
    assert_eq!(world.crm.post("/api/set-aside/retry", &wish).await.ok()["retried"], 1);
    until_idle(&world).await;
    listed(&world, &["Microsoft 365"], "tried again").await;
    world.crm.post("/api/sync", &json!({"user": "anna", "resource": "calendar", "again": true})).await.ok();
    listed(&world, &["Microsoft 365"], "compared again").await;
    assert_eq!(world.crm.get("/api/set-aside?user=anna").await.ok()[0]["firstAt"], since, "since when it waits");
    // What is not synchronised does not wait for anything.
    world.save("system", "0", &[("calendar.direction", json!("crm-to-microsoft"))]).await.ok();
    Kind::Event.create(&world, Side::Outlook, &too_long()).await;
    until_idle(&world).await;
    listed(&world, &["Microsoft 365"], "of one direction").await;
}
