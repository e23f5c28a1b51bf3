//! Calls that end badly, and the host that goes on.

use super::*;

#[tokio::test]
async fn a_call_that_ends_well_has_no_failure() {
    let engine = Arc::new(PluginEngine::start().unwrap());
    run(&plugin(&engine, "(call $tick)"), None).await.unwrap();
}

#[tokio::test]
async fn a_guest_that_loops_is_stopped() {
    let kind = failure("(loop $again (br $again))").await;
    assert_eq!(kind, FailureKind::ComputeTime { limit: limits().compute_time });
}

#[tokio::test]
async fn a_guest_that_loops_lets_others_run() {
    let engine = Arc::new(PluginEngine::start().unwrap());
    let (looping, quick) = (plugin(&engine, "(loop $again (br $again))"), plugin(&engine, "(call $tick)"));
    // On one thread: the second call can only end because the first one yields.
    let (stopped, served) = tokio::join!(run(&looping, None), run(&quick, None));
    assert!(stopped.is_err());
    served.unwrap();
}

#[tokio::test]
async fn a_trap_is_named() {
    let kind = failure("unreachable").await;
    assert_eq!(kind, FailureKind::Trap { reason: "wasm trap: wasm `unreachable` instruction executed".to_owned() });
}

#[tokio::test]
async fn an_endless_recursion_is_a_trap() {
    let engine = Arc::new(PluginEngine::start().unwrap());
    let text = r#"(component
        (core module $code (func $again (export "run") (call $again)))
        (core instance $instance (instantiate $code))
        (func (export "run") (canon lift (core func $instance "run"))))"#;
    let loaded = load(&engine, &wat::parse_str(text).unwrap(), &contract(), None).unwrap();
    let identity = PluginIdentity { name: "sample".to_owned(), version: "1.2.3".to_owned() };
    let client = Client::new(AllowList::default(), None);
    let linker = linker::<()>(&engine).unwrap();
    let plugin = Plugin::new(Arc::clone(&engine), &linker, &loaded, identity, limits(), client).unwrap();
    let kind = run(&plugin, None).await.unwrap_err().kind;
    assert_eq!(kind, FailureKind::Trap { reason: "wasm trap: call stack exhausted".to_owned() });
}

#[tokio::test]
async fn a_guest_that_wants_more_memory_than_it_may_have_is_stopped() {
    // 64 KiB each: more than the limit of this test, then more than the pool has.
    for pages in [200, 2_000] {
        let kind = failure(&format!("(drop (memory.grow (i32.const {pages})))")).await;
        let wanted = (pages + 1) * 65_536;
        assert_eq!(kind, FailureKind::Memory { limit: limits().memory_bytes, wanted });
    }
}

#[tokio::test]
async fn an_instance_can_be_torn_down_after_any_host_call() {
    let engine = Arc::new(PluginEngine::start().unwrap());
    let plugin = plugin(&engine, "(call $tick) (call $tick) (call $tick)");
    for last in 1..=3 {
        let kind = run(&plugin, Some(last)).await.unwrap_err().kind;
        assert_eq!(kind, FailureKind::TornDown { calls: last });
    }
    run(&plugin, Some(4)).await.unwrap();
}

#[tokio::test]
async fn a_call_that_waits_for_ever_is_stopped() {
    let engine = Arc::new(PluginEngine::start().unwrap());
    let error = plugin(&engine, "")
        .call(setup(None), |_, _| Box::pin(std::future::pending::<wasmtime::Result<()>>()))
        .await
        .unwrap_err();
    assert_eq!(error.kind, FailureKind::CallTime { limit: limits().call_time });
    assert_eq!(error.to_string(), "plugin sample 1.2.3: it did not return within 0.4 seconds and was stopped");
}
