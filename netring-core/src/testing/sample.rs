//! Values to test with.

use crate::model::{
    AdvertisedAddress, BandwidthMeasurement, BandwidthMode, BurstMeasurement, Flow, FlowPath, Hop, HopAnswer, Host,
    InstanceId, Limit, Location, Measurement, MemberReport, OneWay, Outcome, PacketTimestamps, PathEnd, ProbeKind,
    ProbeReport, Registration, RoundTripTimes, Target, Throughput, Timestamp, TracerouteMeasurement, TracerouteMode,
};
use std::time::Duration;

/// A time to start from.
pub const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

/// The id `id`.
///
/// # Panics
/// Where it is none.
#[must_use]
pub fn id(id: &str) -> InstanceId {
    InstanceId::new(id).expect("a valid id")
}

/// A registration of the member `id`.
///
/// # Panics
/// Where `id` is none.
#[must_use]
pub fn registration(instance_id: &str) -> Registration {
    Registration {
        instance_id: id(instance_id),
        location: Location::new("eu1").expect("a valid location"),
        address: AdvertisedAddress::new([10, 1, 2, 3].into(), 8757).expect("a valid address"),
        heartbeat_interval: Some(Duration::from_secs(45)),
        udp_echo: true,
    }
}

/// A result of a TCP probe of the member `target`.
///
/// # Panics
/// Where `target` is no id.
#[must_use]
pub fn result(target: &str, outcome: Outcome) -> ProbeReport {
    ProbeReport {
        target: Target {
            instance_id: id(target),
            location: Location::new("eu1").expect("a valid location"),
            host: Host::Ip([10, 1, 2, 3].into()),
            port: 8757,
        },
        ip: Some([10, 1, 2, 3].into()),
        kind: ProbeKind::TCP,
        endpoint: None,
        started_at: NOW,
        duration: Duration::from_millis(1),
        outcome,
        measurement: None,
        lateness: Duration::ZERO,
        tainted: false,
        interval: None,
    }
}

/// A report of the member `source`.
///
/// # Panics
/// Where `source` is no id.
#[must_use]
pub fn report(source: &str, results: Vec<ProbeReport>) -> MemberReport {
    MemberReport {
        instance_id: id(source),
        location: Location::new("eu1").expect("a valid location"),
        sent_at: NOW,
        check_interval: Duration::from_secs(60),
        results,
    }
}

/// A result of a burst by UDP: of ten packets to `target` one was lost on the way back.
///
/// # Panics
/// Where `target` is no id.
#[must_use]
pub fn burst(target: &str) -> ProbeReport {
    let ms = Duration::from_millis;
    let burst = BurstMeasurement {
        sent: 10,
        received: 9,
        duplicates: 1,
        reordered: 2,
        loss_ratio: 0.1,
        round_trip_time: Some(RoundTripTimes {
            min: ms(10),
            mean: ms(12),
            max: ms(20),
            standard_deviation: ms(3),
            p50: ms(11),
            p95: ms(19),
            p99: ms(20),
        }),
        interarrival_jitter: Some(ms(2)),
        forward: Some(OneWay { lost: 0, interarrival_jitter: Some(ms(1)) }),
        backward: Some(OneWay { lost: 1, interarrival_jitter: None }),
        timestamps: PacketTimestamps::Kernel,
    };
    let measurement = Some(Measurement::Burst(burst));
    ProbeReport { kind: ProbeKind::UDP, measurement, ..result(target, Outcome::Success) }
}

/// A result of a throughput test: 93.5 Mbit/s from `target`, and 40 to it, which had not settled when the time was over.
///
/// # Panics
/// Where `target` is no id.
#[must_use]
pub fn bandwidth(target: &str) -> ProbeReport {
    let throughput = |bits_per_second, limited_by: Option<Limit>| Throughput {
        bits_per_second,
        bytes: 20_000_000,
        duration: Duration::from_secs(2),
        settled: limited_by.is_none(),
        limited_by,
        round_trip_time: Some(Duration::from_millis(10)),
        retransmits: Some(3),
    };
    let measurement = Some(Measurement::Bandwidth(BandwidthMeasurement {
        mode: BandwidthMode::Adaptive,
        download: Some(throughput(93.5e6, None)),
        upload: Some(throughput(40e6, Some(Limit::Time))),
    }));
    ProbeReport { kind: ProbeKind::BANDWIDTH, measurement, ..result(target, Outcome::Success) }
}

/// A result of a traceroute: three hops to `target`, of which the second is silent, and 12.25 ms to the last.
///
/// # Panics
/// Where `target` is no id.
#[must_use]
pub fn traceroute(target: &str) -> ProbeReport {
    let answer = |ip: [u8; 4], micros| HopAnswer {
        ip: ip.into(),
        round_trip_time: Duration::from_micros(micros),
        answer_ttl: Some(62),
        mpls: Vec::new(),
    };
    let hops = vec![
        Hop::new(1, 3, vec![answer([192, 0, 2, 1], 700), answer([192, 0, 2, 1], 500)]),
        Hop::new(2, 3, Vec::new()),
        Hop::new(3, 3, vec![answer([10, 1, 2, 3], 12_250); 3]),
    ];
    let flow = Flow::Ports { source: 50_000, destination: 33_434 };
    let flows = vec![FlowPath { flow, end: PathEnd::Reached, hops }];
    let trace = TracerouteMeasurement { mode: TracerouteMode::Udp, flows, last_change: None };
    let measurement = Some(Measurement::Traceroute(trace));
    ProbeReport { kind: ProbeKind::TRACEROUTE, measurement, ..result(target, Outcome::Success) }
}
