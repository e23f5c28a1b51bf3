//! What is known of one side only: it stays told until that side can be read, or is
//! gone.

use serde_json::{Value, json};
use tandem_tests::World;

use super::set_aside::{retry, set_aside};
use crate::runtime::until_idle;
use crate::series::weekly_in_outlook;

/// An event of Outlook that cannot be read is as much out of step after a save in the
/// CRM, and after a comparison, as before: nothing is over because nothing is to be
/// written.
#[tokio::test]
async fn what_cannot_be_read_in_outlook_stays_listed_whatever_happens_in_the_crm() {
    for direction in ["bidirectional", "microsoft-to-crm"] {
        let world = World::connected().await;
        world.save("system", "0", &[("calendar.direction", json!(direction))]).await.ok();
        let outlook = world.outlook("anna").await;
        let series = outlook.create(&weekly_in_outlook()).await;
        until_idle(&world).await;
        let ours = world.crm_events("anna").await[0].clone();
        outlook.update(series["id"].as_str().unwrap(), &json!({"subject": "Renamed"})).await;
        let unreadable = json!({"match": {"method": "GET", "path": "/me/events/"}, "times": 1000, "do": "unavailable",
            "status": 400, "code": "ErrorInvalidParameter"});
        world.fault(json!([unreadable])).await;
        let report = world.sync("anna").await;
        assert_eq!(report["issues"][0]["code"], "not-mappable", "{report}");
        assert_eq!((set_aside(&world).await.len(), world.alerts().await.len()), (1, 1), "{direction}");

        world.crm_update(&ours["id"], &json!({"title": "Other"})).await;
        world.crm_update(&ours["id"], &json!({"title": ours["title"]})).await;
        until_idle(&world).await;
        assert_eq!((set_aside(&world).await.len(), world.alerts().await.len()), (1, 1), "{direction}: saved");
        world.crm.post("/api/sync", &json!({"user": "anna", "resource": "calendar", "again": true})).await;
        until_idle(&world).await;
        assert_eq!((set_aside(&world).await.len(), world.alerts().await.len()), (1, 1), "{direction}: compared");

        world.forget_faults().await;
        retry(&world, &Value::Null).await;
        until_idle(&world).await;
        assert_eq!((set_aside(&world).await.len(), world.alerts().await.len()), (0, 0), "{direction}: read");
        assert_eq!(world.crm_events("anna").await[0]["title"], "Renamed");
    }
}

/// Nobody has to correct what is not there any more.
#[tokio::test]
async fn what_was_said_of_a_record_ends_with_the_record() {
    let world = World::connected().await;
    // A yearly series that was moved behind its only day shows nothing.
    let series = |day: &str| {
        let (start, end) = (format!("{day}T09:00:00Z"), format!("{day}T10:00:00Z"));
        let rule = json!({
            "type": "yearly", "interval": 12, "dayOfMonth": 8, "monthOfYear": 3, "timeZone": "UTC",
            "startTime": start, "endTime": "2026-04-15T09:00:00Z",
        });
        json!({"title": "Review", "start": start, "end": end, "timeZone": "UTC", "recurrence": rule})
    };
    let ours = world.crm_create("anna", &series("2026-03-08")).await;
    until_idle(&world).await;
    world.save("system", "0", &[("calendar.direction", json!("microsoft-to-crm"))]).await.ok();
    world.crm_update(&ours["id"], &series("2026-04-05")).await;
    let report = world.sync("anna").await;
    assert_eq!(report["issues"][0]["code"], "not-mappable", "{report}");
    assert_eq!(world.alerts().await.len(), 1);
    world.crm_delete(&ours["id"]).await;
    until_idle(&world).await;
    assert_eq!((set_aside(&world).await, world.alerts().await), (Vec::<Value>::new(), Vec::<Value>::new()));
}
