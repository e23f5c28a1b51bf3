//! Writes of a batch that fail one by one, and records that go while they are
//! written: each is an item's own matter.

use serde_json::{Value, json};
use tandem_tests::{Outlook, World};

use crate::fencing::stopped;
use crate::meetings::{FROM, TO, id, review};
use crate::runtime::{until_idle, writes};

/// Whichever part of a batch is not performed, or performed without an answer that
/// says so, the others are done, and it is made up for.
#[tokio::test]
async fn whichever_part_of_a_batch_fails_everything_is_there_once_in_the_end() {
    for fault in ["throttle", "unavailable", "gatewayTimeout"] {
        for skip in 0.. {
            let world = World::connected().await;
            let at = |hour: u32| (format!("2026-03-10T{hour:02}:00:00Z"), format!("2026-03-10T{hour:02}:30:00Z"));
            let mut old = Vec::new();
            for (hour, title) in [(8, "Changed"), (9, "Gone")] {
                let (start, end) = at(hour);
                old.push(world.crm_create_timed("anna", title, &start, &end).await);
            }
            until_idle(&world).await;
            world.crm_update(&old[0]["id"], &json!({"title": "Changed once"})).await;
            world.crm_delete(&old[1]["id"]).await;
            for hour in 10..13 {
                let (start, end) = at(hour);
                world.crm_create_timed("anna", &format!("New at {hour}"), &start, &end).await;
            }
            let line = json!([{
                "match": {"path": "/me/events"}, "skip": skip, "times": 1, "do": fault, "retryAfterSeconds": 30,
            }]);
            world.fault(line).await;
            world.sync("anna").await;
            let has_struck = world.control("faults", &json!([])).await == json!([]);
            world.forget_faults().await;
            let after = format!("`{fault}` of part {skip}");
            world.advance(120).await;
            until_idle(&world).await;
            let shown = world.assert_same("anna", FROM, TO).await;
            assert_eq!((shown.len(), world.outlook("anna").await.events().await.len()), (4, 4), "{after}: {shown:?}");
            assert_eq!(writes(&world.sync("anna").await), 0, "{after}");
            assert_eq!(world.conflicts().await, Vec::<Value>::new(), "{after}");
            assert_eq!(world.alerts().await, Vec::<Value>::new(), "{after}");
            if !has_struck {
                assert!(skip > 4, "expected a fault for each of five writes, but found {skip}");
                break;
            }
        }
    }
}

/// A meeting is deleted in the CRM while a step writes it: its guests are told, and
/// nobody is told that they would have been.
#[tokio::test]
async fn a_meeting_that_is_deleted_while_it_is_written_is_called_off_without_a_word() {
    let mut late = 0;
    // Before that, the step only finds out whether there is anything to do.
    for call in 8.. {
        let world = World::together().await;
        let meeting = world.crm_create("anna", &review(&["ben"])).await;
        until_idle(&world).await;
        world.take_mails().await;
        let outlook = world.outlook("anna").await;
        let theirs = Outlook::only(&outlook.events().await, "Review");
        outlook
            .update(id(&theirs), &json!({"importance": "high", "body": {"contentType": "text", "content": "new"}}))
            .await;
        world.take_mails().await;
        let Some(stopped) = stopped(&world, "calendar", call).await else { break };
        world.crm_delete(&meeting["id"]).await;
        let report = stopped.wakes().await;
        assert_eq!(report["issues"], json!([]), "stopped behind call {call}: {report}");
        until_idle(&world).await;
        assert!(outlook.events().await.is_empty(), "stopped behind call {call}");
        let told = world.told().await;
        assert!(told.iter().all(|line| line.starts_with("cancellation ben")) && !told.is_empty(), "{call}: {told:?}");
        late += 1;
    }
    assert!(late > 5, "expected a step of many host calls, but found {late}");
}
