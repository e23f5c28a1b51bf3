//! Query options: which are understood where, and what becomes of the others.

use super::*;

const WINDOW: &str = "startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z";

/// A path of each kind, with an event, a series and a task behind it.
async fn paths(world: &World) -> Vec<(&'static str, String)> {
    let single = world.create(event("Talk", 10, 9)).await;
    let series = world.create(daily(3)).await;
    let (single, series) = (id(&single).to_owned(), id(&series).to_owned());
    let list = id(&world.get("/me/todo/lists").await.items()[0]).to_owned();
    let tasks = format!("/me/todo/lists/{list}/tasks");
    let task = id(&world.post(&tasks, json!({ "title": "Do" })).await.body).to_owned();
    vec![
        ("events", "/me/events?".to_owned()),
        ("view", format!("/me/calendarView?{WINDOW}&")),
        ("instances", format!("/me/events/{series}/instances?{WINDOW}&")),
        ("event", format!("/me/events/{single}?")),
        ("calendars", "/me/calendars?".to_owned()),
        ("calendar", "/me/calendar?".to_owned()),
        ("groups", "/me/calendarGroups?".to_owned()),
        ("attachments", format!("/me/events/{single}/attachments?")),
        ("extensions", format!("/me/events/{single}/extensions?")),
        ("lists", "/me/todo/lists?".to_owned()),
        ("list", format!("/me/todo/lists/{list}?")),
        ("tasks", format!("{tasks}?")),
        ("task", format!("{tasks}/{task}?")),
        ("checklist", format!("{tasks}/{task}/checklistItems?")),
        ("lists delta", "/me/todo/lists/delta?".to_owned()),
        ("tasks delta", format!("{tasks}/delta?")),
        ("view delta", format!("/me/calendarView/delta?{WINDOW}&")),
        ("events delta", "/me/events/delta?".to_owned()),
    ]
}

#[tokio::test]
async fn no_option_is_passed_over_in_silence() {
    let world = World::new();
    let options = [
        ("$select", "id"),
        ("$expand", "nothing"),
        ("$filter", "id eq 'x'"),
        ("$top", "1"),
        ("$skip", "1"),
        ("$orderby", "nothing"),
        ("$count", "true"),
        ("$search", "\"x\""),
        ("$apply", "x"),
        ("select", "id"),
    ];
    // What each answers to the options above: `y` done, `n` refused as the
    // service does, `-` not here.
    let table = [
        ("events", "ynnyy-ynn-"),
        ("view", "ynnyy-ynn-"),
        ("instances", "ynnyy-ynn-"),
        ("event", "ynnnnnnnn-"),
        ("calendars", "y-nyy-ynn-"),
        ("calendar", "y-nnnnnnn-"),
        ("groups", "y-nyy-ynn-"),
        ("attachments", "y--yy-ynn-"),
        ("extensions", "---yy-ynn-"),
        ("lists", "y--yy-ynn-"),
        ("list", "y------nn-"),
        ("tasks", "n--yy-ynn-"),
        ("task", "n------nn-"),
        ("checklist", "---yy-ynn-"),
        ("lists delta", "-------nn-"),
        ("tasks delta", "n------nn-"),
        ("view delta", "nnnnnnnnn-"),
        ("events delta", "----n-nnn-"),
    ];
    let paths = paths(&world).await;
    let mut seen = Vec::new();
    for (name, path) in &paths {
        let mut line = String::new();
        for (option, value) in options {
            let answer = world.get(&format!("{path}{}={}", escaped(option), escaped(value))).await;
            line.push(match answer.status {
                200 => 'y',
                400 => 'n',
                501 => '-',
                other => panic!("{name} {option}: {other} {}", answer.text),
            });
        }
        seen.push((*name, line));
    }
    let seen: Vec<(&str, &str)> = seen.iter().map(|(name, line)| (*name, line.as_str())).collect();
    assert_eq!(seen, table);
}

#[tokio::test]
async fn an_option_stands_once() {
    let world = World::new();
    let answer = world.get("/me/events?$top=1&$top=2").await;
    assert_eq!((answer.status, answer.code()), (400, "BadRequest"));
    assert_eq!(world.get("/me/events?mine=1&mine=2").await.status, 200);
}

#[tokio::test]
async fn collections_are_counted_with_their_filter() {
    let world = World::new();
    let paths = paths(&world).await;
    let task = paths.iter().find(|(name, _)| *name == "task").unwrap().1.trim_end_matches('?').to_owned();
    let cases = [
        ("/me/events/$count".to_owned(), "2"),
        (format!("/me/events/$count?$filter={}", escaped("subject eq 'Talk'")), "1"),
        (format!("/me/calendarView/$count?{WINDOW}"), "4"),
        ("/me/calendar/events/$count".to_owned(), "2"),
        ("/me/calendars/$count".to_owned(), "1"),
        (format!("{task}/checklistItems/$count"), "0"),
    ];
    for (path, count) in cases {
        let answer = world.get(&path).await;
        assert_eq!((answer.text.as_str(), answer.header("content-type")), (count, "text/plain"), "{path}");
    }
}
