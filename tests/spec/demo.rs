//! `tandem demo --once --json`: what the demonstration shows, every time.

use host_harness::app::{AppOptions, DataDir};
use host_harness::clock::HarnessClock;
use host_harness::demo::organization::renew_registration;
use serde_json::{Value, json};
use tandem_tests::{World, served, tandem};

async fn once() -> Value {
    tandem(&["demo", "--once", "--json"]).await.json()
}

fn total(report: &Value, side: &str, kind: &str) -> u64 {
    report["runs"].as_array().unwrap().iter().map(|run| run[side][kind].as_u64().unwrap()).sum()
}

#[tokio::test]
async fn the_demonstration_shows_every_kind_of_change_in_both_directions_and_converges() {
    let report = once().await;
    assert_eq!(report["converged"], true, "{report}");
    for side in ["crm", "microsoft"] {
        for kind in ["created", "updated", "deleted"] {
            assert!(total(&report, side, kind) > 0, "nothing was {kind} on the side {side}: {report}");
        }
    }
    let runs = report["runs"].as_array().unwrap();
    let sum = |kind: &str| runs.iter().map(|run| run[kind].as_u64().unwrap()).sum::<u64>();
    assert!(sum("merged") >= 1, "an edit on both sides is put together: {report}");
    assert!(sum("conflicts") >= 1 && !report["conflicts"].as_array().unwrap().is_empty(), "{report}");
}

#[tokio::test]
async fn the_last_run_of_the_demonstration_is_one_request_and_no_write() {
    let report = once().await;
    let runs = report["runs"].as_array().unwrap();
    let last = runs.iter().rfind(|run| run["resource"] == "calendar").unwrap().clone();
    for kind in ["created", "updated", "deleted", "conflicts"] {
        assert_eq!(last[kind], 0, "{last}");
    }
    assert_eq!(last["microsoft"]["requests"], 1, "{last}");
}

#[tokio::test]
async fn the_demonstration_is_the_same_every_time() {
    assert_eq!(once().await, once().await);
}

#[tokio::test]
async fn the_demonstration_tells_people_the_same_story() {
    let ended = tandem(&["demo", "--once"]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    let told = ended.out.to_lowercase();
    for run in once().await["runs"].as_array().unwrap() {
        let name = run["name"].as_str().unwrap().to_lowercase();
        assert!(told.contains(&name), "expected `{name}` in {told}");
    }
}

#[tokio::test]
async fn a_later_start_says_who_has_connected_meanwhile() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let start = ["demo", "--data", data.to_str().unwrap(), "--port", "0", "--graph-port", "0"];
    let unconnected = "James Carter, who has not connected a Microsoft account yet; try Connect";
    assert!(served(&start).await.contains(unconnected));
    assert!(served(&start).await.contains(unconnected), "nothing was done meanwhile");
    {
        let options = AppOptions::in_memory(HarnessClock::running(), 7);
        let world = World::with(AppOptions { data: DataDir::Path(data.clone()), ..options }).await;
        renew_registration(&world.app).await.unwrap();
        let begun = world.crm.post("/api/users/james/microsoft/connect", &json!({})).await.ok();
        let address = begun["authorizeUrl"].as_str().unwrap();
        let back = world.decide_at_microsoft(address, "james.carter", "accept").await;
        assert_eq!(world.crm.get(&back).await.status, 200);
    }
    let said = served(&start).await;
    assert!(said.contains("as you left it") && !said.contains("has not connected"), "{said}");
    assert!(said.contains("James Carter, who is connected with james.carter@acme.example"), "{said}");
}

#[tokio::test]
async fn an_interrupted_demonstration_names_the_people_that_it_has_got_to() {
    let directory = tempfile::tempdir().unwrap();
    World::on_disk(directory.path()).await.add_administrator("admin", "Acme").await;
    let said = served(&["--data", directory.path().to_str().unwrap(), "--port", "0", "--graph-port", "0"]).await;
    assert!(said.contains("The demonstration was interrupted") && said.contains("\n  admin  "), "{said}");
    assert!(!said.contains("james") && !said.contains("anna"), "{said}");
}
