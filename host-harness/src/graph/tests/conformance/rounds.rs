//! Rounds whose links, tokens and items are those of another one.

use super::answers::Answered;
use super::*;
use crate::graph::conformance::{View, examine_answer, examine_token};

const MARCH: &str = "startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z";
const MAY: &str = "startDateTime=2026-05-01T00:00:00Z&endDateTime=2026-06-01T00:00:00Z";

/// The path behind a link of an answer.
fn behind(answered: &Answered, name: &str) -> String {
    let link = answered.body[name].as_str().unwrap_or_else(|| panic!("no {name} in {}", answered.body));
    link.strip_prefix(BASE).unwrap().strip_prefix("/v1.0").unwrap().to_owned()
}

fn token(link: &str) -> &str {
    link.split_once("token=").unwrap().1
}

/// Somebody with another calendar, another list of tasks, and the right to everything
/// that rounds are about: the paths of the two.
async fn furnished() -> (World, String, String) {
    let mut world = World::new();
    let scopes = ["Calendars.ReadWrite", "Tasks.ReadWrite", "Mail.ReadWrite"];
    world.token = world.microsoft.issue_token(ALICE, &scopes).unwrap();
    let calendar = world.post("/me/calendars", json!({ "name": "Project" })).await.body;
    let list = world.post("/me/todo/lists", json!({ "displayName": "Project" })).await.body;
    let (calendar, list) = (escaped(id(&calendar)), escaped(id(&list)));
    (world, format!("/me/calendars/{calendar}"), format!("/me/todo/lists/{list}"))
}

/// Each round and another one, which differ in one thing.
async fn pairs(world: &World, calendar: &str, list: &str) -> Vec<(String, String)> {
    let lists = world.get("/me/todo/lists").await;
    let first = format!("/me/todo/lists/{}/tasks/delta", escaped(id(&lists.items()[0])));
    let drafts = "/me/mailFolders/drafts/messages/delta";
    let of = |one: &str, other: &str| (one.to_owned(), other.to_owned());
    vec![
        of(&format!("/me/calendarView/delta?{MARCH}"), &format!("/me/calendarView/delta?{MAY}")),
        of(&format!("/me/calendarView/delta?{MARCH}"), &format!("{calendar}/calendarView/delta?{MARCH}")),
        of(&format!("/me/calendarView/delta?{MARCH}"), "/me/events/delta"),
        of("/me/events/delta", "/me/events/delta?startDateTime=2026-03-01T00:00:00Z"),
        of(&first, &format!("{list}/tasks/delta")),
        of(&first, &format!("{first}?$expand=checklistItems")),
        of("/me/todo/lists/delta", &first),
        of(drafts, "/me/mailFolders/inbox/messages/delta"),
        of(drafts, &format!("{drafts}?$select=subject")),
        of(&format!("{drafts}?$select=isRead"), &format!("{drafts}?$select=subject")),
        of(drafts, &format!("{drafts}?$filter=receivedDateTime ge 2026-03-01T00:00:00Z").replace(' ', "%20")),
        of(drafts, &format!("{drafts}?changeType=updated")),
        of("/me/mailFolders/delta", "/me/mailFolders/delta?$select=displayName"),
    ]
}

/// With its path, and with its token alone.
#[tokio::test]
async fn a_link_into_another_round_is_found() {
    let (world, calendar, list) = furnished().await;
    for (one, other) in pairs(&world, &calendar, &list).await {
        let begun = Answered::to(&world, "GET", &one, None).await;
        let further = Answered::to(&world, "GET", &behind(&begun, "@odata.deltaLink"), None).await;
        let other = behind(&Answered::to(&world, "GET", &other, None).await, "@odata.deltaLink");
        for mut answered in [begun, further] {
            answered.view.rounds = world.microsoft.lock().state.conformance.rounds.clone();
            let own = behind(&answered, "@odata.deltaLink");
            for wrong in [other.clone(), own.replace(token(&own), token(&other))] {
                let wrong = Some(json!(format!("{BASE}/v1.0{wrong}")));
                answered.has(&[("/@odata.deltaLink", wrong, What::WrongAnnotation, "@odata.deltaLink")]);
            }
        }
    }
}

#[tokio::test]
async fn a_link_that_says_something_else_of_its_round_is_found() {
    let (world, ..) = furnished().await;
    let begun = Answered::to(&world, "GET", "/me/mailFolders/drafts/messages/delta?$select=subject", None).await;
    let further = Answered::to(&world, "GET", &behind(&begun, "@odata.deltaLink"), None).await;
    for answered in [begun, further] {
        let link = answered.body["@odata.deltaLink"].as_str().unwrap();
        // What it was begun with may be repeated.
        let repeated = json!(format!("{link}&$select=subject"));
        assert_eq!(answered.examined(|body| body["@odata.deltaLink"] = repeated), []);
        for wrong in ["$select=body", "$top=1"] {
            let wrong = Some(json!(format!("{link}&{wrong}")));
            answered.has(&[("/@odata.deltaLink", wrong, What::WrongAnnotation, "@odata.deltaLink")]);
        }
    }
}

#[tokio::test]
async fn a_request_with_the_token_of_another_collection_is_found() {
    let (world, calendar, list) = furnished().await;
    for (one, other) in pairs(&world, &calendar, &list).await {
        let link = behind(&Answered::to(&world, "GET", &one, None).await, "@odata.deltaLink");
        let other = Answered::to(&world, "GET", &other, None).await;
        let its = behind(&other, "@odata.deltaLink");
        let asked = |path: &str| found(&examine_token(&call("GET", path, None), &other.view)).len();
        assert_eq!((asked(&link), asked(&its)), (0, 0), "as it is");
        let is_elsewhere = one.split('?').next() != its_path(&other);
        let mixed = its.replace(token(&its), token(&link));
        assert_eq!(asked(&mixed), usize::from(is_elsewhere), "{mixed}");
    }
    // The same collection of somebody else.
    let round = Answered::to(&world, "GET", "/me/events/delta", None).await;
    let elsewhere = format!("/users/{BOB}/events/delta?$deltatoken={}", token(&behind(&round, "@odata.deltaLink")));
    let view = View { owner: person(&world, BOB), ..round.view };
    assert_eq!(found(&examine_token(&call("GET", &elsewhere, None), &view)), [(What::WrongOption, "query")]);
}

/// The path that a round was begun with, and not where its links lead.
fn its_path(answered: &Answered) -> Option<&str> {
    answered.call.path.strip_prefix("/v1.0")
}

/// A token that nobody saw before may stand for anything. What comes of it may not.
#[tokio::test]
async fn items_out_of_the_window_of_their_round_are_found() {
    let (world, ..) = furnished().await;
    world.create(event("Talk", 10, 9)).await;
    world.create(daily(3)).await;
    let path = format!("/me/calendarView/delta?{MARCH}");
    let begun = Answered::to(&world, "GET", &path, None).await;
    let link = behind(&begun, "@odata.deltaLink");
    world.create(event("Another", 11, 9)).await;
    let further = Answered::to(&world, "GET", &link, None).await;
    for answered in [begun, further] {
        let items = answered.body["value"].as_array().unwrap();
        let (mut later, mut earlier) = (answered.body.clone(), answered.body.clone());
        let at = items.iter().position(|item| item["type"] == "singleInstance").unwrap();
        later["value"][at]["start"]["dateTime"] = json!("2026-04-01T00:30:00.0000000");
        later["value"][at]["end"]["dateTime"] = json!("2026-04-01T01:30:00.0000000");
        earlier["value"][at]["start"]["dateTime"] = json!("2026-02-27T09:00:00.0000000");
        earlier["value"][at]["end"]["dateTime"] = json!("2026-02-27T10:00:00.0000000");
        for outside in [later, earlier] {
            let violations = answered.examined(|body| *body = outside);
            assert_eq!(found(&violations), [(What::WrongAnswer, "value[]")]);
        }
    }
}

/// The emulator has it in its tokens what a round selects. Here they say another thing
/// than the request that was seen.
#[tokio::test]
async fn what_a_round_selects_is_not_taken_from_its_token() {
    let (world, ..) = furnished().await;
    let round = async |select: &str| {
        let path = format!("/me/mailFolders/drafts/messages/delta?$select={select}");
        behind(&Answered::to(&world, "GET", &path, None).await, "@odata.deltaLink")
    };
    let (of_subjects, of_flags) = (round("subject").await, round("isRead").await);
    assert_eq!(world.post("/me/messages", json!({ "subject": "a" })).await.status, 201);
    let mut of_subjects = Answered::to(&world, "GET", &of_subjects, None).await;
    assert_eq!(of_subjects.examined(|_| {}), []);
    // As if it were the answer to the other one.
    of_subjects.call = call("GET", &of_flags, None);
    let expected = [(What::MissingProperty, "value[]"), (What::UnaskedProperty, "value[].subject")];
    let violations = of_subjects.examined(|_| {});
    assert!(expected.iter().all(|one| found(&violations).contains(one)), "{violations:?}");
}

#[tokio::test]
async fn a_refusal_that_leads_to_another_round_is_found() {
    let (world, ..) = furnished().await;
    let path = format!("/me/calendarView/delta?{MARCH}");
    let link = behind(&Answered::to(&world, "GET", &path, None).await, "@odata.deltaLink");
    world.control("POST", "expire", Some(json!({ "what": "deltaTokens" }))).await;
    let gone = Answered::to(&world, "GET", &link, None).await;
    let answer = world.get(&link).await;
    let location = answer.header("location");
    let examined = |location: String| {
        let reply = Reply::json(410, gone.body.clone()).header("location", location);
        found(&examine_answer(&gone.call, &reply, &gone.view))
            .into_iter()
            .map(|(what, place)| (what, place.to_owned()))
            .collect::<Vec<_>>()
    };
    assert_eq!(examined(location.to_owned()), []);
    // However the window is written.
    assert_eq!(examined(location.replace("2026-03-01T00:00:00Z", "2026-03-01")), []);
    for wrong in [
        location.replace("2026-03-01", "2026-03-02"),
        location.replace("startDateTime=2026-03-01T00:00:00Z&", ""),
        location.replace("/calendarView/", "/events/"),
        format!("{location}{}", token(&link)),
        format!("{location}&$select=subject"),
        "https://elsewhere".to_owned(),
    ] {
        assert_eq!(examined(wrong.clone()), [(What::WrongAnswer, "location".to_owned())], "{wrong}");
    }
}

/// A clear record does not make a stranger of every round that is under way.
#[tokio::test]
async fn rounds_outlive_the_record_of_violations() {
    let (world, ..) = furnished().await;
    let begun = Answered::to(&world, "GET", &format!("/me/calendarView/delta?{MARCH}"), None).await;
    assert_eq!(world.control("DELETE", "conformance", None).await.status, 204);
    let link = behind(&begun, "@odata.deltaLink");
    let other = Answered::to(&world, "GET", &format!("/me/calendarView/delta?{MAY}"), None).await;
    let wrong = Some(json!(format!("{BASE}/v1.0{link}")));
    other.has(&[("/@odata.deltaLink", wrong, What::WrongAnnotation, "@odata.deltaLink")]);
}

/// Whoever is not signed in any more goes on with nobody's round, and is refused.
#[tokio::test]
async fn a_round_that_goes_on_after_the_sign_in_has_expired_is_no_other_one() {
    let (world, ..) = furnished().await;
    let begun = Answered::to(&world, "GET", &format!("/me/calendarView/delta?{MARCH}"), None).await;
    world.control("POST", "expire", Some(json!({ "what": "accessTokens" }))).await;
    let refused = world.get(&behind(&begun, "@odata.deltaLink")).await;
    assert_eq!(refused.status, 401);
    assert_eq!(world.control("GET", "conformance", None).await.body["violations"], json!([]));
}
