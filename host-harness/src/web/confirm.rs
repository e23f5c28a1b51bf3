//! A question with a page of its own: what a dialog asks where there is no
//! script.

use serde::Serialize;

/// The question.
#[derive(Debug, Serialize)]
pub struct ConfirmView {
    title: &'static str,
    question: String,
    post_action: Option<String>,
    confirm_label: &'static str,
    confirm_href: String,
    cancel_href: String,
    /// What the answer is about, posted with it.
    fields: Vec<(&'static str, String)>,
}

impl ConfirmView {
    /// A question whose answer only leads somewhere.
    pub fn link(title: &'static str, question: String, confirm_href: &str, cancel_href: &str) -> Self {
        Self {
            title,
            question,
            post_action: None,
            confirm_label: title,
            confirm_href: confirm_href.to_owned(),
            cancel_href: cancel_href.to_owned(),
            fields: Vec::new(),
        }
    }

    /// A question whose answer changes something.
    pub fn post(title: &'static str, question: String, action: &str, cancel_href: &str) -> Self {
        Self { post_action: Some(action.to_owned()), ..Self::link(title, question, "", cancel_href) }
    }

    /// The same with one more thing to post.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.fields.push((name, value.to_owned()));
        self
    }
}
