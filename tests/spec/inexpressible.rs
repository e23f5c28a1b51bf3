//! Rules that one side cannot hold: they stay as they are on both, are named in
//! the report, and flow as soon as they can be held (Oro row C3; Graph
//! `resources/recurrencepattern`; pitfalls 8 and 9).

use serde_json::{Value, json};
use tandem_tests::{Outlook, World};

use crate::calendar::wrote;
use crate::rules::{issues, series_in_crm, series_in_outlook, settled};
use crate::series::{weekly, weekly_in_outlook};

const FROM: &str = "2026-03-01T00:00:00Z";
/// Two years.
const TO: &str = "2028-03-02T00:00:00Z";

/// C3: nothing is approximated; the rule is named, and flows as soon as it can.
#[tokio::test]
async fn rules_of_outlook_that_the_crm_cannot_hold_are_named_and_flow_once_they_can_be_held() {
    let two_days = json!(["tuesday", "thursday"]);
    let rules = [
        (json!({"type": "relativeMonthly", "interval": 1, "daysOfWeek": two_days, "index": "last"}), "monthly"),
        (
            json!({"type": "relativeYearly", "interval": 1, "daysOfWeek": two_days, "index": "first", "month": 4}),
            "yearly",
        ),
        (json!({"type": "daily", "interval": 100}), "interval"),
        (json!({"type": "absoluteYearly", "interval": 84, "dayOfMonth": 10, "month": 3}), "interval"),
        (
            json!({
                "type": "weekly", "interval": 2, "daysOfWeek": ["sunday", "tuesday"], "firstDayOfWeek": "monday",
            }),
            "weeks",
        ),
    ];
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let range = json!({"type": "noEnd"});
    let series =
        |pattern: &Value| series_in_outlook("Rule", "2026-03-10T10:00:00", "W. Europe Standard Time", pattern, &range);
    for (pattern, _) in &rules {
        outlook.create(&series(pattern)).await;
    }
    let before = outlook.events().await;
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [0, 0, 0]);
    let found = issues(&report);
    assert_eq!(found.len(), rules.len(), "{found:?}");
    assert!(found.iter().all(|(code, _)| code == "recurrence-not-supported"), "{found:?}");
    for (_, word) in &rules {
        assert!(found.iter().any(|(_, message)| message.to_lowercase().contains(word)), "{word} in {found:?}");
    }
    assert!(world.crm_events("anna").await.is_empty());
    settled(&world).await;
    assert_eq!(outlook.events().await, before);

    let expressible = series(&json!({"type": "daily", "interval": 99}));
    for event in &before {
        outlook.update(event["id"].as_str().unwrap(), &json!({"recurrence": expressible["recurrence"]})).await;
    }
    let report = world.sync("anna").await;
    wrote(&report, [5, 0, 0], [0, 0, 0]);
    assert_eq!(issues(&report), []);
    assert!(world.assert_same("anna", FROM, TO).await.len() > 25);
    settled(&world).await;
}

/// C3: the same for what Exchange does not take.
#[tokio::test]
async fn rules_of_the_crm_that_outlook_cannot_hold_are_named_and_flow_once_they_can_be_held() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let rules = [
        json!({"type": "weekly", "interval": 100, "dayOfWeek": ["tuesday"]}),
        json!({"type": "monthly", "interval": 100, "dayOfMonth": 10}),
        json!({"type": "monthnth", "interval": 999, "instance": 2, "dayOfWeek": ["tuesday"]}),
    ];
    let start = "2026-03-10T09:00:00Z";
    let mut created = Vec::new();
    for rule in &rules {
        created.push(world.crm_create("anna", &series_in_crm("Rule", start, "Europe/Berlin", rule)).await);
    }
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [0, 0, 0]);
    let found = issues(&report);
    assert_eq!(found.len(), 3, "{found:?}");
    let names = |(code, message): &(String, String)| {
        code == "recurrence-not-supported" && message.contains("interval") && message.contains("99")
    };
    assert!(found.iter().all(names), "{found:?}");
    assert!(outlook.events().await.is_empty());
    settled(&world).await;

    for event in &created {
        let mut rule = event["recurrence"].clone();
        rule["interval"] = json!(2);
        world.crm_update(&event["id"], &json!({ "recurrence": rule })).await;
    }
    wrote(&world.sync("anna").await, [0, 0, 0], [3, 0, 0]);
    world.assert_same("anna", FROM, TO).await;
    settled(&world).await;
}

/// C3: what is linked stays linked, and the CRM keeps the last rule it could
/// hold.
#[tokio::test]
async fn a_linked_series_whose_rule_the_crm_cannot_hold_any_more_keeps_its_link_and_its_old_rule() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let master = outlook.create(&weekly_in_outlook()).await;
    let id = master["id"].as_str().unwrap();
    world.sync("anna").await;
    let crm = World::only(&world.crm_events("anna").await, "Jour fixe");
    let mut recurrence = master["recurrence"].clone();
    recurrence["pattern"] =
        json!({"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["monday", "thursday"], "index": "first"});
    outlook.update(id, &json!({ "recurrence": recurrence })).await;
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [0, 0, 0]);
    let found = issues(&report);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "recurrence-not-supported");
    assert!(found[0].1.contains("monthly"), "{found:?}");
    assert_eq!(World::only(&world.crm_events("anna").await, "Jour fixe"), crm);
    settled(&world).await;

    recurrence["pattern"] =
        json!({"type": "weekly", "interval": 1, "daysOfWeek": ["monday", "thursday"], "firstDayOfWeek": "monday"});
    outlook.update(id, &json!({ "recurrence": recurrence })).await;
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
    assert_eq!(World::only(&world.crm_events("anna").await, "Jour fixe")["id"], crm["id"]);
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 7);
    settled(&world).await;
}

/// C3: the same the other way round.
#[tokio::test]
async fn a_linked_series_whose_rule_outlook_cannot_hold_any_more_keeps_its_link_and_its_old_rule() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let crm = world.crm_create("anna", &weekly()).await;
    world.sync("anna").await;
    let m365 = Outlook::only(&outlook.events().await, "Jour fixe");
    let mut rule = crm["recurrence"].clone();
    rule["interval"] = json!(100);
    world.crm_update(&crm["id"], &json!({ "recurrence": rule })).await;
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [0, 0, 0]);
    let found = issues(&report);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "recurrence-not-supported");
    assert!(found[0].1.contains("interval"), "{found:?}");
    assert_eq!(Outlook::only(&outlook.events().await, "Jour fixe"), m365);
    settled(&world).await;

    rule["interval"] = json!(2);
    world.crm_update(&crm["id"], &json!({ "recurrence": rule })).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    assert_eq!(Outlook::only(&outlook.events().await, "Jour fixe")["id"], m365["id"]);
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 7);
    settled(&world).await;
}

/// Pitfall 9: a zone that only the mailbox knows is no zone for the CRM. A new
/// series is left alone, a linked one keeps its link.
#[tokio::test]
async fn a_series_in_a_zone_without_a_name_is_reported_and_flows_once_it_has_one() {
    for name in ["tzone://Microsoft/Custom", "Customized Time Zone", "Mars Standard Time"] {
        for is_linked in [false, true] {
            let world = World::connected().await;
            let outlook = world.outlook("anna").await;
            let master = outlook.create(&weekly_in_outlook()).await;
            let id = master["id"].as_str().unwrap();
            if is_linked {
                world.sync("anna").await;
            }
            let before = world.crm_events("anna").await;
            let zones = |name: &str| json!({"originalStartTimeZone": name, "recurrenceTimeZone": name});
            world.microsoft.post(&format!("/_control/events/{id}/zone"), &zones(name)).await.ok();
            let report = world.sync("anna").await;
            wrote(&report, [0, 0, 0], [0, 0, 0]);
            let found = issues(&report);
            assert_eq!(found.len(), 1, "{name}: {found:?}");
            assert_eq!(found[0].0, "not-mappable", "{name}: {found:?}");
            assert!(found[0].1.contains("time zone"), "{name}: {found:?}");
            assert_eq!(world.crm_events("anna").await, before, "{name}");
            settled(&world).await;

            let named = zones("W. Europe Standard Time");
            world.microsoft.post(&format!("/_control/events/{id}/zone"), &named).await.ok();
            let created = u32::from(!is_linked);
            wrote(&world.sync("anna").await, [created, 0, 0], [0, 0, 0]);
            assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 7, "{name}");
            settled(&world).await;
        }
    }
}
