//! Every permission against every kind of request, for users and for
//! applications. What the table says is asked of Graph itself; that the table
//! says the right thing is for the cases of each area, here and beside their
//! subjects.

use std::collections::BTreeSet;

use super::*;
use crate::graph::permissions::Access;

/// A request of each kind: its method, its path behind the mailbox, and its body.
fn requests() -> Vec<(Access, &'static str, &'static str, Option<Value>)> {
    let empty = || Some(json!({}));
    vec![
        (Access::ReadProfile, "GET", "", None),
        (Access::TranslateIds, "POST", "/translateExchangeIds", empty()),
        (Access::ReadSupported, "GET", "/outlook/supportedTimeZones", None),
        (Access::ReadSupported, "GET", "/outlook/supportedLanguages", None),
        (Access::ReadSettings, "GET", "/mailboxSettings", None),
        (Access::ReadSettings, "GET", "/outlook/masterCategories", None),
        (Access::WriteSettings, "PATCH", "/mailboxSettings", empty()),
        (Access::WriteSettings, "POST", "/outlook/masterCategories", empty()),
        (Access::ReadCalendars, "GET", "/calendars", None),
        (Access::ReadCalendars, "GET", "/calendar", None),
        (Access::ReadCalendars, "GET", "/calendarGroups", None),
        (Access::ReadCalendars, "GET", "/calendars/$count", None),
        (Access::ReadSchedules, "POST", "/calendar/getSchedule", empty()),
        (Access::ReadEventsBasic, "GET", "/events", None),
        (Access::ReadEventsBasic, "GET", "/calendar/events/delta?startDateTime=2026-03-01", None),
        (Access::ReadEventsBasic, "GET", "/calendarView?startDateTime=2026-03-01&endDateTime=2026-04-01", None),
        (Access::ReadEvents, "GET", "/events/AAA/attachments", None),
        (Access::ReadEvents, "GET", "/events/AAA/extensions/Com.Contoso", None),
        (Access::ReadEvents, "GET", "/events?$expand=attachments", None),
        (Access::WriteCalendars, "POST", "/events", empty()),
        (Access::WriteCalendars, "POST", "/calendars", empty()),
        (Access::WriteCalendars, "DELETE", "/events/AAA", None),
        (Access::WriteCalendars, "POST", "/events/AAA/accept", empty()),
        (Access::ReadMailBasic, "GET", "/messages", None),
        (Access::ReadMailBasic, "GET", "/mailFolders", None),
        (Access::ReadMailBasic, "GET", "/mailFolders/inbox/messages/delta", None),
        (Access::ReadMail, "GET", "/messages?$search=%22x%22", None),
        (Access::WriteMail, "POST", "/messages", empty()),
        (Access::WriteMail, "POST", "/mailFolders", empty()),
        (Access::SendMail, "POST", "/sendMail", empty()),
        (Access::ReadTasks, "GET", "/todo/lists", None),
        (Access::ReadTasks, "GET", "/todo/lists/delta", None),
        (Access::WriteTasks, "POST", "/todo/lists", empty()),
        (Access::WriteTasks, "DELETE", "/todo/lists/AAA", None),
    ]
}

/// All names in a column.
fn names(column: impl Fn(Access) -> &'static [&'static str]) -> BTreeSet<&'static str> {
    Access::ALL.iter().flat_map(|access| column(*access)).copied().collect()
}

/// An application that was granted one permission for itself.
async fn of_application(world: &World, permission: &str) -> String {
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let application_permissions = Some(vec![permission.to_owned()]);
    let new = NewApp { application_permissions, admin_consented: true, permissions: Vec::new(), ..app() };
    world.microsoft.register_app(new).unwrap();
    let answer = world.form("/contoso.example/oauth2/v2.0/token", &fields).await;
    answer.body["access_token"].as_str().unwrap().to_owned()
}

fn is_denied(answer: &Answer) -> bool {
    assert_ne!(answer.status, 401, "{}", answer.text);
    answer.status == 403
}

#[tokio::test]
async fn a_user_s_token_does_what_its_permission_is_for_and_nothing_else() {
    let world = World::new();
    // Those of applications are nobody's to grant but an administrator's; a token that has one says nothing by it.
    for permission in names(Access::of_user).union(&names(Access::of_application)) {
        let token = world.microsoft.issue_token(ALICE, &[permission]).unwrap();
        for (access, method, path, body) in requests() {
            let answer = world.graph_as(&token, method, &format!("/me{path}"), &[], body).await;
            let allowed = access.of_user().contains(permission);
            assert_eq!(!is_denied(&answer), allowed, "{permission}: {method} {path}: {}", answer.text);
        }
        for (access, path) in [(Access::ReadPeople, "/users"), (Access::ReadOrganization, "/organization")] {
            let answer = world.graph_as(&token, "GET", path, &[], None).await;
            assert_eq!(!is_denied(&answer), access.of_user().contains(permission), "{permission}: {path}");
        }
    }
}

#[tokio::test]
async fn an_application_s_token_does_what_its_role_is_for_and_nothing_else() {
    let world = World::new();
    for permission in names(Access::of_application) {
        let token = of_application(&world, permission).await;
        for (access, method, path, body) in requests() {
            let answer = world.graph_as(&token, method, &format!("/users/{ALICE}{path}"), &[], body).await;
            let allowed = access.of_application().contains(&permission);
            assert_eq!(!is_denied(&answer), allowed, "{permission}: {method} {path}: {}", answer.text);
        }
        for (access, path) in [(Access::ReadPeople, "/users"), (Access::ReadOrganization, "/organization")] {
            let answer = world.graph_as(&token, "GET", path, &[], None).await;
            assert_eq!(!is_denied(&answer), access.of_application().contains(&permission), "{permission}: {path}");
        }
    }
}

#[tokio::test]
async fn roles_have_names_of_their_own_in_every_area() {
    let world = World::new();
    let cases = [
        ("Calendars.ReadBasic.All", "/events", 200),
        ("Calendars.Read", "/events", 200),
        ("Tasks.Read.All", "/todo/lists", 200),
        ("Tasks.ReadWrite.All", "/todo/lists", 200),
        ("Mail.ReadBasic.All", "/messages", 200),
        ("MailboxSettings.Read", "/mailboxSettings", 200),
        ("User.Read.All", "", 200),
        ("User.Read.All", "/outlook/supportedTimeZones", 200),
        ("Directory.Read.All", "", 200),
        ("Directory.Read.All", "/outlook/supportedTimeZones", 403),
        ("User.Read.All", "/events", 403),
        ("Calendars.ReadWrite", "/todo/lists", 403),
        ("Mail.Send", "/messages", 403),
    ];
    for (role, path, status) in cases {
        let token = of_application(&world, role).await;
        let answer = world.graph_as(&token, "GET", &format!("/users/{ALICE}{path}"), &[], None).await;
        assert_eq!(answer.status, status, "{role} {path}: {}", answer.text);
    }
    // For a user it is the other way round.
    for (scope, path, status) in [
        ("Tasks.Read", "/todo/lists", 200),
        ("Tasks.Read.All", "/todo/lists", 403),
        ("Calendars.ReadBasic.All", "/events", 403),
        ("User.ReadBasic.All", "", 200),
        ("Mail.ReadBasic.All", "/messages", 403),
    ] {
        assert_eq!(world.read_as(ALICE, scope, &format!("/me{path}")).await.status, status, "{scope} {path}");
    }
}

#[tokio::test]
async fn the_basic_permission_shows_the_outside_of_events_only() {
    let world = World::new();
    let mut secret = event("Talk", 10, 9);
    secret["body"] = json!({ "contentType": "text", "content": "Secret" });
    let made = world.create(secret).await;
    let one = format!("/me/events/{}", id(&made));
    let round = "/me/calendarView/delta?startDateTime=2026-03-01&endDateTime=2026-04-01";
    for path in ["/me/events", &one, round] {
        let basic = world.read_as(ALICE, "Calendars.ReadBasic", path).await;
        assert!(basic.status == 200 && basic.text.contains("Talk"), "{path}: {}", basic.text);
        assert!(!basic.text.contains("Secret") && !basic.text.contains("bodyPreview"), "{path}: {}", basic.text);
        assert!(world.read_as(ALICE, "Calendars.Read", path).await.text.contains("Secret"), "{path}");
    }
}
