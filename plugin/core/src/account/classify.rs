//! What the errors of Microsoft's login mean for us: one table.
//!
//! Decided by the `error` word; the `AADSTS` number may change without notice
//! and only tells apart what shares a word. `suberror` says which prompt the
//! sign-in page is going to show, which changes nothing for us. Descriptions
//! are never read for meaning and never passed on
//! (learn.microsoft.com/entra/identity-platform/reference-error-codes).

/// Where an error was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// In the redirect from the sign-in page.
    Authorize,
    /// In the answer of the token endpoint.
    Token,
}

/// What to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureClass {
    /// The user declined: nothing.
    Cancelled,
    /// The user has to connect again; no retry until then.
    Reconnect,
    /// An administrator of the tenant has to consent; no retry until then.
    AdminConsent,
    /// The credentials are wrong or expired; no retry until they change.
    ApplicationRefused,
    /// The registration and the settings do not match; no retry until one of
    /// them changes.
    Configuration,
    /// The directory in the settings is not there, does not know the application, or
    /// is not the account's; no retry until one of them changes.
    WrongTenant,
    /// Temporary: again, later.
    Retry,
}

/// A line of the table.
struct Rule {
    /// Where it applies; none for both.
    endpoint: Option<Endpoint>,
    /// The word; none for every word.
    error: Option<&'static str>,
    /// The numbers; empty for every number.
    numbers: &'static [u32],
    class: FailureClass,
}

const fn rule(endpoint: Option<Endpoint>, error: &'static str, numbers: &'static [u32], class: FailureClass) -> Rule {
    Rule { endpoint, error: Some(error), numbers, class }
}

/// Only an administrator may consent (90094, 90095).
const ADMIN_CONSENT: &[u32] = &[90_094, 90_095];

/// 700016: the application is not in this directory. 90002: there is no such directory.
/// 900023: what is written there names none, being no id and no domain. 50020, 90072: the
/// account is of another one. 50194: the application works with one directory only, and
/// `common` was asked for.
const WRONG_TENANT: &[u32] = &[700_016, 90_002, 900_023, 50_020, 90_072, 50_194];

/// The first line that fits decides.
const RULES: &[Rule] = &[
    // On the way back from the sign-in page a missing consent (65001) is one
    // that the user was not allowed to give there.
    Rule {
        endpoint: Some(Endpoint::Authorize),
        error: None,
        numbers: &[65_001, 90_094, 90_095],
        class: FailureClass::AdminConsent,
    },
    // Whichever word it comes with.
    Rule { endpoint: None, error: None, numbers: WRONG_TENANT, class: FailureClass::WrongTenant },
    rule(Some(Endpoint::Authorize), "consent_required", &[], FailureClass::AdminConsent),
    rule(None, "invalid_grant", ADMIN_CONSENT, FailureClass::AdminConsent),
    rule(None, "interaction_required", ADMIN_CONSENT, FailureClass::AdminConsent),
    rule(None, "consent_required", ADMIN_CONSENT, FailureClass::AdminConsent),
    // 70008, 700082: not used for too long. 50173: revoked. 50076, 50079: second
    // factor. 53003: conditional access. 65001: the sign-in page asks. 50057: the
    // user is disabled. And whatever else: the refresh token is of no use.
    rule(None, "invalid_grant", &[], FailureClass::Reconnect),
    rule(None, "interaction_required", &[], FailureClass::Reconnect),
    rule(None, "consent_required", &[], FailureClass::Reconnect),
    rule(None, "login_required", &[], FailureClass::Reconnect),
    rule(None, "access_denied", &[], FailureClass::Cancelled),
    // 7000215: wrong secret. 7000222: expired. 7000218: none was sent.
    rule(None, "invalid_client", &[], FailureClass::ApplicationRefused),
    rule(None, "unauthorized_client", &[], FailureClass::Configuration),
    // 50011: the redirect URI is not registered. 900144: a parameter is missing.
    rule(None, "invalid_request", &[], FailureClass::Configuration),
    rule(None, "unsupported_response_type", &[], FailureClass::Configuration),
    rule(None, "unsupported_grant_type", &[], FailureClass::Configuration),
    // 70011, 28002, 650057, 500011.
    rule(None, "invalid_scope", &[], FailureClass::Configuration),
    rule(None, "invalid_resource", &[], FailureClass::Configuration),
    // 90006, 90024, 50033, 90033.
    rule(None, "temporarily_unavailable", &[], FailureClass::Retry),
    rule(None, "server_error", &[], FailureClass::Retry),
];

/// The class of an error. An unknown word counts as a configuration error: it is
/// not repeated by itself, and an administrator gets to see it.
pub fn classify(endpoint: Endpoint, error: &str, number: Option<u32>) -> FailureClass {
    RULES
        .iter()
        .find(|rule| {
            rule.endpoint.is_none_or(|only| only == endpoint)
                && rule.error.is_none_or(|word| word == error)
                && (rule.numbers.is_empty() || number.is_some_and(|number| rule.numbers.contains(&number)))
        })
        .map_or(FailureClass::Configuration, |rule| rule.class)
}

/// The number in `AADSTSnnnnn: …`, with which every description begins.
pub fn aadsts_number(description: &str) -> Option<u32> {
    let digits = description.trim_start().strip_prefix("AADSTS")?;
    let end = digits.find(|character: char| !character.is_ascii_digit()).unwrap_or(digits.len());
    digits.get(..end)?.parse().ok()
}

/// How much of an error word is repeated, in characters: the longest known has 25.
const ERROR_WORD_LENGTH_MAX: usize = 40;

/// `error (AADSTS number)`, fit to be shown: only characters of error words.
pub fn detail(error: &str, number: Option<u32>) -> String {
    let word: String = error
        .chars()
        .filter(|character| character.is_ascii_lowercase() || *character == '_')
        .take(ERROR_WORD_LENGTH_MAX)
        .collect();
    match number {
        Some(number) => format!("{word} (AADSTS{number})"),
        None => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_documented_error_has_its_reaction() {
        use Endpoint::{Authorize, Token};
        use FailureClass::{AdminConsent, ApplicationRefused, Cancelled, Configuration, Reconnect, Retry, WrongTenant};
        let table = [
            (Token, "invalid_grant", Some(70_008), Reconnect),
            (Token, "invalid_grant", Some(700_082), Reconnect),
            (Token, "invalid_grant", Some(50_173), Reconnect),
            (Token, "invalid_grant", Some(50_076), Reconnect),
            (Token, "invalid_grant", Some(53_003), Reconnect),
            (Token, "invalid_grant", Some(65_001), Reconnect),
            (Token, "invalid_grant", Some(54_005), Reconnect),
            (Token, "invalid_grant", None, Reconnect),
            (Token, "invalid_grant", Some(90_094), AdminConsent),
            (Token, "interaction_required", Some(50_105), Reconnect),
            (Token, "interaction_required", Some(90_095), AdminConsent),
            (Token, "consent_required", None, Reconnect),
            (Token, "login_required", Some(50_058), Reconnect),
            (Token, "invalid_client", Some(7_000_215), ApplicationRefused),
            (Token, "invalid_client", Some(7_000_222), ApplicationRefused),
            (Token, "unauthorized_client", Some(700_016), WrongTenant),
            (Token, "invalid_request", Some(90_002), WrongTenant),
            (Token, "invalid_request", Some(900_023), WrongTenant),
            (Token, "invalid_grant", Some(50_020), WrongTenant),
            (Token, "invalid_grant", Some(50_034), Reconnect),
            (Authorize, "access_denied", Some(50_020), WrongTenant),
            (Authorize, "unauthorized_client", None, Configuration),
            (Token, "invalid_scope", Some(70_011), Configuration),
            (Token, "invalid_resource", Some(500_011), Configuration),
            (Token, "temporarily_unavailable", Some(90_033), Retry),
            (Token, "server_error", None, Retry),
            (Token, "something_new", Some(1), Configuration),
            (Authorize, "access_denied", None, Cancelled),
            (Authorize, "access_denied", Some(65_004), Cancelled),
            (Authorize, "access_denied", Some(90_094), AdminConsent),
            (Authorize, "consent_required", None, AdminConsent),
            (Authorize, "invalid_client", Some(65_001), AdminConsent),
            (Authorize, "interaction_required", Some(90_095), AdminConsent),
            (Authorize, "interaction_required", None, Reconnect),
            (Authorize, "login_required", None, Reconnect),
            (Authorize, "server_error", None, Retry),
            (Authorize, "temporarily_unavailable", None, Retry),
            (Authorize, "unauthorized_client", Some(700_016), WrongTenant),
            (Authorize, "invalid_request", Some(50_011), Configuration),
            (Authorize, "invalid_resource", None, Configuration),
        ];
        for (endpoint, error, number, expected) in table {
            assert_eq!(classify(endpoint, error, number), expected, "{endpoint:?} {error} {number:?}");
        }
    }

    #[test]
    fn the_number_is_read_from_the_beginning_of_the_description_only() {
        assert_eq!(aadsts_number("AADSTS65001: The user … Trace ID: 1"), Some(65_001));
        assert_eq!(aadsts_number("AADSTS700082"), Some(700_082));
        assert_eq!(aadsts_number("see AADSTS1"), None);
        assert_eq!(aadsts_number("AADSTS"), None);
        assert_eq!(aadsts_number("AADSTS99999999999999"), None);
    }

    #[test]
    fn a_detail_holds_no_more_than_an_error_word_and_a_number() {
        assert_eq!(detail("invalid_grant", Some(50_173)), "invalid_grant (AADSTS50173)");
        assert_eq!(detail("<b>Adele@contoso.com</b>", None), "bdelecontosocomb");
        assert_eq!(detail(&"x".repeat(999), None).len(), ERROR_WORD_LENGTH_MAX);
    }
}
