//! What the host under test sent.

use etherparse::{IpSlice, checksum::Sum16BitWords};
use netring_core::model::Flow;
use std::net::IpAddr;

pub(super) const ICMP: u8 = 1;
pub(super) const TCP: u8 = 6;
pub(super) const UDP: u8 = 17;
pub(super) const ICMP_V6: u8 = 58;

const ICMP_ECHO_REQUEST: u8 = 8;
const ICMP_V6_ECHO_REQUEST: u8 = 128;

/// A packet with what the network looks at.
#[derive(Debug, Clone)]
pub(super) struct Packet<'a> {
    /// All of it, and nothing behind it.
    pub(super) bytes: &'a [u8],
    pub(super) source: IpAddr,
    pub(super) destination: IpAddr,
    pub(super) ttl: u8,
    /// Of IPv6.
    pub(super) flow_label: u32,
    pub(super) protocol: u8,
    /// What stands behind the IP headers.
    pub(super) payload: &'a [u8],
    pub(super) fragment: bool,
    /// Whether the checksum of the IPv4 header is wrong.
    corrupt_header: bool,
}

impl<'a> Packet<'a> {
    /// Nothing where this is no whole packet of IPv4 or IPv6.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let ip = IpSlice::from_slice(bytes).ok()?;
        let (length, ttl, flow_label, corrupt_header) = match &ip {
            IpSlice::Ipv4(ip) => {
                let header = ip.header();
                let corrupt = header.header_checksum() != header.to_header().calc_header_checksum();
                (usize::from(header.total_len()), header.ttl(), 0, corrupt)
            }
            IpSlice::Ipv6(ip) => {
                let header = ip.header();
                let length = header.slice().len() + usize::from(header.payload_length());
                (length, header.hop_limit(), header.flow_label().value(), false)
            }
        };
        let bytes = bytes.get(..length)?;
        let payload_length = ip.payload().payload.len();
        Some(Self {
            bytes,
            source: ip.source_addr(),
            destination: ip.destination_addr(),
            ttl,
            flow_label,
            protocol: ip.payload_ip_number().0,
            payload: bytes.get(length.checked_sub(payload_length)?..)?,
            fragment: ip.is_fragmenting_payload(),
            corrupt_header,
        })
    }

    /// The first bytes of the payload, where it has so many.
    pub(super) fn start<const N: usize>(&self) -> Option<&'a [u8; N]> {
        self.payload.first_chunk()
    }

    /// The bytes behind the addresses and the protocol that tell flows apart, for those who balance by flow.
    pub(super) fn flow_bytes(&self) -> &'a [u8] {
        let length = if self.is_icmp() { 6 } else { 4 };
        self.payload.get(..length).unwrap_or(self.payload)
    }

    /// The flow, of UDP, TCP and ICMP echo requests.
    pub(super) fn flow(&self) -> Option<Flow> {
        if self.protocol == UDP || self.protocol == TCP {
            let &[a, b, c, d] = self.start()?;
            Some(Flow::Ports { source: u16::from_be_bytes([a, b]), destination: u16::from_be_bytes([c, d]) })
        } else if self.is_echo_request() {
            let &[_, _, a, b, c, d] = self.start()?;
            Some(Flow::Echo { checksum: u16::from_be_bytes([a, b]), identifier: u16::from_be_bytes([c, d]) })
        } else {
            None
        }
    }

    pub(super) fn is_echo_request(&self) -> bool {
        match self.icmp_type() {
            Some(kind) if self.source.is_ipv4() => kind == ICMP_ECHO_REQUEST,
            kind => kind == Some(ICMP_V6_ECHO_REQUEST),
        }
    }

    /// Whether nobody answers it with an ICMP error (RFC 1122, section 3.2.2; RFC 4443, section 2.4): it may be one itself,
    /// or is but the end of a larger packet.
    pub(super) fn allows_no_error(&self) -> bool {
        let error = self.is_icmp() && !self.is_echo_request();
        error || (self.fragment && self.payload.is_empty())
    }

    /// Whether a router would see that a checksum is wrong.
    pub(super) fn has_corrupt_header(&self) -> bool {
        self.corrupt_header
    }

    /// Whether the target would see that the checksum of UDP, TCP or ICMP is wrong.
    pub(super) fn has_corrupt_payload(&self) -> bool {
        if self.protocol == UDP && self.start().is_some_and(|&[_, _, _, _, _, _, a, b]| [a, b] == [0, 0]) {
            // No checksum: IPv4 allows that, IPv6 does not (RFC 8200, section 8.1).
            return self.source.is_ipv6();
        }
        let mut sum = Sum16BitWords::new().add_slice(self.payload);
        // ICMP alone has no pseudo header (RFC 792); ICMPv6 has one (RFC 4443, section 2.3).
        if self.protocol != ICMP {
            let length = u32::try_from(self.payload.len()).unwrap_or(u32::MAX);
            sum = sum.add_4bytes(length.to_be_bytes()).add_2bytes([0, self.protocol]);
            for address in [self.source, self.destination] {
                sum = match address {
                    IpAddr::V4(address) => sum.add_4bytes(address.octets()),
                    IpAddr::V6(address) => sum.add_16bytes(address.octets()),
                };
            }
        }
        sum.ones_complement() != 0
    }

    fn is_icmp(&self) -> bool {
        self.protocol == if self.source.is_ipv4() { ICMP } else { ICMP_V6 }
    }

    fn icmp_type(&self) -> Option<u8> {
        self.payload.first().copied().filter(|_| self.is_icmp())
    }
}
