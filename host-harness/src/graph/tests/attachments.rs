//! Files of events and of single occurrences.

use super::*;

fn file(name: &str) -> Value {
    json!({ "@odata.type": "#microsoft.graph.fileAttachment", "name": name, "contentType": "text/plain", "contentBytes": "aGVsbG8=" })
}

fn names(answer: &Answer) -> Vec<&str> {
    answer.items().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_file_is_attached_read_as_it_is_and_removed() {
    let world = World::new();
    let created = world.create(event("Talk", 10, 9)).await;
    let path = format!("/me/events/{}/attachments", id(&created));
    let made = world.post(&path, file("a.txt")).await;
    assert_eq!((made.status, &made.body["size"], &made.body["isInline"]), (201, &json!(5), &json!(false)));
    let one = format!("{path}/{}", id(&made.body));
    assert!(made.header("location").contains("/attachments('"), "{}", made.header("location"));
    assert_eq!(world.get(&one).await.body["contentBytes"], "aGVsbG8=");
    let raw = world.get(&format!("{one}/$value")).await;
    assert_eq!((raw.text.as_str(), raw.header("content-type")), ("hello", "text/plain"));
    let slim = world.get(&format!("{path}?$select=name,size")).await;
    assert!(slim.items()[0].get("contentBytes").is_none() && slim.items()[0]["size"] == 5);
    assert_eq!(world.get(&format!("{path}/$count")).await.text, "1");
    assert_eq!(world.get(&format!("/me/events/{}", id(&created))).await.body["hasAttachments"], true);
    assert_eq!(world.graph_as(&world.token, "PATCH", &one, &[], Some(json!({}))).await.status, 405);
    assert_eq!(world.graph_as(&world.token, "DELETE", &one, &[], None).await.status, 204);
    assert_eq!(world.get(&format!("{one}/$value")).await.code(), "ErrorItemNotFound");
}

#[tokio::test]
async fn an_occurrence_shows_the_files_of_its_series_until_it_has_its_own() {
    let world = World::new();
    let master = world.create(daily(3)).await;
    let of_series = format!("/me/events/{}/attachments", id(&master));
    let shared = world.post(&of_series, file("series.txt")).await.body;
    let occurrences = world.instances(id(&master)).await;
    let of = |at: usize| format!("/me/events/{}/attachments", id(&occurrences[at]));
    assert_eq!(names(&world.get(&of(1)).await), ["series.txt"]);
    assert_eq!(world.post(&of(1), file("own.txt")).await.status, 201);
    assert_eq!(names(&world.get(&of(1)).await), ["series.txt", "own.txt"]);
    assert_eq!(names(&world.get(&of_series).await), ["series.txt"]);
    assert_eq!(names(&world.get(&of(2)).await), ["series.txt"]);
    let changed = world.instances(id(&master)).await;
    assert_eq!((&changed[1]["type"], &changed[2]["type"]), (&json!("exception"), &json!("occurrence")));
    let one = format!("{}/{}", of(1), id(&shared));
    assert_eq!(world.graph_as(&world.token, "DELETE", &one, &[], None).await.status, 204);
    assert_eq!(names(&world.get(&of(1)).await), ["own.txt"]);
    assert_eq!(names(&world.get(&of_series).await), ["series.txt"]);
}

#[tokio::test]
async fn a_file_keeps_what_was_said_of_it() {
    let world = World::new();
    let created = world.create(event("Talk", 10, 9)).await;
    let path = format!("/me/events/{}/attachments", id(&created));
    let mut picture = file("logo.png");
    picture["isInline"] = json!(true);
    picture["contentId"] = json!("logo");
    let made = world.post(&path, picture).await.body;
    let mut shown = world.get(&path).await.items()[0].clone();
    assert!(made["@odata.context"].as_str().unwrap().contains("/events('"), "{made}");
    assert_eq!(shown.as_object_mut().unwrap().remove("id"), Some(made["id"].clone()));
    assert_eq!(
        shown,
        json!({
            "@odata.type": "#microsoft.graph.fileAttachment", "@odata.mediaContentType": "text/plain",
            "lastModifiedDateTime": "2026-03-02T12:00:00.0000000Z", "name": "logo.png", "contentType": "text/plain",
            "size": 5, "isInline": true, "contentId": "logo", "contentLocation": null, "contentBytes": "aGVsbG8=",
        })
    );
}

/// Attached to events and to messages alike.
#[tokio::test]
async fn what_cannot_be_attached_is_refused() {
    let world = World::new();
    let created = world.create(event("Talk", 10, 9)).await;
    let token = world.microsoft.issue_token(ALICE, &["Calendars.ReadWrite", "Mail.ReadWrite"]).unwrap();
    let post = async |path: &str, body| world.graph_as(&token, "POST", path, &[], Some(body)).await;
    let draft = post("/me/messages", json!({ "subject": "Talk" })).await.body;
    let with = |name: &str, value: Value| {
        let mut file = file("a.txt");
        file[name] = value;
        file
    };
    let item = |item: Value| json!({ "@odata.type": "#microsoft.graph.itemAttachment", "name": "x", "item": item });
    let link = |name: &str, value: Value| json!({ "@odata.type": "#microsoft.graph.referenceAttachment", "name": "x", name: value });
    let (property, unreadable) = ("ErrorPropertyValidationFailure", "UnableToDeserializePostBody");
    let table = [
        (json!({ "name": "a.txt", "contentBytes": "aGVsbG8=" }), 400, "RequestBodyRead"),
        (json!({ "name": "a.txt" }), 400, "ErrorInvalidRequest"),
        (with("@odata.type", json!("#microsoft.graph.taskFileAttachment")), 400, unreadable),
        (with("contentBytes", json!("AAAA".repeat(1_000_000))), 413, "ErrorMessageSizeExceeded"),
        (with("contentBytes", json!("*")), 400, unreadable),
        (with("contentBytes", json!(null)), 400, property),
        (with("name", json!("")), 400, property),
        (with("isInline", json!("no")), 400, unreadable),
        (with("contentId", json!(1)), 400, unreadable),
        (with("id", json!("1")), 400, property),
        (with("lastModifiedDateTime", json!("2026-03-02T12:00:00Z")), 400, property),
        (with("color", json!("red")), 400, "RequestBodyRead"),
        (with("item", json!({})), 400, "RequestBodyRead"),
        (link("contentId", json!("x")), 400, "RequestBodyRead"),
        (item(json!({})), 400, property),
        (item(json!({ "@odata.type": "microsoft.graph.message", "colour": "red" })), 400, "RequestBodyRead"),
        (item(json!({ "@odata.type": "microsoft.graph.message", "subject": 1 })), 400, unreadable),
        (item(json!({ "@odata.type": "microsoft.graph.event", "showAs": "red" })), 400, "RequestBodyRead"),
        (item(json!({ "@odata.type": "microsoft.graph.contact" })), 501, "NotImplemented"),
    ];
    for owner in [format!("/me/events/{}", id(&created)), format!("/me/messages/{}", id(&draft))] {
        let path = format!("{owner}/attachments");
        for (body, status, code) in &table {
            let refused = post(&path, body.clone()).await;
            assert_eq!((refused.status, refused.code()), (*status, *code), "{owner} {}", refused.text);
        }
        assert!(world.graph_as(&token, "GET", &path, &[], None).await.items().is_empty());
    }
}

#[tokio::test]
async fn items_and_links_are_attached_to_events() {
    let world = World::new();
    let created = world.create(event("Talk", 10, 9)).await;
    let path = format!("/me/events/{}/attachments", id(&created));
    let message = json!({ "@odata.type": "microsoft.graph.message", "subject": "Holiday" });
    let item = json!({ "@odata.type": "#microsoft.graph.itemAttachment", "name": "Holiday", "item": message });
    let party = json!({ "@odata.type": "#microsoft.graph.event", "subject": "Party", "showAs": "free" });
    let party = json!({ "@odata.type": "#microsoft.graph.itemAttachment", "name": "Party", "item": party });
    let link = json!({ "@odata.type": "#microsoft.graph.referenceAttachment", "name": "Shared" });
    let mut made = Vec::new();
    for attachment in [item, party, link] {
        let added = world.post(&path, attachment).await;
        assert_eq!(added.status, 201, "{}", added.text);
        made.push(format!("{path}/{}", escaped(id(&added.body))));
    }
    assert_eq!(names(&world.get(&path).await), ["Holiday", "Party", "Shared"]);
    let expanded = world.get(&format!("{}?$expand=microsoft.graph.itemAttachment/item", made[0])).await.body;
    assert_eq!((&expanded["item"]["subject"], &expanded["contentType"]), (&json!("Holiday"), &json!(null)));
    let mime = world.get(&format!("{}/$value", made[0])).await;
    assert!(mime.text.contains("Subject: Holiday\r\n"), "{}", mime.text);
    assert_eq!(world.get(&format!("{}/$value", made[1])).await.status, 501);
    assert_eq!(world.get(&format!("{}/$value", made[2])).await.status, 405);
}

/// Equal requests give equal answers, whatever was read in between.
#[tokio::test]
async fn reading_an_attached_item_has_no_effect() {
    let ids = async |reads: usize| {
        let world = World::new();
        let created = world.create(event("Talk", 10, 9)).await;
        let path = format!("/me/events/{}/attachments", id(&created));
        let message = json!({ "@odata.type": "microsoft.graph.message", "subject": "Holiday" });
        let item = json!({ "@odata.type": "#microsoft.graph.itemAttachment", "name": "Holiday", "item": message });
        let one = format!("{path}/{}/$value", escaped(id(&world.post(&path, item).await.body)));
        let mut texts = Vec::new();
        for _ in 0..reads {
            texts.push(world.get(&one).await.text);
        }
        texts.dedup();
        assert!(texts.len() <= 1, "{texts:?}");
        id(&world.create(event("Next", 11, 9)).await).to_owned()
    };
    assert_eq!(ids(2).await, ids(0).await);
}

/// As observed, what comes along with a create is passed over
/// (microsoft-graph-explorer-v4#3338).
#[tokio::test]
async fn attachments_of_a_new_event_are_read_and_passed_over() {
    let world = World::new();
    let mut draft = event("Talk", 10, 9);
    draft["attachments"] = json!([file("a.txt")]);
    let created = world.create(draft.clone()).await;
    assert_eq!(created["hasAttachments"], false);
    assert!(world.get(&format!("/me/events/{}/attachments", id(&created))).await.items().is_empty());
    for wrong in [
        json!([{ "name": "a.txt" }]),
        json!({}),
        json!([{ "color": "red", "@odata.type": "#microsoft.graph.fileAttachment" }]),
    ] {
        draft["attachments"] = wrong.clone();
        assert_eq!(world.post("/me/events", draft.clone()).await.status, 400, "{wrong}");
    }
    let change = world.patch(id(&created), json!({ "attachments": [file("a.txt")] })).await;
    assert_eq!((change.status, change.code()), (400, "ErrorPropertyValidationFailure"));
}

/// Events and tasks once kept files in a form of their own.
#[tokio::test]
async fn files_of_earlier_versions_are_still_there() {
    let directory = tempfile::tempdir().unwrap();
    let database = directory.path().join("microsoft.sqlite");
    let clock = HarnessClock::fixed(noon());
    let open = || Microsoft::open(clock.clone(), 7, BASE, &database).unwrap();
    let microsoft = open();
    fill(&microsoft);
    let world = World::around(microsoft, clock.clone());
    let path = format!("/me/events/{}/attachments", id(&world.create(event("Talk", 10, 9)).await));
    let list = format!("/me/todo/lists/{}/tasks", id(&world.get("/me/todo/lists").await.items()[0]));
    let of_task = format!("{list}/{}/attachments", id(&world.post(&list, json!({ "title": "Talk" })).await.body));
    let token = world.token.clone();
    drop(world);
    let file = r#"{"id": "A7", "name": "a.txt", "content_type": "text/plain", "size": 5, "content": "aGVsbG8="}"#;
    let update = |kind: &str, attachment: &str| {
        format!(
            "UPDATE objects SET body = json_set(body, '$.attachments', json('[{attachment}]')) WHERE kind = '{kind}';"
        )
    };
    let of_tasks = format!(r#"{{"file": {file}, "modified": "2026-03-01T00:00:00Z"}}"#);
    let earlier = update("event", file) + &update("task", &of_tasks);
    rusqlite::Connection::open(&database).unwrap().execute_batch(&earlier).unwrap();
    let world = World { microsoft: open(), clock: clock.clone(), token };
    let read = world.get(&format!("{path}/A7")).await.body;
    assert_eq!((&read["contentBytes"], &read["isInline"]), (&json!("aGVsbG8="), &json!(false)));
    assert_eq!(world.get(&format!("{path}/A7/$value")).await.text, "hello");
    let read = world.get(&format!("{of_task}/A7")).await.body;
    assert_eq!((&read["contentBytes"], &read["contentType"]), (&json!("aGVsbG8="), &json!("text/plain")));
    assert_eq!(read["lastModifiedDateTime"], "2026-03-01T00:00:00.0000000Z");
}

#[tokio::test]
async fn files_come_with_their_events_where_they_are_expanded() {
    let world = World::new();
    let created = world.create(event("Talk", 10, 9)).await;
    world.post(&format!("/me/events/{}/attachments", id(&created)), file("a.txt")).await;
    let whole = world.get(&format!("/me/events/{}?$expand=attachments", id(&created))).await.body;
    assert_eq!(whole["attachments"][0]["contentBytes"], "aGVsbG8=");
    let slim = world.get(&format!("/me/events?$expand={}", escaped("attachments($select=name)"))).await;
    let shown = &slim.items()[0]["attachments"][0];
    assert!(shown["name"] == "a.txt" && shown.get("contentBytes").is_none(), "{shown}");
}

/// Names are those of `attachment`; what a file has beside them stands behind the
/// name of its type (microsoft-graph-explorer-v4#3916).
#[tokio::test]
async fn what_is_selected_of_an_attachment_is_what_its_type_has() {
    let world = World::new();
    let token = world.microsoft.issue_token(ALICE, &["Calendars.ReadWrite", "Mail.ReadWrite"]).unwrap();
    let ask = async |method: &str, path: &str, body| world.graph_as(&token, method, path, &[], body).await;
    let event = format!("/me/events/{}", id(&world.create(event("Talk", 10, 9)).await));
    let draft =
        format!("/me/messages/{}", id(&ask("POST", "/me/messages", Some(json!({ "subject": "Talk" }))).await.body));
    let message = json!({ "@odata.type": "microsoft.graph.message", "subject": "Holiday" });
    let item = json!({ "@odata.type": "#microsoft.graph.itemAttachment", "name": "Holiday", "item": message });
    for (owner, list) in [(event, "/me/events"), (draft, "/me/messages")] {
        let path = format!("{owner}/attachments");
        let made = ask("POST", &path, Some(file("a.txt"))).await.body;
        let one = format!("{path}/{}", id(&made));
        let of_item = format!("{path}/{}", id(&ask("POST", &path, Some(item.clone())).await.body));
        let names = |shown: &Value| -> Vec<String> {
            let names = shown.as_object().unwrap().keys().filter(|name| !name.starts_with('@'));
            names.cloned().collect()
        };
        let content = "name,microsoft.graph.fileAttachment/contentBytes";
        for (select, expected) in [("NAME", &["id", "name"][..]), (content, &["contentBytes", "id", "name"])] {
            let of_list = ask("GET", &format!("{path}?$select={select}"), None).await;
            assert_eq!(names(&of_list.items()[0]), expected, "{}", of_list.text);
            assert_eq!(names(&ask("GET", &format!("{one}?$select={select}"), None).await.body), expected);
            let expand = escaped(&format!("attachments($select={select})"));
            let expanded = ask("GET", &format!("{list}?$expand={expand}"), None).await;
            assert_eq!(names(&expanded.items()[0]["attachments"][0]), expected, "{}", expanded.text);
        }
        let both =
            ask("GET", &format!("{of_item}?$select=name&$expand=microsoft.graph.itemAttachment/item"), None).await;
        assert_eq!(names(&both.body), ["id", "item", "name"], "{}", both.text);
        for wrong in [
            "contentBytes",
            "contentId",
            "colour",
            "microsoft.graph.fileAttachment/item",
            "microsoft.graph.event/subject",
        ] {
            let expand = escaped(&format!("attachments($select={wrong})"));
            for path in [
                format!("{path}?$select=name,{wrong}"),
                format!("{one}?$select=name,{wrong}"),
                format!("{list}?$expand={expand}"),
            ] {
                let refused = ask("GET", &path, None).await;
                let said = format!("Could not find a property named '{wrong}' on type 'microsoft.graph.attachment'.");
                assert!(refused.status == 400 && refused.text.contains(&said), "{path}: {}", refused.text);
            }
        }
    }
}
