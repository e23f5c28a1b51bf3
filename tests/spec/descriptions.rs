//! Descriptions at the limit of what is stored, and beyond it: named, left where
//! they are, and nothing else held up by them.

use serde_json::json;
use tandem_tests::World;

use crate::calendar::wrote;
use crate::exceptions::{crm_exception, linked, occurrence};
use crate::firewall::codes;

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
    let crm = |events: &[serde_json::Value], title: &str| World::only(events, title);
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
