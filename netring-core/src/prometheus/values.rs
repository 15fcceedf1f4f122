//! Which gauges a result has, and their values. Pure.

use super::families::Families;
use crate::model::{
    BandwidthMeasurement, BurstMeasurement, Endpoint, HttpMeasurement, Measurement, ProbeReport, RoundTripTimes,
    Throughput, TracerouteMeasurement,
};
use prometheus::GaugeVec;
use std::time::Duration;

/// A gauge that shows what the last probe measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Measured {
    RoundTripTime,
    HttpPhase,
    LossRatio,
    InterarrivalJitter,
    BurstRoundTripTime,
    BandwidthMbps,
    Throughput,
    ThroughputSettled,
    TracerouteHops,
    TracerouteMaxHopLatency,
    TracerouteReached,
}

/// A gauge, the value of its last label where it has one of its own, and its value.
pub(super) type Value = (Measured, Option<&'static str>, f64);

impl Measured {
    pub(super) fn family(self, families: &Families) -> &GaugeVec {
        match self {
            Self::RoundTripTime => &families.round_trip_time,
            Self::HttpPhase => &families.http_phase,
            Self::LossRatio => &families.loss_ratio,
            Self::InterarrivalJitter => &families.interarrival_jitter,
            Self::BurstRoundTripTime => &families.burst_round_trip_time,
            Self::BandwidthMbps => &families.bandwidth_mbps,
            Self::Throughput => &families.throughput,
            Self::ThroughputSettled => &families.throughput_settled,
            Self::TracerouteHops => &families.traceroute_hops,
            Self::TracerouteMaxHopLatency => &families.traceroute_max_hop_latency,
            Self::TracerouteReached => &families.traceroute_reached,
        }
    }

    /// The labels between those of the pair and the gauge's own.
    pub(super) fn labels<'a>(self, kind: &'a str, endpoint: Option<&'a Endpoint>) -> Option<&'a str> {
        match self {
            Self::HttpPhase => endpoint.map(Endpoint::as_str),
            Self::LossRatio | Self::InterarrivalJitter | Self::BurstRoundTripTime => Some(kind),
            _ => None,
        }
    }
}

/// The gauges that `report` has. What the probe did not come to has none: its last value would pass for a new one.
pub(super) fn values(report: &ProbeReport) -> Vec<Value> {
    let mut values = Vec::new();
    match (report.kind.as_str(), &report.measurement) {
        ("tcp", Some(Measurement::Tcp(tcp))) => {
            values.push((Measured::RoundTripTime, None, tcp.connect.as_secs_f64()));
        }
        ("http", Some(Measurement::Http(http))) if report.endpoint.is_some() => phases(&mut values, http),
        (_, Some(Measurement::Burst(burst))) => of_burst(&mut values, burst),
        ("bandwidth", Some(Measurement::Bandwidth(bandwidth))) => of_bandwidth(&mut values, bandwidth),
        ("traceroute", Some(Measurement::Traceroute(trace))) => of_traceroute(&mut values, trace),
        _ => {}
    }
    values
}

fn phases(values: &mut Vec<Value>, http: &HttpMeasurement) {
    for (phase, duration) in [
        ("resolve", http.resolve),
        ("connect", http.connect),
        ("tls", http.tls),
        ("first_byte", http.first_byte),
        ("body", http.body),
    ] {
        values.extend(duration.map(|duration| (Measured::HttpPhase, Some(phase), duration.as_secs_f64())));
    }
}

fn of_burst(values: &mut Vec<Value>, burst: &BurstMeasurement) {
    values.push((Measured::LossRatio, None, burst.loss_ratio));
    let one_way = |way: &Option<crate::model::OneWay>| way.as_ref()?.interarrival_jitter;
    for (direction, jitter) in [
        ("round_trip", burst.interarrival_jitter),
        ("forward", one_way(&burst.forward)),
        ("backward", one_way(&burst.backward)),
    ] {
        values.extend(jitter.map(|jitter| (Measured::InterarrivalJitter, Some(direction), jitter.as_secs_f64())));
    }
    let Some(RoundTripTimes { min, mean, max, standard_deviation, p50, p95, p99 }) = &burst.round_trip_time else {
        return;
    };
    for (statistic, time) in [
        ("min", min),
        ("mean", mean),
        ("max", max),
        ("standard_deviation", standard_deviation),
        ("p50", p50),
        ("p95", p95),
        ("p99", p99),
    ] {
        values.push((Measured::BurstRoundTripTime, Some(statistic), time.as_secs_f64()));
    }
}

fn of_bandwidth(values: &mut Vec<Value>, bandwidth: &BandwidthMeasurement) {
    // The gauge of 1.x is that of the download.
    values.extend(bandwidth.download.as_ref().map(|download| (Measured::BandwidthMbps, None, download.mbps())));
    for (direction, throughput) in [("download", &bandwidth.download), ("upload", &bandwidth.upload)] {
        if let Some(Throughput { bits_per_second, settled, .. }) = throughput {
            values.push((Measured::Throughput, Some(direction), *bits_per_second));
            values.push((Measured::ThroughputSettled, Some(direction), f64::from(u8::from(*settled))));
        }
    }
}

fn of_traceroute(values: &mut Vec<Value>, trace: &TracerouteMeasurement) {
    values.push((Measured::TracerouteReached, None, f64::from(u8::from(trace.reached()))));
    values.extend(trace.hops().map(|hops| (Measured::TracerouteHops, None, f64::from(hops))));
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    let highest = trace.max_hop_round_trip_time().map(milliseconds);
    values.extend(highest.map(|highest| (Measured::TracerouteMaxHopLatency, None, highest)));
}
