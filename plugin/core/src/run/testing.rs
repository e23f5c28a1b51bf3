//! A host in memory, with an account that is connected, a CRM that answers from
//! a script, and Microsoft behind a function.
//!
//! Storage is real: what a step commits, the next one reads. A test that wants
//! a commit refused says which one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde_json::{Value, json};

use crate::account::Secret;
use crate::account::testing::{FENCE, NOW, World};
use crate::model::{CrmId, CrmVersion, EventTime, FieldSet, FieldValue, Instant, Record, Zone};
use crate::ports::{
    Alert, AlertFilter, AlertResource, Announcement, AppliedWrite, ApplyError, Clock, CommitError, Config, CrmApplied,
    CrmCalendar, CrmCapabilities, CrmChange, CrmChangesError, CrmItem, CrmMutation, CrmMutationError, CrmPage, Entropy,
    Entry, Expectation, Fence, HostError, HostProfile, Http, HttpRequest, HttpResponse, Log, LogLevel, Method, Notices,
    ReversalNote, Revision, SecretError, SecretName, Secrets, Storage, TransportFailure, Write,
};
use crate::settings::{Feature, Field, Layers, SettingValue};
use crate::sync::ConflictRecord;

use super::{Budget, Job, Report, step};

/// Microsoft's answer to a request.
pub type Answer = Result<HttpResponse, TransportFailure>;

/// The CRM's answer to a mutation.
pub type Applied = Result<CrmApplied, CrmMutationError>;

/// More than any of these tests needs.
pub const PLENTY: Budget = Budget { requests: 100, items: 1_000, time: Duration::from_mins(10) };

/// One user's host.
pub struct Host {
    pub account: World,
    /// What Microsoft answers.
    pub graph: fn(&HttpRequest) -> Answer,
    /// What the CRM's listing begins with.
    pub records: Vec<CrmItem>,
    /// Answers to `changes`; nothing new once they are used up.
    pub changes: VecDeque<Result<CrmPage, CrmChangesError>>,
    /// Whether the CRM has tasks.
    pub has_tasks: bool,
    /// Whether a CRM without a script says that the cursor has expired.
    pub forgets_cursors: bool,
    /// Answers to mutations; stored as asked once they are used up.
    pub applied: VecDeque<Applied>,
    /// What a read by id finds.
    pub items: fn(&CrmId, usize) -> Option<CrmItem>,
    /// Every mutation that was asked for.
    pub mutations: Vec<CrmMutation>,
    /// What each key has written, as the CRM remembers it.
    pub written: BTreeMap<String, AppliedWrite>,
    /// Refuses the next commit with a key that holds this text.
    pub refuse_commit: Option<&'static str>,
    /// As what it is refused.
    pub refusal: CommitError,
    reads: usize,
}

impl Host {
    /// Connected, both calendars empty.
    pub fn new(graph: fn(&HttpRequest) -> Answer) -> Self {
        Self {
            account: World::connected(60),
            graph,
            records: Vec::new(),
            changes: VecDeque::new(),
            has_tasks: true,
            forgets_cursors: false,
            applied: VecDeque::new(),
            items: |_, _| None,
            mutations: Vec::new(),
            written: BTreeMap::new(),
            refuse_commit: None,
            refusal: CommitError::Host(HostError::Unavailable(None)),
            reads: 0,
        }
    }

    /// The next page of the CRM's changes, with no page behind it.
    pub fn changed(&mut self, changes: Vec<CrmChange>) {
        self.changes.push_back(Ok(CrmPage { changes, next: "cursor".to_owned(), more: false }));
    }

    /// A step with this budget, after every wait is over.
    pub fn step_with(&mut self, budget: Budget) -> Report {
        self.account.requests.clear();
        step(self, Job { resource: Feature::Calendar, fence: FENCE }, budget)
    }

    /// A step that nothing limits.
    pub fn step(&mut self) -> Report {
        self.step_with(PLENTY)
    }

    /// Method and path of the requests of the last step.
    pub fn requests(&self) -> Vec<String> {
        let path = |request: &HttpRequest| {
            let path = request.url.trim_start_matches("https://graph.example/v1.0");
            format!("{} {}", request.method.as_str(), path.split('?').next().unwrap_or_default())
        };
        self.account.requests.iter().map(path).collect()
    }

    /// How many records were asked to be created.
    pub fn creates(&self) -> usize {
        self.mutations.iter().filter(|mutation| matches!(mutation, CrmMutation::Create { .. })).count()
    }

    /// Forgets that a wait was asked for.
    pub fn after_the_wait(&mut self) {
        for (key, (value, _)) in &mut self.account.entries {
            if key.ends_with("/status") {
                let mut status: Value = serde_json::from_slice(value).unwrap();
                status["wait"] = Value::Null;
                *value = status.to_string().into_bytes();
            }
        }
    }
}

/// An answer in JSON.
#[expect(clippy::unnecessary_wraps, reason = "an answer may also be none")]
pub fn answer(status: u16, body: &Value) -> Answer {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Ok(HttpResponse { status, headers, body: body.to_string().into_bytes() })
}

/// The last page of a round.
pub fn page(items: &[Value]) -> Answer {
    let link = "https://graph.example/v1.0/me/calendarView/delta?$deltatoken=1";
    answer(200, &json!({"value": items, "@odata.deltaLink": link}))
}

/// Whether a request begins a listing.
pub fn is_listing(request: &HttpRequest) -> bool {
    request.url.contains("startDateTime")
}

/// Whether a request goes on from a delta link.
pub fn is_changes(request: &HttpRequest) -> bool {
    request.url.contains("deltatoken")
}

/// Whether a request writes an event on its own.
pub fn is_write(request: &HttpRequest) -> bool {
    request.method != Method::Get && !request.url.ends_with("/$batch")
}

/// A single event as Graph shows it.
pub fn event(id: &str, version: &str, subject: &str) -> Value {
    json!({
        "id": id, "@odata.etag": version, "iCalUId": format!("uid of {id}"), "type": "singleInstance",
        "subject": subject, "isAllDay": false, "isOrganizer": true, "attendees": [],
        "start": {"dateTime": "2027-01-20T09:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2027-01-20T10:00:00", "timeZone": "UTC"},
    })
}

/// A mailbox without events that refuses the title "Poison". What it creates has the id
/// that `id` says, by what was sent.
pub fn refusing_poison(request: &HttpRequest, id: fn(&Value) -> String) -> Answer {
    let created = |body: &Value| match body["subject"].as_str().unwrap() {
        "Poison" => (400, json!({"error": {"code": "ErrorInvalidArgument"}})),
        title => (201, event(&id(body), "v1", title)),
    };
    let body: Value = serde_json::from_slice(request.body.as_deref().unwrap_or(b"null")).unwrap();
    if request.url.ends_with("/$batch") {
        let parts = body["requests"].as_array().unwrap().iter().map(|part| {
            let (status, body) =
                if part["method"] == "POST" { created(&part["body"]) } else { (200, json!({"value": []})) };
            json!({"id": part["id"], "status": status, "body": body})
        });
        return answer(200, &json!({"responses": parts.collect::<Vec<_>>()}));
    }
    if is_write(request) {
        let (status, body) = created(&body);
        return answer(status, &body);
    }
    page(&[])
}

/// The CRM's changes when records with these titles have come.
pub fn upserted(titles: &[&str]) -> Vec<CrmChange> {
    titles.iter().map(|title| CrmChange::Upserted(record(&format!("crm of {title}"), "1", title))).collect()
}

/// When [`record`] begins, as Graph writes it.
pub fn series_start() -> String {
    NOW.plus(chrono::TimeDelta::days(1)).to_utc().format("%Y-%m-%dT%H:00:00").to_string()
}

/// A single event as the CRM shows it.
pub fn record(id: &str, version: &str, title: &str) -> CrmItem {
    let start = NOW.plus(chrono::TimeDelta::days(1));
    let time = EventTime::timed(start, start.plus(chrono::TimeDelta::hours(1)), Zone::UTC).unwrap();
    CrmItem {
        id: CrmId::new(id),
        version: CrmVersion::new(version),
        uid: format!("uid of {id}"),
        meeting_uid: None,
        unread: FieldSet::EMPTY,
        exceptions: Vec::new(),
        is_organizer: true,
        announcement: Announcement::Due,
        record: [FieldValue::Title(title.to_owned()), FieldValue::Time(time)].into_iter().collect(),
    }
}

impl Storage for Host {
    fn get_many(&mut self, keys: &[String]) -> Result<Vec<Option<Entry>>, HostError> {
        self.account.get_many(keys)
    }

    fn list(&mut self, prefix: &str, after: Option<&str>, limit: u32) -> Result<(Vec<Entry>, bool), HostError> {
        let mut found: Vec<Entry> = self
            .account
            .entries
            .iter()
            .filter(|(key, _)| key.starts_with(prefix) && after.is_none_or(|after| key.as_str() > after))
            .map(|(key, (value, revision))| Entry {
                key: key.clone(),
                value: value.clone(),
                revision: Revision(*revision),
            })
            .collect();
        let more = found.len() > limit as usize;
        found.truncate(limit as usize);
        Ok((found, more))
    }

    fn commit(&mut self, fence: Fence, writes: Vec<Write>) -> Result<(), CommitError> {
        if let Some(text) = self.refuse_commit
            && writes.iter().any(|write| write.key.contains(text))
        {
            self.refuse_commit = None;
            return Err(self.refusal.clone());
        }
        self.account.commit(fence, writes)
    }
}

impl Secrets for Host {
    fn secret(&mut self, name: SecretName) -> Result<Option<(Secret, Revision)>, HostError> {
        self.account.secret(name)
    }

    fn put_secret(&mut self, name: SecretName, value: Option<Secret>, expect: Expectation) -> Result<(), SecretError> {
        self.account.put_secret(name, value, expect)
    }
}

impl Config for Host {
    fn layers(&mut self) -> Result<Layers, HostError> {
        self.account.layers()
    }

    fn profile(&mut self) -> Result<HostProfile, HostError> {
        self.account.profile()
    }
}

impl Http for Host {
    fn send(&mut self, requests: Vec<HttpRequest>) -> Vec<Answer> {
        let answers = requests.iter().map(self.graph).collect();
        self.account.requests.extend(requests);
        answers
    }
}

impl CrmCalendar for Host {
    fn capabilities(&mut self) -> Result<CrmCapabilities, HostError> {
        let groups = FieldSet::all();
        Ok(CrmCapabilities {
            holds: groups,
            writes: groups,
            title_length_max: 255,
            body_size_max: 65_536,
            recurrence: crate::ports::RecurrenceLimits::ORO,
        })
    }

    fn changes(&mut self, after: Option<&str>, _: u32) -> Result<CrmPage, CrmChangesError> {
        if self.forgets_cursors {
            return Err(CrmChangesError::CursorExpired);
        }
        let listed = if after.is_none() { self.records.clone() } else { Vec::new() };
        let changes = listed.into_iter().map(CrmChange::Upserted).collect();
        let rest = CrmPage { changes, next: "cursor".to_owned(), more: false };
        self.changes.pop_front().unwrap_or(Ok(rest))
    }

    fn items(&mut self, ids: &[CrmId]) -> Result<Vec<Option<CrmItem>>, HostError> {
        self.reads += 1;
        Ok(ids.iter().map(|id| (self.items)(id, self.reads)).collect())
    }

    fn applied(&mut self, keys: &[String]) -> Result<Vec<Option<AppliedWrite>>, HostError> {
        let written = |key: &String| self.written.get(key).cloned();
        Ok(keys.iter().map(written).collect())
    }

    fn apply(&mut self, _: Fence, mutations: Vec<CrmMutation>) -> Result<Vec<Applied>, ApplyError> {
        let mut results = Vec::new();
        for mutation in mutations {
            let stored = |id: &str, record: &Record| CrmItem { record: record.clone(), ..self::record(id, "1", "") };
            let done = match &mutation {
                CrmMutation::Create { idempotency_key, record, .. } => {
                    CrmApplied::Stored(stored(idempotency_key, record))
                }
                CrmMutation::Update { id, record, .. } => CrmApplied::Stored(stored(id.as_str(), record)),
                CrmMutation::Delete { .. } => CrmApplied::Removed,
            };
            let result = self.applied.pop_front().unwrap_or(Ok(done));
            if let (
                Ok(CrmApplied::Stored(item)),
                CrmMutation::Create { idempotency_key, .. } | CrmMutation::Update { idempotency_key, .. },
            ) = (&result, &mutation)
            {
                let write = AppliedWrite { id: item.id.clone(), version: item.version.clone() };
                self.written.insert(idempotency_key.clone(), write);
            }
            results.push(result);
            self.mutations.push(mutation);
        }
        Ok(results)
    }
}

impl Notices for Host {
    fn raise(&mut self, alerts: Vec<Alert>) -> Result<(), HostError> {
        self.account.raise(alerts)
    }

    fn resolve(&mut self, filter: AlertFilter) -> Result<(), HostError> {
        self.account.resolve(filter)
    }

    fn record_conflicts(&mut self, _: AlertResource, _: Vec<ConflictRecord>) -> Result<(), HostError> {
        Ok(())
    }

    fn note_reversals(&mut self, _: Vec<ReversalNote>) -> Result<(), HostError> {
        Ok(())
    }
}

impl Clock for Host {
    fn now(&mut self) -> Instant {
        NOW
    }

    fn elapsed(&mut self) -> Duration {
        Duration::ZERO
    }
}

impl Entropy for Host {
    fn random_bytes(&mut self, count: usize) -> Vec<u8> {
        self.account.random_bytes(count)
    }
}

impl Log for Host {
    fn log(&mut self, level: LogLevel, message: &str, fields: &[(&str, String)]) {
        self.account.log(level, message, fields);
    }
}

/// A request in a word, for scripts of Microsoft with several calendars:
/// `calendars`, `list default`, `list team`, or, behind a link, `team t1`.
pub fn asked(request: &HttpRequest) -> String {
    let rest = request.url.trim_start_matches("https://graph.example/v1.0/");
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    match path.split('/').collect::<Vec<_>>().as_slice() {
        ["me", "calendars"] => "calendars".to_owned(),
        ["me", "calendarView", "delta"] => "list default".to_owned(),
        ["me", "calendars", id, "calendarView", "delta"] => format!("list {id}"),
        ["links", calendar] => format!("{calendar} {query}"),
        _ => format!("{} {path}", request.method.as_str()),
    }
}

/// The link that [`asked`] shows as these words.
fn link(calendar: &str, token: &str) -> String {
    format!("https://graph.example/v1.0/links/{calendar}?{token}")
}

/// The last page of a round of a calendar; the next one is asked for by `token`.
pub fn last(calendar: &str, token: &str, items: &[Value]) -> Answer {
    answer(200, &json!({"value": items, "@odata.deltaLink": link(calendar, token)}))
}

/// A page of a round that goes on.
pub fn more(calendar: &str, token: &str, items: &[Value]) -> Answer {
    answer(200, &json!({"value": items, "@odata.nextLink": link(calendar, token)}))
}

/// The default calendar and these others, each with its id as its name.
pub fn calendars(others: &[&str]) -> Answer {
    let others = others.iter().map(|id| json!({"id": id, "name": id, "isDefaultCalendar": false}));
    let default = json!({"id": "main", "name": "Calendar", "isDefaultCalendar": true});
    answer(200, &json!({"value": std::iter::once(default).chain(others).collect::<Vec<_>>()}))
}

/// That a link is not known any more.
pub fn forgotten() -> Answer {
    answer(410, &json!({"error": {"code": "SyncStateNotFound"}}))
}

/// A tombstone.
pub fn removed(id: &str) -> Value {
    json!({"id": id, "@removed": {"reason": "deleted"}})
}

impl Host {
    /// Stores a setting of the user.
    pub fn set(&mut self, field: Field, value: SettingValue) {
        let level = field.levels().last().copied().unwrap();
        self.account.layers.layer_mut(level).set(field, value);
    }

    /// What was asked in the last step, as [`asked`] shows it.
    pub fn asked(&self) -> Vec<String> {
        self.account.requests.iter().map(asked).collect()
    }

    /// How many records were asked to be deleted.
    pub fn deletes(&self) -> usize {
        self.mutations.iter().filter(|mutation| matches!(mutation, CrmMutation::Delete { .. })).count()
    }

    /// A stored value of this user's calendar.
    pub fn stored(&self, key: &str) -> Option<Value> {
        let (value, _) = self.account.entries.get(&format!("calendar/adele-id/{key}"))?;
        Some(serde_json::from_slice(value).unwrap())
    }
}
