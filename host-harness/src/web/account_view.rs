//! The section "Microsoft Account" of a user's configuration: the account and
//! its state, and the result of Check Connection (Oro rows A1, A3, A4, A5).
//!
//! What is said about a failure is in [`super::account_failure`].

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::account_failure::Explained;
use super::dates::Dates;
use super::remedy::Remedy;
use super::report::Badge;
use super::shared_account::SharedNotice;
use crate::app::parked_sentence;
use crate::crm::users::User;
use crate::host::types::{Account, CheckOutcome, ConnectionReport, ParkedReason};

/// The section.
#[derive(Clone, Debug, Serialize)]
pub struct AccountView {
    badge: Badge,
    notice: Option<Notice>,
    attempt: Option<AttemptView>,
    /// What an administrator of the Microsoft tenant opens, where that is waited for.
    consent_address: Option<String>,
    name: Option<String>,
    display_name: Option<String>,
    connected_at: String,
    connect_label: Option<&'static str>,
    can_connect: bool,
    /// What the address of everything about this account begins with: its name on pages.
    base: String,
    connect_action: String,
    check_action: String,
    disconnect_href: String,
    disconnect_question: String,
    report: Option<CheckView>,
    /// Where the first run is looked at, if it waits.
    first_sync_href: Option<String>,
    /// For whom else it is connected.
    shared: Option<SharedNotice>,
    /// Whose account is to be signed in with, where somebody else presses the button.
    on_behalf: Option<String>,
    #[serde(skip)]
    is_working: bool,
}

#[derive(Clone, Debug, Serialize)]
struct Notice {
    kind: &'static str,
    text: String,
    /// Where the viewer does something about it.
    href: Option<String>,
    label: &'static str,
}

impl Notice {
    const fn plain(kind: &'static str, text: String) -> Self {
        Self { kind, text, href: None, label: "" }
    }

    fn of(Remedy { hint, href, label }: Remedy) -> Self {
        Self { kind: "warn", text: hint, href, label }
    }
}

/// How the last attempt to connect has ended.
#[derive(Clone, Debug, Serialize)]
struct AttemptView {
    title: &'static str,
    message: String,
    details: Vec<String>,
    next_step: &'static str,
}

/// The result of Check Connection.
#[derive(Clone, Debug, Serialize)]
pub struct CheckView {
    ok: bool,
    headline: String,
    missing: String,
    steps: Vec<StepView>,
}

#[derive(Clone, Debug, Serialize)]
struct StepView {
    kind: &'static str,
    state: &'static str,
    label: String,
    message: Option<String>,
}

impl AccountView {
    /// The section for the account of a user whose pages are at `base`;
    /// `unconfigured` is what to do where the Azure application is not filled in.
    pub fn new(base: &str, account: Option<&Account>, unconfigured: Option<Remedy>, dates: Dates) -> Self {
        let configured = unconfigured.is_none();
        let state = State::of(account, configured);
        let name = account.map(|account| account.name.clone());
        let question = name.as_ref().map_or_else(String::new, |name| {
            format!("Disconnect {name}? Synchronization stops. Everything that was synchronized stays on both sides.")
        });
        Self {
            badge: state.badge(),
            notice: unconfigured.map(Notice::of).or_else(|| state.notice(account)),
            attempt: None,
            consent_address: account.and_then(|account| account.consent_address.clone()),
            display_name: account.map(|account| account.display_name.clone()).filter(|shown| !shown.is_empty()),
            connected_at: account.map_or_else(String::new, |account| instant(account.connected_at, dates)),
            // An account is no better for being connected once more before the application is there.
            connect_label: state.connect_label().filter(|_| configured || account.is_none()),
            can_connect: configured,
            base: base.to_owned(),
            connect_action: format!("{base}/connect"),
            check_action: format!("{base}/check"),
            disconnect_href: format!("{base}/disconnect"),
            disconnect_question: question,
            name,
            report: None,
            first_sync_href: None,
            shared: None,
            on_behalf: None,
            is_working: matches!(state, State::Connected),
        }
    }

    /// The section after an attempt to connect that has failed. One that somebody has
    /// mended elsewhere since is not worth a word, nor is one that cannot be repeated
    /// before the application is set up.
    #[must_use]
    pub fn after(self, attempt: Option<Explained>) -> Self {
        let Some(attempt) = attempt.filter(|_| !self.is_working && self.can_connect) else { return self };
        let kind = if attempt.code == "cancelled" { "" } else { "warn" };
        let badge = if self.name.is_none() { Badge { kind, text: attempt.badge } } else { self.badge };
        let notice = self.notice.filter(|_| self.name.is_some());
        let shown = AttemptView {
            title: attempt.title,
            message: attempt.message,
            details: attempt.details,
            next_step: attempt.next_step,
        };
        let consent_address = attempt.consent_address.or(self.consent_address);
        Self { badge, notice, attempt: Some(shown), consent_address, ..self }
    }

    /// The same for an account whose first run waits: where it is looked at.
    #[must_use]
    pub fn waiting_for(self, first_sync_href: Option<String>) -> Self {
        Self { first_sync_href, ..self }
    }

    /// The same for an account that somebody else has as well.
    #[must_use]
    pub fn shared(self, shared: Option<SharedNotice>) -> Self {
        let shared = shared.filter(|_| self.name.is_some());
        Self { shared, ..self }
    }

    /// The same as somebody sees it who is not `user`: Microsoft offers them their own
    /// account first, and what is chosen there is synchronized with this user's data.
    #[must_use]
    pub fn on_behalf_of(self, user: &User) -> Self {
        let whose = format!(
            "You sign in for {}. Pick that person's Microsoft account there, not your own: what is in it is \
             synchronized with what {} has here.",
            user.display_name, user.display_name
        );
        let on_behalf = (self.can_connect && self.connect_label.is_some()).then_some(whose);
        Self { on_behalf, ..self }
    }

    /// The section with the result of a check, where one was made.
    #[must_use]
    pub fn with_check(self, report: Option<CheckView>) -> Self {
        Self { report, ..self }
    }
}

/// The word for a connected account as it stands, and what its button is called; none
/// where it works.
pub fn standing_of(account: &Account) -> (Badge, Option<&'static str>) {
    let state = State::of(Some(account), true);
    (state.badge(), state.connect_label())
}

/// What the section has to say.
#[derive(Clone, Copy)]
enum State {
    NotConfigured,
    NotConnected,
    Connected,
    MissingPermissions,
    Parked(ParkedReason),
}

impl State {
    fn of(account: Option<&Account>, configured: bool) -> Self {
        match account {
            _ if !configured => Self::NotConfigured,
            None => Self::NotConnected,
            Some(account) => match account.parked {
                Some(reason) => Self::Parked(reason),
                None if account.missing_scopes.is_empty() => Self::Connected,
                None => Self::MissingPermissions,
            },
        }
    }

    const fn badge(self) -> Badge {
        match self {
            Self::NotConfigured => Badge { kind: "warn", text: "Not set up" },
            Self::NotConnected => Badge { kind: "", text: "Not connected" },
            Self::Connected => Badge { kind: "good", text: "Connected" },
            Self::MissingPermissions => Badge { kind: "warn", text: "Permission missing" },
            Self::Parked(ParkedReason::ReconnectNeeded) => Badge { kind: "bad", text: "Paused" },
            Self::Parked(ParkedReason::AdminConsentNeeded) => Badge { kind: "bad", text: "Administrator needed" },
            Self::Parked(ParkedReason::ApplicationRefused) => Badge { kind: "bad", text: "Application refused" },
            Self::Parked(ParkedReason::WrongTenant) => Badge { kind: "bad", text: "Wrong directory" },
        }
    }

    fn notice(self, account: Option<&Account>) -> Option<Notice> {
        let (kind, text) = match self {
            // What is not configured is said with what the viewer can do about it.
            Self::NotConfigured | Self::Connected => return None,
            Self::NotConnected => ("", "Connect a Microsoft 365 account to synchronize with it.".to_owned()),
            Self::MissingPermissions => {
                let missing = account.map_or_else(String::new, |account| account.missing_scopes.join(", "));
                (
                    "warn",
                    format!(
                        "Missing permissions: {missing}. Connect again and accept all of them. Where Microsoft does \
                         not ask for them, an administrator has to add them to the application's registration first."
                    ),
                )
            }
            Self::Parked(reason) => ("bad", parked_sentence(reason).to_owned()),
        };
        Some(Notice::plain(kind, text))
    }

    fn connect_label(self) -> Option<&'static str> {
        match self {
            Self::NotConfigured | Self::NotConnected => Some("Connect"),
            Self::Connected => None,
            Self::MissingPermissions | Self::Parked(_) => Some("Connect again"),
        }
    }
}

impl CheckView {
    /// From the component's report.
    pub fn new(report: &ConnectionReport) -> Self {
        let steps = report.steps.iter().map(|step| {
            let (kind, state, message) = match &step.outcome {
                CheckOutcome::Passed => ("good", "Passed", None),
                CheckOutcome::Failed(message) => ("bad", "Failed", Some(message.clone())),
                CheckOutcome::Skipped => ("", "Skipped", None),
            };
            StepView { kind, state, label: step.label.clone(), message }
        });
        let headline = match (report.ok, &report.account_name) {
            (true, Some(name)) => format!("Connection is established successfully with {name}."),
            (true, None) => "Connection is established successfully.".to_owned(),
            (false, _) => "The connection does not work.".to_owned(),
        };
        Self { ok: report.ok, headline, missing: report.missing_permissions.join(", "), steps: steps.collect() }
    }

    /// A check that could not be made.
    pub fn failed(explained: &Explained) -> Self {
        let headline = format!("{} {}", explained.message, explained.next_step);
        Self { ok: false, headline, missing: String::new(), steps: Vec::new() }
    }
}

/// An instant of the contract, as the viewer reads it.
pub fn instant(milliseconds: impl TryInto<i64>, dates: Dates) -> String {
    let instant: Option<DateTime<Utc>> = milliseconds.try_into().ok().and_then(DateTime::from_timestamp_millis);
    instant.map_or_else(|| "at an unknown time".to_owned(), |instant| dates.instant(instant))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use std::collections::BTreeSet;

    use super::*;
    use crate::app::AccountFailure;
    use crate::app::types::AccountError;
    use crate::web::account_failure::explain;

    fn account() -> Account {
        Account {
            id: "1".to_owned(),
            name: "ada@contoso.example".to_owned(),
            display_name: String::new(),
            connected_at: 0,
            scopes: Vec::new(),
            missing_scopes: Vec::new(),
            parked: None,
            consent_address: None,
        }
    }

    fn section(account: Option<&Account>, configured: bool) -> AccountView {
        let remedy = || Remedy { hint: "Ask.".to_owned(), href: None, label: "" };
        AccountView::new("/base", account, (!configured).then(remedy), Dates::of_zone(chrono_tz::Tz::UTC))
    }

    #[test]
    fn the_name_stands_in_place_of_connect() {
        let before = section(None, true);
        assert_eq!((before.connect_label, before.can_connect, before.name), (Some("Connect"), true, None));
        let after = section(Some(&account()), true);
        assert_eq!((after.connect_label, after.name.as_deref()), (None, Some("ada@contoso.example")));
    }

    #[test]
    fn whoever_connects_for_somebody_else_is_told_whose_account_to_pick() {
        let crm = crate::crm::fixtures::crm();
        let user = crate::crm::fixtures::person(&crm, "alice");
        let of = |account: Option<&Account>| section(account, true).on_behalf_of(&user).on_behalf;
        assert!(of(None).unwrap().contains("not your own"));
        assert_eq!(of(Some(&account())), None, "there is nothing to press");
        assert_eq!(section(None, false).on_behalf_of(&user).on_behalf, None);
    }

    #[test]
    fn nobody_connects_before_the_application_is_set_up() {
        let section = section(None, false);
        assert!(!section.can_connect);
        assert_eq!((section.badge.text, section.notice.unwrap().text.as_str()), ("Not set up", "Ask."));
    }

    #[test]
    fn an_account_whose_application_is_gone_is_not_called_connected() {
        for parked in [None, Some(ParkedReason::ReconnectNeeded)] {
            let section = section(Some(&Account { parked, ..account() }), false);
            assert_eq!((section.badge.text, section.connect_label), ("Not set up", None));
            assert_eq!(section.notice.unwrap().text, "Ask.");
        }
    }

    #[test]
    fn an_attempt_does_not_hide_that_the_application_is_gone() {
        let section = section(None, false).after(Some(failed(AccountError::Cancelled)));
        assert_eq!((section.badge.text, section.attempt.is_none()), ("Not set up", true));
        assert_eq!(section.notice.unwrap().text, "Ask.");
        let parked = Account { parked: Some(ParkedReason::ReconnectNeeded), ..account() };
        let parked = self::section(Some(&parked), false).after(Some(failed(AccountError::Cancelled)));
        assert_eq!((parked.badge.text, parked.attempt.is_none()), ("Not set up", true));
    }

    #[test]
    fn every_state_has_its_own_badge_or_message_and_a_way_on() {
        let parked = [
            ParkedReason::ReconnectNeeded,
            ParkedReason::AdminConsentNeeded,
            ParkedReason::ApplicationRefused,
            ParkedReason::WrongTenant,
        ];
        let mut said = BTreeSet::new();
        for reason in parked {
            let section = section(Some(&Account { parked: Some(reason), ..account() }), true);
            assert_eq!(section.connect_label, Some("Connect again"));
            said.extend([section.badge.text.to_owned(), section.notice.unwrap().text]);
        }
        assert_eq!(said.len(), 2 * parked.len());
        let missing = Account { missing_scopes: vec!["Calendars.ReadWrite".to_owned()], ..account() };
        assert!(section(Some(&missing), true).notice.unwrap().text.contains("Calendars.ReadWrite"));
    }

    fn failed(error: AccountError) -> Explained {
        explain(&AccountFailure::Account(error))
    }

    #[test]
    fn the_last_attempt_says_how_it_ended_and_what_to_do() {
        let after = section(None, true).after(Some(failed(AccountError::Cancelled)));
        assert_eq!((after.badge.text, after.notice.is_none()), ("Cancelled", true));
        assert_eq!(after.attempt.unwrap().next_step, "Connect again whenever you like.");
        let waits =
            section(None, true).after(Some(failed(AccountError::AdminConsentNeeded("https://consent".to_owned()))));
        assert_eq!(waits.consent_address.as_deref(), Some("https://consent"));
    }

    #[test]
    fn an_attempt_changes_nothing_about_an_account_that_works_and_hides_nothing_of_one_that_does_not() {
        let works = section(Some(&account()), true).after(Some(failed(AccountError::Cancelled)));
        assert_eq!((works.badge.text, works.attempt.is_none()), ("Connected", true));
        let parked = Account { parked: Some(ParkedReason::ReconnectNeeded), ..account() };
        let parked = section(Some(&parked), true).after(Some(failed(AccountError::Cancelled)));
        assert_eq!((parked.badge.text, parked.notice.is_some(), parked.attempt.is_some()), ("Paused", true, true));
    }
}
