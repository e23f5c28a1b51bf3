#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::*;
use crate::model::AttendeeStatus;
use crate::model::CalendarId;

pub(super) const BASE: &str = "https://graph.example:8443/v1.0";

pub(super) fn with_requests<T>(check: impl FnOnce(Requests<'_>) -> T) -> T {
    let base = GraphBase::parse(BASE).unwrap();
    check(Requests::new(&base, "token-1"))
}

pub(super) fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers.iter().find(|header| header.name == name).map(|header| header.value.as_str())
}

fn window() -> Window {
    Window { start_at: Instant::from_epoch_milliseconds(0), end_at: Instant::from_epoch_milliseconds(86_400_000) }
}

pub(super) fn id() -> GraphId {
    GraphId::new("AAMk/a+b=")
}

pub(super) fn version() -> GraphVersion {
    GraphVersion::new("W/\"k\"")
}

fn every_request(requests: Requests<'_>) -> Vec<HttpRequest> {
    let link = PageLink::new("https://graph.example:8443/v1.0/me/calendarView/delta?$skiptoken=R0");
    let mut all = vec![
        requests.me("c"),
        requests.probe_calendar("c"),
        requests.calendars("c"),
        requests.calendar_view_delta_of(None, window(), 50, "c"),
        requests.calendar_view_delta_of(Some(&CalendarId::new("c1")), window(), 50, "c"),
        requests.follow(&link, 50, "c").unwrap(),
        requests.get_event(&id(), "c"),
        requests.create_event(&json!({}), "c"),
        requests.update_event(&id(), &version(), &json!({ "subject": "x" }), "c"),
        requests.delete_event(&id(), &version(), "c"),
        requests.find_by_correlation(&LinkId::new("l"), "c"),
        requests.get_series(&id(), "c"),
        requests.get_series_plain(&id(), "c"),
        requests.instances(&id(), window(), 50, "c"),
        requests.update_occurrence(&id(), None, &json!({ "subject": "x" }), "c"),
        requests.delete_occurrence(&id(), Some(&version()), "c"),
        requests.respond(&id(), AttendeeStatus::Accepted, "c").unwrap(),
        requests.calendars("c"),
        requests.calendar_view_delta_of(Some(&CalendarId::new("a b")), window(), 50, "c"),
    ];
    all.extend(todo::tests::every_request(requests));
    all.push(requests.batch(&all[..BATCH_PARTS_MAX], "c").unwrap());
    all.push(requests.batch(&all[BATCH_PARTS_MAX..], "c").unwrap());
    all
}

#[test]
fn every_request_carries_token_preferences_and_its_id() {
    for request in with_requests(every_request) {
        assert_eq!(header(&request, "authorization"), Some("Bearer token-1"), "{request:?}");
        assert_eq!(header(&request, "client-request-id"), Some("c"), "{request:?}");
        let prefer = header(&request, "prefer").expect("preferences");
        for preference in ["IdType=\"ImmutableId\"", "outlook.timezone=\"UTC\"", "outlook.body-content-type=\"html\""] {
            assert!(prefer.contains(preference), "{request:?}: {prefer}");
        }
        assert_eq!(request.body.is_some(), header(&request, "content-type").is_some(), "{request:?}");
        assert!(request.url.starts_with(BASE), "{request:?}");
    }
}

#[test]
fn urls_are_as_documented() {
    with_requests(|requests| {
        let table = [
            (
                requests.calendar_view_delta_of(None, window(), 50, "c"),
                "/me/calendarView/delta?startDateTime=1970-01-01T00%3A00%3A00Z&endDateTime=1970-01-02T00%3A00%3A00Z",
            ),
            (
                requests.calendar_view_delta_of(Some(&CalendarId::new("AQ/=")), window(), 50, "c"),
                "/me/calendars/AQ%2F%3D/calendarView/delta\
                 ?startDateTime=1970-01-01T00%3A00%3A00Z&endDateTime=1970-01-02T00%3A00%3A00Z",
            ),
            (requests.calendars("c"), "/me/calendars?$select=id,name,isDefaultCalendar&$top=100"),
            (requests.delete_event(&id(), &version(), "c"), "/me/events/AAMk%2Fa%2Bb%3D"),
            (requests.create_event(&json!({}), "c"), "/me/events"),
            (requests.probe_calendar("c"), "/me/events?$top=1&$select=id"),
        ];
        for (request, expected) in table {
            assert_eq!(request.url, format!("{BASE}{expected}"));
        }
    });
}

#[test]
fn a_page_size_is_asked_for_within_bounds() {
    with_requests(|requests| {
        for (size, expected) in [(0, 1), (50, 50), (u16::MAX, PAGE_SIZE_MAX)] {
            let request = requests.calendar_view_delta_of(None, window(), size, "c");
            let prefer = header(&request, "prefer").unwrap().to_owned();
            assert!(prefer.ends_with(&format!("odata.maxpagesize={expected}")), "{prefer}");
        }
    });
}

#[test]
fn a_link_is_followed_to_the_letter_and_only_to_graph() {
    with_requests(|requests| {
        let link = "https://GRAPH.example:8443/v1.0/me/calendarView/delta()?$skiptoken=a%2Fb|c";
        assert_eq!(requests.follow(&PageLink::new(link), 10, "c").unwrap().url, link);
        for foreign in [
            "https://evil.example/v1.0/me/calendarView/delta?$skiptoken=a",
            "https://graph.example/v1.0/me",
            "http://graph.example:8443/v1.0/me",
            "https://graph.example:8443@evil.example/v1.0/me",
            "https://user@graph.example:8443/v1.0/me",
            "//graph.example:8443/v1.0/me",
            "",
        ] {
            let followed = requests.follow(&PageLink::new(foreign), 10, "c");
            assert_eq!(followed, Err(RequestError::ForeignLink), "{foreign}");
        }
    });
}

#[test]
fn writes_are_conditional() {
    with_requests(|requests| {
        let update = requests.update_event(&id(), &version(), &json!({ "subject": "x" }), "c");
        assert_eq!((update.method, header(&update, "if-match")), (Method::Patch, Some("W/\"k\"")));
        assert_eq!(update.body.as_deref(), Some(br#"{"subject":"x"}"#.as_slice()));
        let delete = requests.delete_event(&id(), &version(), "c");
        assert_eq!((delete.method, header(&delete, "if-match")), (Method::Delete, Some("W/\"k\"")));
        assert_eq!(delete.body, None);
    });
}

#[test]
fn a_search_by_correlation_quotes_what_it_looks_for() {
    with_requests(|requests| {
        let request = requests.find_by_correlation(&LinkId::new("o'hara & co"), "c");
        let url = Url::parse(&request.url).unwrap();
        let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        assert_eq!(query[0].0, "$filter");
        assert_eq!(
            query[0].1,
            format!(
                "singleValueExtendedProperties/any(ep: ep/id eq '{CORRELATION_PROPERTY}' and ep/value eq 'o''hara & co')"
            )
        );
        assert_eq!(
            query[1],
            ("$expand".to_owned(), format!("singleValueExtendedProperties($filter=id eq '{CORRELATION_PROPERTY}')"))
        );
        assert!(!request.url.contains(' ') && !request.url.contains('+'), "{}", request.url);
    });
}

#[test]
fn a_batch_holds_its_parts_without_the_token() {
    with_requests(|requests| {
        let parts = [
            requests.get_event(&id(), "c1"),
            requests.update_event(&id(), &version(), &json!({ "subject": "x" }), "c2"),
        ];
        let batch = requests.batch(&parts, "c").unwrap();
        assert_eq!((batch.method, batch.url.as_str()), (Method::Post, "https://graph.example:8443/v1.0/$batch"));
        let text = String::from_utf8(batch.body.unwrap()).unwrap();
        assert!(!text.contains("token-1"), "{text}");
        let body: Value = serde_json::from_str(&text).unwrap();
        let inner = body["requests"].as_array().unwrap();
        assert_eq!(inner.len(), 2);
        assert_eq!((inner[0]["id"].as_str(), inner[1]["id"].as_str()), (Some("1"), Some("2")));
        assert!(inner[0]["url"].as_str().unwrap().starts_with("/me/events/AAMk%2Fa%2Bb%3D?$expand="));
        assert_eq!(inner[0].get("body"), None);
        assert_eq!(inner[1]["method"], "PATCH");
        assert_eq!(inner[1]["body"], json!({ "subject": "x" }));
        assert_eq!(inner[1]["headers"]["if-match"], "W/\"k\"");
        assert_eq!(inner[1]["headers"]["content-type"], "application/json");
        assert!(inner[1]["headers"]["prefer"].as_str().unwrap().contains("ImmutableId"));
    });
}

#[test]
fn a_batch_that_cannot_be_sent_is_refused() {
    with_requests(|requests| {
        let one = requests.get_event(&id(), "c");
        assert_eq!(requests.batch(&[], "c"), Err(RequestError::BatchSize(0)));
        assert_eq!(requests.batch(&vec![one.clone(); 21], "c"), Err(RequestError::BatchSize(21)));
        assert!(requests.batch(&vec![one.clone(); BATCH_PARTS_MAX], "c").is_ok());
        let foreign = HttpRequest { url: "https://graph.example:8443/v1.0evil/me".to_owned(), ..one.clone() };
        assert_eq!(requests.batch(&[foreign], "c"), Err(RequestError::ForeignLink));
        let broken = HttpRequest { body: Some(b"{".to_vec()), ..one };
        assert_eq!(requests.batch(&[broken], "c"), Err(RequestError::BatchBody(1)));
    });
}

#[test]
fn the_base_is_an_http_address_and_nothing_more() {
    for good in ["https://graph.microsoft.com/v1.0", "http://127.0.0.1:8081/v1.0/", "https://graph.example"] {
        let base = GraphBase::parse(good).expect(good);
        let url = Requests::new(&base, "t").create_event(&json!({}), "c").url;
        assert_eq!(url, format!("{}/me/events", good.trim_end_matches('/')));
    }
    for bad in ["", "graph.microsoft.com", "ftp://graph.example", "https://u:p@graph.example", "https://g.example/?a=b"]
    {
        assert_eq!(GraphBase::parse(bad), Err(RequestError::InvalidBase), "{bad}");
    }
}

#[test]
fn a_series_is_asked_for_with_every_property_that_is_read() {
    with_requests(|requests| {
        let request = requests.get_series(&id(), "c");
        assert!(request.url.starts_with(&format!("{BASE}/me/events/AAMk%2Fa%2Bb%3D?$select=id,")), "{}", request.url);
        let url = Url::parse(&request.url).unwrap();
        let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let selected: Vec<&str> = query[0].1.split(',').collect();
        assert_eq!(query[0].0, "$select");
        assert!(selected.contains(&"cancelledOccurrences") && selected.contains(&"exceptionOccurrences"));
        assert_eq!(
            query[1],
            (
                "$expand".to_owned(),
                format!("exceptionOccurrences,singleValueExtendedProperties($filter=id eq '{CORRELATION_PROPERTY}')")
            )
        );
        // Whatever the type of an event reads is selected, or it would be null.
        let source = include_str!("../wire/event.rs");
        let event = source.split("pub struct Event {").nth(1).unwrap().split("\n}").next().unwrap();
        for field in
            event.lines().filter_map(|line| line.trim().strip_prefix("pub ")).filter_map(|line| line.split(':').next())
        {
            let property: String = match field {
                "etag" | "single_value_extended_properties" | "more_exception_occurrences" => continue,
                "kind" => "type".to_owned(),
                "i_cal_uid" => "iCalUId".to_owned(),
                _ => field
                    .split('_')
                    .enumerate()
                    .map(|(number, word)| match number {
                        0 => word.to_owned(),
                        _ => word[..1].to_uppercase() + &word[1..],
                    })
                    .collect(),
            };
            assert!(selected.contains(&property.as_str()), "{property}");
        }
        assert!(requests.get_series_plain(&id(), "c").url.contains("?$expand=singleValueExtendedProperties"));
    });
}

#[test]
fn occurrences_and_further_calendars_have_documented_urls() {
    with_requests(|requests| {
        let bounds = "startDateTime=1970-01-01T00%3A00%3A00Z&endDateTime=1970-01-02T00%3A00%3A00Z";
        let calendar = CalendarId::new("AQ/1=");
        let table = [
            (requests.instances(&id(), window(), 50, "c"), format!("/me/events/AAMk%2Fa%2Bb%3D/instances?{bounds}")),
            (
                requests.calendar_view_delta_of(Some(&calendar), window(), 50, "c"),
                format!("/me/calendars/AQ%2F1%3D/calendarView/delta?{bounds}"),
            ),
            (requests.calendar_view_delta_of(None, window(), 50, "c"), format!("/me/calendarView/delta?{bounds}")),
            (requests.calendars("c"), "/me/calendars?$select=id,name,isDefaultCalendar&$top=100".to_owned()),
            (requests.delete_occurrence(&id(), None, "c"), "/me/events/AAMk%2Fa%2Bb%3D".to_owned()),
        ];
        for (request, expected) in table {
            assert_eq!(request.url, format!("{BASE}{expected}"));
        }
        let update = requests.update_occurrence(&id(), Some(&version()), &json!({}), "c");
        assert_eq!((update.method, header(&update, "if-match")), (Method::Patch, Some("W/\"k\"")));
        assert_eq!(header(&requests.update_occurrence(&id(), None, &json!({}), "c"), "if-match"), None);
        assert_eq!(header(&requests.delete_occurrence(&id(), Some(&version()), "c"), "if-match"), Some("W/\"k\""));
    });
}

#[test]
fn an_invitation_is_answered_by_an_action_of_its_own() {
    with_requests(|requests| {
        for (answer, action) in [
            (AttendeeStatus::Accepted, "accept"),
            (AttendeeStatus::Tentative, "tentativelyAccept"),
            (AttendeeStatus::Declined, "decline"),
        ] {
            let request = requests.respond(&id(), answer, "c").unwrap();
            assert_eq!(request.url, format!("{BASE}/me/events/AAMk%2Fa%2Bb%3D/{action}"));
            assert_eq!(
                (request.method, request.body.as_deref()),
                (Method::Post, Some(br#"{"sendResponse":true}"#.as_slice()))
            );
        }
        assert_eq!(requests.respond(&id(), AttendeeStatus::None, "c"), Err(RequestError::NoAnswer));
    });
}
