//! Claims about the emulator's pages. This file is the kit: a browser without a
//! script, and a tenant with something of everything.

mod foreign;
mod forms;
mod mailboxes;
mod records;

use super::*;

/// The host of the tenant of the tests.
const HOST: &str = "127.0.0.1:8081";
const PASSWORD: &str = "correct horse";

impl World {
    /// Opens a page.
    async fn page(&self, path: &str) -> Answer {
        let request = Request::builder().uri(path).header("host", HOST).body(Body::empty()).unwrap();
        self.send(request).await
    }

    /// The text of a page that there is.
    async fn shows(&self, path: &str) -> String {
        let answer = self.page(path).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "text/html; charset=utf-8"), "{path}");
        answer.text
    }

    /// Posts a form as the browser does from the page itself.
    async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.submit_with(path, fields, &[("origin", BASE), ("sec-fetch-site", "same-origin")]).await
    }

    async fn submit_with(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut request =
            Request::builder().method("POST").uri(path).header("content-type", "application/x-www-form-urlencoded");
        if headers.iter().all(|(name, _)| *name != "host") {
            request = request.header("host", HOST);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Posts a form, follows where it leads, and answers the text of that page.
    async fn done(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.submit(path, fields).await;
        assert_eq!(answer.status, 303, "{path}: {}", answer.text);
        let location = answer.header("location").to_owned();
        self.shows(location.split('#').next().unwrap()).await
    }
}

/// What a link leads to: templates escape the slashes of addresses.
fn links(page: &str) -> Vec<String> {
    let targets = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    targets.map(|target| target.replace("&#x2f;", "/").replace("&amp;", "&")).collect()
}

/// The first link with this in it.
fn link_to(page: &str, part: &str) -> String {
    links(page).into_iter().find(|link| link.contains(part)).unwrap_or_else(|| panic!("no link to {part}: {page}"))
}

/// A page without its tags, so that only what is read is left.
fn read(page: &str) -> String {
    let mut text = String::new();
    for piece in page.split('<') {
        text.push_str(piece.split_once('>').map_or(piece, |(_, behind)| behind));
        text.push(' ');
    }
    let decoded = text.replace("&#x2f;", "/").replace("&lt;", "<").replace("&gt;", ">").replace("&#x27;", "'");
    decoded.replace("&quot;", "\"").replace("&amp;", "&").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// All pages of the navigation, and those of Alice's mailbox.
fn places() -> Vec<String> {
    let mut places: Vec<String> = ["", "requests", "conformance", "faults", "behaviour", "outbox", "notifications"]
        .map(|at| format!("/_emulator/{at}"))
        .to_vec();
    places.extend(["calendar", "tasks", "mail"].map(|part| format!("/_emulator/mailboxes/{ALICE}/{part}")));
    places
}
