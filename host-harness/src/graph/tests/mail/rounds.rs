//! Change tracking of the messages of a folder (api/message-delta,
//! concepts/delta-query-messages).

use super::*;

const INBOX: &str = "/me/mailFolders/inbox/messages/delta";
const ARCHIVE: &str = "/me/mailFolders/archive/messages/delta";

/// What a round tells: subjects of what is there and ids of what is gone.
#[derive(Debug, Default, PartialEq)]
struct Told {
    present: Vec<String>,
    gone: Vec<String>,
    link: String,
}

async fn round_with(world: &World, path: &str, headers: &[(&str, &str)]) -> Told {
    let token = world.microsoft.issue_token(BOB, &["Mail.ReadWrite"]).unwrap();
    let (mut told, mut path) = (Told::default(), path.to_owned());
    loop {
        let page = world.graph_as(&token, "GET", &path, headers, None).await;
        assert_eq!(page.status, 200, "{path} {}", page.text);
        for item in page.items() {
            let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
            if item.get("@removed").is_some() { told.gone.push(text("id")) } else { told.present.push(text("subject")) }
        }
        let Some(next) = page.body["@odata.nextLink"].as_str() else {
            page.body["@odata.deltaLink"].as_str().unwrap().clone_into(&mut told.link);
            return told;
        };
        next.clone_into(&mut path);
    }
}

async fn round(world: &World, path: &str) -> Told {
    round_with(world, path, &[]).await
}

async fn lasting_round(world: &World, path: &str) -> Told {
    round_with(world, path, &[("prefer", "IdType=\"ImmutableId\"")]).await
}

async fn move_to(world: &World, message: &Value, folder: &str) -> Value {
    let to = Some(json!({ "destinationId": folder }));
    let moved = mail_as(world, BOB, "POST", &format!("{}/move", path_of(message)), to).await;
    assert_eq!(moved.status, 201, "{}", moved.text);
    moved.body
}

#[tokio::test]
async fn a_folder_has_rounds_with_pages_and_links_that_name_it() {
    let world = World::new();
    three(&world).await;
    let small = [("prefer", "odata.maxpagesize=2")];
    let token = world.microsoft.issue_token(BOB, &["Mail.ReadBasic"]).unwrap();
    let first = world.graph_as(&token, "GET", INBOX, &small, None).await;
    assert_eq!(
        (first.items().len(), first.header("preference-applied")),
        (2, "odata.track-changes, odata.maxpagesize=2")
    );
    assert_eq!(first.body["@odata.context"], format!("{BASE}/v1.0/$metadata#Collection(message)"));
    let next = first.body["@odata.nextLink"].as_str().unwrap();
    let inbox = mail_as(&world, BOB, "GET", "/me/mailFolders/inbox", None).await.body;
    assert!(next.contains(&format!("/mailFolders('{}')/messages/delta?$skiptoken=", escaped(id(&inbox)))), "{next}");
    let second = world.graph_as(&token, "GET", next, &small, None).await;
    assert_eq!(texts(second.items(), "subject"), ["Third"]);
    assert!(second.body["@odata.deltaLink"].as_str().unwrap().contains("/messages/delta?$deltatoken="));
    let by_option = mail_as(&world, BOB, "GET", &format!("{INBOX}?$top=1"), None).await;
    assert_eq!(by_option.items().len(), 1);
    let two = mail_as(&world, BOB, "GET", by_option.body["@odata.nextLink"].as_str().unwrap(), None).await;
    assert_eq!(two.items().len(), 1, "the size of pages is in the token");
}

#[tokio::test]
async fn only_what_changed_is_told_and_what_was_selected() {
    let world = World::new();
    three(&world).await;
    let first = round(&world, &format!("{INBOX}?$select=subject,isRead")).await;
    assert_eq!(first.present, ["First", "Second", "Third"]);
    let messages = inbox(&world, BOB).await;
    mail_as(&world, BOB, "PATCH", &path_of(&messages[1]), Some(json!({ "isRead": true }))).await;
    let page = mail_as(&world, BOB, "GET", &first.link, None).await;
    let item = page.items()[0].as_object().unwrap();
    let names: Vec<&String> = item.keys().collect();
    assert_eq!(names, ["@odata.etag", "@odata.type", "id", "isRead", "subject"]);
    assert_eq!((&item["id"], &item["isRead"], page.items().len()), (&messages[1]["id"], &json!(true), 1));
    mail_as(&world, BOB, "DELETE", &path_of(&messages[0]), None).await;
    let next = mail_as(&world, BOB, "GET", page.body["@odata.deltaLink"].as_str().unwrap(), None).await;
    let gone = json!({ "@odata.type": "#microsoft.graph.message", "id": messages[0]["id"], "@removed": { "reason": "deleted" } });
    assert_eq!(next.items(), [gone]);
}

#[tokio::test]
async fn a_moved_message_leaves_one_folder_and_comes_to_another() {
    let world = World::new();
    three(&world).await;
    let (inbox_link, archive_link) = (round(&world, INBOX).await.link, round(&world, ARCHIVE).await.link);
    let message = inbox(&world, BOB).await.remove(0);
    let lasting = lasting_as(&world, BOB, "GET", &path_of(&message), None).await.body;
    let moved = move_to(&world, &message, "archive").await;
    let left = mail_as(&world, BOB, "GET", &inbox_link, None).await;
    assert_eq!((&left.items()[0]["id"], left.items().len()), (&message["id"], 1));
    let came = mail_as(&world, BOB, "GET", &archive_link, None).await;
    assert_eq!((&came.items()[0]["id"], &came.items()[0]["subject"]), (&moved["id"], &json!("Third")));
    // Links go with both forms of ids.
    let left = lasting_as(&world, BOB, "GET", &inbox_link, None).await;
    let came = lasting_as(&world, BOB, "GET", &archive_link, None).await;
    assert_eq!([&left.items()[0]["id"], &came.items()[0]["id"]], [&lasting["id"], &lasting["id"]]);
    assert!(left.items()[0].get("@removed").is_some() && came.items()[0].get("@removed").is_none());
}

#[tokio::test]
async fn a_message_that_left_and_came_back_is_lost_to_immutable_ids_alone() {
    let world = World::new();
    three(&world).await;
    let (by_default, lasting) = (round(&world, INBOX).await.link, lasting_round(&world, INBOX).await.link);
    let message = inbox(&world, BOB).await.remove(0);
    let back = move_to(&world, &move_to(&world, &message, "archive").await, "inbox").await;
    let told = round(&world, &by_default).await;
    assert_eq!((told.present, told.gone), (vec!["Third".to_owned()], vec![id(&message).to_owned()]));
    let told = lasting_round(&world, &lasting).await;
    let lasting_id = lasting_as(&world, BOB, "GET", &path_of(&back), None).await.body["id"].clone();
    assert_eq!((told.present, told.gone), (vec![], vec![lasting_id.as_str().unwrap().to_owned()]));
    let told = lasting_round(&world, &told.link).await;
    assert_eq!((told.present.len(), told.gone.len()), (0, 0), "it does not reappear");
    mail_as(&world, BOB, "PATCH", &path_of(&back), Some(json!({ "isRead": true }))).await;
    assert_eq!(lasting_round(&world, &told.link).await.present, ["Third"]);
}

#[tokio::test]
async fn a_kind_of_change_can_be_asked_for_alone() {
    let world = World::new();
    three(&world).await;
    let mut links = Vec::new();
    for (kind, first) in [("created", 3), ("updated", 0), ("deleted", 0)] {
        let told = round(&world, &format!("{INBOX}?changeType={kind}")).await;
        assert_eq!(told.present.len(), first, "{kind}");
        links.push(told.link);
    }
    let messages = inbox(&world, BOB).await;
    mail_as(&world, BOB, "PATCH", &path_of(&messages[1]), Some(json!({ "isRead": true }))).await;
    mail_as(&world, BOB, "DELETE", &path_of(&messages[0]), None).await;
    meeting(&world, event("Fourth", 13, 9)).await;
    let mut told = Vec::new();
    for link in &links {
        let Told { present, gone, .. } = round(&world, link).await;
        told.push((present, gone.len()));
    }
    assert_eq!(told, [(vec!["Fourth".to_owned()], 0), (vec!["Second".to_owned()], 0), (vec![], 1)]);
}

#[tokio::test]
async fn a_round_can_begin_at_an_instant_and_then_has_a_limit() {
    let world = World::new();
    three(&world).await;
    let filtered = |filter: &str| format!("{INBOX}?$filter={}", escaped(filter));
    let later = round(&world, &filtered("receivedDateTime gt 2026-03-02T12:00:00Z")).await;
    assert_eq!(later.present, ["Second", "Third"]);
    let all = filtered("receivedDateTime ge 2026-03-02T12:00:00Z");
    let newest = round(&world, &format!("{all}&$orderby=receivedDateTime%20desc")).await;
    assert_eq!(newest.present, ["Third", "Second", "First"]);
    let messages = inbox(&world, BOB).await;
    mail_as(&world, BOB, "PATCH", &path_of(&messages[2]), Some(json!({ "isRead": true }))).await;
    assert_eq!(round(&world, &later.link).await.present, [""; 0], "the filter is in the token");
    world.behaviour(json!({ "filteredDeltaMax": 2 })).await;
    assert_eq!(round(&world, &all).await.present.len(), 2);
    assert_eq!(round(&world, INBOX).await.present.len(), 3);
}

#[tokio::test]
async fn what_a_round_cannot_do_is_refused() {
    let world = World::new();
    let table = [
        ("$search=%22x%22", "ErrorInvalidUrlQuery"),
        ("$skip=1", "ErrorInvalidUrlQuery"),
        ("$filter=isRead%20eq%20false", "ErrorInvalidUrlQuery"),
        ("$filter=receivedDateTime%20le%202026-03-02T12:00:00Z", "ErrorInvalidUrlQuery"),
        ("$orderby=subject", "ErrorInvalidUrlQuery"),
        ("$orderby=receivedDateTime", "ErrorInvalidUrlQuery"),
        ("changeType=renamed", "ErrorInvalidParameter"),
        ("$select=nothing", "BadRequest"),
    ];
    for (query, code) in table {
        let refused = mail_as(&world, BOB, "GET", &format!("{INBOX}?{query}"), None).await;
        assert_eq!((refused.status, refused.code()), (400, code), "{query}");
    }
    let denied = world.read_as(BOB, "Calendars.Read", INBOX).await;
    assert_eq!((denied.status, denied.code()), (403, "ErrorAccessDenied"));
}

#[tokio::test]
async fn an_evicted_token_leads_to_a_round_about_the_same() {
    let world = World::new();
    three(&world).await;
    let told = round(&world, &format!("{INBOX}?$select=isRead&changeType=created")).await;
    world.control("POST", "expire", Some(json!({ "what": "deltaTokens" }))).await;
    let gone = mail_as(&world, BOB, "GET", &told.link, None).await;
    assert_eq!((gone.status, gone.code()), (410, "SyncStateNotFound"));
    let fresh = mail_as(&world, BOB, "GET", gone.header("location"), None).await;
    assert_eq!((fresh.status, fresh.items().len()), (200, 3));
    assert!(fresh.items()[0].get("subject").is_none());
    // The link of one folder is none of another.
    let elsewhere = told.link.replace("/messages/delta", "/childFolders/delta");
    assert_eq!(mail_as(&world, BOB, "GET", &elsewhere, None).await.status, 410);
}
