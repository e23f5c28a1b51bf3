//! Who asks: the session's cookie, the signed-in user, and posted forms.
//!
//! [`Viewer`] as an argument of a handler means that somebody is signed in;
//! [`Posted`] means that the form was sent from a page of that session.

use std::time::Instant;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Web;
use super::access::{self, Person, Target};
use super::dates::Dates;
use super::error::PageError;
use super::forms::{FormFields, local_path};
use super::language::Language;
use super::render::{self, Chrome, NavItem, ViewerLine};
use super::session::{Asks, SessionView};
use crate::crm::UserId;
use crate::crm::users::User;

/// The cookie of a session. Not `Secure`: the listener speaks plain HTTP, and
/// only on the loopback interface.
const COOKIE: &str = "tandem_session";

/// The header of what a page asks by itself.
const BY_ITSELF: &str = "tandem-by-itself";

/// The session of a request, as the middleware found it.
#[derive(Clone, Debug)]
struct Found(Option<SessionView>);

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// Who.
    pub user: User,
    /// Their session.
    pub session: SessionView,
}

/// A form that was sent from a page of the viewer's session.
#[derive(Clone, Debug)]
pub struct Posted {
    /// Who sent it.
    pub viewer: Viewer,
    /// What it holds.
    pub form: FormFields,
}

/// A form of a session in which nobody needs to be signed in.
#[derive(Clone, Debug)]
pub struct PostedByAnyone {
    /// The session.
    pub session: SessionView,
    /// What it holds.
    pub form: FormFields,
}

/// The places of the main navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The dashboard.
    Dashboard,
    /// The calendars.
    Calendar,
    /// The tasks.
    Tasks,
    /// The status.
    Status,
    /// The conflicts.
    Conflicts,
    /// The alerts.
    Alerts,
    /// The items that are set aside.
    SetAside,
    /// The users.
    Users,
    /// The system configuration.
    System,
    /// One's own configuration.
    My,
    /// None of them.
    Elsewhere,
}

impl Viewer {
    /// How days and times are written for the viewer.
    pub fn dates(&self) -> Dates {
        Dates { zone: self.user.time_zone.0, language: self.session.language }
    }

    /// What of the viewer matters for a decision about access.
    pub fn person(&self) -> Person {
        Person { id: self.user.id, organization: self.user.organization_id, administrator: self.user.administrator }
    }

    /// Refuses what is not the viewer's to open.
    pub fn require(&self, target: Target) -> Result<(), PageError> {
        Ok(access::check(self.person(), target)?)
    }

    /// A user whose pages the viewer may open.
    pub fn open_user(&self, web: &Web, user: UserId) -> Result<User, PageError> {
        let user = web.app.crm().user(user)?;
        self.require(Target::User(user.id, user.organization_id))?;
        Ok(user)
    }

    /// The same by login; the viewer where none is given.
    pub fn open_login(&self, web: &Web, login: &str) -> Result<User, PageError> {
        if login.is_empty() || login == self.user.login {
            return Ok(self.user.clone());
        }
        let user = web.app.crm().user_by_login(login)?;
        self.require(Target::User(user.id, user.organization_id))?;
        Ok(user)
    }

    /// The frame of a page, with the message that waits for it.
    pub fn chrome(&self, web: &Web, place: Place) -> Chrome {
        let mut chrome = self.quiet_chrome(web, place);
        chrome.flash = web.sessions.take_flash(&self.session);
        chrome
    }

    /// The frame of a page that leaves the message for the next one.
    fn quiet_chrome(&self, web: &Web, place: Place) -> Chrome {
        let mut chrome = Chrome::anonymous(&web.product, self.session.csrf.clone());
        chrome.viewer =
            Some(ViewerLine { name: self.user.display_name.clone(), organization: self.user.organization.clone() });
        chrome.nav = navigation(self.user.administrator, place);
        chrome
    }
}

fn navigation(administrator: bool, here: Place) -> Vec<NavItem> {
    let items = [
        ("Dashboard", "/", Place::Dashboard, false),
        ("Calendar", "/calendar", Place::Calendar, false),
        ("Tasks", "/tasks", Place::Tasks, false),
        ("Status", "/status", Place::Status, false),
        ("Conflicts", "/conflicts", Place::Conflicts, false),
        ("Alerts", "/alerts", Place::Alerts, false),
        ("Set Aside", "/set-aside", Place::SetAside, false),
        ("Users", "/users", Place::Users, true),
        ("System Configuration", "/configuration/system", Place::System, true),
        ("My Configuration", "/configuration/my", Place::My, false),
    ];
    let shown = items.into_iter().filter(|(.., administrators)| administrator || !administrators);
    shown.map(|(label, href, place, _)| NavItem { label, href, current: place == here }).collect()
}

/// Finds the session, sends browsers to the address that the redirect URI is
/// registered with, and draws the page of an error.
pub async fn session_layer(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    if let Some(elsewhere) = canonical(&web, &request) {
        return elsewhere;
    }
    let headers = request.headers();
    let (asks, language) = (asks(headers), Language::of(headers));
    let session = cookie(headers).and_then(|text| web.sessions.find(text, Instant::now(), asks, language));
    request.extensions_mut().insert(Found(session.clone()));
    let response = next.run(request).await;
    match response.extensions().get::<PageError>().cloned().or_else(|| refusal(&response)) {
        Some(error) => error_page(&web, session, &error, &response),
        None => response,
    }
}

/// Who asks: the script of a page says so where it asks by itself, and a page of
/// another origin cannot set this header.
fn asks(headers: &HeaderMap) -> Asks {
    if headers.contains_key(BY_ITSELF) { Asks::Page } else { Asks::Person }
}

/// What was refused before a handler saw it, and therefore has no page yet.
fn refusal(response: &Response) -> Option<PageError> {
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_page = content_type.is_some_and(|kind| kind.starts_with("text/html"));
    if is_page { None } else { PageError::of_refusal(response.status()) }
}

/// Cookies belong to a host name. A browser that uses another name of this
/// machine than the redirect URI would come back from Microsoft without its
/// session, so it is sent to that name first.
fn canonical(web: &Web, request: &Request) -> Option<Response> {
    let own = web.canonical.as_ref()?;
    let used = request.headers().get(header::HOST)?.to_str().ok()?;
    let port = |authority: &str| authority.rsplit_once(':').map(|(_, port)| port.to_owned());
    let other_name = !used.eq_ignore_ascii_case(own.authority()) && port(used) == port(own.authority());
    if request.method() != Method::GET || !other_name {
        return None;
    }
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let address = format!("{}://{}{}", own.scheme(), own.authority(), local_path(path));
    Some(axum::response::Redirect::temporary(&address).into_response())
}

fn error_page(web: &Web, session: Option<SessionView>, error: &PageError, response: &Response) -> Response {
    let viewer = session.and_then(|session| viewer_of(web, session));
    let chrome = match &viewer {
        Some(viewer) => viewer.quiet_chrome(web, Place::Elsewhere),
        None => Chrome::anonymous(&web.product, String::new()),
    };
    let mut page = match render::page("error.html", &chrome, &error.view()) {
        Ok(page) => (response.status(), page).into_response(),
        Err(_) => (response.status(), error.to_string()).into_response(),
    };
    if let Some(methods) = response.headers().get(header::ALLOW) {
        page.headers_mut().insert(header::ALLOW, methods.clone());
    }
    page
}

fn viewer_of(web: &Web, session: SessionView) -> Option<Viewer> {
    let user = web.app.crm().user(session.user?).ok()?;
    Some(Viewer { user, session })
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value)
}

/// Sets the cookie of a session.
pub fn set_cookie(response: &mut Response, cookie: &str) {
    let line = format!("{COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Lax");
    if let Ok(value) = HeaderValue::from_str(&line) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// Removes the cookie.
pub fn clear_cookie(response: &mut Response) {
    let line = "tandem_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0";
    response.headers_mut().append(header::SET_COOKIE, HeaderValue::from_static(line));
}

/// The session of a request, where there is one.
pub fn session_of(parts: &Parts) -> Option<SessionView> {
    parts.extensions.get::<Found>().and_then(|found| found.0.clone())
}

impl FromRequestParts<Web> for Viewer {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, PageError> {
        let viewer = session_of(parts).and_then(|session| viewer_of(web, session));
        viewer.ok_or_else(|| {
            let wanted = if parts.method == Method::GET {
                parts.uri.path_and_query().map_or("/", |path| path.as_str())
            } else {
                "/"
            };
            PageError::SignIn(wanted.to_owned())
        })
    }
}

impl OptionalFromRequestParts<Web> for Viewer {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Option<Self>, PageError> {
        Ok(session_of(parts).and_then(|session| viewer_of(web, session)))
    }
}

impl FromRequest<Web> for Posted {
    type Rejection = PageError;

    async fn from_request(request: Request, web: &Web) -> Result<Self, PageError> {
        let PostedByAnyone { session, form } = PostedByAnyone::from_request(request, web).await?;
        let viewer = viewer_of(web, session).ok_or_else(|| PageError::SignIn("/".to_owned()))?;
        Ok(Self { viewer, form })
    }
}

impl FromRequest<Web> for PostedByAnyone {
    type Rejection = PageError;

    async fn from_request(request: Request, web: &Web) -> Result<Self, PageError> {
        let (parts, body) = request.into_parts();
        let session = session_of(&parts);
        let body = Bytes::from_request(Request::from_parts(parts, body), web).await;
        let body = body.map_err(|_| PageError::Invalid("The form is too long.".to_owned()))?;
        accept(session, &body)
    }
}

/// Accepts a form with the token of the session.
fn accept(session: Option<SessionView>, body: &[u8]) -> Result<PostedByAnyone, PageError> {
    let session = session.ok_or(PageError::FormToken)?;
    let form = FormFields::new(url::form_urlencoded::parse(body).into_owned().collect());
    let token = form.get("csrf").unwrap_or_default();
    if session.accepts(token) { Ok(PostedByAnyone { session, form }) } else { Err(PageError::FormToken) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use super::*;
    use crate::web::session::Sessions;

    #[test]
    fn a_form_is_accepted_with_the_token_of_its_own_session_alone() {
        let sessions = Sessions::default();
        let (_, mine) = sessions.begin(None, Instant::now()).unwrap();
        let (_, theirs) = sessions.begin(None, Instant::now()).unwrap();
        let body = |token: &str| format!("a=1&csrf={token}&a=2");

        let accepted = accept(Some(mine.clone()), body(&mine.csrf).as_bytes()).unwrap();
        assert_eq!(accepted.form.get("a"), Some("1"));
        assert!(accepted.form.has("a", "2"));
        for refused in [body(&theirs.csrf), body(""), "a=1".to_owned()] {
            assert_eq!(accept(Some(mine.clone()), refused.as_bytes()).unwrap_err(), PageError::FormToken);
        }
        assert_eq!(accept(None, body(&mine.csrf).as_bytes()).unwrap_err(), PageError::FormToken);
    }

    #[test]
    fn the_cookie_is_found_among_others_and_cannot_be_read_by_scripts() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("a=1; tandem_session=abc; tandem_session2=x"));
        assert_eq!(cookie(&headers), Some("abc"));
        assert_eq!(cookie(&HeaderMap::new()), None);

        let mut response = "".into_response();
        set_cookie(&mut response, "abc");
        let line = response.headers()[header::SET_COOKIE].to_str().unwrap();
        assert_eq!(line, "tandem_session=abc; Path=/; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn users_see_no_way_to_administration() {
        let labels =
            |administrator| navigation(administrator, Place::Status).iter().map(|item| item.label).collect::<Vec<_>>();
        assert!(labels(true).contains(&"System Configuration"));
        assert!(!labels(false).contains(&"System Configuration") && !labels(false).contains(&"Users"));
    }
}
