//! Subscriptions (api/subscription-post-subscriptions, api/subscription-list,
//! api/subscription-get, api/subscription-update, api/subscription-delete,
//! api/subscription-reauthorize).
//!
//! An application sees its own subscriptions: for a user those of this user,
//! for itself all of them. With `Subscription.Read.All` a user sees those of
//! other applications as well.

use serde_json::{Map, Value, json};

use super::options::Options;
use super::{authenticate, not_emulated};
use crate::graph::calendar::output::instant;
use crate::graph::call::Call;
use crate::graph::ids;
use crate::graph::login::grants::{AccessToken, Subject};
use crate::graph::permissions::Access;
use crate::graph::reply::{Refusal, Reply};
use crate::graph::routes::routes;
use crate::graph::state::State;
use crate::graph::subscriptions::input::{self, NewSubscription};
use crate::graph::subscriptions::lifecycle;
use crate::graph::subscriptions::model::{Subscription, SubscriptionNo};
use crate::graph::subscriptions::resource::{self, Operation, Target};
use crate::graph::subscriptions::rich::Rich;

/// What can be asked of them is not told.
const OPTIONS: Options = Options::of(&[], &[]);

/// Answers a call on `/subscriptions`; `words` is the path behind it.
pub(crate) fn answer(state: &mut State, call: &Call, token: &AccessToken, words: &[&str]) -> Result<Reply, Refusal> {
    OPTIONS.check_call(call, "subscriptions")?;
    let id = call.raw(2);
    routes!(match (call.method.as_str(), words) {
        ("POST", []) => create(state, call, token),
        ("GET", []) => Ok(list(state, token)),
        ("GET", [_]) => {
            let found = find(state, token, id, Operation::Read)?;
            Ok(entity(state, hidden(write(found)), 200))
        }
        ("PATCH", [_]) => update(state, call, token, id),
        ("DELETE", [_]) => {
            let number = find(state, token, id, Operation::Delete)?.number;
            lifecycle::forget(state, number);
            Ok(Reply::empty(204))
        }
        ("POST", [_, "reauthorize"]) => {
            let number = find(state, token, id, Operation::Reauthorize)?.number;
            if let Some(subscription) = state.subscriptions.get_mut(&number) {
                lifecycle::authorize(subscription, token);
            }
            Ok(Reply::empty(204))
        }
        (_, _) => Err(not_emulated(call)),
    })
}

/// The endpoints that have to prove themselves before a call can be answered;
/// none, if it will be refused whatever they say.
pub(crate) fn endpoints(state: &State, call: &Call) -> Vec<String> {
    let (method, words) = (call.method.as_str(), call.words());
    if !matches!((method, words.as_slice()), ("POST" | "PATCH", ["v1.0", "subscriptions", ..])) {
        return Vec::new();
    }
    let Ok(token) = authenticate(state, call) else {
        return Vec::new();
    };
    match (method, words.as_slice()) {
        ("POST", ["v1.0", "subscriptions"]) => match checked(state, call, &token) {
            Ok((new, _)) => std::iter::once(new.notification_url).chain(new.lifecycle_url).collect(),
            Err(_) => Vec::new(),
        },
        ("PATCH", ["v1.0", "subscriptions", _]) => {
            let is_there = find(state, &token, call.raw(2), Operation::Update).is_ok();
            let change = input::update(&call.body).ok().filter(|_| is_there);
            change.and_then(|change| change.notification_url).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Everything about a new subscription that can be checked without its
/// endpoints.
fn checked(state: &State, call: &Call, token: &AccessToken) -> Result<(NewSubscription, Target), Refusal> {
    let new = input::create(&call.body)?;
    let target = resource::find(state, token, &new.resource)?;
    resource::require(token, target.watched, Operation::Create)?;
    resource::require_inside(token, target.watched, &new.resource, new.data.is_some(), Operation::Create)?;
    resource::kinds(&new.change_type, target.watched)?;
    let switches = &state.meta.behaviour.subscriptions;
    resource::select(&new.resource, target.watched, new.data.is_some())?;
    resource::filter(&new.resource, target.watched)?;
    input::expiry(state.now, new.expires_at, resource::minutes_max(switches, target.watched, new.data.is_some()))?;
    let of_mailbox = || state.subscriptions.values().filter(|known| known.mailbox == target.mailbox);
    let twin = of_mailbox().find(|known| {
        known.client_id == token.client_id
            && known.creator == token.subject
            && known.watched == target.watched
            && resource::options(&known.resource) == resource::options(&new.resource)
            && known.change_type.eq_ignore_ascii_case(&new.change_type)
    });
    if let Some(twin) = twin.filter(|_| !switches.duplicate_subscriptions) {
        let message = format!("Subscription Id {} already exists for the requested combination", twin.id);
        return Err(Refusal::new(409, "ObjectIdentifierInUse", message));
    }
    if of_mailbox().count() >= switches.subscriptions_per_mailbox_max {
        return Err(Operation::Create.refused(403, "Maximum number of subscriptions has been reached"));
    }
    Ok((new, target))
}

/// `POST /subscriptions`.
fn create(state: &mut State, call: &Call, token: &AccessToken) -> Result<Reply, Refusal> {
    let (new, target) = checked(state, call, token)?;
    for url in std::iter::once(&new.notification_url).chain(&new.lifecycle_url) {
        call.proofs.check(url)?;
    }
    let minutes_max = resource::minutes_max(&state.meta.behaviour.subscriptions, target.watched, new.data.is_some());
    let select = resource::select(&new.resource, target.watched, new.data.is_some())?.unwrap_or_default();
    let rich = new.data.map(|data| Rich { certificate: data.certificate, certificate_id: data.id, select });
    let number = SubscriptionNo(state.next_number());
    let subscription = Subscription {
        number,
        id: state.guid(),
        client_id: token.client_id.clone(),
        creator: token.subject.clone(),
        creator_id: creator_id(state, token),
        mailbox: target.mailbox,
        watched: target.watched,
        kinds: resource::kinds(&new.change_type, target.watched)?,
        expires_at: input::expiry(state.now, new.expires_at, minutes_max)?,
        resource: new.resource,
        change_type: new.change_type,
        client_state: new.client_state,
        notification_url: new.notification_url,
        lifecycle_url: new.lifecycle_url,
        tls_version: new.tls_version,
        url_app_id: new.url_app_id,
        rich,
        immutable_ids: call.prefer().immutable_ids,
        token_ends_at: token.expires_at,
        asked_at: None,
        is_paused: false,
    };
    let location = format!("{}/v1.0/subscriptions/{}", state.base_url, subscription.id);
    let written = write(&subscription);
    state.subscriptions.insert(number, subscription);
    Ok(entity(state, written, 201).header("location", location))
}

/// The directory's id of the user, or of the application's service principal.
fn creator_id(state: &State, token: &AccessToken) -> String {
    let user = match &token.subject {
        Subject::User(number) => state.mailboxes.get(number).map(|mailbox| mailbox.object_id.clone()),
        Subject::Application => None,
    };
    user.unwrap_or_else(|| ids::service_principal(&state.meta.tenant.id, &token.client_id))
}

/// `GET /subscriptions`.
fn list(state: &State, token: &AccessToken) -> Reply {
    let seen = state.subscriptions.values().filter(|subscription| sees(token, subscription));
    let value: Vec<Map<String, Value>> = seen.map(|subscription| hidden(write(subscription))).collect();
    let metadata = format!("{}/v1.0/$metadata#subscriptions", state.base_url);
    Reply::json(200, json!({ "@odata.context": metadata, "value": value }))
}

/// Whether a caller gets to see a subscription.
fn sees(token: &AccessToken, subscription: &Subscription) -> bool {
    match &token.subject {
        Subject::User(_) => {
            subscription.creator == token.subject
                && (subscription.client_id == token.client_id || token.may(Access::ReadSubscriptions))
        }
        Subject::Application => subscription.client_id == token.client_id,
    }
}

/// The subscription of an id, if the caller made it and may still read what it
/// watches.
fn find<'a>(
    state: &'a State,
    token: &AccessToken,
    id: &str,
    operation: Operation,
) -> Result<&'a Subscription, Refusal> {
    let found = state.subscriptions.values().find(|subscription| subscription.id.eq_ignore_ascii_case(id));
    let found = found.filter(|subscription| sees(token, subscription));
    let found = found.filter(|subscription| operation == Operation::Read || subscription.client_id == token.client_id);
    let found = found.ok_or_else(|| Refusal::new(404, "ResourceNotFound", "The object was not found."))?;
    resource::require(token, found.watched, operation)?;
    if matches!(operation, Operation::Update | Operation::Reauthorize) {
        // Who keeps it alive is told what it tells.
        resource::require_inside(token, found.watched, &found.resource, found.rich.is_some(), operation)?;
    }
    Ok(found)
}

/// `PATCH /subscriptions/{id}`: renews it, which authorises it as well.
fn update(state: &mut State, call: &Call, token: &AccessToken, id: &str) -> Result<Reply, Refusal> {
    let found = find(state, token, id, Operation::Update)?;
    let (number, watched, ends_at, has_data) = (found.number, found.watched, found.expires_at, found.rich.is_some());
    let change = input::update(&call.body)?;
    let minutes_max = resource::minutes_max(&state.meta.behaviour.subscriptions, watched, has_data);
    let expires_at = match change.expires_at {
        Some(asked) => input::expiry(state.now, asked, minutes_max)?,
        None => ends_at,
    };
    if let Some(url) = &change.notification_url {
        call.proofs.check(url)?;
    }
    let subscription = state.subscriptions.get_mut(&number).ok_or_else(Refusal::item_not_found)?;
    subscription.expires_at = expires_at;
    subscription.notification_url = change.notification_url.unwrap_or(subscription.notification_url.clone());
    if let (Some(rich), Some(data)) = (&mut subscription.rich, change.data) {
        (rich.certificate, rich.certificate_id) = (data.certificate, data.id);
    }
    lifecycle::authorize(subscription, token);
    let written = write(subscription);
    Ok(entity(state, written, 200))
}

fn entity(state: &State, mut written: Map<String, Value>, status: u16) -> Reply {
    let metadata = format!("{}/v1.0/$metadata#subscriptions/$entity", state.base_url);
    written.insert("@odata.context".to_owned(), json!(metadata));
    Reply::json(status, Value::Object(written))
}

fn write(subscription: &Subscription) -> Map<String, Value> {
    let rich = subscription.rich.as_ref();
    let value = json!({
        "id": subscription.id,
        "resource": subscription.resource,
        "applicationId": subscription.client_id,
        "changeType": subscription.change_type,
        "clientState": subscription.client_state,
        "notificationUrl": subscription.notification_url,
        "notificationQueryOptions": null,
        "lifecycleNotificationUrl": subscription.lifecycle_url,
        "expirationDateTime": instant(subscription.expires_at),
        "creatorId": subscription.creator_id,
        "includeResourceData": rich.map(|_| true),
        "latestSupportedTlsVersion": subscription.tls_version,
        "encryptionCertificate": rich.map(|rich| &rich.certificate),
        "encryptionCertificateId": rich.map(|rich| &rich.certificate_id),
        "notificationUrlAppId": subscription.url_app_id,
    });
    value.as_object().cloned().unwrap_or_default()
}

/// Who reads a subscription does not get its secret back (api/subscription-list).
fn hidden(mut written: Map<String, Value>) -> Map<String, Value> {
    written.insert("clientState".to_owned(), Value::Null);
    written
}
