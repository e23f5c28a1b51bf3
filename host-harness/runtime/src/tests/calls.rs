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
async fn an_instance_can_be_torn_down_after_any_of_its_computing() {
    let engine = Arc::new(PluginEngine::start_counting_fuel().unwrap());
    let plugin = plugin(
        &engine,
        "(local $n i32) (loop $again (call $tick) (local.set $n (i32.add (local.get $n) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $n) (i32.const 3))))",
    );
    let undisturbed = HostCalls::new(None);
    run_counted(&plugin, undisturbed.clone()).await.unwrap();
    let mut calls_made = Vec::new();
    for after in 0..undisturbed.fuel() {
        let calls = HostCalls::new(Some(Interruption::RunDry { after }));
        let result = run_counted(&plugin, calls.clone()).await;
        assert_eq!(calls.has_struck(), result.is_err());
        if let Err(failure) = result {
            assert_eq!(failure.kind, FailureKind::TornDown { calls: calls.made() });
            calls_made.push(calls.made());
        }
    }
    assert!(calls_made.is_sorted(), "more fuel is never less work: {calls_made:?}");
    calls_made.dedup();
    assert_eq!(calls_made, [0, 1, 2], "it was stopped before each of the calls");
    let enough = HostCalls::new(Some(Interruption::RunDry { after: undisturbed.fuel() }));
    run_counted(&plugin, enough.clone()).await.unwrap();
    assert_eq!(enough.fuel(), undisturbed.fuel(), "the same work costs the same");
}

#[tokio::test]
async fn fuel_is_counted_over_all_calls_that_belong_together() {
    let engine = Arc::new(PluginEngine::start_counting_fuel().unwrap());
    let plugin = plugin(&engine, "(call $tick)");
    let undisturbed = HostCalls::new(None);
    run_counted(&plugin, undisturbed.clone()).await.unwrap();
    let calls = HostCalls::new(Some(Interruption::RunDry { after: undisturbed.fuel() }));
    run_counted(&plugin, calls.clone()).await.unwrap();
    assert!(!calls.has_struck());
    run_counted(&plugin, calls.clone()).await.unwrap_err();
    assert_eq!((calls.has_struck(), calls.made()), (true, 1));
}

#[tokio::test]
async fn an_engine_that_counts_no_fuel_says_so() {
    let engine = Arc::new(PluginEngine::start().unwrap());
    let plugin = plugin(&engine, "");
    let kind = run_counted(&plugin, HostCalls::new(Some(Interruption::RunDry { after: 5 }))).await.unwrap_err().kind;
    assert!(matches!(&kind, FailureKind::Host { reason } if reason.contains("fuel")), "{kind:?}");
}

#[tokio::test]
async fn one_call_fails_and_the_answer_of_another_one_is_lost() {
    let fates = |interruption| {
        let calls = HostCalls::new(Some(interruption));
        let fates = [calls.begins(), calls.begins(), calls.begins()];
        assert!(calls.has_struck());
        assert_eq!(calls.begun(), 3);
        fates
    };
    assert_eq!(fates(Interruption::Fail { at: 2 }), [Fate::Heard, Fate::NotMade, Fate::Heard]);
    assert_eq!(fates(Interruption::Lose { at: 3 }), [Fate::Heard, Fate::Heard, Fate::Lost]);
}

#[tokio::test]
async fn a_call_that_waits_for_ever_is_stopped() {
    let engine = Arc::new(PluginEngine::start().unwrap());
    let error = plugin(&engine, "")
        .call(setup(HostCalls::new(None)), |_, _| Box::pin(std::future::pending::<wasmtime::Result<()>>()))
        .await
        .unwrap_err();
    assert_eq!(error.kind, FailureKind::CallTime { limit: limits().call_time });
    assert_eq!(error.to_string(), "plugin sample 1.2.3: it did not return within 0.4 seconds and was stopped");
}
