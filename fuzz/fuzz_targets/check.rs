//! Any capture through the whole of `check`: no panic, whatever the packets say.
#![no_main]

use conformance::{FrameInfo, Inspector, Settings};
use libfuzzer_sys::fuzz_target;
use wire::Instant;

fuzz_target!(|bytes: &[u8]| {
    let source = std::io::Cursor::new(bytes.to_vec());
    let Ok(mut capture) = capture::Capture::from_reader("fuzz", source) else { return };
    let mut inspector = Inspector::new(Settings::default());
    let mut time = Instant(0);
    while let Ok(Some(frame)) = capture.next_frame() {
        time = frame.time.unwrap_or(time);
        let info = FrameInfo { number: frame.number, time, link: frame.link, original_len: frame.original_len };
        inspector.frame(info, frame.data);
    }
    inspector.finish();
});
