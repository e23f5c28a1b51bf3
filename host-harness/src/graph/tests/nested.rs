//! Values within values: what a client writes is of the official types down to
//! the last property, or refused, and nothing is read as something else. What is
//! asked of values within is there, too.

use super::*;

const UNREADABLE: &str = "UnableToDeserializePostBody";
const MISNAMED: &str = "RequestBodyRead";

/// `body` with a value at a path such as `start.x`, `attendees.0.type` or
/// `body.@odata.type`.
fn with(mut body: Value, path: &str, value: Value) -> Value {
    let (way, annotation) = path.split_once('@').map_or((path, None), |(way, name)| (way, Some(format!("@{name}"))));
    let steps = way.split('.').filter(|step| !step.is_empty()).map(str::to_owned).chain(annotation);
    let place = steps.fold(&mut body, |at, step| match step.parse::<usize>() {
        Ok(index) => &mut at[index],
        Err(_) => &mut at[step],
    });
    *place = value;
    body
}

/// A series with something in every place.
fn whole() -> Value {
    let mut event = event("Talk", 2, 9);
    event["@odata.type"] = json!("#microsoft.graph.event");
    event["body"] = json!({ "contentType": "text", "content": "Agenda" });
    event["location"] = json!({
        "displayName": "Hall", "locationType": "hotel", "address": { "street": "Long 1" },
        "coordinates": { "latitude": 52.5, "longitude": 13 },
    });
    event["locations"] = json!([event["location"]]);
    event["attendees"] = json!([{ "type": "required", "emailAddress": { "name": "Bob", "address": BOB } }]);
    event["recurrence"] = daily(3)["recurrence"].clone();
    event["singleValueExtendedProperties"] =
        json!([{ "id": "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Ref", "value": "1" }]);
    event["extensions"] =
        json!([{ "@odata.type": "microsoft.graph.openTypeExtension", "extensionName": "Com.Contoso", "colour": 5 }]);
    event
}

fn wrong_in_events() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("subject", json!(5), UNREADABLE),
        ("isReminderOn", json!("yes"), UNREADABLE),
        ("reminderMinutesBeforeStart", json!(1.5), UNREADABLE),
        ("categories", json!("Blue"), UNREADABLE),
        ("categories", json!([5]), UNREADABLE),
        ("attendees", json!(null), UNREADABLE),
        ("attendees", json!({}), UNREADABLE),
        ("attendees", json!([null]), UNREADABLE),
        ("importance", json!("bogus"), MISNAMED),
        ("importance", json!(5), UNREADABLE),
        ("location", json!("Hall"), UNREADABLE),
        ("location.locationType", json!("bogus"), MISNAMED),
        ("location.address.street", json!(5), UNREADABLE),
        ("location.address.planet", json!("Mars"), MISNAMED),
        ("location.coordinates.latitude", json!("5"), UNREADABLE),
        ("location.foo", json!("5"), MISNAMED),
        ("locations.0.uniqueIdType", json!("bogus"), MISNAMED),
        ("body", json!("Agenda"), UNREADABLE),
        ("body.content", json!(5), UNREADABLE),
        ("body.contentType", json!("rtf"), MISNAMED),
        ("body.foo", json!("5"), MISNAMED),
        ("start.x", json!("5"), MISNAMED),
        ("start.dateTime", json!(null), MISNAMED),
        ("start.timeZone", json!(5), UNREADABLE),
        ("attendees.0.type", json!(9), UNREADABLE),
        ("attendees.0.type", json!("bogus"), MISNAMED),
        ("attendees.0.emailAddress.name", json!(7), UNREADABLE),
        ("attendees.0.emailAddress.bogus", json!("5"), MISNAMED),
        ("recurrence.pattern.foo", json!(5), MISNAMED),
        ("recurrence.pattern.month", json!(null), MISNAMED),
        ("recurrence.pattern.month", json!("3"), UNREADABLE),
        ("recurrence.pattern.daysOfWeek", json!(["someday"]), MISNAMED),
        ("recurrence.range.startDate", json!("14/03/2026"), UNREADABLE),
        ("recurrence.range.foo", json!(5), MISNAMED),
        ("singleValueExtendedProperties.0.z", json!("5"), MISNAMED),
        ("singleValueExtendedProperties.0.value", json!(5), UNREADABLE),
        ("@odata.type", json!("#microsoft.graph.message"), UNREADABLE),
        ("@odata.type", json!("#microsoft.graph.bogus"), MISNAMED),
        ("@odata.type", json!(5), UNREADABLE),
        ("extensions.0.@odata.type", json!("microsoft.graph.bogus"), MISNAMED),
        ("body.@odata.type", json!("#microsoft.graph.location"), UNREADABLE),
    ]
}

#[tokio::test]
async fn an_event_is_of_its_types_down_to_the_last_property() {
    let world = World::new();
    let known = world.create(whole()).await;
    let before = world.get(&format!("/me/events/{}", id(&known))).await.body;
    for (path, value, code) in wrong_in_events() {
        let wrong = with(whole(), path, value.clone());
        let refused = world.post("/me/events", wrong.clone()).await;
        assert_eq!((refused.status, refused.code()), (400, code), "{path}: {value}: {}", refused.text);
        let first = path.split(['.', '@']).next().unwrap();
        if !matches!(first, "" | "extensions") {
            let change = json!({ first: wrong[first] });
            let refused = world.patch(id(&known), change).await;
            assert_eq!((refused.status, refused.code()), (400, code), "PATCH {path}: {value}: {}", refused.text);
        }
    }
    assert_eq!(world.get(&format!("/me/events/{}", id(&known))).await.body, before);
    assert_eq!(world.get("/me/events").await.items().len(), 1);
}

#[tokio::test]
async fn a_task_is_of_its_types_down_to_the_last_property() {
    let world = World::new();
    let list = world.get("/me/todo/lists").await.items()[0]["id"].as_str().unwrap().to_owned();
    let tasks = format!("/me/todo/lists/{list}/tasks");
    let time = json!({ "dateTime": "2026-03-02T00:00:00", "timeZone": "UTC" });
    let whole = json!({
        "title": "Call", "dueDateTime": time, "body": { "content": "a", "contentType": "text" },
        "recurrence": daily(3)["recurrence"], "linkedResources": [{ "displayName": "Case" }],
    });
    assert_eq!(world.post(&tasks, whole.clone()).await.status, 201);
    for (path, value, code) in [
        ("dueDateTime.foo", json!("5"), MISNAMED),
        ("recurrence.range.foo", json!("5"), MISNAMED),
        ("recurrence.pattern.interval", json!(null), MISNAMED),
        ("body.content", json!(5), UNREADABLE),
        ("status", json!("bogus"), MISNAMED),
        ("linkedResources.0.displayName", json!(5), UNREADABLE),
        ("linkedResources.0.foo", json!("5"), MISNAMED),
        ("title", json!(5), UNREADABLE),
    ] {
        let refused = world.post(&tasks, with(whole.clone(), path, value.clone())).await;
        // To Do has words of its own, and the reason within.
        let reason = refused.body["error"]["innerError"]["code"].as_str();
        assert_eq!((refused.status, refused.code(), reason), (400, "invalidRequest", Some(code)), "{path}: {value}");
    }
    assert_eq!(world.get(&tasks).await.items().len(), 1);
}

#[tokio::test]
async fn parameters_of_actions_are_of_their_types() {
    let world = World::new();
    let known = world.create(event("Talk", 10, 9)).await;
    let forward = format!("/me/events/{}/forward", id(&known));
    let to = |recipient: Value| json!({ "ToRecipients": [recipient] });
    let schedule = json!({
        "schedules": [ALICE], "startTime": at(2, 9)["start"], "endTime": at(3, 9)["start"], "availabilityViewInterval": "60",
    });
    assert_eq!(world.post("/me/calendar/getSchedule", schedule.clone()).await.status, 200);
    for (path, body, code) in [
        (&*forward, to(json!({ "emailAddress": { "address": 5 } })), UNREADABLE),
        (&*forward, to(json!({ "emailAddress": { "address": BOB, "bogus": 5 } })), MISNAMED),
        (&*forward, json!({ "ToRecipients": BOB }), UNREADABLE),
        (&*forward, json!({ "ToRecipients": [], "Comment": 5 }), UNREADABLE),
        ("/me/calendar/getSchedule", with(schedule.clone(), "startTime.foo", json!(5)), MISNAMED),
        ("/me/calendar/getSchedule", with(schedule.clone(), "schedules", json!(ALICE)), UNREADABLE),
        ("/me/calendar/getSchedule", with(schedule, "availabilityViewInterval", json!("often")), UNREADABLE),
    ] {
        let refused = world.post(path, body.clone()).await;
        assert_eq!((refused.status, refused.code()), (400, code), "{path} {body}: {}", refused.text);
    }
    let spelled = json!({ "toRecipients": [{ "EmailAddress": { "Address": BOB, "Name": "Bob" } }] });
    assert_eq!(world.post(&forward, spelled).await.status, 202);
}

#[tokio::test]
async fn calendars_and_their_kin_are_of_their_types() {
    let world = World::new();
    for (path, body, code) in [
        ("/me/calendars", json!({ "name": 5 }), UNREADABLE),
        ("/me/calendars", json!({ "name": "Trips", "color": "bogus" }), MISNAMED),
        ("/me/calendars", json!({ "name": "Trips", "@odata.type": "#microsoft.graph.event" }), UNREADABLE),
        ("/me/calendarGroups", json!({ "name": [] }), UNREADABLE),
    ] {
        let refused = world.post(path, body.clone()).await;
        assert_eq!((refused.status, refused.code()), (400, code), "{path} {body}: {}", refused.text);
    }
    let named = json!({ "name": "Trips", "@odata.type": "microsoft.graph.calendar", "color": "lightBlue" });
    assert_eq!(world.post("/me/calendars", named).await.status, 201);
}

#[tokio::test]
async fn options_name_only_what_the_types_have() {
    let mut world = World::new();
    world.create(whole()).await;
    let scopes = ["Calendars.ReadWrite", "Mail.ReadWrite", "Tasks.ReadWrite"];
    world.token = world.microsoft.issue_token(ALICE, &scopes).unwrap();
    assert_eq!(world.post("/me/messages", json!({ "subject": "Offer" })).await.status, 201);
    let extensions = "extensions($filter=id eq 'Com.Contoso')";
    for (path, right, wrong) in [
        ("/me/events", "$select=start/dateTime,location/address/street", "$select=start/nosuch"),
        ("/me/events", "$select=microsoft.graph.event/body/content", "$select=subject/length"),
        ("/me/events", "$expand=attachments($select=name)", "$expand=attachments($bogus=1)"),
        ("/me/events", &*format!("$expand={}", escaped(extensions)), "$expand=extensions(bogus=1)"),
        ("/me/messages", "$select=from/emailAddress/name", "$select=from/name"),
        ("/me/messages", "$expand=attachments($select=name)", "$expand=attachments($bogus=1)"),
        ("/me/todo/lists", "$expand=extensions", "$expand=extensions($bogus=1)"),
    ] {
        assert_eq!(world.get(&format!("{path}?{right}")).await.status, 200, "{path}?{right}");
        let refused = world.get(&format!("{path}?{wrong}")).await;
        assert_eq!(refused.status, 400, "{path}?{wrong}: {}", refused.text);
    }
    assert_eq!(world.get("/me/events?$expand=attachments($top=1)").await.status, 501);
    let window = "startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z";
    for round in ["/me/events/delta(a='b')", "/me/calendarView/delta(a='b')"] {
        let refused = world.get(&format!("{round}?{window}")).await;
        assert_eq!((refused.status, refused.code()), (400, "BadRequest"), "{round}");
    }
}
