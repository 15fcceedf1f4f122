//! What a kind of probe says of a target.

use crate::model::ProbeKind;

/// What a kind of probe says of whether a target can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// It says so: TCP, HTTP and kinds of ones own.
    Counts,
    /// Many networks do not let it through, whatever the target does. Where there is nothing else, it is better than nothing:
    /// UDP and ICMP.
    Echo,
    /// It says nothing of that: throughput tests and traceroutes.
    Nothing,
}

impl Weight {
    pub(super) fn of(kind: &ProbeKind) -> Self {
        match kind.as_str() {
            "udp" | "icmp" => Self::Echo,
            "bandwidth" | "traceroute" => Self::Nothing,
            _ => Self::Counts,
        }
    }

    /// Of several checks of a pair, the weight of those that count.
    pub(super) fn that_counts(checks: impl IntoIterator<Item = Self>) -> Self {
        if checks.into_iter().any(|weight| weight == Self::Counts) { Self::Counts } else { Self::Echo }
    }
}

/// The most telling checks come first: of TCP, of HTTP, of ones own, and then what diagnoses the way there.
pub(super) fn rank(kind: &ProbeKind) -> u8 {
    match kind.as_str() {
        "tcp" => 0,
        "http" => 1,
        "udp" => 3,
        "icmp" => 4,
        "bandwidth" => 5,
        "traceroute" => 6,
        _ => 2,
    }
}
