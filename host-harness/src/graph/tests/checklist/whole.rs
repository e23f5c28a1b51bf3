//! Everything that Graph has, asked for with every method: what comes of it
//! stands in `whole.txt`, and nothing else comes of it.
//!
//! The places come from the official types (`conformance::places`). What there is
//! at a place, and what of that is not emulated, comes from the file alone: it is
//! not what the emulator refuses by. A place that has nothing in the scene to ask
//! for stands there as well.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::subscriptions::Endpoint;
use super::super::*;
use super::scene::{SCOPES, Scene};
use crate::graph::conformance::{Place, places};

const WINDOW: &str = "?startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z";
const METHODS: [&str; 5] = ["GET", "POST", "PATCH", "PUT", "DELETE"];

/// The places, a line each: which methods are there, which are there and not
/// emulated, or that nothing of it is in the scene.
const EXPECTED: &str = include_str!("whole.txt");
const FILE: &str = "whole.txt";

/// The ids that stand for the keys of a path.
struct Keys<'a> {
    scene: &'a Scene,
    /// By the path of the collection; none if it has nothing to show.
    known: HashMap<String, Option<String>>,
}

impl Keys<'_> {
    /// The place with ids in it, if the scene has something there.
    async fn fill(&mut self, place: &Place) -> Option<String> {
        let mut path = String::new();
        for word in place.path.split('/').skip(1) {
            let word = if word == "{}" { self.of(&path).await? } else { word.to_owned() };
            path = format!("{path}/{word}");
        }
        Some(path)
    }

    /// Something in a collection: what the scene made last, if it is in there.
    async fn of(&mut self, collection: &str) -> Option<String> {
        if let Some(known) = self.known.get(collection) {
            return known.clone();
        }
        let needs_window = ["/calendarView", "/instances"].iter().any(|end| collection.ends_with(end));
        let path = format!("{collection}{}", if needs_window { WINDOW } else { "" });
        let answer = self.scene.send("GET", &path, "").await;
        let age = |item: &&Value| self.scene.made_as(id(item));
        let found = answer.items().iter().max_by_key(age).map(|item| id(item).to_owned());
        self.known.insert(collection.to_owned(), found.clone());
        found
    }
}

/// What comes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Somebody reads what is asked, whether or not it can be done.
    There,
    NotEmulated,
    /// There is no such operation, or not such a thing.
    Denied,
    /// What nothing may be answered with.
    Broken,
}

impl Outcome {
    fn of(answer: &Answer) -> Self {
        let has_segment = !answer.text.contains("Resource not found for the segment");
        match answer.status {
            501 => Self::NotEmulated,
            500.. => Self::Broken,
            404 | 405 => Self::Denied,
            _ if !has_segment || answer.code() == "ErrorInvalidIdMalformed" => Self::Denied,
            _ => Self::There,
        }
    }
}

/// Puts something into what a scene has made last, so that there is more to ask
/// for: in each collection the latest item stands for the others.
async fn enrich(scene: &mut Scene, endpoint: &Endpoint) {
    let file = json!({ "@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "YQ==" });
    let extension = json!({ "extensionName": "com.example.link", "number": 7 });
    let draft = json!({ "subject": "Offer" });
    scene.make("fullGroup", "/me/calendarGroups", json!({ "name": "All" })).await;
    scene.make("fullCalendar", "/me/calendarGroups/{fullGroup}/calendars", json!({ "name": "Everything" })).await;
    scene.make("other", "/me/calendars/{fullCalendar}/events", daily(5)).await;
    scene.make("full", "/me/events", daily(5)).await;
    scene.make("fullFolder", "/me/mailFolders", json!({ "displayName": "Full" })).await;
    scene.make("inner", "/me/mailFolders/{fullFolder}/childFolders", json!({ "displayName": "Inner" })).await;
    scene.make("innerDraft", "/me/mailFolders/{inner}/messages", draft.clone()).await;
    scene.make("fullDraft", "/me/mailFolders/{fullFolder}/messages", draft).await;
    for (name, item) in [
        ("otherFile", "/me/events/{other}"),
        ("fullFile", "/me/events/{full}"),
        ("innerFile", "/me/messages/{innerDraft}"),
        ("fullDraftFile", "/me/messages/{fullDraft}"),
    ] {
        scene.make(name, &format!("{item}/attachments"), file.clone()).await;
        scene.make("data", &format!("{item}/extensions"), extension.clone()).await;
    }
    for (name, series) in [("otherOccurrence", "{other}"), ("fullOccurrence", "{full}")] {
        scene.name_first(name, &instances_path(series)).await;
        let path = scene.fill(&format!("/me/events/{{{name}}}"));
        assert_eq!(scene.send("PATCH", &path, r#"{"subject": "Once"}"#).await.status, 200, "{path}");
    }
    let wish = json!({
        "changeType": "updated", "notificationUrl": endpoint.at("/notify"), "resource": "me/events",
        "expirationDateTime": "2026-03-02T13:00:00Z",
    });
    scene.make("subscription", "/subscriptions", wish).await;
}

async fn ask(scene: &Scene, method: &str, path: &str) -> Answer {
    let body = if matches!(method, "GET" | "DELETE") { "" } else { "{}" };
    scene.send(method, path, body).await
}

/// What the emulator does at a place, as a line of the file says it.
async fn behaviour(scene: &Scene, path: Option<String>, findings: &mut Vec<String>) -> String {
    let Some(path) = path else { return "nothing in the scene".to_owned() };
    let (mut there, mut not_emulated) = (Vec::new(), Vec::new());
    // One copy for all of them, since nothing is taken away before the last one.
    let scene = scene.copy();
    for method in METHODS {
        let answer = ask(&scene, method, &path).await;
        match Outcome::of(&answer) {
            Outcome::There => there.push(method),
            Outcome::NotEmulated => not_emulated.push(method),
            Outcome::Denied => {}
            Outcome::Broken => findings.push(format!("{method} {path}: {} {}", answer.status, answer.text)),
        }
    }
    match (there.as_slice(), not_emulated.as_slice()) {
        ([], []) => "nothing".to_owned(),
        (there, []) => there.join(" "),
        ([], missing) => format!("not emulated: {}", missing.join(" ")),
        (there, missing) => format!("{}, not emulated: {}", there.join(" "), missing.join(" ")),
    }
}

/// Lines of the file, by their places.
fn read(text: &str) -> BTreeMap<&str, &str> {
    text.lines().filter(|line| line.starts_with('/')).map(|line| line.split_once(": ").unwrap()).collect()
}

#[tokio::test]
async fn what_comes_of_every_operation_is_what_the_list_says() {
    let mut scene = Scene::new().await;
    let scopes = [SCOPES.as_slice(), &["User.Read.All", "Organization.Read.All"]].concat();
    scene.token = scene.world.microsoft.issue_token(ALICE, &scopes).unwrap();
    let endpoint = Endpoint::new().await;
    enrich(&mut scene, &endpoint).await;
    let mut keys = Keys { scene: &scene, known: HashMap::new() };
    let (mut findings, mut lines) = (Vec::new(), Vec::new());
    let mut skipped = Vec::new();
    for place in places() {
        let path = keys.fill(&place).await;
        if skipped.iter().any(|outer| place.path.starts_with(outer)) {
            continue;
        }
        if path.is_none() {
            skipped.push(format!("{}/", place.path));
        }
        lines.push(format!("{}: {}", place.path, behaviour(&scene, path, &mut findings).await));
    }
    let found = lines.join("\n");
    let (expected, found) = (read(EXPECTED), read(&found));
    let unlisted = found.iter().filter(|(place, line)| expected.get(*place) != Some(line));
    findings.extend(unlisted.map(|(place, line)| {
        format!("{place}: expected {}, but found {line}", expected.get(place).unwrap_or(&"no such place"))
    }));
    let gone = expected.keys().filter(|place| !found.contains_key(*place));
    findings.extend(gone.map(|place| format!("{place}: is in the list, and not in the official types")));
    assert!(findings.is_empty(), "{FILE} and the emulator differ:\n{}", findings.join("\n"));
}

/// What is not emulated, by the last name in its place, and in which words the
/// README says so.
const IN_README: [(&str, &str); 16] = [
    ("allowedCalendarSharingRoles", "sharing and delegation"),
    ("calendarPermissions", "sharing and delegation"),
    ("calendarView", "what is behind the `calendar` of an event"),
    ("content", "what was sent to an upload session, to be read"),
    ("delta", "what is behind the `calendar` of an event"),
    ("events", "what is behind the `calendar` of an event"),
    ("findMeetingTimes", "`findMeetingTimes`"),
    ("getMailTips", "mail tips"),
    ("getSchedule", "what is behind the `calendar` of an event"),
    ("me", "changes of people"),
    ("messageRules", "rules"),
    ("organization", "an organisation by its id"),
    ("permanentDelete", "what is behind the `calendar` of an event"),
    ("revokeSignInSessions", "`revokeSignInSessions`"),
    ("todo", "the root of To Do"),
    ("users", "changes of people"),
];

#[test]
fn the_readme_names_what_is_not_emulated() {
    let readme = include_str!("../../../../../README.md");
    let last_name = |place: &'static str| {
        let is_name = |word: &&str| !word.starts_with(['{', '$']);
        place.split('/').rfind(is_name).unwrap_or_default()
    };
    let missing = read(EXPECTED).into_iter().filter(|(_, line)| line.contains("not emulated"));
    let names: BTreeSet<&str> = missing.map(|(place, _)| last_name(place)).collect();
    let told: BTreeSet<&str> = IN_README.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, told);
    for (name, words) in IN_README {
        assert!(readme.contains(words), "README.md does not say `{words}` of {name}");
    }
}
