//! What the kernel gives to a raw socket. Without a filter each socket gets all ICMP, or all TCP, of the host: with many
//! traces at once each would read the answers to all others. It only saves work: what passes is checked all the same.

use socket2::SockFilter;
use std::net::IpAddr;

// The instructions of linux/filter.h that are needed.
const LOAD_WORD: u16 = 0x20;
const LOAD_HALF: u16 = 0x28;
const LOAD_BYTE: u16 = 0x30;
const LOAD_WORD_INDEXED: u16 = 0x40;
const LOAD_HALF_INDEXED: u16 = 0x48;
/// Loads the length of the IPv4 header whose first byte stands there.
const LOAD_HEADER_LENGTH: u16 = 0xb1;
const JUMP_IF_EQUAL: u16 = 0x15;
const RETURN: u16 = 0x06;

const ALL: u32 = u32::MAX;

/// Lets nothing through.
pub(super) fn nothing() -> Vec<SockFilter> {
    vec![SockFilter::new(RETURN, 0, 0, 0)]
}

/// Lets ICMP through that comes from `target`, or quotes a packet to it. Of ICMPv6 all echo replies pass: the filter does not
/// see the IPv6 header.
pub(super) fn icmp_about(target: IpAddr) -> Vec<SockFilter> {
    let load = |at| SockFilter::new(LOAD_WORD, 0, 0, at);
    let mut program = Vec::new();
    match target {
        IpAddr::V4(target) => {
            let target = u32::from(target);
            program.extend([
                load(12),
                SockFilter::new(JUMP_IF_EQUAL, 3, 0, target),
                SockFilter::new(LOAD_HEADER_LENGTH, 0, 0, 0),
                // The destination of the quoted packet: 16 bytes into it, which is 8 into the message.
                SockFilter::new(LOAD_WORD_INDEXED, 0, 0, 8 + 16),
                SockFilter::new(JUMP_IF_EQUAL, 0, 1, target),
            ]);
        }
        IpAddr::V6(target) => {
            program.extend([SockFilter::new(LOAD_BYTE, 0, 0, 0), SockFilter::new(JUMP_IF_EQUAL, 8, 0, 129)]);
            for (at, word) in (8 + 24_u32..).step_by(4).zip(target.octets().chunks_exact(4)) {
                let word = word.iter().fold(0, |word, byte| word << 8 | u32::from(*byte));
                let to_the_end = 8 + 40 - at;
                // Two instructions a word; the last jump goes over the one that returns all.
                program.extend([load(at), SockFilter::new(JUMP_IF_EQUAL, 0, (to_the_end / 4 * 2 - 1) as u8, word)]);
            }
        }
    }
    program.extend([SockFilter::new(RETURN, 0, 0, ALL), SockFilter::new(RETURN, 0, 0, 0)]);
    program
}

/// Lets TCP segments through to any of `ports`, which are few.
pub(super) fn segments_to(target: IpAddr, ports: &[u16]) -> Vec<SockFilter> {
    let mut program = match target {
        IpAddr::V4(_) => {
            vec![SockFilter::new(LOAD_HEADER_LENGTH, 0, 0, 0), SockFilter::new(LOAD_HALF_INDEXED, 0, 0, 2)]
        }
        // The filter sees no IPv6 header.
        IpAddr::V6(_) => vec![SockFilter::new(LOAD_HALF, 0, 0, 2)],
    };
    for (left, port) in (0..ports.len()).rev().zip(ports) {
        program.push(SockFilter::new(JUMP_IF_EQUAL, left as u8 + 1, 0, u32::from(*port)));
    }
    program.extend([SockFilter::new(RETURN, 0, 0, 0), SockFilter::new(RETURN, 0, 0, ALL)]);
    program
}
