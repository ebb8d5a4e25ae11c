//! Any bytes as a capture file: no panic, no endless loop, frame numbers that grow.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let source = std::io::Cursor::new(bytes.to_vec());
    let Ok(mut capture) = capture::Capture::from_reader("fuzz", source) else { return };
    let mut last = 0;
    while let Ok(Some(frame)) = capture.next_frame() {
        assert!(frame.number.0 > last);
        last = frame.number.0;
    }
});
