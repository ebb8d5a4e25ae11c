//! Several captures named at once.

mod common;

use std::fs;

use capture::open_all;
use common::Order::Little;

#[test]
fn folder_stands_for_the_captures_in_it_and_below_sorted() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let pcap = Little.pcap(0xa1b2_c3d4, 0, 1);
    fs::create_dir_all(at("b/deeper")).unwrap();
    fs::write(at("z.txt"), &pcap).unwrap();
    fs::write(at("b/deeper/2.cap"), Little.section()).unwrap();
    fs::write(at("b/1.pcap.zst"), zstd::encode_all(&pcap[..], 1).unwrap()).unwrap();
    fs::write(at("a.pcap"), "not a capture").unwrap();
    fs::write(at("empty.pcap"), "").unwrap();
    fs::write(at("half.pcap"), &pcap[..20]).unwrap();

    let mut all = open_all([folder.path()]);
    let mut found = Vec::new();
    for opened in all.by_ref() {
        found.push(match opened {
            Ok(capture) => capture.name().to_owned(),
            Err(error) => format!("error in {}", error.file),
        });
    }
    let named = |name: &str| at(name).display().to_string();
    let half = format!("error in {}", named("half.pcap"));
    assert_eq!(
        found,
        [named("b/1.pcap.zst"), named("b/deeper/2.cap"), half, named("z.txt")]
    );
    let skipped: Vec<_> = all.skipped().iter().map(|skipped| skipped.path.clone()).collect();
    assert_eq!(skipped, [at("a.pcap"), at("empty.pcap")]);
    assert_eq!(all.skipped()[1].reason, "is empty, expected a pcap or pcapng capture");
}

#[test]
fn file_that_was_named_must_be_a_capture() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    fs::write(&path, "not a capture").unwrap();
    let results: Vec<_> = open_all([path, folder.path().join("missing.pcap")]).collect();
    assert_eq!(results.iter().map(Result::is_err).collect::<Vec<_>>(), [true, true]);
}

#[cfg(unix)]
#[test]
fn ring_of_links_and_dangling_link_end() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("ring")).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.path().join("dangling")).unwrap();
    let mut all = open_all([folder.path()]);
    assert_eq!((all.by_ref().count(), all.skipped().len()), (0, 2));
}
