//! Sign-in of a device without a browser (entra/identity-platform/v2-oauth2-device-code).
//!
//! The device asks for two codes, shows one of them, and polls with the other
//! one until its user has typed the first into a page on another device.

use serde_json::{Value, json};

use super::application::Applicant;
use super::authorize::{self, Parameters};
use super::grants::{self, Decision, DeviceGrant};
use super::issue::{self, Granted};
use super::refusal::LoginRefusal;
use super::{check_audience, check_tenant, claims, consent, pages, scopes};
use crate::graph::call::Call;
use crate::graph::model::App;
use crate::graph::reply::Reply;
use crate::graph::state::State;

/// How long a device waits between two polls, in seconds.
const INTERVAL_SECONDS: i64 = 5;

/// How much earlier than that a poll may come, in seconds: the way to the
/// service does not take equally long each time.
const INTERVAL_TOLERANCE_SECONDS: i64 = 1;

/// What the interval grows by for who does not keep to it (RFC 8628, 3.5), in
/// seconds.
const SLOW_DOWN_SECONDS: i64 = 5;

/// Characters of what the user types: none that looks like another one.
const USER_CODE_CHARACTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const USER_CODE_LENGTH: usize = 9;

/// `POST /{tenant}/oauth2/v2.0/devicecode`.
pub(crate) fn begin(state: &mut State, tenant: &str, call: &Call) -> Result<Reply, LoginRefusal> {
    check_tenant(state, tenant)?;
    grants::forget_expired(state);
    let form = call.form();
    let app = Applicant::find(state, call, &form)?.app;
    check_audience(state, &app, tenant)?;
    let requested = scopes::split(form.get("scope").map(String::as_str).unwrap_or_default());
    if requested.is_empty() {
        return Err(LoginRefusal::missing("scope"));
    }
    scopes::check(state, &requested)?;
    // DIFFERENCE: the refusal is known from the sign-in page. Whether it is given here
    // already, or on the page where the code is entered, is documented nowhere.
    scopes::require_known(&app.client_id, &requested)?;
    let capabilities = claims::capabilities(&form)?;
    let device_code = grants::new_secret(state, "");
    let user_code = new_user_code(state);
    let device = DeviceGrant {
        client_id: app.client_id.clone(),
        user_code: user_code.clone(),
        scopes: scopes::granted(&requested, &app),
        capabilities,
        issued_at: state.now,
        interval_seconds: INTERVAL_SECONDS,
        polled_at: None,
        decision: Decision::Pending,
        used: false,
    };
    state.devices.insert(grants::digest(&device_code), device);
    let address = format!("{}/common/oauth2/deviceauth", state.base_url);
    let body = json!({
        "user_code": user_code,
        "device_code": device_code,
        "verification_uri": address,
        "expires_in": grants::DEVICE_CODE_LIFE.num_seconds(),
        "interval": INTERVAL_SECONDS,
        "message": format!(
            "To sign in, use a web browser to open the page {address} and enter the code {user_code} to authenticate."
        ),
    });
    Ok(Reply::json(200, body).header("cache-control", "no-store, no-cache".to_owned()))
}

fn new_user_code(state: &mut State) -> String {
    let mut code = String::with_capacity(USER_CODE_LENGTH);
    while code.len() < USER_CODE_LENGTH {
        let place = state.random_below(USER_CODE_CHARACTERS.len());
        code.extend(USER_CODE_CHARACTERS.get(place).map(|byte| char::from(*byte)));
    }
    code
}

fn refused(error: &'static str, number: u32, message: &str) -> LoginRefusal {
    LoginRefusal::new(400, error, number, message)
}

/// The token request of a device that waits.
pub(crate) fn poll(state: &mut State, app: &App, form: &Parameters) -> Result<Value, LoginRefusal> {
    let device_code = form.get("device_code").ok_or_else(|| LoginRefusal::missing("device_code"))?;
    let key = grants::digest(device_code);
    let now = state.now;
    let known = state.devices.get_mut(&key).filter(|known| known.client_id == app.client_id && !known.used);
    let known = known.ok_or_else(|| {
        refused("bad_verification_code", 70_018, "Invalid verification code. The device code was not recognized.")
    })?;
    if now - known.issued_at >= grants::DEVICE_CODE_LIFE {
        let message =
            "The provided value for the input parameter 'device_code' is not valid. This device code has expired.";
        return Err(refused("expired_token", 70_020, message));
    }
    let waited = known.polled_at.map(|at| (now - at).num_seconds());
    known.polled_at = Some(now);
    if waited.is_some_and(|waited| waited + INTERVAL_TOLERANCE_SECONDS < known.interval_seconds) {
        // DIFFERENCE: the documentation of the service does not name this error,
        // RFC 8628 does; MSAL waits longer on it.
        known.interval_seconds += SLOW_DOWN_SECONDS;
        let message = "OAuth 2.0 device flow error. The client polls too often and has to wait longer.";
        return Err(refused("slow_down", 70_016, message));
    }
    let (mailbox, signed_in) = match known.decision {
        Decision::Accepted(mailbox, signed_in) => (mailbox, signed_in),
        Decision::Pending => {
            let message = "OAuth 2.0 device flow error. Authorization is pending. Continue polling.";
            return Err(refused("authorization_pending", 70_016, message));
        }
        Decision::AdminNeeded => return Err(LoginRefusal::admin_consent_required()),
        Decision::Declined => {
            return Err(refused("authorization_declined", 65_004, "User declined to consent to access the app."));
        }
    };
    known.used = true;
    let (asked, declared) = (known.scopes.clone(), known.capabilities.clone());
    let consented = consent::check(state, app, mailbox, &asked, "invalid_grant")?;
    let all = consent::covered(asked.clone(), &asked, &consented);
    let capabilities = Some(claims::capabilities(form)?).filter(|said| !said.is_empty()).unwrap_or(declared);
    let granted = Granted { mailbox, all: &all, now: &all, nonce: None, signed_in, capabilities, spa_since: None };
    issue::user_tokens(state, app, form, &granted)
}

/// `GET /{tenant}/oauth2/deviceauth`: where the code is typed.
pub(crate) fn show(state: &mut State, tenant: &str) -> Reply {
    match check_tenant(state, tenant) {
        Ok(()) => pages::device(&action(state, tenant), None),
        Err(refusal) => pages::refused(state, &refusal),
    }
}

fn action(state: &State, tenant: &str) -> String {
    format!("{}/{tenant}/oauth2/deviceauth", state.base_url)
}

/// Takes the posted pages: first the code, then who signs in.
pub(crate) fn submit(state: &mut State, tenant: &str, form: &Parameters) -> Reply {
    if let Err(refusal) = check_tenant(state, tenant) {
        return pages::refused(state, &refusal);
    }
    let action = action(state, tenant);
    let typed = form.get("otc").map(|code| code.trim().to_ascii_uppercase()).unwrap_or_default();
    let is_open = |device: &DeviceGrant| {
        let is_alive = state.now - device.issued_at < grants::DEVICE_CODE_LIFE;
        is_alive && device.user_code == typed && device.decision == Decision::Pending
    };
    let Some(key) = state.devices.keys_where(is_open).into_iter().next() else {
        return pages::device(&action, Some("That code didn't work. Check the code and try again."));
    };
    let device = state.devices.get(&key).cloned();
    let found = device.and_then(|device| Some((state.apps.get(&device.client_id)?.clone(), device)));
    let Some((app, device)) = found else {
        return pages::device(&action, Some("The application of this code does not exist any more."));
    };
    let ask = |state: &State, error: Option<&str>| {
        let view = pages::SignIn { app: &app, action: &action, parameters: form, granted: &device.scopes, error };
        pages::sign_in(state, &view, authorize::needs_admin(&app))
    };
    let decision = match decide(state, &app, form) {
        Ok(Some(decision)) => decision,
        Ok(None) => return ask(state, None),
        Err(error) => return ask(state, Some(&error)),
    };
    if let Decision::Accepted(mailbox, _) = decision {
        consent::remember(state, &app, &device.scopes, mailbox);
    }
    if let Some(device) = state.devices.get_mut(&key) {
        device.decision = decision.clone();
    }
    match decision {
        Decision::AdminNeeded => pages::refused(state, &LoginRefusal::admin_consent_required()),
        Decision::Accepted(..) => pages::device_done(&app, true),
        Decision::Declined | Decision::Pending => pages::device_done(&app, false),
    }
}

/// What a posted page decides, if anything, or what the page says to who posted
/// it. The code alone decides nothing: whoever reads it over a shoulder must not
/// end what another person waits for.
fn decide(state: &State, app: &App, form: &Parameters) -> Result<Option<Decision>, String> {
    let needs_admin = authorize::needs_admin(app);
    match form.get("decision").map(String::as_str) {
        Some("cancel") => Ok(Some(Decision::Declined)),
        // The button of the page that says who has to allow it.
        Some("accept" | "return") if needs_admin => {
            authorize::identify(state, form)?;
            Ok(Some(Decision::AdminNeeded))
        }
        Some("accept") => {
            let (mailbox, signed_in) = authorize::identify(state, form)?;
            Ok(Some(Decision::Accepted(mailbox.number, signed_in)))
        }
        Some(_) | None => Ok(None),
    }
}
