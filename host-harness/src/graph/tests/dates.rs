//! Years that Graph's types do not have: nothing takes them, and the first and
//! the last year that they have can be written, read and asked for everywhere.

use super::*;

/// Readings before the first one and behind the last one that there are.
const BEYOND: [&str; 5] = [
    "-262143-01-01T00:00:00",
    "0000-12-31T23:59:59",
    "+10000-01-01T00:00:00",
    "+262142-12-31T22:00:00",
    "2016-12-31T23:59:60",
];
const ZONES: [&str; 3] = ["UTC", "Dateline Standard Time", "Line Islands Standard Time"];

fn reading_in(reading: &str, zone: &str) -> Value {
    json!({ "dateTime": reading, "timeZone": zone })
}

#[tokio::test]
async fn an_event_has_a_year_from_1_to_9999() {
    let world = World::new();
    let known = world.create(event("Talk", 10, 9)).await;
    for reading in BEYOND {
        for zone in ZONES {
            for given in [reading.to_owned(), format!("{reading}Z"), format!("{reading}+14:00")] {
                let time = reading_in(&given, zone);
                let refused = world.post("/me/events", json!({ "start": time, "end": time })).await;
                assert_eq!((refused.status, refused.code()), (400, "ErrorPropertyValidationFailure"), "{given} {zone}");
                let refused = world.patch(id(&known), json!({ "end": time })).await;
                assert_eq!((refused.status, refused.code()), (400, "ErrorPropertyValidationFailure"), "{given} {zone}");
            }
        }
    }
    let mut series = daily(3);
    for (name, date) in [("startDate", "-262143-01-01"), ("endDate", "+262142-12-31"), ("endDate", "0000-12-31")] {
        let range = json!({ "type": "endDate", "startDate": "2026-03-02", "endDate": "2026-03-04" });
        series["recurrence"]["range"] = range;
        series["recurrence"]["range"][name] = json!(date);
        let refused = world.post("/me/events", series.clone()).await;
        assert_eq!(refused.status, 400, "{name} {date}: {}", refused.text);
    }
}

#[tokio::test]
async fn the_first_and_the_last_year_are_read_in_every_zone() {
    let world = World::new();
    for (start, end) in
        [("0001-01-01T00:00:00", "0001-01-01T02:00:00"), ("9999-12-31T22:00:00", "9999-12-31T23:59:59.9999999")]
    {
        for zone in ZONES {
            let given = json!({ "subject": zone, "start": reading_in(start, zone), "end": reading_in(end, zone) });
            let created = world.create(given).await;
            let mut series = daily(3);
            (series["start"], series["end"]) = (reading_in(start, zone), reading_in(end, zone));
            series["recurrence"]["range"] = json!({ "type": "noEnd", "startDate": &start[..10] });
            let series = world.create(series).await;
            for shown in ZONES {
                let prefer = format!("outlook.timezone=\"{shown}\"");
                for path in [
                    format!("/me/events/{}", id(&created)),
                    format!("/me/events/{}", id(&series)),
                    format!("/me/events/{}/instances?startDateTime={start}&endDateTime={end}", id(&series)),
                ] {
                    let answer = world.get_with(&path, &[("prefer", &prefer)]).await;
                    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
                    assert!(!answer.text.contains("\"+10000"), "{path}: {}", answer.text);
                    assert!(!answer.text.contains("\"0000"), "{path}: {}", answer.text);
                }
            }
        }
    }
}

#[tokio::test]
async fn no_window_and_no_filter_reaches_beyond_the_years() {
    let world = World::new();
    for reading in BEYOND {
        let reading = escaped(reading);
        for window in [
            format!("startDateTime={reading}Z&endDateTime=2026-03-09T00:00:00Z"),
            format!("startDateTime=2026-03-02T00:00:00Z&endDateTime={reading}"),
        ] {
            for path in ["/me/calendarView", "/me/calendarView/delta"] {
                let refused = world.get(&format!("{path}?{window}")).await;
                assert_eq!((refused.status, refused.code()), (400, "ErrorInvalidParameter"), "{path}?{window}");
            }
        }
        let refused = world.get(&format!("/me/events?$filter=start/dateTime%20ge%20'{reading}'")).await;
        assert_eq!(refused.status, 400, "{reading}: {}", refused.text);
    }
    let whole = "startDateTime=0001-01-01T00:00:00Z&endDateTime=9999-12-31T23:59:59Z";
    assert_eq!(world.get(&format!("/me/calendarView?{whole}")).await.status, 200);
}

#[tokio::test]
async fn a_due_date_and_a_reminder_have_a_year_from_1_to_9999() {
    let world = World::new();
    let list = world.get("/me/todo/lists").await.items()[0]["id"].as_str().unwrap().to_owned();
    let tasks = format!("/me/todo/lists/{list}/tasks");
    for reading in BEYOND {
        for name in ["dueDateTime", "reminderDateTime", "startDateTime"] {
            let mut task = json!({ "title": "Call" });
            task[name] = reading_in(reading, "Dateline Standard Time");
            let refused = world.post(&tasks, task).await;
            assert_eq!(refused.status, 400, "{name} {reading}: {}", refused.text);
        }
    }
    for reading in ["0001-01-01T00:00:00", "9999-12-31T23:59:59"] {
        for zone in ZONES {
            let mut task = json!({ "title": "Call", "dueDateTime": reading_in(reading, zone) });
            task["reminderDateTime"] = reading_in(reading, zone);
            let range = json!({ "type": "noEnd", "startDate": &reading[..10] });
            task["recurrence"] = json!({ "pattern": { "type": "daily", "interval": 1 }, "range": range });
            let created = world.post(&tasks, task).await;
            assert_eq!(created.status, 201, "{reading} {zone}: {}", created.text);
            let path = format!("{tasks}/{}", created.body["id"].as_str().unwrap());
            let done = world.graph_as(&world.token, "PATCH", &path, &[], Some(json!({ "status": "completed" }))).await;
            assert_eq!(done.status, 200, "{reading} {zone}: {}", done.text);
        }
    }
}

#[tokio::test]
async fn the_page_of_a_week_shows_today_instead_of_a_week_that_there_is_not() {
    let world = World::new();
    let week = |date: &str| format!("/_emulator/mailboxes/{ALICE}/calendar?date={}", escaped(date));
    for date in ["-262143-01-01", "0000-12-31", "+10000-01-01", "+262142-12-31"] {
        let request = Request::builder().uri(week(date)).header("host", "127.0.0.1:8081").body(Body::empty()).unwrap();
        let answer = world.send(request).await;
        assert!(answer.status == 200 && answer.text.contains("2 – 8 Mar 2026"), "{date}: {}", answer.text);
    }
    for date in ["0001-01-01", "9999-12-31"] {
        let request = Request::builder().uri(week(date)).header("host", "127.0.0.1:8081").body(Body::empty()).unwrap();
        assert_eq!(world.send(request).await.status, 200, "{date}");
    }
}
