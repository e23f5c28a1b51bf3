//! Check Connection: a token that is renewed for it, the profile, one cheap item
//! per enabled resource (Oro row A1).
//!
//! Reads only, and takes back the alert about permissions where none is missing
//! any more. What stops a step is told in words; what stops the check itself,
//! such as no account, is a failure.

use std::time::Duration;

use crate::model::Instant;
use crate::ports::{Expectation, Fence, HttpResponse};
use crate::settings::{EffectiveSettings, Feature};

use super::failure::WRONG_TENANT;
use super::profile::{self, Profile, ReadFailure};
use super::refresh::{self, AccessToken, AccountPorts};
use super::token_request::{TOO_MANY_REQUESTS, retry_delay};
use super::{AccountRecord, AuthFailure, ParkedReason, park, scope};

/// Nothing answers, or not as it should.
const UNREACHED: &str = "Microsoft or the network is not available.";

/// Microsoft answers, and asks for patience.
const THROTTLED: &str = "Microsoft asks for fewer requests at the moment.";

/// How one step went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckOutcome {
    /// It works.
    Passed,
    /// What is wrong and what to do.
    Failed(String),
    /// Not tried, because an earlier one failed.
    Skipped,
}

/// One step of the check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckStep {
    /// A stable word.
    pub name: &'static str,
    /// What was tried.
    pub label: &'static str,
    /// How it went.
    pub outcome: CheckOutcome,
}

/// The result of the check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionReport {
    /// Whether everything passed.
    pub ok: bool,
    /// The account that answered.
    pub account_name: Option<String>,
    /// The steps, in their order.
    pub steps: Vec<CheckStep>,
    /// Permissions that are missing for what is enabled.
    pub missing_permissions: Vec<String>,
}

/// Checks the connection of the user of the scope.
///
/// # Errors
///
/// [`AuthFailure::NotConfigured`], [`AuthFailure::NotConnected`],
/// [`AuthFailure::StaleFence`], [`AuthFailure::Host`].
pub fn check(
    ports: &mut impl AccountPorts,
    fence: Fence,
    settings: &EffectiveSettings,
    now: Instant,
) -> Result<ConnectionReport, AuthFailure> {
    let graph_url = ports.profile().map_err(AuthFailure::Host)?.graph_url;
    let expected = AccountRecord::load(ports)?.map(|(record, _)| record);
    let token = obtain_token(ports, fence, settings, expected.as_ref(), now);
    let (token, token_outcome) = match token {
        Ok(token) => (Some(token), CheckOutcome::Passed),
        Err(failure) => (None, CheckOutcome::Failed(explain(failure)?)),
    };
    let (profile, profile_outcome, token) = match token {
        Some(token) => read_profile(ports, fence, settings, &graph_url, token, expected.as_ref(), now)?,
        None => (None, CheckOutcome::Skipped, None),
    };
    let mut missing = token.as_ref().map(|token| scope::missing(settings, &token.scopes)).unwrap_or_default();
    let mut steps = vec![
        CheckStep { name: "token", label: "Sign in with the stored consent", outcome: token_outcome },
        CheckStep { name: "profile", label: "Read who the account is", outcome: profile_outcome },
    ];
    for probe in settings.enabled_features().into_iter().filter_map(probe_of) {
        let (label, outcome) = match (&token, &profile) {
            (Some(token), Some(_)) => {
                (probe.label_for(token), read_item(ports, &graph_url, token, &probe, &mut missing))
            }
            _ => (probe.label, CheckOutcome::Skipped),
        };
        steps.push(CheckStep { name: probe.name, label, outcome });
    }
    if token.is_some() && missing.is_empty() {
        // Also where a feature that lacked one was switched off.
        park::resolve_missing(ports).map_err(AuthFailure::Host)?;
    }
    let ok = missing.is_empty() && steps.iter().all(|step| step.outcome == CheckOutcome::Passed);
    if ok && let Some((mut record, revision)) = AccountRecord::load(ports)? {
        // Whoever checks has seen to the permissions: what is denied after that is a matter
        // of the item.
        record.checks = record.checks.wrapping_add(1);
        record.save(ports, fence, Expectation::Revision(revision))?;
    }
    Ok(ConnectionReport { ok, account_name: profile.map(|profile| profile.name), steps, missing_permissions: missing })
}

/// A token that was asked for just now: one that is stored stays valid for an hour
/// after a consent was withdrawn or a secret has expired, and would pass without
/// showing that no run after it will. An account that waits for an administrator
/// gets its one try that way, too; one that waits for its user does not, as it
/// would be refused.
fn obtain_token(
    ports: &mut impl AccountPorts,
    fence: Fence,
    settings: &EffectiveSettings,
    record: Option<&AccountRecord>,
    now: Instant,
) -> Result<AccessToken, AuthFailure> {
    match record.and_then(|record| record.parked.as_ref()).map(|parked| parked.reason) {
        Some(ParkedReason::ReconnectNeeded) => refresh::access_token(ports, fence, settings, now),
        Some(ParkedReason::AdminConsentNeeded | ParkedReason::ApplicationRefused | ParkedReason::WrongTenant)
        | None => refresh::renew(ports, fence, settings, now),
    }
}

type ProfileStep = (Option<Profile>, CheckOutcome, Option<AccessToken>);

/// Reads the profile, with another token where Graph refuses this one.
fn read_profile(
    ports: &mut impl AccountPorts,
    fence: Fence,
    settings: &EffectiveSettings,
    graph_url: &str,
    mut token: AccessToken,
    expected: Option<&AccountRecord>,
    now: Instant,
) -> Result<ProfileStep, AuthFailure> {
    let mut found = profile::read(ports, graph_url, token.secret());
    if found == Err(ReadFailure::Unauthorized) {
        token = match refresh::force_refresh(ports, fence, settings, (&token, None), now) {
            Ok(token) => token,
            Err(failure) => return Ok((None, CheckOutcome::Failed(explain(failure)?), None)),
        };
        found = profile::read(ports, graph_url, token.secret());
    }
    Ok(match found {
        Ok(profile) if expected.is_none_or(|record| record.id == profile.id) => {
            (Some(profile), CheckOutcome::Passed, Some(token))
        }
        Ok(_) => {
            let text = "Another account answered than the one that is connected. Disconnect and connect again.";
            (None, CheckOutcome::Failed(text.to_owned()), Some(token))
        }
        Err(failure) => (None, CheckOutcome::Failed(explain_read(&failure, scope::USER_READ)), Some(token)),
    })
}

/// One cheap read of what a feature synchronises.
struct Probe {
    name: &'static str,
    label: &'static str,
    /// A permission that the feature works without, and the label that says
    /// what it does then.
    lessened: Option<(&'static str, &'static str)>,
    permission: &'static str,
    path: &'static str,
}

impl Probe {
    fn label_for(&self, token: &AccessToken) -> &'static str {
        match self.lessened {
            Some((useful, label)) if !scope::is_granted(useful, &token.scopes) => label,
            Some(_) | None => self.label,
        }
    }
}

const fn probe_of(feature: Feature) -> Option<Probe> {
    match feature {
        // learn.microsoft.com/graph/api/calendar-list-events, one event, its id only.
        Feature::Calendar => Some(Probe {
            name: "calendar",
            label: "Read an event of the calendar",
            lessened: None,
            permission: scope::CALENDARS_READ_WRITE,
            path: "/me/calendar/events?$top=1&$select=id",
        }),
        // learn.microsoft.com/graph/api/todo-list-lists, one list.
        Feature::Tasks => Some(Probe {
            name: "tasks",
            label: "Read a list of To Do",
            lessened: Some((
                scope::MAILBOX_SETTINGS_READ,
                "Read a list of To Do (due dates are meant in the CRM's time zone, as MailboxSettings.Read was not \
                 granted)",
            )),
            permission: scope::TASKS_READ_WRITE,
            path: "/me/todo/lists?$top=1",
        }),
        Feature::Mail => None,
    }
}

fn read_item(
    ports: &mut impl AccountPorts,
    graph_url: &str,
    token: &AccessToken,
    probe: &Probe,
    missing: &mut Vec<String>,
) -> CheckOutcome {
    let permission = probe.permission;
    if missing.iter().any(|name| name == permission) {
        return CheckOutcome::Failed(explain_read(&ReadFailure::Forbidden, permission));
    }
    match profile::get(ports, format!("{graph_url}{}", probe.path), token.secret()) {
        Ok(HttpResponse { .. }) => CheckOutcome::Passed,
        Err(failure) => {
            if failure == ReadFailure::Forbidden {
                missing.push(permission.to_owned());
            }
            CheckOutcome::Failed(explain_read(&failure, permission))
        }
    }
}

/// A failed step in two sentences, or the failure of the whole check.
fn explain(failure: AuthFailure) -> Result<String, AuthFailure> {
    let hint = failure.hint();
    match failure {
        AuthFailure::AdminConsentNeeded(url) => Ok(format!(
            "An administrator of the Microsoft directory has to consent first. Send this address to one: {url}"
        )),
        AuthFailure::MissingPermissions(names) => {
            Ok(format!("Microsoft did not grant these permissions: {}. {hint}", names.join(", ")))
        }
        AuthFailure::Refused(detail) => Ok(format!("Microsoft refused to renew the sign-in: {detail}. {hint}")),
        AuthFailure::ApplicationRefused(detail) => Ok(format!("Microsoft refused the application: {detail}. {hint}")),
        AuthFailure::WrongTenant(detail) => {
            Ok(format!("Microsoft refused the sign-in, because {WRONG_TENANT}: {detail}. {hint}"))
        }
        AuthFailure::Unavailable(wait) => Ok(unavailable(UNREACHED, wait)),
        AuthFailure::Throttled(wait) => Ok(unavailable(THROTTLED, wait)),
        AuthFailure::NotConfigured(_)
        | AuthFailure::NotConnected
        | AuthFailure::InvalidState
        | AuthFailure::Cancelled
        | AuthFailure::StaleFence
        | AuthFailure::Host(_) => Err(failure),
    }
}

/// What is not there, and when it is worth another check.
fn unavailable(what: &str, wait: Option<Duration>) -> String {
    let Some(wait) = wait else { return format!("{what} Try again later.") };
    let seconds = wait.as_secs().max(1);
    let (count, unit) = match seconds {
        ..120 => (seconds, "second"),
        120..7_200 => (seconds.div_ceil(60), "minute"),
        7_200.. => (seconds.div_ceil(3_600), "hour"),
    };
    format!("{what} Check again in {count} {unit}{}.", if count == 1 { "" } else { "s" })
}

fn explain_read(failure: &ReadFailure, permission: &str) -> String {
    match failure {
        ReadFailure::Unauthorized => {
            "Microsoft does not accept the sign-in. Connect the Microsoft account again.".to_owned()
        }
        ReadFailure::Forbidden => format!(
            "Microsoft denies access: the permission {permission} was not granted, or a policy forbids it. Add it to \
             the application registration, consent to it, then connect again."
        ),
        ReadFailure::NotFound => "The account has no mailbox in Exchange Online, or not yet. An administrator has \
                                  to check its license, or another account has to be connected."
            .to_owned(),
        ReadFailure::Unavailable(None) => unavailable(UNREACHED, None),
        ReadFailure::Unavailable(Some(response)) => {
            let what = if response.status == TOO_MANY_REQUESTS { THROTTLED } else { UNREACHED };
            unavailable(what, retry_delay(response))
        }
        ReadFailure::Denied(denied) => {
            format!("The CRM does not let the component reach Microsoft: {denied}. An administrator has to allow it.")
        }
    }
}
