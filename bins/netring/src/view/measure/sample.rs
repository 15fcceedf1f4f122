//! Reports for tests.

use netring_core::{Host, InstanceId, Location, Measurement, Outcome, ProbeKind, ProbeReport, Target, Timestamp};
use std::time::Duration;

pub(crate) fn report(kind: ProbeKind, outcome: Outcome, measurement: Option<Measurement>) -> ProbeReport {
    ProbeReport {
        target: Target {
            instance_id: InstanceId::new("eu1.example").unwrap(),
            location: Location::new("-").unwrap(),
            host: Host::Ip([192, 0, 2, 1].into()),
            port: 8757,
        },
        ip: Some([192, 0, 2, 1].into()),
        kind,
        endpoint: None,
        started_at: Timestamp::from_unix_seconds(1_000_000),
        duration: Duration::from_millis(7),
        outcome,
        measurement,
        lateness: Duration::ZERO,
        tainted: false,
        interval: None,
    }
}

pub(crate) fn micros(micros: u64) -> Duration {
    Duration::from_micros(micros)
}

pub(crate) use super::super::sample::plain;
