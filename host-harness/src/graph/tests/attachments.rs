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
async fn what_cannot_be_attached_is_refused() {
    let world = World::new();
    let created = world.create(event("Talk", 10, 9)).await;
    let path = format!("/me/events/{}/attachments", id(&created));
    let with = |name: &str, value: Value| {
        let mut file = file("a.txt");
        file[name] = value;
        file
    };
    let large = "AAAA".repeat(1_000_000);
    let cases = [
        (with("contentBytes", json!(large)), 413),
        (with("contentBytes", json!("*")), 400),
        (with("contentBytes", json!(null)), 400),
        (with("name", json!("")), 400),
        (with("@odata.type", json!("#microsoft.graph.referenceAttachment")), 501),
    ];
    for (body, status) in cases {
        let refused = world.post(&path, body).await;
        assert_eq!(refused.status, status, "{}", refused.text);
    }
    assert!(world.get(&path).await.items().is_empty());
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
