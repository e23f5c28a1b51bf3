//! Who the account is: `GET /me` (learn.microsoft.com/graph/api/user-get).

use serde::Deserialize;

use crate::model::AccountId;
use crate::ports::{Header, Http, HttpRequest, HttpResponse, Method, TransportFailure};

use super::Secret;

/// Identity of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Object id.
    pub id: AccountId,
    /// User principal name.
    pub name: String,
    /// The name shown; the principal name where there is none.
    pub display_name: String,
}

/// Why a read of Graph gave nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadFailure {
    /// 401: the token is not accepted (any more).
    Unauthorized,
    /// 403: a permission is missing, or a policy forbids it.
    Forbidden,
    /// 404: there is no mailbox, or no such user.
    NotFound,
    /// Everything else is worth another try.
    Unavailable(Option<HttpResponse>),
    /// The host does not let us reach Graph.
    Denied(TransportFailure),
}

/// The part of Graph's `user` that is read.
#[derive(Deserialize)]
struct User {
    id: String,
    #[serde(rename = "displayName")]
    display_name: Option<String>,
    #[serde(rename = "userPrincipalName")]
    principal_name: String,
}

/// Reads the profile.
pub fn read(http: &mut impl Http, graph_url: &str, access: &Secret) -> Result<Profile, ReadFailure> {
    let response = get(http, format!("{graph_url}/me?$select=id,displayName,userPrincipalName"), access)?;
    let user: User =
        serde_json::from_slice(&response.body).map_err(|_| ReadFailure::Unavailable(Some(response.clone())))?;
    Ok(Profile {
        id: AccountId::new(user.id),
        display_name: user.display_name.filter(|name| !name.is_empty()).unwrap_or_else(|| user.principal_name.clone()),
        name: user.principal_name,
    })
}

/// One authorised read of Graph.
pub fn get(http: &mut impl Http, url: String, access: &Secret) -> Result<HttpResponse, ReadFailure> {
    let token = access.expose_text().unwrap_or_default();
    let request = HttpRequest {
        method: Method::Get,
        url,
        headers: vec![
            Header { name: "authorization", value: format!("Bearer {token}") },
            Header { name: "accept", value: "application/json".to_owned() },
        ],
        body: None,
    };
    match http.send(vec![request]).into_iter().next() {
        Some(Ok(response)) => match response.status {
            200 => Ok(response),
            401 => Err(ReadFailure::Unauthorized),
            403 => Err(ReadFailure::Forbidden),
            404 => Err(ReadFailure::NotFound),
            _ => Err(ReadFailure::Unavailable(Some(response))),
        },
        Some(Err(denied @ TransportFailure::Denied(_))) => Err(ReadFailure::Denied(denied)),
        Some(Err(TransportFailure::Broken(_) | TransportFailure::TimedOut | TransportFailure::TooLarge { .. }))
        | None => Err(ReadFailure::Unavailable(None)),
    }
}
