//! Creates and changes events, series and occurrences.
//!
//! Works on the state and hands mails to guests to `meeting`. Whether the
//! caller may do it, and with which change key, is checked by `api::events`.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::input::{EventInput, Moment, check_span};
use super::instance::{neighbours, occurrence_span, zone};
use super::{meeting, recurrence_json};
use crate::graph::model::{
    Address, Attendee, CalendarNo, Change, ChangedOccurrence, Event, EventNo, Mailbox, Response, ResponseStatus, Span,
    StoredBody, Transaction,
};
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
    mailbox.user_principal_name.eq_ignore_ascii_case(&address.address)
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
fn changed_span(span: &Span, input: &EventInput) -> Result<Span, Refusal> {
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
fn with_meeting_provider(mut stored: Map<String, Value>, given: Map<String, Value>) -> Map<String, Value> {
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
fn merged_guests(known: &[Attendee], given: Vec<Attendee>, organizer: &Address) -> Vec<Attendee> {
    let is_new = |guest: &Attendee| !guest.address.address.eq_ignore_ascii_case(&organizer.address);
    let mut guests: Vec<Attendee> = given.into_iter().filter(is_new).collect();
    for guest in &mut guests {
        let before = known.iter().find(|other| other.address.address.eq_ignore_ascii_case(&guest.address.address));
        if let Some(before) = before {
            guest.status = before.status;
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
    let is_unmoved = input.start.as_ref().is_some_and(|start| start.wall.date() == first);
    if is_unmoved {
        let later = first - recurrence.start;
        for moment in [&mut input.start, &mut input.end].into_iter().flatten() {
            moment.wall -= later;
        }
    }
    input
}

/// Changes a single event or a series (api/event-update).
pub(crate) fn update(state: &mut State, number: EventNo, input: EventInput) -> Result<(), Refusal> {
    let before = state.events.get(&number).cloned().ok_or_else(Refusal::item_not_found)?;
    let input = relative_to_range(&before, input);
    let span = changed_span(&before.span, &input)?;
    let moves_zone = input.start.is_some() && span.start_zone != before.span.start_zone;
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
    let reissues = recurrence != before.recurrence || (before.is_series() && span != before.span);
    let (change, now) = (state.next_change(), state.now);
    let (is_shared, shares_content) = (input.is_shared, input.shares_content);
    if let Some(event) = state.events.get_mut(&number) {
        event.span = span;
        if reissues {
            // New occurrences: what was changed on the old ones is lost.
            event.exceptions.clear();
            event.generation += 1;
        }
        event.recurrence = recurrence;
        let stored = std::mem::take(&mut event.properties);
        event.properties = with_meeting_provider(stored, input.properties);
        if let Some(body) = input.body {
            event.body = body;
        }
        if let Some(given) = input.attendees {
            event.attendees = merged_guests(&before.attendees, given, &event.organizer);
        }
        event.extended.extend(input.extended);
        event.change = change;
        event.modified = now;
    }
    if is_shared && before.is_organizer {
        meeting::announce(state, &before, shares_content, None);
    }
    Ok(())
}

/// Changes one occurrence, which makes it an exception (api/event-update).
pub(crate) fn update_occurrence(
    state: &mut State,
    number: EventNo,
    date: NaiveDate,
    input: EventInput,
) -> Result<(), Refusal> {
    let before = state.events.get(&number).cloned().ok_or_else(Refusal::item_not_found)?;
    let recurrence = before.recurrence.as_ref().ok_or_else(Refusal::item_not_found)?;
    if input.recurrence.is_some_and(|value| value.is_some()) {
        return Err(Refusal::invalid_property("An occurrence has no recurrence of its own."));
    }
    let mut changed = match before.exceptions.get(&date) {
        Some(Change::Cancelled) => return Err(Refusal::item_not_found()),
        Some(Change::Moved(changed)) => changed.as_ref().clone(),
        None => ChangedOccurrence {
            span: occurrence_span(&before, recurrence, date),
            properties: Map::new(),
            body: None,
            attendees: None,
            response: None,
            extended: std::collections::BTreeMap::new(),
            change: 0,
            modified: state.now,
        },
    };
    let input = EventInput { recurrence: None, ..input };
    changed.span = changed_span(&changed.span, &input)?;
    check_boundary(&before, date, &changed.span)?;
    changed.properties = with_meeting_provider(changed.properties, input.properties);
    changed.body = input.body.or(changed.body);
    if let Some(given) = input.attendees {
        let known = changed.attendees.as_deref().unwrap_or(&before.attendees);
        changed.attendees = Some(merged_guests(known, given, &before.organizer));
    }
    changed.extended.extend(input.extended);
    changed.change = state.next_change();
    changed.modified = state.now;
    let change = changed.change;
    if let Some(event) = state.events.get_mut(&number) {
        event.exceptions.insert(date, Change::Moved(Box::new(changed)));
        event.change = change;
        event.modified = before.modified.max(state.now);
    }
    if input.is_shared && before.is_organizer {
        meeting::announce(state, &before, input.shares_content, Some(date));
    }
    Ok(())
}

/// An occurrence stays between its neighbours, by day.
fn check_boundary(event: &Event, date: NaiveDate, span: &Span) -> Result<(), Refusal> {
    let Some(recurrence) = &event.recurrence else {
        return Ok(());
    };
    let (before, after) = neighbours(recurrence, date);
    let place = |date| match event.exceptions.get(&date) {
        Some(Change::Moved(changed)) => changed.span.start.date(),
        Some(Change::Cancelled) | None => date,
    };
    let series_zone = zone(&recurrence.zone);
    let start = crate::graph::zones::to_wall(super::instance::instants(span).start, series_zone).date();
    let start = if span.all_day { span.start.date() } else { start };
    let too_early = before.is_some_and(|other| start <= place(other));
    let too_late = after.is_some_and(|other| start >= place(other));
    if too_early || too_late {
        return Err(Refusal::new(
            400,
            "ErrorOccurrenceCrossingBoundary",
            "Modified occurrence is crossing or overlapping adjacent occurrence.",
        ));
    }
    Ok(())
}
