//! Bindings generated from the contract in `wit/`.
//!
//! Named only in `host/` and `app/`; everything else sees the re-exports of
//! [`super::types`]. The world is `connector`: WASI itself comes from the
//! runtime, so that its bindings are generated once, in the library that
//! implements it. Host functions are asynchronous on this side (the guest
//! blocks) and may trap, which is how a crash is injected.
#![allow(missing_docs, reason = "the documentation is in the WIT files, and is carried over from them")]
#![allow(clippy::all, clippy::pedantic, clippy::unwrap_used, clippy::indexing_slicing, reason = "generated code")]

wasmtime::component::bindgen!({
    path: [
        "../wit/deps/io.wit",
        "../wit/deps/clocks.wit",
        "../wit/deps/random.wit",
        "../wit/deps/filesystem.wit",
        "../wit/deps/sockets.wit",
        "../wit/deps/cli.wit",
        "../wit/deps/http.wit",
        "../wit/host",
        "../wit/plugin",
    ],
    world: "tandem:plugin/connector",
    imports: { default: async | trappable },
    exports: { default: async },
    additional_derives: [PartialEq],
});
