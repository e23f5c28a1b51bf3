//! Everything the emulated tenant knows, behind one lock.
//!
//! A request runs from start to end on this state, so that equal seeds and
//! equal requests give equal answers. Persistence is in `store`, the rules
//! are in `login`, `api` and `calendar`.

use chrono::{DateTime, TimeDelta, Utc};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use serde::{Deserialize, Serialize};

use super::api::delta::DeltaState;
use super::behaviour::Behaviour;
use super::calendar::group::{CalendarGroup, GroupNo};
use super::conformance;
use super::fault::Script;
use super::ids::guid;
use super::login::grants::{AccessToken, AuthCode, Consent, DeviceGrant, RefreshToken};
use super::login::keys::SigningKey;
use super::mail::model::{Folder, FolderNo, Message, MessageNo};
use super::model::{
    App, Calendar, CalendarNo, ContainerNo, Event, EventNo, Mailbox, MailboxNo, OutgoingMail, Tombstone, item_number,
    item_range,
};
use super::names::same_name;
use super::pages::Notices;
use super::requests::RequestLog;
use super::subscriptions::log::Deliveries;
use super::subscriptions::model::{Notification, NotificationNo, Subscription, SubscriptionNo};
use super::table::{RowChange, Table};
use super::todo::model::{ListNo, Task, TaskList, TaskNo};
use super::upload::{Piece, Upload};

/// The directory: one tenant under several names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tenant {
    pub id: String,
    /// Domains and further ids under which the tenant is known.
    pub names: Vec<String>,
}

impl Tenant {
    /// Whether a path segment names this tenant.
    pub fn is_named(&self, segment: &str) -> bool {
        self.id.eq_ignore_ascii_case(segment) || self.names.iter().any(|name| name.eq_ignore_ascii_case(segment))
    }

    /// Adds a name once.
    pub fn add_name(&mut self, name: &str) {
        if !self.is_named(name) && !name.is_empty() {
            self.names.push(name.to_ascii_lowercase());
        }
    }
}

/// Counters and switches that are stored as one row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Meta {
    pub seed: u64,
    /// Where the generator stands, so that a reopened state goes on.
    pub word_position: String,
    /// The history of changes over all mailboxes.
    pub change: u64,
    /// The last number given to a mailbox, an item, or an entry.
    pub last_number: u64,
    pub tenant: Tenant,
    pub behaviour: Behaviour,
}

/// The state.
#[derive(Clone, Debug)]
pub(crate) struct State {
    /// Where the emulator is found by itself.
    home: String,
    /// Where the request at hand found it: links in the answer begin with it.
    pub base_url: String,
    /// The time of the request at hand.
    pub now: DateTime<Utc>,
    pub meta: Meta,
    stored_meta: Option<Meta>,
    rng: ChaCha20Rng,
    pub mailboxes: Table<MailboxNo, Mailbox>,
    pub calendars: Table<CalendarNo, Calendar>,
    pub calendar_groups: Table<GroupNo, CalendarGroup>,
    pub events: Table<EventNo, Event>,
    pub task_lists: Table<ListNo, TaskList>,
    pub tasks: Table<TaskNo, Task>,
    pub mail_folders: Table<FolderNo, Folder>,
    pub messages: Table<MessageNo, Message>,
    pub uploads: Table<String, Upload>,
    pub upload_pieces: Table<String, Piece>,
    pub tombstones: Table<u64, Tombstone>,
    pub apps: Table<String, App>,
    pub consents: Table<String, Consent>,
    pub codes: Table<String, AuthCode>,
    pub devices: Table<String, DeviceGrant>,
    pub refresh_tokens: Table<String, RefreshToken>,
    pub access_tokens: Table<String, AccessToken>,
    pub deltas: Table<String, DeltaState>,
    pub outbox: Table<u64, OutgoingMail>,
    pub subscriptions: Table<SubscriptionNo, Subscription>,
    /// Those that wait to be delivered.
    pub notifications: Table<NotificationNo, Notification>,
    pub key: SigningKey,
    pub faults: Script,
    pub requests: RequestLog,
    pub deliveries: Deliveries,
    pub conformance: conformance::Log,
    /// What forms of the pages have done.
    pub notices: Notices,
}

impl State {
    /// An empty tenant.
    pub fn new(seed: u64, base_url: &str, now: DateTime<Utc>) -> Self {
        let home = base_url.trim_end_matches('/').to_owned();
        let mut state = Self {
            base_url: home.clone(),
            home,
            now,
            meta: Meta { seed, ..Meta::default() },
            stored_meta: None,
            rng: ChaCha20Rng::seed_from_u64(seed),
            mailboxes: Table::new("mailbox"),
            calendars: Table::new("calendar"),
            calendar_groups: Table::new("calendarGroup"),
            events: Table::new("event"),
            task_lists: Table::new("taskList"),
            tasks: Table::new("task"),
            mail_folders: Table::new("mailFolder"),
            messages: Table::new("message"),
            uploads: Table::new("upload"),
            upload_pieces: Table::new("uploadPiece"),
            tombstones: Table::new("tombstone"),
            apps: Table::new("app"),
            consents: Table::new("consent"),
            codes: Table::new("code"),
            devices: Table::new("device"),
            refresh_tokens: Table::new("refreshToken"),
            access_tokens: Table::new("accessToken"),
            deltas: Table::new("delta"),
            outbox: Table::new("outbox"),
            subscriptions: Table::new("subscription"),
            notifications: Table::new("notification"),
            key: SigningKey::default(),
            faults: Script::default(),
            requests: RequestLog::default(),
            deliveries: Deliveries::default(),
            conformance: conformance::Log::default(),
            notices: Notices::default(),
        };
        state.meta.tenant.id = state.guid();
        state
    }

    /// Answers from the address under which a client found the emulator.
    pub fn found_at(&mut self, origin: Option<&str>) {
        self.base_url = origin.unwrap_or(&self.home).to_owned();
    }

    /// Where the emulator is found by itself.
    pub fn home(&self) -> &str {
        &self.home
    }

    /// Random bytes from the seeded generator.
    pub fn random_bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }

    /// True about once in `of` times.
    pub fn chance(&mut self, of: u32) -> bool {
        self.rng.next_u32().is_multiple_of(of.max(1))
    }

    /// A number below `bound`, 0 for an empty range.
    pub fn random_below(&mut self, bound: usize) -> usize {
        let bound = u32::try_from(bound).unwrap_or(u32::MAX);
        if bound == 0 { 0 } else { usize::try_from(self.rng.next_u32() % bound).unwrap_or(0) }
    }

    /// A random GUID.
    pub fn guid(&mut self) -> String {
        let value = u128::from_be_bytes(self.random_bytes());
        guid(value)
    }

    /// The next place in the history of changes.
    pub fn next_change(&mut self) -> u64 {
        self.meta.change += 1;
        self.meta.change
    }

    /// The next number.
    pub fn next_number(&mut self) -> u64 {
        self.meta.last_number += 1;
        self.meta.last_number
    }

    /// The next number of an item in a mailbox.
    pub fn next_item(&mut self, mailbox: MailboxNo) -> u64 {
        let count = self.next_number();
        item_number(mailbox, count)
    }

    /// The mailbox with this user name or object id.
    pub fn mailbox_named(&self, name: &str) -> Option<&Mailbox> {
        self.mailboxes.values().find(|mailbox| {
            same_name(&mailbox.user_principal_name, name) || mailbox.object_id.eq_ignore_ascii_case(name)
        })
    }

    /// The calendars of a mailbox, the default one first.
    pub fn calendars_of(&self, mailbox: MailboxNo) -> Vec<&Calendar> {
        let range = item_range(mailbox);
        self.calendars.range(CalendarNo(range.start)..CalendarNo(range.end)).map(|(_, calendar)| calendar).collect()
    }

    /// The events of a mailbox, or of one of its calendars, by age.
    pub fn events_of(&self, mailbox: MailboxNo, calendar: Option<CalendarNo>) -> impl Iterator<Item = &Event> {
        let range = item_range(mailbox);
        self.events
            .range(EventNo(range.start)..EventNo(range.end))
            .map(|(_, event)| event)
            .filter(move |event| calendar.is_none_or(|wanted| event.calendar == wanted))
    }

    /// The task lists of a mailbox, the built-in ones first.
    pub fn task_lists_of(&self, mailbox: MailboxNo) -> impl Iterator<Item = &TaskList> {
        let range = item_range(mailbox);
        self.task_lists.range(ListNo(range.start)..ListNo(range.end)).map(|(_, list)| list)
    }

    /// The tasks of a list, by age.
    pub fn tasks_of(&self, mailbox: MailboxNo, list: ListNo) -> impl Iterator<Item = &Task> {
        let range = item_range(mailbox);
        let tasks = self.tasks.range(TaskNo(range.start)..TaskNo(range.end)).map(|(_, task)| task);
        tasks.filter(move |task| task.list == list)
    }

    /// The mail folders of a mailbox, the one that holds the others first.
    pub fn mail_folders_of(&self, mailbox: MailboxNo) -> impl Iterator<Item = &Folder> {
        let range = item_range(mailbox);
        self.mail_folders.range(FolderNo(range.start)..FolderNo(range.end)).map(|(_, folder)| folder)
    }

    /// The messages of a mailbox, or of one of its folders, by age.
    pub fn messages_of(&self, mailbox: MailboxNo, folder: Option<FolderNo>) -> impl Iterator<Item = &Message> {
        let range = item_range(mailbox);
        let messages = self.messages.range(MessageNo(range.start)..MessageNo(range.end)).map(|(_, message)| message);
        messages.filter(move |message| folder.is_none_or(|wanted| message.folder == wanted))
    }

    /// Lets a container remember an item that is no longer in it.
    pub fn leave_tombstone(&mut self, mailbox: MailboxNo, container: ContainerNo, item: u64, moves: u32) {
        let change = self.next_change();
        let tombstone = Tombstone { item, mailbox, container, moves, change, at: self.now };
        self.tombstones.insert(change, tombstone);
    }

    /// Lets time pass: change keys that are due move by themselves.
    pub fn advance_to(&mut self, now: DateTime<Utc>) {
        self.now = now;
        if self.meta.behaviour.change_key_bump_seconds.is_none() {
            return;
        }
        let due = self.events.keys_where(|event| event.bump_at.is_some_and(|at| at <= now));
        for number in due {
            let change = self.next_change();
            if let Some(event) = self.events.get_mut(&number) {
                event.bump_at = None;
                event.change = change;
                event.modified = now;
            }
        }
    }

    /// When a change key made now moves by itself, if it does.
    pub fn bump_at(&self) -> Option<DateTime<Utc>> {
        let seconds = self.meta.behaviour.change_key_bump_seconds?;
        Some(self.now + TimeDelta::seconds(i64::from(seconds)))
    }

    /// Takes everything that changed since the last call.
    pub fn drain_changes(&mut self) -> Vec<RowChange> {
        let mut rows = Vec::new();
        self.drain_tables(Some(&mut rows));
        self.meta.word_position = self.rng.get_word_pos().to_string();
        if self.stored_meta.as_ref() != Some(&self.meta) {
            self.stored_meta = Some(self.meta.clone());
            rows.push(RowChange { table: META, key: META.to_owned(), body: serde_json::to_string(&self.meta).ok() });
        }
        rows
    }

    /// Forgets what changed, for a state that is not written anywhere.
    pub fn forget_changes(&mut self) {
        self.drain_tables(None);
    }

    fn drain_tables(&mut self, mut into: Option<&mut Vec<RowChange>>) {
        self.mailboxes.drain_changes(into.as_deref_mut());
        self.calendars.drain_changes(into.as_deref_mut());
        self.calendar_groups.drain_changes(into.as_deref_mut());
        self.events.drain_changes(into.as_deref_mut());
        self.task_lists.drain_changes(into.as_deref_mut());
        self.tasks.drain_changes(into.as_deref_mut());
        self.mail_folders.drain_changes(into.as_deref_mut());
        self.messages.drain_changes(into.as_deref_mut());
        self.uploads.drain_changes(into.as_deref_mut());
        self.upload_pieces.drain_changes(into.as_deref_mut());
        self.tombstones.drain_changes(into.as_deref_mut());
        self.apps.drain_changes(into.as_deref_mut());
        self.consents.drain_changes(into.as_deref_mut());
        self.codes.drain_changes(into.as_deref_mut());
        self.devices.drain_changes(into.as_deref_mut());
        self.refresh_tokens.drain_changes(into.as_deref_mut());
        self.access_tokens.drain_changes(into.as_deref_mut());
        self.deltas.drain_changes(into.as_deref_mut());
        self.outbox.drain_changes(into.as_deref_mut());
        self.subscriptions.drain_changes(into.as_deref_mut());
        self.notifications.drain_changes(into);
    }

    /// Takes a stored row in.
    ///
    /// # Errors
    /// The text of what was wrong with it.
    pub fn load(&mut self, table: &str, key: &str, body: &str) -> Result<(), String> {
        match table {
            META => self.load_meta(body),
            name if name == self.mailboxes.name() => self.mailboxes.load(key, body),
            name if name == self.calendars.name() => self.calendars.load(key, body),
            name if name == self.calendar_groups.name() => self.calendar_groups.load(key, body),
            name if name == self.events.name() => self.events.load(key, body),
            name if name == self.task_lists.name() => self.task_lists.load(key, body),
            name if name == self.tasks.name() => self.tasks.load(key, body),
            name if name == self.mail_folders.name() => self.mail_folders.load(key, body),
            name if name == self.messages.name() => self.messages.load(key, body),
            name if name == self.uploads.name() => self.uploads.load(key, body),
            name if name == self.upload_pieces.name() => self.upload_pieces.load(key, body),
            name if name == self.tombstones.name() => self.tombstones.load(key, body),
            name if name == self.apps.name() => self.apps.load(key, body),
            name if name == self.consents.name() => self.consents.load(key, body),
            name if name == self.codes.name() => self.codes.load(key, body),
            name if name == self.devices.name() => self.devices.load(key, body),
            name if name == self.refresh_tokens.name() => self.refresh_tokens.load(key, body),
            name if name == self.access_tokens.name() => self.access_tokens.load(key, body),
            name if name == self.deltas.name() => self.deltas.load(key, body),
            name if name == self.outbox.name() => self.outbox.load(key, body),
            name if name == self.subscriptions.name() => self.subscriptions.load(key, body),
            name if name == self.notifications.name() => self.notifications.load(key, body),
            other => Err(format!("expected a known table, but found `{other}`")),
        }
    }

    fn load_meta(&mut self, body: &str) -> Result<(), String> {
        let meta: Meta = serde_json::from_str(body).map_err(|error| error.to_string())?;
        let position = meta.word_position.parse().map_err(|_| "the generator's position is malformed".to_owned())?;
        self.rng = ChaCha20Rng::seed_from_u64(meta.seed);
        self.rng.set_word_pos(position);
        self.stored_meta = Some(meta.clone());
        self.meta = meta;
        Ok(())
    }
}

/// Table and key of the one row of [`Meta`].
const META: &str = "meta";
