//! Who is connected, what is switched off, and whose connection may have ended.
//!
//! A person whose sign-in has ended connects once more, as the alert says. That
//! is expected only where something in the history explains it. Next:
//! [`super::play`].

use std::collections::{BTreeMap, BTreeSet};

use super::operation::Who;
use crate::app::Resource;

/// A refresh token that nobody uses for 90 days ends, and with it the connection.
/// A token may be up to a day older than the last run.
const CONNECTION_HOURS_MAX: u32 = 24 * 89;

/// The connections of all people.
#[derive(Clone, Debug, Default)]
pub struct Connections {
    /// Who has a connection, whether it works or not.
    pub connected: BTreeSet<Who>,
    /// What people have switched off.
    pub off: BTreeSet<(Who, Resource)>,
    /// Whether Microsoft has ended the client secret.
    pub secret_is_over: bool,
    /// Whose sign-in Microsoft has ended, and will not renew.
    ended: BTreeSet<Who>,
    /// Who has connected while something was switched off, and was not asked for
    /// what that needs.
    partial: BTreeSet<Who>,
    /// Who may have seen a fault that looks like an end.
    shaken: BTreeSet<Who>,
    /// Hours since a person was synchronised.
    away: BTreeMap<Who, u32>,
}

impl Connections {
    /// Whether this person's resource is synchronised.
    pub fn is_in_step(&self, who: Who, resource: Resource) -> bool {
        self.connected.contains(&who) && !self.off.contains(&(who, resource))
    }

    /// Somebody has connected.
    pub fn made(&mut self, who: Who) {
        self.connected.insert(who);
        self.ended.remove(&who);
        self.shaken.remove(&who);
        self.away.remove(&who);
        if self.off.iter().any(|(of, _)| *of == who) {
            self.partial.insert(who);
        } else {
            self.partial.remove(&who);
        }
    }

    /// So many hours have gone by.
    pub fn passed(&mut self, hours: u32) {
        for who in &self.connected {
            *self.away.entry(*who).or_default() += hours;
        }
    }

    /// Somebody was synchronised.
    pub fn used(&mut self, who: Who) {
        self.away.remove(&who);
    }

    /// Microsoft has ended what everybody is signed in with.
    pub fn end_all(&mut self) {
        self.ended.extend(&self.connected);
    }

    /// What is refused with 401 looks as a connection does that has ended.
    pub fn shake_all(&mut self) {
        self.shaken.extend(Who::ALL);
    }

    /// No fault is behind what happens from now on.
    pub fn steady(&mut self) {
        self.shaken.clear();
    }

    /// Whether something explains that a run does nothing until its user connects
    /// again.
    pub fn explain(&self, who: Who, blocked: &str) -> bool {
        match blocked {
            "parked" => self.may_have_ended(who),
            "missing-permission" => self.partial.contains(&who),
            _ => false,
        }
    }

    /// Whether something explains that a connection has ended.
    pub fn may_have_ended(&self, who: Who) -> bool {
        self.ended.contains(&who)
            || self.shaken.contains(&who)
            || self.away.get(&who).is_some_and(|hours| *hours >= CONNECTION_HOURS_MAX)
    }
}
