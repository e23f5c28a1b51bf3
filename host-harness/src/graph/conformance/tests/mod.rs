//! Claims about the tables: what they name exists.

#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

use super::access;
use super::deviations;
use super::exists;
use super::route::{self, Target};
use super::schema::{SCHEMA, Shape};
use crate::graph::path::segments;

fn is_property(owner: &str, name: &str) -> bool {
    let structure = SCHEMA.number(owner).and_then(|number| SCHEMA.structure(number));
    structure.is_some_and(|structure| structure.property(name).is_some())
}

#[test]
fn every_name_in_the_tables_exists() {
    let left_out = deviations::LEFT_OUT.iter().map(|(owner, names, ..)| (*owner, *names));
    let by_default = deviations::BY_DEFAULT.iter().map(|(owner, names, _)| (*owner, *names));
    let stubs = deviations::STUBS.iter().map(|stub| ("event", stub.names));
    let left_out = left_out.chain(by_default).chain(stubs).chain([("eventMessage", deviations::CONTENT.as_slice())]);
    let left_out = left_out.flat_map(|(owner, names)| names.iter().map(move |name| (owner, *name)));
    let lacking = deviations::LACKING_IN_LIFECYCLE.iter().map(|(name, _)| ("changeNotification", *name));
    let given = deviations::GIVEN_WITH.iter().flat_map(|(owner, name, mark, ..)| [(*owner, *name), (*owner, *mark)]);
    let lacking = lacking.chain(given);
    let others = deviations::NOT_IN_LISTS.iter().chain(&deviations::AS_SENT).map(|(owner, name, _)| (*owner, *name));
    let named = access::named().into_iter().chain(exists::named()).chain(left_out).chain(lacking).chain(others);
    let unknown: Vec<_> = named.filter(|(owner, name)| !is_property(owner, name)).collect();
    assert_eq!(unknown, [("", ""); 0]);
    for (name, _) in deviations::IS_CLOSED.into_iter().chain(deviations::CHANGES_ALONE) {
        assert!(SCHEMA.number(name).is_some(), "{name}");
    }
    assert!(SCHEMA.number(deviations::SPEAKS_OF_ANOTHER).is_some());
}

#[test]
fn every_parameter_that_is_needed_exists() {
    for (action, on, parameters) in access::needing() {
        let number = SCHEMA.number(on).unwrap();
        let found =
            [false, true].into_iter().find_map(|of_list| SCHEMA.operation(&action.to_lowercase(), number, of_list));
        let operation = found.unwrap_or_else(|| panic!("{action} on {on}"));
        assert_eq!(operation.needed, parameters, "{action} on {on}");
        assert!(parameters.iter().all(|name| operation.parameters.contains_key(*name)), "{action} {parameters:?}");
    }
}

#[test]
fn the_official_types_name_few_that_are_not_among_them() {
    // All of them in operations that are not emulated.
    let expected = ["locationConstraint", "mailTips", "mailTipsType", "meetingTimeSuggestionsResult", "timeConstraint"];
    assert_eq!(SCHEMA.unlisted, expected);
}

/// What a path leads to, in short.
fn reached(path: &str) -> String {
    let segments = segments(path);
    let route = match route::resolve(&SCHEMA, &segments) {
        Ok(route) => route,
        Err(lost) => return format!("lost at {} in {}", lost.at, lost.on),
    };
    let target = match route.target {
        Target::Entity(number, _) => SCHEMA.name(number).to_owned(),
        Target::Collection(number, _) => format!("{} list", SCHEMA.name(number)),
        Target::Value(kind, _) => SCHEMA.kind_name(kind),
        Target::Raw { is_stream } => if is_stream { "stream" } else { "raw" }.to_owned(),
        Target::Count(_) => "count".to_owned(),
        Target::Operation(operation) => format!("{}/{}", operation.name, operation.parameters.len()),
        Target::Service | Target::Metadata | Target::Batch => format!("{:?}", route.target),
    };
    format!("{target} {}", route.written(segments.iter().map(|segment| segment.raw.as_str())))
}

#[test]
fn paths_lead_through_the_types() {
    let cases = [
        ("/v1.0/", "Service "),
        ("/v1.0/$metadata", "Metadata /$metadata"),
        ("/v1.0/$batch", "Batch /$batch"),
        ("/v1.0/me", "user /me"),
        ("/v1.0/users('a@b')/events/x/instances/y", "event /users/{id}/events/{id}/instances/{id}"),
        ("/v1.0/me/calendarGroups/x/calendars/y/events", "event list /me/calendarGroups/{id}/calendars/{id}/events"),
        ("/v1.0/me/calendarview/delta()", "delta/0 /me/calendarview/delta"),
        ("/v1.0/me/mailFolders/inbox/messages/$count", "count /me/mailFolders/{id}/messages/$count"),
        ("/v1.0/me/messages/x/$value", "raw /me/messages/{id}/$value"),
        ("/v1.0/me/messages/x/microsoft.graph.eventMessage/event", "event /me/messages/{id}/eventMessage/event"),
        ("/v1.0/me/messages/microsoft.graph.eventMessage", "eventMessage list /me/messages/eventMessage"),
        ("/v1.0/me/mailboxSettings", "mailboxSettings /me/mailboxSettings"),
        (
            "/v1.0/me/mailboxSettings/workingHours/timeZone/name",
            "Edm.String /me/mailboxSettings/workingHours/timeZone/name",
        ),
        ("/v1.0/me/outlook/supportedTimeZones", "supportedTimeZones/0 /me/outlook/supportedTimeZones"),
        (
            "/v1.0/me/outlook/supportedTimeZones(TimeZoneStandard=microsoft.graph.timeZoneStandard'Iana')",
            "supportedTimeZones/1 /me/outlook/supportedTimeZones",
        ),
        ("/v1.0/me/outlook/supportedTimeZones(Bogus='x')", "lost at 3 in outlookUser"),
        ("/v1.0/me/events/delta(a='b')", "lost at 3 in Collection(event)"),
        ("/v1.0/me/events/x/accept(a='b')", "lost at 4 in event"),
        ("/v1.0/me/events(a='b')", "lost at 2 in user"),
        (
            "/v1.0/me/events/x/attachments/createUploadSession",
            "createUploadSession/1 /me/events/{id}/attachments/createUploadSession",
        ),
        (
            "/v1.0/me/todo/lists/x/tasks/y/attachmentSessions/z/content",
            "stream /me/todo/lists/{id}/tasks/{id}/attachmentSessions/{id}/content",
        ),
        ("/v1.0/subscriptions/x/reauthorize", "reauthorize/0 /subscriptions/{id}/reauthorize"),
        ("/v1.0/me/sendmail", "sendMail/2 /me/sendmail"),
        ("/v1.0/me/calendar/events/x/cancel", "cancel/1 /me/calendar/events/{id}/cancel"),
        ("/v1.0/me/people", "lost at 2 in user"),
        ("/v1.0/me/events/x/attendees/0", "lost at 5 in Collection(attendee)"),
        ("/v1.0/me/events/x/tasks", "lost at 4 in event"),
        ("/v1.0/me/events/x/$value", "lost at 4 in event"),
        ("/v1.0/groups", "lost at 1 in the service"),
        ("/beta/me", "lost at 0 in the service"),
    ];
    for (path, expected) in cases {
        assert_eq!(reached(path), expected, "{path}");
    }
}

#[test]
fn methods_are_there_as_the_reference_has_them() {
    let cases = [
        ("/v1.0/me/calendarView", "GET", "POST PATCH DELETE"),
        ("/v1.0/me/calendarView/x", "GET", "PATCH DELETE"),
        ("/v1.0/me/events", "GET POST", "PATCH DELETE"),
        ("/v1.0/me/events/x", "GET PATCH DELETE", "POST PUT"),
        ("/v1.0/me/events/x/instances", "GET", "POST"),
        ("/v1.0/me/events/x/attachments/y", "GET DELETE", "PATCH"),
        ("/v1.0/me/events/x/singleValueExtendedProperties", "", "GET POST"),
        ("/v1.0/me/calendar", "GET PATCH", "DELETE"),
        ("/v1.0/me/calendars/x", "GET PATCH DELETE", "POST"),
        ("/v1.0/me/mailboxSettings", "GET PATCH", "DELETE"),
        ("/v1.0/me/mailboxSettings/timeZone", "GET", "PATCH"),
        ("/v1.0/me/events/delta", "GET", "POST"),
        ("/v1.0/me/events/x/accept", "POST", "GET"),
        ("/v1.0/me/messages/x/$value", "GET", "POST"),
        ("/v1.0/me/events/x/attachments/y/$value", "GET", "POST"),
        ("/v1.0/me/todo/lists/x/tasks/y/attachmentSessions/z/content", "GET PUT", "PATCH"),
        ("/v1.0/$batch", "POST", "GET"),
        ("/v1.0/$metadata", "GET", "POST"),
    ];
    for (path, there, missing) in cases {
        let target = route::resolve(&SCHEMA, &segments(path)).unwrap().target;
        for method in there.split_whitespace() {
            assert!(target.has(method), "{method} {path}");
        }
        for method in missing.split_whitespace() {
            assert!(!target.has(method), "{method} {path}");
        }
    }
}

#[test]
fn all_that_is_declared_is_required_without_what_is_known_to_be_left_out() {
    let required = |name: &str| SCHEMA.structure(SCHEMA.number(name).unwrap()).unwrap().required.clone();
    let pattern = ["dayOfMonth", "firstDayOfWeek", "index", "interval", "month", "type"];
    assert_eq!(required("recurrencePattern"), pattern);
    let event = required("event");
    assert!(event.contains(&"subject".to_owned()) && event.contains(&"changeKey".to_owned()), "{event:?}");
    assert!(!event.contains(&"attachments".to_owned()) && !event.contains(&"cancelledOccurrences".to_owned()));
    let subscription = SCHEMA.structure(SCHEMA.number("subscription").unwrap()).unwrap();
    assert_eq!(subscription.needed, ["changeType", "expirationDateTime", "notificationUrl", "resource"]);
    let time_slot = SCHEMA.structure(SCHEMA.number("timeSlot").unwrap()).unwrap();
    assert_eq!(time_slot.needed, ["end", "start"]);
    assert!(matches!(subscription.property("changeType").unwrap().kind.shape, Shape::Primitive(_)));
}
