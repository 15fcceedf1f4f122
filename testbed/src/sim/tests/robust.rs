//! Whatever comes, nothing breaks.

use super::{ICMP, TCP, UDP, packet, simulator, target, well_formed};
use proptest::prelude::*;
use std::time::Instant;

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(simulator("mpls").step(Instant::now(), &bytes).is_empty());
    }

    /// What is nearly a packet is answered by whole packets, or not at all.
    #[test]
    fn no_change_to_a_packet_panics(
        protocol in prop_oneof![Just(UDP), Just(TCP), Just(ICMP)], v4: bool, ttl: u8, flow: u16,
        name in prop_oneof![Just("mpls"), Just("short_quotes"), Just("open_target"), Just("loop"), Just("balanced_per_flow")],
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        length in any::<prop::sample::Index>(), cut: bool,
    ) {
        let mut packet = packet(protocol, target(v4), ttl, flow);
        for (at, byte) in changes {
            let at = at.index(packet.len());
            packet[at] = byte;
        }
        if cut {
            packet.truncate(length.index(packet.len()));
        }
        for reply in simulator(name).step(Instant::now(), &packet) {
            well_formed(&reply, &packet);
        }
    }
}
