//! `tandem check`, and the clouds that `tandem serve` knows.

use std::path::Path;

use chrono::Utc;
use serde_json::json;
use tandem_tests::{World, options_on_disk, served, tandem};

/// A data directory whose user anna is connected, as `change` leaves it.
async fn connected(data: &Path, change: impl AsyncFnOnce(&World)) {
    let world = World::with(options_on_disk(data, Utc::now())).await;
    world.configure().await;
    world.add_user("anna", "Acme").await;
    world.add_user("ben", "Acme").await;
    world.connect("anna").await;
    change(&world).await;
}

fn path(directory: &tempfile::TempDir) -> (std::path::PathBuf, String) {
    let data = directory.path().join("data");
    let text = data.to_str().unwrap().to_owned();
    (data, text)
}

#[tokio::test]
async fn a_check_says_each_step_and_whose_account_answered() {
    // A4
    let directory = tempfile::tempdir().unwrap();
    let (data, text) = path(&directory);
    connected(&data, async |_| {}).await;
    let checked = tandem(&["check", "--data", &text, "--user", "anna"]).await;
    assert_eq!(checked.code, 0, "{checked:?}");
    assert_eq!(
        checked.out,
        "User        anna\n\
         Microsoft   http://127.0.0.1:8081 (emulated)\n\
         Account     anna@acme.example\n\n\
         passed  Sign in with the stored consent\n\
         passed  Read who the account is\n\
         passed  Read an event of the calendar\n"
    );
    let report = tandem(&["check", "--data", &text, "--user", "anna", "--json"]).await.json();
    assert_eq!((&report["ok"], &report["accountName"]), (&json!(true), &json!("anna@acme.example")));
    let names: Vec<_> = report["steps"].as_array().unwrap().iter().map(|step| step["name"].clone()).collect();
    assert_eq!(names, ["token", "profile", "calendar"]);
}

#[tokio::test]
async fn a_check_that_fails_says_what_does_not_work_and_ends_with_one() {
    let directory = tempfile::tempdir().unwrap();
    let (data, text) = path(&directory);
    // The access token that is stored is still good; the consent behind it is not.
    connected(&data, async |world: &World| world.expire("refreshTokens").await).await;
    let checked = tandem(&["check", "--data", &text, "--user", "anna"]).await;
    assert_eq!(checked.code, 1, "{checked:?}");
    assert!(
        checked.out.contains(
            "\nfailed   Sign in with the stored consent: Microsoft refused to renew the sign-in: invalid_grant \
             (AADSTS50173). Connect the Microsoft account again.\nskipped  Read who the account is\n\
             skipped  Read an event of the calendar\n"
        ),
        "{checked:?}"
    );
    assert!(checked.error.contains("hint: do what its line says, and check again"), "{checked:?}");
}

#[tokio::test]
async fn who_is_not_connected_and_who_is_not_there_cannot_be_checked() {
    let directory = tempfile::tempdir().unwrap();
    let (data, text) = path(&directory);
    connected(&data, async |_| {}).await;
    let unconnected = tandem(&["check", "--data", &text, "--user", "ben"]).await.refused(1);
    assert_eq!(
        unconnected,
        "error: no Microsoft account is connected\nhint: connect an account in the user's settings\n"
    );
    let unknown = tandem(&["check", "--data", &text, "--user", "carl"]).await.refused(1);
    assert!(unknown.contains("expected one of the users `anna`, `ben`, but found `carl`"), "{unknown}");
}

#[tokio::test]
async fn each_cloud_has_its_own_addresses() {
    let clouds = [
        ("global", "https://login.microsoftonline.com and https://graph.microsoft.com/v1.0"),
        ("usgov", "https://login.microsoftonline.us and https://graph.microsoft.us/v1.0"),
        ("usgov-dod", "https://login.microsoftonline.us and https://dod-graph.microsoft.us/v1.0"),
        ("china", "https://login.partner.microsoftonline.cn and https://microsoftgraph.chinacloudapi.cn/v1.0"),
    ];
    for (cloud, addresses) in clouds {
        let said = served(&["serve", "--cloud", cloud, "--data", ":memory:", "--port", "0"]).await;
        assert!(said.contains(&format!("\nMicrosoft   {addresses}\n")), "{said}");
    }
    let both =
        tandem(&["serve", "--cloud", "global", "--login-url", "https://l.example", "--graph-url", "https://g.example"]);
    assert!(both.await.refused(2).contains("cannot be used with"));
}
