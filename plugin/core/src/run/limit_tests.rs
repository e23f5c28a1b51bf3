//! What has no end is left after a named number of pages, and not asked for at
//! every poll.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use serde_json::json;

use crate::model::{FieldValue, Pattern, RangeEnd, Record, Recurrence, Rule, Zone};
use crate::ports::{CrmException, CrmOccurrence, OriginalStart};
use crate::sync::IssueCode;

use super::Next;
use super::testing::{Host, answer, event, is_write, page, record};

/// A page of instances without the one that is looked for, and another behind it.
fn crowded() -> super::testing::Answer {
    answer(200, &json!({"value": [], "@odata.nextLink": "https://graph.example/v1.0/me/events/new/instances?$skip=9"}))
}

#[test]
fn an_occurrence_behind_too_many_others_is_named_once_and_not_looked_for_at_every_poll() {
    let mut host = Host::new(|request| {
        let mut series = event("new", "v1", "Jour fixe");
        let start = super::testing::series_start();
        series["type"] = json!("seriesMaster");
        series["start"] = json!({"dateTime": start, "timeZone": "UTC"});
        series["end"] = json!({"dateTime": start.replace(":00:00", ":59:00"), "timeZone": "UTC"});
        let range = json!({"type": "noEnd", "startDate": start[..10], "recurrenceTimeZone": "UTC"});
        series["recurrence"] = json!({"pattern": {"type": "daily", "interval": 1}, "range": range});
        series["cancelledOccurrences"] = json!([]);
        series["exceptionOccurrences"] = json!([]);
        if request.url.contains("/instances") {
            crowded()
        } else if is_write(request) {
            answer(201, &series)
        } else if request.url.contains("/me/events/new") {
            answer(200, &series)
        } else {
            page(&[])
        }
    });
    let mut item = record("crm-0", "1", "Jour fixe");
    let rule = Rule { pattern: Pattern::Daily, interval: 1, end: RangeEnd::Never, zone: Some(Zone::UTC) };
    item.record.set(FieldValue::Recurrence(Recurrence::Rule(rule)));
    let day = item.record.time().unwrap().span().0.plus(chrono::TimeDelta::days(2));
    let changed: Record = [FieldValue::Title("Workshop".to_owned())].into_iter().collect();
    item.exceptions =
        vec![CrmException { original_start: OriginalStart::At(day), state: CrmOccurrence::Changed(changed) }];
    host.records.push(item);
    let report = host.step();
    assert_eq!((report.next, report.counts.m365.created), (Next::Idle, 1), "{:?}", report.issues);
    let codes: Vec<IssueCode> = report.issues.iter().map(|issue| issue.code).collect();
    assert_eq!(codes, [IssueCode::NotMappable], "{:?}", report.issues);
    assert!(report.issues[0].message.contains("too many"), "{:?}", report.issues);
    for _ in 0..2 {
        let report = host.step();
        assert_eq!(host.requests(), ["GET /me/calendarView/delta"], "{:?}", report.issues);
    }
}
