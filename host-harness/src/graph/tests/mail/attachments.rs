//! What is attached to messages (api/message-list-attachments,
//! api/message-post-attachments, api/attachment-get, api/attachment-delete).

use super::*;

fn file(name: &str) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.fileAttachment", "name": name, "contentType": "text/plain",
        "contentBytes": "SGVsbG8=", "isInline": false, "contentId": null,
    })
}

fn item() -> Value {
    json!({
        "@odata.type": "#microsoft.graph.itemAttachment", "name": "Holiday",
        "item": { "@odata.type": "microsoft.graph.message", "subject": "Holiday", "body": { "contentType": "html", "content": "<p>Sun</p>" } },
    })
}

#[tokio::test]
async fn files_items_and_links_are_attached_read_and_removed() {
    let world = World::new();
    let made = draft(&world, letter("Lunch", &[BOB])).await;
    let path = format!("{}/attachments", path_of(&made));
    let link = json!({ "@odata.type": "#microsoft.graph.referenceAttachment", "name": "Shared" });
    let mut ids = Vec::new();
    for attachment in [file("a.txt"), item(), link] {
        let added = mail_as(&world, ALICE, "POST", &path, Some(attachment)).await;
        assert_eq!(added.status, 201, "{}", added.text);
        ids.push(id(&added.body).to_owned());
    }
    let listed = mail_as(&world, ALICE, "GET", &path, None).await;
    let mut shown = listed.items()[0].clone();
    shown.as_object_mut().unwrap().remove("id");
    assert_eq!(
        shown,
        json!({
            "@odata.type": "#microsoft.graph.fileAttachment", "@odata.mediaContentType": "text/plain",
            "lastModifiedDateTime": "2026-03-02T12:00:00.0000000Z", "name": "a.txt", "contentType": "text/plain", "size": 5,
            "isInline": false, "contentId": null, "contentLocation": null, "contentBytes": "SGVsbG8=",
        })
    );
    assert_eq!(texts(listed.items(), "name"), ["a.txt", "Holiday", "Shared"]);
    assert_eq!(mail_as(&world, ALICE, "GET", &path_of(&made), None).await.body["hasAttachments"], true);
    assert_eq!(mail_as(&world, ALICE, "GET", &format!("{path}/$count"), None).await.text, "3");
    let one = |index: usize| format!("{path}/{}", escaped(&ids[index]));
    let raw = mail_as(&world, ALICE, "GET", &format!("{}/$value", one(0)), None).await;
    assert_eq!((raw.text.as_str(), raw.header("content-type")), ("Hello", "text/plain"));
    assert!(mail_as(&world, ALICE, "GET", &one(1), None).await.body.get("item").is_none());
    let expanded = format!("{}?$expand=microsoft.graph.itemAttachment/item", one(1));
    let item = mail_as(&world, ALICE, "GET", &expanded, None).await.body["item"].take();
    assert_eq!((&item["subject"], &item["id"]), (&json!("Holiday"), &json!("")));
    assert_eq!(item["@odata.type"], "#microsoft.graph.message");
    let mime = mail_as(&world, ALICE, "GET", &format!("{}/$value", one(1)), None).await;
    assert!(mime.text.contains("Subject: Holiday\r\n"), "{}", mime.text);
    assert_eq!(mail_as(&world, ALICE, "GET", &format!("{}/$value", one(2)), None).await.status, 405);
    let select = format!("{path}?$select=name,size");
    let names = mail_as(&world, ALICE, "GET", &select, None).await.items()[0].as_object().unwrap().len();
    assert_eq!(names, 5, "id, name, size and the annotations");
    assert_eq!(mail_as(&world, ALICE, "DELETE", &one(0), None).await.status, 204);
    assert_eq!(mail_as(&world, ALICE, "GET", &one(0), None).await.status, 404);
    let whole = format!("{}?$expand=attachments($select=name)", path_of(&made));
    let whole = mail_as(&world, ALICE, "GET", &whole, None).await.body;
    assert_eq!(texts(whole["attachments"].as_array().unwrap(), "name"), ["Holiday", "Shared"]);
}

#[tokio::test]
async fn attachments_arrive_with_the_mail() {
    let world = World::new();
    let mut message = letter("Lunch", &[BOB]);
    let mut picture = file("logo.png");
    picture["isInline"] = json!(true);
    picture["contentId"] = json!("logo");
    message["attachments"] = json!([picture]);
    sent(&world, message).await;
    let received = inbox(&world, BOB).await.remove(0);
    assert_eq!(received["hasAttachments"], false, "what belongs to the text does not count");
    let files = mail_as(&world, BOB, "GET", &format!("{}/attachments", path_of(&received)), None).await;
    assert_eq!((&files.items()[0]["contentId"], &files.items()[0]["isInline"]), (&json!("logo"), &json!(true)));
    let own = folder_of(&world, ALICE, "sentitems").await.remove(0);
    let own = mail_as(&world, ALICE, "GET", &format!("{}/attachments", path_of(&own)), None).await;
    assert_ne!(own.items()[0]["id"], files.items()[0]["id"]);
}

/// What can be attached at all is told with the files of events.
#[tokio::test]
async fn attachments_are_of_the_message_and_of_what_it_says() {
    let world = World::new();
    let made = draft(&world, letter("Lunch", &[BOB])).await;
    let path = format!("{}/attachments", path_of(&made));
    assert_eq!(mail_as(&world, ALICE, "DELETE", &format!("{path}/nothing"), None).await.status, 404);
    assert_eq!(world.read_as(ALICE, "Mail.ReadBasic", &path).await.status, 403);
    assert_eq!(world.read_as(ALICE, "Mail.Read", &path).await.status, 200);
}
