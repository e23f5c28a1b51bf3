//! What a look at a single day means for the write that is to follow.
#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;
use crate::graph::Subject;
use crate::run::testing::answer;

fn day(text: &str) -> CivilDate {
    CivilDate::from(text.parse::<chrono::NaiveDate>().unwrap())
}

/// A part with one day to be written, whose occurrence has been seen by this id.
fn part(write: DayWrite, id: Option<&str>) -> Parts {
    let at = day("2027-03-16");
    Parts {
        index: 0,
        id: GraphId::new("series"),
        record: Record::default(),
        series: None,
        ids: id.map(|id| (at, GraphId::new(id))).into_iter().collect(),
        days: [(at, write)].into(),
        wanted: Exceptions::new(),
        response: None,
    }
}

fn not_found() -> Answer {
    let gone = answer(404, &json!({"error": {"code": "ErrorItemNotFound"}})).unwrap();
    Err(Failure::of_status(&gone, Subject::Item))
}

/// An answer to the cancellation was lost, or somebody was faster; and what may
/// have been moved is not taken for cancelled.
#[test]
fn only_a_day_that_is_gone_by_its_own_id_is_cancelled_already() {
    let at = day("2027-03-16");
    let change = || DayWrite::Change(json!({"subject": "Visit"}), None);
    let no_instances = Ok(answer(200, &json!({"value": []})).unwrap());
    let is_wanted = |part: Parts, answer| matches!(part.found(at, answer).unwrap(), FoundDay::AsWanted);
    assert!(is_wanted(part(DayWrite::Cancel, Some("occurrence")), not_found()));
    assert!(!is_wanted(part(change(), Some("occurrence")), not_found()));
    assert!(!is_wanted(part(DayWrite::Cancel, None), no_instances));
}
