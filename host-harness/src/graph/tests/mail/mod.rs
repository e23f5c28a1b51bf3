//! Claims about mail. This file is the kit: mailboxes as their owners read
//! them, and meetings that bring something into them.

mod access;
mod answers;
mod attachments;
mod custom;
mod drafts;
mod folder_changes;
mod folder_rounds;
mod folders;
mod invitations;
mod messages;
mod mime;
mod moves;
mod proposals;
mod replies;
mod rounds;
mod search;
mod sending;

use super::*;

const EVE: &str = "eve@elsewhere.example";
const CAROL: &str = "carol@contoso.example";

/// A request that may do everything with the mail of a user.
async fn mail_as(world: &World, user: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
    let token = world.microsoft.issue_token(user, &["Mail.ReadWrite", "Mail.Send"]).unwrap();
    world.graph_as(&token, method, path, &[], body).await
}

/// The same with immutable ids.
async fn lasting_as(world: &World, user: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
    let token = world.microsoft.issue_token(user, &["Mail.ReadWrite", "Mail.Send"]).unwrap();
    world.graph_as(&token, method, path, &[("prefer", "IdType=\"ImmutableId\"")], body).await
}

/// Makes a folder and answers it.
async fn folder(world: &World, parent: &str, name: &str) -> Value {
    let made = mail_as(world, BOB, "POST", parent, Some(json!({ "displayName": name }))).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.body
}

/// Somebody a mail goes to.
fn to(address: &str) -> Value {
    json!({ "emailAddress": { "address": address } })
}

/// A message as a client writes one.
fn letter(subject: &str, recipients: &[&str]) -> Value {
    json!({
        "subject": subject,
        "body": { "contentType": "text", "content": format!("About {subject}") },
        "toRecipients": recipients.iter().map(|address| to(address)).collect::<Value>(),
    })
}

/// A draft of Alice.
async fn draft(world: &World, message: Value) -> Value {
    let made = mail_as(world, ALICE, "POST", "/me/messages", Some(message)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.body
}

/// A mail from Alice that was sent.
async fn sent(world: &World, message: Value) {
    let answer = mail_as(world, ALICE, "POST", "/me/sendMail", Some(json!({ "message": message }))).await;
    assert_eq!((answer.status, answer.text.as_str()), (202, ""));
}

/// What a user does with a message.
async fn acted(world: &World, user: &str, message: &Value, action: &str, body: Option<Value>) -> Answer {
    mail_as(world, user, "POST", &format!("{}/{action}", path_of(message)), body).await
}

/// Three invitations to Bob, a minute apart.
async fn three(world: &World) {
    for (day, subject) in [(10, "First"), (11, "Second"), (12, "Third")] {
        meeting(world, event(subject, day, 9)).await;
        world.advance(60);
    }
}

fn folder_path(folder: &Value) -> String {
    format!("/me/mailFolders/{}", escaped(id(folder)))
}

/// The messages of a folder, the newest first.
async fn folder_of(world: &World, user: &str, folder: &str) -> Vec<Value> {
    let answer = mail_as(world, user, "GET", &format!("/me/mailFolders/{folder}/messages?$top=100"), None).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.items().to_vec()
}

async fn inbox(world: &World, user: &str) -> Vec<Value> {
    folder_of(world, user, "inbox").await
}

/// How many messages each of the two has in Inbox and Sent Items.
async fn counts(world: &World) -> [usize; 4] {
    let mut counts = [0; 4];
    for (count, (user, folder)) in
        counts.iter_mut().zip([(ALICE, "inbox"), (ALICE, "sentitems"), (BOB, "inbox"), (BOB, "sentitems")])
    {
        *count = folder_of(world, user, folder).await.len();
    }
    counts
}

/// A meeting of Alice with Bob and somebody outside.
async fn meeting(world: &World, draft: Value) -> Value {
    let mut draft = draft;
    draft["attendees"] = json!([guest(BOB), guest(EVE)]);
    world.create(draft).await
}

async fn copy_of_bob(world: &World) -> Value {
    world.as_bob("GET", "/me/events", None).await.items().first().cloned().unwrap_or_default()
}

/// Bob's occurrences of a series.
async fn instances_of_bob(world: &World) -> Vec<Value> {
    let copy = copy_of_bob(world).await;
    world.as_bob("GET", &instances_path(id(&copy)), None).await.items().to_vec()
}

/// Bob does something with an event of his own.
async fn bob_does(world: &World, event: &Value, action: &str, body: Value) -> Answer {
    world.as_bob("POST", &format!("/me/events/{}/{action}", id(event)), Some(body)).await
}

fn path_of(message: &Value) -> String {
    format!("/me/messages/{}", escaped(id(message)))
}

fn addresses(recipients: &Value) -> Vec<&str> {
    let list = recipients.as_array().unwrap().iter();
    list.map(|it| it["emailAddress"]["address"].as_str().unwrap()).collect()
}

fn texts<'a>(messages: &'a [Value], name: &str) -> Vec<&'a str> {
    messages.iter().map(|message| message[name].as_str().unwrap_or_default()).collect()
}
