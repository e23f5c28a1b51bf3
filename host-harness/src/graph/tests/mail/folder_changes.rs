//! What can be done with mail folders (api/user-post-mailfolders,
//! api/mailfolder-update, -delete, -move, -copy, -permanentdelete).

use super::*;

async fn names(world: &World, path: &str) -> Vec<String> {
    let answer = mail_as(world, BOB, "GET", path, None).await;
    assert_eq!(answer.status, 200, "{path} {}", answer.text);
    texts(answer.items(), "displayName").into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn folders_are_created_in_folders_and_counted() {
    let world = World::new();
    let projects = folder(&world, "/me/mailFolders", "Projects").await;
    let properties: Vec<&String> = projects.as_object().unwrap().keys().collect();
    let expected = [
        "@odata.context",
        "childFolderCount",
        "displayName",
        "id",
        "isHidden",
        "parentFolderId",
        "totalItemCount",
        "unreadItemCount",
    ];
    assert_eq!(properties, expected);
    let inside = format!("{}/childFolders", folder_path(&projects));
    let apollo = folder(&world, &inside, "Apollo").await;
    let deep = folder(&world, &format!("{inside}/{}/childFolders", escaped(id(&apollo))), "Deep").await;
    assert_eq!((&apollo["parentFolderId"], &deep["parentFolderId"]), (&projects["id"], &apollo["id"]));
    assert_eq!(mail_as(&world, BOB, "GET", &folder_path(&projects), None).await.body["childFolderCount"], 1);
    let nested = format!("{inside}/{}", escaped(id(&apollo)));
    assert_eq!(mail_as(&world, BOB, "GET", &nested, None).await.body["displayName"], "Apollo");
    let elsewhere = format!("{inside}/{}", escaped(id(&deep)));
    assert_eq!(mail_as(&world, BOB, "GET", &elsewhere, None).await.status, 404);
    let expanded = mail_as(&world, BOB, "GET", "/me/mailFolders?$expand=childFolders&$top=50", None).await;
    let shown = expanded.items().iter().find(|folder| folder["displayName"] == "Projects").unwrap();
    assert_eq!(texts(shown["childFolders"].as_array().unwrap(), "displayName"), ["Apollo"]);
}

#[tokio::test]
async fn a_hidden_folder_is_listed_only_for_who_asks() {
    let world = World::new();
    let hidden = json!({ "displayName": "Secret", "isHidden": true });
    let made = mail_as(&world, BOB, "POST", "/me/mailFolders", Some(hidden)).await;
    assert_eq!((made.status, &made.body["isHidden"]), (201, &json!(true)));
    assert!(!names(&world, "/me/mailFolders?$top=50").await.contains(&"Secret".to_owned()));
    assert!(names(&world, "/me/mailFolders?$top=50&includeHiddenFolders=true").await.contains(&"Secret".to_owned()));
    let shown = Some(json!({ "isHidden": false }));
    assert_eq!(mail_as(&world, BOB, "PATCH", &folder_path(&made.body), shown).await.status, 400);
}

#[tokio::test]
async fn a_folder_is_renamed_and_moved_with_its_id() {
    let world = World::new();
    three(&world).await;
    let projects = folder(&world, "/me/mailFolders", "Projects").await;
    let message = inbox(&world, BOB).await.remove(0);
    let to_projects = Some(json!({ "destinationId": id(&projects) }));
    let moved = mail_as(&world, BOB, "POST", &format!("{}/move", path_of(&message)), to_projects).await.body;
    let renamed = mail_as(&world, BOB, "PATCH", &folder_path(&projects), Some(json!({ "displayName": "Work" }))).await;
    assert_eq!((renamed.status, &renamed.body["id"]), (200, &projects["id"]));
    let into = Some(json!({ "DestinationId": "archive" }));
    let there = mail_as(&world, BOB, "POST", &format!("{}/move", folder_path(&projects)), into).await;
    assert_eq!((there.status, &there.body["id"]), (201, &projects["id"]));
    assert_eq!(names(&world, "/me/mailFolders/archive/childFolders").await, ["Work"]);
    assert_eq!(mail_as(&world, BOB, "GET", &path_of(&moved), None).await.body["parentFolderId"], projects["id"]);
}

#[tokio::test]
async fn a_folder_is_copied_with_all_that_is_in_it() {
    let world = World::new();
    three(&world).await;
    let projects = folder(&world, "/me/mailFolders", "Projects").await;
    let inner = folder(&world, &format!("{}/childFolders", folder_path(&projects)), "Inner").await;
    let message = inbox(&world, BOB).await.remove(0);
    let into = Some(json!({ "destinationId": id(&inner) }));
    let moved = mail_as(&world, BOB, "POST", &format!("{}/move", path_of(&message)), into).await.body;
    let to = Some(json!({ "destinationId": "archive" }));
    let copied = mail_as(&world, BOB, "POST", &format!("{}/copy", folder_path(&projects)), to).await;
    assert_eq!((copied.status, &copied.body["displayName"]), (201, &json!("Projects")));
    assert_ne!(copied.body["id"], projects["id"]);
    let children = mail_as(&world, BOB, "GET", &format!("{}/childFolders", folder_path(&copied.body)), None).await;
    assert_eq!(children.items()[0]["totalItemCount"], 1);
    let found = mail_as(&world, BOB, "GET", &format!("{}/messages", folder_path(&children.items()[0])), None).await;
    assert_eq!(found.items()[0]["internetMessageId"], moved["internetMessageId"]);
    assert_ne!(found.items()[0]["id"], moved["id"]);
}

#[tokio::test]
async fn a_deleted_folder_goes_to_the_bin_first_and_its_messages_with_it() {
    let world = World::new();
    three(&world).await;
    let projects = folder(&world, "/me/mailFolders", "Projects").await;
    let message = inbox(&world, BOB).await.remove(0);
    let into = Some(json!({ "destinationId": id(&projects) }));
    let moved = mail_as(&world, BOB, "POST", &format!("{}/move", path_of(&message)), into).await.body;
    assert_eq!(mail_as(&world, BOB, "DELETE", &folder_path(&projects), None).await.status, 204);
    assert_eq!(names(&world, "/me/mailFolders/deleteditems/childFolders").await, ["Projects"]);
    assert_eq!(mail_as(&world, BOB, "GET", &path_of(&moved), None).await.status, 200);
    let again = folder(&world, "/me/mailFolders", "Projects").await;
    assert_eq!(mail_as(&world, BOB, "DELETE", &folder_path(&again), None).await.status, 204);
    assert_eq!(names(&world, "/me/mailFolders/deleteditems/childFolders").await, ["Projects", "Projects1"]);
    assert_eq!(mail_as(&world, BOB, "DELETE", &folder_path(&projects), None).await.status, 204);
    assert_eq!(mail_as(&world, BOB, "GET", &folder_path(&projects), None).await.status, 404);
    assert_eq!(mail_as(&world, BOB, "GET", &path_of(&moved), None).await.status, 404);
    let third = folder(&world, "/me/mailFolders", "Third").await;
    let purged = mail_as(&world, BOB, "POST", &format!("{}/permanentDelete", folder_path(&third)), None).await;
    assert_eq!((purged.status, purged.text.as_str()), (204, ""));
    assert_eq!(names(&world, "/me/mailFolders/deleteditems/childFolders").await, ["Projects1"]);
}

#[tokio::test]
async fn what_cannot_be_done_with_folders_is_refused() {
    let world = World::new();
    let projects = folder(&world, "/me/mailFolders", "Projects").await;
    let inner = folder(&world, &format!("{}/childFolders", folder_path(&projects)), "Inner").await;
    let own = folder_path(&projects);
    let to = |target: &Value| Some(json!({ "destinationId": id(target) }));
    let named = |name: &str| Some(json!({ "displayName": name }));
    let table = [
        ("POST", "/me/mailFolders".to_owned(), named("projects"), 409, "ErrorFolderExists"),
        ("POST", "/me/mailFolders".to_owned(), named("Inbox"), 409, "ErrorFolderExists"),
        ("POST", "/me/mailFolders".to_owned(), named("  "), 400, "ErrorPropertyValidationFailure"),
        ("POST", "/me/mailFolders".to_owned(), Some(json!({})), 400, "ErrorPropertyValidationFailure"),
        ("POST", "/me/mailFolders".to_owned(), Some(json!({ "nothing": 1 })), 400, "RequestBodyRead"),
        ("PATCH", own.clone(), named("drafts"), 409, "ErrorFolderExists"),
        ("PATCH", own.clone(), Some(json!({ "totalItemCount": 1 })), 400, "ErrorPropertyValidationFailure"),
        ("PATCH", "/me/mailFolders/inbox".to_owned(), named("Post"), 400, "ErrorFolderSavePropertyError"),
        ("DELETE", "/me/mailFolders/inbox".to_owned(), None, 400, "ErrorDeleteDistinguishedFolder"),
        ("POST", "/me/mailFolders/drafts/permanentDelete".to_owned(), None, 400, "ErrorDeleteDistinguishedFolder"),
        ("POST", "/me/mailFolders/inbox/move".to_owned(), to(&projects), 400, "ErrorMoveDistinguishedFolder"),
        ("POST", format!("{own}/move"), to(&inner), 400, "ErrorMoveCopyFailed"),
        ("POST", format!("{own}/copy"), to(&projects), 400, "ErrorMoveCopyFailed"),
        ("POST", format!("{own}/move"), Some(json!({})), 400, "ErrorInvalidRequest"),
        ("POST", format!("{own}/move"), Some(json!({ "destinationId": "cellar" })), 404, "ErrorFolderNotFound"),
        ("POST", format!("{own}/copy"), Some(json!({ "destinationId": "msgfolderroot" })), 409, "ErrorFolderExists"),
        ("GET", "/me/mailFolders?$select=color".to_owned(), None, 400, "BadRequest"),
        ("GET", "/me/mailFolders?$expand=messages".to_owned(), None, 501, "NotImplemented"),
        ("GET", "/me/mailFolders/inbox/messageRules".to_owned(), None, 501, "NotImplemented"),
    ];
    for (method, path, body, status, code) in table {
        let refused = mail_as(&world, BOB, method, &path, body.clone()).await;
        assert_eq!((refused.status, refused.code()), (status, code), "{method} {path} {body:?}");
    }
    let reader = world.microsoft.issue_token(BOB, &["Mail.Read"]).unwrap();
    assert_eq!(world.graph_as(&reader, "POST", "/me/mailFolders", &[], named("Other")).await.status, 403);
}
