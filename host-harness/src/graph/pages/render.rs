//! Turns a view into a page: embedded templates, escaped by default.
//!
//! Templates get `chrome` (navigation, clock, message) and `page` (the view). A
//! name that a template uses and the view lacks is an error, not an empty text.
//! The one text that is not escaped is `html`, which `item` has cleaned.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use minijinja::value::{Serde, Value as Shown};
use minijinja::{Environment, UndefinedBehavior, context};
use serde_json::{Value, json};

use super::notice::Notice;
use super::{Tab, assets};
use crate::graph::reply::Reply;
use crate::graph::state::State;

/// The templates, by name.
const TEMPLATES: [(&str, &str); 13] = [
    ("layout.html", include_str!("templates/layout.html")),
    ("mailbox_head.html", include_str!("templates/mailbox_head.html")),
    ("overview.html", include_str!("templates/overview.html")),
    ("week.html", include_str!("templates/week.html")),
    ("tasks.html", include_str!("templates/tasks.html")),
    ("mail.html", include_str!("templates/mail.html")),
    ("item.html", include_str!("templates/item.html")),
    ("requests.html", include_str!("templates/requests.html")),
    ("conformance.html", include_str!("templates/conformance.html")),
    ("faults.html", include_str!("templates/faults.html")),
    ("behaviour.html", include_str!("templates/behaviour.html")),
    ("outbox.html", include_str!("templates/outbox.html")),
    ("notifications.html", include_str!("templates/notifications.html")),
];

/// A page that says one thing; it needs nothing of the state.
const MESSAGE: &str = include_str!("templates/message.html");

static ENVIRONMENT: LazyLock<Result<Environment<'static>, minijinja::Error>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    environment.add_template("message.html", MESSAGE)?;
    Ok(environment)
});

/// What surrounds a page.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    tab: Tab,
    now: Option<DateTime<Utc>>,
    notice: Option<Notice>,
    /// Why the form that was posted has done nothing.
    failure: Option<String>,
    /// Seconds after which the page is read again, where it is.
    refresh_seconds: Option<u32>,
    status: u16,
}

impl Frame {
    /// The frame of a place.
    pub fn of(state: &State, tab: Tab, notice: Option<Notice>) -> Self {
        Self { tab, now: Some(state.now), notice, failure: None, refresh_seconds: None, status: 200 }
    }

    /// The frame of a place whose form was refused.
    pub fn failed(state: &State, tab: Tab, failure: String) -> Self {
        Self { failure: Some(failure), status: 400, ..Self::of(state, tab, None) }
    }

    /// The same frame around a page that is read again after a while.
    pub fn refreshing(&self, refresh_seconds: Option<u32>) -> Self {
        Self { refresh_seconds, ..self.clone() }
    }

    fn write(&self) -> Value {
        let item = |tab: Tab| json!({ "label": tab.label(), "href": tab.href(), "current": tab == self.tab });
        json!({
            "nav": Tab::ALL.map(item),
            "home": Tab::Overview.href(),
            "now": self.now.map(|now| now.format("%a %-d %b %Y, %H:%M:%S UTC").to_string()),
            "notice": self.notice.map(Notice::sentence),
            "failure": self.failure,
            "refresh_seconds": self.refresh_seconds,
            "css": assets::href("emulator.css"),
            "js": assets::href("emulator.js"),
            "icon": assets::href("icon.svg"),
        })
    }
}

/// Renders a page.
pub(crate) fn page(template: &str, frame: &Frame, view: Value) -> Reply {
    page_with(template, frame, view, String::new())
}

/// Renders a page with a text of HTML that is safe to show.
pub(crate) fn page_with(template: &str, frame: &Frame, view: Value, clean_html: String) -> Reply {
    let context =
        context! { chrome => Serde(frame.write()), page => Serde(view), html => Shown::from_safe_string(clean_html) };
    let text = ENVIRONMENT
        .as_ref()
        .map_err(ToString::to_string)
        .and_then(|environment| environment.get_template(template).map_err(|error| error.to_string()))
        .and_then(|found| found.render(context).map_err(|error| format!("{error:#}")));
    match text {
        Ok(text) => Reply::html(frame.status, text),
        // The templates are part of the program; tests render each of them.
        Err(error) => {
            tracing::error!(template, error, "a page of the emulator cannot be rendered");
            Reply::html(500, "<!doctype html><title>Error</title><p>The page cannot be shown.".to_owned())
        }
    }
}

/// Renders a page that says one thing.
pub(crate) fn message(status: u16, title: &str, sentence: &str) -> Reply {
    let frame = Frame { tab: Tab::Overview, now: None, notice: None, failure: None, refresh_seconds: None, status };
    page("message.html", &frame, json!({ "title": title, "sentence": sentence }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn every_template_is_well_formed() {
        assert_eq!(ENVIRONMENT.as_ref().unwrap().templates().count(), TEMPLATES.len() + 1);
    }

    #[test]
    fn no_template_steps_around_the_escaping_or_the_content_policy() {
        for (name, source) in TEMPLATES.into_iter().chain([("message.html", MESSAGE)]) {
            let source = source.to_ascii_lowercase().replace("<script src=", "");
            for forbidden in
                ["|safe", "| safe", "autoescape", "<script", "<style", " style=", " onclick", "javascript:"]
            {
                assert!(!source.contains(forbidden), "{name} contains {forbidden}");
            }
        }
    }
}
