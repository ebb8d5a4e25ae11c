use super::*;

const START: Instant = Instant(1_000_000_000_000);
const BEGINS: SeqNumber = SeqNumber(u32::MAX - 1500);
const RTT: Duration = Duration::millis(100);

/// Segments of 1000 octets, a millisecond apart, from `BEGINS` on.
fn sent(count: u32) -> Rack {
    let mut rack = Rack::default();
    for n in 0..count {
        let at = START + Duration::millis(i64::from(n));
        rack.transmitted(at, n, (place(n), place(n + 1)), false);
    }
    rack
}

fn place(n: u32) -> SeqNumber {
    BEGINS + 1000 * n
}

/// An acknowledgement up to segment `una`, a round trip after the segment `answers`, with these segments SACKed.
fn hear(rack: &mut Rack, una: u32, sacked: &[(u32, u32)], answers: u32) -> Instant {
    let now = START + RTT + Duration::millis(i64::from(answers));
    let sacked: Vec<_> = sacked
        .iter()
        .map(|&(left, right)| (place(left), place(right)))
        .collect();
    rack.acknowledged(&News {
        now,
        una: place(una),
        nxt: place(8),
        echo: None,
        sacked: &sacked,
        dsack: false,
        leaves_recovery: false,
    });
    now
}

#[test]
fn three_sacked_segments_tell_of_a_loss_at_once() {
    let mut rack = sent(8);
    let now = hear(&mut rack, 0, &[(1, 3)], 2);
    assert_eq!(rack.detect_loss(now, false, None).0, 0);
    assert_eq!(rack.pipe(), 6000);
    let now = hear(&mut rack, 0, &[(1, 4)], 3);
    assert_eq!(rack.detect_loss(now, false, None), (1, None));
    assert_eq!((rack.next_lost(), rack.pipe()), (Some((place(0), place(1))), 4000));
}

#[test]
fn one_sacked_segment_tells_once_a_quarter_of_the_round_trip_is_over() {
    let mut rack = sent(3);
    let now = hear(&mut rack, 0, &[(1, 2)], 1);
    let (found, again) = rack.detect_loss(now, false, Some(RTT));
    // Segment 0 was sent a millisecond before the one that arrived.
    assert_eq!((found, again), (0, Some(Duration::millis(24))));
    assert_eq!(rack.detect_loss(now + Duration::millis(24), false, Some(RTT)).0, 1);
}

#[test]
fn once_reordering_was_seen_three_sacked_segments_are_not_enough() {
    let mut rack = sent(8);
    hear(&mut rack, 0, &[(1, 2)], 1);
    hear(&mut rack, 2, &[], 2);
    assert!(rack.reordering_seen);
    let now = hear(&mut rack, 2, &[(3, 6)], 5);
    let (found, again) = rack.detect_loss(now, false, Some(RTT));
    assert_eq!(found, 0);
    assert!(again.is_some());
}

#[test]
fn a_lost_retransmission_is_found_by_what_was_sent_after_it() {
    let mut rack = sent(5);
    let now = hear(&mut rack, 0, &[(1, 5)], 4);
    assert_eq!(rack.detect_loss(now, false, None).0, 1);
    rack.transmitted(now, 90, (place(0), place(1)), true);
    rack.transmitted(now + Duration::millis(1), 91, (place(5), place(6)), false);
    assert_eq!(rack.detect_loss(now, true, None), (0, None));
    let later = hear(&mut rack, 0, &[(1, 6)], 200);
    assert_eq!(rack.detect_loss(later, true, None).0, 1);
}

#[test]
fn an_acknowledgement_of_the_first_transmission_says_nothing_of_the_second() {
    let mut rack = sent(2);
    rack.transmitted(START + Duration::millis(99), 99, (place(0), place(1)), true);
    hear(&mut rack, 1, &[], 0);
    assert_eq!(
        (rack.latest, rack.rtt),
        (Some((START + Duration::millis(99), place(1))), Duration::millis(1))
    );
    let mut rack = sent(3);
    hear(&mut rack, 1, &[], 0);
    rack.transmitted(START + Duration::millis(99), 99, (place(1), place(2)), true);
    hear(&mut rack, 2, &[], 1);
    assert_eq!(
        rack.latest,
        Some((START, place(1))),
        "sooner than the shortest round trip"
    );
}

#[test]
fn rounds_with_a_dsack_widen_the_window_and_sixteen_recoveries_narrow_it() {
    let mut rack = sent(8);
    hear(&mut rack, 1, &[], 0);
    rack.reordering_seen = true;
    let news = |una, dsack, leaves_recovery| News {
        now: START,
        una: place(una),
        nxt: place(una + 4),
        echo: None,
        sacked: &[],
        dsack,
        leaves_recovery,
    };
    // The second comes within the round of the first.
    rack.adapt(&news(1, true, false));
    rack.adapt(&news(2, true, false));
    assert_eq!(rack.reo_wnd(false, None), RTT / 2);
    rack.adapt(&news(6, true, false));
    assert_eq!(rack.reo_wnd(false, None), RTT * 3 / 4);
    assert_eq!(rack.reo_wnd(false, Some(RTT / 2)), RTT / 2, "never more than SRTT");
    for _ in 0..PERSIST {
        assert_eq!(rack.reo_wnd_mult, 3);
        rack.adapt(&news(20, false, true));
    }
    assert_eq!(rack.reo_wnd(false, None), RTT / 4);
}

#[test]
fn a_timeout_takes_the_first_for_lost_and_others_by_their_age() {
    let mut rack = sent(3);
    hear(&mut rack, 1, &[], 0);
    rack.transmitted(START + Duration::secs(1), 0, (place(3), place(4)), false);
    rack.mark_losses_on_rto(START + Duration::secs(1), None, false);
    assert_eq!((rack.next_lost(), rack.pipe()), (Some((place(1), place(3))), 1000));
}

#[test]
fn a_segment_sent_again_in_parts_is_two_from_then_on() {
    let mut rack = sent(1);
    rack.mark_losses_on_rto(START + Duration::secs(1), None, false);
    rack.transmitted(START + Duration::secs(1), 0, (place(0), place(0) + 400), true);
    assert_eq!((rack.next_lost(), rack.pipe()), (Some((place(0) + 400, place(1))), 400));
}

#[test]
fn of_a_segment_that_is_reported_in_part_the_rest_alone_is_lost() {
    let mut rack = sent(4);
    let now = START + RTT + Duration::millis(3);
    let reported = [(place(1) + 300, place(4))];
    rack.acknowledged(&News {
        now,
        una: place(0),
        nxt: place(4),
        echo: None,
        sacked: &reported,
        dsack: false,
        leaves_recovery: false,
    });
    rack.detect_loss(now, false, None);
    assert_eq!(rack.next_lost(), Some((place(0), place(1) + 300)));
    assert_eq!(rack.pipe(), 0);
}
