//! What Graph has, asked for with every method: what comes of it stands in
//! `whole.txt`, and nothing else comes of it.
//!
//! The places come from the official types (`conformance::places`, which says how far
//! it goes). What there is at a place, and what of that is not emulated, comes
//! from the file alone: it is not what the emulator refuses by. A place that has
//! nothing in the scene to ask for stands there as well. What is behind an item that
//! is not emulated is asked for, too, and has no line: nothing of it may be there.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::subscriptions::Endpoint;
use super::super::*;
use super::scene::{SCOPES, Scene};
use crate::graph::conformance::{Place, places};

const WINDOW: &str = "?startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z";
const METHODS: [&str; 5] = ["GET", "POST", "PATCH", "PUT", "DELETE"];

/// The places, a line each: which methods are there, which are refused or there and
/// not emulated, or that nothing of it is in the scene.
const EXPECTED: &str = include_str!("whole.txt");
const FILE: &str = "whole.txt";

/// How a line begins where nothing of a place is emulated, and what else may come of
/// what is behind such an item.
const NOTHING_EMULATED: &str = "not emulated: ";
const NOTHING: &str = "nothing";

/// The key of whatever it may be, where nobody reads a key.
const ANY: &str = "x";

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
        let mut words = place.path.split('/').skip(1).peekable();
        while let Some(word) = words.next() {
            let has_days = words.peek().is_some_and(|next| ["instances", "exceptionOccurrences"].contains(next));
            let word = match word {
                "{}" if has_days => self.series_of(&path).await?,
                "{}" => self.of(&path).await?,
                word => word.to_owned(),
            };
            path = format!("{path}/{word}");
        }
        Some(path)
    }

    /// The series of what is picked of a collection, which alone has days: a view shows
    /// days. What is of none stands for itself.
    async fn series_of(&mut self, collection: &str) -> Option<String> {
        let picked = self.of(collection).await?;
        let item = self.scene.send("GET", &format!("{collection}/{picked}"), "").await;
        let series = item.body["seriesMasterId"].as_str();
        Some(series.map_or(picked, str::to_owned))
    }

    /// Something in a collection: what the scene made last, if it is in there. One
    /// that cannot be read says nothing about what is in it.
    async fn of(&mut self, collection: &str) -> Option<String> {
        if let Some(known) = self.known.get(collection) {
            return known.clone();
        }
        let path = format!("{collection}{}", if is_of_window(collection) { WINDOW } else { "" });
        let answer = self.scene.send("GET", &path, "").await;
        let age = |item: &&Value| self.scene.made_as(id(item));
        let found = match answer.status {
            405 | 501 => Some(ANY.to_owned()),
            _ => answer.items().iter().max_by_key(age).map(|item| id(item).to_owned()),
        };
        self.known.insert(collection.to_owned(), found.clone());
        found
    }
}

/// What comes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Somebody reads what is asked, and answers it where it only has to be read. A
    /// write says nothing that could be done, so it is there however it is refused.
    There,
    /// What only has to be read is refused whoever asks.
    Refused,
    NotEmulated,
    /// There is no such operation, or not such a thing.
    Denied,
    /// What nothing may be answered with.
    Broken,
}

impl Outcome {
    fn of(method: &str, answer: &Answer) -> Self {
        let has_segment = !answer.text.contains("Resource not found for the segment");
        match answer.status {
            501 => Self::NotEmulated,
            500.. => Self::Broken,
            404 | 405 => Self::Denied,
            _ if !has_segment || answer.code() == "ErrorInvalidIdMalformed" => Self::Denied,
            // The scene may do everything.
            401 | 403 => Self::Broken,
            300.. if method == "GET" => Self::Refused,
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

/// Whether a path leads to a list, a number or a round of the days of a window.
fn is_of_window(path: &str) -> bool {
    let list = ["/$count", "/delta"].iter().find_map(|end| path.strip_suffix(end)).unwrap_or(path);
    list.ends_with("/calendarView") || list.ends_with("/instances")
}

async fn ask(scene: &Scene, method: &str, path: &str) -> Answer {
    let body = (!matches!(method, "GET" | "DELETE")).then(|| json!({}));
    let window = if method == "GET" && is_of_window(path) { WINDOW } else { "" };
    // Without it nobody is told how many people there are (api/user-list).
    let headers = [("consistencylevel", "eventual")];
    scene.world.graph_as(&scene.token, method, &format!("{path}{window}"), &headers, body).await
}

/// What the emulator does at a place, as a line of the file says it.
async fn behaviour(scene: &Scene, path: Option<String>, findings: &mut Vec<String>) -> String {
    let Some(path) = path else { return "nothing in the scene".to_owned() };
    let (mut there, mut refused, mut not_emulated) = (Vec::new(), Vec::new(), Vec::new());
    // One copy for all of them, since nothing is taken away before the last one.
    let scene = scene.copy();
    for method in METHODS {
        let answer = ask(&scene, method, &path).await;
        match Outcome::of(method, &answer) {
            Outcome::There => there.push(method),
            Outcome::Refused => refused.push(method),
            Outcome::NotEmulated => not_emulated.push(method),
            Outcome::Denied => {}
            Outcome::Broken => findings.push(format!("{method} {path}: {} {}", answer.status, answer.text)),
        }
    }
    let named = |name: &str, methods: &[&str]| format!("{name}{}", methods.join(" "));
    let parts = [named("", &there), named("refused: ", &refused), named(NOTHING_EMULATED, &not_emulated)];
    let told = [&there, &refused, &not_emulated].into_iter().zip(parts).filter(|(methods, _)| !methods.is_empty());
    let told: Vec<String> = told.map(|(_, part)| part).collect();
    if told.is_empty() { NOTHING.to_owned() } else { told.join(", ") }
}

/// Lines of the file, by their places.
fn read(text: &str) -> BTreeMap<&str, &str> {
    text.lines().filter(|line| line.starts_with('/')).map(|line| line.split_once(": ").unwrap()).collect()
}

/// What comes of every place, a line each, and what of it may not be.
async fn lines(scene: &Scene) -> (Vec<String>, Vec<String>) {
    let mut keys = Keys { scene, known: HashMap::new() };
    let (mut lines, mut findings) = (Vec::new(), Vec::new());
    // Items behind which no place has a line.
    let mut ends: Vec<String> = Vec::new();
    for place in places() {
        let path = keys.fill(&place).await;
        let is_behind = ends.iter().any(|end| place.path.starts_with(end));
        if is_behind && path.is_none() {
            continue;
        }
        let has_item = path.is_some();
        let line = behaviour(scene, path, &mut findings).await;
        let is_missing = line.starts_with(NOTHING_EMULATED);
        if is_behind {
            if !is_missing && line != NOTHING {
                findings.push(format!("{} is behind what is not emulated, but found {line}", place.path));
            }
            continue;
        }
        if !has_item || (is_missing && place.path.ends_with("/{}")) {
            ends.push(format!("{}/", place.path));
        }
        lines.push(format!("{}: {line}", place.path));
    }
    (lines, findings)
}

#[tokio::test]
async fn what_comes_of_each_operation_is_what_the_list_says() {
    let mut scene = Scene::new().await;
    let scopes = [SCOPES.as_slice(), &["User.Read.All", "Organization.Read.All"]].concat();
    scene.token = scene.world.microsoft.issue_token(ALICE, &scopes).unwrap();
    let endpoint = Endpoint::new().await;
    enrich(&mut scene, &endpoint).await;
    let (lines, mut findings) = lines(&scene).await;
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

/// Reads that are refused whoever asks, by the end of their place, and why.
const REFUSED: [(&str, &str); 3] = [
    ("/instances/delta", "rounds are of events and of views alone (concepts/delta-query-events)"),
    ("/exceptionOccurrences/delta", "as above"),
    ("/me/messages/delta", "there are no changes of a whole mailbox (msgraph-metadata#607)"),
];

#[test]
fn each_refused_read_has_its_reason() {
    let mut needed = BTreeSet::new();
    for (place, line) in read(EXPECTED).into_iter().filter(|(_, line)| line.contains("refused")) {
        let reason = REFUSED.iter().find(|(end, _)| place.ends_with(end));
        assert!(reason.is_some() && line == "refused: GET", "{place}: no reason is known why it is {line}");
        needed.extend(reason.map(|(end, _)| *end));
    }
    assert_eq!(needed, REFUSED.iter().map(|(end, _)| *end).collect());
}

/// What is not emulated, by the last two names in its place, and in which words the
/// README says so.
const IN_README: [(&str, &str); 20] = [
    ("attachmentSessions/content", "what was sent to an upload session, to be read"),
    ("calendar/allowedCalendarSharingRoles", "sharing and delegation"),
    ("calendar/calendarPermissions", "sharing and delegation"),
    ("calendar/calendarView", OF_AN_EVENT),
    ("calendar/events", OF_AN_EVENT),
    ("calendar/getSchedule", OF_AN_EVENT),
    ("calendar/permanentDelete", OF_AN_EVENT),
    ("calendarView/delta", OF_AN_EVENT),
    ("calendars/allowedCalendarSharingRoles", "sharing and delegation"),
    ("calendars/calendarPermissions", "sharing and delegation"),
    ("childFolders/messageRules", "search folders, rules"),
    ("events/delta", OF_AN_EVENT),
    ("mailFolders/messageRules", "search folders, rules"),
    ("me", "changes of people"),
    ("me/findMeetingTimes", "`findMeetingTimes`"),
    ("me/getMailTips", "mail tips"),
    ("me/revokeSignInSessions", "`revokeSignInSessions`"),
    ("me/todo", "the root of To Do"),
    ("organization", "an organization by its id"),
    ("users", "changes of people"),
];

/// What the calendar of a mailbox has is emulated where it stands, and not once more
/// behind each event.
const OF_AN_EVENT: &str = "what is behind the `calendar` of an event";

fn last_names(place: &str) -> String {
    let words: Vec<&str> = place.split('/').filter(|word| !word.is_empty() && !word.starts_with(['{', '$'])).collect();
    words[words.len().saturating_sub(2)..].join("/")
}

#[test]
fn the_readme_names_what_is_not_emulated() {
    let readme = include_str!("../../../../../README.md");
    let table = readme.lines().skip_while(|line| *line != "| emulated | not emulated |");
    let rows = table.map_while(|line| line.strip_prefix("| ")?.strip_suffix('|')?.split_once(" |"));
    let not_emulated: Vec<&str> = rows.map(|(_, second)| second).collect();
    let missing: Vec<&str> =
        read(EXPECTED).into_iter().filter(|(_, line)| line.contains("not emulated")).map(|(place, _)| place).collect();
    let names: BTreeSet<String> = missing.iter().map(|place| last_names(place)).collect();
    let told: BTreeSet<String> = IN_README.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names, told);
    for (name, words) in IN_README {
        assert!(not_emulated.iter().any(|cell| cell.contains(words)), "README.md does not say `{words}` of {name}");
    }
    let behind: BTreeSet<&str> =
        IN_README.iter().filter(|(_, words)| *words == OF_AN_EVENT).map(|(name, _)| *name).collect();
    let outside =
        missing.iter().filter(|place| behind.contains(last_names(place).as_str()) && !place.contains("{}/calendar/"));
    assert_eq!(outside.collect::<Vec<_>>(), Vec::<&&str>::new(), "these are behind no event");
}
