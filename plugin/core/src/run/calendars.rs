//! Which calendars of Microsoft's are followed: the default one, and those that
//! the setting names.
//!
//! Names are looked up rarely: when the setting changes, when calendars are
//! listed, when one of them cannot be read, and once a day while one is missing.
//! A calendar that is left takes nothing with it: no event is deleted, on no
//! side, and its links stay.

use crate::graph::response;
use crate::graph::wire::Calendar;
use crate::graph::{Failure, Subject};
use crate::ports::{AlertFilter, AlertResource, LogLevel, Ports};
use crate::sync::IssueCode;

use super::notice;
use super::report::Halt;
use super::round::{CalendarKey, CalendarRound};
use super::state::Named;
use super::step::Step;

/// Items in a page of calendars, for the links between them.
const CALENDARS_PER_PAGE: u16 = 100;

/// Pages of the list of calendars: a thousand of them. What is behind that
/// counts as not there.
const CALENDAR_PAGES_MAX: u32 = 10;

impl<P: Ports> Step<'_, P> {
    /// Follows the calendars that the setting names, if that is to be looked at.
    pub(super) fn follow_calendars(&mut self) -> Result<(), Halt> {
        let names = self.settings.calendar_names.clone();
        let now = self.ports.now();
        if !self.status.named.is_due(&names, now) {
            return Ok(());
        }
        let found = if names.is_empty() { Vec::new() } else { self.calendars()? };
        let mut chosen = vec![(CalendarKey::Default, None)];
        let mut missing = Vec::new();
        for name in &names {
            match self.choose(name, &found) {
                Some(calendar) if calendar.is_default_calendar == Some(true) => {}
                Some(calendar) => {
                    let key = CalendarKey::Id(calendar.id.clone());
                    if chosen.iter().all(|(known, _)| *known != key) {
                        chosen.push((key, Some(name.clone())));
                    }
                }
                None => missing.push(name.clone()),
            }
        }
        self.say_missing(&missing)?;
        self.follow_these(chosen, &names);
        self.status.named = Named { names, missing, looked_up_at: Some(now) };
        self.save_status()
    }

    /// Keeps the rounds of these calendars, begins those that are missing, and
    /// ends all others.
    fn follow_these(&mut self, chosen: Vec<(CalendarKey, Option<String>)>, names: &[String]) {
        let is_new = chosen.iter().any(|(key, _)| self.status.calendar(key).is_none());
        let mut before = std::mem::take(&mut self.status.calendars);
        for (key, name) in chosen {
            let known = before.iter().position(|round| round.calendar == key).map(|index| before.remove(index));
            let round = known.unwrap_or_else(|| CalendarRound::new(key, None));
            self.status.calendars.push(CalendarRound { name, ..round });
        }
        if is_new {
            // Their events may be those of records that were nobody's until now.
            self.status.crm.list_again();
        }
        // What is still named, but not there, is said as missing. Names are found
        // in any case (see `choose`), so another case is the same name.
        let is_named = |name: &&String| names.iter().any(|named| named.to_lowercase() == name.to_lowercase());
        let left = before.iter().filter_map(|round| round.name.as_ref()).filter(|name| !is_named(name));
        let left: Vec<String> = left.cloned().collect();
        if !left.is_empty() {
            let message = format!(
                "{} not synchronized any more, because the settings do not name it. Its events stay as they are on \
                 both sides.",
                listed("The calendar", "is", &left)
            );
            self.issue(IssueCode::CalendarLeft, None, None, &message);
        }
    }

    /// A calendar other than the default one was refused. Perhaps it is gone:
    /// the list of all calendars tells. If it is in there, it is left out until
    /// it is looked up again.
    pub(super) fn doubt_calendar(&mut self, key: &CalendarKey, failure: &Failure) -> Result<(), Halt> {
        if self.turns.doubted.insert(key.clone()) {
            self.status.named.looked_up_at = None;
            return self.follow_calendars();
        }
        let Some(index) = self.status.calendars.iter().position(|round| round.calendar == *key) else {
            return Ok(());
        };
        let round = self.status.calendars.remove(index);
        let mut missing = std::mem::take(&mut self.status.named.missing);
        missing.extend(round.name);
        let reason = notice::chain(failure);
        self.ports.log(LogLevel::Warn, "a calendar is refused and left out", &[("reason", reason)]);
        self.say_missing(&missing)?;
        self.status.named.missing = missing;
        self.save_status()
    }

    /// All calendars of the account.
    fn calendars(&mut self) -> Result<Vec<Calendar>, Halt> {
        let mut found = Vec::new();
        let mut next = None;
        for _ in 0..CALENDAR_PAGES_MAX {
            let answer = match &next {
                None => self.ask(Subject::Mailbox, |requests, id| Ok(requests.calendars(id)))?,
                Some(link) => {
                    self.ask(Subject::Mailbox, |requests, id| requests.follow(link, CALENDARS_PER_PAGE, id))?
                }
            };
            match answer.and_then(|answer| response::read_calendars(&answer)) {
                Ok(page) => {
                    found.extend(page.calendars);
                    next = page.next;
                }
                Err(failure) => return Err(self.halt(&failure)),
            }
            if next.is_none() {
                break;
            }
        }
        Ok(found)
    }

    /// The calendar of this name: spelt exactly so, or else in another case. Of
    /// several, shared ones among them, the one that is followed already, or else
    /// the first by its id, so that the choice stays the same.
    fn choose<'a>(&self, name: &str, found: &'a [Calendar]) -> Option<&'a Calendar> {
        let spelt = |calendar: &&Calendar| calendar.name.as_deref().is_some_and(|found| found.trim() == name);
        let alike = |calendar: &&Calendar| {
            calendar.name.as_deref().is_some_and(|found| found.trim().to_lowercase() == name.to_lowercase())
        };
        let rank = |calendar: &&Calendar| {
            let is_followed = self.status.calendar(&CalendarKey::Id(calendar.id.clone())).is_some();
            (!is_followed, calendar.id.clone())
        };
        found.iter().filter(spelt).min_by_key(rank).or_else(|| found.iter().filter(alike).min_by_key(rank))
    }

    /// Says which calendars are missing, or that none is any more.
    fn say_missing(&mut self, missing: &[String]) -> Result<(), Halt> {
        let code = IssueCode::CalendarNotFound.as_str();
        if !missing.is_empty() {
            let message = format!(
                "{} not found in Microsoft 365, or cannot be read. Events of it that were in step stay as they are on \
                 both sides; the other calendars are synchronized.",
                listed("The calendar", "was", missing)
            );
            // Known before the alert is out, and whatever becomes of this step: which
            // calendars are missing is noted only once it was told.
            self.status.health.alerted_items.insert(code.to_owned());
            self.issue(IssueCode::CalendarNotFound, None, None, &message);
        } else if self.status.health.alerted_items.contains(code) || !self.status.named.missing.is_empty() {
            let filter =
                AlertFilter { resource: Some(AlertResource::Calendar), code: Some(code), ..AlertFilter::default() };
            self.ports.resolve(filter).map_err(Halt::Host)?;
            self.status.health.alerted_items.remove(code);
        }
        Ok(())
    }
}

/// A subject for a sentence: "The calendar `a` was", "Each of `a`, `b` was".
fn listed(one: &str, verb: &str, names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [name] => format!("{one} {name} {verb}"),
        names => format!("Each of the calendars {} {verb}", names.join(", ")),
    }
}
