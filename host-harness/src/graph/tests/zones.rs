//! Zones of events: names that are none, midnights, original starts.

use super::*;

const CUSTOM: &str = "tzone://Microsoft/Custom";

#[tokio::test]
async fn foreign_zone_names_are_shown_and_change_nothing() {
    let world = World::new();
    let master = world.create(daily(3)).await;
    let before = world.instances(id(&master)).await;
    let names = json!({ "originalStartTimeZone": CUSTOM, "originalEndTimeZone": CUSTOM, "recurrenceTimeZone": "Customized Time Zone" });
    let path = format!("events/{}/zone", id(&master));
    assert_eq!(world.control("POST", &path, Some(names)).await.status, 204);
    let read = world.get(&format!("/me/events/{}", id(&master))).await.body;
    assert_eq!(
        (read["originalStartTimeZone"].as_str(), read["originalEndTimeZone"].as_str()),
        (Some(CUSTOM), Some(CUSTOM))
    );
    assert_eq!(read["recurrence"]["range"]["recurrenceTimeZone"], "Customized Time Zone");
    let after = world.instances(id(&master)).await;
    let places =
        |items: &[Value]| items.iter().map(|item| (item["id"].clone(), item["start"].clone())).collect::<Vec<_>>();
    assert_eq!(places(&after), places(&before));
    assert_eq!(after[0]["originalStartTimeZone"], CUSTOM);
    // Such a name is shown and cannot be written.
    let echoed = world.patch(id(&master), json!({ "recurrence": read["recurrence"] })).await;
    assert_eq!(echoed.code(), "TimeZoneNotSupportedException");
    let single = world.create(event("Talk", 10, 9)).await;
    let path = format!("events/{}/zone", id(&single));
    assert_eq!(world.control("POST", &path, Some(json!({ "recurrenceTimeZone": CUSTOM }))).await.status, 400);
    assert_eq!(world.control("POST", "events/nothing/zone", Some(json!({}))).await.status, 404);
}

#[tokio::test]
async fn a_time_needs_a_zone_with_a_name_in_full() {
    let world = World::new();
    let created = world.create(event("Talk", 10, 9)).await;
    for zone in [json!(null), json!(""), json!("EST"), json!("CET"), json!(CUSTOM)] {
        let time = json!({ "dateTime": "2026-03-10T08:00:00", "timeZone": zone });
        let refused = world.patch(id(&created), json!({ "start": time })).await;
        assert_eq!((refused.status, refused.code()), (400, "TimeZoneNotSupportedException"), "{zone}");
    }
    let bare = json!({ "start": { "dateTime": "2026-03-10T08:00:00" } });
    assert_eq!(world.patch(id(&created), bare).await.code(), "TimeZoneNotSupportedException");
    let utc =
        |hour: u32| json!({ "dateTime": format!("2026-03-10T{hour:02}:00:00"), "timeZone": "tzone://Microsoft/Utc" });
    assert_eq!(world.patch(id(&created), json!({ "start": utc(8), "end": utc(9) })).await.status, 200);
}

#[tokio::test]
async fn the_original_start_of_an_all_day_occurrence_is_a_midnight_everywhere() {
    let world = World::new();
    let mut series = daily(3);
    series["isAllDay"] = json!(true);
    series["start"]["dateTime"] = json!("2026-03-02T00:00:00");
    series["end"]["dateTime"] = json!("2026-03-03T00:00:00");
    let master = world.create(series).await;
    let path = instances_path(id(&master));
    for (zone, offset) in
        [("UTC", "Z"), ("Europe/Berlin", "+01:00"), ("Pacific Standard Time", "-08:00"), ("Asia/Tokyo", "+09:00")]
    {
        let answer = world.get_with(&path, &[("prefer", &format!("outlook.timezone=\"{zone}\""))]).await;
        let item =
            answer.items().iter().find(|item| item["start"]["dateTime"] == "2026-03-03T00:00:00.0000000").unwrap();
        assert_eq!(item["originalStart"], format!("2026-03-03T00:00:00{offset}"));
        assert_eq!(item["end"]["dateTime"], "2026-03-04T00:00:00.0000000");
    }
}

#[tokio::test]
async fn the_original_start_of_a_timed_occurrence_is_a_whole_minute_in_the_asked_zone() {
    let world = World::new();
    let mut series = daily(3);
    series["start"]["dateTime"] = json!("2026-03-02T09:36:12.8650000");
    let end = json!("2026-03-02T10:00:00");
    series["end"]["dateTime"] = end;
    let master = world.create(series).await;
    let item = world.instances(id(&master)).await.remove(1);
    assert_eq!(item["start"]["dateTime"], "2026-03-03T08:36:12.8650000");
    assert_eq!(item["originalStart"], "2026-03-03T08:36:00Z");
    let path = format!("/me/events/{}", id(&item));
    let read = world.get_with(&path, &[("prefer", "outlook.timezone=\"Eastern Standard Time\"")]).await.body;
    assert_eq!(read["originalStart"], "2026-03-03T03:36:00-05:00");
    assert!(master.get("originalStart").is_none());
}
