//! Any bytes as a frame of any link type: no panic, every layer within the frame.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::frame::{Flow, Layer, Sink, decode};
use wire::link::LinkType;

struct Within(usize);

impl<'a> Sink<'a> for Within {
    fn layer(&mut self, offset: usize, _: &Layer<'a>) -> Flow {
        assert!(offset <= self.0);
        Flow::Into
    }
}

fuzz_target!(|input: (u8, &[u8])| {
    let (link, bytes) = input;
    decode(LinkType(u32::from(link)), bytes, bytes.len() as u32, &mut Within(bytes.len()));
});
