//! Who is signed in: sessions of the demonstration users, kept in memory.
//!
//! A session belongs to a cookie with 256 random bits; only their SHA-256 is
//! kept, so that the table cannot be used to sign in. Every session has its own
//! form token (CSRF) and its own text that ties a Microsoft sign-in to the
//! browser that began it. Cookie and middleware are in [`super::viewer`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::account_failure::Explained;
use super::account_view::CheckView;
use super::first_sync::shown::Shown;
use super::first_sync::view::Outcome;
use super::language::Language;
use super::preview::KeptPreview;
use super::report::ReportView;
use crate::app::Resource;
use crate::crm::UserId;

/// Life of a session without a request: a working day.
const SESSION_IDLE_MAX: Duration = Duration::from_hours(12);
/// Sessions kept at once: a bound on memory, far above what a demonstration has.
const SESSIONS_MAX: usize = 10_000;
/// Random bytes of a session's cookie and of its tokens.
const TOKEN_BYTES: usize = 32;

/// A one-time message on the next page.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Flash {
    /// `good`, `warn` or `bad`.
    pub kind: &'static str,
    /// The sentence.
    pub text: String,
}

/// What a form left to be shown once on the page that follows it.
#[derive(Clone, Debug)]
pub enum Parting {
    /// A run or a preview, for the calendar page of this user.
    Report(UserId, ReportView),
    /// A check of the connection, for the configuration page of this user.
    Check(UserId, CheckView),
    /// A preview or the first run, for the page of the first run of this user.
    FirstSync(UserId, Outcome),
}

/// Who asks with a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// Somebody who opens a page or presses a button.
    Person,
    /// A page that is open and reads itself anew.
    Page,
}

/// A session as a request sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionView {
    key: Key,
    /// Who is signed in; none before that.
    pub user: Option<UserId>,
    /// The token that forms of this session carry.
    pub csrf: String,
    /// What a Microsoft sign-in is bound to.
    pub binding: String,
    /// Who asks.
    pub asks: Asks,
    /// The language in which days and times are read.
    pub language: Language,
}

type Key = [u8; 32];

/// What the last preview of each resource would write.
type Previews = BTreeMap<Resource, KeptPreview>;

#[derive(Debug)]
struct Session {
    user: Option<UserId>,
    csrf: String,
    binding: String,
    idle_since: Instant,
    flash: Option<Flash>,
    parting: Option<Parting>,
    shown: Option<Shown>,
    /// What the last previews would write, all of one user.
    previews: Option<(UserId, Previews)>,
    /// How the last attempt to connect somebody's account has failed, by whose it is.
    attempts: BTreeMap<UserId, Explained>,
}

/// The source of randomness failed; nothing can be signed in safely.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("expected random bytes from the system, but found none")]
pub struct NoRandomness;

/// All sessions. Clones are handles to the same table.
#[derive(Clone, Debug, Default)]
pub struct Sessions {
    table: Arc<Mutex<BTreeMap<Key, Session>>>,
}

impl Sessions {
    /// Begins a session and answers with its cookie.
    pub fn begin(&self, user: Option<UserId>, now: Instant) -> Result<(String, SessionView), NoRandomness> {
        let cookie = random_text()?;
        let session = Session {
            user,
            csrf: random_text()?,
            binding: random_text()?,
            idle_since: now,
            flash: None,
            parting: None,
            shown: None,
            previews: None,
            attempts: BTreeMap::new(),
        };
        let key = key_of(&cookie);
        let view = session.view(key);
        let mut table = self.lock();
        table.retain(|_, session| session.is_alive(now));
        if table.len() >= SESSIONS_MAX
            && let Some(oldest) = table.iter().min_by_key(|(_, session)| session.idle_since).map(|(key, _)| *key)
        {
            table.remove(&oldest);
        }
        table.insert(key, session);
        Ok((cookie, view))
    }

    /// The session of a cookie, which thereby stays alive. What a page asks by itself
    /// keeps no session alive, and takes no message from the page that a person opens.
    pub fn find(&self, cookie: &str, now: Instant, asks: Asks, language: Language) -> Option<SessionView> {
        let key = key_of(cookie);
        let mut table = self.lock();
        let session = table.get_mut(&key).filter(|session| session.is_alive(now))?;
        if asks == Asks::Person {
            session.idle_since = now;
        }
        Some(SessionView { asks, language, ..session.view(key) })
    }

    /// Ends a session; its cookie is worth nothing afterwards.
    pub fn end(&self, session: &SessionView) {
        self.lock().remove(&session.key);
    }

    /// Leaves a message for the next page.
    pub fn set_flash(&self, session: &SessionView, kind: &'static str, text: impl Into<String>) {
        if let Some(session) = self.lock().get_mut(&session.key) {
            session.flash = Some(Flash { kind, text: text.into() });
        }
    }

    /// Takes the message, so that it shows once.
    pub fn take_flash(&self, session: &SessionView) -> Option<Flash> {
        if session.asks == Asks::Page {
            return None;
        }
        self.lock().get_mut(&session.key).and_then(|session| session.flash.take())
    }

    /// Leaves a result for the next page.
    pub fn set_parting(&self, session: &SessionView, parting: Parting) {
        if let Some(session) = self.lock().get_mut(&session.key) {
            session.parting = Some(parting);
        }
    }

    /// Takes the report for a user's calendar, if there is one.
    pub fn take_report(&self, session: &SessionView, user: UserId) -> Option<ReportView> {
        match self.take_parting_if(session, |parting| matches!(parting, Parting::Report(of, _) if *of == user))? {
            Parting::Report(_, report) => Some(report),
            Parting::Check(..) | Parting::FirstSync(..) => None,
        }
    }

    /// Takes the check of a user's connection, if there is one.
    pub fn take_check(&self, session: &SessionView, user: UserId) -> Option<CheckView> {
        match self.take_parting_if(session, |parting| matches!(parting, Parting::Check(of, _) if *of == user))? {
            Parting::Check(_, check) => Some(check),
            Parting::Report(..) | Parting::FirstSync(..) => None,
        }
    }

    /// Takes what a button of the page of a user's first run has come to, if there is
    /// something.
    pub fn take_first_sync(&self, session: &SessionView, user: UserId) -> Option<Outcome> {
        match self.take_parting_if(session, |parting| matches!(parting, Parting::FirstSync(of, _) if *of == user))? {
            Parting::FirstSync(_, outcome) => Some(outcome),
            Parting::Report(..) | Parting::Check(..) => None,
        }
    }

    /// Remembers what the preview of a first run has shown, in place of an earlier one.
    pub fn set_shown(&self, session: &SessionView, shown: Option<Shown>) {
        if let Some(session) = self.lock().get_mut(&session.key) {
            session.shown = shown;
        }
    }

    /// What the last preview of a user's first run has shown in this session.
    pub fn shown(&self, session: &SessionView, user: UserId) -> Option<Shown> {
        self.lock().get(&session.key)?.shown.clone().filter(|shown| shown.user == user)
    }

    /// Keeps what a preview of a user's resource would write, or nothing of it, in place of an
    /// earlier one of it, and of all of anybody else.
    pub fn keep_preview(
        &self,
        session: &SessionView,
        (user, resource): (UserId, Resource),
        preview: Option<KeptPreview>,
    ) {
        if let Some(session) = self.lock().get_mut(&session.key) {
            let of_user = session.previews.take().filter(|(of, _)| *of == user).map(|(_, kept)| kept);
            let mut kept = of_user.unwrap_or_default();
            match preview {
                Some(preview) => kept.insert(resource, preview),
                None => kept.remove(&resource),
            };
            session.previews = Some((user, kept));
        }
    }

    /// What the last preview of a user's resource would write.
    pub fn preview(&self, session: &SessionView, (user, resource): (UserId, Resource)) -> Option<KeptPreview> {
        let table = self.lock();
        let (of, kept) = table.get(&session.key)?.previews.as_ref()?;
        kept.get(&resource).filter(|_| *of == user).cloned()
    }

    /// Keeps how an attempt to connect a user's account has failed, until the next one.
    pub fn note_attempt(&self, session: &SessionView, user: UserId, failure: Explained) {
        if let Some(session) = self.lock().get_mut(&session.key) {
            session.attempts.insert(user, failure);
        }
    }

    /// Forgets how the last attempt has failed.
    pub fn forget_attempt(&self, session: &SessionView, user: UserId) {
        if let Some(session) = self.lock().get_mut(&session.key) {
            session.attempts.remove(&user);
        }
    }

    /// How the last attempt to connect a user's account has failed in this session.
    pub fn attempt(&self, session: &SessionView, user: UserId) -> Option<Explained> {
        self.lock().get(&session.key)?.attempts.get(&user).cloned()
    }

    fn take_parting_if(&self, session: &SessionView, wanted: impl FnOnce(&Parting) -> bool) -> Option<Parting> {
        if session.asks == Asks::Page {
            return None;
        }
        let mut table = self.lock();
        let session = table.get_mut(&session.key)?;
        if session.parting.as_ref().is_some_and(wanted) { session.parting.take() } else { None }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Session>> {
        // Every change of the table is one assignment: a panic leaves it whole.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    fn is_alive(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.idle_since) < SESSION_IDLE_MAX
    }

    fn view(&self, key: Key) -> SessionView {
        SessionView {
            key,
            user: self.user,
            csrf: self.csrf.clone(),
            binding: self.binding.clone(),
            asks: Asks::Person,
            language: Language::default(),
        }
    }
}

impl SessionView {
    /// Whether a posted form token is the one of this session. Takes the same
    /// time wherever they differ.
    pub fn accepts(&self, token: &str) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(self.csrf.as_bytes(), token.as_bytes()).is_ok()
    }
}

fn key_of(cookie: &str) -> Key {
    Sha256::digest(cookie.as_bytes()).into()
}

fn random_text() -> Result<String, NoRandomness> {
    let mut bytes = [0; TOKEN_BYTES];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use chrono::DateTime;

    use super::*;

    #[test]
    fn a_cookie_finds_its_own_session_until_it_ends() {
        let sessions = Sessions::default();
        let now = Instant::now();
        let (cookie, view) = sessions.begin(None, now).unwrap();
        let (other, other_view) = sessions.begin(None, now).unwrap();
        assert_eq!(cookie.len(), 43, "256 bits in base64url");
        assert_ne!(cookie, other);
        assert_ne!(view.binding, other_view.binding);
        assert_eq!(sessions.find(&cookie, now, Asks::Person, Language::default()).unwrap(), view);
        assert!(sessions.find("anything", now, Asks::Person, Language::default()).is_none());
        sessions.end(&view);
        assert!(sessions.find(&cookie, now, Asks::Person, Language::default()).is_none());
        assert!(sessions.find(&other, now, Asks::Person, Language::default()).is_some());
    }

    #[test]
    fn an_idle_session_expires_and_a_used_one_does_not() {
        let sessions = Sessions::default();
        let start = Instant::now();
        let (cookie, _) = sessions.begin(None, start).unwrap();
        let within = SESSION_IDLE_MAX.saturating_sub(Duration::from_secs(1));
        let almost = start + within;
        assert!(sessions.find(&cookie, almost, Asks::Person, Language::default()).is_some());
        assert!(
            sessions.find(&cookie, almost + within, Asks::Person, Language::default()).is_some(),
            "the visit before counted"
        );
        assert!(sessions.find(&cookie, almost + 3 * SESSION_IDLE_MAX, Asks::Person, Language::default()).is_none());
    }

    #[test]
    fn only_the_sessions_own_form_token_is_accepted() {
        let sessions = Sessions::default();
        let (_, mine) = sessions.begin(None, Instant::now()).unwrap();
        let (_, theirs) = sessions.begin(None, Instant::now()).unwrap();
        assert!(mine.accepts(&mine.csrf));
        assert!(!mine.accepts(&theirs.csrf));
        assert!(!mine.accepts(""));
    }

    #[test]
    fn a_message_shows_once() {
        let sessions = Sessions::default();
        let (_, view) = sessions.begin(None, Instant::now()).unwrap();
        sessions.set_flash(&view, "good", "Configuration saved");
        assert_eq!(sessions.take_flash(&view).unwrap().text, "Configuration saved");
        assert_eq!(sessions.take_flash(&view), None);
    }

    #[test]
    fn a_preview_is_kept_of_each_resource_of_one_user_and_for_its_own_session_alone() {
        let sessions = Sessions::default();
        let (_, mine) = sessions.begin(None, Instant::now()).unwrap();
        let (_, theirs) = sessions.begin(None, Instant::now()).unwrap();
        let (anna, ben) = (UserId::from_number(1), UserId::from_number(2));
        let kept = |session, of| sessions.preview(session, of).is_some();
        let found = || Some(KeptPreview { at: DateTime::UNIX_EPOCH, writes: Arc::default() });
        for resource in [Resource::Calendar, Resource::Tasks] {
            sessions.keep_preview(&mine, (anna, resource), found());
        }
        assert!(kept(&mine, (anna, Resource::Calendar)) && kept(&mine, (anna, Resource::Tasks)));
        assert!(!kept(&mine, (ben, Resource::Calendar)) && !kept(&theirs, (anna, Resource::Calendar)));
        sessions.keep_preview(&mine, (anna, Resource::Tasks), None);
        assert!(!kept(&mine, (anna, Resource::Tasks)), "a later one that is not kept takes its place");
        sessions.keep_preview(&mine, (ben, Resource::Calendar), found());
        assert!(kept(&mine, (ben, Resource::Calendar)) && !kept(&mine, (ben, Resource::Tasks)));
        assert!(!kept(&mine, (anna, Resource::Calendar)));
    }

    #[test]
    fn what_a_page_asks_by_itself_takes_no_message_and_keeps_nothing_alive() {
        let sessions = Sessions::default();
        let now = Instant::now();
        let (cookie, view) = sessions.begin(None, now).unwrap();
        sessions.set_flash(&view, "good", "Saved");
        let almost = now + SESSION_IDLE_MAX.saturating_sub(Duration::from_secs(1));
        let page = sessions.find(&cookie, almost, Asks::Page, Language::default()).unwrap();
        assert_eq!(sessions.take_flash(&page), None);
        assert!(sessions.find(&cookie, almost + Duration::from_secs(2), Asks::Page, Language::default()).is_none());
        let person = sessions.find(&cookie, almost, Asks::Person, Language::default()).unwrap();
        assert_eq!(sessions.take_flash(&person).unwrap().text, "Saved");
    }
}
