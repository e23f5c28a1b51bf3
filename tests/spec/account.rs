//! The Microsoft account of a user: Connect, Check Connection, Disconnect, and
//! the ways in which a connection can fail. What happens to its tokens later is
//! in `tokens`.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tandem_tests::{Answer, Browser, CLIENT_ID, CLIENT_SECRET, Form, Outlook, REDIRECT_URI, TENANT, World};
use url::Url;

const CALLBACK: &str = "/microsoft-identity/connection/access-token";

async fn configured() -> World {
    let world = World::empty().await;
    world.configure().await;
    world.add_user("anna", "Acme").await;
    world
}

async fn begin(world: &World, login: &str) -> Url {
    let begun = world.crm.post(&format!("/api/users/{login}/microsoft/connect"), &json!({})).await.ok();
    Url::parse(begun["authorizeUrl"].as_str().unwrap()).unwrap()
}

fn query(url: &Url) -> BTreeMap<String, String> {
    url.query_pairs().into_owned().collect()
}

async fn check(world: &World) -> Value {
    world.crm.post("/api/users/anna/microsoft/check", &json!({})).await.ok()
}

/// The page that a browser lands on has this outcome.
#[track_caller]
fn landed(answer: &Answer, status: u16, outcome: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert!(answer.text.contains(&format!("data-outcome=\"{outcome}\"")), "expected `{outcome}`: {}", answer.text);
}

/// Registers the application so that only an administrator may consent.
async fn require_admin_consent(world: &World) {
    world
        .control(
            "apps",
            &json!({
                "clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET, "tenant": TENANT, "redirectUris": [REDIRECT_URI],
                "permissions": ["User.Read", "Calendars.ReadWrite"], "adminConsentRequired": true,
            }),
        )
        .await;
}

#[tokio::test]
async fn connecting_in_a_browser_puts_the_account_in_place_of_the_button() {
    // A1
    let world = configured().await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let id = world.user_id("anna").await;
    let connect = format!("/configuration/user/{id}/microsoft/connect");
    let check = format!("/configuration/user/{id}/microsoft/check");

    let page = browser.page("/configuration/my").await;
    assert!(Form::find(&page, &check).is_none(), "there is nothing to check yet");
    // Whoever presses it for somebody else would easily take their own account there.
    world.add_administrator("root", "Acme").await;
    let other = Browser::signed_in(&world.crm, "root").await.page(&format!("/configuration/user/{id}")).await;
    let warning = |page: &str| (page.contains(">You sign in for "), page.contains("aria-describedby=\"on-behalf\""));
    assert_eq!((warning(&page), warning(&other)), ((false, false), (true, true)));
    let sent = browser.submit(&Form::of(&page, &connect)).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    let back = world.decide_at_microsoft(sent.header("location").unwrap(), "anna", "accept").await;
    landed(&browser.get(&back).await, 200, "connected");

    let page = browser.page("/configuration/my").await;
    assert!(page.contains("<span class=\"account-name\">anna@acme.example</span>"), "{page}");
    assert!(Form::find(&page, &connect).is_none(), "the button is gone");
    let checked = browser.press(&page, &check).await;
    assert!(checked.contains("Connection is established successfully with anna@acme.example."), "{checked}");
    let once = browser.page("/configuration/my").await;
    assert!(!once.contains("established successfully"), "the result shows once");
}

#[tokio::test]
async fn the_x_asks_first_and_then_disconnects() {
    // A1
    let world = World::connected().await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let disconnect = format!("/configuration/user/{}/microsoft/disconnect", world.user_id("anna").await);
    let question = browser.page(&disconnect).await;
    assert!(question.contains("Disconnect anna@acme.example?") && question.contains("stays on both sides"));
    assert_eq!(check(&world).await["ok"], true, "asking does nothing");
    let page = browser.press(&question, &disconnect).await;
    assert!(page.contains("The Microsoft account was disconnected."), "{page}");
    assert!(Form::find(&page, &disconnect.replace("disconnect", "check")).is_none(), "nothing is left to check");
}

#[tokio::test]
async fn check_connection_names_the_account_and_reads_one_cheap_item() {
    // A1
    let world = World::connected().await;
    let report = check(&world).await;
    assert_eq!((&report["ok"], &report["accountName"]), (&json!(true), &json!("anna@acme.example")));
    let steps: Vec<(&str, &str)> = report["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| (step["name"].as_str().unwrap(), step["outcome"].as_str().unwrap()))
        .collect();
    assert_eq!(steps, [("token", "passed"), ("profile", "passed"), ("calendar", "passed")]);
    assert_eq!(world.requests().await["count"], 3, "a renewal, /me and one event");
}

#[tokio::test]
async fn reconnecting_the_same_account_goes_on_where_it_was() {
    // A1: records and links stay, nothing is duplicated.
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let ours = world.crm_create_timed("anna", "Ours", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
    let theirs = outlook.create_timed("Theirs", "2026-03-11T09:00:00", "2026-03-11T10:00:00").await;
    world.sync("anna").await;
    world.crm.post("/api/users/anna/microsoft/disconnect", &json!({})).await.ok();
    assert_eq!(world.sync("anna").await["blocked"], "not-connected");
    assert_eq!((world.crm_events("anna").await.len(), outlook.events().await.len()), (2, 2));

    // What happens meanwhile flows afterwards, as edits and deletions.
    world.crm_update(&ours["id"], &json!({"title": "Ours, renamed"})).await;
    outlook.delete(theirs["id"].as_str().unwrap()).await;
    world.connect("anna").await;
    let report = world.sync("anna").await;
    assert_eq!((&report["crm"]["created"], &report["microsoft"]["created"]), (&json!(0), &json!(0)), "{report}");
    assert_eq!((&report["crm"]["deleted"], &report["microsoft"]["updated"]), (&json!(1), &json!(1)), "{report}");
    Outlook::only(&outlook.events().await, "Ours, renamed");
    assert_eq!((world.crm_events("anna").await.len(), outlook.events().await.len()), (1, 1));
    assert_eq!(world.sync("anna").await["crm"]["created"], 0);
}

#[tokio::test]
async fn another_account_begins_anew_and_touches_nothing_of_the_first() {
    // A1: links belong to the Microsoft account.
    let world = World::connected().await;
    let first = world.outlook("anna").await;
    world.crm_create_timed("anna", "Ours", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
    world.sync("anna").await;
    world.crm.post("/api/users/anna/microsoft/disconnect", &json!({})).await.ok();
    world
        .control(
            "mailboxes",
            &json!({
                "userPrincipalName": "anna.new@acme.example", "displayName": "Anna", "timeZone": "Europe/Berlin",
            }),
        )
        .await;
    let authorize = begin(&world, "anna").await;
    let back = world.decide_at_microsoft(authorize.as_str(), "anna.new", "accept").await;
    landed(&world.crm.get(&back).await, 200, "connected");
    let report = world.sync("anna").await;
    assert_eq!((&report["microsoft"]["created"], &report["crm"]["created"]), (&json!(1), &json!(0)), "{report}");
    assert_eq!(world.crm_events("anna").await.len(), 1);
    assert_eq!(first.events().await.len(), 1, "the first mailbox is as it was");
}

#[tokio::test]
async fn the_sign_in_address_asks_for_a_code_with_pkce_and_offline_access() {
    // A2
    let world = configured().await;
    let url = begin(&world, "anna").await;
    assert_eq!(url.path(), format!("/{TENANT}/oauth2/v2.0/authorize"));
    let asked = query(&url);
    let expected = [
        ("client_id", CLIENT_ID),
        ("response_type", "code"),
        ("response_mode", "query"),
        ("redirect_uri", REDIRECT_URI),
        ("code_challenge_method", "S256"),
        ("scope", "openid profile email offline_access User.Read Calendars.ReadWrite"),
    ];
    for (name, value) in expected {
        assert_eq!(asked[name], value, "{name}");
    }
    assert_eq!(asked["code_challenge"].len(), 43, "SHA-256 in base64url");
    assert!(asked["state"].len() >= 43, "256 bits");
    let again = query(&begin(&world, "anna").await);
    assert_ne!((&asked["state"], &asked["code_challenge"]), (&again["state"], &again["code_challenge"]));
    assert!(!url.as_str().contains(CLIENT_SECRET));
}

#[tokio::test]
async fn a_state_and_a_code_work_once() {
    // A2
    let world = configured().await;
    let back = world.decide_at_microsoft(begin(&world, "anna").await.as_str(), "anna", "accept").await;
    landed(&world.crm.get(&back).await, 200, "connected");
    landed(&world.crm.get(&back).await, 400, "invalid-state");

    // The code again, under a state that is good.
    let code = query(&Url::parse(&format!("http://crm{back}")).unwrap())["code"].clone();
    let state = query(&begin(&world, "anna").await)["state"].clone();
    let pairs = [("code", code.as_str()), ("state", state.as_str())];
    let replayed = Url::parse_with_params("http://crm/", pairs).unwrap();
    landed(&world.crm.get(&format!("{CALLBACK}?{}", replayed.query().unwrap())).await, 400, "refused");
    assert_eq!(check(&world).await["ok"], true, "the connection that was made is as it was");
}

#[tokio::test]
async fn an_unknown_state_and_an_earlier_one_are_refused() {
    // A2
    let world = configured().await;
    landed(&world.crm.get(&format!("{CALLBACK}?code=x&state=guessed")).await, 400, "invalid-state");
    landed(&world.crm.get(&format!("{CALLBACK}?code=x")).await, 400, "invalid-state");
    let first = world.decide_at_microsoft(begin(&world, "anna").await.as_str(), "anna", "accept").await;
    let second = world.decide_at_microsoft(begin(&world, "anna").await.as_str(), "anna", "accept").await;
    landed(&world.crm.get(&first).await, 400, "invalid-state");
    landed(&world.crm.get(&second).await, 200, "connected");
}

#[tokio::test]
async fn a_state_expires_after_ten_minutes() {
    // A2
    let world = configured().await;
    for (seconds, status, outcome) in [(601, 400, "invalid-state"), (599, 200, "connected")] {
        let back = world.decide_at_microsoft(begin(&world, "anna").await.as_str(), "anna", "accept").await;
        world.advance(seconds).await;
        landed(&world.crm.get(&back).await, status, outcome);
    }
}

#[tokio::test]
async fn a_sign_in_ends_in_the_browser_and_for_the_user_that_began_it() {
    // A2: bound to the session, and to the user.
    let world = configured().await;
    world.add_user("james", "Acme").await;
    let connect = format!("/configuration/user/{}/microsoft/connect", world.user_id("anna").await);
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    let mut elsewhere = Browser::signed_in(&world.crm, "anna").await;
    let mut james = Browser::signed_in(&world.crm, "james").await;
    for stranger in [&mut elsewhere, &mut james, &mut Browser::fresh(&world.crm).await] {
        let page = anna.page("/configuration/my").await;
        let sent = anna.submit(&Form::of(&page, &connect)).await;
        let back = world.decide_at_microsoft(sent.header("location").unwrap(), "anna", "accept").await;
        landed(&stranger.get(&back).await, 400, "invalid-state");
    }
    for login in ["anna", "james"] {
        let answer = world.crm.post(&format!("/api/users/{login}/microsoft/check"), &json!({})).await;
        assert_eq!(answer.refused(409).0, "not-connected", "{login}");
    }
    assert_eq!(world.token_requests().await, 0, "the code was not even tried");
}

#[tokio::test]
async fn a_stranger_with_the_address_does_not_undo_the_sign_in_of_its_owner() {
    // A2
    let world = configured().await;
    let connect = format!("/configuration/user/{}/microsoft/connect", world.user_id("anna").await);
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    let page = anna.page("/configuration/my").await;
    let sent = anna.submit(&Form::of(&page, &connect)).await;
    let back = world.decide_at_microsoft(sent.header("location").unwrap(), "anna", "accept").await;
    landed(&Browser::fresh(&world.crm).await.get(&back).await, 400, "invalid-state");
    landed(&anna.get(&back).await, 200, "connected");
}

#[tokio::test]
async fn a_sign_in_that_a_tool_began_can_end_in_any_browser_once() {
    // A2: without a session there is nothing to bind to but the user.
    let world = configured().await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let back = world.decide_at_microsoft(begin(&world, "anna").await.as_str(), "anna", "accept").await;
    landed(&browser.get(&back).await, 200, "connected");
    landed(&browser.get(&back).await, 400, "invalid-state");
}

#[tokio::test]
async fn only_who_has_never_been_synchronised_is_told_of_a_first_synchronization() {
    let world = configured().await;
    let page = world.sign_in("anna", "accept").await;
    assert!(page.text.contains("To see the first synchronization"), "{}", page.text);
    world.sync("anna").await;
    let page = world.sign_in("anna", "accept").await;
    assert!(page.text.contains("press Sync now") && !page.text.contains("first synchronization"), "{}", page.text);
}

#[tokio::test]
async fn cancelling_at_microsoft_connects_nothing_and_says_so() {
    // A2
    let world = configured().await;
    landed(&world.sign_in("anna", "cancel").await, 400, "cancelled");
    let answer = world.crm.post("/api/users/anna/microsoft/check", &json!({})).await;
    assert_eq!(answer.refused(409).0, "not-connected");
    assert_eq!(world.alerts().await.len(), 0);
}

#[tokio::test]
async fn a_missing_permission_is_named_wherever_it_matters() {
    // A3
    let world = configured().await;
    world.register_app(&json!(["User.Read"])).await;
    let page = world.sign_in("anna", "accept").await;
    assert!(page.text.contains("Permission missing") && page.text.contains("Calendars.ReadWrite"), "{}", page.text);
    let report = check(&world).await;
    assert_eq!((&report["ok"], &report["missingPermissions"]), (&json!(false), &json!(["Calendars.ReadWrite"])));
    let run = world.sync("anna").await;
    assert_eq!(run["blocked"], "missing-permission", "{run}");
    let alerts = world.alerts().await;
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert!(alerts[0]["message"].as_str().unwrap().contains("Calendars.ReadWrite"), "{alerts:?}");

    world.register_app(&json!(["User.Read", "Calendars.ReadWrite"])).await;
    world.connect("anna").await;
    assert_eq!(world.sync("anna").await["next"]["when"], "idle");
    assert_eq!(world.alerts().await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_permission_that_is_taken_away_later_is_named_too() {
    // A3: Graph answers 403 to a token without the permission.
    let world = World::connected().await;
    world.fault(json!([{"match": {"path": "/me/calendar"}, "times": 9, "do": "unauthorized", "status": 403}])).await;
    let report = check(&world).await;
    assert_eq!(report["ok"], false, "{report}");
    let calendar = report["steps"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(calendar["outcome"], "failed");
    assert!(calendar["message"].as_str().unwrap().contains("Calendars.ReadWrite"), "{calendar}");
}

#[tokio::test]
async fn a_login_that_throttles_is_called_that_with_the_wait_that_it_has_named() {
    // A4
    for (wait, expected) in [(Some(90), "Check again in 90 seconds."), (None, "Try again later.")] {
        let world = World::connected().await;
        let mut fault = json!({"match": {"path": "/oauth2/v2.0/token"}, "times": 9, "do": "throttle"});
        if let Some(wait) = wait {
            fault["retryAfterSeconds"] = json!(wait);
        }
        world.fault(json!([fault])).await;
        let report = check(&world).await;
        let token = &report["steps"][0];
        assert_eq!((&report["ok"], &token["outcome"]), (&json!(false), &json!("failed")), "{report}");
        let expected = format!("Microsoft asks for fewer requests at the moment. {expected}");
        assert_eq!(token["message"], json!(expected), "{report}");
        assert_eq!(world.token_requests().await, 1, "whoever asks for fewer requests gets no more");
        assert_eq!(world.alerts().await, Vec::<Value>::new());
    }
}

#[tokio::test]
async fn consent_by_an_administrator_is_a_state_of_its_own_with_its_address() {
    // A3
    let world = configured().await;
    require_admin_consent(&world).await;
    let page = world.sign_in("anna", "accept").await;
    landed(&page, 400, "admin-consent-needed");
    let address = Url::parse(&tandem_tests::form::text_with_id(&page.text, "consent-address")).unwrap();
    assert_eq!(address.path(), format!("/{TENANT}/v2.0/adminconsent"));
    let asked = query(&address);
    assert_eq!((asked["client_id"].as_str(), asked["redirect_uri"].as_str()), (CLIENT_ID, REDIRECT_URI));

    // The administrator follows it; the user connects as usual.
    let mut fields: Vec<(&str, &str)> = asked.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.push(("decision", "accept"));
    let consented = world.microsoft.form(address.path(), &fields).await;
    let back = Url::parse(consented.header("location").unwrap()).unwrap();
    let thanks = world.crm.get(&format!("{}?{}", back.path(), back.query().unwrap())).await;
    landed(&thanks, 200, "consented");
    world.connect("anna").await;
    assert_eq!(world.sync("anna").await["next"]["when"], "idle");
}

#[tokio::test]
async fn nothing_connects_before_the_application_is_filled_in() {
    // A5
    let world = World::empty().await;
    world.add_user("anna", "Acme").await;
    let answer = world.crm.post("/api/users/anna/microsoft/connect", &json!({})).await;
    let missing = json!(["application.client-id", "application.client-secret", "application.tenant"]);
    assert_eq!(answer.json()["error"]["details"], missing);
    let (code, message) = answer.refused(409);
    assert_eq!(code, "not-configured");
    assert!(message.contains("Azure application settings are incomplete") && message.contains("administrator"));

    let page = Browser::signed_in(&world.crm, "anna").await.page("/configuration/my").await;
    assert!(page.contains("An administrator has to fill in the Azure"), "{page}");
    let button = page.split("data-connect>").nth(1).unwrap().split("</form>").next().unwrap();
    assert!(button.contains("<button class=\"primary\" disabled>"), "{button}");
    assert_eq!(world.requests().await["count"], 0);
}
