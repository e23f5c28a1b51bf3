//! An installation whose Azure application was filled in and is not any more: no account
//! of anybody works then, whatever else is said of it.

use serde_json::json;
use tandem_tests::form::has_link;
use tandem_tests::{Browser, Form, TENANT, World};

#[tokio::test]
async fn an_account_whose_application_is_emptied_has_a_state_with_what_to_do() {
    // A5
    let world = World::connected().await;
    world.add_administrator("carol", "Acme").await;
    let anna_id = world.app.crm().user_by_login("anna").unwrap().id;
    world.app.crm().hold_first_sync(anna_id).unwrap();
    world.save("system", "0", &[("application.tenant", json!(""))]).await.ok();
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    let ask = "An administrator has to fill in the Azure Active Directory Application Settings";
    let page = anna.page("/configuration/my").await;
    let section = page.split("id=\"microsoft-account\"").nth(1).unwrap().split("</section>").next().unwrap().to_owned();
    assert!(section.contains(">Not set up</span>") && section.contains(ask), "{section}");
    assert!(!section.contains(">Connected</span>") && !section.contains("start it"), "{section}");
    assert!(section.contains("anna@"), "it is still there: {section}");
    for path in ["/", "/status", "/calendar", "/first-sync"] {
        let page = anna.page(path).await;
        assert!(page.contains(ask), "{path}: {page}");
        assert!(!page.contains("confirmation") && !has_link(&page, "/configuration/system"), "{path}: {page}");
    }
    assert!(Form::find(&anna.page("/first-sync").await, "/first-sync/preview").is_none());
    assert_eq!(world.status("anna").await["waitsFor"], "not-configured");
    let mut carol = Browser::signed_in(&world.crm, "carol").await;
    let hers = format!("/configuration/user/{}", world.user_id("anna").await);
    for path in ["/", "/status?q=anna", "/calendar?user=anna", "/first-sync?user=anna", hers.as_str()] {
        let page = carol.page(path).await;
        let (_, content) = page.split_once("<main").unwrap();
        assert!(
            content.contains(". Fill in the Azure") && has_link(content, "/configuration/system"),
            "{path}: {page}"
        );
    }
    // Filled in again, it is what it was.
    world.save("system", "0", &[("application.tenant", json!(TENANT))]).await.ok();
    world.crm.post("/api/users/anna/microsoft/check", &json!({})).await.ok();
    assert!(anna.page("/configuration/my").await.contains(">Connected</span>"));
    assert_eq!(world.status("anna").await["waitsFor"], "first-sync");
}
