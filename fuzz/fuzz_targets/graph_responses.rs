//! See `tandem_fuzz::graph_responses`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tandem_fuzz::graph_responses::check(data));
