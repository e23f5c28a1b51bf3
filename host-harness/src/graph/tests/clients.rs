//! How applications prove who they are, and what awkwardness they may meet.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;

async fn token(world: &World, basic: Option<String>, fields: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let mut request = Request::post("/contoso.example/oauth2/v2.0/token");
    if let Some(basic) = basic {
        request = request.header("authorization", format!("Basic {}", STANDARD.encode(basic)));
    }
    world.send(request.body(Body::from(body)).unwrap()).await
}

const GRANT: [(&str, &str); 2] =
    [("grant_type", "client_credentials"), ("scope", "https://graph.microsoft.com/.default")];

#[tokio::test]
async fn a_secret_can_travel_in_the_header() {
    let world = World::new();
    let right = token(&world, Some(format!("{CLIENT}:secret+value")), &GRANT).await;
    assert_eq!(right.status, 200, "{}", right.text);
    let wrong = token(&world, Some(format!("{CLIENT}:other")), &GRANT).await;
    assert_eq!((wrong.status, wrong.body["error_codes"][0].as_u64()), (401, Some(7_000_215)));
    let missing = token(&world, None, &[("client_id", CLIENT), GRANT[0], GRANT[1]]).await;
    assert_eq!(missing.body["error_codes"][0], 7_000_218);
}

#[tokio::test]
async fn a_public_client_proves_itself_by_a_plain_challenge_and_has_no_secret() {
    let world = World::new();
    world.microsoft.register_app(NewApp { client_secret: None, ..app() }).unwrap();
    let verifier = "plain-verifier-of-forty-three-characters-or-more";
    let page = [
        ("client_id", CLIENT),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", "User.Read"),
        ("code_challenge", verifier),
        ("user", ALICE),
        ("decision", "accept"),
    ];
    let answer = world.form("/common/oauth2/v2.0/authorize", &page).await;
    let location = url::Url::parse(answer.header("location")).unwrap();
    let code = location.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT),
        ("code", &code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", verifier),
        ("client_secret", "anything"),
    ];
    assert_eq!(token(&world, None, &fields).await.body["error_codes"][0], 700_025);
    fields.pop();
    let tokens = token(&world, None, &fields).await.body;
    assert_eq!(tokens["scope"], "User.Read");
    // Neither was asked for.
    assert!(tokens.get("refresh_token").is_none() && tokens.get("id_token").is_none());
}

#[tokio::test]
async fn login_faults_speak_the_language_of_the_login_service() {
    let world = World::new();
    let fault = json!([{ "match": { "path": "/oauth2/v2.0/token" }, "do": "unavailable" }]);
    world.control("POST", "faults", Some(fault)).await;
    let answer = token(&world, None, &GRANT).await;
    assert_eq!((answer.status, answer.body["error"].as_str()), (503, Some("temporarily_unavailable")));
}

#[tokio::test]
async fn requests_at_the_same_time_can_be_limited() {
    let world = World::new();
    world.control("POST", "behaviour", Some(json!({ "concurrencyMax": 1 }))).await;
    // An answer counts as being under way until it is taken apart.
    let first = world.get("/me").await;
    let second = world.get("/me").await;
    assert_eq!((first.status, second.status), (200, 429));
    assert_eq!((second.code(), second.header("retry-after")), ("ApplicationThrottled", "1"));
    drop((first, second));
    assert_eq!(world.get("/me").await.status, 200);
}

#[tokio::test]
async fn the_requests_of_others_and_in_other_mailboxes_are_counted_by_themselves() {
    let world = World::new();
    world.control("POST", "behaviour", Some(json!({ "mailboxConcurrencyMax": 1 }))).await;
    let bob = world.token_of(BOB);
    let first = world.get("/me/events").await;
    let of_bob = world.graph_as(&bob, "GET", "/me/events", &[], None).await;
    let again = world.get(&format!("/users/{ALICE}/events")).await;
    assert_eq!((first.status, of_bob.status, again.status), (200, 200, 429));
    let report = world.control("GET", "requests", None).await.body;
    assert_eq!((&report["inProgressMax"], &report["mailboxInProgressMax"]), (&json!(3), &json!(2)));
    drop((first, of_bob, again));
    // Another application has a budget of its own.
    world.control("POST", "behaviour", Some(json!({ "mailboxConcurrencyMax": null, "concurrencyMax": 1 }))).await;
    let other = "22222222-2222-3333-4444-555555555555";
    let permissions = ["Calendars.ReadWrite"].map(str::to_owned).to_vec();
    world.microsoft.register_app(NewApp { permissions, client_id: other.to_owned(), ..app() }).unwrap();
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", other),
        ("client_secret", SECRET),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let granted = world.form("/contoso.example/oauth2/v2.0/token", &fields).await;
    let theirs = granted.body["access_token"].as_str().unwrap().to_owned();
    let own = world.get("/me/events").await;
    let foreign = world.graph_as(&theirs, "GET", &format!("/users/{ALICE}/events"), &[], None).await;
    assert_eq!((own.status, foreign.status), (200, 200), "{}", foreign.text);
    assert_eq!(world.graph_as(&bob, "GET", "/me/events", &[], None).await.status, 429);
}

#[tokio::test]
async fn another_version_of_graph_is_refused_in_graphs_shape_and_named() {
    let world = World::new();
    let request = Request::get("/beta/me/events").header("authorization", format!("Bearer {}", world.token));
    let answer = world.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status, answer.code()), (501, "NotImplemented"));
    assert!(answer.body["error"]["message"].as_str().unwrap().contains("/beta/me/events"), "{}", answer.text);
}

#[tokio::test]
async fn an_option_that_would_be_passed_over_in_silence_is_refused_and_named() {
    let world = World::new();
    let answer = world.get("/me/calendars?$expand=events").await;
    assert_eq!((answer.status, answer.code()), (501, "NotImplemented"));
    assert!(answer.body["error"]["message"].as_str().unwrap().contains("$expand"), "{}", answer.text);
    assert_eq!(world.get("/me/calendars?$select=id,name").await.status, 200);
}

#[tokio::test]
async fn pages_can_be_kept_small() {
    let world = World::new();
    for day in 1..=5 {
        world.create(event("Talk", day, 9)).await;
    }
    world.control("POST", "behaviour", Some(json!({ "pageSizeMax": 2 }))).await;
    assert_eq!(world.get("/me/events?$top=999").await.items().len(), 2);
    let path = "/me/calendarView/delta?startDateTime=2026-03-01&endDateTime=2026-04-01";
    assert_eq!(world.get_with(path, &[("prefer", "odata.maxpagesize=50")]).await.items().len(), 2);
}

#[tokio::test]
async fn the_american_cloud_does_not_list_cancelled_occurrences() {
    let world = World::new();
    let mut series = event("Series", 2, 9);
    series["recurrence"] = json!({
        "pattern": { "type": "daily", "interval": 1 },
        "range": { "type": "noEnd", "startDate": "2026-03-02" },
    });
    let master = world.create(series).await;
    let path = format!("/me/events/{}?$select=cancelledOccurrences", id(&master));
    assert_eq!(world.get(&path).await.body["cancelledOccurrences"], json!([]));
    world.control("POST", "behaviour", Some(json!({ "cloud": "usgov" }))).await;
    assert_eq!(world.get(&path).await.code(), "BadRequest");
}
