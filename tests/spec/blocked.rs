//! A resource that waits for somebody says so in its report, in whichever way it is
//! run (control interface, `POST /api/sync`; `tandem sync`).

use serde_json::{Value, json};
use tandem_tests::{World, tandem};

/// Everything of anna is switched on, and waits for her to sign in again.
async fn parked(world: &World) {
    world.configure().await;
    world.switch_tasks_on().await;
    world.add_user("anna", "Acme").await;
    world.connect("anna").await;
    world.expire("refreshTokens").await;
    world.expire("accessTokens").await;
    world.advance(3 * 3600).await;
    assert_eq!(world.sync("anna").await["blocked"], "parked");
}

/// The ways to have something run.
const WAYS: [Option<&str>; 3] = [None, Some("again"), Some("preview")];

#[tokio::test]
async fn the_command_line_reports_what_is_blocked_alike_in_every_way_to_run_it() {
    let directory = tempfile::tempdir().unwrap();
    parked(&World::on_disk(directory.path()).await).await;
    let data = directory.path().to_str().unwrap();
    for way in WAYS {
        let option = way.map(|way| format!("--{way}"));
        let arguments: Vec<&str> = ["sync", "--data", data].into_iter().chain(option.as_deref()).collect();
        let ended = tandem(&[&arguments[..], &["--json"]].concat()).await;
        assert_eq!(ended.code, 1, "{ended:?}");
        let report: Value = serde_json::from_str(&ended.out).unwrap();
        let runs = &report[if way == Some("preview") { "previews" } else { "runs" }];
        assert_eq!((runs.as_array().unwrap().len(), &report["failures"]), (2, &json!([])), "{way:?}: {report}");
        for (run, resource) in runs.as_array().unwrap().iter().zip(["calendar", "tasks"]) {
            assert_eq!((&run["resource"], &run["blocked"]), (&json!(resource), &json!("parked")), "{way:?}: {report}");
        }

        let shown = tandem(&arguments).await;
        assert_eq!(shown.code, 1, "{shown:?}");
        let said =
            "   not run     The Microsoft account needs attention before it is synchronized again. See its alert.";
        assert_eq!(shown.out.matches(said).count(), 2, "{way:?}: {}", shown.out);
        assert!(!shown.out.contains("failed") && !shown.out.contains("cost"), "{way:?}: {}", shown.out);
    }
}

#[tokio::test]
async fn the_json_interface_reports_what_is_blocked_alike_in_every_way_to_run_it() {
    let world = World::empty().await;
    parked(&world).await;
    world.forget_requests().await;
    for way in WAYS {
        for resource in [Some("calendar"), Some("tasks"), None] {
            let mut run = json!({"user": "anna", "resource": resource});
            if let Some(way) = way {
                run[way] = json!(true);
            }
            let report = world.crm.post("/api/sync", &run).await.ok();
            assert_eq!(report["blocked"], "parked", "{way:?} {resource:?}: {report}");
            for report in report["resources"].as_array().into_iter().flatten() {
                assert_eq!(report["blocked"], "parked", "{way:?} {resource:?}: {report}");
            }
        }
    }
    assert_eq!(world.requests().await["count"], 0);
}
