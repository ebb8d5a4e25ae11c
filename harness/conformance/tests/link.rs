//! ARP and the book of hosts: who is asked for may not exist, and what lies in a tunnel says nothing of a live stack.

use conformance::example::{ArpDraft, Example, IpHeader, holds};
use conformance::tracker::Vantage;

#[test]
fn a_scan_of_a_network_makes_one_row() {
    let scan = holds("a scan", |t| {
        for number in 0..=u16::MAX {
            let [high, low] = number.to_be_bytes();
            t.arp(ArpDraft {
                target_protocol: [10, 0, high, low],
                ..ArpDraft::request()
            });
        }
    });
    let report = scan.inspect();
    assert_eq!(report.book.rows().count(), 1);
    assert_eq!(report.book.findings().count(), 0);
}

#[test]
fn a_reply_is_judged_in_the_middle_of_other_questions() {
    let busy = holds("fifty others ask", |t| {
        t.step(wire::Duration::millis(1));
        t.arp(ArpDraft::request());
        for last in 100..150 {
            t.arp(ArpDraft {
                target_protocol: [192, 0, 2, last],
                ..ArpDraft::request()
            });
        }
        t.arp(ArpDraft::reply());
    });
    let report = busy.inspect();
    let (at, _) = conformance::requirement_by_id("arp/reply-swaps-fields").unwrap();
    let held: u32 = report.book.rows().map(|(_, row)| row[usize::from(at.0)].held).sum();
    assert_eq!(held, 1);
}

/// GRE, RFC 2784: version 0 and nothing else, then an EtherType.
#[test]
fn arp_within_a_tunnel_is_judged_in_captures_and_not_at_live_stacks() {
    let tunnelled = holds("a tunnel", |t| {
        let arp = [
            &[0, 0, 8, 6][..],
            &[0, 1, 8, 0, 6, 4, 0, 1],
            &[2, 0, 0, 0, 0, 1, 192, 0, 2, 77],
            &[0, 0, 0, 0, 0, 0, 192, 0, 2, 2],
        ];
        t.ipv4(IpHeader::default(), 47, &arp.concat());
    });
    let hosts = |vantage| {
        let seen = Example {
            vantage,
            ..tunnelled.clone()
        };
        seen.inspect().book.rows().count()
    };
    assert_eq!((hosts(Vantage::Auto), hosts(live())), (2, 1));
}

fn live() -> Vantage {
    Vantage::Live(std::net::Ipv4Addr::new(192, 0, 2, 2).into())
}
