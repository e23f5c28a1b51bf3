//! `tandem demo --once --json`: what the demonstration shows, every time.

use serde_json::Value;
use tandem_tests::tandem;

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
