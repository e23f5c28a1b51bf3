//! Files that come in pieces (concepts/outlook-large-attachments,
//! concepts/todo-attachments).

use super::*;

const TEN: &[u8] = b"0123456789";

struct Client<'a> {
    world: &'a World,
    token: String,
}

impl<'a> Client<'a> {
    async fn new(world: &'a World) -> Self {
        world.behaviour(json!({ "uploadBytesMin": 4, "uploadBytesMax": 20 })).await;
        let scopes = ["Mail.ReadWrite", "Calendars.ReadWrite", "Tasks.ReadWrite"];
        Self { world, token: world.microsoft.issue_token(ALICE, &scopes).unwrap() }
    }

    async fn graph(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.world.graph_as(&self.token, method, path, &[], body).await
    }

    /// A request at an address of a session, with a token or without.
    async fn at(&self, url: &str, method: &str, with_token: bool, range: &str, bytes: &[u8]) -> Answer {
        let mut request = Request::builder().method(method).uri(url.strip_prefix(BASE).unwrap());
        if with_token {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        if !range.is_empty() {
            request = request.header("content-range", range).header("content-type", "application/octet-stream");
        }
        self.world.send(request.body(Body::from(bytes.to_vec())).unwrap()).await
    }

    async fn put(&self, url: &str, range: &str, bytes: &[u8]) -> Answer {
        self.at(url, "PUT", false, range, bytes).await
    }

    /// A draft and its path.
    async fn draft(&self) -> String {
        let made = self.graph("POST", "/me/messages", Some(json!({ "subject": "Lunch" }))).await;
        format!("/me/messages/{}", escaped(id(&made.body)))
    }
}

fn announced(size: usize) -> Value {
    json!({ "AttachmentItem": {
        "attachmentType": "file", "name": "ten.txt", "size": size, "contentType": "text/plain", "isInline": true,
        "contentId": "ten",
    } })
}

#[tokio::test]
async fn a_file_of_a_message_comes_in_pieces_without_a_token() {
    let world = World::new();
    let client = Client::new(&world).await;
    let message = client.draft().await;
    let made = client.graph("POST", &format!("{message}/attachments/createUploadSession"), Some(announced(10))).await;
    assert_eq!((made.status, &made.body["nextExpectedRanges"]), (201, &json!(["0-"])));
    assert_eq!(made.body["expirationDateTime"], "2026-03-03T12:00:00.0000000Z");
    let url = made.body["uploadUrl"].as_str().unwrap();
    assert!(url.starts_with(&format!("{BASE}/api/v2.0/Users('")) && url.contains("?authtoken="), "{url}");
    let first = client.put(url, "bytes 0-5/10", &TEN[..6]).await;
    assert_eq!((first.status, &first.body["NextExpectedRanges"]), (200, &json!(["6"])));
    assert_eq!(first.body["ExpirationDateTime"], made.body["expirationDateTime"]);
    let asked = client.at(url, "GET", false, "", b"").await;
    assert_eq!((asked.status, &asked.body["NextExpectedRanges"]), (200, &json!(["6"])));
    assert!(client.graph("GET", &format!("{message}/attachments"), None).await.items().is_empty());
    let last = client.put(url, "bytes 6-9/10", &TEN[6..]).await;
    assert_eq!((last.status, last.text.as_str()), (201, ""));
    let (_, attachment) = last.header("location").split_once("/Attachments('").unwrap();
    let path = format!("{message}/attachments/{}", attachment.trim_end_matches("')"));
    let read = client.graph("GET", &path, None).await.body;
    assert_eq!(
        (&read["name"], &read["size"], &read["contentType"]),
        (&json!("ten.txt"), &json!(10), &json!("text/plain"))
    );
    assert_eq!((&read["isInline"], &read["contentId"]), (&json!(true), &json!("ten")));
    assert_eq!(client.graph("GET", &format!("{path}/$value"), None).await.text.as_bytes(), TEN);
    assert_eq!(client.put(url, "bytes 0-9/10", TEN).await.status, 401, "the session is over");
    assert_eq!(world.microsoft.requests()["totals"]["mail"]["PUT"], 3);
}

#[tokio::test]
async fn a_file_of_an_event_comes_at_once_if_it_fits() {
    let world = World::new();
    let client = Client::new(&world).await;
    let event = world.create(event("Talk", 10, 9)).await;
    let path = format!("/me/events/{}/attachments", escaped(id(&event)));
    let made = client.graph("POST", &format!("{path}/createUploadSession"), Some(announced(10))).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let url = made.body["uploadUrl"].as_str().unwrap();
    assert!(url.contains("/Events('"), "{url}");
    let put = client.put(url, "bytes 0-9/10", TEN).await;
    assert_eq!((put.status, put.text.as_str()), (201, ""));
    let listed = client.graph("GET", &path, None).await;
    assert_eq!(
        (&listed.items()[0]["contentBytes"], &listed.items()[0]["size"]),
        (&json!("MDEyMzQ1Njc4OQ=="), &json!(10))
    );
    let read = world.get(&format!("/me/events/{}", escaped(id(&event)))).await.body;
    assert_eq!(read["hasAttachments"], true);
    assert_ne!(read["changeKey"], event["changeKey"]);
    let series = world.create(daily(3)).await;
    let occurrence = world.instances(id(&series)).await.remove(1);
    let path = format!("/me/events/{}/attachments", escaped(id(&occurrence)));
    let made = client.graph("POST", &format!("{path}/createUploadSession"), Some(announced(10))).await;
    let put = client.put(made.body["uploadUrl"].as_str().unwrap(), "bytes 0-9/10", TEN).await;
    assert_eq!(put.status, 201, "{}", put.text);
    assert_eq!(client.graph("GET", &path, None).await.items().len(), 1);
    let whole = format!("/me/events/{}/attachments", escaped(id(&series)));
    assert!(client.graph("GET", &whole, None).await.items().is_empty());
}

#[tokio::test]
async fn the_address_lets_only_its_secret_in() {
    let world = World::new();
    let client = Client::new(&world).await;
    let message = client.draft().await;
    let path = format!("{message}/attachments/createUploadSession");
    let made = client.graph("POST", &path, Some(announced(10))).await;
    let url = made.body["uploadUrl"].as_str().unwrap();
    let with_token = client.at(url, "PUT", true, "bytes 0-9/10", TEN).await;
    assert_eq!((with_token.status, with_token.code()), (401, "InvalidAudienceForResource"));
    let (address, _) = url.split_once('?').unwrap();
    for foreign in [address.to_owned(), format!("{address}?authtoken=wrong")] {
        let refused = client.put(&foreign, "bytes 0-9/10", TEN).await;
        assert_eq!((refused.status, refused.code()), (401, "InvalidAuthenticationToken"));
    }
    let report = world.microsoft.requests().to_string();
    let (_, secret) = url.split_once("authtoken=").unwrap();
    assert!(report.contains("AttachmentSessions") && !report.contains(secret), "the record holds no secrets");
    assert_eq!(client.at(url, "POST", false, "", b"").await.status, 405);
    world.advance(86_400);
    assert_eq!(client.put(url, "bytes 0-9/10", TEN).await.status, 401, "it lives a day");
    let again = client.graph("POST", &path, Some(announced(10))).await;
    let reader = world.microsoft.issue_token(ALICE, &["Mail.Read"]).unwrap();
    let denied = world.graph_as(&reader, "POST", &path, &[], Some(announced(10))).await;
    assert_eq!(
        (again.status, denied.status),
        (401, 403),
        "a token of yesterday is over, one for reading is not enough"
    );
}

#[tokio::test]
async fn a_session_can_be_cancelled() {
    let world = World::new();
    let client = Client::new(&world).await;
    let message = client.draft().await;
    let made = client.graph("POST", &format!("{message}/attachments/createUploadSession"), Some(announced(10))).await;
    let url = made.body["uploadUrl"].as_str().unwrap();
    client.put(url, "bytes 0-5/10", &TEN[..6]).await;
    assert_eq!(client.at(url, "DELETE", false, "", b"").await.status, 204);
    assert_eq!(client.put(url, "bytes 6-9/10", &TEN[6..]).await.status, 401);
    assert!(client.graph("GET", &format!("{message}/attachments"), None).await.items().is_empty());
}

#[tokio::test]
async fn pieces_come_in_order_and_fit() {
    let world = World::new();
    let client = Client::new(&world).await;
    let message = client.draft().await;
    let made = client.graph("POST", &format!("{message}/attachments/createUploadSession"), Some(announced(10))).await;
    let url = made.body["uploadUrl"].as_str().unwrap();
    let table: [(&str, &[u8], u16, &str); 9] = [
        ("bytes 4-5/10", &TEN[4..6], 416, "InvalidRange"),
        ("bytes 6-9/10", &TEN[6..], 416, "InvalidRange"),
        ("bytes 0-5/11", &TEN[..6], 400, "ErrorInvalidRequest"),
        ("bytes 0-5/10", &TEN[..5], 400, "ErrorInvalidRequest"),
        ("bytes 5-0/10", &TEN[..6], 400, "ErrorInvalidRequest"),
        ("bytes 0-10/10", b"01234567890", 400, "ErrorInvalidRequest"),
        ("bytes 0-18446744073709551615/10", TEN, 400, "ErrorInvalidRequest"),
        ("0-5/10", &TEN[..6], 400, "ErrorInvalidRequest"),
        ("", &TEN[..6], 400, "ErrorInvalidRequest"),
    ];
    for (range, bytes, status, code) in table {
        let refused = client.put(url, range, bytes).await;
        assert_eq!((refused.status, refused.code()), (status, code), "{range}");
    }
    assert_eq!(client.put(url, "bytes 0-3/10", &TEN[..4]).await.status, 200);
    assert_eq!(client.put(url, "bytes 0-3/10", &TEN[..4]).await.status, 416, "a repeated piece is out of order");
    assert_eq!(client.put(url, "bytes 4-9/10", &TEN[4..]).await.status, 201);
}

#[tokio::test]
async fn what_no_session_is_made_for_is_refused() {
    let world = World::new();
    let client = Client::new(&world).await;
    let path = format!("{}/attachments/createUploadSession", client.draft().await);
    let with = |name: &str, value: Value| {
        let mut body = announced(10);
        body["AttachmentItem"][name] = value;
        body
    };
    let table = [
        (announced(3), 400, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize"),
        (announced(21), 413, "ErrorAttachmentSizeLimitExceeded"),
        (json!({}), 400, "ErrorInvalidRequest"),
        (with("attachmentType", json!("item")), 400, "ErrorPropertyValidationFailure"),
        (with("attachmentType", Value::Null), 400, "ErrorInvalidRequest"),
        (with("name", Value::Null), 400, "ErrorInvalidRequest"),
        (with("size", json!("10")), 400, "UnableToDeserializePostBody"),
        (with("color", json!("red")), 400, "RequestBodyRead"),
    ];
    for (body, status, code) in table {
        let refused = client.graph("POST", &path, Some(body.clone())).await;
        assert_eq!((refused.status, refused.code()), (status, code), "{body}");
    }
    world.behaviour(json!({ "uploadBytesMin": null, "uploadBytesMax": null })).await;
    for (size, status) in [(2_999_999, 400), (3_000_000, 201), (157_286_400, 201), (157_286_401, 413)] {
        assert_eq!(client.graph("POST", &path, Some(announced(size))).await.status, status, "{size}");
    }
}

#[tokio::test]
async fn a_file_of_a_task_comes_in_pieces_with_a_token() {
    let world = World::new();
    let client = Client::new(&world).await;
    let lists = client.graph("GET", "/me/todo/lists", None).await;
    let tasks = format!("/me/todo/lists/{}/tasks", escaped(id(&lists.items()[0])));
    let task = client.graph("POST", &tasks, Some(json!({ "title": "Pack" }))).await.body;
    let task = format!("{tasks}/{}", escaped(id(&task)));
    let info = |size: usize| json!({ "attachmentInfo": { "attachmentType": "file", "name": "ten.txt", "size": size } });
    let made = client.graph("POST", &format!("{task}/attachments/createUploadSession"), Some(info(10))).await;
    assert_eq!((made.status, &made.body["nextExpectedRanges"]), (200, &json!(["0-"])));
    let url = made.body["uploadUrl"].as_str().unwrap();
    assert!(url.starts_with(&format!("{BASE}/v1.0/users/")) && url.contains("/attachmentSessions/"), "{url}");
    let content = format!("{url}/content");
    assert_eq!(client.put(&content, "bytes 0-5/10", &TEN[..6]).await.status, 401, "To Do wants a token");
    let first = client.at(&content, "PUT", true, "bytes 0-5/10", &TEN[..6]).await;
    assert_eq!((first.status, &first.body["NextExpectedRanges"]), (200, &json!(["6"])));
    let session = client.at(url, "GET", true, "", b"").await;
    assert_eq!((session.status, &session.body["nextExpectedRanges"]), (200, &json!(["6"])));
    let listed = client.graph("GET", &format!("{task}/attachmentSessions"), None).await;
    assert_eq!(listed.items()[0]["id"], session.body["id"]);
    assert_eq!(client.at(&content, "PUT", true, "bytes 0-5/10", &TEN[..6]).await.status, 416);
    let last = client.at(url, "PUT", true, "bytes 6-9/10", &TEN[6..]).await;
    assert_eq!((last.status, last.text.as_str()), (201, ""));
    let (_, attachment) = last.header("location").split_once("/Attachments/").unwrap();
    let read = client.graph("GET", &format!("{task}/attachments/{attachment}/$value"), None).await;
    assert_eq!(read.text.as_bytes(), TEN);
    let other = client.graph("POST", &format!("{task}/attachments/createUploadSession"), Some(info(10))).await;
    let url = other.body["uploadUrl"].as_str().unwrap();
    assert_eq!(client.at(url, "DELETE", true, "", b"").await.status, 204);
    assert_eq!(client.at(url, "GET", true, "", b"").await.status, 404);
    let large = client.graph("POST", &format!("{task}/attachments/createUploadSession"), Some(info(26_214_401))).await;
    assert_eq!((large.status, large.code()), (413, "ErrorAttachmentSizeLimitExceeded"));
}

#[tokio::test]
async fn a_session_survives_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("microsoft.sqlite");
    let clock = HarnessClock::fixed(noon());
    let (url, message) = {
        let microsoft = Microsoft::open(clock.clone(), 7, BASE, &file).unwrap();
        fill(&microsoft);
        let world = World::around(microsoft, clock.clone());
        let client = Client::new(&world).await;
        let message = client.draft().await;
        let path = format!("{message}/attachments/createUploadSession");
        let made = client.graph("POST", &path, Some(announced(10))).await;
        let url = made.body["uploadUrl"].as_str().unwrap().to_owned();
        assert_eq!(client.put(&url, "bytes 0-5/10", &TEN[..6]).await.status, 200);
        (url, message)
    };
    let world = World::around(Microsoft::open(clock.clone(), 7, BASE, &file).unwrap(), clock);
    let client = Client::new(&world).await;
    assert_eq!(client.put(&url, "bytes 6-9/10", &TEN[6..]).await.status, 201);
    let files = client.graph("GET", &format!("{message}/attachments"), None).await;
    assert_eq!(files.items()[0]["contentBytes"], "MDEyMzQ1Njc4OQ==");
}

#[tokio::test]
async fn a_session_ends_with_its_time_and_with_what_it_is_for() {
    let world = World::new();
    let client = Client::new(&world).await;
    let kept =
        || world.microsoft.change(|state| (state.uploads.values().count(), state.upload_pieces.values().count()));
    let mut urls = Vec::new();
    let (deleted, sent) = (client.draft().await, client.draft().await);
    for message in [&deleted, &sent] {
        let path = format!("{message}/attachments/createUploadSession");
        let made = client.graph("POST", &path, Some(announced(10))).await;
        let url = made.body["uploadUrl"].as_str().unwrap().to_owned();
        assert_eq!(client.put(&url, "bytes 0-3/10", &TEN[..4]).await.status, 200);
        urls.push(url);
    }
    assert_eq!(kept(), (2, 2));
    client.graph("POST", &format!("{deleted}/permanentDelete"), None).await;
    let addressed = json!({ "toRecipients": [{ "emailAddress": { "address": BOB } }] });
    client.graph("PATCH", &sent, Some(addressed)).await;
    let sender = world.microsoft.issue_token(ALICE, &["Mail.Send"]).unwrap();
    assert_eq!(world.graph_as(&sender, "POST", &format!("{sent}/send"), &[], None).await.status, 202);
    for url in &urls {
        assert_eq!(client.put(url, "bytes 4-9/10", &TEN[4..]).await.status, 401, "what it was for is gone or sent");
    }
    let begin = async |client: &Client<'_>| {
        let path = format!("{}/attachments/createUploadSession", client.draft().await);
        let made = client.graph("POST", &path, Some(announced(10))).await;
        client.put(made.body["uploadUrl"].as_str().unwrap(), "bytes 0-3/10", &TEN[..4]).await.status
    };
    assert_eq!((begin(&client).await, kept()), (200, (1, 1)), "a new session sweeps the others away");
    world.advance(86_400);
    let client = Client::new(&world).await;
    assert_eq!((begin(&client).await, kept()), (200, (1, 1)), "a day later, too");
}
