//! Mail: folders, messages, and sending.

use super::{Row, finds_one, get, row, shows};

/// All of them.
pub(super) fn rows() -> Vec<Row> {
    [folders(), messages(), sending(), what_belongs_to_messages(), files_of_messages()].concat()
}

fn folders() -> Vec<Row> {
    vec![
        get("/mailFolders"),
        get("/mailFolders/$count"),
        row("POST", "/mailFolders", r#"{"displayName": "Clients"}"#, 201),
        get("/mailFolders/{folder}"),
        get("/mailFolders/inbox"),
        get("/mailFolders('inbox')"),
        row("PATCH", "/mailFolders/{folder}", r#"{"displayName": "Old projects"}"#, 200),
        row("DELETE", "/mailFolders/{folder}", "", 204),
        get("/mailFolders/{folder}/childFolders"),
        get("/mailFolders/{folder}/childFolders/$count"),
        row("POST", "/mailFolders/{folder}/childFolders", r#"{"displayName": "2026"}"#, 201),
        row("POST", "/mailFolders/{folder}/move", r#"{"DestinationId": "archive"}"#, 201),
        row("POST", "/mailFolders/{folder}/copy", r#"{"DestinationId": "archive"}"#, 201),
        row("POST", "/mailFolders/{folder}/permanentDelete", "", 204),
        get("/mailFolders/delta"),
        get("/mailFolders/{folder}/childFolders/delta"),
        get("/mailFolders/inbox/messages"),
        get("/mailFolders/inbox/messages/$count"),
        get("/mailFolders/inbox/messages/{message}"),
        row("PATCH", "/mailFolders/inbox/messages/{message}", r#"{"isRead": true}"#, 200),
        row("DELETE", "/mailFolders/inbox/messages/{message}", "", 204),
        get("/mailFolders/inbox/messages/delta"),
        get("/mailFolders('inbox')/messages/delta()"),
    ]
}

fn messages() -> Vec<Row> {
    let draft = r#"{"subject": "New", "body": {"contentType": "text", "content": "x"}}"#;
    vec![
        get("/messages"),
        get("/messages/$count"),
        finds_one("/messages?$search=%22subject:Meeting%22"),
        row("POST", "/messages", draft, 201),
        row("POST", "/mailFolders/drafts/messages", draft, 201),
        get("/messages/{message}"),
        row("PATCH", "/messages/{draft}", r#"{"subject": "Better offer"}"#, 200),
        row("PATCH", "/messages/{message}", r#"{"isRead": true}"#, 200),
        row("DELETE", "/messages/{message}", "", 204),
        get("/messages/{message}/$value"),
        row("POST", "/messages/{message}/move", r#"{"DestinationId": "archive"}"#, 201),
        row("POST", "/messages/{message}/copy", r#"{"DestinationId": "archive"}"#, 201),
        row("POST", "/messages/{message}/permanentDelete", "", 204),
    ]
}

fn sending() -> Vec<Row> {
    let mail = r#"{"Message": {"subject": "Hello", "body": {"contentType": "text", "content": "x"}, "toRecipients": [{"emailAddress": {"address": "bob@contoso.example"}}]}}"#;
    let forward = r#"{"Comment": "See below", "ToRecipients": [{"emailAddress": {"address": "bob@contoso.example"}}]}"#;
    vec![
        row("POST", "/messages/{draft}/send", "", 202),
        row("POST", "/sendMail", mail, 202),
        row("POST", "/messages/{message}/createReply", "", 201),
        row("POST", "/messages/{message}/createReplyAll", "", 201),
        row("POST", "/messages/{message}/createForward", "", 201),
        row("POST", "/messages/{message}/reply", r#"{"Comment": "Fine"}"#, 202),
        row("POST", "/messages/{message}/replyAll", r#"{"Comment": "Fine"}"#, 202),
        row("POST", "/messages/{message}/forward", forward, 202),
    ]
}

fn what_belongs_to_messages() -> Vec<Row> {
    let extension = r#"{"extensionName": "com.example.other", "number": 7}"#;
    vec![
        get("/messages/{draft}/extensions"),
        get("/messages/{draft}/extensions/$count"),
        row("POST", "/messages/{draft}/extensions", extension, 201),
        get("/messages/{draft}/extensions/com.example.link"),
        row("PATCH", "/messages/{draft}/extensions/com.example.link", r#"{"number": 8}"#, 200),
        row("DELETE", "/messages/{draft}/extensions/com.example.link", "", 204),
        shows("/messages/{message}/microsoft.graph.eventMessage/event", "/subject"),
    ]
}

fn files_of_messages() -> Vec<Row> {
    let file = r##"{"@odata.type": "#microsoft.graph.fileAttachment", "name": "b.txt", "contentBytes": "Yg=="}"##;
    let session = r#"{"AttachmentItem": {"attachmentType": "file", "name": "big.bin", "size": 4000000}}"#;
    vec![
        get("/messages/{draft}/attachments"),
        get("/messages/{draft}/attachments/$count"),
        row("POST", "/messages/{draft}/attachments", file, 201),
        get("/messages/{draft}/attachments/{draftFile}"),
        get("/messages/{draft}/attachments/{draftFile}/$value"),
        row("DELETE", "/messages/{draft}/attachments/{draftFile}", "", 204),
        row("POST", "/messages/{draft}/attachments/createUploadSession", session, 201),
    ]
}
