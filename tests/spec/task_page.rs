//! The page of tasks with both sides next to each other.

use chrono::TimeDelta;
use host_harness::app::{Gate, Interruption, Resource};
use host_harness::crm::runs::{Holder, SyncResource};
use serde_json::{Value, json};
use tandem_tests::form::{has_link, link_to, tag_with_id};
use tandem_tests::{Browser, Form, World};

/// The default list of anna's To Do.
async fn tasks_path(world: &World) -> String {
    let lists = world.outlook("anna").await.graph().get("/v1.0/me/todo/lists").await.ok();
    let is_default = |list: &&Value| list["wellknownListName"] == "defaultList";
    let list = lists["value"].as_array().unwrap().iter().find(is_default).unwrap().clone();
    format!("/v1.0/me/todo/lists/{}/tasks", list["id"].as_str().unwrap())
}

async fn todo_create(world: &World, task: &Value) -> Value {
    let path = tasks_path(world).await;
    world.outlook("anna").await.graph().post(&path, task).await.ok()
}

async fn crm_create(world: &World, task: &Value) -> String {
    let task = world.crm.post("/api/tasks?user=anna", task).await.ok();
    task["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn both_sides_stand_next_to_each_other_with_what_matters() {
    let world = World::connected_with_tasks().await;
    crm_create(&world, &json!({"subject": "Mine", "dueDate": "2026-03-05T16:00:00Z", "priority": "high"})).await;
    let due = json!({"dateTime": "2026-03-06T00:00:00", "timeZone": "Europe/Berlin"});
    todo_create(&world, &json!({"title": "Theirs", "importance": "low", "dueDateTime": due, "status": "deferred"}))
        .await;
    let page = Browser::signed_in(&world.crm, "anna").await.page("/tasks").await;
    for id in ["crm-tasks", "microsoft-tasks"] {
        assert!(!tag_with_id(&page, id).is_empty() && page.contains(&format!("aria-labelledby=\"{id}\"")), "{page}");
    }
    let (crm, microsoft) = page.split_once("id=\"microsoft-tasks\"").unwrap();
    for shown in ["Mine", "Thu, 5 Mar 2026, 17:00", ">High<", ">Open<"] {
        assert!(crm.contains(shown) && !microsoft.contains(shown), "{shown}: {page}");
    }
    for shown in ["Theirs", "Fri, 6 Mar 2026", ">Low<", ">Deferred<", ">Tasks<"] {
        assert!(microsoft.contains(shown), "{shown}: {page}");
    }
}

/// Neither its name nor an address in it makes a task of To Do a task of the CRM: a run
/// does, which recognises the one and not the other.
#[tokio::test]
async fn a_task_leads_to_the_other_side_once_it_is_linked() {
    let world = World::with_tasks().await;
    let named = crm_create(&world, &json!({"subject": "Same name"})).await;
    let addressed = crm_create(&world, &json!({"subject": "Renamed here"})).await;
    todo_create(&world, &json!({"title": "Same name"})).await;
    let address = format!("http://127.0.0.1:8080/tasks/{addressed}");
    let link = json!([{"webUrl": address, "applicationName": "CRM", "displayName": "Task", "externalId": "x"}]);
    todo_create(&world, &json!({"title": "Renamed there", "linkedResources": link})).await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let page = browser.page("/tasks").await;
    for task in [&named, &addressed] {
        assert!(!has_link(&page, &format!("#task-{task}")), "{task}: {page}");
    }
    assert_eq!(page.matches("not present").count(), 4, "{page}");
    world.sync_tasks("anna").await;
    let page = browser.page("/tasks").await;
    assert!(has_link(&page, &format!("#task-{named}")), "{page}");
    assert_eq!(page.matches("not present").count(), 0, "{page}");
}

/// The cells of a page by the ids of their rows: what stands beside what.
fn row<'a>(page: &'a str, anchor: &str) -> &'a str {
    let (_, behind) = page.split_once(&format!("id=\"{anchor}\"")).unwrap_or_else(|| panic!("no {anchor}: {page}"));
    behind.split("</tr>").next().unwrap()
}

#[tokio::test]
async fn after_a_run_each_task_stands_beside_its_partner_of_the_other_side() {
    let world = World::with_tasks().await;
    let todo = world.todo("anna").await;
    let ours = world.crm_task("anna", &json!({"subject": "Ours", "dueDate": "2026-03-05T16:00:00Z"})).await;
    todo.create(&json!({"title": "Theirs"})).await;
    world.sync_tasks("anna").await;
    // Not the title, but the link says which belong together.
    todo.update(&todo.only("Ours").await["id"], &json!({"title": "Renamed there"})).await;
    let theirs = world.crm_task_of("anna", "Theirs").await;
    let page = Browser::signed_in(&world.crm, "anna").await.page("/tasks").await;
    for (task, title, there) in [(&ours, "Ours", "Renamed there"), (&theirs, "Theirs", "Theirs")] {
        let anchor = format!("task-{}", task["id"].as_str().unwrap());
        let here = row(&page, &anchor);
        assert!(here.contains(title), "{here}");
        let number = [1, 2].into_iter().find(|number| has_link(here, &format!("#todo-{number}"))).unwrap();
        let beside = row(&page, &format!("todo-{number}"));
        assert!(beside.contains(there) && has_link(beside, &format!("#{anchor}")), "{title}: {beside}");
    }
}

#[tokio::test]
async fn what_to_do_says_is_shown_as_text() {
    let world = World::connected_with_tasks().await;
    todo_create(&world, &json!({"title": "<script>alert(1)</script>"})).await;
    let page = Browser::signed_in(&world.crm, "anna").await.page("/tasks").await;
    assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>alert(1)"), "{page}");
}

#[tokio::test]
async fn what_is_done_is_shown_with_everything_only() {
    let world = World::connected_with_tasks().await;
    todo_create(&world, &json!({"title": "Done", "status": "completed"})).await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    assert!(!browser.page("/tasks").await.contains(">Done<"));
    let all = browser.page("/tasks?view=all").await;
    assert!(all.contains(">Done<") && all.contains(">Completed<"), "{all}");
}

#[tokio::test]
async fn the_buttons_run_the_tasks_and_the_page_shows_the_report_once() {
    let world = World::connected_with_tasks().await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    for action in ["/tasks/preview", "/tasks/sync"] {
        let form = Form::of(&browser.page("/tasks?view=all").await, action);
        let answer = browser.submit(&form).await;
        assert_eq!(answer.header("location"), Some("/tasks?user=anna&view=all"), "{action}");
        assert!(browser.page("/tasks").await.contains("id=\"report\""), "{action}");
        assert!(!browser.page("/tasks").await.contains("id=\"report\""), "{action}");
        assert_eq!(browser.post(action, &[("user", "anna")]).await.status, 403, "{action} without a token");
    }
    assert_eq!(world.status_of("anna", "tasks").await["lastSyncAt"], "2026-03-02T08:00:00Z");
    assert_eq!(world.status_of("anna", "calendar").await["lastSyncAt"], json!(null), "of tasks alone");
}

#[tokio::test]
async fn whoever_presses_sync_now_has_their_turn_behind_a_run_that_is_going_on() {
    let world = World::connected_with_tasks().await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    // The scheduler's run of the calendar, of which nobody who looks at tasks knows.
    let gate = Gate::default();
    world.app.interrupt_next_step(Some(Interruption::Pause { after: 1, gate: gate.clone() }));
    let app = world.app.clone();
    let due = tokio::spawn(async move { app.run_due().await });
    gate.arrived().await;
    crm_create(&world, &json!({"subject": "Send the offer"})).await;
    let page = browser.page("/tasks").await;
    let (page, ()) = tokio::join!(biased; browser.press(&page, "/tasks/sync"), async { gate.open() });
    assert!(page.contains("id=\"report\"") && !page.contains("This mailbox is in use"), "{page}");
    assert_eq!(world.todo("anna").await.tasks().await.len(), 1, "it was there before the button was pressed");
    assert!(due.await.unwrap().unwrap().iter().any(|run| run.resource == Resource::Calendar && run.result.is_ok()));
}

#[tokio::test]
async fn whoever_is_refused_for_another_run_is_led_to_the_status() {
    let world = World::connected_with_tasks().await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let user = world.app.crm().user_by_login("anna").unwrap().id;
    // Of another process, whose end nobody here can wait for.
    let holder = Holder::new("another process");
    world.app.crm().claim_run(user, SyncResource::Tasks, &holder, TimeDelta::minutes(1)).unwrap();
    let page = browser.page("/tasks").await;
    let page = browser.press(&page, "/tasks/sync").await;
    let (_, report) = page.split_once("id=\"report\"").unwrap();
    let (report, _) = report.split_once("</section>").unwrap();
    assert!(report.contains("This mailbox is in use") && has_link(report, &format!("/status/{user}")), "{report}");
}

#[tokio::test]
async fn without_an_account_the_page_says_why_one_side_is_missing() {
    let world = World::empty().await;
    world.configure().await;
    world.add_user("anna", "Acme").await;
    crm_create(&world, &json!({"subject": "Mine"})).await;
    let page = Browser::signed_in(&world.crm, "anna").await.page("/tasks").await;
    assert!(page.contains("No Microsoft account is connected"), "{page}");
    assert!(!page.contains("microsoft-tasks") && page.contains(">Not shown<"), "{page}");
}

/// The entry of a week or a month with this title; the page has one.
fn entry<'a>(page: &'a str, title: &str) -> &'a str {
    let parts: Vec<&str> = page.split(&format!("event-title\">{title}<")).collect();
    assert_eq!(parts.len(), 2, "one entry `{title}`: {page}");
    parts[1].split("</a>").next().unwrap()
}

#[tokio::test]
async fn tasks_stand_on_the_days_on_which_they_are_due() {
    let world = World::with_tasks().await;
    let todo = world.todo("anna").await;
    world.crm_task("anna", &json!({"subject": "Shared", "dueDate": "2026-03-05T16:00:00Z"})).await;
    world.sync_tasks("anna").await;
    world.crm_task("anna", &json!({"subject": "Ours", "dueDate": "2026-03-31T16:00:00Z"})).await;
    world.crm_task("anna", &json!({"subject": "Undated"})).await;
    let due = json!({"dateTime": "2026-03-06T00:00:00", "timeZone": "Europe/Berlin"});
    todo.create(&json!({"title": "Theirs", "dueDateTime": due})).await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;

    let month = browser.page("/tasks?layout=month").await;
    for (title, side) in [("Shared", "Both sides"), ("Ours", "Only Tandem CRM"), ("Theirs", "Only Microsoft")] {
        assert!(entry(&month, title).contains(side), "{title}: {month}");
    }
    assert!(!month.contains("Undated") && month.contains("One task has no due date"), "{month}");
    let week = browser.page("/tasks?layout=week").await;
    let friday = week.split("<strong>Friday</strong>").nth(1).unwrap().split("<strong>Saturday").next().unwrap();
    assert!(friday.contains("Theirs") && !friday.contains("Shared"), "{week}");
    assert!(week.contains("17:00") && week.matches("event-title\">Shared<").count() == 2, "on both sides: {week}");
    assert!(!week.contains("Ours"), "{week}");
    for answer in ["/tasks/sync", "/tasks/preview"] {
        let form = Form::of(&browser.page("/tasks?layout=week&date=2026-03-09").await, answer);
        let after = browser.submit(&form).await;
        assert_eq!(after.header("location"), Some("/tasks?user=anna&layout=week&date=2026-03-09"), "{answer}");
    }
}

#[tokio::test]
async fn a_task_of_either_side_says_what_is_known_of_it_on_the_other_one() {
    let world = World::with_tasks().await;
    let todo = world.todo("anna").await;
    let ours = world.crm_task("anna", &json!({"subject": "Ours"})).await;
    todo.create(&json!({"title": "Theirs"})).await;
    let path = format!("/tasks/{}", ours["id"].as_str().unwrap());
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let page = browser.page(&path).await;
    assert!(page.contains("Not in Microsoft 365") && page.contains("not been synchronized yet"), "{page}");
    let there = link_to(&browser.page("/tasks").await, "/tasks/microsoft?").expect("a link to To Do's task");
    let page = browser.page(&there).await;
    assert!(page.contains("Theirs") && page.contains("In Microsoft 365 only"), "{page}");

    world.sync_tasks("anna").await;
    let page = browser.page(&path).await;
    assert!(page.contains("On both sides") && page.contains("It is linked"), "{page}");
    let emulator = link_to(&page, "http").expect("a link to Microsoft's page of it");
    assert!(emulator.contains("/_emulator/mailboxes/") && emulator.contains("/tasks/"), "{emulator}");
    let page = browser.page(&there).await;
    let stored = world.crm_task_of("anna", "Theirs").await;
    assert!(page.contains("On both sides"), "{page}");
    assert!(has_link(&page, &format!("/tasks/{}", stored["id"].as_str().unwrap())), "{page}");
    todo.update(&todo.only("Ours").await["id"], &json!({"title": "Renamed there"})).await;
    let page = browser.page(&path).await;
    assert!(page.contains("Differs in Microsoft 365"), "{page}");
}

/// Names and values of a form.
type Fields<'a> = &'a [(&'a str, &'a str)];

#[tokio::test]
async fn what_is_wrong_with_a_task_is_said_beside_its_field_and_stays_entered() {
    let world = World::empty().await;
    world.add_user("anna", "Acme").await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let table: [(Fields<'_>, &[&str]); 4] = [
        (&[("subject", "")], &["subject"]),
        (&[("due_at", "09:00"), ("reminder", "soon")], &["due_on", "reminder"]),
        (&[("due_on", "2026-03-29"), ("due_at", "02:30")], &["due_at"]),
        (&[("reminder", "15")], &["due_on"]),
    ];
    for (fields, wrong) in table {
        let mut form = Form::of(&browser.page("/tasks/new").await, "/tasks");
        form.set("subject", "Call");
        for (name, value) in fields {
            form.set(name, value);
        }
        let answer = browser.submit(&form).await;
        assert_eq!(answer.status, 400, "{fields:?}");
        let is_said = |field: &&str| answer.text.contains(&format!("id=\"{field}-problem\""));
        assert!(wrong.iter().all(is_said), "{fields:?}: {}", answer.text);
        let shown = Form::of(&answer.text, "/tasks");
        for (name, value) in fields {
            assert_eq!(shown.get(name), Some(*value), "{name} is still there to be corrected");
        }
    }
    assert_eq!(world.crm_tasks("anna").await, Vec::<Value>::new());
}
