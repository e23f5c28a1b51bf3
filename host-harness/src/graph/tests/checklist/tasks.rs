//! To Do: lists, tasks and their parts.

use super::{Row, get, row, shows};

/// All of them.
pub(super) fn rows() -> Vec<Row> {
    [lists_and_tasks(), parts_of_tasks(), data_of_applications()].concat()
}

fn lists_and_tasks() -> Vec<Row> {
    vec![
        get("/todo/lists"),
        get("/todo/lists/$count"),
        row("POST", "/todo/lists", r#"{"displayName": "House"}"#, 201),
        get("/todo/lists/{list}"),
        row("PATCH", "/todo/lists/{list}", r#"{"displayName": "Allotment"}"#, 200),
        row("DELETE", "/todo/lists/{list}", "", 204),
        get("/todo/lists/delta"),
        get("/todo/lists/delta()"),
        get("/todo/lists/{list}/tasks"),
        get("/todo/lists/{list}/tasks/$count"),
        row("POST", "/todo/lists/{list}/tasks", r#"{"title": "Reap"}"#, 201),
        get("/todo/lists/{list}/tasks/{task}"),
        row("PATCH", "/todo/lists/{list}/tasks/{task}", r#"{"status": "completed"}"#, 200),
        row("DELETE", "/todo/lists/{list}/tasks/{task}", "", 204),
        get("/todo/lists/{list}/tasks/delta"),
        get("/todo/lists/{list}/tasks/delta()"),
    ]
}

fn parts_of_tasks() -> Vec<Row> {
    let file = r##"{"@odata.type": "#microsoft.graph.taskFileAttachment", "name": "b.txt", "contentType": "text/plain", "contentBytes": "Yg=="}"##;
    let session = r#"{"attachmentInfo": {"attachmentType": "file", "name": "big.bin", "size": 4000000}}"#;
    let link = r#"{"applicationName": "CRM", "displayName": "Task 8", "externalId": "8"}"#;
    vec![
        get("/todo/lists/{list}/tasks/{task}/checklistItems"),
        get("/todo/lists/{list}/tasks/{task}/checklistItems/$count"),
        row("POST", "/todo/lists/{list}/tasks/{task}/checklistItems", r#"{"displayName": "Rake"}"#, 201),
        get("/todo/lists/{list}/tasks/{task}/checklistItems/{step}"),
        row("PATCH", "/todo/lists/{list}/tasks/{task}/checklistItems/{step}", r#"{"isChecked": true}"#, 200),
        row("DELETE", "/todo/lists/{list}/tasks/{task}/checklistItems/{step}", "", 204),
        get("/todo/lists/{list}/tasks/{task}/linkedResources"),
        get("/todo/lists/{list}/tasks/{task}/linkedResources/$count"),
        row("POST", "/todo/lists/{list}/tasks/{task}/linkedResources", link, 201),
        get("/todo/lists/{list}/tasks/{task}/linkedResources/{link}"),
        row("PATCH", "/todo/lists/{list}/tasks/{task}/linkedResources/{link}", r#"{"externalId": "9"}"#, 200),
        row("DELETE", "/todo/lists/{list}/tasks/{task}/linkedResources/{link}", "", 204),
        get("/todo/lists/{list}/tasks/{task}/attachments"),
        row("POST", "/todo/lists/{list}/tasks/{task}/attachments", file, 201),
        get("/todo/lists/{list}/tasks/{task}/attachments/$count"),
        get("/todo/lists/{list}/tasks/{task}/attachments/{taskFile}"),
        get("/todo/lists/{list}/tasks/{task}/attachments/{taskFile}/$value"),
        row("DELETE", "/todo/lists/{list}/tasks/{task}/attachments/{taskFile}", "", 204),
        row("POST", "/todo/lists/{list}/tasks/{task}/attachments/createUploadSession", session, 200),
        shows("/todo/lists/{list}/tasks/{task}/attachmentSessions", "/value/0/id"),
        get("/todo/lists/{list}/tasks/{task}/attachmentSessions/$count"),
        get("/todo/lists/{list}/tasks/{task}/attachmentSessions/{session}"),
        row("DELETE", "/todo/lists/{list}/tasks/{task}/attachmentSessions/{session}", "", 204),
    ]
}

fn data_of_applications() -> Vec<Row> {
    let data = r#"{"extensionName": "com.example.other", "number": 8}"#;
    let change = r#"{"number": 9}"#;
    vec![
        get("/todo/lists/{list}/extensions"),
        row("POST", "/todo/lists/{list}/extensions", data, 201),
        get("/todo/lists/{list}/extensions/com.example.link"),
        get("/todo/lists/{list}/extensions/{listData}"),
        row("PATCH", "/todo/lists/{list}/extensions/com.example.link", change, 200),
        row("DELETE", "/todo/lists/{list}/extensions/com.example.link", "", 204),
        shows("/todo/lists/{list}?$expand=extensions", "/extensions/0/number"),
        get("/todo/lists/{list}/tasks/{task}/extensions"),
        row("POST", "/todo/lists/{list}/tasks/{task}/extensions", data, 201),
        get("/todo/lists/{list}/tasks/{task}/extensions/com.example.link"),
        get("/todo/lists/{list}/tasks/{task}/extensions/{taskData}"),
        row("PATCH", "/todo/lists/{list}/tasks/{task}/extensions/com.example.link", change, 200),
        row("DELETE", "/todo/lists/{list}/tasks/{task}/extensions/com.example.link", "", 204),
        shows(
            "/todo/lists/{list}/tasks/{task}?$expand=extensions($filter=id eq 'com.example.link')",
            "/extensions/0/number",
        ),
    ]
}
