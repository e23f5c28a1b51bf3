//! The pages: who may open what, what a settings page shows and saves, and
//! what protects every page. Driven as a browser without a script would.

use serde_json::{Value, json};
use tandem_tests::form::{attribute, control, has_control, has_link, is_set, link_to, text_with_id};
use tandem_tests::{Answer, Browser, CLIENT_ID, CLIENT_SECRET, Form, REDIRECT_URI, TENANT, World};

const INTERVAL: &str = "sync.interval-minutes";

/// An administrator and a user of `Acme`, an administrator of `Globex`; the
/// application is not filled in.
async fn company() -> World {
    let world = World::empty().await;
    world.add_administrator("admin", "Acme").await;
    world.add_user("anna", "Acme").await;
    world.add_administrator("stranger", "Globex").await;
    world
}

/// The pages of the three levels, as the administrator opens them for anna.
async fn levels(world: &World) -> [(&'static str, String); 3] {
    let users = world.crm.get("/api/users").await.ok();
    let anna = users.as_array().unwrap().iter().find(|user| user["login"] == "anna").unwrap().clone();
    let id = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    [
        ("system", "/configuration/system".to_owned()),
        ("organization", format!("/configuration/organization/{}", id(&anna["organizationId"]))),
        ("user", format!("/configuration/user/{}", id(&anna["id"]))),
    ]
}

/// Posts a settings form, and opens the page again.
async fn saved(browser: &mut Browser, form: &Form) -> String {
    let answer = browser.submit(form).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let page = browser.page(answer.header("location").unwrap()).await;
    assert!(page.contains("Configuration saved"), "{page}");
    page
}

#[tokio::test]
async fn the_page_stands_at_its_place_in_the_tree_and_has_the_fields_of_its_level() {
    // S1, S5, S6
    let world = company().await;
    let mut browser = Browser::signed_in(&world.crm, "admin").await;
    let matrix = [
        ("application.client-id", [true, false, false]),
        ("application.client-secret", [true, false, false]),
        ("application.tenant", [true, false, false]),
        ("application.redirect-uri", [true, false, false]),
        ("features.mail", [true, false, false]),
        ("features.calendar", [true, false, false]),
        ("features.tasks", [true, false, false]),
        (INTERVAL, [true, true, true]),
        ("calendar.enabled", [false, true, true]),
        ("calendar.direction", [true, true, true]),
        ("calendar.conflict-resolution", [true, true, true]),
        ("calendar.calendars", [true, true, true]),
        ("tasks.enabled", [false, true, true]),
        ("tasks.direction", [true, true, true]),
        ("tasks.conflict-resolution", [true, true, true]),
        ("tasks.list", [true, true, true]),
        ("tasks.all-lists", [true, true, true]),
    ];
    for (index, (level, path)) in levels(&world).await.iter().enumerate() {
        let page = browser.page(path).await;
        assert!(page.contains("System Configuration › Integrations › Microsoft Settings"), "{level}");
        for (key, on) in &matrix {
            assert_eq!(has_control(&page, key), on[index], "{key} on the level {level}");
        }
        // Beside those of the menu.
        let links = |label: &str| page.matches(&format!(">{label}<")).count() - 1;
        assert_eq!(links("Users"), usize::from(*level != "system"), "{level}");
        assert_eq!(links("Status"), usize::from(*level == "user"), "{level}");
        assert_eq!(page.contains("id=\"microsoft-account\""), *level == "user", "{level}");
        for label in [
            "Tandem CRM to Microsoft",
            "Microsoft to Tandem CRM",
            "Bidirectional",
            "Tandem CRM always wins",
            "Microsoft always wins",
        ] {
            assert!(page.contains(label), "{label} on the level {level}");
        }
    }
    let own = Browser::signed_in(&world.crm, "anna").await.page("/configuration/my").await;
    assert!(own.contains("My Configuration") && own.contains("Microsoft Account"));
}

#[tokio::test]
async fn nobody_opens_a_page_that_is_not_theirs() {
    // S14
    let world = company().await;
    let [(_, system), (_, organization), (_, anna)] = levels(&world).await;
    let admin = format!("/configuration/user/{}", world.user_id("admin").await);
    let table = [
        ("admin", [(&system, 200), (&organization, 200), (&anna, 200), (&admin, 200)]),
        ("anna", [(&system, 403), (&organization, 403), (&anna, 200), (&admin, 403)]),
        ("stranger", [(&system, 200), (&organization, 404), (&anna, 404), (&admin, 404)]),
    ];
    for (login, paths) in table {
        let mut browser = Browser::signed_in(&world.crm, login).await;
        let own = Form::of(&browser.page("/configuration/my").await, "/configuration/my");
        for (path, status) in paths {
            assert_eq!(browser.get(path).await.status, status, "{login} opens {path}");
            let mut form = own.clone();
            form.action.clone_from(path);
            form.enter(INTERVAL, "77");
            if status != 200 {
                assert_eq!(browser.submit(&form).await.status, status, "{login} posts to {path}");
            }
        }
        for button in ["connect", "check", "disconnect"] {
            let allowed = login != "stranger";
            let answer =
                browser.post(&format!("{anna}/microsoft/{button}"), &[("csrf", own.get("csrf").unwrap())]).await;
            assert_eq!(answer.status != 404, allowed, "{login} presses {button}");
        }
    }
    assert_eq!(world.effective("anna", INTERVAL).await, (json!(10), "default".to_owned()));
    assert_eq!(world.effective("stranger", INTERVAL).await, (json!(10), "default".to_owned()));
}

#[tokio::test]
async fn without_a_session_every_page_leads_to_the_sign_in() {
    // S14
    let world = company().await;
    let mut browser = Browser::fresh(&world.crm).await;
    for path in
        ["/", "/calendar", "/status", "/alerts", "/conflicts", "/users", "/configuration/system", "/configuration/my"]
    {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, 303, "{path}");
        assert!(answer.header("location").unwrap().starts_with("/sign-in?next="), "{path}");
    }
}

/// A series has a day in the next week, whenever it began.
#[tokio::test]
async fn what_comes_next_names_the_days_of_series_and_leads_to_them() {
    let world = World::connected().await;
    let series = world.crm_create("anna", &crate::series::weekly()).await;
    world.advance(8 * 24 * 3600).await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let page = browser.page("/").await;
    let day = format!("/calendar/events/{}?occurrence=", series["id"].as_str().unwrap());
    assert!(page.contains("Jour fixe") && page.contains("Mon, 16 Mar 2026"), "{page}");
    let led_to = link_to(&page, &day).unwrap();
    assert!(led_to.ends_with("?occurrence=2026-03-16T09%3A00%3A00Z"), "{led_to}");
}

#[tokio::test]
async fn one_save_fills_in_the_application_and_ticks_the_box() {
    // S2, S4
    let world = company().await;
    world.register_app(&json!(["User.Read", "Calendars.ReadWrite"])).await;
    let mut browser = Browser::signed_in(&world.crm, "admin").await;
    let page = browser.page("/configuration/system").await;
    let box_before = control(&page, "features.calendar");
    assert!(is_set(&box_before, "disabled") && !is_set(&box_before, "checked"), "{box_before}");
    assert!(page.contains("Fill in the Azure Active Directory Application Settings first."), "the page says why");

    let mut form = Form::of(&page, "/configuration/system");
    form.enter("features.calendar", "true");
    let refused = browser.submit(&form).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text.contains("Nothing was saved."), "{}", refused.text);

    form.enter("application.client-id", CLIENT_ID);
    form.enter("application.client-secret", CLIENT_SECRET);
    form.enter("application.tenant", TENANT);
    let page = saved(&mut browser, &form).await;
    let box_after = control(&page, "features.calendar");
    assert!(is_set(&box_after, "checked") && !is_set(&box_after, "disabled"), "{box_after}");
    assert_eq!(attribute(&control(&page, "application.client-id"), "value").as_deref(), Some(CLIENT_ID));
    let secret = control(&page, "application.client-secret");
    assert_eq!(attribute(&secret, "type").as_deref(), Some("password"));
    assert!(attribute(&secret, "value").unwrap().chars().all(|character| character == '*'), "{secret}");
    let redirect = control(&page, "application.redirect-uri");
    assert!(is_set(&redirect, "readonly") && !is_set(&redirect, "name"), "{redirect}");
    assert_eq!(text_with_id(&page, "f-application-redirect-uri"), REDIRECT_URI);

    // The page posted back as it is: the mask keeps the secret.
    saved(&mut browser, &Form::of(&page, "/configuration/system")).await;
    world.connect("anna").await;

    // A box that is on stays editable without the application (S4).
    let mut form = Form::of(&page, "/configuration/system");
    form.enter("application.tenant", "");
    let page = saved(&mut browser, &form).await;
    let still = control(&page, "features.calendar");
    assert!(is_set(&still, "checked") && !is_set(&still, "disabled"), "{still}");
    let mut form = Form::of(&page, "/configuration/system");
    form.unset("features.calendar");
    let page = saved(&mut browser, &form).await;
    assert!(is_set(&control(&page, "features.calendar"), "disabled"));
}

#[tokio::test]
async fn a_ticked_fallback_box_disables_the_field_and_shows_what_is_inherited() {
    // S9
    let world = company().await;
    let mut browser = Browser::signed_in(&world.crm, "admin").await;
    let inherited = [
        ("Use Default", "the built-in default: 10"),
        ("Use System", "the system configuration: 21"),
        ("Use Organization", "the organization&#x27;s configuration: 22"),
    ];
    for (index, ((level, path), (label, source))) in levels(&world).await.into_iter().zip(inherited).enumerate() {
        let page = browser.page(&path).await;
        let before = control(&page, INTERVAL);
        assert!(is_set(&before, "disabled") && page.contains(label), "{level}: {before}");
        assert!(page.contains(&format!("From {source} minutes")), "{level}: expected `{source}`");
        let parents = ["10", "21", "22"];
        assert_eq!(attribute(&before, "value").as_deref(), Some(parents[index]), "{level}");

        let mut form = Form::of(&page, &path);
        assert_eq!(form.get(&format!("use_parent:{INTERVAL}")), Some("1"), "{level}");
        form.enter(INTERVAL, &(21 + index).to_string());
        let page = saved(&mut browser, &form).await;
        let own = control(&page, INTERVAL);
        assert!(!is_set(&own, "disabled"), "{level}: {own}");
        assert_eq!(Form::of(&page, &path).get(&format!("use_parent:{INTERVAL}")), None, "{level}");
    }
    // Ticked again, the level above counts at once; a posted value does not.
    let (_, path) = levels(&world).await[2].clone();
    let mut form = Form::of(&browser.page(&path).await, &path);
    form.set(INTERVAL, "99");
    form.set(&format!("use_parent:{INTERVAL}"), "1");
    saved(&mut browser, &form).await;
    assert_eq!(world.effective("anna", INTERVAL).await, (json!(22), "organization".to_owned()));
}

#[tokio::test]
async fn a_page_posted_as_it_was_drawn_changes_nothing() {
    // S10, S11
    let world = company().await;
    world.configure().await;
    let mut browser = Browser::signed_in(&world.crm, "admin").await;
    for (level, path) in levels(&world).await {
        let before = world.crm.get("/api/config/effective?user=anna").await.ok();
        let form = Form::of(&browser.page(&path).await, &path);
        saved(&mut browser, &form).await;
        let after = world.crm.get("/api/config/effective?user=anna").await.ok();
        let source = |all: &Value, key: &str| (all[key]["value"].clone(), all[key]["source"].clone());
        for key in [
            INTERVAL,
            "calendar.direction",
            "calendar.conflict-resolution",
            "tasks.direction",
            "tasks.list",
            "tasks.all-lists",
            "application.client-secret",
        ] {
            assert_eq!(source(&after, key), source(&before, key), "{key} on the level {level}");
        }
    }
}

#[tokio::test]
async fn the_conflict_rule_is_shown_for_bidirectional_only() {
    // S7
    let world = company().await;
    let mut browser = Browser::signed_in(&world.crm, "admin").await;
    let path = "/configuration/system";
    let hidden = |page: &str, section: &str| {
        let row = page.split(&format!("data-field=\"{section}.conflict-resolution\"")).nth(1).unwrap();
        is_set(row.split('>').next().unwrap(), "hidden")
    };
    let page = browser.page(path).await;
    assert!(!hidden(&page, "calendar") && !hidden(&page, "tasks"));
    let mut form = Form::of(&page, path);
    form.enter("calendar.direction", "microsoft-to-crm");
    form.enter("calendar.conflict-resolution", "microsoft-wins");
    let page = saved(&mut browser, &form).await;
    assert!(hidden(&page, "calendar") && !hidden(&page, "tasks"), "each section by itself");
    assert_eq!(
        world.effective("anna", "calendar.conflict-resolution").await.1,
        "default",
        "what is hidden is not saved"
    );
}

#[tokio::test]
async fn errors_stand_at_their_fields_and_what_was_entered_stays() {
    // S12, S5
    let world = company().await;
    let mut browser = Browser::signed_in(&world.crm, "admin").await;
    let path = "/configuration/system";
    for (key, value, said) in
        [(INTERVAL, "1441", "from 1 to 1440 minutes"), ("application.tenant", "two words", "the id of a directory")]
    {
        let mut form = Form::of(&browser.page(path).await, path);
        form.enter("calendar.direction", "crm-to-microsoft");
        form.enter(key, value);
        let answer = browser.submit(&form).await;
        assert_eq!(answer.status, 400);
        let field = control(&answer.text, key);
        assert_eq!(attribute(&field, "aria-invalid").as_deref(), Some("true"), "{field}");
        assert_eq!(attribute(&field, "value").as_deref(), Some(value));
        let id = attribute(&field, "id").unwrap();
        let error =
            answer.text.split(&format!("id=\"{id}-error\">")).nth(1).unwrap().split("</p>").next().unwrap().to_owned();
        assert!(error.contains(said), "{error}");
        assert_eq!(Form::of(&answer.text, path).get("calendar.direction"), Some("crm-to-microsoft"));
        assert!(!answer.text.contains("Configuration saved"));
    }
    assert_eq!(world.effective("anna", "calendar.direction").await.1, "default", "nothing of it was saved");
}

#[tokio::test]
async fn reset_asks_before_it_shows_the_saved_values_again() {
    // S12
    let world = company().await;
    let mut browser = Browser::signed_in(&world.crm, "admin").await;
    for (level, path) in levels(&world).await {
        let page = browser.page(&path).await;
        assert!(page.contains("data-guard") && has_link(&page, &format!("{path}/reset")), "{level}");
        let question = browser.page(&format!("{path}/reset")).await;
        assert!(question.contains("Settings will be restored to saved values. Please confirm you want to continue."));
        assert!(has_link(&question, &path), "{level}");
    }
    let script = world.crm.get("/assets/app.js").await.text;
    assert!(script.contains("You have unsaved changes, are you sure you want to leave this page?"));
}

#[tokio::test]
async fn the_message_of_a_save_shows_once() {
    // S12
    let world = company().await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let form = Form::of(&browser.page("/configuration/my").await, "/configuration/my");
    saved(&mut browser, &form).await;
    assert!(!browser.page("/configuration/my").await.contains("Configuration saved"));
}

#[tokio::test]
async fn a_form_without_the_token_of_its_session_is_refused() {
    let world = World::connected().await;
    world.add_administrator("admin", "Acme").await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let mut other = Browser::signed_in(&world.crm, "admin").await;
    let foreign = Form::of(&other.page("/configuration/my").await, "/configuration/my").get("csrf").unwrap().to_owned();
    let page = browser.page("/configuration/my").await;
    let base = format!("/configuration/user/{}/microsoft", world.user_id("anna").await);
    let actions = [
        "/configuration/my".to_owned(),
        format!("{base}/disconnect"),
        "/calendar/sync".to_owned(),
        "/calendar/events".to_owned(),
        "/sign-out".to_owned(),
    ];
    for action in &actions {
        for token in ["", "guessed", &foreign] {
            let mut form = Form::of(&page, "/configuration/my");
            form.action.clone_from(action);
            form.enter(INTERVAL, "77");
            form.set("csrf", token);
            let answer = browser.submit(&form).await;
            assert_eq!(answer.status, 403, "{action} with `{token}`");
            assert!(answer.text.contains("Nothing was changed."), "{}", answer.text);
        }
    }
    assert_eq!(world.effective("anna", INTERVAL).await.1, "default");
    assert_eq!(world.requests().await["count"], 0);
    browser.page("/configuration/my").await;
}

#[tokio::test]
async fn every_answer_has_the_headers_that_protect_it() {
    let world = World::connected().await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    for path in ["/", "/calendar", "/configuration/my", "/nowhere", "/assets/app.css", "/api/status", "/api/nowhere"] {
        let answer: Answer = browser.get(path).await;
        let policy = answer.header("content-security-policy").unwrap_or_else(|| panic!("{path}"));
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"), "{path}");
    }
    let page = browser.page("/calendar").await;
    assert!(!page.contains("<script>") && !page.contains(" style=") && !page.contains("onclick"), "nothing inline");
    let foreign = world.crm.with_header("host", "evil.example").get("/").await;
    assert_eq!(foreign.status, 421, "a foreign name for this machine");
}
