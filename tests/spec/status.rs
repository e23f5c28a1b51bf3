//! What the status and the pages of a resource say of whether both sides are in
//! step.

use serde_json::{Value, json};
use tandem_tests::form::has_link;
use tandem_tests::{Browser, Form, World};

/// Last run, next run and lag of a resource.
async fn times(world: &World, resource: &str) -> [Value; 3] {
    let row = world.status_of("anna", resource).await;
    ["lastSyncAt", "nextSyncAt", "lagSeconds"].map(|name| row[name].clone())
}

/// What a resource waits for, and what that means.
async fn waits(world: &World, resource: &str) -> [Value; 2] {
    let row = world.status_of("anna", resource).await;
    ["waitsFor", "explanation"].map(|name| row[name].clone())
}

/// How many open alerts are counted at which resource.
async fn open_alerts(world: &World) -> Vec<(String, u64)> {
    let rows = world.crm.get("/api/status").await.ok();
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| (row["resource"].as_str().unwrap().to_owned(), row["openAlerts"].as_u64().unwrap())).collect()
}

#[tokio::test]
async fn an_account_that_waits_for_somebody_shows_no_next_run_of_anything() {
    // E1
    let world = World::connected_with_tasks().await;
    world.run_due().await;
    for what in ["accessTokens", "refreshTokens"] {
        world.expire(what).await;
    }
    world.advance(660).await;
    // The calendar finds it out; of the tasks a run is planned still.
    world.sync("anna").await;
    for resource in ["calendar", "tasks"] {
        assert_eq!(
            times(&world, resource).await,
            [json!("2026-03-02T08:00:00Z"), json!(null), json!(60)],
            "{resource}"
        );
    }
    world.connect("anna").await;
    assert_eq!(times(&world, "tasks").await[1], "2026-03-02T08:11:00Z");
}

#[tokio::test]
async fn an_account_that_waits_for_somebody_is_shown_with_what_to_do_and_its_alert_is_counted_once() {
    // E1, E12
    let world = World::connected_with_tasks().await;
    world.run_due().await;
    for what in ["accessTokens", "refreshTokens"] {
        world.expire(what).await;
    }
    world.sync("anna").await;
    let sentence = "Microsoft no longer accepts the sign-in of this account. Connect again to go on.";
    for resource in ["calendar", "tasks"] {
        assert_eq!(waits(&world, resource).await, [json!("reconnect-needed"), json!(sentence)], "{resource}");
    }
    // What is off waits for nothing.
    assert_eq!(waits(&world, "mail").await, [json!(null), json!(null)]);
    assert_eq!(
        open_alerts(&world).await,
        [("calendar".to_owned(), 1), ("tasks".to_owned(), 0), ("mail".to_owned(), 0)]
    );
    let page = Browser::signed_in(&world.crm, "anna").await.page("/status").await;
    assert!(page.contains(&format!("Waits: {sentence}")), "{page}");
    assert_eq!(page.matches(sentence).count(), 2, "{page}");
    assert!(has_link(&page, "/configuration/my#microsoft-account"), "{page}");
    world.connect("anna").await;
    world.run_due().await;
    for resource in ["calendar", "tasks"] {
        assert_eq!(waits(&world, resource).await, [json!(null), json!(null)], "{resource}");
    }
}

#[tokio::test]
async fn a_permission_that_is_missing_is_named_at_the_resource_that_lacks_it() {
    let world = World::connected().await;
    world.switch_tasks_on().await;
    world.run_due().await;
    world.sync_tasks("anna").await;
    let [reason, explanation] = waits(&world, "tasks").await;
    assert_eq!(reason, "missing-permission");
    let sentence = "This Microsoft permission is missing: Tasks.ReadWrite. Connect again and accept all of them.";
    assert_eq!(explanation, sentence);
    assert_eq!(waits(&world, "calendar").await, [json!(null), json!(null)], "the calendar goes on");
    assert_eq!(
        open_alerts(&world).await,
        [("calendar".to_owned(), 0), ("tasks".to_owned(), 1), ("mail".to_owned(), 0)]
    );
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    assert!(anna.page("/status").await.contains(sentence));
    assert!(anna.page("/tasks").await.contains(sentence));
    assert!(!anna.page("/calendar").await.contains(sentence));
}

#[tokio::test]
async fn a_permission_that_graph_denies_is_one_too() {
    // The token has it, the tenant or the mailbox does not give it.
    let world = World::connected().await;
    world.fault(json!([{"match": {"path": "calendarView"}, "times": 1, "do": "unauthorized", "status": 403}])).await;
    world.run_due().await;
    let [reason, explanation] = waits(&world, "calendar").await;
    assert_eq!(reason, "missing-permission");
    assert!(explanation.as_str().unwrap().contains("Run Check Connection"), "{explanation}");
}

#[tokio::test]
async fn a_guard_rail_is_waited_for_until_it_is_released() {
    let world = World::connected().await;
    for day in 10..22 {
        let (start, end) = (format!("2026-03-{day}T09:00:00Z"), format!("2026-03-{day}T10:00:00Z"));
        world.crm_create_timed("anna", "Review", &start, &end).await;
    }
    world.run_due().await;
    let outlook = world.outlook("anna").await;
    for event in outlook.events().await {
        outlook.delete(event["id"].as_str().unwrap()).await;
    }
    world.advance(600).await;
    world.run_due().await;
    let [reason, explanation] = waits(&world, "calendar").await;
    assert_eq!(reason, "guard-rail");
    assert!(explanation.as_str().unwrap().contains("Its alert says why"), "{explanation}");
    let alerts = world.alerts().await;
    let id = alerts[0]["id"].as_str().unwrap();
    // An account that has to be connected again keeps runs from beginning, and nobody from releasing it.
    world.add_administrator("root", "Acme").await;
    let mut root = Browser::signed_in(&world.crm, "root").await;
    let of_anna = format!("/status/{}", world.user_id("anna").await);
    let can = |page: &str| (page.contains(">Sync now<"), page.contains(">Release the guard rail …</a>"));
    assert_eq!(can(&root.page(&of_anna).await), (true, true));
    for what in ["accessTokens", "refreshTokens"] {
        world.expire(what).await;
    }
    world.sync("anna").await;
    assert_eq!(can(&root.page(&of_anna).await), (false, true));
    world.connect("anna").await;
    let release = format!("/api/alerts/{id}/release");
    world.crm.post(&release, &json!({})).await.ok();
    assert_eq!(waits(&world, "calendar").await, [json!(null), json!(null)]);
}

#[tokio::test]
async fn the_status_of_who_is_not_connected_says_so() {
    let world = World::empty().await;
    world.configure().await;
    world.add_user("anna", "Acme").await;
    let sentence = "No Microsoft account is connected. Connect one in the user's settings.";
    assert_eq!(waits(&world, "calendar").await, [json!("not-connected"), json!(sentence)]);
    assert_eq!(waits(&world, "tasks").await, [json!(null), json!(null)], "they are off");

    // A page says it to whoever reads it, and leads there.
    world.add_administrator("root", "Acme").await;
    let user = world.user_id("anna").await;
    let to_the_user = ("Connect one in your settings.", "/configuration/my#microsoft-account".to_owned());
    let of_the_user =
        ("Connect one in the user&#x27;s settings.", format!("/configuration/user/{user}#microsoft-account"));
    for (login, (sentence, account)) in [("anna", to_the_user), ("root", of_the_user)] {
        let mut browser = Browser::signed_in(&world.crm, login).await;
        // Where nothing can run there are buttons on a page of before alone.
        world.connect("anna").await;
        let before = browser.page("/calendar?user=anna").await;
        world.disconnect("anna").await;
        let status = browser.page("/status?q=anna").await;
        assert!(status.contains(sentence) && has_link(&status, &account), "{login}: {status}");
        let calendar = browser.page("/calendar?user=anna").await;
        assert!(calendar.contains(sentence) && has_link(&calendar, &account), "{login}: {calendar}");
        for button in ["/calendar/sync", "/calendar/preview"] {
            assert!(Form::find(&calendar, button).is_none(), "{login} {button}: {calendar}");
            let answer = browser.press(&before, button).await;
            let (_, report) = answer.split_once("id=\"report\"").unwrap_or_else(|| panic!("{login}: {answer}"));
            let report = report.split("</section>").next().unwrap();
            assert!(report.contains(sentence) && has_link(report, &account), "{login} {button}: {report}");
        }
    }
}

#[tokio::test]
async fn only_a_run_that_came_to_its_end_on_both_sides_counts_as_the_last_one() {
    // E1
    let world = World::connected().await;
    world.run_due().await;
    assert_eq!(
        times(&world, "calendar").await,
        [json!("2026-03-02T08:00:00Z"), json!("2026-03-02T08:10:00Z"), json!(0)]
    );
    // Throttled, torn down: neither has brought anything into step.
    world.advance(600).await;
    world
        .fault(json!([{"match": {"path": "calendarView"}, "times": 1, "do": "throttle", "retryAfterSeconds": 300}]))
        .await;
    world.run_due().await;
    let [last, next, lag] = times(&world, "calendar").await;
    assert_eq!((last, lag), (json!("2026-03-02T08:00:00Z"), json!(0)));
    // Nobody comes back at the very moment that Microsoft has named.
    assert!(next.as_str().unwrap().starts_with("2026-03-02T08:15:00"), "{next}");
    world.advance(330).await;
    world.crash_after(2).await;
    world.run_due().await;
    let [last, next, lag] = times(&world, "calendar").await;
    assert_eq!((last, next, lag), (json!("2026-03-02T08:00:00Z"), json!("2026-03-02T08:25:30Z"), json!(330)));
    world.advance(600).await;
    world.run_due().await;
    assert_eq!(
        times(&world, "calendar").await,
        [json!("2026-03-02T08:25:30Z"), json!("2026-03-02T08:35:30Z"), json!(0)]
    );
}

#[tokio::test]
async fn a_resource_that_never_came_to_an_end_lags_since_it_was_tried_first() {
    let world = World::connected().await;
    world.fault(json!([{"match": {"path": "calendarView"}, "do": "unavailable", "times": 50}])).await;
    world.run_due().await;
    world.advance(3600).await;
    world.run_due().await;
    let [last, _, lag] = times(&world, "calendar").await;
    assert_eq!((last, lag), (json!(null), json!(3600)));
}

#[tokio::test]
async fn a_lag_is_said_alike_wherever_it_is_said() {
    let world = World::connected().await;
    world.run_due().await;
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    let path = format!("/status/{}", world.user_id("anna").await);
    for (late, said) in [(0, "None"), (900, "5 minutes")] {
        world.advance(late).await;
        let list = anna.page("/status").await;
        assert!(list.contains(&format!("<td data-label=\"Lag\" class=\"nowrap\">{said}</td>")), "{late}: {list}");
        // Of tasks, which are off, it is not known.
        assert!(list.contains("<td data-label=\"Lag\" class=\"nowrap\">–</td>"), "{late}: {list}");
        let page = anna.page(&path).await;
        assert!(page.contains(&format!("<dt>Lag</dt><dd>{said}</dd>")), "{late}: {page}");
    }
    world.run_due().await;
    let page = anna.page(&path).await;
    for said in ["None", "5 minutes"] {
        assert!(page.contains(&format!("<td data-label=\"Lag\" class=\"number nowrap\">{said}</td>")), "{page}");
    }
    assert!(page.contains("Lag: how long after it was due a run came to its end."), "{page}");
}

#[tokio::test]
async fn the_page_of_tasks_says_that_they_are_off_and_that_their_list_is_missing() {
    let world = World::connected_with_tasks().await;
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    assert!(!anna.page("/tasks").await.contains("not synchronized"));
    world.save("user", "anna", &[("tasks.enabled", json!(false))]).await.ok();
    let page = anna.page("/tasks").await;
    assert!(page.contains("Tasks are not synchronized.") && page.contains("Enable them in your settings."), "{page}");
    assert!(!anna.page("/calendar").await.contains("not synchronized"), "the calendar is");
    world.save("user", "anna", &[("tasks.enabled", json!(true)), ("tasks.list", json!("Customers"))]).await.ok();
    world.sync_tasks("anna").await;
    let page = anna.page("/tasks").await;
    assert!(page.contains("Customers") && page.contains("create the list in To Do"), "{page}");
    world.todo("anna").await.create_list("Customers").await;
    world.sync_tasks("anna").await;
    let page = anna.page("/tasks").await;
    assert!(!page.contains("create the list in To Do"), "{page}");
}

#[tokio::test]
async fn pages_of_who_is_not_connected_say_where_to_connect() {
    let world = World::empty().await;
    world.configure().await;
    world.add_user("anna", "Acme").await;
    let page = Browser::signed_in(&world.crm, "anna").await.page("/calendar").await;
    assert!(page.contains("Calendar events are not synchronized."), "{page}");
    assert!(page.contains("No Microsoft account is connected."), "{page}");
}

#[tokio::test]
async fn an_administrator_connects_the_user_whose_page_it_is_and_nobody_else() {
    let world = World::connected_with_tasks().await;
    world.add_administrator("carol", "Acme").await;
    world.disconnect("anna").await;
    let hers = format!("/configuration/user/{}#microsoft-account", world.user_id("anna").await);
    let own = "/configuration/my#microsoft-account";
    let mut carol = Browser::signed_in(&world.crm, "carol").await;
    for page in ["/calendar", "/tasks"] {
        let of_anna = carol.page(&format!("{page}?user=anna")).await;
        assert!(has_link(&of_anna, &hers) && !has_link(&of_anna, own), "{page}: {of_anna}");
        assert!(has_link(&carol.page(page).await, own), "her own");
    }
    // An account that has to be connected again is anna's as well.
    world.connect("anna").await;
    world.expire("refreshTokens").await;
    world.expire("accessTokens").await;
    world.advance(7200).await;
    world.run_due().await;
    let of_anna = carol.page("/calendar?user=anna").await;
    assert!(of_anna.contains(">Connect again</a>"), "{of_anna}");
    assert!(has_link(&of_anna, &hers) && !has_link(&of_anna, own), "{of_anna}");
}

#[tokio::test]
async fn issues_of_a_report_name_the_users_own_items() {
    // E13
    let world = World::connected().await;
    let long = format!("<p>{}</p>", "word ".repeat(14_000));
    let event = world
        .crm_create(
            "anna",
            &json!({
                "title": "Long story", "description": long, "start": "2026-03-10T09:00:00Z",
                "end": "2026-03-10T10:00:00Z", "timeZone": "Europe/Berlin",
            }),
        )
        .await;
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    let page = anna.page("/calendar").await;
    let report = anna.press(&page, "/calendar/sync").await;
    let href = format!("/calendar/events/{}", event["id"].as_str().unwrap());
    assert!(report.contains("Left as it is") && report.contains(">Long story</a>"), "{report}");
    assert!(has_link(&report, &href), "{report}");
}

#[tokio::test]
async fn the_list_is_sorted_by_the_names_that_its_column_shows() {
    let world = World::empty().await;
    world.configure().await;
    world.add_administrator("carol", "Acme").await;
    for (login, name) in [("aaa", "Zed Last"), ("zzz", "Aaron First"), ("mmm", "mia Middle"), ("nnn", "Mia Middle")] {
        let user = json!({
            "login": login, "email": format!("{login}@contoso.example"), "displayName": name, "organization": "Acme",
            "timeZone": "UTC",
        });
        world.crm.post("/api/users", &user).await.ok();
    }
    let mut carol = Browser::signed_in(&world.crm, "carol").await;
    // Of one name, by their logins.
    let names = ["Aaron First", "carol", "mia Middle", "Mia Middle", "Zed Last"];
    let places = |page: &str| -> Vec<usize> {
        let place = |name: &str| page.find(&format!(">{name}</a></th>")).unwrap_or_else(|| panic!("{name}: {page}"));
        names.into_iter().map(place).collect()
    };
    let page = carol.page("/status").await;
    assert!(places(&page).is_sorted(), "{page}");
    // Of who is alike in another column, too.
    let page = carol.page("/status?sort=conflicts&order=desc").await;
    assert!(places(&page).is_sorted(), "{page}");
    let page = carol.page("/status?sort=user&order=desc").await;
    assert!(places(&page).iter().rev().is_sorted(), "{page}");
    let resources: Vec<_> = page.match_indices(">Calendar<").map(|(at, _)| at).collect();
    let tasks: Vec<_> = page.match_indices(">Tasks<").map(|(at, _)| at).collect();
    assert!(resources.iter().zip(&tasks).all(|(calendar, tasks)| calendar < tasks), "{page}");
}
