//! Mail: folders, messages, and sending.

use super::{assert_all, get, row, shows};

#[tokio::test]
async fn folders() {
    let rows = [
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
    ];
    assert_all(&rows).await;
}

#[tokio::test]
async fn messages() {
    let draft = r#"{"subject": "New", "body": {"contentType": "text", "content": "x"}}"#;
    let rows = [
        get("/messages"),
        get("/messages/$count"),
        shows("/messages?$search=%22subject:Meeting%22", "/value/0/id"),
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
    ];
    assert_all(&rows).await;
}

#[tokio::test]
async fn sending() {
    let mail = r#"{"Message": {"subject": "Hello", "body": {"contentType": "text", "content": "x"}, "toRecipients": [{"emailAddress": {"address": "bob@contoso.example"}}]}}"#;
    let forward = r#"{"Comment": "See below", "ToRecipients": [{"emailAddress": {"address": "bob@contoso.example"}}]}"#;
    let rows = [
        row("POST", "/messages/{draft}/send", "", 202),
        row("POST", "/sendMail", mail, 202),
        row("POST", "/messages/{message}/createReply", "", 201),
        row("POST", "/messages/{message}/createReplyAll", "", 201),
        row("POST", "/messages/{message}/createForward", "", 201),
        row("POST", "/messages/{message}/reply", r#"{"Comment": "Fine"}"#, 202),
        row("POST", "/messages/{message}/replyAll", r#"{"Comment": "Fine"}"#, 202),
        row("POST", "/messages/{message}/forward", forward, 202),
    ];
    assert_all(&rows).await;
}

#[tokio::test]
async fn what_belongs_to_messages() {
    let extension = r#"{"extensionName": "com.example.other", "number": 7}"#;
    let rows = [
        get("/messages/{draft}/extensions"),
        get("/messages/{draft}/extensions/$count"),
        row("POST", "/messages/{draft}/extensions", extension, 201),
        get("/messages/{draft}/extensions/com.example.link"),
        row("PATCH", "/messages/{draft}/extensions/com.example.link", r#"{"number": 8}"#, 200),
        row("DELETE", "/messages/{draft}/extensions/com.example.link", "", 204),
        shows("/messages/{message}/microsoft.graph.eventMessage/event", "/subject"),
    ];
    assert_all(&rows).await;
}

#[tokio::test]
async fn files_of_messages() {
    let file = r##"{"@odata.type": "#microsoft.graph.fileAttachment", "name": "b.txt", "contentBytes": "Yg=="}"##;
    let session = r#"{"AttachmentItem": {"attachmentType": "file", "name": "big.bin", "size": 4000000}}"#;
    let rows = [
        get("/messages/{draft}/attachments"),
        get("/messages/{draft}/attachments/$count"),
        row("POST", "/messages/{draft}/attachments", file, 201),
        get("/messages/{draft}/attachments/{draftFile}"),
        get("/messages/{draft}/attachments/{draftFile}/$value"),
        row("DELETE", "/messages/{draft}/attachments/{draftFile}", "", 204),
        row("POST", "/messages/{draft}/attachments/createUploadSession", session, 201),
    ];
    assert_all(&rows).await;
}
