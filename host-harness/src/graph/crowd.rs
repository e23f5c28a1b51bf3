//! Requests that are under way at one time: those of each application, and of
//! these in each mailbox.
//!
//! Outlook takes four at one time (concepts/throttling-limits). The page has said
//! both, of an application in one mailbox and of an application altogether, so
//! there is a switch for each.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::api::authenticate;
use super::behaviour::Behaviour;
use super::call::Call;
use super::login::grants::Subject;
use super::model::MailboxNo;
use super::state::State;

/// Whose request it is, and on which mailbox; a batch is on none.
type Who = (String, Option<MailboxNo>);

/// What is under way. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Crowd {
    under_way: Arc<Mutex<BTreeMap<Who, usize>>>,
}

/// How many there are, the request at hand included; none of nobody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub of_application: usize,
    pub in_mailbox: usize,
}

impl Counts {
    /// Whether they are more than is taken.
    pub fn is_over(self, behaviour: &Behaviour) -> bool {
        let is_over = |count: usize, limit: Option<NonZeroUsize>| limit.is_some_and(|limit| count > limit.get());
        is_over(self.of_application, behaviour.concurrency_max)
            || is_over(self.in_mailbox, behaviour.mailbox_concurrency_max)
    }
}

/// A request that counts as long as this lives.
#[derive(Debug)]
pub(crate) struct Present {
    crowd: Crowd,
    who: Who,
}

impl Drop for Present {
    fn drop(&mut self) {
        let mut under_way = self.crowd.lock();
        if let Some(count) = under_way.get_mut(&self.who) {
            *count -= 1;
            if *count == 0 {
                under_way.remove(&self.who);
            }
        }
    }
}

impl Crowd {
    /// Counts a request until what is handed back is dropped.
    pub fn enter(&self, state: &State, call: &Call) -> (Option<Present>, Counts) {
        let Some(who) = who(state, call) else {
            return (None, Counts::default());
        };
        let mut under_way = self.lock();
        let count = under_way.entry(who.clone()).or_default();
        *count += 1;
        let in_mailbox = if who.1.is_some() { *count } else { 0 };
        let of_application = under_way.iter().filter(|((known, _), _)| *known == who.0).map(|(_, count)| count).sum();
        drop(under_way);
        (Some(Present { crowd: self.clone(), who }), Counts { of_application, in_mailbox })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Who, usize>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who makes a request on Graph, if the token is one.
fn who(state: &State, call: &Call) -> Option<Who> {
    let words = call.words();
    if words.first() != Some(&"v1.0") {
        return None;
    }
    let token = authenticate(state, call).ok()?;
    let mailbox = match (words.get(1).copied(), &token.subject) {
        (Some("me"), Subject::User(mailbox)) => Some(*mailbox),
        (Some("users"), _) => state.mailbox_named(call.raw(2)).map(|mailbox| mailbox.number),
        _ => None,
    };
    Some((token.client_id, mailbox))
}
