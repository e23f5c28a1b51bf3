//! What a page says of a resource that is switched off, by the level that it is off on,
//! and where whoever reads it can switch it on.
//!
//! Where it is off for everybody, an administrator is led to the system configuration,
//! and everybody else is told to ask one: their own settings would change nothing.

use super::Web;
use super::account::settings_page;
use super::blocked::{sentence, settings_label};
use super::reader::Reader;
use super::remedy::Remedy;
use super::viewer::Viewer;
use crate::app::{AppError, Blocked, Installation, Resource, SwitchedOff};
use crate::crm::users::User;
use crate::host::types::ValueSource;

/// What to do about a resource of a user that is off.
pub async fn of(web: &Web, viewer: &Viewer, user: &User, resource: Resource) -> Result<Remedy, AppError> {
    let reader = Reader::of(viewer, user.id);
    Ok(match web.app.switched_off(user.id, resource).await? {
        Some(SwitchedOff::ForEverybody) => for_everybody(viewer, subject(resource)),
        Some(SwitchedOff::On(level)) => in_settings(viewer, user, on_level(reader, resource, level)),
        // Switched on since.
        None => in_settings(viewer, user, sentence(Blocked::Disabled, reader).to_owned()),
    })
}

/// The same in place of a report: what cannot be looked up is said less exactly.
pub async fn or_less_exactly(web: &Web, viewer: &Viewer, user: &User, resource: Resource) -> Remedy {
    of(web, viewer, user, resource).await.unwrap_or_else(|error| {
        tracing::warn!(%error, user = %user.id, "where a resource is off could not be read");
        in_settings(viewer, user, sentence(Blocked::Disabled, Reader::of(viewer, user.id)).to_owned())
    })
}

/// What is done in the settings of the user.
fn in_settings(viewer: &Viewer, user: &User, hint: String) -> Remedy {
    Remedy { hint, href: Some(settings_page(viewer, user.id)), label: settings_label(viewer, user) }
}

/// The same where neither calendar nor tasks are on for anybody; none where somebody's
/// own settings could switch one on.
pub fn of_both(installation: &Installation, viewer: &Viewer) -> Option<Remedy> {
    let are_off = [Resource::Calendar, Resource::Tasks].into_iter().all(|resource| installation.is_off(resource));
    are_off.then(|| for_everybody(viewer, Subject { which: "Both are", it: "them" }))
}

/// What stands beside the switch of a level below the system's that has no effect.
pub fn note(viewer: &Viewer, resource: Resource) -> String {
    let Subject { which, it } = subject(resource);
    let remedy = remedy(viewer.user.administrator, it);
    format!("{which} off for everybody in the system configuration, so this has no effect. {remedy}")
}

/// A resource as the subject of a sentence, and as its object.
#[derive(Clone, Copy)]
struct Subject {
    which: &'static str,
    it: &'static str,
}

const fn subject(resource: Resource) -> Subject {
    match resource {
        Resource::Calendar => Subject { which: "The calendar is", it: "it" },
        Resource::Tasks => Subject { which: "Tasks are", it: "them" },
        Resource::Mail => Subject { which: "Mail is", it: "it" },
    }
}

fn for_everybody(viewer: &Viewer, Subject { which, it }: Subject) -> Remedy {
    let step = remedy(viewer.user.administrator, it);
    Remedy::in_system(viewer, format!("{which} off for everybody in the system configuration. {step}"))
}

fn remedy(administrator: bool, it: &str) -> String {
    if administrator {
        format!("Switch {it} on there.")
    } else {
        format!("Ask an administrator to switch {it} on there.")
    }
}

fn on_level(Reader { is_own, administrator }: Reader, resource: Resource, level: ValueSource) -> String {
    let Subject { which, it } = subject(resource);
    let (whom, whose) = if is_own { ("you", "your") } else { ("the user", "the user's") };
    let above = match level {
        ValueSource::User | ValueSource::Default => {
            return format!("{which} not enabled for {whom}. Enable {it} in {whose} settings.");
        }
        ValueSource::Organization => "the organization's configuration",
        ValueSource::System => "the system configuration",
    };
    let or_for_all =
        if administrator { "or for all users there" } else { "or ask an administrator to do so for all users there" };
    format!("{which} not enabled in {above}. Enable {it} in {whose} own settings, {or_for_all}.")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn the_level_that_switches_it_off_is_named_and_no_administrator_told_to_ask_one() {
        let said = |is_own, administrator, resource, level| on_level(Reader { is_own, administrator }, resource, level);
        for level in [ValueSource::User, ValueSource::Default] {
            let own = said(true, false, Resource::Tasks, level);
            assert_eq!(own, "Tasks are not enabled for you. Enable them in your settings.");
            let other = said(false, true, Resource::Tasks, level);
            assert_eq!(other, "Tasks are not enabled for the user. Enable them in the user's settings.");
        }
        let user = said(true, false, Resource::Calendar, ValueSource::Organization);
        assert!(user.contains("not enabled in the organization's configuration"), "{user}");
        assert!(user.contains("your own settings") && user.contains("ask an administrator"), "{user}");
        let administrator = said(false, true, Resource::Calendar, ValueSource::System);
        assert!(administrator.contains("not enabled in the system configuration"), "{administrator}");
        assert!(administrator.contains("the user's own settings"), "{administrator}");
        assert!(!administrator.contains("ask an administrator"), "{administrator}");
        assert_eq!(remedy(true, "it"), "Switch it on there.");
        assert_eq!(remedy(false, "them"), "Ask an administrator to switch them on there.");
    }
}
