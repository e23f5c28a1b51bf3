//! Bindings generated from the contract. Named only in the shell.
#![allow(
    missing_docs,
    unsafe_code,
    unused_qualifications,
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "generated code; its documentation is in the WIT files"
)]

wit_bindgen::generate!({
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
    generate_all,
});

use crate::Component;

export!(Component with_types_in self);
