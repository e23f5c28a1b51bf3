//! Forms: each does what it says, and comes back with a word of it.

use super::*;

#[tokio::test]
async fn a_fault_is_added_with_all_that_the_form_says_and_strikes() {
    let world = World::new();
    let fields = [
        ("do", "unavailable"),
        ("method", "GET"),
        ("path", "/me/events"),
        ("skip", "1"),
        ("times", "2"),
        ("status", "507"),
        ("code", "ErrorQuotaExceeded"),
        ("retryAfter", "7"),
    ];
    let page = read(&world.done("/_emulator/faults", &fields).await);
    assert!(page.contains("The fault is in the script."), "{page}");
    assert!(page.contains("GET /me/events 1 2 507 ErrorQuotaExceeded 7"), "{page}");
    assert_eq!(world.get("/me/events").await.status, 200);
    let struck = world.get("/me/events").await;
    assert_eq!((struck.status, struck.code(), struck.header("retry-after")), (507, "ErrorQuotaExceeded", "7"));
    let page = read(&world.shows("/_emulator/faults").await);
    assert!(page.contains("GET /me/events 0 1 507"), "what is left: {page}");
    let page = read(&world.done("/_emulator/faults/clear", &[]).await);
    assert!(page.contains("The script of faults is empty.") && page.contains("Nothing is scripted"), "{page}");
    assert_eq!(world.get("/me/events").await.status, 200);
}

#[tokio::test]
async fn a_fault_can_have_a_date_to_wait_for_and_be_for_any_request() {
    let world = World::new();
    let fields = [("do", "throttle"), ("method", ""), ("path", ""), ("retryAfter", "Mon, 02 Mar 2026 13:00:00 GMT")];
    world.done("/_emulator/faults", &fields).await;
    let struck = world.get("/me").await;
    assert_eq!((struck.status, struck.header("retry-after")), (429, "Mon, 02 Mar 2026 13:00:00 GMT"));
}

#[tokio::test]
async fn a_form_that_makes_no_sense_is_refused_on_its_page_and_does_nothing() {
    let world = World::new();
    for fields in [[("do", "explode"), ("times", "1")], [("do", "gone"), ("times", "often")]] {
        let answer = world.submit("/_emulator/faults", &fields).await;
        assert_eq!(answer.status, 400);
        assert!(answer.text.contains("role=\"alert\"") && answer.text.contains("Nothing was done."), "{}", answer.text);
    }
    assert_eq!(world.control("GET", "faults", None).await.body, json!([]));
    let answer = world.submit("/_emulator/behaviour", &[("name", "pageSizeMax"), ("value", "many")]).await;
    assert_eq!(answer.status, 400);
    assert_eq!(world.submit("/_emulator/behaviour", &[("name", "other"), ("value", "1")]).await.status, 400);
    assert_eq!(world.submit("/_emulator/sign-in", &[("user", "nobody"), ("state", "normal")]).await.status, 400);
    assert_eq!(world.submit("/_emulator/nothing", &[]).await.status, 404);
}

/// Why a form was refused, as its page says it.
async fn refusal(world: &World, path: &str, fields: &[(&str, &str)]) -> String {
    let answer = world.submit(path, fields).await;
    assert_eq!(answer.status, 400, "{fields:?}");
    let (_, behind) = answer.text.split_once("role=\"alert\">").unwrap();
    let alert = read(behind.split("</div>").next().unwrap());
    alert.strip_prefix("Nothing was done. ").unwrap_or_else(|| panic!("{alert}")).to_owned()
}

#[tokio::test]
async fn a_refused_form_says_which_field_and_what_it_takes() {
    let world = World::new();
    let faults = [
        (("do", "explode"), "Fault: expected one of the names in the list, but found `explode`"),
        (("do", ""), "Fault: expected one of the names in the list, but found nothing"),
        (("skip", "-1"), "Let pass first: expected a whole number from 0 to 4294967295, but found `-1`"),
        (("times", "0"), "Strike so often: expected a whole number from 1 to 4294967295, but found `0`"),
        (("times", "often"), "Strike so often: expected a whole number from 1 to 4294967295, but found `often`"),
        (("status", "42"), "Status: expected a whole number from 200 to 599, but found `42`"),
        (("status", "100"), "Status: expected a whole number from 200 to 599, but found `100`"),
    ];
    for ((name, value), expected) in faults {
        let mut fields = vec![("do", "gone")];
        fields.retain(|(known, _)| *known != name);
        fields.push((name, value));
        assert_eq!(refusal(&world, "/_emulator/faults", &fields).await, expected);
    }
    let switches = [
        ("pageSizeMax", "many", "Page size max: expected a whole number of at least 1, but found `many`"),
        ("pageSizeMax", "0", "Page size max: expected a whole number of at least 1, but found `0`"),
        ("concurrencyMax", "-3", "Concurrency max: expected a whole number of at least 1, but found `-3`"),
        ("clockSkewSeconds", "soon", "Clock skew seconds: expected a whole number, but found `soon`"),
        (
            "clockSkewSeconds",
            "99999999999",
            "Clock skew seconds: expected a number closer to 0, but found `99999999999`",
        ),
        ("replay", "perhaps", "Replay: expected on or off, but found `perhaps`"),
        ("cloud", "fog", "Cloud: expected one of the names in the list, but found `fog`"),
    ];
    for (name, value, expected) in switches {
        assert_eq!(refusal(&world, "/_emulator/behaviour", &[("name", name), ("value", value)]).await, expected);
    }
    let expire = refusal(&world, "/_emulator/expire", &[("what", "patience")]).await;
    assert_eq!(expire, "What: expected one of the names in the list, but found `patience`");
    let sign_in = refusal(&world, "/_emulator/sign-in", &[("user", BOB), ("state", "bored")]).await;
    assert_eq!(sign_in, "Sign-in: expected one of the names in the list, but found `bored`");
    let nobody = refusal(&world, "/_emulator/sign-in", &[("user", "nobody"), ("state", "normal")]).await;
    assert_eq!(nobody, "no mailbox `nobody`");
    assert_eq!(world.control("GET", "faults", None).await.body, json!([]));
}

#[tokio::test]
async fn the_forms_themselves_offer_what_is_taken() {
    let world = World::new();
    let behaviour = world.shows("/_emulator/behaviour").await;
    for name in ["pageSizeMax", "concurrencyMax"] {
        let field = behaviour.split(&format!("id=\"value-{name}\"")).nth(1).unwrap().split('>').next().unwrap();
        assert!(field.contains("min=\"1\""), "{name}: {field}");
    }
    let faults = world.shows("/_emulator/faults").await;
    assert!(faults.contains("name=\"status\" type=\"number\" min=\"200\" max=\"599\""), "{faults}");
}

#[tokio::test]
async fn every_switch_has_a_form_with_its_value() {
    let world = World::new();
    let page = world.shows("/_emulator/behaviour").await;
    let switches = world.control("GET", "behaviour", None).await.body;
    for name in switches.as_object().unwrap().keys() {
        let hidden = format!("<input type=\"hidden\" name=\"name\" value=\"{name}\">");
        assert_eq!(page.matches(&hidden).count(), 1, "{name}");
    }
    assert!(read(&page).contains("as observed and not documented. mastersInDelta on Turn off"), "{}", read(&page));
}

#[tokio::test]
async fn a_switch_of_each_kind_is_set_and_set_back() {
    let world = World::new();
    let cases = [
        ("replay", "true", json!(true)),
        ("pageSizeMax", "7", json!(7)),
        ("clockSkewSeconds", "-90", json!(-90)),
        ("cloud", "china", json!("china")),
        ("notificationLoss", "missed", json!("missed")),
        ("mastersInDelta", "false", json!(false)),
    ];
    for (number, (name, value, expected)) in (1..).zip(cases) {
        let answer = world.submit("/_emulator/behaviour", &[("name", name), ("value", value)]).await;
        assert_eq!(answer.header("location"), format!("/_emulator/behaviour?done={number}#{name}"));
        assert_eq!(world.control("GET", "behaviour", None).await.body[name], expected, "{name}");
    }
    let page = read(&world.shows("/_emulator/behaviour").await);
    assert!(
        page.contains("6 changed") && page.contains("whatever the client asks for. pageSizeMax 7 at first not set"),
        "{page}"
    );
    world.done("/_emulator/behaviour", &[("name", "pageSizeMax"), ("value", "")]).await;
    assert_eq!(world.control("GET", "behaviour", None).await.body["pageSizeMax"], Value::Null);
    let page = read(&world.done("/_emulator/behaviour/reset", &[]).await);
    assert!(page.contains("All switches are as they were at first.") && page.contains("0 changed"), "{page}");
}

#[tokio::test]
async fn tokens_expire_by_a_form() {
    let world = World::new();
    assert_eq!(world.get("/me").await.status, 200);
    let page = world.shows("/_emulator/behaviour").await;
    for what in ["deltaTokens", "accessTokens", "refreshTokens", "clientSecret", "sessions", "consents"] {
        assert!(page.contains(&format!("<option value=\"{what}\">")), "{what}");
    }
    let fields = [("what", "accessTokens"), ("user", BOB)];
    assert!(read(&world.done("/_emulator/expire", &fields).await).contains("There was nothing to end."));
    assert_eq!(world.get("/me").await.status, 200);
    let page = world.done("/_emulator/expire", &[("what", "accessTokens"), ("user", "")]).await;
    assert!(read(&page).contains("1 was ended."), "{}", read(&page));
    assert_eq!(world.get("/me").await.status, 401);
}

#[tokio::test]
async fn the_sign_in_of_a_user_is_set_by_a_form_and_shown() {
    let world = World::new();
    let page = world.done("/_emulator/sign-in", &[("user", BOB), ("state", "mfaRequired")]).await;
    assert!(page.contains("<option value=\"mfaRequired\" selected>"), "{page}");
    assert!(read(&world.shows("/_emulator/").await).contains("Mfa required"));
    let sign_in = world.page(&format!("/contoso.example/oauth2/v2.0/authorize?client_id={CLIENT}&response_type=code&scope=User.Read&redirect_uri={}", escaped(REDIRECT))).await;
    assert!(sign_in.text.contains("name=\"mfa\""), "the page offers a second device: {}", sign_in.text);
}

#[tokio::test]
async fn records_are_emptied() {
    let world = World::new();
    let mut meeting = event("Workshop", 10, 9);
    meeting["attendees"] = json!([guest(BOB)]);
    world.create(meeting).await;
    let page = read(&world.done("/_emulator/requests/clear", &[]).await);
    assert!(page.contains("The record of requests is empty.") && page.contains("Nobody has asked"), "{page}");
    assert_eq!(world.microsoft.requests()["count"], 0);
    let page = read(&world.done("/_emulator/outbox/clear", &[]).await);
    assert!(page.contains("The outbox is empty.") && page.contains("Nobody would have received"), "{page}");
    assert!(world.microsoft.outbox().is_empty());
    let page = read(&world.done("/_emulator/notifications/clear", &[]).await);
    assert!(page.contains("What was posted is forgotten."), "{page}");
}

#[tokio::test]
async fn an_address_claims_nothing_that_nobody_has_done() {
    let world = World::new();
    let claims = ["switches-reset", "expired-99999999", "fault-added", "0", "1", "2", "18446744073709551615"];
    for claim in claims {
        let page = world.shows(&format!("/_emulator/faults?done={claim}")).await;
        assert!(!page.contains("role=\"status\""), "{claim}: {page}");
    }
    let page = read(&world.done("/_emulator/faults", &[("do", "gone")]).await);
    assert!(page.contains("The fault is in the script."), "{page}");
    world.done("/_emulator/behaviour/reset", &[]).await;
    // What the first form did is not what was done last.
    let page = read(&world.shows("/_emulator/faults?done=1").await);
    assert!(!page.contains("The fault is in the script."), "{page}");
    assert!(!world.shows("/_emulator/faults?done=3").await.contains("role=\"status\""));
    assert_eq!(world.control("POST", "reset", Some(json!({}))).await.status, 200);
    assert!(!world.shows("/_emulator/behaviour?done=2").await.contains("role=\"status\""), "another tenant");
}

#[tokio::test]
async fn an_address_puts_no_words_of_its_own_on_a_page() {
    let world = World::new();
    let page = world.shows("/_emulator/faults?done=Your+account+is+locked").await;
    assert!(!page.contains("locked") && !page.contains("role=\"status\""), "{page}");
    let page = world.shows("/_emulator/requests?skip=%3Cscript%3E&done=expired-%3Cb%3E").await;
    assert!(!page.contains("<script>") && !page.contains("<b>"), "{page}");
}

#[tokio::test]
async fn each_switch_says_what_it_does() {
    let page = World::new().shows("/_emulator/behaviour").await;
    let text = read(&page);
    assert!(text.contains("What is sent lies in the Outbox for so many seconds"), "{text}");
    assert_eq!(page.matches("aria-describedby=\"line-").count(), page.matches("class=\"switch-control\"").count() - 2);
}
