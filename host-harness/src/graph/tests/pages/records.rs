//! Requests, outbox and notifications, and what no page shows.

use super::*;

#[tokio::test]
async fn requests_are_shown_as_they_come_in_the_newest_first() {
    let world = World::new();
    world.get("/me/events?$filter=subject%20eq%20'Secret%20subject'").await;
    world.control("POST", "faults", Some(json!([{ "do": "dropResponse" }]))).await;
    world.post("/me/events", event("Talk", 10, 9)).await;
    let parts = json!({ "requests": [
        { "id": "first", "method": "GET", "url": "/me" },
        { "id": "second", "method": "GET", "url": "/me/events/nothing?$select=id" },
    ] });
    world.post("/$batch", parts).await;
    let page = world.shows("/_emulator/requests").await;
    let text = read(&page);
    let place = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what}: {text}"));
    assert!(place("POST /v1.0/$batch") < place("POST /v1.0/me/events"), "{text}");
    assert!(place("201 dropped POST /v1.0/me/events") < place("GET /v1.0/me/events with $filter"), "{text}");
    assert!(
        text.contains("2 parts 200 first GET /v1.0/me 400 second GET /v1.0/me/events/nothing with $select"),
        "{text}"
    );
    assert!(
        text.contains("All 3 1 of an application at one time at most") && text.contains("Calendar 2 GET 1 POST"),
        "{text}"
    );
    assert!(!page.contains("Secret"), "values of the query are not kept");
    // Who looks at the pages asks for nothing.
    assert_eq!(world.microsoft.requests()["count"], 3);
}

#[tokio::test]
async fn the_requests_are_read_again_by_themselves_with_and_without_a_script() {
    let world = World::new();
    let page = world.shows("/_emulator/requests").await;
    assert!(page.contains("<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>"), "{page}");
    assert!(page.contains("data-live=\"5\""), "{page}");
    let script = world.page(&link_of_script(&page)).await;
    assert_eq!((script.status, script.header("content-type")), (200, "text/javascript; charset=utf-8"));
    assert!(script.text.contains("[data-live]"));
    let still = world.shows("/_emulator/requests?still=1").await;
    assert!(!still.contains("http-equiv=\"refresh\"") && !still.contains("data-live"), "{still}");
}

fn link_of_script(page: &str) -> String {
    page.split("<script src=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#x2f;", "/")
}

#[tokio::test]
async fn many_requests_are_on_several_pages() {
    let world = World::new();
    world.get("/me?first=1").await;
    for _ in 0..100 {
        world.get("/me").await;
    }
    let page = world.shows("/_emulator/requests").await;
    assert!(!read(&page).contains("with first"));
    let older = link_to(&page, "skip=100");
    let page = world.shows(&format!("/_emulator/requests{older}")).await;
    assert!(read(&page).contains("GET /v1.0/me with first") && !page.contains("data-live"), "{page}");
}

#[tokio::test]
async fn an_asset_that_is_known_is_not_sent_again() {
    let world = World::new();
    let address = link_to(&world.shows("/_emulator/").await, ".css");
    let first = world.page(&address).await;
    assert_eq!(first.header("cache-control"), "public, max-age=31536000, immutable");
    let request = Request::builder().uri(&address).header("if-none-match", first.header("etag")).body(Body::empty());
    let second = world.send(request.unwrap()).await;
    assert_eq!((second.status, second.text.as_str()), (304, ""));
    let plain = world.page(address.split('?').next().unwrap()).await;
    assert_eq!((plain.status, plain.header("cache-control")), (200, "no-cache"));
}

#[tokio::test]
async fn the_outbox_shows_what_people_would_have_received() {
    let world = World::new();
    let mut meeting = event("Workshop", 10, 9);
    meeting["attendees"] = json!([guest(BOB)]);
    world.create(meeting).await;
    let text = read(&world.shows("/_emulator/outbox").await);
    assert!(
        text.contains("Workshop Invitation alice@contoso.example bob@contoso.example 2026-03-02 12:00:00"),
        "{text}"
    );
}

#[tokio::test]
async fn conformance_is_shown_and_forgotten() {
    use crate::graph::conformance::{Violation, What};
    let world = World::new();
    world.get("/me/events").await;
    let text = read(&world.shows("/_emulator/conformance").await);
    assert!(text.contains("Answers compared 1") && text.contains("Requests compared 0"), "{text}");
    assert!(text.contains("Nothing was found that Graph does not have."), "{text}");
    let violation = Violation {
        what: What::UnknownProperty,
        place: "accepted request POST /me/events: nickname".to_owned(),
        expected: "a property of event".to_owned(),
        found: "`<b>nickname</b>`".to_owned(),
    };
    world.microsoft.change(|state| state.conformance.keep(1, 1, vec![violation]));
    let page = world.shows("/_emulator/conformance").await;
    let text = read(&page);
    assert!(text.contains("Answers compared 2") && text.contains("Requests compared 1"), "{text}");
    assert!(
        text.contains(
            "Unknown property accepted request POST /me/events: nickname a property of event `<b>nickname</b>`"
        ),
        "{text}"
    );
    assert!(!page.contains("<b>nickname"), "{page}");
    let text = read(&world.done("/_emulator/conformance/clear", &[]).await);
    assert!(text.contains("What was compared is forgotten.") && text.contains("Answers compared 0"), "{text}");
    assert_eq!(world.control("GET", "conformance", None).await.body["violations"], json!([]));
}

/// A tenant in which everything secret has been used.
async fn full_of_secrets() -> (World, Vec<String>) {
    let world = World::new();
    let carol = NewMailbox { password: Some(PASSWORD.to_owned()), ..mailbox("carol@contoso.example", "Carol") };
    world.microsoft.create_mailbox(carol).unwrap();
    let delta = world.get("/me/calendarView/delta?startDateTime=2026-03-01&endDateTime=2026-04-01").await;
    let link = delta.body["@odata.deltaLink"].as_str().unwrap();
    world.get(link).await;
    let wrong =
        [("client_id", CLIENT), ("client_secret", SECRET), ("grant_type", "refresh_token"), ("refresh_token", "0.RT")];
    world.form("/contoso.example/oauth2/v2.0/token", &wrong).await;
    let secrets = [SECRET, PASSWORD, "0.RT", &world.token, link.split_once("token=").unwrap().1].map(str::to_owned);
    (world, secrets.to_vec())
}

#[tokio::test]
async fn no_page_holds_a_token_a_secret_or_a_password() {
    let (world, secrets) = full_of_secrets().await;
    for place in places() {
        let page = world.shows(&place).await;
        for secret in &secrets {
            assert!(!page.contains(secret.as_str()), "{place} holds {secret}");
        }
    }
}

#[tokio::test]
async fn every_page_is_protected_and_needs_nothing_from_elsewhere() {
    let world = World::new();
    let mut all = places();
    all.extend(["/_emulator/nothing".to_owned(), "/".to_owned()]);
    for place in all {
        let answer = world.page(&place).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{place}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{place}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{place}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{place}");
        assert_eq!(answer.header("cache-control"), "no-store", "{place}");
        let outward = links(&answer.text).into_iter().find(|link| link.contains("://"));
        assert_eq!(outward, None, "{place}");
        assert_eq!(
            answer.text.matches("<script").count(),
            answer.text.matches("<script src=\"&#x2f;_emulator").count()
        );
    }
}

#[tokio::test]
async fn looking_changes_nothing_of_what_follows() {
    let mut answers = Vec::new();
    for looks in [false, true] {
        let world = World::new();
        if looks {
            for place in places() {
                world.shows(&place).await;
            }
        }
        answers.push(world.post("/me/events", event("Talk", 10, 9)).await.text);
    }
    assert_eq!(answers[0], answers[1]);
}
