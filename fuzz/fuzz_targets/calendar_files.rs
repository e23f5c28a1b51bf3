//! See `tandem_fuzz::calendar_files`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tandem_fuzz::calendar_files::check(data));
