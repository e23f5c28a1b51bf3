//! Connecting an account the way a person does it: Connect in the CRM, the
//! login's page, Accept, and back (Oro rows A1 to A3).
//!
//! Next: [`super::outlook`].

use std::collections::BTreeMap;

use axum::body::Body;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{Request, Response, StatusCode};
use tower::ServiceExt as _;
use url::Url;
use url::form_urlencoded::Serializer;

use super::error::DemoError;
use crate::app::App;
use crate::app::types::Callback;
use crate::crm::users::User;
use crate::graph::Microsoft;

/// Fields that the person adds to what the login's page repeats from its
/// address.
const ACCOUNT_FIELD: &str = "user";
const DECISION_FIELD: &str = "decision";
const ACCEPT: &str = "accept";

/// Connects the mailbox with the user's address.
pub(super) async fn connect(app: &App, microsoft: &Microsoft, user: &User) -> Result<(), DemoError> {
    let authorization = app.begin_connect(user.id, None).await?;
    let refused = |expected, status: StatusCode| DemoError::Login { expected, status: status.as_u16() };
    let page = Url::parse(&authorization.url).map_err(|_| refused("have an address", StatusCode::BAD_REQUEST))?;

    let shown = visit(microsoft, Request::get(page.as_str()).body(Body::empty())).await?;
    if shown.status() != StatusCode::OK {
        return Err(refused("show its page", shown.status()));
    }
    // The page's form carries the parameters of its address as hidden fields.
    let form = Serializer::new(String::new())
        .extend_pairs(page.query_pairs())
        .append_pair(ACCOUNT_FIELD, &user.email)
        .append_pair(DECISION_FIELD, ACCEPT)
        .finish();
    let post =
        Request::post(page.path()).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(form));
    let accepted = visit(microsoft, post).await?;
    let back = accepted.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    let back = back.and_then(|location| Url::parse(location).ok());
    let back = back.ok_or_else(|| refused("send the browser back", accepted.status()))?;
    app.finish_connect(None, callback(&back)).await?;
    Ok(())
}

async fn visit(
    microsoft: &Microsoft,
    request: Result<Request<Body>, http::Error>,
) -> Result<Response<Body>, DemoError> {
    let request = request.map_err(|_| DemoError::Login { expected: "have an address", status: 400 })?;
    match microsoft.router().oneshot(request).await {
        Ok(response) => Ok(response),
        Err(never) => match never {},
    }
}

fn callback(back: &Url) -> Callback {
    let mut fields: BTreeMap<String, String> = back.query_pairs().into_owned().collect();
    Callback {
        state: fields.remove("state").unwrap_or_default(),
        code: fields.remove("code"),
        error: fields.remove("error"),
        error_description: fields.remove("error_description"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_the_login_sends_back_is_what_the_component_gets() {
        let back = Url::parse("http://crm.example/back?code=1.a%2Bb&session_state=x&state=s%20t").unwrap();
        let got = callback(&back);
        assert_eq!((got.state.as_str(), got.code.as_deref(), got.error), ("s t", Some("1.a+b"), None));
        let declined = callback(&Url::parse("http://crm.example/back?error=access_denied&state=s").unwrap());
        assert_eq!((declined.code, declined.error.as_deref()), (None, Some("access_denied")));
    }
}
