//! Any bytes as TCP options: each option that was read is written and read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::tcp::options;

fuzz_target!(|bytes: &[u8]| {
    let raw = &bytes[..bytes.len().min(40)];
    for option in options(raw).flatten() {
        let mut out = Vec::new();
        option.emit(&mut out);
        assert_eq!(options(&out).next(), Some(Ok(option)));
    }
});
