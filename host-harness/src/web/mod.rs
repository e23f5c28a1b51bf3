//! The CRM listener: the pages that people work with, and the JSON interface
//! that tests and tools use.
//!
//! Pages are rendered on the server and work without a script; `assets/app.js`
//! only saves round trips. What a page shows is computed into a view, and the
//! view is rendered by a template that escapes everything ([`render`]). The
//! settings pages are drawn from the component's manifest alone.
//!
//! Reading order: [`security`] and [`session`] (what protects every page),
//! [`viewer`] (who asks) and [`access`] (who may), then the pages:
//! [`settings`], [`account`], [`first_sync`], [`calendar`], [`tasks`], [`status`], [`notices`],
//! [`alerts`], [`conflicts`]; and [`api`]. Nothing here decides about settings or items: that is the
//! component's work, behind [`App`].

pub mod access;
pub mod account;
pub mod account_failure;
pub mod account_view;
pub mod alerts;
pub mod api;
pub mod assets;
pub mod banner;
pub mod blocked;
pub mod calendar;
pub mod confirm;
pub mod conflicts;
pub mod dashboard;
pub mod dates;
pub mod error;
pub mod fields;
pub mod first_sync;
pub mod forms;
pub mod items;
pub mod language;
pub mod link;
pub mod listing;
pub mod local_time;
pub mod mailbox;
pub mod microsoft_item;
pub mod notices;
pub mod preview;
pub mod problems;
pub mod reader;
pub mod remedy;
pub mod render;
pub mod report;
pub mod run_now;
pub mod security;
pub mod session;
mod set_aside;
pub mod settings;
pub mod shared_account;
pub mod sign_in;
pub mod status;
pub mod switched_off;
pub mod tasks;
pub mod text;
mod titles;
pub mod users;
pub mod viewer;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Uri;
use axum::middleware::from_fn_with_state;
use axum::routing::get;

use self::error::PageError;
use self::security::Headers;
use self::session::Sessions;
use crate::app::App;
use crate::app::options::REDIRECT_PATH;

/// Bytes of a JSON body: the CRM's longest description, with room for escapes
/// and guests.
const JSON_BYTES_MAX: usize = 1024 * 1024;

/// What every handler has.
#[derive(Clone)]
pub struct Web {
    /// The application.
    pub app: App,
    /// Who is signed in.
    pub sessions: Sessions,
    /// The CRM's name.
    pub product: String,
    /// The address that Microsoft's login comes back to.
    pub redirect_uri: String,
    /// Scheme and authority of that address, where it is one.
    pub canonical: Option<Origin>,
}

/// Scheme and authority of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    scheme: String,
    authority: String,
}

impl Origin {
    /// The origin of an address; none for one without a host.
    pub fn of(address: &str) -> Option<Self> {
        let uri: Uri = address.parse().ok()?;
        Some(Self { scheme: uri.scheme_str()?.to_owned(), authority: uri.authority()?.as_str().to_owned() })
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// Host and port.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The same as a text.
    pub fn text(&self) -> String {
        format!("{}://{}", self.scheme, self.authority)
    }
}

/// Pages and JSON interface of the CRM listener.
pub fn router(app: App) -> Router {
    let options = app.options();
    let crm_url = options.crm_url.trim_end_matches('/').to_owned();
    let login = options.login_url.clone().unwrap_or_else(|| options.microsoft_url.clone());
    let headers = Headers::new(Origin::of(&login).map(|origin| origin.text()).as_deref());
    let web = Web {
        sessions: Sessions::default(),
        product: options.product_name.clone(),
        redirect_uri: format!("{crm_url}{REDIRECT_PATH}"),
        canonical: Origin::of(&crm_url),
        app,
    };
    let pages = Router::new()
        .merge(dashboard::routes())
        .merge(sign_in::routes())
        .merge(users::routes())
        .merge(settings::routes())
        .merge(account::routes())
        .merge(first_sync::routes())
        .merge(calendar::routes())
        .merge(tasks::routes())
        .merge(status::routes())
        .merge(preview::routes())
        .merge(set_aside::routes())
        .merge(alerts::routes())
        .merge(conflicts::routes())
        .fallback(async || PageError::NotFound)
        .layer(DefaultBodyLimit::max(forms::FORM_BYTES_MAX))
        .layer(from_fn_with_state(web.clone(), viewer::session_layer));
    let api = api::routes().layer(DefaultBodyLimit::max(JSON_BYTES_MAX));
    Router::new()
        .route("/assets/{name}", get(assets::serve))
        .merge(api)
        .merge(pages)
        .layer(from_fn_with_state(headers, security::protect))
        .with_state(web)
}
