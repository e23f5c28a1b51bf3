//! Creates of which nobody has heard whether they were made, and what people or
//! gateways do before that is found out (pitfall 5; Oro row E3).

use serde_json::{Value, json};
use tandem_tests::World;

use crate::rounds::id;
use crate::runtime::{until_idle, writes};

const FROM: &str = "2026-03-01T00:00:00Z";
const TO: &str = "2026-06-01T00:00:00Z";

/// What was created and not heard of may have become what the CRM cannot hold. It
/// is linked all the same: no edit makes a second one of it, and what can be read
/// again is in step again.
#[tokio::test]
async fn a_create_that_was_not_heard_of_and_cannot_be_read_is_not_made_twice() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    until_idle(&world).await;
    let event = world.crm_create_timed("anna", "Review", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
    world.fault(json!([{"match": {"method": "POST"}, "do": "dropResponse"}])).await;
    world.sync("anna").await;
    let made = outlook.events().await.remove(0);
    // Friday is not among the days of this series.
    let pattern = json!({"type": "weekly", "interval": 1, "daysOfWeek": ["friday"], "firstDayOfWeek": "monday"});
    let range = json!({"type": "endDate", "startDate": "2026-03-10", "endDate": "2026-03-10"});
    let series = json!({"recurrence": {"pattern": pattern, "range": range}, "subject": "Renamed in Outlook"});
    outlook.update(id(&made), &series).await;
    world.advance(900).await;
    let reports = until_idle(&world).await;
    let mut messages = reports.iter().flat_map(|report| report["issues"].as_array().unwrap());
    let why = |issue: &Value| issue["message"].as_str().unwrap().contains("at least one occurrence, but found none");
    assert!(messages.any(why), "{reports:?}");

    world.crm_update(&event["id"], &json!({"title": "Large review"})).await;
    until_idle(&world).await;
    assert_eq!(outlook.events().await.len(), 1, "an edit made a second one of it");
    assert_eq!(
        outlook.events().await[0]["subject"],
        "Renamed in Outlook",
        "it was written over, and nobody has seen it"
    );

    outlook.update(id(&made), &json!({"recurrence": null})).await;
    until_idle(&world).await;
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 1);
    assert_eq!(world.conflicts().await.len(), 1, "both titles are in the record");
    assert_eq!(writes(&world.sync("anna").await), 0);
}

/// Made, and answered by somebody on the way with a refusal that is not Graph's.
#[tokio::test]
async fn a_create_that_a_gateway_calls_refused_is_there_once() {
    for status in [400, 413] {
        let world = World::connected_with_tasks().await;
        until_idle(&world).await;
        world.sync_tasks("anna").await;
        let (start, end) = ("2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z");
        let event = world.crm_create_timed("anna", "Review", start, end).await;
        let task = world.crm_task("anna", &json!({"subject": "Call back"})).await;
        world.fault(json!([{"match": {"method": "POST"}, "times": 2, "do": "redirect", "status": status}])).await;
        world.sync("anna").await;
        world.sync_tasks("anna").await;
        for _ in 0..3 {
            world.advance(900).await;
            world.sync("anna").await;
            world.sync_tasks("anna").await;
        }
        assert_eq!((world.crm_events("anna").await.len(), world.crm_tasks("anna").await.len()), (1, 1), "{status}");
        world.crm_update(&event["id"], &json!({"title": "Large review"})).await;
        world.crm_task_update(&task["id"], &json!({"subject": "Call back soon"})).await;
        world.sync("anna").await;
        world.sync_tasks("anna").await;
        let (events, tasks) = (world.outlook("anna").await.events().await, world.todo("anna").await.tasks().await);
        assert_eq!((events.len(), tasks.len()), (1, 1), "{status}");
        assert_eq!((&events[0]["subject"], &tasks[0]["title"]), (&json!("Large review"), &json!("Call back soon")));
        assert_eq!(world.alerts().await, Vec::<Value>::new(), "{status}");
    }
}

/// Exchange gives a guest a name that the CRM has none for. That is no edit against
/// which a deletion in the CRM would stand.
#[tokio::test]
async fn a_meeting_that_is_deleted_before_its_create_was_heard_of_is_gone_without_a_conflict() {
    for rule in ["crm-wins", "microsoft-wins"] {
        let world = World::connected().await;
        world.save("system", "0", &[("calendar.conflict-resolution", json!(rule))]).await.ok();
        until_idle(&world).await;
        let meeting = json!({
            "title": "Review", "start": "2026-03-10T09:00:00Z", "end": "2026-03-10T10:00:00Z",
            "timeZone": "Europe/Berlin", "allDay": false,
            "attendees": [{"email": "dora@elsewhere.example", "displayName": "", "status": "none", "type": "required"}],
        });
        let event = world.crm_create("anna", &meeting).await;
        world.fault(json!([{"match": {"method": "POST"}, "do": "dropResponse"}])).await;
        world.sync("anna").await;
        assert_eq!(world.outlook("anna").await.events().await.len(), 1);
        world.crm_delete(&event["id"]).await;
        world.advance(900).await;
        until_idle(&world).await;
        assert_eq!(world.outlook("anna").await.events().await, Vec::<Value>::new(), "{rule}");
        assert_eq!(world.conflicts().await, Vec::<Value>::new(), "{rule}");
        assert_eq!(world.take_mails().await.len(), 2, "an invitation and a cancellation");
    }
}
