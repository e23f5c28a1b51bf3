//! What the basic permissions leave out cannot be asked for in another way: no
//! option of a request, and no filter of a subscription, tells what is in it
//! (concepts/permissions-reference, `Calendars.ReadBasic`, `Mail.ReadBasic`).

use super::subscriptions::{Endpoint, wish};
use super::*;

const LINK: &str = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name link";

/// Whether an item has an extended property of a value.
fn linked(value: &str) -> String {
    format!("singleValueExtendedProperties/any(ep: ep/id eq '{LINK}' and ep/value eq '{value}')")
}

/// An event or a message that has what is left out.
async fn make(world: &World, path: &str, scope: &str) -> String {
    let mut item = if path == "/me/events" { event("Talk", 10, 9) } else { json!({ "subject": "Talk" }) };
    item["body"] = json!({ "contentType": "text", "content": "Secret" });
    item["singleValueExtendedProperties"] = json!([{ "id": LINK, "value": "17" }]);
    let token = world.microsoft.issue_token(ALICE, &[scope]).unwrap();
    let made = world.graph_as(&token, "POST", path, &[], Some(item)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    id(&made.body).to_owned()
}

/// Options that tell something of it.
fn telling() -> Vec<(&'static str, String)> {
    let filters = [
        linked("17"),
        linked("18"),
        format!("subject eq 'Talk' and not ({})", linked("18")),
        "contains(body/content,'Secret')".to_owned(),
        "startsWith(BodyPreview, 'S')".to_owned(),
        "bodyPreview ge 'S'".to_owned(),
        "attachments/any(a:a/name eq 'x')".to_owned(),
        "Extensions/any(f:f/id eq 'Com.Contoso')".to_owned(),
        "multiValueExtendedProperties/any(ep:ep/id eq 'x')".to_owned(),
    ];
    let mut telling: Vec<(&str, String)> = filters.map(|filter| ("$filter", filter)).into();
    telling.push(("$orderby", "bodyPreview desc".to_owned()));
    telling.push(("$orderby", "body/content".to_owned()));
    telling.push(("$expand", format!("singleValueExtendedProperties($filter=id eq '{LINK}')")));
    telling
}

/// Options that name nothing of it, whatever their texts say.
const HARMLESS: [&str; 3] =
    ["subject eq 'Talk'", "subject ne 'the body'", "contains(subject,'it''s bodyPreview, attachments')"];

#[tokio::test]
async fn no_option_of_a_list_tells_what_is_left_out() {
    let world = World::new();
    make(&world, "/me/events", "Calendars.ReadWrite").await;
    make(&world, "/me/messages", "Mail.ReadWrite").await;
    let view = "/me/calendarView?startDateTime=2026-03-01&endDateTime=2026-04-01&";
    let cases = [
        ("Calendars.ReadBasic", "Calendars.Read", vec!["/me/events?", "/me/events/$count?", view]),
        (
            "Mail.ReadBasic",
            "Mail.Read",
            vec!["/me/messages?", "/me/messages/$count?", "/me/mailFolders/drafts/messages?"],
        ),
    ];
    for (basic, full, paths) in cases {
        for path in paths {
            let counts = path.contains("$count");
            for (option, value) in telling().into_iter().filter(|(option, _)| !counts || *option == "$filter") {
                let path = format!("{path}{option}={}", escaped(&value));
                let denied = world.read_as(ALICE, basic, &path).await;
                assert_eq!((denied.status, denied.code()), (403, "ErrorAccessDenied"), "{path}: {}", denied.text);
                assert_ne!(world.read_as(ALICE, full, &path).await.status, 403, "{path}");
            }
            for filter in HARMLESS {
                let path = format!("{path}$filter={}", escaped(filter));
                let seen = world.read_as(ALICE, basic, &path).await;
                assert_eq!(seen.status, 200, "{path}: {}", seen.text);
            }
        }
    }
}

/// The changed days of a series are events like others: their outside is shown.
#[tokio::test]
async fn changed_days_are_expanded_without_what_is_left_out() {
    let world = World::new();
    let mut series = daily(3);
    series["body"] = json!({ "contentType": "text", "content": "Secret" });
    let series = world.create(series).await;
    let days = world.instances(id(&series)).await;
    world.patch(id(&days[0]), json!({ "subject": "Once" })).await;
    let path = |options: &str| {
        let expand = format!("$expand=exceptionOccurrences{}", escaped(options));
        format!("/me/events/{}?$select=subject,exceptionOccurrences&{expand}", id(&series))
    };
    for options in ["", "($select=subject)", "($select=subject,body)"] {
        let seen = world.read_as(ALICE, "Calendars.ReadBasic", &path(options)).await;
        let day = &seen.body["exceptionOccurrences"][0];
        assert_eq!((seen.status, &day["subject"]), (200, &json!("Once")), "{}", seen.text);
        assert!(!seen.text.contains("Secret") && day.get("body").is_none(), "{}", seen.text);
    }
    for options in [
        "($expand=attachments)",
        "($select=subject;$expand=extensions)",
        "($filter=contains(bodyPreview,'S'))",
        ",attachments",
    ] {
        let denied = world.read_as(ALICE, "Calendars.ReadBasic", &path(options)).await;
        assert_eq!((denied.status, denied.code()), (403, "ErrorAccessDenied"), "{options}: {}", denied.text);
    }
}

/// What there is not, and what is not emulated, is said to everybody alike.
#[tokio::test]
async fn a_basic_permission_changes_nothing_about_what_does_not_exist() {
    let world = World::new();
    let event = make(&world, "/me/events", "Calendars.ReadWrite").await;
    let message = make(&world, "/me/messages", "Mail.ReadWrite").await;
    let events = ["/me/events".to_owned(), format!("/me/events/{event}")];
    let messages = ["/me/messages".to_owned(), format!("/me/messages/{message}")];
    let cases = [
        ("Calendars.ReadBasic", &events, "calendar", 501),
        ("Calendars.ReadBasic", &events, "calendar($select=name)", 501),
        ("Calendars.ReadBasic", &events, "instances", 501),
        ("Calendars.ReadBasic", &events, "nonsense", 400),
        ("Calendars.ReadBasic", &events, "Attachments", 403),
        ("Mail.ReadBasic", &messages, "nonsense", 400),
        ("Mail.ReadBasic", &messages, "microsoft.graph.eventMessage/nonsense", 400),
        ("Mail.ReadBasic", &messages, "microsoft.graph.eventMessage/event", 403),
        ("Mail.ReadBasic", &messages, "extensions", 403),
    ];
    for (scope, paths, expand, status) in cases {
        for path in paths {
            let answer = world.read_as(ALICE, scope, &format!("{path}?$expand={}", escaped(expand))).await;
            assert_eq!(answer.status, status, "{path} {expand}: {}", answer.text);
        }
    }
}

/// The event behind an invitation is an event like others for who may read the
/// outside of events, and belongs to the mail for who may read mails alone
/// (api/eventmessage-get).
#[tokio::test]
async fn the_event_behind_a_mail_is_shown_as_the_permission_on_events_says() {
    let world = World::new();
    let mut meeting = event("Talk", 10, 9);
    meeting["body"] = json!({ "contentType": "text", "content": "Secret" });
    meeting["attendees"] = json!([guest(BOB)]);
    world.create(meeting).await;
    let invitation = world.read_as(BOB, "Mail.Read", "/me/messages").await.items()[0].clone();
    let message = format!("/me/messages/{}", id(&invitation));
    let cast = "microsoft.graph.eventMessage/event";
    for (scopes, has_body, inside) in
        [(["Mail.Read", "Calendars.ReadBasic"], false, 403), (["Mail.Read", "Mail.ReadBasic"], true, 200)]
    {
        let token = world.microsoft.issue_token(BOB, &scopes).unwrap();
        let get = async |path: String| world.graph_as(&token, "GET", &path, &[], None).await;
        for path in [format!("{message}?$expand={cast}"), format!("/me/messages?$expand={cast}")] {
            let answer = get(path).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            let mail = answer.items().first().unwrap_or(&answer.body);
            assert!(mail["body"]["content"].as_str().unwrap().contains("Secret"), "{mail}");
            assert_eq!(mail["event"].get("body").is_some(), has_body, "{scopes:?}: {mail}");
            assert_eq!(mail["event"]["subject"], "Talk", "{mail}");
        }
        let event = get(format!("{message}/{cast}")).await;
        assert_eq!((event.status, event.text.contains("Secret")), (200, has_body), "{scopes:?}: {}", event.text);
        for options in ["$expand=attachments,extensions", "$expand=exceptionOccurrences($expand=attachments)"] {
            let expand = escaped(&format!("{cast}({options})"));
            let path = options.replacen("$expand=", "", 1);
            for path in [
                format!("{message}?$expand={expand}"),
                format!("/me/messages?$expand={expand}"),
                format!("{message}/{cast}?$expand={}", escaped(&path)),
            ] {
                let answer = get(path.clone()).await;
                assert_eq!(answer.status, inside, "{scopes:?} {path}: {}", answer.text);
            }
        }
    }
}

#[tokio::test]
async fn an_application_learns_no_more_than_a_user() {
    let world = World::new();
    make(&world, "/me/events", "Calendars.ReadWrite").await;
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let path = format!("/users/{ALICE}/events?$filter={}", escaped(&linked("17")));
    for (role, status) in [("Calendars.ReadBasic.All", 403), ("Calendars.Read", 200)] {
        let application_permissions = Some(vec![role.to_owned()]);
        world.microsoft.register_app(NewApp { application_permissions, admin_consented: true, ..app() }).unwrap();
        let answer = world.form("/contoso.example/oauth2/v2.0/token", &fields).await;
        let token = answer.body["access_token"].as_str().unwrap();
        assert_eq!(world.graph_as(token, "GET", &path, &[], None).await.status, status, "{role}");
    }
}

#[tokio::test]
async fn no_subscription_tells_what_is_left_out() {
    let world = World::new();
    let endpoint = Endpoint::new().await;
    let [basic, full] =
        ["Mail.ReadBasic", "Mail.Read"].map(|scope| world.microsoft.issue_token(ALICE, &[scope]).unwrap());
    let resource = format!("me/messages?$filter={}", linked("17"));
    let post = async |token: &str, resource: &str| {
        world.graph_as(token, "POST", "/subscriptions", &[], Some(wish(&endpoint, resource))).await
    };
    let denied = post(&basic, &resource).await;
    assert_eq!((denied.status, denied.code()), (403, "ExtensionError"), "{}", denied.text);
    assert_eq!(post(&basic, "me/messages?$filter=subject eq 'the body'").await.status, 201);
    let made = post(&full, &resource).await;
    assert_eq!(made.status, 201, "{}", made.text);
    // Nor does one that is renewed with less than it was made with.
    let path = format!("/subscriptions/{}", id(&made.body));
    let later = json!({ "expirationDateTime": "2026-03-02T15:00:00Z" });
    for (token, patched, renewed) in [(&basic, 403, 403), (&full, 200, 204)] {
        let answer = world.graph_as(token, "PATCH", &path, &[], Some(later.clone())).await;
        assert_eq!(answer.status, patched, "{}", answer.text);
        let answer = world.graph_as(token, "POST", &format!("{path}/reauthorize"), &[], None).await;
        assert_eq!(answer.status, renewed, "{}", answer.text);
    }
    assert_eq!(world.graph_as(&basic, "GET", &path, &[], None).await.status, 200);
    assert_eq!(world.graph_as(&basic, "DELETE", &path, &[], None).await.status, 204);
}
