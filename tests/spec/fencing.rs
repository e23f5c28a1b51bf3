//! Two holders of one mailbox: a step whose process stops, loses its lease, and
//! wakes when another holder has done its work (invariant 6; the fence of the
//! contract).
//!
//! The step stops behind every host call in turn. Whatever it does when it wakes,
//! both sides stay as the other holder has left them.

use host_harness::app::{Gate, Interruption};
use host_harness::web;
use serde_json::{Value, json};
use tandem_tests::{Answer, Client, Outlook, ToDo, World};

use crate::exceptions::crm_exception;
use crate::meetings::id;
use crate::runtime::{until_idle, writes};
use crate::series::weekly;

const FROM: &str = "2026-03-01T00:00:00Z";
const TO: &str = "2026-06-01T00:00:00Z";

/// A run of another process whose first step has stopped behind a host call.
pub struct Stopped {
    gate: Gate,
    run: tokio::task::JoinHandle<Answer>,
}

/// Begins a run that stops; none where it ended before it got there.
pub async fn stopped(world: &World, resource: &str, after: u64) -> Option<Stopped> {
    let (gate, beside) = (Gate::default(), world.app.beside());
    beside.interrupt_next_step(Some(Interruption::Pause { after, gate: gate.clone() }));
    let (crm, body) =
        (Client::new(web::router(beside), "127.0.0.1:8080"), json!({"user": "anna", "resource": resource}));
    let mut run = tokio::spawn(async move { crm.post("/api/sync", &body).await });
    tokio::select! {
        () = gate.arrived() => Some(Stopped { gate, run }),
        ended = &mut run => {
            ended.unwrap().ok();
            None
        }
    }
}

impl Stopped {
    /// Wakes the run, and answers with its report.
    pub async fn wakes(self) -> Value {
        self.gate.open();
        self.run.await.unwrap().ok()
    }
}

/// Whether a run that woke was refused. One that had only read by then may find that
/// the other holder has left nothing to do, and one that was done has nothing left.
fn is_refused(report: &Value, after: &str) -> bool {
    let is_refused = report["blocked"] == "stale-fence";
    assert!(is_refused || report["blocked"].is_null(), "{after}: {report}");
    is_refused
}

/// Everything of a calendar on both sides, versions included.
async fn calendars(world: &World, outlook: &Outlook) -> Value {
    json!({"crm": world.crm_events("anna").await, "outlook": outlook.events().await})
}

/// One edit of each kind, for a run to carry over.
async fn edit_calendars(world: &World, outlook: &Outlook, round: u64) {
    let (start, end) = ("2026-03-10T09:00:00", "2026-03-10T10:00:00");
    world.crm_create_timed("anna", &format!("Ours {round}"), &format!("{start}Z"), &format!("{end}Z")).await;
    outlook.create_timed(&format!("Theirs {round}"), start, end).await;
    let events = world.crm_events("anna").await;
    let begins = |event: &&Value, with: &str| event["title"].as_str().unwrap().starts_with(with);
    let ours = events.iter().find(|event| begins(event, "Kept by us")).unwrap();
    world.crm_update(&ours["id"], &json!({"title": format!("Kept by us {round}")})).await;
    let events = outlook.events().await;
    let theirs = events.iter().find(|event| event["subject"].as_str().unwrap().starts_with("Kept by them")).unwrap();
    outlook.update(id(theirs), &json!({"subject": format!("Kept by them {round}")})).await;
    for (title, in_crm) in [("Deleted by us", true), ("Deleted by them", false)] {
        if in_crm {
            let found = world.crm_events("anna").await;
            world.crm_delete(&World::only(&found, title)["id"]).await;
        } else {
            outlook.delete(id(&Outlook::only(&outlook.events().await, title))).await;
        }
    }
    let series = World::only(&world.crm_events("anna").await, "Jour fixe");
    let day = format!("2026-03-{:02}T09:00:00Z", if round.is_multiple_of(2) { 16 } else { 23 });
    crm_exception(world, &series, &day, json!({"title": format!("Workshop {round}")})).await;
}

/// Takes away what the round has made, and makes what the next one deletes.
async fn prepare_calendars(world: &World, outlook: &Outlook) {
    for event in outlook.events().await.iter().filter(|event| event["subject"] != "Always there") {
        outlook.delete(id(event)).await;
    }
    until_idle(world).await;
    if outlook.events().await.is_empty() {
        // A side that is empty at once would have to be looked at by a person.
        outlook.create_timed("Always there", "2026-03-12T09:00:00", "2026-03-12T10:00:00").await;
    }
    let (start, end) = ("2026-03-11T09:00:00", "2026-03-11T10:00:00");
    for title in ["Kept by us", "Kept by them", "Deleted by us", "Deleted by them"] {
        outlook.create_timed(title, start, end).await;
    }
    world.crm_create("anna", &weekly()).await;
    until_idle(world).await;
}

/// What both calendars show after a round.
fn expected(round: u64) -> Vec<String> {
    let mut titles = vec![
        format!("Kept by them {round}"),
        format!("Kept by us {round}"),
        format!("Ours {round}"),
        format!("Theirs {round}"),
        format!("Workshop {round}"),
    ];
    titles.push("Always there".to_owned());
    titles.extend(vec!["Jour fixe".to_owned(); 6]);
    titles.sort();
    titles
}

async fn in_step(world: &World, round: u64, after: &str) {
    until_idle(world).await;
    let shown = world.assert_same("anna", FROM, TO).await;
    let mut titles: Vec<String> = shown.iter().map(|line| line.splitn(3, ' ').last().unwrap().to_owned()).collect();
    titles.sort();
    assert_eq!(titles, expected(round), "{after}");
    assert_eq!(writes(&world.sync("anna").await), 0, "{after}");
    assert_eq!(world.conflicts().await, Vec::<Value>::new(), "{after}");
    assert_eq!(world.alerts().await, Vec::<Value>::new(), "{after}");
    assert!(world.mails().await.is_empty(), "{after}");
}

#[tokio::test]
async fn a_step_that_wakes_after_its_lease_writes_nothing_wherever_it_stopped() {
    let world = World::connected().await;
    let (mut round, mut refused) = (1, 0);
    loop {
        // The token of this Outlook does not live as long as all rounds.
        let outlook = world.outlook("anna").await;
        prepare_calendars(&world, &outlook).await;
        edit_calendars(&world, &outlook, round).await;
        let Some(stopped) = stopped(&world, "calendar", round).await else { break };
        let after = format!("a step that stopped behind call {round}");
        // The lease is over, and another holder does what there is to do.
        world.advance(61).await;
        until_idle(&world).await;
        let left = calendars(&world, &outlook).await;
        let report = stopped.wakes().await;
        refused += u64::from(is_refused(&report, &after));
        assert_eq!(calendars(&world, &outlook).await, left, "{after}: the one that woke has written");
        in_step(&world, round, &after).await;
        round += 1;
    }
    assert!(round > 30, "expected a step of many host calls, but found {round}");
    assert!(refused > 10, "expected steps that are refused, but found {refused} of {round}");
}

/// The same of tasks: To Do knows no key, so that the host has to stop the request.
#[tokio::test]
async fn a_step_of_tasks_that_wakes_after_its_lease_writes_nothing_wherever_it_stopped() {
    let world = World::with_tasks().await;
    let (mut round, mut refused) = (1, 0);
    loop {
        let todo = world.todo("anna").await;
        prepare_tasks(&world, &todo).await;
        world.crm_task("anna", &json!({"subject": "Ours"})).await;
        todo.create(&json!({"title": "Theirs"})).await;
        world.crm_task_update(&world.crm_task_of("anna", "Kept by us").await["id"], &json!({"priority": "high"})).await;
        todo.update(&todo.only("Kept by them").await["id"], &json!({"importance": "high"})).await;
        world.crm_task_delete(&world.crm_task_of("anna", "Deleted by us").await["id"]).await;
        todo.delete(&todo.only("Deleted by them").await["id"]).await;
        let Some(stopped) = stopped(&world, "tasks", round).await else { break };
        world.advance(61).await;
        world.sync_tasks("anna").await;
        world.sync_tasks("anna").await;
        let left = (world.crm_tasks("anna").await, todo.tasks().await);
        let report = stopped.wakes().await;
        refused += u64::from(is_refused(&report, &format!("task step {round}")));
        assert_eq!((world.crm_tasks("anna").await, todo.tasks().await), left, "{round}: the one that woke has written");
        let titles: Vec<&str> = left.1.iter().map(|task| task["title"].as_str().unwrap()).collect();
        assert_eq!(titles, ["Always there", "Kept by them", "Kept by us", "Ours", "Theirs"], "{round}");
        let subjects: Vec<&str> = left.0.iter().map(|task| task["subject"].as_str().unwrap()).collect();
        assert_eq!(subjects, titles, "{round}");
        let urgent = |task: &&Value| task["importance"] == "high";
        assert_eq!(left.1.iter().filter(urgent).count(), 2, "{round}");
        world.assert_tasks_at_rest("anna").await;
        assert!(world.conflicts().await.is_empty() && world.alerts().await.is_empty(), "{round}");
        round += 1;
    }
    assert!(round > 25, "expected a step of many host calls, but found {round}");
    assert!(refused > 10, "expected a step that is refused, but found {refused} of {round}");
}

async fn prepare_tasks(world: &World, todo: &ToDo) {
    for task in todo.tasks().await.iter().filter(|task| task["title"] != "Always there") {
        todo.delete(&task["id"]).await;
    }
    world.sync_tasks("anna").await;
    if todo.tasks().await.is_empty() {
        // A side that is empty at once would have to be looked at by a person.
        todo.create(&json!({"title": "Always there"})).await;
    }
    for title in ["Kept by us", "Kept by them", "Deleted by us", "Deleted by them"] {
        todo.create(&json!({"title": title})).await;
    }
    world.sync_tasks("anna").await;
    world.sync_tasks("anna").await;
    assert_eq!(world.crm_tasks("anna").await.len(), 5);
}
