//! The host that README.md shows to whoever loads the component from Rust, so that it
//! compiles and cannot part from what the runtime and the contract offer. What follows
//! this comment is the text there, but for where `wit/` lies and for the attribute on
//! the generated module:
//! `tests/spec/repository/example.rs` compares them.

use std::{path::Path, sync::Arc, time::UNIX_EPOCH};

use tandem_runtime::{
    AllowList, Authority, CallSetup, Client, Contract, HostCalls, Limits, Plugin, PluginEngine, PluginIdentity, Ports,
    linker, load_file,
};
use wasmtime::component::HasSelf;

#[allow(
    missing_docs,
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "generated"
)]
mod bindings {
    wasmtime::component::bindgen!({
        path: ["../wit/deps/io.wit", "../wit/deps/clocks.wit", "../wit/deps/random.wit", "../wit/deps/filesystem.wit",
            "../wit/deps/sockets.wit", "../wit/deps/cli.wit", "../wit/deps/http.wit", "../wit/host", "../wit/plugin"],
        world: "tandem:plugin/connector",
        imports: { default: async | trappable },
        exports: { default: async },
    });
}
use bindings::{Connector, tandem::host::log};

/// What one call may touch: made per call, for one user of one organization.
struct Scope;

impl log::Host for Scope {
    async fn write(&mut self, level: log::Level, message: String, _: Vec<log::Field>) -> wasmtime::Result<()> {
        println!("{level:?} {message}");
        Ok(())
    }
}

#[tokio::main]
async fn main() -> wasmtime::Result<()> {
    let engine = Arc::new(PluginEngine::start()?);
    let contract = Contract {
        offered: [("tandem:host".to_owned(), "0.1.0".to_owned())].into(),
        // What WASI's runtime has for it. No directory is behind the file system, no variable in the environment.
        standard: ["cli", "clocks", "filesystem", "http", "io", "random"].map(|name| format!("wasi:{name}")).to_vec(),
        required: vec!["tandem:plugin/sync@0.1.0".to_owned()],
    };
    let loaded = load_file(&engine, Path::new("tandem_plugin.wasm"), &contract, None)?;

    let mut linker = linker::<Scope>(&engine)?;
    log::add_to_linker::<_, HasSelf<Scope>>(&mut linker, |store| &mut store.data)?;
    // … and likewise config, storage, secrets, calendar, tasks and notices: without all seven, `Plugin::new` fails.

    let allowed = AllowList::default()
        .allow(Authority::of_url("https://login.microsoftonline.com")?)
        .allow(Authority::of_url("https://graph.microsoft.com")?);
    let identity = PluginIdentity { name: "tandem".to_owned(), version: "0.1.0".to_owned() };
    let plugin =
        Plugin::new(Arc::clone(&engine), &linker, &loaded, identity, Limits::default(), Client::new(allowed, None))?;

    let clock = Arc::new(|| UNIX_EPOCH.elapsed().unwrap_or_default());
    let seed = [0; 32]; // From the system's random generator, new for each call.
    let calls = HostCalls::new(None);
    let setup = CallSetup { data: Scope, ports: Ports::new(clock, seed), calls, still_holds: None };
    let manifest = plugin
        .call(setup, |store, instance| {
            Box::pin(async move {
                let exports = Connector::new(&mut *store, &instance)?;
                exports.tandem_plugin_manifest().call_describe(store, "Acme CRM").await
            })
        })
        .await?;
    println!("{} {}", manifest.title, manifest.version);
    Ok(())
}
