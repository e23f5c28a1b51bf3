//! The mailbox that rows of the checklist find: something of everything.

use super::super::*;

/// A tenant and the ids of what is in it, by the names that rows use.
pub(in crate::graph::tests) struct Scene {
    pub(in crate::graph::tests) world: World,
    pub(in crate::graph::tests) token: String,
    names: Vec<(&'static str, String)>,
}

/// What rows may do.
pub(super) const SCOPES: [&str; 6] =
    ["User.Read", "Calendars.ReadWrite", "Tasks.ReadWrite", "Mail.ReadWrite", "Mail.Send", "MailboxSettings.ReadWrite"];

impl Scene {
    pub(in crate::graph::tests) async fn new() -> Self {
        let world = World::new();
        let token = world.microsoft.issue_token(ALICE, &SCOPES).unwrap();
        let mut scene = Self { world, token, names: vec![("alice", ALICE.to_owned())] };
        let me = scene.send("GET", "/me", "").await;
        scene.names.push(("aliceId", id(&me.body).to_owned()));
        scene.make_events().await;
        scene.make_tasks().await;
        scene.make_mail().await;
        scene
    }

    /// The same scene, for somebody who changes it.
    pub(in crate::graph::tests) fn copy(&self) -> Self {
        let World { microsoft, clock, token } = &self.world;
        let world = World { microsoft: microsoft.fork(clock.clone()), clock: clock.clone(), token: token.clone() };
        Self { world, token: self.token.clone(), names: self.names.clone() }
    }

    /// Puts the scene's ids where a row names them.
    pub(in crate::graph::tests) fn fill(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (name, id)| text.replace(&format!("{{{name}}}"), id))
    }

    /// When the scene made something: later things have higher numbers.
    pub(super) fn made_as(&self, id: &str) -> Option<usize> {
        self.names.iter().rposition(|(_, known)| known == id)
    }

    pub(super) async fn send(&self, method: &str, path: &str, body: &str) -> Answer {
        let body = (!body.is_empty()).then(|| serde_json::from_str(body).unwrap());
        self.world.graph_as(&self.token, method, &path.replace(' ', "%20"), &[], body).await
    }

    /// Sends a piece of a file.
    pub(super) async fn put(&self, path: &str, range: &str, bytes: &'static [u8]) -> Answer {
        let request = Request::put(format!("/v1.0{path}"))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/octet-stream")
            .header("content-range", range);
        self.world.send(request.body(Body::from(bytes)).unwrap()).await
    }

    pub(super) async fn make(&mut self, name: &'static str, path: &str, body: Value) -> Value {
        let answer = self.send("POST", &self.fill(path), &body.to_string()).await;
        assert_eq!(answer.status, 201, "{name}: {}", answer.text);
        self.names.push((name, id(&answer.body).to_owned()));
        answer.body
    }

    pub(super) async fn name_first(&mut self, name: &'static str, path: &str) {
        let answer = self.send("GET", &self.fill(path), "").await;
        assert!(!answer.items().is_empty(), "{name}: {} {}", answer.status, answer.text);
        self.names.push((name, id(&answer.items()[0]).to_owned()));
    }

    async fn make_events(&mut self) {
        self.make("calendar", "/me/calendars", json!({ "name": "Choir" })).await;
        let mut lunch = event("Lunch", 3, 12);
        let own = json!([{ "id": "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name x", "value": "1" }]);
        lunch["singleValueExtendedProperties"] = own;
        self.make("event", "/me/events", lunch).await;
        self.make("elsewhere", "/me/calendars/{calendar}/events", event("Rehearsal", 4, 19)).await;
        self.make("series", "/me/events", daily(5)).await;
        self.name_first("occurrence", &instances_path("{series}")).await;
        // Of another one, a day was changed.
        self.make("rehearsals", "/me/calendars/{calendar}/events", daily(2)).await;
        self.name_first("rehearsal", &instances_path("{rehearsals}")).await;
        let path = self.fill("/me/events/{rehearsal}");
        assert_eq!(self.send("PATCH", &path, r#"{"subject": "Once"}"#).await.status, 200, "{path}");
        let mut invitation = event("Meeting", 5, 10);
        invitation["attendees"] = json!([guest(ALICE)]);
        let answer = self.world.as_bob("POST", "/me/events", Some(invitation)).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        self.name_first("invited", "/me/events?$filter=subject eq 'Meeting'").await;
        let mut own = event("Review", 6, 10);
        own["attendees"] = json!([guest(BOB)]);
        self.make("meeting", "/me/events", own).await;
        let file = json!({ "@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "YQ==" });
        self.make("file", "/me/events/{event}/attachments", file).await;
        let extension = json!({ "extensionName": "com.example.link", "number": 7 });
        let answer = self.send("POST", &self.fill("/me/events/{event}/extensions"), &extension.to_string()).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        self.make("group", "/me/calendarGroups", json!({ "name": "Clubs" })).await;
        self.make("empty", "/me/calendarGroups", json!({ "name": "Nothing" })).await;
        self.make("chess", "/me/calendarGroups/{group}/calendars", json!({ "name": "Chess" })).await;
        let category = json!({ "displayName": "Blue", "color": "preset7" });
        self.make("category", "/me/outlook/masterCategories", category).await;
    }

    async fn make_tasks(&mut self) {
        self.name_first("default", "/me/todo/lists").await;
        self.make("list", "/me/todo/lists", json!({ "displayName": "Garden" })).await;
        self.make("task", "/me/todo/lists/{list}/tasks", json!({ "title": "Sow" })).await;
        let parts = "/me/todo/lists/{list}/tasks/{task}";
        self.make("step", &format!("{parts}/checklistItems"), json!({ "displayName": "Dig" })).await;
        let link = json!({ "applicationName": "CRM", "displayName": "Task 7", "externalId": "7" });
        self.make("link", &format!("{parts}/linkedResources"), link).await;
        let file = json!({
            "@odata.type": "#microsoft.graph.taskFileAttachment", "name": "a.txt", "contentType": "text/plain",
            "contentBytes": "YQ==",
        });
        self.make("taskFile", &format!("{parts}/attachments"), file).await;
        let session = json!({ "attachmentInfo": { "attachmentType": "file", "name": "big.bin", "size": 4_000_000 } });
        let begun = self.fill(&format!("{parts}/attachments/createUploadSession"));
        let answer = self.send("POST", &begun, &session.to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        self.name_first("session", &format!("{parts}/attachmentSessions")).await;
        let extension = json!({ "extensionName": "com.example.link", "number": 7 });
        self.make("taskData", &format!("{parts}/extensions"), extension.clone()).await;
        self.make("listData", "/me/todo/lists/{list}/extensions", extension).await;
    }

    async fn make_mail(&mut self) {
        self.make("folder", "/me/mailFolders", json!({ "displayName": "Projects" })).await;
        let draft = json!({
            "subject": "Offer",
            "body": { "contentType": "text", "content": "As said" },
            "toRecipients": [{ "emailAddress": { "address": BOB } }],
        });
        self.make("draft", "/me/messages", draft).await;
        let extension = json!({ "extensionName": "com.example.link", "number": 7 });
        let answer = self.send("POST", &self.fill("/me/messages/{draft}/extensions"), &extension.to_string()).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        // The invitation above.
        self.name_first("message", "/me/mailFolders/inbox/messages").await;
        let file = json!({ "@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "YQ==" });
        self.make("draftFile", "/me/messages/{draft}/attachments", file).await;
    }
}
