//! See `tandem_fuzz::html_bodies`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tandem_fuzz::html_bodies::check(data));
