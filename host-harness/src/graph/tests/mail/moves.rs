//! Moving, copying and purging messages (api/message-move, api/message-copy,
//! api/message-permanentdelete, concepts/outlook-immutable-id).

use super::*;

#[tokio::test]
async fn a_moved_message_has_another_default_id_and_the_same_immutable_one() {
    let world = World::new();
    three(&world).await;
    let message = inbox(&world, BOB).await.remove(0);
    let lasting = lasting_as(&world, BOB, "GET", &path_of(&message), None).await.body;
    let to = Some(json!({ "destinationId": "archive" }));
    let moved = mail_as(&world, BOB, "POST", &format!("{}/move", path_of(&message)), to.clone()).await;
    assert_eq!((moved.status, &moved.body["subject"]), (201, &json!("Third")));
    assert_ne!(moved.body["id"], message["id"]);
    assert_eq!(mail_as(&world, BOB, "GET", &path_of(&message), None).await.status, 404);
    assert_eq!(lasting_as(&world, BOB, "GET", &path_of(&lasting), None).await.body["parentFolderId"], {
        mail_as(&world, BOB, "GET", "/me/mailFolders/archive", None).await.body["id"].clone()
    });
    let back = Some(json!({ "destinationId": "inbox" }));
    let again = lasting_as(&world, BOB, "POST", &format!("{}/move", path_of(&lasting)), back).await;
    assert_eq!(again.body["id"], lasting["id"]);
    assert_eq!(mail_as(&world, BOB, "GET", &path_of(&message), None).await.status, 404);
}

#[tokio::test]
async fn a_copy_is_another_message_of_the_same_conversation() {
    let world = World::new();
    three(&world).await;
    let message = inbox(&world, BOB).await.remove(0);
    let to = Some(json!({ "destinationId": "archive" }));
    let path = format!("/me/mailFolders/inbox/messages/{}/copy", escaped(id(&message)));
    let copied = mail_as(&world, BOB, "POST", &path, to).await;
    assert_eq!(copied.status, 201, "{}", copied.text);
    assert_ne!(copied.body["id"], message["id"]);
    for name in ["internetMessageId", "conversationId", "receivedDateTime", "isRead"] {
        assert_eq!(copied.body[name], message[name], "{name}");
    }
    assert_eq!(inbox(&world, BOB).await.len(), 3);
    let number = mail_as(&world, BOB, "GET", "/me/messages/$count", None).await;
    assert_eq!(number.text, "4");
}

#[tokio::test]
async fn a_purged_message_is_nowhere() {
    let world = World::new();
    three(&world).await;
    let message = inbox(&world, BOB).await.remove(0);
    let lasting = lasting_as(&world, BOB, "GET", &path_of(&message), None).await.body;
    let purged = mail_as(&world, BOB, "POST", &format!("{}/permanentDelete", path_of(&message)), None).await;
    assert_eq!((purged.status, purged.text.as_str()), (204, ""));
    assert_eq!(lasting_as(&world, BOB, "GET", &path_of(&lasting), None).await.status, 404);
    for folder in ["deleteditems", "recoverableitemsdeletions"] {
        assert!(folder_of(&world, BOB, folder).await.is_empty(), "{folder}");
    }
    let nowhere = Some(json!({ "destinationId": "cellar" }));
    let other = inbox(&world, BOB).await.remove(0);
    let refused = mail_as(&world, BOB, "POST", &format!("{}/move", path_of(&other)), nowhere).await;
    assert_eq!((refused.status, refused.code()), (404, "ErrorFolderNotFound"));
}
