//! One event, task or message: what a person looks for in words, its text, and
//! all that Graph answers of it.
//!
//! The text is other people's HTML. It is cleaned of everything but its
//! structure: no pictures, no styles, and links that name their host alone, so
//! that none means this listener without saying so.

use std::collections::HashSet;

use ammonia::{Builder, UrlRelative};
use serde_json::{Map, Value, json};

use super::mailbox::{self, Part};
use super::render::{self, Frame};
use super::times::Times;
use super::words::{self, in_path, plain, spelled, titled};
use crate::graph::calendar::body;
use crate::graph::calendar::instance::{Instance, Kind, occurrence, whole};
use crate::graph::calendar::output;
use crate::graph::ids;
use crate::graph::mail;
use crate::graph::model::{Mailbox, Response, StoredBody};
use crate::graph::reply::Reply;
use crate::graph::state::State;
use crate::graph::todo;
use crate::graph::todo::output::Relations;

/// The largest text that is shown with its structure, in bytes, and the most
/// pieces of markup in it: cleaning takes long for what is nested deeply, and
/// the emulator answers nobody in the meantime.
const HTML_BYTES_MAX: usize = 256 * 1024;
const MARKUP_PIECES_MAX: usize = 5_000;

/// What a page shows of an item.
struct Item {
    part: Part,
    kind: &'static str,
    title: String,
    /// Names and values; empty values are left out.
    facts: Vec<(&'static str, String)>,
    /// Further pages about it: words and addresses.
    links: Vec<(&'static str, String)>,
    html: String,
    graph: Map<String, Value>,
}

/// The page of an event or an occurrence.
pub(crate) fn event(state: &State, frame: &Frame, owner: &Mailbox, id: &str) -> Reply {
    match find_event(state, owner, id) {
        Some(instance) => draw(frame, owner, event_item(state, owner, &instance)),
        None => gone("event"),
    }
}

/// The event of an id, as the service finds it.
fn find_event<'a>(state: &'a State, owner: &Mailbox, id: &str) -> Option<Instance<'a>> {
    let item = ids::parse_item_id(id)?;
    let event = state.events.get(&item.event).filter(|event| event.mailbox == owner.number)?;
    if item.moves.is_some_and(|moves| moves != event.moves) {
        return None;
    }
    match item.occurrence {
        None => Some(whole(event)),
        Some((date, generation)) => occurrence(event, date).filter(|_| generation == event.generation),
    }
}

fn event_item(state: &State, owner: &Mailbox, instance: &Instance<'_>) -> Item {
    let view = mailbox::view(owner);
    let graph = output::full(instance, &view);
    let times = Times::of(&instance.span, view.zone);
    let event = instance.event;
    let text = |name: &str| graph.get(name).map(plain).unwrap_or_default();
    let stored = match instance.kind {
        Kind::Exception(_, changed) => changed.body.as_ref().unwrap_or(&event.body),
        Kind::Single | Kind::Master | Kind::Occurrence(_) => &event.body,
    };
    let kind = match instance.kind {
        Kind::Single => "Event",
        Kind::Master => "Series",
        Kind::Occurrence(_) => "Occurrence of a series",
        Kind::Exception(_, _) => "Exception of a series",
    };
    let calendar = state.calendars.get(&event.calendar).map(|calendar| calendar.name.clone()).unwrap_or_default();
    let place = graph.get("location").and_then(|place| place.get("displayName")).map(plain).unwrap_or_default();
    let is_cancelled = instance.is_cancelled();
    let facts = vec![
        ("When", times.in_full()),
        ("State", if is_cancelled { "Cancelled".to_owned() } else { String::new() }),
        ("Repeats", graph.get("recurrence").map(repeats).unwrap_or_default()),
        ("Where", place),
        ("Calendar", calendar),
        ("Organizer", words::person(&event.organizer)),
        ("Guests", guests(&graph)),
        ("Own answer", spelled(&response(event.response.response))),
        ("Shown as", spelled(&text("showAs"))),
        ("Sensitivity", spelled(&text("sensitivity"))),
        ("Reminder", reminder(&graph)),
        ("Categories", list(graph.get("categories"))),
    ];
    let mut links = Vec::new();
    if let Kind::Occurrence(_) | Kind::Exception(_, _) = instance.kind {
        let master = output::id(&whole(event), view.form);
        links.push(("The whole series", format!("{}/events/{}", mailbox::root(owner), in_path(&master))));
    }
    links.push(("Its week", format!("{}/calendar?date={}", mailbox::root(owner), times.start.date())));
    let html = shown(stored);
    Item { part: Part::Calendar, kind, title: titled(&text("subject")).to_owned(), facts, links, html, graph }
}

/// A recurrence of Graph in words.
fn repeats(recurrence: &Value) -> String {
    let part = |group: &str, name: &str| recurrence.get(group).and_then(|group| group.get(name)).map(plain);
    let Some(kind) = part("pattern", "type") else { return String::new() };
    let interval = part("pattern", "interval").filter(|interval| interval != "1");
    let interval = interval.map(|interval| format!(", every {interval}")).unwrap_or_default();
    let days = list(recurrence.get("pattern").and_then(|pattern| pattern.get("daysOfWeek")));
    let days = if days.is_empty() { days } else { format!(", {days}") };
    let end = match part("range", "type").as_deref() {
        Some("endDate") => format!(", until {}", part("range", "endDate").unwrap_or_default()),
        Some("numbered") => format!(", {} times", part("range", "numberOfOccurrences").unwrap_or_default()),
        Some(_) | None => ", without end".to_owned(),
    };
    format!("{}{interval}{days}{end}", spelled(&kind))
}

fn guests(graph: &Map<String, Value>) -> String {
    let guests = graph.get("attendees").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let line = |guest: &Value| {
        let address = guest.get("emailAddress").and_then(|address| address.get("address")).map(plain);
        let answer = guest.get("status").and_then(|status| status.get("response")).map(plain);
        format!("{} ({})", address.unwrap_or_default(), spelled(&answer.unwrap_or_default()).to_lowercase())
    };
    guests.iter().map(line).collect::<Vec<_>>().join(", ")
}

fn response(response: Response) -> String {
    serde_json::to_value(response).map(|value| plain(&value)).unwrap_or_default()
}

fn reminder(graph: &Map<String, Value>) -> String {
    let minutes = graph.get("reminderMinutesBeforeStart").map(plain).unwrap_or_default();
    let is_on = graph.get("isReminderOn") == Some(&Value::Bool(true));
    if is_on { format!("{minutes} minutes before") } else { String::new() }
}

fn list(value: Option<&Value>) -> String {
    let entries = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    entries.iter().map(plain).collect::<Vec<_>>().join(", ")
}

/// The page of a task.
pub(crate) fn task(state: &State, frame: &Frame, owner: &Mailbox, id: &str) -> Reply {
    let task = ids::parse_task_id(id).and_then(|number| state.tasks.get(&number));
    let Some(task) = task.filter(|task| task.mailbox == owner.number) else { return gone("task") };
    let relations = Relations { linked_resources: true, checklist_items: true };
    let graph = todo::output::task(task, &mailbox::view(owner), relations);
    let text = |name: &str| graph.get(name).map(plain).unwrap_or_default();
    let zone = words::zone_of(owner);
    let day = |day: &Option<todo::model::Day>| day.as_ref().map(|day| words::day(day.date)).unwrap_or_default();
    let list_name = state.task_lists.get(&task.list).map(|list| list.name.clone()).unwrap_or_default();
    let facts = vec![
        ("List", list_name),
        ("Status", spelled(&text("status"))),
        ("Importance", spelled(&text("importance"))),
        ("Due", day(&task.due)),
        ("Start", day(&task.start)),
        ("Completed", day(&task.completed)),
        ("Reminder", task.reminder.map(|at| words::at(at, zone)).unwrap_or_default()),
        ("Repeats", graph.get("recurrence").map(repeats).unwrap_or_default()),
        ("Categories", list(graph.get("categories"))),
    ];
    let stored = if task.body.is_html {
        StoredBody { html: task.body.content.clone() }
    } else {
        body::from_text(&task.body.content)
    };
    let (title, html) = (titled(&text("title")).to_owned(), shown(&stored));
    draw(frame, owner, Item { part: Part::Tasks, kind: "Task", title, facts, links: Vec::new(), html, graph })
}

/// The page of a message.
pub(crate) fn message(state: &State, frame: &Frame, owner: &Mailbox, id: &str) -> Reply {
    let found = ids::parse_message_id(id).and_then(|(number, moves)| {
        let message = state.messages.get(&number).filter(|message| message.mailbox == owner.number)?;
        moves.is_none_or(|moves| moves == message.moves).then_some(message)
    });
    let Some(message) = found else { return gone("message") };
    let zone = words::zone_of(owner);
    let people = |line: mail::model::Line| {
        let on_line = message.recipients.iter().filter(|recipient| recipient.line == line);
        on_line.map(|recipient| words::person(&recipient.address)).collect::<Vec<_>>().join(", ")
    };
    let folder = state.mail_folders.get(&message.folder).map(|folder| folder.name.clone()).unwrap_or_default();
    let files: Vec<&str> = message.attachments.iter().map(|attachment| attachment.name.as_str()).collect();
    let facts = vec![
        ("From", words::person(&message.from)),
        ("To", people(mail::model::Line::To)),
        ("Cc", people(mail::model::Line::Cc)),
        ("Bcc", people(mail::model::Line::Bcc)),
        ("Received", words::at(message.received, zone)),
        ("Folder", folder),
        (
            "State",
            if message.is_draft {
                "Draft"
            } else if message.is_read {
                "Read"
            } else {
                "Unread"
            }
            .to_owned(),
        ),
        ("Files", files.join(", ")),
    ];
    let back = format!("{}/mail?folder={}", mailbox::root(owner), in_path(&ids::folder_id(message.folder)));
    let item = Item {
        part: Part::Mail,
        kind: "Message",
        title: titled(&message.subject).to_owned(),
        facts,
        links: vec![("Its folder", back)],
        html: shown(&message.body),
        graph: mail::output::message(message, &mailbox::view(owner)),
    };
    draw(frame, owner, item)
}

fn draw(frame: &Frame, owner: &Mailbox, item: Item) -> Reply {
    let pair = |(name, value): (&str, String)| json!({ "name": name, "value": value });
    let facts: Vec<Value> = item.facts.into_iter().filter(|(_, value)| !value.is_empty()).map(pair).collect();
    let links: Vec<Value> = item.links.into_iter().map(pair).collect();
    let view = json!({
        "head": mailbox::head(owner, item.part),
        "kind": item.kind,
        "title": item.title,
        "facts": facts,
        "links": links,
        "has_text": !item.html.trim().is_empty(),
        "json": format!("{:#}", Value::Object(item.graph)),
    });
    render::page_with("item.html", frame, view, item.html)
}

fn gone(kind: &str) -> Reply {
    render::message(404, &format!("No such {kind}"), "It may have been deleted or moved since.")
}

/// A text as it can be shown: with its structure where it is small, else as lines.
fn shown(stored: &StoredBody) -> String {
    let html = &stored.html;
    if html.len() > HTML_BYTES_MAX || html.matches('<').count() > MARKUP_PIECES_MAX {
        let text = body::content(stored, crate::graph::call::BodyType::Text);
        return format!("<pre>{}</pre>", body::escaped(&text));
    }
    Builder::default()
        .rm_tags(HashSet::from(["img"]))
        .url_relative(UrlRelative::Deny)
        .clean(body::inner(stored))
        .to_string()
}
