//! What a request changed, seen from the subscriptions.
//!
//! Rows before and after are compared, whoever changed them and how: a person
//! through Graph, somebody else's invitation, the management interface, or
//! time. So no handler has to know of notifications.
//!
//! What is watched are the items of a container that a filter accepts, if there
//! is one. An item that leaves what is watched is told of as deleted, one that enters it
//! as created. One that moves inside of it and gets another id by that is both;
//! no page says what the service does then. A changed occurrence is told of
//! beside its series.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde_json::Value;

use super::model::{ChangeKind, Subscription, Told, Watched};
use super::notice::{self, Item};
use super::{lifecycle, queue, resource, rich};
use crate::graph::calendar::instance::whole;
use crate::graph::ids::IdForm;
use crate::graph::mail::model::{Message, MessageNo};
use crate::graph::model::{Calendar, CalendarNo, Change, Event, EventNo};
use crate::graph::state::State;
use crate::graph::todo::model::{Task, TaskNo};

/// Has tables keep what rows were, if anybody subscribed; to be called before
/// anything changes, and again before each part of a batch.
pub(crate) fn begin(state: &mut State) {
    let is_watched = state.subscriptions.len() > 0;
    state.calendars.observe(is_watched);
    state.events.observe(is_watched);
    state.messages.observe(is_watched);
    state.tasks.observe(is_watched);
}

/// The rows that changed, as they were.
struct Former {
    calendars: Vec<(CalendarNo, Option<Calendar>)>,
    events: Vec<(EventNo, Option<Event>)>,
    messages: Vec<(MessageNo, Option<Message>)>,
    tasks: Vec<(TaskNo, Option<Task>)>,
}

impl Former {
    fn take(state: &mut State) -> Self {
        Self {
            calendars: state.calendars.take_former(),
            events: state.events.take_former(),
            messages: state.messages.take_former(),
            tasks: state.tasks.take_former(),
        }
    }

    fn is_empty(&self) -> bool {
        self.calendars.is_empty() && self.events.is_empty() && self.messages.is_empty() && self.tasks.is_empty()
    }
}

/// Queues notifications of what changed since the last call. One call for each
/// request, so that two changes of one item are told of one by one. What can
/// tell nothing any more ends with it.
pub(crate) fn notice(state: &mut State) {
    notice_changes(state);
    lifecycle::remove_orphans(state);
}

fn notice_changes(state: &mut State) {
    let former = Former::take(state);
    if former.is_empty() {
        return;
    }
    let listening: Vec<Subscription> =
        state.subscriptions.values().filter(|subscription| !subscription.is_paused).cloned().collect();
    for subscription in listening {
        for (told, item, data) in notifications(state, &former, &subscription) {
            queue::change(state, &subscription, told, item, data.as_ref());
        }
    }
}

/// What one subscription is told, each with the data that goes along.
fn notifications(state: &State, former: &Former, subscription: &Subscription) -> Vec<(Told, Value, Option<Value>)> {
    let Some(owner) = state.mailboxes.get(&subscription.mailbox) else {
        return Vec::new();
    };
    let (tenant, user, form) = (&state.meta.tenant.id, &owner.object_id, subscription.form());
    let mut steps = steps(state, former, subscription);
    steps.retain(|(kind, _)| subscription.kinds.contains(kind));
    let write = |(kind, item): (ChangeKind, Item<'_>)| {
        let told = Told::Change { change_type: kind, resource: item.path(user, form) };
        let data = rich::data(subscription, kind, item);
        (told, notice::of_change(subscription, tenant, user, kind, item), data)
    };
    steps.into_iter().map(write).collect()
}

type Step<'a> = (ChangeKind, Item<'a>);

fn steps<'a>(state: &'a State, former: &'a Former, subscription: &Subscription) -> Vec<Step<'a>> {
    let (mailbox, form) = (subscription.mailbox, subscription.form());
    // It could be read when the subscription was made.
    let filter = resource::filter(&subscription.resource, subscription.watched).unwrap_or_default();
    match subscription.watched {
        Watched::Calendars => {
            let rows = former.calendars.iter().map(|(number, before)| (before.as_ref(), state.calendars.get(number)));
            let steps = changed(rows, form, |calendar| calendar.mailbox == mailbox, Item::Calendar);
            // A new calendar is told of as updated, see `resource::kinds`.
            let known = |(kind, item)| (if kind == ChangeKind::Created { ChangeKind::Updated } else { kind }, item);
            steps.into_iter().map(known).collect()
        }
        Watched::Events(calendar) => {
            let is_inside =
                |event: &Event| event.mailbox == mailbox && event.calendar == calendar && filter.accepts(&whole(event));
            let rows = || former.events.iter().map(|(number, before)| (before.as_ref(), state.events.get(number)));
            let mut steps = changed(rows(), form, is_inside, Item::Event);
            for (before, after) in rows() {
                if let (Some(before), Some(after)) = (before.filter(|event| is_inside(event)), after)
                    && is_inside(after)
                {
                    steps.extend(occurrences(before, after));
                }
            }
            steps
        }
        Watched::Messages(folder) => {
            let rows = former.messages.iter().map(|(number, before)| (before.as_ref(), state.messages.get(number)));
            let is_inside = |message: &Message| {
                let is_there = message.mailbox == mailbox && folder.is_none_or(|folder| folder == message.folder);
                is_there && filter.accepts(message)
            };
            changed(rows, form, is_inside, Item::Message)
        }
        Watched::Tasks(list) => {
            let rows = former.tasks.iter().map(|(number, before)| (before.as_ref(), state.tasks.get(number)));
            changed(rows, form, |task| task.list == list, Item::Task)
        }
    }
}

/// What became of rows, as somebody sees it who only sees what is inside.
fn changed<'a, T: 'a>(
    rows: impl Iterator<Item = (Option<&'a T>, Option<&'a T>)>,
    form: IdForm,
    is_inside: impl Fn(&T) -> bool,
    item: impl Fn(&'a T) -> Item<'a>,
) -> Vec<Step<'a>> {
    let mut steps = Vec::new();
    for (before, after) in rows {
        let before = before.filter(|row| is_inside(row)).map(&item);
        let after = after.filter(|row| is_inside(row)).map(&item);
        match (before, after) {
            (None, Some(after)) => steps.push((ChangeKind::Created, after)),
            (Some(before), None) => steps.push((ChangeKind::Deleted, before)),
            (Some(before), Some(after)) if before.id(form) != after.id(form) => {
                steps.extend([(ChangeKind::Deleted, before), (ChangeKind::Created, after)]);
            }
            (Some(before), Some(after)) if before.change() != after.change() => {
                steps.push((ChangeKind::Updated, after));
            }
            (None, None) | (Some(_), Some(_)) => {}
        }
    }
    steps
}

/// Occurrences that are not what they were. Their ids end with the pattern that
/// made them, so nothing is told of them when that changes.
fn occurrences<'a>(before: &'a Event, after: &'a Event) -> Vec<Step<'a>> {
    if before.generation != after.generation || before.moves != after.moves {
        return Vec::new();
    }
    let dates: BTreeSet<NaiveDate> = after.exceptions.keys().copied().collect();
    let step = |date: NaiveDate| match (before.exceptions.get(&date), after.exceptions.get(&date)?) {
        (Some(Change::Cancelled), Change::Cancelled) => None,
        (_, Change::Cancelled) => Some((ChangeKind::Deleted, Item::Occurrence(after, date))),
        (Some(Change::Moved(old)), Change::Moved(new)) if old.change == new.change => None,
        (_, Change::Moved(_)) => Some((ChangeKind::Updated, Item::Occurrence(after, date))),
    };
    dates.into_iter().filter_map(step).collect()
}
