//! The page that shows people who watches what.

use super::*;

async fn shown(world: &World) -> String {
    let request = Request::builder().uri("/_emulator/notifications").body(Body::empty()).unwrap();
    let answer = world.send(request).await;
    assert_eq!(answer.status, 200);
    answer.text.replace("&#x2f;", "/")
}

#[tokio::test]
async fn the_page_shows_subscriptions_and_posts_without_what_only_the_client_knows() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    subscribe(&world, &mut endpoint, "me/events").await;
    let created = world.create(event("Private matter", 10, 9)).await;
    let page = shown(&world).await;
    assert!(page.contains("1 wait.") && page.contains("<code>me/events</code>"), "{page}");
    assert!(page.contains("created, updated, deleted") && page.contains("2026-03-02 14:00:00"), "{page}");
    assert!(page.contains(&format!("<code>{}</code>", endpoint.at("/notify"))), "{page}");
    assert!(!page.contains(id(&created)), "nothing was posted yet: {page}");

    endpoint.answers(Manner::Status(500));
    deliver(&world).await;
    let page = shown(&world).await;
    assert!(page.contains("<span class=\"badge bad\">Refused</span> 500"), "{page}");
    assert!(page.contains("created Users/") && page.contains(id(&created).trim_end_matches('=')), "{page}");
    for secret in [CLIENT_STATE, "of=us", "validationToken", "Private matter"] {
        assert!(!page.contains(secret), "{secret}: {page}");
    }
}
