//! The tasks of the emulated CRM: its JSON interface, and the pages on which
//! people work with them. Nothing here is synchronised.

use serde_json::{Value, json};
use tandem_tests::form::{has_link, tag_with_id};
use tandem_tests::{Browser, Form, World};

/// An administrator and two users of `Acme`, and a user of `Globex`.
async fn company() -> World {
    let world = World::empty().await;
    world.add_administrator("admin", "Acme").await;
    world.add_user("anna", "Acme").await;
    world.add_user("ben", "Acme").await;
    world.add_user("stranger", "Globex").await;
    world
}

async fn create(world: &World, login: &str, task: &Value) -> Value {
    world.crm.post(&format!("/api/tasks?user={login}"), task).await.ok()
}

async fn tasks(world: &World, login: &str) -> Vec<Value> {
    world.crm.get(&format!("/api/tasks?user={login}")).await.ok().as_array().unwrap().clone()
}

fn path_of(task: &Value) -> String {
    format!("/api/tasks/{}", task["id"].as_str().unwrap())
}

fn page_of(task: &Value) -> String {
    format!("/tasks/{}", task["id"].as_str().unwrap())
}

async fn workflow(world: &World, active: bool) {
    let answer = world.crm.put("/api/control/task-workflow", &json!({"active": active})).await.ok();
    assert_eq!(answer, json!({"active": active}));
    assert_eq!(world.crm.get("/api/control/task-workflow").await.ok(), answer);
}

#[tokio::test]
async fn a_task_is_made_read_changed_and_deleted_as_json() {
    // T1
    let world = company().await;
    let fields = json!({"subject": "Call Northwind", "description": "<p>About <b>it</b></p>",
        "dueDate": "2026-03-05T16:00:00Z", "priority": "high", "status": "in_progress", "reminderMinutes": 30});
    let answer = world.crm.post("/api/tasks?user=anna", &fields).await;
    assert_eq!(answer.status, 201);
    let task = answer.ok();
    for (name, value) in fields.as_object().unwrap() {
        assert_eq!(&task[name], value, "{name}");
    }
    assert_eq!(world.crm.get(&path_of(&task)).await.ok(), task);
    assert_eq!(tasks(&world, "anna").await, std::slice::from_ref(&task));

    let change = json!({"subject": "Called", "status": "closed", "version": task["version"]});
    let changed = world.crm.patch(&path_of(&task), &change).await.ok();
    assert_eq!((&changed["subject"], &changed["dueDate"]), (&json!("Called"), &fields["dueDate"]));
    let (code, _) = world.crm.patch(&path_of(&task), &change).await.refused(409);
    assert_eq!(code, "version-mismatch");

    let answer = world.crm.delete(&path_of(&task)).await;
    assert_eq!(answer.status, 204);
    world.crm.get(&path_of(&task)).await.refused(404);
    assert!(tasks(&world, "anna").await.is_empty());
}

#[tokio::test]
async fn a_task_goes_to_a_colleague_and_to_nobody_of_another_organization() {
    let world = company().await;
    let task = create(&world, "anna", &json!({"subject": "Prepare", "assignedTo": "ben"})).await;
    assert_eq!((&task["assignedTo"], &task["createdBy"]), (&json!("ben"), &json!("anna")));
    let back = world.crm.patch(&path_of(&task), &json!({"assignedTo": "anna"})).await.ok();
    assert_eq!((tasks(&world, "anna").await, tasks(&world, "ben").await), (vec![back], vec![]));
    for login in ["stranger", "nobody"] {
        let (code, message) = world.crm.patch(&path_of(&task), &json!({"assignedTo": login})).await.refused(400);
        assert_eq!(code, "unknown-user");
        assert!(message.contains("same organization") && !message.contains(login), "{message}");
    }
}

#[tokio::test]
async fn a_wrong_task_is_refused_with_what_was_expected_and_a_hint() {
    // T3
    let world = company().await;
    let table = [
        (json!({}), "blank-subject"),
        (json!({"subject": "x", "dueDate": "soon"}), "invalid-instant"),
        (json!({"subject": "x", "reminderMinutes": 5}), "due-date-missing"),
        (json!({"subject": "x", "priority": "urgent"}), "unknown-priority"),
        (json!({"subject": "x", "title": "y"}), "invalid-body"),
        (json!(["x"]), "invalid-body"),
    ];
    for (body, expected) in table {
        let (code, message) = world.crm.post("/api/tasks?user=anna", &body).await.refused(400);
        assert_eq!(code, expected, "{message}");
        assert!(message.contains("expected") && message.contains("; "), "{message}");
    }
    world.crm.post("/api/tasks", &json!({"subject": "x"})).await.refused(400);
    world.crm.post("/api/tasks?user=nobody", &json!({"subject": "x"})).await.refused(404);
    for path in ["/api/tasks/x", "/api/tasks/01", "/api/tasks/99"] {
        world.crm.get(path).await.refused(404);
    }
    world.crm.put("/api/control/task-workflow", &json!({"active": "yes"})).await.refused(400);
    assert!(tasks(&world, "anna").await.is_empty());
}

#[tokio::test]
async fn while_the_workflow_is_active_a_status_is_moved_and_not_set() {
    // T2
    let world = company().await;
    let task = create(&world, "anna", &json!({"subject": "Prepare"})).await;
    let step = async |word: &str| {
        world.crm.post(&format!("{}/transition", path_of(&task)), &json!({"transition": word})).await
    };
    assert_eq!(step("close").await.refused(400).0, "workflow-inactive");
    workflow(&world, true).await;
    let (code, message) = world.crm.patch(&path_of(&task), &json!({"status": "in_progress"})).await.refused(400);
    assert_eq!(code, "workflow-restricted");
    assert!(message.contains("use the transition `start_progress`"), "{message}");
    world.crm.patch(&path_of(&task), &json!({"subject": "Prepared"})).await.ok();
    for (word, status) in
        [("start_progress", "in_progress"), ("stop_progress", "open"), ("close", "closed"), ("reopen", "open")]
    {
        assert_eq!(step(word).await.ok()["status"], status, "{word}");
    }
    assert_eq!(step("reopen").await.refused(400).0, "transition-not-allowed");
    assert_eq!(step("dream").await.refused(400).0, "unknown-transition");
    workflow(&world, false).await;
    world.crm.patch(&path_of(&task), &json!({"status": "closed"})).await.ok();
}

#[tokio::test]
async fn a_task_is_made_changed_and_deleted_on_its_page() {
    let world = company().await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let list = browser.page("/tasks").await;
    assert!(list.contains("<h1>My tasks</h1>") && has_link(&list, "/tasks/new?user=anna"), "{list}");
    assert!(has_link(&browser.page("/").await, "/tasks"), "it is in the navigation");
    let mut form = Form::of(&browser.page("/tasks/new?user=anna").await, "/tasks");
    for (name, value) in [
        ("subject", "Call <them>"),
        ("due_on", "2026-03-05"),
        ("priority", "high"),
        ("reminder", "30"),
        ("description", "a < b\nc"),
    ] {
        form.set(name, value);
    }
    assert_eq!(browser.submit(&form).await.status, 303);
    let task = tasks(&world, "anna").await.remove(0);
    assert_eq!((&task["priority"], &task["description"]), (&json!("high"), &json!("a &lt; b<br>c")));
    assert_eq!(task["dueDate"], "2026-03-05T22:59:00Z", "the end of the day where anna is");
    let list = browser.page("/tasks").await;
    assert!(list.contains("The task was created.") && list.contains("Call &lt;them&gt;"), "{list}");
    assert!(list.contains("Thu, 5 Mar 2026, 23:59") && list.contains(">High<"), "{list}");

    let page = page_of(&task);
    let opened = browser.page(&page).await;
    let mut form = Form::of(&opened, &page);
    assert_eq!((form.get("due_at"), form.get("status")), (Some("23:59"), Some("open")));
    let mut stale = form.clone();
    form.set("status", "closed");
    assert_eq!(browser.submit(&form).await.status, 303);
    assert!(browser.page("/tasks").await.contains("Nothing to do."));
    assert!(browser.page("/tasks?view=all").await.contains(">Closed<"));

    // What was changed in between is not overwritten unseen, nor is what was
    // entered lost.
    stale.set("subject", "Called");
    let answer = browser.submit(&stale).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text.contains("changed meanwhile"), "{}", answer.text);
    assert_eq!(Form::of(&answer.text, &page).get("subject"), Some("Called"));

    let asked = browser.page(&format!("{page}/delete")).await;
    assert!(asked.contains("As long as no Microsoft account is connected, nothing else is deleted."), "{asked}");
    let after = browser.press(&asked, &format!("{page}/delete")).await;
    assert!(after.contains("The task was deleted."), "{after}");
    assert!(tasks(&world, "anna").await.is_empty());
}

#[tokio::test]
async fn a_wrong_task_on_the_page_keeps_what_was_entered_and_says_why() {
    let world = company().await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let page = browser.page("/tasks/new").await;
    for (name, value, said) in [
        ("subject", " ", "subject is missing"),
        ("due_at", "09:00", "due date is missing"),
        ("reminder", "5", "the reminder counts back from it"),
        ("assigned_to", "stranger", "same organization"),
    ] {
        let mut form = Form::of(&page, "/tasks");
        form.set("subject", "Kept");
        form.set(name, value);
        let answer = browser.submit(&form).await;
        assert_eq!(answer.status, 400, "{name}");
        assert!(answer.text.contains("Nothing was saved.") && answer.text.contains(said), "{name}: {}", answer.text);
        let shown = Form::of(&answer.text, "/tasks");
        assert_eq!(shown.get("subject"), Some(if name == "subject" { "" } else { "Kept" }), "{name}");
    }
    assert!(tasks(&world, "anna").await.is_empty());
}

#[tokio::test]
async fn the_buttons_of_the_workflow_take_the_place_of_the_status() {
    // T2
    let world = company().await;
    let task = create(&world, "anna", &json!({"subject": "Prepare"})).await;
    let (page, action) = (page_of(&task), format!("{}/transition", page_of(&task)));
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let without = browser.page(&page).await;
    assert!(Form::find(&without, &action).is_none() && !tag_with_id(&without, "status").is_empty());
    let stale = Form::of(&without, &page);
    workflow(&world, true).await;

    let opened = browser.page(&page).await;
    assert_eq!(Form::of(&opened, &page).get("status"), None);
    let mut step = Form::of(&opened, &action);
    step.set("transition", "start_progress");
    assert_eq!(browser.submit(&step).await.header("location"), Some(page.as_str()));
    let list = browser.page("/tasks").await;
    assert!(list.contains(">In progress<") && list.contains(">Stop progress<"), "{list}");
    let mut step = Form::of(&list, &action);
    step.set("transition", "close");
    assert_eq!(browser.submit(&step).await.header("location"), Some("/tasks?user=anna"));
    assert_eq!(world.crm.get(&path_of(&task)).await.ok()["status"], "closed");
    assert_eq!(browser.submit(&step).await.status, 400, "a closed task cannot be closed");

    // The form of before the switch still says that the task is open.
    let answer = browser.submit(&stale).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
}

#[tokio::test]
async fn tasks_open_for_their_owner_and_his_administrator_alone() {
    let world = company().await;
    let task = create(&world, "anna", &json!({"subject": "Secret plan"})).await;
    let page = page_of(&task);
    for (login, status) in [("anna", 200), ("admin", 200), ("ben", 403), ("stranger", 404)] {
        let mut browser = Browser::signed_in(&world.crm, login).await;
        for path in [page.clone(), format!("{page}/delete"), "/tasks?user=anna".to_owned()] {
            let answer = browser.get(&path).await;
            assert_eq!(answer.status, status, "{path} for {login}");
            assert_eq!(answer.text.contains("Secret plan"), status == 200, "{path} for {login}");
        }
    }
    let mut admin = Browser::signed_in(&world.crm, "admin").await;
    assert!(admin.page("/tasks?user=anna").await.contains("<h1>Tasks of"));
    assert!(has_link(&admin.page("/users").await, "/tasks?user=anna"));
    assert_eq!(Browser::fresh(&world.crm).await.get("/tasks").await.status, 303, "to the sign-in");
}

#[tokio::test]
async fn no_form_of_a_task_is_accepted_without_the_token_of_its_session() {
    let world = company().await;
    let task = create(&world, "anna", &json!({"subject": "Stays"})).await;
    workflow(&world, true).await;
    let page = page_of(&task);
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    for path in ["/tasks".to_owned(), page.clone(), format!("{page}/transition"), format!("{page}/delete")] {
        let answer = browser.post(&path, &[("subject", "Forged"), ("transition", "close")]).await;
        assert_eq!(answer.status, 403, "{path}");
    }
    assert_eq!(tasks(&world, "anna").await, [task]);
}
