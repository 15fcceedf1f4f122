use super::*;
use etherparse::PacketBuilder;
use proptest::{collection::vec, prelude::*};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

const V4: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const V6: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1));
const KINDS: [(IpAddr, IcmpSocket); 4] =
    [(V4, IcmpSocket::Ping), (V4, IcmpSocket::Raw), (V6, IcmpSocket::Ping), (V6, IcmpSocket::Raw)];

fn echo((target, socket): (IpAddr, IcmpSocket)) -> IcmpEcho {
    IcmpEcho::new(target, socket, 0x1234, 0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10, 64)
}

fn datagram(from: IpAddr, length: usize) -> Datagram {
    Datagram {
        length,
        from: Some(SocketAddr::new(from, 0)),
        kernel: None,
        #[cfg(feature = "udp")]
        to: None,
        truncated: false,
    }
}

/// What the socket gives when the target answers the packet `sequence`.
fn answer(echo: &mut IcmpEcho, sequence: u16) -> Vec<u8> {
    let mut reply = echo.request(sequence, 0).to_vec();
    // From request to reply: 8 becomes 0, and 128 becomes 129. Nobody looks at the checksum, which the kernel has seen.
    reply[0] = if echo.target.is_ipv4() { 0 } else { 129 };
    if (echo.target.is_ipv4(), echo.socket) != (true, IcmpSocket::Raw) {
        return reply;
    }
    in_ipv4(&reply)
}

fn in_ipv4(icmp: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    PacketBuilder::ipv4([192, 0, 2, 1], [192, 0, 2, 2], 64).write(&mut packet, ip_number::ICMP, icmp).unwrap();
    packet
}

fn read(echo: &IcmpEcho, bytes: &[u8]) -> Reply {
    echo.reply(&datagram(echo.target, bytes.len()), bytes)
}

#[test]
fn a_request_is_as_the_rfc_has_it() {
    let mut echo = echo(KINDS[1]);
    let packet = echo.request(7, 0).to_vec();
    assert_eq!(packet.len(), 8 + 64);
    assert_eq!((&packet[..2], &packet[4..8]), (&[8, 0][..], &[0x12, 0x34, 0, 7][..]));
    assert_eq!(&packet[8..24], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
    // The ones' complement sum of the whole, with its checksum, is all ones (RFC 1071).
    let sum: u32 = packet.chunks(2).map(|two| u32::from(u16::from_be_bytes([two[0], two[1]]))).sum();
    assert_eq!((sum & 0xffff) + (sum >> 16), 0xffff);
    assert_eq!(self::echo(KINDS[3]).request(7, 0)[..2], [128, 0]);
}

#[test]
fn what_the_target_sends_back_is_ours_and_nothing_else_is() {
    for kind in KINDS {
        let mut echo = echo(kind);
        let reply = answer(&mut echo, 7);
        assert_eq!(read(&echo, &reply), Reply::Ours { sequence: 7, echo: None }, "{kind:?}");
        let elsewhere = datagram(Ipv4Addr::new(192, 0, 2, 3).into(), reply.len());
        assert_eq!(echo.reply(&elsewhere, &reply), Reply::Foreign, "from somebody else: {kind:?}");
        for length in 0..reply.len() {
            assert_eq!(read(&echo, &reply[..length]), Reply::Foreign, "cut at {length}: {kind:?}");
        }
        assert_eq!(read(&echo, &[&reply[..], b"x"].concat()), Reply::Foreign, "{kind:?}");

        let request = echo.request(7, 0).to_vec();
        let request = if kind == KINDS[1] { in_ipv4(&request) } else { request };
        assert_eq!(read(&echo, &request), Reply::Foreign, "our own request: {kind:?}");

        let other = IcmpEcho::new(kind.0, kind.1, 0x1234, 1, 64);
        assert_eq!(read(&other, &reply), Reply::Foreign, "another burst's: {kind:?}");
        if kind.1 == IcmpSocket::Raw {
            let other = IcmpEcho { id: 0x1235, ..echo };
            assert_eq!(read(&other, &reply), Reply::Foreign, "another identifier: {kind:?}");
        }
    }
}

#[test]
fn an_error_is_ours_by_what_it_quotes() {
    for kind in KINDS {
        let mut echo = echo(kind);
        let request = echo.request(7, 0).to_vec();
        // Routers quote 8 bytes of it at least (RFC 792).
        for length in 0..=request.len() {
            assert_eq!(echo.sent(&request[..length]), length >= 8, "{length} of {kind:?}");
        }
        let other = IcmpEcho::new(kind.0, kind.1, 0x1235, 1, 64);
        assert!(!other.sent(&request), "{kind:?}");
        assert_eq!(other.sent(&request[..8]), kind.1 == IcmpSocket::Ping, "{kind:?}");
    }
}

proptest! {
    #[test]
    fn random_bytes_are_never_ours(bytes in vec(any::<u8>(), 0..200), kind in 0..4_usize) {
        let echo = echo(KINDS[kind]);
        prop_assert_eq!(read(&echo, &bytes), Reply::Foreign);
        // A quote of 8 bytes can be guessed, by whoever gets the type and the identifier right.
        if bytes.len() > 16 {
            prop_assert!(!echo.sent(&bytes));
        }
    }

    #[test]
    fn a_reply_that_was_changed_is_another_sequence_or_not_ours(
        kind in 0..4_usize,
        at: proptest::sample::Index,
        change in 1..=u8::MAX,
    ) {
        let kind = KINDS[kind];
        let mut echo = echo(kind);
        let mut reply = answer(&mut echo, 7);
        let start = reply.len() - 72;
        let at = start + at.index(72);
        reply[at] ^= change;
        match (at - start, kind.1) {
            // The checksum is the kernel's to look at, and so is the identifier of a ping socket; no more than a
            // sequence is in the sequence.
            (2 | 3, _) | (4 | 5, IcmpSocket::Ping) | (6 | 7, _) => {
                prop_assert_ne!(read(&echo, &reply), Reply::Foreign);
            }
            _ => prop_assert_eq!(read(&echo, &reply), Reply::Foreign),
        }
    }
}
