//! What pages of other sites cannot do.

use super::*;

/// A change of the management interface with headers of a browser.
async fn control_with(world: &World, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(format!("/_control/{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    world.send(request.body(Body::from("{}")).unwrap()).await
}

#[tokio::test]
async fn a_form_of_another_site_is_refused_and_does_nothing() {
    let world = World::new();
    let foreign: [&[(&str, &str)]; 6] = [
        &[("origin", "http://evil.example")],
        &[("origin", "null")],
        &[("origin", "http://127.0.0.1:8080")],
        &[("origin", "http://127.0.0.1.evil.example:8081")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site"), ("origin", BASE)],
    ];
    for headers in foreign {
        let answer = world.submit_with("/_emulator/faults", &[("do", "gone")], headers).await;
        assert_eq!(answer.status, 403, "{headers:?}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{headers:?}");
    }
    assert_eq!(world.control("GET", "faults", None).await.body, json!([]));
    // The page itself, and who is no browser.
    for headers in [&[("origin", BASE), ("sec-fetch-site", "same-origin")] as &[(&str, &str)], &[]] {
        assert_eq!(world.submit_with("/_emulator/faults", &[("do", "gone")], headers).await.status, 303, "{headers:?}");
    }
}

#[tokio::test]
async fn a_page_under_a_foreign_name_is_not_shown() {
    let world = World::new();
    let table = [
        ("127.0.0.1:8081", 200),
        ("localhost:8081", 200),
        ("[::1]:8081", 200),
        ("LOCALHOST:8081", 200),
        ("graph.microsoft.com", 200),
        ("login.microsoftonline.com", 200),
        ("outlook.office.com", 200),
        ("evil.example:8081", 421),
        ("localhost.evil.example:8081", 421),
        ("10.0.0.7:8081", 421),
    ];
    for (host, expected) in table {
        let request = Request::builder().uri("/_emulator/requests").header("host", host).body(Body::empty()).unwrap();
        assert_eq!(world.send(request).await.status, expected, "{host}");
    }
    let request = Request::builder().uri("/").header("host", "evil.example").body(Body::empty()).unwrap();
    assert_eq!(world.send(request).await.status, 421);
}

#[tokio::test]
async fn the_name_that_the_emulator_was_started_under_is_its_own() {
    let microsoft = Microsoft::new(HarnessClock::fixed(noon()), 7, "http://emulator.test:8081");
    fill(&microsoft);
    let world = World::around(microsoft, HarnessClock::fixed(noon()));
    let request =
        Request::builder().uri("/_emulator/").header("host", "emulator.test:8081").body(Body::empty()).unwrap();
    assert_eq!(world.send(request).await.status, 200);
}

#[tokio::test]
async fn the_management_interface_refuses_changes_of_other_sites() {
    let world = World::new();
    world.control("POST", "faults", Some(json!([{ "do": "gone" }]))).await;
    let evil = [("host", HOST), ("origin", "http://evil.example")];
    for (method, path) in [("DELETE", "faults"), ("POST", "reset"), ("POST", "deliver"), ("POST", "behaviour")] {
        let answer = control_with(&world, method, path, &evil).await;
        assert_eq!((answer.status, answer.code()), (403, "foreignOrigin"), "{method} {path}");
        assert_eq!(answer.header("content-type"), "application/json");
    }
    // A foreign name that points here is an origin of its own.
    let rebound = [("host", "evil.example:8081"), ("origin", "http://evil.example:8081")];
    let answer = control_with(&world, "DELETE", "faults", &rebound).await;
    assert_eq!((answer.status, answer.code()), (421, "foreignHost"));
    assert_eq!(world.control("GET", "faults", None).await.body.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn scripts_and_the_emulators_own_pages_go_on_as_before() {
    let world = World::new();
    let allowed: [&[(&str, &str)]; 3] =
        [&[], &[("host", "container:8081")], &[("host", HOST), ("origin", BASE), ("sec-fetch-site", "same-origin")]];
    for headers in allowed {
        assert_eq!(control_with(&world, "DELETE", "requests", headers).await.status, 204, "{headers:?}");
    }
    let read = control_with(&world, "GET", "requests", &[("host", HOST), ("origin", "http://evil.example")]).await;
    assert_eq!((read.status, read.header("access-control-allow-origin")), (200, ""), "no page can read the answer");
}

#[tokio::test]
async fn no_browser_reads_the_management_interface_under_a_foreign_name() {
    let world = World::new();
    let rebound = "evil.example:8081";
    // Without TLS, a page that reads what is of its own origin says no more than the last two.
    let signs = [
        ("origin", "http://evil.example:8081"),
        ("sec-fetch-site", "same-origin"),
        ("referer", "http://evil.example:8081/page"),
        ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    ];
    for path in ["requests", "outbox", "notifications", "behaviour", "conformance"] {
        for sign in signs {
            let refused = control_with(&world, "GET", path, &[("host", rebound), sign]).await;
            assert_eq!((refused.status, refused.code()), (421, "foreignHost"), "{path} {sign:?}");
        }
        for (host, sign) in [(HOST, signs[3]), (rebound, ("user-agent", "curl/8.5.0"))] {
            let read = control_with(&world, "GET", path, &[("host", host), sign]).await;
            assert_eq!(read.status, 200, "{path} of {host} {sign:?}");
        }
    }
}

/// A sign-in that accepts, with headers of a browser.
async fn accept_with(world: &World, path: &str, headers: &[(&str, &str)]) -> Answer {
    let fields = [
        ("client_id", CLIENT),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", "https://graph.microsoft.com/User.Read"),
        ("user", ALICE),
        ("decision", "accept"),
    ];
    world.submit_with(path, &fields, headers).await
}

#[tokio::test]
async fn a_form_of_another_site_decides_nothing_at_the_sign_in() {
    let world = World::new();
    let evil = [("origin", "http://evil.example"), ("sec-fetch-site", "cross-site")];
    let own = [("origin", BASE), ("sec-fetch-site", "same-origin")];
    let paths =
        ["/common/oauth2/v2.0/authorize", "/contoso.example/v2.0/adminconsent", "/contoso.example/adminconsent"];
    for path in paths {
        let refused = accept_with(&world, path, &evil).await;
        assert_eq!((refused.status, refused.header("location")), (403, ""), "{path}");
        assert_eq!(refused.header("x-frame-options"), "DENY", "{path}");
        // A page that has led its own name here says that it is of the same origin.
        let rebound = [("host", "evil.example:8081"), ("origin", "http://evil.example:8081")];
        let refused = accept_with(&world, path, &rebound).await;
        assert_eq!((refused.status, refused.header("location")), (421, ""), "{path}");
        for headers in [&own as &[(&str, &str)], &[]] {
            let accepted = accept_with(&world, path, headers).await;
            assert_eq!(accepted.status, 302, "{path}: {}", accepted.text);
        }
    }
    let device = |headers: &'static [(&'static str, &'static str)]| {
        world.submit_with("/common/oauth2/deviceauth", &[("otc", "AAAAAAAAA")], headers)
    };
    assert_eq!(device(&[("sec-fetch-site", "cross-site")]).await.status, 403);
    assert_eq!(device(&[("sec-fetch-site", "same-origin")]).await.status, 200);
}

#[tokio::test]
async fn an_application_posts_the_request_for_a_sign_in_from_its_own_page() {
    let world = World::new();
    let fields =
        [("client_id", CLIENT), ("response_type", "code"), ("redirect_uri", REDIRECT), ("scope", "openid User.Read")];
    let headers = [("origin", "http://127.0.0.1:8080"), ("sec-fetch-site", "same-site")];
    let page = world.submit_with("/common/oauth2/v2.0/authorize", &fields, &headers).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("value=\"accept\""), "{}", page.text);
}

#[tokio::test]
async fn login_and_graph_have_rules_of_their_own() {
    let world = World::new();
    let headers = [("host", "evil.example"), ("origin", "http://evil.example")];
    assert_eq!(world.get_with("/me", &headers).await.status, 200);
}
