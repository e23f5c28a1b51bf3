//! Why there is nothing to preview, and where that is seen to.

use serde::Serialize;

use crate::crm::users::User;
use crate::web::account::settings_page;
use crate::web::remedy::Remedy;
use crate::web::viewer::Viewer;

/// Why there is nothing to preview.
#[derive(Debug, Serialize)]
pub struct Obstacle {
    kind: &'static str,
    text: String,
    href: Option<String>,
    label: &'static str,
}

impl Obstacle {
    /// Nothing is on: for everybody, where a remedy says what to do about that.
    pub fn nothing_enabled(viewer: &Viewer, user: &User, for_everybody: Option<Remedy>) -> Self {
        let text = "Neither the calendar nor the tasks are enabled, so there is nothing to synchronize.";
        match for_everybody {
            Some(Remedy { hint, href, label }) => Self { kind: "warn", text: format!("{text} {hint}"), href, label },
            None => Self {
                kind: "warn",
                text: text.to_owned(),
                href: Some(settings_page(viewer, user.id)),
                label: "Change the settings",
            },
        }
    }

    /// The Azure application has to be filled in first.
    pub fn application(viewer: &Viewer) -> Self {
        let Remedy { hint, href, label } = Remedy::for_application(viewer);
        Self { kind: "warn", text: hint, href, label }
    }

    /// The account has to be seen to first.
    pub fn account(text: String, href: String) -> Self {
        Self { kind: "warn", text, href: Some(href), label: "Microsoft Account" }
    }

    /// Nothing waits.
    pub fn started(user: &User) -> Self {
        Self {
            kind: "good",
            text: "The first synchronization was started. Everything goes on by itself now.".to_owned(),
            href: Some(format!("/status/{}", user.id)),
            label: "Status",
        }
    }
}
