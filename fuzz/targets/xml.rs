#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lead_router_fuzz::xml(data));
