//! Open extensions and extended properties.

use super::*;

const NAME: &str = "Com.Contoso.Link";

fn link(value: &str) -> Value {
    json!({ "@odata.type": "microsoft.graph.openTypeExtension", "extensionName": NAME, "link": value })
}

#[tokio::test]
async fn an_extension_is_created_read_changed_and_deleted() {
    let world = World::new();
    let created = world.create(event("Talk", 10, 9)).await;
    let path = format!("/me/events/{}/extensions", id(&created));
    let made = world.post(&path, link("1")).await;
    assert_eq!(
        (made.status, made.body["id"].as_str()),
        (201, Some("microsoft.graph.openTypeExtension.Com.Contoso.Link"))
    );
    assert_eq!(world.post(&path, link("2")).await.status, 409);
    assert_eq!(world.post(&path, json!({ "link": "2" })).await.status, 400);
    let full = format!("{path}/microsoft.graph.openTypeExtension.{NAME}");
    for one in [format!("{path}/{NAME}"), format!("{path}('{NAME}')"), full.clone()] {
        let read = world.get(&one).await;
        assert_eq!((read.status, read.body["link"].as_str()), (200, Some("1")), "{one}");
    }
    let change = Some(json!({ "link": null, "other": 2 }));
    let changed = world.graph_as(&world.token, "PATCH", &full, &[], change).await.body;
    assert_eq!((changed.get("link"), &changed["other"]), (None, &json!(2)));
    assert_eq!(world.get(&path).await.items().len(), 1);
    assert_eq!(world.graph_as(&world.token, "DELETE", &full, &[], None).await.status, 204);
    assert_eq!(world.get(&full).await.code(), "ErrorItemNotFound");
    assert_eq!(world.graph_as(&world.token, "DELETE", &full, &[], None).await.status, 404);
}

#[tokio::test]
async fn extensions_come_with_a_create_and_with_an_expand() {
    let world = World::new();
    let mut draft = event("Talk", 10, 9);
    draft["extensions"] = json!([link("1")]);
    let created = world.create(draft).await;
    assert_eq!(created["extensions"][0]["link"], "1");
    let path = format!("/me/events/{}", id(&created));
    assert!(world.get(&path).await.body.get("extensions").is_none());
    let filter = escaped(&format!("extensions($filter=id eq '{NAME}')"));
    for expand in ["extensions", &filter] {
        let read = world.get(&format!("{path}?$select=subject&$expand={expand}")).await.body;
        assert_eq!((&read["extensions"][0]["link"], &read["subject"]), (&json!("1"), &json!("Talk")));
        assert_eq!(world.get(&format!("/me/events?$expand={expand}")).await.items()[0]["extensions"][0]["link"], "1");
    }
    let other = world.get(&format!("{path}?$expand={}", escaped("extensions($filter=id eq 'Com.Other')"))).await.body;
    assert_eq!(other["extensions"], json!([]));
}

#[tokio::test]
async fn what_is_no_extension_is_refused() {
    let world = World::new();
    let created = world.create(event("Talk", 10, 9)).await;
    let path = format!("/me/events/{}/extensions", id(&created));
    let table = [
        (json!({ "extensionName": 1 }), "ErrorPropertyValidationFailure"),
        (json!({ "extensionName": "" }), "ErrorInvalidRequest"),
        (json!({ "extensionName": "Com.Microsoft.Link" }), "ErrorInvalidRequest"),
        (json!({ "extensionName": "com.onmicrosoft" }), "ErrorInvalidRequest"),
        (json!({ "extensionName": NAME, "@odata.type": "#microsoft.graph.event" }), "UnableToDeserializePostBody"),
        (json!({ "extensionName": NAME, "nested": { "a": 1 } }), "ErrorPropertyValidationFailure"),
        (json!({ "extensionName": NAME, "nested": [[1]] }), "ErrorPropertyValidationFailure"),
        (json!([]), "BadRequest"),
    ];
    for (body, code) in table {
        let refused = world.post(&path, body.clone()).await;
        assert_eq!((refused.status, refused.code()), (400, code), "{body}");
    }
    assert_eq!(world.post(&path, json!({ "extensionName": "Com.MicrosoftFans" })).await.status, 201);
    let mut twice = event("Talk", 11, 9);
    twice["extensions"] = json!([link("1"), link("2")]);
    assert_eq!(world.post("/me/events", twice).await.status, 409);
}

/// Unlike those of directory objects (api/opentypeextension-update).
#[tokio::test]
async fn a_change_names_everything_that_an_extension_has() {
    let world = World::new();
    let created = world.create(event("Talk", 10, 9)).await;
    let path = format!("/me/events/{}/extensions", id(&created));
    world.post(&path, link("1")).await;
    let one = format!("{path}/{NAME}");
    let change = async |body| world.graph_as(&world.token, "PATCH", &one, &[], Some(body)).await;
    let changed = change(json!({ "extensionName": NAME, "other": 2 })).await.body;
    assert_eq!((changed.get("link"), &changed["other"]), (None, &json!(2)));
    assert_eq!(change(json!({ "extensionName": "Com.Other" })).await.code(), "ErrorPropertyValidationFailure");
    assert_eq!(change(json!({ "nested": {} })).await.code(), "ErrorPropertyValidationFailure");
    assert_eq!(change(json!("text")).await.code(), "BadRequest");
    assert_eq!(world.get(&one).await.body["other"], 2);
    let filter = escaped("extensions($filter=startswith(id,'Com'))");
    assert_eq!(world.get(&format!("/me/events?$expand={filter}")).await.status, 501);
}

#[tokio::test]
async fn change_tracking_does_not_see_extensions() {
    let world = World::new();
    let created = world.create(event("Talk", 10, 9)).await;
    let start = "/me/calendarView/delta?startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z";
    let first = world.get(start).await;
    let delta = first.body["@odata.deltaLink"].as_str().unwrap();
    world.post(&format!("/me/events/{}/extensions", id(&created)), link("1")).await;
    assert!(world.get(delta).await.items().is_empty());
    assert_eq!(world.get(&format!("/me/events/{}", id(&created))).await.body["changeKey"], created["changeKey"]);
}

#[tokio::test]
async fn an_occurrence_shows_those_of_its_series_until_it_has_its_own() {
    let world = World::new();
    let mut draft = daily(3);
    draft["extensions"] = json!([link("series")]);
    let master = world.create(draft).await;
    let items = world.instances(id(&master)).await;
    let path = format!("/me/events/{}/extensions/{NAME}", id(&items[1]));
    assert_eq!(world.get(&path).await.body["link"], "series");
    let own = Some(json!({ "link": "own" }));
    assert_eq!(world.graph_as(&world.token, "PATCH", &path, &[], own).await.status, 200);
    let seen = world.get(&format!("{}&$expand=extensions", instances_path(id(&master)))).await;
    let links: Vec<&str> = seen.items().iter().map(|item| item["extensions"][0]["link"].as_str().unwrap()).collect();
    assert_eq!(links, ["series", "own", "series"]);
    assert_eq!(seen.items()[1]["type"], "exception");
}

#[tokio::test]
async fn an_occurrence_loses_only_what_is_its_own() {
    let world = World::new();
    let mut draft = daily(3);
    draft["extensions"] = json!([link("series")]);
    let master = world.create(draft).await;
    let before = world.instances(id(&master)).await;
    let all = format!("/me/events/{}/extensions", id(&before[1]));
    let (path, other) = (format!("{all}/{NAME}"), format!("{all}/Com.Other"));
    let call =
        async |method: &str, path: &str, body| world.graph_as(&world.token, method, path, &[], body).await.status;
    assert_eq!(call("DELETE", &path, None).await, 404);
    assert_eq!(call("DELETE", &other, None).await, 404);
    assert_eq!(call("PATCH", &other, Some(json!({ "link": "own" }))).await, 404);
    assert_eq!(call("POST", &all, Some(link("own"))).await, 409);
    assert_eq!(world.instances(id(&master)).await, before, "what was refused makes no exception");
    assert_eq!(call("PATCH", &path, Some(json!({ "link": "own" }))).await, 200);
    assert_eq!(call("DELETE", &path, None).await, 204);
    assert_eq!(world.get(&path).await.body["link"], "series");
    assert_eq!(call("DELETE", &path, None).await, 404);
}

#[tokio::test]
async fn an_extension_is_added_to_an_event_by_a_request_of_its_own() {
    let world = World::new();
    let created = world.create(event("Talk", 10, 9)).await;
    let extension = json!({ "extensionName": "Com.Contoso.Link", "link": "1" });
    for extensions in [json!([extension]), json!([])] {
        let answer = world.patch(id(&created), json!({ "extensions": extensions })).await;
        assert_eq!((answer.status, answer.code()), (400, "ErrorPropertyValidationFailure"));
    }
    let path = format!("/me/events/{}/extensions", id(&created));
    assert!(world.get(&path).await.items().is_empty());
}

#[tokio::test]
async fn exceptions_have_extended_properties_of_their_own() {
    let world = World::new();
    let name = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Link";
    let value = |value: &str| json!([{ "id": name, "value": value }]);
    let mut draft = daily(3);
    draft["singleValueExtendedProperties"] = value("series");
    let master = world.create(draft).await;
    let items = world.instances(id(&master)).await;
    let patched = world.patch(id(&items[1]), json!({ "singleValueExtendedProperties": value("own") })).await;
    assert_eq!(patched.body["type"], "exception");
    let expand = escaped(&format!("singleValueExtendedProperties($filter=id eq '{name}')"));
    let seen = world.get(&format!("{}&$expand={expand}", instances_path(id(&master)))).await;
    let values: Vec<&str> =
        seen.items().iter().map(|item| item["singleValueExtendedProperties"][0]["value"].as_str().unwrap()).collect();
    assert_eq!(values, ["series", "own", "series"]);
    let filter = |value: &str| {
        escaped(&format!("singleValueExtendedProperties/any(ep: ep/id eq '{name}' and ep/value eq '{value}')"))
    };
    let view = "/me/calendarView?startDateTime=2026-03-01&endDateTime=2026-04-01";
    let found = world.get(&format!("{view}&$filter={}", filter("own"))).await;
    assert_eq!(found.items().iter().map(id).collect::<Vec<_>>(), [id(&items[1])]);
    assert_eq!(world.get(&format!("/me/events?$filter={}", filter("own"))).await.items().len(), 0);
    assert_eq!(world.get(&format!("/me/events?$filter={}", filter("series"))).await.items().len(), 1);
}

#[tokio::test]
async fn extended_properties_of_several_values_are_kept_and_expanded() {
    const ID: &str = "StringArray {66f5a359-4659-4830-9070-00050ec6ac6e} Name Recreation";
    let world = World::new();
    let property = |id: &str, value: Value| json!([{ "id": id, "value": value }]);
    let mut draft = event("Talk", 10, 9);
    draft["multiValueExtendedProperties"] = property(ID, json!(["Food", "Hiking"]));
    let created = world.create(draft).await;
    assert!(created.get("multiValueExtendedProperties").is_none());
    let path = format!("/me/events/{}", id(&created));
    let expanded =
        format!("{path}?$expand={}", escaped(&format!("multiValueExtendedProperties($filter=id eq '{ID}')")));
    assert_eq!(
        world.get(&expanded).await.body["multiValueExtendedProperties"],
        property(ID, json!(["Food", "Hiking"]))
    );
    let change = json!({ "multiValueExtendedProperties": property(ID, json!(["Swimming"])) });
    assert_eq!(world.patch(id(&created), change).await.status, 200);
    assert_eq!(world.get(&expanded).await.body["multiValueExtendedProperties"][0]["value"], json!(["Swimming"]));
    let single = "String {66f5a359-4659-4830-9070-00050ec6ac6e} Name Recreation";
    for (wrong, code) in [
        (json!({ "multiValueExtendedProperties": property(single, json!(["A"])) }), "ErrorInvalidProperty"),
        (json!({ "multiValueExtendedProperties": property(ID, json!("A")) }), "UnableToDeserializePostBody"),
        (json!({ "singleValueExtendedProperties": property(ID, json!("A")) }), "ErrorInvalidProperty"),
    ] {
        assert_eq!(world.patch(id(&created), wrong).await.code(), code);
    }
}
