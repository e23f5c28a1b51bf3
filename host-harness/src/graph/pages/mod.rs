//! What a person sees of the emulated Microsoft 365: mailboxes as their owners
//! would see them, requests as they come in, and forms for what goes wrong.
//!
//! Everything is below `/_emulator/`, a name that no tenant and no version of
//! Graph has. Pages are rendered here and work without a script; what they show
//! is what Graph and the management interface answer, and a form does what the
//! management request of its name does (`forms`). They are neither recorded nor
//! struck by faults. Who may use them is in `site`. Reading order: `render`,
//! then `overview`, `mailbox` with `week`, `tasks`, `mail` and `item`, then
//! `requests`, `conformance`, `faults`, `behaviour` with `switches`, and `outbox`.

mod assets;
mod behaviour;
mod conformance;
mod explained;
mod faults;
mod forms;
mod item;
mod mail;
mod mailbox;
mod notice;
mod outbox;
mod overview;
mod render;
mod requests;
mod switches;
mod tasks;
mod times;
mod week;
mod words;

use super::call::Call;
use super::reply::{Content, Reply};
use super::site::{self, Foreign};
use super::state::State;
use render::Frame;

pub(crate) use notice::Notices;

/// The first segment of all paths here.
pub(crate) const ROOT: &str = "_emulator";

/// Nothing inline, nothing from elsewhere, no frame around it.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The places of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    Overview,
    Requests,
    Conformance,
    Faults,
    Behaviour,
    Outbox,
    Notifications,
}

impl Tab {
    const ALL: [Self; 7] = [
        Self::Overview,
        Self::Requests,
        Self::Conformance,
        Self::Faults,
        Self::Behaviour,
        Self::Outbox,
        Self::Notifications,
    ];

    fn label(self) -> &'static str {
        match self {
            Self::Overview => "Mailboxes",
            Self::Requests => "Requests",
            Self::Conformance => "Conformance",
            Self::Faults => "Faults",
            Self::Behaviour => "Behaviour",
            Self::Outbox => "Outbox",
            Self::Notifications => "Notifications",
        }
    }

    fn href(self) -> &'static str {
        match self {
            Self::Overview => "/_emulator/",
            Self::Requests => "/_emulator/requests",
            Self::Conformance => "/_emulator/conformance",
            Self::Faults => "/_emulator/faults",
            Self::Behaviour => "/_emulator/behaviour",
            Self::Outbox => "/_emulator/outbox",
            Self::Notifications => "/_emulator/notifications",
        }
    }

    /// Draws the page of a place.
    fn draw(self, state: &State, call: &Call, frame: &Frame) -> Reply {
        match self {
            Self::Overview => overview::draw(state, frame),
            Self::Requests => requests::draw(state, call, frame),
            Self::Conformance => conformance::draw(state, frame),
            Self::Faults => faults::draw(state, frame),
            Self::Behaviour => behaviour::draw(state, frame),
            Self::Outbox => outbox::draw(state, frame),
            Self::Notifications => outbox::draw_notifications(state, frame),
        }
    }
}

/// Answers a request below `/_emulator`.
pub(crate) fn answer(state: &mut State, call: &Call) -> Reply {
    let words = call.words();
    let path = words.get(1..).unwrap_or_default();
    let reply = match (call.method.as_str(), path) {
        ("GET" | "HEAD", ["assets", name]) => assets::serve(call, name),
        ("GET" | "HEAD", _) => show(state, call, path),
        ("POST", _) => forms::act(state, call, path),
        (_, _) => render::message(405, "Not like this", "A page is read, and a form is posted."),
    };
    protected(reply)
}

/// Leads who opens the listener's address to the pages.
pub(crate) fn front_door() -> Reply {
    protected(Reply::redirect(Tab::Overview.href().to_owned()))
}

/// The page for what another site has sent.
pub(crate) fn refused(foreign: Foreign) -> Reply {
    protected(render::message(foreign.status(), "Refused", &foreign.to_string()))
}

fn show(state: &State, call: &Call, path: &[&str]) -> Reply {
    let notice = call.query.get("done").and_then(|number| state.notices.find(number));
    let frame = |tab| Frame::of(state, tab, notice);
    match path {
        [] => Tab::Overview.draw(state, call, &frame(Tab::Overview)),
        ["mailboxes", name, rest @ ..] => match state.mailbox_named(name) {
            Some(owner) => mailbox::draw(state, call, &frame(Tab::Overview), owner, rest),
            None => render::message(404, "No such mailbox", "It may have been removed by a reset."),
        },
        [place] => {
            let tab = Tab::ALL.into_iter().find(|tab| tab.href().strip_prefix("/_emulator/") == Some(*place));
            tab.map_or_else(no_page, |tab| tab.draw(state, call, &frame(tab)))
        }
        _ => no_page(),
    }
}

fn no_page() -> Reply {
    render::message(404, "No such page", "The navigation leads to all there are.")
}

/// Adds what protects a page in a browser, whatever it shows.
fn protected(reply: Reply) -> Reply {
    let is_kept = reply.headers.iter().any(|(name, _)| *name == "cache-control");
    let reply = if is_kept { reply } else { reply.header("cache-control", "no-store".to_owned()) };
    let reply = match reply.content {
        Content::Html(_) => reply.header("content-type", "text/html; charset=utf-8".to_owned()),
        Content::Empty | Content::Json(_) | Content::File(_) => reply,
    };
    site::protected(reply, POLICY)
}
