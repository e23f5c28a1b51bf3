//! Endpoints that speak TLS, and whose certificates are believed.

use super::*;
use crate::graph::{Trust, TrustError};

/// An authority, and what somebody trusts who was told of it.
fn authority() -> (tempfile::TempDir, Authority, Trust) {
    let data = tempfile::tempdir().unwrap();
    let authority = Authority::open(data.path()).unwrap();
    let trust = Trust::default().and(&std::fs::read(authority.certificate_file()).unwrap()).unwrap();
    (data, authority, trust)
}

/// A tenant that was told of an authority.
fn trusting(trust: Trust) -> World {
    let World { microsoft, clock, .. } = World::new();
    World::around(microsoft.trusting(trust), clock)
}

#[tokio::test]
async fn an_endpoint_of_a_trusted_authority_proves_itself_and_is_told() {
    let (_data, authority, trust) = authority();
    let world = trusting(trust);
    let mut endpoint = Endpoint::over_tls(&authority).await;
    assert!(endpoint.url.starts_with("https://"));
    // The endpoints for notifications and for the lifecycle.
    subscribe(&world, &mut endpoint, "/me/events").await;
    let made = world.create(event("Lunch", 10, 12)).await;
    assert_eq!(deliver(&world).await, 1);
    assert_eq!(endpoint.told(), [("created".to_owned(), id(&made).to_owned())]);
    let record = record(&world).await;
    let outcomes: Vec<&str> =
        record["posts"].as_array().unwrap().iter().map(|post| post["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["accepted"; 3]);
}

#[tokio::test]
async fn an_endpoint_whose_authority_nobody_was_told_of_is_refused() {
    let (_data, authority, _) = authority();
    let (_other, _, trust) = self::authority();
    for world in [World::new(), trusting(trust)] {
        let mut endpoint = Endpoint::over_tls(&authority).await;
        let refused = world.post("/subscriptions", wish(&endpoint, "/me/events")).await;
        assert_eq!((refused.status, refused.code()), (400, "ValidationError"), "{}", refused.text);
        assert!(endpoint.posts().is_empty(), "nothing is said to a stranger");
        assert!(record(&world).await.to_string().contains("unreachable"));
        assert!(world.get("/subscriptions").await.items().is_empty());
    }
}

#[tokio::test]
async fn an_endpoint_that_is_somebody_else_s_later_is_not_told() {
    let (_data, authority, trust) = authority();
    let (_other, stranger, _) = self::authority();
    let world = trusting(trust);
    let mut endpoint = Endpoint::over_tls(&authority).await;
    let subscription = subscribe(&world, &mut endpoint, "/me/events").await;
    let mut other = Endpoint::over_tls(&stranger).await;
    let change = json!({ "notificationUrl": other.at("/notify") });
    let path = format!("/subscriptions/{}", id(&subscription));
    let moved = world.graph_as(&world.token, "PATCH", &path, &[], Some(change)).await;
    assert_eq!((moved.status, moved.code()), (400, "ValidationError"), "{}", moved.text);
    world.create(event("Lunch", 10, 12)).await;
    assert_eq!(deliver(&world).await, 1);
    assert_eq!((endpoint.notifications().len(), other.posts().len()), (1, 0));
}

#[test]
fn a_file_without_a_certificate_is_no_authority() {
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (pem, error) in [("", TrustError::Nothing), ("nothing", TrustError::Nothing), (broken, TrustError::Unreadable)]
    {
        assert_eq!(Trust::default().and(pem.as_bytes()).unwrap_err(), error, "{pem}");
    }
}
