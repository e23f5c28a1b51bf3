//! Machines that stop while a rail goes up, is up, or was released.

use serde_json::json;
use tandem_tests::World;

use super::{At, Kind, assert_stopped, in_step, release, the_alert};

/// One run that is torn down after so many host calls; whether it was.
async fn torn_down(world: &World, kind: Kind, calls: u64) -> bool {
    world.crash_after(calls).await;
    let answer = world.crm.post("/api/sync", &json!({"user": "anna", "resource": kind.word()})).await;
    // A crash that was not reached must not meet a later step.
    answer.status.is_server_error()
}

#[tokio::test]
async fn a_machine_that_stops_while_a_rail_goes_up_has_deleted_nothing() {
    for (kind, at) in [(Kind::Events, At::Microsoft), (Kind::Tasks, At::Crm)] {
        let mut crashes = 0;
        for calls in (1..).step_by(3) {
            let world = in_step(kind, 13).await;
            kind.delete(&world, at, 12).await;
            if !torn_down(&world, kind, calls).await {
                break;
            }
            crashes += 1;
            assert_eq!(kind.count(&world, at.other()).await, 13, "{kind:?}, call {calls}");
            assert_stopped(&kind.sync(&world).await, "too-many-deletions");
            the_alert(&world, kind, "too-many-deletions").await;
            assert_eq!(kind.count(&world, at.other()).await, 13, "{kind:?}, call {calls}");
        }
        assert!(crashes > 5, "{kind:?}: {crashes}");
    }
}

#[tokio::test]
async fn a_machine_that_stops_while_a_release_is_carried_out_deletes_what_was_released_and_no_more() {
    for (kind, at) in [(Kind::Events, At::Crm), (Kind::Tasks, At::Microsoft)] {
        let mut crashes = 0;
        for calls in (1..).step_by(3) {
            let world = in_step(kind, 13).await;
            kind.delete(&world, at, 12).await;
            assert_stopped(&kind.sync(&world).await, "too-many-deletions");
            release(&world).await;
            if !torn_down(&world, kind, calls).await {
                break;
            }
            crashes += 1;
            for _ in 0..2 {
                world.advance(900).await;
                let report = kind.sync(&world).await;
                assert_eq!(report["next"]["when"], "idle", "{kind:?}, call {calls}: {report}");
            }
            assert_eq!(kind.titles(&world, at.other()).await, ["Item 012"], "{kind:?}, call {calls}");
            assert!(world.alerts().await.is_empty());
        }
        assert!(crashes > 5, "{kind:?}: {crashes}");
    }
}
