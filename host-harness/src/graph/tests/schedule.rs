//! When people are free.

use super::*;

fn question(schedules: &[&str], start: &str, end: &str) -> Value {
    json!({
        "schedules": schedules,
        "startTime": { "dateTime": start, "timeZone": "W. Europe Standard Time" },
        "endTime": { "dateTime": end, "timeZone": "W. Europe Standard Time" },
        "availabilityViewInterval": 60,
    })
}

fn tuesday(schedules: &[&str]) -> Value {
    question(schedules, "2026-03-10T08:00:00", "2026-03-10T14:00:00")
}

async fn held(world: &World, subject: &str, hour: u32, show_as: &str, sensitivity: &str) {
    let mut event = event(subject, 10, hour);
    event["showAs"] = json!(show_as);
    event["sensitivity"] = json!(sensitivity);
    event["location"] = json!({ "displayName": "Room 1" });
    world.create(event).await;
}

#[tokio::test]
async fn the_own_schedule_is_shown_in_full_and_that_of_others_by_its_times() {
    let world = World::new();
    held(&world, "Talk", 9, "busy", "normal").await;
    held(&world, "Maybe", 10, "tentative", "normal").await;
    held(&world, "Away", 10, "oof", "private").await;
    held(&world, "Nothing", 11, "free", "normal").await;
    held(&world, "Home", 12, "workingElsewhere", "normal").await;
    let mut daily = daily(10);
    daily["start"]["dateTime"] = json!("2026-03-02T13:00:00");
    daily["end"]["dateTime"] = json!("2026-03-02T13:20:00");
    world.create(daily).await;
    let prefer = [("prefer", "outlook.timezone=\"W. Europe Standard Time\"")];
    let body = Some(tuesday(&[ALICE, "ALICE@contoso.example"]));
    let own = world.graph_as(&world.token, "POST", "/me/calendar/getSchedule", &prefer, body).await;
    assert_eq!(own.status, 200, "{}", own.text);
    assert_eq!(own.items().len(), 2);
    let schedule = &own.items()[0];
    assert_eq!((&schedule["scheduleId"], &schedule["availabilityView"]), (&json!(ALICE), &json!("023002")));
    let items = schedule["scheduleItems"].as_array().unwrap();
    let shown: Vec<(Option<&str>, bool)> =
        items.iter().map(|item| (item["subject"].as_str(), item["isPrivate"] == true)).collect();
    let expected = [Some("Talk"), Some("Maybe"), None, Some("Nothing"), Some("Home"), Some("Series")];
    assert_eq!(shown, expected.map(|subject| (subject, subject.is_none())));
    assert_eq!(items[0]["location"], "Room 1");
    let nine = json!({ "dateTime": "2026-03-10T09:00:00.0000000", "timeZone": "W. Europe Standard Time" });
    assert_eq!((&items[0]["status"], &items[0]["start"]), (&json!("busy"), &nine));
    assert_eq!(schedule["workingHours"]["timeZone"]["name"], "W. Europe Standard Time");
    let other = world.as_bob("POST", "/me/calendar/microsoft.graph.getSchedule", Some(tuesday(&[ALICE]))).await;
    let item = &other.items()[0]["scheduleItems"][0];
    assert_eq!(item.as_object().unwrap().len(), 3, "{item}");
    assert_eq!((&item["status"], &item["start"]["timeZone"]), (&json!("busy"), &json!("UTC")));
}

#[tokio::test]
async fn an_address_without_a_mailbox_has_an_error_of_its_own() {
    let world = World::new();
    let answer = world.post("/me/calendar/getSchedule", tuesday(&["nobody@contoso.example", BOB])).await;
    assert_eq!(answer.items()[0]["error"]["responseCode"], "ErrorMailRecipientNotFound");
    assert_eq!(answer.items()[0]["scheduleItems"], json!([]));
    assert_eq!(answer.items()[1]["availabilityView"], "000000");
}

#[tokio::test]
async fn slots_are_half_hours_by_default_and_the_last_one_may_be_short() {
    let world = World::new();
    held(&world, "Talk", 9, "busy", "normal").await;
    let mut body = question(&[ALICE], "2026-03-10T08:45:00", "2026-03-10T10:00:00");
    body.as_object_mut().unwrap().remove("availabilityViewInterval");
    let view = async |body: Value| {
        let answer = world.post("/me/calendar/getSchedule", body).await;
        answer.items()[0]["availabilityView"].as_str().unwrap().to_owned()
    };
    assert_eq!(view(body.clone()).await, "220");
    body["AvailabilityViewInterval"] = json!("15");
    assert_eq!(view(body).await, "02200");
}

#[tokio::test]
async fn questions_without_sense_are_refused() {
    let world = World::new();
    let with = |name: &str, value: Value| {
        let mut body = tuesday(&[ALICE]);
        body[name] = value;
        body
    };
    let many: Vec<&str> = vec![ALICE; 21];
    let cases = [
        (tuesday(&many), "ErrorInvalidParameter"),
        (tuesday(&[]), "ErrorInvalidParameter"),
        (with("schedules", json!([1])), "UnableToDeserializePostBody"),
        (with("availabilityViewInterval", json!(4)), "ErrorInvalidMergedFreeBusyInterval"),
        (with("availabilityViewInterval", json!(1441)), "ErrorInvalidMergedFreeBusyInterval"),
        (with("interval", json!(30)), "RequestBodyRead"),
        (with("startTime", json!({ "dateTime": "2026-03-10T08:00:00" })), "TimeZoneNotSupportedException"),
        (question(&[ALICE], "2026-03-10T08:00:00", "2026-03-10T08:00:00"), "ErrorInvalidParameter"),
        (question(&[ALICE], "2026-03-01T00:00:00", "2026-05-02T01:00:00"), "ErrorTimeIntervalTooBig"),
    ];
    for (body, code) in cases {
        let refused = world.post("/me/calendar/getSchedule", body.clone()).await;
        assert_eq!((refused.status, refused.code()), (400, code), "{body}");
    }
    assert_eq!(world.get("/me/calendar/getSchedule").await.status, 405);
    let scopes = ["Calendars.ReadBasic"];
    let basic = world.microsoft.issue_token(ALICE, &scopes).unwrap();
    let path = "/me/calendar/getSchedule";
    assert_eq!(world.graph_as(&basic, "POST", path, &[], Some(tuesday(&[ALICE]))).await.status, 200);
    let none = world.microsoft.issue_token(ALICE, &["User.Read"]).unwrap();
    assert_eq!(world.graph_as(&none, "POST", path, &[], Some(tuesday(&[ALICE]))).await.status, 403);
}
