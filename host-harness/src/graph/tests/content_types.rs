//! What a body says that it is: JSON where Graph reads JSON, in any spelling,
//! and nothing else but where MIME is documented.

use super::*;

/// Types in which no body is JSON.
const OTHER: [&str; 4] = ["text/plain", "application/xml", "text/json", "application/jsonp"];

impl World {
    /// A write with this content type.
    async fn written(&self, method: &str, path: &str, kind: &str, body: &Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("/v1.0{path}"))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", kind);
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }
}

fn with_mail() -> World {
    let mut world = World::new();
    let scopes = ["Calendars.ReadWrite", "Tasks.ReadWrite", "MailboxSettings.ReadWrite", "Mail.ReadWrite", "Mail.Send"];
    world.token = world.microsoft.issue_token(ALICE, &scopes).unwrap();
    world
}

#[tokio::test]
async fn a_body_of_another_type_than_json_is_refused() {
    let world = with_mail();
    let known = world.create(event("Talk", 10, 9)).await;
    let list = world.get("/me/todo/lists").await.items()[0]["id"].as_str().unwrap().to_owned();
    let writes = [
        ("POST", "/me/events".to_owned(), event("Walk", 11, 9)),
        ("PATCH", format!("/me/events/{}", id(&known)), json!({ "subject": "Changed" })),
        ("POST", format!("/me/events/{}/dismissReminder", id(&known)), json!({})),
        ("POST", format!("/me/events/{}/forward", id(&known)), json!({ "ToRecipients": [] })),
        ("POST", "/me/calendars".to_owned(), json!({ "name": "Trips" })),
        ("POST", format!("/me/todo/lists/{list}/tasks"), json!({ "title": "Call" })),
        ("POST", "/me/mailFolders".to_owned(), json!({ "displayName": "Kept" })),
        ("PATCH", "/me/mailboxSettings".to_owned(), json!({ "timeZone": "UTC" })),
    ];
    let before = world.get("/me/events").await.body;
    for (method, path, body) in &writes {
        for kind in OTHER {
            let refused = world.written(method, path, kind, body).await;
            assert_eq!((refused.status, refused.code()), (415, "RequestBodyRead"), "{method} {path} as `{kind}`");
        }
    }
    assert_eq!(world.get("/me/events").await.body, before);
}

#[tokio::test]
async fn json_is_json_in_any_spelling() {
    let world = World::new();
    let spellings = [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;odata.metadata=minimal;IEEE754Compatible=false",
        " APPLICATION/JSON ;charset=UTF-8",
    ];
    for (day, kind) in (10..).zip(spellings) {
        let created = world.written("POST", "/me/events", kind, &event("Talk", day, 9)).await;
        assert_eq!(created.status, 201, "{kind}: {}", created.text);
    }
}

#[tokio::test]
async fn a_part_of_a_batch_says_what_its_body_is_as_a_request_does() {
    use base64::Engine as _;
    let world = World::new();
    let talk = event("Talk", 10, 9);
    let encoded = base64::engine::general_purpose::STANDARD.encode(talk.to_string());
    let part = |id: &str, kind: &str, body: Value| json!({ "id": id, "method": "POST", "url": "/me/events", "headers": { "Content-Type": kind }, "body": body });
    let requests = json!([
        part("1", "text/plain", json!(encoded)),
        part("2", "application/xml", talk.clone()),
        part("3", "Application/JSON", talk.clone()),
    ]);
    let answer = world.post("/$batch", json!({ "requests": requests })).await;
    let mut statuses: Vec<_> = answer.body["responses"].as_array().unwrap().iter().collect();
    statuses.sort_by_key(|part| part["id"].as_str().unwrap().to_owned());
    let statuses: Vec<_> = statuses.iter().map(|part| part["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [415, 415, 201], "{}", answer.text);
    let whole = json!({ "requests": [part("1", "application/json", talk)] });
    assert_eq!(world.written("POST", "/$batch", "text/plain", &whole).await.status, 415);
}

#[tokio::test]
async fn mime_comes_as_plain_text_where_it_is_documented() {
    let world = with_mail();
    let draft = world.post("/me/messages", json!({ "subject": "Hello" })).await;
    let message = format!("/me/messages/{}", id(&draft.body));
    let places = ["/me/messages", "/me/sendMail", "/me/mailFolders/inbox/messages"].map(str::to_owned);
    let actions = ["reply", "replyAll", "forward", "createReply", "createReplyAll", "createForward"];
    for path in places.into_iter().chain(actions.map(|action| format!("{message}/{action}"))) {
        // JSON is no MIME, which only who reads MIME finds out.
        let read = world.written("POST", &path, "Text/Plain", &json!({})).await;
        assert_eq!(read.status, 400, "{path}: {}", read.text);
        let refused = world.written("POST", &path, "application/xml", &json!({})).await;
        assert_eq!((refused.status, refused.code()), (415, "RequestBodyRead"), "{path}");
    }
    let there = json!({ "destinationId": "inbox" });
    assert_eq!(world.written("POST", &format!("{message}/move"), "text/plain", &there).await.status, 415);
}
