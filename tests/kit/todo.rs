//! Tasks on both sides: the CRM's, and a person's To Do.

use serde_json::{Value, json};
use url::Url;

use crate::world::{address, path_and_query, plain};
use crate::{Client, World};

/// A mailbox's To Do, used as its owner would.
#[derive(Clone)]
pub struct ToDo {
    graph: Client,
    /// The built-in list.
    pub default_list: String,
}

impl World {
    /// A CRM with the user `anna`, whose mailbox is connected, and tasks switched
    /// on in both directions.
    pub async fn with_tasks() -> Self {
        Self::with_tasks_in("Europe/Berlin", "Europe/Berlin").await
    }

    /// The same for a user who lives in one zone, and whose mailbox is in another.
    pub async fn with_tasks_in(user_zone: &str, mailbox_zone: &str) -> Self {
        let world = Self::empty().await;
        world.configure_tasks().await;
        let user = json!({
            "login": "anna", "email": address("anna"), "displayName": "anna", "organization": "Acme",
            "timeZone": user_zone,
        });
        world.crm.post("/api/users", &user).await.ok();
        let mailbox = json!({"userPrincipalName": address("anna"), "displayName": "anna", "timeZone": mailbox_zone});
        world.control("mailboxes", &mailbox).await;
        world.connect("anna").await;
        world.forget_requests().await;
        world
    }

    /// The application with all that tasks need, calendar and tasks switched on.
    pub async fn configure_tasks(&self) {
        self.configure().await;
        self.register_app(&json!(["User.Read", "Calendars.ReadWrite", "Tasks.ReadWrite", "MailboxSettings.Read"]))
            .await;
        self.save("system", "0", &[("features.tasks", json!(true))]).await.ok();
    }

    /// The To Do of a mailbox, as its owner sees it.
    pub async fn todo(&self, login: &str) -> ToDo {
        let scopes = ["User.Read", "Tasks.ReadWrite"];
        let wanted = json!({"userPrincipalName": address(login), "scopes": scopes});
        let answer = self.microsoft.post("/_control/token", &wanted).await.ok();
        let token = format!("Bearer {}", answer["accessToken"].as_str().unwrap());
        let graph = self.microsoft.with_header("authorization", &token);
        let lists = graph.get("/v1.0/me/todo/lists").await.ok();
        let is_default = |list: &&Value| list["wellknownListName"] == "defaultList";
        let default = lists["value"].as_array().unwrap().iter().find(is_default).unwrap();
        ToDo { default_list: default["id"].as_str().unwrap().to_owned(), graph }
    }

    /// Creates a task in the CRM.
    pub async fn crm_task(&self, login: &str, task: &Value) -> Value {
        self.crm.post(&format!("/api/tasks?user={login}"), task).await.ok()
    }

    /// Changes a task in the CRM.
    pub async fn crm_task_update(&self, id: &Value, patch: &Value) -> Value {
        self.crm.patch(&format!("/api/tasks/{}", plain(id)), patch).await.ok()
    }

    /// Deletes a task in the CRM.
    pub async fn crm_task_delete(&self, id: &Value) {
        self.crm.delete(&format!("/api/tasks/{}", plain(id))).await.ok();
    }

    /// The tasks of a user in the CRM, by subject.
    pub async fn crm_tasks(&self, login: &str) -> Vec<Value> {
        let answer = self.crm.get(&format!("/api/tasks?user={login}")).await.ok();
        let mut tasks = answer.as_array().unwrap_or_else(|| panic!("expected a list, but found {answer}")).clone();
        tasks.sort_by_key(|task| (task["subject"].to_string(), task["dueDate"].to_string()));
        tasks
    }

    /// The task of the CRM with this subject, which has to be the only one.
    pub async fn crm_task_of(&self, login: &str, subject: &str) -> Value {
        let tasks = self.crm_tasks(login).await;
        let found: Vec<&Value> = tasks.iter().filter(|task| task["subject"] == subject).collect();
        assert_eq!(found.len(), 1, "expected one `{subject}` in the CRM, but found {tasks:?}");
        found[0].clone()
    }

    /// Asserts that a further run of the tasks writes nothing.
    pub async fn assert_tasks_at_rest(&self, login: &str) {
        let report = self.sync_tasks(login).await;
        for side in ["crm", "microsoft"] {
            for count in ["created", "updated", "deleted"] {
                assert_eq!(report[side][count], 0, "{side} {count}: {report}");
            }
        }
    }
}

impl ToDo {
    /// The raw client.
    pub const fn graph(&self) -> &Client {
        &self.graph
    }

    fn path(list: &str) -> String {
        format!("/v1.0/me/todo/lists/{list}/tasks")
    }

    /// Creates a list; its id.
    pub async fn create_list(&self, name: &str) -> String {
        let list = self.graph.post("/v1.0/me/todo/lists", &json!({"displayName": name})).await.ok();
        list["id"].as_str().unwrap().to_owned()
    }

    /// Creates a task in the default list.
    pub async fn create(&self, task: &Value) -> Value {
        self.create_in(&self.default_list, task).await
    }

    /// Creates a task in a list.
    pub async fn create_in(&self, list: &str, task: &Value) -> Value {
        self.graph.post(&Self::path(list), task).await.ok()
    }

    /// Changes a task of the default list.
    pub async fn update(&self, id: &Value, patch: &Value) -> Value {
        self.graph.patch(&format!("{}/{}", Self::path(&self.default_list), plain(id)), patch).await.ok()
    }

    /// Deletes a task of the default list.
    pub async fn delete(&self, id: &Value) {
        self.graph.delete(&format!("{}/{}", Self::path(&self.default_list), plain(id))).await.ok();
    }

    /// The tasks of the default list with what belongs to them, by title.
    pub async fn tasks(&self) -> Vec<Value> {
        self.tasks_in(&self.default_list).await
    }

    /// The tasks of a list with what belongs to them, by title.
    pub async fn tasks_in(&self, list: &str) -> Vec<Value> {
        let mut tasks = Vec::new();
        let mut next = Some(format!("{}?$top=100&$expand=linkedResources,checklistItems", Self::path(list)));
        while let Some(path) = next {
            let page = self.graph.get(&path).await.ok();
            tasks.extend(page["value"].as_array().unwrap().clone());
            next = page["@odata.nextLink"].as_str().map(|link| path_and_query(&Url::parse(link).unwrap()));
        }
        tasks.sort_by_key(|task| (task["title"].to_string(), task["dueDateTime"].to_string()));
        tasks
    }

    /// The task of the default list with this title, which has to be the only one.
    pub async fn only(&self, title: &str) -> Value {
        let tasks = self.tasks().await;
        let found: Vec<&Value> = tasks.iter().filter(|task| task["title"] == title).collect();
        assert_eq!(found.len(), 1, "expected one `{title}` in To Do, but found {tasks:?}");
        found[0].clone()
    }

    /// Moves a task to another list, as the app does: it has another id there.
    pub async fn move_to(&self, world: &World, login: &str, task: &Value, list: &str) {
        let wanted = json!({"userPrincipalName": address(login), "taskId": task["id"], "listId": list});
        world.control("moveTask", &wanted).await;
    }
}
