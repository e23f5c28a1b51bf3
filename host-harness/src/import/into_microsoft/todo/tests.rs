#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use chrono_tz::Tz;

use super::*;
use crate::clock::HarnessClock;
use crate::graph::{Microsoft, NewMailbox};
use crate::import::{import_into_microsoft, read};

const ANNA: &str = "anna@acme.example";

fn now() -> DateTime<Utc> {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

fn outlook() -> Outlook {
    let microsoft = Microsoft::new(HarnessClock::fixed(now()), 7, "http://127.0.0.1:8081");
    let mailbox = NewMailbox {
        user_principal_name: ANNA.to_owned(),
        display_name: "Anna".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        password: None,
    };
    microsoft.create_mailbox(mailbox).unwrap();
    Outlook::of(&microsoft, ANNA)
}

/// What a calendar with tasks of these lines holds, for a person in Berlin.
fn batch(tasks: &[&[&str]]) -> ImportBatch {
    let task = |lines: &&[&str]| format!("BEGIN:VTODO\r\nSUMMARY:Call\r\n{}\r\nEND:VTODO\r\n", lines.join("\r\n"));
    let tasks: String = tasks.iter().map(task).collect();
    read(&format!("BEGIN:VCALENDAR\r\n{tasks}END:VCALENDAR\r\n"), Tz::Europe__Berlin).unwrap()
}

/// The lists of a mailbox, the default one first.
async fn lists(outlook: &Outlook) -> Vec<String> {
    let lists = outlook.list_all("/me/todo/lists?$select=id").await.unwrap();
    lists.iter().map(|list| id(list).unwrap().to_owned()).collect()
}

async fn tasks_in(outlook: &Outlook, list: &str) -> Vec<Value> {
    outlook.list_all(&format!("/me/todo/lists/{list}/tasks?$expand=linkedResources")).await.unwrap()
}

#[tokio::test]
async fn what_the_file_says_is_what_to_do_holds() {
    let outlook = outlook();
    let whole: &[&str] = &[
        "UID:a",
        "DESCRIPTION:a <b>",
        "DTSTART;VALUE=DATE:20260303",
        "DUE;TZID=Europe/Berlin:20260303T170000",
        "RRULE:FREQ=WEEKLY;COUNT=4",
        "PRIORITY:9",
        "CATEGORIES:Work",
        "STATUS:IN-PROCESS",
        "BEGIN:VALARM\r\nTRIGGER;RELATED=END:-PT30M\r\nEND:VALARM",
    ];
    let done: &[&str] = &["STATUS:COMPLETED", "COMPLETED:20260301T120000Z"];
    let report = import_into_microsoft(&outlook, &batch(&[whole, done]), now()).await.unwrap();
    assert_eq!((report.tasks.created, report.tasks.recurring), (2, 1));
    assert_eq!(report.tasks.left_out_fields, BTreeMap::new());
    let found = tasks_in(&outlook, &lists(&outlook).await[0]).await;
    let whole = found.iter().find(|task| task["status"] == "inProgress").unwrap();
    let midnight = json!({ "dateTime": "2026-03-02T23:00:00.0000000", "timeZone": "UTC" });
    assert_eq!((&whole["dueDateTime"], &whole["startDateTime"]), (&midnight, &midnight));
    assert_eq!(whole["reminderDateTime"]["dateTime"], "2026-03-03T15:30:00.0000000");
    assert_eq!((&whole["importance"], &whole["categories"]), (&json!("low"), &json!(["Work"])));
    assert_eq!(whole["body"], json!({ "contentType": "text", "content": "a <b>" }));
    assert_eq!(whole["recurrence"]["pattern"]["daysOfWeek"], json!(["tuesday"]));
    assert_eq!(whole["recurrence"]["range"]["numberOfOccurrences"], 4);
    assert_eq!(whole["linkedResources"][0]["applicationName"], APPLICATION);
    let done = found.iter().find(|task| task["status"] == "completed").unwrap();
    assert_eq!(done["completedDateTime"]["dateTime"], "2026-02-28T23:00:00.0000000");
}

#[tokio::test]
async fn a_second_import_finds_tasks_in_whatever_list_they_are() {
    let outlook = outlook();
    let batch = batch(&[&["UID:a"], &["UID:b"], &[]]);
    import_into_microsoft(&outlook, &batch, now()).await.unwrap();
    let list = outlook
        .call_all(&[Call {
            method: "POST",
            path: "/me/todo/lists".to_owned(),
            body: Some(json!({"displayName": "L"})),
        }])
        .await
        .unwrap();
    let (from, to) = (&lists(&outlook).await[0], id(&list[0].body).unwrap());
    // As the app moves a task: a copy there, and the old one is gone.
    let moved = tasks_in(&outlook, from).await.into_iter().find(|task| task["linkedResources"] != json!([])).unwrap();
    let copy = json!({ "title": "Renamed", "linkedResources": [{
        "applicationName": APPLICATION, "externalId": moved["linkedResources"][0]["externalId"],
    }] });
    let old = format!("/me/todo/lists/{from}/tasks/{}", id(&moved).unwrap());
    let calls = [
        Call { method: "POST", path: format!("/me/todo/lists/{to}/tasks"), body: Some(copy) },
        Call { method: "DELETE", path: old, body: None },
    ];
    assert!(outlook.call_all(&calls).await.unwrap().iter().all(crate::demo::outlook::Answer::is_success));
    let again = import_into_microsoft(&outlook, &batch, now()).await.unwrap();
    // A task without a UID has nothing to be known by.
    assert_eq!((again.tasks.created, again.skipped), (1, BTreeMap::from([(SkipReason::Duplicate, 2)])));
}

#[tokio::test]
async fn what_to_do_has_no_place_for_is_counted() {
    let tasks: [&[&str]; 3] = [
        &["CLASS:PRIVATE", "LOCATION:Office"],
        &["DUE;VALUE=DATE:20260302", "RRULE:FREQ=MONTHLY;BYMONTHDAY=1,2"],
        &["PERCENT-COMPLETE:40"],
    ];
    let report = import_into_microsoft(&outlook(), &batch(&tasks), now()).await.unwrap();
    let fields = json!({ "class": 1, "location": 1, "recurrence": 1, "progress": 1 });
    let counted = serde_json::to_value(&report.tasks).unwrap();
    assert_eq!(counted, json!({ "created": 3, "recurring": 0, "leftOutFields": fields }));
}
