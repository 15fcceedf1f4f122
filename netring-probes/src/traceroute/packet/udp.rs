//! The datagrams of the UDP mode.

use super::{
    Match, ProbeId,
    extension::{Checksum, labels},
    icmp_error::QUOTED_BEFORE_EXTENSIONS,
};
use netring_core::model::MplsLabel;

/// Bytes of a datagram's payload.
pub const PAYLOAD_BYTES: usize = 32;
/// Bytes of a UDP header.
const UDP_HEADER: usize = 8;

/// What tells the datagrams of one trace from all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cookie(pub u64);

impl Cookie {
    /// The payload of a datagram.
    #[must_use]
    pub fn payload(self, probe: ProbeId) -> [u8; PAYLOAD_BYTES] {
        let mut payload = [0; PAYLOAD_BYTES];
        let written = self.0.to_be_bytes().into_iter().chain([probe.flow, probe.ttl, probe.attempt]);
        payload.iter_mut().zip(written).for_each(|(to, from)| *to = from);
        payload
    }

    /// Which datagram of `flow` this payload belongs to. A router that quotes no more than RFC 792 asks for gives none of
    /// the payload, or too little of it: then it is one of the flow, as the ports say. None where it is not of this trace.
    #[must_use]
    pub fn find(self, flow: u8, payload: &[u8]) -> Option<Match> {
        const NEEDED: usize = 11;
        let cookie = self.0.to_be_bytes();
        // Zeros fill a short quotation up where extensions follow it (RFC 4884, section 5.1); a cookie is not zero.
        let payload = if payload.iter().take(NEEDED).all(|byte| *byte == 0) { &[] } else { payload };
        let Some(&[ref quoted @ .., in_flow, ttl, attempt]) = payload.first_chunk::<NEEDED>() else {
            return cookie.starts_with(payload.get(..8).unwrap_or(payload)).then_some(Match::Flow(flow));
        };
        let probe = ProbeId { flow, ttl, attempt };
        let possible = ProbeId::from_index(flow, probe.index()) == Some(probe);
        (*quoted == cookie && in_flow == flow && possible).then_some(Match::Probe(probe))
    }
}

/// Where Linux says that extensions are (`IP_RECVERR_RFC4884`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExtensionHint {
    /// Bytes from the begin of the quoted UDP payload on; 0 where the message did not say.
    pub offset: u16,
    /// Whether they are broken.
    pub invalid: bool,
}

/// The MPLS labels behind a payload that an error of the kernel's queue quotes. `ip_header` is how long the quoted packet's
/// is.
#[must_use]
pub fn quoted_labels(payload: &[u8], hint: ExtensionHint, ip_header: usize) -> Vec<MplsLabel> {
    let (offset, checksum) = match hint {
        ExtensionHint { invalid: true, .. } => return Vec::new(),
        ExtensionHint { offset: 0, .. } => (QUOTED_BEFORE_EXTENSIONS - ip_header - UDP_HEADER, Checksum::Required),
        ExtensionHint { offset, .. } => (usize::from(offset), Checksum::Optional),
    };
    payload.get(offset..).map_or_else(Vec::new, |extensions| labels(extensions, checksum))
}
