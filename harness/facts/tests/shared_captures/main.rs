//! Counts of the shared captures, beside those that tshark 4.0.17 gave (TCP, UDP and ICMP checksums verified).
//!
//! Every column is compared but `malformed`, to which each of Wireshark's hundreds of dissectors adds. Nothing is
//! tolerated: what differs is listed with its reason, and what no longer differs has to leave the list.

mod differences;

use capture::Capture;
use differences::DIFFERENCES;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_count_is_tsharks_but_for_the_listed_ones() {
    let Some(captures) = shared_captures() else {
        println!("skipped: needs shared captures");
        return;
    };
    let table = table(&captures.join("FACTS.tsv"));
    let listed = listed();
    let mut wrong = Vec::new();
    for expected in &table {
        let Some(file) = expected.get("file") else { continue };
        let (found, _) = surveyed(&captures, file);
        for &column in facts::COLUMNS.iter().filter(|column| **column != "malformed") {
            let (ours, theirs) = (&found[column], &expected[column]);
            match listed.get(&(file.as_str(), column)) {
                None if ours != theirs => wrong.push(format!("{file}: {column} is {ours}, tshark counts {theirs}")),
                Some(value) if ours != value => wrong.push(format!("{file}: {column} is {ours}, listed as {value}")),
                Some(_) if ours == theirs => wrong.push(format!("{file}: {column} is {ours} as tshark's, yet listed")),
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a stream amounts to.
const FLOW_COLUMNS: [&str; 10] = [
    "src",
    "sport",
    "dst",
    "dport",
    "packets",
    "payload_bytes",
    "syn",
    "synack",
    "fin",
    "rst",
];

#[test]
fn every_tcp_stream_is_tsharks_where_the_streams_of_the_file_are() {
    let Some(captures) = shared_captures() else {
        println!("skipped: needs shared captures");
        return;
    };
    let listed = listed();
    let mut streams: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    for row in table(&captures.join("FLOWS.tsv")) {
        let flow = FLOW_COLUMNS.map(|column| row[column].clone()).to_vec();
        streams.entry(row["file"].clone()).or_default().push(flow);
    }
    let mut wrong = Vec::new();
    for (file, theirs) in &streams {
        if ["tcp_pkts", "tcp_streams"]
            .iter()
            .any(|column| listed.contains_key(&(file.as_str(), *column)))
        {
            continue;
        }
        let (_, ours) = surveyed(&captures, file);
        for (number, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
            if ours != theirs
                && !FLOW_DIFFERENCES
                    .iter()
                    .any(|&(listed, stream, _)| (listed, stream) == (file, number))
            {
                wrong.push(format!("{file}: stream {number} is {ours:?}, tshark's {theirs:?}"));
            }
        }
        if ours.len() != theirs.len() {
            wrong.push(format!(
                "{file}: {} streams, tshark counts {}",
                ours.len(),
                theirs.len()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// File, stream, reason.
const FLOW_DIFFERENCES: [(&str, usize, &str); 6] = [
    ("tcpdump/gso-ipv4-geneve-ipv6.pcap", 0, OUTER),
    ("tcpdump/gso-ipv4-vxlan-ipv6.pcap", 0, OUTER),
    ("zeek/chksums__ip6-hoa-tcp-bad-chksum.pcap", 0, HOME_ADDRESS),
    ("zeek/chksums__ip6-hoa-tcp-good-chksum.pcap", 0, HOME_ADDRESS),
    ("zeek/chksums__ip6-route0-tcp-bad-chksum.pcap", 0, ROUTE),
    ("zeek/chksums__ip6-route0-tcp-good-chksum.pcap", 0, ROUTE),
];

const OUTER: &str = "FLOWS.tsv has the outer addresses of IPv6 in IPv4";
const HOME_ADDRESS: &str = "an end is its home address (RFC 6275 section 6.3), FLOWS.tsv has that of the header";
const ROUTE: &str = "the route's end is the destination (RFC 8200 section 8.1), FLOWS.tsv has that of the header";

type Row = HashMap<String, String>;

/// Our row for a file, and its streams.
fn surveyed(captures: &Path, file: &str) -> (Row, Vec<Vec<String>>) {
    let mut capture = Capture::open(captures.join(file)).unwrap();
    let (facts, flows, _) = facts::count_with_flows(&mut capture);
    let names = facts::COLUMNS.iter().map(|name| name.to_string());
    let flows = flows.iter().map(|flow| {
        let counts = [
            flow.packets,
            flow.payload_bytes,
            flow.syn,
            flow.synack,
            flow.fin,
            flow.rst,
        ];
        let ends = [flow.source, flow.destination]
            .into_iter()
            .flat_map(|(address, port)| [address.to_string(), port.to_string()]);
        ends.chain(counts.map(|count| count.to_string())).collect()
    });
    (names.zip(facts.row(file)).collect(), flows.collect())
}

/// The listed value of a file's column.
fn listed() -> HashMap<(&'static str, &'static str), &'static str> {
    let files = DIFFERENCES.iter().flat_map(|(_, files)| files.iter());
    files
        .flat_map(|(file, columns)| columns.split(' ').map(move |column| (file, column)))
        .map(|(file, column)| {
            let (name, value) = column.split_once('=').unwrap();
            ((*file, name), value)
        })
        .collect()
}

fn table(path: &Path) -> Vec<Row> {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines().map(|line| line.split('\t').map(str::to_string));
    let names: Vec<String> = lines.next().unwrap().collect();
    lines
        .map(|values| names.iter().cloned().zip(values).collect())
        .collect()
}

fn shared_captures() -> Option<PathBuf> {
    let named = std::env::var_os("STACKPROOF_SHARED").map(|shared| PathBuf::from(shared).join("captures"));
    let beside = || {
        let start = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        start
            .ancestors()
            .map(|above| above.join("shared/captures"))
            .find(|captures| captures.is_dir())
    };
    named.or_else(beside).filter(|captures| captures.is_dir())
}
