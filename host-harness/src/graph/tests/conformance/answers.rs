//! The emulator's own answers with one defect each.

use super::*;
use crate::graph::conformance::{self, View, examine_answer};

/// A request, its answer from the emulator, and defects.
pub(super) struct Answered {
    pub(super) call: Call,
    status: u16,
    pub(super) body: Value,
    pub(super) view: View,
}

impl Answered {
    pub(super) async fn to(world: &World, method: &str, path: &str, body: Option<Value>) -> Self {
        let answer = world.graph_as(&world.token, method, path, &[], body.clone()).await;
        assert!(answer.status < 500, "{path}: {}", answer.text);
        let rounds = world.microsoft.lock().state.conformance.rounds.clone();
        let view = View { owner: person(world, ALICE), hidden: Vec::new(), rounds };
        Self { call: call(method, path, body.as_ref()), status: answer.status, body: answer.body, view }
    }

    pub(super) fn examined(&self, alter: impl FnOnce(&mut Value)) -> Vec<Violation> {
        let mut body = self.body.clone();
        alter(&mut body);
        examine_answer(&self.call, &Reply::json(self.status, body), &self.view)
    }

    /// The answer has no defect, and each of these is found and nothing else.
    #[track_caller]
    pub(super) fn has(&self, defects: &[(&str, Option<Value>, What, &str)]) {
        assert_eq!(self.examined(|_| {}), [], "as it is");
        for (pointer, value, what, place) in defects {
            let violations = self.examined(|body| set(body, pointer, value.clone()));
            assert_eq!(found(&violations), [(*what, *place)], "{pointer}: {value:?}");
        }
    }
}

/// Sets what a pointer leads to, or removes it.
#[track_caller]
pub(super) fn set(body: &mut Value, pointer: &str, value: Option<Value>) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap();
    let map = parent.as_object_mut().unwrap_or_else(|| panic!("{pointer} leads into no object"));
    match value {
        Some(value) => map.insert(name.replace("~1", "/"), value),
        None => Some(map.remove(name).unwrap_or_else(|| panic!("{pointer} leads nowhere"))),
    };
}

#[tokio::test]
async fn every_defect_of_an_event_is_found() {
    let world = World::new();
    let mut draft = daily(3);
    draft["attendees"] = json!([guest(BOB)]);
    let created = world.create(draft).await;
    let read = Answered::to(&world, "GET", &format!("/me/events/{}", id(&created)), None).await;
    read.has(&[
        ("/nickname", Some(json!("a")), What::UnknownProperty, "nickname"),
        ("/body/text", Some(json!("a")), What::UnknownProperty, "body.text"),
        ("/subject", Some(json!(1)), What::WrongType, "subject"),
        ("/isAllDay", Some(json!("false")), What::WrongType, "isAllDay"),
        ("/showAs", Some(json!("Busy")), What::WrongType, "showAs"),
        ("/createdDateTime", Some(json!("2026-03-02 12:00")), What::WrongType, "createdDateTime"),
        ("/start/dateTime", Some(json!("2026-03-02T12:00:00Z")), What::WrongType, "start.dateTime"),
        ("/start/dateTime", Some(json!(null)), What::UnexpectedNull, "start.dateTime"),
        ("/start/dateTime", None, What::MissingProperty, "start"),
        ("/attendees", Some(json!(null)), What::UnexpectedNull, "attendees"),
        ("/attendees", Some(json!([null])), What::UnexpectedNull, "attendees[]"),
        ("/categories", Some(json!([null])), What::UnexpectedNull, "categories[]"),
        ("/attendees", Some(json!({})), What::WrongType, "attendees"),
        ("/attendees/0/type", Some(json!("chair")), What::WrongType, "attendees[].type"),
        ("/recurrence/pattern/month", None, What::MissingProperty, "recurrence.pattern"),
        ("/recurrence/range/startDate", Some(json!("2026-3-2")), What::WrongType, "recurrence.range.startDate"),
        ("/id", None, What::MissingProperty, ""),
        ("/id", Some(json!(null)), What::UnexpectedNull, "id"),
        ("/subject", None, What::MissingProperty, ""),
        ("/start", None, What::MissingProperty, ""),
        ("/changeKey", None, What::MissingProperty, ""),
        ("/isOrganizer", None, What::MissingProperty, ""),
        ("/seriesMasterId", None, What::MissingProperty, ""),
        ("/attendees/0/status", None, What::MissingProperty, "attendees[]"),
        ("/attendees/0/emailAddress/name", None, What::MissingProperty, "attendees[].emailAddress"),
        ("/cancelledOccurrences", Some(json!([])), What::UnaskedProperty, "cancelledOccurrences"),
        ("/instances", Some(json!([])), What::UnexpectedRelation, "instances"),
        ("/@odata.context", None, What::WrongAnnotation, ""),
        (
            "/@odata.context",
            Some(json!("https://graph.microsoft.com/v1.0/$metadata#events")),
            What::WrongAnnotation,
            "",
        ),
        ("/@odata.etag", Some(json!("abc")), What::WrongAnnotation, "@odata.etag"),
        ("/@odata.type", Some(json!("#microsoft.graph.message")), What::WrongAnnotation, "@odata.type"),
        ("/@odata.colour", Some(json!("red")), What::WrongAnnotation, "@odata.colour"),
        ("/nickname@odata.type", Some(json!("a")), What::WrongAnnotation, "nickname@odata.type"),
    ]);
    let wrong_status = examine_answer(&read.call, &Reply::json(201, read.body.clone()), &read.view);
    assert_eq!(found(&wrong_status), [(What::WrongAnswer, "")]);
    assert_eq!(found(&examine_answer(&read.call, &Reply::empty(200), &read.view)), [(What::WrongAnswer, "")]);
}

#[tokio::test]
async fn what_is_left_out_by_select_is_not_missed() {
    let world = World::new();
    let created = world.create(event("Talk", 10, 9)).await;
    let some = Answered::to(&world, "GET", &format!("/me/events/{}?$select=subject", id(&created)), None).await;
    assert_eq!(some.examined(|body| set(body, "/id", None)), []);
    some.has(&[
        ("/subject", None, What::MissingProperty, ""),
        ("/isAllDay", Some(json!(false)), What::UnaskedProperty, "isAllDay"),
    ]);
    let asked = Answered::to(&world, "GET", &format!("/me/events/{}?$select=id", id(&created)), None).await;
    asked.has(&[("/id", None, What::MissingProperty, "")]);
    let mut created = created;
    created["@odata.context"] = asked.body["@odata.context"].clone();
    let whole = examine_answer(&asked.call, &Reply::json(200, created), &asked.view);
    assert!(whole.len() > 30 && whole.iter().all(|found| found.what == What::UnaskedProperty), "{whole:?}");
}

#[tokio::test]
async fn one_thing_that_was_expanded_is_missed() {
    let mut world = World::new();
    let path = format!("{}?$expand=microsoft.graph.eventMessage/event", invitation(&mut world).await);
    let invitation = Answered::to(&world, "GET", &path, None).await;
    invitation
        .has(&[("/event", None, What::MissingProperty, ""), ("/event/subject", None, What::MissingProperty, "event")]);
}

/// `$select` behind the token of a round is that of the request which began it.
#[tokio::test]
async fn what_a_round_was_begun_with_is_asked_of_every_page() {
    let mut world = World::new();
    world.token = world.microsoft.issue_token(ALICE, &["Mail.ReadWrite"]).unwrap();
    let first = world.get("/me/mailFolders/drafts/messages/delta?$select=subject").await;
    let link = first.body["@odata.deltaLink"].as_str().unwrap().strip_prefix(BASE).unwrap();
    let draft = world.post("/me/messages", json!({ "subject": "a" })).await;
    assert_eq!(draft.status, 201);
    let round = Answered::to(&world, "GET", link.strip_prefix("/v1.0").unwrap(), None).await;
    round.has(&[
        ("/value/0/subject", None, What::MissingProperty, "value[]"),
        ("/value/0/isRead", Some(json!(true)), What::UnaskedProperty, "value[].isRead"),
    ]);
}

#[tokio::test]
async fn the_original_start_of_a_day_of_a_series_is_missed() {
    let world = World::new();
    let series = world.create(daily(3)).await;
    let days = world.instances(id(&series)).await;
    world.patch(id(&days[1]), json!({ "subject": "Once" })).await;
    let window = "startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z";
    let round = Answered::to(&world, "GET", &format!("/me/calendarView/delta?{window}"), None).await;
    let items = round.body["value"].as_array().unwrap();
    let at = items.iter().position(|item| item["type"] == "exception").unwrap();
    round.has(&[(&format!("/value/{at}/originalStart"), None, What::MissingProperty, "value[]")]);
    let path = format!("/me/events/{}/instances?{window}", id(&series));
    let instances = Answered::to(&world, "GET", &path, None).await;
    instances.has(&[
        ("/value/0/originalStart", None, What::MissingProperty, "value[]"),
        ("/value/1/originalStart", None, What::MissingProperty, "value[]"),
    ]);
    // Not where it was not selected.
    Answered::to(&world, "GET", &format!("{path}&$select=type"), None).await.has(&[]);
}

#[tokio::test]
async fn what_comes_with_few_properties_has_these_and_no_others() {
    let world = World::new();
    world.create(daily(3)).await;
    let window = "startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z";
    let view = Answered::to(&world, "GET", &format!("/me/calendarView/delta?{window}"), None).await;
    let items = view.body["value"].as_array().unwrap();
    let at = items.iter().position(|item| item["type"] == "occurrence").unwrap();
    view.has(&[
        (&format!("/value/{at}/start"), None, What::MissingProperty, "value[]"),
        (&format!("/value/{at}/subject"), Some(json!("a")), What::UnaskedProperty, "value[].subject"),
        // That of a master, which is there as a whole.
        ("/value/0/subject", None, What::MissingProperty, "value[]"),
    ]);
    let events = Answered::to(&world, "GET", "/me/events/delta", None).await;
    events.has(&[
        ("/value/0/type", None, What::MissingProperty, "value[]"),
        ("/value/0/subject", Some(json!("a")), What::UnaskedProperty, "value[].subject"),
    ]);
    let user = Answered::to(&world, "GET", "/me", None).await;
    user.has(&[
        ("/mail", None, What::MissingProperty, ""),
        ("/userType", Some(json!("Member")), What::UnaskedProperty, "userType"),
    ]);
}

#[tokio::test]
async fn every_defect_of_a_list_or_a_round_is_found() {
    let world = World::new();
    let created = world.create(daily(3)).await;
    let extension = json!({ "@odata.type": "#microsoft.graph.openTypeExtension", "extensionName": "a" });
    let list = Answered::to(&world, "GET", "/me/events?$count=true&$expand=extensions", None).await;
    list.has(&[
        ("/value/0/nickname", Some(json!(1)), What::UnknownProperty, "value[].nickname"),
        ("/value/0/extensions", Some(json!([extension])), What::MissingProperty, "value[].extensions[]"),
        ("/value/0/extensions", None, What::MissingProperty, "value[]"),
        ("/value/0/@odata.etag", None, What::WrongAnnotation, "value[]"),
        ("/@odata.nextLink", Some(json!("a")), What::WrongAnnotation, "@odata.nextLink"),
        ("/@odata.count", None, What::WrongAnnotation, "@odata.count"),
        ("/@odata.count", Some(json!(0)), What::WrongAnnotation, "@odata.count"),
        ("/@odata.count", Some(json!(9)), What::WrongAnnotation, ""),
        ("/value", None, What::WrongAnswer, "value"),
        ("/items", Some(json!([])), What::WrongAnnotation, ""),
        ("/@odata.count", Some(json!("1")), What::WrongAnnotation, "@odata.count"),
        ("/@odata.deltaLink", Some(json!("a")), What::WrongAnnotation, ""),
    ]);
    world.create(event("Second", 6, 9)).await;
    let page = Answered::to(&world, "GET", "/me/events?$top=1&$select=subject", None).await;
    let next = page.body["@odata.nextLink"].as_str().unwrap();
    for (good, wrong) in [("/me/events", "/me/calendar/events"), ("=subject", "=body"), ("skip=1", "skip=0")] {
        assert!(next.contains(good), "{next}");
        let link = json!(next.replace(good, wrong));
        page.has(&[("/@odata.nextLink", Some(link), What::WrongAnnotation, "@odata.nextLink")]);
    }
    let window = "/me/calendarView/delta?startDateTime=2026-03-01&endDateTime=2026-04-01";
    let first = world.get(window).await;
    world.delete(id(&created)).await;
    let link = first.body["@odata.deltaLink"].as_str().unwrap().strip_prefix(BASE).unwrap();
    let round = Answered::to(&world, "GET", link.strip_prefix("/v1.0").unwrap(), None).await;
    assert!(round.body["value"][0].get("@removed").is_some(), "{}", round.body);
    let further = round.body["@odata.deltaLink"].as_str().unwrap().replace("$deltatoken", "$skiptoken");
    round.has(&[
        ("/value/0/@removed/reason", Some(json!("moved")), What::WrongAnnotation, "value[].@removed"),
        ("/value/0/id", None, What::MissingProperty, "value[]"),
        ("/value", Some(json!([null])), What::UnexpectedNull, "value[]"),
        ("/value/0/subject", Some(json!("a")), What::UnknownProperty, "value[].subject"),
        ("/@odata.nextLink", Some(json!(further)), What::WrongAnnotation, ""),
        ("/@odata.deltaLink", None, What::WrongAnnotation, ""),
        ("/@odata.deltaLink", Some(json!(further)), What::WrongAnnotation, "@odata.deltaLink"),
    ]);
    // To the round of another list, and to where this one was asked for.
    let later = round.body["@odata.deltaLink"].as_str().unwrap();
    let elsewhere = later.replace("/calendarView/delta", "/calendar/calendarView/delta");
    for wrong in [elsewhere, format!("{BASE}{link}")] {
        round.has(&[("/@odata.deltaLink", Some(json!(wrong)), What::WrongAnnotation, "@odata.deltaLink")]);
    }
    // To the page that was asked for.
    world.behaviour(json!({ "pageSizeMax": 1 })).await;
    world.create(event("Third", 7, 9)).await;
    world.create(event("Fourth", 8, 9)).await;
    let begun = world.get(window).await;
    let link = begun.body["@odata.nextLink"].as_str().unwrap();
    let page = Answered::to(&world, "GET", link.strip_prefix(BASE).unwrap().strip_prefix("/v1.0").unwrap(), None).await;
    page.has(&[("/@odata.nextLink", Some(json!(link)), What::WrongAnnotation, "@odata.nextLink")]);
}

#[tokio::test]
async fn every_defect_of_tasks_is_found() {
    let world = World::new();
    let lists = Answered::to(&world, "GET", "/me/todo/lists", None).await;
    lists.has(&[
        ("/value/0/isOwner", None, What::MissingProperty, "value[]"),
        ("/value/0/wellknownListName", Some(json!("tasks")), What::WrongType, "value[].wellknownListName"),
    ]);
    let path = format!("/me/todo/lists/{}/tasks", id(&lists.body["value"][0]));
    let draft = json!({ "title": "a", "linkedResources": [{ "displayName": "a" }] });
    let task = Answered::to(&world, "POST", &path, Some(draft)).await;
    task.has(&[
        ("/status", None, What::MissingProperty, ""),
        ("/importance", Some(json!(null)), What::UnexpectedNull, "importance"),
        ("/checklistItems", Some(json!([])), What::UnexpectedRelation, "checklistItems"),
        ("/linkedResources/0/id", None, What::MissingProperty, "linkedResources[]"),
    ]);
}

#[tokio::test]
async fn every_defect_of_a_refusal_is_found() {
    let world = World::new();
    let refused = Answered::to(&world, "GET", "/me/events/none", None).await;
    assert!(refused.status >= 400);
    refused.has(&[
        ("/error/code", None, What::MissingProperty, "error"),
        ("/error/message", Some(json!(1)), What::UnknownProperty, "error.message"),
        ("/error/innerError/time", Some(json!("a")), What::UnknownProperty, "error.innerError.time"),
        ("/error/reason", Some(json!("a")), What::UnknownProperty, "error.reason"),
        ("/value", Some(json!([])), What::WrongAnswer, ""),
    ]);
}

#[tokio::test]
async fn every_defect_of_other_answers_is_found() {
    let world = World::new();
    let zone = Answered::to(&world, "GET", "/me/mailboxSettings/timeZone", None).await;
    zone.has(&[
        ("/value", Some(json!(1)), What::WrongType, "value"),
        ("/value", None, What::MissingProperty, ""),
        ("/name", Some(json!("a")), What::WrongAnnotation, ""),
    ]);
    let settings = Answered::to(&world, "GET", "/me/mailboxSettings", None).await;
    settings.has(&[("/workingHours/startTime", Some(json!("8 am")), What::WrongType, "workingHours.startTime")]);
    let zones = Answered::to(&world, "GET", "/me/outlook/supportedTimeZones", None).await;
    zones.has(&[("/value/0/name", Some(json!("a")), What::UnknownProperty, "value[].name")]);
    let batch = json!({ "requests": [{ "id": "1", "method": "GET", "url": "/me" }] });
    let batch = Answered::to(&world, "POST", "/$batch", Some(batch)).await;
    batch.has(&[
        ("/responses/0/status", Some(json!("200")), What::WrongAnswer, "responses[]"),
        ("/responses/0/error", Some(json!({})), What::UnknownProperty, "responses[].error"),
        ("/responses/0/body", Some(json!("YQ==")), What::WrongAnswer, "responses[].body"),
        ("/responses/0/id", Some(json!("2")), What::WrongAnswer, "responses"),
        ("/responses", Some(json!([])), What::WrongAnswer, "responses"),
        ("/count", Some(json!(1)), What::UnknownProperty, "count"),
    ]);
    let created = world.create(event("Talk", 10, 9)).await;
    let gone = call("DELETE", &format!("/me/events/{}", id(&created)), None);
    assert_eq!(examine_answer(&gone, &Reply::empty(204), &View::default()), []);
    assert_eq!(
        found(&examine_answer(&gone, &Reply::json(204, json!({})), &View::default())),
        [(What::WrongAnswer, "")]
    );
    assert_eq!(found(&examine_answer(&gone, &Reply::empty(200), &View::default())), [(What::WrongAnswer, "")]);
    let raw = call("GET", "/me/messages/x/$value", None);
    let page = Reply { content: Content::File(vec![1]), ..Reply::empty(200) };
    assert_eq!(examine_answer(&raw, &page, &View::default()), []);
    assert_eq!(found(&examine_answer(&raw, &Reply::json(200, json!({})), &View::default())), [(What::WrongAnswer, "")]);
}

#[tokio::test]
async fn every_defect_of_an_upload_is_found() {
    let outside = |method: &str, path: &str| Call::new(method, path, BTreeMap::new(), Bytes::new());
    let address = outside("PUT", "/api/v2.0/Users('a')/Messages('b')/AttachmentSessions('c')");
    let task = call("PUT", "/users/a/todo/lists/b/tasks/c/attachmentSessions/d", None);
    let progress = json!({ "ExpirationDateTime": "2026-03-03T00:00:00Z", "NextExpectedRanges": ["5"] });
    let with = |name: &str, value: Value| {
        let mut altered = progress.clone();
        altered[name] = value;
        altered
    };
    for (call, status) in [(&address, 200), (&task, 202)] {
        let examined =
            |body: Value| conformance::examine_any_answer(call, &Reply::json(status, body), &View::default());
        assert_eq!(examined(progress.clone()), []);
        assert_eq!(found(&examined(with("NextExpectedRanges", json!(5)))), [(What::WrongType, "NextExpectedRanges")]);
        assert_eq!(found(&examined(with("Received", json!(5)))), [(What::UnknownProperty, "Received")]);
        let lacking = json!({ "NextExpectedRanges": ["5"] });
        assert_eq!(found(&examined(lacking)), [(What::MissingProperty, "")]);
        assert_eq!(conformance::examine_any_answer(call, &Reply::empty(201), &View::default()), []);
        let page = Reply::html(200, String::new());
        assert_eq!(found(&conformance::examine_any_answer(call, &page, &View::default())), [(What::WrongAnswer, "")]);
    }
}

/// Without the exceptions of `deviations` these answers would be violations:
/// each lacks what is never null, or has what its type does not.
#[tokio::test]
async fn known_deviations_are_needed() {
    let world = World::new();
    let mut draft = event("Talk", 10, 9);
    draft["singleValueExtendedProperties"] =
        json!([{ "id": "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Link", "value": "1" }]);
    let created = Answered::to(&world, "POST", "/me/events", Some(draft)).await;
    assert!(created.body.get("cancelledOccurrences").is_none());
    created.has(&[
        ("/cancelledOccurrences", Some(json!([])), What::UnaskedProperty, "cancelledOccurrences"),
        ("/singleValueExtendedProperties", Some(json!([])), What::UnexpectedRelation, "singleValueExtendedProperties"),
    ]);
    let user = Answered::to(&world, "GET", "/me", None).await;
    assert!(user.body.get("otherMails").or(user.body.get("proxyAddresses")).is_none());
    user.has(&[("/otherMails", Some(json!([])), What::UnaskedProperty, "otherMails")]);
    let lists = world.get("/me/todo/lists").await.body;
    let tasks = format!("/me/todo/lists/{}/tasks", id(&lists["value"][0]));
    let task = world.post(&tasks, json!({ "title": "a" })).await.body;
    let files = format!("{tasks}/{}/attachments", id(&task));
    let file = json!({
        "@odata.type": "#microsoft.graph.taskFileAttachment", "name": "a", "contentType": "text/plain", "contentBytes": "YQ==",
    });
    assert_eq!(world.post(&files, file).await.status, 201);
    let files = Answered::to(&world, "GET", &files, None).await;
    assert!(files.body["value"][0].get("contentBytes").is_none());
    files.has(&[("/value/0/contentBytes", Some(json!("YQ==")), What::UnaskedProperty, "value[].contentBytes")]);
    let scopes = ["MailboxSettings.ReadWrite", "Mail.Read"];
    let world = World { token: world.microsoft.issue_token(ALICE, &scopes).unwrap(), ..world };
    let changed = Answered::to(&world, "PATCH", "/me/mailboxSettings", Some(json!({ "timeFormat": "HH:mm" }))).await;
    changed.has(&[
        ("/timeFormat", None, What::MissingProperty, ""),
        ("/dateFormat", Some(json!("d")), What::UnaskedProperty, "dateFormat"),
    ]);
    let messages = Answered::to(&world, "GET", "/me/messages/x", None).await.call;
    let hides = |hidden: &[&'static str]| {
        let view = View { hidden: hidden.to_vec(), ..View::default() };
        let found = examine_answer(&messages, &Reply::json(200, json!({ "@odata.context": "x" })), &view);
        !found.iter().any(|violation| violation.expected == "`body`")
    };
    assert_eq!((hides(&["event"]), hides(&["message"])), (false, true));
}
