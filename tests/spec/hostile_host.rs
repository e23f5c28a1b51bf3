//! A host that does not keep the contract: whatever it says, the component comes
//! to an end, deletes nothing, doubles nothing, says what is wrong and what to do,
//! and goes on where it was once the host keeps the contract again.

use std::collections::BTreeSet;

use host_harness::app::Lie;
use serde_json::{Value, json};
use tandem_tests::{Outlook, World};

use crate::runtime::{until_idle, writes};

/// Requests to Microsoft of a run of two steps that is lied to: what there is to
/// write, and no more.
const REQUESTS_MAX: u64 = 20;

/// What a run says of a lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    /// Nothing: it does no harm.
    Nothing,
    /// That the CRM does not keep the contract.
    Breach,
    /// That what the CRM keeps cannot be used.
    Unreadable,
    /// That the list of changes has no end.
    NoEnd,
    /// That nothing is configured, as on any CRM where nothing is.
    NotConfigured,
    /// That the account waits for its user.
    Reconnect,
}

/// What has to be said of each lie. The compiler knows of a new one.
fn said(lie: Lie) -> Said {
    match lie {
        Lie::CursorStandsStill
        | Lie::EverythingTwice
        | Lie::ThereAndDeleted
        | Lie::TooManyChanges
        | Lie::EndlessCursor
        | Lie::AnswersMissing
        | Lie::OtherRecords
        | Lie::ResultsMissing
        | Lie::ResultsTooMany
        | Lie::ResultsOfOthers
        | Lie::OtherKeys
        | Lie::EntriesMissing
        | Lie::ListingForEver
        | Lie::RevisionsBackwards => Said::Breach,
        Lie::Garbage | Lie::LaterVersion => Said::Unreadable,
        Lie::PageForEver | Lie::NothingForEver => Said::NoEnd,
        Lie::WrongTypes => Said::NotConfigured,
        Lie::SecretGarbage => Said::Reconnect,
        Lie::EverythingDeleted | Lie::OldBehindNew | Lie::NothingFound | Lie::NoAddress => Said::Nothing,
    }
}

/// An alert: its code, what it says of what is wrong, and of what to do.
type Alerted = (&'static str, &'static str, &'static str);

impl Said {
    /// When the run goes on, why only then, the code of its issue, and the alert.
    const fn shown(self) -> (&'static str, Option<&'static str>, Option<&'static str>, Option<Alerted>) {
        const CRM: &str = "to whoever runs it";
        match self {
            Self::Nothing => ("idle", None, None, None),
            Self::Breach => {
                let alert = ("run-stopped", "The CRM does not keep the contract: expected ", CRM);
                ("after", Some("stopped"), Some("host-breach"), Some(alert))
            }
            Self::Unreadable => {
                let alert =
                    ("run-stopped", "What the CRM keeps for the synchronization cannot be used: expected ", CRM);
                ("after", Some("stopped"), Some("state-unreadable"), Some(alert))
            }
            Self::NoEnd => {
                let alert = ("run-stopped", "the CRM's list of changes did not end", CRM);
                ("after", Some("stopped"), None, Some(alert))
            }
            Self::NotConfigured => ("blocked", Some("not-configured"), None, None),
            Self::Reconnect => {
                let alert = ("reconnect-needed", "no tokens are stored", "Connect the Microsoft account again");
                ("blocked", Some("parked"), None, Some(alert))
            }
        }
    }
}

/// What is kept in step while the host lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    Calendar,
    Tasks,
}

/// Items of both sides in step, and an edit and a new one on each side to be brought
/// over.
async fn work_to_do(of: Of) -> World {
    let world = match of {
        Of::Calendar => events_to_do().await,
        Of::Tasks => tasks_to_do().await,
    };
    world.forget_requests().await;
    world
}

async fn events_to_do() -> World {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    for day in 10..13 {
        let at = |time: &str| format!("2026-03-{day}T{time}:00Z");
        world.crm_create_timed("anna", &format!("CRM {day}"), &at("09:00"), &at("10:00")).await;
        let at = |time: &str| format!("2026-03-{day}T{time}:00");
        outlook.create_timed(&format!("Outlook {day}"), &at("12:00"), &at("13:00")).await;
    }
    until_idle(&world).await;
    let edited = World::only(&world.crm_events("anna").await, "CRM 10");
    world.crm_update(&edited["id"], &json!({"title": "CRM 10, edited"})).await;
    let edited = Outlook::only(&outlook.events().await, "Outlook 10");
    outlook.update(edited["id"].as_str().unwrap(), &json!({"subject": "Outlook 10, edited"})).await;
    world.crm_create_timed("anna", "CRM, new", "2026-03-16T09:00:00Z", "2026-03-16T10:00:00Z").await;
    outlook.create_timed("Outlook, new", "2026-03-16T12:00:00", "2026-03-16T13:00:00").await;
    world
}

async fn tasks_to_do() -> World {
    let world = World::with_tasks().await;
    let todo = world.todo("anna").await;
    for number in 10..13 {
        world.crm_task("anna", &json!({"subject": format!("CRM {number}")})).await;
        todo.create(&json!({"title": format!("Outlook {number}")})).await;
    }
    until_idle_of(&world, Of::Tasks).await;
    let edited = world.crm_task_of("anna", "CRM 10").await;
    world.crm_task_update(&edited["id"], &json!({"subject": "CRM 10, edited"})).await;
    let edited = todo.only("Outlook 10").await;
    todo.update(&edited["id"], &json!({"title": "Outlook 10, edited"})).await;
    world.crm_task("anna", &json!({"subject": "CRM, new"})).await;
    todo.create(&json!({"title": "Outlook, new"})).await;
    world
}

/// The report of a run.
pub async fn run(world: &World, of: Of) -> Value {
    match of {
        Of::Calendar => world.sync("anna").await,
        Of::Tasks => world.sync_tasks("anna").await,
    }
}

pub async fn until_idle_of(world: &World, of: Of) {
    if of == Of::Calendar {
        until_idle(world).await;
        return;
    }
    for _ in 0..30 {
        let report = run(world, of).await;
        if report["next"]["when"] == "idle" {
            return;
        }
        world.advance(report["next"]["milliseconds"].as_i64().unwrap_or(0) / 1000 + 1).await;
    }
    panic!("expected the tasks to come to rest");
}

/// All that there is once everything is in step.
const TITLES: [&str; 8] = [
    "CRM 10, edited",
    "CRM 11",
    "CRM 12",
    "CRM, new",
    "Outlook 10, edited",
    "Outlook 11",
    "Outlook 12",
    "Outlook, new",
];

/// What the items of a side are called, and how many there are.
pub async fn titles(world: &World, of: Of) -> [Vec<String>; 2] {
    let named = |items: Vec<Value>, name: &str| {
        let mut titles: Vec<String> = items.iter().map(|item| item[name].as_str().unwrap().to_owned()).collect();
        titles.sort();
        titles
    };
    match of {
        Of::Calendar => {
            let outlook = world.outlook("anna").await;
            [named(world.crm_events("anna").await, "title"), named(outlook.events().await, "subject")]
        }
        Of::Tasks => {
            let todo = world.todo("anna").await;
            [named(world.crm_tasks("anna").await, "subject"), named(todo.tasks().await, "title")]
        }
    }
}

/// Nothing of what was there is gone, nothing is there twice, and nothing is there
/// that nobody has written.
fn assert_unharmed(lie: Lie, before: &[Vec<String>; 2], now: &[Vec<String>; 2]) {
    for (before, now) in before.iter().zip(now) {
        let names: BTreeSet<&String> = now.iter().collect();
        assert_eq!(names.len(), now.len(), "{lie:?} has doubled something: {now:?}");
        assert!(now.len() >= before.len(), "{lie:?} has deleted something: {before:?}, then {now:?}");
        let old = |title: &String| before.contains(title) || TITLES.contains(&title.as_str());
        assert!(now.iter().all(old), "{lie:?} has brought something of its own: {now:?}");
    }
}

/// The report of two steps that are lied to.
async fn lied_to(world: &World, of: Of, lie: Lie) -> Value {
    let resource = if of == Of::Calendar { "calendar" } else { "tasks" };
    world.app.lie(Some(lie));
    let run = json!({"user": "anna", "resource": resource, "maxSteps": 2});
    let report = world.crm.post("/api/sync", &run).await.ok();
    let told = world.app.lie(None);
    assert!(told > 0, "{lie:?} was told in no answer: {report}");
    report
}

/// The report and the alerts say what is wrong and what to do, and nothing else.
fn assert_said(lie: Lie, report: &Value, alerts: &[Value]) {
    let said = said(lie);
    let (when, reason, code, alerted) = said.shown();
    let next = [&report["next"]["when"], &report["next"]["reason"]];
    assert_eq!(next, [&json!(when), &json!(reason)], "{lie:?} is {said:?}: {report}");
    let issues = report["issues"].as_array().unwrap();
    let codes: Vec<&str> = issues.iter().map(|issue| issue["code"].as_str().unwrap()).collect();
    assert_eq!(codes, Vec::from_iter(code), "{lie:?} is {said:?}: {report}");
    let found: Vec<&Value> = alerts.iter().map(|alert| &alert["code"]).collect();
    assert_eq!(found, Vec::from_iter(alerted.map(|(code, ..)| code)), "{lie:?} is {said:?}");
    for (alert, (_, wrong, to_do)) in alerts.iter().zip(alerted) {
        let [message, hint] = ["message", "hint"].map(|part| alert[part].as_str().unwrap());
        assert!(message.contains(wrong) && hint.contains(to_do), "{lie:?} is {said:?}: {alert}");
    }
    for (issue, alert) in issues.iter().zip(alerts) {
        assert_eq!(issue["message"], alert["message"], "{lie:?}");
        assert!(issue["message"].as_str().unwrap().contains(" If this stays, "), "what to do: {issue}");
    }
}

async fn survives(of: Of, lie: Lie) {
    let world = work_to_do(of).await;
    let before = titles(&world, of).await;
    if lie == Lie::RevisionsBackwards {
        // Whatever is written under a revision is written when tokens are renewed.
        world.expire("accessTokens").await;
    }
    let report = lied_to(&world, of, lie).await;
    assert_said(lie, &report, &world.alerts().await);
    let requests = world.requests().await["count"].as_u64().unwrap();
    assert!(requests <= REQUESTS_MAX, "{lie:?}: {requests} requests");
    let sides = ["crm", "microsoft"].map(|side| report[side]["deleted"].as_u64().unwrap());
    assert_eq!(sides, [0, 0], "{lie:?}: {report}");
    assert_unharmed(lie, &before, &titles(&world, of).await);
    // The host keeps the contract again.
    world.advance(600).await;
    if lie == Lie::SecretGarbage {
        // Tokens that cannot be read are for nobody but the user to bring again.
        world.connect("anna").await;
    }
    until_idle_of(&world, of).await;
    let now = titles(&world, of).await;
    assert_eq!(now, [TITLES.map(str::to_owned).to_vec(), TITLES.map(str::to_owned).to_vec()], "after {lie:?}");
    assert_eq!(writes(&run(&world, of).await), 0, "after {lie:?}");
    assert_eq!(world.alerts().await, Vec::<Value>::new(), "after {lie:?}");
}

/// A scenario for each lie and kind of item, and the list of those that have one.
macro_rules! lies {
    ($($claim:ident: $lie:ident,)+) => {
        mod of_events {
            use super::*;
            $(
                #[tokio::test]
                async fn $claim() {
                    survives(Of::Calendar, Lie::$lie).await;
                }
            )+
        }

        mod of_tasks {
            use super::*;
            $(
                #[tokio::test]
                async fn $claim() {
                    survives(Of::Tasks, Lie::$lie).await;
                }
            )+
        }

        const TOLD: &[Lie] = &[$(Lie::$lie),+];
    };
}

lies! {
    changes_behind_the_same_place_come_to_an_end: CursorStandsStill,
    a_page_that_comes_for_ever_comes_to_an_end: PageForEver,
    empty_pages_without_end_come_to_an_end: NothingForEver,
    tombstones_of_what_is_there_delete_nothing: EverythingDeleted,
    what_is_twice_in_a_page_is_not_taken_from_it: EverythingTwice,
    what_is_there_and_deleted_in_a_page_is_not_deleted: ThereAndDeleted,
    an_older_state_behind_the_present_one_is_not_brought_over: OldBehindNew,
    a_page_of_more_than_was_asked_for_is_not_taken: TooManyChanges,
    a_cursor_without_end_is_not_stored: EndlessCursor,
    a_missing_answer_is_no_deletion: AnswersMissing,
    an_answer_about_another_record_is_no_answer: OtherRecords,
    a_host_that_finds_nothing_any_more_deletes_nothing: NothingFound,
    writes_without_a_result_are_made_once: ResultsMissing,
    writes_with_a_result_too_many_are_made_once: ResultsTooMany,
    results_about_other_records_link_nothing: ResultsOfOthers,
    entries_of_other_keys_are_not_believed: OtherKeys,
    a_missing_entry_is_not_taken_for_none: EntriesMissing,
    a_listing_that_begins_again_comes_to_an_end: ListingForEver,
    garbage_in_storage_is_named_and_left: Garbage,
    what_a_later_version_has_stored_is_named_and_left: LaterVersion,
    revisions_that_go_backwards_are_no_race: RevisionsBackwards,
    settings_of_other_types_switch_off_and_nothing_else: WrongTypes,
    an_empty_address_does_no_harm: NoAddress,
    a_secret_that_cannot_be_read_stops_the_run_and_nothing_else: SecretGarbage,
}

#[test]
fn every_lie_is_told() {
    for lie in Lie::ALL {
        assert!(TOLD.contains(&lie), "{lie:?} is told in no scenario");
    }
}
