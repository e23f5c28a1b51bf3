//! Query options in requests that change something: "supported in only GET
//! operations" (concepts/query-parameters).

use super::subscriptions::{Endpoint, wish};
use super::*;

/// Options of every kind, one of them nobody's.
const OPTIONS: &str =
    "?$select=nothing&$filter=nothing&$top=x&$expand=nothing&$orderby=nothing&$foo=1&$foo=2&select=id";

/// A tenant to which the same requests are made with options or without.
struct Script {
    world: World,
    token: String,
    options: &'static str,
    answers: Vec<(String, u16, Value)>,
}

impl Script {
    fn new(options: &'static str) -> Self {
        let world = World::new();
        let scopes = [
            "User.Read",
            "Calendars.ReadWrite",
            "Tasks.ReadWrite",
            "MailboxSettings.ReadWrite",
            "Mail.ReadWrite",
            "Mail.Send",
        ];
        let token = world.microsoft.issue_token(ALICE, &scopes).unwrap();
        Self { world, token, options, answers: Vec::new() }
    }

    /// Makes a request, keeps its answer and hands back the id in it.
    async fn write(&mut self, method: &str, path: &str, body: Value) -> String {
        self.write_with(self.options, method, path, body).await
    }

    async fn write_with(&mut self, options: &str, method: &str, path: &str, body: Value) -> String {
        let body = (!body.is_null()).then_some(body);
        let full = format!("{path}{options}");
        let answer = self.world.graph_as(&self.token, method, &full, &[], body).await;
        assert!(answer.status < 300, "{method} {path}: {}", answer.text);
        let id = answer.body["id"].as_str().unwrap_or_default().to_owned();
        self.answers.push((format!("{method} {path}"), answer.status, answer.body));
        id
    }

    async fn first(&self, path: &str) -> String {
        id(&self.world.graph_as(&self.token, "GET", path, &[], None).await.items()[0]).to_owned()
    }

    async fn calendars(&mut self) {
        let calendar = self.write("POST", "/me/calendars", json!({ "name": "Plan" })).await;
        self.write("PATCH", &format!("/me/calendars/{calendar}"), json!({ "name": "Plans" })).await;
        let group = self.write("POST", "/me/calendarGroups", json!({ "name": "Ours" })).await;
        self.write("PATCH", &format!("/me/calendarGroups/{group}"), json!({ "name": "Theirs" })).await;
        let made = self.write("POST", &format!("/me/calendars/{calendar}/events"), event("Talk", 10, 9)).await;
        let talk = format!("/me/events/{made}");
        self.write("PATCH", &talk, json!({ "subject": "Long talk" })).await;
        let file =
            json!({ "@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "aGVsbG8=" });
        let attached = self.write("POST", &format!("{talk}/attachments"), file).await;
        self.write("DELETE", &format!("{talk}/attachments/{attached}"), Value::Null).await;
        let data =
            json!({ "@odata.type": "microsoft.graph.openTypeExtension", "extensionName": "com.example.crm", "n": 1 });
        self.write("POST", &format!("{talk}/extensions"), data).await;
        self.write("PATCH", &format!("{talk}/extensions/com.example.crm"), json!({ "n": 2 })).await;
        self.write("POST", &format!("{talk}/dismissReminder"), Value::Null).await;
        self.write("DELETE", &talk, Value::Null).await;
        let wish = json!({ "schedules": [BOB], "startTime": at(10, 9)["start"], "endTime": at(10, 12)["end"] });
        self.write("POST", "/me/calendar/getSchedule", wish).await;
    }

    async fn settings(&mut self) {
        let category = json!({ "displayName": "Red", "color": "preset0" });
        let category = self.write("POST", "/me/outlook/masterCategories", category).await;
        self.write("PATCH", &format!("/me/outlook/masterCategories/{category}"), json!({ "color": "preset1" })).await;
        self.write("PATCH", "/me/mailboxSettings", json!({ "timeFormat": "HH:mm" })).await;
    }

    async fn tasks(&mut self) {
        let list = self.write("POST", "/me/todo/lists", json!({ "displayName": "Mine" })).await;
        self.write("PATCH", &format!("/me/todo/lists/{list}"), json!({ "displayName": "Ours" })).await;
        let made = self.write("POST", &format!("/me/todo/lists/{list}/tasks"), json!({ "title": "Do" })).await;
        let task = format!("/me/todo/lists/{list}/tasks/{made}");
        // `$select` is refused on a task, whatever is done to it.
        let options = self.options.replace("$select=nothing&", "");
        self.write_with(&options, "PATCH", &task, json!({ "title": "Do it" })).await;
        let item = self.write("POST", &format!("{task}/checklistItems"), json!({ "displayName": "One" })).await;
        self.write("PATCH", &format!("{task}/checklistItems/{item}"), json!({ "isChecked": true })).await;
        let file =
            json!({ "@odata.type": "#microsoft.graph.taskFileAttachment", "name": "a", "contentBytes": "aGVsbG8=" });
        self.write("POST", &format!("{task}/attachments"), file).await;
        self.write("DELETE", &task, Value::Null).await;
    }

    async fn mail(&mut self) {
        let folder = self.write("POST", "/me/mailFolders", json!({ "displayName": "Projects" })).await;
        self.write("PATCH", &format!("/me/mailFolders/{folder}"), json!({ "displayName": "Project" })).await;
        let made = self.write("POST", "/me/messages", json!({ "subject": "Lunch" })).await;
        self.write("PATCH", &format!("/me/messages/{made}"), json!({ "subject": "Dinner" })).await;
        let target = json!({ "destinationId": folder });
        self.write("POST", &format!("/me/messages/{made}/copy"), target.clone()).await;
        let moved = self.write("POST", &format!("/me/messages/{made}/move"), target).await;
        self.write("POST", &format!("/me/messages/{moved}/createForward"), json!({ "comment": "See" })).await;
        self.write("DELETE", &format!("/me/messages/{moved}"), Value::Null).await;
    }
}

#[tokio::test]
async fn options_say_nothing_in_a_request_that_changes_something() {
    let mut plain = Script::new("");
    let mut asking = Script::new(OPTIONS);
    for script in [&mut plain, &mut asking] {
        script.calendars().await;
        script.settings().await;
        script.tasks().await;
        script.mail().await;
    }
    assert_eq!(plain.answers.len(), 32);
    for (without, with) in plain.answers.iter().zip(&asking.answers) {
        assert_eq!(with, without);
    }
    let log = asking.world.control("GET", "conformance", None).await.body;
    assert_eq!(log["violations"], json!([]));
    // A read is another thing.
    let list = asking.first("/me/todo/lists").await;
    for path in ["/me/events".to_owned(), "/me/messages".to_owned(), format!("/me/todo/lists/{list}/tasks")] {
        let answer = asking.world.graph_as(&asking.token, "GET", &format!("{path}{OPTIONS}"), &[], None).await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.text);
    }
}

#[tokio::test]
async fn options_say_nothing_where_a_subscription_is_made() {
    let world = World::new();
    let endpoint = Endpoint::new().await;
    let made = world.post(&format!("/subscriptions{OPTIONS}"), wish(&endpoint, "me/events")).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(world.get("/subscriptions?$top=1").await.status, 501);
}
