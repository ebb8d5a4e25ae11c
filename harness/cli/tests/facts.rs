//! `stackproof facts`, as a user runs it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

#[test]
fn a_capture_is_a_line_below_the_names() {
    let folder = tempfile::tempdir().unwrap();
    let file = arp_capture(folder.path());
    let output = facts(&[&file]);
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    let [names, values] = &lines[..] else {
        panic!("{text}");
    };
    let value = |name: &str| values[names.iter().position(|column| *column == name).unwrap()];
    assert_eq!(
        (value("file"), value("packets"), value("arp")),
        (file.as_str(), "1", "1")
    );
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn names_can_be_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = arp_capture(folder.path());
    let output = facts(&["--no-header", &file, &file]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().filter(|line| line.starts_with(&file)).count(), 2);
    assert_eq!(text.lines().count(), 2);
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let file = arp_capture(folder.path());
    let output = facts(&["--no-header", "no such file", &file]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("no such file"));
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 1);
}

fn facts(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stackproof"))
        .arg("facts")
        .args(arguments)
        .output()
        .unwrap()
}

/// A capture of one ARP request.
fn arp_capture(folder: &Path) -> String {
    let mut frame = vec![0xff; 6];
    frame.extend([2, 0, 0, 0, 0, 1, 0x08, 0x06]);
    frame.extend([0, 1, 8, 0, 6, 4, 0, 1]);
    frame.extend([0; 20]);
    let length = (frame.len() as u32).to_le_bytes();
    // Magic, version 2.4, zone and accuracy, snap length, Ethernet; time, captured and original length.
    let mut file = [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65535, 1, 0, 0]
        .iter()
        .flat_map(|word| word.to_le_bytes())
        .collect::<Vec<u8>>();
    file.extend(length);
    file.extend(length);
    file.extend(frame);
    let path = folder.join("arp.pcap");
    fs::write(&path, file).unwrap();
    path.display().to_string()
}
