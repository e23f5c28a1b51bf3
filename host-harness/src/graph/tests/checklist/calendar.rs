//! Calendars, events and what belongs to them.

use super::{Row, finds_one, get, row, says, shows};

const WINDOW: &str = "startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z";

/// All of them.
pub(super) fn rows() -> Vec<Row> {
    [events(), actions_of_events(), parts_of_events(), calendars(), views_and_rounds(), the_mailbox()].concat()
}

fn events() -> Vec<Row> {
    let event = r#"{"subject": "New", "start": {"dateTime": "2026-03-09T09:00:00", "timeZone": "UTC"}, "end": {"dateTime": "2026-03-09T10:00:00", "timeZone": "UTC"}}"#;
    vec![
        get("/events"),
        row("POST", "/events", event, 201),
        get("/events/{event}"),
        row("PATCH", "/events/{event}", r#"{"subject": "Late lunch"}"#, 200),
        row("POST", "/calendar/events", event, 201),
        row("POST", "/calendars/{calendar}/events", event, 201),
        row("DELETE", "/events/{event}", "", 204),
        get("/events/{series}/instances?startDateTime=2026-03-01&endDateTime=2026-04-01"),
        shows("/events/{series}?$select=cancelledOccurrences", "/cancelledOccurrences"),
        shows("/events/{series}?$select=exceptionOccurrences&$expand=exceptionOccurrences", "/exceptionOccurrences"),
        get("/events/{series}/exceptionOccurrences"),
        get("/events/{series}/exceptionOccurrences/$count"),
        get("/events/{rehearsals}/exceptionOccurrences/{rehearsal}"),
        row("PATCH", "/events/{occurrence}", r#"{"subject": "Once"}"#, 200),
        row("DELETE", "/events/{occurrence}", "", 204),
        get("/events('{event}')"),
        get("/Events/{event}"),
        get("/events/{event}/calendar"),
        get("/events/$count"),
        get("/calendar/events/$count"),
        get("/calendars/{calendar}/events/$count"),
        get("/calendar/events/{event}"),
        row("PATCH", "/calendar/events/{event}", r#"{"subject": "Late lunch"}"#, 200),
        row("DELETE", "/calendar/events/{event}", "", 204),
        row("PATCH", "/calendars/{calendar}/events/{elsewhere}", r#"{"subject": "Late rehearsal"}"#, 200),
        row("DELETE", "/calendars/{calendar}/events/{elsewhere}", "", 204),
        get("/calendarView/{event}"),
        get("/events/{series}/instances/{occurrence}"),
        get("/events/{series}/instances/$count?startDateTime=2026-03-01&endDateTime=2026-04-01"),
        finds_one(
            "/events?$filter=singleValueExtendedProperties/any(ep: ep/id eq 'String {66f5a359-4659-4830-9070-00047ec6ac6e} Name x' and ep/value eq '1')",
        ),
        shows(
            "/events/{event}?$expand=singleValueExtendedProperties($filter=id eq 'String {66f5a359-4659-4830-9070-00047ec6ac6e} Name x')",
            "/singleValueExtendedProperties/0/value",
        ),
    ]
}

fn actions_of_events() -> Vec<Row> {
    let to_bob = r#"{"ToRecipients": [{"emailAddress": {"address": "carol@contoso.example"}}]}"#;
    let snooze = r#"{"NewReminderTime": {"dateTime": "2026-03-03T11:00:00", "timeZone": "UTC"}}"#;
    vec![
        row("POST", "/events/{invited}/accept", "{}", 202),
        row("POST", "/events/{invited}/tentativelyAccept", "{}", 202),
        row("POST", "/events/{invited}/decline", "{}", 202),
        row("POST", "/events/{invited}/microsoft.graph.accept", "{}", 202),
        row("POST", "/events/{meeting}/cancel", "{}", 202),
        row("POST", "/events/{meeting}/forward", to_bob, 202),
        row("POST", "/events/{event}/snoozeReminder", snooze, 200),
        row("POST", "/events/{event}/dismissReminder", "", 200),
        row("POST", "/events/{event}/permanentDelete", "", 204),
    ]
}

fn parts_of_events() -> Vec<Row> {
    let file = r##"{"@odata.type": "#microsoft.graph.fileAttachment", "name": "b.txt", "contentBytes": "Yg=="}"##;
    let session = r#"{"AttachmentItem": {"attachmentType": "file", "name": "big.bin", "size": 4000000}}"#;
    let extension = r#"{"extensionName": "com.example.other", "number": 7}"#;
    vec![
        get("/events/{event}/attachments"),
        get("/events/{event}/attachments/$count"),
        row("POST", "/events/{event}/attachments", file, 201),
        get("/events/{event}/attachments/{file}"),
        get("/events/{event}/attachments/{file}/$value"),
        row("DELETE", "/events/{event}/attachments/{file}", "", 204),
        row("POST", "/events/{event}/attachments/createUploadSession", session, 201),
        get("/events/{event}/extensions"),
        get("/events/{event}/extensions/$count"),
        row("POST", "/events/{event}/extensions", extension, 201),
        get("/events/{event}/extensions/com.example.link"),
        row("PATCH", "/events/{event}/extensions/com.example.link", r#"{"number": 8}"#, 200),
        row("DELETE", "/events/{event}/extensions/com.example.link", "", 204),
        shows("/events/{event}?$expand=extensions($filter=id eq 'com.example.link')", "/extensions/0/number"),
    ]
}

fn calendars() -> Vec<Row> {
    let schedule = r#"{"Schedules": ["bob@contoso.example"], "StartTime": {"dateTime": "2026-03-05T00:00:00", "timeZone": "UTC"}, "EndTime": {"dateTime": "2026-03-06T00:00:00", "timeZone": "UTC"}}"#;
    vec![
        get("/calendar"),
        get("/calendars"),
        get("/calendars/$count"),
        row("POST", "/calendars", r#"{"name": "Football"}"#, 201),
        get("/calendars/{calendar}"),
        row("PATCH", "/calendars/{calendar}", r#"{"name": "Quire"}"#, 200),
        row("DELETE", "/calendars/{calendar}", "", 204),
        row("PATCH", "/calendar", r#"{"color": "lightBlue"}"#, 200),
        row("POST", "/calendars/{calendar}/permanentDelete", "", 204),
        get("/calendar/events"),
        get("/calendars/{calendar}/events"),
        get("/calendars/{calendar}/events/{elsewhere}"),
        row("POST", "/calendar/getSchedule", schedule, 200),
        row("POST", "/calendar/microsoft.graph.getSchedule", schedule, 200),
        get("/calendarGroups"),
        get("/calendarGroups/$count"),
        row("POST", "/calendarGroups", r#"{"name": "Teams"}"#, 201),
        get("/calendarGroups/{group}"),
        row("PATCH", "/calendarGroups/{group}", r#"{"name": "Societies"}"#, 200),
        row("DELETE", "/calendarGroups/{empty}", "", 204),
        get("/calendarGroups/{group}/calendars"),
        row("POST", "/calendarGroups/{group}/calendars", r#"{"name": "Go"}"#, 201),
        get("/calendarGroups/{group}/calendars/{chess}"),
        get("/calendarGroups/{group}/calendars/$count"),
        row("PATCH", "/calendarGroups/{group}/calendars/{chess}", r#"{"name": "Draughts"}"#, 200),
        row("DELETE", "/calendarGroups/{group}/calendars/{chess}", "", 204),
        get("/calendarGroups/{group}/calendars/{chess}/events"),
    ]
}

fn views_and_rounds() -> Vec<Row> {
    let views = [
        "/calendarView",
        "/calendar/calendarView",
        "/calendars/{calendar}/calendarView",
        "/calendarGroups/{group}/calendars/{chess}/calendarView",
    ];
    let forms = ["", "/delta", "/delta()", "/microsoft.graph.delta", "/microsoft.graph.delta()"];
    let mut rows: Vec<Row> = Vec::new();
    for view in views {
        for form in forms {
            rows.push(get(format!("{view}{form}?{WINDOW}").leak()));
        }
        rows.push(get(format!("{view}/$count?{WINDOW}").leak()));
    }
    for events in ["/events", "/calendar/events", "/calendars/{calendar}/events"] {
        for form in forms.iter().skip(1) {
            rows.push(get(format!("{events}{form}?startDateTime=2026-03-01T00:00:00Z").leak()));
        }
    }
    rows
}

fn the_mailbox() -> Vec<Row> {
    let ids = r#"{"InputIds": ["{event}"], "SourceIdType": "restId", "TargetIdType": "restImmutableEntryId"}"#;
    vec![
        get(""),
        get("/mailboxSettings"),
        get("/mailboxSettings/timeZone"),
        shows("/mailboxSettings/workingHours", "/startTime"),
        shows("/mailboxSettings/automaticRepliesSetting", "/status"),
        row("PATCH", "/mailboxSettings", r#"{"timeZone": "UTC"}"#, 200),
        get("/outlook/supportedTimeZones"),
        says(
            "/outlook/supportedTimeZones(TimeZoneStandard=microsoft.graph.timeZoneStandard'Iana')",
            "/value/0/alias",
            "Africa/Cairo",
        ),
        get("/outlook/supportedLanguages"),
        get("/outlook/masterCategories"),
        get("/outlook/masterCategories/$count"),
        row("POST", "/outlook/masterCategories", r#"{"displayName": "Red", "color": "preset0"}"#, 201),
        get("/outlook/masterCategories/{category}"),
        row("PATCH", "/outlook/masterCategories/{category}", r#"{"color": "preset1"}"#, 200),
        row("DELETE", "/outlook/masterCategories/{category}", "", 204),
        row("POST", "/translateExchangeIds", ids, 200),
    ]
}
