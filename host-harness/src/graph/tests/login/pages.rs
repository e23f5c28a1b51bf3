//! Pages around the sign-in: which account, whose consent, and the way out.

use super::*;

/// A request for the page with nothing hidden in it.
fn request<'a>(extra: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("client_id", CLIENT),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", "openid User.Read"),
    ];
    fields.extend_from_slice(extra);
    fields
}

fn is_picked(page: &Answer, user: &str) -> bool {
    page.text.contains(&format!("value=\"{user}\" checked"))
}

#[tokio::test]
async fn prompts_show_the_page_and_a_hint_picks_the_account_unless_the_person_shall() {
    let world = World::new();
    code(&world).await;
    for (prompt, picks) in [("login", true), ("consent", true), ("select_account", false)] {
        let page = authorize(&world, &request(&[("prompt", prompt), ("login_hint", BOB)])).await;
        assert_eq!((page.status, is_picked(&page, BOB)), (200, picks), "{prompt}");
        assert!(page.text.contains("Sign you in and read your profile"), "{prompt}");
    }
    let unknown = returned(&authorize(&world, &request(&[("prompt", "dance"), ("state", "x")])).await);
    assert_eq!((unknown["error"].as_str(), unknown["state"].as_str()), ("invalid_request", "x"));
    assert!(unknown["error_description"].starts_with("AADSTS90023:"));
}

#[tokio::test]
async fn a_hint_of_a_domain_shows_its_accounts_alone() {
    let world = World::new();
    world.microsoft.create_mailbox(mailbox("carol@fabrikam.example", "Carol Example")).unwrap();
    let page = authorize(&world, &request(&[("domain_hint", "FABRIKAM.example")])).await;
    assert!(page.text.contains("Carol Example") && !page.text.contains("Alice Example"), "{}", page.text);
    assert!(is_picked(&page, "carol@fabrikam.example"));
    for hint in ["organizations", "elsewhere.example"] {
        let page = authorize(&world, &request(&[("domain_hint", hint)])).await;
        assert!(page.text.contains("Carol Example") && page.text.contains("Alice Example"), "{hint}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_goes_back_to_the_application() {
    let world = World::new();
    let cases = [
        (("response_type", "token"), "unsupported_response_type", "AADSTS700051"),
        (("response_mode", "pigeon"), "invalid_request", "AADSTS70007"),
        (("scope", ""), "invalid_request", "AADSTS900144"),
        (("scope", "https://other.example/Mail.Read"), "invalid_resource", "AADSTS500011"),
        (("scope", ".default User.Read"), "invalid_scope", "AADSTS70011"),
        (("code_challenge", "short"), "invalid_request", "AADSTS501491"),
    ];
    for ((name, value), error, number) in cases {
        let mut fields = request(&[]);
        fields.retain(|(known, _)| *known != name);
        fields.push((name, value));
        let answer = returned(&authorize(&world, &fields).await);
        assert_eq!(answer["error"], error, "{name}={value}");
        assert!(answer["error_description"].starts_with(&format!("{number}:")), "{name}: {answer:?}");
    }
}

/// What a page allows itself to show, made from the page.
fn policy_of(page: &Answer) -> String {
    let (_, behind) = page.text.split_once("<style>").unwrap();
    let (style, _) = behind.split_once("</style>").unwrap();
    let digest = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(style.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'; base-uri 'none'")
}

#[tokio::test]
async fn every_page_is_protected_and_may_lead_to_applications() {
    let world = World::new();
    let challenge = challenge();
    let pages = [
        authorize(&world, &request(&[])).await,
        authorize(&world, &request(&[("client_id", "nobody")])).await,
        world.form("/common/oauth2/v2.0/authorize", &sign_in(&challenge, &[("response_mode", "form_post")])).await,
        get(&world, "/common/oauth2/deviceauth").await,
        get(&world, "/common/oauth2/v2.0/logout").await,
        get(&world, "/error?code=50058").await,
        get(&world, &format!("/contoso.example/adminconsent?{}", query_of(&request(&[])))).await,
    ];
    for page in pages {
        let title = page.text.split("<title>").nth(1).unwrap().split('<').next().unwrap();
        // Without `form-action`: browsers ask it also where a form is redirected to.
        assert_eq!(page.header("content-security-policy"), policy_of(&page), "{title}");
        assert_eq!(page.header("x-frame-options"), "DENY", "{title}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{title}");
        assert_eq!(page.header("referrer-policy"), "same-origin", "{title}");
        assert_eq!(page.header("cache-control"), "no-store", "{title}");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{title}");
        assert!(!page.text.contains("<script") && !page.text.contains(" style="), "{title}");
    }
}

async fn consent(world: &World, path: &str, extra: &[(&str, &str)]) -> Answer {
    let mut fields = vec![("client_id", CLIENT), ("redirect_uri", REDIRECT), ("state", "12345")];
    fields.extend_from_slice(extra);
    world.form(path, &fields).await
}

#[tokio::test]
async fn who_declines_or_is_not_there_is_reported_to_the_application() {
    let world = World::new();
    let challenge = challenge();
    let fields = sign_in(&challenge, &[("decision", "cancel")]);
    let declined = returned(&world.form("/common/oauth2/v2.0/authorize", &fields).await);
    assert_eq!(declined["error"], "access_denied");
    assert!(declined["error_description"].starts_with("AADSTS65004:"));
    for hint in ["nobody@contoso.example", ""] {
        let silent = returned(&authorize(&world, &request(&[("prompt", "none"), ("login_hint", hint)])).await);
        assert_eq!(silent["error"], "login_required", "{hint}");
        assert!(silent["error_description"].starts_with("AADSTS50058:"), "{hint}");
    }
    let unasked = returned(&authorize(&world, &request(&[("prompt", "none"), ("login_hint", ALICE)])).await);
    assert_eq!((unasked["error"].as_str(), unasked["suberror"].as_str()), ("consent_required", "consent_required"));
    assert!(unasked["error_description"].starts_with("AADSTS65001:"));
}

#[tokio::test]
async fn an_administrator_who_declines_is_reported_as_documented() {
    let world = World::new();
    let scope = ("scope", "https://graph.microsoft.com/Calendars.ReadWrite");
    let path = "/organizations/v2.0/adminconsent";
    let declined = returned(&consent(&world, path, &[scope, ("decision", "cancel")]).await);
    assert_eq!((declined["admin_consent"].as_str(), declined["error"].as_str()), ("True", "consent_required"));
    assert!(declined["error_description"].starts_with("AADSTS65004:"));
    assert_eq!(declined["state"], "12345");
    let names: Vec<&str> = declined.keys().map(String::as_str).collect();
    assert_eq!(names, ["admin_consent", "error", "error_description", "state"]);
    let legacy = returned(&consent(&world, "/contoso.example/adminconsent", &[("decision", "cancel")]).await);
    assert_eq!(legacy["error"], "permission_denied");
    assert_eq!(legacy["error_description"], "The admin canceled the request");
}

#[tokio::test]
async fn the_page_for_administrators_leads_back_to_itself_in_both_versions() {
    let world = World::new();
    let query = query_of(&[
        ("client_id", CLIENT),
        ("redirect_uri", REDIRECT),
        ("scope", "https://graph.microsoft.com/.default"),
        ("state", "12345"),
    ]);
    for path in ["/contoso.example/v2.0/adminconsent", "/contoso.example/adminconsent"] {
        let page = get(&world, &format!("{path}?{query}")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let escaped = page.text.split("action=\"").nth(1).unwrap().split('"').next().unwrap();
        let form = url::Url::parse(&escaped.replace("&#x2f;", "/")).unwrap();
        assert_eq!(form.path(), path);
        for expected in ["Have full access to your calendars", "name=\"state\" value=\"12345\"", "value=\"accept\""] {
            assert!(page.text.contains(expected), "{path}: {expected}");
        }
    }
}

#[tokio::test]
async fn an_administrator_consents_in_both_versions() {
    let scope = ("scope", "https://graph.microsoft.com/Calendars.ReadWrite openid");
    let world = World::new();
    world.microsoft.register_app(NewApp { admin_consent_required: true, ..app() }).unwrap();
    let fields = request(&[("prompt", "none"), ("login_hint", ALICE)]);
    assert_eq!(returned(&authorize(&world, &fields).await)["error"], "consent_required");
    let given = returned(&consent(&world, "/organizations/v2.0/adminconsent", &[scope, ("decision", "accept")]).await);
    assert_eq!((given["admin_consent"].as_str(), given["scope"].as_str()), ("True", scope.1));
    assert_eq!(given["tenant"], world.microsoft.tenant_id());
    // Nobody has to be asked any more.
    assert!(returned(&authorize(&world, &fields).await).contains_key("code"));

    world.microsoft.register_app(NewApp { admin_consent_required: true, ..app() }).unwrap();
    let legacy = returned(&consent(&world, "/contoso.example/adminconsent", &[("decision", "accept")]).await);
    assert_eq!((legacy["admin_consent"].as_str(), legacy.contains_key("scope")), ("True", false));
    assert!(returned(&authorize(&world, &fields).await).contains_key("code"));
}

#[tokio::test]
async fn a_consent_that_asks_for_nothing_or_for_somebody_else_is_a_page() {
    let world = World::new();
    let scope = ("scope", "https://graph.microsoft.com/.default");
    let cases = [
        ("/organizations/v2.0/adminconsent", vec![], "AADSTS900144"),
        ("/nowhere.example/v2.0/adminconsent", vec![scope], "AADSTS90002"),
        ("/organizations/v2.0/adminconsent", vec![("scope", "https://other.example/.default")], "AADSTS500011"),
    ];
    for (path, extra, expected) in cases {
        let page = consent(&world, path, &extra).await;
        assert_eq!((page.status, page.text.contains(expected)), (400, true), "{expected}");
        assert!(page.header("location").is_empty());
    }
}

#[tokio::test]
async fn signing_out_leads_back_to_a_registered_address_alone() {
    let world = World::new();
    let leave =
        async |fields: &[(&str, &str)]| get(&world, &format!("/common/oauth2/v2.0/logout?{}", query_of(fields))).await;
    let target = ("post_logout_redirect_uri", REDIRECT);
    let back = leave(&[target, ("state", "a b")]).await;
    assert_eq!((back.status, back.header("location")), (302, &*format!("{REDIRECT}?state=a+b")));
    assert_eq!(leave(&[target]).await.header("location"), REDIRECT);
    let signed_in = tokens(&world, &[]).await;
    assert_eq!(leave(&[target, ("id_token_hint", text(&signed_in, "id_token"))]).await.status, 302);
    let evil = ("post_logout_redirect_uri", "http://evil.example/");
    for fields in [&[][..], &[evil], &[target, ("client_id", "another")]] {
        let page = leave(fields).await;
        assert!(page.status == 200 && page.text.contains("You signed out"), "{}", page.text);
    }
    let posted = world.form("/common/oauth2/v2.0/logout", &[("post_logout_redirect_uri", REDIRECT)]).await;
    assert_eq!(posted.status, 302);
    assert_eq!(get(&world, "/nowhere.example/oauth2/v2.0/logout").await.status, 400);
}
