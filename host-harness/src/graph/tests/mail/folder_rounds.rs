//! Change tracking of mail folders (api/mailfolder-delta).

use super::*;

/// A whole round: names of what is there, ids of what is gone, and the link to
/// the next one.
async fn round(world: &World, path: &str) -> (Vec<String>, Vec<String>, String) {
    let (mut names, mut gone, mut path) = (Vec::new(), Vec::new(), path.to_owned());
    loop {
        let page = mail_as(world, BOB, "GET", &path, None).await;
        assert_eq!(page.status, 200, "{path} {}", page.text);
        for item in page.items() {
            let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
            if item.get("@removed").is_some() { gone.push(text("id")) } else { names.push(text("displayName")) }
        }
        match page.body["@odata.nextLink"].as_str() {
            Some(next) => next.clone_into(&mut path),
            None => return (names, gone, page.body["@odata.deltaLink"].as_str().unwrap().to_owned()),
        }
    }
}

#[tokio::test]
async fn the_folders_of_a_mailbox_have_rounds() {
    let world = World::new();
    let (names, gone, link) = round(&world, "/me/mailFolders/delta").await;
    assert_eq!((names.len(), gone.len()), (8, 0));
    assert!(link.contains("/mailFolders/delta?$deltatoken="), "{link}");
    let projects = folder(&world, "/me/mailFolders", "Projects").await;
    let inner = folder(&world, &format!("{}/childFolders", folder_path(&projects)), "Inner").await;
    three(&world).await;
    let (names, gone, link) = round(&world, &link).await;
    assert_eq!((names, gone), (vec!["Projects".to_owned(), "Inner".to_owned()], vec![]));
    mail_as(&world, BOB, "PATCH", &folder_path(&inner), Some(json!({ "displayName": "Within" }))).await;
    mail_as(&world, BOB, "POST", &format!("{}/permanentDelete", folder_path(&projects)), None).await;
    let (names, gone, link) = round(&world, &link).await;
    assert_eq!((names, gone), (vec![], vec![id(&inner).to_owned(), id(&projects).to_owned()]));
    assert_eq!(round(&world, &link).await.0, [""; 0]);
}

#[tokio::test]
async fn the_folders_in_a_folder_have_rounds_of_their_own() {
    let world = World::new();
    let projects = folder(&world, "/me/mailFolders", "Projects").await;
    let inside = format!("{}/childFolders", folder_path(&projects));
    let inner = folder(&world, &inside, "Inner").await;
    let (names, _, link) = round(&world, &format!("{inside}/delta?$select=displayName")).await;
    assert_eq!(names, ["Inner"]);
    assert!(link.contains("/childFolders/delta?$deltatoken="), "{link}");
    folder(&world, "/me/mailFolders", "Elsewhere").await;
    mail_as(&world, BOB, "PATCH", &folder_path(&inner), Some(json!({ "displayName": "Within" }))).await;
    let page = mail_as(&world, BOB, "GET", &link, None).await;
    assert_eq!(page.items(), [json!({ "id": id(&inner), "displayName": "Within" })]);
    let link = page.body["@odata.deltaLink"].as_str().unwrap();
    let away = Some(json!({ "destinationId": "archive" }));
    mail_as(&world, BOB, "POST", &format!("{}/move", folder_path(&inner)), away).await;
    let (names, gone, _) = round(&world, link).await;
    assert_eq!((names, gone), (vec![], vec![id(&inner).to_owned()]));
}

#[tokio::test]
async fn hidden_folders_and_foreign_options_have_their_rules_in_rounds_too() {
    let world = World::new();
    let hidden = json!({ "displayName": "Secret", "isHidden": true });
    mail_as(&world, BOB, "POST", "/me/mailFolders", Some(hidden)).await;
    assert_eq!(round(&world, "/me/mailFolders/delta").await.0.len(), 8);
    assert_eq!(round(&world, "/me/mailFolders/delta?includeHiddenFolders=true").await.0.len(), 9);
    for option in ["$filter=displayName%20eq%20'Inbox'", "$search=x", "$select=color"] {
        let refused = mail_as(&world, BOB, "GET", &format!("/me/mailFolders/delta?{option}"), None).await;
        assert_eq!(refused.status, 400, "{option}");
    }
}
