//! Data of applications on messages: open extensions and extended properties
//! (resources/opentypeextension, resources/extended-properties-overview).

use super::*;

const LINK: &str = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Link";
const TAGS: &str = "StringArray {66f5a359-4659-4830-9070-00047ec6ac6e} Name Tags";

#[tokio::test]
async fn extended_properties_are_written_expanded_and_searched_by() {
    let world = World::new();
    let mut message = letter("Lunch", &[BOB]);
    message["singleValueExtendedProperties"] = json!([{ "id": LINK, "value": "crm-17" }]);
    message["multiValueExtendedProperties"] = json!([{ "id": TAGS, "value": ["a", "b"] }]);
    let made = draft(&world, message).await;
    draft(&world, letter("Other", &[])).await;
    let filter = format!("singleValueExtendedProperties/any(ep: ep/id eq '{LINK}' and ep/value eq 'crm-17')");
    let found = mail_as(&world, ALICE, "GET", &format!("/me/messages?$filter={}", escaped(&filter)), None).await;
    assert_eq!(texts(found.items(), "id"), [id(&made)]);
    let expand = format!(
        "singleValueExtendedProperties($filter=id eq '{LINK}'),multiValueExtendedProperties($filter=id eq '{TAGS}')"
    );
    let path = format!("{}?$expand={}", path_of(&made), escaped(&expand));
    let read = mail_as(&world, ALICE, "GET", &path, None).await.body;
    assert_eq!(read["singleValueExtendedProperties"], json!([{ "id": LINK, "value": "crm-17" }]));
    assert_eq!(read["multiValueExtendedProperties"], json!([{ "id": TAGS, "value": ["a", "b"] }]));
    assert!(made.get("singleValueExtendedProperties").is_none());
    acted(&world, ALICE, &made, "send", None).await;
    let sent = mail_as(
        &world,
        ALICE,
        "GET",
        &format!("/me/mailFolders/sentitems/messages?$filter={}", escaped(&filter)),
        None,
    )
    .await;
    assert_eq!(sent.items().len(), 1, "what was sent can be found again");
    let mark = json!({ "singleValueExtendedProperties": [{ "id": LINK, "value": "crm-18" }] });
    assert_eq!(mail_as(&world, ALICE, "PATCH", &path_of(&sent.items()[0]), Some(mark)).await.status, 200);
    let received = mail_as(&world, BOB, "GET", &format!("/me/messages?$filter={}", escaped(&filter)), None).await;
    assert!(received.items().is_empty());
}

#[tokio::test]
async fn open_extensions_are_not_written_with_a_change_of_the_message() {
    let world = World::new();
    let made = draft(&world, letter("Lunch", &[BOB])).await;
    let change = json!({ "extensions": [{ "extensionName": "Com.Contoso.Link", "link": "17" }] });
    let refused = mail_as(&world, ALICE, "PATCH", &path_of(&made), Some(change)).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    let listed = mail_as(&world, ALICE, "GET", &format!("{}/extensions", path_of(&made)), None).await;
    assert!(listed.items().is_empty(), "{}", listed.text);
}

#[tokio::test]
async fn open_extensions_have_requests_of_their_own() {
    let world = World::new();
    let mut message = letter("Lunch", &[BOB]);
    message["extensions"] = json!([{ "extensionName": "Com.Contoso.Link", "link": "17" }]);
    let made = draft(&world, message).await;
    let path = format!("{}/extensions", path_of(&made));
    let listed = mail_as(&world, ALICE, "GET", &path, None).await;
    assert_eq!(
        listed.items(),
        [json!({
            "@odata.type": "#microsoft.graph.openTypeExtension", "id": "microsoft.graph.openTypeExtension.Com.Contoso.Link",
            "extensionName": "Com.Contoso.Link", "link": "17",
        })]
    );
    let other =
        json!({ "@odata.type": "microsoft.graph.openTypeExtension", "extensionName": "Com.Contoso.Other", "n": 1 });
    let added = mail_as(&world, ALICE, "POST", &path, Some(other.clone())).await;
    assert_eq!((added.status, &added.body["n"]), (201, &json!(1)));
    assert_eq!(mail_as(&world, ALICE, "POST", &path, Some(other)).await.status, 409);
    let one = format!("{path}/com.contoso.link");
    let changed = mail_as(&world, ALICE, "PATCH", &one, Some(json!({ "link": null, "state": "open" }))).await;
    assert_eq!((changed.status, &changed.body["state"], changed.body.get("link")), (200, &json!("open"), None));
    let filter = escaped("id eq 'Com.Contoso.Other'");
    let expanded = format!("/me/messages?$expand=extensions($filter={filter})");
    let expanded = mail_as(&world, ALICE, "GET", &expanded, None).await;
    assert_eq!(texts(expanded.items()[0]["extensions"].as_array().unwrap(), "extensionName"), ["Com.Contoso.Other"]);
    assert_eq!(mail_as(&world, ALICE, "DELETE", &one, None).await.status, 204);
    assert_eq!(mail_as(&world, ALICE, "GET", &one, None).await.status, 404);
    assert_eq!(mail_as(&world, ALICE, "DELETE", &one, None).await.status, 404);
}

/// Named among what `Mail.ReadBasic` leaves out
/// (concepts/permissions-reference).
#[tokio::test]
async fn who_sees_the_outside_of_a_mail_sees_no_extensions() {
    let world = World::new();
    let mut message = letter("Lunch", &[BOB]);
    message["extensions"] = json!([{ "extensionName": "Com.Contoso.Link", "link": "17" }]);
    let path = format!("{}/extensions", path_of(&draft(&world, message).await));
    for path in [path.clone(), format!("{path}/Com.Contoso.Link")] {
        assert_eq!(world.read_as(ALICE, "Mail.ReadBasic", &path).await.status, 403);
        assert_eq!(world.read_as(ALICE, "Mail.Read", &path).await.status, 200);
    }
}

/// As for events, the id says whether there are several.
#[tokio::test]
async fn an_id_of_one_value_has_not_several() {
    let world = World::new();
    let path = path_of(&draft(&world, letter("Lunch", &[BOB])).await);
    for (wrong, code) in [
        (json!({ "multiValueExtendedProperties": [{ "id": LINK, "value": ["a"] }] }), "ErrorInvalidProperty"),
        (json!({ "multiValueExtendedProperties": [{ "id": TAGS, "value": "a" }] }), "UnableToDeserializePostBody"),
        (json!({ "singleValueExtendedProperties": [{ "id": TAGS, "value": "a" }] }), "ErrorInvalidProperty"),
    ] {
        let refused = mail_as(&world, ALICE, "PATCH", &path, Some(wrong.clone())).await;
        assert_eq!((refused.status, refused.code()), (400, code), "{wrong}");
    }
}
