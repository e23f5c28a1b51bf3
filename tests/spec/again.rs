//! Comparing everything once more, for whoever doubts that both sides agree (Oro
//! row E4): it reads both sides from the beginning, writes what has come to
//! differ, and tells nobody.

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use tandem_tests::meeting::COLLEAGUES;
use tandem_tests::{World, options_on_disk, tandem};

use crate::calendar::wrote;
use crate::exceptions::crm_exception;
use crate::meetings::{FROM, TO, id, shared, weekly_meeting};

async fn compared_again(world: &World, login: &str) -> Value {
    let body = json!({"user": login, "resource": "calendar", "again": true});
    world.crm.post("/api/sync", &body).await.ok()
}

#[tokio::test]
async fn comparing_again_reads_everything_writes_nothing_and_tells_nobody() {
    let (world, parent) = shared(&weekly_meeting(&["ben", "cleo"])).await;
    crm_exception(&world, &parent, "2026-03-16T09:00:00Z", json!({"title": "Workshop"})).await;
    crm_exception(&world, &parent, "2026-03-23T09:00:00Z", json!({"cancelled": true})).await;
    world.crm_create_timed("anna", "Dentist", "2026-03-11T09:00:00Z", "2026-03-11T10:00:00Z").await;
    world.sync_each(&COLLEAGUES).await;
    world.sync_each(&COLLEAGUES).await;
    world.told().await;
    for login in COLLEAGUES {
        let before = world.assert_same(login, FROM, TO).await;
        let report = compared_again(&world, login).await;
        assert_eq!(report["next"]["when"], "idle", "{report}");
        wrote(&report, [0, 0, 0], [0, 0, 0]);
        assert!(report["requests"].as_u64().unwrap() > 1, "expected a listing, but found a poll: {report}");
        assert_eq!((report["conflicts"].as_u64(), report["issues"].clone()), (Some(0), json!([])), "{report}");
        assert_eq!(world.assert_same(login, FROM, TO).await, before);
        // Afterwards, it is read on from there.
        world.forget_requests().await;
        wrote(&world.sync(login).await, [0, 0, 0], [0, 0, 0]);
        assert_eq!(world.requests().await["count"], 1, "{login}");
    }
    world.assert_silent().await;
}

#[tokio::test]
async fn what_has_changed_meanwhile_goes_its_way_when_everything_is_compared() {
    let (world, parent) = shared(&weekly_meeting(&["ben"])).await;
    let outlook = world.outlook("anna").await;
    outlook.update(id(&outlook.the_only().await), &json!({"subject": "Weekly"})).await;
    world.take_mails().await;
    let dentist = world.crm_create_timed("anna", "Dentist", "2026-03-11T09:00:00Z", "2026-03-11T10:00:00Z").await;
    wrote(&compared_again(&world, "anna").await, [0, 1, 0], [1, 0, 0]);
    world.crm_delete(&dentist["id"]).await;
    wrote(&compared_again(&world, "anna").await, [0, 0, 0], [0, 0, 1]);
    assert_eq!(world.crm_event(&parent["id"]).await["title"], "Weekly");
    world.assert_silent().await;
    world.sync_each(&COLLEAGUES).await;
    world.assert_at_rest(&COLLEAGUES).await;
}

/// An edit that has not gone out yet is no matter of comparing.
#[tokio::test]
async fn what_the_crm_has_edited_before_everything_is_compared_is_told_as_ever() {
    let (world, parent) = shared(&weekly_meeting(&["ben"])).await;
    world.crm_update(&parent["id"], &json!({"title": "Weekly"})).await;
    wrote(&compared_again(&world, "anna").await, [0, 0, 0], [0, 1, 0]);
    assert_eq!(world.told().await, ["update ben Weekly"]);
    world.crm_delete(&parent["id"]).await;
    wrote(&compared_again(&world, "anna").await, [0, 0, 0], [0, 0, 1]);
    assert_eq!(world.told().await, ["cancellation ben Canceled: Weekly"]);
}

#[tokio::test]
async fn everything_is_compared_again_from_the_command_line_but_not_in_a_preview() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let now = Utc::now();
    let world = World::with(options_on_disk(&data, now)).await;
    world.configure().await;
    world.add_user("anna", "Acme").await;
    world.connect("anna").await;
    let (start, end) = (now + TimeDelta::days(1), now + TimeDelta::days(1) + TimeDelta::hours(1));
    world.crm_create_timed("anna", "Dentist", &start.to_rfc3339(), &end.to_rfc3339()).await;
    world.sync("anna").await;
    let both = json!({"user": "anna", "again": true, "preview": true});
    let refused = world.crm.post("/api/sync", &both).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    drop(world);
    let data = data.to_str().unwrap();
    let again = tandem(&["sync", "--data", data, "--user", "anna", "--again"]).await;
    assert_eq!(again.code, 0, "{again:?}");
    let nothing = "   CRM         nothing written\n   Microsoft   nothing written\n";
    assert!(again.out.contains(nothing), "{again:?}");
    let refused = tandem(&["sync", "--data", data, "--again", "--preview"]).await;
    assert_eq!(refused.code, 2, "{refused:?}");
}
