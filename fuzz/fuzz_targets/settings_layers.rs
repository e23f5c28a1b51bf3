//! See `tandem_fuzz::settings_layers`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tandem_fuzz::settings_layers::check(data));
