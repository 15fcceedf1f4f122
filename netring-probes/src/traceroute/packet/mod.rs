//! What a traceroute sends and what it takes for an answer: bytes in, values out, with no socket. Everything here that is
//! read was written by somebody else, so that nothing of it is trusted and nothing of it panics.

mod answer;
mod code;
pub mod echo;
mod extension;
mod icmp_error;
pub mod syn;
#[cfg(test)]
mod tests;
pub mod udp;

pub use answer::{Answer, Kind, Match, ProbeId, Unreachable};
pub use code::{Version, judge};
pub use extension::{Checksum, labels};
pub use icmp_error::{IcmpError, Quoted};

use etherparse::Ipv4HeaderSlice;

/// What stands behind the header of a whole IPv4 packet, as a raw socket gives it.
#[must_use]
pub fn ipv4_payload(packet: &[u8]) -> Option<&[u8]> {
    let header = Ipv4HeaderSlice::from_slice(packet).ok()?;
    packet.get(header.slice().len()..)
}

/// Two bytes of `bytes` as a number.
fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Four bytes of `bytes` as a number.
fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}
