//! Creates and changes single events and series.
//!
//! Works on the state and hands mails to guests to `meeting`; occurrences are
//! in `exception`. Whether the caller may do it, and with which change key,
//! is checked by `api::events`.

use serde_json::{Map, Value, json};

use super::exception::same_times;
use super::input::{EventInput, Moment, check_span};
use super::instance::zone;
use super::pattern::Recurrence;
use super::{meeting, recurrence_json};
use crate::graph::dates;
use crate::graph::model::{
    Address, Attendee, CalendarNo, Change, Event, EventNo, Mailbox, Response, ResponseStatus, Span, StoredBody,
    Transaction,
};
use crate::graph::names::same_name;
use crate::graph::reply::Refusal;
use crate::graph::state::State;

/// The first half of every iCalendar id that Exchange makes.
const UID_PREFIX: &str = "040000008200E00074C5B7101A82E00800000000";

/// The outcome of a create.
pub(crate) enum Created {
    New(EventNo),
    /// The same request was made before.
    Repeated(EventNo),
}

/// Creates an event in a calendar (api/user-post-events).
pub(crate) fn create(
    state: &mut State,
    mailbox: &Mailbox,
    calendar: CalendarNo,
    input: EventInput,
) -> Result<Created, Refusal> {
    if let Some(known) = by_transaction(state, mailbox, &input)? {
        return Ok(Created::Repeated(known));
    }
    let (Some(start), Some(end)) = (input.start, input.end) else {
        return Err(Refusal::invalid_property("An event needs a start and an end."));
    };
    let span = span_of(start, end, input.all_day.unwrap_or(false));
    check_span(&span)?;
    let recurrence = match input.recurrence.flatten() {
        Some(value) => Some(recurrence_json::read(&value, span.start.date(), &span.start_zone)?),
        None => None,
    };
    let number = EventNo(state.next_item(mailbox.number));
    let unique = u128::from_be_bytes(state.random_bytes());
    let attendees = input.attendees.unwrap_or_default();
    let event = Event {
        number,
        mailbox: mailbox.number,
        calendar,
        moves: 0,
        ical_uid: format!("{UID_PREFIX}{unique:032X}000000000000000010000000{unique:032X}"),
        original_zones: (span.start_zone.clone(), span.end_zone.clone()),
        span,
        recurrence,
        generation: 0,
        exceptions: std::collections::BTreeMap::new(),
        properties: with_meeting_provider(Map::new(), input.properties),
        body: input.body.unwrap_or_else(|| StoredBody { html: String::new() }),
        response: ResponseStatus { response: Response::Organizer, time: None },
        attendees: attendees.into_iter().filter(|guest| !is_owner(mailbox, &guest.address)).collect(),
        organizer: Address { name: mailbox.display_name.clone(), address: mailbox.user_principal_name.clone() },
        is_organizer: true,
        is_cancelled: false,
        extended: input.extended,
        extended_lists: input.extended_lists,
        extensions: input.extensions.unwrap_or_default(),
        attachments: Vec::new(),
        lone: None,
        transaction: input.transaction_id.map(|id| Transaction { id, content_digest: input.digest }),
        change: state.next_change(),
        created: state.now,
        modified: state.now,
        bump_at: state.bump_at(),
    };
    state.events.insert(number, event);
    meeting::invite_all(state, number);
    Ok(Created::New(number))
}

fn is_owner(mailbox: &Mailbox, address: &Address) -> bool {
    same_name(&mailbox.user_principal_name, &address.address)
}

/// The event that an earlier create with the same key made.
fn by_transaction(state: &State, mailbox: &Mailbox, input: &EventInput) -> Result<Option<EventNo>, Refusal> {
    let Some(id) = &input.transaction_id else {
        return Ok(None);
    };
    let known = state
        .events_of(mailbox.number, None)
        .find_map(|event| event.transaction.as_ref().filter(|known| known.id == *id).map(|known| (event, known)));
    match known {
        None => Ok(None),
        Some((event, known)) if known.content_digest == input.digest => Ok(Some(event.number)),
        Some((event, _)) => {
            let mut refusal = Refusal::new(
                400,
                "ErrorDuplicateTransactionId",
                "Your request can't be completed. The TransactionId specified in the request has already been used to create a different event.",
            );
            let id = crate::graph::ids::item_id(event.number, event.moves, None, crate::graph::ids::IdForm::Default);
            refusal.extra.insert("@event.existingEventId".to_owned(), json!(id));
            Err(refusal)
        }
    }
}

fn span_of(start: Moment, end: Moment, all_day: bool) -> Span {
    Span { start: start.wall, start_zone: start.zone, end: end.wall, end_zone: end.zone, all_day }
}

/// The span after a change.
pub(crate) fn changed_span(span: &Span, input: &EventInput) -> Result<Span, Refusal> {
    let mut changed = span.clone();
    if let Some(start) = &input.start {
        changed.start = start.wall;
        changed.start_zone.clone_from(&start.zone);
    }
    if let Some(end) = &input.end {
        changed.end = end.wall;
        changed.end_zone.clone_from(&end.zone);
    }
    changed.all_day = input.all_day.unwrap_or(span.all_day);
    check_span(&changed)?;
    Ok(changed)
}

/// Writes properties over others. An online meeting stays one.
pub(crate) fn with_meeting_provider(mut stored: Map<String, Value>, given: Map<String, Value>) -> Map<String, Value> {
    let was_online = stored.get("isOnlineMeeting").is_some_and(|value| value == true);
    for (name, value) in given {
        if was_online && matches!(name.as_str(), "isOnlineMeeting" | "onlineMeetingProvider") {
            continue;
        }
        if value.is_null() {
            stored.remove(&name);
        } else {
            stored.insert(name, value);
        }
    }
    let is_online = stored.get("isOnlineMeeting").is_some_and(|value| value == true);
    let names_provider = stored.get("onlineMeetingProvider").is_some_and(|value| value != "unknown");
    if is_online && !names_provider {
        stored.insert("onlineMeetingProvider".to_owned(), json!("teamsForBusiness"));
    }
    stored
}

/// Guests after a change; who was there keeps the answer.
pub(crate) fn merged_guests(known: &[Attendee], given: Vec<Attendee>, organizer: &Address) -> Vec<Attendee> {
    let is_new = |guest: &Attendee| !same_name(&guest.address.address, &organizer.address);
    let mut guests: Vec<Attendee> = given.into_iter().filter(is_new).collect();
    for guest in &mut guests {
        let before = known.iter().find(|other| same_name(&other.address.address, &guest.address.address));
        if let Some(before) = before {
            guest.status = before.status;
            guest.proposed.clone_from(&before.proposed);
        }
    }
    guests
}

/// A master is shown at its first occurrence, which may be later than the
/// start of its range. A client that writes that date back means no move.
fn relative_to_range(before: &Event, mut input: EventInput) -> EventInput {
    let Some(recurrence) = before.recurrence.as_ref().filter(|_| input.recurrence.is_none()) else {
        return input;
    };
    let first = recurrence.dates().next().unwrap_or(recurrence.start);
    // An end alone is meant for the shown start.
    let is_unmoved = input.start.as_ref().is_none_or(|start| start.wall.date() == first);
    if is_unmoved {
        let later = first - recurrence.start;
        for moment in [&mut input.start, &mut input.end].into_iter().flatten() {
            moment.wall = dates::later(moment.wall, -later);
        }
    }
    input
}

/// What a change of a series does to its occurrences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SeriesChange {
    /// They stay.
    None,
    /// Some may be gone, or more may have come; the others stay.
    End,
    /// All are new, and what was changed on the old ones is lost.
    Reissue,
}

/// Whether two series have the same rule, however their zones are spelled;
/// where they end does not count.
fn same_course(one: &Recurrence, other: &Recurrence) -> bool {
    (&one.pattern, one.interval, one.start) == (&other.pattern, other.interval, other.start)
        && zone(&one.zone) == zone(&other.zone)
}

/// Whether two versions of an event recur in the same way.
pub(crate) fn same_rule(one: &Event, other: &Event) -> bool {
    match (&one.recurrence, &other.recurrence) {
        (Some(one), Some(other)) => same_course(one, other) && one.end == other.end,
        (None, None) => true,
        (_, _) => false,
    }
}

/// DIFFERENCE: the documentation does not say what a new end of a series does
/// to exceptions. Outlook keeps those before the cut when it splits a series
/// at "this and following", so an end alone leaves occurrences as they are.
fn series_change(before: &Event, span: &Span, recurrence: Option<&Recurrence>) -> SeriesChange {
    match (&before.recurrence, recurrence) {
        (None, None) => SeriesChange::None,
        (Some(old), Some(new)) if same_course(old, new) && same_times(&before.span, span) => {
            if old.end == new.end {
                SeriesChange::None
            } else {
                SeriesChange::End
            }
        }
        (_, _) => SeriesChange::Reissue,
    }
}

/// Applies a change of the rule and the times.
fn apply_rule(event: &mut Event, span: Span, recurrence: Option<Recurrence>) {
    match series_change(event, &span, recurrence.as_ref()) {
        SeriesChange::None => {}
        SeriesChange::End => {
            event.exceptions.retain(|date, _| recurrence.as_ref().is_some_and(|rule| rule.has(*date)));
        }
        SeriesChange::Reissue => {
            event.exceptions.clear();
            event.generation += 1;
        }
    }
    event.span = span;
    event.recurrence = recurrence;
}

/// Applies a change of the guest list, to exceptions with a list of their own
/// as well.
fn apply_guests(event: &mut Event, given: Vec<Attendee>) {
    let before = std::mem::take(&mut event.attendees);
    let after = merged_guests(&before, given, &event.organizer);
    for change in event.exceptions.values_mut() {
        let Change::Moved(changed) = change else { continue };
        let Some(own) = &mut changed.attendees else { continue };
        own.retain(|guest| meeting::find(&before, guest).is_none() || meeting::find(&after, guest).is_some());
        let added = after.iter().filter(|guest| meeting::find(&before, guest).is_none());
        let missing: Vec<Attendee> = added.filter(|guest| meeting::find(own, guest).is_none()).cloned().collect();
        own.extend(missing);
    }
    event.attendees = after;
}

/// An update that guests are told of settles what they proposed.
///
/// DIFFERENCE: concepts/outlook-calendar-meeting-proposals ends with the
/// organiser's update and does not say what is left of a proposal. Here
/// nothing is, whether or not the update took it up.
fn forget_proposals(event: &mut Event) {
    let of_exceptions = event.exceptions.values_mut().filter_map(|change| match change {
        Change::Moved(changed) => changed.attendees.as_mut(),
        Change::Cancelled => None,
    });
    for guest in of_exceptions.flatten().chain(&mut event.attendees) {
        guest.proposed = None;
    }
}

/// Changes a single event or a series (api/event-update).
pub(crate) fn update(state: &mut State, number: EventNo, input: EventInput) -> Result<(), Refusal> {
    let before = state.events.get(&number).cloned().ok_or_else(Refusal::item_not_found)?;
    let input = relative_to_range(&before, input);
    let span = changed_span(&before.span, &input)?;
    let moves_zone = zone(&span.start_zone) != zone(&before.span.start_zone);
    if before.is_series() && moves_zone && input.recurrence.is_none() {
        return Err(Refusal::invalid_property("The time zone of a series changes only together with its recurrence."));
    }
    let recurrence = match &input.recurrence {
        None => {
            if let Some(recurrence) = before.recurrence.as_ref().filter(|rule| rule.start != span.start.date()) {
                // A series moved to another day without its recurrence cannot
                // satisfy that both begin on one date.
                let detail =
                    format!("recurrence.range.startDate ({}) must be the date of the event's start.", recurrence.start);
                return Err(Refusal::invalid_property(&detail));
            }
            before.recurrence.clone()
        }
        Some(None) => None,
        Some(Some(value)) => Some(recurrence_json::read(value, span.start.date(), &span.start_zone)?),
    };
    let (change, now) = (state.next_change(), state.now);
    let (is_shared, shares_content) = (input.is_shared, input.shares_content);
    if let Some(event) = state.events.get_mut(&number) {
        apply_rule(event, span, recurrence);
        let stored = std::mem::take(&mut event.properties);
        event.properties = with_meeting_provider(stored, input.properties);
        if let Some(body) = input.body {
            event.body = body;
        }
        if let Some(given) = input.attendees {
            apply_guests(event, given);
        }
        if shares_content {
            forget_proposals(event);
        }
        event.extended.extend(input.extended);
        event.extended_lists.extend(input.extended_lists);
        event.change = change;
        event.modified = now;
    }
    if is_shared && before.is_organizer {
        meeting::announce(state, &before, shares_content);
    }
    Ok(())
}
