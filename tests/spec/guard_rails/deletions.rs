//! Too many deletions at once.

use serde_json::json;
use tandem_tests::{World, options_on_disk};

use super::{At, EVERYWHERE, Kind, assert_deleted, assert_stopped, fill, in_step, release, the_alert};

#[tokio::test]
async fn more_than_ten_and_more_than_a_fifth_are_held_back_on_either_side_and_of_either_kind() {
    for (kind, at) in EVERYWHERE {
        // More than are carried out together: none of them slips through.
        let world = in_step(kind, 30).await;
        kind.delete(&world, at, 25).await;
        let report = kind.sync(&world).await;
        assert_stopped(&report, "too-many-deletions");
        assert_eq!(kind.count(&world, at.other()).await, 30, "{kind:?} {at:?}");
        let alert = the_alert(&world, kind, "too-many-deletions").await;
        let message = alert["message"].as_str().unwrap();
        let (crm, microsoft) = if at == At::Crm { (0, 25) } else { (25, 0) };
        for words in ["25 ", " of 30 would be deleted", &format!("{crm} of them in"), &format!("{microsoft} in Micro")]
        {
            assert!(message.contains(words), "{words}: {message}");
        }
        assert_eq!(report["issues"][0]["message"], alert["message"]);
        assert!(alert["hint"].as_str().unwrap().contains("exactly these are deleted, once"), "{alert}");
        release(&world).await;
        assert_deleted(&kind.sync(&world).await, at.other(), 25);
        assert_eq!(kind.titles(&world, at.other()).await, kind.titles(&world, at).await);
        assert!(world.alerts().await.is_empty());
    }
}

#[tokio::test]
async fn deletions_of_both_sides_count_together() {
    for kind in [Kind::Events, Kind::Tasks] {
        let world = in_step(kind, 30).await;
        kind.delete(&world, At::Crm, 6).await;
        let last: Vec<String> = kind.titles(&world, At::Microsoft).await;
        assert_eq!(last.len(), 30);
        // Others than those that the CRM has deleted: its items come last.
        for _ in 0..6 {
            delete_last(&world, kind).await;
        }
        let report = kind.sync(&world).await;
        assert_stopped(&report, "too-many-deletions");
        let alert = the_alert(&world, kind, "too-many-deletions").await;
        let message = alert["message"].as_str().unwrap();
        assert!(message.contains("12 "), "{message}");
        assert!(message.contains("6 of them in") && message.contains("6 in Microsoft 365"), "{message}");
    }
}

async fn delete_last(world: &World, kind: Kind) {
    let item = kind.items(world, At::Microsoft).await.pop().unwrap();
    match kind {
        Kind::Events => world.outlook("anna").await.delete(item["id"].as_str().unwrap()).await,
        Kind::Tasks => world.todo("anna").await.delete(&item["id"]).await,
    }
}

#[tokio::test]
async fn an_ordinary_clear_out_passes() {
    for (kind, at) in EVERYWHERE {
        // Ten are a third here, and more than a fifth of what is left afterwards.
        let world = in_step(kind, 30).await;
        kind.delete(&world, at, 10).await;
        assert_deleted(&kind.sync(&world).await, at.other(), 10);
        kind.delete(&world, at, 10).await;
        assert_deleted(&kind.sync(&world).await, at.other(), 10);
        assert!(world.alerts().await.is_empty());
    }
}

#[tokio::test]
async fn a_fifth_of_many_passes_and_one_more_does_not() {
    for (kind, at) in [(Kind::Events, At::Microsoft), (Kind::Tasks, At::Crm)] {
        let world = in_step(kind, 100).await;
        kind.delete(&world, at, 20).await;
        assert_deleted(&kind.sync(&world).await, at.other(), 20);
        kind.delete(&world, at, 17).await;
        assert_stopped(&kind.sync(&world).await, "too-many-deletions");
        assert_eq!(kind.count(&world, at.other()).await, 80);
    }
}

#[tokio::test]
async fn while_a_rail_is_up_nothing_is_written_on_either_side_and_the_other_kind_goes_on() {
    for (kind, at) in EVERYWHERE {
        let world = in_step(kind, 20).await;
        fill(&world, kind.other(), 2).await;
        kind.delete(&world, at, 12).await;
        // The last ones are still there.
        kind.rename(&world, at, "Item 019", "Renamed").await;
        kind.rename(&world, at.other(), "Item 018", "Renamed, too").await;
        kind.create(&world, "New").await;
        kind.other().rename(&world, At::Crm, "Item 000", "Goes on").await;
        for _ in 0..3 {
            world.advance(600).await;
            let report = world.crm.post("/api/sync", &json!({"user": "anna"})).await.ok();
            assert_eq!(report["blocked"], "guard-rail", "{report}");
            let index = usize::from(kind == Kind::Tasks);
            assert_stopped(&report["resources"][index], "too-many-deletions");
            assert_eq!(report["resources"][1 - index]["blocked"], json!(null), "{report}");
        }
        assert!(kind.other().titles(&world, At::Microsoft).await.contains(&"Goes on".to_owned()));
        let far = kind.titles(&world, at.other()).await;
        assert!(!far.contains(&"Renamed".to_owned()) && far.len() >= 20, "{far:?}");
        assert!(!kind.titles(&world, at).await.contains(&"Renamed, too".to_owned()));
        release(&world).await;
        assert_deleted(&kind.sync(&world).await, at.other(), 12);
        let mut here = kind.titles(&world, at).await;
        here.sort();
        assert_eq!(here, kind.titles(&world, at.other()).await);
        for title in ["New", "Renamed", "Renamed, too"] {
            assert!(here.contains(&title.to_owned()), "{title}: {here:?}");
        }
    }
}

#[tokio::test]
async fn a_rail_stays_up_over_comparisons_reconnections_and_restarts() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::on_disk(directory.path()).await;
    world.configure().await;
    world.switch_tasks_on().await;
    world.add_user("anna", "Acme").await;
    world.connect("anna").await;
    fill(&world, Kind::Events, 20).await;
    Kind::Events.delete(&world, At::Crm, 12).await;
    assert_stopped(&Kind::Events.sync(&world).await, "too-many-deletions");
    let again = json!({"user": "anna", "resource": "calendar", "again": true});
    assert_stopped(&world.crm.post("/api/sync", &again).await.ok(), "too-many-deletions");
    world.crm.post("/api/users/anna/microsoft/disconnect", &json!({})).await.ok();
    world.connect("anna").await;
    assert_stopped(&Kind::Events.sync(&world).await, "too-many-deletions");
    let now = world.now();
    drop(world);
    let world = World::with(options_on_disk(directory.path(), now)).await;
    world.connect("anna").await;
    assert_stopped(&Kind::Events.sync(&world).await, "too-many-deletions");
    the_alert(&world, Kind::Events, "too-many-deletions").await;
    release(&world).await;
    assert_deleted(&Kind::Events.sync(&world).await, At::Microsoft, 12);
}

#[tokio::test]
async fn what_is_put_right_lets_nothing_through_by_itself() {
    let world = in_step(Kind::Events, 20).await;
    let outlook = world.outlook("anna").await;
    world.save("user", "anna", &[("calendar.direction", json!("crm-to-microsoft"))]).await.ok();
    Kind::Events.sync(&world).await;
    Kind::Events.delete(&world, At::Crm, 12).await;
    assert_stopped(&Kind::Events.sync(&world).await, "too-many-deletions");
    // The other way round, nothing is to be deleted any more.
    world.save("user", "anna", &[("calendar.direction", json!("microsoft-to-crm"))]).await.ok();
    let report = Kind::Events.sync(&world).await;
    assert_stopped(&report, "too-many-deletions");
    release(&world).await;
    assert_deleted(&Kind::Events.sync(&world).await, At::Microsoft, 0);
    assert_eq!(outlook.events().await.len(), 20);
}

#[tokio::test]
async fn a_preview_shows_the_rail_and_what_it_holds_and_changes_nothing() {
    for (kind, at) in EVERYWHERE {
        let world = in_step(kind, 20).await;
        kind.delete(&world, at, 12).await;
        let preview = json!({"user": "anna", "resource": kind.word(), "preview": true});
        for _ in 0..2 {
            let report = world.crm.post("/api/sync", &preview).await.ok();
            assert_eq!(report["issues"][0]["code"], "too-many-deletions", "{report}");
            let deletes = report["operations"].as_array().unwrap().iter();
            assert_eq!(deletes.filter(|operation| operation["action"] == "delete").count(), 12, "{report}");
            assert!(world.alerts().await.is_empty(), "a preview tells nobody");
        }
        assert_stopped(&kind.sync(&world).await, "too-many-deletions");
        let report = world.crm.post("/api/sync", &preview).await.ok();
        assert_eq!(report["issues"][0]["code"], "too-many-deletions", "{report}");
    }
}
