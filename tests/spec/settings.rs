//! Settings: what can be stored on which level, what is in effect, and what a
//! save leads to. The pages that show them are in `pages`.

use serde_json::{Value, json};
use tandem_tests::{CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, TENANT, World};

const INTERVAL: &str = "sync.interval-minutes";

/// The levels with the id of each for the user `anna` of `Acme`.
const LEVELS: [(&str, &str); 3] = [("system", "0"), ("organization", "Acme"), ("user", "anna")];

async fn with_anna() -> World {
    let world = World::empty().await;
    world.add_user("anna", "Acme").await;
    world
}

/// Ticks the fallback box of one setting.
async fn use_parent(world: &World, (level, id): (&str, &str), key: &str) -> Value {
    world.crm.put(&format!("/api/config/{level}/{id}"), &json!({key: {"useParent": true}})).await.ok()
}

/// One setting of the system level, as its page has it.
async fn system(world: &World, key: &str) -> Value {
    world.crm.get("/api/config/system/0").await.ok()[key]["value"].clone()
}

#[tokio::test]
async fn every_setting_has_its_documented_default() {
    // S3, S5, S6, S8: switches off, ten minutes, bidirectional, the CRM wins.
    let world = with_anna().await;
    let table = [
        ("features.mail", json!(false)),
        ("features.calendar", json!(false)),
        ("features.tasks", json!(false)),
        (INTERVAL, json!(10)),
        ("sync.window-past-days", json!(365)),
        ("sync.window-future-days", json!(365)),
        ("calendar.enabled", json!(true)),
        ("calendar.direction", json!("bidirectional")),
        ("calendar.conflict-resolution", json!("crm-wins")),
        ("calendar.calendars", json!(null)),
        ("tasks.enabled", json!(true)),
        ("tasks.direction", json!("bidirectional")),
        ("tasks.conflict-resolution", json!("crm-wins")),
        ("tasks.list", json!(null)),
        ("tasks.all-lists", json!(false)),
        ("application.client-id", json!(null)),
        ("application.client-secret", json!(null)),
        ("application.tenant", json!(null)),
    ];
    for (key, value) in table {
        assert_eq!(world.effective("anna", key).await, (value, "default".to_owned()), "{key}");
    }
}

#[tokio::test]
async fn an_interval_is_a_whole_number_from_1_to_1440_on_every_level() {
    // S5
    let world = with_anna().await;
    for (level, id) in LEVELS {
        for wrong in [json!(0), json!(1441), json!(-5), json!("soon"), json!(null), json!(true)] {
            let (code, message) = world.save(level, id, &[(INTERVAL, wrong.clone())]).await.refused(400);
            assert_eq!(code, "invalid-settings");
            assert!(message.contains("expected a whole number from 1 to 1440 minutes"), "{wrong}: {message}");
            assert_ne!(world.effective("anna", INTERVAL).await.1, level, "{wrong} was stored");
        }
        for right in [1, 1440] {
            world.save(level, id, &[(INTERVAL, json!(right))]).await.ok();
            assert_eq!(world.effective("anna", INTERVAL).await, (json!(right), level.to_owned()));
        }
    }
}

#[tokio::test]
async fn the_user_goes_before_the_organization_before_the_system_before_the_default() {
    // S10
    let world = with_anna().await;
    let mut inherited = (json!(10), "default".to_owned());
    let mut steps = Vec::new();
    for ((level, id), minutes) in LEVELS.into_iter().zip([20, 30, 40]) {
        assert_eq!(world.effective("anna", INTERVAL).await, inherited);
        world.save(level, id, &[(INTERVAL, json!(minutes))]).await.ok();
        steps.push(((level, id), inherited));
        inherited = (json!(minutes), level.to_owned());
    }
    assert_eq!(world.effective("anna", INTERVAL).await, inherited);
    for (level, above) in steps.into_iter().rev() {
        let answer = use_parent(&world, level, INTERVAL).await;
        assert_eq!(answer["changes"][0]["action"], "remove", "{answer}");
        assert_eq!(world.effective("anna", INTERVAL).await, above, "ticking the box takes effect at once");
    }
}

#[tokio::test]
async fn an_equal_value_that_is_stored_does_not_follow_the_level_above() {
    // S10
    let world = with_anna().await;
    world.save("organization", "Acme", &[(INTERVAL, json!(30))]).await.ok();
    world.save("user", "anna", &[(INTERVAL, json!(30))]).await.ok();
    world.save("organization", "Acme", &[(INTERVAL, json!(50))]).await.ok();
    assert_eq!(world.effective("anna", INTERVAL).await, (json!(30), "user".to_owned()));
    use_parent(&world, ("user", "anna"), INTERVAL).await;
    assert_eq!(world.effective("anna", INTERVAL).await, (json!(50), "organization".to_owned()));
}

#[tokio::test]
async fn an_explicitly_empty_value_is_a_value() {
    // S10
    let world = with_anna().await;
    assert_eq!(world.effective("anna", "application.tenant").await, (json!(null), "default".to_owned()));
    world.save("system", "0", &[("application.tenant", json!(null))]).await.ok();
    assert_eq!(world.effective("anna", "application.tenant").await, (json!(null), "system".to_owned()));
}

#[tokio::test]
async fn one_organization_does_not_see_anothers_settings() {
    // S10
    let world = with_anna().await;
    world.add_user("boris", "Globex").await;
    world.save("organization", "Globex", &[(INTERVAL, json!(77))]).await.ok();
    assert_eq!(world.effective("boris", INTERVAL).await, (json!(77), "organization".to_owned()));
    assert_eq!(world.effective("anna", INTERVAL).await, (json!(10), "default".to_owned()));
}

#[tokio::test]
async fn values_are_brought_into_their_type() {
    // S11
    let world = with_anna().await;
    let table = [
        (INTERVAL, json!(" 15 "), json!(15)),
        ("application.client-id", json!(42), json!("42")),
        ("application.client-id", json!("  padded  "), json!("padded")),
        ("application.tenant", json!("contoso.example"), json!("contoso.example")),
        ("features.calendar", json!("false"), json!(false)),
        ("features.calendar", json!(0), json!(false)),
    ];
    for (key, entered, stored) in table {
        world.save("system", "0", &[(key, entered.clone())]).await.ok();
        assert_eq!(system(&world, key).await, stored, "{key}: {entered}");
    }
    world.save("user", "anna", &[("calendar.enabled", json!("false"))]).await.ok();
    assert_eq!(world.effective("anna", "calendar.enabled").await, (json!(false), "user".to_owned()));
}

#[tokio::test]
async fn a_level_ignores_what_it_does_not_have() {
    // S6, S11: "Enabled" is not on the system level, the application on no other.
    let world = with_anna().await;
    let answer = world.save("system", "0", &[("calendar.enabled", json!(false))]).await.ok();
    assert_eq!(answer["changes"], json!([]));
    for (level, id) in [("organization", "Acme"), ("user", "anna")] {
        let answer = world.save(level, id, &[("application.client-id", json!("mine"))]).await.ok();
        assert_eq!(answer["changes"], json!([]), "{level}");
    }
    assert_eq!(world.effective("anna", "calendar.enabled").await, (json!(true), "default".to_owned()));
    assert_eq!(world.effective("anna", "application.client-id").await, (json!(null), "default".to_owned()));
}

#[tokio::test]
async fn a_setting_without_a_fallback_box_is_stored_whatever_the_box_says() {
    // S11
    let world = with_anna().await;
    let sent = json!({"application.client-id": {"value": "kept", "useParent": true}});
    world.crm.put("/api/config/system/0", &sent).await.ok();
    assert_eq!(world.effective("anna", "application.client-id").await, (json!("kept"), "system".to_owned()));
}

#[tokio::test]
async fn calendar_and_tasks_are_set_apart_from_each_other() {
    // S6, S8
    let world = with_anna().await;
    for (level, id) in LEVELS {
        for (section, other) in [("calendar", "tasks"), ("tasks", "calendar")] {
            for (field, values) in [
                ("direction", ["crm-to-microsoft", "microsoft-to-crm", "bidirectional"].as_slice()),
                ("conflict-resolution", &["microsoft-wins", "crm-wins"]),
            ] {
                let untouched = world.effective("anna", &format!("{other}.{field}")).await;
                for value in values {
                    let key = format!("{section}.{field}");
                    world.save(level, id, &[(key.as_str(), json!(value))]).await.ok();
                    assert_eq!(world.effective("anna", &key).await, (json!(value), level.to_owned()));
                }
                assert_eq!(world.effective("anna", &format!("{other}.{field}")).await, untouched);
            }
        }
    }
}

#[tokio::test]
async fn a_user_who_switched_the_calendar_off_is_not_synchronised() {
    // S6
    let world = World::connected().await;
    world.crm_create_timed("anna", "Review", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
    world.save("user", "anna", &[("calendar.enabled", json!(false))]).await.ok();
    let report = world.sync("anna").await;
    assert_eq!((&report["blocked"], &report["requests"]), (&json!("disabled"), &json!(0)), "{report}");
    assert_eq!(world.status("anna").await["enabled"], false);
    use_parent(&world, ("user", "anna"), "calendar.enabled").await;
    assert_eq!(world.sync("anna").await["microsoft"]["created"], 1);
}

#[tokio::test]
async fn the_conflict_rule_means_nothing_in_one_direction() {
    // S7
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let both =
        [("calendar.direction", json!("crm-to-microsoft")), ("calendar.conflict-resolution", json!("microsoft-wins"))];
    world.save("system", "0", &both).await.ok();
    let crm = world.crm_create_timed("anna", "Review", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
    world.sync("anna").await;
    let id = outlook.events().await[0]["id"].as_str().unwrap().to_owned();
    outlook.update(&id, &json!({"subject": "Outlook's"})).await;
    world.crm_update(&crm["id"], &json!({"title": "The CRM's"})).await;
    world.sync("anna").await;
    assert_eq!(outlook.event(&id).await.unwrap()["subject"], "The CRM's");
    World::only(&world.crm_events("anna").await, "The CRM's");
}

#[tokio::test]
async fn a_feature_cannot_be_switched_on_without_the_application() {
    // S4
    let world = with_anna().await;
    let application = [
        ("application.client-id", json!(CLIENT_ID)),
        ("application.client-secret", json!(CLIENT_SECRET)),
        ("application.tenant", json!(TENANT)),
    ];
    for missing in 0..application.len() {
        let mut values = application.to_vec();
        let (key, _) = values.remove(missing);
        values.push(("features.calendar", json!(true)));
        let (code, message) = world.save("system", "0", &values).await.refused(400);
        assert_eq!(code, "invalid-settings");
        assert!(message.contains("Fill in the Azure Active Directory Application Settings first"), "{key}: {message}");
        assert_eq!(system(&world, "application.tenant").await, json!(null), "nothing of a refused save is stored");
    }
    let mut all = application.to_vec();
    all.push(("features.calendar", json!(true)));
    let saved = world.save("system", "0", &all).await.ok();
    assert_eq!(saved["changes"].as_array().unwrap().len(), 4, "one save keeps all of it: {saved}");
    assert_eq!(system(&world, "features.calendar").await, json!(true));

    // A box that is on stays on without the application, until it is unticked.
    let cleared = [("application.tenant", json!(null)), ("features.calendar", json!(true))];
    world.save("system", "0", &cleared).await.ok();
    assert_eq!(system(&world, "features.calendar").await, json!(true));
    world.save("system", "0", &[("features.calendar", json!(false))]).await.ok();
    world.save("system", "0", &[("features.calendar", json!(true))]).await.refused(400);
}

#[tokio::test]
async fn emails_say_that_they_belong_to_a_later_version() {
    // S3
    let world = World::connected().await;
    let (_, message) = world.save("system", "0", &[("features.mail", json!(true))]).await.refused(400);
    assert!(message.contains("This version of the component synchronizes calendars and tasks"), "{message}");
    assert_eq!(system(&world, "features.mail").await, json!(false));
}

#[tokio::test]
async fn tasks_are_switched_on_like_the_calendar_and_by_themselves() {
    // S3, S4, S6
    let world = World::connected().await;
    let enabled = async || {
        let (calendar, tasks) = (world.status_of("anna", "calendar").await, world.status_of("anna", "tasks").await);
        (calendar["enabled"].clone(), tasks["enabled"].clone())
    };
    assert_eq!(enabled().await, (json!(true), json!(false)));
    world.save("system", "0", &[("features.tasks", json!(true))]).await.ok();
    assert_eq!(enabled().await, (json!(true), json!(true)));
    world.save("organization", "Acme", &[("tasks.enabled", json!(false))]).await.ok();
    assert_eq!(enabled().await, (json!(true), json!(false)));
    world.save("user", "anna", &[("tasks.enabled", json!(true)), ("calendar.enabled", json!(false))]).await.ok();
    assert_eq!(enabled().await, (json!(false), json!(true)));
}

#[tokio::test]
async fn a_task_list_is_a_name_of_a_length_and_the_most_specific_one_wins() {
    let world = with_anna().await;
    for (level, id) in LEVELS {
        for (wrong, said) in [("x".repeat(256), "at most 255 characters"), ("To\u{7}Do".to_owned(), "cannot be seen")] {
            let (_, message) = world.save(level, id, &[("tasks.list", json!(wrong))]).await.refused(400);
            assert!(message.contains(said), "{message}");
        }
        let name = format!("{level}, mostly");
        let saved = [("tasks.list", json!(format!("  {name} "))), ("tasks.all-lists", json!(true))];
        world.save(level, id, &saved).await.ok();
        assert_eq!(world.effective("anna", "tasks.list").await, (json!(name), level.to_owned()));
        assert_eq!(world.effective("anna", "tasks.all-lists").await, (json!(true), level.to_owned()));
    }
    world.save("user", "anna", &[("tasks.list", json!(""))]).await.ok();
    assert_eq!(world.effective("anna", "tasks.list").await, (json!(null), "user".to_owned()), "the default list");
}

#[tokio::test]
async fn the_redirect_uri_is_the_hosts_own_and_cannot_be_set() {
    // S2
    let world = with_anna().await;
    let answer = world.save("system", "0", &[("application.redirect-uri", json!("http://evil.example"))]).await.ok();
    assert_eq!(answer["changes"], json!([]));
    assert_eq!(system(&world, "application.redirect-uri").await, json!(REDIRECT_URI));
}

#[tokio::test]
async fn the_secret_is_masked_and_its_mask_keeps_it() {
    // S2
    let world = World::connected().await;
    let mask = system(&world, "application.client-secret").await;
    assert!(mask.as_str().unwrap().chars().all(|character| character == '*'), "{mask}");
    assert_ne!(mask.as_str().unwrap().len(), CLIENT_SECRET.len(), "the mask does not tell the length");
    let answer = world.save("system", "0", &[("application.client-secret", mask)]).await.ok();
    assert_eq!((&answer["changes"], &answer["followUps"]), (&json!([]), &json!([])));
    world.advance(2 * 3600).await;
    assert_eq!(world.sync("anna").await["next"]["when"], "idle", "the stored secret still renews tokens");
    assert_eq!(world.token_requests().await, 1);
}

#[tokio::test]
async fn a_save_answers_with_what_changed_and_from_what_to_what() {
    // S13
    let world = with_anna().await;
    let change =
        |action: &str, old: i64, new: i64| json!([{"key": INTERVAL, "action": action, "old": old, "new": new}]);
    let save = async |minutes: i64| world.save("user", "anna", &[(INTERVAL, json!(minutes))]).await.ok();
    let created = save(20).await;
    assert_eq!((&created["level"], &created["changes"]), (&json!("user"), &change("create", 10, 20)));
    assert_eq!(save(30).await["changes"], change("update", 20, 30));
    assert_eq!(save(30).await["changes"], json!([]), "what stays as it is, is no change");
    let removed = use_parent(&world, ("user", "anna"), INTERVAL).await;
    assert_eq!(removed["changes"], change("remove", 30, 10));
}

#[tokio::test]
async fn changed_credentials_renew_every_token_at_once() {
    // S13
    let world = World::connected().await;
    register_secret(&world, "another-secret-~value").await;
    let answer = world.save("system", "0", &[("application.client-secret", json!("another-secret-~value"))]).await.ok();
    let expected = json!([{"user": "anna", "action": "renew-tokens", "failure": null}]);
    assert_eq!(answer["followUps"], expected);
    assert_eq!(world.token_requests().await, 1);
    assert!(!answer.to_string().contains("another-secret"), "{answer}");
}

#[tokio::test]
async fn a_refused_renewal_parks_the_account_until_the_credentials_are_right() {
    // S13, A4
    let world = World::connected().await;
    let answer = world.save("system", "0", &[("application.client-secret", json!("wrong"))]).await.ok();
    assert_eq!(answer["followUps"][0]["user"], "anna");
    assert!(answer["followUps"][0]["failure"].as_str().unwrap().contains("refused the application"), "{answer}");
    assert_eq!(world.sync("anna").await["blocked"], "parked");
    assert_eq!(world.alerts().await.len(), 1);

    let answer = world.save("system", "0", &[("application.client-secret", json!(CLIENT_SECRET))]).await.ok();
    assert_eq!(answer["followUps"][0]["failure"], json!(null));
    assert_eq!(world.alerts().await, Vec::<Value>::new(), "the alert is over");
    assert_eq!(world.sync("anna").await["next"]["when"], "idle");
}

#[tokio::test]
async fn switching_a_feature_off_forgets_access_tokens_and_keeps_the_connection() {
    // S13
    let world = World::connected().await;
    world.sync("anna").await;
    assert_eq!(world.token_requests().await, 0, "the token of the connection is still good");
    let answer = world.save("system", "0", &[("features.calendar", json!(false))]).await.ok();
    let expected = json!([{"user": "anna", "action": "forget-access-tokens", "failure": null}]);
    assert_eq!(answer["followUps"], expected);
    assert_eq!(world.sync("anna").await["blocked"], "disabled");
    assert_eq!(world.token_requests().await, 0);
    world.save("system", "0", &[("features.calendar", json!(true))]).await.ok();
    assert_eq!(world.sync("anna").await["next"]["when"], "idle", "nobody has to connect again");
    assert_eq!(world.token_requests().await, 1, "but the token is a new one");
}

/// Gives the application another secret at Microsoft.
async fn register_secret(world: &World, secret: &str) {
    world
        .control(
            "apps",
            &json!({
                "clientId": CLIENT_ID, "clientSecret": secret, "tenant": TENANT, "redirectUris": [REDIRECT_URI],
                "permissions": ["User.Read", "Calendars.ReadWrite"],
            }),
        )
        .await;
}
