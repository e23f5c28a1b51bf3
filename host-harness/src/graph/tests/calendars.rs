//! Several calendars in one mailbox.

use super::*;

#[tokio::test]
async fn calendars_are_found_by_name_and_selected_and_paged() {
    let world = World::new();
    for name in ["Project", "O'Neill"] {
        assert_eq!(world.post("/me/calendars", json!({ "name": name })).await.status, 201);
    }
    let found = world.get(&format!("/me/calendars?$filter={}&$select=name", escaped("name eq 'O''Neill'"))).await;
    assert_eq!((found.items().len(), &found.items()[0]["name"]), (1, &json!("O'Neill")));
    let mut names: Vec<&str> = found.items()[0].as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["id", "name"]);
    let mut seen = Vec::new();
    let mut next = Some("/me/calendars?$top=2".to_owned());
    while let Some(path) = next {
        let page = world.get(&path).await;
        assert!(page.items().len() <= 2);
        seen.extend(page.items().iter().map(|item| item["name"].as_str().unwrap().to_owned()));
        next = page.body["@odata.nextLink"].as_str().map(str::to_owned);
    }
    assert_eq!(seen, ["Calendar", "Project", "O'Neill"]);
    for filter in ["color eq 'auto'", "name eq 'Project' or name eq 'Calendar'"] {
        assert_eq!(world.get(&format!("/me/calendars?$filter={}", escaped(filter))).await.status, 501, "{filter}");
    }
}

#[tokio::test]
async fn every_path_of_a_calendar_is_about_that_calendar() {
    let world = World::new();
    let project = world.post("/me/calendars", json!({ "name": "Project" })).await.body;
    let path = format!("/me/calendars/{}", escaped(id(&project)));
    world.create(event("Elsewhere", 10, 9)).await;
    let here = world.post(&format!("{path}/events"), event("Here", 10, 9)).await.body;
    let window = "startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z";
    for list in ["events", &format!("calendarView?{window}"), &format!("calendarView/delta?{window}"), "events/delta"] {
        let answer = world.get(&format!("{path}/{list}")).await;
        assert_eq!(answer.items().iter().map(id).collect::<Vec<_>>(), [id(&here)], "{list}");
    }
    let one = format!("{path}/events/{}", id(&here));
    let change = Some(json!({ "subject": "Changed" }));
    assert_eq!(world.graph_as(&world.token, "PATCH", &one, &[], change).await.body["subject"], "Changed");
    assert_eq!(world.graph_as(&world.token, "DELETE", &one, &[], None).await.status, 204);
    assert!(world.get(&format!("{path}/events")).await.items().is_empty());
}

#[tokio::test]
async fn the_zone_of_the_mailbox_can_be_read_alone() {
    let world = World::new();
    let answer = world.get("/me/mailboxSettings/timeZone").await;
    assert_eq!((answer.status, answer.body["value"].as_str()), (200, Some("W. Europe Standard Time")));
}
