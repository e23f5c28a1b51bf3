//! The one table of clouds, and what is made from it: discovery, resources, the
//! certificate of the listener, own names.

use super::discovery::{document_at, instance};
use super::*;
use crate::graph::clouds::{CLOUDS, OUTLOOK, graph_beside};
use crate::tls;

#[tokio::test]
async fn every_login_host_is_an_instance_and_has_a_certificate_and_a_graph() {
    let world = World::new();
    for login in CLOUDS.iter().flat_map(|cloud| cloud.login) {
        assert!(tls::names::all().iter().any(|name| name == login), "{login} is on the certificate");
        let document = document_at(&world, login, "/contoso.example/v2.0/.well-known/openid-configuration").await;
        assert_eq!(document["token_endpoint"], format!("https://{login}/contoso.example/oauth2/v2.0/token"));
        let graph = graph_beside(login).unwrap();
        assert_eq!(document["msgraph_host"], graph);
        let found = instance(&world, "1.1", &format!("https://{login}/common/oauth2/v2.0/authorize")).await.body;
        let is_alias = |entry: &&Value| entry["aliases"].as_array().unwrap().contains(&json!(login));
        assert_eq!(found["metadata"].as_array().unwrap().iter().filter(is_alias).count(), 1, "{login}");
    }
}

#[tokio::test]
async fn every_graph_host_is_a_resource_and_has_a_certificate() {
    let world = World::new();
    for graph in CLOUDS.iter().map(|cloud| cloud.graph) {
        assert!(tls::names::all().iter().any(|name| name == graph), "{graph} is on the certificate");
        let asked = format!("openid https://{graph}/Calendars.ReadWrite");
        let signed_in = tokens(&world, &[("scope", &asked)]).await;
        assert_eq!(signed_in["scope"], asked);
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", CLIENT),
            ("client_secret", SECRET),
            ("scope", &format!("https://{graph}/.default")),
        ];
        assert_eq!(world.form("/contoso.example/oauth2/v2.0/token", &fields).await.status, 200, "{graph}");
        let me = Request::get("/v1.0/me").header("host", graph);
        let me = me.header("authorization", format!("Bearer {}", text(&signed_in, "access_token")));
        assert_eq!(world.send(me.body(Body::empty()).unwrap()).await.status, 403, "no permission for profiles");
    }
}

#[tokio::test]
async fn every_name_on_the_certificate_is_an_own_name() {
    let world = World::new();
    let names = tls::names::all();
    assert!(names.iter().any(|name| name == OUTLOOK));
    for name in names {
        let page = Request::get("/_emulator").header("host", &name).body(Body::empty()).unwrap();
        assert_eq!(world.send(page).await.status, 200, "{name}");
    }
}
