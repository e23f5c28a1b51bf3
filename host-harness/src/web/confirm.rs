//! A question with a page of its own: what a dialog asks where there is no
//! script.

use serde::Serialize;

use super::Web;
use super::run_now::PreviewForm;
use crate::app::{ItemName, Resource};
use crate::crm::users::User;

/// What the deletion of an item brings with it that is linked.
const DELETION_SYNCED: &str = "The next sync deletes it on the other side as well, where the direction allows it.";

/// The same where no account is connected: what was linked stays so, for when it is again.
const DELETION_DISCONNECTED: &str = "As long as no Microsoft account is connected, nothing else is deleted.";

/// The same of an item that is linked with nothing.
const DELETION_ALONE: &str = "It is linked with nothing on the other side.";

/// What the deletion of a record brings with it. Where that cannot be found out, it is told
/// what the deletion may bring.
pub async fn deletion_note(web: &Web, user: &User, resource: Resource, record: String) -> &'static str {
    match web.app.account(user.id).await {
        Ok(None) => return DELETION_DISCONNECTED,
        Ok(Some(_)) => {}
        Err(_) => return DELETION_SYNCED,
    }
    let standings = web.app.links_of(user, resource, vec![ItemName::Record(record)]).await;
    let is_alone = standings.is_ok_and(|standings| standings.iter().all(|standing| standing.link.is_none()));
    if is_alone { DELETION_ALONE } else { DELETION_SYNCED }
}

/// The question.
#[derive(Debug, Serialize)]
pub struct ConfirmView {
    title: String,
    question: String,
    post_action: Option<String>,
    confirm_label: &'static str,
    confirm_href: String,
    /// Whether the answer loses nothing that somebody may miss.
    is_harmless: bool,
    cancel_href: String,
    /// What the answer is about, posted with it.
    fields: Vec<(&'static str, String)>,
    /// Where more is read before it is answered.
    preview: Option<PreviewForm>,
}

impl ConfirmView {
    /// A question whose answer only leads somewhere.
    pub fn link(title: &'static str, question: String, confirm_href: &str, cancel_href: &str) -> Self {
        Self {
            title: title.to_owned(),
            question,
            post_action: None,
            confirm_label: title,
            confirm_href: confirm_href.to_owned(),
            is_harmless: false,
            cancel_href: cancel_href.to_owned(),
            fields: Vec::new(),
            preview: None,
        }
    }

    /// A question whose answer changes something.
    pub fn post(title: &'static str, question: String, action: &str, cancel_href: &str) -> Self {
        Self { post_action: Some(action.to_owned()), ..Self::link(title, question, "", cancel_href) }
    }

    /// The same under a heading that says more than the button.
    #[must_use]
    pub fn titled(self, title: String) -> Self {
        Self { title, ..self }
    }

    /// The same about what loses nothing that somebody may miss.
    #[must_use]
    pub fn harmless(self) -> Self {
        Self { is_harmless: true, ..self }
    }

    /// The same with a way to read more first.
    #[must_use]
    pub fn with_preview(self, preview: Option<PreviewForm>) -> Self {
        Self { preview, ..self }
    }

    /// The same with one more thing to post.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.fields.push((name, value.to_owned()));
        self
    }
}
