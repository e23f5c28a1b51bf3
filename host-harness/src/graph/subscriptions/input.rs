//! Reads the bodies of requests on subscriptions
//! (api/subscription-post-subscriptions, api/subscription-update).

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};
use url::Url;

use super::rich;
use crate::graph::dates;
use crate::graph::hosts::is_this_machine;
use crate::graph::reply::Refusal;

/// The longest secret of a client, in characters (resources/subscription).
const CLIENT_STATE_MAX: usize = 128;
/// The longest name of a certificate, in characters.
const CERTIFICATE_ID_MAX: usize = 128;
/// A subscription that would end sooner ends then, in minutes.
const MINUTES_MIN: i64 = 45;
/// Versions of TLS that an endpoint can name (resources/subscription).
const TLS_VERSIONS: [&str; 4] = ["v1_0", "v1_1", "v1_2", "v1_3"];
/// What is taken for granted without one.
const TLS_VERSION: &str = "v1_2";
/// Delivery to these is another thing than posting (concepts/change-notifications-delivery).
const OTHER_CHANNELS: [&str; 2] = ["eventhub:", "eventgrid:"];

/// A subscription to be made.
pub(crate) struct NewSubscription {
    pub change_type: String,
    pub notification_url: String,
    pub lifecycle_url: Option<String>,
    pub resource: String,
    pub expires_at: DateTime<Utc>,
    pub client_state: Option<String>,
    pub tls_version: String,
    pub url_app_id: Option<String>,
    /// Whom data is sealed for, if it is sent.
    pub data: Option<Certificate>,
}

/// A certificate, and what the client calls it.
pub(crate) struct Certificate {
    pub certificate: String,
    pub id: String,
}

/// What is to change in a subscription.
pub(crate) struct SubscriptionChange {
    pub expires_at: Option<DateTime<Utc>>,
    pub notification_url: Option<String>,
    /// Whom data is sealed for from now on.
    pub data: Option<Certificate>,
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "InvalidRequest", message)
}

/// The service says no more of a body that it does not understand
/// (microsoft-graph-docs#2231).
fn unreadable(action: &str) -> Refusal {
    invalid(format!(
        "Could not process subscription {action} payload. Are all property names spelled and camelCased properly? \
         Also are the dateTimeOffset properties in a valid internet Date and Time format?"
    ))
}

/// The properties that stand in a body, without those that are `null`.
struct Body {
    map: Map<String, Value>,
    action: &'static str,
}

impl Body {
    fn read(bytes: &[u8], action: &'static str) -> Result<Self, Refusal> {
        let mut map: Map<String, Value> = serde_json::from_slice(bytes).map_err(|_| unreadable(action))?;
        map.retain(|name, value| !value.is_null() && !name.contains('@'));
        Ok(Self { map, action })
    }

    fn text(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        match self.map.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(unreadable(self.action)),
        }
    }

    fn required(&mut self, name: &str) -> Result<String, Refusal> {
        let text = self.text(name)?.filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| invalid(format!("{name} is a required property for subscription creation")))
    }

    fn instant(&self, text: &str) -> Result<DateTime<Utc>, Refusal> {
        dates::instant(text).ok_or_else(|| unreadable(self.action))
    }

    /// Nothing else may be in the body.
    fn end(self) -> Result<(), Refusal> {
        if self.map.is_empty() { Ok(()) } else { Err(unreadable(self.action)) }
    }
}

/// Reads a subscription that is to be made.
pub(crate) fn create(bytes: &[u8]) -> Result<NewSubscription, Refusal> {
    let mut body = Body::read(bytes, "creation")?;
    let data = read_data(&mut body)?;
    let change_type = body.required("changeType")?;
    let notification_url = body.required("notificationUrl")?;
    let resource = body.required("resource")?;
    let expiration = body.required("expirationDateTime")?;
    let new = NewSubscription {
        expires_at: body.instant(&expiration)?,
        lifecycle_url: body.text("lifecycleNotificationUrl")?,
        client_state: body.text("clientState")?,
        tls_version: body.text("latestSupportedTlsVersion")?.unwrap_or_else(|| TLS_VERSION.to_owned()),
        url_app_id: body.text("notificationUrlAppId")?,
        data,
        change_type,
        notification_url,
        resource,
    };
    if body.map.contains_key("notificationQueryOptions") {
        return Err(Refusal::not_emulated("notificationQueryOptions of a subscription"));
    }
    body.end()?;
    check_url("notificationUrl", &new.notification_url)?;
    if let Some(url) = &new.lifecycle_url {
        check_url("lifecycleNotificationUrl", url)?;
    }
    if new.client_state.as_ref().is_some_and(|text| text.chars().count() > CLIENT_STATE_MAX) {
        return Err(invalid(format!("clientState must not be longer than {CLIENT_STATE_MAX} characters.")));
    }
    if !TLS_VERSIONS.contains(&new.tls_version.as_str()) {
        return Err(invalid(format!("The value '{}' of latestSupportedTlsVersion is not supported.", new.tls_version)));
    }
    Ok(new)
}

/// Whether data is to be sent, and whom it is sealed for then.
fn read_data(body: &mut Body) -> Result<Option<Certificate>, Refusal> {
    match body.map.remove("includeResourceData") {
        Some(Value::Bool(true)) => {
            let certificate = body.required("encryptionCertificate")?;
            checked(Certificate { certificate, id: body.required("encryptionCertificateId")? }).map(Some)
        }
        None | Some(Value::Bool(false)) => {
            // A certificate for data that is not sent has no effect.
            body.text("encryptionCertificate")?;
            body.text("encryptionCertificateId")?;
            Ok(None)
        }
        Some(_) => Err(unreadable(body.action)),
    }
}

fn checked(certificate: Certificate) -> Result<Certificate, Refusal> {
    if certificate.id.chars().count() > CERTIFICATE_ID_MAX {
        let message = format!("encryptionCertificateId must not be longer than {CERTIFICATE_ID_MAX} characters.");
        return Err(invalid(message));
    }
    if !rich::is_usable(&certificate.certificate) {
        return Err(invalid(
            "encryptionCertificate must be a base64 encoded certificate with an RSA key of 2048 to 4096 bits.",
        ));
    }
    Ok(certificate)
}

/// Reads what is to change in a subscription.
pub(crate) fn update(bytes: &[u8]) -> Result<SubscriptionChange, Refusal> {
    let mut body = Body::read(bytes, "update")?;
    let expires_at = match body.text("expirationDateTime")? {
        Some(text) => Some(body.instant(&text)?),
        None => None,
    };
    let data = match (body.text("encryptionCertificate")?, body.text("encryptionCertificateId")?) {
        (Some(certificate), Some(id)) => Some(checked(Certificate { certificate, id })?),
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => {
            return Err(invalid("encryptionCertificate and encryptionCertificateId must be updated together."));
        }
    };
    let change = SubscriptionChange { expires_at, notification_url: body.text("notificationUrl")?, data };
    body.end()?;
    if change.expires_at.is_none() && change.notification_url.is_none() && change.data.is_none() {
        let message =
            "Subscription must contain either the 'expirationDateTime' or 'notificationUrl' property and its value.";
        return Err(invalid(message));
    }
    if let Some(url) = &change.notification_url {
        check_url("notificationUrl", url)?;
    }
    Ok(change)
}

/// Graph posts over TLS alone (resources/subscription). The own machine is
/// excepted, because this is an emulator.
fn check_url(name: &str, text: &str) -> Result<(), Refusal> {
    if OTHER_CHANNELS.iter().any(|channel| text.to_ascii_lowercase().starts_with(channel)) {
        return Err(Refusal::not_emulated("Delivery of notifications to Event Hubs and Event Grid"));
    }
    let url = Url::parse(text).map_err(|_| invalid(format!("{name} must be an absolute URL.")))?;
    if url.scheme() == "https" || (url.scheme() == "http" && is_this_machine(&url)) {
        return Ok(());
    }
    Err(invalid(format!("{name} must use the HTTPS protocol.")))
}

/// When a subscription ends that is to end at `asked`: not before 45 minutes
/// are over (concepts/change-notifications-overview, "subscription lifetime").
pub(crate) fn expiry(now: DateTime<Utc>, asked: DateTime<Utc>, minutes_max: u32) -> Result<DateTime<Utc>, Refusal> {
    if asked <= now {
        return Err(invalid("Subscription expiration date must be in the future."));
    }
    if asked > now + TimeDelta::minutes(minutes_max.into()) {
        let message = format!("Subscription expiration can only be {minutes_max} minutes in the future.");
        return Err(Refusal::new(400, "ExtensionError", message));
    }
    Ok(asked.max(now + TimeDelta::minutes(MINUTES_MIN)))
}
