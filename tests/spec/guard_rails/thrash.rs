//! The same written again and again.

use host_harness::app::{HostCalls, Interruption};
use serde_json::json;
use tandem_tests::World;

use super::{At, Kind, assert_stopped, fill, in_step, release, the_alert};

/// Two integrations that insist on different titles, one on each side, each acting
/// once between two runs. The number of the run that stops; none where none does.
async fn fight(world: &World, kind: Kind, runs: usize) -> Option<usize> {
    let (ours, theirs) = ("By the CRM", "By Outlook");
    let mut shown = kind.titles(world, At::Crm).await[0].clone();
    for run in 1..=runs {
        world.advance(600).await;
        let (at, title) = if run % 2 == 1 { (At::Crm, ours) } else { (At::Microsoft, theirs) };
        kind.rename(world, at, &shown, title).await;
        title.clone_into(&mut shown);
        let report = kind.sync(world).await;
        if report["blocked"] == "guard-rail" {
            assert_stopped(&report, "thrash");
            return Some(run);
        }
        assert_eq!(report["next"]["when"], "idle", "{report}");
    }
    None
}

#[tokio::test]
async fn two_integrations_that_fight_over_a_field_are_stopped_on_both_sides_and_of_either_kind() {
    for kind in [Kind::Events, Kind::Tasks] {
        let world = in_step(kind, 1).await;
        fill_other(&world, kind).await;
        // Each title was new once, and repeated six times in a row after that.
        assert_eq!(fight(&world, kind, 20).await, Some(9), "{kind:?}");
        let alert = the_alert(&world, kind, "thrash").await;
        assert!(alert["message"].as_str().unwrap().contains("once more with the same values"), "{alert}");
        assert!(alert["itemId"].is_string() && alert["externalId"].is_string(), "the item is named: {alert}");
        // It stays up, and the other kind goes on.
        kind.other().rename(&world, At::Crm, "Item 000", "Goes on").await;
        world.advance(600).await;
        assert_stopped(&kind.sync(&world).await, "thrash");
        assert_eq!(kind.other().sync(&world).await["microsoft"]["updated"], 1);
        the_alert(&world, kind, "thrash").await;
        // Once more, and no more than that.
        release(&world).await;
        let report = kind.sync(&world).await;
        assert_eq!((&report["next"]["when"], &report["microsoft"]["updated"]), (&json!("idle"), &json!(1)), "{report}");
        assert_eq!(kind.titles(&world, At::Microsoft).await, ["By the CRM"]);
        kind.rename(&world, At::Microsoft, "By the CRM", "By Outlook").await;
        assert_stopped(&kind.sync(&world).await, "thrash");
    }
}

async fn fill_other(world: &World, kind: Kind) {
    fill(world, kind.other(), 1).await;
}

#[tokio::test]
async fn a_fight_on_one_side_is_stopped_after_hours() {
    for (kind, at) in [(Kind::Events, At::Microsoft), (Kind::Tasks, At::Crm)] {
        let world = in_step(kind, 1).await;
        let mut shown = "Item 000".to_owned();
        let mut stopped = None;
        for run in 1..=40 {
            world.advance(600).await;
            let title = ["One party", "Another party", "A third party"][run % 3];
            kind.rename(&world, at, &shown, title).await;
            title.clone_into(&mut shown);
            if kind.sync(&world).await["blocked"] == "guard-rail" {
                stopped = Some(run);
                break;
            }
        }
        // Three new titles, and each of them again for four hours.
        assert_eq!(stopped, Some(3 + 24 + 1), "{kind:?} {at:?}");
        the_alert(&world, kind, "thrash").await;
    }
}

#[tokio::test]
async fn a_person_who_edits_often_is_not_taken_for_that() {
    for kind in [Kind::Events, Kind::Tasks] {
        let world = in_step(kind, 1).await;
        let mut shown = "Item 000".to_owned();
        for run in 0..24 {
            world.advance(600).await;
            let at = if run % 3 == 0 { At::Microsoft } else { At::Crm };
            let title = format!("Edit {run}");
            kind.rename(&world, at, &shown, &title).await;
            shown = title;
            let report = kind.sync(&world).await;
            assert_eq!((&report["next"]["when"], &report[at.other().word()]["updated"]), (&json!("idle"), &json!(1)));
        }
        // Nor is one who cannot decide, and comes back to a choice some times.
        for run in 0..20 {
            world.advance(600).await;
            let title = if run % 2 == 0 { "Yes" } else { "No" };
            kind.rename(&world, At::Crm, &shown, title).await;
            title.clone_into(&mut shown);
            assert_eq!(kind.sync(&world).await["next"]["when"], "idle");
        }
        assert!(world.alerts().await.is_empty());
    }
}

#[tokio::test]
async fn a_habit_with_hours_in_between_is_not_taken_for_that() {
    let world = in_step(Kind::Tasks, 1).await;
    let task = world.crm_task_of("anna", "Item 000").await;
    for day in 0..20 {
        world.advance(12 * 3600).await;
        let status = if day % 2 == 0 { "closed" } else { "open" };
        world.crm_task_update(&task["id"], &json!({"status": status})).await;
        let report = world.sync_tasks("anna").await;
        assert_eq!((&report["next"]["when"], &report["microsoft"]["updated"]), (&json!("idle"), &json!(1)), "{report}");
    }
    assert!(world.alerts().await.is_empty());
}

/// Wherever the step ends in which the rail goes up: it is told of for as long as it is
/// up, although nothing may repeat by then.
#[tokio::test]
async fn a_rail_that_is_up_is_told_of_wherever_its_run_has_ended() {
    let kind = Kind::Events;
    let mut met = 0;
    for after in 1.. {
        let world = in_step(kind, 1).await;
        fight(&world, kind, 8).await;
        world.advance(600).await;
        kind.rename(&world, At::Crm, "By Outlook", "By the CRM").await;
        let calls = HostCalls::new(Some(Interruption::TearDown { after }));
        world.app.count_next_run(calls.clone());
        world.crm.post("/api/sync", &json!({"user": "anna", "resource": kind.word()})).await;
        // Long enough for the repeats not to count as such any more.
        world.advance(48 * 3600).await;
        let report = kind.sync(&world).await;
        if report["blocked"] == "guard-rail" {
            met += 1;
            the_alert(&world, kind, "thrash").await;
        }
        if !calls.has_struck() {
            break;
        }
    }
    assert!(met > 1, "the rail was up after {met} interruptions");
}

/// A rail outlives a connection, and so has what people are told of it, although
/// nothing repeats any more.
#[tokio::test]
async fn a_rail_that_is_up_can_be_released_after_a_new_connection() {
    for kind in [Kind::Events, Kind::Tasks] {
        let world = in_step(kind, 1).await;
        fight(&world, kind, 20).await;
        let shown = kind.titles(&world, At::Microsoft).await[0].clone();
        let wanted = kind.titles(&world, At::Crm).await[0].clone();
        kind.rename(&world, At::Microsoft, &shown, &wanted).await;
        world.disconnect("anna").await;
        world.connect("anna").await;
        world.advance(600).await;
        assert_stopped(&kind.sync(&world).await, "thrash");
        the_alert(&world, kind, "thrash").await;
        release(&world).await;
        assert_eq!(kind.sync(&world).await["next"]["when"], "idle", "{kind:?}");
    }
}
