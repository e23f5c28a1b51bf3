//! Query options: which are understood where, and what becomes of the others.

use super::*;

const WINDOW: &str = "startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z";

const SCOPES: [&str; 7] = [
    "User.Read",
    "User.Read.All",
    "Calendars.ReadWrite",
    "Tasks.ReadWrite",
    "MailboxSettings.Read",
    "Mail.ReadWrite",
    "Mail.Send",
];

/// A world whose application may read everything that is here.
fn open_world() -> World {
    let world = World::new();
    let token = world.microsoft.issue_token(ALICE, &SCOPES).unwrap();
    World { token, ..world }
}

async fn made(world: &World, path: &str, body: Value) -> Value {
    let answer = world.post(path, body).await;
    assert!(matches!(answer.status, 200 | 201), "{path}: {}", answer.text);
    answer.body
}

fn file() -> Value {
    json!({ "@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentType": "text/plain", "contentBytes": "aGVsbG8=" })
}

fn extension() -> Value {
    json!({ "@odata.type": "microsoft.graph.openTypeExtension", "extensionName": "com.example.crm", "number": 1 })
}

/// A path of each kind below calendars.
async fn calendar_paths(world: &World) -> Vec<(&'static str, String)> {
    let single = world.create(event("Talk", 10, 9)).await;
    let series = world.create(daily(3)).await;
    let single = format!("/me/events/{}", id(&single));
    let group = id(&world.get("/me/calendarGroups").await.items()[0]).to_owned();
    let attachment = id(&made(world, &format!("{single}/attachments"), file()).await).to_owned();
    made(world, &format!("{single}/extensions"), extension()).await;
    vec![
        ("events", "/me/events?".to_owned()),
        ("events count", "/me/events/$count?".to_owned()),
        ("view", format!("/me/calendarView?{WINDOW}&")),
        ("instances", format!("/me/events/{}/instances?{WINDOW}&", id(&series))),
        ("event", format!("{single}?")),
        ("event's calendar", format!("{single}/calendar?")),
        ("calendars", "/me/calendars?".to_owned()),
        ("calendar", "/me/calendar?".to_owned()),
        ("groups", "/me/calendarGroups?".to_owned()),
        ("group", format!("/me/calendarGroups/{group}?")),
        ("attachments", format!("{single}/attachments?")),
        ("attachment", format!("{single}/attachments/{attachment}?")),
        ("its content", format!("{single}/attachments/{attachment}/$value?")),
        ("extensions", format!("{single}/extensions?")),
        ("extension", format!("{single}/extensions/com.example.crm?")),
        ("view delta", format!("/me/calendarView/delta?{WINDOW}&")),
        ("events delta", "/me/events/delta?".to_owned()),
    ]
}

/// A path of each kind below tasks.
async fn task_paths(world: &World) -> Vec<(&'static str, String)> {
    let list = id(&world.get("/me/todo/lists").await.items()[0]).to_owned();
    let tasks = format!("/me/todo/lists/{list}/tasks");
    let task = format!("{tasks}/{}", id(&made(world, &tasks, json!({ "title": "Do" })).await));
    let of_task = |path: &str| format!("{task}/{path}");
    let attachment = json!({ "@odata.type": "#microsoft.graph.taskFileAttachment", "name": "a.txt", "contentType": "text/plain", "contentBytes": "aGVsbG8=" });
    let attachment = id(&made(world, &of_task("attachments"), attachment).await).to_owned();
    let item = id(&made(world, &of_task("checklistItems"), json!({ "displayName": "One" })).await).to_owned();
    made(world, &of_task("extensions"), extension()).await;
    made(world, &format!("/me/todo/lists/{list}/extensions"), extension()).await;
    let upload = json!({ "attachmentInfo": { "attachmentType": "file", "name": "b", "size": 4_000_000 } });
    made(world, &of_task("attachments/createUploadSession"), upload).await;
    let session = id(&world.get(&of_task("attachmentSessions")).await.items()[0]).to_owned();
    vec![
        ("lists", "/me/todo/lists?".to_owned()),
        ("list", format!("/me/todo/lists/{list}?")),
        ("tasks", format!("{tasks}?")),
        ("task", format!("{task}?")),
        ("checklist", of_task("checklistItems?")),
        ("checklist count", of_task("checklistItems/$count?")),
        ("checklist item", of_task(&format!("checklistItems/{item}?"))),
        ("linked", of_task("linkedResources?")),
        ("task's files", of_task("attachments?")),
        ("task's file", of_task(&format!("attachments/{attachment}?"))),
        ("its content", of_task(&format!("attachments/{attachment}/$value?"))),
        ("sessions", of_task("attachmentSessions?")),
        ("session", of_task(&format!("attachmentSessions/{session}?"))),
        ("task's data", of_task("extensions?")),
        ("one of them", of_task("extensions/com.example.crm?")),
        ("their count", of_task("extensions/$count?")),
        ("list's data", format!("/me/todo/lists/{list}/extensions?")),
        ("lists delta", "/me/todo/lists/delta?".to_owned()),
        ("tasks delta", format!("{tasks}/delta?")),
    ]
}

/// A path of each kind below mail.
async fn mail_paths(world: &World) -> Vec<(&'static str, String)> {
    let message = format!("/me/messages/{}", id(&made(world, "/me/messages", json!({ "subject": "Hello" })).await));
    let of_message = |path: &str| format!("{message}/{path}");
    let attachment = id(&made(world, &of_message("attachments"), file()).await).to_owned();
    made(world, &of_message("extensions"), extension()).await;
    let mut meeting = event("Meeting", 11, 9);
    meeting["attendees"] = json!([guest(BOB)]);
    world.create(meeting).await;
    let invitation = id(&world.get("/me/mailFolders/sentitems/messages").await.items()[0]).to_owned();
    vec![
        ("messages", "/me/messages?".to_owned()),
        ("of a folder", "/me/mailFolders/drafts/messages?".to_owned()),
        ("message count", "/me/messages/$count?".to_owned()),
        ("message", format!("{message}?")),
        ("MIME", of_message("$value?")),
        ("its event", format!("/me/messages/{invitation}/microsoft.graph.eventMessage/event?")),
        ("folders", "/me/mailFolders?".to_owned()),
        ("folder count", "/me/mailFolders/$count?".to_owned()),
        ("child folders", "/me/mailFolders/inbox/childFolders?".to_owned()),
        ("folder", "/me/mailFolders/inbox?".to_owned()),
        ("attachments", of_message("attachments?")),
        ("attachment count", of_message("attachments/$count?")),
        ("attachment", of_message(&format!("attachments/{attachment}?"))),
        ("its content", of_message(&format!("attachments/{attachment}/$value?"))),
        ("extensions", of_message("extensions?")),
        ("extension", of_message("extensions/com.example.crm?")),
        ("messages delta", "/me/mailFolders/inbox/messages/delta?".to_owned()),
        ("folders delta", "/me/mailFolders/delta?".to_owned()),
    ]
}

/// A path of each kind about people and settings.
fn other_paths() -> Vec<(&'static str, String)> {
    vec![
        ("me", "/me?".to_owned()),
        ("people", "/users?".to_owned()),
        ("organisation", "/organization?".to_owned()),
        ("settings", "/me/mailboxSettings?".to_owned()),
        ("zones", "/me/outlook/supportedTimeZones?".to_owned()),
        ("categories", "/me/outlook/masterCategories?".to_owned()),
        ("subscriptions", "/subscriptions?".to_owned()),
    ]
}

/// What is answered to each of the options: `y` done, `n` refused as the service
/// does, `-` not here.
async fn line(world: &World, name: &str, path: &str, options: &[(&str, &str)]) -> String {
    let mut line = String::new();
    for (option, value) in options {
        let answer = world.get(&format!("{path}{}={}", escaped(option), escaped(value))).await;
        line.push(match answer.status {
            200 => 'y',
            400 => 'n',
            501 => '-',
            other => panic!("{name} {option}: {other} {}", answer.text),
        });
    }
    line
}

const OPTIONS: [(&str, &str); 10] = [
    ("$select", "id"),
    ("$expand", "nothing"),
    ("$filter", "id eq 'x'"),
    ("$top", "1"),
    ("$skip", "1"),
    ("$orderby", "nothing"),
    ("$count", "true"),
    ("$search", "\"x\""),
    ("$apply", "x"),
    ("select", "id"),
];

async fn assert_lines(world: &World, paths: &[(&str, String)], table: &[(&str, &str)]) {
    let mut seen = Vec::new();
    for (name, path) in paths {
        seen.push((*name, line(world, name, path, &OPTIONS).await));
    }
    let seen: Vec<(&str, &str)> = seen.iter().map(|(name, line)| (*name, line.as_str())).collect();
    assert_eq!(seen, table);
}

#[tokio::test]
async fn no_option_of_calendars_is_passed_over_in_silence() {
    let world = open_world();
    let table = [
        ("events", "ynnyy-ynn-"),
        ("events count", "nnnnnnnnn-"),
        ("view", "ynnyy-ynn-"),
        ("instances", "ynnyy-ynn-"),
        ("event", "ynnnnnnnn-"),
        ("event's calendar", "y-nnnnnnn-"),
        ("calendars", "y-nyy-ynn-"),
        ("calendar", "y-nnnnnnn-"),
        ("groups", "y-nyy-ynn-"),
        ("group", "y-nnnnnnn-"),
        ("attachments", "yn-yy-ynn-"),
        ("attachment", "ynnnnnnnn-"),
        ("its content", "nnnnnnnnn-"),
        ("extensions", "---yy-ynn-"),
        ("extension", "--nnnnnnn-"),
        ("view delta", "nnnnnnnnn-"),
        ("events delta", "----n-nnn-"),
    ];
    assert_lines(&world, &calendar_paths(&world).await, &table).await;
}

#[tokio::test]
async fn no_option_of_tasks_is_passed_over_in_silence() {
    let world = open_world();
    let table = [
        ("lists", "y--yy-ynn-"),
        ("list", "y------nn-"),
        ("tasks", "n--yy-ynn-"),
        ("task", "n------nn-"),
        ("checklist", "---yy-ynn-"),
        ("checklist count", "nn-nnnnnn-"),
        ("checklist item", "-------nn-"),
        ("linked", "---yy-ynn-"),
        ("task's files", "---yy-ynn-"),
        ("task's file", "-------nn-"),
        ("its content", "-------nn-"),
        ("sessions", "---yy-ynn-"),
        ("session", "-------nn-"),
        ("task's data", "---yy-ynn-"),
        ("one of them", "--nnnnnnn-"),
        ("their count", "nn-nnnnnn-"),
        ("list's data", "---yy-ynn-"),
        ("lists delta", "-------nn-"),
        ("tasks delta", "n------nn-"),
    ];
    assert_lines(&world, &task_paths(&world).await, &table).await;
}

#[tokio::test]
async fn no_option_of_mail_is_passed_over_in_silence() {
    let world = open_world();
    let table = [
        ("messages", "ynnyy-yyn-"),
        ("of a folder", "ynnyy-yyn-"),
        ("message count", "nnnnnnnyn-"),
        ("message", "ynnnnnnnn-"),
        ("MIME", "nnnnnnnnn-"),
        ("its event", "ynnnnnnnn-"),
        ("folders", "yn-yy-ynn-"),
        ("folder count", "nn-nnnnnn-"),
        ("child folders", "yn-yy-ynn-"),
        ("folder", "ynnnnnnnn-"),
        ("attachments", "yn-yy-ynn-"),
        ("attachment count", "nn-nnnnnn-"),
        ("attachment", "ynnnnnnnn-"),
        ("its content", "nnnnnnnnn-"),
        ("extensions", "---yy-ynn-"),
        ("extension", "--nnnnnnn-"),
        ("messages delta", "ynnynnnnn-"),
        ("folders delta", "ynnynnnnn-"),
    ];
    assert_lines(&world, &mail_paths(&world).await, &table).await;
}

#[tokio::test]
async fn no_option_about_people_and_settings_is_passed_over_in_silence() {
    let world = open_world();
    let table = [
        ("me", "y-nnnnnnn-"),
        ("people", "y-yyn-ynn-"),
        ("organisation", "nnnnnnnnn-"),
        ("settings", "nnnnnnnnn-"),
        ("zones", "nnnnnnnnn-"),
        ("categories", "ynnyy-ynn-"),
        ("subscriptions", "--------n-"),
    ];
    assert_lines(&world, &other_paths(), &table).await;
}

#[tokio::test]
async fn an_option_stands_once() {
    let world = World::new();
    let answer = world.get("/me/events?$top=1&$top=2").await;
    assert_eq!((answer.status, answer.code()), (400, "BadRequest"));
    assert_eq!(world.get("/me/events?mine=1&mine=2").await.status, 200);
}

#[tokio::test]
async fn collections_are_counted_with_their_filter() {
    let world = World::new();
    calendar_paths(&world).await;
    let paths = task_paths(&world).await;
    let task = paths.iter().find(|(name, _)| *name == "task").unwrap().1.trim_end_matches('?').to_owned();
    let cases = [
        ("/me/events/$count".to_owned(), "2"),
        (format!("/me/events/$count?$filter={}", escaped("subject eq 'Talk'")), "1"),
        (format!("/me/calendarView/$count?{WINDOW}"), "4"),
        ("/me/calendar/events/$count".to_owned(), "2"),
        ("/me/calendars/$count".to_owned(), "1"),
        (format!("{task}/checklistItems/$count"), "1"),
    ];
    for (path, count) in cases {
        let answer = world.get(&path).await;
        assert_eq!((answer.text.as_str(), answer.header("content-type")), (count, "text/plain"), "{path}");
    }
}

#[tokio::test]
async fn names_that_a_type_does_not_have_cannot_be_selected() {
    let world = open_world();
    let list = id(&world.get("/me/todo/lists").await.items()[0]).to_owned();
    let cases = [
        ("/me/calendars".to_owned(), "name", "calendar"),
        ("/me/calendar".to_owned(), "NAME", "calendar"),
        ("/me/calendarGroups".to_owned(), "classId", "calendarGroup"),
        ("/me/outlook/masterCategories".to_owned(), "color", "outlookCategory"),
        ("/me/mailboxSettings".to_owned(), "timeZone", "mailboxSettings"),
        ("/me/todo/lists".to_owned(), "isOwner", "todoTaskList"),
        (format!("/me/todo/lists/{list}"), "*", "todoTaskList"),
        ("/me/mailFolders".to_owned(), "isHidden", "mailFolder"),
    ];
    for (path, known, type_name) in cases {
        assert_eq!(world.get(&format!("{path}?$select={known}")).await.status, 200, "{path}");
        let refused = world.get(&format!("{path}?$select={known},colour")).await;
        let expected = format!("Could not find a property named 'colour' on type 'microsoft.graph.{type_name}'.");
        assert!(refused.status == 400 && refused.text.contains(&expected), "{path}: {}", refused.text);
    }
    let whole = world.get(&format!("/me/todo/lists/{list}?$select=*")).await;
    assert!(whole.body["displayName"].is_string(), "{}", whole.text);
}
