//! See `tandem_fuzz::delta_pages`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tandem_fuzz::delta_pages::check(data));
