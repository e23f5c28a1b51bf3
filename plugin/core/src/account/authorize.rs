//! The addresses to which a browser is sent.
//!
//! Sign-in: learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow.
//! Admin consent: learn.microsoft.com/entra/identity-platform/v2-admin-consent.

use url::form_urlencoded::Serializer;

use super::application::Application;
use super::{pkce, scope};

/// The `state` of an admin consent. It ties nothing to anybody, because nothing
/// is taken from the answer; it tells the host what came back.
pub const ADMIN_CONSENT_STATE: &str = "admin-consent";

/// The sign-in page for this state and challenge.
pub fn authorization_url(application: &Application, state: &str, challenge: &str) -> String {
    let query = Serializer::new(String::new())
        .append_pair("client_id", &application.client_id)
        .append_pair("response_type", "code")
        .append_pair("redirect_uri", &application.redirect_uri)
        .append_pair("response_mode", "query")
        .append_pair("scope", &scope::request(application.permissions.iter().copied()))
        .append_pair("state", state)
        .append_pair("code_challenge", challenge)
        .append_pair("code_challenge_method", pkce::METHOD)
        .append_pair("prompt", "select_account")
        .finish();
    format!("{}/{}/oauth2/v2.0/authorize?{query}", application.login_url, application.tenant)
}

/// The page on which an administrator consents for everybody. `common` is not
/// allowed there; `organizations` means the same for accounts that have
/// administrators.
pub fn admin_consent_url(application: &Application) -> String {
    let tenant = if application.tenant == "common" { "organizations" } else { &application.tenant };
    let permissions: Vec<String> = application.permissions.iter().map(|name| scope::in_full(name)).collect();
    let query = Serializer::new(String::new())
        .append_pair("client_id", &application.client_id)
        .append_pair("scope", &permissions.join(" "))
        .append_pair("redirect_uri", &application.redirect_uri)
        .append_pair("state", ADMIN_CONSENT_STATE)
        .finish();
    format!("{}/{tenant}/v2.0/adminconsent?{query}", application.login_url)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeMap;

    use url::Url;

    use super::*;
    use crate::account::Secret;

    fn application(tenant: &str) -> Application {
        Application {
            client_id: "app id".to_owned(),
            client_secret: Secret::from_text("s3cret~"),
            tenant: tenant.to_owned(),
            permissions: vec![scope::USER_READ, scope::CALENDARS_READ_WRITE],
            login_url: "https://login.example".to_owned(),
            graph_url: "https://graph.example/v1.0".to_owned(),
            redirect_uri: "http://localhost:8080/back?x=1&y".to_owned(),
        }
    }

    fn query(url: &Url) -> BTreeMap<String, String> {
        url.query_pairs().into_owned().collect()
    }

    #[test]
    fn the_sign_in_address_carries_every_parameter_and_no_secret() {
        let text = authorization_url(&application("contoso.com"), "st&te", "ch");
        assert!(!text.contains("s3cret"));
        let url = Url::parse(&text).unwrap();
        assert_eq!(url.path(), "/contoso.com/oauth2/v2.0/authorize");
        let expected = [
            ("client_id", "app id"),
            ("code_challenge", "ch"),
            ("code_challenge_method", "S256"),
            ("prompt", "select_account"),
            ("redirect_uri", "http://localhost:8080/back?x=1&y"),
            ("response_mode", "query"),
            ("response_type", "code"),
            ("scope", "openid profile email offline_access User.Read Calendars.ReadWrite"),
            ("state", "st&te"),
        ];
        let expected: BTreeMap<String, String> =
            expected.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        assert_eq!(query(&url), expected);
    }

    #[test]
    fn an_administrator_is_sent_to_a_tenant_that_has_administrators() {
        for (tenant, path) in
            [("contoso.com", "/contoso.com/v2.0/adminconsent"), ("common", "/organizations/v2.0/adminconsent")]
        {
            let url = Url::parse(&admin_consent_url(&application(tenant))).unwrap();
            assert_eq!(url.path(), path);
            let scope = query(&url).remove("scope");
            let expected = "https://graph.microsoft.com/User.Read https://graph.microsoft.com/Calendars.ReadWrite";
            assert_eq!(scope.as_deref(), Some(expected));
        }
    }
}
