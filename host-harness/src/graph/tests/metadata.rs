//! What Graph says of itself.

use super::*;
use std::collections::BTreeSet;

async fn bare(world: &World, method: &str, path: &str) -> Answer {
    world.send(Request::builder().method(method).uri(path).body(Body::empty()).unwrap()).await
}

/// The values of an attribute on elements of a name.
fn attributes<'a>(xml: &'a str, element: &str, attribute: &str) -> Vec<&'a str> {
    let (begins, marks) = (format!("<{element} "), format!("{attribute}=\""));
    let elements = xml.split(begins.as_str()).skip(1);
    let value = |text: &'a str| text.split('>').next()?.split(marks.as_str()).nth(1)?.split('"').next();
    elements.filter_map(value).collect()
}

/// Whether every element that is opened is closed, in order.
fn is_well_formed(xml: &str) -> bool {
    let mut open = Vec::new();
    for piece in xml.split('<').skip(1) {
        let (tag, _) = piece.split_once('>').unwrap();
        if tag.starts_with('?') || tag.ends_with('/') {
            continue;
        }
        match tag.strip_prefix('/') {
            Some(name) if open.pop() == Some(name) => {}
            Some(_) => return false,
            None => open.push(tag.split(' ').next().unwrap()),
        }
    }
    open.is_empty()
}

#[tokio::test]
async fn the_metadata_needs_no_token_and_defines_every_type_that_it_names() {
    let world = World::new();
    for cloud in ["global", "usgov", "china"] {
        world.behaviour(json!({ "cloud": cloud })).await;
        let answer = bare(&world, "GET", "/v1.0/$metadata").await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/xml"));
        let xml = &answer.text;
        assert!(is_well_formed(xml), "{cloud}");
        let defined: BTreeSet<&str> = ["EntityType", "ComplexType", "EnumType"]
            .iter()
            .flat_map(|element| attributes(xml, element, "Name"))
            .collect();
        let named = xml.split("microsoft.graph.").skip(1).map(|rest| rest.split(['"', ')']).next().unwrap());
        let missing: BTreeSet<&str> = named.filter(|name| !defined.contains(name)).collect();
        assert!(missing.is_empty(), "{cloud}: {missing:?}");
        assert_eq!(xml.contains("exceptionOccurrences"), cloud != "usgov", "{cloud}");
        assert_eq!(xml.contains("todoTask"), cloud != "china", "{cloud}");
        assert_eq!(xml.contains("outlookCategory"), cloud != "china", "{cloud}");
        for part in [
            "<EntityType Name=\"event\" BaseType=\"microsoft.graph.outlookItem\" OpenType=\"true\">",
            "<Property Name=\"id\" Type=\"Edm.String\" Nullable=\"false\"/>",
            "<NavigationProperty Name=\"calendarGroups\" Type=\"Collection(microsoft.graph.calendarGroup)\" ContainsTarget=\"true\"/>",
            "<Function Name=\"delta\" IsBound=\"true\"><Parameter Name=\"bindingParameter\" Type=\"Collection(microsoft.graph.event)\"/>",
            "<Singleton Name=\"me\" Type=\"microsoft.graph.user\"/>",
            "<EntitySet Name=\"organization\" EntityType=\"microsoft.graph.organization\"/>",
            "<Property Name=\"proxyAddresses\" Type=\"Collection(Edm.String)\" Nullable=\"false\"/>",
            "<Action Name=\"translateExchangeIds\" IsBound=\"true\">",
        ] {
            assert!(xml.contains(part), "{part}");
        }
    }
}

#[tokio::test]
async fn the_service_document_names_where_paths_begin() {
    let world = World::new();
    let answer = bare(&world, "GET", "/v1.0/").await;
    let names: Vec<&str> = answer.items().iter().map(|root| root["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["me", "organization", "subscriptions", "users"]);
    assert!(answer.body["@odata.context"].as_str().unwrap().ends_with("/v1.0/$metadata"));
    assert_eq!(bare(&world, "POST", "/v1.0/$metadata").await.status, 405);
}
