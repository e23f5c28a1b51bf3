//! The ports in memory, with a script of Microsoft's answers.
//!
//! Strict like a real host: a stale fence, a missed expectation or a write to
//! the client secret is refused. A request that the script does not expect gets
//! no answer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use crate::model::{AccountId, Instant, Zone};
use crate::ports::{
    Alert, AlertFilter, AlertResource, CommitError, Config, Entropy, Entry, Expectation, Fence, HostError, HostProfile,
    Http, HttpRequest, HttpResponse, Log, LogLevel, Notices, ReversalNote, Revision, SecretError, SecretName, Secrets,
    Storage, TransportFailure, Write,
};
use crate::settings::{EffectiveSettings, Field, Layers, SettingValue};
use crate::sync::ConflictRecord;

use super::{AccountRecord, Secret, TokenSet};

/// The holder in these tests.
pub const FENCE: Fence = Fence(1);
/// When they happen.
pub const NOW: Instant = Instant::from_epoch_milliseconds(1_800_000_000_000);

/// What comes back for a request, after something else happened meanwhile.
pub struct Scripted {
    meanwhile: Option<fn(&mut World)>,
    answer: Result<HttpResponse, TransportFailure>,
}

/// A JSON answer.
pub fn answer(status: u16, body: &Value) -> Scripted {
    let body = body.to_string().into_bytes();
    Scripted { meanwhile: None, answer: Ok(HttpResponse { status, headers: vec![], body }) }
}

/// An OAuth error.
pub fn oauth_error(error: &str, number: u32) -> Scripted {
    let description = format!("AADSTS{number}: Something about adele@contoso.com. Trace ID: 1");
    answer(400, &json!({"error": error, "error_description": description, "error_codes": [number]}))
}

/// Tokens with these permissions.
pub fn granted(access: &str, scope: &str) -> Scripted {
    let refresh = format!("refresh of {access}");
    let body = json!({"token_type": "Bearer", "scope": scope, "expires_in": 3599, "access_token": access,
        "refresh_token": refresh});
    answer(200, &body)
}

/// Everything that is asked for.
pub const ALL_SCOPES: &str = "openid profile email User.Read Calendars.ReadWrite";

/// What is asked for beside that where tasks are switched on.
pub const TASK_SCOPES: &str = "Tasks.ReadWrite MailboxSettings.Read";

/// The profile of Adele.
pub fn adele() -> Scripted {
    answer(200, &json!({"id": "adele-id", "displayName": "Adele Vance", "userPrincipalName": "adele@contoso.com"}))
}

impl Scripted {
    /// The same answer, with something done by somebody else before it arrives.
    pub fn meanwhile(mut self, happens: fn(&mut World)) -> Self {
        self.meanwhile = Some(happens);
        self
    }

    /// The same answer with a header.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        if let Ok(response) = &mut self.answer {
            response.headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// No answer.
    pub fn lost() -> Self {
        Self { meanwhile: None, answer: Err(TransportFailure::TimedOut) }
    }
}

/// One scope of a host, and Microsoft behind it.
pub struct World {
    pub entries: BTreeMap<String, (Vec<u8>, u64)>,
    pub secrets: BTreeMap<&'static str, (Secret, u64)>,
    pub fence: Fence,
    pub layers: Layers,
    pub script: VecDeque<Scripted>,
    pub requests: Vec<HttpRequest>,
    pub alerts: Vec<Alert>,
    pub resolved: Vec<AlertFilter>,
    pub notices_fail: bool,
    pub logged: Vec<String>,
    drawn: u8,
}

impl World {
    /// A configured application with the calendar switched on, and no account.
    pub fn new() -> Self {
        let layers = Layers {
            system: [
                ("application.client-id", SettingValue::text("app")),
                ("application.client-secret", SettingValue::text("********")),
                ("application.tenant", SettingValue::text("contoso.com")),
                ("features.calendar", SettingValue::Boolean(true)),
            ]
            .into_iter()
            .collect(),
            ..Layers::default()
        };
        Self {
            entries: BTreeMap::new(),
            secrets: BTreeMap::from([("client-secret", (Secret::from_text("s3cret~"), 1))]),
            fence: FENCE,
            layers,
            script: VecDeque::new(),
            requests: vec![],
            alerts: vec![],
            resolved: vec![],
            notices_fail: false,
            logged: vec![],
            drawn: 0,
        }
    }

    /// With Adele connected and a token that ends after this many minutes.
    pub fn connected(expires_in_minutes: i64) -> Self {
        let mut world = Self::new();
        world.put_tokens("access-0", expires_in_minutes);
        let scopes: Vec<String> = ALL_SCOPES.split(' ').map(str::to_owned).collect();
        let record = AccountRecord::connected(
            AccountId::new("adele-id"),
            "adele@contoso.com".to_owned(),
            "Adele Vance".to_owned(),
            None,
            NOW,
            scopes,
        );
        record.save(&mut world, FENCE, Expectation::Absent).unwrap();
        world
    }

    /// The same world after tasks were switched on: for accounts of before.
    pub fn with_tasks(mut self) -> Self {
        self.layers.system.set(Field::TasksFeature, SettingValue::Boolean(true));
        self
    }

    /// Stores tokens of Adele, as another holder would.
    pub fn put_tokens(&mut self, access: &str, expires_in_minutes: i64) {
        self.put_granted(access, expires_in_minutes, ALL_SCOPES);
    }

    /// The same with these permissions.
    pub fn put_granted(&mut self, access: &str, expires_in_minutes: i64, scopes: &str) {
        let tokens = TokenSet {
            account: AccountId::new("adele-id"),
            access: Some(Secret::from_text(access)),
            refresh: Secret::from_text(format!("refresh of {access}")),
            expires_at: NOW.plus(chrono::TimeDelta::minutes(expires_in_minutes)),
            scopes: scopes.split(' ').map(str::to_owned).collect(),
        };
        self.put_secret(SecretName::AccountTokens, tokens.to_secret(), Expectation::Any).unwrap();
    }

    /// Appends answers to the script.
    pub fn expect(&mut self, answers: impl IntoIterator<Item = Scripted>) {
        self.script.extend(answers);
    }

    /// The effective settings.
    pub fn settings(&self) -> EffectiveSettings {
        EffectiveSettings::of(&self.layers)
    }

    /// The stored tokens.
    pub fn tokens(&mut self) -> Option<TokenSet> {
        let (secret, _) = self.secret(SecretName::AccountTokens).unwrap()?;
        Some(TokenSet::from_secret(&secret).expect("stored tokens"))
    }

    /// The stored account.
    pub fn record(&mut self) -> Option<AccountRecord> {
        AccountRecord::load(self).unwrap().map(|(record, _)| record)
    }

    /// Stores this account.
    pub fn put_record(&mut self, record: &AccountRecord) {
        record.save(self, FENCE, Expectation::Any).unwrap();
    }

    /// The codes of the alerts that were raised.
    pub fn alert_codes(&self) -> Vec<&'static str> {
        self.alerts.iter().map(|alert| alert.code).collect()
    }

    /// The form of a request.
    pub fn form(&self, index: usize) -> BTreeMap<String, String> {
        let body = self.requests[index].body.clone().unwrap_or_default();
        url::form_urlencoded::parse(&body).into_owned().collect()
    }

    /// Everything that is not in the secret store and not on the wire.
    pub fn visible_text(&self) -> String {
        let entries: Vec<_> = self.entries.values().map(|(value, _)| String::from_utf8_lossy(value)).collect();
        format!("{entries:?} {:?} {:?} {:?}", self.alerts, self.logged, self.requests)
    }
}

fn secret_key(name: SecretName) -> &'static str {
    match name {
        SecretName::ClientSecret => "client-secret",
        SecretName::AccountTokens => "account-tokens",
        SecretName::PendingAuthorization => "pending-authorization",
    }
}

fn is_met(expect: Expectation, found: Option<u64>) -> bool {
    match expect {
        Expectation::Any => true,
        Expectation::Absent => found.is_none(),
        Expectation::Revision(Revision(revision)) => found == Some(revision),
    }
}

impl Storage for World {
    fn get_many(&mut self, keys: &[String]) -> Result<Vec<Option<Entry>>, HostError> {
        let entry = |key: &String| {
            let (value, revision) = self.entries.get(key)?;
            Some(Entry { key: key.clone(), value: value.clone(), revision: Revision(*revision) })
        };
        Ok(keys.iter().map(entry).collect())
    }

    fn list(&mut self, _: &str, _: Option<&str>, _: u32) -> Result<(Vec<Entry>, bool), HostError> {
        Err(HostError::Other("an account lists nothing".to_owned()))
    }

    fn commit(&mut self, fence: Fence, writes: Vec<Write>) -> Result<(), CommitError> {
        if fence != self.fence {
            return Err(CommitError::StaleFence);
        }
        for write in &writes {
            if !is_met(write.expect, self.entries.get(&write.key).map(|(_, revision)| *revision)) {
                return Err(CommitError::ExpectationFailed(write.key.clone()));
            }
        }
        for write in writes {
            let revision = self.entries.get(&write.key).map_or(1, |(_, revision)| revision + 1);
            match write.value {
                Some(value) => self.entries.insert(write.key, (value, revision)),
                None => self.entries.remove(&write.key),
            };
        }
        Ok(())
    }
}

impl Secrets for World {
    fn secret(&mut self, name: SecretName) -> Result<Option<(Secret, Revision)>, HostError> {
        let found = self.secrets.get(secret_key(name));
        Ok(found.map(|(secret, revision)| (secret.clone(), Revision(*revision))))
    }

    fn put_secret(&mut self, name: SecretName, value: Option<Secret>, expect: Expectation) -> Result<(), SecretError> {
        if name == SecretName::ClientSecret {
            return Err(SecretError::ReadOnly);
        }
        let key = secret_key(name);
        let found = self.secrets.get(key).map(|(_, revision)| *revision);
        if !is_met(expect, found) {
            return Err(SecretError::ExpectationFailed);
        }
        match value {
            Some(value) => self.secrets.insert(key, (value, found.unwrap_or(0) + 1)),
            None => self.secrets.remove(key),
        };
        Ok(())
    }
}

impl Config for World {
    fn layers(&mut self) -> Result<Layers, HostError> {
        Ok(self.layers.clone())
    }

    fn profile(&mut self) -> Result<HostProfile, HostError> {
        Ok(HostProfile {
            product_name: "Acme CRM".to_owned(),
            redirect_uri: "https://crm.example/back".to_owned(),
            login_url: "https://login.example".to_owned(),
            graph_url: "https://graph.example/v1.0".to_owned(),
            user_address: None,
            user_zone: Zone::UTC,
        })
    }
}

impl Http for World {
    fn send(&mut self, requests: Vec<HttpRequest>) -> Vec<Result<HttpResponse, TransportFailure>> {
        let mut answers = Vec::new();
        for request in requests {
            self.requests.push(request);
            let scripted = self.script.pop_front().unwrap_or_else(Scripted::lost);
            if let Some(happens) = scripted.meanwhile {
                happens(self);
            }
            answers.push(scripted.answer);
        }
        answers
    }
}

impl Notices for World {
    fn raise(&mut self, alerts: Vec<Alert>) -> Result<(), HostError> {
        if self.notices_fail {
            return Err(HostError::Unavailable(None));
        }
        self.alerts.extend(alerts);
        Ok(())
    }

    fn resolve(&mut self, filter: AlertFilter) -> Result<(), HostError> {
        if self.notices_fail {
            return Err(HostError::Unavailable(None));
        }
        self.resolved.push(filter);
        Ok(())
    }

    fn record_conflicts(&mut self, _: AlertResource, _: Vec<ConflictRecord>) -> Result<(), HostError> {
        Err(HostError::Other("an account has no conflicts".to_owned()))
    }

    fn note_reversals(&mut self, _: Vec<ReversalNote>) -> Result<(), HostError> {
        Ok(())
    }
}

impl Entropy for World {
    fn random_bytes(&mut self, count: usize) -> Vec<u8> {
        self.drawn += 1;
        vec![self.drawn; count]
    }
}

impl Log for World {
    fn log(&mut self, level: LogLevel, message: &str, fields: &[(&str, String)]) {
        self.logged.push(format!("{level:?} {message} {fields:?}"));
    }
}
