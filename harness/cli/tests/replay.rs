//! `stackproof replay` as its users call it.

mod common;

use capture::Capture;
use capture::writer::PcapWriter;
use common::{at_top, stackproof, text, valid};
use std::path::{Path, PathBuf};
use std::process::Output;

fn replay(arguments: &[&str]) -> Output {
    stackproof(&[&["replay"], arguments].concat())
}

fn pcap(name: &str) -> String {
    at_top("pcaps").join(name).display().to_string()
}

/// The download without some of its frames, and no more than `snap` octets of each.
fn spoilt(folder: &Path, keep: impl Fn(u32) -> bool, snap: usize) -> String {
    let path: PathBuf = folder.join("spoilt.pcap");
    let mut source = Capture::open(pcap("download.near-server.pcap")).expect("a capture");
    let mut writer: Option<PcapWriter<std::fs::File>> = None;
    while let Some(frame) = source.next_frame().expect("a whole capture") {
        let file = || PcapWriter::new(std::fs::File::create(&path).expect("a file"), frame.link).expect("a header");
        let writer = writer.get_or_insert_with(file);
        if keep(frame.number.0) {
            let data = &frame.data[..frame.data.len().min(snap)];
            let time = frame.time.unwrap_or_default();
            writer.packet(time, frame.original_len, data).expect("written");
        }
    }
    writer.expect("frames").finish().expect("flushed");
    path.display().to_string()
}

#[test]
fn both_sides_of_a_download_are_replayed_at_the_reference() {
    let capture = pcap("download.near-server.pcap");
    for (side, received) in [("client", "received 2 of 2"), ("server", "received 40000 of 40000")] {
        let output = replay(&[&capture, "--stack", "reference", "--side", side]);
        let told = text(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{told}");
        assert!(told.contains(received) && !told.contains("differs"), "{told}");
    }
}

#[test]
fn the_json_form_is_what_the_schema_says() {
    let capture = pcap("http.near-client.pcap");
    let output = replay(&[
        &capture,
        "--connection",
        "1",
        "--stack",
        "smoltcp",
        "--side",
        "client",
        "--format",
        "json",
    ]);
    let document = valid(&output, "test.schema.json");
    assert_eq!(document["replay"]["connection"], 1);
    assert_eq!(document["scenarios"][0]["outcome"], "played");
}

#[test]
fn what_was_recorded_of_a_replay_can_be_replayed() {
    let folder = tempfile::tempdir().expect("a folder");
    let record = folder.path().join("again.pcapng").display().to_string();
    let capture = pcap("loss-5-percent.near-client.pcap");
    let first = ["--stack", "reference", "--side", "server", "--record", &record];
    assert_eq!(
        replay(&[&[capture.as_str()], &first[..]].concat()).status.code(),
        Some(0)
    );
    let output = replay(&[&record, "--stack", "reference", "--side", "client", "--seed", "9"]);
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(
        told.contains("received 2 of 2") && told.contains("sent 60000 of 60000"),
        "{told}"
    );
}

#[test]
fn cut_payloads_and_lost_packets_are_filled_with_zeros_and_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let cut = spoilt(folder.path(), |_| true, 100);
    let output = replay(&[&cut, "--stack", "reference", "--side", "server"]);
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(
        told.contains("the capture cut") && told.contains("received 40000 of 40000"),
        "{told}"
    );
    let lost = spoilt(folder.path(), |number| !(12..=14).contains(&number), 65_535);
    let output = replay(&[&lost, "--stack", "reference", "--side", "server"]);
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(
        told.contains("the capture lacks") && told.contains("received 40000 of 40000"),
        "{told}"
    );
}

#[test]
fn what_cannot_be_replayed_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let late = spoilt(folder.path(), |number| number > 5, 65_535);
    let fails = |capture: &str, more: &[&str], why: &str| {
        let output = replay(&[&[capture, "--stack", "reference", "--side", "client"], more].concat());
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(why), "{told}");
    };
    fails(
        &late,
        &[],
        "expected a SYN, but none of its 1 TCP connections begins with one",
    );
    fails(&late, &["--connection", "0"], "without a handshake; expected a SYN");
    fails(
        &pcap("http.near-client.pcap"),
        &["--connection", "9"],
        "it holds no connection 9; expected a number from 0 to 3",
    );
    fails(
        &pcap("ping-fragments.near-client.pcap"),
        &[],
        "it holds no TCP connection",
    );
    fails(&pcap("README.md"), &[], "expected the magic number");
}

#[test]
fn a_fault_shows_in_a_replay_as_in_a_scenario() {
    // smoltcp 0.14 keeps fewer blocks than fit once SACK is in use: RFC 2018 section 4, a SHOULD.
    let capture = pcap("loss-5-percent.near-client.pcap");
    let arguments = [
        &capture,
        "--stack",
        "smoltcp",
        "--side",
        "server",
        "--fail-on",
        "should",
    ];
    assert_eq!(replay(&arguments).status.code(), Some(1));
}
