//! Series that meet an hour which the clocks skip: both sides show the same
//! instants on every day (RFC 5545, section 3.3.5; pitfall 9).

use serde_json::{Value, json};
use tandem_tests::World;

use crate::calendar::wrote;

/// The clocks of Sydney skip from 2:00 to 3:00 on the fourth of October.
#[tokio::test]
async fn an_occurrence_that_the_clock_skips_ends_behind_its_start_on_both_sides() {
    for from_crm in [true, false] {
        let world = World::connected().await;
        let (start, end) = ("2026-04-04T02:30:00", "2026-04-04T03:00:00");
        if from_crm {
            let event = json!({
                "title": "Night watch", "start": "2026-04-03T15:30:00Z", "end": "2026-04-03T16:00:00Z",
                "timeZone": "Australia/Sydney", "recurrence": {
                    "type": "monthly", "interval": 1, "dayOfMonth": 4, "startTime": "2026-04-03T15:30:00Z",
                    "occurrences": 8, "timeZone": "Australia/Sydney",
                },
            });
            world.crm_create("anna", &event).await;
        } else {
            let moment = |clock: &str| json!({"dateTime": clock, "timeZone": "AUS Eastern Standard Time"});
            let event = json!({
                "subject": "Night watch", "start": moment(start), "end": moment(end), "recurrence": {
                    "pattern": {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 4},
                    "range": {"type": "numbered", "startDate": "2026-04-04", "numberOfOccurrences": 8},
                },
            });
            world.outlook("anna").await.create(&event).await;
        }
        world.sync("anna").await;
        let shown = world.assert_same("anna", "2026-03-01T00:00:00Z", "2026-12-31T00:00:00Z").await;
        assert_eq!(shown.len(), 8, "{shown:?}");
        let skipped = "2026-10-03T16:30:00Z 2026-10-03T17:00:00Z Night watch";
        assert!(shown.contains(&skipped.to_owned()), "from the CRM: {from_crm}: {shown:?}");
    }
}

/// A series of Outlook in New York, where the clocks go from 2:00 to 3:00 on the
/// eighth of March: when it begins and ends, its pattern, and what is shown of
/// its first two occurrences.
const FIRST_DAY_SKIPPED: [(&str, &str, &str, [&str; 2]); 3] = [
    (
        "ends in the skipped hour",
        "2026-03-08T01:00:00",
        "2026-03-08T02:30:00",
        ["2026-03-08T06:00:00Z 2026-03-08T07:30:00Z Watch", "2026-03-15T05:00:00Z 2026-03-15T07:30:00Z Watch"],
    ),
    (
        "begins in the skipped hour",
        "2026-03-08T02:30:00",
        "2026-03-08T04:00:00",
        ["2026-03-08T07:30:00Z 2026-03-08T08:00:00Z Watch", "2026-03-15T07:30:00Z 2026-03-15T08:00:00Z Watch"],
    ),
    (
        "begins the day before, and falls on the skipped hour first",
        "2026-03-07T02:30:00",
        "2026-03-07T04:00:00",
        ["2026-03-08T07:30:00Z 2026-03-08T08:00:00Z Watch", "2026-03-15T07:30:00Z 2026-03-15T08:00:00Z Watch"],
    ),
];

/// An item's start and end are instants in Exchange, and the rule's times come
/// from them (CDO, `RecurrencePattern.EndTime`): a reading that does not exist is
/// settled when the series is made, and holds on all other days.
#[tokio::test]
async fn a_series_of_outlook_whose_first_day_skips_its_hour_has_one_length_on_both_sides() {
    for (case, start, end, first_two) in FIRST_DAY_SKIPPED {
        let world = World::connected().await;
        let moment = |clock: &str| json!({"dateTime": clock, "timeZone": "Eastern Standard Time"});
        let series = json!({
            "subject": "Watch", "start": moment(start), "end": moment(end), "recurrence": {
                "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["sunday"], "firstDayOfWeek": "sunday"},
                "range": {"type": "numbered", "startDate": &start[..10], "numberOfOccurrences": 40},
            },
        });
        world.outlook("anna").await.create(&series).await;
        wrote(&world.sync("anna").await, [1, 0, 0], [0, 0, 0]);
        settled_from(&world, case, first_two).await;
    }
}

/// The same from the CRM, which keeps when the rule began beside when the event
/// does.
#[tokio::test]
async fn a_series_of_the_crm_whose_first_day_skips_its_hour_has_one_length_on_both_sides() {
    let world = World::connected().await;
    let series = json!({
        "title": "Watch", "start": "2026-03-07T07:30:00Z", "end": "2026-03-07T09:00:00Z",
        "timeZone": "America/New_York", "recurrence": {
            "type": "weekly", "interval": 1, "dayOfWeek": ["sunday"], "startTime": "2026-03-07T07:30:00Z",
            "occurrences": 40, "timeZone": "America/New_York",
        },
    });
    world.crm_create("anna", &series).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [1, 0, 0]);
    let [.., (_, _, _, first_two)] = FIRST_DAY_SKIPPED;
    settled_from(&world, "from the CRM", first_two).await;
}

/// Both sides show forty occurrences alike, the first two as given, and have
/// nothing more to tell each other, before and after a rename.
async fn settled_from(world: &World, case: &str, first_two: [&str; 2]) {
    let shown = world.assert_same("anna", "2026-03-01T00:00:00Z", "2027-02-01T00:00:00Z").await;
    assert_eq!((shown.len(), [&*shown[0], &*shown[1]]), (40, first_two), "{case}");
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    let event = World::only(&world.crm_events("anna").await, "Watch");
    world.crm_update(&event["id"], &json!({"title": "Watch"})).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    let description: Value = json!({"description": "<p>Two torches</p>"});
    world.crm_update(&event["id"], &description).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    let after = world.assert_same("anna", "2026-03-01T00:00:00Z", "2027-02-01T00:00:00Z").await;
    assert_eq!(after, shown, "{case}");
}
