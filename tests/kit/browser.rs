//! A browser of the CRM's pages: keeps its cookie, fills forms as they are
//! drawn, and runs no script.

use axum::http::header;

use crate::form::Form;
use crate::{Answer, Client};

/// One browser with its session.
pub struct Browser {
    client: Client,
}

impl Browser {
    /// A browser in which nobody is signed in; it has the session of the
    /// sign-in page.
    pub async fn fresh(crm: &Client) -> Self {
        let mut browser = Self { client: crm.clone() };
        browser.get("/sign-in").await;
        browser
    }

    /// A browser in which this user is signed in.
    pub async fn signed_in(crm: &Client, login: &str) -> Self {
        let mut browser = Self::fresh(crm).await;
        let page = browser.get("/sign-in").await;
        let mut form = Form::of(&page.text, "/sign-in");
        form.set("login", login);
        let answer = browser.submit(&form).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        browser
    }

    /// GET, without following a redirect.
    pub async fn get(&mut self, path: &str) -> Answer {
        let answer = self.client.get(path).await;
        self.keep_cookie(&answer);
        answer
    }

    /// GET of a page that has to be there.
    pub async fn page(&mut self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.text
    }

    /// Submits a form, without following a redirect.
    pub async fn submit(&mut self, form: &Form) -> Answer {
        let fields: Vec<(&str, &str)> =
            form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post(&form.action, &fields).await
    }

    /// Posts fields, without following a redirect.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.client.form(path, fields).await;
        self.keep_cookie(&answer);
        answer
    }

    /// Submits the form with this action on a page, and opens where it leads.
    pub async fn press(&mut self, page: &str, action: &str) -> String {
        let answer = self.submit(&Form::of(page, action)).await;
        assert_eq!(answer.status, 303, "{action}: {}", answer.text);
        let to = answer.header("location").unwrap().to_owned();
        self.page(to.split('#').next().unwrap()).await
    }

    fn keep_cookie(&mut self, answer: &Answer) {
        if let Some(line) = answer.header(header::SET_COOKIE.as_str()) {
            let pair = line.split(';').next().unwrap();
            self.client = self.client.with_header(header::COOKIE.as_str(), pair);
        }
    }
}
