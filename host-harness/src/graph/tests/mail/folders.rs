//! Mail folders (resources/mailfolder).

use super::*;

#[tokio::test]
async fn every_mailbox_has_its_folders_under_one_root() {
    let world = World::new();
    let listed = mail_as(&world, ALICE, "GET", "/me/mailFolders", None).await;
    let names =
        ["Archive", "Conversation History", "Deleted Items", "Drafts", "Inbox", "Junk Email", "Outbox", "Sent Items"];
    assert_eq!(texts(listed.items(), "displayName"), names);
    let root = mail_as(&world, ALICE, "GET", "/me/mailFolders/msgfolderroot", None).await.body;
    assert_eq!((&root["childFolderCount"], &root["parentFolderId"]), (&json!(8), &Value::Null));
    assert!(listed.items().iter().all(|folder| folder["parentFolderId"] == root["id"]));
    let children = format!("/me/mailFolders/{}/childFolders?$select=displayName&$count=true", escaped(id(&root)));
    let children = mail_as(&world, ALICE, "GET", &children, None).await.body;
    assert_eq!((&children["@odata.count"], children["value"][0].as_object().unwrap().len()), (&json!(8), 2));
    let filtered = format!("/me/mailFolders?$filter={}", escaped("displayName eq 'inbox'"));
    assert_eq!(mail_as(&world, ALICE, "GET", &filtered, None).await.items(), &listed.items()[4..5]);
    let number = mail_as(&world, ALICE, "GET", "/me/mailFolders/$count", None).await;
    assert_eq!((number.text.as_str(), number.header("content-type")), ("8", "text/plain"));
}

#[tokio::test]
async fn a_folder_answers_to_its_id_and_to_its_well_known_name() {
    let world = World::new();
    let by_name = mail_as(&world, ALICE, "GET", "/me/mailFolders('SentItems')", None).await.body;
    let by_id = format!("/users/{ALICE}/mailFolders/{}", escaped(id(&by_name)));
    assert_eq!(mail_as(&world, ALICE, "GET", &by_id, None).await.body, by_name);
    assert_eq!(by_name["displayName"], "Sent Items");
    for path in [format!("/me/mailFolders/{}", escaped(id(&by_name))), "/me/mailFolders/cellar".to_owned()] {
        for path in [path.clone(), format!("{path}/messages")] {
            let unknown = mail_as(&world, BOB, "GET", &path, None).await;
            assert_eq!(unknown.status, 404, "{path}");
            assert!(matches!(unknown.code(), "ErrorItemNotFound" | "ErrorFolderNotFound"), "{path}");
        }
    }
    for (name, status) in [
        ("msgfolderroot", 200),
        ("drafts", 200),
        ("archive", 200),
        ("junkemail", 200),
        ("outbox", 200),
        ("conversationhistory", 200),
        ("searchfolders", 200),
        ("recoverableitemsdeletions", 200),
        ("clutter", 404),
        ("conflicts", 404),
        ("localfailures", 404),
        ("scheduled", 404),
        ("serverfailures", 404),
        ("syncissues", 404),
    ] {
        let answer = mail_as(&world, ALICE, "GET", &format!("/me/mailFolders/{name}"), None).await;
        assert_eq!(answer.status, status, "{name}");
    }
    let missing = mail_as(&world, ALICE, "GET", "/me/mailFolders/SYNCISSUES", None).await;
    assert_eq!(missing.body["error"]["message"], "Default folder SyncIssues not found.");
}

#[tokio::test]
async fn a_folder_counts_what_is_in_it_and_what_is_unread() {
    let world = World::new();
    for day in [10, 11] {
        meeting(&world, event("Talk", day, 9)).await;
    }
    let message = inbox(&world, BOB).await.remove(0);
    mail_as(&world, BOB, "PATCH", &path_of(&message), Some(json!({ "isRead": true }))).await;
    let counts = async |user: &str, folder: &str| {
        let folder = mail_as(&world, user, "GET", &format!("/me/mailFolders/{folder}"), None).await.body;
        (folder["totalItemCount"].as_u64().unwrap(), folder["unreadItemCount"].as_u64().unwrap())
    };
    assert_eq!(counts(BOB, "inbox").await, (2, 1));
    assert_eq!(counts(ALICE, "sentitems").await, (2, 0));
    assert_eq!(counts(ALICE, "inbox").await, (0, 0));
}

#[tokio::test]
async fn mail_is_kept_in_the_file_and_mailboxes_of_an_earlier_one_get_their_folders() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("microsoft.sqlite");
    let clock = HarnessClock::fixed(noon());
    let open = || World::around(Microsoft::open(clock.clone(), 7, BASE, &file).unwrap(), clock.clone());
    let kept = {
        let microsoft = Microsoft::open(clock.clone(), 7, BASE, &file).unwrap();
        fill(&microsoft);
        let world = World::around(microsoft, clock.clone());
        meeting(&world, daily(3)).await;
        bob_does(&world, &copy_of_bob(&world).await, "tentativelyAccept", json!({ "proposedNewTime": at(2, 15) }))
            .await;
        [inbox(&world, BOB).await, inbox(&world, ALICE).await]
    };
    assert_eq!(kept.each_ref().map(Vec::len), [1, 1]);
    let world = open();
    assert_eq!([inbox(&world, BOB).await, inbox(&world, ALICE).await], kept);
    drop(world);
    let earlier = "DELETE FROM objects WHERE kind IN ('mailFolder', 'message')";
    rusqlite::Connection::open(&file).unwrap().execute_batch(earlier).unwrap();
    let world = open();
    assert_eq!(counts(&world).await, [0, 0, 0, 0]);
    meeting(&world, event("Talk", 10, 9)).await;
    assert_eq!(counts(&world).await, [0, 1, 1, 0]);
}

#[tokio::test]
async fn a_mailbox_that_was_stored_with_fewer_folders_gets_the_others() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("microsoft.sqlite");
    let clock = HarnessClock::fixed(noon());
    {
        let microsoft = Microsoft::open(clock.clone(), 7, BASE, &file).unwrap();
        fill(&microsoft);
        meeting(&World::around(microsoft, clock.clone()), event("Talk", 10, 9)).await;
    }
    // Folders and messages as they were written before there were drafts.
    let earlier = "DELETE FROM objects WHERE kind = 'mailFolder'
            AND json_extract(body, '$.role') NOT IN ('msgfolderroot', 'inbox', 'sentitems', 'deleteditems');
        UPDATE objects SET body = json_remove(body, '$.is_hidden', '$.modified') WHERE kind = 'mailFolder';
        UPDATE objects SET body = json_remove(body, '$.is_draft', '$.arrives_at', '$.reply_to', '$.thread',
            '$.headers', '$.marks', '$.attachments', '$.custom', '$.entered') WHERE kind = 'message';";
    rusqlite::Connection::open(&file).unwrap().execute_batch(earlier).unwrap();
    let world = World::around(Microsoft::open(clock.clone(), 7, BASE, &file).unwrap(), clock);
    let listed = mail_as(&world, BOB, "GET", "/me/mailFolders", None).await;
    assert_eq!(listed.items().len(), 8);
    let received = inbox(&world, BOB).await.remove(0);
    assert_eq!((&received["subject"], &received["isDraft"]), (&json!("Talk"), &json!(false)));
}

#[tokio::test]
async fn names_of_folders_compare_without_case_in_any_script() {
    let world = World::new();
    folder(&world, "/me/mailFolders", "Büro").await;
    let again = mail_as(&world, BOB, "POST", "/me/mailFolders", Some(json!({ "displayName": "BÜRO" }))).await;
    assert_eq!((again.status, again.code()), (409, "ErrorFolderExists"));
    let filter = escaped("displayName eq 'BÜRO'");
    let found = mail_as(&world, BOB, "GET", &format!("/me/mailFolders?$filter={filter}"), None).await;
    assert_eq!(texts(found.items(), "displayName"), ["Büro"]);
}
