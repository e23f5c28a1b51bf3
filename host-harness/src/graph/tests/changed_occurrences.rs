//! `$select` and `$expand` of events, above all of changed occurrences.

use super::*;

const BOTH: &str = "$select=cancelledOccurrences,exceptionOccurrences&$expand=exceptionOccurrences";

/// A series of four: the second renamed, the third deleted.
async fn changed_series(world: &World) -> (Value, Vec<Value>) {
    let master = world.create(daily(4)).await;
    let items = world.instances(id(&master)).await;
    world
        .patch(id(&items[1]), json!({ "subject": "Renamed", "body": { "contentType": "text", "content": "why" } }))
        .await;
    world.delete(id(&items[2])).await;
    (master, items)
}

fn names(value: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn cancelled_occurrences_need_a_select_and_exceptions_an_expand_as_well() {
    let world = World::new();
    let (master, _) = changed_series(&world).await;
    let path = format!("/me/events/{}", id(&master));
    let plain = world.get(&path).await.body;
    assert!(plain.get("cancelledOccurrences").is_none() && plain.get("exceptionOccurrences").is_none());
    let selected = world.get(&format!("{path}?$select=cancelledOccurrences,exceptionOccurrences")).await.body;
    assert_eq!(selected["cancelledOccurrences"], json!([format!("OID.{}.2026-03-04", id(&master))]));
    assert!(selected.get("exceptionOccurrences").is_none());
    let expanded = world.get(&format!("{path}?$expand=exceptionOccurrences")).await.body;
    assert!(expanded.get("exceptionOccurrences").is_none());
    let both = world.get(&format!("{path}?{BOTH}")).await.body;
    assert_eq!(names(&both), ["@odata.context", "@odata.etag", "cancelledOccurrences", "exceptionOccurrences", "id"]);
    assert_eq!(both["exceptionOccurrences"][0]["subject"], "Renamed");
}

#[tokio::test]
async fn expanded_exceptions_are_full_events_in_the_asked_form() {
    let world = World::new();
    let (master, items) = changed_series(&world).await;
    let prefer = "outlook.timezone=\"Asia/Tokyo\", outlook.body-content-type=\"text\", IdType=\"ImmutableId\"";
    let answer = world.get_with(&format!("/me/events/{}?{BOTH}", id(&master)), &[("prefer", prefer)]).await;
    let exception = &answer.body["exceptionOccurrences"][0];
    assert_eq!(exception["start"], json!({ "dateTime": "2026-03-03T17:00:00.0000000", "timeZone": "Asia/Tokyo" }));
    assert_eq!(exception["originalStart"], "2026-03-03T17:00:00+09:00");
    assert_eq!(exception["body"], json!({ "contentType": "text", "content": "why\r\n" }));
    assert_eq!((id(exception).len(), exception["seriesMasterId"].as_str().unwrap().len()), (72, 72));
    let read = world.get(&format!("/me/events/{}", id(exception))).await.body;
    assert_eq!(id(&read), id(&items[1]));
    let cancelled = answer.body["cancelledOccurrences"][0].as_str().unwrap();
    assert_eq!(cancelled, format!("OID.{}.2026-03-04", id(&answer.body)));
}

#[tokio::test]
async fn the_date_of_a_cancelled_occurrence_is_that_of_the_series() {
    let world = World::new();
    let mut series = daily(3);
    // Half past midnight in Berlin is the day before in UTC.
    series["start"]["dateTime"] = json!("2026-03-02T00:30:00");
    series["end"]["dateTime"] = json!("2026-03-02T01:00:00");
    let master = world.create(series).await;
    let items = world.instances(id(&master)).await;
    assert_eq!(items[1]["start"]["dateTime"], "2026-03-02T23:30:00.0000000");
    world.delete(id(&items[1])).await;
    let read = world.get(&format!("/me/events/{}?$select=cancelledOccurrences", id(&master))).await.body;
    assert_eq!(read["cancelledOccurrences"], json!([format!("OID.{}.2026-03-03", id(&master))]));
}

#[tokio::test]
async fn nested_options_apply_to_the_exceptions() {
    let world = World::new();
    let (master, items) = changed_series(&world).await;
    let property = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Link";
    let own = json!({ "singleValueExtendedProperties": [{ "id": property, "value": "link-2" }] });
    world.patch(id(&items[1]), own).await;
    let expand = format!(
        "exceptionOccurrences($select=subject,start;$expand=singleValueExtendedProperties($filter=id eq '{property}')),singleValueExtendedProperties($filter=id eq '{property}')"
    );
    let path = format!("/me/events/{}?$select=subject,exceptionOccurrences&$expand={}", id(&master), escaped(&expand));
    let answer = world.get(&path).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let exception = &answer.body["exceptionOccurrences"][0];
    assert_eq!(names(exception), ["@odata.etag", "id", "singleValueExtendedProperties", "start", "subject"]);
    assert_eq!(exception["singleValueExtendedProperties"][0]["value"], "link-2");
    assert!(answer.body.get("singleValueExtendedProperties").is_none());
    let series = json!({ "singleValueExtendedProperties": [{ "id": property, "value": "link-1" }] });
    world.patch(id(&master), series).await;
    let answer = world.get(&path).await.body;
    assert_eq!(answer["singleValueExtendedProperties"][0]["value"], "link-1");
    assert_eq!(answer["exceptionOccurrences"][0]["singleValueExtendedProperties"][0]["value"], "link-2");
}

#[tokio::test]
async fn nowhere_else_are_changed_occurrences_to_be_had() {
    let world = World::new();
    let (master, items) = changed_series(&world).await;
    let single = world.create(event("Talk", 20, 9)).await;
    for id in [id(&single), id(&items[1]), id(&items[3])] {
        let read = world.get(&format!("/me/events/{id}?{BOTH}")).await.body;
        assert_eq!(names(&read), ["@odata.context", "@odata.etag", "id"]);
    }
    let list = world.get(&format!("/me/events?{BOTH}")).await;
    assert!(list.items().iter().all(|item| names(item) == ["@odata.etag", "id"]), "{}", list.text);
    let path = format!("/me/events/{}?{BOTH}", id(&master));
    let patched = world.graph_as(&world.token, "PATCH", &path, &[], Some(json!({ "subject": "New" }))).await.body;
    // To a change the options say nothing: it has what it has without them.
    let plain = world.patch(id(&master), json!({ "subject": "New" })).await.body;
    assert_eq!(names(&patched), names(&plain));
    assert!(!names(&patched).iter().any(|name| name.ends_with("Occurrences")), "{patched}");
}

#[tokio::test]
async fn a_select_gives_what_was_named_and_refuses_what_is_unknown() {
    let world = World::new();
    let created = world.create(event("Talk", 10, 9)).await;
    let path = format!("/me/events/{}", id(&created));
    let read = world.get(&format!("{path}?$select=subject,microsoft.graph.event/showAs,isAllDay")).await.body;
    assert_eq!(names(&read), ["@odata.context", "@odata.etag", "id", "isAllDay", "showAs", "subject"]);
    for query in ["$select=subject,titel", "$expand=titel", "$expand=exceptionOccurrences($select=titel)"] {
        for path in [path.as_str(), "/me/events"] {
            let refused = world.get(&format!("{path}?{query}")).await;
            assert_eq!((refused.status, refused.code()), (400, "BadRequest"), "{path} {query}");
            let message = refused.body["error"]["message"].as_str().unwrap();
            assert!(message.contains("Could not find a property named 'titel'"), "{message}");
        }
    }
    assert_eq!(world.get(&format!("{path}?$expand=calendar")).await.status, 501);
}

#[tokio::test]
async fn the_clouds_differ_in_changed_occurrences_and_actions() {
    let world = World::new();
    let (master, items) = changed_series(&world).await;
    let path = format!("/me/events/{}", id(&master));
    for (cloud, status, forwarded, purged) in
        [("usgov", 400, 400, 400), ("china", 200, 202, 400), ("global", 200, 202, 204)]
    {
        world.behaviour(json!({ "cloud": cloud })).await;
        assert_eq!(world.get(&format!("{path}?{BOTH}")).await.status, status, "{cloud}");
        let selected = world.get(&format!("{path}?$select=cancelledOccurrences")).await;
        assert_eq!(selected.status, status, "{cloud}");
        let to = json!({ "toRecipients": [{ "emailAddress": { "address": "eve@elsewhere.example" } }] });
        assert_eq!(world.post(&format!("{path}/forward"), to).await.status, forwarded, "{cloud}");
        let purge = format!("/me/events/{}/permanentDelete", id(&items[3]));
        let answer = world.graph_as(&world.token, "POST", &purge, &[], None).await;
        assert_eq!(answer.status, purged, "{cloud} {}", answer.text);
        if purged == 400 {
            assert!(answer.text.contains("Resource not found for the segment"), "{}", answer.text);
        }
    }
}
