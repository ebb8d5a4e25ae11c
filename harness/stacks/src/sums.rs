//! Whether a packet's checksums are right, for a stack that was built not to look.

use std::net::IpAddr;
use wire::checksum::Sum;
use wire::ipv4::Ipv4;
use wire::ipv6::Ipv6;
use wire::protocol;

/// What cannot be read as far as its checksum is left to the stack; so is that of a datagram in fragments.
pub fn verify(packet: &[u8]) -> bool {
    if let Ok(ip) = Ipv4::parse(packet) {
        let ends = (IpAddr::V4(ip.source), IpAddr::V4(ip.destination));
        return ip.checksum_ok() && (ip.is_fragment() || upper(ends, ip.protocol, ip.payload));
    }
    let Ok(ip) = Ipv6::parse(packet) else { return true };
    let ends = (IpAddr::V6(ip.source), IpAddr::V6(ip.destination));
    let whole = ip.upper_layer().ok().filter(|data| !data.is_fragment());
    whole.is_none_or(|data| upper(ends, data.protocol, data.payload))
}

fn upper((source, destination): (IpAddr, IpAddr), number: u8, data: &[u8]) -> bool {
    let sum = match number {
        // RFC 768: zero is none, over IPv4.
        protocol::UDP if source.is_ipv4() && data.get(6..8) == Some(&[0, 0]) => return true,
        protocol::TCP | protocol::UDP | protocol::ICMPV6 => {
            Sum::default().pseudo_header(source, destination, number, data.len() as u32)
        }
        protocol::ICMPV4 => Sum::default(),
        _ => return true,
    };
    sum.add(data).fold() == 0xffff
}

#[cfg(test)]
mod tests {
    use super::verify;
    use rstest::rstest;
    use wire::checksum::Sum;

    /// A TCP segment of no data between 10.0.0.1 and 10.0.0.2, or fd00::1 and fd00::2; a UDP datagram.
    fn packet(v4: bool, number: u8) -> Vec<u8> {
        let (mut packet, at) = if v4 {
            let mut ip = [
                0x45, 0, 0, 40, 0, 1, 0x40, 0, 64, number, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
            ];
            let sum = Sum::default().add(&ip).checksum().to_be_bytes();
            ip[10..12].copy_from_slice(&sum);
            (ip.to_vec(), 12)
        } else {
            let mut ip = vec![0; 40];
            (ip[0], ip[5], ip[6], ip[7]) = (0x60, 20, number, 64);
            (ip[8], ip[23], ip[24], ip[39]) = (0xfd, 1, 0xfd, 2);
            (ip, 8)
        };
        let mut data = [0, 80, 0x1f, 0x90, 0, 20, 0, 0, 0, 0, 0, 2, 0x50, 0x10, 1, 0, 0, 0, 0, 0];
        let sum = Sum::default()
            .add(&packet[at..])
            .add_u16(u16::from(number))
            .add_u16(20)
            .add(&data);
        let field = if number == 6 { 16 } else { 6 };
        data[field..field + 2].copy_from_slice(&sum.checksum().to_be_bytes());
        packet.extend(data);
        packet
    }

    #[rstest]
    fn a_changed_octet_is_noticed_wherever_a_checksum_covers_it(
        #[values(true, false)] v4: bool,
        #[values(6, 17)] number: u8,
    ) {
        let right = packet(v4, number);
        assert!(verify(&right));
        let header = if v4 { 20 } else { 40 };
        for at in [0, header].into_iter().flat_map(|from| from + 8..from + 20) {
            let mut wrong = right.clone();
            wrong[at] ^= 1;
            assert!(!verify(&wrong), "octet {at}");
        }
    }

    #[test]
    fn udp_without_a_checksum_over_ipv4_passes() {
        let mut without = packet(true, 17);
        without[26..28].fill(0);
        assert!(verify(&without));
        let mut without = packet(false, 17);
        without[46..48].fill(0);
        assert!(!verify(&without));
    }

    #[test]
    fn what_cannot_be_read_passes() {
        assert!(verify(&[]));
        assert!(verify(&[0x45, 0, 0]));
    }
}
