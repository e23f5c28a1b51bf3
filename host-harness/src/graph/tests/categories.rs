//! The list of categories of a mailbox.

use super::*;

const PATH: &str = "/me/outlook/masterCategories";

async fn send(world: &World, method: &str, path: &str, body: Option<Value>) -> Answer {
    let token = world.microsoft.issue_token(ALICE, &["MailboxSettings.ReadWrite"]).unwrap();
    world.graph_as(&token, method, path, &[], body).await
}

#[tokio::test]
async fn a_category_is_made_read_coloured_and_deleted() {
    let world = World::new();
    let first = world.get(PATH).await;
    assert_eq!((first.status, first.items().len()), (200, 6));
    assert_eq!(first.items()[0]["color"], "preset0");
    assert_eq!(world.get(PATH).await.items(), first.items());
    let made = send(&world, "POST", PATH, Some(json!({ "displayName": "Project expenses", "color": "Preset9" }))).await;
    assert_eq!((made.status, &made.body["color"]), (201, &json!("preset9")));
    let one = format!("{PATH}/{}", id(&made.body));
    assert_eq!(world.get(&one).await.body["displayName"], "Project expenses");
    let changed = send(&world, "PATCH", &one, Some(json!({ "color": "none" }))).await;
    assert_eq!((changed.status, &changed.body["color"]), (200, &json!("none")));
    assert_eq!(world.get(&format!("{PATH}/$count")).await.text, "7");
    let filter = escaped("startswith(displayName,'proj')");
    assert_eq!(world.get(&format!("{PATH}?$filter={filter}&$select=displayName")).await.items().len(), 1);
    assert_eq!(send(&world, "DELETE", &one, None).await.status, 204);
    assert_eq!(world.get(&one).await.code(), "ErrorItemNotFound");
    assert_eq!(
        world.get(&format!("{PATH}?$orderby=displayName&$top=1")).await.items()[0]["displayName"],
        "Blue category"
    );
}

#[tokio::test]
async fn what_a_category_cannot_be_is_refused() {
    let world = World::new();
    let red = id(&world.get(PATH).await.items()[0]).to_owned();
    let one = format!("{PATH}/{red}");
    let cases = [
        ("POST", PATH, json!({ "displayName": "RED category" }), 409, "ErrorItemAlreadyExists"),
        ("POST", PATH, json!({ "displayName": "A", "color": "preset25" }), 400, "RequestBodyRead"),
        ("POST", PATH, json!({ "displayName": "A", "color": "red" }), 400, "RequestBodyRead"),
        ("POST", PATH, json!({ "color": "preset1" }), 400, "ErrorPropertyValidationFailure"),
        ("POST", PATH, json!({ "displayName": "A", "shade": 1 }), 400, "RequestBodyRead"),
        ("PATCH", &one, json!({ "displayName": "Other" }), 400, "ErrorPropertyValidationFailure"),
        ("PATCH", "/me/outlook/masterCategories/none", json!({ "color": "none" }), 404, "ErrorItemNotFound"),
        ("PUT", &one, json!({}), 405, "ErrorInvalidRequest"),
    ];
    for (method, path, body, status, code) in cases {
        let refused = send(&world, method, path, Some(body.clone())).await;
        assert_eq!((refused.status, refused.code()), (status, code), "{method} {body}");
    }
    let body = Some(json!({ "displayName": "A" }));
    assert_eq!(world.graph_as(&world.token, "POST", PATH, &[], body).await.status, 403);
}

#[tokio::test]
async fn the_chinese_cloud_has_no_categories() {
    let world = World::new();
    world.behaviour(json!({ "cloud": "china" })).await;
    assert_eq!(world.get(PATH).await.status, 400);
}

#[tokio::test]
async fn events_carry_the_names_of_categories() {
    let world = World::new();
    let mut talk = event("Talk", 10, 9);
    talk["categories"] = json!(["Red category", "Own"]);
    let created = world.create(talk).await;
    assert_eq!(created["categories"], json!(["Red category", "Own"]));
    let changed = world.patch(id(&created), json!({ "categories": [] })).await.body;
    assert_eq!(changed["categories"], json!([]));
}
