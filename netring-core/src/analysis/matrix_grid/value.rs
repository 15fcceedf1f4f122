use super::rounded;
use crate::{
    analysis::{
        LastHour,
        grid::{Checked, Pair},
        matrix::{MICROSECOND, MILLISECOND, whole},
    },
    model::Measurement,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A number that a [`MatrixGrid`](super::MatrixGrid) may have of each pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GridValue {
    /// The latency, in seconds.
    #[default]
    Latency,
    /// The part of the packets that are lost, from 0 to 1.
    Loss,
    /// The interarrival jitter of the round trip, in seconds.
    Jitter,
    /// Payload bits per second from the target.
    Download,
    /// Payload bits per second to the target.
    Upload,
    /// Hops to the target.
    Hops,
    /// What 95 % of the round-trip times of the last hour were no longer than, in seconds.
    P95,
    /// How long ago the check ended by which the pair is judged, in seconds.
    Age,
}

impl GridValue {
    /// Every one, in the order in which JSON has them.
    pub const ALL: [Self; 8] =
        [Self::Latency, Self::Loss, Self::Jitter, Self::Download, Self::Upload, Self::Hops, Self::P95, Self::Age];

    /// The field of a [`MatrixGrid`](super::MatrixGrid) that has it.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Latency => "latency_seconds",
            Self::Loss => "loss_ratio",
            Self::Jitter => "interarrival_jitter_seconds",
            Self::Download => "download_bits_per_second",
            Self::Upload => "upload_bits_per_second",
            Self::Hops => "hops",
            Self::P95 => "round_trip_time_p95_seconds",
            Self::Age => "age_seconds",
        }
    }

    /// What it is of `pair`: that which the matrix has, so that both say the same.
    pub(super) fn of(self, pair: &Pair<'_>, last_hour: &dyn LastHour) -> Option<f64> {
        let micros = |duration: Duration| whole::<MICROSECOND>(duration).as_secs_f64();
        let value = match self {
            Self::Latency => pair.latency().map(micros),
            Self::Loss => pair.loss_ratio(),
            Self::Jitter => pair.interarrival_jitter().map(micros),
            Self::Download => pair.bits_per_second().0.map(f64::round),
            Self::Upload => pair.bits_per_second().1.map(f64::round),
            Self::Hops => pair.hops().map(f64::from),
            Self::P95 => pair.round_trip_time_p95(last_hour).map(micros),
            Self::Age => pair.telling().map(|check| whole::<MILLISECOND>(check.age).as_secs_f64()),
        };
        value.filter(|value| value.is_finite()).map(rounded)
    }
}

impl Pair<'_> {
    fn interarrival_jitter(&self) -> Option<Duration> {
        self.trusted().find_map(|check| match &check.result.measurement {
            Some(Measurement::Burst(burst)) => burst.interarrival_jitter,
            _ => None,
        })
    }

    fn hops(&self) -> Option<u8> {
        self.trusted().find_map(|check| match &check.result.measurement {
            Some(Measurement::Traceroute(trace)) => trace.hops(),
            _ => None,
        })
    }

    fn round_trip_time_p95(&self, last_hour: &dyn LastHour) -> Option<Duration> {
        let (source, target) = (&self.source.instance_id, &self.target.instance_id);
        let of = |check: &Checked<'_>| {
            last_hour.round_trip_times(source, target, &check.result.kind, check.result.endpoint.as_ref())
        };
        self.trusted().find_map(of).map(|[_, p95]| p95)
    }
}
