//! Pages opened by an administrator, through the same router that the listener
//! serves, without a network.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, COOKIE, HOST, SET_COOKIE};
use axum::http::{Request, StatusCode};
use tower::ServiceExt as _;

use super::scene::ADMINISTRATOR;
use super::{BenchError, Measured, timed};
use crate::app::App;
use crate::web;

/// What is measured: its name and its address.
pub(super) const CASES: [(&str, &str); 5] = [
    ("status, first page", "/status"),
    ("status, largest lag first, page 3", "/status?sort=lag&page=3"),
    ("status, searched", "/status?q=user00069"),
    ("status, those that need somebody", "/status?state=needs-somebody"),
    ("dashboard", "/"),
];

/// The name under which the listener answers.
const NAME: &str = "127.0.0.1:8080";

/// A browser in which the administrator is signed in.
pub(super) struct Browser {
    router: Router,
    cookie: String,
}

/// An answer as far as it matters.
struct Page {
    status: StatusCode,
    cookie: Option<String>,
    text: String,
}

impl Browser {
    pub async fn administrator(app: App) -> Result<Self, BenchError> {
        let mut browser = Self { router: web::router(app), cookie: String::new() };
        let path = "/sign-in";
        let page = browser.open(path, None).await?;
        browser.cookie = page.cookie.unwrap_or_default();
        let csrf = page.text.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let form = format!("csrf={}&login={ADMINISTRATOR}&next=/", csrf.unwrap_or_default());
        let signed_in = browser.open(path, Some(form)).await?;
        let refused = |expected| BenchError::Page { path: path.to_owned(), expected, found: signed_in.status.as_u16() };
        browser.cookie = signed_in.cookie.clone().ok_or_else(|| refused("begin a session"))?;
        Ok(browser)
    }

    /// Opens a page again and again.
    pub async fn measure(&self, case: &'static str, path: &str, rounds: usize) -> Result<Measured, BenchError> {
        let mut times = Vec::with_capacity(rounds);
        for _ in 0..rounds {
            times.push(timed(self.shown(path)).await?);
        }
        Ok(Measured::of(case, &times))
    }

    async fn shown(&self, path: &str) -> Result<(), BenchError> {
        let page = self.open(path, None).await?;
        let is_shown = page.status == StatusCode::OK && page.text.contains("Sign out");
        let found = page.status.as_u16();
        is_shown.then_some(()).ok_or_else(|| BenchError::Page { path: path.to_owned(), expected: "be shown", found })
    }

    async fn open(&self, path: &str, form: Option<String>) -> Result<Page, BenchError> {
        let failed = || BenchError::Page { path: path.to_owned(), expected: "be answered", found: 0 };
        let request = match form {
            None => Request::get(path).body(Body::empty()),
            Some(form) => {
                Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(form))
            }
        };
        let mut request = request.map_err(|_| failed())?;
        let headers = [(HOST, NAME.to_owned()), (COOKIE, self.cookie.clone())];
        for (name, value) in headers {
            request.headers_mut().insert(name, value.parse().map_err(|_| failed())?);
        }
        let response = match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let (parts, body) = response.into_parts();
        let cookie = parts.headers.get(SET_COOKIE).and_then(|line| line.to_str().ok());
        let cookie = cookie.and_then(|line| line.split(';').next()).map(str::to_owned);
        let bytes = to_bytes(body, usize::MAX).await.map_err(|_| failed())?;
        Ok(Page { status: parts.status, cookie, text: String::from_utf8_lossy(&bytes).into_owned() })
    }
}
