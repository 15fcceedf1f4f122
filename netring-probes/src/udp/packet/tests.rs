use super::*;
use proptest::{collection::vec, option, prelude::*};

fn key(text: &str) -> RingKey {
    RingKey::new(&text.repeat(16)).unwrap()
}

fn any_key() -> impl Strategy<Value = Option<RingKey>> {
    option::of("[a-z]".prop_map(|text| key(&text)))
}

prop_compose! {
    fn any_request()(session: u64, sequence in 0..BurstSettings::MAX_PACKETS, sent_at: u64) -> Request {
        Request { session, sequence, sent_at }
    }
}

prop_compose! {
    fn any_echo()(received_at: u64, sent_at: u64, count: u32) -> EchoStamp {
        EchoStamp { received_at, sent_at, count }
    }
}

/// A request as it is sent: its header, and padding of whatever.
fn sent(request: &Request, padding: &[u8], key: Option<&RingKey>) -> Vec<u8> {
    let mut packet = [&[0; HEADER], padding].concat();
    write_request(&mut packet, request, key);
    packet
}

#[test]
fn the_format_is_as_it_is_described() {
    let request = Request { session: 0x0102_0304_0506_0708, sequence: 999, sent_at: 0x1112_1314_1516_1718 };
    let mut packet = sent(&request, b"xy", None);
    let mut expected = b"NRUE\x01\x01\0\0\x01\x02\x03\x04\x05\x06\x07\x08\0\0\x03\xe7\0\0\0\0".to_vec();
    expected.extend_from_slice(b"\x11\x12\x13\x14\x15\x16\x17\x18");
    expected.extend_from_slice(&[0; 32]);
    expected.extend_from_slice(b"xy");
    assert_eq!(packet, expected);

    let echo = EchoStamp { received_at: 0x2122_2324_2526_2728, sent_at: 0x3132_3334_3536_3738, count: 7 };
    write_reply(&mut packet, &request, &echo, None);
    expected[5] = 2;
    expected[23] = 7;
    expected[32..48].copy_from_slice(b"\x21\x22\x23\x24\x25\x26\x27\x28\x31\x32\x33\x34\x35\x36\x37\x38");
    assert_eq!(packet, expected);
}

#[test]
fn the_tag_is_an_hmac_of_everything_else() {
    // Made by another implementation: HMAC-SHA-256 with 16 letters k, of 48 bytes of header and 2 of padding.
    let request = Request { session: 1, sequence: 2, sent_at: 3 };
    let packet = sent(&request, b"xy", Some(&key("k")));
    let tag = 0xc5c8255c761f46c50050195ea50cc8a9_u128;
    assert_eq!(packet[TAG], tag.to_be_bytes());
}

#[test]
fn a_request_is_stale_after_ten_minutes_or_before() {
    let now = 1_700_000_000_000_000_000_i64;
    for (seconds, stale) in [(0, false), (-600, false), (600, false), (-601, true), (601, true), (-1_700_000_000, true)]
    {
        let sent_at = now + seconds * 1_000_000_000;
        let request = Request { session: 1, sequence: 2, sent_at: u64::try_from(sent_at).unwrap() };
        assert_eq!(request.is_stale(u64::try_from(now).unwrap()), stale, "{seconds}");
    }
}

#[test]
fn what_is_too_short_or_too_long_is_refused() {
    let request = Request { session: 1, sequence: 2, sent_at: 3 };
    for (padding, good) in [(0, true), (1_408, true), (1_409, false)] {
        let packet = sent(&request, &vec![0; padding], None);
        assert_eq!(read_request(&packet, None).is_ok(), good, "{padding}");
    }
    let packet = sent(&request, &[], None);
    for length in 0..HEADER {
        assert_eq!(read_request(&packet[..length], None), Err(Refused::Malformed), "{length}");
    }
    let mut short = [0; HEADER - 1];
    write_request(&mut short, &request, None);
    assert_eq!(short, [0; HEADER - 1]);
}

#[test]
fn with_a_key_and_without_do_not_understand_each_other() {
    let request = Request { session: 1, sequence: 2, sent_at: 3 };
    let (a, b) = (key("a"), key("b"));
    for (made, read) in [(Some(&a), None), (None, Some(&a)), (Some(&a), Some(&b))] {
        assert_eq!(read_request(&sent(&request, &[], made), read), Err(Refused::Unauthenticated), "{made:?} {read:?}");
    }
}

#[test]
fn a_sequence_that_no_burst_has_is_refused() {
    let mut packet = sent(&Request { session: 1, sequence: 999, sent_at: 3 }, &[], None);
    assert!(read_request(&packet, None).is_ok());
    packet[19] += 1;
    assert_eq!(read_request(&packet, None), Err(Refused::Malformed));
    packet[16] = 1;
    assert_eq!(read_request(&packet, None), Err(Refused::Malformed));
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        request in any_request(),
        echo in any_echo(),
        padding in vec(any::<u8>(), 0..200),
        key in any_key(),
    ) {
        let mut packet = sent(&request, &padding, key.as_ref());
        let length = packet.len();
        prop_assert_eq!(read_request(&packet, key.as_ref()), Ok(request));
        prop_assert_eq!(read_reply(&packet, key.as_ref()), Err(Refused::Malformed), "a request is no reply");
        write_reply(&mut packet, &request, &echo, key.as_ref());
        let Request { session, sequence, .. } = request;
        prop_assert_eq!(read_reply(&packet, key.as_ref()), Ok(Reply { session, sequence, echo }));
        prop_assert_eq!(read_request(&packet, key.as_ref()), Err(Refused::Malformed), "a reply is no request");
        prop_assert_eq!(packet.len(), length);
        prop_assert_eq!(&packet[HEADER..], &padding[..]);
    }

    #[test]
    fn random_bytes_are_never_taken(bytes in vec(any::<u8>(), 0..2_000), key in any_key()) {
        prop_assert!(read_request(&bytes, key.as_ref()).is_err());
        prop_assert!(read_reply(&bytes, key.as_ref()).is_err());
    }

    #[test]
    fn bytes_that_look_like_a_packet_are_not_taken_without_the_key(
        rest in vec(any::<u8>(), HEADER - 20..200),
        kind in 1..=2_u8,
    ) {
        let start = [b"NRUE\x01", &[kind, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0][..]].concat();
        let packet = [start, rest].concat();
        let key = key("k");
        let expected = if kind == REQUEST { Refused::Unauthenticated } else { Refused::Malformed };
        prop_assert_eq!(read_request(&packet, Some(&key)), Err(expected));
        prop_assert!(read_reply(&packet, Some(&key)).is_err());
    }

    #[test]
    fn a_packet_that_was_changed_is_refused(
        request in any_request(),
        padding in vec(any::<u8>(), 0..100),
        at: proptest::sample::Index,
        change in 1..=u8::MAX,
    ) {
        let key = key("k");
        let mut packet = sent(&request, &padding, Some(&key));
        let at = at.index(packet.len());
        packet[at] ^= change;
        prop_assert!(read_request(&packet, Some(&key)).is_err());
        packet[at] ^= change;
        packet.push(0);
        prop_assert_eq!(read_request(&packet, Some(&key)), Err(Refused::Unauthenticated), "longer");
        packet.truncate(packet.len() - 2);
        prop_assert!(read_request(&packet, Some(&key)).is_err(), "shorter");
    }
}
